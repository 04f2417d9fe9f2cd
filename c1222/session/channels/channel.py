"""A way to ask a meter and be answered, and the events it tells: the seam between protocols and what they carry.

C12.18 carries one service in a message over a link (line.py); C12.22 several in a message of their own, secured or not
(network.py). What is asked, and in which order, does not care.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from c1219_tables.schema.dialect import Record
from c1219_tables.schema.layout import Decoded
from c1222.errors import C12Error


@dataclass(frozen=True, slots=True)
class Answered:
    """What the meter said: one response for each request, None where it has none for it."""

    responses: tuple[Decoded | None, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """The requests will not be answered."""

    error: C12Error


@dataclass(frozen=True, slots=True)
class BaudChanged:
    """The line goes on at another speed, once all that was to be sent before is out."""

    baud: int


@dataclass(frozen=True, slots=True)
class Unasked:
    """A message that nobody asked for: a notification. apdu: decoded; text: ED class and services in the clear."""

    apdu: Decoded
    control: Record
    text: bytes


Event = Answered | Failed | Unasked
Output = bytes | BaudChanged
"""What a channel wants done with its transport."""


class Channel(Protocol):
    """One conversation with one meter, without I/O: one set of requests at a time.

    c1222: which form of the services it carries. at_once: requests that one message may hold.
    """

    c1222: bool
    at_once: int

    @property
    def deadline(self) -> float | None: ...

    @property
    def largest_answer(self) -> int:
        """Octets of the largest response that can come."""

    @property
    def largest_request(self) -> int | None:
        """Octets of the largest request that can be sent; None where nothing limits it."""

    @property
    def incoming(self) -> int:
        """Octets of the answer that are there already."""

    @property
    def alive(self) -> bool:
        """Whether it makes sense to take leave of the meter."""

    def ask(self, requests: Sequence[Record], now: float) -> None:
        """Send requests, at most `at_once`. Raises C12Error where they cannot be sent; nothing was sent then."""

    def tell(self, requests: Sequence[Record]) -> None:
        """Send requests that want no answer. Raises C12Error where that cannot be; nothing was sent then."""

    def abandon(self, now: float) -> None:
        """Forget what was asked, stay in the session."""

    def receive_data(self, octets: bytes, now: float) -> None: ...

    def data_to_send(self) -> Sequence[Output]:
        """What is to be done since the last call, in order: octets to be sent, or a speed to be set."""

    def next_event(self) -> Event | None: ...

    def handle_timeout(self, now: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Ask:
    """An operation wants these answered; it goes on with a list of responses, None for each that has none."""

    requests: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Tell:
    """An operation wants these sent, and no answer to them; it goes on at once."""

    requests: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Pause:
    """An operation wants to wait, in seconds."""

    seconds: float


Wish = Ask | Tell | Pause
Answers = Any
"""What an operation is sent: list[Decoded | None] for Ask, None for the others."""
