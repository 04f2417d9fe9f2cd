"""Decade 0: what the meter is, how it stores values, its identification, its state, and procedures.

What a procedure's parameters and answers mean is in procedures.py; here they are octets. Layouts, sizes and open
points: sources named at each table by the short names of docs/sources.md.
"""

from construct import Construct, IfThenElse, Switch, this

from c1219_tables.formats import STRING, UINT8, UINT16, Octets, identifier
from c1219_tables.identifiers import TABLE_IDA_BFLD, TABLE_IDB_BFLD
from c1219_tables.schema.dialect import Array, BitField, If, Rest, Set, Struct, UpTo, bits, flag, note
from c1219_tables.table import Assumption, Table
from c1219_tables.times import STIME_DATE

st0 = this._params.st0

ALL = "CT CX NI TM YK JC HX"

# Table 0 names its own dimensions: it is read first, with no other table, and holds no integer of several octets.
GEN_CONFIG_TBL = Table(
    0,
    "GEN_CONFIG_TBL",
    Struct(
        "format_control_1"
        / BitField(
            UINT8,
            flag("data_order", 0) * note("0 least significant octet first, 1 most significant first", ALL),
            bits("char_format", 1, 3) * note("text: 1 ISO 646, 2 ISO 8859-1, 3 UTF-8, 4 UTF-16, 5 UTF-32", "NI TM YK"),
            bits("model_select", 4, 6) * note("0: table 16 describes the sources; others not public", "NI"),
        )
        * note("order of octets, text", ALL),
        "format_control_2"
        / BitField(
            UINT8,
            bits("tm_format", 0, 2) * note("0 no clock, 1 BCD, 2 binary fields, 3 minutes, 4 seconds", "CX NI TM YK"),
            bits("data_access_method", 3, 4) * note("partial reads: 0 none, 1 offset, 2 index, 3 both", "NI YK"),
            flag("id_form", 5) * note("identifiers are 0 text, 1 BCD", "CX NI TM YK CT"),
            bits("int_format", 6, 7) * note("0 two's complement, 1 one's complement, 2 sign and magnitude", "NI YK"),
        )
        * note("time, access, identifiers, signs", ALL),
        "format_control_3"
        / BitField(
            UINT8,
            bits("ni_format1", 0, 3) * note("number format of NI_FMAT1, 0 to 13", "CX NI YK"),
            bits("ni_format2", 4, 7) * note("number format of NI_FMAT2, 0 to 13", "CX NI YK"),
        )
        * note("number formats", ALL),
        "device_class" / Octets(4) * note("2008: relative identifier; 1997: MANUFACTURER, four characters", ALL),
        "nameplate_type" / UINT8 * note("record of table 2: 0 gas, 1 water, 2 electric", "NI TM"),
        "default_set_used"
        / UINT8
        * note("0 none, 1 simple meter register, 2 simple demand, 3 simple TOU, 4 simple profile recorder", "NI"),
        "max_proc_parm_length" / UINT8 * note("most octets of parameters in table 7", ALL),
        "max_resp_data_len" / UINT8 * note("most octets of an answer in table 8", ALL),
        "std_version_no" / UINT8 * note("edition of the standard: 1 that of 1997, 2 a later one", ALL),
        "std_revision_no" / UINT8 * note("revision of that edition", ALL),
        "dim_std_tbls_used" / UINT8 * note("octets of std_tbls_used and std_tbls_write", ALL),
        "dim_mfg_tbls_used" / UINT8 * note("octets of mfg_tbls_used and mfg_tbls_write", ALL),
        "dim_std_proc_used" / UINT8 * note("octets of std_proc_used", ALL),
        "dim_mfg_proc_used" / UINT8 * note("octets of mfg_proc_used", ALL),
        "dim_mfg_status_used" / UINT8 * note("octets of ed_mfg_status in table 3", ALL),
        "nbr_pending" / UINT8 * note("entries of table 4", ALL),
        "std_tbls_used" / Set(this.dim_std_tbls_used) * note("standard tables that the meter has", ALL),
        "mfg_tbls_used" / Set(this.dim_mfg_tbls_used) * note("manufacturer tables that the meter has", ALL),
        "std_proc_used" / Set(this.dim_std_proc_used) * note("standard procedures that the meter knows", ALL),
        "mfg_proc_used" / Set(this.dim_mfg_proc_used) * note("manufacturer procedures that the meter knows", ALL),
        "std_tbls_write" / Set(this.dim_std_tbls_used) * note("standard tables that may be written", ALL),
        "mfg_tbls_write" / Set(this.dim_mfg_tbls_used) * note("manufacturer tables that may be written", ALL),
    ),
    purpose="formats, dimensions and capabilities: every other table is read with it",
    sources=ALL,
)


def _id_form(form: bool) -> dict[str, dict[str, int]]:
    """The part of table 0 that a table of text and identifiers asks for."""
    return {
        "format_control_1": {"data_order": False, "char_format": 1, "spare_7": 0},
        "format_control_2": {"id_form": form, "tm_format": 0, "int_format": 0},
        "format_control_3": {"ni_format1": 8, "ni_format2": 8},
    }


def _by_length(text: int, bcd: int) -> tuple[Assumption, Assumption]:
    """What the length of a table with identifiers says about a meter whose table 0 was not read."""
    return (
        Assumption(text, _id_form(False), f"{text} octets are the form with text identifiers (ID_FORM 0)"),
        Assumption(bcd, _id_form(True), f"{bcd} octets are the form with BCD identifiers (ID_FORM 1)"),
    )


ID_SOURCES = "CT CX NI TM YK EL ES JC HX"

GENERAL_MFG_ID_TBL = Table(
    1,
    "GENERAL_MFG_ID_TBL",
    Struct(
        "manufacturer" / STRING(4) * note("maker, a short name padded with blanks", ID_SOURCES),
        "ed_model" / STRING(8) * note("the maker's name of the model", ID_SOURCES),
        "hw_version_number" / UINT8 * note("hardware version: 1 of 1.9", ID_SOURCES),
        "hw_revision_number" / UINT8 * note("hardware revision: 9 of 1.9", ID_SOURCES),
        "fw_version_number" / UINT8 * note("firmware version: 2 of 2.0", ID_SOURCES),
        "fw_revision_number" / UINT8 * note("firmware revision: 0 of 2.0", ID_SOURCES),
        # Where bit 7 of FORMAT_CONTROL_1 is set, one source reads 8 octets of another kind; two call the bit spare.
        "mfg_serial_number"
        / IfThenElse(st0.format_control_1.spare_7 == 0, identifier(16), Rest())
        * note("the maker's serial number; octets as they are where bit 7 of format_control_1 is set", ID_SOURCES),
    ),
    purpose="manufacturer, model, versions, serial number",
    sources=ID_SOURCES,
    assume=_by_length(32, 24),
)

NAMEPLATE = "CT JC"

ELECTRIC_NAMEPLATE_RCD = Struct(
    "e_kh" / STRING(6) * note("watt-hour constant Kh: a decimal number as text", NAMEPLATE),
    "e_kt" / STRING(6) * note("test constant Kt: a decimal number as text", NAMEPLATE),
    "e_input_scalar" / UINT8 * note("scalar of the input", NAMEPLATE),
    "e_ed_config" / STRING(5) * note("form number of the meter as text", NAMEPLATE),
    "e_elements"
    / BitField(
        UINT16,
        bits("e_freq", 0, 2) * note("rated frequency, a code whose list is not public", NAMEPLATE),
        bits("e_no_of_elements", 3, 5) * note("measuring elements, a code whose list is not public", NAMEPLATE),
        bits("e_base_type", 6, 9) * note("kind of base, a code whose list is not public", NAMEPLATE),
        bits("e_accuracy_class", 10, 15) * note("accuracy class, a code whose list is not public", NAMEPLATE),
    )
    * note("frequency, elements, base, accuracy", NAMEPLATE),
    "e_volts"
    / BitField(
        UINT8,
        bits("e_elements_volts", 0, 3) * note("voltage of the elements, a code whose list is not public", NAMEPLATE),
        bits("e_ed_supply_volts", 4, 7) * note("supply voltage, a code whose list is not public", NAMEPLATE),
    )
    * note("rated voltages", NAMEPLATE),
    "e_class_max_amps" / STRING(6) * note("class: greatest continuous current in A, as text", NAMEPLATE),
    "e_ta" / STRING(6) * note("test current TA in A, as text", NAMEPLATE),
)

ELECTRIC = 2

DEVICE_NAMEPLATE_TBL = Table(
    2,
    "DEVICE_NAMEPLATE_TBL",
    Struct(
        "nameplate"
        / Switch(st0.nameplate_type, {ELECTRIC: ELECTRIC_NAMEPLATE_RCD}, default=Rest())
        * note("by nameplate_type of table 0; octets where the record (gas, water) is not public", NAMEPLATE),
    ),
    purpose="what is printed on the rating plate",
    sources=NAMEPLATE,
)

STATUS = "CT CX NI HX"

ED_MODE_BFLD = BitField(
    UINT8,
    flag("metering_flag", 0) * note("the meter measures and registers", "CT CX NI TM HX"),
    flag("test_mode_flag", 1) * note("the meter is in test mode", "CT CX NI TM HX"),
    flag("meter_shop_mode_flag", 2) * note("the meter is in meter-shop mode", "CT CX NI TM HX"),
    flag("factory_flag", 3) * note("the meter is in factory mode; not in the 1997 edition", "CT NI TM HX"),
)
"""Operating mode: table 3, procedure 6."""

ED_STD_STATUS1_BFLD = BitField(
    UINT16,
    flag("unprogrammed_flag", 0) * note("the meter has no program", STATUS),
    flag("configuration_error_flag", 1) * note("its configuration is wrong", STATUS),
    flag("self_chk_error_flag", 2) * note("its self-check failed", STATUS),
    flag("ram_failure_flag", 3) * note("RAM failed", STATUS),
    flag("rom_failure_flag", 4) * note("ROM failed", STATUS),
    flag("nonvol_mem_failure_flag", 5) * note("non-volatile memory failed", STATUS),
    flag("clock_error_flag", 6) * note("the clock is in error", STATUS),
    flag("measurement_error_flag", 7) * note("the measuring part failed", STATUS),
    flag("low_battery_flag", 8) * note("battery low", STATUS),
    flag("low_loss_potential_flag", 9) * note("voltage is low or lost", STATUS),
    flag("demand_overload_flag", 10) * note("a demand went beyond the limit", STATUS),
    flag("power_failure_flag", 11) * note("power failed", STATUS),
    flag("tamper_detect_flag", 12) * note("tampering noticed; not in the 1997 edition", "CT NI HX"),
    flag("reverse_rotation_flag", 13) * note("energy flows in reverse; not in the 1997 edition", "CT NI HX"),
)
"""Standard conditions: tables 3 and 94, procedure 7."""

ED_STD_STATUS2_BFLD = BitField(UINT8)
"""Eight more standard conditions, none of them defined."""

ED_MFG_STATUS = Set(st0.dim_mfg_status_used)
"""The maker's conditions."""

ED_MODE_STATUS_TBL = Table(
    3,
    "ED_MODE_STATUS_TBL",
    Struct(
        "ed_mode" / ED_MODE_BFLD * note("operating mode", "CT CX NI TM JC HX"),
        "ed_std_status1" / ED_STD_STATUS1_BFLD * note("conditions, 1 present", "CT NI TM JC HX"),
        "ed_std_status2" / ED_STD_STATUS2_BFLD * note("no condition is defined here", "CT NI JC HX"),
        "ed_mfg_status" / ED_MFG_STATUS * note("numbers of the maker's conditions that are present", "CX JC HX"),
    ),
    purpose="operating mode, and conditions that need attention",
    sources="CT CX NI TM JC HX",
)

EVENT_RCD = Struct(
    "status" / BitField(UINT8) * note("kind of the trigger; what the bits say is not public", "CX"),
    "event_storage" / Octets(5) * note("when or on what to activate; layout not public", "CX"),
)
"""What activates a pending table: table 4, procedures 13 and 15."""

PENDING_STATUS_TBL = Table(
    4,
    "PENDING_STATUS_TBL",
    Struct(
        "standard_pending" / Set(st0.dim_std_tbls_used) * note("standard tables with a pending form", "CX"),
        "manufacturer_pending" / Set(st0.dim_mfg_tbls_used) * note("manufacturer tables with a pending form", "CX"),
        "last_activation_time_date" / STIME_DATE * note("when a pending table was activated last", "CX"),
        "nr_of_pending_activations" / UINT8 * note("activations that wait", "CX"),
        "entry_activation"
        / Array(
            st0.nbr_pending,
            Struct(
                "event" / EVENT_RCD * note("what activates the table", "CX"),
                "table_id" / TABLE_IDA_BFLD * note("the table that waits", "CX"),
                "filler"
                / If(this._params.dialect.wide_pending_entries, Octets(2))
                * note("two octets that one driver steps over; see the dialect wide_pending_entries", "CX"),
            ),
        )
        * note("one entry for each of nbr_pending in table 0", "CX"),
    ),
    purpose="tables whose new content waits to be activated",
    sources="CX NI",
    sure="single",
)

DEVICE_IDENT_TBL = Table(
    5,
    "DEVICE_IDENT_TBL",
    Struct("identification" / identifier(20) * note("name that the utility gave the meter", "CT CX TM JC")),
    purpose="the utility's identification of the meter",
    sources="CT CX TM JC",
    assume=_by_length(20, 10),
)

UTILITY = "CT CX JC"

UTIL_INFO_TBL = Table(
    6,
    "UTIL_INFO_TBL",
    Struct(
        "owner_name" / STRING(20) * note("owner of the meter", UTILITY),
        "utility_div" / STRING(20) * note("division of the utility", UTILITY),
        "service_point_id" / identifier(20) * note("service point", UTILITY),
        "elec_addr" / identifier(20) * note("electrical address: place in the grid", UTILITY),
        "device_id" / identifier(20) * note("another identification of the meter", UTILITY),
        "util_ser_no" / identifier(20) * note("the utility's serial number", UTILITY),
        "customer_id" / identifier(20) * note("customer", UTILITY),
        "coordinate_1" / Octets(10) * note("first coordinate of the place, in a form of the utility's choice", UTILITY),
        "coordinate_2" / Octets(10) * note("second coordinate", UTILITY),
        "coordinate_3" / Octets(10) * note("third coordinate", UTILITY),
        "tariff_id" / STRING(8) * note("tariff", UTILITY),
        "ex1_sw_vendor" / STRING(4) * note("maker of the first external software that wrote the meter", UTILITY),
        "ex1_sw_version_number" / UINT8 * note("its version", UTILITY),
        "ex1_sw_revision_number" / UINT8 * note("its revision", UTILITY),
        "ex2_sw_vendor" / STRING(4) * note("maker of the second external software", UTILITY),
        "ex2_sw_version_number" / UINT8 * note("its version", UTILITY),
        "ex2_sw_revision_number" / UINT8 * note("its revision", UTILITY),
        "programmer_name" / STRING(10) * note("who programmed the meter last", UTILITY),
        "misc_id" / STRING(30) * note("free text", UTILITY),
    ),
    purpose="what the utility keeps in the meter for itself",
    sources=UTILITY,
    assume=_by_length(230, 180),
)

PROC = "CX TM EL YK"


def initiate_layout(parm: Construct) -> Struct:
    """Layout of table 7 with the parameters of one procedure."""
    return Struct(
        "proc"
        / TABLE_IDB_BFLD
        * note("procedure; selector: 0 answer when done, 1 only on trouble, 2 never, 3 at once and when done", PROC),
        "seq_nbr" / UINT8 * note("number of the caller's choice, repeated in table 8", "CX TM EL"),
        "parm" / parm * note("parameters of the procedure, at most max_proc_parm_length octets", "CX TM EL"),
    )


def response_layout(resp_data: Construct) -> Struct:
    """Layout of table 8 with the answer of one procedure."""
    return Struct(
        "proc" / TABLE_IDB_BFLD * note("procedure, and selector, that table 7 asked for", PROC),
        "seq_nbr" / UINT8 * note("number from table 7: another one answers another request", PROC),
        "result_code"
        / UINT8
        * note(
            "0 done, 1 accepted but not done yet (read again); ignored: 2 bad parameter, 3 conflicts with the set-up, "
            "4 not at this time, 5 not allowed, 6 not known",
            "CX TM EL",
        ),
        "resp_data" / resp_data * note("answer of the procedure, at most max_resp_data_len octets", PROC),
    )


PROC_INITIATE_TBL = Table(
    7,
    "PROC_INITIATE_TBL",
    initiate_layout(UpTo(st0.max_proc_parm_length)),
    purpose="written to start a procedure",
    sources=PROC,
)

PROC_RESPONSE_TBL = Table(
    8,
    "PROC_RESPONSE_TBL",
    response_layout(UpTo(st0.max_resp_data_len)),
    purpose="read for the result of the procedure that table 7 started",
    sources=PROC,
)

TABLES = (
    GEN_CONFIG_TBL,
    GENERAL_MFG_ID_TBL,
    DEVICE_NAMEPLATE_TBL,
    ED_MODE_STATUS_TBL,
    PENDING_STATUS_TBL,
    DEVICE_IDENT_TBL,
    UTIL_INFO_TBL,
    PROC_INITIATE_TBL,
    PROC_RESPONSE_TBL,
)
