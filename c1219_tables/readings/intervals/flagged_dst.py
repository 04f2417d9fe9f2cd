"""A clock whose zone nobody knows: what it showed, by the flags that say in which intervals DST was on.

Where no table says how far the clock is from UTC, times are the clock's. It leaves an hour out, or shows one twice, in
the middle of a block, which has one end time. So such times are first made those of a clock without DST, on which
intervals follow one another, and then shown again as the clock did.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from c1219_tables.readings.clocks.clock import MeterZone
from c1219_tables.readings.clocks.daylight import Daylight
from c1219_tables.readings.clocks.place import StatedPlace
from c1219_tables.readings.notes import Note

_AMOUNT = 60
"""Minutes by which DST moves a clock, where no table says it."""

_STATED = Note(
    "dst-by-flags",
    "no table says how far the clock is from UTC: DST is taken to begin and end where the intervals' flags say so",
)
_ASSUMED = Note(
    "dst-by-flags",
    "no table says how far the clock is from UTC, nor by how much DST moves it: it is taken to be an hour, and to begin"
    " and end where the intervals' flags say so",
)

_MIXED = Note(
    "dst-by-flags-mixed",
    "the clock was set back over a change of DST: some of its times came with DST and without, and may be an hour off",
)


def without_dst(zone: MeterZone) -> MeterZone:
    """A zone that is not known, as one whose UTC is the clock's own standard time: whether DST is on must be told."""
    return replace(zone, place=StatedPlace(0, Daylight(zone.dst_amount or _AMOUNT)))


@dataclass(frozen=True, slots=True)
class FlaggedDst:
    """When DST was on. changes: times on the clock without DST, seconds since 1970, at which it began or ended in turn;
    is_on: whether it was on before the first. is_sure: False where the clock was set back over a change, so that the
    same times came with DST and without. amount: minutes by which DST moves the clock, None where no table says it.
    """

    is_on: bool
    changes: tuple[int, ...]
    is_sure: bool = True
    amount: int | None = None

    @classmethod
    def of(cls, ends: Sequence[int], length: int, flags: Sequence[bool], amount: int | None = None) -> "FlaggedDst":
        """ends: of the intervals, on the clock without DST. length: of an interval, seconds. flags: of each."""
        changes = [end - length for end, before, on in zip(ends[1:], flags, flags[1:], strict=False) if on != before]
        is_sure = all(one < other for one, other in pairwise(changes))
        return cls(bool(flags[0]), tuple(sorted(changes)), is_sure, amount)

    def shown(self, at: int) -> int:
        """What the clock showed at a time of the clock without DST."""
        on = self.is_on != bool(bisect_right(self.changes, at) % 2)
        return at + 60 * (self.amount or _AMOUNT) if on else at

    @property
    def notes(self) -> tuple[Note, ...]:
        how = _STATED if self.amount else _ASSUMED
        return (*[how] * bool(self.changes), *[_MIXED] * (not self.is_sure))
