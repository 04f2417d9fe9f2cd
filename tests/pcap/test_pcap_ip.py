"""IPv4 and IPv6 headers, lengths, fragments; UDP lengths. scapy makes the fragments."""

import itertools
import warnings

import pytest
from pcap_building import (
    CLIENT,
    CLIENT6,
    METER,
    METER6,
    deliver,
    ethernet,
    ipv4,
    ipv6,
    packets_of,
    tcp,
    udp,
)

from c1222.pcap.flow import Flow, address_text
from c1222.pcap.limits import Limits
from c1222.pcap.packet import Packet

PAYLOAD = bytes(range(100))
C1222 = frozenset({1153})


def data_of(frames, **keywords):
    found, codes = deliver(packets_of([ethernet(frame) for frame in frames]), **keywords)
    return [one.data for one in found], codes


@pytest.mark.parametrize("protocol", [6, 17])
def test_options_of_ipv4(protocol):
    payload = tcp(PAYLOAD) if protocol == 6 else udp(PAYLOAD)
    for words in range(11):
        assert data_of([ipv4(payload, protocol, options=b"\x01" * 4 * words)]) == ([PAYLOAD], [])


def test_options_of_tcp():
    for words in range(11):
        assert data_of([ipv4(tcp(PAYLOAD, options=b"\x01" * 4 * words), 6)]) == ([PAYLOAD], [])


EXTENSIONS = [
    #            first header, octets with the next one left open
    pytest.param([(0, "{next} 00 050200000100")], id="hop-by-hop"),
    pytest.param([(0, "{next} 01 0502000001" + "00" * 9)], id="hop-by-hop-of-16"),
    pytest.param([(60, "{next} 00 010400000000")], id="destination"),
    pytest.param([(43, "{next} 02 0400" + "00" * 20)], id="routing"),
    pytest.param([(51, "{next} 04 0000 00000001 00000002" + "00" * 12)], id="authentication"),
    pytest.param([(44, "{next} 00 0000 00000009")], id="atomic-fragment"),
    pytest.param(
        [(0, "{next} 00 050200000100"), (43, "{next} 00 040000000000"), (44, "{next} 00 0000 00000009"),
         (51, "{next} 02 0000 00000001 00000002 00000000"), (60, "{next} 00 010400000000")],
        id="all-of-them",
    ),
]  # fmt: skip


@pytest.mark.parametrize("headers", EXTENSIONS)
@pytest.mark.parametrize("protocol", [6, 17])
def test_extension_headers_of_ipv6(headers, protocol):
    kinds = [kind for kind, _ in headers] + [protocol]
    chain = b"".join(
        bytes.fromhex(text.format(next=f"{following:02x}"))
        for (_, text), following in zip(headers, kinds[1:], strict=True)
    )
    packet = ipv6(chain + (tcp(PAYLOAD) if protocol == 6 else udp(PAYLOAD)), kinds[0])
    assert data_of([packet], ports=C1222) == ([PAYLOAD], [])
    for cut in range(40, 40 + len(chain)):
        assert data_of([packet[:cut]])[1] == ["ip-header"]


def test_extension_headers_without_end():
    chain = bytes.fromhex("0000 050200000100") * 3000
    assert data_of([ipv6(chain, 0)]) == ([], ["ip-header"])
    assert data_of([ipv6(b"\x11\xff" + bytes(6), 60)]) == ([], ["ip-header"])


def test_lengths_left_to_the_network_card():
    assert data_of([ipv4(tcp(PAYLOAD), 6, total=0)]) == ([PAYLOAD], [])
    assert data_of([ipv6(tcp(PAYLOAD), 6, length=0)]) == ([PAYLOAD], [])
    assert data_of([ipv4(udp(PAYLOAD, length=0), 17, total=0)]) == ([PAYLOAD], [])


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        pytest.param(ipv4(udp(PAYLOAD), 17, total=19), ([], ["ip-header"]), id="total-below-header"),
        pytest.param(b"\x44" + ipv4(udp(PAYLOAD), 17)[1:], ([], ["ip-header"]), id="header-of-16"),
        pytest.param(ipv4(udp(PAYLOAD), 17, total=22), ([], ["ip-header"]), id="no-ports"),
        pytest.param(ipv4(udp(PAYLOAD), 17, total=26), ([], ["udp-length"]), id="no-udp-header"),
        pytest.param(ipv4(udp(PAYLOAD), 17, total=999), ([PAYLOAD], ["ip-length"]), id="total-beyond-frame"),
        pytest.param(ipv6(udp(PAYLOAD), 17, length=999), ([PAYLOAD], ["ip-length"]), id="length-beyond-frame"),
        pytest.param(ipv4(udp(PAYLOAD, length=7), 17), ([], ["udp-length"]), id="udp-length-7"),
        pytest.param(ipv4(udp(PAYLOAD, length=8), 17), ([b""], []), id="udp-length-8"),
        pytest.param(ipv4(udp(PAYLOAD, length=58), 17), ([PAYLOAD[:50]], []), id="udp-shorter-than-ip"),
        pytest.param(ipv4(udp(PAYLOAD, length=109), 17), ([PAYLOAD], ["udp-length"]), id="udp-longer-than-ip"),
        pytest.param(ipv4(tcp()[:19], 6), ([], ["tcp-header"]), id="tcp-header-of-19"),
    ],
)
def test_lengths_that_contradict(packet, expected):
    assert data_of([packet]) == expected


def test_a_packet_that_the_capture_cut():
    for whole in (ethernet(ipv4(udp(PAYLOAD), 17)), ethernet(ipv6(udp(PAYLOAD), 17))):
        found, codes = deliver([Packet(1, 0, whole[:-30], len(whole), 1, 0, 0, None)])
        assert [(one.data, one.missing) for one in found] == [(PAYLOAD[:70], 30)]
        assert codes == ["packet-cut"]


def test_cut_packets_of_other_ports_are_nobodys_business():
    whole = ethernet(ipv4(udp(PAYLOAD, ports=(5, 6)), 17))
    assert deliver([Packet(1, 0, whole[:-30], len(whole), 1, 0, 0, None)], ports=C1222) == ([], [])


# Fragments


def fragments4(payload, size, identification=7, protocol=17):
    """An IPv4 datagram in fragments of `size` octets, RFC 791."""
    places = range(0, len(payload), size)
    return [
        ipv4(
            payload[place : place + size],
            protocol,
            fragment=place // 8 | (0x2000 if place + size < len(payload) else 0),
            identification=identification,
        )
        for place in places
    ]


def fragments6(payload, size, identification=7, protocol=17):
    """The same for IPv6, RFC 8200, section 4.5."""
    packets = []
    for place in range(0, len(payload), size):
        more = place + size < len(payload)
        header = bytes([protocol, 0]) + (place | more).to_bytes(2, "big") + identification.to_bytes(4, "big")
        packets.append(ipv6(header + payload[place : place + size], 44))
    return packets


@pytest.mark.parametrize("cut", [fragments4, fragments6])
@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_fragments_in_every_order(cut, order):
    pieces = cut(udp(PAYLOAD), 32)
    assert len(pieces) == 4
    assert data_of([pieces[n] for n in order], ports=C1222) == ([PAYLOAD], [])
    doubled = [pieces[n] for n in order for _ in range(2)]
    assert data_of(doubled, ports=C1222) == ([PAYLOAD], [])


@pytest.mark.parametrize("version", [4, 6])
def test_what_scapy_cuts(version):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        inet = pytest.importorskip("scapy.layers.inet")
        inet6 = pytest.importorskip("scapy.layers.inet6")
        payload = PAYLOAD * 40
        transport = inet.UDP(sport=1153, dport=1153) / payload
        if version == 4:
            pieces = inet.fragment(inet.IP(src="192.0.2.1", dst="198.51.100.7", id=9) / transport, 600)
        else:
            base = inet6.IPv6(src="2001:db8::1", dst="2001:db8::abc") / inet6.IPv6ExtHdrFragment(id=9) / transport
            pieces = inet6.fragment6(base, 700)
        frames = [bytes(piece) for piece in pieces]
    assert len(frames) > 5
    for arranged in (frames, frames[::-1], frames[1::2] + frames[::2]):
        assert data_of(arranged, ports=C1222) == ([payload], [])


def test_a_fragmented_segment_and_headers_behind_the_fragment_header():
    assert data_of(fragments4(tcp(PAYLOAD), 40, protocol=6)) == ([PAYLOAD], [])
    behind = bytes.fromhex("1100 010400000000") + udp(PAYLOAD)
    assert data_of(fragments6(behind, 48, protocol=60), ports=C1222) == ([PAYLOAD], [])


def test_overlaps():
    payload = udp(PAYLOAD)
    same = [
        ipv4(payload[:64], 17, fragment=0x2000),
        ipv4(payload[32:96], 17, fragment=0x2000 | 4),
        ipv4(payload[16:24], 17, fragment=0x2000 | 2),
        ipv4(payload[88:], 17, fragment=11),
    ]
    for arranged in itertools.permutations(same):
        assert data_of(arranged) == ([PAYLOAD], [])
    other = ipv4(bytes([payload[32] ^ 1]) + payload[33:96], 17, fragment=0x2000 | 4)
    contradicting = [same[0], other, same[1], same[3]]
    assert data_of(contradicting) == ([], ["fragment-overlap"])
    for ends in ([same[3], ipv4(bytes(8), 17, fragment=20)], [same[3], ipv4(payload[:8], 17, fragment=3)]):
        assert data_of([*ends, *same]) == ([], ["fragment-overlap"])


def test_a_datagram_that_contradicted_itself_does_not_disturb_others():
    good = fragments4(udp(PAYLOAD), 48, identification=1)
    bad = fragments4(udp(PAYLOAD), 48, identification=2)
    worse = [bad[0], ipv4(bytes(48), 17, fragment=0x2000, identification=2), *bad]
    mixed = [good[0], *worse, *good[1:]]
    assert data_of(mixed) == ([PAYLOAD], ["fragment-overlap"])


@pytest.mark.parametrize(
    ("piece", "codes"),
    [
        pytest.param(ipv4(bytes(13), 17, fragment=0x2000), ["fragment-length"], id="not-a-multiple-of-8"),
        pytest.param(ipv4(b"", 17, fragment=0x2001), ["fragment-length"], id="empty"),
        pytest.param(ipv4(bytes(80), 17, fragment=0x1FFF), ["fragment-length"], id="beyond-64-kib"),
    ],
)
def test_impossible_fragments(piece, codes):
    assert data_of([piece]) == ([], [*codes, "fragment-missing"])
    whole = fragments4(udp(PAYLOAD), 56)
    assert data_of([whole[0], piece, whole[1]]) == ([PAYLOAD], codes)


def test_fragments_that_never_come():
    pieces = fragments4(udp(PAYLOAD), 40)
    for n in range(len(pieces)):
        assert data_of(pieces[:n] + pieces[n + 1 :]) == ([], ["fragment-missing"])


def test_fragments_of_other_ports_are_forgotten_at_once():
    other = fragments4(udp(PAYLOAD, ports=(53, 5353)), 40)
    assert data_of(other[:2], ports=C1222) == ([], [])
    # ... and the same identification can be used again by somebody we care for.
    assert data_of(other + fragments4(udp(PAYLOAD), 40), ports=C1222) == ([PAYLOAD], [])


def test_fragments_grow_old():
    pieces = fragments4(udp(PAYLOAD), 40)
    frames = [ethernet(pieces[0]), ethernet(pieces[1]), ethernet(pieces[2])]
    assert [one.data for one in deliver(packets_of(frames, seconds=29))[0]] == [PAYLOAD]
    found, codes = deliver(packets_of(frames, seconds=31))
    assert not found
    assert codes == ["fragment-missing", "fragment-missing"]
    timeless = [packet._replace(time_ns=None) for packet in packets_of(frames, seconds=31)]
    assert [one.data for one in deliver(timeless)[0]] == [PAYLOAD]


def test_a_fragment_that_the_capture_cut_is_missing():
    frames = [ethernet(piece) for piece in fragments4(udp(PAYLOAD), 40)]
    cut = [Packet(n, 0, frame[:70], len(frame), 1, 0, 0, None) for n, frame in enumerate(frames, 1)]
    found, codes = deliver(cut)
    assert not found
    assert codes == ["packet-cut", "packet-cut", "fragment-missing"]  # the last one is short enough to be whole


def test_the_largest_datagram():
    payload = bytes(65_535 - 20 - 8)
    assert data_of(fragments4(udp(payload), 1480), limits=Limits(fragment_octets=80_000)) == ([payload], [])
    assert data_of(fragments4(udp(payload), 1480), limits=Limits(fragment_octets=60_000))[0] == []


def test_addresses_as_text():
    assert address_text(CLIENT) == "192.0.2.1"
    assert address_text(METER) == "198.51.100.7"
    assert address_text(CLIENT6) == "2001:db8::1"
    assert address_text(METER6) == "2001:db8::abc"
    assert address_text(bytes(16)) == "::"
    assert address_text(bytes.fromhex("00" * 10 + "ffffc0000201")) == "::ffff:192.0.2.1"
    assert address_text(bytes.fromhex("ff02" + "00" * 12 + "0204")) == "ff02::204"
    flow = Flow("192.0.2.1", 40000, "198.51.100.7", 1153, "udp")
    assert flow.reverse == ("198.51.100.7", 1153, "192.0.2.1", 40000, "udp")
    assert flow.reverse.reverse == flow
