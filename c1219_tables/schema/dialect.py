"""The words that layouts are written in, for tables and messages alike.

Our words derive from construct's classes and mix with its fields (`Int8ub`, `Bytes`, `Switch`); BER words are in
ber.py. Rules that keep a layout readable by a program:

- Conditions, counts and lengths are numbers or `this` expressions, never lambdas.
- Every element of a Struct has a name; what it is for, who says so and how sure that is rides on it as a `note`.
- construct's own Struct, Array, If, GreedyRange, Select, Optional and Prefixed are not used on wire data: they hide
  errors, lose the place, drop values, or read past the region.

A Struct decodes to a Record (a dict with attribute access); `this.x` sees the elements before, `this._.x` those of the
enclosing Struct, `this._params.x` what the caller passed to decode or encode.
"""

import reprlib
from collections.abc import Iterator, Mapping
from typing import Any

from construct import Construct, ConstructError, IfThenElse, Renamed, StreamError, evaluate

from c1219_tables.provenance import independent
from c1219_tables.schema.cursor import Cursor, Span, Writer

__all__ = [
    "NOTHING",
    "Array",
    "Bit",
    "BitField",
    "If",
    "Misfit",
    "Note",
    "Nothing",
    "Record",
    "Refused",
    "RepeatToEnd",
    "Rest",
    "Secret",
    "SecretOctets",
    "Set",
    "Shared",
    "Sized",
    "Struct",
    "Tail",
    "Text",
    "Trailing",
    "UnsignedRest",
    "UpTo",
    "bits",
    "element",
    "flag",
    "note",
]

# An array element may be empty (a time where the meter has no clock). So many of them, in all arrays of one decode
# together, are still an honest table; without a limit, arrays in arrays of nothing would go on for ever.
MAX_EMPTY_ELEMENTS = 65536


class Misfit(ConstructError):
    """Octets or values do not fit, found by one of our words. Layout turns it into a LayoutError."""

    def __init__(self, problem: str, path: str, offset: int | None = None) -> None:
        super().__init__(problem, path=path)
        self.problem = problem
        self.offset = offset


class Record(dict[str, Any]):
    """A decoded Struct: a plain dict whose keys can be read as attributes."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"no element {name!r} (there are: {', '.join(self)})") from None


class Note(str):
    """What an element is for, with its sources.

    sources: short names as in docs/sources.md; agreement of implementations that do not know each other is what makes
        a fact sure, because the standard's text is not public.
    sure: "agreed" (two or more independent sources), "single" (one source), "inferred" (no source says it outright),
        "none" (no source at all).
    """

    __slots__ = ("sources", "sure")
    sources: tuple[str, ...]
    sure: str


def note(text: str, sources: str, *, sure: str | None = None) -> Note:
    """The words behind an element: `"iv" / Bytes(4) * note("nonce, UTC seconds", "ADP WS SPI")`."""
    made = Note(text)
    made.sources = tuple(sources.split())
    count = len(independent(made.sources))
    made.sure = sure or ("agreed" if count > 1 else "single" if count else "none")
    return made


def element(field: Construct) -> tuple[str, Construct, str]:
    """Name, layout and note of an element that was written `"name" / layout * note(...)`."""
    inner = field
    while isinstance(inner, Renamed):
        inner = inner.subcon
    return field.name, inner, field.docs


def short(path: str, cursor: Cursor, wanted: int) -> Misfit:
    return Misfit(f"{_octets(wanted)} wanted, {cursor.end - cursor.pos} left", path, cursor.pos)


def _octets(count: int) -> str:
    return "1 octet" if count == 1 else f"{count} octets"


def number(expression: Any, scope: Mapping[str, Any]) -> int:
    """A count or length that is a number or a `this` expression."""
    value = expression(scope) if callable(expression) else expression
    if value is None:
        raise TypeError(f"{expression!r} is not given")
    return int(value)


def parse_field(layout: Construct, cursor: Cursor, scope: dict[str, Any], path: str) -> Any:
    """One element: its value, its place traced, library errors given the place they happened at."""
    start = cursor.pos
    value = parse_inner(layout, cursor, scope, path)
    if cursor.trace is not None:
        cursor.trace.append(Span(path, start, cursor.pos))
    return value


def parse_inner(layout: Construct, cursor: Cursor, scope: dict[str, Any], path: str) -> Any:
    """What fills a length or stands behind a tag: as parse_field, but it has no place of its own."""
    start = cursor.pos
    try:
        return layout._parse(cursor, scope, path)
    except Misfit:
        raise
    except StreamError:
        wanted = layout._sizeof(scope, path)
        raise short(path, cursor, wanted) from None
    except (ConstructError, LookupError, TypeError, ArithmeticError, UnicodeError) as exc:
        raise Misfit(f"cannot be decoded: {_reason(exc)}", path, start) from exc


def build_field(layout: Construct, value: Any, writer: Writer, scope: dict[str, Any], path: str) -> None:
    try:
        layout._build(value, writer, scope, path)
    except Misfit:
        raise
    except (ConstructError, LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as exc:
        raise Misfit(f"{_shown(value)} does not fit: {_reason(exc)}", path) from exc


def _shown(value: Any) -> str:
    """A value in an error. Whatever may hold a secret inside, or be one, is named by its type alone."""
    return repr(value) if isinstance(value, int | float | None) else f"something else ({type(value).__name__})"


def _reason(exc: Exception) -> str:
    return str(exc).split("\n")[-1].strip() or type(exc).__name__


class Struct(Construct):
    """Named elements, one after the other."""

    def __init__(self, *subcons: Construct) -> None:
        super().__init__()
        self.subcons = list(subcons)
        self.fields = tuple(element(field) for field in subcons)
        self.names = frozenset(name for name, _, _ in self.fields)
        if None in self.names or len(self.names) != len(self.fields):
            raise TypeError("every element of a Struct needs a name of its own")

    def _parse(self, stream: Cursor, context: Mapping[str, Any], path: str) -> Record:
        record = Record()
        scope: dict[str, Any] = {"_": context, "_params": context["_params"]}
        for name, layout, _ in self.fields:
            record[name] = scope[name] = parse_field(layout, stream, scope, f"{path}.{name}")
        return record

    def _build(self, obj: Any, stream: Writer, context: Mapping[str, Any], path: str) -> Any:
        # None says that nothing is given, which is right where every element may be left out.
        obj = {} if obj is None else obj
        if not isinstance(obj, Mapping):
            raise Misfit(f"{_shown(obj)} given where named elements are wanted", path)
        if unknown := [name for name in obj if name not in self.names]:
            raise Misfit(
                f"no such element here (there are: {', '.join(n for n, _, _ in self.fields)})", f"{path}.{unknown[0]}"
            )
        scope: dict[str, Any] = {"_": context, "_params": context["_params"], **obj}
        for name, layout, _ in self.fields:
            if name not in obj and not layout.flagbuildnone and not (isinstance(layout, If) and layout.absent(scope)):
                raise Misfit("a value is missing", f"{path}.{name}")
            value = obj.get(name)
            # Conditions see what a reader would see: None for what is left out, 0 for bits that are not given.
            scope[name] = layout.filled(value) if isinstance(layout, BitField) else value
            build_field(layout, value, stream, scope, f"{path}.{name}")
        return obj

    def _sizeof(self, context: Mapping[str, Any], path: str) -> int:
        return sum(layout._sizeof(context, path) for _, layout, _ in self.fields)


class Array(Construct):
    """`count` elements of one kind; decodes to a list."""

    def __init__(self, count: Any, subcon: Construct) -> None:
        super().__init__()
        self.count = count
        self.subcon = element(subcon)[1]

    def _parse(self, stream: Cursor, context: dict[str, Any], path: str) -> list[Any]:
        values: list[Any] = []
        for index in range(number(self.count, context)):
            start = stream.pos
            values.append(parse_field(self.subcon, stream, context, f"{path}[{index}]"))
            if stream.pos == start:
                stream.empty_elements += 1
                if stream.empty_elements > MAX_EMPTY_ELEMENTS:
                    raise Misfit(f"more than {MAX_EMPTY_ELEMENTS} elements that take no octets", path, start)
        return values

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        count = number(self.count, context)
        if len(obj) != count:
            raise Misfit(f"{count} elements wanted, {len(obj)} given", path)
        for index, value in enumerate(obj):
            build_field(self.subcon, value, stream, context, f"{path}[{index}]")
        return obj

    def _sizeof(self, context: Mapping[str, Any], path: str) -> int:
        count = number(self.count, context)
        return count and count * int(self.subcon._sizeof(context, path))


class Shared(Construct):
    """`count` elements of one kind that share what is left of the region equally; decodes to a list.

    Each element ends where its share does, so that a record may be longer than its known part.
    """

    def __init__(self, count: Any, subcon: Construct) -> None:
        super().__init__()
        self.count = count
        self.subcon = element(subcon)[1]

    def _parse(self, stream: Cursor, context: dict[str, Any], path: str) -> list[Any]:
        count, outer = number(self.count, context), stream.end
        left = outer - stream.pos
        if not count:
            return []
        if left % count:
            raise Misfit(f"{_octets(left)} cannot be shared by {count} elements", path, stream.pos)
        values: list[Any] = []
        for index in range(count):
            stream.end = stream.pos + left // count
            values.append(parse_field(self.subcon, stream, context, f"{path}[{index}]"))
            if stream.pos != stream.end:
                raise Misfit(f"{_octets(stream.end - stream.pos)} left over", f"{path}[{index}]", stream.pos)
        stream.end = outer
        return values

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        count = number(self.count, context)
        if len(obj) != count:
            raise Misfit(f"{count} elements wanted, {len(obj)} given", path)
        sizes = set()
        for index, value in enumerate(obj):
            start = stream.tell()
            build_field(self.subcon, value, stream, context, f"{path}[{index}]")
            sizes.add(stream.tell() - start)
        if len(sizes) > 1:
            raise Misfit("elements of equal size are wanted", path)
        return obj

    def _sizeof(self, context: Mapping[str, Any], path: str) -> int:
        count = number(self.count, context)
        return count and count * int(self.subcon._sizeof(context, path))


class RepeatToEnd(Construct):
    """Elements of one kind until the region ends; an element that does not fit is an error, not an end.

    stop: an octet that ends the list early when an element would begin with it; it is left unread.
    """

    def __init__(self, subcon: Construct, *, stop: int | None = None) -> None:
        super().__init__()
        self.subcon = element(subcon)[1]
        self.stop = stop
        self.flagbuildnone = False

    def _parse(self, stream: Cursor, context: dict[str, Any], path: str) -> list[Any]:
        values: list[Any] = []
        while (start := stream.pos) < stream.end and stream.octets[start] != self.stop:
            values.append(parse_field(self.subcon, stream, context, f"{path}[{len(values)}]"))
            if stream.pos == start:
                raise Misfit("an element that takes no octets repeats for ever", path, start)
        return values

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        for index, value in enumerate(obj):
            start = stream.tell()
            build_field(self.subcon, value, stream, context, f"{path}[{index}]")
            if self.stop is not None and stream.getvalue()[start : start + 1] in (b"", bytes([self.stop])):
                raise Misfit(f"an element that begins with {self.stop:02X} would end the list", f"{path}[{index}]")
        return obj


class Tail(Construct):
    """An element that is there when octets are left for it, None when the region has ended: it has no size."""

    def __init__(self, subcon: Construct) -> None:
        super().__init__()
        self.subcon = element(subcon)[1]
        self.flagbuildnone = True

    def _parse(self, stream: Cursor, context: dict[str, Any], path: str) -> Any:
        return parse_inner(self.subcon, stream, context, path) if stream.pos < stream.end else None

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        return obj if obj is None else self.subcon._build(obj, stream, context, path)


class Rest(Construct):
    """All octets left in the region but the last `leave`; decodes to bytes."""

    def __init__(self, *, leave: Any = 0) -> None:
        super().__init__()
        self.leave = leave

    def _parse(self, stream: Cursor, context: dict[str, Any], path: str) -> bytes:
        leave = number(self.leave, context)
        if stream.end - stream.pos < leave:
            raise short(path, stream, leave)
        return stream.read(stream.end - stream.pos - leave)

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        if not isinstance(obj, bytes | bytearray | memoryview):
            raise Misfit(f"{_shown(obj)} given where octets are wanted", path)
        stream.write(obj)
        return obj


class Trailing(Rest):
    """Octets nobody expects at the end: kept, remarked, written back; nothing when there are none."""

    def __init__(self) -> None:
        super().__init__()
        self.flagbuildnone = True

    def _parse(self, stream: Cursor, context: dict[str, Any], path: str) -> bytes:
        start = stream.pos
        octets = super()._parse(stream, context, path)
        if octets:
            stream.remark("trailing-octets", f"{_octets(len(octets))} more than the layout has", path, start)
        return octets

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        return super()._build(obj or b"", stream, context, path)

    def _sizeof(self, context: Mapping[str, Any], path: str) -> int:
        return 0


class UpTo(Rest):
    """The octets left in the region, but no more than a limit; decodes to bytes. None is written as no octets.

    limit: a number or a `this` expression. What is beyond it is left unread.
    """

    def __init__(self, limit: Any) -> None:
        super().__init__()
        self.limit = limit
        self.flagbuildnone = True

    def _parse(self, stream: Cursor, context: dict[str, Any], path: str) -> bytes:
        return stream.read(min(stream.end - stream.pos, number(self.limit, context)))

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        octets = b"" if obj is None else obj
        limit = number(self.limit, context)
        if isinstance(octets, bytes | bytearray | memoryview) and len(octets) > limit:
            raise Misfit(f"{_octets(len(octets))} given where at most {limit} fit", path)
        return super()._build(octets, stream, context, path)


class Sized(Construct):
    """A length, then a layout that must fill exactly so many octets. Never more is read than the region holds."""

    def __init__(self, length: Construct, subcon: Construct) -> None:
        super().__init__()
        self.length = length
        self.subcon = element(subcon)[1]

    def _parse(self, stream: Cursor, context: dict[str, Any], path: str) -> Any:
        start = stream.pos
        length = parse_inner(self.length, stream, context, path)
        outer = stream.end
        if length > outer - stream.pos:
            raise Misfit(f"a length of {_octets(length)} where {outer - stream.pos} are left", path, start)
        stream.end = stream.pos + length
        value = parse_inner(self.subcon, stream, context, path)
        if stream.pos != stream.end:
            raise Misfit(f"{_octets(stream.end - stream.pos)} left over inside its length", path, stream.pos)
        stream.end = outer
        return value

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        content = Writer(stream.forms)
        build_field(self.subcon, obj, content, context, path)
        # The length is a value of its own here: an error shows it, not what it counts.
        build_field(self.length, len(content.getvalue()), stream, context, path)
        stream.write(content.getvalue())
        return obj


class Bit:
    """One member of a bit field: bits `low` to `high` (0 = least significant); a flag decodes to a bool."""

    __slots__ = ("high", "is_flag", "low", "mask", "name", "note")

    def __init__(self, name: str, low: int, high: int, *, is_flag: bool, note: str = "") -> None:
        self.name = name
        self.low = low
        self.high = high
        self.mask = (1 << (high - low + 1)) - 1
        self.is_flag = is_flag
        self.note = note

    def __mul__(self, words: str) -> "Bit":
        return Bit(self.name, self.low, self.high, is_flag=self.is_flag, note=words)


def flag(name: str, bit: int) -> Bit:
    return Bit(name, bit, bit, is_flag=True)


def bits(name: str, low: int, high: int) -> Bit:
    return Bit(name, low, high, is_flag=False)


class BitField(Construct):
    """An integer cut into members by shift, whatever its octet order.

    Bits that no member names become members `spare_6_7`: shown when read, 0 when not given, written back as they were.
    """

    def __init__(self, subcon: Construct, *members: Bit, width: int | None = None) -> None:
        super().__init__()
        self.subcon = subcon
        self.width = width or int(subcon.sizeof()) * 8
        self.members = tuple(sorted([*members, *self._spare(members)], key=lambda member: member.low))
        self.names = frozenset(member.name for member in self.members)
        self.cuts = tuple((m.name, m.low, m.mask, m.is_flag) for m in self.members)

    def _spare(self, members: tuple[Bit, ...]) -> Iterator[Bit]:
        taken = [bit for member in members for bit in range(member.low, member.high + 1)]
        if len(taken) != len(set(taken)) or max(taken, default=0) >= self.width:
            raise TypeError("members of a bit field overlap or leave it")
        low = 0
        while low < self.width:
            high = low
            while high < self.width and high not in taken:
                high += 1
            if high > low:
                name = f"spare_{low}" if high == low + 1 else f"spare_{low}_{high - 1}"
                yield Bit(name, low, high - 1, is_flag=False)
            low = high + 1

    def filled(self, value: Any) -> Any:
        """A value to be written, with 0 for the members that are not given; what is not named bits as it is."""
        return {**dict.fromkeys(self.names, 0), **value} if isinstance(value, Mapping) else value

    def _parse(self, stream: Cursor, context: dict[str, Any], path: str) -> Record:
        whole = self.subcon._parse(stream, context, path)
        return Record(
            (name, bool(whole >> low & mask) if is_flag else whole >> low & mask)
            for name, low, mask, is_flag in self.cuts
        )

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        if not isinstance(obj, Mapping):
            raise Misfit(f"{_shown(obj)} given where named bits are wanted", path)
        if unknown := [name for name in obj if name not in self.names]:
            raise Misfit(f"no such bits here (there are: {', '.join(self.names)})", f"{path}.{unknown[0]}")
        whole = 0
        for name, low, mask, _ in self.cuts:
            value = obj.get(name, 0)
            if not isinstance(value, int) or not 0 <= value <= mask:
                raise Misfit(f"{_shown(value)} given where 0 to {mask} fits", f"{path}.{name}")
            whole |= int(value) << low
        self.subcon._build(whole, stream, context, path)
        return obj

    def _sizeof(self, context: Mapping[str, Any], path: str) -> int:
        return int(self.subcon._sizeof(context, path))


class Set(Construct):
    """SET: member i is octet i // 8, bit i % 8 (0 = least significant); decodes to the sorted member numbers.

    Source: C12.19 SET; the reading order was measured on a GE I-210+c (which tables answer, against table 0).
    """

    def __init__(self, octets: Any) -> None:
        super().__init__()
        self.octets = octets

    def _parse(self, stream: Cursor, context: dict[str, Any], path: str) -> list[int]:
        count = number(self.octets, context)
        octets = stream.read(count)
        if len(octets) != count:
            raise short(path, stream, count)
        return [8 * i + bit for i, octet in enumerate(octets) if octet for bit in range(8) if octet >> bit & 1]

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        octets = bytearray(number(self.octets, context))
        for member in obj:
            if not 0 <= member < 8 * len(octets):
                raise Misfit(f"member {member} of a set of {8 * len(octets)}", path)
            octets[member // 8] |= 1 << member % 8
        stream.write(octets)
        return obj

    def _sizeof(self, context: Mapping[str, Any], path: str) -> int:
        return number(self.octets, context)


class Text(Construct):
    """Text of fixed width. Decodes to all of it, padding too; a shorter text is padded on the right when encoded.

    encoding: any of Python's that maps single octets, so that every octet survives; latin-1 by default.
    """

    def __init__(self, octets: int, *, pad: str = " ", encoding: str = "latin-1") -> None:
        super().__init__()
        self.octets = octets
        self.pad = pad
        self.encoding = encoding

    def _parse(self, stream: Cursor, context: dict[str, Any], path: str) -> str:
        octets = stream.read(self.octets)
        if len(octets) != self.octets:
            raise short(path, stream, self.octets)
        return octets.decode(self.encoding)

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        if not isinstance(obj, str) or len(obj) > self.octets:
            raise Misfit(f"{reprlib.repr(obj)} given where text of at most {self.octets} characters fits", path)
        stream.write(obj.ljust(self.octets, self.pad).encode(self.encoding))
        return obj

    def _sizeof(self, context: Mapping[str, Any], path: str) -> int:
        return self.octets


class SecretOctets(bytes):
    """Octets that are shown masked: a password or an answer made with a key."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<secret, {_octets(len(self))}>"

    __str__ = __repr__


class Secret(Construct):
    """Octets that must not be shown unasked: decodes to SecretOctets."""

    def __init__(self, subcon: Construct) -> None:
        super().__init__()
        self.subcon = subcon

    def _parse(self, stream: Cursor, context: dict[str, Any], path: str) -> SecretOctets:
        return SecretOctets(self.subcon._parse(stream, context, path))

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        if not isinstance(obj, bytes | bytearray):
            raise Misfit("something else given where secret octets are wanted", path)
        try:
            return self.subcon._build(bytes(obj), stream, context, path)
        except ConstructError:
            # The library's message would show the octets, and so would its traceback.
            raise Misfit(f"{_octets(len(obj))} given, which do not fit", path) from None

    def _sizeof(self, context: Mapping[str, Any], path: str) -> int:
        return int(self.subcon._sizeof(context, path))


class UnsignedRest(Construct):
    """A big-endian integer in all octets left, or in an equal share of them; None when none are left.

    parts: how many such integers share what is left, this one included.
    width: octets to write for a new value; one that was read keeps its own width.
    partner: the integer that it shares with, a `this` expression: both are there, or neither.
    """

    MAX_WIDTH = 8

    def __init__(self, *, width: int, parts: int = 1, partner: Any = None) -> None:
        super().__init__()
        self.parts = parts
        self.width = width
        self.partner = partner
        self.flagbuildnone = True

    def _parse(self, stream: Cursor, context: dict[str, Any], path: str) -> int | None:
        width, over = divmod(stream.end - stream.pos, self.parts)
        if over or width > self.MAX_WIDTH:
            raise Misfit(
                f"{_octets(stream.end - stream.pos)} where {self.parts} integers of equal size are wanted",
                path,
                stream.pos,
            )
        if not width:
            return None
        if width != self.width:
            stream.forms[path] = width
        return int.from_bytes(stream.read(width), "big")

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        if self.partner is not None and (obj is None) != (self.partner(context) is None):
            raise Misfit("two integers of equal size are wanted, or none", path)
        if obj is not None:
            width = int(str(stream.forms.get(path, self.width)))
            if not isinstance(obj, int) or not 0 <= obj < 1 << 8 * width:
                raise Misfit(f"{_shown(obj)} given where 0 to {(1 << 8 * width) - 1} fits", path)
            stream.write(obj.to_bytes(width, "big"))
        return obj


class Nothing(Construct):
    """No octets at all; decodes to None, and a value given for it is refused."""

    def __init__(self) -> None:
        super().__init__()
        self.flagbuildnone = True

    def _parse(self, stream: Cursor, context: Mapping[str, Any], path: str) -> None:
        return None

    def _build(self, obj: Any, stream: Writer, context: Mapping[str, Any], path: str) -> Any:
        if obj is not None:
            raise Misfit(f"{_shown(obj)} given where nothing is wanted", path)
        return obj

    def _sizeof(self, context: Mapping[str, Any], path: str) -> int:
        return 0


NOTHING = Nothing()


class Refused(Construct):
    """Where no source says how to go on: neither decoded nor encoded. problem: what to tell the person."""

    def __init__(self, problem: str) -> None:
        super().__init__()
        self.problem = problem

    def _parse(self, stream: Cursor, context: Mapping[str, Any], path: str) -> Any:
        raise Misfit(self.problem, path, stream.pos)

    def _build(self, obj: Any, stream: Writer, context: Mapping[str, Any], path: str) -> Any:
        raise Misfit(self.problem, path)

    def _sizeof(self, context: Mapping[str, Any], path: str) -> int:
        raise Misfit(self.problem, path)


class If(IfThenElse):
    """An element that is there when the condition holds; else it is None, and a value given for it is refused."""

    def __init__(self, condition: Any, subcon: Construct) -> None:
        super().__init__(condition, subcon, NOTHING)

    def absent(self, context: Mapping[str, Any]) -> bool:
        """Whether the condition does not hold. True as well where it cannot be told: building then says why."""
        try:
            return not evaluate(self.condfunc, context)
        except (ConstructError, LookupError, TypeError, ArithmeticError, AttributeError):
            return True
