"""What one read or write says of a table: all of it or a part, decoded as far as the meter is known."""

from dataclasses import dataclass

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
