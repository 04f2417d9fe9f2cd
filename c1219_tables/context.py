"""One meter's tables as they become known: octets in, decoded tables out, each with the neighbours that it needs."""

from collections.abc import Iterator, Mapping
from typing import Any

from c1219_tables.registry import STANDARD, Registry
from c1219_tables.table import DecodedTable


class MeterTables(Mapping[int, DecodedTable]):
    """Decoded tables of one meter by number.

    registry: where declarations come from, the standard's unless makers' are added.
    dialect: what this make does differently, see table.DIALECT.
    """

    def __init__(self, registry: Registry = STANDARD, dialect: Mapping[str, Any] | None = None) -> None:
        self.registry = registry
        self.dialect = dict(dialect or {})
        self._decoded: dict[int, DecodedTable] = {}
        self._params: dict[str, DecodedTable] = {}

    def add(self, number: int, octets: bytes, *, tolerant: bool = False) -> DecodedTable:
        """Decode a table of this meter and keep it. Raises MissingTableError and TableError; nothing is kept then."""
        table = self.registry.table(number)
        decoded = table.decode(octets, self.params(), dialect=self.dialect, tolerant=tolerant)
        self.keep(decoded)
        return decoded

    def keep(self, decoded: DecodedTable) -> None:
        """Keep a table of this meter that was decoded elsewhere, in place of an older one."""
        self._decoded[decoded.table.number] = decoded
        self._params[f"st{decoded.table.number}"] = decoded

    def add_all(self, tables: Mapping[int, bytes], *, tolerant: bool = False) -> None:
        """Decode tables in the order in which they need one another. Raises as `add`."""
        for number in self.registry.reading_order(tables):
            if number in tables:
                self.add(number, tables[number], tolerant=tolerant)

    def params(self) -> Mapping[str, DecodedTable]:
        """The tables under the names that layouts use, `st0`, `st21` ...; it grows as they do."""
        return self._params

    def __contains__(self, number: object) -> bool:
        return number in self._decoded  # the way of Mapping is to try, and to fail: for most tables of a capture

    def __getitem__(self, number: int) -> DecodedTable:
        return self._decoded[number]

    def __iter__(self) -> Iterator[int]:
        return iter(self._decoded)

    def __len__(self) -> int:
        return len(self._decoded)
