"""Numbers that must not come twice: invocation ids, and the ivs of secured messages.

An invocation id is drawn so that every reader takes it for the same number: its first octet is below 80H and it has no
leading zero (docs/sources.md: ADP CNX write without a sign, a strict BER reader sees one). An iv is the time in UTC
seconds, and never goes back. It is not counted up with each message: a meter may refuse one that is 15 minutes ahead of
its clock (ADP), which is soon reached so. What must not repeat is the pair of id and iv.
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
        self._with_this_iv = 0

    def next_id(self) -> int:
        """The next id: they count up from a random one, and begin again at the lowest."""
        self._last_id = self._lowest + (self._last_id + 1 - self._lowest) % self._ids
        return self._last_id

    def next_iv(self) -> bytes:
        """Four octets; none is given out more often than there are ids."""
        time = int(self._wall())
        if time > self._last_iv:
            self._last_iv, self._with_this_iv = time, 0
        elif self._with_this_iv == self._ids:
            self._last_iv, self._with_this_iv = self._last_iv + 1, 0
        self._with_this_iv += 1
        return (self._last_iv & 0xFFFF_FFFF).to_bytes(4, "big")
