"""The ticket of C12.21: a meter's challenge in its answer to Identify, and Authenticate, which answers it.

    identify's feature 02      ticket, 8 octets
    authenticate ->            token  = E(key, ticket)
    authenticate <-            answer = E(key, token)      which proves that the meter holds the key, too

E is DES, one block, no chaining. A key of 56 bits is found by trying them all, and one ticket with its token is enough
to try against. So nothing here works unless the caller says `allow_des=True`: it lets us talk to old meters that ask
for it, and protects nothing.

Sources: docs/sources.md, ADP CNX.
"""

from hmac import compare_digest

from c1222.errors import LocalProtocolError, RemoteProtocolError, SecurityError, TargetError

__all__ = ["BLOCK", "answer_ticket", "check_answer"]

BLOCK = 8
"""Octets of a key, a ticket, a token and an answer."""


def answer_ticket(key: bytes, ticket: bytes, *, allow_des: bool = False) -> bytes:
    """The token that answers a meter's ticket, 8 octets.

    key: 8 octets; the lowest bit of each is parity, and not looked at. ticket: 8 octets, as Identify gave them.

    Raises LocalProtocolError without `allow_des` and where this system has no DES, TargetError for a key of another
    length, RemoteProtocolError for a ticket of another length. No message shows the key.
    """
    if len(ticket) != BLOCK:
        raise RemoteProtocolError(f"the meter's ticket has {len(ticket)} octets where DES takes {BLOCK}")
    return _encipher(key, ticket, allow_des)


def check_answer(
    key: bytes, token: bytes, answer: bytes, *, allow_des: bool = False, accept_empty: bool = False
) -> None:
    """Whether the meter's answer to our token shows that it holds the key. Returns nothing; raises where it does not.

    token: what `answer_ticket` gave. answer: what came back behind the key id.
    accept_empty: take an answer of no octets, or of zeros alone, as if it were right, which an A1800 was seen to give
        (CNX). It removes all proof that this is the meter.

    Raises SecurityError: "downgrade" for an empty answer, "bad-mac" for a wrong one; otherwise as `answer_ticket`.
    """
    expected = _encipher(key, token, allow_des)
    if not any(answer) and len(answer) in (0, BLOCK):
        if accept_empty:
            return
        raise SecurityError(
            "the meter answered the token with nothing, so it did not show that it holds the key; "
            "some A1800 meters do this, and an option accepts it",
            reason="downgrade",
        )
    if not compare_digest(expected, answer):
        raise SecurityError("the meter answered the token wrongly: it does not hold this key", reason="bad-mac")


def _encipher(key: bytes, block: bytes, allow_des: bool) -> bytes:
    if not allow_des:
        raise LocalProtocolError(
            "this meter asks for authentication with DES, whose keys are too short to protect anything; "
            "allow it expressly"
        )
    if len(key) != BLOCK:
        raise TargetError(f"a DES key has {BLOCK} octets, this one has {len(key)}")
    # Imported here, where it is allowed: who never meets DES loads none of it.
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.modes import ECB

    try:
        # The library keeps DES as TripleDES alone. With one key three times, the second pass undoes the first.
        # One block, once for each ticket: there is nothing here that a chaining mode could hide.
        cipher = Cipher(TripleDES(3 * key), ECB()).encryptor()  # noqa: S305
        return cipher.update(block) + cipher.finalize()
    except UnsupportedAlgorithm as exc:
        raise LocalProtocolError("this system's cryptography library has no DES") from exc
