"""In which form readings are written: for people, for spreadsheets, for programs; a Sheet is what all forms share."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from c1222_cli.output import opened_output, text_encoder
from c1222_cli.report import Paper
from c1222_cli.talk import clean, has_colour, is_quiet, is_terminal, say, terminal_width

if TYPE_CHECKING:
    from c1219_tables.readings.values.column_kinds import Kind

Function = TypeVar("Function", bound=Callable[..., Any])

SUFFIXES = {
    ".txt": "table", ".csv": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet",
}  # fmt: skip
ROWS = ("table", "csv", "json", "jsonl", "parquet")
"""Forms of what has rows."""
WIDE = 120


@dataclass(frozen=True)
class Sheet:
    """Rows that all forms have in common.

    name: of what the rows are. one: what a row is. columns: name and kind of each. rows: text, int, Decimal, datetime
    (always UTC), bool or None. head: what is true of all rows, for programs. scale: decimals that "decimal" has in
    Parquet. notes: what is to be known of the rows, said where the form has no place for it. told_by: the columns by
    which people know a row; without any, rows are counted.
    """

    name: str
    one: str
    columns: "Sequence[tuple[str, Kind]]"
    rows: Sequence[Sequence[Any]]
    head: Mapping[str, Any] = field(default_factory=dict)
    scale: int | None = None
    notes: Sequence[str] = ()
    told_by: Sequence[str] = ()

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.columns]


def form_options(forms: Sequence[str], more: Sequence[str] = ()) -> Callable[[Function], Function]:
    """`--format` and `-o`."""

    def decorate(function: Function) -> Function:
        suffixes = ", ".join([suffix for suffix, form in SUFFIXES.items() if form in forms] + list(more))
        by_format = click.option(
            "--format", "form", type=click.Choice(forms), help="Form of the output.  [default: by -o, else table]"
        )
        by_file = click.option(
            "-o",
            "--output",
            metavar="FILE",
            type=click.Path(allow_dash=True),
            help=f"Write to FILE. Its suffix gives the form: {suffixes}.",
        )
        return by_format(by_file(function))

    return decorate


def choose_form(given: str | None, output: str | None, forms: Sequence[str], more: Sequence[str] = ()) -> str:
    """The form: as given, else by the suffix of the file, else a table. more: suffixes that the command knows itself.

    Raises UsageError, also where a library for the form is missing.
    """
    form = given
    suffix = "" if output in (None, "-") else Path(str(output)).suffix.lower()
    if form is not None and suffix in more:
        raise click.UsageError(f"-o {output} is a picture, --format {form} is none: one of them")
    if form is None:
        if suffix in more:
            return "table"
        form = "table" if output in (None, "-") else SUFFIXES.get(suffix)
        if form not in forms:
            known = ", ".join([each for each, form in SUFFIXES.items() if form in forms] + list(more))
            raise click.UsageError(f"-o {output}: no format goes with {suffix or 'no suffix'!r} ({known})")
    if form == "parquet":
        need("pyarrow", "parquet", "Parquet files")
    return str(form)


def need(module: str, extra: str, what: str) -> None:
    """Raise UsageError where a library of an extra is not installed."""
    from importlib.util import find_spec

    if find_spec(module) is None:
        raise click.UsageError(f"{what} need {module}, which is not installed: pip install 'c1222[{extra}]'")


def write_sheet(
    sheet: Sheet,
    form: str,
    output: str | None,
    inputs: Sequence[Path],
    draw: Callable[[Paper], None],
) -> None:
    """Write it. draw: for people. What is to be known of the rows goes to standard error where only they are seen.

    Raises LayoutError for a value that a column of Parquet cannot hold; nothing is written then.
    """
    notes = list(sheet.notes)
    with opened_output(output, tuple(map(str, inputs))) as stream:
        if form == "parquet":
            notes += _parquet(stream, sheet)
        else:
            encode = text_encoder(stream)
            for line in _people(stream, draw) if form == "table" else _LINES[form](sheet):
                stream.write(encode(line + "\n"))
    if form in ("csv", "jsonl", "parquet"):
        has_times = "clock" in sheet.head and any(kind == "time" for _, kind in sheet.columns)
        say_notes(notes, clock=sheet.head["clock"] if has_times else "")


def say_notes(notes: Sequence[str], *, clock: str = "") -> None:
    """Say on standard error what the form itself has no place for; with -q, nothing.

    clock: how times became UTC.
    """
    if is_quiet(click.get_current_context()):
        return
    for line in filter(None, (clock, *(f"note: {note}" for note in notes))):
        say(line)


def write_document(
    record: Mapping[str, Any], form: str, output: str | None, inputs: Sequence[Path], draw: Callable[[Paper], None]
) -> None:
    """Write what has no rows: for people, or as JSON."""
    with opened_output(output, tuple(map(str, inputs))) as stream:
        encode = text_encoder(stream)
        lines = (
            json.dumps(record, indent=2, ensure_ascii=False).splitlines() if form == "json" else _people(stream, draw)
        )
        for line in lines:
            stream.write(encode(line + "\n"))


def _people(stream: IO[bytes], draw: Callable[[Paper], None]) -> list[str]:
    width = terminal_width() if is_terminal(stream) else WIDE
    paper = Paper(width=width, colour=has_colour(stream))
    draw(paper)
    return paper.lines


def _csv(sheet: Sheet) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(sheet.names)
    for row in sheet.rows:
        writer.writerow([_cell(value) for value in row])
    yield from text.getvalue().splitlines()


def _cell(value: Any) -> str:
    """A value as text of one line; several lines stand behind one another."""
    return "; ".join(map(clean, _text(value).split("\n")))


def _json(sheet: Sheet) -> Iterator[str]:
    """One document, a row a line."""
    yield _dumps(sheet.head).removesuffix("}") + f', "{sheet.name}": ['
    last = len(sheet.rows) - 1
    for number, row in enumerate(sheet.rows):
        yield _dumps(_record(sheet, row)) + ("" if number == last else ",")
    yield "]}"


def _jsonl(sheet: Sheet) -> Iterator[str]:
    """A line for the meter, then a line a row, each a document."""
    yield _dumps({"type": "head", **sheet.head})
    for row in sheet.rows:
        yield _dumps({"type": sheet.one, **_record(sheet, row)})


_LINES: Mapping[str, Callable[[Sheet], Iterator[str]]] = {"csv": _csv, "json": _json, "jsonl": _jsonl}


def _dumps(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False)


def _record(sheet: Sheet, row: Sequence[Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in zip(sheet.names, row, strict=True)}


def plain(value: Any) -> Any:
    """A value as JSON has it: decimals as text, so that nothing is rounded; times in UTC end in Z."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return time_text(value)
    return value


def time_text(at: datetime) -> str:
    """`2026-01-01T00:00:00Z`; without the Z where the zone is not known."""
    return at.isoformat() if at.tzinfo is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(plain(value))


def _parquet(stream: IO[bytes], sheet: Sheet) -> list[str]:
    """Write it; gives what was rounded, in words."""
    if is_terminal(stream):
        raise click.UsageError("Parquet is nothing to look at: -o FILE.parquet writes it to a file")
    import pyarrow
    from pyarrow import parquet

    from c1219_tables.readings.values.column_kinds import SCALE, arrow_table
    from c1222_cli.readings.said import note_records

    values = {name: [row[place] for row in sheet.rows] for place, name in enumerate(sheet.names)}
    scale = SCALE if sheet.scale is None else sheet.scale
    table, notes = arrow_table(dict(sheet.columns), values, pyarrow, told_by=sheet.told_by, scale=scale)
    head = {**sheet.head, "notes": [*sheet.head.get("notes", ()), *note_records(notes)]}
    parquet.write_table(table.replace_schema_metadata({"c1222": _dumps(head)}), stream)
    return list(map(str, notes))
