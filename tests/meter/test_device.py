"""A device at the level of services. Octets of requests and answers: protocol.md 2 and 8, or by hand."""

import json
import os
from pathlib import Path

import pytest
from dict_image import ST_1, ST_6, ST_41, ST_42, ST_64, ST_64_CHECKSUM, DictImage, device, true_time

from c1222.meter.device.access import ENGINEER, READER, SIMULATION, Access, Rule
from c1222.meter.device.device_settings import DeviceSettings, Faults
from c1222.meter.device.visitor import Standard, State, Visitor

OK, ERR, SNS, ISC, ONP, IAR, BSY, DNR, ISSS = (bytes([code]) for code in (0, 1, 2, 3, 4, 5, 6, 7, 10))

IDENTIFY = "20"
NEGOTIATE = "61 0100 01 06"
LOGON = "50 0000 30303030202020202020"
SECURITY = "51" + "52454144455220202020" + "20" * 10  # READER
WRONG = "51" + "00" * 20
READ_1 = "30 0001"
TERMINATE = "21"


def octets(text):
    return bytes.fromhex(text)


def visitor(state=State.SESSION, groups=frozenset(), standard=Standard.C1218, **options):
    return Visitor(standard, state, groups=groups, room=5000, maximum=4096, **options)


def engineer(**options):
    return visitor(groups=ENGINEER.groups, **options)


def asked(request, who=None, meter=None, now=0.0):
    return (meter or device()).answer(who or visitor(), octets(request), now).octets


# -- Order of services ------------------------------------------------------------------------------------------------


def test_the_order_of_a_ge_meter():
    """protocol.md 8.1 to 8.4, octet for octet, but that we check our own password."""
    meter, who = device(), visitor(State.BASE)
    said = [
        (IDENTIFY, octets("00 00 01 00 00")),
        (NEGOTIATE, octets("00 0100 01 06")),
        (IDENTIFY, ISSS),
        (LOGON, OK),
        (WRONG, ERR),
        (READ_1, b"\x00\x00\x20" + ST_1 + b"\xfd"),
        (TERMINATE, OK),
        (LOGON, ISSS),
    ]
    assert [asked(request, who, meter) for request, _ in said] == [answer for _, answer in said]


ALLOWED = {
    State.BASE: {IDENTIFY, TERMINATE},
    State.IDENTIFIED: {IDENTIFY, TERMINATE, NEGOTIATE, LOGON, "70 05"},
    State.NEGOTIATED: {TERMINATE, NEGOTIATE, LOGON, "70 05"},
    State.SESSION: {TERMINATE, "70 05", SECURITY, READ_1, "3F 0001 000000 0004", "31 0001 0000 0001", "52"},
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("request_", sorted(set.union(*ALLOWED.values())))
def test_every_service_in_every_state(state, request_):
    answer = asked(request_, visitor(state))
    assert answer[:1] == (OK if request_ in ALLOWED[state] else ISSS)


@pytest.mark.parametrize(
    ("state", "request_", "next_state"),
    [
        (State.BASE, IDENTIFY, State.IDENTIFIED),
        (State.IDENTIFIED, IDENTIFY, State.IDENTIFIED),
        (State.IDENTIFIED, NEGOTIATE, State.NEGOTIATED),
        (State.IDENTIFIED, LOGON, State.SESSION),
        (State.NEGOTIATED, LOGON, State.SESSION),
        (State.SESSION, "52", State.NEGOTIATED),
        (State.SESSION, TERMINATE, State.BASE),
        (State.NEGOTIATED, TERMINATE, State.BASE),
        (State.SESSION, IDENTIFY, State.SESSION),
        (State.SESSION, WRONG, State.SESSION),
    ],
)
def test_where_a_service_leads(state, request_, next_state):
    who = visitor(state)
    asked(request_, who)
    assert who.state is next_state


@pytest.mark.parametrize("standard", Standard)
@pytest.mark.parametrize(
    ("request_", "speaks"),
    [
        ("71 0A 01 04 03", {Standard.C1221}),
        (NEGOTIATE, {Standard.C1218, Standard.C1221}),
        ("22", {Standard.C1222}),
        ("25 0D037BC175", {Standard.C1222}),
        ("53 09 00 0000000000000000", set()),
        ("3E", set()),
        ("4E", set()),
        ("32 0001 0000 0000 0001", set()),
        ("42 0001 0000 0000 0001 00 00", set()),
        ("7F", set()),
        ("00", set()),
    ],
)
def test_what_is_not_supported(standard, request_, speaks):
    answer = asked(request_, visitor(State.IDENTIFIED, standard=standard))
    assert (answer != SNS) is (standard in speaks)


@pytest.mark.parametrize(
    "request_",
    ["30", "30 0001 00", "3F 0001 000000", "50 0000", "40 0006 0005 00", "70", "31 0001 0000"],
)
def test_what_does_not_decode_is_not_possible(request_):
    state = State.IDENTIFIED if request_.startswith("50") else State.SESSION
    assert asked(request_, visitor(state)) == ONP


def test_c1222_wants_no_order():
    who = visitor(State.BASE, standard=Standard.C1222)
    assert asked(READ_1, who)[:1] == OK
    assert asked("52", who) == ISSS
    assert asked("70 05", who) == SNS
    assert asked("50 0001 20202020202020202020 003C", who) == octets("00 003C")
    assert asked("70 05", who) == OK
    assert asked("52", who) == OK


@pytest.mark.parametrize(
    ("longest", "wanted", "granted"), [(900, 60, 60), (900, 0, 900), (900, 1000, 900), (0, 0, 0), (0, 9999, 9999)]
)
def test_idle_timeout(longest, wanted, granted):
    meter = device(settings=DeviceSettings(longest_idle=longest))
    who = visitor(State.BASE, standard=Standard.C1222)
    answer = asked(f"50 0001 {'20' * 10} {wanted:04X}", who, meter)
    assert answer == b"\x00" + granted.to_bytes(2, "big")


# -- Identify and Negotiate -------------------------------------------------------------------------------------------


def test_identify_in_c1222():
    """The shape of ITR's answer, protocol.md 2.4; table 5 is the identity, 16 sessions, and sessionless."""
    answer = asked(IDENTIFY, visitor(State.BASE, standard=Standard.C1222))
    assert answer == (
        octets("00 03 01 00 | 04 06 09 607C86F75401160201 | 05 90 | 06 0D 04 53494D55 | 07 15 01".replace("|", ""))
        + b"  0000000001        \x00"
    )


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        pytest.param("61 0040 01 06", "00 0040 01 06", id="small"),
        pytest.param("61 2000 FF 06", "00 0400 FF 06", id="we-take-1024"),
        pytest.param("60 0200 02", "00 0200 02", id="no-speed"),
        pytest.param("63 0200 02 06 0A 0B", "00 0200 02 0A", id="57600-is-faster-than-38400"),
        pytest.param("61 0200 02 FE", "00 0200 02", id="unknown-speed"),
        pytest.param("61 001F 01 06", "04", id="31-octets"),
        pytest.param("61 0200 00 06", "04", id="no-packets"),
    ],
)
def test_negotiate(request_, answer):
    assert asked(request_, visitor(State.IDENTIFIED)) == octets(answer)


def test_negotiate_within_settings():
    meter = device(settings=DeviceSettings(packet_size=256, nbr_packets=1, baud_codes=(6, 8)))
    assert asked("63 0400 FF 06 08 0C", visitor(State.IDENTIFIED), meter) == octets("00 0100 01 08")


def test_negotiate_refused():
    meter = device(faults=Faults(refuse_negotiate=True))
    who = visitor(State.IDENTIFIED)
    assert asked(NEGOTIATE, who, meter) == SNS
    assert who.state is State.IDENTIFIED


def test_timing_setup():
    who = visitor(State.IDENTIFIED, standard=Standard.C1221)
    assert asked("71 0A 01 04 03", who) == octets("00 0A 01 04 03")
    assert asked("71 0A 00 04 03", who) == ONP


@pytest.mark.parametrize(
    ("field", "value"), [("packet_size", 31), ("nbr_packets", 256), ("nbr_sessions", 0), ("max_message", 63)]
)
def test_settings_that_cannot_be(field, value):
    with pytest.raises(ValueError, match=field):
        DeviceSettings(**{field: value})
    with pytest.raises(ValueError, match="baud codes are 1 to 14"):
        DeviceSettings(baud_codes=(15,))
    with pytest.raises(ValueError, match="four octets"):
        DeviceSettings(device_class=b"ABC")


# -- Reads ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        # ST-1: "GE  I210+c  " 01 09 02 00 "00000001" and eight blanks.
        pytest.param("3F 0001 000000 0004", b"\x00\x00\x04GE  \x34", id="first-four"),
        pytest.param("3F 0001 00000C 0004", octets("00 0004 01090200 F4"), id="in-the-middle"),
        pytest.param("3F 0001 00001E 0010", octets("00 0002 2020 C0"), id="fewer-at-the-end"),
        pytest.param("3F 0001 000020 0001", ONP, id="at-the-end"),
        pytest.param("3F 0001 001000 0001", ONP, id="behind-the-end"),
        pytest.param("3F 0001 000000 0000", ONP, id="nothing"),
        pytest.param("30 0003", octets("00 0005 0140000000 BF"), id="whole"),
        pytest.param("30 0008", octets("00 0000 00"), id="empty"),
        pytest.param("30 0004", IAR, id="unlisted"),
        pytest.param("30 0801", IAR, id="unlisted-manufacturer-table"),
        pytest.param("30 1001", IAR, id="no-pending-form"),
        pytest.param("3F 0004 000000 0001", IAR, id="unlisted-by-offset"),
        pytest.param("30 0007", IAR, id="can-only-be-written"),
        pytest.param("30 0029", ISC, id="protected"),
        pytest.param("30 002A", ISC, id="passwords"),
        pytest.param("3F 0029 000000 0001", ISC, id="protected-by-offset"),
        pytest.param("31 0001 0000 0001", b"\x00\x00\x04GE  \x34", id="index-0-manufacturer"),
        pytest.param("31 0001 0002 0004", octets("00 0004 01090200 F4"), id="index-2-versions"),
        pytest.param("31 0001 0007 0001", ONP, id="index-behind-the-end"),
        pytest.param("31 0001 0000 0008", ONP, id="more-elements-than-there-are"),
        pytest.param("31 0001 0000 0000", ONP, id="no-elements"),
        pytest.param("31 0029 0000 0001", ISC, id="protected-by-index"),
    ],
)
def test_reads(request_, answer):
    assert asked(request_) == answer


def test_a_user_reads_more():
    assert asked("30 0029", visitor(groups=READER.groups)) == b"\x00\x00\x06" + ST_41 + b"\xe8"
    assert asked("30 002A", engineer()) == ISC


def test_a_large_table_where_it_fits():
    assert asked("30 0040") == b"\x00\x03\xe8" + ST_64 + bytes([ST_64_CHECKSUM])


def test_what_does_not_fit_is_not_possible_in_c1218():
    who = visitor()
    who.room = 1003
    assert asked("30 0040", who) == ONP
    who.room = 1004
    assert len(asked("30 0040", who)) == 1004


def test_what_does_not_fit_is_too_large_in_c1222():
    who = visitor(standard=Standard.C1222)
    who.room = 1003
    assert asked("30 0040", who) == octets("10 00001000")


# -- Writes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "answer", "table_6"),
    [
        # "ABC" is 41 42 43: 3A makes it whole. ST-6 is "UTILITY".
        pytest.param("40 0006 0003 414243 3A", OK, b"ABC", id="whole"),
        pytest.param("4F 0006 000002 0003 414243 3A", OK, b"UTABCTY", id="in-the-middle"),
        pytest.param("4F 0006 000004 0003 414243 3A", OK, b"UTILABC", id="to-the-end"),
        pytest.param("4F 0006 000005 0003 414243 3A", ONP, ST_6, id="over-the-end"),
        pytest.param("4F 0006 000000 0000 00", ONP, ST_6, id="nothing"),
        pytest.param("40 0006 0003 414243 3B", ERR, ST_6, id="wrong-checksum"),
        pytest.param("4F 0006 000000 0003 414243 3B", ERR, ST_6, id="wrong-checksum-by-offset"),
        pytest.param("40 0006 0001 FF 01", ONP, ST_6, id="does-not-decode"),
        pytest.param("40 0004 0000 00", IAR, ST_6, id="unlisted"),
        pytest.param("40 0001 0000 00", IAR, ST_6, id="can-only-be-read"),
        pytest.param("40 0029 0000 00", ISC, ST_6, id="nobody-writes-41"),
        pytest.param("4F 002A 000000 0001 00 00", ONP, ST_6, id="unreadable-in-part"),
    ],
)
def test_writes(request_, answer, table_6):
    image = DictImage()
    assert asked(request_, engineer(), device(image)) == answer
    assert image.tables[6] == table_6


@pytest.mark.parametrize("groups", [frozenset(), READER.groups])
@pytest.mark.parametrize(
    "request_", ["40 0006 0003 414243 3A", "4F 0006 000002 0003 414243 3A", "41 0006 0000 0003 414243 3A"]
)
def test_others_do_not_write(request_, groups):
    image = DictImage()
    assert asked(request_, visitor(groups=groups), device(image)) == ISC
    assert not image.written


def test_a_write_by_index():
    """ST-3: mode 01, status1 4000, status2 00, and one octet of the maker's (the dimension in ST-0)."""
    image = DictImage()
    assert asked("41 0003 0000 0001 00 00", engineer(), device(image)) == OK
    assert image.tables[3] == octets("0040000000")
    assert asked("41 0003 0001 0002 1234 BA", engineer(), device(image)) == OK
    assert image.tables[3] == octets("0012340000")
    assert asked("41 0003 0001 0001 12 EE", engineer(), device(image)) == ONP
    assert asked("41 0003 0009 0001 12 EE", engineer(), device(image)) == ONP


def test_writes_know_the_time():
    image = DictImage()
    asked("40 0006 0003 414243 3A", engineer(), device(image), now=3600.0)
    assert image.written == [(6, b"ABC", true_time(3600.0))]


def test_new_passwords_hold_at_once():
    meter = device()
    write = f"40 002A 002A {ST_42.hex()} {-sum(ST_42) & 0xFF:02X}"
    assert asked(write, engineer(), meter) == OK
    new = "51" + b"NEWREADER".ljust(20).hex()
    assert asked(SECURITY, visitor(user_id=1), meter) == ERR
    assert asked(new, visitor(user_id=1), meter) == OK
    assert asked(new, visitor(user_id=2), meter) == ERR


def test_passwords_that_do_not_fit_table_41_change_nothing():
    meter = device()
    assert asked("40 002A 0001 00 00", engineer(), meter) == ONP
    assert asked(SECURITY, visitor(user_id=1), meter) == OK


# -- Security ---------------------------------------------------------------------------------------------------------


def test_a_wrong_password_takes_away_what_the_right_one_gave():
    meter, who = device(), visitor()
    assert asked(SECURITY, who, meter) == OK
    assert asked("30 0029", who, meter)[:1] == OK
    assert asked(WRONG, who, meter) == ERR
    assert asked("30 0029", who, meter) == ISC


def test_logoff_ends_what_a_password_allowed():
    meter, who = device(), visitor()
    for request in (SECURITY, "52", LOGON):
        assert asked(request, who, meter) == OK
    assert asked("30 0029", who, meter) == ISC


def test_security_in_c1222_names_the_user():
    meter = device()
    assert asked(SECURITY + "0001", visitor(State.BASE, standard=Standard.C1222), meter) == OK
    assert asked(SECURITY + "0002", visitor(State.BASE, standard=Standard.C1222), meter) == ERR


# -- Faults -----------------------------------------------------------------------------------------------------------


def test_busy_and_not_ready_so_many_times():
    meter = device(faults=Faults(busy=2, not_ready=1))
    assert [asked(READ_1, meter=meter)[:1] for _ in range(5)] == [BSY, BSY, DNR, OK, OK]


def test_only_tables_are_busy():
    meter = device(faults=Faults(busy=1))
    assert asked(IDENTIFY, visitor(State.BASE), meter)[:1] == OK
    assert meter.faults.busy == 1


# -- A GE I-210+c, recorded -------------------------------------------------------------------------------------------

CAPTURES = os.environ.get("C1222_PUBLIC_CAPTURES")


@pytest.mark.skipif(not CAPTURES, reason="C1222_PUBLIC_CAPTURES names no folder of public captures")
def test_the_same_kind_of_answer_as_a_ge_meter():
    """Each recorded request, in the state in which the meter was, gets the code that the meter gave.

    Tables that it refused with isc are there and protected; its five that it let be read are there.
    """
    lines = [json.loads(line) for line in (Path(CAPTURES) / "ge_i210c" / "frames.jsonl").read_text().splitlines()]
    whole = [line for line in lines if line["request_crc_ok"] and line["response_crc_ok"]]
    pairs = [(octets(line["request"])[6:-2], octets(line["response"])[6:-2]) for line in whole]
    # One Identify was answered with the answer to the Terminate before it: a packet left over.
    pairs = [pair for pair in pairs if pair != (b"\x20", b"\x00")]
    protected = {int.from_bytes(asked[1:3], "big") for asked, answer in pairs if asked[0] == 0x30 and answer == ISC}
    image = DictImage(**{f"st_{number}": bytes(4) for number in protected - {52}}, st_52=bytes(7))
    for number in set(image.tables) - {0, 1, 3, 5, 52} - protected:
        del image.tables[number]
    access = Access(SIMULATION.users, dict.fromkeys(protected, Rule(read=READER.groups)))
    meter = device(image, access)
    for request, answer in pairs:
        state = {0x20: State.NEGOTIATED if answer == ISSS else State.BASE, 0x50: State.IDENTIFIED}.get(request[0])
        state = State.IDENTIFIED if request[0] == 0x61 else state or State.SESSION
        found = meter.answer(visitor(state), request, 0.0).octets
        assert found[:1] == answer[:1], request.hex()
        if request[0] in (0x20, 0x61) or request == octets("30 0001"):
            assert found == answer
    assert {request[0] for request, _ in pairs} == {0x20, 0x21, 0x30, 0x50, 0x51, 0x61}
