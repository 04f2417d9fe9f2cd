"""A head-end's ear: messages out of whatever comes, and nothing that comes can hold it up."""

import math

import pytest

from c1222.session.head_end.ear import IDLE, LARGEST_DATAGRAM, Ear

METER = "06 0F 2B 06 01 04 01 82 85 63 8E 7F 85 F1 C2 4E 00"
HOST = "06 08 2B 06 01 04 01 82 85 63"
# Register of a synthetic capture (c1222_reg_service_tcp.pcap, protocol reference 8.8).
REGISTER = bytes.fromhex(
    f"60 5B  A2 11 {METER}  A6 0A {HOST}  A8 06 02 04 13 E8 14 21  BE 32 28 30 81 2E  80  2C 27 FD EF 01 82 85 63"
    f" {HOST} {HOST}  08 66 69 7A 7A 62 75 7A 7A  01 02 03  04 62 65 65 66"
)


class Said:
    """Answers each message with the same octets, and keeps who asked."""

    def __init__(self, octets):
        self.octets = octets
        self.asked = []

    def answer(self, octets, peer, now):
        self.asked.append((octets, peer, now))
        return self.octets


class Notes:
    """What an ear tells."""

    def __init__(self, **options):
        self.heard = []
        self.odd = []
        self.ear = Ear(lambda octets, answer: self.heard.append((octets, answer)), self.odd.append, **options)


def test_the_register_message_has_the_length_that_it_says():
    assert len(REGISTER) == 93


@pytest.mark.parametrize("cut", range(1, len(REGISTER)))
def test_a_message_in_two_pieces(cut):
    notes = Notes()
    notes.ear.receive_data(REGISTER[:cut], 0.0)
    assert notes.heard == []
    notes.ear.receive_data(REGISTER[cut:], 0.0)
    assert notes.heard == [(REGISTER, None)]
    assert notes.ear.data_to_send() == []


def test_several_messages_in_one_piece_and_the_beginning_of_another():
    notes = Notes()
    notes.ear.receive_data(REGISTER * 3 + REGISTER[:5], 0.0)
    assert [octets for octets, _ in notes.heard] == [REGISTER] * 3
    assert not notes.ear.closed


BAD = [
    #            what comes                             what is said
    pytest.param(b"GET / HTTP/1.1\r\n", "begins with 60, not with 47", id="another-protocol"),
    pytest.param(bytes.fromhex("60 80"), "length", id="indefinite-length"),
    pytest.param(bytes.fromhex("60 84 7F FF FF FF"), "", id="a-length-of-gigabytes"),
    pytest.param(bytes.fromhex("60 83 01 00 00"), "65541 octets", id="too-large"),
]


@pytest.mark.parametrize(("octets", "words"), BAD)
def test_octets_that_cannot_be_a_message_end_the_connection(octets, words):
    notes = Notes()
    notes.ear.receive_data(REGISTER + octets, 0.0)
    assert [heard for heard, _ in notes.heard] == [REGISTER]
    assert len(notes.odd) == 1
    assert words in notes.odd[0]
    assert notes.ear.closed
    notes.ear.receive_data(REGISTER, 0.0)
    assert len(notes.heard) == 1


def test_silence_ends_a_connection_counted_from_its_beginning():
    ear = Notes().ear
    assert ear.deadline == -math.inf  # it wants to know the time
    ear.handle_timeout(100.0)
    assert ear.deadline == 100.0 + IDLE
    ear.handle_timeout(100.0 + IDLE - 1)
    assert not ear.closed
    ear.handle_timeout(100.0 + IDLE)
    assert ear.closed


def test_each_octet_that_comes_gives_new_time():
    ear = Notes(idle=10.0).ear
    ear.handle_timeout(0.0)
    ear.receive_data(REGISTER[:1], 9.0)
    assert ear.deadline == 19.0
    ear.handle_timeout(18.0)
    assert not ear.closed


def test_a_datagram_is_a_message_whatever_it_holds():
    notes = Notes(is_datagram=True)
    assert notes.ear.deadline is None
    for datagram in (REGISTER, b"xx", REGISTER[:9]):
        notes.ear.receive_data(datagram, 0.0)
    assert [octets for octets, _ in notes.heard] == [REGISTER, b"xx", REGISTER[:9]]
    assert notes.odd == []
    assert not notes.ear.closed


@pytest.mark.parametrize("is_datagram", [False, True])
def test_an_answer_is_sent_and_told(is_datagram):
    said = Said(b"answer")
    notes = Notes(answerer=said, peer="192.0.2.7:50000", is_datagram=is_datagram)
    notes.ear.receive_data(REGISTER, 5.0)
    assert notes.heard == [(REGISTER, b"answer")]
    assert notes.ear.data_to_send() == [b"answer"]
    assert notes.ear.data_to_send() == []
    assert said.asked == [(REGISTER, "192.0.2.7:50000", 5.0)]


def test_an_answer_too_large_for_a_datagram_goes_in_segments():
    # 60 82 05 06: an APDU of 1290 octets, A8 02 01 01, BE 82 04 FC, 28 82 04 F8, 81 82 04 F4, 1268 octets.
    answer = bytes.fromhex("60 82 05 05  A8 03 02 01 01  BE 82 04 FC 28 82 04 F8 81 82 04 F4") + bytes(1268)
    notes = Notes(answerer=Said(answer), is_datagram=True)
    notes.ear.receive_data(REGISTER, 0.0)
    pieces = notes.ear.data_to_send()
    assert len(pieces) == 2
    assert all(len(piece) <= LARGEST_DATAGRAM and piece[0] == 0x60 for piece in pieces)
