"""The command `c1222 tables`: which tables there are, and how much is known of each."""

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from c1222_cli.known import registry_of, schema_option
from c1222_cli.report import Paper, choose_form, document, fields, output_options, write
from c1222_cli.talk import clean, say, verbosity_options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from c1219_tables.registry import Registry
    from c1219_tables.table import Table

FORMS = ("table", "plain", "json", "csv")
SCHEMA_VERSION = 1

COLUMNS = ("number", "table", "name", "decade", "layout", "sure", "needs", "octets", "doubts", "purpose")

# Together they fit 80 columns.
_LEAST = {"table": 5, "name": 14, "layout": 8, "sure": 8, "needs": 7, "octets": 8, "doubts": 6, "purpose": 10}

EPILOG = """
layout: declared, or octets where only the name is public. sure: whether independent sources agree that there is such
a table (agreed), one says so (single), or it follows from what they say (inferred). needs: tables to read first.
octets: its size, where nothing but its form decides; two sizes are those of text and BCD identifiers. doubts: elements
of a single source, inferred ones, and gaps, that is what nobody outside the standard knows.

\b
Examples:
  c1222 tables
  c1222 tables --decade 2
  c1222 tables demand reset
  c1222 tables --needs 21 --declared --format csv
  c1222 tables --schema acme_x1.py --gaps
"""


@click.command(epilog=EPILOG)
@click.argument("words", metavar="[WORD]...", nargs=-1)
@click.option("--decade", "decades", metavar="N", multiple=True, type=click.IntRange(0, 204), help="Repeatable.")
@click.option("--declared", is_flag=True, help="Only tables whose layout is known.")
@click.option("--gaps", is_flag=True, help="Only tables of which something is not public.")
@click.option("--needs", metavar="TABLE", help="Only tables that need this one.")
@schema_option
@output_options(FORMS)
@verbosity_options
def tables(
    words: tuple[str, ...],
    decades: tuple[int, ...],
    declared: bool,
    gaps: bool,
    needs: str | None,
    schema: "tuple[Path, ...]",
    form: str | None,
    output: str | None,
) -> None:
    """List the tables of the standard, and those of makers.

    With WORDs, only tables that have all of them in their names, their purpose, or the names and words of their
    elements.
    """
    form = choose_form(form, output, FORMS)
    from c1222_cli.which import table_number

    registry = registry_of(schema)
    needed = None if needs is None else table_number(needs, registry)
    chosen = [
        line
        for line in _lines(registry)
        if (not decades or line.decade in decades)
        and (not declared or line.layout == "declared")
        and (not gaps or line.layout == "octets" or line.gaps)
        and (needed is None or needed in line.needs)
        and all(word.lower() in line.words for word in words)
    ]
    draw = {"table": _draw_table, "plain": _draw_plain, "json": _draw_json, "csv": _draw_csv}[form]
    if not chosen:
        say("no table matches")
    write(output, lambda paper: draw(paper, chosen), schema)


class Line(NamedTuple):
    """One table; single, inferred and gaps count its elements. words: all that a search looks at, in lower case."""

    number: int
    label: str
    name: str
    decade: int | None
    layout: str
    sure: str
    needs: tuple[int, ...]
    octets: tuple[int, ...]
    single: int
    inferred: int
    gaps: int
    purpose: str
    sources: tuple[str, ...]
    origin: str
    words: str

    @property
    def doubts(self) -> str:
        counts = (
            ("single", self.single),
            ("inferred", self.inferred),
            ("gap" if self.gaps == 1 else "gaps", self.gaps),
        )
        return ", ".join(f"{count} {name}" for name, count in counts if count)

    @property
    def cells(self) -> tuple[str, ...]:
        """One cell for each of COLUMNS."""
        decade = "" if self.decade is None else str(self.decade)
        return (
            str(self.number),
            self.label,
            self.name,
            decade,
            self.layout,
            self.sure,
            " ".join(map(str, self.needs)),
            " or ".join(map(str, self.octets)),
            self.doubts,
            self.purpose,
        )


def _lines(registry: "Registry") -> "Iterator[Line]":
    origins = {number: makers.origin for makers in reversed(registry.makers) for number in makers.tables}
    for table in registry:
        yield _line(table, origins.get(table.number, ""))


def _line(table: "Table", origin: str) -> Line:
    from c1219_tables.explain import explain_table

    known = explain_table(table)
    elements = [row for row in known.sections[0].rows if row.kind != "case"] if known.layout_known else []
    texts = [table.label, table.name, table.purpose, *(f"{row.path} {row.text}" for row in elements)]
    return Line(
        table.number,
        table.label,
        table.name,
        table.number // 10 if table.number < 2048 else None,
        "declared" if known.layout_known else "octets",
        known.sure,
        known.needs,
        known.sizes,
        sum(row.sure == "single" for row in elements),
        sum(row.sure == "inferred" for row in elements),
        sum(row.gap for row in known.sections[0].rows) if known.layout_known else 0,
        known.purpose,
        known.sources,
        origin,
        " ".join(texts).lower(),
    )


def _draw_table(paper: Paper, lines: list[Line]) -> None:
    from c1222_cli.layout import Column, Layout

    shown = [index for index, name in enumerate(COLUMNS) if name not in ("number", "decade")]
    columns = [Column(COLUMNS[index], _LEAST[COLUMNS[index]]) for index in shown]
    rows = [[clean(line.cells[index]) for index in shown] for line in lines]
    layout = Layout(columns, rows, paper.width)
    paper.line(paper.bold(layout.line([column.name for column in columns], "~")))
    for line, row in zip(lines, rows, strict=True):
        text = layout.line(row, "~")
        paper.line(paper.faint(text) if line.layout == "octets" else text)


def _draw_plain(paper: Paper, lines: list[Line]) -> None:
    for line in lines:
        paper.line(fields(line.cells))


def _draw_csv(paper: Paper, lines: list[Line]) -> None:
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([clean(cell) for cell in line.cells] for line in lines)
    paper.lines += text.getvalue().splitlines()


def _draw_json(paper: Paper, lines: list[Line]) -> None:
    paper.line(document({"schema_version": SCHEMA_VERSION, "tables": [_record(line) for line in lines]}))


def _record(line: Line) -> dict[str, Any]:
    return {
        "number": line.number,
        "label": line.label,
        "name": line.name,
        "decade": line.decade,
        "layout": line.layout,
        "sure": line.sure,
        "sources": line.sources,
        "needs": line.needs,
        "sizes": line.octets,
        "single": line.single,
        "inferred": line.inferred,
        "gaps": line.gaps,
        "purpose": line.purpose,
        "origin": line.origin or "standard",
    }
