"""The calendar of table 54, from octets by hand: all kinds of dates, switches that are apart, entries not used."""

from datetime import date, time

import pytest
from meters_by_hand import meter, octets

from c1219_tables.readings.calendar import BOTH, CalendarDate, Season, Switch, calendar

# Table 51: flags 1, flags 2, seasons and special schedules (low and high half), dates once, dates again, switches
# (2 octets), size (2 octets).


def of(table_54, *, flags_2="00", functions="11", once=0, again=0, switches=0):
    limits = octets("00" + flags_2 + functions) + bytes([once, again]) + switches.to_bytes(2, "little") + bytes(2)
    found = meter({51: limits, 54: octets(table_54)})
    return calendar(found[54])


def test_a_season_and_its_days():
    """Saturday 1, Sunday 2, weekday 0, special schedule 3."""
    (season,) = of("01 02 00 03").seasons
    assert season == Season(0, {"Weekday": 0, "Saturday": 1, "Sunday": 2, "special schedule 0": 3})


def test_switches_in_the_order_of_the_day():
    """hour x 2048 + minute x 32 + tier: 21:30 to tier 0 is ABC0, 07:00 to tier 1 is 3801."""
    found = of("C0AB 00  0138 00  FFFF FF  01 02 00 03", switches=3)
    assert found.schedules == {0: (Switch(time(7), 1), Switch(time(21, 30), 0))}
    assert found.schedules[0][0].of == BOTH


@pytest.mark.parametrize(("word", "of_what"), [
    ("0938", "summations"), ("1138", "demands"), ("1938", "summations and demands"), ("0138", "nothing"),
])  # fmt: skip
def test_switches_of_summations_and_demands_apart(word, of_what):
    """Bit 2 of the second flags; then bit 3 of a switch is for summations, bit 4 for demands."""
    found = of(f"{word} 00  01 02 00 03", flags_2="04", switches=1)
    assert found.schedules[0] == (Switch(time(7), 1, of_what),)


# DATE: year less 2000 in 7 bits, month in 4, day in 5, from the lowest: tables-00-29: 2024-02-29 is E918.
# Calendar action: 5 bits, then bit 5 demand reset, bit 6 self read.
@pytest.mark.parametrize(("action", "what", "reset", "self_read"), [
    ("01", "DST on", False, False), ("02", "DST off", False, False), ("03", "season 0", False, False),
    ("12", "season 15", False, False), ("13", "special schedule 0", False, False),
    ("1E", "special schedule 11", False, False), ("1F", "action 31", False, False), ("60", "", True, True),
    ("24", "season 1", True, False),
])  # fmt: skip
def test_what_happens_on_a_date(action, what, reset, self_read):
    (found,) = of(f"18E9 {action}  01 02 00 03", once=1).dates
    assert found == CalendarDate(date(2024, 2, 29), None, None, what, reset, self_read)


def test_dates_that_come_every_year_and_entries_not_used():
    """RDATE: month in 4 bits, day in the upper 5: 25 December is C80C."""
    found = of("FFFF FF  0CC8 13  FFFF FF  01 02 00 03", once=1, again=2)
    assert found.dates == (CalendarDate(None, 12, 25, "special schedule 0", False, False),)
    assert found.notes == ()


def test_dates_by_a_rule_are_said_not_to_be_known():
    """Month 14: weekly; and an offset of 1 in month 3: CX names the fields, nobody their codes."""
    found = of("0E01 01  1308 02  01 02 00 03", again=2)
    assert [(one.month, one.what) for one in found.dates] == [(None, "DST on"), (None, "DST off")]
    assert [note.code for note in found.notes] == ["rule-not-public"]


# RDATE: day x 2048 + month, the least significant octet first.
@pytest.mark.parametrize("rule", [
    pytest.param("0300", id="0-march"), pytest.param("04F8", id="31-april"), pytest.param("02F0", id="30-february"),
    pytest.param("0008", id="month-0"), pytest.param("0D08", id="month-13"),
])  # fmt: skip
def test_a_day_that_no_year_has_is_by_a_rule(rule):
    found = of(f"{rule} 01  01 02 00 03", again=1)
    assert found.dates == (CalendarDate(None, None, None, "DST on", False, False),)
    assert [note.code for note in found.notes] == ["rule-not-public"]


def test_the_leap_day_is_a_day_of_the_year():
    """29 x 2048 + 2 = E802H."""
    (found,) = of("02E8 01  01 02 00 03", again=1).dates
    assert (found.month, found.day) == (2, 29)


def test_seven_weekdays_are_numbered_not_named():
    """Bit 1 of the second flags: seven schedules, then one of a special schedule."""
    found = of("00 01 02 03 04 05 06 07", flags_2="02")
    assert dict(found.seasons[0].schedules) == {**{f"day {n}": n for n in range(7)}, "special schedule 0": 7}
    assert [note.code for note in found.notes] == ["weekdays-not-public"]
