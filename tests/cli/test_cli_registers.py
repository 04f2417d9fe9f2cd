"""`c1222 registers` and `c1222 now`: the recorded registers of a real meter, and those of a world."""

import csv
import io
import json
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from saved_meters import output, run, saved, saved_octets, utc

from c1222.meter.world.events import DemandReset, SelfRead, moment
from c1222.meter.world.load import Quantity
from c1222.meter.world.world import World

sys.path.append(str(Path(__file__).parents[1] / "readings"))

from meters_by_hand import HEXING

# Table 0 of the same meter (docs/sources.md, HX), as it was quoted.
HEXING_0 = bytes.fromhex(
    "02 0A 88 48 45 43 4F 02 00 19 19 01 00 0A 02 02 03 01 00  EF BD F1 DF 03 1E FC F0 C1 1F  C2 03  C8 07  00 00 00"
    "E0 A0 40 00 02 24 40 00 00 0A  C0 03"
)
INSTALLED, NOW = utc("2025-10-01T04:00"), utc("2025-12-20T17:03")


@pytest.fixture
def hexing(tmp_path):
    return saved_octets(tmp_path / "hexing.json", {0: HEXING_0, **HEXING})


@pytest.fixture(scope="module")
def world():
    return World(
        2, installed=INSTALLED, events=[DemandReset(utc("2025-12-01T05:00")), SelfRead(utc("2025-12-05T05:00"))]
    )


@pytest.fixture(scope="module")
def meter(tmp_path_factory, world):
    return saved(tmp_path_factory.mktemp("meter") / "meter.json", world, NOW)


def columns(text):
    return list(csv.DictReader(io.StringIO(text)))


# -- A real meter ------------------------------------------------------------------------------------------------------


def test_recorded_energies(hexing):
    """tables-00-29.md 7.3: 19825 and 51 Wh, their sum and their net; 8490 Wh in the first tier."""
    lines = [line.split("  ") for line in output("registers", hexing, "active energy").splitlines()]
    found = {parts[1]: [part.strip() for part in parts[2:] if part.strip()] for parts in lines if len(parts) > 2}
    assert found["active energy delivered"] == ["19825", "Wh"]
    assert found["active energy received"] == ["51", "Wh"]
    assert found["active energy sum"] == ["19876", "Wh"]
    assert found["active energy net"] == ["19774", "Wh"]
    assert found["active energy delivered, tier 0"] == ["8490", "Wh"]


def test_recorded_values_of_the_moment(hexing):
    rows = {
        row["name"]: (row["value"], row["unit"], row["raw"])
        for row in columns(output("now", hexing, "--format", "csv"))
    }
    assert rows["RMS voltage phase B"] == ("228.57", "V", "22857")
    assert rows["frequency"] == ("50.03", "Hz", "5003")


def test_why(hexing):
    """Source 20 is named by octet 20 of table 27, its multiplier by entry 20 of table 12."""
    lines = [line.strip() for line in output("now", hexing, "voltage phase B", "--why").splitlines()]
    assert lines[-4:] == [
        "ST-28 present_value[10] @80+4 = 49 59 00 00 -> 22857 raw",
        "source 20, RMS voltage phase B, V (ST-27 present_value_select[10] @20+1 = 14)",
        "x multiplier 10^-2 (ST-12 uom_entry[20].multiplier @80+4 = 08 2A 30 00)",
        "= 228.57 V",
    ]


def test_a_word_that_no_register_has(hexing):
    result = run("now", hexing, "gas")
    assert result.exit_code == 2
    assert "no register has 'gas' in its name; there are" in result.stderr
    assert "frequency" in result.stderr


# -- A world -----------------------------------------------------------------------------------------------------------


def test_energies_of_the_world(meter, world):
    rows = columns(output("registers", meter, "energy", "--format", "csv"))
    totals = {row["name"]: row for row in rows if not row["tier"]}
    for name, quantity in (
        ("active energy delivered", Quantity.WH_DELIVERED),
        ("reactive energy Q4", Quantity.VARH_Q4),
    ):
        assert Decimal(totals[name]["value"]) == Decimal(world.energy(quantity, INSTALLED, NOW)) / 1000
    by_tier = [Decimal(row["value"]) for row in rows if row["name"].startswith("active energy delivered, tier")]
    assert sum(by_tier) == Decimal(totals["active energy delivered"]["value"])


def test_peaks_in_utc_and_as_shown(meter, world):
    (row,) = [
        row
        for row in columns(output("registers", meter, "active power delivered maximum", "--format", "csv"))
        if not row["tier"]
    ]
    peak = world.max_demand(Quantity.WH_DELIVERED, utc("2025-12-01T05:00"), NOW)
    assert Decimal(row["value"]) == Decimal(peak.value) / 1000
    assert (row["unit"], row["interval_minutes"], row["extreme"]) == ("W", "15", "maximum")
    at = utc(row["at"].removesuffix("Z"))
    # December in a zone five hours west.
    assert (at - utc(row["at_shown"])).total_seconds() == 5 * 3600
    assert at == moment(peak.interval.end)


def test_snapshots(meter, world):
    found = json.loads(output("registers", meter, "active energy delivered", "--snapshot", "all", "--format", "json"))
    assert found["schema_version"] == 1
    assert found["clock"].startswith("times are local")
    totals = {row["snapshot"]: row for row in found["registers"] if row["tier"] is None}
    assert totals["previous demand reset"]["taken_at"] == "2025-12-01T05:00:00Z"
    assert totals["self read"]["taken_at"] == "2025-12-05T05:00:00Z"
    for name, at in (("previous demand reset", "2025-12-01T05:00"), ("self read", "2025-12-05T05:00")):
        assert Decimal(totals[name]["value"]) == Decimal(world.energy(Quantity.WH_DELIVERED, INSTALLED, utc(at))) / 1000
    one = json.loads(output("registers", meter, "--snapshot", "self-read", "--format", "json"))
    assert {row["snapshot"] for row in one["registers"]} == {"self read"}


def test_jsonl_is_a_line_a_register(meter):
    head, *rows = map(json.loads, output("registers", meter, "active energy", "--format", "jsonl").splitlines())
    assert head["type"] == "head"
    assert {row["type"] for row in rows} == {"register"}
    assert {(row["name"].partition(",")[0], row["unit"]) for row in rows} >= {("active energy delivered", "Wh")}


def test_raw_beside_the_value(meter):
    line = next(
        line for line in output("registers", meter, "--raw").splitlines() if "active energy delivered  " in line
    )
    value, unit, raw = line.split()[-3:]
    # The meter counts mWh, and table 12 says 10^-3.
    assert (Decimal(value) * 1000, unit) == (Decimal(raw), "Wh")


def test_a_file_by_its_suffix(meter, tmp_path):
    assert output("registers", meter, "-o", tmp_path / "a.csv") == ""
    assert (tmp_path / "a.csv").read_text().startswith("snapshot,taken_at,")
    result = run("registers", meter, "-o", tmp_path / "a.xlsx")
    assert result.exit_code == 2
    assert "no format goes with '.xlsx' (.txt, .csv, .json, .jsonl, .ndjson, .parquet)" in result.stderr


def test_a_target_is_wanted():
    for command in ("registers", "now", "profile", "events", "history", "status", "calendar"):
        result = run(command)
        assert result.exit_code == 2
        assert "which meter?" in result.stderr


READINGS = ("registers", "now", "events", "history", "status", "calendar")


@pytest.mark.parametrize("command", READINGS)
def test_help_tells_the_exit_codes(command):
    text = " ".join(output(command, "--help").split())
    assert "Exit codes: 0 done; 1 unexpected, such as a full disk; 2 an option or a target that cannot work; 3" in text
    assert "--tz ZONE Zone of the meter, such as Europe/Berlin, whatever its tables say." in text
    assert text.index("Exit codes") < text.index("Examples:")


def test_one_is_one(meter):
    """The world has one demand reset."""
    assert "current, 1 demand reset" in output("registers", meter).splitlines()


def test_from_a_capture(meter, tmp_path):
    live = output("registers", "sim:", "--trace", tmp_path / "a.pcapng", "--format", "csv")
    assert output("registers", "--from", tmp_path / "a.pcapng", "--format", "csv") == live
    assert run("registers", meter, "--from", tmp_path / "a.pcapng").exit_code == 2
    assert "goes with --from" in run("registers", meter, "--meter", "x").stderr
    result = run("now", "--from", tmp_path / "a.pcapng")
    assert result.exit_code == 7
    assert "ST-28: was not read in what was captured" in result.stderr


def test_which_meter_of_a_capture(tmp_path):
    output("registers", "sim:?seed=1", "--trace", tmp_path / "a.pcapng")
    result = run("registers", "--from", tmp_path / "a.pcapng", "--meter", "another")
    assert result.exit_code == 2
    assert "--meter NAME chooses one of the meters of the capture: line0 (" in result.stderr


def test_a_capture_without_tables(tmp_path):
    (tmp_path / "empty.pcap").write_bytes(bytes.fromhex("d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000"))
    result = run("registers", "--from", tmp_path / "empty.pcap")
    assert result.exit_code == 2
    assert "no table of any meter can be read in it" in result.stderr
