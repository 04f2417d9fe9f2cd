"""Meter time to UTC, against the tz database's zones and against arithmetic by hand."""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meters_by_hand import meter, octets

from c1219_tables.readings.clocks.clock import MeterZone, meter_zone
from c1219_tables.readings.clocks.daylight import Daylight
from c1219_tables.readings.clocks.place import NamedPlace, StatedPlace
from c1219_tables.rules import Rules
from c1219_tables.times import MeterTime

NEW_YORK = ZoneInfo("America/New_York")
# The second Sunday of March and the first of November (law of the United States since 2007).
DATES = [(date(2025, 3, 9), True), (date(2025, 11, 2), False), (date(2026, 3, 8), True), (date(2026, 11, 1), False)]
US = Daylight(60, time(2), time(2), tuple(DATES))
EASTERN = MeterZone(StatedPlace(-300, US))
NAMED = MeterZone(NamedPlace(NEW_YORK))
BOTH = pytest.mark.parametrize("zone", [EASTERN, NAMED], ids=["stated", "named"])


def at(text):
    return datetime.fromisoformat(text)


def utc(text):
    return at(text).replace(tzinfo=UTC)


@BOTH
def test_a_year_of_quarters_as_the_tz_database_has_it(zone):
    moment, end = utc("2025-01-01T05:00"), utc("2026-01-01T05:00")
    while moment < end:
        local = moment.astimezone(NEW_YORK)
        found = zone.moment(local.replace(tzinfo=None, fold=0), is_dst=bool(local.dst()))
        assert found.utc == zone.utc(local.replace(tzinfo=None, fold=0), bool(local.dst())) == moment
        assert found.local.isoformat() == local.isoformat()
        assert found.notes == ()
        moment += timedelta(minutes=15)


# shown, is_dst, UTC, note.     DST from 9 March 07:00 UTC to 2 November 06:00 UTC.
EDGES = [
    pytest.param("2025-03-09T01:59:59", None, "2025-03-09T06:59:59", None, id="last-of-standard-time"),
    pytest.param("2025-03-09T03:00:00", None, "2025-03-09T07:00:00", None, id="first-of-dst"),
    pytest.param("2025-03-09T02:30:00", None, "2025-03-09T07:30:00", "hour-skipped", id="left-out"),
    pytest.param("2025-03-09T02:30:00", True, "2025-03-09T07:30:00", "hour-skipped", id="left-out-whatever-is-said"),
    pytest.param("2025-11-02T00:59:59", None, "2025-11-02T04:59:59", None, id="before-the-doubt"),
    pytest.param("2025-11-02T01:00:00", None, "2025-11-02T05:00:00", "hour-twice", id="first-of-the-doubt"),
    pytest.param("2025-11-02T01:30:00", True, "2025-11-02T05:30:00", None, id="said-to-be-dst"),
    pytest.param("2025-11-02T01:30:00", False, "2025-11-02T06:30:00", None, id="said-to-be-standard"),
    pytest.param("2025-11-02T02:00:00", None, "2025-11-02T07:00:00", None, id="behind-the-doubt"),
    pytest.param("2025-07-01T12:00:00", False, "2025-07-01T16:00:00", None, id="no-doubt-whatever-is-said"),
]


@BOTH
@pytest.mark.parametrize(("shown", "is_dst", "expected", "note"), EDGES)
def test_at_the_edges(zone, shown, is_dst, expected, note):
    found = zone.moment(at(shown), is_dst)
    assert found.utc == zone.utc(at(shown), is_dst) == utc(expected)
    assert [one.code for one in found.notes] == [note] * (note is not None)
    assert found.ambiguous == (note == "hour-twice")
    assert found.shown == at(shown)


def test_a_year_without_dates():
    shown = at("2030-07-01T12:00")
    assert EASTERN.moment(shown).utc == utc("2030-07-01T17:00")
    assert [note.code for note in EASTERN.moment(shown).notes] == ["dst-unknown"]
    assert EASTERN.utc(shown, True) == utc("2030-07-01T16:00")
    assert EASTERN.moment(shown, False).notes == ()


def test_a_year_of_which_one_change_alone_is_known():
    """DST does not last to the end of the year because the date on which it ends is by a rule that is not public."""
    one = StatedPlace(-300, Daylight(60, once=((date(2030, 3, 10), True),)))
    moment = MeterZone(one).moment(at("2030-12-01T12:00"))
    assert [note.code for note in moment.notes] == ["dst-unknown"]
    assert moment.utc == utc("2030-12-01T17:00")


@pytest.mark.parametrize(
    ("zone_in", "dst_in", "expected"),
    [
        # 12:00 in July. Local with DST: + 5 h - 1 h. Standard time all year: + 5 h. UTC with DST: - 1 h.
        (True, True, "16:00"),
        (True, False, "17:00"),
        (False, True, "11:00"),
        (False, False, "12:00"),
    ],
)
def test_what_is_in_the_time(zone_in, dst_in, expected):
    for place in (EASTERN.place, NAMED.place):
        found = MeterZone(place, zone_in, dst_in).moment(at("2025-07-01T12:00"))
        assert found.utc == utc(f"2025-07-01T{expected}")
        assert found.local == found.utc
        assert found.local.utcoffset() == timedelta(hours=-4)


def test_a_summer_that_begins_in_the_south():
    """DST from 5 October to 6 April, half past nine hours east: the year begins in it."""
    south = Daylight(60, time(2), time(3), yearly=((4, 6, False), (10, 5, True)))
    zone = MeterZone(StatedPlace(570, south))
    assert zone.utc(at("2025-01-01T00:00")) == utc("2024-12-31T13:30")
    assert zone.utc(at("2025-06-01T00:00")) == utc("2025-05-31T14:30")
    # At 3:00 in DST it is 2:00 again, so 2:30 comes twice.
    assert zone.moment(at("2025-04-06T02:30")).ambiguous
    assert zone.utc(at("2025-04-06T02:30"), False) == utc("2025-04-05T17:00")


@given(st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31)), st.sampled_from([None, True, False]))
def test_what_is_shown_comes_back(shown, is_dst):
    found = EASTERN.moment(shown, is_dst)
    if not any(note.code == "hour-skipped" for note in found.notes):
        assert found.local.replace(tzinfo=None) == shown
    assert found.utc == found.local


# -- What tables say --------------------------------------------------------------------------------------------------

# Table 51: a zone (bit 4 of the second octet), DST by itself (bit 0), 2 dates. Table 53: from 02:00, by 60 minutes,
# zone -300 = FED4H, until 02:00. Table 54: 9 March and 2 November 2025, day x 2048 + month x 128 + 25: 18841 = 4999H
# and 5529 = 1599H, the least significant octet first; 1 is DST on, 2 off.
T51 = octets("00 11 00 02 00 0000 0600")
T53 = octets("02 00 00 3C D4FE 02 00 00")
T54 = octets("9949 01  9915 02")
# 1 July 2025, 12:00:00, and the qualifier: bit 3 DST, 4 GMT, 5 zone in it, 6 DST in it.
CLOCK = "19 07 01 0C 00 00"
STATED = {51: T51, 53: T53, 54: T54}


def with_clock(qualifier, **formats):
    counter = "F0 D0 AB 01 00"  # any count: only the qualifier is asked
    clock = counter if formats.get("tm") == 3 else CLOCK
    tables = {**STATED, 53: octets("201C0000 3C D4FE 201C0000")} if formats.get("tm") == 3 else STATED
    return meter({52: octets(clock) + bytes([qualifier]), **tables}, **formats)


@pytest.mark.parametrize(
    ("qualifier", "tm", "zone_in", "dst_in", "notes"),
    [
        pytest.param(0x62, 2, True, True, [], id="zone-and-dst-in-it"),
        pytest.param(0x22, 2, True, False, [], id="standard-time-all-year"),
        pytest.param(0x12, 2, False, False, [], id="gmt"),
        pytest.param(0x52, 2, False, True, [], id="gmt-and-dst"),
        pytest.param(0x72, 2, True, True, [], id="gmt-with-zone-and-dst-put-in"),
        pytest.param(0x02, 2, True, True, ["zone-not-applied"], id="fields-that-say-nothing"),
        pytest.param(0x42, 2, True, True, ["zone-not-applied"], id="fields-with-dst-alone"),
        pytest.param(0x02, 3, False, False, [], id="counters-are-utc"),
        pytest.param(0x12, 3, False, False, [], id="counters-in-gmt"),
        pytest.param(0x62, 3, True, True, [], id="counters-that-say-local"),
        pytest.param(0x42, 3, True, True, ["zone-not-applied"], id="counters-with-dst-alone"),
    ],
)
def test_what_table_52_says(qualifier, tm, zone_in, dst_in, notes):
    zone = meter_zone(with_clock(qualifier, tm=tm))
    assert (zone.zone_in, zone.dst_in) == (zone_in, dst_in)
    assert [note.code for note in zone.notes] == notes
    assert zone.place == StatedPlace(
        -300, Daylight(60, time(2), time(2), ((date(2025, 3, 9), True), (date(2025, 11, 2), False)))
    )
    assert zone.sources == (52, 53, 54)


def test_table_55_says_the_same():
    """The same clock and qualifier (standard time all year), and a status of two octets."""
    zone = meter_zone(meter({55: octets(CLOCK) + b"\x22\0\0", **STATED}))
    assert (zone.zone_in, zone.dst_in, zone.sources) == (True, False, (55, 53, 54))


def test_tables_of_a_meter_give_utc():
    zone = meter_zone(with_clock(0x62))
    assert zone.utc(at("2025-07-01T12:00")) == utc("2025-07-01T16:00")
    assert zone.describe() == (
        "times are local, DST in them, UTC-05:00, "
        "60 minutes of DST from 02:00 to 02:00 on 2 dates (ST-52, ST-53, ST-54)"
    )


def test_a_make_whose_counters_are_local():
    zone = meter_zone(with_clock(0x02, tm=3), rules=Rules(counters_are_local=True))
    assert (zone.zone_in, zone.dst_in) == (True, True)
    assert [note.code for note in zone.notes] == ["counters-local"]


@pytest.mark.parametrize("tz", [ZoneInfo("Asia/Manila"), timezone(timedelta(hours=8))], ids=str)
def test_the_callers_zone_counts_more_than_the_tables(tz):
    zone = meter_zone(with_clock(0x62), tz=tz)
    assert zone.utc(at("2025-07-01T12:00")) == utc("2025-07-01T04:00")
    assert zone.sources == (52,)
    assert zone.describe() == f"times are local, DST in them, zone {tz} (ST-52)"


CONTRADICTED = [
    # Table 53: 300 minutes west, DST of 60 minutes: UTC-05:00 and UTC-04:00.
    pytest.param(NEW_YORK, None, id="as-the-tables-have-it"),
    pytest.param(ZoneInfo("America/Jamaica"), "zone America/Jamaica has UTC-05:00 in 2025", id="no-dst"),
    pytest.param(ZoneInfo("Asia/Manila"), "zone Asia/Manila has UTC+08:00 in 2025", id="elsewhere"),
    pytest.param(
        ZoneInfo("America/Chicago"), "zone America/Chicago has UTC-06:00 and UTC-05:00 in 2025", id="one-hour-west"
    ),
    pytest.param(timezone(timedelta(hours=-4)), "zone UTC-04:00 has UTC-04:00 in 2025", id="always-in-dst"),
]


@pytest.mark.parametrize(("tz", "said"), CONTRADICTED)
def test_a_zone_that_contradicts_the_tables(tz, said):
    notes = meter_zone(with_clock(0x62), tz=tz).notes
    if said is None:
        assert notes == ()
        return
    (note,) = notes
    assert note.code == "zone-contradicts-tables"
    assert note.text.startswith(f"{said}, but the meter's tables say UTC-05:00, 60 minutes of DST ")


@pytest.mark.parametrize(
    ("clock", "codes"),
    [
        # Istanbul: two hours east with DST until 2016, three without since then. Table 53: 180 minutes = 00B4H, no DST.
        pytest.param("19 07 01 0C 00 00 22", [], id="2025"),
        pytest.param("0F 07 01 0C 00 00 22", ["zone-contradicts-tables"], id="2015"),
        pytest.param("19 00 00 0C 00 00 22", [], id="no-time"),
        pytest.param(None, ["clock-not-read"], id="no-clock"),
    ],
)
def test_zones_are_compared_in_the_year_of_the_clock(clock, codes):
    tables = {51: octets("00 10 00 00 00 0000 0000"), 53: octets("00 00 00 00 B400")}
    if clock is not None:
        tables[52] = octets(clock)
    assert [note.code for note in meter_zone(meter(tables), tz=ZoneInfo("Europe/Istanbul")).notes] == codes


def test_where_tables_state_no_offset_nothing_contradicts():
    assert meter_zone(meter({52: octets(CLOCK) + b"\x62"}), tz=ZoneInfo("Asia/Manila")).notes == ()


@pytest.mark.parametrize("offset", ["0080", "FF7F", "A005"], ids=["-32768", "32767", "1440"])
def test_an_offset_that_no_zone_has(offset):
    """A table that was never set: there is no zone then, and a note; times are read all the same."""
    tables = meter(
        {51: octets("00 10 00 00 00 0000 0000"), 52: octets(CLOCK) + b"\x62", 53: octets("000000 00" + offset)}
    )
    zone = meter_zone(tables)
    assert [note.code for note in zone.notes] == ["zone-impossible", "zone-unknown"]
    assert str(zone.of(tables[52].clock_calendar)) == "2025-07-01 12:00:00 meter time"
    assert meter_zone(tables, tz=NEW_YORK).notes == ()


class OfAnotherKind(tzinfo):
    """As pytz has zones: what `astimezone` gives carries another tzinfo, with the offset of that time."""

    def __init__(self, offset=timedelta(minutes=53)):
        self.offset = offset

    def utcoffset(self, at):
        return self.offset

    def dst(self, at):
        return None

    def fromutc(self, at):
        return (at + timedelta(hours=1)).replace(tzinfo=OfAnotherKind(timedelta(hours=1)))

    def __str__(self):
        return "Europe/Berlin"


def test_what_is_no_zone():
    with pytest.raises(TypeError, match=r"tz is a zone, as zoneinfo.ZoneInfo\('Europe/Berlin'\), not 'Asia/Manila'"):
        meter_zone(meter({}), tz="Asia/Manila")
    with pytest.raises(ValueError, match=r"give zoneinfo.ZoneInfo\('Europe/Berlin'\)"):
        meter_zone(meter({}), tz=OfAnotherKind())


# A GE I-210+c (JC), November 2012: the clock has DST in it and no zone, and no table states an offset.
def test_a_recorded_clock_whose_zone_nobody_knows():
    tables = meter({52: octets("0C 0B 08 17 01 0F 44")})
    found = meter_zone(tables).of(tables[52].clock_calendar)
    assert (found.shown, found.utc, found.local) == (at("2012-11-08T23:01:15"), None, None)
    assert str(found) == "2012-11-08 23:01:15 meter time"
    assert [note.code for note in meter_zone(tables).notes] == ["zone-not-applied", "zone-unknown"]
    named = meter_zone(tables, tz=NEW_YORK).of(tables[52].clock_calendar)
    assert named.utc == utc("2012-11-09T04:01:15")
    assert str(named) == "2012-11-08 23:01:15-05:00"


def test_a_clock_in_utc_needs_no_zone():
    found = MeterZone(None, zone_in=False, dst_in=False).moment(at("2025-07-01T12:00"))
    assert (found.utc, found.local, str(found)) == (utc("2025-07-01T12:00"), None, "2025-07-01 12:00:00+00:00")


@pytest.mark.parametrize(("tm", "zone_in"), [(2, True), (3, False), (4, False)])
def test_without_table_52(tm, zone_in):
    zone = meter_zone(meter({}, tm=tm))
    assert (zone.zone_in, zone.dst_in, zone.sources) == (zone_in, zone_in, ())
    assert zone.notes[0].code == "clock-not-read"


def test_what_is_not_set_is_no_moment():
    assert EASTERN.of(None) is None
    assert EASTERN.of(MeterTime(bytes(5), None)) is None


@pytest.mark.parametrize(
    ("table_51", "table_53", "table_54", "expected", "notes"),
    [
        pytest.param(
            "00 10 00 00 00 0000 0000", "02 00 00 3C D4FE", "", Daylight(60, time(2), time(2)),
            ["dst-end-assumed", "dst-dates-unknown"], id="no-end-no-dates",
        ),
        pytest.param("00 10 00 00 00 0000 0000", "00 00 00 00 D4FE", "", None, [], id="no-dst"),
        # Recorded of a Hexing meter (X): 1 March on, 1 October off, each year.
        pytest.param(
            "00 10 00 00 02 0000 0600", "00 00 00 3C D4FE 00 00 00", "03 08 61 0A 08 62",
            Daylight(60, time(0), time(0), yearly=((3, 1, True), (10, 1, False))), [], id="yearly",
        ),
        # 0383H: month 3, offset 8, weekday 3: a rule whose codes are not public.
        pytest.param(
            "00 10 00 00 01 0000 0300", "02 00 00 3C D4FE 02 00 00", "83 03 01",
            Daylight(60, time(2), time(2)), ["dst-rule-not-public", "dst-dates-unknown"], id="rule-not-public",
        ),
        # 0003H: month 3, day 0: no year has that day. 31 x 2048 + 4 = F804H is 31 April.
        pytest.param(
            "00 10 00 00 01 0000 0300", "02 00 00 3C D4FE 02 00 00", "03 00 01",
            Daylight(60, time(2), time(2)), ["dst-rule-not-public", "dst-dates-unknown"], id="yearly-without-a-day",
        ),
        pytest.param(
            "00 10 00 00 02 0000 0600", "02 00 00 3C D4FE 02 00 00", "04 F8 01 0A 08 02",
            Daylight(60, time(2), time(2), yearly=((10, 1, False),)), ["dst-rule-not-public"], id="31-april",
        ),
    ],
)  # fmt: skip
def test_what_tables_53_and_54_say(table_51, table_53, table_54, expected, notes):
    clock = {52: octets(CLOCK) + b"\x62"}
    zone = meter_zone(meter({**clock, 51: octets(table_51), 53: octets(table_53), 54: octets(table_54)}))
    assert zone.place == StatedPlace(-300, expected)
    assert [note.code for note in zone.notes] == notes


def test_times_of_day_in_format_4_are_taken_as_seconds():
    """7200 s = 1C20H is 02:00; most significant octet first."""
    tables = {51: octets("00 10 00 00 00 0000 0000"), 53: octets("00001C20 3C FED4 00001C20")}
    zone = meter_zone(meter(tables, tm=4, big=True))
    assert zone.place == StatedPlace(-300, Daylight(60, time(2), time(2)))
    assert [note.code for note in zone.notes] == ["clock-not-read", "time-as-seconds", "dst-dates-unknown"]
