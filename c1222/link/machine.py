"""One side of a C12.18 link, without I/O: you move the octets and own the clock.

    link = Link()                          # a meter: Link(answers=True)
    link.send(request, now=clock())        # one message
    transport.write(link.data_to_send())   # octets to put on the wire, b"" if none
    link.receive_data(octets, now=clock()) # whatever arrived, in pieces of any size
    link.next_event()                      # MessageSent, MessageReceived, LinkFailed, or None
    link.handle_timeout(now=clock())       # when `link.deadline` has passed

A message is cut into packets; each is sent, and sent again, until the other side acknowledges it. state.py holds the
rules of what may happen when; here is how octets and time become such happenings. Three things explain most of it:

- An ACK does not say what it acknowledges. After a packet went out twice there are two of them, and the second may be
  taken for the ACK of the next packet. So nothing is sent again just because a duplicate came (it would breed further
  duplicates for the rest of the session), and a packet that got lost behind a false ACK shows in the sequence numbers
  or as silence: the link fails, it does not deliver what is not whole.
- A line keeps its order. So what comes while our packet is not acknowledged is a duplicate, or the answer whose ACK
  was lost. Only for the first message after `restart` or `abandon` it may be left over from before: it is dropped.
- Toggles of the two sides are not compared: a GE I-210+c answers with an equal toggle in 5,269 of 6,118 recorded pairs
  and with another in 849. Who meets a device that wants more sets `toggle`.

Sources: docs/sources.md; times ADP ITR; the order of events ADP ITR TRM GE.
"""

from collections import deque

from c1222.errors import LocalProtocolError
from c1222.link.events import Event, LinkCounts, LinkFailed, MessageReceived, MessageSent
from c1222.link.inbox import Inbox
from c1222.link.packet import ACK, NAK, Packet, packets_of
from c1222.link.reader import Broken, PacketReader, Signal
from c1222.link.settings import C1218, LinkSettings, Toggle
from c1222.link.state import ANSWERING, TRANSITIONS, Happening, State
from c1222.psem.services import BY_NAME

IDENTIFY = bytes([BY_NAME["identify"].code])
OK = 0
SHORTEST_IDENTITY = 4
"""Octets of the shortest answer to Identify that is not a refusal: ok, standard, version, revision."""


class Link:
    """One side of a link.

    settings: at the beginning, and again after `restart`. answers: this side speaks when it was asked (a meter).
    counts: what the link saw since it was made.
    """

    def __init__(self, settings: LinkSettings = C1218, *, answers: bool = False) -> None:
        self.counts = LinkCounts()
        self._answers = answers
        self._base = self._settings = settings
        self._rules = ANSWERING if answers else TRANSITIONS
        self._reader = PacketReader(settings.packet_size)
        self._inbox = Inbox()
        self._events: deque[Event] = deque()
        self._out = bytearray()
        self.restart()

    def restart(self) -> None:
        """Begin anew, as before the first Identify: first settings, first toggle, nothing under way.

        What the port still holds from before is best thrown away with it.
        """
        self._settings_are(self._base)
        # A device flips before its first packet, the other side after it (GE, ITR; ADP, CNX, TRM).
        self._toggle = self._answers
        if self._answers:
            self._inbox.end_session(self._settings.traffic)
        self.abandon()

    def abandon(self) -> None:
        """Drop what is under way, unread events too, but stay in the session: settings and toggle are kept."""
        self._reader.clear()
        self._out.clear()
        self._events.clear()
        self._unsent: deque[Packet] = deque()
        self._tries = 0
        self._begun = 0
        self._inbox.clear()
        self._identifies = False
        self._heard = False
        self._patience: float | None = None
        self._waits_until: float | None = None
        self._silent_at: float | None = None
        self._began: float | None = None
        self._state = State.WAITING if self._answers else State.TURN

    @property
    def settings(self) -> LinkSettings:
        return self._settings

    @settings.setter
    def settings(self, settings: LinkSettings) -> None:
        """Replaced between messages, as Negotiate and Timing-setup do.

        Raises LocalProtocolError while a message is under way.
        """
        if self._state in (State.SENDING, State.RECEIVING):
            raise LocalProtocolError(f"settings cannot change now (the link is {self._state.name.lower()})")
        self._settings_are(settings)

    def _settings_are(self, settings: LinkSettings) -> None:
        self._settings = settings
        self._reader.largest = settings.packet_size

    @property
    def state(self) -> State:
        return self._state

    @property
    def failed(self) -> bool:
        return self._state is State.FAILED

    @property
    def incoming(self) -> int:
        """Octets that are there of the message that comes in."""
        return self._inbox.held

    @property
    def deadline(self) -> float | None:
        """Time on the caller's clock by which the link wants to hear something; None when it waits for nothing."""
        if self._silent_at is None or self._waits_until is None or self._reader.in_packet:
            # While a packet comes in, nothing else is late.
            return self._waits_until if self._silent_at is None else self._silent_at
        return min(self._silent_at, self._waits_until)

    def send(self, message: bytes, now: float) -> None:
        """Send one message.

        Raises LocalProtocolError out of turn, while a received message has not been taken from `next_event`, and
        where the message takes more packets than were negotiated.
        """
        if (self._state, Happening.SEND) not in self._rules:
            raise LocalProtocolError(f"a message cannot be sent now (the link is {self._state.name.lower()})")
        if self._events and any(isinstance(event, MessageReceived) for event in self._events):
            raise LocalProtocolError("a message was received and not read yet")
        if not 0 < len(message) <= self._settings.largest_message:
            limit = f"{self._settings.nbr_packets} packets of {self._settings.room}"
            raise LocalProtocolError(f"a message of {len(message)} octets (1 octet to {limit} fit)")
        if self._answers and self._settings.toggle is Toggle.ECHOES and self._inbox.last:
            self._toggle = self._inbox.last.toggle
        packets = packets_of(message, self._settings.room, identity=self._settings.identity, toggle=self._toggle)
        self._toggle = not packets[-1].toggle
        if not self._answers:
            self._identifies = message == IDENTIFY
            if self._identifies:
                # Each Identify is answered with the same octets: the next answer is not a duplicate of the last.
                self._inbox.clear()
            self._heard = False
        self._unsent.extend(packets)
        self._happened(Happening.SEND)
        self._transmit(now)

    def data_to_send(self) -> bytes:
        """Octets for the wire since the last call, b"" if none."""
        octets = bytes(self._out)
        self._out.clear()
        return octets

    def next_event(self) -> Event | None:
        return self._events.popleft() if self._events else None

    def receive_data(self, octets: bytes, now: float) -> None:
        """Octets that arrived, in pieces of any size. After a failure they are dropped until `restart`.

        What is late by `now` is dealt with here too, so that a peer that never stops talking cannot stop the clock.
        """
        if self.failed or not octets:
            return
        self._heard = True
        found = self._reader.feed(octets)
        self.counts.noise = self._reader.noise
        for one in found:
            if isinstance(one, Packet):
                self._packet(one, now)
            elif one is Signal.ACK:
                self._acknowledged(now)
            elif self._state is State.SENDING:
                self._again(now, "the other side did not accept the packet")
            if self.failed:
                return
        if found or not self._reader.in_packet:
            self._began = None
        self._silent_at = self._silence_expected(now) if self._reader.wants_silence else None
        self.handle_timeout(now)

    def handle_timeout(self, now: float) -> None:
        """Call when `deadline` has passed; earlier it does nothing."""
        if self._silent_at is not None and now >= self._silent_at:
            self._silent_at = self._began = None
            if broken := self._reader.silence():
                self._broken(broken, now)
        if self._waits_until is None or now < self._waits_until or self._reader.in_packet:
            return
        if self._state is State.SENDING:
            self._again(now, "no acknowledgment")
        else:
            self._fail(f"nothing came for {self._traffic():g} s")

    def extend(self, seconds: float, now: float) -> None:
        """Wait longer than the traffic time-out, until the next packet comes: what a Wait service asks for.

        A meter calls it when it has answered Wait; either side may call it before its message is acknowledged.
        """
        self._patience = max(seconds, self._settings.traffic)
        if self._state is State.WAITING and self._waits_until is not None:
            self._waits_until = now + self._patience

    def _happened(self, what: Happening) -> None:
        self._state = self._rules[self._state, what]

    def _traffic(self) -> float:
        return self._patience or self._settings.traffic

    def _silence_expected(self, now: float) -> float:
        """When silence ends the packet that is coming in. One that drips in for ever is ended, too."""
        if self._began is None:
            self._began = now
        longest = self._settings.wire_time(self._settings.packet_size) + self._settings.traffic
        return min(now + self._settings.inter_character, self._began + longest)

    def _transmit(self, now: float) -> None:
        self._out += self._unsent[0].encode()
        self.counts.sent += 1
        self._waits_until = now + self._settings.wire_time(len(self._out)) + self._settings.response

    def _again(self, now: float, why: str) -> None:
        """Send the same packet once more, while tries last."""
        self._tries += 1
        if self._tries > self._settings.retries:
            self._fail(f"{why}, {self._tries} times")
            return
        self._happened(Happening.REPEAT)
        self.counts.repeated += 1
        self._transmit(now)

    def _fail(self, reason: str) -> None:
        self._happened(Happening.GAVE_UP)
        self._reader.clear()
        self._unsent.clear()
        self._waits_until = self._silent_at = self._began = None
        self._events.append(LinkFailed(reason, self._heard))

    def _acknowledged(self, now: float) -> None:
        """An ACK. One that nobody waits for is noise that some clients send."""
        if self._state is not State.SENDING:
            return
        self._unsent.popleft()
        self._tries = 0
        if self._unsent:
            self._happened(Happening.ACKED_MORE)
            self._transmit(now)
            return
        self._happened(Happening.ACKED_LAST)
        self._waits_until = now + self._traffic()
        self._events.append(MessageSent())

    def _broken(self, broken: Broken, now: float) -> None:
        """Something came that was no packet. On a shared line only what seems to be ours is answered."""
        self.counts.broken += 1
        if self._settings.identity not in (0, broken.identity):
            return
        if self._state is State.SENDING:
            self._again(now, f"garbage instead of an acknowledgment ({broken.problem})")
        elif self._state in (State.WAITING, State.RECEIVING):
            self._refuse(now, broken.problem)

    def _refuse(self, now: float, why: str) -> None:
        """Ask for the same packet again. Who waits for it gives up when it stays wrong."""
        self._out.append(NAK)
        self.counts.refused += 1
        if self._state is not State.RECEIVING and (self._answers or self._state is not State.WAITING):
            return
        self._tries += 1
        if self._tries > self._settings.retries:
            self._fail(f"what came could not be used, {self._tries} times ({why})")
        else:
            self._waits_until = now + self._traffic()

    def _packet(self, packet: Packet, now: float) -> None:
        """A packet whose CRC is right."""
        alone = self._settings.identity == 0 and not self._answers
        if not alone and packet.identity != self._settings.identity:
            self.counts.stray += 1
        elif self._is_repetition(packet, now):
            self.counts.duplicates += 1
            self._out.append(ACK)
        elif self._is_left_over(packet):
            self.counts.stray += 1
            self._out.append(ACK)
        elif problem := self._inbox.misplaced(packet, receiving=self._state is State.RECEIVING):
            self._refuse(now, problem)
        elif self._may_begin(packet):
            self._accept(packet, now)
        else:
            self._fail(f"the other side began its message {self._begun} times")

    def _begins_anew(self, packet: Packet) -> bool:
        return self._answers and packet.data == IDENTIFY

    def _is_repetition(self, packet: Packet, now: float) -> bool:
        """Whether a packet came before, or has the toggle of one that did where that says so."""
        anew = self._begins_anew(packet)
        if self._inbox.is_again(packet, now):
            # The one repetition that means something: it was answered and the answer arrived, so it is asked anew.
            return not (anew and self._state is State.WAITING)
        last = self._inbox.last
        if last is None or anew:
            return False
        if self._settings.toggle is Toggle.ALTERNATES:
            return packet.toggle == last.toggle
        if self._settings.toggle is Toggle.ECHOES and not self._answers:
            return packet.toggle == self._toggle
        return False

    def _is_left_over(self, packet: Packet) -> bool:
        """Whether a packet cannot be an answer, but is what was meant for somebody before us.

        Nobody asked for it; or it comes before the first ACK; or it is too short for the answer to Identify (ADP).
        """
        if self._answers:
            return False
        if self._state is State.TURN:
            return True
        if self._inbox.last is not None:
            return False
        too_short = packet.data[0] == OK and len(packet.data) < SHORTEST_IDENTITY
        return self._state is State.SENDING or (self._identifies and too_short)

    def _may_begin(self, packet: Packet) -> bool:
        """Whether tries last, where a packet begins a message that has begun already."""
        if self._state is not State.RECEIVING:
            self._begun = 0
        self._begun += packet.begins
        return self._begun <= self._settings.retries + 1

    def _accept(self, packet: Packet, now: float) -> None:
        """A new packet in its place."""
        anew, last = self._begins_anew(packet), self._inbox.last
        if self._state is State.SENDING:
            # The other side went on: it has our message and only its ACK was lost, or it does not want the rest.
            if len(self._unsent) == 1 and not anew:
                self._events.append(MessageSent())
            self._unsent.clear()
        if packet.begins and self._events:
            # Who asks again does not want the old question answered.
            self._events = deque(event for event in self._events if not isinstance(event, MessageReceived))
        if anew:
            self._toggle = True
        elif last and packet.toggle == last.toggle:
            self.counts.unflipped += 1
        if packet.remaining and self._settings.toggle is Toggle.ECHOES and not self._answers:
            self._toggle = not self._toggle
        self.counts.received += 1
        self._out.append(ACK)
        self._tries = 0
        self._patience = None
        message = self._inbox.take(packet, now)
        if message is None:
            self._happened(Happening.PACKET_MORE)
            self._waits_until = now + self._traffic()
        else:
            self._happened(Happening.PACKET_LAST)
            self._waits_until = None
            self._events.append(MessageReceived(message))
