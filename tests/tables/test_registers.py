"""Decade 2: registers, snapshots, present values."""

from datetime import datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vector_checks import (
    HEXING_12,
    HEXING_21,
    HEXING_22,
    HEXING_27,
    HEXING_28,
    any_formats,
    check_any_octets,
    check_refusals,
    check_vector,
    formats,
    hexing,
    octets,
)

from c1219_tables.codes.units import describe_uom, measured, power_of_ten
from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.registry import STANDARD
from c1219_tables.standard.registers import (
    ACT_REGS_TBL,
    CURRENT_REG_DATA_TBL,
    DATA_SELECTION_TBL,
    DIM_REGS_TBL,
    PRESENT_REGISTER_DATA_TBL,
    PRESENT_REGISTER_SELECT_TBL,
    PREVIOUS_DEMAND_RESET_DATA_TBL,
    PREVIOUS_SEASON_DATA_TBL,
    SELF_READ_DATA_TBL,
    TABLES,
)
from c1219_tables.standard.sources import UOM_ENTRY_TBL

# Constructed, with its decoding, in the reference: TM_FORMAT 3 (minutes), NI_FMAT1 INT32, NI_FMAT2 INT24.
SMALL_21 = octets("56 22 01 02 01 01 02 01 01 01")
SMALL = formats(tm=3, ni1=8, ni2=7)
SMALL_23 = octets(
    "05"
    "40420F00 FFFFFFFF  E05DB101 EF5DB101  D2040000  F40100 C20100  640000 FEFFFF"
    "90D00300 00000000  E05DB101 00000000  58020000  F40100 000000  640000 000000"
)
SMALL_23_MOST_FIRST = octets(
    "05 000F4240 FFFFFFFF 01B15DE0 01B15DEF 000004D2 0001F4 0001C2 000064 FFFFFE"
    "0003D090 00000000 01B15DE0 00000000 00000258 0001F4 000000 000064 000000"
)
# 28401120 and 28401135 minutes since 1970.
NEW_YEAR, QUARTER_PAST = datetime(2024, 1, 1, 0, 0), datetime(2024, 1, 1, 0, 15)


def with_21(given, st0):
    return {"st0": st0, "st21": ACT_REGS_TBL.decode(given, {"st0": st0})}


def sizes(*, n1, n2, date, remaining, flags, sums, demands, coins, occur, tiers, reads=0, present=(0, 0)):
    """Sizes of tables 22 to 28 by the formulas of the reference. flags: letters of those that are set.

    T date and time, S season, R reset counter, C cumulative, K continuous cumulative, L time remaining, Q sequence.
    """
    has = {letter: letter in flags for letter in "TSRCKLQ"}
    demand = occur * (has["T"] * date + n2) + (has["C"] + has["K"]) * n1
    block = sums * n1 + demands * demand + coins * occur * n2
    registers = has["R"] + block * (1 + tiers)
    info = has["T"] * date + has["S"]
    return {
        22: sums + demands + (demands + 7) // 8 + 2 * coins,
        23: registers,
        24: info + registers,
        25: info + registers,
        26: 6 + reads * (2 * has["Q"] + info + registers),
        27: sum(present),
        28: present[0] * (has["L"] * remaining + n2) + present[1] * n1,
    }


SMALL_SIZES = sizes(
    n1=4, n2=3, date=4, remaining=4, flags="TRCLQ",
    sums=2, demands=1, coins=1, occur=2, tiers=1, reads=1, present=(1, 1),
)  # fmt: skip
HEXING_SIZES = sizes(
    n1=4, n2=4, date=5, remaining=3, flags="STR",
    sums=10, demands=10, coins=0, occur=1, tiers=4, reads=1, present=(10, 22),
)  # fmt: skip


def test_decade_is_registered_by_number():
    assert [table.number for table in TABLES] == list(range(20, 29))
    assert all(STANDARD.table(table.number) is table for table in TABLES)


def test_formulas_give_the_stated_sizes():
    assert SMALL_SIZES == {22: 6, 23: 65, 24: 69, 25: 69, 26: 77, 27: 2, 28: 11}
    assert (HEXING_SIZES[22], HEXING_SIZES[23], HEXING_SIZES[28]) == (22, 651, 128)


@pytest.mark.parametrize("table", [DIM_REGS_TBL, ACT_REGS_TBL], ids=repr)
def test_dimensions_of_a_hexing_meter(table):
    decoded = check_vector(table, HEXING_21, {"st0": formats()}, size=10)
    # 0FH: bits 0 to 3.
    assert [name for name, value in decoded.reg_func1_flags.items() if value] == [
        "season_info_field_flag",
        "date_time_field_flag",
        "demand_reset_ctr_flag",
        "demand_reset_lock_flag",
    ]
    assert not any(decoded.reg_func2_flags.values())
    assert list(decoded.values())[2:] == [1, 10, 10, 0, 1, 4, 10, 22]
    check_refusals(table, HEXING_21, {"st0": formats()})


def test_constructed_dimensions():
    decoded = check_vector(ACT_REGS_TBL, SMALL_21, {"st0": formats()}, size=10)
    # 56H = 0101 0110: bits 1, 2, 4, 6. 22H = 0010 0010: bit 1, and 2 in bits 4-5.
    assert decoded == {
        "reg_func1_flags": {
            "season_info_field_flag": False,
            "date_time_field_flag": True,
            "demand_reset_ctr_flag": True,
            "demand_reset_lock_flag": False,
            "cum_demand_flag": True,
            "cont_cum_demand_flag": False,
            "time_remaining_flag": True,
            "spare_7": 0,
        },
        "reg_func2_flags": {
            "self_read_inhibit_overflow_flag": False,
            "self_read_seq_nbr_flag": True,
            "daily_self_read_flag": False,
            "weekly_self_read_flag": False,
            "self_read_demand_reset": 2,
            "spare_6_7": 0,
        },
        "nbr_self_reads": 1,
        "nbr_summations": 2,
        "nbr_demands": 1,
        "nbr_coin_values": 1,
        "nbr_occur": 2,
        "nbr_tiers": 1,
        "nbr_present_demands": 1,
        "nbr_present_values": 1,
    }


def test_flags_of_the_second_octet_and_filler():
    # Constructed. A0H: bit 5 and the filler bit 7. CDH = 1100 1101: bits 0, 2, 3 and the filler 6-7.
    decoded = check_vector(ACT_REGS_TBL, octets("A0 CD") + bytes(8), {"st0": formats()}, size=10)
    assert {name: value for name, value in decoded.reg_func1_flags.items() if value} == {
        "cont_cum_demand_flag": True,
        "spare_7": 1,
    }
    assert {name: value for name, value in decoded.reg_func2_flags.items() if value} == {
        "self_read_inhibit_overflow_flag": True,
        "daily_self_read_flag": True,
        "weekly_self_read_flag": True,
        "spare_6_7": 3,
    }


def test_selection_of_a_hexing_meter():
    decoded = check_vector(DATA_SELECTION_TBL, HEXING_22, hexing(), size=HEXING_SIZES[22])
    assert decoded.summation_select == list(range(10))
    assert decoded.demand_select == list(range(32, 42))
    # All ten demands are maxima; that meter sets the filler bits behind them too.
    assert [demand for demand in range(10) if demand in decoded.min_or_max_flags] == list(range(10))
    assert decoded.coincident_select == decoded.coin_demand_assoc == []
    check_refusals(DATA_SELECTION_TBL, HEXING_22, hexing())


def test_constructed_selection():
    # Constructed for SMALL_21: summations 0 and 1, demand 4 a minimum (00), coincident source 5 with demand 0.
    tables = with_21(SMALL_21, SMALL)
    assert check_vector(DATA_SELECTION_TBL, octets("00 01  04  00  05  00"), tables, size=SMALL_SIZES[22]) == {
        "summation_select": [0, 1],
        "demand_select": [4],
        "min_or_max_flags": [],
        "coincident_select": [5],
        "coin_demand_assoc": [0],
    }


@pytest.mark.parametrize(("demands", "set_octets"), [(0, 0), (1, 1), (8, 1), (9, 2), (16, 2), (17, 3)])
def test_selection_has_a_bit_for_each_demand(demands, set_octets):
    tables = with_21(bytes([0, 0, 0, 0, demands, 0, 0, 0, 0, 0]), formats())
    whole = bytes(demands) + b"\x81" * set_octets
    decoded = check_vector(DATA_SELECTION_TBL, whole, tables, size=demands + set_octets)
    # 81H: members 0 and 7 of each octet.
    assert decoded.min_or_max_flags == [8 * octet + bit for octet in range(set_octets) for bit in (0, 7)]


@pytest.mark.parametrize(("whole", "big"), [(SMALL_23, False), (SMALL_23_MOST_FIRST, True)], ids=["least", "most"])
def test_constructed_registers_in_both_orders(whole, big):
    tables = with_21(SMALL_21, formats(big=big, tm=3, ni1=8, ni2=7))
    decoded = check_vector(CURRENT_REG_DATA_TBL, whole, tables, size=SMALL_SIZES[23])
    assert decoded.nbr_demand_resets == 5
    total, (tier,) = decoded.tot_data_block, decoded.tier_data_block
    assert total.summations == [1000000, -1]
    assert [when.value for when in total.demands[0].event_time] == [NEW_YEAR, QUARTER_PAST]
    assert (total.demands[0].cum_demand, total.demands[0].cont_cum_demand) == (1234, None)
    assert total.demands[0].demand == [500, 450]
    assert total.coincidents == [{"coincident_values": [100, -2]}]
    assert tier.summations == [250000, 0]
    assert [when.value for when in tier.demands[0].event_time] == [NEW_YEAR, None]
    assert (tier.demands[0].cum_demand, tier.demands[0].demand) == (600, [500, 0])
    assert tier.coincidents == [{"coincident_values": [100, 0]}]
    check_refusals(CURRENT_REG_DATA_TBL, whole, tables)


def test_registers_of_a_hexing_meter():
    # Recorded: the first 40 octets of the total block, and the first four of tier 1, 130 octets later.
    # Constructed around them, zero: the count of resets in front, the demands, the rest of the tiers.
    start = octets("714D0000 33000000 A44D0000 3E4D0000 E1090000 14000000 71060000 14000000 00000000 70030000")
    whole = bytes(1) + start + bytes(130 - 40) + octets("2A210000") + bytes(4 * 130 - 4)
    decoded = check_vector(CURRENT_REG_DATA_TBL, whole, hexing(), size=HEXING_SIZES[23])
    assert decoded.tot_data_block.summations == [19825, 51, 19876, 19774, 2529, 20, 1649, 20, 0, 880]
    delivered, received, both, net = decoded.tot_data_block.summations[:4]
    assert (both, net) == (delivered + received, delivered - received)
    # 212AH = 2 * 4096 + 256 + 42.
    assert decoded.tier_data_block[0].summations[0] == 2 * 4096 + 256 + 42
    assert len(decoded.tier_data_block) == 4
    # Month and day 0: the time is not set.
    assert decoded.tot_data_block.demands[0].event_time[0].value is None
    assert decoded.raw("tier_data_block[0].summations[0]") == octets("2A210000")


def test_continuous_cumulative_demand_follows_the_cumulative():
    # Constructed: flags 30H, one demand of one occurrence; INT32 1, 2, 3 in the order of the elements.
    tables = with_21(octets("30 00 00 00 01 00 01 00 00 00"), formats())
    expected = sizes(n1=4, n2=4, date=5, remaining=3, flags="CK", sums=0, demands=1, coins=0, occur=1, tiers=0)
    decoded = check_vector(CURRENT_REG_DATA_TBL, octets("01000000 02000000 03000000"), tables, size=expected[23])
    assert decoded.tot_data_block.demands == [
        {"event_time": None, "cum_demand": 1, "cont_cum_demand": 2, "demand": [3]}
    ]


SNAPSHOTS = [
    pytest.param(PREVIOUS_SEASON_DATA_TBL, "previous_season_register_data", id="24"),
    pytest.param(PREVIOUS_DEMAND_RESET_DATA_TBL, "previous_demand_reset_data", id="25"),
]


@pytest.mark.parametrize(("table", "name"), SNAPSHOTS)
def test_constructed_snapshot(table, name):
    # Constructed: 28401135 minutes (EF5DB101), no season by SMALL_21, then the octets of table 23.
    tables = with_21(SMALL_21, SMALL)
    whole = octets("EF5DB101") + SMALL_23
    decoded = check_vector(table, whole, tables, size=SMALL_SIZES[table.number])
    assert decoded.register_info.end_date_time.value == QUARTER_PAST
    assert decoded.register_info.season is None
    assert decoded[name] == CURRENT_REG_DATA_TBL.decode(SMALL_23, tables)
    check_refusals(table, whole, tables)


@pytest.mark.parametrize(("table", "name"), SNAPSHOTS)
def test_constructed_snapshot_with_season(table, name):
    # Constructed: flags 01H, season 3, one summation of 7.
    tables = with_21(octets("01 00 00 01 00 00 00 00 00 00"), formats())
    expected = sizes(n1=4, n2=4, date=5, remaining=3, flags="S", sums=1, demands=0, coins=0, occur=0, tiers=0)
    decoded = check_vector(table, octets("03 07000000"), tables, size=expected[table.number])
    assert decoded.register_info == {"end_date_time": None, "season": 3}
    assert decoded[name].tot_data_block.summations == [7]


def test_constructed_self_reads():
    # Constructed. 06H: overflow, circular; 1 valid, newest at 0, sequence 0105H = 261, 1 unread; entry 261 as above.
    tables = with_21(SMALL_21, SMALL)
    whole = octets("06 01 00 0501 01  0501 EF5DB101") + SMALL_23
    decoded = check_vector(SELF_READ_DATA_TBL, whole, tables, size=SMALL_SIZES[26])
    assert decoded.list_status == {
        "order": False,
        "overflow_flag": True,
        "list_type": True,
        "inhibit_overflow_flag": False,
        "spare_4_7": 0,
    }
    assert list(decoded.values())[1:5] == [1, 0, 261, 1]
    (entry,) = decoded.self_read_entries
    assert entry.self_read_seq_nbr == 261
    assert entry.register_info.end_date_time.value == QUARTER_PAST
    assert entry.self_read_register_data == CURRENT_REG_DATA_TBL.decode(SMALL_23, tables)
    check_refusals(SELF_READ_DATA_TBL, whole, tables)


def test_self_reads_are_all_there_even_when_not_valid():
    # Constructed: flags 01H (season), no sequence numbers, two entries of 1 + 4 octets, one of them valid.
    # F9H = 1111 1001: order, inhibit overflow, filler.
    tables = with_21(octets("01 00 02 01 00 00 00 00 00 00"), formats())
    whole = octets("F9 01 00 0000 00  02 07000000  00 00000000")
    expected = sizes(n1=4, n2=4, date=5, remaining=3, flags="S", sums=1, demands=0, coins=0, occur=0, tiers=0, reads=2)
    decoded = check_vector(SELF_READ_DATA_TBL, whole, tables, size=expected[26])
    assert decoded.list_status == {
        "order": True,
        "overflow_flag": False,
        "list_type": False,
        "inhibit_overflow_flag": True,
        "spare_4_7": 15,
    }
    assert [entry.register_info.season for entry in decoded.self_read_entries] == [2, 0]
    assert all(entry.self_read_seq_nbr is None for entry in decoded.self_read_entries)


@pytest.mark.parametrize("reads", [0, 1, 3])
def test_self_reads_of_a_head_end_are_467_octets_apart(reads):
    # That head end steps 467 octets from self read to self read: 10 summations, 4 demands with cumulative demand, one
    # occurrence, 4 tiers; season, date and time, reset counter. 17H = bits 0, 1, 2, 4.
    tables = with_21(bytes([0x17, 0, reads, 10, 4, 0, 1, 4, 0, 0]), formats())
    assert SELF_READ_DATA_TBL.size(tables=tables) == 6 + 467 * reads


def test_present_selection_of_a_hexing_meter():
    decoded = check_vector(PRESENT_REGISTER_SELECT_TBL, HEXING_27, hexing(), size=10 + 22)
    assert decoded == {
        "present_demand_select": list(range(32, 42)),
        "present_value_select": list(range(10, 32)),
    }
    check_refusals(PRESENT_REGISTER_SELECT_TBL, HEXING_27, hexing())


def test_present_selection_of_a_ge_meter():
    # Recorded from a GE I-210+c. Its table 21 was never readable: 5 and 5 follow from the repetition.
    tables = with_21(bytes([0, 0, 0, 0, 0, 0, 0, 0, 5, 5]), formats())
    decoded = check_vector(PRESENT_REGISTER_SELECT_TBL, octets("2829FFFFFF 2829FFFFFF"), tables, size=5 + 5)
    assert decoded.present_demand_select == decoded.present_value_select == [40, 41, 255, 255, 255]


def test_present_values_of_a_hexing_meter():
    decoded = check_vector(PRESENT_REGISTER_DATA_TBL, HEXING_28, hexing(), size=HEXING_SIZES[28])
    assert decoded.present_demand == [{"time_remaining": None, "demand_value": 0}] * 10
    assert {place: value for place, value in enumerate(decoded.present_value) if value} == {10: 22857, 16: 5003}
    check_refusals(PRESENT_REGISTER_DATA_TBL, HEXING_28, hexing())


def test_present_values_of_a_hexing_meter_with_their_units():
    # 228.57 V on phase B and 50.03 Hz: the value, its source (table 27), its unit (table 12 has one for every source).
    values = PRESENT_REGISTER_DATA_TBL.decode(HEXING_28, hexing()).present_value
    select = PRESENT_REGISTER_SELECT_TBL.decode(HEXING_27, hexing()).present_value_select
    units = UOM_ENTRY_TBL.decode(HEXING_12, hexing()).uom_entry
    volts, hertz = units[select[10]], units[select[16]]
    assert (select[10], select[16]) == (20, 26)
    assert (values[10], power_of_ten(volts.multiplier), measured(volts)) == (22857, -2, ("RMS voltage", "V"))
    assert "phase B to neutral" in describe_uom(volts)
    assert (values[16], power_of_ten(hertz.multiplier), measured(hertz)) == (5003, -2, ("frequency", "Hz"))


def test_constructed_present_values_with_time_remaining():
    # Constructed: 300 seconds (2C010000) of TIME in TM_FORMAT 3, INT24 500, INT32 10000 (2710H).
    tables = with_21(SMALL_21, SMALL)
    whole = octets("2C010000 F40100  10270000")
    decoded = check_vector(PRESENT_REGISTER_DATA_TBL, whole, tables, size=SMALL_SIZES[28])
    assert decoded.present_demand[0].time_remaining.value == time(0, 5)
    assert (decoded.present_demand[0].demand_value, decoded.present_value) == (500, [10000])
    check_refusals(PRESENT_REGISTER_DATA_TBL, whole, tables)


def test_a_meter_without_a_clock_has_no_times():
    # TM_FORMAT 0: times take no octets. Constructed: SMALL_21 asks for times, the registers are 65 - 4 * 4 octets.
    tables = with_21(SMALL_21, formats(tm=0, ni1=8, ni2=7))
    whole = bytes(65 - 4 * 4)
    decoded = check_vector(CURRENT_REG_DATA_TBL, whole, tables, size=65 - 4 * 4)
    assert decoded.tot_data_block.demands[0].event_time == [None, None]


@pytest.mark.parametrize("table", TABLES[2:], ids=repr)
def test_dimensions_come_from_table_21(table):
    with pytest.raises(MissingTableError) as info:
        table.decode(b"", {"st0": formats()})
    assert (info.value.table, info.value.needed) == (table.number, (21,))
    with pytest.raises(MissingTableError) as info:
        table.decode(b"")
    assert 21 in info.value.needed


def test_a_cut_register_is_named():
    # Count of resets 1, summations 2 * 4, two times of 4: the cumulative demand begins at 17, two of its octets follow.
    with pytest.raises(TableError, match="4 octets wanted, 2 left") as info:
        CURRENT_REG_DATA_TBL.decode(SMALL_23[:19], with_21(SMALL_21, SMALL))
    assert (info.value.field, info.value.offset) == ("tot_data_block.demands[0].cum_demand", 17)


def test_huge_dimensions_cost_nothing():
    # 255 of everything: the first element that is not there ends it. TIME: 4, STIME_DATE: 4 octets.
    tables = with_21(bytes([0x7F, 0x3F] + [255] * 8), SMALL)
    n1, n2 = 4, 3
    demand = 255 * (4 + n2) + 2 * n1
    registers = 1 + 256 * (255 * n1 + 255 * demand + 255 * 255 * n2)
    assert SELF_READ_DATA_TBL.size(tables=tables) == 6 + 255 * (2 + 4 + 1 + registers)
    # 6 + 2 + 4 + 1 + 1 octets come before the first summation: 86 hold 21 of them and half of the next.
    with pytest.raises(TableError, match="4 octets wanted, 2 left"):
        SELF_READ_DATA_TBL.decode(bytes(100), tables)


dimensions = st.builds(
    lambda flags, counts: bytes([*flags, *counts]),
    st.lists(st.integers(0, 255), min_size=2, max_size=2),
    st.lists(st.integers(0, 3), min_size=8, max_size=8),
)


@given(st0=any_formats, sizes=dimensions, data=st.data())
def test_any_octets(st0, sizes, data):
    tables = with_21(sizes, st0)
    for table in TABLES:
        check_any_octets(table, tables, data)


@given(
    summations=st.lists(st.integers(0, 255), max_size=9),
    demands=st.lists(st.integers(0, 255), max_size=20),
    coincidents=st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255)), max_size=5),
    data=st.data(),
)
def test_any_selection(summations, demands, coincidents, data):
    counts = [0, len(summations), len(demands), len(coincidents), 0, 0, 0, 0]
    tables = with_21(bytes([0, 0, *counts]), formats())
    maxima = data.draw(st.sets(st.integers(0, len(demands) - 1))) if demands else set()
    value = {
        "summation_select": summations,
        "demand_select": demands,
        "min_or_max_flags": sorted(maxima),
        "coincident_select": [source for source, _ in coincidents],
        "coin_demand_assoc": [demand for _, demand in coincidents],
    }
    assert DATA_SELECTION_TBL.decode(DATA_SELECTION_TBL.encode(value, tables), tables) == value


@given(
    big=st.booleans(),
    sums=st.lists(st.integers(-(2**31), 2**31 - 1), min_size=2, max_size=2),
    demands=st.lists(st.integers(-(2**23), 2**23 - 1), min_size=2, max_size=2),
    when=st.datetimes(datetime(1970, 1, 1, 0, 1), datetime(2089, 12, 31)).map(
        lambda moment: moment.replace(second=0, microsecond=0)
    ),
)
def test_any_registers(big, sums, demands, when):
    tables = with_21(SMALL_21, formats(big=big, tm=3, ni1=8, ni2=7))
    block = {
        "summations": sums,
        "demands": [{"event_time": [when, when], "cum_demand": sums[0], "cont_cum_demand": None, "demand": demands}],
        "coincidents": [{"coincident_values": demands}],
    }
    value = {"nbr_demand_resets": 255, "tot_data_block": block, "tier_data_block": [block]}
    decoded = CURRENT_REG_DATA_TBL.decode(CURRENT_REG_DATA_TBL.encode(value, tables), tables)
    for found in (decoded.tot_data_block, *decoded.tier_data_block):
        assert (found.summations, found.coincidents) == (sums, block["coincidents"])
        assert [moment.value for moment in found.demands[0].event_time] == [when, when]
        assert (found.demands[0].cum_demand, found.demands[0].demand) == (sums[0], demands)
