"""From a stored value to an engineering one: exact decimals, and every factor with the octets that say so.

All that C12.19 does to a value is linear, so a source has one factor and one offset, worked out once: register values
and columns of interval data use the same. Nothing is rounded but a division that does not come out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact
from fractions import Fraction
from math import gcd

from c1219_tables.readings.intervals.number_columns import Raw
from c1219_tables.readings.notes import Note
from c1219_tables.readings.origin import Origin, Step

# As many digits as the product of a few FLOAT64 may have, each written out in full.
_EXACT = Context(prec=5000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact])

_QUOTIENT = Context(prec=100, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact])
"""Wide enough for what meters have: a context of its own for each division costs ten times the division."""

ROUNDED = 28
"""Significant digits of a division that does not come out."""


def exact(raw: Raw) -> Decimal | None:
    """The number that octets stand for, a binary float to its last digit; None for none, infinity and not-a-number."""
    number = None if raw is None else Decimal(raw)
    return number if number is not None and number.is_finite() else None


def exact_sum(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is there, with as many decimals as the values; None where nothing is."""
    found: Decimal | None = None
    for value in values:
        if value is not None:
            found = value if found is None else _EXACT.add(found, value)
    return found


def ten_to(power: int) -> Decimal:
    """A power of ten that leaves the number of decimals of whole numbers as people write them: 1000, 0.01."""
    return Decimal(10**power) if power >= 0 else Decimal((0, (1,), power))


@dataclass(frozen=True, slots=True)
class Scaling:
    """How values of one source become engineering values: (raw x factor + offset) / divided_by.

    factor: None where they cannot be scaled, as notes say. unit: of the result. steps: where each factor comes from.
    """

    unit: str
    factor: Decimal | None = Decimal(1)
    offset: Decimal = Decimal(0)
    divided_by: int = 1
    steps: tuple[Step, ...] = ()
    notes: tuple[Note, ...] = ()

    def value(self, raw: Raw) -> Decimal | None:
        """The engineering value, exact; None where the source cannot be scaled, or the octets hold no number.

        A division that does not come out has ROUNDED significant digits.
        """
        number = exact(raw)
        if self.factor is None or number is None:
            return None
        scaled = _EXACT.fma(number, self.factor, self.offset)
        return scaled if self.divided_by == 1 else _divided(scaled, self.divided_by)

    @property
    def decimals(self) -> int | None:
        """Digits behind the point that the values of whole numbers have at most; None where a division has no end."""
        behind = max(-int(one.as_tuple().exponent) for one in (self.factor or Decimal(1), self.offset, Decimal(0)))
        more, rest = 0, self.divided_by
        while rest != 1 and more <= self.divided_by.bit_length():
            more, rest = more + 1, rest // gcd(rest, 10)
        return behind + more if rest == 1 else None

    def times(self, factor: Decimal, step: Step) -> "Scaling":
        """This, and then times a factor."""
        if self.factor is None:
            return replace(self, steps=(*self.steps, step))
        return replace(
            self,
            factor=_EXACT.multiply(self.factor, factor),
            offset=_EXACT.multiply(self.offset, factor),
            steps=(*self.steps, step),
        )

    def plus(self, offset: Decimal, step: Step) -> "Scaling":
        """This, and then plus an offset."""
        return replace(self, offset=_EXACT.add(self.offset, offset), steps=(*self.steps, step))

    def over(self, divisor: int, step: Step) -> "Scaling":
        """This, and then divided by a whole number."""
        return replace(self, divided_by=self.divided_by * divisor, steps=(*self.steps, step))

    def noted(self, *notes: Note) -> "Scaling":
        """This, with more notes."""
        return replace(self, notes=(*self.notes, *notes))

    def impossible(self, *notes: Note) -> "Scaling":
        """Values that cannot be scaled, and why."""
        return replace(self, factor=None, notes=(*self.notes, *notes))


def _divided(value: Decimal, divisor: int) -> Decimal:
    try:
        return _QUOTIENT.divide(value, divisor)
    except Inexact:
        pass  # it does not come out, or has more digits than that
    # A whole number below 2**32 adds at most 32 digits to a quotient that comes out.
    wide = Context(prec=len(value.as_tuple().digits) + 40, Emax=MAX_EMAX, Emin=MIN_EMIN)
    quotient = wide.divide(value, divisor)
    if wide.flags[Inexact]:
        return Context(prec=ROUNDED, Emax=MAX_EMAX, Emin=MIN_EMIN).divide(value, divisor)
    return quotient


def interval_scaling(
    source: Scaling, scalar: int, divisor: int, origins: tuple[Origin, Origin] | None, *, exchanged: bool = False
) -> Scaling:
    """How interval data of a source is scaled whose set has scalars and divisors (tables 61 and 62).

    They were applied before storage, so x DIVISOR / SCALAR gives back the source's values (J's drivers of three makes;
    N and J in comments). exchanged: x SCALAR / DIVISOR (J's driver of one make), see Rules.scalar_over_divisor. End
    readings have neither in them. origins: of scalar and divisor. A factor of 0 cannot have been applied: not scaled.
    """
    names = ("SCALAR", "DIVISOR")
    if not scalar or not divisor:
        return source.impossible(Note("scalar-zero", f"SCALAR is {scalar}, DIVISOR {divisor}: 0 undoes nothing"))
    scalar_at, divisor_at = origins or (None, None)
    up = Step(f"x {names[1]} {divisor}", divisor_at), divisor
    down = Step(f"/ {names[0]} {scalar}", scalar_at), scalar
    if exchanged:
        up = Step(f"x {names[0]} {scalar}", scalar_at), scalar
        down = Step(f"/ {names[1]} {divisor}", divisor_at), divisor
    scaled = source.times(Decimal(up[1]), up[0]).over(down[1], down[0])
    if scalar == divisor:
        return scaled
    if not _comes_out(Fraction(up[1], down[1])):
        text = (
            f"{up[1]} / {down[1]} has no end as a decimal: values that do not come out are rounded to {ROUNDED} digits"
        )
        scaled = scaled.noted(Note("rounded", text))
    if source.offset:
        text = "the offset of table 15 goes through SCALAR and DIVISOR as values do: no source says if it should"
        scaled = scaled.noted(Note("offset-scaled", text))
    used, other = ("SCALAR / DIVISOR", "DIVISOR / SCALAR") if exchanged else ("DIVISOR / SCALAR", "SCALAR / DIVISOR")
    text = f"interval data is taken times {used}; for some makes it is times {other} (rule scalar_over_divisor)"
    return scaled.noted(Note("scalar-direction", text))


def _comes_out(factor: Fraction) -> bool:
    """Whether a factor has an end as a decimal: nothing but 2 and 5 is in its denominator."""
    rest = factor.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1
