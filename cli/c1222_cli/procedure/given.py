"""Parameters of a procedure as words of a command line: `list=1`, `demand-reset`, `now`; read by its declaration."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import click

from c1219_tables.formats import Octets
from c1219_tables.procedure_names import command_name
from c1219_tables.procedures import Procedure
from c1219_tables.schema.dialect import NOTHING, BitField, Secret, Struct
from c1219_tables.times import MeterTimeType

NOW = "now"
CLOCK_QUALIFIER = "time_date_qual"
_BOTH = {"set_time_flag": True, "set_date_flag": True}
_DEFAULTS: Mapping[int, Mapping[str, Any]] = {10: {"set_mask": _BOTH, CLOCK_QUALIFIER: None}}
"""Parameters that need not be given. None: worked out from the meter's own tables."""

_YES, _NO = ("yes", "1", "on", "true"), ("no", "0", "off", "false")


class Reference(NamedTuple):
    """Where a secret lies. octets: that it is filled up to."""

    source: str
    octets: int


class Time(NamedTuple):
    """at: None for the moment at which the procedure is started."""

    at: datetime | None


@dataclass
class Given:
    """values: by the names of the declaration; times and secrets are not looked up yet. octets: instead of them.

    A bit field is given whole, all its members named, or by some of its members.
    """

    known: Procedure
    values: dict[str, Any] = field(default_factory=dict, repr=False)
    octets: bytes | None = None

    @property
    def time(self) -> tuple[str, Time] | None:
        """The parameter that is a time."""
        return next(((name, value) for name, value in self.values.items() if isinstance(value, Time)), None)


def fields_of(known: Procedure) -> list[tuple[str, Any]]:
    """Names and layouts of the parameters; none where there are none, or they are not public."""
    return [(name, layout) for name, layout, _ in known.parm.fields] if isinstance(known.parm, Struct) else []


def defaults_of(known: Procedure) -> Mapping[str, Any]:
    """Parameters that need not be given."""
    return _DEFAULTS.get(known.number, {})


def usage_of(known: Procedure) -> str:
    """`set-date-time DATE_TIME [set_mask=...]`."""
    name = command_name(known) if known.note.sources else known.label
    if known.parm is NOTHING:
        return name
    if not isinstance(known.parm, Struct):
        return f"{name} [--hex OCTETS]"
    wanted = [field.upper() for field, _ in fields_of(known) if field not in defaults_of(known)]
    return " ".join([name, *wanted, *(f"[{field}=...]" for field in defaults_of(known))])


def parse(known: Procedure, words: Sequence[str], hexed: str | None) -> Given:
    """What the words mean. Raises UsageError, with what is wanted instead; a secret is never repeated."""
    if hexed is not None:
        if words:
            raise click.UsageError("parameters are given as octets (--hex) or by name, not both")
        return Given(known, octets=_octets("--hex", hexed))
    fields = dict(fields_of(known))
    if words and not fields:
        takes = "takes no parameters" if known.parm is NOTHING else "takes octets: --hex 0102"
        raise click.UsageError(f"{known.label} {known.name} {takes}")
    given = Given(known)
    waiting = [name for name in fields if name not in defaults_of(known)]
    for word in words:
        name, equals, text = word.partition("=")
        if not equals:
            name, text = next((each for each in waiting if each not in given.values), ""), word
        target, member = _place(known, fields, name, word)
        value = _value(target, member, fields[target], text)
        before = given.values.get(target)
        if member and isinstance(before, dict):
            value = {**before, **value}
        elif before is not None:
            raise click.UsageError(f"{target} is given twice")
        given.values[target] = value
    if missing := [name for name in waiting if name not in given.values]:
        raise click.UsageError(
            f"{known.label} {known.name} wants {', '.join(missing)}: c1222 procedure TARGET {usage_of(known)}"
        )
    return given


def _place(known: Procedure, fields: Mapping[str, Any], name: str, word: str) -> tuple[str, str]:
    """The parameter that a name means, and the member of it. Raises UsageError."""
    plain = name.lower().replace("-", "_")
    if plain in fields:
        return plain, ""
    outer, dot, inner = plain.rpartition(".")
    for field_name, layout in fields.items():
        member = _member(layout, inner)
        if member and (not dot or outer == field_name):
            return field_name, member
    has = ", ".join(fields)
    # A word without a name may be a password in the wrong place.
    said = f"no parameter {name!r}" if name else "more words than parameters"
    raise click.UsageError(f"{known.label} {known.name}: {said} (it has: {has})")


def _member(layout: Any, name: str) -> str:
    """The member of a bit field that is meant, with or without `_flag`; "" where there is none."""
    if not isinstance(layout, BitField) or not name:
        return ""
    return next((known for known in (name, f"{name}_flag") if known in layout.names), "")


def _value(name: str, member: str, layout: Any, text: str) -> Any:
    if isinstance(layout, BitField):
        return _bit(name, member, layout, text) if member else _bits(name, layout, text)
    if isinstance(layout, Secret):
        return Reference(text, int(layout.subcon.octets))
    if isinstance(layout, MeterTimeType):
        return _time(name, text)
    return _octets(name, text) if isinstance(layout, Octets) else _number(name, text)


def _bit(name: str, member: str, layout: BitField, text: str) -> dict[str, Any]:
    bit = next(bit for bit in layout.members if bit.name == member)
    if not bit.is_flag:
        value = _number(f"{name}.{member}", text)
        if value > bit.mask:
            raise click.UsageError(f"{name}.{member}: {value} given where 0 to {bit.mask} fits")
        return {member: value}
    if text.lower() not in (*_YES, *_NO):
        raise click.UsageError(f"{name}.{member}: wants yes or no, not {text!r}")
    return {member: text.lower() in _YES}


def _bits(name: str, layout: BitField, text: str) -> dict[str, Any]:
    """A number, or names of flags with commas between; `none` for no flag."""
    if re.fullmatch(r"0[xX][0-9A-Fa-f]+|[0-9]+", text):
        whole = int(text, 0)
        if whole >> layout.width:
            raise click.UsageError(f"{name}: {text} does not fit into its {layout.width} bits")
        return {
            bit: bool(whole >> low & mask) if is_flag else whole >> low & mask
            for bit, low, mask, is_flag in layout.cuts
        }
    if text.lower() == "none":
        return dict.fromkeys(layout.names, 0)
    found: dict[str, Any] = dict.fromkeys(layout.names, 0)
    for part in text.lower().replace("-", "_").split(","):
        member = _member(layout, part.strip())
        if not member or not next(bit for bit in layout.members if bit.name == member).is_flag:
            flags = ", ".join(bit.name for bit in layout.members if bit.is_flag)
            raise click.UsageError(f"{name}: no flag {part.strip()!r} (there are: {flags}; or a number)")
        found[member] = True
    return found


def _number(name: str, text: str) -> int:
    try:
        value = int(text, 0) if text.lower().startswith("0x") else int(text)
    except ValueError:
        # Not repeated: it may be a password in the wrong place.
        raise click.UsageError(f"{name}: wants a number") from None
    return value


def _octets(name: str, text: str) -> bytes:
    digits = re.sub(r"[\s:]", "", text.removeprefix("0x"))
    try:
        return bytes.fromhex(digits)
    except ValueError:
        raise click.UsageError(f"{name}: wants octets in hex, as 0102, not {text!r}") from None


def _time(name: str, text: str) -> Time:
    if text.lower() == NOW:
        return Time(None)
    try:
        return Time(datetime.fromisoformat(text))
    except ValueError:
        raise click.UsageError(f"{name}: wants now, or a time as 2026-01-31T12:00:00Z, not {text!r}") from None


def references(given: Given) -> Iterator[tuple[str, Reference]]:
    """The parameters that are secrets."""
    yield from ((name, value) for name, value in given.values.items() if isinstance(value, Reference))
