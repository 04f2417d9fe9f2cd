"""The DES key of C12.21's Authenticate, by reference: 16 hex digits, or 8 octets."""

import re

from c1222.errors import TargetError
from c1222.security.ticket import BLOCK
from c1222.session.settings import TicketKey
from c1222.settings.secrets import Ask
from c1222.settings.sections import Reference


def read_ticket_key(given: str, ask: Ask | None = None, *, what: str = "ticket key") -> TicketKey:
    """The key of "ID=SOURCE", as "3=env:K3". Raises TargetError, which never shows what may be the key."""
    match = re.fullmatch(r"([0-9]{1,3})=(.+)", given, re.ASCII | re.DOTALL)
    if match is None or int(match[1]) > 255:
        raise TargetError(f"{what}: a key id from 0 to 255 and where the key lies are wanted, as in 3=env:K3")
    octets = Reference(match[2], what).secret(ask)
    digits = re.sub(rb"\s", b"", octets)
    if len(octets) != BLOCK and re.fullmatch(rb"[0-9A-Fa-f]{%d}" % (2 * BLOCK), digits):
        octets = bytes.fromhex(digits.decode())
    if len(octets) != BLOCK:
        raise TargetError(f"{what}: a DES key is {2 * BLOCK} hex digits or {BLOCK} octets")
    return TicketKey(int(match[1]), octets)
