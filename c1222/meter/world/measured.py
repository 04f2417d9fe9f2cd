"""What a meter measures: the load since its installation, but for what would have flowed in outages."""

from bisect import bisect_right
from itertools import accumulate

from c1222.meter.world.load import Load, Quantity
from c1222.meter.world.outages import Outages


class Measured:
    """Energy that flowed through a meter.

    outages: those there are when this is made. installed: true time in seconds since 1970, when registers were 0.
    """

    def __init__(self, load: Load, outages: Outages, installed: int) -> None:
        self._total = load.total
        self._installed = installed
        self._spans = list(outages)
        self._downs = [down for down, _ in self._spans]
        self._lost: dict[Quantity, list[int]] = {}
        self._zero = {quantity: load.total(quantity, installed) for quantity in Quantity}

    def at(self, quantity: Quantity, at: int) -> int:
        """mWh or mvarh since the installation, at a true time in seconds since 1970; 0 before it."""
        if at <= self._installed:
            return 0
        begun = bisect_right(self._downs, at)
        if not begun:
            return self._total(quantity, at) - self._zero[quantity]
        down, up = self._spans[begun - 1]
        if at < up:
            at = down
            begun -= 1
        return self._total(quantity, at) - self._zero[quantity] - self._lost_in(quantity)[begun]

    def _lost_in(self, quantity: Quantity) -> list[int]:
        """mWh that were lost in the first outages: in none, in the first, in the first two ..."""
        if quantity not in self._lost:
            lost = (self._total(quantity, up) - self._total(quantity, down) for down, up in self._spans)
            self._lost[quantity] = [0, *accumulate(lost)]
        return self._lost[quantity]
