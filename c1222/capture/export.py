"""Exchanges and remarks as JSON: see docs/decode-json.md for every name, docs/decode.schema.json for the rules.

Decoded elements are not copied: the serializer walks them and asks only for what JSON has no word for. What is absent
is null, octets are lower-case hex, titles are text, secrets are the word "masked".
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any

from c1219_tables.schema.dialect import SecretOctets
from c1219_tables.times import MeterTime
from c1222.capture.mask import (
    MASKED,
    hides_authentication,
    hides_unknown,
    is_enciphered,
    iv_of,
    key_id_of,
)
from c1222.capture.message import Message, Service, State
from c1222.capture.pairing import Exchange, services_answered
from c1222.capture.remark import CaptureRemark
from c1222.capture.service_record import service_records, unexplained
from c1222.capture.summary import Summary
from c1222.pcap.flow import Flow
from c1222.titles import ApTitle

SCHEMA_VERSION = 1

Dumps = Callable[[Any], bytes]
Record = dict[str, Any]

_MODES = ("clear", "authenticated", "encrypted", "reserved")
"""Security modes by number."""
_NS = 1_000_000_000
_C1 = re.compile(rb"\xc2[\x80-\x9f]")


def serializer(*, show_secrets: bool = False, fast: bool = True) -> Dumps:
    """Octets of one JSON value on one line, without a line end.

    show_secrets: what is declared secret is shown as hex. fast: with orjson where it is installed; the octets are the
    same without (but the exponents of floats: 1e16, 1e+16). Control characters of captured text are escaped, those of
    a C1 terminal too. What is no number (NaN, infinity) is null.
    """
    default = _words(_SHOWN if show_secrets else _MASKED)
    slow = json.JSONEncoder(
        ensure_ascii=False, separators=(",", ":"), default=default, check_circular=False, allow_nan=False
    ).encode

    def dumps(value: Any) -> bytes:
        try:
            text = slow(value)
        except ValueError:
            text = slow(_only_numbers(value))
        return _quiet(text.encode())

    if not fast:
        return dumps
    try:
        import orjson
    except ImportError:
        return dumps
    quick, options = orjson.dumps, orjson.OPT_PASSTHROUGH_DATACLASS

    def fast_dumps(value: Any) -> bytes:
        try:
            return _quiet(quick(value, default, options))
        except orjson.JSONEncodeError:
            # Integers of more than 64 bits are beyond it.
            return dumps(value)

    return fast_dumps


def exchange_record(exchange: Exchange, *, show_secrets: bool = False) -> Record:
    """An exchange for the serializer."""
    request, response = exchange.request, exchange.response
    asked = services_answered(request, response) if response is not None else []
    return {
        "type": "exchange",
        "request": None if request is None else message_record(request, show_secrets=show_secrets),
        "response": None if response is None else message_record(response, asked, show_secrets=show_secrets),
    }


def remark_record(remark: CaptureRemark) -> Record:
    """A remark that belongs to no message, for the serializer."""
    place = {"file": plain_text(remark.file), "packet": remark.packet, "file_offset": remark.file_offset}
    return {"type": "remark", "code": remark.code, "kind": remark.kind, "text": plain_text(remark.text), **place}


def summary_record(summary: Summary) -> Record:
    """What was counted, for the serializer."""
    codes: dict[str, dict[str, int]] = {}
    for (kind, code), number in sorted(summary.codes.items()):
        codes.setdefault(kind, {})[code] = number
    return {
        "complete": summary.complete,
        "exchanges": summary.exchanges,
        "answered": summary.answered,
        "left_out": summary.left_out,
        "messages": summary.messages,
        "states": dict(sorted(summary.states.items())),
        "remarks": codes,
        "missing_keys": sorted(summary.missing_keys),
        "missing_tables": sorted(summary.missing_tables),
    }


def message_record(
    message: Message, asked: list[Service | None] | None = None, *, show_secrets: bool = False
) -> Record:
    """A message for the serializer.

    asked: for each service of a response the one that it answers. show_secrets: as in `serializer`.
    """
    apdu, envelope, body, place = message.apdu, message.envelope, message.body, message.place
    control = envelope and envelope["control"]
    enciphered = bool(control and control["security_mode"]) and is_enciphered(message)
    is_decoded = body is not None or message.link is not None
    return {
        "file": plain_text(place.file),
        "packet": place.packet,
        "last_packet": place.last_packet,
        "file_offset": place.file_offset,
        "time": time_text(place.time_ns),
        "flow": None if place.flow is None else _flow(place.flow),
        "length": len(message.octets),
        "segments": message.segments,
        "link": message.link and asdict(message.link),
        "calling_ap_title": apdu and _title_text(apdu["calling_ap_title"]),
        "calling_ap_invocation_id": apdu and apdu["calling_ap_invocation_id"],
        "called_ap_title": apdu and _title_text(apdu["called_ap_title"]),
        "called_ap_invocation_id": apdu and apdu["called_ap_invocation_id"],
        "apdu": apdu and _other_elements(message, apdu, show_secrets),
        "control": control,
        "security": _CLEAR if control is not None and message.state == "clear" else _security(message),
        "ed_class": body and body["ed_class"],
        "services": service_records(message, asked or [], show_secrets),
        "trailing": unexplained(body["trailing"], show_secrets) if body and body["trailing"] else None,
        "enciphered": envelope["text"] if envelope is not None and enciphered else None,
        "undecodable": None if enciphered or is_decoded else unexplained(_not_decoded(message), show_secrets),
        "remarks": [_remark(remark) for remark in message.remarks],
    }


def _title_text(title: ApTitle | None) -> str | None:
    return None if title is None else title.text


def _security_record(mode: str | None, state: State, **more: Any) -> Record:
    return {"mode": mode, "state": state, "key_id": None, "iv": None, "remembered": False, "mac": None, **more}


_CLEAR = _security_record("clear", "clear")
"""Of most messages: the same record for all of them, as nobody changes one."""


def _security(message: Message) -> Record:
    """What protects a message that is not plainly in the clear."""
    mode, envelope, opened = message.mode, message.envelope, message.opened
    if mode is None or envelope is None:
        return _security_record(None, message.state)
    return _security_record(
        _MODES[mode],
        message.state,
        key_id=key_id_of(message) if mode else None,
        iv=iv_of(message) if mode else None,
        remembered=opened is not None and opened.remembered,
        mac=envelope["mac"],
    )


def time_text(time_ns: int | None) -> str | None:
    """`2008-10-14T00:22:57.123456Z`; nanoseconds where they are known. None where there is no time of this era."""
    if time_ns is None:
        return None
    seconds, rest = divmod(time_ns, _NS)
    second = _second(seconds)
    if second is None:
        return None
    micros, nanos = divmod(rest, 1000)
    return f"{second}.{rest:09d}Z" if nanos else f"{second}.{micros:06d}Z"


@lru_cache(maxsize=1024)
def _second(seconds: int) -> str | None:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return None


@lru_cache(maxsize=16_384)
def _flow(flow: Flow) -> Record:
    return flow._asdict()


_OTHERS = (
    "aso_context", "called_ae_qualifier", "calling_ae_qualifier", "mechanism_name", "mechanism_name_2006",
    "calling_authentication_value",
)  # fmt: skip
_others = itemgetter(*_OTHERS)
_NONE = (None,) * len(_OTHERS)
_NO_OTHERS: Record = {**dict.fromkeys((*_OTHERS, "indirect_reference")), "unknown_elements": []}
"""Of most messages in the clear: the same record for all of them, as nobody changes one."""


def _other_elements(message: Message, apdu: Mapping[str, Any], show_secrets: bool) -> Record:
    """What the APDU holds beside titles, invocation ids and the envelope."""
    information = apdu["user_information"] or _NO_OTHERS
    reference, unknown = information["indirect_reference"], apdu["unknown_elements"] + information["unknown_elements"]
    found = _others(apdu)
    if found == _NONE and reference is None and not unknown:
        return _NO_OTHERS
    others = dict(zip(_OTHERS, found, strict=True))
    if not show_secrets:
        authentication = others["calling_authentication_value"]
        if authentication is not None and hides_authentication(message, authentication):
            others["calling_authentication_value"] = MASKED
        if hides_unknown(message):
            unknown = [{**element, "content": MASKED} for element in unknown]
            for name in ("mechanism_name", "mechanism_name_2006"):
                others[name] = MASKED if others[name] else others[name]
    return {**others, "indirect_reference": reference, "unknown_elements": unknown}


def _not_decoded(message: Message) -> bytes:
    """What could not be decoded of a message without services."""
    if message.apdu is None:
        return message.octets
    if message.envelope is None:
        information = message.apdu.user_information
        return (information and information.octets) or b""
    return message.opened.text if message.opened else bytes(message.envelope.text)


def _remark(remark: CaptureRemark) -> Record:
    return {
        "code": remark.code,
        "kind": remark.kind,
        "text": plain_text(remark.text),
        "field": remark.field or None,
        "message_offset": remark.message_offset,
    }


def plain_text(text: str) -> str:
    """Text without the lone surrogates that stand for octets of a file name that are not UTF-8."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _time(value: MeterTime) -> Record:
    return {"value": None if value.value is None else value.value.isoformat(), "raw": value.raw.hex()}


_SHOWN: dict[type, Callable[[Any], Any]] = {
    bytes: bytes.hex,
    SecretOctets: bytes.hex,
    Decimal: str,
    MeterTime: _time,
    ApTitle: attrgetter("text"),
}
"""Types that JSON has no word for, and what is written for them."""
_MASKED = {**_SHOWN, SecretOctets: lambda _: MASKED}


def _words(of: Mapping[type, Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def word(value: Any) -> Any:
        say = of.get(type(value))
        if say is None:
            raise TypeError(f"no JSON for {type(value).__name__}")
        return say(value)

    return word


def _only_numbers(value: Any) -> Any:
    """The same with None for floats that are no numbers."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {name: _only_numbers(inner) for name, inner in value.items()}
    return [_only_numbers(inner) for inner in value] if isinstance(value, list) else value


def _quiet(line: bytes) -> bytes:
    """JSON with DEL and C1 control characters escaped, which terminals obey as they do the others."""
    if b"\x7f" in line:
        line = line.replace(b"\x7f", b"\\u007f")
    return _C1.sub(_escape_c1, line) if b"\xc2" in line else line


def _escape_c1(found: re.Match[bytes]) -> bytes:
    return b"\\u00%02x" % found[0][1]
