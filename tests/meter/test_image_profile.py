"""The load profile of the simulated image, cut up by hand and held against the world."""

import struct
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from reading_image import INSTALLED, decoded, table, utc

from c1222.meter.image.memory import Build
from c1222.meter.image.simulated_image import SimulatedImage
from c1222.meter.world.events import ClockSet, Outage, moment
from c1222.meter.world.load import Quantity
from c1222.meter.world.world import World

CHANNELS = [Quantity.WH_DELIVERED, Quantity.WH_RECEIVED, Quantity.VARH_Q1, Quantity.VARH_Q4]
SCALARS = [1, 1, 2, 2]
WH = Quantity.WH_DELIVERED

# A block by the layout of table 64: date and time to the minute 5, end readings 4 x (6 + 4), simple status 96 / 8 = 12,
# intervals 96 x (status 4 // 2 + 1 = 3, values 4 x 4).
HEAD, INTERVAL = 5 + 4 * 10 + 12, 3 + 16
BLOCK = HEAD + 96 * INTERVAL


def cut(octets):
    """Blocks of table 64, by hand: end, readings, pulses, valid bits, and (status octets, values) of each interval."""
    for start in range(0, len(octets), BLOCK):
        block = octets[start : start + BLOCK]
        year, month, day, hour, minute = block[:5]
        ends = [block[5 + 10 * n : 15 + 10 * n] for n in range(4)]
        bits = int.from_bytes(block[45:57], "little")
        rows = [block[HEAD + INTERVAL * n :][:INTERVAL] for n in range(96)]
        yield (
            datetime(2000 + year, month, day, hour, minute) if month else None,
            [int.from_bytes(end[:6], "little", signed=True) for end in ends],
            [int.from_bytes(end[6:], "little") for end in ends],
            [bool(bits >> n & 1) for n in range(96)],
            [(row[:3], list(struct.unpack("<4I", row[3:]))) for row in rows],
        )


def newest_first(image, at):
    """Blocks of table 64 from the newest back, as table 63 says where they are."""
    status = table(image, 63, at).lp_status_set1
    places = list(cut(image.read(64, at)))
    newest = status.last_block_element
    return status, [places[(newest - back) % len(places)] for back in range(status.nbr_valid_blocks)]


def test_it_holds_60_days_and_is_larger_than_one_read():
    """A count in a read service has 16 bits."""
    octets = SimulatedImage(World()).read(64, utc("2025-06-01T00:00"))
    assert len(octets) == 60 * BLOCK == 112860
    assert len(octets) > 65535


def test_dimensions():
    image = SimulatedImage(World())
    found = table(image, 61, INSTALLED)
    assert found.lp_memory_len == 60 * BLOCK
    assert (found.nbr_blks_set1, found.nbr_blk_ints_set1, found.nbr_chns_set1, found.max_int_time_set1) == (
        60,
        96,
        4,
        15,
    )
    assert found.lp_flags.blk_end_read_flag
    assert found.lp_flags.blk_end_pulse_flag
    channels = table(image, 62, INSTALLED)
    assert [one.lp_source_select for one in channels.lp_sel_set1] == [0, 1, 2, 5]
    assert channels.scalars_set1 == SCALARS


def test_60_days_are_the_world_s():
    """Every interval, its stamp by counting back from the end of its block, without DST or sets of the clock."""
    world = World(8, zone=-300, dst=None, events=[Outage(utc("2025-05-10T10:00"), utc("2025-05-10T11:20"))])
    image, at = SimulatedImage(world), utc("2025-06-01T12:34:56")
    status, blocks = newest_first(image, at)
    # The newest block has the intervals since local midnight, 05:00 UTC: 7.5 hours.
    assert (status.nbr_valid_blocks, status.nbr_valid_int) == (60, 30)
    assert status.last_block_seq_nbr == (utc("2025-06-01T05:00") - INSTALLED).days
    end = utc("2025-06-01T12:30")
    for number, (stamp, readings, pulses, valid, rows) in enumerate(blocks):
        count = 30 if number == 0 else 96
        assert stamp == (end - timedelta(hours=5)).replace(tzinfo=None)
        assert readings == [world.energy(quantity, INSTALLED, end) for quantity in CHANNELS]
        assert pulses == [reading % 2**32 for reading in readings]
        for back, (_, values) in enumerate(reversed(rows[:count])):
            last = end - back * timedelta(minutes=15)
            first = last - timedelta(minutes=15)
            wanted = [world.energy(quantity, first, last) for quantity in CHANNELS]
            assert values == [energy * scalar for energy, scalar in zip(wanted, SCALARS, strict=True)]
        assert not any(valid[count:])
        end -= count * timedelta(minutes=15)


def test_blocks_and_end_readings_agree():
    world = World(2, events=[ClockSet(utc("2025-01-20T10:05"), -3000), ClockSet(utc("2025-01-25T10:05"), 4000)])
    _, blocks = newest_first(SimulatedImage(world), utc("2025-02-10T05:00"))
    for (_, late, _, _, rows), (_, early, _, _, _) in pairwise(blocks):
        flowed = [sum(values[channel] for _, values in rows) for channel in range(4)]
        assert [late[n] - early[n] for n in range(4)] == [flowed[n] // SCALARS[n] for n in range(4)]


@pytest.mark.parametrize(
    ("at", "blocks", "element", "number", "intervals"),
    [
        pytest.param(0, 0, 0, 0, 0, id="just installed"),
        pytest.param(899, 0, 0, 0, 0, id="nothing has closed"),
        pytest.param(900, 1, 0, 0, 1, id="the first interval"),
        pytest.param(86400, 1, 0, 0, 96, id="a full block"),
        pytest.param(86400 + 900, 2, 1, 1, 1, id="the second opens with its first interval"),
        pytest.param(3 * 86400, 3, 2, 2, 96, id="all places full"),
        pytest.param(3 * 86400 + 1800, 3, 0, 3, 2, id="round again"),
    ],
)
def test_where_the_newest_block_is(at, blocks, element, number, intervals):
    image = SimulatedImage(World(), Build(days=3))
    when = INSTALLED + timedelta(seconds=at)
    status = table(image, 63, when).lp_status_set1
    assert status.nbr_valid_blocks == status.nbr_unread_blocks == blocks or number == 3
    assert (status.nbr_valid_blocks, status.last_block_element, status.last_block_seq_nbr, status.nbr_valid_int) == (
        blocks,
        element,
        number,
        intervals,
    )
    assert status.lp_set_status_flags.overflow_flag == (number >= 3)
    stamps = [stamp for stamp, *_ in cut(image.read(64, when))]
    assert sum(stamp is not None for stamp in stamps) == blocks


def status_of(image, at, back):
    """Status octets and values of the interval so many before the newest."""
    status, blocks = newest_first(image, at)
    rows = [row for _, _, _, _, rows in reversed(blocks[1:]) for row in rows] + blocks[0][4][: status.nbr_valid_int]
    return rows[-1 - back]


def test_an_ordinary_interval_has_nothing_to_say():
    octets, _ = status_of(SimulatedImage(World()), INSTALLED + timedelta(hours=3), 0)
    assert octets == b"\x00\x00\x00"


def test_dst_is_said():
    """Bit 4 of the first octet."""
    octets, _ = status_of(SimulatedImage(World()), utc("2025-07-01T00:00"), 0)
    assert octets == b"\x10\x00\x00"


def test_an_outage_is_said():
    """Bit 5 of the first octet; status 2 partial and 4 skipped, of channel 1, 3 and 2, none and 4."""
    world = World(events=[Outage(utc("2025-02-01T10:10"), utc("2025-02-01T10:35"))])
    image, at = SimulatedImage(world), utc("2025-02-01T11:00")
    assert [status_of(image, at, back)[0].hex() for back in (3, 2, 1, 0)] == ["222220", "244440", "222220", "000000"]
    assert status_of(image, at, 2)[1] == [0, 0, 0, 0]
    _, blocks = newest_first(image, at)
    # 05:00 UTC is midnight: 10:15 to 10:30 is interval 21.
    assert [n for n, valid in enumerate(blocks[0][3][:24]) if not valid] == [21]


@pytest.mark.parametrize(
    ("by", "octets"),
    [
        pytest.param(120, ["422220", "000000"], id="forward, partial"),
        pytest.param(-120, ["833330", "000000"], id="back, long"),
        pytest.param(45 * 60, ["422220", "444440", "444440", "422220", "000000"], id="forward, skipped"),
        pytest.param(-40 * 60, ["822220", "822220", "000000", "000000"], id="back, again"),
    ],
)
def test_a_set_of_the_clock_is_said(by, octets):
    image = SimulatedImage(World(events=[ClockSet(utc("2025-02-01T10:05"), by)]))
    at = utc("2025-02-01T10:30") + timedelta(seconds=abs(by) % 900)
    found = [status_of(image, at, back)[0].hex() for back in range(len(octets))][::-1]
    assert found == octets


def test_numbers_of_blocks_and_intervals_do_not_change_with_what_comes_later():
    """A block that is full stays as it is, whatever happens after it."""
    world = World()
    image, at = SimulatedImage(world), utc("2025-02-01T10:05")
    before = image.read(64, at)
    world.add(ClockSet(at, -7200))
    after = image.read(64, at + timedelta(hours=3))
    full = 31 * BLOCK
    assert before[:full] == after[:full]
    assert before[full:] != after[full:]


def test_the_table_reads_the_same_by_declaration_and_by_hand():
    image, at = SimulatedImage(World(3), Build(days=2)), utc("2025-01-03T01:00")
    by_declaration = decoded(image, at)[64].blocks
    for one, (stamp, readings, pulses, valid, rows) in zip(by_declaration, cut(image.read(64, at)), strict=True):
        assert one.blk_end_time.value == stamp
        assert [end.block_end_read for end in one.end_readings] == readings
        assert [end.block_end_pulse for end in one.end_readings] == pulses
        assert one.simple_int_status == [n for n, is_valid in enumerate(valid) if is_valid]
        assert [list(interval.int_data) for interval in one.lp_int] == [values for _, values in rows]


def test_the_last_interval_ends_where_the_world_says():
    world = World(3)
    at = utc("2025-03-09T07:20")
    (stamp, readings, *_), *_ = newest_first(SimulatedImage(world), at)[1]
    last = list(world.intervals(at - timedelta(hours=1), at))[-1]
    assert stamp == world.stamp(last) == datetime(2025, 3, 9, 3, 15)
    assert readings[0] == world.energy(WH, INSTALLED, moment(last.end))
