"""Dates and times: unset and impossible ones, the year window, and the way from a datetime and back."""

import struct
from datetime import UTC, date, datetime, time

import pytest

from c1219_tables.errors import TableError
from c1219_tables.registry import STANDARD
from c1219_tables.schema.dialect import Struct
from c1219_tables.table import Table
from c1219_tables.times import DATE, LTIME_DATE, RDATE, STIME, STIME_DATE, TIME, MeterTime, full_year

BCD_FIELDS, BINARY_FIELDS, COUNT_MINUTES, COUNT_SECONDS = 1, 2, 3, 4


def table0(tm, *, big=False):
    return {
        "format_control_1": {"data_order": big, "char_format": 1},
        "format_control_2": {"tm_format": tm, "id_form": False, "int_format": 0},
        "format_control_3": {"ni_format1": 8, "ni_format2": 8},
    }


def table_of(layout):
    return Table(2048, "ONE_TBL", Struct("value" / layout), purpose="one value")


def read(layout, tm, text, **formats):
    """The value of octets, after they were encoded back."""
    table, tables, given = table_of(layout), {"st0": table0(tm, **formats)}, bytes.fromhex(text)
    decoded = table.decode(given, tables)
    assert table.encode(decoded, tables) == given
    assert table.encode(dict(decoded), tables) == given
    assert table.size(tables=tables) == len(given)
    return decoded.value


def write(layout, tm, value, **formats):
    return table_of(layout).encode({"value": value}, {"st0": table0(tm, **formats)}).hex(" ").upper()


# Octets of real meters. GE I-210+c, table 52, 2012 and 2013; Hexing, table 52, 2013.
RECORDED = [
    ("0C 0B 08 17 01 0F", datetime(2012, 11, 8, 23, 1, 15)),
    ("0D 01 05 01 17 0F", datetime(2013, 1, 5, 1, 23, 15)),
    ("0D 01 08 04 0D 2A", datetime(2013, 1, 8, 4, 13, 42)),
    ("0D 05 03 14 38 2B", datetime(2013, 5, 3, 20, 56, 43)),
]


@pytest.mark.parametrize(("octets", "moment"), RECORDED)
def test_recorded_times(octets, moment):
    value = read(LTIME_DATE, BINARY_FIELDS, octets)
    assert value == MeterTime(bytes.fromhex(octets), moment)
    assert str(value) == str(moment)
    assert write(LTIME_DATE, BINARY_FIELDS, moment) == octets


NO_TIME = [
    #            layout      tm              octets                  why
    pytest.param(LTIME_DATE, BINARY_FIELDS, "00 00 00 00 00 00", id="unset"),
    pytest.param(LTIME_DATE, BINARY_FIELDS, "18 00 01 00 00 00", id="month-0"),
    pytest.param(LTIME_DATE, BINARY_FIELDS, "18 01 00 00 00 00", id="day-0"),
    pytest.param(LTIME_DATE, BINARY_FIELDS, "17 02 1D 00 00 00", id="29-february-2023"),
    pytest.param(LTIME_DATE, BINARY_FIELDS, "18 01 01 18 00 00", id="hour-24"),
    pytest.param(LTIME_DATE, BINARY_FIELDS, "64 01 01 00 00 00", id="year-100"),
    pytest.param(LTIME_DATE, BINARY_FIELDS, "FF FF FF FF FF FF", id="filled-with-ff"),
    pytest.param(LTIME_DATE, BCD_FIELDS, "24 0A 01 00 00 00", id="month-no-bcd"),
    pytest.param(LTIME_DATE, BCD_FIELDS, "00 00 00 00 00 00", id="unset-bcd"),
    pytest.param(LTIME_DATE, COUNT_MINUTES, "00 00 00 00 00", id="counter-0"),
    pytest.param(LTIME_DATE, COUNT_MINUTES, "00 00 00 00 3B", id="counter-0-with-seconds"),
    pytest.param(LTIME_DATE, COUNT_MINUTES, "01 00 00 00 3C", id="60-seconds"),
    pytest.param(LTIME_DATE, COUNT_MINUTES, "FF FF FF FF 00", id="year-10136"),
    pytest.param(LTIME_DATE, COUNT_SECONDS, "00 00 00 00", id="seconds-0"),
    pytest.param(STIME_DATE, BINARY_FIELDS, "18 0D 01 00 00", id="month-13"),
    pytest.param(STIME_DATE, COUNT_MINUTES, "00 00 00 00", id="short-counter-0"),
    pytest.param(TIME, BINARY_FIELDS, "18 00 00", id="time-24-00"),
    pytest.param(TIME, BCD_FIELDS, "FF FF FF", id="time-no-bcd"),
    pytest.param(TIME, COUNT_MINUTES, "80 51 01 00", id="time-86400-seconds"),
    pytest.param(TIME, COUNT_SECONDS, "01 02 03 04", id="time-in-seconds-is-not-public"),
    pytest.param(STIME, BINARY_FIELDS, "18 00", id="stime-24-00"),
    pytest.param(DATE, BINARY_FIELDS, "00 00", id="date-unset"),
    pytest.param(DATE, BINARY_FIELDS, "FF FF", id="date-filled-with-ff"),
    pytest.param(DATE, BINARY_FIELDS, "64 09", id="date-year-100"),
]


@pytest.mark.parametrize(("layout", "tm", "octets"), NO_TIME)
def test_what_is_no_time_keeps_its_octets(layout, tm, octets):
    value = read(layout, tm, octets)
    assert value == MeterTime(bytes.fromhex(octets), None)
    assert str(value) == "not set"


@pytest.mark.parametrize("two_digits", range(256))
def test_year_window(two_digits):
    expected = 2000 + two_digits if two_digits < 90 else 1900 + two_digits if two_digits < 100 else None
    assert full_year(two_digits) == expected
    value = read(LTIME_DATE, BINARY_FIELDS, f"{two_digits:02X} 01 01 00 00 00").value
    assert value == (None if expected is None else datetime(expected, 1, 1))


@pytest.mark.parametrize(
    ("layout", "value"),
    [
        (LTIME_DATE, datetime(1989, 12, 31)),
        (LTIME_DATE, datetime(2090, 1, 1)),
        (STIME_DATE, datetime(2090, 1, 1)),
        (DATE, date(1989, 12, 31)),
        (DATE, date(2090, 1, 1)),
    ],
)
def test_years_outside_the_window_are_not_written(layout, value):
    with pytest.raises(TableError, match="1990 to 2089"):
        write(layout, BINARY_FIELDS, value)


@pytest.mark.parametrize("tm", [BCD_FIELDS, BINARY_FIELDS, COUNT_MINUTES, COUNT_SECONDS])
@pytest.mark.parametrize("big", [False, True], ids=["little", "big"])
@pytest.mark.parametrize("moment", [datetime(1990, 1, 1), datetime(2024, 2, 29, 23, 59, 59), datetime(2089, 12, 31)])
def test_datetime_to_meter_and_back(moment, big, tm):
    octets = write(LTIME_DATE, tm, moment, big=big)
    assert read(LTIME_DATE, tm, octets, big=big) == MeterTime(bytes.fromhex(octets), moment)


def test_last_second_of_the_counter():
    # 4294967295 s are 49710 days and 6 h 28 min 15 s: 2106-02-07 06:28:15.
    assert write(LTIME_DATE, COUNT_SECONDS, datetime(2106, 2, 7, 6, 28, 15)) == "FF FF FF FF"
    with pytest.raises(TableError, match="does not fit"):
        write(LTIME_DATE, COUNT_SECONDS, datetime(2106, 2, 7, 6, 28, 16))
    with pytest.raises(TableError, match="does not fit"):
        write(LTIME_DATE, COUNT_SECONDS, datetime(1969, 12, 31))


@pytest.mark.parametrize(
    ("layout", "tm", "value", "reason"),
    [
        pytest.param(LTIME_DATE, COUNT_SECONDS, datetime(1970, 1, 1), "says that no time is set", id="counter-0"),
        pytest.param(LTIME_DATE, COUNT_MINUTES, datetime(1970, 1, 1, 0, 0, 59), "no time is set", id="first-minute"),
        pytest.param(LTIME_DATE, BINARY_FIELDS, datetime(2024, 1, 1, tzinfo=UTC), "without a zone", id="with-a-zone"),
        pytest.param(LTIME_DATE, BINARY_FIELDS, datetime(2024, 1, 1, 0, 0, 0, 1), "no time so fine", id="microsecond"),
        pytest.param(STIME_DATE, BINARY_FIELDS, datetime(2024, 1, 1, 0, 0, 1), "no time so fine", id="short-second"),
        pytest.param(STIME_DATE, COUNT_MINUTES, datetime(2024, 1, 1, 0, 0, 1), "no time so fine", id="minutes-second"),
        pytest.param(LTIME_DATE, BINARY_FIELDS, date(2024, 1, 1), "is wanted", id="date-for-datetime"),
        pytest.param(LTIME_DATE, BINARY_FIELDS, "2024-01-01", "is wanted", id="text"),
        pytest.param(LTIME_DATE, BINARY_FIELDS, None, "is wanted", id="none"),
        pytest.param(LTIME_DATE, BINARY_FIELDS, MeterTime(b"\x01", None), "takes 1 octets, 6", id="octets-cut"),
        pytest.param(LTIME_DATE, 0, datetime(2024, 1, 1), "0 are there for it", id="no-clock"),
        pytest.param(TIME, BINARY_FIELDS, time(1, 2, 3, 4), "is wanted", id="time-microsecond"),
        pytest.param(TIME, BINARY_FIELDS, time(1, tzinfo=UTC), "without a zone", id="time-zone"),
        pytest.param(TIME, COUNT_SECONDS, time(1), "is not public: give a MeterTime", id="time-not-public"),
        pytest.param(STIME, BINARY_FIELDS, time(1, 2, 3), "to the minute", id="stime-second"),
        pytest.param(DATE, BINARY_FIELDS, datetime(2024, 1, 1), "without a time", id="datetime-for-date"),
    ],
)
def test_times_that_are_not_written(layout, tm, value, reason):
    with pytest.raises(TableError, match=f"value: .*{reason}"):
        write(layout, tm, value)


@pytest.mark.parametrize("tm", [5, 6, 7])
@pytest.mark.parametrize("layout", [LTIME_DATE, STIME_DATE, TIME])
def test_reserved_formats_are_refused(layout, tm):
    with pytest.raises(TableError, match=rf"{layout.name_of_type} in TM_FORMAT {tm}: its size is not public") as info:
        table_of(layout).decode(bytes(6), {"st0": table0(tm)})
    assert (info.value.field, info.value.offset) == ("value", 0)
    with pytest.raises(TableError, match="its size is not public"):
        write(layout, tm, MeterTime(bytes(6), None))


def test_dates_do_not_depend_on_the_format():
    for tm in range(8):
        # 2024-02-29: 24 + 2 x 128 + 29 x 2048 = E918H; stated in the reference too.
        assert read(DATE, tm, "18 E9").value == date(2024, 2, 29)
    assert read(DATE, 2, "E9 18", big=True).value == date(2024, 2, 29)
    assert write(DATE, 2, date(1999, 1, 1)) == struct.pack("<H", 99 | 1 << 7 | 1 << 11).hex(" ").upper()


def test_short_time_of_day():
    assert read(STIME, BINARY_FIELDS, "0D 2D").value == time(13, 45)
    assert write(STIME, BINARY_FIELDS, time(13, 45)) == "0D 2D"
    for tm in (1, 3, 4):
        with pytest.raises(TableError, match="STIME in TM_FORMAT"):
            read(STIME, tm, "00 00")


def test_time_of_day_as_a_counter_is_in_seconds():
    # Seconds is what the reference judges; 3 h 25 min 45 s = 12345 s = 3039H.
    assert read(TIME, COUNT_MINUTES, "39 30 00 00").value == time(3, 25, 45)


def test_high_precision_times_have_no_public_size():
    # Table 57 is the one that would hold them.
    assert STANDARD.table(57).decode(b"\x01\x02\x03").octets == b"\x01\x02\x03"


RDATES = [
    # C80CH = 25 x 2048 + 12; stated in the reference.
    pytest.param("0C C8", {"month": 12, "offset": 0, "weekday": 0, "day": 25}, id="25-december"),
    # 1 + 3 x 16 + 2 x 256 + 15 x 2048 = 7A31H.
    pytest.param("31 7A", {"month": 1, "offset": 3, "weekday": 2, "day": 15}, id="with-a-rule"),
    # 13 + 1 x 2048 = 080DH.
    pytest.param("0D 08", {"month": 13, "offset": 0, "weekday": 0, "day": 1}, id="monthly"),
    # 14 + 5 x 256 = 050EH.
    pytest.param("0E 05", {"month": 14, "spare_4_7": 0, "weekday": 5, "spare_11_15": 0}, id="weekly"),
    # 14 + 10 x 16 + 5 x 256 + 9 x 2048 = 4DAEH.
    pytest.param("AE 4D", {"month": 14, "spare_4_7": 10, "weekday": 5, "spare_11_15": 9}, id="weekly-with-spare-bits"),
    # 15 + 7 x 16 + 2 x 1024 = 087FH.
    pytest.param("7F 08", {"month": 15, "period": 7, "delta": 2}, id="every-7-days"),
    # A Hexing meter fills entries that it does not use.
    pytest.param("FF FF", {"month": 15, "period": 63, "delta": 63}, id="not-used"),
]


@pytest.mark.parametrize(("octets", "members"), RDATES)
def test_recurring_dates(octets, members):
    assert read(RDATE, BINARY_FIELDS, octets) == members
    assert write(RDATE, BINARY_FIELDS, members) == octets
    assert write(RDATE, BINARY_FIELDS, members, big=True) == " ".join(reversed(octets.split()))


def test_recurring_dates_that_do_not_fit():
    for wrong in ({"month": 15, "day": 1}, {"month": 1, "period": 2}, {"month": 1, "day": 32}, {"month": 16}, 5, None):
        with pytest.raises(TableError, match="value"):
            write(RDATE, BINARY_FIELDS, wrong)


def test_types_with_fields_need_table_0():
    assert {table_of(layout).needs for layout in (LTIME_DATE, STIME_DATE, TIME, STIME, DATE, RDATE)} == {(0,)}
