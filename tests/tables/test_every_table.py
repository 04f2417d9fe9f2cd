"""Properties that every declared table must have, whoever declares it."""

import builtins
import keyword
import re

import pytest
from construct import Construct
from construct.expr import ExprMixin
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from values_of_tables import draw_value, meter

from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.registry import STANDARD
from c1219_tables.schema.dialect import Array, BitField, Note, Rest, Shared, Struct
from c1219_tables.schema.inspect import walk
from c1219_tables.standard.names import NAMES
from c1219_tables.table import DIALECT, is_raw

# Numbers below 100 are the decades that have declarations; above them there are names alone.
ALL = [STANDARD.table(number) for number in range(256)]
RAW = [table for table in ALL if is_raw(table)]
DECLARED = [table for table in ALL if not is_raw(table)]

each = pytest.mark.parametrize("table", DECLARED, ids=repr)
often = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

# Tables of more octets than hypothesis likes to draw at random are drawn by value alone.
MOST_RANDOM_OCTETS = 4096


def tried(action, *args, **kwargs):
    """What a call gives, and the TableError that it raises instead."""
    try:
        return action(*args, **kwargs), None
    except TableError as error:
        return None, error


def dialects(draw):
    return {name: draw(st.booleans()) for name in DIALECT}


# -- what is declared --------------------------------------------------------------------------------------------------


def test_the_decades_are_declared():
    declared = {table.number for table in DECLARED}
    # Every number that has a layout in the reference, by decade.
    assert declared >= {*range(9), *range(10, 17), *range(20, 29), *range(30, 35), 40, 41, 42, 44, 45}
    assert declared >= {*range(50, 57), *range(60, 68), *range(70, 77), *range(90, 98)}


def test_what_is_not_public_is_octets():
    assert {17, 43, 46, 57, 77, 78, 79} <= {table.number for table in RAW}
    for table in RAW:
        assert table.needs == ()
        assert table.decode(b"\x01\x02").octets == b"\x01\x02"


def test_every_declared_table_has_a_name_in_the_list():
    assert {table.number for table in DECLARED} <= set(NAMES)
    for table in DECLARED:
        assert table.name == NAMES[table.number].name
        assert re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*_TBL", table.name)
        assert table.purpose
        assert table.note.sources
        assert table.note.sure in ("agreed", "single", "inferred")


def elements(layout, path=""):
    """(path, name, words) of every element and every named bit."""
    for part in walk(layout):
        if isinstance(part, Struct):
            for name, _, words in part.fields:
                yield f"{path}.{name}", name, words
        if isinstance(part, BitField):
            for bit in part.members:
                if not bit.name.startswith("spare_"):
                    yield f"{path}.{bit.name}", bit.name, bit.note


@each
def test_every_element_has_a_name_and_words_and_sources(table):
    for path, name, words in elements(table.layout):
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name), path
        assert not keyword.iskeyword(name), path
        # A decoded Struct is a dict: such a name could not be read as an attribute.
        assert not hasattr(dict, name), path
        assert isinstance(words, Note), path
        assert len(words) > 3, path
        assert words[0] != " ", path
        assert words.sources, path
        assert words.sure in ("agreed", "single", "inferred"), path
        assert len(words.sources) > 1 or words.sure != "agreed", path


@each
def test_expressions_are_readable_by_a_program(table):
    for part in walk(table.layout):
        for value in vars(part).values() if isinstance(part, Construct) else ():
            if isinstance(value, ExprMixin | Construct | Note) or not builtins.callable(value):
                continue
            raise AssertionError(f"{type(part).__name__} holds a function: {value!r}")


@each
def test_needs_are_what_the_expressions_say(table):
    asked = set()
    for part in walk(table.layout):
        text = str(part) if isinstance(part, ExprMixin) else ""
        asked |= {int(number) for number in re.findall(r"_params\W+st(\d+)", text)}
        if "used(" in text:
            asked.add(0)
        if isinstance(part, Construct) and part.__class__.__module__ in ("c1219_tables.numbers", "c1219_tables.times"):
            asked.add(0)
    assert set(table.needs) - {0} == asked - {0, table.number}
    # Text asks for CHAR_FORMAT too, so table 0 may be needed where no number is.
    assert (0 in table.needs) >= (0 in asked and table.number != 0)


@each
def test_each_neighbour_is_asked_for_by_name(table):
    for needed in table.needs:
        others = {f"st{number}": {} for number in table.needs if number != needed}
        others["st0"] = {} if needed != 0 else None
        given_tables = {name: value for name, value in others.items() if value is not None}
        if any(assumption for assumption in table.assume) and needed == 0:
            continue
        with pytest.raises(MissingTableError) as info:
            table.decode(b"", given_tables)
        assert info.value.needed == (needed,)
        assert f"ST-{needed}" in str(info.value)


def test_what_a_table_needs_stands_before_it():
    for table in DECLARED:
        order = STANDARD.reading_order([table.number])
        assert order[-1] == table.number
        assert set(table.needs) <= set(order[:-1])
        assert all(needed < table.number for needed in table.needs)


# -- values ------------------------------------------------------------------------------------------------------------


@each
@given(data=st.data())
@often
def test_any_value_survives(table, data):
    tables, dialect = meter(data.draw, table.needs, with_table=table), dialects(data.draw)
    value = draw_value(data.draw, table, tables, dialect)
    octets = table.encode(value, tables, dialect=dialect)
    decoded = table.decode(octets, tables, dialect=dialect)
    assert decoded == value
    assert table.encode(decoded, tables, dialect=dialect) == octets
    assert table.size(value, tables, dialect=dialect) == len(octets)
    assert table.size(tables=tables, dialect=dialect) in (None, len(octets))
    assert decoded.expected_size == table.size(tables=tables, dialect=dialect)
    check_places(table, tables, dialect, decoded, octets)


def check_places(table, tables, dialect, decoded, octets):
    """Elements lie side by side and fill the table; a window finds them at the same places by arithmetic."""
    spans = decoded.spans().values()
    tops = sorted((s.start, s.end) for s in spans if re.fullmatch(r"[a-z0-9_]+", s.field))
    assert [start for start, _ in tops] == [0, *[end for _, end in tops]][: len(tops)]
    assert not tops or tops[-1][1] == len(octets)
    for span in table.window(0, octets, tables, dialect=dialect):
        if span.field in decoded.spans() and decoded.expected_size is not None:
            found = decoded.spans()[span.field]
            assert (found.start, found.end) == (span.start, span.end)


@each
@given(data=st.data())
@often
def test_octets_of_the_right_size_survive(table, data):
    tables, dialect = meter(data.draw, table.needs, with_table=table), dialects(data.draw)
    size = table.size(tables=tables, dialect=dialect)
    if size is None or size > MOST_RANDOM_OCTETS:
        return
    octets = data.draw(st.binary(min_size=size, max_size=size))
    decoded = table.decode(octets, tables, dialect=dialect)
    assert decoded.expected_size == size
    assert table.encode(decoded, tables, dialect=dialect) == octets
    assert table.size(decoded, tables, dialect=dialect) == size
    if size:
        with pytest.raises(TableError):
            table.decode(octets[:-1], tables, dialect=dialect)
    # A word that takes what is left may take one more octet, too.
    if not any(isinstance(part, Rest) for part in walk(table.layout)):
        with pytest.raises(TableError, match="left over"):
            table.decode(octets + b"\x00", tables, dialect=dialect)


@each
@given(data=st.data(), octets=st.binary(max_size=96))
@often
def test_any_octets_give_a_value_or_a_table_error(table, data, octets):
    tables, dialect = meter(data.draw, table.needs, with_table=table), dialects(data.draw)
    for tolerant in (False, True):
        decoded, error = tried(table.decode, octets, tables, dialect=dialect, tolerant=tolerant)
        if error:
            assert (error.table, error.layout) == (table.number, table.label)
            assert 0 <= error.offset <= len(octets)
        else:
            assert table.encode(decoded, tables, dialect=dialect) == octets
            assert table.size(decoded, tables, dialect=dialect) == len(octets)


@each
@given(data=st.data(), octets=st.binary(max_size=64))
@often
def test_any_dimensions_give_a_value_or_a_table_error(table, data, octets):
    # Neighbours of random octets: dimensions as large as they can be, formats that are not public.
    tables = {}
    for number in STANDARD.reading_order(table.needs):
        neighbour = STANDARD.table(number)
        size = neighbour.size(tables=tables) if number else None
        if size is None or size > MOST_RANDOM_OCTETS:
            tables |= {name: value for name, value in meter(data.draw, [number]).items() if name not in tables}
        else:
            given_octets = data.draw(st.binary(min_size=size, max_size=size))
            tables[f"st{number}"] = neighbour.decode(given_octets, tables)
    decoded, error = tried(table.decode, octets, tables)
    if error:
        assert 0 <= error.offset <= len(octets)
    else:
        assert table.encode(decoded, tables) == octets


@each
@given(data=st.data())
@often
def test_a_value_without_an_element_is_refused_with_its_name(table, data):
    tables = meter(data.draw, table.needs, with_table=table)
    value = draw_value(data.draw, table, tables)
    if not value:
        return
    name = data.draw(st.sampled_from(sorted(value)))
    with pytest.raises(TableError, match=r"no such element here"):
        table.encode({**value, "colour": 1}, tables)
    without = {key: kept for key, kept in value.items() if key != name}
    octets, error = tried(table.encode, without, tables)
    if error:
        assert error.field
    else:
        # What may be left out is what is not there, or what is at the end, or what nobody named.
        assert table.decode(octets, tables)[name] in (None, b"", [])


@each
def test_arrays_are_counted_by_other_elements(table):
    for part in walk(table.layout):
        if isinstance(part, Array | Shared):
            assert isinstance(part.count, int | ExprMixin)
