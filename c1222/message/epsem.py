"""EPSEM: the envelope around the services of a message.

`control [ed-class] {length service}* [MAC]`. The control octet is never enciphered, the ED class and the services are.
Sources: docs/sources.md, WS ADP SPI TRM ITR.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from construct import Bytes, Int8ub, this

from c1219_tables.schema.ber import BER_LENGTH
from c1219_tables.schema.dialect import (
    BitField,
    If,
    Record,
    RepeatToEnd,
    Rest,
    Sized,
    Struct,
    Trailing,
    bits,
    flag,
    note,
)
from c1219_tables.schema.layout import Decoded, Layout
from c1222.errors import MessageError

SOURCES = "WS ADP SPI TRM ITR"
MAC_OCTETS = 4


class SecurityMode(IntEnum):
    """What protects a message. 3 is reserved."""

    CLEAR = 0
    AUTHENTICATED = 1
    ENCRYPTED = 2
    RESERVED = 3


class ResponseControl(IntEnum):
    """When an answer is wanted. 3 is reserved."""

    ALWAYS = 0
    ON_EXCEPTION = 1
    NEVER = 2
    RESERVED = 3


CONTROL = BitField(
    Int8ub,
    bits("response_control", 0, 1) * note("0 always, 1 on exception, 2 never", SOURCES),
    bits("security_mode", 2, 3) * note("0 clear, 1 authenticated, 2 enciphered and authenticated", SOURCES),
    flag("ed_class_included", 4) * note("the ED class stands before the services", SOURCES),
    flag("proxy_service_used", 5) * note("passed through a proxy relay", SOURCES),
    flag("recovery_session", 6) * note("opens a recovery session", SOURCES),
    flag("reserved", 7) * note("always 1", SOURCES),
)

SECURED = (this.control.security_mode == SecurityMode.AUTHENTICATED) | (
    this.control.security_mode == SecurityMode.ENCRYPTED
)

EPSEM = Layout(
    "EPSEM",
    Struct(
        "control" / CONTROL * note("how to read the rest", SOURCES),
        "text" / Rest(leave=SECURED * MAC_OCTETS) * note("ED class and services, enciphered in mode 2", SOURCES),
        "mac" / If(SECURED, Bytes(MAC_OCTETS)) * note("last four octets of the EAX' tag", "ADP WS SPI CNX CAP"),
    ),
    error=MessageError,
)

BODY = Layout(
    "EPSEM body",
    Struct(
        "ed_class" / If(this._params.ed_class_included, Bytes(4)) * note("layout of manufacturer tables", SOURCES),
        "services"
        / RepeatToEnd(Sized(BER_LENGTH, Rest()), stop=0x00)
        * note("requests or responses, each behind its length; a length of 0 ends the list", SOURCES),
        "trailing" / Trailing() * note("octets behind the end of the list", "ITR ADP"),
    ),
    error=MessageError,
)


def control(
    mode: SecurityMode = SecurityMode.CLEAR,
    *,
    response_control: ResponseControl = ResponseControl.ALWAYS,
    ed_class_included: bool = False,
) -> Record:
    """Value of the control octet: control() is 80, control(SecurityMode.ENCRYPTED) 88."""
    return Record(
        security_mode=int(mode),
        response_control=int(response_control),
        ed_class_included=ed_class_included,
        reserved=True,
    )


def decode_body(octets: bytes, control: Record) -> Decoded:
    """{ed_class, services, trailing} of text in the clear. Raises MessageError with field and offset."""
    return BODY.decode(octets, ed_class_included=control["ed_class_included"])


def encode_body(services: Sequence[bytes], ed_class: bytes | None = None) -> bytes:
    """Text in the clear of an envelope. ed_class: 4 octets, or None. Raises MessageError for an empty service."""
    value: dict[str, Any] = {"ed_class": ed_class, "services": list(services)}
    return BODY.encode(value, ed_class_included=ed_class is not None)
