"""The meter's own clock: it may be wrong, it has a zone and daylight saving time, and it can be set.

Three times are told apart. *True time*: seconds since 1970, from an accurate clock. *Meter time*: the same by the
meter's clock, without zone and DST; it differs from true time by what the clock was set. *Local time*: what the meter
shows, meter time with zone and DST in it. The meter changes to and from DST by its own clock.
"""

from bisect import bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1)
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class NthSunday:
    """A Sunday of a month: the first is 1, the last -1."""

    month: int
    nth: int

    def of(self, year: int) -> date:
        """That day in a year."""
        if self.nth > 0:
            first = date(year, self.month, 1)
            return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (self.nth - 1))
        last = date(year + self.month // 12, self.month % 12 + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() + 1) % 7 + 7 * (-self.nth - 1))


@dataclass(frozen=True, slots=True)
class DstRule:
    """When daylight saving time is on. on, off: the days. hour: of local time, at which it goes on and off.

    amount: minutes by which it moves the clock. The default is the rule of the United States since 2007.
    """

    on: NthSunday = NthSunday(3, 2)
    off: NthSunday = NthSunday(11, 1)
    hour: int = 2
    amount: int = 60


US_RULE = DstRule()


@lru_cache(maxsize=256)
def _switches(rule: DstRule, zone: int, year: int) -> tuple[int, int]:
    """Meter times at which DST goes on and off in a year."""

    def at_hour(day: date) -> int:
        return (day - _EPOCH.date()).days * 86400 + rule.hour * _HOUR - 60 * zone

    return at_hour(rule.on.of(year)), at_hour(rule.off.of(year)) - 60 * rule.amount


class MeterClock:
    """The clock of a meter.

    zone: minutes east of Greenwich, a multiple of 15 as those of the world are. dst: None where there is none.
    """

    def __init__(self, zone: int = -300, dst: DstRule | None = US_RULE) -> None:
        if zone % 15 or not -720 <= zone <= 840:
            raise ValueError(f"a time zone is -720 to 840 minutes, in steps of 15, not {zone}")
        if dst is not None and dst.amount % 15:
            raise ValueError(f"daylight saving time moves a clock by steps of 15 minutes, not by {dst.amount}")
        self.zone = zone
        self.dst = dst
        self._sets: list[tuple[int, int]] = []
        self._at: list[int] = []
        self._offset: list[int] = []

    def set(self, at: int, by: int) -> None:
        """At true time `at` the clock is moved by so many seconds."""
        insort(self._sets, (at, by))
        self._at = [when for when, _ in self._sets]
        self._offset = [sum(by for _, by in self._sets[: index + 1]) for index in range(len(self._sets))]

    def sets(self) -> Iterator[tuple[int, int]]:
        """True time, and seconds, of each time that the clock was set."""
        return iter(self._sets)

    def offset(self, at: int) -> int:
        """Seconds that the clock is ahead of true time; a set counts from its own second on."""
        index = bisect_right(self._at, at)
        return self._offset[index - 1] if index else 0

    def meter_time(self, at: int) -> int:
        """Meter time at a true time."""
        return at + self.offset(at)

    def next_set(self, at: int) -> int | None:
        """True time of the first set after this second."""
        index = bisect_right(self._at, at)
        return self._at[index] if index < len(self._at) else None

    def is_dst(self, meter_time: int) -> bool:
        """Whether daylight saving time is on."""
        if self.dst is None:
            return False
        on, off = _switches(self.dst, self.zone, self._year(meter_time))
        return on <= meter_time < off if on < off else not off <= meter_time < on

    def next_dst_change(self, meter_time: int) -> int | None:
        """Meter time of the next change to or from DST after this second."""
        if self.dst is None:
            return None
        year = self._year(meter_time)
        coming = (at for y in (year, year + 1) for at in sorted(_switches(self.dst, self.zone, y)))
        return next(at for at in coming if at > meter_time)

    def local(self, meter_time: int) -> int:
        """Local time as seconds since 1970 of a calendar that knows no zones."""
        amount = self.dst.amount if self.dst is not None and self.is_dst(meter_time) else 0
        return meter_time + 60 * (self.zone + amount)

    def shown(self, meter_time: int) -> datetime:
        """Local time as the meter shows it: a datetime without a zone."""
        return _EPOCH + timedelta(seconds=self.local(meter_time))

    def meter_time_of(self, shown: datetime, *, dst: bool = False) -> int:
        """Meter time at which the clock shows this; `dst` decides in the hour that comes twice.

        In the hour that is left out, standard time is taken to go on.
        """
        plain = (shown - _EPOCH) // timedelta(seconds=1) - 60 * self.zone
        amount = 60 * self.dst.amount if self.dst is not None else 0
        candidates = [plain - amount * on for on in (dst, not dst)]
        fitting = (at for at, on in zip(candidates, (dst, not dst), strict=True) if self.is_dst(at) == on)
        return next(fitting, plain)

    def _year(self, meter_time: int) -> int:
        return (_EPOCH + timedelta(seconds=meter_time + 60 * self.zone)).year
