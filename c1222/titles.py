"""Object identifiers and ApTitles: text and octets.

An ApTitle is written absolute (tag 06) or relative to the C12.22 root (tag 80 inside ACSE elements, 0D in service data
and tables). Text: `2.16.124.113620.1.22.0.123.8437` absolute, `.123.8437` relative, `` (nothing) the empty title.
Sources: docs/sources.md, ADP WS ITR SPI; the root was verified against a published, authenticated message.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from construct import Construct

from c1219_tables.schema.ber import BER_LENGTH
from c1219_tables.schema.compiler import Code, Scope, Unusual, emits
from c1219_tables.schema.cursor import Cursor, Writer
from c1219_tables.schema.dialect import Misfit, Sized, short

ABSOLUTE = 0x06
RELATIVE_ACSE = 0x80
RELATIVE_DATA = 0x0D

MAX_OCTETS = 127
"""Longest content of an identifier that we take. Longer ones would only serve to waste memory."""


def encode_arcs(arcs: tuple[int, ...]) -> bytes:
    """Base-128 content octets, most significant first, for arcs as they stand (the first two not yet combined)."""
    out = bytearray()
    for arc in arcs:
        if arc < 0:
            raise ValueError("an arc is never negative")
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | (arc & 0x7F))
        out += bytes(reversed(groups))
    return bytes(out)


def decode_arcs(content: bytes) -> tuple[int, ...]:
    """Arcs of base-128 content octets, the first one not yet split. Raises ValueError where the last arc is cut."""
    arcs, arc = [], 0
    for octet in content:
        arc = arc << 7 | octet & 0x7F
        if octet < 0x80:
            arcs.append(arc)
            arc = 0
    if content and content[-1] >= 0x80:
        raise ValueError("the last arc is cut")
    return tuple(arcs)


def _text_of_absolute(content: bytes) -> str:
    first, *others = decode_arcs(content)
    top = min(first // 40, 2)
    return ".".join(str(arc) for arc in (top, first - 40 * top, *others))


def _arcs_of(text: str) -> tuple[int, ...]:
    # int() alone would take "+1", " 1", "1_0" and "-1" as well.
    parts = text.split(".")
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise ValueError("every arc is a number")
    return tuple(int(part) for part in parts)


def _absolute_content(text: str) -> bytes:
    arcs = _arcs_of(text)
    if len(arcs) < 2 or not 0 <= arcs[0] <= 2 or (arcs[0] < 2 and arcs[1] > 39):
        raise ValueError("an absolute identifier has two arcs at least, the first 0, 1 or 2")
    return encode_arcs((40 * arcs[0] + arcs[1], *arcs[2:]))


C1222_CONTEXT = _absolute_content("2.16.124.113620.1.22")
"""Content octets of the C12.22 application context."""
ROOT = C1222_CONTEXT + b"\x00"
"""Content octets of the root that relative ApTitles hang from, 2.16.124.113620.1.22.0."""


@dataclass(frozen=True, slots=True)
class ApTitle:
    """One title as it was written.

    tag: 06 absolute; 80 or 0D relative; other tags are kept as they are.
    content: its octets behind tag and length, 0 to 127 of them.
    """

    tag: int
    content: bytes

    @classmethod
    def parse(cls, text: str, *, relative_tag: int = RELATIVE_ACSE) -> "ApTitle":
        """`2.16.124...` or `.123.8437`; "" is the empty relative title. Raises ValueError with what is wrong."""
        parts = text.strip().removeprefix(".")
        try:
            if not parts and text.strip() in ("", "."):
                return cls(relative_tag, b"")
            if text.strip().startswith("."):
                title = cls(relative_tag, encode_arcs(_arcs_of(parts)))
            else:
                title = cls(ABSOLUTE, _absolute_content(parts))
        except ValueError as exc:
            raise ValueError(f"{text!r} is not an ApTitle ({exc}); write 1.2.3 or, relative, .123.4") from None
        if len(title.content) > MAX_OCTETS:
            raise ValueError(
                f"an ApTitle takes at most {MAX_OCTETS} octets, {text[:20]!r}... needs {len(title.content)}"
            )
        return title

    @property
    def is_relative(self) -> bool:
        return self.tag in (RELATIVE_ACSE, RELATIVE_DATA)

    def with_tag(self, tag: int) -> "ApTitle":
        """The same relative title for another place: 80 in ACSE elements, 0D in service data and tables."""
        return ApTitle(tag, self.content) if self.is_relative else self

    def absolute(self, root: bytes = ROOT) -> bytes:
        """Content octets of the absolute form: the name of the node, equal for both ways to write it."""
        return root + self.content if self.is_relative else self.content

    @property
    def text(self) -> str:
        return _text(self.tag, self.content)

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=4096)
def _text(tag: int, content: bytes) -> str:
    try:
        if tag in (RELATIVE_ACSE, RELATIVE_DATA):
            return "".join(f".{arc}" for arc in decode_arcs(content))
        if tag == ABSOLUTE and content:
            return _text_of_absolute(content)
    except ValueError:
        pass
    return f"{tag:02x}:{content.hex()}"


class Uid(Construct):
    """An identifier with its tag and length, wherever it stands. Decodes to an ApTitle.

    tags: those expected here; another tag is kept and remarked, as is content whose last arc is cut.
    """

    def __init__(self, *tags: int) -> None:
        super().__init__()
        self.tags = tags
        self.sized = Sized(BER_LENGTH, _CONTENT)

    def _parse(self, stream: Cursor, context: dict[str, Any], path: str) -> ApTitle:
        start = stream.pos
        if start >= stream.end:
            raise short(path, stream, 1)
        tag = stream.octets[start]
        stream.pos += 1
        title = ApTitle(tag, self.sized._parse(stream, context, f"{path}#title"))
        if tag not in self.tags:
            stream.remark("title-tag", f"tag {tag:02X} where an ApTitle has {_either(self.tags)}", path, start)
        if title.content and title.content[-1] >= 0x80:
            stream.remark("title-cut", "the last arc of the title is cut", path, start)
        return title

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        if not isinstance(obj, ApTitle):
            raise Misfit(f"{obj!r} given where an ApTitle is wanted", path)
        stream.write(bytes([obj.tag]))
        self.sized._build(obj.content, stream, context, f"{path}#title")
        return obj


class ImplicitUid(Construct):
    """An absolute identifier as the bare content of an element, without tag 06 of its own. Decodes to an ApTitle."""

    def _parse(self, stream: Cursor, context: dict[str, Any], path: str) -> ApTitle:
        return ApTitle(ABSOLUTE, _CONTENT._parse(stream, context, path))

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        if not isinstance(obj, ApTitle) or obj.tag != ABSOLUTE:
            raise Misfit(f"{obj!r} given where an absolute identifier is wanted", path)
        return _CONTENT._build(obj.content, stream, context, path)


def _either(tags: tuple[int, ...]) -> str:
    return " or ".join(f"{tag:02X}" for tag in tags)


class _Content(Construct):
    def _parse(self, stream: Cursor, context: Mapping[str, Any], path: str) -> bytes:
        if stream.end - stream.pos > MAX_OCTETS:
            raise Misfit(f"a title of {stream.end - stream.pos} octets (at most {MAX_OCTETS} fit)", path, stream.pos)
        return stream.read()

    def _build(self, obj: Any, stream: Writer, context: Mapping[str, Any], path: str) -> Any:
        if len(obj) > MAX_OCTETS:
            raise Misfit(f"a title of {len(obj)} octets (at most {MAX_OCTETS} fit)", path)
        stream.write(obj)
        return obj


_CONTENT = _Content()

ACSE_UID = Uid(ABSOLUTE, RELATIVE_ACSE)
"""A title inside an ACSE element: relative titles have tag 80."""
DATA_UID = Uid(ABSOLUTE, RELATIVE_DATA, RELATIVE_ACSE)
"""A title in service data or a table: relative titles have tag 0D; some software writes 80."""


@lru_cache
def _usual(tags: tuple[int, ...]) -> Callable[[bytes], ApTitle]:
    """Reads the usual form of a title with one of these tags: a short length, the last arc whole; else Unusual."""

    @lru_cache(maxsize=16384)
    def read(octets: bytes) -> ApTitle:
        tag, length, content = octets[0], octets[1], octets[2:]
        if tag not in tags or length != len(content) or length > MAX_OCTETS or content[-1:] >= b"\x80":
            raise Unusual
        return ApTitle(tag, content)

    return read


@emits(Uid)
def _(code: Code, word: Uid, target: str, end: str, scope: Scope) -> None:
    # Titles come again and again: tag, length and content of one are looked up together.
    whole = code.name("t")
    code.line(f"{whole} = octets[pos:pos + 2 + octets[pos + 1]]; pos += len({whole})")
    code.check(f"pos <= {end}")
    code.line(f"{target} = {code.use(_usual(word.tags))}({whole})")
