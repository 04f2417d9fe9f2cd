"""When a meter's clock is on daylight saving time: the dates of table 54 and the hours and minutes of table 53."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from c1219_tables.readings.calendar import DST_OFF, DST_ON, day_of_year
from c1219_tables.readings.notes import Note

_COUNTER, _DAY = 4, 86400


@dataclass(frozen=True, slots=True)
class Daylight:
    """The daylight saving time of one meter.

    amount: minutes by which it moves the clock. begins: time of day in standard time. ends: time of day in daylight
    saving time. once: dates with True for on, False for off. yearly: month, day, True for on. A year without
    both is not known.
    """

    amount: int
    begins: time = time(0)
    ends: time = time(0)
    once: tuple[tuple[date, bool], ...] = ()
    yearly: tuple[tuple[int, int, bool], ...] = ()
    # Worked out once a year: a load profile asks three times for each of its blocks.
    _years: dict[int, list[tuple[datetime, bool]]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def is_on(self, standard: datetime) -> bool | None:
        """Whether it is on at a local standard time; None in a year of which not both changes are known."""
        changes = self._years.get(standard.year)
        if changes is None:
            changes = self._years[standard.year] = _changes(self, standard.year)
        if len({on for _, on in changes}) < 2:
            return None
        found = not changes[0][1]
        for at, on in changes:
            if at > standard:
                break
            found = on
        return found

    def __str__(self) -> str:
        dates = f"{len(self.once)} dates" if self.once else "yearly dates" if self.yearly else "unknown dates"
        return f"{self.amount} minutes of DST from {self.begins:%H:%M} to {self.ends:%H:%M} on {dates}"


def _changes(rule: Daylight, year: int) -> list[tuple[datetime, bool]]:
    """The changes of a year in local standard time, in order."""
    dates = [(day, on) for day, on in rule.once if day.year == year]
    dates += [(date(year, month, day), on) for month, day, on in rule.yearly if _exists(year, month, day)]
    back = timedelta(minutes=rule.amount)
    return sorted(
        (datetime.combine(day, rule.begins) if on else datetime.combine(day, rule.ends) - back, on) for day, on in dates
    )


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def daylight(
    offsets: Mapping[str, Any], calendar: Mapping[str, Any] | None, order: Literal["little", "big"] = "little"
) -> tuple[Daylight | None, list[Note]]:
    """The daylight saving time of tables 53 and 54, and what was assumed; None where the meter has none.

    offsets: table 53. calendar: table 54, None where it was not read. order: of the meter's octets.
    """
    amount = offsets["dst_time_amt"]
    if not amount:
        return None, []
    notes: list[Note] = []
    begins = _time_of(offsets["dst_time_eff"], order, notes)
    ends = _time_of(offsets["std_time_eff"], order, notes)
    if begins is None:
        begins = time(0)
        notes.append(Note("dst-hour-unknown", "table 53 does not say at which hour DST begins: midnight is assumed"))
    if ends is None:
        ends = begins
        notes.append(Note("dst-end-assumed", "table 53 does not say at which hour DST ends: that of its beginning"))
    once, yearly, inexact = _dates(calendar) if calendar is not None else ([], [], False)
    if inexact:
        notes.append(Note("dst-rule-not-public", "table 54 has DST dates by a rule that is not public"))
    if not once and not yearly:
        notes.append(Note("dst-dates-unknown", "no table says on which dates DST begins and ends"))
    return Daylight(amount, begins, ends, tuple(once), tuple(yearly)), notes


def _time_of(stored: Any, order: Literal["little", "big"], notes: list[Note]) -> time | None:
    """A time of day. Four octets that are none by their format (4: not public) are taken as seconds, as format 3 is."""
    if stored is None:
        return None
    if isinstance(stored.value, time):
        return stored.value
    seconds = int.from_bytes(stored.raw, order)
    if len(stored.raw) != _COUNTER or seconds >= _DAY:
        return None
    note = Note(
        "time-as-seconds", "times of day in TM_FORMAT 4 are not public: they are taken as seconds since midnight"
    )
    if note not in notes:
        notes.append(note)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def _dates(calendar: Mapping[str, Any]) -> tuple[list[tuple[date, bool]], list[tuple[int, int, bool]], bool]:
    """Dates that come once, those that come yearly, and whether others are by a rule that is not public."""
    once = [
        (entry["non_recurr_date"].value, ctrl == DST_ON)
        for entry in calendar["non_recurr_dates"]
        if (ctrl := entry["calendar_action"]["calendar_ctrl"]) in (DST_ON, DST_OFF)
        and entry["non_recurr_date"].value is not None
    ]
    yearly, inexact = [], False
    for entry in calendar["recurr_dates"]:
        ctrl = entry["calendar_action"]["calendar_ctrl"]
        if ctrl not in (DST_ON, DST_OFF):
            continue
        day = day_of_year(entry["recurr_date"])
        if day is None:
            inexact = True
        else:
            yearly.append((*day, ctrl == DST_ON))
    return once, yearly, inexact
