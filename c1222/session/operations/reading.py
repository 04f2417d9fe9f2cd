"""The octets of a table: in one answer where they fit, otherwise piece by piece, without the caller's help."""

from dataclasses import dataclass

from c1219_tables.errors import TableError
from c1219_tables.schema.dialect import Record
from c1219_tables.schema.layout import Decoded
from c1219_tables.table import table_label
from c1222.errors import LinkTimeout, RemoteProtocolError, ServiceError
from c1222.psem.blocks import FURTHER_BLOCK, joined
from c1222.psem.requests import request
from c1222.psem.responses import OK
from c1222.session.channels.channel import Channel
from c1222.session.channels.network import APDU_AROUND
from c1222.session.conversation import Operation
from c1222.session.operations.asking import ask
from c1222.session.operations.refusals import refusal
from c1222.session.settings import Patience

AROUND = 4
"""Octets of an answer around the table's own: response code, count, checksum."""
UNKNOWN_ROOM = 1024
"""Octets asked for at a time where nothing says what fits and the whole does not."""
SMALLEST = 16
LARGEST_TABLE = 1 << 24
"""Octets that an offset of 24 bits reaches."""

SAY_SO = ("rstl", "sgnp", "rqtl")
"""Refusals that mean that the answer is too large."""
TOO_LARGE = (*SAY_SO, "onp", "err")
"""Refusals of a full read that may mean it."""
BEHIND_THE_END = ("onp", "iar", "err")
"""Refusals of an offset read that may mean that the table ends before it, or within what was asked for."""


@dataclass(slots=True)
class Room:
    """How many octets an answer may have, as far as it is known: negotiated, or learnt from a refusal.

    answer: octets of a response. is_known: whether the meter has said so; C12.22 negotiates nothing.
    """

    channel: Channel
    learnt: int | None = None

    @property
    def answer(self) -> int:
        ours = self.channel.largest_answer
        return ours if self.learnt is None else min(ours, self.learnt)

    @property
    def is_known(self) -> bool:
        return self.learnt is not None or not self.channel.c1222

    def takes(self, size: int) -> bool:
        """Whether a table of so many octets comes in one answer, as far as it is known."""
        return size + AROUND <= self.answer

    @property
    def piece(self) -> int:
        """Octets to ask for at a time."""
        room = self.answer - AROUND
        return max(SMALLEST, min(room if self.is_known else min(room, UNKNOWN_ROOM), FURTHER_BLOCK - 1))

    def learn(self, answer: Decoded) -> None:
        """Take a refusal's word for what fits; without one, try half of what was tried."""
        data = answer.data
        said = data.get("maximum") if isinstance(data, Record) else None
        learnt = said - APDU_AROUND if isinstance(said, int) and said > 2 * APDU_AROUND else self.piece // 2 + AROUND
        self.learnt = max(SMALLEST + AROUND, min(learnt, self.piece // 2 + AROUND) if self.learnt else learnt)


def read_whole(number: int, size: int | None, room: Room, patience: Patience) -> Operation[bytes]:
    """A whole table. size: octets that its dimensions ask for, None where they do not decide.

    Raises ServiceError; TableError where it does not end; RemoteProtocolError for answers that cannot be.
    """
    if size is not None and not room.takes(size):
        return (yield from read_span(number, 0, size, room, patience))
    asked = request("full_read", table=number)
    answer = yield from _checked(asked, patience)
    if answer.code == OK:
        octets = joined(answer.data.blocks)
        if size is None or len(octets) >= size:
            return octets
        return octets + (yield from _rest(number, len(octets), size, room, patience))
    refused = refusal(asked, answer.code)
    if refused.code not in TOO_LARGE or (refused.code == "err" and size is not None and room.is_known):
        raise refused
    if refused.code in SAY_SO:
        room.learn(answer)
    try:
        return (yield from read_span(number, 0, size, room, patience))
    except ServiceError:
        # It was not its size: the first refusal is the one that tells.
        raise refused from None


def read_span(number: int, offset: int, count: int | None, room: Room, patience: Patience) -> Operation[bytes]:
    """Octets of a table from an offset on, `count` of them, or all that there are.

    Fewer come where the table ends before. Raises as read_whole.
    """
    octets, most = bytearray(), FURTHER_BLOCK - 1
    while count is None or len(octets) < count:
        at = offset + len(octets)
        if at >= LARGEST_TABLE:
            problem = f"does not end within {LARGEST_TABLE} octets"
            raise TableError(problem, table=number, layout=table_label(number))
        wanted = min(room.piece, most, FURTHER_BLOCK if count is None else count - len(octets))
        answer, piece, refused = yield from _piece(number, at, wanted, patience)
        if refused is not None and refused.code in SAY_SO:
            if wanted <= SMALLEST:
                raise refused
            room.learn(answer)
            continue
        if refused is not None and (octets or refused.code != "iar"):
            piece, most = yield from _less(number, at, wanted, patience)
        if not piece and not octets and refused is not None:
            raise refused
        if not piece:
            break
        octets += piece
    return bytes(octets)


def _piece(
    number: int, offset: int, wanted: int, patience: Patience
) -> Operation[tuple[Decoded, bytes, ServiceError | None]]:
    """The answer to one offset read, its octets, and what it means where it is a refusal.

    Raises ServiceError for a refusal that has nothing to do with sizes, RemoteProtocolError for too many octets.
    """
    asked = request("offset_read", table=number, offset=offset, octet_count=wanted)
    answer = yield from _checked(asked, patience)
    if answer.code != OK:
        refused = refusal(asked, answer.code)
        if refused.code not in (*SAY_SO, *BEHIND_THE_END):
            raise refused
        return answer, b"", refused
    piece = joined(answer.data.blocks)
    if len(piece) > wanted:
        raise RemoteProtocolError(f"{table_label(number)}: {len(piece)} octets came where {wanted} were asked for")
    return answer, piece, None


def _less(number: int, offset: int, refused: int, patience: Patience) -> Operation[tuple[bytes, int]]:
    """Octets from an offset on where `refused` octets were too many, and how many were not.

    Some meters refuse what reaches beyond the end instead of answering with what is left. One octet tells whether
    anything is left; then the rest is halved again and again, so that the end is reached where that was the reason.
    """
    octets, step, most = bytearray(), 1, 1
    while refused > 1:
        _, piece, _ = yield from _piece(number, offset + len(octets), step, patience)
        octets += piece
        most = max(most, len(piece))
        refused = refused - len(piece) if piece else step
        step = refused // 2
    return bytes(octets), most


def read_index(number: int, indices: tuple[int, ...], count: int, patience: Patience) -> Operation[bytes]:
    """Elements of a table by index: `count` of them from the element that the indices lead to.

    indices: 1 to 9, 0 to 65535 each; what they count depends on the table. Raises as read_whole.
    """
    asked = request(f"index_read_{len(indices)}", table=number, indices=list(indices), element_count=count)
    answer = yield from _checked(asked, patience)
    if answer.code != OK:
        raise refusal(asked, answer.code)
    return joined(answer.data.blocks)


def _rest(number: int, offset: int, size: int, room: Room, patience: Patience) -> Operation[bytes]:
    """What a full read left out, if the meter has it: some cut their answers at what fits."""
    try:
        return (yield from read_span(number, offset, size - offset, room, patience))
    except LinkTimeout:
        raise
    except (ServiceError, RemoteProtocolError, TableError):
        return b""


def _checked(asked: Record, patience: Patience) -> Operation[Decoded]:
    """An answer whose table checksum is right. It is asked for again while it is not, and tries last."""
    for _ in range(patience.checksum_tries + 1):
        answer = yield from ask(asked, patience)
        if is_sound(answer):
            return answer
    wrong = next(remark for remark in answer.remarks if remark.code == "checksum-wrong")
    raise RemoteProtocolError(f"{table_label(asked['parameters']['table'])}: {wrong.text}, every time it was read")


def is_sound(answer: Decoded) -> bool:
    """Whether the checksums of the table data hold."""
    return not any(remark.code == "checksum-wrong" for remark in answer.remarks)
