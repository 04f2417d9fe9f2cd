"""pcapng: sections of blocks (draft-ietf-opsawg-pcapng; "pcapng specification" below).

A section header block says the byte order of what follows it, interface description blocks what the packets need to
be understood. Everything else but packets is passed over: statistics, names, secrets, what vendors add.
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final

from c1222.errors import CaptureError
from c1222.pcap.blocks import (
    BYTE_ORDERS,
    ENHANCED_PACKET,
    INTERFACE_DESCRIPTION,
    LEAST_BLOCK,
    LEAST_OF_KIND,
    OBSOLETE_PACKET,
    PACKET_BODY,
    SECTION_HEADER,
    SIMPLE_PACKET,
    ByteOrder,
    Interface,
    direction_of,
    interface_of,
)
from c1222.pcap.limits import Limits
from c1222.pcap.packet import Packet
from c1222.pcap.remark import OnRemark, Remark
from c1222.pcap.resync import seek_block
from c1222.pcap.source import Octets

__all__ = ["NEXTGEN_MAGIC", "read_nextgen"]

NEXTGEN_MAGIC: Final = SECTION_HEADER.to_bytes(4, "big")
"""The first four octets of a pcapng file: the type of a section header block, the same in both byte orders."""

_OPTIONS_SPACE: Final = 1 << 16  # what a packet block found again after damage may have beside its packet


def read_nextgen(octets: Octets, *, on_remark: OnRemark, limits: Limits, file: str) -> Iterator[Packet]:
    """The packets of a pcapng file whose first four octets, NEXTGEN_MAGIC, are at hand.

    A block with an impossible length is left out up to the next block that looks whole; one whose content contradicts
    itself is left out alone. Raises CaptureError if the first section header cannot be used.
    """
    return _NextGen(octets, on_remark, limits, file).packets()


class _NextGen:
    """State of reading: the section we are in, and how many packets there were."""

    def __init__(self, octets: Octets, on_remark: OnRemark, limits: Limits, file: str) -> None:
        self._octets = octets
        self._on_remark = on_remark
        self._limits = limits
        self._file = file
        self._number = 0
        self._order: ByteOrder | None = None  # None before the first section header
        self._interfaces: list[Interface] = []

    def packets(self) -> Iterator[Packet]:
        octets = self._octets
        while octets.need(LEAST_BLOCK):
            if self._order is not None:
                yield from self._plain_packets(self._order)
                if not octets.need(LEAST_BLOCK):
                    break
            packet = self._one_block()
            if packet is not None:
                yield packet
        if self._order is None:
            raise CaptureError("ends inside the first section header", file=self._file, offset=octets.left)
        if octets.left and not octets.failed:
            text = f"the file ends inside a block: {octets.left} octets are left of it"
            self._on_remark(Remark("file-cut", text, offset=octets.offset))

    def _plain_packets(self, order: ByteOrder) -> Iterator[Packet]:
        """Enhanced packets that lie whole in the buffer, fast, up to the first block that is anything else."""
        octets, interfaces, number = self._octets, self._interfaces, self._number
        new, longest, known = tuple.__new__, self._limits.packet_octets, len(self._interfaces)
        body, trailer = Struct(order + "IIIIIII").unpack_from, Struct(order + "I").unpack_from
        buffer, start, at = octets.buffer, octets.start, octets.at
        last = len(buffer) - PACKET_BODY - 4
        while at <= last:
            kind, length, interface, high, low, captured, original = body(buffer, at)
            data = at + PACKET_BODY
            stop = data + ((captured + 3) & ~3)
            after = at + length
            if (
                kind != ENHANCED_PACKET
                or captured > longest
                or interface >= known
                or after > len(buffer)
                or stop + 4 > after
                or length & 3
                or trailer(buffer, after - 4)[0] != length
            ):
                break
            direction = None
            if stop + 4 != after:
                direction, wrong = direction_of(buffer, stop, after - 4, order)
                if wrong:
                    break
            linktype, _, multiplier, divisor, shift_ns = interfaces[interface]
            time_ns = (high << 32 | low) * multiplier // divisor + shift_ns
            number += 1
            packet_data = buffer[data : data + captured]
            yield new(Packet, (number, time_ns, packet_data, original, linktype, start + at, interface, direction))
            at = after
        self._number, octets.at = number, at

    def _one_block(self) -> Packet | None:
        """Take one block, of which at least 12 octets are at hand, or what is damaged up to the next good one."""
        octets, offset = self._octets, self._octets.offset
        order = self._order
        head = octets.buffer[octets.at : octets.at + LEAST_BLOCK]
        if head.startswith(NEXTGEN_MAGIC):
            order = BYTE_ORDERS.get(head[8:])
        if order is None:
            self._lost("block-length", "a section header has no byte-order magic")
            return None
        kind, length = Struct(order + "II").unpack_from(head)
        if length % 4 or not LEAST_OF_KIND.get(kind, LEAST_BLOCK) <= length <= self._limits.block_octets:
            self._lost("block-length", f"a block of type {kind:#x} claims a length of {length} octets")
            return None
        if not octets.need(length):
            text = f"the file ends inside a block of type {kind:#x}: {octets.left} octets of {length}"
            self._lost("file-cut", text)
            return None
        block = octets.buffer[octets.at : octets.at + length]
        if block[-4:] != block[4:8]:
            text = f"a block of type {kind:#x} ends with a length other than {length}, its first"
            if not self._block_after(length, order):
                self._lost("block-length", text)
                return None
            self._on_remark(Remark("block-length-differs", text + ", which fits", offset=offset))
        octets.at += length
        if kind == SECTION_HEADER:
            self._section(block, order, offset)
        elif kind == INTERFACE_DESCRIPTION:
            self._interface(block, order, offset)
        elif kind == SIMPLE_PACKET:
            return self._simple_packet(block, order, offset)
        elif kind in (ENHANCED_PACKET, OBSOLETE_PACKET):
            return self._packet(kind, block, order, offset)
        return None

    def _lost(self, code: str, text: str) -> None:
        """The block at hand is damaged: look for the next one that looks whole, and say so once."""
        octets = self._octets
        offset, quiet = octets.offset, octets.failed
        if self._order is None:
            raise CaptureError(f"the first section header cannot be used: {text}", file=self._file, offset=offset)
        if seek_block(octets, self._order, self._limits.packet_octets + _OPTIONS_SPACE):
            text += f"; {octets.offset - offset} octets were left out up to the next whole block"
        elif quiet:
            return
        else:
            text += f"; the last {octets.offset - offset} octets were left out"
        self._on_remark(Remark(code, text, offset=offset))

    def _block_after(self, length: int, order: ByteOrder) -> bool:
        """Whether a block or the end of the file follows the one at hand, if it is `length` octets long."""
        octets = self._octets
        if not octets.need(length + LEAST_BLOCK):
            return octets.left == length
        kind: int
        following: int
        kind, following = Struct(order + "II").unpack_from(octets.buffer, octets.at + length)
        if kind == SECTION_HEADER:  # its length may be in the other byte order
            return True
        least = LEAST_OF_KIND.get(kind, LEAST_BLOCK)
        return following % 4 == 0 and least <= following <= self._limits.block_octets

    def _section(self, block: bytes, order: ByteOrder, offset: int) -> None:
        major = Struct(order + "12xH").unpack_from(block)[0]
        if major != 1:
            text = f"version {major} of pcapng is not known"
            if self._order is None:
                raise CaptureError(text, file=self._file, offset=offset)
            self._on_remark(Remark("block-content", f"{text}; the section was read as version 1", offset=offset))
        self._order = order
        self._interfaces = []

    def _interface(self, block: bytes, order: ByteOrder, offset: int) -> None:
        if len(self._interfaces) >= self._limits.interfaces:
            text = f"more than {self._limits.interfaces} interfaces in a section"
            self._on_remark(Remark("too-many-interfaces", text, offset=offset))
            return
        interface, wrong = interface_of(block, order)
        self._interfaces.append(interface)
        if wrong:
            self._on_remark(Remark("option-length", wrong, offset=offset))

    def _packet(self, kind: int, block: bytes, order: ByteOrder, offset: int) -> Packet | None:
        """An enhanced packet block, or an obsolete one, which has two fields in the place of the interface."""
        self._number += 1
        interface, high, low, captured, original = Struct(order + "8xIIIII").unpack_from(block)
        if kind == OBSOLETE_PACKET:
            interface = Struct(order + "8xH").unpack_from(block)[0]
        if not self._usable(interface, captured, len(block) - PACKET_BODY - 4, offset):
            return None
        direction, wrong = direction_of(block, PACKET_BODY + ((captured + 3) & ~3), len(block) - 4, order)
        if wrong:
            self._on_remark(Remark("option-length", wrong, self._number, offset))
        linktype, _, multiplier, divisor, shift_ns = self._interfaces[interface]
        time_ns = (high << 32 | low) * multiplier // divisor + shift_ns
        data = block[PACKET_BODY : PACKET_BODY + captured]
        return Packet(self._number, time_ns, data, original, linktype, offset, interface, direction)

    def _simple_packet(self, block: bytes, order: ByteOrder, offset: int) -> Packet | None:
        """A simple packet block: interface 0, no time, and as many octets as the snapshot length allows."""
        self._number += 1
        original = Struct(order + "8xI").unpack_from(block)[0]
        room = len(block) - 16
        snaplen = self._interfaces[0].snaplen if self._interfaces else 0
        captured = min(original, snaplen or original)
        if not self._usable(0, captured, room, offset):
            return None
        linktype = self._interfaces[0].linktype
        return Packet(self._number, None, block[12 : 12 + captured], original, linktype, offset, 0, None)

    def _usable(self, interface: int, captured: int, room: int, offset: int) -> bool:
        """Whether a packet can be used; says why not."""
        if interface >= len(self._interfaces):
            code, text = "no-interface", f"interface {interface} is not described in the section"
        elif captured > room:
            code, text = (
                "block-content",
                f"a packet claims {captured} octets, its block has room for {room}",
            )
        elif captured > self._limits.packet_octets:
            code, text = "packet-too-long", f"{captured} octets, at most {self._limits.packet_octets} are allowed"
        else:
            return True
        self._on_remark(Remark(code, text, self._number, offset))
        return False
