"""Values that a declaration can express, drawn by walking it: a new service is covered when it is declared.

The one thing a value must respect that no single word says: in a region, once a word has taken all that is left, words
behind it find nothing. `Values` carries that along.
"""

from functools import singledispatchmethod

from construct import Bytes, BytesInteger, FormatField, IfThenElse, Switch
from hypothesis import strategies as st

from c1219_tables.schema.ber import BerUnsigned, Tagged, Tlv
from c1219_tables.schema.dialect import (
    Array,
    BitField,
    Nothing,
    RepeatToEnd,
    Rest,
    Secret,
    Set,
    Sized,
    Struct,
    Tail,
    Text,
    Trailing,
    UnsignedRest,
)
from c1222.psem.blocks import TableData
from c1222.titles import ApTitle, ImplicitUid, Uid

OPEN, ENDED = "octets may follow", "the region has ended"
SMALL = st.binary(max_size=12)


@st.composite
def values(draw, layout, **params):
    """A value of `layout.construct` that encodes and decodes to itself."""
    return Values(draw).make(layout.construct, {"_params": params})


class Values:
    """left: OPEN, ENDED, or the octet that must come next if any octet does (a list ended in front of it)."""

    def __init__(self, draw):
        self.draw = draw
        self.left = OPEN
        self.both = None
        self.not_first = None

    def region(self, construct, scope):
        """A value that fills a region of its own."""
        outer, self.left = self.left, OPEN
        value = self.make(construct, scope)
        self.left = outer
        return value

    def tail(self, at_least=0):
        """Octets to the end of the region."""
        if self.left is ENDED:
            return b""
        octets = self.draw(st.binary(min_size=at_least, max_size=12))
        if octets and self.left is not OPEN:
            octets = bytes([self.left]) + octets[1:]
        self.left = ENDED
        return octets

    @singledispatchmethod
    def make(self, construct, scope):
        raise NotImplementedError(f"no values for {type(construct).__name__}: teach tests/message/values_of_layouts.py")

    @make.register
    def _(self, construct: Struct, scope):
        scope = {"_": scope, "_params": scope["_params"]}
        record = {}
        switches = {repr(field.keyfunc): field for _, field, _ in construct.fields if isinstance(field, Switch)}
        for name, field, _ in construct.fields:
            switch = switches.get(f"this[{name!r}]")
            if switch is not None:
                unlike = st.integers(0, 255)
                value = self.draw(st.one_of(st.sampled_from(list(switch.cases)), unlike))
                if value == self.not_first:
                    value += 1
            else:
                value = self.make(field, scope)
            self.not_first = None
            record[name] = scope[name] = value
        return record

    @make.register
    def _(self, construct: Array, scope):
        count = construct.count(scope) if callable(construct.count) else construct.count
        return [self.make(construct.subcon, scope) for _ in range(count)]

    @make.register
    def _(self, construct: RepeatToEnd, scope):
        items = []
        for _ in range(self.draw(st.integers(0, 3))):
            if self.left is not OPEN:
                break
            self.not_first = construct.stop
            items.append(self.make(construct.subcon, scope))
            self.not_first = None
        if self.left is OPEN:
            self.left = ENDED if construct.stop is None else construct.stop
        return items

    @make.register
    def _(self, construct: Tail, scope):
        if self.left is ENDED or self.draw(st.booleans()):
            self.left = ENDED
            return None
        if isinstance(construct.subcon, Rest):
            return self.tail(at_least=1)
        return self.make(construct.subcon, scope)

    @make.register
    def _(self, construct: Rest, scope):
        leave = construct.leave(scope) if callable(construct.leave) else construct.leave
        return self.draw(SMALL) if leave else self.tail()

    @make.register
    def _(self, construct: Trailing, scope):
        return self.tail()

    @make.register
    def _(self, construct: Sized, scope):
        # A length of 0 would begin with the octet 00, which may be the stop of the list that this stands in.
        stop, self.not_first = self.not_first, None
        value = self.region(construct.subcon, scope)
        return b"\x55" if stop == 0 and value == b"" else value

    @make.register
    def _(self, construct: BitField, scope):
        return {
            member.name: self.draw(st.booleans() if member.is_flag else st.integers(0, member.mask))
            for member in construct.members
        }

    @make.register
    def _(self, construct: Set, scope):
        octets = construct.octets(scope) if callable(construct.octets) else construct.octets
        return sorted(self.draw(st.sets(st.integers(0, 8 * octets - 1)))) if octets else []

    @make.register
    def _(self, construct: Text, scope):
        return self.draw(st.binary(min_size=construct.octets, max_size=construct.octets)).decode(construct.encoding)

    @make.register
    def _(self, construct: Secret, scope):
        return self.make(construct.subcon, scope)

    @make.register
    def _(self, construct: UnsignedRest, scope):
        number = st.integers(0, (1 << 8 * construct.width) - 1)
        if construct.partner is not None:
            there = construct.partner(scope) is not None
        else:
            there = self.left is OPEN and self.draw(st.booleans())
        if construct.parts == 1:
            self.left = ENDED
        return self.draw(number) if there else None

    @make.register
    def _(self, construct: Nothing, scope):
        return None

    @make.register
    def _(self, construct: Tlv, scope):
        return self.region(construct.content, scope)

    @make.register
    def _(self, construct: Tagged, scope):
        record = {
            name: self.make(field, scope) if self.draw(st.booleans()) else None for name, field, _ in construct.fields
        }
        strange = st.integers(0, 255).filter(lambda tag: tag not in construct.tags)
        tags = self.draw(st.one_of(st.just([]), st.lists(strange, max_size=2, unique=True)))
        record[construct.UNKNOWN] = [{"tag": tag, "content": self.draw(SMALL)} for tag in tags]
        self.left = ENDED
        return record

    @make.register
    def _(self, construct: BerUnsigned, scope):
        return self.draw(st.one_of(st.integers(0, 300), st.integers(0, 2**64 - 1)))

    @make.register
    def _(self, construct: Uid, scope):
        return ApTitle(self.draw(st.sampled_from(construct.tags)), self.draw(st.binary(max_size=20)))

    @make.register
    def _(self, construct: ImplicitUid, scope):
        return ApTitle(0x06, self.draw(SMALL))

    @make.register
    def _(self, construct: TableData, scope):
        full = [b"\x01" * 0xFFFF] * self.draw(st.sampled_from([0] * 15 + [1, 2]))
        checksum = st.integers(0, 255)
        return [{"data": data, "checksum": self.draw(checksum)} for data in [*full, self.draw(SMALL)]]

    @make.register
    def _(self, construct: FormatField, scope):
        return self.draw(st.integers(0, (1 << 8 * construct.sizeof()) - 1))

    @make.register
    def _(self, construct: BytesInteger, scope):
        return self.draw(st.integers(0, (1 << 8 * construct.sizeof()) - 1))

    @make.register
    def _(self, construct: Bytes, scope):
        return self.draw(st.binary(min_size=construct.length, max_size=construct.length))

    @make.register
    def _(self, construct: IfThenElse, scope):
        holds = construct.condfunc(scope) if callable(construct.condfunc) else construct.condfunc
        return self.make(construct.thensubcon if holds else construct.elsesubcon, scope)

    @make.register
    def _(self, construct: Switch, scope):
        return self.make(construct.cases.get(construct.keyfunc(scope), construct.default), scope)
