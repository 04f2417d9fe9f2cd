"""Serial ports and optical probes, through pyserial: 8 data bits, no parity, 1 stop bit.

pyserial's URLs work too: rfc2217://host:port, socket://host:port. It is imported when a port is opened, because it
takes time and most commands open none.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from c1222.transport import faults
from c1222.transport.echo import Echo

try:
    from termios import error as _terminal_error
except ImportError:  # Windows
    _terminal_error = OSError  # type: ignore[assignment, misc]

_FAILURES = (OSError, _terminal_error, ValueError, TypeError)
"""What pyserial raises, and lets through; the last two where another thread closed the port."""

TICK = 0.02
"""Seconds that pyserial waits at a time. To change its time-out for each read would negotiate anew over RFC 2217."""
CHUNK = 4096
"""Octets read at a time at most."""
PIECE = 64
"""Octets written at a time, so that a slow line (2 s at 300 baud) is told from one that takes nothing."""
STUCK = 10.0
"""Seconds after which such a piece that is not taken is a failure."""
WAKE_UP = b"\x55"
"""Wakes a shared optical port. Source: docs/sources.md, ADP."""
WAKE_UP_SILENCE = 0.05
"""Seconds between waking up and the first octet. Source: docs/sources.md, ADP."""


class SerialPipe:
    """A `Transport` over an open port of pyserial."""

    is_datagram = False

    def __init__(
        self,
        port: Any,
        label: str,
        *,
        echo: bool = False,
        turn_around: float = 0.0,
        wakeup: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.label = label
        self._port = port
        self._echo = Echo() if echo else None
        self._turn_around = turn_around
        self._is_asleep = wakeup
        self._sleep = sleep

    def clock(self) -> float:
        return time.monotonic()

    def write(self, octets: bytes) -> None:
        if not octets:
            return
        self._must_be_open()
        if self._is_asleep:
            self._is_asleep = False
            self._put(WAKE_UP)
            self._flush()
            self._sleep(WAKE_UP_SILENCE)
        if self._turn_around:
            self._sleep(self._turn_around)
        self._put(octets)

    def read(self, timeout: float) -> bytes:
        self._must_be_open()
        until = self.clock() + timeout
        while True:
            if octets := self._taken():
                return octets
            if self.clock() >= until:
                return b""

    def set_baud(self, baud: int) -> None:
        self._must_be_open()
        self._flush()
        try:
            self._port.baudrate = baud
        except _FAILURES as exc:
            raise faults.of_baud(exc, self.label, baud) from exc

    def discard(self) -> None:
        self._must_be_open()
        try:
            if self._echo is not None:
                # What is echo of it must be known, or the rest of the echo is taken for an answer.
                self._echo.without(self._waiting())
            self._port.reset_input_buffer()
        except _FAILURES as exc:
            raise faults.of_open_port(exc, self.label) from exc

    def close(self) -> None:
        with suppress(*_FAILURES):
            self._port.close()

    def _must_be_open(self) -> None:
        if not self._port.is_open:
            raise faults.closed_here(self.label)

    def _put(self, octets: bytes) -> None:
        import serial

        if self._echo is not None:
            self._echo.wrote(octets)
        try:
            for at in range(0, len(octets), PIECE):
                self._port.write(octets[at : at + PIECE])
        except serial.SerialTimeoutException as exc:
            raise faults.takes_nothing(self.label, STUCK) from exc
        except _FAILURES as exc:
            raise faults.of_open_port(exc, self.label) from exc

    def _flush(self) -> None:
        """Wait until all is on the wire."""
        try:
            self._port.flush()
        except _FAILURES as exc:
            raise faults.of_open_port(exc, self.label) from exc

    def _taken(self) -> bytes:
        """What is there, after waiting a tick for the first octet of it."""
        try:
            octets = bytes(self._port.read(1))
        except _FAILURES as exc:
            raise faults.of_open_port(exc, self.label) from exc
        if octets:
            # A failure now is met again by the next read; what came before it counts.
            with suppress(*_FAILURES):
                octets += self._waiting()
        return octets if self._echo is None else self._echo.without(octets)

    def _waiting(self) -> bytes:
        """What the port holds. A socket says only that it holds something, so it is asked until it holds nothing."""
        octets = b""
        while len(octets) < CHUNK and (count := self._port.in_waiting):
            octets += self._port.read(min(count, CHUNK - len(octets)))
        return octets


def open_serial(
    port: str,
    *,
    baud: int = 9600,
    dtr: bool | None = None,
    rts: bool | None = None,
    echo: bool = False,
    turn_around: float = 0.0,
    wakeup: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> SerialPipe:
    """Open a port for ourselves alone.

    port: "/dev/ttyUSB0", "COM3", or a URL of pyserial's. dtr, rts: how the lines stand from the beginning (some probes
    are fed by them); None leaves them to pyserial, which raises both. echo: the probe hears itself. turn_around:
    seconds of pause before each write. wakeup: send 55H and pause before the first.
    Raises TransportError.
    """
    import serial

    opened = None
    try:
        opened = serial.serial_for_url(
            port,
            do_not_open=True,
            baudrate=baud,
            timeout=TICK,
            # RFC 2217 has no such time-out in pyserial.
            write_timeout=None if port.lower().startswith("rfc2217:") else STUCK,
            exclusive=True,
        )
        if dtr is not None:
            opened.dtr = dtr
        if rts is not None:
            opened.rts = rts
        opened.open()
    except _FAILURES as exc:
        if opened is not None:
            with suppress(*_FAILURES):
                opened.close()
        raise faults.of_port(exc, port) from exc
    return SerialPipe(opened, port, echo=echo, turn_around=turn_around, wakeup=wakeup, sleep=sleep)
