"""Decade 9: telephone tables. No octets of a meter are public; sizes are held against those that one maker states.

All octets are made by hand; least significant octet first unless said otherwise.
"""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vector_checks import check_any_octets, check_refusals, check_vector, formats, octets

from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.registry import STANDARD
from c1219_tables.standard.telephone import (
    ACT_TELEPHONE_TBL,
    ANSWER_PARAMETERS_TBL,
    CALL_PURPOSE_TBL,
    CALL_STATUS_TBL,
    DIM_TELEPHONE_TBL,
    GLOBAL_PARAMETERS_TBL,
    ORIGINATE_PARAMETERS_TBL,
    ORIGINATE_SCHEDULE_TBL,
    TABLES,
)

LIMITS = [
    "nbr_originate_windows",
    "nbr_setup_strings",
    "setup_string_length",
    "prefix_length",
    "nbr_originate_numbers",
    "phone_number_length",
    "nbr_recurring_dates",
    "nbr_non_recurring_dates",
    "nbr_events",
    "nbr_weekly_schedules",
    "nbr_answer_windows",
    "nbr_caller_ids",
    "caller_id_length",
]
FLAGS = {
    "answer_flag": 0x01,
    "s_anchor_date_flag": 0x02,
    "offhook_detect_flag": 0x04,
    "id_in_purpose": 0x20,
    "no_lockout_parm": 0x40,
    "use_extended_status": 0x80,
}


def line(st0=None, *, flags=0, **limits):
    """Table 0, and a table 91 with these flags and limits; whatever is not named is 0."""
    st0 = {"dim_mfg_status_used": 0, **(st0 or formats())}
    st91 = bytes([flags, *(limits.pop(name, 0) for name in LIMITS)])
    assert not limits
    return {"st0": st0, "st91": ACT_TELEPHONE_TBL.decode(st91, {"st0": st0})}


def set_bits(entry):
    return {name: value for name, value in entry.items() if value}


def test_decade_is_registered_by_number():
    assert [table.number for table in TABLES] == [90, 91, 92, 93, 94, 95, 96, 97]
    assert all(STANDARD.table(table.number) is table for table in TABLES)
    assert STANDARD.table(98).name == "ORIGINATE_STATUS_TBL"
    assert STANDARD.table(98).decode(b"\x01\x02").octets == b"\x01\x02"


@pytest.mark.parametrize(
    "table",
    [
        GLOBAL_PARAMETERS_TBL,
        ORIGINATE_PARAMETERS_TBL,
        ORIGINATE_SCHEDULE_TBL,
        ANSWER_PARAMETERS_TBL,
        CALL_STATUS_TBL,
    ],
    ids=repr,
)
def test_tables_that_need_table_91(table):
    assert table.needs == (0, 91)
    with pytest.raises(MissingTableError) as info:
        table.decode(bytes(3), {"st0": formats()})
    assert info.value.needed == (91,)


# Tables 90 and 91


@pytest.mark.parametrize("table", [DIM_TELEPHONE_TBL, ACT_TELEPHONE_TBL], ids=repr)
def test_limits(table):
    given_octets = bytes([0b0101_0011, *range(1, 14)])
    decoded = check_vector(table, given_octets, {"st0": formats()}, size=14)
    # Bits 0, 1 and 6 are flags; bits 3 and 4 hold 10B = 2.
    assert set_bits(decoded.telephone_flags) == {
        "answer_flag": True,
        "s_anchor_date_flag": True,
        "no_lockout_parm": True,
        "bit_rate": 2,
    }
    assert [decoded[name] for name in LIMITS] == list(range(1, 14))
    check_refusals(table, given_octets, {"st0": formats()})


@pytest.mark.parametrize(("name", "flag"), FLAGS.items())
def test_flags(name, flag):
    decoded = check_vector(ACT_TELEPHONE_TBL, bytes([flag]) + bytes(13), {"st0": formats()}, size=14)
    assert set_bits(decoded.telephone_flags) == {name: True}


# Table 92


def test_st92_of_the_size_that_a_maker_states():
    # 41 octets: 1 + 4 + 36, here as three strings of twelve. 9600 = 2580H.
    tables = line(flags=1 << 3, nbr_setup_strings=3, setup_string_length=12)
    strings = [b"AT&F".ljust(12), b"ATE0".ljust(12), b"ATS0=1".ljust(12)]
    given_octets = b"\xff" + octets("80250000") + b"".join(strings)
    decoded = check_vector(GLOBAL_PARAMETERS_TBL, given_octets, tables, size=1 + 4 + 3 * 12)
    assert len(given_octets) == 41
    assert (decoded.psem_identity, decoded.bit_rate) == (255, 9600)
    assert decoded.modem_setup_strings == ["AT&F        ", "ATE0        ", "ATS0=1      "]
    check_refusals(GLOBAL_PARAMETERS_TBL, given_octets, tables)


@pytest.mark.parametrize("bit_rate", [0, 2, 3])
def test_st92_without_a_rate(bit_rate):
    decoded = check_vector(GLOBAL_PARAMETERS_TBL, b"\x07", line(flags=bit_rate << 3), size=1)
    assert decoded == {"psem_identity": 7, "bit_rate": None, "modem_setup_strings": []}


# Table 93

WINDOW = octets("0800 0230 3E")
"""From 8:00 for 2:48, on Monday (bit 1) to Friday (bit 5): 0011 1110B = 3EH."""


def check_window(window):
    assert (window.begin_window_time.value, window.window_duration.value) == (time(8), time(2, 48))
    assert list(set_bits(window.window_days)) == ["monday", "tuesday", "wednesday", "thursday", "friday"]


def test_st93_of_the_size_that_a_maker_states():
    # 203 octets: 1 + 3 * 64 + 2 * 5, which only a window of five octets fits.
    tables = line(nbr_originate_numbers=3, phone_number_length=64, nbr_originate_windows=2)
    numbers = [f"555010{n}".ljust(64) for n in range(3)]
    given_octets = b"\x05" + "".join(numbers).encode() + WINDOW + octets("0000 173B 41")
    decoded = check_vector(ORIGINATE_PARAMETERS_TBL, given_octets, tables, size=1 + 3 * 64 + 2 * (2 * 2 + 1))
    assert len(given_octets) == 203
    assert (decoded.originate_bit_rate, decoded.dial_delay, decoded.prefix) == (None, 5, "")
    assert decoded.phone_numbers == numbers
    check_window(decoded.windows[0])
    # 41H = 0100 0001B: bits 0 and 6.
    assert list(set_bits(decoded.windows[1].window_days)) == ["sunday", "saturday"]


def test_st93_with_rate_and_prefix():
    tables = line(
        formats(big=True),
        flags=2 << 3,
        prefix_length=3,
        nbr_originate_numbers=1,
        phone_number_length=7,
        nbr_originate_windows=1,
    )
    given_octets = octets("000004B0 02") + b"0w," + b"5550100" + WINDOW
    decoded = check_vector(ORIGINATE_PARAMETERS_TBL, given_octets, tables, size=4 + 1 + 3 + 1 * 7 + 1 * (2 * 2 + 1))
    # 04B0H = 1200, most significant octet first.
    assert (decoded.originate_bit_rate, decoded.dial_delay, decoded.prefix) == (1200, 2, "0w,")
    check_refusals(ORIGINATE_PARAMETERS_TBL, given_octets, tables)


@pytest.mark.parametrize("tm_format", [1, 3, 4])
def test_windows_need_a_time_whose_size_is_public(tm_format):
    tables = line(formats(tm=tm_format), nbr_originate_windows=1)
    with pytest.raises(TableError, match=f"TM_FORMAT {tm_format}: its size is not public") as info:
        ORIGINATE_PARAMETERS_TBL.decode(bytes(20), tables)
    assert info.value.field == "windows[0].begin_window_time"
    check_vector(ORIGINATE_PARAMETERS_TBL, b"\x05", line(formats(tm=tm_format)), size=1)


@pytest.mark.parametrize(
    ("bit", "day"),
    list(enumerate(["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "spare_7"])),
)
def test_days_by_bit(bit, day):
    given_octets = b"\x05" + octets("0000 0000") + bytes([1 << bit])
    decoded = check_vector(ORIGINATE_PARAMETERS_TBL, given_octets, line(nbr_originate_windows=1), size=1 + 5)
    assert set_bits(decoded.windows[0].window_days) == {day: 1}


# Table 94

# 18 E9 is 2024-02-29 and 0C C8 is 25 December: both worked in the reference.
SCHEDULE = octets("18E9 | 0CC8 061E00 98 | 18E9 173B3B 07 | 4000 00 20 F0 | 41 000500 79".replace("|", ""))


def schedule():
    limits = {"nbr_recurring_dates": 1, "nbr_non_recurring_dates": 1, "nbr_events": 1, "nbr_weekly_schedules": 1}
    return line({**formats(), "dim_mfg_status_used": 1}, flags=FLAGS["s_anchor_date_flag"], **limits)


def test_st94():
    # Anchor 2, two date records of 3 + TIME 3, an event of 4 + DIM_MFG_STATUS_USED 1, a week of 2 + TIME 3.
    size = 2 + (1 + 1) * (3 + 3) + 1 * (4 + 1) + 1 * (2 + 3)
    decoded = check_vector(ORIGINATE_SCHEDULE_TBL, SCHEDULE, schedule(), size=size)
    assert decoded.s_anchor_date.value == date(2024, 2, 29)
    (recurring,) = decoded.recurring_dates
    assert (recurring.originate_date.month, recurring.originate_date.day) == (12, 25)
    assert recurring.start_time.value == time(6, 30)
    # 98H = 1001 1000B: bits 0-2 hold 0, bit 3 is spare, bits 4-6 hold 1, bit 7 is set.
    assert recurring.originate_control == {
        "primary_phone_number": 0,
        "spare_3": 1,
        "secondary_phone_number": 1,
        "use_windows": True,
    }
    (single,) = decoded.non_recurring_dates
    assert (single.originate_date.value, single.start_time.value) == (date(2024, 2, 29), time(23, 59, 59))
    assert single.originate_control.primary_phone_number == 7
    (event,) = decoded.events
    assert set_bits(event.ed_std_status1) == {"clock_error_flag": True}
    assert event.ed_mfg_status == [5]
    assert set_bits(event.originate_control) == {"secondary_phone_number": 7, "use_windows": True}
    (weekly,) = decoded.weekly_schedules
    assert list(set_bits(weekly.days)) == ["sunday", "saturday"]
    assert weekly.start_time.value == time(0, 5)
    check_refusals(ORIGINATE_SCHEDULE_TBL, SCHEDULE, schedule())


def test_st94_with_the_thirteen_status_octets_of_one_maker():
    # 17 octets for each event, as that maker states: 2 + 1 + 13 + 1.
    tables = line({**formats(), "dim_mfg_status_used": 13}, nbr_events=2)
    given_octets = octets("0100 00") + bytes(12) + octets("80 70") + octets("0200 00") + bytes(13) + octets("71")
    decoded = check_vector(ORIGINATE_SCHEDULE_TBL, given_octets, tables, size=2 * (4 + 13))
    assert [event.ed_mfg_status for event in decoded.events] == [[103], []]


# Table 95


def test_st95_of_the_size_that_a_maker_states():
    # 12 octets: 1 + 1 + 2 * 5.
    tables = line(flags=FLAGS["no_lockout_parm"], nbr_answer_windows=2)
    given_octets = octets("01 09") + WINDOW + WINDOW
    decoded = check_vector(ANSWER_PARAMETERS_TBL, given_octets, tables, size=0 + 0 + 1 + 1 + 0 + 2 * (2 * 2 + 1))
    assert len(given_octets) == 12
    assert (decoded.nbr_rings, decoded.nbr_rings_outside) == (1, 9)
    assert decoded.lockout_delay is decoded.retry_attempts is decoded.retry_lockout_time is None
    check_window(decoded.windows[1])
    check_refusals(ANSWER_PARAMETERS_TBL, given_octets, tables)


def test_st95_with_rate_lockout_and_callers():
    tables = line(flags=2 << 3, nbr_caller_ids=2, caller_id_length=4)
    given_octets = octets("B0040000 0A 03 1E 02") + b"ABCD" + b"EFGH"
    decoded = check_vector(ANSWER_PARAMETERS_TBL, given_octets, tables, size=4 + 3 + 1 + 0 + 2 * 4 + 0)
    assert decoded == {
        "answer_bit_rate": 1200,
        "lockout_delay": 10,
        "retry_attempts": 3,
        "retry_lockout_time": 30,
        "nbr_rings": 2,
        "nbr_rings_outside": None,
        "caller_ids": ["ABCD", "EFGH"],
        "windows": [],
    }
    check_refusals(ANSWER_PARAMETERS_TBL, given_octets, tables)


# Tables 96 and 97


def test_st96_keeps_what_is_disputed():
    # 8011H: bits 0 and 4, and 1000B = 8 in bits 12 to 15.
    given_octets = octets("1180 0140000000")
    tables = {"st0": formats()}
    decoded = CALL_PURPOSE_TBL.decode(given_octets, tables)
    assert set_bits(decoded.call_purpose) == {"power_outage": True, "immediate_call": True, "manufacturer": 8}
    assert decoded["octets"] == octets("0140000000")
    assert CALL_PURPOSE_TBL.encode(decoded, tables) == given_octets
    assert CALL_PURPOSE_TBL.size(decoded, tables) == 7
    assert decoded.expected_size is None
    for cut in range(2):
        with pytest.raises(TableError, match="2 octets wanted"):
            CALL_PURPOSE_TBL.decode(given_octets[:cut], tables)


@pytest.mark.parametrize(
    ("bit", "name"),
    list(enumerate(["power_outage", "power_restoral", "scheduled_call", "status_call", "immediate_call"])),
)
def test_st96_purposes_by_bit(bit, name):
    decoded = CALL_PURPOSE_TBL.decode((1 << bit).to_bytes(2, "little"), {"st0": formats()})
    assert set_bits(decoded.call_purpose) == {name: True}


def test_st97_of_the_size_that_a_maker_states():
    # 3 octets for 3 numbers; an unknown code (200) survives.
    tables = line(nbr_originate_numbers=3)
    decoded = check_vector(CALL_STATUS_TBL, bytes([5, 7, 200]), tables, size=3)
    assert [record.status for record in decoded.call_status] == [5, 7, 200]
    for size in (0, 1, 2, 4, 5):
        with pytest.raises(TableError, match=r"ST-97 call_status") as info:
            CALL_STATUS_TBL.decode(bytes(size), tables)
        assert info.value.offset == 0


def test_st97_with_longer_records():
    """The status is the first octet of each share; what follows is kept and remarked."""
    tables = line(flags=FLAGS["use_extended_status"], nbr_originate_numbers=2)
    given_octets = octets("05A1A2 08B1B2")
    decoded = CALL_STATUS_TBL.decode(given_octets, tables)
    assert decoded.call_status == [
        {"status": 5, "extension": octets("A1A2")},
        {"status": 8, "extension": octets("B1B2")},
    ]
    assert [(remark.code, remark.field, remark.offset) for remark in decoded.remarks] == [
        ("trailing-octets", "call_status[0].extension", 1),
        ("trailing-octets", "call_status[1].extension", 4),
    ]
    assert decoded.expected_size == 2
    assert decoded.raw("call_status[1]") == octets("08B1B2")
    assert CALL_STATUS_TBL.encode(decoded, tables) == given_octets
    assert CALL_STATUS_TBL.encode(dict(decoded), tables) == given_octets


def test_st97_refuses_records_that_differ_in_size():
    records = [{"status": 5, "extension": b"\x01"}, {"status": 5}]
    with pytest.raises(TableError, match="elements of equal size are wanted") as info:
        CALL_STATUS_TBL.encode({"call_status": records}, line(nbr_originate_numbers=2))
    assert info.value.field == "call_status"
    with pytest.raises(TableError, match="3 elements wanted, 2 given"):
        CALL_STATUS_TBL.encode({"call_status": records}, line(nbr_originate_numbers=3))


def test_st97_without_numbers():
    tables = line()
    check_vector(CALL_STATUS_TBL, b"", tables, size=0)
    with pytest.raises(TableError, match="1 octets left over"):
        CALL_STATUS_TBL.decode(b"\0", tables)


# The whole decade


@st.composite
def any_line(draw):
    st0 = formats(big=draw(st.booleans()), tm=draw(st.integers(0, 5)))
    st0["format_control_1"]["char_format"] = draw(st.integers(0, 7))
    limits = {name: draw(st.integers(0, 4)) for name in LIMITS}
    return line({**st0, "dim_mfg_status_used": draw(st.integers(0, 3))}, flags=draw(st.integers(0, 255)), **limits)


@given(st.data())
@pytest.mark.parametrize("table", TABLES, ids=repr)
def test_any_octets(table, data):
    tables = data.draw(any_line())
    if table is not CALL_STATUS_TBL:
        check_any_octets(table, tables, data)
        return
    # Its records may be longer than its dimensions ask for.
    given_octets = data.draw(st.binary(max_size=12))
    try:
        decoded = table.decode(given_octets, tables)
    except TableError:
        return
    assert table.encode(decoded, tables) == given_octets
