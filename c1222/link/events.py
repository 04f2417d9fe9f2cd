"""What a link tells: small values, told apart by their class."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MessageSent:
    """The other side has all of our message. A meter that answered Negotiate changes its settings now."""


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A whole message of the other side."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class LinkFailed:
    """The link has given up; `restart` begins it anew.

    reason: for a person. heard: whether anything at all came from the other side since the message was begun: if not,
    the wrong port or speed is likelier than a bad line.
    """

    reason: str
    heard: bool


Event = MessageSent | MessageReceived | LinkFailed


@dataclass(slots=True)
class LinkCounts:
    """What a link saw since it was made: how good a line is, and what was tolerated.

    repeated: packets sent again. duplicates: packets that came again. refused: answered with NAK. broken: packets with
    a wrong CRC or length, or cut short. stray: packets nobody asked for, or for somebody else. unflipped: new packets
    whose toggle did not change. noise: octets between packets that mean nothing.
    """

    sent: int = 0
    repeated: int = 0
    received: int = 0
    duplicates: int = 0
    refused: int = 0
    broken: int = 0
    stray: int = 0
    unflipped: int = 0
    noise: int = 0
