"""Pipes that know nothing of asyncio, for asyncio: the one in memory, and any other in a thread of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from c1222.transport.memory import MemoryTransport
from c1222.transport.transport import Transport

T = TypeVar("T")
SLICE = 0.2
"""Seconds that a thread reads at a time: so long a write waits for a read that was given up."""


class AsyncMemory:
    """A `MemoryTransport` as an `AsyncTransport`. Every call lets others run, so many conversations go on at once."""

    def __init__(self, memory: MemoryTransport) -> None:
        self.label = memory.label
        self.is_datagram = memory.is_datagram
        self._memory = memory

    def clock(self) -> float:
        return self._memory.clock()

    async def write(self, octets: bytes) -> None:
        await asyncio.sleep(0)
        self._memory.write(octets)

    async def read(self, timeout: float) -> bytes:
        await asyncio.sleep(0)
        return self._memory.read(timeout)

    async def set_baud(self, baud: int) -> None:
        self._memory.set_baud(baud)

    async def discard(self) -> None:
        self._memory.discard()

    async def close(self) -> None:
        self._memory.close()


class InThread:
    """Any `Transport` as an `AsyncTransport`. Its calls run one after the other, in one thread.

    What a read brings that was given up meanwhile is kept for the next.
    """

    def __init__(self, transport: Transport) -> None:
        self.label = transport.label
        self.is_datagram = transport.is_datagram
        self._transport = transport
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"c1222 {transport.label}")
        self._reading: asyncio.Future[bytes] | None = None
        self._is_open = True

    def clock(self) -> float:
        return self._transport.clock()

    async def write(self, octets: bytes) -> None:
        await self._run(partial(self._transport.write, octets))

    async def read(self, timeout: float) -> bytes:
        until = self.clock() + timeout
        while True:
            if self._reading is None:
                seconds = min(max(until - self.clock(), 0.0), SLICE)
                self._reading = self._start(partial(self._transport.read, seconds))
            try:
                octets = await asyncio.shield(self._reading)
            except OSError:
                self._reading = None
                raise
            self._reading = None
            if octets or self.clock() >= until:
                return octets

    async def set_baud(self, baud: int) -> None:
        await self._run(partial(self._transport.set_baud, baud))

    async def discard(self) -> None:
        self._reading = None
        await self._run(self._transport.discard)

    async def close(self) -> None:
        if not self._is_open:
            return
        self._is_open = False
        await self._run(self._transport.close)
        self._thread.shutdown(wait=False)

    def _start(self, call: Callable[[], T]) -> "asyncio.Future[T]":
        return asyncio.get_running_loop().run_in_executor(self._thread, call)

    async def _run(self, call: Callable[[], T]) -> T:
        return await asyncio.shield(self._start(call))


async def open_in_thread(opener: Callable[[], Transport]) -> InThread:
    """Open a transport in a thread, too: a modem takes a minute to dial. Raises what `opener` raises."""
    return InThread(await asyncio.to_thread(opener))
