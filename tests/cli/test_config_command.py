"""c1222 config: what is read, what holds and who says so, what is wrong."""

import json
import os
import shlex
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from c1222.settings.profiles import FIELDS
from c1222_cli.main import main

sys.path.append(str(Path(__file__).parents[1] / "settings"))

import fake_keyring

POSIX = pytest.mark.skipif(os.name == "nt", reason="rights of this kind are POSIX")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A working directory, and beside it the user's folder `yours`."""
    for name in list(os.environ):
        if name.startswith("C1222_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("C1222_STATE", str(tmp_path / "state"))
    monkeypatch.setattr("c1222.settings.config_files.user_folder", lambda: tmp_path / "yours")
    monkeypatch.setattr("c1222.settings.config.user_folder", lambda: tmp_path / "yours")
    (tmp_path / "here").mkdir()
    (tmp_path / "yours").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture
def yours(tmp_path):
    return tmp_path / "yours"


def run(*words):
    return CliRunner().invoke(main, ["config", *words])


def found_by_check():
    result = run("check")
    assert result.exit_code == 10, result.output
    return result.stdout.splitlines()


def sound():
    result = run("check")
    assert (result.exit_code, result.stdout) == (0, ""), result.output
    return result.stderr


def show(*words):
    result = run("show", *words)
    assert result.exit_code == 0, result.output
    return result.stdout


# ── path


def test_path(here, yours, tmp_path, monkeypatch):
    (yours / "c1222.toml").touch()
    assert run("path").stdout.splitlines() == [
        f"{here / 'c1222.toml'}  is not there (of the working directory)",
        f"{yours / 'c1222.toml'}  is read (yours)",
        f"{yours / 'keys.toml'}  is not there (c1222 keys)",
        f"{tmp_path / 'state'}  keeps what must outlive a command (C1222_STATE)",
    ]
    monkeypatch.setenv("C1222_CONFIG", str(tmp_path / "other.toml"))
    assert run("path").stdout.splitlines()[0] == f"{tmp_path / 'other.toml'}  is not there (named by C1222_CONFIG)"


# ── show

HOUSE = """
[meter.house]
target = "tcp://192.0.2.7?called=.123.8437"
profile = "ours"
user = "reader"
user_id = 1
password = "cmd:keeper --unlock hunter2"
key = { 2 = "file:house.key" }
retries = 5
[profile.ours]
base = "plain"
services = 1
[profile.plain]
base = "itron-c1222"
timeout = 20
"""


def test_show_says_what_holds_and_why(yours, monkeypatch):
    (yours / "c1222.toml").write_text(HOUSE)
    monkeypatch.setenv("C1222_USER", "engineer")
    monkeypatch.setenv("C1222_KEYS", "mine.toml")
    rows = [line.split("\t") for line in show("house", "--format", "plain").splitlines()]
    file = yours / "c1222.toml"
    meter = f"{file}: [meter.house]"
    assert rows == [
        ["house", "target", "tcp://192.0.2.7:1153", meter],
        ["house", "user", "engineer", "C1222_USER"],
        ["house", "user_id", "1", meter],
        ["house", "password", "cmd:...", meter],
        ["house", "keys", "mine.toml", "C1222_KEYS"],
        ["house", "profile", "ours", meter],
        ["house", "called", ".123.8437", meter],
        ["house", "retries", "5", meter],
        ["house", "timeout", "20", f"{file}: [profile.plain]"],
        ["house", "id_width", "2", "profile itron-c1222 (ITR, measured: a message with a longer invocation id is "
         "dropped without an answer)"],
        ["house", "services", "1", f"{file}: [profile.ours]"],
    ]  # fmt: skip


def test_show_defaults_too(yours):
    (yours / "c1222.toml").write_text('[meter.house]\ntarget = "optical:/dev/ttyUSB0"\n')
    rows = [line.split("\t") for line in show("@house", "--all", "--format", "plain").splitlines()]
    assert {row[1] for row in rows} == {"target", *FIELDS, "dialect"}
    assert ["house", "password_pad", "20", "default"] in rows
    assert ["house", "negotiate", "yes", "default"] in rows
    assert ["house", "timeout", "as the protocol says", "default"] in rows


def test_show_for_people_and_programs(yours):
    (yours / "c1222.toml").write_text('[meter.a]\ntarget = "sim:?seed=7"\n[meter.b]\ntarget = "sim:"\n')
    assert show().splitlines() == [
        "@a",
        f"  target  sim:  {yours / 'c1222.toml'}: [meter.a]",
        f"  seed    7     {yours / 'c1222.toml'}: [meter.a]",
        "",
        "@b",
        f"  target  sim:  {yours / 'c1222.toml'}: [meter.b]",
    ]
    meters = json.loads(show("b", "--format", "json"))["meters"]
    assert meters == {"b": [{"name": "target", "value": "sim:", "origin": f"{yours / 'c1222.toml'}: [meter.b]"}]}


def test_show_what_is_not_there():
    result = run("show", "house")
    assert result.exit_code == 2
    assert "no meter is called house" in result.stderr
    assert "no meter is configured" in run("show").stderr


def test_secrets_are_not_shown(yours, marker, monkeypatch):
    monkeypatch.setenv("PW", marker.password)
    monkeypatch.setenv("K2", marker.key)
    (yours / "c1222.toml").write_text('[meter.a]\ntarget = "tcp://h"\npassword = "env:PW"\nkey = { 2 = "env:K2" }\n')
    for form in ("table", "plain", "json"):
        assert "env:PW" in show("--all", "--format", form)
    assert sound() == "nothing is wrong\n"


# ── check


def test_nothing_configured_is_nothing_wrong():
    assert sound() == "nothing is wrong\n"


def test_everything_is_told_at_once(yours):
    (yours / "c1222.toml").write_text(
        """
        [meter.a]
        target = "tcp://h"
        pasword = "env:X"
        retries = "many"
        [meter.b]
        target = "tcp://h?seed=1"
        [meter.c]
        user = "x"
        [meter.d]
        target = "tcp://h"
        profile = "itron"
        [profile.p]
        toggel = "echoes"
        timeout = -1
        [profile.q]
        base = "nobody"
        """
    )
    file = yours / "c1222.toml"
    found = found_by_check()
    for place, words in (
        ("[meter.a]", "no key is called pasword; did you mean password?"),
        ("[meter.a]", "retries wants a number from 0 to 20"),
        ("[meter.b]", "no option is called seed"),
        ("[meter.c]", "its target is missing"),
        ("[meter.d]", "no profile is called itron; did you mean"),
        ("[profile.p]", "no field of a profile is called toggel; did you mean toggle?"),
        ("[profile.p]", "timeout wants seconds"),
        ("[profile.q]", "base: no profile is called nobody"),
    ):
        assert [line for line in found if line.startswith(f"{file}: {place}") and words in line], (place, words, found)
    assert len(found) == 8
    assert run("check").stderr == "8 things to mend\n"


def test_files_that_cannot_be_read(here, yours, monkeypatch):
    (here / "c1222.toml").write_text("[meter.a]\ntarget =\n")
    (yours / "c1222.toml").write_text("[metre.a]\n")
    found = found_by_check()
    assert found[0] == "c1222.toml, line 2: not valid TOML"
    assert "no section is called metre; did you mean meter?" in found[1]
    monkeypatch.setenv("C1222_CONFIG", "nowhere.toml")
    assert found_by_check() == ["nowhere.toml: there is no such file, and it is named by C1222_CONFIG"]


def test_variables_are_checked(monkeypatch):
    monkeypatch.setenv("C1222_USER_ID", "70000")
    monkeypatch.setenv("C1222_PASSWORD", "not a reference")
    found = found_by_check()
    assert found[0].startswith("C1222_USER_ID: user_id wants a number")
    assert "C1222_PASSWORD" in found[1]
    assert "not a reference to a secret" in found[1]


@POSIX
def test_secrets_that_others_can_read(yours, marker):
    (yours / "pw").write_text(marker.password)
    marker.may_be_in(yours / "pw").chmod(0o644)
    marker.may_be_in(yours / "table").write_text(f'"2",{marker.key}\n')
    (yours / "c1222.toml").write_text('[meter.a]\ntarget = "tcp://h"\npassword = "file:pw"\nkeys = "table"\n')
    found = found_by_check()
    assert len(found) == 2
    assert "password: file:pw: others can get at this file (mode 0644)" in found[0]
    assert "others can get at this file" in found[1]


SECRETS = [
    pytest.param('password = "env:NOT_SET"', "env:NOT_SET is not set", id="variable"),
    pytest.param('password = "file:nowhere"', "No such file", id="file"),
    pytest.param('key = { 2 = "env:SHORT" }', "4 hex digits where 32 are needed", id="no-key"),
    pytest.param('password = "cmd:no-such-keeper-here"', "there is no such program", id="command"),
    pytest.param('password = "keyring:c1222/house"', "pip install 'c1222[keyring]'", id="keyring"),
    pytest.param('keys = "nowhere.toml"', "nowhere.toml: No such file", id="key-file"),
    pytest.param('keys = "keys.toml"', "keys.toml, line 1, key 2: env:NOT_SET is not set", id="in-a-key-file"),
    pytest.param('keys = "titles.toml"', "titles.toml, line 1", id="title-in-a-key-file"),
    pytest.param('keys = "commands.toml"', "cmd: is not run from a file that a configuration names", id="cmd-in-file"),
]


@pytest.mark.parametrize(("line", "problem"), SECRETS)
def test_secrets_that_cannot_be_had(yours, monkeypatch, line, problem):
    fake_keyring.uninstall(monkeypatch)
    monkeypatch.setattr("c1222.settings.secret_check.is_installed", lambda: False)
    monkeypatch.setenv("SHORT", "0102")
    for name, more in (("keys", '"env:NOT_SET"'), ("titles", '"env:K"\ntitle = "x"'), ("commands", '"cmd:true"')):
        (yours / f"{name}.toml").write_text(f"[[key]]\nid = 2\nsource = {more}\n")
    (yours / "c1222.toml").write_text(f'[meter.a]\ntarget = "tcp://h"\n{line}\n')
    found = found_by_check()
    assert len(found) == 1
    assert problem in found[0]


def test_nobody_is_asked_and_nothing_is_run(yours, tmp_path, monkeypatch):
    fake = fake_keyring.install(monkeypatch)
    fake.locked = True
    monkeypatch.setattr("c1222.settings.secret_check.is_installed", lambda: True)
    touch = shlex.join([sys.executable, "-c", f"open({str(tmp_path / 'ran')!r}, 'w')"])
    (yours / "c1222.toml").write_text(
        f'[meter.a]\ntarget = "tcp://h"\npassword = {json.dumps("cmd:" + touch)}\n'
        'key = { 2 = "prompt" }\n[meter.b]\ntarget = "sim:"\npassword = "keyring:c1222/house"\n'
    )
    sound()
    assert not (tmp_path / "ran").exists()


CANNOT_WORK = [
    pytest.param('target = "tcp://h?security=encrypt"', "there is no key for key id 0", id="no-key"),
    pytest.param('target = "tcp://h?key_id=3"\nkey = {2 = "env:K2"}', "there is no key for key id 3", id="another-key"),
    pytest.param(
        'target = "tcp://h"\nkey = {2 = "env:K2", 5 = "env:K2"}', "which key? there are key ids 2, 5", id="which"
    ),
    pytest.param('target = "dump:nowhere.json"', "nowhere.json: there is no such file", id="dump"),
    pytest.param('target = "sim:?image=nowhere.json"', "nowhere.json: there is no such file", id="image"),
    pytest.param('target = "@other"', "not another name", id="name"),
    pytest.param('target = "modem:/dev/ttyS0"', "needs the number to dial", id="no-number"),
    pytest.param('target = "tcp://h"\nid_width = 1', "id_width wants a number from 2 to 4", id="short-ids"),
]


@pytest.mark.parametrize(("lines", "problem"), CANNOT_WORK)
def test_targets_that_cannot_work(yours, lines, problem):
    (yours / "c1222.toml").write_text(f"[meter.a]\n{lines}\n")
    found = found_by_check()
    assert len(found) == 1
    assert problem in found[0]
    assert found[0].startswith(f"{yours / 'c1222.toml'}: [meter.a]")


# ── Programs of others


@POSIX
def test_a_project_runs_no_programs(here, yours, tmp_path):
    """Who unpacks somebody's folder and reads a meter there must not run what that somebody wrote."""
    text = f'[meter.a]\ntarget = "sim:"\npassword = "cmd:touch {tmp_path / "ran"}"\n'
    (here / "c1222.toml").write_text(text)
    result = CliRunner().invoke(main, ["read", "@a", "1"])
    assert result.exit_code == 2
    assert "a c1222.toml of the working directory runs no cmd:; that is for your own" in result.stderr
    assert [line for line in found_by_check() if "runs no cmd:" in line]
    assert not (tmp_path / "ran").exists()
    (here / "keys.toml").write_text(f'[[key]]\nid = 0\nsource = "cmd:touch {tmp_path / "ran"}"\n')
    (here / "c1222.toml").write_text('[meter.a]\ntarget = "sim:"\nkeys = "keys.toml"\n')
    result = CliRunner().invoke(main, ["read", "@a", "1"])
    assert result.exit_code == 2
    assert "cmd: is only run from a file that is given with --keys" in result.stderr
    assert not (tmp_path / "ran").exists()
    (yours / "c1222.toml").write_text(text)
    (here / "c1222.toml").unlink()
    CliRunner().invoke(main, ["read", "@a", "1"])
    assert (tmp_path / "ran").exists()
