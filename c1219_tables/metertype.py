"""What a meter's table 0 says about storing values, and the base of every type whose octets depend on it.

A type reads `this._params.formats`, the Formats that Table makes of table 0 before it decodes. Where a meter writes a
value otherwise than we would (a number as text with other padding, minus zero), the octets are kept beside the value
and written back.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from construct import Construct

from c1219_tables.schema.cursor import Cursor, Writer
from c1219_tables.schema.dialect import Misfit, short
from c1219_tables.schema.packed import Region, pack

__all__ = ["Formats", "MeterType", "same"]


@dataclass(frozen=True, slots=True)
class Formats:
    """How a meter stores its values, from its table 0.

    data_order: octet order of integers. int_format: 0 two's complement, 1 one's complement, 2 sign and magnitude.
    char_format: 1 ISO 646, 2 ISO 8859-1, 3 UTF-8, 4 UTF-16, 5 UTF-32. tm_format: 0 no clock, 1 BCD, 2 binary fields,
    3 minutes, 4 seconds. ni_format1, ni_format2: 0 to 13, see NiFormat.
    """

    data_order: Literal["little", "big"] = "little"
    int_format: int = 0
    char_format: int = 1
    tm_format: int = 0
    ni_format1: int = 8
    ni_format2: int = 8

    @classmethod
    def of(cls, st0: Mapping[str, Any]) -> "Formats":
        """The formats of a decoded table 0. Raises LookupError where one is not in it."""
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

    def usual(self, formats: Formats) -> Callable[[bytes], Any]:
        """`value_of` for octets that encoding would give back; raises ValueError for others."""

        def value(octets: bytes) -> Any:
            found = self.value_of(octets, formats)
            if not self._is_usual(found, octets, formats):
                raise ValueError("octets to be kept beside the value")
            return found

        return value

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


@pack.register
def _(word: MeterType, region: Region) -> str:
    formats: Formats = region.questions.formats
    return region.octets(word.width(formats), word.usual(formats))


def same(one: Any, other: Any) -> bool:
    """Equal, and a NaN equal to itself: the octets that were kept for a value still stand for it."""
    return bool(one == other) or (one != one and other != other)
