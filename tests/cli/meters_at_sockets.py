"""A scripted meter at a socket, moved by the test itself: commands in a process of their own talk to it."""

import socket
from contextlib import contextmanager

from live_meters import ScriptedMeter
from served_commands import TIME


class MeterAtSocket:
    """Answers as its side does, until it is told to be silent. target: how a command reaches it."""

    def __init__(self, answers, clock):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(TIME)
        self._clock = clock
        self._connection = None
        self.side = ScriptedMeter(answers, otherwise=b"\x05")
        self.target = f"c1218+tcp://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def heard(self):
        return self.side.heard

    def serve_until(self, request):
        """Answer everything up to this request, which the meter hears and leaves without an answer."""
        self._move(lambda: request in self.heard, silent_at=request)

    def serve_to_the_end(self):
        """Answer until the command hangs up."""
        self._move(lambda: False)

    def close(self):
        self._listener.close()
        if self._connection is not None:
            self._connection.close()

    def _move(self, is_enough, silent_at=None):
        if self._connection is None:
            self._connection, _ = self._listener.accept()
            self._connection.settimeout(TIME)
        while octets := self._received():
            self.side.receive_data(octets, self._clock())
            if silent_at in self.heard:
                return
            for out in self.side.data_to_send():
                self._connection.sendall(out)
            if is_enough():
                return

    def _received(self):
        try:
            return self._connection.recv(4096)
        except ConnectionError:
            return b""


@contextmanager
def meter_at_socket(answers, clock=lambda: 0.0):
    meter = MeterAtSocket(answers, clock)
    try:
        yield meter
    finally:
        meter.close()
