"""Where a meter hangs, as far as time goes: how far its wall clocks are from UTC, and when they are on DST."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cached_property
from typing import NamedTuple, Protocol

from c1219_tables.readings.clocks.daylight import Daylight
from c1219_tables.readings.notes import Note

TWICE = Note("hour-twice", "the clock shows this time twice, as DST ends: the first, in DST, is taken")
SKIPPED = Note("hour-skipped", "the clock leaves this time out, as DST begins: standard time is taken to go on")
DST_UNKNOWN = Note("dst-unknown", "whether DST was on is not known for this year: standard time is taken")


class Found(NamedTuple):
    """A moment, in UTC without a zone. note: what was assumed to find it, if anything."""

    utc: datetime
    note: Note | None = None


class Place(Protocol):
    """All datetimes are without a zone but for what `local` gives."""

    def at_wall(self, wall: datetime, is_dst: bool | None) -> Found:
        """The moment at which clocks with DST show this; is_dst: where that is known."""

    def standard(self, shown: datetime) -> timedelta:
        """How far east of Greenwich the zone is at that time, without DST."""

    def local(self, utc: datetime) -> datetime:
        """The local time, with its offset, DST in it."""


@dataclass(frozen=True)
class StatedPlace:
    """As tables 53 and 54 state it. offset: minutes east of Greenwich. daylight: None where there is no DST."""

    offset: int
    daylight: Daylight | None = None

    @cached_property
    def _east(self) -> timedelta:
        return timedelta(minutes=self.offset)

    @cached_property
    def _moved(self) -> timedelta:
        return timedelta(minutes=self.daylight.amount if self.daylight is not None else 0)

    def at_wall(self, wall: datetime, is_dst: bool | None) -> Found:
        standard = wall - self._east
        if self.daylight is None:
            return Found(standard)
        dst = standard - self._moved
        if (on := self.daylight.is_on(wall)) is None:
            return Found(standard, DST_UNKNOWN) if is_dst is None else Found(dst if is_dst else standard)
        may_be_dst = self.daylight.is_on(wall - self._moved) is True
        if may_be_dst and not on:
            return _one_of_two(dst, standard, is_dst)
        if on and not may_be_dst:
            return Found(standard, SKIPPED)
        return Found(dst if on else standard)

    def standard(self, shown: datetime) -> timedelta:
        return self._east

    def local(self, utc: datetime) -> datetime:
        offset = self._east
        if self.daylight is not None and self.daylight.is_on(utc + offset):
            offset += self._moved
        return utc.replace(tzinfo=UTC).astimezone(timezone(offset))

    def __str__(self) -> str:
        zone = str(timezone(timedelta(minutes=self.offset)))
        return f"{zone}, {self.daylight}" if self.daylight is not None else zone


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """As a zone of the tz database, or any other, has it."""

    tz: tzinfo

    def at_wall(self, wall: datetime, is_dst: bool | None) -> Found:
        first, second = (wall.replace(tzinfo=self.tz, fold=fold).astimezone(UTC) for fold in (0, 1))
        shows = [at.astimezone(self.tz).replace(tzinfo=None) == wall for at in (first, second)]
        if not any(shows):
            return Found(first.replace(tzinfo=None), SKIPPED)
        if first != second and all(shows):
            return _one_of_two(first.replace(tzinfo=None), second.replace(tzinfo=None), is_dst)
        return Found((first if shows[0] else second).replace(tzinfo=None))

    def standard(self, shown: datetime) -> timedelta:
        at = shown.replace(tzinfo=self.tz)
        return (at.utcoffset() or timedelta()) - (at.dst() or timedelta())

    def local(self, utc: datetime) -> datetime:
        return utc.replace(tzinfo=UTC).astimezone(self.tz)

    def __str__(self) -> str:
        return f"zone {self.tz}"


def _one_of_two(dst: datetime, standard: datetime, is_dst: bool | None) -> Found:
    return Found(dst, TWICE) if is_dst is None else Found(dst if is_dst else standard)
