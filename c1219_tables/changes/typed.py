"""New values of fields: as Python has them, or as text, made into what the declaration of the field takes.

Text is what people write in a command or a file: `12`, `0x0C`, `true`, `1.50`, `2026-01-01T00:00:00`, `0-3, 5` for a
SET, hex for octets. What `read` shows as JSON is taken, too. Nothing is rounded, cut or guessed.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

from construct import Bytes, Construct, FormatField
from construct.core import BytesInteger

from c1219_tables.formats import Octets, Text
from c1219_tables.metertype import Formats
from c1219_tables.numbers import BcdNumber, Digits, Float, ImpliedDecimals, Integer, NiFormat, TextNumber
from c1219_tables.schema.dialect import Rest, Secret, SecretOctets, Set
from c1219_tables.times import Date, DateTime, HourMinute, MeterTime, MeterTimeType, TimeOfDay

_WHOLE = re.compile(r"[+-]?[0-9]+")
_BASED = re.compile(r"0x[0-9a-f]+|0b[01]+", re.IGNORECASE)
_HEX = re.compile(r"(?:0x)?((?:[0-9a-f]{2})*)", re.IGNORECASE)
_RUN = re.compile(r"([0-9]+)(?:-([0-9]+))?")
_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def typed(layout: Construct, given: Any, formats: Formats) -> Any:
    """The value that a field of this layout takes. Raises ValueError or TypeError with what is wanted.

    What is in the right form already is passed on; whether it fits is for the declaration to say.
    """
    if isinstance(layout, NiFormat):
        layout = layout.of(formats)
    if isinstance(layout, Secret):
        return SecretOctets(typed(layout.subcon, given, formats))
    if isinstance(layout, Integer | FormatField | BytesInteger):
        return whole_number(given)
    if isinstance(layout, Float):
        return _float(given)
    if isinstance(layout, ImpliedDecimals | TextNumber | BcdNumber):
        return _decimal(given)
    if isinstance(layout, Digits):
        return _digits(given)
    if isinstance(layout, MeterTimeType):
        return _moment(layout, given, formats)
    if isinstance(layout, Set):
        return _members(given)
    if isinstance(layout, Text):
        return _text(given, formats)
    if isinstance(layout, Octets | Rest | Bytes):
        return _octets(given)
    raise TypeError("its parts have to be named, one by one")


def yes_or_no(given: Any) -> bool:
    """The value of a flag: true, false, 1, 0, yes, no, on, off. Raises ValueError."""
    if isinstance(given, bool):
        return given
    word = str(given).strip().lower() if isinstance(given, str | int) else ""
    if word not in (*_YES, *_NO):
        raise ValueError(f"true or false is wanted, not {given!r}")
    return word in _YES


def whole_number(given: Any) -> int:
    """An integer: 12, "12", "0x0C", "0b1100". Raises ValueError."""
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    text = given.strip() if isinstance(given, str) else ""
    if _WHOLE.fullmatch(text) and len(text) <= 64:
        return int(text)
    if _BASED.fullmatch(text) and len(text) <= 64:
        return int(text, 0)
    raise ValueError(f"a whole number is wanted, as 12 or 0x0C, not {given!r}")


def _float(given: Any) -> float:
    try:
        value = float(given) if isinstance(given, str | int | float | Decimal) and not isinstance(given, bool) else None
    except (ValueError, OverflowError):
        value = None
    if value is None or not isfinite(value):
        raise ValueError(f"a number is wanted, not {given!r}")
    return value


def _decimal(given: Any) -> Decimal | int:
    # A float means what it is written as: 0.1, not the nearest binary fraction.
    text = repr(given) if isinstance(given, float) else given
    if isinstance(text, bool) or not isinstance(text, str | int | Decimal):
        raise ValueError(f"a decimal number is wanted, not {given!r}")
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise ValueError(f"a decimal number is wanted, as 1.50, not {given!r}")
    return value


def _digits(given: Any) -> str:
    text = str(given) if isinstance(given, int) and not isinstance(given, bool) else given
    if not isinstance(text, str) or not re.fullmatch(r"[0-9A-Fa-f]+", text):
        raise ValueError(f"digits are wanted, not {given!r}")
    return text


def _text(given: Any, formats: Formats) -> str | bytes:
    if formats.char_format not in (1, 2, 3):
        return _octets(given)
    if isinstance(given, bytes) or not isinstance(given, str):
        if isinstance(given, bytes):
            return given
        raise TypeError(f"text is wanted, not {given!r}")
    if formats.char_format == 1 and not given.isascii():
        raise ValueError(f"this meter stores ASCII (CHAR_FORMAT 1), and {given!r} has other characters")
    return given


def _octets(given: Any) -> bytes:
    if isinstance(given, bytes | bytearray):
        return bytes(given)
    match = _HEX.fullmatch(re.sub(r"[\s:]", "", given)) if isinstance(given, str) else None
    if match is None:
        # Not repeated: it may be secret.
        raise ValueError("octets are wanted, as pairs of hex digits")
    return bytes.fromhex(match[1])


def _members(given: Any) -> list[int]:
    """Numbers in a SET: a list, or `0-3, 5`; `empty` and "" for none."""
    if isinstance(given, str):
        words = [] if given.strip() in ("", "empty") else given.strip().strip("[]").split(",")
        members: list[int] = []
        for word in filter(None, (word.strip() for word in words)):
            match = _RUN.fullmatch(word)
            if match is None or len(word) > 12 or int(match[2] or match[1]) - int(match[1]) > 1 << 16:
                raise ValueError(f"numbers of a set are wanted, as 0-3, 5, not {word!r}")
            members += range(int(match[1]), int(match[2] or match[1]) + 1)
        return sorted(set(members))
    if not isinstance(given, Iterable) or isinstance(given, bytes | Mapping):
        raise TypeError(f"the numbers of a set are wanted, as a list, not {given!r}")
    return sorted({whole_number(member) for member in given})


def _moment(layout: MeterTimeType, given: Any, formats: Formats) -> Any:
    if isinstance(given, Mapping):
        return _shown_moment(layout, given, formats)
    if isinstance(given, str):
        if given.strip().lower().startswith("0x"):
            return MeterTime(_octets(given.strip()), None)
        return _parsed(layout, given.strip())
    if given is not None and not isinstance(given, MeterTime | datetime | date | time):
        raise TypeError(f"a time is wanted, not {given!r}")
    return given


def _parsed(layout: MeterTimeType, text: str) -> datetime | date | time:
    kinds: tuple[tuple[type[MeterTimeType], Any, str], ...] = (
        (DateTime, datetime, "2026-01-31T12:00:00"),
        (Date, date, "2026-01-31"),
        (TimeOfDay, time, "12:00:00"),
        (HourMinute, time, "12:00"),
    )
    kind, example = next((kind, example) for word, kind, example in kinds if isinstance(layout, word))
    try:
        moment: datetime | date | time = kind.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not understood; write {example}, or the octets as 0x...") from None
    if getattr(moment, "tzinfo", None) is not None:
        raise ValueError(f"{text!r} names a zone; what a meter stores is the time on its own clock, without one")
    return moment


def _shown_moment(layout: MeterTimeType, given: Mapping[str, Any], formats: Formats) -> MeterTime:
    """A time as JSON shows it, with its value and its octets. Raises ValueError where they do not agree."""
    if not set(given) <= {"value", "raw"} or "raw" not in given:
        raise ValueError("a time is wanted: ISO text, or its octets as {raw: hex}")
    raw = _octets(given["raw"])
    if len(raw) != layout.width(formats):
        raise ValueError(f"{len(raw)} octets given, {layout.width(formats)} are there for it")
    found = layout.value_of(raw, formats)
    shown = found.value.isoformat() if found is not None and found.value is not None else None
    if given.get("value", shown) != shown:
        raise ValueError(f"its octets say {shown}, its value {given['value']!r}: give one of them")
    return MeterTime(raw, found.value if found is not None else None)
