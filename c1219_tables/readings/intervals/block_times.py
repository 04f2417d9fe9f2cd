"""When each block of load profile ended, in UTC: its time on the meter's clock, also in the hour that comes twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from c1219_tables.errors import TableError
from c1219_tables.readings.clocks.clock import MeterZone
from c1219_tables.readings.clocks.place import DST_UNKNOWN, TWICE, Found
from c1219_tables.readings.intervals.block_layout import BlockLayout
from c1219_tables.readings.intervals.blocks import Block
from c1219_tables.readings.notes import Note
from c1219_tables.table import table_label

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_SHOWN = EPOCH.replace(tzinfo=None)
_SECOND = timedelta(seconds=1)
_DAY = 86400


def seconds(at: datetime) -> int:
    """Seconds since 1970 of an aware datetime; one without a zone is taken as it stands."""
    return (at - (_EPOCH_SHOWN if at.tzinfo is None else EPOCH)) // _SECOND


@dataclass(frozen=True)
class BlockTimes:
    """ends: of each block's newest interval, seconds since 1970; of the meter's clock as it stands where no zone is
    known. running: the newest interval of the newest block has not ended; its end is when it
    will. assumed: numbers of blocks without a time of their own. notes: what was assumed.
    """

    ends: list[int]
    running: bool
    assumed: frozenset[int]
    notes: tuple[Note, ...]


def block_times(
    found: Sequence[Block],
    layout: BlockLayout,
    zone: MeterZone,
    newest_dst: Sequence[bool | None],
    next_dst: Sequence[bool | None],
) -> BlockTimes:
    """The ends of blocks, at least one, the oldest first, one behind the other.

    newest_dst: whether DST was in effect in the newest interval of each; None where the meter does not say. next_dst:
    in the interval behind that, the first of the next block.
    Raises TableError where no block has a time.
    """
    notes: list[Note] = []
    shown = [block.shown for block in found]
    if all(time is None for time in shown):
        problem = f"no block of set {layout.set} has an end time"
        raise TableError(problem, table=layout.table, layout=table_label(layout.table))
    moments = [
        None if time is None else _found(zone, time, is_dst) for time, is_dst in zip(shown, newest_dst, strict=True)
    ]
    options = [
        () if time is None else _options(time, moment, is_dst, then, layout, zone)
        for time, moment, is_dst, then in zip(shown, moments, newest_dst, next_dst, strict=True)
    ]
    _narrow(options, found, layout)
    for moment, possible in zip(moments, options, strict=True):
        if moment is not None and moment.note is not None and (len(possible) > 1 or moment.note is not TWICE):
            notes.append(moment.note)
    ends = [possible[0] if possible else None for possible in options]
    assumed = frozenset(number for number, end in enumerate(ends) if end is None)
    whole = _filled(ends, found, layout)
    behind = 0 if shown[-1] is None else _behind(shown, whole, layout, zone)
    notes += (
        Note("block-without-time", f"block {found[n].place} has no end time: its neighbours' serve") for n in assumed
    )
    if behind:
        whole[-1] += layout.seconds - behind
        text = f"the newest interval is still running: its block ends at {shown[-1]}, between two intervals"
        notes.append(Note("running-interval", text))
    return BlockTimes(whole, behind > 0, assumed, tuple(dict.fromkeys(notes)))


def _found(zone: MeterZone, shown: datetime, is_dst: bool | None) -> Found | None:
    """None where the zone is not known."""
    found = zone.find(shown)
    return zone.find(shown, is_dst) if found is not None and found.note is DST_UNKNOWN else found


def _behind(shown: Sequence[datetime | None], ends: Sequence[int], layout: BlockLayout, zone: MeterZone) -> int:
    """Seconds by which the last of the times is behind the end of an interval, where intervals divide a day.

    Intervals end where those of the blocks before did: on hours of the clock, or of UTC, which in some zones are not
    the same. A block that is alone ends with an interval where its time, or that of the place, is such an hour.
    """
    newest = shown[-1]
    if newest is None or not layout.seconds or _DAY % layout.seconds:
        return 0
    before = [(seconds(time), end) for time, end in zip(shown[:-1], ends, strict=False) if time is not None]
    if not before:
        local = zone.place.local(EPOCH.replace(tzinfo=None) + timedelta(seconds=ends[-1])) if zone.place else None
        before = [(0, 0 if local is None else -int((local.utcoffset() or timedelta()).total_seconds()))]
    length = layout.seconds
    behind = [((seconds(newest) - time) % length, (ends[-1] - end) % length) for time, end in before]
    return 0 if any(0 in pair for pair in behind) else behind[-1][1]


def _options(
    shown: datetime,
    moment: Found | None,
    is_dst: bool | None,
    next_dst: bool | None,
    layout: BlockLayout,
    zone: MeterZone,
) -> tuple[int, ...]:
    """When a block may have ended: at two times if that is in the hour that comes twice, the one in DST first.

    is_dst: of its newest interval. It decides where that lies in the hour as a whole, or began behind DST. Where dates
    of DST are not known, it decides too, unless DST began or ended with the block: then next_dst may.
    """
    if moment is None:
        return (seconds(shown),)
    if moment.note is not TWICE:
        own = seconds(moment.utc)
        if next_dst in (None, is_dst) or (unsure := zone.find(shown)) is None or unsure.note is not DST_UNKNOWN:
            return (own,)
        other = zone.find(shown, next_dst)
        return (own,) if other is None else (own, seconds(other.utc))
    dst, standard = (seconds((zone.find(shown, on) or moment).utc) for on in (True, False))
    if is_dst is False:
        return (standard,)
    began = zone.find(shown - timedelta(seconds=layout.seconds))
    return (dst,) if is_dst and began is not None and began.note is TWICE else (dst, standard)


def _narrow(options: list[tuple[int, ...]], found: Sequence[Block], layout: BlockLayout) -> None:
    """Keep of the times at which a block may have ended those that fit the block before it, and the one behind it."""
    lengths = [block.intervals * layout.seconds for block in found]
    for number in range(1, len(options)):
        if len(options[number]) > 1:
            fits = tuple(end for end in options[number] if end - lengths[number] in options[number - 1])
            options[number] = fits or options[number]
    for number in reversed(range(len(options) - 1)):
        if len(options[number]) > 1:
            begins = [end - lengths[number + 1] for end in options[number + 1]]
            fits = tuple(end for end in options[number] if end in begins)
            options[number] = fits or options[number]


def _filled(ends: Sequence[int | None], found: Sequence[Block], layout: BlockLayout) -> list[int]:
    """Ends of all blocks; those without a time end where the next one begins, or follow the one before."""
    whole = list(ends)
    for number in reversed(range(len(whole) - 1)):
        after = whole[number + 1]
        if whole[number] is None and after is not None:
            whole[number] = after - found[number + 1].intervals * layout.seconds
    for number in range(1, len(whole)):
        before = whole[number - 1]
        if whole[number] is None and before is not None:
            whole[number] = before + found[number].intervals * layout.seconds
    return [end for end in whole if end is not None]
