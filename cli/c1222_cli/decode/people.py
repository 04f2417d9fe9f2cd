"""The table for people: a line an exchange."""

from collections.abc import Callable
from typing import NamedTuple

import click

from c1222.capture.export import time_text
from c1222.capture.message import Message
from c1222.capture.pairing import Exchange
from c1222.capture.remark import CaptureRemark
from c1222.capture.summary import Summary
from c1222_cli.decode.words import (
    SAID_BY_STATE,
    parties,
    remark_text,
    remarks_of,
    requests_short,
    results_short,
    security_text,
)
from c1222_cli.layout import Column, Layout
from c1222_cli.talk import clean

# Together they need 79 characters at the least.
COLUMNS = (
    Column("packet", 6),
    Column("time (UTC)", 12, gives_first=True),
    Column("from", 7, keep_end=True),
    Column("to", 7, keep_end=True),
    Column("services", 10),
    Column("result", 8),
    Column("security", 8),
    Column("remarks", 7),
)
TIME, RESULT, SECURITY, REMARKS = 1, 5, 6, 7

SERVICES_ROOM, RESULT_ROOM = 60, 50
"""Characters that lists of services and results have at most. All of them are in the other formats and in the tree."""

SAMPLE = 200
"""Rows that are held back to see how wide the columns must be. Later rows that need more move the columns apart."""

_GREEN, _YELLOW, _RED = "green", "yellow", "red"
_STATE_COLOURS = {
    "opened": _GREEN,
    "authenticated": _GREEN,
    "no-key": _YELLOW,
    "bad-mac": _RED,
    "short-header": _RED,
    "unreadable": _RED,
}
_KIND_COLOURS = {"undecodable": _RED, "bad-mac": _RED, "no-key": _YELLOW, "refused": _YELLOW, "note": None}

Say = Callable[[str], None]


class Row(NamedTuple):
    """What is kept of an exchange until the widths are known: not the exchange, whose tables may be large."""

    cells: list[str]
    file: str
    states: tuple[str, ...]
    kinds: frozenset[str]


def shown_time(message: Message | None) -> str:
    """`2008-10-14 00:22:57.123`, "" where there is none. Exact times are in JSON and in the tree."""
    text = time_text(message.place.time_ns) if message is not None else None
    return "" if text is None else f"{text[:10]} {text[11:23]}"


def shown_packets(exchange: Exchange) -> str:
    """`1/2`: packets of request and response, the last one of each where it came in several."""
    messages = [message for message in (exchange.request, exchange.response) if message is not None]
    return "/".join(str(message.place.packet) for message in messages)


class TableWriter:
    """Writes the table.

    say: takes a line without its end. width: columns of the terminal; None where lines may be of any length.
    colour: whether colours may be used. ellipsis: what stands for what was cut. sample: rows held back at first.
    """

    def __init__(
        self,
        say: Say,
        *,
        width: int | None = None,
        colour: bool = False,
        ellipsis: str = "~",
        sample: int = SAMPLE,
        many_files: bool = False,
    ) -> None:
        self._say = say
        self._width = width
        self._colour = colour
        self._ellipsis = ellipsis
        self._sample = sample
        self._many_files = many_files
        self._held: list[Row | CaptureRemark] = []
        self._rows = 0
        self._layout: Layout | None = None
        self._file = ""
        self._day = ""

    def exchange(self, exchange: Exchange) -> None:
        row = _row_of(exchange)
        if self._layout is not None:
            self._row(row)
            return
        self._held.append(row)
        self._rows += 1
        if self._rows >= self._sample:
            self._begin()

    def remark(self, remark: CaptureRemark) -> None:
        if self._layout is not None:
            self._line(remark)
            return
        self._held.append(remark)
        if len(self._held) >= 2 * self._sample:
            self._begin()

    def end(self, summary: Summary) -> None:
        if self._layout is None and self._held:
            self._begin()

    def _begin(self) -> None:
        """Widths are known: write the header and what was held back."""
        rows = [each.cells for each in self._held if isinstance(each, Row)]
        self._layout = Layout(COLUMNS, rows, self._width)
        if rows:
            header = self._layout.line([column.name for column in COLUMNS], self._ellipsis)
            self._say(click.style(header, bold=True) if self._colour else header)
        for each in self._held:
            if isinstance(each, Row):
                self._row(each)
            else:
                self._line(each)
        self._held = []

    def _row(self, row: Row) -> None:
        assert self._layout is not None
        self._tell_file(row.file)
        cells = list(row.cells)
        if self._layout.widths[TIME] < len(cells[TIME]) and self._layout.is_limited:
            # Too narrow for date and time in every row: the date in a row of its own, when it changes.
            day, cells[TIME] = cells[TIME].split(" ")
            if day != self._day:
                self._day = day
                self._say(f"{day} UTC")
        fitted = self._layout.fitted(cells, self._ellipsis)
        if self._colour:
            _paint(row, fitted)
        self._say("  ".join(fitted).rstrip())

    def _tell_file(self, file: str) -> None:
        if self._many_files and file != self._file:
            self._file = file
            name = f"== {clean(file)}"
            self._say(click.style(name, bold=True) if self._colour else name)

    def _line(self, remark: CaptureRemark) -> None:
        text = clean(f"! {remark.code}: {remark}")
        self._say(_styled(text, _KIND_COLOURS[remark.kind]) if self._colour else text)


def _styled(text: str, colour: str | None) -> str:
    return click.style(text, fg=colour) if colour and text.strip() else text


def _row_of(exchange: Exchange) -> Row:
    asks, asked = parties(exchange)
    messages = [message for message in (exchange.request, exchange.response) if message is not None]
    remarks = remarks_of(exchange)
    said = [remark_text(remark) for remark in remarks if remark.code not in SAID_BY_STATE]
    cells = [
        shown_packets(exchange),
        shown_time(messages[0]),
        asks,
        asked,
        requests_short(exchange, SERVICES_ROOM),
        results_short(exchange, RESULT_ROOM),
        security_text(exchange),
        ", ".join(dict.fromkeys(said)),
    ]
    states = tuple(message.state for message in messages)
    return Row(list(map(clean, cells)), messages[0].place.file, states, frozenset(remark.kind for remark in remarks))


def _paint(row: Row, cells: list[str]) -> None:
    colours = [_STATE_COLOURS.get(state) for state in row.states]
    worst = next((colour for colour in (_RED, _YELLOW, _GREEN) if colour in colours), None)
    cells[SECURITY] = _styled(cells[SECURITY], worst)
    cells[RESULT] = _styled(cells[RESULT], None if cells[RESULT].startswith("ok") else _YELLOW)
    kinds = [_KIND_COLOURS[kind] for kind in row.kinds]
    cells[REMARKS] = _styled(cells[REMARKS], _RED if _RED in kinds else None)
