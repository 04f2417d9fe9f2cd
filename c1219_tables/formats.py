"""The built-in types of C12.19: integers, floats, BCD, strings and NI formats, stored as the meter's table 0 says.

Every type reads `this._params.formats`, the Formats that Table makes of table 0 before it decodes. Where a meter writes
a value otherwise than we would (a number as text with other padding, minus zero), the octets are kept beside the value
and written back. Dates and times are in times.py. Sources: docs/sources.md; agreement is named at each type.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from construct import Construct, IfThenElse, this

from c1219_tables.schema.cursor import Cursor, Writer
from c1219_tables.schema.dialect import Misfit, number, short

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


@dataclass(frozen=True, slots=True)
class Formats:
    """How a meter stores its values, from its table 0.

    data_order: octet order of integers. int_format: 0 two's complement, 1 one's complement, 2 sign and magnitude.
    char_format: 1 ISO 646, 2 ISO 8859-1, 3 UTF-8, 4 UTF-16, 5 UTF-32. tm_format: 0 no clock, 1 BCD, 2 binary fields,
    3 minutes, 4 seconds. ni_format1, ni_format2: 0 to 13, see NI_FMAT1.
    """

    data_order: Literal["little", "big"] = "little"
    int_format: int = 0
    char_format: int = 1
    tm_format: int = 0
    ni_format1: int = 8
    ni_format2: int = 8

    @classmethod
    def of(cls, st0: Mapping[str, Any]) -> "Formats":
        """The formats of a decoded table 0."""
        one, two, three = (st0[f"format_control_{n}"] for n in (1, 2, 3))
        return cls(
            "big" if one["data_order"] else "little",
            two["int_format"],
            one["char_format"],
            two["tm_format"],
            three["ni_format1"],
            three["ni_format2"],
        )


class MeterType(Construct):
    """A value whose octets depend on the meter's formats.

    A type says `width`, `value_of` and `octets_of`. Octets that `octets_of` would not give back are kept: a decoded
    value encodes to the octets it came from as long as it is not changed.
    """

    def width(self, formats: Formats) -> int:
        """Octets of the value."""
        raise NotImplementedError

    def value_of(self, octets: bytes, formats: Formats) -> Any:
        """Raises ValueError with what is wrong."""
        raise NotImplementedError

    def octets_of(self, value: Any, formats: Formats) -> bytes:
        """Raises ValueError, TypeError or OverflowError for a value that does not fit."""
        raise NotImplementedError

    def _width(self, context: Mapping[str, Any], path: str) -> int:
        try:
            return self.width(context["_params"]["formats"])
        except ValueError as exc:
            raise Misfit(str(exc), path) from None

    def _parse(self, stream: Cursor, context: Mapping[str, Any], path: str) -> Any:
        formats = context["_params"]["formats"]
        start, wanted = stream.pos, self._width(context, path)
        octets = stream.read(wanted)
        if len(octets) != wanted:
            raise short(path, stream, wanted)
        try:
            value = self.value_of(octets, formats)
        except ValueError as exc:
            raise Misfit(str(exc), path, start) from None
        if not self._is_usual(value, octets, formats):
            stream.forms[f"{path}#octets"] = octets
        return value

    def _is_usual(self, value: Any, octets: bytes, formats: Formats) -> bool:
        try:
            return self.octets_of(value, formats) == octets
        except (ValueError, TypeError, OverflowError):
            return False

    def _build(self, obj: Any, stream: Writer, context: Mapping[str, Any], path: str) -> Any:
        formats = context["_params"]["formats"]
        wanted = self._width(context, path)
        kept: Any = stream.forms.get(f"{path}#octets")
        if kept is not None and len(kept) == wanted and same(self.value_of(kept, formats), obj):
            stream.write(kept)
            return obj
        try:
            octets = self.octets_of(obj, formats)
        except (ValueError, TypeError, OverflowError, AttributeError, struct.error) as exc:
            raise Misfit(f"{obj!r} does not fit: {exc}", path) from None
        if len(octets) != wanted:
            raise Misfit(f"{obj!r} takes {len(octets)} octets, {wanted} are there for it", path)
        stream.write(octets)
        return obj

    def _sizeof(self, context: Mapping[str, Any], path: str) -> int:
        return self._width(context, path)


def same(one: Any, other: Any) -> bool:
    """Equal, and a NaN equal to itself: the octets that were kept for a value still stand for it."""
    return bool(one == other) or (one != one and other != other)


class Integer(MeterType):
    """UINT and INT of 1 to 8 octets, in the meter's DATA_ORDER, signed ones in its INT_FORMAT.

    Sources: CT CX TM YK for sizes and order; NI YK for INT_FORMAT.
    """

    def __init__(self, octets: int, *, signed: bool) -> None:
        super().__init__()
        self.octets = octets
        self.signed = signed
        self.name_of_type = f"{'' if signed else 'U'}INT{8 * octets}"

    def width(self, formats: Formats) -> int:
        return self.octets

    def value_of(self, octets: bytes, formats: Formats) -> int:
        if not self.signed:
            return int.from_bytes(octets, formats.data_order)
        if formats.int_format == 0:
            return int.from_bytes(octets, formats.data_order, signed=True)
        whole = int.from_bytes(octets, formats.data_order)
        sign = 1 << 8 * self.octets - 1
        if whole < sign:
            return whole
        if formats.int_format == 1:
            return whole - 2 * sign + 1
        if formats.int_format == 2:
            return sign - whole
        raise ValueError("INT_FORMAT 3 is reserved: its sign coding is not known")

    def octets_of(self, value: int, formats: Formats) -> bytes:
        if not isinstance(value, int):
            raise TypeError("a whole number is wanted")
        limit = 1 << 8 * self.octets - (1 if self.signed else 0)
        least = 0 if not self.signed else -limit if formats.int_format == 0 else 1 - limit
        if not least <= value < limit:
            raise ValueError(f"{least} to {limit - 1} fits")
        if value < 0 and formats.int_format == 1:
            value += 2 * limit - 1
        elif value < 0 and formats.int_format == 2:
            value = limit - value
        elif formats.int_format > 2 and self.signed:
            raise ValueError("INT_FORMAT 3 is reserved")
        return value.to_bytes(self.octets, formats.data_order, signed=value < 0)

    def _sizeof(self, context: Mapping[str, Any], path: str) -> int:
        return self.octets


UINT8, UINT16, UINT24, UINT32, UINT40, UINT48, UINT64 = (Integer(n, signed=False) for n in (1, 2, 3, 4, 5, 6, 8))
INT8, INT16, INT24, INT32, INT40, INT48, INT64 = (Integer(n, signed=True) for n in (1, 2, 3, 4, 5, 6, 8))


class Float(MeterType):
    """IEEE 754, the whole value in DATA_ORDER. Sources: CX YK."""

    def __init__(self, octets: int) -> None:
        super().__init__()
        self.octets = octets
        self.name_of_type = f"FLOAT{8 * octets}"
        letter = {4: "f", 8: "d"}[octets]
        self._packing = {"little": struct.Struct(f"<{letter}"), "big": struct.Struct(f">{letter}")}

    def width(self, formats: Formats) -> int:
        return self.octets

    def value_of(self, octets: bytes, formats: Formats) -> float:
        return float(self._packing[formats.data_order].unpack(octets)[0])

    def octets_of(self, value: float, formats: Formats) -> bytes:
        return self._packing[formats.data_order].pack(value)


FLOAT32, FLOAT64 = Float(4), Float(8)


class ImpliedDecimals(MeterType):
    """INT32 with four implied decimals; decodes to a Decimal. Sources: NI YK and comments in HX CX."""

    name_of_type = "INT32/10000"

    def width(self, formats: Formats) -> int:
        return 4

    def value_of(self, octets: bytes, formats: Formats) -> Decimal:
        return Decimal(INT32.value_of(octets, formats)).scaleb(-4)

    def octets_of(self, value: Decimal, formats: Formats) -> bytes:
        scaled = Decimal(value).scaleb(4)
        if scaled != scaled.to_integral_value():
            raise ValueError("four decimals fit")
        return INT32.octets_of(int(scaled), formats)


class Digits(MeterType):
    """BCD: two digits an octet, most significant first whatever DATA_ORDER says; decodes to text of digits.

    Nibbles A to F are kept as letters; what they mean is known for NI formats only. Sources: CX YK; CX for the order.
    """

    def __init__(self, octets: int) -> None:
        super().__init__()
        self.octets = octets
        self.name_of_type = f"BCD({octets})"

    def width(self, formats: Formats) -> int:
        return self.octets

    def value_of(self, octets: bytes, formats: Formats) -> str:
        return octets.hex().upper()

    def octets_of(self, value: str, formats: Formats) -> bytes:
        if not isinstance(value, str) or len(value) > 2 * self.octets:
            raise ValueError(f"text of at most {2 * self.octets} digits fits")
        return bytes.fromhex(value.rjust(2 * self.octets, "0"))


def BCD(octets: int) -> Digits:  # noqa: N802 - the standard's word
    """A BCD field of so many octets."""
    return Digits(octets)


class BcdNumber(MeterType):
    """A number in BCD; decodes to a Decimal. Nibble A is minus, B blank, D the decimal point, C E F count as 0.

    Digits are read left to right. Source: CX alone, whose own reading of the point is wrong in half of the places.
    """

    _MEANING = str.maketrans({"A": "-", "B": "", "C": "0", "D": ".", "E": "0", "F": "0"})

    def __init__(self, octets: int) -> None:
        super().__init__()
        self.octets = octets
        self.name_of_type = f"BCD[{octets}]"

    def width(self, formats: Formats) -> int:
        return self.octets

    def value_of(self, octets: bytes, formats: Formats) -> Decimal | None:
        return _decimal(octets.hex().upper().translate(self._MEANING))

    def octets_of(self, value: Decimal | int, formats: Formats) -> bytes:
        text = format(Decimal(value), "f").replace("-", "A").replace(".", "D")
        if len(text) > 2 * self.octets:
            raise ValueError(f"{2 * self.octets} digits fit")
        sign, digits = ("A", text[1:]) if text.startswith("A") else ("", text)
        return bytes.fromhex(sign + digits.rjust(2 * self.octets - len(sign), "0"))


class TextNumber(MeterType):
    """A decimal number as text; decodes to a Decimal, None where it is no number. Sources: CX NI YK."""

    def __init__(self, octets: int) -> None:
        super().__init__()
        self.octets = octets
        self.name_of_type = f"CHAR[{octets}]"

    def width(self, formats: Formats) -> int:
        return self.octets

    def value_of(self, octets: bytes, formats: Formats) -> Decimal | None:
        return _decimal(octets.decode("latin-1").strip(" \0"))

    def octets_of(self, value: Decimal | int, formats: Formats) -> bytes:
        text = format(Decimal(value), "f")
        if len(text) > self.octets:
            raise ValueError(f"{self.octets} characters fit")
        return text.rjust(self.octets).encode("ascii")


def _decimal(text: str) -> Decimal | None:
    """A finite number, None for anything else: a blank register is no zero."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


_NI_TYPES: dict[int, MeterType] = {
    0: FLOAT64,
    1: FLOAT32,
    2: TextNumber(12),
    3: TextNumber(6),
    4: ImpliedDecimals(),
    5: BcdNumber(6),
    6: BcdNumber(4),
    7: INT24,
    8: INT32,
    9: INT40,
    10: INT48,
    11: INT64,
    12: BcdNumber(8),
    13: TextNumber(21),
}


class NiFormat(MeterType):
    """A number in the format that table 0 chooses: NI_FMAT1 by NI_FORMAT1, NI_FMAT2 by NI_FORMAT2.

    0 FLOAT64, 1 FLOAT32, 2 CHAR[12], 3 CHAR[6], 4 INT32 with four implied decimals, 5 BCD[6], 6 BCD[4], 7 INT24,
    8 INT32, 9 INT40, 10 INT48, 11 INT64, 12 BCD[8], 13 CHAR[21]. Integers decode to int, 0 and 1 to float, the others
    to Decimal (None where they hold no number). Sources: CX NI YK; 12 and 13 NI YK. 14 and 15: no source, refused.
    """

    def __init__(self, which: int) -> None:
        super().__init__()
        self.which = which
        self.name_of_type = f"NI_FMAT{which}"

    def of(self, formats: Formats) -> MeterType:
        """The type that this meter uses."""
        code = formats.ni_format1 if self.which == 1 else formats.ni_format2
        if code not in _NI_TYPES:
            raise ValueError(f"NI_FORMAT{self.which} is {code}: what that means is not public")
        return _NI_TYPES[code]

    def width(self, formats: Formats) -> int:
        return self.of(formats).width(formats)

    def value_of(self, octets: bytes, formats: Formats) -> Any:
        return self.of(formats).value_of(octets, formats)

    def octets_of(self, value: Any, formats: Formats) -> bytes:
        return self.of(formats).octets_of(value, formats)


NI_FMAT1, NI_FMAT2 = NiFormat(1), NiFormat(2)


class Text(MeterType):
    """STRING(n): text of n octets in the meter's CHAR_FORMAT, padding kept; shorter text is padded with blanks.

    UTF-16 and UTF-32 (whether n counts octets or characters is not public), formats that nobody defined, and octets
    that are not UTF-8 where they should be, decode to octets. Sources: NI TM YK for 1 and 2, NI TM for 3.
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
        if isinstance(value, str):
            encoding = self._ENCODINGS.get(formats.char_format)
            if encoding is None:
                raise TypeError(f"CHAR_FORMAT {formats.char_format}: octets are wanted, not text")
            return value.encode(encoding)
        return bytes(value)

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


def identifier(characters: int) -> Construct:
    """An identifier that ID_FORM makes text of so many octets, or half as many octets of BCD.

    Sources: CX NI TM YK CT; CX TM for the digits.
    """
    id_form = this._params.st0.format_control_2.id_form
    return IfThenElse(id_form == 0, STRING(characters), BCD(characters // 2))
