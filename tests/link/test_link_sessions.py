"""Sessions that begin anew: Identify again, a restart in the middle, what is left over from before."""

from dataclasses import replace

import pytest
from virtual_line import converse, drop

from c1222.errors import LocalProtocolError
from c1222.link import C1218, Link, LinkFailed, MessageReceived, MessageSent, State
from c1222.link.packet import Packet

# A GE I-210+c answers each Identify with these octets, toggle 1 (protocol.md 1.5).
IDENTIFY = bytes.fromhex("ee 00 00 00 0001 20 1310")
IDENTIFIED = bytes.fromhex("ee 00 20 00 0005 00 00 01 00 00 ff42")
IDENTITY = bytes.fromhex("0000010000")
OK = bytes.fromhex("ee 00 00 00 0001 00 1131")


def drain(link):
    return list(iter(link.next_event, None))


def payloads(link):
    return [event.payload for event in drain(link) if isinstance(event, MessageReceived)]


def ask(link, message, *answers, now=0.0):
    link.send(message, now)
    link.receive_data(b"\x06" + b"".join(answers), now)
    return payloads(link)


def test_identify_twice_is_answered_twice():
    """The second answer has the same octets and the same toggle as the first: no duplicate."""
    link = Link()
    assert ask(link, b"\x20", IDENTIFIED) == [IDENTITY]
    assert ask(link, b"\x20", IDENTIFIED) == [IDENTITY]
    assert link.counts.duplicates == 0


def test_a_duplicate_within_the_session_is_dropped():
    link = Link()
    assert ask(link, b"\x20", IDENTIFIED, IDENTIFIED) == [IDENTITY]
    assert ask(link, b"\x50", IDENTIFIED) == []
    link.receive_data(OK, 0)
    assert payloads(link) == [b"\x00"]
    assert link.counts.duplicates == 2


def test_a_meter_meets_a_client_that_does_not_reset_its_toggle():
    """Each run of termineter begins with Identify and goes on with the toggle of the run before."""
    link = Link(answers=True)
    for toggle in (False, True, True, False, False, False):
        link.receive_data(Packet(b"\x20", toggle).encode(), 0)
        assert payloads(link) == [b"\x20"]
        link.send(IDENTITY, 0)
        # The answer begins anew with toggle 1, each time.
        assert link.data_to_send() == b"\x06" + IDENTIFIED
        link.receive_data(b"\x06", 0)
        drain(link)


def test_an_identify_repeated_because_its_ack_was_lost_is_delivered_once():
    link = Link(answers=True)
    link.receive_data(IDENTIFY, 0)
    link.receive_data(IDENTIFY, 2)
    assert payloads(link) == [b"\x20"]
    link.send(IDENTITY, 2)
    link.receive_data(IDENTIFY, 4)
    assert payloads(link) == []
    assert link.data_to_send() == b"\x06\x06" + IDENTIFIED + b"\x06"


@pytest.mark.parametrize("state", ["turn", "sending", "sending several", "receiving"])
def test_a_client_begins_anew_in_the_middle(state):
    """Whatever the meter was at, Identify is taken, and the old answer is not sent."""
    link = Link(replace(C1218, nbr_packets=9), answers=True)
    if state == "receiving":
        link.receive_data(Packet(b"\x40", True, 3, first=True, multi=True).encode(), 0)
    else:
        link.receive_data(Packet(b"\x30\x00\x01", True).encode(), 0)
    if state.startswith("sending"):
        drain(link)
        link.send(bytes(200 if "several" in state else 20), 0)
    link.data_to_send()
    link.receive_data(IDENTIFY, 3)
    assert link.data_to_send() == b"\x06"
    assert drain(link) == [MessageReceived(b"\x20")]
    link.send(IDENTITY, 3)
    assert link.data_to_send() == IDENTIFIED


def test_a_client_gives_up_waiting_and_asks_something_else():
    """A meter that has not answered yet hears another request: its late answer to the first is refused."""
    link = Link(answers=True)
    link.receive_data(Packet(b"\x30\x00\x01").encode(), 0)
    assert payloads(link) == [b"\x30\x00\x01"]
    link.receive_data(Packet(b"\x21", True).encode(), 5)
    with pytest.raises(LocalProtocolError, match="not read yet"):
        link.send(b"\x00 the old answer", 5)
    assert payloads(link) == [b"\x21"]
    link.send(b"\x00", 5)


@pytest.mark.parametrize(("size", "events"), [(20, [MessageSent()]), (100, [])], ids=["whole", "not whole"])
def test_another_request_while_an_answer_is_on_its_way(size, events):
    """The answer arrived where only its last packet was not acknowledged; where more were, nobody can tell."""
    link = Link(replace(C1218, nbr_packets=9), answers=True)
    link.receive_data(Packet(b"\x30\x00\x01").encode(), 0)
    drain(link)
    link.send(bytes(size), 0)
    link.receive_data(Packet(b"\x21", True).encode(), 3)
    assert drain(link) == [*events, MessageReceived(b"\x21")]


@pytest.mark.parametrize(("size", "events"), [(20, [MessageSent()]), (100, [])], ids=["whole", "not whole"])
def test_an_answer_instead_of_an_acknowledgment(size, events):
    """The ACK was lost; or the meter refuses a long message at its first packet."""
    link = Link(replace(C1218, nbr_packets=9))
    ask(link, b"\x20", IDENTIFIED)
    link.send(bytes(size), 0)
    link.receive_data(Packet(b"\x04", False).encode(), 1)
    assert drain(link) == [*events, MessageReceived(b"\x04")]
    assert link.deadline is None


def test_unread_requests_are_replaced():
    link = Link(answers=True)
    link.receive_data(Packet(b"\x30\x00\x01").encode() + Packet(b"\x21", True).encode(), 5)
    assert drain(link) == [MessageReceived(b"\x21")]


def test_abandon_keeps_the_session():
    """Settings and toggle go on; the answer that was still coming is dropped."""
    link = Link()
    link.settings = replace(C1218, packet_size=128)
    ask(link, b"\x20", IDENTIFIED)
    link.send(b"\x30\x00\x01", 0)
    link.data_to_send()
    link.abandon()
    assert link.settings.packet_size == 128
    assert link.deadline is None
    link.send(b"\x21", 1)
    assert link.data_to_send() == Packet(b"\x21").encode()
    late = Packet(bytes(40), False).encode()
    link.receive_data(late + b"\x06" + Packet(b"\x00", True).encode(), 1.5)
    assert drain(link) == [MessageSent(), MessageReceived(b"\x00")]


LEFT_OVER = {
    "an ok": OK,
    "a table": Packet(bytes.fromhex("0000 02aabb9b"), toggle=True).encode(),
    "the end of several": Packet(b"end", toggle=True, multi=True).encode(),
    "an identity": IDENTIFIED,
}


@pytest.mark.parametrize("left", LEFT_OVER.values(), ids=LEFT_OVER)
def test_what_is_left_over_comes_before_the_first_ack(left):
    """A meter that still repeats an answer of another session: acknowledged, so that it stops, and dropped."""
    link = Link()
    link.send(b"\x20", 0)
    link.data_to_send()
    link.receive_data(left, 0.1)
    assert link.data_to_send() == b"\x06"
    link.receive_data(b"\x06" + IDENTIFIED, 0.2)
    assert drain(link) == [MessageSent(), MessageReceived(IDENTITY)]


def test_what_is_left_over_comes_before_anything_was_asked():
    link = Link()
    link.receive_data(OK, 0)
    assert (link.data_to_send(), drain(link)) == (b"\x06", [])
    assert ask(link, b"\x20", IDENTIFIED) == [IDENTITY]


def test_an_ok_too_short_for_an_identity_is_left_over():
    """An ACK of before, then an answer of before: told by its length (docs/sources.md, ADP)."""
    link = Link()
    link.send(b"\x20", 0)
    link.receive_data(b"\x06" + OK, 0.1)
    assert payloads(link) == []
    link.receive_data(b"\x06" + IDENTIFIED, 0.2)
    assert payloads(link) == [IDENTITY]
    assert link.counts.stray == 1


def test_identify_may_be_refused():
    """GE answers isss behind Negotiate (protocol.md 8.4)."""
    assert ask(Link(), b"\x20", bytes.fromhex("ee 00 20 00 0001 0a dafe")) == [b"\x0a"]


def test_restart_forgets_everything_but_the_first_settings():
    first = replace(C1218, identity=3)
    link = Link(first)
    ask(link, b"\x20", replace_identity(IDENTIFIED, 3))
    link.settings = first.negotiated(512, 9, 8)
    link.send(b"\x30\x00\x01", 0)
    link.handle_timeout(2)
    link.restart()
    assert (link.settings, link.state, link.deadline) == (first, State.TURN, None)
    assert (link.data_to_send(), drain(link)) == (b"", [])
    link.send(b"\x20", 9)
    assert link.data_to_send() == Packet(b"\x20", identity=3).encode()


def replace_identity(octets, identity):
    return Packet(octets[6:-2], toggle=bool(octets[2] & 0x20), identity=identity).encode()


def test_a_repeated_terminate_does_not_begin_the_next_session():
    link = Link(answers=True)
    terminate = Packet(b"\x21", True).encode()
    link.receive_data(terminate, 10.0)
    drain(link)
    link.send(b"\x00", 10.0)
    link.receive_data(b"\x06", 10.0)
    link.restart()
    link.data_to_send()
    for now in (12.0, 14.0, 19.0):
        link.receive_data(terminate, now)
        assert (link.data_to_send(), drain(link)) == (b"\x06", [])
    # Much later it is a request like any other.
    link.receive_data(terminate, 26.0)
    assert drain(link) == [MessageReceived(b"\x21")]


@pytest.mark.parametrize("at", range(12))
def test_a_client_dies_and_another_comes(at):
    """From one unit on the client hears nothing and gives up; a second one on the same meter reads all the same."""
    script = [(b"\x20", IDENTITY), (b"\x50", b"\x00"), (b"\x30\x00\x01", b"\x00\x00\x01\x07\xf9"), (b"\x21", b"\x00")]
    meter = Link(answers=True)
    first = converse(script, down=dict.fromkeys(range(at, 99), drop), meter=meter)
    assert bool(first.client_failed) == (at < len(script) * 2)
    meter.restart()
    second = converse(script, meter=meter)
    assert second.client_failed is None
    assert second.answers == [answer for _, answer in script]
    assert second.requests == [request for request, _ in script]


def test_failures_tell_whether_anything_was_heard():
    silent, noisy = Link(), Link()
    for link in (silent, noisy):
        link.send(b"\x20", 0)
    noisy.receive_data(b"\x00\xff", 0.5)
    for link, heard in ((silent, False), (noisy, True)):
        while link.deadline is not None:
            link.handle_timeout(link.deadline)
        assert drain(link) == [LinkFailed("no acknowledgment, 4 times", heard)]
