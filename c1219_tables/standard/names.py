"""Names of the standard tables, those without a public layout included. Short source names: docs/sources.md."""

from typing import NamedTuple


class Name(NamedTuple):
    """name: the standard's identifier, or the English name in its manner. purpose: what the table is for."""

    name: str
    purpose: str
    sources: str


NAMES: dict[int, Name] = {}
