"""Requests and their answers, found again in a stream of messages.

By A4 and the titles first, because both directions of a published exchange travel the same way; by the flow where there
are no titles. An answer without A4 (synthetic captures) goes to the latest request between the same two.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from c1222.capture.message import Message, Service
from c1222.titles import ApTitle

_NS = 1_000_000_000
SECURITY = 0x51
"""Code of the service Security, which some devices do not answer."""


@dataclass(slots=True)
class Exchange:
    """A request with its answer, either of them alone where the other is not there."""

    request: Message | None
    response: Message | None


def _name(title: ApTitle | None) -> bytes | None:
    return title.absolute() if title is not None else None


def _parties(message: Message) -> tuple[Hashable, Hashable]:
    """Sender and receiver: names of the nodes, addresses where a message carries no title."""
    assert message.apdu is not None
    calling, called = _name(message.apdu.calling_ap_title), _name(message.apdu.called_ap_title)
    if calling is None and called is None and message.place.flow is not None:
        flow = message.place.flow
        return (flow.source, flow.source_port), (flow.destination, flow.destination_port)
    return calling, called


class Pairing:
    """Requests that wait for their answers.

    limit: how many at a time; seconds: how long, by the time of the packets. Older ones come out without an answer.
    """

    def __init__(self, limit: int, seconds: int) -> None:
        self._limit = limit
        self._wait_ns = seconds * _NS
        self._waiting: OrderedDict[int, Message] = OrderedDict()
        self._by_key: dict[Hashable, list[int]] = {}
        self._count = 0

    def request(self, message: Message) -> Iterator[Exchange]:
        """A request that wants an answer. Yields those that have waited too long."""
        self._count += 1
        self._waiting[self._count] = message
        for key in self._keys(message):
            self._by_key.setdefault(key, []).append(self._count)
        while len(self._waiting) > self._limit:
            yield self._give_up()
        now = message.place.time_ns
        while now is not None and self._waiting:
            oldest = next(iter(self._waiting.values())).place.time_ns
            if oldest is None or now - oldest <= self._wait_ns:
                break
            yield self._give_up()

    def answer(self, message: Message) -> Message | None:
        """The request that a response answers, which then waits no longer; None where none is known."""
        assert message.apdu is not None
        calling, called = _parties(message)
        answered = message.apdu.called_ap_invocation_id
        by_id = self._by_key.get((called, calling, answered)) if answered is not None else None
        by_parties = self._by_key.get((called, calling)) if answered is None else None
        if by_id:
            return self._take(by_id[0])
        return self._take(by_parties[-1]) if by_parties else None

    def close(self) -> Iterator[Exchange]:
        """No more messages come."""
        while self._waiting:
            yield self._give_up()

    def _keys(self, message: Message) -> tuple[Hashable, Hashable]:
        assert message.apdu is not None
        calling, called = _parties(message)
        return (calling, called, message.apdu.calling_ap_invocation_id), (calling, called)

    def _take(self, number: int) -> Message:
        message = self._waiting.pop(number)
        for key in self._keys(message):
            numbers = self._by_key[key]
            numbers.remove(number)
            if not numbers:
                del self._by_key[key]
        return message

    def _give_up(self) -> Exchange:
        return Exchange(self._take(next(iter(self._waiting))), None)


def requests_answered(request: Message, answers: int) -> tuple[list[int | None], str]:
    """Which request each of `answers` responses belongs to, as codes; and what is odd about it, "" when nothing is.

    Answers come in the order of the requests. In a published example Security has none; a device that ran out of room
    or stopped at a refusal sends fewer. Sources: docs/sources.md, CAP, ITR, ADP.
    """
    codes: list[int | None] = [service.octets[0] for service in request.services]
    if answers == len(codes):
        return codes, ""
    if answers == len(codes) - 1 and codes[0] == SECURITY:
        return codes[1:], "no answer to Security, the others are taken in order"
    if not codes:
        return [None] * answers, ""
    text = f"{answers} answers to {len(codes)} services"
    return (codes + [None] * answers)[:answers], text


def services_answered(request: Message | None, response: Message) -> list[Service | None]:
    """The service of the request that each service of a response answers, None where that is not known."""
    count = len(response.services)
    asked: list[Service | None] = [*request.services] if request is not None else []
    if len(asked) == count + 1 and asked[0] is not None and asked[0].octets[0] == SECURITY:
        del asked[0]
    return (asked + [None] * count)[:count]
