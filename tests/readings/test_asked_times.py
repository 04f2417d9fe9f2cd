"""Times as people ask for them, by a clock written by hand: 2024-07-01 12:00:00 where it hangs, five hours west."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from meters_by_hand import meter, octets

from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.readings.asked_times import asked_times, shown_now

# Table 51: the second flags have bit 4, a zone in table 53. Table 52: year, month, day, hour, minute, second, and a
# qualifier whose bit 5 says that the zone is in it. Table 53: TIME, no DST, minutes east: -300.
LIMITS = octets("00 10 00 00 00 0000 0000")
CLOCK = octets("18 07 01 0C 00 00  21")
ZONE = octets("00 00 00  00  D4FE")
NOON = datetime(2024, 7, 1, 12)


@pytest.fixture
def known():
    return meter({51: LIMITS, 52: CLOCK, 53: ZONE})


@pytest.fixture
def zoneless():
    return meter({52: CLOCK})


def test_a_time_as_the_clock_shows_it(known, zoneless):
    assert asked_times(known, NOON, NOON + timedelta(hours=1)) == (
        datetime(2024, 7, 1, 17, tzinfo=UTC),
        datetime(2024, 7, 1, 18, tzinfo=UTC),
    )
    assert asked_times(zoneless, NOON, None) == (NOON, None)


def test_a_time_with_a_zone_stays(known):
    at = NOON.replace(tzinfo=timezone(timedelta(hours=2)))
    assert asked_times(known, at, at) == (at, at)


def test_so_long_before_the_clock(known, zoneless):
    assert asked_times(known, timedelta(hours=3), None) == (datetime(2024, 7, 1, 14, tzinfo=UTC), None)
    assert asked_times(zoneless, timedelta(hours=3), None) == (datetime(2024, 7, 1, 9), None)


def test_the_word_of_the_caller_goes_first(known):
    east = timezone(timedelta(hours=1))
    assert asked_times(known, NOON, None, east) == (datetime(2024, 7, 1, 11, tzinfo=UTC), None)
    assert shown_now(known, east).utc == datetime(2024, 7, 1, 11, tzinfo=UTC)


def test_what_the_clock_shows(known):
    assert shown_now(known).utc == datetime(2024, 7, 1, 17, tzinfo=UTC)
    assert shown_now(known).shown == NOON
    assert shown_now(meter({})) is None


def test_a_clock_that_shows_nothing():
    """Month 0 is no month."""
    blank = meter({52: octets("18 00 00 00 00 00  21")})
    assert asked_times(blank, NOON, None) == (NOON, None)
    with pytest.raises(TableError, match="the clock shows no time"):
        asked_times(blank, timedelta(hours=1), None)
    with pytest.raises(MissingTableError):
        asked_times(meter({}), timedelta(hours=1), None)
