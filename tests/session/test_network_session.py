"""C12.22: messages octet by octet, what is taken for an answer and what is not, sessions and messages without one."""

import pytest
from meters_by_rule import Reads
from network_by_hand import CLIENT, KEY, METER, Opened, cut, message, services
from scripted import FAST, table_data
from scripted_network import WALL, NetworkMeter, network_meter, options, ring, security
from tables_by_hand import full_read, table_0

from c1222.errors import LinkTimeout, LocalProtocolError, RemoteProtocolError, SecurityError, ServiceError
from c1222.message.epsem import SecurityMode, decode_body
from c1222.psem.blocks import blocks
from c1222.psem.requests import request
from c1222.security.keys import KeyRing
from c1222.session.channel import Answered, Failed, Unasked
from c1222.session.network import NetworkChannel
from c1222.session.nonces import Nonces
from c1222.session.reading import Room, read_whole
from c1222.session.settings import Credentials, NetworkOptions
from c1222.titles import ApTitle

CLEAR, AUTHENTICATED, ENCRYPTED = SecurityMode.CLEAR, SecurityMode.AUTHENTICATED, SecurityMode.ENCRYPTED
EACH_MODE = pytest.mark.parametrize("mode", [CLEAR, AUTHENTICATED, ENCRYPTED], ids=lambda mode: mode.name.lower())
READ_1 = request("full_read", table=1)
TABLE_1 = b"EE  A3R     " + bytes.fromhex("02 00 03 06") + b"        12345678"


class Given:
    """Ids and ivs that a test gives."""

    def __init__(self, number, iv=b""):
        self._id, self._iv = number, iv

    def next_id(self):
        self._id += 1
        return self._id - 1

    def next_iv(self):
        return self._iv


def channel_of(asked=None, *, is_datagram=False, lead=None, nonces=None):
    return NetworkChannel(
        asked or options(), is_datagram=is_datagram, wall=lambda: WALL, lead=lead, nonces=nonces or Given(3)
    )


# -- What is sent ------------------------------------------------------------------------------------------------------

WHO = Credentials(user_id=2, password=b"PASSWORD")
READ_SN = request("offset_read", table=1, offset=16, octet_count=16)
EXAMPLE_8 = bytes.fromhex(
    "60 4F A2 05 80 03 7B C1 75 A6 04 80 02 7B 04 A8 03 02 01 03 AC 0F A2 0D A0 0B A1 09 80 01 02 81 04 48 F3 D0 61"
    "BE 2A 28 28 81 26 88 41 D1 0C DA 76 20 68 11 B3 6F 78 14 89 A1 19 97 77 3E 11 7C B0 7A A3 AA 40 37 4A 71 07 C5"
    "0D A7 F7 99 C5 D4 E8"
)
EXAMPLE_8_ANSWER = bytes.fromhex(
    "60 48 A2 04 80 02 7B 04 A4 03 02 01 03 A6 05 80 03 7B C1 75 A8 03 02 01 03 AC 0F A2 0D A0 0B A1 09 80 01 02 81"
    "04 48 F3 D0 60 BE 1E 28 1C 81 1A 88 4B AE E4 34 96 31 AB 5E 56 A0 E6 E0 E9 0D FA D5 58 59 1E E4 EA 33 4C B2 68"
)


def example_8():
    """A channel that has sent the request of the published example (protocol.md 8.9)."""
    # Ids of one octet are 1 to 7F: one behind 1 + 1 is 3.
    nonces = Nonces(1, lambda: 0x48F3D061, lambda below: 1)
    channel = channel_of(options(ENCRYPTED), lead=security(WHO), nonces=nonces)
    channel.ask([READ_SN], now=0.0)
    return channel


def test_example_8():
    assert b"".join(example_8().data_to_send()).hex(" ") == EXAMPLE_8.hex(" ")


def test_example_8_is_answered():
    """One answer to two services: Security has none (protocol.md 8.10)."""
    channel = example_8()
    channel.receive_data(EXAMPLE_8_ANSWER, 1.0)
    (answer,) = channel.next_event().responses
    assert answer.data.blocks[0].data == b"MANUFACTURER SN "


KEY_B = bytes.fromhex("6624C7E23034E4036FE5CB3A8B5DAB44")
METER_B = bytes.fromhex("06 0F 2B060104018285638E7F85F1C24E00")
CLIENT_B = bytes.fromhex("06 08 2B06010401828563")
IV_B = bytes.fromhex("4C97F489")
TITLES_B = {
    "called": ApTitle.parse("1.3.6.1.4.1.33507.1919.12345678.0"),
    "calling": ApTitle.parse("1.3.6.1.4.1.33507"),
    "ring": ring(0, KEY_B),
    "key_id": 0,
}
IPV4 = bytes.fromhex(
    "60 47 A2 11 06 0F 2B060104018285638E7F85F1C24E00 A6 0A 06 08 2B06010401828563 A8 06 02 04 13E81421"
    "AC 0F A2 0D A0 0B A1 09 80 01 00 81 04 4C97F489 BE 0D 28 0B 81 09 88 65F1E271 A71F7F27"
)


def ipv4():
    """A channel that has sent the request of 8.11."""
    # Ids of four octets begin at 01000000; the first is the one behind the one that was drawn.
    nonces = Nonces(4, lambda: 0x4C97F489, lambda below: 0x13E81421 - 0x01000000 - 1)
    channel = channel_of(options(ENCRYPTED, **TITLES_B), nonces=nonces)
    channel.ask([READ_1], now=0.0)
    return channel


def test_the_request_of_the_ipv4_capture():
    assert b"".join(ipv4().data_to_send()).hex(" ") == IPV4.hex(" ")


def test_the_answer_of_the_ipv4_capture():
    text = bytes.fromhex("24 00 0020") + TABLE_1 + b"\x21"
    answer = message(
        text, control=0x88, key=KEY_B, key_id=0, iv=IV_B, a2=CLIENT_B, a4=0x13E81421, a6=METER_B, a8=0x2C
    )
    # What 8.11 tells of the captured octets: their number and the MAC.
    assert (len(answer), answer[-4:].hex()) == (111, "38a2d998")
    channel = ipv4()
    channel.receive_data(answer, 1.0)
    assert channel.next_event().responses[0].data.blocks[0].data == TABLE_1


ASKED = "A2 11 06 0F 2B060104018285638E7F85F1C24E00 A6 0A 06 08 2B06010401828563 A8 06 02 04 13E81421"


@pytest.mark.parametrize(
    ("asked", "octets"),
    [
        (request("identify"), f"60 30 {ASKED} BE 07 28 05 81 03 80 01 20"),
        (
            request("logon", user_id=0x1234, user="helloworld", idle_timeout=0),
            f"60 3E {ASKED} BE 15 28 13 81 11 80 0F 50 1234 68656C6C6F776F726C64 0000",
        ),
        (
            request("index_read_1", table=0, indices=[0], element_count=1),
            f"60 36 {ASKED} BE 0D 28 0B 81 09 80 07 31 0000 0000 0001",
        ),
        (
            request("security", password=bytes(8) + b"password1234", user_id=None),
            f"60 44 {ASKED} BE 1B 28 19 81 17 80 15 51 0000000000000000 70617373776F726431323334",
        ),
    ],
    ids=["8.5-identify", "8.6-logon", "8.7-index-read", "8.12-security"],
)
def test_messages_in_the_clear(asked, octets):
    channel = channel_of(options(**TITLES_B), nonces=Given(0x13E81421))
    channel.ask([asked], now=0.0)
    assert b"".join(channel.data_to_send()).hex(" ") == bytes.fromhex(octets).hex(" ")


def test_mode_1_without_titles():
    """protocol.md 8.14: what another client sent, under a key of zeros."""
    who = Credentials(password=b"0" * 20)
    asked = options(AUTHENTICATED, called=None, calling=None, ring=ring(0, bytes(16)), key_id=0)
    nonces = Given(0xA24369A5, bytes.fromhex("6B02F814"))
    channel = channel_of(asked, lead=security(who), nonces=nonces)
    channel.ask([READ_1, request("full_read", table=5)], now=0.0)
    expected = (
        "6044 A8060204A24369A5 AC0FA20DA00BA10980010081046B02F814 BE2928278125 84"
        f"17 51 {'30' * 20} 0000 03 300001 03 300005 5D970AF7"
    )
    assert b"".join(channel.data_to_send()).hex() == bytes.fromhex(expected).hex()


def test_one_way():
    channel = channel_of()
    channel.tell([request("full_write", table=5, blocks=blocks(b"x"))])
    (sent,) = channel.data_to_send()
    opened = Opened(sent, KEY)
    assert opened.control == 0x82  # protocol.md 3: one-way
    assert opened.services == [bytes.fromhex("40 0005 0001 78 88")]  # 78 + 88 = 100
    assert channel.deadline is None


def test_a_message_that_is_told_meanwhile_is_not_repeated():
    write = request("full_write", table=5, blocks=blocks(b"x"))
    channel = channel_of(is_datagram=True)
    channel.ask([write], now=0.0)
    asked = channel.data_to_send()
    channel.tell([request("wait", seconds=1)])
    channel.data_to_send()
    channel.handle_timeout(2.5)
    assert channel.data_to_send() == asked


@pytest.mark.parametrize("octets", [2, 3, 4])
def test_the_width_of_an_id(octets):
    side = NetworkMeter(lambda asked: b"\x00")
    meter = network_meter(side, options(id_octets=octets))
    for _ in range(3):
        meter.wait(1)
    for sent in side.requests:
        at = sent.index(bytes([0xA8, octets + 2, 0x02, octets])) + 4
        assert 0 < sent[at] < 0x80  # protocol.md 4.2: every reader takes it for the same number


def test_an_ed_class_goes_first():
    channel = channel_of(options(ed_class=b"TEST"))
    channel.ask([READ_1], now=0.0)
    (sent,) = channel.data_to_send()
    assert sent.endswith(bytes.fromhex("81 09 90 54455354 03 30 0001"))


def test_no_key():
    channel = channel_of(options(ENCRYPTED, ring=ring(5)))
    with pytest.raises(SecurityError, match=r"no key for key id 2 was given \(have 5\)") as info:
        channel.ask([READ_1], now=0.0)
    assert info.value.reason == "no-key"
    assert channel.data_to_send() == []
    with pytest.raises(SecurityError, match="have none"):
        channel_of(options(ENCRYPTED, ring=KeyRing())).ask([READ_1], now=0.0)


def test_a_message_that_is_larger_than_the_limit():
    channel = channel_of(options(max_message=500))
    with pytest.raises(LocalProtocolError, match="the limit is 500"):
        channel.ask([request("full_write", table=5, blocks=blocks(bytes(500)))], now=0.0)
    channel.ask([READ_1], now=0.0)


def test_one_message_at_a_time():
    channel = channel_of()
    channel.ask([READ_1], now=0.0)
    with pytest.raises(LocalProtocolError, match="not answered yet"):
        channel.ask([READ_1], now=0.0)


def test_options_that_cannot_be():
    for wrong in ({"id_octets": 1}, {"retries": -1}, {"services": 0}, {"key_id": 256}, {"timeout": 0}, {"ed_class": b"x"}):
        with pytest.raises(LocalProtocolError):
            NetworkOptions(**wrong)


# -- What is an answer -------------------------------------------------------------------------------------------------

ANSWER = services(b"\x00" + table_data(b"right"))


def asking(mode=CLEAR, *, is_datagram=True, lead=None, requests=(READ_1,), **more):
    """A channel that waits for the answer to message 3."""
    channel = channel_of(options(mode, **more), is_datagram=is_datagram, lead=lead, nonces=Given(3, bytes(4)))
    channel.ask(requests, now=0.0)
    channel.data_to_send()
    return channel


def reply(mode=CLEAR, text=ANSWER, **changed):
    elements = {"a2": CLIENT, "a4": 3, "a6": METER, "a8": 9, "key": KEY} | changed
    return message(text, control=0x80 | mode << 2, **elements)


def is_taken(channel, *octets):
    for each in octets:
        channel.receive_data(each, 1.0)
    event = channel.next_event()
    if event is None or isinstance(event, Failed):
        return False
    assert isinstance(event, Answered)
    assert event.responses[0].data.blocks[0].data == b"right"
    return True


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


@pytest.mark.parametrize(
    ("ours", "theirs"), [(AUTHENTICATED, CLEAR), (ENCRYPTED, CLEAR), (ENCRYPTED, AUTHENTICATED)]
)
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
DATA = b"\x00" + table_data(b"right")
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


# -- Segments ----------------------------------------------------------------------------------------------------------


@EACH_MODE
@pytest.mark.parametrize("order", [1, -1])
def test_an_answer_in_segments(mode, order):
    pieces = cut(reply(mode), 20)
    assert len(pieces) > 2
    assert is_taken(asking(mode), *pieces[::order])


@EACH_MODE
@pytest.mark.parametrize("is_datagram", [True, False])
def test_segments_both_ways(mode, is_datagram):
    side = NetworkMeter(Reads({5: bytes(range(256)) * 4}), datagram=is_datagram, segment=100)
    meter = network_meter(side, options(mode, segment=150 if is_datagram else None))
    written = b"\x40\x00\x07" + table_data(bytes(400))
    side.rule, reads = lambda asked: b"\x00" if asked == written else reads(asked), side.rule
    assert meter.ask(request("full_read", table=5)).data.blocks[0].data == bytes(range(256)) * 4
    assert meter.ask(request("full_write", table=7, blocks=blocks(bytes(400)))).code == 0
    assert side.heard[-1] == [written]


# -- Nobody answers ----------------------------------------------------------------------------------------------------


def silence(**more):
    side = NetworkMeter(lambda asked: DATA, datagram=True, change=more.pop("change", lambda answer: []))
    meter = network_meter(side, options(**more))
    with pytest.raises(LinkTimeout) as info:
        meter.ask(READ_1)
    return str(info.value), meter._transport.clock(), side


def test_silence_in_the_clear():
    words, seconds, side = silence()
    assert words == "full_read ST-1: no answer from .123.8437 in 10 s, asked 4 times"
    assert seconds == 10.0
    assert len(side.requests) == 4


def test_silence_without_a_title():
    words, _, _ = silence(called=None)
    assert words.endswith("some meters want to be called by their ApTitle (called=)")


def test_silence_where_the_key_may_be_wrong():
    words, _, _ = silence(mode=ENCRYPTED)
    assert words.endswith("a meter is also silent when the key is wrong or its clock is far from ours")


def test_silence_but_for_what_was_refused():
    def spoil(answer):
        return [answer[:-1] + bytes([answer[-1] ^ 1])]

    words, _, _ = silence(mode=AUTHENTICATED, change=spoil, retries=1)
    assert "asked 2 times; 2 messages came that were not secure or not whole" in words


def test_on_a_connection_nothing_is_sent_again():
    side = NetworkMeter(lambda asked: DATA, change=lambda answer: [])
    with pytest.raises(LinkTimeout, match=r"in 3 s$"):
        network_meter(side, options(timeout=3.0)).ask(READ_1)
    assert len(side.requests) == 1


# -- A session ---------------------------------------------------------------------------------------------------------

LOGON = bytes.fromhex("50 0002 20202020202020202020 003C")
PASSWORD = b"\x51" + b"PASSWORD" + b" " * 12


def session_meter(answers, **more):
    rules = {LOGON: b"\x00\x00\x1e", PASSWORD: b"\x00", b"\x52": b"\x00"} | answers
    return NetworkMeter(lambda asked: rules.get(asked, DATA), **more)


@EACH_MODE
def test_a_session(mode):
    side = session_meter({})
    with network_meter(side, options(mode, session=True), WHO).open() as meter:
        assert meter.ask(READ_1).data.blocks[0].data == b"right"
    # Security without a user id in a session (protocol.md 12), no Security in front of the read.
    assert side.heard == [[LOGON], [PASSWORD], [b"\x30\x00\x01"], [b"\x52"]]


def test_a_session_without_a_password():
    side = session_meter({})
    with network_meter(side, options(session=True), Credentials(user_id=2)).open():
        pass
    assert side.heard == [[LOGON], [b"\x52"]]


def test_security_refused_in_a_session_still_logs_off():
    side = session_meter({PASSWORD: b"\x03"})
    with pytest.raises(ServiceError, match="security was refused with isc"):
        with network_meter(side, options(session=True), WHO) as meter:
            meter.open()
    assert side.heard[-1] == [b"\x52"]


def test_nobody_there_to_log_off():
    side = session_meter({})
    meter = network_meter(side, options(session=True), WHO).open()
    side.change = lambda answer: []
    with pytest.raises(LinkTimeout):
        meter.ask(READ_1)
    before = len(side.requests)
    meter.close()
    assert len(side.requests) == before


def test_without_a_session_nothing_opens_or_closes():
    side = session_meter({})
    with network_meter(side, options(), WHO).open() as meter:
        meter.ask(READ_1)
    assert [[one[0] for one in message] for message in side.heard] == [[0x51, 0x30]]
    assert side.heard[0][0] == PASSWORD + b"\x00\x02"  # 22 octets: the user id goes with it


# -- Tables ------------------------------------------------------------------------------------------------------------


@EACH_MODE
@pytest.mark.parametrize("datagram", [True, False])
def test_a_table_that_does_not_fit_an_answer(mode, datagram):
    table = bytes(range(256)) * 20
    side = NetworkMeter(Reads({64: table}, room=600, too_large=b"\x10\x00\x00\x02\x80"), datagram=datagram)
    assert network_meter(side, options(mode)).read_octets(64, 0) == table


def test_a_table_larger_than_a_message_may_be():
    """The largest message that is taken: 64 KiB. The table's size is known, so nobody asks for all of it at once."""
    table = bytes(range(256)) * 280
    rule = Reads({64: table})
    meter = network_meter(NetworkMeter(rule))
    found = meter.run(read_whole(64, len(table), Room(meter.client.channel), FAST))
    assert found == table
    assert None not in rule.heard


SMALL_TABLES = {0: table_0(0, 1, 3, 5), 1: TABLE_1, 3: bytes(5), 5: b"12345678901234567890"}


@pytest.mark.parametrize(
    "wrong",
    [b"\x05", b"\x06", b"", b"\x00" + table_data(b"cut"), b"\x00\x00\x01\x01\x01"],
    ids=["iar", "bsy", "missing", "cut", "checksum"],
)
def test_several_tables_in_one_message(wrong):
    """What is not right in an answer to several services is read again by itself."""
    reads, spoilt = Reads(SMALL_TABLES), []

    def rule(asked):
        if asked == full_read(5) and not spoilt:
            spoilt.append(asked)
            return wrong
        return reads(asked)

    side = NetworkMeter(rule)
    found = network_meter(side).read_many([1, 3, 5])
    assert [one.octets for one in found] == [SMALL_TABLES[1], SMALL_TABLES[3], SMALL_TABLES[5]]
    assert side.heard == [[full_read(0)], [full_read(1), full_read(3), full_read(5)], [full_read(5)]]


def test_no_more_services_in_a_message_than_wanted():
    side = NetworkMeter(Reads(SMALL_TABLES))
    network_meter(side, options(services=2)).read_many([1, 3, 5])
    assert [len(message) for message in side.heard] == [1, 2, 1]
