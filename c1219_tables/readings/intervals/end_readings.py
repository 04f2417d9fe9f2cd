"""Readings and pulse counts at the end of blocks, held against the sums of the intervals between them.

The difference of two readings, in the unit of their source, is what the intervals of the later block add up to; where
blk_end_rd_indicator_flag is set (2008: C N) each reading is that of its block alone. A pulse count is a UINT32 that
goes round and counts what scalar and divisor were applied to (neither touches readings or pulses: N J). What is less
than one stored count may be carried over into the next block, so that much is no difference.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from c1219_tables.readings.intervals.blocks import Block
from c1219_tables.readings.intervals.interval_data import IntervalData
from c1219_tables.readings.intervals.quality import NO_VALUE, Quality
from c1219_tables.readings.notes import Note
from c1219_tables.readings.values.scaling import exact

_ROUND = 1 << 32


@dataclass(frozen=True, slots=True)
class Factors:
    """What a stored count of a channel is worth.

    reading: of a count of its end reading, in the unit of the intervals; None where the two cannot be compared. value:
    of a stored interval count, in that unit. scalar, divisor: of table 62, 1 where it has none. exchanged: which of
    them `value` multiplies by, see Rules.scalar_over_divisor.
    """

    reading: Fraction | None
    value: Fraction | None
    scalar: int
    divisor: int
    exchanged: bool

    @property
    def stored(self) -> Fraction:
        """Counts of the source in a stored count."""
        if self.exchanged:
            return Fraction(self.scalar, self.divisor)
        return Fraction(self.divisor, self.scalar)


def end_checks(data: IntervalData, channel: int, factors: Factors, unit: str, alone: bool) -> list[Note]:
    """How the ends of blocks agree with the intervals of a channel, counted from 0; no note where none can be checked.

    data: all intervals. alone: blk_end_rd_indicator_flag.
    """
    if not factors.scalar or not factors.divisor:
        return []
    blocks = list(_sums(data, channel, alone))
    notes = []
    if factors.reading is not None and factors.value is not None:
        pairs = [(change * factors.reading, total) for change, total in _readings(data, channel, blocks, alone)]
        notes += _compared("reading", pairs, factors.value, unit, factors)
    pulses = list(_pulses(data, channel, blocks, alone))
    notes += _compared("pulse", pulses, factors.stored, "pulses", factors)
    return notes


_Sum = tuple[Block, Block | None, Fraction]


def _sums(data: IntervalData, channel: int, alone: bool) -> Iterator[_Sum]:
    """Each full block whose intervals all say what flowed, the block before it, and the sum of its stored counts."""
    before: Block | None = None
    for block, first in zip(data.blocks, data.first_of, strict=True):
        flags = data.flags[channel][first : first + block.intervals]
        values = data.raw[channel][first : first + block.intervals]
        follows = before is not None and block.sequence == before.sequence + 1
        is_full = block.intervals == data.layout.intervals and not any(flag & Quality.OVERFLOW for flag in flags)
        if is_full and (follows or alone):
            counts = (exact(value) for value, flag in zip(values, flags, strict=True) if not flag & NO_VALUE)
            yield block, before, sum((Fraction(count) for count in counts if count is not None), Fraction())
        before = block


def _readings(data: IntervalData, channel: int, sums: list[_Sum], alone: bool) -> Iterator[tuple[Fraction, Fraction]]:
    """By how much the reading changed over a block, and the sum of its stored counts."""
    for block, before, total in sums:
        late, early = (_end(data, channel, one, "block_end_read") for one in (block, before))
        if late is not None and alone:
            yield late, total
        elif late is not None and early is not None:
            yield late - early, total


def _pulses(data: IntervalData, channel: int, sums: list[_Sum], alone: bool) -> Iterator[tuple[Fraction, Fraction]]:
    for block, before, total in sums:
        late, early = (_end(data, channel, one, "block_end_pulse") for one in (block, before))
        if late is not None and alone:
            yield late, total
        elif late is not None and early is not None:
            yield (late - early) % _ROUND, total


def _end(data: IntervalData, channel: int, block: Block | None, name: str) -> Fraction | None:
    if block is None or block.octets is None:
        return None
    number = exact(data.layout.value(f"end_readings[{channel}].{name}", block.octets))
    return None if number is None else Fraction(number)


def _compared(
    what: str, pairs: list[tuple[Fraction, Fraction]], factor: Fraction, unit: str, factors: Factors
) -> list[Note]:
    """pairs: change at the ends of a block, and sum of stored counts. factor: what a stored count is worth."""
    if not pairs:
        return []
    off = _off(pairs, factor)
    if not off:
        where = (
            f"the ends of {len(pairs)} blocks agree with their"
            if len(pairs) > 1
            else "the end of a block agree with its"
        )
        return [Note(f"end-{what}s-agree", f"the {what}s at {where} intervals")]
    plain = factor / factors.stored
    others = {
        "SCALAR / DIVISOR": Fraction(factors.scalar, factors.divisor),
        "DIVISOR / SCALAR": Fraction(factors.divisor, factors.scalar),
        "neither scalar nor divisor": Fraction(1),
    }
    fits = [words for words, other in others.items() if other != factors.stored and not _off(pairs, plain * other)]
    hint = f"; with {fits[0]} they would agree" if fits else ""
    worst = max(off)
    text = f"the {what}s at the ends of {len(off)} of {len(pairs)} blocks differ from their intervals, by up to"
    return [Note(f"end-{what}s-differ", f"{text} {_shown(worst)} {unit}{hint}")]


def _off(pairs: list[tuple[Fraction, Fraction]], factor: Fraction) -> list[Fraction]:
    """The differences that are not less than one stored count."""
    differences = (abs(change - total * factor) for change, total in pairs)
    return [difference for difference in differences if difference >= abs(factor) or (difference and not factor)]


def _shown(value: Fraction) -> str:
    return f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
