"""A load curve to be drawn: its values in runs, its axis in words, the changes of DST that it goes through."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from c1219_tables.codes import units
from c1219_tables.readings.intervals.quality import Quality
from c1219_tables.readings.profile import Profile, Series
from c1222_cli.readings.profile_rows import local

_DAY = 86400


@dataclass(frozen=True, slots=True)
class ClockChange:
    """at: in UTC. before, after: what clocks where the meter is showed then, and were set to, with their offsets."""

    at: datetime
    before: datetime
    after: datetime

    @property
    def first_time(self) -> datetime | None:
        """When clocks showed `after` the first time, as DST ends; None as it begins."""
        back = self.before.replace(tzinfo=None) - self.after.replace(tzinfo=None)
        return self.at - back if back > timedelta(0) else None

    def __str__(self) -> str:
        before, after = (f"{shown:%H:%M} {shown.tzinfo}" for shown in (self.before, self.after))
        return f"DST {'ends' if self.first_time else 'begins'}: {before} becomes {after}"


def bounds(found: Profile) -> tuple[datetime, datetime]:
    """The start of the first interval and the end of the last. There is one at least."""
    ends = found.data.ends
    return found.data.moment(min(ends) - 60 * found.minutes), found.data.moment(max(ends))


def clock_changes(found: Profile) -> Iterator[ClockChange]:
    """Changes to and from DST where the meter is, between the first interval and the last.

    They are looked for on the clock, day by day, and not in the intervals: there may be none at that time.
    """
    ends, moment = found.data.ends, found.data.moment
    start, last = min(ends) - 60 * found.minutes, max(ends)
    for day in range(start, last, _DAY):
        low, high = day, min(day + _DAY, last)
        before, after = (local(found, moment(at)).utcoffset() for at in (low, high))
        if before is None or after is None or before == after:
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if local(found, moment(middle)).utcoffset() == before else (low, middle)
        if high < last:
            at = moment(high)
            yield ClockChange(at, at.astimezone(timezone(before)), at.astimezone(timezone(after)))


def where(found: Profile) -> str:
    """What the times of a picture are: `local time of the meter, UTC-05:00`."""
    offset = local(found, bounds(found)[0]).utcoffset()
    if offset is None:
        return "time as the meter's clock shows it"
    names = {str(timezone(offset)), *(str(change.after.tzinfo) for change in clock_changes(found))}
    return f"local time of the meter, {' and '.join(sorted(names))}"


@dataclass(frozen=True, slots=True)
class Run:
    """Intervals that follow one another, each with a value.

    intervals: start, end, value. repeated: their times were recorded before the clock was set back to them. joined:
    they begin where those of the run before end, so that nothing is missing between the two.
    """

    intervals: Sequence[tuple[datetime, datetime, float]]
    repeated: bool
    joined: bool = False


def runs(found: Profile, series: Series) -> Iterator[Run]:
    """The values in runs without a gap, what was recorded in repeated times in runs of its own."""
    length, moment = 60 * found.minutes, found.data.moment
    run: list[tuple[datetime, datetime, float]] = []
    before: tuple[int, bool] | None = None
    joined = False
    flag = int(Quality.REPEATED)
    for end, value, flags in zip(found.data.ends, series.values(), series.flags, strict=True):
        repeated = bool(flags & flag)
        if run and (value is None or (end - length, repeated) != before):
            yield Run(run, bool(before and before[1]), joined)
            run, joined = [], value is not None and bool(before and before[0] == end - length)
        if value is not None:
            run.append((moment(end - length), moment(end), float(value)))
        before = end, repeated
    if run:
        yield Run(run, bool(before and before[1]), joined)


def axis_name(found: Profile, series: Series) -> str:
    """What the values are: `Wh in 15 min`; of levels and averages the unit alone, `V`."""
    quantity = series.quantity
    if quantity.id_code is None:
        return f"counts in {found.minutes} min"
    unit = series.unit or quantity.measured
    return f"{unit} in {found.minutes} min" if quantity.is_total else unit


def is_amount(series: Series) -> bool:
    """Whether 0 is none of it, so that it belongs on the axis: energy, power, counts; not volts or degrees."""
    code = series.quantity.id_code
    return code is None or units.quantity(code).is_flow


def limits(amount: bool, values: Iterable[float]) -> tuple[float, float]:
    """The lowest and the highest value of an axis that shows them, with some air. amount: 0 is to be on it."""
    shown = list(values)
    low, high = min(shown, default=0.0), max(shown, default=0.0)
    if amount:
        low, high = min(low, 0.0), max(high, 0.0)
    air = 0.08 * (high - low) or 0.05 * abs(high) or 1.0
    return (low if amount and low == 0 else low - air), (high if amount and high == 0 and low < 0 else high + air)
