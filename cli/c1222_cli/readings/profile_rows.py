"""Interval data as rows: long (a row an interval and channel), or wide (a row an interval, columns a channel)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from c1219_tables.readings.intervals.frames import OF_CHANNEL, TIMES, VALUES, of_channel, scale_of, times_of, values_of
from c1219_tables.readings.profile import Profile, Series
from c1219_tables.readings.values.column_kinds import Kind
from c1222_cli.readings.forms import Sheet
from c1222_cli.readings.profile_notes import profile_notes
from c1222_cli.readings.said import note_records

_LOCAL: Mapping[str, Kind] = {f"{name}_local": "text" for name in TIMES}


def long_sheet(head: dict[str, Any], found: Profile, chosen: Sequence[Series], *, why: bool = False) -> Sheet:
    """Channel by channel. why: with a column that says where each row comes from."""
    columns = {**OF_CHANNEL, **TIMES, **_LOCAL, **_kinds(why=why)}
    times = list(_times(found).values())
    rows = [row for series in chosen for row in _long(times, series, why=why)]
    return _sheet(columns, rows, ("channel", "start_local"), head, found, chosen)


def _long(times: Sequence[Sequence[Any]], series: Series, *, why: bool) -> Iterator[tuple[Any, ...]]:
    same = ([one] * len(series) for one in of_channel(series).values())
    return zip(*same, *times, *_values(series, why=why).values(), strict=True)


def wide_sheet(head: dict[str, Any], found: Profile, chosen: Sequence[Series], *, why: bool = False) -> Sheet:
    """Names of columns are `ch1_active_energy_delivered_wh`, `ch1_raw`, `ch1_quality`; with why, `ch1_why`."""
    columns: dict[str, Kind] = {**TIMES, **_LOCAL}
    parts: list[Sequence[Any]] = [*_times(found).values()]
    for series in chosen:
        prefix = f"ch{series.channel}"
        value = "_".join(part for part in (prefix, series.quantity.key, series.unit.lower()) if part)
        for name, kind in _kinds(why=why).items():
            columns[value if name == "value" else f"{prefix}_{name}"] = kind
        parts += _values(series, why=why).values()
    return _sheet(columns, list(zip(*parts, strict=True)), ("start_local",), head, found, chosen)


def _kinds(*, why: bool) -> Mapping[str, Kind]:
    """The columns that a channel has of its own."""
    return {**VALUES, "why": "text"} if why else VALUES


def _values(series: Series, *, why: bool) -> dict[str, Sequence[Any]]:
    found = values_of(series)
    found["raw"] = [None if raw is None else str(raw) for raw in found["raw"]]
    if why:
        found["why"] = ["\n".join(series.why(row)) for row in range(len(series))]
    return found


def _sheet(
    columns: Mapping[str, Kind],
    rows: Sequence[tuple[Any, ...]],
    told_by: Sequence[str],
    head: dict[str, Any],
    found: Profile,
    chosen: Sequence[Series],
) -> Sheet:
    notes = profile_notes(found, chosen)
    return Sheet(
        "intervals",
        "interval",
        list(columns.items()),
        rows,
        _head(head, found, chosen),
        scale=scale_of(found),
        notes=notes,
        told_by=told_by,
    )


def _times(found: Profile) -> dict[str, Sequence[Any]]:
    """Start and end of each interval in UTC, None where no zone is known; then both where the meter is."""
    times = times_of(found)
    utc = times if found.is_utc else {name: [None] * len(column) for name, column in times.items()}
    here = {f"{name}_local": [local(found, at).isoformat() for at in column] for name, column in times.items()}
    return {**utc, **here}


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
