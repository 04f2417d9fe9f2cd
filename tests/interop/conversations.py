"""One conversation of our client with the simulated meter, kept as a trace, and what is said in it, typed by hand.

ASKED goes first, one request to a message. Then the client reads TABLES as it likes, several in a message; then LARGE,
which datagrams do not hold. Codes of services and answers: docs/sources.md, WS.
"""

from dataclasses import dataclass
from pathlib import Path

from c1222.message.epsem import SecurityMode
from c1222.meter.device.access import simulation_keys
from c1222.meter.simulated import SimulatedMeter
from c1222.psem.blocks import blocks
from c1222.psem.requests import request
from c1222.session.channels.network import NetworkChannel
from c1222.session.client import Client
from c1222.session.faces.meter import Meter
from c1222.session.settings import Credentials, NetworkOptions
from c1222.titles import ApTitle
from c1222.transport.memory import MemoryTransport
from c1222.transport.trace import Trace, Traced, Wire, create_trace_file

KEY_ID = 2
METER = ApTitle.parse(".123.8437")
OUR_SEGMENTS = 250
"""Octets of our largest datagram: the table that LARGE writes needs two."""

OK, SNS, ISC, IAR = 0x00, 0x02, 0x03, 0x05
LOGON, SECURITY, LOGOFF = 0x50, 0x51, 0x52

OWNER = blocks(b"EXAMPLE UTILITY".ljust(20) * 11 + b"SUBSTATION")
"""Table 6 as somebody might write it: 230 octets of text."""

ASKED = [
    #                                                                     code  table  answer
    (request("full_read", table=0), 0x30, 0, OK),
    (request("identify"), 0x20, None, OK),
    (request("full_read", table=1), 0x30, 1, OK),
    (request("offset_read", table=5, offset=10, octet_count=10), 0x3F, 5, OK),
    (request("full_read", table=4000), 0x30, 4000, IAR),
    (request("full_read", table=42), 0x30, 42, ISC),
    (request("full_write", table=41, blocks=blocks(bytes(6))), 0x40, 41, ISC),
    (request("offset_write", table=6, offset=0, blocks=blocks(b"X")), 0x4F, 6, "engineers"),
    (request("index_read_1", table=21, indices=[0], element_count=1), 0x31, None, OK),
    (request("wait", seconds=30), 0x70, None, "session"),
]
TABLES = (0, 1, 3, 5, 21, 22, 23)
LARGE = [
    (request("full_write", table=6, blocks=OWNER), 0x40, 6, "engineers"),
    (request("full_read", table=26), 0x30, 26, OK),
]


@dataclass(frozen=True)
class Way:
    """How it is talked: over what, how secured, in a session or not, with a password or without."""

    wire: Wire
    mode: SecurityMode
    session: bool = False
    password: bool = False

    def __str__(self) -> str:
        words = [self.wire, self.mode.name.lower(), "session" if self.session else "sessionless"]
        return "-".join([*words, "password"] if self.password else words)

    def expected(self, answer: int | str) -> int:
        if answer == "engineers":
            return OK if self.password else ISC
        if answer == "session":
            return OK if self.session else SNS
        return int(answer)

    def exchanges(self, asked):
        """Codes of the requests of a message, the table of its last, codes of the answers: for each message."""
        lead = [SECURITY] if self.password and not self.session else []
        for _, code, table, answer in asked:
            yield [*lead, code], table, [*([OK] * len(lead)), self.expected(answer)]


WAYS = [
    Way(wire, mode, session, password)
    for wire in ("tcp", "udp")
    for mode in (SecurityMode.CLEAR, SecurityMode.AUTHENTICATED, SecurityMode.ENCRYPTED)
    for session, password in ((False, False), (False, True), (True, True))
]


def converse(way: Way, path: Path) -> dict[int, bytes]:
    """Have the conversation in memory. Returns the octets of tables as the meter's image has them."""
    simulated = SimulatedMeter()
    is_datagram = way.wire == "udp"
    pipe = MemoryTransport(simulated.network(is_datagram), is_datagram=is_datagram)
    options = NetworkOptions(
        called=METER,
        mode=way.mode,
        ring=simulation_keys(),
        key_id=KEY_ID,
        session=way.session,
        segment=OUR_SEGMENTS if is_datagram else None,
    )
    who = Credentials("ENGINEER", 2, b"ENGINEER" if way.password else None)
    lead = None
    if way.password and not way.session:
        lead = request("security", password=who.padded_password, user_id=who.user_id)

    def wall() -> float:
        return simulated.true_time(pipe.clock()).timestamp()

    channel = NetworkChannel(options, is_datagram=is_datagram, wall=wall, lead=lead)
    with create_trace_file(str(path)) as file:
        traced = Traced(pipe, Trace(file, way.wire, now_ns=lambda: int(wall() * 1e9)))
        with Meter(traced, Client(channel, options, who)).open() as meter:
            talk(meter)
    image = simulated.device.tables.image
    return {number: image.read(number, simulated.true_time.start) for number in (*TABLES, 26)}


def talk(meter: Meter) -> None:
    """ASKED, TABLES and LARGE."""
    for asked, *_ in ASKED:
        meter.ask(asked)
    meter.read_many(TABLES)
    for asked, *_ in LARGE:
        meter.ask(asked)
