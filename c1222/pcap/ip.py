"""IPv4 (RFC 791) and IPv6 (RFC 8200): from a captured packet to the octets of the transport layer.

Header checksums are not verified: network cards compute them after the capture, so they are often wrong in what a
machine captured of itself.
"""

from struct import Struct
from typing import Final, NamedTuple

from c1222.pcap.fragments import Fragments
from c1222.pcap.limits import Limits
from c1222.pcap.remark import OnRemark, Remark

__all__ = ["TCP", "UDP", "Internet", "IpPayload", "wanted"]

TCP: Final = 6
UDP: Final = 17

_HOP_BY_HOP: Final = 0
_FRAGMENT: Final = 44
_AUTHENTICATION: Final = 51
_EXTENSIONS: Final = frozenset({_HOP_BY_HOP, 43, 60, 135, 139, 140})
"""Headers whose second octet is their length in units of 8 octets, the first 8 not counted (RFC 6564): hop-by-hop
options, routing, destination options, mobility, host identity, shim6."""

_IPV4 = Struct("!BxHHHxB2x8s")
_IPV6 = Struct("!4xHBx32s")
_PORTS = Struct("!HH")
_FRAGMENT_HEADER = Struct("!BxHI")


class IpPayload(NamedTuple):
    """What IP carried: data[start:stop].

    protocol: TCP or UDP. addresses: source and destination, as they lie on the wire (8 or 32 octets).
    missing: octets behind data[stop] that were on the wire and are not in the capture.
    """

    protocol: int
    addresses: bytes
    data: bytes
    start: int
    stop: int
    missing: int


def wanted(ports: frozenset[int] | None, data: bytes, at: int) -> bool:
    """Whether one of the two ports at data[at] is in `ports` (None: all are); no, if they are cut off."""
    if ports is None:
        return True
    if len(data) < at + 4:
        return False
    source, destination = _PORTS.unpack_from(data, at)
    return source in ports or destination in ports


class Internet:
    """Reads IP packets and keeps fragments until their datagram is complete."""

    def __init__(self, ports: frozenset[int] | None, on_remark: OnRemark, limits: Limits) -> None:
        self._ports = ports
        self._on_remark = on_remark
        self._fragments = Fragments(on_remark, limits)

    def read(self, data: bytes, at: int, number: int, time_ns: int | None, original: int) -> IpPayload | None:
        """The TCP or UDP octets of the IP packet at data[at] if they are complete and a wanted port is in them.

        number, time_ns: of the packet. original: octets of the packet on the wire, link layer included.
        """
        version = data[at] >> 4 if at < len(data) else None
        if version == 4:
            return self._ipv4(data, at, number, time_ns, original)
        if version == 6:
            return self._ipv6(data, at, number, time_ns, original)
        self._header(number, "no IP header" if version is None else f"IP version {version}", original > len(data))
        return None

    def finish(self) -> None:
        """The capture is over: say which fragments are missing."""
        self._fragments.finish()

    def _ipv4(self, data: bytes, at: int, number: int, time_ns: int | None, original: int) -> IpPayload | None:
        if len(data) < at + 20:
            self._header(number, "an IPv4 header is cut short", original > len(data))
            return None
        first, total, identification, fragment, protocol, addresses = _IPV4.unpack_from(data, at)
        start = at + (first & 0x0F) * 4
        stop = at + total if total else max(len(data), start)  # 0: segmentation was left to the network card
        if start < at + 20 or stop < start:
            self._header(number, f"IPv4 header of {start - at} octets in a packet of {total}", False)
            return None
        if protocol not in (TCP, UDP):
            return None
        place, more = (fragment & 0x1FFF) * 8, bool(fragment & 0x2000)
        if not place and not more:
            return self._whole(protocol, addresses, data, start, stop, number, original)
        key = (addresses, protocol, identification)
        joined = self._fragment(key, protocol, place, more, data, start, stop, number, time_ns, original)
        if joined is None:
            return None
        return self._whole(protocol, addresses, joined[1], 0, len(joined[1]), number, 0)

    def _ipv6(self, data: bytes, at: int, number: int, time_ns: int | None, original: int) -> IpPayload | None:
        if len(data) < at + 40:
            self._header(number, "an IPv6 header is cut short", original > len(data))
            return None
        length, protocol, addresses = _IPV6.unpack_from(data, at)
        start = at + 40
        stop = start + length if length else len(data)  # 0: jumbogram, or left to the network card
        while protocol in _EXTENSIONS or protocol in (_AUTHENTICATION, _FRAGMENT):
            if start + 8 > min(stop, len(data)):
                self._header(number, "an IPv6 extension header is cut short", original > len(data))
                return None
            if protocol != _FRAGMENT:
                size = (data[start + 1] + 2) * 4 if protocol == _AUTHENTICATION else (data[start + 1] + 1) * 8
                protocol, start = data[start], start + size
                continue
            protocol, word, identification = _FRAGMENT_HEADER.unpack_from(data, start)
            start += 8
            place, more = word & 0xFFF8, bool(word & 1)
            if not place and not more:  # an atomic fragment is a whole packet (RFC 6946)
                continue
            key = (addresses, 0, identification)
            joined = self._fragment(key, protocol, place, more, data, start, stop, number, time_ns, original)
            if joined is None:
                return None
            protocol, data = joined
            start, stop, original = 0, len(data), 0
        if protocol not in (TCP, UDP):
            return None
        if start > stop:
            self._header(number, "IPv6 extension headers reach beyond their packet", False)
            return None
        return self._whole(protocol, addresses, data, start, stop, number, original)

    def _whole(
        self, protocol: int, addresses: bytes, data: bytes, start: int, stop: int, number: int, original: int
    ) -> IpPayload | None:
        if min(len(data), stop) < start + 4:
            self._header(number, "no octets for the ports", stop > len(data) and original > len(data))
            return None
        if not wanted(self._ports, data, start):
            return None
        missing = stop - len(data)
        if missing <= 0:
            return IpPayload(protocol, addresses, data, start, stop, 0)
        self._say_cut(number, missing, original > len(data))
        return IpPayload(protocol, addresses, data, start, len(data), missing)

    def _fragment(
        self,
        key: tuple[bytes, int, int],
        protocol: int,
        place: int,
        more: bool,
        data: bytes,
        start: int,
        stop: int,
        number: int,
        time_ns: int | None,
        original: int,
    ) -> tuple[int, bytes] | None:
        """Keep a fragment, data[start:stop]; gives protocol and octets of its datagram if that is complete now."""
        if stop > len(data):
            self._say_cut(number, stop - len(data), original > len(data))
            return None
        joined = self._fragments.add(key, protocol, place, more, data[start:stop], number, time_ns)
        if joined is None and not place and protocol in (TCP, UDP) and not wanted(self._ports, data[:stop], start):
            self._fragments.ignore(key)
        return joined

    def _say_cut(self, number: int, missing: int, by_capture: bool) -> None:
        if by_capture:
            self._on_remark(Remark("packet-cut", f"the capture lacks the last {missing} octets of the packet", number))
        else:
            text = f"the IP packet claims {missing} octets more than its frame carried"
            self._on_remark(Remark("ip-length", text, number))

    def _header(self, number: int, text: str, by_capture: bool) -> None:
        self._on_remark(Remark("packet-cut" if by_capture else "ip-header", text, number))
