"""What secures messages: recorded ones are accepted and answered, broken and repeated ones are met with silence."""

import logging
from datetime import UTC, datetime

import pytest
from dict_image import ST_0, ST_1, ST_5, START
from network_talk import (
    EXAMPLE_8,
    ISC,
    KEYS,
    LOGON,
    MODE_1,
    OK,
    READ_3,
    READER,
    SESSION_FIRST,
    SESSION_KEY,
    SESSION_SECOND,
    TABLE_3,
    asked,
    message,
    node,
    ring,
    talk,
)

from c1222.message.epsem import SecurityMode
from c1222.meter.device.access import ENGINEER, Access, User
from c1222.meter.device.access import READER as READER_USER
from c1222.meter.ports.network_port import NetworkPort
from c1222.meter.ports.node import NodeSettings
from c1222.security.keys import Key
from c1222.titles import ApTitle

CLEAR, AUTHENTICATED, ENCRYPTED = SecurityMode.CLEAR, SecurityMode.AUTHENTICATED, SecurityMode.ENCRYPTED
SECURED = pytest.mark.parametrize("mode", [AUTHENTICATED, ENCRYPTED])


def user_2(password):
    return Access({2: User(2, "", password, frozenset({0}))})


def whole(table):
    return b"\x00" + len(table).to_bytes(2, "big") + table + bytes([-sum(table) & 0xFF])


def silence(answering, octets, now=0.0):
    return asked(NetworkPort(answering), octets, now) is None


# -- Recorded messages -----------------------------------------------------------------------------------------------


def test_example_8():
    """protocol.md 8.9: Security with a user id, then 16 octets of ST-1 from 16 on. 8.10 has the same form."""
    answer = asked(NetworkPort(node(device_access=user_2(b"PASSWORD"))), EXAMPLE_8)
    assert answer.services == [OK, b"\x00\x00\x10" + ST_1[16:] + b"\x7f"]
    assert answer.control.security_mode == ENCRYPTED
    assert answer.ids[0] == 3
    assert (answer.apdu.called_ap_title.text, answer.apdu.calling_ap_title.text) == (".123.4", ".123.8437")


def test_a_session_whose_later_messages_have_no_authentication_value():
    """protocol.md 8.13: the key id and iv of the first message secure the second."""
    keys = ring(key_2=SESSION_KEY)
    connection = NetworkPort(node(keys=keys, device_access=user_2(b"0" * 20)))
    first = asked(connection, SESSION_FIRST, keys=keys)
    second = asked(connection, SESSION_SECOND, keys=keys)
    assert first.services == [bytes.fromhex("00 003C"), OK, whole(ST_1)]
    assert second.services == [whole(ST_0), whole(ST_5), OK]
    assert [first.ids, second.ids] == [(0, 1), (1, 2)]
    # Each answer carries an iv of its own: with it in every answer nothing can go wrong.
    assert None not in (first.iv, second.iv)
    assert first.iv < second.iv


def test_the_second_message_alone_is_met_with_silence():
    answering = node(keys=ring(key_2=SESSION_KEY))
    assert silence(answering, SESSION_SECOND)
    assert answering.counts.no_key == 1


def test_authenticated_and_without_titles():
    """protocol.md 8.14: what the Security service gave is wrong for us, the tables come all the same."""
    keys = ring(key_0=bytes(16))
    answer = asked(NetworkPort(node(keys=keys)), MODE_1, keys=keys)
    assert answer.services == [b"\x01", whole(ST_1), whole(ST_5)]
    assert answer.control.security_mode == AUTHENTICATED
    assert (answer.apdu.called_ap_title, answer.apdu.calling_ap_title) == (None, None)


# -- Silence ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [-1, -4, -5, 25, 40, 50])
def test_a_changed_message(at):
    """A MAC, enciphered text, id, iv: one bit of each."""
    answering = node()
    broken = bytearray(EXAMPLE_8)
    broken[at] ^= 1
    assert silence(answering, bytes(broken))
    assert answering.counts.bad_mac + answering.counts.malformed + answering.counts.no_key == 1
    assert answering.counts.executed == 0


def test_every_bit_that_can_be_flipped():
    """No single bit of a secured message can change without silence."""
    answering = node()
    for bit in range(8 * len(EXAMPLE_8)):
        broken = bytearray(EXAMPLE_8)
        broken[bit // 8] ^= 1 << bit % 8
        assert silence(answering, bytes(broken)), bit
    assert answering.counts.executed == 0


@SECURED
def test_another_key(mode):
    answering = node()
    assert silence(answering, message(READ_3, mode=mode, key_id=2, key=Key(bytes(16))))
    assert silence(answering, message(READ_3, mode=mode, key_id=9, key=Key(bytes(16))))
    assert (answering.counts.bad_mac, answering.counts.no_key) == (1, 1)


@SECURED
def test_replay(mode):
    answering = node()
    request = message(READ_3, mode=mode)
    assert asked(NetworkPort(answering), request).services == [TABLE_3]
    assert silence(answering, request)
    assert silence(answering, request, 10_000.0)
    assert answering.counts.replayed == 2


@SECURED
@pytest.mark.parametrize("new", [{"a8": 2}, {"iv": 1_767_225_601}, {"calling": ApTitle.parse(".123.5")}])
def test_what_is_no_replay(mode, new):
    answering = node()
    assert talk(READ_3, port=NetworkPort(answering), mode=mode) == [TABLE_3]
    assert talk(READ_3, port=NetworkPort(answering), mode=mode, **new) == [TABLE_3]


def test_a_replay_changes_nothing_that_a_session_remembers():
    """An old first message must not put its iv in the place of the one that a session goes on with."""
    keys = ring(key_2=SESSION_KEY)
    answering = node(keys=keys)
    old = message(READ_3, mode=ENCRYPTED, iv=1, a8=9, key=keys.candidates(2)[0])
    assert asked(NetworkPort(answering), old, keys=keys)
    assert asked(NetworkPort(answering), SESSION_FIRST, keys=keys)
    assert silence(answering, old)
    assert asked(NetworkPort(answering), SESSION_SECOND, keys=keys)


@pytest.mark.parametrize(("off", "answered"), [(-901, False), (-900, True), (0, True), (900, True), (901, False)])
def test_an_iv_that_is_too_far_from_the_clock(off, answered):
    """The window of 15 minutes; the simulation's clock begins with 2026."""
    answering = node(settings=NodeSettings(iv_window=900))
    iv = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()) + 50 + off
    assert bool(talk(READ_3, port=NetworkPort(answering), mode=ENCRYPTED, iv=iv, now=50.0)) is answered
    assert answering.counts.stale == (not answered)


@pytest.mark.parametrize(
    ("minimum", "mode", "answered"),
    [
        (CLEAR, CLEAR, True),
        (AUTHENTICATED, CLEAR, False),
        (AUTHENTICATED, AUTHENTICATED, True),
        (AUTHENTICATED, ENCRYPTED, True),
        (ENCRYPTED, CLEAR, False),
        (ENCRYPTED, AUTHENTICATED, False),
        (ENCRYPTED, ENCRYPTED, True),
    ],
)
def test_less_security_than_required(minimum, mode, answered):
    answering = node(settings=NodeSettings(minimum_mode=minimum))
    assert bool(talk(READ_3, port=NetworkPort(answering), mode=mode)) is answered
    assert answering.counts.downgraded == (not answered)


def test_silence_is_logged_without_a_secret(caplog):
    caplog.set_level(logging.DEBUG)
    answering = node(settings=NodeSettings(minimum_mode=AUTHENTICATED))
    talk(LOGON, READER, port=NetworkPort(answering))
    asked(NetworkPort(answering), EXAMPLE_8[:-1] + b"\x00")
    assert [record.getMessage() for record in caplog.records] == [
        "a message of .123.4 is not answered: downgraded",
        "a message of .123.4 is not answered: bad_mac",
    ]


# -- Answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [CLEAR, AUTHENTICATED, ENCRYPTED])
def test_an_answer_has_the_mode_of_the_request(mode):
    answer = asked(NetworkPort(node()), message(READ_3, mode=mode))
    assert answer.services == [TABLE_3]
    assert answer.control.security_mode == mode
    assert (answer.iv is None) is (mode is CLEAR)


@SECURED
def test_ivs_follow_the_clock_and_never_repeat(mode):
    answering = node()
    start = int(START.timestamp())
    ivs = [
        int.from_bytes(asked(NetworkPort(answering), message(READ_3, mode=mode, a8=a8), now).iv, "big")
        for a8, now in enumerate([0.0, 0.1, 0.2, 10.0, 10.0])
    ]
    assert ivs == [start, start + 1, start + 2, start + 10, start + 11]


@pytest.mark.parametrize("mode", [AUTHENTICATED, CLEAR])
def test_a_session_is_not_taken_over_with_less_security(mode):
    """Whoever knows the title alone has no part in a session that was opened enciphered."""
    answering = node()
    assert talk(LOGON, READER, "30 0029", port=NetworkPort(answering), mode=ENCRYPTED)[2][:1] == OK
    assert talk("30 0029", port=NetworkPort(answering), mode=mode, a8=2) == [ISC]
    assert talk("52", port=NetworkPort(answering), mode=CLEAR) == [b"\x0a"]
    assert talk("30 0029", port=NetworkPort(answering), mode=ENCRYPTED, a8=3)[0][:1] == OK


def test_a_session_is_not_taken_over_with_another_key():
    answering = node()
    talk(LOGON, READER, port=NetworkPort(answering), mode=ENCRYPTED, key_id=2)
    assert talk("30 0029", port=NetworkPort(answering), mode=ENCRYPTED, key_id=0) == [ISC]


def test_users_of_the_simulation_are_who_they_seem():
    assert (READER_USER.user_id, ENGINEER.user_id) == (1, 2)
    assert KEYS.ids() == (0, 2)
