"""Octets of a serial line as somebody recorded them: which way they went, and where they were in the recording."""

from typing import NamedTuple

from c1222.pcap.packet import Direction


class Mark(NamedTuple):
    """Where octets were.

    packet: of the capture, or line of text; None in a raw log, where the packets that are found in it are counted.
    file_offset: octets from the start of the file to that packet; in a raw log to the octets themselves.
    """

    file: str
    packet: int | None
    time_ns: int | None = None
    file_offset: int | None = None


class SerialOctets(NamedTuple):
    """Some octets of C12.18 or C12.21, in pieces of any size.

    line: tells the lines of one recording apart. way: "out" from who recorded, "in" to it; None where nobody says.
    """

    line: int
    way: Direction | None
    octets: bytes
    mark: Mark
