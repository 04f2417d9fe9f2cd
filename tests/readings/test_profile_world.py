"""The load profile of the simulated meter as a reader has it, against its world: what flowed when, to the last digit.

The tables are the meter's, the expected values the world's, which knows of no tables. Times are by the meter's clock:
where that was set wrong, an interval's time is what the meter took for it (Interval.stamp of the world).
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from c1219_tables.context import MeterTables
from c1219_tables.readings.intervals.quality import Quality
from c1219_tables.readings.profile import profile
from c1222.meter.image.memory import Build
from c1222.meter.image.simulated_image import SimulatedImage
from c1222.meter.world.events import ClockSet, Outage, moment, seconds
from c1222.meter.world.load import Quantity
from c1222.meter.world.past import world_with_a_past
from c1222.meter.world.world import World

CHANNELS = [Quantity.WH_DELIVERED, Quantity.WH_RECEIVED, Quantity.VARH_Q1, Quantity.VARH_Q4]
TABLES = (0, 11, 12, 13, 14, 15, 16, 51, 52, 53, 54, 55, 61, 62, 63)
INSTALLED = datetime(2025, 1, 1, 5, tzinfo=UTC)
CLOCK = Quality.CLOCK_FORWARD | Quality.CLOCK_BACKWARD


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def tables_of(image, at):
    tables = MeterTables()
    tables.add_all({number: image.read(number, at) for number in TABLES})
    return tables


def read(image, at, **options):
    """The profile; table 64 as octets, the way that a reader of much data has it."""
    return profile(tables_of(image, at), data=image.read(64, at), **options)


def same_as_the_world(found, world, at):
    """Each interval is the world's, and none is missing; gives how many have a time that is not sure.

    Blocks have 96 intervals, the first begins with the first interval of all; the newest block may not be full.
    """
    assert found.is_utc
    last = world.closed_at(seconds(at))
    count = min(last, 96 * (found.data.layout.blocks - 1) + (last - 1) % 96 + 1)
    assert len(found.data.ends) == count
    truth = [world.interval(number) for number in range(last - count, last)]
    unsure = 0
    for series, quantity in zip(found, CHANNELS, strict=True):
        assert series.unit == ("Wh" if quantity.value.startswith("wh") else "varh")
        assert len(series) == count
        for interval, true in zip(series, truth, strict=True):
            quality = interval.quality
            energy = Decimal(world.interval_energy(quantity, true)) / 1000
            powered, length = world.powered(true), true.end - true.start
            if powered:
                assert interval.value == energy
            else:
                assert interval.value is None
                assert energy == 0
                assert Quality.SKIPPED in quality
            assert (Quality.PARTIAL in quality) == (0 < powered < 900)
            assert (Quality.LONG in quality) == (powered > 900)
            assert (Quality.POWER_FAIL in quality) == (powered < length)
            assert (Quality.DST in quality) == true.dst
            assert (Quality.CLOCK_FORWARD in quality) == true.clock_forward
            assert (Quality.CLOCK_BACKWARD in quality) == true.clock_backward
            if Quality.TIME_ASSUMED in quality:
                unsure += 1
            else:
                assert interval.end == moment(true.stamp)
                assert interval.start == interval.end - timedelta(minutes=15)
    return unsure


def test_a_year_of_wraps_and_of_all_that_happens():
    """One meter that keeps eight days, read every five: each interval is seen, many from two places of the circle.

    DST goes on in March and off in November; outages of seconds and of days, over the end of a block and over the
    change of DST; the clock set by seconds, by minutes, by hours, forward and back.
    """
    world = World(
        5,
        events=[
            Outage(utc("2025-02-03T10:07:00"), utc("2025-02-03T10:07:20")),
            Outage(utc("2025-03-09T06:20:00"), utc("2025-03-09T07:40:00")),
            Outage(utc("2025-04-10T22:00:00"), utc("2025-04-13T01:30:00")),
            Outage(utc("2025-11-02T05:10:00"), utc("2025-11-02T06:05:00")),
            ClockSet(utc("2025-02-20T15:01:00"), -40),
            ClockSet(utc("2025-03-20T15:01:00"), 3 * 3600),
            ClockSet(utc("2025-03-25T15:01:00"), -3 * 3600),
            ClockSet(utc("2025-06-10T12:00:00"), -1800),
            ClockSet(utc("2025-07-15T12:07:30"), 1840),
            ClockSet(utc("2025-09-30T23:59:50"), -20),
        ],
    )
    image = SimulatedImage(world, Build(days=8))
    at, wrapped, unsure = INSTALLED + timedelta(hours=7), 0, []
    while at < utc("2026-02-01T00:00:00"):
        if world.is_powered(at):
            found = read(image, at)
            wrapped += found.blocks[0].place > found.blocks[-1].place
            unsure.append(same_as_the_world(found, world, at))
            assert {note.code for note in found.notes} <= {"clock-set-in-oldest-block"}
        at += timedelta(days=5)
    assert wrapped > 50
    # Only where the clock was set in the very block that is the oldest one are times not sure.
    assert sum(count > 0 for count in unsure) <= 6


@pytest.mark.parametrize("seed", range(2))
def test_meters_with_a_past(seed):
    at = utc("2026-03-20T17:17:00")
    world = world_with_a_past(seed, at, days=90)
    assert same_as_the_world(read(SimulatedImage(world), at), world, at) == 0


@pytest.mark.parametrize("data_order", [0, 1])
@pytest.mark.parametrize("tm_format", [1, 2, 3, 4])
def test_formats_of_the_meter(tm_format, data_order):
    at = utc("2025-03-11T12:00:00")
    world = World(3, installed=utc("2025-02-01T05:00:00"), events=[ClockSet(utc("2025-03-03T09:00:00"), -7200)])
    image = SimulatedImage(world, Build(tm_format=tm_format, data_order=data_order, days=20))
    assert same_as_the_world(read(image, at), world, at) == 0


@pytest.mark.parametrize("minutes", range(0, 150, 15))
def test_blocks_that_end_in_the_hour_that_comes_twice(minutes):
    """06:00 UTC on 2 November is when it comes again; blocks begin at the quarter that the meter was installed at."""
    installed = utc("2025-10-20T05:00:00") + timedelta(minutes=minutes)
    world = World(3, installed=installed)
    image = SimulatedImage(world, Build(days=2))
    for quarters in range(12):
        at = utc("2025-11-02T04:00:00") + timedelta(minutes=15 * quarters)
        assert same_as_the_world(read(image, at), world, at) == 0


def test_other_zones():
    for zone in (-720, 0, 345, 600):
        world = World(3, zone=zone, installed=utc("2025-03-01T00:00:00"))
        at = utc("2025-03-15T00:00:00")
        assert same_as_the_world(read(SimulatedImage(world), at), world, at) == 0


def test_two_sets_of_the_clock_in_one_block():
    """Between them, nothing says how far the first one went: those times are marked, and no others."""
    world = World(3, events=[ClockSet(utc("2025-01-05T12:00:00"), -7200), ClockSet(utc("2025-01-05T15:00:00"), -3600)])
    at = utc("2025-01-08T00:00:00")
    found = read(SimulatedImage(world), at)
    # From 12:00 to 15:00, true time, are 12 intervals on each of four channels.
    assert same_as_the_world(found, world, at) == 4 * 12
    assert [note.code for note in found.notes] == ["several-jumps"]


def test_a_time_that_comes_again_is_marked():
    """Set back by two hours at noon: from 10:00 to 12:00 on the meter's clock there are two of each interval."""
    world = World(3, zone=0, dst=None, installed=utc("2025-01-01T00:00:00"))
    world.add(ClockSet(utc("2025-01-03T12:00:00"), -7200))
    series = read(SimulatedImage(world), utc("2025-01-04T00:00:00")).channel(1)
    again = [interval.end for interval in series if Quality.REPEATED in interval.quality]
    assert again == [utc("2025-01-03T10:15:00") + timedelta(minutes=15 * n) for n in range(8)]


def test_jumped_over_intervals_are_gaps():
    world = World(3, zone=0, dst=None, installed=utc("2025-01-01T00:00:00"))
    world.add(
        ClockSet(utc("2025-01-03T12:00:00"), 7200), Outage(utc("2025-01-03T02:10:00"), utc("2025-01-03T03:40:00"))
    )
    gaps = list(read(SimulatedImage(world), utc("2025-01-04T00:00:00")).channel(2).gaps())
    assert [(gap.start, gap.end) for gap in gaps] == [
        (utc("2025-01-03T02:15:00"), utc("2025-01-03T03:30:00")),
        (utc("2025-01-03T12:00:00"), utc("2025-01-03T14:00:00")),
    ]
    assert Quality.POWER_FAIL in gaps[0].quality
    assert Quality.CLOCK_FORWARD in gaps[1].quality


def test_the_total_is_what_flowed():
    world = World(9, events=[Outage(utc("2025-01-10T10:00:00"), utc("2025-01-10T11:20:00"))])
    at = utc("2025-01-20T05:00:00")
    for series, quantity in zip(read(SimulatedImage(world), at), CHANNELS, strict=True):
        assert series.total() == Decimal(world.energy(quantity, INSTALLED, at)) / 1000
        assert {note.code for note in series.notes} >= {"end-readings-agree", "end-pulses-agree"}


def test_since_and_until():
    world = World(9)
    at = utc("2025-03-15T13:05:00")
    image = SimulatedImage(world)
    since, until = utc("2025-03-08T12:10:00"), utc("2025-03-10T00:00:00")
    series = read(image, at, since=since, until=until).channel(1)
    assert series[0].end == utc("2025-03-08T12:15:00")
    assert series[-1].end == until
    # 48 quarters are left of 8 March at 12:00 UTC, and 96 are those of the 9th.
    assert len(series) == 48 + 96
    wanted = [world.energy(CHANNELS[0], one.start, one.end) for one in series]
    assert [one.value for one in series] == [Decimal(energy) / 1000 for energy in wanted]
    assert series.origin(-1).octets == int(series.raw[-1]).to_bytes(4, "little")
