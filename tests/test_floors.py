"""The floors of the house: imports point down only, and what may be imported where (design.md, section 2).

Everything is read with `ast`, imports inside functions and under TYPE_CHECKING too: nothing is run. A floor that is
not built yet is not looked at.
"""

import ast
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

HOUSE = Path(__file__).parent.parent
ROOTS = {"c1219_tables": HOUSE, "c1222": HOUSE, "c1222_cli": HOUSE / "cli"}

# From the ground up. Floors of one line do not import each other.
FLOORS = [
    {"c1219_tables"},
    {"c1222.errors"},
    {"c1222.titles"},
    {"c1222.psem"},
    {"c1222.link", "c1222.message"},
    {"c1222.security"},
    {"c1222.transport"},
    {"c1222.session"},
    {"c1222.meter"},
    {"c1222.settings"},
    {"c1222.connection"},
    {"c1222.scripts"},
]
# Beside the house: what these may import, and nothing else of ours.
ANNEXES = {
    "c1222.pcap": {"c1222.errors"},
    "c1222.capture": {
        "c1222.pcap",
        "c1222.message",
        "c1222.psem",
        "c1222.security",
        "c1222.titles",
        "c1222.link",
        "c1222.errors",
        "c1219_tables",
    },
}
# Floors that may go into an annex: what goes over a transport is kept as a capture file; journals have its JSON.
GUESTS = {"c1222.transport": {"c1222.pcap"}, "c1222.scripts": {"c1222.capture"}}
TOP = "c1222_cli"
# The packages' own __init__: it may open doors to every floor, so no floor imports it.
DOOR = "c1222"

INPUT_AND_OUTPUT = {
    "socket",
    "socketserver",
    "select",
    "selectors",
    "ssl",
    "serial",
    "asyncio",
    "pty",
    "termios",
    "tty",
}
HIDES_ERRORS = {"GreedyRange", "Select"}


class Import(NamedTuple):
    """module: dotted name of what is imported from; name: what is taken out of it, "" for the module itself."""

    file: Path
    line: int
    module: str
    name: str

    def __str__(self):
        return f"{self.file.relative_to(HOUSE)}:{self.line} imports {self.module} {self.name}".strip()


def module_of(file):
    for package, root in ROOTS.items():
        if file.is_relative_to(root / package):
            parts = file.relative_to(root).with_suffix("").parts
            return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    raise AssertionError(file)


def imports_of(tree, file):
    here = module_of(file).split(".")
    package = here if file.stem == "__init__" else here[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name, "")
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield Import(file, node.lineno, module, alias.name)
        elif isinstance(node, ast.Call) and called(node.func) in ("import_module", "__import__"):
            # importlib.import_module("c1222.x"): what is written out can be seen, what is computed cannot.
            written = [arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)]
            yield from (Import(file, node.lineno, str(module), "") for module in written)


def called(node):
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


SOURCES = sorted(file for package, root in ROOTS.items() for file in (root / package).rglob("*.py"))
TREES = {file: ast.parse(file.read_text(encoding="utf-8"), str(file)) for file in SOURCES}
MODULES = {module_of(file) for file in SOURCES}
IMPORTS = [one for file, tree in TREES.items() for one in imports_of(tree, file)]
EACH_FILE = pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(HOUSE)))


def floor_of(module):
    """The floor, annex, top or door that a module of ours belongs to."""
    if module.split(".")[0] in (TOP, "c1219_tables"):
        return module.split(".")[0]
    return ".".join(module.split(".")[:2])


def target(one):
    """The module of ours that an import reaches: `from c1222 import titles` reaches c1222.titles."""
    inner = f"{one.module}.{one.name}"
    return inner if inner in MODULES else one.module


def is_ours(module):
    return module.split(".")[0] in ROOTS


def height(floor):
    return next((number for number, names in enumerate(FLOORS) if floor in names), None)


OURS = [one for one in IMPORTS if is_ours(one.module)]


def from_floor(*names):
    return [one for one in IMPORTS if floor_of(module_of(one.file)) in names]


def listed(imports):
    return "\n".join(map(str, imports))


def test_there_is_a_house():
    assert {"c1219_tables", "c1222.errors", "c1222.titles", "c1222.psem", "c1222.message"} <= set(
        map(floor_of, MODULES)
    )
    assert len(OURS) > 10


def test_every_module_has_its_floor():
    known = {TOP, DOOR, *ANNEXES, *(name for names in FLOORS for name in names)}
    assert {floor_of(module) for module in MODULES} - known == set()


def test_imports_point_down_only():
    wrong = []
    for one in OURS:
        here, there = floor_of(module_of(one.file)), floor_of(target(one))
        if here == there or height(here) is None or there in GUESTS.get(here, ()):
            continue
        if height(there) is None or height(there) >= height(here):
            wrong.append(one)
    assert not wrong, listed(wrong)


@pytest.mark.parametrize("annex", ANNEXES)
def test_annexes_import_what_they_may(annex):
    wrong = [
        one
        for one in from_floor(annex)
        if is_ours(one.module) and floor_of(target(one)) not in {annex, *ANNEXES[annex]}
    ]
    assert not wrong, listed(wrong)


@pytest.mark.parametrize(
    ("floor", "outsiders"), [("c1219_tables", {"construct"}), ("c1222.pcap", set()), ("c1222.errors", set())]
)
def test_what_comes_from_outside(floor, outsiders):
    allowed = {*sys.stdlib_module_names, *outsiders, *ROOTS}
    wrong = [one for one in from_floor(floor) if one.module.split(".")[0] not in allowed]
    assert not wrong, listed(wrong)


def test_nobody_imports_the_command():
    wrong = [one for one in OURS if floor_of(target(one)) == TOP and floor_of(module_of(one.file)) != TOP]
    assert not wrong, listed(wrong)


def test_no_floor_goes_through_the_front_door():
    wrong = [one for one in OURS if target(one) == DOOR and floor_of(module_of(one.file)) not in (DOOR, TOP)]
    assert not wrong, listed(wrong)


def test_nobody_takes_what_another_module_keeps_for_itself():
    def private(name):
        return name.startswith("_") and not name.startswith("__")

    wrong = [one for one in OURS if private(one.name) or any(map(private, one.module.split(".")))]
    assert not wrong, listed(wrong)


@EACH_FILE
def test_nobody_reaches_for_a_private_name_of_an_imported_module(file):
    """`import c1222.x as x; x._y` is the same as importing _y."""
    tree = TREES[file]
    modules = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if is_ours(getattr(node, "module", None) or alias.name)
        and f"{getattr(node, 'module', None)}.{alias.name}".removeprefix("None.") in MODULES
    }
    wrong = [
        f"{file}:{node.lineno} {ast.unparse(node)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and ast.unparse(node.value) in modules
    ]
    assert not wrong, "\n".join(wrong)


def may_talk(file):
    """Transports do; of the sessions and scripts, only the asyncio faces know asyncio."""
    floor = floor_of(module_of(file))
    if floor == "c1222.transport":
        return INPUT_AND_OUTPUT
    has_face = floor in ("c1222.session", "c1222.scripts")
    return {"asyncio"} if has_face and file.stem.startswith(("async", "aio")) else set()


def test_sockets_serial_ports_and_asyncio_stay_in_the_transports():
    wrong = [
        one
        for one in IMPORTS
        if one.module.split(".")[0] in INPUT_AND_OUTPUT and one.module.split(".")[0] not in may_talk(one.file)
    ]
    assert not wrong, listed(wrong)


def test_no_star_imports():
    wrong = [one for one in IMPORTS if one.name == "*"]
    assert not wrong, listed(wrong)


@EACH_FILE
def test_no_room_for_odds_and_ends(file):
    assert file.stem not in ("utils", "util", "helpers", "misc", "common")


def test_construct_words_that_hide_errors_are_not_used():
    wrong = [one for one in IMPORTS if one.module.split(".")[0] == "construct" and one.name in HIDES_ERRORS]
    assert not wrong, listed(wrong)


@EACH_FILE
def test_construct_is_not_compiled_nor_used_through_its_module(file):
    """`layout.compile()` accepts truncated input; `re.compile` is another thing."""
    wrong = []
    for node in ast.walk(TREES[file]):
        if not isinstance(node, ast.Attribute):
            continue
        owner = ast.unparse(node.value)
        if node.attr == "compile" and owner not in ("re", "regex"):
            wrong.append(f"{file}:{node.lineno} {owner}.compile")
        if node.attr in HIDES_ERRORS and owner.split(".")[0] in ("construct", "cs", "con"):
            wrong.append(f"{file}:{node.lineno} {owner}.{node.attr}")
    assert not wrong, "\n".join(wrong)


# -- The reader of imports itself -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import socket", [("socket", "")]),
        ("import c1222.psem.services as s, os", [("c1222.psem.services", ""), ("os", "")]),
        ("from c1222.psem import services", [("c1222.psem", "services")]),
        ("from . import acse", [("c1222.message", "acse")]),
        ("from .acse import APDU", [("c1222.message.acse", "APDU")]),
        ("from ..psem.requests import request", [("c1222.psem.requests", "request")]),
        ("from .. import psem", [("c1222", "psem")]),
        ("def f():\n    import asyncio", [("asyncio", "")]),
        ("if TYPE_CHECKING:\n    from c1222.security.eax import EaxPrime", [("c1222.security.eax", "EaxPrime")]),
        ("importlib.import_module('c1222.meter')", [("c1222.meter", "")]),
        ("try:\n    import orjson\nexcept ImportError:\n    pass", [("orjson", "")]),
    ],
)
def test_no_import_escapes(source, found):
    file = HOUSE / "c1222" / "message" / "epsem.py"
    assert [(one.module, one.name) for one in imports_of(ast.parse(source), file)] == found


def test_a_package_counts_its_dots_from_itself():
    file = HOUSE / "c1222" / "message" / "__init__.py"
    assert [one.module for one in imports_of(ast.parse("from .acse import APDU"), file)] == ["c1222.message.acse"]
