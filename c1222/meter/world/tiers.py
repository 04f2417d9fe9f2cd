"""Energy by tier: what flowed while each tier was in force."""

from bisect import bisect_right
from collections.abc import Callable

from c1222.meter.world.clock import MeterClock
from c1222.meter.world.load import DAY, Quantity
from c1222.meter.world.tariff import Tariff, spells

_AHEAD = 30 * DAY


class TierEnergy:
    """Energy by tier since `installed`, worked out as far as it is asked for.

    registered: mWh since the installation, of a quantity at a true time.
    """

    def __init__(
        self, clock: MeterClock, tariff: Tariff, installed: int, registered: Callable[[Quantity, int], int]
    ) -> None:
        self._clock = clock
        self._tariff = tariff
        self._registered = registered
        self._known_until = installed
        self._starts: list[int] = []
        self._tiers: list[int] = []
        self._before: dict[Quantity, list[list[int]]] = {quantity: [] for quantity in Quantity}

    def at(self, quantity: Quantity, at: int, tier: int) -> int:
        """mWh since installation in a tier, at a true time in seconds since 1970."""
        self._know(at)
        index = bisect_right(self._starts, at) - 1
        if index < 0:
            return 0
        before = self._sums(quantity, index)[tier]
        if self._tiers[index] != tier:
            return before
        return before + self._registered(quantity, at) - self._registered(quantity, self._starts[index])

    def tier_at(self, at: int) -> int:
        """Tier in force at a true time in seconds since 1970, not before the installation."""
        self._know(at)
        return self._tiers[bisect_right(self._starts, at) - 1]

    def _know(self, at: int) -> None:
        """Work out the spells of tiers up to then."""
        if at < self._known_until:
            return
        until = at + _AHEAD
        for start, _, tier in spells(
            self._clock, self._known_until, until, self._tariff.tier, self._tariff.next_switch
        ):
            self._starts.append(start)
            self._tiers.append(tier)
        self._known_until = until

    def _sums(self, quantity: Quantity, index: int) -> list[int]:
        """Energy of each tier before a spell."""
        sums = self._before[quantity]
        if not sums:
            sums.append([0] * self._tariff.tiers)
        while len(sums) <= index:
            last = len(sums) - 1
            flowed = self._registered(quantity, self._starts[last + 1]) - self._registered(quantity, self._starts[last])
            new = list(sums[-1])
            new[self._tiers[last]] += flowed
            sums.append(new)
        return sums[index]
