"""What the words of `c1222 read` ask for: tables, ranges of them, fields inside them."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from c1222_cli.likely_targets import likely_host
from c1222_cli.which import table_number

if TYPE_CHECKING:
    from c1219_tables.registry import Registry

_KIND = 0x07FF
"""Bits of a table number that count; the others say which kind of table it is."""
_STEP = re.compile(r"([^.\[\]]+)((?:\[[0-9]+\])*)")


class Wanted(NamedTuple):
    """One table. fields: paths inside it, as in `tot_data_block.summations[0]`; none: all of it."""

    number: int
    fields: tuple[str, ...] = ()


class Span(NamedTuple):
    """A range of tables: those of it that the meter lists. text: as it was written."""

    first: int
    last: int
    text: str

    @property
    def numbers(self) -> range:
        return range(self.first, self.last + 1)


def wanted(words: Iterable[str], registry: "Registry") -> list[Wanted | Span]:
    """What the words mean. Raises UsageError with what may have been meant."""
    return [_span(word, registry) if ".." in word else _table(word, registry) for word in words]


def _span(word: str, registry: "Registry") -> Span:
    start, _, end = word.partition("..")
    first = table_number(start, registry)
    last = table_number(end, registry)
    if end.isdigit() and not start.isdigit():
        last |= first & ~_KIND  # MT-0..5
    if (first ^ last) & ~_KIND:
        raise click.UsageError(f"{word}: both ends of a range are tables of one kind, as 21..28 or MT-0..MT-5")
    if last < first:
        raise click.UsageError(f"{word}: a range goes upwards, as 21..28")
    return Span(first, last, word)


def _table(word: str, registry: "Registry") -> Wanted:
    head, dot, path = word.partition(".")
    try:
        number = table_number(head, registry)
    except click.UsageError:
        if (meant := likely_host(word)) is not None:
            raise click.UsageError(f"no table is called {head!r}; is it a meter? Then write {meant}") from None
        raise
    if dot and not path:
        raise click.UsageError(f"{word}: which field? Write it behind the point, as 1.ed_model")
    return Wanted(number, _fields(word, number, path, registry) if path else ())


def _fields(word: str, number: int, path: str, registry: "Registry") -> tuple[str, ...]:
    """The paths that are meant; levels may be left out. Raises UsageError."""
    from c1219_tables.explain import explain_table, find

    known = explain_table(registry.table(number))
    if not known.layout_known:
        raise click.UsageError(f"{word}: the layout of {known.label} is not known here, so it has no fields")
    found = find(known.sections[0].rows, path)
    if not found.matches or found.strange:
        hint = f"; did you mean {', '.join(dict.fromkeys(found.near))}?" if found.near else ""
        search = f"; its elements: c1222 explain {known.label}"
        raise click.UsageError(f"{known.label} has no element {path!r}{hint}{search}")
    indices = {name.lower().replace("-", "_"): index for name, index in _STEP.findall(path)}
    return tuple(dict.fromkeys(_with_indices(match, indices) for match in found.matches))


def _with_indices(path: str, indices: dict[str, str]) -> str:
    """`demands[i].demand[j]` with what was written of its indices: `demands[2].demand`."""
    names = (part.partition("[")[0] for part in path.split("."))
    return ".".join(name + indices.get(name, "") for name in names)


def picked(value: object, path: str) -> object:
    """The value at a path; below a list without an index, that of each of its elements. None where there is none."""
    return _picked(value, _STEP.findall(path))


def _picked(value: object, steps: Sequence[tuple[str, str]]) -> object:
    if not steps or value is None:
        return value
    if isinstance(value, list):
        return [_picked(each, steps) for each in value]
    name, index = steps[0]
    value = value.get(name) if isinstance(value, dict) else None
    for each in re.findall(r"[0-9]+", index):
        value = value[int(each)] if isinstance(value, list) and int(each) < len(value) else None
    return _picked(value, steps[1:])


def is_within(path: str, fields: Sequence[str]) -> bool:
    """Whether an element, `tot_data_block.summations[0]`, belongs to one of the fields; without fields, all do."""
    steps = _STEP.findall(path)
    return not fields or any(_begins(steps, _STEP.findall(field)) for field in fields)


def _begins(steps: list[tuple[str, str]], asked: list[tuple[str, str]]) -> bool:
    return len(asked) <= len(steps) and all(
        name == step and index in ("", written) for (name, index), (step, written) in zip(asked, steps, strict=False)
    )
