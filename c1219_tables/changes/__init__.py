"""Changes of a table's fields: what was named gets another value, everything else stays as it was, octet for octet.

decoded = table.decode(octets, tables)
after = changed(decoded, {"owner_name": "ACME", "e_volts.e_elements_volts": 3})
difference(decoded, after)         which fields are others now
smallest_span(decoded, after)      the octets to write, and where
"""

from c1219_tables.changes.apply import changed, replaced
from c1219_tables.changes.difference import FieldChange, difference, left_out, octets_of
from c1219_tables.changes.editing import EditableRecord, editable, edits
from c1219_tables.changes.paths import is_named
from c1219_tables.changes.spans import Patch, cut, patches, smallest_span

__all__ = [
    "EditableRecord",
    "FieldChange",
    "Patch",
    "changed",
    "cut",
    "difference",
    "editable",
    "edits",
    "is_named",
    "left_out",
    "octets_of",
    "patches",
    "replaced",
    "smallest_span",
]
