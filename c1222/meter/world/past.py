"""A world whose meter has hung for a while when somebody reads it: what an ordinary year, or less, brings with it."""

from datetime import datetime
from random import Random

from c1222.meter.world.events import ClockSet, DemandReset, Event, Outage, SelfRead, moment, seconds
from c1222.meter.world.load import DAY
from c1222.meter.world.world import World

DAYS = 100
"""Days that the meter has been there: the load profile is full, and demands were reset some times."""

_CLOCK_WRONG = (36, 31)
"""Days ago that the clock was put wrong, and right again."""

_SHORT = (40, 3 * 60, 25 * 60, 2 * 3600 + 7 * 60)


def world_with_a_past(seed: int, now: datetime, *, days: int = DAYS, zone: int = -300) -> World:
    """A world whose meter was installed so many days before `now`, at midnight of its zone.

    Since then, by the seed: an outage about every three weeks, of seconds to hours; on the first of each month, at
    midnight, a self read and a demand reset. Somebody put the clock wrong by some seconds, and right again later.
    """
    luck = Random(seed)  # noqa: S311 - no secret
    midnight = (seconds(now) + 60 * zone) // DAY * DAY - 60 * zone
    world = World(seed, installed=moment(midnight - days * DAY), zone=zone)
    events: list[Event] = []
    for day in range(1, days):
        start = midnight - day * DAY
        local_midnight = start - world.clock.local(start) % DAY
        if world.clock.shown(local_midnight).day == 1:
            events += SelfRead(moment(local_midnight)), DemandReset(moment(local_midnight))
        if luck.randrange(21) == 0:
            begin = start + luck.randrange(DAY // 2)
            events.append(Outage(moment(begin), moment(begin + luck.choice(_SHORT))))
    if days > _CLOCK_WRONG[0]:
        by = luck.choice((-1, 1)) * luck.randrange(5, 40)
        wrong, right = (moment(midnight - day * DAY + 10 * 3600) for day in _CLOCK_WRONG)
        events += ClockSet(wrong, by), ClockSet(right, -by)
    world.add(*events)
    return world
