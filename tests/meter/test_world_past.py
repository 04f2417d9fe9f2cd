"""A world with a past: what the simulated meter has gone through when somebody first reads it."""

from datetime import UTC, datetime, timedelta

import pytest

from c1222.meter.world.events import ClockSet, DemandReset, PowerUp, SelfRead, moment
from c1222.meter.world.past import world_with_a_past

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def happened(world, kind):
    return [one for one in world.events(moment(world.installed), NOW) if isinstance(one, kind)]


def test_it_was_installed_a_hundred_days_ago_at_midnight():
    """Local midnight before 2025-12-31 19:00 is 05:00 UTC; 100 days before is 22 September."""
    assert moment(world_with_a_past(1, NOW).installed) == datetime(2025, 9, 22, 5, tzinfo=UTC)


def test_demands_were_reset_on_the_first_of_each_month():
    """At local midnight: 04:00 UTC while DST lasts, 05:00 after."""
    world = world_with_a_past(1, NOW)
    firsts = ["2025-10-01T04:00", "2025-11-01T04:00", "2025-12-01T05:00"]
    assert [one.at.strftime("%Y-%m-%dT%H:%M") for one in happened(world, DemandReset)] == firsts
    assert [one.at for one in happened(world, SelfRead)] == [one.at for one in happened(world, DemandReset)]
    assert [world.local_time(one.at).hour for one in happened(world, DemandReset)] == [0, 0, 0]


def test_the_clock_was_wrong_for_five_days_and_is_right():
    world = world_with_a_past(1, NOW)
    wrong, right = happened(world, ClockSet)
    assert right.at - wrong.at == timedelta(days=5)
    assert wrong.by == -right.by != 0
    assert world.local_time(NOW) == datetime(2025, 12, 31, 19)


def test_power_failed_now_and_then():
    counts = [len(happened(world_with_a_past(seed, NOW), PowerUp)) for seed in range(20)]
    # 99 days, one in 21: about five each.
    assert 2 * 20 < sum(counts) < 9 * 20


def test_a_seed_has_one_past():
    def past(seed):
        return world_with_a_past(seed, NOW).events(NOW - timedelta(days=99), NOW)

    assert past(4) == past(4)
    assert past(4) != past(5)


@pytest.mark.parametrize("days", [1, 2, 30, 37, 400])
def test_any_number_of_days(days):
    world = world_with_a_past(3, NOW, days=days, zone=60)
    assert all(
        world.installed < one.at.timestamp() <= NOW.timestamp() for one in world.events(moment(world.installed), NOW)
    )
    assert (len(happened(world, ClockSet)) == 2) == (days > 36)
