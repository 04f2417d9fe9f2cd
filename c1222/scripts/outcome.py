"""What came of a step, in words and as programs see it."""

from dataclasses import dataclass
from typing import Any, Literal

from c1219_tables.errors import C12Error
from c1222.errors import (
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

Result = Literal["ok", "already", "failed", "in doubt"]
RESULTS: tuple[Result, ...] = ("ok", "already", "failed", "in doubt")
"""`already`: a write that found everything as it should be, and sent nothing. `in doubt`: nobody knows whether it was
done."""

KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (TargetError, "usage"),
    (LocalProtocolError, "usage"),
    (VerifyError, "differs"),
    (ServiceError, "refused"),
    (SecurityError, "security"),
    (LinkTimeout, "timeout"),
    (RemoteProtocolError, "link"),
    (TransportError, "link"),
    (LayoutError, "misfit"),
)
"""Which error is which kind of failure, the first that fits; all others are "unexpected"."""
UNEXPECTED = "unexpected"
DIFFERS = "differs"
INTERRUPTED = "interrupted"
_ENDING = (SecurityError, LinkTimeout, RemoteProtocolError, TransportError)


@dataclass(frozen=True, slots=True)
class Outcome:
    """result: one of RESULTS. said: for people. kind: of a failure, see KINDS; "" without one. data: what was read, or
    found, as JSON has it.
    """

    result: Result
    said: str = ""
    kind: str = ""
    data: Any = None

    @property
    def is_fine(self) -> bool:
        return self.result in ("ok", "already")


def failure(exc: BaseException, *, in_doubt: bool = False) -> Outcome:
    """What an error makes of a step. in_doubt: nobody knows whether the meter did it all the same."""
    said, cause = str(exc), exc.__cause__
    if isinstance(cause, C12Error) and str(cause) not in said:
        said = f"{said} (because {cause})"
    kind = next((kind for error, kind in KINDS if isinstance(exc, error)), UNEXPECTED)
    if kind == UNEXPECTED and not isinstance(exc, C12Error | ValueError):
        said = f"this should not have happened ({type(exc).__name__})"  # whose words may hold octets
    return Outcome("in doubt" if in_doubt else "failed", said, kind)


def ends_session(exc: BaseException) -> bool:
    """Whether nothing more can be said to the meter after an error."""
    return isinstance(exc, _ENDING)
