"""Writing a table, as operations: looked at before, written in the smallest way, read back and compared.

plan = yield from plan_write(client, 6, {"owner_name": "ACME"})     # nothing is written yet
written = yield from carry_out(client, plan, progress)

Nothing is sent before all of it is known to fit. What is in doubt afterwards is said: see `WriteProgress.doubt`.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from c1219_tables.changes import FieldChange, changed, difference, is_named, octets_of, replaced
from c1219_tables.changes.paths import all_paths, is_within
from c1219_tables.errors import LayoutError
from c1219_tables.table import PENDING, DecodedTable, table_label
from c1222.errors import (
    C12Error,
    LinkTimeout,
    LocalProtocolError,
    RemoteProtocolError,
    SecurityError,
    ServiceError,
    TransportError,
    VerifyError,
)
from c1222.psem.responses import OK
from c1222.session.channels.network import APDU_AROUND
from c1222.session.conversation import Operation
from c1222.session.operations.asking import ask
from c1222.session.operations.refusals import refusal, who_may
from c1222.session.operations.verdict import changed_all_the_same, meanwhile, partly, unreadable, verify
from c1222.session.operations.write_plan import (
    AROUND_PART,
    PlannedWrite,
    WritePlan,
    make_plan,
    must_be_a_plain_table,
    must_be_writable,
    split,
)

if TYPE_CHECKING:
    from c1222.session.client import Client

Values = Mapping[str, Any] | bytes
"""New values by path, or octets."""
BeforeSending = Callable[[WritePlan], None]
"""Called when everything is checked and the first octet is about to go; what it raises stops the write."""

NO_SUCH_SERVICE = ("sns", "onp")
"""Refusals of an offset write that may mean that the meter has none."""
TOO_LARGE = "rqtl"
GENERAL_CONFIGURATION = 0
ACCESS_CONTROL = 44


@dataclass(slots=True)
class WriteProgress:
    """How far a write has come: what is known of the meter if it breaks off now.

    stage: "nothing sent", or refused and the table read back as it was; "sent": a write is out and not answered;
    "refused", "accepted": answered so and not yet compared; "done". accepted: writes that were answered with ok; a
    table may take several. refused: what the meter said no to, in words.
    """

    table: int = 0
    stage: Literal["nothing sent", "sent", "refused", "accepted", "done"] = "nothing sent"
    accepted: int = 0
    refused: str = ""

    @property
    def is_in_doubt(self) -> bool:
        return self.stage in ("sent", "refused", "accepted")

    @property
    def doubt(self) -> str:
        """What cannot be told, in a sentence; "" where nothing is in doubt."""
        label = table_label(self.table)
        if self.stage == "sent":
            said = f"a write of {label} was sent and not answered: it is not known whether the meter took it"
            return f"{said}; {self.accepted} before it were accepted" if self.accepted else said
        if self.stage == "refused":
            return f"{self.refused}; whether {label} changed is not known: not read back"
        if self.stage == "accepted":
            return f"the meter said ok to a write of {label}, but it is not known whether it kept it: not read back"
        return ""


@dataclass(frozen=True, slots=True)
class Written:
    """A write that was read back and is as planned. before, after: the table; differences: the fields that changed."""

    plan: WritePlan
    before: DecodedTable
    after: DecodedTable
    differences: tuple[FieldChange, ...]


def plan_write(
    client: "Client", number: int, values: Values, *, offset: int | None = None, ignore: Sequence[str] = ()
) -> Operation[WritePlan]:
    """What a write would send; reads, and writes nothing.

    values: as `c1219_tables.changes.changed` takes them; or octets, of the whole table or from `offset` on.
    ignore: fields that the meter changes by itself, by path, with or without indices, or by their last name.

    Raises LocalProtocolError for a table that table 0 does not let be written, and for an ignored field that there is
    not; TableError for what does not fit; what `Client.read` raises.
    """
    yield from _allowed(client, number)
    before = yield from client.read(number)
    return _planned(client, before, values, offset, ignore)


def plan_edit(
    client: "Client", before: DecodedTable, changes: Mapping[str, Any], *, ignore: Sequence[str] = ()
) -> Operation[WritePlan]:
    """The same for a table that was read before: carry it out with `look_again`."""
    yield from _allowed(client, before.table.number)
    return _planned(client, before, changes, None, ignore)


def _allowed(client: "Client", number: int) -> Operation[None]:
    must_be_a_plain_table(number)
    if GENERAL_CONFIGURATION not in client.tables:
        yield from client.read(GENERAL_CONFIGURATION)
    must_be_writable(number, client.tables[GENERAL_CONFIGURATION])


def _planned(
    client: "Client", before: DecodedTable, values: Values, offset: int | None, ignore: Sequence[str]
) -> WritePlan:
    for name in ignore:
        if not any(is_named(path, [name]) for path in all_paths(before)):
            raise LocalProtocolError(f"{before.table.label} has no field {name!r} that could be left out")
    if isinstance(values, Mapping):
        return make_plan(client.channel, before, changed(before, values), ignore)
    after = replaced(before, bytes(values), offset)
    if offset is None:
        after = _without(before, after, ignore)
    return make_plan(client.channel, before, after, ignore)


def _without(before: DecodedTable, after: DecodedTable, ignore: Sequence[str]) -> DecodedTable:
    """A whole new table with the present octets of the fields that are left out."""
    octets, old = bytearray(octets_of(after)), octets_of(before)
    if len(octets) != len(old):
        return after
    for change in difference(before, after):
        if is_named(change.path, ignore):
            end = change.offset + len(change.octets)
            octets[change.offset : end] = old[change.offset : end]
    return replaced(before, bytes(octets))


def carry_out(
    client: "Client",
    plan: WritePlan,
    progress: WriteProgress,
    *,
    look_again: bool = False,
    before_sending: BeforeSending | None = None,
) -> Operation[Written]:
    """Write as planned, read the whole table back and compare.

    look_again: time has passed since it was planned, so the table is read again before it is written. What changed
    meanwhile is kept; where it is a field that is to be written, nothing is written.

    Raises VerifyError where the table is not as planned, and where the meter refused and changed it all the same;
    ServiceError where it refused and the table, read back, is as it was; whatever ends a session, see `breaking_off`.
    """
    progress.table, progress.stage, progress.accepted = plan.table, "nothing sent", 0
    progress.refused = ""
    if look_again:
        plan = yield from _looked_at_again(client, plan)
    if not plan.writes:
        return Written(plan, plan.before, plan.before, ())
    if before_sending is not None:
        before_sending(plan)
    yield from _send(client, plan, progress)
    found = yield from _read_back(client, plan)
    verify(plan, found)
    progress.stage = "done"
    return Written(plan, plan.before, found, tuple(difference(plan.before, found)))


def _looked_at_again(client: "Client", plan: WritePlan) -> Operation[WritePlan]:
    fresh = yield from client.read(plan.table)
    if octets_of(fresh) == octets_of(plan.before):
        return plan
    moved = difference(plan.before, fresh)
    paths = [change.path for change in plan.differences]
    clashes = [each for each in moved if any(is_within(each.path, p) or is_within(p, each.path) for p in paths)]
    if clashes or len({len(octets_of(each)) for each in (plan.before, plan.after, fresh)}) > 1:
        raise meanwhile(plan, clashes or moved)
    octets = bytearray(octets_of(fresh))
    for change in plan.differences:
        octets[change.offset : change.offset + len(change.octets)] = change.octets
    return make_plan(client.channel, fresh, replaced(fresh, bytes(octets)), plan.ignore)


def _send(client: "Client", plan: WritePlan, progress: WriteProgress) -> Operation[None]:
    """Send the writes, in other forms where the meter wants them so. Raises ServiceError, VerifyError."""
    waiting = deque(plan.writes)
    first: ServiceError | None = None
    while waiting:
        write = waiting[0]
        progress.stage = "sent"
        answer = yield from ask(write.request(), client.patience)
        if answer.code == OK:
            waiting.popleft()
            progress.accepted += 1
            continue
        refused = refusal(write.request(), answer.code)
        progress.stage, progress.refused = "refused", str(refused)
        if refused.code == TOO_LARGE and write.offset is not None and len(write.octets) > 1:
            waiting.popleft()
            waiting.extendleft(reversed(split(write, _room(write, answer.data), plan.before)))
        elif progress.accepted:
            progress.stage = "accepted"
            raise partly(plan, (yield from _read_back(client, plan)), progress.accepted, str(refused)) from refused
        elif first is None and refused.code in NO_SUCH_SERVICE and plan.instead and write.offset is not None:
            first, waiting = refused, deque([plan.instead])
        else:
            yield from _as_it_was(client, plan, refused)
            progress.stage = "nothing sent"
            raise (yield from _explained(client, first or refused, refused)) from None
    progress.stage = "accepted"


def _as_it_was(client: "Client", plan: WritePlan, refused: ServiceError) -> Operation[None]:
    """See whether a refused write changed the table: a meter may say no when it has already begun.

    Raises VerifyError where it did, ServiceError where the meter does not let it be read now.
    """
    try:
        found = yield from _read_back(client, plan)
    except ServiceError as exc:
        # What the meter said to the write is what counts; `breaking_off` puts it in front.
        raise ServiceError(str(exc), code=refused.code, service=refused.service, table=refused.table) from exc
    if octets_of(found) != octets_of(plan.before):
        raise changed_all_the_same(plan, found, str(refused)) from refused


def _room(write: PlannedWrite, data: Any) -> int:
    """Table octets of a smaller write: what the refusal says, or half of what was tried."""
    said = data.get("maximum") if isinstance(data, Mapping) else None
    half = max(1, len(write.octets) // 2)
    fits = said - APDU_AROUND - AROUND_PART if isinstance(said, int) else 0
    return fits if 0 < fits < len(write.octets) else half


def _read_back(client: "Client", plan: WritePlan) -> Operation[DecodedTable]:
    try:
        return (yield from client.read(plan.table))
    except LayoutError as exc:
        octets = yield from client.read_octets(plan.table)
        raise unreadable(plan, octets, str(exc)) from exc


def _explained(client: "Client", refused: ServiceError, last: ServiceError) -> Operation[ServiceError]:
    """A refusal of a write that changed nothing, with the meter's own rules, where it shows them."""
    hint, number = refused.hint, refused.table
    if last is not refused:
        hint = f"{hint}; a full write was refused with {last.code}".removeprefix("; ")
    if refused.code == "isc" and number is not None and number < PENDING:
        try:
            if ACCESS_CONTROL in client.tables[GENERAL_CONFIGURATION]["std_tbls_used"]:
                rules = yield from client.read(ACCESS_CONTROL)
                hint = "; ".join(filter(None, (who_may(number, rules, write=True), hint)))
        except C12Error:
            pass  # what the meter said first counts
    hint = "; ".join(filter(None, (hint, "and the table is as it was")))
    return ServiceError(refused.problem, code=refused.code, service=refused.service, table=number, hint=hint)


@contextmanager
def breaking_off(progress: WriteProgress) -> Iterator[None]:
    """What breaks off a write is raised as an error of its kind that says what is not known of the meter."""
    try:
        yield
    except (VerifyError, LocalProtocolError):
        raise  # they say what is there, or that nothing was sent
    except C12Error as exc:
        if not progress.is_in_doubt:
            raise
        words = f"{progress.doubt}; {exc}"
        if isinstance(exc, SecurityError):
            raise SecurityError(words, reason=exc.reason) from exc
        if isinstance(exc, ServiceError):
            raise ServiceError(words, code=exc.code, service=exc.service, table=exc.table) from exc
        # An answer that cannot be read is the meter's fault, like one that does not come.
        kinds = (LinkTimeout, TransportError)
        kind = next((kind for kind in kinds if isinstance(exc, kind)), RemoteProtocolError)
        raise kind(words) from exc
