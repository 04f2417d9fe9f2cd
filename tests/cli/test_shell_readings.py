"""Readings in `c1222 shell`: the commands of the same names, on the session that is open."""

import json

import pytest
from click.testing import CliRunner
from live_meters import TABLES, full_read, script, served
from saved_meters import saved, utc

from c1222.meter.world.world import World
from c1222_cli.main import main
from c1222_cli.shell.readings import READINGS

LOGON, LOGOFF, TERMINATE = b"\x50", b"\x52", b"\x21"


def shell(*lines, target="sim:", options=(), code=0):
    result = CliRunner().invoke(main, ["shell", target, *options], input="".join(line + "\n" for line in lines))
    assert result.exit_code == code, result.output
    return result


def test_registers_of_docs_readings_md():
    """2342238.020 Wh of the simulated meter, as the page has it; one word, one option."""
    lines = shell('registers "energy delivered" --raw').stdout.splitlines()
    assert lines[0] == "sim:, the simulated meter"
    (total,) = [line for line in lines if line.startswith("  active energy delivered  ")]
    assert total.split() == ["active", "energy", "delivered", "2342238.020", "Wh", "2342238020"]


@pytest.mark.parametrize("name", READINGS)
def test_each_writes_what_the_command_writes(name, tmp_path):
    world = World(3, installed=utc("2025-11-01T04:00"))
    meter = saved(tmp_path / "meter.json", world, utc("2025-11-04T12:00"), days=4)
    alone = CliRunner().invoke(main, [name, meter, "--format", "json"])
    assert alone.exit_code == 0, alone.stderr
    assert shell(f"{name} --format json", target=meter).stdout == alone.stdout


def test_one_session_for_all(monkeypatch):
    meter = served(monkeypatch, script())
    result = shell("registers --raw", "status", "read 1", "status", target="optical:/dev/x")
    # The first summation of table 23; table 22, which would name it, is refused.
    assert "12345" in result.stdout
    assert result.stdout.count("the clock is in error") == 2
    assert sum(request[:1] == LOGON for request in meter.heard) == 1
    assert meter.heard[-2:] == [LOGOFF, TERMINATE]


def test_what_changes_is_read_each_time(monkeypatch):
    meter = served(monkeypatch, script())
    shell("status", "status", target="optical:/dev/x")
    assert [meter.heard.count(full_read(number)) for number in (0, 3, 23)] == [1, 2, 2]


def test_files_are_written(tmp_path):
    shell(f"profile --since 1h --channel 1 -o {tmp_path / 'hour.csv'}", f"now -o {tmp_path / 'now.json'}")
    assert len((tmp_path / "hour.csv").read_text().splitlines()) == 1 + 4
    assert json.loads((tmp_path / "now.json").read_text())["simulated"] is True


def test_what_the_trace_is_written_to_is_not_overwritten(tmp_path):
    trace = tmp_path / "trace.json"
    result = shell(f"status -o {trace}", options=("--trace", str(trace)), code=2)
    assert "the command reads this file" in result.stderr


def test_marked_as_read(monkeypatch):
    monkeypatch.setenv("ENGINEER", "ENGINEER")
    who = ("--user-id", "2", "--user", "ENGINEER", "--password", "env:ENGINEER")
    result = shell("events --mark-read -o /dev/null --format csv", "events --mark-read", options=who)
    said = [line for line in result.stderr.splitlines() if "mark" in line]
    assert said[0].endswith(" entries marked as read")
    # The same meter: what is unread then is the record of procedure 5 alone.
    assert said[1] == "1 entry marked as read"
    (left,) = [line for line in result.stdout.splitlines() if line.startswith("  ") and line.endswith("unread")]
    assert "procedure started" in left
    assert "procedure 5 (Update Last Read Entry)" in left


LINES = [
    #            line                    exit code, what is said
    pytest.param("now gas", 2, "no register has 'gas' in its name", id="no-such-word"),
    pytest.param("status 23", 2, "status takes options alone ('23' is too much)", id="too-much"),
    pytest.param("profile --since soon", 2, "'soon' is no time", id="no-time"),
    pytest.param("profile --user-id 2", 2, "No such option '--user-id'", id="how-to-come-to-a-meter"),
    pytest.param("events --from a.pcap", 2, "No such option '--from'", id="a-capture"),
    pytest.param("registers --tz Nowhere", 2, "no such zone is known here", id="no-zone"),
]


@pytest.mark.parametrize(("line", "code", "words"), LINES)
def test_errors_are_sentences_and_the_shell_goes_on(line, code, words):
    result = shell(line, "read 1.ed_model", code=code)
    assert words in result.stderr
    assert "SIMULATE" in result.stdout


def test_what_a_meter_refuses(monkeypatch):
    served(monkeypatch, script())
    result = shell("now", "history", "read 1", target="optical:/dev/x", code=3)
    assert "full_read ST-28 was refused with iar" in result.stderr
    assert "full_read ST-74 was refused with iar" in result.stderr
    assert "I210+c" in result.stdout


def test_help_of_one():
    text = shell("profile --help", "now -h").stdout
    assert "Usage: profile [OPTIONS]\n" in text
    assert "Usage: now [OPTIONS] [WORD]..." in text
    assert "--since TIME" in text
    for elsewhere in ("--password", "--from", "--trace", "TARGET", "Examples", "optical:"):
        assert elsewhere not in text


def test_they_are_listed_and_completed():
    lines = {line.split()[0]: line for line in shell("help").stdout.splitlines()}
    assert set(READINGS) <= set(lines)
    assert lines["now"].startswith("now [WORD]...  ")
    assert lines["status"].endswith("  show the state of a meter: conditions, clock, what is unread")


def test_quiet_is_said_to_the_shell():
    notes = "times are local"
    assert notes in shell("events --format csv").stderr
    assert notes not in shell("events --format csv", options=("-q",)).stderr


def test_a_dump_of_the_simulated_meter_is_no_real_meter(tmp_path):
    document = {
        "format": "c1222-dump", "schema_version": 1, "simulated": True,
        "tables": {f"ST-{number}": octets.hex() for number, octets in TABLES.items()}, "times": {},
    }  # fmt: skip
    (tmp_path / "meter.json").write_text(json.dumps(document))
    result = shell("read 3", "status", "status", target=f"dump:{tmp_path / 'meter.json'}")
    assert result.stderr.splitlines().count("simulated meter") == 1
    assert "5 octets, of the simulated meter" in result.stdout
    assert result.stdout.count(", the simulated meter\n") == 2
