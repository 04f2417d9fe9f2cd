"""What each element of a message is for, read off its declaration."""

from functools import lru_cache
from typing import Any

from c1222.message.acse import APDU
from c1222.message.epsem import BODY, EPSEM
from c1222.psem.responses import SEGMENT_ERROR, TOO_LARGE
from c1222.psem.services import BY_CODE

_INNER = ("subcon", "thensubcon", "elsesubcon", "sized", "content", "default")


@lru_cache(maxsize=1)
def envelope_notes() -> dict[str, str]:
    """Notes of the elements around the services, by name."""
    return _notes(APDU.construct) | _notes(EPSEM.construct) | _notes(BODY.construct)


@lru_cache(maxsize=1024)
def service_notes(code: int, *, is_response: bool) -> dict[str, str]:
    """Notes of the elements of a request, or of the answer to it, by name."""
    notes: dict[str, str] = {}
    if code in BY_CODE:
        notes |= _notes(BY_CODE[code].answer if is_response else BY_CODE[code].request)
    return _notes(TOO_LARGE) | _notes(SEGMENT_ERROR) | notes if is_response else notes


def _notes(declaration: Any) -> dict[str, str]:
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
