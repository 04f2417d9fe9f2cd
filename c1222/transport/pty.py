"""A pseudo-terminal: a serial port without a wire, whose other end is this process. Linux and macOS have them."""

import os

from c1222.transport import faults


class Pty:
    """path: the port that any serial program may open. master: our end, a file descriptor.

    The port's own end is held open, too: otherwise reading fails while no program has it open.
    """

    def __init__(self, master: int, slave: int, path: str) -> None:
        self.master = master
        self.path = path
        self._ends = [master, slave]

    def close(self) -> None:
        """A second time nothing happens."""
        while self._ends:
            os.close(self._ends.pop())


def open_pty() -> Pty:
    """A new one, in raw mode: octets pass as they are, without echo. Raises TransportError where there are none."""
    try:
        import pty
        import tty
    except ImportError as exc:
        raise faults.no_pty() from exc
    try:
        master, slave = pty.openpty()
    except OSError as exc:
        raise faults.no_pty() from exc
    tty.setraw(slave)
    return Pty(master, slave, os.ttyname(slave))
