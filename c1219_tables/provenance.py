"""Which short names of sources stand for the same source: who agrees with whom counts only once.

docs/sources.md says what each short name is; a test keeps its column "counts as" and this map together.
"""

from collections.abc import Iterable

COUNTS_AS: dict[str, str] = {
    # One repository each, or one author.
    **dict.fromkeys(("CX", "J"), "CNX"),
    **dict.fromkeys(("TM", "T", "TER"), "TRM"),
    **dict.fromkeys(("EL", "C12A", "A", "WS"), "ADP"),
    **dict.fromkeys(("CAN", "Y"), "YK"),
    **dict.fromkeys(("C", "C12T"), "CT"),
    **dict.fromkeys(("N", "N0M"), "NI"),
    "X": "HX",
    "ES": "ESP",
    "I": "ITR",
    "JC": "GE",
    # Eight of these ten captures were made by the authors of that parser.
    "CAP": "SPI",
}
"""Short name -> the one under which it counts, where that is another. CNX-A3 counts for itself: CNX and it have one
author, but it follows a maker's own document with sizes of its own."""


def independent(sources: Iterable[str]) -> tuple[str, ...]:
    """The sources that do not know one another, in their order, each under the name that it counts as."""
    return tuple(dict.fromkeys(COUNTS_AS.get(short, short) for short in sources))
