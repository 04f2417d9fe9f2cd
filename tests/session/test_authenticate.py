"""Authenticate of C12.21 with DES, by the published vector of protocol.md 1.7."""

import pytest
from scripted import ScriptedMeter, meter_on

from c1222.errors import LocalProtocolError, SecurityError, ServiceError
from c1222.session.settings import Credentials, LineOptions, TicketKey

KEY = bytes.fromhex("0123456789ABCDEF")
# Identify: ok, C12.21, version 1, revision 0, feature 02: authentication, DES, a ticket of 8 octets, end.
IDENTITY = bytes.fromhex("00 02 01 00 02 01 00 08 4E6F772069732074 00")
TOKEN = bytes.fromhex("53 09 03 3FA40E8A984D4815")
ANSWER = bytes.fromhex("00 09 03 86D38A03D51C1033")
SCRIPT = {
    b"\x20": IDENTITY,
    bytes.fromhex("60 0400 FF"): bytes.fromhex("00 0200 04"),
    bytes.fromhex("50 0000 20202020202020202020"): b"\x00",
    TOKEN: ANSWER,
    b"\x52": b"\x00",
    b"\x21": b"\x00",
}


def session(script=SCRIPT, **more):
    side = ScriptedMeter(script)
    who = Credentials(ticket_key=TicketKey(3, KEY, **more))
    return side, meter_on(side, LineOptions(c1221=True), who)


def test_both_sides_show_that_they_hold_the_key():
    side, meter = session()
    with meter.open():
        assert side.heard == [*list(SCRIPT)[:3], TOKEN]


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        pytest.param("00 09 03 86D38A03D51C1034", SecurityError, "does not hold this key", id="another key"),
        pytest.param("00 09 04 86D38A03D51C1033", SecurityError, "with key 4, not 3", id="another key id"),
        pytest.param("00 01 03", SecurityError, "answered the token with nothing", id="nothing"),
        pytest.param("01", ServiceError, "authenticate was refused with err", id="refused"),
    ],
)
def test_a_meter_that_does_not(answer, error, words):
    side, meter = session(SCRIPT | {TOKEN: bytes.fromhex(answer)})
    with pytest.raises(error, match=words) as info, meter:
        meter.open()
    assert KEY.hex() not in str(info.value).lower()
    assert side.heard[-1] == b"\x21"


def test_an_empty_answer_is_taken_where_that_was_asked_for():
    side, meter = session(SCRIPT | {TOKEN: bytes.fromhex("00 09 03 0000000000000000")}, accept_empty=True)
    with meter.open():
        assert side.heard[-1] == TOKEN


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        pytest.param("00 02 01 00 00", "gives no ticket", id="no feature"),
        pytest.param("00 02 01 00 02 01 FF 08 4E6F772069732074 00", "algorithm 255", id="a vendor's algorithm"),
    ],
)
def test_a_meter_without_des(identity, words):
    _, meter = session(SCRIPT | {b"\x20": bytes.fromhex(identity)})
    with pytest.raises(LocalProtocolError, match=words), meter:
        meter.open()


def test_the_key_is_not_shown():
    assert "01234567" not in repr(TicketKey(3, KEY)) + repr(Credentials(ticket_key=TicketKey(3, KEY)))
