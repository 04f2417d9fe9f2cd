"""Numbers of C12.19: integers, floats, BCD and the NI formats, stored as the meter's table 0 says.

Decimals are exact whatever the decimal context is. Sources: docs/sources.md; agreement is named at each type.
"""

import re
import struct
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from c1219_tables.metertype import Formats, MeterType
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
    "UINT8",
    "UINT16",
    "UINT24",
    "UINT32",
    "UINT40",
    "UINT48",
    "UINT64",
    "Integer",
    "NiFormat",
]


_CODES = {1: "B", 2: "H", 4: "I", 8: "Q"}
"""Octets of an unsigned integer -> its code in `struct`."""


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
        self._check_coding(formats)
        if formats.int_format == 0:
            return int.from_bytes(octets, formats.data_order, signed=True)
        whole = int.from_bytes(octets, formats.data_order)
        sign = 1 << 8 * self.octets - 1
        if whole < sign:
            return whole
        return whole - 2 * sign + 1 if formats.int_format == 1 else sign - whole

    def octets_of(self, value: int, formats: Formats) -> bytes:
        if not isinstance(value, int):
            raise TypeError("a whole number is wanted")
        if self.signed:
            self._check_coding(formats)
        limit = 1 << 8 * self.octets - (1 if self.signed else 0)
        least = 0 if not self.signed else -limit if formats.int_format == 0 else 1 - limit
        if not least <= value < limit:
            raise ValueError(f"{least} to {limit - 1} fits")
        if value < 0 and formats.int_format == 1:
            value += 2 * limit - 1
        elif value < 0 and formats.int_format == 2:
            value = limit - value
        return value.to_bytes(self.octets, formats.data_order, signed=value < 0)

    @staticmethod
    def _check_coding(formats: Formats) -> None:
        if formats.int_format > 2:
            raise ValueError("INT_FORMAT 3 is reserved: its sign coding is not known")

    def _sizeof(self, context: Any, path: str) -> int:
        return self.octets


@pack.register
def _(word: Integer, region: Region) -> str:
    formats: Formats = region.questions.formats
    if word.signed and formats.int_format:
        return pack.dispatch(MeterType)(word, region)
    if code := _CODES.get(word.octets):
        return region.value(code.lower() if word.signed else code)
    return region.octets(word.octets, partial(int.from_bytes, byteorder=formats.data_order, signed=word.signed))


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
        return Decimal(f"{INT32.value_of(octets, formats)}E-4")

    def octets_of(self, value: Decimal | int, formats: Formats) -> bytes:
        whole, _, decimals = _plain(value, 40).partition(".")
        decimals = decimals.rstrip("0")
        if len(decimals) > 4:
            raise ValueError("four decimals fit")
        return INT32.octets_of(int(whole + decimals.ljust(4, "0")), formats)


class Digits(MeterType):
    """BCD: two digits an octet, most significant first whatever DATA_ORDER says; decodes to text of digits.

    Shorter text is filled with 0 on the left. Nibbles A to F are kept as letters; what they mean is known for NI
    formats only. Sources: CX YK; CX for the order.
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
    """A number in BCD; decodes to a Decimal, None where it is no number.

    Nibble A is minus, D the decimal point; B is blank and counts as 0, as C E F do; nothing but blanks is no number.
    Digits are read left to right. Source: CX alone, whose own reading of the point is wrong in half of the places.
    """

    _MEANING = str.maketrans({"A": "-", "B": "0", "C": "0", "D": ".", "E": "0", "F": "0"})

    def __init__(self, octets: int) -> None:
        super().__init__()
        self.octets = octets
        self.name_of_type = f"BCD[{octets}]"

    def width(self, formats: Formats) -> int:
        return self.octets

    def value_of(self, octets: bytes, formats: Formats) -> Decimal | None:
        return _decimal(octets.hex().upper().lstrip("B").translate(self._MEANING))

    def octets_of(self, value: Decimal | int, formats: Formats) -> bytes:
        text = _plain(value, 2 * self.octets).replace("-", "A").replace(".", "D")
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
        return _plain(value, self.octets).rjust(self.octets).encode("ascii")


# Decimal itself also reads 1_000 and 9E999999999; the latter, written out, would fill all memory.
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[Ee][+-]?\d{1,2})?", re.ASCII)


def _decimal(text: str) -> Decimal | None:
    """A number, None for anything else: a blank register is no zero."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _plain(value: Decimal | int, room: int) -> str:
    """A number as sign, digits and point. Raises ValueError where it is none or takes more than `room` characters."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError("a number is wanted") from None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError("a finite number is wanted")
    if exponent >= -room and number.adjusted() < room and len(text := format(number, "f")) <= room:
        return text
    raise ValueError(f"sign, digits and point of at most {room} characters fit")


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


@pack.register
def _(word: NiFormat, region: Region) -> str:
    return pack(word.of(region.questions.formats), region)


NI_FMAT1, NI_FMAT2 = NiFormat(1), NiFormat(2)
