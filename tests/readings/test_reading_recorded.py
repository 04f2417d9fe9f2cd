"""Registers of a real meter (Hexing HXS300, see meters_by_hand), and those that the reference constructs."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from meters_by_hand import HEXING, meter, octets

from c1219_tables.readings.register_value import Kind, Taken
from c1219_tables.readings.registers import registers
from c1219_tables.rules import Rules


@pytest.fixture(scope="module")
def hexing():
    return registers(meter(HEXING))


def of(values, kind, tier=None):
    return [one for one in values if (one.kind, one.tier) == (kind, tier)]


def test_energies_and_their_net(hexing):
    """4D71H = 19825, 33H = 51, 4DA4H = 19876, 4D3EH = 19774."""
    found = of(hexing, Kind.SUMMATION)[:4]
    assert [(one.quantity.name, one.value, one.unit) for one in found] == [
        ("active energy delivered", 19825, "Wh"),
        ("active energy received", 51, "Wh"),
        ("active energy sum", 19876, "Wh"),
        ("active energy net", 19774, "Wh"),
    ]
    delivered, received, both, net = (one.value for one in found)
    assert (both, net) == (delivered + received, delivered - received)


def test_the_first_tier(hexing):
    """212AH = 8490."""
    first = of(hexing, Kind.SUMMATION, tier=0)[0]
    assert (first.value, first.unit, first.tier, first.name) == (8490, "Wh", 0, "active energy delivered, tier 0")


def test_volts_and_hertz(hexing):
    """22857 = 5949H and 5003 = 138BH, both times 10^-2."""
    values = of(hexing, Kind.PRESENT_VALUE)
    volts, hertz = values[10], values[16]
    assert (volts.quantity.name, str(volts.value), volts.unit) == ("RMS voltage phase B", "228.57", "V")
    assert (hertz.quantity.name, str(hertz.value), hertz.unit) == ("frequency", "50.03", "Hz")
    assert (volts.raw, volts.source, hertz.raw, hertz.source) == (22857, 20, 5003, 26)
    assert [note.code for note in volts.notes] == []


def test_demands_are_maxima_that_have_no_time_yet(hexing):
    demands = of(hexing, Kind.DEMAND)
    assert len(demands) == 10
    assert {one.extreme for one in demands} == {"maximum"}
    first = demands[0]
    assert (first.name, first.value, first.unit, first.at) == ("active power delivered maximum demand", 0, "W", None)
    assert of(hexing, Kind.CUMULATIVE) == of(hexing, Kind.COINCIDENT) == []


def test_how_many_there_are(hexing):
    """10 summations and 10 demands in the total and in 4 tiers; 10 + 22 present ones."""
    assert len(hexing) == 20 * 5 + 32
    assert {one.snapshot.taken for one in hexing} == {Taken.CURRENT, Taken.PRESENT}
    assert {one.snapshot.resets for one in hexing if one.snapshot.taken == Taken.CURRENT} == {0}


def test_why(hexing):
    """Present values stand behind 10 demands of 4 octets; value 10 at 40 + 40. Source: octet 10 + 10 of table 27."""
    volts = of(hexing, Kind.PRESENT_VALUE)[10]
    assert volts.why() == [
        "ST-28 present_value[10] @80+4 = 49 59 00 00 -> 22857 raw",
        "source 20, RMS voltage phase B, V (ST-27 present_value_select[10] @20+1 = 14)",
        "x multiplier 10^-2 (ST-12 uom_entry[20].multiplier @80+4 = 08 2A 30 00)",
        "= 228.57 V",
    ]


# -- Constructed in the reference: TM_FORMAT 3 (minutes), NI_FMAT1 INT32, NI_FMAT2 INT24, one tier ---------------------

SMALL_21 = octets("56 22 01 02 01 01 02 01 01 01")
SMALL_23 = octets(
    "05"
    "40420F00 FFFFFFFF  E05DB101 EF5DB101  D2040000  F40100 C20100  640000 FEFFFF"
    "90D00300 00000000  E05DB101 00000000  58020000  F40100 000000  640000 000000"
)
# Added to it: summations of sources 0 and 1, a minimum (flag 0) of source 2, source 3 coincident with it.
# Sources: kWh delivered, Wh received, W block demand x 10^3 with its interval, V x 10^-2.
SMALL = {
    11: octets("04 04 01 00 00 00 02 04"),
    12: octets("00500200 00800100 00540200 08292800"),
    13: octets("0F00"),
    16: octets("11 11 13 11"),
    21: SMALL_21,
    22: octets("00 01  02  00  03  00"),
    23: SMALL_23,
}


def small(**more):
    return registers(meter({**SMALL, **more.pop("tables", {})}, tm=3, ni2=7, **more))


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_every_register_of_the_constructed_meter():
    """1 000 000 x 10^3; -1; 500 and 450 x 10^3; 1234 x 10^3; 100 and -2, / 100."""
    assert [(one.name, one.value, one.unit, one.at and one.at.utc) for one in small()[:7]] == [
        ("active energy delivered", 1000000000, "Wh", None),
        ("active energy received", -1, "Wh", None),
        ("active power delivered minimum demand", 500000, "W", moment("2024-01-01T00:00")),
        ("active power delivered minimum demand, occurrence 2", 450000, "W", moment("2024-01-01T00:15")),
        ("active power delivered cumulative demand", 1234000, "W", None),
        (
            "RMS voltage phase A coincident, at the demand of active power delivered",
            1,
            "V",
            moment("2024-01-01T00:00"),
        ),
        (
            "RMS voltage phase A coincident, at the demand of active power delivered, occurrence 2",
            Decimal("-0.02"),
            "V",
            moment("2024-01-01T00:15"),
        ),
    ]


def test_the_tier_of_the_constructed_meter():
    assert [(one.tier, one.value, one.at and one.at.utc) for one in small()[7:]] == [
        (0, 250000000, None),
        (0, 0, None),
        (0, 500000, moment("2024-01-01T00:00")),
        (0, 0, None),
        (0, 600000, None),
        (0, 1, moment("2024-01-01T00:00")),
        (0, 0, None),
    ]


def test_what_is_said_beside_the_values():
    found = small()
    assert {one.snapshot.resets for one in found} == {5}
    assert [one.interval for one in found[:7]] == [None, None, 15, 15, 15, None, None]
    assert [one.occurrence for one in found[:7]] == [0, 0, 0, 1, 0, 0, 1]


def test_both_occurrences_have_their_octets():
    """Behind the count: 8 octets of summations, 8 of times, 4 cumulative; demands of 3."""
    assert [(one.origin.offset, one.origin.octets) for one in small()[2:4]] == [
        (21, octets("F40100")),
        (24, octets("C20100")),
    ]


def test_slots_that_are_not_used_are_left_out():
    found = small(tables={22: octets("FF 01  02  01  FF  00")})
    assert [one.name for one in found if one.tier is None] == [
        "active energy received",
        "active power delivered maximum demand",
        "active power delivered maximum demand, occurrence 2",
        "active power delivered cumulative demand",
    ]


def test_a_coincident_value_that_goes_with_no_demand():
    found = small(tables={22: octets("00 01  02  00  03  07")})
    assert (found[5].name, found[5].with_demand, found[5].at) == ("RMS voltage phase A coincident", None, None)


def test_without_table_22_nobody_knows_what_a_register_is_of():
    tables = {number: given for number, given in SMALL.items() if number != 22}
    found = registers(meter(tables, tm=3, ni2=7))
    assert [(one.name, one.value, one.raw, one.source) for one in found[:3]] == [
        ("summation_select 0", None, 1000000, None),
        ("summation_select 1", None, -1, None),
        ("demand_select 0 demand", None, 500, None),
    ]
    assert {note.code for one in found for note in one.notes} == {"selection-not-read"}


def test_rules_come_with_the_dialect_of_the_tables():
    """MULTIPLIER 2 as the power itself: 1 000 000 x 10^2, not x 10^3."""
    tables = meter(SMALL, tm=3, ni2=7)
    tables.dialect["multiplier_is_power"] = True
    assert registers(tables)[0].value == 100000000
    assert registers(tables, rules=Rules())[0].value == 1000000000


def test_no_registers_at_all():
    assert registers(meter({})) == []


# -- Snapshots --------------------------------------------------------------------------------------------------------

# Table 21: season and time (3), 3 self reads with numbers (2), 1 summation. Snapshots: time in 5 octets, season, Wh.
LIMITS = octets("03 02 03 01 00 00 00 00 00 00")
NEVER = octets("0000000000 00 00000000")


def read(day, wh, number=None):
    head = b"" if number is None else number.to_bytes(2, "little")
    return head + bytes([25, 6, day, 1, 30, 2]) + wh.to_bytes(4, "little")


def snapshots(number, stored):
    tables = {11: octets("00 01 00 00 00 00 02 01"), 12: octets("00500200"), 16: b"\x11", 21: LIMITS, 22: b"\0"}
    return registers(meter({**tables, number: stored}))


@pytest.mark.parametrize(("number", "taken"), [(24, Taken.PREVIOUS_SEASON), (25, Taken.PREVIOUS_DEMAND_RESET)])
def test_a_snapshot(number, taken):
    (found,) = snapshots(number, read(1, 7))
    assert (found.value, found.snapshot.taken, found.snapshot.season) == (7000, taken, 2)
    # No table 52 nor 53: what the clock shows is taken for local time, of a zone that is not known.
    assert (found.snapshot.at.shown, found.snapshot.at.utc) == (datetime(2025, 6, 1, 1, 30), None)
    assert [note.code for note in found.notes] == ["clock-not-read", "zone-unknown"]


@pytest.mark.parametrize("number", [24, 25])
def test_a_snapshot_that_was_never_made(number):
    assert snapshots(number, NEVER) == []


def test_a_snapshot_without_a_time_that_holds_something_is_shown():
    (found,) = snapshots(25, octets("0000000000 00 01000000"))
    assert (found.value, found.snapshot.at) == (1000, None)


def self_reads(flags, valid, last, sequence, *entries):
    """Value, number and notes of each, but for what is said of its time."""
    head = bytes([flags, valid, last]) + sequence.to_bytes(2, "little") + bytes([0])
    return [
        (one.value, one.snapshot.number, [note.code for note in one.notes[2:]])
        for one in snapshots(26, head + b"".join(entries))
    ]


def test_self_reads_of_a_list_that_went_round():
    """Newest at 0, then the end of the list: 12, 11, 10."""
    entries = read(3, 30, 12), read(1, 10, 10), read(2, 20, 11)
    assert self_reads(0x04, 3, 0, 12, *entries) == [(30000, 12, []), (20000, 11, []), (10000, 10, [])]


def test_self_reads_newest_first():
    entries = read(3, 30, 12), read(2, 20, 11), bytes(12)
    assert self_reads(0x01, 2, 0, 12, *entries) == [(30000, 12, []), (20000, 11, [])]


def test_self_reads_whose_numbers_go_round():
    entries = read(1, 10, 65535), read(2, 20, 0), bytes(12)
    assert self_reads(0x00, 2, 1, 0, *entries) == [(20000, 0, []), (10000, 65535, [])]


def test_a_number_that_is_missing_is_reported():
    entries = read(1, 10, 7), read(2, 20, 9), bytes(12)
    assert self_reads(0x00, 2, 1, 9, *entries) == [(20000, 9, []), (10000, 7, ["sequence-gap"])]


def test_a_list_whose_last_entry_is_outside():
    entries = read(1, 10, 7), read(2, 20, 8), bytes(12)
    assert self_reads(0x00, 2, 9, 8, *entries) == [
        (10000, 7, ["last-entry-outside"]),
        (20000, 8, ["last-entry-outside"]),
    ]


def test_an_empty_list():
    assert self_reads(0x00, 0, 0, 0, bytes(12), bytes(12), bytes(12)) == []
