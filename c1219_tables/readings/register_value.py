"""One value of a register, with all that is known of it."""

from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from enum import StrEnum

from c1219_tables.readings.clocks.clock import Moment
from c1219_tables.readings.intervals.number_columns import Raw
from c1219_tables.readings.notes import Note
from c1219_tables.readings.origin import Origin, Step
from c1219_tables.readings.values.quantity import Quantity


class Kind(StrEnum):
    """What kind of register it is."""

    SUMMATION = "summation"
    DEMAND = "demand"
    CUMULATIVE = "cumulative demand"
    CONTINUOUS_CUMULATIVE = "continuous cumulative demand"
    COINCIDENT = "coincident"
    PRESENT_DEMAND = "present demand"
    PRESENT_VALUE = "present value"


class Taken(StrEnum):
    """When the registers were stored, which tells the table they are in."""

    CURRENT = "current"
    PREVIOUS_SEASON = "previous season"
    PREVIOUS_DEMAND_RESET = "previous demand reset"
    SELF_READ = "self read"
    PRESENT = "present"


SNAPSHOT_TABLES = dict(zip(Taken, (23, 24, 25, 26, 28), strict=True))
"""Which table holds which registers."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One set of registers.

    taken: which. at: when it was stored; None for the current ones, and where that is not known. season: of it, None
    where the meter does not say. resets: count of demand resets (0 to 255, it goes round). number: sequence number of a
    self read, where they have one.
    """

    taken: Taken
    at: Moment | None = None
    season: int | None = None
    resets: int | None = None
    number: int | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisterValue:
    """One value.

    quantity: what of. kind, snapshot: which register. tier: its number, None for the total of all.
    value: in `unit`, exact; None where it cannot be told, as notes say. raw: as the table has it.
    source: number in table 16, None where no table says which. occurrence: of a demand, 0 is the first.
    extreme: maximum or minimum for demands, "" for others. at: time of the peak, None where it is not set or not kept.
    interval: minutes over which a demand is averaged, None where table 13 does not say.
    with_demand: the quantity with whose demand a coincident value goes. left: time until the demand interval ends.
    origin: its octets. steps: how the value comes from raw. notes: what was assumed.
    """

    quantity: Quantity
    kind: Kind
    snapshot: Snapshot
    tier: int | None
    value: Decimal | None
    unit: str
    raw: Raw
    source: int | None
    origin: Origin
    steps: tuple[Step, ...] = ()
    notes: tuple[Note, ...] = ()
    occurrence: int = 0
    extreme: str = ""
    at: Moment | None = None
    interval: int | None = None
    with_demand: Quantity | None = None
    left: time | None = None

    @property
    def name(self) -> str:
        """What it is called among the registers of its snapshot: `active energy delivered, tier 1`."""
        kind = {Kind.SUMMATION: "", Kind.PRESENT_VALUE: "", Kind.DEMAND: f"{self.extreme} demand"}.get(
            self.kind, self.kind
        )
        parts = [" ".join([self.quantity.name, *kind.split()])]
        if self.with_demand is not None:
            parts.append(f"at the demand of {self.with_demand.name}")
        if self.tier is not None:
            parts.append(f"tier {self.tier}")
        if self.occurrence:
            parts.append(f"occurrence {self.occurrence + 1}")
        return ", ".join(parts)

    def why(self) -> list[str]:
        """Where the value comes from, a line for each step, and what was assumed."""
        lines = [f"{self.origin} -> {self.raw} raw", *map(str, self.steps)]
        result = "cannot be told" if self.value is None else f"{self.value:f} {self.unit}".strip()
        return [*lines, f"= {result}", *(f"note: {note}" for note in self.notes)]
