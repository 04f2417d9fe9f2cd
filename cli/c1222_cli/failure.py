"""What went wrong, as a sentence on standard error and an exit code."""

import os
import sys
import traceback

from c1219_tables.errors import DeclarationError
from c1222.errors import CaptureError, LayoutError, LocalProtocolError, SecurityError, TargetError
from c1222_cli.talk import clean, say

UNEXPECTED = 1
USAGE = 2
SECURITY = 4
MISFIT = 7
INTERRUPTED = 130

EXIT_CODES: tuple[tuple[type[Exception], int], ...] = (
    (TargetError, USAGE),
    (DeclarationError, USAGE),
    (LocalProtocolError, USAGE),
    (SecurityError, SECURITY),
    (LayoutError, MISFIT),
    (CaptureError, MISFIT),
)
"""Which error gives which exit code; all others give 1."""

# Their words are Python's, or the operating system's, and hold no value that was captured.
_HARMLESS = (AttributeError, NameError, TypeError, ImportError, RecursionError, MemoryError, OSError)


def failed(exc: Exception, *, verbose: bool) -> int:
    """Say what went wrong; returns the exit code.

    verbose: with the traceback of an error that should not have been. It shows lines of our code and no values.
    """
    for kind, code in EXIT_CODES:
        if isinstance(exc, kind):
            say(f"Error: {exc}")
            return code
    if isinstance(exc, OSError):
        say(f"Error: {': '.join(str(part) for part in (exc.filename, exc.strerror) if part) or type(exc).__name__}")
        return UNEXPECTED
    words = f": {exc}" if isinstance(exc, _HARMLESS) else ""
    if verbose or os.environ.get("C1222_DEBUG"):
        _trace(exc)
    say(
        f"Error: this should not have happened ({type(exc).__name__}{words}). Please report it; -vv shows where it was."
    )
    return UNEXPECTED


def _trace(exc: BaseException) -> None:
    """The traceback, the causes first, without the message of any exception: it may hold captured octets."""
    chain: list[BaseException] = []
    at: BaseException | None = exc
    while at is not None and at not in chain:
        chain.append(at)
        at = at.__cause__ or at.__context__
    for each in reversed(chain):
        sys.stderr.write(clean_lines("".join(traceback.format_tb(each.__traceback__)) + f"{type(each).__name__}\n"))


def clean_lines(text: str) -> str:
    return "".join(clean(line) + "\n" for line in text.splitlines())
