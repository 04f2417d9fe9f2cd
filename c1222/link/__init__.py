"""The data link of C12.18 and C12.21: packets, and one sans-I/O machine for both sides."""

from c1222.link.events import Event, LinkCounts, LinkFailed, MessageReceived, MessageSent
from c1222.link.machine import Link
from c1222.link.settings import C1218, C1221, LinkSettings, Toggle
from c1222.link.state import State

__all__ = [
    "C1218",
    "C1221",
    "Event",
    "Link",
    "LinkCounts",
    "LinkFailed",
    "LinkSettings",
    "MessageReceived",
    "MessageSent",
    "State",
    "Toggle",
]
