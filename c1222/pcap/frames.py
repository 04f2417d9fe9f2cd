"""Link layers: where in a captured packet the IP packet begins.

LINKTYPE_ values and their headers: https://www.tcpdump.org/linktypes.html.
"""

from collections.abc import Callable
from typing import Final

__all__ = ["CUT", "ETHERNET", "LINK_LAYERS", "NOT_IP", "USER0", "ethernet"]

NOT_IP: Final = -1
"""The packet is whole so far and carries something other than IP (ARP, for example)."""

CUT: Final = -2
"""The capture ends inside the link layer's header."""

LinkLayer = Callable[[bytes], int]
"""Octets before the IP header, or NOT_IP, or CUT."""

ETHERNET: Final = 1
USER0: Final = 147
"""LINKTYPE_USER0, for private use: octets of a serial line, as traces of c1222 keep them. No IP."""

_ETHERTYPES_IP: Final = frozenset({b"\x08\x00", b"\x86\xdd"})
_ETHERTYPES_VLAN: Final = frozenset({b"\x81\x00", b"\x88\xa8", b"\x91\x00"})  # 802.1Q, 802.1ad, QinQ before 802.1ad
_FAMILIES_IP: Final = frozenset({2, 10, 24, 28, 30})  # AF_INET; AF_INET6 of Linux, NetBSD, FreeBSD, macOS


def _after_ethertype(data: bytes, at: int) -> int:
    """Where IP begins, if the Ethernet type at `at` (or behind VLAN tags there, of any number) is that of IP."""
    while True:
        ethertype = data[at : at + 2]
        if ethertype in _ETHERTYPES_IP:
            return at + 2
        if len(ethertype) < 2:
            return CUT
        if ethertype not in _ETHERTYPES_VLAN:
            return NOT_IP
        at += 4


def ethernet(data: bytes) -> int:
    """LINKTYPE_ETHERNET, with any VLAN tags."""
    return _after_ethertype(data, 12)


def _linux_cooked(data: bytes) -> int:
    """LINKTYPE_LINUX_SLL: a header of 16 octets that ends with the Ethernet type."""
    return _after_ethertype(data, 14)


def _linux_cooked_2(data: bytes) -> int:
    """LINKTYPE_LINUX_SLL2: a header of 20 octets that begins with the Ethernet type; VLAN tags follow the header."""
    ethertype = data[:2]
    if ethertype in _ETHERTYPES_IP:
        return 20 if len(data) >= 20 else CUT
    if ethertype in _ETHERTYPES_VLAN:
        return _after_ethertype(data, 22)
    return NOT_IP if len(ethertype) == 2 else CUT


def _raw(data: bytes) -> int:
    """LINKTYPE_RAW, _IPV4, _IPV6 and the DLT_RAW values 12 and 14 that some systems write: IP at once."""
    return 0 if data else CUT


def _loopback(data: bytes) -> int:
    """LINKTYPE_NULL and _LOOP: the address family in 4 octets, in the byte order of whoever captured."""
    if len(data) < 4:
        return CUT
    family = min(int.from_bytes(data[:4], "little"), int.from_bytes(data[:4], "big"))
    return 4 if family in _FAMILIES_IP else NOT_IP


LINK_LAYERS: Final[dict[int, LinkLayer]] = {
    0: _loopback,
    ETHERNET: ethernet,
    12: _raw,
    14: _raw,
    101: _raw,
    108: _loopback,
    113: _linux_cooked,
    228: _raw,
    229: _raw,
    276: _linux_cooked_2,
}
"""LINKTYPE_ value -> its link layer. What is not in here does not carry IP as far as this reader knows."""
