"""Packets of the C12.18 and C12.21 data link.

`EE identity control sequence length(2) data crc(2)`; ACK 06 and NAK 15 stand alone between them. Sources:
docs/sources.md, ADP ITR CNX TRM ESP GE; the upper half of the control octet on 6,119 recorded pairs of packets.
"""

import struct
from typing import NamedTuple

from construct import Int8ub, Int16ub, Int16ul

from c1219_tables.schema.dialect import BitField, Rest, Sized, Struct, bits, flag, note
from c1219_tables.schema.layout import Layout
from c1222.errors import MessageError
from c1222.link.crc import crc16

STP = 0xEE
ACK = 0x06
NAK = 0x15
HEADER = 6
"""Octets before the data."""
OVERHEAD = 8
"""Octets of a packet besides its data."""
LARGEST = 8192
"""Octets of the largest packet."""
FOREIGN_CONTROL = 0x1F
"""Bits of the control octet that C12.18 leaves 0: data format, acknowledgment, transparency."""

EVERYONE = "ADP ITR CNX TRM ESP GE"

CONTROL = BitField(
    Int8ub,
    bits("data_format", 0, 1) * note("0 C12.18 and C12.21, 1 C12.22", "ADP ITR"),
    bits("acknowledgment", 2, 3) * note("C12.21: 0 none, 1 ack, 2 nak, 3 unacknowledged packet", "ADP ITR"),
    flag("transparency", 4) * note("C12.22 local port: octets are stuffed", "ITR ADP"),
    flag("toggle", 5) * note("changes with every new packet", EVERYONE),
    flag("first_packet", 6) * note("first of several", EVERYONE),
    flag("multi_packet", 7) * note("one of several", EVERYONE),
)

PACKET = Layout(
    "packet",
    Struct(
        "stp" / Int8ub * note("EE", EVERYONE),
        "identity" / Int8ub * note("00; on a shared line the device", EVERYONE),
        "control" / CONTROL * note("toggle, place in a transmission", EVERYONE),
        "sequence_number" / Int8ub * note("packets still to come", EVERYONE),
        "data" / Sized(Int16ub, Rest()) * note("octets of a message", EVERYONE),
        "crc" / Int16ul * note("over everything before it", EVERYONE),
    ),
    error=MessageError,
)


class Packet(NamedTuple):
    """One packet. remaining: packets of the message still to come.

    Built and parsed by hand in the form that C12.18 uses, which takes a fifth of the time; PACKET stays the authority,
    and tests hold both against each other.
    """

    data: bytes
    toggle: bool = False
    remaining: int = 0
    first: bool = False
    multi: bool = False
    identity: int = 0
    data_format: int = 0
    acknowledgment: int = 0
    transparency: bool = False

    @property
    def begins(self) -> bool:
        """Whether a message begins with it."""
        return self.first or not self.multi

    def encode(self) -> bytes:
        """Octets of the packet, CRC included. Raises MessageError where a number does not fit."""
        control = self.toggle << 5 | self.first << 6 | self.multi << 7
        if self.data_format or self.acknowledgment or self.transparency:
            return self._encode_as_declared()
        try:
            octets = _HEAD.pack(STP, self.identity, control, self.remaining, len(self.data)) + self.data
        except struct.error:
            return self._encode_as_declared()
        return octets + crc16(octets).to_bytes(2, "little")

    def _encode_as_declared(self) -> bytes:
        control = {
            "data_format": self.data_format,
            "acknowledgment": self.acknowledgment,
            "transparency": self.transparency,
            "toggle": self.toggle,
            "first_packet": self.first,
            "multi_packet": self.multi,
        }
        octets = PACKET.encode(
            {
                "stp": STP,
                "identity": self.identity,
                "control": control,
                "sequence_number": self.remaining,
                "data": self.data,
                "crc": 0,
            }
        )[:-2]
        return octets + crc16(octets).to_bytes(2, "little")


_HEAD = struct.Struct(">BBBBH")


def parse_packet(octets: bytes) -> Packet:
    """One packet whose length and CRC are known to be right."""
    control = octets[2]
    return Packet(
        octets[HEADER:-2],
        control & 0x20 != 0,
        octets[3],
        control & 0x40 != 0,
        control & 0x80 != 0,
        octets[1],
        control & 0x03,
        control >> 2 & 0x03,
        control & 0x10 != 0,
    )


def packets_of(message: bytes, room: int, *, identity: int = 0, toggle: bool = False) -> list[Packet]:
    """A message cut into packets of at most `room` octets; the first has this toggle, then it flips."""
    if 0 < len(message) <= room:
        return [Packet(message, toggle, identity=identity)]
    parts = [message[at : at + room] for at in range(0, len(message), room)]
    return [
        Packet(
            part,
            toggle ^ bool(number % 2),
            len(parts) - 1 - number,
            first=number == 0,
            multi=True,
            identity=identity,
        )
        for number, part in enumerate(parts)
    ]
