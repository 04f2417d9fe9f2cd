"""c1222 keys: keys are kept where nobody else finds them, listed, and never shown."""

import json
import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from c1222.security.keys import Key
from c1222.settings.key_files import read_keys
from c1222_cli.main import main

sys.path.append(str(Path(__file__).parents[1] / "settings"))

import fake_keyring

POSIX = pytest.mark.skipif(os.name == "nt", reason="rights of this kind are POSIX")


@pytest.fixture(autouse=True)
def key(monkeypatch, marker):
    monkeypatch.setenv("KEY", marker.key)
    return marker.key


@pytest.fixture
def keyring(monkeypatch):
    return fake_keyring.install(monkeypatch)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The user's folder for configurations, without a keyring."""
    fake_keyring.uninstall(monkeypatch)
    monkeypatch.setattr("c1222.settings.keyring_secrets.is_installed", lambda: False)
    monkeypatch.setattr("c1222.settings.config_files.user_folder", lambda: tmp_path / "c1222")
    return tmp_path / "c1222"


def run(*words, input=None):
    return CliRunner().invoke(main, ["keys", *map(str, words)], input=input)


def done(*words):
    result = run(*words)
    assert result.exit_code == 0, result.output
    return result


def kept(folder):
    """What a command with --keys finds: the entries, opened."""
    return [(each.key_id, each.title, each.key) for each in read_keys(folder / "keys.toml")]


def file_with(path, text, mode=0o600):
    path.touch(mode)
    path.chmod(mode)
    path.write_text(text)
    return path


# ── add and list


def test_a_key_in_a_file(folder, key):
    result = done("add", 2, "--from", "env:KEY")
    assert "no keyring here (pip install 'c1222[keyring]' brings the library)" in result.stderr
    assert f"key 2 for every meter: kept in the file {folder / 'key-2.key'}" in result.stderr
    assert result.stdout == ""
    assert kept(folder) == [(2, None, Key(bytes.fromhex(key)))]
    assert {path.name for path in folder.iterdir()} == {"keys.toml", "key-2.key"}
    if os.name != "nt":
        assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_key_in_the_keyring(keyring, folder, monkeypatch, key):
    monkeypatch.undo()
    monkeypatch.setattr("c1222.settings.config_files.user_folder", lambda: folder)
    keyring = fake_keyring.install(monkeypatch)
    monkeypatch.setenv("KEY", key)
    done("add", 2, "--from", "env:KEY")
    result = done("add", 2, "--from", "env:KEY", "--title", ".123.8437")
    assert "key 2 for .123.8437: kept in the system's keyring (c1222/key-2-123.8437)" in result.stderr
    assert keyring.kept == {("c1222", "key-2"): key, ("c1222", "key-2-123.8437"): key}
    assert [path.name for path in folder.iterdir()] == ["keys.toml"]
    assert [entry[:2] for entry in kept(folder)] == [(2, None), (2, ".123.8437")]
    done("remove", 2, "--yes")
    assert keyring.kept == {("c1222", "key-2-123.8437"): key}


def test_a_name_in_the_keyring_that_another_list_uses(monkeypatch, tmp_path, key):
    keyring = fake_keyring.install(monkeypatch)
    for name in ("one.toml", "two.toml"):
        done("add", 2, "--from", "env:KEY", "--file", tmp_path / name)
    assert set(keyring.kept) == {("c1222", "key-2"), ("c1222", "key-2-2")}
    done("remove", 2, "--yes", "--file", tmp_path / "one.toml")
    assert set(keyring.kept) == {("c1222", "key-2-2")}


def test_a_key_that_a_person_types(folder, monkeypatch, key):
    monkeypatch.setattr("c1222_cli.stored_keys.command.can_ask", lambda: True)
    result = run("add", 2, input=f"{key}\n")
    assert result.exit_code == 0, result.output
    assert kept(folder) == [(2, None, Key(bytes.fromhex(key)))]


def test_list(folder):
    assert "lists none; c1222 keys add ID keeps one" in done("list").stderr
    done("add", 2, "--from", "env:KEY")
    done("add", 16, "--from", "env:KEY", "--title", "2.16.124.113620.1.22.0.123.8437")
    with (folder / "keys.toml").open("a") as file:
        file.write('\n[[key]]\nid = 7\nsource = "cmd:keeper --password=hunter2"\n[[key]]\nid = 8\nsource = "env:K8"\n')
    result = done("list")
    assert result.stdout.splitlines() == [
        f"  2  every meter               the file {folder / 'key-2.key'}",
        f" 16  2.16.124.113620.1.22.0.123.8437  the file {folder / 'key-16-2.16.124.113620.1.22.0.123.8437.key'}",
        "  7  every meter               what a command writes (cmd:...)",
        "  8  every meter               the variable K8",
    ]
    assert done("list", "--format", "plain").stdout.splitlines()[2:] == ["7\t-\tcmd:...", "8\t-\tenv:K8"]
    found = json.loads(done("list", "--format", "json").stdout)
    assert found["keys"][0] == {"id": 2, "title": None, "source": "file:key-2.key"}


def test_a_key_that_is_there_is_replaced_only_when_that_is_said(folder, monkeypatch, key):
    done("add", 2, "--from", "env:KEY")
    monkeypatch.setenv("OTHER", key[::-1])
    result = run("add", 2, "--from", "env:OTHER")
    assert result.exit_code == 2
    assert "key 2 for every meter is there already; --replace puts another in its place" in result.stderr
    assert kept(folder) == [(2, None, Key(bytes.fromhex(key)))]
    done("add", 2, "--from", "env:OTHER", "--replace")
    assert kept(folder) == [(2, None, Key(bytes.fromhex(key[::-1])))]
    assert {path.name for path in folder.iterdir()} == {"keys.toml", "key-2-2.key"}


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["add", "256"], "no key id, a number from 0 to 255"),
        (["add", "2", "--from", "env:MISSING"], "env:MISSING is not set"),
        (["add", "2", "--title", "x"], "is not an ApTitle"),
        (["add", "2", "--title", "."], "leave --title out for every meter"),
        (["add", "2"], "nobody can be asked here"),
        (["add", "2", "--from", "env:KEY", "--in", "keyring"], "pip install 'c1222[keyring]'"),
    ],
)
def test_what_cannot_be_kept_changes_nothing(folder, words, problem):
    result = run(*words)
    assert result.exit_code == 2
    assert problem in result.stderr
    assert not (folder / "keys.toml").exists()


def test_a_bare_key_is_not_taken_and_not_repeated(folder, key):
    result = run("add", "2", "--from", key)
    assert result.exit_code == 2
    assert "not a reference to a secret" in result.stderr


# ── remove


def test_remove(folder):
    for number in (2, 3):
        done("add", number, "--from", "env:KEY")
    result = run("remove", 2)
    assert result.exit_code == 2
    assert "--yes is needed; nothing was removed" in result.stderr
    assert f"key 2 for every meter: the file {folder / 'key-2.key'}" in done("remove", 2, "--yes").stderr
    assert [entry[0] for entry in kept(folder)] == [3]
    assert {path.name for path in folder.iterdir()} == {"keys.toml", "key-3.key"}
    result = run("remove", 2, "--yes")
    assert result.exit_code == 2
    assert "there is no key 2 for every meter" in result.stderr
    assert "(there are: key 3 for every meter)" in result.stderr
    done("remove", 3, "--yes")
    assert done("list").stdout == ""


def test_a_person_may_say_no(folder, monkeypatch):
    done("add", 2, "--from", "env:KEY")
    monkeypatch.setattr("c1222_cli.stored_keys.command.can_ask", lambda: True)
    assert run("remove", 2, input="n\n").exit_code == 130
    assert len(kept(folder)) == 1


def test_what_was_written_by_hand_stays(folder):
    folder.mkdir(mode=0o700)
    text = (
        '# mine\n[[key]]  # old\nsource = "env:KEY"\nid = 9\n\n# after it\n[[ key ]]\nid = 10\nsource = "file:my.key"\n'
    )
    (folder / "keys.toml").write_text(text)
    (folder / "my.key").touch(0o600)
    done("add", 2, "--from", "env:KEY")
    assert (folder / "keys.toml").read_text() == text + '\n[[key]]\nid = 2\nsource = "file:key-2.key"\n'
    assert ", where it stays" in done("remove", 10, "--yes").stderr
    assert (folder / "my.key").exists()
    done("remove", 2, "--yes")
    assert (folder / "keys.toml").read_text() == '# mine\n[[key]]  # old\nsource = "env:KEY"\nid = 9\n\n# after it\n'


@pytest.mark.parametrize(
    "text",
    ['key = [{id = 9, source = "env:KEY"}]\n', '[[key]]\nid = 9\nsource = """\nenv:KEY"""\n'],
    ids=["in-one-line", "many-lines"],
)
def test_a_file_of_another_form_is_left_alone(folder, text):
    folder.mkdir(mode=0o700)
    (folder / "keys.toml").write_text(text)
    result = run("remove", 9, "--yes")
    assert result.exit_code == 2
    assert "by hand" in result.stderr
    assert (folder / "keys.toml").read_text() == text


# ── import


def test_import_from_wireshark(folder, tmp_path, marker):
    table = file_with(tmp_path / "c1222_decryption_table", f'# generated\n"2",{marker.key}\n"10",{marker.key[::-1]}\n')
    result = done("import", table)
    assert "2 of 2 kept" in result.stderr
    # Wireshark's id is hexadecimal.
    assert [entry[0] for entry in kept(folder)] == [2, 16]
    assert "0 of 2 kept, 2 were there already" in done("import", table).stderr
    assert "remove it" in result.stderr


INI = """; for the laboratory
[channel]
Type = CHANNEL_SOCKET
PEER_ADDRESS = 192.0.2.7
[protocol]
Type=PROTOCOL_ANSI_C12_22
{}
CalledApTitle = .123.8437 ; the meter
Password = "a;b"
"""


@pytest.mark.parametrize(
    ("lines", "key_id"),
    [
        pytest.param("SecurityKey = {}\nSecurityKeyId = 16", 16, id="decimal-id"),
        pytest.param("SECURITY_KEY={}", 0, id="no-id"),
        pytest.param('SecurityKey = "{}"  ; new\nSECURITY_KEY_ID = 2', 2, id="quotes-and-comment"),
        pytest.param("SecurityKey = '{}'", 0, id="single-quotes"),
        pytest.param('Configuration = "TYPE=PROTOCOL_ANSI_C12_22;SECURITY_KEY={};SECURITY_KEY_ID=5"', 5, id="in-one"),
    ],
)
def test_import_from_c12test(folder, tmp_path, marker, lines, key_id):
    done("import", file_with(tmp_path / "a3.ini", INI.format(lines.format(marker.key))))
    assert kept(folder) == [(key_id, ".123.8437", Key(marker.octets))]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[protocol]\nType=PROTOCOL_ANSI_C12_18\n", "holds no key (its [protocol] has no SecurityKey)"),
        ("[protocol]\nSecurityKey=12\n", "a.ini, line 2: 2 hex digits where 32 are needed"),
        ("[protocol]\nSecurityKey={key}\nSecurityKeyId=256\n", "a.ini, line 3: SecurityKeyId must be"),
        ("[protocol]\nSecurityKeyList={{{key}}}\n", "a.ini, line 2: a list of keys is not read"),
        ("[protocol]\nSecurityKey\n", "a.ini, line 2: name = value is wanted"),
        ("[channel]\n[meter]\n", "a.ini, line 2: c12test has sections [protocol] and [channel]"),
        ("[meter.house]\ntarget = 'sim:'\n", "unknown: meter"),
        ("{key}\n", "a file of one bare key"),
    ],
)
def test_what_cannot_be_imported(folder, tmp_path, marker, text, problem):
    result = run("import", file_with(tmp_path / "a.ini", text.format(key=marker.key)))
    assert result.exit_code == 2
    assert problem in result.stderr
    assert not (folder / "keys.toml").exists()


@POSIX
def test_a_file_that_others_can_read_is_not_imported(folder, tmp_path, marker):
    for text in (f"[protocol]\nSecurityKey={marker.key}\n", f'"2",{marker.key}\n'):
        path = file_with(marker.may_be_in(tmp_path / "open"), text, 0o644)
        result = run("import", path)
        assert result.exit_code == 2
        assert f"others can get at this file (mode 0644); make it yours alone: chmod 600 {path}" in result.stderr


def test_conflicts_are_found_before_anything_is_kept(folder, tmp_path, marker):
    done("add", 2, "--from", "env:KEY")
    table = file_with(tmp_path / "table", f'"1",{marker.key}\n"2",{marker.key[::-1]}\n')
    result = run("import", table)
    assert result.exit_code == 2
    assert "there already, with another key: key 2 for every meter; --replace" in result.stderr
    assert [entry[0] for entry in kept(folder)] == [2]
    done("import", table, "--replace")
    assert sorted(entry[0] for entry in kept(folder)) == [1, 2]
    twice = file_with(tmp_path / "twice", f'"3",{marker.key}\n"3",{marker.key[::-1]}\n')
    assert "key 3 for every meter more than once" in run("import", twice).stderr


@pytest.mark.parametrize("words", [["add"], ["remove", "--yes"], ["add", "2"], ["remove", "2"]], ids=" ".join)
def test_a_key_in_place_of_the_id_is_not_repeated(folder, key, words):
    result = run(*words, key)
    assert result.exit_code == 2
    assert key not in result.output
    assert key not in result.stderr
