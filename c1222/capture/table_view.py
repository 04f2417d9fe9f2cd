"""What one read or write says of a table: all of it or a part, decoded as far as the meter is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.part import Touched
from c1219_tables.table import DecodedTable, Table


@dataclass(slots=True)
class TableView:
    """What a read or write says of a table.

    table: its declaration. offset: of the octets in it. is_whole: whether they are all of it. decoded: the whole table,
    None where that cannot be had. touched: the elements of a part. needs: tables to know first. assumed: what was
    guessed about the meter, "" when nothing was. problem: why the octets do not fit the declaration, "" when they do.
    """

    table: Table
    offset: int
    octets: bytes
    is_whole: bool
    decoded: DecodedTable | None = None
    touched: tuple[Touched, ...] = ()
    needs: tuple[int, ...] = ()
    assumed: str = ""
    problem: str = ""


def view_table(table: Table, offset: int | None, octets: bytes, tables: Mapping[str, Any]) -> TableView:
    """Octets of a table, decoded as far as `tables` of the same meter allow. Never raises.

    offset: of a part; None for the whole table.
    """
    view = TableView(table, offset or 0, octets, is_whole=offset is None)
    if not table.assume and (missing := tuple(n for n in table.needs if f"st{n}" not in tables)):
        # As MissingTableError would say; but most tables of most captures come before what they need.
        view.needs = missing
        return view
    try:
        if offset is None:
            view.decoded = _whole(table, octets, tables)
            view.assumed = view.decoded.assumed
        else:
            view.touched, view.assumed = table.part(offset, octets, tables)
    except MissingTableError as exc:
        view.needs = exc.needed
    except TableError as exc:
        view.problem = str(exc)
    return view


def _whole(table: Table, octets: bytes, tables: Mapping[str, Any]) -> DecodedTable:
    """A whole table, octets behind its layout kept. Looking for them costs another decode, and few tables have any."""
    try:
        return table.decode(octets, tables)
    except MissingTableError:
        raise
    except TableError:
        return table.decode(octets, tables, tolerant=True)
