"""The sentence about a name that nothing is called here: what there is, and what may have been meant."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["unknown"]


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """`no option is called "pakcet_size"; did you mean packet_size? (there are: ...)`.

    what: "option", "profile" ... A name that does not look like one is not repeated: it may be a secret.
    """
    names = list(known)
    shown = f"is called {name}" if re.fullmatch(r"[A-Za-z][\w+./-]{0,19}", name, re.ASCII) else "has such a name"
    near = get_close_matches(name.lower(), names, n=1, cutoff=0.6)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"no {what} {shown}{hint} (there are: {', '.join(names) or 'none'})"
