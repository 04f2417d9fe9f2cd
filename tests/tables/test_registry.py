"""Numbers to declarations: the standard's, makers', raw ones; the order of reading; one meter's tables together."""

import subprocess
import sys

import pytest
from construct import this

from c1219_tables.context import MeterTables
from c1219_tables.errors import MissingTableError, TableError
from c1219_tables.formats import UINT8, Octets
from c1219_tables.registry import STANDARD, MakerLayouts, Registry
from c1219_tables.schema.dialect import Array, Struct, note
from c1219_tables.table import Table

# Constructed, table 0 of the reference: TM_FORMAT 3, ID_FORM 1, NI formats INT32 and INT24; sets of 4, 1, 2, 0 octets.
ST0 = bytes.fromhex("02 3B 78 54455354 02 00 10 10 02 00 04 01 02 00 01 00 8B19E110 01 0906 80000000 00")
# Constructed, table 1 of the reference: the form of 24 octets that ID_FORM 1 asks for.
ST1 = bytes.fromhex("54535420 4D4F44454C2D3120 01020304 0000000012345678")
# Constructed: 4 seasons, 1 special schedule (14H), no dates, no tier switches.
ST51 = bytes.fromhex("00 00 14 00 00 0000 1001")


def own(number, name, layout=None, **words):
    layout = layout or Struct("value" / UINT8 * note("a value", "CX"))
    return Table(number, name, layout, purpose="of a maker", **words)


def test_a_standard_table():
    table = STANDARD.table(51)
    assert (table.number, table.name, table.label) == (51, "ACT_TIME_TOU_TBL", "ST-51")
    assert STANDARD.table(51) is table


RAW = [
    #            number  name                    label        why
    pytest.param(57, "PRECISION_CLOCK_STATE_TBL", "ST-57", id="name-without-layout"),
    pytest.param(58, "STD_TBL_58", "ST-58", id="no-name"),
    pytest.param(2047, "STD_TBL_2047", "ST-2047", id="last-of-the-standard"),
    pytest.param(2048, "MFG_TBL_0", "MT-0", id="first-of-the-maker"),
    pytest.param(4095, "MFG_TBL_2047", "MT-2047", id="last-of-the-maker"),
    pytest.param(4096 + 54, "PENDING_CALENDAR_TBL", "PT-54", id="pending"),
    pytest.param(4096 + 2048 + 3, "PENDING_MFG_TBL_3", "PMT-3", id="pending-of-the-maker"),
    pytest.param(0xC017, "TBL_C017", "table C017", id="bits-without-meaning"),
]


@pytest.mark.parametrize(("number", "name", "label"), RAW)
def test_other_tables_are_octets(number, name, label):
    table = STANDARD.table(number)
    assert (table.number, table.name, table.label, table.needs) == (number, name, label, ())
    for octets in (b"", b"\x01\x02\xff"):
        decoded = table.decode(octets)
        assert decoded == {"octets": octets}
        assert table.encode(decoded) == octets
    with pytest.raises(TableError, match="value is missing"):
        table.encode({})


@pytest.mark.parametrize("number", [-1, 0x10000])
def test_numbers_that_services_cannot_carry(number):
    with pytest.raises(ValueError, match="a table number is 0 to 65535"):
        STANDARD.table(number)


def test_every_number_has_a_table():
    labels = {STANDARD.table(number).label for number in range(0x4000)}
    assert len(labels) == 0x4000


def test_names_are_unique_and_in_order():
    tables = list(STANDARD)
    assert [table.number for table in tables] == sorted({table.number for table in tables})
    assert len({table.name for table in tables}) == len(tables)


def test_a_decade_is_loaded_when_one_of_its_tables_is_asked_for():
    script = """
import sys
from c1219_tables.registry import STANDARD
loaded = lambda: {name.rsplit('.', 1)[1] for name in sys.modules if name.startswith('c1219_tables.standard.')}
assert loaded() == {'names'}, loaded()
STANDARD.table(2048)
STANDARD.table(58000)
assert loaded() == {'names'}, loaded()
STANDARD.table(71)
assert loaded() == {'names', 'event_logs'}, loaded()
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_reading_order_has_neighbours_first():
    assert STANDARD.reading_order([64]) == [0, 61, 62, 64]
    assert STANDARD.reading_order([76, 54, 0]) == [0, 51, 54, 71, 76]
    assert STANDARD.reading_order([2048]) == [2048]
    assert STANDARD.reading_order([]) == []


def test_reading_order_of_tables_that_need_each_other():
    one = own(2048, "ONE_TBL", Struct("a" / Array(this._params.st2049.n, Octets(1))))
    two = own(2049, "TWO_TBL", Struct("b" / Array(this._params.st2048.n, Octets(1))))
    registry = Registry((MakerLayouts("*", "*", {2048: one, 2049: two}),))
    assert registry.reading_order([2048, 2049]) == [2049, 2048]


ACME = MakerLayouts("ACME", "X1*", {2048: own(2048, "ACME_TBL"), 3: own(3, "ACME_STATUS_TBL")}, origin="acme.py")
ANY = MakerLayouts("*", "*", {2048: own(2048, "ANY_TBL"), 2050: own(2050, "MORE_TBL")})


def test_makers_tables_come_first():
    registry = Registry((ACME, ANY))
    assert [registry.table(number).name for number in (3, 2048, 2049, 2050)] == [
        "ACME_STATUS_TBL",
        "ACME_TBL",
        "MFG_TBL_1",
        "MORE_TBL",
    ]
    assert registry.table(51) is STANDARD.table(51)
    numbers = [table.number for table in registry]
    assert numbers.count(3) == 1
    assert numbers[-2:] == [2048, 2050]


@pytest.mark.parametrize(
    ("manufacturer", "model", "name"),
    [
        ("ACME", "X1      ", "ACME_TBL"),
        ("ACME", "X1200\0\0\0", "ACME_TBL"),
        ("ACME", "Y1", "ANY_TBL"),
        ("acme", "X1", "ANY_TBL"),
        ("ACM ", "X1", "ANY_TBL"),
    ],
)
def test_layouts_for_a_meter(manufacturer, model, name):
    assert Registry((ACME, ANY)).for_meter(manufacturer, model).table(2048).name == name


def test_tables_of_a_meter_help_each_other():
    meter = MeterTables()
    with pytest.raises(MissingTableError) as info:
        meter.add(54, bytes(16))
    assert info.value.needed == (0, 51)
    assert 54 not in meter
    meter.add(0, ST0)
    meter.add(51, ST51)
    # 4 seasons x (3 + 1) octets.
    assert meter.add(54, bytes(16)).expected_size == 16
    assert (list(meter), len(meter), meter[0].nameplate_type) == ([0, 51, 54], 3, 2)
    assert list(meter.params()) == ["st0", "st51", "st54"]


def test_tables_of_a_meter_in_any_order():
    meter = MeterTables()
    meter.add_all({54: bytes(16), 1: ST1, 51: ST51, 0: ST0})
    assert sorted(meter) == [0, 1, 51, 54]
    assert meter[1].mfg_serial_number == "0000000012345678"
    assert meter[1].assumed == ""


def test_a_table_that_does_not_fit_is_not_kept():
    meter = MeterTables()
    meter.add(0, ST0)
    with pytest.raises(TableError):
        meter.add(51, ST51 + b"\x00")
    assert 51 not in meter
    assert meter.add(51, ST51 + b"\x00", tolerant=True).trailing == b"\x00"
    assert 51 in meter


def test_dialect_and_makers_of_a_meter():
    odd = own(2048, "ODD_TBL", Struct("value" / Array(this._params.dialect.closure_status, Octets(1))))
    meter = MeterTables(Registry((MakerLayouts("*", "*", {2048: odd}),)), {"closure_status": True})
    assert meter.add(2048, b"\x07").value == [b"\x07"]
