"""The fast form of every declared table against its plain decode: the same value, of the same types, or none."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from values_of_tables import draw_value, meter

from c1219_tables.context import MeterTables
from c1219_tables.registry import STANDARD
from c1219_tables.schema.cursor import Cursor
from c1219_tables.schema.dialect import Misfit
from c1219_tables.schema.packed import PackedForms
from c1219_tables.table import is_raw, is_secret
from c1222.meter.image.simulated_image import SimulatedImage
from c1222.meter.world.past import world_with_a_past

DECLARED = [table for table in STANDARD if not is_raw(table)]
NOW = datetime(2026, 1, 15, 12, 34, tzinfo=UTC)


def plain(table, octets, params):
    """As the declaration says; None where there is something to remark or to keep, or it does not fit."""
    cursor = Cursor(octets)
    try:
        found = table.layout._parse(cursor, {"_params": params}, "")
    except Misfit:
        return None
    return found if cursor.pos == cursor.end and not cursor.remarks and not cursor.forms else None


def typed(value):
    """A value with the types of all its parts, so that True is not 1, and a secret no plain octets."""
    if isinstance(value, dict):
        return type(value), [(name, typed(inner)) for name, inner in value.items()]
    if isinstance(value, list):
        return list, [typed(inner) for inner in value]
    return type(value), bytes(value) if isinstance(value, bytes) else repr(value)


def check(forms, table, octets, params):
    """Gives whether there was a fast form for it."""
    found = forms(octets, params)
    assert found is None or typed(found) == typed(plain(table, octets, params))
    return found is not None


@pytest.mark.parametrize("table", DECLARED, ids=repr)
@given(data=st.data())
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_meter(table, data):
    tables = meter(data.draw, table.needs, with_table=table)
    octets = table.encode(draw_value(data.draw, table, tables), tables)
    params = dict(table.decode(octets, tables).params)
    forms = PackedForms(table.layout, worth=0)
    check(forms, table, octets, params)
    changed = data.draw(st.binary(min_size=len(octets), max_size=len(octets)))
    for other in (changed, octets[: len(octets) // 2], octets + b"\0"):
        check(forms, table, other, params)


def simulated():
    image = SimulatedImage(world_with_a_past(20, NOW))
    tables = MeterTables()
    tables.add_all({0: image.read(0, NOW)})
    for number in tables.registry.reading_order(tables[0]["std_tbls_used"]):
        if number not in (0, 7, 8) and not is_secret(tables.registry.table(number)):
            tables.add(number, image.read(number, NOW))
    return tables


TABLES = simulated()
SIZED_BY_THEMSELVES = {0, 71}
DATES_OF_THEIR_OWN = {54}


@pytest.mark.parametrize("number", sorted(TABLES))
def test_tables_of_the_simulated_meter(number):
    """They are large where those above are small: load profile, logs."""
    decoded, choice = TABLES[number], random.Random(number)
    forms, mutations = PackedForms(decoded.table.layout, worth=0), 20 if len(decoded.octets) < 4000 else 3
    is_fast = check(forms, decoded.table, decoded.octets, decoded.params)
    assert is_fast == (number not in SIZED_BY_THEMSELVES | DATES_OF_THEIR_OWN)
    for _ in range(mutations):
        octets = bytearray(decoded.octets)
        for _ in range(3):
            octets[choice.randrange(len(octets))] = choice.randrange(256)
        check(forms, decoded.table, bytes(octets), decoded.params)
