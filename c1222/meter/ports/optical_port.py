"""A meter's C12.18 side: an optical port, or with the standard of C12.21 a modem's line."""

from collections.abc import Sequence
from dataclasses import replace

from c1222.link import C1218, C1221, Link, LinkFailed, LinkSettings, MessageReceived, MessageSent, State
from c1222.meter.device.answers import Answer, Effect, Ended, Negotiated, Timed, Waits
from c1222.meter.device.device import Device
from c1222.meter.device.visitor import Standard, Visitor


class OpticalPort:
    """One link to a device (a Side): octets in, octets out.

    settings: of the link before anything is negotiated; identity, times and sizes. By default those of the standard.
    What is negotiated holds from the moment the answer was acknowledged. Silence for longer than the traffic time-out,
    a link that fails, and Terminate end the session and bring the first settings back.
    """

    def __init__(
        self, device: Device, settings: LinkSettings | None = None, *, standard: Standard = Standard.C1218
    ) -> None:
        self._device = device
        self._first = settings or (C1221 if standard is Standard.C1221 else C1218)
        self._link = Link(self._first, answers=True)
        self._visitor = Visitor(standard)
        self._waiting: tuple[float, Answer] | None = None
        self._effect: Effect | None = None
        self._acknowledged = False

    @property
    def settings(self) -> LinkSettings:
        """Those of the link now; `baud` is the speed that a line should have."""
        return self._link.settings

    @property
    def deadline(self) -> float | None:
        times = [self._link.deadline, self._waiting and self._waiting[0]]
        return min((at for at in times if at is not None), default=None)

    @property
    def closed(self) -> bool:
        """Never: a line stays, whoever talks on it."""
        return False

    def receive_data(self, octets: bytes, now: float) -> None:
        """Octets that arrived, in pieces of any size."""
        at = 0
        while at < len(octets):
            # While an answer with consequences is not acknowledged, its ACK must not be passed by what follows it.
            step = 1 if self._effect is not None else len(octets) - at
            self._link.receive_data(octets[at : at + step], now)
            self._look(now)
            at += step

    def data_to_send(self) -> Sequence[bytes]:
        octets = self._link.data_to_send()
        return [octets] if octets else []

    def handle_timeout(self, now: float) -> None:
        """Call when `deadline` has passed; earlier it does nothing."""
        if self._waiting is not None and now >= self._waiting[0]:
            (_, answer), self._waiting = self._waiting, None
            if self._link.state is State.TURN:
                self._send(answer, now)
        self._link.handle_timeout(now)
        self._look(now)

    def _look(self, now: float) -> None:
        while (event := self._link.next_event()) is not None:
            if isinstance(event, MessageReceived):
                if self._acknowledged:
                    self._apply()
                self._forget_answer()
                self._answer(event.payload, now)
            elif isinstance(event, MessageSent):
                self._acknowledged = True
                self._apply()
            elif isinstance(event, LinkFailed):
                self._restart()

    def _answer(self, request: bytes, now: float) -> None:
        self._visitor.room = self._link.settings.largest_message
        answer = self._device.answer(self._visitor, request, now)
        if self._device.faults.delay > 0:
            self._waiting = now + self._device.faults.delay, answer
        else:
            self._send(answer, now)

    def _send(self, answer: Answer, now: float) -> None:
        self._link.send(answer.octets, now)
        if isinstance(answer.effect, Waits):
            self._link.extend(answer.effect.seconds, now)
        else:
            self._effect = answer.effect
            self._acknowledged = False

    def _forget_answer(self) -> None:
        """Something new is asked before the last answer was acknowledged: nothing comes of that one."""
        effect = self._waiting[1].effect if self._waiting else self._effect
        self._waiting = self._effect = None
        if isinstance(effect, Negotiated):
            self._visitor.take_back_negotiation()
        elif isinstance(effect, Ended):
            self._link.settings = self._first

    def _apply(self) -> None:
        """What an answer brings with it, now that it was acknowledged; while a message comes in, behind that."""
        if self._link.state is State.RECEIVING:
            return
        effect, settings = self._effect, self._link.settings
        self._effect = None
        if isinstance(effect, Negotiated):
            self._link.settings = settings.negotiated(effect.packet_size, effect.nbr_packets, effect.baud_code)
        elif isinstance(effect, Timed):
            self._link.settings = replace(
                settings,
                traffic=effect.traffic,
                inter_character=effect.inter_character,
                response=effect.response,
                retries=effect.nbr_retries,
            )
        elif isinstance(effect, Ended) and self._link.state is State.WAITING:
            self._restart()
        elif isinstance(effect, Ended):
            self._link.settings = self._first

    def _restart(self) -> None:
        self._waiting = self._effect = None
        self._visitor.leave()
        self._link.restart()
