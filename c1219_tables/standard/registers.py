"""Decade 2: the registers. Totals, demands with their times, coincident values, by tier; snapshots; present values.

Table 21 says how many there are and which optional parts they have, table 22 which source of table 16 feeds each.
A register is raw: table 12 has its unit and power of ten, table 15 its constants.
"""

from construct import this

from c1219_tables.formats import NI_FMAT1, NI_FMAT2, UINT8, UINT16
from c1219_tables.schema.dialect import Array, BitField, If, Set, Struct, bits, flag, note
from c1219_tables.table import Table
from c1219_tables.times import STIME_DATE, TIME

st21 = this._params.st21
has = st21.reg_func1_flags
has_too = st21.reg_func2_flags

ALL = "CT CX NI YK HX"
FOUR = "CX NI YK HX"

REGS_RCD = Struct(
    "reg_func1_flags"
    / BitField(
        UINT8,
        flag("season_info_field_flag", 0) * note("1: tables 24 to 26 name the season", ALL),
        flag("date_time_field_flag", 1) * note("1: demands and snapshots carry date and time", ALL),
        flag("demand_reset_ctr_flag", 2) * note("1: registers begin with the count of demand resets", ALL),
        flag("demand_reset_lock_flag", 3) * note("1: demand resets can be locked out", ALL),
        flag("cum_demand_flag", 4) * note("1: demands carry a cumulative demand", ALL),
        flag("cont_cum_demand_flag", 5) * note("1: demands carry a continuous cumulative demand", ALL),
        flag("time_remaining_flag", 6) * note("1: present demands carry the time left in their interval", ALL),
    )
    * note("optional parts of the registers", ALL),
    "reg_func2_flags"
    / BitField(
        UINT8,
        flag("self_read_inhibit_overflow_flag", 0) * note("1: a full list of self reads takes no more", ALL),
        flag("self_read_seq_nbr_flag", 1) * note("1: self reads carry a sequence number", ALL),
        flag("daily_self_read_flag", 2) * note("1: self reads can be made daily", ALL),
        flag("weekly_self_read_flag", 3) * note("1: self reads can be made weekly", ALL),
        bits("self_read_demand_reset", 4, 5) * note("self reads with demand resets: the codes are not public", ALL),
    )
    * note("how self reads are made", ALL),
    "nbr_self_reads" / UINT8 * note("entries of table 26", ALL),
    "nbr_summations" / UINT8 * note("totals (energy) in a block", ALL),
    "nbr_demands" / UINT8 * note("demands in a block", ALL),
    "nbr_coin_values" / UINT8 * note("values coincident with demands in a block", ALL),
    "nbr_occur" / UINT8 * note("occurrences kept of each demand and coincident value", ALL),
    "nbr_tiers" / UINT8 * note("tiers: blocks beside the total one", ALL),
    "nbr_present_demands" / UINT8 * note("present demands in tables 27 and 28", ALL),
    "nbr_present_values" / UINT8 * note("present values in tables 27 and 28", ALL),
)

DIM_REGS_TBL = Table(20, "DIM_REGS_TBL", REGS_RCD, purpose="how many registers the meter could keep", sources=ALL)

ACT_REGS_TBL = Table(
    21,
    "ACT_REGS_TBL",
    REGS_RCD,
    purpose="how many registers it keeps now, and their optional parts: dimensions of tables 22 to 28",
    sources=ALL,
)

DATA_SELECTION_TBL = Table(
    22,
    "DATA_SELECTION_TBL",
    Struct(
        "summation_select"
        / Array(st21.nbr_summations, UINT8)
        * note("source (table 16) of each summation; 255 unused", FOUR),
        "demand_select" / Array(st21.nbr_demands, UINT8) * note("source of each demand; 255 unused", FOUR),
        "min_or_max_flags"
        / Set((st21.nbr_demands + 7) // 8)
        * note("the demands that are maxima, others are minima; numbers past the last demand mean nothing", FOUR),
        "coincident_select"
        / Array(st21.nbr_coin_values, UINT8)
        * note("source of each coincident value; 255 unused", FOUR),
        "coin_demand_assoc"
        / Array(st21.nbr_coin_values, UINT8)
        * note("the demand that each goes with: its place in demand_select", FOUR),
    ),
    purpose="which sources feed the registers of tables 23 to 26",
    sources=FOUR,
)

DEMANDS_RCD = Struct(
    "event_time"
    / If(has.date_time_field_flag, Array(st21.nbr_occur, STIME_DATE))
    * note("date and time of each occurrence", FOUR),
    "cum_demand"
    / If(has.cum_demand_flag, NI_FMAT1)
    * note("cumulative demand: grows at each demand reset by the demand reset then", FOUR),
    "cont_cum_demand"
    / If(has.cont_cum_demand_flag, NI_FMAT1)
    * note("continuous cumulative demand: cumulative demand with the present one in it", "CX NI YK"),
    "demand" / Array(st21.nbr_occur, NI_FMAT2) * note("minimum or maximum demand, each occurrence", FOUR),
)

COINCIDENTS_RCD = Struct(
    "coincident_values"
    / Array(st21.nbr_occur, NI_FMAT2)
    * note("value at the time of the demand it goes with, each occurrence", "CX NI YK"),
)

DATA_BLK_RCD = Struct(
    "summations" / Array(st21.nbr_summations, NI_FMAT1) * note("totals, in the order of summation_select", FOUR),
    "demands" / Array(st21.nbr_demands, DEMANDS_RCD) * note("demands, in the order of demand_select", FOUR),
    "coincidents"
    / Array(st21.nbr_coin_values, COINCIDENTS_RCD)
    * note("coincident values, in the order of coincident_select", "CX NI YK"),
)

REGISTER_DATA_RCD = Struct(
    "nbr_demand_resets" / If(has.demand_reset_ctr_flag, UINT8) * note("count of demand resets", FOUR),
    "tot_data_block" / DATA_BLK_RCD * note("registers of the total, whatever the tier", FOUR),
    "tier_data_block" / Array(st21.nbr_tiers, DATA_BLK_RCD) * note("registers of each tier", FOUR),
)

REGISTER_INFO_RCD = Struct(
    "end_date_time" / If(has.date_time_field_flag, STIME_DATE) * note("when the snapshot was taken", "CX YK HX"),
    "season" / If(has.season_info_field_flag, UINT8) * note("season that it belongs to", "CX YK HX"),
)

CURRENT_REG_DATA_TBL = Table(
    23, "CURRENT_REG_DATA_TBL", REGISTER_DATA_RCD, purpose="registers of the running billing period", sources=FOUR
)

PREVIOUS_SEASON_DATA_TBL = Table(
    24,
    "PREVIOUS_SEASON_DATA_TBL",
    Struct(
        "register_info" / REGISTER_INFO_RCD * note("time and season of the snapshot", "CX"),
        "previous_season_register_data" / REGISTER_DATA_RCD * note("registers at that time", "CX"),
    ),
    purpose="registers at the last change of season",
    sources="CX",
)

PREVIOUS_DEMAND_RESET_DATA_TBL = Table(
    25,
    "PREVIOUS_DEMAND_RESET_DATA_TBL",
    Struct(
        "register_info" / REGISTER_INFO_RCD * note("time and season of the snapshot", "CX YK"),
        "previous_demand_reset_data" / REGISTER_DATA_RCD * note("registers at that time", "CX YK"),
    ),
    purpose="registers at the last demand reset",
    sources="CX YK",
)

SELF_READ_RCD = Struct(
    "self_read_seq_nbr"
    / If(has_too.self_read_seq_nbr_flag, UINT16)
    * note("sequence number, counting self reads", "CX"),
    "register_info" / REGISTER_INFO_RCD * note("time and season of the self read", "CX HX"),
    "self_read_register_data" / REGISTER_DATA_RCD * note("registers at that time", "CX HX"),
)

SELF_READ_DATA_TBL = Table(
    26,
    "SELF_READ_DATA_TBL",
    Struct(
        "list_status"
        / BitField(
            UINT8,
            flag("order", 0) * note("0: the oldest entry comes first; 1: the newest", "CX HX NI"),
            flag("overflow_flag", 1) * note("1: the list has overflowed", "CX HX TM"),
            flag("list_type", 2) * note("0 first in first out, 1 circular", "CX NI"),
            flag("inhibit_overflow_flag", 3) * note("1: a full list takes no more", "CX HX TM"),
        )
        * note("how the list is kept", "CX HX TM"),
        "nbr_valid_entries" / UINT8 * note("entries that hold a self read; the others are there too", "CX HX"),
        "last_entry_element" / UINT8 * note("place of the newest entry", "CX HX"),
        "last_entry_seq_nbr" / UINT16 * note("sequence number of the newest entry", "CX HX"),
        "nbr_unread_entries" / UINT8 * note("entries not yet marked as read", "CX HX"),
        "self_read_entries" / Array(st21.nbr_self_reads, SELF_READ_RCD) * note("the self reads", "CX HX"),
    ),
    purpose="list of self reads: registers as the meter put them aside by itself",
    sources="CX HX",
)

PRESENT_REGISTER_SELECT_TBL = Table(
    27,
    "PRESENT_REGISTER_SELECT_TBL",
    Struct(
        "present_demand_select"
        / Array(st21.nbr_present_demands, UINT8)
        * note("source (table 16) of each present demand; 255 unused", "CX NI JC HX"),
        "present_value_select"
        / Array(st21.nbr_present_values, UINT8)
        * note("source of each present value; 255 unused", "CX NI JC HX"),
    ),
    purpose="which sources feed table 28",
    sources="CX NI JC HX",
)

PRESENT_DEMAND_RCD = Struct(
    "time_remaining" / If(has.time_remaining_flag, TIME) * note("time left in the demand interval", "CX NI YK"),
    "demand_value" / NI_FMAT2 * note("demand at the moment", FOUR),
)

PRESENT_REGISTER_DATA_TBL = Table(
    28,
    "PRESENT_REGISTER_DATA_TBL",
    Struct(
        "present_demand"
        / Array(st21.nbr_present_demands, PRESENT_DEMAND_RCD)
        * note("demands, in the order of present_demand_select", FOUR),
        "present_value"
        / Array(st21.nbr_present_values, NI_FMAT1)
        * note("values, in the order of present_value_select", FOUR),
    ),
    purpose="demands and values of this moment: power, volts, amps, frequency",
    sources=FOUR,
)

TABLES = (
    DIM_REGS_TBL,
    ACT_REGS_TBL,
    DATA_SELECTION_TBL,
    CURRENT_REG_DATA_TBL,
    PREVIOUS_SEASON_DATA_TBL,
    PREVIOUS_DEMAND_RESET_DATA_TBL,
    SELF_READ_DATA_TBL,
    PRESENT_REGISTER_SELECT_TBL,
    PRESENT_REGISTER_DATA_TBL,
)
