"""The value of a field that was read, by its path; of a member of a SET, whether it is there."""

from typing import Any

from c1219_tables.changes.paths import NoSuchField, located
from c1219_tables.errors import TableError
from c1219_tables.table import DecodedTable


def value_at(table: DecodedTable, path: str) -> Any:
    """A field of a table; the whole table for "". Raises TableError for a field that this meter does not have."""
    if not path:
        return table
    try:
        place = located(table, table, path)
    except NoSuchField as exc:
        raise TableError(str(exc), table=table.table.number, layout=table.table.label, field=path) from None
    if place.bit is None:
        return place.value
    return place.bit in place.value if isinstance(place.bit, int) else place.value[place.bit]
