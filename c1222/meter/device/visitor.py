"""Who talks to a device, and how far they have come: one visitor per link, or per calling title of a network."""

from dataclasses import dataclass
from enum import Enum, IntEnum, auto


class Standard(IntEnum):
    """What a visitor speaks; the value is that of Identify. Sources: docs/sources.md, ITR SPI GE CNX."""

    C1218 = 0
    C1221 = 2
    C1222 = 3


class State(Enum):
    """How far a conversation has come. C12.22 knows no difference between the first three."""

    BASE = auto()
    """Nothing was said: C12.18 wants Identify."""
    IDENTIFIED = auto()
    NEGOTIATED = auto()
    """Identify is refused from here on (GE I-210+c, 796 times of 796)."""
    SESSION = auto()


@dataclass
class Visitor:
    """What a device knows of one visitor.

    user_id, user: as Logon gave them. groups: opened by a password. room: octets that the next response may take.
    maximum: octets of the largest message, which a refusal names (C12.22). idle_timeout: seconds of silence that end a
    session, 0 for never. procedure_answer: what table 8 holds for this visitor; None before any procedure.
    heard_at: when the visitor spoke last. patience: seconds of silence granted once by Wait, None where it was not.
    """

    standard: Standard = Standard.C1218
    state: State = State.BASE
    user_id: int = 0
    user: str = ""
    groups: frozenset[int] = frozenset()
    room: int = 0
    maximum: int = 0
    idle_timeout: int = 0
    procedure_answer: bytes | None = None
    heard_at: float = 0.0
    patience: int | None = None

    @property
    def in_session(self) -> bool:
        return self.state is State.SESSION

    @property
    def is_networked(self) -> bool:
        return self.standard is Standard.C1222

    def begin_session(self, user_id: int, user: str, idle_timeout: int) -> None:
        """Logon: nothing is allowed yet that not everybody may do."""
        self.state, self.groups = State.SESSION, frozenset()
        self.user_id, self.user, self.idle_timeout = user_id, user, idle_timeout

    def end_session(self) -> None:
        """Logoff, or silence: the visitor is still there, in C12.18 with what was negotiated."""
        self.state, self.groups, self.user_id, self.user = State.NEGOTIATED, frozenset(), 0, ""
        self.idle_timeout, self.patience = 0, None

    def take_back_negotiation(self) -> None:
        """The answer to Negotiate was lost: it may be asked for again, and Identify too."""
        if self.state is State.NEGOTIATED:
            self.state = State.IDENTIFIED

    def leave(self) -> None:
        """Terminate, or a link that failed: everything is as before the first word."""
        self.end_session()
        self.state, self.procedure_answer = State.BASE, None

    def begin_message(self, now: float) -> None:
        """A C12.22 message: without a session, a password holds for the message that brings it."""
        if self.in_session and self.is_idle(now):
            self.end_session()
        if not self.in_session:
            self.groups, self.user_id = frozenset(), 0
        self.heard_at, self.patience = now, None

    def is_idle(self, now: float) -> bool:
        """The session has been silent for too long."""
        allowed = max(self.idle_timeout, self.patience or 0)
        return self.idle_timeout > 0 and now - self.heard_at > allowed
