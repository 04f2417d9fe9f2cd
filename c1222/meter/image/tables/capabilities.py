"""What the simulated meter has: its tables, those that can be written, and its procedures."""

INITIATE, RESPONSE, PASSWORDS = 7, 8, 42
"""Tables with a way of their own: 7 is written only, 8 is what the last procedure answered, 42 is never shown."""

TABLES_USED = frozenset(
    {*range(9), *range(11, 17), *range(21, 29), 31, 32, 33, 41, 42, 44, *range(51, 57), *range(61, 65), *range(71, 77)}
)

TABLES_WRITABLE = frozenset({5, 6, INITIATE, 33, PASSWORDS, 44, 54})
"""What is written to them is kept and read back; the calendar's tiers and seasons go on as the world has them."""

PROCEDURES = frozenset({*range(12), *range(16, 20)})
"""Standard procedures; those of pending tables (12 to 15) are missing: this meter has none."""
