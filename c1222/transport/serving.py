"""Listeners kept until they are told to stop, for programs that know nothing of asyncio."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any

from c1222.transport.listener import Listener, log_failure

Open = Callable[[], Awaitable[Listener]]
"""Opens one listener: `lambda: listen_tcp("127.0.0.1", 1153, accept)`."""


class Serving:
    """Several listeners on one loop, which `run` has to itself.

    Ctrl-C and SIGTERM stop them as `stop` does, where `run` is called in the main thread: for a server they are the
    usual end and nothing went wrong.
    """

    def __init__(self, opens: Sequence[Open]) -> None:
        self._opens = opens
        self._is_stopped = False
        self._error: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Event | None = None

    def stop(self, error: BaseException | None = None) -> None:
        """End `run`, from any thread, also before it began. error: `run` raises it."""
        self._error = self._error or error
        self._is_stopped = True
        if self._loop is not None and self._ended is not None:
            with suppress(RuntimeError):  # it has ended already
                self._loop.call_soon_threadsafe(self._ended.set)

    def run(self, started: Callable[[Sequence[str]], None], *, seconds: float | None = None) -> None:
        """Serve until stopped, or for so many seconds.

        started: hears the labels of all listeners, in their order, once every one of them listens.
        Raises TransportError where one cannot; none listens then. Raises what `started` raises, and `stop` was given.
        """
        with suppress(KeyboardInterrupt):  # where the system has no signals that a loop can hear
            asyncio.run(self._serve(started, seconds))
        if self._error is not None:
            raise self._error

    async def _serve(self, started: Callable[[Sequence[str]], None], seconds: float | None) -> None:
        self._ended, self._loop = asyncio.Event(), asyncio.get_running_loop()
        self._loop.set_exception_handler(_log_unhandled)
        if self._is_stopped:
            self._ended.set()
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError, RuntimeError, ValueError):  # Windows; not the main thread
                self._loop.add_signal_handler(number, self.stop)
        async with AsyncExitStack() as stack:
            labels = []
            for opens in self._opens:
                listener = await opens()
                stack.push_async_callback(listener.close)
                labels.append(listener.label)
            started(labels)
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._ended.wait()


def _log_unhandled(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What nobody caught, in one line. Python 3.11 takes connections for broken that were cut off at the end."""
    if isinstance(exc := context.get("exception"), Exception):
        log_failure("a connection", exc)
