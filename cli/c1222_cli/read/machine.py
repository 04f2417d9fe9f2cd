"""Tables that were read, as JSON. See docs/read-json.md for every name, docs/read.schema.json for the rules."""

from collections.abc import Iterator, Sequence
from typing import Any

from c1219_tables.errors import MissingTableError
from c1222.capture.export import serializer
from c1222.capture.mask import MASKED
from c1222.capture.table_record import table_record
from c1222.errors import (
    C12Error,
    LayoutError,
    LinkTimeout,
    ProtocolError,
    SecurityError,
    ServiceError,
    TransportError,
)
from c1222_cli.failure import exit_code, sentence
from c1222_cli.read.fetch import Fetched
from c1222_cli.read.head import Head, time_record
from c1222_cli.read.wanted import picked

Record = dict[str, Any]

_CODES: tuple[tuple[type[Exception], str], ...] = (
    (LinkTimeout, "timeout"),
    (ProtocolError, "protocol"),
    (TransportError, "link"),
    (MissingTableError, "missing-table"),
    (LayoutError, "misfit"),
)
"""Errors that have no code of their own, the first that fits."""


def json_lines(head: Head, tables: Sequence[Fetched]) -> Iterator[bytes]:
    """One document, a table a line."""
    dumps = serializer()
    yield dumps(head.record()).removesuffix(b"}") + b',"tables":['
    for index, fetched in enumerate(tables):
        yield dumps(table_fetched(fetched, head)) + (b"," if index + 1 < len(tables) else b"")
    yield b"]}"


def jsonl_lines(head: Head, tables: Sequence[Fetched]) -> Iterator[bytes]:
    """A line for the meter, then a line a table, each a document."""
    dumps = serializer()
    yield dumps({"type": "read", **head.record()})
    for fetched in tables:
        yield dumps({"type": "table", **table_fetched(fetched, head)})


def table_fetched(fetched: Fetched, head: Head) -> Record:
    """What came of one table, for the serializer of capture/export.py."""
    view, hidden = fetched.view, fetched.is_hidden
    said = table_record(view, hidden=hidden) if view is not None and not fetched.is_raw else {}
    octets = None if view is None else MASKED if hidden else view.octets
    return {
        "number": fetched.table.number,
        "label": fetched.table.label,
        "name": fetched.table.name,
        "read_at": time_record(head.read_table_at(fetched.table.number, fetched.read_at)),
        "whole": view is not None and view.is_whole,
        "offset": None if view is None or fetched.index is not None else view.offset,
        "index": fetched.index,
        "octets": octets,
        "fields": list(fetched.fields) or None,
        "value": _value(fetched, said.get("fields")),
        "touched": said.get("touched"),
        "trailing": said.get("trailing"),
        "assumed": said.get("assumed"),
        "remarks": said.get("remarks", []),
        "error": None if fetched.error is None else error_record(fetched.error),
    }


def _value(fetched: Fetched, decoded: Any) -> Any:
    if decoded is None or decoded == MASKED or not fetched.fields:
        return decoded
    return {path: picked(decoded, path) for path in fetched.fields}


def error_record(error: C12Error) -> Record:
    """Why something is missing. code: of the meter's answer, or the kind of failure."""
    if isinstance(error, ServiceError):
        said = {"code": error.code, "message": error.problem, "hint": error.hint or None}
    else:
        code = error.reason if isinstance(error, SecurityError) else _code(error)
        said = {"code": code, "message": sentence(error), "hint": None}
    return {**said, "exit_code": exit_code(error)}


def _code(error: C12Error) -> str:
    return next((code for kind, code in _CODES if isinstance(error, kind)), "failed")
