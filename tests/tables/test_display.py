"""Decade 3: the meter's display and its lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vector_checks import any_formats, check_any_octets, check_refusals, check_vector, formats, octets

from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.registry import STANDARD
from c1219_tables.standard.display import (
    ACT_DISP_TBL,
    DIM_DISP_TBL,
    DISP_SOURCE_TBL,
    PRI_DISP_LIST_TBL,
    SEC_DISP_LIST_TBL,
    TABLES,
)

# Recorded: said by a head end's comments to be read from a meter (X).
RECORDED_31 = octets("01 80 00 02 C0 00 03 00 00 00")


def with_31(text, *, big=False):
    st0 = formats(big=big)
    return {"st0": st0, "st31": ACT_DISP_TBL.decode(octets(text), {"st0": st0})}


def test_decade_is_registered_by_number():
    assert [table.number for table in TABLES] == [30, 31, 32, 33, 34]
    assert all(STANDARD.table(table.number) is table for table in TABLES)


@pytest.mark.parametrize("table", [DIM_DISP_TBL, ACT_DISP_TBL], ids=repr)
def test_recorded_dimensions(table):
    decoded = check_vector(table, RECORDED_31, {"st0": formats()}, size=10)
    # 0080H = 128 sources of 2 octets, 00C0H = 192 items in 3 lists; the on time alone.
    assert decoded == {
        "display_ctrl": {"on_time_flag": True, "off_time_flag": False, "hold_time_flag": False, "spare_3_7": 0},
        "nbr_disp_sources": 128,
        "width_disp_sources": 2,
        "nbr_pri_disp_list_items": 192,
        "nbr_pri_disp_lists": 3,
        "nbr_sec_disp_list_items": 0,
        "nbr_sec_disp_lists": 0,
    }
    check_refusals(table, RECORDED_31, {"st0": formats()})


def test_constructed_dimensions_most_first():
    # Constructed. FEH: bits 1, 2 and the filler 3-7. Numbers 1, 2, 3, 4, 5 and 0106H = 262 in the order of elements.
    decoded = check_vector(ACT_DISP_TBL, octets("FE 0001 02 0003 04 0106 05"), {"st0": formats(big=True)}, size=10)
    assert decoded.display_ctrl == {
        "on_time_flag": False,
        "off_time_flag": True,
        "hold_time_flag": True,
        "spare_3_7": 31,
    }
    assert list(decoded.values())[1:] == [1, 2, 3, 4, 262, 5]


def test_constructed_sources():
    # Constructed: three entries of two octets.
    tables = with_31("00 0300 02 0000 00 0000 00")
    decoded = check_vector(DISP_SOURCE_TBL, octets("0102 0304 FFFF"), tables, size=3 * 2)
    assert decoded == {"disp_sources": [b"\x01\x02", b"\x03\x04", b"\xff\xff"]}
    check_refusals(DISP_SOURCE_TBL, octets("0102 0304 FFFF"), tables)


def test_sources_of_the_recorded_dimensions():
    assert DISP_SOURCE_TBL.size(tables=with_31(RECORDED_31.hex())) == 128 * 2


# Constructed: two lists. 35H: off 3, on 5; 1AH: default 1, hold 10; 2 items. F0H, 0FH, 1 item. Sources 0, 258, 7.
LISTS = octets("35 1A 02  F0 0F 01  0000 0201 0700")
LISTS_MOST_FIRST = octets("35 1A 02  F0 0F 01  0000 0102 0007")


@pytest.mark.parametrize("big", [False, True], ids=["least-first", "most-first"])
@pytest.mark.parametrize(
    ("table", "dimensions", "kind"),
    [
        pytest.param(PRI_DISP_LIST_TBL, ("00 0900 02 0300 02 0000 00", "00 0009 02 0003 02 0000 00"), "pri", id="33"),
        pytest.param(SEC_DISP_LIST_TBL, ("00 0900 02 0000 00 0300 02", "00 0009 02 0000 00 0003 02"), "sec", id="34"),
    ],
)
def test_constructed_lists(table, dimensions, kind, big):
    tables = with_31(dimensions[big], big=big)
    whole = LISTS_MOST_FIRST if big else LISTS
    assert check_vector(table, whole, tables, size=3 * 2 + 2 * 3) == {
        f"{kind}_disp_list": [
            {
                "on_off_time": {"on_time": 5, "off_time": 3},
                "hold_time_default_list": {"hold_time": 10, "default_list": 1},
                "nbr_list_items": 2,
            },
            {
                "on_off_time": {"on_time": 0, "off_time": 15},
                "hold_time_default_list": {"hold_time": 15, "default_list": 0},
                "nbr_list_items": 1,
            },
        ],
        f"{kind}_disp_sources": [0, 258, 7],
    }
    check_refusals(table, whole, tables)


def test_lists_of_the_recorded_dimensions():
    tables = with_31(RECORDED_31.hex())
    assert PRI_DISP_LIST_TBL.size(tables=tables) == 3 * 3 + 2 * 192
    assert check_vector(SEC_DISP_LIST_TBL, b"", tables, size=0) == {"sec_disp_list": [], "sec_disp_sources": []}


@pytest.mark.parametrize("table", TABLES[2:], ids=repr)
def test_dimensions_come_from_table_31(table):
    with pytest.raises(MissingTableError) as info:
        table.decode(b"", {"st0": formats()})
    assert (info.value.table, info.value.needed) == (table.number, (31,))


def test_a_cut_item_is_named():
    # Two descriptors of 3 octets, then items of 2: the second begins at 8, one of its octets is there.
    with pytest.raises(TableError, match="2 octets wanted, 1 left") as info:
        PRI_DISP_LIST_TBL.decode(LISTS[:9], with_31("00 0900 02 0300 02 0000 00"))
    assert (info.value.field, info.value.offset) == ("pri_disp_sources[1]", 8)


def test_sources_without_octets_stay_bounded():
    # 65535 entries of no octets are read; the dialect's bound is 65536.
    tables = with_31("00 FFFF 00 0000 00 0000 00")
    assert len(DISP_SOURCE_TBL.decode(b"", tables).disp_sources) == 65535


dimensions = st.builds(
    lambda flags, numbers: bytes(
        [flags, numbers[0], 0, numbers[1], numbers[2], 0, numbers[3], numbers[4], 0, numbers[5]]
    ),
    st.integers(0, 255),
    st.lists(st.integers(0, 5), min_size=6, max_size=6),
)


@given(st0=any_formats, sizes=dimensions, data=st.data())
def test_any_octets(st0, sizes, data):
    tables = {"st0": st0, "st31": ACT_DISP_TBL.decode(sizes, {"st0": formats()})}
    for table in TABLES:
        check_any_octets(table, tables, data)


descriptors = st.fixed_dictionaries(
    {
        "on_off_time": st.fixed_dictionaries({"on_time": st.integers(0, 15), "off_time": st.integers(0, 15)}),
        "hold_time_default_list": st.fixed_dictionaries(
            {"hold_time": st.integers(0, 15), "default_list": st.integers(0, 15)}
        ),
        "nbr_list_items": st.integers(0, 255),
    }
)


@given(lists=st.lists(descriptors, max_size=4), items=st.lists(st.integers(0, 65535), max_size=9), big=st.booleans())
def test_any_lists(lists, items, big):
    st0 = formats(big=big)
    sizes = {
        "nbr_disp_sources": 0,
        "width_disp_sources": 0,
        "nbr_pri_disp_list_items": len(items),
        "nbr_pri_disp_lists": len(lists),
        "nbr_sec_disp_list_items": 0,
        "nbr_sec_disp_lists": 0,
    }
    tables = {"st0": st0, "st31": sizes}
    value = {"pri_disp_list": lists, "pri_disp_sources": items}
    assert PRI_DISP_LIST_TBL.decode(PRI_DISP_LIST_TBL.encode(value, tables), tables) == value
