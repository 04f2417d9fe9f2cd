"""What a write is going to send, worked out and checked before the first octet of it goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from c1219_tables.changes import FieldChange, Patch, cut, difference, octets_of, patches
from c1219_tables.schema.dialect import Record
from c1219_tables.table import MANUFACTURER, PENDING, DecodedTable, is_secret, table_label
from c1222.errors import LocalProtocolError
from c1222.psem.blocks import FURTHER_BLOCK, blocks, checksum
from c1222.psem.requests import encode_request, request
from c1222.session.channels.channel import Channel
from c1222.session.operations.refusals import unlisted

AROUND_PART = 9
"""Octets of an offset write around the table's own: code, table, offset, count, checksum."""
AROUND_WHOLE = 6
"""The same of a full write, which has no offset."""
PROCEDURES = {7: "writing table 7 starts a procedure", 8: "table 8 holds the answer to a procedure"}


@dataclass(frozen=True, slots=True)
class PlannedWrite:
    """One request. offset: of its octets in the table; None for a full write."""

    table: int
    offset: int | None
    octets: bytes = field(repr=False)

    @property
    def service(self) -> str:
        return "full_write" if self.offset is None else "offset_write"

    @property
    def checksum(self) -> int:
        """Of the table's octets in it; where they take several blocks, of the last."""
        return checksum(blocks(self.octets)[-1]["data"])

    def request(self) -> Record:
        part = {} if self.offset is None else {"offset": self.offset}
        return request(self.service, table=self.table, **part, blocks=blocks(self.octets))

    def encoded(self, *, c1222: bool) -> bytes:
        """Octets of the request, from the service code on."""
        return encode_request(self.request(), c1222=c1222)

    def __str__(self) -> str:
        place = "" if self.offset is None else f", offset {self.offset}"
        return (
            f"{self.service} {table_label(self.table)}{place}, length {len(self.octets)}, checksum {self.checksum:02X}"
        )


@dataclass(frozen=True, slots=True)
class WritePlan:
    """A write of one table.

    before, after: the table as it is, and as it will be. differences: the fields that change. writes: what is sent for
    that, in this order; nothing where nothing changes. instead: the one full write to be tried where the meter has no
    offset writes; None where it would be too large or would set back fields of `ignore`.
    ignore: fields that the meter changes by itself: not written unless they change, and not compared.
    """

    before: DecodedTable
    after: DecodedTable
    differences: tuple[FieldChange, ...]
    writes: tuple[PlannedWrite, ...]
    instead: PlannedWrite | None = None
    ignore: tuple[str, ...] = ()

    @property
    def table(self) -> int:
        return self.before.table.number

    @property
    def label(self) -> str:
        return self.before.table.label

    @property
    def is_secret(self) -> bool:
        """Whether the octets hold passwords or keys."""
        return is_secret(self.before.table)


def make_plan(channel: Channel, before: DecodedTable, after: DecodedTable, ignore: Sequence[str]) -> WritePlan:
    """The smallest writes that lead from one state to the other.

    Raises LocalProtocolError for a table of another size that does not fit into one message.
    """
    number, old, new = before.table.number, octets_of(before), octets_of(after)
    room = largest_part(channel)
    full = PlannedWrite(number, None, new)
    fits = len(new) + AROUND_WHOLE <= room + AROUND_PART
    if len(old) != len(new):
        if not fits:
            problem = f"{before.table.label}: a table of another size goes in one message, and {len(new)} octets are"
            raise LocalProtocolError(f"{problem} more than it holds ({room + AROUND_PART - AROUND_WHOLE})")
        writes: tuple[PlannedWrite, ...] = (full,)
    else:
        found = patches(before, after, ignore)
        pieces = [piece for patch in found for piece in cut(patch, room, before)]
        writes = tuple(PlannedWrite(number, piece.offset, piece.octets) for piece in pieces)
    instead = full if fits and not ignore and len(old) == len(new) else None
    return WritePlan(before, after, tuple(difference(before, after)), writes, instead, tuple(ignore))


def largest_part(channel: Channel) -> int:
    """Table octets that an offset write can carry, as far as it is known."""
    limit = channel.largest_answer if channel.largest_request is None else channel.largest_request
    return max(1, min(limit - AROUND_PART, FURTHER_BLOCK - 1))


def split(write: PlannedWrite, room: int, table: DecodedTable) -> list[PlannedWrite]:
    """The same in smaller requests."""
    assert write.offset is not None
    return [PlannedWrite(write.table, *piece) for piece in cut(Patch(write.offset, write.octets), room, table)]


def must_be_a_plain_table(number: int) -> None:
    """Raises LocalProtocolError for what is no table to be written: procedures, pending forms."""
    if number in PROCEDURES:
        raise LocalProtocolError(f"{PROCEDURES[number]}: `c1222 procedure` runs one")
    if number >= 2 * PENDING:
        raise LocalProtocolError(f"{table_label(number)}: its number has bits whose meaning is not public")
    if number >= PENDING:
        raise LocalProtocolError(
            f"{table_label(number)}: what a pending table begins with is not public, so none is written"
        )


def must_be_writable(number: int, table_0: Mapping[str, Any]) -> None:
    """Raises LocalProtocolError for a table that the meter's table 0 does not list, or not as one to be written."""
    if missing := unlisted(number, table_0):
        raise LocalProtocolError(f"nothing was sent: {missing}")
    kind = "mfg_tbls_write" if number >= MANUFACTURER else "std_tbls_write"
    writable = table_0[kind]
    if number % MANUFACTURER not in writable:
        others = ", ".join(map(str, writable)) or "none"
        problem = f"table 0 of this meter does not list {table_label(number)} among the tables that may be written"
        raise LocalProtocolError(f"nothing was sent: {problem} (it lists {others})")
