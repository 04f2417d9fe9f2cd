"""One question and its answer: asked again while the meter is busy, refusals turned into ServiceError."""

from c1219_tables.schema.dialect import Record
from c1219_tables.schema.layout import Decoded
from c1222.errors import RemoteProtocolError
from c1222.psem.responses import OK
from c1222.session.channels.channel import Ask, Pause
from c1222.session.conversation import Operation
from c1222.session.operations.refusals import asked_in_words, refusal
from c1222.session.settings import Patience

BUSY = 0x06
NOT_READY = 0x07


def ask(request: Record, patience: Patience) -> Operation[Decoded]:
    """The answer to one request, a refusal too. While the meter is busy (bsy) or not ready (dnr) it is asked again.

    Raises RemoteProtocolError where the meter answers the message and not this request; what the channel raises.
    """
    tried = 0
    while True:
        answers: list[Decoded | None] = yield Ask((request,))
        answer = answers[0]
        if answer is None:
            raise RemoteProtocolError(f"the meter's message has no answer to {asked_in_words(request)}")
        if answer.code not in (BUSY, NOT_READY) or tried == patience.busy_tries:
            return answer
        tried += 1
        yield Pause(patience.busy_pause)


def demand(request: Record, patience: Patience) -> Operation[Decoded]:
    """The same, where only ok will do. Raises ServiceError."""
    answer = yield from ask(request, patience)
    if answer.code != OK:
        raise refusal(request, answer.code)
    return answer
