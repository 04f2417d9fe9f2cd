"""The octets of a TCP stream cut into APDUs.

On TCP, APDUs follow one another without any header: tag 60, BER length, so many octets. Where octets are missing or
are not C12.22, the next place is looked for that reads like the beginning of an APDU. Source: RFC 6142;
docs/sources.md, ADP.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from c1219_tables.schema.ber import read_length

# What an APDU may begin with behind 60 and length: the elements of acse.py. Titles first in all traffic we know.
_FIRST_TAGS = frozenset((0xA1, 0xA2, 0xA3, 0xA4, 0xA6, 0xA7, 0xA8, 0x8B, 0xAB, 0xAC, 0xBE))
_LONGEST_LENGTH = 5


@dataclass(frozen=True, slots=True)
class Framed:
    """One APDU, whole. packet, time_ns: of the packet with its first octet; last_packet: with its last."""

    octets: bytes
    packet: int
    time_ns: int | None
    last_packet: int


@dataclass(frozen=True, slots=True)
class Lost:
    """Octets that are no APDU. code: "not-c1222", or "message-cut" for the beginning of one."""

    code: str
    text: str
    packet: int


@dataclass(slots=True)
class _Mark:
    """Which packet the octets from `at` on came in."""

    at: int
    packet: int
    time_ns: int | None


class Framer:
    """One direction of one connection. max_message: octets of the longest APDU that is waited for."""

    def __init__(self, max_message: int) -> None:
        self._limit = max_message
        self._buffer = bytearray()
        self._marks: list[_Mark] = []

    @property
    def held(self) -> int:
        """Octets that wait for the rest of their APDU."""
        return len(self._buffer)

    def feed(self, data: bytes, packet: int, time_ns: int | None) -> list[Framed | Lost]:
        """Octets that follow those before. Returns what is complete now, in order."""
        if not self._buffer and (framed := self._whole(data, packet, time_ns)):
            return [framed]
        self._marks.append(_Mark(len(self._buffer), packet, time_ns))
        self._buffer += data
        found: list[Framed | Lost] = []
        while self._buffer:
            need = self._needed()
            if need is None:
                found.append(self._skip())
            elif need > len(self._buffer):
                break
            else:
                found.append(self._take(need))
        return found

    def gap(self, missing: int) -> list[Lost]:
        """`missing` octets are not in the capture; what is there of an APDU before them is given up."""
        return self.give_up(f"{missing} octets behind it are not in the capture")

    def close(self) -> list[Lost]:
        """The stream has ended."""
        return self.give_up("the stream ends")

    def _whole(self, data: bytes, packet: int, time_ns: int | None) -> Framed | None:
        """The usual case: a packet that holds one APDU and nothing else."""
        if len(data) < 2 or data[0] != 0x60 or len(data) > self._limit:
            return None
        try:
            length, start = read_length(data, 1, len(data))
        except ValueError:
            return None
        return Framed(bytes(data), packet, time_ns, packet) if start + length == len(data) else None

    def _needed(self, at: int = 0) -> int | None:
        """Octets of the APDU at `at`, more than are there while it is incomplete; None where none begins."""
        buffer = self._buffer
        if buffer[at] != 0x60:
            return None
        try:
            length, start = read_length(buffer, at + 1, len(buffer))
        except ValueError:
            incomplete = len(buffer) - at < _LONGEST_LENGTH and (len(buffer) == at + 1 or buffer[at + 1] > 0x80)
            return len(buffer) + 1 if incomplete else None
        if start - at + length > self._limit or (start < len(buffer) and buffer[start] not in _FIRST_TAGS):
            return None
        return start - at + length

    def _take(self, count: int) -> Framed:
        octets = bytes(self._buffer[:count])
        mark, last = self._marks[0], self._mark_of(count - 1)
        self._drop(count)
        return Framed(octets, mark.packet, mark.time_ns, last.packet)

    def _skip(self) -> Lost:
        """Octets up to the next place where an APDU may begin."""
        mark = self._marks[0]
        at = 1
        while (at := self._buffer.find(0x60, at)) >= 0 and self._needed(at) is None:
            at += 1
        count = at if at > 0 else len(self._buffer)
        shown = bytes(self._buffer[:16]).hex() + ("..." if count > 16 else "")
        self._drop(count)
        return Lost("not-c1222", f"{count} octets are not C12.22: {shown}", mark.packet)

    def give_up(self, why: str) -> list[Lost]:
        """Drop what is held; says how much and why."""
        if not self._buffer:
            return []
        mark, count = self._marks[0], len(self._buffer)
        self._drop(count)
        return [Lost("message-cut", f"{count} octets of a message, then {why}", mark.packet)]

    def _mark_of(self, at: int) -> _Mark:
        return next(mark for mark in reversed(self._marks) if mark.at <= at)

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        if not self._buffer:
            self._marks.clear()
            return
        current = self._mark_of(count)
        kept = [mark for mark in self._marks if mark.at > count]
        for mark in kept:
            mark.at -= count
        current.at = 0
        self._marks = [current, *kept]


class Framers:
    """The framers of all streams, bounded together.

    max_message: octets of one APDU. max_buffered: octets that all streams may hold; beyond it the stream that was fed
    longest ago gives up what it holds.
    """

    def __init__(self, max_message: int, max_buffered: int) -> None:
        self._max_message = max_message
        self._max_buffered = max_buffered
        self._buffered = 0
        self._waiting: OrderedDict[int, Framer] = OrderedDict()

    def feed(
        self, stream: int, data: bytes, packet: int, time_ns: int | None, *, gap: int, ends: bool
    ) -> Iterable[Framed | Lost]:
        """Octets of one stream; gap: octets missing before them; ends: no more come. Returns what is complete now."""
        framer = self._waiting.pop(stream, None) or Framer(self._max_message)
        self._buffered -= framer.held
        found: list[Framed | Lost] = [*framer.gap(gap)] if gap else []
        if data:
            found += framer.feed(data, packet, time_ns)
        if ends:
            found += framer.close()
        elif framer.held:
            self._waiting[stream] = framer
            self._buffered += framer.held
            while self._buffered > self._max_buffered:
                oldest = self._waiting.popitem(last=False)[1]
                self._buffered -= oldest.held
                found += oldest.give_up("too many streams wait for octets")
        return found

    def close(self) -> Iterable[Lost]:
        """No stream goes on."""
        found = [lost for framer in self._waiting.values() for lost in framer.close()]
        self._waiting.clear()
        self._buffered = 0
        return found
