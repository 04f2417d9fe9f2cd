"""A table octet by octet: a row a field, with its place, octets, value and purpose."""

import click

from c1219_tables.table import is_raw
from c1222.capture.mask import MASKED
from c1222.capture.table_view import TableView
from c1222_cli.decode.table_words import fields_of_view
from c1222_cli.decode.words import octets_text
from c1222_cli.fields import Field, quoted
from c1222_cli.layout import Column, Layout
from c1222_cli.talk import clean

_SHOWN, _PER_ROW = 8, 16

COLUMNS = (Column("offset", 6), Column("octets", 11), Column("field", 12), Column("value", 12), Column("purpose", 10))
PURPOSE = 4


def rows_of_view(view: TableView, hidden: bool) -> list[list[str]]:
    """Rows of a table: its fields; all its octets where its layout is not public."""
    return dump(view, hidden) if is_raw(view.table) else [row_of(field, hidden) for field in fields_of_view(view)]


def lines_of(rows: list[list[str]], width: int | None, *, colour: bool) -> list[str]:
    """Header and rows under one another. width: characters of a line, None for any."""
    layout = Layout(COLUMNS, rows, width)
    header = layout.line([column.name for column in COLUMNS], "~")
    lines = [click.style(header, bold=True) if colour else header]
    for row in rows:
        cells = layout.fitted(row, "~")
        cells[PURPOSE] = click.style(cells[PURPOSE], dim=True) if colour else cells[PURPOSE]
        lines.append("  ".join(cells).rstrip())
    return lines


def row_of(field: Field, hidden: bool) -> list[str]:
    """The row of a field."""
    value = MASKED if hidden else clean(field.value)
    octets = _hex(field.octets, hidden)
    return [str(field.start), octets, clean(field.path), value, clean(field.note)]


def dump(view: TableView, hidden: bool) -> list[list[str]]:
    """Rows of octets of which nobody knows, or asked, what they mean."""
    octets, start = view.octets, view.offset
    parts = [(start + at, octets[at : at + _PER_ROW]) for at in range(0, len(octets), _PER_ROW)]
    return [[str(at), "**" if hidden else part.hex(" "), "", "" if hidden else quoted(part), ""] for at, part in parts]


def _hex(octets: bytes, hidden: bool) -> str:
    if hidden:
        return octets_text(len(octets))
    return octets.hex(" ") if len(octets) <= _SHOWN else f"{octets[: _SHOWN - 1].hex(' ')} .."
