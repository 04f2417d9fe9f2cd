"""Lists of codes behind elements whose notes cannot hold them all: units of measure, events, lists of procedures."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from c1219_tables.codes.calls import CALL_STATES
from c1219_tables.codes.events import EVENTS
from c1219_tables.codes.load_profile import CHANNEL_STATUS
from c1219_tables.codes.results import LISTS, RESULTS, SELECTORS
from c1219_tables.codes.units import QUANTITIES, SEGMENTATIONS, TIME_BASES, Quantity
from c1219_tables.explain.rows import Row


class CodeList(NamedTuple):
    """element: whose codes, the last names of its path. codes: number -> meaning."""

    element: str
    codes: Mapping[int, str]


def _quantity(known: Quantity) -> str:
    """`active power, W; a total of it: active energy, Wh`."""
    now = ", ".join(part for part in (known.quantity, known.unit, known.note) if part)
    total = ", ".join(part for part in (known.bulk_quantity, known.bulk_unit) if part)
    return f"{now}; as a total: {total}" if known.is_flow else now


_EVENTS = {code: event.meaning for code, event in EVENTS.items()}
_RESULTS = {code: known.meaning for code, known in RESULTS.items()}
_SELECTORS = {code: known.meaning for code, known in SELECTORS.items() if known.meaning != "reserved"}
_STATUS = {code: known.meaning for code, known in CHANNEL_STATUS.items()}

_CODES: dict[str, Mapping[int, str]] = {
    "uom_entry.id_code": {code: _quantity(known) for code, known in QUANTITIES.items()},
    "uom_entry.time_base": {code: known.meaning for code, known in TIME_BASES.items()},
    "uom_entry.segmentation": {code: known.meaning for code, known in SEGMENTATIONS.items()},
    "history_code.tbl_proc_nbr": _EVENTS,
    "event_code.tbl_proc_nbr": _EVENTS,
    "std_events_supported": _EVENTS,
    "std_events_monitored_flags": _EVENTS,
    "proc.selector": _SELECTORS,
    "result_code": _RESULTS,
    "parm.list": {code: known.meaning for code, known in LISTS.items() if known.meaning != "reserved"},
    "common.channel_1_status": _STATUS,
    "channels.odd_channel_status": _STATUS,
    "channels.even_channel_status": _STATUS,
    "call_status.status": {code: known.meaning for code, known in CALL_STATES.items()},
}


def codes_of(shown: Iterable[Row]) -> tuple[CodeList, ...]:
    """The lists of codes of the standard's elements among these rows, by the ends of their paths."""
    found: dict[str, CodeList] = {}
    for row in shown:
        names = [part.partition("[")[0] for part in row.path.split(".")]
        for end in (".".join(names[-2:]), names[-1]):
            if end in _CODES:
                found.setdefault(end, CodeList(end, _CODES[end]))
                break
    return tuple(found.values())
