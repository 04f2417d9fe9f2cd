"""The fields of a table for people: place, octets, value in words, purpose. For every command that shows tables."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from c1219_tables.codes.calls import call_state
from c1219_tables.codes.events import event
from c1219_tables.codes.nameplate import default_set, modes, nameplate_type
from c1219_tables.codes.results import result
from c1219_tables.codes.units import describe_uom
from c1219_tables.part import Touched
from c1219_tables.schema.cursor import Span
from c1219_tables.schema.dialect import SecretOctets
from c1219_tables.table import DecodedTable, Table
from c1219_tables.times import MeterTime
from c1222_cli.purposes import notes_of

_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_INDEX = re.compile(r"\[\d+\]")
_LAST_NAME = re.compile(r"([^.\[\]]+)[\[\]\d]*$")


class Field(NamedTuple):
    """One innermost element of a table.

    path: `tot_data_block.summations[0]`. start, end: its place in the table. octets: those of it that are there.
    value: in words. note: what it is for, said once for all elements of an array. secret: whether it must be masked.
    """

    path: str
    start: int
    end: int
    octets: bytes
    value: str
    note: str
    secret: bool


def fields_of(decoded: DecodedTable) -> Iterator[Field]:
    """The fields of a whole table, those that take octets, in their order."""
    spans = decoded.spans()
    outer = {path[: match.start()] for path in spans for match in re.finditer(r"[.\[]", path)}
    inner = (span for path, span in spans.items() if path not in outer and span.end > span.start)
    table = decoded.table
    found = (
        (span, decoded.octets[span.start : span.end], at_path(decoded, span.field))
        for span in sorted(inner, key=lambda span: span.start)
    )
    return _fields(table, found)


def fields_touched(table: Table, touched: Iterable[Touched]) -> Iterator[Field]:
    """The fields that a part of a table touches."""
    return _fields(table, ((each.span, each.octets, each.value) for each in touched))


def _fields(table: Table, found: Iterable[tuple[Span, bytes, Any]]) -> Iterator[Field]:
    notes, said = notes_of(table.layout), set()
    for span, octets, value in found:
        name = last_name(span.field)
        kind = _INDEX.sub("", span.field)
        note = "" if kind in said else notes.get(name, "")
        said.add(kind)
        is_whole = len(octets) == span.end - span.start
        words = field_words(name, value) if is_whole else f"{len(octets)} of its {span.end - span.start} octets"
        yield Field(span.field, span.start, span.end, octets, words, note, isinstance(value, SecretOctets))


def last_name(path: str) -> str:
    """`summations` of `tot_data_block.summations[0]`."""
    match = _LAST_NAME.search(path)
    return match[1] if match else path


def at_path(value: Any, path: str) -> Any:
    """The value at a path such as `data.features[0].code`; None where there is none."""
    for name, index in _PART.findall(path):
        try:
            value = value[int(index)] if index else value[name]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def field_words(name: str, value: Any) -> str:
    """The value of a field in words; "" where its octets say all. Secrets are for the caller to mask."""
    if value is None:
        return "no value"
    if name in _BY_NAME:
        return _BY_NAME[name](value)
    if isinstance(value, MeterTime | Decimal | float):
        return str(value)
    if isinstance(value, str):
        return f'"{value.rstrip(" " + chr(0))}"'
    if isinstance(value, bytes):
        return quoted(value)
    if isinstance(value, Mapping):
        return bits_text(value)
    if isinstance(value, list):
        return members_text(value)
    return str(value)


def is_coded(name: str) -> bool:
    """Whether a list of codes gives the words of an element of this name."""
    return name in _BY_NAME


def quoted(value: bytes | str) -> str:
    """Text in quotes without zeros around it; "" for octets that are not printable ASCII, and where nothing is left."""
    # Octets that are declared secret do not decode by their own method.
    text = bytes(value).decode("latin-1") if isinstance(value, bytes) else value
    shown = text.strip("\x00")
    return f'"{shown}"' if shown and (isinstance(value, str) or (shown.isascii() and shown.isprintable())) else ""


def bits_text(value: Mapping[str, Any]) -> str:
    """Flags that are set, and numbers (those of spare bits only where they are not 0)."""
    words = [
        name if bit is True else f"{name} {bit}"
        for name, bit in value.items()
        if isinstance(bit, int) and (bit or not (isinstance(bit, bool) or name.startswith("spare")))
    ]
    return ", ".join(words) or "none set"


def members_text(members: list[Any]) -> str:
    """Members of a SET, neighbours drawn together: `0-3, 5, 11-16`."""
    if not members:
        return "empty"
    if not all(isinstance(member, int) for member in members):
        return ", ".join(map(str, members))
    runs: list[list[int]] = []
    for member in members:
        if runs and member == runs[-1][-1] + 1:
            runs[-1].append(member)
        else:
            runs.append([member])
    return ", ".join(f"{run[0]}-{run[-1]}" if run[1:] else str(run[0]) for run in runs)


def _coded(meaning: Callable[[int], Any]) -> Callable[[Any], str]:
    return lambda code: f"{code}: {meaning(code).meaning}"


def _event(code: Mapping[str, Any]) -> str:
    of = event(code["tbl_proc_nbr"], manufacturer=code["std_vs_mfg_flag"])
    return f"{of.code}: {of.meaning}" + (f", selector {code['selector']}" if code["selector"] else "")


_BY_NAME: dict[str, Callable[[Any], str]] = {
    "uom_entry": describe_uom,
    "nameplate_type": _coded(nameplate_type),
    "default_set_used": _coded(default_set),
    "ed_mode": lambda mode: ", ".join(modes(mode)) or bits_text(mode),
    "result_code": _coded(result),
    "call_status": _coded(call_state),
    "history_code": _event,
    "event_code": _event,
}
