"""What a head-end answers to devices that call it: yes to a registration, and to what only wants to be taken note of.

An answer is secured as its request was. What cannot be opened is not answered.
"""

import logging
from collections.abc import Callable
from typing import Any

from c1219_tables.schema.dialect import NOTHING, Record
from c1219_tables.schema.layout import Decoded
from c1222.errors import C12Error, MessageError
from c1222.message.acse import APDU, authentication
from c1222.message.epsem import ResponseControl, control, decode_body, encode_body
from c1222.message.segmentation import Reassembler, is_segment
from c1222.psem.requests import decode_request
from c1222.psem.responses import OK, RESPONSE_CODES, encode_response, response
from c1222.psem.services import BY_CODE
from c1222.security.envelope import Opened, direction, open_message, read_envelope, seal_message
from c1222.security.keys import Key, KeyRing
from c1222.security.memory import SessionMemory
from c1222.session.channels.nonces import Nonces
from c1222.titles import RELATIVE_DATA

log = logging.getLogger(__name__)

CODES = {entry.name: entry.code for entry in RESPONSE_CODES.values()}
REGISTRATION_FLAGS = (
    "message_acceptance_window", "playback_rejection", "connectionless", "accept_connectionless", "connection_mode",
    "accept_connections",
)  # fmt: skip
"""Flags of a connection type that the answer to Register repeats."""


class Answering:
    """The answers of one head-end, for all its connections.

    ring: keys. wall: UTC seconds since 1970, for ivs. id_octets: of invocation ids, 2 to 4. nonces: ids and ivs by key,
    where others use the same keys; by default of its own.
    """

    def __init__(
        self,
        ring: KeyRing,
        wall: Callable[[], float],
        *,
        id_octets: int = 4,
        nonces: Callable[[Key], Nonces] | None = None,
    ) -> None:
        self._ring = ring
        self._own = Nonces(id_octets, wall)
        self._nonces = nonces or (lambda _: self._own)
        self._memory = SessionMemory(limit=4096)
        self._segments = Reassembler()

    def answer(self, octets: bytes, peer: str, now: float) -> bytes | None:
        """The answer to one APDU; None for one that wants none, cannot be read or opened, or is a segment of more.

        peer: stands in for titles where there are none. Never raises for what the octets hold.
        """
        try:
            apdu = APDU.decode(octets)
            if is_segment(apdu):
                key = (direction(apdu) or peer, apdu.calling_ap_invocation_id)
                whole = self._segments.add(apdu, key, now)
                if whole is None:
                    return None
                apdu = APDU.decode(whole)
            return self._answer(apdu, peer)
        except C12Error:
            return None

    def _answer(self, apdu: Decoded, peer: str) -> bytes | None:
        envelope = read_envelope(apdu)
        wanted = ResponseControl(envelope.control.response_control)
        is_request = apdu.called_ap_invocation_id is None and apdu.calling_ap_invocation_id is not None
        if not is_request or wanted in (ResponseControl.NEVER, ResponseControl.RESERVED):
            return None
        opened, key = self._opened(apdu, envelope, peer)
        answers = [_answered(service) for service in decode_body(opened.text, envelope.control).services]
        if not answers or (wanted is ResponseControl.ON_EXCEPTION and all(each[0] == OK for each in answers)):
            return None
        head = {
            # Octet for octet as they came: deployed software compares them (docs/sources.md, ADP).
            "called_ap_title": apdu.calling_ap_title,
            "called_ap_invocation_id": apdu.calling_ap_invocation_id,
            "calling_ap_title": apdu.called_ap_title,
        }
        head |= self._nonce(opened.key_id, key)
        return seal_message(head, control(opened.mode), encode_body(answers), key)

    def _nonce(self, key_id: int | None, key: Key | None) -> dict[str, Any]:
        """The id of an answer, and with a key the iv. Raises what the giver of ivs raises, after it was logged."""
        if key is None or key_id is None:
            return {"calling_ap_invocation_id": self._own.next_id()}
        nonces = self._nonces(key)
        number = nonces.next_id()
        try:
            value = authentication(key_id, nonces.next_iv())
        except C12Error as exc:
            log.warning("not answered: %s", exc)
            raise
        return {"calling_ap_invocation_id": number, "calling_authentication_value": value}

    def _opened(self, apdu: Decoded, envelope: Decoded, peer: str) -> tuple[Opened, Key | None]:
        """The message in the clear, and the key under which its MAC holds. Raises SecurityError, MessageError."""
        way = direction(apdu) or peer
        opened = open_message(apdu, self._ring, self._memory, way, envelope)
        if opened.key_id is None:
            return opened, None
        names = [title.absolute() for title in (apdu.calling_ap_title, apdu.called_ap_title) if title]
        *others, last = self._ring.candidates(opened.key_id, *names)
        return opened, next((key for key in others if self._opens(key, opened, apdu, way, envelope)), last)

    def _opens(self, key: Key, opened: Opened, apdu: Decoded, way: Any, envelope: Decoded) -> bool:
        assert opened.key_id is not None
        ring = KeyRing()
        ring.add(opened.key_id, key)
        try:
            open_message(apdu, ring, self._memory, way, envelope)
        except C12Error:
            return False
        return True


def _answered(octets: bytes) -> bytes:
    """Octets of the response to one service."""
    service = BY_CODE.get(octets[0])
    if service is None:
        return bytes([CODES["sns"]])
    try:
        asked = decode_request(octets)
    except MessageError:
        return bytes([CODES["onp"]])
    if service.name == "register" and not asked.parameters.ap_title.content:
        return bytes([CODES["onp"]])  # it wants to be given a title, and there is none to give
    data = _data(service.name, asked.parameters)
    if data is None and service.answer is not NOTHING:
        return bytes([CODES["sns"]])
    return encode_response(response(**(data or {})), service=service.code)


def _data(name: str, asked: Any) -> dict[str, Any] | None:
    """What follows the ok to a service that we have an answer for; None where we have none."""
    if name == "register":
        return _registered(asked)
    if name == "deregister":
        return {"ap_title": asked.ap_title.with_tag(RELATIVE_DATA)}
    return {"idle_timeout": asked.idle_timeout or 0} if name == "logon" else None


def _registered(asked: Record) -> dict[str, Any]:
    """A device gets the title and the period that it asks for."""
    flags = {name: asked.connection_type[name] for name in REGISTRATION_FLAGS}
    return {
        "ap_title": asked.ap_title.with_tag(RELATIVE_DATA),
        "registration_delay": 0,
        "registration_period": asked.registration_period,
        "registration_info": {**flags, "direct_messaging": True},
    }
