"""docs/readings.md: every command in it runs and writes what stands below it; what it lists is all there is."""

import re
import shlex
from pathlib import Path

import pytest
from saved_meters import output

from c1219_tables.readings.intervals.quality import Quality
from c1219_tables.rules import RULES

PAGE = (Path(__file__).parents[2] / "docs" / "readings.md").read_text()
SHOWN = re.findall(r"```\n\$ c1222 (.*?)\n(.*?)```", PAGE, re.DOTALL)


def test_there_are_examples():
    assert [command.split()[0] for command, _ in SHOWN] == ["registers", "now", "profile", "profile", "status"]


@pytest.mark.parametrize(("command", "shown"), SHOWN, ids=[command.split()[0] for command, _ in SHOWN])
def test_what_an_example_writes(command, shown):
    assert output(*shlex.split(command)) == shown


def test_the_program(capsys):
    (program,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(program, "readings.md", "exec"), {})
    printed = capsys.readouterr().out
    assert "active energy delivered 2342238.020 Wh None" in printed


def test_every_quality_and_every_rule_is_explained():
    assert {word for flag in Quality for word in flag.words} <= set(re.findall(r"`([a-z-]+)`", PAGE))
    assert set(RULES) <= set(re.findall(r"\| `([a-z_0-9]+)` \|", PAGE))
