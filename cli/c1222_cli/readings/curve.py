"""What a picture of interval data shows beside the curve: where quality is marked, where the clock changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from c1219_tables.readings.profile import Profile, Series
from c1219_tables.readings.quality import Quality
from c1222_cli.readings.profile_rows import local

MARKS = {
    "power failed": Quality.POWER_FAIL,
    "clock set": Quality.CLOCK_FORWARD | Quality.CLOCK_BACKWARD,
    "test mode": Quality.TEST_MODE,
    "partial or long interval": Quality.PARTIAL | Quality.LONG,
    "overflow": Quality.OVERFLOW,
    "time not sure": Quality.TIME_ASSUMED | Quality.REPEATED,
    "configuration changed": Quality.CONFIGURATION_CHANGED,
}
"""What is marked, in words; of flags that stand for no value the gap itself tells."""


@dataclass(frozen=True, slots=True)
class ClockChange:
    """at: in UTC. before, after: what clocks where the meter is showed then, and were set to."""

    at: datetime
    before: datetime
    after: datetime

    def __str__(self) -> str:
        begins = self.after.replace(tzinfo=None) > self.before.replace(tzinfo=None)
        return f"DST {'begins' if begins else 'ends'}: {self.before:%H:%M} becomes {self.after:%H:%M}"


def marked(found: Profile, series: Series, flags: Quality) -> list[tuple[datetime, datetime]]:
    """Spans of intervals that have one of the flags, those that follow one another as one."""
    length, spans = 60 * found.minutes, list[tuple[int, int]]()
    for end, its in zip(found.data.ends, series.flags, strict=True):
        if not its & flags:
            continue
        if spans and spans[-1][1] == end - length:
            spans[-1] = spans[-1][0], end
        else:
            spans.append((end - length, end))
    return [(found.data.moment(start), found.data.moment(end)) for start, end in spans]


def clock_changes(found: Profile) -> Iterator[ClockChange]:
    """Changes to and from DST where the meter is, at the ends of intervals."""
    length = 60 * found.minutes
    before: timedelta | None = None
    for end in found.data.ends:
        at = found.data.moment(end - length)
        offset = local(found, at).utcoffset()
        if offset is not None and before is not None and offset != before:
            yield ClockChange(at, at.astimezone(timezone(before)), local(found, at))
        before = offset


def where(found: Profile) -> str:
    """What the times of a picture are: `local time of the meter, UTC-05:00`."""
    ends = found.data.ends
    offsets = {local(found, found.data.moment(end)).utcoffset() for end in (ends if len(ends) < 10 else _some(ends))}
    if None in offsets or not offsets:
        return "time as the meter's clock shows it"
    names = sorted(str(timezone(offset)) for offset in offsets if offset is not None)
    return f"local time of the meter, {' and '.join(names)}"


def _some(ends: Sequence[int]) -> list[int]:
    step = max(1, len(ends) // 500)
    return [*ends[::step], ends[-1]]


def runs(found: Profile, series: Series) -> Iterator[list[tuple[datetime, datetime, float]]]:
    """The values in runs without a gap: start, end, value of each interval."""
    length = 60 * found.minutes
    run: list[tuple[datetime, datetime, float]] = []
    before: int | None = None
    for end, value in zip(found.data.ends, series.values(), strict=True):
        if run and (value is None or end - length != before):
            yield run
            run = []
        if value is not None:
            run.append((found.data.moment(end - length), found.data.moment(end), float(value)))
        before = end
    if run:
        yield run
