"""An operation carried out over a channel, without I/O: the core under the sync face and the asyncio face.

An operation is a generator. It yields what it wants (`Ask`, `Pause`), is sent the answers, and returns its result:

    conversation.start(operation, now)
    while not conversation.finished:
        while (out := conversation.next_output()) is not None:     # octets, or BaudChanged
            ...
        octets = transport.read(conversation.deadline - clock())
        if octets: conversation.receive_data(octets, clock())
        else:      conversation.handle_timeout(clock())
    result = conversation.result()

Errors of the channel are thrown into the operation, which may catch them, and otherwise come out of `result`.
"""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from typing import Any, Generic, TypeVar

from c1219_tables.schema.dialect import Record
from c1219_tables.schema.layout import Decoded
from c1222.errors import C12Error, LocalProtocolError
from c1222.session.channels.channel import Answered, BaudChanged, Channel, Failed, Output, Pause, Tell, Unasked, Wish

Result = TypeVar("Result")
Operation = Generator[Wish, Any, Result]
Overhear = Callable[[Record, Decoded | None], None]


class Conversation(Generic[Result]):
    """One operation at a time over one channel.

    unasked: messages that came and answer nothing, oldest first; who wants them takes them out. overhear: hears every
    request with its response, None where there was none; nobody where None.
    """

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.unasked: deque[Unasked] = deque(maxlen=256)
        self.overhear: Overhear | None = None
        self._under_way: list[Record] = []
        self._operation: Operation[Result] | None = None
        self._outputs: deque[Output] = deque()
        self._to_ask: deque[Record] = deque()
        self._answers: list[Decoded | None] = []
        self._asking = False
        self._pause_until: float | None = None
        self._outcome: tuple[Result | None, BaseException | None] | None = None

    @property
    def finished(self) -> bool:
        return self._outcome is not None

    @property
    def deadline(self) -> float | None:
        """Time on the caller's clock by which something has to come."""
        return self.channel.deadline if self._pause_until is None else self._pause_until

    def start(self, operation: Operation[Result], now: float) -> None:
        """Begin. Raises LocalProtocolError while another operation runs."""
        if self._operation is not None:
            operation.close()
            raise LocalProtocolError("the meter is being asked something else; wait for its answer")
        self._operation, self._outcome = operation, None
        self._step(None, None, now)

    def result(self) -> Result:
        """What the operation returned. Raises what it raised."""
        assert self._outcome is not None, "the operation is still under way"
        (value, error), self._outcome = self._outcome, None
        if error is not None:
            raise error
        return value  # type: ignore[return-value]

    def stop(self, now: float) -> None:
        """Give the operation up; the session stays as it is."""
        if self._operation is not None:
            self._operation.close()
        self._operation = self._pause_until = None
        self._to_ask.clear()
        self._answers, self._asking = [], False
        # The speed is the channel's already: what it says next has to go out at that one.
        self._outputs = deque(out for out in self._outputs if isinstance(out, BaudChanged))
        self.channel.abandon(now)

    def next_output(self) -> Output | None:
        """What is to be done next, in order: octets to be sent, or a speed to be set; None where nothing is."""
        return self._outputs.popleft() if self._outputs else None

    def receive_data(self, octets: bytes, now: float) -> None:
        self.channel.receive_data(octets, now)
        self._take_events(now)
        # A peer that never stops talking must not stop the clock.
        self.handle_timeout(now)

    def handle_timeout(self, now: float) -> None:
        """Call when `deadline` has passed; earlier it does nothing."""
        self.channel.handle_timeout(now)
        self._take_events(now)
        if self._pause_until is not None and now >= self._pause_until:
            self._pause_until = None
            self._step(None, None, now)

    def _take_events(self, now: float) -> None:
        self._outputs += self.channel.data_to_send()
        while (event := self.channel.next_event()) is not None:
            if isinstance(event, Unasked):
                self.unasked.append(event)
            elif isinstance(event, Failed):
                self._to_ask.clear()
                self._heard((None,) * len(self._under_way))
                if self._asking:
                    self._step(None, event.error, now)
            elif isinstance(event, Answered):
                self._answers += event.responses
                self._heard(event.responses)
                if self._to_ask:
                    self._ask(now)
                elif self._asking:
                    self._step(self._answers, None, now)

    def _step(self, answers: list[Decoded | None] | None, error: C12Error | None, now: float) -> None:
        """Let the operation go on until it wants something again."""
        assert self._operation is not None
        self._asking, self._answers = False, []
        try:
            wish = self._operation.throw(error) if error is not None else self._operation.send(answers)
        except StopIteration as exc:
            self._end(exc.value, None)
        except BaseException as exc:  # noqa: BLE001 - handed on by result()
            self._end(None, exc)
        else:
            if isinstance(wish, Pause):
                self._pause_until = now + wish.seconds
            elif isinstance(wish, Tell):
                self._tell(wish, now)
            else:
                self._asking = True
                self._to_ask.extend(wish.requests)
                self._ask(now)

    def _ask(self, now: float) -> None:
        requests = [self._to_ask.popleft() for _ in range(min(self.channel.at_once, len(self._to_ask)))]
        try:
            self.channel.ask(requests, now)
        except C12Error as exc:
            self._to_ask.clear()
            self._step(None, exc, now)
        else:
            self._under_way = requests
            self._take_events(now)

    def _tell(self, wish: Tell, now: float) -> None:
        try:
            self.channel.tell(wish.requests)
        except C12Error as exc:
            self._step(None, exc, now)
        else:
            self._outputs += self.channel.data_to_send()
            self._step(None, None, now)

    def _heard(self, responses: Sequence[Decoded | None]) -> None:
        requests, self._under_way = self._under_way, []
        if self.overhear is not None:
            for request, response in zip(requests, responses, strict=True):
                self.overhear(request, response)

    def _end(self, value: Result | None, error: BaseException | None) -> None:
        self._operation = None
        self._outcome = (value, error)
