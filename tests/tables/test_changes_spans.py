"""Which octets a change writes, and for every declared table: the span, written, is what a full write would be."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from values_of_tables import draw_value, meter

from c1219_tables.changes import Patch, changed, cut, difference, octets_of, patches, replaced, smallest_span
from c1219_tables.formats import UINT8, UINT16
from c1219_tables.registry import STANDARD
from c1219_tables.schema.dialect import Array, Struct
from c1219_tables.table import Table, is_raw

DECLARED = [table for table in map(STANDARD.table, range(256)) if not is_raw(table)]
ST0 = {
    "format_control_1": {"data_order": False, "char_format": 1, "spare_7": 0},
    "format_control_2": {"tm_format": 2, "int_format": 0, "id_form": False},
    "format_control_3": {"ni_format1": 8, "ni_format2": 8},
}
EXAMPLE = Table(
    3000, "X", Struct("a" / UINT16, "clock" / UINT16, "rows" / Array(2, UINT16), "end" / UINT8), purpose="an example"
)
OCTETS = bytes.fromhex("0100 0200 0300 0400 05")
DECODED = EXAMPLE.decode(OCTETS, {"st0": ST0})


SPANS = [
    #            changes                      apart         (offset, octets) of each write                    why
    ({}, (), [], "nothing"),
    ({"a": 1}, (), [], "same"),
    ({"a": 2}, (), [(0, "0200")], "a-number-is-written-whole"),
    ({"end": 6}, (), [(8, "06")], "the-last"),
    ({"rows[0]": 4, "rows[1]": 5}, (), [(4, "04000500")], "neighbours"),
    ({"a": 2, "end": 6}, (), [(0, "0200 0200 0300 0400 06")], "what-is-between-is-written-back"),
    ({"a": 2, "end": 6}, ("clock",), [(0, "0200"), (8, "06")], "not-what-changes-by-itself"),
    ({"a": 2, "end": 6}, ("rows[1]",), [(0, "0200"), (8, "06")], "one-element"),
    ({"rows[0]": 2, "end": 6}, ("rows",), [(4, "0200"), (8, "06")], "named-and-changed-is-written"),
    ({"clock": 3, "rows[0]": 6}, ("clock",), [(2, "0300 0600")], "changed-and-named"),
]


@pytest.mark.parametrize(("changes", "apart", "writes"), [case[:3] for case in SPANS], ids=[case[3] for case in SPANS])
def test_spans(changes, apart, writes):
    expected = [Patch(offset, bytes.fromhex(octets)) for offset, octets in writes]
    assert patches(DECODED, changed(DECODED, changes), apart) == expected


def test_the_smallest_span():
    assert smallest_span(DECODED, DECODED) is None
    assert smallest_span(DECODED, changed(DECODED, {"rows[0]": 9})) == (4, b"\x09\x00")
    with pytest.raises(ValueError, match="9 octets to 0"):
        smallest_span(DECODED, STANDARD.table(17).decode(b""))


def test_unknown_octets_are_written_one_by_one():
    raw = STANDARD.table(2048 + 9).decode(b"abcdef")
    assert patches(raw, replaced(raw, b"aXcdYf")) == [(1, b"XcdY")]


@pytest.mark.parametrize(("room", "sizes"), [(9, [9]), (8, [8, 1]), (7, [6, 3]), (2, [2, 2, 2, 2, 1]), (1, [1] * 9)])
def test_pieces_end_between_elements_where_they_can(room, sizes):
    pieces = cut(Patch(0, OCTETS), room, DECODED)
    assert [len(piece.octets) for piece in pieces] == sizes
    assert b"".join(piece.octets for piece in pieces) == OCTETS
    assert [piece.offset for piece in pieces] == [sum(sizes[:n]) for n in range(len(sizes))]


def leaves(value, path=""):
    """(path, value) of the innermost values: also single bits; lists that may be sets are one."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value and isinstance(value[0], dict | list):
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{index}]")
    else:
        yield path, value


def is_finite(value):
    """Octets may hold an infinite number, but nobody may give one: it is refused as no number."""
    if isinstance(value, list):
        return all(map(is_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def put(value, steps, new):
    """The value with another one at a path: a way to change it that is not the library's."""
    if not steps:
        # 1 and 1.0 are one number: what is equal is not changed, in lists too.
        pairs = zip(value, new, strict=True) if isinstance(value, list) and len(value) == len(new) else ()
        return [put(old, (), inner) for old, inner in pairs] or (value if value == new else new)
    step, *rest = steps
    if isinstance(value, dict):
        return {name: put(inner, rest, new) if name == step else inner for name, inner in value.items()}
    return [put(inner, rest, new) if f"{index}" == step else inner for index, inner in enumerate(value)]


@pytest.mark.parametrize("table", DECLARED, ids=repr)
@given(data=st.data())
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_the_smallest_span_equals_the_full_write(table, data):
    tables = meter(data.draw, table.needs, with_table=table)
    values = [draw_value(data.draw, table, tables) for _ in range(2)]
    one, other = (table.decode(table.encode(value, tables), tables) for value in values)
    known = dict(leaves(other))
    # RDATE: which members there are depends on the month.
    same = [
        path
        for path, value in leaves(one)
        if path in known and known[path] != value and "rdate" not in path and is_finite(known[path])
    ]
    if not same:
        return
    paths = data.draw(st.lists(st.sampled_from(same), min_size=1, max_size=3, unique=True))
    wanted = dict(one)
    for path in paths:
        wanted = put(wanted, path.replace("[", ".").replace("]", "").split("."), known[path])
    try:
        full = table.encode(wanted, tables)
        again = table.decode(full, tables)
    except ValueError:
        return  # a table of another shape, or none at all
    if len(full) != len(octets_of(one)) or again != wanted:
        return
    new = changed(one, {path: known[path] for path in paths})
    for apart in ((), [path for path in dict(leaves(one)) if path not in paths]):
        written = bytearray(octets_of(one))
        for offset, octets in patches(one, new, apart):
            written[offset : offset + len(octets)] = octets
        assert table.decode(bytes(written), tables) == wanted
        assert bytes(written) == octets_of(new)
    # The full write of a value made anew has no unusual forms; where the table has none, the octets are the same.
    if not one.forms:
        assert octets_of(new) == full
    for change in difference(one, new):
        assert any(change.path.startswith(path) or path.startswith(change.path) for path in paths)
