"""The command `c1222 explain`: what the octets of a table or procedure mean, for somebody who has never seen them."""

from typing import TYPE_CHECKING, Any

import click

from c1222_cli.known import known_options, meter_of, read_known, registry_of
from c1222_cli.report import Paper, choose_form, document, fields, output_options, write
from c1222_cli.talk import clean, say, verbosity_options

if TYPE_CHECKING:
    from pathlib import Path

    from c1219_tables.context import MeterTables
    from c1219_tables.explain import Explanation, Row
    from c1219_tables.registry import Registry
    from c1222_cli.known import KnownTables
    from c1222_cli.which import Subject

FORMS = ("table", "plain", "json")
SCHEMA_VERSION = 1

EPILOG = """
With --dims, the tables of a meter that set the dimensions, offsets, sizes and counts are worked out for that meter.

\b
Examples:
  c1222 explain 23
  c1222 explain 12.id_code
  c1222 explain ST-64.int_data
  c1222 explain 64 --dims meter.json
  c1222 explain procedure 10
  c1222 explain MT-17 --schema acme_x1.py
"""


@click.command(epilog=EPILOG)
@click.argument("what", metavar="TABLE[.FIELD]...", nargs=-1, required=True)
@known_options
@output_options(FORMS)
@verbosity_options
def explain(
    what: tuple[str, ...], dims: "tuple[Path, ...]", schema: "tuple[Path, ...]", form: str | None, output: str | None
) -> None:
    """Explain the layout of a table, of one of its fields, or of a procedure.

    TABLE is a number (23, ST-23, MT-17) or a name (CLOCK_TBL); FIELD a name inside it, levels left out as you like;
    "procedure 10", P-10 and MP-70 are procedures. Everything is read off the declaration that decodes the octets.
    """
    form = choose_form(form, output, FORMS)
    from c1222_cli.which import subjects

    registry = registry_of(schema)
    asked = subjects(what, registry)
    octets = read_known(dims)
    shown = [_explained(subject, octets, registry) for subject in asked]
    if form == "json":
        found = {"schema_version": SCHEMA_VERSION, "explained": [_record(*one) for one in shown]}
        write(output, lambda paper: paper.line(document(found)), (*dims, *schema))
    else:
        draw = _draw_plain if form == "plain" else _draw
        write(output, lambda paper: _draw_all(paper, shown, draw), (*dims, *schema))


def _explained(
    subject: "Subject", octets: "KnownTables", registry: "Registry"
) -> "tuple[Explanation, list[list[Row]]]":
    """The explanation of a subject, and the rows to be shown of each of its sections."""
    from c1219_tables.explain import explain_procedure, explain_table
    from c1219_tables.procedures import procedure

    if subject.kind == "procedure":
        meter = meter_of(octets, registry, registry, (7, 8))
        known = explain_procedure(procedure(subject.number), meter.params())
    else:
        meter = meter_of(octets, registry, registry, (subject.number,))
        _one_maker(subject.number, meter)
        known = explain_table(meter.registry.table(subject.number), meter.params())
    return known, _field(known, subject.field)


def _one_maker(number: int, meter: "MeterTables") -> None:
    """Refuse to guess between makers that each define the table."""
    makers = [layouts for layouts in meter.registry.makers if number in layouts.tables]
    if len(makers) > 1 and 1 not in meter:
        names = ", ".join(f"{layouts.origin} ({layouts.manufacturer} {layouts.ed_model})" for layouts in makers)
        say(f"several makers define it: {names}; shown is the first. --dims with table 1 of the meter chooses")


def _field(known: "Explanation", field: str) -> "list[list[Row]]":
    if not field:
        return [list(section.rows) for section in known.sections]
    from c1219_tables.explain import find

    found = [find(section.rows, field) for section in known.sections]
    if not any(one.matches for one in found):
        near = dict.fromkeys(name for one in found for name in one.near)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        raise click.UsageError(f"{known.label} has no element {field!r}{clean(hint)}")
    for one in found:
        if one.matches and one.strange:
            say(f"{known.label} has no {', '.join(one.strange)}; shown: {', '.join(one.matches)}")
    return [list(one.rows) for one in found]


def _draw_all(paper: Paper, shown: "list[tuple[Explanation, list[list[Row]]]]", draw: Any) -> None:
    for index, (known, rows) in enumerate(shown):
        if index and draw is _draw:
            paper.line()
        draw(paper, known, rows)


def _draw(paper: Paper, known: "Explanation", rows: "list[list[Row]]") -> None:
    from c1222_cli.explain_page import draw

    draw(paper, known, rows)


def _draw_plain(paper: Paper, known: "Explanation", rows: "list[list[Row]]") -> None:
    """A line a row: label, path, kind, type, bits, count, condition, present, offset, octets, sure, sources, text."""
    for section in rows:
        for row in section:
            bits = "" if row.bits is None else f"{row.bits[0]}-{row.bits[1]}"
            present = "" if row.present is None else "yes" if row.present else "no"
            place = "" if row.place is None else row.place
            size = "" if row.size is None else row.size
            of = " ".join(row.sources)
            paper.line(
                fields(
                    (
                        known.label,
                        row.path,
                        row.kind,
                        row.type,
                        bits,
                        row.count,
                        row.condition,
                        present,
                        place,
                        size,
                        row.sure,
                        of,
                        row.text,
                    )
                )
            )


def _record(known: "Explanation", rows: "list[list[Row]]") -> dict[str, Any]:
    from c1219_tables.explain import codes_of, rules_for

    shown = [row for section in rows for row in section]
    return {
        "kind": known.kind,
        "number": known.number,
        "label": known.label,
        "name": known.name,
        "purpose": known.purpose,
        "sources": known.sources,
        "sure": known.sure,
        "layout": "declared" if known.layout_known else "octets",
        "needs": known.needs,
        "not_given": known.unknown,
        "sizes": known.sizes,
        "sections": [
            {"title": section.title, "size": section.size, "rows": [_row_record(row) for row in chosen]}
            for section, chosen in zip(known.sections, rows, strict=True)
        ],
        "reading": [{"about": rule.about, "text": rule.text} for rule in rules_for(known.rules, shown)],
        "codes": {one.element: one.codes for one in codes_of(shown)} if known.number < 2048 else {},
    }


def _row_record(row: "Row") -> dict[str, Any]:
    place = row.place
    return {
        "path": row.path,
        "kind": row.kind,
        "type": row.type,
        "bits": row.bits,
        "count": row.count,
        "condition": row.condition,
        "present": row.present,
        "offset": None if place is None else {"base": place.base, "strides": dict(place.strides)},
        "octets": row.size,
        "text": row.text,
        "sources": row.sources,
        "sure": row.sure,
        "gap": row.gap,
    }
