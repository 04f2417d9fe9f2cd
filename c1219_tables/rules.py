"""Where sources disagree about what a value means: the switches, each off for the reading with most evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Rules:
    """How the values of one make are read; False is what most sources say.

    multiplier_is_power: MULTIPLIER of table 12 is the power of ten itself (CNX-A3 on a maker's table), not a code for
        one (YK FD HX, and HX's meter: 22857 is 228.57 V).
    uom_one_to_one: entry k of table 12 belongs to source k (FD for a missing table 16, HX's meter), not to the k-th
        source that sets UOM_ENTRY_FLAG (NI). Where both counts are equal, or table 16 is missing, it is so anyway.
    constants_always: constants of table 15 are not in any value yet, whatever CONSTANT_TO_BE_APPLIED says.
    counters_are_local: times that count minutes or seconds (TM_FORMAT 3 and 4) hold local time, not UTC (CX of one
        make).
    scalar_over_divisor: interval data times SCALAR / DIVISOR (J of one make), not times DIVISOR / SCALAR (J of three
        others, N).
    elements_from_1: LAST_BLOCK_ELEMENT counts blocks from 1 (one recorded meter, X), not from 0 (J N E).
    last_intervals_valid: where intervals descend, those of a partly filled block are its last ones (J of one make), not
        its first.
    """

    multiplier_is_power: bool = False
    uom_one_to_one: bool = False
    constants_always: bool = False
    counters_are_local: bool = False
    scalar_over_divisor: bool = False
    elements_from_1: bool = False
    last_intervals_valid: bool = False

    @classmethod
    def of(cls, dialect: Mapping[str, Any]) -> "Rules":
        """The rules that a meter's dialect sets; names that are about layouts are passed over."""
        names = {field.name for field in fields(cls)}
        return cls(**{name: bool(switch) for name, switch in dialect.items() if name in names})


RULES = tuple(field.name for field in fields(Rules))
"""Names of the switches, which stand in a dialect beside those of layouts (table.DIALECT)."""
