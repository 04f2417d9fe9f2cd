"""What of a message may hold a password or a key, and is therefore not shown unasked.

Certain: elements that are declared secret, the data of tables that hold passwords and keys, the parameters of the
log-in procedure. Possible, and treated alike: octets that no declaration explains, because a message that was cut or
damaged may show its password anywhere in them, and data of a table that nobody names. Enciphered octets are no secret.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from c1219_tables.schema.dialect import Record, SecretOctets
from c1219_tables.table import is_secret
from c1222.capture.message import FIRST_SERVICE, Message, Service, service_start
from c1222.capture.table_view import TableView
from c1222.message.acse import c1222_authentication
from c1222.message.epsem import SecurityMode
from c1222.psem.responses import OK
from c1222.psem.services import BY_CODE
from c1222.psem.table_id import MANUFACTURER, NUMBER_MASK, USER_DEFINED

MASKED = "masked"
"""What stands in the place of a secret."""
MASK_OCTET = 0x2A
"""`*`, in the place of every secret octet."""

SECRET_TABLES = frozenset((42, 45, 46))
"""SECURITY_TBL (passwords), KEY_TBL, EXTENDED_KEY_TBL."""
PROCEDURE_INITIATE = 7
LOG_IN = 18
"""The procedure that takes a password. Source: CNX."""
DEFAULT_READ, DEFAULT_WRITE = 0x3E, 0x4E
"""Of the table that the device chose: nobody else knows which."""

_UNKNOWN = re.compile(r"(user_information\.)?unknown_elements\[\d+\]|mechanism_name(_2006)?")
"""What may have become of the services where there are none: all but titles, numbers, key id and iv."""
IV_OCTETS = 4

Asked = Sequence[Service | None]
"""For each service of a response the one that it answers; () where that is not known."""


def is_enciphered(message: Message) -> bool:
    """Whether its text is still enciphered."""
    if message.opened is not None or message.envelope is None:
        return False
    return bool(message.envelope["control"]["security_mode"] == SecurityMode.ENCRYPTED)


def is_unexplained(service: Service, *, is_response: bool) -> bool:
    """Whether nothing is known of the octets behind the code of a service."""
    if service.value is None:
        return True
    code = service.octets[0]
    if is_response:
        return code >= FIRST_SERVICE or (code != OK and isinstance(service.value.data, bytes))
    # Octets left over: perhaps it is another service than its code says. One damaged bit makes of Security a Logon.
    return code not in BY_CODE or bool(service.value.trailing)


def table_of(service: Service | None) -> int | None:
    """The table that a request reads or writes."""
    if service is None or service.value is None:
        return None
    # The value of an answer has no parameters.
    parameters = service.value.get("parameters")
    return parameters.get("table") if isinstance(parameters, dict) else None


def hides_data(service: Service, asked: Service | None, *, is_response: bool) -> bool:
    """Whether the table data that a service carries are secret, or those of a table that nobody knows."""
    if service.may_be_secret:
        return True
    if is_response and (asked is None or asked.value is None or asked.octets[0] not in BY_CODE):
        # Sizes that a refusal names are no data of a table.
        return service.octets[0] == OK
    carrier = asked if is_response else service
    if carrier is not None and carrier.octets[0] in (DEFAULT_READ, DEFAULT_WRITE):
        return True
    table = table_of(carrier)
    if table is None:
        return False
    if service.table is not None and declares_secrets(service.table.table):
        return True
    return is_secret_number(table) or (_is_procedure(table) and _may_log_in(service, asked if is_response else service))


def may_ask_secrets(service: Service) -> bool:
    """Whether the answer to a request may hold a secret, as far as the request tells."""
    if service.value is None or service.octets[0] in (DEFAULT_READ, DEFAULT_WRITE):
        return True
    table = table_of(service)
    if table is None:
        return service.octets[0] not in BY_CODE
    return bool(table & (MANUFACTURER | USER_DEFINED)) or is_secret_number(table) or _is_procedure(table)


def is_secret_number(table: int) -> bool:
    """Whether a table of this number, active or pending, holds passwords or keys whatever its layout says."""
    return not table & (MANUFACTURER | USER_DEFINED) and table & NUMBER_MASK in SECRET_TABLES


declares_secrets = lru_cache(maxsize=1024)(is_secret)
"""Whether the layout of a table holds passwords or keys."""


def _is_procedure(table: int) -> bool:
    return not table & (MANUFACTURER | USER_DEFINED) and table & NUMBER_MASK == PROCEDURE_INITIATE


def hides_table(view: TableView) -> bool:
    """Whether octets of a table, without a service around them, are secret; those of table 7 as if written."""
    number = view.table.number
    if declares_secrets(view.table) or is_secret_number(number):
        return True
    return _is_procedure(number) and _names_log_in(view.octets, view.offset)


def _may_log_in(service: Service, named: Service | None) -> bool:
    """Whether what a service carries of table 7 may be the log-in procedure; named: the request that says which part.

    That is the service itself where it is a request.
    """
    blocks = _blocks(service)
    parameters = named.value["parameters"] if named is not None and named.value is not None else {}
    if not blocks:
        return False
    return "indices" in parameters or _names_log_in(blocks[0]["data"], parameters.get("offset") or 0)


def _blocks(service: Service) -> list[Record]:
    if service.value is None:
        return []
    carried = service.value.get("parameters") or service.value.get("data")
    return carried.get("blocks", []) if isinstance(carried, Mapping) else []


def _names_log_in(octets: bytes, offset: int) -> bool:
    """Whether octets of table 7 may be the log-in procedure and its parameters, in either octet order."""
    # Written from an offset on, the number of the procedure need not be there: a password may.
    return offset > 0 or any(int.from_bytes(octets[:2], order) & NUMBER_MASK == LOG_IN for order in ("little", "big"))


def secret_places(message: Message, asked: Asked = (), *, deciphered: bool = True) -> list[tuple[int, int]]:
    """Places [start, end) in a message that are masked.

    deciphered: a text that was enciphered is shown in the clear; else as it was captured, and then it needs no mask.
    """
    if message.link is not None:
        return _in_services(message, asked)
    if message.apdu is None:
        return [(0, len(message.octets))]
    places = [*_in_authentication(message), *_in_unknown(message)]
    if message.envelope is None:
        octets = message.apdu.user_information and message.apdu.user_information.octets
        end = message.apdu.spans()["user_information.octets"].end if octets else 0
        return [*places, (end - len(octets), end)] if octets else places
    if message.mode == SecurityMode.ENCRYPTED and not (deciphered and message.opened):
        return places
    text = message.opened.text if message.opened else message.envelope.text
    if message.body is None:
        start = message.text_start()
        return [*places, (start, start + len(text))]
    places += _in_services(message, asked)
    if trailing := message.body.trailing:
        end = message.text_start() + len(text)
        places.append((end - len(trailing), end))
    return places


def masked(octets: bytes, places: Sequence[tuple[int, int]]) -> bytes:
    """The same octets with `*` in these places."""
    shown = bytearray(octets)
    for start, end in places:
        shown[start:end] = bytes([MASK_OCTET]) * (end - start)
    return bytes(shown)


def hides_unknown(message: Message) -> bool:
    """Whether elements whose content is not known may be what became of the services: there are none beside them."""
    return message.body is None and not is_enciphered(message)


def _in_unknown(message: Message) -> Iterator[tuple[int, int]]:
    if message.apdu is not None and hides_unknown(message):
        for path, span in message.apdu.spans().items():
            if _UNKNOWN.fullmatch(path):
                yield span.start, span.end


def _in_authentication(message: Message) -> Iterator[tuple[int, int]]:
    assert message.apdu is not None
    value = message.apdu.calling_authentication_value
    if value is None:
        return
    for path, length in _secrets(value, "calling_authentication_value"):
        span = message.apdu.spans()[path]
        yield span.end - length, span.end
    if hides_authentication(message, value):
        span = message.apdu.spans()["calling_authentication_value"]
        yield span.start, span.end


def hides_authentication(message: Message, authentication: Mapping[str, Any]) -> bool:
    """Whether all of an authentication value is masked."""
    if has_unknown(authentication):
        return True
    single = authentication["single_asn1_type"]
    iv = single and single["c1222"] and single["c1222"]["iv"]
    return hides_unknown(message) and bool(iv) and len(iv) != IV_OCTETS


def has_unknown(authentication: Mapping[str, Any]) -> bool:
    """Whether an authentication value holds elements that are not known: old drafts kept a token there."""
    parts: list[Any] = [authentication]
    while parts:
        part = parts.pop()
        if part.get("unknown_elements"):
            return True
        parts += [inner for inner in part.values() if isinstance(inner, Mapping)]
    return False


def _in_services(message: Message, asked: Asked) -> list[tuple[int, int]]:
    places: list[tuple[int, int]] = []
    # Places cost a second look at the message: only those that hide something are asked for.
    for index, service in enumerate(message.services):
        answered = asked[index] if index < len(asked) else None
        if inner := list(_in_service(message, service, answered)):
            start = service_start(message, index)
            places += [(start + at, start + end) for at, end in inner]
    return places


def _in_service(message: Message, service: Service, asked: Service | None) -> Iterator[tuple[int, int]]:
    """Places in one service, from its first octet."""
    end = len(service.octets)
    if is_unexplained(service, is_response=message.is_response):
        yield 1, end
        return
    value = service.value
    assert value is not None
    for path, length in _secrets(value, ""):
        span = value.spans()[path]
        yield span.end - length, span.end
    part = "data" if message.is_response else "parameters"
    if hides_data(service, asked, is_response=message.is_response):
        spans = value.spans()
        if span_or_none := spans.get(f"{part}.blocks") or spans.get(part):
            yield span_or_none.start, span_or_none.end
    if value.trailing:
        yield end - len(value.trailing), end


def _secrets(value: Any, path: str) -> Iterator[tuple[str, int]]:
    """Path and length of every element below `value` that is declared secret."""
    if isinstance(value, SecretOctets):
        yield path, len(value)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _secrets(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _secrets(inner, f"{path}[{index}]")


def key_id_of(message: Message) -> int | None:
    """The key id that a secured message was opened with, or names; None in the clear and where it names none."""
    if message.opened is not None:
        return message.opened.key_id
    value = _named(message)
    return None if value is None else value["key_id"] or 0


def iv_of(message: Message) -> bytes | None:
    """The iv that a secured message was opened with, or carries."""
    if message.opened is not None:
        return message.opened.iv
    value = _named(message)
    return None if value is None else value["iv"]


def _named(message: Message) -> Mapping[str, Any] | None:
    """Key id and iv that a message which says it is secured carries."""
    return c1222_authentication(message.apdu) if message.apdu is not None and message.mode else None
