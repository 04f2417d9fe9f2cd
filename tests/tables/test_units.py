"""Units of measure: codes and whole entries in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vector_checks import HEXING_12, HEXING_UOM, formats, hexing

from c1219_tables.codes.units import (
    MULTIPLIERS,
    QUANTITIES,
    SEGMENTATIONS,
    TIME_BASES,
    describe_quadrants,
    describe_uom,
    is_total,
    measured,
    power_of_ten,
    quadrants,
    quantity,
    segmentation,
    time_base,
)
from c1219_tables.standard.sources import UOM_ENTRY_TBL

# Codes that the one full list marks as reserved or leaves blank (6, 39, 61 and 62 come from another source).
UNDEFINED = {7, 13, *range(26, 29), *range(36, 39), 49, *range(54, 61), 63, *range(89, 128), *range(146, 190)} | {
    *range(194, 256)
}


def entry(whole):
    """The UOM entry of a 32-bit number, as table 12 decodes it."""
    tables = {"st0": formats(big=True), "st11": {"nbr_uom_entries": 1}}
    return UOM_ENTRY_TBL.decode(whole.to_bytes(4, "big"), tables).uom_entry[0]


def test_every_code_is_listed_or_undefined():
    assert set(QUANTITIES) == set(range(256)) - UNDEFINED
    assert set(TIME_BASES) == set(MULTIPLIERS) == set(SEGMENTATIONS) == set(range(8))


@pytest.mark.parametrize("codes", [QUANTITIES, TIME_BASES, SEGMENTATIONS], ids=["id", "time-base", "segmentation"])
def test_every_code_has_a_source_and_its_own_number(codes):
    for code, meaning in codes.items():
        assert meaning.code == code
        assert meaning.known
        assert set(meaning.sources) <= {"CX", "YK", "NI", "FD", "HX", "S8"}


@pytest.mark.parametrize(
    ("code", "name", "unit", "total", "total_unit"),
    [
        (0, "active power", "W", "active energy", "Wh"),
        (1, "reactive power", "var", "reactive energy", "varh"),
        (2, "apparent power", "VA", "apparent energy", "VAh"),
        (3, "phasor power", "VA", "phasor energy", "VAh"),
        (8, "RMS voltage", "V", "RMS voltage", "V"),
        (12, "RMS current", "A", "RMS current", "A"),
        (24, "power factor", "", "power factor", ""),
        (33, "frequency", "Hz", "frequency", "Hz"),
        (64, "gas flow", "m3/h", "gas", "m3"),
        (67, "gas flow", "ft3/h", "gas", "ft3"),
        (76, "energy flow", "J/h", "energy", "J"),
        (132, "liquid flow", "acre-ft/h", "liquid", "acre-ft"),
        (193, "length", "m", "length", "m"),
    ],
)
def test_quantity(code, name, unit, total, total_unit):
    found = quantity(code)
    assert (found.quantity, found.unit, found.bulk_quantity, found.bulk_unit) == (name, unit, total, total_unit)
    assert found.is_flow == (unit != total_unit)


@pytest.mark.parametrize(
    ("code", "power"), [(0, 0), (1, 2), (2, 3), (3, 6), (4, 9), (5, -2), (6, -3), (7, -6), (8, None), (-1, None)]
)
def test_multiplier_is_a_coded_power_of_ten(code, power):
    assert power_of_ten(code) == power


@pytest.mark.parametrize("look_up", [quantity, time_base, segmentation])
@pytest.mark.parametrize("code", [-1, 256, 99999])
def test_unknown_codes_are_named_as_such(look_up, code):
    found = look_up(code)
    assert found.code == code
    assert not found.known
    assert "unknown" in repr(found)
    assert str(code) in repr(found)


@pytest.mark.parametrize("code", sorted(UNDEFINED))
def test_undefined_quantities_are_named_as_such(code):
    assert quantity(code).quantity == f"unknown quantity {code}"
    assert not quantity(code).known


# What the reference says of that meter's entries, in our words.
HEXING_WORDS = {
    0: "active energy, Wh, delivered (Q1+Q4)",
    1: "active energy, Wh, received (Q2+Q3)",
    2: "active energy, Wh, sum of all quadrants (Q1+Q2+Q3+Q4)",
    3: "active energy, Wh, delivered minus received (Q1+Q4 - Q2+Q3)",
    16: "RMS current, A, over a period, phase A to neutral, x 10^-2",
    20: "RMS voltage, V, over a period, phase B to neutral, x 10^-2",
    22: "power factor, over a period, x 10^-3",
    26: "frequency, Hz, over a period, neutral to ground, x 10^-2",
    32: "active power, W, block average demand, delivered (Q1+Q4)",
}


@pytest.mark.parametrize("place", sorted(HEXING_UOM))
def test_words_for_a_hexing_meter(place):
    units = UOM_ENTRY_TBL.decode(HEXING_12, hexing()).uom_entry
    assert describe_uom(units[place]) == HEXING_WORDS[place]


@pytest.mark.parametrize(
    ("whole", "words"),
    [
        # The constructed entries of the reference.
        pytest.param(0x00025000, "active energy, Wh, delivered (Q1+Q4), x 10^3", id="kwh-delivered"),
        pytest.param(0x00282908, "RMS voltage, V, instantaneous, phase A to neutral, x 10^-2", id="volts-phase-a"),
        pytest.param(
            0x0007C401,
            "reactive power, var, block average demand, delivered minus received (Q1+Q2 - Q3+Q4)",
            id="net-var-demand",
        ),
        # Bits 15, 14 for Q2, Q1; 10000H Q3; 20000H Q4.
        pytest.param(0x0000C001, "reactive energy, varh, delivered (Q1+Q2)", id="varh-delivered"),
        pytest.param(0x00030001, "reactive energy, varh, received (Q3+Q4)", id="varh-received"),
        pytest.param(0x00004001, "reactive energy, varh, in Q1", id="varh-one-quadrant"),
        pytest.param(0x00024002, "apparent energy, VAh, in Q1+Q4", id="vah-has-no-direction"),
        pytest.param(0x00040000, "active energy, Wh, delivered minus received", id="net-without-quadrants"),
        pytest.param(0x0007C002, "apparent energy, VAh, delivered minus received (Q1+Q2+Q3+Q4)", id="net-vah"),
        # TIME_BASE 5 = 0500H, 7 = 0700H, 6 = 0600H.
        pytest.param(0x00000500, "active energy, Wh, net bulk quantity since an event", id="net-bulk"),
        pytest.param(0x00000732, "number of power outages, event count", id="events"),
        pytest.param(0x00000600, "active power, W, thermal demand", id="thermal"),
        pytest.param(0x00000040, "gas, m3", id="gas"),
        pytest.param(0x00000440, "gas flow, m3/h, block average demand", id="gas-flow"),
        pytest.param(0x0000000E, "RMS current squared, A^2, bulk quantity", id="bulk-of-no-flow"),
        pytest.param(0x00000007, "unknown quantity 7, bulk quantity", id="undefined-code"),
        # Bit 22, bits 23-27 = 3 (01800000H), bit 31.
        pytest.param(
            0x81C00108,
            "RMS voltage, V, instantaneous, harmonic component, "
            "ID_RESOURCE 3 (not public: the quantity may be another), not by the standard's units (NFS)",
            id="harmonic-resource-nfs",
        ),
    ],
)
def test_words(whole, words):
    assert describe_uom(entry(whole)) == words


@pytest.mark.parametrize(
    ("base", "total"), [(0, True), (1, False), (2, False), (3, False), (4, False), (5, True), (6, False), (7, False)]
)
def test_per_hour_cancels_in_bulk_quantities(base, total):
    assert is_total({"time_base": base}) is total
    assert measured({"id_code": 0, "time_base": base})[1] == ("Wh" if total else "W")


def test_quadrants():
    assert quadrants(entry(0x00024000)) == {1, 4}
    assert quadrants(entry(0)) == frozenset()
    assert describe_quadrants(entry(0)) == ""


def test_members_that_are_missing_count_as_zero():
    assert describe_uom({}) == "active energy, Wh"


@given(st.integers(0, 2**32 - 1))
def test_any_entry_has_words(whole):
    words = describe_uom(entry(whole))
    assert words
    assert "None" not in words
    assert ", ," not in words


@given(st.integers(), st.integers(), st.integers(), st.integers())
def test_any_codes_have_words(code, base, multiplier, phase):
    assert describe_uom({"id_code": code, "time_base": base, "multiplier": multiplier, "segmentation": phase})
