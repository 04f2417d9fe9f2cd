"""Words for single bits: bit fields cut by shift, and SETs of member numbers."""

from collections.abc import Iterator, Mapping
from typing import Any

from construct import Construct

from c1219_tables.schema.base import Misfit, Record, number, short, shown
from c1219_tables.schema.cursor import Cursor, Writer


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
        return cut(self, self.subcon._parse(stream, context, path))

    def _build(self, obj: Any, stream: Writer, context: dict[str, Any], path: str) -> Any:
        if not isinstance(obj, Mapping):
            raise Misfit(f"{shown(obj)} given where named bits are wanted", path)
        if unknown := [name for name in obj if name not in self.names]:
            raise Misfit(f"no such bits here (there are: {', '.join(self.names)})", f"{path}.{unknown[0]}")
        whole = 0
        for name, low, mask, _ in self.cuts:
            value = obj.get(name, 0)
            if not isinstance(value, int) or not 0 <= value <= mask:
                raise Misfit(f"{shown(value)} given where 0 to {mask} fits", f"{path}.{name}")
            whole |= int(value) << low
        self.subcon._build(whole, stream, context, path)
        return obj

    def _sizeof(self, context: Mapping[str, Any], path: str) -> int:
        return int(self.subcon._sizeof(context, path))


def cut(field: BitField, whole: int) -> Record:
    """The members of a bit field that is this number."""
    return Record(
        (name, bool(whole >> low & mask) if is_flag else whole >> low & mask) for name, low, mask, is_flag in field.cuts
    )


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
        return members(octets)

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


def members(octets: bytes) -> list[int]:
    """The members of a SET."""
    return [8 * i + bit for i, octet in enumerate(octets) if octet for bit in range(8) if octet >> bit & 1]
