"""Times as people ask for them: by the meter's clock, so long before it, or with a zone."""

from datetime import datetime, timedelta, tzinfo

from c1219_tables.context import MeterTables
from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.readings.clock import Moment, meter_zone
from c1219_tables.rules import Rules
from c1219_tables.table import table_label

CLOCK, CLOCK_STATE = 52, 55

Since = datetime | timedelta | None
"""A time; one without a zone is as the meter's clock shows it. A timedelta: so long before what its clock shows now."""


def shown_now(tables: MeterTables, tz: tzinfo | None = None) -> Moment | None:
    """What the meter's clock showed when its table 52, or 55, was read; None where neither was, or it shows nothing.

    tz: where the meter is, instead of what tables 53 and 54 say.
    """
    zone = meter_zone(tables, tz=tz, rules=Rules.of(tables.dialect))
    for number in (CLOCK, CLOCK_STATE):
        if number in tables:
            table = tables[number]
            return zone.of(table["clock_calendar"], table["time_date_qual"]["dst_flag"])
    return None


def asked_times(
    tables: MeterTables, since: Since, until: datetime | None, tz: tzinfo | None = None
) -> tuple[datetime | None, datetime | None]:
    """Both in UTC, or, where no zone is known, as the meter's clock shows them.

    Raises MissingTableError, TableError where `since` counts from a clock that was not read, or shows nothing;
    ValueError where `since` is later than `until`.
    """
    if isinstance(since, timedelta):
        clock = shown_now(tables, tz)
        if clock is None:
            if CLOCK not in tables:
                raise MissingTableError(table=CLOCK, needed=(CLOCK,), layout=table_label(CLOCK))
            raise TableError("the clock shows no time", table=CLOCK, layout=table_label(CLOCK), field="clock_calendar")
        since = (clock.utc or clock.shown) - since
    zone = meter_zone(tables, tz=tz, rules=Rules.of(tables.dialect))

    def known(at: datetime | None) -> datetime | None:
        return at if at is None or at.tzinfo is not None else zone.utc(at) or at

    first, last = known(since), known(until)
    check_order(first, last)
    return first, last


def check_order(since: Since, until: datetime | None) -> None:
    """Raise ValueError where both are times of one kind and `since` is later than `until`."""
    if not isinstance(since, datetime) or until is None or (since.tzinfo is None) != (until.tzinfo is None):
        return
    if since > until:
        raise ValueError(f"since {since} is later than until {until}")
