"""Load profiles by hand, saved: files for the target dump:."""

import sys
from pathlib import Path

from saved_meters import saved_octets

sys.path.append(str(Path(__file__).parents[1] / "readings"))

from profiles_by_hand import Set, profile_tables

__all__ = ["Set", "saved_profile"]

USED = 19
"""Where table 0 lists standard tables in 9 octets: behind 3 of formats, 4 of the maker, 12 of dimensions."""


def saved_profile(path, one, formats=None, others=None):
    """A meter with one set of load profile, as profile_tables makes it, whose table 0 lists what there is."""
    tables, data = profile_tables(one, formats, others)
    octets = {64: data, **{number: tables[number].octets for number in (0, 61, 62, 63, *(others or {}))}}
    listed = sum(1 << number for number in octets).to_bytes(9, "little")
    return saved_octets(path, {**octets, 0: octets[0][:USED] + listed + octets[0][USED + 9 :]})
