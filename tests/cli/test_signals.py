"""Signals that end a live command: the first leaves the session properly, the second at once, more do no harm."""

import json
import os
import signal

import click
import pytest
from live_meters import full_read, script
from meters_at_sockets import meter_at_socket
from served_commands import running

from c1222_cli import signals
from c1222_cli.main import main
from c1222_cli.talk import say

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals for other processes")

ENDS = [
    #            signal            exit code: 128 and its number (POSIX), as shells have it
    pytest.param(signal.SIGTERM, 143, id="term"),
    pytest.param(getattr(signal, "SIGHUP", 0), 129, id="hangup"),
    pytest.param(signal.SIGINT, 130, id="interrupt"),
]
LOGOFF, TERMINATE = b"\x52", b"\x21"


@pytest.mark.parametrize(("number", "code"), ENDS)
def test_a_dump_that_is_ended_keeps_what_came_and_takes_leave(tmp_path, number, code):
    file = tmp_path / "meter.json"
    with meter_at_socket(script()) as meter, running("dump", meter.target, "0", "1", "3", "-o", str(file)) as command:
        meter.serve_until(full_read(3))
        command.process.send_signal(number)
        meter.serve_to_the_end()
        got, _, said = command.rest()
    assert got == code
    assert set(json.loads((tmp_path / "meter.json.partial").read_text())["tables"]) == {"ST-0", "ST-1"}
    assert not file.exists()
    assert TERMINATE in meter.heard
    assert said.splitlines()[-2:] == ["leaving the session; Ctrl-C again leaves at once", "interrupted"]


@pytest.mark.parametrize("form", ["table", "json"])
def test_what_was_read_is_shown_when_it_is_ended(form):
    with meter_at_socket(script()) as meter, running("read", meter.target, "1", "3", "--format", form) as command:
        meter.serve_until(full_read(3))
        command.process.send_signal(signal.SIGTERM)
        meter.serve_to_the_end()
        code, shown, said = command.rest()
    assert code == 143
    assert "I210+c" in shown
    assert "Traceback" not in said
    if form == "json":
        assert [table["label"] for table in json.loads(shown)["tables"]] == ["ST-1"]


def test_a_second_interrupt_leaves_at_once():
    with meter_at_socket(script()) as meter, running("read", meter.target, "1", "3") as command:
        meter.serve_until(full_read(3))
        command.process.send_signal(signal.SIGINT)
        assert command.process.stderr.readline() == "leaving the session; Ctrl-C again leaves at once\n"
        code, _, said = command.end(signal.SIGINT)
    assert code == 130
    assert said == "interrupted\n"


def test_many_interrupts_are_as_good_as_two():
    with meter_at_socket(script()) as meter, running("read", meter.target, "1", "3") as command:
        meter.serve_until(full_read(3))
        for _ in range(20):
            command.process.send_signal(signal.SIGINT)
        meter.serve_to_the_end()
        code, _, said = command.rest()
    assert code == 130
    assert "Traceback" not in said
    assert "Exception ignored" not in said
    assert len(said.splitlines()) <= 2


def test_a_terminal_that_is_gone_is_no_other_end(monkeypatch):
    def gone(*_, **more):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("click.echo", gone)
    say("leaving")


def raised(number):
    """What a signal of this process raises where it is heard."""
    with pytest.raises(signals.EndedBySignal) as caught, signals.heard():
        os.kill(os.getpid(), number)
    return caught.value


@pytest.mark.parametrize(("number", "code"), ENDS)
def test_each_signal_has_its_exit_code(number, code):
    assert signals.exit_code(raised(number)) == code


def test_an_interrupt_of_python_itself_and_a_question_that_was_ended():
    assert signals.exit_code(KeyboardInterrupt()) == 130
    with pytest.raises(click.Abort) as caught:
        broken_off()
    assert signals.exit_code(caught.value) == 143


def broken_off():
    """As click does where somebody is asked."""
    try:
        raise signals.EndedBySignal(signal.SIGTERM)
    except KeyboardInterrupt:
        raise click.Abort from None


def test_handlers_are_put_back():
    before = signal.getsignal(signal.SIGTERM)
    with signals.heard(), signals.heard():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_signal_that_is_ignored_stays_so():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # nohup
    with signals.heard():
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_what_is_held_back_comes_afterwards():
    done = []

    def write():
        with signals.heard():
            with signals.held():
                os.kill(os.getpid(), signal.SIGTERM)
                done.append("written")
            done.append("never")

    with pytest.raises(signals.EndedBySignal):
        write()
    assert done == ["written"]


def test_a_command_that_goes_on_hears_the_next_one_anew():
    with signals.heard():
        for _ in range(4):
            with pytest.raises(signals.EndedBySignal):
                os.kill(os.getpid(), signal.SIGINT)
            signals.forget()


def test_an_interrupt_before_a_meter_is_called(monkeypatch, capsys):
    def interrupted(self, ctx, name):
        raise KeyboardInterrupt

    monkeypatch.setattr("c1222_cli.main.Commands.get_command", interrupted)
    with pytest.raises(SystemExit) as ended:
        main(["read"], prog_name="c1222")
    assert ended.value.code == 130
    assert capsys.readouterr().err == "interrupted\n"
    # To the end of the process nothing more is heard.
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
