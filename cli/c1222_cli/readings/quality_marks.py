"""What a picture says of intervals beside their values: the words and the letter of each mark, and where it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from c1219_tables.readings.intervals.quality import Quality
from c1219_tables.readings.profile import Profile, Series


@dataclass(frozen=True, slots=True)
class Mark:
    """words, letter: as a picture names it. flags: of the intervals that it marks, any of them."""

    words: str
    letter: str
    flags: Quality


POWER_FAILED = Mark("power failed", "F", Quality.POWER_FAIL)
CLOCK_FORWARD = Mark("clock set forward", ">", Quality.CLOCK_FORWARD)
CLOCK_BACK = Mark("clock set back", "<", Quality.CLOCK_BACKWARD)
REPEATED = Mark("time repeated", "R", Quality.REPEATED)
TIME_NOT_SURE = Mark("time not sure", "?", Quality.TIME_ASSUMED)
TEST_MODE = Mark("test mode", "T", Quality.TEST_MODE)
CONFIGURATION_CHANGED = Mark("configuration changed", "C", Quality.CONFIGURATION_CHANGED)
PARTIAL = Mark("partial interval", "P", Quality.PARTIAL)
LONG = Mark("long interval", "L", Quality.LONG)
OVERFLOW = Mark("overflow", "O", Quality.OVERFLOW)
UNKNOWN_STATUS = Mark("unknown status", "U", Quality.UNKNOWN_STATUS)
RUNNING = Mark("not ended yet", "N", Quality.RUNNING)

MARKS = (
    POWER_FAILED, CLOCK_FORWARD, CLOCK_BACK, REPEATED, TIME_NOT_SURE, TEST_MODE, CONFIGURATION_CHANGED, PARTIAL, LONG,
    OVERFLOW, UNKNOWN_STATUS, RUNNING,
)  # fmt: skip
"""One for each flag that a person is to see, in the order of a legend. DST is no fault: where it changes is drawn."""

STOPPED = Mark("no value: recording stopped", "S", Quality.STOPPED)
SKIPPED = Mark("no value: skipped", "-", Quality.SKIPPED)
NOT_VALID = Mark("no value: not valid", "x", Quality.NOT_VALID)
NO_INTERVALS = Mark("no intervals", ".", Quality(0))
"""Why there is no value, the reason that says most first; the last where the meter has nothing of a time."""

Spans = list[tuple[datetime, datetime]]


def marked(found: Profile, series: Series, mark: Mark, but: int = 0) -> Spans:
    """Spans of intervals that have the mark and none of the flags `but`, those that follow one another as one."""
    length, spans = 60 * found.minutes, list[tuple[int, int]]()
    flags, but = int(mark.flags), int(but)  # flags of an enum take five times as long
    for end, its in zip(found.data.ends, series.flags, strict=True):
        if not its & flags or its & but:
            continue
        if spans and spans[-1][1] == end - length:
            spans[-1] = spans[-1][0], end
        else:
            spans.append((end - length, end))
    return [(found.data.moment(start), found.data.moment(end)) for start, end in spans]


def quality(found: Profile, series: Series, chosen: Sequence[Mark] = MARKS) -> dict[Mark, Spans]:
    """Spans of the marks that are there."""
    spans = {mark: marked(found, series, mark) for mark in chosen}
    return {mark: where for mark, where in spans.items() if where}


def gaps(found: Profile, series: Series) -> dict[Mark, Spans]:
    """Spans without values by the mark that says why."""
    spans: dict[Mark, Spans] = {}
    said = Quality(0)
    for mark in (STOPPED, SKIPPED, NOT_VALID):
        spans[mark] = marked(found, series, mark, said)
        said |= mark.flags
    spans[NO_INTERVALS] = [(gap.start, gap.end) for gap in series.gaps() if not gap.quality]
    return {mark: where for mark, where in spans.items() if where}


def together(parts: Iterable[Mapping[Mark, Spans]]) -> dict[Mark, Spans]:
    """The same of channels that are drawn together: each span once, in order of time."""
    spans: dict[Mark, set[tuple[datetime, datetime]]] = {}
    for part in parts:
        for mark, where in part.items():
            spans.setdefault(mark, set()).update(where)
    return {mark: sorted(where) for mark, where in spans.items()}
