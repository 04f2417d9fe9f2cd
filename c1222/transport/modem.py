"""A modem on a serial port: it dials, then the line is a pipe to a C12.21 meter; closing hangs up.

The modem's language is the Hayes command set as in ITU-T V.250: commands "AT..." ended by CR, answers in words on lines
of their own.
"""

import re
import time
from collections.abc import Callable

from c1222.errors import TargetError, TransportError
from c1222.transport import faults
from c1222.transport.serial import open_serial
from c1222.transport.transport import Transport

ANSWER = 5.0
"""Seconds in which a modem answers a command that does not dial."""
GUARD = 1.1
"""Seconds of silence around +++, which only so is a command; modems want one second (S12 = 50)."""
LONGEST = 4096
"""Octets of a modem's talk that are looked at; more is not a modem's."""

_NUMBER = re.compile(r"[0-9A-Da-d*#+,@!() .-]*[0-9][0-9A-Da-d*#+,@!() .-]*", re.ASCII)
_FAILURES = {
    "BUSY": "the number {number} is busy: try again later",
    "NO CARRIER": "no modem answered at {number}: is it the meter's number?",
    "NO ANSWER": "nobody answered at {number}",
    "NO DIALTONE": "there is no dial tone: is the modem {modem} connected to a telephone line?",
    "NO DIAL TONE": "there is no dial tone: is the modem {modem} connected to a telephone line?",
    "ERROR": "the modem {modem} does not take the command {command}",
}


class ModemPipe:
    """A `Transport` over another that leads to a modem. label: the modem's, with the number when it is connected.

    Speed is that between us and the modem, and stays as it is.
    """

    is_datagram = False

    def __init__(self, line: Transport, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.label = line.label
        self._line = line
        self._sleep = sleep
        self._heard = b""
        self._is_connected = False
        self._is_open = True

    def clock(self) -> float:
        return self._line.clock()

    def dial(self, number: str, *, timeout: float, init: str = "ATZ") -> None:
        """Prepare the modem and dial. timeout: seconds until the other modem has answered.

        Raises TransportError where no connection comes about, TargetError for what cannot be dialed.
        """
        if not _NUMBER.fullmatch(number):
            raise TargetError(f"{number!r} cannot be dialed (digits, and among them * # + , @ ! ( ) . - can)")
        if not init.isascii() or not init.isprintable():
            raise TargetError("what prepares the modem is one line of ASCII, such as ATZ")
        self._line.discard()
        self._command(init, ("OK",), ANSWER, number)
        self._command(f"ATDT{number}", ("CONNECT",), timeout, number)
        self._is_connected = True
        self.label = f"{self._line.label} to {number}"

    def write(self, octets: bytes) -> None:
        self._line.write(octets)

    def read(self, timeout: float) -> bytes:
        if self._heard:
            octets, self._heard = self._heard, b""
            return octets
        octets = self._line.read(timeout)
        if octets.strip() == b"NO CARRIER":
            raise faults.closed_by(self.label)
        return octets

    def set_baud(self, baud: int) -> None:
        """The modems have agreed on a speed between them."""

    def discard(self) -> None:
        self._heard = b""
        self._line.discard()

    def close(self) -> None:
        """Hang up, as far as the modem hears us, and give the port back."""
        if not self._is_open:
            return
        self._is_open = False
        try:
            if self._is_connected:
                self._hang_up()
        except TransportError:
            # The port is gone, or the modem does not listen: closing the port drops DTR, and modems hang up for that.
            pass
        finally:
            self._line.close()

    def _hang_up(self) -> None:
        self._sleep(GUARD)
        self._line.write(b"+++")
        self._sleep(GUARD)
        self._answer(("OK", "NO CARRIER", "ERROR"), ANSWER)
        self._line.write(b"ATH\r")
        self._answer(("OK", "NO CARRIER", "ERROR"), ANSWER)

    def _command(self, command: str, wanted: tuple[str, ...], timeout: float, number: str) -> None:
        self._line.write(command.encode("ascii") + b"\r")
        said = self._answer((*wanted, *_FAILURES), timeout)
        if said in wanted:
            return
        modem = self._line.label
        if said is None and wanted == ("OK",):
            raise TransportError(f"no modem answers at {modem}: is it switched on, and is the speed right?")
        if said is None:
            raise TransportError(f"no connection to {number} within {timeout:g} s")
        raise TransportError(_FAILURES[said].format(number=number, modem=modem, command=command))

    def _answer(self, known: tuple[str, ...], timeout: float) -> str | None:
        """The first line that says something known; None where none came. What came behind it is kept."""
        until = self.clock() + timeout
        unread = LONGEST
        while unread > 0 and (line := self._next_line(until)) is not None:
            unread -= len(line) + 1
            said = line.decode("latin-1").strip().upper()
            for word in known:
                # CONNECT may be followed by the speed.
                if said == word or said.startswith(f"{word} "):
                    return word
        return None

    def _next_line(self, until: float) -> bytes | None:
        while b"\n" not in self._heard:
            octets = self._line.read(until - self.clock())
            if not octets or len(self._heard) > LONGEST:
                return None
            self._heard += octets
        line, _, self._heard = self._heard.partition(b"\n")
        return line


def open_modem(
    port: str,
    number: str,
    *,
    baud: int = 9600,
    timeout: float = 60.0,
    init: str = "ATZ",
    sleep: Callable[[float], None] = time.sleep,
) -> ModemPipe:
    """Open a serial port with a modem and dial.

    port, baud: as `open_serial`. number: digits, with what a modem takes among them (a comma pauses). init: the command
    that prepares the modem. timeout: seconds until the other modem has answered.
    Raises TransportError and TargetError.
    """
    modem = ModemPipe(open_serial(port, baud=baud), sleep=sleep)
    try:
        modem.dial(number, timeout=timeout, init=init)
    except BaseException:
        modem.close()
        raise
    return modem
