"""Whether a field is as an order expects it."""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from c1219_tables.changes.typed import yes_or_no
from c1219_tables.times import MeterTime
from c1222.scripts.steps import Expect

_FILLING = " \x00"


def is_met(step: Expect, found: Any) -> bool:
    """Whether a value is as expected. Raises ValueError where the two cannot be compared."""
    if step.between is not None:
        low, high = step.between
        value = _ordered(found)
        return bool(_ordered(low) <= value <= _ordered(high))
    if step.one_of is not None:
        return any(is_same(found, each) for each in step.one_of)
    return is_same(found, step.wanted)


def wanted_in_words(step: Expect) -> str:
    if step.between is not None:
        return f"between {step.between[0]} and {step.between[1]}"
    if step.one_of is not None:
        return f"one of {', '.join(map(repr, step.one_of))}"
    return repr(step.wanted)


def is_same(found: Any, wanted: Any) -> bool:
    """Text counts without the blanks and octets 00 that fill it up, a number by its value, however it is written.

    Of members by name, those that are named. Raises ValueError.
    """
    if isinstance(found, Mapping):
        if not isinstance(wanted, Mapping):
            raise ValueError(f"it has members ({', '.join(found)}), and {wanted!r} is expected")
        return all(name in found and is_same(found[name], value) for name, value in wanted.items())
    if isinstance(found, bool):
        return found == yes_or_no(wanted)
    if isinstance(found, int | float | Decimal):
        return _number(found) == _number(wanted)
    if isinstance(found, MeterTime):
        return found.value is not None and _ordered(found) == _ordered(wanted)
    if isinstance(found, bytes):
        return found == bytes.fromhex(str(wanted).replace(":", ""))
    if isinstance(found, list):
        if not isinstance(wanted, list):
            raise ValueError(f"it is a list, and {wanted!r} is expected")
        return len(found) == len(wanted) and all(map(is_same, found, wanted))
    return str(found).strip(_FILLING) == str(wanted).strip(_FILLING)


def _ordered(value: Any) -> Any:
    """What can be compared by size: a number, or a time without a zone."""
    if isinstance(value, MeterTime):
        value = value.value
    if isinstance(value, str) and not value.strip(_FILLING).replace(".", "").lstrip("+-").isdigit():
        try:
            value = datetime.fromisoformat(value.strip(_FILLING))
        except ValueError:
            raise ValueError(f"{value!r} is neither a number nor a time") from None
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime.combine(value, time())
    return _number(value)


def _number(value: Any) -> Decimal:
    try:
        number = Decimal(str(value).strip(_FILLING)) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError(f"{value!r} is no number")
    return number
