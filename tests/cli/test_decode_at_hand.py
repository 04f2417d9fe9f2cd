"""`c1222 decode --table`: octets of one table at hand."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from table_vectors import ST0, ST0_GE, ST1_GE, ST21, ST23, ST41, ST52_GE

from c1222_cli.main import main

SCHEMA = Draft202012Validator(json.loads((Path(__file__).parents[2] / "docs" / "decode.schema.json").read_text()))


def run(*arguments, text=None):
    return CliRunner().invoke(main, ["decode", *arguments], input=text)


@pytest.fixture
def dims(tmp_path):
    path = tmp_path / "dims.json"
    path.write_text(json.dumps({"0": ST0, "21": ST21}))
    return ["--dims", str(path)]


@pytest.fixture
def ge(tmp_path):
    path = tmp_path / "ge.json"
    path.write_text(json.dumps({"0": ST0_GE}))
    return ["--dims", str(path)]


def cells(line):
    return re.split(r"  +", line)


def test_a_table_for_people(dims):
    result = run("--table", "23", *dims, ST23)
    title, state, header, *rows = result.stdout.splitlines()
    assert result.exit_code == 0
    assert title.startswith("ST-23 CURRENT_REG_DATA_TBL: ")
    assert state == "65 octets"
    assert cells(header) == ["offset", "octets", "field", "value", "purpose"]
    shown = {cells(row)[2]: (cells(row)[0], cells(row)[1], cells(row)[3]) for row in rows}
    # Table reference, 7.1.
    assert shown["nbr_demand_resets"] == ("0", "05", "5")
    assert shown["tot_data_block.summations[0]"] == ("1", "40 42 0f 00", "1000000")
    assert shown["tot_data_block.demands[0].event_time[1]"] == ("13", "ef 5d b1 01", "2024-01-01 00:15:00")
    assert shown["tier_data_block[0].summations[0]"] == ("33", "90 d0 03 00", "250000")
    assert shown["tier_data_block[0].demands[0].event_time[1]"] == ("45", "00 00 00 00", "not set")


def test_json(dims):
    for form in ("json", "jsonl"):
        result = run("--table", "ST-23", *dims, ST23, "--format", form)
        document = json.loads(result.stdout)
        SCHEMA.validate(document)
        assert (document["type"], document["schema_version"]) == ("table", 1)
        assert bytes.fromhex(document["octets"]) == bytes.fromhex(ST23)
        found = document["table_data"]
        assert (found["number"], found["whole"], found["assumed"]) == (23, True, None)
        assert found["fields"]["tier_data_block"][0]["summations"] == [250_000, 0]


def test_plain_and_hex(ge):
    shown = run("--table", "52", *ge, ST52_GE, "--format", "plain").stdout.splitlines()
    assert shown[0] == "clock_calendar\t0\t6\t0c0b0817010f\t2012-11-08 23:01:15"
    assert run("--table", "52", *ge, ST52_GE, "--format", "hex").stdout.splitlines()[1] == ST52_GE.lower()


WAYS = [
    pytest.param(lambda path: [ST52_GE], None, id="hex"),
    pytest.param(lambda path: ["0C", "0B", "08", "17", "01", "0F", "44"], None, id="hex-in-several-arguments"),
    pytest.param(lambda path: ["0c:0b:08:17:01:0f:44"], None, id="hex-with-colons"),
    pytest.param(lambda path: [_file(path, b"# the clock\n0c0b08 17\n010f44\n")], None, id="file-of-hex"),
    pytest.param(lambda path: [_file(path, bytes.fromhex(ST52_GE))], None, id="file-of-octets"),
    pytest.param(lambda path: ["-"], "0c0b0817010f44\n", id="hex-on-stdin"),
    pytest.param(lambda path: ["-"], bytes.fromhex(ST52_GE), id="octets-on-stdin"),
]


def _file(folder, content):
    path = folder / "clock.hex"
    path.write_bytes(content)
    return str(path)


@pytest.mark.parametrize(("arguments", "text"), WAYS)
def test_where_octets_come_from(arguments, text, ge, tmp_path):
    result = run("--table", "52", *ge, "--format", "json", *arguments(tmp_path), text=text)
    fields = json.loads(result.stdout)["table_data"]["fields"]
    assert fields["clock_calendar"] == {"value": "2012-11-08T23:01:15", "raw": "0c0b0817010f"}


@pytest.mark.parametrize("name", ["52", "ST-52", "st52", "CLOCK_TBL", "clock"])
def test_a_table_by_its_name(name, ge):
    assert run("--table", name, *ge, ST52_GE).stdout.startswith("ST-52 CLOCK_TBL")


def test_a_part(dims):
    result = run("--table", "23", *dims, "--offset", "5", "FFFFFFFF E05D")
    rows = [cells(line) for line in result.stdout.splitlines()[3:]]
    assert [row[:4] for row in rows] == [
        ["5", "ff ff ff ff", "tot_data_block.summations[1]", "-1"],
        ["9", "e0 5d", "tot_data_block.demands[0].event_time[0]", "2 of its 4 octets"],
    ]
    document = json.loads(run("--table", "23", *dims, "--offset", "5", "FFFFFFFFE05D", "--format", "json").stdout)
    SCHEMA.validate(document)
    assert [each["field"] for each in document["table_data"]["touched"]] == [row[2] for row in rows]


def test_what_was_assumed_is_said():
    assert "assumed: ST-0 was not read: 32 octets are the form with text" in run("--table", "1", ST1_GE).stdout


def test_a_table_without_a_public_layout_shows_all_octets():
    result = run("--table", "MT-17", "41" * 20)
    assert "its layout is not public" in result.stdout
    assert [cells(line)[:2] for line in result.stdout.splitlines()[3:]] == [
        ["0", " ".join(["41"] * 16)],
        ["16", "41 41 41 41"],
    ]


BAD = [
    #            arguments,                                     exit code, what is said
    pytest.param(["--table", "23", "05404200"], 7,
                 "ST-23 tot_data_block.summations[0]: 4 octets wanted, 3 left (offset 1)", id="cut"),
    pytest.param(["--table", "23", "--offset", "64", "0000"], 7,
                 "octets 64 to 65 cannot be placed: it has 65 octets", id="beyond"),
    pytest.param(["--table", "23", "054"], 2, "HEX: 3 hex digits, the last octet is half an octet", id="half"),
    pytest.param(["--table", "23", "no-file"], 2, "'no-file' is neither hex nor a file that can be read", id="no-file"),
    pytest.param(["--table", "23", "05", "no-file"], 2, "as hex, or one FILE, or -", id="hex-and-file"),
    pytest.param(["--table", "no_such_table", "05"], 2, "no table is called 'no_such_table'", id="no-table"),
    pytest.param(["--table", "23", "05", "--tree", "--format", "json"], 2, "--tree", id="tree-and-format"),
    pytest.param(["--table", "23", "05", "--key", "2=env:K2"], 2, "--key is for captures", id="key"),
    pytest.param(["--table", "23", "05", "--service", "read"], 2, "--service is for captures", id="service"),
    pytest.param(["--offset", "5", "05"], 2, "--offset goes with --table", id="offset-alone"),
    pytest.param(["--table", "", "05"], 2, "which table?", id="no-name"),
    pytest.param(["--table", "45", "05"], 2,
                 "ST-45 needs ST-41 of the same meter: give it with --dims FILE", id="dims"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "code", "words"), BAD)
def test_what_cannot_be(arguments, code, words, dims):
    result = run(*arguments, *(dims if "--offset" not in arguments or "--table" in arguments else []))
    assert (result.exit_code, result.stdout) == (code, "")
    assert words in " ".join(result.stderr.split())


def test_octets_left_over(dims):
    for options, code in (([], 0), (["--strict"], 7)):
        result = run("--table", "23", *dims, ST23 + "AA", *options)
        assert result.exit_code == code
        assert " more than the layout has" in result.stdout
        assert cells(result.stdout.splitlines()[-1].rstrip()) == ["65", "aa", "(trailing)", "beyond its layout"]
    plain = run("--table", "23", *dims, ST23 + "AA", "--format", "plain").stdout.splitlines()
    assert plain[-1] == "(trailing)\t65\t66\taa\t-"


def test_the_tables_of_the_meter_are_not_overwritten(dims):
    result = run("--table", "23", *dims, ST23, "-o", dims[1], "--format", "json")
    assert (result.exit_code, json.loads(Path(dims[1]).read_text())["0"]) == (2, ST0)


def test_an_empty_file(dims):
    assert "no octets" in run("--table", "23", *dims, "-", text="").stderr


def test_output_to_a_file(dims, tmp_path):
    out = tmp_path / "registers.json"
    assert run("--table", "23", *dims, ST23, "-o", str(out)).exit_code == 0
    assert json.loads(out.read_text())["table_data"]["name"] == "CURRENT_REG_DATA_TBL"
    source = tmp_path / "table.hex"
    source.write_text(ST23)
    assert "not overwritten" in run("--table", "23", *dims, str(source), "-o", str(source)).stderr


def test_passwords_are_masked(tmp_path):
    path = tmp_path / "dims.json"
    path.write_text(json.dumps({"0": ST0, "41": ST41}))
    octets = b"PASSWORD".ljust(20).hex() + "01"
    result = run("--table", "42", "--dims", str(path), octets, "--format", "json")
    document = json.loads(result.stdout)
    SCHEMA.validate(document)
    assert (document["octets"], document["table_data"]["fields"]) == ("masked", "masked")
    assert '"PASSWORD' in run("--table", "42", "--dims", str(path), octets, "--show-secrets").stdout


def test_no_control_character_reaches_a_terminal():
    result = run("--table", "1", ST1_GE.replace("47", "1B", 1))
    assert all(character.isprintable() or character == "\n" for character in result.stdout)
