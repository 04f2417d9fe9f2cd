"""Interval data drawn on the terminal: a curve a channel, gaps left open, what is to be known of it in words below."""

from datetime import datetime
from typing import Any

import plotext

from c1219_tables.readings.profile import Profile, Series
from c1222_cli.readings.curve import MARKS, clock_changes, marked, runs, where
from c1222_cli.readings.profile_rows import local
from c1222_cli.talk import clean, terminal_width

HEIGHT = 18
MOST_WIDTH = 140
MOST_MARKS = 12
_TICKS = 7


def terminal_plot(title: str, found: Profile, series: Series, *, colour: bool) -> str:
    """The drawing of one channel, some lines of text."""
    plot: Any = plotext
    plot.clear_figure()
    plot.theme("pro" if colour else "clear")
    plot.plotsize(min(terminal_width(), MOST_WIDTH), HEIGHT)
    for run in runs(found, series):
        edges = [(at.timestamp(), value) for start, end, value in run for at in (start, end)]
        plot.plot(*map(list, zip(*edges, strict=True)), marker="braille")
    for change in clock_changes(found):
        plot.vline(change.at.timestamp(), color="white")
    for start, end in marked(found, series, MARKS["power failed"]):
        plot.vline(start.timestamp(), color="red")
        plot.vline(end.timestamp(), color="red")
    _times(plot, found)
    plot.ylabel(f"{series.unit or 'counts'} in {found.minutes} min")
    plot.xlabel(f"{_dates(found)}, {where(found)}")
    heading = clean(f"{title}, channel {series.channel}: {series.quantity.name}")
    return "\n".join([heading, str(plot.build()).rstrip(), *_remarks(found, series)])


def _times(plot: Any, found: Profile) -> None:
    ends = found.data.ends
    if not ends:
        return
    first, last = min(ends) - 60 * found.minutes, max(ends)
    at = [first + (last - first) * part // (_TICKS - 1) for part in range(_TICKS)]
    form = "%m-%d %H:%M" if last - first > 86400 else "%H:%M"
    moments = [found.data.moment(each) for each in at]
    plot.xticks([moment.timestamp() for moment in moments], [local(found, moment).strftime(form) for moment in moments])


def _dates(found: Profile) -> str:
    """The days of all intervals: `2025-11-02 to 2025-11-04`."""
    ends = found.data.ends
    days = [local(found, found.data.moment(at)) for at in (min(ends) - 60 * found.minutes, max(ends) - 1)]
    return " to ".join(dict.fromkeys(f"{day:%Y-%m-%d}" for day in days))


def _remarks(found: Profile, series: Series) -> list[str]:
    """Where quality is to be marked, in local time."""
    lines = [f"  {_time(found, change.at)}  {change}" for change in clock_changes(found)]
    for words, flags in MARKS.items():
        lines += [
            f"  {_time(found, start)} to {_time(found, end)}  {words}" for start, end in marked(found, series, flags)
        ]
    lines += [f"  {_time(found, gap.start)} to {_time(found, gap.end)}  no values" for gap in series.gaps()]
    more = len(lines) - MOST_MARKS
    return sorted(lines) if more <= 0 else [*sorted(lines)[:MOST_MARKS], f"  and {more} more"]


def _time(found: Profile, at: datetime) -> str:
    return local(found, at).strftime("%Y-%m-%d %H:%M")
