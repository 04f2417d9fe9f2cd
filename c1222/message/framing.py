"""APDUs out of a stream: on TCP they follow one another without a header, 60, BER length, so many octets.

Strict, for live connections: octets that cannot be an APDU end the stream, since nobody can tell where the next one
would begin. Source: RFC 6142; docs/sources.md, ADP.
"""

from c1219_tables.schema.ber import MAX_LENGTH_OCTETS, read_length
from c1222.errors import RemoteProtocolError
from c1222.message.segmentation import MAX_MESSAGE

APDU_TAG = 0x60
C1222_PORT = 1153
"""Of TCP and UDP. Source: RFC 6142."""


class ApduFramer:
    """One direction of one connection.

    max_message: octets of the largest APDU, tag and length included. held: octets that wait for the rest of theirs,
    never more than max_message and what one `feed` brought.
    """

    def __init__(self, max_message: int = MAX_MESSAGE) -> None:
        self._max_message = max_message
        self._buffer = bytearray()

    @property
    def held(self) -> int:
        return len(self._buffer)

    def feed(self, octets: bytes) -> None:
        """Octets that follow those before. Take out what is whole before feeding more."""
        self._buffer += octets

    def next_apdu(self) -> bytes | None:
        """The next whole APDU; None while it is not all there.

        Raises RemoteProtocolError where none begins or where it is too large, and again at every later call.
        """
        size = self._size()
        if size is None or len(self._buffer) < size:
            return None
        apdu = bytes(self._buffer[:size])
        del self._buffer[:size]
        return apdu

    def _size(self) -> int | None:
        """Octets of the APDU at the beginning, None while its length is not all there."""
        buffer = self._buffer
        if buffer and buffer[0] != APDU_TAG:
            raise RemoteProtocolError(f"an APDU begins with 60, not with {buffer[0]:02X}")
        if len(buffer) < 2:
            return None
        width = buffer[1] & 0x7F if buffer[1] >= 0x80 else 0
        if width <= MAX_LENGTH_OCTETS and len(buffer) < 2 + width:
            return None
        try:
            length, content = read_length(buffer, 1, len(buffer))
        except ValueError as exc:
            raise RemoteProtocolError(f"the length of an APDU cannot be: {exc}") from None
        if content + length > self._max_message:
            raise RemoteProtocolError(f"an APDU of {content + length} octets (limit {self._max_message})")
        return content + length
