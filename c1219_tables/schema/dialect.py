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
from collections.abc import Mapping
from typing import Any

from construct import Construct, ConstructError, IfThenElse, evaluate

from c1219_tables.schema.base import (
    Misfit,
    Note,
    Record,
    build_field,
    element,
    note,
    number,
    octets_text,
    parse_field,
    parse_inner,
    short,
    shown,
)
from c1219_tables.schema.bits import Bit, BitField, Set, bits, flag
from c1219_tables.schema.cursor import Cursor, Writer

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
    "build_field",
    "element",
    "flag",
    "note",
    "number",
    "parse_field",
    "parse_inner",
    "short",
]

# An array element may be empty (a time where the meter has no clock). So many of them, in all arrays of one decode
# together, are still an honest table; without a limit, arrays in arrays of nothing would go on for ever.
MAX_EMPTY_ELEMENTS = 65536


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
            raise Misfit(f"{shown(obj)} given where named elements are wanted", path)
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
            raise Misfit(f"{octets_text(left)} cannot be shared by {count} elements", path, stream.pos)
        values: list[Any] = []
        for index in range(count):
            stream.end = stream.pos + left // count
            values.append(parse_field(self.subcon, stream, context, f"{path}[{index}]"))
            if stream.pos != stream.end:
                raise Misfit(f"{octets_text(stream.end - stream.pos)} left over", f"{path}[{index}]", stream.pos)
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
            raise Misfit(f"{shown(obj)} given where octets are wanted", path)
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
            stream.remark("trailing-octets", f"{octets_text(len(octets))} more than the layout has", path, start)
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
            raise Misfit(f"{octets_text(len(octets))} given where at most {limit} fit", path)
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
            raise Misfit(f"a length of {octets_text(length)} where {outer - stream.pos} are left", path, start)
        stream.end = stream.pos + length
        value = parse_inner(self.subcon, stream, context, path)
        if stream.pos != stream.end:
            raise Misfit(f"{octets_text(stream.end - stream.pos)} left over inside its length", path, stream.pos)
        stream.end = outer
        return value

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        content = Writer(stream.forms)
        build_field(self.subcon, obj, content, context, path)
        # The length is a value of its own here: an error shows it, not what it counts.
        build_field(self.length, len(content.getvalue()), stream, context, path)
        stream.write(content.getvalue())
        return obj


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
        return f"<secret, {octets_text(len(self))}>"

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
            raise Misfit(f"{octets_text(len(obj))} given, which do not fit", path) from None

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
                f"{octets_text(stream.end - stream.pos)} where {self.parts} integers of equal size are wanted",
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
                raise Misfit(f"{shown(obj)} given where 0 to {(1 << 8 * width) - 1} fits", path)
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
            raise Misfit(f"{shown(obj)} given where nothing is wanted", path)
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
