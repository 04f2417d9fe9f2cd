"""What did not come: how it is said, and what it means for the exit code."""

from collections.abc import Collection, Iterator, Sequence

from c1222.errors import C12Error, LinkTimeout, RemoteProtocolError, SecurityError, ServiceError, TransportError
from c1222_cli.failure import PART, REFUSED, exit_code, sentence
from c1222_cli.read.fetch import Fetched

LATER = ("bsy", "dnr", "dlk", "rno", "isss")
"""Refusals of a moment: the same table may come at another time, so one that did not come is missing."""
FEW = 4
"""Tables that are named one by one."""


def complaints(tables: Sequence[Fetched], named: Collection[int]) -> Iterator[str]:
    """A line for each thing that went wrong. named: as in `outcome`."""
    told: list[str] = []
    for each in tables:
        error = each.error
        if error is None:
            continue
        if _ended(error):
            labels = [other.table.label for other in tables if other.error is error]
            line = f"Error: {_how(error)} ({sentence(error)}); not read: {_span(labels)}"
        elif _is_left_out(each, named):
            line = f"left out: {_with_label(each, error)}"
        else:
            line = f"Error: {_with_label(each, error)}"
        if line not in told:
            told.append(line)
            yield line


def outcome(tables: Sequence[Fetched], named: Collection[int]) -> int:
    """The exit code: 0 where nothing failed, that of the failure where all did, 9 where some came.

    named: numbers of the tables that were asked for by name. What the meter refuses of others is no failure, unless it
    refuses all.
    """
    wanted = [each for each in tables if not _is_left_out(each, named)]
    failures = [each.error for each in wanted if each.error is not None]
    is_nothing_there = bool(tables) and all(each.view is None for each in tables)
    if not failures:
        return REFUSED if is_nothing_there else 0
    codes = [exit_code(error) for error in failures]
    if len(codes) == len(wanted) and len(set(codes)) == 1:
        return codes[0]
    ends = [exit_code(error) for error in failures if _ended(error)]
    return ends[0] if ends and is_nothing_there else PART


def _is_left_out(fetched: Fetched, named: Collection[int]) -> bool:
    error = fetched.error
    return isinstance(error, ServiceError) and error.code not in LATER and fetched.table.number not in named


def _ended(error: C12Error) -> bool:
    """Whether the session was over with it, as far as its kind tells: no table came any more."""
    return isinstance(error, TransportError | RemoteProtocolError | SecurityError)


def _how(error: C12Error) -> str:
    return "the link was lost" if isinstance(error, TransportError | LinkTimeout) else "no answer that can be believed"


def _span(labels: Sequence[str]) -> str:
    """`ST-1, ST-3`; `ST-11 to ST-76` where they are many, in the order in which they were asked for."""
    return ", ".join(labels) if len(labels) <= FEW else f"{labels[0]} to {labels[-1]} ({len(labels)} tables)"


def _with_label(fetched: Fetched, error: C12Error) -> str:
    said, label = sentence(error), fetched.table.label
    return said if label in said else f"{label}: {said}"
