"""Whole sessions on a line that loses, doubles, cuts, changes and delays what travels: the right table or an error.

The session opens, reads a table of several packets and a clock twice, and closes. Whatever happens on the line, no
octet of a table is wrong, nothing hangs, and what cannot be healed is said.
"""

import random
from collections import Counter

import pytest
from link.virtual_line import become, before, behind, corrupt, cut, delay, drop, duplicate, stall, units
from scripted import FAST, ScriptedMeter, table_data
from tables_by_hand import OK, full_read, negotiated, opening

from c1222.errors import LinkTimeout, RemoteProtocolError
from c1222.link import LinkFailed, LinkSettings
from c1222.psem.requests import request
from c1222.session.channels.line import LineChannel
from c1222.session.client import Client
from c1222.session.faces.meter import Meter
from c1222.session.settings import Credentials, LineOptions
from c1222.transport.memory import MemoryTransport

# Octets that look like signals and packets. A whole packet with a right CRC is not among them: where a packet is torn
# in two just before such octets, nobody can tell them from a packet.
TABLE = bytes.fromhex("0615ee0015060600ee00200000050000010001ff42ee") * 3 + bytes(range(30))
CLOCKS = [b"\x01\x02", b"\x01\x03", b"\x01\x04"]
SCRIPT = opening() | {
    bytes.fromhex("61 0030 FF 06"): negotiated(48),
    full_read(64): OK + table_data(TABLE),
    full_read(52): [OK + table_data(clock) for clock in CLOCKS],
}
CLOSED = object()


class Restarting(ScriptedMeter):
    """After its link failed the session is lost: it is silent until it is asked to identify itself."""

    def __init__(self):
        super().__init__(SCRIPT)
        self.failed = False
        send, next_event = self.link.send, self.link.next_event

        def watched_event():
            event = next_event()
            if isinstance(event, LinkFailed):
                self.failed = True
                self.link.restart()
            return event

        def silent_when_failed(answer, now):
            if self.heard[-1] == b"\x20":
                self.failed = False
            if not self.failed:
                send(answer, now)

        self.link.send, self.link.next_event = silent_when_failed, watched_event


class Line:
    """Faults by way and number of the unit, a unit being a packet or a signal; counts and keeps what was sent."""

    def __init__(self, faults):
        self.faults = faults
        self.sent = {"out": [], "in": []}

    def __call__(self, way, octets):
        arrives = []
        for unit in units(octets):
            fault = self.faults.get((way, len(self.sent[way])), lambda same: [(0, same)])
            self.sent[way].append(unit)
            arrives += fault(unit)
        return arrives


def session(faults):
    """The tables that came, the error that ended it or None, the line, seconds of its clock."""
    line, side = Line(faults), Restarting()
    transport = MemoryTransport(side, baud=9600, tamper=line)
    options = LineOptions(link=LinkSettings(), packet_size=48)
    meter = Meter(transport, Client(LineChannel(options.link), options, Credentials(), patience=FAST))
    came, error = [], None
    try:
        with meter:
            meter.open()
            for number in (64, 52, 52):
                came.append(meter.ask(request("full_read", table=number)))
    except (LinkTimeout, RemoteProtocolError) as exc:
        error = exc
    return came, error, line, transport.clock()


def judge(faults):
    """What must hold whatever happened; True where all tables came."""
    came, error, _, seconds = session(faults)
    expected = [TABLE, *CLOCKS[:2]]
    for answer, octets in zip(came, expected, strict=False):
        assert answer.code == 0
        assert answer.data.blocks[0].data.hex() == octets.hex(), faults
    assert (error is None) == (len(came) == 3)
    assert error is None or len(str(error)) > 20, "an error says what happened"
    assert seconds < 120
    return error is None


_, CLEAN_ERROR, CLEAN, _ = session({})
PLACES = [(way, number) for way in ("out", "in") for number in range(len(CLEAN.sent[way]))]
AT_EACH_PLACE = pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place[0]}{place[1]}")


def unit_at(place):
    return CLEAN.sent[place[0]][place[1]]


def test_without_a_fault():
    assert CLEAN_ERROR is None
    assert judge({})
    # Identify, Negotiate, Logon, three reads, Logoff, Terminate; the ACKs of their answers. 100 octets, 40 a packet.
    assert Counter(map(len, CLEAN.sent["out"]))[1] == 8 + 2
    assert len(CLEAN.sent["in"]) == 8 + 8 + 2
    assert len(CLEAN.sent["out"]) == 8 + 10


@AT_EACH_PLACE
def test_one_fault_is_healed(place):
    for fault in (drop, duplicate, *map(delay, (0.1, 1.0, 2.5, 5.0))):
        assert judge({place: fault})


@AT_EACH_PLACE
def test_any_octet_corrupted_or_cut(place):
    for at in range(len(unit_at(place))):
        for fault in (corrupt(at, 0x01), become(at, 0x06), become(at, 0x15), become(at, 0xEE)):
            assert judge({place: fault}) or place == ("in", 0)
        if at:
            assert judge({place: cut(at)})
            assert judge({place: stall(at, 0.9)})


@AT_EACH_PLACE
def test_delayed_beyond_every_time_out(place):
    judge({place: delay(20.0)})


@AT_EACH_PLACE
def test_the_line_breaks_for_good(place):
    for ways in ([place[0]], ["out", "in"]):
        faults = {(way, number): drop for way in ways for number in range(place[1], 300)}
        judge(faults)


@AT_EACH_PLACE
def test_noise(place):
    for noise in ("06", "15", "ee", "ee0000000001", "ee0000000001201311", "ff" * 20):
        for fault in (before(bytes.fromhex(noise)), behind(bytes.fromhex(noise))):
            judge({place: fault})


def test_many_faults_at_a_time():
    chance = random.Random(1218)
    ends = Counter()
    for _ in range(200):
        faults = {}
        for place in PLACES:
            if chance.random() < 0.1:
                at = chance.randrange(len(unit_at(place)))
                kinds = [drop, duplicate, delay(2.5), corrupt(at, chance.randrange(1, 256)), cut(at), behind(b"\x06")]
                faults[place] = chance.choice(kinds)
        ends[judge(faults)] += 1
    assert ends[True] > 50, ends
