"""Times as people ask for them: by the meter's clock, so long before it, or with a zone.

A time without a zone may be one that the clock shows twice, or never, as DST changes. It is read so that nothing of
what was asked for is left out, and a note says how.
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from c1219_tables.context import MeterTables
from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.readings.clocks.clock import MeterZone, Moment, meter_zone
from c1219_tables.readings.clocks.place import DST_UNKNOWN, SKIPPED, TWICE
from c1219_tables.readings.notes import Note
from c1219_tables.rules import Rules
from c1219_tables.table import table_label

CLOCK, CLOCK_STATE = 52, 55

Until = datetime | date | None
"""A time; one without a zone is as the meter's clock shows it, a date is midnight there, as the day begins."""
Since = Until | timedelta
"""The same; or a timedelta, so long before what the meter's clock shows now."""

_READ_AS = {
    TWICE: ("the clock shows it twice, as DST ends", "the first", "the second"),
    SKIPPED: ("the clock leaves it out, as DST begins", "the moment of the change", "the moment of the change"),
    DST_UNKNOWN: ("whether DST was on is not known for that year", "the earlier", "the later"),
}
"""What a clock assumes -> why, and what is taken of a `since`, of an `until`."""

_DAY = 86400


@dataclass(frozen=True, slots=True)
class AskedTimes:
    """since, until: aware, or, where no zone is known, as the meter's clock shows them; None for one that was not
    asked. notes: how they were read where they can be read in two ways.
    """

    since: datetime | None
    until: datetime | None
    notes: tuple[Note, ...] = ()


def shown_now(tables: MeterTables, tz: tzinfo | None = None) -> Moment | None:
    """What the meter's clock showed when its table 52, or 55, was read; None where neither was, or it shows nothing.

    tz: where the meter is, instead of what tables 53 and 54 say.
    """
    found = showing(tables, tz)
    return None if found is None else found[1]


def showing(tables: MeterTables, tz: tzinfo | None = None) -> tuple[int, Moment] | None:
    """The same, with the number of the table that shows it before it."""
    zone = meter_zone(tables, tz=tz, rules=Rules.of(tables.dialect))
    for number in (CLOCK, CLOCK_STATE):
        if number in tables:
            table = tables[number]
            shown = zone.of(table["clock_calendar"], table["time_date_qual"]["dst_flag"])
            if shown is not None:
                return number, shown
    return None


def asked_times(tables: MeterTables, since: Since, until: Until, tz: tzinfo | None = None) -> AskedTimes:
    """What `since` and `until` are for this meter.

    Raises as check_times; MissingTableError, TableError where `since` counts from a clock that was not read, or shows
    nothing; ValueError where one has a zone and the meter's is not known, or cannot be told in UTC.
    """
    check_times(since, until)
    zone = meter_zone(tables, tz=tz, rules=Rules.of(tables.dialect))
    notes: list[Note] = []
    begin = _before_now(tables, since, tz, notes) if isinstance(since, timedelta) else _in_full(since)
    end = _in_full(until)
    first = None if begin is None else _known("since", begin, zone, notes)
    last = None if end is None else _known("until", end, zone, notes)
    check_order(first, last)
    return AskedTimes(first, last, tuple(notes))


def check_times(since: Since, until: Until) -> None:
    """Raise TypeError for what is no time, ValueError for a negative timedelta, and as check_order.

    Nothing of a meter is needed for that: it can be done before one is asked.
    """
    if not isinstance(since, date | timedelta | None):
        raise TypeError(f"since is a datetime, a date or a timedelta, as timedelta(hours=1), not {since!r}")
    if not isinstance(until, date | None):
        raise TypeError(f"until is a datetime or a date, as datetime(2026, 1, 31, 12), not {until!r}")
    if isinstance(since, timedelta) and since < timedelta():
        raise ValueError(f"since is how long before the meter's clock: give {-since!r}, not less than nothing")
    check_order(since, until)


def check_order(since: Since, until: Until) -> None:
    """Raise ValueError where both are times of one kind and `since` is later than `until`."""
    first, last = _in_full(None if isinstance(since, timedelta) else since), _in_full(until)
    if first is None or last is None or (first.tzinfo is None) != (last.tzinfo is None):
        return
    if first > last:
        raise ValueError(f"since {since} is later than until {until}")


def zone_missing(asked: str) -> ValueError:
    """What is wrong with a time that has a zone where that of the meter's times is not known. asked: the time."""
    return ValueError(f"{asked} has a zone, but that of the meter's times is not known: name it (tz)")


def _in_full(at: Until) -> datetime | None:
    return at if at is None or isinstance(at, datetime) else datetime.combine(at, time())


def _before_now(tables: MeterTables, span: timedelta, tz: tzinfo | None, notes: list[Note]) -> datetime:
    """So long before what the clock shows: in UTC, or by the clock."""
    clock = shown_now(tables, tz)
    if clock is None:
        if CLOCK not in tables:
            raise MissingTableError(table=CLOCK, needed=(CLOCK,), layout=table_label(CLOCK))
        raise TableError("the clock shows no time", table=CLOCK, layout=table_label(CLOCK), field="clock_calendar")
    if clock.utc is not None:
        start = f"since is counted back from the clock, {clock.shown}"
        notes += (Note(note.code, f"{start}: {note.text}") for note in clock.notes)
    try:
        return (clock.utc or clock.shown) - span
    except OverflowError:
        raise ValueError(f"since is too long before the meter's clock, {clock}: leave it out to have all") from None


def _known(name: str, at: datetime, zone: MeterZone, notes: list[Note]) -> datetime:
    """In UTC, or by the clock where no zone is known. name: since or until."""
    if at.tzinfo is not None:
        if not zone.is_known:
            raise zone_missing(f"{name} {at}")
        return at
    try:
        found = zone.moment(at)
        doubt = next((note for note in found.notes if note in _READ_AS), None)
        if doubt == SKIPPED:
            found = zone.moment(_change(zone, at))
        elif doubt is not None:
            found = zone.moment(at, is_dst=name == "since")
    except OverflowError:
        raise ValueError(f"{name} {at} is too far off to be told in UTC: leave {name} out to have all") from None
    if doubt is not None:
        why, *taken = _READ_AS[doubt]
        which = taken[name == "until"]
        text = f"{name} {at}: {why}; {which}, {found}, is taken, so that nothing asked for is left out"
        notes.append(Note(doubt.code, text))
    return found.utc or at


def _change(zone: MeterZone, at: datetime) -> datetime:
    """The first of the times that the clock leaves out with this one: when it goes from standard time to DST."""
    whole = at.replace(microsecond=0)

    def is_shown(back: int) -> bool:
        return SKIPPED not in zone.moment(whole - timedelta(seconds=back)).notes

    return whole - timedelta(seconds=bisect_left(range(_DAY), True, key=is_shown) - 1)
