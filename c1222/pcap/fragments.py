"""Putting fragments of IP datagrams together (RFC 791, section 3.2; RFC 8200, section 4.5).

Fragments that repeat octets with the same values are usual in captures (a packet seen on two interfaces) and are
accepted; where the values differ nobody can say which are right, and the datagram is dropped as RFC 5722 demands.
"""

from bisect import bisect_right
from typing import Final

from c1222.pcap.limits import Limits
from c1222.pcap.remark import OnRemark, Remark

__all__ = ["Fragments"]

_LARGEST_DATAGRAM: Final = 65_535
_FRAGMENT_COST: Final = 256  # what a fragment costs in memory beside its octets

Key = tuple[bytes, int, int]
"""Addresses as they lie on the wire, protocol (0 for IPv6, whose fragments need not agree on it), identification."""


class _Partial:
    """One datagram of which some octets are known: pieces sorted by place, none overlapping."""

    __slots__ = ("closed", "cost", "known", "length", "number", "pieces", "poisoned", "protocol", "time_ns")

    def __init__(self, number: int, time_ns: int | None) -> None:
        self.number = number  # of the packet with the fragment seen first
        self.time_ns = time_ns
        self.pieces: list[tuple[int, bytes]] = []
        self.known = 0  # octets in them
        self.cost = _FRAGMENT_COST
        self.length: int | None = None  # known when the last fragment was seen
        self.protocol: int | None = None  # known when the first fragment was seen
        self.closed = False  # complete, unwanted or poisoned: remembered, so that fragments seen twice are not missed
        self.poisoned = False  # fragments contradicted each other


class Fragments:
    """Datagrams of which fragments were seen, bounded in number, octets and age."""

    def __init__(self, on_remark: OnRemark, limits: Limits) -> None:
        self._on_remark = on_remark
        self._limits = limits
        self._partials: dict[Key, _Partial] = {}
        self._octets = 0

    def add(
        self, key: Key, protocol: int, place: int, more: bool, piece: bytes, number: int, time_ns: int | None
    ) -> tuple[int, bytes] | None:
        """Take one fragment; gives protocol and octets of the datagram when it is complete.

        protocol: as the fragment says it; that of the first fragment (place 0) counts.
        place: octets before it in the datagram. more: whether others follow it. number, time_ns: of its packet.
        """
        self._expire(time_ns)
        partial = self._partials.get(key)
        if partial is not None and partial.closed:
            if place or partial.poisoned or (partial.pieces and partial.pieces[0][1] == piece):
                return None
            self._remove(key)  # a first fragment: the identification is in use again
            partial = None
        if partial is None:
            partial = self._partials[key] = _Partial(number, time_ns)
            self._octets += partial.cost
        stop = place + len(piece)
        if stop > _LARGEST_DATAGRAM or (more and (len(piece) % 8 or not piece)):
            text = f"a fragment of {len(piece)} octets at {place} of a datagram"
            self._on_remark(Remark("fragment-length", text, number))
            return None
        if place == 0:
            partial.protocol = protocol
        beyond = partial.length is not None and (stop > partial.length or (not more and stop != partial.length))
        ends_inside = not more and bool(partial.pieces) and stop < _end(partial.pieces[-1])
        if beyond or ends_inside or not self._insert(partial, place, piece):
            self._on_remark(Remark("fragment-overlap", "fragments of one datagram contradict each other", number))
            partial.poisoned = True
            self._close(partial)
            return None
        if not more:
            partial.length = stop
        if partial.known == partial.length and partial.protocol is not None:
            whole = b"".join(octets for _, octets in partial.pieces)
            self._close(partial, kept=1)
            return partial.protocol, whole
        self._bound(key)
        return None

    def ignore(self, key: Key) -> None:
        """Nobody wants the datagram `key`: keep none of its octets."""
        if (partial := self._partials.get(key)) is not None:
            self._close(partial)

    def finish(self) -> None:
        """The capture is over: say what is missing."""
        for key in list(self._partials):
            self._give_up(key, "the capture ended")

    def _insert(self, partial: _Partial, place: int, piece: bytes) -> bool:
        """Add the octets not known yet; False if known ones differ."""
        pieces = partial.pieces
        stop = place + len(piece)
        index = bisect_right(pieces, place, key=_start)
        if index and _end(pieces[index - 1]) > place:
            index -= 1
        at = place
        fresh: list[tuple[int, bytes]] = []
        first = index
        while index < len(pieces) and pieces[index][0] < stop:
            start, known = pieces[index]
            if start > at:
                fresh.append((at, piece[at - place : start - place]))
                at = start
            until = min(stop, start + len(known))
            if known[at - start : until - start] != piece[at - place : until - place]:
                return False
            fresh.append((start, known))
            at = until
            index += 1
        if at < stop:
            fresh.append((at, piece[at - place :]))
        added = sum(len(octets) for _, octets in fresh) - sum(len(octets) for _, octets in pieces[first:index])
        cost = added + _FRAGMENT_COST * (len(fresh) - (index - first))
        pieces[first:index] = fresh
        partial.known += added
        partial.cost += cost
        self._octets += cost
        return True

    def _close(self, partial: _Partial, kept: int = 0) -> None:
        """Keep no octets but those of the first `kept` pieces, by which a first fragment seen twice is known."""
        partial.closed = True
        partial.pieces = partial.pieces[:kept]
        cost = _FRAGMENT_COST + sum(len(octets) for _, octets in partial.pieces)
        self._octets += cost - partial.cost
        partial.cost = cost

    def _remove(self, key: Key) -> _Partial:
        partial = self._partials.pop(key)
        self._octets -= partial.cost
        return partial

    def _expire(self, now_ns: int | None) -> None:
        if now_ns is None:
            return
        oldest_allowed = now_ns - self._limits.fragment_seconds * 1_000_000_000
        while self._partials:
            key = next(iter(self._partials))
            time_ns = self._partials[key].time_ns
            if time_ns is None or time_ns >= oldest_allowed:
                return
            self._give_up(key, f"{self._limits.fragment_seconds} seconds passed")

    def _bound(self, current: Key) -> None:
        limits = self._limits
        while len(self._partials) > limits.fragmented_datagrams or self._octets > limits.fragment_octets:
            key = next(iter(self._partials))
            self._give_up(key, "too many others wait")
            if key == current:
                return

    def _give_up(self, key: Key, why: str) -> None:
        partial = self._remove(key)
        if not partial.closed:
            length = "an unknown number" if partial.length is None else partial.length
            text = f"only {partial.known} octets of {length} of a fragmented datagram came before {why}"
            self._on_remark(Remark("fragment-missing", text, partial.number))


def _start(piece: tuple[int, bytes]) -> int:
    return piece[0]


def _end(piece: tuple[int, bytes]) -> int:
    return piece[0] + len(piece[1])
