"""Why an interval is what it is: blocks whose octets are counted by hand.

Of set 1, a block is 5 octets of time, 1 of simple status, and 4 intervals of 2 octets of status (three channels) and 6
of values: 6 + 4 x 8 = 38. Source 0 counts Wh, as in test_profile_matrix; SCALAR is 2, DIVISOR 1, so 60 is 30 Wh.
"""

import struct

import pytest
from profiles_by_hand import EXTENDED, SCALED, SIMPLE, Set, profile_tables

from c1219_tables.readings.profile import profile

# Table 11: one unit and one source. Table 12: ID_CODE 0, quadrants 1 and 4: active energy delivered, 10^0.
ENERGY = {11: bytes([0, 1, 0, 0, 0, 0, 2, 1]), 12: (1 << 14 | 1 << 17).to_bytes(4, "little"), 16: bytes([0x11])}
# 2024-01-15 01:00 and 02:00 in TM_FORMAT 2.
ONE, TWO = bytes([24, 1, 15, 1, 0]), bytes([24, 1, 15, 2, 0])


def block(end, valid, *intervals):
    """intervals: common status, status of channels 2 and 3, three values."""
    return end + bytes([valid]) + b"".join(struct.pack("<BB3H", *one) for one in intervals)


QUIET = (0, 0, 60, 61, 62)


@pytest.fixture
def found():
    one = Set(
        # Interval 1 of block 1: power failed, channel 1 is partial, 3 is skipped; interval 2 is not valid.
        [block(ONE, 15, *[QUIET] * 4), block(TWO, 11, QUIET, (0x22, 0x04, 1000, 0, 7), QUIET, QUIET)],
        channels=3, flags=SCALED | EXTENDED | SIMPLE, scalars=(2, 2, 2), divisors=(1, 1, 1), last=1,
        selects=[(0, 0, 255)] * 3,
    )  # fmt: skip
    tables, data = profile_tables(one, others=ENERGY)
    return profile(tables, data=data)


# Table 62: three channels of 3 octets, the source in the second; 1 of format, so scalars are at 10, divisors at 16.
SCALING = [
    "source 0, active energy delivered, Wh (ST-62 lp_sel_set1[0].lp_source_select @1+1 = 00)",
    "x multiplier 10^0 (ST-12 uom_entry[0].multiplier @0+4 = 00 40 02 00)",
    "x DIVISOR 1 (ST-62 divisor_set1[0] @16+2 = 01 00)",
    "/ SCALAR 2 (ST-62 scalars_set1[0] @10+2 = 02 00)",
]


def test_a_value_its_quality_and_its_time(found):
    """Row 5 is interval 1 of block 1: its status is at 38 + 6 + 8 = 52, its values are at 54; 1000 = 3E8H."""
    assert found.channel(1).why(5) == [
        "ST-64 blocks[1].lp_int[1].int_data[0] @54+2 = E8 03 -> 1000 raw",
        *SCALING,
        "= 500 Wh",
        "quality: ST-64 blocks[1].lp_int[1].extended_int_status.common @52+1 = 22",
        "time: 2 intervals before the end of its block (ST-64 blocks[1].blk_end_time @38+5 = 18 01 0F 02 00)",
    ]


def test_channels_behind_the_first_have_a_status_of_their_own(found):
    """Channel 3 was skipped: what it stored is told, and is no value."""
    lines = found.channel(3).why(5)
    assert lines[0] == "ST-64 blocks[1].lp_int[1].int_data[2] @58+2 = 07 00 -> 7 raw"
    assert lines[1].endswith("(ST-62 lp_sel_set1[2].lp_source_select @7+1 = 00)")
    assert lines[5:8] == [
        "= nothing was measured",
        "quality: ST-64 blocks[1].lp_int[1].extended_int_status.common @52+1 = 22",
        "quality: ST-64 blocks[1].lp_int[1].extended_int_status.channels[0] @53+1 = 04",
    ]


def test_what_the_simple_status_does_not_count(found):
    """11 is 0b1011: the interval at index 2. The octet is behind the block's time, at 38 + 5."""
    lines = found.channel(1).why(6)
    assert "= nothing was measured" in lines
    assert "quality: ST-64 blocks[1].simple_int_status @43+1 = 0B" in lines
    assert not any("simple_int_status" in line for line in found.channel(1).why(5))


def test_places_in_a_block(found):
    times = [found.channel(1).why(row)[-1].removeprefix("time: ") for row in (2, 3, -1)]
    assert times == [
        "1 interval before the end of its block (ST-64 blocks[0].blk_end_time @0+5 = 18 01 0F 01 00)",
        "at the end of its block (ST-64 blocks[0].blk_end_time @0+5 = 18 01 0F 01 00)",
        "at the end of its block (ST-64 blocks[1].blk_end_time @38+5 = 18 01 0F 02 00)",
    ]


def test_a_block_without_a_time():
    """The block before has one; this one's, at 5 + 2 = 7, is not set."""
    tables, data = profile_tables(Set([ONE + b"\1\0", bytes(5) + b"\2\0"], intervals=1, last=1), others=ENERGY)
    assert profile(tables, data=data).channel(1).why(1)[-1] == (
        "time: at the end of its block, which has no time: its neighbours' serve"
        " (ST-64 blocks[1].blk_end_time @7+5 = 00 00 00 00 00)"
    )


def test_no_such_interval(found):
    with pytest.raises(IndexError):
        found.channel(1).why(8)


def test_without_status_and_without_a_unit():
    """No table says what source 0 is; a value in text is blank."""
    one = Set([ONE + b"60".rjust(6) + b" " * 6], intervals=2, code=64)
    tables, data = profile_tables(one, {"ni1": 3})
    found = profile(tables, data=data).channel(1)
    assert found.why(0)[0] == "ST-64 blocks[0].lp_int[0].int_data[0] @5+6 = 20 20 20 20 36 30 -> 60 raw"
    assert found.why(1) == [
        "ST-64 blocks[0].lp_int[1].int_data[0] @11+6 = 20 20 20 20 20 20 -> no number",
        "source 0, which no table names (ST-62 lp_sel_set1[0].lp_source_select @1+1 = 00)",
        "= cannot be told",
        "time: at the end of its block (ST-64 blocks[0].blk_end_time @0+5 = 18 01 0F 01 00)",
    ]
