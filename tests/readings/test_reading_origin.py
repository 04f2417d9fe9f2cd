"""Where values stand: constructed tables whose octets are counted by hand."""

import pytest
from meters_by_hand import ONE_SUMMATION, meter, octets, one_source

from c1219_tables.readings.notes import Note
from c1219_tables.readings.origin import Origin, Step, value

# Table 21: demand resets are counted, one summation. Table 23: the count 5, then 1000 = 3E8H.
TABLES = meter(
    {
        **one_source("00 50 02 00"),
        **ONE_SUMMATION,
        21: octets("04 00 00 01 00 00 00 00 00 00"),
        23: octets("05 E8 03 00 00"),
    }
)


def test_an_element():
    found = Origin.of(TABLES[23], "tot_data_block.summations[0]")
    assert found == Origin(23, "tot_data_block.summations[0]", 1, octets("E8 03 00 00"))
    assert str(found) == "ST-23 tot_data_block.summations[0] @1+4 = E8 03 00 00"


def test_a_part_of_a_bit_field_has_the_octets_of_the_field():
    assert str(Origin.of(TABLES[12], "uom_entry[0].multiplier")) == "ST-12 uom_entry[0].multiplier @0+4 = 00 50 02 00"


@pytest.mark.parametrize(
    "path",
    [
        "nothing",
        "tot_data_block.nothing",
        "tot_data_block.summations[1]",
        "tot_data_block.summations[0].low",
        "",
        "[0]",
    ],
)
def test_what_is_not_there(path):
    with pytest.raises(KeyError):
        Origin.of(TABLES[23], path)


def test_a_value_at_a_path():
    assert value(TABLES[23], "tot_data_block.summations[0]") == 1000
    assert value(TABLES[12], "uom_entry[0].multiplier") == 2


def test_many_octets_are_cut_when_shown():
    assert str(Origin(2051, "octets", 3, bytes(20))) == "MT-3 octets @3+20 = " + " ".join(["00"] * 16) + " .."


def test_steps_and_notes_in_words():
    assert str(Step("x 10^3", Origin(12, "uom_entry[0]", 0, b"\x10"))) == "x 10^3 (ST-12 uom_entry[0] @0+1 = 10)"
    assert str(Step("x 2")) == "x 2"
    assert str(Note("pulses", "counts pulses")) == "counts pulses"
