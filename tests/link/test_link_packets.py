"""CRC, packets, and the reader that finds them in a stream."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from c1222.errors import MessageError
from c1222.link.crc import crc16
from c1222.link.packet import PACKET, Packet, packets_of, parse_packet
from c1222.link.reader import Broken, PacketReader, Signal

CAPTURES = os.environ.get("C1222_PUBLIC_CAPTURES")

# protocol.md 1.2: octets before the CRC, the CRC as it is on the wire; seen with a GE I-210+c.
CRC_VECTORS = {
    "identify": ("ee 00 00 00 0001 20", "1310"),
    "identify, toggle 1": ("ee 00 20 00 0001 20", "8270"),
    "terminate": ("ee 00 00 00 0001 21", "9a01"),
    "terminate, toggle 1": ("ee 00 20 00 0001 21", "0b61"),
    "read ST-1, toggle 1": ("ee 00 20 00 0003 30 0001", "d66e"),
    "read ST-1": ("ee 00 00 00 0003 30 0001", "550d"),
    "ok": ("ee 00 00 00 0001 00", "1131"),
    "identify answer": ("ee 00 20 00 0005 00 00 01 00 00", "ff42"),
}
EACH_VECTOR = pytest.mark.parametrize(("octets", "crc"), CRC_VECTORS.values(), ids=CRC_VECTORS)


def bitwise(octets):
    """CRC-16/X-25 as protocol.md 1.2 says it: reflected polynomial 8408H, one bit at a time."""
    crc = 0xFFFF
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return crc ^ 0xFFFF


def test_crc_check_value():
    assert crc16(b"123456789") == 0x906E


@EACH_VECTOR
def test_crc_vectors(octets, crc):
    assert crc16(bytes.fromhex(octets)).to_bytes(2, "little").hex() == crc


@pytest.mark.parametrize("size", [0, 1, 2, 63, 64, 8192])
def test_crc_is_that_of_the_bits(size):
    octets = bytes(number * number % 251 for number in range(size))
    assert crc16(octets) == bitwise(octets)


@EACH_VECTOR
def test_packets_encode_and_decode(octets, crc):
    octets = bytes.fromhex(octets)
    packet = Packet(octets[6:], toggle=octets[2] == 0x20)
    assert packet.encode() == octets + bytes.fromhex(crc)
    assert PacketReader(64).feed(packet.encode()) == [packet]


def test_control_bits():
    """protocol.md 1.1."""
    controls = {
        0x80: Packet(b"x", multi=True),
        0x40: Packet(b"x", first=True),
        0x20: Packet(b"x", toggle=True),
        0x10: Packet(b"x", transparency=True),
        0x0C: Packet(b"x", acknowledgment=3),
        0x04: Packet(b"x", acknowledgment=1),
        0x03: Packet(b"x", data_format=3),
    }
    for control, packet in controls.items():
        octets = packet.encode()
        assert octets[2] == control
        assert parse_packet(octets) == packet
        assert PACKET.decode(octets).control == {
            "data_format": packet.data_format,
            "acknowledgment": packet.acknowledgment,
            "transparency": packet.transparency,
            "toggle": packet.toggle,
            "first_packet": packet.first,
            "multi_packet": packet.multi,
        }


@pytest.mark.parametrize(
    ("packet", "field"),
    [
        (Packet(b"x", identity=256), "identity"),
        (Packet(b"x", remaining=-1), "sequence_number"),
        (Packet(bytes(65536)), "data"),
        (Packet(b"x", data_format=4), "control.data_format"),
    ],
)
def test_a_packet_that_cannot_be(packet, field):
    with pytest.raises(MessageError) as info:
        packet.encode()
    assert info.value.field == field


@given(
    data=st.binary(min_size=1, max_size=40),
    toggle=st.booleans(),
    remaining=st.integers(0, 255),
    first=st.booleans(),
    multi=st.booleans(),
    identity=st.integers(0, 255),
)
def test_by_hand_as_declared(data, toggle, remaining, first, multi, identity):
    packet = Packet(data, toggle, remaining, first, multi, identity)
    octets = packet.encode()
    declared = PACKET.decode(octets)
    assert PACKET.encode(declared) == octets
    assert parse_packet(octets) == packet
    assert (declared.data, declared.sequence_number, declared.identity) == (data, remaining, identity)
    control = declared.control
    assert (control.toggle, control.first_packet, control.multi_packet) == (toggle, first, multi)
    assert declared.crc == bitwise(octets[:-2])


@pytest.mark.parametrize(("size", "parts"), [(1, 1), (16, 1), (17, 2), (32, 2), (33, 3), (16 * 255, 255)])
def test_a_message_in_packets(size, parts):
    message = bytes(number % 251 for number in range(size))
    packets = packets_of(message, 16, identity=5, toggle=True)
    assert len(packets) == parts
    assert b"".join(packet.data for packet in packets) == message
    assert [packet.remaining for packet in packets] == list(range(parts - 1, -1, -1))
    assert [packet.toggle for packet in packets] == [number % 2 == 0 for number in range(parts)]
    assert [packet.multi for packet in packets] == [parts > 1] * parts
    assert [packet.first for packet in packets] == [parts > 1] + [False] * (parts - 1)
    assert {packet.identity for packet in packets} == {5}


@pytest.mark.skipif(not CAPTURES, reason="C1222_PUBLIC_CAPTURES names no folder of public captures")
def test_every_recorded_frame():
    lines = (Path(CAPTURES) / "ge_i210c" / "frames.jsonl").read_text().splitlines()
    recorded = [json.loads(line) for line in lines]
    frames = [(line[kind], line[f"{kind}_crc_ok"]) for line in recorded for kind in ("request", "response")]
    # 133 pairs; the recording itself says that one response was damaged.
    assert len(frames) == 266
    assert [whole for _, whole in frames].count(False) == 1
    for octets, whole in frames:
        octets = bytes.fromhex(octets)
        found = PacketReader(256).feed(octets)
        if whole:
            (packet,) = found
            assert packet.data == octets[6:-2]
            assert packet.encode() == octets
            assert PACKET.encode(PACKET.decode(octets)) == octets
        else:
            assert found == []


# -- The reader --------------------------------------------------------------------------------------------------------

FIRST = bytes.fromhex("ee 00 20 00 0003 30 0001 d66e")
SECOND = bytes.fromhex("ee 00 00 00 0001 00 1131")
STREAM = b"\x06" + FIRST + b"\x55\x15" + SECOND + b"\x06"
FOUND = [
    Signal.ACK,
    Packet(bytes.fromhex("300001"), toggle=True),
    Signal.NAK,
    Packet(b"\x00"),
    Signal.ACK,
]


@pytest.mark.parametrize("cut", range(1, len(STREAM)))
def test_any_split_point(cut):
    reader = PacketReader(64)
    assert reader.feed(STREAM[:cut]) + reader.feed(STREAM[cut:]) == FOUND
    assert reader.noise == 1
    assert not reader.wants_silence


def test_one_octet_at_a_time():
    reader = PacketReader(64)
    assert [found for octet in STREAM for found in reader.feed(bytes([octet]))] == FOUND


@pytest.mark.parametrize("cut", range(1, len(FIRST)))
def test_a_packet_cut_short(cut):
    reader = PacketReader(64)
    assert reader.feed(FIRST[:cut]) == []
    assert reader.in_packet
    assert reader.silence() == Broken(f"cut short after {cut} octets", 0 if cut > 1 else None)
    assert not reader.wants_silence
    assert reader.feed(SECOND) == [Packet(b"\x00")]


BROKEN = [
    #             octets, a space between fields      what is wrong                                     why
    pytest.param("ee 00 20 00 0003 30 0001 d66f", "the CRC is wrong", id="crc"),
    pytest.param("ee 00 00 00 0000 0000", "a length of 0 (1 to 56 fit)", id="no-data"),
    pytest.param("ee 00 00 00 0039 0606060606", "a length of 57 (1 to 56 fit)", id="larger-than-negotiated"),
    pytest.param("ee 00 05 00 0001 00 1131", "control octet 05 is not one of C12.18", id="data-format-1"),
    pytest.param("ee 00 10 00 0001 00 1131", "control octet 10 is not one of C12.18", id="stuffed"),
]


@pytest.mark.parametrize(("octets", "problem"), BROKEN)
def test_what_follows_a_broken_packet_is_part_of_it(octets, problem):
    reader = PacketReader(64)
    assert reader.feed(bytes.fromhex(octets) + b"\x06") == []
    assert reader.feed(b"\x06" + FIRST) == []
    assert reader.wants_silence
    assert not reader.in_packet
    assert reader.silence() == Broken(problem, 0)
    assert reader.silence() is None
    assert reader.feed(FIRST) == [FOUND[1]]


def test_what_came_before_a_broken_packet_counts():
    reader = PacketReader(64)
    assert reader.feed(b"\x06" + FIRST + SECOND[:-1] + b"\x00") == [Signal.ACK, FOUND[1]]
    assert reader.silence() == Broken("the CRC is wrong", 0)


def test_the_largest_packet():
    """8192 octets with 8 of overhead (protocol.md 1.1)."""
    packet = Packet(bytes(8184))
    assert len(packet.encode()) == 8192
    assert PacketReader(8192).feed(packet.encode()) == [packet]
