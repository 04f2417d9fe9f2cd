"""BER words: lengths, tagged elements, unsigned integers.

Strict writer, tolerant reader: we write the fewest octets and the declared order; what a sender wrote otherwise is
read, kept with the decoded value, remarked, and written back the same way. Source: X.690 for the forms; the tolerances
are those of deployed C12.22 software (docs/sources.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from construct import Construct

from c1219_tables.schema.cursor import Cursor, Writer
from c1219_tables.schema.dialect import Misfit, Record, Sized, build_field, element, parse_field, short

# 83 says three octets of length follow: 16 MiB, far more than any message. 84 is written by one deployed client.
MAX_LENGTH_OCTETS = 4


def encode_length(length: int, octets: int = 1) -> bytes:
    """BER length in the fewest octets, but at least `octets` in all (to write a sender's longer form again)."""
    if length < 0x80 and octets <= 1:
        return bytes([length])
    width = max((length.bit_length() + 7) // 8, octets - 1, 1)
    return bytes([0x80 | width]) + length.to_bytes(width, "big")


def read_length(octets: bytes | bytearray, pos: int, end: int) -> tuple[int, int]:
    """BER length at `pos`: (length, position behind it).

    Raises ValueError where it is cut, indefinite (80) or of more than four octets. What is left is not looked at.
    """
    if pos >= end:
        raise ValueError("1 octet wanted, 0 left")
    first = octets[pos]
    if first < 0x80:
        return first, pos + 1
    width = first & 0x7F
    if not width:
        raise ValueError("an indefinite length (80) is not allowed")
    if width > MAX_LENGTH_OCTETS:
        raise ValueError(f"a length of {width} octets is too long")
    behind = pos + 1 + width
    if behind > end:
        raise ValueError(f"a length of {width} octets, {end - pos - 1} left")
    return int.from_bytes(octets[pos + 1 : behind], "big"), behind


class Slice(NamedTuple):
    """Place of a tagged element in octets: tag at `start`, content from `content` to `end`."""

    tag: int
    start: int
    content: int
    end: int


def walk(octets: bytes | bytearray, start: int, end: int) -> Iterator[Slice]:
    """The tagged elements side by side in octets[start:end]. Raises ValueError where they do not fit."""
    while start < end:
        length, content = read_length(octets, start + 1, end)
        if length > end - content:
            raise ValueError(f"element {octets[start]:02X} claims {length} octets, {end - content} left")
        yield Slice(octets[start], start, content, content + length)
        start = content + length


class BerLength(Construct):
    """A BER length; decodes to an int. A form longer than needed is kept and remarked."""

    def _parse(self, stream: Cursor, context: Mapping[str, Any], path: str) -> int:
        start = stream.pos
        try:
            length, stream.pos = read_length(stream.octets, start, stream.end)
        except ValueError as exc:
            raise Misfit(str(exc), path, start) from None
        used = stream.pos - start
        if used > 1 and used > len(encode_length(length)):
            stream.remark("length-not-minimal", f"a length of {length} written in {used} octets", path, start)
            stream.forms[f"{path}#length"] = used
        return length

    def _build(self, obj: Any, stream: Writer, context: Mapping[str, Any], path: str) -> Any:
        stream.write(encode_length(obj, int(str(stream.forms.get(f"{path}#length", 1)))))
        return obj


BER_LENGTH = BerLength()


class BerUnsigned(Construct):
    """An unsigned integer in all octets of its region, most significant first, in the fewest octets.

    Deployed C12.22 software writes 80H..FFH in one octet, which strict BER would call negative, and refuses a leading
    00; other software writes the leading 00. Both are read, the latter is kept and remarked.
    """

    MAX_OCTETS = 8

    def _parse(self, stream: Cursor, context: Mapping[str, Any], path: str) -> int:
        start = stream.pos
        width = stream.end - start
        if not 1 <= width <= self.MAX_OCTETS:
            raise Misfit(f"an integer of {width} octets (1 to {self.MAX_OCTETS} fit)", path, start)
        value = int.from_bytes(stream.read(width), "big")
        if width > 1 and value < 1 << 8 * (width - 1):
            stream.remark("integer-not-minimal", f"the integer {value} written in {width} octets", path, start)
            stream.forms[f"{path}#integer"] = width
        return value

    def _build(self, obj: Any, stream: Writer, context: Mapping[str, Any], path: str) -> Any:
        if not isinstance(obj, int) or not 0 <= obj < 1 << 8 * self.MAX_OCTETS:
            raise Misfit(f"{obj!r} given where 0 to {(1 << 8 * self.MAX_OCTETS) - 1} fits", path)
        width = max((obj.bit_length() + 7) // 8, int(str(stream.forms.get(f"{path}#integer", 1))))
        stream.write(obj.to_bytes(width, "big"))
        return obj


BER_UNSIGNED = BerUnsigned()


class Tlv(Construct):
    """One element with this tag: tag, BER length, content."""

    def __init__(self, tag: int, content: Construct) -> None:
        super().__init__()
        self.tag = tag
        self.content = element(content)[1]
        self.sized = Sized(BER_LENGTH, self.content)

    def _parse(self, stream: Cursor, context: dict[str, Any], path: str) -> Any:
        start = stream.pos
        if start >= stream.end:
            raise short(path, stream, 1)
        if stream.octets[start] != self.tag:
            raise Misfit(f"element {self.tag:02X} wanted, {stream.octets[start]:02X} found", path, start)
        stream.pos = start + 1
        return self.sized._parse(stream, context, f"{path}#{self.tag:02X}")

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        stream.write(bytes([self.tag]))
        return self.sized._build(obj, stream, context, f"{path}#{self.tag:02X}")


class Tagged(Construct):
    """Elements told apart by their tags, each at most once, any of them absent (None), until the region ends.

    Written in the declared order, or in the order they were read. Elements with other tags are kept in
    `unknown_elements` as {tag, content} and written before the last declared element.
    A repeated tag is refused: it would make the text that security covers ambiguous.
    """

    UNKNOWN = "unknown_elements"

    def __init__(self, *subcons: Construct) -> None:
        super().__init__()
        self.subcons = list(subcons)
        self.fields = tuple(element(field) for field in subcons)
        self.by_tag = {layout.tag: (name, layout) for name, layout, _ in self.fields}
        self.empty: dict[str, Any] = dict.fromkeys([name for name, _, _ in self.fields])
        self.tags = tuple(self.by_tag)

    def _parse(self, stream: Cursor, context: dict[str, Any], path: str) -> Record:
        record = Record(self.empty)
        unknown: list[Record] = []
        record[self.UNKNOWN] = unknown
        seen: list[int] = []
        while stream.pos < stream.end:
            start = stream.pos
            tag = stream.octets[start]
            if tag in seen:
                raise Misfit(f"element {tag:02X} is there twice", path, start)
            seen.append(tag)
            if tag in self.by_tag:
                name, layout = self.by_tag[tag]
                record[name] = parse_field(layout, stream, context, f"{path}.{name}")
            else:
                unknown.append(self._keep(stream, f"{path}.{self.UNKNOWN}[{len(unknown)}]"))
        if seen != [tag for tag in self.tags if tag in seen]:
            if not unknown:
                stream.remark("element-order", "elements are not in the usual order", path, stream.end)
            stream.forms[f"{path}#order"] = tuple(seen)
        return record

    def _keep(self, stream: Cursor, path: str) -> Record:
        start = stream.pos
        tag = stream.octets[start]
        stream.pos += 1
        content = parse_field(_ANY, stream, {}, path)
        stream.remark("unknown-element", f"element {tag:02X} is not known, its octets are kept", path, start)
        return Record(tag=tag, content=content)

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        if not isinstance(obj, Mapping):
            raise Misfit(f"something else ({type(obj).__name__}) given where named elements are wanted", path)
        if strange := [name for name in obj if name not in self.empty and name != self.UNKNOWN]:
            raise Misfit(f"no such element here (there are: {', '.join(self.empty)})", f"{path}.{strange[0]}")
        parts: dict[int, bytes] = {}
        strays = obj.get(self.UNKNOWN) or ()
        if not isinstance(strays, Sequence):
            raise Misfit("a list of elements is wanted", f"{path}.{self.UNKNOWN}")
        for index, kept in enumerate(strays):
            where = f"{path}.{self.UNKNOWN}[{index}]"
            if not isinstance(kept, Mapping) or not {"tag", "content"} == set(kept) or kept["tag"] not in range(256):
                raise Misfit("a tag of 0 to 255 and its content are wanted", where)
            if kept["tag"] in self.by_tag or kept["tag"] in parts:
                raise Misfit(f"element {kept['tag']:02X} is there twice", where)
            place = Writer(stream.forms)
            build_field(_ANY, kept["content"], place, context, where)
            parts[kept["tag"]] = bytes([kept["tag"]]) + place.getvalue()
        unknown = tuple(parts)
        for tag, (name, layout) in self.by_tag.items():
            if obj.get(name) is not None:
                place = Writer(stream.forms)
                build_field(layout, obj[name], place, context, f"{path}.{name}")
                parts[tag] = place.getvalue()
        order: Any = stream.forms.get(f"{path}#order", (*self.tags[:-1], *unknown, self.tags[-1]))
        for tag in sorted(parts, key=lambda tag: order.index(tag) if tag in order else len(order)):
            stream.write(parts[tag])
        return obj


class _Octets(Construct):
    """All octets of the region: the content of an element whose layout is not known."""

    def _parse(self, stream: Cursor, context: Mapping[str, Any], path: str) -> bytes:
        return stream.read()

    def _build(self, obj: Any, stream: Writer, context: Mapping[str, Any], path: str) -> Any:
        stream.write(obj)
        return obj


_ANY = Sized(BER_LENGTH, _Octets())
