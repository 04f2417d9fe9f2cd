"""`c1222 decode --table`: octets of one table that somebody has at hand, without a message around them."""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import click

from c1219_tables.context import MeterTables
from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.table import is_raw
from c1222 import __version__
from c1222.capture.export import SCHEMA_VERSION, serializer
from c1222.capture.mask import MASKED, hides_table
from c1222.capture.table_record import table_record
from c1222.capture.table_view import TableView
from c1222_cli.decode.table_rows import lines_of, rows_of_view
from c1222_cli.decode.table_words import fields_of_view, needs_text, table_state
from c1222_cli.decode.words import octets_text
from c1222_cli.output import opened_output, text_encoder
from c1222_cli.talk import clean, has_colour, is_terminal, terminal_width

MOST = 1 << 20
"""Octets of a file that are read. No table is so large."""

_HEX = re.compile(r"[0-9A-Fa-f]*")
_BETWEEN = re.compile(r"[\s:,|]+")


def read_octets(given: Sequence[str]) -> tuple[bytes, str]:
    """Octets of the arguments, and the name of the file that they came from, "" where they are the arguments.

    given: hex, in one argument or several; or one file, or "-", that holds hex text (with # comments) or the octets
    themselves. Raises UsageError.
    """
    text = "".join(_BETWEEN.sub("", part) for part in given)
    if text and _HEX.fullmatch(text):
        return _octets(text, "HEX"), ""
    if len(given) > 1:
        raise click.UsageError("--table wants the octets of one table: as hex, or one FILE, or -")
    (name,) = given
    try:
        if name == "-":
            stdin = getattr(sys.stdin, "buffer", None)
            if stdin is None:
                raise click.UsageError("-: standard input is closed")
            content = stdin.read(MOST + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(MOST + 1)
    except (OSError, ValueError) as exc:
        why = getattr(exc, "strerror", None) or str(exc)
        raise click.UsageError(f"{name!r} is neither hex nor a file that can be read: {why}") from exc
    if len(content) > MOST:
        raise click.UsageError(f"{name}: larger than {MOST >> 20} MiB, too large for a table")
    lines = content.decode("latin-1").splitlines()
    text = "".join(_BETWEEN.sub("", line.partition("#")[0]) for line in lines)
    octets = _octets(text, name) if _HEX.fullmatch(text) else content
    if not octets:
        raise click.UsageError(f"{name}: no octets")
    return octets, name


def _octets(text: str, name: str) -> bytes:
    if len(text) % 2:
        raise click.UsageError(f"{name}: {len(text)} hex digits, the last octet is half an octet")
    return bytes.fromhex(text)


def look(octets: bytes, offset: int | None, number: int, meter: MeterTables) -> TableView:
    """Decode octets of a table. offset: where in it they begin; None where they are all of it.

    Raises UsageError for tables that are missing, TableError where the octets do not fit.
    """
    table = meter.registry.table(number)
    view = TableView(table, offset or 0, octets, is_whole=offset is None)
    try:
        if offset is None:
            view.decoded = table.decode(octets, meter.params(), tolerant=True)
            view.assumed = view.decoded.assumed
            return view
        view.touched, view.assumed = table.part(offset, octets, meter.params())
        size = None if view.touched else table.size(tables=meter.params())
    except MissingTableError as exc:
        names = needs_text(exc.needed)
        raise click.UsageError(
            f"{table.label} needs {names} of the same meter: give {'them' if exc.needed[1:] else 'it'} with --dims FILE"
        ) from exc
    if not view.touched and not is_raw(table):
        why = "nothing says where its elements stand" if size is None else f"it has {octets_text(size)}"
        problem = f"octets {offset} to {offset + len(octets) - 1} cannot be placed: {why}"
        raise TableError(problem, table=number, layout=table.label, offset=offset)
    return view


def write(view: TableView, form: str, output: str | None, inputs: tuple[str, ...], *, show_secrets: bool) -> None:
    """Write one table. inputs: files that were read, which are not overwritten.

    Raises UsageError for an output that cannot be written.
    """
    hidden = not show_secrets and hides_table(view)
    with opened_output(output, inputs, private=show_secrets) as stream:
        if form in ("json", "jsonl"):
            stream.write(serializer(show_secrets=show_secrets)(_document(view, hidden)) + b"\n")
        else:
            encode = text_encoder(stream)

            def say(line: str) -> None:
                stream.write(encode(line.rstrip() + "\n"))

            _WRITERS[form](view, hidden, say, stream)


def _document(view: TableView, hidden: bool) -> dict[str, Any]:
    return {
        "type": "table",
        "schema_version": SCHEMA_VERSION,
        "c1222_version": __version__,
        "octets": MASKED if hidden else view.octets,
        "table_data": table_record(view, hidden=hidden),
    }


Say = Callable[[str], None]


def _people(view: TableView, hidden: bool, say: Say, stream: IO[bytes]) -> None:
    colour, width = has_colour(stream), terminal_width() if is_terminal(stream) else None
    what = f"{view.table.label} {view.table.name}: {view.table.purpose}"
    say(click.style(clean(what), bold=True) if colour else clean(what))
    place = "" if view.is_whole else f" from octet {view.offset}"
    say(clean(", ".join([octets_text(len(view.octets)) + place, *table_state(view)])))
    for line in lines_of(rows_of_view(view, hidden), width, colour=colour):
        say(line)


def _plain(view: TableView, hidden: bool, say: Say, stream: IO[bytes]) -> None:
    """Fields separated by tabs: field, start, end, octets, value; `-` where there is nothing."""
    for field in fields_of_view(view):
        octets, value = (MASKED, MASKED) if hidden else (field.octets.hex(), field.value)
        say("\t".join([clean(field.path), str(field.start), str(field.end), octets, clean(value) or "-"]))


def _hex_text(view: TableView, hidden: bool, say: Say, stream: IO[bytes]) -> None:
    say(clean(f"# {view.table.label} {view.table.name}, {octets_text(len(view.octets))}"))
    say("2a" * len(view.octets) if hidden else view.octets.hex())


_WRITERS: Mapping[str, Callable[[TableView, bool, Say, IO[bytes]], None]] = {
    "table": _people,
    "tree": _people,
    "plain": _plain,
    "hex": _hex_text,
}
