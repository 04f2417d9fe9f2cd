"""Packets found in recorded octets: whole ones, broken ones, and what only looks like one."""

import pytest
from serial_building import ACK, IDENTIFY, IDENTITY, NAK, READ_1, ST_1, crc, in_several, packet

from c1222.capture.serial_octets import Mark
from c1222.capture.serial_packets import FoundBroken, FoundNoise, FoundPacket, FoundSignal, PacketScanner


def scan(*pieces, raw=False):
    """What is found, pieces being packets 1, 2, ... of a capture, or parts of a raw log."""
    scanner, found, at = PacketScanner(), [], 0
    for number, octets in enumerate(pieces, 1):
        mark = Mark("f", None, None, at) if raw else Mark("f", number, number * 10, 100 * number)
        found += scanner.feed(octets, mark)
        at += len(octets)
    return found + scanner.close()


def words(found):
    """Short forms: data of packets, 06 and 15, `broken`, noise as (octets, first)."""
    return [
        one.packet.data.hex()
        if isinstance(one, FoundPacket)
        else one.signal.value
        if isinstance(one, FoundSignal)
        else "broken"
        if isinstance(one, FoundBroken)
        else (one.size, one.first)
        for one in found
    ]


READ = "300001"
LATE = packet("0102030405060708", 1)
CHANGED = bytes([*ST_1[:20], ST_1[20] ^ 1, *ST_1[21:]])

FINDINGS = [
    pytest.param(IDENTIFY, ["20"], id="one"),
    pytest.param(ACK + IDENTITY + NAK, [6, "0000010000", 0x15], id="signals-around"),
    pytest.param(IDENTIFY + READ_1, ["20", READ], id="two-in-a-row"),
    pytest.param(b"\x55\x00" + IDENTIFY, [(2, 0x55), "20"], id="wake-up"),
    pytest.param(CHANGED + READ_1, ["broken", READ], id="wrong-crc"),
    pytest.param(CHANGED + ACK, ["broken", 6], id="wrong-crc-then-ack"),
    pytest.param(ST_1[:20] + ST_1 + ACK, ["broken", ST_1[6:-2].hex(), 6], id="cut-and-sent-again"),
    pytest.param(ST_1[:20], ["broken"], id="cut-at-the-end"),
    pytest.param(ST_1[:3], ["broken"], id="header-cut-at-the-end"),
    pytest.param(b"\xee" + IDENTIFY, [(1, 0xEE), "20"], id="a-false-beginning"),
    pytest.param(packet(READ_1), [READ_1.hex()], id="a-packet-in-a-packet"),
    pytest.param(packet(bytes([0x30, 6, 0x15, 0xEE, 6])), ["300615ee06"], id="signals-in-a-packet"),
    pytest.param(packet("", control=1), [""], id="sign-of-life"),
    pytest.param(packet("20", control=5), ["20"], id="acknowledgment-in-the-packet"),
    pytest.param(packet("20", control=0x40), [(9, 0xEE)], id="first-of-one"),
    pytest.param(packet("20", left=1), [(9, 0xEE)], id="single-with-more-to-come"),
    pytest.param(packet("20", control=0x10), [(9, 0xEE)], id="stuffed-octets"),
    pytest.param(packet(bytes(8184)), ["00" * 8184], id="the-largest"),
    pytest.param(b"".join(in_several(bytes(range(100)), 56)), [bytes(range(56)).hex(), bytes(range(56, 100)).hex()]),
]


@pytest.mark.parametrize(("octets", "found"), FINDINGS)
def test_what_is_found(octets, found):
    assert words(scan(octets)) == found


@pytest.mark.parametrize(("octets", "found"), [one for one in FINDINGS if len(one.values[0]) < 500])
def test_pieces_of_any_size(octets, found):
    """Cut anywhere, and in single octets, the same is found."""
    for cut in range(1, len(octets)):
        assert words(scan(octets[:cut], octets[cut:])) == found
    assert words(scan(*(octets[at : at + 1] for at in range(len(octets))))) == found


def test_the_crc_of_the_tests_is_the_published_one():
    assert crc(b"123456789") == b"\x6e\x90"
    assert packet("20") == IDENTIFY
    assert packet("300001", 1) == READ_1


@pytest.mark.parametrize("octet", range(len(ST_1)))
def test_no_packet_with_a_wrong_octet_comes_out(octet):
    """And what follows it is found, wherever the wrong octet leads."""
    octets = bytes([*ST_1[:octet], ST_1[octet] ^ 0x81, *ST_1[octet + 1 :]])
    assert words(scan(octets + LATE + LATE))[-2:] == ["0102030405060708"] * 2
    assert ST_1[6:-2].hex() not in words(scan(octets + LATE + LATE))


def test_places_in_a_capture():
    """The packet of the first octet, its time and offset; the packet of the last."""
    cut = scan(b"\x55" + ST_1[:10], ST_1[10:20], ST_1[20:] + ACK + IDENTIFY[:2], IDENTIFY[2:])
    assert words(cut) == [(1, 0x55), ST_1[6:-2].hex(), 6, "20"]
    places = [one.place for one in cut if not isinstance(one, FoundSignal)]
    assert [(place.packet, place.last_packet, place.time_ns, place.file_offset) for place in places] == [
        (1, 1, 10, 100),
        (1, 3, 10, 100),
        (3, 4, 30, 300),
    ]


def test_places_in_a_raw_log():
    """Packets are counted, broken ones too; offsets are those of the octets."""
    found = scan(ACK + IDENTITY, CHANGED[:5], CHANGED[5:] + ACK + ST_1, raw=True)
    assert words(found) == [6, "0000010000", "broken", 6, ST_1[6:-2].hex()]
    places = [one.place for one in found if not isinstance(one, FoundSignal)]
    assert [(place.packet, place.file_offset) for place in places] == [(1, 1), (2, 14), (3, 59)]


def test_what_was_given_up_does_not_come_back():
    scanner = PacketScanner()
    assert scanner.feed(ST_1[:20], Mark("f", 1)) == []
    assert words(scanner.give_up()) == ["broken"]
    assert words(scanner.feed(IDENTIFY, Mark("f", 2))) == ["20"]
    assert scanner.close() == []


def test_a_whole_packet_in_what_was_given_up_comes_out():
    """A false beginning claims 8 KiB; the packets behind it are found when nobody waits for these any more."""
    scanner = PacketScanner()
    assert scanner.feed(bytes.fromhex("EE0080001FF0") + IDENTIFY + READ_1, Mark("f", 1)) == []
    assert words(scanner.give_up()) == ["broken", "20", READ]


def test_nothing_is_held_for_nothing():
    scanner = PacketScanner()
    for _ in range(1000):
        scanner.feed(b"\x55" * 1000, Mark("f", 1))
        scanner.feed(b"", Mark("f", 1))
    assert len(scanner._buffer) == len(scanner._marks) == 0
    [noise] = scanner.close()
    assert isinstance(noise, FoundNoise)
    assert noise.size == 1_000_000


def test_a_file_of_false_beginnings_costs_little():
    """Each claims 8 KiB whose CRC is wrong: looked for at each of them, 1 MB would cost 1.6 GB of CRC."""
    octets = bytes.fromhex("EE0080001FEE0080001F") * 100_000
    scanner, broken = PacketScanner(), 0
    for at in range(0, len(octets), 4096):
        found = scanner.feed(octets[at : at + 4096], Mark("f", 1))
        broken += sum(isinstance(one, FoundBroken) for one in found)
        assert len(scanner._buffer) <= 8192
    assert 100 < broken < 1000
