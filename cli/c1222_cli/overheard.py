"""`-v` and `-vv` of live commands: what is asked and what is answered, a line each on standard error, as it goes on.

Passwords, tokens and what may hold them are not shown.
"""

from c1219_tables.registry import STANDARD
from c1219_tables.schema.dialect import Record
from c1219_tables.schema.layout import Decoded
from c1219_tables.table import is_secret
from c1222.capture.mask import hides_table
from c1222.capture.table_view import TableView
from c1222.psem.blocks import joined
from c1222.psem.requests import encode_request
from c1222.psem.responses import OK, response_name
from c1222.psem.services import service_name
from c1222.session.operations.refusals import asked_in_words, table_asked
from c1222_cli.talk import say

SECRET = ("security", "authenticate")
PROCEDURES = 7
"""Table that starts procedures."""
MOST = 64
"""Octets of a service that are shown."""


def tell_services(request: Record, response: Decoded | None) -> None:
    """`full_read ST-1 -> ok, 32 octets`."""
    say(f"  {asked_in_words(request)}{_span(request)} -> {_answer(response)}")


def tell_octets(request: Record, response: Decoded | None) -> None:
    """The same, and the octets of both services under it."""
    tell_services(request, response)
    # Of what is shown, only Logon differs between the protocols.
    network = "idle_timeout" in (request.parameters or {})
    say(f"    > {_octets(encode_request(request, c1222=network), _is_secret(request))}")
    if response is not None:
        say(f"    < {_octets(response.octets, _is_secret(request))}")


def _span(request: Record) -> str:
    parameters = request.parameters
    if service_name(request.code) != "offset_read":
        return ""
    return f" @{parameters['offset']}+{parameters['octet_count']}"


def _answer(response: Decoded | None) -> str:
    if response is None:
        return "no answer"
    name = response_name(response.code)
    if response.code != OK or not response.data or "blocks" not in response.data:
        return name
    return f"{name}, {len(joined(response.data.blocks))} octets"


def _is_secret(request: Record) -> bool:
    table = table_asked(request)
    if service_name(request.code) in SECRET:
        return True
    if table == PROCEDURES:
        # What was written to it may be the procedure Log In, and a password.
        blocks = request.parameters.get("blocks")
        view = TableView(STANDARD.table(table), 0, joined(blocks or ()), is_whole=True)
        return not blocks or hides_table(view)
    return table is not None and is_secret(STANDARD.table(table))


def _octets(octets: bytes, secret: bool) -> str:
    if secret:
        return f"{octets[:1].hex()} (not shown)"
    return octets[:MOST].hex(" ") + (f" ... {len(octets) - MOST} more" if len(octets) > MOST else "")
