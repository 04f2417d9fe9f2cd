"""The supply at a simulated meter's terminals at a moment: voltage, frequency, and current from the load."""

from dataclasses import dataclass
from hashlib import blake2b
from math import isqrt

NOMINAL_MILLIVOLTS = 240_000
NOMINAL_MILLIHERTZ = 60_000


@dataclass(frozen=True, slots=True)
class Supply:
    """What flows at a moment.

    watts, vars: milliwatts and millivars, positive if delivered to the customer (var: delivered minus received).
    volts, amps, hertz: in thousandths, never negative. power_factor: in thousandths, 0 to 1000, of W to VA.
    """

    watts: int
    vars: int
    volts: int
    amps: int
    hertz: int
    power_factor: int


DEAD = Supply(0, 0, 0, 0, 0, 0)
"""The supply in an outage."""


def supply(seed: int, at: int, watts: int, reactive: int) -> Supply:
    """The supply at a second, for a load in milliwatts and millivars. Voltage and frequency change every minute.

    The voltage falls by 0.3 V for each kilowatt delivered, and rises as much for each received.
    """
    chance = blake2b(f"{seed} supply {at // 60}".encode(), digest_size=4).digest()
    volts = NOMINAL_MILLIVOLTS - watts * 3 // 10_000 + (int.from_bytes(chance[:2], "big") % 2001 - 1000)
    hertz = NOMINAL_MILLIHERTZ + int.from_bytes(chance[2:], "big") % 41 - 20
    apparent = isqrt(watts * watts + reactive * reactive)
    amps = apparent * 1000 // volts
    return Supply(watts, reactive, volts, amps, hertz, abs(watts) * 1000 // apparent if apparent else 1000)
