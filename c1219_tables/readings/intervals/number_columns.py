"""Numbers that stand at regular places in octets, all at once: columns, not rows.

Octet n of all the numbers is one slice of the octets; slices put side by side are an array of the machine's own. No
number is touched one by one, which is what makes 60 days of load profile a matter of a millisecond.
"""

import sys
from array import array
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from c1219_tables.formats import FLOAT32, FLOAT64, Formats, MeterType
from c1219_tables.numbers import Integer, NiFormat

Raw: TypeAlias = "int | float | Decimal | None"
"""A number as its table has it. None: octets that hold no number (text or BCD that is blank)."""

_CODES = {octets: codes for codes in ("bB", "hH", "iI", "qQ") for octets in (array(codes[0]).itemsize,)}
"""Octets of a number -> codes of `array`, signed and unsigned."""

_SIGNS = bytes(128) + b"\xff" * 128
"""Highest octet of a number in two's complement -> the octets above it in a wider one."""


def column(octets: bytes, at: int, stride: int, kind: MeterType, formats: Formats) -> Sequence[Raw]:
    """All the numbers of a kind whose octets begin at `at`, `at + stride` ..., as long as there are octets.

    octets: whole records of `stride` octets. kind: an integer, a float or an NI format. Gives an array of integers or
    floats where octets allow it, else a list.
    """
    if isinstance(kind, NiFormat):
        kind = kind.of(formats)
    if kind is FLOAT32 or kind is FLOAT64:
        width = kind.width(formats)
        return _joined(_planes(octets, at, stride, width, formats), "f" if width == 4 else "d")
    if isinstance(kind, Integer) and not (kind.signed and formats.int_format):
        return _integers(_planes(octets, at, stride, kind.octets, formats), kind.signed)
    width = kind.width(formats)
    return [kind.value_of(octets[n : n + width], formats) for n in range(at, len(octets), stride)]


def joined(planes: Sequence[bytes]) -> "array[int]":
    """Unsigned numbers of one, two, four or eight octets, from their first octets, second octets and so on.

    planes: the least significant octets first.
    """
    return _joined(planes, _CODES[len(planes)][1])


def _planes(octets: bytes, at: int, stride: int, width: int, formats: Formats) -> list[bytes]:
    """First octets of all the numbers, second octets and so on, the least significant first."""
    planes = [octets[at + n :: stride] for n in range(width)]
    return planes if formats.data_order == "little" else planes[::-1]


def _integers(planes: list[bytes], signed: bool) -> "array[int]":
    """Widened to what `array` has."""
    wide = next(octets for octets in _CODES if octets >= len(planes))
    above = planes[-1].translate(_SIGNS) if signed else bytes(len(planes[-1]))
    return _joined(planes + [above] * (wide - len(planes)), _CODES[wide][not signed])


def _joined(planes: Sequence[bytes], code: str) -> "array[Any]":
    wide = len(planes)
    octets = bytearray(wide * len(planes[0]))
    for number, plane in enumerate(planes if sys.byteorder == "little" else planes[::-1]):
        octets[number::wide] = plane
    numbers: array[Any] = array(code)
    numbers.frombytes(octets)
    return numbers
