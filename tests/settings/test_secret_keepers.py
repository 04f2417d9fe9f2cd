"""References to what keeps secrets: `keyring:` and `cmd:`."""

import os
import shlex
import subprocess
import sys
import traceback

import fake_keyring
import pytest

from c1222.errors import TargetError
from c1222.security.keys import Key
from c1222.settings.secrets import check_reference, read_key, read_secret, shown

POSIX = pytest.mark.skipif(os.name == "nt", reason="words are split as a POSIX shell does")


def refused(call, *arguments, hides=()):
    """The message of the TargetError; what `hides` names is in nothing that could be printed or followed from it."""
    with pytest.raises(TargetError) as info:
        call(*arguments)
    seen = "".join(traceback.format_exception(info.value)) + repr(info.value)
    chained = info.value.__context__
    while chained is not None:
        seen += repr(chained) + repr(vars(chained))
        chained = chained.__context__
    for secret in hides:
        assert secret not in seen
    return str(info.value)


@pytest.fixture
def keyring(monkeypatch):
    return fake_keyring.install(monkeypatch)


def command(code, *more):
    """A reference to a Python program."""
    return "cmd:" + shlex.join([sys.executable, "-c", code, *more])


# ── keyring:


def test_from_the_keyring(keyring, marker):
    keyring.kept["meters", "a/b c"] = marker.password
    keyring.kept["c1222", "key-2"] = marker.key
    assert read_secret("keyring:meters/a/b c") == marker.password.encode()
    assert read_key("keyring:c1222/key-2") == Key(bytes.fromhex(marker.key))


def test_what_a_keyring_holds_is_utf_8(keyring):
    keyring.kept["s", "n"] = "pä"
    assert read_secret("keyring:s/n") == b"p\xc3\xa4"


@pytest.mark.parametrize("rest", ["", "c1222", "/", "c1222/", "/key-2"])
def test_a_keyring_wants_service_and_name(rest):
    assert "wants a service and a name" in refused(check_reference, f"keyring:{rest}")


def test_nothing_there(keyring):
    message = refused(read_secret, "keyring:meters/house")
    assert message == (
        "password: the keyring has nothing under service meters, name house; put it there: keyring set meters house"
    )
    keyring.kept["meters", "house"] = ""
    assert refused(read_secret, "keyring:meters/house") == "password: keyring:meters/house is empty"


def test_a_keyring_that_says_no_is_not_quoted(keyring, marker):
    keyring.kept["meters", "house"] = marker.password
    keyring.locked = True
    message = refused(read_secret, "keyring:meters/house", hides=[marker.password])
    assert message == "password: the keyring could not be used (KeyringError); is it locked?"


def test_a_key_in_the_keyring_that_is_none(keyring, marker):
    keyring.kept["c1222", "key-2"] = marker.password
    assert "other characters" in refused(read_key, "keyring:c1222/key-2", hides=[marker.password])


def test_a_system_without_a_keyring(keyring):
    keyring.is_there = False
    assert "this system offers no keyring" in refused(read_secret, "keyring:meters/house")


def test_the_library_is_an_extra(monkeypatch):
    fake_keyring.uninstall(monkeypatch)
    assert "pip install 'c1222[keyring]'" in refused(read_secret, "keyring:meters/house")


# ── cmd:


@POSIX
@pytest.mark.parametrize(
    ("code", "secret"),
    [
        pytest.param("print('one\\ntwo')", b"one", id="first-line"),
        pytest.param("print(' p w ')", b" p w ", id="blanks-belong-to-it"),
        pytest.param("import sys; sys.stdout.write('one\\r\\ntwo')", b"one", id="line-end-of-windows"),
        pytest.param("import sys; sys.stdout.write('one')", b"one", id="no-line-end"),
        pytest.param("import sys; sys.stdout.buffer.write(b'\\xff\\n')", b"\xff", id="octets"),
        pytest.param("import sys; print(sys.stdin.read() or 'nothing')", b"nothing", id="stdin-is-empty"),
        pytest.param("import sys; print('no', file=sys.stderr); print('yes')", b"yes", id="stderr-is-not-taken"),
    ],
)
def test_from_a_command(code, secret):
    assert read_secret(command(code)) == secret


@POSIX
def test_no_shell_expands_anything(monkeypatch):
    monkeypatch.setenv("HOUSE", "expanded")
    code = "import sys; print(sys.argv[1:])"
    assert read_secret(command(code) + " $HOUSE '*' a;b \"c d\"") == b"['$HOUSE', '*', 'a;b', 'c d']"


@POSIX
def test_a_key_from_a_command():
    octets = bytes(range(0xF0, 0x100))
    assert read_key(command(f"print('{octets.hex(':')}\\nnotes: made in 2026')")) == Key(octets)
    assert read_key(command(f"import sys; sys.stdout.buffer.write({octets!r})")) == Key(octets)
    # Sixteen characters that are hex are half a key.
    assert "16 hex digits" in refused(read_key, command("import sys; sys.stdout.write('00112233445566aa')"))


@POSIX
def test_what_a_command_writes_is_not_told(marker):
    out = f"import sys; print('{marker.password}'); print('{marker.key}', file=sys.stderr); sys.exit(3)"
    message = refused(read_secret, command(out), hides=[marker.password, marker.key])
    assert message == (f"password: cmd: {sys.executable} failed with exit code 3; run the command by itself to see why")
    assert "other characters" in refused(read_key, command(f"print('{marker.password}')"), hides=[marker.password])


@POSIX
@pytest.mark.parametrize(
    ("code", "problem"),
    [
        pytest.param("print()", "wrote nothing into its first line", id="empty-line"),
        pytest.param("pass", "wrote nothing into its first line", id="nothing"),
        pytest.param("print('x' * 70_000)", "wrote more than 64 KiB", id="too-much"),
        pytest.param("import os; os.kill(os.getpid(), 9)", "failed with exit code -9", id="killed"),
    ],
)
def test_commands_that_tell_nothing(code, problem):
    assert problem in refused(read_secret, command(code))


@POSIX
def test_a_command_has_its_time(monkeypatch, marker):
    def run(*words, timeout, **options):
        raise subprocess.TimeoutExpired(words, timeout, output=marker.password.encode())

    monkeypatch.setattr(subprocess, "run", run)
    message = refused(read_secret, command("pass"), hides=[marker.password])
    assert message == f"password: cmd: {sys.executable} took more than 60 s"


@POSIX
@pytest.mark.parametrize(
    ("words", "problem"),
    [
        pytest.param("", "needs a command after it", id="nothing"),
        pytest.param("  ", "needs a command after it", id="blanks"),
        pytest.param("''", "needs a command after it", id="an-empty-word"),
        pytest.param("pass 'meters", "a quote in the command is not closed", id="open-quote"),
    ],
)
def test_what_is_no_command(words, problem):
    assert problem in refused(check_reference, f"cmd:{words}")


def test_a_secret_that_was_taken_for_a_program_is_not_repeated(marker):
    assert "there is no such program" in refused(read_secret, f"cmd:{marker.password}", hides=[marker.password])


@POSIX
def test_a_program_that_cannot_be_run(tmp_path):
    broken = tmp_path / "keeper"
    broken.write_bytes(b"\x7fELF but not really")
    broken.chmod(0o755)
    assert "keeper could not be run" in refused(read_secret, f"cmd:{broken}")


def test_words_of_a_command_are_not_shown(marker):
    assert shown(f"cmd:keeper --open-with {marker.password}") == "cmd:..."
    assert shown("keyring:c1222/key-2") == "keyring:c1222/key-2"
