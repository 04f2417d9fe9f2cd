"""What one asks of a meter, as operations: the same for both protocols, for the sync face and for asyncio.

A client keeps what it learnt of its meter: the identity, the tables that others need, what was refused and why.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from c1219_tables.context import MeterTables
from c1219_tables.errors import LayoutError, MissingTableError
from c1219_tables.procedure_names import find_procedure
from c1219_tables.registry import STANDARD, Registry
from c1219_tables.schema.dialect import Record
from c1219_tables.schema.layout import Decoded
from c1219_tables.table import MANUFACTURER, PENDING, DecodedTable, is_secret, table_label
from c1222.errors import C12Error, LinkTimeout, RemoteProtocolError, ServiceError
from c1222.psem.blocks import joined
from c1222.psem.requests import request
from c1222.psem.responses import OK
from c1222.session.channels.channel import Ask, Channel, Tell
from c1222.session.conversation import Operation
from c1222.session.operations.asking import ask, demand
from c1222.session.operations.logon import close_line, close_network, open_line, open_network
from c1222.session.operations.procedures import (
    SEQUENCE_NUMBERS,
    Parameters,
    PreparedProcedure,
    ProcedureDone,
    carry_out,
    prepare,
    sequence_numbers,
)
from c1222.session.operations.reading import Room, is_sound, read_index, read_span, read_whole
from c1222.session.operations.refusals import unlisted, who_may
from c1222.session.settings import Credentials, LineOptions, NetworkOptions, Patience

GENERAL_CONFIGURATION = 0
IDENTIFICATION = 1
PROCEDURE_INITIATE = 7
PASSING = ("bsy", "dnr", "dlk")
"""Refusals that may be over when the table is asked for again."""
ACCESS_CONTROL = 44
SMALL = 512
"""Octets of tables that are read several in one message. Larger ones get a message each."""


@dataclass(frozen=True, slots=True)
class TableRead:
    """What came of reading one table.

    octets: None where the meter refused it. table: decoded; None where its octets, or a table that it needs, do not
    allow it. error: why something is missing.
    """

    number: int
    octets: bytes | None = None
    table: DecodedTable | None = None
    error: C12Error | None = None

    @property
    def label(self) -> str:
        return table_label(self.number)


Watch = Callable[[TableRead], None]
Retold = Callable[[ServiceError], ServiceError]
"""What is to be said in place of a refusal."""


class Client:
    """The operations of one meter, over one channel.

    who: credentials. options: of the protocol that the channel speaks. registry: declarations, with makers' layouts
    among which table 1 chooses; dialect: what this make does differently (c1219_tables.table.DIALECT). retold: hears
    each refusal of a table first; for what only stands for a meter, such as a dump.
    """

    def __init__(
        self,
        channel: Channel,
        options: LineOptions | NetworkOptions,
        who: Credentials,
        *,
        patience: Patience | None = None,
        registry: Registry = STANDARD,
        dialect: Mapping[str, Any] | None = None,
        retold: Retold | None = None,
    ) -> None:
        self.channel = channel
        self.options = options
        self.who = who
        self.patience = patience or Patience()
        self.identity: Decoded | None = None
        self.tables = MeterTables(Registry() if registry.makers else registry, dialect)
        # From anywhere on: what an earlier session left in table 8 is not taken for an answer.
        self.sequence_numbers = sequence_numbers(1 + secrets.randbelow(SEQUENCE_NUMBERS))
        self._makers = registry
        self._retold = retold
        self._room = Room(channel)
        self._unread: dict[int, C12Error] = {}
        self._is_open = False

    @property
    def is_open(self) -> bool:
        return self._is_open

    # -- Session ------------------------------------------------------------------------------------------------------

    def open(self) -> Operation[None]:
        """Open a session, where the protocol or the user wants one. Raises ServiceError; what the channel raises."""
        # Open also when it fails half way: the meter is to be told that we go.
        if isinstance(self.options, LineOptions):
            self._is_open = True
            self.identity = yield from open_line(self.options, self.who, self.patience)
        elif self.options.session:
            self._is_open = True
            yield from open_network(self.options, self.who, self.patience)

    def close(self) -> Operation[None]:
        """Take leave of the meter, if a session is open and the meter can still be reached. Raises nothing."""
        is_open, self._is_open = self._is_open, False
        if not is_open or not self.channel.alive:
            return
        if isinstance(self.options, LineOptions):
            yield from close_line(self.options)
        else:
            yield from close_network()

    def ask(self, asked: Record) -> Operation[Decoded]:
        """The answer to any request, a refusal too."""
        return (yield from ask(asked, self.patience))

    def tell(self, *told: Record) -> Operation[None]:
        """Send requests in one message that wants no answer: what comes of them is not known. C12.22 only.

        Raises LocalProtocolError.
        """
        yield Tell(told)

    def wait(self, seconds: int) -> Operation[None]:
        """Keep the session while nothing is said for so many seconds, 0 to 255. Raises ServiceError."""
        yield from demand(request("wait", seconds=seconds), self.patience)

    def identify(self) -> Operation[Decoded]:
        """The answer to Identify; over C12.18 it was asked when the session began."""
        if self.identity is None:
            self.identity = yield from demand(request("identify"), self.patience)
        return self.identity

    # -- Tables -------------------------------------------------------------------------------------------------------

    def read(self, number: int) -> Operation[DecodedTable]:
        """One table, decoded; tables that it needs are read before, once.

        number: as services write it (2048 + n: manufacturer table n).
        Raises ServiceError, with a reason where the meter's own tables tell; MissingTableError and TableError where its
        octets cannot be decoded; what the channel raises.
        """
        octets = yield from self.read_octets(number)
        yield from self._read_needed(number)
        return self._decode(number, octets)

    def read_octets(self, number: int, offset: int | None = None, count: int | None = None) -> Operation[bytes]:
        """Octets of a table: all of them, or `count` from `offset` on (all from there on without a count).

        Fewer come where the table ends before. Raises as `read`.
        """
        try:
            if offset is None and count is None:
                size = yield from self._size(number)
                return (yield from read_whole(number, size, self._room, self.patience))
            return (yield from read_span(number, offset or 0, count, self._room, self.patience))
        except ServiceError as exc:
            raise (yield from self._explained(exc)) from None

    def read_index(self, number: int, indices: tuple[int, ...], count: int = 1) -> Operation[bytes]:
        """Octets of `count` elements from the one that the indices lead to. Raises as `read`."""
        try:
            return (yield from read_index(number, indices, count, self.patience))
        except ServiceError as exc:
            raise (yield from self._explained(exc)) from None

    def read_many(self, numbers: Iterable[int], watch: Watch | None = None) -> Operation[list[TableRead]]:
        """Several tables, in the order given; what goes wrong with one stands in its result and stops no other.

        watch: hears each result as it comes. Raises only what ends the session (LinkTimeout, SecurityError ...).
        """
        wanted = list(dict.fromkeys(numbers))
        results = []
        together = yield from self._read_together(wanted)
        for number in wanted:
            result = yield from self._read_one(number, together.get(number))
            results.append(result)
            if watch is not None:
                watch(result)
        return results

    def listed_tables(self) -> Operation[list[int]]:
        """Numbers of the tables that table 0 lists and that are there to be read: no secrets, and not table 7."""
        table_0 = yield from self._known(GENERAL_CONFIGURATION)
        if table_0 is None:
            raise self._unread[GENERAL_CONFIGURATION]
        listed = [*table_0["std_tbls_used"], *(MANUFACTURER + number for number in table_0["mfg_tbls_used"])]
        return [
            number
            for number in listed
            if number != PROCEDURE_INITIATE and not is_secret(self.tables.registry.table(number))
        ]

    # -- Procedures ---------------------------------------------------------------------------------------------------

    def prepare_procedure(self, name: int | str, parameters: Parameters = None) -> Operation[PreparedProcedure]:
        """A procedure that `run_prepared` starts; nothing but table 0 is asked for.

        name: its number (2048 + n: a maker's), "SP-10", "MP-5", or "set-date-time". parameters: by the names of its
        declaration; octets are sent as they are.
        Raises ValueError for a name that no procedure has, LocalProtocolError for a procedure that table 0 does not
        list, TableError for parameters that do not fit; where table 0 cannot be read, as `read`.
        """
        known = find_procedure(name)
        if (yield from self._known(GENERAL_CONFIGURATION)) is None:
            raise self._unread[GENERAL_CONFIGURATION]
        return prepare(known, parameters, self.tables.params(), next(self.sequence_numbers))

    def run_prepared(self, prepared: PreparedProcedure) -> Operation[ProcedureDone]:
        """Start it, once, and wait until it is completed. Raises as procedures.carry_out."""
        try:
            return (yield from carry_out(prepared, self.tables.params(), self.patience))
        except ServiceError as exc:
            raise (yield from self._explained(exc)) from exc.__cause__

    def _read_one(self, number: int, octets: bytes | None) -> Operation[TableRead]:
        try:
            if octets is None:
                octets = yield from self.read_octets(number)
            yield from self._read_needed(number)
        except C12Error as exc:
            if not self._goes_on_after(exc):
                raise
            return TableRead(number, octets, error=exc)
        try:
            return TableRead(number, octets, self._decode(number, octets))
        except LayoutError as exc:
            return TableRead(number, octets, error=exc)

    def _read_together(self, numbers: list[int]) -> Operation[dict[int, bytes]]:
        """Octets of those tables that are small and come several in a message, where the protocol has that.

        What is refused, missing, cut or not sound in such an answer is not believed: it is read again, by itself.
        """
        found: dict[int, bytes] = {}
        if self.channel.at_once == 1:
            return found
        small: dict[int, int] = {}
        for number in numbers:
            size = yield from self._size(number)
            if size is not None and size <= SMALL:
                small[number] = size
        for at in range(0, len(small), self.channel.at_once):
            group = list(small)[at : at + self.channel.at_once]
            if len(group) == 1:
                break
            answers = yield Ask(tuple(request("full_read", table=number) for number in group))
            for number, answer in zip(group, answers, strict=True):
                if answer is not None and answer.code == OK and is_sound(answer):
                    octets = joined(answer.data.blocks)
                    if len(octets) >= small[number]:
                        found[number] = octets
        return found

    def _size(self, number: int) -> Operation[int | None]:
        """Octets that a table should have, None where that cannot be known beforehand."""
        if number != GENERAL_CONFIGURATION:
            yield from self._read_needed(number)
        try:
            return self.tables.registry.table(number).size(None, self.tables.params(), dialect=self.tables.dialect)
        except LayoutError:
            return None

    def _decode(self, number: int, octets: bytes) -> DecodedTable:
        try:
            decoded = self.tables.add(number, octets, tolerant=True)
        except MissingTableError as exc:
            raise exc from next((self._unread[needed] for needed in exc.needed if needed in self._unread), None)
        if number == IDENTIFICATION:
            self.tables.registry = self._makers.for_table_1(decoded)
        return decoded

    def _read_needed(self, number: int) -> Operation[None]:
        """Read what a table needs and is not known yet; what the meter refuses stays unknown."""
        if self._makers.makers and number not in (GENERAL_CONFIGURATION, IDENTIFICATION):
            yield from self._known(IDENTIFICATION)
        for needed in self.tables.registry.reading_order([number]):
            if needed != number:
                yield from self._known(needed)

    def _known(self, number: int) -> Operation[DecodedTable | None]:
        """A table as it was read before, or now; None where the meter refuses it or it cannot be decoded."""
        if number in self.tables or number in self._unread:
            return self.tables.get(number)
        try:
            size = self.tables.registry.table(number).size(None, self.tables.params(), dialect=self.tables.dialect)
        except LayoutError:
            size = None
        try:
            octets = yield from read_whole(number, size, self._room, self.patience)
            return self._decode(number, octets)
        except C12Error as exc:
            if not self._goes_on_after(exc):
                raise
            if not (isinstance(exc, ServiceError) and exc.code in PASSING):
                self._unread[number] = self._as_retold(exc) if isinstance(exc, ServiceError) else exc
            return None

    def _goes_on_after(self, error: C12Error) -> bool:
        """Whether other tables can still be read: the meter said no, or the octets of one table are wrong."""
        if isinstance(error, RemoteProtocolError):
            return self.channel.alive and not isinstance(error, LinkTimeout)
        return isinstance(error, ServiceError | LayoutError)

    def _as_retold(self, refused: ServiceError) -> ServiceError:
        return refused if self._retold is None else self._retold(refused)

    def _explained(self, refused: ServiceError) -> Operation[ServiceError]:
        """A refusal, with the reason where the meter's own tables tell it."""
        refused = self._as_retold(refused)
        number = refused.table
        if number is None or number >= PENDING or number in (GENERAL_CONFIGURATION, ACCESS_CONTROL):
            return refused
        try:
            hint = yield from self._hint(number, refused)
        except C12Error:
            return refused  # what the meter said first counts; what is wrong now shows when it is asked again
        if not hint:
            return refused
        return ServiceError(refused.problem, code=refused.code, service=refused.service, table=number, hint=hint)

    def _hint(self, number: int, refused: ServiceError) -> Operation[str]:
        table_0 = yield from self._known(GENERAL_CONFIGURATION)
        if table_0 is None:
            return ""
        hint = unlisted(number, table_0)
        if not hint and refused.code == "isc" and ACCESS_CONTROL in table_0["std_tbls_used"]:
            yield from self._read_needed(ACCESS_CONTROL)
            rules = yield from self._known(ACCESS_CONTROL)
            hint = who_may(number, rules, write="write" in refused.service) if rules is not None else ""
            hint = f"{hint}; {refused.hint}" if hint else ""
        return hint
