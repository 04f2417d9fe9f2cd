"""The commands `c1222 events` and `c1222 history`: what happened to a meter, in words and in UTC."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from c1222_cli.counted import counted
from c1222_cli.readings.forms import ROWS, Sheet, time_text, write_sheet
from c1222_cli.readings.source import EXIT_CODES, Asked, Source, opened_source, reading_options
from c1222_cli.talk import clean, verbosity_options

if TYPE_CHECKING:
    from c1219_tables.readings.logs import Log, LogEntry
    from c1222_cli.report import Paper

EPILOG = """
The oldest entry comes first. Notes say which numbers are missing, and where entries were lost. --mark-read tells the
meter, once all is written, that its entries were read (procedure 5). It is never done unasked.
{exit_codes}
\b
Examples:
  c1222 {name} optical:/dev/ttyUSB0
  c1222 {name} tcp://192.0.2.7 --unread --format jsonl
  c1222 {name} dump:meter.json -o {name}.csv
"""

_unread = click.option("--unread", is_flag=True, help="Only entries that are not marked as read.")
_mark = click.option("--mark-read", is_flag=True, help="Afterwards, mark the entries as read in the meter.")


@click.command(epilog=EPILOG.format(name="events", exit_codes=EXIT_CODES))
@_unread
@_mark
@reading_options(*ROWS)
@verbosity_options
def events(unread: bool, mark_read: bool, asked: Asked) -> None:
    """Show the event log of a meter (table 76): what happened, for audit."""
    _show("events", asked, unread=unread, mark_read=mark_read)


@click.command(epilog=EPILOG.format(name="history", exit_codes=EXIT_CODES))
@_unread
@_mark
@reading_options(*ROWS)
@verbosity_options
def history(unread: bool, mark_read: bool, asked: Asked) -> None:
    """Show the history log of a meter (table 74): what happened to it."""
    _show("history", asked, unread=unread, mark_read=mark_read)


def _show(name: str, asked: Asked, *, unread: bool, mark_read: bool) -> None:
    if mark_read and asked.captures:
        raise click.UsageError("--mark-read tells a meter something: a capture has none to tell")
    with opened_source(asked) as source:
        log = source.meter.events(tz=asked.tz) if name == "events" else source.meter.history(tz=asked.tz)
        entries = [entry for entry in log if entry.is_unread or not unread]
        sheet = _sheet(source, log, entries)
        source.end_progress()
        write_sheet(sheet, asked.form, asked.output, asked.inputs, lambda paper: _draw(paper, source, log, entries))
        if mark_read:
            from c1222_cli.readings.mark_read import mark_log

            mark_log(source, log)


# -- For programs ------------------------------------------------------------------------------------------------------

_COLUMNS: Any = (
    ("sequence", "whole"), ("event_number", "whole"), ("at", "time"), ("at_local", "text"), ("at_shown", "text"),
    ("code", "whole"), ("manufacturer", "flag"), ("meaning", "text"), ("user", "whole"), ("argument", "text"),
    ("octets", "text"), ("unread", "flag"), ("notes", "text"),
)  # fmt: skip


def _sheet(source: Source, log: "Log", entries: "list[LogEntry]") -> Sheet:
    from c1222_cli.readings.said import note_records

    head = {
        **source.record,
        "table": log.table,
        "clock": log.zone.describe(),
        "unread": log.unread,
        "circular": log.is_circular,
        "notes": note_records(log.notes),
    }
    notes = [*log.notes, *(note for entry in entries for note in _notes(entry))]
    rows = list(map(_row, entries))
    return Sheet("entries", "entry", _COLUMNS, rows, head, notes=tuple(dict.fromkeys(map(str, notes))))


def _row(entry: "LogEntry") -> list[Any]:
    at = entry.at
    return [
        entry.sequence, entry.event_number, at and at.utc, at and at.local and at.local.isoformat(),
        at and time_text(at.shown), entry.code, entry.manufacturer, entry.meaning, entry.user, argument_text(entry),
        entry.octets.hex(), entry.is_unread, "; ".join(map(str, _notes(entry))),
    ]  # fmt: skip


def _notes(entry: "LogEntry") -> list[Any]:
    return [*entry.notes, *(entry.at.notes if entry.at is not None else ())]


def argument_text(entry: "LogEntry") -> str:
    """What the argument says: `ST-7`, `season 1`; its octets where nobody knows, nothing where they are all 0."""
    if entry.argument is None:
        return entry.octets.hex(" ") if entry.octets.strip(b"\0") else ""
    return ", ".join(_said(name, value) for name, value in entry.argument.items() if name != "padding")


def _said(name: str, value: Any) -> str:
    from c1222_cli.read.declared import Declared
    from c1222_cli.read.words import words

    said = words(name, value, Declared({}, frozenset())) or ""
    return said if isinstance(value, Mapping) else f"{name} {said}"  # the identifier of a table needs no name


# -- For people --------------------------------------------------------------------------------------------------------


def _draw(paper: "Paper", source: Source, log: "Log", entries: "list[LogEntry]") -> None:
    from c1222_cli.readings.grid import draw_grid
    from c1222_cli.readings.said import Notes

    notes = Notes()
    unread = f", {log.unread} of them unread" if log.unread else ""
    paper.line(paper.bold(clean(f"{source.title}, {counted(len(log), 'entry', 'entries')}{unread}")))
    marks = notes.marks(log.notes)
    paper.line(clean(log.zone.describe() + (f"  (note {marks})" if marks else "")))
    if entries:
        paper.line()
    rows = [
        (
            "" if entry.sequence is None else str(entry.sequence), "" if entry.at is None else str(entry.at),
            entry.meaning, argument_text(entry), f"user {entry.user}" if entry.user else "",
            "unread" if entry.is_unread else "", notes.marks(_notes(entry)),
        )
        for entry in entries
    ]  # fmt: skip
    for line in draw_grid(paper, ("entry", "time", "what", "argument", "who", "", "note"), rows):
        paper.line(line)
    notes.draw(paper)
