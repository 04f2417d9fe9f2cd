"""C12.21's Authenticate with DES. Expected values are published DES vectors, and one from a script of its own."""

import traceback

import pytest

from c1222.errors import LocalProtocolError, RemoteProtocolError, SecurityError, TargetError
from c1222.security.ticket import answer_ticket, check_answer

KEY = bytes.fromhex("0123456789ABCDEF")
TICKET = b"Now is t"
# FIPS 81, table B1, first block; enciphered once more by a script of its own.
TOKEN = bytes.fromhex("3FA40E8A984D4815")
ANSWER = bytes.fromhex("86D38A03D51C1033")

DES = [
    #            key                 block               enciphered
    pytest.param("0123456789ABCDEF", "4E6F772069732074", "3FA40E8A984D4815", id="fips-81"),
    pytest.param("133457799BBCDFF1", "0123456789ABCDEF", "85E813540F0AB405", id="the-textbook-example"),
    pytest.param("0000000000000000", "0000000000000000", "8CA64DE9C1B123A7", id="zeros"),
    pytest.param("0101010101010101", "0000000000000000", "8CA64DE9C1B123A7", id="parity-is-not-looked-at-nbs-500-20"),
]


@pytest.mark.parametrize(("key", "ticket", "token"), DES)
def test_token_of_a_ticket(key, ticket, token):
    assert answer_ticket(bytes.fromhex(key), bytes.fromhex(ticket), allow_des=True) == bytes.fromhex(token)


def test_right_answer():
    check_answer(KEY, TOKEN, ANSWER, allow_des=True)


def test_des_must_be_allowed():
    with pytest.raises(LocalProtocolError, match="allow it expressly"):
        answer_ticket(KEY, TICKET)
    with pytest.raises(LocalProtocolError, match="allow it expressly"):
        check_answer(KEY, TOKEN, ANSWER)
    with pytest.raises(LocalProtocolError, match="allow it expressly"):
        check_answer(KEY, TOKEN, b"", accept_empty=True)


@pytest.mark.parametrize("bit", range(64))
def test_answer_with_one_bit_off(bit):
    wrong = (int.from_bytes(ANSWER, "big") ^ 1 << bit).to_bytes(8, "big")
    with pytest.raises(SecurityError, match="does not hold this key") as info:
        check_answer(KEY, TOKEN, wrong, allow_des=True)
    assert info.value.reason == "bad-mac"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(TOKEN, id="our-own-token-sent-back"),
        pytest.param(ANSWER[:7], id="one-octet-short"),
        pytest.param(ANSWER + b"\0", id="one-octet-long"),
        pytest.param(bytes(7), id="zeros-one-short"),
    ],
)
@pytest.mark.parametrize("accept_empty", [False, True])
def test_wrong_answers(answer, accept_empty):
    with pytest.raises(SecurityError) as info:
        check_answer(KEY, TOKEN, answer, allow_des=True, accept_empty=accept_empty)
    assert info.value.reason == "bad-mac"


@pytest.mark.parametrize("answer", [b"", bytes(8)])
def test_empty_answer_is_an_option(answer):
    with pytest.raises(SecurityError, match="A1800") as info:
        check_answer(KEY, TOKEN, answer, allow_des=True)
    assert info.value.reason == "downgrade"
    check_answer(KEY, TOKEN, answer, allow_des=True, accept_empty=True)


@pytest.mark.parametrize("length", [0, 7, 9, 16])
def test_ticket_of_another_length(length):
    with pytest.raises(RemoteProtocolError, match=f"{length} octets"):
        answer_ticket(KEY, bytes(length), allow_des=True)


@pytest.mark.parametrize("length", [0, 7, 9, 16, 24])
def test_key_of_another_length_is_refused_unseen(length):
    secret = (b"s3cretMARKER" * 2)[:length]
    with pytest.raises(TargetError, match=f"{length}$") as info:
        answer_ticket(secret, TICKET, allow_des=True)
    shown = "".join(traceback.format_exception(info.value))
    assert not length or (repr(secret) not in shown and secret.hex() not in shown)
