"""A side that keeps what it heard and said in a trace, as seen from the other end of the line."""

from c1222.transport.trace import Trace
from c1222.transport.transport import Side


class Heard:
    """A `Side` around another."""

    def __init__(self, side: Side, trace: Trace) -> None:
        self._side = side
        self._trace = trace

    @property
    def deadline(self):
        return self._side.deadline

    @property
    def closed(self):
        return self._side.closed

    def receive_data(self, octets, now):
        self._trace.sent(octets)
        self._side.receive_data(octets, now)

    def data_to_send(self):
        out = self._side.data_to_send()
        for octets in out:
            self._trace.received(octets)
        return out

    def handle_timeout(self, now):
        self._side.handle_timeout(now)
