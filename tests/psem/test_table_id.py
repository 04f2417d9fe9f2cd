"""Table numbers: bits 10-0 number, 11 manufacturer, 12 pending, 13 user-defined (protocol.md 2.2)."""

import pytest

from c1222.psem.table_id import parse_table, table_text

NAMED = [
    (0, "ST-0"),
    (23, "ST-23"),
    (2047, "ST-2047"),
    (0x0800, "MT-0"),
    (0x0811, "MT-17"),  # 11H = 17
    (0x1000 | 54, "PT-54"),
    (0x1800 | 5, "PMT-5"),
    (0x2000 | 1, "UT-1"),
]


@pytest.mark.parametrize(("number", "text"), NAMED)
def test_number_and_text(number, text):
    assert table_text(number) == text
    assert parse_table(text) == number
    assert parse_table(text.lower()) == number
    assert parse_table(text.replace("-", "")) == number
    assert parse_table(f" {text} ") == number


@pytest.mark.parametrize(("text", "number"), [("23", 23), ("0", 0), ("2065", 2065), ("65535", 65535)])
def test_bare_numbers(text, number):
    assert parse_table(text) == number


def test_every_number_with_a_named_prefix_reads_back():
    for number in range(0x4000):
        text = table_text(number)
        if not text.startswith("table"):
            assert parse_table(text) == number


@pytest.mark.parametrize(("number", "text"), [(0x2801, "table 2801"), (0x4000, "table 4000"), (0xC017, "table C017")])
def test_bits_without_a_name_are_shown_as_hex(number, text):
    assert table_text(number) == text


@pytest.mark.parametrize(
    "text",
    ["", "ST", "ST-", "XT-5", "ST-2048", "MT-99999", "65536", "-1", "1.5", "0x17", "ST--3", "ST 23", "23 24", "+5"],
)
def test_what_is_not_a_table(text):
    with pytest.raises(ValueError, match="table"):
        parse_table(text)
