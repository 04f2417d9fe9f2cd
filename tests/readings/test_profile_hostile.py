"""Profiles and logs of meters that send nonsense: an answer or an error of ours, never another one."""

import struct
from datetime import UTC, datetime
from random import Random

import pytest
from profiles_by_hand import Set, profile_tables, st0

from c1219_tables.context import MeterTables
from c1219_tables.errors import C12Error, TableError
from c1219_tables.readings.intervals.blocks import Window, windows
from c1219_tables.readings.logs import events, history
from c1219_tables.readings.profile import profile

END = bytes([24, 1, 15, 1, 0])
SINCE, NOW = datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("seed", range(300))
def test_random_profiles(seed):
    """Sizes are those that the tables ask for; what is in them is luck, half of the time small numbers."""
    luck = Random(seed)
    tables = MeterTables(dialect={"closure_status": luck.random() < 0.3})
    tables.add(0, st0(tm=luck.randrange(5), ni1=luck.randrange(14), int_format=luck.randrange(4)))
    limits = struct.pack("<IHB", 0, luck.randrange(1 << 13), 255)
    tables.add(61, limits + struct.pack("<HHBB", luck.randrange(4), luck.randrange(10), luck.randrange(5), 15))
    control = bytearray(luck.randbytes(tables.registry.table(62).size(None, tables.params())))
    control[3 * tables[61].nbr_chns_set1] = luck.choice((1, 2, 4, 8, 16, 32, 64, 128))
    tables.add(62, bytes(control))
    status = luck.randbytes(1) + struct.pack("<HHIHH", *(luck.randrange(5) for _ in range(5)))
    tables.add(63, status)
    size = tables.registry.table(64).size(None, tables.params(), dialect=tables.dialect)
    data = bytes(octet % 13 if seed % 2 else octet for octet in luck.randbytes(size))
    assert sum(one.octets for one in windows(tables, since=SINCE, now=NOW)) <= size
    try:
        found = profile(tables, data=data)
    except C12Error:
        return
    for series in found:
        assert len(list(series)) == len(series.values())
        assert isinstance(series.notes, tuple)
        for gap in series.gaps():
            assert gap.start != gap.end
        for row in range(len(series)):
            origin = series.origin(row)
            assert data[origin.offset : origin.offset + len(origin.octets)] == origin.octets


@pytest.mark.parametrize("seed", range(100))
def test_random_logs(seed):
    luck = Random(seed)
    tables = MeterTables(dialect={"event_seq_nbr": luck.random() < 0.7})
    tables.add(0, st0(tm=luck.randrange(5)))
    count = luck.randrange(6)
    tables.add(71, bytes([luck.randrange(8), 7, 1, luck.randrange(8), luck.randrange(8), count, 0, count, 0]))
    for number, read in ((74, history), (76, events)):
        size = tables.registry.table(number).size(None, tables.params(), dialect=tables.dialect)
        octets = bytearray(luck.randbytes(size))
        octets[1:5] = struct.pack("<HH", luck.randrange(8), luck.randrange(8))
        tables.add(number, bytes(octets))
        log = read(tables)
        assert len(log) == min(count, tables[number].nbr_valid_entries)
        assert all(str(entry) for entry in log)


def test_intervals_of_no_minutes():
    tables, data = profile_tables(Set([END + bytes(8)], minutes=0))
    with pytest.raises(TableError, match="0 minutes"):
        profile(tables, data=data)


def test_signs_that_are_not_public():
    tables, data = profile_tables(Set([END + bytes(8)], code=16), {"int_format": 3})
    with pytest.raises(TableError, match="INT_FORMAT 3 is reserved"):
        profile(tables, data=data)


def test_an_element_beyond_the_array():
    """No block can be said to be the newest: nothing is made up, and a reader is told to fetch all."""
    tables, data = profile_tables(Set([END + bytes(8)] * 3, last=9))
    found = profile(tables, data=data)
    assert [len(series) for series in found] == [0]
    assert "no-such-block" in {note.code for note in found.notes}
    assert windows(tables, since=SINCE, now=NOW) == [Window(0, 39)]


def test_more_valid_blocks_than_there_are():
    tables, data = profile_tables(Set([END + bytes(8)], valid=7))
    found = profile(tables, data=data)
    assert [len(series) for series in found] == [4]
    assert "more-blocks-than-places" in {note.code for note in found.notes}
