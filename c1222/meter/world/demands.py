"""Demands: the power of each interval, and the greatest of them in a span of time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from c1222.meter.world.intervals import Interval, Intervals
from c1222.meter.world.load import QUARTER

_CHUNK = 96

Tier = int | None
"""A tier, or None for all of them together."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A demand: mW or mvar averaged over an interval of 15 minutes, and the interval; None where there was none yet."""

    value: int
    interval: Interval | None


class Demands:
    """The demands of one quantity.

    registered: mWh since installation at a true time. tier_at: tier in force at a true time. Interval and demand go
    with the tier in which the interval began. An interval that a set of the clock touched has no demand.
    """

    def __init__(
        self, intervals: Intervals, registered: Callable[[int], int], tier_at: Callable[[int], int], tiers: int
    ) -> None:
        self._intervals = intervals
        self._registered = registered
        self._tier_at = tier_at
        self._tiers: tuple[Tier, ...] = (None, *range(tiers))
        self._chunks: dict[int, dict[Tier, tuple[int, int]]] = {}

    def greatest(self, first: int, end: int, tier: Tier) -> Demand:
        """The greatest demand of the intervals with numbers from `first` to before `end`, the earliest of equals."""
        best, where = 0, -1
        number = first
        while number < end:
            behind = min(end, number - number % _CHUNK + _CHUNK)
            if (found := self._best(number, behind)[tier])[0] > best:
                best, where = found
            number = behind
        return Demand(best, self._intervals[where] if where >= 0 else None)

    def _best(self, first: int, end: int) -> dict[Tier, tuple[int, int]]:
        """For each tier the greatest demand of some intervals, and which interval has it; whole chunks are kept."""
        if end - first < _CHUNK:
            return self._worked_out(first, end)
        if first not in self._chunks:
            self._chunks[first] = self._worked_out(first, end)
        return self._chunks[first]

    def _worked_out(self, first: int, end: int) -> dict[Tier, tuple[int, int]]:
        best: dict[Tier, tuple[int, int]] = dict.fromkeys(self._tiers, (0, -1))
        if self._intervals[first].start == self._intervals[end - 1].end:
            return best  # a set jumped over all of them, which may be years
        least = 0
        for number, start, energy in self._energies(first, end):
            if energy <= least:
                continue
            for tier in (None, self._tier_at(start)):
                if energy * 3600 // QUARTER > best[tier][0]:
                    best[tier] = energy * 3600 // QUARTER, number
            least = min(value for value, _ in best.values()) * QUARTER // 3600
        return best

    def _energies(self, first: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Number, start and energy of intervals that have a demand."""
        if (plain := self._intervals.plain(first, end)) is not None:
            readings = pairwise([self._registered(at) for at in plain])
            yield from ((first + n, plain[n], after - before) for n, (before, after) in enumerate(readings))
            return
        for interval in (self._intervals[number] for number in range(first, end)):
            if not interval.is_touched:
                yield interval.number, interval.start, self._registered(interval.end) - self._registered(interval.start)
