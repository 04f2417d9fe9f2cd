"""Manufacturer table 17 of the ACME X1, a meter that does not exist: its last voltage sags."""

from construct import this

from c1219_tables.formats import UINT8, UINT16
from c1219_tables.schema.dialect import Array, Struct, note
from c1219_tables.table import Table

MANUFACTURER, ED_MODEL = "ACME", "X1*"
SAG = Struct("phase" / UINT8 * note("1 to 3", "ACME"), "volts" / UINT16 * note("lowest voltage", "ACME"))
SAGS = Struct("nbr_sags" / UINT8 * note("sags kept", "ACME"), "sags" / Array(this.nbr_sags, SAG) * note("them", "ACME"))
TABLES = [Table(2048 + 17, "SAG_LOG_TBL", SAGS, purpose="the last voltage sags", sources="ACME")]
