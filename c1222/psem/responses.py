"""Responses: a response code and what follows it, which depends on the request that is answered."""

from dataclasses import dataclass
from typing import Any

from construct import Int8ub, Switch, this

from c1219_tables.schema.dialect import Record, Rest, Struct, Tail, Trailing, UnsignedRest, note
from c1219_tables.schema.layout import Decoded, Layout
from c1222.errors import MessageError
from c1222.psem.services import EVERYONE, SERVICES

OK = 0x00


@dataclass(frozen=True, slots=True)
class ResponseCode:
    code: int
    name: str
    meaning: str


RESPONSE_CODES = {
    entry.code: entry
    for entry in (
        ResponseCode(0x00, "ok", "accepted"),
        ResponseCode(0x01, "err", "rejected, no reason given"),
        ResponseCode(0x02, "sns", "service not supported"),
        ResponseCode(0x03, "isc", "insufficient security clearance"),
        ResponseCode(0x04, "onp", "operation not possible"),
        ResponseCode(0x05, "iar", "inappropriate action requested"),
        ResponseCode(0x06, "bsy", "device busy"),
        ResponseCode(0x07, "dnr", "data not ready"),
        ResponseCode(0x08, "dlk", "data locked"),
        ResponseCode(0x09, "rno", "renegotiate: the device wants to begin anew"),
        ResponseCode(0x0A, "isss", "invalid service sequence state"),
        ResponseCode(0x0B, "sme", "security mechanism error"),
        ResponseCode(0x0C, "uat", "unknown called ApTitle"),
        ResponseCode(0x0D, "nett", "network time-out"),
        ResponseCode(0x0E, "netr", "node not reachable"),
        ResponseCode(0x0F, "rqtl", "request too large"),
        ResponseCode(0x10, "rstl", "response too large"),
        ResponseCode(0x11, "sgnp", "segmentation needed but not possible"),
        ResponseCode(0x12, "sgerr", "segmentation error"),
        ResponseCode(0x1E, "nry", "not registered to you (one vendor's code)"),
    )
}
"""Codes 00 to 1F. Sources: docs/sources.md, ADP WS ITR SPI CNX agree on 00 to 12; 1E is ADP's alone."""

# ADP documents three octets, accepts one to four and writes four; SPI reads four.
TOO_LARGE = Struct("maximum" / UnsignedRest(width=4) * note("octets that would fit", "ADP SPI ITR"))
SEGMENT_ERROR = Struct(
    "offset" / UnsignedRest(width=3, parts=2) * note("of the segment at fault", "ADP"),
    "size" / UnsignedRest(width=3, partner=this.offset) * note("of the whole message", "ADP"),
)

RESPONSE = Layout(
    "response",
    Struct(
        "code" / Int8ub * note("00 ok, 01 to 1F a refusal", EVERYONE),
        "data"
        / Switch(
            this.code,
            {
                OK: Switch(
                    this._params.service, {service.code: service.answer for service in SERVICES}, default=Tail(Rest())
                ),
                0x0F: TOO_LARGE,
                0x10: TOO_LARGE,
                0x12: SEGMENT_ERROR,
            },
            default=Tail(Rest()),
        )
        * note("the answer to that service; octets where the request is not known", EVERYONE),
        "trailing" / Trailing() * note("octets behind what the answer says", ""),
    ),
    error=MessageError,
)


def response(code: int = OK, **data: Any) -> Record:
    """Value of a response: `response(blocks=blocks(b"..."))`, `response(0x03)`.

    code: OK unless given. Wrong data show when it is encoded.
    """
    return Record(code=code, data=Record(data) if data else None)


def decode_response(octets: bytes, *, service: int | None, c1222: bool = True) -> Decoded:
    """One response as {code, data, trailing}.

    service: code of the request that it answers; with None the data of an ok stay octets.
    c1222: the C12.22 form, else that of C12.18 and C12.21.
    Raises MessageError with field and offset.
    """
    return RESPONSE.decode(octets, service=service, c1222=c1222)


def encode_response(value: Record, *, service: int | None, c1222: bool = True) -> bytes:
    """Octets of a response to `service`. Raises MessageError with the field that does not fit."""
    return RESPONSE.encode(value, service=service, c1222=c1222)


def response_name(code: int) -> str:
    """`ok` for 00; `response 1F` for a code that nobody named."""
    return RESPONSE_CODES[code].name if code in RESPONSE_CODES else f"response {code:02X}"
