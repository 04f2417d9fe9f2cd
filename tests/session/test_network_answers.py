"""C12.22: what is taken for an answer and what is not; which of several services it answers."""

import pytest
from network_by_hand import CLIENT, KEY, METER, message, services
from scripted import table_data
from scripted_network import NetworkMeter, network_meter, ring, security
from waiting_channel import (
    ANSWER,
    AUTHENTICATED,
    CLEAR,
    DATA,
    EACH_MODE,
    ENCRYPTED,
    READ_1,
    WHO,
    asking,
    is_taken,
    reply,
)

from c1222.errors import RemoteProtocolError, SecurityError, ServiceError
from c1222.message.epsem import decode_body
from c1222.psem.blocks import blocks
from c1222.psem.requests import request
from c1222.session.channels.channel import Answered, Failed, Unasked

# -- What is an answer -------------------------------------------------------------------------------------------------


@EACH_MODE
@pytest.mark.parametrize("is_datagram", [True, False])
def test_an_answer(mode, is_datagram):
    channel = asking(mode, is_datagram=is_datagram)
    assert is_taken(channel, reply(mode))
    assert channel.deadline is None
    assert channel.strays == channel.refused == 0


@EACH_MODE
def test_an_answer_in_any_pieces(mode):
    octets = reply(mode)
    for cut_at in range(1, len(octets)):
        assert is_taken(asking(mode, is_datagram=False), octets[:cut_at], octets[cut_at:])


def test_the_control_bits_of_an_answer_do_not_matter():
    """An Itron device answers with 82 (protocol.md 12)."""
    assert is_taken(asking(), message(ANSWER, control=0x82, a2=CLIENT, a4=3, a6=METER, a8=9))


@EACH_MODE
def test_titles_may_be_written_absolute_or_left_out(mode):
    root = bytes.fromhex("607C86F754011600")
    written = {"a2": b"\x06\x0a" + root + CLIENT[2:], "a6": b"\x06\x0b" + root + METER[2:]}
    assert is_taken(asking(mode), reply(mode, **written))
    assert is_taken(asking(mode), reply(mode, a6=None))
    assert is_taken(asking(CLEAR), reply(CLEAR, a2=None, a6=None))


OTHERS = {
    "another-id": {"a4": 4},
    "to-another": {"a2": bytes.fromhex("80 02 7B05")},
    "from-another": {"a6": bytes.fromhex("80 03 7BC174")},
}


@EACH_MODE
@pytest.mark.parametrize("changed", OTHERS.values(), ids=OTHERS)
def test_answers_that_are_not_ours(mode, changed):
    """Over datagrams they are dropped, and ours is taken when it comes."""
    channel = asking(mode)
    assert not is_taken(channel, reply(mode, **changed))
    assert channel.strays + channel.refused == 1
    assert is_taken(channel, reply(mode))


@pytest.mark.parametrize("changed", [OTHERS["to-another"], OTHERS["from-another"]])
def test_other_titles_end_the_exchange_on_a_connection(changed):
    channel = asking(is_datagram=False)
    channel.receive_data(reply(**changed), 1.0)
    event = channel.next_event()
    assert isinstance(event.error, RemoteProtocolError)
    assert "an answer" in str(event.error)


def test_the_id_of_another_message_is_passed_over_on_a_connection():
    channel = asking(is_datagram=False)
    assert is_taken(channel, reply(a4=2), reply(a4=4), reply())
    assert channel.strays == 2


def test_an_answer_that_comes_twice():
    channel = asking()
    assert is_taken(channel, reply())
    assert not is_taken(channel, reply())
    assert channel.strays == 1


@pytest.mark.parametrize(("ours", "theirs"), [(AUTHENTICATED, CLEAR), (ENCRYPTED, CLEAR), (ENCRYPTED, AUTHENTICATED)])
def test_an_answer_of_less_security_is_refused(ours, theirs):
    assert not is_taken(asking(ours), reply(theirs))
    channel = asking(ours, is_datagram=False)
    channel.receive_data(reply(theirs), 1.0)
    error = channel.next_event().error
    assert isinstance(error, SecurityError)
    assert error.reason == "downgrade"


def test_an_answer_of_more_security_is_taken():
    assert is_taken(asking(AUTHENTICATED), reply(ENCRYPTED))
    assert is_taken(asking(CLEAR), reply(ENCRYPTED))


@pytest.mark.parametrize("mode", [AUTHENTICATED, ENCRYPTED])
def test_another_key_of_the_ring_does_not_speak_for_this_meter(mode):
    """Who holds key 7 could otherwise answer for the meter that was asked with key 2."""
    keys = ring()
    other = bytes(range(16))
    keys.add(7, next(iter(ring(7, other).candidates(7))))
    forged = message(ANSWER, control=0x80 | mode << 2, key=other, key_id=7, a2=CLIENT, a4=3, a6=METER, a8=9)
    channel = asking(mode, ring=keys)
    assert not is_taken(channel, forged)
    assert is_taken(channel, reply(mode))


@pytest.mark.parametrize("mode", [AUTHENTICATED, ENCRYPTED])
def test_any_bit_of_a_secured_answer_flipped(mode):
    octets = reply(mode)
    for bit in range(8 * len(octets)):
        flipped = bytearray(octets)
        flipped[bit // 8] ^= 1 << bit % 8
        channel = asking(mode)
        channel.receive_data(bytes(flipped), 1.0)
        event = channel.next_event()
        assert not isinstance(event, Answered | Failed), f"bit {bit}"
        assert is_taken(channel, octets)


def test_a_wrong_key_is_told_on_a_connection():
    channel = asking(ENCRYPTED, is_datagram=False)
    channel.receive_data(reply(ENCRYPTED, key=bytes(16)), 1.0)
    error = channel.next_event().error
    assert isinstance(error, SecurityError)
    assert error.reason == "bad-mac"


def test_octets_that_are_no_apdu_end_the_connection():
    channel = asking(is_datagram=False)
    channel.receive_data(b"HTTP/1.1 400", 1.0)
    error = channel.next_event().error
    assert isinstance(error, RemoteProtocolError)
    assert "begins with 60, not with 48" in str(error)
    assert not channel.alive


# -- More, fewer, other answers than services --------------------------------------------------------------------------

WRITE = request("full_write", table=5, blocks=blocks(b"x"))
SECURITY = security(WHO)


def responses(requests, *answers, lead=None):
    channel = asking(requests=requests, lead=lead, is_datagram=False)
    channel.receive_data(reply(text=services(*answers)), 1.0)
    event = channel.next_event()
    if isinstance(event, Failed):
        raise event.error
    return [None if answer is None else answer.code for answer in event.responses]


@pytest.mark.parametrize("said", [(b"\x00",), ()], ids=["answered", "not-answered"])
def test_security_with_and_without_an_answer(said):
    assert responses([READ_1], *said, DATA, lead=SECURITY) == [0]
    assert responses([READ_1, READ_1], *said, DATA, DATA, lead=SECURITY) == [0, 0]
    assert responses([READ_1], *said, b"\x05", lead=SECURITY) == [5]
    assert responses([WRITE], *said, b"\x00", lead=SECURITY) == [0]


def test_security_refused():
    for answers in ((b"\x01", b"\x03"), (b"\x01", b"\x03", b"\x03")):
        with pytest.raises(ServiceError, match=r"security was refused with err .*--password"):
            responses([READ_1] * (len(answers) - 1), *answers, lead=SECURITY)


def test_one_refusal_for_security_and_two_reads():
    with pytest.raises(ServiceError, match="security was refused"):
        responses([READ_1, READ_1], b"\x03", lead=SECURITY)


def test_fewer_answers_than_services():
    """An Itron device whose answer is full says err and then nothing (protocol.md 3)."""
    assert responses([READ_1] * 4, DATA, b"\x01") == [0, 1, None, None]
    assert responses([READ_1] * 2) == [None, None]
    assert responses([READ_1, READ_1], b"\x00", DATA, lead=SECURITY) == [0, None]


def test_more_answers_than_services():
    with pytest.raises(RemoteProtocolError, match="2 answers to 1 services"):
        responses([READ_1], DATA, DATA)


def test_a_message_without_an_answer_to_the_only_service():
    side = NetworkMeter(lambda asked: b"")
    with pytest.raises(RemoteProtocolError, match="has no answer to full_read ST-1"):
        network_meter(side).ask(READ_1)


# -- Messages that nobody asked for ------------------------------------------------------------------------------------

TOLD = services(bytes.fromhex("40 0003") + table_data(b"\x01"))


@EACH_MODE
@pytest.mark.parametrize("is_datagram", [True, False])
def test_a_notification_is_kept_and_the_answer_is_waited_for(mode, is_datagram):
    channel = asking(mode, is_datagram=is_datagram)
    note = message(b"TEST" + TOLD, control=0x92 | mode << 2, key=KEY, a2=CLIENT, a6=METER, a7=4, a8=77)
    channel.receive_data(note, 0.5)
    event = channel.next_event()
    assert isinstance(event, Unasked)
    assert event.apdu.calling_ap_invocation_id == 77
    assert decode_body(event.text, event.control).services == [bytes.fromhex("40 0003 0001 01 FF")]
    assert is_taken(channel, reply(mode))


@pytest.mark.parametrize("is_datagram", [True, False])
def test_a_notification_that_cannot_be_opened_does_not_end_the_exchange(is_datagram):
    channel = asking(ENCRYPTED, is_datagram=is_datagram)
    strange = message(b"TEST" + TOLD, control=0x9A, key=bytes(16), key_id=9, a2=CLIENT, a6=METER, a8=77)
    assert is_taken(channel, strange, reply(ENCRYPTED))
    assert channel.refused == 1


def test_notifications_are_found_at_the_meter():
    note = message(b"TEST" + TOLD, control=0x92, a2=CLIENT, a6=METER, a7=4, a8=77)
    side = NetworkMeter(lambda asked: DATA, change=lambda answer: [note, answer, note])
    meter = network_meter(side)
    assert meter.ask(READ_1).code == 0
    assert meter.ask(READ_1).code == 0
    assert len(meter.unasked) == 3  # the last one is behind the second answer, where nobody reads
    assert meter.unasked == []
