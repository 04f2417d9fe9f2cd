"""Logs by hand: order, numbers that go round or are missing, makers' codes, arguments; octets by struct."""

import struct
from zoneinfo import ZoneInfo

import pytest
from meters_by_hand import meter, octets

from c1219_tables.errors import MissingTableError
from c1219_tables.readings.logs import events, history
from c1219_tables.rules import Rules

# Table 71: flags (event numbers, date and time, sequence numbers), octets of sets 7 and 1, arguments 0 and 2 octets,
# 4 history and `n` event entries. tables-30-79.md, section 8, has this one with 3.
LIMITS = "07 07 01 00 02  04 00  {:02X} 00"


def entry(minute, sequence, code=11, argument="00 00", number=None):
    """An entry of table 76 of 15 January 2024, 01:mm:00, user 2: 16 octets."""
    stamp = bytes([24, 1, 15, 1, minute, 0])
    numbers = struct.pack("<HH", sequence % 65536 if number is None else number, sequence % 65536)
    return stamp + numbers + struct.pack("<HH", 2, code) + octets(argument)


def event_log(entries, *, flags=4, valid=None, last=0, last_number=0, unread=0, dialect=None):
    """flags: 4 circular. Header: flags, valid, last element, last sequence number (32 bits), unread: 11 octets."""
    valid = len(entries) if valid is None else valid
    head = struct.pack("<BHHIH", flags, valid, last, last_number, unread)
    return meter({71: octets(LIMITS.format(len(entries))), 76: head + b"".join(entries)}, dialect=dialect)


def codes(log):
    return {note.code for note in log.notes} - {"clock-not-read", "zone-unknown"}


def test_the_worked_example():
    """tables-30-79.md, section 8, table 76: #5 at index 0 is the newest; 65541 = 65536 + 5."""
    tables = meter(
        {
            71: octets(LIMITS.format(3)),
            76: octets(
                "04 0300 0000 05000100 0100"
                "18010F021400 0500 0500 0200 0B00 0000"
                "18010F01321E 0300 0300 0000 0100 0000"
                "18010F013400 0400 0400 0000 0808 0100"
            ),
        }
    )
    log = events(tables)
    assert [(entry.sequence, entry.element, entry.user, entry.is_unread) for entry in log] == [
        (65539, 1, 0, False),
        (65540, 2, 0, False),
        (65541, 0, 2, True),
    ]
    assert [str(entry.at.shown) for entry in log] == [
        "2024-01-15 01:50:30",
        "2024-01-15 01:52:00",
        "2024-01-15 02:20:00",
    ]
    assert [entry.meaning for entry in log] == ["primary power down", "manufacturer event 8", "end device programmed"]
    assert [entry.manufacturer for entry in log] == [False, True, False]
    assert log[1].octets == b"\x01\0"
    assert log[1].argument is None
    assert log.is_circular
    # 11 octets of head, then entries of 16.
    assert (log[2].origin.table, log[2].origin.offset, len(log[2].origin.octets)) == (76, 11, 16)
    assert codes(log) == {"overwritten"}


FIVE = [entry(n, n) for n in range(5)]


@pytest.mark.parametrize(
    ("places", "flags", "last", "noted"),
    [
        pytest.param([0, 1, 2, 3, 4], 4, 4, False, id="ascending"),
        pytest.param([3, 4, 0, 1, 2], 4, 1, False, id="ascending and round: newest at 1"),
        pytest.param([4, 3, 2, 1, 0], 5, 0, False, id="descending, newest at 0: both ways of walking agree"),
        pytest.param([1, 0, 4, 3, 2], 5, 2, False, id="descending and round: newest at 2"),
        pytest.param([4, 3, 2, 1, 0], 4, 0, True, id="descending, and the flag says ascending"),
        pytest.param([0, 1, 2, 3, 4], 4, 5, True, id="the last element counted from 1"),
        pytest.param([4, 3, 2, 1, 0], 5, 4, True, id="descending from index 0 whatever the last element says"),
    ],
)
def test_order(places, flags, last, noted):
    """places: which of the five, 0 the oldest, stands at each index."""
    log = events(event_log([FIVE[n] for n in places], flags=flags, last=last, last_number=4))
    assert [entry.sequence for entry in log] == [0, 1, 2, 3, 4]
    assert ("entry-order" in codes(log)) == noted


def test_a_rule_that_counts_elements_from_1():
    log = events(event_log(FIVE, last=5, last_number=4), rules=Rules(elements_from_1=True))
    assert [entry.sequence for entry in log] == [0, 1, 2, 3, 4]
    assert codes(log) == set()


def test_only_valid_entries():
    """Three of five hold something; behind them is what was there before."""
    log = events(event_log([*FIVE[:3], entry(59, 900), entry(58, 901)], valid=3, last=2, last_number=2))
    assert [entry.element for entry in log] == [0, 1, 2]
    assert not codes(log)


def test_numbers_that_go_round():
    """65534, 65535, 0, 1: the header has 131073 = 2 x 65536 + 1."""
    entries = [entry(n, number) for n, number in enumerate((65534, 65535, 0, 1))]
    log = events(event_log(entries, last=3, last_number=131073))
    assert [entry.sequence for entry in log] == [131070, 131071, 131072, 131073]
    assert codes(log) == {"overwritten"}


def test_order_where_numbers_go_round():
    """0 is behind 65535: indices 0 and 1 are the two valid ones, though the flag says that they ascend."""
    log = events(event_log([entry(1, 65536), entry(0, 65535), entry(9, 9)], valid=2, last=0, last_number=65536))
    assert [entry.sequence for entry in log] == [65535, 65536]
    assert "entry-order" in codes(log)


def test_the_hour_that_comes_twice_before_dst_goes_on():
    """01:20 on 3 November 2024 in New York, and the first change in the log is that to DST: it was off before."""
    head, tail = struct.pack("<BHHIH", 4, 2, 1, 1, 0), octets("0000")
    first = bytes([24, 11, 3, 1, 20, 0]) + struct.pack("<HHHH", 0, 0, 2, 11) + tail
    change = bytes([25, 3, 9, 3, 0, 0]) + struct.pack("<HHHH", 1, 1, 0, 22) + tail
    log = events(meter({71: octets(LIMITS.format(2)), 76: head + first + change}), tz=ZoneInfo("America/New_York"))
    # Standard time is five hours behind.
    assert [str(entry.at.utc) for entry in log] == ["2024-11-03 06:20:00+00:00", "2025-03-09 07:00:00+00:00"]


def test_missing_numbers_are_told():
    entries = [entry(0, 7), entry(1, 8), entry(2, 12)]
    log = events(event_log(entries, last=2, last_number=12))
    assert [entry.sequence for entry in log] == [7, 8, 12]
    assert [note.text for note in log.notes if note.code == "sequence-gap"] == [
        "between entries 8 and 12 others are missing, or numbers are out of order"
    ]


def test_without_sequence_numbers_times_decide():
    """A meter of one make has none in table 76 (dialect event_seq_nbr): entries are 14 octets."""
    entries = [one[:8] + one[10:] for one in (entry(30, 2), entry(10, 0), entry(20, 1))]
    tables = event_log(entries, last=0, last_number=2, dialect={"event_seq_nbr": False})
    log = events(tables)
    assert [str(entry.at.shown)[-5:-3] for entry in log] == ["10", "20", "30"]
    assert {entry.sequence for entry in log} == {None}


@pytest.mark.parametrize(
    ("code", "argument", "name", "wanted"),
    [
        # TABLE_IDC and TABLE_IDA: bits 0-10 the number, 12 procedure; 0x1009 is procedure 9.
        (9, "09 10", "procedure", {"tbl_proc_nbr": 9}),
        (24, "02 00", "season", 2),
        (27, "03 01", "demand_tier", 1),
        (19, "05 01", "entries", 261),
    ],
)
def test_arguments(code, argument, name, wanted):
    log = events(event_log([entry(0, 0, code, argument)]))
    found = log[0].argument[name]
    assert (found if isinstance(found, int) else {"tbl_proc_nbr": found["tbl_proc_nbr"]}) == wanted


def test_an_argument_that_is_too_short():
    """Code 5 has a time of 5 octets; this log's arguments have 2."""
    log = events(event_log([entry(0, 0, 5, "18 01")]))
    assert log[0].argument is None
    assert log[0].octets == octets("18 01")
    assert [note.code for note in log[0].notes] == ["argument-short"]


def test_states_of_the_list():
    """Flag 2 is overflow; 9 unread entries where 1 is there."""
    log = events(event_log([entry(0, 0)], flags=6, unread=9))
    assert codes(log) == {"overflow", "unread-lost"}


def test_an_empty_log():
    log = events(event_log(FIVE, valid=0))
    assert len(log) == 0
    assert not codes(log)


def test_a_history_without_times_and_numbers():
    """log_flags 0: entries are a user and a code, 4 octets; without a clue the declared order holds."""
    head = struct.pack("<BHHIH", 4, 2, 1, 1, 0)
    tables = meter({71: octets("00 07 01 00 02  02 00  00 00"), 74: head + octets("0100 1400  0200 1500")})
    log = history(tables)
    assert [(entry.user, entry.meaning, entry.at, entry.sequence) for entry in log] == [
        (1, "demand reset", None, None),
        (2, "self read", None, None),
    ]


def test_without_the_table():
    with pytest.raises(MissingTableError, match="ST-76"):
        events(meter({}))
