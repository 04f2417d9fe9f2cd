"""Which table or procedure somebody means: `23`, `ST-23.summations`, `LP_DATA_SET1_TBL`, `P-10`, `procedure 10`."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, NamedTuple

import click

if TYPE_CHECKING:
    from c1219_tables.registry import Registry

_PROCEDURE = re.compile(r"(?:(?:procedure|proc)[ -]*)?(?:(P|SP|MP)-?)?([0-9]{1,4})", re.IGNORECASE)
_MANUFACTURER = 2048


class Subject(NamedTuple):
    """kind and number: 2048 + n is manufacturer table or procedure n. field: path inside it, "" for all of it."""

    kind: Literal["table", "procedure"]
    number: int
    field: str = ""


def subjects(given: Iterable[str], registry: "Registry") -> list[Subject]:
    """What the arguments mean. Raises UsageError with what may have been meant."""
    found: list[Subject] = []
    after_word = False
    for text in given:
        if text.lower() in ("procedure", "procedures", "proc"):
            after_word = True
            continue
        head, _, field = text.partition(".")
        match = _PROCEDURE.fullmatch(head)
        if match and (after_word or not head.isdigit()):
            found.append(Subject("procedure", _procedure_number(match), field))
        elif after_word:
            raise click.UsageError(f"{text!r} is not a procedure; write 10, P-10 or MP-70")
        else:
            found.append(Subject("table", table_number(head, registry), field))
    if not found:
        raise click.UsageError("which procedure? write its number, as in: procedure 10")
    return found


def _procedure_number(match: "re.Match[str]") -> int:
    prefix, number = (match[1] or "").upper(), int(match[2])
    number += _MANUFACTURER if prefix == "MP" else 0
    if number >= 2 * _MANUFACTURER:
        raise click.UsageError(f"procedure {match[0]}: its number does not fit into 12 bits")
    return number


def table_number(text: str, registry: "Registry") -> int:
    from c1222.psem.table_id import parse_table

    if not text.strip():
        raise click.UsageError("which table? write 23, ST-23, MT-17 or a name such as CLOCK_TBL")
    if re.match(r"[0-9]|[A-Za-z]{2,3}-?[0-9]", text) and text.isascii():
        try:
            return parse_table(text)
        except ValueError as exc:
            raise click.UsageError(str(exc)) from exc
    return _named(text, registry)


def _named(text: str, registry: "Registry") -> int:
    """The table of a name, with or without `_TBL`."""
    wanted = _plain(text)
    names = {_plain(table.name): table.number for table in registry}
    if wanted in names:
        return names[wanted]
    near = get_close_matches(wanted, names, n=3, cutoff=0.6) or [name for name in names if wanted in name][:3]
    hint = f"; did you mean {', '.join(f'{name} ({names[name]})' for name in near)}?" if near else ""
    search = f"; to search: c1222 tables {text}" if re.fullmatch(r"\w+", text) else ""
    raise click.UsageError(f"no table is called {text!r}{hint}{search}")


def _plain(name: str) -> str:
    return name.upper().replace("-", "_").removesuffix("_TBL")
