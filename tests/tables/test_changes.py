"""Changes of fields: other values where they are named, every other octet as it was. Octets by hand."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from construct import this

from c1219_tables.changes import FieldChange, changed, difference, editable, octets_of, replaced
from c1219_tables.changes.editing import edits
from c1219_tables.errors import TableError
from c1219_tables.formats import BCD, FLOAT32, INT16, NI_FMAT1, NI_FMAT2, STRING, UINT8, UINT16, Octets
from c1219_tables.registry import STANDARD
from c1219_tables.schema.dialect import (
    Array,
    BitField,
    If,
    Record,
    Secret,
    Set,
    Struct,
    Tail,
    bits,
    flag,
)
from c1219_tables.table import Table
from c1219_tables.times import DATE, LTIME_DATE, RDATE, STIME, TIME, MeterTime

# Little endian, ASCII, binary clock fields, text identifiers, NI_FMAT1 BCD[4] (6), NI_FMAT2 INT32/10000 (4).
ST0 = {
    "format_control_1": {"data_order": False, "char_format": 1, "spare_7": 0},
    "format_control_2": {"tm_format": 2, "int_format": 0, "id_form": False},
    "format_control_3": {"ni_format1": 6, "ni_format2": 4},
}
EXAMPLE = Table(
    3000,
    "EXAMPLE_TBL",
    Struct(
        "name" / STRING(4),
        "count" / UINT16,
        "flags" / BitField(UINT8, flag("on", 0), bits("level", 1, 3)),
        "used" / Set(2),
        "rows" / Array(2, Struct("a" / UINT8, "when" / LTIME_DATE)),
        "energy" / NI_FMAT1,
        "volts" / NI_FMAT2,
        "digits" / BCD(2),
        "octets" / Octets(3),
        "signed" / INT16,
        "ratio" / FLOAT32,
        "day" / DATE,
        "start" / TIME,
        "short" / STIME,
        "again" / RDATE,
        "extra" / If(this.flags.level == 5, UINT8),
        "late" / Tail(UINT8),
        "later" / Tail(UINT8),
    ),
    purpose="all kinds of elements",
)
# A name padded with a zero octet, spare bits 4 to 7 of the flags set, a BCD number padded with B (blank).
OCTETS = bytes.fromhex(
    "41420020  0300  f3  0580"
    "01 000000000000  02 1a0102030405"
    "bbbb1234  10270000  0042  0a0b0c  feff  0000803f  9a48  0c1e00  0c1e  2511  07"
)
DECODED = EXAMPLE.decode(OCTETS, {"st0": ST0})
PLACES = {"name": 0, "count": 4, "flags": 6, "used": 7, "rows[1].when": 17, "energy": 23, "volts": 27}
PLACES |= {"digits": 31, "octets": 33, "signed": 36, "ratio": 38, "day": 42, "start": 44, "short": 47, "again": 49}


def after(offset, octets):
    new = bytes.fromhex(octets)
    return OCTETS[:offset] + new + OCTETS[offset + len(new) :]


GOOD = [
    #            path             value                             octets there      why
    pytest.param("name", "XY", "58592020", id="text-padded"),
    pytest.param("NAME", "ABCD", "41424344", id="any-case"),
    pytest.param("count", 515, "0302", id="number"),
    pytest.param("count", "515", "0302", id="number-as-text"),
    pytest.param("count", "0x0203", "0302", id="number-as-hex"),
    pytest.param("flags.on", "yes", "f3", id="flag-as-it-is"),
    pytest.param("flags.level", 6, "fd", id="bits-spares-kept"),
    pytest.param("flags", {"level": "0", "on": True}, "f1", id="bits-by-a-mapping"),
    pytest.param("used[3]", True, "0d80", id="member-in"),
    pytest.param("used[15]", "off", "0500", id="member-out"),
    pytest.param("used", "0-2, 8", "0701", id="members-as-text"),
    pytest.param("used", [9, 8], "0003", id="members-as-list"),
    pytest.param("used", "empty", "0000", id="no-members"),
    pytest.param("rows[1].when", "2027-01-31T23:59:58", "1b011f173b3a", id="time-as-text"),
    pytest.param("rows[1].when", datetime(2027, 1, 31, 23, 59, 58), "1b011f173b3a", id="time"),
    pytest.param("rows[1].when", "0x1b0000000000", "1b0000000000", id="time-as-octets"),
    pytest.param("rows[1].when", {"raw": "1b011f173b3a", "value": "2027-01-31T23:59:58"}, "1b011f173b3a", id="json"),
    pytest.param("energy", "12.5", "000012d5", id="bcd-with-a-point"),
    pytest.param("energy", Decimal(1234), "bbbb1234", id="same-number-kept-as-it-was"),
    pytest.param("volts", "1.25", "d4300000", id="implied-decimals"),
    pytest.param("volts", 0.1, "e8030000", id="float-means-what-it-says"),
    pytest.param("digits", "7", "0007", id="digits"),
    pytest.param("octets", "0x010203", "010203", id="octets"),
    pytest.param("octets", "01 02:03", "010203", id="octets-apart"),
    pytest.param("signed", -3, "fdff", id="negative"),
    pytest.param("ratio", "0.5", "0000003f", id="float"),
    # 2026-12-31: year 26, month 12 at bit 7, day 31 at bit 11: 1Ah + 600h + F800h.
    pytest.param("day", date(2026, 12, 31), "1afe", id="date"),
    pytest.param("start", time(13, 1, 2), "0d0102", id="time-of-day"),
    pytest.param("short", "23:59", "173b", id="hour-and-minute"),
    # Month 5, offset 2, weekday 1, day 3: 5 + 20h + 100h + 1800h.
    pytest.param("again.day", 3, "2519", id="part-of-a-recurring-date"),
    pytest.param("again", {"month": 15, "period": 7, "delta": 1}, "7f04", id="another-kind-of-recurring-date"),
]


@pytest.mark.parametrize(("path", "value", "octets"), GOOD)
def test_a_change(path, value, octets):
    place = next(PLACES[name] for name in PLACES if path.lower().startswith(name))
    assert octets_of(changed(DECODED, {path: value})).hex() == after(place, octets).hex()
    assert EXAMPLE.decode(OCTETS, {"st0": ST0}) == DECODED


def test_an_array_is_given_whole():
    rows = [{"a": 9}, {"when": "2026-01-02T03:04:06"}]
    assert octets_of(changed(DECODED, {"rows": rows})) == after(9, "09 000000000000 02 1a0102030406")


def test_no_change_at_all():
    assert octets_of(changed(DECODED, {})) == OCTETS
    assert octets_of(changed(DECODED, {"rows[1].when": DECODED.rows[1].when})) == OCTETS


BAD = [
    #            path            value            what the message says                       offset
    pytest.param("nam", "X", "no element 'nam'.*did you mean name", None, id="near"),
    pytest.param("when", 1, r"did you mean rows\[0\].when", None, id="last-name-alone"),
    pytest.param("a..b", 1, "no path", None, id="no-path"),
    pytest.param("rows[2].a", 1, r"its elements are \[0\] to \[1\]", 9, id="behind-the-array"),
    pytest.param("count[0]", 1, "without an index", 4, id="no-array"),
    pytest.param("count.x", 1, "no named parts", 4, id="no-record"),
    pytest.param("flags.colour", 1, "no element 'colour'; did you mean flags.on, flags.level", 6, id="no-such-bit"),
    pytest.param("flags.on.x", 1, "single bit", 6, id="inside-a-bit"),
    pytest.param("used[16]", True, "numbers 0 to 15", 7, id="beyond-the-set"),
    pytest.param("used", "16", "member 16", 7, id="member-beyond-the-set"),
    pytest.param("used", "5-", "numbers of a set", 7, id="no-members"),
    pytest.param("extra", 1, "does not have it", 51, id="what-the-meter-has-not"),
    pytest.param("later", 1, "ends before it", 52, id="behind-the-end"),
    pytest.param("name", "ABCDE", "takes 5 octets, 4", 0, id="text-too-long"),
    pytest.param("name", "Ä", "ASCII", 0, id="not-ascii"),
    pytest.param("name", 5, "text is wanted", 0, id="no-text"),
    pytest.param("count", 65536, "0 to 65535 fits", 4, id="number-too-large"),
    pytest.param("count", True, "whole number", 4, id="no-number"),
    pytest.param("count", "1_0", "whole number", 4, id="not-as-python-writes-it"),
    pytest.param("count", "1.5", "whole number", 4, id="no-whole-number"),
    pytest.param("flags.level", 8, "0 to 7 fits", 6, id="too-many-bits"),
    pytest.param("flags.on", 2, "true or false", 6, id="no-flag"),
    pytest.param("flags", 3, r"its members are wanted", 6, id="bits-without-names"),
    pytest.param("rows", [{}], "2 elements are there, 1 given", 9, id="another-number-of-elements"),
    pytest.param("rows", "x", "list of its 2 elements", 9, id="no-list"),
    pytest.param("rows[0].when", "2026-01-01T00:00:00Z", "zone", 10, id="zone"),
    pytest.param("rows[0].when", "tomorrow", "2026-01-31T12:00:00", 10, id="no-time"),
    pytest.param("rows[0].when", "2026-02-30T00:00:00", "not understood", 10, id="no-such-day"),
    pytest.param("rows[0].when", "0x00", "takes 1 octets, 6", 10, id="time-of-other-size"),
    pytest.param("rows[0].when", {"raw": "1b011f173b3a", "value": None}, "give one of them", 10, id="contradiction"),
    pytest.param("energy", "x", "decimal number", 23, id="no-decimal"),
    pytest.param("energy", "123456789", "at most 8", 23, id="too-many-digits"),
    pytest.param("volts", "0.00001", "four decimals", 27, id="too-fine"),
    pytest.param("ratio", "nan", "number is wanted", 38, id="nan"),
    pytest.param("ratio", "1e39", "does not fit", 38, id="float-too-large"),
    pytest.param("digits", "1 2", "digits", 31, id="no-digits"),
    pytest.param("octets", "0102", "3 octets are wanted", 33, id="too-few-octets"),
    pytest.param("octets", "xyz", "hex digits", 33, id="no-hex"),
    pytest.param("again.period", 1, "no element 'period'", 49, id="other-kind-of-recurring-date"),
]


@pytest.mark.parametrize(("path", "value", "message", "offset"), BAD)
def test_what_is_refused(path, value, message, offset):
    with pytest.raises(TableError, match=message) as info:
        changed(DECODED, {path: value})
    assert (info.value.table, info.value.offset) == (3000, offset)


def test_secrets_do_not_show():
    table = Table(3001, "X", Struct("key" / Secret(Octets(4))), purpose="keys")
    decoded = table.decode(b"\x00" * 4)
    new = changed(decoded, {"key": "6d61726b"})
    assert octets_of(new) == b"mark"
    assert "6d61726b" not in repr(difference(decoded, new))
    assert "mark" not in repr(difference(decoded, new))
    for bad in ("6d61726b6d", "markmark"):
        with pytest.raises(TableError) as info:
            changed(decoded, {"key": bad})
        assert bad not in str(info.value)


def test_a_change_of_size_takes_a_whole_table():
    table = Table(3002, "X", Struct("nbr" / UINT8, "rest" / Array(this.nbr, UINT8)), purpose="counted")
    decoded = table.decode(b"\x01\x05", {"st0": ST0})
    with pytest.raises(TableError, match="2 elements wanted, 1 given"):
        changed(decoded, {"nbr": 2})
    assert octets_of(replaced(decoded, b"\x02\x05\x06")) == b"\x02\x05\x06"
    with pytest.raises(TableError, match="left"):
        replaced(decoded, b"\x02\x05")


def test_octets_at_an_offset():
    assert octets_of(replaced(DECODED, b"\x99", 4)) == after(4, "99")
    for offset in (-1, len(OCTETS)):
        with pytest.raises(TableError, match=f"not all in a table of {len(OCTETS)} octets"):
            replaced(DECODED, b"\x99", offset)


def test_octets_behind_the_layout_stay():
    decoded = STANDARD.table(5).decode(b"A" * 20 + b"\x01\x02", {"st0": ST0}, tolerant=True)
    new = changed(decoded, {"identification": "B"})
    assert octets_of(new) == b"B" + b" " * 19 + b"\x01\x02"
    assert difference(decoded, replaced(decoded, b"\x07", 21)) == [
        FieldChange("", b"\x01\x02", b"\x01\x07", 20, b"\x01\x07")
    ]


def test_the_difference_field_by_field():
    new = changed(DECODED, {"count": 4, "flags.level": 0, "flags.on": False, "rows[0].a": 7, "used[3]": 1})
    assert difference(DECODED, new) == [
        FieldChange("count", 3, 4, 4, b"\x04\x00"),
        FieldChange("flags.on", True, False, 6, b"\xf0"),
        FieldChange("flags.level", 1, 0, 6, b"\xf0"),
        FieldChange("used", [0, 2, 15], [0, 2, 3, 15], 7, b"\x0d\x80"),
        FieldChange("rows[0].a", 1, 7, 9, b"\x07"),
    ]


def test_the_same_value_in_other_octets_is_a_difference():
    new = replaced(DECODED, bytes.fromhex("00001234"), 23)
    assert difference(DECODED, new) == [FieldChange("energy", Decimal(1234), Decimal(1234), 23, b"\x00\x00\x12\x34")]


def test_editing_a_copy():
    copied = editable(DECODED)
    copied.count = 9
    copied.rows[1].a = 8
    copied["flags"]["level"] = 2
    copied.used.append(1)
    assert DECODED.count == 3
    new = changed(DECODED, edits(DECODED, copied))
    assert octets_of(new) == after(4, "0900 f5 0780 01 000000000000 08")
    with pytest.raises(AttributeError, match="there are: name, count"):
        copied.cuont = 5
    copied["cuont"] = 5
    with pytest.raises(TableError, match="did you mean count"):
        changed(DECODED, edits(DECODED, copied))
    assert isinstance(copied.rows[0], Record)
    assert edits(DECODED, editable(DECODED)) == {}
    assert isinstance(DECODED.rows[0].when, MeterTime)
