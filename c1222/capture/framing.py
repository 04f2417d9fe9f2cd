"""The octets of a TCP stream cut into APDUs.

On TCP, APDUs follow one another without any header: tag 60, BER length, so many octets. Where octets are missing or
are not C12.22, the next place is looked for that reads like the beginning of an APDU; so it is where the length of an
APDU is wrong, which shows when its elements do not fill it or the octets that it claims never come. Source: RFC 6142;
docs/sources.md, ADP.
"""

from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from c1219_tables.schema.ber import MAX_LENGTH_OCTETS, read_length, walk
from c1222.pcap.flow import Flow

# What an APDU may begin with behind 60 and length: the elements of acse.py. Titles first in all traffic we know.
_FIRST_TAGS = frozenset((0xA1, 0xA2, 0xA3, 0xA4, 0xA6, 0xA7, 0xA8, 0x8B, 0xAB, 0xAC, 0xBE))
# 60 and the longest length: with fewer octets it may be undecided whether an APDU begins.
_HEAD = 2 + MAX_LENGTH_OCTETS
_MOST_ELEMENTS = 24
_MARK_COST = 200


class Framed(NamedTuple):
    """One APDU, whole. packet, time_ns: of the packet with its first octet; last_packet: with its last."""

    octets: bytes
    packet: int
    time_ns: int | None
    last_packet: int
    flow: Flow | None


@dataclass(frozen=True, slots=True)
class Lost:
    """Octets that are no APDU. code: "not-c1222", or "message-cut" for the beginning of one."""

    code: str
    text: str
    packet: int


@dataclass(frozen=True, slots=True)
class _Mark:
    """Which packet the octets from `at` on came in; at: counted from the first octet of the stream."""

    at: int
    packet: int
    time_ns: int | None


class Framer:
    """One direction of one connection. max_message: octets of the longest APDU that is waited for.

    is_lost: where one APDU ends and the next begins is not known; what came last was none.
    """

    def __init__(self, max_message: int, flow: Flow | None = None) -> None:
        self._limit = max_message
        self._flow = flow
        self._buffer = bytearray()
        self._start = 0  # of the buffer in the stream
        self._marks: list[_Mark] = []
        self.is_lost = False
        self._garbage = 0  # octets skipped of which nothing was said yet
        self._garbage_begins = 0, 0  # their first octet, and its packet

    @property
    def held(self) -> int:
        """What waits for the rest of its APDU, in octets of memory."""
        return len(self._buffer) + _MARK_COST * len(self._marks)

    def feed(self, data: bytes, packet: int, time_ns: int | None) -> list[Framed | Lost]:
        """Octets that follow those before. Returns what is complete now, in order."""
        if not self._buffer and _is_one_apdu(data, self._limit):
            self.is_lost = False
            framed = Framed(data, packet, time_ns, packet, self._flow)
            return [*self._told(), framed] if self._garbage else [framed]
        self._marks.append(_Mark(self._start + len(self._buffer), packet, time_ns))
        self._buffer += data
        found: list[Framed | Lost] = []
        while self._buffer:
            need = self._needed()
            if need is None:
                self._skip(self._next())
            elif need > len(self._buffer):
                break
            elif not self._fills(0, need) and ((at := self._next()) < need or self.is_lost):
                self._skip(at)
            else:
                # If it is broken, then where one is due: it is shown.
                found += (*self._told(), self._take(need))
        return found

    def gap(self, missing: int) -> list[Framed | Lost]:
        """`missing` octets are not in the capture; what is there of an APDU before them is given up."""
        return self.give_up(f"{missing} octets behind it are not in the capture")

    def close(self) -> list[Framed | Lost]:
        """The stream has ended."""
        return self.give_up("the stream ends")

    def give_up(self, why: str) -> list[Framed | Lost]:
        """What is held does not become an APDU. Says how much and why; APDUs in it that are whole come out."""
        found: list[Framed | Lost] = [*self._told()]
        while self._buffer:
            need = self._needed()
            if need is not None and need <= len(self._buffer) and self._fills(0, need):
                found.append(self._take(need))
                continue
            at = self._next()
            while at < len(self._buffer) and not self._is_whole(at):
                at = self._next(at)
            found.append(Lost("message-cut", f"{at} octets of a message, then {why}", self._mark_of(0).packet))
            self._drop(at)
        self.is_lost = True
        return found

    def _needed(self, at: int = 0) -> int | None:
        """Octets of the APDU at `at`, more than are there while it is incomplete; None where none begins."""
        buffer = self._buffer
        if buffer[at] != 0x60:
            return None
        try:
            length, start = read_length(buffer, at + 1, min(len(buffer), at + _HEAD))
        except ValueError:
            there = len(buffer) - at
            incomplete = there < _HEAD and (there == 1 or 0x80 < buffer[at + 1] <= 0x80 + MAX_LENGTH_OCTETS)
            return there + 1 if incomplete else None
        if start - at + length > self._limit or (start < len(buffer) and buffer[start] not in _FIRST_TAGS):
            return None
        return start - at + length

    def _fills(self, start: int, count: int) -> bool:
        """Whether the elements of the APDU at `start` fill its `count` octets, none twice, and BE is filled as well."""
        buffer, seen = self._buffer, set()
        try:
            _, content = read_length(buffer, start + 1, start + count)
            for element in islice(walk(buffer, content, start + count), _MOST_ELEMENTS):
                if element.tag in seen:
                    return False
                seen.add(element.tag)
                if element.tag == 0xBE:
                    (external,) = walk(buffer, element.content, element.end)
                    for _ in islice(walk(buffer, external.content, external.end), _MOST_ELEMENTS):
                        pass
        except ValueError:
            return False
        return True

    def _is_whole(self, at: int) -> bool:
        need = self._needed(at)
        return need is not None and at + need <= len(self._buffer) and self._fills(at, need)

    def _next(self, at: int = 0) -> int:
        """The next place behind `at` where an APDU may begin; the end of what is there where none does."""
        end = len(self._buffer)
        while (at := self._buffer.find(0x60, at + 1)) >= 0:
            need = self._needed(at)
            if need is not None and (at + need > end or self._fills(at, need)):
                return at
        return end

    def _take(self, count: int) -> Framed:
        octets = bytes(self._buffer[:count])
        mark, last = self._mark_of(0), self._mark_of(count - 1)
        self._drop(count)
        self.is_lost = False
        return Framed(octets, mark.packet, mark.time_ns, last.packet, self._flow)

    def _skip(self, count: int) -> None:
        """The first `count` octets are no APDU. Said once for all of them, when an APDU follows or none can."""
        if not self._garbage:
            self._garbage_begins = self._buffer[0], self._mark_of(0).packet
        self._garbage += count
        self._drop(count)
        self.is_lost = True

    def _told(self) -> list[Lost]:
        """What is to be said of octets that were skipped."""
        if not self._garbage:
            return []
        first, packet = self._garbage_begins
        # One octet tells TLS or HTTP from others. More might be a password: this may be the middle of a message.
        text = f"{self._garbage} octets are not C12.22 (the first is {first:02X})"
        self._garbage = 0
        return [Lost("not-c1222", text, packet)]

    def _mark_of(self, at: int) -> _Mark:
        return self._marks[self._mark_index(at)]

    def _mark_index(self, at: int) -> int:
        return bisect_right(self._marks, self._start + at, key=_at) - 1

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._start += count
        if self._buffer:
            del self._marks[: self._mark_index(0)]
        else:
            self._marks.clear()


def _at(mark: _Mark) -> int:
    return mark.at


def _is_one_apdu(data: bytes, limit: int) -> bool:
    """The usual case: a packet that holds one APDU and nothing else."""
    size = len(data)
    if size < 2 or data[0] != 0x60 or size > limit:
        return False
    if data[1] < 0x80:
        return data[1] + 2 == size
    try:
        length, start = read_length(data, 1, size)
    except ValueError:
        return False
    return start + length == size


class Framers:
    """The framers of all streams, bounded together.

    max_message: octets of one APDU. max_buffered: octets of memory that all streams may hold; beyond it the stream
    that was fed longest ago gives up what it holds.
    """

    def __init__(self, max_message: int, max_buffered: int) -> None:
        self._max_message = max_message
        self._max_buffered = max_buffered
        self._buffered = 0
        self._waiting: OrderedDict[int, Framer] = OrderedDict()

    def feed(
        self,
        stream: int,
        data: bytes,
        packet: int,
        time_ns: int | None,
        *,
        flow: Flow | None = None,
        gap: int = 0,
        ends: bool = False,
    ) -> list[Framed | Lost]:
        """Octets of one stream; gap: octets missing before them; ends: no more come. Returns what is complete now."""
        if stream not in self._waiting and not gap and not ends and _is_one_apdu(data, self._max_message):
            return [Framed(data, packet, time_ns, packet, flow)]
        framer = self._waiting.pop(stream, None) or Framer(self._max_message, flow)
        self._buffered -= framer.held
        found = framer.gap(gap) if gap else []
        if data:
            found += framer.feed(data, packet, time_ns)
        if ends:
            found += framer.close()
        elif framer.held or framer.is_lost:
            self._waiting[stream] = framer
            self._buffered += framer.held
            while self._buffered > self._max_buffered:
                oldest = self._waiting.popitem(last=False)[1]
                self._buffered -= oldest.held
                found += oldest.give_up("too many streams wait for octets")
        return found

    def close(self) -> list[Framed | Lost]:
        """No stream goes on."""
        found = [lost for framer in self._waiting.values() for lost in framer.close()]
        self._waiting.clear()
        self._buffered = 0
        return found
