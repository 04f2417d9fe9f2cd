"""Procedures through tables 7 and 8: parameters, answers, result codes.

One request is what a tool sends to GE meters; everything else is made by hand, and the two lengths of procedure 10 are
held against what a GE meter states in its table 0.
"""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vector_checks import formats, octets

from c1219_tables.codes.calls import call_state
from c1219_tables.codes.nameplate import default_set, modes, nameplate_type
from c1219_tables.codes.results import RESULTS, TRY_AGAIN, list_name, result, selector
from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.procedures import (
    STANDARD_PROCEDURES,
    decode_request,
    decode_response,
    encode_request,
    encode_response,
    procedure,
)
from c1219_tables.schema.dialect import NOTHING, BitField, Struct
from c1219_tables.schema.inspect import walk

PARAMETERS = [0, 1, 2, 3, 7, 11, 12, 14, 16, 17, 19]
"""Procedures without parameters."""

NO_ANSWER = [0, 1, 2, 3, 12, 13, 14, 15, 16, 17, 18, 19]

NAME_ONLY = [21, 22, 27, 28, 29, 30, 31, 32]


def meter(*, parm=32, resp=32, **how):
    return {
        "st0": {
            **formats(**how),
            "dim_mfg_status_used": 1,
            "max_proc_parm_length": parm,
            "max_resp_data_len": resp,
        }
    }


GE = meter(parm=8, resp=12)
"""The limits that a GE I-210+c states: little endian, TM_FORMAT 2."""


def outcome(decode, given_octets, tables):
    """What decoding gives: a table, or the TableError."""
    try:
        return decode(given_octets, tables)
    except TableError as error:
        return error


def check(given_octets, head, tables, *, decode, encode):
    """Encodes back to the same octets. Cut at every octet: refused, unless the cut leaves out what may be left out."""
    decoded = decode(given_octets, tables)
    assert decoded.table.encode(decoded, tables) == given_octets
    assert decoded.table.size(decoded, tables) == len(given_octets)
    assert encode(decoded) == given_octets
    *_, last = decoded.values()
    for cut in range(len(given_octets)):
        shorter = outcome(decode, given_octets[:cut], tables)
        if cut >= head and (isinstance(last, bytes) or (cut == head and decode is decode_response)):
            assert not isinstance(shorter, TableError)
        else:
            assert isinstance(shorter, TableError)
            assert (shorter.table, shorter.layout) == (decoded.table.number, decoded.table.label)
            assert shorter.field
            assert shorter.offset <= cut
    return decoded


def check_request(number, parm_octets, parm, tables=GE):
    """A request with selector 0 and sequence number 7, least significant octet first: 3 octets, then `parm`."""

    def encode(decoded):
        return encode_request(number, decoded.parm, tables, seq_nbr=7)

    given_octets = number.to_bytes(2, "little") + b"\x07" + octets(parm_octets)
    decoded = check(given_octets, 3, tables, decode=decode_request, encode=encode)
    assert decoded.proc == {"tbl_proc_nbr": number % 2048, "std_vs_mfg_flag": number >= 2048, "selector": 0}
    assert (decoded.seq_nbr, decoded.parm) == (7, parm)
    return decoded


def check_answer(number, answer_octets, answer, tables=GE):
    """An answer with result 0 to the same: 4 octets, then `answer`."""

    def encode(decoded):
        return encode_response(number, 0, decoded.resp_data, tables, seq_nbr=7)

    given_octets = number.to_bytes(2, "little") + b"\x07\x00" + octets(answer_octets)
    decoded = check(given_octets, 4, tables, decode=decode_response, encode=encode)
    assert (decoded.seq_nbr, decoded.result_code, decoded.resp_data) == (7, 0, answer)
    return decoded


# Look-up


def test_every_number_has_a_declaration():
    assert sorted(STANDARD_PROCEDURES) == list(range(33))
    assert all(STANDARD_PROCEDURES[number] is procedure(number) for number in range(33))
    assert procedure(10).name == "Set Date and/or Time"
    assert procedure(10).label == "SP-10"
    assert procedure(23).name == "Standard Procedure 23"
    assert procedure(500).name == "Standard Procedure 500"
    assert (procedure(2048 + 70).name, procedure(2048 + 70).label) == ("Manufacturer Procedure 70", "MP-70")


@pytest.mark.parametrize("number", [-1, 4096])
def test_numbers_of_more_than_twelve_bits_are_refused(number):
    with pytest.raises(ValueError, match=f"no procedure has the number {number}"):
        procedure(number)


@pytest.mark.parametrize("number", range(33))
def test_what_is_known_of_each_procedure(number):
    known = procedure(number)
    assert known.purpose
    assert (known.parm is NOTHING) == (number in PARAMETERS)
    assert (known.resp_data is NOTHING) == (number in NO_ANSWER)
    assert bool(known.note.sources) == (number not in range(23, 27))
    if number in [8, 11, 13, 15, 18, 19, 20, *NAME_ONLY]:
        assert known.note.sure == "single"
    # Every named bit and element says what it is for.
    for part in [*walk(known.initiate.layout), *walk(known.response.layout)]:
        if isinstance(part, Struct):
            assert all(words for _, _, words in part.fields)
        elif isinstance(part, BitField):
            assert all(member.note or member.name.startswith("spare") for member in part.members)


# Requests


@pytest.mark.parametrize("number", PARAMETERS)
def test_requests_without_parameters(number):
    check_request(number, "", None)
    with pytest.raises(TableError, match="1 octets left over"):
        decode_request(number.to_bytes(2, "little") + b"\x07\x01", GE)
    with pytest.raises(TableError, match="given where nothing is wanted"):
        encode_request(number, {"list": 1}, GE, seq_nbr=7)


@pytest.mark.parametrize("number", [8, *range(21, 33), 500, 2048, 2048 + 70, 4095])
def test_requests_whose_layout_is_not_public_are_octets(number):
    check_request(number, "A1A2A3", octets("A1A2A3"))
    check_request(number, "", b"")


def test_a_makers_procedure_as_a_tool_sends_it():
    decoded = decode_request(octets("4608 1C 030B0C090F12"), GE)
    # 0846H = 2048 + 70.
    assert (decoded.proc.tbl_proc_nbr, decoded.proc.std_vs_mfg_flag, decoded.seq_nbr) == (70, True, 28)
    assert decoded.parm == octets("030B0C090F12")
    assert encode_request(2048 + 70, decoded.parm, GE, seq_nbr=28) == octets("4608 1C 030B0C090F12")


@pytest.mark.parametrize(
    ("number", "parm_octets", "parm"),
    [
        pytest.param(4, "01", {"list": 1}, id="reset-list-pointers-of-the-event-log"),
        pytest.param(5, "03 0201", {"list": 3, "entries_read": 0x0102}, id="entries-in-the-meters-order"),
        pytest.param(20, "02", {"phone_number": 2}, id="call"),
        pytest.param(
            13,
            "80 0102030405",
            {"status": {"spare_0_7": 0x80}, "event_storage": bytes([1, 2, 3, 4, 5])},
            id="activate-by-event",
        ),
        pytest.param(
            15,
            "01 0000000000",
            {"status": {"spare_0_7": 1}, "event_storage": bytes(5)},
            id="clear-by-event",
        ),
    ],
)
def test_requests(number, parm_octets, parm):
    check_request(number, parm_octets, parm)


@pytest.mark.parametrize(
    ("octet", "mode"),
    [(1, "metering_flag"), (2, "test_mode_flag"), (4, "meter_shop_mode_flag"), (8, "factory_flag")],
)
def test_change_of_mode(octet, mode):
    others = {"metering_flag", "test_mode_flag", "meter_shop_mode_flag", "factory_flag"} - {mode}
    check_request(6, f"{octet:02X}", {"ed_mode": {mode: True, **dict.fromkeys(others, False), "spare_4_7": 0}})
    assert encode_request(6, {"ed_mode": {mode: True}}, GE, seq_nbr=7) == bytes([6, 0, 7, octet])


def test_remote_reset():
    decoded = decode_request(octets("0930 07 03"), GE)
    # 3009H: procedure 9 with selector 3, as the reference works it; 03H: both bits.
    assert decoded.proc == {"tbl_proc_nbr": 9, "std_vs_mfg_flag": False, "selector": 3}
    assert decoded.parm.action_flag == {"demand_reset_flag": True, "self_read_flag": True, "spare_2_7": 0}
    assert encode_request(9, decoded.parm, GE, seq_nbr=7, selector=3) == octets("0930 07 03")
    flags = {"demand_reset_flag": True, "self_read_flag": False, "spare_2_7": 0}
    check_answer(9, "01", {"action_flag": flags})


# 2024-01-15 02:33:10; 21H = 0010 0001B: bits 0-2 hold 1 (Monday), bit 5 says that the time zone is in the clock.
SET_CLOCK = octets("0A00 07 03 18010F02210A 21")


def test_set_date_and_time():
    decoded = decode_request(SET_CLOCK, GE)
    assert decoded.parm.set_mask == {"set_time_flag": True, "set_date_flag": True, "spare_2_7": 0}
    assert decoded.parm.date_time.value == datetime(2024, 1, 15, 2, 33, 10)
    qual = {name: value for name, value in decoded.parm.time_date_qual.items() if value}
    assert qual == {"day_of_week": 1, "tm_zn_applied_flag": True}
    check_request(10, SET_CLOCK[3:].hex(), decoded.parm)
    # 8 octets are all that a GE meter takes.
    assert len(SET_CLOCK) == 3 + 8
    parm = {
        "set_mask": {"set_time_flag": True, "set_date_flag": True},
        "date_time": datetime(2024, 1, 15, 2, 33, 10),
        "time_date_qual": qual,
    }
    assert encode_request(10, parm, GE, seq_nbr=7) == SET_CLOCK


def test_answer_to_set_date_and_time():
    decoded = decode_response(octets("0A00 07 00 18010F022109 18010F02210A"), GE)
    assert decoded.resp_data.date_time_before.value == datetime(2024, 1, 15, 2, 33, 9)
    assert decoded.resp_data.date_time_after.value == datetime(2024, 1, 15, 2, 33, 10)
    # 12 octets are all that a GE meter answers.
    assert len(decoded.octets) == 4 + 12
    assert encode_response(10, 0, decoded.resp_data, GE, seq_nbr=7) == decoded.octets


@pytest.mark.parametrize(
    ("tm_format", "width", "when"),
    [
        pytest.param(0, 0, "", id="no-clock"),
        pytest.param(1, 6, "240115023310", id="bcd"),
        # 28401120 minutes are 2024-01-01 00:00 (the reference); 14 days, 2 h 33 min later: 28421433 = 01B1AD39H.
        pytest.param(3, 5, "01B1AD39 0A", id="minutes"),
        # 28421433 * 60 + 10 = 1705285990 = 65A49966H.
        pytest.param(4, 4, "65A49966", id="seconds"),
    ],
)
def test_set_date_and_time_in_the_meters_format(tm_format, width, when):
    tables = meter(big=True, tm=tm_format)
    # Most significant octet first: 000AH.
    given_octets = octets("000A 07 03" + when + "21")
    decoded = decode_request(given_octets, tables)
    assert len(given_octets) == 3 + 1 + width + 1 == decoded.expected_size
    if width:
        assert decoded.parm.date_time.value == datetime(2024, 1, 15, 2, 33, 10)
    assert encode_request(10, decoded.parm, tables, seq_nbr=7) == given_octets


def test_log_in_does_not_show_its_password():
    tables = meter()
    password = b"secret word".ljust(20, b"\0")
    given_octets = octets("1200 07 0201") + password
    decoded = decode_request(given_octets, tables)
    assert decoded.parm.user_id == 0x0102
    assert bytes(decoded.parm.password) == password
    assert "secret word" not in repr(decoded)
    assert encode_request(18, decoded.parm, tables, seq_nbr=7) == given_octets
    with pytest.raises(TableError, match="11 octets given, which do not fit") as info:
        encode_request(18, {"user_id": 1, "password": b"secret word"}, tables, seq_nbr=7)
    assert info.value.field == "parm.password"
    assert "secret" not in str(info.value)


# Answers


@pytest.mark.parametrize("number", NO_ANSWER)
def test_procedures_that_answer_nothing(number):
    check_answer(number, "", None)


@pytest.mark.parametrize("number", [4, 5, 6, 8, 11, *range(20, 33), 2048 + 70])
def test_answers_that_are_disputed_or_not_public_are_octets(number):
    check_answer(number, "A1A2A3", octets("A1A2A3"))
    check_answer(number, "", b"")


def test_answer_with_the_conditions_that_were_cleared():
    decoded = decode_response(octets("0700 07 00 4000 00"), GE)
    # Least significant octet first: 0040H is bit 6.
    assert [name for name, value in decoded.resp_data.ed_std_status1.items() if value] == ["clock_error_flag"]
    check_answer(7, "400000", decoded.resp_data)


@pytest.mark.parametrize("number", [7, 9, 10])
def test_an_answer_may_be_left_out(number):
    check_answer(number, "", None)


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 6, 7, 255])
@pytest.mark.parametrize("number", [0, 7, 10, 2048 + 70])
def test_an_answer_that_is_not_completed_is_octets(number, code):
    for answer in (b"", b"\xa1\xa2"):
        given_octets = number.to_bytes(2, "little") + bytes([7, code]) + answer
        decoded = decode_response(given_octets, GE)
        assert (decoded.result_code, decoded.resp_data) == (code, answer)
        assert encode_response(number, code, answer, GE, seq_nbr=7) == given_octets


def test_octets_behind_an_answer():
    given_octets = octets("0900 07 00 01 A5")
    with pytest.raises(TableError, match="1 octets left over") as info:
        decode_response(given_octets, GE)
    assert (info.value.table, info.value.offset) == (8, 5)
    decoded = decode_response(given_octets, GE, tolerant=True)
    assert decoded.trailing == b"\xa5"
    assert decoded.table.encode(decoded, GE) == given_octets


# Limits


@pytest.mark.parametrize("number", [10, 2048 + 70])
def test_no_more_parameters_than_the_meter_takes(number):
    parm = decode_request(SET_CLOCK, GE).parm if number == 10 else bytes(8)
    assert len(encode_request(number, parm, GE, seq_nbr=7)) == 3 + 8
    with pytest.raises(TableError, match="at most 7") as info:
        encode_request(number, parm, meter(parm=7), seq_nbr=7)
    assert (info.value.table, info.value.field) == (7, "parm")


def test_no_longer_answer_than_the_meter_gives():
    answer = {"action_flag": {}}
    assert encode_response(9, 0, answer, meter(resp=1), seq_nbr=7) == octets("0900 07 00 00")
    with pytest.raises(TableError, match="1 octets given where this meter takes at most 0") as info:
        encode_response(9, 0, answer, meter(resp=0), seq_nbr=7)
    assert (info.value.table, info.value.field) == (8, "resp_data")


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"seq_nbr": 256}, "seq_nbr"), ({"seq_nbr": 1, "selector": 16}, "proc.selector")],
)
def test_values_that_do_not_fit(changes, field):
    with pytest.raises(TableError) as info:
        encode_request(0, None, GE, **changes)
    assert (info.value.table, info.value.field) == (7, field)


def test_table_0_is_needed():
    for call in (
        lambda: decode_request(octets("0000 01")),
        lambda: decode_response(octets("0000 01 00")),
        lambda: encode_request(0, seq_nbr=1),
        lambda: encode_response(0, 0, seq_nbr=1),
    ):
        with pytest.raises(MissingTableError) as info:
            call()
        assert info.value.needed == (0,)


# Codes


def test_result_codes():
    assert sorted(RESULTS) == list(range(7))
    assert result(TRY_AGAIN).meaning == "accepted, not yet completed"
    assert result(6).known
    assert (result(7).known, result(7).meaning) == (False, "unknown result 7")
    assert selector(2).meaning == "no answer"
    assert selector(15).meaning == "reserved"
    assert not selector(16).known
    assert list_name(255).meaning == "all lists except the event log"
    assert list_name(100).meaning == "reserved"
    assert not list_name(256).known


def test_nameplate_and_call_codes():
    assert (nameplate_type(2).meaning, nameplate_type(9).known) == ("electric", False)
    assert (default_set(4).meaning, default_set(5).known) == ("simple profile recorder", False)
    ed_mode = decode_request(octets("0600 07 03"), GE).parm.ed_mode
    assert modes(ed_mode) == ["metering", "test mode"]
    assert (call_state(7).meaning, call_state(12).known) == ("line busy", False)


# All numbers


@given(
    number=st.integers(0, 40) | st.integers(0, 0xFFFF),
    rest=st.binary(max_size=24),
    parm=st.integers(0, 24),
    tm=st.integers(0, 5),
    big=st.booleans(),
)
@pytest.mark.parametrize("decode", [decode_request, decode_response])
def test_any_octets(decode, number, rest, parm, tm, big):
    tables = meter(parm=parm, resp=parm, tm=tm, big=big)
    given_octets = number.to_bytes(2, "big" if big else "little") + rest
    for tolerant in (False, True):
        try:
            decoded = decode(given_octets, tables, tolerant=tolerant)
        except TableError:
            continue
        assert decoded.table.encode(decoded, tables) == given_octets
