"""What a read or write says of a table, as JSON: see docs/decode-json.md."""

from typing import Any

from c1219_tables.part import Touched
from c1219_tables.schema.cursor import Remark
from c1222.capture.mask import MASKED
from c1222.capture.table_view import TableView

Record = dict[str, Any]


def table_record(view: TableView, *, hidden: bool = False) -> Record:
    """A table for the serializer of export.py, which finds words for times, decimals and octets.

    hidden: its values are masked, all of them: in a table that was cut or read with other dimensions a password may
    stand where a number is expected.
    """
    table, decoded = view.table, view.decoded
    remarks = [] if decoded is None else [remark for remark in decoded.remarks if remark.code != "assumed"]
    return {
        "number": table.number,
        "table": table.label,
        "name": table.name,
        "whole": view.is_whole,
        "offset": view.offset,
        "length": len(view.octets),
        "assumed": view.assumed or None,
        "needs": list(view.needs),
        "problem": view.problem or None,
        "fields": MASKED if hidden and decoded is not None else decoded,
        "touched": None if view.is_whole else [_touched(each, hidden) for each in view.touched],
        "trailing": (MASKED if hidden else decoded.trailing) if decoded is not None and decoded.trailing else None,
        "remarks": [_remark(remark) for remark in remarks],
    }


def _touched(touched: Touched, hidden: bool) -> Record:
    return {
        "field": touched.span.field,
        "start": touched.span.start,
        "end": touched.span.end,
        "octets": MASKED if hidden else touched.octets,
        "whole": touched.is_whole,
        "value": MASKED if hidden else touched.value,
    }


def _remark(remark: Remark) -> Record:
    return {"code": remark.code, "text": remark.text, "field": remark.field or None, "offset": remark.offset}
