"""fixtures/captures/published_vectors.pcapng: the script makes it again, and what it holds is what was published."""

import runpy

import pytest
from capture_building import (
    FIXTURES,
    KEY_EXAMPLE8,
    KEY_IPV4,
    KEY_VECTOR3,
    KEY_ZERO,
    MODE1_TEXT,
    PUBLISHED,
    TEXT8,
    TEXT8_ANSWER,
    codes,
    decoded_file,
    messages,
    octets,
    ring,
    services,
)

SCRIPT = FIXTURES / "make_published_vectors.py"

# Plaintexts as published: protocol reference, sections 5.4 and 8. In vectors 1 and 2 the ED class comes first.
P12 = "54454D50 0B 40000700051A00000200E4"
P3 = "17513030303030303030303030303030303030303030000003300001"
P4 = P3 + "03300078 03300079 0330007A 0330007B 0330007D"
P5 = (
    "17513030303030303030303030303030303030303030000003300001033000280330002A0330002C0330002D0330002E0330002F0330007803"
    "3000790330007A0330007B0330007D0330007E03300082033000830330008503300801033008280330082A0330082D03300853"
)
TEXTS = {
    1: ("opened", octets(P12)),
    2: ("opened", TEXT8),
    3: ("opened", TEXT8_ANSWER),
    4: ("opened", octets(P12)),
    5: ("authenticated", octets(P5)),
    6: ("opened", octets(P4)),
    7: ("opened", octets(P3)),
    8: ("clear", octets("01 20")),
    17: ("clear", octets("01 0A")),
    18: ("authenticated", MODE1_TEXT),
}


def test_script_makes_the_same_file(tmp_path):
    made = tmp_path / "made.pcapng"
    runpy.run_path(str(SCRIPT))["write"](made)
    assert made.read_bytes() == PUBLISHED.read_bytes()


def test_all_messages_are_there():
    exchanges, remarks = decoded_file(PUBLISHED)
    found = messages(exchanges)
    assert [message.place.packet for message in found] == list(range(1, 19))
    assert remarks == []
    assert {message.state for message in found} == {"opened", "authenticated", "clear"}
    assert [codes(message) for message in found if message.remarks] == [["answer-count"], ["missing-a4"]]


@pytest.mark.parametrize("packet", TEXTS)
def test_texts_as_published(packet):
    message = messages(decoded_file(PUBLISHED)[0])[packet - 1]
    state, text = TEXTS[packet]
    assert message.state == state
    assert message.opened.text == text


def test_answers_find_their_requests():
    exchanges, _ = decoded_file(PUBLISHED)
    pairs = {(e.request.place.packet, e.response and e.response.place.packet) for e in exchanges}
    assert pairs == {(1, None), (2, 3), (4, None), (5, None), (6, None), (7, None), (18, None)} | {
        (n, n + 1) for n in (8, 10, 12, 14, 16)
    }


def test_times_are_those_of_the_ivs():
    found = messages(decoded_file(PUBLISHED)[0])
    ivs = {1: 0x48E99388, 2: 0x48F3D061, 4: 0x48F3D2F8, 5: 0x4B9262B0, 6: 0x4B97D2CC, 7: 0x4BCEE2C3, 18: 0x6B02F814}
    for packet, iv in ivs.items():
        assert found[packet - 1].place.time_ns == iv * 10**9
        assert found[packet - 1].opened.iv == iv.to_bytes(4, "big")


@pytest.mark.parametrize(
    ("keys", "opened"),
    [
        pytest.param([], set(), id="none"),
        pytest.param([(2, KEY_EXAMPLE8)], {1, 2, 3, 4}, id="key-2"),
        pytest.param([(0, KEY_IPV4)], {5, 6}, id="key-0-of-vectors-4-and-5"),
        pytest.param([(0, KEY_VECTOR3)], {7}, id="key-0-of-vector-3"),
        pytest.param([(0, KEY_ZERO)], {18}, id="key-0-of-mode-1"),
    ],
)
def test_each_key_opens_its_own(keys, opened):
    found = messages(decoded_file(PUBLISHED, ring(*keys))[0])
    secured = {1, 2, 3, 4, 5, 6, 7, 18}
    assert {m.place.packet for m in found if m.state in ("opened", "authenticated")} == opened
    ids = {key_id for key_id, _ in keys}
    for message in found:
        if message.place.packet in secured - opened:
            # Another key was tried where the id is the same, none where it is not.
            key_id = 2 if message.place.packet in (1, 2, 3, 4) else 0
            assert message.state == ("bad-mac" if key_id in ids else "no-key")


def test_services_of_messages_in_the_clear():
    found = messages(decoded_file(PUBLISHED)[0])
    assert services(found[9]) == ["5012346865 6c6c6f776f726c64 0000".replace(" ", "")]
    logon = found[9].services[0].value.parameters
    assert (logon.user_id, logon.user, logon.idle_timeout) == (0x1234, "helloworld", 0)
    register = found[11].services[0].value.parameters
    assert register.native_address == b"fizzbuzz"
    assert register.registration_period == 66051
    assert register.domain_pattern == b"beef"
    assert found[12].services[0].value.data.registration_delay == 3600
    assert found[13].services[0].value.parameters.ap_title.text == "1.3.6.1.4.1.33507"
    assert found[14].services[0].value.data.local_address == b"localaddress"
    assert found[16].services[0].octets == b"\x0a"
