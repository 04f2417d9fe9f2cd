"""Profiles for pandas, polars and Arrow: the caller hands in the library, so that this package needs none of them.

    >>> import pandas                                           # doctest: +SKIP
    >>> profile(tables).to_pandas(pandas)                       # doctest: +SKIP

One row for each interval and channel: channel, quantity, unit, start, end, value, raw, quality. Values are decimals,
times have UTC as their zone (none where no zone is known), quality is the words with a blank between them.
"""

from collections.abc import Sequence
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from c1219_tables.numbers import Integer, NiFormat
from c1219_tables.readings.quality import Quality

if TYPE_CHECKING:
    from c1219_tables.readings.profile import Profile, Series

COLUMNS = ("channel", "quantity", "unit", "start", "end", "value", "raw", "quality")

DIGITS = 38
"""Of a decimal in Arrow and polars."""
SCALE, MOST_SCALE = 18, 28
"""Decimals where nothing tells how many values may have, and the most that leave room before the point."""

_WIDE = Context(prec=2 * DIGITS)


def columns(profile: "Profile") -> dict[str, list[Any]]:
    """The rows as columns of plain values, channel by channel; the columns are those of COLUMNS."""
    found: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    length = 60 * profile.minutes
    ends = [profile.data.moment(end) for end in profile.data.ends]
    starts = [profile.data.moment(end - length) for end in profile.data.ends]
    words = {flags: " ".join(Quality(flags).words) for flags in {flag for one in profile for flag in one.flags}}
    for series in profile:
        count = len(series)
        found["channel"] += [series.channel] * count
        found["quantity"] += [series.quantity.name] * count
        found["unit"] += [series.unit] * count
        found["start"] += starts
        found["end"] += ends
        found["value"] += series.values()
        found["raw"] += series.raw
        found["quality"] += [words[flags] for flags in series.flags]
    return found


def to_pandas(profile: "Profile", pandas: Any) -> Any:
    """A DataFrame; values are objects of Decimal, so that nothing is rounded."""
    found = columns(profile)
    for name in ("start", "end"):
        found[name] = pandas.to_datetime(found[name], utc=profile.is_utc or None)
    return pandas.DataFrame(found)


def to_arrow(profile: "Profile", pyarrow: Any) -> Any:
    """A Table; its types are the same whatever the values are: decimal128 by how they are scaled, raw as text."""
    found = columns(profile)
    scale = scale_of(profile)
    times = pyarrow.timestamp("s", "UTC" if profile.is_utc else None)
    types = {
        "channel": pyarrow.uint16(),
        "quantity": pyarrow.string(),
        "unit": pyarrow.string(),
        "start": times,
        "end": times,
        "value": pyarrow.decimal128(DIGITS, scale),
        "raw": pyarrow.string(),
        "quality": pyarrow.string(),
    }
    found["value"] = fitted(found["value"], scale)
    found["raw"] = [None if raw is None else str(raw) for raw in found["raw"]]
    arrays = {name: pyarrow.array(values, types[name]) for name, values in found.items()}
    return pyarrow.table(arrays)


def to_polars(profile: "Profile", polars: Any) -> Any:
    """A DataFrame, with decimals."""
    found = columns(profile)
    times = polars.Datetime("ms", "UTC" if profile.is_utc else None)
    scale = scale_of(profile)
    found["value"] = fitted(found["value"], scale)
    return polars.DataFrame(
        found,
        schema_overrides={"start": times, "end": times, "value": polars.Decimal(DIGITS, scale)},
        strict=False,
    )


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


def fitted(values: Sequence[Decimal | None], scale: int) -> list[Decimal | None]:
    """Values for a column of DIGITS digits, `scale` of them decimals: what has more is rounded, what is larger None."""
    return [None if value is None else _fitted(value, scale) for value in values]


def _fitted(value: Decimal, scale: int) -> Decimal | None:
    if value and value.adjusted() >= DIGITS - scale:
        return None
    if -int(value.as_tuple().exponent) <= scale:
        return value
    found = value.quantize(Decimal((0, (1,), -scale)), context=_WIDE)
    return found if found.adjusted() < DIGITS - scale else None
