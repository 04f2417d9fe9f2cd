"""IP packets around octets that went over a socket, which does not show its own: for traces that others can dissect.

Addresses, ports, sequence numbers, lengths and checksums are right; what a socket hides (real segments, windows,
options, times to live) is made up in the simplest form. Sources: RFC 791, 8200, 768, 9293, 1071.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from struct import Struct
from sys import byteorder
from typing import Final, Literal, NamedTuple

from c1222.pcap.packet import Direction
from c1222.pcap.stream import SEQUENCE_MASK

__all__ = ["RAW_IP", "Endpoint", "Frame", "TcpFrames", "UdpFrames"]

RAW_IP: Final = 101
"""LINKTYPE_RAW: packets that begin with their IP header, of version 4 or 6."""

_FIN, _SYN, _PSH, _ACK = 0x01, 0x02, 0x08, 0x10
_TCP: Final = 6
_UDP: Final = 17
_HOPS: Final = 64
_DO_NOT_FRAGMENT: Final = 0x4000
_WINDOW: Final = 0xFFFF
_SEGMENT: Final = 1460
"""Octets of one segment, as on Ethernet: the largest that no reader has doubts about."""

_IPV4 = Struct("!BBHHHBBH4s4s")
_IPV6 = Struct("!IHBB16s16s")
_TCP_HEADER = Struct("!HHIIBBHHH")
_UDP_HEADER = Struct("!HHHH")
_PSEUDO_TAIL = Struct("!II")


class Endpoint(NamedTuple):
    """address: IPv4 or IPv6 as text. port: 0..65535."""

    address: str
    port: int


class Frame(NamedTuple):
    """An IP packet. direction: "out" from our end of the conversation."""

    octets: bytes
    direction: Direction


class _Internet:
    """Packets between two ends. Raises ValueError for an address that is none, and for one of IPv4 and one of IPv6."""

    def __init__(self, ours: Endpoint, theirs: Endpoint) -> None:
        self._ends = {"out": (ours, theirs), "in": (theirs, ours)}
        self._addresses = {way: (_packed(a), _packed(b)) for way, (a, b) in self._ends.items()}
        if len({len(address) for address in self._addresses["out"]}) > 1:
            raise ValueError(f"{ours.address} and {theirs.address} do not speak with each other")
        self._count = 0

    def ports(self, way: Direction) -> tuple[int, int]:
        source, destination = self._ends[way]
        return source.port, destination.port

    def checksum(self, way: Direction, protocol: int, payload: bytes) -> int:
        """Of a TCP segment or UDP datagram whose own checksum is 0, with the addresses around it."""
        pseudo = b"".join(self._addresses[way]) + _PSEUDO_TAIL.pack(len(payload), protocol)
        return _checksum(pseudo + payload)

    def packet(self, way: Direction, protocol: int, payload: bytes) -> Frame:
        source, destination = self._addresses[way]
        if len(source) == 16:
            return Frame(_IPV6.pack(6 << 28, len(payload), protocol, _HOPS, source, destination) + payload, way)
        self._count = (self._count + 1) & 0xFFFF
        total = _IPV4.size + len(payload)
        head = [0x45, 0, total, self._count, _DO_NOT_FRAGMENT, _HOPS, protocol, 0, source, destination]
        head[7] = _checksum(_IPV4.pack(*head))
        return Frame(_IPV4.pack(*head) + payload, way)


class UdpFrames:
    """Datagrams between two ends. Raises ValueError as _Internet does."""

    protocol: Literal["udp"] = "udp"

    def __init__(self, ours: Endpoint, theirs: Endpoint) -> None:
        self._internet = _Internet(ours, theirs)

    def begin(self) -> Iterator[Frame]:
        """Nothing is said before the first datagram."""
        return iter(())

    def data(self, octets: bytes, way: Direction) -> Iterator[Frame]:
        """One datagram; octets: at most 65507."""
        ports, length = self._internet.ports(way), _UDP_HEADER.size + len(octets)
        summed = self._internet.checksum(way, _UDP, _UDP_HEADER.pack(*ports, length, 0) + octets)
        # 0 would say that there is no checksum.
        head = _UDP_HEADER.pack(*ports, length, summed or 0xFFFF)
        yield self._internet.packet(way, _UDP, head + octets)

    def end(self) -> Iterator[Frame]:
        return iter(())


class TcpFrames:
    """A TCP connection that our end opens and closes; its sequence numbers begin at 0. Raises ValueError as above."""

    protocol: Literal["tcp"] = "tcp"

    def __init__(self, ours: Endpoint, theirs: Endpoint) -> None:
        self._internet = _Internet(ours, theirs)
        self._next = {"out": 0, "in": 0}
        self._acknowledged = {"out": 0, "in": 0}

    def begin(self) -> Iterator[Frame]:
        """SYN, SYN and ACK, ACK."""
        yield self._segment("out", _SYN)
        yield self._segment("in", _SYN | _ACK)
        yield self._segment("out", _ACK)

    def data(self, octets: bytes, way: Direction) -> Iterator[Frame]:
        """Octets that one end wrote, in as many segments as they need."""
        back: Direction = "in" if way == "out" else "out"
        for at in range(0, len(octets), _SEGMENT):
            if ((self._next[way] - self._acknowledged[way]) & SEQUENCE_MASK) + _SEGMENT > _WINDOW:
                yield self._segment(back, _ACK)
            yield self._segment(way, _PSH | _ACK, octets[at : at + _SEGMENT])

    def end(self) -> Iterator[Frame]:
        """FIN from both ends."""
        yield self._segment("out", _FIN | _ACK)
        yield self._segment("in", _FIN | _ACK)
        yield self._segment("out", _ACK)

    def _segment(self, way: Direction, flags: int, octets: bytes = b"") -> Frame:
        back = "in" if way == "out" else "out"
        acknowledged = self._next[back] if flags & _ACK else 0
        head = [*self._internet.ports(way), self._next[way], acknowledged]
        rest = [_TCP_HEADER.size // 4 << 4, flags, _WINDOW]
        summed = self._internet.checksum(way, _TCP, _TCP_HEADER.pack(*head, *rest, 0, 0) + octets)
        self._next[way] = (self._next[way] + len(octets) + bool(flags & (_SYN | _FIN))) & SEQUENCE_MASK
        self._acknowledged[back] = acknowledged
        return self._internet.packet(way, _TCP, _TCP_HEADER.pack(*head, *rest, summed, 0) + octets)


def _packed(end: Endpoint) -> bytes:
    address: IPv4Address | IPv6Address = ip_address(end.address)
    return address.packed


def _checksum(octets: bytes) -> int:
    """RFC 1071: the ones' complement of the ones' complement sum of 16-bit words; an odd octet is padded with 0."""
    total = sum(memoryview(octets + bytes(len(octets) % 2)).cast("H"))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    # Summed in the machine's own order, the sum is swapped where that is little-endian (RFC 1071, section 2).
    return int.from_bytes((total ^ 0xFFFF).to_bytes(2, byteorder), "big")
