"""Reading a declaration as a program does: what is inside it, and which tables its expressions ask for."""

from collections.abc import Iterator
from typing import Any

from construct import Construct
from construct.expr import ExprMixin, Path


def parts(whole: Construct | ExprMixin) -> Iterator[Construct | ExprMixin]:
    """The declarations and expressions directly inside one."""
    for value in vars(whole).values():
        yield from _parts(value)


def _parts(value: Any) -> Iterator[Construct | ExprMixin]:
    # An expression compares with everything by making a new expression: only its type may be asked.
    if isinstance(value, Construct | ExprMixin):
        yield value
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _parts(member)
    elif isinstance(value, dict):
        for member in value.values():
            yield from _parts(member)


def walk(construct: Construct) -> Iterator[Construct | ExprMixin]:
    """A declaration and all that it is made of, each once."""
    seen: set[int] = set()
    waiting: list[Construct | ExprMixin] = [construct]
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        if not isinstance(part, Path):
            waiting += parts(part)


def path_names(expression: Path) -> tuple[str, ...]:
    """Names along a path: ("_params", "st21", "nbr_tiers") for this._params.st21.nbr_tiers."""
    names: list[str] = []
    at: Any = expression
    while (name := at.__getfield__()) is not None:
        names.append(name)
        at = vars(at)["_Path__parent"]
    return tuple(reversed(names))
