"""Commands that serve, in a process of their own, until the test has seen enough."""

import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

TIME = 30.0
"""Seconds that a test waits at most, for what takes none."""

CODE = "from c1222_cli.main import main; main(prog_name='c1222')"


class Served:
    """A running command. stdin is closed; stdout and stderr are pipes of text."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [sys.executable, "-c", CODE, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self, number=signal.SIGINT):
        """Exit code, and what was still to be read."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.rest()

    def rest(self):
        """The same of a command that ends by itself."""
        out, err = self.process.communicate(timeout=TIME)
        return self.process.returncode, out, err


@contextmanager
def running(*arguments):
    served = Served(*arguments)
    try:
        yield served
    finally:
        if served.process.poll() is None:
            served.process.kill()
        served.process.communicate()


def port_of(target):
    return int(re.search(r":(\d+)$", target)[1])


def connected(target):
    """A socket to a `scheme://127.0.0.1:port`."""
    return socket.create_connection(("127.0.0.1", port_of(target)), timeout=TIME)


def received(connection, count):
    """So many octets, or all that came before the other side closed."""
    octets = b""
    while len(octets) < count and (more := connection.recv(count - len(octets))):
        octets += more
    return octets
