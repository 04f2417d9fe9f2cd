"""The tariff of a simulated meter: seasons by date, holidays, and tiers by time of day, all in local time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from c1222.meter.world.clock import MeterClock
from c1222.meter.world.load import DAY

_FIRST = date(1970, 1, 1).toordinal()
SATURDAY, SUNDAY = 5, 6

Switches = tuple[tuple[int, int], ...]
"""Minute of the day and tier from then on, the first at minute 0."""

_NIGHT_AND_DAY: Mapping[int, Switches] = {
    0: ((0, 0), (7 * 60, 1), (21 * 60, 0)),
    1: ((0, 0),),
    2: ((0, 0), (13 * 60, 1), (19 * 60 + 30, 0)),
}


@dataclass(frozen=True)
class Tariff:
    """When which tier is in force.

    seasons: month, day and number of the season that begins then, in the order of the year.
    holidays: month and day. schedules: the day schedules by number.
    days: for each season, the schedule of Saturdays, of Sundays, of weekdays and of holidays.
    tiers: how many there are; 0 is the cheap one. The default has dear hours on working days, others in summer.
    """

    seasons: tuple[tuple[int, int, int], ...] = ((5, 1, 1), (11, 1, 0))
    holidays: tuple[tuple[int, int], ...] = ((1, 1), (7, 4), (12, 25))
    schedules: Mapping[int, Switches] = field(default_factory=lambda: _NIGHT_AND_DAY)
    days: tuple[tuple[int, int, int, int], ...] = ((1, 1, 0, 1), (1, 1, 2, 1))
    tiers: int = 2

    def season(self, local: int) -> int:
        """Season at a local time, seconds since 1970 of a calendar without zones."""
        return _season(self.seasons, local // DAY)

    def is_holiday(self, local: int) -> bool:
        """Whether the day has the special schedule."""
        day = date.fromordinal(_FIRST + local // DAY)
        return (day.month, day.day) in self.holidays

    def tier(self, local: int) -> int:
        """Tier in force at a local time."""
        minute = local % DAY // 60
        return next(tier for start, tier in reversed(self._switches(local)) if start <= minute)

    def next_switch(self, local: int) -> int:
        """Local time of the next switch, or of the next midnight: nothing changes before it."""
        midnight = local - local % DAY
        starts = (midnight + 60 * start for start, _ in self._switches(local))
        return next((at for at in starts if at > local), midnight + DAY)

    def _switches(self, local: int) -> Switches:
        day = date.fromordinal(_FIRST + local // DAY)
        saturday, sunday, weekday, holiday = self.days[self.season(local)]
        by_weekday = {SATURDAY: saturday, SUNDAY: sunday}.get(day.weekday(), weekday)
        return self.schedules[holiday if (day.month, day.day) in self.holidays else by_weekday]


@lru_cache(maxsize=4096)
def _season(seasons: tuple[tuple[int, int, int], ...], number_of_day: int) -> int:
    day = date.fromordinal(_FIRST + number_of_day)
    begun = [season for month, first, season in seasons if (month, first) <= (day.month, day.day)]
    return begun[-1] if begun else seasons[-1][2]


def next_midnight(local: int) -> int:
    """Local time of the next midnight: a season does not change before it."""
    return local - local % DAY + DAY


Spell = tuple[int, int, int]
"""From when to when, true time in seconds since 1970, and what was in force."""


def spells(
    clock: MeterClock, start: int, end: int, state: Callable[[int], int], coming: Callable[[int], int]
) -> Iterator[Spell]:
    """What was in force when, in true time, by a clock that is set and goes to and from DST.

    state: what is in force at a local time. coming: a later local time before which it does not change.
    """
    while start < end:
        meter_time = clock.meter_time(start)
        local = clock.local(meter_time)
        stops = [end, start + coming(local) - local]
        if (dst_change := clock.next_dst_change(meter_time)) is not None:
            stops.append(start + dst_change - meter_time)
        if (set_at := clock.next_set(start)) is not None:
            stops.append(set_at)
        stop = min(stops)
        yield start, stop, state(local)
        start = stop
