"""Which octets to write for a change, and where.

Elements are written whole: half a number, with what the meter made of the other half meanwhile, may be any number.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from c1219_tables.changes.difference import leaves, octets_of
from c1219_tables.changes.paths import is_named
from c1219_tables.table import DecodedTable, is_raw


class Patch(NamedTuple):
    """Octets that go to an offset of a table."""

    offset: int
    octets: bytes


def smallest_span(old: DecodedTable, new: DecodedTable) -> Patch | None:
    """The octets from the first changed element to the last one; None where nothing changed.

    Raises ValueError for tables of different size.
    """
    found = patches(old, new)
    return found[0] if found else None


def patches(old: DecodedTable, new: DecodedTable, apart: Iterable[str] = ()) -> list[Patch]:
    """The same, cut around elements that are not to be written: those named in `apart` that do not change.

    apart: fields that the meter changes by itself, as `is_named` takes them. To write back what was read of them would
    set them back. Raises ValueError for tables of different size.
    """
    before, after = octets_of(old), octets_of(new)
    if len(before) != len(after):
        raise ValueError(f"no span leads from {len(before)} octets to {len(after)}")
    names = tuple(apart)
    runs: list[list[int]] = []
    goes_on = False
    for path, start, end in _elements(old, new):
        if before[start:end] != after[start:end]:
            if goes_on:
                runs[-1][1] = end
            else:
                runs.append([start, end])
                goes_on = True
        elif names and is_named(path, names):
            goes_on = False
    return [Patch(start, after[start:end]) for start, end in runs]


def cut(patch: Patch, room: int, table: DecodedTable) -> list[Patch]:
    """A patch in pieces of at most `room` octets, between elements where that is possible."""
    edges = sorted({end for _, _, end in _elements(table, table)})
    pieces: list[Patch] = []
    at, end = patch.offset, patch.offset + len(patch.octets)
    while at < end:
        to = min(at + room, end)
        if to < end:
            to = max((edge for edge in edges if at < edge <= to), default=to)
        pieces.append(Patch(at, patch.octets[at - patch.offset : to - patch.offset]))
        at = to
    return pieces


def _elements(old: DecodedTable, new: DecodedTable) -> Iterator[tuple[str, int, int]]:
    """Path, start and end of each element; octets one by one where nobody knows what they mean.

    Where a change moves what stands where, what overlaps in the two readings is one element.
    """
    size, at = len(octets_of(old)), 0
    readings = [] if is_raw(old.table) else [leaves(old), leaves(new)]
    spans = sorted((span.start, span.end, path) for reading in readings for path, span in reading.items())
    joined: list[tuple[str, int, int]] = []
    for start, end, path in spans:
        if joined and start < joined[-1][2]:
            name, first, last = joined[-1]
            joined[-1] = name, first, max(last, end)
        else:
            joined.append((path, start, end))
    for path, start, end in [*joined, ("", size, size)]:
        yield from (("", octet, octet + 1) for octet in range(at, start))
        if start < end:
            yield path, start, end
        at = end
