"""What a capture holds for those who read messages: UDP datagrams, and pieces of TCP streams in their order."""

from typing import NamedTuple

from c1222.pcap.flow import Flow
from c1222.pcap.packet import Direction

__all__ = ["Chunk", "Datagram"]


class Datagram(NamedTuple):
    """One UDP datagram.

    packet_number, time_ns, offset, direction: of its packet (of the one that completed it, if it came in fragments).
    missing: octets behind `data` that were on the wire and are not in the capture.
    """

    flow: Flow
    data: bytes
    packet_number: int
    time_ns: int | None
    offset: int
    direction: Direction | None
    missing: int = 0


class Chunk(NamedTuple):
    """The next octets of one direction of a TCP connection.

    data: may be empty if `ends`.
    packet_number, time_ns: of the packet that brought these octets, which is earlier than the packets delivered
    around it if the octets had to wait for others; if `data` is empty, of the packet that ended the stream, or of the
    last one of the stream and None at the end of the capture.
    gap: octets that are missing between the chunk before and this one.
    begins: the first chunk of a stream whose SYN was seen: its first octet (after `gap`) is the first one sent. The
    first chunk of a stream that was under way when the capture began has begins=False.
    ends: nothing more will come with this `stream`: FIN, RST, the ports were used again, or too many streams. A stream
    still open at the end of the capture ends without saying so.
    stream: unique in one reading; a connection has one for each direction.
    """

    flow: Flow
    data: bytes
    packet_number: int
    time_ns: int | None
    gap: int
    begins: bool
    ends: bool
    stream: int
