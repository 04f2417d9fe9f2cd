"""`c1222 profile`: the intervals of a world as people, spreadsheets and programs see them."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from saved_meters import output, run, saved, utc

from c1222.meter.world.events import Outage
from c1222.meter.world.load import Quantity
from c1222.meter.world.world import World

INSTALLED, NOW = utc("2025-10-25T04:00"), utc("2025-11-04T12:00")
CHANNELS = [Quantity.WH_DELIVERED, Quantity.WH_RECEIVED, Quantity.VARH_Q1, Quantity.VARH_Q4]
DOWN, UP = utc("2025-11-02T14:07"), utc("2025-11-02T16:40")


@pytest.fixture(scope="module")
def world():
    return World(3, installed=INSTALLED, events=[Outage(DOWN, UP)])


@pytest.fixture(scope="module")
def meter(tmp_path_factory, world):
    return saved(tmp_path_factory.mktemp("meter") / "meter.json", world, NOW, days=20)


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def flowed(world, channel, row):
    """kWh as the world has it, in Wh."""
    start, end = (utc(row[name].removesuffix("Z")) for name in ("start", "end"))
    return Decimal(world.energy(CHANNELS[channel - 1], start, end)) / 1000


def test_every_value_of_the_long_form(meter, world):
    rows = rows_of(output("profile", meter, "--format", "csv"))
    # Ten days and eight hours of quarters, on four channels.
    assert len(rows) == 4 * (10 * 96 + 32)
    for row in rows:
        if row["value"]:
            assert Decimal(row["value"]) == flowed(world, int(row["channel"]), row)
        else:
            assert "skipped" in row["quality"].split()
    assert {row["unit"] for row in rows if row["channel"] in "12"} == {"Wh"}
    assert {row["unit"] for row in rows if row["channel"] in "34"} == {"varh"}


def test_the_wide_form_has_the_same(meter):
    long = rows_of(output("profile", meter, "--since", "2d", "--format", "csv"))
    wide = rows_of(output("profile", meter, "--since", "2d", "--format", "csv", "--wide"))
    names = {
        "1": "ch1_active_energy_delivered_wh", "2": "ch2_active_energy_received_wh", "3": "ch3_reactive_energy_q1_varh",
        "4": "ch4_reactive_energy_q4_varh",
    }  # fmt: skip
    by_place = {(row["channel"], row["start"]): row for row in long}
    assert len(wide) == 2 * 96
    for row in wide:
        for channel, name in names.items():
            same = by_place[channel, row["start"]]
            assert (row[name], row[f"ch{channel}_raw"], row[f"ch{channel}_quality"]) == (
                same["value"], same["raw"], same["quality"],
            )  # fmt: skip


def test_local_time_over_a_change_of_dst(meter):
    """DST ends at 06:00 UTC: 01:45 at -04:00 is followed by 01:00 at -05:00."""
    rows = rows_of(output("profile", meter, "--channel", "1", "--since", "2025-11-02", "--until", "2025-11-02T03:00",
                          "--format", "csv"))  # fmt: skip
    assert len(rows) == 16
    assert [row["start_local"] for row in rows[6:10]] == [
        "2025-11-02T01:30:00-04:00",
        "2025-11-02T01:45:00-04:00",
        "2025-11-02T01:00:00-05:00",
        "2025-11-02T01:15:00-05:00",
    ]
    assert [row["start"] for row in rows[7:9]] == ["2025-11-02T05:45:00Z", "2025-11-02T06:00:00Z"]
    assert ["dst" in row["quality"] for row in rows[6:10]] == [True, True, False, False]


def test_a_power_failure(meter):
    """From 14:07 to 16:40 UTC: the quarters of the ends are partial, nine between them have nothing."""
    rows = rows_of(output("profile", meter, "--channel", "1", "--since", "2025-11-02T14:00Z", "--until",
                          "2025-11-02T16:45Z", "--format", "csv"))  # fmt: skip
    assert len(rows) == 11
    assert [bool(row["value"]) for row in rows] == [True, *[False] * 9, True]
    assert all("power-fail" in row["quality"].split() for row in rows)
    assert ["partial" in row["quality"].split() for row in rows] == [True, *[False] * 9, True]


def test_json_says_how_values_came_about(meter):
    found = json.loads(output("profile", meter, "--since", "1h", "--format", "json"))
    assert (found["schema_version"], found["set"], found["interval_minutes"], found["utc"]) == (1, 1, 15, True)
    assert [(one["channel"], one["unit"]) for one in found["channels"]] == [
        (1, "Wh"),
        (2, "Wh"),
        (3, "varh"),
        (4, "varh"),
    ]
    assert any("SCALAR 2" in step for step in found["channels"][2]["scaling"])
    assert "scalar-direction" in {note["code"] for note in found["channels"][2]["notes"]}
    assert len(found["intervals"]) == 16
    raw, value = (found["intervals"][-1][name] for name in ("raw", "value"))
    # Channel 4 stores twice the mvarh.
    assert Decimal(raw) / 2000 == Decimal(value)


def test_for_people(meter, world):
    lines = output("profile", meter, "--since", "2025-11-02T08:45", "--until", "2025-11-02T12:00").splitlines()
    assert "set 1, 13 intervals of 15 minutes" in lines[0]
    assert lines[1].startswith("times are local, DST in them, UTC-05:00")
    shown = [line for line in lines if line.startswith("  2025-11-02 ")]
    assert shown[0].split()[:2] == ["2025-11-02", "08:45-05:00"]
    first = Decimal(world.energy(Quantity.WH_DELIVERED, utc("2025-11-02T13:45"), utc("2025-11-02T14:00"))) / 1000
    assert shown[0].split()[2] == str(first)
    assert shown[1].endswith("partial, power-fail")
    assert shown[2].split()[2:6] == ["-"] * 4
    assert lines[-1].startswith("  ") or lines[-1].startswith("note")


def test_raw_for_people(meter):
    last = output("profile", meter, "--since", "1h", "--channel", "4", "--raw")
    values = output("profile", meter, "--since", "1h", "--channel", "4")

    def column(text):
        return [line.split()[2] for line in text.splitlines() if line.startswith("  2025-")]

    assert [Decimal(raw) / 2000 for raw in column(last)] == list(map(Decimal, column(values)))


def test_a_zone_by_the_word_of_the_caller(meter):
    """The clock's 07:00 (at -05:00) is taken for Berlin's, which is 06:00 UTC."""
    (row,) = rows_of(output("profile", meter, "--tz", "Europe/Berlin", "--channel", "1", "--since", "15min",
                            "--format", "csv"))  # fmt: skip
    assert (row["end"], row["start_local"]) == ("2025-11-04T06:00:00Z", "2025-11-04T06:45:00+01:00")


def test_the_profile_of_a_make_decides(meter, tmp_path, monkeypatch):
    """Channel 3 has scalar 2 and divisor 1: stored x 1 / 2 by default, x 2 / 1 where the make is said to do so."""
    (tmp_path / "c1222.toml").write_text("[profile.other]\ndialect = { scalar_over_divisor = true }\n")
    monkeypatch.setenv("C1222_CONFIG", str(tmp_path / "c1222.toml"))
    words = ("profile", meter, "--since", "1h", "--channel", "3", "--format", "csv")
    plain, other = (rows_of(output(*words, *more)) for more in ((), ("--profile", "other")))
    assert [Decimal(row["value"]) for row in other] == [4 * Decimal(row["value"]) for row in plain]
    assert "rule scalar_over_divisor" in " ".join(output(*words[:-2]).split())


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--since", "yesterday"], "'yesterday' is no time; write 2026-01-31 or 2026-01-31T12:00, or 24h or 7d"),
        (["--until", "24h"], "'24h' is no time; write 2026-01-31 or 2026-01-31T12:00\n"),
        (["--channel", "5"], "set 1 has channels 1 to 4, not 5"),
        (["--tz", "Mars/Olympus"], "no such zone is known here"),
        (["--tz", "localtime"], "--tz localtime is the zone of this computer"),
        (["more"], "profile takes a target and no more ('more' is too much)"),
        (
            ["-o", "a.xyz"],
            "no format goes with '.xyz' (.txt, .csv, .json, .jsonl, .ndjson, .parquet, .png, .svg, .pdf)",
        ),
    ],
)
def test_what_cannot_be(meter, words, problem):
    result = run("profile", meter, *words)
    assert result.exit_code == 2
    assert problem in result.stderr


def test_a_set_that_the_meter_has_not(meter):
    result = run("profile", meter, "--set", "2")
    assert (result.exit_code, result.stderr.strip()) == (7, "Error: ST-61: the meter does not use set 2")


@pytest.mark.parametrize(("module", "words"), [
    ("pyarrow", ["--format", "parquet"]), ("matplotlib", ["-o", "a.png"]), ("plotext", ["--plot"]),
])  # fmt: skip
def test_a_library_that_is_not_installed(meter, monkeypatch, module, words):
    import importlib.util

    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == module else there(name))
    result = run("profile", meter, *words)
    assert result.exit_code == 2
    extra = "parquet" if module == "pyarrow" else "plot"
    assert f"need {module}, which is not installed: pip install 'c1222[{extra}]'" in result.stderr


ENGINEER = ("--user-id", "2", "--user", "ENGINEER", "--password", "env:ENGINEER")


def test_marked_as_read_when_asked(monkeypatch):
    """The simulated meter has 60 blocks; the newest is being filled, and stays unread."""
    monkeypatch.setenv("ENGINEER", "ENGINEER")
    result = run("profile", "sim:", *ENGINEER, "--format", "csv", "--mark-read")
    assert result.exit_code == 0
    assert result.stderr.splitlines()[-1] == "59 blocks marked as read"
    assert "marked" not in run("profile", "sim:", *ENGINEER, "--format", "csv").stderr


def test_nothing_is_marked_that_was_not_read(monkeypatch):
    monkeypatch.setenv("ENGINEER", "ENGINEER")
    result = run("profile", "sim:", *ENGINEER, "--since", "1h", "--mark-read")
    assert "none is marked as read" in result.stderr
    # 5520 quarters: 77 in the newest block, 57 blocks for the others, one more for their times; 60 there are.
    one = run("profile", "sim:", *ENGINEER, "--since", "1380h", "--mark-read")
    assert "1 block that nobody has read is older than what was read now" in one.stderr
    refused = run("profile", "sim:", "--format", "csv", "--mark-read")
    assert refused.exit_code == 3
    assert "start,end" in refused.stdout


@pytest.mark.parametrize("words", [
    ["--plot", "-o", "x.csv"], ["--plot", "--format", "csv"], ["--format", "csv", "-o", "x.png"], ["--plot", "-o", "x"],
])  # fmt: skip
def test_a_picture_and_a_table_at_once(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    result = run("profile", "sim:", *words, "--mark-read")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "simulated meter" not in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("since", ["2025-11-03", "2025-11-03T00:00Z", "1h"])
def test_since_later_than_until(meter, since):
    result = run("profile", meter, "--since", since, "--until", "2025-11-01" + ("Z" if "Z" in since else ""))
    assert result.exit_code == 2


def test_a_channel_that_is_named_twice(meter):
    words = ("profile", meter, "--since", "1h", "--format", "csv", "--channel", "1")
    assert output(*words, "--channel", "1") == output(*words)


def test_the_sum_of_nothing(meter):
    text = output("profile", meter, "--channel", "1", "--since", "2025-11-02T14:30Z", "--until", "2025-11-02T16:00Z")
    (line,) = (line for line in text.splitlines() if "active energy delivered" in line)
    assert line.split()[4] == "-"


def test_notes_beside_csv(meter):
    words = ("profile", meter, "--since", "1h", "--channel", "3", "--format", "csv")
    said = run(*words).stderr
    assert "times are local, DST in them" in said
    assert "note: channel 3: interval data is taken times" in said
    assert "times are local" not in run(*words, "-q").stderr


def test_a_dump_says_when_it_was_read(meter, tmp_path):
    tables = json.loads(Path(meter.removeprefix("dump:")).read_text())
    head = {"format": "c1222-dump", "schema_version": 1, "simulated": True, "began": "2025-11-04T12:00:00Z"}
    (tmp_path / "a.json").write_text(json.dumps({**head, "tables": tables}))
    result = run("profile", f"dump:{tmp_path / 'a.json'}", "--since", "1h", "--format", "json")
    found = json.loads(result.stdout)
    assert (found["simulated"], found["read_at"]) == (True, "2025-11-04T12:00:00.000000Z")
    assert "simulated meter" in result.stderr
    plain = json.loads(output("profile", meter, "--since", "1h", "--format", "json"))
    assert (plain["simulated"], plain["read_at"]) == (False, None)


def test_octets_that_status_is_in(meter):
    """What all channels share is told once: channel 1 in the octet of all, 2 and 3 in the next, 4 in the third."""
    lines = output("profile", meter, "--since", "15min", "--why").splitlines()
    status = [
        line.split()[2].partition(".")[2].partition(".")[2] for line in lines if line.startswith("      quality: ")
    ]
    assert status == [f"extended_int_status.{part}" for part in ("common", "channels[0]", "channels[1]")]
    only = output("profile", meter, "--since", "15min", "--why", "--channel", "1")
    assert only.count("      quality: ") == 1


OF_TABLES = [
    ("--why", "--why shows octets beside values: a picture has no room for them"),
    ("--raw", "--raw shows stored values: a picture shows those in units"),
    ("--wide", "--wide has columns for channels: a picture has none"),
]


@pytest.mark.parametrize("words", [["--plot"], ["-o", "a.svg"]])
@pytest.mark.parametrize(("option", "problem"), OF_TABLES)
def test_what_a_picture_does_not_have(meter, tmp_path, monkeypatch, words, option, problem):
    monkeypatch.chdir(tmp_path)
    result = run("profile", meter, option, *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert problem in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("span", ["999999999d", "99999999999999999999d", "\u0663d"])
def test_a_time_that_cannot_be(meter, span):
    """Longer than there have been years, longer than can be counted, and digits that nobody reads."""
    result = run("profile", meter, "--since", span)
    assert (result.exit_code, result.stdout) == (2, "")


def test_help_tells_exit_codes_and_the_zone():
    words = " ".join(output("profile", "--help").split())
    assert "Exit codes: 0 done; 1 " in words
    assert "--tz names the zone of the meter where its tables name none" in words
    assert "An interval that --since or --until falls into is included." in words


def test_an_interval_that_a_limit_falls_into_is_included(meter):
    """05:40 to 06:05 lies in 05:30 to 06:15."""
    words = ("--channel", "1", "--since", "2025-11-04T05:40", "--until", "2025-11-04T06:05", "--format", "csv")
    rows = rows_of(output("profile", meter, *words))
    assert [row["start_local"][11:16] for row in rows] == ["05:30", "05:45", "06:00"]


@pytest.mark.parametrize(("span", "same"), [("1w", "7d"), ("24H", "24h"), ("7200s", "2h"), ("120min", "2h")])
def test_spans(meter, span, same):
    words = ("profile", meter, "--channel", "1", "--format", "csv", "--since")
    assert output(*words, span) == output(*words, same)
