"""Explanations: rows, places, words and reading rules, taken from declarations and checked against the reference.

Octets of a table 64 are read here, too, with nothing but the rows of its explanation.
"""

import re

import pytest
from construct import this

from c1219_tables.context import MeterTables
from c1219_tables.explain import Place, explain_procedure, explain_table, find, fixed_size, rows
from c1219_tables.explain.expressions import words
from c1219_tables.formats import BCD, NI_FMAT1, UINT8, UINT16, Octets
from c1219_tables.procedures import STANDARD_PROCEDURES, procedure
from c1219_tables.registry import STANDARD
from c1219_tables.schema.dialect import Array, BitField, If, RepeatToEnd, Rest, Set, Struct, Tail, flag, note
from c1219_tables.table import used
from c1219_tables.times import DATE, RDATE

params = this._params

# The worked examples of the table reference (constructed by hand there, for LSB first, TM_FORMAT 2, NI_FORMAT1 INT32,
# only table 64 in use): table 0 is ours, with just those formats and table 64 in its set.
ST0 = bytes.fromhex("02 0A 88 00000000 02 00 00 00 01 00 09 00 00 00 00 00" + "00" * 8 + "01" + "00" * 9)
ST61 = bytes.fromhex("72000000 500C 02 0300 0400 02 0F")
ST62 = bytes.fromhex("010000 010202 02 01000100 01000A00")
ST64 = bytes.fromhex(
    "18010F0200 E8030000F4010000 0F 00000A000500 222004000200 00000B000600 00100C00FFFF"
    "18010F021E FE030000FE010000 03 00000B000500 00000B000500 000000000000 000000000000"
    "18010F0100 C3030000E2010000 0F 00000A000500 00000A000500 00000A000500 00000A000500"
)


@pytest.fixture(scope="module")
def meter():
    made = MeterTables()
    made.add_all({0: ST0, 61: ST61, 62: ST62})
    return made


@pytest.fixture(scope="module")
def profile(meter):
    return explain_table(STANDARD.table(64), meter.params())


def row_of(known, path):
    (found,) = [row for section in known.sections for row in section.rows if row.path == path and row.kind != "case"]
    return found


# -- Places ---------------------------------------------------------------------------------------------------

PLACES = [
    # Block size by the reference: 5 + 2 x 4 + 1 + 4 x (2 + 2 x 2) = 38; 3 x 38 = 114.
    #            element                                                  begins at                octets
    pytest.param("blocks[i]", "38 i", 38, id="block"),
    pytest.param("blocks[i].blk_end_time", "38 i", 5, id="time"),
    pytest.param("blocks[i].end_readings[j].block_end_read", "5 + 38 i + 4 j", 4, id="reading"),
    pytest.param("blocks[i].simple_int_status", "13 + 38 i", 1, id="simple-status"),
    pytest.param("blocks[i].lp_int[j]", "14 + 38 i + 6 j", 6, id="interval"),
    pytest.param("blocks[i].lp_int[j].extended_int_status.channels[k]", "15 + 38 i + 6 j + k", 1, id="status"),
    pytest.param("blocks[i].lp_int[j].int_data[k]", "16 + 38 i + 6 j + 2 k", 2, id="value"),
]


@pytest.mark.parametrize(("path", "place", "size"), PLACES)
def test_places_of_a_load_profile(profile, path, place, size):
    row = row_of(profile, path)
    assert (str(row.place), row.size) == (place, size)


def test_size_of_a_load_profile(profile):
    assert profile.sizes == (114,)
    assert (profile.needs, profile.unknown) == ((0, 61, 62), ())


def at(row, **indices):
    """The octets of one element of ST64, found by its row alone."""
    start = row.place.base + sum(stride * indices[index] for index, stride in row.place.strides)
    return ST64[start : start + row.size]


def test_a_reader_with_the_rows_alone(profile):
    """What the reference says of these octets: times, readings, values, status."""
    time = row_of(profile, "blocks[i].blk_end_time")
    reading = row_of(profile, "blocks[i].end_readings[j].block_end_read")
    valid = row_of(profile, "blocks[i].simple_int_status")
    common = row_of(profile, "blocks[i].lp_int[j].extended_int_status.common")
    fail = row_of(profile, "blocks[i].lp_int[j].extended_int_status.common.power_fail_flag")
    even = row_of(profile, "blocks[i].lp_int[j].extended_int_status.channels[k].even_channel_status")
    channels = row_of(profile, "blocks[i].lp_int[j].extended_int_status.channels[k]")
    value = row_of(profile, "blocks[i].lp_int[j].int_data[k]")
    # When did the newest interval of block 1 end? 2024-01-15 02:30.
    assert list(at(time, i=1)) == [24, 1, 15, 2, 30]
    # What did channel 2 read at the end of block 2? 482.
    assert reading.type == "NI_FMAT1 = INT32"
    assert int.from_bytes(at(reading, i=2, j=1), "little") == 482
    # Which intervals of block 1 are valid? The first two.
    assert (valid.type, at(valid, i=1)) == ("SET(1)", b"\x03")
    # Where did power fail? In interval 1 of block 0, whose channel 2 was partial (status 2).
    assert (fail.bits, at(common, i=0, j=1)[0] >> 5 & 1) == ((5, 5), 1)
    assert (even.bits, at(channels, i=0, j=1, k=0)[0] >> 4) == ((4, 7), 2)
    # What did channel 1 record in the last interval of block 0? 12.
    assert value.type == "UINT16"
    assert int.from_bytes(at(value, i=0, j=3, k=0), "little") == 12


def test_places_agree_with_a_decode(meter, profile):
    """The walk through the declaration and the trace of a decode find the same place for every element."""
    decoded = STANDARD.table(64).decode(ST64, meter.params())
    found = {row.path: row for row in profile.sections[0].rows if row.kind == "element" and row.place}
    compared = 0
    for path, span in decoded.spans().items():
        letters, indices = iter("ijkmn"), {}

        def letter(match, letters=letters, indices=indices):
            name = next(letters)
            indices[name] = int(match[1])
            return f"[{name}]"

        row = found.get(re.sub(r"\[(\d+)\]", letter, path))
        if row and len(row.place.strides) == len(indices):
            start = row.place.base + sum(stride * indices[index] for index, stride in row.place.strides)
            assert (start, start + row.size) == (span.start, span.end), path
            compared += 1
    # 3 blocks, times, statuses; 6 readings and their records; 12 intervals with status (record, two octets), 24 values.
    assert compared == 3 * 3 + 6 * 2 + 12 * 4 + 24


def test_what_a_meter_lacks_has_no_place_and_nothing_inside(profile):
    pulse = row_of(profile, "blocks[i].end_readings[j].block_end_pulse")
    assert (pulse.present, pulse.place, pulse.size) == (False, None, None)
    assert pulse.condition == "if ST-61.lp_flags.blk_end_pulse_flag"
    assert row_of(profile, "blocks[i].closure_status[j]").present is False
    assert not [row for row in profile.sections[0].rows if ".closure_status[j]." in row.path]


def test_a_dialect_of_a_meter(meter):
    st61 = {**meter[61], "lp_flags": {**meter[61].lp_flags, "blk_end_rd_indicator_flag": True}}
    known = explain_table(STANDARD.table(64), {**meter.params(), "st61": st61}, dialect={"closure_status": True})
    # A UINT16 for each of two channels behind the readings.
    closure = row_of(known, "blocks[i].closure_status[j]")
    assert (str(closure.place), closure.size, closure.present) == ("13 + 42 i + 2 j", 2, True)


# Sizes by the reference: sections 2 to 6 of each table.
SIZES = {
    11: (8,),
    21: (10,),
    31: (10,),
    41: (6,),
    51: (9,),
    91: (14,),
    1: (32, 24),
    5: (20, 10),
    23: (),
    64: (),
    96: (),
}


@pytest.mark.parametrize(("number", "sizes"), SIZES.items())
def test_sizes_without_a_meter(number, sizes):
    assert explain_table(STANDARD.table(number)).sizes == sizes


def test_places_without_a_meter_until_something_varies():
    known = explain_table(STANDARD.table(61))
    flags = row_of(known, "lp_flags")
    # 61 of the reference: UINT32, UINT16, UINT8, then what depends on table 0.
    assert [(str(row_of(known, name).place), row_of(known, name).size) for name in ("lp_memory_len", "lp_fmats")] == [
        ("0", 4),
        ("6", 1),
    ]
    assert (str(flags.place), flags.size, flags.type) == ("4", 2, "BIT FIELD OF UINT16")
    assert str(row_of(known, "nbr_blks_set1").place) == "7"
    assert row_of(known, "nbr_blks_set2").place is None
    bit = row_of(known, "lp_flags.blk_end_read_flag")
    assert (bit.type, bit.bits, bit.kind) == ("bit 4", (4, 4), "bits")


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place(0), "0"),
        (Place(7), "7"),
        (Place(0, (("i", 38),)), "38 i"),
        (Place(15, (("i", 38), ("j", 1))), "15 + 38 i + j"),
    ],
)
def test_a_place_in_words(place, text):
    assert str(place) == text


# -- Words of expressions and types ---------------------------------------------------------------------------------

EXPRESSIONS = [
    pytest.param(5, "5", id="number"),
    pytest.param(params.st21.nbr_tiers, "ST-21.nbr_tiers", id="neighbour"),
    pytest.param(params.st2065.count, "MT-17.count", id="neighbour-of-a-maker"),
    pytest.param(this.nbr_sags, "nbr_sags", id="element-before"),
    pytest.param(this._._.nbr_sags, "nbr_sags", id="element-of-a-record-around"),
    pytest.param((params.st21.nbr_demands + 7) // 8, "(ST-21.nbr_demands + 7) // 8", id="octets-of-a-set"),
    pytest.param(~params.st11.source_flags.x, "not ST-11.source_flags.x", id="not"),
    pytest.param(this.a & this.b.c, "a and b.c", id="and"),
    pytest.param((this.a | this.b) & this.c, "(a or b) and c", id="nested"),
    pytest.param(this.a == 2, "a = 2", id="equal"),
    pytest.param(this.a != None, "a is there", id="given"),  # noqa: E711 - an expression
    pytest.param(this.a == None, "a is not there", id="not-given"),  # noqa: E711
    pytest.param(used(64), "ST-0.std_tbls_used has 64", id="used"),
    pytest.param(params.dialect.closure_status, "dialect closure_status", id="dialect"),
]


@pytest.mark.parametrize(("expression", "text"), EXPRESSIONS)
def test_expressions_in_words(expression, text):
    assert words(expression) == text


LAYOUT = Struct(
    "kind" / UINT8 * note("one word", "CX"),
    "values" / Array(this.kind, Array(2, UINT16)) * note("pairs", "CX J"),
    "marks" / If(this.kind == 1, Set(2)) * note("", ""),
    "flags" / BitField(UINT8, flag("on", 0) * note("not public", "CX YK")) * note("flags", "CX", sure="inferred"),
    "day" / RDATE * note("a day", "CX"),
    "tail" / Tail(Octets(3)) * note("more", "CX"),
)


def test_rows_of_a_declaration():
    found = rows(LAYOUT)
    assert [(row.path, row.type, row.count, row.condition, row.sure) for row in found if row.depth == 0] == [
        ("kind", "UINT8", "", "", "single"),
        ("values[i][j]", "UINT16", "kind times, each 2 times", "", "single"),  # CX and J are one source
        ("marks", "SET(2)", "", "if kind = 1", "none"),
        ("flags", "BIT FIELD OF UINT8", "", "", "inferred"),
        ("day", "RDATE", "", "", "single"),
        ("tail", "BINARY(3)", "", "if octets are left for it", "single"),
    ]
    assert [(row.path, row.bits, row.text, row.gap) for row in found if row.path.startswith("flags.")] == [
        ("flags.on", (0, 0), "not public", True),
        ("flags.spare_1_7", (1, 7), "not defined", False),
    ]


def test_the_readings_of_a_recurring_date():
    cases = [row.condition for row in rows(LAYOUT) if row.kind == "case"]
    assert cases == ["month 0 to 13", "month 14", "month 15"]
    # Bits by the reference, 1.6: MONTH 0..3; 15 -> PERIOD 4..9, DELTA 10..15.
    assert [(row.name, row.bits) for row in rows(LAYOUT) if row.path.startswith("day.")][-3:] == [
        ("month", (0, 3)),
        ("period", (4, 9)),
        ("delta", (10, 15)),
    ]


def test_sizes_that_content_decides():
    assert fixed_size(Struct("a" / UINT8, "b" / Rest())) is None
    assert fixed_size(Struct("a" / UINT8, "b" / RepeatToEnd(UINT8))) is None
    assert fixed_size(LAYOUT) is None
    assert fixed_size(Struct("a" / UINT8, "b" / Array(3, UINT16))) == 7
    assert fixed_size(NI_FMAT1) is None
    # By the reference these are the same in every format.
    assert [fixed_size(one) for one in (DATE, RDATE, BCD(8), UINT16)] == [2, 2, 8, 2]


def test_a_choice_that_a_meter_decides_is_no_choice_for_it(profile, meter):
    value = row_of(profile, "blocks[i].lp_int[j].int_data[k]")
    assert (value.type, value.condition) == (
        "UINT16",
        "as dialect lp_set1_int16 does not hold and as ST-62.int_fmt_cde1 = 2",
    )
    cases = [row.type for row in explain_table(STANDARD.table(64)).sections[0].rows if row.kind == "case"]
    assert cases[2:] == [
        "UINT8",
        "UINT16",
        "UINT32",
        "INT8",
        "INT16",
        "INT32",
        "NI_FMAT1",
        "NI_FMAT2",
        "cannot be read",
    ]


# -- All declarations -----------------------------------------------------------------------------------------------

EVERYTHING = [
    *(pytest.param(explain_table(table), id=table.label) for table in STANDARD),
    *(pytest.param(explain_procedure(one), id=one.label) for one in STANDARD_PROCEDURES.values()),
]


@pytest.mark.parametrize("known", EVERYTHING)
def test_every_declaration_can_be_explained(known):
    for row in (row for section in known.sections for row in section.rows):
        text = f"{row.path} {row.type} {row.count} {row.condition} {row.text}"
        # Nothing of the program shows through, and nothing is left unsaid.
        assert not re.search(r"this\[|_params|<|object at|None|\?", text), text
        assert row.type, text
        if row.kind == "element":
            assert row.text, text
            assert row.sources or row.sure in ("inferred", "none"), text
    assert known.rules
    assert all(rule.text for rule in known.rules)


@pytest.mark.parametrize("known", [param for param in EVERYTHING if param.id.startswith("ST")])
def test_rows_name_all_elements_of_a_declaration(known):
    names = [name for name, _, _ in STANDARD.table(known.number).layout.fields]
    top = [row for row in known.sections[0].rows if row.depth == 0]
    assert [row.name.partition("[")[0] for row in top] == names


def test_a_table_with_a_name_only():
    known = explain_table(STANDARD.table(57))
    assert (known.layout_known, known.sizes, known.needs) == (False, (), ())
    (row,) = known.sections[0].rows
    assert (row.type, row.gap, row.sure) == ("BINARY, all octets left", True, "none")


def test_a_procedure():
    known = explain_procedure(procedure(10))
    request, answer = known.sections
    assert (known.label, request.title, answer.title) == ("SP-10", "written to table 7", "read from table 8")
    # By the reference: proc 2 octets, seq_nbr 1, then SET_MASK and the time; RESULT_CODE stands at 3 in table 8.
    assert str(row_of(known, "parm.set_mask").place) == "3"
    assert str(row_of(known, "result_code").place) == "3"
    assert "resp_data.date_time_before" in {row.path for row in answer.rows}


def test_a_procedure_of_a_meter(meter):
    known = explain_procedure(procedure(10), meter.params())
    # TM_FORMAT 2: LTIME_DATE has 6 octets.
    qualifier = row_of(known, "parm.time_date_qual")
    assert (str(qualifier.place), known.unknown) == ("10", ())


# -- How to read ---------------------------------------------------------------------------------------------------


def rules_of(number, tables=None):
    return {rule.about: rule.text for rule in explain_table(STANDARD.table(number), tables).rules}


def test_rules_without_a_meter_name_every_form():
    found = rules_of(64)
    # The codes of the reference, 1.5 and 1.6.
    for form in (
        "0 = FLOAT64",
        "4 = INT32 with four implied decimals",
        "7 = INT24",
        "10 = INT48",
        "13 = a decimal number",
    ):
        assert form in found["NI_FMATn"]
    assert "3 = UINT32, minutes since 1970-01-01 00:00;" in found["STIME_DATE"]
    assert "ST-0.format_control_1.data_order = 0, least significant octet first" in found["numbers"]
    assert {"bits", "SET(n)", "[i]", "//", "if", "ST-n.name", "dialect closure_status"} <= set(found)


def test_rules_with_a_meter_name_its_form_alone(meter):
    found = rules_of(64, meter.params())
    assert found["NI_FMAT1"] == "ST-0.format_control_3.ni_format1 is 8: INT32 (4 octets)"
    assert found["STIME_DATE"].endswith("5 octets, each a binary number: year, month, day, hour, minute")
    assert "E8 03 is 03E8h = 1000" in found["numbers"]
    assert not {"NI_FMATn", "NI_FMAT2"} & set(found)


@pytest.mark.parametrize(
    ("number", "there", "not_there"),
    [
        (21, {"order", "bits"}, {"[i]", "SET(n)", "numbers", "STIME_DATE", "if"}),
        (1, {"STRING(n)", "BCD(n)", "ST-n.name"}, {"[i]", "bits", "SET(n)"}),
        (42, {"secret", "SET(n)", "[i]"}, {"STRING(n)", "BCD(n)"}),
        (54, {"DATE", "RDATE", "bits"}, {"STIME_DATE", "NI_FMATn"}),
        (57, {"order"}, {"bits", "numbers"}),
        (95, {"STIME", "STRING(n)"}, {"DATE", "RDATE", "TIME"}),
    ],
)
def test_rules_are_those_that_help(number, there, not_there):
    found = set(rules_of(number))
    assert there <= found
    assert not not_there & found


# -- Fields ---------------------------------------------------------------------------------------------------

INT_DATA = "blocks[i].lp_int[j].int_data[k]"
FIELDS = [
    #            as people write it          what it finds   names that nothing has
    pytest.param("blocks.lp_int.int_data", (INT_DATA,), (), id="whole-path"),
    pytest.param("BLOCKS[0].LP_INT[12].INT_DATA", (INT_DATA,), (), id="upper-case-and-indices"),
    pytest.param("int_data", (INT_DATA,), (), id="last-name"),
    pytest.param("blocks.int-data", (INT_DATA,), (), id="level-left-out"),
    pytest.param("lp_data_sets1.int_data", (INT_DATA,), ("lp_data_sets1",), id="name-of-the-standard"),
    pytest.param("int_data.blocks.lp_int", ("blocks[i].lp_int[j]",), ("int_data", "blocks"), id="wrong-order"),
    pytest.param("pulse", ("blocks[i].end_readings[j].block_end_pulse",), (), id="part-of-one-name"),
]


@pytest.mark.parametrize(("field", "matches", "strange"), FIELDS)
def test_fields_are_found(field, matches, strange):
    found = find(explain_table(STANDARD.table(64)).sections[0].rows, field)
    assert (found.matches, found.strange) == (matches, strange)


def test_a_field_comes_with_what_holds_it_and_what_is_inside():
    found = find(explain_table(STANDARD.table(64)).sections[0].rows, "extended_int_status.common")
    assert [row.name for row in found.rows] == [
        "blocks[i]",
        "lp_int[j]",
        "extended_int_status",
        "common",
        "channel_1_status",
        "dst_flag",
        "power_fail_flag",
        "clock_forward_flag",
        "clock_backward_flag",
    ]


def test_a_name_that_stands_in_several_places():
    found = find(explain_table(STANDARD.table(23)).sections[0].rows, "summations")
    assert found.matches == ("tot_data_block.summations[i]", "tier_data_block[i].summations[j]")


@pytest.mark.parametrize(
    ("field", "near"), [("int_dta", "int_data"), ("channel_status", "odd_channel_status"), ("zzz", None)]
)
def test_what_may_have_been_meant(field, near):
    found = find(rows(STANDARD.table(64).layout), field)
    assert not found.matches
    assert found.near == () if near is None else near in found.near


def test_a_field_of_no_name():
    assert find(rows(LAYOUT), "") == find(rows(LAYOUT), "...")
    assert not find(rows(LAYOUT), "").matches
