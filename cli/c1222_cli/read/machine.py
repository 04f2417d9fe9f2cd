"""Tables that were read, as JSON. See docs/read-json.md for every name, docs/read.schema.json for the rules."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from c1219_tables.errors import MissingTableError
from c1222 import __version__
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
from c1222_cli.read.wanted import picked

SCHEMA_VERSION = 1

Record = dict[str, Any]

_CODES: tuple[tuple[type[Exception], str], ...] = (
    (LinkTimeout, "timeout"),
    (ProtocolError, "protocol"),
    (TransportError, "link"),
    (MissingTableError, "missing-table"),
    (LayoutError, "misfit"),
)
"""Errors that have no code of their own, the first that fits."""


class Head(NamedTuple):
    """Which meter was asked, and when the session began. target: without its options."""

    target: str
    simulated: bool
    read_at: datetime

    def record(self) -> Record:
        return {
            "schema_version": SCHEMA_VERSION,
            "c1222_version": __version__,
            "simulated": self.simulated,
            "target": self.target,
            "read_at": _time(self.read_at, self),
        }


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
        "read_at": None if fetched.read_at is None else _time(fetched.read_at, head),
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


def _time(moment: datetime, head: Head) -> str | None:
    """UTC; None for the simulated meter, whose time is another, so that what it says can be compared."""
    return None if head.simulated else moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
