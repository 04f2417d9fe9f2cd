"""The line that tells how far a read is, on a terminal: gone before what was read is written."""

import pytest
from click.testing import CliRunner
from saved_meters import saved, utc

from c1222.meter.world.world import World
from c1222_cli.main import main

CLEAR = "\r\x1b[K"
ENGINEER = ("--user-id", "2", "--user", "ENGINEER", "--password", "env:ENGINEER")

COMMANDS = [
    pytest.param("registers", (), id="registers"),
    pytest.param("now", (), id="now"),
    pytest.param("profile", (), id="profile"),
    pytest.param("profile", ("--format", "csv", "-q"), id="quiet"),
    pytest.param("profile", ("--format", "csv"), id="csv"),
    pytest.param("profile", ("--channel", "1", "--plot"), id="plot"),
    pytest.param("events", (), id="events"),
    pytest.param("history", (), id="history"),
    pytest.param("status", (), id="status"),
    pytest.param("calendar", (), id="calendar"),
]


@pytest.fixture(scope="module")
def meter(tmp_path_factory):
    world = World(3, installed=utc("2025-11-01T04:00"))
    return saved(tmp_path_factory.mktemp("meter") / "meter.json", world, utc("2025-11-04T12:00"), days=4)


@pytest.fixture(autouse=True)
def a_terminal(monkeypatch):
    """Standard error is one for the progress alone; standard output goes to the same place."""
    monkeypatch.setattr("c1222_cli.read.progress.is_terminal", lambda stream: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("ENGINEER", "ENGINEER")


def shown(*words, lines=""):
    """What a terminal gets, in order."""
    result = CliRunner().invoke(main, list(map(str, words)), input=lines)
    assert result.exit_code == 0, result.output
    return result.output


def written(text):
    """What a terminal shows in the end: of each line, what stands behind the last return to its beginning."""
    return [line.rpartition(CLEAR)[2] for line in text.split("\n")]


@pytest.mark.parametrize(("name", "more"), COMMANDS)
def test_gone_before_anything_is_written(meter, monkeypatch, name, more):
    if "--plot" in more:
        pytest.importorskip("plotext")
    text = shown(name, meter, *more)
    assert (f"{CLEAR}reading: " in text) == ("-q" not in more)
    monkeypatch.setattr("c1222_cli.read.progress.is_terminal", lambda stream: False)
    assert written(text) == shown(name, meter, *more).split("\n")


@pytest.mark.parametrize("name", ["profile --since 1h", "events", "status"])
def test_gone_in_a_shell_too(meter, monkeypatch, name):
    text = shown("shell", meter, lines=f"{name}\n")
    assert f"{CLEAR}reading: " in text
    monkeypatch.setattr("c1222_cli.read.progress.is_terminal", lambda stream: False)
    assert written(text) == shown("shell", meter, lines=f"{name}\n").split("\n")


def test_it_does_not_come_again_where_something_is_marked_as_read():
    text = shown("events", "sim:", *ENGINEER, "--mark-read")
    assert "reading: " not in text.partition("sim:, the simulated meter")[2]
    assert text.endswith(" entries marked as read\n")


def test_a_terminal_that_cannot_rewrite_a_line(meter, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    text = shown("profile", meter, "--since", "1h")
    assert "\x1b" not in text
    assert "reading: " not in text
