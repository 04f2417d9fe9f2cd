"""A meter, for programs that wait for it. `AsyncMeter` (aio.py) has the same names for asyncio."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import tzinfo
from threading import RLock
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from c1219_tables.changes import EditableRecord, editable, edits
from c1219_tables.context import MeterTables
from c1219_tables.registry import STANDARD
from c1219_tables.schema.dialect import Record
from c1219_tables.schema.layout import Decoded
from c1219_tables.table import DecodedTable
from c1222.errors import C12Error, TransportError
from c1222.psem.table_id import parse_table
from c1222.session.channels.channel import BaudChanged, Unasked
from c1222.session.client import Client, TableRead, Watch
from c1222.session.conversation import Conversation, Operation, Overhear
from c1222.session.operations.procedures import Parameters, PreparedProcedure, ProcedureDone, given_parameters, in_doubt
from c1222.session.operations.write_plan import WritePlan
from c1222.session.operations.writing import (
    BeforeSending,
    Values,
    WriteProgress,
    Written,
    breaking_off,
    carry_out,
    plan_edit,
    plan_write,
)
from c1222.transport.transport import Transport

if TYPE_CHECKING:
    # Loaded where they are asked for: a third of what a session loads, and many sessions read tables alone.
    from c1219_tables.readings.clocks.asked_times import Since, Until
    from c1219_tables.readings.logs import Log
    from c1219_tables.readings.profile import Profile
    from c1219_tables.readings.register_value import RegisterValue, Taken

Result = TypeVar("Result")
AtClose = Callable[[], None]
Progress = Callable[[int], None]
"""Hears how many octets of the present answer are there."""


def table_number(table: int | str) -> int:
    """Number of `23`, "23", "ST-23", "MT-17", "CLOCK_TBL". Raises ValueError, TypeError for what is neither."""
    if isinstance(table, int):
        return table
    if not isinstance(table, str):
        raise TypeError(f"a table is a number or a name, not {type(table).__name__}")
    named = next((known.number for known in STANDARD if known.name == table), None)
    return parse_table(table) if named is None else named


class Meter:
    """A meter at the other end of a transport; made by `c1222.connect`. One thread talks at a time, others wait.

        with c1222.connect("sim:") as meter:
            meter.read(1).ed_model
            meter.read("ST-23")

    client: what is known of the meter. progress: hears how much of an answer has come; None: nobody. at_close: called
    when the transport was closed. overhear: hears every request with its response.
    """

    def __init__(
        self, transport: Transport, client: Client, *, at_close: AtClose | None = None, overhear: Overhear | None = None
    ) -> None:
        self.client = client
        self.progress: Progress | None = None
        self._transport = transport
        self._conversation: Conversation[object] = Conversation(client.channel)
        self._conversation.overhear = overhear
        self._at_close = at_close
        self._lock = RLock()

    @property
    def label(self) -> str:
        """What a person calls its port or address."""
        return self._transport.label

    @property
    def tables(self) -> MeterTables:
        """The tables that were read, decoded."""
        return self.client.tables

    @property
    def unasked(self) -> list[Unasked]:
        """Notifications that came in between, since they were last looked at."""
        found = list(self._conversation.unasked)
        self._conversation.unasked.clear()
        return found

    def open(self) -> "Meter":
        """Begin the session.

        Raises ServiceError where the meter does not let this user in, LinkTimeout, SecurityError, TransportError.
        """
        self.run(self.client.open())
        return self

    def close(self) -> None:
        """End the session as the protocol wants it, and give the port back. A second time nothing happens."""
        try:
            self.run(self.client.close())
        except C12Error:
            pass  # the meter's time-out does what our farewell would have done
        finally:
            self._transport.close()
            if self._at_close is not None:
                self._at_close()

    def __enter__(self) -> "Meter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def identify(self) -> Decoded:
        """The answer to Identify."""
        return self.run(self.client.identify())

    def read(self, table: int | str) -> DecodedTable:
        """One table, decoded, as `Client.read`."""
        return self.run(self.client.read(table_number(table)))

    def read_octets(self, table: int | str, offset: int | None = None, count: int | None = None) -> bytes:
        """Octets of a table, as `Client.read_octets`."""
        return self.run(self.client.read_octets(table_number(table), offset, count))

    def read_index(self, table: int | str, *indices: int, count: int = 1) -> bytes:
        """Octets of elements by index, as `Client.read_index`."""
        return self.run(self.client.read_index(table_number(table), indices, count))

    def read_many(self, tables: Iterable[int | str], watch: Watch | None = None) -> list[TableRead]:
        """Several tables, as `Client.read_many`."""
        return self.run(self.client.read_many(map(table_number, tables), watch))

    def listed_tables(self) -> list[int]:
        """Tables that table 0 lists and that can be read, as `Client.listed_tables`."""
        return self.run(self.client.listed_tables())

    def registers(self, *taken: "Taken", tz: tzinfo | None = None) -> "list[RegisterValue]":
        """Values of registers in their units: of the snapshots that are named; without any, the current ones (table
        23). tz: where the meter is, a tzinfo, instead of what its tables 53 and 54 say.

        Raises as `read` where what is named, or table 23, is not to be had; what cannot be told is a note of a value.
        ValueError for what is no snapshot; TypeError, ValueError for a `tz` that cannot serve.
        """
        from c1222.session.operations.readings import read_registers

        return self.run(read_registers(self.client, taken, tz))

    def now(self, *, tz: tzinfo | None = None) -> "list[RegisterValue]":
        """The values of the moment, of table 28. Raises as `registers`."""
        from c1222.session.operations.readings import read_now

        return self.run(read_now(self.client, tz))

    def profile(
        self, set: int = 1, *, since: "Since" = None, until: "Until" = None, tz: tzinfo | None = None
    ) -> "Profile":
        """Interval data of set 1, 2, 3 or 4; with `since`, no more is read than that needs.

        since, until: what ended after, and began before; without a zone, as the meter's clock shows, a date is midnight
        there. A timedelta is so long before its clock now. Raises as c1219_tables.readings.profile.profile and `read`;
        TypeError, ValueError for times and a `tz` that cannot serve.
        """
        from c1222.session.operations.readings import read_profile

        return self.run(read_profile(self.client, set, since, until, tz))

    def events(self, *, tz: tzinfo | None = None) -> "Log":
        """The event log, table 76. Raises as `read`."""
        from c1222.session.operations.readings import read_events

        return self.run(read_events(self.client, tz))

    def history(self, *, tz: tzinfo | None = None) -> "Log":
        """The history log, table 74. Raises as `read`."""
        from c1222.session.operations.readings import read_history

        return self.run(read_history(self.client, tz))

    def prepare_procedure(self, number_or_name: int | str, parameters: Parameters = None) -> PreparedProcedure:
        """A procedure ready to be started, as `Client.prepare_procedure`: nothing is written yet."""
        return self.run(self.client.prepare_procedure(number_or_name, parameters))

    def run_prepared(self, prepared: PreparedProcedure) -> ProcedureDone:
        """Start a procedure, as `Client.run_prepared`. Raises TransportError, which says what is not known then."""
        try:
            return self.run(self.client.run_prepared(prepared))
        except TransportError as exc:
            raise in_doubt(prepared, exc) from exc

    def procedure(self, number_or_name: int | str, octets: bytes | None = None, /, **parameters: Any) -> ProcedureDone:
        """Carry out a procedure, once: `procedure("start-load-profile")`, `procedure(4, list=1)`.

        number_or_name, and parameters by name, as `Client.prepare_procedure` takes them; octets instead of them go out
        as they are. Raises as it and `Client.run_prepared`.
        """
        return self.run_prepared(self.prepare_procedure(number_or_name, given_parameters(octets, parameters)))

    def plan_write(
        self, table: int | str, values: Values, *, offset: int | None = None, ignore: Sequence[str] = ()
    ) -> WritePlan:
        """What a write would send, as `writing.plan_write`; nothing is written."""
        return self.run(plan_write(self.client, table_number(table), values, offset=offset, ignore=ignore))

    def carry_out(
        self,
        plan: WritePlan,
        *,
        look_again: bool = False,
        before_sending: BeforeSending | None = None,
        progress: WriteProgress | None = None,
    ) -> Written:
        """Write as planned, read back, compare, as `writing.carry_out`. progress: where to see how far it came."""
        far = progress or WriteProgress()
        with breaking_off(far):
            return self.run(carry_out(self.client, plan, far, look_again=look_again, before_sending=before_sending))

    def write(
        self,
        table: int | str,
        values: Values,
        *,
        offset: int | None = None,
        ignore: Sequence[str] = (),
        before_sending: BeforeSending | None = None,
    ) -> Written:
        """Give fields of a table new values, or the table new octets; read back and compared.

            meter.write(6, {"owner_name": "ACME"})

        before_sending: hears the plan before the first octet goes, to keep what is there. Others, and what is raised:
        `writing.plan_write` and `writing.carry_out`.
        """
        with self._lock:
            plan = self.plan_write(table, values, offset=offset, ignore=ignore)
            return self.carry_out(plan, before_sending=before_sending)

    @contextmanager
    def edit(
        self, table: int | str, *, ignore: Sequence[str] = (), before_sending: BeforeSending | None = None
    ) -> Iterator[EditableRecord]:
        """A table to be changed in place; what was changed is written on leaving, nothing after an exception.

        with meter.edit(6) as table:
            table.owner_name = "ACME"
        """
        before = self.read(table)
        edited = editable(before)
        yield edited
        if changes := edits(before, edited):
            plan = self.run(plan_edit(self.client, before, changes, ignore=ignore))
            self.carry_out(plan, look_again=True, before_sending=before_sending)

    def wait(self, seconds: int) -> None:
        """Keep the session while nothing is said for so long."""
        self.run(self.client.wait(seconds))

    def ask(self, asked: Record) -> Decoded:
        """The answer to any request (`c1222.psem.requests.request`), a refusal too."""
        return self.run(self.client.ask(asked))

    def tell(self, *told: Record) -> None:
        """Send requests that want no answer, as `Client.tell`."""
        self.run(self.client.tell(*told))

    def run(self, operation: Operation[Result]) -> Result:
        """Carry out an operation. When it is interrupted, the session stays usable."""
        with self._lock:
            conversation, transport = self._conversation, self._transport
            conversation.start(operation, transport.clock())
            try:
                while not conversation.finished:
                    self._move()
                self._send()
            except BaseException:
                conversation.stop(transport.clock())
                raise
            return conversation.result()  # type: ignore[return-value]

    def _move(self) -> None:
        """Send what is to be sent, then wait for octets or for the deadline."""
        conversation, transport = self._conversation, self._transport
        self._send()
        if conversation.finished:
            return
        deadline = conversation.deadline
        assert deadline is not None, "an operation waits for something that cannot come"
        octets = transport.read(max(0.0, deadline - transport.clock()))
        if octets:
            conversation.receive_data(octets, transport.clock())
            if self.progress is not None:
                self.progress(conversation.channel.incoming)
        else:
            conversation.handle_timeout(transport.clock())

    def _send(self) -> None:
        while (out := self._conversation.next_output()) is not None:
            if isinstance(out, BaudChanged):
                self._transport.set_baud(out.baud)
            else:
                self._transport.write(out)
