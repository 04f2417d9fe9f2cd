"""`c1222 dump`: a meter in a file, what was refused, and what is left when the reading breaks off."""

import json
import os
import stat

import pytest
from click.testing import CliRunner
from live_meters import ST0, ST1, ST3, ST21, ST23, TABLES, full_read, script, served

from c1222.settings.dims_files import read_dims
from c1222_cli.main import main

IDENTITY = "0000010000"
# The tables that table 0 of the scripted meter lists, without 42, which holds passwords.
LISTED = {"ST-0": ST0, "ST-1": ST1, "ST-3": ST3, "ST-21": ST21, "ST-23": ST23}


def run(*arguments, code=0):
    result = CliRunner().invoke(main, ["dump", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result


def octets(text):
    return bytes.fromhex(text).hex()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "meter.json"


def test_every_table_that_is_listed(monkeypatch, file):
    meter = served(monkeypatch, script())
    result = run("optical:/dev/x", "-o", file)
    found = json.loads(file.read_text())
    assert found["tables"] == {label: octets(text) for label, text in LISTED.items()}
    assert set(found["times"]) == set(LISTED)
    assert (found["identity"], found["protocol"], found["simulated"]) == (IDENTITY, "c1218", False)
    assert found["began"] <= found["times"]["ST-0"] <= found["times"]["ST-23"] <= found["ended"]
    # Table 5 is listed, and refused with iar; nobody asked for the passwords.
    assert list(found["refused"]) == ["ST-5"]
    assert found["refused"]["ST-5"]["code"] == "iar"
    assert full_read(42) not in meter.heard
    assert f"{file}: 5 tables, " in result.stderr
    assert "full_read ST-5 was refused with iar" in result.stderr
    # Logoff and Terminate.
    assert meter.heard[-2:] == [b"\x52", b"\x21"]


def test_other_commands_take_it(monkeypatch, file):
    served(monkeypatch, script())
    run("optical:/dev/x", "-o", file)
    assert read_dims(file) == TABLES
    shown = CliRunner().invoke(main, ["decode", "--table", "23", "--dims", str(file), ST23.replace(" ", "")])
    assert shown.exit_code == 0, shown.output
    assert "12345" in shown.stdout
    monkeypatch.undo()
    read = CliRunner().invoke(main, ["read", f"dump:{file}", "23", "--raw", "--format", "hex"])
    assert read.exit_code == 0, read.output
    assert octets(ST23) in read.stdout.replace(" ", "")


def test_named_tables_and_those_that_they_need(monkeypatch, file):
    served(monkeypatch, script())
    run("optical:/dev/x", "23", "1..3", "-o", file)
    assert set(json.loads(file.read_text())["tables"]) == {"ST-0", "ST-1", "ST-3", "ST-21", "ST-23"}


def test_into_a_pipe(monkeypatch):
    served(monkeypatch, script())
    result = run("optical:/dev/x", "1", "-o", "-", "-q")
    assert json.loads(result.stdout)["tables"]["ST-1"] == octets(ST1)
    assert result.stderr == ""


def test_serial_numbers_are_scrubbed(monkeypatch, file):
    served(monkeypatch, script())
    result = run("optical:/dev/x", "1", "-o", file, "--scrub", "serial")
    found = json.loads(file.read_text())
    # "00000001" becomes "00000000"; the octets before the number stay.
    assert found["tables"]["ST-1"] == octets("47452020 493231302b632020 01 09 02 00 30303030303030302020202020202020")
    assert (found["meter"], found["scrubbed"]) == ("", ["serial"])
    assert "without serial" in result.stderr


SECRET = {41: bytes.fromhex("01 04 00 00 00 00"), 42: b"PASS\x01"}


def test_secrets_only_when_asked_for(monkeypatch, file):
    served(monkeypatch, script({**TABLES, **SECRET}))
    refused = run("optical:/dev/x", "42", "-o", file, code=2)
    assert "ST-42 holds passwords or keys: --with-secrets saves them" in refused.stderr
    assert not file.exists()
    run("optical:/dev/x", "42", "-o", file, "--with-secrets")
    assert json.loads(file.read_text())["tables"]["ST-42"] == b"PASS\x01".hex()
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    run("optical:/dev/x", "-o", file, "--with-secrets", "--force")
    assert "ST-42" in json.loads(file.read_text())["tables"]
    run("optical:/dev/x", "42", "-o", file, "--scrub", "secrets", "--force")
    assert json.loads(file.read_text())["tables"]["ST-42"] == "0000000001"
    both = run("optical:/dev/x", "-o", file, "--scrub", "secrets", "--with-secrets", code=2)
    assert "give one of them" in both.stderr


def test_a_file_is_not_written_over_unasked(monkeypatch, file):
    meter = served(monkeypatch, script())
    file.write_text("mine")
    result = run("optical:/dev/x", "-o", file, code=2)
    assert "is there already; --force writes over it" in result.stderr
    assert meter.heard == []
    assert file.read_text() == "mine"
    run("optical:/dev/x", "1", "-o", file, "--force")
    assert read_dims(file)[1] == TABLES[1]


class Silence:
    """Lets pass what the meter sends until it has answered so many requests; then nothing any more."""

    def __init__(self):
        self.meter = None
        self.after = b""

    def __call__(self, way, octets):
        return [] if way == "in" and self.after in self.meter.heard else [(0.0, octets)]


@pytest.fixture
def silent(monkeypatch):
    """A meter that falls silent at the read of table 21."""
    silence = Silence()
    silence.meter, silence.after = served(monkeypatch, script(), tamper=silence), full_read(21)
    return silence


def test_what_was_read_before_the_session_broke_is_kept(silent, file):
    result = run("optical:/dev/x", "0", "1", "21", "-o", file, code=5)
    assert not file.exists()
    partial = file.with_name("meter.json.partial")
    assert f"the reading broke off; 2 tables are in {partial}" in result.stderr
    found = json.loads(partial.read_text())
    assert found["tables"] == {"ST-0": octets(ST0), "ST-1": octets(ST1)}
    assert found["ended"] is None


def test_an_interrupt_keeps_what_was_read_and_leaves_properly(monkeypatch, file):
    def interrupted(way, octets):
        if way == "out" and full_read(3) in octets:
            raise KeyboardInterrupt
        return [(0.0, octets)]

    meter = served(monkeypatch, script(), tamper=interrupted)
    result = run("optical:/dev/x", "0", "1", "3", "-o", file, code=130)
    assert "interrupted" in result.stderr
    assert set(json.loads(file.with_name("meter.json.partial").read_text())["tables"]) == {"ST-0", "ST-1"}
    assert meter.heard[-1] == b"\x21"


def test_nothing_could_be_read(monkeypatch, file):
    served(monkeypatch, script({}))
    result = run("optical:/dev/x", "1", "-o", file, code=3)
    assert "not one table could be read, so nothing was written" in result.stderr
    assert not file.exists()
    # Without its list of tables, there is nothing to go by.
    assert "full_read ST-0 was refused" in run("optical:/dev/x", "-o", file, code=3).stderr


BAD = [
    #            arguments                              what is said
    pytest.param(["1", "-o", "x.json"], "which meter?", id="no-target"),
    pytest.param(["sim:"], "Missing option '-o'", id="no-file"),
    pytest.param(["sim:", "1.ed_model", "-o", "x.json"], "a dump has whole tables, no fields", id="a-field"),
    pytest.param(["sim:", "70000", "-o", "x.json"], "70000 does not fit", id="no-table"),
    pytest.param(["sim:", "-o", "x.json", "--scrub", "all"], "'all' is not one of", id="scrub"),
    pytest.param(["nix:", "-o", "x.json"], "kind of target", id="target"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD)
def test_what_cannot_work(arguments, words, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("C1222_TARGET", raising=False)
    assert words in run(*arguments, code=2).stderr
    assert list(tmp_path.iterdir()) == []


def test_the_simulated_meter(file):
    result = run("sim:", "0..8", "-o", file)
    found = json.loads(file.read_text())
    assert found["simulated"] is True
    assert result.stderr.splitlines()[0] == "simulated meter"
    # "SIM "
    assert found["tables"]["ST-1"].startswith("53494d20")
