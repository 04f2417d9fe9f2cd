"""What went wrong, as a sentence on standard error and an exit code."""

import os
import sys
import traceback

from c1219_tables.errors import C12Error, DeclarationError
from c1222.errors import (
    CaptureError,
    LayoutError,
    LinkTimeout,
    LocalProtocolError,
    RemoteProtocolError,
    SecurityError,
    ServiceError,
    TargetError,
    TransportError,
    VerifyError,
)
from c1222_cli.talk import clean, say

UNEXPECTED = 1
USAGE = 2
REFUSED = 3
SECURITY = 4
TIMEOUT = 5
LINK = 6
MISFIT = 7
DIFFERS = 8
PART = 9
INTERRUPTED = 130

EXIT_CODES: tuple[tuple[type[Exception], int], ...] = (
    (TargetError, USAGE),
    (DeclarationError, USAGE),
    (LocalProtocolError, USAGE),
    (ServiceError, REFUSED),
    (SecurityError, SECURITY),
    (LinkTimeout, TIMEOUT),
    (RemoteProtocolError, LINK),
    (TransportError, LINK),
    (VerifyError, DIFFERS),
    (LayoutError, MISFIT),
    (CaptureError, MISFIT),
)
"""Which error gives which exit code, the first that fits; all others give 1."""

# Their words are Python's, or the operating system's, and hold no value that was captured.
_HARMLESS = (AttributeError, NameError, TypeError, ImportError, RecursionError, MemoryError, OSError)


def failed(exc: Exception, *, verbose: bool) -> int:
    """Say what went wrong; returns the exit code.

    verbose: with the traceback of an error that should not have been. It shows lines of our code and no values.
    """
    if (code := exit_code(exc)) != UNEXPECTED:
        say(f"Error: {sentence(exc)}")
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


def exit_code(exc: BaseException) -> int:
    """The exit code that an error gives. A capture that cannot be read at all is as any file that is not there."""
    if isinstance(exc, CaptureError) and isinstance(exc.__cause__, OSError):
        return USAGE
    return next((code for kind, code in EXIT_CODES if isinstance(exc, kind)), UNEXPECTED)


def sentence(exc: BaseException) -> str:
    """An error for people, with the error of ours behind it: `ST-23 needs ST-21 ... (because ... was refused ...)`."""
    said, cause = str(exc), exc.__cause__
    return f"{said} (because {cause})" if isinstance(cause, C12Error) and str(cause) not in said else said


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
