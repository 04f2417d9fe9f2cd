"""Requests: a service code and its parameters."""

from collections.abc import Mapping
from typing import Any

from construct import Construct, Int8ub, Switch, this

from c1219_tables.schema.dialect import (
    If,
    Record,
    Rest,
    Secret,
    SecretOctets,
    Sized,
    Struct,
    Tail,
    Trailing,
    note,
)
from c1219_tables.schema.layout import Decoded, Layout
from c1222.errors import LocalProtocolError, MessageError
from c1222.psem.services import BY_NAME, EVERYONE, SERVICES

REQUEST = Layout(
    "request",
    Struct(
        "code" / Int8ub * note("service, 20 to 7F", EVERYONE),
        "parameters"
        / Switch(this.code, {service.code: service.request for service in SERVICES}, default=Rest())
        * note("as the service says; octets where the service is not known", EVERYONE),
        "trailing" / Trailing() * note("octets behind what the service says", ""),
    ),
    error=MessageError,
)


def request(name: str, **parameters: Any) -> Record:
    """Value of a request by the service's name: `request("offset_read", table=1, offset=16, octet_count=16)`.

    Passwords and tokens in it are shown masked.
    Raises LocalProtocolError for a service that does not exist; wrong parameters show when it is encoded.
    """
    if name not in BY_NAME:
        raise LocalProtocolError(f"there is no service {name!r} (there are: {', '.join(BY_NAME)})")
    service = BY_NAME[name]
    return Record(code=service.code, parameters=Record(_masked(service.request, parameters)) if parameters else None)


def _masked(layout: Construct, value: Any) -> Any:
    """A value as it was given, octets that the layout calls secret made SecretOctets."""
    if isinstance(layout, Secret):
        return SecretOctets(value) if isinstance(value, bytes | bytearray) else value
    if isinstance(layout, Struct) and isinstance(value, Mapping):
        inner = {name: part for name, part, _ in layout.fields}
        return {name: _masked(inner[name], part) if name in inner else part for name, part in value.items()}
    if isinstance(layout, Sized | Tail):
        return _masked(layout.subcon, value)
    return _masked(layout.thensubcon, value) if isinstance(layout, If) else value


def decode_request(octets: bytes, *, c1222: bool = True) -> Decoded:
    """One request as {code, parameters, trailing}; c1222: the C12.22 form, else that of C12.18 and C12.21.

    Parameters of a service that is not known stay octets. Raises MessageError with field and offset.
    """
    return REQUEST.decode(octets, c1222=c1222)


def encode_request(value: Record, *, c1222: bool = True) -> bytes:
    """Octets of a request. Raises MessageError with the field that does not fit."""
    return REQUEST.encode(value, c1222=c1222)
