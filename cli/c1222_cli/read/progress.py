"""How far a long read is: one line on a terminal, rewritten as octets come, gone when all is there."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from c1222_cli.talk import is_terminal, rewrite


class Progress:
    """count: tables to be read, 0 where only octets are told. shown: whether there is a terminal for the line."""

    def __init__(self, count: int, *, shown: bool) -> None:
        self.count = count
        self._shown = shown
        self._done = 0
        self._last = ""
        self._line = ""
        self._came = 0
        self._coming = 0
        self._before = 0

    def table(self, label: str, octets: int) -> None:
        """A table is there with so many octets, 0 where it will not come."""
        self._done += 1
        self._last = label
        self._came += octets
        self._coming = self._before = 0
        self._draw()

    def octets(self, count: int) -> None:
        """So many octets of the present answer are there; with the next answer, of the same table, it is few again."""
        self._coming += count - self._before if count >= self._before else count
        self._before = count
        self._draw()

    def _draw(self) -> None:
        if not self._shown:
            return
        last = f", last {self._last}" if self._last else ""
        tables = f"{self._done} of {self.count} tables, " if self.count else ""
        line = f"reading: {tables}{self._came + self._coming} octets{last}"
        if line != self._line:
            self._line = line
            rewrite(line)

    def end(self) -> None:
        """The line goes away, and does not come again: what is written now has the terminal for itself."""
        if self._shown:
            rewrite("")
        self._shown = False


@contextmanager
def shown_progress(count: int, *, quiet: bool) -> Iterator[Progress]:
    """The progress of so many tables; silent where standard error is no terminal, or one that cannot rewrite a line."""
    can_rewrite = is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb"
    progress = Progress(count, shown=can_rewrite and not quiet)
    try:
        yield progress
    finally:
        progress.end()
