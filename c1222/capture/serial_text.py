"""Lines of a log that say which way octets went: `> EE 00 ...`, `<- 06`, `12:00:01.250 TX: ee0020...`.

Marks: `>` `->` `>>` `TX` `sent` for what went out, `<` `<-` `<<` `RX` `received` for what came in; a colon may follow.
A time may stand before them, in brackets or not. It counts only where it says its zone, or is seconds since 1970.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from c1222.pcap.packet import Direction

_MARK = re.compile(
    r"""\s*
    (?:\[?(?P<time>
        \d{4}-\d\d-\d\d[T\ ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\ ?(?:Z|UTC|[+-]\d\d:?\d\d)?
        | (?:\d{1,4}[-/.]\d\d?[-/.]\d{1,4}\ )?\d{1,2}:\d\d(?::\d\d)?(?:[.,:]\d{1,9})?
        | \d+\.\d+ | \d{9,}
    )\]?[,;:]?\s+)?
    (?:(?P<out>-?>{1,2}|TX|SENT|SEND|OUT)|(?P<in><{1,2}-?|RX|RECEIVED|RECV|IN))
    (?::|(?<=[<>-])|(?=\s))\s*""",
    re.VERBOSE | re.IGNORECASE,
)
_ZONED = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))? ?(Z|UTC|[+-]\d\d:?\d\d)", re.IGNORECASE)
_SINCE_1970 = re.compile(r"\d{9,11}(?:\.\d{1,9})?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NS = 1_000_000_000


class Marked(NamedTuple):
    """What stands before the octets of a line. end: characters of it. time_ns: since 1970 UTC, None where not known."""

    way: Direction
    time_ns: int | None
    end: int


def read_mark(line: str) -> Marked | None:
    """The mark that a line begins with; None where it has none."""
    found = _MARK.match(line)
    if found is None:
        return None
    return Marked("out" if found["out"] else "in", _time_ns(found["time"] or ""), found.end())


def _time_ns(text: str) -> int | None:
    if _SINCE_1970.fullmatch(text):
        return int(Decimal(text) * _NS)
    found = _ZONED.fullmatch(text)
    if found is None:
        return None
    day, clock, fraction, zone = found.groups()
    zone = "+00:00" if zone.upper() in ("Z", "UTC") else zone
    try:
        passed = datetime.fromisoformat(f"{day}T{clock}{zone}") - _EPOCH
    except ValueError:  # the 30th of February
        return None
    nanoseconds = passed // timedelta(seconds=1) * _NS + int((fraction or "").ljust(9, "0"))
    return nanoseconds if nanoseconds >= 0 else None
