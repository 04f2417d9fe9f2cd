"""Messages as hex text: one a line, or hex dumps with offset and text columns.

    # comment
    60 4f a2 05 80 03 7b c1 75 ...
    0000  60 4f a2 05 80 03 7b c1  75 a6 04 80 02 7b 04 a8   `O......u....{..
    0010  03 02 01 03 ...

A dump line says at which octet of its message it begins; 0 begins a new message. The forms of xxd, of hexdump -C (which
writes `*` for lines like the one before, and a last line that is only an offset) and of Wireshark are read.

Lines of a log that say which way octets went on a serial line (serial_text.py) may stand anywhere between.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from c1222.capture.serial_text import read_mark
from c1222.pcap.packet import Direction

_OFFSET = re.compile(r"\s*(?:0x)?([0-9A-Fa-f]{4,8})(?::\s*|\s{2,}|\t)(?=[0-9A-Fa-f]{2})")
_END = re.compile(r"\s*(?:0x)?([0-9A-Fa-f]{4,8}):?\s*")
_OCTETS = re.compile(r"(?:0x)?[0-9A-Fa-f]{2}(?:[ :,-]{0,2}(?:0x)?[0-9A-Fa-f]{2})*")
_WIDE_GAP = re.compile(r"\s{2,}")
_BEHIND_DUMP = re.compile(r"\s*[|#]|\s{2,}")


@dataclass(frozen=True, slots=True)
class HexMessage:
    """octets of one message; line: where it begins, from 1."""

    octets: bytes
    line: int


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """octets that went one way over a serial line. time_ns: since 1970 UTC, None where the line does not say."""

    octets: bytes
    line: int
    way: Direction
    time_ns: int | None


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is not hex. text says what was found."""

    text: str
    line: int


class _Dump:
    """The dump that is being read. octets: so far; line: where it begins; last: octets of its last line."""

    def __init__(self) -> None:
        self.octets = bytearray()
        self.line = 0
        self.last = b""
        self.repeats = False  # `*` was read

    def continues(self, offset: int, most: int) -> bool:
        """Whether a line at `offset` goes on; fills in the lines that `*` stood for, up to `most` octets."""
        if self.repeats and self.last and len(self.octets) < offset <= most:
            missing = offset - len(self.octets)
            self.octets += (self.last * (missing // len(self.last) + 1))[:missing]
        self.repeats = False
        return bool(self.octets) and offset == len(self.octets)

    def add(self, octets: bytes) -> None:
        self.octets += octets
        self.last = octets

    def take(self) -> Iterator[HexMessage]:
        """What was held, which is complete; nothing is held then."""
        if self.octets:
            yield HexMessage(bytes(self.octets), self.line)
        self.octets.clear()
        self.last, self.repeats = b"", False


def read_hex(lines: Iterable[str], max_message: int) -> Iterator[HexMessage | MarkedLine | BadLine]:
    """Messages of hex text, in order. A message of a dump ends where the next begins, or at an empty line.

    A line that is not hex ends the message before it and is returned as BadLine; so is a message over `max_message`.
    """
    dump = _Dump()
    for number, line in enumerate(lines, 1):
        line = line.rstrip()
        if mark := read_mark(line):
            yield from dump.take()
            text = line[mark.end :].partition("#")[0].rstrip()
            octets, bad = _octets(text)
            if not text:
                continue
            if octets is None:
                yield BadLine(f"not hex from column {mark.end + bad + 1} on", number)
            else:
                yield MarkedLine(octets, number, mark.way, mark.time_ns)
            continue
        at = _OFFSET.match(line)
        if dump.octets and line.strip() == "*":
            dump.repeats = True
            continue
        end = _END.fullmatch(line) if at is None and dump.octets else None
        if end is not None and dump.continues(int(end[1], 16), max_message):
            yield from dump.take()
            continue
        offset = int(at[1], 16) if at is not None else 0
        continues = at is not None and dump.continues(offset, max_message)
        if not continues:
            yield from dump.take()
        if at is None:
            line = line.partition("#")[0].rstrip()
            if not line:
                continue
        start = at.end() if at is not None else len(line) - len(line.lstrip())
        octets, bad = _dumped(line[start:]) if at is not None else _octets(line[start:])
        if octets is None:
            # What stands there is not repeated: it may be a message with a password, and one digit wrong.
            yield from dump.take()
            yield BadLine(f"not hex from column {start + bad + 1} on", number)
        elif len(dump.octets) + len(octets) > max_message:
            yield BadLine(f"a message of more than {max_message} octets", number)
            dump = _Dump()
        elif at is None:
            yield HexMessage(octets, number)
        elif offset and not continues:
            yield BadLine(f"a dump line at {at[1]} whose beginning is missing", number)
        else:
            dump.line = dump.line if continues else number
            dump.add(octets)
    yield from dump.take()


def _octets(text: str) -> tuple[bytes | None, int]:
    """Octets of a line, or None and where it stops to be hex."""
    match = _OCTETS.match(text)
    if match is None:
        return None, 0
    return (None if match.end() < len(text) else _hex(match[0])), match.end()


def _dumped(text: str) -> tuple[bytes | None, int]:
    """The same of a line of a dump behind its offset: two blanks or a bar may begin a text column."""
    match = _OCTETS.match(text)
    if match is None:
        return None, 0
    # Text may look like hex ("30 31" is "01"): it is the text column where it shows the octets before it.
    for gap in _WIDE_GAP.finditer(match[0]):
        octets = _hex(text[: gap.start()])
        if text[gap.end() :].strip() == _shown(octets):
            return octets, 0
    if match.end() < len(text) and not _BEHIND_DUMP.match(text, match.end()):
        return None, match.end()
    return _hex(match[0]), match.end()


def _hex(text: str) -> bytes:
    return bytes.fromhex(re.sub(r"0x|[^0-9A-Fa-f]", "", text))


def _shown(octets: bytes) -> str:
    return "".join(chr(octet) if 0x20 <= octet <= 0x7E else "." for octet in octets).strip()
