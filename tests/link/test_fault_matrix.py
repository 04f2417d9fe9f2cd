"""Everything that can happen to a packet, an ACK or a NAK, at every place of a session.

However the line behaves: what is delivered is right, in order and once; a side that cannot go on says so; the clock
stops. Where one fault is enough, the session also gets to its end.
"""

import random
from collections import Counter
from dataclasses import replace

import pytest
from virtual_line import (
    become,
    before,
    behind,
    converse,
    corrupt,
    cut,
    delay,
    drop,
    duplicate,
    stall,
)

from c1222.link import Link, LinkSettings, Toggle

SMALL = LinkSettings(packet_size=24)
"""Before Negotiate: 16 octets of a message in a packet, one packet."""

# Data that looks like signals and packets.
NASTY = bytes.fromhex("0615ee0015060600ee00200000050000010000ff42ee")
SCRIPT = [
    (b"\x20", bytes.fromhex("0000010000")),
    (bytes.fromhex("6100180806"), bytes.fromhex("0000180806")),
    (bytes.fromhex("50000030303030"), b"\x00"),
    (bytes.fromhex("51") + b"password", b"\x00"),
    # The same question twice: the answers differ, so a repetition that slips through shows.
    (bytes.fromhex("300034"), bytes.fromhex("000002aabb9b")),
    (bytes.fromhex("300034"), bytes.fromhex("000002aabc9a")),
    # Several packets in the answer, in the question, in both.
    (bytes.fromhex("300017"), bytes.fromhex("000016") + NASTY + b"\x00" + bytes(range(30))),
    (bytes.fromhex("400007") + NASTY + bytes(20), b"\x00"),
    (bytes.fromhex("400008") + NASTY, b"\x05" + NASTY + NASTY),
    (b"\x21", b"\x00"),
]


def negotiated(settings):
    return replace(settings, packet_size=24, nbr_packets=8)


def session(up=None, down=None, toggle=Toggle.UNCHECKED):
    settings = replace(SMALL, toggle=toggle)
    return converse(
        SCRIPT,
        up=up,
        down=down,
        client=Link(settings),
        meter=Link(settings, answers=True),
        on_answer={2: negotiated},
    )


def judge(outcome):
    """What must hold whatever happened; True where the session got to its end."""
    answers, requests = [pair[1] for pair in SCRIPT], [pair[0] for pair in SCRIPT]
    assert outcome.answers == answers[: len(outcome.answers)], "wrong data"
    # Identify begins anew: it alone may be delivered again, before anything else was.
    heard = list(outcome.requests)
    while heard[:2] == [b"\x20", b"\x20"]:
        heard.pop(0)
    assert heard == requests[: len(heard)], "a request was delivered twice, out of order or wrong"
    assert len(outcome.answers) <= len(heard)
    if outcome.client_failed is None:
        assert outcome.answers == answers
        assert heard == requests
    else:
        assert len(outcome.answers) < len(answers)
    return outcome.client_failed is None


CLEAN = session()
PLACES = [("up", number) for number in range(len(CLEAN.up.sent))]
PLACES += [("down", number) for number in range(len(CLEAN.down.sent))]


def unit_at(place):
    return getattr(CLEAN, place[0]).sent[place[1]]


def with_fault(*faults, toggle=Toggle.UNCHECKED):
    """The session with faults, each a (place, fault)."""
    lines = {"up": {}, "down": {}}
    for (direction, number), fault in faults:
        lines[direction][number] = fault
    return session(**lines, toggle=toggle)


WHOLE = {"drop": drop, "duplicate": duplicate} | {f"delay {time} s": delay(time) for time in (0.1, 1.0, 2.5, 5.0)}
AT_EACH_PLACE = pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place[0]}{place[1]}")
IN_EACH_MODE = pytest.mark.parametrize("toggle", Toggle, ids=lambda toggle: toggle.value)


@IN_EACH_MODE
def test_without_a_fault(toggle):
    outcome = session(toggle=toggle)
    assert judge(outcome)
    assert outcome.client_failed is outcome.meter_failed is None
    assert (outcome.client.counts.repeated, outcome.meter.counts.repeated) == (0, 0)
    # 24 - 8 = 16 octets fit a packet. Down: 6 + 1 short answers and 56, 45 octets; up: 45 and 25 octets, 8 short.
    assert Counter(map(len, CLEAN.up.sent))[1] == 8 + 4 + 3
    assert Counter(map(len, CLEAN.down.sent))[1] == 8 + 3 + 2


@AT_EACH_PLACE
@IN_EACH_MODE
def test_one_fault_is_healed(place, toggle):
    for name, fault in WHOLE.items():
        outcome = with_fault((place, fault), toggle=toggle)
        assert judge(outcome), (name, outcome.client_failed)


@AT_EACH_PLACE
def test_any_octet_corrupted(place):
    for at in range(len(unit_at(place))):
        changes = {"one bit": corrupt(at, 0x01), "06": become(at, 0x06), "15": become(at, 0x15), "ee": become(at, 0xEE)}
        for name, fault in changes.items():
            outcome = with_fault((place, fault))
            # The one exception: Identify's answer comes while Identify is on its way again, and what comes before the
            # first ACK may be left over from another session.
            hopeless = (*place, name) == ("down", 0, "15")
            assert judge(outcome) is not hopeless, (at, name, outcome.client_failed)


@AT_EACH_PLACE
def test_cut_and_stalled_anywhere(place):
    for at in range(1, len(unit_at(place))):
        for fault in (cut(at), stall(at, 0.3), stall(at, 0.9)):
            outcome = with_fault((place, fault))
            assert judge(outcome), (at, outcome.client_failed)


NOISE = "00", "06", "15", "ee", "eeee", "0606", "1515", "ee0000000001", "ff" * 30, "ee0000000001201311", NASTY.hex()


@AT_EACH_PLACE
def test_a_burst_of_noise(place):
    for noise in NOISE:
        for fault in (before(bytes.fromhex(noise)), behind(bytes.fromhex(noise))):
            outcome = with_fault((place, fault))
            assert judge(outcome), (noise, outcome.client_failed)


@AT_EACH_PLACE
def test_delayed_beyond_every_time_out(place):
    outcome = with_fault((place, delay(20.0)))
    assert not judge(outcome) or place[1] >= len(getattr(CLEAN, place[0]).sent) - 2


@AT_EACH_PLACE
def test_the_line_breaks_for_good(place):
    """From one unit on nothing comes through, in this direction or in both."""
    for directions in ([place[0]], ["up", "down"]):
        faults = [((direction, number), drop) for direction in directions for number in range(place[1], 200)]
        outcome = with_fault(*faults)
        judge(outcome)
        # 4 tries of 2 s, the traffic time-out of 6 s, at both ends one after the other, and some octets.
        assert outcome.seconds < 30


@IN_EACH_MODE
def test_two_faults_at_a_time(toggle):
    chance = random.Random(1218)
    ends = Counter()
    for _ in range(600):
        faults = []
        for place in chance.sample(PLACES, 2):
            at = chance.randrange(len(unit_at(place)))
            kinds = [
                drop,
                duplicate,
                delay(chance.choice([0.1, 1.0, 2.5, 7.0, 20.0])),
                corrupt(at, chance.randrange(1, 256)),
                become(at, chance.choice([0x06, 0x15, 0xEE])),
                cut(at),
                stall(at, chance.choice([0.3, 0.9, 3.0])),
                behind(bytes.fromhex(chance.choice(NOISE))),
            ]
            faults.append((place, chance.choice(kinds)))
        outcome = with_fault(*faults, toggle=toggle)
        ends[judge(outcome)] += 1
        assert outcome.seconds < 120
    assert ends[True] > 450, ends


def test_many_faults_at_a_time():
    """A line so bad that most sessions fail: still never wrong data, never a hang."""
    chance = random.Random(1221)
    for _ in range(300):
        lines = {}
        for direction in ("up", "down"):
            faults = {}
            for number in range(200):
                if chance.random() < 0.2:
                    octet = chance.randrange(256)
                    faults[number] = chance.choice(
                        [drop, duplicate, delay(2.5), corrupt(0, 0xFF), cut(4), before(bytes([octet])), behind(b"\x06")]
                    )
            lines[direction] = faults
        judge(session(**lines))
