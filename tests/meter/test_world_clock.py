"""The meter's clock, held against the zone database of the system (a second implementation) and a calendar."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from c1222.meter.world.clock import DstRule, MeterClock, NthSunday
from c1222.meter.world.events import ClockSet, seconds
from c1222.meter.world.world import World


def zone(name):
    """A zone of the system's database, which a bare system may lack."""
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        pytest.skip("this system has no zone database")


years = st.integers(seconds(datetime(2010, 1, 1, tzinfo=UTC)), seconds(datetime(2036, 1, 1, tzinfo=UTC)))


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@given(years)
def test_the_rule_of_the_united_states(at):
    shown = MeterClock(-300).shown(at)
    assert shown == datetime.fromtimestamp(at, zone("America/New_York")).replace(tzinfo=None)


@given(years)
def test_another_rule(at):
    """Europe: from the last Sunday of March to the last of October; in Berlin from 02:00 to 03:00 daylight time."""
    clock = MeterClock(60, DstRule(NthSunday(3, -1), NthSunday(10, -1), hour=2))
    there = datetime.fromtimestamp(at, zone("Europe/Berlin")).replace(tzinfo=None)
    # The rule has one hour for both: ours ends an hour early, at 02:00 daylight time.
    if abs(there - clock.shown(at)) != timedelta(hours=1):
        assert clock.shown(at) == there
    else:
        assert there.month == 10
        assert there.hour == 2


@pytest.mark.parametrize(
    ("sunday", "year", "day"),
    [
        (NthSunday(3, 2), 2025, date(2025, 3, 9)),
        (NthSunday(3, 2), 2026, date(2026, 3, 8)),
        (NthSunday(11, 1), 2026, date(2026, 11, 1)),
        (NthSunday(3, -1), 2024, date(2024, 3, 31)),
        (NthSunday(12, -1), 2025, date(2025, 12, 28)),
        (NthSunday(10, -2), 2025, date(2025, 10, 19)),
    ],
)
def test_sundays_of_the_calendar(sunday, year, day):
    assert sunday.of(year) == day


def test_southern_summers_go_over_new_year():
    """Sydney's rule: on the first Sunday of October, off on the first Sunday of April, at 02:00 standard time."""
    clock = MeterClock(600, DstRule(NthSunday(10, 1), NthSunday(4, 1), hour=3))
    assert clock.is_dst(seconds(utc("2025-01-10T00:00")))
    assert not clock.is_dst(seconds(utc("2025-07-10T00:00")))
    assert clock.is_dst(seconds(utc("2025-12-10T00:00")))


def test_a_place_without_dst():
    clock = MeterClock(330, None)
    assert clock.shown(seconds(utc("2025-07-01T00:00"))) == datetime(2025, 7, 1, 5, 30)
    assert clock.next_dst_change(0) is None


@pytest.mark.parametrize("zone", [-301, 7, -735, 900])
def test_zones_that_there_are_not(zone):
    with pytest.raises(ValueError, match="time zone"):
        MeterClock(zone)


def test_dst_moves_by_quarters():
    with pytest.raises(ValueError, match="15 minutes"):
        MeterClock(0, DstRule(amount=20))


@pytest.mark.parametrize(
    ("shown", "dst", "meant"),
    [
        pytest.param("2025-07-01T12:00", False, "2025-07-01T16:00", id="summer"),
        pytest.param("2025-01-01T12:00", True, "2025-01-01T17:00", id="winter, the flag is wrong"),
        pytest.param("2025-11-02T01:30", True, "2025-11-02T05:30", id="comes twice, the first time"),
        pytest.param("2025-11-02T01:30", False, "2025-11-02T06:30", id="comes twice, the second time"),
        pytest.param("2025-03-09T02:30", False, "2025-03-09T07:30", id="left out"),
    ],
)
def test_what_is_shown_means_a_time(shown, dst, meant):
    assert MeterClock(-300).meter_time_of(datetime.fromisoformat(shown), dst=dst) == seconds(utc(meant))


@given(years)
def test_what_is_shown_leads_back(at):
    clock = MeterClock(-300)
    assert clock.meter_time_of(clock.shown(at), dst=clock.is_dst(at)) == at


def test_a_set_counts_from_its_own_second_on():
    world = World(events=[ClockSet(utc("2025-02-01T12:00"), 90), ClockSet(utc("2025-02-03T12:00"), -30)])
    shown = [world.local_time(utc(text)) for text in ("2025-02-01T11:59:59", "2025-02-01T12:00", "2025-02-03T12:00")]
    assert shown == [
        datetime(2025, 2, 1, 6, 59, 59),
        datetime(2025, 2, 1, 7, 1, 30),
        datetime(2025, 2, 3, 7, 1, 0),
    ]


@given(years)
def test_the_next_change_is_the_next(at):
    clock = MeterClock(-300)
    change = clock.next_dst_change(at)
    assert change > at
    assert clock.is_dst(change - 1) == clock.is_dst(at) != clock.is_dst(change)
