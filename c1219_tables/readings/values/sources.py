"""The sources of a meter: for each, its entries in tables 12 to 15, and what they make of its values.

Table 16 lists the sources. A flag of a source says that it has an entry in table 12 (13, 14, 15), and the entries
stand in the order of the sources that have one (NI). Ways of real meters are allowed for: a table 12 that has as many
entries as there are sources has one for each (HX's meter), and a single entry of table 15 is for all (HX's meter).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from c1219_tables.codes import units
from c1219_tables.readings.notes import Note
from c1219_tables.readings.origin import Origin, Step
from c1219_tables.readings.values.constants import PULSES, with_constants
from c1219_tables.readings.values.quantity import Quantity
from c1219_tables.readings.values.scaling import Scaling, ten_to
from c1219_tables.rules import Rules
from c1219_tables.table import DecodedTable

UNUSED = 255
"""A source number that means none: a slot that is not used. Sources: JC's meter, HX."""

_FLAGS = {12: "uom_entry_flag", 13: "demand_ctrl_flag", 14: "data_ctrl_flag", 15: "constants_flag"}
_ARRAYS = {12: "uom_entry", 13: "interval_value", 14: "source_id", 15: "constants"}


@dataclass(frozen=True, slots=True)
class Source:
    """One source.

    number: its place in table 16. quantity: by table 12. scaling: of its values. interval: length of its demand
    interval in minutes, None where table 13 does not say.
    """

    number: int
    quantity: Quantity
    scaling: Scaling
    interval: int | None = None


class Sources:
    """The sources of one meter by its tables 0 and 12 to 16, as far as they were read.

    rules: where sources of facts disagree, see Rules.
    """

    def __init__(self, tables: Mapping[int, DecodedTable], rules: Rules | None = None) -> None:
        self._tables = tables
        self._rules = rules or Rules()
        self._known: dict[int, Source] = {}

    def __getitem__(self, number: int) -> Source:
        """A source by the number that other tables use; any number gives one, the notes say what is not known of it."""
        if number not in self._known:
            self._known[number] = self._made(number)
        return self._known[number]

    def _made(self, number: int) -> Source:
        notes: list[Note] = []
        if 0 in self._tables and self._tables[0]["format_control_1"]["model_select"]:
            notes.append(
                Note("model-select", "MODEL_SELECT of table 0 is not 0: what that does to sources is not public")
            )
        scaling = self._unit(number, notes)
        if (selector := self._entry(14, number, notes)) is not None:
            step = Step("the maker's selector", Origin.of(self._tables[14], selector[0]))
            scaling = replace(scaling, steps=(step, *scaling.steps))
        entry = self._entry(12, number, [])
        interval = _minutes(self._entry(13, number, notes))
        return Source(
            number,
            Quantity.of(entry[1]) if entry is not None else Quantity.unknown(number),
            scaling.noted(*notes),
            interval,
        )

    def _unit(self, number: int, notes: list[Note]) -> Scaling:
        """Constants of table 15, then the power of ten of table 12."""
        found = self._entry(12, number, notes)
        if found is None:
            return Scaling("").impossible(Note("unit-unknown", f"no entry of table 12 for source {number}: no unit"))
        place, entry = found
        constants = self._entry(15, number, notes)
        scaling = with_constants(
            Scaling(units.measured(entry)[1]),
            entry["id_code"],
            self._link(number),
            None if constants is None else (self._tables[15], *constants),
            self._rules,
        )
        if scaling.unit == PULSES:
            return scaling
        power = entry["multiplier"] if self._rules.multiplier_is_power else units.MULTIPLIERS[entry["multiplier"]]
        if self._rules.multiplier_is_power and power:
            notes.append(Note("multiplier-power", "MULTIPLIER is taken as the power of ten itself, not as its code"))
        if entry["nfs"]:
            notes.append(Note("not-standard-unit", "table 12 says that the unit does not follow the standard (NFS)"))
        if entry["id_resource"]:
            notes.append(Note("id-resource", "ID_RESOURCE is not public: the quantity may be another"))
        step = Step(f"x multiplier 10^{power}", Origin.of(self._tables[12], f"{place}.multiplier"))
        return scaling.times(ten_to(power), step)

    def _link(self, number: int) -> Mapping[str, Any] | None:
        """What table 16 says of a source."""
        links = self._tables[16]["sources_link"] if 16 in self._tables else []
        return links[number] if number < len(links) else None

    def _entry(self, table: int, number: int, notes: list[Note]) -> tuple[str, Any] | None:
        """Path and value of the entry of table 12, 13, 14 or 15 that is a source's; None where it has none."""
        decoded = self._tables.get(table)
        if decoded is None or not isinstance(decoded[_ARRAYS[table]], list):
            return None
        entries = decoded[_ARRAYS[table]]
        place = self._place(table, number, len(entries), notes)
        return None if place is None else (f"{_ARRAYS[table]}[{place}]", entries[place])

    def _place(self, table: int, number: int, count: int, notes: list[Note]) -> int | None:
        links = self._tables.get(16)
        if links is None:
            if number < count:
                notes.append(
                    Note("sources-not-read", f"table 16 was not read: entry {number} of table {table} is taken")
                )
            return number if number < count else None
        links = links["sources_link"]
        flags = [bool(link[_FLAGS[table]]) for link in links]
        counted = sum(flags[:number]) if number < len(flags) and flags[number] else None
        if table == 12 and (self._rules.uom_one_to_one or count == len(flags)):
            if counted != number < count:
                text = "table 12 has an entry for each source, whatever the flags of table 16 say"
                notes.append(Note("entry-for-each-source", text))
            return number if number < count else None
        if table == 15 and counted is not None and counted >= count == 1:
            notes.append(Note("one-entry-for-all", "table 15 has one entry for all sources"))
            return 0
        if counted is not None and counted >= count:
            notes.append(
                Note("entry-missing", f"table {table} has no entry {counted}, which source {number} would have")
            )
            return None
        return counted


def _minutes(control: tuple[str, Any] | None) -> int | None:
    """Demand interval of an entry of table 13, in minutes; of a sliding demand, all of its sub-intervals."""
    if control is None:
        return None
    entry = control[1]
    length: int | None = entry["int_length"]
    if length is None:
        length = entry["sub_int"] * entry["int_multiplier"]
    return length
