"""What happened to a meter: its event log (table 76) and its history log (table 74), in words and in UTC.

    >>> for entry in events(tables):                           # doctest: +SKIP
    ...     print(entry.at, entry.meaning, entry.argument)

Entries come in the order in which they were made, the oldest first. Numbers that are missing between them, entries that
were overwritten, and those that nobody acknowledged are told in the notes of the log.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import pairwise
from typing import Any, overload

from c1219_tables.codes.events import Event, event
from c1219_tables.context import MeterTables
from c1219_tables.errors import LayoutError, MissingTableError
from c1219_tables.readings.clocks.clock import MeterZone, Moment, meter_zone
from c1219_tables.readings.log_order import NUMBERS, Stamp, newest_first
from c1219_tables.readings.notes import Note, unique
from c1219_tables.readings.origin import Origin
from c1219_tables.rules import Rules
from c1219_tables.schema.dialect import Record
from c1219_tables.table import table_label

HISTORY, EVENTS = 74, 76
_DST_CHANGES = {22: True, 23: False}
"""Codes of events -> whether DST is on from there."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry.

    sequence: number since the log was reset, in full; None where entries have none. event_number: counts the events of
    both logs, modulo 65536; None where entries have none. at: by the meter's clock; None where the log has no times, or
    that time is not set. code, manufacturer: what happened, and whose code it is. meaning: in words. user: who did it.
    octets: the argument. argument: what it says, with what is behind that as `padding`; None where that is not known.
    is_unread: nobody acknowledged it. element: index in the table. notes: what was assumed.
    """

    sequence: int | None
    event_number: int | None
    at: Moment | None
    code: int
    manufacturer: bool
    meaning: str
    user: int
    octets: bytes
    argument: Record | None
    is_unread: bool
    element: int
    origin: Origin
    notes: tuple[Note, ...] = ()

    def __str__(self) -> str:
        return f"{self.at if self.at is not None else 'no time'}: {self.meaning}"


@dataclass(frozen=True)
class Log(Sequence[LogEntry]):
    """A log, the oldest entry first.

    table: 74 or 76. entries: those that are valid. unread: how many nobody acknowledged, by the meter's count.
    is_circular: new entries take the place of old ones. zone: how times became UTC. notes: on the log as a whole.
    """

    table: int
    entries: tuple[LogEntry, ...]
    unread: int
    is_circular: bool
    zone: MeterZone
    notes: tuple[Note, ...] = ()

    @overload
    def __getitem__(self, place: int) -> LogEntry: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[LogEntry, ...]: ...
    def __getitem__(self, place: int | slice) -> LogEntry | tuple[LogEntry, ...]:
        return self.entries[place]

    def __iter__(self) -> Iterator[LogEntry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


def events(tables: MeterTables, *, tz: tzinfo | None = None, rules: Rules | None = None) -> Log:
    """The event log. tz: where the meter is, instead of what tables 53 and 54 say. rules: how this make is read.

    Raises MissingTableError without tables 0 and 76.
    """
    return _log(tables, EVENTS, "event", "event", tz, rules)


def history(tables: MeterTables, *, tz: tzinfo | None = None, rules: Rules | None = None) -> Log:
    """The history log, as `events`, of table 74."""
    return _log(tables, HISTORY, "hist", "history", tz, rules)


def _log(tables: MeterTables, number: int, kind: str, prefix: str, tz: tzinfo | None, rules: Rules | None) -> Log:
    """kind, prefix: of the names in the table's head, and in its entries."""
    if missing := tuple(need for need in (0, number) if need not in tables):
        raise MissingTableError(table=number, needed=missing, layout=table_label(number))
    decoded, zone = tables[number], meter_zone(tables, tz=tz, rules=rules)
    flags, stored = decoded[f"{kind}_flags"], decoded["entries"]
    last_number = decoded["last_entry_seq_nbr"]
    stamps = [Stamp(one[f"{prefix}_seq_nbr"], _shown(one[f"{prefix}_time"])) for one in stored]
    base = int((rules or Rules.of(tables.dialect)).elements_from_1)
    places, notes = newest_first(
        flags, decoded["nbr_valid_entries"], decoded["last_entry_element"], last_number, stamps, base
    )
    happened = [_event(stored[place][f"{prefix}_code"]) for place in places]
    unread = decoded["nbr_unread_entries"]
    dst = _dst_states(happened[::-1])[::-1]
    entries = [
        LogEntry(
            sequence=_in_full(last_number, stamps[place].number),
            event_number=stored[place]["event_number"],
            at=zone.of(stored[place][f"{prefix}_time"], is_dst),
            code=what.code,
            manufacturer=what.manufacturer,
            meaning=what.meaning,
            user=stored[place]["user_id"],
            octets=stored[place][f"{prefix}_argument"],
            argument=argument,
            is_unread=back < unread,
            element=place,
            origin=Origin.of(decoded, f"entries[{place}]"),
            notes=said,
        )
        for back, (place, what, is_dst) in enumerate(zip(places, happened, dst, strict=True))
        for argument, said in [_argument(what, stored[place][f"{prefix}_argument"], tables[0])]
    ][::-1]
    notes += _on_the_whole(entries, flags, unread)
    return Log(number, tuple(entries), unread, bool(flags["list_type"]), zone, unique([*zone.notes, *notes]))


def _shown(stored: Any) -> datetime | None:
    return stored.value if stored is not None and isinstance(stored.value, datetime) else None


def _event(code: Mapping[str, Any]) -> Event:
    return event(code["tbl_proc_nbr"], manufacturer=bool(code["std_vs_mfg_flag"]))


def _argument(what: Event, octets: bytes, st0: Mapping[str, Any]) -> tuple[Record | None, tuple[Note, ...]]:
    try:
        return what.read(octets, st0), ()
    except LayoutError as exc:
        return None, (Note("argument-short", f"the argument does not hold what the code defines: {exc}"),)


def _dst_states(happened: Sequence[Event]) -> list[bool | None]:
    """Whether DST was on at each entry, as far as entries of its changes say so; the oldest first."""
    states: list[bool | None] = []
    now: bool | None = None
    for what in happened:
        changed = None if what.manufacturer else _DST_CHANGES.get(what.code)
        if changed is not None:
            if now is None:
                states = [not changed] * len(states)
            now = changed
        states.append(now)
    return states


def _in_full(last: int, number: int | None) -> int | None:
    """A sequence number of 16 bits as one of 32: the last one that is not above LAST_ENTRY_SEQ_NBR."""
    return None if number is None else last - (last - number) % NUMBERS


def _on_the_whole(entries: Sequence[LogEntry], flags: Mapping[str, Any], unread: int) -> list[Note]:
    notes = []
    if flags["overflow_flag"]:
        notes.append(Note("overflow", "the log was full of entries that nobody had acknowledged: some are lost"))
    if entries and entries[0].sequence:
        text = f"the log begins with entry {entries[0].sequence}: older ones were overwritten"
        notes.append(Note("overwritten", text))
    for one, other in pairwise(entries):
        if one.sequence is None or other.sequence is None or other.sequence == one.sequence + 1:
            continue
        text = f"between entries {one.sequence} and {other.sequence} others are missing, or numbers are out of order"
        notes.append(Note("sequence-gap", text))
    if unread > len(entries):
        text = f"entries that are not acknowledged: {unread}, of which only {len(entries)} are there"
        notes.append(Note("unread-lost", text))
    return notes
