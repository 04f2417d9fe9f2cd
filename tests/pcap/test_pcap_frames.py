"""Every link type carries the same payload to the same place."""

import pytest
from pcap_building import ACK, PSH, deliver, ethernet, ipv4, ipv6, packets_of, tcp, udp

from c1222.pcap.delivery import Datagram
from c1222.pcap.frames import LINK_LAYERS
from c1222.pcap.limits import Limits
from c1222.pcap.packet import Packet
from c1222.pcap.stack import payloads

PAYLOAD = b"\x60\x1e\xa2\x05" + bytes(range(40))


def hexed(text):
    return bytes.fromhex(text)


def tagged(tags):
    """Ethernet with VLAN tags, before IPv4 and before IPv6."""
    return hexed("00" * 12 + tags + "0800"), hexed("00" * 12 + tags + "86dd")


LINKS = [
    #            linktype  before IPv4                           before IPv6
    pytest.param(1, hexed("ff" * 12 + "0800"), hexed("ff" * 12 + "86dd"), id="ethernet"),
    pytest.param(1, *tagged("81000064"), id="802.1Q"),
    pytest.param(1, *tagged("88a80001 81000002"), id="QinQ"),
    pytest.param(1, *tagged("91000001 81000002"), id="9100"),
    pytest.param(1, *tagged("81000001" * 5), id="five-tags"),
    pytest.param(
        113, hexed("0000 0001 0006" + "00" * 8 + "0800"), hexed("0004 0304 0006" + "00" * 8 + "86dd"), id="SLL"
    ),
    pytest.param(113, hexed("00" * 14 + "81000005 0800"), hexed("00" * 14 + "81000005 86dd"), id="SLL-with-a-tag"),
    pytest.param(276, hexed("0800" + "00" * 18), hexed("86dd" + "00" * 18), id="SLL2"),
    pytest.param(276, hexed("8100" + "00" * 18 + "0005 0800"), hexed("8100" + "00" * 18 + "0005 86dd"), id="SLL2-tag"),
    pytest.param(101, b"", b"", id="raw"),
    pytest.param(12, b"", b"", id="raw-12"),
    pytest.param(14, b"", b"", id="raw-14"),
    pytest.param(228, b"", b"", id="ipv4"),
    pytest.param(229, b"", b"", id="ipv6"),
    pytest.param(0, hexed("02000000"), hexed("1e000000"), id="null-little-endian-macos"),
    pytest.param(0, hexed("00000002"), hexed("00000018"), id="null-big-endian-netbsd"),
    pytest.param(0, hexed("02000000"), hexed("0a000000"), id="null-linux"),
    pytest.param(108, hexed("00000002"), hexed("0000001c"), id="loop-freebsd"),
]


@pytest.mark.parametrize(("linktype", "before4", "before6"), LINKS)
@pytest.mark.parametrize("padding", [b"", bytes(20)], ids=["", "padded"])
def test_the_same_payload_over_every_link(linktype, before4, before6, padding):
    segment = tcp(PAYLOAD, sequence=5, ack=9)
    frames = [
        before4 + ipv4(udp(PAYLOAD), 17) + padding,
        before6 + ipv6(udp(PAYLOAD), 17) + padding,
        before4 + ipv4(segment, 6) + padding,
        before6 + ipv6(segment, 6) + padding,
    ]
    found, codes = deliver(packets_of(frames, linktype), ports=frozenset({1153}))
    assert not codes
    assert [one.data for one in found] == [PAYLOAD] * 4
    assert [tuple(one.flow) for one in found] == [
        ("192.0.2.1", 40000, "198.51.100.7", 1153, "udp"),
        ("2001:db8::1", 40000, "2001:db8::abc", 1153, "udp"),
        ("192.0.2.1", 40000, "198.51.100.7", 1153, "tcp"),
        ("2001:db8::1", 40000, "2001:db8::abc", 1153, "tcp"),
    ]
    assert [one.packet_number for one in found] == [1, 2, 3, 4]


@pytest.mark.parametrize(("linktype", "before4", "before6"), LINKS)
def test_cut_anywhere(linktype, before4, before6):
    for whole in (before4 + ipv4(udp(PAYLOAD), 17), before6 + ipv6(udp(PAYLOAD), 17)):
        for cut in range(len(whole)):
            packet = Packet(1, 0, whole[:cut], len(whole), linktype, 0, 0, None)
            found, codes = deliver([packet])
            assert codes == ["packet-cut"]
            kept = max(0, cut - (len(whole) - len(PAYLOAD)))
            assert [(one.data, one.missing) for one in found] in ([(PAYLOAD[:kept], len(PAYLOAD) - kept)], [])
            assert found or not kept


NOT_IP = [
    pytest.param(1, bytes(12) + b"\x08\x06" + bytes(28), id="arp"),
    pytest.param(1, bytes(12) + b"\x81\x00\x00\x01\x88\xcc" + bytes(28), id="lldp-behind-a-tag"),
    pytest.param(1, bytes(12) + b"\x00\x26\x42\x42\x03" + bytes(40), id="802.3-length"),
    pytest.param(113, bytes(14) + b"\x08\x06" + bytes(28), id="sll-arp"),
    pytest.param(276, b"\x08\x06" + bytes(40), id="sll2-arp"),
    pytest.param(0, bytes.fromhex("07000000") + bytes(40), id="null-osi"),
    pytest.param(1, ethernet(ipv4(bytes(20), 1)), id="icmp"),
    pytest.param(1, ethernet(ipv6(bytes(20), 58)), id="icmpv6"),
    pytest.param(1, ethernet(ipv6(bytes(20), 59)), id="no-next-header"),
    pytest.param(1, ethernet(ipv6(bytes(20), 50)), id="esp"),
]


@pytest.mark.parametrize(("linktype", "frame"), NOT_IP)
def test_what_is_neither_udp_nor_tcp_is_left_out_in_silence(linktype, frame):
    assert deliver(packets_of([frame], linktype)) == ([], [])


def test_unknown_link_types_are_named_once():
    packets = (
        packets_of([b"abc"] * 3, 147) + packets_of([b"abc"] * 3, 105) + packets_of([ethernet(ipv4(udp(b"x"), 17))])
    )
    found, codes = deliver(packets)
    assert len(found) == 1
    assert codes == ["linktype-unknown"] * 2
    assert 147 not in LINK_LAYERS


def test_link_types_that_the_caller_understands_come_out_in_their_place():
    user0 = Packet(2, 5, b"\xee\x00", 2, 147, 0, 0, "in")
    udp_packet = Packet(1, 4, ethernet(ipv4(udp(b"x"), 17)), 43, 1, 0, 0, "out")
    found = list(
        payloads([udp_packet, user0], ports=frozenset({1153}), on_remark=pytest.fail, pass_on=frozenset({147}))
    )
    assert found[1] is user0
    assert isinstance(found[0], Datagram)
    assert (found[0].direction, found[0].time_ns, found[0].packet_number) == ("out", 4, 1)
    assert list(payloads([udp_packet], ports=None, on_remark=pytest.fail, pass_on=frozenset({1}))) == [udp_packet]


def test_header_damage_has_names():
    assert deliver(packets_of([b"\x50" + bytes(40)], 101))[1] == ["ip-header"]
    assert deliver(packets_of([ethernet(ipv4(udp(b"x"), 17))[:20]]))[1] == ["ip-header"]
    for words in (0x00, 0x40, 0xF0):
        segment = bytearray(tcp(b"abc", flags=PSH | ACK))
        segment[12] = words
        assert deliver(packets_of([ethernet(ipv4(bytes(segment), 6))]))[1] == ["tcp-header"]


def test_limits_reach_the_remarks():
    packets = packets_of([b"\x50" + bytes(40)] * 50, 101)
    assert deliver(packets, limits=Limits(remarks_per_code=3))[1] == ["ip-header"] * 4
