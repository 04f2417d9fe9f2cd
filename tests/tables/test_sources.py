"""Decade 1: sources, units, demand intervals, constants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vector_checks import (
    HEXING_11,
    HEXING_12,
    HEXING_16,
    HEXING_UOM,
    any_formats,
    check_any_octets,
    check_refusals,
    check_vector,
    formats,
    hexing,
    octets,
)

from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.registry import STANDARD
from c1219_tables.standard.sources import (
    ACT_SOURCES_LIM_TBL,
    CONSTANTS_TBL,
    DATA_CONTROL_TBL,
    DEMAND_CONTROL_TBL,
    DIM_SOURCES_LIM_TBL,
    SOURCES_TBL,
    TABLES,
    UOM_ENTRY_TBL,
)


def limits(text, st0=None):
    """Table 0 and a table 11 of these octets."""
    st0 = st0 or formats()
    return {"st0": st0, "st11": ACT_SOURCES_LIM_TBL.decode(octets(text), {"st0": st0})}


def set_bits(entry):
    """Names of a bit field's members that are not 0, with their value; True for a flag."""
    return {name: value for name, value in entry.items() if value}


def test_decade_is_registered_by_number():
    assert [table.number for table in TABLES] == [10, 11, 12, 13, 14, 15, 16]
    assert all(STANDARD.table(table.number) is table for table in TABLES)


@pytest.mark.parametrize("table", [DIM_SOURCES_LIM_TBL, ACT_SOURCES_LIM_TBL], ids=repr)
def test_limits_of_a_hexing_meter(table):
    decoded = check_vector(table, HEXING_11, {"st0": formats()}, size=8)
    # 2AH = 0010 1010: bits 1, 3 and 5. 2AH = 42, 0AH = 10.
    assert set_bits(decoded.source_flags) == {
        "reset_exclude_flag": True,
        "sliding_demand_flag": True,
        "set1_present_flag": True,
    }
    assert {name: value for name, value in decoded.items() if name != "source_flags"} == {
        "nbr_uom_entries": 42,
        "nbr_demand_ctrl_entries": 10,
        "data_ctrl_length": 0,
        "nbr_data_ctrl_entries": 0,
        "nbr_constants_entries": 1,
        "constants_selector": 2,
        "nbr_sources": 42,
    }
    check_refusals(table, HEXING_11, {"st0": formats()})


@pytest.mark.parametrize(
    ("bit", "name"),
    list(
        enumerate(
            [
                "pf_exclude_flag",
                "reset_exclude_flag",
                "block_demand_flag",
                "sliding_demand_flag",
                "thermal_demand_flag",
                "set1_present_flag",
                "set2_present_flag",
                "conversion_alg_flag",
            ]
        )
    ),
)
def test_every_source_flag_has_its_bit(bit, name):
    decoded = ACT_SOURCES_LIM_TBL.decode(bytes([1 << bit]) + bytes(7), {"st0": formats()})
    assert set_bits(decoded.source_flags) == {name: True}


def test_units_of_a_hexing_meter():
    decoded = check_vector(UOM_ENTRY_TBL, HEXING_12, hexing(), size=4 * 42)
    # Decoding as the reference states it: id code, time base, multiplier code, quadrants, segmentation.
    q1, q2, q3, q4 = (f"q{n}_accountability" for n in (1, 2, 3, 4))
    everywhere = {q1: True, q2: True, q3: True, q4: True}
    stated = {
        0: {q1: True, q4: True},
        1: {q2: True, q3: True},
        2: everywhere,
        3: {**everywhere, "net_flow_accountability": True},
        16: {"id_code": 12, "time_base": 2, "multiplier": 5, "segmentation": 5},
        20: {"id_code": 8, "time_base": 2, "multiplier": 5, "segmentation": 6},
        22: {"id_code": 25, "time_base": 2, "multiplier": 6},
        26: {"id_code": 33, "time_base": 2, "multiplier": 5, "segmentation": 4},
        32: {"time_base": 4, q1: True, q4: True},
    }
    assert stated.keys() == HEXING_UOM.keys()
    assert {entry: set_bits(decoded.uom_entry[entry]) for entry in stated} == stated
    check_refusals(UOM_ENTRY_TBL, HEXING_12, hexing())


CONSTRUCTED_UOM = {
    # 00025000H: bits 12 (multiplier 2), 14 and 17. kWh delivered.
    "00025000": {"multiplier": 2, "q1_accountability": True, "q4_accountability": True},
    # 00282908H: id 08H; 29H = 00101 001: multiplier 5, time base 1; 28H: bits 19 and 21, segmentation 5.
    "00282908": {"id_code": 8, "time_base": 1, "multiplier": 5, "segmentation": 5},
    # 0007C401H: id 1; 4 in bits 8-10; bits 14 to 18.
    "0007C401": {
        "id_code": 1,
        "time_base": 4,
        "q1_accountability": True,
        "q2_accountability": True,
        "q3_accountability": True,
        "q4_accountability": True,
        "net_flow_accountability": True,
    },
    # Bit 22; FH << 23 = 07800000H with the bit above it, 1FH << 23 = 0F800000H; bit 31; bit 29 is of the spare 28-30.
    "AFC00000": {"harmonic": True, "id_resource": 31, "spare_28_30": 2, "nfs": True},
}


@pytest.mark.parametrize("big", [False, True], ids=["least-first", "most-first"])
def test_constructed_units_in_both_orders(big):
    tables = limits("00 04 00 00 00 00 02 04", formats(big=big))
    whole = b"".join(octets(text)[:: 1 if big else -1] for text in CONSTRUCTED_UOM)
    decoded = check_vector(UOM_ENTRY_TBL, whole, tables, size=4 * 4)
    assert [set_bits(entry) for entry in decoded.uom_entry] == list(CONSTRUCTED_UOM.values())


DEMAND_CONTROL = [
    # Constructed. Flags 0BH: power failure, reset, sliding; two entries. Size 1 + 3 + 2 * 2.
    pytest.param(
        "0B 00 02 00 00 00 02 00",
        False,
        "0F 05 0A 3C  05 03  0F 01",
        {
            "reset_exclusion": 15,
            "p_fail_recogntn_tm": 5,
            "p_fail_exclusion": 10,
            "cold_load_pickup": 60,
            "interval_value": [
                {"sub_int": 5, "int_multiplier": 3, "int_length": None},
                {"sub_int": 15, "int_multiplier": 1, "int_length": None},
            ],
        },
        1 + 3 * 1 + 2 * 2,
        id="all-flags-sliding",
    ),
    # Constructed. No flag; intervals of 15 and 0101H = 257 minutes, least significant octet first.
    pytest.param(
        "00 00 02 00 00 00 02 00",
        False,
        "0F 00  01 01",
        {
            "reset_exclusion": None,
            "p_fail_recogntn_tm": None,
            "p_fail_exclusion": None,
            "cold_load_pickup": None,
            "interval_value": [
                {"sub_int": None, "int_multiplier": None, "int_length": 15},
                {"sub_int": None, "int_multiplier": None, "int_length": 257},
            ],
        },
        0 + 3 * 0 + 2 * 2,
        id="no-flag-block",
    ),
    # Constructed. Reset exclusion alone, most significant octet first.
    pytest.param(
        "02 00 01 00 00 00 02 00",
        True,
        "1E 00 3C",
        {
            "reset_exclusion": 30,
            "p_fail_recogntn_tm": None,
            "p_fail_exclusion": None,
            "cold_load_pickup": None,
            "interval_value": [{"sub_int": None, "int_multiplier": None, "int_length": 60}],
        },
        1 + 3 * 0 + 2 * 1,
        id="reset-only-most-first",
    ),
]


@pytest.mark.parametrize(("dimensions", "big", "text", "value", "size"), DEMAND_CONTROL)
def test_demand_control(dimensions, big, text, value, size):
    tables = limits(dimensions, formats(big=big))
    assert check_vector(DEMAND_CONTROL_TBL, octets(text), tables, size=size) == value
    check_refusals(DEMAND_CONTROL_TBL, octets(text), tables)


@pytest.mark.parametrize(("dimensions", "big", "text", "value", "size"), DEMAND_CONTROL)
def test_demand_control_without_the_keys_of_what_is_absent(dimensions, big, text, value, size):
    tables = limits(dimensions, formats(big=big))
    entries = [{name: part for name, part in entry.items() if part is not None} for entry in value["interval_value"]]
    given = {name: part for name, part in value.items() if part is not None} | {"interval_value": entries}
    assert DEMAND_CONTROL_TBL.encode(given, tables) == octets(text)
    for name in given:
        with pytest.raises(TableError, match=f"{name}: a value is missing"):
            DEMAND_CONTROL_TBL.encode({other: part for other, part in given.items() if other != name}, tables)


def test_demand_control_of_the_hexing_dimensions_has_21_octets():
    # The reference computes 21 from that meter's own table 11: 1 + 0 + 2 * 10.
    assert DEMAND_CONTROL_TBL.size(tables=hexing()) == 21


def test_demand_control_refuses_what_its_flags_exclude():
    tables = limits("00 00 01 00 00 00 02 00")
    entry = {"sub_int": 5, "int_multiplier": 3, "int_length": None}
    excluded = dict.fromkeys(["reset_exclusion", "p_fail_recogntn_tm", "p_fail_exclusion", "cold_load_pickup"])
    with pytest.raises(TableError, match="where nothing is wanted") as info:
        DEMAND_CONTROL_TBL.encode({**excluded, "interval_value": [entry]}, tables)
    assert info.value.field == "interval_value[0].sub_int"


def test_data_control():
    # Constructed: two selectors of three octets.
    tables = limits("00 00 00 03 02 00 02 00")
    decoded = check_vector(DATA_CONTROL_TBL, octets("010203 A1A2A3"), tables, size=2 * 3)
    assert decoded == {"source_id": [b"\x01\x02\x03", b"\xa1\xa2\xa3"]}
    check_refusals(DATA_CONTROL_TBL, octets("010203 A1A2A3"), tables)


def test_data_control_of_a_meter_without_is_empty():
    assert check_vector(DATA_CONTROL_TBL, b"", hexing(), size=0) == {"source_id": []}


# Constructed; NI_FMAT1 is INT32 (4 octets), little endian: 0A000000 is 10, FFFFFFFF -1, 28000000 40, 78000000 120.
ONE_SET = {"set_flags": {"set_applied_flag": True, "spare_1_7": 0}, "ratio_f1": 40, "ratio_p1": 120}
NO_SET_APPLIED = {"set_flags": {"set_applied_flag": False, "spare_1_7": 0x41}, "ratio_f1": 1, "ratio_p1": 2}
ELECTRIC = [
    pytest.param(
        "00 00 00 00 00 02 02 00",
        "0A000000 FFFFFFFF  01000000 00000000",
        [
            {"multiplier": 10, "offset": -1, "set1_constants": None, "set2_constants": None},
            {"multiplier": 1, "offset": 0, "set1_constants": None, "set2_constants": None},
        ],
        2 * (2 * 4 + (0 + 0) * (1 + 2 * 4)),
        id="no-sets",
    ),
    pytest.param(
        "20 00 00 00 00 01 02 00",
        "0A000000 FFFFFFFF  01 28000000 78000000",
        [{"multiplier": 10, "offset": -1, "set1_constants": ONE_SET, "set2_constants": None}],
        1 * (2 * 4 + (1 + 0) * (1 + 2 * 4)),
        id="set-1",
    ),
    # 82H: the flag clear, 41H in bits 1 to 7, which are filler and are kept.
    pytest.param(
        "60 00 00 00 00 01 02 00",
        "0A000000 FFFFFFFF  01 28000000 78000000  82 01000000 02000000",
        [{"multiplier": 10, "offset": -1, "set1_constants": ONE_SET, "set2_constants": NO_SET_APPLIED}],
        1 * (2 * 4 + (1 + 1) * (1 + 2 * 4)),
        id="both-sets",
    ),
    # Bit 7 alone changes nothing: OFFSET stays.
    pytest.param(
        "80 00 00 00 00 01 02 00",
        "0A000000 FFFFFFFF",
        [{"multiplier": 10, "offset": -1, "set1_constants": None, "set2_constants": None}],
        1 * (2 * 4),
        id="bit-7-keeps-offset",
    ),
]


@pytest.mark.parametrize(("dimensions", "text", "value", "size"), ELECTRIC)
def test_electric_constants(dimensions, text, value, size):
    tables = limits(dimensions)
    assert check_vector(CONSTANTS_TBL, octets(text), tables, size=size) == {"constants": value}
    check_refusals(CONSTANTS_TBL, octets(text), tables)


def test_electric_constants_without_offset_in_that_dialect():
    # Constructed: bit 7 and SET1; one implementation's reading drops OFFSET then.
    tables = limits("A0 00 00 00 00 01 02 00")
    decoded = check_vector(
        CONSTANTS_TBL,
        octets("0A000000 01 28000000 78000000"),
        tables,
        size=1 * 4 + 1 + 2 * 4,
        dialect={"no_offset_flag": True},
    )
    assert decoded.constants == [{"multiplier": 10, "offset": None, "set1_constants": ONE_SET, "set2_constants": None}]
    # The same dialect with bit 7 clear: OFFSET is there.
    assert CONSTANTS_TBL.size(tables=limits("20 00 00 00 00 01 02 00"), dialect={"no_offset_flag": True}) == 17


def test_constants_of_the_hexing_dimensions_are_one_entry():
    # 1 entry, SET1: 2 * 4 + 1 * (1 + 2 * 4) = 17.
    assert CONSTANTS_TBL.size(tables=hexing()) == 17


def numbered(first, last):
    """INT24, least significant octet first, of the numbers from first to last."""
    return b"".join(bytes([n, 0, 0]) for n in range(first, last + 1))


def test_gas_constants_aga3():
    # Constructed: NI_FMAT2 is INT24, the numbers 1 to 18 in the order of the members, the tap (AAH) behind the 10th.
    tables = limits("00 00 00 00 00 01 00 00", formats(ni2=7))
    whole = numbered(1, 10) + b"\xaa" + numbered(11, 18)
    assert check_vector(CONSTANTS_TBL, whole, tables, size=18 * 3 + 1).constants == [
        {
            "gas_dp": {"gas_dp_zero": 1, "gas_dp_fullscale": 2},
            "gas_dp_shutoff": {"gas_shutoff": 3},
            "gas_pressure": {"gas_press_zero": 4, "gas_press_fullscale": 5, "base_pressure": 6},
            "gas_aga3_corr": {
                "aux_corr_fctr": 7,
                "gas_aga3_corr_fctr": 8,
                "pipe_orif_dia": {"pipe_dia": 9, "orif_dia": 10},
                "tap_up_dn": 0xAA,
                "gas_pressure": {"gas_press_zero": 11, "gas_press_fullscale": 12, "base_pressure": 13},
                "gas_temp": {"gas_temp_zero": 14, "gas_temp_fullscale": 15, "base_temp": 16},
            },
            "gas_energy": {"gas_energy_zero": 17, "gas_energy_full": 18},
        }
    ]
    check_refusals(CONSTANTS_TBL, whole, tables)


def test_gas_constants_aga7():
    tables = limits("00 00 00 00 00 01 01 00", formats(ni2=7))
    assert check_vector(CONSTANTS_TBL, numbered(1, 10), tables, size=10 * 3).constants == [
        {
            "gas_aga7_corr": {
                "gas_pressure": {"gas_press_zero": 1, "gas_press_fullscale": 2, "base_pressure": 3},
                "gas_temp": {"gas_temp_zero": 4, "gas_temp_fullscale": 5, "base_temp": 6},
                "aux_corr_fctr": 7,
                "gas_aga7_corr": 8,
            },
            "gas_energy": {"gas_energy_zero": 9, "gas_energy_full": 10},
        }
    ]
    check_refusals(CONSTANTS_TBL, numbered(1, 10), tables)


def test_constants_of_a_reserved_selector_are_octets():
    tables = limits("00 00 00 00 00 02 03 00")
    decoded = CONSTANTS_TBL.decode(b"\x01\x02\x03", tables)
    assert decoded == {"constants": b"\x01\x02\x03"}
    assert CONSTANTS_TBL.encode(decoded, tables) == b"\x01\x02\x03"
    assert CONSTANTS_TBL.size(tables=tables) is None


def test_sources_of_a_hexing_meter():
    decoded = check_vector(SOURCES_TBL, HEXING_16, hexing(), size=42)
    # 19H: bits 0, 3, 4; 11H: bits 0, 4; 12H: bits 1, 4.
    energy = {"uom_entry_flag": True, "constants_flag": True, "pulse_engr_flag": True}
    present = {"uom_entry_flag": True, "pulse_engr_flag": True}
    demand = {"demand_ctrl_flag": True, "pulse_engr_flag": True}
    assert [set_bits(link) for link in decoded.sources_link] == [energy] * 22 + [present] * 10 + [demand] * 10
    # The reference counts 32 sources with a unit of their own and 22 with constants.
    assert sum(link.uom_entry_flag for link in decoded.sources_link) == 32
    assert sum(link.constants_flag for link in decoded.sources_link) == 22
    check_refusals(SOURCES_TBL, HEXING_16, hexing())


def test_source_links_keep_their_filler():
    # Constructed. E4H = 1110 0100: bits 2, 5 and the filler 6-7.
    tables = limits("00 00 00 00 00 00 02 01")
    decoded = check_vector(SOURCES_TBL, b"\xe4", tables, size=1)
    assert set_bits(decoded.sources_link[0]) == {
        "data_ctrl_flag": True,
        "constant_to_be_applied": True,
        "spare_6_7": 3,
    }


@pytest.mark.parametrize("whole", [b"", b"\x00\x01\x02"], ids=["empty", "some"])
def test_table_17_is_octets(whole):
    table = STANDARD.table(17)
    assert table.name == "TRANSFORMER_LOSS_COMPENSATION_TBL"
    decoded = table.decode(whole)
    assert decoded == {"octets": whole}
    assert table.encode(decoded) == whole


@pytest.mark.parametrize("table", TABLES[2:], ids=repr)
def test_dimensions_come_from_table_11(table):
    with pytest.raises(MissingTableError) as info:
        table.decode(b"", {"st0": formats()})
    assert (info.value.table, info.value.needed) == (table.number, (11,))


def test_a_cut_entry_is_named():
    # Entry 1 of table 12 begins at octet 4; 2 of its 4 octets are there.
    with pytest.raises(TableError, match="4 octets wanted, 2 left") as info:
        UOM_ENTRY_TBL.decode(HEXING_12[:6], hexing())
    assert (info.value.field, info.value.offset) == ("uom_entry[1]", 4)


def test_a_value_that_does_not_fit_is_named():
    entry = {"id_code": 256}
    with pytest.raises(TableError, match="0 to 255 fits") as info:
        UOM_ENTRY_TBL.encode({"uom_entry": [entry]}, limits("00 01 00 00 00 00 02 00"))
    assert info.value.field == "uom_entry[0].id_code"


dimensions = st.builds(
    lambda flags, counts, selector: bytes([flags, *counts, selector, counts[0]]),
    st.integers(0, 255),
    st.lists(st.integers(0, 4), min_size=5, max_size=5),
    st.integers(0, 4),
)


@given(st0=any_formats, limiting=dimensions, dropped=st.booleans(), data=st.data())
def test_any_octets(st0, limiting, dropped, data):
    tables = {"st0": st0, "st11": ACT_SOURCES_LIM_TBL.decode(limiting, {"st0": st0})}
    for table in TABLES:
        check_any_octets(table, tables, data, dialect={"no_offset_flag": dropped})


@given(
    entries=st.lists(
        st.fixed_dictionaries(
            {
                "id_code": st.integers(0, 255),
                "time_base": st.integers(0, 7),
                "multiplier": st.integers(0, 7),
                "q1_accountability": st.booleans(),
                "q2_accountability": st.booleans(),
                "q3_accountability": st.booleans(),
                "q4_accountability": st.booleans(),
                "net_flow_accountability": st.booleans(),
                "segmentation": st.integers(0, 7),
                "harmonic": st.booleans(),
                "id_resource": st.integers(0, 31),
                "spare_28_30": st.integers(0, 7),
                "nfs": st.booleans(),
            }
        ),
        max_size=5,
    ),
    big=st.booleans(),
)
def test_any_units(entries, big):
    tables = limits(f"00 {len(entries):02X} 00 00 00 00 02 00", formats(big=big))
    assert UOM_ENTRY_TBL.decode(UOM_ENTRY_TBL.encode({"uom_entry": entries}, tables), tables).uom_entry == entries
