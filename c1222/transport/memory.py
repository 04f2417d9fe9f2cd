"""A pipe in memory: a `Transport` with a `Side` at its other end, on a clock that jumps.

Nothing sleeps. Reading lets happen what is next (octets arrive, the side's deadline passes) and moves the clock to
there, so an hour of a conversation takes as long as its computing, and the same conversation takes the same course
every time.
"""

import math
from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Literal

from c1222.errors import TransportError
from c1222.transport.drive import Driven
from c1222.transport.transport import Side

BITS_OF_A_CHARACTER = 10
"""Start bit, 8 data bits, stop bit."""
GULP = 0.016
"""Seconds of a serial line that arrive together at most: the latency timer of usual USB adapters."""
PATIENCE = 100_000
"""What may happen in one read before an octet comes. A side that wants more of its deadlines will not end."""

Way = Literal["out", "in"]
Tamper = Callable[[Way, bytes], list[tuple[float, bytes]]]
"""What becomes of octets that were sent: (seconds of delay, octets) each. [] loses them, two entries double them.

Called once for each write, with "out" towards the side and "in" from it. In a stream what is delayed delays what comes
behind it; a datagram is overtaken.
"""


class VirtualClock:
    """Seconds from 0 on, that pass when somebody says so."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        """Raises ValueError for a step back."""
        if not 0 <= seconds < math.inf:
            raise ValueError(f"a clock does not go {seconds} s forward")
        self._now += seconds

    def advance_to(self, time: float) -> None:
        """Exactly to a time; where that is past, nothing happens."""
        self._now = max(self._now, time)


class _Way:
    """One direction: what is on the way, by the time of its arrival."""

    def __init__(self, is_datagram: bool) -> None:
        self.free_at = 0.0
        self._is_datagram = is_datagram
        self._arrivals: list[tuple[float, int, bytes]] = []
        self._count = 0

    def put(self, octets: bytes, now: float, delay: float, baud: int | None) -> None:
        seconds = BITS_OF_A_CHARACTER / baud if baud else 0.0
        if self._is_datagram:
            self._arrive(now + delay + len(octets) * seconds, octets)
            return
        start = max(self.free_at, now) + delay
        size = max(int(GULP / seconds), 1) if baud else len(octets)
        for at in range(0, len(octets), size):
            gulp = octets[at : at + size]
            self.free_at = start + (at + len(gulp)) * seconds
            self._arrive(self.free_at, gulp)

    def _arrive(self, time: float, octets: bytes) -> None:
        self._count += 1
        heappush(self._arrivals, (time, self._count, octets))

    @property
    def next_at(self) -> float:
        """When the next octets arrive; infinity where none are on the way."""
        return self._arrivals[0][0] if self._arrivals else math.inf

    def take(self) -> bytes:
        return heappop(self._arrivals)[2]


class MemoryTransport:
    """A `Transport` whose other end is `side`.

    clock: a new one where None; several pipes may share one, and what happened meanwhile on the others is told to their
    sides with the time at which it happened. baud: speed of both directions at 10 bits an octet; None: octets take no
    time. tamper: what becomes of the octets on their way.
    sent, received: octets that were written, and that came, since it was made.
    """

    def __init__(
        self,
        side: Side,
        *,
        clock: VirtualClock | None = None,
        baud: int | None = None,
        label: str = "memory",
        is_datagram: bool = False,
        tamper: Tamper | None = None,
    ) -> None:
        self.label = label
        self.is_datagram = is_datagram
        self.tamper = tamper
        self.sent = 0
        self.received = 0
        self._side = Driven(side)
        self._clock = clock or VirtualClock()
        self._baud = baud
        self._out = _Way(is_datagram)
        self._in = _Way(is_datagram)
        self._came: deque[bytes] = deque()
        self._is_open = True
        self._told = self._clock.now()

    def clock(self) -> float:
        return self._clock.now()

    def write(self, octets: bytes) -> None:
        """Raises TransportError when this end is closed. What is written to a side that hung up is lost."""
        self._must_be_open()
        self.sent += len(octets)
        self._send("out", octets, self.clock())

    def read(self, timeout: float) -> bytes:
        """At least one octet, or a datagram; b"" when `timeout` seconds of the clock passed in silence.

        Raises TransportError when this end is closed, when the side has hung up and all it sent was read, and when
        waiting could have no end.
        """
        self._must_be_open()
        # A step too small for the clock would let a caller wait for its deadline for ever.
        soonest = math.nextafter(self.clock(), math.inf) if timeout > 0 else self.clock()
        until = max(self.clock() + timeout, soonest)
        for _ in range(PATIENCE):
            if self._came:
                return self._taken()
            self._collect(self.clock())
            if self._side.closed and self._in.next_at == math.inf:
                raise TransportError(f"{self.label} closed the connection")
            if not self._happens(until):
                break
        else:
            raise TransportError(f"{self.label} does nothing but let its deadlines pass")
        if until == math.inf:
            raise TransportError(f"nothing will ever come from {self.label}")
        self._clock.advance_to(until)
        return b""

    def set_baud(self, baud: int) -> None:
        if self._baud is None:
            return
        until = self._out.free_at
        self._catch_up(until)
        self._clock.advance_to(until)
        self._baud = baud

    def discard(self) -> None:
        self._catch_up(self.clock())
        self._came.clear()

    def close(self) -> None:
        self._is_open = False

    def _must_be_open(self) -> None:
        if not self._is_open:
            raise TransportError(f"{self.label} is closed")

    def _taken(self) -> bytes:
        if self.is_datagram:
            return self._came.popleft()
        octets = b"".join(self._came)
        self._came.clear()
        return octets

    def _send(self, way: Way, octets: bytes, now: float) -> None:
        line = self._out if way == "out" else self._in
        for delay, part in self.tamper(way, octets) if self.tamper else [(0.0, octets)]:
            if part:
                line.put(part, now, delay, self._baud)

    def _collect(self, now: float) -> None:
        for octets in self._side.data_to_send():
            self._send("in", octets, now)

    def _catch_up(self, until: float) -> None:
        for _ in range(PATIENCE):
            self._collect(self.clock())
            if not self._happens(until):
                return

    def _happens(self, until: float) -> bool:
        """Let the one thing happen that is next; False where nothing is left to happen by `until`."""
        due = min(self._out.next_at, self._in.next_at, self._side.deadline)
        if due > until or due == math.inf:
            return False
        now = self._told = max(self._told, due)
        self._clock.advance_to(now)
        # Octets that are due arrived in time, so they come before the deadline of the same moment.
        if self._in.next_at == due:
            octets = self._in.take()
            self.received += len(octets)
            self._came.append(octets)
        elif self._out.next_at == due:
            self._side.receive_data(self._out.take(), now)
        else:
            self._side.handle_timeout(now)
        self._collect(now)
        return True
