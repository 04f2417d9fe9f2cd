"""One direction of a TCP connection: segments in any order -> octets in their order (RFC 9293).

A position is a sequence number that was unwrapped: it never wraps and equals the sequence number modulo 2**32. The
head is the position of the next octet to deliver; what came before its turn waits, sorted, without overlaps.
"""

from bisect import bisect_right
from typing import Final

from c1222.pcap.delivery import Chunk
from c1222.pcap.flow import Flow

__all__ = ["NOT_READY", "SEQUENCE_MASK", "TAIL_OCTETS", "Stream"]

SEQUENCE_MASK: Final = 0xFFFF_FFFF
_HALF: Final = 0x8000_0000

NOT_READY: Final = -1
"""A value of `ready` and `idle` that is no sequence number."""

TAIL_OCTETS: Final = 4096
"""Octets delivered last that are kept, to tell a repetition from a contradiction."""

SEGMENT_COST: Final = 256
"""What a waiting segment costs in memory beside its octets."""

_Waiting = tuple[int, bytes, int, int | None]
"""Position, octets, number and time of the packet."""


class Stream:
    """State of one direction.

    ready: the sequence number with which a segment may be delivered at once, without a look at anything else; the
    head is not kept up to date while it is set. idle: the same for segments without octets, which then mean nothing.
    head: position of the next octet; None while it is not known where a stream that was under way begins.
    begin: sequence number of the first octet, from a SYN; first: of the first octet delivered; None if unknown.
    finish: position behind the last octet, from a FIN; ended: nothing more is delivered. reset: ended by a RST.
    seen: number of the last packet. cost: memory of the octets that wait.
    since, counted: notes of `tcp.Connections`: the packet that it saw waiting first, the cost it has added up.
    """

    __slots__ = (
        "begin", "cost", "counted", "ended", "finish", "first", "flow", "head", "ident", "idle", "key", "peer", "ready",
        "reset", "seen", "since", "tail", "waiting",
    )  # fmt: skip

    def __init__(self, flow: Flow, ident: int, key: bytes, seen: int) -> None:
        self.flow = flow
        self.ident = ident
        self.key = key
        self.seen = seen
        self.peer: Stream = self  # the other direction; set by whoever makes the two
        self.ready = NOT_READY
        self.idle = NOT_READY
        self.head: int | None = None
        self.begin: int | None = None
        self.first: int | None = None
        self.finish: int | None = None
        self.ended = False
        self.reset = False
        self.tail = b""
        self.waiting: list[_Waiting] = []
        self.cost = 0
        self.counted = 0
        self.since: int | None = None

    def position(self, sequence: int) -> int:
        """The position of a sequence number: the one nearest to the head, or to the first octets that wait."""
        near = self.head if self.head is not None else self.waiting[0][0] if self.waiting else sequence
        return near + ((sequence - near + _HALF) & SEQUENCE_MASK) - _HALF

    def begin_at(self, sequence: int) -> None:
        """Nothing was delivered yet, nothing waits that lies before, and the first octet has this sequence number."""
        self.head = self.position(sequence)

    def repeats(self, position: int, data: bytes) -> bool:
        """Whether octets before the head are those delivered there, as far as these are still known."""
        assert self.head is not None
        tail_at = self.head - len(self.tail)
        start, stop = max(position, tail_at), min(position + len(data), self.head)
        return start >= stop or data[start - position : stop - position] == self.tail[start - tail_at : stop - tail_at]

    def keep(self, position: int, data: bytes, number: int, time_ns: int | None) -> bool:
        """Let octets wait; those that wait already win. Returns False if they differ."""
        waiting = self.waiting
        stop = position + len(data)
        index = bisect_right(waiting, position, key=_position)
        if index and waiting[index - 1][0] + len(waiting[index - 1][1]) > position:
            index -= 1
        first, at, agree = index, position, True
        parts: list[_Waiting] = []
        while index < len(waiting) and waiting[index][0] < stop:
            known_at, known = waiting[index][:2]
            if known_at > at:
                parts.append((at, data[at - position : known_at - position], number, time_ns))
                at = known_at
            until = min(stop, known_at + len(known))
            agree = agree and known[at - known_at : until - known_at] == data[at - position : until - position]
            parts.append(waiting[index])
            at = until
            index += 1
        if at < stop:
            parts.append((at, data[at - position :], number, time_ns))
        self.cost += sum(map(_cost, parts)) - sum(map(_cost, waiting[first:index]))
        waiting[first:index] = parts
        return agree

    def deliver(self, chunks: list[Chunk]) -> None:
        """Append what waits at the head to `chunks`, and the end of the stream if it is reached."""
        while self.waiting and self.waiting[0][0] == self.head:
            _, data, number, time_ns = self._drop_first()
            self.hand_on(data, number, time_ns, 0, chunks)

    def hand_on(self, data: bytes, number: int, time_ns: int | None, gap: int, chunks: list[Chunk]) -> None:
        """Append the octets at the head to `chunks`, with `gap` missing before them."""
        assert self.head is not None
        begins = self.first is None and self.begin is not None
        if self.first is None:
            self.first = self.head & SEQUENCE_MASK
        self.head += len(data)
        self.tail = data[-TAIL_OCTETS:]
        chunks.append(Chunk(self.flow, data, number, time_ns, gap, begins, False, self.ident))

    def skip_gap(self, chunks: list[Chunk]) -> None:
        """Give up the octets before the first that wait, and append what can be delivered then."""
        position, data, number, time_ns = self._drop_first()
        under_way = self.first is None and self.begin is None  # what came before the first octet seen is no gap
        gap = 0 if under_way or self.head is None else position - self.head
        self.head = position
        self.hand_on(data, number, time_ns, gap, chunks)
        self.deliver(chunks)

    def end(self, number: int, time_ns: int | None, chunks: list[Chunk]) -> None:
        """Append all that waits, over any gaps, and say that nothing more comes; if anything ever came."""
        while self.waiting:
            self.skip_gap(chunks)
        began = self.first is not None or self.begin is not None
        if began and self.finish is not None and self.head is not None and self.finish > self.head:
            gap = self.finish - self.head  # the last octets before the FIN were missed
            self.head = self.finish
            chunks.append(Chunk(self.flow, b"", number, time_ns, gap, self.first is None, True, self.ident))
        elif chunks and chunks[-1].stream == self.ident:
            chunks[-1] = chunks[-1]._replace(ends=True)
        elif self.first is not None:
            chunks.append(Chunk(self.flow, b"", number, time_ns, 0, False, True, self.ident))
        self.ended = True

    def settle(self) -> None:
        """Set `ready` and `idle` for the next segment."""
        peer = self.peer
        quiet = not (self.waiting or peer.waiting or self.ended or self.finish is not None)
        quiet = quiet and (peer.finish is None or peer.ended) and peer.head is not None
        self.ready = self.idle = NOT_READY
        if quiet and self.head is not None:
            if self.first is None:
                self.idle = self.head & SEQUENCE_MASK
            else:
                self.ready = self.head & SEQUENCE_MASK

    def _drop_first(self) -> _Waiting:
        segment = self.waiting.pop(0)
        self.cost -= _cost(segment)
        return segment


def _position(segment: _Waiting) -> int:
    return segment[0]


def _cost(segment: _Waiting) -> int:
    return SEGMENT_COST + len(segment[1])
