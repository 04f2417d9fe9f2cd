"""Tables from outside: files and installed packages, which meter gets which, and what is said of broken ones."""

import ast
import re
from pathlib import Path

import pytest

from c1219_tables.context import MeterTables
from c1219_tables.errors import DeclarationError
from c1219_tables.makers import installed_layouts, load_layouts
from c1219_tables.registry import STANDARD, MakerLayouts, Registry
from c1219_tables.schema.dialect import SecretOctets

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "examples" / "maker_layouts" / "acme_x1.py"
DOCS = ROOT / "docs" / "manufacturer-layouts.md"

# Least significant octet first, no tables, no procedures; all else 0.
ST0 = bytes.fromhex("00 00 00 00000000 00 00 00 00 00 00 00 00 00 00 00 00")

TABLE = """
from c1219_tables.formats import UINT8
from c1219_tables.schema.dialect import Struct, note
from c1219_tables.table import Table
def table(number): return Table(number, f"T{number}", Struct("a" / UINT8 * note("a", "X")), purpose="test")
"""


def test_the_example_is_short():
    """A manufacturer table takes under 15 lines."""
    lines = EXAMPLE.read_text().rstrip().splitlines()
    assert len(lines) < 15
    assert max(map(len, lines)) <= 120


def test_the_example_decodes():
    meter = MeterTables(Registry((load_layouts(EXAMPLE),)))
    meter.add(0, ST0)
    # Two sags: phase 1 at 006Eh = 110 V, phase 3 at 005Ah = 90 V.
    octets = bytes.fromhex("02 01 6E00 03 5A00")
    decoded = meter.add(2048 + 17, octets)
    assert decoded == {"nbr_sags": 2, "sags": [{"phase": 1, "volts": 110}, {"phase": 3, "volts": 90}]}
    assert decoded.table.encode(decoded, meter.params()) == octets
    assert decoded.table.encode(dict(decoded), meter.params()) == octets
    assert (decoded.table.label, decoded.table.name, decoded.table.needs) == ("MT-17", "SAG_LOG_TBL", (0,))


def test_the_documentation_shows_the_example_as_it_is():
    assert EXAMPLE.read_text() in DOCS.read_text()


def test_the_documentation_names_the_line_of_a_mistake(tmp_path):
    said = re.search(r"`acme_x1\.py, line (\d+): (.*)`\.", DOCS.read_text())
    lines = EXAMPLE.read_text().replace("UINT16 *", "Bytes *").splitlines()
    broken = tmp_path / "acme_x1.py"
    broken.write_text("\n".join(lines))
    with pytest.raises(DeclarationError) as info:
        load_layouts(broken)
    assert (info.value.line, info.value.problem) == (int(said[1]), said[2])


@pytest.mark.parametrize(
    ("manufacturer", "model", "name"),
    [
        ("ACME", "X1      ", "SAG_LOG_TBL"),
        ("ACME", "X1200\0\0\0", "SAG_LOG_TBL"),
        ("ACME", "X2", "MFG_TBL_17"),
        ("GE", "X1", "MFG_TBL_17"),
    ],
)
def test_the_meter_chooses(manufacturer, model, name):
    registry = Registry((load_layouts(EXAMPLE),))
    assert registry.for_meter(manufacturer, model).table(2048 + 17).name == name


def test_several_patterns(tmp_path):
    path = tmp_path / "several.py"
    path.write_text(f'{TABLE}\nMANUFACTURER = ["GE", "GEC*"]\nED_MODEL = ("KV", "I-210*")\nTABLES = [table(2048)]')
    layouts = load_layouts(path)
    assert [layouts.fits(*meter) for meter in (("GE", "KV"), ("GECX", "I-210+c"), ("GX", "KV"), ("GE", "S4"))] == [
        True,
        True,
        False,
        False,
    ]


def test_a_file_is_loaded_as_it_is_now(tmp_path):
    path = tmp_path / "one.py"
    for number in (2048, 2049):
        path.write_text(f'{TABLE}\nMANUFACTURER = ED_MODEL = "*"\nTABLES = (table({number}),)')
        assert list(load_layouts(str(path)).tables) == [number]
    assert not (tmp_path / "__pycache__").exists()


BROKEN = [
    #            the file                                              line   what is said
    pytest.param("x = (", 1, "is not Python", id="syntax"),
    pytest.param("\n\nimport no_such_module", 3, "ModuleNotFoundError", id="import"),
    pytest.param(TABLE + "\n\ntable()", 8, "TypeError: table() missing 1", id="wrong-call"),
    pytest.param("\n\nraise SystemExit(3)", 3, "SystemExit: 3", id="leaves"),
    pytest.param("\x00", None, "null bytes", id="not-text"),
    pytest.param(
        'MANUFACTURER = "A"\nED_MODEL = "B"', None, "TABLES, a list of the tables, is missing", id="no-tables"
    ),
    pytest.param("TABLES = []", None, "MANUFACTURER is missing", id="no-maker"),
    pytest.param('MANUFACTURER = "A"\nED_MODEL = 5\nTABLES = []', None, "ED_MODEL is missing", id="model-is-a-number"),
    pytest.param('MANUFACTURER = "A"\nED_MODEL = ()\nTABLES = []', None, "ED_MODEL is missing", id="no-model"),
    pytest.param('MANUFACTURER = ED_MODEL = "*"\nTABLES = [7]', None, "TABLES[0] is no Table but int", id="no-table"),
    pytest.param(
        TABLE + 'MANUFACTURER = ED_MODEL = "*"\nTABLES = [table(3), table(3)]', None, "ST-3 is T3 already", id="twice"
    ),
    pytest.param(
        TABLE + 'MANUFACTURER = ED_MODEL = "*"\nTABLES = [table(65536)]', None, "is 0 to 65535, not 65536", id="number"
    ),
]


@pytest.mark.parametrize(("source", "line", "problem"), BROKEN)
def test_a_broken_file_is_refused_with_its_place(tmp_path, source, line, problem):
    path = tmp_path / "broken.py"
    path.write_text(source)
    with pytest.raises(DeclarationError) as info:
        load_layouts(path)
    assert problem in info.value.problem
    assert (info.value.file, info.value.line) == (str(path), line)
    assert str(info.value).startswith(f"{path}, line {line}: " if line else f"{path}: ")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DeclarationError, match=r"gone\.py: cannot be read: No such file"):
        load_layouts(tmp_path / "gone.py")


# -- Packages ---------------------------------------------------------------------------------------------------


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Puts a module and its entry point on the path, as an installed package has them."""
    monkeypatch.syspath_prepend(tmp_path)

    def put(name, source, target=None):
        (tmp_path / f"{name}.py").write_text(source)
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[c1219_tables.layouts]\n{name} = {target or name}\n")

    return put


def test_installed_packages_are_found(install):
    install("acme_meters_b", EXAMPLE.read_text())
    source = f"{TABLE}\nclass Layouts:\n    MANUFACTURER = 'B'\n    ED_MODEL = '*'\n    TABLES = [table(2050)]\n"
    install("acme_meters_a", source, "acme_meters_a:Layouts")
    found = [one for one in installed_layouts() if "acme_meters" in one.origin]
    assert [(one.manufacturer, list(one.tables)) for one in found] == [("B", [2050]), ("ACME", [2065])]
    assert found[0].origin == "entry point acme_meters_a (acme_meters_a:Layouts)"


def test_layouts_made_by_a_package(install):
    install(
        "acme_made",
        "from c1219_tables.registry import MakerLayouts\nMADE = MakerLayouts('C', '*', {})",
        "acme_made:MADE",
    )
    assert MakerLayouts("C", "*", {}) in installed_layouts()


def test_a_broken_package_does_not_hide_the_others(install):
    install("acme_broken", "1 / 0")
    install("acme_works", EXAMPLE.read_text())
    with pytest.raises(DeclarationError, match=r"entry point acme_broken .*cannot be loaded: ZeroDivisionError"):
        installed_layouts()
    told = []
    found = installed_layouts(broken=told.append)
    assert [str(one.file) for one in told] == ["entry point acme_broken (acme_broken)"]
    assert [one.manufacturer for one in found if "acme_works" in one.origin] == ["ACME"]


# -- Secrets of tables that are octets ------------------------------------------------------------------------------

SECRET = [
    #            number               why
    pytest.param(46, id="keys-without-a-layout"),
    pytest.param(4096 + 42, id="pending-passwords"),
    pytest.param(4096 + 45, id="pending-keys"),
    pytest.param(4096 + 46, id="pending-extended-keys"),
    pytest.param(8192 + 42, id="bits-without-meaning"),
    pytest.param(8192 + 4096 + 45, id="pending-and-bits-without-meaning"),
]


@pytest.mark.parametrize("number", SECRET)
def test_octets_that_hold_secrets_are_masked(number):
    table = STANDARD.table(number)
    decoded = table.decode(b"password")
    assert isinstance(decoded["octets"], SecretOctets)
    assert "password" not in repr(decoded)
    assert decoded == {"octets": b"password"}
    assert table.encode(decoded) == b"password"


@pytest.mark.parametrize("number", [57, 4096 + 54, 2048 + 42, 4096 + 2048 + 42, 8192 + 1])
def test_other_octets_are_shown(number):
    assert not isinstance(STANDARD.table(number).decode(b"octets")["octets"], SecretOctets)


def test_pending_forms_of_a_makers_secrets(tmp_path):
    path = tmp_path / "keys.py"
    source = TABLE.replace("import Struct", "import Secret, Struct").replace('"a" / UINT8', '"a" / Secret(UINT8)')
    path.write_text(f'{source}\nMANUFACTURER = ED_MODEL = "*"\nTABLES = [table(2048 + 7)]')
    registry = Registry((load_layouts(path),))
    pending = registry.table(4096 + 2048 + 7)
    assert pending.name == "PENDING_T2055"
    assert isinstance(pending.decode(b"k")["octets"], SecretOctets)


def test_the_example_imports_what_users_may_import():
    names = {node.module for node in ast.walk(ast.parse(EXAMPLE.read_text())) if isinstance(node, ast.ImportFrom)}
    assert names <= {"construct", "c1219_tables.formats", "c1219_tables.schema.dialect", "c1219_tables.table"}
