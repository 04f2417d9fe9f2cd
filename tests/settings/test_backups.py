"""Backups of writes: what the file says, who may read it, and whose it is."""

import json
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from c1219_tables.context import MeterTables
from c1222.errors import TargetError
from c1222.settings.backups import Backup, Identity, keep_backup, read_backup
from c1222.settings.dims_files import read_dims

METER = Identity("ACME", "MODEL 1", "0000000000000017", "METER 17")
KEPT = Backup({6: b"\x41\x00", 2065: b"\xff"}, datetime(2026, 1, 2, 3, 4, 5, 678000, UTC), METER, "tcp://192.0.2.7")
DOCUMENT = {
    "format": "c1222-backup",
    "schema_version": 1,
    "time": "2026-01-02T03:04:05.678Z",
    "target": "tcp://192.0.2.7",
    "meter": {
        "manufacturer": "ACME",
        "model": "MODEL 1",
        "serial_number": "0000000000000017",
        "identification": "METER 17",
    },
    "tables": {"ST-6": "4100", "MT-17": "ff"},
}


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("C1222_STATE", str(tmp_path / "state"))
    return tmp_path / "state" / "backups"


def test_the_document(tmp_path):
    path = keep_backup(KEPT, tmp_path / "a.json")
    assert json.loads(path.read_text()) == DOCUMENT
    assert read_backup(path) == KEPT
    assert read_dims(path) == KEPT.tables


def test_another_zone_is_the_same_moment(tmp_path):
    path = keep_backup(replace(KEPT, time=KEPT.time.astimezone(timezone(timedelta(hours=5)))), tmp_path / "a.json")
    assert json.loads(path.read_text())["time"] == DOCUMENT["time"]


def test_its_place_and_its_name(folder):
    paths = [keep_backup(KEPT) for _ in range(2)]
    assert paths == [
        folder / "0000000000000017-ST-6-MT-17-20260102T030405Z.json",
        folder / "0000000000000017-ST-6-MT-17-20260102T030405Z-2.json",
    ]
    assert read_backup(paths[0]) == KEPT


def at_once(count, act):
    """What `act(index)` gives, or raises, in so many threads that begin together."""
    barrier = threading.Barrier(count)

    def one(index):
        barrier.wait()
        try:
            return act(index)
        except TargetError as exc:
            return exc

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.parametrize("links", [True, False])
def test_none_is_lost_where_several_are_made_at_once(folder, tmp_path, monkeypatch, links):
    if not links:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(PermissionError(1, "no links here")))
    every = [replace(KEPT, tables={6: bytes([index])}) for index in range(8)]
    paths = at_once(8, lambda index: keep_backup(every[index]))
    assert [read_backup(path) for path in paths] == every
    assert {each.name for each in folder.iterdir()} == {path.name for path in paths}
    mine = tmp_path / "mine.json"
    done = at_once(8, lambda index: keep_backup(every[index], mine))
    (first,) = [index for index, each in enumerate(done) if each == mine]
    assert read_backup(mine) == every[first]
    assert all("exists already" in str(each) for each in done if each != mine)


def test_a_name_that_a_meter_tells_stays_in_the_folder(folder):
    path = keep_backup(replace(KEPT, meter=Identity(serial_number="../../x y")))
    assert path.parent == folder
    assert path.name.startswith("..-.._x_y-") or "/" not in path.name
    assert len(list(folder.iterdir())) == 1


@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
def test_it_is_for_its_owner_alone(folder):
    os.umask(os.umask(0))
    path = keep_backup(KEPT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_file_that_is_there_is_not_written_over(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("mine")
    with pytest.raises(TargetError, match="exists already"):
        keep_backup(KEPT, path)
    assert path.read_text() == "mine"


def test_what_cannot_be_written_is_said(tmp_path):
    with pytest.raises(TargetError, match="cannot be written"):
        keep_backup(KEPT, tmp_path / "nowhere" / "a.json")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "c1222-dump"}, "no backup"),
        ({"schema_version": 2}, "version 2"),
        ({"meter": None}, "meter, time and target"),
        ({"meter": {}}, "meter, time and target"),
        ({"meter": {**DOCUMENT["meter"], "model": 1}}, "meter, time and target"),
        ({"time": "2026-01-02T03:04:05"}, "meter, time and target"),
        ({"time": 5}, "meter, time and target"),
        ({"target": None}, "meter, time and target"),
        ({"tables": {"ST-6": "4"}}, "not hex"),
        ({"tables": []}, "tables and their octets"),
    ],
)
def test_what_is_no_backup(tmp_path, changes, message):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(DOCUMENT | changes))
    with pytest.raises(TargetError, match=message):
        read_backup(path)


def test_who_a_meter_is():
    tables = MeterTables()
    # Table 0 of a meter with text identifiers; tables 1 and 5 assume it by their length.
    tables.add(1, b"ACME" + b"MODEL 1 " + bytes([1, 9, 2, 0]) + b"0000000000000017")
    tables.add(5, b"METER 17            ")
    assert Identity.of(tables) == METER
    assert Identity.of({}) == Identity()


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (METER, True),
        (replace(METER, identification="ANOTHER NAME", model="MODEL 2"), True),
        (replace(METER, serial_number="0000000000000018"), False),
        (replace(METER, manufacturer="ACMF"), False),
        (replace(METER, serial_number=""), True),
        (replace(METER, serial_number="", identification="METER 18"), False),
        (Identity(), False),
    ],
)
def test_whether_it_is_the_same_meter(other, same):
    assert METER.is_same(other) == other.is_same(METER) == same


@pytest.mark.parametrize("filler", ["0" * 16, "F" * 16, "0", "ÿ" * 16, "\0" * 16, " " * 16, "", "0000 0000"])
def test_a_serial_number_that_nobody_filled_in(filler):
    one = replace(METER, serial_number=filler)
    assert one.is_same(one)
    assert one.name == "METER 17"
    for other in (
        replace(one, identification="METER 18"),
        replace(one, identification=""),
        replace(one, manufacturer="ACMF"),
    ):
        assert not one.is_same(other)
        assert not other.is_same(one)
    nobody = replace(one, identification=filler)
    assert not nobody.is_same(nobody)


def test_meters_without_a_name_are_never_the_same():
    assert not Identity("ACME", "MODEL 1").is_same(Identity("ACME", "MODEL 1"))
