"""Units of measure: the codes of a UOM entry (table 12), and an entry in words.

Short source names: docs/sources.md. Most ID codes come from one implementation alone (CX); codes that nobody defines,
or that a meter invents, are named as unknown and never refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from c1219_tables.codes.code import Code


@dataclass(frozen=True, slots=True)
class Quantity:
    """One ID_CODE.

    quantity, unit: what is measured and its symbol; unit is "" for pure numbers and where no source names one.
    bulk_quantity, bulk_unit: the same where TIME_BASE makes it a total, so that the "per hour" of a flow cancels
        (W -> Wh, m3/h -> m3); equal to quantity and unit for what is no flow.
    """

    code: int
    quantity: str
    unit: str
    bulk_quantity: str
    bulk_unit: str
    note: str = ""
    sources: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        return bool(self.sources)

    @property
    def is_flow(self) -> bool:
        """A quantity per time, that adds up to another: power to energy, gas per hour to gas."""
        return self.bulk_quantity != self.quantity or self.bulk_unit != self.unit


BULK, INSTANTANEOUS, PERIOD, SUB_BLOCK, BLOCK, NET_BULK, THERMAL, EVENTS = range(8)

_UNSTATED = "unit not stated by any source"


def _level(code: int, quantity: str, unit: str = "", note: str = "", sources: str = "CX") -> Quantity:
    return Quantity(code, quantity, unit, quantity, unit, note, tuple(sources.split()))


def _flow(code: int, names: tuple[str, str], units: tuple[str, str], note: str = "", sources: str = "CX") -> Quantity:
    return Quantity(code, names[0], units[0], names[1], units[1], note, tuple(sources.split()))


def _per_hour(code: int, quantity: str, unit: str, note: str = "") -> Quantity:
    return _flow(code, (f"{quantity} flow", quantity), (f"{unit}/h", unit), note)


_CORRECTED = "gas corrected to base conditions"
_TO_PRESSURE = "gas corrected to pressure base"
_NO_SUPER = "without supercompressibility"

QUANTITIES: Mapping[int, Quantity] = {
    quantity.code: quantity
    for quantity in (
        _flow(0, ("active power", "active energy"), ("W", "Wh"), "", "CX YK NI FD HX"),
        _flow(1, ("reactive power", "reactive energy"), ("var", "varh"), "", "CX YK NI HX"),
        _flow(2, ("apparent power", "apparent energy"), ("VA", "VAh"), "", "CX YK NI FD HX"),
        _flow(3, ("phasor power", "phasor energy"), ("VA", "VAh"), "square root of W^2 + var^2"),
        _level(4, "Q(60)", "", _UNSTATED),
        _level(5, "Q(45)", "", _UNSTATED),
        _flow(
            6,
            ("reactive power", "reactive energy"),
            ("var", "varh"),
            "square root of VA^2 - W^2; reserved in another source",
            "FD",
        ),
        _level(8, "RMS voltage", "V", "", "CX YK FD HX"),
        _level(9, "average voltage", "V", "mean of the absolute value"),
        _level(10, "RMS voltage squared", "V^2", "", "CX YK"),
        _level(11, "instantaneous voltage", "V", "", "CX YK"),
        _level(12, "RMS current", "A", "", "CX YK FD HX"),
        _level(14, "RMS current squared", "A^2", "", "CX YK"),
        _level(15, "instantaneous current", "A", "", "CX YK"),
        _level(16, "total harmonic distortion of voltage (IEEE)", "", _UNSTATED),
        _level(17, "total harmonic distortion of current (IEEE)", "", _UNSTATED),
        _level(18, "total harmonic distortion of voltage (IC)", "", _UNSTATED),
        _level(19, "total harmonic distortion of current (IC)", "", _UNSTATED),
        _level(20, "voltage phase angle, V to VA", "", _UNSTATED),
        _level(21, "voltage phase angle, Vx to Vy", "", _UNSTATED),
        _level(22, "current phase angle, I to VA", "", _UNSTATED),
        _level(23, "current phase angle, Ix to Iy", "", _UNSTATED),
        _level(24, "power factor", "", "from apparent power, code 2", "CX FD"),
        _level(25, "power factor", "", "from phasor power, code 3"),
        _level(29, "time of day"),
        _level(30, "date"),
        _level(31, "date and time"),
        _level(32, "interval timer", "", _UNSTATED),
        _level(33, "frequency", "Hz", "", "CX FD HX"),
        _level(34, "counter"),
        _level(35, "sense input", "", "true or false"),
        _level(39, "zero-flow time", "min", "reserved in another source", "FD"),
        _level(40, "voltage sag"),
        _level(41, "voltage swell"),
        _level(42, "power outage", "", "", "CX FD"),
        _level(43, "voltage excursion low"),
        _level(44, "voltage excursion high"),
        _level(45, "normal voltage level"),
        _level(46, "voltage unbalance"),
        _level(47, "excess of voltage harmonic distortion"),
        _level(48, "excess of current harmonic distortion"),
        _level(50, "number of power outages", "", "", "CX FD"),
        _level(51, "number of demand resets", "", "", "CX FD"),
        _level(52, "number of times programmed", "", "", "CX FD"),
        _level(53, "time on battery carryover", "min", "", "CX FD"),
        _level(61, "number of watchdog resets", "", "reserved in another source", "FD"),
        _level(62, "number of alarms", "", "reserved in another source", "FD"),
        _per_hour(64, "gas", "m3", "uncorrected"),
        _per_hour(65, _CORRECTED, "m3"),
        _per_hour(66, _TO_PRESSURE, "m3", _NO_SUPER),
        _per_hour(67, "gas", "ft3", "uncorrected"),
        _per_hour(68, _CORRECTED, "ft3"),
        _per_hour(69, _TO_PRESSURE, "ft3", _NO_SUPER),
        _level(70, "dry bulb temperature", "°C", "", "CX FD"),
        _level(71, "wet bulb temperature", "°C"),
        _level(72, "dry bulb temperature", "°F"),
        _level(73, "wet bulb temperature", "°F"),
        _level(74, "dry bulb temperature", "K"),
        _level(75, "wet bulb temperature", "K"),
        _per_hour(76, "energy", "J"),
        _per_hour(77, "energy", "therm"),
        _level(78, "static pressure", "Pa"),
        _level(79, "differential pressure", "Pa"),
        _level(80, "static pressure", "psi"),
        _level(81, "differential pressure", "psi"),
        _level(82, "pressure", "g/cm2"),
        _level(83, "column of mercury", "m"),
        _level(84, "column of mercury", "in"),
        _level(85, "column of water", "", "unclear: the source says metres in one place and inches in another"),
        _level(86, "pressure", "bar"),
        _level(87, "relative humidity", "%"),
        _level(88, "odorant", "ppm"),
        _per_hour(128, "liquid", "m3"),
        _per_hour(129, "liquid", "ft3"),
        _per_hour(130, "liquid", "US gal"),
        _per_hour(131, "liquid", "imp gal"),
        _per_hour(132, "liquid", "acre-ft"),
        _level(133, "lead", "ppm"),
        _level(134, "turbidity", "", _UNSTATED),
        _level(135, "chlorine", "ppm"),
        _level(136, "pH"),
        _level(137, "corrosion", "", _UNSTATED),
        _level(138, "ionization", "", _UNSTATED),
        _level(139, "SO2", "ppm"),
        _level(140, "volume", "L"),
        _level(141, "liquid", "ft3"),
        _level(142, "differential pressure", "psf"),
        _level(143, "column of water", "in"),
        _level(144, "column of water", "ft"),
        _level(145, "pressure", "atm"),
        _level(190, "local currency"),
        _level(191, "length", "in"),
        _level(192, "length", "ft"),
        _level(193, "length", "m"),
    )
}
"""ID_CODE -> what is measured. Codes that are missing are reserved or not defined in any source."""

TIME_BASES: Mapping[int, Code] = {
    code: Code(code, meaning, ("YK", "FD", "S8") if code <= NET_BULK else ("YK", "FD"))
    for code, meaning in (
        (BULK, "bulk quantity"),
        (INSTANTANEOUS, "instantaneous"),
        (PERIOD, "over a period"),
        (SUB_BLOCK, "sub-block average demand"),
        (BLOCK, "block average demand"),
        (NET_BULK, "net bulk quantity since an event"),
        (THERMAL, "thermal demand"),
        (EVENTS, "event count"),
    )
}
"""TIME_BASE -> over which time a value is meant."""

MULTIPLIERS: Mapping[int, int] = {0: 0, 1: 2, 2: 3, 3: 6, 4: 9, 5: -2, 6: -3, 7: -6}
"""MULTIPLIER -> power of ten of a stored value: 2 is 10^3, 5 is 10^-2. Sources: YK FD HX; HX by its meter's values."""

SEGMENTATIONS: Mapping[int, Code] = {
    0: Code(0, "all phases or none", ("CX", "FD")),
    1: Code(1, "phase A to B", ("CX", "FD")),
    2: Code(2, "phase B to C", ("CX", "FD")),
    3: Code(3, "phase C to A", ("CX", "FD")),
    4: Code(4, "neutral to ground", ("CX", "FD")),
    5: Code(5, "phase A to neutral", ("CX", "FD", "HX")),
    6: Code(6, "phase B to neutral", ("CX", "FD", "HX")),
    7: Code(7, "phase C to neutral", ("CX", "FD", "HX")),
}
"""SEGMENTATION -> phase. One maker's meter puts 4 on frequency and reactive energy too (HX)."""

# What is delivered and received depends on what is measured: quadrants by ID_CODE. Sources: CX FD; HX's entries agree.
_DELIVERED_RECEIVED: Mapping[int, tuple[frozenset[int], frozenset[int]]] = {
    0: (frozenset({1, 4}), frozenset({2, 3})),
    1: (frozenset({1, 2}), frozenset({3, 4})),
    6: (frozenset({1, 2}), frozenset({3, 4})),
}


def quantity(code: int) -> Quantity:
    """What an ID_CODE means; for a code that no source defines, a Quantity that says so."""
    unknown = f"unknown quantity {code}"
    return QUANTITIES.get(code) or Quantity(code, unknown, "", unknown, "", "reserved, or not defined by any source")


def time_base(code: int) -> Code:
    """What a TIME_BASE means."""
    return TIME_BASES.get(code) or Code(code, f"unknown time base {code}")


def segmentation(code: int) -> Code:
    """What a SEGMENTATION means."""
    return SEGMENTATIONS.get(code) or Code(code, f"unknown segmentation {code}")


def power_of_ten(code: int) -> int | None:
    """Power of ten of a MULTIPLIER; None for a code that does not exist."""
    return MULTIPLIERS.get(code)


def is_total(entry: Mapping[str, Any]) -> bool:
    """Whether the "per hour" of a flow cancels in this UOM entry: TIME_BASE 0 or 5. Sources: CX S8."""
    return entry.get("time_base", 0) in (BULK, NET_BULK)


def measured(entry: Mapping[str, Any]) -> tuple[str, str]:
    """Quantity and unit of a UOM entry, the "per hour" cancelled where it does: ("active energy", "Wh").

    The unit carries no power of ten: see power_of_ten. It is "" for a pure number and for a unit that no source names.
    """
    known = quantity(entry.get("id_code", 0))
    return (known.bulk_quantity, known.bulk_unit) if is_total(entry) else (known.quantity, known.unit)


def quadrants(entry: Mapping[str, Any]) -> frozenset[int]:
    """Quadrants, 1 to 4, that a UOM entry counts."""
    return frozenset(q for q in (1, 2, 3, 4) if entry.get(f"q{q}_accountability"))


def describe_quadrants(entry: Mapping[str, Any]) -> str:
    """Which way energy flows, in words: "delivered (Q1+Q4)"; "" where the entry names no quadrant and no net flow."""
    counted = quadrants(entry)
    net = bool(entry.get("net_flow_accountability"))
    delivered, received = _DELIVERED_RECEIVED.get(entry.get("id_code", 0), (frozenset(), frozenset()))
    if net and delivered and counted == delivered | received:
        return f"delivered minus received ({_sum(delivered)} - {_sum(received)})"
    if net:
        return f"delivered minus received ({_sum(counted)})" if counted else "delivered minus received"
    if not counted:
        return ""
    if len(counted) == 4:
        return f"sum of all quadrants ({_sum(counted)})"
    direction = {delivered: "delivered", received: "received"}.get(counted, "in")
    return f"{direction} ({_sum(counted)})" if direction != "in" else f"in {_sum(counted)}"


def _sum(members: Iterable[int]) -> str:
    return "+".join(f"Q{q}" for q in sorted(members))


def describe_uom(entry: Mapping[str, Any]) -> str:
    """What a UOM entry of table 12 means: "active energy, Wh, delivered (Q1+Q4), x 10^3".

    entry: as table 12 decodes it; members that are missing count as 0. Any bits give words, never an error.
    """
    name, unit = measured(entry)
    base = entry.get("time_base", 0)
    obvious = base == BULK and quantity(entry.get("id_code", 0)).is_flow
    phase = entry.get("segmentation", 0)
    power = power_of_ten(entry.get("multiplier", 0))
    resource = entry.get("id_resource", 0)
    parts = [
        name,
        unit,
        "" if obvious else time_base(base).meaning,
        describe_quadrants(entry),
        segmentation(phase).meaning if phase else "",
        "harmonic component" if entry.get("harmonic") else "",
        f"x unknown multiplier {entry['multiplier']}" if power is None else f"x 10^{power}" if power else "",
        f"ID_RESOURCE {resource} (not public: the quantity may be another)" if resource else "",
        "not by the standard's units (NFS)" if entry.get("nfs") else "",
    ]
    return ", ".join(part for part in parts if part)
