"""The load behind a simulated meter: what flows if nothing stands against it, from a seed, in whole milliwatt-hours.

A house with a roof of solar cells. Each of the six quantities has its energy of a day (by weekday, season and luck) and
a shape of the day that shares it out over 96 quarters of an hour; inside a quarter power is constant. All is integer:
`total` is a sum of floors that telescopes, so energies of neighbouring spans always add up exactly. Days and shapes
follow standard time of the zone: people do not live by the meter's clock.
"""

from enum import StrEnum
from functools import cache, lru_cache
from hashlib import blake2b
from itertools import accumulate
from math import cos, exp, pi, pow

QUARTER = 900
"""Seconds of a quarter of an hour: the interval of demands and load profile."""

DAY = 86400
_QUARTERS = DAY // QUARTER
_SHARES = 1 << 20
_VARIANTS = 16


class Quantity(StrEnum):
    """What is measured: active energy in mWh by direction, reactive energy in mvarh by quadrant.

    Active energy is delivered in quadrants 1 and 4, received in 2 and 3; reactive energy is delivered in 1 and 2.
    """

    WH_DELIVERED = "wh_delivered"
    WH_RECEIVED = "wh_received"
    VARH_Q1 = "varh_q1"
    VARH_Q2 = "varh_q2"
    VARH_Q3 = "varh_q3"
    VARH_Q4 = "varh_q4"


# Energy of an ordinary day in mWh; what summer adds to it in thousandths (takes from it, if negative); and how much
# more a day of the weekend has, in thousandths.
_ORDINARY: dict[Quantity, tuple[int, int, int]] = {
    Quantity.WH_DELIVERED: (21_700_000, -250, 120),
    Quantity.WH_RECEIVED: (6_400_000, 700, 0),
    Quantity.VARH_Q1: (5_900_000, -150, 90),
    Quantity.VARH_Q2: (830_000, 600, 0),
    Quantity.VARH_Q3: (210_000, 500, 0),
    Quantity.VARH_Q4: (1_150_000, 0, -60),
}


def _bump(hour: float, around: float, width: float) -> float:
    return exp(-pow((hour - around) / width, 2))


def _weight(quantity: Quantity, hour: float, weekend: bool) -> float:
    """How much of the day's energy flows around this hour, without a unit."""
    sun = pow(max(0.0, cos((hour - 12.5) / 12 * pi)), 1.5)
    if quantity in (Quantity.WH_RECEIVED, Quantity.VARH_Q2, Quantity.VARH_Q3):
        return sun
    morning, evening = (9.5, 1.5) if weekend else (7.2, 1.2), (19.0, 2.2)
    people = 0.25 + 0.8 * _bump(hour, *morning) + 1.2 * _bump(hour, *evening)
    if quantity is Quantity.VARH_Q4:
        return 1.3 - 0.8 * _bump(hour, *evening)
    return people * (1 - 0.4 * sun)


def _luck(*words: object) -> int:
    """A number of 64 bits that always is the same for the same words."""
    text = " ".join(map(str, words))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


@cache
def _shape(quantity: Quantity, weekend: bool, variant: int) -> tuple[int, ...]:
    """Share of the day's energy that has flowed at the start of each quarter, and at the end of the day, of 2**20.

    The variants are the same for every seed, so that a thousand meters share them.
    """
    weights = [
        _weight(quantity, (slot + 0.5) / 4, weekend)
        * (0.6 + 0.8 * (_luck(quantity, weekend, variant, slot) % 1000) / 1000)
        for slot in range(_QUARTERS)
    ]
    flowed = list(accumulate(weights))
    return (0, *(round(_SHARES * weight / flowed[-1]) for weight in flowed))


class Load:
    """The load of one place.

    seed: other seeds, other loads; the same seed is always the same load. zone: minutes east of Greenwich.
    beginning: seconds since 1970; totals count from the midnight before it.
    """

    def __init__(self, seed: int, zone: int, beginning: int) -> None:
        self.seed = seed
        self.zone = zone
        self._before: dict[Quantity, list[int]] = {quantity: [0] for quantity in Quantity}
        self._first_day = (beginning + 60 * zone) // DAY
        self._days = lru_cache(maxsize=96)(self._day)

    def total(self, quantity: Quantity, at: int) -> int:
        """mWh that have flowed at a true time, in seconds since 1970. Raises ValueError before the load begins."""
        day, second = divmod(at + 60 * self.zone, DAY)
        slot, inside = divmod(second, QUARTER)
        flowed = self._days(quantity, day)
        start = flowed[slot]
        return start + (flowed[slot + 1] - start) * inside // QUARTER if inside else start

    def power(self, quantity: Quantity, at: int) -> int:
        """mW or mvar that flow in the quarter of an hour that `at` is in, rounded down."""
        start = at - at % QUARTER
        return (self.total(quantity, start + QUARTER) - self.total(quantity, start)) * 3600 // QUARTER

    def _day(self, quantity: Quantity, day: int) -> tuple[int, ...]:
        """Totals at the start of each quarter of a day, and at its end."""
        before, energy = self._until(quantity, day), self._energy(quantity, day)
        variant = _luck(self.seed, "variant", day) % _VARIANTS
        return tuple(before + energy * share // _SHARES for share in _shape(quantity, _is_weekend(day), variant))

    def _until(self, quantity: Quantity, day: int) -> int:
        """mWh of all days before this one."""
        before, number = self._before[quantity], day - self._first_day
        if number < 0:
            raise ValueError("the load begins later")
        while len(before) <= number:
            before.append(before[-1] + self._energy(quantity, self._first_day + len(before) - 1))
        return before[number]

    def _energy(self, quantity: Quantity, day: int) -> int:
        """mWh of a day."""
        ordinary, summer, weekend = _ORDINARY[quantity]
        season = round(1000 * -cos((day - 20) * 2 * pi / 365.25))  # -1000 in January, 1000 in July
        percent = 80 + _luck(self.seed, quantity, day) % 41
        energy = ordinary * (1000 * 1000 + summer * season // 2) // (1000 * 1000)
        if _is_weekend(day):
            energy += energy * weekend // 1000
        return energy * percent // 100


def _is_weekend(day: int) -> bool:
    """Whether a day, counted from the first of January 1970 (a Thursday), is a Saturday or Sunday."""
    return (day + 3) % 7 >= 5
