"""`c1222 read` and `info` on a dump: the times at which the meter was read, and whether it was a real one."""

import json

import pytest
from click.testing import CliRunner
from live_meters import TABLES
from test_info import SCHEMA

from c1222_cli.main import main

BEGAN, CAME = "2026-02-01T10:00:00.000Z", "2026-02-01T10:00:03.250Z"
SAVED = {
    "format": "c1222-dump",
    "schema_version": 1,
    "simulated": False,
    "began": BEGAN,
    "tables": {f"ST-{number}": octets.hex() for number, octets in TABLES.items()},
    "times": {"ST-1": CAME},
}


@pytest.fixture
def saved(tmp_path):
    """Makes a dump of SAVED with other members."""

    def make(**other):
        (tmp_path / "meter.json").write_text(json.dumps(SAVED | other))
        return f"dump:{tmp_path / 'meter.json'}"

    return make


def run(*words):
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code in (0, 9), result.stderr
    return result


@pytest.mark.parametrize("command", [("read", "1", "3"), ("info",)], ids=["read", "info"])
def test_when_a_dump_was_read(saved, command):
    result = run(command[0], saved(), *command[1:], "--format", "json")
    document = json.loads(result.stdout)
    SCHEMA.validate(document)
    assert (document["simulated"], document["read_at"]) == (False, "2026-02-01T10:00:00.000000Z")
    times = {table["number"]: table["read_at"] for table in document["tables"]}
    # The dump says when table 1 came, and nothing of table 3.
    assert (times[1], times[3]) == ("2026-02-01T10:00:03.250000Z", None)
    assert "simulated meter" not in result.stderr


@pytest.mark.parametrize("command", [("read", "1"), ("info",)], ids=["read", "info"])
def test_a_dump_of_the_simulated_meter(saved, command):
    target = saved(simulated=True)
    result = run(command[0], target, *command[1:], "--format", "json")
    document = json.loads(result.stdout)
    assert (document["simulated"], document["read_at"]) == (True, "2026-02-01T10:00:00.000000Z")
    assert result.stderr.splitlines()[0] == "simulated meter"
    assert "simulated meter" in run(command[0], target, *command[1:]).stdout


def test_for_people(saved):
    lines = run("read", saved(), "1", "3").stdout.splitlines()
    assert "32 octets, read 2026-02-01 10:00:03 UTC" in lines
    assert "5 octets" in lines
    assert (
        "32 octets, of the simulated meter, read 2026-02-01 10:00:03 UTC"
        in run("read", saved(simulated=True), "1").stdout
    )


def test_without_a_beginning_the_first_table_tells(saved):
    times = {"ST-3": "2026-02-01T11:00:00Z", "ST-1": "2026-02-01T10:30:00Z"}
    document = json.loads(run("read", saved(began=None, times=times), "1", "--format", "json").stdout)
    assert document["read_at"] == "2026-02-01T10:30:00.000000Z"


def test_a_file_of_tables_alone_does_not_tell(tmp_path):
    (tmp_path / "tables.json").write_text(json.dumps(SAVED["tables"]))
    document = json.loads(run("read", f"dump:{tmp_path / 'tables.json'}", "1", "--format", "json").stdout)
    assert (document["simulated"], document["read_at"], document["tables"][0]["read_at"]) == (False, None, None)
    SCHEMA.validate(document)
