"""The logs of the simulated meter, as a reader has them, against what its world says happened."""

from datetime import UTC, datetime, timedelta

import pytest

from c1219_tables.context import MeterTables
from c1219_tables.readings.logs import events, history
from c1222.meter.image.memory import Build
from c1222.meter.image.simulated_image import SimulatedImage
from c1222.meter.world import events as happened
from c1222.meter.world.past import world_with_a_past
from c1222.meter.world.world import World

INSTALLED = datetime(2025, 1, 1, 5, tzinfo=UTC)
TABLES = (0, 51, 52, 53, 54, 71, 72, 74, 76)
WORDS = {
    happened.PowerDown: "primary power down",
    happened.PowerUp: "primary power up",
    happened.DemandReset: "demand reset",
    happened.SelfRead: "self read",
    happened.SeasonChange: "season changed",
    happened.ProcedureStarted: "procedure started",
    happened.TableWritten: "table written",
}
OLD, NEW = "time changed, entry has the old time", "time changed, entry has the new time"
NOT_FOR_AUDIT = {"self read", "season changed", "DST on", "DST off"}


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def read(image, at):
    tables = MeterTables()
    tables.add_all({number: image.read(number, at) for number in TABLES})
    return tables


def told(world, at):
    """Moment by the meter's clock and words of all that happened, and what the argument should hold."""
    for one in world.events(INSTALLED, at):
        by_the_clock = happened.moment(world.meter_time_at(happened.seconds(one.at)))
        match one:
            case happened.ClockSet(by=by):
                yield by_the_clock - timedelta(seconds=by), OLD, None
                yield by_the_clock, NEW, None
            case happened.DstChange(on=on):
                yield by_the_clock, "DST on" if on else "DST off", None
            case happened.SeasonChange(season=season):
                yield by_the_clock, WORDS[type(one)], ("season", season)
            case happened.ProcedureStarted(procedure=number):
                yield by_the_clock, WORDS[type(one)], ("procedure", number)
            case happened.TableWritten(table=number):
                yield by_the_clock, WORDS[type(one)], ("table", number)
            case _:
                yield by_the_clock, WORDS[type(one)], None


def held_against(log, wanted, size):
    """A log that holds the last `size` of what it was to keep."""
    assert len(log) == min(len(wanted), size)
    first = len(wanted) - len(log)
    assert [entry.sequence for entry in log] == list(range(first, len(wanted)))
    for entry, (at, meaning, argument) in zip(log, wanted[first:], strict=True):
        assert (entry.meaning, entry.user) == (meaning, 0)
        if entry.at.ambiguous:
            # The event log has no entries of DST changes: in that hour, it says that it cannot tell.
            assert log.table == 76
            assert at - entry.at.utc in (timedelta(), timedelta(hours=1))
        else:
            assert entry.at.utc == at
        if argument is None:
            assert entry.argument is None
            continue
        name, number = argument
        found = entry.argument[name]
        assert (found if isinstance(found, int) else found.tbl_proc_nbr) == number


def a_year():
    """More than the 100 entries of the history log, through both changes of DST."""
    outages = [utc("2025-01-05T00:00:00") + n * timedelta(days=6) for n in range(45)]
    return World(
        2,
        events=[
            *(happened.Outage(at, at + timedelta(seconds=200)) for at in outages),
            happened.ClockSet(utc("2025-02-20T15:01:00"), -40),
            happened.ClockSet(utc("2025-03-25T15:01:00"), 3640),
            happened.ClockSet(utc("2025-10-25T15:01:00"), -3600),
            happened.DemandReset(utc("2025-04-01T05:00:00")),
            happened.SelfRead(utc("2025-04-01T05:00:00")),
            happened.ProcedureStarted(utc("2025-05-01T05:00:00"), 9),
            happened.TableWritten(utc("2025-05-02T05:00:00"), 13),
            happened.DemandReset(utc("2025-11-02T05:20:00")),
            happened.DemandReset(utc("2025-11-02T06:20:00")),
        ],
    )


@pytest.mark.parametrize("build", [Build(), Build(tm_format=3, data_order=1)], ids=["fields", "minutes"])
def test_all_that_happened(build):
    """Read every four weeks, until both logs have gone round."""
    world, at, overwritten = a_year(), INSTALLED + timedelta(hours=7), set()
    image = SimulatedImage(world, build)
    while at < utc("2026-02-01T00:00:00"):
        tables, everything = read(image, at), list(told(world, at))
        audited = [one for one in everything if one[1] not in NOT_FOR_AUDIT]
        for log, wanted, size in ((history(tables), everything, 100), (events(tables), audited, 50)):
            held_against(log, wanted, size)
            codes = {note.code for note in log.notes}
            assert codes <= {"overflow", "overwritten"}
            assert ("overwritten" in codes) == (len(wanted) > size)
            overwritten |= {log.table} & {log.table for _ in codes}
        at += timedelta(days=28)
    assert overwritten == {74, 76}


def test_the_hour_that_comes_twice_by_the_entry_of_the_change():
    world = a_year()
    found = history(read(SimulatedImage(world), utc("2025-11-10T00:00:00")))
    resets = [entry.at for entry in found if entry.meaning == "demand reset"][-2:]
    assert [str(at.shown) for at in resets] == ["2025-11-02 01:20:00"] * 2
    assert [at.utc for at in resets] == [utc("2025-11-02T05:20:00"), utc("2025-11-02T06:20:00")]


@pytest.mark.parametrize("seed", range(3))
def test_meters_with_a_past(seed):
    at = utc("2026-03-20T17:17:00")
    world = world_with_a_past(seed, at, days=90)
    begun = happened.moment(world.installed)
    wanted = [one for one in told(world, at) if one[0] > begun]
    held_against(history(read(SimulatedImage(world), at)), wanted, 100)


def test_numbers_of_events_are_common_to_both_logs():
    tables = read(SimulatedImage(a_year()), utc("2025-05-10T00:00:00"))
    both = {entry.event_number: entry.at.utc for entry in history(tables)}
    assert all(both[entry.event_number] == entry.at.utc for entry in events(tables) if entry.event_number in both)


def test_acknowledged_entries():
    world, at = a_year(), utc("2025-03-01T00:00:00")
    image = SimulatedImage(world)
    # Procedure 5, list 8 (history log), 4 entries, least significant octet first.
    assert image.run(5, bytes([8, 4, 0]), at)[0] == 0
    log = history(read(image, at))
    assert [entry.is_unread for entry in log] == [False] * 4 + [True] * (len(log) - 4)
    assert log.unread == len(log) - 4
