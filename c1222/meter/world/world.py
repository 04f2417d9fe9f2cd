"""The truth behind a simulated meter: what flowed, when, and what happened to the meter, apart from any table.

Whatever a table of the simulated meter says follows from here, so this is what readings of it are held against. A world
is made from a seed; events (events.py) can be added before and while it is used, and each of them changes what is told
of the time after it, never of the time before.

Units are exact integers: energy in mWh and mvarh, power in mW and mvar. Times are true times, aware datetimes of whole
seconds (parts of a second are dropped); methods named `..._at` a number take seconds since 1970. How the meter's clock
differs from true time is in clock.py, how intervals are cut in intervals.py, the load in load.py.

    >>> from datetime import UTC, datetime
    >>> world = World(seed=1, installed=datetime(2025, 1, 1, tzinfo=UTC))
    >>> noon, evening = datetime(2025, 7, 1, 12, tzinfo=UTC), datetime(2025, 7, 1, 20, tzinfo=UTC)
    >>> world.add(Outage(noon, evening))
    >>> world.energy(Quantity.WH_DELIVERED, noon, evening)
    0
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import partial

from c1222.meter.world.clock import US_RULE, DstRule, MeterClock
from c1222.meter.world.demands import Demand, Demands
from c1222.meter.world.events import (
    ClockSet,
    DemandReset,
    DstChange,
    Event,
    Happening,
    Outage,
    PowerDown,
    PowerUp,
    SeasonChange,
    SelfRead,
    moment,
    seconds,
)
from c1222.meter.world.intervals import Interval, Intervals
from c1222.meter.world.load import QUARTER, Load, Quantity
from c1222.meter.world.measured import Measured
from c1222.meter.world.outages import Outages
from c1222.meter.world.supply import DEAD, Supply, supply
from c1222.meter.world.tariff import Tariff, next_midnight, spells
from c1222.meter.world.tiers import TierEnergy

__all__ = ["Interval", "Quantity", "World"]

INSTALLED = datetime(2025, 1, 1, 5, tzinfo=UTC)
"""When the meter of a world is installed that is not told otherwise: midnight in its zone."""


class World:
    """One meter's world.

    seed: of the load and the supply. installed: when its registers were 0, on a full quarter of an hour; the attribute
    is in seconds since 1970.
    zone: minutes east of Greenwich. dst: when daylight saving time is on, None for never. events: as added by `add`.
    clock, tariff, load: parts of the truth, to be asked but not changed. revision: grows with each outage and each set
    of the clock.
    """

    def __init__(
        self,
        seed: int = 1,
        *,
        installed: datetime = INSTALLED,
        zone: int = -300,
        dst: DstRule | None = US_RULE,
        tariff: Tariff | None = None,
        events: Iterable[Event] = (),
    ) -> None:
        self.seed = seed
        self.installed = seconds(installed)
        if self.installed % QUARTER:
            raise ValueError("a meter is installed on a full quarter of an hour: its first interval is a whole one")
        self.clock = MeterClock(zone, dst)
        self.tariff = tariff or Tariff()
        self.load = Load(seed, zone, self.installed)
        self.revision = 0
        self._outages = Outages()
        self._events: list[Event] = []
        self._forget()
        self.add(*events)

    def add(self, *events: Event) -> None:
        """Let something happen. Raises ValueError for what lies before the installation."""
        for event in events:
            at = seconds(event.at)
            if at < self.installed:
                raise ValueError(f"{event} is before the meter was installed")
            if isinstance(event, Outage):
                self._outages.add(at, seconds(event.end))
            elif isinstance(event, ClockSet):
                self.clock.set(at, event.by)
            self._events.append(event)
        self._events.sort(key=lambda event: seconds(event.at))
        if any(isinstance(event, Outage | ClockSet) for event in events):
            self._forget()

    def _forget(self) -> None:
        """Drop all that was worked out and may be otherwise now."""
        self.revision += 1
        self._measured = Measured(self.load, self._outages, self.installed)
        self._intervals = Intervals(self.clock, self.installed)
        self._tiers = TierEnergy(self.clock, self.tariff, self.installed, self.registered_at)
        self._demands = {
            quantity: Demands(
                self._intervals, partial(self.registered_at, quantity), self._tiers.tier_at, self.tariff.tiers
            )
            for quantity in Quantity
        }

    # -- Energy -------------------------------------------------------------------------------------------------------

    def energy(self, quantity: Quantity, start: datetime, end: datetime, tier: int | None = None) -> int:
        """mWh or mvarh that the meter measured between two times; in one tier, or in all.

        Exact: energies of spans that follow each other add up to the energy of the whole.
        """
        return self.registered_at(quantity, seconds(end), tier) - self.registered_at(quantity, seconds(start), tier)

    def registered_at(self, quantity: Quantity, at: int, tier: int | None = None) -> int:
        """mWh or mvarh since the meter was installed, at a true time in seconds since 1970."""
        return self._measured.at(quantity, at) if tier is None else self._tiers.at(quantity, at, tier)

    # -- Intervals and demands ----------------------------------------------------------------------------------------

    def intervals(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """Intervals of 15 minutes on the meter's clock that ended after `start` and not after `end`."""
        return self._intervals.between(seconds(start), seconds(end))

    def interval(self, number: int) -> Interval:
        """The interval of that number; 0 is the first after installation."""
        return self._intervals[number]

    def closed_at(self, at: int) -> int:
        """How many intervals have ended at a true time in seconds since 1970."""
        return self._intervals.closed(at)

    def interval_energy(self, quantity: Quantity, interval: Interval) -> int:
        """mWh or mvarh in an interval."""
        return self.registered_at(quantity, interval.end) - self.registered_at(quantity, interval.start)

    def powered(self, interval: Interval) -> int:
        """Seconds of an interval with voltage: 900 for a whole one."""
        return sum(end - start for start, end in self._outages.powered([(interval.start, interval.end)]))

    def max_demand(self, quantity: Quantity, start: datetime, end: datetime, tier: int | None = None) -> Demand:
        """The greatest demand of the intervals that ended after `start` and not after `end`, the earliest of equals.

        mW or mvar over a nominal interval, also where power failed in it. An interval that was cut, lengthened or
        skipped by a set of the clock has no demand. tier: intervals that began in that tier; None for all.
        """
        return self.max_demand_at(quantity, seconds(start), seconds(end), tier)

    def max_demand_at(self, quantity: Quantity, start: int, end: int, tier: int | None = None) -> Demand:
        """The same, for seconds since 1970."""
        return self._demands[quantity].greatest(self._intervals.closed(start), self._intervals.closed(end), tier)

    def demand(self, quantity: Quantity, interval: Interval) -> int:
        """mW or mvar of an interval, over nominal 15 minutes."""
        return self.interval_energy(quantity, interval) * 3600 // QUARTER

    # -- The moment ---------------------------------------------------------------------------------------------------

    def supply(self, at: datetime) -> Supply:
        """Voltage, current, frequency and power at a moment; all zero in an outage."""
        second = seconds(at)
        if not self._outages.is_powered(second):
            return DEAD
        power = {quantity: self.load.power(quantity, second) for quantity in Quantity}
        watts = power[Quantity.WH_DELIVERED] - power[Quantity.WH_RECEIVED]
        delivered = power[Quantity.VARH_Q1] + power[Quantity.VARH_Q2]
        return supply(self.seed, second, watts, delivered - power[Quantity.VARH_Q3] - power[Quantity.VARH_Q4])

    def is_powered(self, at: datetime) -> bool:
        """Whether there is voltage: without it, a meter answers nobody."""
        return self._outages.is_powered(seconds(at))

    # -- Clock and calendar -------------------------------------------------------------------------------------------

    def meter_time_at(self, at: int) -> int:
        """What the meter takes for the seconds since 1970, at a true time."""
        return self.clock.meter_time(at)

    def local_time(self, at: datetime) -> datetime:
        """What the meter's clock shows: zone and DST are in it; a datetime without a zone."""
        return self.clock.shown(self.clock.meter_time(seconds(at)))

    def stamp(self, interval: Interval) -> datetime:
        """Local time with which the meter labels an interval: that of its end."""
        return self.clock.shown(interval.stamp)

    def tier_at(self, at: int) -> int:
        """Tier in force at a true time in seconds since 1970."""
        return self._tiers.tier_at(at)

    def season_at(self, at: int) -> int:
        """Season in force at a true time in seconds since 1970."""
        return self.tariff.season(self.clock.local(self.clock.meter_time(at)))

    # -- What happened ------------------------------------------------------------------------------------------------

    def events(self, start: datetime, end: datetime) -> list[Happening]:
        """What happened after `start` and not after `end`, in order: events that were added and what follows from them.

        An outage is its two ends; what two outages share is told once. Changes of DST and season are those of the
        meter's own clock: a set of it may bring one.
        """
        first, last = seconds(start), seconds(end)
        told: list[Happening] = [event for event in self._events if not isinstance(event, Outage)]
        for down, up in self._outages:
            told += PowerDown(moment(down)), PowerUp(moment(up))
        told += self._calendar(max(first, self.installed), last)
        return sorted((one for one in told if first < seconds(one.at) <= last), key=lambda one: seconds(one.at))

    def _calendar(self, start: int, end: int) -> Iterator[Happening]:
        """Changes of DST and season after `start` and not after `end`."""
        was: tuple[int, bool] | None = None
        for at, _, season in spells(self.clock, start, end + 1, self.tariff.season, next_midnight):
            now = season, self.clock.is_dst(self.clock.meter_time(at))
            if was is not None and now[0] != was[0]:
                yield SeasonChange(moment(at), now[0])
            if was is not None and now[1] != was[1]:
                yield DstChange(moment(at), now[1])
            was = now

    def times_of(self, kind: type[DemandReset] | type[SelfRead], start: int, end: int) -> list[int]:
        """True times of demand resets or self reads after `start` and not after `end`, in seconds since 1970."""
        times = (seconds(event.at) for event in self._events if isinstance(event, kind))
        return [at for at in times if start < at <= end]

    def season_changes(self, start: int, end: int) -> list[SeasonChange]:
        """Changes of season after `start` and not after `end`, true times in seconds since 1970."""
        return [one for one in self._calendar(start, end) if isinstance(one, SeasonChange)]
