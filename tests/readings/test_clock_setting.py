"""What a clock is set to: what table 52 would show at that moment, and the qualifier beside it. Worked out by hand."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from c1219_tables.readings.clocks.clock import meter_zone
from c1219_tables.readings.clocks.clock_setting import clock_setting, shown_at
from c1219_tables.times import MeterTime

BERLIN = ZoneInfo("Europe/Berlin")
SUMMER = datetime(2026, 7, 1, 12, 0, 0, tzinfo=UTC)
"""A Wednesday; in Berlin 14:00, DST is on."""
WINTER = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
"""A Thursday; in Berlin 13:00."""


def qualifier(**flags):
    names = ("dst_flag", "gmt_flag", "tm_zn_applied_flag", "dst_applied_flag", "dst_supported_flag")
    return {"day_of_week": 0, **dict.fromkeys(names, False), **flags}


def tables(**flags):
    return {52: {"time_date_qual": qualifier(**flags)}}


LOCAL = {"tm_zn_applied_flag": True, "dst_applied_flag": True}


@pytest.mark.parametrize(
    ("flags", "summer", "winter"),
    [
        (LOCAL, 14, 13),
        ({"tm_zn_applied_flag": True}, 13, 13),
        ({"gmt_flag": True}, 12, 12),
        ({"gmt_flag": True, "dst_applied_flag": True}, 13, 12),
        ({}, 14, 13),
    ],
    ids=["local", "standard-time", "utc", "utc-with-dst", "says-nothing"],
)
def test_as_the_meter_shows_it(flags, summer, winter):
    for moment, hour, is_dst, weekday in ((SUMMER, summer, True, 3), (WINTER, winter, False, 4)):
        found = clock_setting(tables(**flags), moment, tz=BERLIN)
        assert found.date_time == moment.replace(hour=hour, tzinfo=None)
        assert found.utc == moment
        kept = {name: value for name, value in found.time_date_qual.items() if name not in ("dst_flag", "day_of_week")}
        assert kept == {name: bool(flags.get(name)) for name in kept}
        assert (found.time_date_qual["dst_flag"], found.time_date_qual["day_of_week"]) == (is_dst, weekday)


def test_the_offset_of_table_53():
    # 300 minutes west; DST of 60 minutes begins on 8 March 2026 and ends on 1 November 2026, at 2:00.
    two = MeterTime(b"\2\0\0", time(2))

    def change(month, day, control):
        stored = MeterTime(bytes([26, month, day]), date(2026, month, day))
        return {"non_recurr_date": stored, "calendar_action": {"calendar_ctrl": control}}

    more = {
        53: {"dst_time_eff": two, "dst_time_amt": 60, "time_zone_offset": -300, "std_time_eff": two},
        54: {"non_recurr_dates": [change(3, 8, 1), change(11, 1, 2)], "recurr_dates": []},
    }
    known = tables(**LOCAL) | more
    assert clock_setting(known, SUMMER).date_time == datetime(2026, 7, 1, 8)
    assert clock_setting(known, WINTER).date_time == datetime(2026, 1, 1, 7)


def test_it_says_how_the_meter_shows_times():
    assert clock_setting(tables(gmt_flag=True), SUMMER).zone == "times are in UTC (ST-52)"


def test_a_weekday_that_the_meter_does_not_keep():
    assert clock_setting(tables(day_of_week=7, gmt_flag=True), SUMMER).time_date_qual["day_of_week"] == 7


@pytest.mark.parametrize(("microsecond", "second"), [(0, 7), (499_999, 7), (500_000, 8)])
def test_parts_of_a_second_are_rounded(microsecond, second):
    given = datetime(2026, 7, 1, 12, 0, 7, microsecond, tzinfo=UTC)
    assert clock_setting(tables(gmt_flag=True), given).date_time.second == second


def test_a_time_without_a_zone_is_what_the_clock_is_to_show():
    given = datetime(2026, 7, 1, 14)
    found = clock_setting(tables(**LOCAL), given, tz=BERLIN)
    assert (found.date_time, found.utc, found.time_date_qual["dst_flag"]) == (given, SUMMER, True)
    assert "time-as-shown" in [note.code for note in found.notes]
    unknown = clock_setting(tables(**LOCAL), given)
    assert (unknown.date_time, unknown.utc) == (given, None)


def test_a_zone_that_nobody_knows_is_not_guessed():
    with pytest.raises(ValueError, match="name the zone"):
        clock_setting(tables(**LOCAL), SUMMER)
    with pytest.raises(ValueError, match="table 52"):
        clock_setting({}, SUMMER, tz=BERLIN)


@pytest.mark.parametrize(
    "flags",
    [LOCAL, {"tm_zn_applied_flag": True}, {"gmt_flag": True}, {"gmt_flag": True, "dst_applied_flag": True}],
    ids=["local", "standard-time", "utc", "utc-with-dst"],
)
def test_there_and_back(flags):
    """What the clock is to show means the moment that was meant, all the year, the hour that comes twice too."""
    zone = meter_zone(tables(**flags), tz=BERLIN)
    for hour in range(8761):
        moment = WINTER + timedelta(hours=hour)
        is_dst = bool(moment.astimezone(BERLIN).dst())
        assert zone.utc(shown_at(zone, moment), is_dst) == moment
