"""Stored values to engineering ones: each expected value stands beside the arithmetic that gives it."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meters_by_hand import ONE_SUMMATION, meter, octets, one_source

from c1219_tables.readings.notes import Note
from c1219_tables.readings.origin import Origin, Step
from c1219_tables.readings.registers import registers
from c1219_tables.readings.values.scaling import Scaling, exact, interval_scaling, ten_to
from c1219_tables.rules import Rules

# UOM entries of Wh delivered (bits 14 and 17) whose MULTIPLIER (bits 11-13) is 0 to 7.
POWERS = {
    0: "00400200",
    2: "00480200",
    3: "00500200",
    6: "00580200",
    9: "00600200",
    -2: "00680200",
    -3: "00700200",
    -6: "00780200",
}


def only(tables, rules=None, **formats):
    """The one register of a meter that has one."""
    (found,) = registers(meter(tables, **formats), rules=rules)
    return found


def one_register(power, stored, **formats):
    return only({**one_source(POWERS[power]), **ONE_SUMMATION, 23: stored}, **formats)


# format, power of ten, octets (least significant first where that matters), value.
NI_FORMATS = [
    # 3FF8H is sign 0, exponent 1023, fraction one half: 1.5; x 1000.
    pytest.param(0, 3, "000000000000F83F", "1500", id="float64"),
    # The FLOAT64 next to 0.1 is 3602879701896397 / 2^55, which has 55 decimals.
    pytest.param(
        0, 0, "9A9999999999B93F", "0.1000000000000000055511151231257827021181583404541015625", id="float64-tenth"
    ),
    # 42F6E979H: exponent 133, 1.fraction is F6E979H = 16181625 / 2^23: 16181625 / 2^17 = 123.45600128173828125; / 1000.
    pytest.param(1, -3, "79E9F642", "0.12345600128173828125", id="float32"),
    # "     1234.56" x 100.
    pytest.param(2, 2, "2020202020313233342E3536", "123456", id="char12"),
    # "-12.50" / 100.
    pytest.param(3, -2, "2D31322E3530", "-0.125", id="char6"),
    # BC614EH = 12345678, four implied decimals: 1234.5678; x 1000.
    pytest.param(4, 3, "4E61BC00", "1234567.8", id="int32-implied"),
    # 000000123456 / 1000.
    pytest.param(5, -3, "000000123456", "123.456", id="bcd6"),
    # A is minus: -0000051; x 1.
    pytest.param(6, 0, "A0000051", "-51", id="bcd4-minus"),
    # D is the point: 000012.5; x 10^6.
    pytest.param(6, 6, "000012D5", "12500000", id="bcd4-point"),
    # FFFFFEH is -2; x 10^6.
    pytest.param(7, 6, "FEFFFF", "-2000000", id="int24"),
    # 5949H = 22857; / 100 (recorded of a meter: 228.57 V).
    pytest.param(8, -2, "49590000", "228.57", id="int32"),
    # 2^32 = 4294967296; x 10^9.
    pytest.param(9, 9, "0000000001", "4294967296000000000", id="int40"),
    # F4240H = 1000000; / 10^6.
    pytest.param(10, -6, "40420F000000", "1", id="int48"),
    # 2^62 = 4611686018427387904; x 10^9: more digits than a Decimal has by default.
    pytest.param(11, 9, "0000000000000040", "4611686018427387904000000000", id="int64"),
    # 0123456789012345 / 10^6.
    pytest.param(12, -6, "0123456789012345", "123456789.012345", id="bcd8"),
    # "  9999999999999999.99" / 100: 20 digits.
    pytest.param(13, -2, "2020393939393939393939393939393939392E3939", "99999999999999.9999", id="char21"),
]


@pytest.mark.parametrize(("ni", "power", "stored", "expected"), NI_FORMATS)
def test_every_ni_format(ni, power, stored, expected):
    found = one_register(power, octets(stored), ni1=ni)
    assert found.value == Decimal(expected)
    assert found.unit == "Wh"
    # No digit is lost on the way to text, and none is written in tens to the power of something.
    assert Fraction(f"{found.value:f}") == Fraction(expected)
    assert found.origin.octets == octets(stored)


@pytest.mark.parametrize(
    ("ni", "stored", "expected"),
    [
        (0, "3FF8000000000000", "1500"),
        (7, "FFFFFE", "-2000"),
        (8, "00005949", "22857000"),
        (10, "0000000F4240", "1000000000"),
    ],
)
def test_most_significant_octet_first(ni, stored, expected):
    entry = bytes(reversed(octets(POWERS[3]))).hex()
    found = only({**one_source(entry), **ONE_SUMMATION, 23: octets(stored)}, ni1=ni, big=True)
    assert found.value == Decimal(expected)


@pytest.mark.parametrize(
    ("int_format", "stored"),
    # -2 in two's complement, in one's complement (not 2), in sign and magnitude.
    [(0, "FEFFFFFF"), (1, "FDFFFFFF"), (2, "02000080")],
)
def test_signs(int_format, stored):
    assert one_register(3, octets(stored), int_format=int_format).value == -2000


@pytest.mark.parametrize("power", sorted(POWERS))
def test_every_multiplier(power):
    """1234 = 4D2H: the point moves by as many places."""
    digits = {0: "1234", 2: "123400", 3: "1234000", 6: "1234000000", 9: "1234000000000"}
    digits |= {-2: "12.34", -3: "1.234", -6: "0.001234"}
    found = one_register(power, octets("D2040000"))
    assert f"{found.value:f}" == digits[power]
    assert found.raw == 1234


def test_multiplier_as_the_power_itself():
    """Rule multiplier_is_power: code 5 is 10^5, not 10^-2; code 0 is 1 either way."""
    tables = {**one_source(POWERS[-2]), **ONE_SUMMATION, 23: octets("D2040000")}
    found = only(tables, Rules(multiplier_is_power=True))
    assert found.value == 123400000
    assert [note.code for note in found.notes] == ["multiplier-power"]
    tables = {**one_source(POWERS[0]), **ONE_SUMMATION, 23: octets("D2040000")}
    assert only(tables, Rules(multiplier_is_power=True)).value == 1234


@pytest.mark.parametrize(
    ("ni", "stored"),
    [
        pytest.param(6, "BBBBBBBB", id="blank-bcd"),
        pytest.param(3, "202020202020", id="blank-text"),
        pytest.param(1, "0000C07F", id="not-a-number"),
        pytest.param(0, "000000000000F0FF", id="infinity"),
    ],
)
def test_octets_that_hold_no_number(ni, stored):
    found = one_register(3, octets(stored), ni1=ni)
    assert found.value is None
    assert [note.code for note in found.notes] == ["no-number"]
    assert found.why()[-2:] == ["= cannot be told", "note: the octets hold no number"]


# -- Scalars and divisors ---------------------------------------------------------------------------------------------

MILLI = Scaling("Wh").times(Decimal("0.001"), Step("x 10^-3"))
# raw, scalar, divisor, expected (raw x divisor / scalar / 1000), expected the other way (raw x scalar / divisor / 1000)
INTERVALS = [
    (1234, 1, 1, "1.234", "1.234"),
    (1234, 1, 10, "12.34", "0.1234"),
    (1234, 10, 1, "0.1234", "12.34"),
    (7, 4, 3, "0.00525", Fraction(7 * 4, 3 * 1000)),
    (100, 65535, 65535, "0.1", "0.1"),
    # 0.001 / 65536 = 15258789.0625 / 10^15.
    (1, 32768, 1, "0.000000030517578125", "32.768"),
    # (2^63 - 1) / 2^15 is 2^48 - 2^-15: 30 digits; (2^63 - 1) x 2^15 is 2^78 - 2^15.
    (2**63 - 1, 32768, 1, "281474976710.655999969482421875", "302231454903657293643.776"),
    (-5, 2, 1, "-0.0025", "-0.01"),
    (0, 3, 7, "0", "0"),
]


@pytest.mark.parametrize(("raw", "scalar", "divisor", "expected", "exchanged"), INTERVALS)
def test_intervals_of_sets_with_scalars_and_divisors(raw, scalar, divisor, expected, exchanged):
    for wanted, rule in ((expected, False), (exchanged, True)):
        scaling = interval_scaling(MILLI, scalar, divisor, None, exchanged=rule)
        if isinstance(wanted, str):
            assert scaling.value(raw) == Decimal(wanted)
        codes = [note.code for note in scaling.notes if note.code != "rounded"]
        assert codes == ([] if scalar == divisor else ["scalar-direction"])


def test_a_division_that_does_not_come_out_is_rounded_to_28_digits():
    """2 x 1 / 3 = 0.666...: 28 digits, the last rounded up."""
    scaling = interval_scaling(Scaling("Wh"), 3, 1, None)
    assert str(scaling.value(2)) == "0." + "6" * 27 + "7"
    assert scaling.value(6) == 2
    assert [note.code for note in scaling.notes] == ["rounded", "scalar-direction"]
    # 7 / 14 is a half, 3 / 12 a quarter; 1 / 14 has no end.
    for scalar, divisor, rounded in ((14, 7, False), (12, 3, False), (14, 1, True), (1, 3, False)):
        notes = interval_scaling(Scaling("Wh"), scalar, divisor, None).notes
        assert ("rounded" in [note.code for note in notes]) == rounded


def test_the_direction_is_said_and_so_is_where_the_factors_stand():
    places = Origin(62, "scalars_set1[0]", 13, b"\2\0"), Origin(62, "divisor_set1[0]", 15, b"\5\0")
    scaling = interval_scaling(Scaling("Wh"), 2, 5, places)
    assert list(map(str, scaling.steps)) == [
        "x DIVISOR 5 (ST-62 divisor_set1[0] @15+2 = 05 00)",
        "/ SCALAR 2 (ST-62 scalars_set1[0] @13+2 = 02 00)",
    ]
    assert "times DIVISOR / SCALAR" in scaling.notes[0].text
    other = interval_scaling(Scaling("Wh"), 2, 5, places, exchanged=True)
    assert [step.text for step in other.steps] == ["x SCALAR 2", "/ DIVISOR 5"]
    assert "taken times SCALAR / DIVISOR" in other.notes[0].text


@pytest.mark.parametrize(("scalar", "divisor"), [(0, 1), (1, 0), (0, 0)])
def test_a_factor_of_zero_undoes_nothing(scalar, divisor):
    scaling = interval_scaling(MILLI, scalar, divisor, None)
    assert scaling.value(5) is None
    assert [note.code for note in scaling.notes] == ["scalar-zero"]


# -- Arithmetic -------------------------------------------------------------------------------------------------------


def test_factors_and_offsets_in_their_order():
    """(7 x 2 + 3) x 10 = 170, and / 4 = 42.5."""
    scaling = Scaling("").times(Decimal(2), Step("x 2")).plus(Decimal(3), Step("+ 3")).times(Decimal(10), Step("x 10"))
    assert scaling.value(7) == 170
    assert scaling.over(4, Step("/ 4")).value(7) == Decimal("42.5")


def test_an_offset_goes_through_scalar_and_divisor_and_is_said_to():
    with_offset = Scaling("Wh").plus(Decimal(100), Step("+ constant 100"))
    scaled = interval_scaling(with_offset, 2, 1, None)
    assert scaled.value(50) == 75  # (50 + 100) x 1 / 2
    assert "offset-scaled" in [note.code for note in scaled.notes]
    assert interval_scaling(with_offset, 2, 2, None).value(50) == 150
    assert interval_scaling(with_offset, 2, 2, None).notes == ()
    assert "offset-scaled" not in [note.code for note in interval_scaling(Scaling("Wh"), 2, 1, None).notes]


def test_what_cannot_be_scaled_stays_so():
    scaling = Scaling("Wh").impossible(Note("constants-missing", "not read")).times(Decimal(10), Step("x 10"))
    assert (scaling.value(7), scaling.unit) == (None, "Wh")
    assert [note.code for note in scaling.noted(Note("more", "")).notes] == ["constants-missing", "more"]


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-6, 9), st.integers(1, 65535), st.integers(1, 65535))
def test_values_are_those_of_fractions(raw, power, scalar, divisor):
    scaling = interval_scaling(Scaling("").times(ten_to(power), Step("")), scalar, divisor, None)
    whole = Fraction(raw) * Fraction(10) ** power * divisor / scalar
    assert abs(Fraction(scaling.value(raw)) - whole) <= abs(whole) / 10**27
    if "rounded" not in [note.code for note in scaling.notes]:
        assert Fraction(scaling.value(raw)) == whole


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(-6, 9))
def test_floats_keep_every_digit(raw, power):
    assert Fraction(exact(raw)) == Fraction(raw)
    scaled = Scaling("").times(ten_to(power), Step("")).value(raw)
    assert Fraction(scaled) == Fraction(raw) * Fraction(10) ** power
