"""The registers of a meter: totals, demands with their times, coincident values, by tier, now and in snapshots.

Table 23 has the current ones, 24 to 26 those that were put aside, 28 the values of the moment; 21, 22 and 27 say what
stands in them, 12 to 16 what it means. Values come in the order of the tables.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import time, tzinfo
from typing import Any

from c1219_tables.context import MeterTables
from c1219_tables.readings.clocks.clock import MeterZone, Moment, meter_zone
from c1219_tables.readings.intervals.number_columns import Raw
from c1219_tables.readings.notes import Note, unique
from c1219_tables.readings.origin import Origin, Step
from c1219_tables.readings.register_value import Kind, RegisterValue, Snapshot, Taken
from c1219_tables.readings.self_reads import self_reads
from c1219_tables.readings.values.quantity import Quantity
from c1219_tables.readings.values.scaling import exact
from c1219_tables.readings.values.sources import UNUSED, Source, Sources
from c1219_tables.rules import Rules
from c1219_tables.table import DecodedTable

SNAPSHOTS = {
    Taken.PREVIOUS_SEASON: (24, "previous_season_register_data"),
    Taken.PREVIOUS_DEMAND_RESET: (25, "previous_demand_reset_data"),
}
TABLES = (0, 11, 12, 13, 14, 15, 16, 21, 22, 23, 24, 25, 26, 27, 28, 51, 52, 53, 54)
"""What registers are made of, as far as the meter has them; 23 to 28 are the registers, each is read for itself."""


def registers(tables: MeterTables, *, tz: tzinfo | None = None, rules: Rules | None = None) -> list[RegisterValue]:
    """All registers that the tables hold: those of 23 to 26 and 28 that were read, but for slots that are not used.

    tz: where the meter is, for times, instead of what tables 53 and 54 say. rules: how this make is read; by default as
    the dialect of the tables says.
    """
    rules = rules or Rules.of(tables.dialect)
    reader = _Reader(tables, meter_zone(tables, tz=tz, rules=rules), Sources(tables, rules))
    return [*reader.current(), *reader.snapshots(), *reader.self_reads(), *reader.present()]


class _Reader:
    """One reading of one meter's registers."""

    def __init__(self, tables: Mapping[int, DecodedTable], zone: MeterZone, sources: Sources) -> None:
        self._tables = tables
        self._zone = zone
        self._sources = sources

    def current(self) -> Iterator[RegisterValue]:
        if 23 in self._tables:
            yield from self._registers(self._tables[23], "", self._tables[23], Snapshot(Taken.CURRENT))

    def snapshots(self) -> Iterator[RegisterValue]:
        for taken, (number, name) in SNAPSHOTS.items():
            if number not in self._tables:
                continue
            decoded = self._tables[number]
            info = decoded["register_info"]
            if _was_taken(info["end_date_time"], decoded[name]):
                yield from self._registers(decoded, f"{name}.", decoded[name], self._snapshot(taken, info))

    def self_reads(self) -> Iterator[RegisterValue]:
        if 26 not in self._tables:
            return
        decoded = self._tables[26]
        for entry in self_reads(decoded):
            stored = decoded["self_read_entries"][entry.element]
            snapshot = self._snapshot(Taken.SELF_READ, stored["register_info"])
            snapshot = replace(snapshot, number=entry.number, notes=(*snapshot.notes, *entry.notes))
            path = f"self_read_entries[{entry.element}].self_read_register_data"
            yield from self._registers(decoded, f"{path}.", stored["self_read_register_data"], snapshot)

    def present(self) -> Iterator[RegisterValue]:
        if 28 not in self._tables:
            return
        decoded, snapshot = self._tables[28], Snapshot(Taken.PRESENT)
        for place, record in enumerate(decoded["present_demand"]):
            left = record["time_remaining"].value if record["time_remaining"] is not None else None
            yield from self._value(
                decoded, f"present_demand[{place}].demand_value", record["demand_value"], Kind.PRESENT_DEMAND, snapshot,
                select=(27, "present_demand_select", place), left=left if isinstance(left, time) else None,
            )  # fmt: skip
        for place, raw in enumerate(decoded["present_value"]):
            yield from self._value(
                decoded, f"present_value[{place}]", raw, Kind.PRESENT_VALUE, snapshot,
                select=(27, "present_value_select", place),
            )  # fmt: skip

    def _snapshot(self, taken: Taken, info: Mapping[str, Any]) -> Snapshot:
        at = self._zone.of(info["end_date_time"])
        return Snapshot(taken, at, info["season"], notes=self._time_notes(at))

    def _time_notes(self, at: Moment | None) -> tuple[Note, ...]:
        """What was assumed to have a time in UTC."""
        return () if at is None else (*self._zone.notes, *at.notes)

    def _registers(self, decoded: DecodedTable, path: str, data: Any, snapshot: Snapshot) -> Iterator[RegisterValue]:
        """A REGISTER_DATA_RCD: the total block, and that of each tier."""
        snapshot = replace(snapshot, resets=data["nbr_demand_resets"])
        yield from self._block(decoded, f"{path}tot_data_block", data["tot_data_block"], snapshot, None)
        for tier, block in enumerate(data["tier_data_block"]):
            yield from self._block(decoded, f"{path}tier_data_block[{tier}]", block, snapshot, tier)

    def _block(
        self, decoded: DecodedTable, path: str, block: Any, snapshot: Snapshot, tier: int | None
    ) -> Iterator[RegisterValue]:
        for place, raw in enumerate(block["summations"]):
            yield from self._value(
                decoded, f"{path}.summations[{place}]", raw, Kind.SUMMATION, snapshot, tier,
                select=(22, "summation_select", place),
            )  # fmt: skip
        times = [self._times(demand) for demand in block["demands"]]
        for place, demand in enumerate(block["demands"]):
            yield from self._demand(decoded, f"{path}.demands[{place}]", place, demand, times[place], snapshot, tier)
        for place, coincident in enumerate(block["coincidents"]):
            goes_with = self._goes_with(place, times)
            for occurrence, raw in enumerate(coincident["coincident_values"]):
                quantity, at = goes_with[0], goes_with[1][occurrence : occurrence + 1]
                yield from self._value(
                    decoded, f"{path}.coincidents[{place}].coincident_values[{occurrence}]", raw, Kind.COINCIDENT,
                    snapshot, tier, select=(22, "coincident_select", place), occurrence=occurrence,
                    with_demand=quantity, at=at[0] if at else None,
                )  # fmt: skip

    def _demand(
        self, decoded: DecodedTable, path: str, place: int, demand: Any, times: list[Moment | None],
        snapshot: Snapshot, tier: int | None,
    ) -> Iterator[RegisterValue]:  # fmt: skip
        """A DEMANDS_RCD: each occurrence, then the cumulative ones."""
        select = 22, "demand_select", place
        extreme = ""
        if 22 in self._tables:
            extreme = "maximum" if place in self._tables[22]["min_or_max_flags"] else "minimum"
        for occurrence, raw in enumerate(demand["demand"]):
            yield from self._value(
                decoded, f"{path}.demand[{occurrence}]", raw, Kind.DEMAND, snapshot, tier, select=select,
                occurrence=occurrence, extreme=extreme, at=times[occurrence] if times else None,
            )  # fmt: skip
        for name, kind in (("cum_demand", Kind.CUMULATIVE), ("cont_cum_demand", Kind.CONTINUOUS_CUMULATIVE)):
            if self._has(name):
                yield from self._value(
                    decoded, f"{path}.{name}", demand[name], kind, snapshot, tier, select=select, extreme=extreme
                )

    def _has(self, name: str) -> bool:
        """Whether demands carry this element, which may hold no number all the same."""
        return bool(self._tables[21]["reg_func1_flags"][f"{name}_flag"])

    def _times(self, demand: Any) -> list[Moment | None]:
        return [self._zone.of(at) for at in demand["event_time"] or []]

    def _goes_with(self, place: int, times: list[list[Moment | None]]) -> tuple[Quantity | None, list[Moment | None]]:
        """The demand that a coincident value goes with, and its times."""
        selection = self._tables.get(22)
        demand = selection["coin_demand_assoc"][place] if selection is not None else len(times)
        if selection is None or demand >= len(times):
            return None, []
        return self._sources[selection["demand_select"][demand]].quantity, times[demand]

    def _value(
        self, decoded: DecodedTable, path: str, raw: Raw, kind: Kind, snapshot: Snapshot, tier: int | None = None, *,
        select: tuple[int, str, int], at: Moment | None = None, **more: Any,
    ) -> Iterator[RegisterValue]:  # fmt: skip
        """The value, if its slot is used. select: table, array and place that name its source."""
        table, array, place = select
        origin = Origin.of(decoded, path)
        if table not in self._tables:
            note = Note("selection-not-read", f"table {table}, which says what this is, was not read")
            unknown = Quantity(f"{array} {place}", None, f"{array} {place}", "")
            yield RegisterValue(
                unknown, kind, snapshot, tier, None, "", raw, None, origin, notes=(note,), at=at, **more
            )
            return
        number = self._tables[table][array][place]
        if number == UNUSED:
            return
        source = self._sources[number]
        scaling = source.scaling
        notes = [*snapshot.notes, *self._time_notes(at), *scaling.notes]
        if exact(raw) is None:
            notes.append(Note("no-number", "the octets hold no number"))
        chosen = Step(f"source {number}, {source.quantity}", Origin.of(self._tables[table], f"{array}[{place}]"))
        yield RegisterValue(
            source.quantity, kind, snapshot, tier, scaling.value(raw), scaling.unit, raw, number, origin,
            (chosen, *scaling.steps), unique(notes), interval=_interval(source, kind), at=at, **more,
        )  # fmt: skip


def _interval(source: Source, kind: Kind) -> int | None:
    return None if kind in (Kind.SUMMATION, Kind.PRESENT_VALUE) else source.interval


def _was_taken(end: Any, data: Mapping[str, Any]) -> bool:
    """Whether a snapshot was ever made: before, it has no time, and nothing in it."""
    return end is None or end.value is not None or _holds_something(data)


def _holds_something(data: Any) -> bool:
    if isinstance(data, Mapping):
        return any(_holds_something(inner) for name, inner in data.items() if name != "event_time")
    if isinstance(data, list):
        return any(map(_holds_something, data))
    return bool(data)
