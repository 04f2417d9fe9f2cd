"""`changed`: a decoded table with other values in some of its fields, and every other octet as it was."""

from collections.abc import Mapping
from copy import copy
from typing import Any

from c1219_tables.changes.difference import difference, octets_of
from c1219_tables.changes.paths import NoSuchField, Place, inside, is_within, located
from c1219_tables.changes.typed import typed, whole_number, yes_or_no
from c1219_tables.errors import TableError
from c1219_tables.schema.base import build_field
from c1219_tables.schema.cursor import Writer
from c1219_tables.schema.dialect import Array, BitField, Misfit, Record, RepeatToEnd, Set, Shared, Struct
from c1219_tables.table import DecodedTable
from c1219_tables.times import RecurringDate


def changed(decoded: DecodedTable, changes: Mapping[str, Any]) -> DecodedTable:
    """The table after these changes, decoded from its new octets; `decoded` stays as it is.

    changes: path -> new value, as `typed` takes them. A record or bit field takes a mapping of what is to change in it,
    an array a list of all its elements. Whatever is not named keeps its octets: spare bits, padding, unusual forms,
    octets behind the layout.

    Raises TableError with field and offset: for a path that there is not, with those that may be meant; for a value
    that does not fit; for a change by which the table would get another size or another field another value.
    """
    copied = _copied(decoded)
    for path, given in changes.items():
        try:
            place = located(copied, decoded, path)
        except NoSuchField as exc:
            raise _error(decoded, str(exc), path) from None
        _set(place, given, decoded)
    octets = _encoded(copied, decoded)
    before = octets_of(decoded)
    if len(octets) != len(before):
        problem = f"the table would have {len(octets)} octets instead of {len(before)}: that takes a whole new table"
        raise _error(decoded, problem, ", ".join(changes))
    after = _decoded(decoded, octets)
    for change in difference(decoded, after):
        if not any(is_within(change.path, name) or is_within(name, change.path) for name in map(_plain, changes)):
            problem = f"its octets would change although only {', '.join(changes)} is to change"
            raise _error(decoded, problem, change.path)
    return after


def replaced(decoded: DecodedTable, octets: bytes, offset: int | None = None) -> DecodedTable:
    """The table with these octets from an offset on; without one they are the whole new table, of whatever size.

    Raises TableError where they reach beyond the end, or what comes out does not fit the declaration.
    """
    before = octets_of(decoded)
    if offset is not None:
        if not 0 <= offset <= len(before) - len(octets):
            end = offset + len(octets)
            raise _error(decoded, f"octets {offset} to {end - 1} are not all in a table of {len(before)} octets")
        octets = before[:offset] + octets + before[offset + len(octets) :]
    return _decoded(decoded, octets)


def _plain(path: str) -> str:
    return path.lower().replace("-", "_")


def _copied(decoded: DecodedTable) -> DecodedTable:
    """A copy whose records and lists may be changed; what kept its octets as they were is kept with it."""
    copied = copy(decoded)
    copied.update({name: _deep(value) for name, value in decoded.items()})
    return copied


def _deep(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Record((name, _deep(inner)) for name, inner in value.items())
    return [_deep(inner) for inner in value] if isinstance(value, list) else value


def _set(place: Place, given: Any, decoded: DecodedTable) -> None:
    """Give a field, or all that is inside it, a new value."""
    layout = place.layout
    if place.bit is None and isinstance(layout, Struct | BitField) and isinstance(given, Mapping):
        for name, inner in given.items():
            _set(_inside(place, name, decoded), inner, decoded)
        return
    if isinstance(layout, Array | Shared | RepeatToEnd):
        if not isinstance(given, list | tuple):
            raise _error(decoded, f"a list of its {len(place.value)} elements is wanted", place.path)
        if len(given) != len(place.value):
            problem = f"{len(place.value)} elements are there, {len(given)} given: that takes a whole new table"
            raise _error(decoded, problem, place.path)
        for index, inner in enumerate(given):
            _set(_inside(place, index, decoded), inner, decoded)
        return
    try:
        value = _value(place, given)
        build_field(layout, value, Writer({}), dict(place.scope), f".{place.path}")
    except Misfit as exc:
        raise _error(decoded, exc.problem, place.path) from None
    except (ValueError, TypeError) as exc:
        raise _error(decoded, str(exc), place.path) from None
    place.holder[place.key] = value


def _inside(place: Place, step: Any, decoded: DecodedTable) -> Place:
    try:
        return inside(place, step)
    except NoSuchField as exc:
        raise _error(decoded, str(exc), f"{place.path}.{step}".lstrip(".")) from None


def _value(place: Place, given: Any) -> Any:
    """The new value of what holds the bits, or of the field itself. Raises ValueError, TypeError."""
    layout, old = place.layout, place.value
    if isinstance(place.bit, str):
        is_flag = isinstance(old[place.bit], bool)
        return Record({**old, place.bit: yes_or_no(given) if is_flag else whole_number(given)})
    if isinstance(place.bit, int):
        return sorted({*old, place.bit} if yes_or_no(given) else {*old} - {place.bit})
    if isinstance(layout, RecurringDate):
        if not isinstance(given, Mapping):
            raise TypeError(f"its members are wanted, by name ({', '.join(old)})")
        return Record((name, whole_number(value)) for name, value in given.items())
    if isinstance(layout, BitField | Struct):
        raise TypeError(f"its members are wanted, by name ({', '.join(old)})")
    if isinstance(given, type(old)) and given == old and not isinstance(layout, Set):
        return old  # as the meter stores it, padding and all
    return typed(layout, given, place.scope["_params"]["formats"])


def _encoded(copied: DecodedTable, decoded: DecodedTable) -> bytes:
    tables, dialect = _neighbours(decoded)
    return decoded.table.encode(copied, tables, dialect=dialect)


def _decoded(decoded: DecodedTable, octets: bytes) -> DecodedTable:
    tables, dialect = _neighbours(decoded)
    return decoded.table.decode(octets, tables, dialect=dialect, tolerant=bool(decoded.trailing))


def _neighbours(decoded: DecodedTable) -> tuple[dict[str, Any], Any]:
    """The tables, and the dialect, that `decoded` was read with."""
    params = dict(decoded.params)
    params.pop("formats", None)
    return params, params.pop("dialect", None)


def _error(decoded: DecodedTable, problem: str, path: str = "") -> TableError:
    table = decoded.table
    return TableError(problem, table=table.number, layout=table.label, field=path, offset=_offset(decoded, path))


def _offset(decoded: DecodedTable, path: str) -> int | None:
    """Where a field stands, or what holds it; None for a path that leads nowhere."""
    spans = decoded.spans()
    at = _plain(path)
    while at and at not in spans:
        at = at[: max(at.rfind("."), at.rfind("["), 0)]
    return spans[at].start if at else None
