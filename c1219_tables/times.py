"""Dates and times of C12.19, in the five TM_FORMATs.

TM_FORMAT of table 0: 0 no clock, 1 BCD fields, 2 binary fields, 3 minutes since 1970 (and a seconds octet in the long
form), 4 seconds since 1970. What a meter shows is its own clock: whether zone and DST are in it is for table 52 to say,
so the datetimes here carry no zone. Sources: docs/sources.md, CX NI TM YK; format 2 also seen on two real meters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from construct import Construct

from c1219_tables.formats import UINT16, UINT32, Formats, MeterType
from c1219_tables.schema.cursor import Cursor, Writer
from c1219_tables.schema.dialect import BitField, Misfit, Record, bits, note

EPOCH = datetime(1970, 1, 1)
_DAY = 86400


@dataclass(frozen=True, slots=True)
class MeterTime:
    """A date or time as the meter stores it.

    raw: its octets. value: datetime, date or time of day on the meter's clock; None where the octets are unset (month,
    day or counter 0), no date of the calendar, or of a format that is not public.
    """

    raw: bytes
    value: datetime | date | time | None

    def __str__(self) -> str:
        return self.value.isoformat(sep=" ") if isinstance(self.value, datetime) else str(self.value or "not set")


def full_year(two_digits: int) -> int | None:
    """Year of a two-digit one: 0 to 89 is 2000 to 2089, 90 to 99 is 1990 to 1999; None above. Sources: CX TM."""
    if two_digits >= 100:
        return None
    return two_digits + (1900 if two_digits >= 90 else 2000)


class MeterTimeType(MeterType):
    """A date or time. Encodes a MeterTime as its raw octets, or a datetime, date or time in the meter's format."""

    widths: Mapping[int, int]
    gaps: frozenset[int] = frozenset()

    def __init__(self, name_of_type: str) -> None:
        super().__init__()
        self.name_of_type = name_of_type

    def width(self, formats: Formats) -> int:
        if formats.tm_format not in self.widths:
            raise ValueError(f"{self.name_of_type} in TM_FORMAT {formats.tm_format}: its size is not public")
        return self.widths[formats.tm_format]

    def value_of(self, octets: bytes, formats: Formats) -> MeterTime | None:
        if not octets:
            return None
        if formats.tm_format in self.gaps:
            return MeterTime(octets, None)
        try:
            return MeterTime(octets, self.moment(octets, formats))
        except (ValueError, OverflowError):
            return MeterTime(octets, None)

    def octets_of(self, value: Any, formats: Formats) -> bytes:
        if value is None and not self.width(formats):
            return b""
        if isinstance(value, MeterTime):
            return value.raw
        if formats.tm_format in self.gaps:
            raise ValueError(f"{self.name_of_type} in TM_FORMAT {formats.tm_format} is not public: give a MeterTime")
        return self.stored(value, formats)

    def moment(self, octets: bytes, formats: Formats) -> datetime | date | time | None:
        """The value of octets; ValueError where they are none."""
        raise NotImplementedError

    def stored(self, value: Any, formats: Formats) -> bytes:
        """The octets of a value; ValueError or TypeError where it does not fit."""
        raise NotImplementedError


def _fields(octets: bytes, formats: Formats) -> list[int]:
    """Numbers of the field formats: BCD pairs or binary. ValueError for an octet that is no BCD."""
    return [int(f"{octet:02x}") for octet in octets] if formats.tm_format == 1 else list(octets)


def _datetime(year: int, month: int, day: int, hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second)


def _packed(numbers: list[int], formats: Formats) -> bytes:
    return bytes(int(str(n), 16) for n in numbers) if formats.tm_format == 1 else bytes(numbers)


class DateTime(MeterTimeType):
    """LTIME_DATE (to the second) and STIME_DATE (to the minute in the field formats and format 3)."""

    def __init__(self, name_of_type: str, *, to_the_second: bool) -> None:
        super().__init__(name_of_type)
        self.to_the_second = to_the_second
        self.widths = {0: 0, 1: 6, 2: 6, 3: 5, 4: 4} if to_the_second else {0: 0, 1: 5, 2: 5, 3: 4, 4: 4}

    def moment(self, octets: bytes, formats: Formats) -> datetime | None:
        if formats.tm_format <= 2:
            year, *others = _fields(octets, formats)
            whole = full_year(year)
            return _datetime(whole, *others) if whole is not None else None
        counter = UINT32.value_of(octets[:4], formats)
        if not counter:
            return None
        if formats.tm_format == 4:
            return EPOCH + timedelta(seconds=counter)
        seconds = octets[4] if self.to_the_second else 0
        return EPOCH + timedelta(minutes=counter, seconds=seconds) if seconds < 60 else None

    def stored(self, value: Any, formats: Formats) -> bytes:
        if not isinstance(value, datetime) or value.tzinfo is not None:
            raise TypeError("a datetime without a zone, on the meter's clock, is wanted")
        if value.microsecond or (value.second and not self.to_the_second and formats.tm_format != 4):
            raise ValueError(f"{self.name_of_type} in TM_FORMAT {formats.tm_format} holds no time so fine")
        if formats.tm_format <= 2:
            if full_year(value.year % 100) != value.year:
                raise ValueError("years 1990 to 2089 fit")
            parts = [value.year % 100, value.month, value.day, value.hour, value.minute, value.second]
            return _packed(parts[: 6 if self.to_the_second else 5], formats)
        seconds = (value - EPOCH) // timedelta(seconds=1)
        counter = seconds if formats.tm_format == 4 else seconds // 60
        if counter == 0:
            raise ValueError("the counter would be 0, which says that no time is set")
        tail = bytes([seconds % 60]) if self.to_the_second and formats.tm_format == 3 else b""
        return UINT32.octets_of(counter, formats) + tail


class TimeOfDay(MeterTimeType):
    """TIME: hours, minutes, seconds; in TM_FORMAT 3 a UINT32 taken as seconds (YK; CX says minutes, doubtful).

    In TM_FORMAT 4 its meaning is not public: four octets are presumed and kept raw.
    """

    widths = {0: 0, 1: 3, 2: 3, 3: 4, 4: 4}
    gaps = frozenset({4})

    def moment(self, octets: bytes, formats: Formats) -> time | None:
        if formats.tm_format <= 2:
            hour, minute, second = _fields(octets, formats)
            return time(hour, minute, second)
        counter = UINT32.value_of(octets, formats)
        return (EPOCH + timedelta(seconds=counter)).time() if counter < _DAY else None

    def stored(self, value: Any, formats: Formats) -> bytes:
        if not isinstance(value, time) or value.microsecond or value.tzinfo is not None:
            raise TypeError("a time of day to the second, without a zone, is wanted")
        if formats.tm_format <= 2:
            return _packed([value.hour, value.minute, value.second], formats)
        return UINT32.octets_of(value.hour * 3600 + value.minute * 60 + value.second, formats)


class HourMinute(MeterTimeType):
    """STIME: hours and minutes. Seen in TM_FORMAT 2 only (a maker's stated sizes); no other size is public."""

    widths = {0: 0, 2: 2}

    def moment(self, octets: bytes, formats: Formats) -> time:
        return time(octets[0], octets[1])

    def stored(self, value: Any, formats: Formats) -> bytes:
        if not isinstance(value, time) or value.second or value.microsecond or value.tzinfo is not None:
            raise TypeError("a time of day to the minute, without a zone, is wanted")
        return bytes([value.hour, value.minute])


class Date(MeterTimeType):
    """DATE: bits 0-6 year, 7-10 month, 11-15 day of a UINT16, in any TM_FORMAT. Source: CX alone."""

    widths = dict.fromkeys(range(8), 2)

    def moment(self, octets: bytes, formats: Formats) -> date | None:
        whole = UINT16.value_of(octets, formats)
        year = full_year(whole & 0x7F)
        return date(year, whole >> 7 & 0xF, whole >> 11) if year is not None else None

    def stored(self, value: Any, formats: Formats) -> bytes:
        if not isinstance(value, date) or isinstance(value, datetime) or full_year(value.year % 100) != value.year:
            raise ValueError("a date of 1990 to 2089, without a time, is wanted")
        return UINT16.octets_of(value.year % 100 | value.month << 7 | value.day << 11, formats)


LTIME_DATE = DateTime("LTIME_DATE", to_the_second=True)
STIME_DATE = DateTime("STIME_DATE", to_the_second=False)
TIME = TimeOfDay("TIME")
STIME = HourMinute("STIME")
DATE = Date("DATE")


class RecurringDate(Construct):
    """RDATE: a UINT16 whose `month` says how to read the rest; decodes to its members.

    1 to 13: yearly (13 presumably monthly), `offset`, `weekday`, `day`. 14: presumably weekly, `weekday`. 15:
    presumably every `period` days, `delta` days after the anchor date. Source: CX alone (15 by its comments, its code
    never reaches it).
    """

    name_of_type = "RDATE"

    def __init__(self) -> None:
        super().__init__()
        month = bits("month", 0, 3) * note("1 to 12; presumably 13 monthly, 14 weekly, 15 every `period` days", "CX")
        weekday = bits("weekday", 8, 10) * note("day of the week, codes not public; 0 in exact dates", "CX")
        self.dated = BitField(
            UINT16,
            month,
            bits("offset", 4, 7) * note("how `weekday` shifts the date, codes not public; 0 in exact dates", "CX"),
            weekday,
            bits("day", 11, 15) * note("day of the month", "CX"),
        )
        self.weekly = BitField(UINT16, month, weekday)
        self.periodic = BitField(
            UINT16,
            month,
            bits("period", 4, 9) * note("days from one to the next", "CX", sure="inferred"),
            bits("delta", 10, 15) * note("days from the anchor date to the first", "CX", sure="inferred"),
        )
        self.readings = (("month 0 to 13", self.dated), ("month 14", self.weekly), ("month 15", self.periodic))

    def _reading(self, month: int) -> BitField:
        return {14: self.weekly, 15: self.periodic}.get(month, self.dated)

    def _parse(self, stream: Cursor, context: dict[str, Any], path: str) -> Record:
        start = stream.pos
        month = self.dated._parse(stream, context, path).month
        stream.pos = start
        return self._reading(month)._parse(stream, context, path)

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        if not isinstance(obj, Mapping):
            raise Misfit(f"{obj!r} given where named members are wanted", path)
        return self._reading(obj.get("month", 0))._build(obj, stream, context, path)

    def _sizeof(self, context: Mapping[str, Any], path: str) -> int:
        return 2


RDATE = RecurringDate()
