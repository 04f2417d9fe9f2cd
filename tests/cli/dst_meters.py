"""Meters on the days on which DST changes in New York, with a failure of power on each; profiles of them.

2025-11-02 06:00 UTC: 02:00 UTC-04:00 becomes 01:00 UTC-05:00.
2025-03-09 07:00 UTC: 02:00 UTC-05:00 becomes 03:00 UTC-04:00.
"""

from dataclasses import replace

from saved_meters import saved, utc

import c1222
from c1222.meter.world.events import ClockSet, Outage
from c1222.meter.world.world import World


def autumn(path):
    """Its clock is set, too: an hour forward at 20:00 UTC, and back three hours later, when it shows midnight UTC."""
    events = [
        Outage(utc("2025-11-02T14:07"), utc("2025-11-02T16:40")),
        ClockSet(utc("2025-11-02T20:00"), 3600),
        ClockSet(utc("2025-11-02T23:00"), -3600),
    ]
    return saved(path, World(3, installed=utc("2025-10-25T04:00"), events=events), utc("2025-11-04T12:00"), days=20)


def spring(path):
    events = [Outage(utc("2025-03-09T14:07"), utc("2025-03-09T16:40"))]
    return saved(path, World(4, installed=utc("2025-03-05T05:00"), events=events), utc("2025-03-11T12:00"), days=20)


def ramadan(path):
    """To be read as in Casablanca, where clocks went back on 2025-02-23 at 02:00 UTC, and forward on 04-06 at 02:00."""
    world = World(5, installed=utc("2025-02-20T05:00"))
    return saved(path, world, utc("2025-04-10T12:00"), days=60)


def profile(target, since, until, tz=None):
    with c1222.connect(target) as meter:
        return meter.profile(since=utc(since), until=utc(until), tz=tz)


def flagged(found, flags):
    """The profile with more flags, by row, in all its channels."""
    more = tuple([its | flags.get(row, 0) for row, its in enumerate(channel)] for channel in found.data.flags)
    return _with(found, replace(found.data, flags=more))


def without(found, rows):
    """The profile with some intervals missing."""
    kept = [row for row in range(len(found.data.ends)) if row not in rows]
    columns = {name: [getattr(found.data, name)[row] for row in kept] for name in ("ends", "numbers")}
    by_channel = {
        name: tuple([one[row] for row in kept] for one in getattr(found.data, name)) for name in ("raw", "flags")
    }
    return _with(found, replace(found.data, **columns, **by_channel))


def _with(found, data):
    found.data = data
    for series in found:
        series.data = data
    return found
