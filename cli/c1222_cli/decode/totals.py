"""What was found, in a line or two on standard error."""

from collections.abc import Iterator

from c1219_tables.table import table_label
from c1222.capture.summary import Summary

_KINDS = {
    "undecodable": "could not be decoded",
    "bad-mac": "MAC does not hold",
    "no-key": "no key",
    "refused": "a live session would refuse",
    "note": "notes",
}
"""Kinds of remarks in words, the worst first."""


def totals(summary: Summary, ports: frozenset[int]) -> Iterator[str]:
    """The summary for people."""
    if not summary.messages:
        tried = ", ".join(map(str, sorted(ports)))
        left_out = (
            f"; {_count(summary.left_out, 'exchange')} left out by --service or --title" if summary.left_out else ""
        )
        yield (
            f"no messages{left_out}"
            if left_out
            else f"no messages of C12.22 found (port {tried}; --port N for others), nor of C12.18"
        )
    else:
        states = ", ".join(f"{number} {state}" for state, number in sorted(summary.states.items()))
        left_out = f"; {_count(summary.left_out, 'exchange')} left out" if summary.left_out else ""
        yield (
            f"{_count(summary.messages, 'message')} ({states}) in {_count(summary.exchanges, 'exchange')}, "
            f"{summary.answered} answered{left_out}"
        )
    for kind, words in _KINDS.items():
        if summary.kinds[kind]:
            codes = ", ".join(f"{code} {n}" for (of, code), n in sorted(summary.codes.items()) if of == kind)
            yield f"  {words}: {codes}"
    if summary.missing_keys:
        ids = sorted(summary.missing_keys)
        yield f"  to decipher: --key {ids[0]}=env:NAME" + (f" (key ids {', '.join(map(str, ids))})" if ids[1:] else "")
    if summary.missing_tables:
        names = ", ".join(table_label(number) for number in sorted(summary.missing_tables))
        yield f"  to decode more tables: --dims FILE with {names} of the meters"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
