"""Asking before something is changed for good: yes, or the serial number of the meter that is meant."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from c1222_cli.failure import INTERRUPTED, USAGE
from c1222_cli.talk import is_terminal, say

if TYPE_CHECKING:
    from c1222.session.faces.meter import Meter

NOTHING_SENT = "nothing was sent"
SERIAL_NUMBERS = ((1, "mfg_serial_number"), (5, "identification"))
"""Table and element of the two names of a meter: its maker's, and the utility's."""


WAIT = 255
"""Seconds of silence that the meter is asked to bear while a person thinks: the most that the service Wait takes."""
EVERY = 120.0
"""Seconds after which it is asked again."""


class NotStarted(click.ClickException):
    """What was asked for was not done, because nobody agreed to it in the way that it needs."""

    exit_code = USAGE


def ask_yes(meter: "Meter", question: str, *, yes: bool) -> None:
    """Go on only after a yes. Raises NotStarted where nobody can be asked; leaves with 130 after a no."""
    if yes:
        return
    if not _can_answer():
        raise NotStarted(f"nobody can be asked here, so --yes is needed; {NOTHING_SENT}")
    with kept_awake(meter):
        agreed = click.confirm(question, err=True)
    if not agreed:
        say(NOTHING_SENT)
        raise click.exceptions.Exit(INTERRUPTED)


def ask_serial(meter: "Meter", reason: str, *, confirm: str | None) -> None:
    """Go on only if the meter that is connected has the serial number that is given, or typed.

    confirm: as it was given with the command; None: it is asked for. reason: why.
    Raises NotStarted for another number, where nobody can be asked, and where the meter does not tell its own.
    """
    known = serial_numbers(meter)
    if not known:
        problem = "its serial number is wanted, and the meter tells none (tables 1 and 5)"
        raise NotStarted(f"{reason}: {problem}; {NOTHING_SENT}")
    typed = confirm
    if typed is None:
        if not _can_answer():
            raise NotStarted(f"{reason}: --confirm with the meter's serial number is needed; {NOTHING_SENT}")
        say(f"{reason}.")
        with kept_awake(meter):
            typed = click.prompt("Type the meter's serial number to go on", err=True, default="", show_default=False)
    if _plain(typed) not in known:
        raise NotStarted(f"the meter that is connected has another serial number than {typed!r}; {NOTHING_SENT}")


@contextmanager
def kept_awake(meter: "Meter") -> Iterator[None]:
    """The session goes on while a person thinks: meters end one that is silent for some seconds.

    A meter that does not know Wait may end it all the same. It then refuses what comes, and nothing was sent.
    """
    from c1222.errors import C12Error

    answered = threading.Event()

    def wait() -> bool:
        try:
            meter.wait(WAIT)
        except C12Error:
            return False
        return True

    def beats() -> None:
        while not answered.wait(EVERY) and wait():
            pass

    if not meter.client.is_open or not wait():
        yield
        return
    keeper = threading.Thread(target=beats, name="keep-alive", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        answered.set()
        keeper.join()


def serial_numbers(meter: "Meter") -> set[str]:
    """What the meter calls itself, as `ask_serial` compares it. Raises what ends the session."""
    found = set()
    tables = {read.number: read.table for read in meter.read_many(number for number, _ in SERIAL_NUMBERS)}
    for number, name in SERIAL_NUMBERS:
        table = tables.get(number)
        if table is not None:
            found.add(_plain(table[name]))
    return found - {""}


def _plain(value: Any) -> str:
    """A serial number without what fills it up: spaces and octets 00; octets of BCD as digits."""
    text = bytes(value).hex() if isinstance(value, bytes) else str(value)
    return text.strip(" \x00")


def _can_answer() -> bool:
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)
