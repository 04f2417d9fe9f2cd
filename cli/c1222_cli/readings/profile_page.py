"""Interval data for people: a line an interval in local time, a column a channel, quality in words, gaps as gaps."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from functools import reduce
from operator import and_, or_

from c1219_tables.readings.intervals.interval_why import quality_origins, stored, time_step
from c1219_tables.readings.intervals.quality import Quality
from c1219_tables.readings.profile import Profile, Series
from c1222_cli.counted import counted
from c1222_cli.readings.grid import at_the_point, draw_grid
from c1222_cli.readings.profile_rows import local
from c1222_cli.readings.said import Notes
from c1222_cli.report import Paper
from c1222_cli.talk import clean


def draw(paper: Paper, title: str, found: Profile, chosen: Sequence[Series], *, raw: bool, why: bool = False) -> None:
    """raw: stored values in place of those in units. why: where each value comes from, below it."""
    notes = Notes()
    count = len(found.data.ends)
    what = f"{counted(count, 'interval')} of {counted(found.minutes, 'minute')}"
    paper.line(paper.bold(clean(f"{title}, set {found.set}, {what}")))
    paper.line(clean(_with_marks(found.zone.describe(), notes.marks(found.notes))))
    paper.line()
    for series, line in zip(chosen, _channels(paper, chosen, notes), strict=True):
        paper.line(line)
        _below(paper, map(str, series.scaling.steps) if why else ())
    if not chosen:
        paper.line("  the set has no channels")
    elif count:
        paper.line()
        _intervals(paper, found, chosen, raw=raw, why=why)
    notes.draw(paper)


def _below(paper: Paper, lines: Iterable[str]) -> None:
    """What says where something comes from, under its line."""
    for line in lines:
        paper.line(paper.faint(clean(f"      {line}")))


def _with_marks(text: str, marks: str) -> str:
    return f"{text}  (note {marks})" if marks else text


def _channels(paper: Paper, chosen: Sequence[Series], notes: Notes) -> list[str]:
    totals = at_the_point([series.total() for series in chosen])
    rows = [
        (str(series.channel), series.quantity.name, total, series.unit, str(sum(1 for _ in series.gaps()) or ""),
         notes.marks(series.notes))
        for series, total in zip(chosen, totals, strict=True)
    ]  # fmt: skip
    return draw_grid(paper, ("channel", "quantity", "sum", "unit", "gaps", "note"), rows, right=frozenset({2}))


def _intervals(paper: Paper, found: Profile, chosen: Sequence[Series], *, raw: bool, why: bool) -> None:
    ends, length = found.data.ends, 60 * found.minutes
    starts = [local(found, found.data.moment(end - length)).isoformat(sep=" ", timespec="minutes") for end in ends]
    columns = [
        [("" if one is None else str(one)) for one in series.raw] if raw else at_the_point(series.values())
        for series in chosen
    ]
    quality = [_quality(chosen, flags) for flags in zip(*(series.flags for series in chosen), strict=True)]
    header = ("start", *(f"{one.channel} {'raw' if raw else one.unit}".strip() for one in chosen), "quality")
    right = frozenset(range(1, len(chosen) + 1))
    lines = draw_grid(paper, header, list(zip(starts, *columns, quality, strict=True)), right=right)
    before = None
    for row, (end, line) in enumerate(zip(ends, lines, strict=True)):
        if before is not None and end - length > before:
            paper.line(paper.faint(f"  -- gap of {timedelta(seconds=end - length - before)} --"))
        before = end
        paper.line(line)
        _below(paper, _why(found, chosen, row) if why else ())


def _why(found: Profile, chosen: Sequence[Series], row: int) -> Iterator[str]:
    """The octets of an interval; how its channels are scaled is the same for all, and stands with them."""
    for series in chosen:
        yield f"{series.channel}: {stored(series, row)}"
    origins = (origin for series in chosen for origin in quality_origins(found.data, row, series.channel - 1))
    for origin in dict.fromkeys(origins):
        yield f"quality: {origin}"
    yield f"time: {time_step(found.data, row)}"


def _quality(chosen: Sequence[Series], flags: Sequence[int]) -> str:
    """What holds for all channels, then what is some channels' own: `power-fail, partial (1 3)`."""
    common = reduce(and_, flags)
    said = list(Quality(common).words)
    for flag in Quality(reduce(or_, flags) & ~common):
        channels = " ".join(str(one.channel) for one, its in zip(chosen, flags, strict=True) if its & flag)
        said += [f"{word} ({channels})" for word in flag.words]
    return ", ".join(said)
