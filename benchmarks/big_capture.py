"""A large capture, generated and decoded: `nice python benchmarks/big_capture.py [--octets N] [--hostile]`.

Says how many messages a second `decode_files` decodes, and how much memory the process took at its most; fails from
300 MB on. The generated traffic is the same for the same seed and is written and read as a stream: reads in the clear,
enciphered and authenticated, of a few octets and of large blocks, on several hundred connections at a time of which
some end and begin anew, with lost, repeated and swapped segments. --hostile generates what is meant to take memory:
thousands of connections with half a message, requests that nobody answers, lengths of gigabytes, segments without end.
"""

import argparse
import resource
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from struct import pack
from time import perf_counter

from c1222.capture.decode import decode_files
from c1222.capture.remark import CaptureRemark
from c1222.pcap.writer import PcapngWriter
from c1222.security.keys import Key, KeyRing

SEED = 1222
GOAL_MB = 300
FLOWS = 400
KEY_ID = 2
KEY = bytes.fromhex("01020304050607080102030405060708")
CIPHER = Key(KEY).cipher
ROOT = bytes.fromhex("607c86f754011600")
SEGMENT = 1460
LOST, REPEATED, SWAPPED = 0.001, 0.002, 0.002
START_NS = 1_700_000_000_000_000_000

Segment = tuple[bool, int, int, bytes]
"""To the meter or from it, sequence number, acknowledgement, octets."""


def tlv(tag: int, content: bytes) -> bytes:
    """An element: X.690."""
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def arcs(*numbers: int) -> bytes:
    """Base-128 content of a relative title, for numbers below 2 ** 14."""
    return b"".join(bytes([n]) if n < 0x80 else bytes([0x80 | n >> 7, n & 0x7F]) for n in numbers)


def table_data(data: bytes) -> bytes:
    """Count, data, checksum."""
    return pack("!H", len(data)) + data + bytes([-sum(data) & 0xFF])


class Peer:
    """One connection between the head end and a meter."""

    def __init__(self, number: int, random: Random) -> None:
        self.number = number
        self.random = random
        self.title, self.head_end = arcs(123, 1 + number % 16_000), arcs(123, 4)
        self.id = random.randrange(1 << 24, 1 << 30)
        self.port = 10_000 + number % 50_000
        self.meter = bytes([10, 1 + number // 65_536 % 250, number // 256 % 256, number % 256])
        self.sent = [random.randrange(1 << 32), random.randrange(1 << 32)]

    def message(self, services: bytes, mode: int, seconds: int, *, answers: int | None = None) -> bytes:
        """An APDU; `answers` is the id of the request."""
        asks = answers is None
        called, calling = (self.title, self.head_end) if asks else (self.head_end, self.title)
        self.id += asks
        ours = tlv(0xA8, tlv(0x02, (self.id if asks else self.id ^ 0x40_0000).to_bytes(4, "big")))
        a4 = b"" if answers is None else tlv(0xA4, tlv(0x02, answers.to_bytes(4, "big")))
        if mode == 0:
            be = tlv(0xBE, tlv(0x28, tlv(0x81, b"\x80" + services)))
            return tlv(0x60, tlv(0xA2, tlv(0x80, called)) + a4 + tlv(0xA6, tlv(0x80, calling)) + ours + be)
        iv = seconds.to_bytes(4, "big")
        ac = bytes.fromhex("ac0f a20d a00b a109 8001 02 8104") + iv
        be = tlv(0xBE, tlv(0x28, tlv(0x81, bytes([0x80 | mode << 2]) + services + bytes(4))))
        head = be[: -len(services) - 4]
        n = tlv(0xA2, tlv(0x06, ROOT + called)) + a4 + ours + ac + head
        n += tlv(0xA6, tlv(0x06, ROOT + calling)) + bytes([KEY_ID]) + iv
        if mode == 2:
            services, mac = CIPHER.seal(n, services)
        else:
            mac = CIPHER.authenticate(n + services)
        elements = tlv(0xA2, tlv(0x80, called)) + a4 + tlv(0xA6, tlv(0x80, calling)) + ours + ac
        return tlv(0x60, elements + head + services + mac)


def exchange(peer: Peer, pool: bytes, seconds: int) -> Iterator[tuple[bool, bytes]]:
    """A request and its answer."""
    random = peer.random
    kind = random.random()
    mode = random.choices((0, 1, 2), (5, 1, 4))[0]
    table = random.choice((1, 5, 23, 27, 52, 55, 61, 62))
    size = random.randrange(8, 200) if kind < 0.85 else random.randrange(800, 4000)
    if kind > 0.99:
        size = random.randrange(20_000, 60_000)
    at = random.randrange(len(pool) - size)
    data = pool[at : at + size]
    if kind < 0.5:
        service = pack("!BH", 0x30, table)
    elif kind < 0.95:
        service = pack("!BH", 0x3F, table) + random.randrange(1 << 16).to_bytes(3, "big") + pack("!H", size)
    else:
        service = pack("!BH", 0x40, table) + table_data(data)
        data = b""
    security = b"" if mode == 0 else b"\x17\x51" + b"0" * 20 + b"\x00\x02"
    answered = b"\x00" if service[0] == 0x40 else b"\x00" + table_data(data)
    yield True, peer.message(security + ber(service), mode, seconds)
    yield False, peer.message((b"\x01\x00" if security else b"") + ber(answered), mode, seconds, answers=peer.id)


def ber(service: bytes) -> bytes:
    return tlv(0, service)[1:]


def frame(peer: Peer, segment: Segment, identification: int) -> bytes:
    """Ethernet, IPv4, TCP; checksums are left to the network card."""
    to_meter, sequence, ack, data = segment
    head_end = b"\x0a\x00\x00\x01"
    source, destination = (head_end, peer.meter) if to_meter else (peer.meter, head_end)
    ports = (peer.port, 1153) if to_meter else (1153, peer.port)
    tcp = pack("!HHIIBBHHH", *ports, sequence & 0xFFFF_FFFF, ack & 0xFFFF_FFFF, 0x50, 0x18, 8192, 0, 0)
    ip = pack("!BBHHHBBH", 0x45, 0, 40 + len(data), identification & 0xFFFF, 0x4000, 64, 6, 0)
    return b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0" + ip + source + destination + tcp + data


def traffic(random: Random) -> Iterator[bytes]:
    """Frames without end."""
    pool = random.randbytes(1 << 20)
    peers = [Peer(number, random) for number in range(FLOWS)]
    born, identification, seconds = FLOWS, 0, START_NS // 1_000_000_000
    while True:
        which = random.randrange(FLOWS)
        if random.random() < 0.002:
            peers[which] = Peer(born, random)
            born += 1
        peer = peers[which]
        identification += 1
        seconds += identification % 50 == 0
        segments: list[Segment] = []
        for to_meter, octets in exchange(peer, pool, seconds):
            way = not to_meter
            for at in range(0, len(octets), SEGMENT):
                piece = octets[at : at + SEGMENT]
                segments.append((to_meter, peer.sent[way], peer.sent[1 - way], piece))
                peer.sent[way] += len(piece)
        index = 0
        while index < len(segments):
            luck = random.random()
            if luck < SWAPPED and index + 1 < len(segments) and segments[index][0] == segments[index + 1][0]:
                segments[index : index + 2] = segments[index + 1], segments[index]
            if luck < 1 - LOST:
                yield frame(peer, segments[index], identification)
            if SWAPPED < luck < SWAPPED + REPEATED:
                yield frame(peer, segments[index], identification)
            index += 1


def hostile(random: Random) -> Iterator[bytes]:
    """Frames without end that want memory."""
    number = 0
    while True:
        number += 1
        peer = Peer(number, random)
        request = peer.message(b"\x03\x30\x00\x01", 0, 0)
        kind = number % 7
        if kind == 0:
            # Half a message of the largest size that is waited for.
            octets = bytes.fromhex("60 83 00 ff f0 a2 05 80 03 7b c1 75") + random.randbytes(SEGMENT - 12)
        elif kind == 1:
            octets = request  # nobody answers
        elif kind == 2:
            octets = bytes.fromhex("60 84 ff ff ff ff a2 05") + random.randbytes(1000)
        elif kind == 3:
            # The first segment of a message of 64 KiB.
            be = tlv(0xBE, tlv(0x28, bytes.fromhex("02 01 00") + tlv(0x81, random.randbytes(1000))))
            head = bytes.fromhex("a2 05 80 03 7b c1 75 a3 05 02 03 00 ff f0") + tlv(0xA6, tlv(0x80, peer.title))
            octets = tlv(0x60, head + bytes.fromhex("a8 03 02 01 03") + be)
        elif kind == 4:
            octets = b"\x60" * SEGMENT
        elif kind == 5:
            # Elements in elements, each claiming all that follows.
            octets = tlv(0x60, b"".join(pack("!BBH", 0xAC, 0x82, 1400 - 4 * at) for at in range(350)))
        else:
            # Nobody answers, and it is large.
            octets = peer.message(ber(pack("!BH", 0x40, 1) + table_data(bytes(60_000))), 0, 0)
        for at in range(0, len(octets), SEGMENT):
            yield frame(peer, (True, peer.sent[0] + at, peer.sent[1], octets[at : at + SEGMENT]), number)
        if kind == 0:
            # One octet is missing, what follows waits for it.
            yield frame(peer, (True, peer.sent[0] + len(octets) + 1, peer.sent[1], random.randbytes(SEGMENT)), number)


def write(path: Path, octets: int, frames: Iterator[bytes]) -> int:
    """Write frames until the file has so many octets; returns the number of packets."""
    time_ns, packets = START_NS, 0
    with path.open("wb", buffering=1 << 20) as stream:
        writer = PcapngWriter(stream)
        writer.add_interface(1)
        for data in frames:
            writer.write(data, time_ns=time_ns)
            time_ns += 400_000
            packets += 1
            if stream.tell() >= octets:
                break
    return packets


def peak_mb() -> float:
    """The most memory that this process ever took, in megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6


def decode(path: Path) -> int:
    ring = KeyRing()
    ring.add(KEY_ID, Key(KEY))
    states: Counter[str] = Counter()
    remarks: Counter[str] = Counter()
    before, start = peak_mb(), perf_counter()
    for found in decode_files([str(path)], ring):
        if isinstance(found, CaptureRemark):
            remarks[found.code] += 1
            continue
        for message in (found.request, found.response):
            if message is not None:
                states[message.state] += 1
                remarks.update(remark.code for remark in message.remarks)
    took, peak = perf_counter() - start, peak_mb()
    size = path.stat().st_size / 1e6
    print(f"{size:.0f} MB, {states.total()} messages in {took:.1f} s: {states.total() / took:.0f} messages/s,", end=" ")
    print(f"{size / took:.1f} MB/s")
    print(f"states: {dict(states.most_common())}")
    print(f"remarks: {dict(remarks.most_common())}")
    print(f"peak memory {peak:.0f} MB ({before:.0f} MB before), goal below {GOAL_MB} MB", end=": ")
    print("met" if peak < GOAL_MB else "NOT MET")
    return 0 if peak < GOAL_MB else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--octets", type=int, default=1_000_000_000, help="size of the file (default 1 GB)")
    parser.add_argument("--hostile", action="store_true", help="what is meant to take memory")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--path", type=Path, help="where to write it, and keep it; else a temporary file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.path or Path(folder) / "big.pcapng"
        start = perf_counter()
        random = Random(options.seed)
        packets = write(path, options.octets, hostile(random) if options.hostile else traffic(random))
        print(f"{packets} packets generated in {perf_counter() - start:.1f} s", flush=True)
        return decode(path)


if __name__ == "__main__":
    sys.exit(main())
