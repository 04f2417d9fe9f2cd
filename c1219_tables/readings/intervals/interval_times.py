"""When each interval ended: from the end times of blocks, and from what the intervals say happened between them.

A block has one time, that of the end of its newest interval on the meter's clock. Back from there, intervals are of
equal length in UTC: the clock's changes to and from DST do not touch them. Where the clock was set, or recording was
interrupted, this comes to another time than the block before ended at; then the intervals before that place follow the
block before, and those behind it lead to the end of their own block. J's driver of one make starts the time anew in the
same way behind an outage. Where nothing says at which interval it was, or it was at several, times are marked.
"""

from array import array
from collections.abc import Sequence
from itertools import chain

from c1219_tables.readings.intervals.block_layout import BlockLayout
from c1219_tables.readings.intervals.block_times import BlockTimes
from c1219_tables.readings.intervals.blocks import Block
from c1219_tables.readings.intervals.quality import Quality
from c1219_tables.readings.notes import Note

NOT_VALID, RUNNING, REPEATED, TIME_ASSUMED = (
    flag >> 16 for flag in (Quality.NOT_VALID, Quality.RUNNING, Quality.REPEATED, Quality.TIME_ASSUMED)
)
_POWER_FAIL, _FORWARD, _BACKWARD = (
    flag >> 8 for flag in (Quality.POWER_FAIL, Quality.CLOCK_FORWARD, Quality.CLOCK_BACKWARD)
)


def interval_ends(
    found: Sequence[Block], layout: BlockLayout, times: BlockTimes, common: bytes | None, place: bytearray
) -> tuple[Sequence[int], list[Note]]:
    """The end of each interval, seconds since 1970 as in `times`, the oldest first; and what was assumed.

    found: blocks that follow one another. common: common flags of their intervals (those of Quality, shifted down by
    8); None where the meter keeps none. place: flags of the intervals' places (shifted down by 16); RUNNING, REPEATED
    and TIME_ASSUMED are added to it. The ends are a range where time never jumped, else an array.
    """
    runs = _Runs(layout.seconds)
    notes: list[Note] = []
    row, went_back = 0, False
    before: int | None = None
    for number, (block, end) in enumerate(zip(found, times.ends, strict=True)):
        rows = range(row, row + block.intervals)
        start = end - block.intervals * layout.seconds
        in_front = 0
        if before is None:
            notes += _in_the_oldest(block, rows, _of(rows, common), place)
        elif start != before:
            went_back |= start < before
            jumps = _jumps(_of(rows, common), place[row : rows.stop], start - before)
            in_front = jumps[0] if jumps else 0
            notes += _joint(block, rows, jumps, start < before, place)
            runs.add(before, in_front)
        runs.add(start + in_front * layout.seconds, block.intervals - in_front)
        if number in times.assumed:
            _mark(place, rows, TIME_ASSUMED)
        before, row = end, rows.stop
    if times.running and row:
        place[row - 1] |= RUNNING
    ends = runs.ends()
    if went_back:
        _mark_repeated(ends, place)
    return ends, notes


def _of(rows: range, common: bytes | None) -> bytes:
    return b"" if common is None else common[rows.start : rows.stop]


class _Runs:
    """Intervals of so many seconds that follow one another without a jump, run by run."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._starts: list[int] = []
        self._stops: list[int] = []

    def add(self, start: int, count: int) -> None:
        """So many intervals from `start` on."""
        stop = start + count * self._length
        if self._stops and self._stops[-1] == start:
            self._stops[-1] = stop
        elif count:
            self._starts.append(start)
            self._stops.append(stop)

    def ends(self) -> Sequence[int]:
        runs = [
            range(start + self._length, stop + 1, self._length)
            for start, stop in zip(self._starts, self._stops, strict=True)
        ]
        return runs[0] if len(runs) == 1 else array("q", chain.from_iterable(runs))


def _in_the_oldest(block: Block, rows: range, flags: bytes, place: bytearray) -> list[Note]:
    """The oldest block has none before it that says what the clock showed before it was set."""
    last = max(_groups(flags, _FORWARD | _BACKWARD), default=0)
    if not last:
        return []
    _mark(place, rows[:last], TIME_ASSUMED)
    text = (
        f"the clock was set during block {block.place}, the oldest: what it showed before is not known, so times up to"
        f" interval {last} of it are not sure"
    )
    return [Note("clock-set-in-oldest-block", text)]


def _joint(block: Block, rows: range, jumps: Sequence[int], back: bool, place: bytearray) -> list[Note]:
    """Mark what is not sure of a block in which the time jumped.

    jumps: intervals before which it may have; none where it jumped between this block and the one before it.
    """
    if not jumps:
        text = f"block {block.place} begins before the one before it ended; nothing says why"
        return [Note("blocks-overlap", text)] if back else []
    between = rows[jumps[0] : jumps[-1]]
    if not between:
        return []
    _mark(place, between, TIME_ASSUMED)
    text = f"in block {block.place} the time jumped at more than one interval: {len(between)} between are not sure"
    return [Note("several-jumps", text)]


def _jumps(flags: bytes, place: bytes | bytearray, by: int) -> list[int]:
    """The intervals before which the time may have jumped by so many seconds: the last of each group that says so."""
    if by < 0:
        return _groups(flags, _BACKWARD)
    gone = _groups(bytes(place), NOT_VALID)
    return _groups(flags, _FORWARD) or _groups(flags, _POWER_FAIL) or gone


def _groups(flags: bytes, mask: int) -> list[int]:
    """The last of each group of intervals, next to each other, that have a flag."""
    having = [number for number, flag in enumerate(flags) if flag & mask]
    return [number for number in having if number + 1 == len(flags) or not flags[number + 1] & mask]


def _mark(place: bytearray, rows: range, flag: int) -> None:
    for row in rows:
        place[row] |= flag


def _mark_repeated(ends: Sequence[int], place: bytearray) -> None:
    """Intervals whose time had been recorded before the clock was set back to it."""
    latest = ends[0] - 1 if ends else 0
    for row, end in enumerate(ends):
        if end <= latest:
            place[row] |= REPEATED
        else:
            latest = end
