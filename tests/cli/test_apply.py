"""`c1222 apply`: what is shown and asked, what is refused, reports and exit codes. Its meters are simulated ones."""

import json
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from c1222_cli.main import main

METER = '[[meter]]\nname = "{name}"\ntarget = "sim:?seed={seed}"\nuser = "{user}"\nuser_id = 2\npassword = "env:PW"\n'
READ = "[[step]]\nread = 1\n"
WRITE = '[[step]]\nnote = "New owner"\nwrite = "6.owner_name"\nto = "ACME"\n'
RESET = '[[step]]\nprocedure = 9\nwith = { action_flag = ["demand_reset_flag"] }\n'
WRONG = '[[step]]\nexpect = "1.ed_model"\nis = "OTHER"\n'


def meter(name="one", seed=1, more="", user="ENGINEER"):
    return METER.format(name=name, seed=seed, user=user) + more + "\n"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PW", "ENGINEER")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def run(text, *words, code=0, typed=None):
    from pathlib import Path

    Path("plan.toml").write_text(text)
    result = CliRunner().invoke(main, ["apply", "plan.toml", *words], input=typed)
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def terminal(monkeypatch):
    """Somebody who can be asked."""
    monkeypatch.setattr("c1222_cli.apply.command.is_terminal", lambda stream: True)


def test_a_plan_is_carried_out(tmp_path):
    result = run(meter() + meter("two", 2) + WRITE + READ, "--yes", "--report", "r.jsonl", "--report", "r.xml")
    assert result.stdout.splitlines() == [
        "one  done      2 steps",
        "two  done      2 steps",
        "",
        "2 meters: 2 done",
    ]
    assert "write ST-6.owner_name  (New owner)" in result.stderr
    records = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    assert [record["type"] for record in records] == ["order", *["meter", "step", "step"] * 2]
    assert records[2]["data"] == [{"field": "owner_name", "old": "EXAMPLE UTILITY     ", "new": "ACME                "}]
    assert ElementTree.parse(tmp_path / "r.xml").getroot().get("failures") == "0"


def test_a_dry_run_connects_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("c1222.scripts.aio_run.connect_async", None)
    result = run(meter() + WRITE + RESET, "--dry-run")
    assert "owner_name = 'ACME'" in result.stdout
    assert "DANGER" in result.stdout
    assert "nothing was sent" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["plan.toml"]


def test_all_that_is_wrong_is_told(tmp_path):
    result = run(meter() + '[[step]]\nread = 999\n[[step]]\nwrite = "6.owner"\nto = "x"\n', "--yes", code=2)
    lines = result.stderr.splitlines()
    assert lines[0].startswith("Error: plan.toml: [[step]] 1: no public source knows a standard table 999")
    assert "did you mean owner_name" in lines[1]
    assert lines[2] == "nothing was sent"
    assert [path.name for path in tmp_path.iterdir()] == ["plan.toml"]


def test_nobody_can_be_asked(tmp_path):
    assert "--yes is needed" in run(meter() + WRITE, code=2).stderr
    assert not (tmp_path / "plan.journal.jsonl").exists()


def test_what_only_reads_asks_nothing():
    run(meter() + READ)


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 130)])
def test_somebody_is_asked(tmp_path, terminal, typed, code):
    result = run(meter() + meter("two", 2) + WRITE, code=code, typed=typed)
    assert "Carry this out on 2 meters?" in result.stderr
    assert (tmp_path / "plan.journal.jsonl").exists() == (code == 0)


def test_dangerous_steps_want_the_serial_number():
    result = run(meter() + RESET, "--yes", code=2)
    assert "one name none" in result.stderr
    run(meter(more='confirm = "0000000000000002"') + RESET, "--yes", "--journal", "other", code=2)
    run(meter(more='confirm = "0000000000000001"') + RESET, "--yes", "--journal", "right")
    run(meter() + RESET, "--yes", "--confirm-dangerous")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        # One meter, or all of them for one reason: its code. Part of several: 9.
        (meter() + WRONG, 8),
        (meter() + meter("two", 2) + WRONG, 8),
        (meter(user="READER").replace("user_id = 2", "user_id = 1") + WRITE, 3),
        (meter() + '[[step]]\nwrite = "3.ed_mode.metering_flag"\nto = false\n', 2),
        (meter() + meter("two", 2) + '[[step]]\nexpect = "1.mfg_serial_number"\nis = "0000000000000001"\n', 9),
        ('[[meter]]\ntarget = "optical:/dev/none-such"\n' + READ, 6),
    ],
)
def test_exit_codes(text, code):
    run(text, "--yes", code=code)


def test_a_journal_is_resumed_and_never_overwritten():
    text = meter() + WRITE
    run(text, "--yes")
    assert "there is a journal already" in run(text, "--yes", code=2).stderr
    assert "1 meter: 1 done" in run(text, "--yes", "--resume").stdout
    assert "belongs to another plan" in run(text + READ, "--yes", "--resume", code=2).stderr
    assert "there is no journal" in run(text, "--yes", "--resume", "--journal", "none", code=2).stderr


def test_what_failed_is_tried_again():
    text = meter() + WRONG
    run(text, code=8)
    assert "step 1" in run(text, "--resume", "--retry-failed", code=8).stderr
    assert "step 1" not in run(text, "--resume", code=8).stderr
    run(text, "--retry-failed", code=2)


@pytest.mark.parametrize("report", ["r.pdf", "plan.toml", "none/r.xml", "plan.journal.jsonl"])
def test_reports_that_cannot_be(tmp_path, report):
    run(meter() + READ, "--report", report, code=2)
    assert [path.name for path in tmp_path.iterdir()] == ["plan.toml"]


def test_verbose_tells_each_step():
    assert "one step 1: read ST-1" in run(meter() + READ, "-v").stderr
    assert "one step 1" not in run(meter() + READ, "--journal", "b").stderr
    assert run(meter() + READ, "-q", "--journal", "c").stderr == "simulated meter\n"


def test_no_secret_is_written(marker, monkeypatch):
    monkeypatch.setenv("PW", marker.password)
    run(meter() + WRITE, "--yes", "-v", "--report", "r.jsonl", "--report", "r.xml", code=3)


def test_an_interrupted_order_is_gone_on_with(tmp_path, monkeypatch):
    from c1222.scripts.taking import Taking

    def interrupted(self, step):
        raise KeyboardInterrupt

    text = meter() + WRITE + READ
    with monkeypatch.context() as patch:
        patch.setattr(Taking, "_read", interrupted)
        result = run(text, "--yes", "--report", "r.jsonl", code=130)
    assert "--resume goes on where plan.journal.jsonl ends" in result.stderr
    first = [json.loads(line)["result"] for line in (tmp_path / "r.jsonl").read_text().splitlines()[2:]]
    assert first == ["ok", "not done"]
    assert "1 meter: 1 done" in run(text, "--yes", "--resume").stdout
