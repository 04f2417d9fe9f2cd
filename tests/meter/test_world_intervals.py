"""Intervals: what a meter records when nobody touches its clock, and what when somebody does."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from c1222.meter.world.events import ClockSet, Outage, moment, seconds
from c1222.meter.world.load import Quantity
from c1222.meter.world.world import World

INSTALLED = datetime(2025, 1, 1, 5, tzinfo=UTC)
WH = Quantity.WH_DELIVERED
few = hypothesis_settings(max_examples=30)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def stamps(world, start, end):
    return [world.stamp(interval).strftime("%H:%M") for interval in world.intervals(utc(start), utc(end))]


@pytest.mark.parametrize(
    ("day", "count"),
    [
        pytest.param("2025-06-10", 96, id="ordinary"),
        pytest.param("2025-03-09", 92, id="DST begins"),
        pytest.param("2025-11-02", 100, id="DST ends"),
    ],
)
def test_intervals_of_a_local_day(day, count):
    world = World()
    labelled = (world.stamp(one) for one in world.intervals(utc(day) - timedelta(days=1), utc(day) + timedelta(days=3)))
    # An interval that ends at midnight belongs to the day before.
    assert sum((stamp - timedelta(seconds=1)).date().isoformat() == day for stamp in labelled) == count


def test_stamps_jump_where_dst_begins():
    assert stamps(World(), "2025-03-09T06:15", "2025-03-09T07:30") == ["01:30", "01:45", "03:00", "03:15", "03:30"]


def test_intervals_know_dst():
    intervals = list(World().intervals(utc("2025-11-02T05:30"), utc("2025-11-02T06:30")))
    assert [one.dst for one in intervals] == [True, True, False, False]


def test_energy_of_the_intervals_is_the_energy():
    world = World(2, events=[Outage(utc("2025-03-01T03:10"), utc("2025-03-01T07:20"))])
    start, end = utc("2025-02-20T00:00"), utc("2025-03-10T00:00")
    for quantity in Quantity:
        whole = sum(world.interval_energy(quantity, one) for one in world.intervals(start, end))
        assert whole == world.energy(quantity, start, end)


def test_an_outage_leaves_intervals_without_power():
    world = World(events=[Outage(utc("2025-02-01T10:10"), utc("2025-02-01T11:05"))])
    intervals = list(world.intervals(utc("2025-02-01T10:00"), utc("2025-02-01T11:30")))
    assert [world.powered(one) for one in intervals] == [600, 0, 0, 0, 600, 900]
    assert [world.interval_energy(WH, one) == 0 for one in intervals] == [False, True, True, True, False, False]


def test_a_set_inside_a_quarter_makes_it_shorter_or_longer():
    """Two minutes forward at 10:05: the interval ends, by true time, at 10:13. Back: at 10:17."""
    for by, true_end, flags in ((120, "10:13", (True, False)), (-120, "10:17", (False, True))):
        world = World(events=[ClockSet(utc("2025-02-01T10:05"), by)])
        touched, after = list(world.intervals(utc("2025-02-01T10:00"), utc("2025-02-01T10:33")))[:2]
        assert moment(touched.start) == utc("2025-02-01T10:00")
        assert moment(touched.end).strftime("%H:%M") == true_end
        assert (touched.clock_forward, touched.clock_backward) == flags
        assert (after.clock_forward, after.clock_backward) == (False, False)
        assert after.end - after.start == 900
        assert world.stamp(touched).strftime("%H:%M") == "05:15"


def test_a_set_forward_skips_quarters():
    """At 10:05 the clock goes to 10:50 (05:50 local): 05:00 ends early, 05:15 and 05:30 are skipped, 05:45 is cut."""
    world = World(events=[ClockSet(utc("2025-02-01T10:05"), 45 * 60)])
    intervals = list(world.intervals(utc("2025-02-01T10:00"), utc("2025-02-01T10:30")))
    assert stamps(world, "2025-02-01T10:00", "2025-02-01T10:30") == ["05:15", "05:30", "05:45", "06:00", "06:15"]
    assert [one.end - one.start for one in intervals] == [300, 0, 0, 600, 900]
    assert [one.clock_forward for one in intervals] == [True, True, True, True, False]


def test_a_set_back_brings_quarters_again():
    """At 10:05 the clock goes back to 09:25: the running interval ends, and quarters come again from 09:15 on."""
    world = World(events=[ClockSet(utc("2025-02-01T10:05"), -40 * 60)])
    assert stamps(world, "2025-02-01T09:45", "2025-02-01T10:45") == ["05:00", "05:15", "04:30", "04:45", "05:00"]
    intervals = list(world.intervals(utc("2025-02-01T09:45"), utc("2025-02-01T10:45")))
    assert [one.end - one.start for one in intervals] == [900, 300, 300, 900, 900]
    assert [one.clock_backward for one in intervals] == [False, True, True, False, False]
    assert [one.repeats for one in intervals] == [False, False, True, False, False]
    assert [one.number for one in intervals] == list(range(intervals[0].number, intervals[0].number + 5))


def test_a_set_on_the_boundary_cuts_nothing():
    world = World(events=[ClockSet(utc("2025-02-01T10:00"), -900)])
    intervals = list(world.intervals(utc("2025-02-01T09:30"), utc("2025-02-01T10:30")))
    assert [one.end - one.start for one in intervals] == [900, 900, 900, 900]
    assert stamps(world, "2025-02-01T09:30", "2025-02-01T10:30") == ["04:45", "05:00", "05:00", "05:15"]
    # They are whole, so they have demands.
    assert not any(one.is_touched for one in intervals)


def test_numbers_count_from_the_installation():
    world = World()
    first = world.interval(0)
    assert moment(first.start) == INSTALLED
    assert world.closed_at(seconds(INSTALLED)) == 0
    assert world.closed_at(seconds(INSTALLED) - 5) == 0
    assert world.closed_at(seconds(INSTALLED) + 899) == 0
    assert world.closed_at(seconds(INSTALLED) + 900) == 1
    with pytest.raises(IndexError):
        world.interval(-1)


sets = st.lists(st.tuples(st.integers(0, 40 * 900), st.integers(-9 * 900, 9 * 900)), max_size=6)


@few
@given(sets, st.integers(0, 3))
def test_intervals_cover_true_time_whatever_is_done_to_the_clock(times, seed):
    """Each begins where the one before ended, and is counted as closed from its end on."""
    world = World(seed, events=[ClockSet(INSTALLED + timedelta(seconds=second), by) for second, by in times])
    end = INSTALLED + timedelta(seconds=60 * 900)
    intervals = list(world.intervals(INSTALLED, end))
    assert all(b.start == a.end for a, b in pairwise(intervals))
    assert all(one.end >= one.start for one in intervals)
    assert [one.number for one in intervals] == list(range(intervals[0].number, intervals[0].number + len(intervals)))
    for one in intervals:
        if one.end > one.start:
            assert world.closed_at(one.end - 1) <= one.number < world.closed_at(one.end)
    last = intervals[-1]
    assert world.energy(WH, moment(intervals[0].start), moment(last.end)) == sum(
        world.interval_energy(WH, one) for one in intervals
    )


@few
@given(sets, st.sampled_from([None, 0, 1]))
def test_the_greatest_demand_is_that_of_one_interval(times, tier):
    """Held against a look at each interval by itself."""
    world = World(7, events=[ClockSet(INSTALLED + timedelta(seconds=second + 30 * 900), by) for second, by in times])
    start, end = INSTALLED + timedelta(hours=2), INSTALLED + timedelta(days=4)
    candidates = [
        one
        for one in world.intervals(start, end)
        if not one.is_touched and (tier is None or world.tier_at(one.start) == tier)
    ]
    found = world.max_demand(WH, start, end, tier)
    powers = [4 * world.energy(WH, moment(one.start), moment(one.end)) for one in candidates]
    assert found.value == max(powers, default=0)
    if powers:
        assert found.interval == candidates[powers.index(max(powers))]


def test_no_demand_without_an_interval():
    start = utc("2025-02-01T10:00")
    none = World().max_demand(WH, start, start + timedelta(minutes=14))
    assert (none.value, none.interval) == (0, None)


def test_a_reset_splits_demands_by_the_end_of_the_interval():
    world, middle = World(), utc("2025-02-01T10:07")
    before = world.max_demand(WH, utc("2025-02-01T09:45"), middle)
    after = world.max_demand(WH, middle, utc("2025-02-01T10:15"))
    assert moment(before.interval.end) == utc("2025-02-01T10:00")
    assert moment(after.interval.end) == utc("2025-02-01T10:15")
