"""A C12.22 meter that shares no code with ours, and clients that talk to it on a clock that jumps."""

from network_by_hand import KEY, Opened, cut, message, parts, services
from scripted import FAST, NOBODY

from c1222.message.epsem import SecurityMode
from c1222.psem.requests import request
from c1222.security.keys import Key, KeyRing
from c1222.session.channels.network import NetworkChannel
from c1222.session.client import Client
from c1222.session.faces.meter import Meter
from c1222.session.settings import NetworkOptions
from c1222.titles import ApTitle
from c1222.transport.memory import MemoryTransport

WALL = 1_800_000_000.0
"""The time of day: UTC seconds since 1970, some day in 2027."""
DOT_8437, DOT_4 = ApTitle.parse(".123.8437"), ApTitle.parse(".123.4")


class NetworkMeter:
    """Answers service by service, as `rule` says.

    rule: request octets -> response octets. says_security: whether Security has an answer (both are seen).
    segment: octets of the answer in a segment, None: never cut. repeats: what a message that came before, which is not
    carried out again, is answered with: "again" the same, "silent" nothing (both are seen). heard: services of each
    message that was carried out.
    change: what becomes of the answer's octets. mode: control octet of answers, None: as the request's.
    """

    deadline = None

    def __init__(
        self, rule, *, datagram=False, says_security=True, segment=None, repeats="again", change=None, mode=None
    ):
        self.rule = rule
        self.datagram = datagram
        self.says_security = says_security
        self.segment = segment
        self.repeats = repeats
        self.change = change or (lambda answer: [answer])
        self.mode = mode
        self.heard = []
        self.requests = []
        self.closed = False
        self._buffer = b""
        self._answered = {}
        self._segments = {}
        self._out = []
        self._id = 0

    def receive_data(self, octets, now):
        self._buffer = octets if self.datagram else self._buffer + octets
        while (size := _size(self._buffer)) is not None and size <= len(self._buffer):
            apdu, self._buffer = self._buffer[:size], self._buffer[size:]
            self._take(apdu)

    def _take(self, apdu):
        elements = {tag: content for tag, content, _ in parts(parts(apdu)[0][1])}
        if 0xA3 not in elements:
            self._message(apdu)
            return
        size = int.from_bytes(parts(elements[0xA3])[0][1], "big")
        inner = {tag: content for tag, content, _ in parts(parts(elements[0xBE])[0][1])}
        held = self._segments.setdefault(elements[0xA8], bytearray(size) + bytearray(size))
        at = int.from_bytes(inner[0x02], "big")
        held[at : at + len(inner[0x81])] = inner[0x81]
        held[size + at : size + at + len(inner[0x81])] = b"\x01" * len(inner[0x81])
        if all(held[size:]):
            del self._segments[elements[0xA8]]
            self._message(bytes(held[:size]))

    def _message(self, apdu):
        self.requests.append(apdu)
        try:
            opened = Opened(apdu, KEY)
        except (AssertionError, LookupError, ValueError):
            return  # it was changed on its way
        if opened.id in self._answered:
            self._out += self._answered[opened.id] if self.repeats == "again" else []
            return
        self.heard.append(opened.services)
        if opened.control & 0x03 == 2:
            return
        answers = [self.rule(one) for one in opened.services if one[0] != 0x51 or self.says_security]
        self._id += 1
        control = (opened.control & 0x8C) if self.mode is None else self.mode
        answer = message(
            services(*(one for one in answers if one)),
            control=control,
            key=KEY,
            iv=int(WALL + self._id).to_bytes(4, "big"),
            a2=opened.calling,
            a4=opened.id,
            a6=opened.called,
            a8=self._id,
        )
        out = [each for one in self.change(answer) for each in (cut(one, self.segment) if self.segment else [one])]
        self._answered[opened.id] = out
        self._out += out

    def handle_timeout(self, now):
        pass

    def data_to_send(self):
        out, self._out = self._out, []
        return out


def _size(octets):
    """Octets of the element at the beginning; None where its length is not all there."""
    if len(octets) < 2:
        return None
    width = octets[1] & 0x7F if octets[1] & 0x80 else 0
    if len(octets) < 2 + width:
        return None
    return 2 + width + (int.from_bytes(octets[2 : 2 + width], "big") if width else octets[1])


def ring(key_id=2, key=KEY):
    found = KeyRing()
    found.add(key_id, Key(key))
    return found


def options(mode=SecurityMode.CLEAR, **more):
    return NetworkOptions(**{"called": DOT_8437, "calling": DOT_4, "mode": mode, "ring": ring(), "key_id": 2} | more)


def security(who):
    return request("security", password=who.padded_password, user_id=who.user_id)


def network_meter(side, asked=None, who=NOBODY, tamper=None, nonces=None, wall=lambda: WALL):
    """A meter behind that side; Security leads where there are a password and no session."""
    asked = asked or options()
    transport = MemoryTransport(side, label="network", is_datagram=side.datagram, tamper=tamper)
    lead = security(who) if who.password is not None and not asked.session else None
    channel = NetworkChannel(asked, is_datagram=side.datagram, wall=wall, lead=lead, nonces=nonces)
    return Meter(transport, Client(channel, asked, who, patience=FAST))
