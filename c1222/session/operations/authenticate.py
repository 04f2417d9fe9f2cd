"""Authenticate of C12.21: the meter gives a ticket when it is identified, and each side shows that it holds the key.

It goes where Security goes otherwise. DES protects nothing any more; who gives such a key asks for it expressly.
Sources: docs/sources.md, ADP CNX; no recording.
"""

from c1219_tables.schema.layout import Decoded
from c1222.errors import LocalProtocolError, SecurityError
from c1222.psem.requests import request
from c1222.security.ticket import answer_ticket, check_answer
from c1222.session.conversation import Operation
from c1222.session.operations.asking import demand
from c1222.session.settings import Patience, TicketKey

TICKET = 0x02
"""Feature of an answer to Identify that carries a ticket."""
DES = 0x00


def authenticate(identity: Decoded, key: TicketKey, patience: Patience) -> Operation[None]:
    """Prove that we hold the key, and have the meter prove it.

    identity: the answer to Identify of this session.
    Raises LocalProtocolError where the meter gave no ticket or one of another algorithm, ServiceError where it refuses,
    SecurityError where it does not hold the key.
    """
    feature = next((each.value for each in identity.data.features if each.code == TICKET), None)
    if feature is None:
        raise LocalProtocolError("this meter gives no ticket: it has no authentication with DES; leave the key out")
    if feature.auth_algorithm != DES:
        raise LocalProtocolError(f"this meter authenticates with algorithm {feature.auth_algorithm}, not with DES (0)")
    token = answer_ticket(key.octets, feature.ticket, allow_des=True)
    asked = request("authenticate", authentication={"key_id": key.key_id, "token": token})
    answer = yield from demand(asked, patience)
    given = answer.data.authentication
    if given.key_id != key.key_id:
        raise SecurityError(f"the meter answered with key {given.key_id}, not {key.key_id}", reason="no-key")
    check_answer(key.octets, token, given.token, allow_des=True, accept_empty=key.accept_empty)
