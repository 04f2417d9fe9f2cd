"""Names of tables, with or without a public layout."""

import pytest

from c1219_tables.registry import STANDARD
from c1219_tables.standard.names import NAMES

# Numbers that the three references name, decade by decade; what is left out is named by no source.
NAMED = [
    *range(9),
    *range(10, 18),
    *range(20, 29),
    *range(30, 35),
    *range(40, 47),
    *range(50, 58),
    *range(60, 68),
    *range(70, 80),
    *range(80, 90),
    *range(90, 99),
    *range(100, 108),
    *range(110, 119),
    122,
    *range(140, 144),
    *range(150, 159),
    *range(160, 165),
]

NO_LAYOUT = [17, 43, 46, 57, 77, 78, 79, *range(80, 90), 98, *(number for number in NAMED if number >= 100)]


def test_every_table_that_a_source_names_has_its_name():
    assert sorted(NAMES) == NAMED
    assert [table.number for table in STANDARD] == NAMED
    names = [name.name for name in NAMES.values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("number", NAMED)
def test_name_purpose_and_sources(number):
    name = NAMES[number]
    assert name.name == name.name.upper()
    assert name.name.endswith("_TBL")
    assert name.purpose
    assert name.sources.split()


@pytest.mark.parametrize("number", NAMED)
def test_the_declaration_has_the_same_name(number):
    assert STANDARD.table(number).name == NAMES[number].name


def test_identifiers_that_no_source_shows():
    # As the references spell identifiers: tables 30 to 79 in their index, 91 to 98 at "Table symbols seen".
    ours = [17, 53, 57, 63, 73, 75, *range(77, 91), *(number for number in NAMED if number >= 100)]
    assert [number for number, name in NAMES.items() if name.ours] == ours


@pytest.mark.parametrize("number", NO_LAYOUT)
def test_a_table_without_a_public_layout_is_octets(number):
    table = STANDARD.table(number)
    assert table.needs == ()
    decoded = table.decode(b"\x00\x01\xff")
    assert decoded["octets"] == b"\x00\x01\xff"
    assert table.encode(decoded) == b"\x00\x01\xff"


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (9, "STD_TBL_9"),
        (123, "STD_TBL_123"),
        (2047, "STD_TBL_2047"),
        (2048, "MFG_TBL_0"),
        (4095, "MFG_TBL_2047"),
    ],
)
def test_other_numbers(number, name):
    assert STANDARD.table(number).name == name
