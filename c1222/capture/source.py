"""Files in, captured APDUs out, and octets of serial lines: pcap, pcapng, hex text and logs.

Plain or packed with gzip, from a path or a pipe.
"""

import gzip
import io
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

from c1222.capture.framing import Framed, Framers, Lost
from c1222.capture.hextext import BadLine, MarkedLine, read_hex
from c1222.capture.remark import CaptureRemark, of_file
from c1222.capture.serial_octets import Mark, SerialOctets
from c1222.errors import CaptureError
from c1222.message.framing import C1222_PORT
from c1222.pcap.delivery import Chunk, Datagram
from c1222.pcap.flow import Flow
from c1222.pcap.frames import USER0
from c1222.pcap.limits import DEFAULT_LIMITS
from c1222.pcap.limits import Limits as PcapLimits
from c1222.pcap.packet import Packet
from c1222.pcap.reader import looks_like_capture, open_capture
from c1222.pcap.remark import Remark, Remarks
from c1222.pcap.stack import payloads

OnRemark = Callable[[CaptureRemark], None]
OnRead = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds the memory of a decode. All are at least 1.

    max_message: octets of one APDU. max_line_message: of one message of C12.18, by default the largest that there can
    be. max_buffered: octets of all APDUs that are not complete yet. max_pending: requests that wait for their answers.
    max_pending_octets: octets that these have together (decoded they take up to seven times as much memory).
    answer_seconds: how long they wait, by the time of the packets. max_partial: messages whose segments are not all
    there. pcap: bounds of the capture reader.
    """

    max_message: int = 0x10000
    max_line_message: int = 255 * 8184
    max_buffered: int = 64 << 20
    max_pending: int = 4096
    max_pending_octets: int = 8 << 20
    answer_seconds: int = 300
    max_partial: int = 256
    pcap: PcapLimits = DEFAULT_LIMITS


DEFAULT = Limits()

_SERIAL = frozenset({USER0})
_BUFFER = 1 << 20
_STP, _SIGNALS = b"\xee", b"\x06\x15"
_MAGIC = 4
_FIRST = 512  # of what is packed, which may begin with the name of a file
_GZIP = b"\x1f\x8b"
_BINARY = re.compile(rb"[^\t\n\r\f\x20-\x7e\x80-\xff]")
_LONGEST_LINE = 1 << 20


class Place(NamedTuple):
    """Where a message was.

    file: name as given ("-" for a pipe). packet: of its first octet, from 1; in hex text the line. last_packet: of its
    last octet. time_ns: nanoseconds since 1970 UTC, None where there is no time. flow: None in hex text.
    file_offset: octets from the start of the file to that packet, None in hex text.
    """

    file: str
    packet: int
    time_ns: int | None = None
    flow: Flow | None = None
    last_packet: int | None = None
    file_offset: int | None = None


class Piece(NamedTuple):
    """One APDU as it was captured: perhaps a segment, perhaps broken."""

    octets: bytes
    place: Place


def read_pieces(
    path: str,
    *,
    ports: frozenset[int] = frozenset({C1222_PORT}),
    limits: Limits = DEFAULT,
    on_remark: OnRemark,
    on_read: OnRead | None = None,
) -> Iterator[Piece | SerialOctets]:
    """The APDUs of one file in the order in which they were complete, and what went over serial lines.

    path: "-" for standard input. ports: TCP and UDP ports of C12.22. on_remark: hears what was wrong with the file
    and its streams. on_read: hears how many octets of the file were read so far.

    Raises CaptureError for a file that cannot be opened or is neither a capture nor hex text.
    """
    try:
        source = sys.stdin.buffer if path == "-" else Path(path).open("rb", buffering=0)  # noqa: SIM115
    except OSError as exc:
        raise CaptureError(exc.strerror or str(exc), file=path) from exc
    try:
        counted = _Counted(source, on_read)
        octets = io.BufferedReader(counted, _BUFFER)
        try:
            first = counted.first()
        except OSError as exc:
            raise CaptureError(exc.strerror or str(exc), file=path) from exc
        if not first:
            raise CaptureError("the file is empty", file=path)
        if looks_like_capture(first):
            yield from _capture_pieces(path, octets, ports, limits, on_remark)
        else:
            yield from _hex_pieces(path, octets, first, limits, on_remark)
    finally:
        if path != "-":
            source.close()


class _Counted(io.RawIOBase):
    """The file as it is, and word of how much of it was read."""

    def __init__(self, source: Any, on_read: OnRead | None) -> None:
        self._read = source.readinto1 if isinstance(source, io.BufferedIOBase) else source.readinto
        self._on_read = on_read
        self._count = 0
        self._first = b""

    def readable(self) -> bool:
        return True

    def first(self) -> bytes:
        """As many octets as it takes to tell what they are, however few a pipe gives at a time; they are read again."""
        part = bytearray(_FIRST)
        while count := self._read(part) or 0:
            self._first += part[:count]
            if len(self._first) >= (_FIRST if self._first.startswith(_GZIP[:1]) else _MAGIC):
                break
        return self._first

    def readinto(self, buffer: Any) -> int:
        if self._first:
            count = min(len(self._first), len(buffer))
            buffer[:count], self._first = self._first[:count], self._first[count:]
        else:
            count = self._read(buffer) or 0
        self._count += count
        if self._on_read:
            self._on_read(self._count)
        return count


class _Offsets:
    """Where the latest packets begin in the file. Those further back than any message reaches are forgotten."""

    _KEPT = 1 << 16

    def __init__(self) -> None:
        self._ring = [0] * self._KEPT
        self._latest = 0

    def noted(self, packets: Iterable[Packet]) -> Iterator[Packet]:
        ring, mask = self._ring, self._KEPT - 1
        for packet in packets:
            self._latest = packet[0]
            ring[packet[0] & mask] = packet[5]
            yield packet

    def of(self, number: int) -> int | None:
        """Offset of a packet's record; None where it is forgotten."""
        return self._ring[number & self._KEPT - 1] if self._latest - number < self._KEPT else None


def _capture_pieces(
    path: str, octets: IO[bytes], ports: frozenset[int], limits: Limits, on_remark: OnRemark
) -> Iterator[Piece | SerialOctets]:
    def hear(remark: Remark) -> None:
        on_remark(of_file(remark, path))

    remarks = Remarks(hear, limits.pcap.remarks_per_code)
    offsets = _Offsets()

    def piece(one: Framed) -> Piece:
        octets, packet, time_ns, last_packet, flow = one
        return Piece(octets, Place(path, packet, time_ns, flow, last_packet, offsets.of(packet)))

    def lost(one: Lost) -> None:
        remarks(Remark(one.code, one.text, one.packet, offsets.of(one.packet)))

    framers = Framers(limits.max_message, limits.max_buffered)
    try:
        packets = offsets.noted(open_capture(octets, on_remark=remarks, limits=limits.pcap))
        for part in payloads(packets, ports=ports, on_remark=remarks, limits=limits.pcap, pass_on=_SERIAL):
            if isinstance(part, Datagram):
                place = Place(path, part.packet_number, part.time_ns, part.flow, part.packet_number, part.offset)
                yield Piece(part.data, place)
                continue
            if not isinstance(part, Chunk):
                mark = Mark(path, part.number, part.time_ns, part.offset)
                yield SerialOctets(part.interface, part.direction, part.data, mark)
                continue
            found = framers.feed(
                part.stream,
                part.data,
                part.packet_number,
                part.time_ns,
                flow=part.flow,
                gap=part.gap,
                ends=part.ends,
            )
            for one in found:
                if isinstance(one, Framed):
                    yield piece(one)
                else:
                    lost(one)
    except CaptureError as exc:
        raise CaptureError(exc.problem, file=path, packet=exc.packet, offset=exc.offset) from exc
    for last in framers.close():
        if isinstance(last, Framed):
            yield piece(last)
        else:
            lost(last)


def _hex_pieces(
    path: str, octets: IO[bytes], first: bytes, limits: Limits, on_remark: OnRemark
) -> Iterator[Piece | SerialOctets]:
    unpacked: Any = gzip.GzipFile(fileobj=octets) if first.startswith(_GZIP) else octets
    remarks = Remarks(lambda remark: on_remark(of_file(remark, path)), limits.pcap.remarks_per_code)
    try:
        if unpacked is not octets:
            first = unpacked.peek(_FIRST)[:_FIRST]
        for number, found in enumerate(read_hex(_lines(unpacked, path), limits.max_message)):
            if isinstance(found, BadLine):
                if number == 0 and _BINARY.search(first):
                    raise CaptureError("neither pcap nor pcapng nor hex text", file=path, offset=0)
                remarks(Remark("line-undecodable", found.text, found.line))
            elif isinstance(found, MarkedLine):
                yield SerialOctets(0, found.way, found.octets, Mark(path, found.line, found.time_ns))
            elif _is_serial(found.octets):
                yield SerialOctets(0, None, found.octets, Mark(path, found.line))
            else:
                yield Piece(found.octets, Place(path, found.line, last_packet=found.line))
    except (OSError, EOFError, zlib.error) as exc:
        remarks(Remark("line-undecodable", f"the packed text is damaged: {exc}"))


def _is_serial(octets: bytes) -> bool:
    """Whether octets without a mark are those of a serial line: a packet, ACK or NAK before it, or one of these."""
    return octets.lstrip(_SIGNALS)[:1] in (_STP, b"")


def _lines(octets: IO[bytes], path: str) -> Iterator[str]:
    """Lines of text; one that is longer than any message is cut, which makes it a bad line."""
    while line := octets.readline(_LONGEST_LINE):
        yield line.decode("latin-1")
