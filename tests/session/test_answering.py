"""What a head-end answers, octet for octet where it is not drawn at random."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from c1222.message.acse import APDU
from c1222.message.epsem import decode_body
from c1222.message.segmentation import segments
from c1222.security.envelope import open_message, read_envelope
from c1222.security.keys import Key, KeyRing
from c1222.session.head_end.answering import Answering

METER = "06 0F 2B 06 01 04 01 82 85 63 8E 7F 85 F1 C2 4E 00"
HOST = "06 08 2B 06 01 04 01 82 85 63"
ID = "02 04 13 E8 14 21"
KEY_2 = bytes.fromhex("01020304050607080102030405060708")
WRONG = bytes(16)

# Example 8 of the standard (c1222_std_example8.pcap): Security, then 16 octets of ST-1, enciphered with key 2.
EXAMPLE_8 = bytes.fromhex(
    "60 4F  A2 05 80 03 7B C1 75  A6 04 80 02 7B 04  A8 03 02 01 03"
    "  AC 0F A2 0D A0 0B A1 09 80 01 02 81 04 48 F3 D0 61  BE 2A 28 28 81 26  88"
    "  41 D1 0C DA 76 20 68 11 B3 6F 78 14 89 A1 19 97 77 3E 11 7C B0 7A A3 AA 40 37 4A 71 07 C5 0D A7 F7  99 C5 D4 E8"
)
# One-way, enciphered: EAX' vector 2 of the standard's authors as a message; its control octet is 9A.
ONE_WAY = bytes.fromhex(
    "60 53  A2 0C 06 0A 60 7C 86 F7 54 01 16 00 7B 02  A6 0D 06 0B 60 7C 86 F7 54 01 16 00 7B 82 11"
    "  A7 03 02 01 04  A8 03 02 01 02  AC 0F A2 0D A0 0B A1 09 80 01 02 81 04 48 F3 D2 F8"
    "  BE 19 28 17 81 15  9A 8D 2F BB 7A 0A 8C 4D 40 ED AA 10 A4 64 31 C9 B8 FE C6 D9 E8"
)


def message(services: str, control: str = "80", head: str = "") -> bytes:
    """A message in the clear, from METER to HOST. services: each behind its length."""
    envelope = bytes.fromhex(control + services)
    information = bytes([0xBE, len(envelope) + 4, 0x28, len(envelope) + 2, 0x81, len(envelope)]) + envelope
    content = bytes.fromhex(f"A2 0A {HOST} {head} A6 11 {METER} A8 06 {ID}") + information
    return bytes([0x60, len(content)]) + content


def answering(*keys: bytes) -> Answering:
    ring = KeyRing()
    for key in keys:
        ring.add(2, Key(key))
    return Answering(ring, lambda: 1_700_000_000.0)


REGISTRATION = f"27 20 40 01 82 85 63 {HOST} {HOST} 04 C0 00 02 07 00 0E 10"

ANSWERS = [
    #            service                                            answer
    # Connection type EF of the synthetic capture: bits 0 (broadcast) and 3 (reserved) are not repeated, bit 0 of the
    # answer says that messages may come directly: E7.
    pytest.param(f"27 FD EF 01828563 {HOST} {HOST} 08 66697A7A62757A7A 010203 04 62656566",
                 f"00 {HOST} 00 00 01 02 03 E7", id="register"),
    pytest.param(REGISTRATION, f"00 {HOST} 00 00 00 0E 10 41", id="register-on-tcp-every-hour"),
    pytest.param(REGISTRATION.replace(HOST, "80 02 7B 04", 1), "00 0D 02 7B 04 00 00 00 0E 10 41", id="relative-title"),
    pytest.param(REGISTRATION.replace(HOST, "0D 00", 1), "04", id="register-without-a-title"),
    pytest.param(f"24 {HOST}", f"00 {HOST}", id="deregister"),
    pytest.param("50 12 34 68 65 6C 6C 6F 77 6F 72 6C 64 00 3C", "00 00 3C", id="logon"),
    pytest.param("51" + "20" * 20, "00", id="security"),
    pytest.param("40 00 03 00 01 01 FF", "00", id="full-write"),
    pytest.param("52", "00", id="logoff"),
    pytest.param("20", "02", id="identify"),
    pytest.param("30 00 01", "02", id="full-read"),
    pytest.param("6F", "02", id="a-service-that-nobody-knows"),
    pytest.param("27 20", "04", id="register-cut"),
]  # fmt: skip


def in_message(service: str) -> str:
    return f"{len(bytes.fromhex(service)):02X} {service}"


@pytest.mark.parametrize(("service", "answer"), ANSWERS)
def test_a_service_and_its_answer(service, answer):
    found = answering().answer(message(in_message(service)), "peer", 0.0)
    expected = bytes.fromhex(in_message(answer))
    assert found[2 : 2 + 19 + 8 + 12 + 2] == bytes.fromhex(f"A2 11 {METER} A4 06 {ID} A6 0A {HOST} A8 06")
    assert found[-len(expected) - 1 :] == b"\x80" + expected
    assert len(found) == found[1] + 2


def test_services_are_answered_in_their_order():
    found = answering().answer(message("01 52  03 30 00 01  07 40 00 03 00 01 01 FF"), "peer", 0.0)
    assert found.endswith(bytes.fromhex("80  01 00  01 02  01 00"))


def test_two_answers_have_two_ids():
    heard = answering()
    first, second = (heard.answer(message("01 52"), "peer", 0.0) for _ in range(2))
    assert first != second


SILENT = [
    pytest.param(message("01 52", control="82"), id="none-wanted"),
    pytest.param(message("01 52", control="81"), id="only-wanted-on-exception"),
    pytest.param(message("01 00", head="A4 03 02 01 03"), id="an-answer"),
    pytest.param(message(""), id="no-services"),
    pytest.param(EXAMPLE_8, id="no-key"),
    pytest.param(message("05 52"), id="a-length-too-large"),
    pytest.param(b"", id="nothing"),
    pytest.param(b"\x60\x00", id="an-empty-message"),
    pytest.param(bytes.fromhex("60 80 00 00"), id="indefinite-length"),
    pytest.param(b"\xff" * 100, id="no-message"),
]


@pytest.mark.parametrize("octets", SILENT)
def test_silence(octets):
    assert answering().answer(octets, "peer", 0.0) is None


def test_a_refusal_is_an_exception():
    found = answering().answer(message("03 30 00 01", control="81"), "peer", 0.0)
    assert found.endswith(bytes.fromhex("80 01 02"))


@pytest.mark.parametrize("octets", [EXAMPLE_8[:-1] + b"\x00", EXAMPLE_8.replace(b"\x48\xf3", b"\x48\xf4")])
def test_what_is_not_authentic_is_not_answered(octets):
    assert answering(KEY_2).answer(octets, "peer", 0.0) is None


def test_a_one_way_message_is_not_answered():
    ring = KeyRing()
    ring.add(2, Key(KEY_2))
    # The plaintext of the vector: it can be opened, so that is not why.
    assert open_message(APDU.decode(ONE_WAY), ring).text == bytes.fromhex("54454D50 0B 40 0007 0005 1A00000200 E4")
    assert answering(KEY_2).answer(ONE_WAY, "peer", 0.0) is None


@pytest.mark.parametrize("keys", [(KEY_2,), (WRONG, KEY_2), (KEY_2, WRONG)], ids=["alone", "behind", "before"])
def test_an_answer_is_secured_as_its_request(keys):
    found = APDU.decode(answering(*keys).answer(EXAMPLE_8, "peer", 0.0))
    # Titles exchanged, A4 the id of the request.
    assert (found.called_ap_title.text, found.calling_ap_title.text) == (".123.4", ".123.8437")
    assert found.called_ap_invocation_id == 3
    ring = KeyRing()
    ring.add(2, Key(KEY_2))
    opened = open_message(found, ring)
    assert (opened.mode, opened.iv) == (2, (1_700_000_000).to_bytes(4, "big"))
    # Security, and a read that a head-end has no table for.
    assert decode_body(opened.text, read_envelope(found).control).services == [b"\x00", b"\x02"]


def test_a_message_in_segments_is_answered_once_it_is_whole():
    heard = answering()
    pieces = segments(message(in_message(REGISTRATION)), 72)
    assert len(pieces) > 1
    answers = [heard.answer(piece, "peer", 0.0) for piece in pieces]
    assert answers[:-1] == [None] * (len(pieces) - 1)
    assert answers[-1].endswith(bytes.fromhex(f"00 {HOST} 00 00 00 0E 10 41"))


REGISTER = message(in_message(REGISTRATION))


@given(st.binary(max_size=200))
def test_any_octets(octets):
    answering(KEY_2).answer(octets, "peer", 0.0)


@given(st.integers(0, len(REGISTER) - 1), st.integers(0, 255))
def test_one_octet_that_is_another(at, octet):
    answering(KEY_2).answer(REGISTER[:at] + bytes([octet]) + REGISTER[at + 1 :], "peer", 0.0)


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=3))
def test_any_services(services):
    answered = answering().answer(message("".join(in_message(each.hex()) for each in services)), "peer", 0.0)
    assert (answered is None) == (not services)
