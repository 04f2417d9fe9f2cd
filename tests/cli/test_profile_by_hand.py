"""`c1222 profile` of meters by hand: no zone, sums, columns of channels that are alike, and where values come from."""

import csv
import io
import json
import struct

import pytest
from saved_meters import output, run
from saved_profiles import Set, saved_profile

# Table 11: one unit, one source. Table 12: active energy delivered, 10^-3 (code 6 in bits 11 to 13: 0x7000).
MILLI = {11: bytes([0, 1, 0, 0, 0, 0, 2, 1]), 12: bytes.fromhex("00 70 02 00"), 16: b"\x11"}


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def by_hand(path, *values, channels=1):
    """A meter whose channels all count mWh of source 0, in quarters that end at 01:00 of a clock without a zone."""
    octets = bytes([24, 1, 15, 1, 0]) + struct.pack(f"<{len(values)}H", *values)
    one = Set([octets], intervals=len(values) // channels, channels=channels, selects=[(0, 0, 255)] * channels)
    return saved_profile(path, one, others=MILLI)


def test_where_no_zone_is_known(tmp_path):
    """Nothing is UTC then: start and end are empty, and what the clock shows is beside them."""
    meter = by_hand(tmp_path / "a.json", 1000, 2500)
    rows = rows_of(output("profile", meter, "--format", "csv"))
    assert [(row["start"], row["end"], row["start_local"], row["end_local"]) for row in rows] == [
        ("", "", "2024-01-15T00:30:00", "2024-01-15T00:45:00"),
        ("", "", "2024-01-15T00:45:00", "2024-01-15T01:00:00"),
    ]
    assert [row["value"] for row in rows] == ["1.000", "2.500"]
    (wide, _) = rows_of(output("profile", meter, "--format", "csv", "--wide"))
    assert (wide["start"], wide["start_local"]) == ("", "2024-01-15T00:30:00")
    assert json.loads(output("profile", meter, "--format", "json"))["intervals"][0]["start"] is None
    (named, _) = rows_of(output("profile", meter, "--tz", "Europe/Berlin", "--format", "csv"))
    assert (named["start"], named["start_local"]) == ("2024-01-14T23:30:00Z", "2024-01-15T00:30:00+01:00")


@pytest.mark.parametrize(("values", "total"), [((1500, 500), "2.000"), ((0, 0), "0.000"), ((999, 1), "1.000")])
def test_a_sum_has_the_decimals_of_its_values(tmp_path, values, total):
    """1.500 + 0.500 is 2.000, not 2."""
    text = output("profile", by_hand(tmp_path / "a.json", *values))
    assert f"  1        active energy delivered  {total}  Wh" in text.splitlines()


def test_one_of_each(tmp_path):
    text = output("profile", by_hand(tmp_path / "a.json", 1000))
    assert text.splitlines()[0].endswith("set 1, 1 interval of 15 minutes")


def test_a_set_without_channels(tmp_path):
    """It has times and no values: nothing to show, and nothing to draw."""
    one = Set([bytes([24, 1, 15, 1, 0])], channels=0, intervals=4)
    meter = saved_profile(tmp_path / "a.json", one, others=MILLI)
    for why in ([], ["--why"]):
        assert "  the set has no channels" in output("profile", meter, *why).splitlines()
    assert rows_of(output("profile", meter, "--format", "csv")) == []
    drawn = run("profile", meter, "--plot")
    assert drawn.exit_code == 2
    assert "no intervals: there is nothing to draw" in drawn.stderr


@pytest.mark.parametrize("why", [[], ["--why"]])
def test_two_channels_of_the_same_quantity(tmp_path, why):
    """Each has columns of its own: interval by interval, 1 and 2, then 3 and 4 mWh."""
    meter = by_hand(tmp_path / "a.json", 1, 2, 3, 4, channels=2)
    header, *rows = csv.reader(io.StringIO(output("profile", meter, "--wide", "--format", "csv", *why)))
    assert len(set(header)) == len(header) == 4 + 2 * (3 + len(why))
    values = [header.index(f"ch{channel}_active_energy_delivered_wh") for channel in (1, 2)]
    assert [[row[place] for place in values] for row in rows] == [["0.001", "0.002"], ["0.003", "0.004"]]
    found = json.loads(output("profile", meter, "--wide", "--format", "json", *why))["intervals"]
    assert [list(row) for row in found] == [header] * 2


# -- Where values come from --------------------------------------------------------------------------------------------

# The block's time is at 0, its intervals of two octets from 5 on; 1000 is 3E8H, 2500 is 9C4H.
WHY = [
    "ST-64 blocks[0].lp_int[1].int_data[0] @7+2 = C4 09 -> 2500 raw",
    "source 0, active energy delivered, Wh (ST-62 lp_sel_set1[0].lp_source_select @1+1 = 00)",
    "x multiplier 10^-3 (ST-12 uom_entry[0].multiplier @0+4 = 00 70 02 00)",
    "= 2.500 Wh",
    "time: at the end of its block (ST-64 blocks[0].blk_end_time @0+5 = 18 01 0F 01 00)",
]


def test_why_for_people(tmp_path):
    """How a channel is scaled is said once, below it; what is an interval's own below that."""
    lines = output("profile", by_hand(tmp_path / "a.json", 1000, 2500), "--why").splitlines()
    assert lines[3:] == [
        "  channel  quantity                   sum  unit",
        "  1        active energy delivered  3.500  Wh",
        f"      {WHY[1]}",
        f"      {WHY[2]}",
        "",
        "  start              1 Wh",
        "  2024-01-15 00:30  1.000",
        "      1: ST-64 blocks[0].lp_int[0].int_data[0] @5+2 = E8 03 -> 1000 raw",
        "      time: 1 interval before the end of its block (ST-64 blocks[0].blk_end_time @0+5 = 18 01 0F 01 00)",
        "  2024-01-15 00:45  2.500",
        f"      1: {WHY[0]}",
        f"      {WHY[4]}",
        "",
        *(line for line in lines if line.startswith("note ")),
    ]


def test_why_for_programs(tmp_path):
    """Lines in JSON; in CSV, where a cell is one line, behind one another."""
    meter = by_hand(tmp_path / "a.json", 1000, 2500)
    words = ("profile", meter, "--why", "--format")
    assert json.loads(output(*words, "json"))["intervals"][1]["why"] == "\n".join(WHY)
    assert json.loads(output(*words, "jsonl", "--wide").splitlines()[2])["ch1_why"] == "\n".join(WHY)
    assert rows_of(output(*words, "csv"))[1]["why"] == "; ".join(WHY)
    assert "why" not in output(*words[:2], "--format", "csv")
