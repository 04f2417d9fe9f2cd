"""`c1222 shell`: lines carried out in one session, kept alive, opened anew, left properly."""

import os
import stat
from contextlib import contextmanager

import pytest
from click.testing import CliRunner
from live_meters import full_read, script, served

from c1219_tables.registry import STANDARD
from c1222.errors import LinkTimeout, ServiceError, TransportError
from c1222_cli.main import main
from c1222_cli.shell.completion import completer, completions
from c1222_cli.shell.history import history_file, line_editing, private
from c1222_cli.shell.kept import EVERY, REST, WAIT, Kept
from c1222_cli.shell.loop import Shell
from c1222_cli.signals import EndedBySignal

LOGON = b"\x50"
LOGOFF, TERMINATE = b"\x52", b"\x21"


def run(*lines, code=0, arguments=("optical:/dev/x",)):
    result = CliRunner().invoke(main, ["shell", *arguments], input="".join(line + "\n" for line in lines))
    assert result.exit_code == code, result.output
    return result


# -- From a pipe ------------------------------------------------------------------------------------------------------


def test_lines_from_a_pipe(monkeypatch):
    meter = served(monkeypatch, script())
    result = run("read 1", "", "# nothing", "read 23.summations 21", "raw ST-3", "quit", "read 99")
    assert result.stderr == ""
    assert "I210+c" in result.stdout
    assert "12345" in result.stdout
    assert "01 40 00 00 00" in result.stdout
    assert "> " not in result.stdout
    # One session for all of it, and it is left as the protocol wants it.
    assert sum(request[:1] == LOGON for request in meter.heard) == 1
    assert meter.heard[-2:] == [LOGOFF, TERMINATE]
    assert full_read(99) not in meter.heard


def test_info_and_tables(monkeypatch):
    served(monkeypatch, script())
    result = run("info", "tables", "tables clock", "help", code=3)
    assert "I210+c" in result.stdout
    assert "C12.18 1.0" in result.stdout
    listed = [line.split()[0] for line in result.stdout.splitlines() if line.startswith("ST-")]
    # By table 0 of this meter; none of them says "clock".
    assert listed == ["ST-0", "ST-1", "ST-3", "ST-5", "ST-21", "ST-23", "ST-42"]
    assert any(line.startswith("quit ") for line in result.stdout.splitlines())
    assert "ST-5 was refused with iar" in result.stderr


LINES = [
    #            line                       exit code, what is said
    pytest.param("read 99", 3, "full_read ST-99 was refused with iar", id="refused"),
    pytest.param("read", 2, "which tables? as in: read 1 23", id="no-table"),
    pytest.param("read 1.x", 2, "ST-1 has no element 'x'", id="no-element"),
    pytest.param("read nothing", 2, "no table is called 'nothing'", id="no-name"),
    pytest.param("write 1", 2, "there is no command 'write'; help lists them", id="no-command"),
    pytest.param("23", 2, "did you mean: read 23", id="a-table-alone"),
    pytest.param('read "1', 2, "a quotation mark is not closed", id="quotation"),
]


@pytest.mark.parametrize(("line", "code", "words"), LINES)
def test_errors_are_sentences_and_the_shell_goes_on(monkeypatch, line, code, words):
    served(monkeypatch, script())
    result = run(line, "read 1", code=code)
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert "I210+c" in result.stdout


def test_a_user_who_is_not_let_in(monkeypatch):
    served(monkeypatch, {**script(), b"\x50\x00\x00" + b" " * 10: b"\x01"})
    assert "logon was refused with err" in run("read 1", code=3).stderr


def test_a_target_alone(monkeypatch):
    monkeypatch.delenv("C1222_TARGET", raising=False)
    assert "which meter?" in run(code=2, arguments=()).stderr
    assert "read 1 2" in run(code=2, arguments=("sim:", "1", "2")).stderr


# -- The session ------------------------------------------------------------------------------------------------------


class Asked:
    """A meter that keeps what it was asked, and fails as it is told. failures: errors, one for each time."""

    def __init__(self, log, failures=(), is_open=True):
        self.log = log
        self.failures = failures
        self.client = self
        self.is_open = is_open

    def wait(self, seconds):
        self.log.append(f"wait {seconds}")
        self.fail()

    def read(self):
        self.log.append("read")
        self.fail()
        return "octets"

    def fail(self):
        if self.failures:
            raise self.failures.pop(0)


class Now:
    def __init__(self):
        self.time = 1000.0

    def __call__(self):
        return self.time


GONE = TransportError("closed the connection")
NO_SESSION = ServiceError("refused", code="isss", service="full_read ST-1")
REFUSED = ServiceError("refused", code="isc", service="full_read ST-1")
UNKNOWN = ServiceError("refused", code="sns", service="wait")


@pytest.fixture
def log():
    return []


@pytest.fixture
def now():
    return Now()


@pytest.fixture
def kept(log, now):
    """Makes a kept session of meters, one for each time that it is opened."""

    def make(*failures, is_open=True):
        meters = [Asked(log, list(each), is_open) for each in failures or [()]]

        @contextmanager
        def enter(number):
            log.append(f"open {number}")
            yield meters[number - 1]
            log.append("close")

        return Kept(enter, clock=now, tell=log.append)

    return make


def test_one_session_for_all(kept, log):
    session = kept()
    assert [session.run(Asked.read) for _ in range(2)] == ["octets"] * 2
    session.close()
    session.close()
    assert log == ["open 1", "read", "read", "close"]


@pytest.mark.parametrize("error", [GONE, NO_SESSION, LinkTimeout("no answer")], ids=lambda error: type(error).__name__)
def test_a_session_that_the_meter_ended_is_opened_anew(kept, log, error):
    session = kept([], [])
    session.run(Asked.read)
    session.meter.failures.append(error)
    assert session.run(Asked.read) == "octets"
    again = ["the session is over; connecting again", "open 2", "read"]
    assert log == ["open 1", "read", "read", "close", *again]


def test_a_new_session_that_breaks_is_not_tried_again(kept, log):
    session = kept([GONE], [])
    with pytest.raises(TransportError):
        session.run(Asked.read)
    assert log == ["open 1", "read", "close"]
    assert session.run(Asked.read) == "octets"  # with the next command it is


def test_two_breaks_are_an_error(kept):
    session = kept([], [GONE])
    session.run(Asked.read)
    session.meter.failures.append(GONE)
    with pytest.raises(TransportError):
        session.run(Asked.read)
    assert session.meter is None


def test_a_refusal_is_no_end(kept, log):
    session = kept([REFUSED])
    with pytest.raises(ServiceError):
        session.run(Asked.read)
    session.run(Asked.read)
    assert log == ["open 1", "read", "read"]


def test_it_is_kept_while_nothing_is_asked(kept, log, now):
    session = kept()
    session.run(Asked.read)
    session.beat()
    assert log == ["open 1", "read"]  # the next command may come at once
    now.time += REST
    session.beat()
    session.beat()
    assert log[2:] == [f"wait {WAIT}"]
    now.time += EVERY - 0.1
    session.beat()
    now.time += 0.1
    session.beat()
    assert log[2:] == [f"wait {WAIT}"] * 2
    assert EVERY < WAIT <= 255


def test_a_command_begins_the_time_anew(kept, log, now):
    session = kept()
    session.run(Asked.read)
    now.time += REST
    session.beat()
    session.run(Asked.read)
    now.time += REST
    session.beat()
    assert log[1:] == ["read", f"wait {WAIT}", "read", f"wait {WAIT}"]


def test_without_a_session_nothing_is_kept(kept, log, now):
    session = kept(is_open=False)
    session.beat()
    session.run(Asked.read)
    now.time += 1000
    session.beat()
    assert log == ["open 1", "read"]


def test_a_meter_without_wait_is_not_asked_again(kept, log, now):
    session = kept()
    session.run(Asked.read)
    session.meter.failures.append(UNKNOWN)
    for _ in range(3):
        now.time += EVERY
        session.beat()
    assert log == ["open 1", "read", f"wait {WAIT}"]
    assert session.meter is not None


def test_a_meter_that_left_meanwhile_is_found_with_the_next_command(kept, log, now):
    session = kept([], [])
    session.run(Asked.read)
    session.meter.failures.append(GONE)
    now.time += EVERY
    session.beat()
    session.beat()
    assert log[1:] == ["read", f"wait {WAIT}", "close"]
    assert session.run(Asked.read) == "octets"
    assert log[4:] == ["open 2", "read"]


def test_wait_as_the_meter_hears_it(monkeypatch, now):
    meter = served(monkeypatch, script() | {b"\x70\x3c": b"\x00"})
    from c1222_cli.live import Way, connected

    session = Kept(lambda number: connected("optical:/dev/x", Way()), clock=now)
    session.run(lambda found: found.read(1))
    now.time += REST
    session.beat()
    session.close()
    # Wait 60 s (70 3C), then Logoff and Terminate.
    assert meter.heard[-3:] == [b"\x70\x3c", LOGOFF, TERMINATE]


# -- Somebody at the keyboard -----------------------------------------------------------------------------------------


def test_an_interrupt_gives_up_the_line_and_no_more(kept, capsys):
    shell = Shell(kept([KeyboardInterrupt()]), STANDARD)
    lines = iter(["read 1", KeyboardInterrupt(), "help", None])

    def next_line():
        line = next(lines)
        if isinstance(line, BaseException):
            raise line
        return line

    shell.commands["read"] = shell.commands["read"]._replace(do=lambda words: shell._kept.run(Asked.read))
    assert shell.run(next_line, stays=True) == 130
    heard = capsys.readouterr()
    assert heard.err.count("interrupted; quit or Ctrl-D leaves") == 2
    assert "quit" in heard.out


def test_a_signal_that_wants_it_to_end_ends_it(kept):
    shell = Shell(kept([]), STANDARD)

    def ended():
        raise EndedBySignal(15)  # SIGTERM (POSIX)

    with pytest.raises(EndedBySignal):
        shell.run(ended, stays=True)


def test_from_a_pipe_an_interrupt_ends_it(kept):
    def next_line():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Shell(kept(), STANDARD).run(next_line)


COMPLETIONS = [
    #            line before     word            what it may become
    pytest.param("", "r", ["read", "raw"], id="command"),
    pytest.param("", "", ["read", "raw", "help"], id="all-commands"),
    pytest.param("read ", "2", ["23"], id="number"),
    pytest.param("read 1 ", "st-", ["ST-1", "ST-23", "ST-52"], id="label"),
    pytest.param("read ", "clo", ["CLOCK_TBL"], id="name"),
    pytest.param("read ", "1.ed", ["1.ed_model"], id="field"),
    pytest.param("raw ", "CLOCK_TBL.clock", ["CLOCK_TBL.clock_calendar"], id="field-of-a-name"),
    pytest.param("read ", "x.y", [], id="no-table"),
    pytest.param("help ", "2", [], id="no-tables-there"),
    pytest.param("now ", "--", ["--why", "--raw"], id="options"),
    pytest.param("now gas ", "--w", ["--why"], id="option-behind-a-word"),
    pytest.param("read ", "--", [], id="no-options"),
]


@pytest.mark.parametrize(("line", "word", "expected"), COMPLETIONS)
def test_completion(line, word, expected):
    found = completions(
        line,
        word,
        commands=["read", "raw", "help"],
        of_tables=("read", "raw"),
        options={"now": ["--why", "--raw"]},
        numbers=[1, 23, 52],
        registry=STANDARD,
    )
    assert found == expected


def test_completion_knows_the_meter(monkeypatch):
    served(monkeypatch, script())
    from c1222_cli.live import Way, connected

    session = Kept(lambda number: connected("optical:/dev/x", Way()))
    shell = Shell(session, STANDARD)
    assert "64" in shell.candidates("read ", "6")  # nothing is known yet
    assert shell.candidates("profile ", "--un") == ["--until"]
    session.run(lambda meter: meter.listed_tables())
    assert shell.candidates("read ", "6") == []
    assert shell.candidates("read ", "2") == ["21", "23"]
    session.close()


def test_readline_asks_for_one_after_the_other():
    complete = completer(lambda word: [word + "1", word + "2"])
    assert [complete("a", state) for state in range(3)] == ["a1", "a2", None]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights and no readline")
def test_history_is_for_its_owner_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    path = history_file()
    assert path.is_relative_to(tmp_path)
    with line_editing(lambda word, state: None, path) as before:
        assert before() == ""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    private(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_written_costs_the_history_alone(tmp_path):
    (tmp_path / "file").write_text("")
    with line_editing(lambda word, state: None, tmp_path / "file" / "shell_history"):
        pass
