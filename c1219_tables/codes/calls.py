"""Codes of telephone calls, table 97. Short source names: docs/sources.md."""

from c1219_tables.codes.code import Code

_BOTH, _ONE = ("TER", "CNX-A3"), ("TER",)

CALL_STATES: dict[int, Code] = {
    0: Code(0, "no call", _BOTH),
    1: Code(1, "in progress", _BOTH),
    2: Code(2, "dialling", _ONE),
    3: Code(3, "waiting for connection", _BOTH),
    4: Code(4, "communicating", _BOTH),
    5: Code(5, "completed normally", _BOTH),
    6: Code(6, "not completed", _BOTH),
    7: Code(7, "line busy", _BOTH),
    8: Code(8, "no dial tone", _BOTH),
    9: Code(9, "line cut", _ONE),
    10: Code(10, "no connection", _ONE),
    11: Code(11, "no response of the modem", _ONE),
}


def call_state(code: int) -> Code:
    """Meaning of a call status; a code that no source has keeps its number."""
    return CALL_STATES.get(code) or Code(code, f"unknown call status {code}")
