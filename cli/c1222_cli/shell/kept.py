"""One session kept open: alive while nothing is asked, opened anew where the meter has ended it."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import TypeVar

from c1222.errors import C12Error, LinkTimeout, RemoteProtocolError, ServiceError, TransportError
from c1222.session.faces.meter import Meter
from c1222_cli.talk import say

Result = TypeVar("Result")

WAIT = 60
"""Seconds of silence that the meter is asked to bear (service Wait, at most 255)."""
EVERY = 40.0
"""Seconds after which it is asked again, well before they have passed."""
REST = 1.0
"""Seconds without a command before it is asked at all: between commands of a script it would only cost time."""
OVER = ("isss", "rno")
"""Refusals of a read by a meter that knows no session any more."""


def is_over(error: BaseException | None) -> bool:
    """Whether an error says that the session, or the way to the meter, is gone."""
    if isinstance(error, ServiceError):
        return error.code in OVER
    return isinstance(error, TransportError | LinkTimeout | RemoteProtocolError)


class Kept:
    """A meter that is there whenever it is wanted.

    enter: opens a session, to be left by leaving its context; its number, from 1, is what it is given. clock: seconds.
    tell: hears in a line that it was opened anew.
    """

    def __init__(
        self,
        enter: Callable[[int], AbstractContextManager[Meter]],
        *,
        clock: Callable[[], float] = time.monotonic,
        tell: Callable[[str], None] = say,
    ) -> None:
        self._enter = enter
        self._clock = clock
        self._tell = tell
        self._lock = threading.RLock()
        self._context: AbstractContextManager[Meter] | None = None
        self._meter: Meter | None = None
        self._opened = 0
        self._rests_since = clock()
        self._waits_until = self._rests_since
        self._stopped = threading.Event()

    @property
    def meter(self) -> Meter | None:
        """The meter as it is now; None while there is no session. Not to be talked to: that is what `run` is for."""
        return self._meter

    def run(self, work: Callable[[Meter], Result]) -> Result:
        """Let `work` talk to the meter. It is done a second time where the meter has ended the session meanwhile.

        Raises what `work` raises, and what opening a session raises.
        """
        with self._lock:
            is_new = self._meter is None
            meter = self._open()
            try:
                return work(meter)
            except C12Error as exc:
                if not is_over(exc):
                    raise
                self._leave()
                if is_new:
                    raise
                self._tell("the session is over; connecting again")
            finally:
                self._rests_since = self._waits_until = self._clock()
            try:
                return work(self._open())
            except C12Error as exc:
                if is_over(exc):
                    self._leave()
                raise
            finally:
                self._rests_since = self._waits_until = self._clock()

    def beat(self) -> None:
        """Ask the meter to wait, where it has a session and it is time to; called often, from any thread."""
        if not self._lock.acquire(blocking=False):
            return  # it is being talked to
        try:
            now = self._clock()
            meter = self._meter
            if meter is None or not meter.client.is_open or now < self._waits_until or now - self._rests_since < REST:
                return
            self._waits_until = now + EVERY
            try:
                meter.wait(WAIT)
            except C12Error as exc:
                # Said when somebody wants something of it. A meter without this service keeps its own time.
                if is_over(exc):
                    self._leave()
                else:
                    self._waits_until = float("inf")
        finally:
            self._lock.release()

    def keep(self) -> None:
        """Beat in a thread of its own until `close`."""

        def beats() -> None:
            while not self._stopped.wait(REST):
                self.beat()

        threading.Thread(target=beats, name="keep-alive", daemon=True).start()

    def close(self) -> None:
        """Leave the session as the protocol wants it."""
        self._stopped.set()
        with self._lock:
            self._leave()

    def _open(self) -> Meter:
        if self._meter is None:
            self._opened += 1
            context = self._enter(self._opened)
            self._meter, self._context = context.__enter__(), context
        return self._meter

    def _leave(self) -> None:
        context, self._context, self._meter = self._context, None, None
        if context is not None:
            with suppress(C12Error):
                context.__exit__(None, None, None)
