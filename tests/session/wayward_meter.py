"""A meter that does with a write what a test wants. Its tables are typed by hand."""

from c1222.message.epsem import SecurityMode
from c1222.meter.device.access import simulation_keys
from c1222.meter.image.image import StaticImage
from c1222.meter.simulated import SimulatedMeter
from c1222.psem.requests import encode_request, request
from c1222.session.channels.line import LineChannel
from c1222.session.channels.network import NetworkChannel
from c1222.session.client import Client
from c1222.session.faces.meter import Meter
from c1222.session.settings import Credentials, LineOptions, NetworkOptions, Patience
from c1222.titles import ApTitle
from c1222.transport.memory import MemoryTransport

# Little endian, ISO 646, no clock, text identifiers; sets of tables of 8 and 1 octets; used: 0 1 5 6 11 52, MT-0;
# to be written: 5 6 11, MT-0.
ST0 = bytes.fromhex(
    "02 00 88 54455354 02 00 20 20 02 00  08 01 00 00 00 00  63 08 00 00 00 00 10 00  01  60 08 00 00 00 00 00 00  01"
)
ST1 = b"ACME" + b"MODEL 1 " + bytes([1, 9, 2, 0]) + b"0000000000000017"
ST5 = b"METER 17            "
OWNER, DIVISION = b"ELECTRIC COMPANY    ", b"NORTH               "
# Owner, division, five identifiers of 20 octets, three coordinates of 10, a tariff, two programs, two texts.
ST6 = OWNER + DIVISION + b"." * 100 + bytes(30) + b"TARIFF 1" + bytes(12) + b" " * 40
TABLES = {0: ST0, 1: ST1, 5: ST5, 6: ST6, 2048: bytes(range(200)) * 5}
ENGINEER = Credentials("ENGINEER", 2, b"ENGINEER")
FAST = Patience(busy_tries=2, busy_pause=1.0)


class Wayward(StaticImage):
    """take: (number, octets as they were, octets as they should be) -> octets as they are from then on."""

    def __init__(self, tables=TABLES, take=lambda number, old, new: new):
        super().__init__(tables)
        self.take = take
        self.written = []

    def write(self, number, octets, at):
        self.written.append(number)
        super().write(number, self.take(number, self.read(number, at), octets), at)


def ignores(number, old, new):
    return old


def alters_a_neighbour(number, old, new):
    """The division begins with an X, too."""
    return new[:20] + b"X" + new[21:]


def stores_something_else(number, old, new):
    """The second letter is lost."""
    return new[:1] + b"?" + new[2:]


def on_line(image, *, heard=None, tamper=None, **more):
    """A session over C12.18, not opened yet. heard: takes the octets of each request that writes."""
    simulated = SimulatedMeter(image=image, **more)
    transport = MemoryTransport(simulated.optical(), baud=9600, label="line", tamper=tamper)
    options = LineOptions()
    client = Client(LineChannel(options.link), options, ENGINEER, patience=FAST)
    return Meter(transport, client, overhear=overhear_writes(heard))


def in_network(image, *, heard=None, tamper=None, **more):
    """The same over C12.22, every message enciphered."""
    simulated = SimulatedMeter(image=image, **more)
    pipe = MemoryTransport(simulated.network(), label="network", tamper=tamper)
    options = NetworkOptions(
        called=ApTitle.parse(".123.8437"), mode=SecurityMode.ENCRYPTED, ring=simulation_keys(), key_id=0
    )
    lead = request("security", password=ENGINEER.padded_password, user_id=2)
    channel = NetworkChannel(
        options,
        is_datagram=False,
        wall=lambda: simulated.true_time(pipe.clock()).timestamp(),
        lead=lead,
    )
    return Meter(pipe, Client(channel, options, ENGINEER, patience=FAST), overhear=overhear_writes(heard))


def overhear_writes(heard):
    def keep(asked, answered):
        octets = encode_request(asked)
        if heard is not None and 0x40 <= octets[0] <= 0x4F:
            heard.append(octets)

    return keep
