"""When there was no voltage."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

Span = tuple[int, int]
"""Start and end in seconds since 1970; the end does not belong to it."""


class Outages:
    """Outages in order, those that overlap or touch made one."""

    def __init__(self) -> None:
        self._spans: list[Span] = []

    def add(self, start: int, end: int) -> None:
        """Voltage fails from `start` to `end`."""
        merged: list[Span] = []
        for span in sorted([*self._spans, (start, end)]):
            if merged and span[0] <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], span[1]))
            else:
                merged.append(span)
        self._spans = merged

    def __iter__(self) -> Iterator[Span]:
        return iter(self._spans)

    def within(self, start: int, end: int) -> Iterator[Span]:
        """The parts of a span that are without voltage."""
        index = max(0, bisect_right(self._spans, (start, start)) - 1)
        for down, up in self._spans[index:]:
            if down >= end:
                return
            if up > start:
                yield max(down, start), min(up, end)

    def powered(self, spans: Iterable[Span]) -> Iterator[Span]:
        """The parts of spans that have voltage."""
        for start, end in spans:
            for down, up in self.within(start, end):
                if start < down:
                    yield start, down
                start = up
            if start < end:
                yield start, end

    def is_powered(self, at: int) -> bool:
        """Whether there is voltage at this second."""
        return not any(self.within(at, at + 1))
