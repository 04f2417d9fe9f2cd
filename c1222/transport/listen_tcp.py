"""Listening on TCP: one side per connection, all on one loop."""

import asyncio
import logging
import math
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress

from c1222.transport import faults
from c1222.transport.drive import Driven
from c1222.transport.listener import Accept, Listener, log_failure
from c1222.transport.sockets import CHUNK, STUCK

CONNECTIONS = 1024
"""Connections at a time. For one more, the one that has been silent for longest is hung up on: whoever opens many and
says nothing must not keep others out."""

_log = logging.getLogger(__name__)


class _Server:
    """The connections of one listener."""

    def __init__(self, accept: Accept) -> None:
        self._accept = accept
        self._served: OrderedDict[asyncio.Task[None], None] = OrderedDict()
        """Tasks of the connections, the one that was heard last at the end."""
        self._is_full = False
        self._is_closing = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._make_room()
        self._served[task] = None
        try:
            await _hang_up(writer, in_peace=await self._answer(reader, writer, lambda: self._served.move_to_end(task)))
        finally:
            self._served.pop(task, None)

    def _make_room(self) -> None:
        if len(self._served) < CONNECTIONS:
            self._is_full = False
            return
        if not self._is_full:
            # Said once: who fills the room must not fill the log, too.
            _log.warning("%d connections are open; the most silent ones are hung up on for new ones", CONNECTIONS)
            self._is_full = True
        silent, _ = self._served.popitem(last=False)
        silent.cancel()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: Callable[[], None]
    ) -> bool:
        """Converse to the end; False where it broke off, so that nothing that is still to be sent matters."""
        peer = faults.place(*writer.get_extra_info("peername", ("a peer that left", 0))[:2])
        if self._is_closing:
            return False
        try:
            await _converse(Driven(self._accept(peer)), reader, writer, heard)
        except (OSError, asyncio.CancelledError):
            # The peer left in the middle, or the listener closes: nothing is wrong with the side.
            return False
        except Exception as exc:  # noqa: BLE001 - one broken side must not end the others
            log_failure(peer, exc)
            return False
        return True

    async def close(self) -> None:
        self._is_closing = True
        tasks = list(self._served)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def listen_tcp(host: str, port: int, accept: Accept) -> Listener:
    """Serve each connection with a side that `accept` makes for it ("127.0.0.1:50123").

    host: an address or name of this computer; "" for all of them. port: 0 takes a free one.
    A side that raises is logged, and its connection closed; so is one whose peer takes nothing. Raises TransportError.
    """
    connections = _Server(accept)
    try:
        server = await asyncio.start_server(connections.serve, host or None, port)
    except (OSError, UnicodeError, OverflowError) as exc:
        raise faults.of_network(exc, faults.place(host, port)) from exc

    async def close() -> None:
        server.close()
        await connections.close()
        await server.wait_closed()

    bound = server.sockets[0].getsockname()
    return Listener(f"tcp://{faults.place(*bound[:2])}", close)


async def _converse(
    side: Driven, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: Callable[[], None]
) -> None:
    """Move octets and time until one of the two hangs up. While the peer takes nothing, nothing more is read."""
    clock = asyncio.get_running_loop().time
    while True:
        side.handle_timeout(clock())
        # Not writelines: in Python 3.12 it forgets to say that the peer takes nothing.
        writer.write(b"".join(side.data_to_send()))
        async with asyncio.timeout(STUCK):
            await writer.drain()
        if side.closed:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout_at(None if side.deadline == math.inf else side.deadline):
                octets = await reader.read(CHUNK)
            if not octets:
                return
            heard()
            side.receive_data(octets, clock())


async def _hang_up(writer: asyncio.StreamWriter, *, in_peace: bool) -> None:
    """Close; in peace, what was written goes out first, unless nobody takes it."""
    writer.close()
    with suppress(OSError, asyncio.CancelledError):
        if in_peace:
            async with asyncio.timeout(STUCK):
                await writer.wait_closed()
    if writer.transport.get_write_buffer_size():
        writer.transport.abort()
    # Cancelled while it closes, it is closed all the same, and asyncio would print the cancellation.
    with suppress(OSError, asyncio.CancelledError):
        await writer.wait_closed()
