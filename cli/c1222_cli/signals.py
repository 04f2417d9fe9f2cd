"""Signals that end a command with a meter: Ctrl-C, SIGTERM, SIGHUP. The first leaves the session, the second at once.

The exit code is 128 and the number of the signal, as shells have it: 130, 143, 129. Only the main thread hears signals.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

INTERRUPTED = 130
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class EndedBySignal(KeyboardInterrupt):
    """The command is to end. number: of the signal that says so."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class _Ear:
    """The handler of all signals.

    is_open: whether it is in its place. came: signals so far. is_held: whether what goes on must not be broken off;
    held: what came meanwhile.
    """

    is_open = False
    came = 0
    is_held = False
    held: int | None = None

    def __call__(self, number: int, _frame: FrameType | None = None) -> None:
        self.came += 1
        if self.is_held:
            self.held = number
        elif self.came <= 2:
            raise EndedBySignal(number)
        else:
            # What the second one began takes too long for somebody; nothing is left that would have to be said.
            os._exit(128 + number)


_ear = _Ear()


@contextmanager
def heard() -> Iterator[None]:
    """Inside, signals raise EndedBySignal; a third one ends the process. One inside another changes nothing.

    The handlers are put back behind it, unless a signal came: the process is about to end, and more of them do no harm.
    """
    if _ear.is_open or threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[int, Any] = {}
    _ear.is_open, _ear.came = True, 0
    try:
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup wants it
                before[number] = signal.signal(number, _ear)
        yield
    finally:
        _ear.is_open = False
        if not _ear.came:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextmanager
def held() -> Iterator[None]:
    """What is done inside is done to its end; a signal that comes meanwhile is heard then."""
    if not _ear.is_open or _ear.is_held:
        yield
        return
    _ear.is_held = True
    try:
        yield
    finally:
        number, _ear.held, _ear.is_held = _ear.held, None, False
    if number is not None:
        raise EndedBySignal(number)


def is_hurried() -> bool:
    """Whether a second signal came: nothing more is to be waited for."""
    return _ear.is_open and _ear.came > 1


def forget() -> None:
    """An interrupt was heard, and the command goes on: the next one is the first again."""
    _ear.came = 0


def ends(exc: KeyboardInterrupt) -> bool:
    """Whether it ends a command that Ctrl-C does not end: the system, or another program, wants it to."""
    return isinstance(exc, EndedBySignal) and exc.number != signal.SIGINT


def exit_code(exc: BaseException) -> int:
    """The exit code of an interrupt, or of a question that was broken off by one."""
    found = exc if isinstance(exc, EndedBySignal) else exc.__context__
    return 128 + found.number if isinstance(found, EndedBySignal) else INTERRUPTED


def hear_no_more() -> None:
    """Let signals do nothing to the end of the process, which is near and has nothing more to leave."""
    while True:
        try:
            with suppress(ValueError):  # not the main thread
                for number in _SIGNALS:
                    signal.signal(number, signal.SIG_IGN)
            return
        except KeyboardInterrupt:
            continue
