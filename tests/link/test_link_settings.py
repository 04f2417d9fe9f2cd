"""Settings: what can be, negotiation, toggles in the three modes, identities on a shared line."""

from dataclasses import replace

import pytest

from c1222.errors import C12Error, LinkTimeout, LocalProtocolError, ProtocolError, RemoteProtocolError
from c1222.link import C1218, C1221, Link, LinkSettings, MessageReceived, State, Toggle
from c1222.link.packet import Packet

ANSWER = Packet(bytes.fromhex("0000010000"), toggle=True)


def drain(link):
    return list(iter(link.next_event, None))


def payloads(link):
    return [event.payload for event in drain(link) if isinstance(event, MessageReceived)]


def test_defaults():
    """protocol.md 1.4."""
    assert (C1218.packet_size, C1218.nbr_packets, C1218.baud, C1218.retries) == (64, 1, 9600, 3)
    assert (C1218.inter_character, C1218.response, C1218.traffic) == (0.5, 2.0, 6.0)
    assert (C1221.inter_character, C1221.response, C1221.traffic) == (1.0, 4.0, 30.0)
    assert (C1218.room, C1218.largest_message) == (56, 56)
    assert replace(C1218, packet_size=512, nbr_packets=255).largest_message == 504 * 255


@pytest.mark.parametrize(
    "wrong",
    [
        {"identity": 256},
        {"packet_size": 8},
        {"packet_size": 8193},
        {"nbr_packets": 0},
        {"nbr_packets": 256},
        {"retries": -1},
        {"baud": 0},
        {"response": 0},
        {"traffic": -1.0},
    ],
    ids=str,
)
def test_settings_that_cannot_be(wrong):
    with pytest.raises(LocalProtocolError, match=next(iter(wrong))):
        LinkSettings(**wrong)


# protocol.md 12: baud list; 0A and 0B are not in order of size.
@pytest.mark.parametrize(("code", "baud"), [(0x01, 300), (0x06, 9600), (0x0A, 57600), (0x0B, 38400), (0x0E, 256000)])
def test_negotiated(code, baud):
    settings = replace(C1218, identity=5, traffic=9).negotiated(512, 2, code)
    assert settings == LinkSettings(identity=5, packet_size=512, nbr_packets=2, baud=baud, traffic=9)


def test_negotiated_without_a_speed():
    assert replace(C1218, baud=1200).negotiated(128, 4).baud == 1200
    assert replace(C1218, baud=None).negotiated(128, 4, 6).baud is None
    assert C1218.negotiated(0xFFFF, 4, 6).packet_size == 8192


@pytest.mark.parametrize(("size", "packets", "code"), [(0, 1, 6), (8, 1, 6), (64, 0, 6), (64, 1, 0), (64, 1, 15)])
def test_a_meter_that_negotiates_nonsense(size, packets, code):
    with pytest.raises(RemoteProtocolError):
        C1218.negotiated(size, packets, code)


def test_settings_change_between_messages_only():
    link = Link()
    link.settings = replace(C1218, packet_size=128)
    link.send(b"\x20", 0)
    with pytest.raises(LocalProtocolError, match="sending"):
        link.settings = C1218
    link.receive_data(b"\x06", 0)
    link.settings = replace(C1218, packet_size=256, nbr_packets=3)
    link.receive_data(Packet(bytes(100), True, 1, first=True, multi=True).encode(), 0)
    with pytest.raises(LocalProtocolError, match="receiving"):
        link.settings = C1218
    link.restart()
    assert link.settings == C1218


def test_a_message_that_is_too_long_or_empty():
    link = Link(replace(C1218, nbr_packets=2))
    for message in (b"", bytes(113)):
        with pytest.raises(LocalProtocolError, match="octets"):
            link.send(message, 0)
    assert link.state is State.TURN
    link.send(bytes(112), 0)


def test_what_was_negotiated_is_the_limit_both_ways():
    link = Link()
    link.send(b"\x20", 0)
    link.receive_data(b"\x06" + Packet(bytes(57), True).encode(), 0)
    assert drain(link)
    assert payloads(link) == []
    link.handle_timeout(link.deadline)
    link = Link(replace(C1218, packet_size=65))
    link.send(b"\x20", 0)
    link.receive_data(b"\x06" + Packet(bytes(57), True).encode(), 0)
    assert payloads(link) == [bytes(57)]


# -- Toggles -----------------------------------------------------------------------------------------------------------


def answered(toggle, toggles):
    """What a client makes of answers with these toggles to requests with toggles 0, 1, 0, 1 ... ; each other data."""
    link = Link(replace(C1218, toggle=toggle, baud=None))
    for number, bit in enumerate(toggles):
        if link.state is not State.TURN:
            return number - 1
        link.send(b"\x30\x00" + bytes([number]), 0)
        assert link.data_to_send()[2] == 0x20 * (number % 2)
        link.receive_data(b"\x06" + Packet(b"\x00\x01\x02" + bytes([number]), bool(bit)).encode(), 0)
        assert link.data_to_send() == b"\x06"
        drain(link)
    return len(toggles) if link.state is State.TURN else len(toggles) - 1


@pytest.mark.parametrize(
    ("toggle", "toggles", "taken"),
    [
        # Requests have 0, 1, 0, 1. A packet that is not taken is acknowledged and dropped as a repetition.
        (Toggle.UNCHECKED, (1, 0, 1, 0), 4),
        (Toggle.UNCHECKED, (0, 0, 0, 0), 4),
        (Toggle.UNCHECKED, (1, 1, 0, 0), 4),
        (Toggle.ALTERNATES, (1, 0, 1, 0), 4),
        (Toggle.ALTERNATES, (0, 1, 0, 1), 4),
        (Toggle.ALTERNATES, (1, 0, 0, 1), 2),
        (Toggle.ECHOES, (0, 1, 0, 1), 4),
        (Toggle.ECHOES, (1, 1, 0, 1), 4),
        (Toggle.ECHOES, (0, 0, 0, 1), 1),
    ],
)
def test_toggles_of_answers(toggle, toggles, taken):
    assert answered(toggle, toggles) == taken


def test_requests_go_on_behind_an_answer_that_echoes():
    """Three packets answer a request with 1: they have 1, 0, 1, and the next request has 0 (docs/sources.md, CNX)."""
    link = Link(replace(C1218, toggle=Toggle.ECHOES, nbr_packets=3))
    seen = []
    answers = [[0], [1, 0, 1], [0, 1], [0]]
    for number, bits in enumerate(answers):
        link.send(b"\x30\x00" + bytes([number]), 0)
        seen.append(link.data_to_send()[2] >> 5 & 1)
        link.receive_data(b"\x06", 0)
        for place, bit in enumerate(bits):
            several = len(bits) > 1
            packet = Packet(
                bytes([number, place, 0, 0]), bool(bit), len(bits) - 1 - place, several and not place, several
            )
            link.receive_data(packet.encode(), 0)
            link.data_to_send()
        assert payloads(link)
    assert seen == [0, 1, 0, 0]


def test_a_meter_that_echoes():
    link = Link(replace(C1218, toggle=Toggle.ECHOES), answers=True)
    for number, bit in enumerate((0, 1, 1, 0, 0)):
        link.receive_data(Packet(b"\x30\x00" + bytes([number]), bool(bit)).encode(), 0)
        drain(link)
        link.data_to_send()
        link.send(b"\x00", 0)
        assert link.data_to_send()[2] == bit << 5
        link.receive_data(b"\x06", 0)


def test_a_client_that_never_flips_its_toggle():
    """Source: docs/sources.md, ESP. Other octets with the same toggle are a new request."""
    link = Link(answers=True)
    for number in range(3):
        link.receive_data(Packet(b"\x30\x00" + bytes([number])).encode(), 0)
        assert payloads(link) == [b"\x30\x00" + bytes([number])]
        link.send(b"\x00", 0)
        link.receive_data(b"\x06", 0)
    assert link.counts.unflipped == 2


# -- Identities --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "other", "taken"), [(0, 0, True), (0, 5, True), (5, 5, True), (5, 6, False), (5, 0, False)]
)
def test_whose_answers_a_client_takes(own, other, taken):
    """Alone on a line it takes any: some meters answer with an identity of their own (protocol.md 12)."""
    link = Link(replace(C1218, identity=own))
    link.send(b"\x20", 0)
    assert link.data_to_send()[1] == own
    link.receive_data(b"\x06" + ANSWER._replace(identity=other).encode(), 0)
    assert payloads(link) == ([ANSWER.data] if taken else [])
    assert link.data_to_send() == (b"\x06" if taken else b"")


@pytest.mark.parametrize(
    ("own", "other", "taken"), [(0, 0, True), (0, 5, False), (5, 5, True), (5, 6, False), (5, 0, False)]
)
def test_whose_requests_a_meter_takes(own, other, taken):
    """On a shared line a packet for another is neither taken nor acknowledged nor refused."""
    link = Link(replace(C1218, identity=own), answers=True)
    link.receive_data(Packet(b"\x20", identity=other).encode(), 0)
    assert payloads(link) == ([b"\x20"] if taken else [])
    assert link.data_to_send() == (b"\x06" if taken else b"")
    assert link.counts.stray == (not taken)


@pytest.mark.parametrize(("identity", "answer"), [(5, b"\x15"), (6, b"")])
def test_a_broken_packet_on_a_shared_line(identity, answer):
    link = Link(replace(C1218, identity=5), answers=True)
    link.receive_data(Packet(b"\x20", identity=identity).encode()[:-1] + b"\xff", 0)
    link.handle_timeout(1)
    assert link.data_to_send() == answer


def test_a_conversation_of_others_passes_by():
    link = Link(replace(C1218, identity=5), answers=True)
    for octets in (
        Packet(b"\x20", identity=6).encode(),
        b"\x06",
        ANSWER._replace(identity=6).encode(),
        b"\x06",
        b"\x15",
    ):
        link.receive_data(octets, 0)
    assert (drain(link), link.data_to_send(), link.deadline) == ([], b"", None)


# -- Errors ------------------------------------------------------------------------------------------------------------


def test_link_timeout_is_a_timeout():
    error = LinkTimeout("no acknowledgment, 4 times")
    assert isinstance(error, TimeoutError)
    assert isinstance(error, RemoteProtocolError)
    assert isinstance(error, ProtocolError)
    assert isinstance(error, C12Error)
    assert str(error) == "no acknowledgment, 4 times"
