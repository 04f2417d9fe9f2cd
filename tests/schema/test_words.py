"""Every word of the dialect, both ways, with octets written by hand."""

import traceback

import pytest
from construct import Bytes, Int8ub, Int16ub, Int24ub, Int32ub, Switch, this

from c1219_tables.errors import LayoutError
from c1219_tables.schema.ber import BER_LENGTH
from c1219_tables.schema.compiler import UNUSUAL, compiled
from c1219_tables.schema.cursor import Cursor, Remark, plain_path
from c1219_tables.schema.dialect import (
    MAX_EMPTY_ELEMENTS,
    NOTHING,
    Array,
    BitField,
    If,
    RepeatToEnd,
    Rest,
    Secret,
    SecretOctets,
    Set,
    Sized,
    Struct,
    Tail,
    Text,
    Trailing,
    UnsignedRest,
    bits,
    element,
    flag,
    note,
)
from c1219_tables.schema.layout import Layout


def octets(text):
    return bytes.fromhex(text)


def layout(*fields):
    return Layout("thing", Struct(*fields))


PAIR = layout("first" / Int8ub, "second" / Int16ub)
POINTS = layout("count" / Int8ub, "points" / Array(this.count, Struct("x" / Int8ub, "y" / Int8ub)))
LISTED = layout("items" / RepeatToEnd(Sized(Int8ub, Rest()), stop=0x00), "trailing" / Trailing())
FLAGS = layout("flags" / BitField(Int8ub, flag("low", 0), bits("middle", 2, 4), flag("high", 7)))
# Little-endian octets 34 12 are 1234H; the cuts are made in the integer, not in the octets.
WIDE = layout("flags" / BitField(Int16ub, bits("nibble", 4, 7), bits("across", 8, 15)))
NAMED = layout("name" / Text(4))
MEMBERS = layout("members" / Set(2))
OPTIONAL = layout("kind" / Int8ub, "extra" / If(this.kind == 1, Int16ub))
CHOICE = layout("kind" / Int8ub, "value" / Switch(this.kind, {1: Int8ub, 2: Struct("n" / Int16ub)}, default=Rest()))
ENDING = layout("first" / Int8ub, "last" / Tail(Int16ub))
SIZED = layout("length" / Sized(Int8ub, Struct("first" / Int8ub, "rest" / Rest())), "behind" / Int8ub)
WITH_MAC = layout("text" / Rest(leave=4), "mac" / Bytes(4))
PASSWORD = layout("password" / Secret(Bytes(6)))
TWO = layout("offset" / UnsignedRest(width=3, parts=2), "size" / UnsignedRest(width=3, partner=this.offset))
ONE = layout("maximum" / UnsignedRest(width=4))
EMPTY = layout("nothing" / NOTHING)
GIVEN = layout("value" / Array(this._params.nbr, Int8ub))
OUTER = layout(
    "size" / Int8ub, "inner" / Struct("data" / Array(this._.size, Int8ub), "more" / Array(this._._params.n, Int8ub))
)

GOOD = [
    #            layout    octets                  value                                                        why
    pytest.param(PAIR, "01 0203", {"first": 1, "second": 0x0203}, id="struct-fields-in-order"),
    pytest.param(POINTS, "00", {"count": 0, "points": []}, id="array-of-none"),
    pytest.param(
        POINTS, "02 0102 0304", {"count": 2, "points": [{"x": 1, "y": 2}, {"x": 3, "y": 4}]}, id="array-by-count"
    ),
    pytest.param(LISTED, "01AA 02BBCC", {"items": [b"\xaa", b"\xbb\xcc"], "trailing": b""}, id="repeat-to-end"),
    pytest.param(LISTED, "", {"items": [], "trailing": b""}, id="repeat-of-none"),
    pytest.param(LISTED, "01AA 00 05", {"items": [b"\xaa"], "trailing": b"\x00\x05"}, id="repeat-stops-and-keeps"),
    # 95H = 1001 0101: bit 7 set, bits 4-2 = 101 = 5, bit 0 set.
    pytest.param(
        FLAGS,
        "95",
        {"flags": {"low": True, "spare_1": 0, "middle": 5, "spare_5_6": 0, "high": True}},
        id="bits-by-shift",
    ),
    # 62H = 0110 0010: bits 6-5 = 3 and bit 1 = 1 are spare, and are kept.
    pytest.param(
        FLAGS,
        "62",
        {"flags": {"low": False, "spare_1": 1, "middle": 0, "spare_5_6": 3, "high": False}},
        id="spare-bits-kept",
    ),
    # 1234H: bits 15-8 = 12H, bits 7-4 = 3, bits 3-0 = 4.
    pytest.param(WIDE, "1234", {"flags": {"spare_0_3": 4, "nibble": 3, "across": 0x12}}, id="bits-across-octets"),
    pytest.param(NAMED, "41422020", {"name": "AB  "}, id="text-keeps-its-padding"),
    pytest.param(NAMED, "E900FF80", {"name": "\xe9\x00\xff\x80"}, id="text-any-octet-survives"),
    # Octet 0 holds members 0-7, least significant first: member 7 is 80H of octet 0, 8 is 01H of octet 1, 15 its 80H.
    pytest.param(MEMBERS, "80 80", {"members": [7, 15]}, id="set-every-eighth-member"),
    pytest.param(MEMBERS, "01 01", {"members": [0, 8]}, id="set-first-members"),
    pytest.param(MEMBERS, "00 00", {"members": []}, id="set-empty"),
    pytest.param(MEMBERS, "FF FF", {"members": list(range(16))}, id="set-full"),
    pytest.param(OPTIONAL, "01 0005", {"kind": 1, "extra": 5}, id="if-holds"),
    pytest.param(OPTIONAL, "02", {"kind": 2, "extra": None}, id="if-does-not-hold"),
    pytest.param(CHOICE, "01 07", {"kind": 1, "value": 7}, id="switch-to-integer"),
    pytest.param(CHOICE, "02 0007", {"kind": 2, "value": {"n": 7}}, id="switch-to-struct"),
    pytest.param(CHOICE, "09 0007", {"kind": 9, "value": b"\x00\x07"}, id="switch-unknown-survives"),
    pytest.param(ENDING, "01", {"first": 1, "last": None}, id="tail-absent"),
    pytest.param(ENDING, "01 0002", {"first": 1, "last": 2}, id="tail-there"),
    pytest.param(SIZED, "03 01 AABB 09", {"length": {"first": 1, "rest": b"\xaa\xbb"}, "behind": 9}, id="sized"),
    pytest.param(SIZED, "01 01 09", {"length": {"first": 1, "rest": b""}, "behind": 9}, id="sized-just-full"),
    pytest.param(WITH_MAC, "AABB 01020304", {"text": b"\xaa\xbb", "mac": b"\x01\x02\x03\x04"}, id="rest-leaves"),
    pytest.param(WITH_MAC, "01020304", {"text": b"", "mac": b"\x01\x02\x03\x04"}, id="rest-of-nothing"),
    pytest.param(PASSWORD, "736563726574", {"password": b"secret"}, id="secret"),
    pytest.param(TWO, "", {"offset": None, "size": None}, id="two-integers-absent"),
    pytest.param(TWO, "05 09", {"offset": 5, "size": 9}, id="two-integers-of-one-octet"),
    pytest.param(TWO, "0100 0200", {"offset": 0x100, "size": 0x200}, id="two-integers-of-two-octets"),
    pytest.param(TWO, "000005 000009", {"offset": 5, "size": 9}, id="two-integers-of-three-octets"),
    pytest.param(ONE, "", {"maximum": None}, id="integer-absent"),
    pytest.param(ONE, "00000200", {"maximum": 512}, id="integer-of-four-octets"),
    pytest.param(ONE, "0200", {"maximum": 512}, id="integer-of-two-octets-kept"),
    pytest.param(EMPTY, "", {"nothing": None}, id="nothing"),
]


@pytest.mark.parametrize(("thing", "hexed", "value"), GOOD)
def test_word_reads_and_writes_back(thing, hexed, value):
    decoded = thing.decode(octets(hexed))
    assert decoded == value
    assert thing.encode(decoded) == octets(hexed)


@pytest.mark.parametrize(
    ("thing", "value", "hexed"),
    [
        pytest.param(FLAGS, {"flags": {"middle": 5}}, "14", id="bits-not-given-are-0"),
        pytest.param(NAMED, {"name": "A"}, "41202020", id="text-is-padded"),
        pytest.param(layout("name" / Text(3, pad="\0")), {"name": "A"}, "410000", id="text-other-pad"),
        pytest.param(ENDING, {"first": 1}, "01", id="tail-may-be-left-out"),
        pytest.param(LISTED, {"items": [b"\xaa"]}, "01AA", id="trailing-may-be-left-out"),
        pytest.param(TWO, {"offset": 5, "size": 9}, "000005 000009", id="new-integers-have-the-declared-width"),
        pytest.param(ONE, {"maximum": 5}, "00000005", id="new-integer-has-the-declared-width"),
        pytest.param(OPTIONAL, {"kind": 2, "extra": None}, "02", id="if-not-holding-takes-none"),
        pytest.param(OPTIONAL, {"kind": 2}, "02", id="if-not-holding-needs-no-key"),
        pytest.param(
            layout("maybe" / Struct("last" / Tail(Int8ub))), {"maybe": None}, "", id="none-for-a-struct-of-options"
        ),
        pytest.param(PASSWORD, {"password": bytearray(b"secret")}, "736563726574", id="secret-from-a-bytearray"),
    ],
)
def test_new_values_are_written_in_the_usual_form(thing, value, hexed):
    assert thing.encode(value) == octets(hexed)


def test_counts_from_the_caller_and_from_the_enclosing_struct():
    assert GIVEN.decode(octets("0102"), nbr=2) == {"value": [1, 2]}
    assert GIVEN.encode({"value": [1, 2]}, nbr=2) == octets("0102")
    assert OUTER.decode(octets("02 0102 03"), n=1) == {"size": 2, "inner": {"data": [1, 2], "more": [3]}}


REFUSED = [
    #            layout    octets        field               offset  message                                   why
    pytest.param(PAIR, "", "first", 0, "1 octet wanted, 0 left", id="nothing-at-all"),
    pytest.param(PAIR, "01 02", "second", 1, "2 octets wanted, 1 left", id="cut-inside-an-integer"),
    pytest.param(PAIR, "01 0203 FF", "", 3, "1 octets left over", id="octet-left-over"),
    pytest.param(POINTS, "02 0102 03", "points[1].y", 4, "1 octet wanted, 0 left", id="array-cut-in-its-last-element"),
    pytest.param(LISTED, "02AA", "items[0]", 0, "a length of 2 octets where 1 are left", id="repeat-does-not-swallow"),
    pytest.param(LISTED, "01AA 05BB", "items[1]", 2, "a length of 5 octets where 1 are left", id="repeat-second-cut"),
    pytest.param(NAMED, "414243", "name", 0, "4 octets wanted, 3 left", id="text-cut"),
    pytest.param(MEMBERS, "FF", "members", 0, "2 octets wanted, 1 left", id="set-cut"),
    pytest.param(OPTIONAL, "01 00", "extra", 1, "2 octets wanted, 1 left", id="if-cut"),
    pytest.param(CHOICE, "02 00", "value.n", 1, "2 octets wanted, 1 left", id="switch-cut"),
    pytest.param(ENDING, "01 00", "last", 1, "2 octets wanted, 1 left", id="tail-cut"),
    pytest.param(SIZED, "03 01 AA", "length", 0, "a length of 3 octets where 2 are left", id="sized-claims-too-much"),
    pytest.param(SIZED, "00 09", "length.first", 1, "1 octet wanted, 0 left", id="sized-too-small-for-its-content"),
    pytest.param(
        layout("a" / Sized(Int8ub, Int8ub), "b" / Int8ub),
        "02 01 09 09",
        "a",
        2,
        "1 octet left over inside its length",
        id="sized-not-filled",
    ),
    pytest.param(
        layout("a" / Sized(Int8ub, Int16ub)), "01 09", "a", 1, "2 octets wanted, 1 left", id="sized-never-reads-past"
    ),
    pytest.param(WITH_MAC, "010203", "text", 0, "4 octets wanted, 3 left", id="rest-cannot-leave-so-many"),
    pytest.param(PASSWORD, "0102", "password", 0, "6 octets wanted, 2 left", id="secret-cut"),
    pytest.param(TWO, "010203", "offset", 0, "3 octets where 2 integers of equal size", id="two-integers-odd"),
    pytest.param(ONE, "01" * 9, "maximum", 0, "9 octets where 1 integers", id="integer-too-wide"),
    pytest.param(
        layout("codes" / Text(2, encoding="ascii")),
        "4180",
        "codes",
        0,
        "cannot be decoded",
        id="text-in-another-alphabet",
    ),
    pytest.param(
        layout("a" / Sized(BER_LENGTH, Sized(Int8ub, Int16ub)), "b" / Int16ub),
        "0201 09 0000",
        "a",
        2,
        "2 octets wanted, 1 left",
        id="region-in-a-region",
    ),
    pytest.param(EMPTY, "00", "", 0, "1 octets left over", id="nothing-takes-nothing"),
]


@pytest.mark.parametrize(("thing", "hexed", "field", "offset", "message"), REFUSED)
def test_octets_that_do_not_fit_are_refused_with_their_place(thing, hexed, field, offset, message):
    with pytest.raises(LayoutError, match=message) as info:
        thing.decode(octets(hexed))
    error = info.value
    assert (error.layout, error.field, error.offset) == ("thing", field, offset)
    assert str(error).startswith("thing " + field if field else "thing")
    assert str(error).endswith(f"(offset {offset})")


WRONG = [
    #            layout    value                                              field          message            why
    pytest.param(PAIR, {"first": 1}, "second", "a value is missing", id="missing"),
    pytest.param(OPTIONAL, {"kind": 1}, "extra", "a value is missing", id="missing-where-the-condition-holds"),
    pytest.param(PAIR, {}, "first", "a value is missing", id="all-missing"),
    pytest.param(PAIR, None, "first", "a value is missing", id="nothing-given"),
    pytest.param(PAIR, {"first": 1, "second": 2, "thrid": 3}, "thrid", "no such element", id="unknown-name"),
    pytest.param(PAIR, [1, 2], "", "named elements are wanted", id="not-named"),
    pytest.param(PAIR, {"first": 256, "second": 2}, "first", "256 does not fit", id="integer-too-large"),
    pytest.param(PAIR, {"first": -1, "second": 2}, "first", "-1 does not fit", id="integer-negative"),
    pytest.param(PAIR, {"first": 1.5, "second": 2}, "first", "1.5 does not fit", id="integer-with-a-fraction"),
    pytest.param(PAIR, {"first": None, "second": 2}, "first", "None does not fit", id="integer-none"),
    pytest.param(layout("n" / Int24ub), {"n": 1 << 24}, "n", "does not fit", id="three-octets-too-large"),
    pytest.param(layout("n" / Int24ub), {"n": -1}, "n", "does not fit", id="three-octets-negative"),
    pytest.param(
        POINTS, {"count": 2, "points": [{"x": 1, "y": 2}]}, "points", "2 elements wanted, 1", id="array-short"
    ),
    pytest.param(
        POINTS, {"count": 1, "points": [{"x": 1, "y": 2}] * 2}, "points", "1 elements wanted, 2", id="array-long"
    ),
    pytest.param(POINTS, {"count": 1, "points": [{"x": 1, "y": 300}]}, "points[0].y", "300", id="array-element"),
    pytest.param(POINTS, {"count": 1, "points": [{"x": 1, "z": 3}]}, "points[0].z", "no such element", id="array-name"),
    pytest.param(POINTS, {"count": 1, "points": 5}, "points", "does not fit", id="array-not-a-list"),
    pytest.param(LISTED, {"items": [b"a", b""]}, "items[1]", "would end the list", id="element-that-would-stop"),
    pytest.param(LISTED, {"items": None}, "items", "does not fit", id="repeat-not-a-list"),
    pytest.param(FLAGS, {"flags": {"middle": 8}}, "flags.middle", "0 to 7", id="bits-too-large"),
    pytest.param(FLAGS, {"flags": {"low": 2}}, "flags.low", "0 to 1", id="flag-not-a-flag"),
    pytest.param(FLAGS, {"flags": {"low": "yes"}}, "flags.low", "0 to 1", id="flag-text"),
    pytest.param(FLAGS, {"flags": {"hihg": True}}, "flags.hihg", "no such bits", id="unknown-bit"),
    pytest.param(FLAGS, {"flags": 5}, "flags", "named bits are wanted", id="bits-not-named"),
    pytest.param(NAMED, {"name": "ABCDE"}, "name", "at most 4", id="text-too-long"),
    pytest.param(NAMED, {"name": b"AB"}, "name", "at most 4", id="text-as-octets"),
    pytest.param(NAMED, {"name": "\u20ac"}, "name", "does not fit", id="text-outside-its-alphabet"),
    pytest.param(MEMBERS, {"members": [16]}, "members", "member 16 of a set of 16", id="set-member-too-large"),
    pytest.param(MEMBERS, {"members": [-1]}, "members", "member -1", id="set-member-negative"),
    pytest.param(MEMBERS, {"members": 3}, "members", "does not fit", id="set-not-a-list"),
    pytest.param(OPTIONAL, {"kind": 2, "extra": 5}, "extra", "nothing is wanted", id="if-not-holding-takes-no-value"),
    pytest.param(OPTIONAL, {"kind": 1, "extra": None}, "extra", "does not fit", id="if-holding-wants-a-value"),
    pytest.param(CHOICE, {"kind": 9, "value": "text"}, "value", "octets are wanted", id="rest-as-text"),
    pytest.param(EMPTY, {"nothing": 5}, "nothing", "nothing is wanted", id="something-for-nothing"),
    pytest.param(
        SIZED, {"length": {"first": 1, "rest": bytes(255)}, "behind": 9}, "length", "256", id="sized-overflows"
    ),
    pytest.param(WITH_MAC, {"text": b"", "mac": b"123"}, "mac", "does not fit", id="bytes-too-few"),
    pytest.param(PASSWORD, {"password": b"1234567"}, "password", "7 octets given, which do not fit", id="secret-long"),
    pytest.param(PASSWORD, {"password": "secret"}, "password", "secret octets are wanted", id="secret-as-text"),
    pytest.param(TWO, {"offset": 5}, "size", "or none", id="one-of-two-integers"),
    pytest.param(TWO, {"offset": None, "size": 5}, "size", "or none", id="other-of-two-integers"),
    pytest.param(TWO, {"offset": 1 << 24, "size": 5}, "offset", "0 to 16777215", id="integer-wider-than-declared"),
    pytest.param(ONE, {"maximum": -1}, "maximum", "0 to 4294967295", id="rest-integer-negative"),
    pytest.param(ONE, {"maximum": 1.5}, "maximum", "0 to 4294967295", id="rest-integer-fraction"),
]


@pytest.mark.parametrize(("thing", "value", "field", "message"), WRONG)
def test_values_that_do_not_fit_are_refused_with_their_name(thing, value, field, message):
    with pytest.raises(LayoutError, match=message) as info:
        thing.encode(value)
    assert (info.value.layout, info.value.field, info.value.offset) == ("thing", field, None)


@pytest.mark.parametrize(
    ("thing", "hexed"),
    [
        pytest.param(PAIR, "01 0203", id="struct"),
        pytest.param(POINTS, "03 0102 0304 0506", id="array"),
        pytest.param(SIZED, "05 01 AABBCCDD 09", id="sized"),
        pytest.param(MEMBERS, "80 80", id="set"),
        pytest.param(NAMED, "41422020", id="text"),
        pytest.param(PASSWORD, "736563726574", id="secret"),
        pytest.param(layout("a" / Sized(BER_LENGTH, Rest()), "b" / Int32ub), "8103 AABBCC 01020304", id="ber"),
    ],
)
def test_cut_at_every_octet_names_a_place_and_gives_no_value(thing, hexed):
    whole = octets(hexed)
    assert thing.decode(whole)
    for cut in range(len(whole)):
        with pytest.raises(LayoutError) as info:
            thing.decode(whole[:cut])
        assert info.value.field, cut
        assert 0 <= info.value.offset <= cut


# -- Array: counts cost nothing before the octets are there ------------------------------------------------------------


class CountingRead(Cursor):
    """A cursor that counts how often it is asked for octets."""

    reads = 0

    def read(self, count=-1):
        type(self).reads += 1
        return super().read(count)


def count_reads(thing, given):
    """How often the octets were read until `thing` refused them."""

    class Reads(CountingRead):
        pass

    with pytest.raises(Exception, match="wanted, 0 left"):
        thing.construct._parse(Reads(given), {"_params": {}}, "")
    return Reads.reads


def test_nested_arrays_with_huge_counts_fail_at_the_first_octet_that_is_not_there():
    grid = layout("rows" / Int16ub, "columns" / Int16ub, "cells" / Array(this.rows, Array(this.columns, Int8ub)))
    # Two counts, three cells, and the fourth cell that is not there: 6 reads for 65535 * 65535 claimed cells.
    assert count_reads(grid, octets("FFFF FFFF 010203")) == 6
    with pytest.raises(LayoutError, match="1 octet wanted, 0 left") as info:
        grid.decode(octets("FFFF FFFF 010203"))
    assert (info.value.field, info.value.offset) == ("cells[0][3]", 7)


class CountingNothing(type(NOTHING)):
    """An element that takes no octets and counts how often it was read."""

    def __init__(self):
        super().__init__()
        self.reads = 0

    def _parse(self, stream, context, path):
        self.reads += 1


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_arrays_of_elements_that_take_no_octets_are_bounded_together(depth):
    inner = counted = CountingNothing()
    for _ in range(depth):
        inner = Array(65535, inner)
    thing = layout("several" / Array(65535, inner))
    with pytest.raises(LayoutError, match="elements that take no octets"):
        thing.decode(b"")
    assert counted.reads <= MAX_EMPTY_ELEMENTS + 1


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_fast_decoder_leaves_elements_that_take_no_octets_to_the_plain_one(depth):
    inner = NOTHING
    for _ in range(depth):
        inner = Array(65535, inner)
    # There is an octet to come, so that it is not the end of the octets that ends the arrays.
    fast = compiled(Struct("several" / Array(65535, inner), "one" / Int8ub))
    with pytest.raises(UNUSUAL):
        fast(b"\x01", {})


def test_a_bound_on_empty_elements_leaves_full_ones_alone():
    many = MAX_EMPTY_ELEMENTS + 10
    assert layout("n" / Array(many, Int8ub)).decode(bytes(many)).n == [0] * many
    assert layout("n" / Array(1000, NOTHING)).decode(b"").n == [None] * 1000


def test_an_element_without_octets_does_not_repeat_for_ever():
    with pytest.raises(LayoutError, match="repeats for ever") as info:
        layout("items" / RepeatToEnd(NOTHING)).decode(b"\x01")
    assert (info.value.field, info.value.offset) == ("items", 0)


# -- Declarations that cannot work ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "declare",
    [
        pytest.param(lambda: Struct("a" / Int8ub, "a" / Int8ub), id="two-elements-of-one-name"),
        pytest.param(lambda: Struct(Int8ub), id="element-without-a-name"),
        pytest.param(lambda: BitField(Int8ub, flag("a", 0), bits("b", 0, 1)), id="bits-overlap"),
        pytest.param(lambda: BitField(Int8ub, flag("a", 8)), id="bit-outside"),
    ],
)
def test_a_declaration_that_cannot_work_is_refused_when_it_is_made(declare):
    with pytest.raises(TypeError):
        declare()


def test_sizes_without_octets():
    thing = Struct(
        "a" / Int8ub, "b" / Array(3, Int16ub), "c" / Set(2), "d" / Text(5), "e" / NOTHING, "f" / Secret(Bytes(2))
    )
    # 1 + 3 * 2 + 2 + 5 + 0 + 2
    assert thing._sizeof({}, "") == 16
    assert BitField(Int16ub, flag("a", 0))._sizeof({}, "") == 2


def test_notes_say_how_sure_an_element_is():
    agreed = note("nonce", "ADP SPI")
    same_author = note("nonce", "ADP WS")
    single = note("nonce", "ADP")
    inferred = note("nonce", "", sure="inferred")
    assert (agreed, agreed.sources, agreed.sure) == ("nonce", ("ADP", "SPI"), "agreed")
    assert (same_author.sources, same_author.sure) == (("ADP", "WS"), "single")
    assert note("nonce", "").sure == "none"
    assert (single.sources, single.sure) == (("ADP",), "single")
    assert (inferred.sources, inferred.sure) == ((), "inferred")
    name, inner, words = element("iv" / Bytes(4) * agreed)
    assert (name, words, words.sources) == ("iv", "nonce", ("ADP", "SPI"))
    assert inner.length == 4
    assert flag("test", 0) * single
    assert (flag("test", 0) * single).note.sources == ("ADP",)


# -- Secrets ----------------------------------------------------------------------------------------------------------

MARKER = b"MARKER-secret"


def shown(error):
    return "".join([repr(error), str(error), *traceback.format_exception(error)])


def test_a_secret_is_masked_however_it_is_shown():
    decoded = layout("password" / Secret(Bytes(13))).decode(MARKER)
    assert bytes(decoded.password) == MARKER
    assert isinstance(decoded.password, SecretOctets)
    texts = [repr(decoded), str(decoded), f"{decoded.password}", f"{decoded.password!a}", "%s" % decoded.password]  # noqa: UP031
    assert [text for text in texts if "MARKER" in text] == []
    assert repr(decoded.password) == "<secret, 13 octets>"
    assert str(SecretOctets(b"x")) == "<secret, 1 octet>"


HIDDEN = layout(
    "authentication"
    / Sized(Int8ub, Struct("key_id" / Int8ub, "token" / Secret(Rest()), "more" / Array(1, Secret(Bytes(13)))))
)


@pytest.mark.parametrize(
    ("thing", "value"),
    [
        pytest.param(layout("p" / Secret(Bytes(4))), {"p": MARKER}, id="too-long"),
        pytest.param(layout("p" / Secret(Bytes(40))), {"p": MARKER}, id="too-short"),
        pytest.param(layout("p" / Secret(Bytes(4))), {"p": MARKER.decode()}, id="as-text"),
        pytest.param(layout("p" / Secret(Bytes(4))), {"p": [MARKER]}, id="in-a-list"),
        pytest.param(
            layout("p" / Secret(Bytes(4)), "n" / Int8ub), {"p": MARKER, "n": 1, "no": 2}, id="beside-an-unknown-name"
        ),
        pytest.param(layout("s" / Struct("p" / Secret(Bytes(4)))), {"s": MARKER}, id="octets-for-a-struct"),
        pytest.param(layout("s" / Struct("p" / Secret(Bytes(4)))), {"s": MARKER.decode()}, id="text-for-a-struct"),
        pytest.param(
            HIDDEN, {"authentication": {"key_id": 1, "token": MARKER * 30, "more": [MARKER]}}, id="length-overflows"
        ),
        pytest.param(
            HIDDEN, {"authentication": {"key_id": 1, "token": MARKER, "more": MARKER}}, id="array-of-the-wrong-size"
        ),
        pytest.param(
            HIDDEN, {"authentication": {"key_id": 300, "token": MARKER, "more": [MARKER]}}, id="neighbour-at-fault"
        ),
        pytest.param(HIDDEN, {"authentication": (MARKER,)}, id="tuple-for-a-struct"),
    ],
)
def test_no_error_shows_a_secret(thing, value):
    with pytest.raises(LayoutError) as info:
        thing.encode(value)
    assert "MARKER" not in shown(info.value)


def test_no_error_of_reading_shows_a_secret():
    thing = layout("password" / Secret(Bytes(13)), "more" / Int16ub)
    given = bytes([0xA7]) * 13 + b"\x00\x01"
    for cut in range(15):
        with pytest.raises(LayoutError) as info:
            thing.decode(given[:cut])
        assert "a7" not in shown(info.value)
        assert "\xa7" not in shown(info.value)
    with pytest.raises(LayoutError) as info:
        thing.decode(given + b"\x02")
    assert "a7" not in shown(info.value)


# -- Decoded: places and raw octets -----------------------------------------------------------------------------------


def test_the_place_of_every_element():
    decoded = POINTS.decode(octets("02 0102 0304"))
    places = {name: (span.start, span.end) for name, span in decoded.spans().items()}
    assert places == {
        "count": (0, 1),
        "points[0].x": (1, 2),
        "points[0].y": (2, 3),
        "points[0]": (1, 3),
        "points[1].x": (3, 4),
        "points[1].y": (4, 5),
        "points[1]": (3, 5),
        "points": (1, 5),
    }
    # Inner elements stand before the ones that hold them.
    assert list(places).index("points[1].y") < list(places).index("points[1]") < list(places).index("points")
    assert decoded.raw("points[1]") == octets("0304")
    assert decoded.raw("count") == octets("02")
    assert all(span.field == name for name, span in decoded.spans().items())


def test_the_place_of_an_element_holds_its_length():
    decoded = SIZED.decode(octets("03 01 AABB 09"))
    assert decoded.raw("length") == octets("03 01 AABB")
    assert decoded.raw("length.rest") == octets("AABB")
    assert decoded.raw("behind") == octets("09")


def test_places_use_what_the_caller_passed():
    assert GIVEN.decode(octets("0102"), nbr=2).raw("value[1]") == b"\x02"


def test_an_unknown_path_is_a_key_error():
    with pytest.raises(KeyError):
        PAIR.decode(octets("010203")).raw("third")


def test_a_decoded_value_reads_like_attributes():
    decoded = POINTS.decode(octets("01 0102"))
    assert decoded.points[0].y == 2
    assert decoded.octets == octets("01 0102")
    assert decoded.remarks == []
    with pytest.raises(AttributeError, match=r"no element 'z' \(there are: x, y\)"):
        _ = decoded.points[0].z
    with pytest.raises(AttributeError, match="there are: count, points"):
        _ = decoded.nothing


def test_trailing_octets_are_remarked_with_their_place():
    (remark,) = LISTED.decode(octets("01AA 00 05")).remarks
    assert remark == Remark("trailing-octets", "2 octets more than the layout has", "trailing", 2)


def test_octets_are_taken_in_any_form():
    assert PAIR.decode(bytearray(octets("010203"))) == PAIR.decode(memoryview(octets("010203")))


def test_paths_as_people_write_them():
    assert plain_path(".services[0].code") == "services[0].code"
    assert plain_path("#60.called_ap_title#A2#title") == "called_ap_title"
    assert plain_path("#60.value#AC#A2.single#A0[3]") == "value.single[3]"
    assert plain_path("") == ""
