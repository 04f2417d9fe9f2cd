"""What everybody minds who moves octets and time to a `Side`: a deadline that stays where it is was served."""

import math
from collections.abc import Sequence

from c1222.transport.transport import Side


class Driven:
    """A side whose deadlines are served once each.

    A side may leave its deadline in the past. Calling it for that again and again would keep the caller busy for ever,
    so such a deadline counts again only when it moves, or when octets came.
    """

    def __init__(self, side: Side) -> None:
        self._side = side
        self._served: float | None = None

    @property
    def closed(self) -> bool:
        return self._side.closed

    @property
    def deadline(self) -> float:
        """When the side is to be called; infinity where it waits for nothing."""
        deadline = self._side.deadline
        if deadline is None or self._side.closed or deadline == self._served:
            return math.inf
        return deadline

    def receive_data(self, octets: bytes, now: float) -> None:
        """Octets that came; a side that has hung up does not hear them."""
        if not self._side.closed:
            self._served = None
            self._side.receive_data(octets, now)

    def handle_timeout(self, now: float) -> None:
        """Call when `deadline` has passed."""
        deadline = self._side.deadline
        if deadline is not None and deadline <= now:
            self._served = deadline
            self._side.handle_timeout(now)

    def data_to_send(self) -> Sequence[bytes]:
        return self._side.data_to_send()
