"""What a table's declaration says of its elements, by their names: what for, which codes, whether a SET."""

import re
from functools import lru_cache
from typing import Any, NamedTuple

from c1219_tables.schema.dialect import BitField, Set, Struct
from c1219_tables.schema.inspect import walk
from c1219_tables.table import Table

_CODE = re.compile(r"(\d+):? (?!(?:to|of|or|and|is|are)\b)([^\d\s].*)")
_FIRST_CODE = re.compile(r"(?:^|(?<=[:,] )|(?<=are ))\d+:? ")


class Declared(NamedTuple):
    """notes: what elements are for. sets: names of elements that are SETs: member numbers, not values in a row."""

    notes: dict[str, str]
    sets: frozenset[str]

    def codes(self, name: str) -> dict[int, str]:
        """Meanings of the values of an element, where its note lists them."""
        return codes_in(self.notes.get(name, ""))


@lru_cache(maxsize=64)
def declared(table: Table) -> Declared:
    """Of elements with one name, what is said first counts."""
    notes: dict[str, str] = {}
    sets: set[str] = set()
    for part in walk(table.layout):
        if isinstance(part, Struct):
            for name, layout, words in part.fields:
                notes.setdefault(name, words)
                if isinstance(_inside(layout), Set):
                    sets.add(name)
        elif isinstance(part, BitField):
            for member in part.members:
                notes.setdefault(member.name, member.note)
    return Declared(notes, frozenset(sets))


def _inside(layout: Any) -> Any:
    """What an optional element is where it is there."""
    while hasattr(layout, "thensubcon"):
        layout = layout.thensubcon
    return layout


@lru_cache(maxsize=1024)
def codes_in(note: str) -> dict[int, str]:
    """The codes that a note lists: {0: "no clock", 1: "BCD"} of `0 no clock, 1 BCD`. {} where it lists none.

    A list has two codes or more, between commas or semicolons, and nothing behind it.
    """
    start = _FIRST_CODE.search(note)
    if start is None:
        return {}
    parts = re.split("[,;] ", note[start.start() :])
    codes = [_CODE.fullmatch(part) for part in parts]
    if len(parts) < 2 or None in codes:
        return {}
    return {int(code[1]): code[2] for code in codes if code is not None}
