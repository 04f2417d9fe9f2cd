"""Messages of one serial line to exchanges: each answer follows its request, one at a time.

A doubtful message (see serial_line.py) is taken for a repetition where something better follows, else for what it says.
"""

from collections.abc import Iterator

from c1222.capture.message import LinkFacts, Message, link_message, read_services
from c1222.capture.pairing import Exchange, pair_services
from c1222.capture.remark import of_message
from c1222.capture.serial_line import Heard, Say
from c1222.capture.tables import CapturedTables


class Turns:
    """Who asked and was not answered yet, on one line.

    request: waits for its answer. answer: a doubtful one, which is taken where no better follows. again: a doubtful
    request, which counts where an answer follows.
    """

    def __init__(self, line: int, tables: CapturedTables, say: Say) -> None:
        self._line = line
        self._tables = tables
        self._say = say
        self._request: Heard | None = None
        self._answer: Heard | None = None
        self._again: Heard | None = None

    def heard(self, message: Heard) -> Iterator[Exchange]:
        """One message of the line, in order."""
        if message.is_response:
            yield from self._answered(message)
        elif message.is_doubtful:
            if self._answer is not None:
                yield from self.settle()
            if self._request is None:
                self._repeated(self._again)
                self._again = message
            else:
                self._repeated(message)
        elif self._is_echo(message):
            self._say("echo", "octets that were sent came back", message.place)
        else:
            yield from self.settle()
            self._request = message

    def settle(self) -> Iterator[Exchange]:
        """What waits will hear no more."""
        self._repeated(self._again)
        request, answer = self._request, self._answer
        self._request = self._answer = self._again = None
        if request is not None:
            yield self._exchange(request, answer)

    def _answered(self, answer: Heard) -> Iterator[Exchange]:
        request = self._request or self._again
        if answer.is_doubtful and (request is None or self._request is not None):
            self._repeated(self._answer if self._request else answer)
            self._answer = answer if self._request else None
            return
        self._repeated(self._answer)
        self._request = self._answer = self._again = None
        yield self._exchange(request, answer)

    def _is_echo(self, message: Heard) -> bool:
        request = self._request
        return request is not None and request.octets == message.octets and request.way != message.way

    def _repeated(self, message: Heard | None) -> None:
        if message is not None:
            self._say("packet-repeated", "a message came again", message.place)

    def _exchange(self, request: Heard | None, answer: Heard | None) -> Exchange:
        asked = self._message(request) if request is not None else None
        answered = self._message(answer) if answer is not None else None
        if asked is not None:
            read_services(asked)
            self._tables.look_at_request(asked)
        if answered is not None:
            read_services(answered, [None if asked is None else asked.services[0].octets[0]])
            self._tables.look_at_answer(answered, pair_services(asked, answered))
            if asked is None:
                answered.remarks.append(of_message("request-unknown", "no request that it answers is in the recording"))
        return Exchange(asked, answered)

    def _message(self, heard: Heard) -> Message:
        packet = heard.packet
        return link_message(
            heard.octets, heard.place, LinkFacts(self._line, heard.way, packet.identity, packet.toggle, heard.packets)
        )
