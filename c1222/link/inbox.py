"""What has come over a link: the last packet, which tells a repetition, and the message that is being put together."""

from c1222.link.packet import Packet


class Inbox:
    """One message at a time, packet by packet.

    last: the packet that was accepted last; None when nothing is remembered.
    """

    def __init__(self) -> None:
        self.last: Packet | None = None
        self._ended: Packet | None = None
        self._memory = 0.0
        self._seen_at = 0.0
        self._message = bytearray()
        self._remaining = 0

    @property
    def held(self) -> int:
        """Octets that are there of the message under way."""
        return len(self._message)

    def clear(self) -> None:
        """Forget the message under way and the last packet."""
        self.last = None
        self._message.clear()

    def end_session(self, memory: float) -> None:
        """As clear, but a repetition of the last packet is known for so many seconds more.

        What ended a session may be repeated, too, and must not begin the next. Later the same octets are a new request:
        some clients begin every session with the same packet.
        """
        self._ended, self._memory = self.last or self._ended, memory
        self.clear()

    def is_again(self, packet: Packet, now: float) -> bool:
        """The same octets as the packet before."""
        if self.last:
            return packet == self.last
        again = packet == self._ended and now < self._seen_at + self._memory
        if again:
            self._seen_at = now
        return again

    def misplaced(self, packet: Packet, *, receiving: bool) -> str:
        """Why a packet neither begins a message nor continues the one under way; "" where it does."""
        if packet.begins:
            alone = packet.multi or packet.remaining == 0
            return "" if alone else f"a single packet with {packet.remaining} still to come"
        if not receiving:
            return "it continues a message that has not begun"
        wanted = self._remaining - 1
        return "" if packet.remaining == wanted else f"packet {packet.remaining} came where {wanted} was next"

    def take(self, packet: Packet, now: float) -> bytes | None:
        """Add a packet in its place. Returns the message when it is whole."""
        if packet.begins:
            self._message.clear()
        self._message += packet.data
        self._remaining = packet.remaining
        self.last, self._ended, self._seen_at = packet, None, now
        if packet.remaining:
            return None
        message = bytes(self._message)
        self._message.clear()
        return message
