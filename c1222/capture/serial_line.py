"""Packets of a serial line, as they were heard, to messages: repetitions dropped, parts joined.

Who listens does not know what either side accepted. A packet equal to the one before of its side is a repetition; but
where the other side said something new in between, it may be a new one that looks the same (clients exist that never
flip their toggle): such a message is called doubtful, and what follows decides. Sources: docs/sources.md, ITR ADP ESP.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from c1222.capture.message import FIRST_SERVICE
from c1222.capture.serial_octets import SerialOctets
from c1222.capture.serial_packets import (
    Found,
    FoundBroken,
    FoundNoise,
    FoundPacket,
    PacketScanner,
)
from c1222.capture.source import Place
from c1222.link.packet import Packet
from c1222.pcap.packet import Direction

IDENTIFY = b"\x20"

Say = Callable[[str, str, Place], None]
"""Hears code, text and place of what is to be said."""


class Heard(NamedTuple):
    """A whole message.

    packet: the first of its packets, packets: how many it came in. is_doubtful: it may be a repetition.
    """

    octets: bytes
    place: Place
    way: Direction | None
    packet: Packet
    packets: int
    is_doubtful: bool

    @property
    def is_response(self) -> bool:
        return self.octets[0] < FIRST_SERVICE


@dataclass(slots=True)
class _Side:
    """What one side of the line said last. news: the other side has said something since."""

    last: Packet | None = None
    news: bool = False


class _Parts:
    """The message of several packets that is being put together."""

    def __init__(self, found: FoundPacket) -> None:
        self.octets = bytearray()
        self.first = found
        self.last_packet = found.place.last_packet
        self.count = 0
        self.remaining = found.packet.remaining + 1

    def add(self, found: FoundPacket) -> bool:
        """Whether the packet is the next; it is added then."""
        if found.packet.remaining != self.remaining - 1:
            return False
        self.octets += found.packet.data
        self.last_packet = found.place.last_packet
        self.remaining = found.packet.remaining
        self.count += 1
        return True


class SerialLine:
    """One line. max_message: octets of the longest message. say: hears what is odd, and what is lost.

    has_packets: whether it ever carried one.
    """

    def __init__(self, max_message: int, say: Say) -> None:
        self.has_packets = False
        self._limit = max_message
        self._say = say
        self._scanners: dict[Direction | None, PacketScanner] = {}
        self._sides: dict[str, _Side] = {}
        self._parts: dict[str, _Parts] = {}
        self._broken: dict[Direction | None, FoundBroken] = {}
        self._noise: FoundNoise | None = None

    def feed(self, heard: SerialOctets) -> list[Heard]:
        """Octets that were heard. Returns messages that are whole now, in order."""
        scanner = self._scanners.setdefault(heard.way, PacketScanner())
        found = scanner.feed(heard.octets, heard.mark)
        messages: list[Heard] = []
        if any(isinstance(one, FoundPacket) for one in found):
            # The sides take turns: what the other one has not finished, it will not finish.
            for way, other in self._scanners.items():
                if other is not scanner:
                    messages += self.take(way, other.give_up())
        return messages + self.take(heard.way, found)

    def take(self, way: Direction | None, found: Iterable[Found]) -> list[Heard]:
        """What a scanner found in the octets that went this way."""
        messages: list[Heard] = []
        for one in found:
            if isinstance(one, FoundPacket):
                self._after_broken(way)
                if message := self._packet(way, one):
                    messages.append(message)
            elif isinstance(one, FoundBroken):
                self._say_broken(way, is_repeated=True)
                self._broken[way] = one
            elif isinstance(one, FoundNoise):
                self._noise = self._noise or one
                self._say("line-noise", f"{one.size} octets mean nothing (the first is {one.first:02X})", one.place)
        return messages

    def close(self) -> list[Heard]:
        """Nothing more is heard."""
        messages: list[Heard] = []
        for way, scanner in self._scanners.items():
            messages += self.take(way, scanner.close())
        for way in list(self._broken):
            self._say_broken(way, is_repeated=False)
        for name in list(self._parts):
            self._give_up(name, "the recording ends")
        if not self.has_packets and self._noise:
            self._say("not-c1218", "no packet in what was recorded: another protocol or speed", self._noise.place)
        return messages

    def _packet(self, way: Direction | None, found: FoundPacket) -> Heard | None:
        packet = found.packet
        self.has_packets = True
        if not packet.data:  # a sign of life between the two halves of a C12.22 node
            return None
        name = way or self._speaker(packet)
        side = self._sides.setdefault(name, _Side())
        is_again = packet == side.last
        is_doubtful = is_again and side.news and not packet.multi
        if is_again and not is_doubtful:
            self._say("packet-repeated", "the packet before came again", found.place)
            return None
        if not self._fits(name, found):
            return None
        side.last, side.news = packet, False
        if packet.remaining:
            return None
        whole = self._parts.pop(name)
        for other, its_side in self._sides.items():
            if other != name:
                its_side.news = True
                if packet.data == IDENTIFY:
                    # Each Identify is answered with the same octets: the next answer is no repetition.
                    its_side.last = None
        place = whole.first.place._replace(last_packet=whole.last_packet)
        doubtful = is_doubtful and packet.data != IDENTIFY
        return Heard(bytes(whole.octets), place, way, whole.first.packet, whole.count, doubtful)

    def _fits(self, name: str, found: FoundPacket) -> bool:
        """Whether the packet begins a message or is the next of the one under way; it is added then."""
        if found.packet.begins:
            self._give_up(name, "another begins")
            self._parts[name] = _Parts(found)
        elif name not in self._parts:
            self._say("message-cut", "a packet that continues a message whose beginning is missing", found.place)
            return False
        parts = self._parts[name]
        if not parts.add(found):
            text = f"packet {found.packet.remaining} came where {parts.remaining - 1} was next"
        elif len(parts.octets) > self._limit:
            text = f"it has more than {self._limit} octets"
        else:
            return True
        self._give_up(name, text)
        return False

    def _give_up(self, name: str, why: str) -> None:
        if parts := self._parts.pop(name, None):
            text = f"{len(parts.octets)} octets of a message in {parts.count} packets, then {why}"
            self._say("message-cut", text, parts.first.place)

    def _speaker(self, packet: Packet) -> str:
        """Who says a packet of which nobody knows which way it went."""
        if packet.begins:
            return "meter" if packet.data[0] < FIRST_SERVICE else "client"
        return next(iter(self._parts), "meter")

    def _after_broken(self, way: Direction | None) -> None:
        """A packet came: a broken one of its side was repeated with it, one of the other side is lost."""
        for each in list(self._broken):
            self._say_broken(each, is_repeated=each == way and way is not None)

    def _say_broken(self, way: Direction | None, *, is_repeated: bool) -> None:
        if broken := self._broken.pop(way, None):
            code, then = ("packet-broken", "sent again") if is_repeated else ("packet-lost", "not sent again")
            self._say(code, f"a broken packet: {broken.text}; {then}", broken.place)
