"""C12.18 and C12.21: one service in a message, over a link. What the answers to Negotiate, Timing-setup and Terminate
change is changed here; which service is asked when is not decided here.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from c1219_tables.schema.dialect import Record
from c1222.errors import C12Error, LinkTimeout, LocalProtocolError
from c1222.link import Link, LinkFailed, LinkSettings, MessageReceived, State
from c1222.psem.requests import encode_request
from c1222.psem.responses import OK, decode_response
from c1222.psem.services import BY_NAME, service_name
from c1222.session.channels.channel import Answered, BaudChanged, Event, Failed, Output

IDENTIFY = BY_NAME["identify"].code
TERMINATE = BY_NAME["terminate"].code
BEGIN_OR_END = (IDENTIFY, TERMINATE, BY_NAME["logoff"].code)
"""Services whose answer tells nothing that the answer to an earlier request could be taken for."""
TIMING_SETUP = BY_NAME["timing_setup"].code
NEGOTIATE = range(BY_NAME["negotiate_0"].code, BY_NAME["negotiate_11"].code + 1)


class LineChannel:
    """A `Channel` over a link with these settings to begin with.

    Messages carry no number, so the answer to a request that was abandoned would be taken for the answer to the next.
    It is let in first and dropped; only what begins or ends a session does not wait for it.
    """

    c1222 = False
    at_once = 1

    def __init__(self, settings: LinkSettings) -> None:
        self._link = Link(settings)
        self._base = settings
        self._request: Record | None = None
        self._first_try = False
        self._held_back: bytes | None = None
        self._out: list[Output] = []
        self._events: deque[Event] = deque()

    @property
    def link(self) -> Link:
        """For its counts: how good the line is."""
        return self._link

    @property
    def deadline(self) -> float | None:
        return self._link.deadline

    @property
    def largest_answer(self) -> int:
        return self._link.settings.largest_message

    @property
    def largest_request(self) -> int:
        return self._link.settings.largest_message

    @property
    def incoming(self) -> int:
        return self._link.incoming

    @property
    def alive(self) -> bool:
        return not self._link.failed

    def ask(self, requests: Sequence[Record], now: float) -> None:
        (request,) = requests
        octets = encode_request(request, c1222=False)
        if request.code == IDENTIFY:
            self._begin_anew()
        elif self._link.failed:
            raise LinkTimeout("the link to the meter was lost; the session has to be opened anew")
        if len(octets) > self.largest_request:
            problem = f"{service_name(request.code)} takes {len(octets)} octets, {self.largest_request} were negotiated"
            raise LocalProtocolError(problem)
        self._request, self._first_try = request, True
        if self._link.state is not State.TURN and request.code in BEGIN_OR_END:
            self._link.abandon()
        if self._link.state is State.TURN:
            self._link.send(octets, now)
        else:
            self._held_back = octets

    def tell(self, requests: Sequence[Record]) -> None:
        raise LocalProtocolError("C12.18 and C12.21 have no messages without an answer")

    def _begin_anew(self) -> None:
        """Identify begins a session: with the settings and the speed of the beginning."""
        before = self._link.settings.baud
        if self._link.failed:
            self._link.restart()
        else:
            self._link.abandon()
            self._link.settings = self._base
        self._speed_was(before)

    def _speed_was(self, before: int | None) -> None:
        """Tell a new speed, behind what is still to be sent at the old one."""
        baud = self._link.settings.baud
        if baud and baud != before:
            self._out = [*self.data_to_send(), BaudChanged(baud)]

    def abandon(self, now: float) -> None:
        self._request = self._held_back = None
        self._events.clear()

    def receive_data(self, octets: bytes, now: float) -> None:
        self._link.receive_data(octets, now)
        self._take_events(now)

    def handle_timeout(self, now: float) -> None:
        self._link.handle_timeout(now)
        self._take_events(now)

    def data_to_send(self) -> list[Output]:
        out, self._out = self._out, []
        octets = self._link.data_to_send()
        return [*out, octets] if octets else out

    def next_event(self) -> Event | None:
        return self._events.popleft() if self._events else None

    def _take_events(self, now: float) -> None:
        while (event := self._link.next_event()) is not None:
            if isinstance(event, MessageReceived):
                if self._held_back is not None:
                    octets, self._held_back = self._held_back, None
                    self._link.send(octets, now)
                else:
                    self._received(event.payload)
            elif isinstance(event, LinkFailed):
                self._failed(event, now)

    def _received(self, message: bytes) -> None:
        request, self._request = self._request, None
        if request is None:
            return
        try:
            response = decode_response(message, service=request.code, c1222=False)
            changed = self._settings_after(request, response) if response.code == OK else None
        except C12Error as exc:
            self._events.append(Failed(exc))
            return
        if changed is not None:
            before = self._link.settings.baud
            self._link.settings = changed
            self._speed_was(before)
        self._events.append(Answered((response,)))

    def _settings_after(self, request: Record, response: Any) -> LinkSettings | None:
        """Settings of the link that an answer changes; None for all other answers. Raises RemoteProtocolError."""
        settings, data = self._link.settings, response.data
        if request.code in NEGOTIATE:
            return settings.negotiated(data.packet_size, data.nbr_packets, data.baud_code)
        if request.code == TIMING_SETUP:
            return replace(
                settings,
                traffic=float(data.traffic or settings.traffic),
                inter_character=float(data.inter_character or settings.inter_character),
                response=float(data.response or settings.response),
                retries=data.nbr_retries,
            )
        return self._base if request.code == TERMINATE else None

    def _failed(self, failure: LinkFailed, now: float) -> None:
        request, self._request, self._held_back = self._request, None, None
        if request is None:
            return
        if request.code == IDENTIFY and failure.heard and self._first_try:
            # What was left over from an earlier session can spoil the first exchange, once: it is over now.
            self._link.restart()
            self._request, self._first_try = request, False
            self._link.send(encode_request(request, c1222=False), now)
            return
        self._events.append(Failed(LinkTimeout(self._words(request, failure))))

    def _words(self, request: Record, failure: LinkFailed) -> str:
        what = service_name(request.code)
        if failure.heard:
            return f"{what}: {failure.reason}"
        if request.code == IDENTIFY:
            return (
                "nothing answers: is the probe in its place and on the right port, "
                f"does the meter speak C12.18 at {self._base.baud} baud?"
                if self._base.baud
                else "nothing answers: is there a meter behind this port?"
            )
        return f"{what}: the meter fell silent ({failure.reason})"
