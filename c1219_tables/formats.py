"""The built-in types of C12.19, for layouts to import from one place; text, octets and identifiers are declared here.

Numbers are in numbers.py, dates and times in times.py. Sources: docs/sources.md; agreement is named at each type.
"""

from collections.abc import Mapping
from typing import Any

from construct import Construct, IfThenElse, this

from c1219_tables.metertype import Formats, MeterType
from c1219_tables.numbers import (
    BCD,
    FLOAT32,
    FLOAT64,
    INT8,
    INT16,
    INT24,
    INT32,
    INT40,
    INT48,
    INT64,
    NI_FMAT1,
    NI_FMAT2,
    UINT8,
    UINT16,
    UINT24,
    UINT32,
    UINT40,
    UINT48,
    UINT64,
)
from c1219_tables.schema.cursor import Cursor, Writer
from c1219_tables.schema.dialect import Misfit, number, short
from c1219_tables.schema.packed import Region, pack

__all__ = [
    "BCD",
    "FLOAT32",
    "FLOAT64",
    "INT8",
    "INT16",
    "INT24",
    "INT32",
    "INT40",
    "INT48",
    "INT64",
    "NI_FMAT1",
    "NI_FMAT2",
    "STRING",
    "UINT8",
    "UINT16",
    "UINT24",
    "UINT32",
    "UINT40",
    "UINT48",
    "UINT64",
    "Formats",
    "MeterType",
    "Octets",
    "identifier",
]


class Text(MeterType):
    """STRING(n): text of n octets in the meter's CHAR_FORMAT, padding kept; shorter text is padded with blanks.

    UTF-16 and UTF-32 (whether n counts octets or characters is not public), formats that nobody defined, and octets
    that are not UTF-8 where they should be, decode to octets. Sources: NI TM YK for 1 and 2, NI TM for 3; TM for 4 5.
    """

    # ISO 646 is read as ISO 8859-1, so that a meter that uses the eighth bit all the same loses nothing.
    _ENCODINGS = {1: "latin-1", 2: "latin-1", 3: "utf-8"}

    def __init__(self, octets: Any) -> None:
        super().__init__()
        self.octets = octets
        self.name_of_type = f"STRING({octets})"

    def _width(self, context: Mapping[str, Any], path: str) -> int:
        return number(self.octets, context)

    def value_of(self, octets: bytes, formats: Formats) -> str | bytes:
        encoding = self._ENCODINGS.get(formats.char_format)
        try:
            return octets.decode(encoding) if encoding else octets
        except UnicodeDecodeError:
            return octets

    def octets_of(self, value: str | bytes, formats: Formats) -> bytes:
        if isinstance(value, bytes):
            return value
        if not isinstance(value, str):
            raise TypeError("text is wanted")
        encoding = self._ENCODINGS.get(formats.char_format)
        if encoding is None:
            raise TypeError(f"CHAR_FORMAT {formats.char_format}: octets are wanted, not text")
        return value.encode(encoding)

    def _build(self, obj: Any, stream: Writer, context: Mapping[str, Any], path: str) -> Any:
        formats, wanted = context["_params"]["formats"], self._width(context, path)
        try:
            octets = self.octets_of(obj, formats)
        except (ValueError, TypeError) as exc:
            raise Misfit(f"{obj!r} does not fit: {exc}", path) from None
        if len(octets) > wanted or (isinstance(obj, bytes) and len(octets) != wanted):
            raise Misfit(f"{obj!r} takes {len(octets)} octets, {wanted} are there for it", path)
        stream.write(octets.ljust(wanted, b" "))
        return obj


@pack.register
def _(word: Text, region: Region) -> str:
    return region.octets(region.number(word.octets), word.usual(region.questions.formats))


def STRING(octets: Any) -> Text:  # noqa: N802 - the standard's word
    """Text of so many octets: a number or a `this` expression."""
    return Text(octets)


class Octets(Construct):
    """BINARY(n): octets as they are. n: a number or a `this` expression."""

    def __init__(self, octets: Any) -> None:
        super().__init__()
        self.octets = octets
        self.name_of_type = f"BINARY({octets})"

    def _parse(self, stream: Cursor, context: Mapping[str, Any], path: str) -> bytes:
        wanted = number(self.octets, context)
        octets = stream.read(wanted)
        if len(octets) != wanted:
            raise short(path, stream, wanted)
        return octets

    def _build(self, obj: Any, stream: Writer, context: Mapping[str, Any], path: str) -> Any:
        wanted = number(self.octets, context)
        if not isinstance(obj, bytes | bytearray) or len(obj) != wanted:
            raise Misfit(f"{obj!r} given where {wanted} octets are wanted", path)
        stream.write(obj)
        return obj

    def _sizeof(self, context: Mapping[str, Any], path: str) -> int:
        return number(self.octets, context)


@pack.register
def _(word: Octets, region: Region) -> str:
    return region.octets(region.number(word.octets))


def identifier(characters: int) -> Construct:
    """An identifier that ID_FORM makes text of so many octets, or half as many octets of BCD.

    Sources: CX NI TM YK CT; CX TM for the digits.
    """
    id_form = this._params.st0.format_control_2.id_form
    return IfThenElse(id_form == 0, STRING(characters), BCD(characters // 2))
