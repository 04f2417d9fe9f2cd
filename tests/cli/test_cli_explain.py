"""`c1222 explain`: what is shown of a table, a field, a procedure; for a meter; what is said of mistakes."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from c1222_cli.main import main

EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "maker_layouts" / "acme_x1.py"

# The worked example of the table reference; see tests/tables/test_explain.py.
METER = {
    "0": "02 0A 88 00000000 02 00 00 00 01 00 09 00 00 00 00 00" + "00" * 8 + "01" + "00" * 9,
    "61": "72000000 500C 02 0300 0400 02 0F",
    "62": "010000 010202 02 01000100 01000A00",
}
ACME_X1 = "41434D45 5831202020202020 01000100" + "20" * 16
GE_KV = "47452020 4B56202020202020 01000100" + "20" * 16


def run(*arguments, code=0):
    result = CliRunner().invoke(main, ["explain", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def dims(tmp_path):
    def write(tables):
        path = tmp_path / "meter.json"
        path.write_text(json.dumps(tables))
        return path

    return write


def lines_of(text, name):
    return [line for line in text.splitlines() if re.search(rf"(^|\s){re.escape(name)}(\s|$)", line)]


def test_a_table():
    text = run(23).stdout
    lines = text.splitlines()
    assert lines[0] == "ST-23 CURRENT_REG_DATA_TBL"
    assert "needs ST-0, ST-21 of the same meter" in text
    assert lines[6].split() == ["offset", "octets", "element", "type", "what", "it", "is"]
    assert lines[7].split()[:4] == ["0", "1", "nbr_demand_resets", "UINT8"]
    assert "only if ST-21.reg_func1_flags.demand_reset_ctr_flag" in lines[8]
    assert "ST-21.nbr_tiers times" in text
    assert "how to read it" in lines
    assert max(map(len, lines)) <= 120


def test_a_table_of_a_meter(dims):
    text = run(64, "--dims", dims(METER)).stdout
    # 3 blocks of 38 octets, by the reference.
    assert "size: 114 octets" in text
    assert "ST-61.nbr_blks_set1 = 3 times" in text
    (value,) = lines_of(text, "int_data[k]")
    assert value.startswith("16 + 38 i + 6 j + 2 k  2 ")
    assert value.split()[-2:] == ["int_data[k]", "UINT16"]
    (pulse,) = lines_of(text, "block_end_pulse")
    assert pulse.startswith("absent ")


def test_tables_below_a_name_as_a_dump_has_them(dims):
    assert "size: 114 octets" in run(64, "--dims", dims({"target": "x", "tables": METER})).stdout


def test_a_meter_of_which_little_is_known(dims):
    text = run(64, "--dims", dims({"0": METER["0"]})).stdout
    assert "given: ST-0; not given: ST-61, ST-62" in text
    assert "size: varies, by ST-61, ST-62" in text


def test_octets_of_what_is_explained_may_be_broken(dims):
    assert "size: 114 octets" in run(64, "--dims", dims({**METER, "64": "00"})).stdout


def test_dimensions_that_do_not_fit(dims):
    path = dims({**METER, "61": "72"})
    assert run(64, "--dims", path, code=2).stderr.startswith(f"Error: {path}: ST-61 lp_memory_len: ")


@pytest.mark.parametrize("first", ["02", "08"], ids=["char-format-1", "char-format-4"])
def test_the_maker_in_any_char_format(first, dims):
    # With CHAR_FORMAT 4 the text of table 1 stays octets.
    path = dims({"0": first + METER["0"][2:], "1": ACME_X1})
    result = run("MT-17", "--schema", EXAMPLE, "--dims", path)
    assert result.stdout.startswith(run("MT-17", "--schema", EXAMPLE).stdout.splitlines()[0] + "\n")
    decoded = CliRunner().invoke(
        main, ["decode", "--table", "MT-17", "00", "--schema", str(EXAMPLE), "--dims", str(path)]
    )
    assert "MFG_TBL_17" not in decoded.output
    assert not isinstance(decoded.exception, TypeError)


def test_files_that_are_read_are_not_overwritten(dims):
    path = dims(METER)
    before = path.read_text()
    result = run(64, "--dims", path, "-o", path, code=2)
    assert "the command reads this file; it is not overwritten" in result.stderr
    assert path.read_text() == before


ESCAPES = r"""
from c1219_tables.formats import UINT8
from c1219_tables.schema.dialect import Struct, note
from c1219_tables.table import Table
MANUFACTURER = ED_MODEL = "*"
TABLES = [Table(2065, "X_TBL", Struct("a" / UINT8 * note("of \x1b[31m\nred \x9b", "CX")), purpose="p\x1b]0;x\x07")]
"""


def test_words_of_a_maker_reach_the_terminal_harmless(tmp_path, dims):
    path = tmp_path / "maker.py"
    path.write_text(ESCAPES)
    one = ["--schema", str(path)]
    for arguments in (["explain", "MT-17"], ["tables", "X_TBL"], ["tables", "X_TBL", "--format", "csv"]):
        result = CliRunner().invoke(main, [*arguments, *one])
        assert result.exit_code == 0, result.output
        assert all(line.isprintable() for line in result.stdout.splitlines())
    known = ["--dims", str(dims({"0": METER["0"]}))]
    for form in ("table", "plain", "hex"):
        result = CliRunner().invoke(main, ["decode", "--table", "MT-17", "05", "--format", form, *known, *one])
        assert result.exit_code == 0, result.output
        assert all(line.isprintable() for line in result.stdout.replace("\t", " ").splitlines())


def test_where_the_names_of_sources_are_resolved():
    assert "docs/sources.md" in run(23).stdout


def test_how_sure_the_parameters_of_a_procedure_are():
    text = " ".join(run("P-8").stdout.split())
    assert "known from 2 independent sources: CNX TER; its parameters: one source; in []" in text


def test_a_file_that_is_no_regular_one():
    assert "not a regular file" in run("MT-17", "--schema", "/dev/zero", code=2).stderr
    assert "not a regular file" in run(64, "--dims", "/dev/zero", code=2).stderr


def test_no_table_at_all():
    assert "which table?" in run("", code=2).stderr
    assert "to search: c1222 tables xyzzy" in run("xyzzy", code=2).stderr
    assert "to search" not in run("--", "-1", code=2).stderr
    assert "no table is called" in run("\u0662\u0663", code=2).stderr


def test_a_field():
    result = run("ST-64.lp_data_sets1.INT_DATA[3]")
    assert "ST-64 has no lp_data_sets1; shown: blocks[i].lp_int[j].int_data[k]" in result.stderr
    assert lines_of(result.stdout, "blocks[i]")
    assert lines_of(result.stdout, "int_data[k]")
    assert not lines_of(result.stdout, "blk_end_time")
    assert "SET(n)" not in result.stdout


def test_a_table_by_its_name():
    assert run("clock").stdout.startswith("ST-52 CLOCK_TBL\n")
    assert run("LP_DATA_SET1_TBL.blk_end_time").stdout.startswith("ST-64 LP_DATA_SET1_TBL\n")


@pytest.mark.parametrize(
    "arguments", [["procedure", 10], ["P-10"], ["SP-10"], ["procedure", "SP-10"], ["sp10"]], ids=str
)
def test_a_procedure(arguments):
    text = run(*arguments).stdout
    assert text.startswith("SP-10 Set Date and/or Time\n")
    assert "\nwritten to table 7\n" in text
    assert lines_of(text, "set_mask")
    assert "\nread from table 8\n" in text


def test_a_procedure_of_a_maker():
    assert run("MP-70").stdout.startswith("MP-70 Manufacturer Procedure 70\n")


def test_several_at_once():
    text = run(52, "P-4").stdout
    assert text.startswith("ST-52 ")
    assert "\n\nSP-4 " in text


def test_a_table_with_a_name_only():
    text = run(57).stdout
    assert "its layout is not public" in text


def test_plain_has_the_same_fields_in_every_line(dims):
    lines = [line.split("\t") for line in run(64, "--dims", dims(METER), "--format", "plain").stdout.splitlines()]
    assert {len(line) for line in lines} == {13}
    (value,) = [line for line in lines if line[1].endswith(".int_data[k]")]
    assert value[:4] == ["ST-64", "blocks[i].lp_int[j].int_data[k]", "element", "UINT16"]
    assert value[8:12] == ["16 + 38 i + 6 j + 2 k", "2", "agreed", "J N Y"]


def test_json_is_complete(dims):
    (known,) = json.loads(run(64, "--dims", dims(METER), "--format", "json").stdout)["explained"]
    assert (known["label"], known["sizes"], known["not_given"]) == ("ST-64", [114], [])
    rows = {row["path"]: row for row in known["sections"][0]["rows"]}
    assert rows["blocks[i].lp_int[j].int_data[k]"]["offset"] == {"base": 16, "strides": {"i": 38, "j": 6, "k": 2}}
    assert rows["blocks[i].end_readings[j].block_end_pulse"]["present"] is False
    assert rows["blocks[i].lp_int[j].extended_int_status.common.dst_flag"]["bits"] == [4, 4]
    assert {rule["about"] for rule in known["reading"]} >= {"STIME_DATE", "SET(n)"}


def test_a_narrow_page_has_the_words_below(monkeypatch):
    monkeypatch.setattr("c1222_cli.report.WIDE", 60)
    lines = run(61).stdout.splitlines()
    assert max(map(len, lines)) <= 80
    row = next(index for index, line in enumerate(lines) if "lp_memory_len" in line)
    assert "octets for the data of all sets" in lines[row + 1]


def test_codes_of_a_field():
    text = run("12.id_code").stdout
    # By the reference: ID_CODE 0 is W (Wh as a total), 8 RMS volts, 33 Hz.
    assert "\n    0  active power, W; as a total: active energy, Wh\n" in text
    assert "\n    8  RMS voltage, V\n" in text
    assert "\n   33  frequency, Hz\n" in text
    (known,) = json.loads(run("76.event_code", "--format", "json").stdout)["explained"]
    assert known["codes"]["event_code.tbl_proc_nbr"]["1"] == "primary power down"


def test_where_codes_are_listed():
    text = " ".join(run(12).stdout.split())
    assert "codes what they mean: c1222 explain ST-12.uom_entry.id_code, ST-12.uom_entry.time_base" in text
    assert "RMS voltage" not in text


@pytest.mark.parametrize("command", ["explain", "tables"])
def test_help_imports_no_table(command):
    code = (
        "import atexit, sys\n"
        "atexit.register(lambda: print([name for name in ('construct', 'c1219_tables') if name in sys.modules]))\n"
        "from c1222_cli.main import main\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", code, command, "--help"], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


# -- Makers ---------------------------------------------------------------------------------------------------------


def test_a_table_of_a_maker():
    text = run("MT-17", "--schema", EXAMPLE).stdout
    assert text.startswith("MT-17 SAG_LOG_TBL\nthe last voltage sags\n")
    assert lines_of(text, "volts")[0].startswith("2 + 3 i  2 ")


@pytest.mark.parametrize(("table_1", "name"), [(ACME_X1, "SAG_LOG_TBL"), (GE_KV, "MFG_TBL_17")])
def test_the_meter_chooses_the_maker(dims, table_1, name):
    path = dims({"0": METER["0"], "1": table_1})
    assert run("MT-17", "--schema", EXAMPLE, "--dims", path).stdout.startswith(f"MT-17 {name}\n")


def test_two_makers_of_one_table(tmp_path):
    other = tmp_path / "other.py"
    other.write_text(EXAMPLE.read_text().replace("SAG_LOG_TBL", "OTHER_TBL"))
    result = run("MT-17", "--schema", EXAMPLE, "--schema", other)
    assert result.stdout.startswith("MT-17 SAG_LOG_TBL\n")
    assert "several makers define it" in result.stderr


# -- Mistakes -------------------------------------------------------------------------------------------------------

MISTAKES = [
    #            arguments                       what is said
    pytest.param(["23.sumations"], "ST-23 has no element 'sumations'; did you mean summations?", id="field"),
    pytest.param(["clok"], "no table is called 'clok'; did you mean CLOCK (52)?", id="name"),
    pytest.param(["ST-9999"], "a table number is at most 2047", id="number"),
    pytest.param(["70000"], "table 70000 does not fit into 16 bits", id="large-number"),
    pytest.param(["procedure"], "which procedure?", id="procedure-without-a-number"),
    pytest.param(["procedure", "ten"], "'ten' is not a procedure; write 10, P-10 or MP-70", id="procedure-in-words"),
    pytest.param(["P-4096"], "does not fit into 12 bits", id="procedure-number"),
    pytest.param(["57.anything"], "ST-57 has no element 'anything'", id="field-of-a-table-without-layout"),
    pytest.param(["23", "--dims", "gone.json"], "gone.json: No such file", id="no-dims"),
    pytest.param(["23", "--schema", "gone.py"], "gone.py: cannot be read: No such file", id="no-schema"),
    pytest.param(["23", "-o", "x.csv"], "no format goes with '.csv'", id="form"),
]


@pytest.mark.parametrize(("arguments", "said"), MISTAKES)
def test_mistakes(arguments, said):
    result = run(*arguments, code=2)
    assert said in result.stderr
    assert result.stdout == ""
