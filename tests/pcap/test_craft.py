"""Crafted IP packets: octets by hand from the RFCs; checksums and fields as dpkt and scapy compute and read them."""

import warnings

import pytest

from c1222.pcap.craft import Endpoint, TcpFrames, UdpFrames
from c1222.pcap.packet import Packet
from c1222.pcap.stack import payloads

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what libraries say of themselves while they are imported
    dpkt = pytest.importorskip("dpkt")
    inet = pytest.importorskip("scapy.layers.inet")
    inet6 = pytest.importorskip("scapy.layers.inet6")

IPV4 = Endpoint("192.0.2.1", 40000), Endpoint("192.0.2.7", 1153)
IPV6 = Endpoint("2001:db8::1", 40000), Endpoint("2001:db8::7", 1153)
FAMILIES = pytest.mark.parametrize("ends", [IPV4, IPV6], ids=["IPv4", "IPv6"])
SIZES = (0, 1, 2, 81, 1459, 1460, 1461, 9001)


def octets_of(size):
    return bytes(number * 7 & 0xFF for number in range(size))


def test_udp_by_hand():
    """45 00, total 1E; id 1, DF; 64 hops, UDP. Sums (RFC 1071), folded:

    header 4500+001E+0001+4000+4011+C000+0201+C000+0207 = 24938 -> 493A -> B6C5;
    datagram C000+0201+C000+0207+0011+000A + 9C40+0481+000A+6000 = 284EE -> 84F0 -> 7B0F.
    """
    [(octets, way)] = UdpFrames(*IPV4).data(b"\x60\x00", "out")
    assert way == "out"
    assert octets == bytes.fromhex(
        "4500001E 0001 4000 4011 B6C5 C0000201 C0000207  9C40 0481 000A 7B0F 6000".replace(" ", "")
    )


def test_udp_checksum_0_is_written_as_ffff():
    """0 would say that there is none (RFC 768): 7B0F added to the data makes the sum FFFF."""
    [(octets, _)] = UdpFrames(*IPV4).data(b"\xdb\x0f", "out")
    assert octets[26:28] == b"\xff\xff"


def test_a_handshake_by_hand():
    """Flags 02, 12, 10; sequence and acknowledgment 0/0, 0/1, 1/1: RFC 9293, figure 6."""
    frames = list(TcpFrames(*IPV4).begin())
    assert [(octets[33], octets[24:28].hex(), octets[28:32].hex(), way) for octets, way in frames] == [
        (0x02, "00000000", "00000000", "out"),
        (0x12, "00000000", "00000001", "in"),
        (0x10, "00000001", "00000001", "out"),
    ]


def whole_conversation(kind, ends):
    """Frames, and what each end said."""
    frames = kind(*ends)
    found = list(frames.begin())
    said = {"out": [], "in": []}
    for size in SIZES:
        for way in ("out", "in"):
            said[way].append(octets_of(size))
            found += frames.data(octets_of(size), way)
    return found + list(frames.end()), said


@FAMILIES
@pytest.mark.parametrize("kind", [TcpFrames, UdpFrames])
def test_checksums_are_those_of_scapy(kind, ends):
    frames, _ = whole_conversation(kind, ends)
    assert len(frames) > 2 * len(SIZES) - 2
    for octets, _ in frames:
        packet = (inet.IP if ends is IPV4 else inet6.IPv6)(octets)
        layer = packet[inet.TCP if kind is TcpFrames else inet.UDP]
        del layer.chksum
        if ends is IPV4:
            del packet.chksum
        assert bytes(packet) == octets


@FAMILIES
def test_udp_as_dpkt_reads_it(ends):
    frames, said = whole_conversation(UdpFrames, ends)
    for way in ("out", "in"):
        packets = [(dpkt.ip.IP if ends is IPV4 else dpkt.ip6.IP6)(octets) for octets, its in frames if its == way]
        assert [packet.data.data for packet in packets] == said[way]
        ports = (40000, 1153) if way == "out" else (1153, 40000)
        assert {(packet.data.sport, packet.data.dport) for packet in packets} == {ports}


@FAMILIES
def test_tcp_as_dpkt_reads_it(ends):
    """Each segment begins where the one before ended, acknowledges all that the other end said, and joins up."""
    frames, said = whole_conversation(TcpFrames, ends)
    expected = {"out": 0, "in": 0}
    heard = {"out": b"", "in": b""}
    for octets, way in frames:
        segment = (dpkt.ip.IP if ends is IPV4 else dpkt.ip6.IP6)(octets).data
        back = "in" if way == "out" else "out"
        assert segment.seq == expected[way]
        if segment.flags & dpkt.tcp.TH_ACK:
            assert segment.ack == expected[back]
        expected[way] += len(segment.data) + bool(segment.flags & (dpkt.tcp.TH_SYN | dpkt.tcp.TH_FIN))
        heard[way] += segment.data
        assert len(octets) <= 1500 + 20
    assert heard == {way: b"".join(pieces) for way, pieces in said.items()}


def test_who_listens_only_acknowledges_before_the_window_is_full():
    frames = TcpFrames(*IPV4)
    list(frames.begin())
    unacknowledged = 0
    for _ in range(200):
        for octets, way in frames.data(bytes(1460), "in"):
            segment = dpkt.ip.IP(octets).data
            unacknowledged = unacknowledged + len(segment.data) if way == "in" else 0
            assert unacknowledged <= segment.win


def test_sequence_numbers_wrap_round():
    frames = TcpFrames(*IPV4)
    frames._next["out"] = 0xFFFF_FFFE
    frames._acknowledged["out"] = 0xFFFF_FFFE
    segments = [dpkt.ip.IP(octets).data for octets, _ in (*frames.data(b"abcd", "out"), *frames.data(b"e", "out"))]
    assert [segment.seq for segment in segments] == [0xFFFF_FFFE, 2]


@FAMILIES
@pytest.mark.parametrize("kind", [TcpFrames, UdpFrames])
def test_our_own_reader_gives_the_octets_back(kind, ends):
    frames, said = whole_conversation(kind, ends)
    packets = [Packet(n, n, octets, len(octets), 101, n, 0, way) for n, (octets, way) in enumerate(frames, 1)]
    heard = {1153: [], 40000: []}
    for part in payloads(packets, ports=frozenset({1153}), on_remark=pytest.fail):
        heard[part.flow.source_port].append(part.data)
    assert b"".join(heard[40000]) == b"".join(said["out"])
    assert b"".join(heard[1153]) == b"".join(said["in"])


@pytest.mark.parametrize(
    ("ours", "theirs"), [("192.0.2.1", "2001:db8::7"), ("meter.example", "192.0.2.7"), ("", "192.0.2.7")]
)
@pytest.mark.parametrize("kind", [TcpFrames, UdpFrames])
def test_ends_that_cannot_speak(kind, ours, theirs):
    with pytest.raises(ValueError, match=r"speak|address"):
        kind(Endpoint(ours, 1), Endpoint(theirs, 1153))
