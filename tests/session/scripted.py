"""Meters that say what a script says, and sessions with them on a clock that jumps."""

from c1222.link import C1218, Link, MessageReceived, MessageSent
from c1222.session.channels.line import LineChannel
from c1222.session.client import Client
from c1222.session.faces.meter import Meter
from c1222.session.settings import Credentials, LineOptions, Patience
from c1222.transport.memory import MemoryTransport

FAST = Patience(busy_tries=3, busy_pause=1.0)
LINE = LineOptions()
NOBODY = Credentials()


class ScriptedMeter:
    """The meter's side of a C12.18 line that answers service by service.

    script: request octets -> response octets, or a list of them for one time after the other (the last one stays).
    otherwise: what is answered to anything else. heard: the requests that came.
    """

    closed = False

    def __init__(self, script, otherwise=b"\x01", link=C1218):
        self.script = {key: list(value) if isinstance(value, list) else [value] for key, value in script.items()}
        self.otherwise = otherwise
        self.heard = []
        self.link = Link(link, answers=True)
        self._negotiated = None

    @property
    def deadline(self):
        return self.link.deadline

    def receive_data(self, octets, now):
        self.link.receive_data(octets, now)
        self._answer(now)

    def handle_timeout(self, now):
        self.link.handle_timeout(now)
        self._answer(now)

    def data_to_send(self):
        octets = self.link.data_to_send()
        return [octets] if octets else []

    def _answer(self, now):
        while (event := self.link.next_event()) is not None:
            if isinstance(event, MessageSent) and self._negotiated:
                self.link.settings, self._negotiated = self._negotiated, None
            if isinstance(event, MessageReceived):
                request = event.payload
                self.heard.append(request)
                answers = self.script.get(request, [self.otherwise])
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                if 0x60 <= request[0] <= 0x6B and answer[0] == 0:
                    size, packets = int.from_bytes(answer[1:3], "big"), answer[3]
                    self._negotiated = self.link.settings.negotiated(size, packets, answer[4] if answer[4:] else None)
                self.link.send(answer, now)


def meter_on(side, options=LINE, who=NOBODY, baud=9600, tamper=None, patience=FAST, **more):
    """A meter behind that side, not opened yet."""
    transport = MemoryTransport(side, baud=baud, label="line", tamper=tamper)
    client = Client(LineChannel(options.link), options, who, patience=patience, **more)
    return Meter(transport, client)


def table_data(data):
    """Count, data and checksum: the data and their checksum add up to 0 (protocol.md 2.3)."""
    return len(data).to_bytes(2, "big") + data + bytes([-sum(data) & 0xFF])
