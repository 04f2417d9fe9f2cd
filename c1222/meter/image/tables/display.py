"""Decade 3 of the simulated meter: one list that its display scrolls through."""

from c1222.meter.image.memory import Builder, Memory, Value
from c1222.meter.image.tables.sources import DEMANDS, PRESENT_VALUES, SUMMATIONS, place

_DIGITS = 6
_SHOWN = (*SUMMATIONS, *DEMANDS, *PRESENT_VALUES)
_LIST = (0, 1, 6, 9)
"""Energy both ways, greatest demand, voltage: places in table 32."""


def limits(memory: Memory, at: int) -> Value:
    """Table 31."""
    return {
        "display_ctrl": {"on_time_flag": True, "off_time_flag": True},
        "nbr_disp_sources": len(_SHOWN),
        "width_disp_sources": 2,
        "nbr_pri_disp_list_items": len(_LIST),
        "nbr_pri_disp_lists": 1,
        "nbr_sec_disp_list_items": 0,
        "nbr_sec_disp_lists": 0,
    }


def display_sources(memory: Memory, at: int) -> Value:
    """Table 32: in our own code, source and digits."""
    return {"disp_sources": [bytes([place(source), _DIGITS]) for source in _SHOWN]}


def primary_list(memory: Memory, at: int) -> Value:
    """Table 33."""
    times: Value = {"on_time": 6, "off_time": 1}
    return {
        "pri_disp_list": [{"on_off_time": times, "hold_time_default_list": {}, "nbr_list_items": len(_LIST)}],
        "pri_disp_sources": list(_LIST),
    }


BUILDERS: dict[int, Builder] = {31: limits, 32: display_sources, 33: primary_list}
