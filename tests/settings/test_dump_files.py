"""Files of a whole meter: what is written is what is read, and other files of tables are taken, too."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from c1222.errors import TargetError
from c1222.settings.dims_files import read_dims
from c1222.settings.dump_files import Dump, Refusal, dump_octets, read_dump

BEGAN = datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)
DUMP = Dump(
    tables={0: b"\x02\x0a", 2065: b"\xff"},
    times={0: BEGAN, 2065: BEGAN + timedelta(seconds=1)},
    refused={41: Refusal("isc", "full_read ST-41 was refused with isc", "a password may be needed")},
    identity=bytes.fromhex("0000010000"),
    protocol="c1218",
    meter="/dev/ttyUSB0",
    began=BEGAN,
    ended=BEGAN + timedelta(seconds=2),
    scrubbed=("serial",),
)
DOCUMENT = {
    "format": "c1222-dump",
    "schema_version": 1,
    "meter": "/dev/ttyUSB0",
    "simulated": False,
    "protocol": "c1218",
    "began": "2026-01-02T03:04:05.678Z",
    "ended": "2026-01-02T03:04:07.678Z",
    "scrubbed": ["serial"],
    "identity": "0000010000",
    "tables": {"ST-0": "020a", "MT-17": "ff"},
    "times": {"ST-0": "2026-01-02T03:04:05.678Z", "MT-17": "2026-01-02T03:04:06.678Z"},
    "refused": {
        "ST-41": {"code": "isc", "reason": "full_read ST-41 was refused with isc", "hint": "a password may be needed"}
    },
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "meter.json"


def test_the_document():
    assert json.loads(dump_octets(DUMP)) == DOCUMENT


def test_what_is_written_is_what_is_read(path):
    path.write_bytes(dump_octets(DUMP))
    assert read_dump(path) == DUMP


def test_a_dump_that_broke_off(path):
    path.write_bytes(dump_octets(Dump({0: b"\x02"})))
    assert read_dump(path) == Dump({0: b"\x02"})


def test_a_dump_is_a_file_of_tables(path):
    path.write_text(json.dumps(DOCUMENT))
    assert read_dims(path) == {0: b"\x02\x0a", 2065: b"\xff"}


@pytest.mark.parametrize("text", ['{"0": "02 0a"}', '{"tables": {"ST-0": "020A"}, "meter": "A"}'])
def test_a_file_of_tables_is_a_dump(text, path):
    path.write_text(text)
    assert read_dump(path) == Dump({0: b"\x02\x0a"})


def test_names_of_later_days_are_passed_over(path):
    path.write_text(json.dumps({**DOCUMENT, "weather": "fine"}))
    assert read_dump(path) == DUMP


def test_times_with_another_zone_are_the_same_times(path):
    there = BEGAN.astimezone(timezone(timedelta(hours=-6)))
    path.write_text(json.dumps({**DOCUMENT, "began": there.isoformat()}))
    assert read_dump(path) == DUMP
    assert read_dump(path).began.tzinfo is UTC


BAD = [
    #            instead                                        what is said
    pytest.param({"schema_version": 2}, "version 2; this program reads 1 to 1", id="later-version"),
    pytest.param({"schema_version": None}, "version None", id="no-version"),
    pytest.param({"schema_version": True}, "version True", id="a-version-that-is-none"),
    pytest.param({"tables": {"ST-0": "0"}}, "ST-0: not hex", id="half-an-octet"),
    pytest.param({"identity": "0x"}, "identity: octets are wanted", id="identity"),
    pytest.param({"identity": 5}, "identity: octets are wanted", id="identity-a-number"),
    pytest.param({"times": []}, "times: tables and what belongs to each", id="times-a-list"),
    pytest.param({"times": {"ST-0": "noon"}}, "times: a time is wanted", id="no-time"),
    pytest.param({"times": {"x": "2026-01-01T00:00:00Z"}}, "times: 'x' is not a table", id="no-table"),
    pytest.param({"began": 5}, "began: a time is wanted", id="a-number-for-a-time"),
    pytest.param({"began": "0001-01-01T00:00:00+14:00"}, "began: a time is wanted", id="before-all-time"),
    pytest.param({"refused": {"ST-41": "isc"}}, "code: text is wanted", id="refusal-a-word"),
    pytest.param({"refused": {"ST-41": {"code": 3}}}, "code: text is wanted", id="code-a-number"),
    pytest.param({"meter": 5}, "meter: text is wanted", id="meter-a-number"),
    pytest.param({"scrubbed": "serial"}, "scrubbed: a list of words", id="scrubbed-a-word"),
]


@pytest.mark.parametrize(("instead", "words"), BAD)
def test_what_is_refused(instead, words, path):
    path.write_text(json.dumps({**DOCUMENT, **instead}))
    with pytest.raises(TargetError, match=words) as info:
        read_dump(path)
    assert str(path) in str(info.value)


def test_there_has_to_be_a_file(path):
    with pytest.raises(TargetError, match="No such file"):
        read_dump(path)
