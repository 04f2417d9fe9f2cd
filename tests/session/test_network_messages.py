"""Messages of C12.22, octet by octet, against published examples and captures."""

import pytest
from network_by_hand import KEY, Opened, message
from scripted_network import NetworkMeter, network_meter, options, ring, security
from waiting_channel import (
    AUTHENTICATED,
    ENCRYPTED,
    READ_1,
    WHO,
    Given,
    channel_of,
)

from c1222.errors import LocalProtocolError, SecurityError
from c1222.psem.blocks import blocks
from c1222.psem.requests import request
from c1222.security.keys import KeyRing
from c1222.session.channels.nonces import Nonces
from c1222.session.settings import Credentials, NetworkOptions
from c1222.titles import ApTitle

TABLE_1 = b"EE  A3R     " + bytes.fromhex("02 00 03 06") + b"        12345678"


# -- What is sent ------------------------------------------------------------------------------------------------------

READ_SN = request("offset_read", table=1, offset=16, octet_count=16)
EXAMPLE_8 = bytes.fromhex(
    "60 4F A2 05 80 03 7B C1 75 A6 04 80 02 7B 04 A8 03 02 01 03 AC 0F A2 0D A0 0B A1 09 80 01 02 81 04 48 F3 D0 61"
    "BE 2A 28 28 81 26 88 41 D1 0C DA 76 20 68 11 B3 6F 78 14 89 A1 19 97 77 3E 11 7C B0 7A A3 AA 40 37 4A 71 07 C5"
    "0D A7 F7 99 C5 D4 E8"
)
EXAMPLE_8_ANSWER = bytes.fromhex(
    "60 48 A2 04 80 02 7B 04 A4 03 02 01 03 A6 05 80 03 7B C1 75 A8 03 02 01 03 AC 0F A2 0D A0 0B A1 09 80 01 02 81"
    "04 48 F3 D0 60 BE 1E 28 1C 81 1A 88 4B AE E4 34 96 31 AB 5E 56 A0 E6 E0 E9 0D FA D5 58 59 1E E4 EA 33 4C B2 68"
)


def example_8():
    """A channel that has sent the request of the published example (protocol.md 8.9)."""
    # Ids of one octet are 1 to 7F: one behind 1 + 1 is 3.
    nonces = Nonces(1, lambda: 0x48F3D061, lambda below: 1)
    channel = channel_of(options(ENCRYPTED), lead=security(WHO), nonces=nonces)
    channel.ask([READ_SN], now=0.0)
    return channel


def test_example_8():
    assert b"".join(example_8().data_to_send()).hex(" ") == EXAMPLE_8.hex(" ")


def test_example_8_is_answered():
    """One answer to two services: Security has none (protocol.md 8.10)."""
    channel = example_8()
    channel.receive_data(EXAMPLE_8_ANSWER, 1.0)
    (answer,) = channel.next_event().responses
    assert answer.data.blocks[0].data == b"MANUFACTURER SN "


KEY_B = bytes.fromhex("6624C7E23034E4036FE5CB3A8B5DAB44")
METER_B = bytes.fromhex("06 0F 2B060104018285638E7F85F1C24E00")
CLIENT_B = bytes.fromhex("06 08 2B06010401828563")
IV_B = bytes.fromhex("4C97F489")
TITLES_B = {
    "called": ApTitle.parse("1.3.6.1.4.1.33507.1919.12345678.0"),
    "calling": ApTitle.parse("1.3.6.1.4.1.33507"),
    "ring": ring(0, KEY_B),
    "key_id": 0,
}
IPV4 = bytes.fromhex(
    "60 47 A2 11 06 0F 2B060104018285638E7F85F1C24E00 A6 0A 06 08 2B06010401828563 A8 06 02 04 13E81421"
    "AC 0F A2 0D A0 0B A1 09 80 01 00 81 04 4C97F489 BE 0D 28 0B 81 09 88 65F1E271 A71F7F27"
)


def ipv4():
    """A channel that has sent the request of 8.11."""
    # Ids of four octets begin at 01000000; the first is the one behind the one that was drawn.
    nonces = Nonces(4, lambda: 0x4C97F489, lambda below: 0x13E81421 - 0x01000000 - 1)
    channel = channel_of(options(ENCRYPTED, **TITLES_B), nonces=nonces)
    channel.ask([READ_1], now=0.0)
    return channel


def test_the_request_of_the_ipv4_capture():
    assert b"".join(ipv4().data_to_send()).hex(" ") == IPV4.hex(" ")


def test_the_answer_of_the_ipv4_capture():
    text = bytes.fromhex("24 00 0020") + TABLE_1 + b"\x21"
    answer = message(text, control=0x88, key=KEY_B, key_id=0, iv=IV_B, a2=CLIENT_B, a4=0x13E81421, a6=METER_B, a8=0x2C)
    # What 8.11 tells of the captured octets: their number and the MAC.
    assert (len(answer), answer[-4:].hex()) == (111, "38a2d998")
    channel = ipv4()
    channel.receive_data(answer, 1.0)
    assert channel.next_event().responses[0].data.blocks[0].data == TABLE_1


ASKED = "A2 11 06 0F 2B060104018285638E7F85F1C24E00 A6 0A 06 08 2B06010401828563 A8 06 02 04 13E81421"


@pytest.mark.parametrize(
    ("asked", "octets"),
    [
        (request("identify"), f"60 30 {ASKED} BE 07 28 05 81 03 80 01 20"),
        (
            request("logon", user_id=0x1234, user="helloworld", idle_timeout=0),
            f"60 3E {ASKED} BE 15 28 13 81 11 80 0F 50 1234 68656C6C6F776F726C64 0000",
        ),
        (
            request("index_read_1", table=0, indices=[0], element_count=1),
            f"60 36 {ASKED} BE 0D 28 0B 81 09 80 07 31 0000 0000 0001",
        ),
        (
            request("security", password=bytes(8) + b"password1234", user_id=None),
            f"60 44 {ASKED} BE 1B 28 19 81 17 80 15 51 0000000000000000 70617373776F726431323334",
        ),
    ],
    ids=["8.5-identify", "8.6-logon", "8.7-index-read", "8.12-security"],
)
def test_messages_in_the_clear(asked, octets):
    channel = channel_of(options(**TITLES_B), nonces=Given(0x13E81421))
    channel.ask([asked], now=0.0)
    assert b"".join(channel.data_to_send()).hex(" ") == bytes.fromhex(octets).hex(" ")


def test_mode_1_without_titles():
    """protocol.md 8.14: what another client sent, under a key of zeros."""
    who = Credentials(password=b"0" * 20)
    asked = options(AUTHENTICATED, called=None, calling=None, ring=ring(0, bytes(16)), key_id=0)
    nonces = Given(0xA24369A5, bytes.fromhex("6B02F814"))
    channel = channel_of(asked, lead=security(who), nonces=nonces)
    channel.ask([READ_1, request("full_read", table=5)], now=0.0)
    expected = (
        "6044 A8060204A24369A5 AC0FA20DA00BA10980010081046B02F814 BE2928278125 84"
        f"17 51 {'30' * 20} 0000 03 300001 03 300005 5D970AF7"
    )
    assert b"".join(channel.data_to_send()).hex() == bytes.fromhex(expected).hex()


def test_one_way():
    channel = channel_of()
    channel.tell([request("full_write", table=5, blocks=blocks(b"x"))])
    (sent,) = channel.data_to_send()
    opened = Opened(sent, KEY)
    assert opened.control == 0x82  # protocol.md 3: one-way
    assert opened.services == [bytes.fromhex("40 0005 0001 78 88")]  # 78 + 88 = 100
    assert channel.deadline is None


def test_a_message_that_is_told_meanwhile_is_not_repeated():
    write = request("full_write", table=5, blocks=blocks(b"x"))
    channel = channel_of(is_datagram=True)
    channel.ask([write], now=0.0)
    asked = channel.data_to_send()
    channel.tell([request("wait", seconds=1)])
    channel.data_to_send()
    channel.handle_timeout(2.5)
    assert channel.data_to_send() == asked


@pytest.mark.parametrize("octets", [2, 3, 4])
def test_the_width_of_an_id(octets):
    side = NetworkMeter(lambda asked: b"\x00")
    meter = network_meter(side, options(id_octets=octets))
    for _ in range(3):
        meter.wait(1)
    for sent in side.requests:
        at = sent.index(bytes([0xA8, octets + 2, 0x02, octets])) + 4
        assert 0 < sent[at] < 0x80  # protocol.md 4.2: every reader takes it for the same number


def test_an_ed_class_goes_first():
    channel = channel_of(options(ed_class=b"TEST"))
    channel.ask([READ_1], now=0.0)
    (sent,) = channel.data_to_send()
    assert sent.endswith(bytes.fromhex("81 09 90 54455354 03 30 0001"))


def test_no_key():
    channel = channel_of(options(ENCRYPTED, ring=ring(5)))
    with pytest.raises(SecurityError, match=r"no key for key id 2 was given \(have 5\)") as info:
        channel.ask([READ_1], now=0.0)
    assert info.value.reason == "no-key"
    assert channel.data_to_send() == []
    with pytest.raises(SecurityError, match="have none"):
        channel_of(options(ENCRYPTED, ring=KeyRing())).ask([READ_1], now=0.0)


def test_a_message_that_is_larger_than_the_limit():
    channel = channel_of(options(max_message=500))
    with pytest.raises(LocalProtocolError, match="the limit is 500"):
        channel.ask([request("full_write", table=5, blocks=blocks(bytes(500)))], now=0.0)
    channel.ask([READ_1], now=0.0)


def test_one_message_at_a_time():
    channel = channel_of()
    channel.ask([READ_1], now=0.0)
    with pytest.raises(LocalProtocolError, match="not answered yet"):
        channel.ask([READ_1], now=0.0)


def test_options_that_cannot_be():
    for wrong in (
        {"id_octets": 1},
        {"retries": -1},
        {"services": 0},
        {"key_id": 256},
        {"timeout": 0},
        {"ed_class": b"x"},
    ):
        with pytest.raises(LocalProtocolError):
            NetworkOptions(**wrong)
