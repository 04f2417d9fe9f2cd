"""`{column}` in a plan: filled in for each meter from its row, so that one order says what many meters get."""

import re
from collections.abc import Mapping
from typing import Any

from c1222.settings.unknown import unknown

_COLUMN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def filled(value: Any, columns: Mapping[str, str]) -> Any:
    """A value of a plan with what the columns say. `{{` and `}}` stand for the braces themselves.

    Raises ValueError for a column that there is not, an empty one, and a brace alone.
    """
    if isinstance(value, str):
        return _COLUMN.sub(lambda match: _text(match, columns), value)
    if isinstance(value, Mapping):
        return {name: filled(inner, columns) for name, inner in value.items()}
    return [filled(inner, columns) for inner in value] if isinstance(value, list) else value


def has_columns(value: Any) -> bool:
    """Whether anything is filled in, so that it differs from meter to meter."""
    if isinstance(value, str):
        return "{" in value or "}" in value
    if isinstance(value, Mapping):
        return any(map(has_columns, value.values()))
    return isinstance(value, list) and any(map(has_columns, value))


def _text(match: re.Match[str], columns: Mapping[str, str]) -> str:
    whole, name = match[0], match[1]
    if whole in ("{{", "}}"):
        return whole[0]
    if name is None:
        raise ValueError("a { or } alone: write {{ or }} for the brace itself")
    if name not in columns:
        raise ValueError(unknown("column", name, columns))
    if not columns[name]:
        raise ValueError(f"column {name} is empty for this meter")
    return columns[name]
