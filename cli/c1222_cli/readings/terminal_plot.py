"""Interval data drawn on the terminal: a curve a channel, gaps left open; below it letters say what is to be known."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from math import ceil, floor, log10
from typing import Any

import click
import plotext

from c1219_tables.readings.intervals.block_times import seconds
from c1219_tables.readings.profile import Profile, Series
from c1222_cli.readings.curve import axis_name, bounds, clock_changes, is_amount, limits, runs, where
from c1222_cli.readings.profile_rows import local
from c1222_cli.readings.quality_marks import Spans, gaps, quality
from c1222_cli.readings.round_times import round_times
from c1222_cli.talk import clean, terminal_width

HEIGHT = 18
LEAST_WIDTH, MOST_WIDTH = 40, 140
MOST_REMARKS = 12

_TICK = 9
"""Columns for the name of a time: `2025-11`, `11-02` or `12:00`, and what parts it from the next."""
_VALUES = 7
"""Values named, about."""
_CHANGE = "D"
"""The letter of a change of DST."""


def check_plotext() -> None:
    """Raise UsageError where the plotext that is installed is none that works: 6 shares no call with 5."""
    if not hasattr(plotext, "plotsize"):
        version = getattr(plotext, "__version__", "unknown")
        how = "pip install 'plotext>=5.2.8,<6'"
        raise click.UsageError(f"--plot needs plotext 5, version {version} is installed: {how}")


def terminal_plot(title: str, found: Profile, series: Series, *, colour: bool) -> str:
    """The drawing of one channel, some lines of text. Raises UsageError, see `check_plotext`."""
    check_plotext()
    heading = clean(f"{title}, channel {series.channel}: {series.quantity.name}")
    drawn = list(runs(found, series))
    if not drawn:
        return "\n".join([heading, f"  no values, {_dates(found)}, {where(found)}", *_remarks(found, series)])
    width = max(LEAST_WIDTH, min(terminal_width(), MOST_WIDTH))
    values = _round_values(*limits(is_amount(series), [value for run in drawn for *_, value in run.intervals]))
    names = _names(values)
    first, last = map(seconds, bounds(found))
    plot: Any = plotext
    plot.clear_figure()
    plot.theme("pro" if colour else "clear")
    plot.limitsize(False, False)  # as wide as is said here
    plot.plotsize(width, HEIGHT)
    plot.xlim(first, last)
    plot.ylim(values[0], values[-1])
    plot.yticks(values, names)
    margin = len(names[0]) + 1
    columns = width - margin - 1
    plot.xticks(*_times(found, columns // _TICK))
    before: list[tuple[int, float]] = []
    for run in drawn:
        steps = [(seconds(at), value) for start, end, value in run.intervals for at in (start, end)]
        edges = before[-1:] + steps if run.joined else steps
        before = steps
        plot.plot(*map(list, zip(*edges, strict=True)), marker="braille")
    for change in clock_changes(found):
        plot.vline(seconds(change.at))
    rows = [" " * margin + row for row in _letters(found, series, columns)]
    drawing = [line.rstrip() for line in _built(plot, colour=colour).splitlines()]
    axes = [f"  {axis_name(found, series)}", f"  {_dates(found)}, {where(found)}"]
    return "\n".join([heading, axes[0], *drawing, *rows, axes[1], *_remarks(found, series)])


def _built(plot: Any, *, colour: bool) -> str:
    text = str(plot.build())
    return text if colour else click.unstyle(text)  # it ends its lines with an end of colour, where there is none too


def _round_values(low: float, high: float) -> list[float]:
    """Round values from the one below `low` to the one above `high`, steps of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / _VALUES
    power = 10.0 ** floor(log10(rough))
    step = next(step * power for step in (1, 2, 5, 10) if step * power >= rough)
    return [step * number for number in range(floor(low / step), ceil(high / step) + 1)]


def _names(values: Sequence[float]) -> list[str]:
    """All with so many decimals as their step has, flush right."""
    decimals = max(0, -floor(log10(values[1] - values[0]) + 1e-9))
    names = [f"{value:.{decimals}f}" for value in values]
    return [name.rjust(max(map(len, names))) for name in names]


def _times(found: Profile, most: int) -> tuple[list[int], list[str]]:
    """Where round times are on the axis, and their names."""
    times = round_times(found, *bounds(found), most)
    shown = [local(found, at) for at in times]
    is_months = len(shown) > 1 and all(at.day == 1 and not at.hour for at in shown)
    is_a_day = len({at.date() for at in shown}) <= 2
    names = [
        f"{at:%Y-%m}" if is_months else f"{at:%H:%M}" if at.hour or at.minute or is_a_day else f"{at:%m-%d}"
        for at in shown
    ]
    return list(map(seconds, times)), names


def _spans(found: Profile, series: Series) -> Iterator[tuple[str, str, Spans]]:
    """Letter, words, and where: changes of DST, what is to be known of intervals, gaps."""
    for change in clock_changes(found):
        yield _CHANGE, str(change), [(change.at, change.at)]
    marks: Mapping[Any, Spans] = quality(found, series) | gaps(found, series)
    for mark, spans in marks.items():
        yield mark.letter, mark.words, spans


def _letters(found: Profile, series: Series, columns: int) -> Iterator[str]:
    """A row for each letter, below the part of the curve that it is said of."""
    first, last = map(seconds, bounds(found))

    def column(at: int) -> int:
        return floor(0.5 + (columns - 1) * (at - first) / (last - first))

    rows: dict[str, list[str]] = {}
    for letter, _, spans in _spans(found, series):
        row = rows.setdefault(letter, [" "] * columns)
        for start, end in spans:
            low, high = column(seconds(start)), column(seconds(end))
            row[low : max(high, low + 1)] = letter * max(high - low, 1)
    for row in rows.values():
        yield "".join(row).rstrip()


def _dates(found: Profile) -> str:
    """The days of all intervals: `2025-11-02 to 2025-11-04`."""
    first, last = bounds(found)
    days = [local(found, first), local(found, found.data.moment(seconds(last) - 1))]
    return " to ".join(dict.fromkeys(f"{day:%Y-%m-%d}" for day in days))


def _remarks(found: Profile, series: Series) -> list[str]:
    """What each letter says, and when; where that is too much, a line a letter, with the first and the last time."""
    said = list(_spans(found, series))
    is_brief = sum(len(spans) for *_, spans in said) > MOST_REMARKS
    lines = []
    for letter, words, spans in said:
        if is_brief and len(spans) > 1:
            start, end = min(start for start, _ in spans), max(end for _, end in spans)
            between = _span(found, start, end, " and ")
            lines.append((start, f"  {letter}  {words}, {len(spans)} times between {between}"))
        else:
            lines += [(start, f"  {letter}  {_span(found, start, end)}  {words}") for start, end in spans]
    return [line for _, line in sorted(lines)]


def _span(found: Profile, start: datetime, end: datetime, to: str = " to ") -> str:
    """In local time: `2025-11-02 09:00-05:00 to 11:45-05:00`."""
    if start == end:
        return _shown(found, start)
    is_a_day = local(found, start).date() == local(found, end).date()
    return f"{_shown(found, start)}{to}{_shown(found, end)[11 if is_a_day else 0 :]}"


def _shown(found: Profile, at: datetime) -> str:
    """`2025-11-02 09:00-05:00`."""
    return local(found, at).isoformat(" ", "minutes")
