"""`--service` and `--title`: which exchanges are shown."""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from c1222.capture.message import Message
    from c1222.capture.pairing import Exchange

Wanted = Callable[["Exchange"], bool]

GROUPS = {
    "read": r"(full|offset|default)_read|index_read_\d",
    "write": r"(full|offset|default)_write|index_write_\d",
    "index_read": r"index_read_\d",
    "index_write": r"index_write_\d",
    "negotiate": r"negotiate_\d+",
}
"""Names for several services."""


def wanted(services: Iterable[str], titles: Iterable[str]) -> Wanted | None:
    """Whether an exchange has one of the services and one of the titles; None where every exchange is wanted.

    services: names of psem.services or of GROUPS. titles: absolute or relative; either party, either way of writing.
    Raises UsageError for a name or a title that does not exist.
    """
    codes = frozenset(code for name in services for code in _codes(name))
    names = frozenset(_name(title) for title in titles)
    if not codes and not names:
        return None

    def is_wanted(exchange: "Exchange") -> bool:
        messages = [message for message in (exchange.request, exchange.response) if message is not None]
        if names and not any(_parties(message) & names for message in messages):
            return False
        return not codes or any(
            (service.request if message.is_response else service.octets[0]) in codes
            for message in messages
            for service in message.services
        )

    return is_wanted


def _parties(message: "Message") -> set[bytes]:
    apdu = message.apdu
    found = (apdu.calling_ap_title, apdu.called_ap_title) if apdu is not None else ()
    return {title.absolute() for title in found if title is not None}


def _codes(name: str) -> list[int]:
    from c1222.psem.services import SERVICES

    written = name.lower().replace("-", "_")
    pattern = re.compile(GROUPS.get(written, re.escape(written)))
    codes = [service.code for service in SERVICES if pattern.fullmatch(service.name)]
    if not codes:
        known = [service.name for service in SERVICES if not re.search(r"_\d+$", service.name)]
        raise click.BadParameter(
            f"there is no service {name!r}; there are: {', '.join([*GROUPS, *known])}", param_hint="--service"
        )
    return codes


def _name(title: str) -> bytes:
    from c1222.titles import ApTitle

    if not title.strip():
        raise click.BadParameter("an ApTitle is wanted, such as .123.8437", param_hint="--title")
    try:
        return ApTitle.parse(title).absolute()
    except ValueError as exc:
        raise click.BadParameter(str(exc), param_hint="--title") from None
