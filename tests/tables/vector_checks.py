"""What every vector of a table must prove, and the meters whose octets the vectors use."""

import pytest
from hypothesis import strategies as st

from c1219_tables.errors import TableError
from c1219_tables.standard.registers import ACT_REGS_TBL
from c1219_tables.standard.sources import ACT_SOURCES_LIM_TBL


def octets(text):
    return bytes.fromhex(text)


def formats(*, big=False, tm=2, ni1=8, ni2=8, int_format=0):
    """The part of table 0 that says how values are stored."""
    return {
        "format_control_1": {"data_order": big, "char_format": 1},
        "format_control_2": {"tm_format": tm, "id_form": False, "int_format": int_format},
        "format_control_3": {"ni_format1": ni1, "ni_format2": ni2},
        "std_tbls_used": [],
    }


# A Hexing HXS300: octets quoted in the comments of a head end for that make (HX), serial number all zeros.
# Least significant octet first, TM_FORMAT 2, both NI formats INT32.
HEXING_11 = octets("2A 2A 0A 00 00 01 02 2A")
HEXING_16 = bytes([0x19] * 22 + [0x11] * 10 + [0x12] * 10)
HEXING_21 = octets("0F 00 01 0A 0A 00 01 04 0A 16")
HEXING_22 = bytes([*range(10), *range(0x20, 0x2A), 0xFF, 0xFF])
HEXING_27 = bytes([*range(0x20, 0x2A), *range(0x0A, 0x20)])
HEXING_28 = bytes(80) + octets("49 59") + bytes(22) + octets("8B 13") + bytes(22)
# Table 12 has 42 entries; these were quoted, the others are zero octets here.
HEXING_UOM = {
    0: "00400200",
    1: "00800100",
    2: "00C00300",
    3: "00C00700",
    16: "0C2A2800",
    20: "082A3000",
    22: "19320000",
    26: "212A2000",
    32: "00440200",
}
HEXING_12 = b"".join(octets(HEXING_UOM.get(entry, "00000000")) for entry in range(42))


def hexing():
    """Tables of that meter that others need."""
    st0 = formats()
    return {
        "st0": st0,
        "st11": ACT_SOURCES_LIM_TBL.decode(HEXING_11, {"st0": st0}),
        "st21": ACT_REGS_TBL.decode(HEXING_21, {"st0": st0}),
    }


def check_vector(table, given, tables, *, size, dialect=None):
    """Decodes, encodes back to the same octets, has the size of the formula; gives the decoded table."""
    decoded = table.decode(given, tables, dialect=dialect)
    assert table.encode(decoded, tables, dialect=dialect) == given
    assert table.encode(dict(decoded), tables, dialect=dialect) == given
    assert len(given) == size
    assert decoded.expected_size == table.size(tables=tables, dialect=dialect) == size
    assert table.size(decoded, tables, dialect=dialect) == size
    assert decoded.remarks == []
    return decoded


def check_refusals(table, given, tables):
    """Cut at every octet: refused, with the place. One octet too many: refused, and kept when asked to."""
    for cut in range(len(given)):
        with pytest.raises(TableError, match="wanted") as info:
            table.decode(given[:cut], tables)
        assert (info.value.table, info.value.layout) == (table.number, f"ST-{table.number}")
        assert info.value.field
        # An element that is cut begins at or before the cut; none of these tables has one of more than 32 octets.
        assert cut - 32 < info.value.offset <= cut
    with pytest.raises(TableError, match="1 octets left over") as info:
        table.decode(given + b"\xa5", tables)
    assert (info.value.table, info.value.offset) == (table.number, len(given))
    kept = table.decode(given + b"\xa5", tables, tolerant=True)
    assert kept.trailing == b"\xa5"
    assert [(remark.code, remark.offset) for remark in kept.remarks] == [("size-differs", len(given))]
    assert table.encode(kept, tables) == given + b"\xa5"


any_formats = st.builds(
    formats,
    big=st.booleans(),
    tm=st.integers(0, 5),
    ni1=st.integers(0, 14),
    ni2=st.integers(0, 14),
    int_format=st.integers(0, 3),
)
"""Formats that are public, and the first codes that are not."""


def check_any_octets(table, tables, data, *, dialect=None):
    """Random octets, of the right size or near it: a value that encodes to the same octets, or TableError."""
    size = table.size(tables=tables, dialect=dialect)
    if size is None:
        given = data.draw(st.binary(max_size=64))
    else:
        given = data.draw(st.binary(min_size=size, max_size=size) | st.binary(max_size=size + 2))
    try:
        decoded = table.decode(given, tables, dialect=dialect)
    except TableError:
        return
    assert size in (None, len(given))
    assert table.encode(decoded, tables, dialect=dialect) == given
