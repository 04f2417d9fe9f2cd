"""Round times to be named on an axis: full hours, midnights, first days of a month, where the meter is."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from c1219_tables.readings.profile import Profile
from c1222_cli.readings.profile_rows import local

_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)
_DAYS = (1, 2, 7, 14)
_MONTHS = (1, 2, 3, 6, 12)
_DAY = timedelta(days=1)
_MONDAY = 1
"""Day 1 of Python's calendar was a Monday."""


def round_times(found: Profile, first: datetime, last: datetime, most: int) -> list[datetime]:
    """Times from `first` to `last` that are round on local clocks, as few apart as gives no more than `most`.

    None where not even one in a year fits in; the hour that clocks show twice has its times twice.
    """
    for minutes in _MINUTES:
        if (last - first) <= most * timedelta(minutes=minutes):
            times = [at for at in _steps(found, first, last, minutes) if at <= last]
            if len(times) <= most:
                return times
    days = list(_midnights(found, first, last))
    for step in _DAYS:
        times = [at for at, day in days if (day.toordinal() - _MONDAY) % step == 0]
        if len(times) <= most:
            return times
    for step in _MONTHS:
        times = [at for at, day in days if day.day == 1 and (day.month - 1) % step == 0]
        if len(times) <= most:
            return times
    return []


def _steps(found: Profile, first: datetime, last: datetime, minutes: int) -> Iterator[datetime]:
    walk = timedelta(minutes=min(minutes, 15))
    at = first.replace(minute=0, second=0, microsecond=0)
    while at <= last:
        shown = local(found, at)
        if at >= first and (60 * shown.hour + shown.minute) % minutes == 0:
            yield at
        at += walk


def _midnights(found: Profile, first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Midnights, with the local times that they are; where clocks leave midnight out, that day has none."""
    day = local(found, first).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    while (at := _moment(found, day, first)) <= last:
        if at >= first and local(found, at).replace(tzinfo=None) == day:
            yield at, day
        day += _DAY


def _moment(found: Profile, shown: datetime, like: datetime) -> datetime:
    """When local clocks show it. like: a time of the profile."""
    if like.tzinfo is None:
        return shown
    at = shown.replace(tzinfo=like.tzinfo)
    for _ in range(2):
        at = shown.replace(tzinfo=like.tzinfo) - (local(found, at).utcoffset() or timedelta(0))
    return at
