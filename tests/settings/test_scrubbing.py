"""Dumps that can be shown to others."""

import pytest

from c1219_tables.context import MeterTables
from c1222.settings.dump_files import Dump
from c1222.settings.scrubbing import SERIALS, scrubbed

# Little endian, ISO 646, text identifiers; one octet each of tables (0 1 5 6) and procedures.
ST0_TEXT = bytes.fromhex("02 0a 8a 54455354 02 00 08 0c 02 00 01 00 01 00 00 00  63 00 00")
# The same with BCD identifiers: bit 5 of FORMAT_CONTROL_2.
ST0_BCD = bytes.fromhex("02 2a 8a 54455354 02 00 08 0c 02 00 01 00 01 00 00 00  63 00 00")
# IPv4 capture (protocol reference, 8.11): an Elster A3R.
ST1 = b"EE  A3R     \x02\x00\x03\x06" + b"        12345678"
ST6 = (
    b"Utility No. 7       North/East          SP 0042             F-7.1               Dev_9               "
    b"U1                  Mr. O'Neill         40.0000 N 75.0000 W 12 m      RES-TOU ACME\x01\x02WISE\x03\x04"
    b"J. Smith  " + b"flat 3, 2nd floor".ljust(30)
)


def meter(*tables):
    known = MeterTables()
    for number, octets in tables:
        known.add(number, octets)
    return known


def scrub(dump, known, *what):
    return scrubbed(dump, known, frozenset(what))


def test_the_vector_of_table_6_has_its_size():
    assert len(ST6) == 230


TEXTS = [
    #            table   before                             after: digits are 0, letters X, of the same length
    pytest.param(1, ST1, ST1[:16] + b"        00000000", id="serial-number"),
    pytest.param(5, b"Meter A-17".ljust(20), b"XXXXX X-00".ljust(20), id="identification"),
    pytest.param(5, b"caf\xe9 12\x00\x00".ljust(20, b"\x00"), b"XXXX 00\x00\x00".ljust(20, b"\x00"), id="accents"),
    pytest.param(
        6, ST6,
        b"XXXXXXX XX. 0       XXXXX/XXXX          XX 0000             X-0.0               XXX_0               "
        b"X0                  XX. XXXXXXX         " + bytes(30) + b"RES-TOU ACME\x01\x02WISE\x03\x04"
        b"X. XXXXX  " + b"XXXX 0, 0XX XXXXX".ljust(30),
        id="what-the-utility-knows",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("number", "before", "after"), TEXTS)
def test_serial_numbers(number, before, after):
    dump = Dump({0: ST0_TEXT, number: before}, meter="192.0.2.7:1153")
    found = scrub(dump, meter((0, ST0_TEXT)), "serial")
    assert found.tables == {0: ST0_TEXT, number: after}
    assert (found.meter, found.scrubbed) == ("", ("serial",))
    assert dump.tables[number] == before


def test_bcd_identifiers():
    dump = Dump({5: bytes.fromhex("00000000001234567890")})
    assert scrub(dump, meter((0, ST0_BCD)), "serial").tables == {5: bytes(10)}


def test_without_a_wish_nothing_changes():
    dump = Dump({0: ST0_TEXT, 1: ST1}, meter="A", identity=b"\x00\x00\x01\x00\x00")
    assert scrub(dump, meter((0, ST0_TEXT))) == dump


def test_secrets():
    # Table 41: 2 passwords of 4 octets, 0 keys; table 42: each password, and the groups that it opens.
    st41 = bytes.fromhex("02 04 00 00 00 00")
    known = meter((0, ST0_TEXT), (41, st41))
    dump = Dump({41: st41, 42: b"PASS\x01WORD\x03", 46: b"key!"})
    found = scrub(dump, known, "secrets")
    assert found.tables == {41: st41, 42: b"\0\0\0\0\x01\0\0\0\0\x03", 46: bytes(4)}
    assert found.scrubbed == ("secrets",)


def test_what_cannot_be_decoded_is_left_out_and_said():
    dump = Dump({1: b"12345678", 23: b"\x01"}, {1: None, 23: None})
    found = scrub(dump, meter((0, ST0_TEXT)), "serial")
    assert found.tables == {23: b"\x01"}
    assert found.times == {23: None}
    assert "ST-1 is left out" in found.refused[1].reason
    assert found.refused[1].code == ""


def test_octets_behind_the_layout_say_nothing_any_more():
    found = scrub(Dump({1: ST1 + b"12345678"}), meter((0, ST0_TEXT)), "serial")
    assert found.tables == {1: ST1[:16] + b"        00000000" + bytes(8)}


IDENTITIES = [
    #            answer                                                   scrubbed
    pytest.param("00 00 01 00 00", "00 00 01 00 00", id="c12.18"),
    pytest.param(
        # Protocol reference 2.4: feature 07, "Test5678901234567890".
        "00 03 01 00 05 80 07 15 01 54657374 35363738393031323334353637383930 00",
        "00 03 01 00 05 80 07 15 01 58585858 30303030303030303030303030303030 00",
        id="identification",
    ),
    pytest.param("00 00 01 00 09 31 32 00", None, id="a-feature-that-nobody-knows"),
    pytest.param("00 03", None, id="cut"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "after"), IDENTITIES)
def test_the_answer_to_identify(answer, after):
    found = scrub(Dump(identity=bytes.fromhex(answer)), meter(), "serial")
    assert found.identity == (None if after is None else bytes.fromhex(after))


@pytest.mark.parametrize("number", SERIALS)
def test_the_elements_are_there_in_the_declarations(number):
    names = {name for name, _, _ in MeterTables().registry.table(number).layout.fields}
    assert set(SERIALS[number]) <= names
