"""The services of a message as JSON, for the serializer of export.py: see docs/decode-json.md."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from c1222.capture.mask import MASKED, hides_data, is_unexplained, table_of
from c1222.capture.message import FIRST_SERVICE, Message, Service, decode_read, is_plain_read
from c1222.capture.table_record import table_record
from c1222.psem.responses import response_name
from c1222.psem.services import service_name
from c1222.psem.table_id import table_text

Record = dict[str, Any]


def service_records(message: Message, asked: list[Service | None], show_secrets: bool) -> list[Record]:
    """The services of a message. asked: for each of a response the one that it answers; [] where that is not known."""
    if not message.is_response:
        c1222 = message.link is None
        return [
            _read_request(service.octets, c1222, show_secrets)
            if is_plain_read(service)
            else _request(service, show_secrets)
            for service in message.services
        ]
    if not asked:
        asked = [None] * len(message.services)
    return [_answer(service, of, show_secrets) for service, of in zip(message.services, asked, strict=True)]


@lru_cache(maxsize=4096)
def _read_request(octets: bytes, c1222: bool, show_secrets: bool) -> Record:
    """A request to read: its octets decide all of its record, and the same ones come again and again."""
    return _request(Service(octets, decode_read(octets, c1222)), show_secrets)


def _request(service: Service, show_secrets: bool) -> Record:
    code, value, table = service.octets[0], service.value, table_of(service)
    parameters = value and value["parameters"]
    hidden = False
    if not show_secrets and parameters:
        if is_unexplained(service, is_response=False):
            parameters = MASKED
            hidden = True
        elif hides_data(service, None, is_response=False):
            parameters = _without_data(parameters)
            hidden = True
    return {
        "code": code,
        "name": service_name(code),
        "table": None if table is None else table_text(table),
        "length": len(service.octets),
        "parameters": parameters,
        "table_data": None if service.table is None else table_record(service.table, hidden=hidden),
        "trailing": unexplained(value["trailing"], show_secrets) if value and value["trailing"] else None,
        "undecodable": None if value else unexplained(service.octets[1:], show_secrets),
    }


def _answer(service: Service, asked: Service | None, show_secrets: bool) -> Record:
    code, value, table = service.octets[0], service.value, table_of(asked)
    data = value and value["data"]
    hidden = False
    if not show_secrets and data:
        if is_unexplained(service, is_response=True):
            data = MASKED
            hidden = True
        elif hides_data(service, asked, is_response=True):
            data = _without_data(data)
            hidden = True
    return {
        "code": code,
        "name": response_name(code) if code < FIRST_SERVICE else service_name(code),
        "request": None if service.request is None else service_name(service.request),
        "table": None if table is None else table_text(table),
        "length": len(service.octets),
        "data": data,
        "table_data": None if service.table is None else table_record(service.table, hidden=hidden),
        "trailing": unexplained(value["trailing"], show_secrets) if value and value["trailing"] else None,
        "undecodable": None if value else unexplained(service.octets[1:], show_secrets),
    }


def _without_data(value: Any) -> Any:
    """Parameters or answer data with the octets of a secret table masked."""
    if isinstance(value, Mapping) and "blocks" in value:
        return {**value, "blocks": [{**block, "data": MASKED} for block in value["blocks"]]}
    return MASKED


def unexplained(octets: bytes, show_secrets: bool) -> bytes | str | None:
    """Octets that no declaration explains: a password may be among them."""
    if not octets:
        return None
    return octets if show_secrets else MASKED
