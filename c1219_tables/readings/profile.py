"""Interval data: what each channel of a load profile recorded, in its unit and in UTC (tables 61 to 67).

    >>> found = profile(tables, since=datetime(2026, 3, 1, tzinfo=UTC))       # doctest: +SKIP
    >>> for interval in found.channel(1):                                      # doctest: +SKIP
    ...     print(interval.start, interval.value, interval.unit, *interval.quality.words)

Inside, a profile is columns: values are scaled, times and flags are made when they are asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, overload

from c1219_tables.context import MeterTables
from c1219_tables.errors import MissingTableError
from c1219_tables.readings.clocks.asked_times import zone_missing
from c1219_tables.readings.clocks.clock import MeterZone, meter_zone
from c1219_tables.readings.intervals.block_layout import LIMITS, BlockLayout
from c1219_tables.readings.intervals.block_times import seconds
from c1219_tables.readings.intervals.blocks import Block, blocks, set_back, set_status
from c1219_tables.readings.intervals.channels import Channels
from c1219_tables.readings.intervals.frames import columns, to_arrow, to_pandas, to_polars
from c1219_tables.readings.intervals.interval_data import IntervalData, interval_data
from c1219_tables.readings.intervals.series import Gap, Interval, Series
from c1219_tables.readings.intervals.table_pieces import TablePieces
from c1219_tables.readings.notes import Note, unique
from c1219_tables.rules import Rules
from c1219_tables.table import table_label

__all__ = ["Gap", "Interval", "Profile", "Series", "profile"]


class Profile(Sequence[Series]):
    """The interval data of one set.

    set, minutes: number of the set, and length of its intervals. data: the columns. zone: how the meter's times became
    UTC. blocks: those that were read, the oldest first. is_utc: False where no zone is known: times are the clock's
    then. notes: on times and order; those on the values of a channel are in its own.
    """

    def __init__(
        self, data: IntervalData, channels: Channels, blocks: Sequence[Block], zone: MeterZone, notes: Sequence[Note]
    ) -> None:
        self.set, self.minutes = data.layout.set, data.layout.minutes
        self.data = data
        self.zone = zone
        self.blocks = tuple(blocks)
        self.is_utc = data.known
        self.notes = unique([*zone.notes, *notes, *data.notes])
        self._series = [Series(data, channels, number + 1) for number in range(data.layout.channels)]

    def channel(self, number: int) -> Series:
        """A channel, counted from 1. Raises IndexError for one that the set has not."""
        _check_channel(number, self.set, len(self))
        return self[number - 1]

    @overload
    def __getitem__(self, number: int) -> Series: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Series]: ...
    def __getitem__(self, number: int | slice) -> Series | Sequence[Series]:
        return self._series[number]

    def __len__(self) -> int:
        return len(self._series)

    def __repr__(self) -> str:
        return f"<set {self.set}: {len(self)} channels, {len(self.data.ends)} intervals of {self.minutes} minutes>"

    def columns(self) -> dict[str, list[Any]]:
        """All intervals as columns of plain values, one row for each interval and channel, see frames.py."""
        return columns(self)

    def to_arrow(self, pyarrow: Any) -> Any:
        """The same as a pyarrow.Table. pyarrow: the library, imported by the caller."""
        return to_arrow(self, pyarrow)

    def to_pandas(self, pandas: Any) -> Any:
        """The same as a pandas.DataFrame. pandas: the library."""
        return to_pandas(self, pandas)

    def to_polars(self, polars: Any) -> Any:
        """The same as a polars.DataFrame. polars: the library."""
        return to_polars(self, polars)


def check_channels(tables: MeterTables, set: int, numbers: Iterable[int]) -> None:
    """Raise IndexError for a channel that the set has not, as far as table 61 was read: before its data are."""
    count = tables[LIMITS][f"nbr_chns_set{set}"] if LIMITS in tables else None
    for number in numbers:
        if count is not None:
            _check_channel(number, set, count)


def _check_channel(number: int, set: int, count: int) -> None:
    if not 1 <= number <= count:
        there = f"channels 1 to {count}" if count > 1 else "channel 1 alone" if count else "no channels"
        raise IndexError(f"set {set} has {there}, not {number}")


def profile(
    tables: MeterTables,
    set: int = 1,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    data: Mapping[int, bytes] | bytes | None = None,
    tz: tzinfo | None = None,
    rules: Rules | None = None,
    notes: Sequence[Note] = (),
) -> Profile:
    """The interval data of set 1, 2, 3 or 4.

    tables: of the meter; 0, 61, 62 and 63 are needed; 12 to 16 say what the values are, 51 to 54 which times they are
    of. since, until: only what ended after, and began before; aware, but without a zone where no zone is known.
    data: octets of the data table, all or pieces by offset (see blocks.windows), where it is not in `tables`: it need
    not be decoded. tz: where the meter is, instead of what tables 53 and 54 say. rules: how this make is read.
    notes: on how `since` and `until` were found (see asked_times.py), which come with the profile.

    Raises MissingTableError; TableError for a set that the meter does not use, and where no block has a time;
    ValueError for a `since` or `until` whose zone does not fit.
    """
    chosen = Rules.of(tables.dialect) if rules is None else rules
    layout = BlockLayout.of(tables, set)
    status = set_status(tables, layout)
    if data is None and layout.table not in tables:
        raise MissingTableError(table=layout.table, needed=(layout.table,), layout=table_label(layout.table))
    pieces = TablePieces(tables[layout.table].octets if data is None else data)
    zone = meter_zone(tables, tz=tz, rules=chosen)
    found, order = blocks(status, layout, pieces, chosen)
    whole = interval_data(found, status, layout, zone, chosen)
    first, last = (None if at is None else _bound(at, whole.known) for at in (since, until))
    order += _not_read(found, whole, first)
    part = whole if first is None and last is None else whole.between(first, last)
    return Profile(part, Channels(tables, whole, chosen), whole.blocks, zone, [*notes, *order])


def _bound(at: datetime, known: bool) -> int:
    if known and at.tzinfo is None:
        raise ValueError(f"{at} has no zone: the meter's times are known in UTC")
    if not known and at.tzinfo is not None:
        raise zone_missing(str(at))
    return seconds(at)


def _begin(whole: IntervalData) -> int:
    """Of the oldest interval that was read; by the clock where no zone is known."""
    begin = whole.ends[0] - whole.layout.seconds
    return begin if whole.dst is None else whole.dst.shown(begin)


def _not_read(found: Sequence[Block], whole: IntervalData, since: int | None) -> list[Note]:
    """Valid blocks that were not read, though they may hold what was asked for."""
    if len(whole.blocks) == len(found):
        return []
    missing = len(found) - len(whole.blocks)
    length = whole.layout.seconds
    if since is not None and found[-1].octets is not None and _begin(whole) + set_back(found, length) <= since:
        return []
    return [Note("blocks-not-read", f"{missing} of {len(found)} valid blocks were not read: what they hold is missing")]
