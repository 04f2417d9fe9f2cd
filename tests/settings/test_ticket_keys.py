"""The DES key of Authenticate, by reference. The key is that of protocol.md 1.7."""

import pytest

from c1222.errors import TargetError
from c1222.settings.ticket_keys import read_ticket_key

KEY = bytes.fromhex("0123456789ABCDEF")


@pytest.mark.parametrize("octets", [b"0123456789ABCDEF", b"01 23 45 67 89 ab cd ef\n", KEY])
def test_hex_digits_or_octets(tmp_path, octets):
    path = tmp_path / "key"
    path.write_bytes(octets)
    path.chmod(0o600)
    key = read_ticket_key(f"3=file:{path}")
    assert (key.key_id, key.octets) == (3, KEY)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("0123456789ABCDEF", "a key id from 0 to 255"),
        ("256=env:TICKET_KEY", "a key id from 0 to 255"),
        ("3=0123456789ABCDEF", "not a reference"),
        ("3=env:TICKET_KEY", "16 hex digits or 8 octets"),
    ],
)
def test_what_cannot_be(monkeypatch, given, words):
    monkeypatch.setenv("TICKET_KEY", "0123456789ABCD")
    with pytest.raises(TargetError, match=words) as info:
        read_ticket_key(given)
    assert "0123456789ABCD" not in str(info.value)
