"""Security of captured messages: opened with keys and memory, and what a live session would refuse, as remarks.

What is opened are published and recorded messages. Those that nobody published (a reused iv, a body that is broken
inside a right MAC) are sealed with c1222.security, whose own tests hold it against the vectors.
"""

import pytest
from capture_building import (
    ANSWER8,
    IDENTIFY,
    KEY_EXAMPLE8,
    KEY_IPV4,
    KEY_ZERO,
    MODE1,
    MODE1_TEXT,
    READ,
    REQUEST8,
    SESSION_FIRST,
    SESSION_FIRST_TEXT,
    SESSION_SECOND,
    SESSION_SECOND_TEXT,
    TEXT8,
    THERE,
    answer,
    clear,
    codes,
    decoded,
    messages,
    octets,
    piece,
    ring,
    services,
    tlv,
)

from c1222.message.acse import authentication
from c1222.message.epsem import SecurityMode, control
from c1222.security.envelope import seal_message
from c1222.security.keys import Key
from c1222.titles import ApTitle

KEY = Key(bytes.fromhex(KEY_EXAMPLE8))
KEYS = ring((2, KEY_EXAMPLE8))


def sealed(text: str, *, mode: int = 2, ident: int = 1, iv: str = "48F3D061", answers: int | None = None) -> bytes:
    names = (".123.4", ".123.8437") if answers is None else (".123.8437", ".123.4")
    head = {
        "called_ap_title": ApTitle.parse(names[1]),
        "called_ap_invocation_id": answers,
        "calling_ap_title": ApTitle.parse(names[0]),
        "calling_ap_invocation_id": ident,
        "calling_authentication_value": authentication(2, octets(iv)),
    }
    return seal_message(head, control(SecurityMode(mode)), octets(text), KEY)


def only(*pieces, keys=KEYS):
    return messages(decoded(pieces, keys)[0])


def flipped(data: bytes, at: int = -1) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


# --- kept apart -----------------------------------------------------------------------------------------------------

APART = [
    #            octets                       keys                      state          code                  kind
    pytest.param(REQUEST8, ring(), "no-key", "no-key", "no-key", id="no-key-at-all"),
    pytest.param(REQUEST8, ring((0, KEY_EXAMPLE8)), "no-key", "no-key", "no-key", id="no-key-for-this-id"),
    pytest.param(REQUEST8, ring((2, KEY_IPV4)), "bad-mac", "bad-mac", "bad-mac", id="wrong-key"),
    pytest.param(flipped(REQUEST8), KEYS, "bad-mac", "bad-mac", "bad-mac", id="changed"),
    pytest.param(sealed("05 30 00 01"), KEYS, "opened", "body-undecodable", "undecodable", id="broken-inside"),
    pytest.param(sealed("02 30 00"), KEYS, "opened", "service-undecodable", "undecodable", id="broken-service"),
    pytest.param(b"GET / HTTP/1.1", KEYS, "unreadable", "not-c1222", "undecodable", id="not-c1222"),
    pytest.param(IDENTIFY[:40], KEYS, "unreadable", "message-undecodable", "undecodable", id="cut"),
    pytest.param(octets("60 05 A8 03 02 01 01"), KEYS, "unreadable", "message-undecodable", "undecodable", id="no-be"),
    pytest.param(clear(READ, control=0x8C), KEYS, "unreadable", "message-undecodable", "undecodable", id="mode-3"),
    pytest.param(clear("30", control=0x84), KEYS, "unreadable", "message-undecodable", "undecodable", id="no-mac"),
]


@pytest.mark.parametrize(("data", "keys", "state", "code", "kind"), APART)
def test_kept_apart(data, keys, state, code, kind):
    (message,) = only(data, keys=keys)
    assert message.state == state
    assert [(remark.code, remark.kind) for remark in message.remarks] == [(code, kind)]
    assert (message.place.file, message.place.packet) == ("file.pcap", 1)
    assert message.octets == data


@pytest.mark.parametrize(
    ("data", "field", "offset"),
    [
        # Counted in the message as it was captured: enciphered text begins at 44 here, its first service at 45.
        pytest.param(sealed("05 30 00 01"), "services[0]", 44, id="length-beyond-the-text"),
        pytest.param(sealed("02 30 00"), "services[0].parameters.table", 46, id="table-cut"),
        pytest.param(clear("30 00"), "services[0].parameters.table", 29, id="in-the-clear"),
        pytest.param(IDENTIFY[:40], "", 1, id="apdu-cut"),
    ],
)
def test_broken_octets_have_a_place(data, field, offset):
    ((remark,),) = [message.remarks for message in only(data)]
    assert (remark.field, remark.message_offset) == (field, offset)


def test_nothing_of_a_message_with_a_wrong_mac_is_released():
    (message,) = only(flipped(REQUEST8, 50))
    assert (message.opened, message.body, message.services) == (None, None, [])


@pytest.mark.parametrize("at", range(len(REQUEST8)))
def test_a_flipped_bit_is_never_opened(at):
    """Where it does not break the message, the MAC does not hold; but the mode is what says that there is one."""
    for message in only(flipped(REQUEST8, at)):
        assert message.state != "opened"


# --- mode 1 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "state"),
    [(ring((0, KEY_ZERO)), "authenticated"), (ring(), "no-key"), (ring((0, KEY_IPV4)), "bad-mac")],
    ids=["key", "no-key", "wrong-key"],
)
def test_mode_1_is_readable_with_and_without_its_key(keys, state):
    (message,) = only(MODE1, keys=keys)
    assert message.state == state
    assert message.envelope.text == MODE1_TEXT
    assert services(message) == ["51" + "30" * 20 + "0000", "300001", "300005"]
    assert [service.value.parameters.get("table") for service in message.services] == [None, 1, 5]


# --- what a session remembers ---------------------------------------------------------------------------------------

SESSION_KEYS = ring((2, KEY_IPV4))


def test_session():
    first, second = only(SESSION_FIRST, SESSION_SECOND, keys=SESSION_KEYS)
    assert (first.opened.text, second.opened.text) == (SESSION_FIRST_TEXT, SESSION_SECOND_TEXT)
    assert (first.opened.remembered, second.opened.remembered) == (False, True)
    assert second.opened.iv == octets("6B02F948")
    assert codes(first) == codes(second) == []


def test_session_is_remembered_across_connections():
    first = piece(SESSION_FIRST, 1)
    second = piece(SESSION_SECOND, 2, flow=THERE._replace(source_port=40001))
    assert only(first, second, keys=SESSION_KEYS)[1].opened.text == SESSION_SECOND_TEXT


def test_session_whose_first_message_is_not_in_the_capture():
    (message,) = only(SESSION_SECOND, keys=SESSION_KEYS)
    assert message.state == "no-key"
    assert "earlier" in message.remarks[0].text


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(sealed("03 30 0001"), id="another-key"),
        pytest.param(flipped(SESSION_FIRST.replace(octets("6B02F948"), octets("6B02F949"))), id="forged"),
    ],
)
def test_only_what_holds_is_remembered(between):
    found = only(SESSION_FIRST, between, SESSION_SECOND, keys=SESSION_KEYS)
    assert found[1].state == "bad-mac"
    assert found[2].opened.text == SESSION_SECOND_TEXT


def test_each_direction_remembers_its_own():
    """Key id and iv of an answer are not those of the other side."""
    back = sealed("03 30 0001", answers=1, iv="11111111")
    found = only(SESSION_FIRST, back, SESSION_SECOND, keys=ring((2, KEY_IPV4), (2, KEY_EXAMPLE8)))
    assert [message.state for message in found] == ["opened"] * 3


def test_without_titles_a_session_belongs_to_its_flow():
    later = octets("60 18 A8 03 02 01 05 BE 11 28 0F 81 0D 84 03 30 00 01 03 30 00 05 00 00 00 00")
    elsewhere = THERE._replace(source_port=40001)
    keys = ring((0, KEY_ZERO))
    assert only(piece(MODE1, 1), piece(later, 2), keys=keys)[1].state == "bad-mac"  # remembered; the MAC is 0
    assert only(piece(MODE1, 1), piece(later, 2, flow=elsewhere), keys=keys)[1].state == "no-key"


# --- what a live session would refuse -------------------------------------------------------------------------------


def test_short_header():
    """Neither titles nor A8 nor AC: 12 octets of header, which EAX' does not protect."""
    short = octets("60 0E BE 0C 28 0A 81 08 88 DE AD BE 00 00 00 00")
    found = only(MODE1, short, keys=ring((0, KEY_ZERO)))
    assert found[1].state == "short-header"
    assert ("short-header", "refused") in [(remark.code, remark.kind) for remark in found[1].remarks]
    assert found[1].services == []


def test_no_invocation_id():
    (message,) = only(clear(READ, ident=None))
    assert [(remark.code, remark.kind) for remark in message.remarks] == [("no-invocation-id", "refused")]
    assert services(message) == ["300001"]


def test_replayed():
    first, _, again = only(REQUEST8, ANSWER8, REQUEST8)
    assert codes(first) == []
    ((code, kind, text),) = [(remark.code, remark.kind, remark.text) for remark in again.remarks]
    assert (code, kind) == ("replayed", "refused")
    assert "packet 1" in text
    assert again.opened.text == TEXT8


def test_request_and_answer_may_have_the_same_id_and_iv():
    """As those of the IPv4 capture have: the directions are apart."""
    found = only(sealed("03 30 0001"), sealed("04 00 0000 00", answers=1))
    assert [codes(message) for message in found] == [[], []]


def test_reused_iv():
    one, other = sealed("03 30 0001"), sealed("03 30 0002")
    found = only(one, other, sealed("03 30 0003", ident=2), sealed("03 30 0003", iv="48F3D062"))
    assert [codes(message) for message in found] == [[], ["reused-iv"], [], []]
    assert "packet 1" in found[1].remarks[0].text
    assert [message.state for message in found] == ["opened"] * 4


def test_replay_in_the_clear_is_nobodys_business():
    assert [codes(message) for message in only(clear(READ), clear(READ))] == [[], []]


@pytest.mark.parametrize(
    ("asked", "answered", "found"),
    [
        (2, 0, ["lower-mode"]),
        (2, 1, ["lower-mode"]),
        (1, 0, ["lower-mode"]),
        (0, 0, []),
        (1, 1, []),
        (2, 2, []),
        (0, 2, []),
        (1, 2, []),
    ],
)
def test_lower_mode(asked, answered, found):
    request = clear(READ) if asked == 0 else sealed("03 30 0001", mode=asked)
    back = answer("00 0000 00") if answered == 0 else sealed("04 00 0000 00", mode=answered, answers=1)
    (exchange,), _ = decoded([request, back], KEYS)
    assert codes(exchange.response) == found
    assert codes(exchange.request) == []
    assert all(remark.kind == "refused" for remark in exchange.response.remarks)


def test_missing_a4_is_refused_and_shown():
    (exchange,), _ = decoded([clear(READ), answer("00 0000 00", answers=None)])
    ((code, kind),) = [(remark.code, remark.kind) for remark in exchange.response.remarks]
    assert (code, kind) == ("missing-a4", "refused")


# --- keys -----------------------------------------------------------------------------------------------------------


def test_key_of_a_title():
    keys = ring((2, KEY_IPV4))
    keys.add(2, KEY, ApTitle.parse(".123.8437").absolute())
    assert [message.state for message in only(REQUEST8, ANSWER8, keys=keys)] == ["opened", "opened"]


def test_old_and_new_key_of_one_id():
    keys = ring((2, KEY_IPV4), (2, KEY_EXAMPLE8))
    assert [message.state for message in only(REQUEST8, SESSION_FIRST, keys=keys)] == ["opened", "opened"]


def test_place_is_that_of_the_piece():
    given = piece(REQUEST8, 7, seconds=3.5)
    given = given._replace(place=given.place._replace(last_packet=9, file_offset=1234))
    (message,) = only(given)
    assert message.place == given.place


def test_empty_and_tiny_octets():
    for data in (b"", b"\x60", b"\x60\x00", b"\x60\x80", tlv(0x60, b""), b"\x00" * 3):
        (message,) = only(data)
        assert message.state == "unreadable"
        assert len(message.remarks) == 1


@pytest.mark.parametrize("text", ["81 00", "81 00 03 30 00 01", "03 30 00 01 82 00 00"])
def test_a_service_without_octets(text):
    """A length of 0 in its short form ends the list; in a longer one it promises a service that is not there."""
    body = octets(text)
    data = tlv(0x60, octets("A8 03 02 01 01") + tlv(0xBE, tlv(0x28, tlv(0x81, b"\x80" + body))))
    (message,) = only(data)
    assert [remark.kind for remark in message.remarks if remark.kind != "note"] == ["undecodable"]
