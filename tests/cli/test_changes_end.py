"""Commands that change a meter end what they began, whoever hears them, and say where nobody did."""

import os
import subprocess
import sys

import pytest

from c1222_cli.main import CHANGES, COMMANDS

pytestmark = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")  # noqa: PTH110

RUN = "from c1222_cli.main import main; main()"
PLAN = '[[meter]]\nname = "one"\ntarget = "sim:"\n[[step]]\nwait = 0\n'
WHO = ["--user-id", "2", "--password", "env:PW"]
WORDS = {
    "procedure": ["sim:", "start-load-profile", "--yes", *WHO],
    "demand-reset": ["sim:", "--confirm", "0000000000000001", *WHO],
    "set-clock": ["sim:", "2026-02-03T04:05:06", "--yes", *WHO],
    "write": ["sim:", "6.owner_name=ACME", "--yes", *WHO],
}


def test_each_of_them_is_a_command():
    assert set(COMMANDS) > CHANGES


def line(name, folder):
    more = ["--backup", str(folder / "kept.json")] if name == "write" else []
    return [sys.executable, "-c", RUN, name, *WORDS[name], *more]


def run(command, **streams):
    streams = {"stderr": subprocess.PIPE, **streams}
    environment = {**os.environ, "PW": "ENGINEER"}
    done = subprocess.run(command, text=True, check=False, env=environment, timeout=60, **streams)
    for word in ("Traceback", "Exception ignored", "should not have happened"):
        assert word not in (done.stderr or "")
    return done


def broken_pipe():
    reads, writes = os.pipe()
    os.close(reads)
    return writes


@pytest.mark.parametrize("name", WORDS)
def test_nobody_reads_what_is_said(tmp_path, name):
    pipe = broken_pipe()
    done = run(line(name, tmp_path), stdout=pipe)
    os.close(pipe)
    assert done.returncode == 1, done.stderr
    assert f"standard output: Broken pipe; c1222 {name} was completed all the same" in done.stderr
    if name == "write":
        assert "written, read back, and as it should be" in done.stderr


@pytest.mark.parametrize("name", WORDS)
def test_nobody_reads_standard_error(tmp_path, name):
    """It is no reason to stop, nor to fail: the data arrived."""
    pipe = broken_pipe()
    done = run(line(name, tmp_path), stdout=subprocess.PIPE, stderr=pipe)
    os.close(pipe)
    assert done.returncode == 0
    assert done.stdout


@pytest.mark.parametrize("name", sorted(CHANGES))
@pytest.mark.parametrize(
    ("stream", "code", "said"),
    [
        (">&-", 2, "standard output is closed; nothing was started"),
        (">/dev/full", 1, "No space left on device; nothing"),
    ],
)
def test_a_stream_that_cannot_work_is_noticed_before(tmp_path, name, stream, code, said):
    words = " ".join(line(name, tmp_path)[3:]) if name in WORDS else f"{name} none"
    done = run(["sh", "-c", f'"{sys.executable}" -c "{RUN}" {words} {stream}'])
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "simulated meter" not in done.stderr  # which is said as it is connected


def test_a_failure_of_the_work_keeps_its_code(tmp_path):
    pipe = broken_pipe()
    done = run([sys.executable, "-c", RUN, "write", "sim:", "6.owner_name=ACME", "--yes"], stdout=pipe)
    os.close(pipe)
    assert done.returncode not in (0, 1), done.stderr
    assert "completed" not in done.stderr


def test_a_file_that_fails_behind_the_work(tmp_path):
    done = run([*line("procedure", tmp_path), "-o", "/dev/full", "--format", "json"])
    assert done.returncode == 1
    assert "/dev/full: No space left on device; SP-16 Start Load Profile was completed all the same" in done.stderr
