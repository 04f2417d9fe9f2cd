"""`-v` and `-vv` of live commands. Octets: protocol.md 2.2; the table's are those of the walk-through 8.4."""

import pytest

from c1219_tables.schema.dialect import Record
from c1222.psem.requests import request
from c1222.psem.responses import decode_response
from c1222_cli.overheard import tell_octets, tell_services

READ = request("offset_read", table=1, offset=16, octet_count=8)
TESTDATA = bytes.fromhex("00 0008 7465737464617461 A6")


def lines(capsys):
    return [line.strip() for line in capsys.readouterr().err.splitlines()]


def test_services(capsys):
    tell_services(READ, decode_response(TESTDATA, service=0x3F, c1222=False))
    tell_services(request("full_read", table=2049), decode_response(b"\x03", service=0x30, c1222=False))
    tell_services(request("identify"), None)
    assert lines(capsys) == [
        "offset_read ST-1 @16+8 -> ok, 8 octets",
        "full_read MT-1 -> isc",
        "identify -> no answer",
    ]


def test_octets(capsys):
    tell_octets(READ, decode_response(TESTDATA, service=0x3F, c1222=False))
    assert lines(capsys)[1:] == ["> 3f 00 01 00 00 10 00 08", "< 00 00 08 74 65 73 74 64 61 74 61 a6"]


@pytest.mark.parametrize("idle", [{}, {"idle_timeout": 60}], ids=["C12.18", "C12.22"])
def test_logon_in_both_forms(capsys, idle):
    tell_octets(request("logon", user_id=2, user="A         ", **idle), None)
    assert lines(capsys)[1] == "> 50 00 02 41" + 9 * " 20" + (" 00 3c" if idle else "")


def test_a_long_answer_is_cut(capsys):
    # 100 octets 01: count 0064, checksum 9C; 64 of 104 octets are shown.
    answer = bytes.fromhex("00 0064" + 100 * "01" + "9C")
    tell_octets(request("full_read", table=2050), decode_response(answer, service=0x30, c1222=False))
    assert lines(capsys)[2] == "< 00 00 64" + 61 * " 01" + " ... 40 more"


@pytest.mark.parametrize(
    "asked",
    [
        request("security", password=b"hidden password 1234"),
        request("full_write", table=42, blocks=[Record(data=b"hidden password 1234")]),
        request("authenticate", authentication={"key_id": 1, "token": b"hidden p"}),
        # The procedure Log In, 18, in either octet order.
        request("full_write", table=7, blocks=[Record(data=b"\x12\x00\x2a\x01\x00hidden password 1234")]),
        request("full_write", table=7, blocks=[Record(data=b"\x00\x12\x2a\x00\x01hidden password 1234")]),
        request("full_read", table=7),
    ],
)
def test_what_may_hold_a_password_is_not_shown(capsys, asked):
    tell_octets(asked, decode_response(b"\x00", service=None, c1222=False))
    told = capsys.readouterr().err
    assert "(not shown)" in told
    assert "hidden" not in told
    assert b"hidden".hex(" ") not in told


def test_other_procedures_are_shown(capsys):
    tell_octets(request("full_write", table=7, blocks=[Record(data=b"\x10\x00\x2a")]), None)
    # Checksum: 10 + 00 + 2A = 3A, negated C6.
    assert lines(capsys)[1] == "> 40 00 07 00 03 10 00 2a c6"
