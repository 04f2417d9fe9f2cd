"""What live commands share: which meter, with which credentials, and what is said when it cannot be reached."""

import re

import pytest
from click.testing import CliRunner
from live_meters import script, served

from c1219_tables.errors import TableError
from c1222.errors import (
    LinkTimeout,
    RemoteProtocolError,
    SecurityError,
    ServiceError,
    TransportError,
)
from c1222_cli.failure import exit_code, sentence
from c1222_cli.live import Way, is_simulated, split_target
from c1222_cli.main import main
from c1222_cli.read.progress import Progress
from c1222_cli.talk import say


def run(*words, env=None):
    return CliRunner().invoke(main, list(words), env=env)


@pytest.fixture
def connect(monkeypatch):
    """Keeps what `connect` was given, and refuses."""
    given = []

    def connect(target, **options):
        given.append((target, options))
        raise TransportError("nobody there")

    monkeypatch.setattr("c1222.connection.connect.connect", connect)
    monkeypatch.delenv("C1222_TARGET", raising=False)
    return given


TARGETS = [
    #            words                     C1222_TARGET   target, words behind it
    pytest.param(["tcp://h", "1"], "", ("tcp://h", ("1",)), id="url"),
    pytest.param(["@house"], "tcp://x", ("@house", ()), id="name"),
    pytest.param(["1", "2"], "@house", ("@house", ("1", "2")), id="environment"),
    pytest.param(["1"], "", ("sim:", ("1",)), id="simulated"),
    pytest.param([], "", ("sim:", ()), id="nothing"),
]


@pytest.mark.parametrize(("words", "variable", "expected"), TARGETS)
def test_which_meter(monkeypatch, words, variable, expected):
    monkeypatch.setenv("C1222_TARGET", variable)
    assert split_target(words, simulated=True) == expected


def test_only_read_and_info_may_mean_the_simulated_meter(monkeypatch):
    monkeypatch.delenv("C1222_TARGET", raising=False)
    result = run("logon")
    assert result.exit_code == 2
    assert "which meter?" in result.stderr


@pytest.mark.parametrize("command", [["read", "1"], ["info"]], ids=" ".join)
def test_the_simulated_meter_is_never_mistaken_for_a_real_one(connect, command):
    result = run(*command)
    assert result.stderr.splitlines()[0] == "simulated meter"
    assert connect[0][0] == "sim:"
    assert is_simulated("SIM:?seed=2")
    assert not is_simulated("tcp://sim:1153")


def test_a_name_that_leads_to_the_simulated_meter_says_so(monkeypatch, tmp_path):
    (tmp_path / "c1222.toml").write_text('[meter.house]\ntarget = "sim:"\n')
    monkeypatch.setenv("C1222_CONFIG", str(tmp_path / "c1222.toml"))
    served(monkeypatch, script(), label="sim:")
    result = run("read", "@house", "1")
    assert result.stderr.splitlines() == ["simulated meter"]
    assert "of the simulated meter" in result.stdout


def test_options_reach_the_meter(connect, monkeypatch, tmp_path):
    monkeypatch.setenv("PW", "hunter2")
    trace = tmp_path / "t.pcapng"
    result = run(
        "read", "tcp://h", "1",
        "--user", "ann", "--user-id", "7", "--password", "env:PW", "--password-pad", "00",
        "--key", "2=env:K2", "--profile", "default", "--trace", str(trace),
    )  # fmt: skip
    assert result.exit_code == 6
    ((target, options),) = connect
    assert target == "tcp://h"
    assert (options["user"], options["user_id"], options["password_pad"]) == ("ann", 7, 0)
    assert options["password"].secret() == b"hunter2"
    assert options["profile"] == "default"
    assert options["trace"] == trace
    assert options["keys"] is not None


def test_what_is_not_said_is_left_open(connect):
    run("read", "tcp://h", "1")
    options = connect[0][1]
    assert all(options[name] is None for name in ("user", "user_id", "password", "password_pad", "keys", "profile"))


@pytest.mark.parametrize("command", [["read", "tcp://h", "1"], ["info", "tcp://h"]], ids=" ".join)
def test_a_file_that_cannot_be_written_is_said_before_the_meter_is_called(connect, tmp_path, command):
    result = run(*command, "-o", str(tmp_path / "nowhere" / "x.json"))
    assert result.exit_code == 2
    assert "cannot write in" in result.stderr
    assert connect == []


SECRETS = [
    pytest.param(["--password", "hunter2"], id="password"),
    pytest.param(["--key", "2=00112233445566778899aabbccddeeff"], id="key"),
    pytest.param(["--password", "env:HIDDEN", "--key", "2=env:HIDDEN"], id="key-that-is-none"),
]


@pytest.mark.parametrize("options", SECRETS)
@pytest.mark.parametrize("command", [["read", "tcp://h", "1"], ["info", "tcp://h"], ["logon", "tcp://h"]], ids=" ".join)
def test_a_secret_is_never_shown(connect, monkeypatch, command, options):
    monkeypatch.setenv("HIDDEN", "hunter2")
    result = run(*command, *options, "-vv")
    assert result.exit_code == 2
    assert "hunter2" not in result.output
    assert "00112233" not in result.output
    assert "hunter2" not in repr(Way(password="hunter2", keys=("hunter2",)))


def test_no_probe():
    result = run("read", "optical:/dev/ttyUSB9", "1")
    assert result.exit_code == 6
    assert "/dev/ttyUSB9" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_nobody_listens():
    # Port 1 of this machine: nothing listens there without being root's.
    result = run("info", "tcp://127.0.0.1:1")
    assert result.exit_code == 6
    assert "127.0.0.1:1" in result.stderr


def test_a_target_that_cannot_work():
    result = run("read", "tpc://host", "1")
    assert result.exit_code == 2
    assert "tcp" in result.stderr


def service_error(code="isc"):
    return ServiceError("logon was refused", code=code, service="logon")


CODES = [
    #            error                                    exit code, design.md section 4
    pytest.param(service_error(), 3, id="refused"),
    pytest.param(SecurityError("mac", reason="bad-mac"), 4, id="security"),
    pytest.param(LinkTimeout("silence"), 5, id="timeout"),
    pytest.param(RemoteProtocolError("nonsense"), 6, id="protocol"),
    pytest.param(TransportError("no port"), 6, id="transport"),
    pytest.param(TableError("short", table=1), 7, id="misfit"),
    pytest.param(KeyError("x"), 1, id="unexpected"),
]


@pytest.mark.parametrize(("error", "code"), CODES)
def test_each_error_has_its_exit_code(error, code):
    assert exit_code(error) == code


def test_a_failure_of_ours_behind_an_error_is_said_too():
    error = TableError("needs ST-0", table=1)
    error.__cause__ = service_error()
    assert sentence(error) == "needs ST-0 (because logon was refused)"
    error.__cause__ = KeyError("x")
    assert sentence(error) == "needs ST-0"


def test_progress_is_one_line_that_goes_away(capsys):
    progress = Progress(3, shown=True)
    progress.octets(60)
    progress.octets(100)
    progress.octets(20)  # the next answer of the same table
    progress.table("ST-23", 131)  # the ends of the answers were not heard of
    progress.octets(7)
    progress.end()
    shown = capsys.readouterr().err
    lines = re.split(r"\r\x1b\[K", shown)
    assert lines[1:] == [
        "reading: 0 of 3 tables, 60 octets",
        "reading: 0 of 3 tables, 100 octets",
        "reading: 0 of 3 tables, 120 octets",
        "reading: 1 of 3 tables, 131 octets, last ST-23",
        "reading: 1 of 3 tables, 138 octets, last ST-23",
        "",
    ]
    assert "\n" not in shown


def test_what_is_said_meanwhile_takes_the_line_away(capsys):
    progress = Progress(1, shown=True)
    progress.octets(60)
    say("the meter is busy")
    progress.octets(80)
    progress.end()
    say("done")
    assert capsys.readouterr().err == (
        "\r\x1b[Kreading: 0 of 1 tables, 60 octets\r\x1b[Kthe meter is busy\n"
        "\r\x1b[Kreading: 0 of 1 tables, 80 octets\r\x1b[Kdone\n"
    )


def test_no_progress_without_a_terminal(capsys):
    progress = Progress(3, shown=False)
    progress.octets(60)
    progress.table("ST-1", 32)
    progress.end()
    assert capsys.readouterr().err == ""
