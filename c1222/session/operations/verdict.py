"""Whether what was read back is what was written, and in words what it is otherwise."""

from collections.abc import Iterable
from typing import Any

from c1219_tables.changes import FieldChange, difference, left_out, octets_of
from c1219_tables.schema.dialect import SecretOctets
from c1219_tables.table import DecodedTable
from c1222.errors import Verdict, VerifyError
from c1222.session.operations.write_plan import WritePlan

MOST_FIELDS = 4
"""Fields that a sentence names."""


def verify(plan: WritePlan, found: DecodedTable) -> None:
    """Raises VerifyError where a field that is to be compared is not as planned."""
    wrong = left_out(difference(plan.after, found), plan.ignore)
    if not wrong:
        return
    written = {change.path for change in plan.differences}
    moved = {change.path for change in left_out(difference(plan.before, found), plan.ignore)}
    others = [change for change in wrong if change.path not in written]
    mine = [change for change in wrong if change.path in written]
    is_untouched = octets_of(found) == octets_of(plan.before) or not moved
    if others:
        raise _error(plan, "neighbour-changed", wrong, _neighbours(others, mine))
    if is_untouched:
        raise _error(plan, "nothing-changed", wrong, f"the meter said ok and changed nothing: {_still(mine)}")
    raise _error(plan, "other-value", wrong, f"the meter said ok and stored something else: {_instead(mine)}")


def unreadable(plan: WritePlan, octets: bytes, problem: str) -> VerifyError:
    """What was read back cannot be decoded."""
    change = FieldChange("", octets_of(plan.after), octets, 0, octets)
    if plan.is_secret:
        change = FieldChange("", SecretOctets(octets_of(plan.after)), SecretOctets(octets), 0, SecretOctets(octets))
    return _error(plan, "other-value", [change], f"what is there now cannot be decoded: {problem}")


def partly(plan: WritePlan, found: DecodedTable, done: int, refused: str) -> VerifyError:
    """The meter refused a later one of several writes."""
    wrong = left_out(difference(plan.after, found), plan.ignore)
    problem = f"{done} of several writes were accepted, then {refused}; not written: {_still(wrong) or 'nothing'}"
    return _error(plan, "partly-written", wrong, problem)


def changed_all_the_same(plan: WritePlan, found: DecodedTable, refused: str) -> VerifyError:
    """The meter refused the write, and the table is not as it was."""
    moved = difference(plan.before, found)
    problem = f"{refused}; but the table changed all the same: {_instead(moved) or 'in octets outside its fields'}"
    return _error(plan, "partly-written", moved, problem)


def meanwhile(plan: WritePlan, moved: Iterable[FieldChange]) -> VerifyError:
    """The fields to be written are not as they were when the change was decided."""
    problem = f"it changed since it was looked at, so nothing was written: {_instead(moved)}"
    return _error(plan, "changed-meanwhile", list(moved), problem)


def _error(plan: WritePlan, verdict: Verdict, wrong: list[FieldChange], problem: str) -> VerifyError:
    return VerifyError(f"{plan.label}: {problem}", table=plan.table, verdict=verdict, differences=tuple(wrong))


def _neighbours(others: list[FieldChange], mine: list[FieldChange]) -> str:
    also = f"; besides, {_instead(mine)}" if mine else ""
    return (
        f"fields changed that were not written: {_instead(others)}{also} (what the meter changes by itself can be "
        "left out of the comparison by name)"
    )


def _still(changes: list[FieldChange]) -> str:
    return _few(f"{change.path or 'octets'} is still {in_words(change.new)}" for change in changes)


def _instead(changes: Iterable[FieldChange]) -> str:
    return _few(
        f"{change.path or 'octets'} is {in_words(change.new)}, not {in_words(change.old)}" for change in changes
    )


def _few(words: Iterable[str]) -> str:
    every = list(words)
    more = f", and {len(every) - MOST_FIELDS} more" if len(every) > MOST_FIELDS else ""
    return ", ".join(every[:MOST_FIELDS]) + more


def in_words(value: Any) -> str:
    """A value in a sentence. Secrets show their size alone."""
    if isinstance(value, SecretOctets):
        return repr(value)
    if isinstance(value, bytes):
        return value.hex() if len(value) <= 32 else f"{value[:32].hex()}... ({len(value)} octets)"
    return repr(value.rstrip()) if isinstance(value, str) else str(value)
