"""Decade 1 of the simulated meter: its sources, one unit each. All values are in thousandths of the unit: exact."""

from dataclasses import dataclass

from c1222.meter.image.memory import Builder, Memory, Value
from c1222.meter.world.load import Quantity

BULK, INSTANTANEOUS, BLOCK = 0, 1, 4
WATT, VAR, VOLT, AMPERE, POWER_FACTOR, HERTZ = 0, 1, 8, 12, 24, 33
THOUSANDTHS = 6
"""MULTIPLIER of table 12: 10^-3."""

PHASE_A_TO_B = 1
ELECTRIC = 2
INTERVAL_MINUTES = 15
_PERIODS = {BULK: 0x10, BLOCK: 0x20, INSTANTANEOUS: 0x30}


@dataclass(frozen=True, slots=True)
class Source:
    """A source: codes of table 12, and the quantity of the world that it is the energy or the demand of, if any."""

    id_code: int
    time_base: int
    quadrants: tuple[int, ...] = ()
    quantity: Quantity | None = None
    net: bool = False
    segmentation: int = 0


_QUADRANTS = {
    Quantity.WH_DELIVERED: (WATT, (1, 4)),
    Quantity.WH_RECEIVED: (WATT, (2, 3)),
    Quantity.VARH_Q1: (VAR, (1,)),
    Quantity.VARH_Q2: (VAR, (2,)),
    Quantity.VARH_Q3: (VAR, (3,)),
    Quantity.VARH_Q4: (VAR, (4,)),
}


def _of(quantity: Quantity, time_base: int) -> Source:
    return Source(_QUADRANTS[quantity][0], time_base, _QUADRANTS[quantity][1], quantity)


SUMMATIONS = tuple(_of(quantity, BULK) for quantity in Quantity)
DEMANDS = (_of(Quantity.WH_DELIVERED, BLOCK), _of(Quantity.WH_RECEIVED, BLOCK))
COINCIDENTS = (_of(Quantity.VARH_Q1, BLOCK),)
PRESENT_VALUES = (
    Source(WATT, INSTANTANEOUS, (1, 2, 3, 4), net=True),
    Source(VOLT, INSTANTANEOUS, segmentation=PHASE_A_TO_B),
    Source(AMPERE, INSTANTANEOUS),
    Source(HERTZ, INSTANTANEOUS),
    Source(POWER_FACTOR, INSTANTANEOUS),
)
SOURCES = (*SUMMATIONS, *DEMANDS, *COINCIDENTS, *PRESENT_VALUES)
"""The sources in the order of table 16; the same quantity as energy and as demand is two sources."""

CHANNELS = (Quantity.WH_DELIVERED, Quantity.WH_RECEIVED, Quantity.VARH_Q1, Quantity.VARH_Q4)
"""Channels of the load profile."""


def place(source: Source) -> int:
    """Number of a source: its place in table 16."""
    return SOURCES.index(source)


def _controlled() -> list[Source]:
    return [source for source in SOURCES if source.time_base == BLOCK]


def limits(memory: Memory, at: int) -> Value:
    """Table 11."""
    return {
        "source_flags": {"block_demand_flag": True},
        "nbr_uom_entries": len(SOURCES),
        "nbr_demand_ctrl_entries": len(_controlled()),
        "data_ctrl_length": 2,
        "nbr_data_ctrl_entries": len(SOURCES),
        "nbr_constants_entries": len(SUMMATIONS),
        "constants_selector": ELECTRIC,
        "nbr_sources": len(SOURCES),
    }


def units(memory: Memory, at: int) -> Value:
    """Table 12."""
    return {
        "uom_entry": [
            {
                "id_code": source.id_code,
                "time_base": source.time_base,
                "multiplier": THOUSANDTHS,
                **{f"q{quadrant}_accountability": True for quadrant in source.quadrants},
                "net_flow_accountability": source.net,
                "segmentation": source.segmentation,
            }
            for source in SOURCES
        ]
    }


def demand_control(memory: Memory, at: int) -> Value:
    """Table 13."""
    return {"interval_value": [{"int_length": INTERVAL_MINUTES} for _ in _controlled()]}


def data_control(memory: Memory, at: int) -> Value:
    """Table 14: a selector of our own making, kind and place."""
    return {"source_id": [bytes([_PERIODS[source.time_base], place(source)]) for source in SOURCES]}


def constants(memory: Memory, at: int) -> Value:
    """Table 15: registers need no constants, factor 1 and offset 0."""
    return {"constants": [{"multiplier": 1, "offset": 0} for _ in SUMMATIONS]}


def links(memory: Memory, at: int) -> Value:
    """Table 16."""
    return {
        "sources_link": [
            {
                "uom_entry_flag": True,
                "demand_ctrl_flag": source.time_base == BLOCK,
                "data_ctrl_flag": True,
                "constants_flag": source.time_base == BULK,
                "pulse_engr_flag": True,
            }
            for source in SOURCES
        ]
    }


BUILDERS: dict[int, Builder] = {
    11: limits,
    12: units,
    13: demand_control,
    14: data_control,
    15: constants,
    16: links,
}
