"""Decade 1: the data sources. What each measured quantity is, in which unit, over which interval, with which constants.

A source is one quantity that the meter can deliver. Table 11 says how many there are, table 16 says of each what is
known about it, and tables 12 to 15 hold that knowledge: unit, demand interval, the maker's selector, constants.
The tables of other decades name a source by its number in table 16. Table 17 has a name only (names.py).
"""

from construct import Construct, Switch, this

from c1219_tables.formats import NI_FMAT1, NI_FMAT2, UINT8, UINT16, UINT32, Octets
from c1219_tables.schema.dialect import Array, BitField, If, Rest, Struct, bits, flag, note
from c1219_tables.table import Table

st11 = this._params.st11
has = st11.source_flags

ALL = "CT CX NI YK FD HX"

SOURCE_RCD = Struct(
    "source_flags"
    / BitField(
        UINT8,
        flag("pf_exclude_flag", 0) * note("1: table 13 says when demand is excluded after a power failure", ALL),
        flag("reset_exclude_flag", 1) * note("1: table 13 says how long demand resets are excluded after one", ALL),
        flag("block_demand_flag", 2) * note("1: the meter has block demand, over intervals one after the other", ALL),
        flag("sliding_demand_flag", 3) * note("1: the meter has sliding demand, over sub-intervals (table 13)", ALL),
        flag("thermal_demand_flag", 4) * note("1: the meter has thermal demand", ALL),
        flag("set1_present_flag", 5) * note("1: electric constants (table 15) have a first set of ratios", ALL),
        flag("set2_present_flag", 6) * note("1: electric constants (table 15) have a second set of ratios", ALL),
        flag("conversion_alg_flag", 7)
        * note(
            "edition 2 and later: conversion algorithm; in edition 1 reserved or 'no offset in table 15'", "CT NI FD"
        ),
    )
    * note("kinds of demand, and which optional elements tables 13 and 15 have", ALL),
    "nbr_uom_entries" / UINT8 * note("entries of table 12, units of measure", ALL),
    "nbr_demand_ctrl_entries" / UINT8 * note("entries of table 13, demand intervals", ALL),
    "data_ctrl_length" / UINT8 * note("octets of one entry of table 14", ALL),
    "nbr_data_ctrl_entries" / UINT8 * note("entries of table 14, the maker's selectors", ALL),
    "nbr_constants_entries" / UINT8 * note("entries of table 15, conversion constants", ALL),
    "constants_selector"
    / UINT8
    * note("records of table 15: 0 gas AGA3, 1 gas AGA7, 2 electric, others reserved", ALL),
    "nbr_sources" / UINT8 * note("entries of table 16: sources that the meter has", ALL),
)

DIM_SOURCES_LIM_TBL = Table(
    10,
    "DIM_SOURCES_LIM_TBL",
    SOURCE_RCD,
    purpose="how many sources, units, intervals and constants the meter could hold",
    sources=ALL,
)

ACT_SOURCES_LIM_TBL = Table(
    11,
    "ACT_SOURCES_LIM_TBL",
    SOURCE_RCD,
    purpose="how many sources, units, intervals and constants it holds now: dimensions of tables 12 to 16",
    sources=ALL,
)

UOM_ENTRY_BFLD = BitField(
    UINT32,
    bits("id_code", 0, 7) * note("what is measured and in which unit: codes/units.py lists them", "CX YK NI FD HX"),
    bits("time_base", 8, 10)
    * note(
        "0 bulk quantity (dial reading, energy), 1 instantaneous, 2 over a period, 3 sub-block demand, "
        "4 block demand, 5 net bulk quantity, 6 thermal demand, 7 event count",
        "YK FD",
    ),
    bits("multiplier", 11, 13)
    * note("the value is times a power of ten: 0 none, 1 2, 2 3, 3 6, 4 9, 5 -2, 6 -3, 7 -6", "YK FD HX"),
    flag("q1_accountability", 14) * note("quadrant 1 counts: W delivered, var delivered", ALL),
    flag("q2_accountability", 15) * note("quadrant 2 counts: W received, var delivered", ALL),
    flag("q3_accountability", 16) * note("quadrant 3 counts: W received, var received", ALL),
    flag("q4_accountability", 17) * note("quadrant 4 counts: W delivered, var received", ALL),
    flag("net_flow_accountability", 18)
    * note("1 delivered minus received, 0 sum of the quadrants that count", "CX FD HX"),
    bits("segmentation", 19, 21)
    * note(
        "0 all phases or none, 1 A-B, 2 B-C, 3 C-A, 4 neutral to ground, 5 A, 6 B, 7 C to neutral; "
        "some meters put other codes on quantities without a phase",
        "CX FD",
    ),
    flag("harmonic", 22) * note("1: a harmonic component of the quantity", ALL),
    bits("id_resource", 23, 27)
    * note("edition 2: a resource for id_code, meaning not public; edition 1: reserved", "CT NI"),
    flag("nfs", 31) * note("1: the entry does not follow the standard's definitions of units", ALL),
)

UOM_ENTRY_TBL = Table(
    12,
    "UOM_ENTRY_TBL",
    Struct(
        "uom_entry"
        / Array(st11.nbr_uom_entries, UOM_ENTRY_BFLD)
        * note("one entry for each source of table 16 that sets uom_entry_flag, in their order", ALL),
    ),
    purpose="units of measure: what each source measures, in which unit, power of ten, quadrants and phase",
    sources=ALL,
)

INT_CONTROL_RCD = Struct(
    "sub_int" / If(has.sliding_demand_flag, UINT8) * note("sub-interval of sliding demand, minutes", "CX YK FD"),
    "int_multiplier" / If(has.sliding_demand_flag, UINT8) * note("sub-intervals in a demand interval", "CX YK FD"),
    "int_length" / If(~has.sliding_demand_flag, UINT16) * note("demand interval, minutes", "CX YK FD"),
)

DEMAND_CONTROL_TBL = Table(
    13,
    "DEMAND_CONTROL_TBL",
    Struct(
        "reset_exclusion"
        / If(has.reset_exclude_flag, UINT8)
        * note("minutes of exclusion after a demand reset", "CX YK FD"),
        "p_fail_recogntn_tm"
        / If(has.pf_exclude_flag, UINT8)
        * note("seconds after which a power failure is recognised as one", "CX YK FD"),
        "p_fail_exclusion"
        / If(has.pf_exclude_flag, UINT8)
        * note("minutes of exclusion after a power failure", "CX YK FD"),
        "cold_load_pickup" / If(has.pf_exclude_flag, UINT8) * note("minutes of cold load pickup", "CX YK FD"),
        "interval_value"
        / Array(st11.nbr_demand_ctrl_entries, INT_CONTROL_RCD)
        * note("demand intervals, one for each source of table 16 that sets demand_ctrl_flag", "CX YK FD"),
    ),
    purpose="demand intervals, and when demand is left out after resets and power failures",
    sources="CX YK FD",
)

DATA_CONTROL_TBL = Table(
    14,
    "DATA_CONTROL_TBL",
    Struct(
        "source_id"
        / Array(st11.nbr_data_ctrl_entries, Octets(st11.data_ctrl_length))
        * note("the maker's selector, one for each source of table 16 that sets data_ctrl_flag", "CX YK"),
    ),
    purpose="selectors by which the maker names its sources",
    sources="CX YK",
)

SET_APPLIED_RCD = Struct(
    "set_flags"
    / BitField(UINT8, flag("set_applied_flag", 0) * note("1: the ratios are already in the values", "CX YK"))
    * note("state of the ratios", "CX YK"),
    "ratio_f1" / NI_FMAT1 * note("first ratio: that of the current transformer in one implementation", "CX YK"),
    "ratio_p1" / NI_FMAT1 * note("second ratio: that of the voltage transformer in one implementation", "CX YK"),
)

_OFFSET_DROPPED = this._params.dialect.no_offset_flag & has.conversion_alg_flag

ELECTRIC_CONSTANTS_RCD = Struct(
    "multiplier" / NI_FMAT1 * note("factor of the value", "CX YK"),
    "offset" / If(~_OFFSET_DROPPED, NI_FMAT1) * note("offset of the value", "CX YK"),
    "set1_constants" / If(has.set1_present_flag, SET_APPLIED_RCD) * note("first set of transformer ratios", "CX YK"),
    "set2_constants" / If(has.set2_present_flag, SET_APPLIED_RCD) * note("second set of transformer ratios", "CX YK"),
)

# Two sources agree on the order of the gas records' members; that the numbers are NI_FMAT2 is said by CX alone.
_GAS = "CX YK"


def _gas(name: str, words: str) -> Construct:
    return name / NI_FMAT2 * note(words, _GAS, sure="single")


GAS_PRESSURE_RCD = Struct(
    _gas("gas_press_zero", "zero of the pressure"),
    _gas("gas_press_fullscale", "full scale of the pressure"),
    _gas("base_pressure", "base pressure"),
)

GAS_TEMP_RCD = Struct(
    _gas("gas_temp_zero", "zero of the temperature"),
    _gas("gas_temp_fullscale", "full scale of the temperature"),
    _gas("base_temp", "base temperature"),
)

GAS_ENERGY_RCD = Struct(
    _gas("gas_energy_zero", "zero of the energy"),
    _gas("gas_energy_full", "full scale of the energy"),
)

GAS_CONSTANTS_AGA3_RCD = Struct(
    "gas_dp"
    / Struct(
        _gas("gas_dp_zero", "zero of the differential pressure"),
        _gas("gas_dp_fullscale", "full scale of the differential pressure"),
    )
    * note("differential pressure", _GAS, sure="single"),
    "gas_dp_shutoff"
    / Struct(_gas("gas_shutoff", "differential pressure of the shut-off"))
    * note("shut-off", _GAS, sure="single"),
    "gas_pressure" / GAS_PRESSURE_RCD * note("pressure", _GAS, sure="single"),
    "gas_aga3_corr"
    / Struct(
        _gas("aux_corr_fctr", "auxiliary correction factor"),
        _gas("gas_aga3_corr_fctr", "AGA3 correction factor"),
        "pipe_orif_dia"
        / Struct(_gas("pipe_dia", "diameter of the pipe"), _gas("orif_dia", "diameter of the orifice"))
        * note("diameters", _GAS, sure="single"),
        "tap_up_dn" / UINT8 * note("pressure tap, upstream or downstream: codes not public", _GAS, sure="single"),
        "gas_pressure" / GAS_PRESSURE_RCD * note("pressure", _GAS, sure="single"),
        "gas_temp" / GAS_TEMP_RCD * note("temperature", _GAS, sure="single"),
    )
    * note("AGA3 correction", _GAS, sure="single"),
    "gas_energy" / GAS_ENERGY_RCD * note("energy of the gas", _GAS, sure="single"),
)

GAS_CONSTANTS_AGA7_RCD = Struct(
    "gas_aga7_corr"
    / Struct(
        "gas_pressure" / GAS_PRESSURE_RCD * note("pressure", _GAS, sure="single"),
        "gas_temp" / GAS_TEMP_RCD * note("temperature", _GAS, sure="single"),
        _gas("aux_corr_fctr", "auxiliary correction factor"),
        _gas("gas_aga7_corr", "AGA7 correction factor"),
    )
    * note("AGA7 correction", _GAS, sure="single"),
    "gas_energy" / GAS_ENERGY_RCD * note("energy of the gas", _GAS, sure="single"),
)

CONSTANTS_TBL = Table(
    15,
    "CONSTANTS_TBL",
    Struct(
        # The array's own identifier is not public; `constants` is ours.
        "constants"
        / Switch(
            st11.constants_selector,
            {
                0: Array(st11.nbr_constants_entries, GAS_CONSTANTS_AGA3_RCD),
                1: Array(st11.nbr_constants_entries, GAS_CONSTANTS_AGA7_RCD),
                2: Array(st11.nbr_constants_entries, ELECTRIC_CONSTANTS_RCD),
            },
            default=Rest(),
        )
        * note(
            "constants, one entry for each source of table 16 that sets constants_flag (some meters: one for all); "
            "octets as they are where constants_selector is reserved",
            "CX YK",
        ),
    ),
    purpose="constants that turn stored values into engineering units: factors, transformer ratios, gas correction",
    sources="CX YK",
)

SOURCE_LINK_BFLD = BitField(
    UINT8,
    flag("uom_entry_flag", 0) * note("1: the next entry of table 12 is its unit", "CX NI YK HX"),
    flag("demand_ctrl_flag", 1) * note("1: the next entry of table 13 is its demand interval", "CX NI YK HX"),
    flag("data_ctrl_flag", 2) * note("1: the next entry of table 14 is its selector", "CX NI YK HX"),
    flag("constants_flag", 3) * note("1: the next entry of table 15 holds its constants", "CX NI YK HX"),
    flag("pulse_engr_flag", 4) * note("0 pulses, 1 engineering units", "CX NI YK HX"),
    flag("constant_to_be_applied", 5)
    * note("1: its values do not have the constants of table 15 in them yet", "CX NI YK HX"),
)

SOURCES_TBL = Table(
    16,
    "SOURCES_TBL",
    Struct(
        "sources_link"
        / Array(st11.nbr_sources, SOURCE_LINK_BFLD)
        * note("the sources; their places are the numbers by which other tables name them", "CX NI YK HX"),
    ),
    purpose="the list of sources, and which of tables 12 to 15 has an entry for each",
    sources="CX NI YK HX",
)

TABLES = (
    DIM_SOURCES_LIM_TBL,
    ACT_SOURCES_LIM_TBL,
    UOM_ENTRY_TBL,
    DEMAND_CONTROL_TBL,
    DATA_CONTROL_TBL,
    CONSTANTS_TBL,
    SOURCES_TBL,
)
