"""A message and its security: what is authenticated, what is enciphered, with which key.

Mode 1: the MAC covers canonical header and text, the text stays readable. Mode 2: it covers the header and the
enciphered text. The MAC is looked at before anything is released. Sources: docs/sources.md, WS ADP, published vectors.
"""

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

from c1219_tables.schema.dialect import Record
from c1219_tables.schema.layout import Decoded
from c1222.errors import LocalProtocolError, MessageError, SecurityError
from c1222.message.acse import APDU, c1222_authentication
from c1222.message.epsem import EPSEM, MAC_OCTETS, SecurityMode
from c1222.security.canonical import Secured, canonical_header, header_forms, secured_parts
from c1222.security.keys import Key, KeyRing
from c1222.security.memory import Remembered, SessionMemory
from c1222.titles import ApTitle

SHORTEST_HEADER = 17
"""EAX' can be forged where header and text fit into one block each, so a header is always longer than one."""

IV_OCTETS = 4


class Opened(NamedTuple):
    """A message whose security holds.

    text: ED class and services in the clear. mode: what protected it. key_id, iv: what it was opened with, None in the
    clear. remembered: they came from the session's memory, not from the message.
    """

    text: bytes
    mode: SecurityMode
    key_id: int | None = None
    iv: bytes | None = None
    remembered: bool = False


def direction(apdu: Record) -> Hashable:
    """Who speaks to whom: the names of both nodes, equal for absolute and relative titles; None without titles."""
    calling, called = apdu.calling_ap_title, apdu.called_ap_title
    if calling is None and called is None:
        return None
    return _name(calling), _name(called)


def _name(title: ApTitle | None) -> bytes:
    return title.absolute() if title else b""


_MODES = tuple(SecurityMode)


def read_envelope(apdu: Record) -> Decoded:
    """The decoded envelope of an APDU that is not a segment. Raises MessageError where there is none."""
    information = apdu["user_information"]
    octets = information and information["octets"]
    if octets is None:
        raise MessageError("no EPSEM envelope in it", layout="APDU", field="user_information")
    return EPSEM.decode(octets)


def open_message(
    apdu: Decoded,
    ring: KeyRing,
    memory: SessionMemory | None = None,
    way: Hashable = None,
    envelope: Decoded | None = None,
) -> Opened:
    """Check and decipher a decoded APDU that is not a segment.

    ring: keys that may open it. memory: what the session remembers, for messages without an authentication value; it
    learns from this message once its MAC holds. way: the direction in that memory; by default the titles.
    envelope: what read_envelope gave, where that was asked before.

    Raises MessageError where there is no envelope; SecurityError "no-key", "bad-mac" or "short-header".
    """
    envelope = read_envelope(apdu) if envelope is None else envelope
    mode = _MODES[envelope["control"]["security_mode"]]
    if mode is SecurityMode.CLEAR:
        return Opened(envelope["text"], mode)
    if mode is SecurityMode.RESERVED:
        raise MessageError("security mode 3 is reserved", layout="EPSEM", field="control.security_mode", offset=0)
    way = direction(apdu) if way is None else way
    sent = _sent(apdu)
    value = sent or (memory.recall(way) if memory else None)
    if value is None:
        raise SecurityError("neither this message nor an earlier one says which key and iv it uses", reason="no-key")
    parts = secured_parts(apdu.octets)
    keys = ring.candidates(value.key_number, _name(apdu.calling_ap_title), _name(apdu.called_ap_title))
    if not keys:
        have = ", ".join(map(str, ring.ids())) or "none"
        raise SecurityError(f"no key for key id {value.key_number} (have {have})", reason="no-key")
    text = _try_keys(parts, value, keys, mode)
    if sent and memory is not None:
        memory.remember(way, sent)
    return Opened(text, mode, value.key_number, value.iv, sent is None)


def _sent(apdu: Decoded) -> Remembered | None:
    """Key id and iv that a message carries itself. An iv that is left out is four zero octets (ITR alone)."""
    value = c1222_authentication(apdu)
    if value is None:
        return None
    iv = bytes(IV_OCTETS) if value.iv is None else value.iv
    if len(iv) != IV_OCTETS:
        problem = f"an iv of {len(iv)} octets (EAX' has {IV_OCTETS})"
        raise MessageError(problem, layout="APDU", field="calling_authentication_value")
    return Remembered(b"" if value.key_id is None else bytes([value.key_id]), iv)


def _try_keys(parts: Secured, value: Remembered, keys: tuple[Key, ...], mode: SecurityMode) -> bytes:
    for header in header_forms(parts, value.key_id, value.iv):
        _refuse_short(header)
        for key in keys:
            try:
                if mode is SecurityMode.ENCRYPTED:
                    return key.cipher.open(header, parts.text, parts.mac)
                key.cipher.verify(header + parts.text, parts.mac)
            except SecurityError as exc:
                if exc.reason != "bad-mac":
                    raise
            else:
                return parts.text
    problem = f"the MAC does not hold with the key for key id {value.key_number}: another key, or a changed message"
    raise SecurityError(problem, reason="bad-mac")


def _refuse_short(header: bytes) -> None:
    if len(header) < SHORTEST_HEADER:
        problem = f"a header of {len(header)} octets can be forged (at least {SHORTEST_HEADER} are needed)"
        raise SecurityError(problem, reason="short-header")


def seal_message(
    head: Mapping[str, Any],
    control: Record,
    text: bytes,
    key: Key | None = None,
    remembered: Remembered | None = None,
) -> bytes:
    """Octets of a message.

    head: elements of the APDU but the user information (titles, ids, authentication value). control: the EPSEM control
    octet, whose security mode decides. text: ED class and services. key: for modes 1 and 2. remembered: key id and iv
    that this side sent last, where `head` carries no authentication value.

    The caller sees to it that no two messages under one key have the same header: a fresh iv or invocation id each.
    Raises LocalProtocolError where the mode needs what was not given, SecurityError "short-header", MessageError.
    """
    mode = SecurityMode(control.security_mode)
    if mode is SecurityMode.RESERVED:
        raise LocalProtocolError("security mode 3 is reserved")
    if mode is SecurityMode.CLEAR:
        return _encode(head, control, text, None)
    apdu = _encode(head, control, text, bytes(MAC_OCTETS))
    parts = secured_parts(apdu)
    value = _sent(APDU.decode(apdu)) or remembered
    if key is None or value is None:
        raise LocalProtocolError("a secured message needs a key, and a key id and iv sent with it or before it")
    if 0xA1 in parts.elements or 0x8B in parts.elements:
        raise LocalProtocolError("A1 and 8B are read differently by deployed software: not sent in a secured message")
    header = canonical_header(parts, value.key_id, value.iv)
    _refuse_short(header)
    if mode is SecurityMode.ENCRYPTED:
        ciphertext, mac = key.cipher.seal(header, text)
        return apdu[: len(apdu) - len(text) - MAC_OCTETS] + ciphertext + mac
    return apdu[:-MAC_OCTETS] + key.cipher.authenticate(header + text)


def _encode(head: Mapping[str, Any], control: Record, text: bytes, mac: bytes | None) -> bytes:
    envelope = EPSEM.encode({"control": control, "text": text, "mac": mac})
    return APDU.encode({**head, "user_information": {"octets": envelope}})
