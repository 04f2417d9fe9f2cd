"""A curve of more intervals than a picture has columns: buckets of time, each with its low, its high and its mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from math import ceil

from c1219_tables.readings.intervals.block_times import seconds
from c1219_tables.readings.profile import Profile
from c1222_cli.readings.curve import Run, bounds
from c1222_cli.readings.profile_rows import local

MOST_INTERVALS = 2000
"""More of them beside one another, and a curve is a solid block."""
_MOST_BUCKETS = 500
"""So that each is two dots wide, or wider."""
_HOURS = (1, 2, 3, 4, 6, 8, 12, 24)
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Band:
    """What the values from start to end are between, and their mean."""

    start: datetime
    end: datetime
    low: float
    high: float
    mean: float


@dataclass(frozen=True, slots=True)
class Buckets:
    """Spans of equal length, one after the other.

    origin: the start of one, in seconds since 1970. hours: their length, a divisor or a multiple of 24.
    """

    origin: int
    hours: int

    def bands(self, run: Run) -> list[Band]:
        """The run in bands, one for each bucket that it has intervals in, from its start to its end."""
        return [_band(list(inside)) for _, inside in groupby(run.intervals, self._number)]

    def _number(self, interval: tuple[datetime, datetime, float]) -> int:
        return (seconds(interval[0]) - self.origin) // (self.hours * _HOUR)


def buckets(found: Profile) -> Buckets | None:
    """Buckets for a profile with too many intervals to be drawn one by one, from local midnight; None for another."""
    if len(found.data.ends) <= MOST_INTERVALS:
        return None
    first, last = bounds(found)
    long = (seconds(last) - seconds(first)) / _HOUR / _MOST_BUCKETS
    shown = local(found, first)
    midnight = seconds(first) - (_HOUR * shown.hour + 60 * shown.minute + shown.second)
    hours = next((each for each in _HOURS if each >= long), 24 * ceil(long / 24))
    return Buckets(midnight, hours)


def _band(inside: Sequence[tuple[datetime, datetime, float]]) -> Band:
    values = [value for *_, value in inside]
    return Band(inside[0][0], inside[-1][1], min(values), max(values), sum(values) / len(values))
