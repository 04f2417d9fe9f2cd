"""Streams and datagrams: framing, segments, repetitions, delays, hanging up."""

import pytest
from dict_image import ST_64, DictImage
from network_talk import (
    CLIENT,
    METER,
    READ_3,
    READER,
    SESSION_FIRST,
    TABLE_3,
    asked,
    heard,
    message,
    node,
    talk,
)

from c1222.message.acse import APDU
from c1222.message.epsem import SecurityMode
from c1222.message.segmentation import Reassembler, is_segment, segments
from c1222.meter.device.access import ENGINEER
from c1222.meter.device.device_settings import Faults
from c1222.meter.ports.network_port import NetworkPort
from c1222.titles import ApTitle

ENGINEERS = "51" + ENGINEER.password.ljust(20).hex() + "0002"
WRITE_6 = "40 0006 0003 414243 3A"
READ_64 = "30 0040"
TABLE_64 = b"\x00\x03\xe8" + ST_64 + b"\xac"


def datagrams(**options):
    return NetworkPort(node(**options), datagram=True)


def sent(port):
    return list(port.data_to_send())


def joined(pieces):
    """The APDU that segments make."""
    reassembler, whole = Reassembler(), None
    for piece in pieces:
        apdu = APDU.decode(piece)
        assert is_segment(apdu)
        whole = reassembler.add(apdu, "one", 0.0)
    return whole


# -- Streams ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", range(1, len(message(READ_3))))
def test_a_message_in_two_pieces(cut):
    port, request = NetworkPort(node()), message(READ_3)
    port.receive_data(request[:cut], 0.0)
    assert sent(port) == []
    assert asked(port, request[cut:]).services == [TABLE_3]


def test_messages_in_one_piece():
    port = NetworkPort(node())
    port.receive_data(message(READ_3, a8=1) + message("20", a8=2) + message(READ_3, a8=3), 0.0)
    assert [heard(octets).ids[0] for octets in sent(port)] == [1, 2, 3]


def test_garbage_ends_the_connection():
    counting = node()
    port = NetworkPort(counting)
    port.receive_data(message(READ_3) + b"GET / HTTP/1.1\r\n", 0.0)
    assert port.closed
    assert heard(sent(port)[0]).services == [TABLE_3]
    port.receive_data(message(READ_3), 0.0)
    assert sent(port) == []
    assert counting.counts.malformed == 1


@pytest.mark.parametrize("head", ["60 83 01 00 00", "60 80", "15"])
def test_what_never_becomes_a_message_ends_it_at_once(head):
    port = NetworkPort(node())
    port.receive_data(bytes.fromhex(head), 0.0)
    assert port.closed


def test_disconnect_hangs_up_behind_the_answer():
    port = NetworkPort(node())
    port.receive_data(message("22") + message(READ_3), 0.0)
    assert port.closed
    assert [heard(octets).services for octets in sent(port)] == [[b"\x00"]]


def test_terminate_does_not_hang_up():
    port = NetworkPort(node())
    assert talk("50 0001 20202020202020202020 0000", "21", port=port)[1] == b"\x00"
    assert not port.closed
    assert talk(READ_3, port=port) == [TABLE_3]


def test_a_large_answer_on_a_stream_is_one_message():
    assert talk(READ_64, port=NetworkPort(node())) == [TABLE_64]


def test_a_request_in_segments():
    port = NetworkPort(node())
    pieces = segments(message(READER + "0001", "30 0029"), 50)
    assert len(pieces) > 1
    port.receive_data(b"".join(pieces[:-1]), 0.0)
    assert sent(port) == []
    assert [answer[:1] for answer in asked(port, pieces[-1]).services] == [b"\x00", b"\x00"]


def test_segments_that_contradict_each_other_are_met_with_silence():
    counting = node()
    port = NetworkPort(counting)
    long = [READ_3] * 10
    one, two = segments(message(READ_3, *long), 50)[:-1], segments(message("30 0005", *long), 50)[:-1]
    port.receive_data(b"".join(one + two), 0.0)
    assert sent(port) == []
    assert counting.counts.malformed == 1


def test_the_second_of_two_equal_messages_is_new_in_the_clear_and_a_replay_otherwise():
    port = NetworkPort(node())
    assert talk(READ_3, port=port) == talk(READ_3, port=port) == [TABLE_3]
    assert talk(READ_3, port=port, mode=SecurityMode.ENCRYPTED) == [TABLE_3]
    assert talk(READ_3, port=port, mode=SecurityMode.ENCRYPTED) is None


# -- Datagrams -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [SecurityMode.CLEAR, SecurityMode.ENCRYPTED])
def test_a_repeated_request_gets_the_same_octets_and_nothing_is_done_twice(mode):
    image = DictImage()
    port, request = datagrams(image=image), message(ENGINEERS, WRITE_6, mode=mode)
    answers = []
    for now in (0.0, 1.0, 119.0):
        port.receive_data(request, now)
        answers.append(sent(port))
    assert answers[0] == answers[1] == answers[2]
    assert heard(answers[0][0]).services == [b"\x00", b"\x00"]
    assert len(image.written) == 1


def test_after_two_minutes_it_is_new_in_the_clear_and_a_replay_otherwise():
    port = datagrams()
    for now in (0.0, 121.0):
        assert talk(READ_3, port=port, now=now) == [TABLE_3]
    assert talk(READ_3, port=port, now=200.0, mode=SecurityMode.ENCRYPTED) == [TABLE_3]
    assert talk(READ_3, port=port, now=321.0, mode=SecurityMode.ENCRYPTED) is None


def test_what_was_met_with_silence_stays_so():
    port = datagrams()
    for _ in range(2):
        assert asked(port, SESSION_FIRST) is None


def test_what_is_remembered_is_bounded():
    image = DictImage()
    port = datagrams(image=image)
    for a8 in range(40):
        assert talk(ENGINEERS, WRITE_6, port=port, a8=a8)
    assert len(image.written) == 40
    # The last are known still, the first is not.
    talk(ENGINEERS, WRITE_6, port=port, a8=39)
    assert len(image.written) == 40
    talk(ENGINEERS, WRITE_6, port=port, a8=0)
    assert len(image.written) == 41


@pytest.mark.parametrize("size", [100, 548, 1232])
def test_a_large_answer_comes_in_segments(size):
    port = NetworkPort(node(), datagram=True, largest_datagram=size)
    port.receive_data(message(READ_64, READ_3, mode=SecurityMode.ENCRYPTED), 0.0)
    pieces = sent(port)
    assert max(map(len, pieces)) <= size
    whole = joined(pieces) if len(pieces) > 1 else pieces[0]
    assert heard(whole).services == [TABLE_64, TABLE_3]
    # protocol.md 6: titles and id of a segment are those of the message.
    first = APDU.decode(pieces[0])
    assert (first.called_ap_title, first.calling_ap_title) == (CLIENT, METER)


def test_a_request_in_segments_that_come_twice():
    image = DictImage()
    port = datagrams(image=image)
    pieces = segments(message(ENGINEERS, WRITE_6), 70)
    answers = []
    for _ in range(2):
        for piece in reversed(pieces):
            port.receive_data(piece, 0.0)
        answers.append(sent(port))
    assert answers[0] == answers[1] != []
    assert len(image.written) == 1


@pytest.mark.parametrize("octets", [b"\x00", b"\x60", message(READ_3)[:-1], b"GET / HTTP/1.1"])
def test_a_datagram_that_is_no_message(octets):
    counting = node()
    port = NetworkPort(counting, datagram=True)
    port.receive_data(octets, 0.0)
    assert counting.counts.malformed == 1
    assert not port.closed
    assert talk(READ_3, port=port) == [TABLE_3]


def test_a_title_that_leaves_no_room_for_segments():
    long = ApTitle.parse("." + ".".join(["1"] * 120))
    port = NetworkPort(node(), datagram=True, largest_datagram=100)
    assert talk(READ_64, port=port, calling=long) is None


# -- Time ------------------------------------------------------------------------------------------------------------


def test_a_delay_before_each_answer():
    faults = Faults(delay=2.0)
    port = NetworkPort(node(device_faults=faults))
    port.receive_data(message(READ_3, a8=1), 10.0)
    port.receive_data(message("22", a8=2), 11.0)
    assert (sent(port), port.deadline, port.closed) == ([], 12.0, False)
    port.handle_timeout(12.0)
    assert [heard(octets).ids[0] for octets in sent(port)] == [1]
    assert (port.deadline, port.closed) == (13.0, False)
    port.handle_timeout(20.0)
    assert [heard(octets).ids[0] for octets in sent(port)] == [2]
    assert (port.deadline, port.closed) == (None, True)


# -- Of its own accord -----------------------------------------------------------------------------------------------


def test_a_notification_goes_out_between_answers():
    sending = node()
    port = NetworkPort(sending)
    notification = sending.unsolicited([bytes.fromhex(WRITE_6)], CLIENT, 0.0)
    port.send(notification)
    assert sent(port) == [notification]


def test_a_large_notification_goes_out_in_segments():
    sending = node()
    port = NetworkPort(sending, datagram=True, largest_datagram=200)
    write = bytes.fromhex("40 0040 03E8") + ST_64 + b"\xac"
    notification = sending.unsolicited([write], CLIENT, 0.0)
    port.send(notification)
    assert joined(sent(port)) == notification
