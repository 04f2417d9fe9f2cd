"""Octets for the tests of c1222.pcap, built from the RFCs and the format drafts; nothing of c1222 is used."""

import io
from struct import pack

from c1222.pcap.delivery import Chunk, Datagram
from c1222.pcap.limits import DEFAULT_LIMITS, Limits
from c1222.pcap.packet import Packet
from c1222.pcap.reader import open_capture
from c1222.pcap.remark import Remark
from c1222.pcap.stack import payloads

CLIENT = bytes([192, 0, 2, 1])
METER = bytes([198, 51, 100, 7])
CLIENT6 = bytes.fromhex("20010db8 0000 0000 0000 0000 0000 0001")
METER6 = bytes.fromhex("20010db8 0000 0000 0000 0000 0000 0abc")

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def tcp(
    data: bytes = b"",
    *,
    sequence: int = 0,
    ack: int | None = 1,
    flags: int = PSH,
    ports: tuple[int, int] = (40000, 1153),
    options: bytes = b"",
) -> bytes:
    """A segment: RFC 9293, section 3.1. ack None leaves out the ACK flag."""
    words = (20 + len(options)) // 4
    flags |= 0 if ack is None else ACK
    head = pack("!HHIIBBHHH", *ports, sequence % 2**32, (ack or 0) % 2**32, words << 4, flags, 8192, 0, 0)
    return head + options + data


def udp(data: bytes, *, ports: tuple[int, int] = (40000, 1153), length: int | None = None) -> bytes:
    """A datagram: RFC 768."""
    return pack("!HHHH", *ports, 8 + len(data) if length is None else length, 0) + data


def ipv4(
    payload: bytes,
    protocol: int,
    *,
    source: bytes = CLIENT,
    destination: bytes = METER,
    options: bytes = b"",
    fragment: int = 0,
    identification: int = 7,
    total: int | None = None,
) -> bytes:
    """A packet: RFC 791, section 3.1."""
    header = 20 + len(options)
    total = header + len(payload) if total is None else total
    start = pack("!BBHHHBBH", 0x40 | header // 4, 0, total, identification, fragment, 64, protocol, 0)
    return start + source + destination + options + payload


def ipv6(
    payload: bytes,
    next_header: int,
    *,
    source: bytes = CLIENT6,
    destination: bytes = METER6,
    length: int | None = None,
) -> bytes:
    """A packet: RFC 8200, section 3."""
    length = len(payload) if length is None else length
    return pack("!IHBB", 6 << 28, length, next_header, 64) + source + destination + payload


def ethernet(packet: bytes, ethertype: int | None = None, vlans: bytes = b"") -> bytes:
    if ethertype is None:
        ethertype = 0x86DD if packet[:1] >= b"\x60" else 0x0800
    return bytes(12) + vlans + pack("!H", ethertype) + packet


def pcap(
    frames: list[bytes],
    *,
    linktype: int = 1,
    order: str = "<",
    magic: int = 0xA1B2C3D4,
    snaplen: int = 65535,
    extra: bytes = b"",
) -> bytes:
    """A pcap file; packet n (from 0) at 1700000000 + n seconds and n fractions. `extra` ends every record header."""
    out = [pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, linktype)]
    for n, frame in enumerate(frames):
        out += [pack(order + "IIII", 1_700_000_000 + n, n, len(frame), len(frame)), extra, frame]
    return b"".join(out)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def block(kind: int, body: bytes, *, order: str = "<", length: int | None = None, trailing: int | None = None) -> bytes:
    """A pcapng block; the body is padded to 4 octets."""
    body += bytes(-len(body) % 4)
    length = 12 + len(body) if length is None else length
    trailing = length if trailing is None else trailing
    return pack(order + "II", kind, length) + body + pack(order + "I", trailing)


def section(order: str = "<", *, major: int = 1, **lengths: int) -> bytes:
    return block(0x0A0D0D0A, pack(order + "IHHq", 0x1A2B3C4D, major, 0, -1), order=order, **lengths)


def interface(linktype: int = 1, *, snaplen: int = 0, options: bytes = b"", order: str = "<") -> bytes:
    return block(1, pack(order + "HHI", linktype, 0, snaplen) + options, order=order)


def enhanced(
    data: bytes,
    *,
    units: int = 0,
    interface: int = 0,
    options: bytes = b"",
    order: str = "<",
    captured: int | None = None,
    original: int | None = None,
    **lengths: int,
) -> bytes:
    captured = len(data) if captured is None else captured
    original = len(data) if original is None else original
    body = pack(order + "IIIII", interface, units >> 32, units % 2**32, captured, original)
    return block(6, body + data + bytes(-len(data) % 4) + options, order=order, **lengths)


def simple(data: bytes, *, original: int | None = None, order: str = "<") -> bytes:
    return block(3, pack(order + "I", len(data) if original is None else original) + data, order=order)


def read(octets: bytes, limits: Limits = DEFAULT_LIMITS) -> tuple[list[Packet], list[Remark]]:
    """Packets and remarks of a capture file."""
    remarks: list[Remark] = []
    return list(open_capture(io.BytesIO(octets), on_remark=remarks.append, limits=limits)), remarks


def packets_of(frames: list[bytes], linktype: int = 1, seconds: int = 0) -> list[Packet]:
    """Packets as a reader gives them, `seconds` apart."""
    return [
        Packet(n, n * seconds * 10**9, frame, len(frame), linktype, 0, 0, None) for n, frame in enumerate(frames, 1)
    ]


def deliver(
    packets: list[Packet], *, ports: frozenset[int] | None = None, limits: Limits = DEFAULT_LIMITS
) -> tuple[list[Chunk | Datagram], list[str]]:
    """What the packets carry, and the codes of the remarks."""
    remarks: list[Remark] = []
    found = list(payloads(packets, ports=ports, on_remark=remarks.append, limits=limits))
    assert not any(isinstance(one, Packet) for one in found)
    return found, [remark.code for remark in remarks]  # type: ignore[return-value]


def segments(*parts: bytes, **limits: int) -> tuple[list[Chunk], list[str]]:
    """What TCP segments give: `parts` as from `tcp`, client to meter where the second port is 1153, else back."""
    frames = []
    for part in parts:
        there = part[2:4] == pack("!H", 1153)
        frames.append(
            ethernet(ipv4(part, 6, source=CLIENT if there else METER, destination=METER if there else CLIENT))
        )
    found, codes = deliver(packets_of(frames), limits=Limits(**limits))
    return found, codes  # type: ignore[return-value]


def answer(data: bytes = b"", **fields: int | None) -> bytes:
    """A segment from the meter to the client."""
    return tcp(data, ports=(1153, 40000), **fields)  # type: ignore[arg-type]
