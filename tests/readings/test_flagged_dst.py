"""Times of a clock whose zone is not known, on days on which DST begins or ends: as the clock showed them.

Intervals are hours. Bit 4 of the extended status says that DST was on; the end time of a block is of its last interval.
"""

import struct
from datetime import datetime

import pytest
from profiles_by_hand import EXTENDED, Set, profile_tables

from c1219_tables.readings.intervals.flagged_dst import FlaggedDst
from c1219_tables.readings.intervals.quality import Quality
from c1219_tables.readings.profile import profile

# Table 52: the zone (bit 5) and DST (bit 6) are in its times; no table says which zone that is.
LOCAL = {52: bytes([24, 1, 15, 0, 0, 0, 0x60])}
DST = 0x10


def day(month, date, hour, *flags):
    """A block that ends at an hour of 2024; flags of each of its intervals."""
    return bytes([24, month, date, hour, 0]) + b"".join(
        struct.pack("<BH", flag, number + 1) for number, flag in enumerate(flags)
    )


def read(*blocks, **options):
    one = Set(list(blocks), minutes=60, flags=EXTENDED, last=len(blocks) - 1)
    tables, data = profile_tables(one, others=LOCAL)
    return profile(tables, data=data, **options)


AUTUMN = day(11, 3, 3, DST, DST, 0, 0)  # 00 and 01 in DST, 01 and 02 in standard time
SPRING = day(3, 10, 5, 0, 0, DST, DST)  # 00 and 01 in standard time, 03 and 04 in DST


def hours(found):
    return [(one.start.hour, one.end.hour) for one in found[0]]


def codes(found):
    return [note.code for note in found.notes]


def test_an_hour_that_comes_twice():
    """The clock goes from 02:00 to 01:00: what ends then ends at 01:00, as the next one starts."""
    found = read(AUTUMN)
    assert hours(found) == [(0, 1), (1, 1), (1, 2), (2, 3)]
    assert not found.is_utc
    assert "dst-by-flags" in codes(found)
    assert list(found[0].gaps()) == []
    assert not any(one.quality & (Quality.REPEATED | Quality.TIME_ASSUMED) for one in found[0])


def test_an_hour_that_never_comes_is_no_gap():
    found = read(SPRING)
    assert hours(found) == [(0, 1), (1, 3), (3, 4), (4, 5)]
    assert list(found[0].gaps()) == []


@pytest.mark.parametrize(("blocks", "flag"), [([day(7, 1, 4, *[DST] * 4)], DST), ([day(1, 1, 4, 0, 0, 0, 0)], 0)])
def test_summer_and_winter_alone(blocks, flag):
    """Nothing changes, so nothing is assumed."""
    found = read(*blocks)
    assert hours(found) == [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert [bool(one.quality & Quality.DST) for one in found[0]] == [bool(flag)] * 4
    assert "dst-by-flags" not in codes(found)


def test_blocks_around_the_change():
    """The block before ends at midnight in DST, the one behind at 07:00 in standard time: no jump, and no gap."""
    found = read(day(11, 3, 0, *[DST] * 4), AUTUMN, day(11, 3, 7, 0, 0, 0, 0))
    assert hours(found)[:5] == [(20, 21), (21, 22), (22, 23), (23, 0), (0, 1)]
    assert hours(found)[-5:] == [(2, 3), (3, 4), (4, 5), (5, 6), (6, 7)]
    assert not any(one.quality & (Quality.REPEATED | Quality.TIME_ASSUMED) for one in found[0])


def test_blocks_that_end_as_dst_does():
    """02:00 in DST is 01:00: the block ends with DST, its end time is by the clock behind it."""
    found = read(day(11, 3, 1, *[DST] * 4), day(11, 3, 5, 0, 0, 0, 0), day(11, 3, 9, 0, 0, 0, 0))
    assert hours(found)[:6] == [(22, 23), (23, 0), (0, 1), (1, 1), (1, 2), (2, 3)]
    assert not any(one.quality & (Quality.REPEATED | Quality.TIME_ASSUMED) for one in found[0])
    assert "blocks-overlap" not in codes(found)


def test_blocks_that_end_as_dst_begins():
    """02:00 in standard time is 03:00."""
    found = read(day(3, 10, 3, 0, 0, 0, 0), day(3, 10, 7, *[DST] * 4))
    assert hours(found) == [(22, 23), (23, 0), (0, 1), (1, 3), (3, 4), (4, 5), (5, 6), (6, 7)]
    assert list(found[0].gaps()) == []


def test_a_clock_set_back_over_a_change():
    """The same hour without DST, with it, and again: what it showed is not sure, and said to be so."""
    mixed = FlaggedDst.of([3600, 7200, 3600, 7200], 3600, [False, True, False, True])
    assert "dst-by-flags-mixed" in [note.code for note in mixed.notes]


@pytest.mark.parametrize(
    ("since", "until", "wanted"),
    [
        # In the hour that comes twice, both are what was asked for.
        ((1, 30), None, [2, 3, 4]),
        (None, (1, 30), [1, 2, 3]),
        ((1, 0), (2, 0), [2, 3]),
        ((2, 0), None, [4]),
    ],
)
def test_times_that_are_asked_for_are_the_clock_s(since, until, wanted):
    since, until = (at and datetime(2024, 11, 3, *at) for at in (since, until))
    assert [one.raw for one in read(AUTUMN, since=since, until=until)[0]] == wanted


def test_the_amount_of_table_53():
    """DST of 30 minutes: 02:00 becomes 01:30. Flags are those of whole hours, so the third one begins at 01:30."""
    dst = FlaggedDst.of([1800, 5400, 9000], 3600, [True, True, False], 30)
    assert [dst.shown(at) for at in (1800, 5399, 5400, 9000)] == [3600, 7199, 5400, 9000]
    assert [note.text.startswith("no table says how far the clock is from UTC: DST") for note in dst.notes] == [True]


def test_a_table_53_without_a_zone_tells_by_how_much_dst_moves_the_clock():
    """Table 51: DST (bit 0 of the second flags), no zone (bit 4). Table 53: from 02:00, by 1EH minutes.

    The last interval in DST ends at 01:30, which is 01:00; the one before it at 00:30.
    """
    others = {**LOCAL, 51: bytes([0, 1, 0, 2, 0, 0, 0, 6, 0]), 53: bytes([2, 0, 0, 30])}
    tables, data = profile_tables(Set([AUTUMN], minutes=60, flags=EXTENDED), others=others)
    found = profile(tables, data=data)
    starts = [(one.start.hour, one.start.minute) for one in found[0]]
    assert starts == [(23, 30), (0, 30), (1, 0), (2, 0)]
    assert "dst-by-flags" in codes(found)


def test_what_the_clock_shows():
    """DST until 7200 on the clock without it: an hour more is shown before, none from then on."""
    dst = FlaggedDst.of([3600, 7200, 10800], 3600, [True, True, False])
    assert [dst.shown(at) for at in (0, 3600, 7199, 7200, 10800)] == [3600, 7200, 10799, 7200, 10800]
