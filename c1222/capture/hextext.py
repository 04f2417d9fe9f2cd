"""Messages as hex text: one a line, or hex dumps with offset and text columns.

    # comment
    60 4f a2 05 80 03 7b c1 75 ...
    0000  60 4f a2 05 80 03 7b c1  75 a6 04 80 02 7b 04 a8   `O......u....{..
    0010  03 02 01 03 ...

A dump line says at which octet of its message it begins; 0 begins a new message.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_OFFSET = re.compile(r"(?:0x)?([0-9A-Fa-f]{4,8})(?::\s*|\s{2,}|\t)(?=[0-9A-Fa-f]{2})")
_OCTETS = re.compile(r"(?:0x)?[0-9A-Fa-f]{2}(?:[ :,-]{0,2}(?:0x)?[0-9A-Fa-f]{2})*")


@dataclass(frozen=True, slots=True)
class HexMessage:
    """octets of one message; line: where it begins, from 1."""

    octets: bytes
    line: int


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is not hex. text says what was found."""

    text: str
    line: int


def read_hex(lines: Iterable[str], max_message: int) -> Iterator[HexMessage | BadLine]:
    """Messages of hex text, in order. A message of a dump ends where the next begins, or at an empty line.

    A line that is not hex ends the message before it and is returned as BadLine; so is a message over `max_message`.
    """
    held, began = bytearray(), 0
    for number, line in enumerate(lines, 1):
        text = line.partition("#")[0].rstrip()
        dump = _OFFSET.match(text.lstrip())
        continues = dump is not None and held and int(dump[1], 16) == len(held)
        if held and not continues:
            yield HexMessage(bytes(held), began)
            held.clear()
        if not text.strip():
            continue
        octets = _octets(text.lstrip()[dump.end() :] if dump else text.strip(), dump is not None)
        if octets is None:
            yield BadLine(f"not hex: {text.strip()[:40]!r}", number)
        elif len(held) + len(octets) > max_message:
            yield BadLine(f"a message of more than {max_message} octets", number)
            held.clear()
        elif dump is None:
            yield HexMessage(octets, number)
        elif not continues and int(dump[1], 16) != 0:
            yield BadLine(f"a dump line at {dump[1]} whose beginning is missing", number)
        else:
            began = began if continues else number
            held += octets
    if held:
        yield HexMessage(bytes(held), began)


def _octets(text: str, is_dump: bool) -> bytes | None:
    """Octets of a line; behind those of a dump, two blanks or a bar begin the text column."""
    match = _OCTETS.match(text)
    if not match:
        return None
    rest = text[match.end() :]
    if rest and not (is_dump and re.match(r"\s*\||\s{2,}", rest)):
        return None
    return bytes.fromhex(re.sub(r"0x|[^0-9A-Fa-f]", "", match[0]))
