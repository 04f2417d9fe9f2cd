"""A meter, for programs on asyncio: the names of `Meter` (meter.py), to be awaited."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import tzinfo
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from c1219_tables.changes import EditableRecord, editable, edits
from c1219_tables.context import MeterTables
from c1219_tables.schema.dialect import Record
from c1219_tables.schema.layout import Decoded
from c1219_tables.table import DecodedTable
from c1222.errors import C12Error, TransportError
from c1222.session.channels.channel import BaudChanged, Unasked
from c1222.session.client import Client, TableRead, Watch
from c1222.session.conversation import Conversation, Operation, Overhear
from c1222.session.faces.meter import AtClose, Progress, table_number
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
from c1222.transport.transport import AsyncTransport

if TYPE_CHECKING:
    # Loaded where they are asked for: a third of what a session loads, and many sessions read tables alone.
    from c1219_tables.readings.clocks.asked_times import Since, Until
    from c1219_tables.readings.logs import Log
    from c1219_tables.readings.profile import Profile
    from c1219_tables.readings.register_value import RegisterValue, Taken

Result = TypeVar("Result")


class AsyncMeter:
    """A meter at the other end of a transport; made by `c1222.connect_async`. One task talks at a time, others wait.

    async with await c1222.connect_async("tcp://192.0.2.7") as meter:
        table = await meter.read(1)
    """

    def __init__(
        self,
        transport: AsyncTransport,
        client: Client,
        *,
        at_close: AtClose | None = None,
        overhear: Overhear | None = None,
    ) -> None:
        self.client = client
        self.progress: Progress | None = None
        self._transport = transport
        self._conversation: Conversation[object] = Conversation(client.channel)
        self._conversation.overhear = overhear
        self._at_close = at_close
        self._lock = asyncio.Lock()

    @property
    def label(self) -> str:
        return self._transport.label

    @property
    def tables(self) -> MeterTables:
        return self.client.tables

    @property
    def unasked(self) -> list[Unasked]:
        found = list(self._conversation.unasked)
        self._conversation.unasked.clear()
        return found

    async def open(self) -> "AsyncMeter":
        await self.run(self.client.open())
        return self

    async def close(self) -> None:
        try:
            await self.run(self.client.close())
        except C12Error:
            pass  # the meter's time-out does what our farewell would have done
        finally:
            await self._transport.close()
            if self._at_close is not None:
                self._at_close()

    async def __aenter__(self) -> "AsyncMeter":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def identify(self) -> Decoded:
        return await self.run(self.client.identify())

    async def read(self, table: int | str) -> DecodedTable:
        return await self.run(self.client.read(table_number(table)))

    async def read_octets(self, table: int | str, offset: int | None = None, count: int | None = None) -> bytes:
        return await self.run(self.client.read_octets(table_number(table), offset, count))

    async def read_index(self, table: int | str, *indices: int, count: int = 1) -> bytes:
        return await self.run(self.client.read_index(table_number(table), indices, count))

    async def read_many(self, tables: Iterable[int | str], watch: Watch | None = None) -> list[TableRead]:
        return await self.run(self.client.read_many(map(table_number, tables), watch))

    async def listed_tables(self) -> list[int]:
        return await self.run(self.client.listed_tables())

    async def registers(self, *taken: "Taken", tz: tzinfo | None = None) -> "list[RegisterValue]":
        from c1222.session.operations.readings import read_registers

        return await self.run(read_registers(self.client, taken, tz))

    async def now(self, *, tz: tzinfo | None = None) -> "list[RegisterValue]":
        from c1222.session.operations.readings import read_now

        return await self.run(read_now(self.client, tz))

    async def profile(
        self, set: int = 1, *, since: "Since" = None, until: "Until" = None, tz: tzinfo | None = None
    ) -> "Profile":
        from c1222.session.operations.readings import read_profile

        return await self.run(read_profile(self.client, set, since, until, tz))

    async def events(self, *, tz: tzinfo | None = None) -> "Log":
        from c1222.session.operations.readings import read_events

        return await self.run(read_events(self.client, tz))

    async def history(self, *, tz: tzinfo | None = None) -> "Log":
        from c1222.session.operations.readings import read_history

        return await self.run(read_history(self.client, tz))

    async def prepare_procedure(self, number_or_name: int | str, parameters: Parameters = None) -> PreparedProcedure:
        return await self.run(self.client.prepare_procedure(number_or_name, parameters))

    async def run_prepared(self, prepared: PreparedProcedure) -> ProcedureDone:
        try:
            return await self.run(self.client.run_prepared(prepared))
        except TransportError as exc:
            raise in_doubt(prepared, exc) from exc

    async def procedure(
        self, number_or_name: int | str, octets: bytes | None = None, /, **parameters: Any
    ) -> ProcedureDone:
        return await self.run_prepared(
            await self.prepare_procedure(number_or_name, given_parameters(octets, parameters))
        )

    async def plan_write(
        self, table: int | str, values: Values, *, offset: int | None = None, ignore: Sequence[str] = ()
    ) -> WritePlan:
        return await self.run(plan_write(self.client, table_number(table), values, offset=offset, ignore=ignore))

    async def carry_out(
        self,
        plan: WritePlan,
        *,
        look_again: bool = False,
        before_sending: BeforeSending | None = None,
        progress: WriteProgress | None = None,
    ) -> Written:
        far = progress or WriteProgress()
        operation = carry_out(self.client, plan, far, look_again=look_again, before_sending=before_sending)
        with breaking_off(far):
            return await self.run(operation)

    async def write(
        self,
        table: int | str,
        values: Values,
        *,
        offset: int | None = None,
        ignore: Sequence[str] = (),
        before_sending: BeforeSending | None = None,
    ) -> Written:
        """Another task may talk between looking and writing, so the table is looked at once more."""
        plan = await self.plan_write(table, values, offset=offset, ignore=ignore)
        return await self.carry_out(plan, look_again=True, before_sending=before_sending)

    @asynccontextmanager
    async def edit(
        self, table: int | str, *, ignore: Sequence[str] = (), before_sending: BeforeSending | None = None
    ) -> AsyncIterator[EditableRecord]:
        before = await self.read(table)
        edited = editable(before)
        yield edited
        if changes := edits(before, edited):
            plan = await self.run(plan_edit(self.client, before, changes, ignore=ignore))
            await self.carry_out(plan, look_again=True, before_sending=before_sending)

    async def wait(self, seconds: int) -> None:
        await self.run(self.client.wait(seconds))

    async def ask(self, asked: Record) -> Decoded:
        return await self.run(self.client.ask(asked))

    async def tell(self, *told: Record) -> None:
        await self.run(self.client.tell(*told))

    async def run(self, operation: Operation[Result]) -> Result:
        """Carry out an operation. When the task is cancelled, the session stays usable."""
        async with self._lock:
            conversation, transport = self._conversation, self._transport
            conversation.start(operation, transport.clock())
            try:
                while not conversation.finished:
                    await self._move()
                await self._send()
            except BaseException:
                conversation.stop(transport.clock())
                raise
            return conversation.result()  # type: ignore[return-value]

    async def _move(self) -> None:
        conversation, transport = self._conversation, self._transport
        await self._send()
        if conversation.finished:
            return
        deadline = conversation.deadline
        assert deadline is not None, "an operation waits for something that cannot come"
        octets = await transport.read(max(0.0, deadline - transport.clock()))
        if octets:
            conversation.receive_data(octets, transport.clock())
            if self.progress is not None:
                self.progress(conversation.channel.incoming)
        else:
            conversation.handle_timeout(transport.clock())

    async def _send(self) -> None:
        while (out := self._conversation.next_output()) is not None:
            if isinstance(out, BaudChanged):
                await self._transport.set_baud(out.baud)
            else:
                await self._transport.write(out)
