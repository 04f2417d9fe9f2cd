"""A meter's clock: which of its times is which moment in UTC, and what had to be assumed to say so.

Table 52 (or 55) says what is in the times that the meter stores: its zone, daylight saving time (DST). Table 53 has
the zone's offset and how far DST moves the clock, table 54 the dates. All stored times are taken to be by that clock.
It may be wrong: UTC here is what the meter takes for UTC. Sources: docs/sources.md, C J N X for 52, J X for 53 and 54;
that TM_ZN_APPLIED_FLAG counts for times stored elsewhere, and for counters too, YK's driver.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, Literal

from c1219_tables.readings.clocks.daylight import daylight
from c1219_tables.readings.clocks.place import TWICE, Found, NamedPlace, Place, StatedPlace
from c1219_tables.readings.notes import Note
from c1219_tables.rules import Rules
from c1219_tables.table import table_label
from c1219_tables.times import MeterTime

COUNTERS = (3, 4)
"""TM_FORMATs that count from 1970: by their type they are UTC (CX NI TM YK), the others are what the clock shows."""

_DAY = 1440
"""Minutes."""
_LATE_YEAR = 2026
"""In which zones are compared where no clock of the meter tells the year: more meters are of late than old."""

_NO_ZONE = Note("zone-unknown", "no table says how far the clock is from UTC: name the zone to have times in UTC")


@dataclass(frozen=True, slots=True)
class Moment:
    """A time that the meter stored.

    shown: as its clock has it, without a zone. utc: the same in UTC; None where the zone is not known. local: where the
    meter is, with the offset there; None likewise. notes: what was assumed for this time, beside what the MeterZone
    assumes for all.
    """

    shown: datetime
    utc: datetime | None
    local: datetime | None
    notes: tuple[Note, ...] = ()

    @property
    def ambiguous(self) -> bool:
        """The clock shows `shown` twice, and nothing said which of the two it is."""
        return TWICE in self.notes

    def __str__(self) -> str:
        if self.local is not None:
            return self.local.isoformat(sep=" ")
        if self.utc is not None:
            return self.utc.isoformat(sep=" ")
        return f"{self.shown.isoformat(sep=' ')} meter time"


@dataclass(frozen=True, slots=True)
class MeterZone:
    """How the times of one meter become UTC.

    place: offset and DST of where it is; None where they are not known. zone_in, dst_in: whether the zone's offset and
    DST are in the times that the meter stores. sources: the tables that say so. notes: what was assumed, and what is
    not known. dst_amount: minutes by which DST moves the clock, where table 53 says that and no zone.
    """

    place: Place | None
    zone_in: bool = True
    dst_in: bool = True
    sources: tuple[int, ...] = ()
    notes: tuple[Note, ...] = ()
    dst_amount: int | None = None

    @property
    def is_known(self) -> bool:
        """Whether times can be told in UTC."""
        return self.place is not None or not (self.zone_in or self.dst_in)

    def utc(self, shown: datetime, is_dst: bool | None = None) -> datetime | None:
        """The moment in UTC at which the clock showed this; None where the zone is not known.

        shown: without a zone. is_dst: whether DST was on at that very time, where that is known. It decides in the hour
        that comes twice and in years without dates; where the dates leave no doubt they hold.
        """
        found = self.find(shown, is_dst)
        return None if found is None else found.utc.replace(tzinfo=UTC)

    def moment(self, shown: datetime, is_dst: bool | None = None) -> Moment:
        """The same with the local time, and what was assumed."""
        found = self.find(shown, is_dst)
        if found is None:
            return Moment(shown, None, None, (_NO_ZONE,))
        local = self.place.local(found.utc) if self.place is not None else None
        return Moment(shown, found.utc.replace(tzinfo=UTC), local, () if found.note is None else (found.note,))

    def of(self, stored: MeterTime | None, is_dst: bool | None = None) -> Moment | None:
        """The moment of a date and time as a table has it; None where that is not set."""
        shown = stored.value if stored is not None else None
        return self.moment(shown, is_dst) if isinstance(shown, datetime) else None

    def describe(self) -> str:
        """In a sentence: what the meter's times are, and which tables say so."""
        if not self.zone_in and not self.dst_in:
            words = "times are in UTC"
        elif self.dst_in:
            words = "times are local, DST in them" if self.zone_in else "times are in UTC with DST added"
        else:
            words = "times are in standard time all year"
        where = f", {self.place}" if self.place is not None else ""
        tables = ", ".join(map(table_label, self.sources))
        return f"{words}{where} ({tables})" if tables else f"{words}{where}"

    def find(self, shown: datetime, is_dst: bool | None = None) -> Found | None:
        """The moment in UTC, without a zone, and what was assumed to find it; None where the zone is not known."""
        if not self.zone_in and not self.dst_in:
            return Found(shown)
        if self.place is None:
            return None
        wall = shown if self.zone_in else shown + self.place.standard(shown)
        if not self.dst_in:
            return Found(wall - self.place.standard(shown))
        return self.place.at_wall(wall, is_dst)


def meter_zone(
    tables: Mapping[int, Mapping[str, Any]], *, tz: tzinfo | None = None, rules: Rules | None = None
) -> MeterZone:
    """The clock of a meter by its tables 52, 53, 54 and 55, as far as they were read, and 0.

    tz: where the meter is, by the caller's word; offset and dates of the tables are not taken then, but a note says
    where they contradict it.
    rules: how this make is read (counters_are_local).
    Raises TypeError, ValueError as check_tz.
    """
    check_tz(tz)
    rules = rules or Rules()
    notes: list[Note] = []
    sources: list[int] = []
    zone_in, dst_in = _what_is_in(tables, rules, sources, notes)
    place: Place | None
    if tz is None:
        place = _stated(tables, sources, notes)
    else:
        place = NamedPlace(tz)
        notes += _contradiction(tables, place)
    if place is None and (zone_in or dst_in):
        notes.append(_NO_ZONE)
    offsets = tables.get(53)
    amount = offsets["dst_time_amt"] if offsets is not None and offsets["time_zone_offset"] is None else None
    return MeterZone(place, zone_in, dst_in, tuple(sources), tuple(notes), amount)


def check_tz(tz: tzinfo | None) -> None:
    """Raise TypeError for what is no zone; ValueError for one that tells another offset as the tzinfo of a datetime
    than it has, which those of pytz do.
    """
    if tz is None:
        return
    if not isinstance(tz, tzinfo):
        raise TypeError(f"tz is a zone, as zoneinfo.ZoneInfo('Europe/Berlin'), not {tz!r}")
    for month in (1, 7):
        local = datetime(_LATE_YEAR, month, 1, tzinfo=UTC).astimezone(tz)
        if local.replace(tzinfo=tz).utcoffset() != local.utcoffset():
            raise ValueError(f"tz {tz} does not tell its offset as datetime wants it: give zoneinfo.ZoneInfo('{tz}')")


def _what_is_in(
    tables: Mapping[int, Mapping[str, Any]], rules: Rules, sources: list[int], notes: list[Note]
) -> tuple[bool, bool]:
    """Whether the zone and DST are in the times."""
    counts = 0 in tables and tables[0]["format_control_2"]["tm_format"] in COUNTERS
    if counts and rules.counters_are_local:
        notes.append(Note("counters-local", "this make's counters of minutes or seconds hold local time, not UTC"))
        return True, True
    number = _clock_table(tables)
    if number is None:
        words = "counted from 1970, so in UTC" if counts else "what clocks at the meter show, DST in them"
        notes.append(Note("clock-not-read", f"neither table 52 nor 55 was read: times are taken to be {words}"))
        return not counts, not counts
    sources.append(number)
    qualifier = tables[number]["time_date_qual"]
    zone_in, dst_in = bool(qualifier["tm_zn_applied_flag"]), bool(qualifier["dst_applied_flag"])
    if zone_in:
        return True, dst_in
    if qualifier["gmt_flag"] or (counts and not dst_in):
        return False, dst_in
    # Two recorded meters (JC, X) set neither flag and state no zone: their field clocks show what clocks there show.
    text = "the clock calls itself neither GMT nor with its zone in it: it is taken to be local"
    notes.append(Note("zone-not-applied", text if dst_in else f"{text}, DST in it"))
    return True, True


def _clock_table(tables: Mapping[int, Mapping[str, Any]]) -> int | None:
    """The one that shows a time, where one does: what a blank one says of its times may be blank, too."""
    there = [number for number in (52, 55) if number in tables]
    return next((number for number in there if _is_set(tables[number].get("clock_calendar"))), next(iter(there), None))


def _is_set(stored: MeterTime | None) -> bool:
    return stored is not None and isinstance(stored.value, datetime)


def _stated(tables: Mapping[int, Mapping[str, Any]], sources: list[int], notes: list[Note]) -> StatedPlace | None:
    """The place by table 53 and its DST dates by table 54; None where table 53 states no offset that can be."""
    offsets = tables.get(53)
    if offsets is None or offsets["time_zone_offset"] is None:
        return None
    if abs(offsets["time_zone_offset"]) + offsets["dst_time_amt"] >= _DAY:
        text = f"table 53 has {offsets['time_zone_offset']} minutes for the zone: no zone is a day off"
        notes.append(Note("zone-impossible", text))
        return None
    sources.append(53)
    order: Literal["little", "big"] = "big" if 0 in tables and tables[0]["format_control_1"]["data_order"] else "little"
    dst, assumed = daylight(offsets, tables.get(54), order)
    notes += assumed
    if dst is not None and 54 in tables:
        sources.append(54)
    return StatedPlace(offsets["time_zone_offset"], dst)


def _contradiction(tables: Mapping[int, Mapping[str, Any]], given: NamedPlace) -> list[Note]:
    """What the tables say against the zone that the caller names: other offsets than it has in the course of a year.

    The year is that which the meter's clock shows: zones change. The host's clock is not asked.
    """
    stated = _stated(tables, [], [])
    if stated is None:
        return []
    number = _clock_table(tables)
    stored: MeterTime | None = None if number is None else tables[number]["clock_calendar"]
    shown = None if stored is None else stored.value
    year = shown.year if isinstance(shown, datetime) else _LATE_YEAR
    has = {given.local(datetime(year, month, 1)).utcoffset() or timedelta() for month in (1, 7)}
    amounts = {0, stated.daylight.amount} if stated.daylight is not None else {0}
    if has == {timedelta(minutes=stated.offset + amount) for amount in amounts}:
        return []
    offsets = " and ".join(str(timezone(offset)) for offset in sorted(has))
    text = f"{given} has {offsets} in {year}, but the meter's tables say {stated}: what was named is taken"
    return [Note("zone-contradicts-tables", text)]
