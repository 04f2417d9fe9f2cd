"""Interval data as a picture: load curves in local time, gaps left open, what is to be known of an interval marked."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import IO, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from c1219_tables.readings.block_times import EPOCH, seconds
from c1219_tables.readings.profile import Profile, Series
from c1222_cli.readings.curve import MARKS, clock_changes, marked, runs, where
from c1222_cli.readings.profile_rows import local

WIDTH, HEIGHT = 12.0, 3.4
"""Inches of the picture, and of each of its parts."""
DOTS = 120

_SPANS = {"power failed": "#d62728", "clock set": "#9467bd", "test mode": "#8c8c00"}
_POINTS = {
    "partial or long interval": "^", "overflow": "X", "time not sure": "o", "configuration changed": "D",
}  # fmt: skip
_NO_VALUES = "no values"
_BESIDE = (*MARKS, _NO_VALUES)
_GAP: dict[str, Any] = {"facecolor": "#eeeeee", "edgecolor": "#999999", "hatch": "///", "linewidth": 0.0}
_STEPS = (15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080)
"""Minutes between the names of times."""
_MOST = 13
_DAY = 86400


def picture(stream: IO[bytes], form: str, title: str, found: Profile, chosen: Sequence[Series]) -> None:
    """Write it. form: png, svg or pdf. Channels of one unit share a part of the picture."""
    parts = [list(group) for _, group in groupby(sorted(chosen, key=lambda one: one.unit), key=lambda one: one.unit)]
    figure = Figure(figsize=(WIDTH, 1.2 + HEIGHT * len(parts)), dpi=DOTS, layout="constrained")
    axes: Any = figure.subplots(len(parts), 1, sharex=True, squeeze=False)
    figure.suptitle(f"{title}: load profile, set {found.set}, intervals of {found.minutes} minutes", fontsize=11)
    for ax, part in zip(axes[:, 0], parts, strict=True):
        _part(ax, found, part)
    _times(axes[-1, 0], found)
    # No date in it: the same data make the same file.
    kept: dict[str, Any] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(form, {})
    figure.savefig(stream, format=form, metadata=kept)


def _part(ax: Axes, found: Profile, part: Sequence[Series]) -> None:
    handles: dict[str, Any] = {}
    for place, series in enumerate(part):
        colour = f"C{place}"
        for run in runs(found, series):
            edges = _numbers([run[0][0], *(end for _, end, _ in run)])
            curve = ax.stairs([value for *_, value in run], edges, baseline=None, color=colour, linewidth=1.3)
            handles.setdefault(f"{series.channel} {series.quantity.name}", curve)
        _points(ax, found, series, colour, handles)
    _spans(ax, found, part, handles)
    for change in clock_changes(found):
        at = _number(change.at)
        ax.axvline(at, color="black", linestyle="--", linewidth=1.2)
        ax.annotate(
            str(change), (at, 0.97), xycoords=("data", "axes fraction"), xytext=(4, 0), textcoords="offset points",
            va="top", fontsize=8,
        )  # fmt: skip
    ax.set_ylabel(f"{part[0].unit or 'counts'} in {found.minutes} min")
    ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0]))
    ax.grid(visible=True, color="#dddddd", linewidth=0.6)
    ax.set_axisbelow(True)
    names = sorted(handles, key=lambda name: (name in _BESIDE, list(handles).index(name)))
    ax.legend(
        [handles[name] for name in names],
        names,
        loc="upper left",
        bbox_to_anchor=(1.005, 1.0),
        fontsize=8,
        frameon=False,
    )


def _spans(ax: Axes, found: Profile, part: Sequence[Series], handles: dict[str, Any]) -> None:
    for words, colour in _SPANS.items():
        for start, end in sorted({span for series in part for span in marked(found, series, MARKS[words])}):
            ax.axvspan(_number(start), _number(end), color=colour, alpha=0.18, linewidth=0.8)
            handles.setdefault(words, Patch(color=colour, alpha=0.18))
    for start, end in sorted({(gap.start, gap.end) for series in part for gap in series.gaps()}):
        ax.axvspan(_number(start), _number(end), ymax=0.06, **_GAP)
        handles.setdefault(_NO_VALUES, Patch(**_GAP))


def _points(ax: Axes, found: Profile, series: Series, colour: str, handles: dict[str, Any]) -> None:
    values, length = series.values(), 60 * found.minutes
    for words, marker in _POINTS.items():
        at = [
            (_number(found.data.moment(end - length // 2)), float(value))
            for end, value, flags in zip(found.data.ends, values, series.flags, strict=True)
            if flags & MARKS[words] and value is not None
        ]
        if at:
            dots = ax.scatter(
                [x for x, _ in at], [y for _, y in at], marker=marker, s=28, color=colour, edgecolors="black", zorder=3
            )
            handles.setdefault(words, dots)


def _times(ax: Axes, found: Profile) -> None:
    """Names of times at full hours or days where the meter is."""
    if not found.data.ends:
        return
    first = found.data.moment(min(found.data.ends) - 60 * found.minutes)
    last = found.data.moment(max(found.data.ends))
    ax.set_xlim(_number(first), _number(last))
    step = next((step for step in _STEPS if (last - first) <= _MOST * timedelta(minutes=step)), _STEPS[-1])
    ticks, at = [], _floor(first)
    while at <= last:
        if at >= first and _is_full(found, at, step):
            ticks.append(_number(at))
        at += timedelta(minutes=15)
    ax.set_xticks(ticks or [_number(first)])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda number, place: _name(found, number, dated=place == 0)))
    ax.tick_params(axis="x", labelsize=8)
    ax.set_xlabel(where(found))


def _floor(at: datetime) -> datetime:
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)


def _is_full(found: Profile, at: datetime, step: int) -> bool:
    shown = local(found, at)
    minutes = 60 * shown.hour + shown.minute
    if step > 1440:
        return minutes == 0 and (shown.toordinal() % (step // 1440)) == 0
    return minutes % step == 0


def _name(found: Profile, number: float, *, dated: bool) -> str:
    """dated: with its date, as midnight always is."""
    at = EPOCH + timedelta(days=round(number * _DAY) / _DAY)
    shown = local(found, at if found.is_utc else at.replace(tzinfo=None))
    return f"{shown:%Y-%m-%d}\n{shown:%H:%M}" if dated or not (shown.hour or shown.minute) else f"{shown:%H:%M}"


def _number(at: datetime) -> float:
    """Days since 1970, as matplotlib counts."""
    return seconds(at) / _DAY


def _numbers(times: Sequence[datetime]) -> list[float]:
    return [_number(at) for at in times]
