"""Two links joined by a line in memory, on a clock of its own; faults happen to what travels.

A unit is what a side puts on the wire at a time: one packet, or one ACK or NAK. Units of a direction are numbered
from 0 as they are sent, repetitions too. The line keeps the order of octets, as serial lines and sockets do: what
is delayed delays what comes behind it.
"""

from dataclasses import dataclass, field

from c1222.link import Link, LinkFailed, MessageReceived, MessageSent, State

LATENCY = 0.005
SECONDS_OF_AN_OCTET = 10 / 9600


def units(octets):
    """Octets of the wire, cut into packets and single octets (protocol.md 1.1, 1.3)."""
    at = 0
    while at < len(octets):
        size = 8 + int.from_bytes(octets[at + 4 : at + 6], "big") if octets[at] == 0xEE else 1
        yield bytes(octets[at : at + size])
        at += size


# -- Faults: what becomes of a unit, as (seconds of pause before, octets) ----------------------------------------------


def drop(unit):
    return []


def duplicate(unit):
    return [(0, unit), (0, unit)]


def delay(seconds):
    return lambda unit: [(seconds, unit)]


def cut(keep):
    return lambda unit: [(0, unit[:keep])]


def stall(at, seconds):
    return lambda unit: [(0, unit[:at]), (seconds, unit[at:])]


def changed(unit, at, to):
    """`to` makes the new octet of the old; behind the end of a short unit it meets the last octet."""
    at = min(at, len(unit) - 1)
    return [(0, unit[:at] + bytes([to(unit[at])]) + unit[at + 1 :])]


def corrupt(at, mask):
    return lambda unit: changed(unit, at, lambda octet: octet ^ mask)


def become(at, octet):
    return lambda unit: changed(unit, at, lambda _: octet)


def behind(noise):
    return lambda unit: [(0, unit + noise)]


def before(noise):
    return lambda unit: [(0, noise + unit)]


@dataclass
class Line:
    """One direction: what is under way, and which units meet a fault."""

    faults: dict = field(default_factory=dict)
    sent: list = field(default_factory=list)
    arrivals: list = field(default_factory=list)
    free_at: float = 0.0

    def put(self, octets, now):
        for unit in units(octets):
            number = len(self.sent)
            self.sent.append(unit)
            for pause, part in self.faults.get(number, lambda same: [(0, same)])(unit):
                if part:
                    self.free_at = max(self.free_at, now + LATENCY) + pause + len(part) * SECONDS_OF_AN_OCTET
                    self.arrivals.append((self.free_at, part))


@dataclass
class Outcome:
    """What both sides say about a session."""

    answers: list
    requests: list
    client_failed: str | None
    meter_failed: str | None
    seconds: float
    up: Line
    down: Line
    client: Link
    meter: Link

    @property
    def octets(self):
        return sum(map(len, self.up.sent)) + sum(map(len, self.down.sent))


class NeverEnds(AssertionError):
    pass


@dataclass
class Client:
    """Asks one question of the script after the other."""

    link: Link
    script: list
    on_answer: dict
    answers: list = field(default_factory=list)
    failed: str | None = None

    def act(self, now):
        while (event := self.link.next_event()) is not None:
            if isinstance(event, MessageReceived):
                self.answers.append(event.payload)
                if change := self.on_answer.get(len(self.answers)):
                    self.link.settings = change(self.link.settings)
            elif isinstance(event, LinkFailed):
                assert self.failed is None, "a link fails once"
                self.failed = event.reason
        if self.failed is None and self.link.state is State.TURN and len(self.answers) < len(self.script):
            self.link.send(self.script[len(self.answers)][0], now)


@dataclass
class Meter:
    """Answers message number n with answer number n, whatever was asked; Identify with the first.

    After a failure its session is lost: it is silent until it is asked to identify itself.
    """

    link: Link
    script: list
    on_answer: dict
    requests: list = field(default_factory=list)
    failed: str | None = None
    at: int | None = 0

    def act(self, now):
        while (event := self.link.next_event()) is not None:
            if isinstance(event, MessageReceived):
                self.requests.append(event.payload)
                if event.payload == self.script[0][0]:
                    self.at = 0
                if self.at is None:
                    continue
                answer = self.script[self.at][1] if self.at < len(self.script) else b"\x7f too many"
                self.at += 1
                self.link.send(answer, now)
            elif isinstance(event, MessageSent):
                if change := self.on_answer.get(self.at):
                    self.link.settings = change(self.link.settings)
                if self.at == len(self.script):
                    self.link.restart()
            elif isinstance(event, LinkFailed):
                self.failed, self.at = event.reason, None
                self.link.restart()


def converse(script, *, up=None, down=None, client=None, meter=None, on_answer=None, limit=300.0):
    """Hold a session; up and down: unit number -> fault. Raises NeverEnds after `limit` seconds of its clock."""
    client = Client(client or Link(), script, on_answer or {})
    meter = Meter(meter or Link(answers=True), script, on_answer or {})
    lines = Line(up or {}), Line(down or {})
    sides = ((client, lines[0], lines[1]), (meter, lines[1], lines[0]))
    now = 0.0
    for _ in range(100_000):
        for side, out, _ in sides:
            side.act(now)
            out.put(side.link.data_to_send(), now)
        times = [side.link.deadline for side, _, _ in sides] + [line.arrivals[0][0] for line in lines if line.arrivals]
        times = [at for at in times if at is not None]
        if not times:
            return Outcome(
                client.answers, meter.requests, client.failed, meter.failed, now, *lines, client.link, meter.link
            )
        now = max(now, min(times))
        if now > limit:
            break
        for side, _, line in sides:
            due = b""
            while line.arrivals and line.arrivals[0][0] <= now:
                due += line.arrivals.pop(0)[1]
            if due:
                side.link.receive_data(due, now)
            # Octets that were due arrived in time, even where the clock has passed the deadline since.
            if side.link.deadline is not None and side.link.deadline <= now:
                side.link.handle_timeout(now)
    raise NeverEnds(f"still talking after {now:.0f} s")
