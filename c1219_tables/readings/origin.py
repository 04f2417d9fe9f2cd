"""Where a value came from: the octets of a table, and the steps from them to the value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from c1219_tables.table import DecodedTable, table_label

_SHOWN = 16
"""Octets that `str(origin)` writes out before it cuts."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Octets of one element of a table.

    table: its number as services write it. path: the element, `tot_data_block.summations[0]`; a part of a bit field is
    named too, its octets are those of the field. offset: of the first octet, from the start of the table.
    """

    table: int
    path: str
    offset: int
    octets: bytes

    @classmethod
    def of(cls, decoded: DecodedTable, path: str) -> "Origin":
        """Place of an element of a decoded table. Raises KeyError for a path that is not in it."""
        spans = decoded.spans()
        found = path
        while found not in spans:
            # What has no place of its own is a part of a bit field: the field has one.
            found, dot, _ = found.rpartition(".")
            if not dot:
                raise KeyError(path)
        span = spans[found]
        if found != path:
            value(decoded, path)
        return cls(decoded.table.number, path, span.start, decoded.octets[span.start : span.end])

    def __str__(self) -> str:
        """`ST-23 tot_data_block.summations[0] @5+6 = E8 03 00 00 00 00`."""
        shown = self.octets[:_SHOWN].hex(" ").upper() + (" .." if len(self.octets) > _SHOWN else "")
        place = f"@{self.offset}+{len(self.octets)}"
        return " ".join(part for part in (table_label(self.table), self.path, place, f"= {shown}") if part)


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way from octets to a value.

    text: in words, "x 10^3 of the unit". origin: the octets that say so; None for what no table says.
    """

    text: str
    origin: Origin | None = None

    def __str__(self) -> str:
        return f"{self.text} ({self.origin})" if self.origin else self.text


def value(decoded: Mapping[str, Any], path: str) -> Any:
    """The value at a path of a decoded table. Raises KeyError where there is none."""
    found: Any = decoded
    for part in path.replace("[", ".").replace("]", "").split("."):
        try:
            found = found[int(part)] if part.isdigit() else found[part]
        except (LookupError, TypeError):
            raise KeyError(path) from None
    return found
