"""Captures cut anywhere, damaged anywhere, and made to do harm: packets and remarks, or CaptureError; nothing else."""

import gzip
import io
import random
import tracemalloc
from struct import pack

import pytest
from pcap_building import (
    ACK,
    FIN,
    SYN,
    answer,
    block,
    enhanced,
    ethernet,
    interface,
    ipv4,
    ipv6,
    option,
    pcap,
    read,
    section,
    simple,
    tcp,
    udp,
)

from c1222.errors import CaptureError
from c1222.pcap.limits import Limits
from c1222.pcap.reader import open_capture
from c1222.pcap.remark import REMARK_CODES, Remarks
from c1222.pcap.stack import payloads

FRAMES = [
    ethernet(ipv4(tcp(sequence=99, flags=SYN, ack=None), 6)),
    ethernet(ipv4(answer(sequence=499, flags=SYN, ack=100), 6)),
    ethernet(ipv4(tcp(b"request", sequence=100, ack=500), 6)),
    ethernet(ipv4(tcp(b"out of order", sequence=200, ack=500), 6)),
    ethernet(ipv4(udp(b"datagram"), 17), vlans=bytes.fromhex("8100 0007")),
    ethernet(ipv4(udp(b"0123456789abcdef")[:16], 17, fragment=0x2000)),
    ethernet(ipv4(udp(b"0123456789abcdef")[16:], 17, fragment=2)),
    ethernet(ipv6(bytes.fromhex("1100 0104 00000000") + udp(b"six"), 0)),
    ethernet(ipv4(tcp(sequence=107, ack=500, flags=FIN | ACK), 6)),
]

CLASSIC = pcap(FRAMES)
NEXTGEN = (
    section()
    + interface(options=option(9, b"\x09") + option(0, b""))
    + b"".join(enhanced(frame, options=option(2, pack("<I", 1))) for frame in FRAMES[:4])
    + block(5, bytes(24))
    + simple(FRAMES[4])
    + section(">")
    + interface(order=">")
    + b"".join(enhanced(frame, order=">") for frame in FRAMES[5:])
)


def everything(octets, limits=None):
    """Number of packets, of deliveries and codes; anything but CaptureError comes through."""
    remarks = Remarks(lambda remark: None, 1)
    seen = []

    def counted(packets):
        for packet in packets:
            seen.append(packet.number)
            yield packet

    limits = limits or Limits()
    deliveries = 0
    try:
        packets = open_capture(io.BytesIO(octets), on_remark=remarks, limits=limits)
        for _ in payloads(counted(packets), ports=None, on_remark=remarks, limits=limits):
            deliveries += 1
    except CaptureError:
        pass
    assert set(remarks.counts) <= set(REMARK_CODES)
    return len(seen), deliveries, set(remarks.counts)


@pytest.mark.parametrize("whole", [CLASSIC, NEXTGEN], ids=["pcap", "pcapng"])
def test_cut_at_every_octet(whole):
    packets, remarks = read(whole)
    assert not remarks
    assert [packet.data for packet in packets] == FRAMES
    ends = {whole.index(packet.data, packet.offset) + len(packet.data): packet.number for packet in packets}
    for cut in range(len(whole)):
        try:
            before, remarks = read(whole[:cut])
        except CaptureError:
            assert cut < packets[0].offset
            continue
        assert before == packets[: len(before)]
        complete = max((number for end, number in ends.items() if end <= cut), default=0)
        # A pcapng block also needs its options, padding and length behind the packet.
        assert len(before) in ({complete} if whole is CLASSIC else {complete, complete - 1})
        assert {remark.code for remark in remarks} <= {"file-cut"}
        assert len(remarks) <= 1
        everything(whole[:cut])


@pytest.mark.parametrize("whole", [CLASSIC, NEXTGEN], ids=["pcap", "pcapng"])
def test_gzip_cut_at_every_octet(whole):
    packed = gzip.compress(whole, mtime=0)
    packets, _ = read(whole)
    for cut in range(2, len(packed)):
        remarks = []
        try:
            before = list(open_capture(io.BytesIO(packed[:cut]), on_remark=remarks.append))
        except CaptureError:
            before = []
        assert before == packets[: len(before)]
        assert [remark.code for remark in remarks] == ["gzip-cut"]


@pytest.mark.parametrize("whole", [CLASSIC, NEXTGEN, gzip.compress(NEXTGEN, mtime=0)], ids=["pcap", "pcapng", "gzip"])
@pytest.mark.parametrize("seed", range(300))
def test_mutations(whole, seed):
    chance = random.Random(seed)
    octets = bytearray(whole)
    for _ in range(chance.choice([1, 1, 2, 5, 40])):
        at = chance.randrange(len(octets))
        kind = chance.randrange(5)
        if kind == 0:
            octets[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            octets[at : at + 4] = chance.choice(
                [b"\xff" * 4, bytes(4), b"\0\0\0\x80", b"\x0c\0\0\0", chance.randbytes(4)]
            )
        elif kind == 2:
            del octets[at : at + chance.randrange(1, 9)]
        elif kind == 3:
            octets[at:at] = chance.randbytes(chance.randrange(1, 9))
        else:
            octets[at:at] = octets[at : at + chance.randrange(1, 200)]
    everything(bytes(octets))


@pytest.mark.parametrize("seed", range(20))
def test_damaged_packets_in_a_good_file(seed):
    chance = random.Random(seed)
    frames = []
    for _ in range(300):
        frame = bytearray(chance.choice(FRAMES))
        for _ in range(chance.randrange(4)):
            frame[chance.randrange(12, len(frame))] = chance.randrange(256)
        frames.append(bytes(frame[: chance.choice([len(frame), chance.randrange(len(frame))])]))
    for linktype in (1, 0, 12, 101, 108, 113, 228, 229, 276, 147):
        count, _, _ = everything(pcap(frames, linktype=linktype))
        assert count == 300


def cost(octets, limits=None):
    """Octets of memory at the highest, beside the file itself; fails if a claim is believed."""
    tracemalloc.start()
    try:
        everything(octets, limits)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


CLAIMS = [
    pytest.param(pcap([])[:24] + pack("<IIII", 0, 0, 2**32 - 1, 9), "record-length", id="pcap-4-gib"),
    pytest.param(pcap([])[:24] + pack("<IIII", 0, 0, 262_144, 9), "file-cut", id="pcap-as-much-as-allowed"),
    pytest.param(section() + pack("<II", 6, 2**32 - 4) + bytes(99), "block-length", id="pcapng-4-gib"),
    pytest.param(section() + pack("<II", 6, 16 << 20) + bytes(99), "file-cut", id="pcapng-as-much-as-allowed"),
    pytest.param(section() + pack("<II", 99, 16 << 20) + bytes(99), "file-cut", id="unknown-block-cut"),
    pytest.param(section() + interface(options=b"\x09\0\xff\xff") + bytes(12), "option-length", id="option-64-kib"),
    pytest.param(section() + bytes(12), "block-length", id="zero-length-block"),
]


@pytest.mark.parametrize(("octets", "code"), CLAIMS)
def test_claims_are_not_believed(octets, code):
    assert code in everything(octets)[2]
    assert cost(octets) < 3 << 20  # one read of a megabyte, and what little is there


def test_lengths_that_lead_nowhere_for_long():
    filled = section() + interface()
    trap = pack("<II", 6, 200_004) + bytes(24)
    assert everything(filled + trap * 40_000)[2] <= {"file-cut", "block-length", "block-length-differs"}
    assert everything(filled + pack("<II", 6, 0x24) * 40_000)[2] <= {"block-length"}


def test_many_empty_gzip_members():
    octets = gzip.compress(b"", mtime=0) * 20_000 + gzip.compress(pcap([b"x"]))
    packets, remarks = read(octets)
    assert len(packets) == 1
    assert not remarks


def test_many_streams_are_bounded():
    limits = Limits(streams=64)
    frames = [
        ethernet(ipv4(tcp(b"x" * 50, sequence=n, ports=(n, 1153)), 6, source=pack("!I", n))) for n in range(20_000)
    ]
    _, deliveries, codes = everything(pcap(frames), limits)
    assert deliveries >= 20_000  # every first octet comes out, when its stream is given up at the latest
    assert codes == {"tcp-streams"}


@pytest.mark.parametrize("bound", ["stream_octets", "buffered_octets"])
def test_octets_that_wait_are_bounded(bound):
    limits = Limits(**{bound: 100_000, "stream_seconds": 1_000_000})
    begin = ethernet(ipv4(tcp(sequence=99, flags=SYN, ack=None), 6))
    frames = [begin] + [ethernet(ipv4(tcp(b"x", sequence=200 + 2 * n, ack=1), 6)) for n in range(20_000)]
    octets = pcap(frames)
    _, deliveries, codes = everything(octets, limits)
    assert deliveries == 20_000
    assert codes == {"tcp-buffered"}


def test_fragments_that_wait_are_bounded():
    limits = Limits(fragment_octets=100_000, fragmented_datagrams=50)
    frames = [
        ethernet(ipv4(bytes(8 * (n % 90)), 17, fragment=0x2000 | n % 8000, identification=n % 65536))
        for n in range(20_000)
    ]
    assert everything(pcap(frames), limits)[2] >= {"fragment-missing"}


def test_no_bound_may_be_nothing():
    with pytest.raises(ValueError, match="streams: at least 1"):
        Limits(streams=0)
