"""One packet as a capture file holds it."""

from typing import Literal, NamedTuple

__all__ = ["Direction", "Packet"]

Direction = Literal["in", "out"]
"""As the capturing interface saw it (pcapng specification, section Enhanced Packet Block Flags Word)."""


class Packet(NamedTuple):
    """One packet as a capture file holds it.

    A NamedTuple, because readers make one for each packet of a file: `tuple.__new__(Packet, (...))` costs half of
    what an ordinary constructor costs, and a consumer that unpacks it saves the attribute look-ups.

    number: counted from 1 in the file, as Wireshark counts; packets that were skipped with a remark are counted.
    time_ns: nanoseconds since 1970-01-01 UTC; None where the file has none (simple packet blocks).
    data: the octets captured.
    original_length: octets on the wire; more than len(data) where the capture cut the packet.
    linktype: LINKTYPE_ value (https://www.tcpdump.org/linktypes.html), 1 is Ethernet.
    offset: octets from the start of the (unpacked) file to the packet's record or block.
    interface: index of the interface in its pcapng section, from 0; always 0 in pcap.
    direction: "in", "out" or None, from the flags of a pcapng packet.
    """

    number: int
    time_ns: int | None
    data: bytes
    original_length: int
    linktype: int
    offset: int
    interface: int
    direction: Direction | None
