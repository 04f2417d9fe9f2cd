"""One channel of a load profile: its intervals, with their values in its unit, and the gaps between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import overload

from c1219_tables.readings.intervals.channels import Channels
from c1219_tables.readings.intervals.interval_data import IntervalData
from c1219_tables.readings.intervals.interval_why import why
from c1219_tables.readings.intervals.number_columns import Raw
from c1219_tables.readings.intervals.quality import NO_VALUE, Quality
from c1219_tables.readings.notes import Note, unique
from c1219_tables.readings.origin import Origin, Step
from c1219_tables.readings.values.quantity import Quantity
from c1219_tables.readings.values.scaling import Scaling, exact_sum
from c1219_tables.readings.values.sources import Source


@dataclass(frozen=True, slots=True)
class Interval:
    """One interval of one channel.

    start, end: in UTC; without a zone, as the meter's clock shows, where no table tells the zone. value: in `unit`;
    None where nothing was measured, or it cannot be scaled. raw: as stored. quality: what is to be known of it.
    """

    start: datetime
    end: datetime
    value: Decimal | None
    unit: str
    raw: Raw
    quality: Quality


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without values.

    start, end: as those of intervals. quality: of the intervals there, all flags together; 0 where there are none.
    """

    start: datetime
    end: datetime
    quality: Quality


class Series(Sequence[Interval]):
    """One channel: its intervals, the oldest first.

    channel: counted from 1. data: the columns.
    """

    def __init__(self, data: IntervalData, channels: Channels, channel: int) -> None:
        self.channel = channel
        self.data = data
        self._channels = channels

    @property
    def raw(self) -> Sequence[Raw]:
        """The values as stored."""
        return self.data.raw[self.channel - 1]

    @property
    def flags(self) -> Sequence[int]:
        """Quality of each interval, as a number."""
        return self.data.flags[self.channel - 1]

    @cached_property
    def source(self) -> Source:
        """What the channel records, by tables 12 to 16."""
        return self._channels.source(self.channel)

    @property
    def quantity(self) -> Quantity:
        return self.source.quantity

    @property
    def unit(self) -> str:
        """Of the values, the base unit: Wh, never kWh."""
        return self.scaling.unit

    @cached_property
    def scaling(self) -> Scaling:
        """From stored values to those in `unit`."""
        return self._channels.scaling(self.channel)

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """What was assumed for the values of this channel, and how they agree with the ends of blocks."""
        return unique([*self.scaling.notes, *self._channels.end_checks(self.channel)])

    def value(self, row: int) -> Decimal | None:
        """The value of an interval; None where nothing was measured, or it cannot be scaled."""
        return None if self.flags[row] & NO_VALUE else self.scaling.value(self.raw[row])

    def values(self) -> list[Decimal | None]:
        """All the values."""
        worth = self.scaling.value
        return [None if flags & NO_VALUE else worth(raw) for raw, flags in zip(self.raw, self.flags, strict=True)]

    def total(self) -> Decimal | None:
        """The sum of all values, exact where they are, with their decimals; None where nothing was measured."""
        return exact_sum(self.values())

    def steps(self, row: int) -> tuple[Step, ...]:
        """How the value of an interval comes from octets."""
        return Step(f"stored {self.raw[row]}", self.origin(row)), *self.scaling.steps

    def origin(self, row: int) -> Origin:
        """Where the value of an interval stood."""
        return self.data.origin(range(len(self))[row], self.channel - 1)

    def gaps(self) -> Iterator[Gap]:
        """Times between the first and the last interval without a value: not recorded, not valid, or not there."""
        length, begun = self.data.layout.seconds, 0
        before: int | None = None
        quality = Quality(0)
        for end, flag in zip(self.data.ends, self.flags, strict=True):
            start = end - length
            if begun and (not flag & NO_VALUE or start != before):
                yield self._gap(begun, before or begun, quality)
                begun, quality = 0, Quality(0)
            if before is not None and start > before:
                yield self._gap(before, start, Quality(0))
            if flag & NO_VALUE:
                begun, quality = begun or start, quality | Quality(flag)
            before = end
        if begun and before is not None:
            yield self._gap(begun, before, quality)

    def _gap(self, start: int, end: int, quality: Quality) -> Gap:
        return Gap(self.data.moment(start), self.data.moment(end), quality)

    def __len__(self) -> int:
        return len(self.data.ends)

    @overload
    def __getitem__(self, row: int) -> Interval: ...
    @overload
    def __getitem__(self, row: slice) -> list[Interval]: ...
    def __getitem__(self, row: int | slice) -> Interval | list[Interval]:
        if isinstance(row, slice):
            return [self[one] for one in range(*row.indices(len(self)))]
        end = self.data.ends[row]
        start = end - self.data.layout.seconds
        moment = self.data.moment
        return Interval(moment(start), moment(end), self.value(row), self.unit, self.raw[row], Quality(self.flags[row]))

    def __repr__(self) -> str:
        return f"<channel {self.channel}: {self.quantity}, {len(self)} intervals>"

    def why(self, row: int) -> list[str]:
        """Where the value, the quality and the time of an interval come from, a line for each step."""
        return why(self, range(len(self))[row])
