"""`c1222 tables`: which are listed, what is said of each, in which form."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from c1222_cli.main import main

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "maker_layouts" / "acme_x1.py"


def run(*arguments, code=0):
    result = CliRunner().invoke(main, ["tables", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result


def listed(*arguments):
    """Number -> record of the tables in the JSON output."""
    found = json.loads(run(*arguments, "--format", "json").stdout)
    assert found["schema_version"] == 1
    return {one["number"]: one for one in found["tables"]}


def test_a_decade():
    # Decade 2 by the reference: names of tables 20 to 28, 29 has none.
    lines = run("--decade", 2).stdout.splitlines()
    assert lines[0].split() == ["table", "name", "layout", "sure", "needs", "octets", "doubts", "purpose"]
    assert [line.split()[0] for line in lines[1:]] == [f"ST-{number}" for number in range(20, 29)]
    assert lines[2].split()[:6] == ["ST-21", "ACT_REGS_TBL", "declared", "agreed", "0", "10"]
    assert max(map(len, lines)) <= 120


def test_everything_is_listed():
    found = listed()
    assert set(range(9)) | set(range(60, 68)) | {160} <= set(found)
    assert found[57]["layout"] == "octets"
    assert found[64] == {
        "number": 64,
        "label": "ST-64",
        "name": "LP_DATA_SET1_TBL",
        "decade": 6,
        "layout": "declared",
        "sure": "agreed",
        "sources": ["J", "N", "Y"],
        "needs": [0, 61, 62],
        "sizes": [],
        "single": 3,  # the closure status, and what is in it: known from Y alone
        "inferred": 0,
        "gaps": found[64]["gaps"],
        "purpose": "load profile: the data of set 1",
        "origin": "standard",
    }
    assert found[1]["sizes"] == [32, 24]


FILTERS = [
    #            arguments                             there       not there       why
    pytest.param(["--declared"], {64, 1}, {57, 80}, id="declared"),
    pytest.param(["--gaps"], {57, 2, 21}, {23, 1}, id="gaps"),
    pytest.param(["--needs", "21"], {22, 23, 24, 25, 26, 27, 28}, {21, 20, 12}, id="needs"),
    pytest.param(["--needs", "ST-61"], {62, 64, 65, 66, 67}, {63, 21}, id="needs-as-people-write-it"),
    pytest.param(["--needs", "act_regs"], {23}, {61}, id="needs-by-name"),
    pytest.param(["--decade", "0", "--decade", "9"], {0, 8, 90, 98}, {10, 21}, id="two-decades"),
    pytest.param(["telephone"], {90, 91, 92}, {23}, id="word-of-the-purpose"),
    pytest.param(["LP_DATA"], {64, 65, 66, 67}, {61}, id="word-of-the-name"),
    pytest.param(["cum_demand"], {23, 25}, {22}, id="word-of-an-element"),
    pytest.param(["demand", "RESET", "season"], {24}, {22}, id="all-words"),
    pytest.param(["no such thing at all"], set(), {0}, id="nothing"),
]


@pytest.mark.parametrize(("arguments", "there", "not_there"), FILTERS)
def test_filters(arguments, there, not_there):
    found = set(listed(*arguments))
    assert there <= found
    assert not not_there & found


def test_csv_and_plain_have_the_same_cells():
    read = list(csv.reader(io.StringIO(run("--decade", 6, "--format", "csv").stdout)))
    assert read[0] == ["number", "table", "name", "decade", "layout", "sure", "needs", "octets", "doubts", "purpose"]
    plain = [line.split("\t") for line in run("--decade", 6, "--format", "plain").stdout.splitlines()]
    assert [[cell or "-" for cell in row] for row in read[1:]] == plain
    assert read[1][:7] == ["60", "ST-60", "DIM_LP_TBL", "6", "declared", "agreed", "0"]


@pytest.mark.parametrize(
    ("name", "first"), [("t.csv", "number,table"), ("t.json", "{"), ("t.tsv", "20\t"), ("t.txt", "ta")]
)
def test_the_suffix_of_the_output_names_its_form(tmp_path, name, first):
    run("--decade", 2, "-o", tmp_path / name)
    assert (tmp_path / name).read_text().startswith(first)


def test_a_suffix_without_a_form(tmp_path):
    assert "no format goes with '.pdf'" in run("-o", tmp_path / "t.pdf", code=2).stderr


def test_tables_of_a_maker():
    found = listed("--schema", EXAMPLE, "sag")
    assert (list(found), found[2065]["origin"], found[2065]["decade"]) == ([2065], str(EXAMPLE), None)
    assert found[2065]["needs"] == [0]


def test_a_broken_schema_is_refused_with_its_line(tmp_path):
    broken = tmp_path / "broken.py"
    broken.write_text("a = 1\nb = (")
    assert f"Error: {broken}, line 2: is not Python" in run("--schema", broken, code=2).stderr


def test_a_table_that_is_none():
    assert "no table is called 'nonsense'" in run("--needs", "nonsense", code=2).stderr


def test_nothing_matches():
    assert run("xyzzy").stderr == "no table matches\n"
    assert run("clock").stderr == ""


def test_a_layout_that_is_read_is_not_overwritten(tmp_path):
    path = tmp_path / "maker.py"
    path.write_text(EXAMPLE.read_text())
    result = run("--schema", path, "-o", path, "--format", "csv", code=2)
    assert "it is not overwritten" in result.stderr
    assert path.read_text() == EXAMPLE.read_text()
