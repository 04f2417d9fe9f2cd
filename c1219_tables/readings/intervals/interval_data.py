"""The intervals of one set as columns: what every channel stored, when, and how good it is, before it has a unit."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, compress
from typing import Any

from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.readings.clocks.clock import MeterZone
from c1219_tables.readings.intervals.block_layout import BlockLayout
from c1219_tables.readings.intervals.block_times import EPOCH, block_times
from c1219_tables.readings.intervals.blocks import Block
from c1219_tables.readings.intervals.flagged_dst import FlaggedDst, without_dst
from c1219_tables.readings.intervals.interval_times import NOT_VALID, TIME_ASSUMED, interval_ends
from c1219_tables.readings.intervals.number_columns import Raw, column
from c1219_tables.readings.intervals.quality import Quality, common_flags, qualities, status_flags, status_octet
from c1219_tables.readings.notes import Note
from c1219_tables.readings.origin import Origin
from c1219_tables.rules import Rules
from c1219_tables.table import table_label

_DST = Quality.DST >> 8
_MARKS = bytes.maketrans(b"01", bytes((0, NOT_VALID)))
"""Binary digits of the intervals that are not valid, the last interval first -> flags of their places."""
_DOUBTFUL = bytes(octet | TIME_ASSUMED for octet in range(256))
_TEST = bytes(octet | Quality.TEST_MODE for octet in range(256))


@dataclass(frozen=True)
class IntervalData:
    """Columns of one set, the oldest interval first.

    ends: of each interval, seconds since 1970; UTC, or the meter's clock where `known` is False: as it stands, or,
    with `dst`, as it were without DST, see flagged_dst.py. raw: of
    each channel, the values as stored. flags: of each channel, Quality as numbers. numbers: of each interval, counted
    from the first of `blocks`, none left out. blocks: that were read. first_of: number of the first interval of each.
    """

    layout: BlockLayout
    ends: Sequence[int]
    known: bool
    raw: tuple[Sequence[Raw], ...]
    flags: tuple[Sequence[int], ...]
    numbers: Sequence[int]
    blocks: tuple[Block, ...]
    first_of: tuple[int, ...]
    descending: bool
    last_valid: bool
    notes: tuple[Note, ...]
    dst: FlaggedDst | None = None

    def moment(self, since_1970: int) -> datetime:
        """A time of `ends`: UTC, or what the clock showed, without a zone, where `known` is False."""
        moment = EPOCH + timedelta(seconds=since_1970 if self.dst is None else self.dst.shown(since_1970))
        return moment if self.known else moment.replace(tzinfo=None)

    def block_of(self, row: int) -> tuple[Block, int]:
        """The block of an interval, and the index that the interval has there."""
        number = self.numbers[row]
        place = bisect_right(self.first_of, number) - 1
        return self.blocks[place], self._index(self.blocks[place], number - self.first_of[place])

    def _index(self, block: Block, order: int) -> int:
        first, end = _held(block, self.layout, self.descending and self.last_valid)
        return end - 1 - order if self.descending else first + order

    def origin(self, row: int, channel: int) -> Origin:
        """Where the value of a channel, counted from 0, stood."""
        block, index = self.block_of(row)
        span = self.layout.data(channel).span
        start, width = span.start + index * self.layout.stride, span.end - span.start
        path = f"blocks[{block.place}].lp_int[{index}].int_data[{channel}]"
        assert block.octets is not None
        return Origin(
            self.layout.table, path, block.place * self.layout.octets + start, block.octets[start : start + width]
        )

    def between(self, since: int | None, until: int | None) -> "IntervalData":
        """Only what ended after `since` and began before `until`, seconds since 1970."""
        length, ends = self.layout.seconds, self.ends
        starts: Sequence[int] = [end - length for end in ends]
        if self.dst is not None:
            # The end by the clock that the interval had, not by that of the next one.
            ends = [self.dst.shown(end - 1) + 1 for end in ends]
            starts = list(map(self.dst.shown, starts))
        keep = bytes(
            (since is None or end > since) and (until is None or start < until)
            for start, end in zip(starts, ends, strict=True)
        )
        if all(keep):
            return self

        def kept(values: Sequence[Any]) -> Any:
            chosen = compress(values, keep)
            return array(values.typecode, chosen) if isinstance(values, array) else list(chosen)

        return replace(
            self,
            ends=kept(self.ends),
            raw=tuple(map(kept, self.raw)),
            flags=tuple(map(kept, self.flags)),
            numbers=kept(self.numbers),
        )


def interval_data(
    found: Sequence[Block],
    status: Mapping[str, Any],
    layout: BlockLayout,
    zone: MeterZone,
    rules: Rules,
) -> IntervalData:
    """The columns of the blocks that were read.

    found: valid blocks, the oldest first. status: what table 63 says of the set. Raises MissingTableError where none of
    the valid blocks was read, TableError where no block has a time, or values are of a format that is not public.
    """
    flags = status["lp_set_status_flags"]
    descending = bool(flags["interval_order"])
    read = [block for block in found if block.octets is not None]
    if found and not read:
        raise MissingTableError(table=layout.table, needed=(layout.table,), layout=table_label(layout.table))
    body = _body(read, layout, descending, rules)
    turn = slice(None, None, -1 if descending else None)
    place = _not_valid(read, layout, descending, rules)
    doubts = _doubts(found, status["nbr_valid_int"], layout, descending and rules.last_intervals_valid)
    if doubts:
        # How many intervals there are says when each was: all of the newest block are as doubtful.
        rows = slice(len(place) - found[-1].intervals, len(place))
        place[rows] = place[rows].translate(_DOUBTFUL)
    common = _status_column(body, layout, 0)
    common = None if common is None else common_flags(common)[turn]
    by_flags = zone.dst_in and not zone.is_known and common is not None and any(map(_DST.__and__, common))
    ends, notes = _ends(read, layout, without_dst(zone) if by_flags else zone, common, place)
    dst = None
    if by_flags and common is not None:
        dst = FlaggedDst.of(ends, layout.seconds, [bool(flags & _DST) for flags in common], zone.dst_amount)
    states = [_states(body, layout, channel, bool(flags["test_mode"]))[turn] for channel in range(layout.channels)]
    return IntervalData(
        layout,
        ends,
        zone.is_known,
        tuple(_values(body, layout, channel)[turn] for channel in range(layout.channels)),
        tuple(qualities(state, common or bytes(len(place)), bytes(place)) for state in states),
        range(len(ends)),
        tuple(read),
        _first_rows(read),
        descending,
        rules.last_intervals_valid,
        (*doubts, *notes, *(() if dst is None else dst.notes)),
        dst,
    )


def _held(block: Block, layout: BlockLayout, last: bool) -> tuple[int, int]:
    """Index of the first interval that a block holds, and behind the last."""
    first = layout.intervals - block.intervals if last else 0
    return first, first + block.intervals


def _body(read: Sequence[Block], layout: BlockLayout, descending: bool, rules: Rules) -> bytes:
    """The octets of all intervals, one behind the other; from the newest to the oldest where intervals descend."""
    parts = []
    for block in reversed(read) if descending else read:
        first, end = _held(block, layout, descending and rules.last_intervals_valid)
        assert block.octets is not None
        parts.append(block.octets[layout.first + first * layout.stride : layout.first + end * layout.stride])
    return b"".join(parts)


def _first_rows(read: Sequence[Block]) -> tuple[int, ...]:
    rows, row = [], 0
    for block in read:
        rows.append(row)
        row += block.intervals
    return tuple(rows)


def _not_valid(read: Sequence[Block], layout: BlockLayout, descending: bool, rules: Rules) -> bytearray:
    """NOT_VALID of each interval, by the simple status of its block."""
    place = bytearray(sum(block.intervals for block in read))
    simple = layout.places.get("simple_int_status")
    if simple is None:
        return place
    row = 0
    for block in read:
        first, _ = _held(block, layout, descending and rules.last_intervals_valid)
        assert block.octets is not None
        valid = int.from_bytes(block.octets[simple.span.start : simple.span.end], "little") >> first
        every = (1 << block.intervals) - 1
        if valid & every != every:
            marks = f"{~valid & every:0{block.intervals}b}".encode().translate(_MARKS)
            place[row : row + block.intervals] = marks if descending else marks[::-1]
        row += block.intervals
    return place


def _doubts(found: Sequence[Block], count: int, layout: BlockLayout, last: bool) -> list[Note]:
    """What contradicts the number of intervals that table 63 says the newest block has.

    A block that holds more says so in its simple status. Of one that holds less nothing can be said: intervals without
    power are not valid either.
    """
    newest = found[-1] if found else None
    if newest is None or newest.octets is None:
        return []
    if count > layout.intervals:
        text = f"table 63 has {count} intervals in the newest block, blocks have {layout.intervals}"
        return [Note("intervals-differ", f"{text}: when they were is not sure")]
    simple = layout.places.get("simple_int_status")
    if simple is None:
        return []
    valid = int.from_bytes(newest.octets[simple.span.start : simple.span.end], "little")
    first, end = _held(newest, layout, last)
    counted = ((1 << end) - 1) & ~((1 << first) - 1)
    if not valid & ~counted:
        return []
    text = f"table 63 has {count} intervals in the newest block, whose own status has more"
    return [Note("intervals-differ", f"{text}: when they were is not sure")]


def _ends(
    read: Sequence[Block], layout: BlockLayout, zone: MeterZone, common: bytes | None, place: bytearray
) -> tuple[Sequence[int], list[Note]]:
    """The end of each interval; blocks are only taken to follow one another where none between them is missing."""
    ends: list[Sequence[int]] = []
    row = 0
    notes: list[Note] = []
    for run in _runs(read):
        rows = slice(row, row + sum(block.intervals for block in run))
        flags = None if common is None else common[rows]
        newest, following = _dst_around_ends(run, flags)
        times = block_times(run, layout, zone, newest, following)
        where = place[rows]
        found, said = interval_ends(run, layout, times, flags, where)
        place[rows] = where
        ends.append(found)
        row = rows.stop
        notes += [*times.notes, *said]
    return ends[0] if len(ends) == 1 else array("q", chain.from_iterable(ends)), notes


def _dst_around_ends(run: Sequence[Block], flags: bytes | None) -> tuple[list[bool | None], list[bool | None]]:
    """Whether DST was in effect in the newest interval of each block, and in the one that follows it."""
    row = 0
    newest: list[bool | None] = []
    following: list[bool | None] = []
    for block in run:
        row += block.intervals
        newest.append(None if flags is None or not block.intervals else bool(flags[row - 1] & _DST))
        following.append(None if flags is None or row >= len(flags) else bool(flags[row] & _DST))
    return newest, following


def _runs(read: Sequence[Block]) -> Iterator[list[Block]]:
    """Blocks whose sequence numbers follow one another."""
    run: list[Block] = []
    for block in read:
        if run and block.sequence != run[-1].sequence + 1:
            yield run
            run = []
        run.append(block)
    if run:
        yield run


def _values(body: bytes, layout: BlockLayout, channel: int) -> Sequence[Raw]:
    if not body:
        return ()
    place = layout.data(channel)
    try:
        return column(body, place.span.start - layout.first, layout.stride, layout.kind(channel), layout.formats)
    except ValueError as exc:
        raise TableError(
            str(exc), table=layout.table, layout=table_label(layout.table), field=place.span.field
        ) from exc


def _status_column(body: bytes, layout: BlockLayout, octet: int) -> bytes | None:
    """One octet of the extended status of each interval; None where the meter keeps none."""
    if layout.status is None or not body:
        return None
    return body[layout.status.span.start - layout.first + octet :: layout.stride]


def _states(body: bytes, layout: BlockLayout, channel: int, test: bool) -> bytes:
    if not body:
        return b""
    octets = _status_column(body, layout, status_octet(channel))
    states = bytes(len(body) // layout.stride) if octets is None else status_flags(octets, channel)
    return states.translate(_TEST) if test else states
