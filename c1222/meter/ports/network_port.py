"""A meter's C12.22 side on one connection: a stream, or datagrams with one peer."""

from collections import OrderedDict, deque
from collections.abc import Sequence

from c1219_tables.schema.layout import Decoded
from c1222.errors import MessageError, RemoteProtocolError
from c1222.message.acse import APDU
from c1222.message.framing import ApduFramer
from c1222.message.segmentation import Reassembler, is_segment, segments
from c1222.meter.ports.node import Node

LARGEST_DATAGRAM = 1232
"""Octets of a datagram that fits where IPv6 goes: 1280 less the headers of IPv6 and UDP."""
REPETITION_SECONDS = 120.0
"""A repeated request is known for so long. Source: docs/sources.md, ITR."""
REMEMBERED_ANSWERS = 32


class NetworkPort:
    """One connection to a node (a Side).

    datagram: octets come and go as datagrams, one peer a port. A request that comes again within two minutes is a
    repetition: it gets the same answer, and nothing is done twice. largest_datagram: larger answers are segmented.
    On a stream, octets that cannot be a message end the connection.
    """

    def __init__(self, node: Node, *, datagram: bool = False, largest_datagram: int = LARGEST_DATAGRAM) -> None:
        self._node = node
        self._peer = object()
        self._datagram = datagram
        self._largest = largest_datagram
        self._framer = ApduFramer()
        self._reassembler = Reassembler()
        self._out: list[bytes] = []
        self._waiting: deque[tuple[float, list[bytes]]] = deque()
        self._answered: OrderedDict[bytes, tuple[float, list[bytes]]] = OrderedDict()
        self._hangs_up = False

    @property
    def deadline(self) -> float | None:
        return self._waiting[0][0] if self._waiting else None

    @property
    def closed(self) -> bool:
        return self._hangs_up and not self._waiting

    def receive_data(self, octets: bytes, now: float) -> None:
        """Octets of a stream, in pieces of any size; or one datagram. After hanging up they are dropped."""
        if self._hangs_up:
            return
        if self._datagram:
            self._framer = ApduFramer()
        self._framer.feed(octets)
        try:
            while not self._hangs_up and (apdu := self._framer.next_apdu()) is not None:
                self._take(apdu, now)
        except RemoteProtocolError:
            self._node.malformed()
            self._hangs_up = not self._datagram
        else:
            if self._datagram and self._framer.held:
                self._node.malformed()

    def data_to_send(self) -> Sequence[bytes]:
        out, self._out = self._out, []
        return out

    def handle_timeout(self, now: float) -> None:
        """Call when `deadline` has passed; earlier it does nothing."""
        while self._waiting and now >= self._waiting[0][0]:
            self._out += self._waiting.popleft()[1]

    def send(self, apdu: bytes) -> None:
        """Send a message that nobody asked for, as Node.unsolicited makes it."""
        self._out += self._pieces(apdu)

    def _take(self, octets: bytes, now: float) -> None:
        try:
            apdu = APDU.decode(octets)
            if is_segment(apdu):
                title = apdu.calling_ap_title
                key = (title.absolute() if title else b"", apdu.calling_ap_invocation_id)
                whole = self._reassembler.add(apdu, key, now)
                if whole is None:
                    return
                apdu = APDU.decode(whole)
        except MessageError:
            self._node.malformed()
            return
        self._answer(apdu, now)

    def _answer(self, apdu: Decoded, now: float) -> None:
        pieces = self._answered_before(apdu.octets, now) if self._datagram else None
        if pieces is None:
            reply = self._node.answer(apdu, self._peer, now)
            pieces = self._fitting(reply.apdu) if reply.apdu else []
            self._hangs_up = reply.hangs_up and not self._datagram
            if self._datagram and reply.executed:
                self._answered[apdu.octets] = now, pieces
        if not pieces:
            return
        if (delay := self._node.device.faults.delay) > 0:
            self._waiting.append((now + delay, pieces))
        else:
            self._out += pieces

    def _answered_before(self, request: bytes, now: float) -> list[bytes] | None:
        """What a repeated request was answered with; None for a new one."""
        while self._answered:
            oldest, (since, _) = next(iter(self._answered.items()))
            if len(self._answered) < REMEMBERED_ANSWERS and now - since <= REPETITION_SECONDS:
                break
            del self._answered[oldest]
        return self._answered[request][1] if request in self._answered else None

    def _fitting(self, answer: bytes) -> list[bytes]:
        """An answer in pieces. Titles that leave no room in a datagram for anything else make it silence."""
        try:
            return self._pieces(answer)
        except MessageError:
            self._node.malformed()
            return []

    def _pieces(self, apdu: bytes) -> list[bytes]:
        return segments(apdu, self._largest) if self._datagram else [apdu]
