"""Which response answers which request of a message, where there are fewer responses than requests.

Responses come in the order of the requests. In a published example Security has none; a device that ran out of room, or
stopped at a refusal, sends fewer (docs/sources.md: CAP ITR ADP). A response is never given to a request that it may not
answer: that one counts as not answered, and can be asked again.
"""

from collections.abc import Sequence

from c1219_tables.schema.dialect import NOTHING
from c1222.errors import RemoteProtocolError
from c1222.psem.responses import OK
from c1222.psem.services import BY_CODE, BY_NAME

SECURITY = BY_NAME["security"].code


def match(codes: Sequence[int], responses: Sequence[bytes]) -> list[bytes | None]:
    """One response, or None, for each request.

    codes: of the requests. responses: octets of each, none of them empty.
    Raises RemoteProtocolError for more responses than requests.
    """
    if len(responses) > len(codes):
        raise RemoteProtocolError(f"{len(responses)} answers to {len(codes)} services")
    found: list[bytes | None] = [*responses]
    missing = len(codes) - len(responses)
    if missing and SECURITY in codes:
        at = codes.index(SECURITY)
        first = responses[at] if at < len(responses) else None
        if first is not None and first[0] == OK and (len(first) > 1 or _may_be_bare(codes[at + 1 :])):
            # Security has nothing to say behind its ok: this one answers the service after it. So does a bare ok where
            # only one service was asked for and has no more to say.
            found.insert(at, None)
            missing -= 1
        elif first is not None and first[0] != OK and len(codes) > 2:
            # A refusal of Security, or of the service after it: nobody can tell, so nothing behind it is believed.
            return [*found[:at], first, *[None] * (len(codes) - at - 1)]
        elif first is not None and first[0] != OK:
            # One service asked for, one refusal: whoever it was meant for, the service is refused.
            found.insert(at, None)
            missing -= 1
    return found + [None] * missing


def _may_be_bare(codes: Sequence[int]) -> bool:
    """Whether these are one service, whose ok has nothing behind it."""
    return len(codes) == 1 and codes[0] in BY_CODE and BY_CODE[codes[0]].answer is NOTHING
