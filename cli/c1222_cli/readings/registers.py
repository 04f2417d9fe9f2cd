"""The commands `c1222 registers` and `c1222 now`: values of registers, in their units."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from c1222_cli.counted import counted
from c1222_cli.readings.forms import ROWS, Sheet, time_text, write_sheet
from c1222_cli.readings.source import EXIT_CODES, Asked, Source, opened_source, reading_options, tell_unread
from c1222_cli.talk import clean, say, verbosity_options

if TYPE_CHECKING:
    from c1219_tables.readings.clocks.clock import Moment
    from c1219_tables.readings.register_value import RegisterValue, Snapshot
    from c1222_cli.report import Paper

SNAPSHOTS = ("current", "season", "reset", "self-read")
"""Names of snapshots on a command line, in the order of Taken."""

EPILOG = f"""
Values are in base units (Wh, never kWh), exact to the last digit; --raw also shows what the meter stored. WORD limits
the output to registers with that word in their name. Without --snapshot, the current registers are shown (table 23);
snapshots are copies that the meter made when the season changed (24), at a demand reset (25), or at a self read (26).
{EXIT_CODES}
\b
Examples:
  c1222 registers optical:/dev/ttyUSB0
  c1222 registers tcp://192.0.2.7 --snapshot all -o registers.csv
  c1222 registers sim: energy --why
  c1222 registers dump:meter.json --format json
  c1222 registers --from capture.pcap --key 2=env:K2
"""

NOW_EPILOG = f"""{EXIT_CODES}
\b
Examples:
  c1222 now optical:/dev/ttyUSB0
  c1222 now tcp://192.0.2.7 voltage --format jsonl
  c1222 now sim: frequency --why
"""

_why = click.option("--why", is_flag=True, help="Show which tables and octets each value comes from.")
_raw = click.option("--raw", is_flag=True, help="Also show the stored values (other formats always have them).")


@click.command(epilog=EPILOG)
@click.option(
    "--snapshot", "snapshots", multiple=True, type=click.Choice((*SNAPSHOTS, "all")),
    help="Which registers. Repeatable.  [default: current]",
)  # fmt: skip
@_why
@_raw
@reading_options(*ROWS, words="[WORD]...")
@verbosity_options
def registers(snapshots: tuple[str, ...], why: bool, raw: bool, asked: Asked) -> None:
    """Show the registers of a meter: energy, demands and their times, by tier."""
    from c1219_tables.readings.register_value import Taken

    taken = tuple(list(Taken)[SNAPSHOTS.index(name)] for name in snapshots if name != "all")
    with opened_source(asked) as source:
        if "all" in snapshots:
            found = source.put_aside((Taken.PREVIOUS_SEASON, Taken.PREVIOUS_DEMAND_RESET, Taken.SELF_READ))
            tell_unread(source, (24, 25, 26))
        else:
            found = source.meter.registers(*(taken or (Taken.CURRENT,)), tz=asked.tz)
    _write("registers", source, _having(asked.words, found), asked, why=why, raw=raw)


@click.command(epilog=NOW_EPILOG)
@_why
@_raw
@reading_options(*ROWS, words="[WORD]...")
@verbosity_options
def now(why: bool, raw: bool, asked: Asked) -> None:
    """Show what a meter measures at this moment (table 28): voltages, currents, power, running demands."""
    with opened_source(asked) as source:
        found = source.meter.now(tz=asked.tz)
    _write("values", source, _having(asked.words, found), asked, why=why, raw=raw)


def _having(words: Sequence[str], found: "list[RegisterValue]") -> "list[RegisterValue]":
    """The values in whose names every word is. Raises UsageError where there is none."""
    if not found:
        say("the meter has no such registers")
    kept = [one for one in found if all(word.lower() in one.name.lower() for word in words)]
    if found and not kept:
        names = ", ".join(dict.fromkeys(one.quantity.name for one in found))
        raise click.UsageError(clean(f"no register has {' '.join(words)!r} in its name; there are {names}"))
    return kept


def _write(name: str, source: Source, found: "list[RegisterValue]", asked: Asked, *, why: bool, raw: bool) -> None:
    sheet = _sheet(name, source, found, why=why)
    write_sheet(
        sheet, asked.form, asked.output, asked.inputs, lambda paper: _draw(paper, source, found, why=why, raw=raw)
    )


# -- For programs ------------------------------------------------------------------------------------------------------

_COLUMNS: Any = (
    ("snapshot", "text"), ("taken_at", "time"), ("number", "whole"), ("season", "whole"), ("resets", "whole"),
    ("name", "text"), ("quantity", "text"), ("kind", "text"), ("extreme", "text"), ("tier", "whole"),
    ("occurrence", "whole"), ("value", "decimal"), ("unit", "text"), ("raw", "text"), ("source", "whole"),
    ("phase", "text"), ("direction", "text"), ("at", "time"), ("at_shown", "text"), ("interval_minutes", "whole"),
    ("with_demand", "text"), ("time_left", "text"), ("notes", "text"),
)  # fmt: skip


def _sheet(name: str, source: Source, found: "list[RegisterValue]", *, why: bool) -> Sheet:
    from c1222_cli.readings.said import note_records

    zone = source.zone
    head = {**source.record, "clock": zone.describe(), "notes": note_records(zone.notes)}
    columns = (*_COLUMNS, ("why", "text")) if why else _COLUMNS
    notes = [*zone.notes, *(note for one in found for note in one.notes)]
    rows = [_row(one, why=why) for one in found]
    told = tuple(dict.fromkeys(map(str, notes)))
    return Sheet(name, name.removesuffix("s"), columns, rows, head, notes=told, told_by=("snapshot", "name"))


def _row(one: "RegisterValue", *, why: bool) -> list[Any]:
    snapshot = one.snapshot
    row = [
        str(snapshot.taken), _utc(snapshot.at), snapshot.number, snapshot.season, snapshot.resets,
        one.name, one.quantity.name, str(one.kind), one.extreme, one.tier,
        one.occurrence, one.value, one.unit, _raw_text(one), one.source,
        one.quantity.phase, one.quantity.direction, _utc(one.at), one.at and time_text(one.at.shown), one.interval,
        one.with_demand and one.with_demand.name, one.left and one.left.isoformat(),
        "; ".join(map(str, one.notes)),
    ]  # fmt: skip
    return [*row, "\n".join(one.why())] if why else row


def _utc(at: "Moment | None") -> datetime | None:
    return None if at is None else at.utc


def _raw_text(one: "RegisterValue") -> str:
    return "" if one.raw is None else str(one.raw)


# -- For people --------------------------------------------------------------------------------------------------------


def _draw(paper: "Paper", source: Source, found: "list[RegisterValue]", *, why: bool, raw: bool) -> None:
    from c1222_cli.readings.grid import at_the_point, draw_grid
    from c1222_cli.readings.said import Notes

    paper.line(paper.bold(clean(source.title)))
    if any(one.at is not None or one.snapshot.at is not None for one in found):
        paper.line(clean(source.zone.describe()))
    notes = Notes()
    for snapshot, group in groupby(found, key=lambda one: one.snapshot):
        values = list(group)
        paper.line()
        paper.line(paper.bold(_snapshot_words(snapshot)))
        numbers = at_the_point([one.value for one in values])
        rows = [
            (
                one.name, number, one.unit, _raw_text(one) if raw else "", "" if one.at is None else str(one.at),
                "" if one.interval is None else f"{one.interval} min", "" if one.left is None else f"{one.left} left",
                notes.marks(one.notes),
            )
            for one, number in zip(values, numbers, strict=True)
        ]  # fmt: skip
        header = ("register", "value", "unit", "raw", "time", "over", "", "note")
        for one, line in zip(values, draw_grid(paper, header, rows, right=frozenset({1, 3})), strict=True):
            paper.line(line)
            for step in one.why() if why else ():
                if not step.startswith("note: "):
                    paper.line(paper.faint(clean(f"      {step}")))
    notes.draw(paper)


def _snapshot_words(snapshot: "Snapshot") -> str:
    parts = [f"{snapshot.taken}" + (f" {snapshot.number}" if snapshot.number is not None else "")]
    if snapshot.at is not None:
        parts.append(str(snapshot.at))
    if snapshot.season is not None:
        parts.append(f"season {snapshot.season}")
    if snapshot.resets is not None:
        parts.append(counted(snapshot.resets, "demand reset"))
    return ", ".join(parts)
