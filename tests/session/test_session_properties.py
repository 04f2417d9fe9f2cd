"""Whatever comes, and whenever: a channel ends in an answer or a failure, a conversation in a result or an error."""

from hypothesis import given, settings
from hypothesis import strategies as st
from network_by_hand import CLIENT, KEY, METER, cut, message, services
from scripted import table_data
from scripted_network import options
from tables_by_hand import IDENTIFIED, OK, negotiated
from wire import crc, packet

from c1222.errors import C12Error
from c1222.link import LinkSettings
from c1222.message.epsem import SecurityMode
from c1222.psem.blocks import blocks
from c1222.psem.requests import request
from c1222.session.channels.channel import Answered, BaudChanged, Failed, Unasked
from c1222.session.channels.line import LineChannel
from c1222.session.channels.network import NetworkChannel
from c1222.session.client import Client
from c1222.session.conversation import Conversation
from c1222.session.settings import Credentials, LineOptions, Patience

EXAMPLES = 300
ANSWERS = st.one_of(
    st.sampled_from([OK, IDENTIFIED, negotiated(64), negotiated(9, 1), bytes.fromhex("00 0400 FF 08")]),
    st.sampled_from([bytes([code]) for code in range(1, 0x20)]),
    st.sampled_from([b"\x10\x00\x00\x02\x00", b"\x10\xff", b"\x12\x01\x02", bytes.fromhex("00 05 01 02 00")]),
    st.binary(max_size=40).map(lambda data: OK + table_data(data)),
    st.binary(min_size=1, max_size=20),
)
REQUESTS = st.sampled_from(
    [
        request("identify"),
        request("terminate"),
        request("logoff"),
        request("logon", user_id=1, user="x" * 10),
        request("security", password=b"secret".ljust(20)),
        request("negotiate_1", packet_size=512, nbr_packets=2, baud_codes=(6,)),
        request("timing_setup", traffic=1, inter_character=1, response=1, nbr_retries=1),
        request("wait", seconds=3),
        request("full_read", table=1),
        request("offset_read", table=1, offset=3, octet_count=4),
        request("index_read_2", table=1, indices=[1, 2], element_count=1),
        request("full_write", table=1, blocks=blocks(bytes(100))),
    ]
)
SECONDS = st.sampled_from([0.0, 0.01, 0.4, 0.6, 2.0, 7.0, 100.0])


@st.composite
def packets(draw):
    """Packets with a right CRC: whole messages, and parts of some."""
    octets = bytearray(packet(draw(ANSWERS), draw(st.integers(0, 1))))
    if draw(st.booleans()):
        octets[2] |= draw(st.sampled_from([0x80, 0xC0, 0x40]))
        octets[3] = draw(st.integers(0, 3))
        octets[-2:] = crc(bytes(octets[:-2]))
    return bytes(octets)


LINE_OCTETS = st.one_of(
    st.sampled_from([b"\x06", b"\x06", b"\x15", b"\xee", b"\x06\x06"]),
    packets(),
    packets().map(lambda octets: b"\x06" + octets),
    st.builds(lambda octets, at: octets[:at], packets(), st.integers(1, 12)),
    st.binary(max_size=12),
)


@st.composite
def apdus(draw):
    """Answers to the first messages, notifications, segments, and what is broken."""
    mode = draw(st.sampled_from([0, 0, 1, 2, 3]))
    text = services(*draw(st.lists(ANSWERS.filter(bool), max_size=3)))
    octets = message(
        text,
        control=0x80 | mode << 2 if mode < 3 else 0x8C,
        key=draw(st.sampled_from([KEY, KEY, bytes(16)])),
        key_id=draw(st.sampled_from([2, 2, 0])),
        a2=draw(st.sampled_from([CLIENT, CLIENT, METER, None])),
        a4=draw(st.sampled_from([3, 3, 3, 4, 5, 6, None])),
        a6=draw(st.sampled_from([METER, METER, CLIENT, None])),
        a8=9,
    )
    kind = draw(st.sampled_from(["whole", "whole", "cut", "changed", "segment"]))
    if kind == "cut":
        return octets[: draw(st.integers(1, len(octets)))]
    if kind == "changed":
        at = draw(st.integers(0, len(octets) - 1))
        return octets[:at] + bytes([draw(st.integers(0, 255))]) + octets[at + 1 :]
    return draw(st.sampled_from(cut(octets, 20))) if kind == "segment" else octets


NETWORK_OCTETS = st.one_of(apdus(), apdus(), st.binary(max_size=30))


class Count:
    """Ids from 3 on."""

    def __init__(self):
        self._id = 2

    def next_id(self):
        self._id += 1
        return self._id

    def next_iv(self):
        return self._id.to_bytes(4, "big")


def network_channel(mode, is_datagram, lead=None):
    asked = options(mode, timeout=4.0, segment=100, max_message=2000)
    return NetworkChannel(asked, is_datagram=is_datagram, wall=lambda: 0.0, lead=lead, nonces=Count())


CHANNELS = st.one_of(
    st.builds(lambda: (LineChannel(LinkSettings()), LINE_OCTETS)),
    st.builds(
        lambda mode, is_datagram, has_lead: (
            network_channel(
                mode, is_datagram, request("security", password=bytes(20), user_id=1) if has_lead else None
            ),
            NETWORK_OCTETS,
        ),
        st.sampled_from([SecurityMode.CLEAR, SecurityMode.AUTHENTICATED, SecurityMode.ENCRYPTED]),
        st.booleans(),
        st.booleans(),
    ),
)


def events_of(channel):
    found = []
    while (event := channel.next_event()) is not None:
        found.append(event)
    return found


def drained(channel):
    for out in channel.data_to_send():
        assert isinstance(out, BaudChanged) or (isinstance(out, bytes) and out)
    return [event for event in events_of(channel) if not isinstance(event, Unasked)]


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_a_channel_ends_in_an_answer_or_a_failure(data):
    channel, octets = data.draw(CHANNELS)
    now = 0.0
    for _ in range(data.draw(st.integers(1, 4))):
        asked = [data.draw(REQUESTS) for _ in range(data.draw(st.integers(1, min(channel.at_once, 3))))]
        try:
            channel.ask(asked, now)
        except C12Error:
            assert channel.next_event() is None
            continue
        ended = drained(channel)
        for _ in range(data.draw(st.integers(0, 12))):
            if ended:
                break
            if data.draw(st.integers(0, 9)) == 0:
                channel.abandon(now)
                assert not drained(channel)
                break
            now += data.draw(SECONDS)
            channel.receive_data(data.draw(octets), now)
            ended += drained(channel)
            if not ended and data.draw(st.booleans()):
                channel.handle_timeout(now)
                ended += drained(channel)
        else:
            for _ in range(300):  # as many tries as the meter grants in the answer to Timing-setup, and more
                if ended:
                    break
                assert channel.deadline is not None
                now = max(now, channel.deadline)
                channel.handle_timeout(now)
                ended += drained(channel)
            assert ended, "it waits for ever"
        assert len(ended) <= 1
        for event in ended:
            assert isinstance(event, Answered | Failed)
            if isinstance(event, Answered):
                assert len(event.responses) == len(asked)
            else:
                assert isinstance(event.error, C12Error)


def an_operation(data, client):
    kind = data.draw(st.sampled_from(["open", "read", "octets", "part", "many", "index", "wait", "close", "identify"]))
    return {
        "open": client.open,
        "read": lambda: client.read(data.draw(st.sampled_from([0, 1, 5, 23]))),
        "octets": lambda: client.read_octets(7),
        "part": lambda: client.read_octets(1, data.draw(st.integers(0, 20)), data.draw(st.none() | st.integers(1, 99))),
        "many": lambda: client.read_many([1, 5, 3]),
        "index": lambda: client.read_index(1, (1, 2)),
        "wait": lambda: client.wait(5),
        "close": client.close,
        "identify": client.identify,
    }[kind]()


@settings(max_examples=EXAMPLES)
@given(st.data())
def test_a_conversation_ends(data):
    channel, octets = data.draw(CHANNELS)
    asked = LineOptions(bauds=(9600, 19200)) if isinstance(channel, LineChannel) else channel.options
    patience = Patience(busy_tries=1, busy_pause=0.5, checksum_tries=1)
    client = Client(channel, asked, Credentials("me", 1, b"secret"), patience=patience)
    conversation = Conversation(channel)
    now = 0.0
    for _ in range(data.draw(st.integers(1, 3))):
        conversation.start(an_operation(data, client), now)
        stopped = False
        for _ in range(data.draw(st.integers(0, 20))):
            while (out := conversation.next_output()) is not None:
                assert isinstance(out, bytes | BaudChanged)
            if conversation.finished:
                break
            now += data.draw(SECONDS)
            if data.draw(st.integers(0, 29)) == 0:
                conversation.stop(now)
                stopped = True
                break
            conversation.receive_data(data.draw(octets), now)
            if data.draw(st.booleans()):
                conversation.handle_timeout(now)
        if stopped:
            continue
        for _ in range(500):
            if conversation.finished:
                break
            assert conversation.deadline is not None
            now = max(now, conversation.deadline)
            conversation.handle_timeout(now)
        error = None
        try:
            conversation.result()
        except C12Error as exc:
            error = str(exc)
        assert error != ""
        assert "secret" not in (error or "")
