"""Asking the meter: what came of each table, and why where nothing came."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from c1219_tables.errors import LayoutError, MissingTableError
from c1219_tables.table import MANUFACTURER, Table, table_label
from c1222.capture.mask import hides_table
from c1222.capture.table_view import TableView
from c1222.errors import C12Error, ServiceError
from c1222.session.client import TableRead
from c1222.session.faces.meter import Meter
from c1222_cli.read.progress import Progress
from c1222_cli.read.wanted import Span, Wanted

IDENTIFICATION = 1


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of one table.

    table: its declaration. view: its octets, and what they say; None where none came. read_at: when they came, UTC.
    error: why something is missing. fields: those that were asked for, none for all. index: the element it begins with,
    where it was read by index. is_raw: whether nobody asked what the octets mean.
    """

    table: Table
    view: TableView | None = None
    read_at: datetime | None = None
    error: C12Error | None = None
    fields: tuple[str, ...] = ()
    index: tuple[int, ...] | None = None
    is_raw: bool = False

    @property
    def is_hidden(self) -> bool:
        """Whether the octets hold passwords or keys, and are shown masked."""
        return self.view is not None and hides_table(self.view)


def expand(meter: Meter, asked: Iterable[Wanted | Span], say: Callable[[str], None]) -> list[Wanted]:
    """Tables one by one: of a range those that the meter lists; all of it where it lists none, or does not tell.

    say: hears what was left out.
    """
    found: list[Wanted] = []
    listed: list[int] | None = None
    for each in asked:
        if isinstance(each, Wanted):
            found.append(each)
            continue
        if listed is None:
            listed = _listed(meter)
        there = [number for number in each.numbers if number in listed] or list(each.numbers)
        if left := [table_label(number) for number in each.numbers if number not in there]:
            say(f"{each.text}: left out, as table 0 does not list them or they hold secrets: {', '.join(left)}")
        found += map(Wanted, there)
    return list(dict.fromkeys(found))


def _listed(meter: Meter) -> list[int]:
    try:
        return meter.listed_tables()
    except (ServiceError, LayoutError):
        return []


def fetch(
    meter: Meter, wanted: Sequence[Wanted], progress: Progress, found: list[Fetched] | None = None
) -> list[Fetched]:
    """Whole tables, decoded. What ends the session on the way stands as the error of all that did not come.

    found: where they are put; after an interrupt, those that came are there.
    """
    found = [] if found is None else found
    came: dict[int, tuple[TableRead, datetime]] = {}

    def watch(read: TableRead) -> None:
        came[read.number] = read, datetime.now(UTC)
        progress.table(read.label, len(read.octets or b""))

    ended: C12Error | None = None
    meter.progress = progress.octets
    try:
        meter.read_many((each.number for each in wanted), watch)
    except C12Error as exc:
        ended = exc
    finally:
        meter.progress = None
        reached = (each for each in wanted if ended is not None or each.number in came)
        found += (_fetched(meter, each, came.get(each.number), ended) for each in reached)
    return found


def _fetched(meter: Meter, wanted: Wanted, came: tuple[TableRead, datetime] | None, ended: C12Error | None) -> Fetched:
    table = meter.tables.registry.table(wanted.number)
    if came is None:
        return Fetched(table, error=ended, fields=wanted.fields)
    read, read_at = came
    if read.octets is None:
        return Fetched(table, error=read.error, fields=wanted.fields)
    view = TableView(table if read.table is None else read.table.table, 0, read.octets, is_whole=True)
    if read.table is not None:
        view.decoded, view.assumed = read.table, read.table.assumed
    return Fetched(view.table, view, read_at, read.error, wanted.fields)


def fetch_octets(
    meter: Meter, wanted: Sequence[Wanted], progress: Progress, found: list[Fetched] | None = None
) -> list[Fetched]:
    """Whole tables, their octets alone. found: as in `fetch`."""
    found = [] if found is None else found
    ended: C12Error | None = None
    meter.progress = progress.octets
    try:
        for each in wanted:
            table = meter.tables.registry.table(each.number)
            if ended is not None:
                found.append(Fetched(table, error=ended))
                continue
            octets = b""
            try:
                octets = meter.read_octets(each.number)
                view = TableView(table, 0, octets, is_whole=True)
                found.append(Fetched(table, view, datetime.now(UTC), is_raw=True))
            except (ServiceError, LayoutError) as exc:
                found.append(Fetched(table, error=exc))
            except C12Error as exc:
                ended = exc
                found.append(Fetched(table, error=exc))
            progress.table(table.label, len(octets))
    finally:
        meter.progress = None
    return found


def fetch_part(
    meter: Meter, number: int, offset: int, count: int | None, *, is_raw: bool, progress: Progress
) -> Fetched:
    """Octets of a table from an offset on, and the elements that they touch as far as the meter is known."""
    table = meter.tables.registry.table(number)
    meter.progress = progress.octets
    try:
        octets = meter.read_octets(number, offset, count)
    except C12Error as exc:
        return Fetched(table, error=exc)
    finally:
        meter.progress = None
    read_at = datetime.now(UTC)
    if is_raw:
        return Fetched(table, TableView(table, offset, octets, is_whole=False), read_at, is_raw=True)
    _read_needed(meter, number)
    view = TableView(meter.tables.registry.table(number), offset, octets, is_whole=False)
    try:
        view.touched, view.assumed = view.table.part(
            offset, octets, meter.tables.params(), dialect=meter.tables.dialect
        )
    except MissingTableError as exc:
        return Fetched(view.table, view, read_at, exc)
    return Fetched(view.table, view, read_at)


def fetch_elements(meter: Meter, number: int, indices: tuple[int, ...], count: int) -> Fetched:
    """Octets of elements by index. Where in the table they stand is known to the meter alone."""
    table = meter.tables.registry.table(number)
    try:
        octets = meter.read_index(number, *indices, count=count)
    except C12Error as exc:
        return Fetched(table, error=exc)
    view = TableView(table, 0, octets, is_whole=False)
    return Fetched(table, view, datetime.now(UTC), index=indices, is_raw=True)


def _read_needed(meter: Meter, number: int) -> None:
    """Read what a table needs, and who made the meter where the table is a maker's; refusals leave it unknown."""
    first = [IDENTIFICATION] if number >= MANUFACTURER else []
    for needed in (*first, *meter.tables.registry.reading_order([number])):
        if needed != number and needed not in meter.tables:
            try:
                meter.read(needed)
            except (ServiceError, LayoutError):
                continue
            except C12Error:
                return  # the session is over, and the octets are here
