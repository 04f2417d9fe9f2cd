"""What a decode found, counted: messages by state, remarks by kind and code."""

from collections import Counter

from c1222.capture.mask import key_id_of
from c1222.capture.message import Message
from c1222.capture.pairing import Exchange
from c1222.capture.remark import CaptureRemark


class Summary:
    """Counts of what was added.

    states: messages by their state. kinds, codes: remarks by kind, and by (kind, code). missing_keys: ids for which no
    key was given. missing_tables: numbers of tables without which others stayed octets. left_out: exchanges that a
    filter kept away; nothing else of them is counted. complete: every file was read to its end.
    """

    def __init__(self) -> None:
        self.exchanges = 0
        self.answered = 0
        self.left_out = 0
        self.complete = True
        self.states: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.codes: Counter[tuple[str, str]] = Counter()
        self.missing_keys: set[int] = set()
        self.missing_tables: set[int] = set()

    @property
    def messages(self) -> int:
        return self.states.total()

    def exchange(self, exchange: Exchange) -> None:
        self.exchanges += 1
        request, response = exchange.request, exchange.response
        if request is not None:
            self._message(request)
        if response is not None:
            self._message(response)
            self.answered += request is not None

    def remark(self, remark: CaptureRemark) -> None:
        self.kinds[remark.kind] += 1
        self.codes[remark.kind, remark.code] += 1

    def _message(self, message: Message) -> None:
        self.states[message.state] += 1
        if message.state == "no-key" and (key_id := key_id_of(message)) is not None:
            self.missing_keys.add(key_id)
        for remark in message.remarks:
            self.remark(remark)
        for service in message.services:
            if service.table is not None and service.table.needs:
                self.missing_tables.update(service.table.needs)

    def count(self, code: str) -> int:
        """Remarks with this code."""
        return sum(number for (_, each), number in self.codes.items() if each == code)
