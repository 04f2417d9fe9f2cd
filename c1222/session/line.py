"""C12.18 and C12.21: one service in a message, over a link. What the answers to Negotiate, Timing-setup and Terminate
change is changed here; which service is asked when is not decided here.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from c1219_tables.schema.dialect import Record
from c1222.errors import C12Error, LinkTimeout, LocalProtocolError
from c1222.link import Link, LinkFailed, LinkSettings, MessageReceived
from c1222.psem.requests import encode_request
from c1222.psem.responses import OK, decode_response
from c1222.psem.services import BY_NAME, service_name
from c1222.session.channel import Answered, BaudChanged, Event, Failed

IDENTIFY = BY_NAME["identify"].code
TERMINATE = BY_NAME["terminate"].code
TIMING_SETUP = BY_NAME["timing_setup"].code
NEGOTIATE = range(BY_NAME["negotiate_0"].code, BY_NAME["negotiate_11"].code + 1)


class LineChannel:
    """A `Channel` over a link with these settings to begin with."""

    c1222 = False
    at_once = 1

    def __init__(self, settings: LinkSettings) -> None:
        self._link = Link(settings)
        self._base = settings
        self._request: Record | None = None
        self._first_try = False
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
        self._link.send(octets, now)

    def _begin_anew(self) -> None:
        """Identify begins a session: with the settings and the speed of the beginning."""
        is_other_speed = self._link.settings.baud != self._base.baud
        if self._link.failed:
            self._link.restart()
        else:
            self._link.settings = self._base
        if is_other_speed and self._base.baud:
            self._events.append(BaudChanged(self._base.baud))

    def abandon(self, now: float) -> None:
        if not self._link.failed:
            self._link.abandon()
        self._request = None
        self._events.clear()

    def receive_data(self, octets: bytes, now: float) -> None:
        self._link.receive_data(octets, now)
        self._take_events(now)

    def handle_timeout(self, now: float) -> None:
        self._link.handle_timeout(now)
        self._take_events(now)

    def data_to_send(self) -> list[bytes]:
        octets = self._link.data_to_send()
        return [octets] if octets else []

    def next_event(self) -> Event | None:
        return self._events.popleft() if self._events else None

    def _take_events(self, now: float) -> None:
        while (event := self._link.next_event()) is not None:
            if isinstance(event, MessageReceived):
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
            is_other_speed = changed.baud != self._link.settings.baud
            self._link.settings = changed
            if is_other_speed and changed.baud:
                self._events.append(BaudChanged(changed.baud))
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
        request, self._request = self._request, None
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
