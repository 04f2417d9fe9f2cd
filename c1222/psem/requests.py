"""Requests: a service code and its parameters."""

from typing import Any

from construct import Int8ub, Switch, this

from c1219_tables.schema.dialect import Record, Rest, Struct, Trailing, note
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

    Raises LocalProtocolError for a service that does not exist; wrong parameters show when it is encoded.
    """
    if name not in BY_NAME:
        raise LocalProtocolError(f"there is no service {name!r} (there are: {', '.join(BY_NAME)})")
    return Record(code=BY_NAME[name].code, parameters=Record(parameters) if parameters else None)


def decode_request(octets: bytes, *, c1222: bool = True) -> Decoded:
    """One request as {code, parameters, trailing}; c1222: the C12.22 form, else that of C12.18 and C12.21.

    Parameters of a service that is not known stay octets. Raises MessageError with field and offset.
    """
    return REQUEST.decode(octets, c1222=c1222)


def encode_request(value: Record, *, c1222: bool = True) -> bytes:
    """Octets of a request. Raises MessageError with the field that does not fit."""
    return REQUEST.encode(value, c1222=c1222)
