"""Decade 0: what the meter is, how it stores values, its identification, and procedures.

Layouts, sizes and open points: sources named at each table by the short names of docs/sources.md.
"""

from construct import this

from c1219_tables.formats import STRING, UINT8, Octets, identifier
from c1219_tables.schema.dialect import BitField, Set, Struct, bits, flag, note
from c1219_tables.table import Assumption, Table

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
            bits("char_format", 1, 3) * note("1 ISO 646, 2 ISO 8859-1, 3 UTF-8, 4 UTF-16, 5 UTF-32", "NI TM YK"),
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
        "max_proc_parm_length" / UINT8 * note("octets of parameters in table 7", ALL),
        "max_resp_data_len" / UINT8 * note("octets of an answer in table 8", ALL),
        "std_version_no" / UINT8 * note("edition of the standard", ALL),
        "std_revision_no" / UINT8 * note("revision of the standard", ALL),
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

_TEXT_IDENTIFIERS = {"format_control_1": {"data_order": False, "char_format": 1}}


def _id_form(form: bool) -> dict[str, dict[str, int]]:
    """The part of table 0 that a table of text and identifiers asks for."""
    return {
        **_TEXT_IDENTIFIERS,
        "format_control_2": {"id_form": form, "tm_format": 0, "int_format": 0},
        "format_control_3": {"ni_format1": 8, "ni_format2": 8},
    }


GENERAL_MFG_ID_TBL = Table(
    1,
    "GENERAL_MFG_ID_TBL",
    Struct(
        "manufacturer" / STRING(4) * note("maker", "CT CX NI TM YK EL ES JC HX"),
        "ed_model" / STRING(8) * note("model", "CT CX NI TM YK EL ES JC HX"),
        "hw_version_number" / UINT8 * note("hardware version", "CT CX NI TM YK EL ES JC HX"),
        "hw_revision_number" / UINT8 * note("hardware revision", "CT CX NI TM YK EL ES JC HX"),
        "fw_version_number" / UINT8 * note("firmware version", "CT CX NI TM YK EL ES JC HX"),
        "fw_revision_number" / UINT8 * note("firmware revision", "CT CX NI TM YK EL ES JC HX"),
        "mfg_serial_number" / identifier(16) * note("maker's serial number", "CT CX NI TM YK EL ES JC HX"),
    ),
    purpose="manufacturer, model, versions, serial number",
    sources="CT CX NI TM YK EL ES JC HX",
    assume=(
        Assumption(32, _id_form(False), "32 octets are the form with text identifiers (ID_FORM 0)"),
        Assumption(24, _id_form(True), "24 octets are the form with BCD identifiers (ID_FORM 1)"),
    ),
)
TABLES = (GEN_CONFIG_TBL, GENERAL_MFG_ID_TBL)
