"""What table 12's entries describe: recorded and constructed ones, in words of the reference."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meters_by_hand import HEXING, meter, one_source

from c1219_tables.readings.values.quantity import Quantity


def quantity(entry):
    return Quantity.of(meter(one_source(entry))[12].uom_entry[0])


# name, unit, direction, phase, quadrants
RECORDED = {
    0: ("active energy delivered", "Wh", "delivered", "", {1, 4}),
    1: ("active energy received", "Wh", "received", "", {2, 3}),
    2: ("active energy sum", "Wh", "sum", "", {1, 2, 3, 4}),
    3: ("active energy net", "Wh", "net", "", {1, 2, 3, 4}),
    16: ("RMS current phase A", "A", "", "A", set()),
    20: ("RMS voltage phase B", "V", "", "B", set()),
    # This meter puts "neutral to ground" on frequency, which has no phase.
    22: ("power factor", "", "", "", set()),
    26: ("frequency", "Hz", "", "", set()),
    32: ("active power delivered", "W", "delivered", "", {1, 4}),
}


@pytest.mark.parametrize("place", sorted(RECORDED))
def test_entries_of_a_hexing_meter(place):
    found = Quantity.of(meter(HEXING)[12].uom_entry[place])
    assert (found.name, found.unit, found.direction, found.phase, set(found.quadrants)) == RECORDED[place]


@pytest.mark.parametrize(
    ("entry", "name", "unit"),
    [
        pytest.param("00 50 02 00", "active energy delivered", "Wh", id="reference-kwh-delivered"),
        pytest.param("08 29 28 00", "RMS voltage phase A", "V", id="reference-volts"),
        pytest.param("01 C4 07 00", "reactive power net", "var", id="reference-net-var-demand"),
        # Bits 14 to 17 are Q1 to Q4.
        pytest.param("01 40 00 00", "reactive energy Q1", "varh", id="one-quadrant"),
        pytest.param("01 C0 00 00", "reactive energy delivered", "varh", id="var-delivered"),
        pytest.param("01 00 03 00", "reactive energy received", "varh", id="var-received"),
        pytest.param("00 C0 00 00", "active energy Q1+Q2", "Wh", id="quadrants-without-a-direction"),
        pytest.param("02 00 00 00", "apparent energy", "VAh", id="no-quadrants"),
        # 20H = 4 in bits 19-21; 09H is time base 1.
        pytest.param("0C 01 20 00", "RMS current neutral to ground", "A", id="neutral-current"),
        pytest.param("01 40 20 00", "reactive energy Q1", "varh", id="neutral-that-means-none"),
        pytest.param("08 01 08 00", "RMS voltage phase A-B", "V", id="between-phases"),
        pytest.param("08 02 68 00", "RMS voltage phase A harmonic", "V", id="harmonic"),
        pytest.param("07 00 00 00", "unknown quantity 7", "", id="not-defined"),
    ],
)
def test_constructed_entries(entry, name, unit):
    assert (quantity(entry).name, quantity(entry).unit) == (name, unit)


def test_what_kind_of_value_it_is():
    energy, net, volts, demand = (quantity(e) for e in ("00400200", "00C50700", "08292800", "00440200"))
    assert [one.is_total for one in (energy, net, volts, demand)] == [True, True, False, False]


def test_a_name_as_one_word():
    assert quantity("08 01 08 00").key == "rms_voltage_phase_a_b"
    assert str(quantity("08 01 08 00")) == "RMS voltage phase A-B, V"


def test_a_source_that_table_12_does_not_know():
    found = Quantity.unknown(7)
    assert (found.name, found.unit, found.id_code, found.is_total) == ("source 7", "", None, False)


@given(st.binary(min_size=4, max_size=4))
def test_any_bits_give_a_quantity(entry):
    found = quantity(entry.hex())
    assert found.name.startswith(found.measured)
    assert found.key
