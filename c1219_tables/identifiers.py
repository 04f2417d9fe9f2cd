"""Bit fields that name a table or a procedure inside the content of tables 4, 7, 8, 44 and of event and history logs.

All are UINT16 in the meter's DATA_ORDER (the same number in a service is always most significant octet first).
Bits 0 to 11 are shared: number 0 to 2047, and 1 in std_vs_mfg_flag for what the manufacturer defines.
"""

from c1219_tables.formats import UINT16
from c1219_tables.schema.dialect import BitField, bits, flag, note

_NUMBER = "number of a table or procedure, 0 to 2047"
_OWNER = "0 defined by the standard, 1 by the manufacturer"
_UNKNOWN = "meaning not public"

TABLE_IDA_BFLD = BitField(
    UINT16,
    bits("tbl_proc_nbr", 0, 10) * note(_NUMBER, "CX"),
    flag("std_vs_mfg_flag", 11) * note(_OWNER, "CX"),
    flag("pending_flag", 12) * note("1: the pending form of the table is meant", "CX"),
    flag("flag1", 13) * note(_UNKNOWN, "CX"),
    flag("flag2", 14) * note(_UNKNOWN, "CX"),
    flag("flag3", 15) * note(_UNKNOWN, "CX"),
)
"""A table, in its active or its pending form: entries of table 4."""

TABLE_IDB_BFLD = BitField(
    UINT16,
    bits("tbl_proc_nbr", 0, 10) * note(_NUMBER, "CX TM YK EL"),
    flag("std_vs_mfg_flag", 11) * note(_OWNER, "CX TM YK EL"),
    bits("selector", 12, 15)
    * note("0 to 15; what it selects depends on the table that holds the field", "CX TM YK EL"),
)
"""A number with a selector: procedures of tables 7 and 8, event and history codes of tables 72 to 76."""

TABLE_IDC_BFLD = BitField(
    UINT16,
    bits("tbl_proc_nbr", 0, 10) * note(_NUMBER, "CX TM"),
    flag("std_vs_mfg_flag", 11) * note(_OWNER, "CX TM"),
    flag("proc_flag", 12) * note("0 a table is meant, 1 a procedure", "CX TM"),
    flag("flag1", 13) * note("in table 44: anybody may read; elsewhere not public", "TM"),
    flag("flag2", 14) * note("in table 44: anybody may write; elsewhere not public", "TM"),
    flag("flag3", 15) * note(_UNKNOWN, "CX TM"),
)
"""A table or a procedure: arguments of event and history entries, table 44."""
