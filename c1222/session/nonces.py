"""Numbers that must not come twice: invocation ids, and the ivs of secured messages.

An invocation id is drawn so that every reader takes it for the same number: its first octet is below 80H and it has no
leading zero (docs/sources.md: ADP CNX write without a sign, a strict BER reader sees one). An iv is the time in UTC
seconds, and one more than the last where that would repeat (ADP).
"""

import secrets
from collections.abc import Callable

Draw = Callable[[int], int]
"""A random number below the argument."""


class Nonces:
    """Ids and ivs of one client.

    id_octets: of an id, 2 to 4. wall: UTC seconds since 1970. draw: where randomness comes from.
    """

    def __init__(self, id_octets: int, wall: Callable[[], float], draw: Draw = secrets.randbelow) -> None:
        self._lowest = 1 << 8 * (id_octets - 1)
        self._ids = 0x80 * self._lowest - self._lowest
        self._wall = wall
        self._last_id = self._lowest + draw(self._ids)
        self._last_iv = 0

    def next_id(self) -> int:
        """The next id: they count up from a random one, and begin again at the lowest."""
        self._last_id = self._lowest + (self._last_id + 1 - self._lowest) % self._ids
        return self._last_id

    def next_iv(self) -> bytes:
        """Four octets."""
        self._last_iv = max(int(self._wall()), self._last_iv + 1) & 0xFFFF_FFFF
        return self._last_iv.to_bytes(4, "big")
