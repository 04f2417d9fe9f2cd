"""Packets and signals of C12.18 and C12.21 found in the octets of one direction that somebody recorded.

A live link knows silence; a recording does not. So a packet that is cut, or whose CRC is wrong, is left as soon as that
is known, and the next place is looked for where a whole packet stands. What lies between is no ACK and no NAK: it is
what became of the broken packet. Sources: docs/sources.md, ADP ITR.
"""

import re
from bisect import bisect_right
from typing import NamedTuple

from c1222.capture.serial_octets import Mark
from c1222.capture.source import Place
from c1222.link.crc import crc16
from c1222.link.packet import HEADER, LARGEST, OVERHEAD, STP, Packet, parse_packet
from c1222.link.reader import Signal

_MULTI, _FIRST, _TRANSPARENCY, _DATA_FORMAT = 0x80, 0x40, 0x10, 0x03
_LOOKS = 64
"""Places in a broken packet at which another is looked for: a file full of false ones must not cost hours."""


class FoundPacket(NamedTuple):
    """A packet whose CRC is right. place: from its first to its last octet."""

    packet: Packet
    place: Place


class FoundSignal(NamedTuple):
    """ACK or NAK."""

    signal: Signal


class FoundBroken(NamedTuple):
    """What began like a packet and is none. text says why."""

    text: str
    place: Place


class FoundNoise(NamedTuple):
    """`size` octets between packets that mean nothing; the first of them, and where it was."""

    size: int
    first: int
    place: Place


Found = FoundPacket | FoundSignal | FoundBroken | FoundNoise

_SIGNALS = re.compile(rb"[\x06\x15]+")
_FOUND_SIGNALS = {signal.value: FoundSignal(signal) for signal in Signal}


class PacketScanner:
    """Finds packets in the octets of one direction, in pieces of any size. It holds 8192 octets at most."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._start = 0  # of the buffer in the stream
        self._marks: list[tuple[int, Mark]] = []
        self._broken_until = 0  # in the stream: octets before it may be those of a broken packet
        self._looks = 0  # left in it
        self._noise: FoundNoise | None = None
        self._count = 0

    def feed(self, octets: bytes, mark: Mark) -> list[Found]:
        """Octets that follow those before. Returns what is complete now, in order."""
        if not octets:
            return []
        self._marks.append((self._start + len(self._buffer), mark))
        self._buffer += octets
        return self._scan(ended=False)

    def give_up(self) -> list[Found]:
        """What is held becomes no packet; whole ones in it come out."""
        return self._scan(ended=True)

    def close(self) -> list[Found]:
        """No more octets come."""
        return [*self.give_up(), *self._told()]

    def _scan(self, *, ended: bool) -> list[Found]:
        found: list[Found] = []
        buffer = self._buffer
        at = 0
        while at < len(buffer):
            if buffer[at] != STP:
                at = self._between(at, found)
                continue
            need = self._needed(at)
            if need is None:
                self._add_noise(at, 1)
                at += 1
            elif at + need > len(buffer):
                if not ended:
                    break
                self._break(f"cut short after {len(buffer) - at} octets", at, len(buffer) - at, found)
                at += 1
            elif crc16(packet := bytes(buffer[at : at + need - 2])) != int.from_bytes(
                buffer[at + need - 2 : at + need], "little"
            ):
                self._break(f"its CRC is wrong, it has {need} octets", at, need, found)
                at += 1
            else:
                self._broken_until = 0
                found += self._told()
                place = self._place(at, at + need - 1)
                found.append(FoundPacket(parse_packet(packet + bytes(2)), place))
                at += need
        self._drop(at)
        return found

    def _needed(self, at: int) -> int | None:
        """Octets of the packet at `at`, more than are there while its header is incomplete; None where it is none."""
        if self._start + at < self._broken_until and not self._looks:
            return None
        buffer = self._buffer
        there = len(buffer) - at
        control = buffer[at + 2] if there > 2 else 0
        if control & _TRANSPARENCY or control & _DATA_FORMAT > 1:
            return None
        if not control & _MULTI and (control & _FIRST or (there > 3 and buffer[at + 3])):
            return None
        if there < HEADER:
            return HEADER + OVERHEAD
        size = int.from_bytes(buffer[at + 4 : at + HEADER], "big") + OVERHEAD
        # Only between the two halves of a C12.22 node a packet may be empty, as a sign of life (ITR).
        least = OVERHEAD if control & _DATA_FORMAT else OVERHEAD + 1
        return size if least <= size <= LARGEST else None

    def _between(self, at: int, found: list[Found]) -> int:
        """What stands before the next packet; returns where that may begin."""
        buffer = self._buffer
        stop = buffer.find(STP, at)
        stop = len(buffer) if stop < 0 else stop
        at = min(max(at, self._broken_until - self._start), stop)
        for signals in _SIGNALS.finditer(buffer, at, stop):
            self._add_noise(at, signals.start() - at)
            found += self._told()
            found += [_FOUND_SIGNALS[octet] for octet in signals[0]]
            at = signals.end()
        self._add_noise(at, stop - at)
        return stop

    def _add_noise(self, at: int, size: int) -> None:
        if size and self._start + at >= self._broken_until:
            before, first, place = self._noise or (0, self._buffer[at], self._place(at, at))
            self._noise = FoundNoise(before + size, first, place)

    def _break(self, text: str, at: int, size: int, found: list[Found]) -> None:
        """A packet is broken; one inside another broken one is not worth a word of its own."""
        if self._start + at < self._broken_until:
            self._looks -= 1
        else:
            self._looks = _LOOKS
            found += self._told()
            found.append(FoundBroken(text, self._place(at, at + size - 1)))
            self._broken_until = self._start + at + size

    def _told(self) -> list[Found]:
        noise, self._noise = self._noise, None
        return [] if noise is None else [noise]

    def _place(self, first: int, last: int) -> Place:
        """Place of octets of the buffer; in a raw log packets are counted and offsets are those of the octets."""
        begins, mark = self._mark_of(first)
        if mark.packet is None:
            self._count += last > first
            offset = self._start + first - begins + (mark.file_offset or 0)
            return Place(mark.file, max(1, self._count), mark.time_ns, None, max(1, self._count), offset)
        return Place(mark.file, mark.packet, mark.time_ns, None, self._mark_of(last)[1].packet, mark.file_offset)

    def _mark_of(self, at: int) -> tuple[int, Mark]:
        return self._marks[bisect_right(self._marks, self._start + at, key=_begins) - 1]

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._start += count
        if self._buffer:
            del self._marks[: bisect_right(self._marks, self._start, key=_begins) - 1]
        else:
            self._marks.clear()


def _begins(mark: tuple[int, Mark]) -> int:
    return mark[0]
