"""pcapng: sections, interfaces, every kind of packet block, times; and picking up the thread after damage."""

from struct import pack

import pytest
from pcap_building import block, enhanced, interface, option, read, section, simple

from c1222.pcap.limits import Limits

SECOND = 10**9
DATA = bytes(range(1, 12))


def test_a_file_typed_by_hand():
    octets = bytes.fromhex(
        "0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c"  # section, big-endian
        "00000001 00000014 0093 0000 00000000 00000014"  # interface, LINKTYPE_USER0
        "00000006 00000030 00000000 00054d60 8ae0f240 00000003 00000009 abcdef00"  # 3 octets of 9
        "0002 0004 00000002 0000 0000 00000030"  # epb_flags: outbound; end of options
    )
    [packet], remarks = read(octets)
    assert not remarks
    microseconds = 0x00054D60_8AE0F240
    assert packet == (1, microseconds * 1000, b"\xab\xcd\xef", 9, 147, 48, 0, "out")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("options", "units", "time_ns"),
    [
        pytest.param(b"", 5, 5_000, id="microseconds-if-nothing-is-said"),
        pytest.param([(9, b"\x06")], 5, 5_000, id="tsresol-6"),
        pytest.param([(9, b"\x09")], 2**63 + 1, 2**63 + 1, id="tsresol-9"),
        pytest.param([(9, b"\x00")], 1_700_000_000, 1_700_000_000 * SECOND, id="tsresol-0-is-seconds"),
        pytest.param([(9, b"\x0c")], 1_999_999, 1_999, id="tsresol-12-is-cut-to-nanoseconds"),
        pytest.param([(9, b"\x8a")], 1024 + 512, 3 * SECOND // 2, id="tsresol-a-power-of-two"),
        pytest.param([(9, b"\xff")], 2**64 - 1, 0, id="tsresol-2-to-the-127"),
        pytest.param([(9, b"\x7f")], 2**64 - 1, 0, id="tsresol-10-to-the-127"),
        pytest.param([(14, 3600)], 7, 3600 * SECOND + 7_000, id="tsoffset"),
        pytest.param([(14, -1)], 2_000_000, SECOND, id="tsoffset-below-zero"),
        pytest.param([(2, b"eth0"), (9, b"\x03"), (14, 1), (0, b"")], 1, SECOND + 1_000_000, id="among-others"),
        pytest.param([(0, b""), (9, b"\x03")], 1, 1_000, id="after-the-end-of-options"),
        pytest.param([(9, b"\x03\x03")], 1, 1_000, id="tsresol-of-two-octets-is-ignored"),
    ],
)
def test_times(order, options, units, time_ns):
    packed = b"".join(
        option(code, pack(order + "q", value) if isinstance(value, int) else value, order) for code, value in options
    )
    octets = section(order) + interface(options=packed, order=order) + enhanced(DATA, units=units, order=order)
    packets, remarks = read(octets)
    assert not remarks
    assert [(packet.time_ns, packet.data) for packet in packets] == [(time_ns, DATA)]


@pytest.mark.parametrize(("flags", "direction"), [(0, None), (1, "in"), (2, "out"), (3, None), (0xFFFF_FFFD, "in")])
@pytest.mark.parametrize("before", [[], [(1, b"a comment")], [(4, bytes(8)), (1, b"")]])
def test_direction(flags, direction, before):
    options = b"".join(option(code, value) for code, value in [*before, (2, pack("<I", flags)), (0, b"")])
    octets = section() + interface() + enhanced(DATA, options=options) + enhanced(DATA[:4], options=options)
    packets, remarks = read(octets)
    assert [(packet.direction, packet.data) for packet in packets] == [(direction, DATA), (direction, DATA[:4])]
    assert not remarks


def test_sections_and_interfaces_each_with_its_own_ways():
    octets = b"".join(
        [
            section("<"),
            interface(1),
            interface(101, options=option(9, b"\x09")),
            enhanced(b"a", units=1, interface=0),
            enhanced(b"b", units=1, interface=1),
            section(">"),
            interface(276, order=">"),
            enhanced(b"c", units=2, interface=0, order=">"),
            section("<"),
            interface(147),
            interface(113),
            enhanced(b"d", units=3, interface=1),
        ]
    )
    packets, remarks = read(octets)
    assert not remarks
    assert [(p.number, p.data, p.time_ns, p.linktype, p.interface) for p in packets] == [
        (1, b"a", 1_000, 1, 0),
        (2, b"b", 1, 101, 1),
        (3, b"c", 2_000, 276, 0),
        (4, b"d", 3_000, 113, 1),
    ]


def test_simple_packets_have_no_time_and_stop_at_the_snapshot_length():
    octets = (
        section()
        + interface(101, snaplen=4)
        + simple(b"abcd", original=100)
        + simple(b"xyz")
        + section()
        + interface(1)
        + simple(b"whole packet")
    )
    packets, remarks = read(octets)
    assert not remarks
    assert [(p.data, p.original_length, p.time_ns, p.linktype) for p in packets] == [
        (b"abcd", 100, None, 101),
        (b"xyz", 3, None, 101),
        (b"whole packet", 12, None, 1),
    ]


def test_the_obsolete_packet_block():
    body = pack("<HHIIII", 1, 65535, 0, 9, 3, 8) + b"old\0" + option(2, pack("<I", 1))
    packets, remarks = read(section() + interface(0) + interface(12) + block(2, body))
    assert packets == [(1, 9_000, b"old", 8, 12, 68, 1, "in")]
    assert not remarks


def test_all_other_blocks_are_passed_over():
    others = b"".join(
        block(kind, bytes(size)) for kind, size in [(4, 8), (5, 12), (10, 64), (0xBAD, 4), (0x40000BAD, 0), (7777, 400)]
    )
    packets, remarks = read(section() + others + interface() + others + enhanced(DATA) + others)
    assert [packet.data for packet in packets] == [DATA]
    assert packets[0].number == 1
    assert not remarks


GOOD = enhanced(DATA)
START = section() + interface()

BAD_BLOCKS = [
    #            what lies between two good packets            remark                 number of the packet after it
    pytest.param(enhanced(DATA, interface=1), "no-interface", 3, id="no-such-interface"),
    pytest.param(enhanced(DATA, interface=2**32 - 1), "no-interface", 3, id="no-such-interface-at-all"),
    pytest.param(enhanced(DATA, captured=13), "block-content", 3, id="captured-more-than-the-block"),
    pytest.param(enhanced(DATA, captured=2**32 - 1), "block-content", 3, id="captured-4-gib"),
    pytest.param(enhanced(bytes(300_000)), "packet-too-long", 3, id="longer-than-allowed"),
    pytest.param(enhanced(DATA, trailing=52), "block-length-differs", 3, id="lengths-differ"),
    pytest.param(enhanced(DATA, length=0, trailing=0), "block-length", 2, id="length-0"),
    pytest.param(enhanced(DATA, length=8), "block-length", 2, id="length-8"),
    pytest.param(enhanced(DATA, length=28), "block-length", 2, id="length-too-short-for-its-type"),
    pytest.param(enhanced(DATA, length=43), "block-length", 2, id="length-not-a-multiple-of-4"),
    pytest.param(enhanced(DATA, length=2**32 - 4), "block-length", 2, id="length-4-gib"),
    pytest.param(enhanced(DATA, length=40), "block-length", 2, id="length-4-too-short"),
    pytest.param(enhanced(DATA, length=1 << 20), "file-cut", 2, id="length-beyond-the-file"),
    pytest.param(block(77, bytes(40), length=20), "block-length", 2, id="unknown-block-with-a-wrong-length"),
    pytest.param(bytes(64), "block-length", 2, id="zeros"),
    pytest.param(b"\xff" * 64, "block-length", 2, id="ones"),
    pytest.param(b"\x06\0\0\0" * 40, "block-length", 2, id="types-without-blocks"),
    pytest.param(enhanced(DATA, options=option(1, b"x")[:2] + b"\xff\xff"), "option-length", 3, id="option-too-long"),
    pytest.param(block(0x0A0D0D0A, b"no magic at all!"), "block-length", 2, id="section-header-without-magic"),
]


@pytest.mark.parametrize(("bad", "code", "number"), BAD_BLOCKS)
@pytest.mark.parametrize("filled", [0, 40], ids=["small", "several"])
def test_a_bad_block_between_good_ones(bad, code, number, filled):
    packets, remarks = read(START + GOOD + bad + GOOD * (1 + filled))
    after = packets[1:]
    if code in ("option-length", "block-length-differs"):  # these can be used all the same
        assert after.pop(0).data == DATA
    assert [packet.data for packet in packets] == [DATA] * len(packets)
    assert [packet.number for packet in after] == list(range(number, number + 1 + filled))
    assert after[0].offset == len(START + GOOD + bad)
    assert [remark.code for remark in remarks] == [code]
    assert remarks[0].offset == len(START + GOOD)
    assert remarks[0].packet in (None, 2)


def test_interfaces_are_found_again_too():
    packets, remarks = read(START + GOOD + bytes(32) + interface(101) + enhanced(DATA, interface=1))
    assert [packet.linktype for packet in packets] == [1, 101]
    assert [remark.code for remark in remarks] == ["block-length"]


def test_a_section_in_the_other_byte_order_is_found_again():
    other = section(">") + interface(101, order=">") + enhanced(DATA, order=">")
    packets, _ = read(START + GOOD + b"\x01" * 32 + other)
    assert [packet.linktype for packet in packets] == [1, 101]


def test_a_section_of_an_unknown_version_is_tried():
    packets, remarks = read(START + GOOD + section(major=9) + interface() + GOOD)
    assert len(packets) == 2
    assert [remark.code for remark in remarks] == ["block-content"]


def test_bounds():
    packets, remarks = read(section() + interface() * 4 + enhanced(DATA, interface=2), Limits(interfaces=2))
    assert not packets
    assert [remark.code for remark in remarks] == ["too-many-interfaces"] * 2 + ["no-interface"]
    packets, remarks = read(START + block(99, bytes(2000)) + GOOD, Limits(block_octets=1000))
    assert [packet.data for packet in packets] == [DATA]
    assert [remark.code for remark in remarks] == ["block-length"]
    packets, remarks = read(START + simple(bytes(300)) + GOOD, Limits(packet_octets=299))
    assert [packet.data for packet in packets] == [DATA]
    assert [remark.code for remark in remarks] == ["packet-too-long"]


def test_a_flood_of_remarks_is_bounded():
    packets, remarks = read(START + enhanced(DATA, interface=9) * 500 + GOOD, Limits(remarks_per_code=5))
    assert len(packets) == 1
    assert [remark.code for remark in remarks] == ["no-interface"] * 6
    assert "only counted" in remarks[-1].text
