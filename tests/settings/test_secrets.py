import os
import stat
import traceback

import pytest

from c1222.errors import TargetError
from c1222.security.keys import Key
from c1222.settings.secrets import read_key, read_secret

HEX = "0102030405060708090a0b0c0d0e0f10"
KEY = Key(bytes.fromhex(HEX))

# Stands for every secret that must not be seen. Its 16 octets are no hex text.
MARKER = b"s3cret-MARKER-!!"
POSIX = pytest.mark.skipif(os.name == "nt", reason="rights of this kind are POSIX")


def private(path, content, mode=0o600):
    path.write_bytes(content)
    path.chmod(mode)
    return f"file:{path}"


def refused(call, *arguments, **options):
    """The message of the TargetError, after looking for the marker in everything that could be printed of it."""
    with pytest.raises(TargetError) as info:
        call(*arguments, **options)
    shown = "".join(traceback.format_exception(info.value)) + repr(info.value) + str(info.value)
    for form in (MARKER.decode(), MARKER.hex(), MARKER.hex().upper(), HEX, HEX[:31]):
        assert form not in shown
    return str(info.value)


# ── Passwords


def test_from_the_environment(monkeypatch):
    monkeypatch.setenv("PW", " p w ")
    assert read_secret("env:PW") == b" p w "


@POSIX
def test_octets_of_the_environment_stay_as_they_are(monkeypatch):
    monkeypatch.setenv("PW", os.fsdecode(b"\xff\xc3\xa4"))
    assert read_secret("env:PW") == b"\xff\xc3\xa4"


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        pytest.param(b"pw", b"pw", id="no-line-end"),
        pytest.param(b"pw\n", b"pw", id="line-end"),
        pytest.param(b"pw\r\n", b"pw", id="line-end-of-windows"),
        pytest.param(b"pw\n\n", b"pw\n", id="one-line-end-only"),
        pytest.param(b" pw\r", b" pw\r", id="a-bare-return-belongs-to-it"),
        pytest.param(b"\0\xff\n\0", b"\0\xff\n\0", id="any-octets"),
    ],
)
def test_from_a_file(tmp_path, content, secret):
    assert read_secret(private(tmp_path / "pw", content)) == secret


def test_a_relative_path_starts_where_it_should(tmp_path, monkeypatch):
    private(tmp_path / "pw", b"there")
    (tmp_path / "sub").mkdir()
    private(tmp_path / "sub" / "pw", b"here")
    monkeypatch.chdir(tmp_path)
    assert read_secret("file:pw") == b"there"
    assert read_secret("file:pw", folder=tmp_path / "sub") == b"here"
    assert read_secret(f"file:{tmp_path / 'pw'}", folder=tmp_path / "sub") == b"there"


@POSIX
def test_a_path_may_begin_at_home(tmp_path, monkeypatch):
    private(tmp_path / "pw", b"at home")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read_secret("file:~/pw") == b"at home"
    assert read_secret("file:~/pw", folder=tmp_path / "elsewhere") == b"at home"


def test_from_a_person():
    questions = []

    def ask(what):
        questions.append(what)
        return "pä"

    assert read_secret("prompt", ask=ask, what="password of @lobby") == b"p\xc3\xa4"
    assert questions == ["password of @lobby"]


def test_nobody_is_asked_without_need(monkeypatch):
    monkeypatch.setenv("PW", "x")
    assert read_secret("env:PW", ask=lambda what: pytest.fail(f"asked for {what}")) == b"x"


# ── What is refused, and what is said


def test_missing_and_empty_are_told_apart(monkeypatch, tmp_path):
    monkeypatch.delenv("K2", raising=False)
    assert refused(read_secret, "env:K2") == "password: env:K2 is not set; set it: export K2=..."
    monkeypatch.setenv("K2", "")
    assert refused(read_secret, "env:K2") == "password: env:K2 is set, but empty; set it: export K2=..."
    assert "nothing was typed" in refused(read_secret, "prompt", ask=lambda _: "")
    for empty in (b"", b"\n"):
        assert refused(read_secret, private(tmp_path / "pw", empty)).endswith("pw is empty")
    assert refused(read_key, private(tmp_path / "key", b" \n")).endswith("key is empty")


def test_nobody_to_ask():
    assert "nobody can be asked" in refused(read_secret, "prompt")


@pytest.mark.parametrize("scheme", ["keyring", "cmd"])
def test_a_secret_behind_a_scheme_is_not_repeated(scheme):
    refused(read_secret, f"{scheme}:{MARKER.decode()}")


@pytest.mark.parametrize(
    "reference",
    [
        pytest.param(MARKER.decode(), id="bare"),
        pytest.param(HEX, id="bare-key"),
        pytest.param("", id="nothing"),
        pytest.param(f"hex:{HEX}", id="unknown-scheme"),
        pytest.param(f"prompt:{HEX}", id="prompt-with-a-tail"),
        pytest.param("ENV:PW", id="upper-case"),
        pytest.param(f" env:{HEX}", id="blank-before"),
    ],
)
@pytest.mark.parametrize("read", [read_secret, read_key])
def test_what_is_no_reference_is_not_repeated(read, reference):
    message = refused(read, reference)
    assert "secrets themselves are never given in the command line" in message
    assert not reference or reference not in message


@pytest.mark.parametrize("name", [HEX, "", MARKER.decode(), "A=B", "A B"])
def test_what_is_no_variable_is_not_repeated(name):
    message = refused(read_secret, f"env:{name}")
    assert "not the name of a variable" in message
    assert not name or name not in message


def test_a_file_needs_a_path():
    assert "needs a path" in refused(read_secret, "file:")


@POSIX
@pytest.mark.parametrize("mode", [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o777])
@pytest.mark.parametrize("read", [read_secret, read_key])
def test_a_file_open_to_others_is_refused(tmp_path, mode, read):
    message = refused(read, private(tmp_path / "my key", MARKER, mode))
    assert f"mode {mode:04o}" in message
    assert message.endswith(f"chmod 600 '{tmp_path / 'my key'}'")


@POSIX
@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_file_of_ones_own_is_read(tmp_path, mode):
    assert read_secret(private(tmp_path / "pw", MARKER, mode)) == MARKER


@POSIX
def test_a_link_is_judged_by_what_it_leads_to(tmp_path):
    private(tmp_path / "pw", MARKER, 0o644)
    (tmp_path / "link").symlink_to(tmp_path / "pw")
    assert "others can get at" in refused(read_secret, f"file:{tmp_path / 'link'}")


@POSIX
def test_only_regular_files(tmp_path):
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name in (tmp_path, tmp_path / "pipe", "/dev/null"):
        assert "not a regular file" in refused(read_secret, f"file:{name}")


def test_no_handle_is_left_open(tmp_path):
    """A file that is not closed would end as a ResourceWarning, which is an error here."""
    refused(read_secret, f"file:{tmp_path}")
    lowest = os.open(tmp_path / "new", os.O_CREAT | os.O_WRONLY)
    os.close(lowest)
    for _ in range(20):
        refused(read_secret, f"file:{tmp_path}")
        refused(read_secret, private(tmp_path / "large", bytes(65_537)))
    handle = os.open(tmp_path / "new", os.O_WRONLY)
    os.close(handle)
    assert handle == lowest


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        pytest.param("no/such/file", "No such file", id="missing"),
        pytest.param("nul\0octet", "not a usable path", id="octet-0"),
        pytest.param("~no-such-user-here/pw", "not a usable path", id="home-of-nobody"),
    ],
)
@POSIX
def test_paths_that_lead_nowhere(tmp_path, path, problem):
    message = refused(read_secret, f"file:{path}", folder=tmp_path, what="password of @lobby")
    assert problem in message
    assert message.startswith("password of @lobby: file:")


def test_a_large_file_is_refused(tmp_path):
    assert len(read_secret(private(tmp_path / "pw", b"x" * 65_536))) == 65_536
    assert "larger than 64 KiB" in refused(read_secret, private(tmp_path / "pw", MARKER * 4096 + b"x"))


# ── Keys


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(HEX, id="plain"),
        pytest.param(HEX.upper(), id="upper-case"),
        pytest.param("0x" + HEX, id="0x"),
        pytest.param("01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10", id="spaces"),
        pytest.param("01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10", id="colons"),
        pytest.param("0x01020304 0x05060708\t0x090a0b0c\n0X0d0e0f10\n", id="words-and-lines"),
    ],
)
def test_a_key_in_hex(tmp_path, monkeypatch, text):
    monkeypatch.setenv("K2", text)
    assert read_key("env:K2") == KEY
    assert read_key(private(tmp_path / "key", text.encode())) == KEY
    assert read_key("prompt", ask=lambda what: text if what == "key 2" else "", what="key 2") == KEY


@pytest.mark.parametrize("octets", [MARKER, bytes(16), bytes(range(256))[-16:], b"\n" + bytes(14) + b"\n"])
def test_a_key_in_raw_octets(tmp_path, octets):
    assert read_key(private(tmp_path / "key", octets)) == Key(octets)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(HEX[:31].encode(), "31 hex digits where 32 are needed", id="one-missing"),
        pytest.param(HEX.encode() + b"a", "33 hex digits where 32 are needed", id="one-too-many"),
        pytest.param(HEX[:16].encode(), "16 hex digits where 32 are needed", id="half-a-key-is-not-16-raw-octets"),
        pytest.param(HEX[:15].encode() + b"\n", "15 hex digits where 32 are needed", id="nor-with-a-line-end"),
        pytest.param(b"0x", "0 hex digits where 32 are needed", id="none"),
        pytest.param(HEX[:31].encode() + b"g", "other characters", id="not-hex"),
        pytest.param(HEX.encode() + b"\0", "other characters", id="octet-0"),
        pytest.param(b'"' + HEX.encode() + b'"', "other characters", id="quotes"),
        pytest.param(MARKER + b"\n", "other characters", id="17-octets"),
        pytest.param(MARKER[:-1], "other characters", id="15-octets"),
        pytest.param(HEX.encode("utf-16"), "other characters", id="utf-16"),
    ],
)
def test_other_texts_are_no_key(tmp_path, text, problem):
    message = refused(read_key, private(tmp_path / "key", text), what="key 2")
    assert problem in message
    assert message.startswith(f"key 2: file:{tmp_path / 'key'}: ")


def test_sixteen_characters_of_a_variable_are_no_raw_key(monkeypatch):
    monkeypatch.setenv("K2", MARKER.decode())
    assert "other characters" in refused(read_key, "env:K2")


def test_rights_are_read_from_the_file_that_is_read(tmp_path, monkeypatch):
    """By handle, not by a second look at the path, which may lead elsewhere by then."""
    monkeypatch.setattr(os, "stat", lambda *_, **__: pytest.fail("asked by path"))
    reference = f"file:{tmp_path / 'pw'}"
    handle = os.open(tmp_path / "pw", os.O_CREAT | os.O_WRONLY, stat.S_IRUSR | stat.S_IWUSR)
    os.write(handle, b"pw")
    os.close(handle)
    assert read_secret(reference) == b"pw"
