"""Requests and their answers, found again in a stream of messages.

By A4 and the titles first, because both directions of a published exchange travel the same way; by the flow where one
of the two carries no titles. An answer without A4 (synthetic captures) goes to the latest request between the same two.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from c1219_tables.schema.dialect import NOTHING
from c1222.capture.message import Message, Service
from c1222.psem.responses import OK
from c1222.psem.services import BY_CODE

_NS = 1_000_000_000
SECURITY = 0x51
"""Code of the service Security, which some devices do not answer."""
DEREGISTER = 0x24
"""Code of a service that one source answers with data and another without: SPI, ITR."""


@dataclass(slots=True)
class Exchange:
    """A request with its answer, either of them alone where the other is not there."""

    request: Message | None
    response: Message | None


Parties = tuple[Hashable, Hashable]
"""Sender and receiver."""


def _titles(message: Message) -> Parties | None:
    """Names of the nodes, equal for both ways to write them; None where the message carries no title."""
    assert message.apdu is not None
    calling, called = message.apdu["calling_ap_title"], message.apdu["called_ap_title"]
    if calling is None and called is None:
        return None
    return calling and calling.absolute(), called and called.absolute()


def _addresses(message: Message) -> Parties | None:
    flow = message.place.flow
    return flow and ((flow.source, flow.source_port), (flow.destination, flow.destination_port))


def _parties(message: Message, titles: Parties | None) -> list[Parties]:
    return [parties for parties in (titles, _addresses(message)) if parties is not None] or [(None, None)]


class _Waiting(NamedTuple):
    """A request, its titles, and the keys under which its answer finds it."""

    message: Message
    titles: Parties | None
    keys: list[Hashable]


class Pairing:
    """Requests that wait for their answers.

    limit: how many at a time; octets: how many they may have together; seconds: how long they wait, by the time of the
    packets. Older ones come out without an answer.
    """

    def __init__(self, limit: int, octets: int, seconds: int) -> None:
        self._limit = limit
        self._most_octets = octets
        self._wait_ns = seconds * _NS
        self._waiting: OrderedDict[int, _Waiting] = OrderedDict()
        self._by_key: dict[Hashable, dict[int, None]] = {}
        self._count = 0
        self._octets = 0

    def request(self, message: Message) -> list[Exchange]:
        """A request that wants an answer. Returns those that have waited too long."""
        assert message.apdu is not None
        self._count += 1
        titles, number = _titles(message), message.apdu["calling_ap_invocation_id"]
        keys: list[Hashable] = []
        for parties in _parties(message, titles):
            keys += ((*parties, number), parties)
        self._waiting[self._count] = _Waiting(message, titles, keys)
        self._octets += len(message.octets)
        for key in keys:
            if (numbers := self._by_key.get(key)) is not None:
                numbers[self._count] = None
            else:
                self._by_key[key] = {self._count: None}
        given_up = []
        while len(self._waiting) > self._limit or (self._octets > self._most_octets and len(self._waiting) > 1):
            given_up.append(self._give_up())
        now = message.place.time_ns
        while now is not None and self._waiting:
            oldest = next(iter(self._waiting.values())).message.place.time_ns
            if oldest is None or now - oldest <= self._wait_ns:
                break
            given_up.append(self._give_up())
        return given_up

    def answer(self, message: Message) -> Message | None:
        """The request that a response answers, which then waits no longer; None where none is known."""
        assert message.apdu is not None
        answered = message.apdu["called_ap_invocation_id"]
        titles = _titles(message)
        for sender, receiver in _parties(message, titles):
            by_titles = titles == (sender, receiver)
            numbers: Iterable[int]
            if answered is not None:
                numbers = self._by_key.get((receiver, sender, answered), {})
            else:
                numbers = reversed(self._by_key.get((receiver, sender), {}))
            for number in numbers:
                # Many meters may speak through one connection: titles that are there are never overruled by it.
                if by_titles or titles is None or self._waiting[number].titles is None:
                    return self._take(number)
        return None

    def close(self) -> Iterator[Exchange]:
        """No more messages come."""
        while self._waiting:
            yield self._give_up()

    def _take(self, number: int) -> Message:
        message, _, keys = self._waiting.pop(number)
        self._octets -= len(message.octets)
        for key in keys:
            numbers = self._by_key[key]
            del numbers[number]
            if not numbers:
                del self._by_key[key]
        return message

    def _give_up(self) -> Exchange:
        return Exchange(self._take(next(iter(self._waiting))), None)


class Answered(NamedTuple):
    """Which request each service of a response answers.

    services: of the request, None where it is not known. odd: what is odd about it, "" when nothing is. is_unsure:
    whether each may belong to the service after the one that is named.
    """

    services: list[Service | None]
    odd: str = ""
    is_unsure: bool = False


def pair_services(request: Message | None, response: Message) -> Answered:
    """Find the service of the request that each service of a response answers.

    Answers come in the order of the requests. In a published example Security has none; a device that ran out of room
    or stopped at a refusal sends fewer. Sources: docs/sources.md, CAP, ITR, ADP.
    """
    asked: list[Service | None] = [*request.services] if request is not None else []
    count = len(response.services)
    if len(asked) == count:
        return Answered(asked)
    codes = [service.octets[0] for service in asked if service is not None]
    if not codes:
        return Answered((asked + [None] * count)[:count])
    odd, is_unsure = f"{count} answers to {len(codes)} services", False
    at = codes.index(SECURITY) if SECURITY in codes else count
    if at < count < len(codes):
        first, following = response.services[at].octets, codes[at + 1 : at + 2]
        if first[0] != OK or (len(first) == 1 and not following):
            is_unsure = True
        elif len(first) > 1:
            # Security has nothing to say behind its ok.
            del asked[at]
            if count == len(asked):
                odd = "no answer to Security, the others are taken in order"
        else:
            is_unsure = not _brings_data(following[0])
    if is_unsure:
        odd += ", taken in order; it is not sure whether Security has one"
    return Answered((asked + [None] * count)[:count], odd, is_unsure)


def _brings_data(code: int) -> bool:
    """Whether an ok to this service is never one octet alone."""
    return code in BY_CODE and BY_CODE[code].answer is not NOTHING and code != DEREGISTER


def services_answered(request: Message | None, response: Message) -> list[Service | None]:
    """The service of the request that each service of a response answers, None where that is not known."""
    return pair_services(request, response).services
