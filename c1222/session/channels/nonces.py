"""Numbers that must not come twice: invocation ids, and the ivs of secured messages.

An invocation id is drawn so that every reader takes it for the same number: its first octet is below 80H and it has no
leading zero (docs/sources.md: ADP CNX write without a sign, a strict BER reader sees one). An iv is the time in UTC
seconds, and never goes back. It is not counted up with each message: a meter may refuse one that is 15 minutes ahead of
its clock (ADP), which is soon reached so. What must not repeat under one key is the pair of id and iv.
"""

import secrets
from collections.abc import Callable
from threading import Lock

Draw = Callable[[int], int]
"""A random number below the argument."""

Ivs = Callable[[int], int]
"""An iv for a time in UTC seconds: that time or later, and never the same twice. May raise C12Error."""

KEPT = 60
"""Seconds for which an iv of others' giving is used: little beside the 15 minutes that meters allow, and enough for
many conversations under one key not to drive the ivs ahead of the clock."""


class Nonces:
    """Ids and ivs of one client, or of all clients of a process that use one key. Safe across threads.

    id_octets: of an id, 2 to 4. wall: UTC seconds since 1970. draw: where randomness comes from.
    ivs: who gives ivs where other processes use the same key; None: nobody else does.
    """

    def __init__(
        self, id_octets: int, wall: Callable[[], float], draw: Draw = secrets.randbelow, *, ivs: Ivs | None = None
    ) -> None:
        self._lowest = 1 << 8 * (id_octets - 1)
        self._ids = 0x80 * self._lowest - self._lowest
        self._wall = wall
        self._ivs = ivs
        self._last_id = self._lowest + draw(self._ids)
        self._last_iv = 0
        self._with_this_iv = 0
        self._lock = Lock()

    def next_id(self) -> int:
        """The next id: they count up from a random one, and begin again at the lowest."""
        with self._lock:
            self._last_id = self._lowest + (self._last_id + 1 - self._lowest) % self._ids
            return self._last_id

    def next_iv(self) -> bytes:
        """Four octets. Raises what the giver of ivs raises; no message may go out then."""
        with self._lock:
            time = int(self._wall())
            # Half as often as there are ids: another thread may take its iv some ids later.
            if self._is_stale(time) or self._with_this_iv >= self._ids // 2:
                self._last_iv, self._with_this_iv = self._new_iv(time), 0
            self._with_this_iv += 1
            return (self._last_iv & 0xFFFF_FFFF).to_bytes(4, "big")

    def _is_stale(self, time: int) -> bool:
        if self._ivs is None:
            return time > self._last_iv
        # Also where the clock was set back: whether that can be lived with is for the giver to say.
        return abs(time - self._last_iv) > KEPT

    def _new_iv(self, time: int) -> int:
        return max(time, self._last_iv + 1) if self._ivs is None else self._ivs(time)
