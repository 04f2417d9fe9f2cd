"""C12.22: what came before, what comes too late, and who tries too often is not believed."""

import pytest
from network_by_hand import KEY, services
from scripted_network import WALL
from waiting_channel import ANSWER, AUTHENTICATED, CLEAR, ENCRYPTED, READ_1, asking, is_taken, reply

from c1222.errors import LinkTimeout, SecurityError
from c1222.session.channels.channel import Failed, Unasked

SECURED = pytest.mark.parametrize("mode", [AUTHENTICATED, ENCRYPTED], ids=lambda mode: mode.name.lower())
NOTICE = services(b"\x00")


def spoiled(octets):
    return octets[:-1] + bytes([octets[-1] ^ 1])


def iv(seconds):
    return int(WALL + seconds).to_bytes(4, "big")


def events(channel):
    found = []
    while (event := channel.next_event()) is not None:
        found.append(event)
    return found


# -- Again -------------------------------------------------------------------------------------------------------------


@SECURED
def test_a_notification_that_comes_again_is_not_told_again(mode):
    channel = asking(mode)
    notices = [reply(mode, NOTICE, a4=None, a8=number, iv=iv(0)) for number in (5, 6)]
    for octets in (*notices, *notices):
        channel.receive_data(octets, 1.0)
    told = events(channel)
    assert [type(event) for event in told] == [Unasked, Unasked]
    assert channel.dropped.counts == {"replay": 2}


def test_in_the_clear_nothing_can_be_known_again():
    """Anybody may have written it anyway."""
    channel = asking(CLEAR)
    for _ in range(2):
        channel.receive_data(reply(CLEAR, NOTICE, a4=None), 1.0)
    assert len(events(channel)) == 2


@SECURED
def test_an_old_answer_to_an_id_that_comes_round_again(mode):
    """Ids of two octets begin again after 7F00H messages: the answer of then fits, but for its time."""
    channel = asking(mode, iv_window=900.0)
    assert not is_taken(channel, reply(mode, iv=iv(-901)))
    assert not is_taken(channel, reply(mode, iv=iv(902)))
    assert channel.dropped.counts == {"replay": 2}
    assert is_taken(channel, reply(mode, iv=iv(-899)))


@pytest.mark.parametrize("seconds", [-100_000, 0, 100_000])
def test_a_meter_whose_clock_is_wrong_can_be_read(seconds):
    assert is_taken(asking(ENCRYPTED), reply(ENCRYPTED, iv=iv(seconds)))


def test_a_stale_answer_on_a_connection_says_what_is_wrong():
    channel = asking(ENCRYPTED, is_datagram=False, iv_window=60.0)
    channel.receive_data(reply(ENCRYPTED, iv=iv(-3600)), 1.0)
    (event,) = events(channel)
    assert event.error.reason == "replay"
    assert str(event.error) == (
        "the time of this message is 3600 s before ours, and 60 s are allowed (iv-window= of the target)"
    )


# -- Tries -------------------------------------------------------------------------------------------------------------


@SECURED
def test_so_many_wrong_macs_and_no_more(mode):
    channel = asking(mode, bad_macs=3)
    for _ in range(2):
        channel.receive_data(spoiled(reply(mode)), 1.0)
    assert events(channel) == []
    assert is_taken(channel, reply(mode)), "what was dropped does not stop the answer that is right"
    channel.ask([READ_1], 2.0)
    channel.receive_data(spoiled(reply(mode, a4=4)), 3.0)
    (event,) = events(channel)
    assert isinstance(event, Failed)
    assert isinstance(event.error, SecurityError)
    assert event.error.reason == "bad-mac"
    assert str(event.error).startswith("3 messages came whose MAC does not hold")
    # The conversation is over: nothing is asked, and the meter is not told good-bye.
    assert not channel.alive
    with pytest.raises(SecurityError, match="MAC does not hold"):
        channel.ask([READ_1], 4.0)
    assert channel.data_to_send()[1:] == []


def test_strays_are_not_tries():
    """An answer to nothing is not opened, so who cannot see our ids cannot end the conversation."""
    channel = asking(ENCRYPTED, bad_macs=1)
    for number in range(100, 120):
        channel.receive_data(spoiled(reply(ENCRYPTED, a4=number)), 1.0)
    assert channel.dropped.counts == {"stray": 20}
    assert is_taken(channel, reply(ENCRYPTED))


# -- Counts ------------------------------------------------------------------------------------------------------------


def test_what_was_dropped_is_counted_by_reason():
    channel = asking(ENCRYPTED, iv_window=900.0)
    for octets in (
        reply(ENCRYPTED, a4=77),
        spoiled(reply(ENCRYPTED)),
        spoiled(reply(ENCRYPTED)),
        reply(CLEAR),
        reply(ENCRYPTED, iv=iv(-5000)),
        reply(ENCRYPTED, a6=bytes.fromhex("80 03 7BC174")),
        b"\x60\x03\xff\xff\xff",
    ):
        channel.receive_data(octets, 1.0)
    assert channel.dropped.counts == {"stray": 1, "bad-mac": 2, "downgrade": 1, "replay": 1, "broken": 2}
    assert (channel.strays, channel.refused) == (1, 6)
    assert channel.dropped.in_words() == (
        "1 in answer to nothing, 2 unreadable or of others, 2 with a wrong MAC, 1 sent again or too old, "
        "1 less secured than what was asked"
    )
    channel.handle_timeout(11.0)
    (event,) = events(channel)
    assert isinstance(event.error, LinkTimeout)


def test_nothing_dropped_nothing_said():
    channel = asking(ENCRYPTED)
    assert is_taken(channel, reply(ENCRYPTED, ANSWER, key=KEY))
    assert channel.dropped.in_words() == ""
