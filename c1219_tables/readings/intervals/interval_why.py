"""Why an interval is what it is: the octets that its value, its quality and its time come from."""

from bisect import bisect_right
from typing import TYPE_CHECKING

from c1219_tables.readings.intervals.interval_data import IntervalData
from c1219_tables.readings.intervals.quality import NO_VALUE, Quality, status_octet
from c1219_tables.readings.origin import Origin, Step

if TYPE_CHECKING:
    from c1219_tables.readings.intervals.series import Series

_EXTENDED, _OF_INTERVAL = "extended_int_status", "lp_int[0]."


def why(series: "Series", row: int) -> list[str]:
    """All of it, a line for each step: value, scaling, quality, time. row: 0 <= row < len(series)."""
    data, channel = series.data, series.channel - 1
    return [
        stored(series, row),
        *map(str, series.scaling.steps),
        f"= {_result(series, row)}",
        *(f"quality: {origin}" for origin in quality_origins(data, row, channel)),
        f"time: {time_step(data, row)}",
    ]


def stored(series: "Series", row: int) -> str:
    """`ST-64 blocks[0].lp_int[1].int_data[0] @9+2 = 10 27 -> 10000 raw`."""
    raw = series.raw[row]
    return f"{series.origin(row)} -> {'no number' if raw is None else f'{raw} raw'}"


def _result(series: "Series", row: int) -> str:
    if series.flags[row] & NO_VALUE:
        return "nothing was measured"
    value = series.value(row)
    return "cannot be told" if value is None else f"{value:f} {series.unit}".strip()


def quality_origins(data: IntervalData, row: int, channel: int) -> tuple[Origin, ...]:
    """The octets of status that say how good a value is; none where the meter keeps none.

    channel: counted from 0. The common flags of the extended status and the octet of the channel; the simple status of
    the block where that does not count the interval.
    """
    own = status_octet(channel)
    names = [f"{_OF_INTERVAL}{_EXTENDED}.{part}" for part in ("common", *[f"channels[{own - 1}]"] * bool(own))]
    if data.flags[channel][row] & Quality.NOT_VALID:
        names.append("simple_int_status")
    return tuple(_origin(data, row, name) for name in names if name in data.layout.places)


def time_step(data: IntervalData, row: int) -> Step:
    """The end time of the block that an interval is in, and where in the block the interval stands."""
    number = data.numbers[row]
    place = bisect_right(data.first_of, number) - 1
    block = data.blocks[place]
    behind = data.first_of[place] + block.intervals - 1 - number
    before = f"{behind} interval{'' if behind == 1 else 's'} before" if behind else "at"
    others = "" if block.shown is not None else ", which has no time: its neighbours' serve"
    return Step(f"{before} the end of its block{others}", _origin(data, row, "blk_end_time"))


def _origin(data: IntervalData, row: int, name: str) -> Origin:
    """An element of an interval's block, or of the interval. name: that of the first interval, as in the layout."""
    layout = data.layout
    block, index = data.block_of(row)
    span = layout.places[name].span
    at = span.start
    if name.startswith(_OF_INTERVAL):
        at += index * layout.stride
        name = name.replace("[0]", f"[{index}]", 1)
    end = at + span.end - span.start
    assert block.octets is not None
    return Origin(layout.table, f"blocks[{block.place}].{name}", block.place * layout.octets + at, block.octets[at:end])
