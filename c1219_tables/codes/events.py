"""Codes of the history log (table 74) and the event log (table 76): what happened, and what its argument holds.

Codes are bits 0 to 10 of history_code and event_code; manufacturer codes (bit 11 there) have a number space of their
own for each maker. A code that no source has keeps its number. Sources: docs/sources.md; 0 to 29 are of 1997, 30 to 48
a later addition, 49 to 76 of 2008.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from construct import Construct

from c1219_tables.formats import UINT8, UINT16, Formats
from c1219_tables.identifiers import TABLE_IDA_BFLD, TABLE_IDC_BFLD
from c1219_tables.schema.dialect import Record, Rest, Struct, note
from c1219_tables.schema.layout import Layout
from c1219_tables.times import STIME_DATE


@dataclass(frozen=True, slots=True)
class Event:
    """One event code.

    code, manufacturer: number, and whose number it is. meaning: in words. sources: empty where no source has the code.
    argument: what the argument begins with; None where it holds nothing, or nothing that is public.
    """

    code: int
    meaning: str
    sources: tuple[str, ...] = ()
    argument: Layout | None = None
    manufacturer: bool = False

    @property
    def known(self) -> bool:
        return bool(self.sources)

    def read(self, argument: bytes, st0: Mapping[str, Any]) -> Record | None:
        """What the argument of an entry says, with the octets behind it as `padding`; None without a known layout.

        st0: table 0 of the same meter. Raises LayoutError where the argument is too short.
        """
        return self.argument.decode(argument, formats=Formats.of(st0)) if self.argument else None


def event(code: int, *, manufacturer: bool = False) -> Event:
    """The event of a code."""
    if manufacturer:
        return Event(code, f"manufacturer event {code}", manufacturer=True)
    return EVENTS.get(code) or Event(code, f"unknown event {code}")


_OLD, _NEW = "T J", "T"

_WORDS: dict[int, tuple[str, str]] = {
    0: ("none", _OLD),
    1: ("primary power down", _OLD),
    2: ("primary power up", _OLD),
    3: ("time changed, entry has the old time", _OLD),
    4: ("time changed, entry has the new time", _OLD),
    5: ("time changed, argument has the old time", _OLD),
    6: ("time changed, argument has the new time", _OLD),
    7: ("accessed for reading", _OLD),
    8: ("accessed for writing", _OLD),
    9: ("procedure started", _OLD),
    10: ("table written", _OLD),
    11: ("end device programmed", _OLD),
    12: ("communication ended normally", _OLD),
    13: ("communication ended abnormally", _OLD),
    14: ("list pointers reset", _OLD),
    15: ("list pointers updated", _OLD),
    16: ("history log cleared", _OLD),
    17: ("history log pointers updated", _OLD),
    18: ("event log cleared", _OLD),
    19: ("event log pointers updated", _OLD),
    20: ("demand reset", _OLD),
    21: ("self read", _OLD),
    22: ("DST on", _OLD),
    23: ("DST off", _OLD),
    24: ("season changed", _OLD),
    25: ("rate changed", _OLD),
    26: ("special schedule active", _OLD),
    27: ("tier switched", _OLD),
    28: ("pending table activated", _OLD),
    29: ("pending table cleared", _OLD),
    30: ("metering mode started", _OLD),
    31: ("metering mode stopped", _OLD),
    32: ("test mode started", _OLD),
    33: ("test mode stopped", _OLD),
    34: ("meter shop mode started", _OLD),
    35: ("meter shop mode stopped", _OLD),
    36: ("end device programmed again", _OLD),
    37: ("configuration error", _OLD),
    38: ("self-check error", _OLD),
    39: ("RAM failure", _OLD),
    40: ("ROM failure", _OLD),
    41: ("non-volatile memory failure", _OLD),
    42: ("clock error", _OLD),
    43: ("measurement error", _OLD),
    44: ("low battery", _OLD),
    45: ("low loss potential", _OLD),
    46: ("demand overload", _OLD),
    47: ("tamper attempt", _OLD),
    48: ("reverse rotation", _OLD),
    49: ("control point changed by command", _NEW),
    50: ("control point changed by schedule", _NEW),
    51: ("control point changed by condition", _NEW),
    52: ("control point changed by prepayment", _NEW),
    53: ("credit added", _NEW),
    54: ("credit subtracted", _NEW),
    55: ("credit adjusted", _NEW),
    56: ("sealed", _NEW),
    57: ("unsealed", _NEW),
    58: ("procedure started, with values", _NEW),
    59: ("table written, with values", _NEW),
    60: ("end device programmed, with values", _NEW),
    61: ("sealed, with values", _NEW),
    62: ("unsealed, with values", _NEW),
    63: ("procedure started, with signature", _NEW),
    64: ("table written, with signature", _NEW),
    65: ("end device programmed, with signature", _NEW),
    66: ("sealed, with signature", _NEW),
    67: ("unsealed, with signature", _NEW),
    68: ("procedure started, with signature and values", _NEW),
    69: ("table written, with signature and values", _NEW),
    70: ("end device programmed, with signature and values", _NEW),
    71: ("sealed, with signature and values", _NEW),
    72: ("unsealed, with signature and values", _NEW),
    73: ("secured table read", _NEW),
    74: ("secured register read", _NEW),
    75: ("secured table read, with values", _NEW),
    76: ("secured register read, with values", _NEW),
}


def _one(name: str, layout: Construct, words: str) -> tuple[Construct, ...]:
    return (name / layout * note(words, "J"),)


_PENDING_TABLE = "the table; another account of the same source has a UINT16 number, without saying how it is cut"

_ARGUMENTS: dict[int, tuple[Construct, ...]] = {
    5: _one("old_time", STIME_DATE, "time before the change"),
    6: _one("new_time", STIME_DATE, "time after the change"),
    9: _one("procedure", TABLE_IDC_BFLD, "the procedure"),
    10: _one("table", TABLE_IDA_BFLD, "the table"),
    14: _one("list", UINT8, "which list, see codes/results.py"),
    15: _one("list", UINT8, "which list, see codes/results.py"),
    17: _one("entries", UINT16, "entries acknowledged"),
    19: _one("entries", UINT16, "entries acknowledged"),
    24: _one("season", UINT8, "the new season"),
    25: _one("rate", UINT8, "the new rate"),
    26: _one("schedule", UINT8, "the special schedule"),
    27: _one("tier", UINT8, "the new tier") + _one("demand_tier", UINT8, "the new tier of demands"),
    28: _one("table", TABLE_IDA_BFLD, _PENDING_TABLE),
    29: _one("table", TABLE_IDA_BFLD, _PENDING_TABLE),
}


def _argument(code: int) -> Layout | None:
    if code not in _ARGUMENTS:
        return None
    padding = "padding" / Rest() * note("octets behind what the code defines", "J")
    return Layout(f"argument of event {code}", Struct(*_ARGUMENTS[code], padding))


EVENTS: dict[int, Event] = {
    code: Event(code, words, tuple(sources.split()), _argument(code)) for code, (words, sources) in _WORDS.items()
}
"""The standard's events by code."""
