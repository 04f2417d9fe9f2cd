"""Where elements stand when their sizes are known beforehand: found by arithmetic, without octets, however large."""

from collections.abc import Generator
from typing import Any, NamedTuple

from construct import Construct, IfThenElse, Switch

from c1219_tables.schema.cursor import Span, plain_path
from c1219_tables.schema.dialect import Array, Shared, Struct, Tail, element, number


class Place(NamedTuple):
    """An innermost element: where it stands, and the layout that reads it."""

    span: Span
    layout: Construct


def touched(
    layout: Construct, context: dict[str, Any], start: int, end: int, path: str = "", at: int = 0
) -> Generator[Place, None, int]:
    """The innermost elements that the octets from `start` to `end` touch; `at` is where the layout begins.

    Optional elements are taken to be there. Returns where the last of them ends. Raises what construct and expressions
    raise where a size up to `end` is not decided by `this._params` alone.
    """
    if isinstance(layout, Struct):
        for name, field, _ in layout.fields:
            if at >= end:
                break
            inner = field.subcon if isinstance(field, Tail) else field
            if at < start and at + (size := int(inner._sizeof(context, path))) <= start:
                at += size
            else:
                at = yield from touched(inner, context, start, end, f"{path}.{name}", at)
    elif isinstance(layout, Array | Shared):
        size = int(layout.subcon._sizeof(context, path))
        count = number(layout.count, context) if size else 0
        first = max(0, (start - at) // max(size, 1))
        at += size * min(first, count)
        for index in range(first, count):
            if at >= end:
                break
            at = yield from touched(layout.subcon, context, start, end, f"{path}[{index}]", at)
    elif isinstance(layout, IfThenElse):
        branch = layout.thensubcon if number(layout.condfunc, context) else layout.elsesubcon
        at = yield from touched(element(branch)[1], context, start, end, path, at)
    elif isinstance(layout, Switch):
        case = layout.cases.get(number(layout.keyfunc, context), layout.default)
        at = yield from touched(element(case)[1], context, start, end, path, at)
    else:
        size = int(layout._sizeof(context, path))
        if at + size > start:
            yield Place(Span(plain_path(path), at, at + size), layout)
        at += size
    return at
