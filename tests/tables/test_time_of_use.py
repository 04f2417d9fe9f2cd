"""Decade 5: the clock and the calendar.

Octets of a Hexing HXS300 (tables 31 to 71 quoted in the comments of a head end for that make, least significant octet
first, TM_FORMAT 2) and of a GE I-210+c; what is constructed says so.
"""

import json
import os
from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vector_checks import any_formats, check_any_octets, check_refusals, check_vector, formats, octets

from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.registry import STANDARD
from c1219_tables.standard.time_of_use import (
    ACT_TIME_TOU_TBL,
    CALENDAR_TBL,
    CLOCK_STATE_TBL,
    CLOCK_TBL,
    DIM_TIME_TOU_TBL,
    TABLES,
    TIME_OFFSET_TBL,
    TIME_REMAIN_TBL,
)

HEXING_51 = octets("00 00 14 00 28 3200 1E01")
LTIME = {0: 0, 1: 6, 2: 6, 3: 5, 4: 4}

CAPTURES = Path(os.environ.get("C1222_PUBLIC_CAPTURES", "")) / "ge_i210c"


def with_51(given, **kinds):
    st0 = formats(**kinds)
    return {"st0": st0, "st51": ACT_TIME_TOU_TBL.decode(given, {"st0": st0})}


def limits(*, flag1=0, flag2=0, seasons=0, special=0, once=0, again=0, switches=0, size=0):
    """Octets of a table 51, least significant octet first."""
    numbers = bytes([flag1, flag2, seasons | special << 4, once, again])
    return numbers + switches.to_bytes(2, "little") + size.to_bytes(2, "little")


SEPARATE_WEEKDAYS, SEPARATE_SUM_DEMANDS, HAS_ZONE, HAS_ANCHOR = 0x02, 0x04, 0x10, 0x20


def test_decade_is_registered_by_number():
    assert [table.number for table in TABLES] == [50, 51, 52, 53, 54, 55, 56]
    assert all(STANDARD.table(table.number) is table for table in TABLES)
    # Nobody says how table 57 is laid out.
    assert STANDARD.table(57).decode(b"\x01\x02").octets == b"\x01\x02"


@pytest.mark.parametrize("table", [DIM_TIME_TOU_TBL, ACT_TIME_TOU_TBL], ids=repr)
def test_limits_of_a_hexing_meter(table):
    decoded = check_vector(table, HEXING_51, {"st0": formats()}, size=9)
    assert not any(decoded.time_func_flag1.values())
    assert not any(decoded.time_func_flag2.values())
    # 14H: 4 seasons in the low nibble, 1 special schedule in the high one. 28H = 40, 32H = 50, 011EH = 286.
    assert decoded.calendar_func == {"nbr_seasons": 4, "nbr_special_sched": 1}
    assert (decoded.nbr_non_recurr_dates, decoded.nbr_recurr_dates, decoded.nbr_tier_switches) == (0, 40, 50)
    assert decoded.calendar_tbl_size == 286 == 40 * 3 + 50 * 3 + 4 * (3 + 1)
    check_refusals(table, HEXING_51, {"st0": formats()})


FLAG1 = [
    "tou_self_read_flag", "season_self_read_flag", "season_demand_reset_flag", "season_chng_armed_flag",
    "sort_dates_flag", "anchor_date_flag",
]  # fmt: skip
FLAG2 = [
    "cap_dst_auto_flag", "separate_weekdays_flag", "separate_sum_demands_flag", "sort_tier_switches_flag",
    "cap_tm_zn_offset_flag",
]  # fmt: skip


@pytest.mark.parametrize(
    ("octet", "bit", "element", "name"),
    [(0, bit, "time_func_flag1", name) for bit, name in enumerate(FLAG1)]
    + [(1, bit, "time_func_flag2", name) for bit, name in enumerate(FLAG2)],
)
def test_each_capability_has_its_bit(octet, bit, element, name):
    given = bytearray(9)
    given[octet] = 1 << bit
    decoded = ACT_TIME_TOU_TBL.decode(bytes(given), {"st0": formats()})
    assert [key for key, value in decoded[element].items() if value] == [name]


RECORDED_CLOCKS = [
    #            octets                  when                                weekday  why
    pytest.param("0C 0B 08 17 01 0F 44", datetime(2012, 11, 8, 23, 1, 15), 4, id="ge-thursday"),
    pytest.param("0D 01 05 01 17 0F 46", datetime(2013, 1, 5, 1, 23, 15), 6, id="ge-saturday"),
    pytest.param("0D 01 08 04 0D 2A 42", datetime(2013, 1, 8, 4, 13, 42), 2, id="ge-tuesday"),
    pytest.param("0D 05 03 14 38 2B 04", datetime(2013, 5, 3, 20, 56, 43), 4, id="hexing-one-day-off"),
]


@pytest.mark.parametrize(("text", "when", "weekday"), RECORDED_CLOCKS)
def test_recorded_clocks(text, when, weekday):
    decoded = check_vector(CLOCK_TBL, octets(text), {"st0": formats()}, size=7)
    assert decoded.clock_calendar.value == when
    # 4xH: bit 6, the DST offset is in the clock.
    assert decoded.time_date_qual == {
        "day_of_week": weekday,
        "dst_flag": False,
        "gmt_flag": False,
        "tm_zn_applied_flag": False,
        "dst_applied_flag": text[-2] == "4",
        "dst_supported_flag": False,
    }
    check_refusals(CLOCK_TBL, octets(text), {"st0": formats()})


def test_clock_of_the_capture_with_its_own_table_0():
    path = CAPTURES / "tables.json"
    if "C1222_PUBLIC_CAPTURES" not in os.environ:
        pytest.skip("C1222_PUBLIC_CAPTURES does not say where the captures are")
    tables = {int(number): bytes.fromhex(text) for number, text in json.loads(path.read_text()).items()}
    st0 = STANDARD.table(0).decode(tables[0])
    decoded = check_vector(CLOCK_TBL, tables[52], {"st0": st0}, size=7)
    assert decoded.clock_calendar.value == datetime(2012, 11, 8, 23, 1, 15)
    assert decoded.time_date_qual.day_of_week == 4


# Constructed: 01:02:03 as DST time (3723 s = 0E8BH), 60 minutes, zone -300 = FED4H, end at 02:00:00 (7200 s = 1C20H).
OFFSETS = [
    #            tm  zone   octets                                  zone, end           why
    pytest.param(2, False, "01 02 03 3C", (None, None), id="short"),
    pytest.param(2, True, "01 02 03 3C D4FE", (-300, None), id="zone"),
    pytest.param(2, False, "01 02 03 3C 02 00 00", (None, time(2)), id="end"),
    pytest.param(2, True, "01 02 03 3C D4FE 02 00 00", (-300, time(2)), id="zone-and-end"),
    pytest.param(1, True, "01 02 03 3C D4FE 02 00 00", (-300, time(2)), id="bcd"),
    pytest.param(3, True, "8B0E0000 3C D4FE 201C0000", (-300, time(2)), id="counter"),
    pytest.param(0, True, "3C D4FE", (-300, None), id="no-clock"),
]


@pytest.mark.parametrize(("tm", "zone", "text", "expected"), OFFSETS)
def test_time_offset(tm, zone, text, expected):
    tables = with_51(limits(flag2=HAS_ZONE if zone else 0), tm=tm)
    decoded = TIME_OFFSET_TBL.decode(octets(text), tables)
    assert decoded.dst_time_eff is None if tm == 0 else decoded.dst_time_eff.value == time(1, 2, 3)
    assert decoded.dst_time_amt == 60
    end = decoded.std_time_eff.value if decoded.std_time_eff else None
    assert (decoded.time_zone_offset, end) == expected
    assert TIME_OFFSET_TBL.encode(decoded, tables) == octets(text)
    width = {0: 0, 1: 3, 2: 3, 3: 4}[tm]
    assert TIME_OFFSET_TBL.size(decoded, tables) == width + 1 + 2 * zone + (width if expected[1] else 0)


def test_time_offset_of_a_hexing_meter():
    # Edition 2, and yet neither zone nor end.
    tables = with_51(HEXING_51)
    decoded = TIME_OFFSET_TBL.decode(bytes(4), tables)
    assert (decoded.dst_time_eff.value, decoded.dst_time_amt) == (time(0), 0)
    assert (decoded.time_zone_offset, decoded.std_time_eff) == (None, None)
    assert TIME_OFFSET_TBL.encode(decoded, tables) == bytes(4)


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 5, 6, 8])
def test_time_offset_cut(cut):
    with pytest.raises(TableError, match="ST-53"):
        TIME_OFFSET_TBL.decode(bytes(cut), with_51(HEXING_51))


# What the reference quotes of that meter's table 54, least significant octet first; the entries between are filled with
# FF as the meter does. Recurring: DST on and off, four seasons, four of the holidays. Switches: 00:00, 03:00, 06:00,
# 09:00. Then 4 seasons x (Saturday, Sunday, weekday, special 0).
HEXING_RECURRING = octets("030861 0A0862 010863 040864 070865 0A0866 010813 011013 04D813 0CC813")
HEXING_SWITCHES = octets("000000 011800 023000 034800")
HEXING_MATRIX = octets("00010203 01020300 02030001 03000102")
HEXING_54 = (
    HEXING_RECURRING.ljust(40 * 3, b"\xff") + HEXING_SWITCHES.ljust(50 * 3, b"\xff") + HEXING_MATRIX
)  # 120 + 150 + 16


def test_calendar_of_a_hexing_meter():
    decoded = check_vector(CALENDAR_TBL, HEXING_54, with_51(HEXING_51), size=286)
    assert decoded.anchor_date is None
    assert decoded.non_recurr_dates == []
    dates = [
        (entry.recurr_date.month, entry.recurr_date.day, entry.calendar_action.calendar_ctrl)
        for entry in decoded.recurr_dates[:10]
    ]
    # Control 1 DST on, 2 DST off, 3 to 6 seasons 0 to 3, 19 special schedule 0.
    assert dates == [
        (3, 1, 1), (10, 1, 2), (1, 1, 3), (4, 1, 4), (7, 1, 5), (10, 1, 6), (1, 1, 19), (1, 2, 19), (4, 27, 19),
        (12, 25, 19),
    ]  # fmt: skip
    # 61H = 0110 0001: demand reset and self read; 13H = 0001 0011: neither.
    first, holiday = decoded.recurr_dates[0].calendar_action, decoded.recurr_dates[6].calendar_action
    assert (first.demand_reset_flag, first.self_read_flag) == (True, True)
    assert (holiday.demand_reset_flag, holiday.self_read_flag) == (False, False)
    switches = [
        (entry.tier_switch.switch_hour, entry.tier_switch.switch_min, entry.tier_switch.new_tier, entry.day_sch_num)
        for entry in decoded.tier_switches[:4]
    ]
    assert switches == [(0, 0, 0, 0), (3, 0, 1, 0), (6, 0, 2, 0), (9, 0, 3, 0)]
    assert decoded.daily_schedule_id_matrix[1] == {
        "saturday_schedule": 1,
        "sunday_schedule": 2,
        "weekday_schedule": 3,
        "day_schedules": None,
        "special_schedules": [0],
    }
    assert decoded.raw("recurr_dates[39]") == decoded.raw("tier_switches[49]") == b"\xff\xff\xff"
    assert decoded.raw("tier_switches") == HEXING_54[0x78:0x10E]
    check_refusals(CALENDAR_TBL, HEXING_54, with_51(HEXING_51))


# Constructed. 29 February 2024 = E918H (24 + 2 x 128 + 29 x 2048). Every 7 days, 2 days after the anchor: 15 + 7 x 16 +
# 2 x 1024 = 087FH. 13:45 to tier 5, summations and demands: 5 + 8 + 16 + 45 x 32 + 13 x 2048 = 6DBDH.
ALL_PARTS = octets("18E9  18E921  7F0800  BD6D02  00010203040506 0708  01010101010101 0909")
ALL_51 = limits(
    flag1=HAS_ANCHOR, flag2=SEPARATE_WEEKDAYS | SEPARATE_SUM_DEMANDS, seasons=2, special=2, once=1, again=1, switches=1
)


def test_calendar_with_all_parts():
    # 2 + 3 x (1 + 1 + 1) + 2 x (7 + 2).
    decoded = check_vector(CALENDAR_TBL, ALL_PARTS, with_51(ALL_51), size=29)
    assert decoded.anchor_date.value == date(2024, 2, 29)
    assert decoded.non_recurr_dates[0].non_recurr_date.value == date(2024, 2, 29)
    # 21H: control 1, demand reset.
    assert decoded.non_recurr_dates[0].calendar_action == {
        "calendar_ctrl": 1,
        "demand_reset_flag": True,
        "self_read_flag": False,
        "spare_7": 0,
    }
    assert decoded.recurr_dates[0].recurr_date == {"month": 15, "period": 7, "delta": 2}
    assert decoded.tier_switches[0] == {
        "tier_switch": {
            "new_tier": 5,
            "summation_switch_flag": True,
            "demands_switch_flag": True,
            "switch_min": 45,
            "switch_hour": 13,
        },
        "day_sch_num": 2,
    }
    assert decoded.daily_schedule_id_matrix[0] == {
        "saturday_schedule": None,
        "sunday_schedule": None,
        "weekday_schedule": None,
        "day_schedules": [0, 1, 2, 3, 4, 5, 6],
        "special_schedules": [7, 8],
    }
    check_refusals(CALENDAR_TBL, ALL_PARTS, with_51(ALL_51))


def test_calendar_most_significant_octet_first():
    big = octets("E918  E91821  087F00  6DBD02  00010203040506 0708  01010101010101 0909")
    little = CALENDAR_TBL.decode(ALL_PARTS, with_51(ALL_51))
    tables = {"st0": formats(big=True), "st51": with_51(ALL_51)["st51"]}
    decoded = check_vector(CALENDAR_TBL, big, tables, size=29)
    assert decoded.tier_switches == little.tier_switches
    assert decoded.recurr_dates == little.recurr_dates
    assert decoded.anchor_date.value == little.anchor_date.value


# 55: the octets of a Hexing meter (May 2013, its weekday is one day off), and those that the reference constructs.
CLOCK_STATES = [
    #            51                  octets                         status                                       why
    pytest.param(
        HEXING_51,
        "0D 05 04 00 09 34 05 001E",
        {"curr_tier": 0, "spare_3_5": 0, "tier_drive": 0, "special_schd_active": 14, "season": 1},
        id="hexing",
    ),
    pytest.param(
        HEXING_51,
        "18 01 0F 02 21 0A 61 0210",
        {"curr_tier": 2, "spare_3_5": 0, "tier_drive": 0, "special_schd_active": 0, "season": 1},
        id="constructed",
    ),
    # 2 + 5 x 8 + 3 x 64 + 7 x 256 + 9 x 4096 = 97EAH.
    pytest.param(
        limits(flag2=SEPARATE_SUM_DEMANDS),
        "18 01 0F 02 21 0A 61 EA97",
        {"curr_summ_tier": 2, "curr_demand_tier": 5, "tier_drive": 3, "special_schd_active": 7, "season": 9},
        id="constructed-separate-tiers",
    ),
]


@pytest.mark.parametrize(("given_51", "text", "status"), CLOCK_STATES)
def test_clock_state(given_51, text, status):
    decoded = check_vector(CLOCK_STATE_TBL, octets(text), with_51(given_51), size=9)
    assert decoded.status == status
    check_refusals(CLOCK_STATE_TBL, octets(text), with_51(given_51))


def test_clock_state_constructed_in_the_reference():
    decoded = CLOCK_STATE_TBL.decode(octets("18 01 0F 02 21 0A 61 0210"), with_51(HEXING_51))
    assert decoded.clock_calendar.value == datetime(2024, 1, 15, 2, 33, 10)
    # 61H = 0110 0001.
    assert decoded.time_date_qual.day_of_week == 1
    assert decoded.time_date_qual.tm_zn_applied_flag
    assert decoded.time_date_qual.dst_applied_flag
    assert decoded.clock_calendar.value.isoweekday() == 1


@pytest.mark.parametrize("tm", LTIME)
def test_sizes_of_the_clocks(tm):
    tables = with_51(HEXING_51, tm=tm)
    assert CLOCK_TBL.size(tables=tables) == LTIME[tm] + 1
    assert CLOCK_STATE_TBL.size(tables=tables) == LTIME[tm] + 3


@pytest.mark.parametrize(
    ("flag2", "text", "expected"),
    [
        # Constructed: 300 = 012CH, 90 = 005AH, 12 days.
        (0, "2C01 0C", (None, None, 300)),
        (SEPARATE_SUM_DEMANDS, "2C01 5A00 0C", (300, 90, None)),
    ],
    ids=["one-tier", "separate-tiers"],
)
def test_time_remaining(flag2, text, expected):
    tables = with_51(limits(flag2=flag2))
    decoded = check_vector(TIME_REMAIN_TBL, octets(text), tables, size=5 if flag2 else 3)
    remaining = (decoded.summ_tier_time_remain, decoded.demand_tier_time_remain, decoded.tier_time_remain)
    assert (remaining, decoded.self_read_days_remain) == (expected, 12)
    check_refusals(TIME_REMAIN_TBL, octets(text), tables)


@pytest.mark.parametrize("table", [TIME_OFFSET_TBL, CALENDAR_TBL, CLOCK_STATE_TBL, TIME_REMAIN_TBL], ids=repr)
def test_the_dimensions_come_from_table_51(table):
    with pytest.raises(MissingTableError) as info:
        table.decode(b"", {"st0": formats()})
    assert info.value.needed == (51,)


dimensions = st.builds(
    limits,
    flag1=st.integers(0, 255),
    flag2=st.integers(0, 255),
    seasons=st.integers(0, 15),
    special=st.integers(0, 15),
    once=st.integers(0, 4),
    again=st.integers(0, 4),
    switches=st.integers(0, 4),
)


@given(st.data(), any_formats, dimensions)
def test_any_octets(data, st0, given_51):
    tables = {"st0": st0, "st51": ACT_TIME_TOU_TBL.decode(given_51, {"st0": formats()})}
    for table in TABLES:
        check_any_octets(table, tables, data)


@given(dimensions)
def test_size_of_the_calendar(given_51):
    # The formula of the reference, from the octets of table 51.
    anchor, separate = given_51[0] & HAS_ANCHOR, given_51[1] & SEPARATE_WEEKDAYS
    seasons, special = given_51[2] & 15, given_51[2] >> 4
    switches = int.from_bytes(given_51[5:7], "little")
    expected = (2 if anchor else 0) + 3 * (given_51[3] + given_51[4] + switches)
    expected += seasons * ((7 if separate else 3) + special)
    assert CALENDAR_TBL.size(tables=with_51(given_51)) == expected
