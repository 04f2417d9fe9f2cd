"""Whether the newest interval is still running: intervals end on hours of the clock, or of UTC, as those before did."""

import struct
from datetime import UTC, datetime, timedelta, timezone

import pytest
from profiles_by_hand import Set, profile_tables

from c1219_tables.readings.intervals.quality import Quality
from c1219_tables.readings.profile import profile

INDIA = timezone(timedelta(hours=5, minutes=30))
MIDNIGHT = datetime(2025, 1, 10, 18, 30, tzinfo=UTC)  # there
HOUR = timedelta(hours=1)


def read(*ends, tz=INDIA):
    """Blocks of four hours; the meter counts seconds from 1970 (TM_FORMAT 4)."""
    blocks = [struct.pack("<I4H", int(end.timestamp()), 1, 2, 3, 4) for end in ends]
    one = Set(blocks, minutes=60, last=len(blocks) - 1, sequence=len(blocks) - 1)
    tables, data = profile_tables(one, formats={"tm": 4})
    return profile(tables, data=data, tz=tz)


def last(found):
    """End of the newest interval, and whether it is running."""
    newest = found[0][-1]
    return newest.end, Quality.RUNNING in newest.quality


@pytest.mark.parametrize("before", [0, 1, 2])
def test_hours_of_the_clock_where_it_is_half_an_hour_apart_from_utc(before):
    """18:30 UTC is midnight there: an interval has ended. So it has by the blocks before, if there are any."""
    found = read(*[MIDNIGHT - 4 * HOUR * n for n in range(before, -1, -1)])
    assert last(found) == (MIDNIGHT, False)
    assert list(found[0].gaps()) == []


def test_hours_of_utc_in_such_a_zone():
    at_18 = MIDNIGHT - HOUR / 2
    assert last(read(at_18 - 4 * HOUR, at_18)) == (at_18, False)
    assert last(read(at_18)) == (at_18, False)


@pytest.mark.parametrize("minutes", [1, 30, 59])
def test_an_interval_that_goes_on(minutes):
    """The block before ended at midnight; the newest one so many minutes behind the fourth hour of it."""
    found = read(MIDNIGHT, MIDNIGHT + 3 * HOUR + minutes * HOUR / 60)
    assert last(found) == (MIDNIGHT + 4 * HOUR, True)
    assert "running-interval" in [note.code for note in found.notes]
