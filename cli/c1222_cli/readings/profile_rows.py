"""Interval data as rows: long (a row an interval and channel), or wide (a row an interval, columns a channel)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from c1219_tables.readings.frames import scale_of
from c1219_tables.readings.profile import Profile, Series
from c1219_tables.readings.quality import Quality
from c1222_cli.readings.forms import Sheet
from c1222_cli.readings.said import note_records

_LONG: Any = (
    ("channel", "whole"), ("quantity", "text"), ("unit", "text"), ("start", "time"), ("end", "time"),
    ("start_local", "text"), ("end_local", "text"), ("value", "decimal"), ("raw", "text"), ("quality", "text"),
)  # fmt: skip


def long_sheet(head: dict[str, Any], found: Profile, chosen: Sequence[Series]) -> Sheet:
    """Channel by channel."""
    rows = [row for series in chosen for row in _long(found, series)]
    return _sheet(_LONG, rows, head, found, chosen)


def _long(found: Profile, series: Series) -> list[tuple[Any, ...]]:
    times, words = _times(found), Words()
    name, unit = series.quantity.name, series.unit
    return [
        (series.channel, name, unit, *time, value, None if raw is None else str(raw), words[flags])
        for time, value, raw, flags in zip(times, series.values(), series.raw, series.flags, strict=True)
    ]


def wide_sheet(head: dict[str, Any], found: Profile, chosen: Sequence[Series]) -> Sheet:
    """Names of columns are `ch1_active_energy_delivered_wh`, `ch1_raw`, `ch1_quality`."""
    columns: Any = [("start", "time"), ("end", "time"), ("start_local", "text"), ("end_local", "text")]
    words = Words()
    parts: list[Sequence[Any]] = []
    for series in chosen:
        prefix = f"ch{series.channel}"
        value = "_".join(part for part in (prefix, series.quantity.key, series.unit.lower()) if part)
        columns += [(value, "decimal"), (f"{prefix}_raw", "text"), (f"{prefix}_quality", "text")]
        parts += [
            series.values(),
            [None if raw is None else str(raw) for raw in series.raw],
            [words[flags] for flags in series.flags],
        ]
    rows = [(*time, *values) for time, *values in zip(_times(found), *parts, strict=True)]
    return _sheet(columns, rows, head, found, chosen)


def _sheet(columns: Any, rows: Any, head: dict[str, Any], found: Profile, chosen: Sequence[Series]) -> Sheet:
    notes = [*map(str, found.notes), *(f"channel {one.channel}: {note}" for one in chosen for note in one.notes)]
    record = _head(head, found, chosen)
    return Sheet("intervals", "interval", columns, rows, record, scale=scale_of(found), notes=notes)


def _times(found: Profile) -> list[tuple[datetime | None, datetime | None, str, str]]:
    """Start and end of each interval in UTC, None where no zone is known; then both where the meter is."""
    length = 60 * found.minutes
    times: list[tuple[datetime | None, datetime | None, str, str]] = []
    for end in found.data.ends:
        begin, finish = found.data.moment(end - length), found.data.moment(end)
        utc = (begin, finish) if found.is_utc else (None, None)
        times.append((*utc, local(found, begin).isoformat(), local(found, finish).isoformat()))
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
