"""Pipes for asyncio over TCP and UDP. The sentences of their errors are those of the other pipes."""

import asyncio
import socket
import time
from collections import deque
from typing import Any

from c1222.transport import faults
from c1222.transport.sockets import STUCK
from c1222.transport.udp import connected_udp

HELD = 1 << 18
"""Octets of a stream that are held until they are read; the sender of more is made to wait."""
DATAGRAMS_HELD = 1024
"""Datagrams that are held until they are read; more are lost, as datagrams may be."""


class _Arrivals(asyncio.Protocol, asyncio.DatagramProtocol):
    """What came over a connection, and what became of it.

    news: set when something came or the connection failed. may_write: what was written is not too much yet.
    """

    def __init__(self) -> None:
        self.pieces: deque[bytes] = deque()
        self.news = asyncio.Event()
        self.may_write = asyncio.Event()
        self.may_write.set()
        self.gone = asyncio.Event()
        self.failure: Exception | None = None
        self._held = 0
        self._connection: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._connection = transport

    def data_received(self, data: bytes) -> None:
        self.pieces.append(data)
        self.news.set()
        self._held += len(data)
        if self._held > HELD:
            self._connection.pause_reading()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if data and len(self.pieces) < DATAGRAMS_HELD:
            self.pieces.append(data)
            self.news.set()

    def error_received(self, exc: Exception) -> None:
        self.failure = exc
        self.news.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.failure = exc
        for happened in (self.gone, self.news, self.may_write):
            happened.set()

    def pause_writing(self) -> None:
        self.may_write.clear()

    def resume_writing(self) -> None:
        self.may_write.set()

    def take_all(self) -> bytes:
        octets = b"".join(self.pieces)
        self.pieces.clear()
        if self._held > HELD and not self.gone.is_set():
            self._connection.resume_reading()
        self._held = 0
        return octets


class AsyncPipe:
    """An `AsyncTransport` over one connection of asyncio. label: host and port of the other side."""

    def __init__(self, connection: Any, arrivals: _Arrivals, label: str, *, is_datagram: bool) -> None:
        self.label = label
        self.is_datagram = is_datagram
        self._connection = connection
        self._arrivals = arrivals
        self._is_open = True

    def clock(self) -> float:
        return time.monotonic()

    async def write(self, octets: bytes) -> None:
        self._must_work()
        if not octets:
            return
        if self.is_datagram:
            self._connection.sendto(octets)
        else:
            self._connection.write(octets)
        try:
            async with asyncio.timeout(STUCK):
                await self._arrivals.may_write.wait()
        except TimeoutError as exc:
            raise faults.takes_nothing(self.label, STUCK) from exc
        self._must_work()

    async def read(self, timeout: float) -> bytes:
        arrivals = self._arrivals
        try:
            async with asyncio.timeout(max(timeout, 0.0)):
                while not arrivals.pieces:
                    self._must_work()
                    arrivals.news.clear()
                    await arrivals.news.wait()
        except TimeoutError:
            return b""
        return arrivals.pieces.popleft() if self.is_datagram else arrivals.take_all()

    async def set_baud(self, baud: int) -> None:
        """A network has no speed to set."""

    async def discard(self) -> None:
        # The loop takes what the system holds when it runs.
        await asyncio.sleep(0)
        self._arrivals.take_all()

    async def close(self) -> None:
        """Give the connection back, when what was written is out or nobody takes it."""
        self._is_open = False
        self._connection.close()
        try:
            async with asyncio.timeout(STUCK):
                await self._arrivals.gone.wait()
        except TimeoutError:
            self._connection.abort()

    def _must_work(self) -> None:
        if not self._is_open:
            raise faults.closed_here(self.label)
        failure, gone = self._arrivals.failure, self._arrivals.gone.is_set()
        if failure is not None:
            if not gone:
                # A datagram was refused; the next may be welcome.
                self._arrivals.failure = None
            raise faults.of_network(failure, self.label) from failure
        if gone:
            raise faults.closed_by(self.label)


async def open_tcp_async(host: str, port: int, *, timeout: float = 10.0) -> AsyncPipe:
    """As `open_tcp`."""
    label = faults.place(host, port)
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        connected = await _connected_tcp(found, timeout)
        connection, arrivals = await loop.create_connection(_Arrivals, sock=connected)
    except (OSError, UnicodeError, OverflowError) as exc:
        raise faults.of_network(exc, label, seconds=timeout) from exc
    return AsyncPipe(connection, arrivals, label, is_datagram=False)


async def _connected_tcp(found: list[tuple[Any, ...]], timeout: float) -> socket.socket:
    """A socket to the first address that answers. Raises OSError of the last that did not.

    The loop's own way of trying them all makes one error of many, and loses what each said.
    """
    failed: OSError | None = None
    for family, kind, protocol, _, address in found:
        unconnected = socket.socket(family, kind, protocol)
        unconnected.setblocking(False)
        try:
            async with asyncio.timeout(timeout):
                await asyncio.get_running_loop().sock_connect(unconnected, address)
        except OSError as exc:
            unconnected.close()
            failed = exc
        except BaseException:
            unconnected.close()
            raise
        else:
            return unconnected
    raise failed or OSError("no address was found")


async def open_udp_async(host: str, port: int, *, source_port: int | None = None) -> AsyncPipe:
    """As `open_udp`."""
    label = faults.place(host, port)
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        connected = connected_udp(found, source_port)
        connected.setblocking(False)
        connection, arrivals = await loop.create_datagram_endpoint(_Arrivals, sock=connected)
    except (OSError, UnicodeError, OverflowError) as exc:
        raise faults.of_network(exc, label) from exc
    return AsyncPipe(connection, arrivals, label, is_datagram=True)
