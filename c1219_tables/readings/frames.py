"""Profiles for pandas, polars and Arrow: the caller hands in the library, so that this package needs none of them.

    >>> import pandas                                           # doctest: +SKIP
    >>> profile(tables).to_pandas(pandas)                       # doctest: +SKIP

One row for each interval and channel: channel, quantity, unit, start, end, value, raw, quality. Values are decimals,
times have UTC as their zone (none where no zone is known), quality is the words with a blank between them.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from c1219_tables.readings.quality import Quality

if TYPE_CHECKING:
    from c1219_tables.readings.profile import Profile

COLUMNS = ("channel", "quantity", "unit", "start", "end", "value", "raw", "quality")


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
    """A Table; values are decimal128 with as many digits as they need, raw too where it is no whole number."""
    found = columns(profile)
    times = pyarrow.timestamp("s", "UTC" if profile.is_utc else None)
    types = {
        "channel": pyarrow.uint16(),
        "quantity": pyarrow.string(),
        "unit": pyarrow.string(),
        "start": times,
        "end": times,
        "value": _decimals(found["value"], pyarrow),
        "quality": pyarrow.string(),
    }
    arrays = {name: pyarrow.array(values, types.get(name)) for name, values in found.items()}
    return pyarrow.table(arrays)


def to_polars(profile: "Profile", polars: Any) -> Any:
    """A DataFrame, with decimals."""
    found = columns(profile)
    times = polars.Datetime("ms", "UTC" if profile.is_utc else None)
    scale = _digits(found["value"])[1]
    return polars.DataFrame(
        found,
        schema_overrides={"start": times, "end": times, "value": polars.Decimal(38, scale)},
        strict=False,
    )


def _decimals(values: Sequence[Decimal | None], pyarrow: Any) -> Any:
    whole, scale = _digits(values)
    precision = max(1, whole + scale)
    return pyarrow.decimal128(precision, scale) if precision <= 38 else pyarrow.decimal256(min(precision, 76), scale)


def _digits(values: Sequence[Decimal | None]) -> tuple[int, int]:
    """The most digits before the point, and behind it, of all values."""
    whole = scale = 0
    for value in values:
        if value is not None:
            exponent = int(value.as_tuple().exponent)
            whole, scale = max(whole, value.adjusted() + 1), max(scale, -exponent)
    return whole, scale
