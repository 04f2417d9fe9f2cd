"""Table numbers and their declarations; a decade is imported when one of its tables is asked for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib import import_module
from typing import Any

from c1219_tables.standard.names import NAMES
from c1219_tables.table import MANUFACTURER, PENDING, Table, is_secret, raw_table

_DECADES = {
    0: "general",
    1: "sources",
    2: "registers",
    3: "display",
    4: "security",
    5: "time_of_use",
    6: "load_profile",
    7: "event_logs",
    9: "telephone",
}
"""Decade -> module in standard/ whose TABLES declare the layouts that are public."""


@dataclass(frozen=True)
class MakerLayouts:
    """Tables that a maker defines, or reads otherwise than the standard.

    manufacturer, ed_model: which meters, as table 1 names them; `*` and `?` stand for any text, several patterns for
        any of them.
    tables: by number; they come before the standard's. origin: where they were found, for messages.
    """

    manufacturer: str | tuple[str, ...]
    ed_model: str | tuple[str, ...]
    tables: dict[int, Table]
    origin: str = ""

    def fits(self, manufacturer: str, ed_model: str) -> bool:
        return _matches(manufacturer, self.manufacturer) and _matches(ed_model, self.ed_model)


def _matches(text: str, patterns: str | tuple[str, ...]) -> bool:
    given = (patterns,) if isinstance(patterns, str) else patterns
    return any(fnmatchcase(text.strip(" \0"), pattern) for pattern in given)


@dataclass(frozen=True)
class Registry:
    """Declarations by number: those of makers first, then the standard's; any other number is a table of raw octets."""

    makers: tuple[MakerLayouts, ...] = field(default=())

    def table(self, number: int) -> Table:
        """Declaration of a table, 0 to 65535, as services number it (2048 + n: manufacturer table n)."""
        if not 0 <= number <= 0xFFFF:
            raise ValueError(f"a table number is 0 to 65535, not {number}")
        return self._find(number) if self.makers else _without_makers(number)

    def _find(self, number: int) -> Table:
        for layouts in self.makers:
            if number in layouts.tables:
                return layouts.tables[number]
        declared = _decade(number // 10).get(number) if number < MANUFACTURER else None
        return declared or self._raw(number)

    def _raw(self, number: int) -> Table:
        if number in NAMES:
            name = NAMES[number]
            return raw_table(number, name.name, name.purpose, name.sources)
        if number >= 2 * PENDING:
            # What the bits mean is not public; whose number they stand at may be a table of passwords or keys.
            secret = is_secret(self.table(number % PENDING))
            return raw_table(
                number, f"TBL_{number:04X}", "its number has bits whose meaning is not public", secret=secret
            )
        if number >= PENDING:
            active = self.table(number - PENDING)
            words = "values of a table that wait to be activated"
            return raw_table(number, f"PENDING_{active.name}", words, secret=is_secret(active))
        if number >= MANUFACTURER:
            return raw_table(number, f"MFG_TBL_{number - MANUFACTURER}", "defined by the manufacturer")
        return raw_table(number, f"STD_TBL_{number}", "no public source names this table")

    def for_meter(self, manufacturer: str, ed_model: str) -> "Registry":
        """The same, with only those makers' layouts that fit MANUFACTURER and ED_MODEL of table 1."""
        return Registry(tuple(layouts for layouts in self.makers if layouts.fits(manufacturer, ed_model)))

    def for_table_1(self, identification: Mapping[str, Any]) -> "Registry":
        """The same for the meter whose decoded table 1 this is; names in UTF-16 and UTF-32 are octets there."""
        names = (identification["manufacturer"], identification["ed_model"])
        return self.for_meter(*(name if isinstance(name, str) else name.decode("latin-1") for name in names))

    def reading_order(self, numbers: Iterable[int]) -> list[int]:
        """These tables and all they need, each behind those it needs (as far as they do not need each other)."""
        order: list[int] = []
        seen: set[int] = set()

        def visit(number: int) -> None:
            if number not in seen:
                seen.add(number)
                for needed in self.table(number).needs:
                    visit(needed)
                order.append(number)

        for number in sorted(numbers):
            visit(number)
        return order

    def __iter__(self) -> Iterator[Table]:
        """Every table with a name or a maker's layout, by number."""
        numbers = {*NAMES, *(number for layouts in self.makers for number in layouts.tables)}
        return (self.table(number) for number in sorted(numbers))


_loaded: dict[int, dict[int, Table]] = {}


def _decade(decade: int) -> dict[int, Table]:
    if decade not in _loaded:
        module: Any = import_module(f"c1219_tables.standard.{_DECADES[decade]}") if decade in _DECADES else None
        _loaded[decade] = {table.number: table for table in module.TABLES} if module else {}
    return _loaded[decade]


@lru_cache(maxsize=512)
def _without_makers(number: int) -> Table:
    """Tables of raw octets are made when they are asked for; a capture asks for the same ones again and again."""
    return Registry()._find(number)


STANDARD = Registry()
"""The standard's tables alone."""
