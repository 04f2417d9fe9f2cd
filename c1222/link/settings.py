"""What differs per meter and per line: times, sizes, identity, how strictly toggles are taken."""

from dataclasses import dataclass, replace
from enum import Enum

from c1222.errors import LocalProtocolError, RemoteProtocolError
from c1222.link.packet import LARGEST, OVERHEAD
from c1222.psem.services import BAUD_RATES

SMALLEST = OVERHEAD + 1
"""Octets of the smallest packet: one octet of data."""
BITS_OF_A_CHARACTER = 10
"""Start bit, 8 data bits, stop bit."""


class Toggle(Enum):
    """What the toggle of a packet that came must be. Field devices want all three (docs/sources.md, CNX).

    A packet equal to the one accepted before is a repetition in every mode. The two strict modes also take a packet
    with the wrong toggle for a repetition: it is acknowledged and dropped. No mode checks what comes first.
    """

    UNCHECKED = "unchecked"
    """Each side has its own toggle; one that did not change is accepted and counted (GE ITR)."""
    ALTERNATES = "alternates"
    """Another than in the packet before."""
    ECHOES = "echoes"
    """The same as in the request. A message of several packets goes on from there, and so does the next request."""


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """Settings of one link. Times in seconds; the defaults are those of C12.18 before anything is negotiated.

    identity: 0 to 255. 0 is a line with one device (an optical port): its answers are taken whatever they carry. On a
        shared line packets with another identity are not ours.
    packet_size: octets of a packet with its 8 of overhead, 9 to 8192. nbr_packets: of one message, 1 to 255.
    baud: speed of the line, which the time that a packet takes follows from; None: it takes none (a network).
    inter_character: silence that ends a packet. response: until an ACK. traffic: until anything at all.
    retries: after the first try.
    Sources of the times: docs/sources.md, ADP ITR; of the sizes: ADP ITR; of the retries: ADP ITR ESP.
    """

    identity: int = 0
    packet_size: int = 64
    nbr_packets: int = 1
    baud: int | None = 9600
    inter_character: float = 0.5
    response: float = 2.0
    traffic: float = 6.0
    retries: int = 3
    toggle: Toggle = Toggle.UNCHECKED

    def __post_init__(self) -> None:
        """Raises LocalProtocolError where a setting cannot be."""
        for name, low, high in (
            ("identity", 0, 255),
            ("packet_size", SMALLEST, LARGEST),
            ("nbr_packets", 1, 255),
            ("retries", 0, 255),
        ):
            if not low <= getattr(self, name) <= high:
                raise LocalProtocolError(f"{name} cannot be {getattr(self, name)} ({low} to {high} can)")
        if self.baud is not None and self.baud <= 0:
            raise LocalProtocolError(f"baud cannot be {self.baud}")
        for name in ("inter_character", "response", "traffic"):
            if not getattr(self, name) > 0:
                raise LocalProtocolError(f"{name} cannot be {getattr(self, name)} (it is a time in seconds)")

    @property
    def room(self) -> int:
        """Octets of a message that one packet takes."""
        return self.packet_size - OVERHEAD

    @property
    def largest_message(self) -> int:
        """Octets of the largest message."""
        return self.room * self.nbr_packets

    def wire_time(self, octets: int) -> float:
        """Seconds that so many octets take on the line."""
        return 0.0 if self.baud is None else octets * BITS_OF_A_CHARACTER / self.baud

    def negotiated(self, packet_size: int, nbr_packets: int, baud_code: int | None = None) -> "LinkSettings":
        """These settings with what the answer to Negotiate says; the speed stays where it names none.

        Raises RemoteProtocolError for numbers that cannot be, and for a baud code that nobody named.
        """
        if baud_code is not None and baud_code not in BAUD_RATES:
            raise RemoteProtocolError(f"baud code {baud_code:02X} is not known")
        baud = self.baud if baud_code is None or self.baud is None else BAUD_RATES[baud_code]
        try:
            return replace(self, packet_size=min(packet_size, LARGEST), nbr_packets=nbr_packets, baud=baud)
        except LocalProtocolError as exc:
            raise RemoteProtocolError(f"negotiated {exc}") from exc


C1218 = LinkSettings()
"""An optical port before anything is negotiated."""
C1221 = LinkSettings(inter_character=1.0, response=4.0, traffic=30.0)
"""A modem. Source: docs/sources.md, ADP."""
