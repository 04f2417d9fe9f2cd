"""The visitors of a network: who they are is told by their title, and by what secures their messages."""

from collections import OrderedDict
from collections.abc import Hashable

from c1222.meter.device.device_settings import DeviceSettings
from c1222.meter.device.visitor import Standard, Visitor

MOST_VISITORS = 1024


class Visitors:
    """Visitors by key, bounded: who has no session and was silent for longest is forgotten.

    A session belongs to its key. Somebody who knows only the title, or another encryption key, is another visitor.
    """

    def __init__(self, settings: DeviceSettings) -> None:
        self._settings = settings
        self._visitors: OrderedDict[Hashable, Visitor] = OrderedDict()

    def arrived(self, key: Hashable, now: float) -> Visitor:
        """The visitor with this key, at the beginning of a message."""
        visitor = self._visitors.setdefault(key, Visitor(Standard.C1222, maximum=self._settings.max_message))
        self._visitors.move_to_end(key)
        if len(self._visitors) > MOST_VISITORS:
            del self._visitors[next(known for known, one in self._visitors.items() if not one.in_session)]
        visitor.begin_message(now)
        return visitor

    def is_full(self, visitor: Visitor, now: float) -> bool:
        """No session is left for this visitor. Sessions that were silent for too long are ended first."""
        if visitor.in_session:
            return False
        for other in self._visitors.values():
            if other.in_session and other.is_idle(now):
                other.end_session()
        return sum(other.in_session for other in self._visitors.values()) >= self._settings.nbr_sessions
