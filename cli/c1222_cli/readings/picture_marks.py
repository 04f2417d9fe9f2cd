"""How a picture shows the quality of intervals: tints with a letter above, signs on the curve, hatched gaps.

Most colours are those of Okabe and Ito, which colour-blind people tell apart; beside each there is a letter, a sign, a
hatch or a kind of line.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import ScaledTranslation

from c1219_tables.readings.intervals.block_times import seconds
from c1219_tables.readings.profile import Profile, Series
from c1222_cli.readings import quality_marks as marks
from c1222_cli.readings.curve import bounds
from c1222_cli.readings.quality_marks import Mark

CHANNELS = ("#0072B2", "#E69F00", "#009E73", "#000000", "#CC79A7")
"""Colours of curves."""
LINES = ("-", "--", "-.", ":")
"""Their second cue."""

TINTS: Mapping[Mark, str] = {
    marks.POWER_FAILED: "#D55E00",
    marks.CLOCK_FORWARD: "#CC79A7",
    marks.CLOCK_BACK: "#882288",
    marks.TEST_MODE: "#F0E442",
    marks.CONFIGURATION_CHANGED: "#009E73",
    marks.TIME_NOT_SURE: "#56B4E9",
}
"""What is so of a time: drawn over the height of the picture."""

SIGNS: Mapping[Mark, str] = {
    marks.REPEATED: "o",
    marks.PARTIAL: "^",
    marks.LONG: "v",
    marks.OVERFLOW: "X",
    marks.UNKNOWN_STATUS: "P",
    marks.RUNNING: "d",
}
"""What is so of a value: drawn on it."""

HATCHES: Mapping[Mark, str] = {
    marks.STOPPED: "++",
    marks.SKIPPED: "/////",
    marks.NOT_VALID: "xxxx",
    marks.NO_INTERVALS: "...",
}

_TINT: dict[str, Any] = {"alpha": 0.2, "linewidth": 0.8}
_GAP: dict[str, Any] = {"facecolor": "#f2f2f2", "edgecolor": "#777777", "linewidth": 0.0}
_GAP_HEIGHT = 0.06
_ROW = 9.0
"""Points from one row of letters above the curve to the next."""
_LETTERS = 100
"""So many fit beside one another."""
_DAY = 86400

Handles = dict[str, Any]
"""Words of a legend -> what it shows beside them."""


def number(at: datetime) -> float:
    """Days since 1970, as matplotlib counts."""
    return seconds(at) / _DAY


def draw_tints(ax: Axes, found: Profile, part: Sequence[Series]) -> Handles:
    """A tint with a letter above it: on a picture of months the tint is thinner than a line."""
    handles: Handles = {}
    rows: list[list[float]] = []
    first, last = bounds(found)
    apart = (number(last) - number(first)) / _LETTERS
    for mark, spans in marks.together(marks.quality(found, series, tuple(TINTS)) for series in part).items():
        colour = TINTS[mark]
        for start, end in spans:
            ax.axvspan(number(start), number(end), color=colour, **_TINT)
        middles = [(number(start) + number(end)) / 2 for start, end in spans]
        row = _free_row(rows, middles, apart)
        above = ScaledTranslation(0, (6 + _ROW * row) / 72, ax.figure.dpi_scale_trans)
        letter: dict[str, Any] = {"marker": rf"$\mathrm{{{mark.letter}}}$", "color": "black", "linestyle": "none"}
        at = ax.get_xaxis_transform() + above
        ax.plot(middles, [1.0] * len(spans), transform=at, clip_on=False, markersize=6, **letter)
        handles[mark.words] = Patch(color=colour, **_TINT), Line2D([], [], markersize=6, **letter)
    return handles


def _free_row(rows: list[list[float]], middles: Sequence[float], apart: float) -> int:
    """The lowest row where no letter is closer than that to those of another mark; now these stand there."""
    for place, row in enumerate(rows):
        if all(abs(one - other) > apart for one in middles for other in row):
            row += middles
            return place
    rows.append(list(middles))
    return len(rows) - 1


def draw_signs(ax: Axes, found: Profile, series: Series, colour: str) -> Handles:
    """On the middle of each value that has a mark."""
    handles: Handles = {}
    values, moment, half = series.values(), found.data.moment, 30 * found.minutes
    for mark, sign in SIGNS.items():
        flag = int(mark.flags)
        at = [
            (number(moment(end - half)), float(value))
            for end, value, flags in zip(found.data.ends, values, series.flags, strict=True)
            if flags & flag and value is not None
        ]
        if at:
            look: dict[str, Any] = {
                "marker": sign,
                "markersize": 5,
                "markeredgecolor": "black",
                "linestyle": "none",
                "clip_on": False,
            }
            fill = "white" if mark is marks.REPEATED else colour
            ax.plot(*zip(*at, strict=True), markerfacecolor=fill, zorder=3, **look)
            handles[mark.words] = Line2D([], [], markerfacecolor="white" if mark is marks.REPEATED else "grey", **look)
    return handles


def draw_gaps(ax: Axes, found: Profile, part: Sequence[Series]) -> Handles:
    """A hatched strip along the foot of the picture."""
    handles: Handles = {}
    for mark, spans in marks.together(marks.gaps(found, series) for series in part).items():
        look = {**_GAP, "hatch": HATCHES[mark]}
        for start, end in spans:
            ax.axvspan(number(start), number(end), ymax=_GAP_HEIGHT, **look)
        handles[mark.words] = Patch(**look)
    return handles
