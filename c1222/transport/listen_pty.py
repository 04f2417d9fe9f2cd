"""A side at a pseudo-terminal: to other programs, a meter at a serial port."""

import asyncio
import math
import os
from contextlib import suppress

from c1222.transport.drive import Driven
from c1222.transport.listener import Accept, Listener, log_failure
from c1222.transport.pty import Pty, open_pty
from c1222.transport.sockets import CHUNK

UNSENT = 1 << 16
"""Octets that wait to be taken at most. More are lost, as on a line where nobody listens."""


class _Port:
    """The side at our end of a pseudo-terminal. One that hangs up or raises makes room for a new one."""

    def __init__(self, pty: Pty, accept: Accept) -> None:
        self._pty = pty
        self._accept = accept
        self._loop = asyncio.get_running_loop()
        self._side: Driven | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._unsent = bytearray()
        os.set_blocking(pty.master, False)
        self._loop.add_reader(pty.master, self._readable)

    def close(self) -> None:
        self._loop.remove_reader(self._pty.master)
        self._loop.remove_writer(self._pty.master)
        self._stop_timer()
        self._pty.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _readable(self) -> None:
        # The terminal system says nothing of who opens and closes the port; at times it has nothing to read after all.
        with suppress(OSError):
            self._serve(os.read(self._pty.master, CHUNK))

    def _serve(self, octets: bytes) -> None:
        """Move octets, or with b"" time, to the side, and on what it says."""
        try:
            side = self._side = self._side or Driven(self._accept(self._pty.path))
            if octets:
                side.receive_data(octets, self._loop.time())
            side.handle_timeout(self._loop.time())
            self._send(b"".join(side.data_to_send()))
            self._stop_timer()
            if side.closed:
                self._side = None
            elif side.deadline != math.inf:
                self._timer = self._loop.call_at(side.deadline, self._serve, b"")
        except Exception as exc:  # noqa: BLE001 - the port goes on with a new side
            log_failure(self._pty.path, exc)
            self._stop_timer()
            self._side = None

    def _send(self, octets: bytes) -> None:
        self._unsent += octets[: max(UNSENT - len(self._unsent), 0)]
        self._writable()

    def _writable(self) -> None:
        with suppress(BlockingIOError):
            while self._unsent:
                del self._unsent[: os.write(self._pty.master, self._unsent)]
        if self._unsent:
            self._loop.add_writer(self._pty.master, self._writable)
        else:
            self._loop.remove_writer(self._pty.master)


async def listen_pty(accept: Accept) -> Listener:
    """Serve a new pseudo-terminal; the listener's label is the path of its port, which `accept` is given, too.

    Any program may open it, one after the other. A side that hangs up or raises is replaced when more octets come.
    Raises TransportError where there are no pseudo-terminals.
    """
    port = _Port(pty := open_pty(), accept)

    async def close() -> None:
        port.close()

    return Listener(pty.path, close)
