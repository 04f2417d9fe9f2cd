"""Columns that fit: widths from the first rows, shrunk to the terminal."""

from collections.abc import Sequence
from typing import NamedTuple

GAP = "  "


class Column(NamedTuple):
    """name: its header. least: characters that it keeps. keep_end: its end says more than its beginning.

    gives_first: it has a shorter form of `least` characters, and takes it before any other column is cut.
    """

    name: str
    least: int
    keep_end: bool = False
    gives_first: bool = False


def cut(text: str, width: int, ellipsis: str, *, keep_end: bool = False) -> str:
    """`text` in at most `width` characters."""
    if len(text) <= width:
        return text
    room = width - len(ellipsis)
    return ellipsis + text[-room:] if keep_end else text[:room] + ellipsis


class Layout:
    """Widths of columns.

    rows: what the widths are taken from. limit: characters of a line; None for no limit, and then a longer cell that
    comes later widens its column for all that follow. The last column takes what is left, and is never cut where it
    would leave nothing of it.
    """

    def __init__(self, columns: Sequence[Column], rows: Sequence[Sequence[str]], limit: int | None) -> None:
        self.columns = columns
        self.limit = limit
        self.widths = [
            max([len(column.name), *(len(row[index]) for row in rows)]) for index, column in enumerate(columns)
        ]
        if limit is not None:
            self._shrink(limit)

    @property
    def is_limited(self) -> bool:
        return self.limit is not None

    def _shrink(self, limit: int) -> None:
        """Take from the columns that give first, then from the one that has most to give, until a line fits."""
        over = sum(self.widths) + len(GAP) * (len(self.widths) - 1) - limit
        for index, column in enumerate(self.columns):
            if over > 0 and column.gives_first and self.widths[index] > column.least:
                over -= self.widths[index] - column.least
                self.widths[index] = column.least
        while over > 0:
            spare = [width - column.least for width, column in zip(self.widths, self.columns, strict=True)]
            most = max(spare)
            if most <= 0:
                return
            self.widths[spare.index(most)] -= 1
            over -= 1

    def fitted(self, cells: Sequence[str], ellipsis: str) -> list[str]:
        """Cells padded, and cut where there is a limit."""
        if self.limit is None:
            self.widths = [max(width, len(cell)) for width, cell in zip(self.widths, cells, strict=True)]
            return [cell.ljust(width) for cell, width in zip(cells, self.widths, strict=True)]
        return [
            cut(cell, width, ellipsis, keep_end=column.keep_end).ljust(width)
            for cell, width, column in zip(cells, self.widths, self.columns, strict=True)
        ]

    def line(self, cells: Sequence[str], ellipsis: str) -> str:
        return GAP.join(self.fitted(cells, ellipsis)).rstrip()
