"""C12.22: services in messages of their own, secured or not, over a stream or datagrams.

An answer is taken only when its A4 is the id of a message of ours that is still open, its titles are ours exchanged,
its MAC holds, and its security is not lower than what we sent. Over datagrams what does not fit is dropped, since
anybody may have sent it; over a connection it ends the exchange at once, since nothing better will come.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from c1219_tables.schema.dialect import Record
from c1219_tables.schema.layout import Decoded
from c1222.errors import C12Error, LinkTimeout, LocalProtocolError, RemoteProtocolError, SecurityError
from c1222.message.acse import APDU, authentication
from c1222.message.epsem import ResponseControl, SecurityMode, control, decode_body, encode_body
from c1222.message.framing import ApduFramer
from c1222.message.segmentation import Reassembler, is_segment, segments
from c1222.psem.requests import encode_request
from c1222.psem.responses import OK, decode_response
from c1222.psem.services import BY_NAME
from c1222.security.envelope import seal_message
from c1222.security.keys import Key
from c1222.session.channels.channel import Answered, Event, Failed, Unasked
from c1222.session.channels.dropped import STRAY, Dropped
from c1222.session.channels.guard import Guard
from c1222.session.channels.matching import match
from c1222.session.channels.nonces import Nonces
from c1222.session.operations.refusals import asked_in_words, refusal
from c1222.session.settings import NetworkOptions
from c1222.titles import ApTitle

APDU_AROUND = 128
"""Octets of a message around its services: titles, ids, authentication, MAC. Rather too many than too few."""
REPEATABLE = {BY_NAME[name].code for name in ("identify", "full_read", "offset_read", "default_read")} | {
    BY_NAME[f"index_read_{n}"].code for n in range(1, 10)
}
"""Services that may be carried out twice. Others are only ever repeated as the same message, octet for octet."""


SLOWEST = 100
"""Octets a second that an answer brings at least, once it has begun: a line of 1200 baud brings more."""


@dataclass(slots=True)
class _Open:
    """What was asked and is not answered.

    octets: of the services, passwords among them. sent: the message that carried them last, as it went out. ids: of the
    messages that carried them. asked_at, fails_at, repeats_at: on the clock.
    """

    requests: tuple[Record, ...]
    octets: tuple[bytes, ...] = field(repr=False)
    sent: list[bytes] = field(repr=False)
    ids: set[int]
    asked_at: float
    fails_at: float
    repeats_at: float
    tries: int = 1


class NetworkChannel:
    """A `Channel` over C12.22.

    is_datagram: whether data come and go as datagrams. wall: UTC seconds since 1970, for ivs. lead: a request that goes
    first in every message, whose answer only matters when it is a refusal: Security, where there is no session.
    nonces: ids and ivs, by default of its own.
    dropped: what came and was not taken, by reason. strays, refused: of these, answers to nothing that is open, and
    what was broken or not secure enough.
    """

    c1222 = True
    largest_request: int | None = None

    def __init__(
        self,
        options: NetworkOptions,
        *,
        is_datagram: bool,
        wall: Callable[[], float],
        lead: Record | None = None,
        nonces: Nonces | None = None,
    ) -> None:
        self.options = options
        self._lead = () if lead is None else (lead,)
        self.at_once = options.services
        self.silent = False
        self._guard = Guard(options, wall)
        self._is_datagram = is_datagram
        self._framer = ApduFramer(options.max_message)
        self._reassembler = Reassembler(max_message=options.max_message, timeout=max(options.timeout, 60.0))
        self._nonces = nonces or Nonces(options.id_octets, wall)
        self._open: _Open | None = None
        self._out: list[bytes] = []
        self._events: deque[Event] = deque()

    @property
    def dropped(self) -> Dropped:
        return self._guard.dropped

    @property
    def strays(self) -> int:
        return self.dropped.counts[STRAY]

    @property
    def refused(self) -> int:
        return self.dropped.refusals

    @property
    def deadline(self) -> float | None:
        return min(self._open.fails_at, self._open.repeats_at) if self._open else None

    @property
    def largest_answer(self) -> int:
        return self.options.max_message - APDU_AROUND

    @property
    def incoming(self) -> int:
        return self._framer.held

    @property
    def alive(self) -> bool:
        return not self.silent

    def ask(self, requests: Sequence[Record], now: float) -> None:
        if self._open is not None:
            raise LocalProtocolError("a message is not answered yet")
        if (forged := self._guard.too_many_forgeries()) is not None:
            raise forged
        asked = (*self._lead, *requests)
        octets = tuple(encode_request(request) for request in asked)
        number, sent = self._send(octets)
        repeats = now + self.options.timeout / (self.options.retries + 1) if self._is_datagram else float("inf")
        self._open = _Open(asked, octets, sent, {number}, now, now + self.options.timeout, repeats)

    def tell(self, requests: Sequence[Record]) -> None:
        asked = (*self._lead, *requests)
        self._send(tuple(encode_request(request) for request in asked), answer=ResponseControl.NEVER)

    def abandon(self, now: float) -> None:
        self._open = None
        self._events.clear()

    def data_to_send(self) -> list[bytes]:
        out, self._out = self._out, []
        return out

    def next_event(self) -> Event | None:
        return self._events.popleft() if self._events else None

    def receive_data(self, octets: bytes, now: float) -> None:
        if self._is_datagram:
            self._receive(octets, now)
            return
        self._framer.feed(octets)
        try:
            while (apdu := self._framer.next_apdu()) is not None:
                self._receive(apdu, now)
        except RemoteProtocolError as exc:
            # Nobody can tell where the next message begins: from now on nothing can be heard.
            self.silent = True
            self._fail(exc)
        if self._open is not None:
            # A large answer may take longer than a meter may take to begin one, but it has to get on.
            self._open.fails_at = self._open.asked_at + self.options.timeout + self._framer.held / SLOWEST

    def handle_timeout(self, now: float) -> None:
        if self._open is None:
            return
        if now >= self._open.fails_at:
            self.silent = True
            self._fail(LinkTimeout(self._silence_in_words()))
        elif now >= self._open.repeats_at:
            self._repeat(self._open, now)

    # -- Out ----------------------------------------------------------------------------------------------------------

    def _send(
        self, services: tuple[bytes, ...], answer: ResponseControl = ResponseControl.ALWAYS
    ) -> tuple[int, list[bytes]]:
        """Seal and queue a message; returns its id, and what goes out.

        Raises SecurityError "no-key", LocalProtocolError, MessageError.
        """
        options, number = self.options, self._nonces.next_id()
        head = Record(calling_ap_invocation_id=number)
        if options.called is not None:
            head["called_ap_title"] = options.called
        if options.calling is not None:
            head["calling_ap_title"] = options.calling
        key = None
        if options.mode is not SecurityMode.CLEAR:
            key = self._key()
            head["calling_authentication_value"] = authentication(options.key_id, self._nonces.next_iv())
        envelope = control(options.mode, ed_class_included=options.ed_class is not None)
        envelope["response_control"] = int(answer)
        apdu = seal_message(head, envelope, encode_body(services, options.ed_class), key)
        if len(apdu) > options.max_message:
            raise LocalProtocolError(f"a message of {len(apdu)} octets; the limit is {options.max_message}")
        sent = segments(apdu, options.segment) if self._is_datagram and options.segment else [apdu]
        self._out += sent
        return number, sent

    def _key(self) -> Key:
        options = self.options
        key = options.own_key()
        if key is None:
            have = ", ".join(map(str, options.ring.ids())) or "none"
            problem = f"no key for key id {options.key_id} was given (have {have}); --key {options.key_id}=env:NAME"
            raise SecurityError(problem, reason="no-key")
        return key

    def _repeat(self, waiting: _Open, now: float) -> None:
        """The datagram, or its answer, may be lost. A device that knows a message does not answer it again (ITR)."""
        waiting.tries += 1
        every = self.options.timeout / (self.options.retries + 1)
        waiting.repeats_at = now + every if waiting.tries <= self.options.retries else float("inf")
        if {request.code for request in waiting.requests} <= REPEATABLE | {BY_NAME["security"].code}:
            number, waiting.sent = self._send(waiting.octets)
            waiting.ids.add(number)
        else:
            self._out += waiting.sent

    # -- In -----------------------------------------------------------------------------------------------------------

    def _receive(self, octets: bytes, now: float) -> None:
        answers = True
        try:
            apdu = APDU.decode(octets)
            if is_segment(apdu):
                key = (_name(apdu.calling_ap_title), apdu.calling_ap_invocation_id)
                whole = self._reassembler.add(apdu, key, now)
                if whole is None:
                    return
                apdu = APDU.decode(whole)
            answers = apdu.called_ap_invocation_id is not None
            if not answers:
                self._unasked(apdu)
            elif self._open is None or apdu.called_ap_invocation_id not in self._open.ids:
                self.dropped.stray()
            else:
                self._answered(apdu, self._open)
        except C12Error as exc:
            self.dropped.refused(exc)
            if answers and not self._is_datagram:
                self._fail(exc)
            if (forged := self._guard.too_many_forgeries()) is not None:
                self.silent = True
                self._fail(forged)

    def _answered(self, apdu: Decoded, waiting: _Open) -> None:
        self._check_titles(apdu)
        text, envelope = self._guard.opened(apdu)
        body = decode_body(text, envelope)
        codes = [request.code for request in waiting.requests]
        responses = [
            None if octets is None else decode_response(octets, service=code)
            for code, octets in zip(codes, match(codes, body.services), strict=True)
        ]
        self._open = None
        self.silent = False
        for lead in self._lead:
            first = responses.pop(0)
            if first is not None and first.code != OK:
                self._events.append(Failed(refusal(lead, first.code)))
                return
        self._events.append(Answered(tuple(responses)))

    def _check_titles(self, apdu: Decoded) -> None:
        """Raises RemoteProtocolError where an answer names other parties than the request did."""
        for theirs, ours, what in (
            (apdu.called_ap_title, self.options.calling, "to"),
            (apdu.calling_ap_title, self.options.called, "from"),
        ):
            if theirs is not None and ours is not None and _name(theirs) != _name(ours):
                raise RemoteProtocolError(f"an answer {what} {theirs}, not {what} {ours}")

    def _unasked(self, apdu: Decoded) -> None:
        text, envelope = self._guard.opened(apdu)
        self._events.append(Unasked(apdu, envelope, text))

    def _fail(self, error: C12Error) -> None:
        if self._open is not None:
            self._open = None
            self._events.append(Failed(error))

    def _silence_in_words(self) -> str:
        assert self._open is not None
        what = ", ".join(map(asked_in_words, self._open.requests[len(self._lead) :]))
        where = f" from {self.options.called}" if self.options.called else ""
        times = f", asked {self._open.tries} times" if self._open.tries > 1 else ""
        words = f"{what}: no answer{where} in {self.options.timeout:g} s{times}"
        if self.strays:
            words += f"; {_messages(self.strays)} came in answer to nothing that we asked"
        if self.refused:
            words += f"; {_messages(self.refused)} came not secure or not whole"
        if self.options.mode is not SecurityMode.CLEAR:
            words += "; a meter is also silent when the key is wrong or its clock is far from ours"
        elif self.options.called is None:
            words += "; some meters want to be called by their ApTitle (called=)"
        return words


def _messages(count: int) -> str:
    return f"{count} message{'' if count == 1 else 's'}"


def _name(title: ApTitle | None) -> bytes:
    return title.absolute() if title else b""
