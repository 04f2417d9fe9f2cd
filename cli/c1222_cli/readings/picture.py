"""Interval data as a picture: load curves in local time, gaps left open, what is to be known of an interval marked."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from textwrap import fill
from typing import IO, Any

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from c1219_tables.readings.profile import Profile, Series
from c1222_cli.readings.bands import Buckets, buckets
from c1222_cli.readings.curve import Run, axis_name, bounds, clock_changes, is_amount, limits, runs, where
from c1222_cli.readings.picture_marks import CHANNELS, LINES, Handles, draw_gaps, draw_signs, draw_tints, number
from c1222_cli.readings.profile_rows import local
from c1222_cli.readings.round_times import round_times
from c1222_cli.talk import clean

WIDTH, HEIGHT = 12.0, 3.4
"""Inches of the picture, and of each of its parts; a part with a long legend is higher."""
DOTS = 120

_TITLE_WIDTH = 120
"""Letters of a line of the title."""
_LEGEND_LINE = 0.18
"""Inches of each line of a legend."""
_MOST = 13
"""Times named."""
_HOURS_SHOWN = timedelta(hours=26)
"""On a longer picture, the hour that comes twice is too narrow for the names of its ends."""
_LABEL_ROOM = 0.06
"""Of the height, for what is written beside a change of DST."""
_MARGIN = 0.01
"""Of the length, on both sides of the curve: a line at its end would lie on the frame."""
_BAND: dict[str, Any] = {"alpha": 0.25, "linewidth": 0.0}
_CHANGE: dict[str, Any] = {"color": "black", "linestyle": (0, (5, 2)), "linewidth": 1.2}


def picture(stream: IO[bytes], form: str, title: str, found: Profile, chosen: Sequence[Series]) -> None:
    """Write it. form: png, svg or pdf. Channels of one unit share a part of the picture."""
    parts: dict[tuple[str, bool], list[Series]] = {}
    for series in chosen:
        parts.setdefault((axis_name(found, series), is_amount(series)), []).append(series)
    # A person's own settings of matplotlib are left out, and no date or chance is in the file: the same data make the
    # same picture.
    with style.context(["default", {"svg.hashsalt": "c1222"}]):
        figure = Figure(dpi=DOTS, layout="constrained")
        axes: Any = figure.subplots(len(parts), 1, sharex=True, squeeze=False)
        heights = []
        for place, (ax, ((name, amount), part)) in enumerate(zip(axes[:, 0], parts.items(), strict=True)):
            handles = _part(ax, found, part, amount=amount, is_first=place == 0)
            ax.set_ylabel(name, parse_math=False)
            heights.append(max(HEIGHT, 0.6 + _LEGEND_LINE * len(handles)))
        axes[0, 0].get_gridspec().set_height_ratios(heights)
        _times(axes[-1, 0], found)
        words = fill(
            clean(f"{title}: load profile, set {found.set}, intervals of {found.minutes} minutes"), _TITLE_WIDTH
        )
        figure.suptitle(words, fontsize=11, parse_math=False)
        figure.set_size_inches(WIDTH, 1.2 + sum(heights))
        kept: dict[str, Any] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(form, {})
        figure.savefig(stream, format=form, metadata=kept)


def _part(ax: Axes, found: Profile, part: Sequence[Series], *, amount: bool, is_first: bool) -> Handles:
    handles: Handles = {}
    signs: Handles = {}
    values: list[float] = []
    wide = buckets(found)
    for place, series in enumerate(part):
        colour, line = CHANNELS[place % len(CHANNELS)], LINES[place % len(LINES)]
        look: dict[str, Any] = {"color": colour, "linestyle": line}
        name = f"{series.channel} {series.quantity.name}"
        drawn = list(runs(found, series))
        _curve(ax, drawn, wide, look)
        values += [value for run in drawn for *_, value in run.intervals]
        handles[name if drawn else f"{name}: no values"] = Line2D([], [], linewidth=1.4, **look)
        signs |= draw_signs(ax, found, series, colour)
    if wide is not None and values:
        handles[f"low to high of {wide.hours} h"] = Patch(color="grey", **_BAND)
        handles[f"mean of {wide.hours} h"] = Line2D([], [], color="grey", linewidth=1.4)
    handles |= signs | draw_tints(ax, found, part) | draw_gaps(ax, found, part)
    changes = list(clock_changes(found))
    if values:
        low, high = limits(amount, values)
        ax.set_ylim(low, high + (_LABEL_ROOM * min(len(changes), 2) * (high - low) if is_first else 0))
    else:
        ax.set_yticks([])
        ax.text(0.5, 0.5, "no values", transform=ax.transAxes, ha="center", va="center", color="#555555")
    for place, change in enumerate(changes):
        handles["DST change"] = ax.axvline(number(change.at), **_CHANGE)
        if is_first:
            _label(ax, found, change.at, str(change), row=place % 2)
    ax.grid(visible=True, color="#dddddd", linewidth=0.6)
    ax.set_axisbelow(True)
    box: dict[str, Any] = {
        "loc": "upper left",
        "bbox_to_anchor": (1.005, 1.0),
        "fontsize": 8,
        "frameon": False,
        "handlelength": 3.0,
    }
    ax.legend(list(handles.values()), list(handles), **box)
    return handles


def _curve(ax: Axes, drawn: Sequence[Run], wide: Buckets | None, look: dict[str, Any]) -> None:
    """A step an interval; in buckets, a step a bucket at the mean, and a band from its low to its high."""
    last = 0.0
    for run in drawn:
        if wide is None:
            steps = run.intervals
        else:
            bands = wide.bands(run)
            steps = [(band.start, band.end, band.mean) for band in bands]
            edges = [number(at) for band in bands for at in (band.start, band.end)]
            low, high = ([getattr(band, name) for band in bands for _ in range(2)] for name in ("low", "high"))
            ax.fill_between(edges, low, high, color=look["color"], **_BAND)
        edges = [number(start) for start, *_ in steps] + [number(steps[-1][1])]
        heights = [value for *_, value in steps] + [steps[-1][2]]
        if run.joined:
            edges, heights = [edges[0], *edges], [last, *heights]
        ax.plot(edges, heights, drawstyle="steps-post", linewidth=0.8 if run.repeated else 1.4, **look)
        last = heights[-1]


def _label(ax: Axes, found: Profile, at: datetime, words: str, *, row: int) -> None:
    """Beside a line, on the side where there is more room. row: 1 below that of the neighbour, which is 0."""
    first, last = bounds(found)
    is_left = at - first < last - at
    ax.annotate(
        words, (number(at), 0.96), xycoords=("data", "axes fraction"), xytext=(4 if is_left else -4, -12 * row),
        textcoords="offset points", ha="left" if is_left else "right", va="top", fontsize=8,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.0},
    )  # fmt: skip


def _times(ax: Axes, found: Profile) -> None:
    """Names of round times where the meter is; where DST changes, the hour that comes twice or that clocks leap to."""
    first, last = bounds(found)
    air = _MARGIN * (number(last) - number(first))
    ax.set_xlim(number(first) - air, number(last) + air)
    times = set(round_times(found, first, last, _MOST))
    if last - first <= _HOURS_SHOWN:
        for change in clock_changes(found):
            times |= {at for at in (change.first_time, change.at) if at is not None and at >= first}
    shown = [(at, local(found, at)) for at in sorted(times) or [first]]
    is_days = len(shown) > 1 and not any(at.hour or at.minute for _, at in shown)
    names = [_name(at, is_day=is_days, is_dated=place == 0) for place, (_, at) in enumerate(shown)]
    ax.set_xticks([number(at) for at, _ in shown], names, fontsize=7.5)
    ax.set_xlabel(where(found))


def _name(at: datetime, *, is_day: bool, is_dated: bool) -> str:
    """is_day: the axis has days and no hours. is_dated: with its date, as midnight always is."""
    if is_day:
        return f"{at:%Y-%m-%d}"
    return f"{at:%H:%M}\n{at:%Y-%m-%d}" if is_dated or not (at.hour or at.minute) else f"{at:%H:%M}"
