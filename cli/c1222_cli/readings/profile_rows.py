"""Interval data as rows: long (a row an interval and channel), or wide (a row an interval, columns a channel)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from c1219_tables.readings.profile import Profile, Series
from c1219_tables.readings.quality import Quality
from c1222_cli.readings.forms import Sheet
from c1222_cli.readings.said import note_records

if TYPE_CHECKING:
    import pyarrow

_LONG: Any = (
    ("channel", "whole"), ("quantity", "text"), ("unit", "text"), ("start", "time"), ("end", "time"),
    ("start_local", "text"), ("value", "decimal"), ("raw", "text"), ("quality", "text"),
)  # fmt: skip


def long_sheet(head: dict[str, Any], found: Profile, chosen: Sequence[Series], *, lazy: bool = False) -> Sheet:
    """Channel by channel. lazy: nobody looks at the rows."""
    rows = [] if lazy else [row for series in chosen for row in _long(found, series)]
    return Sheet("intervals", "interval", _LONG, rows, _head(head, found, chosen))


def _long(found: Profile, series: Series) -> list[tuple[Any, ...]]:
    times, words = _times(found), Words()
    name, unit = series.quantity.name, series.unit
    return [
        (series.channel, name, unit, *time, value, str(raw) if raw is not None else "", words[flags])
        for time, value, raw, flags in zip(times, series.values(), series.raw, series.flags, strict=True)
    ]


def wide_sheet(head: dict[str, Any], found: Profile, chosen: Sequence[Series], *, lazy: bool = False) -> Sheet:
    """Names of columns are `ch1_active_energy_delivered_wh`, `ch1_raw`, `ch1_quality`."""
    columns: Any = [("start", "time"), ("end", "time"), ("start_local", "text")]
    words = Words()
    parts: list[Sequence[Any]] = []
    for series in chosen:
        prefix = f"ch{series.channel}"
        value = "_".join(part for part in (prefix, series.quantity.key, series.unit.lower()) if part)
        columns += [(value, "decimal"), (f"{prefix}_raw", "text"), (f"{prefix}_quality", "text")]
        parts += [series.values(), list(map(str, series.raw)), [words[flags] for flags in series.flags]]
    rows = [(*time, *values) for time, *values in zip(_times(found), *parts, strict=True)]
    return Sheet("intervals", "interval", columns, rows, _head(head, found, chosen))


def arrow(found: Profile, chosen: Sequence[Series]) -> "pyarrow.Table":
    """The long form for Parquet."""
    import pyarrow
    from pyarrow import compute

    table: pyarrow.Table = found.to_arrow(pyarrow)
    if len(chosen) == len(found):
        return table
    return table.filter(compute.is_in(table["channel"], pyarrow.array([one.channel for one in chosen], "uint16")))


def _times(found: Profile) -> list[tuple[datetime, datetime, str]]:
    """Start, end, and start where the meter is, of each interval."""
    length = 60 * found.minutes
    times = []
    for end in found.data.ends:
        start = found.data.moment(end - length)
        times.append((start, found.data.moment(end), local(found, start).isoformat()))
    return times


def local(found: Profile, at: datetime) -> datetime:
    """A time of the profile where the meter is; as it stands where no table tells where that is."""
    if at.tzinfo is None or found.zone.place is None:
        return at
    return found.zone.place.local(at.astimezone(UTC).replace(tzinfo=None))


def _head(head: dict[str, Any], found: Profile, chosen: Sequence[Series]) -> dict[str, Any]:
    return {
        **head,
        "set": found.set,
        "interval_minutes": found.minutes,
        "utc": found.is_utc,
        "clock": found.zone.describe(),
        "channels": [
            {
                "channel": series.channel,
                "quantity": series.quantity.name,
                "unit": series.unit,
                "source": series.source.number,
                "scaling": list(map(str, series.scaling.steps)),
                "notes": note_records(series.notes),
            }
            for series in chosen
        ],
        "notes": note_records(found.notes),
    }


class Words(dict[int, str]):
    """Flags of an interval -> words with blanks between them; few sets of flags come again and again."""

    def __missing__(self, flags: int) -> str:
        self[flags] = " ".join(Quality(flags).words)
        return self[flags]
