"""Every format of interval data, every way to end a block, scalars and divisors: against values worked out by hand.

Octets are made here by struct and by hand, values are written down with their arithmetic. The source is active energy
delivered with a multiplier of 10^0, table 12 entry 00 C9 40 02, so that a source count is a Wh.
"""

import struct
from decimal import Decimal
from itertools import product

import pytest
from profiles_by_hand import ALONE, EXTENDED, PULSE, READ, SCALED, SIMPLE, Set, profile_tables

from c1219_tables.readings.intervals.quality import Quality
from c1219_tables.readings.profile import profile
from c1219_tables.rules import Rules

# 2024-01-15 01:00 and 02:00 in TM_FORMAT 2, to the minute.
ONE, TWO = bytes([24, 1, 15, 1, 0]), bytes([24, 1, 15, 2, 0])

# Table 11: flags 0, 1 unit, no demand control, 0 octets, none, no constants, selector 2, 1 source.
# Table 12: ID_CODE 0 (W) in bits 0-7, TIME_BASE 0 (bulk) in 8-10, MULTIPLIER 0 in 11-13, quadrants 1 and 4 in 14, 17.
ENERGY = {11: bytes([0, 1, 0, 0, 0, 0, 2, 1]), 12: (1 << 14 | 1 << 17).to_bytes(4, "little"), 16: bytes([0x11])}


def little(number, octets):
    return number.to_bytes(octets, "little", signed=True)


def bcd(digits):
    return bytes.fromhex(digits)


# Format: INT_FMT_CDE; NI_FORMAT of both; octets of the four intervals; what they hold.
FORMATS = [
    pytest.param(1, 8, [b"\0", b"\x01", b"\x80", b"\xff"], ["0", "1", "128", "255"], id="UINT8"),
    pytest.param(2, 8, [b"\0\0", b"\x01\0", b"\0\x80", b"\xff\xff"], ["0", "1", "32768", "65535"], id="UINT16"),
    pytest.param(
        4, 8, [bytes(4), b"\x01\0\0\0", b"\0\0\0\x80", b"\xff" * 4], ["0", "1", "2147483648", "4294967295"], id="UINT32"
    ),
    # Two's complement: 0x80 is -128, 0xFF is -1.
    pytest.param(8, 8, [b"\0", b"\x7f", b"\x80", b"\xff"], ["0", "127", "-128", "-1"], id="INT8"),
    pytest.param(16, 8, [b"\0\0", b"\xff\x7f", b"\0\x80", b"\xfe\xff"], ["0", "32767", "-32768", "-2"], id="INT16"),
    pytest.param(
        32, 8, [bytes(4), b"\x01\0\0\0", b"\0\0\0\x80", b"\xff" * 4], ["0", "1", "-2147483648", "-1"], id="INT32"
    ),
    # Sums of powers of two, exact in both: 0.15625 is 5/32.
    pytest.param(
        64, 0, [struct.pack("<d", x) for x in (0, 1.5, 0.15625, -2.25)], ["0", "1.5", "0.15625", "-2.25"], id="FLOAT64"
    ),
    pytest.param(
        64, 1, [struct.pack("<f", x) for x in (0, 1.5, 0.15625, -2.25)], ["0", "1.5", "0.15625", "-2.25"], id="FLOAT32"
    ),
    pytest.param(
        64, 2, [b"           0", b"        12.5", b"-1          ", b" " * 12], ["0", "12.5", "-1", None], id="CHAR12"
    ),
    pytest.param(64, 3, [b"     0", b"  12.5", b"-1    ", b"123456"], ["0", "12.5", "-1", "123456"], id="CHAR6"),
    # INT32 with four implied decimals: 12345 is 1.2345.
    pytest.param(
        64, 4, [little(n, 4) for n in (0, 12345, -1, 10000)], ["0", "1.2345", "-0.0001", "1"], id="INT32/10000"
    ),
    # BCD: A is minus, D the point, B blank.
    pytest.param(
        64,
        5,
        [bcd("000000000000"), bcd("0000000012D5"), bcd("A00000000001"), bcd("BBBBBBBBBBBB")],
        ["0", "12.5", "-1", None],
        id="BCD6",
    ),
    pytest.param(
        64, 6, [bcd("00000000"), bcd("000012D5"), bcd("A0000001"), bcd("99999999")], ["0", "12.5", "-1", "99999999"],
        id="BCD4",
    ),
    # 2^23 - 1 and -2^23, and so on for each width.
    pytest.param(
        64, 7, [little(n, 3) for n in (0, 8388607, -8388608, -2)], ["0", "8388607", "-8388608", "-2"], id="INT24"
    ),
    pytest.param(64, 8, [little(n, 4) for n in (0, 1, -1, 70000)], ["0", "1", "-1", "70000"], id="INT32 as NI"),
    pytest.param(
        64, 9, [little(n, 5) for n in (0, 549755813887, -549755813888, -3)],
        ["0", "549755813887", "-549755813888", "-3"], id="INT40",
    ),
    pytest.param(
        64, 10, [little(n, 6) for n in (0, 140737488355327, -140737488355328, 5)],
        ["0", "140737488355327", "-140737488355328", "5"], id="INT48",
    ),
    pytest.param(
        64, 11, [little(n, 8) for n in (0, 2**63 - 1, -(2**63), 7)],
        ["0", "9223372036854775807", "-9223372036854775808", "7"], id="INT64",
    ),
    pytest.param(
        64,
        12,
        [bcd("0000000000000000"), bcd("00000000000012D5"), bcd("A000000000000001"), bcd("9999999999999999")],
        ["0", "12.5", "-1", "9999999999999999"],
        id="BCD8",
    ),
    pytest.param(
        64, 13, [b"0".rjust(21), b"12.5".rjust(21), b"-1".ljust(21), b"7" * 21], ["0", "12.5", "-1", "7" * 21],
        id="CHAR21",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "ni", "stored", "wanted"), FORMATS)
def test_formats(code, ni, stored, wanted):
    """NI formats as the first and as the second one; the other's width is another, so that it does not fit."""
    other = 7 if ni != 7 else 8
    for first in (True, False) if code == 64 else (True,):
        formats = {"ni1": ni, "ni2": other} if first else {"ni1": other, "ni2": ni}
        check_format(code if first else 128, formats, stored, wanted)


def check_format(code, formats, stored, wanted):
    tables, data = profile_tables(Set([ONE + b"".join(stored)], code=code), formats, ENERGY)
    series = profile(tables, data=data).channel(1)
    assert series.unit == "Wh"
    assert series.values() == [None if one is None else Decimal(one) for one in wanted]


# SCALAR, DIVISOR; stored 60 as x DIVISOR / SCALAR, and as x SCALAR / DIVISOR.
SCALINGS = [
    (1, 1, "60", "60"),
    (2, 1, "30", "120"),  # 60 x 1 / 2; 60 x 2 / 1
    (1, 10, "600", "6"),
    (3, 2, "40", "90"),  # 60 x 2 / 3; 60 x 3 / 2
    (8, 3, "22.5", "160"),  # 60 x 3 / 8; 60 x 8 / 3
    (65535, 65535, "60", "60"),
    (7, 1, "8.571428571428571428571428571", "420"),  # 60 / 7, which does not come out: 28 digits
]


@pytest.mark.parametrize(("exchanged", "other"), [(False, True), (True, False)])
@pytest.mark.parametrize(("scalar", "divisor", "most", "one_make"), SCALINGS)
def test_scalars_and_divisors(scalar, divisor, most, one_make, exchanged, other):
    """Two channels: the second one's are 1 and 1, so that arrays that are read as pairs are found out."""
    one = Set(
        [ONE + struct.pack("<8H", *[60, 5] * 4)], channels=2, flags=SCALED, scalars=(scalar, 1), divisors=(divisor, 1),
        selects=[(0, 0, 255), (0, 0, 255)],
    )  # fmt: skip
    tables, data = profile_tables(one, others=ENERGY)
    found = profile(tables, data=data, rules=Rules(scalar_over_divisor=exchanged))
    assert found[0].values() == [Decimal(one_make if exchanged else most)] * 4
    assert found[1].values() == [Decimal(5)] * 4
    assert list(found[0].raw) == [60] * 4
    assert ("scalar-direction" in {note.code for note in found[0].notes}) == (scalar != divisor)


@pytest.mark.parametrize(("scalar", "divisor"), [(0, 1), (1, 0), (0, 0)])
def test_a_factor_of_zero_is_not_applied(scalar, divisor):
    one = Set([ONE + struct.pack("<4H", 1, 2, 3, 4)], flags=SCALED, scalars=(scalar,), divisors=(divisor,))
    series = profile(*_split(profile_tables(one, others=ENERGY))).channel(1)
    assert series.values() == [None] * 4
    assert list(series.raw) == [1, 2, 3, 4]


def _split(made):
    tables, data = made
    tables.add(64, data)
    return (tables,)


# Two channels. The first one's intervals add up to 10 in each hour, the second's to 100.
FIRST, SECOND = [1, 2, 3, 4], [10, 20, 30, 40]


def a_block(end, flags, *, readings, pulses, states=(0, 0, 0, 0)):
    """A block by the layout of table 64, least significant octet first, readings INT32, intervals UINT16."""
    octets = bytearray(end)
    for channel in range(2):
        octets += struct.pack("<i", readings[channel]) if flags & READ else b""
        octets += struct.pack("<I", pulses[channel]) if flags & PULSE else b""
    octets += b"\x0f" if flags & SIMPLE else b""
    for first, second, state in zip(FIRST, SECOND, states, strict=True):
        # Two channels have 2 // 2 + 1 = 2 octets: channel 1 and the common flags, then channel 2 in the high nibble.
        octets += bytes([state, 0]) if flags & EXTENDED else b""
        octets += struct.pack("<2H", first, second)
    return bytes(octets)


@pytest.mark.parametrize("extra", [0, EXTENDED, SIMPLE, EXTENDED | SIMPLE])
@pytest.mark.parametrize("ends", [0, READ, PULSE, READ | PULSE])
@pytest.mark.parametrize("exchanged", [False, True])
def test_ends_of_blocks(ends, extra, exchanged):
    """Scalar 2, divisor 1 for channel 1: 10 stored are 5 Wh, or 20 where the make does the reverse; 1, 1 for channel 2.

    Readings rise by 5 (20) and 100, pulse counts too; those of channel 2 go round, from 2^32 - 60 to 40.
    """
    flags = ends | extra | SCALED
    risen = 20 if exchanged else 5
    blocks = [
        a_block(ONE, flags, readings=(1000, 500), pulses=(7, 2**32 - 60)),
        a_block(TWO, flags, readings=(1000 + risen, 600), pulses=(7 + risen, 40)),
    ]
    one = Set(blocks, channels=2, flags=flags, scalars=(2, 1), divisors=(1, 1), last=1, selects=[(1, 0, 0)] * 2)
    tables, data = profile_tables(one, others=ENERGY)
    found = profile(tables, data=data, rules=Rules(scalar_over_divisor=exchanged))
    halves = [Decimal(n) * 2 if exchanged else Decimal(n) / 2 for n in FIRST]
    assert [series.values() for series in found] == [halves * 2, [Decimal(n) for n in SECOND] * 2]
    for series in found:
        codes = {note.code for note in series.notes if note.code.startswith("end-")}
        assert codes == {
            code for flag, code in ((READ, "end-readings-agree"), (PULSE, "end-pulses-agree")) if ends & flag
        }


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        pytest.param(20, "; with SCALAR / DIVISOR they would agree", id="the other direction"),
        pytest.param(10, "; with neither scalar nor divisor they would agree", id="not scaled at all"),
        pytest.param(77, "", id="nothing fits"),
    ],
)
def test_ends_that_differ(change, hint):
    """Scalar 2, divisor 1: the intervals are 5 Wh, the reading rose by something else."""
    blocks = [
        a_block(ONE, READ, readings=(0, 0), pulses=()),
        a_block(TWO, READ, readings=(change, 100), pulses=()),
    ]
    one = Set(blocks, channels=2, flags=READ | SCALED, scalars=(2, 1), divisors=(1, 1), last=1, selects=[(1, 0, 0)] * 2)
    tables, data = profile_tables(one, others=ENERGY)
    notes = [note.text for note in profile(tables, data=data)[0].notes if note.code == "end-readings-differ"]
    assert notes == [
        f"the readings at the ends of 1 of 1 blocks differ from their intervals, by up to {change - 5} Wh{hint}"
    ]


def test_less_than_a_count_is_carried_over():
    """Divisor 10: a stored count is 10 Wh, so a reading that rose by 109 agrees with 10 counts, one of 110 does not."""
    for change, code in ((109, "end-readings-agree"), (91, "end-readings-agree"), (110, "end-readings-differ")):
        blocks = [
            a_block(ONE, READ, readings=(0, 0), pulses=()),
            a_block(TWO, READ, readings=(change, 100), pulses=()),
        ]
        one = Set(
            blocks, channels=2, flags=READ | SCALED, scalars=(1, 1), divisors=(10, 1), last=1, selects=[(1, 0, 0)] * 2
        )
        tables, data = profile_tables(one, others=ENERGY)
        assert code in {note.code for note in profile(tables, data=data)[0].notes}


def test_readings_of_each_block_alone():
    """BLK_END_RD_INDICATOR_FLAG: each reading is that of its block, 10 and 100 each time."""
    flags = READ | PULSE | ALONE
    blocks = [a_block(end, flags, readings=(10, 100), pulses=(10, 100)) for end in (ONE, TWO)]
    one = Set(blocks, channels=2, flags=flags, last=1, selects=[(1, 0, 0)] * 2)
    tables, data = profile_tables(one, others=ENERGY)
    for series in profile(tables, data=data):
        assert {note.text for note in series.notes} >= {
            "the readings at the ends of 2 blocks agree with their intervals",
            "the pulses at the ends of 2 blocks agree with their intervals",
        }


def test_a_channel_without_an_end_reading_is_not_checked():
    blocks = [a_block(end, READ, readings=(9, 9), pulses=()) for end in (ONE, TWO)]
    for select in ((0, 0, 0), (1, 0, 255)):
        one = Set(blocks, channels=2, flags=READ, last=1, selects=[select] * 2)
        tables, data = profile_tables(one, others=ENERGY)
        assert not any(note.code.startswith("end-") for note in profile(tables, data=data)[0].notes)


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
def test_the_status_of_each_channel(channels):
    """Channel h, from 0: octet (h + 1) // 2, low nibble where h is even. Status h + 1 for channel h, 0x30 for all."""
    status = bytearray(channels // 2 + 1)
    for channel in range(channels):
        status[(channel + 1) // 2] |= (channel + 1) << (4 if channel % 2 else 0)
    status[0] |= 0x30
    interval = bytes(status) + struct.pack(f"<{channels}H", *range(channels))
    one = Set([ONE + interval * 4], channels=channels, flags=EXTENDED, selects=[(0, 0, 255)] * channels)
    tables, data = profile_tables(one, others=ENERGY)
    words = ["overflow", "partial", "long", "skipped", "test-mode"]
    for number, series in enumerate(profile(tables, data=data)):
        assert {interval.quality.words for interval in series} == {(words[number], "dst", "power-fail")}
        assert (series.value(0) is None) == (words[number] == "skipped")


@pytest.mark.parametrize(("code", "word"), [(6, "configuration-changed"), (7, "stopped"), (8, "unknown-status")])
def test_other_status(code, word):
    tables, data = profile_tables(Set([ONE + bytes([0xC0 | code, 1, 0] * 4)], flags=EXTENDED))
    assert profile(tables, data=data)[0][-1].quality.words == (word, "clock-forward", "clock-backward")


@pytest.mark.parametrize(("big", "tm"), list(product([False, True], [1, 2, 3, 4])))
def test_orders_and_times(big, tm):
    """01:00 on 15 January 2024: BCD, fields, minutes (1705280400 / 60) and seconds since 1970."""
    order = ">" if big else "<"
    end = {
        1: bytes.fromhex("24 01 15 01 00"),
        2: ONE,
        3: struct.pack(f"{order}I", 28421340),
        4: struct.pack(f"{order}I", 1705280400),
    }[tm]
    one = Set([end + struct.pack(f"{order}4h", 1, -2, 300, -400)], code=16, order=order)
    tables, data = profile_tables(one, {"big": big, "tm": tm})
    series = profile(tables, data=data)[0]
    assert list(series.raw) == [1, -2, 300, -400]
    assert str(series[-1].end.replace(tzinfo=None)) == "2024-01-15 01:00:00"
    assert series[0].quality == Quality(0)


@pytest.mark.parametrize(("int_format", "octets"), [(1, "FE FF"), (2, "01 80")])
def test_other_signs(int_format, octets):
    """-1 in one's complement, and as sign and magnitude."""
    one = Set([ONE + bytes.fromhex(octets) * 4], code=16)
    tables, data = profile_tables(one, {"int_format": int_format})
    assert list(profile(tables, data=data)[0].raw) == [-1] * 4
