"""The values of a table for people: an element a line, levels indented, lists of records as tables."""

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from c1222_cli.fields import is_coded
from c1222_cli.layout import GAP
from c1222_cli.read.declared import Declared
from c1222_cli.read.words import is_bits, set_members, words
from c1222_cli.report import Paper
from c1222_cli.talk import clean

WIDEST = 100
"""Columns that are filled, however wide the paper is."""
STEP = 2
WIDEST_NAME = 32
LEAST_WORDS = 30
"""Columns that values have at least, however deep they stand."""


class Tree:
    """Draws on a paper what a declaration says of values."""

    def __init__(self, paper: Paper, known: Declared) -> None:
        self._paper = paper
        self._known = known
        self._width = min(paper.width, WIDEST)
        self._noted: set[str] = set()

    def record(self, value: Mapping[str, Any], indent: int = STEP) -> None:
        """The elements of a record; those that this meter does not have are left out."""
        there = {name: inner for name, inner in value.items() if inner is not None}
        leaves = [len(name) for name, inner in there.items() if words(name, inner, self._known) is not None]
        column = indent + min(max(leaves, default=0), WIDEST_NAME)
        for name, inner in there.items():
            self.element(name, name, inner, indent, column)
        if not there:
            self._paper.line(" " * indent + "(nothing)")

    def element(self, label: str, name: str, value: Any, indent: int, column: int = 0) -> None:
        """One element under its label; its name says what it is. column: where values begin."""
        text = words(name, value, self._known)
        if text is not None:
            self._leaf(label, name, text, indent, column)
        elif isinstance(value, Mapping):
            self._head(label, name, indent)
            self.record(value, indent + STEP)
        else:
            self._list(label, name, value, indent, column)

    def _list(self, label: str, name: str, values: Sequence[Any], indent: int, column: int) -> None:
        texts = [words(name, value, self._known) for value in values]
        if not values:
            self._leaf(label, name, "none", indent, column)
        elif all(text is not None for text in texts) and not isinstance(values[0], Mapping):
            self._leaf(label, name, ", ".join(map(str, texts)), indent, column)
        else:
            self._head(label, name, indent)
            if self._have_words(name, values) or not self._table(values, indent + STEP):
                column = indent + STEP + len(f"[{len(values) - 1}]")
                for index, value in enumerate(values):
                    self.element(f"[{index}]", name, value, indent + STEP, column)

    def _have_words(self, name: str, values: Sequence[Any]) -> bool:
        """Whether the records of a list say more in a line of words than in columns: codes and flags."""
        first = values[0]
        has_flags = isinstance(first, Mapping) and any(isinstance(member, bool) for member in first.values())
        return is_coded(name) or (has_flags and is_bits(first))

    def _table(self, values: Sequence[Any], indent: int) -> bool:
        """Records under one another, a column an element; False where they do not fit into columns."""
        rows = [self._cells(value) for value in values]
        if any(row is None for row in rows):
            return False
        filled = [row for row in rows if row is not None]
        names = list(dict.fromkeys(name for row in filled for name, cell in row.items() if cell))
        cells = [[str(index), *(row.get(name, "") for name in names)] for index, row in enumerate(filled)]
        room = self._width - indent
        header, widths = _header(["#", *names], cells, room)
        if sum(widths) + len(GAP) * (len(widths) - 1) > room:
            return False
        rights = [all(_is_number(row[at]) for row in cells) for at in range(len(widths))]
        for number, line in enumerate([*header, *cells]):
            aligned = (
                cell.rjust(width) if right else cell.ljust(width)
                for cell, width, right in zip(line, widths, rights, strict=True)
            )
            text = " " * indent + GAP.join(aligned).rstrip()
            self._paper.line(text if number >= len(header) else self._paper.faint(text))
        return True

    def _cells(self, value: Any) -> dict[str, str] | None:
        """The cells of a record by their columns; None where it holds lists of records, or is none."""
        if not isinstance(value, Mapping) or not value:
            return None
        cells: dict[str, str] = {}
        for name, inner in value.items():
            text = "" if inner is None else words(name, inner, self._known)
            if text is not None:
                cells[name] = clean(text)
            elif isinstance(inner, Mapping):
                below = self._cells(inner)
                if below is None:
                    return None
                cells |= {f"{name}.{column}": cell for column, cell in below.items()}
            elif inner and all(isinstance(each, Mapping) and is_bits(each) for each in inner):
                cells[name] = clean(set_members(inner))
            else:
                texts = [words(name, each, self._known) for each in inner]
                if any(text is None for text in texts) or (inner and isinstance(inner[0], Mapping)):
                    return None
                cells[name] = clean(", ".join(map(str, texts)))
        return cells

    def _head(self, label: str, name: str, indent: int) -> None:
        start = " " * indent + clean(label)
        self._paper.line(start + self._note(name, len(start)))

    def _leaf(self, label: str, name: str, text: str, indent: int, column: int) -> None:
        start = (" " * indent + clean(label)).ljust(column) + GAP
        room = max(self._width - len(start), LEAST_WORDS)
        lines = textwrap.wrap(clean(text), room, break_on_hyphens=False) or [""]
        first = start + lines[0]
        self._paper.line((first + (self._note(name, len(first)) if len(lines) == 1 else "")).rstrip())
        for line in lines[1:]:
            self._paper.line(" " * len(start) + line)

    def _note(self, name: str, used: int) -> str:
        """What an element is for, said once and where there is room; not where its codes say it."""
        note = clean(self._known.notes.get(name, ""))
        if not note or name in self._noted or self._known.codes(name):
            return ""
        self._noted.add(name)
        shown = f"({note})"
        return GAP + self._paper.faint(shown) if used + len(GAP) + len(shown) <= self._width else ""


def _header(names: list[str], cells: list[list[str]], room: int) -> tuple[list[list[str]], list[int]]:
    """The lines over a table, and the widths of its columns: names are cut at _ and . where that saves the room."""
    below = [max(map(len, column)) for column in zip(*cells, strict=True)]
    widths = [max(len(name), width) for name, width in zip(names, below, strict=True)]
    if sum(widths) + len(GAP) * (len(widths) - 1) <= room:
        return [names], widths
    stacks = [_stack(name, width) for name, width in zip(names, below, strict=True)]
    height = max(map(len, stacks))
    lines = [list(line) for line in zip(*([""] * (height - len(stack)) + stack for stack in stacks), strict=True)]
    return lines, [max(width, *map(len, stack)) for width, stack in zip(below, stacks, strict=True)]


def _stack(name: str, width: int) -> list[str]:
    """A name in lines that are no longer than `width`, or than its longest part."""
    parts = re.findall(r"[^._]+[._]?", name) or [name]
    width = max(width, *map(len, parts))
    lines = [parts[0]]
    for part in parts[1:]:
        if len(lines[-1]) + len(part) <= width:
            lines[-1] += part
        else:
            lines.append(part)
    return lines


def _is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).removeprefix("-").isdigit()
