"""Words for records that may be longer than what is known of them: shares of a region, and octets up to a limit."""

import pytest
from construct import Int8ub, Int16ub, this

from c1219_tables.errors import LayoutError
from c1219_tables.schema.dialect import Array, Rest, Shared, Struct, Trailing, UpTo
from c1219_tables.schema.layout import Layout

RECORD = Struct("first" / Int8ub, "more" / Rest())
RECORDS = Layout("thing", Struct("count" / Int8ub, "records" / Shared(this.count, RECORD)))
PAIRS = Layout("thing", Struct("pairs" / Shared(2, Int16ub)))
LIMITED = Layout("thing", Struct("most" / Int8ub, "octets" / UpTo(this.most)))


@pytest.mark.parametrize(
    ("given", "records"),
    [
        ("00", []),
        ("02 0A 0B", [(0x0A, b""), (0x0B, b"")]),
        ("02 0A01 0B02", [(0x0A, b"\x01"), (0x0B, b"\x02")]),
        ("03 0A0102 0B0304 0C0506", [(0x0A, b"\x01\x02"), (0x0B, b"\x03\x04"), (0x0C, b"\x05\x06")]),
    ],
)
def test_shares(given, records):
    decoded = RECORDS.decode(bytes.fromhex(given))
    assert [(record.first, record.more) for record in decoded.records] == records
    assert RECORDS.encode(decoded) == bytes.fromhex(given)


@pytest.mark.parametrize(
    ("given", "problem", "offset"),
    [
        ("02 0A0B0C", "3 octets cannot be shared by 2 elements", 1),
        ("02", "1 octet wanted, 0 left", 1),
        ("00 0A", "1 octets left over", 1),
    ],
)
def test_what_cannot_be_shared(given, problem, offset):
    with pytest.raises(LayoutError, match=problem) as info:
        RECORDS.decode(bytes.fromhex(given))
    assert info.value.offset == offset


def test_an_element_fills_its_share():
    with pytest.raises(LayoutError, match="1 octet left over") as info:
        PAIRS.decode(bytes(6))
    assert (info.value.field, info.value.offset) == ("pairs[0]", 2)
    assert PAIRS.construct.sizeof(_params={}) == 4


@pytest.mark.parametrize(
    ("records", "problem"),
    [
        ([{"first": 1, "more": b""}], "2 elements wanted, 1 given"),
        ([{"first": 1, "more": b""}, {"first": 1, "more": b"\0"}], "elements of equal size are wanted"),
    ],
)
def test_shares_are_equal_when_written(records, problem):
    with pytest.raises(LayoutError, match=problem) as info:
        RECORDS.encode({"count": 2, "records": records})
    assert info.value.field == "records"


def test_octets_up_to_a_limit():
    for given in ("02", "02 0A", "02 0A0B"):
        decoded = LIMITED.decode(bytes.fromhex(given))
        assert decoded["octets"] == bytes.fromhex(given)[1:]
        assert LIMITED.encode(decoded) == bytes.fromhex(given)
    with pytest.raises(LayoutError, match="1 octets left over") as info:
        LIMITED.decode(bytes.fromhex("02 0A0B0C"))
    assert info.value.offset == 3
    with pytest.raises(LayoutError, match="3 octets given where at most 2 fit"):
        LIMITED.encode({"most": 2, "octets": bytes(3)})
    with pytest.raises(LayoutError, match="where octets are wanted"):
        LIMITED.encode({"most": 2, "octets": 7})
    assert LIMITED.encode({"most": 2}) == b"\x02"


def test_size_without_what_is_not_there():
    """No element: no octets, even if the size of one is not known. Trailing octets are expected by nobody."""
    layout = Struct("none" / Array(0, Rest()), "shares" / Shared(0, Rest()), "trailing" / Trailing())
    assert layout.sizeof(_params={}) == 0
