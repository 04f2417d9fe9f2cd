"""Notes of readings: each sentence once, with a number that stands beside what it is about."""

import textwrap
from collections.abc import Iterable
from typing import Any

from c1219_tables.readings.notes import Note
from c1222_cli.report import Paper
from c1222_cli.talk import clean


class Notes:
    """Notes in the order in which they came up."""

    def __init__(self) -> None:
        self._numbers: dict[Note, int] = {}

    def marks(self, notes: Iterable[Note]) -> str:
        """Their numbers, `1 3`."""
        numbers = sorted({self._numbers.setdefault(note, len(self._numbers) + 1) for note in notes})
        return " ".join(map(str, numbers))

    def draw(self, paper: Paper) -> None:
        """All of them, at the end of a page."""
        if self._numbers:
            paper.line()
        for note, number in self._numbers.items():
            draw_note(paper, f"note {number}: ", note)


def draw_note(paper: Paper, label: str, note: Note) -> None:
    """One note, as many lines as it needs."""
    for line in textwrap.wrap(clean(f"{label}{note}"), max(60, paper.width), subsequent_indent="  "):
        paper.line(paper.faint(line))


def note_records(notes: Iterable[Note]) -> list[dict[str, Any]]:
    """For programs: code and sentence of each."""
    return [{"code": note.code, "text": note.text} for note in notes]
