"""The simulated meter, whole: one device with an optical port and a place in a network, on a clock of its own."""

from datetime import UTC, datetime, timedelta

from c1222.link import LinkSettings
from c1222.message.epsem import ResponseControl, SecurityMode
from c1222.meter.device.access import SIMULATION, Access, simulation_keys
from c1222.meter.device.device import DEVICE_TITLE, Device
from c1222.meter.device.device_settings import DeviceSettings, Faults
from c1222.meter.device.visitor import Standard
from c1222.meter.image.image import Image
from c1222.meter.ports.network_port import LARGEST_DATAGRAM, NetworkPort
from c1222.meter.ports.node import Node, NodeSettings
from c1222.meter.ports.optical_port import OpticalPort
from c1222.psem.blocks import blocks
from c1222.psem.requests import encode_request, request
from c1222.security.keys import KeyRing
from c1222.titles import RELATIVE_DATA, ApTitle

START = "2026-01-01T00:00:00Z"
CLIENT_TITLE = ApTitle.parse(".123.4")
"""The title that clients use unless told otherwise."""
STATUS = 3
"""Table that a notification tells: the meter's mode and status."""
NO_LIMIT = 0xFFFFFF
"""Seconds between registrations that a meter asks for. Source: docs/sources.md, ITR."""


class TrueTime:
    """The simulation's time: it stands at `start` when somebody first asks, and goes as their clock goes."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self._first: float | None = None

    def __call__(self, now: float) -> datetime:
        """now: seconds from any origin. Never before `start`."""
        if self._first is None:
            self._first = now
        return self.start + timedelta(seconds=max(now - self._first, 0.0))


def parse_clock(text: str) -> datetime:
    """`2026-01-01T00:00:00Z`, or with another zone; without one it is UTC. Raises ValueError with what is wrong."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a time; write {START}") from None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


class SimulatedMeter:
    """A meter that is not there.

    seed: of the world that it measures. clock: its true time when it is first talked to.
    image: its tables; by default those of a world with this seed, of which clock and seed fix every octet.
    access, keys: who may do what, and who can be understood; by default the published ones of access.py.
    Ids and ivs of its messages follow from its clock, so two runs use the same ones: a key that protects something
    elsewhere does not belong into it.
    settings, faults, network: what it can do and what is wrong with it; faults may be changed at any time.
    native_address: what it answers to Resolve.

    Raises ValueError for a clock that is no time.
    """

    def __init__(
        self,
        seed: int = 1,
        clock: str = START,
        image: Image | None = None,
        *,
        access: Access = SIMULATION,
        keys: KeyRing | None = None,
        settings: DeviceSettings | None = None,
        faults: Faults | None = None,
        network: NodeSettings | None = None,
        title: ApTitle = DEVICE_TITLE,
        native_address: bytes = b"",
    ) -> None:
        self.true_time = TrueTime(parse_clock(clock))
        self.faults = faults or Faults()
        self.device = Device(
            image or _world_image(seed, self.true_time.start),
            access,
            true_time=self.true_time,
            settings=settings,
            faults=self.faults,
            title=title,
            native_address=native_address,
        )
        self.node = Node(self.device, simulation_keys() if keys is None else keys, network)

    def optical(self, settings: LinkSettings | None = None, *, standard: Standard = Standard.C1218) -> OpticalPort:
        """A Side that speaks C12.18, or C12.21: a new line to the same meter."""
        return OpticalPort(self.device, settings, standard=standard)

    def network(self, datagram: bool = False, *, largest_datagram: int = LARGEST_DATAGRAM) -> NetworkPort:
        """A Side that speaks C12.22: a new connection to the same meter, or one more peer that sends datagrams."""
        return NetworkPort(self.node, datagram=datagram, largest_datagram=largest_datagram)

    def notification(
        self,
        now: float,
        *,
        called: ApTitle = CLIENT_TITLE,
        table: int = STATUS,
        mode: SecurityMode = SecurityMode.CLEAR,
        key_id: int = 0,
    ) -> bytes:
        """A message that the meter sends of its own accord: a full write of one of its tables, to be given to a port.

        Vectors of the standard's authors have this form (docs/sources.md, EAXP 1 and 2).
        Raises KeyError for a table that cannot be read, LocalProtocolError where there is no such key.
        """
        octets = self.device.tables.image.read(table, self.true_time(now))
        write = encode_request(request("full_write", table=table, blocks=blocks(octets)))
        return self.node.unsolicited([write], called, now, mode=mode, key_id=key_id)

    def registration(self, now: float, *, called: ApTitle = CLIENT_TITLE, native_address: bytes = b"") -> bytes:
        """A Register request of the meter, in the clear, which wants to be answered (docs/sources.md, ITR)."""
        title = self.device.title.with_tag(RELATIVE_DATA)
        connection = ("connectionless", "accept_connectionless", "connection_mode", "accept_connections")
        register = request(
            "register",
            node_type={"end_device": True},
            connection_type=dict.fromkeys(connection, True),
            device_class=self.device.settings.device_class,
            ap_title=title,
            serial_number=title,
            native_address=native_address,
            registration_period=NO_LIMIT,
        )
        return self.node.unsolicited([encode_request(register)], called, now, answer=ResponseControl.ALWAYS)


def _world_image(seed: int, start: datetime) -> Image:
    # Imported when needed: who serves the octets of a real meter does not need a world.
    from c1222.meter.image.simulated_image import SimulatedImage
    from c1222.meter.world.past import world_with_a_past

    return SimulatedImage(world_with_a_past(seed, start))
