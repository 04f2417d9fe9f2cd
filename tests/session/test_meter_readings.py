"""Readings asked of a meter: what comes is what the world of the meter says, and no more is read than that needs."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from c1219_tables.errors import TableError
from c1219_tables.readings.register_value import Kind, Taken
from c1222.errors import RemoteProtocolError, ServiceError
from c1222.link import C1218
from c1222.meter.image.memory import Build
from c1222.meter.image.simulated_image import SimulatedImage
from c1222.meter.simulated import SimulatedMeter
from c1222.meter.world.events import ClockSet, DemandReset, Outage
from c1222.meter.world.load import Quantity
from c1222.meter.world.world import World
from c1222.session.channels.line import LineChannel
from c1222.session.channels.network import NetworkChannel
from c1222.session.client import Client
from c1222.session.faces.async_meter import AsyncMeter
from c1222.session.faces.meter import Meter
from c1222.session.settings import Credentials, LineOptions, NetworkOptions
from c1222.titles import ApTitle
from c1222.transport.aio_from_sync import AsyncMemory
from c1222.transport.memory import MemoryTransport


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOW = utc("2026-01-20T12:07")
DAYS = 10
CHANNELS = [Quantity.WH_DELIVERED, Quantity.WH_RECEIVED, Quantity.VARH_Q1, Quantity.VARH_Q4]


def world_of(*events):
    return World(4, installed=utc("2025-12-20T05:00"), events=events)


class Altered(SimulatedImage):
    """Tables of the world but for what `change` makes of their octets: called with number, octets, and the count of
    reads of table 64 so far. later: by how much the meter goes on with each read of table 64.
    """

    def __init__(self, world, change=None, later=()):
        super().__init__(world, Build(days=DAYS))
        self.change = change
        self.later = list(later)
        self.passed = timedelta()

    def read(self, number, at):
        octets = super().read(number, at + self.passed)
        if number == 64 and self.later:
            self.passed += self.later.pop(0)
        return self.change(number, octets) if self.change is not None else octets


class Heard(list):
    """Requests for octets of tables, in their order: number, offset and count, both None for a whole table."""

    def __call__(self, asked, answer):
        parameters = asked.get("parameters")
        if parameters is not None and "table" in parameters:
            self.append((parameters["table"], parameters.get("offset"), parameters.get("octet_count")))


def line(image, heard=None):
    client = Client(LineChannel(C1218), LineOptions(), Credentials())
    simulated = SimulatedMeter(clock=NOW.isoformat(), image=image)
    return Meter(MemoryTransport(simulated.optical()), client, overhear=heard).open()


def network(image, heard=None):
    options = NetworkOptions(called=ApTitle.parse(".123.8437"), calling=ApTitle.parse(".123.4"))
    simulated = SimulatedMeter(clock=NOW.isoformat(), image=image)
    transport = MemoryTransport(simulated.network())
    channel = NetworkChannel(options, is_datagram=False, wall=NOW.timestamp)
    return Meter(transport, Client(channel, options, Credentials()), overhear=heard).open()


def same_as_the_world(found, world):
    """Every value of every channel is what flowed between its start and its end."""
    for series, quantity in zip(found, CHANNELS, strict=True):
        wanted = [Decimal(world.energy(quantity, one.start, one.end)) / 1000 for one in series]
        assert [one.value for one in series] == wanted


# -- Registers and values of the moment --------------------------------------------------------------------------------


@pytest.mark.parametrize("meter_of", [line, network])
def test_registers_are_what_the_world_measured(meter_of):
    world = world_of(DemandReset(utc("2026-01-01T05:00")))
    with meter_of(SimulatedImage(world)) as meter:
        found = meter.registers(Taken.CURRENT, Taken.PREVIOUS_DEMAND_RESET)
        again = meter.registers(Taken.CURRENT)
    totals = [one for one in again if one.kind is Kind.SUMMATION and one.tier is None]
    names = [one.quantity.name for one in totals[:2]]
    assert names == ["active energy delivered", "active energy received"]
    for one, quantity in zip(totals, Quantity, strict=True):
        # The meter's own clock goes on by some milliseconds while it is read, or not at all.
        assert one.value == Decimal(world.energy(quantity, utc("2025-12-20T05:00"), NOW)) / 1000
    assert {one.snapshot.taken for one in found} == {
        Taken.CURRENT,
        Taken.PREVIOUS_DEMAND_RESET,
    }
    put_aside = [one for one in found if one.snapshot.taken is Taken.PREVIOUS_DEMAND_RESET]
    assert {one.snapshot.at.utc for one in put_aside} == {utc("2026-01-01T05:00")}
    wanted = world.energy(Quantity.WH_DELIVERED, utc("2025-12-20T05:00"), utc("2026-01-01T05:00"))
    assert put_aside[0].value == Decimal(wanted) / 1000


def test_values_of_the_moment():
    world = world_of()
    with line(SimulatedImage(world)) as meter:
        found = {one.quantity.name: (one.value, one.unit) for one in meter.now()}
    supply = world.supply(NOW)
    assert found["frequency"] == (Decimal(supply.hertz) / 1000, "Hz")
    assert found["RMS current"] == (Decimal(supply.amps) / 1000, "A")


def test_tables_that_say_what_values_mean_are_read_once():
    heard = Heard()
    with line(SimulatedImage(world_of()), heard) as meter:
        meter.registers(Taken.CURRENT)
        first = [number for number, _, _ in heard]
        heard.clear()
        meter.registers(Taken.CURRENT)
    assert {0, 12, 16, 21, 22, 23, 52, 53} <= set(first)
    assert [number for number, _, _ in heard] == [52, 55, 23]


def test_a_snapshot_that_the_meter_refuses():
    """Named, its refusal comes out; not named, the others come all the same."""
    image = SimulatedImage(world_of())
    read = image.read

    def without_25(number, at):
        if number == 25:
            raise KeyError(number)
        return read(number, at)

    image.read = without_25
    with line(image) as meter:
        assert {one.snapshot.taken for one in meter.registers()} == {Taken.CURRENT}
        with pytest.raises(ServiceError, match="ST-25"):
            meter.registers(Taken.PREVIOUS_DEMAND_RESET)


@pytest.mark.parametrize(
    ("ask", "error"),
    [
        pytest.param(lambda meter: meter.registers("all"), ValueError, id="snapshot"),
        pytest.param(lambda meter: meter.registers(tz="Europe/Berlin"), TypeError, id="registers"),
        pytest.param(lambda meter: meter.now(tz="Europe/Berlin"), TypeError, id="now"),
        pytest.param(lambda meter: meter.events(tz="Europe/Berlin"), TypeError, id="events"),
        pytest.param(lambda meter: meter.history(tz="Europe/Berlin"), TypeError, id="history"),
        pytest.param(lambda meter: meter.profile(tz="Europe/Berlin"), TypeError, id="profile"),
        pytest.param(lambda meter: meter.profile(since="1h"), TypeError, id="since"),
        pytest.param(lambda meter: meter.profile(since=-timedelta(hours=1)), ValueError, id="negative"),
    ],
)
def test_what_cannot_be_asked_is_said_before_the_meter_is(ask, error):
    heard = Heard()
    with line(SimulatedImage(world_of()), heard) as meter:
        with pytest.raises(error):
            ask(meter)
        assert heard == []
        assert meter.now()


# -- Load profile ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("meter_of", [line, network])
def test_the_whole_profile(meter_of):
    world = world_of()
    with meter_of(SimulatedImage(world, Build(days=DAYS))) as meter:
        found = meter.profile()
    # Blocks begin at 05:00 UTC; the tenth has been open since then.
    assert found[0][0].start == utc("2026-01-11T05:00")
    assert found[0][-1].end == utc("2026-01-20T12:00")
    same_as_the_world(found, world)


@pytest.mark.parametrize("meter_of", [line, network])
@pytest.mark.parametrize(
    ("since", "start", "blocks"),
    [
        # One block more is read than is asked for: interval times in front of a set of the clock need it.
        pytest.param(timedelta(hours=2), "2026-01-20T10:00", 2, id="so-long-ago"),
        pytest.param(datetime(2026, 1, 20, 5, 0), "2026-01-20T10:00", 2, id="by-the-clock-of-the-meter"),
        pytest.param(utc("2026-01-18T05:00"), "2026-01-18T05:00", 4, id="with-a-zone"),
        pytest.param(date(2026, 1, 18), "2026-01-18T05:00", 4, id="a-date"),
        pytest.param(utc("2020-01-01T00:00"), "2026-01-11T05:00", DAYS, id="before-all"),
    ],
)
def test_only_the_blocks_that_are_needed(meter_of, since, start, blocks):
    world, heard = world_of(), Heard()
    with meter_of(SimulatedImage(world, Build(days=DAYS)), heard) as meter:
        found = meter.profile(since=since)
        size = found.data.layout.octets
    assert found[0][0].start == utc(start)
    assert found[0][-1].end == utc("2026-01-20T12:00")
    same_as_the_world(found, world)
    asked = [(offset, count) for number, offset, count in heard if number == 64]
    assert all(offset is not None for offset, _ in asked)
    # The end time of the oldest block is read, too: 5 octets.
    assert size * (blocks - 1) <= sum(count for _, count in asked) <= size * (blocks + 1) + 5
    order = [number for number, _, _ in heard]
    assert order.index(61) < order.index(63) < order.index(64)


def test_until():
    with line(SimulatedImage(world_of(), Build(days=DAYS))) as meter:
        found = meter.profile(since=utc("2026-01-19T00:00"), until=utc("2026-01-19T01:00"))
    assert [one.end for one in found[0]] == [utc(f"2026-01-19T{at}") for at in ("00:15", "00:30", "00:45", "01:00")]


def test_a_meter_that_goes_on_while_it_is_read():
    """The quarter ends between two reads: what came is read again, and is of the later moment."""
    world, heard = world_of(), Heard()
    with line(Altered(world, later=[timedelta(minutes=10)]), heard) as meter:
        found = meter.profile(since=timedelta(hours=1))
    assert found[0][-1].end == utc("2026-01-20T12:15")
    same_as_the_world(found, world)
    assert sum(number == 63 for number, _, _ in heard) == 4


def test_a_meter_that_always_goes_on():
    with (
        line(Altered(world_of(), later=[timedelta(minutes=15)] * 50)) as meter,
        pytest.raises(RemoteProtocolError, match="went on each of the 3 times"),
    ):
        meter.profile(since=timedelta(hours=1))


def test_a_meter_that_has_no_partial_reads():
    def without(number, octets):
        # FORMAT_CONTROL_2: data_access_method in bits 3 and 4.
        return octets[:1] + bytes([octets[1] & ~0x18]) + octets[2:] if number == 0 else octets

    world, heard = world_of(), Heard()
    with network(Altered(world, without), heard) as meter:
        found = meter.profile(since=timedelta(hours=3))
    assert len(found[0]) == 12
    same_as_the_world(found, world)


def test_blocks_counted_from_1():
    """What was read does not bear out what the meter declares: then all of it is read."""

    def counted(number, octets):
        # Table 63: flags, valid blocks (2 octets), LAST_BLOCK_ELEMENT (2 octets).
        return (
            octets[:3] + (int.from_bytes(octets[3:5], "little") + 1).to_bytes(2, "little") + octets[5:]
            if (number == 63)
            else octets
        )

    world = world_of()
    with line(Altered(world, counted)) as meter:
        found = meter.profile(since=utc("2026-01-18T05:00"))
    assert found[0][0].start == utc("2026-01-18T05:00")
    assert found[0][-1].end == utc("2026-01-20T12:00")
    same_as_the_world(found, world)


def test_blocks_counted_from_1_of_a_meter_that_went_on_twice():
    """That it went on does not count against reading all of it, once it rests."""
    reads = []

    def counted(number, octets):
        if number != 63:
            return octets
        reads.append(number)
        element = int.from_bytes(octets[3:5], "little") + 1
        # Behind it LAST_BLOCK_SEQ_NBR (4), NBR_UNREAD_BLOCKS (2), NBR_VALID_INT (2). The first and the third read, in
        # front of the data, are of an interval before those behind it.
        held = int.from_bytes(octets[11:13], "little") - (len(reads) in (1, 3))
        return octets[:3] + element.to_bytes(2, "little") + octets[5:11] + held.to_bytes(2, "little") + octets[13:]

    world = world_of()
    with line(Altered(world, counted)) as meter:
        found = meter.profile(since=utc("2026-01-18T05:00"))
    assert found[0][0].start == utc("2026-01-18T05:00")
    same_as_the_world(found, world)
    assert len(reads) == 8


def test_times_in_the_hour_that_comes_twice():
    """All of 01:00 to 01:59 on 1 November 2026, in DST and out of it, 05:00 to 07:00 UTC, and two notes."""
    world = World(4, installed=utc("2026-10-20T05:00"))
    image = SimulatedImage(world, Build(days=DAYS))
    simulated = SimulatedMeter(clock="2026-11-02T12:07:00+00:00", image=image)
    client = Client(LineChannel(C1218), LineOptions(), Credentials())
    with Meter(MemoryTransport(simulated.optical()), client).open() as meter:
        found = meter.profile(since=datetime(2026, 11, 1, 1), until=datetime(2026, 11, 1, 1, 59))
    assert (found[0][0].start, found[0][-1].end) == (utc("2026-11-01T05:00"), utc("2026-11-01T07:00"))
    same_as_the_world(found, world)
    assert [note.code for note in found.notes].count("hour-twice") == 2


def test_a_clock_that_was_set_back_by_days():
    """Between two times of the meter's clock lie more blocks than it shows: they are read, too."""
    world = world_of(ClockSet(utc("2026-01-19T12:00"), -3 * 86400))
    with line(SimulatedImage(world, Build(days=DAYS))) as meter:
        part = meter.profile(since=utc("2026-01-15T12:00"))
        whole = meter.profile()
    assert [one for one in whole[0] if one.end > utc("2026-01-15T12:00")] == list(part[0])


def test_a_set_that_the_meter_has_not():
    with line(SimulatedImage(world_of())) as meter, pytest.raises(TableError, match="does not use set 2"):
        meter.profile(2)


# -- Logs --------------------------------------------------------------------------------------------------------------


def test_logs():
    down, up = utc("2026-01-05T10:07:00"), utc("2026-01-05T11:20:00")
    with line(SimulatedImage(world_of(Outage(down, up), DemandReset(utc("2026-01-06T05:00"))))) as meter:
        found, history = meter.events(), meter.history()
    assert [(entry.meaning, entry.at.utc) for entry in found][-3:] == [
        ("primary power down", down),
        ("primary power up", up),
        ("demand reset", utc("2026-01-06T05:00")),
    ]
    assert (found.table, history.table) == (76, 74)
    assert {entry.meaning for entry in found} <= {entry.meaning for entry in history}


# -- asyncio -----------------------------------------------------------------------------------------------------------


def test_the_same_for_asyncio():
    world = world_of(DemandReset(utc("2026-01-06T05:00")))

    async def all_of_them():
        simulated = SimulatedMeter(clock=NOW.isoformat(), image=SimulatedImage(world, Build(days=DAYS)))
        client = Client(LineChannel(C1218), LineOptions(), Credentials())
        async with await AsyncMeter(AsyncMemory(MemoryTransport(simulated.optical())), client).open() as meter:
            profile = await meter.profile(since=timedelta(hours=1))
            return (
                await meter.registers(), await meter.now(), list(map(list, profile)), list(await meter.events()),
                list(await meter.history()),
            )  # fmt: skip

    with line(SimulatedImage(world, Build(days=DAYS))) as meter:
        profile = meter.profile(since=timedelta(hours=1))
        same = (
            meter.registers(), meter.now(), list(map(list, profile)), list(meter.events()), list(meter.history()),
        )  # fmt: skip
    assert asyncio.run(all_of_them()) == same
