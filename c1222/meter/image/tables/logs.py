"""Decade 7 of the simulated meter: the history log of all that happened, and the event log for audit."""

from dataclasses import dataclass
from datetime import datetime

from c1222.meter.image.memory import EVENT_LOG, HISTORY_LOG, Builder, Memory, Value
from c1222.meter.image.tables.capabilities import PROCEDURES, TABLES_WRITABLE
from c1222.meter.world.events import (
    ClockSet,
    DemandReset,
    DstChange,
    Happening,
    PowerDown,
    PowerUp,
    ProcedureStarted,
    SeasonChange,
    SelfRead,
    TableWritten,
    moment,
    seconds,
)

ENTRIES = {HISTORY_LOG: 100, EVENT_LOG: 50}
ARGUMENT = 2
"""Octets of an argument."""

DOWN, UP, OLD_TIME, NEW_TIME, PROCEDURE, WRITTEN = 1, 2, 3, 4, 9, 10
RESET, SELF_READ, DST_ON, DST_OFF, SEASON = 20, 21, 22, 23, 24
MONITORED = {
    HISTORY_LOG: frozenset(
        {DOWN, UP, OLD_TIME, NEW_TIME, PROCEDURE, WRITTEN, RESET, SELF_READ, DST_ON, DST_OFF, SEASON}
    ),
    EVENT_LOG: frozenset({DOWN, UP, OLD_TIME, NEW_TIME, PROCEDURE, WRITTEN, RESET}),
}
"""Codes of events that each log keeps (c1219_tables/codes/events.py); the history log keeps all that there are."""

_EVENT_OCTETS = 4
_WRAP = 65536
_IS_PROCEDURE = 1 << 12
_CODES = {PowerDown: DOWN, PowerUp: UP, DemandReset: RESET, SelfRead: SELF_READ}


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of the logs. number: common to both, from 0. at: true time. shown: what the meter's clock showed."""

    number: int
    at: int
    shown: datetime
    code: int
    argument: int = 0


def _coded(memory: Memory, happening: Happening) -> list[tuple[datetime, int, int]]:
    """Time on the meter's clock, code and argument of what happened."""
    at = seconds(happening.at)
    shown, clock = memory.shown(at), memory.world.clock
    match happening:
        case ClockSet(by=by):
            before = clock.shown(memory.world.meter_time_at(at) - by)
            return [(before, OLD_TIME, 0), (shown, NEW_TIME, 0)]
        case ProcedureStarted(procedure=number):
            return [(shown, PROCEDURE, number | _IS_PROCEDURE)]
        case TableWritten(table=number):
            return [(shown, WRITTEN, number)]
        case DstChange(on=on):
            return [(shown, DST_ON if on else DST_OFF, 0)]
        case SeasonChange(season=season):
            return [(shown, SEASON, season)]
        case _:
            return [(shown, _CODES[type(happening)], 0)]


def _entries(memory: Memory, number: int, at: int) -> list[_Entry]:
    """All that a log was to keep since it was reset, the oldest first."""
    happened = memory.world.events(moment(memory.world.installed), moment(at))
    coded = [(seconds(one.at), *entry) for one in happened for entry in _coded(memory, one)]
    entries = [_Entry(count, *entry) for count, entry in enumerate(coded)]
    return [entry for entry in entries if entry.code in MONITORED[number] and entry.at > memory.begun[number]]


def entries_kept(memory: Memory, number: int, at: int) -> range:
    """Sequence numbers of the entries that a log holds, counted from its last reset."""
    count = len(_entries(memory, number, at))
    return range(max(0, count - ENTRIES[number]), count)


def _log(memory: Memory, number: int, kind: str, prefix: str, at: int) -> Value:
    """A log: a circular list, entry n at place n modulo its length. kind, prefix: of the names in it."""
    entries, size = _entries(memory, number, at), ENTRIES[number]
    kept = range(max(0, len(entries) - size), len(entries))
    places: list[Value] = [_nothing(memory, prefix) for _ in range(size)]
    for sequence in kept:
        entry = entries[sequence]
        octets = 1 if entry.code == SEASON else ARGUMENT
        places[sequence % size] = {
            f"{prefix}_time": entry.shown,
            "event_number": entry.number % _WRAP,
            f"{prefix}_seq_nbr": sequence % _WRAP,
            "user_id": 0,
            f"{prefix}_code": {"tbl_proc_nbr": entry.code},
            f"{prefix}_argument": entry.argument.to_bytes(octets, memory.build.order).ljust(ARGUMENT, b"\0"),
        }
    newest = max(0, kept.stop - 1)
    return {
        f"{kind}_flags": {"list_type": True, "overflow_flag": memory.acknowledged[number] < kept.start},
        "nbr_valid_entries": len(kept),
        "last_entry_element": newest % size,
        "last_entry_seq_nbr": newest,
        "nbr_unread_entries": memory.unread(number, kept),
        "entries": places,
    }


def _nothing(memory: Memory, prefix: str) -> Value:
    """An entry that holds nothing."""
    return {
        f"{prefix}_time": memory.build.unset_to_the_second(),
        "event_number": 0,
        f"{prefix}_seq_nbr": 0,
        "user_id": 0,
        f"{prefix}_code": {},
        f"{prefix}_argument": bytes(ARGUMENT),
    }


def limits(memory: Memory, at: int) -> Value:
    """Table 71."""
    return {
        "log_flags": {"event_number_flag": True, "hist_date_time_flag": True, "hist_seq_nbr_flag": True},
        "nbr_std_events": _EVENT_OCTETS,
        "nbr_mfg_events": 0,
        "hist_data_length": ARGUMENT,
        "event_data_length": ARGUMENT,
        "nbr_history_entries": ENTRIES[HISTORY_LOG],
        "nbr_event_entries": ENTRIES[EVENT_LOG],
        "ext_log_flags": 0,
        "nbr_program_tables": 0,
    }


def identified(memory: Memory, at: int) -> Value:
    """Table 72."""
    return {"std_events_supported": sorted(MONITORED[HISTORY_LOG]), "mfg_events_supported": []}


def _monitored(number: int) -> Value:
    return {
        "std_events_monitored_flags": sorted(MONITORED[number]),
        "mfg_events_monitored_flags": [],
        "std_tbls_monitored_flags": sorted(TABLES_WRITABLE),
        "mfg_tbls_monitored_flags": [],
        "std_proc_monitored_flags": sorted(PROCEDURES),
        "mfg_proc_monitored_flags": [],
    }


BUILDERS: dict[int, Builder] = {
    71: limits,
    72: identified,
    73: lambda memory, at: _monitored(HISTORY_LOG),
    74: lambda memory, at: _log(memory, HISTORY_LOG, "hist", "history", at),
    75: lambda memory, at: _monitored(EVENT_LOG),
    76: lambda memory, at: _log(memory, EVENT_LOG, "event", "event", at),
}
