"""The services that read and write tables: whole, by offset, by index."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from c1219_tables.schema.dialect import Record
from c1222.meter.device.answers import Refused
from c1222.meter.device.guarded_tables import GuardedTables
from c1222.meter.device.index_places import elements_of, octets_of
from c1222.meter.device.procedure_tables import INITIATE
from c1222.meter.device.visitor import Visitor
from c1222.psem.blocks import blocks, checksum, joined

TableService = Callable[[GuardedTables, Visitor, Record, datetime], dict[str, Any]]
"""(tables, who asks, parameters of the request, true time) -> data of the ok answer. Raises Refused."""


def _full_read(tables: GuardedTables, visitor: Visitor, asked: Record, at: datetime) -> dict[str, Any]:
    return _data(tables.read(visitor, asked.table, at))


def _offset_read(tables: GuardedTables, visitor: Visitor, asked: Record, at: datetime) -> dict[str, Any]:
    """Fewer octets than asked for come at the end of a table; behind the end there is nothing to ask for."""
    octets = tables.read(visitor, asked.table, at)
    if asked.offset >= len(octets) or not asked.octet_count:
        raise Refused("onp")
    return _data(octets[asked.offset : asked.offset + asked.octet_count])


def _index_read(tables: GuardedTables, visitor: Visitor, asked: Record, at: datetime) -> dict[str, Any]:
    octets = tables.read(visitor, asked.table, at)
    return _data(octets[octets_of(elements_of(tables.image, asked.table, at), asked.indices[0], asked.element_count)])


def _full_write(tables: GuardedTables, visitor: Visitor, asked: Record, at: datetime) -> dict[str, Any]:
    tables.write(visitor, asked.table, _sent(asked), at)
    return {}


def _offset_write(tables: GuardedTables, visitor: Visitor, asked: Record, at: datetime) -> dict[str, Any]:
    if asked.table == INITIATE and not asked.offset:
        # Table 7 holds nothing that could be changed in part: from its beginning on, it is written whole.
        return _full_write(tables, visitor, asked, at)
    octets, sent = tables.now(visitor, asked.table, at), _sent(asked)
    if asked.offset + len(sent) > len(octets) or not sent:
        raise Refused("onp")
    tables.write(visitor, asked.table, _changed(octets, asked.offset, sent), at)
    return {}


def _index_write(tables: GuardedTables, visitor: Visitor, asked: Record, at: datetime) -> dict[str, Any]:
    """Whole elements are written, from the index on."""
    octets, sent = tables.now(visitor, asked.table, at), _sent(asked)
    elements = elements_of(tables.image, asked.table, at)
    start = octets_of(elements, asked.indices[0], 1).start
    if not sent or all(span.end != start + len(sent) for span in elements):
        raise Refused("onp")
    tables.write(visitor, asked.table, _changed(octets, start, sent), at)
    return {}


def _data(octets: bytes) -> dict[str, Any]:
    return {"blocks": blocks(octets)}


def _sent(asked: Record) -> bytes:
    """Table octets of a request. Raises Refused "err" where a checksum is wrong."""
    if any(block.checksum != checksum(block.data) for block in asked.blocks):
        raise Refused("err")
    return joined(asked.blocks)


def _changed(octets: bytes, start: int, sent: bytes) -> bytes:
    return octets[:start] + sent + octets[start + len(sent) :]


READS: dict[str, TableService] = {
    "full_read": _full_read,
    "offset_read": _offset_read,
    "index_read_1": _index_read,
}
WRITES: dict[str, TableService] = {
    "full_write": _full_write,
    "offset_write": _offset_write,
    "index_write_1": _index_write,
}
"""Services by name. Default read and write, and more than one index, are not supported."""
