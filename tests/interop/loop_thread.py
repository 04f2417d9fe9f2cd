"""Listeners on an asyncio loop of their own, in a thread, for programs and clients that wait."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from threading import Thread

from c1222.transport.listener import Listener

SOON = 10.0


@contextmanager
def served(listen: Callable[[], Awaitable[Listener]]) -> Iterator[str]:
    """The label of a listener that serves until the end of the block."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def listening() -> Listener:
        return await listen()

    try:
        listener = asyncio.run_coroutine_threadsafe(listening(), loop).result(SOON)
        try:
            yield listener.label
        finally:
            asyncio.run_coroutine_threadsafe(listener.close(), loop).result(SOON)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(SOON)
        loop.close()
