"""docs/readings.schema.json: what the commands of readings write keeps to it; docs/readings-json.md has every name."""

import copy
import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from saved_meters import output, saved, utc

from c1222.meter.world.events import DemandReset, Outage, SelfRead
from c1222.meter.world.world import World

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = Draft202012Validator(json.loads((DOCS / "readings.schema.json").read_text()))

COMMANDS = [
    pytest.param(words.split(), id=words)
    for words in (
        "registers --snapshot all",
        "registers energy --why",
        "now",
        "now --why",
        "profile --since 6h",
        "profile --since 1h --why",
        "profile --since 6h --wide",
        "profile --since 1h --wide --why",
        "profile --since 2030-01-01",
        "profile --since 2030-01-01 --wide",
        "events",
        "history",
        "status",
        "calendar",
    )
]


@pytest.fixture(scope="module")
def dump(tmp_path_factory):
    events = [
        Outage(utc("2025-11-04T08:07"), utc("2025-11-04T10:40")),
        DemandReset(utc("2025-11-01T04:00")),
        SelfRead(utc("2025-11-02T05:00")),
    ]
    world = World(3, installed=utc("2025-10-25T04:00"), events=events)
    return saved(tmp_path_factory.mktemp("meter") / "meter.json", world, utc("2025-11-04T12:00"), days=20)


@pytest.fixture(scope="module")
def without_a_zone(tmp_path_factory, dump):
    """The same meter without table 53, and a table 52 whose qualifier (its last octet) says nothing."""
    tables = json.loads(Path(dump.removeprefix("dump:")).read_text())
    tables = {number: octets for number, octets in tables.items() if number != "53"}
    for number, end in (("52", 14), ("55", 14)):
        tables[number] = tables[number][: end - 2] + "00" + tables[number][end:]
    path = tmp_path_factory.mktemp("meter") / "no-zone.json"
    path.write_text(json.dumps(tables))
    return f"dump:{path}"


def documents(words, target):
    """The document, and every line of JSON Lines."""
    name, *options = words
    yield json.loads(output(name, target, *options, "--format", "json"))
    if name != "calendar":
        yield from map(json.loads, output(name, target, *options, "--format", "jsonl").splitlines())


@pytest.mark.parametrize("words", COMMANDS)
@pytest.mark.parametrize("meter", ["sim", "dump", "without_a_zone"])
def test_what_is_written_keeps_to_the_schema(words, meter, request):
    target = "sim:" if meter == "sim" else request.getfixturevalue(meter)
    for document in documents(words, target):
        SCHEMA.validate(document)


def test_what_is_captured_keeps_to_it(tmp_path):
    trace = tmp_path / "a.pcapng"
    output("registers", "sim:", "--trace", trace)
    document = json.loads(output("registers", "--from", trace, "--format", "json"))
    SCHEMA.validate(document)
    assert document["read_at"] is None


def test_the_form_of_values(dump, without_a_zone):
    """What docs/readings-json.md says of decimals and times."""
    (row,) = json.loads(output("profile", dump, "--since", "15min", "--channel", "1", "--format", "json"))["intervals"]
    assert re.fullmatch(r"\d+\.\d{3}", row["value"])
    # The meter stores thousandths.
    assert row["value"].replace(".", "").lstrip("0") == row["raw"]
    assert (row["end"], row["end_local"]) == ("2025-11-04T12:00:00Z", "2025-11-04T07:00:00-05:00")
    found = json.loads(output("profile", without_a_zone, "--since", "15min", "--channel", "1", "--format", "json"))
    (row,) = found["intervals"]
    assert (found["utc"], row["start"], row["end"], row["end_local"]) == (False, None, None, "2025-11-04T07:00:00")


WRONG = [
    #            command      the place                          what stands there
    pytest.param("status", ("status", 0, "value"), 1.5, id="a-value-of-no-kind"),
    pytest.param("status", ("status", 0, "note"), "", id="a-name-that-is-not-there"),
    pytest.param("registers", ("registers", 0, "value"), 2342238.02, id="a-decimal-as-a-number"),
    pytest.param("registers", ("registers", 0, "taken_at"), "2026-01-01T00:00:00", id="a-time-without-a-zone"),
    pytest.param("events", ("table",), 75, id="another-table"),
    pytest.param("calendar", ("schema_version",), 2, id="another-version"),
    pytest.param("now", ("simulated",), None, id="no-flag"),
]


@pytest.mark.parametrize(("command", "place", "value"), WRONG)
def test_what_the_schema_refuses(command, place, value):
    document = json.loads(output(command, "sim:", "--format", "json"))
    SCHEMA.validate(document)
    wrong = copy.deepcopy(document)
    at = wrong
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    assert not SCHEMA.is_valid(wrong)


def names_of(schema):
    """Every property that the schema names."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for inner in schema.values():
            yield from names_of(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from names_of(inner)


def test_every_name_is_documented_and_described():
    words = set(re.findall(r"`([a-z0-9_]+)`", (DOCS / "readings-json.md").read_text()))
    assert sorted(set(names_of(SCHEMA.schema)) - words) == []
    for name, schema in SCHEMA.schema["$defs"].items():
        assert schema["description"], name
        for each, property in schema.get("properties", {}).items():
            assert {"description", "const"} & set(property), f"{name} {each}"


def test_every_fact_of_the_status_is_documented():
    words = set(re.findall(r"`([a-z0-9_]+)`", (DOCS / "readings-json.md").read_text()))
    found = json.loads(output("status", "sim:", "--format", "json"))["status"]
    assert {one["name"] for one in found} <= words


def test_the_page_of_readings_leads_there():
    page = (DOCS / "readings.md").read_text()
    assert "(readings-json.md)" in page
    assert "(readings.schema.json)" in page
