"""Parameters of a procedure as a plan has them, checked by its declaration."""

from collections.abc import Mapping
from typing import Any

from c1219_tables.changes.typed import whole_number, yes_or_no
from c1219_tables.procedures import Procedure
from c1219_tables.schema.dialect import NOTHING, BitField, Secret, Struct
from c1219_tables.schema.inspect import walk
from c1222.scripts.fields import Spot, check_value
from c1222.scripts.steps import SET_CLOCK
from c1222.settings.unknown import unknown

CLOCK_PARAMETERS = {"set_mask": {"set_time_flag": True, "set_date_flag": True}, "time_date_qual": None}
"""Of SP-10, what need not be given. None: as the meter's own tables have it when it is set."""
DATE_TIME = "date_time"


def checked_parameters(known: Procedure, given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Parameters by the names of the declaration; None where there are none.

    A bit field is a list of the names of its flags, a table of its members, or a number. Of SP-10, `date_time` is left
    as it was given.
    Raises ValueError for what is missing, unknown or cannot be.
    """
    if any(isinstance(part, Secret) for part in walk(known.parm)):
        raise ValueError("its parameters hold a password; a session logs on by itself (user, password of the meters)")
    if not isinstance(known.parm, Struct):
        if given:
            how = "takes no parameters" if known.parm is NOTHING else 'takes octets, as hex = "0102"'
            raise ValueError(f"{how}, and {', '.join(given)} is given")
        return None
    fields = {name: layout for name, layout, _ in known.parm.fields}
    optional = CLOCK_PARAMETERS if known.number == SET_CLOCK else {}
    found: dict[str, Any] = {name: value for name, value in optional.items() if value is not None}
    for written, value in given.items():
        name = written.lower().replace("-", "_")
        if name not in fields:
            raise ValueError(unknown("parameter", written, fields))
        try:
            found[name] = _value(fields[name], value) if (known.number, name) != (SET_CLOCK, DATE_TIME) else value
        except ValueError as exc:
            raise ValueError(f"{name}: {exc}") from None
    missing = [name for name in fields if name not in found and name not in optional]
    if missing:
        raise ValueError(f"needs {', '.join(missing)}: with = {{ {missing[0]} = ... }}")
    return found


def _value(layout: Any, given: Any) -> Any:
    if isinstance(layout, BitField):
        return _bits(layout, given)
    value = whole_number(given)
    check_value([Spot(layout)], value)
    return value


def _bits(layout: BitField, given: Any) -> dict[str, Any]:
    """All members of a bit field; what is not named is 0."""
    if isinstance(given, int) and not isinstance(given, bool):
        if not 0 <= given < 1 << layout.width:
            raise ValueError(f"{given} does not fit into its {layout.width} bits")
        return {
            name: bool(given >> low & mask) if is_flag else given >> low & mask
            for name, low, mask, is_flag in layout.cuts
        }
    members = dict.fromkeys(given, True) if isinstance(given, list) else given
    if not isinstance(members, Mapping):
        raise ValueError("wants a list of flags, or a number")
    found: dict[str, Any] = {name: False if is_flag else 0 for name, _, _, is_flag in layout.cuts}
    for written, value in members.items():
        plain = str(written).lower().replace("-", "_")
        name = next((each for each in (plain, f"{plain}_flag") if each in found), None)
        if name is None:
            raise ValueError(unknown("flag", str(written), found))
        check_value([Spot(layout, name)], value)
        found[name] = yes_or_no(value) if isinstance(found[name], bool) else whole_number(value)
    return found
