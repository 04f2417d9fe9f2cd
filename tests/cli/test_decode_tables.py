"""Tables inside captures as people and programs see them, and what is known of a meter beforehand."""

import json
import re

import pytest
from decode_vectors import EXAMPLE_8, IPV4, clear_apdu, decode, exchange, read, table_data
from table_vectors import ST0, ST0_GE, ST1_GE, ST21, ST23, ST52_GE

from c1222_cli.decode.words import shortened

KEYS = ["--key", "0=env:K0", "--key", "2=env:K2"]


def tree(text, *options):
    """Lines of the tree, blanks drawn together."""
    return [re.sub(r"\s+", " ", line).strip() for line in decode(text, "--tree", *KEYS, *options).stdout.splitlines()]


def tables(text, *options):
    """table_data of every answer."""
    document = json.loads(decode(text, "--format", "json", *KEYS, *options).stdout)
    return [
        service["table_data"]
        for each in document["exchanges"]
        for message in (each["request"], each["response"])
        for service in (message["services"] if message else [])
        if service["table_data"]
    ]


# ── the tree

# Values: protocol reference, 8.11 and 8.5; layout of table 1: table reference.
IPV4_TREE = [
    "ST-1 GENERAL_MFG_ID_TBL (manufacturer, model, versions, serial number)",
    "assumed: ST-0 was not read: 32 octets are the form with text identifiers (ID_FORM 0)",
    '@0 4 45 45 20 20 manufacturer "EE"',
    '@4 8 41 33 52 20 20 20 20 20 ed_model "A3R"',
    "@12 1 02 hw_version_number 2",
    "@13 1 00 hw_revision_number 0",
    "@14 1 03 fw_version_number 3",
    "@15 1 06 fw_revision_number 6",
    '@16 16 20 20 20 20 20 20 20 20 31 32 33 34 35 36 37 38 mfg_serial_number " 12345678"',
]


def test_the_ipv4_capture_field_by_field():
    lines = tree(IPV4)
    start = next(index for index, line in enumerate(lines) if line.startswith("72 35 00 20 45 45"))
    # Octets of `blocks` take three lines, then the table comes.
    shown = lines[start + 3 : start + 3 + len(IPV4_TREE)]
    assert [line.split(" (")[0] for line in shown] == [line.split(" (")[0] for line in IPV4_TREE]


def test_example_8_shows_the_field_it_touches():
    lines = tree(EXAMPLE_8)
    touched = '@16 16 4d 41 4e 55 46 41 43 54 55 52 45 52 20 53 4e 20 mfg_serial_number "MANUFACTURER SN"'
    assert [line for line in lines if line.startswith("@")] == [
        f"{touched} (the maker's serial number; octets as they are where bit 7 of format_control_1 is set)"
    ]
    assert any(line.startswith("assumed: ST-0 was not read") for line in lines)


REGISTERS = exchange(read(0, ST0), read(21, ST21), read(23, ST23))


def test_registers_after_their_dimensions():
    shown = tree(REGISTERS)
    assert "@1 4 40 42 0f 00 tot_data_block.summations[0] 1000000 (totals, in the order of summation_select)" in shown
    assert "@5 4 ff ff ff ff tot_data_block.summations[1] -1" in shown
    assert any(
        line.startswith("@13 4 ef 5d b1 01 tot_data_block.demands[0].event_time[1] 2024-01-01 00:15:00")
        for line in shown
    )
    assert any(line.startswith("@45 4 00 00 00 00") and line.endswith("event_time[1] not set") for line in shown)


def test_a_table_before_its_dimensions():
    shown = tree(exchange(read(23, ST23)))
    assert "octets only: needs ST-0 and ST-21 of this meter; give what the capture lacks with --dims" in shown
    assert not any(line.startswith("@") for line in shown)


def test_octets_that_do_not_fit():
    shown = tree(exchange(read(0, "02 3B")))
    assert "octets only: ST-0 format_control_3: 1 octet wanted, 0 left (offset 2)" in shown
    assert "! table-misfit services[0]: ST-0 format_control_3: 1 octet wanted, 0 left (offset 2)" in shown


def test_a_table_without_a_public_layout():
    shown = tree(exchange(read(2048 + 17, "0102")))
    assert "MT-17 MFG_TBL_17 (defined by the manufacturer)" in shown
    assert "octets only: its layout is not public" in shown


WORDS = [
    #            tables,                                          a line of the last one
    pytest.param([(0, ST0)], "@7 1 02 nameplate_type 2: electric", id="code"),
    pytest.param([(0, ST0)], "@0 1 02 format_control_1 char_format 1, model_select 0", id="bits"),
    pytest.param([(0, ST0)], "@1 1 3b format_control_2 tm_format 3, data_access_method 3, id_form, int_format 0",
                 id="flag"),
    pytest.param([(0, ST0)], "@19 4 8b 19 e1 10 std_tbls_used 0-1, 3, 7-8, 11-12, 16, 21-23, 28", id="set"),
    pytest.param([(0, ST0)], "@30 1 00 mfg_tbls_write empty", id="empty-set"),
    pytest.param([(0, ST0_GE), (52, ST52_GE)], "@0 6 0c 0b 08 17 01 0f clock_calendar 2012-11-08 23:01:15", id="time"),
    pytest.param(
        [(0, ST0), (11, "00 03 00 00 00 00 02 03"), (12, "00500200 08292800 01C40700")],
        "@4 4 08 29 28 00 uom_entry[1] RMS voltage, V, instantaneous, phase A to neutral, x 10^-2",
        id="unit",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "line"), WORDS)
def test_values_in_words(given, line):
    shown = tree(exchange(*(read(number, octets) for number, octets in given)))
    assert any(each == line or each.startswith(f"{line} (") for each in shown), "\n".join(shown)


# ── a line an exchange


def row(text, *options):
    """The cells of the only row of the table."""
    _, line = decode(text, *KEYS, *options).stdout.splitlines()
    return re.split(r"  +", line)


def test_the_gist_of_table_1():
    assert "ok 32 octets: EE A3R, serial 12345678" in row(IPV4)


def test_the_gist_of_other_tables(dims_file):
    assert "ok 7 octets: 2012-11-08 23:01:15" in row(exchange(read(52, ST52_GE)), *dims_file({"0": ST0_GE}))
    assert "ok 31 octets" in row(exchange(read(0, ST0)))


MANY = exchange(*(read(number, "01") for number in (1, 40, 42, *range(100, 118))))


def test_services_are_drawn_together_and_cut():
    cells = row(MANY)
    assert "full_read ST-1 ST-40 ST-42 ST-100 ST-101 ST-102, ... 15 more" in cells
    assert "21 ok" in cells


def test_a_refusal_among_many_answers_is_seen():
    refused = (b"\x30\x00\x05", b"\x03")
    text = exchange(*(read(number, "01") for number in range(100, 110)), refused)
    assert "10 ok, isc: insufficient security clearance" in row(text)


def test_plain_says_all():
    (line,) = decode(MANY, "--format", "plain").stdout.splitlines()
    services, results = line.split("\t")[6:8]
    assert services.count("full_read ST-") == 21
    assert results.count("ok 1 octet") == 21


LISTS = [
    #            texts,                                   room, shown
    (["security"], 10, "security"),
    (["security", "identify"], 20, "security, identify"),
    (["read A", "read B", "read C"], 20, "read A B C"),
    (["read A", "write A", "read B"], 40, "read A, write A, read B"),
    (["part A @1", "part A @2"], 40, "part A @1, part A @2"),
    (["a longer one than fits"], 5, "a longer one than fits"),
    (["read A", "read B", "read C", "read D"], 20, "read A B C D"),
    (["read A", "read B", "read C", "read DDDDDDDDDDDD"], 21, "read A B, ... 2 more"),
]


@pytest.mark.parametrize(("texts", "room", "shown"), LISTS)
def test_lists_in_short(texts, room, shown):
    assert shortened(texts, room) == shown


# ── --dims and --schema


@pytest.fixture
def dims_file(tmp_path):
    def write(content, name="dims.json"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return ["--dims", str(path)]

    return write


def test_dims_decode_what_the_capture_cannot(dims_file):
    text = exchange(read(23, ST23))
    (without,) = tables(text)
    assert (without["needs"], without["fields"]) == ([0, 21], None)
    (found,) = tables(text, *dims_file({"0": ST0, "ST-21": ST21}))
    assert found["needs"] == []
    assert found["fields"]["tot_data_block"]["summations"] == [1_000_000, -1]
    assert found["fields"]["tot_data_block"]["demands"][0]["event_time"][1] == {
        "value": "2024-01-01T00:15:00",
        "raw": "ef5db101",
    }
    again = tables(text, *dims_file({"0": ST0}), *dims_file({"tables": {"21": ST21}, "meter": "x"}, "more.json"))
    assert again == [found]


def test_what_is_missing_is_summed_up(dims_file):
    text = exchange(read(23, ST23))
    assert "to decode more tables: --dims FILE with ST-0, ST-21 of the meters" in decode(text).stderr
    assert json.loads(decode(text, "--format", "json").stdout)["summary"]["missing_tables"] == [0, 21]
    assert "--dims" not in decode(text, *dims_file({"0": ST0, "21": ST21})).stderr


BAD_DIMS = [
    #            content,                          exit code, what is said
    pytest.param("no JSON", 2, "dims.json, line 1: not JSON", id="no-json"),
    pytest.param("[]", 2, "tables and their octets are wanted", id="no-object"),
    pytest.param({"clock": "00"}, 2, "'clock' is not a table", id="no-table"),
    pytest.param({"0": "0g"}, 2, "ST-0: not hex", id="no-hex"),
    pytest.param({"0": ST0, "21": "56 22"}, 2, "dims.json: ST-21 nbr_self_reads: 1 octet wanted, 0 left", id="misfit"),
    pytest.param({"21": ST21}, 2, "--dims: ST-21: needs ST-0 of the same meter", id="lacks-one"),
]


@pytest.mark.parametrize(("content", "code", "words"), BAD_DIMS)
def test_dims_that_cannot_be_used(content, code, words, dims_file):
    result = decode(IPV4, "--format", "json", *dims_file(content))
    assert (result.exit_code, result.stdout) == (code, "")
    assert words in result.stderr


def test_dims_that_are_not_there():
    result = decode(IPV4, "--dims", "no/such/file.json")
    assert result.exit_code == 2
    assert "no/such/file.json: No such file or directory" in result.stderr


def test_dims_that_contradict(dims_file):
    result = decode(IPV4, *dims_file({"0": ST0}), *dims_file({"0": ST0_GE}, "other.json"))
    assert result.exit_code == 2
    assert "other.json: ST-0 is another than in the file before" in result.stderr


SCHEMA = """
from c1219_tables.formats import Octets
from c1219_tables.schema.dialect import Struct, note
from c1219_tables.table import Table

MANUFACTURER, ED_MODEL = "GE", "I210*"
LAYOUT = Struct("phase" / Octets(1) * note("1 to 3", "ACME"), "volts" / Octets(2) * note("lowest", "ACME"))
TABLES = [Table(2048 + 17, "SAG_TBL", LAYOUT, purpose="sags", sources="ACME")]
"""
SAG = read(2048 + 17, "01 E6 00")


@pytest.fixture
def schema(tmp_path):
    path = tmp_path / "maker.py"
    path.write_text(SCHEMA)
    return ["--schema", str(path)]


def test_a_schema_for_a_meter_that_says_who_made_it(schema):
    _, found = tables(exchange(read(1, ST1_GE), SAG), *schema)
    assert (found["name"], found["assumed"]) == ("SAG_TBL", None)
    assert found["fields"] == {"phase": "01", "volts": "e600"}


def test_a_schema_for_a_meter_that_does_not_is_assumed(schema):
    (found,) = tables(exchange(SAG), *schema)
    assert found["fields"] == {"phase": "01", "volts": "e600"}
    assert found["assumed"].startswith("ST-1 was not read: the layout is that of ")
    assert found["assumed"].endswith("maker.py")


def test_a_schema_for_another_maker(schema):
    _, found = tables(exchange(read(1, ST1_GE.replace("4745", "4D45", 1)), SAG), *schema)
    assert (found["name"], found["fields"]) == ("MFG_TBL_17", {"octets": "01e600"})


def test_a_schema_that_cannot_be_used(tmp_path):
    path = tmp_path / "broken.py"
    path.write_text("TABLES = [")
    result = decode(IPV4, "--schema", str(path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "broken.py, line 1" in result.stderr


# ── JSON


def test_a_part_in_json(dims_file):
    asked = b"\x3f\x00\x17\x00\x00\x05\x00\x06"
    text = exchange((asked, b"\x00" + table_data(bytes.fromhex("FFFFFFFFE05D"))))
    (found,) = tables(text, *dims_file({"0": ST0, "21": ST21}))
    assert (found["whole"], found["offset"], found["length"], found["fields"]) == (False, 5, 6, None)
    assert found["touched"] == [
        {
            "field": "tot_data_block.summations[1]",
            "start": 5,
            "end": 9,
            "octets": "ffffffff",
            "whole": True,
            "value": -1,
        },
        {
            "field": "tot_data_block.demands[0].event_time[0]",
            "start": 9,
            "end": 13,
            "octets": "e05d",
            "whole": False,
            "value": None,
        },
    ]


def test_octets_behind_a_table_in_json():
    (found,) = tables(exchange(read(0, ST0 + "AABB")))
    assert found["trailing"] == "aabb"
    assert found["fields"]["std_tbls_used"] == [0, 1, 3, 7, 8, 11, 12, 16, 21, 22, 23, 28]
    assert [(remark["code"], remark["offset"]) for remark in found["remarks"]] == [("size-differs", 31)]


def test_a_register_that_is_no_number(dims_file):
    # NI_FORMAT1 FLOAT64: quiet NaN; the rest as before.
    st0 = ST0.replace("02 3B 78", "02 3B 70", 1)
    st21 = "00 00 00 01 00 00 00 00 00 00"  # one summation, nothing else
    (found,) = tables(exchange(read(23, "00 00 00 00 00 F8 7F")), *dims_file({"0": st0, "21": st21}))
    assert found["problem"] is not None
    (found,) = tables(exchange(read(23, "00 00 00 00 00 00 F8 7F")), *dims_file({"0": st0, "21": st21}))
    assert found["fields"]["tot_data_block"]["summations"] == [None]


# ── exit codes


EXIT_CODES = [
    pytest.param(exchange(read(0, "02 3B")), 0, 7, id="misfit"),
    pytest.param(exchange(read(0, ST0 + "AA")), 0, 7, id="octets-left"),
    pytest.param(exchange(read(23, ST23)), 0, 0, id="before-its-dimensions"),
    pytest.param(clear_apdu(b"\x30\x00\x01"), 0, 0, id="no-table"),
]


@pytest.mark.parametrize(("text", "code", "strict"), EXIT_CODES)
def test_exit_codes(text, code, strict):
    assert decode(text).exit_code == code
    assert decode(text, "--strict").exit_code == strict
