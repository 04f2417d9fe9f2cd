"""The errors of the project, from the ground floor up.

C12Error
├── LayoutError (ValueError)     octets or values do not fit a declaration: .layout .field .offset
│   └── MessageError             ... of a message, packet or service
├── ProtocolError
│   ├── LocalProtocolError       we were asked for what the protocol forbids
│   └── RemoteProtocolError      the other side did what the protocol forbids
│       └── LinkTimeout (TimeoutError)   it did not answer, or not in a way that can be understood
├── CaptureError (ValueError)    a capture file is broken: .file .packet .offset
├── TargetError (ValueError)     a target, a key source or a configuration that cannot work
├── TransportError (OSError)     a port or a connection failed
├── ServiceError                 the meter answered and said no: .code .service .table .hint
├── SecurityError                .reason: no-key, bad-mac, replay, downgrade, short-header
└── VerifyError                  what is in the meter is not what was written: .table .verdict .differences

Each class is a decision a caller would make differently. Messages are for people, attributes for programs.
"""

from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from c1219_tables.errors import C12Error, LayoutError

if TYPE_CHECKING:
    from c1219_tables.changes import FieldChange

__all__ = [
    "C12Error",
    "CaptureError",
    "LayoutError",
    "LinkTimeout",
    "LocalProtocolError",
    "MessageError",
    "ProtocolError",
    "RemoteProtocolError",
    "SecurityError",
    "ServiceError",
    "TargetError",
    "TransportError",
    "VerifyError",
]

SecurityReason = Literal["no-key", "bad-mac", "replay", "downgrade", "short-header"]
Verdict = Literal["nothing-changed", "other-value", "neighbour-changed", "partly-written", "changed-meanwhile"]


class MessageError(LayoutError):
    """Octets or values do not fit the declaration of a message, packet or service."""


class ProtocolError(C12Error):
    """The rules of the protocol were broken."""


class LocalProtocolError(ProtocolError):
    """We were asked for what the protocol forbids here."""


class RemoteProtocolError(ProtocolError):
    """The other side did what the protocol forbids here."""


class LinkTimeout(RemoteProtocolError, TimeoutError):
    """The other side did not answer in time, or not in a way that can be understood."""


class CaptureError(C12Error, ValueError):
    """A capture file is broken beyond what can be skipped.

    file: its name as the user gave it ("-" for a pipe).
    packet: number of the packet, counted from 1 as Wireshark counts; None before the first.
    offset: octets from the start of the (unpacked) file; None where it is not known.
    """

    def __init__(self, problem: str, *, file: str = "", packet: int | None = None, offset: int | None = None) -> None:
        self.problem = problem
        self.file = file
        self.packet = packet
        self.offset = offset
        super().__init__(problem)

    def __str__(self) -> str:
        places = [
            self.file,
            "" if self.packet is None else f"packet {self.packet}",
            "" if self.offset is None else f"offset {self.offset}",
        ]
        place = ", ".join(part for part in places if part)
        return f"{place}: {self.problem}" if place else self.problem


class TargetError(C12Error, ValueError):
    """A target, a key source or a configuration that cannot work. Never carries the secret itself."""


class TransportError(C12Error, OSError):
    """A port or a connection failed, or could not be opened. The message says what to do about it where known."""


class ServiceError(C12Error):
    """The meter answered a service and said no.

    code: its response code as a word: "isc", "onp", "iar", "bsy", "err" ... service: what was asked, in words
    ("full_read ST-64"). table: number of the table that was asked for, None where it was another service.
    hint: why, where the meter's own tables or the kind of service tell; "" where not.
    """

    def __init__(self, problem: str, *, code: str, service: str, table: int | None = None, hint: str = "") -> None:
        self.problem = problem
        self.code = code
        self.service = service
        self.table = table
        self.hint = hint
        super().__init__(problem)

    def __reduce__(self) -> tuple[Any, ...]:
        facts: dict[str, Any] = {"code": self.code, "service": self.service, "table": self.table, "hint": self.hint}
        return partial(type(self), **facts), self.args

    def __str__(self) -> str:
        return f"{self.problem}: {self.hint}" if self.hint else self.problem


class SecurityError(C12Error):
    """A message is not what its security promises, or cannot be secured.

    reason: "no-key", "bad-mac", "replay", "downgrade" or "short-header".
    """

    def __init__(self, problem: str, *, reason: SecurityReason) -> None:
        self.reason: SecurityReason = reason
        super().__init__(problem)

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), reason=self.reason), self.args


class VerifyError(C12Error):
    """What is in the meter is not what was to be written there.

    table: its number. verdict: "nothing-changed": the meter said ok and left it as it was; "other-value": it said ok
    and stored something else; "neighbour-changed": fields changed that were not written; "partly-written": it refused
    a later part; "changed-meanwhile": somebody else changed it since it was looked at, and nothing was written.
    differences: the fields at fault; `old` is what should be there, `new` what is.
    """

    def __init__(
        self, problem: str, *, table: int, verdict: Verdict, differences: "tuple[FieldChange, ...]" = ()
    ) -> None:
        self.table = table
        self.verdict: Verdict = verdict
        self.differences = differences
        super().__init__(problem)

    def __reduce__(self) -> tuple[Any, ...]:
        facts: dict[str, Any] = {"table": self.table, "verdict": self.verdict, "differences": self.differences}
        return partial(type(self), **facts), self.args
