"""`c1222 info`: who a meter is, on one screen."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from live_meters import TABLES, full_read, script, served

from c1222_cli.main import main

SCHEMA = Draft202012Validator(json.loads((Path(__file__).parents[2] / "docs" / "read.schema.json").read_text()))

# "U-1" and blanks; then the utility's page, 230 octets of which all but three elements are blank or 0.
ST5 = b"U-1".ljust(20)
ST6 = (
    b"ANNA'S POWER".ljust(20)
    + b" " * 20 * 6
    + bytes(30)
    + b"TARIFF 1"
    + b" " * 4
    + bytes.fromhex("0203")
    + b" " * 4
    + bytes(2)
    + b" " * 40
)


def info(*words):
    return CliRunner().invoke(main, ["info", "optical:/dev/somewhere", *words])


def facts(text):
    """Label -> words, of the lines of a page."""
    lines = [line for line in text.splitlines() if line.startswith("  ") and line[2:].strip()]
    return {line[2:26].strip(): line[26:] for line in lines}


@pytest.fixture
def meter(monkeypatch):
    return served(monkeypatch, script({**TABLES, 5: ST5, 6: ST6}))


def test_who_it_is(meter):
    result = info()
    assert result.exit_code == 0
    assert result.stderr == ""
    page = facts(result.stdout)
    # protocol.md 8.1 and 8.4.
    assert page["speaks"] == "C12.18 1.0"
    assert (page["manufacturer"], page["model"], page["serial number"]) == ("GE", "I210+c", "00000001")
    assert (page["hardware"], page["firmware"]) == ("1.9", "2.0")
    assert page["utility's name of it"] == "U-1"


def test_what_it_has(meter):
    page = facts(info().stdout)
    assert page["standard"] == "C12.19, a later edition than 1997, revision 0"
    assert page["kind of meter"] == "electric"
    assert page["octet order"] == "least significant octet first"
    assert (page["text"], page["clock"], page["identifiers"]) == ("ISO 646", "binary fields", "text")
    assert page["numbers"] == "NI_FMAT1 INT48, NI_FMAT2 INT32"
    assert page["partial reads"] == "by offset"
    assert (page["tables"], page["procedures"]) == ("0-1, 3, 5, 21, 23, 42", "0, 3")
    assert (page["maker's tables"], page["maker's procedures"]) == ("none", "none")


def test_how_it_is(meter):
    page = facts(info().stdout)
    assert page["mode"] == "metering"
    # Bit 6 of the conditions.
    assert page["conditions"] == "the clock is in error"


def test_the_utility_is_shown_as_far_as_it_said_something(meter):
    page = facts(info().stdout)
    assert page["owner_name"] == "ANNA'S POWER"
    assert page["tariff_id"] == "TARIFF 1"
    assert (page["ex1_sw_version_number"], page["ex1_sw_revision_number"]) == ("2", "3")
    assert not {"utility_div", "coordinate_1", "ex2_sw_version_number", "misc_id"} & set(page)


def test_one_screen(meter):
    lines = info().stdout.splitlines()
    assert len(lines) < 50
    assert max(map(len, lines)) <= 100


def test_what_is_refused_is_said_in_its_place(monkeypatch):
    served(monkeypatch, script({number: TABLES[number] for number in (0, 1)}))
    result = info()
    assert result.exit_code == 0
    page = result.stdout
    status = page[page.index("ST-3 how it is") : page.index("ST-6 utility")]
    assert "full_read ST-3 was refused with iar" in " ".join(status.split())
    assert "does not list ST-6" in " ".join(page[page.index("ST-6 utility") :].split())


def test_identify_that_is_refused(monkeypatch):
    # Over C12.18 there is no session without it.
    served(monkeypatch, script() | {b"\x20": b"\x02"})
    result = info()
    assert result.exit_code == 3
    assert "identify was refused with sns" in result.stderr


def test_a_meter_that_tells_nothing(monkeypatch):
    served(monkeypatch, script({}) | {full_read(0): b"\x03"})
    result = info()
    assert (result.exit_code, result.stdout) == (3, "")
    assert "isc" in result.stderr


def test_json(meter, tmp_path):
    result = info("-o", str(tmp_path / "info.json"))
    assert (result.exit_code, result.stdout) == (0, "")
    found = json.loads((tmp_path / "info.json").read_text())
    SCHEMA.validate(found)
    assert found["simulated"] is False
    assert {"name": "ed_model", "words": "I210+c", "table": 1} in found["facts"]
    assert {"name": "protocol", "words": "C12.18 1.0", "table": None} in found["facts"]
    assert [table["number"] for table in found["tables"]] == [0, 1, 3, 5, 6]
    assert found["tables"][2]["value"]["ed_std_status1"]["clock_error_flag"] is True


def test_the_simulated_meter_says_so():
    result = CliRunner().invoke(main, ["info", "--format", "json"], env={"C1222_TARGET": ""})
    assert result.exit_code == 0
    assert result.stderr == "simulated meter\n"
    found = json.loads(result.stdout)
    SCHEMA.validate(found)
    assert found["simulated"] is True
    assert found["read_at"] is None


def test_tables_are_for_read():
    result = info("23")
    assert result.exit_code == 2
    assert "c1222 read" in result.stderr
