"""Packets and signals found in what a port brings, in pieces of any size."""

from dataclasses import dataclass
from enum import Enum

from c1222.link.crc import crc16
from c1222.link.packet import ACK, FOREIGN_CONTROL, HEADER, NAK, OVERHEAD, STP, Packet, parse_packet


class Signal(Enum):
    """The two octets that stand between packets."""

    ACK = ACK
    NAK = NAK


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that began like a packet and was none.

    problem: for a person. identity: whom it may have been for; None where it ended before.
    """

    problem: str
    identity: int | None


class PacketReader:
    """Octets in; packets and signals out.

    Once a packet is known to be broken, whatever follows is taken for its rest until the line is silent: an 06 in there
    is not an ACK. So it is `silence`, not `feed`, that reports a broken packet, and an answer to it meets a quiet line.

    largest: octets of a packet that may come; grows with what is negotiated.
    noise: octets between packets that meant nothing, so far.
    """

    def __init__(self, largest: int) -> None:
        self.largest = largest
        self.noise = 0
        self._buffer = bytearray()
        self._broken: Broken | None = None

    @property
    def in_packet(self) -> bool:
        """A packet has begun, and so far nothing is wrong with it."""
        return bool(self._buffer)

    @property
    def wants_silence(self) -> bool:
        """Silence would mean something: a packet has begun or was broken."""
        return bool(self._buffer) or self._broken is not None

    def feed(self, octets: bytes) -> list[Packet | Signal]:
        """What is complete now. Octets that are neither packet nor signal are dropped."""
        found: list[Packet | Signal] = []
        if self._broken:
            return found
        buffer = self._buffer
        buffer += octets
        while buffer and not self._broken:
            if buffer[0] != STP:
                found += self._between()
                continue
            size = self._size()
            if size is None or len(buffer) < size:
                break
            packet = bytes(buffer[:size])
            del buffer[:size]
            if crc16(packet[:-2]).to_bytes(2, "little") != packet[-2:]:
                self._give_up("the CRC is wrong", packet[1])
            else:
                found.append(parse_packet(packet))
        return found

    def silence(self) -> Broken | None:
        """The line has been silent: the packet that was under way is broken, if there was one."""
        if self._buffer:
            identity = self._buffer[1] if len(self._buffer) > 1 else None
            self._give_up(f"cut short after {len(self._buffer)} octets", identity)
        broken, self._broken = self._broken, None
        return broken

    def clear(self) -> None:
        """Forget what is under way."""
        self._buffer.clear()
        self._broken = None

    def _between(self) -> list[Signal]:
        """What stands before the next packet."""
        begin = self._buffer.find(STP)
        octets = self._buffer[: begin if begin >= 0 else len(self._buffer)]
        del self._buffer[: len(octets)]
        signals = [Signal(octet) for octet in octets if octet in (ACK, NAK)]
        self.noise += len(octets) - len(signals)
        return signals

    def _size(self) -> int | None:
        """Octets of the packet at the beginning; None while its header is not there or where it cannot be one."""
        if len(self._buffer) < HEADER:
            return None
        control, length = self._buffer[2], int.from_bytes(self._buffer[4:HEADER], "big")
        if control & FOREIGN_CONTROL:
            self._give_up(f"control octet {control:02X} is not one of C12.18", self._buffer[1])
        elif not 0 < length <= self.largest - OVERHEAD:
            self._give_up(f"a length of {length} (1 to {self.largest - OVERHEAD} fit)", self._buffer[1])
        else:
            return length + OVERHEAD
        return None

    def _give_up(self, problem: str, identity: int | None) -> None:
        self._buffer.clear()
        self._broken = Broken(problem, identity)
