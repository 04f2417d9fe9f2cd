"""A channel of C12.22 that waits for an answer, and answers to give to it."""

import pytest
from network_by_hand import CLIENT, KEY, METER, message, services
from scripted import table_data
from scripted_network import WALL, options

from c1222.message.epsem import SecurityMode
from c1222.psem.requests import request
from c1222.session.channels.channel import Answered, Failed
from c1222.session.channels.network import NetworkChannel
from c1222.session.settings import Credentials

CLEAR, AUTHENTICATED, ENCRYPTED = SecurityMode.CLEAR, SecurityMode.AUTHENTICATED, SecurityMode.ENCRYPTED
EACH_MODE = pytest.mark.parametrize("mode", [CLEAR, AUTHENTICATED, ENCRYPTED], ids=lambda mode: mode.name.lower())
READ_1 = request("full_read", table=1)


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


WHO = Credentials(user_id=2, password=b"PASSWORD")
DATA = b"\x00" + table_data(b"right")


ANSWER = services(DATA)


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
