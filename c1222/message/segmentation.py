"""Messages cut into segments, and put together again.

A segment is an APDU whose A3 says how large the whole APDU is; the reference inside its user information is the offset
of its octets. Source: docs/sources.md, ITR alone, draft of January 2008; no capture is known. Our own rules: overlaps
with different octets are refused, and what is kept is bounded.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

from c1219_tables.schema.dialect import Record
from c1222.errors import MessageError
from c1222.message.acse import APDU

MAX_MESSAGE = 0x10000
"""Octets of the largest message that is put together unless told otherwise."""

MAX_PIECES = 512
"""Pieces with gaps between them that one message may be in: what a forger can make us keep and search."""


def is_segment(apdu: Record) -> bool:
    """Whether a decoded APDU is a segment."""
    return apdu["called_ae_qualifier"] is not None


def segments(apdu: bytes, largest: int) -> list[bytes]:
    """An APDU in segments of at most `largest` octets each; the APDU itself where it fits.

    Raises MessageError where `largest` leaves no room for octets.
    """
    if len(apdu) <= largest:
        return [apdu]
    whole = APDU.decode(apdu)
    copied = ("aso_context", "called_ap_title", "calling_ap_title", "calling_ae_qualifier", "calling_ap_invocation_id")
    head = {name: whole[name] for name in copied}

    def segment(offset: int, octets: bytes) -> bytes:
        information = {"indirect_reference": offset, "octets": octets}
        return APDU.encode({**head, "called_ae_qualifier": len(apdu), "user_information": information})

    made, offset = [], 0
    while offset < len(apdu):
        # Lengths and the offset grow with what they count: shrink until the segment fits.
        size = min(largest, len(apdu) - offset)
        while size > 0 and (over := len(segment(offset, apdu[offset : offset + size])) - largest) > 0:
            size -= over
        if size <= 0:
            raise MessageError(f"segments of {largest} octets leave no room for data", layout="segment")
        made.append(segment(offset, apdu[offset : offset + size]))
        offset += size
    return made


@dataclass
class _Partial:
    """A message of which some octets are there. runs: what is there, as start -> octets, never touching."""

    size: int
    since: float
    runs: dict[int, bytes] = field(default_factory=dict)

    def held(self) -> int:
        return sum(map(len, self.runs.values()))


@dataclass(frozen=True, slots=True)
class Missing:
    """A message that was given up. key: as given to `add`; size, held: octets of it, and how many were there."""

    key: Hashable
    size: int
    held: int


class Reassembler:
    """Segments in, whole APDUs out, in any order; several messages at a time.

    max_message: octets of the largest message; max_partial: messages kept unfinished (the oldest is given up);
    timeout: seconds that a message may wait for its next segment.
    """

    def __init__(self, *, max_message: int = MAX_MESSAGE, max_partial: int = 64, timeout: float = 60.0) -> None:
        self.max_message = max_message
        self.max_partial = max_partial
        self.timeout = timeout
        self._partial: OrderedDict[Hashable, _Partial] = OrderedDict()
        self._missing: list[Missing] = []

    def add(self, apdu: Record, key: Hashable, now: float) -> bytes | None:
        """The whole APDU when `apdu`, a decoded segment, was the last piece of it; None before that.

        key: who sent it, with which invocation id: segments with the same key belong together.
        now: seconds on any clock that does not go back.
        Raises MessageError for a segment that cannot be part of its message; what was there stays.
        """
        size: int = apdu.called_ae_qualifier
        information = apdu.user_information
        offset = information.indirect_reference if information else None
        octets = information.octets if information else None
        if offset is None or octets is None:
            raise MessageError("a segment without offset or octets", layout="segment", field="user_information")
        if size > self.max_message:
            raise MessageError(f"a message of {size} octets (limit {self.max_message})", layout="segment")
        if offset + len(octets) > size or not octets:
            problem = f"{len(octets)} octets at {offset} do not belong into a message of {size}"
            raise MessageError(problem, layout="segment", field="user_information.indirect_reference")
        self.expire(now)
        partial = self._partial.setdefault(key, _Partial(size, now))
        if partial.size != size:
            raise MessageError(f"a message of {partial.size} octets now claims {size}", layout="segment")
        self._join(partial, offset, octets)
        partial.since = now
        self._partial.move_to_end(key)
        if len(partial.runs.get(0, b"")) == size:
            del self._partial[key]
            return partial.runs[0]
        if len(self._partial) > self.max_partial:
            self._give_up(next(iter(self._partial)))
        return None

    def missing(self) -> list[Missing]:
        """Messages that were given up since the last call."""
        given_up, self._missing = self._missing, []
        return given_up

    def close(self) -> None:
        """No more segments come: every unfinished message is given up."""
        for key in list(self._partial):
            self._give_up(key)

    def expire(self, now: float) -> None:
        """Give up what has waited too long."""
        while self._partial:
            key, oldest = next(iter(self._partial.items()))
            if now - oldest.since <= self.timeout:
                return
            self._give_up(key)

    def _give_up(self, key: Hashable) -> None:
        partial = self._partial.pop(key)
        self._missing.append(Missing(key, partial.size, partial.held()))

    @staticmethod
    def _join(partial: _Partial, offset: int, octets: bytes) -> None:
        """Merge octets into the runs they touch. Raises MessageError where they contradict what is there."""
        start, end = offset, offset + len(octets)
        touching = [at for at, run in partial.runs.items() if at <= end and at + len(run) >= start]
        if not touching and len(partial.runs) >= MAX_PIECES:
            raise MessageError(f"a message in more than {MAX_PIECES} pieces", layout="segment")
        first = min([start, *touching])
        last = max([end, *(at + len(partial.runs[at]) for at in touching)])
        merged = bytearray(last - first)
        for at in touching:
            merged[at - first : at - first + len(partial.runs[at])] = partial.runs[at]
            overlap = slice(max(at, start) - first, min(at + len(partial.runs[at]), end) - first)
            if overlap.start < overlap.stop:
                new = octets[overlap.start + first - start : overlap.stop + first - start]
                if merged[overlap] != new:
                    problem = f"octets at {max(at, start)} differ from those of another segment"
                    raise MessageError(problem, layout="segment", field="user_information.octets")
        merged[start - first : end - first] = octets
        for at in touching:
            del partial.runs[at]
        partial.runs[first] = bytes(merged)
