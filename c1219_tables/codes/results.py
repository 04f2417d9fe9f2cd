"""Codes of procedures: how to answer (table 7), how it went (table 8), and the lists that procedures 4 and 5 name.

Short source names: docs/sources.md. A code that no source has keeps its number.
"""

from c1219_tables.codes.code import Code

_RESULT = ("CNX", "TER", "C12A")

RESULTS: dict[int, Code] = {
    code: Code(code, meaning, _RESULT)
    for code, meaning in enumerate(
        (
            "completed",
            "accepted, not yet completed",
            "ignored: a parameter is not valid",
            "ignored: it conflicts with the meter's set-up",
            "ignored: a timing constraint stands against it",
            "ignored: no authorization for it",
            "ignored: the meter does not know the procedure",
        )
    )
}
"""RESULT_CODE of table 8."""

RESULT_WORDS: dict[int, str] = {
    0: "completed",
    1: "not-completed",
    2: "invalid-parameter",
    3: "conflict",
    4: "timing",
    5: "no-authorization",
    6: "unknown-procedure",
}
"""The same in a word each, for programs; of the project's choice."""

COMPLETED = 0

TRY_AGAIN = 1
"""The only result after which table 8 is worth reading again."""

_SELECTOR = ("TER", "CNX")

SELECTORS: dict[int, Code] = {
    0: Code(0, "answer when completed", _SELECTOR),
    1: Code(1, "answer only on trouble", _SELECTOR),
    2: Code(2, "no answer", _SELECTOR),
    3: Code(3, "answer at once, and again when completed", _SELECTOR),
    **{code: Code(code, "reserved", _SELECTOR) for code in range(4, 16)},
}
"""SELECTOR of table 7."""

LISTS: dict[int, Code] = {
    code: Code(code, meaning, ("CNX",))
    for code, meaning in {
        0: "reserved",
        1: "event log, table 76",
        2: "self reads, table 26",
        3: "load profile set 1, table 64",
        4: "load profile set 2, table 65",
        5: "load profile set 3, table 66",
        6: "load profile set 4, table 67",
        7: "all load profile sets",
        8: "history log, table 74",
        **dict.fromkeys(range(9, 255), "reserved"),
        255: "all lists except the event log",
    }.items()
}
"""LIST of procedures 4 and 5: the entries that they act on."""


def result(code: int) -> Code:
    """Meaning of a RESULT_CODE."""
    return RESULTS.get(code) or Code(code, f"unknown result {code}")


def selector(code: int) -> Code:
    """Meaning of a SELECTOR, 0 to 15."""
    return SELECTORS.get(code) or Code(code, f"unknown selector {code}")


def list_name(code: int) -> Code:
    """Meaning of a LIST."""
    return LISTS.get(code) or Code(code, f"unknown list {code}")
