"""`c1222 events`, `history`, `status` and `calendar`: what a world says happened, and how its meter is."""

import csv
import io
import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from live_meters import full_read, script, served
from saved_meters import output, run, saved, utc

from c1219_tables.times import MeterTime
from c1222.meter.world.events import DemandReset, Outage
from c1222.meter.world.world import World
from c1222_cli.readings.logs import argument_text

INSTALLED, NOW = utc("2025-10-25T04:00"), utc("2025-11-04T12:00")
DOWN, UP = utc("2025-11-02T14:07"), utc("2025-11-02T16:40")
RESET = utc("2025-11-01T04:00")


@pytest.fixture(scope="module")
def meter(tmp_path_factory):
    world = World(3, installed=INSTALLED, events=[Outage(DOWN, UP), DemandReset(RESET)])
    return saved(tmp_path_factory.mktemp("meter") / "meter.json", world, NOW, days=20)


# -- Logs --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["events", "history"])
def test_what_happened_in_utc(meter, command):
    rows = list(csv.DictReader(io.StringIO(output(command, meter, "--format", "csv"))))
    found = {row["meaning"]: row["at"] for row in rows}
    assert found["primary power down"] == "2025-11-02T14:07:00Z"
    assert found["primary power up"] == "2025-11-02T16:40:00Z"
    assert found["demand reset"] == "2025-11-01T04:00:00Z"
    assert [row["sequence"] for row in rows] == list(map(str, range(len(rows))))


def test_logs_for_people(meter):
    text = output("events", meter)
    assert text.splitlines()[0].endswith(", 3 entries, 3 of them unread")
    (line,) = [line for line in text.splitlines() if "power down" in line]
    assert "2025-11-02 09:07:00-05:00" in line
    assert line.endswith("unread")


def test_logs_for_programs(meter):
    found = json.loads(output("events", meter, "--format", "json"))
    assert (found["table"], found["unread"]) == (76, len(found["entries"]))
    assert {entry["code"] for entry in found["entries"]} >= {1, 2, 20}
    head, *entries = map(json.loads, output("history", meter, "--format", "jsonl").splitlines())
    assert (head["type"], head["table"]) == ("head", 74)
    assert {entry["type"] for entry in entries} == {"entry"}


def test_entries_marked_as_read_when_asked(monkeypatch):
    monkeypatch.setenv("ENGINEER", "ENGINEER")
    words = ("--user-id", "2", "--user", "ENGINEER", "--password", "env:ENGINEER")
    count = len(json.loads(run("events", "sim:", "--format", "json").stdout)["entries"])
    result = run("events", "sim:", *words, "--mark-read")
    assert result.stderr.splitlines()[-1] == f"{count} entries marked as read"


def test_only_unread_entries(meter):
    assert output("events", meter, "--unread") == output("events", meter)


ARGUMENTS = [
    #            argument, its octets                                         in words
    pytest.param({"season": 1, "padding": b"\0"}, "0100", "season 1", id="number"),
    pytest.param({"table": {"tbl_proc_nbr": 7, "std_vs_mfg_flag": True}}, "0708", "MT-7", id="table"),
    pytest.param({"tier": 1, "demand_tier": 2}, "0102", "tier 1, demand_tier 2", id="two"),
    pytest.param(
        {"old_time": MeterTime(b"", datetime(2026, 1, 2, 3, 4))}, "00", "old_time 2026-01-02 03:04:00", id="time"
    ),
    pytest.param({"old_time": MeterTime(b"", None)}, "00", "old_time not set", id="no-time"),
    pytest.param(None, "0102", "01 02", id="nobody-knows"),
    pytest.param(None, "0000", "", id="nothing"),
]


@pytest.mark.parametrize(("argument", "octets", "expected"), ARGUMENTS)
def test_arguments_in_words(argument, octets, expected):
    assert argument_text(SimpleNamespace(argument=argument, octets=bytes.fromhex(octets))) == expected


# -- Status ------------------------------------------------------------------------------------------------------------


def test_how_a_meter_is(meter):
    found = {one["name"]: one["text"] for one in json.loads(output("status", meter, "--format", "json"))["status"]}
    assert found["mode"] == "metering"
    assert found["conditions"] == "power failed"
    assert found["clock"] == "2025-11-04 07:00:00-05:00"
    assert found["clock_utc"] == "2025-11-04T12:00:00Z"
    assert found["demand_resets"] == "1"
    # 04:00 UTC was midnight, on DST still.
    assert found["last_demand_reset"] == "2025-11-01 00:00:00-04:00"
    # Ten whole days and a started one.
    assert "  load profile, set 1     11 blocks, 11 unread" in output("status", meter).splitlines()
    assert "clock_off" not in found


def facts(*words):
    """Name -> value, as programs have it."""
    return {one["name"]: one["value"] for one in json.loads(output("status", *words, "--format", "json"))["status"]}


def test_how_a_meter_is_for_programs(meter):
    found = facts(meter)
    assert (found["mode"], found["conditions"]) == (["metering_flag"], ["power_failure_flag"])
    assert found["maker_conditions"] == []
    # 12:00 UTC on a clock that is five hours behind it.
    assert (found["clock"], found["clock_utc"]) == ("2025-11-04T07:00:00", "2025-11-04T12:00:00Z")
    assert found["dst"] is False
    assert found["last_demand_reset"] == "2025-11-01T04:00:00Z"
    assert (found["demand_resets"], found["curr_tier"], found["season"]) == (1, 1, 0)
    # From 07:00 on tier 1, at 21:00 tier 0: see the calendar below.
    assert found["tier_time_remain"] == (21 - 7) * 60
    blocks = [found[f"load_profile_1_{name}"] for name in ("valid_blocks", "unread_blocks", "overflow")]
    assert blocks == [11, 11, False]


def test_facts_as_rows(meter):
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(output("status", meter, "--format", "csv")))}
    assert (rows["conditions"]["value"], rows["conditions"]["text"]) == ("power_failure_flag", "power failed")
    assert (rows["load_profile_1_overflow"]["value"], rows["clock_utc"]["value"]) == ("no", "2025-11-04T12:00:00Z")
    assert (rows["tier_time_remain"]["value"], rows["tier_time_remain"]["unit"]) == ("840", "min")
    head, *lines = map(json.loads, output("status", meter, "--format", "jsonl").splitlines())
    assert (head["type"], {line["type"] for line in lines}) == ("head", {"fact"})
    assert [line["name"] for line in lines] == list(rows)


def test_without_a_zone_there_is_no_utc(monkeypatch):
    """The qualifier 00 says neither GMT nor zone, and no table 53 is listed."""
    tables = {0: ST0_CLOCK, 3: bytes.fromhex("01 0000 00 00"), 52: bytes.fromhex("0c0b0817010f 00")}
    served(monkeypatch, script(tables))
    found = facts("tcp://x")
    assert found["clock"] == "2012-11-08T23:01:15"
    assert "clock_utc" not in found
    assert found["clock_off"] is None


def test_conditions_of_a_meter_by_hand(monkeypatch):
    """Status word 0140: bit 6, the clock is in error, and bit 8, battery low. Others are refused, and left out.

    81: bits 0 and 7 of the maker's conditions.
    """
    tables = {0: ST0, 3: bytes.fromhex("01 4001 00 81")}
    served(monkeypatch, script(tables))
    lines = output("status", "optical:/dev/somewhere").splitlines()
    assert lines[1:] == [
        "  mode                    metering",
        "  conditions              the clock is in error; battery low",
        "  maker's conditions      0, 7",
    ]
    found = facts("optical:/dev/somewhere")
    assert found["conditions"] == ["clock_error_flag", "low_battery_flag"]
    assert found["maker_conditions"] == [0, 7]


# Lists tables 0 and 3 alone; see live_meters.
ST0 = bytes.fromhex("020a8a54455354 02 00 080c 02 00 01 00 01 00 01 00 09 09 00 00")


def test_a_clock_against_that_of_this_computer(monkeypatch):
    """2012-11-08 23:01:15, which the qualifier (10, bit 4) calls GMT; 65 s later by the clock of this computer.

    That is looked at when table 52 has come: the request for it is the last one heard.
    """
    tables = {0: ST0_CLOCK, 3: bytes.fromhex("01 0000 00 00"), 52: bytes.fromhex("0c0b0817010f 10")}
    meter = served(monkeypatch, script(tables))
    heard = []

    def host_now():
        heard.append(meter.heard[-1])
        return datetime(2012, 11, 8, 23, 2, 20, tzinfo=UTC)

    monkeypatch.setattr("c1222_cli.procedure.resolve.host_now", host_now)
    document = json.loads(output("status", "tcp://x", "--format", "json"))
    assert heard == [full_read(52)]
    found = {one["name"]: (one["value"], one["unit"], one["text"]) for one in document["status"]}
    assert found["clock_utc"] == ("2012-11-08T23:01:15Z", "", "2012-11-08T23:01:15Z")
    assert found["clock_off"] == (-65, "s", "1 min 5 s behind")
    assert found["dst"] == (False, "", "off")


# Lists tables 0, 3 and 52, in seven octets.
ST0_CLOCK = bytes.fromhex("020a8a54455354 02 00 080c 02 00 07 00 01 00 01 00 09000000000010 09 00 00000000000000 00")


def test_each_fact_of_the_clock_names_the_table_that_shows_it(monkeypatch):
    """Table 52 is blank (no month, no day); 55 shows 2012-11-08 23:01:15. 18: GMT (bit 4) and DST (bit 3)."""
    tables = {
        0: ST0_TWO_CLOCKS, 3: bytes.fromhex("01 0000 00 00"), 51: bytes.fromhex("00 04 11 00 00 0000 0000"),
        52: bytes.fromhex("000000000000 10"), 55: bytes.fromhex("0c0b0817010f 18 0a20"),
    }  # fmt: skip
    served(monkeypatch, script(tables))
    document = json.loads(output("status", "tcp://x", "--format", "json"))
    of_the_clock = {one["name"]: (one["table"], one["text"]) for one in document["status"] if "clock" in one["name"]}
    assert of_the_clock["clock_utc"] == (55, "2012-11-08T23:01:15Z")
    assert {name: table for name, (table, _) in of_the_clock.items() if table != 55} == {"clock_table": 52}
    assert [(one["table"], one["value"]) for one in document["status"] if one["name"] == "dst"] == [(55, True)]
    served(monkeypatch, script({**tables, 55: bytes.fromhex("000000000000 00 0a20")}))
    (blank,) = [one for one in json.loads(output("status", "tcp://x", "--format", "json"))["status"]
                if one["name"] == "clock"]  # fmt: skip
    assert (blank["table"], blank["text"]) == (52, "shows no time")


# Lists tables 0 and 3, 51, 52 and 55, in eight octets.
ST0_TWO_CLOCKS = bytes.fromhex(
    "020a8a54455354 02 00 080c 02 00 08 00 01 00 01 00 0900000000009800 09 0000000000000000 00"
)


def test_tiers_that_switch_apart(monkeypatch):
    """Table 51 (04, bit 2) separates them. 55: 200A, so tiers 2 and 1, season 2; 56: 30 and 90 minutes, 5 days."""
    tables = {
        0: ST0_TARIFF, 3: bytes.fromhex("01 0000 00 00"), 51: bytes.fromhex("00 04 11 00 00 0000 0000"),
        55: bytes.fromhex("0c0b0817010f 10 0a20"), 56: bytes.fromhex("1e00 5a00 05"),
    }  # fmt: skip
    served(monkeypatch, script(tables))
    found = facts("tcp://x")
    assert (found["curr_summ_tier"], found["curr_demand_tier"], found["season"]) == (2, 1, 2)
    assert (found["summ_tier_time_remain"], found["demand_tier_time_remain"]) == (30, 90)
    assert "tier_time_remain" not in found
    assert "    summations change in  30 min" in output("status", "tcp://x").splitlines()


# Lists tables 0 and 3, 51 and 55, 56, in eight octets.
ST0_TARIFF = bytes.fromhex("020a8a54455354 02 00 080c 02 00 08 00 01 00 01 00 0900000000008801 09 0000000000000000 00")


def test_a_meter_that_does_not_tell(monkeypatch):
    served(monkeypatch, script({0: ST0}))
    result = run("status", "optical:/dev/somewhere")
    assert result.exit_code == 3
    assert "ST-3" in result.stderr


# -- Calendar ----------------------------------------------------------------------------------------------------------


def test_the_calendar_as_a_person_reads_it(meter):
    """The tariff of the world by default: meter/world/tariff.py."""
    lines = output("calendar", meter).splitlines()
    text = "\n".join(lines)
    assert "in force now: tier 1, season 0" in lines
    first = lines.index("season 0")
    assert [" ".join(line.split()) for line in lines[first + 1 : first + 5]] == [
        "Weekday 00:00 tier 0, 07:00 tier 1, 21:00 tier 0 (schedule 0)",
        "Saturday 00:00 tier 0 (schedule 1)",
        "Sunday 00:00 tier 0 (schedule 1)",
        "special schedule 0 00:00 tier 0 (schedule 1)",
    ]
    assert "Weekday             00:00 tier 0, 13:00 tier 1, 19:30 tier 0  (schedule 2)" in text
    assert "   1 May          season 1" in lines
    assert "   4 July         special schedule 0" in lines
    assert "  2026-03-08      DST on" in lines


def test_the_calendar_for_programs(meter):
    found = json.loads(output("calendar", meter, "--format", "json"))
    assert found["schedules"]["2"] == [
        {"at": at, "tier": tier, "of": "summations and demands"}
        for at, tier in (("00:00", 0), ("13:00", 1), ("19:30", 0))
    ]
    assert {"once": "2025-11-02", "month": None, "day": None, "what": "DST off", "demand_reset": False,
            "self_read": False} in found["dates"]  # fmt: skip
    assert found["in_force"] == {"curr_tier": 1, "season": 0}
