"""A part of a table, as partial reads and writes carry it: octets at an offset, and the elements that they touch."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from construct import ConstructError

from c1219_tables.schema.cursor import Cursor, Span
from c1219_tables.schema.places import Place


@dataclass(frozen=True, slots=True)
class Touched:
    """An element that octets of a part touch.

    span: its place in the table. octets: those of it that are there. value: decoded; None where it is not all there, or
    its octets do not fit.
    """

    span: Span
    octets: bytes
    value: Any

    @property
    def is_whole(self) -> bool:
        return len(self.octets) == self.span.end - self.span.start


class TablePart(NamedTuple):
    """touched: the elements, in order. assumed: why table 0 was guessed, "" when it was given."""

    touched: tuple[Touched, ...]
    assumed: str


def touch(place: Place, offset: int, octets: bytes, params: dict[str, Any]) -> Touched:
    """What `octets`, which begin at `offset` of the table, say of one element."""
    span = place.span
    there = octets[max(span.start - offset, 0) : span.end - offset]
    value = None
    if len(there) == span.end - span.start:
        try:
            value = place.layout._parse(Cursor(there), {"_params": params}, f".{span.field}")
        except ConstructError:
            value = None
    return Touched(span, there, value)
