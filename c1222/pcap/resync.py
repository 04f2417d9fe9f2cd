"""Finding the next good block of a pcapng file after a damaged one.

pcapng can be picked up again, because every block says its length at both ends and begins at a multiple of four
octets (pcapng specification, section General Block Structure). Two equal lengths around a known type are a strong sign.
"""

import re
from struct import Struct
from typing import Final

from c1222.pcap.blocks import (
    BYTE_ORDERS,
    ENHANCED_PACKET,
    INTERFACE_DESCRIPTION,
    LEAST_BLOCK,
    LEAST_OF_KIND,
    SECTION_HEADER,
    ByteOrder,
)
from c1222.pcap.source import Octets

__all__ = ["seek_block"]

_SOUGHT: Final = (ENHANCED_PACKET, INTERFACE_DESCRIPTION, SECTION_HEADER)


def seek_block(octets: Octets, order: ByteOrder, longest: int) -> bool:
    """Leave the block at hand and move to the next packet, interface or section block that looks whole.

    longest: octets that such a block may have. Returns False if there is none; then the stream is at its end.
    Every step goes forward by at least four octets, and no more than `longest` and one read are held.
    """
    kinds = (Struct(order + "I").pack(kind) for kind in _SOUGHT)
    sought = re.compile(b"|".join(re.escape(kind) for kind in kinds))
    octets.at += 4
    while octets.need(LEAST_BLOCK):
        found = sought.search(octets.buffer, octets.at)
        if found is None:
            octets.at += (octets.left - 8) & ~3  # a type may begin in what is left
            continue
        away = found.start() - octets.at
        octets.at += away & ~3
        if away % 4 == 0 and octets.need(LEAST_BLOCK) and _looks_whole(octets, order, longest):
            return True
        octets.at += 4
    octets.at = len(octets.buffer)
    return False


def _looks_whole(octets: Octets, order: ByteOrder, longest: int) -> bool:
    """Whether the block at hand, of a sought type, has two equal and possible lengths."""
    head = octets.buffer[octets.at : octets.at + LEAST_BLOCK]
    own_order: ByteOrder | None = order
    if int.from_bytes(head[:4], "big") == SECTION_HEADER:
        own_order = BYTE_ORDERS.get(head[8:])
    if own_order is None:
        return False
    kind, length = Struct(own_order + "II").unpack_from(head)
    if length % 4 or not LEAST_OF_KIND[kind] <= length <= longest or not octets.need(length):
        return False
    stop = octets.at + length
    return octets.buffer[stop - 4 : stop] == head[4:8]
