"""Whole secured messages, opened and sealed: captures, published vectors, and messages made with the textbook EAX'."""

import os
from pathlib import Path

import dpkt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from messages import (
    EXAMPLE_8_REQUEST,
    EXAMPLE_8_RESPONSE,
    IPV4_REQUEST,
    KEY_A,
    KEY_B,
    MESSAGES,
    MODE_1,
    SESSION_FIRST,
    SESSION_SECOND,
    VECTORS,
    authentication,
    sealed,
    tlv,
    user_information,
)

from c1219_tables.schema.dialect import Record
from c1222.errors import LocalProtocolError, MessageError, SecurityError
from c1222.message.acse import APDU
from c1222.message.acse import authentication as authentication_value
from c1222.message.epsem import EPSEM, SecurityMode, control, decode_body
from c1222.security.envelope import Opened, direction, open_message, seal_message
from c1222.security.keys import Key, KeyRing
from c1222.security.memory import Remembered, SessionMemory
from c1222.titles import ApTitle

PROPERTY = settings(database=None, deadline=None, max_examples=150)
IV = bytes.fromhex("48F3D061")
WRONG = bytes(range(100, 116))


def octets(text):
    return bytes.fromhex(text)


def ring(*entries):
    """entries: (key id, key octets) or (key id, key octets, title)."""
    made = KeyRing()
    for key_id, key, *title in entries:
        made.add(key_id, Key(key), *title)
    return made


def opened(message, *entries, memory=None, way=None):
    return open_message(APDU.decode(message), ring(*entries), memory, way)


def envelope(message):
    return EPSEM.decode(APDU.decode(message).user_information.octets)


def head(message):
    left_out = ("user_information", "unknown_elements")
    return {name: value for name, value in APDU.decode(message).items() if name not in left_out}


# -- Published and recorded messages ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MESSAGES)
def test_open(name):
    key, key_id, message, plain = MESSAGES[name]
    mode = SecurityMode.AUTHENTICATED if "mode-1" in name else SecurityMode.ENCRYPTED
    result = opened(message, (key_id, key))
    iv = APDU.decode(message).calling_authentication_value.single_asn1_type.c1222.iv
    assert result == Opened(plain, mode, key_id, iv, remembered=False)
    assert decode_body(result.text, envelope(message).control).trailing == b""


@pytest.mark.parametrize("name", MESSAGES)
def test_seal_gives_the_same_octets(name):
    key, _, message, plain = MESSAGES[name]
    assert seal_message(head(message), envelope(message).control, plain, Key(key)) == message


def test_the_ed_class_of_vectors_1_and_2_is_enciphered():
    for name in ("vector-1", "vector-2"):
        key, key_id, message, _ = MESSAGES[name]
        assert b"TEMP" not in message
        body = decode_body(opened(message, (key_id, key)).text, envelope(message).control)
        assert body == {"ed_class": b"TEMP", "services": [octets("40000700051A00000200E4")], "trailing": b""}


CAPTURES = os.environ.get("C1222_PUBLIC_CAPTURES")


@pytest.mark.skipif(not CAPTURES, reason="C1222_PUBLIC_CAPTURES names no folder of public captures")
@pytest.mark.parametrize(
    ("file", "key", "key_id", "plain"),
    [
        pytest.param(
            "c1222_std_example8.pcap",
            KEY_A,
            2,
            [
                "17 51 50415353574F5244 202020202020202020202020 0002 08 3F 0001 000010 0010",
                "14 00 0010 4D414E554641435455524552 20534E20 92",
            ],
            id="example-8",
        ),
        # Walk-through 8.11: the answer is ST-1 of an A3R, with its checksum 21.
        pytest.param(
            "c1222overIPv4.cap",
            KEY_B,
            0,
            ["03 30 0001", "24 00 0020 45452020 4133522020202020 0200 0306 2020202020202020 3132333435363738 21"],
            id="ipv4",
        ),
    ],
)
def test_captured_messages(file, key, key_id, plain):
    with (Path(CAPTURES) / file).open("rb") as stream:
        frames = [dpkt.ethernet.Ethernet(frame).data.data.data for _, frame in dpkt.pcap.Reader(stream)]
    messages = [frame for frame in frames if frame[:1] == b"\x60"]
    assert len(messages) == len(plain)
    for message, text in zip(messages, plain, strict=True):
        result = opened(message, (key_id, key))
        assert result.text == octets(text)
        assert result.mode is SecurityMode.ENCRYPTED
        assert seal_message(head(message), envelope(message).control, octets(text), Key(key)) == message
    known = {EXAMPLE_8_REQUEST, EXAMPLE_8_RESPONSE, IPV4_REQUEST}
    assert set(messages) & known == set(messages[: 2 if "example8" in file else 1])


# -- Changed messages -------------------------------------------------------------------------------------------------


def outcome(message, *entries, memory=None):
    try:
        return opened(message, *entries, memory=memory)
    except (MessageError, SecurityError) as error:
        return error


@pytest.mark.parametrize("name", MESSAGES)
def test_no_changed_bit_gets_through(name):
    key, _, message, _ = MESSAGES[name]
    # A key id that was changed finds the same key: the MAC alone must refuse it.
    keys = ring(*((number, key) for number in range(256)))
    # The control octet is the first of the envelope.
    at_control = len(message) - len(APDU.decode(message).user_information.octets)
    seen_clear = set()
    for at in range(len(message)):
        for bit in range(8):
            changed = bytearray(message)
            changed[at] ^= 1 << bit
            try:
                result = open_message(APDU.decode(bytes(changed)), keys)
            except (MessageError, SecurityError):
                continue
            # A mode that was cleared leaves nothing to check. It is told as it is, and a caller refuses a lower mode.
            seen_clear.add((at, bit))
            assert result.mode is SecurityMode.CLEAR
            assert result.key_id is None
    mode_bit = 2 if "mode-1" in name else 3
    assert seen_clear == {(at_control, mode_bit)}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_cut_message_is_refused(name):
    key, key_id, message, _ = MESSAGES[name]
    for cut in range(len(message)):
        with pytest.raises(MessageError):
            opened(message[:cut], (key_id, key))


@pytest.mark.parametrize("name", MESSAGES)
def test_a_wrong_key(name):
    _, key_id, message, _ = MESSAGES[name]
    with pytest.raises(SecurityError, match=f"key id {key_id}") as info:
        opened(message, (key_id, WRONG))
    assert info.value.reason == "bad-mac"
    assert WRONG.hex() not in str(info.value)


def test_no_key():
    for entries, have in [
        ([], "have none"),
        ([(0, KEY_A), (5, KEY_A)], "have 0, 5"),
        ([(2, KEY_A, b"\x2b")], "have 2"),
    ]:
        with pytest.raises(SecurityError, match=have) as info:
            opened(EXAMPLE_8_REQUEST, *entries)
        assert info.value.reason == "no-key"


def test_one_of_several_keys_opens_it():
    assert opened(EXAMPLE_8_REQUEST, (2, WRONG), (2, KEY_A)).mode is SecurityMode.ENCRYPTED


class Watched(Key):
    """A key that tells when it is tried."""

    __slots__ = ("log", "name")

    def __init__(self, octets, name, log):
        super().__init__(octets)
        self.name = name
        self.log = log

    @property
    def cipher(self):
        self.log.append(self.name)
        return super().cipher


CLIENT_NAME = octets("607C86F754011600 7B04")  # .123.4 made absolute
METER_NAME = octets("607C86F754011600 7BC175")


def test_keys_of_the_calling_title_come_first_then_of_the_called_then_of_the_id_alone():
    log = []
    keys = KeyRing()
    for number, (name, title) in enumerate(
        [("id alone", None), ("called", METER_NAME), ("calling", CLIENT_NAME), ("stranger", b"\x2b\x01")]
    ):
        keys.add(2, Watched(bytes([number]) * 16, name, log), title)
    with pytest.raises(SecurityError, match="MAC does not hold"):
        open_message(APDU.decode(EXAMPLE_8_REQUEST), keys)
    assert log == ["calling", "called", "id alone"]
    log.clear()
    keys.add(2, Watched(KEY_A, "right", log), METER_NAME)
    assert open_message(APDU.decode(EXAMPLE_8_REQUEST), keys).mode is SecurityMode.ENCRYPTED
    assert log == ["calling", "called", "right"]


# -- Sessions ---------------------------------------------------------------------------------------------------------

SECOND_PLAIN = octets("03 30 0000 03 30 0005 01 52")


def test_the_second_message_of_a_session_opens_with_what_the_first_one_said():
    memory = SessionMemory()
    with pytest.raises(SecurityError, match="neither this message nor an earlier one") as info:
        opened(SESSION_SECOND, (2, KEY_B), memory=memory)
    assert info.value.reason == "no-key"
    assert not opened(SESSION_FIRST, (2, KEY_B), memory=memory).remembered
    assert opened(SESSION_SECOND, (2, KEY_B), memory=memory) == Opened(
        SECOND_PLAIN, SecurityMode.ENCRYPTED, 2, octets("6B02F948"), remembered=True
    )
    # Nobody remembers without a memory.
    with pytest.raises(SecurityError, match="neither"):
        opened(SESSION_SECOND, (2, KEY_B))


def test_seal_the_second_message_of_a_session():
    assert (
        seal_message(
            head(SESSION_SECOND),
            envelope(SESSION_SECOND).control,
            SECOND_PLAIN,
            Key(KEY_B),
            Remembered(b"\2", octets("6B02F948")),
        )
        == SESSION_SECOND
    )


def test_a_forged_first_message_teaches_nothing():
    memory = SessionMemory()
    forged = SESSION_FIRST[:-1] + bytes([SESSION_FIRST[-1] ^ 1])
    with pytest.raises(SecurityError, match="MAC does not hold"):
        opened(forged, (2, KEY_B), memory=memory)
    with pytest.raises(SecurityError, match="no key"):
        opened(SESSION_FIRST, (3, KEY_B), memory=memory)
    assert len(memory) == 0
    # Nor does it change what is known: with another iv in the memory the second message would not open.
    opened(SESSION_FIRST, (2, KEY_B), memory=memory)
    other_iv = SESSION_FIRST.replace(octets("6B02F948"), octets("6B02F949"))
    with pytest.raises(SecurityError, match="MAC does not hold"):
        opened(other_iv, (2, KEY_B), memory=memory)
    assert opened(SESSION_SECOND, (2, KEY_B), memory=memory).text == SECOND_PLAIN


def test_a_message_in_the_clear_teaches_nothing():
    memory = SessionMemory()
    message = APDU.encode({**head(SESSION_FIRST), "user_information": {"octets": octets("80 01 20")}})
    assert opened(message, memory=memory) == Opened(octets("01 20"), SecurityMode.CLEAR)
    assert len(memory) == 0


METER_ELEMENTS = {
    0xA2: octets("A2 04 80 02 7B04"),
    0xA4: octets("A4 03 02 01 00"),
    0xA6: octets("A6 05 80 03 7BC175"),
    0xA8: octets("A8 03 02 01 07"),
}


def test_each_direction_has_its_own_iv():
    memory = SessionMemory()
    opened(SESSION_FIRST, (2, KEY_B), memory=memory)
    own_iv = octets("6B02F95A")
    body = octets("01 00")
    first = sealed(KEY_B, {**METER_ELEMENTS, 0xAC: authentication(own_iv, 2)}, 0x88, body, b"\2", own_iv)
    later = sealed(KEY_B, METER_ELEMENTS, 0x88, body, b"\2", own_iv)
    with_client_iv = sealed(KEY_B, METER_ELEMENTS, 0x88, body, b"\2", octets("6B02F948"))
    # A meter that never sent AC is not believed, whichever iv it uses.
    for message in (later, with_client_iv):
        with pytest.raises(SecurityError, match="neither") as info:
            opened(message, (2, KEY_B), memory=memory)
        assert info.value.reason == "no-key"
    assert opened(first, (2, KEY_B), memory=memory).text == body
    assert opened(later, (2, KEY_B), memory=memory) == Opened(body, SecurityMode.ENCRYPTED, 2, own_iv, remembered=True)
    with pytest.raises(SecurityError, match="MAC does not hold"):
        opened(with_client_iv, (2, KEY_B), memory=memory)
    # The client's direction is as it was.
    assert opened(SESSION_SECOND, (2, KEY_B), memory=memory).text == SECOND_PLAIN


def test_absolute_and_relative_titles_are_one_direction():
    memory = SessionMemory()
    opened(SESSION_FIRST, (2, KEY_B), memory=memory)
    elements = {
        0xA2: tlv(0xA2, tlv(0x06, METER_NAME)),
        0xA6: tlv(0xA6, tlv(0x06, CLIENT_NAME)),
        0xA8: octets("A8 03 02 01 01"),
    }
    message = sealed(KEY_B, elements, 0x88, SECOND_PLAIN, b"\2", octets("6B02F948"))
    assert opened(message, (2, KEY_B), memory=memory).text == SECOND_PLAIN
    assert direction(APDU.decode(message)) == direction(APDU.decode(SESSION_SECOND)) == (CLIENT_NAME, METER_NAME)


def test_without_titles_the_caller_names_the_direction():
    memory = SessionMemory()
    assert direction(APDU.decode(MODE_1)) is None
    opened(MODE_1, (0, bytes(16)), memory=memory, way="connection 1, in")
    assert memory.recall("connection 1, in") == Remembered(b"\0", octets("6B02F814"))
    later = sealed(bytes(16), {0xA8: octets("A8 03 02 01 01")}, 0x84, octets("01 52"), b"\0", octets("6B02F814"))
    assert opened(later, (0, bytes(16)), memory=memory, way="connection 1, in").text == octets("01 52")
    for other in ("connection 1, out", None):
        with pytest.raises(SecurityError, match="neither"):
            opened(later, (0, bytes(16)), memory=memory, way=other)


# -- Forms that deployed software disagrees about ---------------------------------------------------------------------

BODY = octets("03 30 0001")
FULL = {
    0xA2: octets("A2 05 80 03 7BC175"),
    0xA6: octets("A6 04 80 02 7B04"),
    0xA8: octets("A8 03 02 01 03"),
    0xAC: authentication(IV, 2),
}
CONTEXT = octets("A1 09 06 07 607C86F7540116")
MECHANISM = octets("8B 09 607C86F75401160201")
ADP_ROOT = octets("607C86F7540116")


@pytest.mark.parametrize("octet", [0x84, 0x88, 0x98, 0x9A], ids=hex)
@pytest.mark.parametrize(
    ("extra", "form"),
    [
        pytest.param({}, {}, id="usual"),
        pytest.param({0xA1: CONTEXT}, {}, id="A1-standard-root"),
        pytest.param({0xA1: CONTEXT}, {"root": ADP_ROOT}, id="A1-root"),
        pytest.param({0x8B: MECHANISM}, {}, id="8B-covered"),
        pytest.param({0x8B: MECHANISM}, {"mechanism": False}, id="8B-left-out"),
        pytest.param(
            {0xA1: CONTEXT, 0x8B: MECHANISM}, {"root": ADP_ROOT, "mechanism": False}, id="A1-root-8B-left-out"
        ),
        pytest.param({0xA1: CONTEXT, 0x8B: MECHANISM}, {"root": ADP_ROOT}, id="A1-root-8B-covered"),
        pytest.param({0xA4: octets("A4 03 02 01 02"), 0xA7: octets("A7 03 02 01 04")}, {}, id="A4-and-A7"),
        pytest.param({0xA2: tlv(0xA2, tlv(0x0D, octets("7BC175")))}, {}, id="relative-with-0D"),
        pytest.param({0xA8: octets("A8 05 02 03 001001")}, {}, id="integer-with-leading-00-as-received"),
        pytest.param({0xA2: tlv(0xA2, tlv(0x80, b""))}, {}, id="empty-title"),
    ],
)
def test_every_reading_opens(octet, extra, form):
    message = sealed(KEY_A, {**FULL, **extra}, octet, BODY, b"\2", IV, **form)
    result = opened(message, (2, KEY_A))
    assert result == Opened(BODY, SecurityMode(octet >> 2 & 3), 2, IV, remembered=False)
    with pytest.raises(SecurityError, match="MAC does not hold"):
        opened(message, (2, WRONG))


def test_a_root_that_nobody_uses_does_not_open():
    message = sealed(KEY_A, FULL, 0x88, BODY, b"\2", IV, root=octets("60864801"))
    with pytest.raises(SecurityError, match="MAC does not hold"):
        opened(message, (2, KEY_A))


@pytest.mark.parametrize(
    ("ac", "key_id", "iv"),
    [
        pytest.param(authentication(IV), b"", IV, id="key-id-absent-is-key-0-and-not-in-the-header"),
        pytest.param(octets("AC 09 A2 07 A0 05 A1 03 80 01 00"), b"\0", bytes(4), id="iv-absent-is-zeros"),
        pytest.param(
            octets("AC 12 A2 10 02 01 00 A0 0B A1 09 80 01 00 81 04 48F3D061"), b"\0", IV, id="with-reference"
        ),
        pytest.param(octets("AC 0F A2 0D A0 0B A1 09 81 04 48F3D061 80 01 00"), b"\0", IV, id="iv-first"),
    ],
)
@pytest.mark.parametrize("octet", [0x84, 0x88], ids=hex)
def test_optional_parts_of_the_authentication_value(ac, key_id, iv, octet):
    message = sealed(KEY_A, {**FULL, 0xAC: ac}, octet, BODY, key_id, iv)
    result = opened(message, (0, KEY_A))
    assert (result.text, result.key_id, result.iv) == (BODY, 0, iv)


@pytest.mark.parametrize("iv", [b"", b"\1\2\3", bytes(5), bytes(8)])
def test_an_iv_has_four_octets(iv):
    message = sealed(KEY_A, {**FULL, 0xAC: authentication(iv, 2)}, 0x88, BODY, b"\2", iv)
    with pytest.raises(MessageError, match=f"an iv of {len(iv)} octets"):
        opened(message, (2, KEY_A))


def test_another_mechanism_says_no_key():
    message = sealed(KEY_A, {**FULL, 0xAC: octets("AC 0A A2 08 A0 06 A0 04 81 02 AABB")}, 0x88, BODY, b"\2", IV)
    with pytest.raises(SecurityError, match="neither this message") as info:
        opened(message, (2, KEY_A))
    assert info.value.reason == "no-key"


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 100, 127, 128, 255, 256, 1000])
@pytest.mark.parametrize("octet", [0x84, 0x88], ids=hex)
def test_bodies_of_any_size(size, octet):
    body = bytes(index % 251 for index in range(size))
    message = sealed(KEY_A, FULL, octet, body, b"\2", IV)
    assert opened(message, (2, KEY_A)).text == body
    assert seal_message(head(message), envelope(message).control, body, Key(KEY_A)) == message


# -- Clear, reserved, broken, too short -------------------------------------------------------------------------------


@pytest.mark.parametrize("octet", [0x80, 0x82, 0x90])
def test_in_the_clear(octet):
    message = tlv(0x60, octets("A8 03 02 01 03") + user_information(bytes([octet]) + BODY))
    assert opened(message) == Opened(BODY, SecurityMode.CLEAR, None, None, remembered=False)
    assert seal_message({"calling_ap_invocation_id": 3}, envelope(message).control, BODY) == message


def test_mode_3_is_refused():
    message = tlv(0x60, octets("A8 03 02 01 03") + user_information(b"\x8c" + BODY))
    with pytest.raises(MessageError, match="mode 3 is reserved") as info:
        opened(message, (2, KEY_A))
    assert info.value.field == "control.security_mode"
    with pytest.raises(LocalProtocolError, match="mode 3"):
        seal_message({}, control(SecurityMode.RESERVED), BODY, Key(KEY_A))


@pytest.mark.parametrize(
    "content",
    [octets("A8 03 02 01 03"), octets("A8 03 02 01 03 BE 02 28 00"), octets("BE 05 28 03 02 01 00")],
    ids=["no-BE", "28-empty", "no-81"],
)
def test_no_envelope(content):
    with pytest.raises(MessageError, match="no EPSEM envelope") as info:
        opened(tlv(0x60, content), (2, KEY_A))
    assert info.value.field == "user_information"


@pytest.mark.parametrize("octet", [0x84, 0x88])
@pytest.mark.parametrize("count", range(4))
def test_too_few_octets_for_a_mac(octet, count):
    with pytest.raises(MessageError, match="4 octets wanted"):
        opened(tlv(0x60, b"".join(FULL.values()) + user_information(bytes([octet]) + bytes(count))), (2, KEY_A))


KNOWN = Remembered(b"\2", IV)


@pytest.mark.parametrize("octet", [0x84, 0x88], ids=hex)
def test_a_short_header_is_refused_before_any_key_is_tried(octet):
    # BE len 28 len 81 len control, key id, iv: 7 + 1 + 4 = 12 octets, which EAX' cannot protect.
    log = []
    keys = KeyRing()
    keys.add(2, Watched(KEY_A, "tried", log))
    memory = SessionMemory()
    memory.remember("way", KNOWN)
    message = sealed(KEY_A, {}, octet, b"\xaa\xbb", b"\2", IV)
    with pytest.raises(SecurityError, match="12 octets can be forged") as info:
        open_message(APDU.decode(message), keys, memory, "way")
    assert info.value.reason == "short-header"
    assert log == []
    with pytest.raises(SecurityError, match="12 octets") as info:
        seal_message({}, envelope(message).control, b"\xaa\xbb", Key(KEY_A), KNOWN)
    assert info.value.reason == "short-header"


def test_the_known_forgery_does_not_open():
    # protocol.md 5.5: with a header of 16 octets or less a MAC of zeros can be made to hold under every key.
    memory = SessionMemory()
    memory.remember("way", KNOWN)
    for octet in (0x84, 0x88):
        forged = tlv(0x60, user_information(bytes([octet]) + bytes(11) + bytes(4)))
        with pytest.raises(SecurityError, match="can be forged"):
            opened(forged, (2, KEY_A), memory=memory, way="way")


@pytest.mark.parametrize("octet", [0x84, 0x88], ids=hex)
def test_the_shortest_header_that_is_allowed(octet):
    # A8 with one octet of number makes 5 more: 17. A key id that was left out makes it 16 again.
    elements = {0xA8: octets("A8 03 02 01 03")}
    memory = SessionMemory()
    memory.remember("way", KNOWN)
    message = sealed(KEY_A, elements, octet, BODY, b"\2", IV)
    assert opened(message, (2, KEY_A), memory=memory, way="way").text == BODY
    assert seal_message({"calling_ap_invocation_id": 3}, envelope(message).control, BODY, Key(KEY_A), KNOWN) == message
    memory.remember("way", Remembered(b"", IV))
    with pytest.raises(SecurityError, match="16 octets") as info:
        opened(sealed(KEY_A, elements, octet, BODY, b"", IV), (0, KEY_A), memory=memory, way="way")
    assert info.value.reason == "short-header"


def test_the_cipher_itself_refuses_a_short_header():
    cipher = Key(KEY_A).cipher
    for call in (
        lambda: cipher.seal(bytes(16), b"\1"),
        lambda: cipher.open(bytes(16), b"\1", bytes(4)),
        lambda: cipher.verify(bytes(16), bytes(4)),
        lambda: cipher.authenticate(bytes(16)),
    ):
        with pytest.raises(SecurityError) as info:
            call()
        assert info.value.reason == "short-header"


# -- Sealing what must not be sealed ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [SecurityMode.AUTHENTICATED, SecurityMode.ENCRYPTED])
def test_a_secured_message_needs_a_key_and_an_iv(mode):
    whole = {"calling_ap_invocation_id": 3, "calling_authentication_value": authentication_value(2, IV)}
    with pytest.raises(LocalProtocolError, match="needs a key"):
        seal_message(whole, control(mode), BODY)
    with pytest.raises(LocalProtocolError, match="needs a key"):
        seal_message({"calling_ap_invocation_id": 3}, control(mode), BODY, Key(KEY_A))
    assert seal_message(whole, control(mode), BODY, Key(KEY_A))


@pytest.mark.parametrize(
    "extra",
    [
        {"aso_context": ApTitle(0x06, octets("607C86F7540116"))},
        {"mechanism_name": ApTitle(0x06, octets("607C86F75401160201"))},
    ],
    ids=["A1", "8B"],
)
def test_a1_and_8b_are_not_sent_in_a_secured_message(extra):
    with pytest.raises(LocalProtocolError, match="A1 and 8B"):
        seal_message({**head(EXAMPLE_8_REQUEST), **extra}, control(SecurityMode.ENCRYPTED), BODY, Key(KEY_A))
    assert seal_message({**head(EXAMPLE_8_REQUEST), **extra}, control(), BODY)


@pytest.mark.parametrize("iv", [b"", bytes(3), bytes(5)])
def test_an_iv_to_be_sent_has_four_octets(iv):
    with pytest.raises(MessageError, match="an iv of"):
        seal_message(
            {"calling_ap_invocation_id": 3, "calling_authentication_value": authentication_value(2, iv)},
            control(SecurityMode.ENCRYPTED),
            BODY,
            Key(KEY_A),
        )


def test_elements_that_do_not_exist_are_not_sealed():
    with pytest.raises(MessageError, match="no such element"):
        seal_message({"caled_ap_title": None}, control(), BODY)


# -- Any message ------------------------------------------------------------------------------------------------------

ARCS = st.binary(min_size=0, max_size=14).map(lambda content: bytes(octet & 0x7F for octet in content))
TITLE = st.one_of(st.none(), st.builds(ApTitle, st.sampled_from([0x06, 0x80]), ARCS))
NUMBER = st.integers(0, 2**31 - 1)


def integer(value):
    return tlv(0x02, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


@PROPERTY
@given(
    key=st.binary(min_size=16, max_size=16),
    titles=st.tuples(TITLE, TITLE),
    numbers=st.tuples(st.none() | NUMBER, NUMBER),
    key_id=st.integers(0, 255),
    iv=st.binary(min_size=4, max_size=4),
    body=st.binary(max_size=300),
    mode=st.sampled_from([SecurityMode.AUTHENTICATED, SecurityMode.ENCRYPTED]),
    with_ac=st.booleans(),
)
def test_any_message_is_sealed_as_the_textbook_seals_it_and_opens(
    key, titles, numbers, key_id, iv, body, mode, with_ac
):
    called, calling = titles
    elements = {0xA8: tlv(0xA8, integer(numbers[1]))}
    values = {
        "called_ap_title": called,
        "calling_ap_title": calling,
        "called_ap_invocation_id": numbers[0],
        "calling_ap_invocation_id": numbers[1],
    }
    for tag, title in ((0xA2, called), (0xA6, calling)):
        if title is not None:
            elements[tag] = tlv(tag, tlv(title.tag, title.content))
    if numbers[0] is not None:
        elements[0xA4] = tlv(0xA4, integer(numbers[0]))
    if with_ac:
        elements[0xAC] = authentication(iv, key_id)
        values["calling_authentication_value"] = authentication_value(key_id, iv)
    known = Remembered(bytes([key_id]), iv)
    expected = sealed(key, elements, 0x80 | mode << 2, body, bytes([key_id]), iv)
    made = seal_message(values, control(mode), body, Key(key), None if with_ac else known)
    assert made == expected
    memory = SessionMemory()
    memory.remember("way", known)
    assert opened(made, (key_id, key), memory=memory, way="way") == Opened(body, mode, key_id, iv, not with_ac)


@PROPERTY
@given(st.sampled_from(sorted(MESSAGES)), st.integers(0, 10**6), st.binary(min_size=1, max_size=4), st.booleans())
def test_damage_is_refused_or_seen_as_clear(name, where, new, insert):
    key, _, message, plain = MESSAGES[name]
    at = where % len(message)
    changed = message[:at] + new + message[at if insert else at + len(new) :]
    result = outcome(changed, *[(number, key) for number in range(4)])
    if isinstance(result, Opened):
        assert changed == message or result.mode is SecurityMode.CLEAR or result.text == plain


def test_a_record_is_not_needed_for_a_control_octet():
    message = seal_message(head(EXAMPLE_8_REQUEST), Record(security_mode=2, reserved=True), BODY, Key(KEY_A))
    assert opened(message, (2, KEY_A)).text == BODY
    assert envelope(message).control == {**envelope(EXAMPLE_8_REQUEST).control}


def test_vectors_are_all_there():
    assert set(VECTORS) <= set(MESSAGES)
    assert len(VECTORS) == 5
