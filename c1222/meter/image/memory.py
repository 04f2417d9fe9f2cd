"""What a simulated meter keeps for itself: what was written, acknowledged, cleared and stopped.

A meter's lists (logs, self reads, load profile) are numbered as standard procedures 4 and 5 number them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Literal

from c1219_tables.times import MeterTime
from c1222.meter.world.world import World

EVENT_LOG, SELF_READS, LOAD_PROFILE, HISTORY_LOG = 1, 2, 3, 8
ALL_PROFILES, ALL_BUT_EVENTS = 7, 255
LISTS: dict[int, tuple[int, ...]] = {
    EVENT_LOG: (EVENT_LOG,),
    SELF_READS: (SELF_READS,),
    LOAD_PROFILE: (LOAD_PROFILE,),
    ALL_PROFILES: (LOAD_PROFILE,),
    HISTORY_LOG: (HISTORY_LOG,),
    ALL_BUT_EVENTS: (SELF_READS, LOAD_PROFILE, HISTORY_LOG),
}
"""LIST of procedures 4 and 5: the lists of this meter that it names. Source: CNX."""

METERING = 0
TEST = 1
METER_SHOP = 2


@dataclass(frozen=True)
class Build:
    """How a simulated meter stores its tables, fixed when it was made.

    tm_format: 1 to 4, see times.py. data_order: 0 least significant octet first, 1 most significant first.
    days: of 96 intervals, kept in the load profile.
    """

    tm_format: int = 2
    data_order: int = 0
    days: int = 60

    def __post_init__(self) -> None:
        if self.tm_format not in (1, 2, 3, 4) or self.data_order not in (0, 1) or not 1 <= self.days <= 1000:
            raise ValueError("tm_format is 1 to 4, data_order 0 or 1, days 1 to 1000")

    @property
    def order(self) -> Literal["little", "big"]:
        """Order of octets, as Python calls it."""
        return "big" if self.data_order else "little"

    def unset(self) -> MeterTime:
        """A date and time, to the minute, that says there is none."""
        return MeterTime(bytes(5 if self.tm_format <= 2 else 4), None)

    def unset_to_the_second(self) -> MeterTime:
        """The same for a time to the second."""
        return MeterTime(bytes({1: 6, 2: 6, 3: 5, 4: 4}[self.tm_format]), None)

    def time_of_day(self, seconds: int) -> time | MeterTime:
        """A TIME of so many seconds. In TM_FORMAT 4 its form is not public: seconds, as presumed in format 3."""
        if self.tm_format == 4:
            return MeterTime(seconds.to_bytes(4, self.order), None)
        return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


@dataclass
class Memory:
    """One meter's memory. Times are true times in seconds since 1970.

    written: octets of tables that somebody wrote. cleared: when the registers were cleared last, or the installation.
    begun: for each list, when it began or was reset. acknowledged: for each list, how many entries count as read.
    mode: bit of ED_MODE that is set. status_cleared: when the conditions of table 3 were cleared last.
    stops: from when to when the load profile was stopped; None, it still is. revision: grows with every such change.
    """

    world: World
    build: Build
    written: dict[int, bytes] = field(default_factory=dict)
    cleared: int = 0
    begun: dict[int, int] = field(default_factory=dict)
    acknowledged: dict[int, int] = field(default_factory=dict)
    mode: int = METERING
    status_cleared: int = 0
    stops: list[tuple[int, int | None]] = field(default_factory=list)
    response: bytes | None = None
    revision: int = 0

    def __post_init__(self) -> None:
        self.status_cleared = self.world.installed
        self.clear(self.world.installed)

    def clear(self, at: int) -> None:
        """Registers and lists, but not the event log, begin anew."""
        self.cleared = at
        for number in (SELF_READS, LOAD_PROFILE, HISTORY_LOG) if self.begun else (1, 2, 3, 8):
            self.reset(number, at)

    def reset(self, number: int, at: int) -> None:
        """A list begins anew."""
        self.begun[number], self.acknowledged[number] = at, 0
        self.revision += 1

    def acknowledge(self, number: int, entries: int, kept: range) -> None:
        """So many more entries of a list count as read. kept: sequence numbers that the list still holds."""
        first = max(self.acknowledged[number], kept.start)
        self.acknowledged[number] = min(first + entries, kept.stop)

    def unread(self, number: int, kept: range) -> int:
        """Entries of a list that nobody acknowledged."""
        return kept.stop - max(self.acknowledged[number], kept.start)

    def stop(self, at: int) -> None:
        """The load profile stops."""
        if self.is_recording():
            self.stops.append((at, None))
            self.revision += 1

    def start(self, at: int) -> None:
        """The load profile goes on."""
        if not self.is_recording():
            self.stops[-1] = (self.stops[-1][0], at)
            self.revision += 1

    def is_recording(self) -> bool:
        """Whether the load profile is recorded now."""
        return not self.stops or self.stops[-1][1] is not None

    def was_recorded(self, start: int, end: int) -> bool:
        """Whether the load profile was recorded during all of an interval."""
        return not any(stop < end and (again is None or again > start) for stop, again in self.stops)

    def shown(self, at: int) -> datetime:
        """What the meter's clock shows at a true time, to the second."""
        return self.world.clock.shown(self.world.meter_time_at(at))

    def shown_minute(self, at: int) -> datetime:
        """What the meter's clock shows at a true time, to the minute."""
        return self.shown(at).replace(second=0)


Value = dict[str, object]
"""The value of a table or of a record in it, as its declaration encodes it."""

Builder = Callable[[Memory, int], Value]
"""Makes the value of a table at a true time, in seconds since 1970."""
