"""What makes a device's messages new: ids and ivs that were not there before."""

EVERY_IV = 1 << 32
LARGEST_ID = 0x7FFF
"""Ids of two octets at most: software is deployed that drops a message with more (docs/sources.md, ITR)."""


class Counter:
    """Our own invocation ids and ivs: no two messages of a device have the same of both.

    Ids are 1 to 7FFF, in the fewest octets, and none begins with an octet from 80 on: deployed software reads those in
    two ways. ivs are UTC seconds, one more where the clock has not moved on.
    """

    def __init__(self) -> None:
        self._id = 0
        self._iv = 0

    def next_id(self) -> int:
        self._id = 0x100 if self._id == 0x7F else self._id % LARGEST_ID + 1
        return self._id

    def next_iv(self, utc: float) -> bytes:
        """Four octets; they begin anew in the year 2106."""
        self._iv = max(self._iv + 1, int(utc))
        return (self._iv % EVERY_IV).to_bytes(4, "big")
