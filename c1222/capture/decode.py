"""Captured APDUs in, exchanges out: segments joined, secured messages opened, requests paired with their answers."""

import os
from collections.abc import Iterable, Iterator, Mapping

from c1219_tables.registry import STANDARD, Registry
from c1219_tables.schema.layout import Decoded
from c1222.capture.checks import ReplayCheck, look_at_answer
from c1222.capture.mask import may_ask_secrets
from c1222.capture.message import Message, read_apdu, read_envelope, read_services
from c1222.capture.pairing import Exchange, Pairing, pair_services
from c1222.capture.remark import CaptureRemark, in_file, of_message
from c1222.capture.serial_decode import SerialDecoder
from c1222.capture.serial_octets import SerialOctets
from c1222.capture.source import DEFAULT, Limits, OnRead, OnRemark, Piece, Place, read_pieces
from c1222.capture.tables import CapturedTables
from c1222.errors import CaptureError, MessageError
from c1222.message.epsem import ResponseControl
from c1222.message.framing import C1222_PORT
from c1222.message.segmentation import Reassembler, is_segment
from c1222.security.envelope import direction
from c1222.security.keys import KeyRing
from c1222.security.memory import SessionMemory

_NS = 1_000_000_000
_NEVER = int(ResponseControl.NEVER)
_BATCH = 16
"""Pieces that are read, then decoded, then handed on together: a processor that stays at one kind of work has its code
and data at hand, which saves a sixth of the time. From a pipe they may come slowly: each is decoded at once."""


class Decoder:
    """Turns captured APDUs into exchanges. Does no I/O: feed it, and close it at the end.

    ring: the keys. on_remark: hears what belongs to no message, such as a segment that never came. tables: what is
    known of the meters beforehand.
    Exchanges come when their answer came, or when it has been waited for too long.
    """

    def __init__(
        self, ring: KeyRing, on_remark: OnRemark, limits: Limits = DEFAULT, tables: CapturedTables | None = None
    ) -> None:
        self._ring = ring
        self._memory = SessionMemory()
        self._replays = ReplayCheck()
        self._tables = tables or CapturedTables()
        self._on_remark = on_remark
        self._pairing = Pairing(limits.max_pending, limits.max_pending_octets, limits.answer_seconds)
        self._segments = Reassembler(
            max_message=limits.max_message, max_partial=limits.max_partial, timeout=limits.answer_seconds
        )
        self._first_places: dict[object, tuple[Place, int]] = {}
        self._now = 0.0

    def feed(self, piece: Piece) -> Iterable[Exchange]:
        """One APDU as it was captured. Never raises: what is wrong becomes a remark."""
        message: Message | None = read_apdu(piece.octets, piece.place)
        if message is not None and message.apdu is not None and is_segment(message.apdu):
            message = self._join(message.apdu, piece.place)
        if message is None:
            return ()
        if message.apdu is None:
            return (Exchange(message, None),)
        read_envelope(message, self._ring, self._memory)
        self._replays.look(message)
        return self._pair(message)

    def close(self) -> Iterable[Exchange]:
        """No more messages come: what still waits comes out."""
        self._segments.close()
        self._tell_missing()
        return self.give_up()

    def give_up(self) -> Iterable[Exchange]:
        """No answer comes to the requests that wait: they come out now. Segments go on waiting for others."""
        return self._unanswered(self._pairing.close())

    def _pair(self, message: Message) -> Iterable[Exchange]:
        if message.is_response:
            request = self._pairing.answer(message)
            if request is not None:
                self._tables.look_at_request(request)
            self._read_answer(request, message)
            return (Exchange(request, message),)
        read_services(message)
        control = message.control
        if control is not None and control["response_control"] == _NEVER:
            return self._unanswered((Exchange(message, None),))
        waited = self._pairing.request(message)
        return self._unanswered(waited) if waited else ()

    def _unanswered(self, exchanges: Iterable[Exchange]) -> Iterator[Exchange]:
        """Requests that wait no longer. Their tables are decoded now: waiting, they would take too much memory."""
        for exchange in exchanges:
            if exchange.request is not None:
                self._tables.look_at_request(exchange.request)
            yield exchange

    def _read_answer(self, request: Message | None, response: Message) -> None:
        answered = pair_services(request, response)
        asked, odd, is_unsure = answered
        if odd:
            response.remarks.append(of_message("answer-count", odd))
        read_services(response, [None if service is None else service.octets[0] for service in asked])
        if is_unsure and request is not None and any(map(may_ask_secrets, request.services)):
            for service in response.services:
                service.may_be_secret = True
        self._tables.look_at_answer(response, answered)
        look_at_answer(request, response)
        if request is None:
            response.remarks.append(of_message("request-unknown", "no request that waits for it is in the capture"))

    def _join(self, segment: Decoded, place: Place) -> Message | None:
        """The whole message when `segment` completes one; None while it waits for others."""
        if place.time_ns is not None:
            self._now = max(self._now, place.time_ns / _NS)
        self._segments.expire(self._now)
        self._tell_missing()
        key = (direction(segment) or place.flow, segment.calling_ap_invocation_id)
        try:
            octets = self._segments.add(segment, key, self._now)
        except MessageError as exc:
            self._on_remark(in_file("segment-refused", str(exc), place.file, place.packet, place.file_offset))
            return None
        first, count = self._first_places.get(key, (place, 0))
        self._first_places[key] = (first, count + 1)
        self._tell_missing()
        if octets is None:
            return None
        del self._first_places[key]
        whole = read_apdu(octets, first._replace(last_packet=place.last_packet))
        whole.segments = count + 1
        return whole

    def _tell_missing(self) -> None:
        for lost in self._segments.missing():
            place, _ = self._first_places.pop(lost.key)
            text = f"{lost.size - lost.held} of {lost.size} octets of a segmented message never came"
            self._on_remark(in_file("segment-missing", text, place.file, place.packet, place.file_offset))


def decode_files(
    paths: Iterable[str],
    ring: KeyRing,
    *,
    ports: frozenset[int] = frozenset({C1222_PORT}),
    limits: Limits = DEFAULT,
    on_read: OnRead | None = None,
    known: Mapping[int, bytes] | None = None,
    registry: Registry = STANDARD,
    unidentified: Registry = STANDARD,
) -> Iterator[Exchange | CaptureRemark]:
    """Everything that was said in capture files, as exchanges, and remarks that belong to no message.

    paths: "-" for standard input; each file is a capture of its own. known, registry, unidentified: as in
    CapturedTables. Others as in read_pieces.
    Raises CaptureError where a file cannot be read at all, TableError for `known` that do not fit.
    """
    for path in paths:
        heard: list[CaptureRemark] = []
        tables = CapturedTables(known, registry, unidentified=unidentified)
        decoder = Decoder(ring, heard.append, limits, tables)
        lines = SerialDecoder(heard.append, limits, tables)
        for batch in _batches(path, ports, limits, on_read):
            found: list[Exchange | CaptureRemark] = []
            for one in batch:
                if isinstance(one, CaptureRemark):
                    heard.append(one)
                    continue
                found += decoder.feed(one) if isinstance(one, Piece) else lines.feed(one)
                if heard:
                    found += heard
                    heard.clear()
            yield from found
        yield from decoder.close()
        yield from lines.close()
        yield from heard


def _batches(
    path: str, ports: frozenset[int], limits: Limits, on_read: OnRead | None
) -> Iterator[list[Piece | SerialOctets | CaptureRemark]]:
    """What read_pieces finds and remarks, in its order, some of it at a time: the same list, filled anew."""
    size = _BATCH if os.path.isfile(path) else 1  # noqa: PTH113 - of a name that is too long, Path raises
    batch: list[Piece | SerialOctets | CaptureRemark] = []
    try:
        for piece in read_pieces(path, ports=ports, limits=limits, on_remark=batch.append, on_read=on_read):
            batch.append(piece)
            if len(batch) >= size:
                yield batch
                batch.clear()
    except CaptureError:
        yield batch
        raise
    yield batch
