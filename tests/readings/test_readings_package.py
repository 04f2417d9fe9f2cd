"""What the package says of its parts: each is where its docstring has it."""

import ast
import importlib
import re

import pytest

import c1219_tables.readings

LINES = re.findall(r"^    (from .*?)(?:\s+#.*)?$", c1219_tables.readings.__doc__, re.MULTILINE)


def test_readings_that_a_meter_has_are_there():
    named = {name.name for line in LINES for name in ast.parse(line).body[0].names}
    assert {"registers", "profile", "events", "history", "Quality", "Taken", "Rules"} <= named


@pytest.mark.parametrize("line", LINES)
def test_what_is_said_to_be_there(line):
    (found,) = ast.parse(line).body
    module = importlib.import_module(found.module)
    for name in found.names:
        assert getattr(module, name.name).__module__.startswith("c1219_tables.")


def test_modules_keep_their_names():
    """`registers` here is the module, whether it was loaded before or not: no function stands in its place."""
    from c1219_tables.readings import profile, registers

    assert (registers.__name__, profile.__name__) == (
        "c1219_tables.readings.registers",
        "c1219_tables.readings.profile",
    )
