import os
import re
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner
from decode_vectors import command

import c1222_cli.main
from c1222 import __version__
from c1222.errors import CaptureError, LocalProtocolError, MessageError, SecurityError, TargetError
from c1222_cli.failure import clean_lines
from c1222_cli.main import COMMANDS, main
from c1222_cli.talk import clean


def test_help_names_every_command():
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    for name, (_, words) in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(words)}$", result.output, re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_ends_with_an_example(name):
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    assert f"c1222 {name} " in result.output.rstrip().splitlines()[-1]


def test_version():
    assert CliRunner().invoke(main, ["--version"]).output == f"c1222 {__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["decode", "--help"]], ids=" ".join)
def test_help_imports_nothing_heavy(arguments):
    code = (
        "import sys; from c1222_cli.main import main; main(standalone_mode=False)\n"
        "print([name for name in ('construct', 'cryptography', 'orjson', 'rich') if name in sys.modules])"
    )
    # click's --help and --version leave by themselves, also without standalone mode.
    code = f"import atexit, sys\natexit.register(lambda: print({code.splitlines()[1][6:-1]}))\n{code.splitlines()[0]}"
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_unknown_command_is_a_usage_error():
    result = CliRunner().invoke(main, ["decod"])
    assert result.exit_code == 2
    assert "decod" in result.output


@pytest.fixture
def failing(monkeypatch):
    """Makes `c1222 decode` raise what it is given."""

    def fail(error):
        @click.command("decode")
        def decode():
            raise error

        monkeypatch.setattr(c1222_cli.main.Commands, "get_command", lambda *_: decode)

    return fail


FAILURES = [
    #            error                                        exit code, what is said
    pytest.param(TargetError("no such key"), 2, "no such key", id="target"),
    pytest.param(LocalProtocolError("not now"), 2, "not now", id="protocol"),
    pytest.param(SecurityError("the MAC", reason="bad-mac"), 4, "the MAC", id="security"),
    pytest.param(CaptureError("broken", file="x.pcap", packet=3), 7, "x.pcap, packet 3: broken", id="capture"),
    pytest.param(MessageError("1 octet wanted", layout="APDU"), 7, "APDU: 1 octet wanted", id="message"),
    pytest.param(OSError(28, "No space left on device"), 1, "No space left on device", id="operating-system"),
    pytest.param(KeyboardInterrupt(), 130, "interrupted", id="interrupted"),
    pytest.param(click.Abort(), 130, "interrupted", id="question-not-answered"),
    pytest.param(BrokenPipeError(), 0, "", id="nobody-reads"),
]


@pytest.mark.parametrize(("error", "code", "words"), FAILURES)
def test_each_error_has_its_exit_code(failing, error, code, words):
    failing(error)
    result = CliRunner().invoke(main, ["decode"])
    assert result.exit_code == code
    assert words in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("arguments", [["decode"], ["-vv", "decode"]], ids=" ".join)
@pytest.mark.parametrize("debug", ["", "1"])
def test_an_error_of_ours_shows_no_value(failing, monkeypatch, arguments, debug):
    failing(KeyError("CUTSECRET"))
    monkeypatch.setenv("C1222_DEBUG", debug)
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "KeyError" in result.stderr
    assert ("test_main.py" in result.stderr) == (bool(debug) or "-vv" in arguments)
    assert "CUTSECRET" not in result.stderr


def test_messages_reach_a_terminal_escaped(failing):
    failing(TargetError("a\x1b[31mb\x9bc\u202ed\x7f\ne"))
    assert CliRunner().invoke(main, ["decode"]).stderr == "Error: a\\x1b[31mb\\x9bc\\u202ed\\x7f\\x0ae\n"


def test_clean_leaves_text_alone():
    assert clean("Zähler 1 °C") == "Zähler 1 °C"
    assert clean("\U000e0001") == "\\U000e0001"
    assert clean_lines("a\tb\nc\n") == "a\\x09b\nc\n"


def test_no_arguments_shows_the_commands():
    done = command(text=True)
    assert "decode" in done.stdout + done.stderr


SHELL = [
    #            arguments and redirections           exit code, what is said
    pytest.param("explain 23 >&-", 2, "standard output is closed", id="closed-output"),
    pytest.param("decode --table MT-7 00 >&-", 2, "standard output is closed", id="closed-output-of-decode"),
    pytest.param("decode - <&-", 2, "standard input is closed", id="closed-input"),
    pytest.param("decode --table 7 - <&-", 2, "standard input is closed", id="closed-input-of-a-table"),
    pytest.param("--help >/dev/full", 1, "No space left", id="full-help"),
    pytest.param("explain 23 >/dev/full", 1, "No space left", id="full"),
    pytest.param("explain 23 2>&-", 0, "", id="closed-errors"),
]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")  # noqa: PTH110
@pytest.mark.parametrize(("arguments", "code", "words"), SHELL)
def test_streams_that_are_closed_or_full(arguments, code, words):
    line = f'"{sys.executable}" -c "from c1222_cli.main import main; main()" {arguments}'
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert "should not have happened" not in done.stderr
