"""How values of a table are written for people, and how fields are found in them."""

from datetime import datetime
from decimal import Decimal

import pytest

from c1219_tables.registry import STANDARD
from c1219_tables.schema.dialect import SecretOctets
from c1219_tables.times import MeterTime
from c1222_cli.read.declared import Declared, codes_in, declared
from c1222_cli.read.tree import Tree
from c1222_cli.read.wanted import Span, Wanted, is_within, picked, wanted
from c1222_cli.read.words import set_members, words
from c1222_cli.report import Paper

KNOWN = Declared(
    {"tm_format": "0 no clock, 1 BCD, 2 binary fields", "order": "0: oldest first; 1: newest first", "volts": "in V"},
    frozenset({"members", "std_proc_used"}),
)

NOTES = [
    #            note                                                   codes
    pytest.param("0 no clock, 1 BCD", {0: "no clock", 1: "BCD"}, id="commas"),
    pytest.param("partial reads: 0 none, 1 offset", {0: "none", 1: "offset"}, id="behind-a-colon"),
    pytest.param("identifiers are 0 text, 1 BCD", {0: "text", 1: "BCD"}, id="behind-are"),
    pytest.param("0: oldest; 1: newest", {0: "oldest", 1: "newest"}, id="colons"),
    pytest.param("hardware version: 1 of 1.9", {}, id="an-example"),
    pytest.param("number format, 0 to 13", {}, id="a-range"),
    pytest.param("1: the list has overflowed", {}, id="one-code"),
    pytest.param("2008: an identifier; 1997: four characters, as text", {}, id="years"),
    pytest.param("codes: 0 nothing, 1 overflow; since 2008: 6 changed", {}, id="more-behind-it"),
    pytest.param("", {}, id="nothing"),
]


@pytest.mark.parametrize(("note", "codes"), NOTES)
def test_codes_that_a_note_lists(note, codes):
    assert codes_in(note) == codes


def test_what_a_declaration_says():
    table_0 = declared(STANDARD.table(0))
    assert table_0.sets == {
        f"{kind}_{what}" for kind in ("std", "mfg") for what in ("tbls_used", "tbls_write", "proc_used")
    }
    assert table_0.codes("nameplate_type")[2] == "electric"
    # A SET is one also where it is optional.
    assert "simple_int_status" in declared(STANDARD.table(64)).sets


BITS = {"order": False, "on": True, "off": False, "n": 0, "spare_3": 0}
SET_DATE = {"tbl_proc_nbr": 10, "std_vs_mfg_flag": False, "selector": 3}
MAKERS = {"tbl_proc_nbr": 17, "std_vs_mfg_flag": True, "flag1": True}
POWER_DOWN = {"tbl_proc_nbr": 1, "std_vs_mfg_flag": False, "selector": 0}

WORDS = [
    #            name           value                                      words
    pytest.param("tm_format", 2, "2 (binary fields)", id="code"),
    pytest.param("tm_format", 7, "7", id="unknown-code"),
    pytest.param("any", 7, "7", id="number"),
    pytest.param("any", True, "yes", id="yes"),
    pytest.param("any", False, "no", id="no"),
    pytest.param("any", Decimal("1.50"), "1.50", id="decimal"),
    pytest.param("any", "GE  ", '"GE"', id="text"),
    pytest.param("any", b"\x01\xff", "01 ff", id="octets"),
    pytest.param("any", b"GE", '47 45 "GE"', id="octets-that-are-text"),
    pytest.param("any", b"", "empty", id="no-octets"),
    pytest.param("any", SecretOctets(b"hush"), "masked", id="secret"),
    pytest.param("any", None, "no value", id="none"),
    pytest.param("any", MeterTime(b"", datetime(2026, 1, 2, 3, 4)), "2026-01-02 03:04:00", id="time"),
    pytest.param("any", MeterTime(bytes(5), None), "not set", id="no-time"),
    pytest.param("members", [0, 1, 2, 5], "0-2, 5", id="set"),
    pytest.param("members", [], "empty", id="empty-set"),
    pytest.param("std_proc_used", [3], "3 Clear Data", id="procedures"),
    pytest.param("any", [1, 2, 3], None, id="array"),
    pytest.param("any", {"a": 1, "b": {}}, None, id="record"),
    pytest.param("any", BITS, "order 0 (oldest first), on, n 0", id="bits"),
    pytest.param("any", {"on": False, "spare_1": 0}, "none set", id="no-bits"),
    pytest.param("any", {"spare_1": 2}, "spare_1 2", id="spare-bits"),
    pytest.param("proc", SET_DATE, "procedure 10 (Set Date and/or Time), selector 3", id="procedure"),
    pytest.param("any", MAKERS, "MT-17, flag1", id="makers-table"),
    pytest.param("event_code", POWER_DOWN, "1: primary power down", id="event"),
    pytest.param("result_code", 0, "0: completed", id="coded"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "expected"), WORDS)
def test_a_value_in_words(name, value, expected):
    assert words(name, value, KNOWN) == expected


def test_of_many_bit_fields_what_is_not_0():
    assert set_members([{"a": 0, "b": False}, {"a": 0, "b": False}]) == "all 0"
    assert set_members([{"a": 0, "b": True}, {"a": 3, "b": False}]) == "[0] b, [1] a 3"


def drawn(value, width=100):
    paper = Paper(width=width, colour=False)
    Tree(paper, KNOWN).record(value)
    return paper.lines


def test_columns_of_numbers_stand_right():
    assert drawn({"sags": [{"at": "x", "volts": 9}, {"at": "yy", "volts": 210}]}) == [
        "  sags",
        '    #  at    volts',
        '    0  "x"       9',
        '    1  "yy"    210',
    ]  # fmt: skip


def test_long_names_are_stacked_where_they_are_wide():
    # Six names of 20 characters do not fit 100 columns side by side.
    assert drawn({"rows": [{f"a_rather_long_name_{index}": index for index in range(6)}]}) == [
        "  rows",
        "            a_       a_       a_       a_       a_       a_",
        "       rather_  rather_  rather_  rather_  rather_  rather_",
        "         long_    long_    long_    long_    long_    long_",
        "    #   name_0   name_1   name_2   name_3   name_4   name_5",
        "    0        0        1        2        3        4        5",
    ]


def test_what_fits_no_columns_is_one_below_the_other():
    lines = drawn({"rows": [{"text": "x" * 80, "more": "y" * 40}]})
    assert lines[:2] == ["  rows", "    [0]"]
    assert [line.split()[0] for line in lines[2:]] == ["text", "more"]


def test_records_in_records_are_columns_of_their_own():
    lines = drawn({"rows": [{"a": {"b": "x", "c": {"d": 1, "e": "t"}}, "f": [1, 2]}]})
    assert lines[1].split() == ["#", "a.b", "a.c.d", "a.c.e", "f"]
    assert lines[2].split() == ["0", '"x"', "1", '"t"', "1,", "2"]


def test_long_values_are_wrapped_and_complete():
    lines = drawn({"many": list(range(100))})
    assert max(map(len, lines)) <= 100
    assert " ".join(" ".join(lines).split()) == "many " + ", ".join(map(str, range(100)))


def test_what_a_meter_does_not_have_is_left_out():
    assert drawn({"a": None, "b": 1, "c": []}) == ["  b  1", "  c  none"]
    assert drawn({"a": None}) == ["  (nothing)"]


def test_a_terminal_is_not_touched():
    assert drawn({"a": "x\x1b[31m"}) == ['  a  "x\\x1b[31m"']


VALUE = {"a": {"b": [1, 2], "c": [{"d": 3}, {"d": 4}]}, "tiers": [{"b": [5, 6]}, {"b": [7, 8]}]}

PATHS = [
    #            path          what is there
    ("a.b", [1, 2]),
    ("a.b[1]", 2),
    ("a.b[2]", None),
    ("a.c.d", [3, 4]),
    ("a.c[1].d", 4),
    ("tiers.b", [[5, 6], [7, 8]]),
    ("tiers.b[0]", [5, 7]),
    ("tiers[1].b[0]", 7),
    ("a.x.y", None),
]


@pytest.mark.parametrize(("path", "expected"), PATHS)
def test_a_value_at_a_path(path, expected):
    assert picked(VALUE, path) == expected


def test_elements_of_a_field():
    assert is_within("a.b[0]", ["a.b"])
    assert is_within("a.b[0].c", ["a.b[0]"])
    assert is_within("x", [])
    assert not is_within("a.b[1]", ["a.b[0]"])
    assert not is_within("a", ["a.b"])
    assert not is_within("a.bc", ["a.b"])


def test_words_of_the_command_line():
    assert wanted(["23", "MT-17", "CLOCK_TBL", "1.ed_model"], STANDARD) == [
        Wanted(23),
        Wanted(2048 + 17),
        Wanted(52),
        Wanted(1, ("ed_model",)),
    ]
    assert wanted(["21..28", "ST-1..ST-2", "MT-0..5"], STANDARD) == [
        Span(21, 28, "21..28"),
        Span(1, 2, "ST-1..ST-2"),
        Span(2048, 2053, "MT-0..5"),
    ]
    assert wanted(["23.TOT_DATA_BLOCK.SUMMATIONS[1]"], STANDARD) == [Wanted(23, ("tot_data_block.summations[1]",))]
