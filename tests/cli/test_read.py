"""`c1222 read`: what is asked for, what is shown, and what is said where something does not come."""

import json
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from live_meters import TABLES, ScriptedMeter, full_read, meter_on, script, served

from c1219_tables.errors import TableError
from c1222.session.faces.meter import Meter
from c1222.session.settings import Credentials
from c1222_cli.main import main

SCHEMA = Draft202012Validator(json.loads((Path(__file__).parents[2] / "docs" / "read.schema.json").read_text()))
CAPTURES = os.environ.get("C1222_PUBLIC_CAPTURES")


def read(*words, target="optical:/dev/somewhere"):
    return CliRunner().invoke(main, ["read", target, *words])


def document(*words):
    found = json.loads(read(*words, "--format", "json").stdout)
    SCHEMA.validate(found)
    return found


@pytest.fixture
def meter(monkeypatch):
    return served(monkeypatch, script())


def test_a_table_for_people(meter):
    result = read("1")
    assert result.exit_code == 0
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert lines[0].startswith("ST-1 GENERAL_MFG_ID_TBL")
    assert lines[1].startswith("32 octets, read 20")
    values = {line.split()[0]: line.split()[1] for line in lines[2:]}
    # protocol.md 8.4: hardware 1.9, firmware 2.0.
    assert values == {
        "manufacturer": '"GE"',
        "ed_model": '"I210+c"',
        "hw_version_number": "1",
        "hw_revision_number": "9",
        "fw_version_number": "2",
        "fw_revision_number": "0",
        "mfg_serial_number": '"00000001"',
    }


def test_levels_are_indented_and_records_are_columns(meter):
    assert read("23").stdout.splitlines()[2:] == [
        "  tot_data_block  (registers of the total, whatever the tier)",
        "    summations  12345, 1  (totals, in the order of summation_select)",
        "    demands  (demands, in the order of demand_select)",
        "      #  demand",
        "      0      42",
        "    coincidents  none  (coincident values, in the order of coincident_select)",
        "  tier_data_block  none  (registers of each tier)",
    ]


def test_codes_sets_and_procedures_in_words(meter):
    text = " ".join(read("0").stdout.split())
    assert "data_order 0 (least significant octet first), char_format 1 (ISO 646)" in text
    assert "tm_format 2 (binary fields), data_access_method 1 (offset)" in text
    assert 'device_class 54 45 53 54 "TEST"' in text
    assert "nameplate_type 2: electric" in text
    assert "std_tbls_used 0-1, 3, 5, 21, 23, 42" in text
    assert "std_proc_used 0 Cold Start, 3 Clear Data" in text
    assert "std_tbls_write 5 " in text


def test_lines_fit_100_columns(meter):
    assert max(map(len, read("0", "1", "3", "21", "23").stdout.splitlines())) <= 100


def test_verbose_shows_places_and_octets(meter):
    rows = [line.split()[:9] for line in read("23", "-v").stdout.splitlines()[3:]]
    assert rows[0][:8] == ["0", "39", "30", "00", "00", "00", "00", "tot_data_block.summations[0]"]
    assert rows[0][8] == "12345"
    assert rows[2][:7] == ["12", "2a", "00", "00", "00", "tot_data_block.demands[0].demand[0]", "42"]


def test_tables_that_others_need_are_read_but_not_shown(meter):
    found = document("23")
    assert [table["label"] for table in found["tables"]] == ["ST-23"]
    assert [request for request in meter.heard if request[0] == 0x30] == [full_read(n) for n in (0, 21, 23)]


def test_json_is_complete(meter):
    found = document("1", "ST-23")
    assert (found["schema_version"], found["simulated"], found["target"]) == (1, False, "line")
    first, second = found["tables"]
    assert (first["number"], first["label"], first["name"]) == (1, "ST-1", "GENERAL_MFG_ID_TBL")
    assert first["octets"] == TABLES[1].hex()
    assert first["value"]["ed_model"] == "I210+c  "
    assert first["error"] is None
    assert second["value"]["tot_data_block"]["summations"] == [12345, 1]
    assert second["value"]["tot_data_block"]["demands"][0]["demand"] == [42]


def test_jsonl_is_a_line_a_table(meter):
    lines = [json.loads(line) for line in read("1", "3", "--format", "jsonl").stdout.splitlines()]
    for line in lines:
        SCHEMA.validate(line)
    assert [line["type"] for line in lines] == ["read", "table", "table"]
    assert [line["label"] for line in lines[1:]] == ["ST-1", "ST-3"]


def test_hex_is_what_decode_takes_again(meter):
    text = read("1", "--format", "hex").stdout
    assert text == f"# ST-1 GENERAL_MFG_ID_TBL, 32 octets\n{TABLES[1].hex()}\n"


def test_rows_for_spreadsheets_and_grep(meter):
    assert read("1.ed_model", "--format", "csv").stdout.splitlines() == [
        "table,name,field,start,end,octets,value",
        'ST-1,GENERAL_MFG_ID_TBL,ed_model,4,12,493231302b632020,"""I210+c"""',
    ]
    assert read("23.demand", "--format", "plain").stdout == (
        "ST-23\tCURRENT_REG_DATA_TBL\ttot_data_block.demands[0].demand[0]\t12\t16\t2a000000\t42\n"
    )


def test_the_suffix_of_a_file_gives_the_form(meter, tmp_path):
    for name, start in (("a.json", b"{"), ("a.csv", b"table,"), ("a.hex", b"# ST-1"), ("a.txt", b"ST-1 ")):
        assert read("1", "-o", str(tmp_path / name)).exit_code == 0
        assert (tmp_path / name).read_bytes().startswith(start)
    result = read("1", "-o", str(tmp_path / "a.pdf"))
    assert result.exit_code == 2
    assert "no format goes with '.pdf'" in result.stderr


# Fields -------------------------------------------------------------------------------------------------------------


def test_a_field_alone(meter):
    assert read("23.tot_data_block.summations").stdout.splitlines()[2:] == [
        "  tot_data_block.summations  12345, 1  (totals, in the order of summation_select)"
    ]
    (table,) = document("23.tot_data_block.summations")["tables"]
    assert table["fields"] == ["tot_data_block.summations"]
    assert table["value"] == {"tot_data_block.summations": [12345, 1]}
    assert table["octets"] == TABLES[23].hex()


def test_levels_of_a_field_may_be_left_out_and_elements_picked(meter):
    (table,) = document("23.summations[0]")["tables"]
    assert table["value"] == {"tot_data_block.summations[0]": 12345, "tier_data_block.summations[0]": []}


def test_a_field_of_a_list_is_that_of_each_element(meter):
    (table,) = document("23.tot_data_block.demands.demand")["tables"]
    assert table["value"] == {"tot_data_block.demands.demand": [[42]]}


def test_a_field_that_this_meter_does_not_have(meter):
    assert "nbr_demand_resets  (this meter does not have it)" in read("23.nbr_demand_resets").stdout
    (table,) = document("23.nbr_demand_resets")["tables"]
    assert table["value"] == {"nbr_demand_resets": None}


# Parts --------------------------------------------------------------------------------------------------------------


def test_a_part_by_offset(monkeypatch):
    # 3F offset read of ST-1 from octet 4, 8 octets: the model. The answer's checksum is counted by hand there.
    side = served(monkeypatch, script() | {bytes.fromhex("3f 0001 000004 0008"): OFFSET_ANSWER})
    text = read("1", "--offset", "4", "--count", "8").stdout
    assert "8 octets from octet 4" in text
    assert "ed_model" in text
    assert '"I210+c"' in text
    (table,) = document("1", "--offset", "4", "--count", "8")["tables"]
    assert (table["offset"], table["whole"], table["octets"]) == (4, False, "493231302b632020")
    assert [each["field"] for each in table["touched"]] == ["ed_model"]
    assert side.heard.count(bytes.fromhex("3f 0001 000004 0008")) == 2


# "I210+c  " is 49+32+31+30+2b+63+20+20 = 1AA, so the checksum is 56.
OFFSET_ANSWER = bytes.fromhex("00 0008 493231302b632020 56")


def test_a_part_by_index(monkeypatch):
    served(monkeypatch, script() | {bytes.fromhex("32 0017 0000 0001 0002"): bytes.fromhex("00 0002 aabb 9b")})
    text = read("23", "--index", "0,1", "--count", "2").stdout
    assert "2 octets, from element 0, 1 on" in text
    assert "aa bb" in text
    (table,) = document("23", "--index", "0,1", "--count", "2")["tables"]
    assert (table["index"], table["octets"], table["value"]) == ([0, 1], "aabb", None)


def test_raw_octets(meter):
    result = read("1", "--raw")
    assert result.stdout.splitlines()[2:] == [
        "       0  47 45 20 20 49 32 31 30 2b 63 20 20 01 09 02 00",
        '      16  30 30 30 30 30 30 30 31 20 20 20 20 20 20 20 20  "00000001        "',
    ]
    (table,) = document("1", "--raw")["tables"]
    assert (table["octets"], table["value"]) == (TABLES[1].hex(), None)


# Several tables ----------------------------------------------------------------------------------------------------


def test_a_range_is_what_the_meter_lists_of_it(meter):
    result = read("20..24", "--format", "json")
    assert [table["number"] for table in json.loads(result.stdout)["tables"]] == [21, 23]
    assert "20..24: left out" in result.stderr
    assert "ST-20, ST-22, ST-24" in result.stderr
    assert result.exit_code == 0


def test_all_is_every_table_that_may_be_read(meter):
    # ST-42 holds passwords; ST-5 is listed, and refused, which is told and no failure.
    result = read("--all", "--format", "json")
    found = json.loads(result.stdout)
    assert [table["number"] for table in found["tables"]] == [0, 1, 3, 5, 21, 23]
    assert found["tables"][3]["error"]["code"] == "iar"
    assert result.exit_code == 0
    (said,) = result.stderr.splitlines()
    assert said.startswith("left out: full_read ST-5 was refused with iar")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(["1..5"], 0, id="a-range"),
        pytest.param(["1..5", "5"], 9, id="named-too"),
        pytest.param(["5..5"], 3, id="nothing-of-it"),
        pytest.param(["3", "5..5"], 0, id="nothing-of-one-range"),
        pytest.param(["3..3", "30"], 9, id="another-is-named"),
    ],
)
def test_what_is_refused_of_a_range_is_no_failure(meter, words, code):
    assert read(*words).exit_code == code


def test_what_stays_busy_is_missing(monkeypatch):
    # Response code 06, bsy.
    served(monkeypatch, script() | {full_read(5): b"\x06"})
    result = read("--all")
    assert result.exit_code == 9
    assert "Error: full_read ST-5 was refused with bsy" in result.stderr


def test_what_is_refused_stops_nothing_else(meter):
    result = read("1", "30", "3", "--format", "json")
    found = json.loads(result.stdout)
    SCHEMA.validate(found)
    assert result.exit_code == 9
    assert [table["octets"] is None for table in found["tables"]] == [False, True, False]
    error = found["tables"][1]["error"]
    assert (error["code"], error["exit_code"]) == ("iar", 3)
    assert "table 0 of this meter does not list ST-30" in error["hint"]
    assert len(result.stderr.splitlines()) == 1
    assert "does not list ST-30" in result.stderr


def test_all_refused_is_the_code_of_the_refusal(meter):
    result = read("30", "31")
    assert (result.exit_code, result.stdout) == (3, "")
    assert len(result.stderr.splitlines()) == 2


def test_a_table_that_lacks_another_is_shown_as_octets(monkeypatch):
    served(monkeypatch, script({number: TABLES[number] for number in (0, 1, 23)}))
    result = read("23")
    assert result.exit_code == 7
    assert "39 30 00 00 00 00" in result.stdout
    assert "needs ST-21" in result.stderr
    assert "(because full_read ST-21 was refused with iar" in result.stderr
    (table,) = document("23")["tables"]
    assert (table["octets"], table["error"]["code"]) == (TABLES[23].hex(), "missing-table")


def test_octets_behind_the_layout_are_kept(monkeypatch):
    served(monkeypatch, script({**TABLES, 3: TABLES[3] + b"\xab\xcd"}))
    assert "(beyond its layout)  ab cd" in read("3").stdout
    (table,) = document("3")["tables"]
    assert table["trailing"] == "abcd"
    assert table["remarks"][0]["code"] == "size-differs"


def test_secret_tables_are_masked_in_every_form(monkeypatch):
    # Table 41: 1 password of 4 octets; table 42: that password, and its groups.
    answers = script({**TABLES, 41: bytes.fromhex("01 04 00 00 0000"), 42: b"hush\x01"})
    served(monkeypatch, answers)
    for form in ("table", "plain", "csv", "json", "jsonl", "hex"):
        for more in ([], ["--raw"], ["-v"]):
            result = read("42", "--format", form, *more)
            assert result.exit_code == 0, result.stderr
            assert "hush" not in result.output
            assert b"hush".hex() not in result.output
            assert "masked" in result.stdout or form == "hex"


# Failures ----------------------------------------------------------------------------------------------------------


def lost_from(request):
    """Loses everything from the first packet on that holds the request."""
    gone = []

    def tamper(way, octets):
        if request in octets:
            gone.append(octets)
        return [] if gone else [(0.0, octets)]

    return tamper


def test_silence_in_the_middle_keeps_what_came(monkeypatch):
    served(monkeypatch, script(), tamper=lost_from(full_read(3)))
    result = read("1", "3", "21", "--format", "json")
    found = json.loads(result.stdout)
    SCHEMA.validate(found)
    assert result.exit_code == 9
    assert found["tables"][0]["value"]["manufacturer"] == "GE  "
    assert [table["error"]["code"] for table in found["tables"][1:]] == ["timeout", "timeout"]
    assert found["tables"][1]["error"]["exit_code"] == 5
    (said,) = result.stderr.splitlines()
    assert re.fullmatch(r"Error: the link was lost \(.+\); not read: ST-3, ST-21", said)


def test_many_tables_that_a_lost_link_took_are_said_in_a_line(monkeypatch):
    for more in ([], ["--raw"]):
        served(monkeypatch, script(), tamper=lost_from(full_read(3)))
        result = read("1", "3", "4", "21", "22", "23", *more)
        assert result.exit_code == 9
        (said,) = result.stderr.splitlines()
        assert said.endswith("; not read: ST-3 to ST-23 (5 tables)")


def test_a_lost_link_goes_before_a_refusal(monkeypatch):
    served(monkeypatch, script(), tamper=lost_from(full_read(31)))
    result = read("30", "31", "32")
    assert (result.exit_code, result.stdout) == (5, "")
    assert [line.partition(" (")[0] for line in result.stderr.splitlines()] == [
        "Error: full_read ST-30 was refused with iar",
        "Error: the link was lost",
    ]


def test_silence_from_the_beginning_is_a_timeout(monkeypatch):
    served(monkeypatch, script(), tamper=lost_from(full_read(0)))
    result = read("1")
    assert (result.exit_code, result.stdout) == (5, "")


def test_an_interrupt_leaves_the_session_properly(monkeypatch, tmp_path):
    def tamper(way, octets):
        if way == "out" and full_read(3) in octets:
            raise KeyboardInterrupt
        return [(0.0, octets)]

    side = served(monkeypatch, script(), tamper=tamper)
    result = read("1", "3")
    assert result.exit_code == 130
    assert result.stderr.splitlines() == ["leaving the session; Ctrl-C again leaves at once", "interrupted"]
    assert side.heard[-2:] == [b"\x52", b"\x21"]
    # What came is shown, and is no file.
    assert '"I210+c"' in result.stdout
    for more in ([], ["--raw"]):
        (table,) = document("1", "3", *more)["tables"]
        assert table["octets"] == TABLES[1].hex()
    file = tmp_path / "meter.json"
    result = read("1", "3", "-o", str(file))
    assert (result.exit_code, result.stdout) == (130, "")
    assert not file.exists()


def test_an_interrupt_of_the_farewell_loses_nothing(monkeypatch, tmp_path):
    def tamper(way, octets):
        if way == "out" and b"\x00\x01\x52" in octets:  # Logoff, a packet of one octet
            raise KeyboardInterrupt
        return [(0.0, octets)]

    served(monkeypatch, script(), tamper=tamper)
    file = tmp_path / "meter.json"
    assert read("1", "-o", str(file)).exit_code == 130
    assert json.loads(file.read_text())["tables"][0]["octets"] == TABLES[1].hex()
    saved = tmp_path / "dump.json"
    assert CliRunner().invoke(main, ["dump", "optical:/dev/x", "1", "-o", str(saved)]).exit_code == 130
    assert json.loads(saved.read_text())["tables"]["ST-1"] == TABLES[1].hex()


USAGE = [
    #            words                               what is said
    pytest.param([], "which tables?", id="none"),
    pytest.param(["--all", "1"], "--all reads every table", id="all-and-one"),
    pytest.param(["28..21"], "goes upwards", id="downwards"),
    pytest.param(["21..MT-28"], "tables of one kind", id="two-kinds"),
    pytest.param(["CLOK"], "did you mean CLOCK", id="name"),
    pytest.param(["99999"], "does not fit into 16 bits", id="number"),
    pytest.param(["23.sumations"], "did you mean summations", id="field"),
    pytest.param(["MT-3.x"], "the layout of MT-3 is not known", id="field-of-octets"),
    pytest.param(["1."], "which field?", id="no-field"),
    pytest.param(["--count", "3", "1"], "--count goes with", id="count-alone"),
    pytest.param(["--offset", "3", "1", "2"], "one table", id="offset-of-two"),
    pytest.param(["--offset", "3", "1..2"], "one table", id="offset-of-a-range"),
    pytest.param(["--offset", "3", "--index", "1", "1"], "not at both", id="offset-and-index"),
    pytest.param(["--index", "x", "1"], "one to nine numbers", id="index"),
    pytest.param(["--raw", "1.ed_model"], "--raw shows octets", id="raw-field"),
]


@pytest.mark.parametrize(("words", "said"), USAGE)
def test_what_cannot_be_asked_for_is_said_before_the_meter_is_called(meter, words, said):
    result = read(*words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert meter.heard == []


def test_ranges_of_makers_tables(monkeypatch):
    served(monkeypatch, script())
    # Table 0 lists none of the maker, so all of the range are asked for.
    result = read("MT-0..2", "--format", "json")
    assert [table["label"] for table in json.loads(result.stdout)["tables"]] == ["MT-0", "MT-1", "MT-2"]


def test_a_makers_table(monkeypatch):
    # The layout of the example: a count, then phase and volts (little endian) each.
    acme = b"ACME" + b"X1-7".ljust(8) + TABLES[1][12:]
    served(monkeypatch, script({**TABLES, 1: acme, 2048 + 17: bytes.fromhex("02 01 d200 03 c800")}))
    schema = str(Path(__file__).parents[2] / "examples" / "maker_layouts" / "acme_x1.py")
    assert read("MT-17", "--schema", schema).stdout.splitlines()[2:] == [
        "  nbr_sags  2  (sags kept)",
        "  sags  (them)",
        "    #  phase  volts",
        "    0      1    210",
        "    1      3    200",
    ]
    (table,) = json.loads(read("MT-17.volts", "--schema", schema, "--format", "json").stdout)["tables"]
    assert table["value"] == {"sags.volts": [210, 200]}
    # Of another maker's meter, the same table is octets.
    served(monkeypatch, script({**TABLES, 2048 + 17: b"\x07\x08"}))
    assert "07 08" in read("MT-17", "--schema", schema).stdout


def test_the_simulated_meter_by_messages(tmp_path):
    trace = tmp_path / "t.pcapng"
    words = ["1", "64", "--format", "json", "--trace", str(trace), "--key", "0=env:ZEROS"]
    clear = CliRunner().invoke(main, ["read", "sim:?protocol=c1222&security=clear", *words])
    assert clear.exit_code == 0, clear.stderr
    found = json.loads(clear.stdout)
    SCHEMA.validate(found)
    assert found["simulated"] is True
    assert found["read_at"] is None
    # Both protocols lead to the same meter.
    line = json.loads(CliRunner().invoke(main, ["read", "sim:", "1", "64", "--format", "json"]).stdout)
    assert line["tables"] == found["tables"]
    # Block type of a pcapng section header.
    assert trace.read_bytes().startswith(bytes.fromhex("0a0d0d0a"))


@pytest.mark.skipif(not CAPTURES, reason="C1222_PUBLIC_CAPTURES names no folder of public captures")
def test_the_recorded_meter(monkeypatch):
    folder = Path(CAPTURES) / "ge_i210c"
    octets = {int(number): text for number, text in json.loads((folder / "tables.json").read_text()).items()}
    pairs = [json.loads(line) for line in (folder / "frames.jsonl").read_text().splitlines()]
    sound = [pair for pair in pairs if pair["request_crc_ok"] and pair["response_crc_ok"]]
    recorded = {bytes.fromhex(p["request"])[6:-2]: bytes.fromhex(p["response"])[6:-2] for p in reversed(sound)}
    recorded |= {bytes.fromhex("61 0400 ff 06"): bytes.fromhex("00 0100 01 06"), b"\x52": b"\x00"}
    side = ScriptedMeter(recorded)
    monkeypatch.setattr("c1222_cli.live.open_meter", lambda *_: meter_on(side, who=Credentials(user="0000")).open())
    found = document("0", "1", "3", "5")
    assert {table["number"]: table["octets"] for table in found["tables"]} == {n: octets[n] for n in (0, 1, 3, 5)}
    said = read("0", "3", "12")
    assert said.exit_code == 9
    # README of the recording: little endian, 7-bit text, clock in binary fields, INT48 and INT32.
    assert "data_order 0 (least significant octet first), char_format 1 (ISO 646)" in said.stdout
    assert "ni_format1 10, ni_format2 8" in said.stdout
    assert "full_read ST-12 was refused with isc" in said.stderr


def test_a_table_without_end_stops_no_other(monkeypatch):
    def endless(meter, number, *part):
        if number == 1:
            raise TableError("does not end within 16777216 octets", table=1, layout="ST-1")
        return TABLES[number]

    served(monkeypatch, script())
    monkeypatch.setattr(Meter, "read_octets", endless)
    result = CliRunner().invoke(main, ["read", "optical:/dev/x", "1", "3", "--raw", "--format", "plain"])
    assert result.exit_code == 9
    assert result.stderr == "Error: ST-1: does not end within 16777216 octets\n"
    assert result.stdout.startswith("ST-3")
