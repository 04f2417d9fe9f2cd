"""A line at the level of its octets: packets by hand, a meter that knows its lines by heart, a pipe that is watched."""

from scripted import FAST, LINE, NOBODY

from c1222.session.channels.line import LineChannel
from c1222.session.client import Client
from c1222.session.faces.meter import Meter
from c1222.transport.memory import MemoryTransport

ACK = b"\x06"


def crc(octets):
    """CRC-16/X-25 bit by bit (protocol.md 1.2)."""
    value = 0xFFFF
    for octet in octets:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
    return (value ^ 0xFFFF).to_bytes(2, "little")


def packet(data, toggle=0):
    """A packet that is a whole message."""
    octets = bytes([0xEE, 0, toggle << 5, 0]) + len(data).to_bytes(2, "big") + data
    return octets + crc(octets)


class Recited:
    """A side that says its next line when it has heard the one before it, and nothing else.

    lines: (octets heard, octets said) one after the other.
    """

    closed = False
    deadline = None

    def __init__(self, *lines):
        self.lines = list(lines)
        self._heard = b""
        self._out = []

    def receive_data(self, octets, now):
        self._heard += octets
        while self.lines and len(self._heard) >= len(self.lines[0][0]):
            (hears, says), *self.lines = self.lines
            assert self._heard[: len(hears)].hex(" ") == hears.hex(" ")
            self._heard = self._heard[len(hears) :]
            self._out += [says] * bool(says)

    def handle_timeout(self, now):
        pass

    def data_to_send(self):
        out, self._out = self._out, []
        return out


class Watched(MemoryTransport):
    """Keeps what is done with it, in order: octets written, speeds set. interrupt_at: number of the read that is
    interrupted, counted from 0."""

    def __init__(self, side, *, interrupt_at=None, error=KeyboardInterrupt, **more):
        super().__init__(side, label="line", **more)
        self.done = []
        self.reads = 0
        self.interrupt_at = interrupt_at
        self.error = error

    def write(self, octets):
        self.done.append(octets)
        super().write(octets)

    def set_baud(self, baud):
        self.done.append(baud)
        super().set_baud(baud)

    def read(self, timeout):
        self.reads += 1
        if self.reads - 1 == self.interrupt_at:
            raise self.error
        return super().read(timeout)


def watched(side, options=LINE, who=NOBODY, **more):
    """A meter behind that side at 9600 baud, not opened yet, and its watched transport."""
    transport = Watched(side, baud=9600, **more)
    return Meter(transport, Client(LineChannel(options.link), options, who, patience=FAST)), transport
