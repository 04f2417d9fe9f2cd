"""A load curve before it is drawn: runs and gaps, marks, changes of DST, round times, the ends of its axis."""

from datetime import timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import dst_meters
import pytest
from dst_meters import flagged, profile, without
from saved_meters import utc

from c1219_tables.readings.intervals.quality import Quality
from c1219_tables.readings.values.quantity import Quantity
from c1222_cli.readings import quality_marks as marks
from c1222_cli.readings.curve import axis_name, clock_changes, is_amount, limits, runs, where
from c1222_cli.readings.profile_rows import local
from c1222_cli.readings.round_times import round_times

QUARTER = timedelta(minutes=15)


@pytest.fixture(scope="module")
def autumn(tmp_path_factory):
    return dst_meters.autumn(tmp_path_factory.mktemp("meter") / "autumn.json")


@pytest.fixture
def day(autumn):
    return profile(autumn, "2025-11-02T04:00", "2025-11-03T05:00")


def spans(*texts):
    """`spans("14:00 16:45")`, in UTC on 2 November."""
    return [tuple(utc(f"2025-11-02T{text}") for text in one.split()) for one in texts]


# -- Runs and marks ---------------------------------------------------------------------------------------------------


def test_runs(day):
    """Broken by the failure of power, by the hour that the clock left out at 20:00, and where times are repeated."""
    found = list(runs(day, day.channel(1)))
    midnight = utc("2025-11-03T00:00")
    assert [(run.intervals[0][0], run.intervals[-1][1], run.repeated, run.joined) for run in found] == [
        (utc("2025-11-02T04:00"), utc("2025-11-02T14:15"), False, False),
        (utc("2025-11-02T16:30"), utc("2025-11-02T20:00"), False, False),
        (utc("2025-11-02T21:00"), midnight, False, False),
        (utc("2025-11-02T23:00"), midnight, True, False),
        (midnight, utc("2025-11-03T05:00"), False, True),
    ]
    assert all(end - start == QUARTER for run in found for start, end, _ in run.intervals)
    assert sum(len(run.intervals) for run in found) == sum(value is not None for value in day[0].values())


def test_what_is_missing_is_not_joined(day):
    """The last quarter of what was repeated, before midnight UTC, is skipped."""
    ends = [day.data.moment(end) for end in day.data.ends]
    last = max(row for row, end in enumerate(ends) if end == utc("2025-11-03T00:00"))
    found = list(runs(flagged(day, {last: int(Quality.SKIPPED)}), day[0]))
    assert not any(run.joined for run in found)


def test_what_is_marked(day):
    """Power failed from 14:07 to 16:40: the intervals at its ends are partial, those between were skipped."""
    midnight = utc("2025-11-03T00:00")
    repeated = utc("2025-11-02T23:00")
    assert marks.quality(day, day[0]) == {
        marks.POWER_FAILED: spans("14:00 16:45"),
        marks.CLOCK_FORWARD: spans("20:00 21:00"),
        marks.CLOCK_BACK: [(repeated, repeated + QUARTER)],
        marks.REPEATED: [(repeated, midnight)],
        marks.PARTIAL: spans("14:00 14:15", "16:30 16:45"),
    }
    assert marks.gaps(day, day[0]) == {marks.SKIPPED: spans("14:15 16:30", "20:00 21:00")}


def test_gaps_by_the_reason_that_says_most(autumn):
    """Rows 4 to 9, from 05:00; 12 is not there."""
    flags = {
        4: Quality.STOPPED | Quality.NOT_VALID,
        5: Quality.STOPPED | Quality.SKIPPED,
        6: Quality.SKIPPED | Quality.NOT_VALID,
        8: Quality.NOT_VALID,
    }
    found = flagged(
        profile(autumn, "2025-11-02T04:00", "2025-11-02T08:00"), {row: int(its) for row, its in flags.items()}
    )
    assert marks.gaps(without(found, {12}), found[0]) == {
        marks.STOPPED: spans("05:00 05:30"),
        marks.SKIPPED: spans("05:30 05:45"),
        marks.NOT_VALID: spans("06:00 06:15"),
        marks.NO_INTERVALS: spans("07:00 07:15"),
    }


def test_channels_that_are_drawn_together():
    early, late = spans("05:00 05:15", "06:00 06:15")
    parts = [{marks.PARTIAL: [late]}, {marks.PARTIAL: [early, late], marks.OVERFLOW: [early]}]
    assert marks.together(parts) == {marks.PARTIAL: [early, late], marks.OVERFLOW: [early]}


# -- Changes of DST ---------------------------------------------------------------------------------------------------


def test_dst_ends(day):
    (change,) = clock_changes(day)
    assert change.at == utc("2025-11-02T06:00")
    assert change.first_time == utc("2025-11-02T05:00")
    assert str(change) == "DST ends: 02:00 UTC-04:00 becomes 01:00 UTC-05:00"
    assert where(day) == "local time of the meter, UTC-04:00 and UTC-05:00"


def test_dst_begins(tmp_path):
    found = profile(dst_meters.spring(tmp_path / "spring.json"), "2025-03-09T05:00", "2025-03-10T04:00")
    (change,) = clock_changes(found)
    assert (change.at, change.first_time) == (utc("2025-03-09T07:00"), None)
    assert str(change) == "DST begins: 02:00 UTC-05:00 becomes 03:00 UTC-04:00"


def test_dst_changes_though_there_is_no_interval(day):
    """04:00 is row 0, so 06:00 is row 8."""
    (change,) = clock_changes(without(day, set(range(4, 14))))
    assert change.at == utc("2025-11-02T06:00")


def test_dst_of_a_zone_that_was_named(autumn):
    """In Berlin it ended on 26 October 2025, at 01:00 UTC."""
    found = profile(autumn, "2025-10-25T12:00", "2025-11-03T00:00", tz=ZoneInfo("Europe/Berlin"))
    (change,) = clock_changes(found)
    assert str(change) == "DST ends: 03:00 UTC+02:00 becomes 02:00 UTC+01:00"
    assert change.at == utc("2025-10-26T01:00")


@pytest.mark.parametrize(
    ("since", "until", "zone"),
    [("2025-11-01T04:00", "2025-11-02T06:00", "UTC-04:00"), ("2025-11-02T06:00", "2025-11-03T05:00", "UTC-05:00")],
    ids=["before", "behind"],
)
def test_a_change_at_an_end_is_not_in_it(autumn, since, until, zone):
    found = profile(autumn, since, until)
    assert list(clock_changes(found)) == []
    assert where(found) == f"local time of the meter, {zone}"


# -- Round times ------------------------------------------------------------------------------------------------------

ROUND = [
    #  from                to                  most  local times that are named
    pytest.param("2025-11-01T16:00", "2025-11-01T16:15", 4, "12:00 12:05 12:10 12:15", id="one-interval"),
    pytest.param("2025-11-01T16:10", "2025-11-01T18:00", 13, "12:10 12:20 12:30 12:40 12:50 13:00 13:10 13:20 13:30 "
                 "13:40 13:50 14:00", id="no-round-start"),
    pytest.param("2025-11-02T04:00", "2025-11-02T08:00", 6, "00:00 01:00 01:00 02:00 03:00", id="an-hour-twice"),
    pytest.param("2025-03-09T05:00", "2025-03-09T09:00", 6, "00:00 01:00 03:00 04:00 05:00", id="an-hour-never"),
    pytest.param("2025-11-02T04:00", "2025-11-03T05:00", 8, "00:00 06:00 12:00 18:00 00:00", id="25-hours"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "last", "most", "names"), ROUND)
def test_round_times_of_hours(day, first, last, most, names):
    times = round_times(day, utc(first), utc(last), most)
    assert [f"{local(day, at):%H:%M}" for at in times] == names.split()


DAYS = [
    pytest.param("2025-10-28T04:00", "2025-11-03T05:00", 8, "10-28 10-29 10-30 10-31 11-01 11-02 11-03", id="days"),
    # 2025-10-06 was a Monday.
    pytest.param("2025-10-01T04:00", "2025-11-04T05:00", 6, "10-06 10-13 10-20 10-27 11-03", id="weeks-from-mondays"),
    pytest.param("2025-01-20T05:00", "2025-07-02T04:00", 6, "02-01 03-01 04-01 05-01 06-01 07-01", id="months"),
    pytest.param("2025-01-01T05:00", "2026-01-01T05:00", 6, "01-01 04-01 07-01 10-01 01-01", id="year"),
    pytest.param("2015-01-01T05:00", "2026-01-01T05:00", 6, "", id="too-long"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "last", "most", "names"), DAYS)
def test_round_times_of_days(day, first, last, most, names):
    times = [local(day, at) for at in round_times(day, utc(first), utc(last), most)]
    assert [f"{at:%m-%d}" for at in times] == names.split()
    assert not any(at.hour or at.minute for at in times)


# -- The axis of values -----------------------------------------------------------------------------------------------


def test_energy_is_drawn_from_0():
    # 100 high: 8 hundredths of it are air.
    assert limits(True, [20.0, 100.0]) == (0.0, 108.0)


def test_net_energy_goes_below_0():
    # From -50 to 50: 8 of air at both ends. Of -50 alone, 4 below; 0 is the end.
    assert limits(True, [-50.0, 50.0]) == (-58.0, 58.0)
    assert limits(True, [-50.0]) == (-54.0, 0.0)


def test_volts_are_not():
    # 237 to 239: 8 hundredths of 2 are 0.16.
    assert limits(False, [237.0, 239.0]) == pytest.approx((236.84, 239.16))


@pytest.mark.parametrize("amount", [True, False])
@pytest.mark.parametrize("values", [[], [0.0], [7.0], [-7.0]])
def test_an_axis_has_a_length(amount, values):
    low, high = limits(amount, values)
    assert low < high
    assert all(low <= value <= high for value in values)


QUANTITIES = [
    #             ID_CODE, TIME_BASE, measured, unit      axis             from 0
    pytest.param(0, 0, "active energy", "Wh", "Wh in 15 min", True, id="energy"),
    pytest.param(0, 4, "active power", "W", "W", True, id="demand"),
    pytest.param(8, 1, "RMS voltage", "V", "V", False, id="voltage"),
    pytest.param(8, 4, "RMS voltage", "V", "V", False, id="voltage-averaged"),
    pytest.param(24, 1, "power factor", "", "power factor", False, id="pure-number"),
    pytest.param(None, None, "source 7", "", "counts in 15 min", True, id="unknown"),
]


@pytest.mark.parametrize(("code", "base", "measured", "unit", "axis", "from_0"), QUANTITIES)
def test_the_axis_says_what_the_values_are(day, code, base, measured, unit, axis, from_0):
    quantity = Quantity(measured, code, measured, unit, time_base=base)
    series = SimpleNamespace(quantity=quantity, unit=unit)
    assert (axis_name(day, series), is_amount(series)) == (axis, from_0)
