"""The table for people: a line an exchange."""

from collections.abc import Callable

import click

from c1222.capture.export import time_text
from c1222.capture.message import Message
from c1222.capture.pairing import Exchange
from c1222.capture.remark import CaptureRemark
from c1222.capture.summary import Summary
from c1222_cli.layout import Column, Layout
from c1222_cli.talk import clean
from c1222_cli.words import (
    SAID_BY_STATE,
    parties,
    remark_text,
    remarks_of,
    requests_text,
    results_text,
    security_text,
)

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
        self._held: list[Exchange | CaptureRemark] = []
        self._rows: list[list[str]] = []
        self._layout: Layout | None = None
        self._file = ""
        self._day = ""

    def exchange(self, exchange: Exchange) -> None:
        cells = self._cells(exchange)
        if self._layout is not None:
            self._row(exchange, cells)
            return
        self._held.append(exchange)
        self._rows.append(cells)
        if len(self._rows) >= self._sample:
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
        self._layout = Layout(COLUMNS, self._rows, self._width)
        if self._rows:
            header = self._layout.line([column.name for column in COLUMNS], self._ellipsis)
            self._say(click.style(header, bold=True) if self._colour else header)
        rows = iter(self._rows)
        for each in self._held:
            if isinstance(each, Exchange):
                self._row(each, next(rows))
            else:
                self._line(each)
        self._held, self._rows = [], []

    def _cells(self, exchange: Exchange) -> list[str]:
        asks, asked = parties(exchange)
        remarks = [remark for remark in remarks_of(exchange) if remark.code not in SAID_BY_STATE]
        cells = [
            shown_packets(exchange),
            shown_time(exchange.request or exchange.response),
            asks,
            asked,
            requests_text(exchange),
            results_text(exchange),
            security_text(exchange),
            ", ".join(dict.fromkeys(map(remark_text, remarks))),
        ]
        return list(map(clean, cells))

    def _row(self, exchange: Exchange, cells: list[str]) -> None:
        assert self._layout is not None
        self._tell_file(exchange)
        if self._layout.widths[TIME] < len(cells[TIME]) and self._layout.is_limited:
            # Too narrow for date and time in every row: the date in a row of its own, when it changes.
            day, cells[TIME] = cells[TIME].split(" ")
            if day != self._day:
                self._day = day
                self._say(f"{day} UTC")
        fitted = self._layout.fitted(cells, self._ellipsis)
        if self._colour:
            self._paint(exchange, fitted)
        self._say("  ".join(fitted).rstrip())

    def _tell_file(self, exchange: Exchange) -> None:
        message = exchange.request or exchange.response
        if self._many_files and message is not None and message.place.file != self._file:
            self._file = message.place.file
            name = f"== {clean(self._file)}"
            self._say(click.style(name, bold=True) if self._colour else name)

    def _paint(self, exchange: Exchange, cells: list[str]) -> None:
        states = [message.state for message in (exchange.request, exchange.response) if message is not None]
        colours = [_STATE_COLOURS.get(state) for state in states]
        worst = next((colour for colour in (_RED, _YELLOW, _GREEN) if colour in colours), None)
        cells[SECURITY] = _styled(cells[SECURITY], worst)
        cells[RESULT] = _styled(cells[RESULT], None if cells[RESULT].startswith("ok") else _YELLOW)
        kinds = [_KIND_COLOURS[remark.kind] for remark in remarks_of(exchange)]
        cells[REMARKS] = _styled(cells[REMARKS], _RED if _RED in kinds else None)

    def _line(self, remark: CaptureRemark) -> None:
        text = clean(f"! {remark.code}: {remark}")
        self._say(_styled(text, _KIND_COLOURS[remark.kind]) if self._colour else text)


def _styled(text: str, colour: str | None) -> str:
    return click.style(text, fg=colour) if colour and text.strip() else text
