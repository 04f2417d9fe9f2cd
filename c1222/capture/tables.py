"""Tables inside captured exchanges: what a meter answered, decoded with what it answered before.

Each meter, known by its title or its address, keeps the tables that others need (formats and dimensions). The capture
is read forward and once: a table that comes before its dimensions stays octets and says what it needs.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Any

from c1219_tables.context import MeterTables
from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.registry import STANDARD, Registry
from c1219_tables.table import DecodedTable
from c1222.capture.message import Message
from c1222.capture.pairing import services_answered
from c1222.capture.table_view import TableView
from c1222.psem.blocks import joined
from c1222.psem.responses import OK

KEPT = frozenset({0, 1, 11, 21, 31, 41, 51, 61, 62, 71, 91})
"""Tables that others need, and table 1, which names the maker."""

_IDENTIFICATION = 1
_FULL_READ, _OFFSET_READ, _FULL_WRITE, _OFFSET_WRITE = 0x30, 0x3F, 0x40, 0x4F


class CapturedTables:
    """The meters of a capture and the tables that are known of each.

    known: octets of tables that hold for every meter that has not shown its own. registry: where declarations come
    from. limit, octets: meters that are remembered, and octets of their tables; those silent longest are forgotten.
    Raises MissingTableError and TableError for `known` that do not fit.
    """

    def __init__(
        self,
        known: Mapping[int, bytes] | None = None,
        registry: Registry = STANDARD,
        *,
        limit: int = 4096,
        octets: int = 1 << 20,
    ) -> None:
        self._limit = limit
        self._most_octets = octets
        self._octets = 0
        self._registry = registry
        self._meters: OrderedDict[Hashable, MeterTables] = OrderedDict()
        self._known = MeterTables(registry)
        self._known.add_all(known or {}, tolerant=True)

    def look_at_request(self, message: Message) -> None:
        """Decode what a request writes."""
        for service in message.services:
            value = service.value
            if value is not None and value["code"] in (_FULL_WRITE, _OFFSET_WRITE):
                parameters = value["parameters"]
                service.table = self._view(_receiver(message), parameters, joined(parameters["blocks"]), keep=False)

    def look_at_answer(self, request: Message | None, response: Message) -> None:
        """Decode what a response brings, and keep what others need."""
        if request is None:
            return
        for service, asked in zip(response.services, services_answered(request, response), strict=True):
            if asked is None or asked.value is None or asked.value["code"] not in (_FULL_READ, _OFFSET_READ):
                continue
            value = service.value
            if value is not None and value["code"] == OK:
                octets = joined(value["data"]["blocks"])
                # Octets that a wrong checksum makes doubtful must not decide how others are read.
                service.table = self._view(_sender(response), asked.value["parameters"], octets, keep=not value.remarks)

    def _view(self, meter: Hashable, parameters: Mapping[str, Any], octets: bytes, *, keep: bool) -> TableView:
        known = self._meters.get(meter) or self._known
        table = known.registry.table(parameters["table"])
        offset = parameters.get("offset")
        view = TableView(table, offset or 0, octets, is_whole=offset is None)
        tables = {**self._known.params(), **known.params()}
        try:
            if offset is None:
                view.decoded = table.decode(octets, tables, tolerant=True)
                view.assumed = view.decoded.assumed
            else:
                view.touched, view.assumed = table.part(offset, octets, tables)
        except MissingTableError as exc:
            view.needs = exc.needed
        except TableError as exc:
            view.problem = str(exc)
        if keep and view.decoded is not None and table.number in KEPT:
            self._keep(meter, view.decoded)
        return view

    def _keep(self, meter: Hashable, decoded: DecodedTable) -> None:
        known = self._meters.setdefault(meter, MeterTables(self._registry))
        self._meters.move_to_end(meter)
        before = known.get(decoded.table.number)
        self._octets += len(decoded.octets) - (len(before.octets) if before is not None else 0)
        known.keep(decoded)
        if decoded.table.number == _IDENTIFICATION:
            known.registry = self._registry.for_meter(_text(decoded["manufacturer"]), _text(decoded["ed_model"]))
        while len(self._meters) > self._limit or (self._octets > self._most_octets and len(self._meters) > 1):
            forgotten = self._meters.popitem(last=False)[1]
            self._octets -= sum(len(table.octets) for table in forgotten.values())


def _sender(message: Message) -> Hashable:
    """The node that sent a message: its name, or its address where it has no title."""
    assert message.apdu is not None
    title, flow = message.apdu["calling_ap_title"], message.place.flow
    return title.absolute() if title is not None else flow and (flow.source, flow.source_port)


def _receiver(message: Message) -> Hashable:
    assert message.apdu is not None
    title, flow = message.apdu["called_ap_title"], message.place.flow
    return title.absolute() if title is not None else flow and (flow.destination, flow.destination_port)


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
