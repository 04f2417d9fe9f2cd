"""What is different between two decoded states of one table, field by field."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from c1219_tables.changes.paths import is_named, value_at
from c1219_tables.schema.cursor import Span
from c1219_tables.schema.dialect import SecretOctets
from c1219_tables.table import DecodedTable

_PARENT = re.compile(r"[.\[]")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field whose octets differ.

    path: `a.b[2].c`, a single member of a bit field with its own name; "" for octets that no element explains.
    old, new: values; None where it is in one of the two alone. offset: where it stands, in octets of the table.
    octets: the new ones of the whole element; none where it is gone.
    """

    path: str
    old: Any
    new: Any
    offset: int
    octets: bytes


def octets_of(decoded: DecodedTable) -> bytes:
    """All octets of a table, those behind its layout too."""
    return decoded.octets + decoded.trailing


def leaves(decoded: DecodedTable) -> dict[str, Span]:
    """The innermost elements that take octets, by path, in their order."""
    spans = decoded.spans()
    outer = {path[: match.start()] for path in spans for match in _PARENT.finditer(path)}
    inner = (span for path, span in spans.items() if path not in outer and span.end > span.start)
    return {span.field: span for span in sorted(inner, key=lambda span: span.start)}


def difference(old: DecodedTable, new: DecodedTable) -> list[FieldChange]:
    """The fields whose octets differ, in their order. Both are states of one table of one meter."""
    if octets_of(old) == octets_of(new):
        return []
    places, others = leaves(old), leaves(new)
    found: list[FieldChange] = []
    for path in {**places, **others}:
        found += _field(old, places.get(path), new, others.get(path))
    if old.trailing != new.trailing:
        found.append(FieldChange("", old.trailing, new.trailing, len(new.octets), new.trailing))
    return sorted(found, key=lambda change: change.offset)


def left_out(changes: Iterable[FieldChange], ignore: Iterable[str]) -> list[FieldChange]:
    """The changes without those of fields that are named: by path, with or without indices, or by their last name."""
    names = tuple(ignore)
    return [change for change in changes if not is_named(change.path, names)]


def _field(old: DecodedTable, was: Span | None, new: DecodedTable, now: Span | None) -> Iterator[FieldChange]:
    before = old.octets[was.start : was.end] if was is not None else b""
    after = new.octets[now.start : now.end] if now is not None else b""
    if before == after and was is not None and now is not None:
        return
    span = now or was
    assert span is not None
    one = value_at(old, span.field) if was is not None else None
    other = value_at(new, span.field) if now is not None else None
    if isinstance(one, Mapping) and isinstance(other, Mapping) and set(one) == set(other) and one != other:
        for name in one:
            if one[name] != other[name]:
                yield FieldChange(f"{span.field}.{name}", one[name], other[name], span.start, after)
        return
    is_secret = isinstance(one, SecretOctets) or isinstance(other, SecretOctets)
    yield FieldChange(span.field, one, other, span.start, SecretOctets(after) if is_secret else after)
