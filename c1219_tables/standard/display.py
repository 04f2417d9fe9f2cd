"""Decade 3: the meter's own display. What it can show, and the lists that it scrolls through.

Table 31 sets the sizes, table 32 describes each item in the maker's code, tables 33 and 34 are the lists.
"""

from construct import this

from c1219_tables.formats import UINT8, UINT16, Octets
from c1219_tables.schema.dialect import Array, BitField, Struct, bits, flag, note
from c1219_tables.table import Table

st31 = this._params.st31

DISP_RCD = Struct(
    "display_ctrl"
    / BitField(
        UINT8,
        flag("on_time_flag", 0) * note("1: the meter has an on time, how long an item is shown", "T X"),
        flag("off_time_flag", 1) * note("1: the meter has an off time, between items", "T X"),
        flag("hold_time_flag", 2) * note("1: the meter has a hold time", "T X"),
    )
    * note("kinds of times in the lists", "T X"),
    "nbr_disp_sources" / UINT16 * note("entries of table 32", "T X"),
    "width_disp_sources" / UINT8 * note("octets of one entry of table 32", "T X"),
    "nbr_pri_disp_list_items" / UINT16 * note("items in all primary lists together", "T X"),
    "nbr_pri_disp_lists" / UINT8 * note("primary lists in table 33", "T X"),
    "nbr_sec_disp_list_items" / UINT16 * note("items in all secondary lists together", "T X"),
    "nbr_sec_disp_lists" / UINT8 * note("secondary lists in table 34", "T X"),
)

DIM_DISP_TBL = Table(
    30,
    "DIM_DISP_TBL",
    DISP_RCD,
    purpose="how much the meter's display could be told to show",
    sources="T X",
    sure="inferred",
)

ACT_DISP_TBL = Table(
    31,
    "ACT_DISP_TBL",
    DISP_RCD,
    purpose="how much it is told to show now: dimensions of tables 32 to 34",
    sources="T X",
)

DISP_SOURCE_TBL = Table(
    32,
    "DISP_SOURCE_TBL",
    Struct(
        "disp_sources"
        / Array(st31.nbr_disp_sources, Octets(st31.width_disp_sources))
        * note("one thing that can be shown, in the maker's code", "T X", sure="inferred"),
    ),
    purpose="things that the display can show",
    sources="T X",
    sure="inferred",
)

# Identifiers inside the descriptor and of the two arrays are not public, except the names of the times: ours.
DISP_LIST_DESC_RCD = Struct(
    "on_off_time"
    / BitField(
        UINT8,
        bits("on_time", 0, 3) * note("how long an item is shown; unit not public", "T"),
        bits("off_time", 4, 7) * note("time between items; unit not public", "T"),
    )
    * note("scroll times", "T"),
    "hold_time_default_list"
    / BitField(
        UINT8,
        bits("hold_time", 0, 3) * note("hold time; unit not public", "T"),
        bits("default_list", 4, 7) * note("default list; codes not public", "T"),
    )
    * note("hold time and default", "T"),
    "nbr_list_items" / UINT8 * note("items of this list", "T"),
)

_ITEMS = "places in table 32 of the items, list after list: those of the first list, then those of the second ..."

PRI_DISP_LIST_TBL = Table(
    33,
    "PRI_DISP_LIST_TBL",
    Struct(
        "pri_disp_list" / Array(st31.nbr_pri_disp_lists, DISP_LIST_DESC_RCD) * note("the lists", "T"),
        "pri_disp_sources" / Array(st31.nbr_pri_disp_list_items, UINT16) * note(_ITEMS, "T", sure="inferred"),
    ),
    purpose="primary lists of the display: their timing and items",
    sources="T",
)

SEC_DISP_LIST_TBL = Table(
    34,
    "SEC_DISP_LIST_TBL",
    Struct(
        "sec_disp_list" / Array(st31.nbr_sec_disp_lists, DISP_LIST_DESC_RCD) * note("the lists", "T", sure="inferred"),
        "sec_disp_sources" / Array(st31.nbr_sec_disp_list_items, UINT16) * note(_ITEMS, "T", sure="inferred"),
    ),
    purpose="secondary lists of the display: their timing and items",
    sources="T",
    sure="inferred",
)

TABLES = (DIM_DISP_TBL, ACT_DISP_TBL, DISP_SOURCE_TBL, PRI_DISP_LIST_TBL, SEC_DISP_LIST_TBL)
