"""Octets of tables, typed from the table reference, and the services that carry them.

Constructed there (section 7.1), re-checked by its own scratch decoder: tables 0, 1, 12, 21, 23. Recorded from real
meters (7.2, 7.3; serial numbers replaced): 1, 5, 52 of a GE I-210+c, 1 of a Hexing HXS300.
"""

ST0 = (
    "02 3B 78 54 45 53 54 02 00 10 10 02 00 04 01 02 00 01 00"
    "8B 19 E1 10  01  09 06  80 00 00 00  00"
)  # DATA_ORDER 0, TM_FORMAT 3, ID_FORM 1, NI_FORMAT1 INT32, NI_FORMAT2 INT24
ST0_BIG = ST0.replace("02 3B 78", "03 3B 78", 1)  # DATA_ORDER 1
ST0_TEXT = ST0.replace("02 3B 78", "02 1B 78", 1)  # ID_FORM 0
ST1_BCD = "54 53 54 20  4D 4F 44 45 4C 2D 31 20  01 02 03 04  00 00 00 00 12 34 56 78"
ST1_GE = "47 45 20 20  49 32 31 30 2B 63 20 20  01 09 02 00" + "30 30 30 30 30 30 30 31 20 20 20 20 20 20 20 20"
ST21 = "56 22 01 02 01 01 02 01 01 01"
ST23 = (
    "05  40 42 0F 00  FF FF FF FF  E0 5D B1 01  EF 5D B1 01  D2 04 00 00  F4 01 00  C2 01 00  64 00 00  FE FF FF"
    "90 D0 03 00  00 00 00 00  E0 5D B1 01  00 00 00 00  58 02 00 00  F4 01 00  00 00 00  64 00 00  00 00 00"
)
ST23_BIG = (
    "05 00 0F 42 40 FF FF FF FF 01 B1 5D E0 01 B1 5D EF 00 00 04 D2 00 01 F4 00 01 C2 00 00 64 FF FF FE 00 03 D0 90"
    "00 00 00 00 01 B1 5D E0 00 00 00 00 00 00 02 58 00 01 F4 00 00 00 00 00 64 00 00 00"
)


def data(table: str, *, checksum: int | None = None) -> str:
    """Count, octets and checksum of table data. Source: protocol reference, 2.3."""
    octets = bytes.fromhex(table)
    right = -sum(octets) & 0xFF
    return len(octets).to_bytes(2, "big").hex() + octets.hex() + f"{right if checksum is None else checksum:02x}"


def read(number: int) -> str:
    return f"30 {number:04x}"


def read_part(number: int, offset: int, count: int) -> str:
    return f"3F {number:04x} {offset:06x} {count:04x}"


def write(number: int, table: str) -> str:
    return f"40 {number:04x} {data(table)}"


def write_part(number: int, offset: int, table: str) -> str:
    return f"4F {number:04x} {offset:06x} {data(table)}"


def ok(table: str, *, checksum: int | None = None) -> str:
    return f"00 {data(table, checksum=checksum)}"
