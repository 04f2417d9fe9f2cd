"""Fields by their path, `tot_data_block.summations[0]`: found in a value, along its declaration.

The names are those that `explain` and `read` show. A bit of a bit field has a name behind that of its field; the member
of a SET is written as its number in brackets, `std_tbls_used[23]`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from construct import Construct, IfThenElse, Switch

from c1219_tables.schema.dialect import (
    Array,
    BitField,
    Nothing,
    RepeatToEnd,
    Set,
    Shared,
    Struct,
    Tail,
    element,
    number,
)
from c1219_tables.table import DecodedTable
from c1219_tables.times import RecurringDate

_STEP = re.compile(r"([^.\[\]]+)|\[([0-9]+)\]")
_PATH = re.compile(r"[^.\[\]]+(?:\[[0-9]+\])*(?:\.[^.\[\]]+(?:\[[0-9]+\])*)*")
_INDEX = re.compile(r"\[[0-9]+\]")


class NoSuchField(LookupError):
    """A path leads nowhere. The text says where it ends. instead: names that there are, "" where there are none."""

    def __init__(self, problem: str, instead: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.instead = instead

    def __str__(self) -> str:
        return f"{self.problem} (there are: {self.instead})" if self.instead else self.problem


@dataclass(frozen=True, slots=True)
class Place:
    """A field in a value: where it hangs, so that it can be exchanged.

    path: its path, "" for the whole table. layout: what is there in this meter, conditions and choices resolved.
    scope: what `this` sees there. holder, key: `holder[key]` is its value. bit: name of a member of a bit field, number
    of a member of a SET; None for a field of its own.
    """

    path: str
    layout: Construct
    scope: Mapping[str, Any]
    holder: Any
    key: Any
    bit: str | int | None = None

    @property
    def value(self) -> Any:
        return self.holder[self.key]


def located(value: Mapping[str, Any], decoded: DecodedTable, path: str) -> Place:
    """The field at a path of `value`, which has the form of `decoded`. Raises NoSuchField with what may be meant."""
    if not _PATH.fullmatch(path):
        raise NoSuchField(f"{path!r} is no path of a field (write it as a.b[2].c)")
    place = whole(value, decoded)
    for name, index in _STEP.findall(path):
        try:
            place = inside(place, int(index) if index else name.lower().replace("-", "_"))
        except NoSuchField as exc:
            near = _near(path, decoded)
            raise (NoSuchField(f"{exc.problem}; did you mean {near}?") if near else exc) from None
    return place


def whole(value: Mapping[str, Any], decoded: DecodedTable) -> Place:
    """The place of all fields together."""
    return Place("", decoded.table.layout, {"_params": decoded.params}, [value], 0)


def inside(place: Place, step: str | int) -> Place:
    """One step into a field: a name, or an index. Raises NoSuchField."""
    layout, value = place.layout, place.value
    where = place.path or "the table"
    if place.bit is not None:
        raise NoSuchField(f"{where} is a single bit or number, nothing is inside it")
    if isinstance(step, str):
        path = f"{place.path}.{step}" if place.path else step
        if not isinstance(value, Mapping) or step not in value:
            if not isinstance(value, Mapping):
                raise NoSuchField(f"{where} has no element {step!r}, it has no named parts")
            raise NoSuchField(f"{where} has no element {step!r}", ", ".join(value))
        if isinstance(layout, BitField | RecurringDate):
            return Place(path, layout, place.scope, place.holder, place.key, step)
        assert isinstance(layout, Struct)
        scope = {"_": place.scope, "_params": place.scope["_params"], **value}
        field = next(field for name, field, _ in layout.fields if name == step)
        return Place(path, _resolved(field, scope, path, value[step]), scope, value, step)
    path = f"{place.path}[{step}]"
    if isinstance(layout, Set):
        members = 8 * number(layout.octets, place.scope)
        if step >= members:
            raise NoSuchField(f"{where} is a set of the numbers 0 to {members - 1}, {step} is none of them")
        return Place(path, layout, place.scope, place.holder, place.key, step)
    if not isinstance(layout, Array | Shared | RepeatToEnd):
        raise NoSuchField(f"{where} is there once, without an index")
    if step >= len(value):
        those = f"its elements are [0] to [{len(value) - 1}]" if value else "it has no elements in this meter"
        raise NoSuchField(f"{path} is not there: {those}")
    return Place(path, _resolved(layout.subcon, place.scope, path, value[step]), place.scope, value, step)


def _resolved(field: Construct, scope: Mapping[str, Any], path: str, value: Any) -> Construct:
    """What a field is in this meter. Raises NoSuchField for one that it does not have."""
    layout = element(field)[1]
    while isinstance(layout, IfThenElse | Switch | Tail):
        if isinstance(layout, IfThenElse):
            branch = layout.thensubcon if number(layout.condfunc, scope) else layout.elsesubcon
        elif isinstance(layout, Switch):
            branch = layout.cases.get(number(layout.keyfunc, scope), layout.default)
        elif value is None:
            raise NoSuchField(f"{path} is not there: the table of this meter ends before it")
        else:
            branch = layout.subcon
        layout = element(branch)[1]
    if isinstance(layout, Nothing):
        raise NoSuchField(f"{path} is not there: this meter does not have it")
    return layout


def is_named(path: str, names: Iterable[str]) -> bool:
    """Whether a field is one of those named, or inside one: by its path, with or without indices, or its last name."""
    plain = _INDEX.sub("", path)
    for name in names:
        wanted = name.lower().replace("-", "_")
        if is_within(path, wanted) or is_within(plain, wanted) or plain.split(".")[-1] == wanted:
            return True
    return False


def is_within(path: str, outer: str) -> bool:
    """Whether a field is the outer one, or inside it."""
    return path == outer or path.startswith((f"{outer}.", f"{outer}["))


def value_at(decoded: DecodedTable, path: str) -> Any:
    """The value at a path that the table has."""
    value: Any = decoded
    for name, index in _STEP.findall(path):
        value = value[int(index)] if index else value[name]
    return value


def all_paths(decoded: DecodedTable) -> list[str]:
    """Every path of a table: elements, what holds them, and the bits inside."""
    found: list[str] = []
    for path in decoded.spans():
        found.append(path)
        value = value_at(decoded, path)
        if isinstance(value, Mapping):
            found += [f"{path}.{name}" for name in value if f"{path}.{name}" not in decoded.spans()]
    return found


def _near(path: str, decoded: DecodedTable) -> str:
    """Paths that may have been meant, the likeliest first; "" where nothing is alike."""
    wanted = _INDEX.sub("", path.lower().replace("-", "_"))
    known = {_INDEX.sub("", each): each for each in reversed(all_paths(decoded))}
    last = wanted.split(".")[-1]
    alike = [each for each in known if each.split(".")[-1] == last]
    alike += get_close_matches(wanted, known, n=3, cutoff=0.6)
    by_last: dict[str, str] = {each.split(".")[-1]: each for each in known}
    alike += [by_last[name] for name in get_close_matches(last, by_last, n=3, cutoff=0.6)]
    others = [each for each in dict.fromkeys(alike) if each != wanted]
    return ", ".join(known[each] for each in others[:3])
