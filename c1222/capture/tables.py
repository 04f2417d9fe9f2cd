"""Tables inside captured exchanges: what a meter answered, decoded with what it answered before.

Each meter, known by its title or its address, keeps the tables that others need (formats and dimensions). The capture
is read forward and once: a table that comes before its dimensions stays octets and says what it needs.

On a serial line nothing names the meter, and the next session may be with another. What earlier sessions showed holds
until table 1 differs from theirs.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from c1219_tables.context import MeterTables
from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.registry import STANDARD, MakerLayouts, Registry
from c1219_tables.table import DecodedTable
from c1222.capture.message import Message
from c1222.capture.pairing import Answered
from c1222.capture.remark import of_message
from c1222.capture.table_view import TableView, view_table
from c1222.psem.blocks import joined
from c1222.psem.responses import OK

KEPT = frozenset({0, 1, 11, 21, 31, 41, 51, 61, 62, 71, 91})
"""Tables that others need, and table 1, which names the maker."""

_IDENTIFICATION = 1
_IDENTIFY = 0x20
_FULL_READ, _OFFSET_READ, _FULL_WRITE, _OFFSET_WRITE = 0x30, 0x3F, 0x40, 0x4F


class CapturedTables:
    """The meters of a capture and the tables that are known of each.

    known: octets of tables that hold for every meter that has not shown its own; those that no other needs are not
    looked at. registry: where declarations come from; of its makers, each meter has those that its table 1 names.
    unidentified: the same for meters whose table 1 was not seen. limit, octets: meters that are remembered, and octets
    of their tables; those silent longest are forgotten.
    Raises MissingTableError and TableError for `known` that do not fit.
    """

    def __init__(
        self,
        known: Mapping[int, bytes] | None = None,
        registry: Registry = STANDARD,
        *,
        unidentified: Registry = STANDARD,
        limit: int = 4096,
        octets: int = 1 << 20,
    ) -> None:
        self._limit = limit
        self._most_octets = octets
        self._octets = 0
        self._registry = registry
        self._meters: OrderedDict[Hashable, MeterTables] = OrderedDict()
        self._fresh: dict[Hashable, set[int]] = {}  # what a meter on a serial line showed since the last Identify
        tables = [table for layouts in registry.makers for table in layouts.tables.values()]
        self._kept = KEPT.union(*(table.needs for table in tables))
        self._known = MeterTables(unidentified)
        self._known.add_all({n: octets for n, octets in (known or {}).items() if n in self._kept}, tolerant=True)
        if _IDENTIFICATION in self._known:
            self._known.registry = registry.for_table_1(self._known[_IDENTIFICATION])

    def look_at_request(self, message: Message) -> None:
        """Decode what a request writes, with what the meter showed by the time that its answer comes."""
        if message.link is not None and message.services[0].octets[0] == _IDENTIFY:
            meter = _receiver(message)
            if meter in self._meters:
                self._fresh[meter] = set()
        for index, service in enumerate(message.services):
            value = service.value
            if value is not None and value["code"] in (_FULL_WRITE, _OFFSET_WRITE):
                parameters = value["parameters"]
                service.table = self._view(_receiver(message), parameters, joined(parameters["blocks"]), keep=False)
                _tell_misfit(message, index, service.table)

    def look_at_answer(self, response: Message, answered: Answered) -> None:
        """Decode what a response brings, and keep what others need. answered: of pairing.pair_services."""
        for index, (service, asked) in enumerate(zip(response.services, answered.services, strict=True)):
            if asked is None or asked.value is None or asked.value["code"] not in (_FULL_READ, _OFFSET_READ):
                continue
            value = service.value
            if value is not None and value["code"] == OK:
                octets = joined(value["data"]["blocks"])
                # Octets that a wrong checksum makes doubtful must not decide how others are read.
                keep = not value.remarks and not answered.is_unsure
                service.table = self._view(_sender(response), asked.value["parameters"], octets, keep=keep)
                _tell_misfit(response, index, service.table)

    def _view(self, meter: Hashable, parameters: Mapping[str, Any], octets: bytes, *, keep: bool) -> TableView:
        known = self._meters.get(meter) or self._known
        table = known.registry.table(parameters["table"])
        tables = (
            known.params() if known is self._known or not self._known else {**self._known.params(), **known.params()}
        )
        view = view_table(table, parameters.get("offset"), octets, tables)
        makers = known.registry.makers
        if makers and _IDENTIFICATION not in known and _IDENTIFICATION not in self._known:
            view.assumed = "; ".join(part for part in (view.assumed, _taken(makers, table.number)) if part)
        if keep and table.number in self._kept:
            decoded = view.decoded or _all_of(view, tables)
            before = known.get(table.number)
            # The beginning of a table may fit its layout too, and must not take the place of all of it.
            if decoded is not None and (view.is_whole or before is None or len(before.octets) <= len(octets)):
                self._keep(meter, decoded)
        return view

    def _keep(self, meter: Hashable, decoded: DecodedTable) -> None:
        fresh = self._fresh.get(meter)
        if fresh is not None:
            self._forget_another(meter, decoded, fresh)
            fresh.add(decoded.table.number)
        known = self._meters.setdefault(meter, MeterTables(self._known.registry))
        self._meters.move_to_end(meter)
        before = known.get(decoded.table.number)
        self._octets += len(decoded.octets) - (len(before.octets) if before is not None else 0)
        known.keep(decoded)
        if decoded.table.number == _IDENTIFICATION:
            known.registry = self._registry.for_table_1(decoded)
        while len(self._meters) > self._limit or (self._octets > self._most_octets and len(self._meters) > 1):
            number, forgotten = self._meters.popitem(last=False)
            self._fresh.pop(number, None)
            self._octets -= sum(len(table.octets) for table in forgotten.values())

    def _forget_another(self, meter: Hashable, decoded: DecodedTable, fresh: set[int]) -> None:
        """Forget what is not fresh, where table 1 says that another meter is on the line than before."""
        old = self._meters.get(meter)
        before = None if old is None else old.get(_IDENTIFICATION)
        if decoded.table.number != _IDENTIFICATION or old is None or before is None:
            return
        if before.octets + before.trailing == decoded.octets + decoded.trailing:
            return
        self._octets -= sum(len(table.octets) for table in old.values())
        self._meters[meter] = MeterTables(self._known.registry)
        for number in fresh - {_IDENTIFICATION}:
            if (table := old.get(number)) is not None:
                self._meters[meter].keep(table)
                self._octets += len(table.octets)


def _all_of(view: TableView, tables: Mapping[str, Any]) -> DecodedTable | None:
    """The table where a part from its first octet on is exactly all of it."""
    if view.is_whole or view.offset != 0 or not view.octets:
        return None
    try:
        decoded = view.table.decode(view.octets, tables)
    except (MissingTableError, TableError):
        return None
    # What was guessed from the length of a table cannot be guessed from a part.
    return None if decoded.assumed else decoded


def _taken(makers: Iterable[MakerLayouts], number: int) -> str:
    """Why a maker's layout was taken for a meter that has not said who made it; "" where none was."""
    origins = (layouts.origin for layouts in makers if number in layouts.tables)
    origin = next(origins, None)
    return "" if origin is None else f"ST-1 was not read: the layout is that of {origin or 'a maker'}"


def _tell_misfit(message: Message, index: int, view: TableView) -> None:
    """A remark where octets do not fit the declaration of their table."""
    if view.problem:
        message.remarks.append(of_message("table-misfit", view.problem, field=f"services[{index}]"))
    elif view.decoded is not None and view.decoded.trailing:
        text = f"{view.table.label}: {len(view.decoded.trailing)} octets more than its layout has"
        message.remarks.append(of_message("table-size", text, field=f"services[{index}]"))


def _sender(message: Message) -> Hashable:
    """The node that sent a message: its name, or its address where it has no title; on a serial line the device."""
    if message.link is not None:
        return message.link.line, message.link.identity
    assert message.apdu is not None
    title, flow = message.apdu["calling_ap_title"], message.place.flow
    return title.absolute() if title is not None else flow and (flow.source, flow.source_port)


def _receiver(message: Message) -> Hashable:
    if message.link is not None:
        return message.link.line, message.link.identity
    assert message.apdu is not None
    title, flow = message.apdu["called_ap_title"], message.place.flow
    return title.absolute() if title is not None else flow and (flow.destination, flow.destination_port)
