"""Readings of a meter, as operations: the tables that they are made of, and of load profile only what is asked for.

Tables that say what values mean are read once in a session; those that hold values, each time.
"""

from collections.abc import Iterable
from datetime import datetime, tzinfo

from c1219_tables.context import MeterTables
from c1219_tables.readings import logs, profile, registers
from c1219_tables.readings.clocks.asked_times import (
    CLOCK,
    CLOCK_STATE,
    AskedTimes,
    Since,
    Until,
    asked_times,
    check_times,
    shown_now,
)
from c1219_tables.readings.clocks.clock import check_tz
from c1219_tables.readings.intervals.block_layout import CONTROL, LIMITS, STATUS, BlockLayout
from c1219_tables.readings.intervals.blocks import moved, set_status, windows
from c1219_tables.readings.register_value import SNAPSHOT_TABLES, RegisterValue, Taken
from c1219_tables.rules import Rules
from c1222.errors import C12Error, RemoteProtocolError
from c1222.session.client import GENERAL_CONFIGURATION, Client
from c1222.session.conversation import Operation

ZONE = (51, CLOCK, 53, 54, CLOCK_STATE)
"""Tables that say how the meter's times become UTC."""
SOURCES = (11, 12, 13, 14, 15, 16)
"""Tables that say what a source is, and how its values are scaled."""
SELECTIONS = (21, 22)
PRESENT_SELECTION = 27

_VALUES = frozenset(
    {*SNAPSHOT_TABLES.values(), CLOCK, CLOCK_STATE, 56, STATUS, *(64, 65, 66, 67), logs.HISTORY, logs.EVENTS}
)
"""Tables that change by themselves."""

_BY_OFFSET = 1
"""Bit of data_access_method of table 0: parts of a table can be read by offset."""
_TRIES = 3

_DOUBTFUL = frozenset({"blocks-not-read", "blocks-overlap", "block-order", "clock-set-in-oldest-block"})
"""Notes on a profile of some blocks that all blocks may not bear out."""


def gather(client: Client, numbers: Iterable[int]) -> Operation[dict[int, C12Error]]:
    """Read those of the tables that table 0 lists and that are not known; all that hold values are read again.

    Gives why tables did not come. Raises what ends the session, and as Client.read for table 0.
    """
    if GENERAL_CONFIGURATION not in client.tables:
        yield from client.read(GENERAL_CONFIGURATION)
    listed = client.tables[GENERAL_CONFIGURATION]["std_tbls_used"]
    wanted = [n for n in numbers if n in listed and (n in _VALUES or n not in client.tables)]
    results = yield from client.read_many(wanted)
    return {one.number: one.error for one in results if one.error is not None}


def read_registers(
    client: Client, taken: tuple[Taken, ...] = (), tz: tzinfo | None = None, *, more: tuple[Taken, ...] = ()
) -> Operation[list[RegisterValue]]:
    """Registers of these snapshots, without any the current ones. more: snapshots as far as the meter has them.

    Raises ServiceError, TableError and MissingTableError where a snapshot that was named is not to be had, or the
    current registers are not; what ends the session. Before the meter is asked: ValueError for what is
    no snapshot; TypeError, ValueError as check_tz.
    """
    check_tz(tz)
    taken = tuple(map(Taken, taken)) or (Taken.CURRENT,)
    wanted = (*taken, *more)
    numbers = [SNAPSHOT_TABLES[one] for one in wanted]
    about = (*SELECTIONS, PRESENT_SELECTION) if Taken.PRESENT in wanted else SELECTIONS
    yield from gather(client, (*SOURCES, *about, *ZONE))
    missing = yield from gather(client, numbers)
    for number in numbers[: len(taken)]:
        if number in missing:
            raise missing[number]
        if number not in client.tables:
            yield from client.read(number)  # table 0 does not list it: the meter says so itself
    there = {number for number in numbers if number not in missing and number in client.tables}
    return registers.registers(_without(client.tables, set(SNAPSHOT_TABLES.values()) - there), tz=tz)


def read_now(client: Client, tz: tzinfo | None = None) -> Operation[list[RegisterValue]]:
    """The values of the moment (table 28). Raises as read_registers."""
    return (yield from read_registers(client, (Taken.PRESENT,), tz))


def read_events(client: Client, tz: tzinfo | None = None) -> Operation[logs.Log]:
    """The event log (table 76). Raises as Client.read; TypeError, ValueError as check_tz."""
    check_tz(tz)
    yield from _read_log(client, logs.EVENTS)
    return logs.events(client.tables, tz=tz, rules=Rules.of(client.tables.dialect))


def read_history(client: Client, tz: tzinfo | None = None) -> Operation[logs.Log]:
    """The history log (table 74). Raises as read_events."""
    check_tz(tz)
    yield from _read_log(client, logs.HISTORY)
    return logs.history(client.tables, tz=tz, rules=Rules.of(client.tables.dialect))


def _read_log(client: Client, number: int) -> Operation[None]:
    yield from gather(client, ZONE)
    yield from client.read(number)


def read_profile(
    client: Client, number: int = 1, since: Since = None, until: Until = None, tz: tzinfo | None = None
) -> Operation[profile.Profile]:
    """Interval data of a set, 1 to 4. With `since`, only the blocks that hold what ended after it are read.

    Where the meter goes on recording in between, it is read again. Raises as c1219_tables.readings.profile.profile and
    Client.read; as asked_times and check_tz, before the meter is asked where that can be; RemoteProtocolError where the
    meter went on each time.
    """
    check_tz(tz)
    check_times(since, until)
    missing = yield from gather(client, (*SOURCES, *ZONE, LIMITS, CONTROL))
    for needed in (LIMITS, CONTROL):
        if needed in missing:
            raise missing[needed]
        if needed not in client.tables:
            yield from client.read(needed)
    layout = BlockLayout.of(client.tables, number)
    asked = asked_times(client.tables, since, until, tz)
    found, is_part = yield from _read_at_rest(client, layout, asked, tz, in_parts=True)
    if is_part and _DOUBTFUL & {note.code for note in found.notes}:
        found, _ = yield from _read_at_rest(client, layout, asked, tz, in_parts=False)
    return found


def _read_at_rest(
    client: Client, layout: BlockLayout, asked: AskedTimes, tz: tzinfo | None, *, in_parts: bool
) -> Operation[tuple[profile.Profile, bool]]:
    """The interval data as they were while the meter did not go on, and whether only a part was read."""
    rules = Rules.of(client.tables.dialect)
    for _ in range(_TRIES):
        before = (yield from client.read(STATUS))[f"lp_status_set{layout.set}"]
        part = (yield from _blocks_since(client, layout, asked.since, tz)) if in_parts else None
        data = part if part is not None else {0: (yield from client.read_octets(layout.table))}
        yield from client.read(STATUS)
        if moved(before, set_status(client.tables, layout)):
            continue
        found = profile.profile(
            client.tables, layout.set, since=asked.since, until=asked.until, data=data, tz=tz, rules=rules,
            notes=asked.notes,
        )  # fmt: skip
        return found, part is not None
    raise RemoteProtocolError(f"the load profile went on each of the {_TRIES} times that it was read")


def _blocks_since(
    client: Client, layout: BlockLayout, since: datetime | None, tz: tzinfo | None
) -> Operation[dict[int, bytes] | None]:
    """Octets of the blocks by offset; None where they cannot be read apart, or nobody knows what the clock shows."""
    if since is None or not client.tables[GENERAL_CONFIGURATION]["format_control_2"]["data_access_method"] & _BY_OFFSET:
        return None
    clock = shown_now(client.tables, tz)
    now = None if clock is None else clock.shown if since.tzinfo is None else clock.utc
    if now is None:
        return None
    rules = Rules.of(client.tables.dialect)
    found: dict[int, bytes] = {}
    for window in windows(client.tables, layout.set, since=since, now=now, rules=rules):
        found[window.offset] = yield from client.read_octets(layout.table, window.offset, window.octets)
    return found


def _without(tables: MeterTables, numbers: set[int]) -> MeterTables:
    """The tables but for some, which were read at another time."""
    kept = MeterTables(tables.registry, tables.dialect)
    for number, decoded in tables.items():
        if number not in numbers:
            kept.keep(decoded)
    return kept
