"""What all listeners are, and how a side that breaks is kept from harming the others."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from c1222.transport.transport import Side

Accept = Callable[[str], Side]
"""Makes the side that answers a new peer; it is given the peer's label."""

_log = logging.getLogger(__name__)


class Listener:
    """It listens since it was made, on the loop that made it.

    label: where, as bound: "tcp://127.0.0.1:1153"; of a pseudo-terminal the path of its port.
    """

    def __init__(self, label: str, close: Callable[[], Awaitable[None]]) -> None:
        self.label = label
        self._close = close
        self._ended = asyncio.Event()

    async def close(self) -> None:
        """Stop, and hang up on everybody; a second time nothing happens."""
        if not self._ended.is_set():
            self._ended.set()
            await self._close()

    async def serve_forever(self) -> None:
        """Until `close`, or until cancelled."""
        try:
            await self._ended.wait()
        finally:
            await self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def log_failure(peer: str, exc: Exception) -> None:
    """A side raised: say where, but not what it said, which may hold octets of a conversation."""
    trace = exc.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
    _log.error("%s was hung up on: %s%s", peer, type(exc).__name__, where)
