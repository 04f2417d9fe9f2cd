"""Types in the words of the standard: UINT16, SET(n), STRING(n), BIT FIELD OF UINT8."""

from collections.abc import Mapping
from typing import Any

from construct import Bytes, Construct, FormatField, IfThenElse, Switch
from construct.core import BytesInteger

from c1219_tables.explain.expressions import value, words
from c1219_tables.formats import Octets, Text
from c1219_tables.metertype import Formats, MeterType
from c1219_tables.numbers import NiFormat
from c1219_tables.schema import dialect
from c1219_tables.times import RecurringDate

_FORMAT_LETTERS = {"B": "UINT8", "H": "UINT16", "L": "UINT32", "Q": "UINT64"}


def type_name(layout: Construct, params: Mapping[str, Any]) -> str:
    """Name of a type; where a meter is known, with the form that it has there."""
    if isinstance(layout, dialect.Secret):
        return f"{type_name(layout.subcon, params)}, secret"
    if isinstance(layout, dialect.Tail):
        return f"{type_name(layout.subcon, params)}, if octets are left"
    if isinstance(layout, dialect.Sized):
        return f"length ({type_name(layout.length, params)}), then {type_name(layout.subcon, params)}"
    if isinstance(layout, dialect.Struct):
        return "record"
    if isinstance(layout, dialect.BitField):
        return f"BIT FIELD OF {type_name(layout.subcon, params)}"
    if isinstance(layout, dialect.Set):
        return f"SET({_length(layout.octets, params)})"
    if isinstance(layout, Text | dialect.Text):
        return f"STRING({_length(layout.octets, params)})"
    if isinstance(layout, Octets):
        return f"BINARY({_length(layout.octets, params)})"
    if isinstance(layout, Bytes):
        return f"BINARY({_length(layout.length, params)})"
    if isinstance(layout, NiFormat):
        return _ni_format(layout, params.get("formats"))
    if isinstance(layout, IfThenElse | Switch):
        return "one of these"
    return _plain_name(layout)


def _plain_name(layout: Construct) -> str:
    if isinstance(layout, MeterType | RecurringDate):
        return layout.name_of_type
    if isinstance(layout, FormatField):
        return _FORMAT_LETTERS.get(layout.fmtstr[-1], "number")
    if isinstance(layout, BytesInteger):
        return f"UINT{8 * int(layout.length)}"
    if isinstance(layout, dialect.UpTo):
        return f"BINARY, at most {words(layout.limit)} octets"
    if isinstance(layout, dialect.Rest):
        return "BINARY, all octets left"
    if isinstance(layout, dialect.Nothing):
        return "no octets"
    if isinstance(layout, dialect.Refused):
        return "cannot be read"
    if isinstance(layout, dialect.Array):
        return f"{words(layout.count)} times {_plain_name(layout.subcon)}"
    return type(layout).__name__


def _length(octets: Any, params: Mapping[str, Any]) -> str:
    known = value(octets, params)
    return words(octets) if known is None else str(known)


def _ni_format(layout: NiFormat, formats: Formats | None) -> str:
    if formats is None:
        return layout.name_of_type
    try:
        return f"{layout.name_of_type} = {layout.of(formats).name_of_type}"
    except ValueError:
        return f"{layout.name_of_type}, not public for this meter"
