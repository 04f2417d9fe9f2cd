"""One captured message: its layers, its security, its services, and what is to be said of it.

A message of C12.22 is an APDU with an envelope around its services. One of C12.18 or C12.21 is a service, and nothing.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from c1219_tables.schema.cursor import Span
from c1219_tables.schema.dialect import Record
from c1219_tables.schema.layout import Decoded
from c1222.capture.remark import CaptureRemark, of_error, of_layout, of_message
from c1222.capture.source import Place
from c1222.capture.table_view import TableView
from c1222.errors import MessageError, SecurityError
from c1222.message.acse import APDU
from c1222.message.epsem import SecurityMode, decode_body
from c1222.pcap.packet import Direction
from c1222.psem.requests import decode_request
from c1222.psem.responses import decode_response
from c1222.security import envelope
from c1222.security.envelope import Opened, open_message
from c1222.security.keys import KeyRing
from c1222.security.memory import SessionMemory

State = Literal["clear", "authenticated", "opened", "no-key", "bad-mac", "short-header", "unreadable"]
"""clear: nothing protects it. authenticated, opened: mode 1 or 2, and the MAC holds. no-key, bad-mac, short-header: not
opened, and why. unreadable: no envelope could be found."""

_STATES: dict[SecurityMode, State] = {
    SecurityMode.CLEAR: "clear",
    SecurityMode.AUTHENTICATED: "authenticated",
    SecurityMode.ENCRYPTED: "opened",
}

FIRST_SERVICE = 0x20
"""Codes below are responses."""
_FIRST_READ, _LAST_READ = 0x30, 0x3F
_LONGEST_READ = 32
"""Octets of the longest request to read that is remembered; none that a meter understands has more."""


@dataclass(slots=True)
class Service:
    """One service of a message.

    octets: as they stand in it. value: decoded, None where they do not fit. request: code of the request, where this is
    a response and the request is known. table: what it says of a table, None where it carries none. may_be_secret:
    whether it may answer another request than it seems to, one for secrets.
    """

    octets: bytes
    value: Decoded | None = None
    request: int | None = None
    table: TableView | None = None
    may_be_secret: bool = False


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """How a message of C12.18 or C12.21 came.

    line: tells the serial lines of one recording apart. way: "out" from who recorded, "in" to it, None where nobody
    says. identity, toggle: of its first packet. packets: how many it came in.
    """

    line: int
    way: Direction | None
    identity: int
    toggle: bool
    packets: int


@dataclass(slots=True)
class Message:
    """A message as far as it could be decoded.

    link: of C12.18 and C12.21, which know neither apdu nor envelope nor body; None in C12.22.
    apdu: None where the octets are no APDU. envelope: EPSEM, None where there is none. body: ED class and services,
    None while they are enciphered. segments: number of segments it came in, 1 when it was not cut.
    """

    octets: bytes
    place: Place
    segments: int = 1
    link: LinkFacts | None = None
    apdu: Decoded | None = None
    envelope: Decoded | None = None
    opened: Opened | None = None
    body: Decoded | None = None
    state: State = "unreadable"
    services: list[Service] = field(default_factory=list)
    remarks: list[CaptureRemark] = field(default_factory=list)

    @property
    def control(self) -> Record | None:
        return self.envelope["control"] if self.envelope is not None else None

    @property
    def mode(self) -> int | None:
        """Security mode by number, see SecurityMode; None without an envelope."""
        return self.envelope["control"]["security_mode"] if self.envelope is not None else None

    @property
    def is_response(self) -> bool:
        """Whether it answers: it says so by A4, or its first service is a response code."""
        if self.apdu is not None and self.apdu["called_ap_invocation_id"] is not None:
            return True
        return bool(self.services) and self.services[0].octets[0] < FIRST_SERVICE

    def text_start(self) -> int:
        """Offset of ED class and services in the message."""
        if self.apdu is None or self.envelope is None:
            return 0
        return self.apdu.spans()["user_information.octets"].end - len(self.envelope.octets) + 1


def read_apdu(octets: bytes, place: Place) -> Message:
    """Decode the elements of a captured APDU. Never raises: what is wrong becomes a remark."""
    message = Message(octets, place)
    try:
        message.apdu = APDU.decode(octets)
        if message.apdu["user_information"] is None and _has_odd_title(message.apdu):
            # A title may be what became of the user information: one damaged bit makes of its tag another.
            message.apdu = None
            raise MessageError("no user information (BE), and a title that is none", layout="APDU")
        if message.apdu.remarks:
            message.remarks += [of_layout(remark, 0) for remark in message.apdu.remarks]
    except MessageError as exc:
        code = "message-undecodable" if octets.startswith(b"\x60") else "not-c1222"
        message.remarks.append(of_error(code, exc))
    return message


def _has_odd_title(apdu: Decoded) -> bool:
    return any(remark.code in ("title-tag", "title-cut") for remark in apdu.remarks)


def link_message(octets: bytes, place: Place, link: LinkFacts) -> Message:
    """A message of C12.18 or C12.21, at least one octet: one service, in the clear, not decoded yet."""
    return Message(octets, place, link=link, state="clear", services=[Service(octets)])


def read_envelope(message: Message, ring: KeyRing, memory: SessionMemory) -> None:
    """Open the envelope of a message that is no segment, down to the octets of its services. Never raises."""
    assert message.apdu is not None
    try:
        message.envelope = envelope.read_envelope(message.apdu)
    except MessageError as exc:
        message.remarks.append(of_error("message-undecodable", exc))
        return
    if message.apdu["calling_ap_invocation_id"] is None:
        message.remarks.append(of_message("no-invocation-id", "no calling-AP-invocation-id (A8)"))
    text = _open(message, ring, memory)
    if text is not None:
        _read_body(message, text)


def _open(message: Message, ring: KeyRing, memory: SessionMemory) -> bytes | None:
    """Text in the clear, or None where it cannot be had. Sets state and remarks."""
    assert message.apdu is not None
    assert message.envelope is not None
    # Two meters that send no titles are told apart by their connection.
    untitled = message.apdu["calling_ap_title"] is None and message.apdu["called_ap_title"] is None
    way = message.place.flow if untitled else None
    try:
        message.opened = open_message(message.apdu, ring, memory, way, message.envelope)
    except SecurityError as exc:
        message.remarks.append(of_message(exc.reason, str(exc)))
        message.state = exc.reason if exc.reason in ("no-key", "bad-mac", "short-header") else "unreadable"
        return message.envelope["text"] if message.mode == SecurityMode.AUTHENTICATED else None
    except MessageError as exc:
        message.remarks.append(of_error("message-undecodable", exc))
        return None
    message.state = _STATES[message.opened.mode]
    return message.opened.text


def _read_body(message: Message, text: bytes) -> None:
    assert message.envelope is not None
    try:
        body = decode_body(text, message.envelope["control"])
        # A length of 0 in one octet ends the list; in more than one (81 00) it is a service without even a code.
        if b"" in body["services"]:
            index = body["services"].index(b"")
            raise MessageError("a service without octets", layout="EPSEM body", field=f"services[{index}]")
        message.body = body
    except MessageError as exc:
        message.remarks.append(of_error("body-undecodable", exc, message.text_start()))
        return
    if body.remarks:
        start = message.text_start()
        message.remarks += [of_layout(remark, start) for remark in body.remarks]
    message.services = [Service(octets) for octets in body["services"]]


def read_services(message: Message, requests: list[int | None] | None = None) -> None:
    """Decode the services of a message.

    requests: for a response, the code of the request that each service answers (None: not known); for a request None.
    """
    c1222 = message.link is None
    for index, service in enumerate(message.services):
        try:
            if requests is None:
                octets = service.octets
                service.value = decode_read(octets, c1222) if _is_read(octets) else decode_request(octets, c1222=c1222)
            else:
                service.request = requests[index]
                service.value = decode_response(service.octets, service=service.request, c1222=c1222)
        except MessageError as exc:
            start = service_start(message, index)
            message.remarks.append(of_error("service-undecodable", exc, start, f"services[{index}]"))
            continue
        if service.value.remarks:
            start, place = service_start(message, index), f"services[{index}]"
            message.remarks += [of_layout(remark, start, place) for remark in service.value.remarks]


def _is_read(octets: bytes) -> bool:
    return _FIRST_READ <= octets[0] <= _LAST_READ and len(octets) <= _LONGEST_READ


def is_plain_read(service: Service) -> bool:
    """Whether it asks to read, and its octets say all that there is to say of it."""
    return service.value is not None and not service.value["trailing"] and _is_read(service.octets)


@lru_cache(maxsize=4096)
def decode_read(octets: bytes, c1222: bool) -> Decoded:
    """A request to read. Nobody changes the value: the next request with the same octets gets it too."""
    return decode_request(octets, c1222=c1222)


def service_start(message: Message, index: int) -> int:
    """Offset of a service's first octet in the message."""
    if message.link is not None:
        return 0
    assert message.body is not None
    end = message.body.spans()[f"services[{index}]"].end
    return message.text_start() + end - len(message.services[index].octets)


def elements(message: Message) -> list[Span]:
    """Every element with its place in the message, outer ones before the inner ones they hold, in order of offset."""
    spans: list[Span] = []
    if message.apdu is not None:
        spans += message.apdu.spans().values()
    if message.envelope is not None:
        start = message.text_start() - 1
        spans += _moved(message.envelope, start, "epsem", leave="text" if message.body is not None else "")
    if message.body is not None:
        spans += _moved(message.body, message.text_start(), "")
    for index, service in enumerate(message.services):
        if service.value is not None:
            spans += _moved(service.value, service_start(message, index), f"services[{index}]")
    shown = [span for span in spans if span.end > span.start]
    return sorted(shown, key=lambda span: (span.start, -span.end, _depth(span.field)))


def _depth(field: str) -> int:
    return field.count(".") + field.count("[")


def _moved(decoded: Decoded, start: int, prefix: str, leave: str = "") -> list[Span]:
    head = f"{prefix}." if prefix else ""
    spans = decoded.spans().values()
    return [Span(head + span.field, start + span.start, start + span.end) for span in spans if span.field != leave]
