"""Decade 6: the load profile.

Octets of a Hexing meter where there are any (quoted in the comments of a head end for that make, least significant
octet first); the set of examples that the reference constructs and decodes; what else is constructed says so.
"""

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vector_checks import any_formats, check_any_octets, check_refusals, check_vector, formats, octets

from c1219_tables.codes.load_profile import CHANNEL_STATUS, channel_status
from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.registry import STANDARD
from c1219_tables.standard.load_profile import ACT_LP_TBL, DIM_LP_TBL, LP_CTRL_TBL, LP_STATUS_TBL, TABLES

DATA = {table.number: table for table in TABLES if table.number >= 64}

END_READ, END_PULSE, EXTENDED, SIMPLE, BIT_12 = 0x0010, 0x0020, 0x0400, 0x0800, 0x1000


def table0(sets, **kinds):
    return {**formats(**kinds), "std_tbls_used": [63 + number for number in sets]}


def limits(flags, *sets, big=False):
    """Octets of a table 61. sets: (blocks, intervals, channels, minutes) of each set in use."""
    order = "big" if big else "little"
    head = (0).to_bytes(4, order) + flags.to_bytes(2, order) + b"\xff"
    return head + b"".join(
        blocks.to_bytes(2, order) + intervals.to_bytes(2, order) + bytes([channels, minutes])
        for blocks, intervals, channels, minutes in sets
    )


def meter(sets, given_61, given_62=None, **kinds):
    tables = {"st0": table0(sets, **kinds)}
    tables["st61"] = ACT_LP_TBL.decode(given_61, tables)
    if given_62 is not None:
        tables["st62"] = LP_CTRL_TBL.decode(given_62, tables)
    return tables


def named(element):
    """What is set in a bit field."""
    return {name for name, value in element.items() if value}


def test_decade_is_registered_by_number():
    assert [table.number for table in TABLES] == list(range(60, 68))
    assert all(STANDARD.table(table.number) is table for table in TABLES)
    assert [table.needs for table in TABLES] == [(0,), (0,), (0, 61), (0,), *[(0, 61, 62)] * 4]


LP_FLAGS = [
    *(f"lp_set{n}_inhibit_ovf_flag" for n in (1, 2, 3, 4)),
    "blk_end_read_flag",
    "blk_end_pulse_flag",
    *(f"scalar_divisor_flag_set{n}" for n in (1, 2, 3, 4)),
    "extended_int_status_flag",
    "simple_int_status_flag",
    "blk_end_rd_indicator_flag",
]
LP_FMATS = [
    "inv_uint8_flag", "inv_uint16_flag", "inv_uint32_flag", "inv_int8_flag", "inv_int16_flag", "inv_int32_flag",
    "inv_ni_fmat1_flag", "inv_ni_fmat2_flag",
]  # fmt: skip
STATUS_FLAGS = [
    "block_order", "overflow_flag", "list_type", "block_inhibit_overflow_flag", "interval_order", "active_mode_flag",
    "test_mode",
]  # fmt: skip


@pytest.mark.parametrize(("bit", "name"), list(enumerate([*LP_FLAGS, "spare_13_15"])))
def test_each_flag_of_the_limits_has_its_bit(bit, name):
    decoded = ACT_LP_TBL.decode(bytes(4) + (1 << bit).to_bytes(2, "little") + b"\x00", {"st0": table0([])})
    assert named(decoded.lp_flags) == {name}


@pytest.mark.parametrize(("bit", "name"), list(enumerate(LP_FMATS)))
def test_each_format_of_the_limits_has_its_bit(bit, name):
    decoded = ACT_LP_TBL.decode(bytes(6) + bytes([1 << bit]), {"st0": table0([])})
    assert named(decoded.lp_fmats) == {name}


@pytest.mark.parametrize(("bit", "name"), list(enumerate([*STATUS_FLAGS, "spare_7"])))
def test_each_flag_of_the_status_has_its_bit(bit, name):
    decoded = LP_STATUS_TBL.decode(bytes([1 << bit]) + bytes(12), {"st0": table0([4])})
    assert named(decoded.lp_status_set4.lp_set_status_flags) == {name}


# -- the example of the reference: constructed there and decoded there by another program ------------------------------

EXAMPLE_61 = octets("72000000 500C 02 0300 0400 02 0F")
EXAMPLE_62 = octets("010000 010202 02 01000100 01000A00")
EXAMPLE_63 = octets("24 0300 0100 2A000000 0200 0200")
EXAMPLE_64 = octets(
    "18010F0200 E8030000 F4010000 0F  00000A000500 222004000200 00000B000600 00100C00FFFF"
    "18010F021E FE030000 FE010000 03  00000B000500 00000B000500 000000000000 000000000000"
    "18010F0100 C3030000 E2010000 0F  00000A000500 00000A000500 00000A000500 00000A000500"
)


def example():
    return meter([1], EXAMPLE_61, EXAMPLE_62)


@pytest.mark.parametrize("table", [DIM_LP_TBL, ACT_LP_TBL], ids=repr)
def test_limits_of_the_example(table):
    decoded = check_vector(table, EXAMPLE_61, {"st0": table0([1])}, size=7 + 6)
    assert decoded.lp_memory_len == 114
    # 0C50H: bits 4, 6, 10, 11.
    assert named(decoded.lp_flags) == {
        "blk_end_read_flag",
        "scalar_divisor_flag_set1",
        "extended_int_status_flag",
        "simple_int_status_flag",
    }
    assert named(decoded.lp_fmats) == {"inv_uint16_flag"}
    assert decoded.nbr_blks_set1 == 3
    assert decoded.nbr_blk_ints_set1 == 4
    assert decoded.nbr_chns_set1 == 2
    assert decoded.max_int_time_set1 == 15
    assert decoded.nbr_blks_set2 is None
    check_refusals(table, EXAMPLE_61, {"st0": table0([1])})


def test_control_of_the_example():
    tables = meter([1], EXAMPLE_61)
    decoded = check_vector(LP_CTRL_TBL, EXAMPLE_62, tables, size=3 * 2 + 1 + 4 * 2)
    first, second = decoded.lp_sel_set1
    assert named(first.chnl_flag) == named(second.chnl_flag) == {"end_rdg_flag"}
    assert (first.lp_source_select, first.end_blk_rdg_source_select) == (0, 0)
    assert (second.lp_source_select, second.end_blk_rdg_source_select) == (2, 2)
    assert decoded.int_fmt_cde1 == 2
    # All scalars stand before all divisors.
    assert (decoded.scalars_set1, decoded.divisor_set1) == ([1, 1], [1, 10])
    check_refusals(LP_CTRL_TBL, EXAMPLE_62, tables)


def test_status_of_the_example():
    decoded = check_vector(LP_STATUS_TBL, EXAMPLE_63, {"st0": table0([1])}, size=13)
    # 24H = 0010 0100: circular, active.
    assert named(decoded.lp_status_set1.lp_set_status_flags) == {"list_type", "active_mode_flag"}
    assert {name: value for name, value in decoded.lp_status_set1.items() if name != "lp_set_status_flags"} == {
        "nbr_valid_blocks": 3,
        "last_block_element": 1,
        "last_block_seq_nbr": 42,
        "nbr_unread_blocks": 2,
        "nbr_valid_int": 2,
    }
    assert decoded.lp_status_set2 is None
    check_refusals(LP_STATUS_TBL, EXAMPLE_63, {"st0": table0([1])})


def test_data_of_the_example():
    # A block: 5 + 2 x 4 + 1 + 4 x (2 + 2 x 2) = 38 octets.
    decoded = check_vector(DATA[64], EXAMPLE_64, example(), size=3 * 38)
    blocks = decoded.blocks
    assert [block.blk_end_time.value for block in blocks] == [
        datetime(2024, 1, 15, 2, 0),
        datetime(2024, 1, 15, 2, 30),
        datetime(2024, 1, 15, 1, 0),
    ]
    readings = [[reading.block_end_read for reading in block.end_readings] for block in blocks]
    assert readings == [[1000, 500], [1022, 510], [963, 482]]
    assert {reading.block_end_pulse for block in blocks for reading in block.end_readings} == {None}
    assert [block.simple_int_status for block in blocks] == [[0, 1, 2, 3], [0, 1], [0, 1, 2, 3]]
    assert [interval.int_data for interval in blocks[0].lp_int] == [[10, 5], [4, 2], [11, 6], [12, 65535]]
    assert [interval.int_data for interval in blocks[1].lp_int] == [[11, 5], [11, 5], [0, 0], [0, 0]]
    assert {block.closure_status for block in blocks} == {None}
    # 22 20: channel 1 status 2, power failed; channel 2 status 2. 00 10: channel 2 status 1.
    failed, overflow = blocks[0].lp_int[1].extended_int_status, blocks[0].lp_int[3].extended_int_status
    assert named(failed.common) == {"channel_1_status", "power_fail_flag"}
    assert failed.common.channel_1_status == 2
    assert failed.channels == [{"odd_channel_status": 0, "even_channel_status": 2}]
    assert not named(overflow.common)
    assert overflow.channels == [{"odd_channel_status": 0, "even_channel_status": 1}]
    assert decoded.raw("blocks[1]") == EXAMPLE_64[38:76]
    check_refusals(DATA[64], EXAMPLE_64, example())


def test_a_read_at_an_offset_names_its_intervals():
    # The 6 octets of interval 1 of block 2: 2 x 38 + 5 + 8 + 1 + 6 = 96.
    spans = DATA[64].window(96, EXAMPLE_64[96:102], example())
    path = "blocks[2].lp_int[1]"
    assert [(span.field, span.start, span.end) for span in spans] == [
        (f"{path}.extended_int_status.common", 96, 97),
        (f"{path}.extended_int_status.channels[0]", 97, 98),
        (f"{path}.int_data[0]", 98, 100),
        (f"{path}.int_data[1]", 100, 102),
    ]


# -- octets of a Hexing meter ------------------------------------------------------------------------------------------


def test_control_of_a_hexing_meter():
    # 4 channels, sources 0 to 3, no end readings, NI_FMAT1, no scalars; from a whole C12.22 write message.
    given_62 = octets("0000FF 0001FF 0002FF 0003FF 40")
    tables = meter([1], limits(0, (1, 96, 4, 15)))
    decoded = check_vector(LP_CTRL_TBL, given_62, tables, size=3 * 4 + 1)
    assert [entry.lp_source_select for entry in decoded.lp_sel_set1] == [0, 1, 2, 3]
    assert {entry.end_blk_rdg_source_select for entry in decoded.lp_sel_set1} == {255}
    assert not any(named(entry.chnl_flag) for entry in decoded.lp_sel_set1)
    assert (decoded.int_fmt_cde1, decoded.scalars_set1, decoded.divisor_set1) == (64, None, None)
    check_refusals(LP_CTRL_TBL, given_62, tables)


def test_status_of_a_hexing_meter():
    decoded = check_vector(LP_STATUS_TBL, octets("25 0100 0100 01000000 0000 0400"), {"st0": table0([1])}, size=13)
    # 25H = 0010 0101.
    assert named(decoded.lp_status_set1.lp_set_status_flags) == {"block_order", "list_type", "active_mode_flag"}
    assert decoded.lp_status_set1.nbr_valid_blocks == 1
    assert decoded.lp_status_set1.last_block_element == 1
    assert decoded.lp_status_set1.last_block_seq_nbr == 1
    assert decoded.lp_status_set1.nbr_unread_blocks == 0
    assert decoded.lp_status_set1.nbr_valid_int == 4


def test_data_of_a_hexing_meter():
    # One block of 96 intervals of 8 channels of 4 octets: 5 + 96 x 32 = 3077. It begins 0D 06 01 00 00, then zeros,
    # then a filling of FF; how many zeros is not quoted, 4 intervals here.
    given_64 = octets("0D06010000") + bytes(4 * 32) + b"\xff" * (92 * 32)
    tables = meter([1], limits(0, (1, 96, 8, 15)), octets("0000FF" * 8 + "40"))
    decoded = check_vector(DATA[64], given_64, tables, size=3077)
    block = decoded.blocks[0]
    assert block.blk_end_time.value == datetime(2013, 6, 1)
    assert (block.end_readings, block.simple_int_status, block.lp_int[0].extended_int_status) == (None, None, None)
    assert block.lp_int[3].int_data == [0] * 8
    # INT32 of four octets FF: the filling is no test of validity.
    assert block.lp_int[4].int_data == [-1] * 8


# -- every part, constructed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("big", [False, True], ids=["little", "big"])
@pytest.mark.parametrize("sets", [[], [1], [2], [4], [1, 3], [2, 3, 4], [1, 2, 3, 4]], ids=str)
def test_sets_are_packed(sets, big):
    numbers = [(0x100 + n, 0x200 + n, 0, 0x30 + n) for n in sets]
    # Bits 6 to 9: scalars and divisors of set 1 to 4, here of the even ones.
    given_61 = limits(0x0280, *numbers, big=big)
    tables = {"st0": table0(sets, big=big)}
    decoded = check_vector(ACT_LP_TBL, given_61, tables, size=7 + 6 * len(sets))
    for n in (1, 2, 3, 4):
        expected = (0x100 + n, 0x200 + n, 0, 0x30 + n) if n in sets else (None,) * 4
        assert (
            decoded[f"nbr_blks_set{n}"],
            decoded[f"nbr_blk_ints_set{n}"],
            decoded[f"nbr_chns_set{n}"],
            decoded[f"max_int_time_set{n}"],
        ) == expected
    status = b"".join(
        bytes([1 << n])
        + b"".join((10 * n + k).to_bytes(w, "big" if big else "little") for k, w in enumerate([2, 2, 4, 2, 2]))
        for n in sets
    )
    decoded = check_vector(LP_STATUS_TBL, status, tables, size=13 * len(sets))
    for n in (1, 2, 3, 4):
        record = decoded[f"lp_status_set{n}"]
        assert (record and list(record.values())[1:]) == ([10 * n + k for k in range(5)] if n in sets else None)


def test_control_of_sets_two_and_three():
    # Set 2: 1 channel with scalars; set 3: 2 channels without. 6 x 2 octets of table 61 and bit 7 of LP_FLAGS.
    tables = meter([2, 3], limits(0x0080, (1, 1, 1, 15), (1, 1, 2, 30)))
    given_62 = octets("01 05 06 20 0300 0400" + "00 07 08 00 09 0A 80")
    decoded = check_vector(LP_CTRL_TBL, given_62, tables, size=(3 + 1 + 4) + (6 + 1))
    assert (decoded.lp_sel_set1, decoded.int_fmt_cde1, decoded.lp_sel_set4, decoded.divisor_set4) == (None,) * 4
    assert (decoded.int_fmt_cde2, decoded.scalars_set2, decoded.divisor_set2) == (32, [3], [4])
    assert (decoded.int_fmt_cde3, decoded.scalars_set3, decoded.divisor_set3) == (128, None, None)
    assert [entry.lp_source_select for entry in decoded.lp_sel_set3] == [7, 9]
    check_refusals(LP_CTRL_TBL, given_62, tables)


def test_spare_bits_of_a_channel_survive():
    # FFH: every bit; the maker's bits 1 to 4 have names, 5 to 7 have not.
    decoded = check_vector(LP_CTRL_TBL, octets("FF 00 00 01"), meter([1], limits(0, (1, 1, 1, 15))), size=4)
    assert decoded.lp_sel_set1[0].chnl_flag == {
        "end_rdg_flag": True,
        "no_multiplier_flag": True,
        "lp_algorithm": 15 >> 1,
        "spare_5_7": 7,
    }


# INT_FMT_CDE -> octets of one value, and what they are worth (least significant octet first; NI_FMAT1 is format 3,
# CHAR[6]; NI_FMAT2 is format 9, INT40).
INTERVAL_VALUES = {
    1: ("FE", 254),
    2: ("FEFF", 65534),
    4: ("FEFFFFFF", 4294967294),
    8: ("FE", -2),
    16: ("FEFF", -2),
    32: ("FEFFFFFF", -2),
    64: ("20202D312E35", Decimal("-1.5")),
    128: ("FEFFFFFFFF", -2),
}


@pytest.mark.parametrize("code", INTERVAL_VALUES)
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_formats_of_interval_values(number, code):
    text, value = INTERVAL_VALUES[code]
    tables = meter([number], limits(0, (1, 2, 3, 15)), octets("000000" * 3 + f"{code:02X}"), ni1=3, ni2=9)
    given_data = octets("18010F0200" + text * 6)
    decoded = check_vector(DATA[63 + number], given_data, tables, size=5 + 2 * 3 * (len(text) // 2))
    assert [interval.int_data for interval in decoded.blocks[0].lp_int] == [[value] * 3] * 2


@pytest.mark.parametrize("code", [0, 3, 5, 65, 129, 255])
def test_formats_that_nobody_defines(code):
    tables = meter([1], limits(0, (1, 1, 1, 15)), bytes([0, 0, 0, code]))
    reason = r"int_data\[0\]: int_fmt_cde1 of table 62 is none of 1, 2, 4, 8, 16, 32, 64, 128"
    with pytest.raises(TableError, match=reason) as info:
        DATA[64].decode(bytes(9), tables)
    assert info.value.offset == 5
    assert DATA[64].size(tables=tables) is None


# Channels -> octets of one extended status, in the words of the reference: octet 0 has channel 1 low and the common
# flags high; octet j has channel 2j + 1 low and channel 2j high.
@pytest.mark.parametrize("channels", range(1, 9))
def test_extended_status_of_each_channel(channels):
    # Channel n has status n; the common nibble is 5: DST (1), clock set forward (4).
    status = {n: n for n in range(1, channels + 1)}
    given_status = bytes([5 << 4 | status[1]]) + bytes(
        status[2 * j] << 4 | status.get(2 * j + 1, 0) for j in range(1, channels // 2 + 1)
    )
    assert len(given_status) == channels // 2 + 1
    tables = meter([1], limits(EXTENDED, (1, 1, channels, 15)), bytes(3 * channels) + b"\x01")
    given_64 = octets("18010F0200") + given_status + bytes(range(channels))
    decoded = check_vector(DATA[64], given_64, tables, size=5 + channels // 2 + 1 + channels)
    interval = decoded.blocks[0].lp_int[0]
    assert interval.int_data == list(range(channels))
    assert interval.extended_int_status.common == {
        "channel_1_status": 1,
        "dst_flag": True,
        "power_fail_flag": False,
        "clock_forward_flag": True,
        "clock_backward_flag": False,
    }
    found = {1: interval.extended_int_status.common.channel_1_status}
    for index, pair in enumerate(interval.extended_int_status.channels):
        found[2 * index + 2], found[2 * index + 3] = pair.even_channel_status, pair.odd_channel_status
    assert {n: found[n] for n in status} == status
    assert set(found) - set(status) <= {channels + 1}


def test_simple_status_beyond_the_last_interval_survives():
    # 9 intervals: 2 octets; members 9 to 15 stand for none, and are kept.
    tables = meter([1], limits(SIMPLE, (1, 9, 1, 15)), octets("000000 01"))
    decoded = check_vector(DATA[64], octets("18010F0200 01FF") + bytes(9), tables, size=5 + 2 + 9)
    assert decoded.blocks[0].simple_int_status == [0, *range(8, 16)]


def test_end_readings_and_pulses():
    # INT48 reading, UINT32 pulses, 2 channels, no intervals.
    tables = meter([1], limits(END_READ | END_PULSE, (1, 0, 2, 15)), bytes(6) + b"\x01", ni1=10)
    given_64 = octets("18010F0200 010000000000 07000000 FFFFFFFFFFFF FFFFFFFF")
    decoded = check_vector(DATA[64], given_64, tables, size=5 + 2 * (6 + 4))
    assert decoded.blocks[0].end_readings == [
        {"block_end_read": 1, "block_end_pulse": 7},
        {"block_end_read": -1, "block_end_pulse": 4294967295},
    ]


def test_many_blocks_without_end_readings():
    # 300 blocks of 255 channels: 76500 end readings of no octets are none at all.
    tables = meter([1], limits(0, (300, 1, 255, 15)), bytes(3 * 255) + b"\x01")
    decoded = check_vector(DATA[64], bytes(300 * (5 + 255)), tables, size=78000)
    assert {block.end_readings for block in decoded.blocks} == {None}


CLOSED = octets("18010F0200 3100 4500 07 08 09 0A")


def test_closure_status_is_a_dialect():
    tables = meter([1], limits(BIT_12, (1, 2, 2, 15)), bytes(6) + b"\x01")
    # 0031H: status 1, 3 intervals; 0045H: status 5, 4 intervals.
    decoded = check_vector(DATA[64], CLOSED, tables, size=5 + 2 * 2 + 2 * 2, dialect={"closure_status": True})
    assert decoded.blocks[0].closure_status == [
        {"status": 1, "nbr_valid_interval": 3},
        {"status": 5, "nbr_valid_interval": 4},
    ]
    assert decoded.blocks[0].lp_int[1].int_data == [9, 10]
    with pytest.raises(TableError, match="4 octets left over"):
        DATA[64].decode(CLOSED, tables)
    # The dialect reads bit 12 of LP_FLAGS; where that is 0 there is no closure status.
    without = meter([1], limits(0, (1, 2, 2, 15)), bytes(6) + b"\x01")
    assert DATA[64].size(tables=without, dialect={"closure_status": True}) == 9


def test_a_maker_whose_first_set_is_int16_whatever_it_says():
    tables = meter([1, 2], limits(0, (1, 1, 1, 15), (1, 1, 1, 15)), octets("000000 01 000000 01"))
    dialect = {"lp_set1_int16": True}
    decoded = check_vector(DATA[64], octets("18010F0200 FEFF"), tables, size=7, dialect=dialect)
    assert decoded.blocks[0].lp_int[0].int_data == [-2]
    assert check_vector(DATA[65], octets("18010F0200 FE"), tables, size=6, dialect=dialect)


def test_a_set_that_is_not_used_has_no_data():
    tables = meter([1], EXAMPLE_61, EXAMPLE_62)
    with pytest.raises(TableError, match=r"ST-65 blocks: .*nbr_blks_set2.* is not given"):
        DATA[65].decode(b"\x00", tables)
    assert DATA[65].size(tables=tables) is None


@pytest.mark.parametrize("number", [62, 64, 65, 66, 67])
def test_the_dimensions_come_from_tables_61_and_62(number):
    with pytest.raises(MissingTableError) as info:
        STANDARD.table(number).decode(b"", {"st0": table0([1])})
    assert info.value.needed == ((61,) if number == 62 else (61, 62))


# -- properties --------------------------------------------------------------------------------------------------------

STIME = {0: 0, 1: 5, 2: 5, 3: 4, 4: 4}
NI_SIZE = dict(enumerate((8, 4, 12, 6, 4, 6, 4, 3, 4, 5, 6, 8, 8, 21)))
SMALL = st.integers(0, 4)
FLAG_BITS = st.integers(0, 0x1FFF)


@given(
    sets=st.sets(st.sampled_from([1, 2, 3, 4]), min_size=1),
    flags=FLAG_BITS,
    sizes=st.lists(st.tuples(SMALL, st.integers(0, 20), SMALL, SMALL), min_size=4, max_size=4),
    codes=st.lists(st.sampled_from([1, 2, 4, 8, 16, 32, 64, 128]), min_size=4, max_size=4),
    tm=st.integers(0, 4),
    ni1=st.integers(0, 13),
    ni2=st.integers(0, 13),
    closure=st.booleans(),
)
def test_size_formulas(sets, flags, sizes, codes, tm, ni1, ni2, closure):
    sets = sorted(sets)
    used = dict(zip(sets, sizes, strict=False))
    has_scalars = {n: flags >> 5 + n & 1 for n in sets}
    control = b"".join(
        bytes(3 * used[n][2]) + bytes([code]) + bytes(4 * used[n][2] * has_scalars[n])
        for n, code in zip(sets, codes, strict=False)
    )
    tables = meter(sets, limits(flags, *used.values()), control, tm=tm, ni1=ni1, ni2=ni2)
    assert LP_CTRL_TBL.size(tables=tables) == len(control)
    value_octets = {1: 1, 2: 2, 4: 4, 8: 1, 16: 2, 32: 4, 64: NI_SIZE[ni1], 128: NI_SIZE[ni2]}
    for n, code in zip(sets, codes, strict=False):
        b, k, c, _ = used[n]
        r, p = NI_SIZE[ni1] * bool(flags & END_READ), 4 * bool(flags & END_PULSE)
        block = STIME[tm] + c * (r + p)
        block += 2 * c if closure and flags & BIT_12 else 0
        block += (k + 7) // 8 if flags & SIMPLE else 0
        block += k * ((c // 2 + 1 if flags & EXTENDED else 0) + c * value_octets[code])
        assert DATA[63 + n].size(tables=tables, dialect={"closure_status": closure}) == b * block


@given(
    st.data(),
    any_formats,
    FLAG_BITS,
    st.lists(st.tuples(SMALL, st.integers(0, 20), SMALL, SMALL), min_size=4, max_size=4),
    st.sampled_from([1, 2, 4, 8, 16, 32, 64, 128, 3]),
    st.booleans(),
)
def test_any_octets(data, st0, flags, sizes, code, closure):
    plain = {"st0": {**formats(), "std_tbls_used": [64, 65, 66, 67]}}
    tables = {
        "st0": {**st0, "std_tbls_used": [64, 65, 66, 67]},
        "st61": ACT_LP_TBL.decode(limits(flags, *sizes), plain),
        "st62": dict.fromkeys(("int_fmt_cde1", "int_fmt_cde2", "int_fmt_cde3", "int_fmt_cde4"), code),
    }
    for table in TABLES:
        check_any_octets(table, tables, data, dialect={"closure_status": closure})


def test_channel_status():
    assert [channel_status(code).known for code in range(16)] == [True] * 8 + [False] * 8
    assert channel_status(9).code == 9
    assert channel_status(9).meaning == "unknown status 9"
    assert channel_status(4).meaning == "skipped: the value is 0"
    assert all(code == entry.code and entry.meaning and entry.sources for code, entry in CHANNEL_STATUS.items())
