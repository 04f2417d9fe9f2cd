"""Numbers, text and identifiers in every format of table 0; expected octets are made by struct and by hand."""

import math
import struct
from datetime import date, datetime, time
from decimal import Decimal, localcontext

import pytest

from c1219_tables.errors import TableError
from c1219_tables.formats import (
    BCD,
    FLOAT32,
    FLOAT64,
    INT8,
    INT16,
    INT24,
    INT32,
    INT40,
    INT48,
    INT64,
    NI_FMAT1,
    NI_FMAT2,
    STRING,
    UINT8,
    UINT16,
    UINT24,
    UINT32,
    UINT40,
    UINT48,
    UINT64,
    Formats,
    Octets,
    identifier,
)
from c1219_tables.schema.dialect import Struct
from c1219_tables.table import Table
from c1219_tables.times import DATE, LTIME_DATE, STIME_DATE, TIME

LITTLE, BIG = False, True


def table0(*, order=LITTLE, int_format=0, char=1, tm=2, id_form=0, ni1=8, ni2=8):
    return {
        "format_control_1": {"data_order": order, "char_format": char},
        "format_control_2": {"tm_format": tm, "id_form": bool(id_form), "int_format": int_format},
        "format_control_3": {"ni_format1": ni1, "ni_format2": ni2},
    }


def table_of(layout):
    return Table(2048, "ONE_TBL", Struct("value" / layout), purpose="one value")


def read(layout, text, **formats):
    return table_of(layout).decode(bytes.fromhex(text), {"st0": table0(**formats)}).value


def write(layout, value, **formats):
    return table_of(layout).encode({"value": value}, {"st0": table0(**formats)}).hex(" ").upper()


def integer(value, octets, order, int_format):
    """Octets of a signed integer, cut out of struct's eight."""
    if value < 0 and int_format == 1:
        value -= 1  # one's complement of -5 is all bits of 5 turned over, which is two's complement of -6
    whole = struct.pack(">q", value if int_format < 2 else abs(value))[-octets:]
    if value < 0 and int_format == 2:
        whole = bytes([whole[0] | 0x80]) + whole[1:]
    return whole if order == BIG else whole[::-1]


def floating(value, letter, order):
    return struct.pack(f"{'>' if order == BIG else '<'}{letter}", value)


# NI format code -> value, its octets given DATA_ORDER and INT_FORMAT.
NI = {
    0: (-1.5, lambda order, coding: floating(-1.5, "d", order)),
    1: (-1.5, lambda order, coding: floating(-1.5, "f", order)),
    2: (Decimal("-123.45"), lambda order, coding: b"     -123.45"),
    3: (Decimal("-12.50"), lambda order, coding: b"-12.50"),
    4: (Decimal("-12.3456"), lambda order, coding: integer(-123456, 4, order, coding)),
    5: (Decimal("123456.78"), lambda order, coding: bytes.fromhex("000123456D78")),
    6: (Decimal("-12345"), lambda order, coding: bytes.fromhex("A0012345")),
    7: (-8388607, lambda order, coding: integer(-8388607, 3, order, coding)),
    8: (-123456789, lambda order, coding: integer(-123456789, 4, order, coding)),
    9: (-(2**39) + 1, lambda order, coding: integer(-(2**39) + 1, 5, order, coding)),
    10: (-(2**40), lambda order, coding: integer(-(2**40), 6, order, coding)),
    11: (-(2**62), lambda order, coding: integer(-(2**62), 8, order, coding)),
    12: (Decimal("1234567890123456"), lambda order, coding: bytes.fromhex("1234567890123456")),
    13: (Decimal("12345678901234567.125"), lambda order, coding: b"12345678901234567.125"),
}
NI_OCTETS = dict(zip(range(14), (8, 4, 12, 6, 4, 6, 4, 3, 4, 5, 6, 8, 8, 21), strict=True))

MOMENT = datetime(2024, 2, 29, 13, 45, 30)
# 54 years of 365 days and 13 leap days (1972 to 2020) up to 2024-01-01, then 31 + 28 days.
DAYS = 54 * 365 + 13 + 31 + 28
MINUTES = DAYS * 1440 + 13 * 60 + 45
SECONDS = MINUTES * 60 + 30
# TM_FORMAT -> octets of LTIME_DATE, STIME_DATE and TIME; integers are given as (value, octets).
TM = {
    0: (b"", b"", b""),
    1: (bytes.fromhex("240229134530"), bytes.fromhex("2402291345"), bytes.fromhex("134530")),
    2: (bytes([24, 2, 29, 13, 45, 30]), bytes([24, 2, 29, 13, 45]), bytes([13, 45, 30])),
    3: ((MINUTES, bytes([30])), (MINUTES, b""), (13 * 3600 + 45 * 60 + 30, b"")),
    4: ((SECONDS, b""), (SECONDS, b""), (0x04030201, b"")),
}

RECORD = Table(
    2048,
    "RECORD_TBL",
    Struct(
        "name" / identifier(4),
        "first" / NI_FMAT1,
        "second" / NI_FMAT2,
        "signed" / INT16,
        "at" / LTIME_DATE,
        "about" / STIME_DATE,
        "daily" / TIME,
        "day" / DATE,
        "last" / UINT8,
    ),
    purpose="one of everything",
)


@pytest.mark.parametrize("int_format", [0, 1, 2])
@pytest.mark.parametrize("order", [LITTLE, BIG], ids=["little", "big"])
@pytest.mark.parametrize("id_form", [0, 1], ids=["text", "bcd"])
@pytest.mark.parametrize("tm", TM)
@pytest.mark.parametrize("ni", NI)
def test_matrix(ni, tm, id_form, order, int_format):
    other = (ni + 5) % 14
    st0 = table0(order=order, int_format=int_format, tm=tm, id_form=id_form, ni1=ni, ni2=other)
    name, name_octets = ("1234", bytes.fromhex("1234")) if id_form else ("AB 1", b"AB 1")
    times = [
        part if isinstance(part, bytes) else struct.pack(">I" if order == BIG else "<I", part[0]) + part[1]
        for part in TM[tm]
    ]
    day = struct.pack(">H" if order == BIG else "<H", 24 | 2 << 7 | 29 << 11)
    octets = b"".join(
        [
            name_octets,
            NI[ni][1](order, int_format),
            NI[other][1](order, int_format),
            integer(-300, 2, order, int_format),
            *times,
            day,
            b"\xa5",
        ]
    )
    decoded = RECORD.decode(octets, {"st0": st0})
    assert (decoded.name, decoded.first, decoded.second) == (name, NI[ni][0], NI[other][0])
    assert (type(decoded.first), type(decoded.second)) == (type(NI[ni][0]), type(NI[other][0]))
    assert (decoded.signed, decoded.last) == (-300, 0xA5)
    assert decoded.day.value == date(2024, 2, 29)
    about = MOMENT if tm == 4 else MOMENT.replace(second=0)
    if tm == 0:
        assert (decoded["at"], decoded.about, decoded.daily) == (None, None, None)
    else:
        assert (decoded["at"].value, decoded.about.value) == (MOMENT, about)
        assert decoded.daily.value == (None if tm == 4 else time(13, 45, 30))
        assert [decoded["at"].raw, decoded.about.raw, decoded.daily.raw] == times
    assert RECORD.encode(decoded, {"st0": st0}) == octets
    assert decoded.expected_size == RECORD.size(tables={"st0": st0}) == len(octets)

    plain = {
        "name": name,
        "first": NI[ni][0],
        "second": NI[other][0],
        "signed": -300,
        "at": MOMENT if tm else None,
        "about": about if tm else None,
        "daily": decoded.daily if tm in (0, 4) else time(13, 45, 30),
        "day": date(2024, 2, 29),
        "last": 0xA5,
    }
    assert RECORD.encode(plain, {"st0": st0}) == octets


@pytest.mark.parametrize("ni", NI)
def test_ni_sizes(ni):
    assert table_of(NI_FMAT1).size(tables={"st0": table0(ni1=ni)}) == NI_OCTETS[ni]
    assert table_of(NI_FMAT2).size(tables={"st0": table0(ni2=ni)}) == NI_OCTETS[ni]


@pytest.mark.parametrize("code", [14, 15])
@pytest.mark.parametrize(("layout", "word"), [(NI_FMAT1, "ni1"), (NI_FMAT2, "ni2")])
def test_ni_formats_that_are_not_public(layout, word, code):
    tables = {"st0": table0(**{word: code})}
    reason = rf"value: NI_FORMAT{word[-1]} is {code}: what that means is not public"
    with pytest.raises(TableError, match=reason) as info:
        table_of(layout).decode(bytes(8), tables)
    assert (info.value.field, info.value.offset) == ("value", 0)
    with pytest.raises(TableError, match=reason):
        table_of(layout).encode({"value": 1}, tables)
    assert table_of(layout).size(tables=tables) is None


WIDTHS = {UINT8: 1, UINT16: 2, UINT24: 3, UINT32: 4, UINT40: 5, UINT48: 6, UINT64: 8}
SIGNED = {INT8: 1, INT16: 2, INT24: 3, INT32: 4, INT40: 5, INT48: 6, INT64: 8}


@pytest.mark.parametrize("layout", WIDTHS, ids=lambda layout: layout.name_of_type)
def test_unsigned_integers(layout):
    octets = WIDTHS[layout]
    assert layout.name_of_type == f"UINT{8 * octets}"
    low_first = " ".join(["01", *["00"] * (octets - 1)])
    assert read(layout, low_first) == 1
    assert write(layout, 1) == low_first
    assert write(layout, 1, order=BIG) == " ".join(reversed(low_first.split()))
    assert read(layout, "FF" * octets) == 256**octets - 1
    for wrong in (-1, 256**octets, 1.0, "1", None):
        with pytest.raises(TableError, match=r"value: .* does not fit"):
            write(layout, wrong)


@pytest.mark.parametrize("layout", SIGNED, ids=lambda layout: layout.name_of_type)
@pytest.mark.parametrize("order", [LITTLE, BIG], ids=["little", "big"])
@pytest.mark.parametrize("int_format", [0, 1, 2])
def test_signed_integers_at_their_limits(layout, order, int_format):
    octets = SIGNED[layout]
    most = 2 ** (8 * octets - 1) - 1
    least = -most - 1 if int_format == 0 else -most
    formats = {"order": order, "int_format": int_format}
    for value in (least, -1, 0, 1, most):
        expected = integer(value, octets, order, int_format).hex(" ").upper()
        assert write(layout, value, **formats) == expected
        assert read(layout, expected, **formats) == value
    for wrong in (least - 1, most + 1):
        with pytest.raises(TableError, match=rf"value: {wrong} does not fit: {least} to {most} fits"):
            write(layout, wrong, **formats)


@pytest.mark.parametrize(("int_format", "octets"), [(1, "FF FF"), (2, "00 80")])
def test_minus_zero_survives(int_format, octets):
    table, tables = table_of(INT16), {"st0": table0(int_format=int_format)}
    decoded = table.decode(bytes.fromhex(octets), tables)
    assert decoded.value == 0
    assert table.encode(decoded, tables) == bytes.fromhex(octets)
    decoded["value"] = 7
    assert table.encode(decoded, tables) == b"\x07\x00"


def test_reserved_int_format():
    with pytest.raises(TableError, match="INT_FORMAT 3 is reserved"):
        read(INT16, "01 00", int_format=3)
    with pytest.raises(TableError, match="INT_FORMAT 3 is reserved"):
        write(INT16, 1, int_format=3)
    assert read(UINT16, "01 00", int_format=3) == 1


@pytest.mark.parametrize(("layout", "letter"), [(FLOAT32, "f"), (FLOAT64, "d")])
@pytest.mark.parametrize("order", [LITTLE, BIG], ids=["little", "big"])
def test_floats(layout, letter, order):
    for value in (0.0, 1.5, -math.inf, 2.0**-126):
        octets = floating(value, letter, order).hex(" ").upper()
        assert read(layout, octets, order=order) == value
        assert write(layout, value, order=order) == octets
    assert math.copysign(1, read(layout, floating(-0.0, letter, order).hex(), order=order)) == -1
    with pytest.raises(TableError, match="does not fit"):
        write(layout, "1.5", order=order)


@pytest.mark.parametrize(
    ("layout", "octets"),
    [
        pytest.param(FLOAT32, "01 00 A0 7F", id="signalling-32"),
        pytest.param(FLOAT32, "05 00 C0 FF", id="negative-32"),
        pytest.param(FLOAT64, "01 00 00 00 00 00 F4 7F", id="signalling-64"),
    ],
)
def test_not_a_number_keeps_its_octets(layout, octets):
    table, tables = table_of(layout), {"st0": table0()}
    decoded = table.decode(bytes.fromhex(octets), tables)
    assert math.isnan(decoded.value)
    assert table.encode(decoded, tables) == bytes.fromhex(octets)


def test_a_float_too_large_for_its_octets():
    with pytest.raises(TableError, match="does not fit"):
        write(FLOAT32, 1e300)


def test_implied_decimals_are_exact():
    assert read(NI_FMAT1, "39 30 00 00", ni1=4) == Decimal("1.2345")
    assert write(NI_FMAT1, Decimal("1.2345"), ni1=4) == "39 30 00 00"
    assert write(NI_FMAT1, 2, ni1=4) == "20 4E 00 00"
    with localcontext() as context:
        context.prec = 3
        assert read(NI_FMAT1, "15 CD 5B 07", ni1=4) == Decimal("12345.6789")
        assert write(NI_FMAT1, Decimal("12345.6789"), ni1=4) == "15 CD 5B 07"
    for wrong in ("0.00001", "1.00000000000000000000000000000000000001", "214748.3648", "1E999999999999999999", "NaN"):
        with pytest.raises(TableError, match="value"):
            write(NI_FMAT1, Decimal(wrong), ni1=4)


# 6 octets are NI format 3; blanks and NUL around a number are padding.
TEXT_NUMBERS = [
    #            text        value              why
    pytest.param("   1.5", Decimal("1.5"), id="right"),
    pytest.param("1.5   ", Decimal("1.5"), id="left"),
    pytest.param("1.5\0\0\0", Decimal("1.5"), id="nul-padded"),
    pytest.param("+1.500", Decimal("1.5"), id="plus-and-zeros"),
    pytest.param("  -.25", Decimal("-0.25"), id="no-digit-before-the-point"),
    pytest.param("12e+02", Decimal(1200), id="exponent"),
    pytest.param("      ", None, id="blank"),
    pytest.param("\0\0\0\0\0\0", None, id="nul"),
    pytest.param("------", None, id="dashes"),
    pytest.param(" 1_000", None, id="underscore"),
    pytest.param("1E9999", None, id="exponent-too-large"),
    pytest.param("   NaN", None, id="not-a-number"),
    pytest.param(" 1.2.3", None, id="two-points"),
    pytest.param("   inf", None, id="infinity"),
    pytest.param("12\xb2   ", None, id="superscript"),
]


@pytest.mark.parametrize(("text", "value"), TEXT_NUMBERS)
def test_numbers_as_text(text, value):
    table, tables = table_of(NI_FMAT2), {"st0": table0(ni2=3)}
    decoded = table.decode(text.encode("latin-1"), tables)
    assert decoded.value == value
    assert table.encode(decoded, tables) == text.encode("latin-1")


def test_a_number_of_many_octets_when_written_out():
    # 12 characters that stand for a number of ten thousand million digits: no number, and no memory spent on it.
    assert read(NI_FMAT1, b"9E9999999999".hex(), ni1=2) is None


@pytest.mark.parametrize(
    "wrong", ["1234567", "0.00001", "-12345.", "1E999999999999999999", "1E-999999999999999999", "NaN", "Infinity"]
)
def test_numbers_that_do_not_fit_as_text(wrong):
    value = Decimal(wrong) if wrong != "-12345." else Decimal("-123456")
    with pytest.raises(TableError, match="value"):
        write(NI_FMAT1, value, ni1=3)


@pytest.mark.parametrize("wrong", [None, "one", b"1", [1]])
def test_no_numbers(wrong):
    for ni in (2, 4, 5, 8):
        with pytest.raises(TableError, match="value"):
            write(NI_FMAT1, wrong, ni1=ni)


# Nibbles of NI format 6 (4 octets): A minus, B blank, D point, C E F 0.
BCD_NUMBERS = [
    pytest.param("00 00 12 34", Decimal(1234), id="digits"),
    pytest.param("BB BB 12 34", Decimal(1234), id="blanks-before"),
    pytest.param("BB BA 12 34", Decimal(-1234), id="blanks-before-minus"),
    pytest.param("A0 00 12 34", Decimal(-1234), id="minus"),
    pytest.param("00 00 55 D5", Decimal("55.5"), id="point-in-a-high-nibble"),
    pytest.param("00 00 5D 25", Decimal("5.25"), id="point-in-a-low-nibble"),
    pytest.param("00 00 1B 2B", Decimal(1020), id="blank-is-0"),
    pytest.param("00 00 CE F1", Decimal(1), id="c-e-f-are-0"),
    pytest.param("00 01 23 4D", Decimal(1234), id="point-at-the-end"),
    pytest.param("BB BB BB BB", None, id="all-blank"),
    pytest.param("00 1D 2D 34", None, id="two-points"),
    pytest.param("00 12 A3 45", None, id="minus-between"),
]


@pytest.mark.parametrize(("text", "value"), BCD_NUMBERS)
@pytest.mark.parametrize("order", [LITTLE, BIG], ids=["little", "big"])
def test_numbers_in_bcd(text, value, order):
    table, tables = table_of(NI_FMAT1), {"st0": table0(ni1=6, order=order)}
    decoded = table.decode(bytes.fromhex(text), tables)
    assert decoded.value == value
    assert table.encode(decoded, tables) == bytes.fromhex(text)


def test_bcd_numbers_that_do_not_fit():
    assert write(NI_FMAT1, Decimal(99999999), ni1=6) == "99 99 99 99"
    for wrong in (100000000, -99999999, Decimal("0.0000001"), Decimal("1E999999999999999999")):
        with pytest.raises(TableError, match="value"):
            write(NI_FMAT1, wrong, ni1=6)


def test_bcd_digits():
    assert read(BCD(3), "12 34 5F") == "12345F"
    assert read(BCD(3), "12 34 56", order=BIG) == "123456"
    assert write(BCD(3), "12345F") == "12 34 5F"
    assert write(BCD(3), "12") == "00 00 12"
    for wrong in ("1234567", "12 4", "xy", 12, None):
        with pytest.raises(TableError, match="value"):
            write(BCD(3), wrong)


TEXTS = [
    #            CHAR_FORMAT  octets           value                 why
    pytest.param(1, "41 42 20 20", "AB  ", id="iso-646"),
    pytest.param(1, "41 E9 00 00", "A\xe9\0\0", id="iso-646-with-the-eighth-bit"),
    pytest.param(2, "E4 F6 FC 20", "\xe4\xf6\xfc ", id="iso-8859-1"),
    pytest.param(3, "C3 A4 20 20", "\xe4  ", id="utf-8"),
    pytest.param(3, "41 42 43 C3", b"ABC\xc3", id="utf-8-cut"),
    pytest.param(4, "41 00 42 00", b"A\0B\0", id="utf-16-not-public"),
    pytest.param(5, "41 00 00 00", b"A\0\0\0", id="utf-32-not-public"),
    pytest.param(0, "41 42 43 44", b"ABCD", id="unassigned"),
    pytest.param(7, "41 42 43 44", b"ABCD", id="reserved"),
]


@pytest.mark.parametrize(("char", "octets", "value"), TEXTS)
def test_text(char, octets, value):
    assert read(STRING(4), octets, char=char) == value
    assert write(STRING(4), value, char=char) == octets


def test_text_is_padded_with_blanks_and_never_cut():
    assert write(STRING(4), "A") == "41 20 20 20"
    assert write(STRING(4), "\xe4", char=3) == "C3 A4 20 20"
    wrongs = [("ABCDE", 1), ("\xe4\xe4\xe4", 3), ("\u20ac", 2), ("AB", 4), (b"AB", 1), (4, 1), (None, 1), ([65], 1)]
    for wrong, char in wrongs:
        with pytest.raises(TableError, match="value"):
            write(STRING(4), wrong, char=char)


def test_octets():
    assert read(Octets(3), "01 02 03") == b"\x01\x02\x03"
    assert write(Octets(3), b"\x01\x02\x03") == "01 02 03"
    assert table_of(Octets(3)).needs == ()
    for wrong in (b"\x01\x02", b"\x01\x02\x03\x04", "abc", 3, None):
        with pytest.raises(TableError, match="3 octets are wanted"):
            write(Octets(3), wrong)


def test_identifiers_by_id_form():
    table = table_of(identifier(20))
    assert table.needs == (0,)
    assert table.size(tables={"st0": table0(id_form=0)}) == 20
    assert table.size(tables={"st0": table0(id_form=1)}) == 10


def test_formats_of_a_real_table_0():
    # GE I-210+c: 02 0A 8A. 02 = 0 000 001 0: char 1, little. 0A = 00 0 01 010: tm 2. 8A: NI 10 and 8.
    st0 = {
        "format_control_1": {"data_order": False, "char_format": 1},
        "format_control_2": {"tm_format": 2, "id_form": False, "int_format": 0},
        "format_control_3": {"ni_format1": 10, "ni_format2": 8},
    }
    assert Formats.of(st0) == Formats("little", 0, 1, 2, 10, 8)


@pytest.mark.parametrize("broken", [{}, {"format_control_1": {}}, {"format_control_1": None}, 5])
def test_table_0_without_its_formats(broken):
    with pytest.raises(TableError, match="ST-0 as it was given cannot be used"):
        table_of(UINT8).decode(b"\x00", {"st0": broken})
