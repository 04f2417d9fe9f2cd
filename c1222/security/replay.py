"""Messages that were here before: what is secured stays so when it is sent again, and must not be taken twice."""

from collections import OrderedDict
from collections.abc import Hashable

MOST_REMEMBERED = 65536
EVERY_IV = 1 << 32


class ReplayWindow:
    """Messages that were accepted, by calling title, invocation id, key id and iv; the oldest are forgotten.

    window: seconds that an iv may be away from our clock, as UTC seconds since 1970; None: any iv will do.
    most: messages that are remembered. Source of the +-15 minutes that are usual: docs/sources.md, ADP.
    """

    def __init__(self, window: float | None = None, most: int = MOST_REMEMBERED) -> None:
        self._window = window
        self._most = most
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
        if len(self._seen) > self._most:
            self._seen.popitem(last=False)
        return False
