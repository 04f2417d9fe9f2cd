"""Meters for tests of readings: tables as octets, written by hand or recorded."""

from c1219_tables.context import MeterTables


def octets(text):
    return bytes.fromhex(text)


def st0(*, big=False, tm=2, int_format=0, ni1=8, ni2=8, model=0):
    """Table 0 without any set: 19 octets. NI formats 8: INT32."""
    controls = [int(big) | 1 << 1 | model << 4, tm | int_format << 6, ni1 | ni2 << 4]
    return bytes(controls) + b"TEST" + octets("02 00 10 10 02 00  00 00 00 00 00  00")


def meter(tables, *, dialect=None, **formats):
    """A meter of these octets by table number, and table 0 in these formats."""
    decoded = MeterTables(dialect=dialect)
    decoded.add_all({0: st0(**formats), **tables})
    return decoded


def one_source(entry, link=0x11, *, constants=(), selector=2, flags=0):
    """Tables 11, 12, 15 and 16 of a meter with one source. entry: of table 12, in hex. link: of table 16."""
    tables = {
        11: bytes([flags, 1, 0, 0, 0, len(constants), selector, 1]),
        12: octets(entry),
        16: bytes([link]),
    }
    return {**tables, 15: b"".join(constants)} if constants else tables


ONE_SUMMATION = {21: octets("00 00 00 01 00 00 00 00 00 00"), 22: b"\0"}
"""Tables 21 and 22 of a meter with one summation, of source 0, and no more."""

# A Hexing HXS300: octets quoted in the comments of a head end for that make (HX), serial number all zeros.
# Least significant octet first, TM_FORMAT 2, both NI formats INT32.
_UNITS = {
    0: "00400200", 1: "00800100", 2: "00C00300", 3: "00C00700", 16: "0C2A2800",
    20: "082A3000", 22: "19320000", 26: "212A2000", 32: "00440200",
}  # fmt: skip
# Recorded: the first 40 octets of the total block of table 23, and the first four of tier 0, 130 octets later.
_TOTALS = octets("714D0000 33000000 A44D0000 3E4D0000 E1090000 14000000 71060000 14000000 00000000 70030000")
HEXING = {
    11: octets("2A 2A 0A 00 00 01 02 2A"),
    12: b"".join(octets(_UNITS.get(entry, "00000000")) for entry in range(42)),
    16: bytes([0x19] * 22 + [0x11] * 10 + [0x12] * 10),
    21: octets("0F 00 01 0A 0A 00 01 04 0A 16"),
    22: bytes([*range(10), *range(0x20, 0x2A), 0xFF, 0xFF]),
    23: bytes(1) + _TOTALS + bytes(90) + octets("2A210000") + bytes(4 * 130 - 4),
    27: bytes([*range(0x20, 0x2A), *range(0x0A, 0x20)]),
    28: bytes(80) + octets("49 59") + bytes(22) + octets("8B 13") + bytes(22),
}
"""Table 12: the entries that were quoted, zeros for others. Table 23: zeros around what was quoted."""
