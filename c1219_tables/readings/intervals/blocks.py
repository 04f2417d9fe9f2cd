"""Which blocks of load profile are valid, in which order, and which of them a time needs (tables 61 to 63).

The newest block is LAST_BLOCK_ELEMENT (J N E), older ones are below it, or above it where blocks descend (J N Y), round
the array's end (J). Meters differ from what they declare: one counts from 1, and no driver reads the flag of the order.
So the end times of the blocks are asked: each block should begin when the one before it ended. Where more of them do in
another way than in the one that is declared, that way is taken, with a note.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from c1219_tables.context import MeterTables
from c1219_tables.errors import MissingTableError
from c1219_tables.readings.intervals.block_layout import STATUS, BlockLayout
from c1219_tables.readings.intervals.table_pieces import TablePieces
from c1219_tables.readings.notes import Note
from c1219_tables.rules import Rules
from c1219_tables.table import table_label


@dataclass(frozen=True, slots=True)
class Block:
    """One valid block.

    place: its index in the table. sequence: number of the block since the set was reset. intervals: that it holds.
    octets: all of the block; None where not all were read. shown: end of its newest interval on the meter's clock; None
    where that is not set, or was not read.
    """

    place: int
    sequence: int
    intervals: int
    octets: bytes | None = None
    shown: datetime | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a table to read: `octets` of them, from `offset`."""

    offset: int
    octets: int


def set_status(tables: MeterTables, layout: BlockLayout) -> Mapping[str, Any]:
    """What table 63 says of a set. Raises MissingTableError where it was not read."""
    if STATUS not in tables:
        raise MissingTableError(table=layout.table, needed=(STATUS,), layout=table_label(layout.table))
    status: Mapping[str, Any] = tables[STATUS][f"lp_status_set{layout.set}"]
    return status


def windows(
    tables: MeterTables,
    set: int = 1,
    *,
    since: datetime,
    now: datetime,
    rules: Rules | None = None,
) -> list[Window]:
    """The parts of the data table that hold what ended after `since`: enough for `profile`, without the rest.

    now: a time that is not before the newest interval's end, that of the host or of table 52; as `since`, aware.
    Blocks are taken to follow one another without a gap: a meter that has gaps gives older intervals too. One block
    more is asked for, so that intervals in front of a set of the clock have their time, and the end time of the oldest,
    by which `set_back` tells whether others hold such times as well. Needs tables 0, 61, 62, 63.
    """
    layout = BlockLayout.of(tables, set)
    status = set_status(tables, layout)
    count, newest = min(status["nbr_valid_blocks"], layout.blocks), status["nbr_valid_int"]
    back = max(now - since, timedelta()) // timedelta(seconds=layout.seconds) + 1
    wanted = 2 + max(0, -(-(back - newest) // max(layout.intervals, 1)))
    ways = _arrangements(status, layout.blocks, rules or Rules())
    # An element that is beyond the array says nothing: then all of it is needed.
    if not ways or not count:
        return _merged(range(layout.blocks), layout.octets)
    order = ways[0].places(count)
    found = _merged(sorted(order[:wanted]), layout.octets)
    end_time = layout.places.get("blk_end_time")
    if count > wanted and end_time is not None:
        span = end_time.span
        found.append(Window(order[-1] * layout.octets + span.start, span.end - span.start))
    return found


def _merged(places: Sequence[int], octets: int) -> list[Window]:
    """Blocks that stand side by side are one window."""
    found: list[Window] = []
    for place in places:
        if found and found[-1].offset + found[-1].octets == place * octets:
            found[-1] = Window(found[-1].offset, found[-1].octets + octets)
        else:
            found.append(Window(place * octets, octets))
    return found


def moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a set went on between two reads of its status in a way that shifts blocks or intervals (J).

    Data that was read in between does not fit either of the two then, and is to be read again.
    """
    return any(before[name] != after[name] for name in ("last_block_element", "nbr_valid_int"))


@dataclass(frozen=True, slots=True)
class _Arrangement:
    """A way of reading table 63. newest: index. step: to the next older one. length: of the array."""

    newest: int
    step: int
    length: int
    is_declared: bool
    words: str

    def places(self, count: int) -> list[int]:
        """Indices from the newest back."""
        return [(self.newest + number * self.step) % self.length for number in range(count)]


def _arrangements(status: Mapping[str, Any], length: int, rules: Rules) -> list[_Arrangement]:
    """All ways of reading it, the one that the meter and its rules declare first."""
    declared = 1 if status["lp_set_status_flags"]["block_order"] else -1
    found = []
    for step in (declared, -declared):
        for base in (rules.elements_from_1, not rules.elements_from_1):
            newest = status["last_block_element"] - base
            if 0 <= newest < length:
                order = "ascend" if step < 0 else "descend"
                words = f"blocks {order}, and LAST_BLOCK_ELEMENT {newest + base} counts from {int(base)}"
                is_declared = step == declared and base == rules.elements_from_1
                found.append(_Arrangement(newest, step, length, is_declared, words))
    return found


def blocks(
    status: Mapping[str, Any], layout: BlockLayout, pieces: TablePieces, rules: Rules
) -> tuple[list[Block], list[Note]]:
    """The valid blocks, the oldest first, and how their order was found.

    status: what table 63 says of the set. pieces: octets of the data table.
    """
    notes: list[Note] = []
    count = min(status["nbr_valid_blocks"], layout.blocks)
    if count < status["nbr_valid_blocks"]:
        text = f"table 63 has {status['nbr_valid_blocks']} valid blocks, table 61 only {count} blocks"
        notes.append(Note("more-blocks-than-places", text))
    if not count:
        return [], notes
    size = layout.octets
    read = {place: pieces.get(place * size, (place + 1) * size) for place in range(layout.blocks)}
    shown = {place: _end(layout, octets) for place, octets in read.items() if octets is not None}
    shown |= _apart(layout, pieces, [place for place, octets in read.items() if octets is None])
    ways = _arrangements(status, layout.blocks, rules)
    if not ways:
        text = f"LAST_BLOCK_ELEMENT {status['last_block_element']} is beyond the {layout.blocks} blocks of the set"
        return [], [*notes, Note("no-such-block", text)]
    held = {place: _held(layout, octets, None) for place, octets in read.items() if octets is not None}

    def fits(way: _Arrangement) -> int:
        return _fits(way, count, shown, held, status["nbr_valid_int"], layout.seconds)

    best = ways[0] if ways[0].is_declared and fits(ways[0]) == count - 1 else max(ways, key=fits)
    if not best.is_declared:
        text = f"the end times of the blocks fit better if {best.words}, which is not what is declared"
        notes.append(Note("block-order", text))
    found = []
    for back, place in enumerate(best.places(count)):
        octets = read[place]
        intervals = held.get(place, layout.intervals) if back else _held(layout, octets, status["nbr_valid_int"])
        found.append(Block(place, status["last_block_seq_nbr"] - back, intervals, octets, shown.get(place)))
    return found[::-1], notes


def set_back(found: Sequence[Block], length: int) -> int:
    """Seconds by which the clock was set back, all in all, between the oldest block and the oldest that was read.

    found: valid blocks, the oldest first. length: of an interval, seconds. 0 where nothing tells: what was not recorded
    in between, by a meter that leaves outages out, hides as much.
    """
    timed = [number for number, block in enumerate(found) if block.shown is not None]
    first = next((number for number in timed if found[number].octets is not None), None)
    if first is None:
        return 0
    oldest, newest = found[timed[0]].shown, found[first].shown
    assert oldest is not None
    assert newest is not None
    recorded = length * sum(block.intervals for block in found[timed[0] + 1 : first + 1])
    return max(0, recorded - int((newest - oldest).total_seconds()))


def _apart(layout: BlockLayout, pieces: TablePieces, unread: Iterable[int]) -> dict[int, datetime | None]:
    """End times of blocks of which no more was read."""
    place = layout.places.get("blk_end_time")
    if place is None:
        return {}
    found = {}
    for block in unread:
        octets = pieces.get(block * layout.octets + place.span.start, block * layout.octets + place.span.end)
        if octets is not None:
            found[block] = _end(layout, bytes(place.span.start) + octets)
    return found


def _end(layout: BlockLayout, octets: bytes) -> datetime | None:
    stored = layout.value("blk_end_time", octets)
    return stored.value if stored is not None and isinstance(stored.value, datetime) else None


def _held(layout: BlockLayout, octets: bytes | None, newest: int | None) -> int:
    """Intervals of a block: all, as many as table 63 says of the newest, or as its own closure status says (Y)."""
    closure = layout.value("closure_status[0]", octets) if octets is not None else None
    count = closure["nbr_valid_interval"] if closure is not None else newest
    return layout.intervals if count is None else min(count, layout.intervals)


def _fits(
    way: _Arrangement,
    count: int,
    shown: Mapping[int, datetime | None],
    held: Mapping[int, int],
    newest: int,
    length: int,
) -> int:
    """How many blocks, from the newest back, begin when the one before ended, less those that have no end time.

    On a clock with DST, an hour more or less is allowed for in the way that is declared; elsewhere it would let blocks
    of an hour seem to fit that do not. Blocks that were not read say nothing.
    """
    hour = timedelta(hours=1)
    slack = (timedelta(), hour, -hour) if way.is_declared else (timedelta(),)
    places = way.places(count)
    fitting = -sum(place in shown and shown[place] is None for place in places)
    for number, (place, before) in enumerate(pairwise(places)):
        end, older = shown.get(place), shown.get(before)
        intervals = held.get(place) if number else newest
        if end is not None and older is not None and intervals is not None:
            fitting += end - older - timedelta(seconds=length * intervals) in slack
    return fitting
