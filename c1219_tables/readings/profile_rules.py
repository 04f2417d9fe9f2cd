"""Where meters differ in how they keep lists of blocks, intervals and log entries: switches beside those of Rules."""

from dataclasses import dataclass, fields

from c1219_tables.readings.rules import Rules


@dataclass(frozen=True, slots=True)
class ProfileRules(Rules):
    """How the values and the lists of one make are read; False is the way with most evidence.

    elements_from_1: LAST_BLOCK_ELEMENT counts blocks from 1 (one recorded meter, X), not from 0 (J N E).
    last_intervals_valid: where intervals descend, those of a partly filled block are its last ones (J of one make), not
        its first.
    """

    elements_from_1: bool = False
    last_intervals_valid: bool = False


RULES = tuple(field.name for field in fields(ProfileRules))
"""Names of the switches, which stand in a dialect beside those of layouts."""
