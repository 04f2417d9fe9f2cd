"""What a device serves: tables as octets, kept apart from who asks for them and over which protocol.

An image knows nothing of services, users or links. `at` is the true time as the simulation has it: an aware datetime.
Tables are numbered as services do it: 2048 + n is manufacturer table n.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

UNKNOWN_PROCEDURE = 6
"""Result code of table 8: the meter does not know the procedure."""


class Image(Protocol):
    """The tables of one meter."""

    def numbers(self) -> frozenset[int]:
        """Tables that the meter has, those that can only be written too."""

    def read(self, number: int, at: datetime) -> bytes:
        """Octets of a whole table at that moment. KeyError for a table that is not there or cannot be read."""

    def write(self, number: int, octets: bytes, at: datetime) -> None:
        """Take the new octets of a whole table.

        Raises KeyError for a table that is not there, PermissionError for one that cannot be written, ValueError for
        octets that do not decode.
        """

    def run(self, procedure: int, parameters: bytes, at: datetime) -> tuple[int, bytes]:
        """Start a procedure (2048 + n: manufacturer procedure n): result code of table 8, and the answer's octets."""


class StaticImage:
    """Octets of tables that were read from a meter: they stay as they are until somebody writes them.

    Writes are kept in memory and are not checked; no procedure does anything.
    """

    def __init__(self, tables: Mapping[int, bytes]) -> None:
        self._tables = dict(tables)

    def numbers(self) -> frozenset[int]:
        """The tables that were given."""
        return frozenset(self._tables)

    def read(self, number: int, at: datetime) -> bytes:
        """Octets of a table as given or written last. Raises KeyError."""
        return self._tables[number]

    def write(self, number: int, octets: bytes, at: datetime) -> None:
        """Keep other octets for a table that is there. Raises KeyError."""
        if number not in self._tables:
            raise KeyError(number)
        self._tables[number] = bytes(octets)

    def run(self, procedure: int, parameters: bytes, at: datetime) -> tuple[int, bytes]:
        """Result code 6, whatever is asked for: a memory of tables has no procedures."""
        return UNKNOWN_PROCEDURE, b""
