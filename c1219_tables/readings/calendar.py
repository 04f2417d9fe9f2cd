"""The calendar of a meter (table 54): seasons, holidays and DST by date, tiers by the time of day.

Which of the seven schedules of a season is which weekday's (SEPARATE_WEEKDAYS_FLAG) is not public: they are numbered.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from c1219_tables.readings.notes import Note, unique

NOTHING, DST_ON, DST_OFF = 0, 1, 2
FIRST_SEASON, FIRST_SPECIAL, BEHIND = 3, 19, 31
"""CALENDAR_CTRL of table 54. DST_ON is on 1 March, DST_OFF on 1 October in a recorded calendar (X)."""

BOTH = "summations and demands"
_MONTHS = range(1, 13)
"""Of a RDATE that has a day; 13 presumably is every month, 14 and 15 have other members."""
_LEAP_YEAR = 2000
"""Has all the days that a year can have."""

_RULE = Note("rule-not-public", "the calendar has dates by a rule (weekly, by weekday, by period) that is not public")
_WEEKDAYS = Note("weekdays-not-public", "each weekday has a schedule, but which comes first is not public")


@dataclass(frozen=True, slots=True)
class Switch:
    """From `at` on, `tier` is in force. of: "summations and demands", or either where they switch apart."""

    at: time
    tier: int
    of: str = BOTH


@dataclass(frozen=True, slots=True)
class CalendarDate:
    """A day on which something happens.

    once: the day; None for one that comes again. month, day: of one that comes every year; None where it comes by
    another rule. what: "DST on", "season 1", "special schedule 0", "" for nothing. demand_reset, self_read: done then.
    """

    once: date | None
    month: int | None
    day: int | None
    what: str
    demand_reset: bool
    self_read: bool


@dataclass(frozen=True, slots=True)
class Season:
    """number: from 0. schedules: kind of day, "Saturday", "weekday" or "special schedule 0", -> number of its day
    schedule."""

    number: int
    schedules: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Calendar:
    """dates: those that come once, then the others. schedules: number of a day schedule -> its switches by time."""

    seasons: tuple[Season, ...]
    schedules: Mapping[int, tuple[Switch, ...]]
    dates: tuple[CalendarDate, ...]
    notes: tuple[Note, ...] = ()


def calendar(table: Mapping[str, Any]) -> Calendar:
    """The calendar of a decoded table 54; entries that are not used are left out."""
    notes: list[Note] = []
    dates = (*_once(table), *_again(table, notes))
    schedules: dict[int, list[Switch]] = {}
    for entry in table["tier_switches"]:
        switch = entry["tier_switch"]
        if _is_time(switch):
            at = time(switch["switch_hour"], switch["switch_min"])
            schedules.setdefault(entry["day_sch_num"], []).append(Switch(at, switch["new_tier"], _of(switch)))
    seasons = tuple(
        Season(number, dict(_days(entry, notes))) for number, entry in enumerate(table["daily_schedule_id_matrix"])
    )
    ordered = {
        number: tuple(sorted(switches, key=lambda switch: switch.at)) for number, switches in sorted(schedules.items())
    }
    return Calendar(seasons, ordered, dates, unique(notes))


def _once(table: Mapping[str, Any]) -> Iterator[CalendarDate]:
    for entry in table["non_recurr_dates"]:
        day = entry["non_recurr_date"].value
        if isinstance(day, date):
            yield _date(day, None, None, entry["calendar_action"])


def _again(table: Mapping[str, Any], notes: list[Note]) -> Iterator[CalendarDate]:
    for entry in table["recurr_dates"]:
        if (day := day_of_year(entry["recurr_date"])) is not None:
            yield _date(None, *day, entry["calendar_action"])
        elif not _is_unused(entry["calendar_action"]):
            notes.append(_RULE)
            yield _date(None, None, None, entry["calendar_action"])


def day_of_year(rule: Mapping[str, Any]) -> tuple[int, int] | None:
    """Month and day of a RDATE that is the same day every year; None for one by a rule that is not public.

    A month past 12, a weekday or an offset makes a rule of it; so does a day that no year has: 0 March, 31 April.
    """
    if rule["month"] not in _MONTHS or rule["offset"] or rule["weekday"]:
        return None
    try:
        day = date(_LEAP_YEAR, rule["month"], rule["day"])
    except ValueError:
        return None
    return day.month, day.day


def _is_unused(action: Mapping[str, Any]) -> bool:
    return bool(action["calendar_ctrl"] == BEHIND and action["demand_reset_flag"] and action["self_read_flag"])


def _date(once: date | None, month: int | None, day: int | None, action: Mapping[str, Any]) -> CalendarDate:
    what = _action(action["calendar_ctrl"])
    return CalendarDate(once, month, day, what, bool(action["demand_reset_flag"]), bool(action["self_read_flag"]))


def _action(control: int) -> str:
    if control in (NOTHING, DST_ON, DST_OFF):
        return ("", "DST on", "DST off")[control]
    if control < FIRST_SPECIAL:
        return f"season {control - FIRST_SEASON}"
    return f"special schedule {control - FIRST_SPECIAL}" if control < BEHIND else f"action {control}"


def _is_time(switch: Mapping[str, Any]) -> bool:
    return bool(switch["switch_hour"] < 24 and switch["switch_min"] < 60)  # FF FF FF: not used


def _of(switch: Mapping[str, Any]) -> str:
    if "summation_switch_flag" not in switch:
        return BOTH
    flags = {"summations": "summation_switch_flag", "demands": "demands_switch_flag"}
    return " and ".join(name for name, flag in flags.items() if switch[flag]) or "nothing"


def _days(entry: Mapping[str, Any], notes: list[Note]) -> Iterator[tuple[str, int]]:
    if entry["day_schedules"] is not None:
        notes.append(_WEEKDAYS)
        yield from ((f"day {place}", number) for place, number in enumerate(entry["day_schedules"]))
    else:
        for name in ("weekday", "saturday", "sunday"):
            yield name.capitalize(), entry[f"{name}_schedule"]
    yield from ((f"special schedule {place}", number) for place, number in enumerate(entry["special_schedules"]))
