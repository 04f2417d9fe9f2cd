"""Passwords and keys are in no output unless asked for."""

import base64

import pytest
from decode_masking_vectors import SECRET, WITH_SECRET
from decode_vectors import AUTHENTICATED, EXAMPLE_8, decode

MARKS = [
    text
    for at in range(len(SECRET) - 8)
    for part in [SECRET[at : at + 8]]
    for text in (part.decode(), part.hex(), part.hex(" "), base64.b64encode(part).decode().rstrip("=")[:-1])
]
FORMS = [["--format", form] for form in ("table", "plain", "json", "jsonl", "hex")] + [["--tree"]]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[-1])
@pytest.mark.parametrize("text", WITH_SECRET.values(), ids=WITH_SECRET.keys())
def test_no_secret_in_any_output(text, form):
    shown = decode(text, *form, "-vv").output.lower()
    assert [mark for mark in MARKS if mark.lower() in shown] == []


SHOWN = [name for name in WITH_SECRET if not name.startswith(("line-", "half-", "logon-"))]
"""Lines that are not hex are never shown; a Logon shows the same octets as numbers and text."""


@pytest.mark.parametrize("form", [["--format", "json"], ["--format", "hex"], ["--tree"]], ids=lambda form: form[-1])
@pytest.mark.parametrize("name", SHOWN)
def test_secrets_are_shown_when_asked(name, form):
    shown = "".join(decode(WITH_SECRET[name], *form, "--show-secrets").stdout.split()).lower()
    # The tree has names between octets; what is shown of a whole secret is its beginning there.
    assert SECRET[:6].hex() in shown


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[-1])
def test_mode_1_without_a_key_is_masked_too(form):
    """Its text is readable whether the MAC can be checked or not."""
    shown = decode(AUTHENTICATED, *form).output
    assert "30" * 8 not in shown
    assert "30 30 30 30 30 30 30 30" not in shown
    assert "00000000" not in shown.replace("0" * 8 + "-", "")


def test_ciphertext_is_no_secret():
    assert "41d10cda76206811" in decode(EXAMPLE_8, "--format", "json").stdout
    assert "41d10cda76206811" in decode(EXAMPLE_8, "--format", "hex", "--key", "2=env:K2").stdout
    # Deciphered, the tree shows the text, not what stood in its place.
    assert "41 d1 0c da" not in decode(EXAMPLE_8, "--tree", "--key", "2=env:K2").stdout
