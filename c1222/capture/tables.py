"""Tables inside captured exchanges: what a meter answered, decoded with what it answered before.

Each meter, known by its title or its address, keeps the tables that others need (formats and dimensions). The capture is
read forward and once: a table that comes before its dimensions stays octets and says what it needs.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from c1219_tables.context import MeterTables
from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.registry import STANDARD, Registry
from c1219_tables.schema.cursor import Span
from c1219_tables.schema.layout import value_at
from c1219_tables.table import DecodedTable, Table
from c1222.capture.message import Message, Service
from c1222.psem.blocks import joined

KEPT = frozenset({0, 1, 11, 21, 31, 41, 51, 61, 62, 71, 91})
"""Tables that others need, and table 1, which names the maker."""

_FULL_READ, _OFFSET_READ, _FULL_WRITE, _OFFSET_WRITE = 0x30, 0x3F, 0x40, 0x4F


@dataclass(frozen=True, slots=True)
class Touched:
    """An element that a partial read or write touches.

    span: its place in the table. octets: those of them that were there. value: decoded, None where a part is missing.
    """

    span: Span
    octets: bytes
    value: Any = None

    @property
    def is_whole(self) -> bool:
        return len(self.octets) == self.span.end - self.span.start


@dataclass(slots=True)
class TableView:
    """What a read or write says of a table.

    table: its declaration. offset: of the octets, 0 for a whole table. whole: whether all of the table is there.
    decoded: the whole table, where it could be decoded. touched: the elements of a partial one.
    needs: tables to know first. assumed: what was guessed about the meter, "" when nothing was. problem: why the octets
    do not fit the declaration, "" when they do.
    """

    table: Table
    offset: int
    whole: bool
    octets: bytes
    decoded: DecodedTable | None = None
    touched: list[Touched] = field(default_factory=list)
    needs: tuple[int, ...] = ()
    assumed: str = ""
    problem: str = ""


class CapturedTables:
    """The meters of a capture and the tables that are known of each, for at most `limit` meters.

    known: octets of tables that hold for every meter that has not shown its own. registry: where declarations come from.
    Raises MissingTableError and TableError for `known` that do not fit.
    """

    def __init__(
        self, known: Mapping[int, bytes] | None = None, registry: Registry = STANDARD, limit: int = 4096
    ) -> None:
        self._limit = limit
        self._registry = registry
        self._meters: OrderedDict[Hashable, MeterTables] = OrderedDict()
        self._known = MeterTables(registry)
        self._known.add_all(known or {}, tolerant=True)

    def look_at_request(self, message: Message) -> None:
        """Decode what a request writes."""
        for service in message.services:
            if service.value is not None and service.value.code in (_FULL_WRITE, _OFFSET_WRITE):
                parameters = service.value.parameters
                service.table = self._view(_receiver(message), parameters, joined(parameters.blocks), keep=False)

    def look_at_answer(self, request: Message | None, response: Message) -> None:
        """Decode what a response brings, and keep what others need."""
        if request is None:
            return
        asked = [service for service in request.services if service.value is not None]
        skipped = len(request.services) - len(response.services)
        for index, service in enumerate(response.services):
            if service.value is None or service.value.code or service.request not in (_FULL_READ, _OFFSET_READ):
                continue
            parameters = _asked(request.services, asked, index, skipped, service)
            if parameters is not None and service.value.data:
                octets = joined(service.value.data.blocks)
                service.table = self._view(_sender(response), parameters, octets, keep=True)

    def _view(self, meter: Hashable, parameters: Mapping[str, Any], octets: bytes, *, keep: bool) -> TableView:
        known = self._of(meter)
        number = parameters["table"]
        table = known.registry.table(number)
        offset = parameters.get("offset")
        if offset is None:
            return self._whole(known, meter, TableView(table, 0, True, octets), keep=keep)
        return _partial(known, TableView(table, offset, False, octets))

    def _whole(self, known: MeterTables, meter: Hashable, view: TableView, *, keep: bool) -> TableView:
        try:
            decoded = view.table.decode(view.octets, self._tables(known), tolerant=True)
        except MissingTableError as exc:
            view.needs = exc.needed
        except TableError as exc:
            view.problem = str(exc)
        else:
            view.decoded, view.assumed = decoded, decoded.assumed
            if keep and view.table.number in KEPT:
                known.keep(decoded)
                if view.table.number == 1:
                    known.registry = self._registry.for_meter(decoded.manufacturer, decoded.ed_model)
                self._meters[meter] = known
        return view

    def _tables(self, known: MeterTables) -> dict[str, DecodedTable]:
        return {**self._known.params(), **known.params()}

    def _of(self, meter: Hashable) -> MeterTables:
        known = self._meters.get(meter)
        if known is None:
            known = self._meters[meter] = MeterTables(self._registry)
            if len(self._meters) > self._limit:
                self._meters.popitem(last=False)
        else:
            self._meters.move_to_end(meter)
        return known
