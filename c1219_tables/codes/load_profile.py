"""What the status of a load-profile interval says: one number for each channel (tables 64 to 67, extended_int_status).

Short source names: docs/sources.md. A code that no source has keeps its number.
"""

from c1219_tables.codes.code import Code

_BOTH = ("J", "N")

CHANNEL_STATUS: dict[int, Code] = {
    0: Code(0, "nothing to say", _BOTH),
    1: Code(1, "overflow", _BOTH),
    2: Code(2, "partial interval; the common flags say why", _BOTH),
    3: Code(3, "long interval", _BOTH),
    4: Code(4, "skipped: the value is 0", _BOTH),
    5: Code(5, "recorded in test mode", _BOTH),
    6: Code(6, "the configuration changed", ("N",)),
    7: Code(7, "recording stopped", ("N",)),
}
"""A number, not bits; 8 to 15 are reserved. 6 and 7 are of 2008."""


def channel_status(code: int) -> Code:
    """Meaning of a channel's status."""
    return CHANNEL_STATUS.get(code) or Code(code, f"unknown status {code}")
