"""A table that a dump does not have: why, as the meter said when the dump was made, or that it is merely not there."""

import asyncio
import json

import pytest
from click.testing import CliRunner
from live_meters import TABLES

import c1222
from c1222_cli.main import main

REASON = "full_read ST-3 was refused with isc (insufficient security clearance)"
HINT = "table 44 lets group 1 read ST-3"
WHY = f"{REASON} when the dump was made: {HINT}"


@pytest.fixture
def saved(tmp_path):
    """A dump without tables 3 and 21; table 3 was refused."""
    path = tmp_path / "meter.json"
    tables = {f"ST-{number}": octets.hex() for number, octets in TABLES.items() if number not in (3, 21)}
    refused = {"ST-3": {"code": "isc", "reason": REASON, "hint": HINT}}
    head = {"format": "c1222-dump", "schema_version": 1}
    path.write_text(json.dumps({**head, "tables": tables, "refused": refused}))
    return path


def run(*words, code=0):
    result = CliRunner().invoke(main, list(map(str, words)))
    assert result.exit_code == code, result.output
    return result


@pytest.mark.parametrize("part", [(), ("--raw",), ("--offset", "0", "--count", "2")], ids=["whole", "raw", "part"])
def test_the_refusal_is_the_recorded_one(saved, part):
    assert run("read", f"dump:{saved}", "3", *part, code=3).stderr == f"Error: {WHY}\n"


def test_what_is_merely_not_there(saved):
    assert run("read", f"dump:{saved}", "21", code=3).stderr == "Error: the dump does not have ST-21\n"
    # Of a table that the meter does not have, its table 0 tells more.
    said = run("read", f"dump:{saved}", "50", code=3).stderr
    assert said.startswith("Error: the dump does not have ST-50: table 0 of this meter does not list ST-50")


def test_the_table_that_another_needs(saved):
    assert "(because the dump does not have ST-21)" in run("read", f"dump:{saved}", "23", code=7).stderr


def test_a_dump_of_a_dump_says_the_same(saved, tmp_path):
    again = tmp_path / "again.json"
    run("dump", f"dump:{saved}", "3", "-o", again, code=0)
    assert run("read", f"dump:{again}", "3", code=3).stderr == f"Error: {WHY}\n"


def test_for_programs(saved):
    with c1222.connect(f"dump:{saved}") as meter:
        with pytest.raises(c1222.errors.ServiceError) as info:
            meter.read(3)
        assert (info.value.code, info.value.table, info.value.hint) == ("isc", 3, HINT)


def test_for_programs_with_asyncio(saved):
    async def read():
        async with await c1222.connect_async(f"dump:{saved}") as meter:
            await meter.read(3)

    with pytest.raises(c1222.errors.ServiceError) as info:
        asyncio.run(read())
    assert str(info.value) == WHY


VALUES = {"schema_version": 1, "c1222_version": "0.1.0", "target": "sim:", "notes": [], "registers": []}
NO_DUMPS = [
    pytest.param(VALUES, "no dump: c1222 wrote it as JSON for programs (registers)", id="registers"),
    pytest.param({**VALUES, "tables": []}, "JSON for programs (registers, tables)", id="tables-decoded"),
    pytest.param({"name": "x"}, "no dump, nor a file of tables ('name' is not a table)", id="another"),
]


@pytest.mark.parametrize(("document", "words"), NO_DUMPS)
def test_a_file_that_is_no_dump(tmp_path, document, words):
    path = tmp_path / "x.json"
    path.write_text(json.dumps(document))
    assert words in run("status", f"dump:{path}", code=2).stderr


@pytest.mark.parametrize("command", ["registers", "profile", "events", "status", "calendar"])
def test_a_file_that_is_not_there(tmp_path, command):
    nowhere = tmp_path / "none"
    for words in (["--from", nowhere], [f"dump:{nowhere}"]):
        assert run(command, *words, code=2).stderr.endswith(f"Error: {nowhere}: No such file or directory\n")


def test_the_help_of_readings_has_a_full_disk():
    assert "1 unexpected, such as a full disk" in run("registers", "--help").stdout
