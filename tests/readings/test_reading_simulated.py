"""Registers of the simulated meter against its world, which knows no tables: a year with all that may happen in it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from c1219_tables.context import MeterTables
from c1219_tables.readings.register_value import Kind, Taken
from c1219_tables.readings.registers import TABLES, registers
from c1222.meter.image.memory import Build
from c1222.meter.image.simulated_image import SimulatedImage
from c1222.meter.world.events import ClockSet, DemandReset, Outage, SelfRead, moment, seconds
from c1222.meter.world.load import Quantity
from c1222.meter.world.world import World


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


INSTALLED = utc("2025-01-01T05:00")
RESETS = [utc(f"2025-{month:02}-01T05:00") for month in (2, 3, 4, 6, 8, 10, 12)]
EVENTS = [
    *map(DemandReset, RESETS),
    *(SelfRead(utc(f"2025-{month:02}-15T05:00")) for month in range(1, 13)),
    SelfRead(utc("2025-11-02T05:30")),
    # Power fails as DST begins, over a quarter's end, for seconds, and for two days.
    Outage(utc("2025-03-09T06:50"), utc("2025-03-09T07:20")),
    Outage(utc("2025-05-05T12:14:58"), utc("2025-05-05T12:15:03")),
    Outage(utc("2025-08-20T01:00"), utc("2025-08-22T01:00")),
    # The clock is put wrong and right, by seconds, hours and days.
    ClockSet(utc("2025-02-10T15:00"), 95),
    ClockSet(utc("2025-02-11T15:00"), -95),
    ClockSet(utc("2025-07-10T15:03"), 7200),
    ClockSet(utc("2025-07-10T19:03"), -7200),
    ClockSet(utc("2025-09-01T12:00"), 3 * 86400),
    ClockSet(utc("2025-09-02T12:00"), -3 * 86400),
]
WH, RECEIVED, VAR = Quantity.WH_DELIVERED, Quantity.WH_RECEIVED, Quantity.VARH_Q1
NAMES = {
    Quantity.WH_DELIVERED: "active energy delivered",
    Quantity.WH_RECEIVED: "active energy received",
    Quantity.VARH_Q1: "reactive energy Q1",
    Quantity.VARH_Q2: "reactive energy Q2",
    Quantity.VARH_Q3: "reactive energy Q3",
    Quantity.VARH_Q4: "reactive energy Q4",
}
# Before anything, around each change, in the doubled hour, with a wrong clock, on the next new year's day.
TIMES = [
    "2025-01-01T05:00", "2025-01-20T11:11:11", "2025-02-10T20:00", "2025-03-01T04:59:59", "2025-03-01T05:00",
    "2025-03-09T07:30", "2025-05-01T04:00", "2025-05-05T12:15:01", "2025-07-10T17:00", "2025-08-21T12:00",
    "2025-09-02T00:00", "2025-11-02T05:45", "2025-11-02T06:45", "2025-12-01T05:00:01", "2026-01-01T05:00",
]  # fmt: skip
AT = pytest.mark.parametrize("at", [pytest.param(utc(text), id=text) for text in TIMES])


@pytest.fixture(scope="module")
def world():
    return World(5, events=EVENTS)


@pytest.fixture(scope="module")
def image(world):
    return SimulatedImage(world)


def tables_of(image, at):
    tables = MeterTables()
    tables.add_all({number: image.read(number, at) for number in TABLES})
    return tables


def taken(values, which, number=None):
    return [one for one in values if one.snapshot.taken == which and one.snapshot.number == number]


def thousandth(value):
    """mWh, mW, mvar ... of the world in Wh, W, var."""
    return Decimal(value) / 1000


def expected_registers(world, at, *, before=False):
    """What the registers are at a time: name, kind, tier, value, unit, meter time of the peak in UTC.

    before: a reset at that very second has not happened yet.
    """
    resets = [reset for reset in RESETS if reset < at or (reset == at and not before)]
    starts = [INSTALLED, *resets]
    told = []
    for tier in (None, 0, 1):
        told += [
            (
                NAMES[quantity],
                Kind.SUMMATION,
                tier,
                thousandth(world.energy(quantity, INSTALLED, at, tier)),
                "Wh" if quantity in (WH, RECEIVED) else "varh",
                None,
            )
            for quantity in Quantity
        ]
        for quantity, name in ((WH, "active power delivered"), (RECEIVED, "active power received")):
            best = world.max_demand(quantity, starts[-1], at, tier)
            ended = sum(world.max_demand(quantity, *span, tier).value for span in pairwise(starts))
            when = moment(best.interval.stamp) if best.interval else None
            told.append((name, Kind.DEMAND, tier, thousandth(best.value), "W", when))
            told.append((name, Kind.CUMULATIVE, tier, thousandth(ended), "W", None))
            told.append((name, Kind.CONTINUOUS_CUMULATIVE, tier, thousandth(ended + best.value), "W", None))
        peak = world.max_demand(WH, starts[-1], at, tier).interval
        coincident = world.energy(VAR, moment(peak.start), moment(peak.end)) * 4 if peak else 0
        told.append(
            (
                "reactive power Q1",
                Kind.COINCIDENT,
                tier,
                thousandth(coincident),
                "var",
                moment(peak.stamp) if peak else None,
            )
        )
    return told


def told(values):
    return [(one.quantity.name, one.kind, one.tier, one.value, one.unit, one.at and one.at.utc) for one in values]


@AT
def test_current_registers(world, image, at):
    found = taken(registers(tables_of(image, at)), Taken.CURRENT)
    assert told(found) == expected_registers(world, at)
    assert {one.snapshot.resets for one in found} == {sum(reset <= at for reset in RESETS)}


@AT
def test_the_registers_before_the_last_demand_reset(world, image, at):
    found = taken(registers(tables_of(image, at)), Taken.PREVIOUS_DEMAND_RESET)
    resets = [reset for reset in RESETS if reset <= at]
    if not resets:
        assert found == []
        return
    assert told(found) == expected_registers(world, resets[-1], before=True)
    assert {one.snapshot.at.utc for one in found} == {resets[-1]}
    assert {one.snapshot.resets for one in found} == {len(resets) - 1}


@AT
def test_the_registers_at_the_last_change_of_season(world, image, at):
    """Seasons begin on 1 May and 1 November, at midnight of the clock: in DST, 04:00 UTC."""
    found = taken(registers(tables_of(image, at)), Taken.PREVIOUS_SEASON)
    changes = [change for change in (utc("2025-05-01T04:00"), utc("2025-11-01T04:00")) if change <= at]
    if not changes:
        assert found == []
        return
    assert told(found) == expected_registers(world, changes[-1], before=True)
    assert {(one.snapshot.at.utc, one.snapshot.season) for one in found} == {(changes[-1], len(changes) - 1)}


@AT
def test_self_reads(world, image, at):
    """Numbered from 0; 12 are kept, the newest first."""
    found = registers(tables_of(image, at))
    reads = sorted(event.at for event in EVENTS if isinstance(event, SelfRead) and event.at <= at)
    kept = list(enumerate(reads))[-12:]
    numbers = [one.snapshot.number for one in found if one.snapshot.taken == Taken.SELF_READ]
    assert list(dict.fromkeys(numbers)) == [number for number, _ in reversed(kept)]
    for number, when in kept:
        assert told(taken(found, Taken.SELF_READ, number)) == expected_registers(world, when, before=True)


@AT
def test_times_of_self_reads(image, at):
    """All in UTC, but for the one in the hour that comes twice: there the first is taken, and it is said."""
    for one in registers(tables_of(image, at)):
        if one.snapshot.taken == Taken.SELF_READ:
            when = one.snapshot.at
            assert when.utc in [event.at for event in EVENTS if isinstance(event, SelfRead)]
            assert when.ambiguous == (when.utc == utc("2025-11-02T05:30"))
            assert ("hour-twice" in [note.code for note in one.notes]) == when.ambiguous


@AT
def test_present_registers(world, image, at):
    found = taken(registers(tables_of(image, at)), Taken.PRESENT)
    running = world.interval(world.closed_at(seconds(at)))
    demands = [4 * world.energy(quantity, moment(running.start), at) for quantity in (WH, RECEIVED)]
    now = world.supply(at)
    assert told(found) == [
        ("active power delivered", Kind.PRESENT_DEMAND, None, thousandth(demands[0]), "W", None),
        ("active power received", Kind.PRESENT_DEMAND, None, thousandth(demands[1]), "W", None),
        ("active power net", Kind.PRESENT_VALUE, None, thousandth(now.watts), "W", None),
        ("RMS voltage phase A-B", Kind.PRESENT_VALUE, None, thousandth(now.volts), "V", None),
        ("RMS current", Kind.PRESENT_VALUE, None, thousandth(now.amps), "A", None),
        ("frequency", Kind.PRESENT_VALUE, None, thousandth(now.hertz), "Hz", None),
        ("power factor", Kind.PRESENT_VALUE, None, thousandth(now.power_factor), "", None),
    ]
    left = 900 - world.meter_time_at(seconds(at)) % 900
    assert [timedelta(minutes=one.left.minute, seconds=one.left.second).seconds for one in found[:2]] == [left, left]


@pytest.mark.parametrize(
    "build", [Build(tm_format=tm, data_order=order) for tm in (1, 2, 3, 4) for order in (0, 1)], ids=str
)
def test_however_the_meter_stores_its_tables(world, build):
    at = utc("2025-11-20T12:00")
    found = registers(tables_of(SimulatedImage(world, build), at))
    assert told(taken(found, Taken.CURRENT)) == expected_registers(world, at)


def test_the_callers_zone_gives_the_same_times(image):
    """The tariff's rule is that of New York since 2007."""
    tables = tables_of(image, utc("2025-11-20T12:00"))
    assert told(registers(tables)) == told(registers(tables, tz=ZoneInfo("America/New_York")))


def test_every_value_can_say_why(image):
    found = registers(tables_of(image, utc("2026-01-01T05:00")))
    # Three blocks of 13 in each of the current registers, two snapshots and twelve self reads; seven present ones.
    assert len(found) == 3 * 13 * (1 + 2 + 12) + 7
    for one in found:
        lines = one.why()
        assert lines[0] == f"{one.origin} -> {one.raw} raw"
        assert f"= {one.value:f} {one.unit}".strip() in lines
        assert any("ST-12" in line for line in lines)
