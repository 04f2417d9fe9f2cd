"""Decade 7: the history log and the event log.

Table 71 was recorded from a Hexing meter (quoted in the comments of a head end for that make); tables 71 and 76 are
also constructed and decoded in the reference; what else is constructed says so.
"""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vector_checks import any_formats, check_any_octets, check_refusals, check_vector, formats, octets

from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.registry import STANDARD
from c1219_tables.standard.event_logs import (
    ACT_LOG_TBL,
    DIM_LOG_TBL,
    EVENT_LOG_DATA_TBL,
    EVENTS_ID_TBL,
    HISTORY_LOG_DATA_TBL,
    TABLES,
)

HISTORY_CONTROL, EVENT_CONTROL = STANDARD.table(73), STANDARD.table(75)

EVENT_NUMBER, HIST_DATE_TIME, HIST_SEQ_NBR = 1, 2, 4
LTIME = {0: 0, 1: 6, 2: 6, 3: 5, 4: 4}


def table0(**kinds):
    sizes = {"dim_std_tbls_used": 2, "dim_mfg_tbls_used": 1, "dim_std_proc_used": 1, "dim_mfg_proc_used": 0}
    return {**formats(**kinds), **sizes}


def limits(flags=0, std=1, mfg=1, hist_length=0, event_length=0, history=0, events=0):
    """Octets of a table 71, least significant octet first."""
    numbers = bytes([flags, std, mfg, hist_length, event_length])
    return numbers + history.to_bytes(2, "little") + events.to_bytes(2, "little")


def with_71(given_71, **kinds):
    return {"st0": table0(**kinds), "st71": ACT_LOG_TBL.decode(given_71, {"st0": table0()})}


def named(element):
    return {name for name, value in element.items() if value}


def test_decade_is_registered_by_number():
    assert [table.number for table in TABLES] == list(range(70, 77))
    assert all(STANDARD.table(table.number) is table for table in TABLES)
    for number in (77, 78, 79):
        assert STANDARD.table(number).decode(b"\x01\x02").octets == b"\x01\x02"


# What a Hexing meter of edition 2 sent: no tail, as in edition 1.
HEXING_71 = octets("06 07 01 02 02 0A00 0A00")


@pytest.mark.parametrize("table", [DIM_LOG_TBL, ACT_LOG_TBL], ids=repr)
def test_limits_of_a_hexing_meter(table):
    decoded = table.decode(HEXING_71, {"st0": table0()})
    # 06H = 0000 0110.
    assert named(decoded.log_flags) == {"hist_date_time_flag", "hist_seq_nbr_flag"}
    assert {name: value for name, value in decoded.items() if name != "log_flags"} == {
        "nbr_std_events": 7,
        "nbr_mfg_events": 1,
        "hist_data_length": 2,
        "event_data_length": 2,
        "nbr_history_entries": 10,
        "nbr_event_entries": 10,
        "ext_log_flags": None,
        "nbr_program_tables": None,
    }
    assert table.encode(decoded, {"st0": table0()}) == HEXING_71
    assert table.encode(dict(decoded), {"st0": table0()}) == HEXING_71
    assert table.size(decoded, {"st0": table0()}) == 9


# Constructed in the reference; edition 2 appends the tail 00 | 00 00, here with numbers in it.
LOG_71 = octets("07 07 01 00 02 0400 0300")


def test_limits_with_the_tail_of_2008():
    given_71 = LOG_71 + octets("A5 0201")
    decoded = ACT_LOG_TBL.decode(given_71, {"st0": table0()})
    assert (decoded.ext_log_flags, decoded.nbr_program_tables) == (0xA5, 0x0102)
    assert ACT_LOG_TBL.encode(decoded, {"st0": table0()}) == given_71
    assert ACT_LOG_TBL.size(decoded, {"st0": table0()}) == 12
    # Nine octets or twelve: the table itself decides.
    assert ACT_LOG_TBL.size(tables={"st0": table0()}) is None
    assert decoded.expected_size is None


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11])
def test_limits_cut(cut):
    with pytest.raises(TableError, match="wanted") as info:
        ACT_LOG_TBL.decode((LOG_71 + bytes(3))[:cut], {"st0": table0()})
    assert info.value.offset == {6: 5, 8: 7, 11: 10}.get(cut, cut)


def test_limits_too_long():
    given_71 = LOG_71 + bytes(4)
    with pytest.raises(TableError, match="1 octets left over"):
        ACT_LOG_TBL.decode(given_71, {"st0": table0()})
    assert ACT_LOG_TBL.decode(given_71, {"st0": table0()}, tolerant=True).trailing == b"\x00"


@pytest.mark.parametrize("half", [{"ext_log_flags": 1}, {"nbr_program_tables": 1}])
def test_half_a_tail_is_not_written(half):
    value = {**ACT_LOG_TBL.decode(LOG_71, {"st0": table0()}), "ext_log_flags": None, "nbr_program_tables": None}
    with pytest.raises(TableError, match="nbr_program_tables"):
        ACT_LOG_TBL.encode({**value, **half}, {"st0": table0()})


LOG_FLAGS = [
    "event_number_flag", "hist_date_time_flag", "hist_seq_nbr_flag", "hist_inhibit_ovf_flag", "event_inhibit_ovf_flag",
    "spare_5_7",
]  # fmt: skip


@pytest.mark.parametrize(("bit", "name"), list(enumerate(LOG_FLAGS)))
def test_each_flag_of_the_limits_has_its_bit(bit, name):
    assert named(ACT_LOG_TBL.decode(limits(1 << bit), {"st0": table0()}).log_flags) == {name}


def test_supported_events():
    # Constructed. Members: octet i // 8, bit i % 8: 02H is 1, 01 of octet 1 is 8, 80 of octet 6 is 55; 40H is 6.
    given_72 = octets("02010000000080 40")
    tables = {"st71": ACT_LOG_TBL.decode(LOG_71, {"st0": table0()})}
    decoded = check_vector(EVENTS_ID_TBL, given_72, tables, size=7 + 1)
    assert (decoded.std_events_supported, decoded.mfg_events_supported) == ([1, 8, 55], [6])
    check_refusals(EVENTS_ID_TBL, given_72, tables)


@pytest.mark.parametrize("table", [HISTORY_CONTROL, EVENT_CONTROL], ids=repr)
def test_what_makes_an_entry(table):
    # Constructed: 7 + 1 octets of events, then 2, 1, 1, 0 octets as table 0 says.
    given_73 = octets("02000000000000 01  8001 02 04")
    tables = with_71(LOG_71)
    decoded = check_vector(table, given_73, tables, size=7 + 1 + 2 + 1 + 1 + 0)
    assert decoded == {
        "std_events_monitored_flags": [1],
        "mfg_events_monitored_flags": [0],
        "std_tbls_monitored_flags": [7, 8],
        "mfg_tbls_monitored_flags": [1],
        "std_proc_monitored_flags": [2],
        "mfg_proc_monitored_flags": [],
    }
    check_refusals(table, given_73, tables)


# Constructed in the reference, for its table 71: entries of 6 + 2 + 2 + 2 + 2 + 2 = 16 octets.
LOG_76 = octets(
    "04 0300 0000 05000100 0100"
    "18010F021400 0500 0500 0200 0B00 0000"
    "18010F01321E 0300 0300 0000 0100 0000"
    "18010F013400 0400 0400 0000 0808 0100"
)


def test_event_log_of_the_reference():
    tables = with_71(LOG_71)
    decoded = check_vector(EVENT_LOG_DATA_TBL, LOG_76, tables, size=11 + 3 * 16)
    assert named(decoded.event_flags) == {"list_type"}
    assert (decoded.nbr_valid_entries, decoded.last_entry_element, decoded.nbr_unread_entries) == (3, 0, 1)
    assert decoded.last_entry_seq_nbr == 65541
    first, second, third = decoded.entries
    assert first == {
        "event_time": first.event_time,
        "event_number": 5,
        "event_seq_nbr": 5,
        "user_id": 2,
        "event_code": {"tbl_proc_nbr": 11, "std_vs_mfg_flag": False, "selector": 0},
        "event_argument": b"\x00\x00",
    }
    assert [entry.event_time.value for entry in decoded.entries] == [
        datetime(2024, 1, 15, 2, 20),
        datetime(2024, 1, 15, 1, 50, 30),
        datetime(2024, 1, 15, 1, 52),
    ]
    assert second.event_code.tbl_proc_nbr == 1
    # 0808H: bit 11, the manufacturer's code 8.
    assert (third.event_code.tbl_proc_nbr, third.event_code.std_vs_mfg_flag) == (8, True)
    assert third.event_argument == b"\x01\x00"
    check_refusals(EVENT_LOG_DATA_TBL, LOG_76, tables)


def test_event_log_without_sequence_numbers():
    # Constructed from the one above, as GE kV sends it: 14 octets an entry.
    entries = b"".join(LOG_76[at : at + 8] + LOG_76[at + 10 : at + 16] for at in (11, 27, 43))
    tables, dialect = with_71(LOG_71), {"event_seq_nbr": False}
    decoded = check_vector(EVENT_LOG_DATA_TBL, LOG_76[:11] + entries, tables, size=11 + 3 * 14, dialect=dialect)
    assert [entry.event_seq_nbr for entry in decoded.entries] == [None] * 3
    assert [entry.event_code.tbl_proc_nbr for entry in decoded.entries] == [11, 1, 8]
    with pytest.raises(TableError, match="ST-76"):
        EVENT_LOG_DATA_TBL.decode(LOG_76[:11] + entries, tables)


def test_history_log_with_all_parts():
    # Constructed: 2 entries of 6 + 2 + 2 + 2 + 2 + 3 = 17 octets; code 9 (procedure started) with procedure 10.
    given_74 = (
        octets("0F 0200 0100 02000000 0000  18010F021400 0700 0200 0300 0900 0A10AA  FFFFFFFFFFFF") + b"\xff" * 11
    )
    tables = with_71(limits(7, hist_length=3, history=2))
    decoded = check_vector(HISTORY_LOG_DATA_TBL, given_74, tables, size=11 + 2 * 17)
    # 0FH: all four flags.
    assert named(decoded.hist_flags) == {"order", "overflow_flag", "list_type", "inhibit_overflow_flag"}
    assert decoded.entries[0].history_time.value == datetime(2024, 1, 15, 2, 20)
    assert decoded.entries[0].event_number == 7
    assert decoded.entries[0].history_seq_nbr == 2
    assert decoded.entries[0].user_id == 3
    assert decoded.entries[0].history_code.tbl_proc_nbr == 9
    assert decoded.entries[0].history_argument == b"\x0a\x10\xaa"
    # An entry that was never used is filled with FF: no time, and all of it survives.
    assert decoded.entries[1].history_time.value is None
    assert decoded.entries[1].history_code == {"tbl_proc_nbr": 2047, "std_vs_mfg_flag": True, "selector": 15}
    check_refusals(HISTORY_LOG_DATA_TBL, given_74, tables)


def test_history_log_with_the_fewest_parts():
    given_74 = octets("00 0100 0000 01000000 0000  0300 0108")
    decoded = check_vector(HISTORY_LOG_DATA_TBL, given_74, with_71(limits(history=1)), size=11 + 4)
    assert decoded.entries[0] == {
        "history_time": None,
        "event_number": None,
        "history_seq_nbr": None,
        "user_id": 3,
        "history_code": {"tbl_proc_nbr": 1, "std_vs_mfg_flag": True, "selector": 0},
        "history_argument": b"",
    }


@pytest.mark.parametrize("table", [HISTORY_CONTROL, HISTORY_LOG_DATA_TBL, EVENT_CONTROL, EVENT_LOG_DATA_TBL], ids=repr)
def test_the_dimensions_come_from_table_71(table):
    with pytest.raises(MissingTableError) as info:
        table.decode(b"", {"st0": table0()})
    assert info.value.needed == (71,)


SMALL = st.integers(0, 4)


@given(
    flags=st.integers(0, 31), lengths=st.tuples(SMALL, SMALL), counts=st.tuples(SMALL, SMALL), tm=st.integers(0, 4),
    has_sequence=st.booleans(),
)  # fmt: skip
def test_size_formulas(flags, lengths, counts, tm, has_sequence):
    tables = with_71(limits(flags, 3, 2, *lengths, *counts), tm=tm)
    number, date = 2 * bool(flags & EVENT_NUMBER), LTIME[tm]
    entry_74 = date * bool(flags & HIST_DATE_TIME) + number + 2 * bool(flags & HIST_SEQ_NBR) + 4 + lengths[0]
    entry_76 = date + number + 2 * has_sequence + 4 + lengths[1]
    assert HISTORY_LOG_DATA_TBL.size(tables=tables) == 11 + counts[0] * entry_74
    dialect = {"event_seq_nbr": has_sequence}
    assert EVENT_LOG_DATA_TBL.size(tables=tables, dialect=dialect) == 11 + counts[1] * entry_76


@given(st.data(), any_formats, st.integers(0, 255), st.lists(SMALL, min_size=6, max_size=6))
def test_any_octets(data, st0, flags, sizes):
    tables = {**with_71(limits(flags, *sizes)), "st0": {**table0(), **st0}}
    for table in TABLES:
        check_any_octets(table, tables, data)
