"""The walk through a declaration: a row for each element, group of bits and alternative, with its place."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from construct import Construct, ConstructError, IfThenElse, Switch

from c1219_tables.explain.expressions import value, words
from c1219_tables.explain.names import type_name
from c1219_tables.metertype import Formats, MeterType
from c1219_tables.schema.dialect import (
    Array,
    BitField,
    Note,
    Nothing,
    Refused,
    RepeatToEnd,
    Rest,
    Secret,
    Shared,
    Sized,
    Struct,
    Tail,
    element,
)
from c1219_tables.times import RecurringDate

LETTERS = "ijkmnpqr"
"""Names of indices, the outermost array first."""

NOT_PUBLIC = "not public"
"""Words by which a note says that nobody outside knows."""

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an element begins: base + the sum of stride x index, in octets from the start of the table."""

    base: int
    strides: tuple[tuple[str, int], ...] = ()

    def __str__(self) -> str:
        terms = [f"{stride} {index}" if stride != 1 else index for index, stride in self.strides]
        return " + ".join([*([str(self.base)] if self.base or not terms else []), *terms])

    def __add__(self, octets: int) -> "Place":
        return Place(self.base + octets, self.strides)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an explanation.

    path: `blocks[i].lp_int[j].int_data[k]`; a row of bits has the name of the bits at its end, an alternative
        ("case") the path of its element.
    depth: how deep it stands. type: in the standard's words. count, condition: how often and when, "" for once and
        always.
    place, size: where one such element begins and its octets; None where the dimensions that are known do not decide.
    bits: first and last bit of a row of bits. present: whether this meter has it; None where that is not known.
    text, sources, sure: what it is for and who says so. gap: what nobody outside the standard knows.
    """

    path: str
    depth: int
    kind: Literal["element", "bits", "case"]
    type: str
    text: str = ""
    sources: tuple[str, ...] = ()
    sure: str = ""
    count: str = ""
    condition: str = ""
    place: Place | None = None
    size: int | None = None
    bits: tuple[int, int] | None = None
    present: bool | None = None
    gap: bool = False

    @property
    def name(self) -> str:
        """The last name of the path, with its index."""
        return self.path.rpartition(".")[2]


def fixed_size(layout: Construct, params: Params | None = None) -> int | None:
    """Octets of a layout for a meter of which `params` are known; None where its own content or more decides."""
    known = params or {}
    if isinstance(layout, Struct):
        return _sum(fixed_size(inner, known) for _, inner, _ in layout.fields)
    if isinstance(layout, Array):
        count, each = value(layout.count, known), fixed_size(layout.subcon, known)
        return 0 if count == 0 else None if count is None or each is None else count * each
    if isinstance(layout, IfThenElse | Switch):
        sizes = {fixed_size(branch, known) for _, branch in branches(layout, known)}
        return sizes.pop() if len(sizes) == 1 else None
    if isinstance(layout, Tail | Rest | RepeatToEnd | Shared | Sized):
        return None
    try:
        return int(layout._sizeof({"_params": known}, ""))
    except (ConstructError, LookupError, TypeError, AttributeError):
        return _same_in_every_format(layout) if isinstance(layout, MeterType) and "formats" not in known else None


def _same_in_every_format(layout: MeterType) -> int | None:
    """Octets of a type that has the same size in every meter."""
    try:
        sizes = {layout.width(Formats(tm_format=min(code, 4), ni_format1=code, ni_format2=code)) for code in range(14)}
    except (ValueError, NotImplementedError):
        return None
    return sizes.pop() if len(sizes) == 1 else None


def _sum(sizes: Iterable[int | None]) -> int | None:
    total = 0
    for size in sizes:
        if size is None:
            return None
        total += size
    return total


def branches(layout: IfThenElse | Switch, params: Params) -> list[tuple[str, Construct]]:
    """The alternatives of an element, each with its condition; the one that applies alone where that is known."""
    if isinstance(layout, IfThenElse):
        condition, holds = words(layout.condfunc), value(layout.condfunc, params)
        found = [(f"if {condition}", layout.thensubcon), ("otherwise", layout.elsesubcon)]
        if holds is not None:
            found = [(f"as {condition} {'holds' if holds else 'does not hold'}", found[0 if holds else 1][1])]
    else:
        key, known = words(layout.keyfunc), value(layout.keyfunc, params)
        if known is None:
            found = [(f"if {key} = {case}", branch) for case, branch in layout.cases.items()]
            found.append((f"if {key} is another", layout.default))
        else:
            found = [(f"as {key} = {known}", layout.cases.get(known, layout.default))]
    return [(when, element(branch)[1]) for when, branch in found]


def rows(layout: Construct, params: Params | None = None) -> list[Row]:
    """Rows of a layout. params: what is known of a meter, as layouts see it; nothing by default."""
    if isinstance(layout, Struct):
        return list(_Walk(params or {}).members(layout, "", 0, Place(0), 0))
    return list(_Walk(params or {}).inside(Row("", -1, "element", ""), layout, 0))


@dataclass(frozen=True, slots=True)
class _Walk:
    params: Params

    def members(self, struct: Struct, path: str, depth: int, place: Place | None, level: int) -> Iterator[Row]:
        for name, layout, words_of in struct.fields:
            yield from self.element(f"{path}.{name}" if path else name, layout, words_of, depth, place, level)
            size = fixed_size(layout, self.params)
            place = place + size if place is not None and size is not None else None

    def element(
        self, path: str, layout: Construct, words_of: str, depth: int, place: Place | None, level: int
    ) -> Iterator[Row]:
        counts: list[str] = []
        conditions: list[str] = []
        present: bool | None = True
        while True:
            if isinstance(layout, IfThenElse) and isinstance(element(layout.elsesubcon)[1], Nothing):
                holds = value(layout.condfunc, self.params)
                conditions.append(f"if {words(layout.condfunc)}")
                present = False if present is False or holds == 0 else None if holds is None else present
                layout = element(layout.thensubcon)[1]
            elif isinstance(layout, Tail):
                conditions.append("if octets are left for it")
                present, layout = (present and None), layout.subcon
            elif isinstance(layout, IfThenElse | Switch) and len(chosen := branches(layout, self.params)) == 1:
                when, layout = chosen[0]
                conditions.append(when)
            elif isinstance(layout, Array | Shared):
                letter = LETTERS[level % len(LETTERS)]
                many = value(layout.count, self.params)
                counts.append(_times(layout.count, many))
                if isinstance(layout, Shared):
                    counts[-1] += ", an equal share of what is left each"
                stride = None if isinstance(layout, Shared) else fixed_size(layout.subcon, self.params)
                place = Place(place.base, (*place.strides, (letter, stride))) if place and stride is not None else None
                path, level, layout = f"{path}[{letter}]", level + 1, layout.subcon
            elif isinstance(layout, RepeatToEnd):
                letter = LETTERS[level % len(LETTERS)]
                counts.append("again and again until the octets end")
                path, level, layout, place = f"{path}[{letter}]", level + 1, layout.subcon, None
            else:
                break
        known = words_of if isinstance(words_of, Note) else None
        row = Row(
            path,
            depth,
            "element",
            type_name(layout, self.params),
            str(words_of),
            known.sources if known else (),
            known.sure if known else "none",
            ", each ".join(counts),
            " and ".join(conditions),
            None if present is False else place,
            None if present is False else fixed_size(layout, self.params),
            present=present,
            gap=NOT_PUBLIC in words_of,
        )
        yield row
        if present is not False:
            yield from self.inside(row, layout, level)

    def inside(self, row: Row, layout: Construct, level: int) -> Iterator[Row]:
        """What a row is made of."""
        depth = row.depth + 1
        if isinstance(layout, Secret | Sized | Tail):
            layout = layout.subcon
        if isinstance(layout, Struct):
            yield from self.members(layout, row.path, depth, row.place, level)
        elif isinstance(layout, BitField):
            yield from _bits(row, layout)
        elif isinstance(layout, RecurringDate):
            for when, reading in layout.readings:
                case = self._case(row, when, reading)
                yield case
                yield from _bits(case, reading)
        elif isinstance(layout, IfThenElse | Switch):
            for when, branch in branches(layout, self.params):
                case = self._case(row, when, branch)
                yield case
                yield from self.inside(case, branch, level)

    def _case(self, row: Row, when: str, branch: Construct) -> Row:
        gap = isinstance(branch, Refused)
        return replace(
            row,
            depth=row.depth + 1,
            kind="case",
            type=type_name(branch, self.params),
            text=branch.problem if isinstance(branch, Refused) else "",
            count="",
            condition=when,
            size=fixed_size(branch, self.params),
            gap=gap,
        )


def _bits(row: Row, field: BitField) -> Iterator[Row]:
    for bit in field.members:
        words_of = bit.note if isinstance(bit.note, Note) else None
        is_spare = not bit.note and bit.name.startswith("spare")
        yield Row(
            f"{row.path}.{bit.name}" if row.path else bit.name,
            row.depth + 1,
            "bits",
            f"bit {bit.low}" if bit.low == bit.high else f"bits {bit.low} to {bit.high}",
            "not defined" if is_spare else str(bit.note),
            words_of.sources if words_of else (),
            words_of.sure if words_of else "none",
            bits=(bit.low, bit.high),
            present=row.present,
            gap=NOT_PUBLIC in bit.note,
        )


def _times(count: Any, many: int | None) -> str:
    text = words(count)
    if not callable(count):
        return "once" if count == 1 else f"{text} times"
    return f"{text} times" if many is None else f"{text} = {many} times"
