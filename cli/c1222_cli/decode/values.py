"""The value of one element of a message in words, for the tree."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from c1219_tables.schema.dialect import Record
from c1222.message.epsem import ResponseControl, SecurityMode
from c1222.psem.blocks import checksum
from c1222.psem.services import BAUD_RATES
from c1222.psem.table_id import table_text
from c1222.titles import ROOT, ApTitle
from c1222_cli.decode.words import STANDARDS, octets_text
from c1222_cli.fields import quoted

_MODES = {
    SecurityMode.CLEAR: "clear",
    SecurityMode.AUTHENTICATED: "authenticated",
    SecurityMode.ENCRYPTED: "enciphered and authenticated",
    SecurityMode.RESERVED: "security mode 3 (reserved)",
}
_ANSWERS = {
    ResponseControl.ALWAYS: "answer always",
    ResponseControl.ON_EXCEPTION: "answer on exception",
    ResponseControl.NEVER: "answer never",
    ResponseControl.RESERVED: "response control 3 (reserved)",
}


def value_text(name: str, value: Any) -> str:
    """The value of the element `name`, which holds no others; "" where its octets say all. The caller masks."""
    if value is None:
        return ""
    if name in _BY_NAME:
        return _BY_NAME[name](value)
    if isinstance(value, bytes | str):
        return quoted(value)
    if isinstance(value, ApTitle):
        return _title(value)
    if isinstance(value, Mapping):
        return _bits(value)
    if isinstance(value, list):
        return ", ".join(value_text("", each) for each in value)
    return str(value)


def _title(title: ApTitle) -> str:
    if title.is_relative and title.content:
        return f"{title.text} = {ApTitle(0x06, title.absolute(ROOT)).text}"
    return title.text or "(empty)"


def _bits(value: Mapping[str, Any]) -> str:
    """Members of a bit field that are not 0; "" for an element that holds others, which have lines of their own."""
    if not all(isinstance(bit, int) for bit in value.values()):
        return ""
    bits = {name: bit for name, bit in value.items() if isinstance(bit, int) and bit}
    return ", ".join(name if bit is True else f"{name} {bit}" for name, bit in bits.items()) or "none set"


def _control(value: Record) -> str:
    words = [_MODES[SecurityMode(value.security_mode)], _ANSWERS[ResponseControl(value.response_control)]]
    words += [name for name in ("ed_class_included", "proxy_service_used", "recovery_session") if value[name]]
    return ", ".join(words) + ("" if value.reserved else ", bit 7 is 0")


def _iv(value: bytes) -> str:
    if len(value) != 4:
        return octets_text(len(value))
    seconds = int.from_bytes(value, "big")
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _blocks(value: list[Record]) -> str:
    return "; ".join(map(_block, value))


def _block(block: Record) -> str:
    """One block of table data."""
    right = checksum(block.data)
    state = "right" if block.checksum == right else f"wrong, the data give {right:02X}"
    text = quoted(block.data)
    return f"{octets_text(len(block.data))}, checksum {block.checksum:02X} {state}" + (f", {text}" if text else "")


def _baud(code: int) -> str:
    return f"{BAUD_RATES[code]} baud" if code in BAUD_RATES else f"code {code:02X}"


_BY_NAME: dict[str, Callable[[Any], str]] = {
    "control": _control,
    "iv": _iv,
    "blocks": _blocks,
    "table": lambda table: f"{table_text(table)} ({table})",
    "baud_code": _baud,
    "baud_codes": lambda codes: _baud(codes) if isinstance(codes, int) else ", ".join(map(_baud, codes)),
    "standard": lambda code: STANDARDS.get(code, str(code)),
    "mac": lambda _: "",
}
