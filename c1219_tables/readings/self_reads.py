"""The list of self reads (table 26): which of its places hold one, the newest first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from c1219_tables.readings.notes import Note

_NUMBERS = 65536


@dataclass(frozen=True, slots=True)
class SelfRead:
    """element: its place in the list. number: its sequence number, 0 to 65535. notes: what was assumed."""

    element: int
    number: int
    notes: tuple[Note, ...] = ()


def self_reads(table: Mapping[str, Any]) -> Iterator[SelfRead]:
    """The entries that are valid, the newest first.

    From LAST_ENTRY_ELEMENT an order of 0 (the oldest comes first) is walked down, 1 up, around the end of the list: the
    rule that load profile and logs have. Sources: HX CX for the header, NI for ORDER and its rule in table 63.
    """
    entries = table["self_read_entries"]
    count, last = min(table["nbr_valid_entries"], len(entries)), table["last_entry_element"]
    if last >= len(entries):
        note = Note("last-entry-outside", f"LAST_ENTRY_ELEMENT {last} is not in the list: its first entries are taken")
        for element in range(count):
            yield SelfRead(element, entries[element]["self_read_seq_nbr"] or 0, (note,))
        return
    step = 1 if table["list_status"]["order"] else -1
    for age in range(count):
        element = (last + step * age) % len(entries)
        expected = (table["last_entry_seq_nbr"] - age) % _NUMBERS
        stored = entries[element]["self_read_seq_nbr"]
        if stored is None or stored == expected:
            yield SelfRead(element, expected)
            continue
        text = f"sequence number {stored} where {expected} was expected: self reads are missing, or in another order"
        yield SelfRead(element, stored, (Note("sequence-gap", text),))
