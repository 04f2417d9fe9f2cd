"""A plan over fifty meters on loopback, five of which fail in different ways: killed in the middle, and resumed.

What was done is counted by the meters themselves.
"""

import json
import os
import signal
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from meter_fleet import EXPECT, FAILING, ORDER, PASSWORDS, RESET, TWO_WRITES, fleet, write_list

# Kills itself as soon as so many lines of the journal are on the disk.
KILLED_AT = """
import os, signal, sys
from c1222.scripts.journal import Journal
left, add = int(sys.argv.pop(1)), Journal._add
def killing(self, record):
    global left
    add(self, record)
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
Journal._add = killing
from c1222_cli.main import main
main()
"""
PLAIN = "from c1222_cli.main import main; main()"
GOOD = [number for number in range(1, 51) if number not in FAILING]


def start(folder, *words, killed_at=None):
    program = [PLAIN] if killed_at is None else [KILLED_AT, str(killed_at)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("C1222_")}
    return subprocess.Popen(
        [sys.executable, "-c", *program, "apply", "depot.toml", *words],
        cwd=folder,
        env={**environment, **PASSWORDS, "XDG_CONFIG_HOME": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(folder, *words, code, killed_at=None):
    process = start(folder, *words, killed_at=killed_at)
    output, _ = process.communicate()
    assert process.returncode == code, output
    return output


def report(folder):
    return [json.loads(line) for line in (folder / "report.jsonl").read_text().splitlines()]


def verdicts(folder):
    return {record["meter"]: record["verdict"] for record in report(folder) if record["type"] == "meter"}


def journal(folder):
    return [json.loads(line) for line in (folder / "depot.journal.jsonl").read_text().splitlines()]


@pytest.fixture
def depot(tmp_path):
    with fleet() as made:
        write_list(tmp_path / "depot.csv", made)
        yield made


# Each meter that does well has six lines: expected; begun and written, twice; read. The first is the journal's own.
@pytest.mark.parametrize("killed_at", [2, 61, 240])
def test_killed_and_resumed(depot, tmp_path, killed_at):
    (tmp_path / "depot.toml").write_text(ORDER + EXPECT + TWO_WRITES)
    run(tmp_path, "--yes", "--jobs", "6", killed_at=killed_at, code=-signal.SIGKILL)
    assert len(journal(tmp_path)) == killed_at
    assert sum(map(depot.writes, GOOD)) < 2 * len(GOOD)

    output = run(tmp_path, "--yes", "--resume", "--report", "report.jsonl", "--report", "report.xml", code=9)

    assert [depot.images[number].writes for number in GOOD] == [[6, 6]] * len(GOOD)
    assert {number: depot.writes(number) for number in FAILING} == {7: 0, 17: 0, 27: 0, 37: 0, 47: 1}
    for number in GOOD:
        assert depot.images[number].tables[6].startswith(b"OWNER %02d".ljust(19) % number)
    bad = {f"depot-{number:02}" for number in FAILING}
    assert {name for name, verdict in verdicts(tmp_path).items() if verdict == "done"} == {
        f"depot-{number:02}" for number in GOOD
    }
    assert {name for name, verdict in verdicts(tmp_path).items() if verdict != "done"} == bad
    assert output.splitlines()[-1] in ("50 meters: 45 done, 4 failed, 1 in doubt", "50 meters: 45 done, 5 failed")
    suites = ElementTree.parse(tmp_path / "report.xml").getroot()
    assert len(suites) == 50
    assert len(list(suites.iter("testcase"))) >= 200


def test_each_failure_is_told_as_what_it_is(depot, tmp_path):
    (tmp_path / "depot.toml").write_text(ORDER + EXPECT + TWO_WRITES)
    run(tmp_path, "--yes", "--report", "report.jsonl", code=9)
    records = report(tmp_path)
    kinds = {record["meter"]: record["kind"] for record in records if record["type"] == "meter" and record["kind"]}
    assert kinds == {
        "depot-07": "refused",
        "depot-17": "usage",
        "depot-27": "refused",
        "depot-37": "link",
        "depot-47": "link",
    }
    results = {
        record["meter"]: record["result"]
        for record in records
        if record["type"] == "step" and record["step"] == 2 and record["meter"] in kinds
    }
    assert results == {
        "depot-07": "not done",
        "depot-17": "failed",
        "depot-27": "failed",
        "depot-37": "not done",
        "depot-47": "in doubt",
    }
    assert records[0] == {
        "type": "order",
        "schema_version": 1,
        "title": "New owner at the depot",
        "reference": "WO-2026-114",
        "plan": records[0]["plan"],
        "meters": 50,
        "done": 45,
        "failed": 4,
        "in_doubt": 1,
        "not_done": 0,
    }


def test_killed_before_a_write_is_answered(tmp_path):
    """The meter took it, and nobody was told: it is looked at, found as wanted, and not written again."""
    writes, children = [], []

    def on_write():
        writes.append(1)
        if len(writes) == 30:
            children[0].kill()

    with fleet(on_write=on_write) as made:
        write_list(tmp_path / "depot.csv", made)
        (tmp_path / "depot.toml").write_text(ORDER + EXPECT + TWO_WRITES)
        children.append(start(tmp_path, "--yes"))
        children[0].communicate()
        assert children[0].returncode == -signal.SIGKILL
        run(tmp_path, "--yes", "--resume", "--report", "report.jsonl", code=9)
        assert [made.images[number].writes for number in GOOD] == [[6, 6]] * len(GOOD)
    found = [record for record in report(tmp_path) if record.get("result") == "already"]
    assert found
    assert sum(verdict == "done" for verdict in verdicts(tmp_path).values()) == 45


# Two lines for each meter here.
@pytest.mark.parametrize("killed_at", [40, 80])
def test_a_demand_reset_is_never_repeated(depot, tmp_path, killed_at):
    (tmp_path / "depot.toml").write_text(ORDER + RESET)
    run(tmp_path, "--yes", "--jobs", "6", killed_at=killed_at, code=-signal.SIGKILL)
    lines = journal(tmp_path)
    begun = {line["meter"] for line in lines if line.get("event") == "begun"}
    doubtful = begun - {line["meter"] for line in lines if line.get("event") == "done" and line["step"] == 1}

    run(tmp_path, "--yes", "--resume", "--report", "report.jsonl", code=9)

    found = {name for name, verdict in verdicts(tmp_path).items() if verdict == "in doubt"}
    assert found == doubtful
    for number, image in depot.images.items():
        if number in (7, 37):
            assert image.ran == []
        elif f"depot-{number:02}" in doubtful:
            assert len(image.ran) <= 1
        else:
            assert image.ran == [9]

    run(tmp_path, "--yes", "--resume", "--repeat-doubtful", "--report", "report.jsonl", code=9)
    assert sum(verdict == "done" for verdict in verdicts(tmp_path).values()) == 48
    assert all(len(image.ran) <= 2 for image in depot.images.values())


def test_interrupted_by_hand_sessions_are_left_and_nothing_is_done_twice(tmp_path):
    writes, children = [], []

    def on_write():
        writes.append(1)
        if len(writes) == 9:
            children[0].send_signal(signal.SIGINT)

    with fleet(12, {}, on_write=on_write) as made:
        write_list(tmp_path / "depot.csv", made)
        (tmp_path / "depot.toml").write_text(ORDER + EXPECT + TWO_WRITES)
        children.append(start(tmp_path, "--yes", "--jobs", "3"))
        output, _ = children[0].communicate()
        assert children[0].returncode == 130, output
        assert "Traceback" not in output
        run(tmp_path, "--yes", "--resume", code=0)
        assert [image.writes for image in made.images.values()] == [[6, 6]] * 12
