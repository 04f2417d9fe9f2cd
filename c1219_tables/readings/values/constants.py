"""The constants of table 15, where they are not in the values yet: factor, offset, transformer ratios.

CONSTANT_TO_BE_APPLIED of table 16 says whether they are (NI; CNX-A3 of a maker's table); YK's driver multiplies
whatever it says. SET_APPLIED_FLAG says it of the ratios (CX). A ratio goes with what it transforms: currents with that
of the current transformer, voltages with that of the voltage transformer, power with both (CNX-A3).
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from c1219_tables.readings.notes import Note
from c1219_tables.readings.origin import Origin, Step
from c1219_tables.readings.values.scaling import Scaling, exact
from c1219_tables.rules import Rules
from c1219_tables.table import DecodedTable

PULSES = "pulses"
"""Unit of values that count pulses, as long as no constant makes more of them."""

_CURRENT, _VOLTAGE = "ratio_f1", "ratio_p1"
_RATIOS: Mapping[int, tuple[str, ...]] = {
    **dict.fromkeys(range(7), (_CURRENT, _VOLTAGE)),  # power and energy, active to apparent
    **dict.fromkeys((8, 9, 11), (_VOLTAGE,)),
    **dict.fromkeys((12, 15), (_CURRENT,)),
    10: (_VOLTAGE, _VOLTAGE),
    14: (_CURRENT, _CURRENT),
}
"""ID_CODE -> ratios that its values take. Source: CNX-A3, but for the squares, which by its code take one of each."""


def with_constants(
    scaling: Scaling,
    id_code: int,
    link: Mapping[str, Any] | None,
    constants: tuple[DecodedTable, str, Any] | None,
    rules: Rules,
) -> Scaling:
    """The scaling of a source with its constants, where they are to be applied.

    link: what table 16 says of the source, None where it was not read. constants: table 15, path and value of the
    entry; None where there is none. Cannot be scaled: constants that were not read, and those of gas.
    """
    if link is None:
        return scaling
    unit = scaling if link["pulse_engr_flag"] else _pulses(scaling)
    stated = bool(link["constant_to_be_applied"])
    if not stated and (not rules.constants_always or constants is None):
        return unit.noted(*_left_out(constants, id_code))
    if not link["constants_flag"]:
        return unit.noted(Note("no-constants", "table 16 wants constants applied, and says that the source has none"))
    if constants is None:
        return scaling.impossible(
            Note("constants-missing", "table 15, whose constants are to be applied, has none here")
        )
    if "multiplier" not in constants[2]:
        return scaling.impossible(Note("gas-constants", "constants of gas are to be applied: how is not public"))
    if not stated:
        scaling = scaling.noted(
            Note("constants-always", "constants are applied though table 16 says that they are in the values")
        )
    return _applied(scaling, id_code, *constants)


def _pulses(scaling: Scaling) -> Scaling:
    text = "the source counts pulses, and no constant of table 15 is to be applied: what a pulse is worth is not known"
    return Scaling(PULSES, steps=scaling.steps, notes=(*scaling.notes, Note("pulses", text)))


def _applied(scaling: Scaling, id_code: int, table: DecodedTable, path: str, entry: Any) -> Scaling:
    multiplier = exact(entry["multiplier"])
    if not multiplier:
        text = f"the factor of {path} in table 15 is {entry['multiplier']}: values cannot be told"
        return scaling.impossible(Note("constant-zero", text))
    scaling = scaling.times(multiplier, Step(f"x constant {multiplier}", Origin.of(table, f"{path}.multiplier")))
    offset = exact(entry["offset"])
    if offset:
        scaling = scaling.plus(offset, Step(f"+ constant {offset}", Origin.of(table, f"{path}.offset"))).noted(
            Note("offset-order", "the offset of table 15 is added behind its factor; no source says in which order")
        )
    return _with_ratios(scaling, id_code, table, path, entry)


def _with_ratios(scaling: Scaling, id_code: int, table: DecodedTable, path: str, entry: Any) -> Scaling:
    if _waiting(entry["set2_constants"], id_code):
        text = "table 15 has a second set of ratios that is not in the values: when it counts is not public"
        scaling = scaling.noted(Note("second-ratios", text))
    ratios = entry["set1_constants"]
    if ratios is None or ratios["set_flags"]["set_applied_flag"]:
        return scaling
    for name in _RATIOS.get(id_code, ()):
        ratio = exact(ratios[name])
        if not ratio:
            scaling = scaling.noted(Note("ratio-zero", f"{name} of table 15 is {ratios[name]}: it is not applied"))
            continue
        words = "current" if name == _CURRENT else "voltage"
        step = Step(f"x {words} transformer {ratio}", Origin.of(table, f"{path}.set1_constants.{name}"))
        scaling = scaling.times(ratio, step)
    return scaling


def _left_out(constants: tuple[DecodedTable, str, Any] | None, id_code: int) -> tuple[Note, ...]:
    """A word about ratios that are said not to be in the values, while constants are not to be applied."""
    if constants is None or "multiplier" not in constants[2]:
        return ()
    if not any(_waiting(constants[2][name], id_code) for name in ("set1_constants", "set2_constants")):
        return ()
    text = "transformer ratios of table 15 are not in the values, and are not to be applied: values are the meter's own"
    return (Note("ratios-not-applied", text),)


def _waiting(ratios: Any, id_code: int) -> bool:
    """Whether a set of ratios would change values of this quantity, and has not yet."""
    if ratios is None or ratios["set_flags"]["set_applied_flag"]:
        return False
    return any(exact(ratios[name]) not in (None, Decimal(0), Decimal(1)) for name in _RATIOS.get(id_code, ()))
