"""Whole commands with secrets of which nothing may be seen: the guard (tests/secrets_guard.py) reads all they write."""

import pytest
from click.testing import CliRunner
from live_meters import script, served

from c1222_cli.main import main

CLEAR = "sim:?protocol=c1222&called=.123.8437"
ENCRYPTED = f"{CLEAR}&security=encrypt"


@pytest.fixture(autouse=True)
def secrets(monkeypatch, marker):
    monkeypatch.setenv("PW", marker.password)
    monkeypatch.setenv("KEY", marker.key)
    monkeypatch.setenv("C1222_DEBUG", "1")


def run(*words):
    return CliRunner().invoke(main, [*map(str, words)])


LOGIN = ("--user-id", "2", "--user", "ENGINEER", "--password", "env:PW")

COMMANDS = [
    #            words                                                                       exit code
    pytest.param(("read", "sim:", "1", *LOGIN), 3, id="wrong-password-c12.18"),
    pytest.param(("read", CLEAR, "1", *LOGIN), 3, id="wrong-password-c12.22"),
    pytest.param(("read", f"{CLEAR}&session=yes", "1", *LOGIN), 3, id="wrong-password-session"),
    pytest.param(("read", f"{ENCRYPTED}&timeout=1", "1", "--key", "0=env:KEY"), 5, id="wrong-key"),
    pytest.param(("read", ENCRYPTED, "1", "--key", "9=env:KEY", "--password", "env:PW"), 5, id="unknown-key-id"),
    pytest.param(("read", "sim:", "1", "--password", "env:KEY"), 2, id="a-key-is-no-password"),
    pytest.param(("read", ENCRYPTED, "1", "--key", "0=env:PW"), 2, id="a-password-is-no-key"),
    pytest.param(("logon", "sim:", *LOGIN), 3, id="logon"),
    pytest.param(("info", "sim:", *LOGIN), 3, id="info"),
]


@pytest.mark.parametrize(("words", "code"), COMMANDS)
@pytest.mark.parametrize("loud", ["-q", "-vv"])
def test_commands_that_fail(words, code, loud, tmp_path):
    trace = tmp_path / "trace.pcapng"
    result = run(*words, loud, "--trace", trace)
    assert result.exit_code == code, result.output
    if trace.exists():
        assert trace.stat().st_mode & 0o077 == 0
        result = run("decode", trace, "--tree", "-v", "--key", "0=env:KEY")
        assert result.exit_code in (0, 4), result.output


@pytest.mark.parametrize("loud", ["-q", "-vv"])
def test_a_password_that_is_right(monkeypatch, marker, loud, tmp_path):
    """A meter that lets this password in; what went over the wire is yours alone, and decode masks it."""
    password = marker.password.encode().ljust(20)
    answers = {b"\x51" + password: b"\x00", b"\x50\x00\x00ann       ": b"\x00"}
    served(monkeypatch, script() | answers)
    result = run("read", "optical:/dev/x", "1", "--user", "ann", "--password", "env:PW", loud)
    assert result.exit_code == 0, result.output


def test_what_is_typed_in_the_wrong_place(marker):
    for words in (
        ("read", f"tcp://ann:{marker.password}@192.0.2.7", "1"),
        ("read", f"tcp://192.0.2.7?password={marker.password}", "1"),
        ("read", "sim:", "1", "--password", marker.password),
        ("read", "sim:", "1", "--key", marker.key),
        ("read", "sim:", "1", "--key", f"2={marker.key}"),
        ("keys", "add", "2", "--from", marker.key),
    ):
        assert run(*words, "-vv").exit_code == 2


def test_dropped_messages_are_told_with_v(monkeypatch):
    """Each answer comes twice over a connection: the second answers nothing that is open."""
    from c1222.session.channels.network import NetworkChannel

    receive = NetworkChannel.receive_data
    monkeypatch.setattr(NetworkChannel, "receive_data", lambda self, octets, now: receive(self, octets * 2, now))
    words = ("read", CLEAR, "1")
    # Tables 0 and 1 are read.
    assert "messages dropped: 2 in answer to nothing" in run(*words, "-v").stderr
    assert "dropped" not in run(*words).stderr
