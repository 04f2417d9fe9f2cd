"""Load profiles by hand: octets of tables 61 to 64 by struct, so that nothing of ours says how they are laid out.

Layouts are those of tables-30-79.md: table 61 is LP_MEMORY_LEN 4, LP_FLAGS 2, LP_FMATS 1, then 6 octets of a set; table
62 is 3 octets for each channel, INT_FMT_CDE 1, scalars and divisors 2 each; table 63 is 13 octets of a set.
"""

import struct
from dataclasses import dataclass, field

from c1219_tables.context import MeterTables

READ, PULSE, SCALED, EXTENDED, SIMPLE, ALONE = 0x10, 0x20, 0x40, 0x400, 0x800, 0x1000
"""Bits of LP_FLAGS; SCALED is that of set 1, each next set's is one higher."""

ASCENDING, DESCENDING, CIRCULAR, INTERVALS_DESCEND, TEST_MODE = 0, 1, 4, 16, 64
"""Bits of LP_SET_STATUS_FLAGS."""


def st0(*, big=False, tm=2, int_format=0, ni1=8, ni2=8, sets=(1,)):
    """Table 0, 37 octets: formats, 16 of identification and dimensions, then two sets of 9 octets of tables.

    Of those, octet 8 has tables 64 to 67 as bits 0 to 3.
    """
    controls = bytes([int(big) | 1 << 1, tm | int_format << 6, ni1 | ni2 << 4])
    dimensions = bytes([2, 0, 16, 16, 2, 0, 9, 0, 0, 0, 0, 0])
    used = bytes(8) + bytes([sum(1 << number - 1 for number in sets)])
    return controls + b"TEST" + dimensions + used + bytes(9)


@dataclass
class Set:
    """One set of a profile, with what its blocks hold.

    blocks: octets of each. flags, status: bits above, of LP_FLAGS and LP_SET_STATUS_FLAGS. newest: intervals in the
    newest block. last: LAST_BLOCK_ELEMENT.
    """

    blocks: list
    channels: int = 1
    intervals: int = 4
    minutes: int = 15
    code: int = 2
    flags: int = 0
    scalars: tuple = (1,)
    divisors: tuple = (1,)
    status: int = CIRCULAR
    last: int = 0
    sequence: int = 0
    valid: int | None = None
    newest: int | None = None
    selects: list = field(default_factory=list)
    order: str = "<"

    def limits(self):
        return struct.pack(f"{self.order}HHBB", len(self.blocks), self.intervals, self.channels, self.minutes)

    def control(self):
        selects = self.selects or [(1, number, number) for number in range(self.channels)]
        octets = b"".join(map(bytes, selects)) + bytes([self.code])
        if self.flags & SCALED:
            octets += struct.pack(f"{self.order}{2 * self.channels}H", *self.scalars, *self.divisors)
        return octets

    def state(self):
        valid = len(self.blocks) if self.valid is None else self.valid
        newest = self.intervals if self.newest is None else self.newest
        return struct.pack(f"{self.order}BHHIHH", self.status, valid, self.last, self.sequence, 0, newest)


def profile_tables(one, formats=None, others=None, dialect=None):
    """A meter with one set of load profile, and the octets of table 64.

    formats: of table 0. others: more tables by number, tables of sources say.
    """
    tables = MeterTables(dialect=dialect)
    data = b"".join(one.blocks)
    tables.add_all(
        {
            0: st0(**(formats or {})),
            61: struct.pack(f"{one.order}IHB", len(data), one.flags, 0xFF) + one.limits(),
            62: one.control(),
            63: one.state(),
            **(others or {}),
        }
    )
    return tables, data
