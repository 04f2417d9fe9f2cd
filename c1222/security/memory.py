"""What a session remembers of security: the key id and iv that each side sent last.

In a session, deployed software sends the authentication value only in its first message; later ones are still secured
with it. Each direction has its own iv. Source: docs/sources.md, ADP, measured; no other source, not seen on a meter.
"""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import NamedTuple


class Remembered(NamedTuple):
    """key_id: its octet, b"" where the sender left it out (key 0). iv: 4 octets."""

    key_id: bytes
    iv: bytes

    @property
    def key_number(self) -> int:
        return int.from_bytes(self.key_id, "big")


class SessionMemory:
    """Last authentication value by direction, for at most `limit` directions; the one unused for longest is forgotten.

    A direction is anything hashable, for example the titles of sender and receiver. Safe across threads.
    """

    def __init__(self, limit: int = 65536) -> None:
        self._limit = limit
        self._last: OrderedDict[Hashable, Remembered] = OrderedDict()
        self._lock = Lock()

    def remember(self, direction: Hashable, value: Remembered) -> None:
        """Keep what a message of this direction carried. Only after its MAC held: a forger must not choose it."""
        with self._lock:
            self._last[direction] = value
            self._last.move_to_end(direction)
            if len(self._last) > self._limit:
                self._last.popitem(last=False)

    def recall(self, direction: Hashable) -> Remembered | None:
        """What was sent last in this direction, or None."""
        with self._lock:
            if direction in self._last:
                self._last.move_to_end(direction)
            return self._last.get(direction)

    def __len__(self) -> int:
        return len(self._last)
