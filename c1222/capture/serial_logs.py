"""Raw logs of a serial line, one file for each direction: nothing but octets, or their hex.

Neither file says when. But who sent acknowledges what came, and so the order is found again: before each ACK in the one
log stands a packet of the other. Where whoever wrote the logs left out the signals, messages are taken in turn.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import IO

from c1219_tables.registry import STANDARD, Registry
from c1222.capture.pairing import Exchange
from c1222.capture.remark import CaptureRemark, in_file
from c1222.capture.serial_decode import SerialDecoder
from c1222.capture.serial_octets import Mark
from c1222.capture.serial_packets import Found, FoundBroken, FoundPacket, FoundSignal, PacketScanner
from c1222.capture.source import DEFAULT, Limits, OnRead, OnRemark
from c1222.capture.tables import CapturedTables
from c1222.errors import CaptureError
from c1222.link.reader import Signal
from c1222.pcap.packet import Direction

_CHUNK = 1 << 16
_FIRST = 64
"""Packets and signals that tell whether a log has signals."""
_TEXT = re.compile(rb"[\x09-\x0d\x20-\x7e]*")
_HEX_LINE = re.compile(r"(?:0x)?[0-9A-Fa-f]{2}(?:[ \t:,-]*(?:0x)?[0-9A-Fa-f]{2})*", re.ASCII)
_NOT_HEX = re.compile(r"0x|[^0-9A-Fa-f]")

Taken = tuple[Direction, Found]


def decode_logs(
    sent: str | None,
    received: str | None,
    *,
    limits: Limits = DEFAULT,
    on_read: OnRead | None = None,
    known: Mapping[int, bytes] | None = None,
    registry: Registry = STANDARD,
    unidentified: Registry = STANDARD,
) -> Iterator[Exchange | CaptureRemark]:
    """What was said on one serial line, as exchanges, and remarks that belong to no message.

    sent, received: files of what the side that asks sent and received; one of them may be missing. Others as in
    decode.decode_files. Raises CaptureError where a file cannot be read at all, TableError for `known` that do not fit.
    """
    heard: list[CaptureRemark] = []
    tables = CapturedTables(known, registry, unidentified=unidentified)
    decoder = SerialDecoder(heard.append, limits, tables)
    read = _Counter(on_read)
    out = _found(sent, heard.append, read) if sent is not None else iter(())
    back = _found(received, heard.append, read) if received is not None else iter(())
    for way, found in in_order(out, back):
        yield from decoder.take(way, found)
        if heard:
            yield from heard
            heard.clear()
    yield from decoder.close()
    yield from heard


def in_order(sent: Iterator[Found], received: Iterator[Found]) -> Iterator[Taken]:
    """What two logs hold, in the order in which it was said, as far as that can be known."""
    back = _Received(received)
    first = list(islice(sent, _FIRST))
    acknowledges = any(isinstance(one, FoundSignal) for one in first)
    whole = False  # what was sent last ends a message, and its answer has not been taken
    for one in chain(first, sent):
        if isinstance(one, FoundSignal):
            yield from back.until_packet() if one.signal is Signal.ACK else back.until_broken()
        elif isinstance(one, FoundPacket):
            if whole and not acknowledges:
                yield from back.until_message()
            whole = not one.packet.remaining
        yield "out", one
    yield from back.rest()


class _Received:
    """What was received and not taken yet."""

    def __init__(self, found: Iterator[Found]) -> None:
        self._found = found
        self._next = next(found, None)

    def until_packet(self) -> Iterator[Taken]:
        """All up to the next packet, with it."""
        while (one := self._take()) is not None:
            yield "in", one
            if isinstance(one, FoundPacket):
                return

    def until_message(self) -> Iterator[Taken]:
        """All up to the next packet that ends a message, with it."""
        while (one := self._take()) is not None:
            yield "in", one
            if isinstance(one, FoundPacket) and not one.packet.remaining:
                return

    def until_broken(self) -> Iterator[Taken]:
        """The next packet where it is broken: a NAK may also say that nothing came."""
        while not isinstance(self._next, FoundPacket) and (one := self._take()) is not None:
            yield "in", one
            if isinstance(one, FoundBroken):
                return

    def rest(self) -> Iterator[Taken]:
        while (one := self._take()) is not None:
            yield "in", one

    def _take(self) -> Found | None:
        one, self._next = self._next, next(self._found, None)
        return one


class _Counter:
    """Adds up how much of several files was read."""

    def __init__(self, on_read: OnRead | None) -> None:
        self._on_read = on_read
        self._count = 0

    def add(self, count: int) -> None:
        self._count += count
        if self._on_read is not None:
            self._on_read(self._count)


def _found(path: str, on_remark: OnRemark, read: _Counter) -> Iterator[Found]:
    """Packets and signals of one file."""
    try:
        file = Path(path).open("rb")  # noqa: SIM115 - closed below; a generator cannot name both errors otherwise
    except (OSError, ValueError) as exc:
        raise CaptureError(getattr(exc, "strerror", None) or str(exc), file=path) from exc
    scanner = PacketScanner()
    with file:
        for octets, offset in _octets(file, path, on_remark, read):
            yield from scanner.feed(octets, Mark(path, None, None, offset))
    yield from scanner.close()


def _octets(file: IO[bytes], path: str, on_remark: OnRemark, read: _Counter) -> Iterator[tuple[bytes, int]]:
    """Octets of a log, and how many were before them; of hex text the octets that it writes."""
    try:
        chunk = file.read(_CHUNK)
        if not chunk:
            raise CaptureError("the file is empty", file=path)
        if _TEXT.fullmatch(chunk):
            file.seek(0)
            yield from _of_text(file, path, on_remark, read)
            return
        offset = 0
        while chunk:
            yield chunk, offset
            offset += len(chunk)
            read.add(len(chunk))
            chunk = file.read(_CHUNK)
    except OSError as exc:
        raise CaptureError(exc.strerror or str(exc), file=path) from exc


def _of_text(file: IO[bytes], path: str, on_remark: OnRemark, read: _Counter) -> Iterator[tuple[bytes, int]]:
    offset = number = bad = 0
    while line := file.readline(_CHUNK):
        number += 1
        read.add(len(line))
        text = line.decode("latin-1").partition("#")[0].strip()
        if _HEX_LINE.fullmatch(text):
            octets = bytes.fromhex(_NOT_HEX.sub("", text))
            yield octets, offset
            offset += len(octets)
        elif text:
            bad += 1
            if bad == 1:
                on_remark(in_file("line-undecodable", "not hex", path, number))
    if bad > 1:
        on_remark(in_file("line-undecodable", f"{bad - 1} more lines are not hex", path))
