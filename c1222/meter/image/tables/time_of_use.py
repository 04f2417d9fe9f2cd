"""Decade 5 of the simulated meter: the clock, the zone, the calendar, and what is in force."""

from c1222.meter.image.memory import Builder, Memory, Value
from c1222.meter.world.events import moment
from c1222.meter.world.load import DAY

YEARS = 10
"""Years, from that of the installation, whose DST dates the calendar holds."""

DST_ON, DST_OFF, SEASON_0, SPECIAL_0 = 1, 2, 3, 19
"""CALENDAR_CTRL of table 54."""

NO_SPECIAL = 14
"""SPECIAL_SCHD_ACTIVE where no special schedule is in force: seen on a real meter (docs/sources.md, X)."""

NOT_PLANNED = 255
"""SELF_READ_DAYS_REMAIN of a meter whose self reads come by procedure only: our choice, no source has a code."""

_MINUTE = 60
_FAR = 14 * DAY


def _dst_dates(memory: Memory) -> list[Value]:
    rule = memory.world.clock.dst
    if rule is None:
        return []
    first = moment(memory.world.installed).year
    return [
        {"non_recurr_date": day, "calendar_action": {"calendar_ctrl": control}}
        for year in range(first, first + YEARS)
        for day, control in sorted([(rule.on.of(year), DST_ON), (rule.off.of(year), DST_OFF)])
    ]


def _yearly(month: int, day: int, control: int) -> Value:
    return {"recurr_date": {"month": month, "day": day}, "calendar_action": {"calendar_ctrl": control}}


def _yearly_dates(memory: Memory) -> list[Value]:
    tariff = memory.world.tariff
    return [
        *(_yearly(month, day, SEASON_0 + season) for month, day, season in tariff.seasons),
        *(_yearly(month, day, SPECIAL_0) for month, day in tariff.holidays),
    ]


def _tier_switches(memory: Memory) -> list[Value]:
    return [
        {
            "tier_switch": {"new_tier": tier, "switch_hour": minute // 60, "switch_min": minute % 60},
            "day_sch_num": schedule,
        }
        for schedule, switches in memory.world.tariff.schedules.items()
        for minute, tier in switches
    ]


def limits(memory: Memory, at: int) -> Value:
    """Table 51. An entry of the calendar has 3 octets; each season has a row for three kinds of day and holidays."""
    once, yearly, switches = len(_dst_dates(memory)), len(_yearly_dates(memory)), len(_tier_switches(memory))
    seasons = len(memory.world.tariff.days)
    return {
        "time_func_flag1": {},
        "time_func_flag2": {"cap_dst_auto_flag": memory.world.clock.dst is not None, "cap_tm_zn_offset_flag": True},
        "calendar_func": {"nbr_seasons": seasons, "nbr_special_sched": 1},
        "nbr_non_recurr_dates": once,
        "nbr_recurr_dates": yearly,
        "nbr_tier_switches": switches,
        "calendar_tbl_size": 3 * (once + yearly + switches) + 4 * seasons,
    }


def _qualifier(memory: Memory, at: int) -> Value:
    """TIME_DATE_QUAL: the clock shows local time, zone and DST are in it."""
    clock = memory.world.clock
    return {
        "day_of_week": memory.shown(at).isoweekday() % 7,
        "dst_flag": clock.is_dst(memory.world.meter_time_at(at)),
        "tm_zn_applied_flag": True,
        "dst_applied_flag": clock.dst is not None,
        "dst_supported_flag": clock.dst is not None,
    }


def clock(memory: Memory, at: int) -> Value:
    """Table 52."""
    return {"clock_calendar": memory.shown(at), "time_date_qual": _qualifier(memory, at)}


def offsets(memory: Memory, at: int) -> Value:
    """Table 53. DST begins and ends at the same hour of local time."""
    rule, build = memory.world.clock.dst, memory.build
    hour = rule.hour if rule is not None else 0
    return {
        "dst_time_eff": build.time_of_day(3600 * hour),
        "dst_time_amt": rule.amount if rule is not None else 0,
        "time_zone_offset": memory.world.clock.zone,
        "std_time_eff": build.time_of_day(3600 * hour),
    }


def calendar(memory: Memory, at: int) -> Value:
    """Table 54."""
    return {
        "non_recurr_dates": _dst_dates(memory),
        "recurr_dates": _yearly_dates(memory),
        "tier_switches": _tier_switches(memory),
        "daily_schedule_id_matrix": [
            {
                "saturday_schedule": saturday,
                "sunday_schedule": sunday,
                "weekday_schedule": weekday,
                "special_schedules": [holiday],
            }
            for saturday, sunday, weekday, holiday in memory.world.tariff.days
        ],
    }


def clock_state(memory: Memory, at: int) -> Value:
    """Table 55."""
    world = memory.world
    local = world.clock.local(world.meter_time_at(at))
    return {
        **clock(memory, at),
        "status": {
            "curr_tier": world.tariff.tier(local),
            "special_schd_active": 0 if world.tariff.is_holiday(local) else NO_SPECIAL,
            "season": world.tariff.season(local),
        },
    }


def time_remaining(memory: Memory, at: int) -> Value:
    """Table 56: minutes until the tier changes on the meter's clock, a started one counted; 14 days at most."""
    world = memory.world
    local = coming = world.clock.local(world.meter_time_at(at))
    while coming - local < _FAR and world.tariff.tier(coming) == world.tariff.tier(local):
        coming = world.tariff.next_switch(coming)
    return {
        "tier_time_remain": -(-min(coming - local, _FAR) // _MINUTE),
        "self_read_days_remain": NOT_PLANNED,
    }


BUILDERS: dict[int, Builder] = {
    51: limits,
    52: clock,
    53: offsets,
    54: calendar,
    55: clock_state,
    56: time_remaining,
}
