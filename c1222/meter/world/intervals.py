"""Intervals as a meter makes them: quarters of an hour on its own clock, numbered in the order in which they closed.

On a clock that nobody sets, they follow each other without a gap. A set inside one quarter makes that interval shorter
or longer. A set forward into another quarter ends the running interval, and those that were jumped over are there too,
without length, so that their times stay regular. A set back into an earlier quarter ends the running interval, and the
quarters from there on come a second time: a new run begins. Outages change nothing here: quarters without voltage are
intervals all the same.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from c1222.meter.world.clock import MeterClock
from c1222.meter.world.load import QUARTER


@dataclass(frozen=True, slots=True)
class Interval:
    """One interval.

    number: from 0, as recorded since the meter was installed. quarter: quarters since 1970 on the meter's clock (meter
    time), at its start. start, end: true time, seconds since 1970; equal where a set jumped over it.
    dst: DST was in effect at its start. clock_forward, clock_backward: a set cut, lengthened or skipped it, or, back,
    came just before it. repeats: the first after a set back into an earlier quarter.
    """

    number: int
    quarter: int
    start: int
    end: int
    dst: bool
    clock_forward: bool
    clock_backward: bool
    repeats: bool

    @property
    def stamp(self) -> int:
        """Meter time of its end, as the meter labels it: always a full quarter of an hour."""
        return (self.quarter + 1) * QUARTER

    @property
    def is_touched(self) -> bool:
        """Whether a set of the clock cut, lengthened or skipped it: what flowed in it says nothing about a demand."""
        return self.end - self.start != QUARTER or ((self.clock_forward or self.clock_backward) and not self.repeats)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Between two sets of the clock: true time, and seconds that the clock is ahead. end: None, still running."""

    start: int
    end: int | None
    offset: int


@dataclass(frozen=True, slots=True)
class _Run:
    """Intervals whose quarters rise one by one. number: of its first interval."""

    number: int
    quarter: int
    stretches: tuple[_Stretch, ...]

    def reached(self, meter_time: int) -> int:
        """True time at which the clock first showed this meter time or a later one."""
        for stretch in self.stretches:
            if stretch.end is None or stretch.end + stretch.offset > meter_time:
                return max(stretch.start, meter_time - stretch.offset)
        last = self.stretches[-1].end
        assert last is not None
        return last


class Intervals:
    """The intervals of a meter that was installed at `installed`, true time."""

    def __init__(self, clock: MeterClock, installed: int) -> None:
        self.clock = clock
        self.installed = installed
        self._runs = list(self._find_runs())
        self._numbers = [run.number for run in self._runs]
        self._starts = [run.stretches[0].start for run in self._runs]

    def closed(self, at: int) -> int:
        """How many intervals have ended at a true time: the number of the one that is running."""
        if at < self.installed:
            return 0
        run = self._runs[bisect_right(self._starts, at) - 1]
        return run.number + self.clock.meter_time(at) // QUARTER - run.quarter

    def __getitem__(self, number: int) -> Interval:
        """The interval of that number, also one of the future as things are. Raises IndexError below 0."""
        if number < 0:
            raise IndexError(number)
        run = self._runs[bisect_right(self._numbers, number) - 1]
        quarter = run.quarter + number - run.number
        start = run.reached(quarter * QUARTER)
        end = run.reached((quarter + 1) * QUARTER)
        forward = backward = False
        for at, by in self.clock.sets():
            if start < at < end or (start <= at <= end and end - start != QUARTER):
                forward, backward = forward or by > 0, backward or by < 0
        repeats = number == run.number and run is not self._runs[0]
        dst = self.clock.is_dst(quarter * QUARTER)
        return Interval(number, quarter, start, end, dst, forward, backward or repeats, repeats)

    def plain(self, first: int, end: int) -> range | None:
        """Starts of the intervals from `first` to before `end`, and the last one's end, if no set touched any."""
        start = self[first].start
        stop = start + (end - first) * QUARTER
        inside = any(start <= at <= stop for at, _ in self.clock.sets())
        return None if inside else range(start, stop + 1, QUARTER)

    def between(self, start: int, end: int) -> Iterator[Interval]:
        """Intervals that ended after `start` and not after `end`, true times."""
        return (self[number] for number in range(self.closed(start), self.closed(end)))

    def _stretches(self) -> Iterator[_Stretch]:
        start = self.installed
        offset = self.clock.offset(start)
        while (end := self.clock.next_set(start)) is not None:
            yield _Stretch(start, end, offset)
            start, offset = end, self.clock.offset(end)
        yield _Stretch(start, None, offset)

    def _find_runs(self) -> Iterator[_Run]:
        number = 0
        stretches: list[_Stretch] = []
        for stretch in self._stretches():
            if stretches and (was := stretches[-1]).end is not None:
                left = (was.end + was.offset) // QUARTER
                if (stretch.start + stretch.offset) // QUARTER < left:
                    run = _Run(number, (stretches[0].start + stretches[0].offset) // QUARTER, tuple(stretches))
                    yield run
                    # An interval that had only just begun, without any length, is not kept.
                    number += (was.end + was.offset - 1) // QUARTER - run.quarter + 1
                    stretches = []
            stretches.append(stretch)
        yield _Run(number, (stretches[0].start + stretches[0].offset) // QUARTER, tuple(stretches))
