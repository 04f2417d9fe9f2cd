"""An output does not take the place of a file that the command reads: of a dump behind a target, least of all."""

import json

import pytest
from click.testing import CliRunner
from live_meters import TABLES, script, served

from c1222_cli.main import main
from c1222_cli.target_files import files_behind

KEPT = "the command reads this file; it is not overwritten"


def run(*words, **more):
    return CliRunner().invoke(main, list(map(str, words)), **more)


@pytest.fixture
def dump(tmp_path, monkeypatch):
    """A dump that also has the name @saved; gives its path."""
    path = tmp_path / "meter.json"
    path.write_text(json.dumps({str(number): octets.hex() for number, octets in TABLES.items()}))
    config = tmp_path / "c1222.toml"
    config.write_text('[meter.saved]\ntarget = "dump:meter.json"\n')
    monkeypatch.setenv("C1222_CONFIG", str(config))
    monkeypatch.chdir(tmp_path)
    return path


COMMANDS = [
    ["read", "{}", "1"],
    ["info", "{}"],
    ["dump", "{}", "--force"],
    ["pending", "{}"],
    ["procedure", "{}", "remote-reset", "--dry-run"],
    ["procedure", "{}", "--list"],
    ["registers", "{}"],
    ["now", "{}"],
    ["profile", "{}"],
    ["events", "{}"],
    ["status", "{}"],
    ["calendar", "{}"],
]


@pytest.mark.parametrize("target", ["dump:meter.json", "DUMP:./meter.json", "@saved", "sim:?image=meter.json"])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: " ".join(words[:1] + words[2:]))
def test_the_dump_behind_a_target(dump, command, target):
    before = dump.read_bytes()
    result = run(*(word.format(target) for word in command), "-o", dump)
    assert (result.exit_code, KEPT in result.stderr) == (2, True), result.stderr
    assert dump.read_bytes() == before


def test_a_target_that_the_environment_names(dump, monkeypatch):
    monkeypatch.setenv("C1222_TARGET", "dump:meter.json")
    assert KEPT in run("read", "1", "-o", dump).stderr


def test_a_link_to_the_dump(dump, tmp_path):
    (tmp_path / "link.json").symlink_to(dump)
    assert KEPT in run("info", "@saved", "-o", "link.json").stderr
    assert KEPT in run("info", "dump:link.json", "-o", dump).stderr


def test_in_a_shell(dump):
    before = dump.read_bytes()
    result = run("shell", "dump:meter.json", input="status -o meter.json\n")
    assert (result.exit_code, KEPT in result.stderr) == (2, True)
    assert dump.read_bytes() == before


def test_a_dump_that_breaks_off(tmp_path, monkeypatch):
    """`-o x` keeps what was read in x.partial: not in place of the dump that is read."""
    path = tmp_path / "x.partial"
    path.write_text(json.dumps({"0": TABLES[0].hex(), "1": TABLES[1].hex()}))
    before = path.read_bytes()

    def interrupted(dumping, numbers, watch):
        dumping.dump.tables[0] = TABLES[0]
        raise KeyboardInterrupt

    monkeypatch.setattr("c1222.connection.dumping.Dumping.read", interrupted)
    result = run("dump", f"dump:{path}", "-o", tmp_path / "x")
    assert result.exit_code == 130
    assert f"{KEPT}; what was read is not kept" in result.stderr
    assert path.read_bytes() == before


def test_it_is_refused_before_the_meter_is_read(tmp_path, monkeypatch):
    meter = served(monkeypatch, script())
    schema = tmp_path / "layout.json"
    schema.write_text("")
    for command in ("registers", "status"):
        result = run(command, "optical:/dev/x", "--schema", schema, "-o", schema)
        assert (result.exit_code, KEPT in result.stderr) == (2, True)
    assert meter.heard == []


@pytest.mark.parametrize("command", [["registers"], ["read", "1"], ["info"]], ids=lambda words: words[0])
def test_a_trace_that_is_not_there_yet(tmp_path, monkeypatch, command):
    meter = served(monkeypatch, script())
    monkeypatch.chdir(tmp_path)
    name, *tables = command
    result = run(name, "optical:/dev/x", *tables, "--trace", "x.json", "-o", tmp_path / "x.json")
    assert (result.exit_code, KEPT in result.stderr) == (2, True)
    assert meter.heard == []
    assert list(tmp_path.iterdir()) == []


def test_a_report_of_a_plan(dump, tmp_path):
    saved = dump.rename(tmp_path / "meter.jsonl")
    plan = tmp_path / "plan.toml"
    plan.write_text('[[meter]]\ntarget = "dump:meter.jsonl"\n[[step]]\nread = [1]\n')
    before = saved.read_bytes()
    result = run("apply", plan, "--report", saved)
    assert (result.exit_code, KEPT in result.stderr) == (2, True), result.stderr
    assert saved.read_bytes() == before


def test_all_that_a_name_of_the_configuration_leads_to(tmp_path, monkeypatch):
    config = tmp_path / "c1222.toml"
    config.write_text(
        '[meter.house]\ntarget = "tcp://192.0.2.7"\npassword = "file:word"\n'
        'key = { 2 = "file:one.key", 3 = "env:K3" }\nkeys = "more.toml"\n'
    )
    monkeypatch.setenv("C1222_CONFIG", str(config))
    names = ("c1222.toml", "word", "one.key", "more.toml")
    assert set(files_behind("@house")) == {tmp_path / name for name in names}
    assert files_behind("sim:") == (config,)


def test_keys_that_are_not_there_are_said(tmp_path):
    result = run("read", "sim:", "1", "--keys", tmp_path / "none.toml", "-o", tmp_path / "x.json")
    assert result.exit_code == 2
    assert "none.toml: No such file" in result.stderr


@pytest.mark.parametrize("kept", ["more.toml", "key3"])
def test_files_of_keys_that_the_configuration_names(dump, tmp_path, kept):
    """The file of keys, and a key that it says lies in another file."""
    (tmp_path / "c1222.toml").write_text('[meter.saved]\ntarget = "dump:meter.json"\nkeys = "more.toml"\n')
    (tmp_path / "more.toml").write_text('[[key]]\nid = 3\nsource = "file:key3"\n')
    (tmp_path / "key3").write_text("00" * 16)
    before = (tmp_path / kept).read_bytes()
    as_json = ["--format", "json"]
    for command in (
        ["read", "@saved", "1", *as_json],
        ["registers", "@saved", *as_json],
        ["dump", "@saved", "--force"],
    ):
        result = run(*command, "-o", tmp_path / kept)
        assert (result.exit_code, KEPT in result.stderr) == (2, True), result.stderr
    assert (tmp_path / kept).read_bytes() == before
