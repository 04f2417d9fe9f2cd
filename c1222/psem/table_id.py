"""The 16-bit table number of read and write services, and how people write it: ST-23, MT-17, PT-54.

Bits 10-0 number, 11 manufacturer, 12 pending, 13 user-defined. Sources: docs/sources.md, WS ITR CT EL; bit 13 WS alone.
"""

import re

NUMBER_MASK = 0x07FF
MANUFACTURER = 0x0800
PENDING = 0x1000
USER_DEFINED = 0x2000

_PREFIXES = {"ST": 0, "MT": MANUFACTURER, "PT": PENDING, "PMT": PENDING | MANUFACTURER, "UT": USER_DEFINED}
_NAMES = {bits: prefix for prefix, bits in _PREFIXES.items()}
_PATTERN = re.compile(r"(?:(ST|MT|PT|PMT|UT)-?)?(\d{1,5})", re.IGNORECASE)


def table_text(table: int) -> str:
    """`ST-23` for 23, `MT-17` for 2065, `PT-54` for 4150; bits without a name are shown as hex: `table C017`."""
    prefix = _NAMES.get(table & ~NUMBER_MASK)
    return f"table {table:04X}" if prefix is None else f"{prefix}-{table & NUMBER_MASK}"


def parse_table(text: str) -> int:
    """Table number of `23`, `ST-23`, `MT-17`, `PT-54`. Raises ValueError with what is wrong."""
    match = _PATTERN.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a table; write 23, ST-23, MT-17 or PT-54")
    prefix, number = match[1], int(match[2])
    if prefix is None:
        if number > 0xFFFF:
            raise ValueError(f"table {number} does not fit into 16 bits")
        return number
    if number > NUMBER_MASK:
        raise ValueError(f"{text!r}: a table number is at most {NUMBER_MASK}")
    return _PREFIXES[prefix.upper()] | number
