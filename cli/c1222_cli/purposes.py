"""What the elements of a message or table are for, read off its declaration."""

from typing import Any

_INNER = ("subcon", "thensubcon", "elsesubcon", "sized", "content", "default")


def notes_of(declaration: Any) -> dict[str, str]:
    """Notes below a declaration; of elements with one name the outermost, as they say the same in another place."""
    found: dict[str, str] = {}
    seen: set[int] = set()
    waiting = [declaration]
    while waiting:
        at = waiting.pop(0)
        if id(at) in seen:
            continue
        seen.add(id(at))
        for name, layout, note in getattr(at, "fields", None) or ():
            if note:
                found.setdefault(name, str(note))
            waiting.append(layout)
        waiting += [inner for name in _INNER if (inner := getattr(at, name, None)) is not None]
        cases = getattr(at, "cases", None)
        waiting += cases.values() if isinstance(cases, dict) else ()
    return found
