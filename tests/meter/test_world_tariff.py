"""Seasons, holidays and tiers by the calendar; spells in true time; spans without voltage."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from c1222.meter.world.clock import MeterClock
from c1222.meter.world.events import seconds
from c1222.meter.world.outages import Outages
from c1222.meter.world.tariff import Tariff, next_midnight, spells


def local(text):
    """Seconds of a calendar that knows no zones."""
    return seconds(datetime.fromisoformat(text).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("day", "season"),
    [("2025-01-01", 0), ("2025-04-30", 0), ("2025-05-01", 1), ("2025-10-31", 1), ("2025-11-01", 0), ("2025-12-31", 0)],
)
def test_seasons(day, season):
    assert Tariff().season(local(f"{day}T00:00")) == Tariff().season(local(f"{day}T23:59:59")) == season


@pytest.mark.parametrize(
    ("at", "tier"),
    [
        pytest.param("2025-01-08T06:59:59", 0, id="before"),
        pytest.param("2025-01-08T07:00", 1, id="at the switch"),
        pytest.param("2025-01-08T20:59:59", 1, id="until"),
        pytest.param("2025-01-08T21:00", 0, id="after"),
        pytest.param("2025-07-08T19:29:59", 1, id="summer"),
        pytest.param("2025-12-25T12:00", 0, id="Christmas, a Thursday"),
        pytest.param("2025-12-26T12:00", 1, id="the day after"),
    ],
)
def test_tiers(at, tier):
    assert Tariff().tier(local(at)) == tier


@pytest.mark.parametrize(
    ("at", "coming"),
    [
        ("2025-01-08T00:00", "2025-01-08T07:00"),
        ("2025-01-08T07:00", "2025-01-08T21:00"),
        ("2025-01-08T21:00", "2025-01-09T00:00"),
        ("2025-01-11T13:00", "2025-01-12T00:00"),
    ],
)
def test_the_next_switch(at, coming):
    assert Tariff().next_switch(local(at)) == local(coming)


def test_spells_follow_the_clock_through_dst():
    """9 March 2025 has 23 hours: the first midnight is 05:00 UTC, the second 04:00."""
    start, end = local("2025-03-08T05:00"), local("2025-03-10T12:00")
    found = list(spells(MeterClock(-300), start, end, lambda at: at // 86400, next_midnight))
    # Two hours into the second day DST begins, which splits it.
    assert [(stop - begin) // 3600 for begin, stop, _ in found] == [24, 2, 21, 8]
    assert found[0][0] == start
    assert found[-1][1] == end
    days = [day for *_, day in found]
    assert days == [days[0], days[0] + 1, days[0] + 1, days[0] + 2]


spans = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=8)


@given(spans, st.integers(0, 80), st.integers(0, 40))
def test_outages_are_the_seconds_that_somebody_named(given_spans, start, length):
    """Held against a set of seconds."""
    outages, dark = Outages(), set()
    for down, seconds_of in given_spans:
        outages.add(down, down + seconds_of)
        dark |= set(range(down, down + seconds_of))
    wanted = set(range(start, start + length))
    assert {at for down, up in outages.within(start, start + length) for at in range(down, up)} == wanted & dark
    powered = [at for begin, end in outages.powered([(start, start + length)]) for at in range(begin, end)]
    assert powered == sorted(wanted - dark)
    assert all(outages.is_powered(at) == (at not in dark) for at in range(90))
    merged = list(outages)
    assert all(first[1] < second[0] for first, second in pairwise(merged))
