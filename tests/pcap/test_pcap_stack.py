"""The whole way: port filter, order of delivery, public captures against tshark."""

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from pcap_building import (
    ACK,
    CLIENT,
    FIN,
    METER,
    PSH,
    SYN,
    answer,
    deliver,
    ethernet,
    ipv4,
    ipv6,
    packets_of,
    pcap,
    tcp,
    udp,
)

import c1222.pcap
from c1222.pcap.delivery import Chunk
from c1222.pcap.limits import Limits
from c1222.pcap.reader import open_capture
from c1222.pcap.remark import REMARK_CODES, Remark, Remarks
from c1222.pcap.stack import payloads

needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
PUBLIC = Path(os.environ.get("C1222_PUBLIC_CAPTURES", Path(__file__).parents[3] / "shared" / "captures"))


@pytest.mark.parametrize("wrap", [ethernet, lambda packet: ethernet(packet, vlans=bytes.fromhex("81000001"))])
@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("build", [tcp, udp])
def test_ports(wrap, version, build):
    protocol = 6 if build is tcp else 17
    pairs = [(40000, 1153), (1153, 40000), (1153, 1153), (40000, 40001), (0, 65535)]
    frames = []
    for n, ports in enumerate(pairs):
        packet = build(b"payload %d" % n + bytes(40), ports=ports)
        frames.append(wrap(ipv4(packet, protocol) if version == 4 else ipv6(packet, protocol)))
    assert numbers(frames, frozenset({1153})) == {1, 2, 3}
    assert numbers(frames, frozenset({40001, 65535})) == {4, 5}
    assert numbers(frames, frozenset()) == set()
    assert numbers(frames, None) == {1, 2, 3, 4, 5}


def numbers(frames, ports):
    found, codes = deliver(packets_of(frames), ports=ports)
    assert not codes
    return {one.packet_number for one in found}


def test_deliveries_come_in_the_order_of_the_packets():
    parts = [
        ipv4(tcp(sequence=99, flags=SYN, ack=None), 6),
        ipv4(udp(b"1"), 17),
        ipv4(tcp(b"2", sequence=100), 6),
        ipv6(udp(b"3"), 17),
        ipv4(tcp(b"4", sequence=101), 6),
        ipv4(udp(b"5" * 40), 17),
        ipv4(tcp(b"6" * 40, sequence=102), 6),
    ]
    found, _ = deliver(packets_of([ethernet(part) for part in parts], seconds=1))
    assert [one.data[:1] for one in found] == [b"1", b"2", b"3", b"4", b"5", b"6"]
    assert [one.packet_number for one in found] == [2, 3, 4, 5, 6, 7]
    assert [one.time_ns for one in found] == [n * 10**9 for n in (2, 3, 4, 5, 6, 7)]
    assert isinstance(found[1], Chunk)


def test_the_short_way_and_the_long_way_agree():
    """The same connection over plain Ethernet and over Ethernet with a VLAN tag, which takes the long way."""
    chance = random.Random(5)
    sent = chance.randbytes(30_000)
    parts = [tcp(sequence=99, flags=SYN, ack=None), answer(sequence=499, flags=SYN, ack=100)]
    at = 0
    while at < len(sent):
        size = chance.choice([1, 40, 1400, 5000])
        parts.append(tcp(sent[at : at + size], sequence=100 + at, ack=500, flags=PSH))
        at += size
        if chance.random() < 0.3:
            parts.append(answer(sequence=500, ack=100 + at, flags=ACK))
        if chance.random() < 0.1:
            parts.append(parts[-2])
    parts.append(tcp(sequence=100 + len(sent), flags=FIN, ack=500))
    short = [ethernet(ipv4(part, 6)) for part in parts]
    long = [ethernet(ipv4(part, 6), vlans=bytes.fromhex("81000001")) for part in parts]
    chunks, codes = deliver(packets_of(short))
    assert (chunks, codes) == deliver(packets_of(long))
    assert b"".join(chunk.data for chunk in chunks if chunk.flow.destination_port == 1153) == sent
    assert not codes


def tshark(path, *arguments):
    run = subprocess.run(["tshark", "-n", "-r", path, *arguments], capture_output=True, check=True, text=True)
    return run.stdout


def streams_by_tshark(path):
    """Octets of each direction of each TCP connection, as `follow tcp` shows them: {(port, port): octets}."""
    indices = sorted(set(tshark(path, "-T", "fields", "-e", "tcp.stream").split()))
    found = {}
    for index in indices:
        text = tshark(path, "-q", "-z", f"follow,tcp,raw,{index}")
        lines = text.splitlines()
        nodes = [int(line.rpartition(":")[2]) for line in lines if line.startswith("Node ")]
        for line in lines[lines.index(next(x for x in lines if x.startswith("Node 1"))) + 1 :]:
            if line.startswith("="):
                break
            side = int(line.startswith("\t"))
            key = (nodes[side], nodes[1 - side])
            found[key] = found.get(key, b"") + bytes.fromhex(line)
    return found


def streams_by_us(path):
    found = {}
    for one in payloads(open_capture(path, on_remark=pytest.fail), ports=None, on_remark=pytest.fail):
        if isinstance(one, Chunk) and one.data:
            key = (one.flow.source_port, one.flow.destination_port)
            found[key] = found.get(key, b"") + one.data
    return found


@needs_tshark
def test_tshark_follows_the_same_streams(tmp_path):
    chance = random.Random(11)
    frames = []
    for port in (5001, 5002, 5003):
        there, back = chance.randbytes(3000), chance.randbytes(2000)
        out = {"ports": (port, 1153)}
        home = {"ports": (1153, port)}
        frames.append(ipv4(tcp(sequence=99, flags=SYN, ack=None, **out), 6))
        frames.append(ipv4(tcp(sequence=499, flags=SYN, ack=100, **home), 6, source=METER, destination=CLIENT))
        pieces = [(a, there[a : a + 300]) for a in range(0, 3000, 250)]
        if port != 5001:
            pieces[2:6] = chance.sample(pieces[2:6], 4)
        frames += [ipv4(tcp(data, sequence=100 + at, ack=500, **out), 6) for at, data in pieces]
        frames += [
            ipv4(tcp(back[at : at + 500], sequence=500 + at, ack=3100, **home), 6, source=METER, destination=CLIENT)
            for at in range(0, 2000, 500)
        ]
        frames.append(ipv4(tcp(sequence=3100, ack=2500, flags=FIN | ACK, **out), 6))
    path = tmp_path / "streams.pcap"
    path.write_bytes(pcap([ethernet(frame) for frame in frames]))
    ours = streams_by_us(path)
    assert len(ours) == 6
    assert ours == streams_by_tshark(path)


CAPTURES = sorted(PUBLIC.glob("*.*cap"))


@needs_tshark
@pytest.mark.skipif(not CAPTURES, reason="no public captures (C1222_PUBLIC_CAPTURES)")
@pytest.mark.parametrize("path", CAPTURES, ids=[path.name for path in CAPTURES])
def test_public_captures(path):
    fields = ["frame.number", "frame.time_epoch", "frame.cap_len", "frame.len"]
    rows = tshark(path, "-T", "fields", *[word for field in fields for word in ("-e", field)]).splitlines()
    packets = list(open_capture(path, on_remark=pytest.fail))
    assert [
        [str(p.number), f"{p.time_ns // 10**9}.{p.time_ns % 10**9:09}", str(len(p.data)), str(p.original_length)]
        for p in packets
    ] == [row.split() for row in rows]
    assert streams_by_us(path) == streams_by_tshark(path)


def test_every_code_is_listed_and_every_code_listed_is_used():
    folder = Path(c1222.pcap.__file__).parent
    sources = {file.name: file.read_text() for file in folder.glob("*.py")}
    listed = sources.pop("remark.py")
    for code in REMARK_CODES:
        assert f'"{code}":' in listed
        assert any(f'"{code}"' in text for text in sources.values()), code


def test_remarks_count_what_they_do_not_hand_on():
    heard = []
    remarks = Remarks(heard.append, 2)
    assert Remarks.around(remarks, 99) is remarks
    frames = [b"\x50" + bytes(40)] * 7
    list(payloads(packets_of(frames, 101), ports=None, on_remark=remarks, limits=Limits(remarks_per_code=99)))
    assert [remark.packet for remark in heard] == [1, 2, 3]
    assert remarks.counts == {"ip-header": 7}
    assert heard[0] == Remark("ip-header", "IP version 5", 1)
    assert "only counted" in heard[-1].text
