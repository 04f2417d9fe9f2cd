"""Fields and values of a plan against the declarations, before anything is known of the meter.

What no meter can have is found here: a field that its table does not declare, a value that fits no form of the field.
What this meter has, it tells when it is looked at.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from construct import Construct, IfThenElse, Switch

from c1219_tables.changes.typed import typed, whole_number, yes_or_no
from c1219_tables.metertype import Formats
from c1219_tables.registry import Registry
from c1219_tables.schema.base import Misfit, build_field, element
from c1219_tables.schema.cursor import Writer
from c1219_tables.schema.dialect import Array, BitField, Nothing, RepeatToEnd, Secret, Set, Shared, Struct, Tail
from c1219_tables.table import DIALECT, MANUFACTURER, Table, is_raw
from c1219_tables.times import RecurringDate
from c1222.psem.table_id import parse_table
from c1222.scripts.steps import Field

_PATH = re.compile(r"[^.\[\]\s]+(?:\[[0-9]+\])*(?:\.[^.\[\]\s]+(?:\[[0-9]+\])*)*")
_STEP = re.compile(r"([^.\[\]]+)|\[([0-9]+)\]")
_FORMS = [
    *(Formats(char_format=text, tm_format=time) for text in (1, 2, 3, 4) for time in (1, 2, 3, 4)),
    *(Formats(ni_format1=number, ni_format2=number) for number in range(14)),
]
"""How meters store values: what fits none of these fits no meter."""


class Spot(NamedTuple):
    """A form that a field may have. bit: member of a bit field by name, of a SET by number; None for all of it."""

    layout: Construct
    bit: str | int | None = None


def table_named(text: Any, registry: Registry) -> Table:
    """The table of 6, "6", "ST-6", "MT-17". Raises ValueError for one that nobody knows."""
    if isinstance(text, bool) or not isinstance(text, int | str):
        raise ValueError(f'a table is wanted, as 6, "ST-6" or "MT-17", not {text!r}')
    table = registry.table(parse_table(str(text)))
    if table.name.startswith("STD_TBL_"):
        raise ValueError(f"no public source knows a standard table {table.number}; its maker's are written MT-n")
    return table


def field_named(text: Any, registry: Registry) -> Field:
    """The field of "6.owner_name", or the table of 6. Raises ValueError with what may be meant."""
    number, dot, path = str(text).partition(".") if not isinstance(text, bool) else (text, "", "")
    table = table_named(number, registry)
    plain = path.lower().replace("-", "_")
    if dot:
        spots(table, plain)
    return Field(table.number, plain)


def spots(table: Table, path: str) -> list[Spot]:
    """The forms that a field may have. Raises ValueError with what may be meant for a path that is not declared."""
    if not _PATH.fullmatch(path):
        raise ValueError(f"{path!r} is no path of a field; write it as a.b[2].c")
    here = [Spot(table.layout)]
    for name, index in _STEP.findall(path.lower().replace("-", "_")):
        here = [inner for spot in here for inner in _inside(spot, int(index) if index else name)]
        if not here:
            raise ValueError(f"{table.label} {table.name} has no field {path!r}{_hint(table, path)}")
    return here


def holds_secret(found: list[Spot]) -> bool:
    return any(isinstance(spot.layout, Secret) for spot in found)


def check_value(found: list[Spot], given: Any) -> None:
    """Raise ValueError for a value that no form of the field takes, with the problem of the first form."""
    problems = []
    for spot in found:
        problem = _misfit(spot, given)
        if not problem:
            return
        problems.append(problem)
    raise ValueError(problems[0])


def _inside(spot: Spot, step: str | int) -> Iterator[Spot]:
    layout = spot.layout
    if spot.bit is not None:
        return
    if isinstance(step, int):
        if isinstance(layout, Set):
            yield Spot(layout, step)
        elif isinstance(layout, Array | Shared | RepeatToEnd):
            yield from _forms(layout.subcon)
    elif isinstance(layout, Struct):
        for name, field, _ in layout.fields:
            if name == step:
                yield from _forms(field)
    elif isinstance(layout, RecurringDate) or (isinstance(layout, BitField) and step in layout.names):
        yield Spot(layout, step)


def _forms(field: Construct) -> Iterator[Spot]:
    """What an element is in one meter or another."""
    layout = element(field)[1]
    if isinstance(layout, IfThenElse):
        yield from _forms(layout.thensubcon)
        yield from _forms(layout.elsesubcon)
    elif isinstance(layout, Switch):
        for case in (*layout.cases.values(), layout.default):
            yield from _forms(case)
    elif isinstance(layout, Tail):
        yield from _forms(layout.subcon)
    elif not isinstance(layout, Nothing):
        yield Spot(layout)


def _misfit(spot: Spot, given: Any) -> str:
    """Why a form does not take a value; "" where it does, or where only the meter can tell."""
    layout = spot.layout
    try:
        if isinstance(layout, RecurringDate):
            return ""
        if spot.bit is not None:
            _bit(spot, given)
            return ""
        if isinstance(layout, Struct | BitField):
            if not isinstance(given, Mapping):
                return "its members are wanted, by name: { a = 1, b = 2 }"
            for name, inner in given.items():
                found = list(_inside(spot, str(name).lower().replace("-", "_")))
                if not found:
                    return f"it has no member {name!r}"
                check_value(found, inner)
            return ""
        if isinstance(layout, Array | Shared | RepeatToEnd):
            if not isinstance(given, list):
                return "a list of all its elements is wanted"
            for inner in given:
                check_value(list(_forms(layout.subcon)), inner)
            return ""
    except ValueError as exc:
        return str(exc)
    return _unbuilt(layout, given)


def _bit(spot: Spot, given: Any) -> None:
    if isinstance(spot.layout, Set):
        yes_or_no(given)
        return
    bit = next(bit for bit in spot.layout.members if bit.name == spot.bit)
    value = int(yes_or_no(given)) if bit.is_flag else whole_number(given)
    if not 0 <= value <= bit.mask:
        raise ValueError(f"{value} given where 0 to {bit.mask} fits")


def _unbuilt(layout: Construct, given: Any) -> str:
    """Why no meter could store a value; "" where one could."""
    first = ""
    for formats in _FORMS:
        scope = {"_params": {"formats": formats, "dialect": DIALECT}}
        try:
            build_field(layout, typed(layout, given, formats), Writer({}), scope, "")
            return ""
        except Misfit as exc:
            if isinstance(exc.__cause__, LookupError):
                return ""  # its size is for another table of the meter to say
            first = first or exc.problem
        except (ValueError, TypeError) as exc:
            first = first or str(exc)
        except LookupError:
            return ""
    return first


def _hint(table: Table, path: str) -> str:
    known = list(dict.fromkeys(declared_paths(table)))
    if is_raw(table):
        maker = ", or give its layout with --schema" if table.number >= MANUFACTURER else ""
        return f": its layout is not public, so it is written as octets (hex = ...){maker}"
    wanted = re.sub(r"\[[0-9]+\]", "", path)
    last = wanted.split(".")[-1]
    by_last = {each.split(".")[-1]: each for each in reversed(known)}
    near = [each for each in known if each.split(".")[-1] == last] + get_close_matches(wanted, known, n=2, cutoff=0.6)
    near += [by_last[name] for name in get_close_matches(last, by_last, n=2, cutoff=0.6)]
    chosen = list(dict.fromkeys(near))[:3]
    if chosen:
        return f"; did you mean {', '.join(chosen)}?"
    return f" (it has: {', '.join(each for each in known if '.' not in each)})"


def declared_paths(table: Table) -> Iterator[str]:
    """Every path that a table declares, without indices."""

    def walk(layout: Construct, path: str) -> Iterator[str]:
        if isinstance(layout, Struct):
            for name, field, _ in layout.fields:
                inner = f"{path}.{name}" if path else str(name)
                for spot in _forms(field):
                    yield inner
                    yield from walk(spot.layout, inner)
        elif isinstance(layout, Array | Shared | RepeatToEnd):
            for spot in _forms(layout.subcon):
                yield from walk(spot.layout, path)
        elif isinstance(layout, BitField):
            yield from (f"{path}.{name}" for name in layout.names)

    yield from walk(table.layout, "")
