"""An order carried out: many meters at a time, meters on one serial port one after the other."""

import asyncio
from dataclasses import dataclass, field

from c1222.connection.connect import connect_async
from c1222.scripts.journal import Journal, Now, utc_now
from c1222.scripts.meter_run import Connect, MeterRun, Watch
from c1222.scripts.meters import PlannedMeter
from c1222.scripts.order import Order
from c1222.scripts.resuming import is_stopped
from c1222.session.conversation import Overhear
from c1222.session.faces.async_meter import AsyncMeter
from c1222.settings.config import Config
from c1222.settings.profiles import Profile

JOBS = 8
"""Meters at a time, where nothing is said."""


def carry_out(
    order: Order,
    journal: Journal,
    *,
    jobs: int = JOBS,
    connect: Connect | None = None,
    now: Now = utc_now,
    watch: Watch | None = None,
    overhear: Overhear | None = None,
) -> None:
    """Take the steps that are still to be taken; what came of them is in the journal.

    jobs: meters at a time. connect: how a meter is reached, `connect_async` by default. now: the time here, aware.
    watch: hears each result as it comes. overhear: hears every request with its response.

    Raises TargetError where the journal cannot be kept: nothing is sent then. Interrupted, it leaves every session
    properly, and the journal says how far it came.
    """
    reach = connect or _reach(order, overhear)
    asyncio.run(_Run(order, journal, jobs, reach, now, watch).all())


def _reach(order: Order, overhear: Overhear | None) -> Connect:
    async def reach(planned: PlannedMeter) -> AsyncMeter:
        way, who = planned.way, planned.way.who
        profiles: dict[str, Profile] = {} if planned.profile is None else {planned.profile: way.profile}
        return await connect_async(
            way.target,
            user=who.user,
            user_id=who.user_id,
            password=who.password,
            password_pad=who.pad,
            ticket_key=who.ticket_key,
            keys=way.ring,
            profile=planned.profile,
            registry=order.registry,
            config=Config(profiles=profiles) if profiles else Config(),
            overhear=overhear,
        )

    return reach


@dataclass
class _Run:
    order: Order
    journal: Journal
    jobs: int
    connect: Connect
    now: Now
    watch: Watch | None
    ports: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def all(self) -> None:
        gate = asyncio.Semaphore(self.jobs)
        tasks = [asyncio.create_task(self._one(meter, gate)) for meter in self.order.meters]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _one(self, meter: PlannedMeter, gate: asyncio.Semaphore) -> None:
        if not meter.port:
            await self._when_free(meter, gate)
            return
        async with self.ports.setdefault(meter.port, asyncio.Lock()):
            await self._when_free(meter, gate)

    async def _when_free(self, meter: PlannedMeter, gate: asyncio.Semaphore) -> None:
        async with gate:
            if not self._is_enough():
                await MeterRun(meter, self.journal, self.now, self.watch).carry_out(self.connect)

    def _is_enough(self) -> bool:
        """Whether so many meters failed that no further one is begun."""
        limit = self.order.stop_after
        return limit is not None and sum(_has_failed(meter, self.journal) for meter in self.order.meters) >= limit


def _has_failed(meter: PlannedMeter, journal: Journal) -> bool:
    places = [(meter.name, 0), *((meter.name, step.number) for step in meter.steps)]
    found = (journal.done.get(place) for place in places)
    return is_stopped(meter, journal) or any(outcome is not None and not outcome.is_fine for outcome in found)
