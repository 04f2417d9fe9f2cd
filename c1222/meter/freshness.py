"""What makes a message new: ids and ivs that were not there before, theirs and ours."""

from collections import OrderedDict
from collections.abc import Hashable

MOST_REMEMBERED = 65536
EVERY_IV = 1 << 32
LARGEST_ID = 0x7FFF
"""Ids of two octets at most: software is deployed that drops a message with more (docs/sources.md, ITR)."""


class ReplayWindow:
    """Messages that were accepted, by calling title, invocation id, key id and iv; the oldest are forgotten.

    window: seconds that an iv may be away from our clock, as UTC seconds since 1970; None: any iv will do.
    Source of the +-15 minutes that are usual: docs/sources.md, ADP.
    """

    def __init__(self, window: float | None = None) -> None:
        self._window = window
        self._seen: OrderedDict[Hashable, None] = OrderedDict()

    def is_stale(self, iv: bytes, utc: float) -> bool:
        """The iv is too far from our clock."""
        if self._window is None:
            return False
        ahead = (int.from_bytes(iv, "big") - utc) % EVERY_IV
        return min(ahead, EVERY_IV - ahead) > self._window

    def is_replay(self, message: Hashable) -> bool:
        """The same message was here before; from now on this one was."""
        if message in self._seen:
            return True
        self._seen[message] = None
        if len(self._seen) > MOST_REMEMBERED:
            self._seen.popitem(last=False)
        return False


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
