"""What a service comes to: the octets that answer it, a refusal, and what the port has to do besides."""

from dataclasses import dataclass

from c1222.psem.responses import RESPONSE_CODES

CODES = {entry.name: entry.code for entry in RESPONSE_CODES.values()}
"""Number of a response code by its word: CODES["onp"] is 4."""


class Refused(Exception):
    """A service is refused. code: its response code as a word. Never leaves the device."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Negotiated:
    """From the end of this answer on: octets of a packet, packets of a message, and the speed where it changes."""

    packet_size: int
    nbr_packets: int
    baud_code: int | None


@dataclass(frozen=True, slots=True)
class Timed:
    """From the end of this answer on: times in seconds, and tries after the first."""

    traffic: int
    inter_character: int
    response: int
    nbr_retries: int


@dataclass(frozen=True, slots=True)
class Waits:
    """The visitor may be silent for so many seconds, once."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The visit is over. hangs_up: so is the connection."""

    hangs_up: bool = False


Effect = Negotiated | Timed | Waits | Ended


@dataclass(frozen=True, slots=True)
class Answer:
    """octets: response code and data. effect: what the port does when they are out."""

    octets: bytes
    effect: Effect | None = None

    @property
    def is_refusal(self) -> bool:
        return self.octets[0] != CODES["ok"]
