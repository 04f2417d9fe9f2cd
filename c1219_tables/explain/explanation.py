"""A whole table or procedure explained: its head, its rows, and how to read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from construct import Construct

from c1219_tables.explain.reading import Rule, rules, rules_for
from c1219_tables.explain.rows import Row, fixed_size, rows
from c1219_tables.metertype import Formats
from c1219_tables.procedures import Procedure
from c1219_tables.schema.dialect import Struct
from c1219_tables.table import DIALECT, Table, is_raw


@dataclass(frozen=True, slots=True)
class Section:
    """Rows that are laid out in one run of octets. title: "" where there is one section alone."""

    title: str
    layout: Construct
    rows: tuple[Row, ...]
    size: int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """kind, number, label, name, purpose: of what. sources, sure: who says that it exists, and how sure that is.

    needs: tables that must be known first; unknown: those of them that were not given. layout_known: whether more than
    the name is public. sizes: the sizes that it has by its form, where the form alone decides. rules: how to read the
    types that occur.
    """

    kind: Literal["table", "procedure"]
    number: int
    label: str
    name: str
    purpose: str
    sources: tuple[str, ...]
    sure: str
    needs: tuple[int, ...]
    unknown: tuple[int, ...]
    layout_known: bool
    sizes: tuple[int, ...]
    sections: tuple[Section, ...]
    rules: tuple[Rule, ...]


def explain_table(
    table: Table, tables: Mapping[str, Any] | None = None, *, dialect: Mapping[str, Any] | None = None
) -> Explanation:
    """A table. tables: decoded tables of a meter as `st0`, `st21` ...; what they decide is worked out.

    Raises LookupError or TypeError for an `st0` that is no table 0.
    """
    params = _params(tables, dialect)
    section = _section("", table.layout, params)
    sizes = (section.size,) if section.size is not None else tuple(one.octets for one in table.assume)
    return Explanation(
        "table",
        table.number,
        table.label,
        table.name,
        table.purpose,
        table.note.sources,
        table.note.sure,
        table.needs,
        _unknown(table.needs, tables),
        not is_raw(table),
        sizes,
        (section,),
        rules_for(rules(table.layout, params.get("formats")), section.rows),
    )


def explain_procedure(
    procedure: Procedure, tables: Mapping[str, Any] | None = None, *, dialect: Mapping[str, Any] | None = None
) -> Explanation:
    """A procedure: table 7 as it starts it, table 8 as it answers. tables: as explain_table."""
    params = _params(tables, dialect)
    request, answer = procedure.initiate, procedure.response
    needs = tuple(sorted({*request.needs, *answer.needs}))
    both = Struct("request" / request.layout, "answer" / answer.layout)
    sections = (
        _section("written to table 7", request.layout, params),
        _section("read from table 8", answer.layout, params),
    )
    return Explanation(
        "procedure",
        procedure.number,
        procedure.label,
        procedure.name,
        procedure.purpose,
        procedure.note.sources,
        procedure.note.sure,
        needs,
        _unknown(needs, tables),
        bool(procedure.note.sources),
        (),
        sections,
        rules_for(rules(both, params.get("formats")), [row for section in sections for row in section.rows]),
    )


def _section(title: str, layout: Struct, params: Mapping[str, Any]) -> Section:
    return Section(title, layout, tuple(rows(layout, params)), fixed_size(layout, params))


def _unknown(needs: tuple[int, ...], tables: Mapping[str, Any] | None) -> tuple[int, ...]:
    return tuple(number for number in needs if f"st{number}" not in (tables or {}))


def _params(tables: Mapping[str, Any] | None, dialect: Mapping[str, Any] | None) -> dict[str, Any]:
    """What layouts may ask of this meter; without any table nothing is decided, makers' differences neither."""
    if not tables and not dialect:
        return {}
    params: dict[str, Any] = {**(tables or {}), "dialect": {**DIALECT, **(dialect or {})}}
    if "st0" in params:
        params["formats"] = Formats.of(params["st0"])
    return params
