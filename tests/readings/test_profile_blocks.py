"""Order and state of blocks, partial reads, and the times of intervals: profiles by hand, octets by struct."""

import struct
from datetime import UTC, datetime, timedelta

import pytest
from profiles_by_hand import (
    CIRCULAR,
    DESCENDING,
    EXTENDED,
    INTERVALS_DESCEND,
    SIMPLE,
    TEST_MODE,
    Set,
    profile_tables,
    st0,
)

from c1219_tables.context import MeterTables
from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.readings.intervals.blocks import Window, moved, windows
from c1219_tables.readings.intervals.quality import Quality
from c1219_tables.readings.profile import profile
from c1219_tables.rules import Rules

START = datetime(2024, 1, 15)
HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)
# Table 52, clock in GMT: bit 4 of TIME_DATE_QUAL.
GMT = {52: bytes([24, 1, 15, 0, 0, 0, 0x10])}


def stamp(at):
    return bytes([at.year - 2000, at.month, at.day, at.hour, at.minute])


def block(number, *, count=4, descending=False, at=None, values=None):
    """Block `number` of hours since the start: its intervals hold 100 x number + 1 to 4, unused ones 0xFFFF."""
    values = [100 * number + n + 1 for n in range(count)] if values is None else values
    values = values[::-1] if descending else values
    end = START + number * HOUR + count * QUARTER if at is None else at
    return stamp(end) + struct.pack("<4H", *values, *[0xFFFF] * (4 - len(values)))


def read(one, **options):
    tables, data = profile_tables(one, others=options.pop("others", GMT), dialect=options.pop("dialect", None))
    return profile(tables, data=data, **options)


def rows(found):
    return [((one.end.replace(tzinfo=None) - START) // QUARTER, one.raw) for one in found[0]]


WANTED = [(4 * number + n + 1, 100 * number + n + 1) for number in (1, 2, 3) for n in range(4 if number < 3 else 2)]
"""Blocks 1, 2 and 3, the last with two intervals: number of the quarter at whose end, and what."""


def codes(notes):
    return {note.code for note in notes}


@pytest.mark.parametrize("turned", [False, True], ids=["ascending intervals", "descending intervals"])
@pytest.mark.parametrize(
    ("places", "status", "last", "noted"),
    [
        pytest.param([1, 2, 3], CIRCULAR, 2, False, id="ascending"),
        pytest.param([3, 1, 2], CIRCULAR, 0, False, id="ascending and round"),
        pytest.param([3, 2, 1], DESCENDING, 0, False, id="descending, first in first out"),
        pytest.param([1, 3, 2], DESCENDING | CIRCULAR, 1, False, id="descending and round"),
        pytest.param([3, 2, 1], CIRCULAR, 0, True, id="descending, and the flag says ascending"),
        pytest.param([1, 2, 3], CIRCULAR, 3, True, id="counted from 1"),
        pytest.param([2, 3, 1], CIRCULAR, 2, True, id="counted from 1, and round"),
    ],
)
def test_order_of_blocks(places, status, last, noted, turned):
    """places: which of blocks 1 to 3 stands at each index."""
    one = Set(
        [block(n, count=4 if n < 3 else 2, descending=turned) for n in places],
        status=status | turned * INTERVALS_DESCEND, last=last, newest=2, sequence=40,
    )  # fmt: skip
    found = read(one)
    assert rows(found) == WANTED
    assert [kept.sequence for kept in found.blocks] == [38, 39, 40]
    assert ("block-order" in codes(found.notes)) == noted


def test_blocks_that_are_not_valid_are_left_alone():
    """Two of four; the meter once had more, and has zeros where it never had any."""
    one = Set([block(1), block(2), block(9), bytes(13)], valid=2, last=1)
    assert rows(read(one)) == WANTED[:8]


def test_a_recorded_meter_that_counts_from_1():
    """X's meter: descending and circular, one valid block, LAST_BLOCK_ELEMENT 1, and that block at index 0."""
    one = Set([block(1), b"\xff" * 13], status=0x25, valid=1, last=1)
    found = read(one)
    assert rows(found) == WANTED[:4]
    assert codes(found.notes) >= {"block-order"}
    ruled = read(one, rules=Rules(elements_from_1=True))
    assert rows(ruled) == WANTED[:4]
    assert "block-order" not in codes(ruled.notes)


def test_a_partly_filled_block_with_descending_intervals():
    """Most have the valid ones first, one make last; the declared end time is that of the newest all the same."""
    first = stamp(START + HOUR + 2 * QUARTER) + struct.pack("<4H", 102, 101, 0, 0)
    last = stamp(START + HOUR + 2 * QUARTER) + struct.pack("<4H", 0, 0, 102, 101)
    wanted = [(5, 101), (6, 102)]
    assert rows(read(Set([first], status=INTERVALS_DESCEND, newest=2))) == wanted
    found = read(Set([last], status=INTERVALS_DESCEND, newest=2), rules=Rules(last_intervals_valid=True))
    assert rows(found) == wanted
    # Block: 5 octets of time, then 2 for each interval; index 3 is the older one.
    assert [(found[0].origin(n).path, found[0].origin(n).offset) for n in (0, 1)] == [
        ("blocks[0].lp_int[3].int_data[0]", 11),
        ("blocks[0].lp_int[2].int_data[0]", 9),
    ]


def test_the_worked_example():
    """tables-30-79.md, section 8, tables 61 to 64: the whole of it, with the arithmetic that is written there."""
    tables = MeterTables()
    tables.add_all(
        {
            0: st0(),
            61: bytes.fromhex("72000000 500C 02 0300 0400 02 0F"),
            62: bytes.fromhex("010000 010202 02 0100 0100 0100 0A00"),
            63: bytes.fromhex("24 0300 0100 2A000000 0200 0200"),
            64: bytes.fromhex(
                "18010F0200 E8030000 F4010000 0F 00000A000500 222004000200 00000B000600 00100C00FFFF"
                "18010F021E FE030000 FE010000 03 00000B000500 00000B000500 000000000000 000000000000"
                "18010F0100 C3030000 E2010000 0F 00000A000500 00000A000500 00000A000500 00000A000500"
            ),
        }
    )
    found = profile(tables)
    assert list(found[0].raw) == [10, 10, 10, 10, 10, 4, 11, 12, 11, 11]
    assert list(found[1].raw) == [5, 5, 5, 5, 5, 2, 6, 65535, 5, 5]
    ends = [START + n * QUARTER for n in range(1, 11)]
    assert [interval.end for interval in found[0]] == ends
    assert not found.is_utc
    words = {place: interval.quality.words for place, interval in enumerate(found[1]) if interval.quality}
    assert words == {5: ("partial", "power-fail"), 7: ("overflow",)}
    assert [(kept.place, kept.sequence) for kept in found.blocks] == [(2, 40), (0, 41), (1, 42)]
    assert "zone-unknown" in codes(found.notes)
    # No source is known, so nothing is scaled; block 41 is worth checking, 1000 - 963 = 10 + 4 + 11 + 12.
    assert found[0].values() == [None] * 10


def test_simple_status_and_unused_intervals():
    """Bit i is the interval at index i: 0b1011 leaves out the third."""
    octets = stamp(START + HOUR) + b"\x0b" + struct.pack("<4H", 1, 2, 3, 4)
    found = read(Set([octets], flags=SIMPLE))
    assert [interval.quality.words for interval in found[0]] == [(), (), ("not-valid",), ()]
    [gap] = found[0].gaps()
    assert (gap.start, gap.end) == tuple((START + n * QUARTER).replace(tzinfo=UTC) for n in (2, 3))
    turned = stamp(START + HOUR) + b"\x0b" + struct.pack("<4H", 4, 3, 2, 1)
    found = read(Set([turned], flags=SIMPLE, status=INTERVALS_DESCEND))
    assert [interval.quality.words for interval in found[0]] == [(), ("not-valid",), (), ()]


def test_gaps_that_are_not_one():
    """Two intervals that are not valid end a block, an hour is not there, two more begin the next: three gaps."""
    late = stamp(START + 3 * HOUR) + b"\x0c" + struct.pack("<4H", 1, 2, 3, 4)
    early = stamp(START + HOUR) + b"\x03" + struct.pack("<4H", 1, 2, 3, 4)
    found = read(Set([early, late], flags=SIMPLE, last=1, newest=4))
    # Nothing says that the jump was inside the later block's valid part: its first intervals are not valid, so it was
    # before the last of those.
    gaps = [(one.start, one.end, one.quality) for one in found[0].gaps()]
    assert gaps == [
        (at(2), at(5), Quality.NOT_VALID),
        (at(5), at(9), Quality(0)),
        (at(9), at(10), Quality.NOT_VALID),
    ]


def test_closure_status_counts_the_intervals_of_each_block():
    """Dialect closure_status: bits 4-15 of a UINT16 for each channel; 0x0030 is 3 intervals, of a block cut short."""
    blocks = [
        stamp(START + n * HOUR + count * QUARTER) + struct.pack("<H4H", count << 4, 1, 2, 3, 4)
        for n, count in ((0, 4), (1, 3), (2, 2))
    ]
    one = Set(blocks, flags=0x1000, last=2, newest=4)
    found = read(one, dialect={"closure_status": True})
    assert [place for place, _ in rows(found)] == [1, 2, 3, 4, 5, 6, 7, 9, 10]
    [gap] = found[0].gaps()
    assert gap.start == (START + 7 * QUARTER).replace(tzinfo=UTC)
    assert gap.quality == Quality(0)


def test_the_running_interval():
    """A meter of one make: NBR_VALID_INT counts it, and the block ends between two intervals (J)."""
    running = block(1, count=2, at=START + HOUR + QUARTER + timedelta(minutes=7))
    found = read(Set([running], newest=2))
    assert rows(found) == WANTED[:2]
    assert [interval.quality.words for interval in found[0]] == [(), ("running",)]
    assert "running-interval" in codes(found.notes)


def test_data_of_test_mode():
    found = read(Set([block(1)], status=TEST_MODE))
    assert {interval.quality.words for interval in found[0]} == {("test-mode",)}


def flagged(*states):
    """The intervals 1 to 4 with an octet of extended status each; channel 1's status is the low nibble."""
    return b"".join(struct.pack("<BH", state, n + 1) for n, state in enumerate(states))


FORWARD, BACK, FAILED = 0x40, 0x80, 0x20


@pytest.mark.parametrize(
    ("states", "end", "wanted", "assumed"),
    [
        # The block before ended at quarter 4.
        pytest.param([0, 0, 0, 0], 8, [5, 6, 7, 8], [], id="nothing happened"),
        pytest.param([0, 0, 0, 0], 12, [9, 10, 11, 12], [], id="a gap between the blocks"),
        pytest.param([0, 0, FORWARD, 0], 12, [5, 6, 11, 12], [], id="forward by an hour, nothing recorded for it"),
        pytest.param([0, 0, FAILED, 0], 20, [5, 6, 19, 20], [], id="not recording without power"),
        pytest.param([0, BACK, 0, 0], 6, [5, 4, 5, 6], [], id="back by half an hour"),
        pytest.param([0, BACK, BACK, 0], 6, [5, 6, 5, 6], [], id="back: cut, and the first that comes again"),
        pytest.param([BACK, 0, 0, BACK], 2, [-1, 0, 1, 2], [0, 1, 2], id="back twice: by how much each time?"),
        pytest.param([0, BACK, 0, FORWARD], 8, [5, 6, 7, 8], [], id="back and forward again, inside the interval"),
    ],
)
def test_times_around_a_jump(states, end, wanted, assumed):
    before = stamp(START + HOUR) + flagged(0, 0, 0, 0)
    after = stamp(START + end * QUARTER) + flagged(*states)
    series = read(Set([before, after], flags=EXTENDED, last=1))[0]
    assert [(one.end.replace(tzinfo=None) - START) // QUARTER for one in series[4:]] == wanted
    marked = [place for place, one in enumerate(series[4:]) if Quality.TIME_ASSUMED in one.quality]
    assert marked == assumed


def test_blocks_that_overlap_for_no_known_reason_are_told():
    found = read(Set([block(0), block(1, at=START + HOUR + QUARTER)], last=1))
    assert "blocks-overlap" in codes(found.notes)
    assert [Quality.REPEATED in one.quality for one in found[0]] == [False] * 4 + [True] * 3 + [False]


def test_a_clock_that_was_set_in_the_oldest_block():
    found = read(Set([stamp(START + HOUR) + flagged(0, 0, BACK, 0)], flags=EXTENDED))
    assert [Quality.TIME_ASSUMED in one.quality for one in found[0]] == [True, True, False, False]
    assert "clock-set-in-oldest-block" in codes(found.notes)


@pytest.mark.parametrize(
    ("valid", "newest", "status", "doubtful"),
    [
        (0b0011, 2, 0, False),
        (0b0111, 2, 0, True),  # the block has another
        (0b0011, 4, 0, False),  # the last two were without power
        (0b0111, 4, 0, False),  # the last one is running
        (0b0000, 1, 0, False),
        (0b0011, 9, 0, True),  # more than a block has
        (0b0011, 2, INTERVALS_DESCEND, False),
        (0b0111, 2, INTERVALS_DESCEND, True),
    ],
)
def test_table_63_against_the_status_of_the_newest_block(valid, newest, status, doubtful):
    """SIMPLE_INT_STATUS is one octet behind the time."""
    old, new = block(0), block(1)
    blocks = [old[:5] + b"\x0f" + old[5:], new[:5] + bytes([valid]) + new[5:]]
    found = read(Set(blocks, flags=SIMPLE, last=1, newest=newest, status=CIRCULAR | status))
    assert ("intervals-differ" in codes(found.notes)) == doubtful
    assumed = [Quality.TIME_ASSUMED in one.quality for one in found[0]]
    assert assumed == [False] * 4 + [doubtful] * min(newest, 4)


def test_a_block_without_an_end_time_takes_its_neighbours():
    blank = bytes(5) + struct.pack("<4H", 201, 202, 203, 204)
    found = read(Set([block(1), blank, block(3)], last=2))
    assert [place for place, _ in rows(found)] == list(range(5, 17))
    assert [Quality.TIME_ASSUMED in one.quality for one in found[0]] == [False] * 4 + [True] * 4 + [False] * 4
    assert "block-without-time" in codes(found.notes)


def test_no_block_with_a_time():
    with pytest.raises(TableError, match="no block of set 1 has an end time"):
        read(Set([bytes(13)]))


TEN = Set([block(n) for n in range(10)], last=9)
SIZE = 13


def at(quarters):
    return (START + quarters * QUARTER).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "last", "wanted"),
    [
        # Now is quarter 40. Since 39: 2 intervals, in the newest block; one block more. A block has 13 octets.
        pytest.param(39, 9, [(8, 2)], id="the newest"),
        pytest.param(30, 9, [(6, 4)], id="ten intervals: 11 - 4 are in two more"),
        pytest.param(-500, 9, [(0, 10)], id="all"),
        pytest.param(30, 1, [(0, 2), (8, 2)], id="round the end of the array"),
        pytest.param(99, 9, [(8, 2)], id="nothing yet"),
    ],
)
def test_windows(since, last, wanted):
    """The end time of the oldest block, 5 octets behind the newest in the ring, is read with them."""
    tables, _ = profile_tables(Set(TEN.blocks, last=last), others=GMT)
    found = windows(tables, since=at(since), now=at(40))
    oldest = (last + 1) % 10
    ends = [] if (0, 10) in wanted else [Window(oldest * SIZE, 5)]
    assert found == [Window(first * SIZE, count * SIZE) for first, count in wanted] + ends


def test_blocks_that_were_not_read_may_hold_times_that_came_twice():
    """The clock was set back by a day behind block 4: blocks 0 to 4 end a day later than they would have.

    Quarter 4 is the end of block 0; 96 quarters are a day.
    """
    late = [block(n, at=START + n * HOUR + 96 * QUARTER) for n in range(5)]
    tables, data = profile_tables(Set(late + TEN.blocks[5:], last=9), others=GMT)
    pieces = {
        window.offset: data[window.offset : window.offset + window.octets]
        for window in windows(tables, since=at(30), now=at(40))
    }
    assert "blocks-not-read" in codes(profile(tables, data=pieces, since=at(30)).notes)
    tables, data = profile_tables(TEN, others=GMT)
    pieces = {
        window.offset: data[window.offset : window.offset + window.octets]
        for window in windows(tables, since=at(30), now=at(40))
    }
    assert "blocks-not-read" not in codes(profile(tables, data=pieces, since=at(30)).notes)


@pytest.mark.parametrize("since", [0, 1, 17, 30, 38, 39])
def test_windows_hold_all_that_is_asked_for(since):
    """What a reader gets of the windows alone is what it gets of the whole table."""
    blocks = [block(n) for n in (7, 8, 9, 0, 1, 2, 3, 4, 5, 6)]
    tables, data = profile_tables(Set(blocks, last=2), others=GMT)
    pieces = {
        one.offset: data[one.offset : one.offset + one.octets] for one in windows(tables, since=at(since), now=at(40))
    }
    whole, part = (profile(tables, data=octets, since=at(since)) for octets in (data, pieces))
    # Quarter n ends interval (n - 1) % 4 + 1 of hour (n - 1) // 4.
    assert rows(part) == rows(whole) == [(n, (n - 1) // 4 * 100 + (n - 1) % 4 + 1) for n in range(since + 1, 41)]
    assert "blocks-not-read" not in codes(part.notes)


def test_blocks_that_were_not_read_are_told():
    tables, data = profile_tables(TEN, others=GMT)
    found = profile(tables, data={8 * SIZE: data[8 * SIZE :]})
    assert [place for place, _ in rows(found)] == list(range(33, 41))
    assert "blocks-not-read" in codes(found.notes)
    with_a_hole = profile(tables, data={0: data[: 2 * SIZE], 8 * SIZE: data[8 * SIZE :]})
    assert [place for place, _ in rows(with_a_hole)] == [*range(1, 9), *range(33, 41)]
    with pytest.raises(MissingTableError):
        profile(tables, data={})


def test_pieces_that_touch_or_overlap():
    tables, data = profile_tables(TEN, others=GMT)
    found = profile(tables, data={0: data[:20], 20: data[20:50], 45: data[45:]})
    assert len(rows(found)) == 40


def test_what_moves_while_it_is_read():
    was = {"last_block_element": 3, "nbr_valid_int": 7}
    assert not moved(was, dict(was))
    assert moved(was, {**was, "nbr_valid_int": 8})
    assert moved(was, {**was, "last_block_element": 4})


def test_a_second_set():
    """Sets that are not used take no octets in tables 61 to 63: set 2 alone stands where set 1 would."""
    one = Set([block(1), block(2)], last=1)
    tables, data = profile_tables(one, {"sets": (2,)}, GMT)
    assert rows(profile(tables, 2, data=data)) == WANTED[:8]
    with pytest.raises(TableError, match="does not use set 1"):
        profile(tables, 1, data=data)
    with pytest.raises(ValueError, match="1 to 4"):
        profile(tables, 5, data=data)


def test_what_is_needed():
    tables, data = profile_tables(TEN)
    with pytest.raises(MissingTableError, match="ST-64"):
        profile(tables)
    bare = MeterTables()
    bare.add(0, st0())
    with pytest.raises(MissingTableError, match="ST-61, ST-62"):
        profile(bare, data=data)


def test_a_format_that_does_not_exist():
    tables, _ = profile_tables(Set([block(1)], code=3))
    with pytest.raises(TableError, match="int_fmt_cde1 of table 62 is none of"):
        profile(tables, data=bytes(13))


def test_an_empty_set():
    found = read(Set([bytes(13)], valid=0))
    assert len(found) == 1
    assert len(found[0]) == 0


def test_times_without_a_zone_and_with_one():
    tables, data = profile_tables(TEN)
    assert profile(tables, data=data)[0][0].end == START + QUARTER
    with pytest.raises(ValueError, match=r"^20.* has a zone, but that of the meter.s times is not known: name it"):
        profile(tables, data=data, since=at(3))
    assert len(profile(tables, data=data, since=START + 3 * QUARTER)[0]) == 37
    named = profile(tables, data=data, tz=UTC)
    assert named[0][0].end == at(1)
    with pytest.raises(ValueError, match="has no zone"):
        profile(tables, data=data, tz=UTC, since=START)


def test_columns_for_frames():
    found = read(Set([block(1)])).columns()
    assert found["channel"] == [1] * 4
    assert found["end"] == [at(n) for n in (5, 6, 7, 8)]
    assert found["start"] == [at(n) for n in (4, 5, 6, 7)]
    assert found["raw"] == [101, 102, 103, 104]
    assert found["quality"] == [""] * 4


@pytest.mark.parametrize("name", ["pandas", "polars", "pyarrow"])
def test_frames(name):
    library = pytest.importorskip(name)
    found = read(Set([block(1)]))
    frame = getattr(found, {"pyarrow": "to_arrow"}.get(name, f"to_{name}"))(library)
    ends = list(frame["end"]) if name != "pyarrow" else frame["end"].to_pylist()
    assert ends == [at(n) for n in (5, 6, 7, 8)]
