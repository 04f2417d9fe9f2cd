"""Which entries of tables 12 to 15 belong to a source, and what constants do: constructed meters."""

from decimal import Decimal

import pytest
from meters_by_hand import HEXING, ONE_SUMMATION, meter, octets, one_source

from c1219_tables.readings.registers import registers
from c1219_tables.readings.values.sources import Sources
from c1219_tables.rules import Rules

WH, VARH, VOLT = "00400200", "01400000", "08292800"


def sources(links, entries, rules=None, **more):
    """Sources of a meter with these links in table 16, and entries in table 12."""
    links = octets(links)
    limits = bytes([0, len(entries), 0, 0, 0, 0, 2, len(links)])
    tables = {11: limits, 12: octets("".join(entries)), 16: links, **more}
    return Sources(meter(tables), rules)


def codes(source):
    return [note.code for note in source.scaling.notes]


# -- The walk ---------------------------------------------------------------------------------------------------------


def test_the_kth_entry_is_of_the_kth_source_that_has_one():
    found = sources("11 10 11", [WH, VOLT])
    assert [found[n].quantity.unit for n in range(3)] == ["Wh", "", "V"]
    assert [codes(found[n]) for n in range(3)] == [[], ["unit-unknown"], []]
    assert found[1].scaling.value(5) is None
    assert found[1].quantity.name == "source 1"


def test_a_table_with_an_entry_for_each_source_is_not_counted():
    """As on the recorded Hexing meter: source 1 sets no flag, and entry 1 is its own all the same."""
    found = sources("11 10 11", [WH, VARH, VOLT])
    assert [found[n].quantity.unit for n in range(3)] == ["Wh", "varh", "V"]
    assert [codes(found[n]) for n in range(3)] == [[], ["entry-for-each-source"], ["entry-for-each-source"]]


def test_the_rule_for_makes_whose_entries_are_not_counted():
    found = sources("11 10 11", [WH, VOLT], Rules(uom_one_to_one=True))
    assert [found[n].quantity.unit for n in range(3)] == ["Wh", "V", ""]
    assert [codes(found[n]) for n in range(3)] == [[], ["entry-for-each-source"], ["unit-unknown"]]


def test_without_table_16_entry_k_is_of_source_k():
    found = Sources(meter({11: octets("00 02 00 00 00 00 02 02"), 12: octets(WH + VOLT)}))
    assert [found[n].quantity.unit for n in range(3)] == ["Wh", "V", ""]
    assert codes(found[1]) == ["sources-not-read"]


def test_a_table_12_that_is_shorter_than_the_flags_say():
    found = sources("11 11 10", [WH])
    # The one entry is not for all: that is known of table 15 alone.
    assert found[0].quantity.unit == "Wh"
    assert codes(found[1]) == ["unit-unknown", "entry-missing"]


def test_a_source_past_the_end_of_table_16():
    assert codes(sources("11", [WH])[7]) == ["unit-unknown"]


def test_no_tables_at_all():
    assert codes(Sources(meter({}))[3]) == ["unit-unknown"]


def test_sources_of_a_hexing_meter():
    found = Sources(meter(HEXING))
    assert (found[20].quantity.name, found[20].scaling.value(22857)) == ("RMS voltage phase B", Decimal("228.57"))
    # Sources 32 to 41 say that they have no unit, and table 12 has one for each.
    assert (found[32].quantity.name, codes(found[32])) == ("active power delivered", ["entry-for-each-source"])


def test_demand_intervals():
    """Table 13: an interval of 30 minutes; sliding, 3 sub-intervals of 5."""
    tables = {11: octets("00 02 01 00 00 00 02 02"), 12: octets(WH * 2), 13: octets("1E00"), 16: octets("13 11")}
    found = Sources(meter(tables))
    assert [found[n].interval for n in (0, 1)] == [30, None]
    found = Sources(meter({**tables, 11: octets("08 02 01 00 00 00 02 02"), 13: octets("0503")}))
    assert found[0].interval == 15


def test_the_makers_selector():
    """Bit 2 of a source of table 16: it has an entry in table 14. What that means is the maker's matter."""
    tables = {11: octets("00 02 00 02 01 00 02 02"), 12: octets(WH * 2), 14: octets("ABCD"), 16: octets("11 15")}
    found = Sources(meter(tables))
    assert [str(found[n].scaling.steps[0]) for n in (0, 1)] == [
        "x multiplier 10^0 (ST-12 uom_entry[0].multiplier @0+4 = 00 40 02 00)",
        "the maker's selector (ST-14 source_id[0] @0+2 = AB CD)",
    ]


@pytest.mark.parametrize(
    ("entry", "code"),
    # Bit 31 is NFS, bits 23-27 ID_RESOURCE.
    [("00400280", "not-standard-unit"), ("00408202", "id-resource")],
)
def test_what_table_12_warns_of(entry, code):
    assert codes(sources("11", [entry])[0]) == [code]


def test_another_model_of_sources():
    tables = meter(one_source(WH), model=1)
    assert codes(Sources(tables)[0]) == ["model-select"]


# -- Constants --------------------------------------------------------------------------------------------------------

# Links: 1 unit, 8 constants, 10H engineering units, 20H constants to be applied.
IN_IT, TO_APPLY, PULSES_TO_APPLY, PULSES = 0x19, 0x39, 0x29, 0x09
SET1, SETS = 0x20, 0x60
# Factor 7, offset 3 as INT32; ratios not in the values: current 40, voltage 2.
PLAIN = octets("07000000 00000000")
WITH_OFFSET = octets("07000000 03000000")
RATIOS = octets("00 28000000 02000000")
IN_VALUES = octets("01 28000000 02000000")
NO_RATIOS = octets("00 01000000 01000000")
ZERO_RATIOS = octets("00 28000000 00000000")


def applied(entry, link, constants, flags=0, raw=100, **more):
    tables = meter({**one_source(entry, link, constants=[constants], flags=flags)})
    found = Sources(tables, **more)[0]
    return found.scaling.value(raw), found.scaling.unit, codes(found)


MATRIX = [
    pytest.param(WH, IN_IT, PLAIN, 0, "100", "Wh", [], id="in-the-values"),
    pytest.param(WH, TO_APPLY, PLAIN, 0, "700", "Wh", [], id="factor"),  # 100 x 7
    pytest.param("00480200", TO_APPLY, PLAIN, 0, "70000", "Wh", [], id="factor-and-power"),  # 100 x 7 x 10^2
    # 100 x 7 + 3; and / 100 behind it: 7.03.
    pytest.param(WH, TO_APPLY, WITH_OFFSET, 0, "703", "Wh", ["offset-order"], id="offset"),
    pytest.param("00680200", TO_APPLY, WITH_OFFSET, 0, "7.03", "Wh", ["offset-order"], id="offset-and-power"),
    # Power takes both ratios: 100 x 7 x 40 x 2; volts the voltage's / 100: 100 x 7 x 2 / 100; amps the current's.
    pytest.param(WH, TO_APPLY, PLAIN + RATIOS, SET1, "56000", "Wh", [], id="ratios-of-power"),
    pytest.param(VOLT, TO_APPLY, PLAIN + RATIOS, SET1, "14", "V", [], id="ratio-of-volts"),
    pytest.param("0C290000", TO_APPLY, PLAIN + RATIOS, SET1, "280", "A", [], id="ratio-of-amps"),
    pytest.param("21010000", TO_APPLY, PLAIN + RATIOS, SET1, "700", "Hz", [], id="no-ratio-of-hertz"),
    # A ratio of 0: 100 x 7 x 40. Squares: 100 x 7 x 2 x 2, 100 x 7 x 40 x 40.
    pytest.param("0A010000", TO_APPLY, PLAIN + RATIOS, SET1, "2800", "V^2", [], id="ratio-of-volts-squared"),
    pytest.param("0E010000", TO_APPLY, PLAIN + RATIOS, SET1, "1120000", "A^2", [], id="ratio-of-amps-squared"),
    pytest.param(WH, TO_APPLY, PLAIN + IN_VALUES, SET1, "700", "Wh", [], id="ratios-in-the-values"),
    pytest.param(WH, IN_IT, PLAIN + RATIOS, SET1, "100", "Wh", ["ratios-not-applied"], id="ratios-left-out"),
    pytest.param(WH, IN_IT, PLAIN + NO_RATIOS, SET1, "100", "Wh", [], id="ratios-of-1"),
    pytest.param(WH, TO_APPLY, PLAIN + ZERO_RATIOS, SET1, "28000", "Wh", ["ratio-zero"], id="ratio-of-0"),
    pytest.param(
        WH, TO_APPLY, PLAIN + IN_VALUES + RATIOS, SETS, "700", "Wh", ["second-ratios"], id="second-ratios-left-out"
    ),
    pytest.param(WH, PULSES, PLAIN, 0, "100", "pulses", ["pulses"], id="pulses"),
    pytest.param(WH, PULSES_TO_APPLY, PLAIN, 0, "700", "Wh", [], id="pulses-of-a-known-worth"),
    pytest.param(WH, TO_APPLY, octets("00000000 00000000"), 0, None, "Wh", ["constant-zero"], id="factor-of-0"),
    pytest.param(WH, 0x31, PLAIN, 0, "100", "Wh", ["no-constants"], id="to-be-applied-without-any"),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "link", "constants", "flags", "expected", "unit", "notes"), MATRIX)
def test_constants(entry, link, constants, flags, expected, unit, notes):
    found = applied(entry, link, constants, flags)
    assert found == (None if expected is None else Decimal(expected), unit, notes)


def test_the_rule_for_makes_whose_constants_are_never_in_the_values():
    rules = Rules(constants_always=True)
    assert applied(WH, IN_IT, PLAIN, rules=rules) == (700, "Wh", ["constants-always"])
    # None there to apply: nothing changes.
    assert codes(Sources(meter(one_source(WH)), rules)[0]) == []


def test_constants_that_were_not_read():
    found = Sources(meter(one_source(WH, TO_APPLY)))[0]
    assert (found.scaling.value(5), codes(found)) == (None, ["constants-missing"])


def test_one_entry_of_constants_for_all():
    tables = {11: octets("00 02 00 00 00 01 02 02"), 12: octets(WH * 2), 15: PLAIN, 16: bytes([TO_APPLY] * 2)}
    found = Sources(meter(tables))
    assert [found[n].scaling.value(1) for n in (0, 1)] == [7, 7]
    assert [codes(found[n]) for n in (0, 1)] == [[], ["one-entry-for-all"]]


def test_constants_of_gas_are_not_guessed():
    """AGA7: 10 numbers of NI_FMAT2. 40H is m3/h, time base 0 m3."""
    found = Sources(meter(one_source("40000000", TO_APPLY, constants=[bytes(40)], selector=1)))[0]
    assert (found.quantity.unit, found.scaling.value(5), codes(found)) == ("m3", None, ["gas-constants"])


def test_constants_of_a_reserved_selector_are_octets():
    found = Sources(meter(one_source(WH, TO_APPLY, constants=[b"\1\2\3"], selector=9)))[0]
    assert (found.scaling.value(5), codes(found)) == (None, ["constants-missing"])


def test_why_names_the_octets_of_every_factor():
    """E8 03 00 00 is 1000; x 7, x 40 x 2, x 10^3 = 560 000 000."""
    tables = {**one_source("00500200", TO_APPLY, constants=[PLAIN + RATIOS], flags=SET1), **ONE_SUMMATION}
    (found,) = registers(meter({**tables, 23: octets("E8 03 00 00")}))
    assert found.why() == [
        "ST-23 tot_data_block.summations[0] @0+4 = E8 03 00 00 -> 1000 raw",
        "source 0, active energy delivered, Wh (ST-22 summation_select[0] @0+1 = 00)",
        "x constant 7 (ST-15 constants[0].multiplier @0+4 = 07 00 00 00)",
        "x current transformer 40 (ST-15 constants[0].set1_constants.ratio_f1 @9+4 = 28 00 00 00)",
        "x voltage transformer 2 (ST-15 constants[0].set1_constants.ratio_p1 @13+4 = 02 00 00 00)",
        "x multiplier 10^3 (ST-12 uom_entry[0].multiplier @0+4 = 00 50 02 00)",
        "= 560000000 Wh",
    ]


def test_rules_of_a_dialect():
    assert Rules.of({"event_seq_nbr": False, "scalar_over_divisor": True}) == Rules(scalar_over_divisor=True)
