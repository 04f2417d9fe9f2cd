"""What the words of `c1222 write` ask for: which table, and what it is to hold."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from c1222_cli.live import split_target
from c1222_cli.which import table_number

if TYPE_CHECKING:
    from c1219_tables.registry import Registry

_ASSIGNMENT = re.compile(r"([^=:]+)=(.*)", re.DOTALL)
EXAMPLE = 'as in: 6.owner_name="ACME"'


@dataclass(frozen=True)
class Asked:
    """New content of one table. values: by path, or octets (from `offset` on; None: of the whole table)."""

    number: int
    values: Mapping[str, Any] | bytes
    offset: int | None = None


def split_words(words: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The target, and the assignments. A first word such as `52.x="10:00"` is no target. Raises UsageError."""
    if words and not words[0].startswith("@") and _ASSIGNMENT.fullmatch(words[0]):
        target, _ = split_target(())
        return target, tuple(words)
    return split_target(words)


def asked_values(given: Iterable[tuple[str, Any]], registry: "Registry") -> list[Asked]:
    """By table, of `6.owner_name` and a value or `6` and a mapping. Raises UsageError."""
    found: dict[int, dict[str, Any]] = {}
    for word, value in given:
        number, path = _place(word, registry)
        if not path and not isinstance(value, Mapping):
            raise click.UsageError(f"{word}: which field? Write it behind the point, {EXAMPLE}")
        for name, inner in {path: value}.items() if path else value.items():
            if name in found.setdefault(number, {}):
                raise click.UsageError(f"{word}: given twice")
            found[number][name] = inner
    return [Asked(number, values) for number, values in found.items()]


def assignments(words: Iterable[str]) -> list[tuple[str, str]]:
    """(`6.owner_name`, `ACME`) of each word. Raises UsageError."""
    found = []
    for word in words:
        match = _ASSIGNMENT.fullmatch(word)
        if match is None:
            raise click.UsageError(f"{word!r}: a field and its new value are wanted, {EXAMPLE}")
        found.append((match[1].strip(), match[2]))
    return found


def typed_values(words: Iterable[str]) -> list[tuple[str, str]]:
    """The same of words that hold values. Raises UsageError, also for control characters.

    A meter would keep them, and they do not show in what a person is asked to agree to.
    """
    found = assignments(words)
    for word, text in found:
        if odd := next((each for each in text if unicodedata.category(each) == "Cc"), None):
            raise click.UsageError(
                f"{word}: the value holds a control character (U+{ord(odd):04X}), such as a tab or the end of a line; "
                "write it without, or give the octets with --hex"
            )
    return found


def asked_octets(words: Iterable[str], offset: int | None, registry: "Registry") -> list[Asked]:
    """The same for `--hex`: `6=41434d45`. Raises UsageError."""
    found = []
    for word, text in assignments(words):
        number, path = _place(word, registry)
        digits = re.sub(r"[\s:]", "", text).removeprefix("0x")
        if path:
            raise click.UsageError(f"{word}: --hex takes octets of a table, not of a field")
        if not digits or not re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", digits):
            raise click.UsageError(f"{word}: --hex wants pairs of hex digits")
        found.append(Asked(number, bytes.fromhex(digits), offset))
    if len({each.number for each in found}) < len(found) or (offset is not None and len(found) > 1):
        raise click.UsageError("--hex takes each table once, and --offset a single table")
    return found


def ignored(names: Iterable[str], number: int, registry: "Registry") -> list[str]:
    """Names of fields of this table: `clock`, or `52.clock` for table 52 alone."""
    found = []
    for name in names:
        head, _, path = name.partition(".")
        if path and re.match(r"[0-9]|[A-Za-z]{2,3}-?[0-9]", head):
            found += [path] if table_number(head, registry) == number else []
        else:
            found.append(name)
    return found


def _place(word: str, registry: "Registry") -> tuple[int, str]:
    from c1219_tables.table import is_secret

    head, _, path = word.partition(".")
    table = registry.table(table_number(head, registry))
    if is_secret(table):
        raise click.UsageError(
            f"{table.label} holds passwords or keys: values in a command can be seen by others, and a backup would "
            "hold them, so it is not written by this command"
        )
    return table.number, path.lower().replace("-", "_")
