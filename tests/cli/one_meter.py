"""One simulated meter behind several commands in turn: what the first did to it, the second finds."""

from c1222.link import C1218
from c1222.meter.simulated import SimulatedMeter
from c1222.session.channels.line import LineChannel
from c1222.session.client import Client
from c1222.session.faces.meter import Meter
from c1222.session.settings import Credentials, LineOptions, Patience
from c1222.transport.memory import MemoryTransport, VirtualClock

ENGINEER = Credentials("ENGINEER", 2, b"ENGINEER")
SERIAL = "0000000000000001"
"""MFG_SERIAL_NUMBER of the simulated meter with seed 1."""


class OneMeter:
    """Commands that are given any target meet this meter. who: as whom they come. heard: requests that came."""

    def __init__(self, monkeypatch, who=ENGINEER, image=None, tamper=None):
        self.simulated = SimulatedMeter(image=image)
        self.clock = VirtualClock()
        self.who = who
        self.heard = []
        self.tamper = tamper
        answer = self.simulated.device.answer

        def overheard(visitor, request, now):
            self.heard.append(bytes(request))
            return answer(visitor, request, now)

        monkeypatch.setattr(self.simulated.device, "answer", overheard)
        monkeypatch.setattr("c1222_cli.live.open_meter", self._open)

    def _open(self, target, way, registry=None):
        transport = MemoryTransport(self.simulated.optical(), clock=self.clock, label="line", tamper=self.tamper)
        return Meter(transport, Client(LineChannel(C1218), LineOptions(), self.who, patience=Patience())).open()

    @property
    def writes(self):
        """Requests that write."""
        return [one for one in self.heard if 0x40 <= one[0] <= 0x4F]

    @property
    def now(self):
        """True time at the meter."""
        return self.simulated.true_time(self.clock.now())

    def table(self, number):
        """A table as it is now, decoded."""
        return self._open("", None).read(number)
