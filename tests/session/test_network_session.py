"""C12.22: segments, silence, sessions and messages without one, tables."""

import pytest
from meters_by_rule import Reads
from network_by_hand import cut, services
from scripted import FAST, table_data
from scripted_network import NetworkMeter, network_meter, options
from tables_by_hand import full_read, table_0
from waiting_channel import (
    AUTHENTICATED,
    DATA,
    EACH_MODE,
    ENCRYPTED,
    READ_1,
    WHO,
    asking,
    is_taken,
    reply,
)

from c1222.errors import LinkTimeout, ServiceError
from c1222.psem.blocks import blocks
from c1222.psem.requests import request
from c1222.session.faces.meter import Meter
from c1222.session.operations.reading import Room, read_whole
from c1222.session.settings import Credentials
from c1222.transport.memory import VirtualClock

TABLE_1 = b"EE  A3R     " + bytes.fromhex("02 00 03 06") + b"        12345678"


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
    assert "asked 2 times; 2 messages came not secure or not whole" in words


def test_silence_but_for_answers_to_others():
    """A4 of another request (protocol.md 4.2), with an id that no message of ours had."""
    words, _, _ = silence(change=lambda answer: [reply(a4=0x10203)], retries=0)
    assert "1 message came in answer to nothing that we asked" in words


def test_on_a_connection_nothing_is_sent_again():
    side = NetworkMeter(lambda asked: DATA, change=lambda answer: [])
    with pytest.raises(LinkTimeout, match=r"in 3 s$"):
        network_meter(side, options(timeout=3.0)).ask(READ_1)
    assert len(side.requests) == 1


def test_an_answer_that_takes_long_to_come_in():
    """10 s are for the answer to begin, and a second more for each 100 octets of it: 4,000 octets may take 50 s."""
    octets = reply(text=services(b"\x00" + table_data(bytes(4000))))
    channel = asking(is_datagram=False)
    for at in range(0, len(octets), 110):
        now = 9.0 + at / 110
        channel.receive_data(octets[at : at + 110], now)
        channel.handle_timeout(now)
    assert channel.next_event().responses[0].data.blocks[0].data == bytes(4000)


def test_an_answer_that_stops_half_way():
    channel = asking(is_datagram=False)
    channel.receive_data(reply()[:20], 9.0)
    channel.handle_timeout(10.1)
    assert channel.next_event() is None
    # 20 octets are a fifth of a second.
    channel.handle_timeout(10.2)
    assert isinstance(channel.next_event().error, LinkTimeout)


def test_an_answer_that_drips_in():
    """An octet a second: 10 s and a hundredth for each."""
    octets, now = reply(text=services(b"\x00" + table_data(bytes(4000)))), 0.0
    channel = asking(is_datagram=False)
    while (event := channel.next_event()) is None:
        channel.receive_data(octets[int(now) : int(now) + 1], now)
        channel.handle_timeout(now)
        now += 1.0
    assert isinstance(event.error, LinkTimeout)
    assert now < 13


def test_a_peer_that_never_stops_talking_does_not_stop_the_clock():
    side = NetworkMeter(lambda asked: DATA, change=lambda answer: [reply(a4=0x10203)] * 3)
    clock = VirtualClock()

    class Chatter:
        """Answers nothing, and something comes at every tenth of a second."""

        label, is_datagram = "chatter", False

        def clock(self):
            return clock.now()

        def write(self, octets):
            side.receive_data(octets, clock.now())
            self.stray = side.data_to_send()[0]

        def read(self, timeout):
            clock.advance(min(timeout, 0.1))
            return self.stray

        def close(self):
            pass

    channel = network_meter(side, options(timeout=3.0)).client
    with pytest.raises(LinkTimeout, match="in answer to nothing that we asked"):
        Meter(Chatter(), channel).ask(READ_1)
    assert 3 <= clock.now() < 3.2


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
    meter = network_meter(side, options(session=True), WHO)
    with pytest.raises(ServiceError, match="security was refused with isc"), meter:
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
