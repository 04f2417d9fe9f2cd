"""What somebody means who writes a port or an address where a target is wanted."""

import re
from ipaddress import ip_address

_PORT = re.compile(r"(?P<path>/dev/[\w./:-]+)|(?P<device>tty[\w.-]*\d)|(?P<com>COM\d+)", re.ASCII | re.IGNORECASE)
_WITH_PORT = re.compile(r"(?P<host>[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\]):\d{1,5}")
_HOST = re.compile(r"localhost|(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z][A-Za-z0-9-]*")


def likely_target(word: str) -> str | None:
    """The target that is meant by a word that can mean nothing else; None where it is a target, or may be a table.

    `/dev/ttyUSB0`, `COM3`, `192.0.2.7`, `127.0.0.1:1153`, `meter.example.com:1153`.
    """
    port = _PORT.fullmatch(word)
    if port is not None:
        place = port["path"] or (f"/dev/{port['device']}" if port["device"] else word.upper())
        return f"optical:{place}"
    if (version := _address_version(word)) is not None:
        return f"tcp://[{word}]" if version == 6 else f"tcp://{word}"
    match = _WITH_PORT.fullmatch(word)
    return f"tcp://{word}" if match is not None and not _is_kind(match["host"]) else None


def likely_host(word: str) -> str | None:
    """The target of a word that looks like the name of a host. A field of a table may look so, too."""
    return f"tcp://{word}" if _HOST.fullmatch(word) else None


def _address_version(word: str) -> int | None:
    try:
        return ip_address(word).version
    except ValueError:
        return None


def _is_kind(scheme: str) -> bool:
    from c1222.settings.options import KINDS

    return scheme.lower() in KINDS
