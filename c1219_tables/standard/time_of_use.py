"""Decade 5: the clock, daylight saving time, and the calendar that switches tiers, seasons and special days.

Table 51 sets the sizes, table 54 is the calendar, tables 52, 55 and 56 say what is in force now. Table 57 (the clock in
finer steps) has no public layout. Short source names: docs/sources.md.
"""

from construct import IfThenElse, this

from c1219_tables.formats import INT16, UINT8, UINT16
from c1219_tables.schema.dialect import Array, Bit, BitField, If, Struct, Tail, bits, flag, note
from c1219_tables.table import Table
from c1219_tables.times import DATE, LTIME_DATE, RDATE, TIME

st51 = this._params.st51

_LIMITS = "C J Y X"

_CLOCK = "C J N X"

TIME_TOU_RCD = Struct(
    "time_func_flag1"
    / BitField(
        UINT8,
        flag("tou_self_read_flag", 0) * note("the calendar can ask for self reads", _LIMITS),
        flag("season_self_read_flag", 1) * note("a change of season makes a self read", _LIMITS),
        flag("season_demand_reset_flag", 2) * note("a change of season resets demand", _LIMITS),
        flag("season_chng_armed_flag", 3) * note("SEASON_CHNG_ARMED: no source says more than the name", _LIMITS),
        flag("sort_dates_flag", 4) * note("the dates of table 54 are to be sorted by date", _LIMITS),
        flag("anchor_date_flag", 5) * note("table 54 begins with the anchor date of periodic dates", _LIMITS),
    )
    * note("what the calendar can do", _LIMITS),
    "time_func_flag2"
    / BitField(
        UINT8,
        flag("cap_dst_auto_flag", 0) * note("the meter can change to and from DST by itself", _LIMITS),
        flag("separate_weekdays_flag", 1) * note("each weekday has a schedule of its own", _LIMITS),
        flag("separate_sum_demands_flag", 2) * note("tiers of summations and of demands switch separately", _LIMITS),
        flag("sort_tier_switches_flag", 3) * note("the switches of table 54 are to be sorted by time", _LIMITS),
        flag("cap_tm_zn_offset_flag", 4) * note("table 53 holds a time zone offset", _LIMITS),
    )
    * note("what the clock and its schedules can do", _LIMITS),
    "calendar_func"
    / BitField(
        UINT8,
        bits("nbr_seasons", 0, 3) * note("seasons, 0 to 15", _LIMITS),
        bits("nbr_special_sched", 4, 7) * note("special day schedules (holidays), 0 to 15", _LIMITS),
    )
    * note("seasons and special schedules", _LIMITS),
    "nbr_non_recurr_dates" / UINT8 * note("dates in table 54 that come once", _LIMITS),
    "nbr_recurr_dates" / UINT8 * note("dates in table 54 that come again", _LIMITS),
    "nbr_tier_switches" / UINT16 * note("tier switches in table 54, over all day schedules together", _LIMITS),
    "calendar_tbl_size" / UINT16 * note("octets of table 54", _LIMITS),
)

DIM_TIME_TOU_TBL = Table(
    50,
    "DIM_TIME_TOU_TBL",
    TIME_TOU_RCD,
    purpose="the most that the calendar could be told to hold",
    sources="C J",
)

ACT_TIME_TOU_TBL = Table(
    51,
    "ACT_TIME_TOU_TBL",
    TIME_TOU_RCD,
    purpose="what the calendar holds now: dimensions of tables 53 to 56",
    sources=_LIMITS,
)

TIME_DATE_QUAL_BFLD = BitField(
    UINT8,
    bits("day_of_week", 0, 2)
    * note("0 Sunday to 6 Saturday, 7 not supported; a real meter was one day off: compute it from the date", "N X"),
    flag("dst_flag", 3) * note("the meter is in DST now", _CLOCK),
    flag("gmt_flag", 4) * note("the clock corresponds to GMT", _CLOCK),
    flag("tm_zn_applied_flag", 5) * note("the time zone offset is already in the clock", "J N X"),
    flag("dst_applied_flag", 6) * note("the DST offset is already in the clock", _CLOCK),
    flag("dst_supported_flag", 7) * note("the meter knows DST; without a meaning where STD_VERSION_NO is 1", "N X"),
)
"""How to take a time of the meter's clock: tables 52 and 55, procedure 10."""

CLOCK_TBL = Table(
    52,
    "CLOCK_TBL",
    Struct(
        "clock_calendar" / LTIME_DATE * note("date and time on the meter's clock", _CLOCK),
        "time_date_qual" / TIME_DATE_QUAL_BFLD * note("weekday, and what is already in the clock", _CLOCK),
    ),
    purpose="the clock; it is read only, procedure 10 sets it",
    sources=_CLOCK,
)

TIME_OFFSET_TBL = Table(
    53,
    "TIME_OFFSET_TBL",
    Struct(
        "dst_time_eff" / TIME * note("time of day at which DST takes effect", "J X"),
        "dst_time_amt" / UINT8 * note("minutes by which DST moves the clock", "J X"),
        "time_zone_offset"
        / If(st51.time_func_flag2.cap_tm_zn_offset_flag, INT16)
        * note("minutes between the time zone and GMT, signed", "J X"),
        # No source says on what it depends; a meter of edition 2 was seen without it.
        "std_time_eff" / Tail(TIME) * note("time of day at which DST ends; there where octets are left for it", "X"),
    ),
    purpose="when and by how much DST moves the clock, and the time zone",
    sources="J X",
)

CALENDAR_ACTION_BFLD = BitField(
    UINT8,
    bits("calendar_ctrl", 0, 4)
    * note(
        "0 nothing, 1 DST on, 2 DST off, 3 to 18 select season 0 to 15, 19 to 30 special schedule 0 to 11",
        "J X",
    ),
    flag("demand_reset_flag", 5) * note("reset demand on that date", "J X"),
    flag("self_read_flag", 6) * note("make a self read on that date", "J X"),
)


def _tier_switch(*switched: Bit) -> BitField:
    return BitField(
        UINT16,
        bits("new_tier", 0, 2) * note("tier from then on, 0 to 7", "J X"),
        *switched,
        bits("switch_min", 5, 10) * note("minute of the switch, 0 to 59", "J X"),
        bits("switch_hour", 11, 15) * note("hour of the switch, 0 to 23", "J X"),
    )


TIER_SWITCH_RCD = Struct(
    "tier_switch"
    / IfThenElse(
        st51.time_func_flag2.separate_sum_demands_flag,
        _tier_switch(
            flag("summation_switch_flag", 3) * note("the tier of summations switches", "J"),
            flag("demands_switch_flag", 4) * note("the tier of demands switches", "J"),
        ),
        _tier_switch(),
    )
    * note("time of day and new tier", "J X"),
    "day_sch_num" / UINT8 * note("day schedule that the switch belongs to", "J X"),
)

_SEPARATE = st51.time_func_flag2.separate_weekdays_flag

SEASON_SCHEDULES_RCD = Struct(
    "saturday_schedule" / If(~_SEPARATE, UINT8) * note("day schedule of Saturdays", "X"),
    "sunday_schedule" / If(~_SEPARATE, UINT8) * note("day schedule of Sundays", "X"),
    "weekday_schedule" / If(~_SEPARATE, UINT8) * note("day schedule of Mondays to Fridays", "X"),
    "day_schedules"
    / If(_SEPARATE, Array(7, UINT8))
    * note("day schedules of the seven weekdays; which comes first is not public", "J"),
    "special_schedules"
    / Array(st51.calendar_func.nbr_special_sched, UINT8)
    * note("day schedules of special schedule 0, 1 ...", "J X"),
)

CALENDAR_TBL = Table(
    54,
    "CALENDAR_TBL",
    Struct(
        "anchor_date"
        / If(st51.time_func_flag1.anchor_date_flag, DATE)
        * note("day from which periodic dates are counted", "J X"),
        "non_recurr_dates"
        / Array(
            st51.nbr_non_recurr_dates,
            Struct(
                "non_recurr_date" / DATE * note("the day", "J"),
                "calendar_action" / CALENDAR_ACTION_BFLD * note("what happens", "J X"),
            ),
        )
        * note("dates that come once; octets FF FF FF: entry not used", "J X"),
        "recurr_dates"
        / Array(
            st51.nbr_recurr_dates,
            Struct(
                "recurr_date"
                / RDATE
                * note(
                    "month 1 to 12 yearly on `day`; presumably 14 weekly, 15 every `period` days; "
                    "other codes not public",
                    "J",
                ),
                "calendar_action" / CALENDAR_ACTION_BFLD * note("what happens", "J X"),
            ),
        )
        * note("dates that come again; octets FF FF FF: entry not used", "J X"),
        "tier_switches"
        / Array(st51.nbr_tier_switches, TIER_SWITCH_RCD)
        * note("switches of all day schedules; octets FF FF FF: entry not used", "J X"),
        "daily_schedule_id_matrix"
        / Array(st51.calendar_func.nbr_seasons, SEASON_SCHEDULES_RCD)
        * note("for each season, the day schedule of each kind of day", "J X"),
    ),
    purpose="seasons, holidays and DST by date, tiers by time of day",
    sources="J X",
)


def _status(*tiers: Bit) -> BitField:
    return BitField(
        UINT16,
        *tiers,
        bits("tier_drive", 6, 7) * note("what drives the tier: codes not public", "C J"),
        bits("special_schd_active", 8, 11) * note("special schedule in force; 14 was seen on an ordinary day", "C J"),
        bits("season", 12, 15) * note("season in force, from 0", "C J"),
    )


CLOCK_STATE_TBL = Table(
    55,
    "CLOCK_STATE_TBL",
    Struct(
        "clock_calendar" / LTIME_DATE * note("date and time on the meter's clock", "C J Y X"),
        "time_date_qual" / TIME_DATE_QUAL_BFLD * note("weekday, and what is already in the clock", "C J Y X"),
        "status"
        / IfThenElse(
            st51.time_func_flag2.separate_sum_demands_flag,
            _status(
                bits("curr_summ_tier", 0, 2) * note("tier of summations in force, 0 to 7", "C J"),
                bits("curr_demand_tier", 3, 5) * note("tier of demands in force, 0 to 7", "C J"),
            ),
            _status(bits("curr_tier", 0, 2) * note("tier in force, 0 to 7", "C J")),
        )
        * note("tier, special schedule and season in force", "C J Y X"),
    ),
    purpose="the clock, with tier and season in force",
    sources="C J Y X",
)

TIME_REMAIN_TBL = Table(
    56,
    "TIME_REMAIN_TBL",
    Struct(
        "summ_tier_time_remain"
        / If(st51.time_func_flag2.separate_sum_demands_flag, UINT16)
        * note("time until the tier of summations changes, presumably minutes", "C J"),
        "demand_tier_time_remain"
        / If(st51.time_func_flag2.separate_sum_demands_flag, UINT16)
        * note("time until the tier of demands changes, presumably minutes", "C J"),
        "tier_time_remain"
        / If(~st51.time_func_flag2.separate_sum_demands_flag, UINT16)
        * note("time until the tier changes, presumably minutes", "C J"),
        "self_read_days_remain" / UINT8 * note("days until the next self read", "C J"),
    ),
    purpose="time until the tier changes and until the next self read",
    sources="C J",
)

TABLES = (
    DIM_TIME_TOU_TBL,
    ACT_TIME_TOU_TBL,
    CLOCK_TBL,
    TIME_OFFSET_TBL,
    CALENDAR_TBL,
    CLOCK_STATE_TBL,
    TIME_REMAIN_TBL,
)
