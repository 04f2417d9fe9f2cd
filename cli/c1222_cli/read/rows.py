"""Tables that were read, for grep, spreadsheets and other programs: a row an element, or the octets alone."""

import csv
import io
from collections.abc import Iterator, Sequence

from c1222.capture.mask import MASKED
from c1222_cli.decode.table_words import fields_of_view
from c1222_cli.decode.words import octets_text
from c1222_cli.fields import Field, quoted
from c1222_cli.read.fetch import Fetched
from c1222_cli.read.wanted import is_within
from c1222_cli.report import Paper, fields
from c1222_cli.talk import clean

COLUMNS = ("table", "name", "field", "start", "end", "octets", "value")


def fields_fetched(fetched: Fetched) -> Iterator[Field]:
    """The innermost elements that were asked for; one without a name where nobody knows, or asked, what they mean."""
    view = fetched.view
    if view is None:
        return
    if fetched.is_raw or not (view.touched or view.decoded is not None):
        end = view.offset + len(view.octets)
        yield Field("", view.offset, end, view.octets, quoted(view.octets), "", secret=False)
        return
    yield from (field for field in fields_of_view(view) if is_within(field.path, fetched.fields))


def _rows(tables: Sequence[Fetched]) -> Iterator[tuple[object, ...]]:
    """Rows of COLUMNS."""
    for fetched in tables:
        hidden = fetched.is_hidden
        for field in fields_fetched(fetched):
            octets, value = (MASKED, MASKED) if hidden else (field.octets.hex(), field.value)
            place = ("", "") if fetched.index is not None else (field.start, field.end)
            yield fetched.table.label, fetched.table.name, field.path, *place, octets, value


def draw_plain(paper: Paper, tables: Sequence[Fetched]) -> None:
    for row in _rows(tables):
        paper.line(fields(row))


def draw_csv(paper: Paper, tables: Sequence[Fetched]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([clean(str(cell)) for cell in row] for row in _rows(tables))
    paper.lines += text.getvalue().splitlines()


def draw_hex(paper: Paper, tables: Sequence[Fetched]) -> None:
    """A comment that names the table, then its octets; those of a secret table as 2a."""
    for fetched in tables:
        if (view := fetched.view) is not None:
            octets = b"\x2a" * len(view.octets) if fetched.is_hidden else view.octets
            place = "" if view.is_whole or fetched.index is not None else f" from octet {view.offset}"
            paper.line(clean(f"# {fetched.table.label} {fetched.table.name}, {octets_text(len(octets))}{place}"))
            paper.line(octets.hex())
