"""A head-end's ear: messages that nobody asked for (registrations, notifications, one-way messages), one after another.

Whoever connects may send anything, and for as long as they like: what is held has a bound, octets that cannot be a
message end the connection, and so does silence.
"""

import math
from collections.abc import Callable, Sequence
from typing import Protocol

from c1222.errors import MessageError, RemoteProtocolError
from c1222.message.framing import ApduFramer
from c1222.message.segmentation import MAX_MESSAGE, segments

IDLE = 900.0
"""Seconds of silence after which a connection is given back; a device that has something to say connects again."""
LARGEST_DATAGRAM = 1232
"""Octets of a datagram that fits where IPv6 goes: 1280 less the headers of IPv6 and UDP."""


class Answerer(Protocol):
    """Who answers (answering.py)."""

    def answer(self, octets: bytes, peer: str, now: float) -> bytes | None:
        """The answer to one APDU, None where there is none to give; never raises for what it holds."""


Heard = Callable[[bytes, bytes | None], None]
"""Takes one APDU as it came, perhaps a segment, perhaps broken, and what it is answered with."""


class Ear:
    """The listening side of one connection, or of one peer that sends datagrams (a Side).

    heard: hears each message. odd: hears in words why a stream cannot be listened to any longer. answerer: None where
    nothing is ever answered. peer: what tells it from others where messages carry no titles.
    max_message: octets of the largest message. idle: seconds of silence that end a connection.
    """

    def __init__(
        self,
        heard: Heard,
        odd: Callable[[str], None],
        *,
        is_datagram: bool = False,
        answerer: Answerer | None = None,
        peer: str = "",
        max_message: int = MAX_MESSAGE,
        idle: float = IDLE,
    ) -> None:
        self._heard = heard
        self._odd = odd
        self._is_datagram = is_datagram
        self._answerer = answerer
        self._peer = peer
        self._idle = idle
        self._framer = ApduFramer(max_message)
        self._out: list[bytes] = []
        self._closed = False
        # A connection is asked for the time at once: its silence counts from the beginning.
        self._deadline = None if is_datagram else -math.inf

    @property
    def deadline(self) -> float | None:
        return self._deadline

    @property
    def closed(self) -> bool:
        return self._closed

    def receive_data(self, octets: bytes, now: float) -> None:
        """Octets of a stream, in pieces of any size; or one datagram. After hanging up they are dropped."""
        if self._closed:
            return
        if self._is_datagram:
            self._take(octets, now)
            return
        self._deadline = now + self._idle
        self._framer.feed(octets)
        try:
            while (apdu := self._framer.next_apdu()) is not None:
                self._take(apdu, now)
        except RemoteProtocolError as exc:
            self._odd(str(exc))
            self._closed = True

    def data_to_send(self) -> Sequence[bytes]:
        out, self._out = self._out, []
        return out

    def handle_timeout(self, now: float) -> None:
        """Call when `deadline` has passed; earlier it does nothing."""
        if self._deadline == -math.inf:
            self._deadline = now + self._idle
        elif self._deadline is not None and now >= self._deadline:
            self._closed = True

    def _take(self, octets: bytes, now: float) -> None:
        answer = None if self._answerer is None else self._answerer.answer(octets, self._peer, now)
        if answer is not None:
            try:
                self._out += segments(answer, LARGEST_DATAGRAM) if self._is_datagram else [answer]
            except MessageError:  # titles that leave no room in a datagram for anything else
                answer = None
        self._heard(octets, answer)
