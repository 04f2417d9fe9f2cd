"""Columns of text for people: as wide as they need, numbers point under point."""

from collections.abc import Sequence
from decimal import Decimal

from c1222_cli.report import Paper
from c1222_cli.talk import clean

GAP = "  "


def at_the_point(values: Sequence[Decimal | int | None], missing: str = "-") -> list[str]:
    """Numbers as text of one width, point under point. missing: what stands for None."""
    texts = [
        missing if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value) for value in values
    ]
    parts = [text.partition(".") for text in texts]
    before = max((len(whole) for whole, _, _ in parts), default=0)
    behind = max((len(point + rest) for _, point, rest in parts), default=0)
    return [whole.rjust(before) + (point + rest).ljust(behind) for whole, point, rest in parts]


def draw_grid(
    paper: Paper, header: Sequence[str], rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()
) -> list[str]:
    """The lines of rows under a header; columns in which no row has anything are left out.

    right: columns whose header stands at their right end. The header goes to paper, the lines are given back, one a
    row, so that something can be put between them.
    """
    used = [place for place in range(len(header)) if any(row[place].strip() for row in rows)]
    cells = [[clean(row[place]) for place in used] for row in rows]
    names = [header[place] for place in used]
    widths = [max(len(name), *(len(row[n]) for row in cells)) for n, name in enumerate(names)]
    turned = [place in right for place in used]

    def line(row: Sequence[str]) -> str:
        parts = (
            text.rjust(width) if is_right else text.ljust(width)
            for text, width, is_right in zip(row, widths, turned, strict=True)
        )
        return (GAP + GAP.join(parts)).rstrip()

    if rows:
        paper.line(paper.faint(line(names)))
    return [line(row) for row in cells]
