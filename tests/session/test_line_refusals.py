"""What a refusal says: why, from the meter's own tables; and never the password."""

import traceback

import pytest
from scripted import ScriptedMeter, meter_on
from tables_by_hand import (
    OK,
    full_read,
    opening,
    reads,
    table_0,
    table_41,
)
from wire import watched

from c1222.errors import (
    C12Error,
    LocalProtocolError,
    ServiceError,
)
from c1222.psem.requests import request
from c1222.session.settings import Credentials

# -- Refusals and their reasons ----------------------------------------------------------------------------------------


def refused(number, code, tables, deed="read_octets"):
    script = opening() | reads(tables) | {full_read(number): code}
    meter = meter_on(ScriptedMeter(script)).open()
    with pytest.raises(ServiceError) as info:
        getattr(meter, deed)(number)
    return info.value


def test_a_table_that_is_not_listed():
    error = refused(30, b"\x05", {0: table_0(0, 1, 12, 23, 28, 33)})
    assert error.table == 30
    assert error.code == "iar"
    assert str(error).endswith("table 0 of this meter does not list ST-30 (it has 12, 23, 28, 33 nearby)")


def test_a_manufacturer_table_that_is_not_listed():
    error = refused(2048 + 4, b"\x05", {0: table_0(0, makers=[1, 6])})
    assert str(error).endswith("table 0 of this meter does not list MT-4 (it has 1, 6 nearby)")


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        # Table and flags, groups that may read, groups that may write: 08 is group 3, 0A groups 1 and 3.
        ("0C00 08 00", "table 44 lets group 3 read ST-12"),
        ("0C00 0A 00", "table 44 lets groups 1 and 3 read ST-12"),
        ("0C00 86 00", "table 44 lets groups 1, 2 and 7 read ST-12"),
        ("0C00 00 FF", "table 44 lets no group read ST-12"),
        ("0C20 00 00", "table 44 lets anybody read ST-12"),  # flag 1 is bit 13
        ("0C10 01 00 0C00 08 00", "table 44 lets group 3 read ST-12"),  # bit 12: a procedure, not our table
        ("0C08 01 00 0C00 08 00", "table 44 lets group 3 read ST-12"),  # bit 11: a manufacturer table
    ],
)
def test_what_table_44_says(rules, words):
    rules = bytes.fromhex(rules)
    tables = {0: table_0(0, 12, 41, 44), 41: table_41(len(rules) // 4), 44: rules}
    error = refused(12, b"\x03", tables)
    assert error.code == "isc"
    assert f": {words}; this user may not" in str(error)


def test_table_44_says_nothing_of_it():
    tables = {0: table_0(0, 12, 41, 44), 41: table_41(1), 44: bytes.fromhex("0D00 08 00")}
    assert "table 44" not in str(refused(12, b"\x03", tables))


def test_tables_that_could_explain_are_refused_too():
    error = refused(12, b"\x03", {0: table_0(0, 12, 41, 44)})
    assert "this user may not" in str(error)


def test_the_refusal_is_told_also_where_the_explanation_fails():
    """Table 0 comes with a wrong checksum; what the meter said of table 12 is what matters."""
    script = opening() | {full_read(0): OK + b"\x00\x01\x01\x01", full_read(12): b"\x03"}
    meter = meter_on(ScriptedMeter(script)).open()
    with pytest.raises(ServiceError, match="full_read ST-12 was refused with isc"):
        meter.read_octets(12)


# -- The password ------------------------------------------------------------------------------------------------------

SECRET = b"TopSecret"
WHO = Credentials(user="me", password=SECRET)
SECURITY = b"\x51" + SECRET + b"\x20" * 11
LOGON_ME = bytes.fromhex("50 0000") + b"me        "


def losing_security(way, octets):
    return [] if SECRET in octets else [(0, octets)]


@pytest.mark.parametrize(
    ("answer", "tamper"),
    [
        (b"\x01", None),
        (b"\x06", None),
        (b"\x51" + SECRET, None),
        (b"\x00" + SECRET, None),
        (OK, losing_security),
    ],
    ids=["refused", "busy", "echoed", "ok-and-more", "lost"],
)
def test_the_password_is_in_no_error(answer, tamper):
    script = opening() | {LOGON_ME: OK, SECURITY: answer}
    meter, _ = watched(ScriptedMeter(script), who=WHO, tamper=tamper)
    told = [repr(WHO), repr(meter.client), repr(request("security", password=WHO.padded_password))]
    try:
        meter.open()
    except C12Error as exc:
        told += [str(exc), repr(exc), *map(repr, exc.args), "".join(traceback.format_exception(exc))]
    else:
        assert answer[0] == 0
    for text in told:
        assert "TopSecret" not in text
        assert SECRET.hex() not in text.lower()


def test_credentials_that_cannot_be():
    for wrong in ({"user": "x" * 11}, {"user": "é"}, {"user_id": 0x10000}, {"password": SECRET * 3}, {"pad": 256}):
        with pytest.raises(LocalProtocolError) as info:
            Credentials(**wrong)
        assert "TopSecret" not in str(info.value)
