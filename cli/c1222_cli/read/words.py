"""One value of a table in words, for people: codes explained, times, SETs as ranges, octets as hex."""

from collections.abc import Mapping, Sequence
from typing import Any

from c1219_tables.procedures import procedure
from c1219_tables.schema.dialect import SecretOctets
from c1219_tables.table import MANUFACTURER, table_label
from c1222.capture.mask import MASKED
from c1222_cli.fields import field_words, is_coded, members_text, quoted
from c1222_cli.read.declared import Declared

NUMBER = "tbl_proc_nbr"
"""Member that makes a record the identifier of a table or procedure."""
_PROCEDURES = ("std_proc_used",)
"""SETs whose members are procedures of the standard."""


def words(name: str, value: Any, known: Declared) -> str | None:
    """The value of the element `name` on one line; None where it holds elements that have lines of their own."""
    if isinstance(value, SecretOctets):
        return MASKED
    if is_coded(name) and value is not None and not isinstance(value, list):
        return field_words(name, value)
    if isinstance(value, bytes):
        return " ".join(part for part in (value.hex(" "), quoted(value)) if part) or "empty"
    if isinstance(value, Mapping):
        if not is_bits(value):
            return None
        return _identifier(name, value) if NUMBER in value else _bits(value, known)
    if isinstance(value, list):
        return _members(name, value) if name in known.sets else None
    if isinstance(value, int):
        return _number(name, value, known)
    return field_words(name, value)


def is_bits(value: Mapping[str, Any]) -> bool:
    """Whether a record holds nothing but numbers and flags: they stand on one line."""
    return all(isinstance(member, int) for member in value.values())


def set_members(values: Sequence[Mapping[str, Any]]) -> str:
    """Of several such records what is not 0: `[0] odd_channel_status 3`; `all 0` where nothing is."""
    shown = [
        f"[{index}] {name}" + ("" if member is True else f" {member}")
        for index, value in enumerate(values)
        for name, member in value.items()
        if member
    ]
    return ", ".join(shown) or "all 0"


def _bits(value: Mapping[str, Any], known: Declared) -> str:
    """Numbers, and flags that are set; a flag whose both states have a name too, spare bits only where they are set."""
    shown = []
    for name, member in value.items():
        codes = known.codes(name)
        if name.startswith("spare") and not member:
            continue
        if codes:
            shown.append(f"{name} {_number(name, int(member), known)}")
        elif not isinstance(member, bool):
            shown.append(f"{name} {member}")
        elif member:
            shown.append(name)
    return ", ".join(shown) or "none set"


def _identifier(name: str, value: Mapping[str, Any]) -> str:
    """The table or procedure that an identifier names, then its flags that are set: `ST-7, flag1`."""
    own = value[NUMBER]
    number = own + (MANUFACTURER if value.get("std_vs_mfg_flag") else 0)
    is_procedure = name == "proc" or value.get("proc_flag")
    meant = f"procedure {own} ({procedure(number).name})" if is_procedure else table_label(number)
    flags = (each for each in value if each not in (NUMBER, "std_vs_mfg_flag", "proc_flag") and value[each])
    return ", ".join([meant, *(each if value[each] is True else f"{each} {value[each]}" for each in flags)])


def _number(name: str, value: int, known: Declared) -> str:
    """`2 (binary fields)`; the number alone where nothing says what it means."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    meaning = known.codes(name).get(value)
    return str(value) if meaning is None else f"{value} ({meaning})"


def _members(name: str, members: list[int]) -> str:
    """`0-3, 5`; procedures of the standard with their names."""
    if name in _PROCEDURES and members:
        return ", ".join(f"{member} {procedure(member).name}" for member in members)
    return members_text(members)
