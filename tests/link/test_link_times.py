"""What the clock does to a link: time-outs, tries, slow lines, peers that never answer or never stop."""

import random
from dataclasses import replace

import pytest

from c1222.link import C1218, C1221, Link, LinkFailed, MessageReceived, MessageSent, State
from c1222.link.packet import Packet

IDENTIFY = bytes.fromhex("ee 00 00 00 0001 20 1310")
ANSWER = bytes.fromhex("ee 00 20 00 0005 00 00 01 00 00 ff42")
ON_A_NETWORK = replace(C1218, baud=None)


def drain(link):
    return list(iter(link.next_event, None))


def asked(settings=ON_A_NETWORK, message=b"\x20"):
    link = Link(settings)
    link.send(message, now=10.0)
    assert link.data_to_send()
    return link


def failed(link):
    (event,) = [event for event in drain(link) if isinstance(event, LinkFailed)]
    assert link.state is State.FAILED
    assert link.deadline is None
    return event


@pytest.mark.parametrize(("settings", "response"), [(C1218, 2.0), (C1221, 4.0)], ids=["C12.18", "C12.21"])
def test_a_peer_that_never_answers(settings, response):
    """The same octets at each response time-out, three times after the first (protocol.md 1.4), then failure."""
    link = asked(replace(settings, baud=None))
    for number in range(1, 4):
        assert link.deadline == pytest.approx(10.0 + number * response)
        link.handle_timeout(link.deadline - 0.001)
        assert link.data_to_send() == b""
        link.handle_timeout(link.deadline)
        assert link.data_to_send() == IDENTIFY
    assert link.deadline == pytest.approx(10.0 + 4 * response)
    link.handle_timeout(link.deadline)
    assert failed(link) == LinkFailed("no acknowledgment, 4 times", heard=False)
    assert link.data_to_send() == b""
    link.receive_data(b"\x06" + ANSWER, now=99)
    assert drain(link) == []


def test_an_acknowledgment_without_an_answer():
    link = asked()
    link.receive_data(b"\x06", now=11.0)
    assert drain(link) == [MessageSent()]
    assert link.deadline == 17.0
    link.handle_timeout(17.0)
    assert failed(link) == LinkFailed("nothing came for 6 s", heard=True)


def test_refused_four_times():
    link = asked()
    for _ in range(3):
        link.receive_data(b"\x15", now=10.1)
        assert link.data_to_send() == IDENTIFY
    link.receive_data(b"\x15", now=10.1)
    assert failed(link).reason == "the other side did not accept the packet, 4 times"


def test_tries_are_counted_for_each_packet():
    link = asked(replace(ON_A_NETWORK, nbr_packets=3), bytes(56 * 3))
    for _ in range(3):
        for _ in range(3):
            link.receive_data(b"\x15", now=10.1)
        assert link.state is State.SENDING
        link.receive_data(b"\x06", now=10.1)
    assert link.state is State.WAITING


@pytest.mark.parametrize(("baud", "seconds"), [(9600, 8192 / 960), (300, 8192 / 30), (None, 0.0)])
def test_a_large_packet_has_time_to_leave(baud, seconds):
    """10 bits an octet: at 9600 baud 8192 octets take 8.5 s, four times the response time-out."""
    link = asked(replace(C1218, packet_size=8192, baud=baud), bytes(8184))
    assert link.deadline == pytest.approx(10.0 + seconds + 2.0)


def test_a_large_packet_has_time_to_come():
    """It takes longer than the traffic time-out; while it comes in, nothing else is late."""
    link = asked(replace(C1218, packet_size=8192))
    link.receive_data(b"\x06", now=11.0)
    packet = Packet(bytes(8184), toggle=True).encode()
    now = 11.0
    for at in range(0, 8192, 64):
        now += 64 / 960
        link.receive_data(packet[at : at + 64], now)
        link.handle_timeout(now)
    assert now > 17.0
    assert MessageReceived(bytes(8184)) in drain(link)


@pytest.mark.parametrize("cut", range(1, len(ANSWER)))
def test_a_packet_that_stops_in_the_middle(cut):
    """After the inter-character time-out it is refused, and its repetition taken."""
    link = asked()
    link.receive_data(b"\x06" + ANSWER[:cut], now=11.0)
    assert link.deadline == 11.5
    link.handle_timeout(11.4)
    assert link.data_to_send() == b""
    link.handle_timeout(11.5)
    assert link.data_to_send() == b"\x15"
    link.receive_data(ANSWER, now=11.6)
    assert link.data_to_send() == b"\x06"
    assert drain(link) == [MessageSent(), MessageReceived(bytes.fromhex("0000010000"))]


def test_the_rest_of_a_broken_packet_is_no_acknowledgment():
    """NAK comes when the line is silent, and an 06 inside the rest acknowledges nothing."""
    link = asked()
    link.receive_data(b"\xee\x00\x00\x00\xff\xff" + b"\x06" * 9, now=10.5)
    link.receive_data(b"\x06", now=10.9)
    assert link.state is State.SENDING
    assert link.data_to_send() == b""
    link.handle_timeout(link.deadline)
    assert link.data_to_send() == IDENTIFY


def test_a_peer_that_drips():
    """One octet each 0.4 s is never silent, and 8192 of them would take an hour."""
    link = asked(replace(ON_A_NETWORK, packet_size=8192))
    link.receive_data(b"\x06", now=11.0)
    now = 11.0
    for octet in (b"\xee\x00\x00\x00\x1f\xf0" + bytes(8200)) * 10:
        now += 0.4
        link.receive_data(bytes([octet]), now)
        if link.state is State.FAILED:
            break
    assert failed(link)
    assert now < 120


GARBAGE = {
    "zeros": lambda chance: bytes(40),
    "any octets": lambda chance: chance.randbytes(40),
    "beginnings": lambda chance: b"\xee" * 7,
    "packets with a wrong crc": lambda chance: ANSWER[:-1] + bytes([chance.randrange(66)]),
    "acknowledgments": lambda chance: b"\x06",
    "refusals": lambda chance: b"\x15",
    "both": lambda chance: b"\x06\x15",
    "the same answer": lambda chance: ANSWER,
    "beginnings of a message": lambda chance: Packet(
        chance.randbytes(4), chance.random() < 0.5, 3, first=True, multi=True
    ).encode(),
    "messages that begin again and again": lambda chance: b"".join(
        Packet(chance.randbytes(4), toggle, 3 - number, first=number == 0, multi=True).encode()
        for number, toggle in enumerate((False, True))
    ),
    "continuations": lambda chance: Packet(chance.randbytes(4), False, 9, multi=True).encode(),
    "packets for another": lambda chance: Packet(chance.randbytes(4), identity=7).encode(),
}


# A packet of another identity, or the same answer all the time, is an answer to who waits for one and is alone.
NEVER_RIGHT = [
    pytest.param(kind, acknowledged, identity, id=f"{kind}, {'answer' if acknowledged else 'ACK'} wanted, {identity}")
    for kind in GARBAGE
    for acknowledged in (False, True)
    for identity in (0, 5)
    if not (acknowledged and identity == 0 and kind in ("the same answer", "packets for another"))
]


@pytest.mark.parametrize("pause", [0.01, 0.45, 0.7, 3.0])
@pytest.mark.parametrize(("kind", "acknowledged", "identity"), NEVER_RIGHT)
def test_a_peer_that_answers_garbage_for_ever(kind, acknowledged, identity, pause):
    """Where octets never stop, a caller never gets to call `handle_timeout`; the link fails all the same."""
    chance = random.Random(kind)
    link = Link(replace(ON_A_NETWORK, identity=identity))
    link.send(b"\x30\x00\x01", now=0.0)
    now = 0.0
    if acknowledged:
        link.receive_data(b"\x06", now)
    while link.state is not State.FAILED:
        now += pause
        assert now < 60, "it goes on and on"
        while pause > 0.5 and link.deadline is not None and link.deadline <= now:
            link.handle_timeout(link.deadline)
        link.receive_data(GARBAGE[kind](chance), now)
        link.data_to_send()
    events = drain(link)
    assert not any(isinstance(event, MessageReceived) for event in events)
    assert isinstance(events[-1], LinkFailed)


def test_a_meter_drops_a_session_that_fell_silent():
    link = Link(replace(C1218, baud=None), answers=True)
    assert link.deadline is None
    link.receive_data(IDENTIFY, now=5.0)
    assert drain(link) == [MessageReceived(b"\x20")]
    assert link.deadline is None
    link.send(b"\x00\x00\x01\x00\x00", now=5.1)
    link.receive_data(b"\x06", now=5.2)
    assert link.deadline == pytest.approx(11.2)
    link.handle_timeout(11.2)
    assert failed(link).reason == "nothing came for 6 s"
    link.restart()
    assert link.state is State.WAITING
    assert link.deadline is None


@pytest.mark.parametrize("early", [True, False], ids=["before the answer", "after it"])
def test_wait_extends_the_traffic_time_out_once(early):
    link = Link(replace(C1218, baud=None), answers=True)
    link.receive_data(Packet(b"\x70\x3c").encode(), now=0.0)
    drain(link)
    if early:
        link.extend(60, now=0.0)
    link.send(b"\x00", now=0.0)
    link.receive_data(b"\x06", now=1.0)
    if not early:
        link.extend(60, now=1.0)
    assert link.deadline == 61.0
    link.receive_data(Packet(b"\x30\x00\x01", toggle=True).encode(), now=50.0)
    drain(link)
    link.send(b"\x00", now=50.0)
    link.receive_data(b"\x06", now=50.0)
    assert link.deadline == 56.0


def test_wait_never_shortens():
    link = asked()
    link.extend(1, now=10.0)
    link.receive_data(b"\x06", now=11.0)
    assert link.deadline == 17.0


def test_noise_does_not_end_the_session_of_a_meter():
    link = Link(replace(C1218, baud=None), answers=True)
    for second in range(20):
        link.receive_data(b"\xee\x01", now=second)
        link.handle_timeout(second + 0.5)
        assert link.data_to_send() == b"\x15"
    link.receive_data(IDENTIFY, now=30)
    assert drain(link) == [MessageReceived(b"\x20")]
