"""A device in a C12.22 network: whole messages in, whole messages out.

What cannot be authenticated, or is less secured than required, is not answered: no public source says what a meter
does then, and silence tells a forger nothing. It is counted, and logged with the sender's title alone.
"""

import logging
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from c1219_tables.schema.layout import Decoded
from c1222.errors import LocalProtocolError, MessageError, SecurityError
from c1222.message.acse import APDU, authentication, c1222_authentication
from c1222.message.epsem import ResponseControl, SecurityMode, control, decode_body, encode_body
from c1222.meter.device.answers import CODES, Answer, Ended
from c1222.meter.device.device import Device, too_large
from c1222.meter.device.visitor import Visitor
from c1222.meter.device.visitors import Visitors
from c1222.meter.ports.freshness import Counter
from c1222.psem.services import BY_NAME
from c1222.security.envelope import Opened, direction, open_message, read_envelope, seal_message
from c1222.security.keys import Key, KeyRing
from c1222.security.memory import Remembered, SessionMemory
from c1222.security.replay import ReplayWindow
from c1222.titles import RELATIVE_ACSE, ApTitle

LOG = logging.getLogger(__name__)

LOGON = BY_NAME["logon"].code
ENVELOPE = 13
"""Octets that come to the elements of an answer: two more for each of four lengths, the control octet, the MAC."""


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """minimum_mode: messages with less security are not answered. iv_window: seconds that the iv of a message may be
    away from the true time, None for any. aliases: titles that it answers to besides its own.
    """

    minimum_mode: SecurityMode = SecurityMode.CLEAR
    iv_window: float | None = None
    aliases: tuple[ApTitle, ...] = ()


@dataclass(slots=True)
class NodeCounts:
    """What a node saw. executed: messages whose services were done. The others were met with silence: malformed,
    not a request (unasked), with an unknown key (no_key), a MAC that does not hold (bad_mac), too old or too new
    (stale), seen before (replayed), less secured than required (downgraded).
    """

    executed: int = 0
    malformed: int = 0
    unasked: int = 0
    no_key: int = 0
    bad_mac: int = 0
    stale: int = 0
    replayed: int = 0
    downgraded: int = 0


class Reply(NamedTuple):
    """apdu: the answer, None for silence. executed: something was done. hangs_up: the connection is over."""

    apdu: bytes | None = None
    executed: bool = False
    hangs_up: bool = False


class Node:
    """One device for all its connections: sessions and memory outlive them."""

    def __init__(self, device: Device, keys: KeyRing, settings: NodeSettings | None = None) -> None:
        self.device = device
        self.counts = NodeCounts()
        self._keys = keys
        self._settings = settings or NodeSettings()
        self._memory = SessionMemory()
        self._replays = ReplayWindow(self._settings.iv_window)
        self._counter = Counter()
        self._visitors = Visitors(device.settings)
        self._names = {title.absolute() for title in (device.title, *self._settings.aliases)}

    def answer(self, apdu: Decoded, peer: Hashable, now: float) -> Reply:
        """Do what a message asks for; never raises for what it holds.

        apdu: decoded, not a segment. peer: the connection, which stands in for titles where there are none.
        """
        try:
            return self._answer(apdu, peer, now)
        except SecurityError as exc:
            return self._silent("no_key" if exc.reason == "no-key" else "bad_mac", apdu)
        except MessageError:
            return self._silent("malformed", apdu)

    def unsolicited(
        self,
        requests: Sequence[bytes],
        called: ApTitle | None,
        now: float,
        *,
        answer: ResponseControl = ResponseControl.NEVER,
        mode: SecurityMode = SecurityMode.CLEAR,
        key_id: int = 0,
    ) -> bytes:
        """A message that nobody asked for: requests, with the ED class. One that wants no answer is a notification.

        Raises LocalProtocolError where there is no key with this id.
        """
        head: dict[str, Any] = {
            "called_ap_title": called,
            "calling_ap_title": self.device.title.with_tag(RELATIVE_ACSE),
            "calling_ae_qualifier": {"notification": True} if answer is ResponseControl.NEVER else None,
        }
        keys = self._keys.candidates(key_id, *(title.absolute() for title in (self.device.title, called) if title))
        if mode and not keys:
            raise LocalProtocolError(f"no key for key id {key_id}")
        envelope = control(mode, response_control=answer, ed_class_included=True)
        text = encode_body(requests, self.device.settings.device_class)
        return seal_message(self._completed(head, mode, key_id, now), envelope, text, keys[0] if mode else None)

    def malformed(self) -> None:
        """Octets came that are no message."""
        self.counts.malformed += 1
        LOG.info("octets that are no message are not answered")

    def _silent(self, why: str, apdu: Decoded) -> Reply:
        setattr(self.counts, why, getattr(self.counts, why) + 1)
        LOG.info("a message of %s is not answered: %s", apdu["calling_ap_title"] or "somebody", why)
        return Reply()

    def _answer(self, apdu: Decoded, peer: Hashable, now: float) -> Reply:
        if apdu.called_ap_invocation_id is not None:
            return self._silent("unasked", apdu)
        envelope = read_envelope(apdu)
        wanted = ResponseControl(envelope.control.response_control)
        if apdu.calling_ap_invocation_id is None or wanted is ResponseControl.RESERVED:
            return self._silent("malformed", apdu)
        if envelope.control.security_mode < self._settings.minimum_mode:
            return self._silent("downgraded", apdu)
        way = direction(apdu) if apdu.calling_ap_title else peer
        sent = c1222_authentication(apdu)
        opened = open_message(apdu, self._keys, None if sent else self._memory, way, envelope)
        if opened.iv is not None and (why := self._not_new(apdu, opened, now)):
            return self._silent(why, apdu)
        if sent and opened.iv is not None:
            # Only now: a replayed message must not change what is remembered of the session.
            key_id = b"" if sent.key_id is None else bytes([sent.key_id])
            self._memory.remember(way, Remembered(key_id, opened.iv))
        head = self._head(apdu, opened, now)
        answers = self._done(apdu, decode_body(opened.text, envelope.control).services, opened, peer, now, head)
        self.counts.executed += 1
        hangs_up = any(isinstance(one.effect, Ended) and one.effect.hangs_up for one in answers)
        silent = not any(one.is_refusal for one in answers)
        if wanted is ResponseControl.NEVER or (wanted is ResponseControl.ON_EXCEPTION and silent) or not answers:
            return Reply(None, True, hangs_up)
        text = encode_body([one.octets for one in answers])
        return Reply(seal_message(head, control(opened.mode), text, self._key(apdu, opened, way)), True, hangs_up)

    def _not_new(self, apdu: Decoded, opened: Opened, now: float) -> str:
        assert opened.iv is not None
        if not opened.remembered and self._replays.is_stale(opened.iv, self._utc(now)):
            return "stale"
        name = apdu.calling_ap_title.absolute() if apdu.calling_ap_title else b""
        message = (name, apdu.calling_ap_invocation_id, opened.key_id, opened.iv)
        return "replayed" if self._replays.is_replay(message) else ""

    def _done(
        self, apdu: Decoded, services: list[bytes], opened: Opened, peer: Hashable, now: float, head: dict[str, Any]
    ) -> list[Answer]:
        """One answer for each service, in their order; one that fails does not stop the others (ITR)."""
        settings = self.device.settings
        called = apdu.called_ap_title
        if called is not None and called.content and called.absolute() not in self._names:
            return [Answer(bytes([CODES["uat"]]))]
        if len(apdu.octets) > settings.max_message:
            return [Answer(too_large("rqtl", settings.max_message))]
        calling = apdu.calling_ap_title
        who = calling.absolute() if calling is not None and calling.content else peer
        visitor = self._visitors.arrived((who, opened.mode, opened.key_id), now)
        left = settings.max_message - len(APDU.encode({**head, "user_information": {"octets": b""}})) - ENVELOPE
        answers = []
        for service in services:
            # Lengths of up to 82 xx xx stand before each answer; a refusal takes at most five octets.
            visitor.room = left - 3
            if visitor.room < 5:
                break
            answers.append(self._one(visitor, service, now))
            left -= len(answers[-1].octets) + 3
        return answers

    def _one(self, visitor: Visitor, service: bytes, now: float) -> Answer:
        if service[0] == LOGON and self._visitors.is_full(visitor, now):
            return Answer(bytes([CODES["bsy"]]))
        return self.device.answer(visitor, service, now)

    def _head(self, apdu: Decoded, opened: Opened, now: float) -> dict[str, Any]:
        """The answer's elements: titles exchanged octet for octet, A4 the request's A8."""
        head = {
            "called_ap_title": apdu.calling_ap_title,
            "called_ap_invocation_id": apdu.calling_ap_invocation_id,
            "calling_ap_title": apdu.called_ap_title,
        }
        return self._completed(head, opened.mode, opened.key_id or 0, now)

    def _completed(self, head: dict[str, Any], mode: SecurityMode, key_id: int, now: float) -> dict[str, Any]:
        head = {**head, "calling_ap_invocation_id": self._counter.next_id()}
        if mode is not SecurityMode.CLEAR:
            iv = self._counter.next_iv(self._utc(now))
            head["calling_authentication_value"] = authentication(key_id, iv)
        return head

    def _key(self, apdu: Decoded, opened: Opened, way: Hashable) -> Key | None:
        """The key that opened a message: of several in one place, the one under which the MAC holds."""
        if opened.key_id is None:
            return None
        titles = [title.absolute() for title in (apdu.calling_ap_title, apdu.called_ap_title) if title]
        keys = self._keys.candidates(opened.key_id, *titles)
        for key in keys[:-1]:
            ring = KeyRing()
            ring.add(opened.key_id, key)
            try:
                open_message(apdu, ring, self._memory, way)
            except SecurityError:
                continue
            return key
        return keys[-1]

    def _utc(self, now: float) -> float:
        return self.device.true_time(now).timestamp()
