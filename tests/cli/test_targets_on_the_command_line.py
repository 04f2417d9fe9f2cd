"""Which meter a command line names: likely mistakes, and how usage lines write it."""

import re

import pytest
from click.testing import CliRunner

from c1222_cli.likely_targets import likely_host, likely_target
from c1222_cli.main import main


def run(*words, env=None):
    return CliRunner().invoke(main, list(words), env={"C1222_TARGET": "", **(env or {})})


MEANT = [
    #            word                     target that is meant
    pytest.param("/dev/ttyUSB0", "optical:/dev/ttyUSB0", id="device"),
    pytest.param("/dev/serial/by-id/usb-x-if00:0", "optical:/dev/serial/by-id/usb-x-if00:0", id="device-by-id"),
    pytest.param("/dev/cu.usbserial-1", "optical:/dev/cu.usbserial-1", id="device-of-macos"),
    pytest.param("ttyUSB0", "optical:/dev/ttyUSB0", id="device-without-its-folder"),
    pytest.param("COM3", "optical:COM3", id="com"),
    pytest.param("com12", "optical:COM12", id="com-in-lower-case"),
    pytest.param("192.0.2.7", "tcp://192.0.2.7", id="address"),
    pytest.param("127.0.0.1:1153", "tcp://127.0.0.1:1153", id="address-and-port"),
    pytest.param("2001:db8::7", "tcp://[2001:db8::7]", id="ipv6"),
    pytest.param("[2001:db8::7]:1153", "tcp://[2001:db8::7]:1153", id="ipv6-and-port"),
    pytest.param("localhost:1153", "tcp://localhost:1153", id="name-and-port"),
    pytest.param("meter.example.com:1153", "tcp://meter.example.com:1153", id="long-name-and-port"),
]


@pytest.mark.parametrize(("word", "meant"), MEANT)
@pytest.mark.parametrize("command", ["read", "info", "logon", "dump", "shell"])
@pytest.mark.parametrize("variable", ["", "sim:"])
def test_what_was_meant_is_said(command, word, meant, variable):
    more = {"read": ["1"], "dump": ["-o", "x.json"]}.get(command, [])
    result = run(command, word, *more, env={"C1222_TARGET": variable})
    assert result.exit_code == 2
    assert f"{word} is not written as a target; did you mean {meant}?" in result.stderr


@pytest.mark.parametrize("word", ["meter.example.com", "meter-7.local", "localhost"])
def test_names_of_hosts(word):
    assert f"is it a meter? Then write tcp://{word}" in run("read", word, "1").stderr
    assert f"did you mean tcp://{word}?" in run("logon", word).stderr


NOT_MEANT = [
    "1",
    "ST-23",
    "21..28",
    "CLOCK_TBL",
    "1.ed_model",
    "23.summations[0]",
    "sim:",
    "dump:7",
    "optical:1",
    "@a:1",
]


@pytest.mark.parametrize("word", NOT_MEANT)
def test_tables_and_targets_are_no_mistakes(word):
    assert likely_target(word) is None
    assert likely_host(word) is None


def usage(name):
    lines = CliRunner().invoke(main, [name, "--help"]).output.split("\n\n")[0]
    return " ".join(lines.split())


@pytest.mark.parametrize("name", ["read", "info"])
def test_a_target_that_may_be_left_out_stands_in_brackets(name):
    assert re.match(rf"Usage: main {name} \[OPTIONS\] \[TARGET\]", usage(name))


METERS = "calendar demand-reset dump events history logon now pending procedure"
MORE_METERS = "profile registers set-clock shell status write"


@pytest.mark.parametrize("name", f"{METERS} {MORE_METERS}".split())
def test_a_target_that_has_to_be_named_stands_without(name):
    assert re.match(rf"Usage: main {name} \[OPTIONS\] TARGET", usage(name))


def test_the_rule_stands_in_the_help_of_all():
    said = " ".join(CliRunner().invoke(main, ["--help"]).output.split())
    assert "where none is written, C1222_TARGET does" in said
