"""What a value is of: the quantity that a unit-of-measure entry (table 12) describes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from c1219_tables.codes import units

_PHASES: Mapping[int, str] = {1: "A-B", 2: "B-C", 3: "C-A", 4: "N", 5: "A", 6: "B", 7: "C"}
"""SEGMENTATION -> phase, in short; 0 is all phases or none. Sources: CX FD."""

_PHASE_WORDS = {"": "", "N": "neutral to ground"}
_NEUTRAL = 4
_VOLTS_AND_AMPS = range(8, 24)
"""ID_CODEs of voltage and current, their distortion and their angles."""

_DIRECTIONS = {"delivered minus": "net", "delivered": "delivered", "received": "received", "sum": "sum"}
"""How the words for the quadrants begin -> direction."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is measured.

    name: "active energy delivered", "RMS voltage phase B". measured: the same without direction and phase.
    id_code, time_base: of table 12; None where it has no entry for the source.
    unit: the base unit, W, Wh, V (never kilo); "" for a pure number, or where no source names one.
    phase: A, B, C (to neutral), A-B, B-C, C-A, N (neutral to ground); "" for all or none.
    direction: delivered, received, sum (of all quadrants), net (delivered minus received), or "" (see quadrants).
    quadrants: 1 to 4, those that count. harmonic: a harmonic component. nfs: not by the standard's units.
    """

    name: str
    id_code: int | None
    measured: str
    unit: str
    phase: str = ""
    direction: str = ""
    quadrants: frozenset[int] = frozenset()
    time_base: int | None = None
    harmonic: bool = False
    nfs: bool = False

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "Quantity":
        """What an entry of table 12 describes; any bits give a quantity, never an error."""
        measured, unit = units.measured(entry)
        quadrants = units.quadrants(entry)
        direction, phase = _direction(entry), _phase(entry)
        words = [
            measured,
            direction or "+".join(f"Q{q}" for q in sorted(quadrants)),
            _PHASE_WORDS.get(phase, f"phase {phase}"),
            "harmonic" if entry["harmonic"] else "",
        ]
        return cls(
            name=" ".join(word for word in words if word),
            id_code=entry["id_code"],
            measured=measured,
            unit=unit,
            phase=phase,
            direction=direction,
            quadrants=quadrants,
            time_base=entry["time_base"],
            harmonic=bool(entry["harmonic"]),
            nfs=bool(entry["nfs"]),
        )

    @classmethod
    def unknown(cls, source: int) -> "Quantity":
        """The quantity of a source of which table 12 says nothing."""
        return cls(name=f"source {source}", id_code=None, measured=f"source {source}", unit="")

    @property
    def key(self) -> str:
        """The name as one word, for columns and programs: `active_energy_delivered`."""
        return re.sub(r"[^0-9a-z]+", "_", self.name.lower()).strip("_")

    @property
    def is_total(self) -> bool:
        """A dial reading, which only grows (or is the net of two that do), as energy is."""
        return self.time_base in (units.BULK, units.NET_BULK)

    def __str__(self) -> str:
        return f"{self.name}, {self.unit}" if self.unit else self.name


def _phase(entry: Mapping[str, Any]) -> str:
    """The phase in short; on frequency and reactive energy one maker's meter puts "neutral", and means none (HX)."""
    code = entry["segmentation"]
    return "" if code == _NEUTRAL and entry["id_code"] not in _VOLTS_AND_AMPS else _PHASES.get(code, "")


def _direction(entry: Mapping[str, Any]) -> str:
    """delivered, received, sum (of all quadrants), net (delivered minus received), "" for others."""
    words = units.describe_quadrants(entry)
    return next((short for begin, short in _DIRECTIONS.items() if words.startswith(begin)), "")
