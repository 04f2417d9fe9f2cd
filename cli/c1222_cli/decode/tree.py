"""The whole message, element by element: offset, length, octets, name in the standard's words, value, purpose."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import click

from c1219_tables.schema.cursor import Span
from c1219_tables.table import is_raw
from c1222.capture.export import time_text
from c1222.capture.mask import MASKED, hides_data, is_enciphered, is_unexplained, secret_places, table_of
from c1222.capture.message import FIRST_SERVICE, Message, Service, elements
from c1222.capture.pairing import Exchange, services_answered
from c1222.capture.remark import CaptureRemark
from c1222.capture.summary import Summary
from c1222.capture.table_view import TableView
from c1222.psem.services import BY_CODE, service_name
from c1222.psem.table_id import table_text
from c1222_cli.decode.notes import envelope_notes, service_notes
from c1222_cli.decode.people import Say
from c1222_cli.decode.table_words import fields_of_view, table_state
from c1222_cli.decode.values import value_text
from c1222_cli.decode.words import answer_meaning, message_ends, octets_text, state_text
from c1222_cli.fields import at_path
from c1222_cli.talk import clean

_SERVICE = re.compile(r"services\[(\d+)\]\.?(.*)")
_TABLE = re.compile(r"services\[(\d+)\]\.(parameters|data)\.blocks")
_NAME_WIDTH = 30
_WIDEST = 60
_SAID_ELSEWHERE = re.compile(r"services|services\[\d+\]\.(parameters|data)")
"""Elements that have no octets of their own and whose name says nothing that those inside do not."""
_VALUE_SAYS_ALL = frozenset(("table", "code"))


class Row(NamedTuple):
    """One line: octets[start:end] shown, of an element of `length` octets, `depth` levels deep."""

    start: int
    end: int
    length: int
    depth: int
    field: str


def rows(spans: list[Span], size: int) -> Iterator[Row]:
    """Lines of a message in the order of its octets, each octet on exactly one of them.

    An element that holds others shows its own octets (tag and length); octets that no element inside it names come on
    a line without a name.
    """
    inner: list[Span] = []
    at = 0
    outer = [Span("apdu", 0, size)]
    for index, span in enumerate([*outer, *spans, Span("", size, size)]):
        while inner and (span.start >= inner[-1].end):
            closed = inner.pop()
            if at < closed.end:
                yield Row(at, closed.end, closed.end - at, len(inner) + 1, "")
                at = closed.end
        if index > len(spans):
            return
        if at < span.start:
            yield Row(at, span.start, span.start - at, len(inner), "")
        following = spans[index] if index < len(spans) else None
        has_inner = following is not None and following.start < span.end
        end = following.start if has_inner and following is not None else span.end
        yield Row(span.start, end, span.end - span.start, len(inner), span.field)
        at = end
        inner.append(span)


class TreeWriter:
    """Writes whole messages.

    say: takes a line without its end. per_line: octets on a line. colour: whether colours may be used.
    """

    def __init__(self, say: Say, *, show_secrets: bool, per_line: int = 16, colour: bool = False) -> None:
        self._say = say
        self._show = show_secrets
        self._per_line = per_line
        self._colour = colour
        self._count = 0

    def exchange(self, exchange: Exchange) -> None:
        request, response = exchange.request, exchange.response
        if self._count:
            self._say("")
        self._count += 1
        if request is not None:
            self._message(request, [])
        if response is not None:
            self._message(response, services_answered(request, response))

    def remark(self, remark: CaptureRemark) -> None:
        self._say(clean(f"! {remark.code}: {remark}"))

    def end(self, summary: Summary) -> None:
        pass

    def _message(self, message: Message, asked: list[Service | None]) -> None:
        self._say(self._styled(clean(_title_line(message)), bold=True))
        octets = message.octets
        if message.opened is not None:
            start = message.text_start()
            octets = octets[:start] + message.opened.text + octets[start + len(message.opened.text) :]
        hidden = [] if self._show else secret_places(message, asked)
        shown = [f"{octet:02x}" for octet in octets]
        for start, end in hidden:
            shown[start:end] = ["**"] * (end - start)
        teller = _Teller(message, asked, hidden)
        spans = elements(message)
        inner = {span.start for span in spans if not _SAID_ELSEWHERE.fullmatch(span.field)}
        spans = [span for span in spans if not (_SAID_ELSEWHERE.fullmatch(span.field) and span.start in inner)]
        for row in rows(spans, len(octets)):
            self._row(row, shown, *teller.words(row))
            if (match := _TABLE.fullmatch(row.field)) and (view := message.services[int(match[1])].table) is not None:
                answered = asked[int(match[1])] if asked else None
                self._table(view, row.depth + 1, not self._show and teller.hides_table(int(match[1]), answered))
        for remark in message.remarks:
            place = "" if remark.message_offset is None else f" at octet {remark.message_offset}"
            field = f" {remark.field}" if remark.field else ""
            self._say(clean(f"  ! {remark.code}{place}{field}: {remark.text}"))

    def _row(self, row: Row, shown: list[str], name: str, value: str, note: str) -> None:
        lines = [shown[at : min(at + self._per_line, row.end)] for at in range(row.start, row.end, self._per_line)]
        first = " ".join(lines[0]) if lines else ""
        width = 3 * self._per_line - 1
        label = "  " * row.depth + name
        words = "  ".join(part for part in (clean(value), self._styled(f"({note})", dim=True) if note else "") if part)
        line = f"{row.start:6} {row.length:5}  {first:<{width}}  {label:<{_NAME_WIDTH}}  {words}"
        self._say(line.rstrip())
        for index, octets in enumerate(lines[1:], 1):
            self._say(f"{row.start + index * self._per_line:6} {'':5}  {' '.join(octets)}")

    def _table(self, view: TableView, depth: int, hidden: bool) -> None:
        """What the octets say of a table, below them: places are counted from the start of the table, behind an @."""
        margin = " " * (16 + 3 * self._per_line) + "  " * depth
        self._say(clean(f"{margin}{view.table.label} {view.table.name}") + self._purpose(view.table.purpose))
        for line in table_state(view):
            self._say(clean(f"{margin}  {line}"))
        fields = [] if is_raw(view.table) else list(fields_of_view(view))
        widest = max((len(field.path) for field in fields), default=0)
        width = max(_NAME_WIDTH, min(_WIDEST, 2 * depth + 2 + widest))
        for field in fields:
            shown = ["**"] * len(field.octets) if hidden else [f"{octet:02x}" for octet in field.octets]
            cut = shown if len(shown) <= self._per_line else [*shown[: self._per_line - 1], ".."]
            label = f"{'  ' * (depth + 1)}{clean(field.path)}"
            value = MASKED if hidden else clean(field.value)
            line = f"{f'@{field.start}':>6} {field.end - field.start:5}  {' '.join(cut):<{3 * self._per_line - 1}}"
            self._say(f"{line}  {label:<{width}}  {value}{self._purpose(field.note)}".rstrip())

    def _purpose(self, words: str) -> str:
        return "  " + self._styled(f"({clean(words)})", dim=True) if words else ""

    def _styled(self, text: str, **style: Any) -> str:
        return click.style(text, **style) if self._colour else text


def _title_line(message: Message) -> str:
    place = message.place
    calling, called = message_ends(message)
    flow = place.flow
    packets = f"packet {place.packet}"
    if place.last_packet not in (None, place.packet):
        packets += f" to {place.last_packet}"
    words = [
        place.file,
        packets,
        time_text(place.time_ns) or "",
        f"{calling or '?'} > {called or '?'}",
        f"{flow.protocol} {flow.source}:{flow.source_port} > {flow.destination}:{flow.destination_port}"
        if flow
        else "",
        octets_text(len(message.octets)),
        f"in {message.segments} segments" if message.segments > 1 else "",
        state_text(message),
    ]
    return ("response  " if message.is_response else "request  ") + ", ".join(word for word in words if word)


class _Teller:
    """Name, value and note of an element of one message."""

    def __init__(self, message: Message, asked: list[Service | None], hidden: list[tuple[int, int]]) -> None:
        self._message = message
        self._asked = asked
        self._hidden = hidden

    def words(self, row: Row) -> tuple[str, str, str]:
        if not row.field:
            return "", "", ""
        if row.field == "apdu" and (link := self._message.link) is not None:
            way = {"out": ", sent", "in": ", received", None: ""}[link.way]
            packets = "1 packet" if link.packets == 1 else f"{link.packets} packets"
            return "message", f"C12.18 or C12.21, {packets}{way}, toggle {link.toggle:d}", ""
        if row.field == "apdu":
            return "apdu", "" if self._message.apdu is not None else "not decoded", ""
        name = row.field.split(".")[-1]
        plain = name.partition("[")[0]
        is_leaf = row.end - row.start == row.length
        if match := _SERVICE.fullmatch(row.field):
            value, note = self._service(int(match[1]), match[2], plain, is_leaf)
        else:
            note = envelope_notes().get(plain, "")
            value = self._outer(row.field, plain) if is_leaf else ""
        if self._is_hidden(row):
            value = f"{value}, {MASKED}" if name.startswith("services[") else MASKED
        return name, value, note

    def hides_table(self, index: int, answered: Service | None) -> bool:
        """Whether what a service says of a table must be masked."""
        return hides_data(self._message.services[index], answered, is_response=self._message.is_response)

    def _is_hidden(self, row: Row) -> bool:
        return row.end > row.start and any(
            start < row.end and row.start < end and row.end - row.start == row.length for start, end in self._hidden
        )

    def _state(self) -> str:
        holds = {"opened": "holds", "authenticated": "holds", "bad-mac": "DOES NOT HOLD"}
        return holds.get(self._message.state, "not checked")

    def _outer(self, field: str, name: str) -> str:
        """The value of an element around the services."""
        message = self._message
        if field == "epsem.mac":
            return self._state()
        if field == "epsem.text":
            return "enciphered" if is_enciphered(message) else "not decoded"
        if field.startswith("epsem."):
            return value_text(name, at_path(message.envelope, field.removeprefix("epsem.")))
        return value_text(name, at_path(message.body if field in ("ed_class", "trailing") else message.apdu, field))

    def _service(self, index: int, inner: str, name: str, is_leaf: bool) -> tuple[str, str]:
        """Value and note of an element of a service."""
        service = self._message.services[index]
        if not inner:
            return self._head(service, index), ""
        is_response = self._message.is_response
        asked = service.request if is_response else service.octets[0]
        note = service_notes(-1 if asked is None else asked, is_response=is_response).get(name, "")
        if inner == "code":
            return self._code(service), ""
        note = "" if name in _VALUE_SAYS_ALL else note
        return value_text(name, at_path(service.value, inner)) if is_leaf else "", note

    def _head(self, service: Service, index: int) -> str:
        if service.value is None:
            return f"{self._code(service)} (undecodable)"
        if not self._message.is_response:
            return ""
        answered = self._asked[index] if index < len(self._asked) else None
        if service.request is None:
            return "answer to a request that is not known"
        table = table_of(answered)
        return f"answer to {service_name(service.request)}" + ("" if table is None else f" {table_text(table)}")

    def _code(self, service: Service) -> str:
        code, is_response = service.octets[0], self._message.is_response
        if is_response and code < FIRST_SERVICE:
            return answer_meaning(code)
        known = "" if is_unexplained(service, is_response=is_response) or code not in BY_CODE else BY_CODE[code].purpose
        return service_name(code) + (f": {known}" if known else "")
