"""What all words of a layout share: misfits with their place, records, notes, how one element is read and written."""

from collections.abc import Mapping
from typing import Any

from construct import Construct, ConstructError, Renamed, StreamError

from c1219_tables.provenance import independent
from c1219_tables.schema.cursor import Cursor, Span, Writer


class Misfit(ConstructError):
    """Octets or values do not fit, found by one of our words. Layout turns it into a LayoutError."""

    def __init__(self, problem: str, path: str, offset: int | None = None) -> None:
        super().__init__(problem, path=path)
        self.problem = problem
        self.offset = offset


class Record(dict[str, Any]):
    """A decoded Struct: a plain dict whose keys can be read as attributes."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"no element {name!r} (there are: {', '.join(self)})") from None


class Note(str):
    """What an element is for, with its sources.

    sources: short names as in docs/sources.md; agreement of implementations that do not know each other is what makes
        a fact sure, because the standard's text is not public.
    sure: "agreed" (two or more independent sources), "single" (one source), "inferred" (no source says it outright),
        "none" (no source at all).
    """

    __slots__ = ("sources", "sure")
    sources: tuple[str, ...]
    sure: str


def note(text: str, sources: str, *, sure: str | None = None) -> Note:
    """The words behind an element: `"iv" / Bytes(4) * note("nonce, UTC seconds", "ADP WS SPI")`."""
    made = Note(text)
    made.sources = tuple(sources.split())
    count = len(independent(made.sources))
    made.sure = sure or ("agreed" if count > 1 else "single" if count else "none")
    return made


def element(field: Construct) -> tuple[str, Construct, str]:
    """Name, layout and note of an element that was written `"name" / layout * note(...)`."""
    inner = field
    while isinstance(inner, Renamed):
        inner = inner.subcon
    return field.name, inner, field.docs


def short(path: str, cursor: Cursor, wanted: int) -> Misfit:
    return Misfit(f"{octets_text(wanted)} wanted, {cursor.end - cursor.pos} left", path, cursor.pos)


def octets_text(count: int) -> str:
    return "1 octet" if count == 1 else f"{count} octets"


def number(expression: Any, scope: Mapping[str, Any]) -> int:
    """A count or length that is a number or a `this` expression."""
    value = expression(scope) if callable(expression) else expression
    if value is None:
        raise TypeError(f"{expression!r} is not given")
    return int(value)


def parse_field(layout: Construct, cursor: Cursor, scope: dict[str, Any], path: str) -> Any:
    """One element: its value, its place traced, library errors given the place they happened at."""
    start = cursor.pos
    value = parse_inner(layout, cursor, scope, path)
    if cursor.trace is not None:
        cursor.trace.append(Span(path, start, cursor.pos))
    return value


def parse_inner(layout: Construct, cursor: Cursor, scope: dict[str, Any], path: str) -> Any:
    """What fills a length or stands behind a tag: as parse_field, but it has no place of its own."""
    start = cursor.pos
    try:
        return layout._parse(cursor, scope, path)
    except Misfit:
        raise
    except StreamError:
        wanted = layout._sizeof(scope, path)
        raise short(path, cursor, wanted) from None
    except (ConstructError, LookupError, TypeError, ArithmeticError, UnicodeError) as exc:
        raise Misfit(f"cannot be decoded: {_reason(exc)}", path, start) from exc


def build_field(layout: Construct, value: Any, writer: Writer, scope: dict[str, Any], path: str) -> None:
    try:
        layout._build(value, writer, scope, path)
    except Misfit:
        raise
    except (ConstructError, LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as exc:
        raise Misfit(f"{shown(value)} does not fit: {_reason(exc)}", path) from exc


def shown(value: Any) -> str:
    """A value in an error. Whatever may hold a secret inside, or be one, is named by its type alone."""
    return repr(value) if isinstance(value, int | float | None) else f"something else ({type(value).__name__})"


def _reason(exc: Exception) -> str:
    return str(exc).split("\n")[-1].strip() or type(exc).__name__
