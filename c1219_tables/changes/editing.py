"""A decoded table to be changed in place: `table.owner_name = "ACME"`, `table.e_volts["e_elements_volts"] = 3`."""

from collections.abc import Mapping
from typing import Any

from c1219_tables.schema.dialect import Record
from c1219_tables.table import DecodedTable


class EditableRecord(Record):
    """A Record whose elements can be set as attributes; only those that are there."""

    __slots__ = ()

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self:
            raise AttributeError(f"no element {name!r} (there are: {', '.join(self)})")
        self[name] = value


def editable(decoded: DecodedTable) -> EditableRecord:
    """A copy of a table's values. What is changed in it changes nothing yet: see `edits`."""
    copied: EditableRecord = _copied(decoded)
    return copied


def edits(decoded: DecodedTable, edited: Mapping[str, Any]) -> dict[str, Any]:
    """The changes, as `changed` takes them, that lead from a table to an edited copy of it."""
    return {name: value for name, value in edited.items() if name not in decoded or decoded[name] != value}


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return EditableRecord((name, _copied(inner)) for name, inner in value.items())
    return [_copied(inner) for inner in value] if isinstance(value, list) else value
