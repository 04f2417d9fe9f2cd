"""Decade 0: formats, identification, nameplate, state, pending tables, procedures as octets."""

import json
import os
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vector_checks import check_any_octets, check_refusals, check_vector, octets

from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.formats import Formats
from c1219_tables.identifiers import TABLE_IDA_BFLD, TABLE_IDB_BFLD, TABLE_IDC_BFLD
from c1219_tables.registry import STANDARD
from c1219_tables.schema.dialect import Struct
from c1219_tables.schema.layout import Layout
from c1219_tables.standard.general import (
    DEVICE_IDENT_TBL,
    DEVICE_NAMEPLATE_TBL,
    ED_MODE_STATUS_TBL,
    GEN_CONFIG_TBL,
    GENERAL_MFG_ID_TBL,
    PENDING_STATUS_TBL,
    PROC_INITIATE_TBL,
    PROC_RESPONSE_TBL,
    TABLES,
    UTIL_INFO_TBL,
)

# A GE I-210+c (key JC), a Hexing HXS300 (key HX): recorded. The third was written by hand for the reference.
GE_0 = octets(
    "02 0A 8A 47452020 02 00 08 0C 02 00 0F 0F 03 0C 01 04"
    "EFF9E19E030078E0811900000080 0B 01000000000000007C5C30600086 FF 790623 0F00000000000000DFDA7108"
    "E0F8E10203006860800800000000 0A 00000000000000005C1410600082 84"
)
HEXING_0 = octets(
    "02 0A 88 4845434F 02 00 19 19 01 00 0A 02 02 03 01 00"
    "EFBDF1DF031EFCF0C11F C203 C807 000000 E0A0400002244000000A C003"
)
MADE_0 = octets("02 3B 78 54455354 02 00 10 10 02 00 04 01 02 00 01 00 8B19E110 01 0906 80000000 00")

FIXED = 19


def meter(text=GE_0, **changes):
    """Table 0 of these octets, with some elements changed."""
    return {"st0": {**GEN_CONFIG_TBL.decode(text), **changes}}


GE, HEXING, MADE = meter(GE_0), meter(HEXING_0), meter(MADE_0)


def ranges(text):
    """Numbers of a text as the reference writes it: `0-3, 5` is 0 1 2 3 5."""
    ends = [part.split("-") for part in text.split(", ")]
    return [number for low, *high in ends for number in range(int(low), int([low, *high][-1]) + 1)]


def set_bits(entry):
    """Names of a bit field's members that are not 0."""
    return {name: value for name, value in entry.items() if value}


def test_decade_is_registered_by_number():
    assert [table.number for table in TABLES] == list(range(9))
    assert all(STANDARD.table(table.number) is table for table in TABLES)


@pytest.mark.parametrize("table", TABLES[1:], ids=repr)
def test_all_but_table_0_need_it(table):
    assert table.needs == (0,)
    with pytest.raises(MissingTableError, match="needs ST-0 of the same meter") as info:
        table.decode(bytes(3))
    assert info.value.needed == (0,)


# Table 0


@pytest.mark.parametrize(
    ("given_octets", "dimensions"),
    [(GE_0, (15, 15, 3, 12)), (HEXING_0, (10, 2, 2, 3)), (MADE_0, (4, 1, 2, 0))],
    ids=["recorded-ge", "recorded-hexing", "written-by-hand"],
)
def test_st0(given_octets, dimensions):
    std_tables, mfg_tables, std_procs, mfg_procs = dimensions
    decoded = GEN_CONFIG_TBL.decode(given_octets)
    assert GEN_CONFIG_TBL.encode(decoded) == GEN_CONFIG_TBL.encode(dict(decoded)) == given_octets
    # The reference's formula; 94, 48 and 31 octets.
    assert len(given_octets) == FIXED + 2 * std_tables + 2 * mfg_tables + std_procs + mfg_procs
    assert GEN_CONFIG_TBL.size(decoded) == len(given_octets)
    for cut in range(len(given_octets)):
        with pytest.raises(TableError, match=r"ST-0 .*wanted"):
            GEN_CONFIG_TBL.decode(given_octets[:cut])
    with pytest.raises(TableError, match="1 octets left over"):
        GEN_CONFIG_TBL.decode(given_octets + b"\0")


def test_st0_of_a_ge_meter():
    decoded = GEN_CONFIG_TBL.decode(GE_0)
    # 02H = 0000 0010: bits 1 to 3 hold 1. 0AH = 0000 1010: bits 0 to 2 hold 2, bits 3 and 4 hold 1. 8AH: 10 and 8.
    assert set_bits(decoded.format_control_1) == {"char_format": 1}
    assert set_bits(decoded.format_control_2) == {"tm_format": 2, "data_access_method": 1}
    assert decoded.format_control_3 == {"ni_format1": 10, "ni_format2": 8}
    assert (decoded.device_class, decoded.nameplate_type, decoded.std_version_no) == (b"GE  ", 2, 2)
    assert (decoded.max_proc_parm_length, decoded.max_resp_data_len) == (8, 12)
    assert (decoded.dim_mfg_status_used, decoded.nbr_pending) == (1, 4)
    assert decoded.std_tbls_used == ranges(
        "0-3, 5-8, 11-16, 21-23, 25-28, 31-33, 51-54, 61-64, 71, 72, 75, 76, 111-113, 115"
    )
    assert decoded.std_proc_used == [0, 3, 4, 5, 6, 9, 10, 16, 17, 21]
    assert decoded.mfg_proc_used == ranges("0-3, 64-68, 70, 71, 73, 75, 76, 78-80, 84-86, 91")
    assert decoded.mfg_tbls_used == ranges("0, 66-70, 74-76, 78, 84, 85, 93, 94, 105, 106, 111-119")


def test_st0_of_a_hexing_meter():
    decoded = GEN_CONFIG_TBL.decode(HEXING_0)
    assert decoded.format_control_3 == {"ni_format1": 8, "ni_format2": 8}
    assert (decoded.device_class, decoded.nbr_pending, decoded.std_version_no) == (b"HECO", 0, 1)
    assert decoded.std_tbls_used == ranges("0-3, 5-8, 10-13, 15, 16, 20-28, 30-33, 41-44, 50-55, 60-64, 70-76")
    assert decoded.std_proc_used == [3, 6, 7, 8, 9, 10]


def test_st0_written_by_hand():
    decoded = GEN_CONFIG_TBL.decode(MADE_0)
    assert set_bits(decoded.format_control_2) == {"tm_format": 3, "data_access_method": 3, "id_form": True}
    assert decoded.format_control_3 == {"ni_format1": 8, "ni_format2": 7}
    assert decoded.device_class == b"TEST"
    assert decoded.std_tbls_used == [0, 1, 3, 7, 8, 11, 12, 16, 21, 22, 23, 28]
    assert decoded.mfg_tbls_used == [0]
    assert decoded.std_proc_used == [0, 3, 9, 10]
    assert decoded.std_tbls_write == [7]
    assert decoded.mfg_proc_used == decoded.mfg_tbls_write == []


# Table 1


def test_st1_of_a_ge_meter_with_text_identifiers():
    # Serial number replaced.
    given_octets = octets("47452020 493231302B632020 01 09 02 00") + b"00000001".ljust(16)
    decoded = check_vector(GENERAL_MFG_ID_TBL, given_octets, GE, size=32)
    assert (decoded.manufacturer, decoded.ed_model) == ("GE  ", "I210+c  ")
    assert (decoded.hw_version_number, decoded.hw_revision_number) == (1, 9)
    assert (decoded.fw_version_number, decoded.fw_revision_number) == (2, 0)
    assert decoded.mfg_serial_number == "00000001        "
    check_refusals(GENERAL_MFG_ID_TBL, given_octets, GE)


def test_st1_of_a_hexing_meter():
    given_octets = octets("4858434F 4858533330302020 01 00 01 00") + b"0" * 16
    decoded = check_vector(GENERAL_MFG_ID_TBL, given_octets, HEXING, size=32)
    assert (decoded.manufacturer, decoded.ed_model) == ("HXCO", "HXS300  ")


def test_st1_with_bcd_identifiers_written_by_hand():
    given_octets = octets("54535420 4D4F44454C2D3120 01 02 03 04 0000000012345678")
    decoded = check_vector(GENERAL_MFG_ID_TBL, given_octets, MADE, size=24)
    assert decoded.ed_model == "MODEL-1 "
    assert (decoded.hw_version_number, decoded.hw_revision_number) == (1, 2)
    assert (decoded.fw_version_number, decoded.fw_revision_number) == (3, 4)
    assert decoded.mfg_serial_number == "0000000012345678"
    check_refusals(GENERAL_MFG_ID_TBL, given_octets, MADE)


def test_st1_keeps_the_serial_number_raw_where_bit_7_of_format_control_1_is_set():
    tables = meter(b"\x82" + GE_0[1:])
    given_octets = octets("47452020 493231302B632020 01 09 02 00 0102030405060708")
    decoded = GENERAL_MFG_ID_TBL.decode(given_octets, tables)
    assert decoded.mfg_serial_number == bytes(range(1, 9))
    assert GENERAL_MFG_ID_TBL.encode(decoded, tables) == given_octets


# Table 2


def test_st2_of_a_ge_meter():
    given_octets = octets("312E30000000 312E30000000 01 2020202032 4B00 05 323030000000 333000000000")
    decoded = check_vector(DEVICE_NAMEPLATE_TBL, given_octets, GE, size=33).nameplate
    assert decoded == {
        "e_kh": "1.0\0\0\0",
        "e_kt": "1.0\0\0\0",
        "e_input_scalar": 1,
        "e_ed_config": "    2",
        # 4BH = 0100 1011, least significant octet first: bits 0-2 hold 3, 3-5 hold 1, 6-9 hold 1, the others 0.
        "e_elements": {"e_freq": 3, "e_no_of_elements": 1, "e_base_type": 1, "e_accuracy_class": 0},
        "e_volts": {"e_elements_volts": 5, "e_ed_supply_volts": 0},
        "e_class_max_amps": "200\0\0\0",
        "e_ta": "30\0\0\0\0",
    }
    check_refusals(DEVICE_NAMEPLATE_TBL, given_octets, GE)


@pytest.mark.parametrize("kind", [0, 1, 3, 255], ids=["gas", "water", "reserved", "last"])
def test_st2_of_another_kind_of_meter_is_octets(kind):
    tables = meter(nameplate_type=kind)
    decoded = DEVICE_NAMEPLATE_TBL.decode(b"\x01\x02\x03", tables)
    assert decoded.nameplate == b"\x01\x02\x03"
    assert decoded.expected_size is None
    assert DEVICE_NAMEPLATE_TBL.encode(decoded, tables) == b"\x01\x02\x03"


# Table 3


def test_st3_of_a_ge_meter():
    decoded = check_vector(ED_MODE_STATUS_TBL, octets("01 4000 00 00"), GE, size=4 + 1)
    assert set_bits(decoded.ed_mode) == {"metering_flag": True}
    # Least significant octet first: 0040H is bit 6.
    assert set_bits(decoded.ed_std_status1) == {"clock_error_flag": True}
    assert decoded.ed_std_status2 == {"spare_0_7": 0}
    assert decoded.ed_mfg_status == []
    check_refusals(ED_MODE_STATUS_TBL, octets("01 4000 00 00"), GE)


def test_st3_of_a_hexing_meter():
    decoded = check_vector(ED_MODE_STATUS_TBL, octets("01 0000 00 20"), HEXING, size=4 + 1)
    assert set_bits(decoded.ed_std_status1) == {}
    assert decoded.ed_mfg_status == [5]


STATUS1 = """unprogrammed configuration_error self_chk_error ram_failure rom_failure nonvol_mem_failure clock_error
    measurement_error low_battery low_loss_potential demand_overload power_failure tamper_detect reverse_rotation"""


@pytest.mark.parametrize(("bit", "name"), list(enumerate(STATUS1.split())))
def test_st3_conditions_by_bit(bit, name):
    """Made octets: one bit each, in a meter that sends the most significant octet first."""
    big = {**GEN_CONFIG_TBL.decode(GE_0).format_control_1, "data_order": True}
    tables = meter(format_control_1=big, dim_mfg_status_used=0)
    given_octets = b"\x00" + (1 << bit).to_bytes(2, "big") + b"\x00"
    decoded = check_vector(ED_MODE_STATUS_TBL, given_octets, tables, size=4 + 0)
    assert set_bits(decoded.ed_std_status1) == {f"{name}_flag": True}


def test_st3_keeps_spare_bits_and_as_many_status_octets_as_table_0_says():
    """Made octets: every spare bit is set; 13 octets of maker's conditions, bit 103 the last."""
    given_octets = octets("F8 00C0 FF") + bytes(12) + b"\x81"
    decoded = check_vector(ED_MODE_STATUS_TBL, given_octets, meter(dim_mfg_status_used=13), size=4 + 13)
    assert set_bits(decoded.ed_mode) == {"factory_flag": True, "spare_4_7": 15}
    assert set_bits(decoded.ed_std_status1) == {"spare_14_15": 3}
    assert decoded.ed_mfg_status == [96, 103]


# Table 4: no octets of a meter are public

PENDING = octets("04000000 01 E05DB101 02 80 0102030405 3610 00 A1A2A3A4A5 0D18")
"""Standard table 2 and manufacturer table 0 pend; 01B15DE0H = 28401120 minutes after 1970 is 2024-01-01 00:00.

Two entries: 1036H = 4096 + 54 is the pending form of standard table 54, 180DH = 4096 + 2048 + 13 that of MT-13.
"""


def pending(**changes):
    return meter(MADE_0, nbr_pending=2, **changes)


def test_st4_made():
    # DIM_STD_TBLS_USED 4, DIM_MFG_TBLS_USED 1, STIME_DATE 4 in TM_FORMAT 3, NBR_PENDING 2.
    decoded = check_vector(PENDING_STATUS_TBL, PENDING, pending(), size=4 + 1 + 4 + 1 + 8 * 2)
    assert (decoded.standard_pending, decoded.manufacturer_pending) == ([2], [0])
    assert decoded.last_activation_time_date.value == datetime(2024, 1, 1)
    assert decoded.nr_of_pending_activations == 2
    first, second = decoded.entry_activation
    assert (first.event.status, first.event.event_storage) == ({"spare_0_7": 0x80}, bytes([1, 2, 3, 4, 5]))
    assert set_bits(first.table_id) == {"tbl_proc_nbr": 54, "pending_flag": True}
    assert set_bits(second.table_id) == {"tbl_proc_nbr": 13, "std_vs_mfg_flag": True, "pending_flag": True}
    assert first.filler is None
    check_refusals(PENDING_STATUS_TBL, PENDING, pending())


def test_st4_with_wide_entries():
    """Made octets: the same with two octets behind each entry."""
    wide = PENDING[:18] + b"\xf1\xf2" + PENDING[18:] + b"\xf3\xf4"
    dialect = {"wide_pending_entries": True}
    decoded = check_vector(PENDING_STATUS_TBL, wide, pending(), size=4 + 1 + 4 + 1 + 10 * 2, dialect=dialect)
    assert [entry.filler for entry in decoded.entry_activation] == [b"\xf1\xf2", b"\xf3\xf4"]


def test_st4_of_a_meter_without_pending_tables_or_clock():
    """Made octets: no set, no time, no entry; the count alone is left."""
    no_clock = {**MADE["st0"]["format_control_2"], "tm_format": 0}
    nothing = meter(MADE_0, format_control_2=no_clock, dim_std_tbls_used=0, dim_mfg_tbls_used=0, nbr_pending=0)
    decoded = check_vector(PENDING_STATUS_TBL, b"\x00", nothing, size=0 + 0 + 0 + 1 + 0)
    assert decoded.entry_activation == []


# Tables 5 and 6


def test_st5_of_a_ge_meter():
    # Serial number replaced: two blanks before it, nine behind.
    given_octets = octets("2020 303030303030303031") + b" " * 9
    decoded = check_vector(DEVICE_IDENT_TBL, given_octets, GE, size=20)
    assert decoded.identification == "  000000001         "
    check_refusals(DEVICE_IDENT_TBL, given_octets, GE)


def test_st5_with_bcd_identifier():
    """Made octets: twenty digits in ten octets."""
    decoded = check_vector(DEVICE_IDENT_TBL, octets("00112233445566778899"), MADE, size=10)
    assert decoded.identification == "00112233445566778899"
    check_refusals(DEVICE_IDENT_TBL, octets("00112233445566778899"), MADE)


def test_st6_of_a_ge_meter():
    """230 octets, as the reference describes the recording: coordinates "0", a programmer, NUL everywhere else."""
    coordinate = b"0" + b" " * 9
    given_octets = bytes(7 * 20) + 3 * coordinate + bytes(8 + 6 + 6) + b"0123456789" + bytes(30)
    decoded = check_vector(UTIL_INFO_TBL, given_octets, GE, size=230)
    assert decoded.coordinate_1 == decoded.coordinate_2 == decoded.coordinate_3 == coordinate
    assert decoded.programmer_name == "0123456789"
    assert decoded.owner_name == "\0" * 20
    check_refusals(UTIL_INFO_TBL, given_octets, GE)


def test_st6_with_bcd_identifiers():
    """Made octets: every element holds its own digit, letter or number."""
    given_octets = (
        b"O" * 20 + b"D" * 20
        + b"".join(bytes([0x11 * n]) * 10 for n in range(1, 6))
        + b"x" * 10 + b"y" * 10 + b"z" * 10
        + b"TARIFF 1" + b"SOFT" + bytes([1, 2]) + b"WARE" + bytes([3, 4])
        + b"PROGRAMMER" + b"m" * 30
    )  # fmt: skip
    decoded = check_vector(UTIL_INFO_TBL, given_octets, MADE, size=180)
    assert decoded == {
        "owner_name": "O" * 20,
        "utility_div": "D" * 20,
        "service_point_id": "1" * 20,
        "elec_addr": "2" * 20,
        "device_id": "3" * 20,
        "util_ser_no": "4" * 20,
        "customer_id": "5" * 20,
        "coordinate_1": b"x" * 10,
        "coordinate_2": b"y" * 10,
        "coordinate_3": b"z" * 10,
        "tariff_id": "TARIFF 1",
        "ex1_sw_vendor": "SOFT",
        "ex1_sw_version_number": 1,
        "ex1_sw_revision_number": 2,
        "ex2_sw_vendor": "WARE",
        "ex2_sw_version_number": 3,
        "ex2_sw_revision_number": 4,
        "programmer_name": "PROGRAMMER",
        "misc_id": "m" * 30,
    }
    check_refusals(UTIL_INFO_TBL, given_octets, MADE)


@pytest.mark.parametrize(
    ("table", "size", "form"),
    [
        (GENERAL_MFG_ID_TBL, 32, "text"),
        (GENERAL_MFG_ID_TBL, 24, "BCD"),
        (DEVICE_IDENT_TBL, 20, "text"),
        (DEVICE_IDENT_TBL, 10, "BCD"),
        (UTIL_INFO_TBL, 230, "text"),
        (UTIL_INFO_TBL, 180, "BCD"),
    ],
)
def test_length_says_the_form_of_identifiers_where_table_0_was_not_read(table, size, form):
    decoded = table.decode(b"1" * size)
    assert f"{size} octets are the form with {form} identifiers" in decoded.assumed
    assert [remark.code for remark in decoded.remarks] == ["assumed"]
    with pytest.raises(MissingTableError):
        table.decode(b"1" * (size - 1))


# Tables 7 and 8


def test_st7_with_a_makers_procedure():
    """A request that one tool sends to GE meters: manufacturer procedure 70, sequence number 28, six octets."""
    given_octets = octets("4608 1C 030B0C090F12")
    decoded = PROC_INITIATE_TBL.decode(given_octets, GE)
    assert decoded == {
        # 0846H = 2048 + 70, selector 0.
        "proc": {"tbl_proc_nbr": 70, "std_vs_mfg_flag": True, "selector": 0},
        "seq_nbr": 28,
        "parm": octets("030B0C090F12"),
    }
    assert PROC_INITIATE_TBL.encode(decoded, GE) == PROC_INITIATE_TBL.encode(dict(decoded), GE) == given_octets
    assert PROC_INITIATE_TBL.size(decoded, GE) == 3 + 6
    for cut in range(3):
        with pytest.raises(TableError, match=r"ST-7 .*wanted"):
            PROC_INITIATE_TBL.decode(given_octets[:cut], GE)


def test_st8_made():
    """Made octets: the same procedure with selector 3 (3846H) answers that it is not done yet."""
    given_octets = octets("4638 1C 01 AABB")
    decoded = PROC_RESPONSE_TBL.decode(given_octets, GE)
    assert decoded == {
        "proc": {"tbl_proc_nbr": 70, "std_vs_mfg_flag": True, "selector": 3},
        "seq_nbr": 28,
        "result_code": 1,
        "resp_data": b"\xaa\xbb",
    }
    assert PROC_RESPONSE_TBL.encode(decoded, GE) == given_octets
    assert PROC_RESPONSE_TBL.size(decoded, GE) == 4 + 2
    assert PROC_RESPONSE_TBL.decode(given_octets[:4], GE).resp_data == b""
    for cut in range(4):
        with pytest.raises(TableError, match=r"ST-8 .*wanted"):
            PROC_RESPONSE_TBL.decode(given_octets[:cut], GE)


@pytest.mark.parametrize(
    ("table", "head", "most"),
    [(PROC_INITIATE_TBL, "0900 01", 8), (PROC_RESPONSE_TBL, "0900 01 00", 12)],
    ids=["parm", "resp_data"],
)
def test_no_more_octets_than_table_0_allows(table, head, most):
    # MAX_PROC_PARM_LENGTH 8 and MAX_RESP_DATA_LEN 12 of the GE meter.
    fits = octets(head) + bytes(most)
    value = dict(table.decode(fits, GE))
    with pytest.raises(TableError, match="1 octets left over") as info:
        table.decode(fits + b"\xa5", GE)
    assert info.value.offset == len(fits)
    kept = table.decode(fits + b"\xa5", GE, tolerant=True)
    assert kept.trailing == b"\xa5"
    assert table.encode(kept, GE) == fits + b"\xa5"
    last = list(value)[-1]
    with pytest.raises(TableError, match=f"{most + 1} octets given where at most {most} fit") as info:
        table.encode({**value, last: bytes(most + 1)}, GE)
    assert info.value.field == last


# Identifiers of tables and procedures


@pytest.mark.parametrize(
    ("field", "names"),
    [
        (TABLE_IDA_BFLD, "std_vs_mfg_flag pending_flag flag1 flag2 flag3"),
        (TABLE_IDC_BFLD, "std_vs_mfg_flag proc_flag flag1 flag2 flag3"),
    ],
    ids=["ida", "idc"],
)
@pytest.mark.parametrize("order", ["little", "big"])
def test_identifiers_by_bit(field, names, order):
    """Number 2047, and each of the bits 11 to 15."""
    layout = Layout("thing", Struct("id" / field))
    for bit, name in enumerate(names.split(), 11):
        given_octets = (2047 | 1 << bit).to_bytes(2, order)
        decoded = layout.decode(given_octets, formats=Formats(order))
        assert set_bits(decoded.id) == {"tbl_proc_nbr": 2047, name: True}
        assert layout.encode(decoded, formats=Formats(order)) == given_octets


def test_identifier_with_selector():
    """3009H is procedure 9 with selector 3, 0816H manufacturer procedure 22: both worked in the reference."""
    layout = Layout("thing", Struct("id" / TABLE_IDB_BFLD))
    assert layout.decode(octets("3009"), formats=Formats("big")).id == {
        "tbl_proc_nbr": 9,
        "std_vs_mfg_flag": False,
        "selector": 3,
    }
    assert set_bits(layout.decode(octets("1608"), formats=Formats()).id) == {
        "tbl_proc_nbr": 22,
        "std_vs_mfg_flag": True,
    }


# The whole decade


@st.composite
def any_meter(draw):
    """Table 0 with random formats and dimensions."""
    one = {
        "data_order": draw(st.booleans()),
        "char_format": draw(st.integers(0, 7)),
        "spare_7": draw(st.sampled_from([0, 0, 1])),
    }
    two = {"tm_format": draw(st.integers(0, 7)), "id_form": draw(st.booleans()), "int_format": draw(st.integers(0, 3))}
    dims = ["dim_std_tbls_used", "dim_mfg_tbls_used", "dim_mfg_status_used", "nbr_pending"]
    return {
        "st0": {
            "format_control_1": one,
            "format_control_2": two,
            "format_control_3": {"ni_format1": 8, "ni_format2": 8},
            "nameplate_type": draw(st.sampled_from([2, 0, 1, 7])),
            "max_proc_parm_length": draw(st.integers(0, 20)),
            "max_resp_data_len": draw(st.integers(0, 20)),
            **{name: draw(st.integers(0, 5)) for name in dims},
        }
    }


@given(st.data())
@pytest.mark.parametrize("table", TABLES[1:], ids=repr)
def test_any_octets(table, data):
    check_any_octets(table, data.draw(any_meter()), data, dialect={"wide_pending_entries": data.draw(st.booleans())})


@given(dims=st.lists(st.integers(0, 20), min_size=6, max_size=6), data=st.data())
def test_any_octets_of_st0(dims, data):
    size = FIXED + 2 * dims[0] + 2 * dims[1] + dims[2] + dims[3]
    head = data.draw(st.binary(min_size=13, max_size=13)) + bytes(dims)
    body = data.draw(st.binary(min_size=size - FIXED, max_size=size - FIXED))
    decoded = GEN_CONFIG_TBL.decode(head + body)
    assert GEN_CONFIG_TBL.encode(decoded) == head + body
    check_any_octets(GEN_CONFIG_TBL, {}, data)


CAPTURES = os.environ.get("C1222_PUBLIC_CAPTURES")


@pytest.mark.skipif(not CAPTURES, reason="C1222_PUBLIC_CAPTURES names no folder of public captures")
def test_recorded_tables_of_a_ge_meter():
    text = (Path(CAPTURES) / "ge_i210c" / "tables.json").read_text()
    recorded = {int(number): octets(table) for number, table in json.loads(text).items()}
    assert recorded[0] == GE_0
    sizes = {1: 32, 3: 5, 5: 20}
    decoded = {n: check_vector(STANDARD.table(n), recorded[n], GE, size=size) for n, size in sizes.items()}
    assert decoded[1].ed_model == "I210+c  "
    assert set_bits(decoded[3].ed_std_status1) == {"clock_error_flag": True}
    assert decoded[5].identification.strip() == "000000001"
