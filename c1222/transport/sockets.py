"""A connected socket as a pipe: what TCP and UDP have in common."""

import socket
import time

from c1222.transport import faults

CHUNK = 65536
"""Octets taken at a time; a datagram has at most 65,535."""
PIECES = 64
"""Pieces that `discard` throws away at most: a side that never stops talking is not waited for."""
STUCK = 30.0
"""Seconds after which what is written and not taken is a failure."""
DAY = 86400.0
"""Seconds that a system call waits at most; who waits longer calls it again."""


class SocketPipe:
    """A `Transport` over one connected socket. label: host and port of the other side."""

    def __init__(self, connected: socket.socket, label: str) -> None:
        self.label = label
        self.is_datagram = connected.type == socket.SOCK_DGRAM
        self._socket = connected

    def clock(self) -> float:
        return time.monotonic()

    def write(self, octets: bytes) -> None:
        if not octets:
            return
        try:
            self._socket.settimeout(STUCK)
            self._socket.sendall(octets)
        except TimeoutError as exc:
            raise faults.takes_nothing(self.label, STUCK) from exc
        except OSError as exc:
            raise faults.of_network(exc, self.label) from exc

    def read(self, timeout: float) -> bytes:
        until = self.clock() + timeout
        while True:
            try:
                self._socket.settimeout(min(max(until - self.clock(), 0.0), DAY))
                octets = self._socket.recv(CHUNK)
            except (TimeoutError, BlockingIOError):
                if self.clock() >= until:
                    return b""
                continue
            except OSError as exc:
                raise faults.of_network(exc, self.label) from exc
            if octets:
                return octets
            if not self.is_datagram:
                raise faults.closed_by(self.label)

    def set_baud(self, baud: int) -> None:
        """A network has no speed to set."""

    def discard(self) -> None:
        for _ in range(PIECES):
            if not self.read(0.0):
                return

    def close(self) -> None:
        self._socket.close()
