"""The world: energies that add up exactly, outages that take what would have flowed, what happened."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from c1222.meter.world.events import (
    ClockSet,
    DemandReset,
    DstChange,
    Outage,
    PowerDown,
    PowerUp,
    ProcedureStarted,
    SeasonChange,
    SelfRead,
    moment,
    seconds,
)
from c1222.meter.world.load import Load, Quantity
from c1222.meter.world.world import World

INSTALLED = datetime(2025, 1, 1, 5, tzinfo=UTC)
WH = Quantity.WH_DELIVERED
QUARTER = timedelta(minutes=15)
few = hypothesis_settings(max_examples=25)
moments = st.integers(0, 400 * 86400).map(lambda second: INSTALLED + timedelta(seconds=second))


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# -- Energy -----------------------------------------------------------------------------------------------------------


@few
@given(st.sampled_from(Quantity), st.lists(moments, min_size=2, max_size=8), st.integers(0, 50))
def test_spans_that_follow_each_other_add_up(quantity, times, seed):
    world, times = World(seed), sorted(times)
    pieces = sum(world.energy(quantity, a, b) for a, b in pairwise(times))
    assert pieces == world.energy(quantity, times[0], times[-1])


@pytest.mark.parametrize("quantity", Quantity)
def test_a_day_is_its_96_quarters(quantity):
    world, start = World(3), at("2025-06-10T04:00")
    quarters = [world.energy(quantity, start + n * QUARTER, start + (n + 1) * QUARTER) for n in range(96)]
    assert sum(quarters) == world.energy(quantity, start, start + timedelta(days=1))
    assert min(quarters) >= 0
    assert max(quarters) > 0


def test_inside_a_quarter_power_is_constant():
    """A third of a quarter of an hour has a third of its energy, rounded down from the quarter's start."""
    world, start = World(), at("2025-03-03T17:15")
    whole = world.energy(WH, start, start + QUARTER)
    assert world.energy(WH, start, start + QUARTER / 3) == whole // 3
    assert world.energy(WH, start, start + timedelta(seconds=1)) == whole // 900


def test_a_seed_is_always_the_same_load_and_another_one_is_another():
    def year(seed):
        return World(seed).energy(WH, INSTALLED, at("2026-01-01T05:00"))

    assert year(1) == year(1)
    assert year(1) != year(2)


def test_the_order_of_questions_changes_nothing():
    late, early = at("2025-12-24T18:00"), at("2025-02-03T04:05:06")
    first, second = World(9), World(9)
    assert [first.energy(WH, INSTALLED, t) for t in (early, late)] == [
        second.energy(WH, INSTALLED, t) for t in (late, early)
    ][::-1]


def test_the_house_lives_by_day_and_sells_at_noon():
    """Local standard time is UTC - 5: 19:00 is 00:00 of the next day."""
    world = World()

    def mean(quantity, hour):
        starts = [INSTALLED + timedelta(days=day, hours=hour) for day in range(100, 128)]
        return sum(world.energy(quantity, start, start + timedelta(hours=1)) for start in starts)

    assert mean(WH, 19) > 2 * mean(WH, 3)
    assert mean(Quantity.WH_RECEIVED, 12) > 0
    assert mean(Quantity.WH_RECEIVED, 0) == 0


def test_there_is_a_summer_and_a_weekend():
    world = World()

    def month(quantity, name, days=30):
        start = at(f"2025-{name}-01T05:00")
        return world.energy(quantity, start, start + timedelta(days=days))

    assert month(Quantity.WH_RECEIVED, "07") > 1.4 * month(Quantity.WH_RECEIVED, "01")
    days = [world.energy(WH, INSTALLED + timedelta(days=n), INSTALLED + timedelta(days=n + 1)) for n in range(364)]
    # The first of January 2025 was a Wednesday: days 3 and 4 were the first weekend.
    weekend = [energy for n, energy in enumerate(days) if n % 7 in (3, 4)]
    working = [energy for n, energy in enumerate(days) if n % 7 not in (3, 4)]
    assert sum(weekend) / len(weekend) > 1.05 * sum(working) / len(working)


def test_nothing_is_before_the_installation():
    world = World()
    assert world.energy(WH, INSTALLED - timedelta(days=3), INSTALLED) == 0
    with pytest.raises(ValueError, match="before the meter was installed"):
        world.add(DemandReset(INSTALLED - timedelta(seconds=1)))


def test_a_meter_is_installed_on_a_quarter_of_an_hour():
    with pytest.raises(ValueError, match="quarter of an hour"):
        World(installed=at("2025-01-01T05:01"))


def test_the_load_begins_at_midnight():
    """Local midnight, five hours west, before 12:00 UTC."""
    load = Load(1, -300, seconds(at("2025-06-01T12:00")))
    assert load.total(WH, seconds(at("2025-06-01T05:00"))) == 0
    with pytest.raises(ValueError, match="begins later"):
        load.total(WH, seconds(at("2025-06-01T04:59:59")))


def test_when_the_meter_was_installed_changes_nothing_of_the_load():
    early, late = World(4), World(4, installed=at("2025-05-07T13:15"))
    day = at("2025-05-08T00:00"), at("2025-05-09T00:00")
    assert early.energy(WH, *day) == late.energy(WH, *day)


def test_times_have_a_zone():
    with pytest.raises(ValueError, match="zone"):
        World().energy(WH, datetime(2025, 2, 1), INSTALLED)


@given(st.integers(-(2**40), 2**36))
def test_moments_and_seconds_are_each_other(second):
    if -62135596800 <= second <= 253402300799:
        assert seconds(moment(second)) == second


# -- Tiers ------------------------------------------------------------------------------------------------------------


@few
@given(moments, moments, st.sampled_from(Quantity))
def test_the_tiers_together_are_the_whole(start, end, quantity):
    world = World(5, events=[Outage(at("2025-04-02T20:00"), at("2025-04-02T22:30"))])
    start, end = min(start, end), max(start, end)
    assert sum(world.energy(quantity, start, end, tier) for tier in (0, 1)) == world.energy(quantity, start, end)


@pytest.mark.parametrize(
    ("day", "begin", "end"),
    [
        pytest.param("2025-01-08", "07:00", "21:00", id="working day in winter"),
        pytest.param("2025-07-08", "13:00", "19:30", id="working day in summer"),
        pytest.param("2025-07-05", None, None, id="Saturday"),
        pytest.param("2025-07-06", None, None, id="Sunday"),
        pytest.param("2025-07-04", None, None, id="holiday, a Friday"),
    ],
)
def test_tier_1_is_in_force_by_the_calendar(day, begin, end):
    """Local hours of the default tariff; local time is 5 hours behind UTC in winter, 4 in summer."""
    world, zone = World(), timedelta(hours=5 if day < "2025-03" else 4)
    midnight = at(f"{day}T00:00") + zone
    dear = world.energy(WH, midnight, midnight + timedelta(days=1), tier=1)
    if begin is None:
        assert dear == 0
    else:
        assert dear == world.energy(WH, at(f"{day}T{begin}") + zone, at(f"{day}T{end}") + zone)


# -- Outages ----------------------------------------------------------------------------------------------------------


def test_an_outage_takes_what_would_have_flowed():
    start, end = at("2025-02-01T10:07:13"), at("2025-02-01T12:44:02")
    with_power, without = World(4), World(4, events=[Outage(start, end)])
    day = at("2025-02-01T05:00"), at("2025-02-02T05:00")
    for quantity in Quantity:
        assert without.energy(quantity, start, end) == 0
        lost = with_power.energy(quantity, start, end)
        assert without.energy(quantity, *day) == with_power.energy(quantity, *day) - lost


def test_outages_that_overlap_are_one():
    world = World()
    world.add(Outage(at("2025-02-01T10:00"), at("2025-02-01T11:00")))
    world.add(
        Outage(at("2025-02-01T10:30"), at("2025-02-01T12:00")), Outage(at("2025-02-03T00:00"), at("2025-02-03T01:00"))
    )
    told = world.events(at("2025-02-01T00:00"), at("2025-02-02T00:00"))
    assert told == [PowerDown(at("2025-02-01T10:00")), PowerUp(at("2025-02-01T12:00"))]
    whole = World().energy(WH, at("2025-02-01T10:00"), at("2025-02-01T12:00"))
    day = at("2025-02-01T00:00"), at("2025-02-02T00:00")
    assert world.energy(WH, *day) == World().energy(WH, *day) - whole


def test_an_outage_ends_after_it_starts():
    with pytest.raises(ValueError, match="ends after it starts"):
        Outage(INSTALLED, INSTALLED)


def test_a_meter_without_voltage_measures_nothing():
    world = World(events=[Outage(at("2025-02-01T10:00"), at("2025-02-01T11:00"))])
    assert not world.is_powered(at("2025-02-01T10:00"))
    assert world.is_powered(at("2025-02-01T11:00"))
    dead = world.supply(at("2025-02-01T10:59:59"))
    assert (dead.volts, dead.amps, dead.hertz, dead.watts) == (0, 0, 0, 0)


# -- The moment -------------------------------------------------------------------------------------------------------


@few
@given(moments, st.integers(0, 30))
def test_the_supply_is_an_ordinary_one(when, seed):
    world = World(seed)
    now = world.supply(when)
    assert 230_000 < now.volts < 250_000
    assert 59_900 < now.hertz < 60_100
    assert 0 <= now.power_factor <= 1000
    # Apparent power by volts and amps, and by W and var, agree within rounding.
    assert abs(now.volts * now.amps / 1000 - (now.watts**2 + now.vars**2) ** 0.5) <= now.volts / 1000 + 1


def test_power_is_the_energy_of_an_hour_at_that_rate():
    world, start = World(), at("2025-05-05T20:30")
    net = world.energy(WH, start, start + QUARTER) - world.energy(Quantity.WH_RECEIVED, start, start + QUARTER)
    assert world.supply(start + timedelta(minutes=3)).watts == 4 * net


# -- What happened ----------------------------------------------------------------------------------------------------


def test_events_are_told_in_order_whatever_the_order_in_which_they_came():
    reset, read, clock, started = (
        DemandReset(at("2025-02-01T05:00")),
        SelfRead(at("2025-01-20T05:00")),
        ClockSet(at("2025-01-25T05:00"), 7),
        ProcedureStarted(at("2025-01-26T05:00"), 9),
    )
    world = World(events=[reset, read])
    world.add(started, clock)
    assert world.events(INSTALLED, at("2025-02-28T00:00")) == [read, clock, started, reset]
    assert world.events(read.at, clock.at) == [clock]


def test_a_year_of_the_calendar():
    """2025: DST from 9 March 02:00 (07:00 UTC) to 2 November 02:00 (06:00 UTC); seasons change at local midnight."""
    assert World().events(INSTALLED, at("2026-01-01T05:00")) == [
        DstChange(at("2025-03-09T07:00"), True),
        SeasonChange(at("2025-05-01T04:00"), 1),
        SeasonChange(at("2025-11-01T04:00"), 0),
        DstChange(at("2025-11-02T06:00"), False),
    ]


def test_a_clock_that_is_wrong_changes_to_dst_by_itself():
    """A clock that is 10 minutes fast is there 10 minutes earlier; one that is set over the switch is there at once."""
    fast = World(events=[ClockSet(at("2025-03-01T00:00"), 600)])
    assert DstChange(at("2025-03-09T06:50"), True) in fast.events(INSTALLED, at("2025-04-01T00:00"))
    set_over = World(events=[ClockSet(at("2025-03-09T06:00"), 7200)])
    assert DstChange(at("2025-03-09T06:00"), True) in set_over.events(INSTALLED, at("2025-04-01T00:00"))


def test_times_of_resets():
    times = [at(f"2025-0{month}-01T05:00") for month in (2, 3, 4)]
    world = World(events=[*map(DemandReset, times), SelfRead(times[0])])
    found = world.times_of(DemandReset, seconds(times[0]), seconds(times[2]))
    assert [moment(one) for one in found] == times[1:]
