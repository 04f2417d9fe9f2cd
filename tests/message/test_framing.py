"""APDUs out of a stream. Octets: the messages of protocol.md section 8, and lengths of its section 4.1."""

import pytest
from walk_throughs import EVERY

from c1222.errors import RemoteProtocolError
from c1222.message.framing import ApduFramer

MESSAGES = [walk.octets for walk in EVERY.values()]


def taken(framer, *pieces):
    found = []
    for piece in pieces:
        framer.feed(piece)
        while (apdu := framer.next_apdu()) is not None:
            found.append(apdu)
    return found


def test_one_after_another():
    assert taken(ApduFramer(), b"".join(MESSAGES)) == MESSAGES


def test_octet_by_octet():
    framer = ApduFramer()
    assert taken(framer, *(bytes([octet]) for octet in b"".join(MESSAGES))) == MESSAGES
    assert framer.held == 0


TWO = EVERY["8.5-identify"].octets + EVERY["8.14-mode-1"].octets


@pytest.mark.parametrize("cut", range(1, len(TWO)))
def test_at_every_cut(cut):
    framer = ApduFramer()
    assert taken(framer, TWO[:cut], TWO[cut:]) == [TWO[:50], TWO[50:]]


@pytest.mark.parametrize(
    ("head", "length"),
    [
        # protocol.md 4.1: the forms of a length; more octets than needed are taken as well.
        ("60 00", 0),
        ("60 7F", 0x7F),
        ("60 81 80", 0x80),
        ("60 81 FF", 0xFF),
        ("60 82 01 00", 0x100),
        ("60 82 FF 00", 0xFF00),
        ("60 82 00 05", 5),
        ("60 84 00 00 00 05", 5),
    ],
)
def test_forms_of_a_length(head, length):
    whole = bytes.fromhex(head) + bytes(length)
    framer = ApduFramer()
    assert taken(framer, whole + b"\x60") == [whole]
    assert framer.held == 1


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        pytest.param("00", "begins with 60, not with 00", id="no-apdu"),
        pytest.param("60 80", "indefinite", id="indefinite-length"),
        pytest.param("60 85 00 00 00 00 01", "too long", id="five-octets-of-length"),
        pytest.param("60 FF", "too long", id="reserved-length"),
        pytest.param("60 83 01 00 00", r"65541 octets \(limit 65536\)", id="too-large"),
    ],
)
def test_what_cannot_be_an_apdu(octets, why):
    framer = ApduFramer()
    framer.feed(bytes.fromhex(octets))
    with pytest.raises(RemoteProtocolError, match=why):
        framer.next_apdu()
    framer.feed(MESSAGES[0])
    with pytest.raises(RemoteProtocolError, match=why):
        framer.next_apdu()


def test_what_is_whole_comes_out_before_the_garbage():
    framer = ApduFramer()
    framer.feed(MESSAGES[0] + b"\x15")
    assert framer.next_apdu() == MESSAGES[0]
    with pytest.raises(RemoteProtocolError):
        framer.next_apdu()


def test_the_limit_counts_tag_and_length():
    octets = bytes.fromhex("60 03 000000")
    assert taken(ApduFramer(5), octets) == [octets]
    framer = ApduFramer(4)
    framer.feed(octets[:2])
    with pytest.raises(RemoteProtocolError, match="limit 4"):
        framer.next_apdu()
