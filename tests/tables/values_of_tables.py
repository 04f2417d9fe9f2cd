"""Values that the declaration of a table can express, drawn by walking it: a new table is covered when it is declared.

`meter` draws the tables that a table needs the same way, so that its dimensions are those of some meter. Dimensions are
small; formats are those that are public.
"""

from datetime import date, datetime, time
from decimal import Decimal
from functools import singledispatchmethod

from construct import IfThenElse, Renamed, Switch
from hypothesis import strategies as st

from c1219_tables import formats, numbers, times
from c1219_tables.formats import Formats, Octets
from c1219_tables.registry import STANDARD
from c1219_tables.schema.dialect import (
    Array,
    BitField,
    Nothing,
    Record,
    Rest,
    Secret,
    Set,
    Shared,
    Struct,
    Tail,
    Trailing,
    UpTo,
    number,
)
from c1219_tables.schema.inspect import walk
from c1219_tables.table import DIALECT
from c1219_tables.times import MeterTime

# Elements whose values other tables take for more than a number.
CHOICES = {
    "int_format": st.integers(0, 2),
    "tm_format": st.integers(0, 4),
    "ni_format1": st.integers(0, 13),
    "ni_format2": st.integers(0, 13),
    "dim_std_tbls_used": st.integers(0, 12),
    **{f"int_fmt_cde{n}": st.sampled_from([1, 2, 4, 8, 16, 32, 64, 128]) for n in (1, 2, 3, 4)},
}
SMALL = st.integers(0, 3)
LIMITS = frozenset({0, 11, 21, 31, 41, 51, 61, 71, 91})

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2089, 12, 31)).map(lambda moment: moment.replace(microsecond=0))


def meter(draw, numbers_of_tables, *, with_table=None):
    """Tables of one meter, decoded, by `st0`, `st21` ...: those of these numbers, and all that they need.

    with_table: a table that the meter has, so that table 0 lists it and stores its times in a way that is public.
    """
    tables = {}
    for table_number in STANDARD.reading_order(numbers_of_tables):
        table = STANDARD.table(table_number)
        value = draw_value(draw, table, tables)
        if table_number == 0 and with_table is not None:
            give(value, with_table)
        tables[f"st{table_number}"] = table.decode(table.encode(value, tables), tables)
    return tables


def give(st0, table):
    """Change a drawn table 0 into that of a meter that has a table."""
    missing = max(0, table.number // 8 + 1 - st0["dim_std_tbls_used"])
    st0["dim_std_tbls_used"] += missing
    st0["std_tbls_used"] = sorted({*st0["std_tbls_used"], table.number})
    if any(isinstance(part, times.HourMinute) for part in walk(table.layout)):
        st0["format_control_2"]["tm_format"] = 2


def draw_value(draw, table, tables, dialect=None):
    """A value of a table, given its neighbours."""
    given_formats = Formats.of(tables["st0"]) if "st0" in tables else Formats()
    params = {**tables, "formats": given_formats, "dialect": {**DIALECT, **(dialect or {})}}
    return Values(draw, given_formats, small=table.number in LIMITS).make(table.layout, {"_params": params})


class Values:
    """small: integers stand for numbers of things, and stay small."""

    def __init__(self, draw, given_formats, *, small):
        self.draw = draw
        self.formats = given_formats
        self.small = small

    @singledispatchmethod
    def make(self, layout, scope):
        raise NotImplementedError(f"no values for {type(layout).__name__}")

    def integers(self, least, most):
        numbers_of_things = st.integers(max(least, 0), min(most, 3))
        return self.draw(numbers_of_things if self.small else numbers_of_things | st.integers(least, most))

    @make.register
    def _(self, layout: Renamed, scope):
        return self.make(layout.subcon, scope)

    @make.register
    def _(self, layout: Struct, scope):
        inner = {"_": scope, "_params": scope["_params"]}
        record = Record()
        for name, field, _ in layout.fields:
            value = self.make(field, inner)
            if name in CHOICES and value is not None:
                value = self.draw(CHOICES[name])
            record[name] = inner[name] = value
        return record

    @make.register
    def _(self, layout: BitField, scope):
        def member(bit):
            if bit.name in CHOICES:
                return self.draw(CHOICES[bit.name])
            return self.draw(st.booleans()) if bit.is_flag else self.integers(0, bit.mask)

        return Record((bit.name, member(bit)) for bit in layout.members)

    @make.register(Array)
    @make.register(Shared)
    def _(self, layout, scope):
        # Elements that share a region are of one size: one value for all of them.
        count = number(layout.count, scope)
        if isinstance(layout, Shared):
            return [self.make(layout.subcon, scope)] * count if count else []
        return [self.make(layout.subcon, scope) for _ in range(count)]

    @make.register
    def _(self, layout: IfThenElse, scope):
        return self.make(layout.thensubcon if number(layout.condfunc, scope) else layout.elsesubcon, scope)

    @make.register
    def _(self, layout: Switch, scope):
        return self.make(layout.cases.get(number(layout.keyfunc, scope), layout.default), scope)

    @make.register
    def _(self, layout: Nothing, scope):
        return None

    @make.register
    def _(self, layout: Tail, scope):
        value = self.make(layout.subcon, scope)
        return None if layout.subcon._sizeof(scope, "") == 0 else self.draw(st.just(value) | st.none())

    @make.register
    def _(self, layout: Secret, scope):
        return self.make(layout.subcon, scope)

    @make.register
    def _(self, layout: Trailing, scope):
        return b""

    @make.register
    def _(self, layout: Rest, scope):
        return self.draw(st.binary(max_size=8))

    @make.register
    def _(self, layout: UpTo, scope):
        return self.draw(st.binary(max_size=number(layout.limit, scope)))

    @make.register
    def _(self, layout: Octets, scope):
        size = number(layout.octets, scope)
        return self.draw(st.binary(min_size=size, max_size=size))

    @make.register
    def _(self, layout: Set, scope):
        members = st.integers(0, 8 * number(layout.octets, scope) - 1)
        return sorted(self.draw(st.sets(members))) if number(layout.octets, scope) else []

    @make.register
    def _(self, layout: formats.Text, scope):
        size = number(layout.octets, scope)
        if self.formats.char_format not in (1, 2, 3):
            return self.draw(st.binary(min_size=size, max_size=size))
        return self.draw(st.text("AZaz09 ", min_size=size, max_size=size))

    @make.register
    def _(self, layout: numbers.Integer, scope):
        half = 1 << 8 * layout.octets - 1
        if not layout.signed:
            return self.integers(0, 2 * half - 1)
        return self.integers(-half if self.formats.int_format == 0 else 1 - half, half - 1)

    @make.register
    def _(self, layout: numbers.Float, scope):
        return self.draw(st.floats(width=8 * layout.octets, allow_nan=False))

    @make.register
    def _(self, layout: numbers.ImpliedDecimals, scope):
        return Decimal(self.integers(1 - (1 << 31), (1 << 31) - 1)) / 10000

    @make.register(numbers.TextNumber)
    @make.register(numbers.BcdNumber)
    def _(self, layout, scope):
        room = layout.octets if isinstance(layout, numbers.TextNumber) else 2 * layout.octets
        digits = self.draw(st.integers(1 - 10 ** (room - 3), 10 ** (room - 3) - 1))
        return Decimal(f"{digits}E-{self.draw(st.integers(0, 1))}")

    @make.register
    def _(self, layout: numbers.Digits, scope):
        return self.draw(st.text("0123456789ABCDEF", min_size=2 * layout.octets, max_size=2 * layout.octets))

    @make.register
    def _(self, layout: numbers.NiFormat, scope):
        return self.make(layout.of(self.formats), scope)

    @make.register
    def _(self, layout: times.MeterTimeType, scope):
        size = layout._sizeof(scope, "")
        if not size:
            return None
        if self.formats.tm_format in layout.gaps or self.draw(st.booleans()):
            octets = self.draw(st.binary(min_size=size, max_size=size))
            return layout.value_of(octets, self.formats)
        return self.moment(layout)

    def moment(self, layout):
        moment = self.draw(MOMENTS)
        if layout is times.DATE:
            return self.stored(layout, moment.date())
        if layout is times.LTIME_DATE:
            return self.stored(layout, moment)
        if layout is times.STIME_DATE:
            return self.stored(layout, moment if self.formats.tm_format == 4 else moment.replace(second=0))
        return self.stored(layout, moment.time() if layout is times.TIME else moment.time().replace(second=0))

    def stored(self, layout, value):
        """The value as it will be read: with the octets that stand for it."""
        assert isinstance(value, datetime | date | time)
        return MeterTime(layout.octets_of(value, self.formats), value)

    @make.register
    def _(self, layout: times.RecurringDate, scope):
        month = self.draw(st.integers(0, 15))
        return Record({**self.make(layout._reading(month), scope), "month": month})
