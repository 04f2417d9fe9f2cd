"""Profiles for pandas, polars and Arrow: the caller hands in the library, so that this package needs none of them.

    >>> import pandas                                           # doctest: +SKIP
    >>> profile(tables).to_pandas(pandas)                       # doctest: +SKIP

One row for each interval and channel. Values are decimals, times have UTC as their zone (none where no zone is known),
quality is the words with a blank between them. COLUMNS says which columns there are; all forms are made from it.
"""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from c1219_tables.numbers import Integer, NiFormat
from c1219_tables.readings.intervals.quality import Quality
from c1219_tables.readings.notes import Note
from c1219_tables.readings.values.column_kinds import SCALE, Kind, arrow_table, polars_frame

if TYPE_CHECKING:
    from c1219_tables.readings.profile import Profile, Series

OF_CHANNEL: Mapping[str, Kind] = {"channel": "whole", "quantity": "text", "unit": "text"}
"""The same in all rows of a channel."""
TIMES: Mapping[str, Kind] = {"start": "time", "end": "time"}
"""The same for all channels."""
VALUES: Mapping[str, Kind] = {"value": "decimal", "raw": "stored", "quality": "text"}
COLUMNS: Mapping[str, Kind] = {**OF_CHANNEL, **TIMES, **VALUES}

MOST_SCALE = 28
"""The most decimals that leave room before the point."""

_TOLD_BY = ("channel", "start")


def columns(profile: "Profile") -> dict[str, list[Any]]:
    """The rows as columns of plain values, channel by channel; the columns are those of COLUMNS."""
    found: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    times = times_of(profile)
    for series in profile:
        for name, same in of_channel(series).items():
            found[name] += [same] * len(series)
        for name, column in {**times, **values_of(series)}.items():
            found[name] += column
    return found


def of_channel(series: "Series") -> dict[str, Any]:
    """What OF_CHANNEL names."""
    return dict(zip(OF_CHANNEL, (series.channel, series.quantity.name, series.unit), strict=True))


def times_of(profile: "Profile") -> dict[str, list[datetime]]:
    """The columns of TIMES, one entry for each interval."""
    length, moment = 60 * profile.minutes, profile.data.moment
    starts, ends = ([moment(end - back) for end in profile.data.ends] for back in (length, 0))
    return dict(zip(TIMES, (starts, ends), strict=True))


def values_of(series: "Series") -> dict[str, Sequence[Any]]:
    """The columns of VALUES, one entry for each interval."""
    words = {flags: " ".join(Quality(flags).words) for flags in set(series.flags)}
    return dict(zip(VALUES, (series.values(), series.raw, [words[flags] for flags in series.flags]), strict=True))


def to_pandas(profile: "Profile", pandas: Any) -> Any:
    """A DataFrame; values are objects of Decimal, so that nothing is rounded."""
    found = columns(profile)
    for name in TIMES:
        found[name] = pandas.to_datetime(found[name], utc=profile.is_utc or None)
    return pandas.DataFrame(found)


def to_arrow(profile: "Profile", pyarrow: Any) -> Any:
    """A Table; values are decimal128 by how they are scaled, raw is text.

    Warns where values are rounded, raises LayoutError for one that is too large, see column_kinds.py.
    """
    return _warned(arrow_table(COLUMNS, columns(profile), pyarrow, **_options(profile)))


def to_polars(profile: "Profile", polars: Any) -> Any:
    """A DataFrame, with decimals as those of `to_arrow`, raw as text. Warns and raises as that does."""
    return _warned(polars_frame(COLUMNS, columns(profile), polars, **_options(profile)))


def _options(profile: "Profile") -> dict[str, Any]:
    return {"told_by": _TOLD_BY, "scale": scale_of(profile), "zone": "UTC" if profile.is_utc else None}


def _warned(made: tuple[Any, Iterable[Note]]) -> Any:
    """What was made; its notes are warnings, for whoever called the profile's method."""
    frame, notes = made
    for note in notes:
        warnings.warn(str(note), stacklevel=4)
    return frame


def scale_of(profile: "Profile") -> int:
    """Decimals of a column with the values of all channels: by how they are stored and scaled, whatever they are."""
    return max((_scale(profile, series) for series in profile), default=0)


def _scale(profile: "Profile", series: "Series") -> int:
    layout = profile.data.layout
    kind = layout.kind(series.channel - 1)
    if isinstance(kind, NiFormat):
        kind = kind.of(layout.formats)
    decimals = series.scaling.decimals
    return min(decimals, MOST_SCALE) if isinstance(kind, Integer) and decimals is not None else SCALE
