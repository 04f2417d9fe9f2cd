"""Forms for layouts of known size: equal to the plain decode where they answer, silent where it must look."""

from datetime import UTC, datetime

import pytest
from construct import IfThenElse, Switch, this

from c1219_tables.formats import BCD, INT24, INT32, NI_FMAT1, STRING, UINT8, UINT16, UINT48, Formats, Octets
from c1219_tables.schema.dialect import (
    Array,
    BitField,
    If,
    Refused,
    Rest,
    Secret,
    SecretOctets,
    Set,
    Shared,
    Struct,
    Tail,
    Trailing,
    UpTo,
    bits,
    flag,
)
from c1219_tables.schema.packed import MOST_FORMS, WORTH_PACKING, PackedForms

NOW = datetime(2026, 1, 15, 12, 34, tzinfo=UTC)
FLAGS = BitField(UINT8, flag("first", 0), bits("number", 4, 7))
WIDE = BitField(UINT16, flag("first", 0), bits("number", 4, 15))
COUNT = this._params.count


def value(*fields, octets, formats=None, **params):
    """What the fast form gives; None where there is none, or the plain decode must look."""
    forms = PackedForms(Struct(*fields), worth=0)
    return forms(bytes.fromhex(octets), {"formats": formats or Formats(), **params})


def test_each_word_gives_what_its_octets_say():
    assert value("a" / UINT8, "b" / UINT16, octets="01 0203") == {"a": 1, "b": 0x0302}
    assert value("a" / UINT16, octets="0203", formats=Formats(data_order="big")) == {"a": 0x0203}
    assert value("a" / INT32, "b" / INT24, octets="FEFFFFFF FDFFFF") == {"a": -2, "b": -3}
    assert value("a" / UINT48, octets="010000000080") == {"a": (0x80 << 40) + 1}
    assert value("a" / NI_FMAT1, octets="0A0000000080", formats=Formats(ni_format1=10)) == {"a": 10 - (1 << 47)}
    assert value("a" / STRING(3), "b" / BCD(2), "c" / Octets(1), octets="414220 1234 FF") == {
        "a": "AB ",
        "b": "1234",
        "c": b"\xff",
    }
    assert value("a" / FLAGS, "b" / WIDE, octets="A1 0112") == {
        "a": {"first": True, "spare_1_3": 0, "number": 10},
        "b": {"first": True, "spare_1_3": 0, "number": 0x120},
    }
    assert value("a" / Set(2), octets="0380") == {"a": [0, 1, 15]}
    assert value("a" / Array(COUNT, UINT8), octets="0708", count=2) == {"a": [7, 8]}
    assert value("a" / Array(COUNT, UINT8), octets="", count=0) == {"a": []}
    assert value("a" / If(COUNT == 1, UINT8), "b" / If(COUNT == 2, UINT8), octets="07", count=1) == {"a": 7, "b": None}
    assert value("a" / IfThenElse(COUNT > 1, UINT8, UINT16), octets="0700", count=1) == {"a": 7}
    assert value("a" / Switch(COUNT, {1: UINT8, 2: UINT16}), octets="0001", count=2) == {"a": 256}
    assert value("a" / UINT8, "b" / Tail(UINT8), octets="07") == {"a": 7, "b": None}
    assert value("a" / UINT8, "b" / Tail(UINT8), octets="0708") == {"a": 7, "b": 8}
    assert value("a" / UINT8, "b" / Rest(), octets="070809") == {"a": 7, "b": b"\x08\x09"}
    assert value("a" / UpTo(COUNT), "b" / UINT8, octets="070809", count=2) == {"a": b"\x07\x08", "b": 9}
    assert value("a" / UINT8, "b" / Trailing(), octets="07") == {"a": 7, "b": b""}
    shared = Struct("one" / UINT8, "more" / Tail(UINT8))
    assert value("a" / Shared(COUNT, shared), octets="07080910", count=2) == {
        "a": [{"one": 7, "more": 8}, {"one": 9, "more": 16}]
    }


def test_arrays_that_are_a_loop():
    rows = Struct("state" / FLAGS, "values" / Array(2, UINT8))
    found = value("rows" / Array(COUNT, rows), octets="A10102" * 99 + "000304", count=100)
    assert len(found["rows"]) == 100
    assert found["rows"][0] == {"state": {"first": True, "spare_1_3": 0, "number": 10}, "values": [1, 2]}
    assert found["rows"][99] == {"state": {"first": False, "spare_1_3": 0, "number": 0}, "values": [3, 4]}
    assert value("a" / Array(COUNT, UINT16), octets="0100" * 100, count=100) == {"a": [1] * 100}
    big = value("a" / Array(COUNT, UINT16), octets="0100" * 100, count=100, formats=Formats(data_order="big"))
    assert big == {"a": [256] * 100}
    assert value("a" / Array(COUNT, Octets(2)), octets="0102" * 100, count=100) == {"a": [b"\1\2"] * 100}
    assert value("a" / Array(COUNT, STRING(2)), octets="4142" * 100, count=100) == {"a": ["AB"] * 100}
    assert value("a" / Array(COUNT, INT24), octets="FFFFFF" * 100, count=100) == {"a": [-1] * 100}
    assert value("a" / Array(COUNT, FLAGS), octets="01" * 100, count=100)["a"][99]["first"] is True


def test_rows_are_each_their_own():
    rows = value("rows" / Array(COUNT, Struct("state" / FLAGS)), octets="01" * 100, count=100)["rows"]
    rows[0]["state"]["number"] = 5
    assert rows[1].state.number == 0


def test_what_is_secret_stays_masked():
    found = value("key" / Secret(Octets(2)), octets="0102")
    assert isinstance(found["key"], SecretOctets)
    assert "0102" not in repr(found)


@pytest.mark.parametrize(
    ("fields", "octets"),
    [
        (("a" / UINT8, "b" / Array(this.a, UINT8)), "0107"),  # a size that the octets themselves tell
        (("a" / UINT16,), "01"),
        (("a" / UINT16,), "010203"),
        (("a" / UINT8, "b" / Trailing()), "0102"),
        (("a" / Refused("no source says"),), ""),
        (("a" / Array(3, Struct()),), ""),  # elements that take no octets
        (("a" / Shared(2, UINT8),), "010203"),
        (("a" / Array(this._params.missing, UINT8),), ""),
        (("a" / Array(2**40, UINT8),), "01"),
        (("a" / Array(2**16, Array(2**16, Array(2**40, UINT8))),), "01"),
        (("a" / Rest(leave=2),), "01"),
    ],
)
def test_what_only_the_plain_decode_can_tell(fields, octets):
    assert value(*fields, octets=octets) is None


def test_octets_that_encoding_would_not_give_back():
    """Minus zero of INT_FORMAT 2, sign and magnitude: 80000000H."""
    formats = Formats(int_format=2)
    assert value("a" / INT32, octets="07000080", formats=formats) == {"a": -7}
    assert value("a" / INT32, octets="00000080", formats=formats) is None


def test_another_meter_has_another_form():
    forms = PackedForms(Struct("a" / Array(COUNT, UINT8), "b" / Rest()))
    octets = bytes(range(200)) * 40
    for count in (3, 5, 3):
        found = forms(octets, {"formats": Formats(), "count": count})
        assert found is not None
        assert (found["a"], found["b"]) == (list(range(count)), octets[count:])
    assert forms(octets, {"formats": Formats()}) is None  # nothing is known of its dimensions
    assert forms(octets, {"formats": Formats(), "count": "three"}) is None


def test_another_meter_with_octets_of_the_same_length():
    """01 02 is 513 with the least significant octet first, 258 with the most significant one."""
    forms = PackedForms(Struct("a" / UINT16), worth=0)
    assert [forms(b"\1\2", {"formats": Formats(data_order=order)})["a"] for order in ("little", "big", "little")] == [
        513,
        258,
        513,
    ]


def test_dimensions_changed_in_place():
    dimensions = {"count": 3}
    params = {"formats": Formats(), "st21": dimensions}
    forms = PackedForms(Struct("a" / Array(this._params.st21.count, UINT8), "b" / Rest()))
    octets = bytes(range(200)) * 40
    assert len(forms(octets, params)["a"]) == 3
    dimensions["count"] = 4
    assert len(forms(octets, params)["a"]) == 4


def test_few_octets_are_not_worth_a_form_and_forms_are_few():
    forms = PackedForms(Struct("a" / Rest()))
    assert forms(bytes(WORTH_PACKING - 1), {}) is None
    for length in range(1, 3 * MOST_FORMS):
        assert forms(bytes(WORTH_PACKING + length), {}) == {"a": bytes(WORTH_PACKING + length)}
    # The first form was given up for newer ones; what it was for takes its turn again.
    assert forms(bytes(1), {}) is None
