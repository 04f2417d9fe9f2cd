"""Datagrams lost, doubled, overtaken, late and changed, in the clear and enciphered, whole and in segments.

A client reads a table in pieces and a clock twice, and writes twice. What it is told is right or it is told nothing;
what it writes is carried out once, or not at all where it was not told that it was.
"""

import random
from collections import Counter

import pytest
from meters_by_rule import Reads
from scripted import table_data
from scripted_network import NetworkMeter, network_meter, options

from c1222.errors import LinkTimeout
from c1222.message.epsem import SecurityMode
from c1222.psem.blocks import blocks
from c1222.psem.requests import request
from c1222.session.settings import Credentials

TABLE = bytes(range(256)) * 2
WHO = Credentials(user_id=2, password=b"PASSWORD")
WRITTEN = [b"\x40\x00\x05" + table_data(b"first"), b"\x4f\x00\x05\x00\x00\x07" + table_data(b"second")]
WRITES = [
    request("full_write", table=5, blocks=blocks(b"first")),
    request("offset_write", table=5, offset=7, blocks=blocks(b"second")),
]


class Device:
    """What a meter does: reads tables, counts how often it was asked for its clock, and keeps what was written."""

    def __init__(self):
        # rstl: 428 octets fit a message, so 300 an answer, as far as our client reckons.
        self.reads = Reads({64: TABLE}, room=300, too_large=b"\x10\x00\x00\x01\xac")
        self.written = []
        self.asked = 0

    def __call__(self, asked):
        if asked[0] == 0x51:
            return b"\x00"
        if asked == b"\x30\x00\x34":
            self.asked += 1
            return b"\x00" + table_data(bytes([52, self.asked]))
        if asked in WRITTEN:
            self.written.append(asked)
            return b"\x00"
        return self.reads(asked)


class Network:
    """Faults by way and number of the datagram."""

    def __init__(self, faults):
        self.faults = faults
        self.sent = {"out": [], "in": []}

    def __call__(self, way, octets):
        fault = self.faults.get((way, len(self.sent[way])), lambda same: [(0, same)])
        self.sent[way].append(octets)
        return fault(octets)


def session(faults, kind):
    """Whether all was done, the device, the network, seconds of the clock. Nothing that was told is wrong."""
    mode, segment, repeats = kind
    device, network = Device(), Network(faults)
    side = NetworkMeter(device, datagram=True, segment=segment, repeats=repeats)
    asked = options(mode, segment=None if segment is None else 120)
    meter = network_meter(side, asked, WHO, tamper=network)
    clocks, done, silence = [], [], None
    try:
        for _ in range(2):
            clocks.append(meter.ask(request("full_read", table=52)).data.blocks[0].data)
        for write in WRITES:
            assert meter.ask(write).code == 0
            done.append(write)
        assert meter.read_octets(64, 0, len(TABLE)) == TABLE
    except LinkTimeout as exc:
        silence = str(exc)
    ended = silence is None
    assert ended or "no answer from .123.8437" in silence
    # A clock that goes on: each reading is one that the meter gave, and a later one is not an older answer.
    assert all(clock[0] == 52 and clock[1] <= device.asked for clock in clocks)
    assert clocks == sorted(set(clocks))
    assert len(device.written) == len(set(device.written)), "a write was carried out twice"
    assert device.written[: len(done)] == WRITTEN[: len(done)], "a write was said to be done and was not"
    return ended, device, network, meter._transport.clock()


# -- Faults ------------------------------------------------------------------------------------------------------------


def lost(octets):
    return []


def doubled(octets):
    return [(0.0, octets), (0.0, octets)]


def late(seconds):
    return lambda octets: [(seconds, octets)]


def doubled_late(seconds):
    return lambda octets: [(0.0, octets), (seconds, octets)]


def changed(at):
    return lambda octets: [(0.0, octets[:at] + bytes([octets[at] ^ 0x40]) + octets[at + 1 :])]


def torn(at):
    return lambda octets: [(0.0, octets[:at])]


KINDS = {
    "clear": (SecurityMode.CLEAR, None, "again"),
    "enciphered": (SecurityMode.ENCRYPTED, None, "again"),
    "enciphered-silent": (SecurityMode.ENCRYPTED, None, "silent"),
    "segments": (SecurityMode.CLEAR, 90, "again"),
    "enciphered-segments": (SecurityMode.ENCRYPTED, 90, "silent"),
}
EACH_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def places(kind):
    _, _, network, _ = session({}, kind)
    return [(way, number) for way in ("out", "in") for number in range(len(network.sent[way]))]


@EACH_KIND
def test_without_a_fault(kind):
    ended, device, network, seconds = session({}, kind)
    assert ended
    assert seconds == 0.0
    assert device.written == WRITTEN
    if kind[1] is None:
        # Two clocks, two writes, the table in two pieces behind one refusal.
        assert len(network.sent["out"]) == len(network.sent["in"]) == 4 + 3


@EACH_KIND
def test_one_fault(kind):
    """Lost answers to writes stay unknown where the meter does not repeat itself; all else is made up for."""
    for place in places(kind):
        for fault in (lost, doubled, late(1.0), late(3.0), late(20.0), doubled_late(1.0), doubled_late(30.0)):
            ended, device, _, seconds = session({place: fault}, kind)
            assert ended or kind[2] == "silent", (place, fault)
            assert seconds < 40
            if ended:
                assert device.written == WRITTEN


@EACH_KIND
def test_everything_comes_twice(kind):
    faults = {(way, number): doubled for way in ("out", "in") for number in range(200)}
    ended, device, _, _ = session(faults, kind)
    assert ended
    assert device.written == WRITTEN


@EACH_KIND
def test_everything_is_late(kind):
    """Later than the first repetition, and than the answer to it."""
    faults = {("in", number): late(4.0 if number % 2 else 0.5) for number in range(200)}
    ended, device, _, _ = session(faults, kind)
    assert ended
    assert device.written == WRITTEN


@pytest.mark.parametrize("kind", [KINDS["enciphered"], KINDS["enciphered-segments"]])
def test_any_octet_changed_under_a_key(kind):
    """A request or an answer with one octet changed is as good as lost."""
    _, _, network, _ = session({}, kind)
    for place in (("out", 0), ("out", 2), ("in", 2), ("in", 6)):
        octets = network.sent[place[0]][place[1]]
        for at in range(0, len(octets), 5):
            for fault in (changed(at), torn(at)):
                ended, device, _, _ = session({place: fault}, kind)
                assert ended or kind[2] == "silent", (place, at)
                if ended:
                    assert device.written == WRITTEN


@EACH_KIND
def test_a_bad_network(kind):
    chance = random.Random(1222)
    ends = Counter()
    for _ in range(40):
        faults = {}
        for way in ("out", "in"):
            for number in range(100):
                if chance.random() < 0.25:
                    seconds = chance.choice([0.3, 2.6, 5.2, 12.0])
                    faults[way, number] = chance.choice([lost, doubled, late(seconds), doubled_late(seconds)])
        ended, *_ = session(faults, kind)
        ends[ended] += 1
    assert ends[True] > (25 if kind[2] == "again" else 5), ends


def test_a_request_that_comes_late_a_second_time_is_not_carried_out_again():
    """The write's datagram arrives, and again a minute after everything is over."""
    kind = KINDS["clear"]
    ended, device, _, _ = session({("out", 2): doubled_late(3.0), ("in", 2): late(2.0)}, kind)
    assert ended
    assert device.written == WRITTEN


def test_what_may_not_be_done_twice_is_repeated_octet_for_octet():
    _, _, network, _ = session({("in", number): lost for number in range(200)}, KINDS["enciphered"])
    assert len(set(network.sent["out"])) == 4  # a read: another id and iv for each try
    device = Device()
    side = NetworkMeter(device, datagram=True)
    heard = Network({("in", number): lost for number in range(3)})
    meter = network_meter(side, options(SecurityMode.ENCRYPTED), WHO, tamper=heard)
    assert meter.ask(WRITES[0]).code == 0
    assert len(heard.sent["out"]) == 4
    assert len(set(heard.sent["out"])) == 1
    assert device.written == WRITTEN[:1]
