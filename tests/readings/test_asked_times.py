"""Times as people ask for them, by a clock written by hand: 2024-07-01 12:00:00 where it hangs, five hours west."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from meters_by_hand import meter, octets

from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.readings.clocks.asked_times import AskedTimes, asked_times, check_times, shown_now

# Table 51: the second flags have bit 4, a zone in table 53. Table 52: year, month, day, hour, minute, second, and a
# qualifier whose bit 5 says that the zone is in it. Table 53: TIME, no DST, minutes east: -300.
LIMITS = octets("00 10 00 00 00 0000 0000")
CLOCK = octets("18 07 01 0C 00 00  21")
ZONE = octets("00 00 00  00  D4FE")
NOON = datetime(2024, 7, 1, 12)


@pytest.fixture
def known():
    return meter({51: LIMITS, 52: CLOCK, 53: ZONE})


@pytest.fixture
def zoneless():
    return meter({52: CLOCK})


def test_a_time_as_the_clock_shows_it(known, zoneless):
    assert asked_times(known, NOON, NOON + timedelta(hours=1)) == AskedTimes(
        datetime(2024, 7, 1, 17, tzinfo=UTC),
        datetime(2024, 7, 1, 18, tzinfo=UTC),
    )
    assert asked_times(zoneless, NOON, None) == AskedTimes(NOON, None)


def test_a_time_with_a_zone_stays(known):
    at = NOON.replace(tzinfo=timezone(timedelta(hours=2)))
    assert asked_times(known, at, at) == AskedTimes(at, at)


def test_so_long_before_the_clock(known, zoneless):
    assert asked_times(known, timedelta(hours=3), None) == AskedTimes(datetime(2024, 7, 1, 14, tzinfo=UTC), None)
    assert asked_times(zoneless, timedelta(hours=3), None) == AskedTimes(datetime(2024, 7, 1, 9), None)


def test_the_word_of_the_caller_goes_first(known):
    east = timezone(timedelta(hours=1))
    assert asked_times(known, NOON, None, east).since == datetime(2024, 7, 1, 11, tzinfo=UTC)
    assert shown_now(known, east).utc == datetime(2024, 7, 1, 11, tzinfo=UTC)


def test_what_the_clock_shows(known):
    assert shown_now(known).utc == datetime(2024, 7, 1, 17, tzinfo=UTC)
    assert shown_now(known).shown == NOON
    assert shown_now(meter({})) is None


def test_a_clock_that_shows_nothing():
    """Month 0 is no month."""
    blank = meter({52: octets("18 00 00 00 00 00  21")})
    assert asked_times(blank, NOON, None) == AskedTimes(NOON, None)
    with pytest.raises(TableError, match="the clock shows no time"):
        asked_times(blank, timedelta(hours=1), None)
    with pytest.raises(MissingTableError):
        asked_times(meter({}), timedelta(hours=1), None)


def test_a_date_is_midnight_at_the_meter(known, zoneless):
    """00:00 + 5 h = 05:00 UTC."""
    first, second = date(2024, 6, 30), date(2024, 7, 1)
    assert asked_times(known, first, second) == AskedTimes(
        datetime(2024, 6, 30, 5, tzinfo=UTC), datetime(2024, 7, 1, 5, tzinfo=UTC)
    )
    assert asked_times(zoneless, first, second) == AskedTimes(datetime(2024, 6, 30), datetime(2024, 7, 1))


# -- Times that can be read in two ways --------------------------------------------------------------------------------

# The same meter with DST of 60 minutes from 02:00 to 02:00; its table 54 has 9 March and 2 November 2025 (day x 2048 +
# month x 128 + 25: 4999H and 1599H; 1 is on, 2 off). So DST goes from 07:00 UTC in March to 06:00 UTC in November.
STATED = {
    51: octets("00 11 00 02 00 0000 0600"), 52: octets("19 07 01 0C 00 00  69"),
    53: octets("02 00 00 3C D4FE 02 00 00"), 54: octets("9949 01  9915 02"),
}  # fmt: skip
NEW_YORK = ZoneInfo("America/New_York")
BOTH = pytest.mark.parametrize("tz", [None, NEW_YORK], ids=["stated", "named"])


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@BOTH
def test_the_hour_that_comes_twice_is_asked_for_as_a_whole(tz):
    """From the first 01:15, 05:15 UTC, to the second 01:45, 06:45 UTC."""
    since, until = datetime(2025, 11, 2, 1, 15), datetime(2025, 11, 2, 1, 45)
    found = asked_times(meter(STATED), since, until, tz)
    assert (found.since, found.until) == (utc("2025-11-02T05:15"), utc("2025-11-02T06:45"))
    assert [note.code for note in found.notes] == ["hour-twice", "hour-twice"]
    assert found.notes[0].text.startswith("since 2025-11-02 01:15:00: ")
    assert "the first, 2025-11-02 01:15:00-04:00, is taken" in found.notes[0].text
    assert found.notes[1].text.startswith("until 2025-11-02 01:45:00: ")
    assert "the second, 2025-11-02 01:45:00-05:00, is taken" in found.notes[1].text


@BOTH
@pytest.mark.parametrize("shown", ["02:00", "02:00:00.5", "02:30", "02:59:59"])
def test_a_time_that_the_clock_leaves_out_is_the_change(tz, shown):
    """All before 02:00 is shown before 07:00 UTC, all from 03:00 on behind it."""
    at = datetime.fromisoformat(f"2025-03-09T{shown}")
    found = asked_times(meter(STATED), at, at, tz)
    assert (found.since, found.until) == (utc("2025-03-09T07:00"), utc("2025-03-09T07:00"))
    assert [note.code for note in found.notes] == ["hour-skipped", "hour-skipped"]
    assert f"since {at}: the clock leaves it out" in found.notes[0].text
    assert "the moment of the change, 2025-03-09 03:00:00-04:00, is taken" in found.notes[0].text


def test_a_day_that_a_zone_leaves_out():
    """Samoa went from 29 December 2011, ten hours west with DST, to the 31st, fourteen east: 10:00 UTC on the 30th."""
    found = asked_times(
        meter({52: octets("0B 0C 1F 0C 00 00  69")}), date(2011, 12, 30), None, ZoneInfo("Pacific/Apia")
    )
    assert found.since == utc("2011-12-30T10:00")
    assert [note.code for note in found.notes] == ["hour-skipped"]


def test_a_year_of_which_nobody_knows_the_dates():
    """12:00 is 16:00 UTC in DST, 17:00 in standard time."""
    noon = datetime(2030, 7, 1, 12)
    found = asked_times(meter(STATED), noon, noon)
    assert (found.since, found.until) == (utc("2030-07-01T16:00"), utc("2030-07-01T17:00"))
    assert [note.code for note in found.notes] == ["dst-unknown", "dst-unknown"]
    assert "the earlier, 2030-07-01 11:00:00-05:00, is taken" in found.notes[0].text
    assert "the later, 2030-07-01 12:00:00-05:00, is taken" in found.notes[1].text


@BOTH
@pytest.mark.parametrize(
    "shown", ["2025-03-09T01:59:59", "2025-03-09T03:00", "2025-11-02T00:59:59", "2025-11-02T02:00"]
)
def test_beside_the_changes_nothing_is_assumed(tz, shown):
    at = datetime.fromisoformat(shown)
    found = asked_times(meter(STATED), at, at, tz)
    assert found.notes == ()
    assert found.since == found.until == at.replace(tzinfo=NEW_YORK)


def test_a_clock_that_shows_what_it_should_leave_out():
    """02:30 on 9 March, standard time going on: 07:30 UTC, and an hour before it."""
    found = asked_times(meter({**STATED, 52: octets("19 03 09 02 1E 00  61")}), timedelta(hours=1), None)
    assert found.since == utc("2025-03-09T06:30")
    assert [note.code for note in found.notes] == ["hour-skipped"]
    assert "since is counted back from the clock, 2025-03-09 02:30:00" in found.notes[0].text


# -- What cannot be asked ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "until", "error", "words"),
    [
        pytest.param("1h", None, TypeError, r"since is .* timedelta\(hours=1\), not '1h'", id="words"),
        pytest.param(3600, None, TypeError, "since is .*, not 3600", id="seconds"),
        pytest.param(None, "2026-01-31", TypeError, "until is a datetime or a date", id="words-for-until"),
        pytest.param(None, timedelta(hours=1), TypeError, "until is a datetime or a date", id="so-long-until"),
        pytest.param(
            -timedelta(hours=1), None, ValueError, r"give datetime.timedelta\(seconds=3600\), not less", id="negative"
        ),
        pytest.param(date(2026, 2, 1), NOON, ValueError, "since 2026-02-01 is later than until 2024-07-01", id="order"),
    ],
)
def test_what_is_no_time_to_ask_for(known, since, until, error, words):
    """Said before any table is needed, and by asked_times."""
    for ask in (lambda: check_times(since, until), lambda: asked_times(known, since, until)):
        with pytest.raises(error, match=words):
            ask()


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        pytest.param(timedelta.max, None, "leave it out to have all", id="before-year-1"),
        pytest.param(None, datetime.max, "leave until out to have all", id="behind-year-9999"),
    ],
)
def test_times_that_are_too_far_off(known, since, until, words):
    with pytest.raises(ValueError, match=words):
        asked_times(known, since, until)


def test_a_time_with_a_zone_where_none_is_known(zoneless):
    """Known before the load profile is read, which may take minutes."""
    with pytest.raises(ValueError, match=r"^until 2024-07-01 12:00:00\+00:00 has a zone, but .*: name it"):
        asked_times(zoneless, None, NOON.replace(tzinfo=UTC))
