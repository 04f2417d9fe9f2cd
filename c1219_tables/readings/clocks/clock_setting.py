"""What a meter's clock has to be set to: a moment as that clock shows it, with the qualifier that goes with it.

The inverse of clock.py. Procedure 10 takes a time and TIME_DATE_QUAL; a meter is given both in the form in which its
own table 52 shows them, so that what it calls zone and DST stays as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from c1219_tables.readings.clocks.clock import MeterZone, meter_zone
from c1219_tables.readings.notes import Note
from c1219_tables.rules import Rules

_AS_SHOWN = Note("time-as-shown", "the time was given without a zone: it is what the meter's clock is to show")

_NO_WEEKDAY = 7
"""DAY_OF_WEEK of a meter that keeps none."""


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """Parameters of procedure 10. date_time: without a zone, as the meter shows it. time_date_qual: by its names.

    utc: the moment that is meant, None where nobody knows the meter's zone. zone: how the meter shows times, in words.
    notes: what was assumed.
    """

    date_time: datetime
    time_date_qual: Mapping[str, Any]
    utc: datetime | None
    zone: str
    notes: tuple[Note, ...] = ()


def clock_setting(
    tables: Mapping[int, Mapping[str, Any]], time: datetime, *, tz: tzinfo | None = None, rules: Rules | None = None
) -> ClockSetting:
    """What to set a clock to, by the meter's tables 52, 53, 54, 0, as far as they were read.

    time: with a zone, a moment; without one, what the clock is to show. Parts of a second are rounded.
    tz: where the meter is, by the caller's word.
    Raises ValueError where table 52 was not read, or the meter's zone is needed and not known.
    """
    if 52 not in tables:
        raise ValueError("how the clock of this meter counts is for its table 52 to say, which was not read")
    zone = meter_zone(tables, tz=tz, rules=rules)
    time = (time + timedelta(microseconds=500_000)).replace(microsecond=0)
    if time.tzinfo is None:
        moment = zone.moment(time)
        shown, utc, notes = time, moment.utc, (*moment.notes, _AS_SHOWN)
    else:
        utc = time.astimezone(UTC)
        shown, notes = shown_at(zone, utc), ()
    known = dict(tables[52]["time_date_qual"])
    if known["day_of_week"] != _NO_WEEKDAY:
        # Sunday is 0 here, 7 in ISO.
        known["day_of_week"] = shown.isoweekday() % 7
    if zone.place is not None and utc is not None:
        known["dst_flag"] = _is_dst(zone, utc)
    return ClockSetting(shown, known, utc, zone.describe(), (*zone.notes, *notes))


def shown_at(zone: MeterZone, utc: datetime) -> datetime:
    """What the clock shows at a moment, without a zone. utc: with one.

    Raises ValueError where the zone is not known.
    """
    plain = utc.astimezone(UTC).replace(tzinfo=None)
    if not zone.zone_in and not zone.dst_in:
        return plain
    if zone.place is None:
        raise ValueError("no table says how far the clock of this meter is from UTC: name the zone it is in")
    wall = zone.place.local(plain).replace(tzinfo=None)
    standard = zone.place.standard(wall)
    if not zone.dst_in:
        return plain + standard
    return wall if zone.zone_in else wall - standard


def _is_dst(zone: MeterZone, utc: datetime) -> bool:
    """Whether DST is on at a moment where the meter is."""
    assert zone.place is not None
    plain = utc.astimezone(UTC).replace(tzinfo=None)
    wall = zone.place.local(plain).replace(tzinfo=None)
    return wall - plain != zone.place.standard(wall)
