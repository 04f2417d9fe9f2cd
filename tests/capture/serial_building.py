"""Octets of serial lines for the tests, typed from the protocol reference, and ways to record them.

8.1 to 8.4 are recorded packets of a GE I-210+c (docs/sources.md, GE), CRCs too. What is built here is built from the
reference, section 1.1 and 1.2, and nothing of c1222 is used.
"""

from collections.abc import Iterable
from pathlib import Path
from struct import pack

from capture_building import decoded_file

from c1222.capture.pairing import Exchange
from c1222.capture.remark import CaptureRemark

ACK, NAK = b"\x06", b"\x15"


def crc(octets: bytes) -> bytes:
    """CRC-16/X-25, bit by bit, low octet first."""
    value = 0xFFFF
    for octet in octets:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
    return (value ^ 0xFFFF).to_bytes(2, "little")


def packet(data: str | bytes, toggle: int = 0, *, control: int = 0, left: int = 0, identity: int = 0) -> bytes:
    """A packet. control: bits beside the toggle; left: packets still to come."""
    data = bytes.fromhex(data) if isinstance(data, str) else data
    head = bytes([0xEE, identity, control | toggle << 5, left]) + len(data).to_bytes(2, "big")
    return head + data + crc(head + data)


def in_several(data: bytes, room: int, toggle: int = 0) -> list[bytes]:
    """A message in packets of at most `room` octets: 1.6, point 2."""
    parts = [data[at : at + room] for at in range(0, len(data), room)]
    return [
        packet(part, (toggle + n) % 2, control=0x80 | (0x40 if n == 0 else 0), left=len(parts) - 1 - n)
        for n, part in enumerate(parts)
    ]


IDENTIFY = bytes.fromhex("EE00000000012013 10")
IDENTITY = bytes.fromhex("EE0020000005000001 0000FF42")
NEGOTIATE = bytes.fromhex("EE00200000056101000106 81D2")
NEGOTIATED = bytes.fromhex("EE00000000050001000106 4F8F")
LOGON = bytes.fromhex("EE000000000D50000030303030202020202020 7635")
LOGGED_ON = bytes.fromhex("EE0020000001 00 8051")
SECURITY = bytes.fromhex("EE0020000015 51" + "00" * 10 + "20" * 10 + "7047")
REFUSED = bytes.fromhex("EE0000000001 01 9820")
READ_1 = bytes.fromhex("EE0020000003 300001 D66E")
ST_1 = bytes.fromhex(
    "EE0020000024 00 0020 47452020 493231302B632020 0109 0200 30303030303030312020202020202020 FD 844B"
)

WALK = [
    (IDENTIFY, IDENTITY),
    (NEGOTIATE, NEGOTIATED),
    (LOGON, LOGGED_ON),
    (SECURITY, REFUSED),
    (READ_1, ST_1),
]
"""The walk-through 8.1 to 8.4: requests and answers."""
SERVICES = ["20", "6101000106", "50000030303030202020202020", "51" + "00" * 10 + "20" * 10, "300001"]
ANSWERS = ["0000010000", "0001000106", "00", "01", ST_1[6:-2].hex()]

Said = tuple[str, bytes]
"""Which way ("out", "in", "" where nobody says), and octets."""


def talk(pairs: Iterable[tuple[bytes, bytes]]) -> list[Said]:
    """Requests and answers with their ACKs, as the side that asks writes and reads them."""
    said: list[Said] = []
    for request, answer in pairs:
        said += [("out", request), ("in", ACK), ("in", answer), ("out", ACK)]
    return said


def block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    return pack("<II", kind, 12 + len(body)) + body + pack("<I", 12 + len(body))


def start(*, linktype: int = 147, interfaces: int = 1) -> bytes:
    """What a pcapng file begins with: the format draft, sections 4.1 and 4.2."""
    section = block(0x0A0D0D0A, pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    return section + block(1, pack("<HHI", linktype, 0, 0)) * interfaces


def record(way: str, octets: bytes, number: int = 0, *, interface: int = 0) -> bytes:
    """A packet: section 4.3, flags 1 in, 2 out."""
    head = pack("<IIIII", interface, 0x6516D, number, len(octets), len(octets))
    options = pack("<HHIHH", 2, 4, {"in": 1, "out": 2}[way], 0, 0) if way else b""
    return block(6, head + octets + bytes(-len(octets) % 4) + options)


def trace(said: Iterable[Said], *, linktype: int = 147) -> bytes:
    """A pcapng file, a packet for each."""
    records = [record(way, octets, number) for number, (way, octets) in enumerate(said)]
    return start(linktype=linktype) + b"".join(records)


def decoded_octets(octets: bytes, folder: Path, **options: object) -> tuple[list[Exchange], list[CaptureRemark]]:
    path = folder / "recording"
    path.write_bytes(octets)
    return decoded_file(path, **options)


def decoded(said: Iterable[Said], folder: Path, **options: object) -> tuple[list[Exchange], list[CaptureRemark]]:
    """What is decoded of a trace."""
    return decoded_octets(trace(said), folder, **options)


def pairs_of(exchanges: Iterable[Exchange]) -> list[tuple[str | None, str | None]]:
    """Requests and answers as hex."""
    return [
        (each.request and each.request.octets.hex(), each.response and each.response.octets.hex())  # type: ignore[misc]
        for each in exchanges
    ]


WALK_PAIRS = list(zip(SERVICES, ANSWERS, strict=True))


def codes(remarks: Iterable[CaptureRemark]) -> list[str]:
    return [remark.code for remark in remarks]
