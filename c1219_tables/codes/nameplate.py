"""Codes of tables 0 and 2: what kind of meter it is, and what its operating modes are called.

The code lists of the electric nameplate (frequency, elements, base, accuracy, voltages) are not public. Short source
names: docs/sources.md. A code that no source has keeps its number.
"""

from collections.abc import Mapping
from typing import Any

from c1219_tables.codes.code import Code

NAMEPLATE_TYPES: dict[int, Code] = {
    0: Code(0, "gas", ("NI", "TM")),
    1: Code(1, "water", ("NI", "TM")),
    2: Code(2, "electric", ("NI", "TM")),
}
"""NAMEPLATE_TYPE of table 0: the record of table 2."""

DEFAULT_SETS: dict[int, Code] = {
    0: Code(0, "none", ("NI",)),
    1: Code(1, "simple meter register", ("NI",)),
    2: Code(2, "simple demand", ("NI",)),
    3: Code(3, "simple time of use", ("NI",)),
    4: Code(4, "simple profile recorder", ("NI",)),
}
"""DEFAULT_SET_USED of table 0: a usual set of tables that the meter follows."""

MODES: dict[str, Code] = {
    "metering_flag": Code(0, "metering", ("CT", "CX", "NI", "TM", "HX")),
    "test_mode_flag": Code(1, "test mode", ("CT", "CX", "NI", "TM", "HX")),
    "meter_shop_mode_flag": Code(2, "meter-shop mode", ("CT", "CX", "NI", "TM", "HX")),
    "factory_flag": Code(3, "factory mode", ("CT", "NI", "TM", "HX")),
}
"""Flags of ED_MODE, by bit: table 3 and procedure 6."""


def nameplate_type(code: int) -> Code:
    """Meaning of a NAMEPLATE_TYPE."""
    return NAMEPLATE_TYPES.get(code) or Code(code, f"unknown nameplate type {code}")


def default_set(code: int) -> Code:
    """Meaning of a DEFAULT_SET_USED."""
    return DEFAULT_SETS.get(code) or Code(code, f"unknown default set {code}")


def modes(ed_mode: Mapping[str, Any]) -> list[str]:
    """Modes that a decoded ED_MODE says the meter is in, in words."""
    return [mode.meaning for name, mode in MODES.items() if ed_mode[name]]
