"""The same messages in every clothing: captures that dpkt and scapy write decode to the messages that went in.

tests/pcap looks at octets of frames, fragments and segments one by one; here whole messages go through everything.
"""

import gzip
from collections.abc import Iterable
from itertools import permutations
from pathlib import Path
from random import Random
from struct import pack

import pytest
from capture_building import (
    ANSWER8,
    IDENTIFY,
    IDENTIFY_ANSWER,
    MODE1,
    REQUEST8,
    TEXT8,
    TEXT8_ANSWER,
    clear,
    decoded_file,
    messages,
)

dpkt = pytest.importorskip("dpkt")
inet = pytest.importorskip("scapy.layers.inet")
inet6 = pytest.importorskip("scapy.layers.inet6")
l2 = pytest.importorskip("scapy.layers.l2")
utils = pytest.importorskip("scapy.utils")

LARGE = clear("40 0001 0F00" + "5A" * 0x0F00 + "00", ident=77)  # 3,840 octets of table data: three segments of Ethernet
CLIENT, METER = "192.0.2.1", "198.51.100.7"
CLIENT6, METER6 = "2001:db8::1", "2001:db8::abc"
ETHERNET = 1

# Who says what: both travel the same way in example 8, here they do not.
TALK = [(True, REQUEST8), (False, ANSWER8), (True, IDENTIFY), (False, IDENTIFY_ANSWER), (True, LARGE), (True, MODE1)]
SAID = [octets for _, octets in TALK]


def addresses(to_meter: bool, version: int = 4):
    here, there = (CLIENT, METER) if version == 4 else (CLIENT6, METER6)
    return {"src": here, "dst": there} if to_meter else {"src": there, "dst": here}


def ports(to_meter: bool):
    return {"sport": 40000, "dport": 1153} if to_meter else {"sport": 1153, "dport": 40000}


def udp(to_meter: bool, data: bytes):
    return inet.UDP(**ports(to_meter)) / data


def ip(to_meter: bool, payload, version: int = 4, **fields):
    layer = inet.IP if version == 4 else inet6.IPv6
    return layer(**addresses(to_meter, version), **fields) / payload


def datagrams(version: int = 4, **fields) -> list:
    return [ip(to_meter, udp(to_meter, data), version, **fields) for to_meter, data in TALK]


def write(path: Path, packets: Iterable, linktype: int = ETHERNET) -> Path:
    """A pcap file by dpkt, a hundred packets a second."""
    with path.open("wb") as stream:
        writer = dpkt.pcap.Writer(stream, linktype=linktype)
        for number, packet in enumerate(packets):
            writer.writepkt(bytes(packet), 1_700_000_000 + number / 100)
    return path


def said(path: Path, **options) -> list[bytes]:
    """The messages of a capture; there must be no remark about the file."""
    exchanges, remarks = decoded_file(path, **options)
    assert [str(remark) for remark in remarks] == []
    return [message.octets for message in messages(exchanges)]


def check_talk(path: Path) -> None:
    exchanges, remarks = decoded_file(path)
    assert remarks == []
    assert sorted(message.octets for message in messages(exchanges)) == sorted(SAID)
    pairs = {e.request.octets: e.response and e.response.octets for e in exchanges}
    assert pairs == {REQUEST8: ANSWER8, IDENTIFY: IDENTIFY_ANSWER, LARGE: None, MODE1: None}
    texts = {m.octets: m.opened.text for m in messages(exchanges) if m.mode}
    assert (texts[REQUEST8], texts[ANSWER8]) == (TEXT8, TEXT8_ANSWER)


# --- link layers ----------------------------------------------------------------------------------------------------

ETHER = {"src": "00:00:5e:00:53:01", "dst": "00:00:5e:00:53:02"}
LINKS = {
    "ethernet": (1, lambda p: l2.Ether(**ETHER) / p),
    "ethernet-padded": (1, lambda p: bytes(l2.Ether(**ETHER) / p) + bytes(20)),
    "vlan": (1, lambda p: l2.Ether(**ETHER) / l2.Dot1Q(vlan=7) / p),
    "two-vlans": (1, lambda p: l2.Ether(**ETHER) / l2.Dot1AD(vlan=8) / l2.Dot1Q(vlan=7) / p),
    "linux-cooked": (113, lambda p: l2.CookedLinux(src=b"\0" * 8, lladdrtype=1, pkttype=0) / p),
    "linux-cooked-2": (276, lambda p: l2.CookedLinuxV2(lladdrtype=1, pkttype=0) / p),
    "linux-cooked-by-dpkt": (113, lambda p: dpkt.sll.SLL(ethtype=ethertype(p), data=bytes(p), hlen=6, hdr=bytes(8))),
    "linux-cooked-2-by-dpkt": (
        276,
        lambda p: dpkt.sll2.SLL2(ethtype=ethertype(p), data=bytes(p), hlen=6, hdr=bytes(8)),
    ),
    "raw": (101, lambda p: p),
    "raw-of-one-version": (None, lambda p: p),
    "raw-12": (12, lambda p: p),
    "loopback": (0, lambda p: pack("<I", 2 if p.version == 4 else 30) + bytes(p)),
    "loopback-of-a-big-endian": (0, lambda p: pack(">I", 2 if p.version == 4 else 24) + bytes(p)),
    "loop-of-openbsd": (108, lambda p: pack(">I", 2 if p.version == 4 else 24) + bytes(p)),
    "loopback-by-scapy": (0, lambda p: l2.Loopback(type=2 if p.version == 4 else 10) / p),
}


def ethertype(packet) -> int:
    return 0x0800 if packet.version == 4 else 0x86DD


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("link", LINKS)
def test_link_layer(link, version, tmp_path):
    linktype, wrap = LINKS[link]
    if linktype is None:
        linktype = 228 if version == 4 else 229
    check_talk(write(tmp_path / "a.pcap", (wrap(packet) for packet in datagrams(version)), linktype))


# --- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nano", [False, True], ids=["micro", "nano"])
@pytest.mark.parametrize("order", ["<", ">"], ids=["little", "big"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_pcap(nano, order, packed, tmp_path):
    path = tmp_path / "a.pcap"
    with utils.PcapWriter(str(path), linktype=101, endianness=order, nano=nano, gz=packed, sync=True) as writer:
        for number, packet in enumerate(datagrams()):
            packet.time = 1_700_000_000 + number
            writer.write(packet)
    check_talk(path)
    first = messages(decoded_file(path)[0])[0]
    assert first.place.time_ns == 1_700_000_000 * 10**9


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_pcapng_by_scapy(packed, tmp_path):
    path = tmp_path / "a.pcapng"
    utils.wrpcapng(str(path), [l2.Ether(**ETHER) / packet for packet in datagrams()])
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    check_talk(path)


def test_pcapng_by_dpkt(tmp_path):
    path = tmp_path / "a.pcapng"
    with path.open("wb") as stream:
        writer = dpkt.pcapng.Writer(stream)
        for number, packet in enumerate(datagrams()):
            writer.writepkt(bytes(l2.Ether(**ETHER) / packet), 1_700_000_000 + number)
    check_talk(path)


def section(linktype: int, packets: list[bytes], order: str) -> bytes:
    """A pcapng section of simple packet blocks, which have no times: the format draft, section 4.4."""

    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        return pack(order + "II", kind, 12 + len(body)) + body + pack(order + "I", 12 + len(body))

    head = block(0x0A0D0D0A, pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(1, pack(order + "HHI", linktype, 0, 0))
    return head + block(0x0BAD, b"unknown") + b"".join(block(3, pack(order + "I", len(p)) + p) for p in packets)


def test_pcapng_of_several_sections(tmp_path):
    half = [bytes(packet) for packet in datagrams()]
    path = tmp_path / "a.pcapng"
    ethernet = [bytes(l2.Ether(**ETHER) / inet.IP(octets)) for octets in half[3:]]
    path.write_bytes(section(101, half[:3], "<") + section(1, ethernet, ">"))
    check_talk(path)
    assert {message.place.time_ns for message in messages(decoded_file(path)[0])} == {None}


# --- IP -------------------------------------------------------------------------------------------------------------


def test_ipv4_options(tmp_path):
    options = [inet.IPOption_Timestamp(), inet.IPOption_NOP(), inet.IPOption_RR()]
    check_talk(write(tmp_path / "a.pcap", datagrams(options=options), 101))


@pytest.mark.parametrize("size", [8, 48, 600])
def test_ipv4_fragments(size, tmp_path):
    packets = [part for n, whole in enumerate(datagrams()) for part in inet.fragment(numbered(whole, n), fragsize=size)]
    assert len(packets) > len(TALK)
    check_talk(write(tmp_path / "a.pcap", packets, 101))


def numbered(packet, number: int):
    packet.id = 100 + number
    return packet


@pytest.mark.parametrize("seed", range(5))
def test_ipv4_fragments_of_all_messages_mixed_and_repeated(seed, tmp_path):
    packets = [part for n, whole in enumerate(datagrams()) for part in inet.fragment(numbered(whole, n), fragsize=200)]
    packets += packets[::3]
    Random(seed).shuffle(packets)
    exchanges, remarks = decoded_file(write(tmp_path / "a.pcap", packets, 101))
    found = [message.octets for message in messages(exchanges)]
    assert set(found) == set(SAID)
    # Those that fitted into one fragment were captured twice, and are shown twice.
    assert {octets for octets in found if found.count(octets) > 1} <= {data for data in SAID if len(data) < 193}
    assert {remark.code for remark in remarks} <= {"fragment-missing"}


@pytest.mark.parametrize("size", [1280, 200, 100])
def test_ipv6_fragments(size, tmp_path):
    packets = []
    for number, (to_meter, data) in enumerate(TALK):
        whole = ip(to_meter, inet6.IPv6ExtHdrFragment(id=number) / udp(to_meter, data), 6)
        packets += inet6.fragment6(inet6.IPv6(bytes(whole)), size) if len(bytes(whole)) > size else [whole]
    check_talk(write(tmp_path / "a.pcap", packets, 101))


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(inet6.IPv6ExtHdrHopByHop, id="hop-by-hop"),
        pytest.param(inet6.IPv6ExtHdrDestOpt, id="destination-options"),
        pytest.param(inet6.IPv6ExtHdrRouting, id="routing"),
        pytest.param(
            lambda: inet6.IPv6ExtHdrHopByHop() / inet6.IPv6ExtHdrDestOpt() / inet6.IPv6ExtHdrFragment(), id="all"
        ),
    ],
)
def test_ipv6_extension_headers(header, tmp_path):
    packets = [ip(to_meter, header() / udp(to_meter, data), 6) for to_meter, data in TALK]
    check_talk(write(tmp_path / "a.pcap", packets, 101))


def test_fragment_that_never_came(tmp_path):
    parts = inet.fragment(numbered(ip(True, udp(True, LARGE)), 1), fragsize=600)
    del parts[2]
    exchanges, (remark,) = decoded_file(write(tmp_path / "a.pcap", [*parts, *datagrams()[:1]], 101))
    assert [message.octets for message in messages(exchanges)] == [REQUEST8]
    assert (remark.code, remark.kind, remark.packet) == ("fragment-missing", "undecodable", 1)


# --- TCP ------------------------------------------------------------------------------------------------------------


class Connection:
    """Segments of one connection; every argument of `say` in octets of the stream."""

    def __init__(self, version: int = 4, start: int = 1000, back: int = 5000) -> None:
        self.version = version
        self.next = {True: start, False: back}

    def packet(self, to_meter: bool, data: bytes = b"", flags: str = "PA", at: int | None = None):
        seq = (self.next[to_meter] if at is None else at) % 2**32
        ack = self.next[not to_meter] % 2**32 if "A" in flags else 0
        head = inet.TCP(**ports(to_meter), seq=seq, ack=ack, flags=flags)
        if at is None:
            self.next[to_meter] += len(data) + ("S" in flags) + ("F" in flags)
        return ip(to_meter, head / data, self.version)

    def open(self) -> list:
        return [self.packet(True, flags="S"), self.packet(False, flags="SA"), self.packet(True, flags="A")]

    def close(self) -> list:
        return [self.packet(True, flags="FA"), self.packet(False, flags="FA"), self.packet(True, flags="A")]

    def say(self, to_meter: bool, data: bytes, size: int = 1460) -> list:
        return [self.packet(to_meter, data[at : at + size]) for at in range(0, len(data), size)]


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("size", [1460, 100, 16])
@pytest.mark.parametrize("opened", [True, False], ids=["opened", "under-way"])
def test_tcp_in_order(version, size, opened, tmp_path):
    talk = Connection(version)
    packets = talk.open() if opened else []
    for to_meter, data in TALK:
        packets += talk.say(to_meter, data, size)
    packets += talk.close()
    check_talk(write(tmp_path / "a.pcap", packets, 101))


def test_tcp_octet_by_octet(tmp_path):
    talk = Connection()
    packets = [*talk.open(), *talk.say(True, REQUEST8, 1), *talk.say(False, ANSWER8, 1)]
    (exchange,), remarks = decoded_file(write(tmp_path / "a.pcap", packets, 101))
    assert (exchange.request.octets, exchange.response.octets, remarks) == (REQUEST8, ANSWER8, [])
    assert (exchange.request.place.packet, exchange.request.place.last_packet) == (4, 3 + len(REQUEST8))


def test_tcp_over_the_end_of_the_sequence_numbers(tmp_path):
    talk = Connection(start=2**32 - 50, back=2**32 - 20)
    packets = [*talk.open(), *(packet for to_meter, data in TALK for packet in talk.say(to_meter, data, 30))]
    check_talk(write(tmp_path / "a.pcap", packets, 101))


def test_several_messages_in_a_segment_and_one_over_many(tmp_path):
    talk = Connection()
    stream = REQUEST8 + IDENTIFY + LARGE + MODE1
    packets = [*talk.open(), *talk.say(True, stream, 100), *talk.say(False, ANSWER8 + IDENTIFY_ANSWER), *talk.close()]
    check_talk(write(tmp_path / "a.pcap", packets, 101))


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_tcp_out_of_order(order, tmp_path):
    talk = Connection()
    packets = talk.open()
    parts = talk.say(True, REQUEST8 + IDENTIFY, 33)
    assert len(parts) == 4
    packets += [parts[n] for n in order] + talk.say(False, ANSWER8)
    assert sorted(said(write(tmp_path / "a.pcap", packets, 101))) == sorted([REQUEST8, IDENTIFY, ANSWER8])


@pytest.mark.parametrize("seed", range(10))
def test_tcp_shuffled_repeated_and_overlapping(seed, tmp_path):
    """Segments near one another change places, some come twice, some bring octets of their neighbours again."""
    random = Random(seed)
    talk = Connection()
    packets = talk.open()
    stream = b"".join(data for _, data in TALK if data in (REQUEST8, IDENTIFY, LARGE, MODE1))
    start = talk.next[True]
    parts = []
    for at in range(0, len(stream), 60):
        before, after = (random.choice((0, 0, 25)) for _ in range(2))
        first = max(0, at - before)
        parts.append(talk.packet(True, stream[first : at + 60 + after], at=start + first))
    parts += random.sample(parts, 10)
    keys = {id(part): index % 70 + random.random() * 6 for index, part in enumerate(parts)}
    parts.sort(key=lambda part: keys[id(part)])
    found = said(write(tmp_path / "a.pcap", packets + parts, 101))
    assert sorted(found) == sorted([REQUEST8, IDENTIFY, LARGE, MODE1])


def test_tcp_repeated_with_other_octets(tmp_path):
    """What came first is kept, and it is said."""
    talk = Connection()
    packets = talk.open()
    at = talk.next[True]
    packets += talk.say(True, REQUEST8 + IDENTIFY, 200)
    packets += [talk.packet(True, bytes(40), at=at), *talk.say(False, ANSWER8)]
    exchanges, (remark,) = decoded_file(write(tmp_path / "a.pcap", packets, 101))
    assert [message.octets for message in messages(exchanges)] == [REQUEST8, IDENTIFY, ANSWER8]
    assert (remark.code, remark.packet) == ("tcp-overlap-differs", 5)


@pytest.mark.parametrize("lost", range(4))
def test_tcp_segment_that_was_not_captured(lost, tmp_path):
    """The message that it belonged to is lost, and no other; both what was held and where it ended are said."""
    talk = Connection()
    packets = talk.open()
    before, broken, after = IDENTIFY, clear("40 0001 0100" + "00" * 256 + "00"), REQUEST8
    packets += talk.say(True, before)
    parts = talk.say(True, broken, 80)
    del parts[lost]
    packets += parts + talk.say(True, after) + [talk.packet(False, flags="A")] + talk.say(False, ANSWER8)
    exchanges, remarks = decoded_file(write(tmp_path / "a.pcap", packets, 101))
    assert [message.octets for message in messages(exchanges)] == [before, after, ANSWER8]
    assert {remark.code for remark in remarks} <= {"message-cut", "not-c1222"}
    assert {remark.kind for remark in remarks} == {"undecodable"}
    assert all(remark.packet is not None for remark in remarks)


@pytest.mark.parametrize("start", [1, 20, len(REQUEST8) - 1, len(REQUEST8)])
def test_capture_that_begins_in_the_middle(start, tmp_path):
    talk = Connection()
    packets = talk.say(True, (REQUEST8 + IDENTIFY)[start:], 50) + talk.say(False, IDENTIFY_ANSWER)
    exchanges, remarks = decoded_file(write(tmp_path / "a.pcap", packets, 101))
    assert [message.octets for message in messages(exchanges)] == [IDENTIFY, IDENTIFY_ANSWER]
    assert {remark.code for remark in remarks} == ({"not-c1222"} if start < len(REQUEST8) else set())


def test_reset_and_the_same_ports_again(tmp_path):
    first, second = Connection(), Connection(start=900_000_000, back=800_000_000)
    packets = [*first.open(), *first.say(True, REQUEST8[:40]), first.packet(False, flags="R")]
    packets += [*second.open(), *second.say(True, REQUEST8), *second.say(False, ANSWER8)]
    exchanges, (remark,) = decoded_file(write(tmp_path / "a.pcap", packets, 101))
    assert [message.octets for message in messages(exchanges)] == [REQUEST8, ANSWER8]
    assert (remark.code, remark.packet) == ("message-cut", 4)


def test_packets_that_the_capture_cut(tmp_path):
    """A snap length of 100 octets: short messages are whole, of longer ones the rest is missing, and it is said."""
    path = tmp_path / "a.pcap"
    with path.open("wb") as stream:
        dpkt.pcap.Writer(stream, linktype=101)
        for packet in datagrams():
            octets = bytes(packet)
            head = pack("IIII", 0, 0, min(100, len(octets)), len(octets))
            stream.write(head + octets[:100])
    exchanges, remarks = decoded_file(path)
    whole = [message.octets for message in messages(exchanges) if message.apdu is not None]
    assert whole == [data for data in SAID if len(data) <= 100 - 28]
    assert {remark.code for remark in remarks} == {"packet-cut"}


def test_everything_else_is_left_out(tmp_path):
    noise = [
        l2.Ether(**ETHER) / l2.ARP(),
        l2.Ether(**ETHER) / inet.IP(**addresses(True)) / inet.ICMP(),
        l2.Ether(**ETHER) / inet.IP(**addresses(True)) / inet.UDP(sport=53, dport=5353) / REQUEST8,
        l2.Ether(**ETHER) / inet.IP(**addresses(True)) / inet.TCP(sport=80, dport=5353, flags="PA") / REQUEST8,
    ]
    packets = [*noise, *(l2.Ether(**ETHER) / packet for packet in datagrams()), *noise]
    check_talk(write(tmp_path / "a.pcap", packets))


def test_port(tmp_path):
    packets = [inet.IP(**addresses(True)) / inet.UDP(sport=40000, dport=1999) / IDENTIFY]
    path = write(tmp_path / "a.pcap", packets, 101)
    assert said(path) == []
    assert said(path, ports=frozenset({1999})) == [IDENTIFY]
