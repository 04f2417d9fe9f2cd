"""What people call a procedure: its number, `SP-10`, `MP-5`, or its name with hyphens, `set-date-time`."""

import re
from difflib import get_close_matches

from c1219_tables.procedures import STANDARD_PROCEDURES, Procedure, procedure
from c1219_tables.table import MANUFACTURER

_NUMBER = re.compile(r"(?:(P|SP|MP)-?)?([0-9]{1,4})", re.IGNORECASE)
_LEFT_OUT = ("and/or", "an")


def command_name(known: Procedure) -> str:
    """`set-date-time`, of "Set Date and/or Time": its words in lower case, without the small ones."""
    return "-".join(word for word in known.name.lower().split() if word not in _LEFT_OUT)


NAMES: dict[str, Procedure] = {
    command_name(known): known for known in STANDARD_PROCEDURES.values() if known.note.sources
}
"""Procedures of the standard that have a name, by it."""


def find_procedure(text: str | int) -> Procedure:
    """The procedure of 10, "10", "P-10", "SP-10", "MP-5", "set-date-time".

    A number of 2048 and more is a maker's, as in `procedure`. Raises ValueError with what may have been meant.
    """
    if isinstance(text, int):
        return procedure(text)
    if match := _NUMBER.fullmatch(text):
        number = int(match[2])
        if not match[1]:
            return procedure(number)
        if number >= MANUFACTURER:
            raise ValueError(f"{text}: behind {match[1]} stands a number from 0 to {MANUFACTURER - 1}")
        return procedure(number + MANUFACTURER * (match[1].upper() == "MP"))
    name = text.lower().replace("_", "-")
    if name in NAMES:
        return NAMES[name]
    near = get_close_matches(name, NAMES, n=3, cutoff=0.5) or [known for known in NAMES if name and name in known][:3]
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    raise ValueError(f"no procedure is called {text!r}{hint}")
