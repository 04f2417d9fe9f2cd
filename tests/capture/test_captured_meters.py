"""Readings of a meter from what was captured of it: the same as the meter itself gave."""

from datetime import datetime, timedelta

import pytest

import c1222
from c1219_tables.errors import TableError
from c1219_tables.readings.register_value import Taken
from c1222.capture.decode import decode_files
from c1222.capture.meters import CapturedMeter, CapturedMeters
from c1222.errors import CaptureError
from c1222.security.keys import KeyRing


def captured(path):
    return list(CapturedMeters().look_at(decode_files([str(path)], KeyRing())))


def readings(meter):
    """All that both kinds of meter give."""
    profile = meter.profile(since=timedelta(days=3))
    return meter.registers(), meter.now(), list(meter.events()), list(meter.history()), list(map(list, profile))


@pytest.fixture(params=["sim:", "sim:?protocol=c1222"])
def target(request):
    return request.param


def test_what_a_session_read(tmp_path, target):
    path = tmp_path / "read.pcapng"
    with c1222.connect(target, trace=path) as meter:
        live = readings(meter)
    (found,) = captured(path)
    assert readings(found) == live


def test_registers_are_the_current_ones_unless_others_are_named(tmp_path):
    """As of a live meter, whatever else was captured."""
    path = tmp_path / "all.pcapng"
    with c1222.connect("sim:", trace=path) as meter:
        meter.registers(*Taken)
    (found,) = captured(path)
    assert {one.snapshot.taken for one in found.registers()} == {Taken.CURRENT}
    assert {one.snapshot.taken for one in found.registers(Taken.SELF_READ)} == {Taken.SELF_READ}
    with pytest.raises(ValueError, match="'all' is not a valid Taken"):
        found.registers("all")


def test_what_was_assumed_of_since_and_until(tmp_path):
    """The simulated meter ended its DST on 2 November 2025, 02:00."""
    path = tmp_path / "twice.pcapng"
    asked = {"since": datetime(2025, 11, 2, 1), "until": datetime(2025, 11, 2, 1, 59)}
    with c1222.connect("sim:", trace=path) as meter:
        live = meter.profile(**asked)
    (found,) = captured(path)
    again = found.profile(**asked)
    assert list(map(list, again)) == list(map(list, live))
    assert len(again[0]) == 8
    notes = [note for note in again.notes if note.code == "hour-twice"]
    assert notes == [note for note in live.notes if note.code == "hour-twice"]
    assert [note.text.split()[0] for note in notes] == ["since", "until"]
    with pytest.raises(TypeError, match="since is"):
        found.profile(since="1h")


def test_a_part_of_the_profile(tmp_path):
    path = tmp_path / "part.pcapng"
    with c1222.connect("sim:", trace=path) as meter:
        live = meter.profile(since=timedelta(hours=30))
    (found,) = captured(path)
    assert list(map(list, found.profile(since=timedelta(hours=30)))) == list(map(list, live))
    # What else the meter has is known to be missing.
    assert "blocks-not-read" in {note.code for note in found.profile().notes}


def test_what_was_not_captured(tmp_path):
    path = tmp_path / "few.pcapng"
    with c1222.connect("sim:", trace=path) as meter:
        meter.read(1)
    (found,) = captured(path)
    for ask in (found.registers, found.now, found.events, found.history, lambda: found.read(3)):
        with pytest.raises(TableError, match="was not read in what was captured"):
            ask()
    with pytest.raises(TableError):
        found.profile()
    assert found.read(1).manufacturer.strip()


def test_two_meters_one_after_the_other_on_a_line(tmp_path):
    """Another table 1 is another meter; sessions of one recording are told apart by nothing else."""
    meter = CapturedMeters()
    paths = [tmp_path / "one.pcapng", tmp_path / "two.pcapng"]
    for seed, path in zip((1, 2), paths, strict=True):
        with c1222.connect(f"sim:?seed={seed}", trace=path) as live:
            live.read(1)
            live.registers(Taken.CURRENT)
    for path in paths:
        meter.look_at(decode_files([str(path)], KeyRing()))
    first, *others = meter
    same_name = first.read(1).octets == captured(paths[1])[0].read(1).octets
    assert len(others) == (0 if same_name else 1)


def test_the_newest_octets_count():
    meter = CapturedMeter("meter")
    # Table 3 of table 0 (as typed in live meters): mode, two status words, one octet of the maker's.
    meter.add(0, None, bytes.fromhex("020a8a544553540200080c02000800010001002b00a000000400000920000000000000 00"))
    meter.add(3, None, bytes.fromhex("01 0000 00 00"))
    assert not meter.read(3).ed_std_status1.low_battery_flag
    meter.add(3, 1, bytes.fromhex("0001"))
    assert meter.read(3).ed_std_status1.low_battery_flag
    meter.add(3, None, bytes.fromhex("01 0000 00 00"))
    assert not meter.read(3).ed_std_status1.low_battery_flag


def test_a_table_of_which_the_beginning_is_missing():
    meter = CapturedMeter("meter")
    meter.add(1, 4, b"I210+c  ")
    with pytest.raises(TableError, match="cannot be decoded"):
        meter.read(1)


def test_no_more_is_kept_than_was_said(tmp_path):
    path = tmp_path / "much.pcapng"
    with c1222.connect("sim:", trace=path) as meter:
        for _ in range(20):
            meter.read(1)
    # The same 32 octets again and again are kept once; with table 0 before them that is 74.
    found = decode_files([str(path)], KeyRing())
    assert len(list(CapturedMeters(most=74).look_at(found))) == 1
    with pytest.raises(CaptureError, match="more than 40 octets of tables"):
        CapturedMeters(most=40).look_at(decode_files([str(path)], KeyRing()))
