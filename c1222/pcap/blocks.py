"""What is inside the blocks of a pcapng file (draft-ietf-opsawg-pcapng; "pcapng specification" below).

The functions take octets that were read and give values. A block runs from its type to its trailing length.
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final, Literal, NamedTuple

from c1222.pcap.packet import Direction

__all__ = [
    "BYTE_ORDERS",
    "ENHANCED_PACKET",
    "INTERFACE_DESCRIPTION",
    "LEAST_BLOCK",
    "LEAST_OF_KIND",
    "OBSOLETE_PACKET",
    "PACKET_BODY",
    "SECTION_HEADER",
    "SIMPLE_PACKET",
    "ByteOrder",
    "Interface",
    "direction_of",
    "interface_of",
    "options",
]

ByteOrder = Literal["<", ">"]

SECTION_HEADER: Final = 0x0A0D0D0A
INTERFACE_DESCRIPTION: Final = 1
OBSOLETE_PACKET: Final = 2
SIMPLE_PACKET: Final = 3
ENHANCED_PACKET: Final = 6

LEAST_BLOCK: Final = 12
"""Octets of the shortest block: type, length, length again."""

LEAST_OF_KIND: Final = {
    SECTION_HEADER: 28,
    INTERFACE_DESCRIPTION: 20,
    OBSOLETE_PACKET: 32,
    SIMPLE_PACKET: 16,
    ENHANCED_PACKET: 32,
}
"""Octets of the shortest block of the types that are read; of all others it is LEAST_BLOCK."""

BYTE_ORDERS: Final[dict[bytes, ByteOrder]] = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
"""Byte-order magic of a section header block, as it lies in the file -> prefix for struct."""

PACKET_BODY: Final = 28
"""Octets before the data of enhanced and obsolete packet blocks."""

_INTERFACE_BODY: Final = 16
_END_OF_OPTIONS: Final = 0
_IF_TSRESOL: Final = 9
_IF_TSOFFSET: Final = 14
_EPB_FLAGS: Final = 2
_FLAGS_OPTION: Final = 8
_DIRECTIONS: Final[tuple[Direction | None, ...]] = (None, "in", "out", None)
_NS: Final = 1_000_000_000


class Interface(NamedTuple):
    """What an interface description block says of the packets that name it.

    linktype: LINKTYPE_ value. snaplen: octets kept of a packet, 0 for no limit.
    A time of t units is t * multiplier // divisor + shift_ns nanoseconds since 1970-01-01 UTC.
    """

    linktype: int
    snaplen: int
    multiplier: int
    divisor: int
    shift_ns: int


def options(buffer: bytes, at: int, end: int, order: ByteOrder) -> Iterator[tuple[int, bytes]]:
    """Code and value of each option in buffer[at:end], up to the end-of-options option.

    end: where the block's trailing length begins.
    Raises ValueError where an option reaches beyond the block (pcapng specification, section Options).
    """
    head = Struct(order + "HH")
    while at + 4 <= end:
        code, size = head.unpack_from(buffer, at)
        if code == _END_OF_OPTIONS:
            return
        at += 4
        if at + size > end:
            raise ValueError(f"option {code} claims {size} octets, {end - at} are left in its block")
        yield code, buffer[at : at + size]
        at += (size + 3) & ~3


def interface_of(block: bytes, order: ByteOrder) -> tuple[Interface, str]:
    """The interface of an interface description block of at least 20 octets, and what was wrong with its options.

    if_tsresol: a power of ten, or of two with the highest bit set; microseconds without it.
    if_tsoffset: seconds, signed.
    """
    linktype, snaplen = Struct(order + "8xHxxI").unpack_from(block)
    multiplier, divisor, shift_ns, wrong = 1000, 1, 0, ""
    try:
        for code, value in options(block, _INTERFACE_BODY, len(block) - 4, order):
            if code == _IF_TSRESOL and len(value) == 1:
                multiplier, divisor = _resolution(value[0])
            elif code == _IF_TSOFFSET and len(value) == 8:
                shift_ns = Struct(order + "q").unpack(value)[0] * _NS
    except ValueError as error:
        wrong = str(error)
    return Interface(linktype, snaplen, multiplier, divisor, shift_ns), wrong


def _resolution(value: int) -> tuple[int, int]:
    """Nanoseconds of one time unit, as multiplier and divisor."""
    if value & 0x80:
        return _NS, 1 << (value & 0x7F)
    return (10 ** (9 - value), 1) if value <= 9 else (1, int(10 ** (value - 9)))


def direction_of(buffer: bytes, at: int, end: int, order: ByteOrder) -> tuple[Direction | None, str]:
    """Direction from the options of a packet block, which lie in buffer[at:end], and what was wrong with them.

    The two lowest bits of epb_flags: 1 is inbound, 2 outbound.
    """
    if end - at >= _FLAGS_OPTION:  # most often the flags are the only option
        code, size, flags = Struct(order + "HHI").unpack_from(buffer, at)
        if code == _EPB_FLAGS and size == 4:
            return _DIRECTIONS[flags & 3], ""
    try:
        for code, value in options(buffer, at, end, order):
            if code == _EPB_FLAGS and len(value) == 4:
                return _DIRECTIONS[Struct(order + "I").unpack(value)[0] & 3], ""
    except ValueError as error:
        return None, str(error)
    return None, ""
