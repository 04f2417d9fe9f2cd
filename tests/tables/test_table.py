"""What every table can do: needs, sizes, tolerant decoding, windows, and dimensions that are larger than any memory."""

import re
from decimal import Decimal

import pytest
from construct import IfThenElse, Switch, len_, this

from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.formats import NI_FMAT1, STRING, UINT8, UINT16, UINT32, Octets, identifier
from c1219_tables.schema import dialect, places
from c1219_tables.schema.cursor import Span
from c1219_tables.schema.dialect import Array, BitField, If, Refused, Rest, Set, Shared, Struct, Tail, bits, flag
from c1219_tables.standard.load_profile import TABLES as LOAD_PROFILE
from c1219_tables.table import Assumption, Table, raw_table, used

st21 = this._params.st21

ST0 = {
    "format_control_1": {"data_order": False, "char_format": 1},
    "format_control_2": {"tm_format": 3, "id_form": False, "int_format": 0},
    "format_control_3": {"ni_format1": 8, "ni_format2": 8},
    "std_tbls_used": [0, 64],
}

SMALL = Table(
    22,
    "SMALL_TBL",
    Struct(
        "flags" / BitField(UINT8, flag("extra_flag", 0), bits("kind", 1, 2)),
        "values" / Array(st21.nbr_values, Struct("source" / UINT8, "reading" / UINT16)),
        "extra" / If(st21.extra, UINT32),
        "members" / Set(2),
    ),
    purpose="values of one kind",
)
TABLES = {"st0": ST0, "st21": {"nbr_values": 2, "extra": 1}}
OCTETS = bytes.fromhex("05 01 0200 03 0400 78563412 8001")


def test_decode_encode_size():
    decoded = SMALL.decode(OCTETS, TABLES)
    assert decoded == {
        "flags": {"extra_flag": True, "kind": 2, "spare_3_7": 0},
        "values": [{"source": 1, "reading": 2}, {"source": 3, "reading": 4}],
        "extra": 0x12345678,
        "members": [7, 8],
    }
    assert decoded["values"][1].reading == 4
    assert SMALL.encode(decoded, TABLES) == OCTETS
    # 1 + 2 x 3 + 4 + 2.
    assert decoded.expected_size == SMALL.size(tables=TABLES) == SMALL.size(decoded, TABLES) == 13
    assert decoded.table is SMALL
    assert (decoded.assumed, decoded.trailing, decoded.remarks) == ("", b"", [])
    assert decoded.raw("values[1].reading") == b"\x04\x00"
    assert decoded.raw("values[1]") == b"\x03\x04\x00"


@pytest.mark.parametrize("cut", range(len(OCTETS)))
def test_cut_at_every_octet(cut):
    with pytest.raises(TableError, match="wanted") as info:
        SMALL.decode(OCTETS[:cut], TABLES)
    error = info.value
    assert (error.table, error.layout) == (22, "ST-22")
    # Octet 0 flags, 1-3 and 4-6 values, 7-10 extra, 11-12 members.
    starts = {0: "flags", 1: "values[0].source", 2: "values[0].reading", 4: "values[1].source", 5: "values[1].reading"}
    starts |= {7: "extra", 11: "members"}
    offset = max(start for start in starts if start <= cut)
    assert (error.field, error.offset) == (starts[offset], offset)
    assert f"ST-22 {starts[offset]}: " in str(error)


@pytest.mark.parametrize("given", ["47", None, 71, [71]])
def test_what_is_no_octets_is_a_mistake(given):
    for attempt in (lambda: SMALL.decode(given, TABLES), lambda: SMALL.part(0, given, TABLES)):
        with pytest.raises(TypeError, match=rf"octets \(bytes\), not {type(given).__name__}"):
            attempt()


def test_a_part_does_not_begin_before_the_table():
    for attempt in (lambda: SMALL.part(-1, b"\x00", TABLES), lambda: SMALL.window(-1, b"\x00", TABLES)):
        with pytest.raises(ValueError, match="0 or more, not -1"):
            attempt()


def test_octets_left_over():
    with pytest.raises(TableError, match="2 octets left over") as info:
        SMALL.decode(OCTETS + b"\xaa\xbb", TABLES)
    assert info.value.offset == 13
    kept = SMALL.decode(OCTETS + b"\xaa\xbb", TABLES, tolerant=True)
    assert (kept.trailing, kept.octets, kept.expected_size) == (b"\xaa\xbb", OCTETS, 13)
    assert [(remark.code, remark.offset) for remark in kept.remarks] == [("size-differs", 13)]
    assert SMALL.encode(kept, TABLES) == OCTETS + b"\xaa\xbb"


def test_tolerant_is_not_blind():
    with pytest.raises(TableError, match=r"members: 2 octets wanted, 1 left"):
        SMALL.decode(OCTETS[:-1], TABLES, tolerant=True)


@pytest.mark.parametrize(
    ("given", "needed"),
    [({}, (0, 21)), ({"st0": ST0}, (21,)), ({"st21": {"nbr_values": 1, "extra": 0}}, (0,)), (None, (0, 21))],
)
def test_missing_neighbours_are_named(given, needed):
    for attempt in (
        lambda: SMALL.decode(OCTETS, given),
        lambda: SMALL.encode({}, given),
        lambda: SMALL.size(tables=given),
        lambda: SMALL.window(0, b"\x00", given),
    ):
        with pytest.raises(MissingTableError) as info:
            attempt()
        assert (info.value.needed, info.value.table) == (needed, 22)
        assert all(f"ST-{number}" in str(info.value) for number in needed)


@pytest.mark.parametrize(
    ("st21_given", "field"),
    [
        pytest.param({"extra": 0}, "values", id="dimension-not-in-it"),
        pytest.param({"nbr_values": None, "extra": 0}, "values", id="dimension-none"),
        pytest.param({"nbr_values": 1}, "extra", id="condition-not-in-it"),
        pytest.param(7, "values", id="no-table-at-all"),
    ],
)
def test_neighbours_without_what_is_asked(st21_given, field):
    tables = {"st0": ST0, "st21": st21_given}
    with pytest.raises(TableError, match=rf"ST-22 {field}: ") as info:
        SMALL.decode(OCTETS, tables)
    assert info.value.field == field
    assert SMALL.size(tables=tables) is None
    assert SMALL.window(0, OCTETS, tables) == []
    with pytest.raises(TableError, match=rf"ST-22 {field}: "):
        SMALL.encode({"flags": {}, "values": [{"source": 1, "reading": 2}], "members": []}, tables)


def test_values_that_do_not_fit_are_refused_with_their_place():
    value = SMALL.decode(OCTETS, TABLES)
    for change, field in (
        ({"flags": {"kind": 4}}, "flags.kind"),
        ({"flags": {"colour": 1}}, "flags.colour"),
        ({"values": []}, "values"),
        ({"values": [{"source": 1, "reading": 2}, {"source": 256, "reading": 2}]}, "values[1].source"),
        ({"values": [{"source": 1, "reading": 2}, {"source": 1}]}, "values[1].reading"),
        ({"extra": None}, "extra"),
        ({"members": [16]}, "members"),
        ({"colour": 1}, "colour"),
    ):
        with pytest.raises(TableError) as info:
            SMALL.encode({**value, **change}, TABLES)
        assert (info.value.field, info.value.offset, info.value.table) == (field, None, 22)


NEEDS = [
    #            layout                                            needs     why
    pytest.param(Octets(4), (), id="octets"),
    pytest.param(Set(4), (), id="set"),
    pytest.param(UINT8, (0,), id="integer"),
    pytest.param(STRING(this._params.st11.width), (0, 11), id="length"),
    pytest.param(identifier(4), (0,), id="identifier"),
    pytest.param(Array(st21.rows * (st21.columns + this._params.st31.more), Octets(1)), (21, 31), id="expression"),
    pytest.param(Array(~this._params.st41.flag, Octets(1)), (41,), id="not"),
    pytest.param(Array(len_(this._params.st41.sets), Octets(1)), (41,), id="function"),
    pytest.param(If(used(64), Octets(1)), (0,), id="used"),
    pytest.param(If(used(64) & this._params.st61.flag, Octets(1)), (0, 61), id="used-and-flag"),
    pytest.param(Switch(this._params.st62.code, {1: Octets(1), 2: Octets(st21.n)}), (21, 62), id="switch"),
    pytest.param(IfThenElse(st21.flag, Octets(1), Octets(this._params.st71.n)), (21, 71), id="either"),
    pytest.param(Struct("n" / Struct("m" / Array(this._._params.st91.n, Octets(1)))), (91,), id="by-a-longer-path"),
    pytest.param(Array(this._params.dialect.closure_status, Octets(1)), (), id="dialect"),
    pytest.param(Array(this._params.st2049.n, Octets(1)), (2049,), id="a-maker's-table"),
    pytest.param(Array(this._params.st22.n, Octets(1)), (), id="itself"),
]


@pytest.mark.parametrize(("layout", "needs"), NEEDS)
def test_needs_are_read_off_the_declaration(layout, needs):
    assert Table(22, "ONE_TBL", Struct("value" / layout), purpose="").needs == needs


def test_labels():
    labels = {0: "ST-0", 2047: "ST-2047", 2048: "MT-0", 2065: "MT-17", 4150: "PT-54", 6161: "PMT-17", 8197: "UT-5"}
    labels[0xC017] = "table C017"
    assert {number: raw_table(number, "X_TBL", "").label for number in labels} == labels
    assert repr(raw_table(2065, "X_TBL", "")) == "<MT-17 X_TBL>"


def test_dialects():
    table = Table(22, "ONE_TBL", Struct("value" / If(this._params.dialect.closure_status, Octets(1))), purpose="")
    assert table.size() == 0
    assert table.size(dialect={"closure_status": True}) == 1
    assert table.decode(b"", {}).value is None
    assert table.decode(b"\x07", {}, dialect={"closure_status": True}).value == b"\x07"
    with pytest.raises(ValueError, match="no such dialect: accent"):
        table.size(dialect={"accent": True})


ASSUMING = Table(
    5,
    "ASSUMING_TBL",
    Struct("name" / identifier(4), "rest" / UINT8),
    purpose="",
    assume=(
        Assumption(5, ST0, "5 octets are text"),
        Assumption(3, {**ST0, "format_control_2": {"id_form": True, "tm_format": 0, "int_format": 0}}, "3 are BCD"),
    ),
)


def test_a_length_that_says_how_it_is_stored():
    text, bcd = ASSUMING.decode(b"ABCD\x07"), ASSUMING.decode(b"\x12\x34\x07")
    assert (text.name, bcd.name) == ("ABCD", "1234")
    assert text.assumed == "ST-0 was not read: 5 octets are text"
    assert [(remark.code, remark.text) for remark in bcd.remarks] == [("assumed", "ST-0 was not read: 3 are BCD")]
    with pytest.raises(MissingTableError):
        ASSUMING.decode(b"ABCDE\x07")
    assert ASSUMING.decode(b"ABCD\x07", {"st0": ST0}).assumed == ""


def test_window_names_what_octets_touch():
    # Octets 2 to 4: the reading of value 0 (2-3), the source of value 1 (4).
    assert SMALL.window(2, bytes(3), TABLES) == [Span("values[0].reading", 2, 4), Span("values[1].source", 4, 5)]
    assert SMALL.window(3, bytes(1), TABLES) == [Span("values[0].reading", 2, 4)]
    assert SMALL.window(0, bytes(1), TABLES) == [Span("flags", 0, 1)]
    assert SMALL.window(10, bytes(3), TABLES) == [Span("extra", 7, 11), Span("members", 11, 13)]
    assert SMALL.window(12, bytes(2), TABLES) == []
    assert SMALL.window(4, b"", TABLES) == []
    without = {"st0": ST0, "st21": {"nbr_values": 0, "extra": 0}}
    assert SMALL.window(1, bytes(2), without) == [Span("members", 1, 3)]


def test_window_ends_where_octets_end():
    table = Table(22, "ROW_TBL", Struct("row" / Array(4, Octets(2))), purpose="")
    assert table.window(2, bytes(4)) == [Span("row[1]", 2, 4), Span("row[2]", 4, 6)]


def test_window_looks_into_every_word_that_holds_others():
    table = Table(
        22,
        "DEEP_TBL",
        Struct(
            "either" / IfThenElse(st21.flag, Struct("a" / Octets(2)), Octets(9)),
            "case" / Switch(st21.code, {5: Struct("b" / Octets(1))}, default=Octets(7)),
            "shared" / Shared(2, Struct("c" / Octets(1), "d" / Octets(1))),
            "none" / Array(3, Octets(0)),
            "tail" / Tail(Struct("e" / Octets(1))),
        ),
        purpose="",
    )
    tables = {"st21": {"flag": True, "code": 5}}
    fields = ["either.a", "case.b", "shared[0].c", "shared[0].d", "shared[1].c", "shared[1].d", "tail.e"]
    assert [span.field for span in table.window(0, bytes(8), tables)] == fields


def test_no_window_where_content_decides():
    table = Table(22, "OPEN_TBL", Struct("n" / Octets(1), "rest" / Rest()), purpose="")
    assert table.size() is None
    assert table.window(0, b"\x01") == [Span("n", 0, 1)]
    assert table.window(0, b"\x01\x02") == []
    assert table.size({"n": b"\x01", "rest": b"\x02\x03"}) == 3


def test_an_optional_end_has_no_size():
    table = Table(22, "OPEN_TBL", Struct("n" / UINT8, "end" / Tail(UINT16)), purpose="")
    tables = {"st0": ST0}
    assert table.size(tables=tables) is None
    assert table.decode(b"\x01", tables).expected_size is None
    assert [table.size(table.decode(octets, tables), tables) for octets in (b"\x01", b"\x01\x02\x03")] == [1, 3]
    with pytest.raises(TableError, match="ST-22 end: 2 octets wanted, 1 left"):
        table.decode(b"\x01\x02", tables)
    assert table.window(1, b"\x02", tables) == [Span("end", 1, 3)]


def test_what_nobody_knows_is_refused():
    table = Table(
        22, "ODD_TBL", Struct("value" / Switch(st21.code, {1: Octets(1)}, default=Refused("code is not 1"))), purpose=""
    )
    tables = {"st21": {"code": 2}}
    with pytest.raises(TableError, match="ST-22 value: code is not 1") as info:
        table.decode(b"\x01", tables)
    assert info.value.offset == 0
    with pytest.raises(TableError, match="ST-22 value: code is not 1"):
        table.encode({"value": b"\x01"}, tables)
    assert table.size(tables=tables) is None
    assert table.size(tables={"st21": {"code": 1}}) == 1


def test_a_value_that_was_changed_forgets_the_octets_that_were_kept():
    table = Table(22, "ONE_TBL", Struct("values" / Array(2, NI_FMAT1)), purpose="")
    tables = {"st0": {**ST0, "format_control_3": {"ni_format1": 3, "ni_format2": 3}}}
    decoded = table.decode(b"1.5     1.50", tables)
    assert decoded["values"] == [Decimal("1.5"), Decimal("1.5")]
    assert table.encode(decoded, tables) == b"1.5     1.50"
    decoded["values"][0] = Decimal(2)
    assert table.encode(decoded, tables) == b"     2  1.50"


# -- dimensions without octets -----------------------------------------------------------------------------------------


def huge(blocks, intervals, channels):
    return {
        "st0": {**ST0, "std_tbls_used": [64]},
        "st61": {
            "nbr_blks_set1": blocks,
            "nbr_blk_ints_set1": intervals,
            "nbr_chns_set1": channels,
            "lp_flags": {
                "blk_end_read_flag": True,
                "blk_end_pulse_flag": True,
                "extended_int_status_flag": True,
                "simple_int_status_flag": True,
                "blk_end_rd_indicator_flag": False,
            },
        },
        "st62": {"int_fmt_cde1": 4},
    }


DATA = next(table for table in LOAD_PROFILE if table.number == 64)
# Set 1 of 65535 blocks of 65535 intervals of 255 channels of 4 octets, TM_FORMAT 3 (4 octets), INT32 readings:
# a block is 4 + 255 x (4 + 4) + 8192 + 65535 x (255 // 2 + 1 + 255 x 4).
HUGE_BLOCK = 4 + 255 * 8 + 8192 + 65535 * (128 + 1020)
HUGE_SIZE = 65535 * HUGE_BLOCK


@pytest.fixture
def counted(monkeypatch):
    """Calls of what decodes and encodes one element."""
    calls = []
    for name in ("parse_field", "build_field"):
        original = getattr(dialect, name)
        monkeypatch.setattr(dialect, name, lambda *args, original=original: (calls.append(1), original(*args))[1])
    return calls


@pytest.mark.parametrize("octets", [0, 3, 4, 40])
@pytest.mark.parametrize("tolerant", [False, True])
def test_huge_dimensions_stop_where_octets_end(counted, octets, tolerant):
    with pytest.raises(TableError, match=r"ST-64 blocks\[0\]"):
        DATA.decode(bytes(octets), huge(65535, 65535, 255), tolerant=tolerant)
    # Each element that was begun took an octet, or holds one that did, or is the one that is missing.
    assert len(counted) <= 2 * (4 * octets + 8)


def test_huge_size_is_arithmetic(counted):
    assert DATA.size(tables=huge(65535, 65535, 255)) == HUGE_SIZE
    assert counted == []


def test_huge_window_is_arithmetic(counted, monkeypatch):
    asked = []
    original = places.touched
    monkeypatch.setattr(places, "touched", lambda *args, **kwargs: (asked.append(1), original(*args, **kwargs))[1])
    # 2 octets at interval 65534 of the last block: its last octet of channel 0, the first of channel 1.
    offset = 65534 * HUGE_BLOCK + 4 + 255 * 8 + 8192 + 65534 * 1148 + 128 + 3
    spans = DATA.window(offset, bytes(2), huge(65535, 65535, 255))
    path = "blocks[65534].lp_int[65534].int_data"
    assert spans == [Span(f"{path}[0]", offset - 3, offset + 1), Span(f"{path}[1]", offset + 1, offset + 5)]
    assert counted == []
    assert len(asked) < 20


def test_huge_values_are_refused_before_they_are_built(counted):
    with pytest.raises(TableError, match=re.escape("ST-64 blocks: 65535 elements wanted, 0 given")):
        DATA.encode({"blocks": []}, huge(65535, 65535, 255))
    assert len(counted) == 1


def test_huge_numbers_of_nothing_are_refused(counted):
    # Blocks of intervals without channels and status hold no octet: 65535 x 65535 of them would go on for ever.
    tables = huge(65535, 65535, 0)
    tables["st61"]["lp_flags"] |= {"extended_int_status_flag": False, "simple_int_status_flag": False}
    with pytest.raises(TableError, match="elements that take no octets"):
        DATA.decode(bytes(4 * 65535), tables)
    assert len(counted) < 5 * 65536
