"""Which entries of a log are valid, and in which order (tables 74 and 76).

Two ways of walking a log are known, and no source decides between them: from LAST_ENTRY_ELEMENT round the whole array,
as blocks of load profile are walked; or, where entries descend, from index 0 up (J's drivers of three makes). One more
driver just reads the first NBR_VALID_ENTRIES. So the entries themselves are asked: sequence numbers must fall by one
from entry to entry, and begin with the low 16 bits of LAST_ENTRY_SEQ_NBR; without them, times must not rise.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from c1219_tables.readings.notes import Note

NUMBERS = 1 << 16
"""Sequence numbers of entries have 16 bits, that of table 74 or 76 has 32."""


class Stamp(NamedTuple):
    """What an entry says of its place in the log, None where it says nothing. time: on the meter's clock."""

    number: int | None
    time: datetime | None


def newest_first(
    flags: Mapping[str, Any], valid: int, last: int, last_number: int, stamps: Sequence[Stamp], base: int
) -> tuple[list[int], list[Note]]:
    """Indices of the valid entries from the newest back, and a note where they are not where they are declared to be.

    flags: LIST_STATUS. valid, last, last_number: NBR_VALID_ENTRIES, LAST_ENTRY_ELEMENT, LAST_ENTRY_SEQ_NBR. stamps: of
    all entries, valid or not. base: number of the first entry, as LAST_ENTRY_ELEMENT counts.
    """
    valid = min(valid, len(stamps))
    if not valid:
        return [], []
    ways = _ways(bool(flags["order"]), valid, last, len(stamps), base)
    best = max(ways, key=lambda way: _fits(ways[way], last_number, stamps))
    declared = next(iter(ways))
    if _fits(ways[best], last_number, stamps) == _fits(ways[declared], last_number, stamps):
        return ways[declared], []
    text = f"the entries fit only if they are read {best}, which is not what is declared"
    return ways[best], [Note("entry-order", text)]


def _ways(descending: bool, valid: int, last: int, size: int, base: int) -> dict[str, list[int]]:
    """Ways of walking, the one that is declared first."""
    ways: dict[str, list[int]] = {}
    for step in (1, -1) if descending else (-1, 1):
        for first in (base, 1 - base):
            newest = (last - first) % size
            words = f"{'up' if step > 0 else 'down'} from LAST_ENTRY_ELEMENT, which counts from {first}"
            ways[words] = [(newest + number * step) % size for number in range(valid)]
    ways["up from index 0"] = list(range(valid))
    ways["down from the last valid index"] = list(reversed(range(valid)))
    return ways


def _fits(places: Sequence[int], last_number: int, stamps: Sequence[Stamp]) -> int:
    """How many entries are what they should be behind the one before, or, the first, as the newest one."""
    newest = stamps[places[0]]
    fitting = int(newest.number == last_number % NUMBERS)
    for later, earlier in pairwise(places):
        one, other = stamps[later], stamps[earlier]
        if one.number is not None and other.number is not None:
            fitting += (one.number - other.number) % NUMBERS == 1
        elif one.time is not None and other.time is not None:
            fitting += one.time >= other.time
    return fitting
