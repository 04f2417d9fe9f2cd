"""Interval data: what each channel of a load profile recorded, in its unit and in UTC (tables 61 to 67).

    >>> found = profile(tables, since=datetime(2026, 3, 1, tzinfo=UTC))       # doctest: +SKIP
    >>> for interval in found.channel(1):                                      # doctest: +SKIP
    ...     print(interval.start, interval.value, interval.unit, *interval.quality.words)

Inside, a profile is columns: values are scaled, times and flags are made when they are asked for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

from c1219_tables.context import MeterTables
from c1219_tables.errors import MissingTableError
from c1219_tables.readings.block_layout import CONTROL, LIMITS, BlockLayout
from c1219_tables.readings.block_times import EPOCH, seconds
from c1219_tables.readings.blocks import Block, blocks, set_status
from c1219_tables.readings.clock import MeterZone, meter_zone
from c1219_tables.readings.columns import Raw
from c1219_tables.readings.end_readings import Factors, end_checks
from c1219_tables.readings.interval_data import IntervalData, interval_data
from c1219_tables.readings.origin import Note, Origin, Step
from c1219_tables.readings.profile_rules import ProfileRules
from c1219_tables.readings.quality import NO_VALUE, Quality
from c1219_tables.readings.quantity import Quantity
from c1219_tables.readings.rules import Rules
from c1219_tables.readings.scaling import Scaling, interval_scaling, unique
from c1219_tables.readings.sources import UNUSED, Source, Sources
from c1219_tables.readings.table_pieces import TablePieces

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

_SECOND = timedelta(seconds=1)


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
    """A time without values. start, end: as those of intervals. quality: of the intervals there; 0 if there are none."""

    start: datetime
    end: datetime
    quality: Quality


class Series(Sequence[Interval]):
    """One channel: its intervals, the oldest first.

    channel: counted from 1. data: the columns. source: number in table 16.
    """

    def __init__(self, whole: "Profile", channel: int) -> None:
        self.channel = channel
        self.data = whole.data
        self._profile = whole
        self._select = whole.control[f"lp_sel_set{whole.layout.set}"][channel - 1]
        self.source: int = self._select["lp_source_select"]

    @property
    def raw(self) -> Sequence[Raw]:
        """The values as stored."""
        return self.data.raw[self.channel - 1]

    @property
    def flags(self) -> Sequence[int]:
        """Quality of each interval, as a number."""
        return self.data.flags[self.channel - 1]

    @cached_property
    def about(self) -> Source:
        """The source of the channel, by tables 12 to 16."""
        return self._profile.sources[self.source]

    @property
    def quantity(self) -> Quantity:
        return self.about.quantity

    @property
    def unit(self) -> str:
        """Of the values, the base unit: Wh, never kWh."""
        return self.scaling.unit

    @cached_property
    def scaling(self) -> Scaling:
        """From stored values to those in `unit`."""
        return self._profile.scaling(self.channel, self.about.scaling)

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """What was assumed for the values of this channel, and how they agree with the readings at the ends of blocks."""
        return unique([*self.scaling.notes, *self._profile.end_checks(self)])

    def value(self, row: int) -> Decimal | None:
        """The value of an interval; None where nothing was measured, or it cannot be scaled."""
        return None if self.flags[row] & NO_VALUE else self.scaling.value(self.raw[row])

    def values(self) -> list[Decimal | None]:
        """All the values."""
        return [self.value(row) for row in range(len(self))]

    def total(self) -> Decimal:
        """The sum of all values, exact where they are."""
        scale, counts = self.scaling.value, Fraction()
        for raw, flags in zip(self.raw, self.flags, strict=True):
            if not flags & NO_VALUE and (value := scale(raw)) is not None:
                counts += Fraction(value)
        return Decimal(counts.numerator) / Decimal(counts.denominator)

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
        return Gap(self._profile.moment(start), self._profile.moment(end), quality)

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
        moment = self._profile.moment
        return Interval(
            moment(start), moment(end), self.value(row), self.unit, self.raw[row], Quality(self.flags[row])
        )

    def __repr__(self) -> str:
        return f"<channel {self.channel}: {self.quantity}, {len(self)} intervals>"


class Profile(Sequence[Series]):
    """The interval data of one set.

    set, minutes: number of the set, and length of its intervals. zone: how the meter's times became UTC. blocks: those
    that were read, the oldest first. is_utc: False where no zone is known, so that times are those of the meter's clock.
    """

    def __init__(
        self, tables: MeterTables, data: IntervalData, whole: IntervalData, zone: MeterZone, rules: ProfileRules,
        notes: Sequence[Note],
    ) -> None:  # fmt: skip
        self.layout = data.layout
        self.set, self.minutes = self.layout.set, self.layout.minutes
        self.data, self.zone = data, zone
        self.blocks: tuple[Block, ...] = data.blocks
        self.is_utc = data.known
        self.control: Mapping[str, Any] = tables[CONTROL]
        self._tables, self._whole, self._rules = tables, whole, rules
        self._notes = notes
        self._series = [Series(self, number + 1) for number in range(self.layout.channels)]

    @property
    def series(self) -> Sequence[Series]:
        """One for each channel."""
        return self._series

    def channel(self, number: int) -> Series:
        """A channel, counted from 1. Raises IndexError for one that the set has not."""
        if not 1 <= number <= len(self):
            raise IndexError(f"set {self.set} has channels 1 to {len(self)}, not {number}")
        return self[number - 1]

    @cached_property
    def sources(self) -> Sources:
        """The meter's sources."""
        return Sources(self._tables, self._rules)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was assumed for times and order; what is about one channel's values is in its own notes."""
        return unique([*self.zone.notes, *self._notes, *self.data.notes])

    def moment(self, since_1970: int) -> datetime:
        """A time of a column: UTC, or without a zone where `is_utc` is False."""
        moment = EPOCH + since_1970 * _SECOND
        return moment if self.is_utc else moment.replace(tzinfo=None)

    def factors(self, channel: int) -> tuple[int, int] | None:
        """Scalar and divisor of a channel, counted from 1; None where the set has none."""
        scalars, divisors = self.control[f"scalars_set{self.set}"], self.control[f"divisor_set{self.set}"]
        return None if scalars is None else (scalars[channel - 1], divisors[channel - 1])

    def scaling(self, channel: int, source: Scaling) -> Scaling:
        """How interval data of a channel is scaled whose source is scaled so."""
        factors = self.factors(channel)
        if factors is None:
            return source
        paths = (f"{name}_set{self.set}[{channel - 1}]" for name in ("scalars", "divisor"))
        scalar_at, divisor_at = (Origin.of(self._tables[CONTROL], path) for path in paths)
        exchanged = self._rules.scalar_over_divisor
        return interval_scaling(source, *factors, (scalar_at, divisor_at), exchanged=exchanged)

    def end_checks(self, series: Series) -> list[Note]:
        """How the intervals of a channel agree with the readings and pulses at the ends of blocks."""
        select = self.control[f"lp_sel_set{self.set}"][series.channel - 1]
        if not select["chnl_flag"]["end_rdg_flag"]:
            return []
        number = select["end_blk_rdg_source_select"]
        own = series.scaling
        end = self.sources[number].scaling if number != UNUSED else None
        factors = Factors(
            reading=_worth(end) if end is not None and end.unit == own.unit else None,
            value=_worth(own),
            scalar=(self.factors(series.channel) or (1, 1))[0],
            divisor=(self.factors(series.channel) or (1, 1))[1],
            exchanged=self._rules.scalar_over_divisor,
        )
        alone = bool(self._tables[LIMITS]["lp_flags"]["blk_end_rd_indicator_flag"])
        alone = alone and not self._tables.dialect.get("closure_status", False)
        return end_checks(self._whole, series.channel - 1, factors, own.unit, alone)

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

    def to_arrow(self) -> "pyarrow.Table":
        """All intervals, one row for each interval and channel. Raises ImportError without pyarrow."""
        from c1219_tables.readings.frames import to_arrow

        return to_arrow(self)

    def to_pandas(self) -> "pandas.DataFrame":
        """The same. Raises ImportError without pandas."""
        from c1219_tables.readings.frames import to_pandas

        return to_pandas(self)

    def to_polars(self) -> "polars.DataFrame":
        """The same. Raises ImportError without polars."""
        from c1219_tables.readings.frames import to_polars

        return to_polars(self)


def _worth(scaling: Scaling) -> Fraction | None:
    return None if scaling.factor is None else Fraction(scaling.factor) / scaling.divided_by


def profile(
    tables: MeterTables,
    set: int = 1,  # noqa: A002 - the standard's word
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    data: Mapping[int, bytes] | bytes | None = None,
    tz: tzinfo | None = None,
    rules: Rules | None = None,
) -> Profile:
    """The interval data of set 1, 2, 3 or 4.

    tables: of the meter; 0, 61, 62 and 63 are needed; 12 to 16 say what the values are, 51 to 54 which times they are
    of. since, until: only what ended after, and began before; aware, but without a zone where no zone is known.
    data: octets of the data table, all or pieces by offset (see blocks.windows), where it is not in `tables`: it need
    not be decoded. tz: where the meter is, instead of what tables 53 and 54 say. rules: how this make is read.

    Raises MissingTableError; TableError for a set that the meter does not use, and where no block has a time;
    ValueError for a `since` or `until` whose zone does not fit.
    """
    chosen = _profile_rules(rules)
    layout = BlockLayout.of(tables, set)
    status = set_status(tables, layout)
    if data is None and layout.table not in tables:
        raise MissingTableError(table=layout.table, needed=(layout.table,), layout=f"ST-{layout.table}")
    pieces = TablePieces(tables[layout.table].octets if data is None else data)
    zone = meter_zone(tables, tz=tz, rules=chosen)
    found, notes = blocks(status, layout, pieces, chosen)
    whole = interval_data(found, status, layout, zone, chosen)
    first, last = (None if at is None else _bound(at, whole.known) for at in (since, until))
    notes += _not_read(found, whole, first)
    part = whole if first is None and last is None else whole.between(first, last)
    return Profile(tables, part, whole, zone, chosen, notes)


def _profile_rules(rules: Rules | None) -> ProfileRules:
    if isinstance(rules, ProfileRules):
        return rules
    return ProfileRules(**{name: getattr(rules, name) for name in Rules.__slots__}) if rules else ProfileRules()


def _bound(at: datetime, known: bool) -> int:
    if known == (at.tzinfo is None):
        raise ValueError(
            f"{at} has no zone: the meter's times are known in UTC"
            if known
            else f"{at} has a zone, which is not known of the meter's times: name it (tz)"
        )
    return seconds(at)


def _not_read(found: Sequence[Block], whole: IntervalData, since: int | None) -> list[Note]:
    """Valid blocks that were not read, though they may hold what was asked for."""
    if len(whole.blocks) == len(found):
        return []
    missing = len(found) - len(whole.blocks)
    if since is not None and found[-1].octets is not None and whole.ends[0] - whole.layout.seconds <= since:
        return []
    return [Note("blocks-not-read", f"{missing} of {len(found)} valid blocks were not read: what they hold is missing")]
