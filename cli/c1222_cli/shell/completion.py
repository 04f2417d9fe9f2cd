"""What a word of a shell line may become: commands, their options, tables by number and name, paths of fields."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from c1219_tables.explain import explain_table
from c1219_tables.registry import Registry
from c1219_tables.table import Table, table_label
from c1222.errors import LayoutError
from c1222_cli.which import table_number

DELIMITERS = " \t"
"""Between words; a field and its table are one word."""


def completions(
    line: str,
    word: str,
    *,
    commands: Sequence[str],
    of_tables: Iterable[str],
    options: Mapping[str, Sequence[str]],
    numbers: Iterable[int],
    registry: Registry,
) -> list[str]:
    """Whole words that `word` may become.

    line: what stands before it. commands: all of them; of_tables: those whose words are tables; options: those of a
    command. numbers: tables that the meter has. Asks nobody: what is offered is known already.
    """
    before = line.split()
    if not before:
        return [each for each in commands if each.startswith(word.lower())]
    if word.startswith("-"):
        return [each for each in options.get(before[0], ()) if each.startswith(word)]
    if before[0] not in of_tables:
        return []
    head, dot, path = word.partition(".")
    if dot:
        return _fields(head, path, registry)
    tables = [registry.table(number) for number in numbers]
    return [found for table in tables for found in _names(table) if found.upper().startswith(word.upper())]


def completer(candidates: Callable[[str], list[str]]) -> Callable[[str, int], str | None]:
    """In the form in which readline asks: the n-th candidate for a word, None behind the last."""
    found: list[str] = []

    def complete(word: str, state: int) -> str | None:
        if state == 0:
            found[:] = candidates(word)
        return found[state] if state < len(found) else None

    return complete


def _names(table: Table) -> tuple[str, ...]:
    return str(table.number), table_label(table.number), table.name


def _fields(head: str, path: str, registry: Registry) -> list[str]:
    from click import UsageError

    try:
        number = table_number(head, registry)
    except UsageError:
        return []
    return [f"{head}.{each}" for each in _paths(registry.table(number)) if each.startswith(path.lower())]


@lru_cache(maxsize=64)
def _paths(table: Table) -> tuple[str, ...]:
    """Paths of a table's elements, without indices."""
    try:
        rows = explain_table(table).sections[0].rows
    except (LayoutError, IndexError):
        return ()
    paths = (".".join(part.partition("[")[0] for part in row.path.split(".")) for row in rows if row.kind != "case")
    return tuple(dict.fromkeys(path for path in paths if path))
