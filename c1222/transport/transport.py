"""What every pipe to a meter can do, and what stands at the end of one.

A `Transport` moves octets and owns the clock. A `Side` (a client's session, a simulated meter, a head-end's ear) turns
octets and time into octets, and does no I/O. Whoever holds one of each moves octets between them until the side has
what it wants.
"""

from collections.abc import Sequence
from typing import Protocol


class Transport(Protocol):
    """A pipe to a meter.

    label: what a person calls it, for messages: "/dev/ttyUSB0", "192.0.2.7:1153". is_datagram: one write is one
    datagram and so is one read (UDP).
    Every method raises TransportError where the port or the connection fails.
    """

    label: str
    is_datagram: bool

    def clock(self) -> float:
        """Seconds, from anywhere, never going back; the clock of all deadlines on this pipe."""

    def write(self, octets: bytes) -> None: ...

    def read(self, timeout: float) -> bytes:
        """At least one octet, or a datagram; b"" when `timeout` seconds passed in silence.

        Raises TransportError when the other side has closed.
        """

    def set_baud(self, baud: int) -> None:
        """Go on at another speed, when all that was written is out; nothing happens where there is no speed."""

    def discard(self) -> None:
        """Throw away what came and was not read."""

    def close(self) -> None:
        """Give the port or connection back; a second time nothing happens."""


class AsyncTransport(Protocol):
    """The same for asyncio."""

    label: str
    is_datagram: bool

    def clock(self) -> float: ...

    async def write(self, octets: bytes) -> None: ...

    async def read(self, timeout: float) -> bytes: ...

    async def set_baud(self, baud: int) -> None: ...

    async def discard(self) -> None: ...

    async def close(self) -> None: ...


class Side(Protocol):
    """One side of a conversation, without I/O.

    deadline: the time, on the caller's clock, by which it wants to hear something; None when it waits for nothing.
    closed: it has hung up (octets of data_to_send are still to be sent).
    """

    @property
    def deadline(self) -> float | None: ...

    @property
    def closed(self) -> bool: ...

    def receive_data(self, octets: bytes, now: float) -> None:
        """Octets of a stream, in pieces of any size; or one datagram."""

    def data_to_send(self) -> Sequence[bytes]:
        """What is to be sent since the last call, in order: pieces of a stream, or one datagram each."""

    def handle_timeout(self, now: float) -> None:
        """Call when `deadline` has passed; earlier it does nothing."""
