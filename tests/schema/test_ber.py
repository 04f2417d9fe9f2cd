"""BER words: forms of X.690 and of protocol.md 4.1, octets written by hand."""

import pytest
from construct import Int8ub, Int16ub

from c1219_tables.errors import LayoutError
from c1219_tables.schema.ber import (
    BER_LENGTH,
    BER_UNSIGNED,
    Slice,
    Tagged,
    Tlv,
    encode_length,
    read_length,
    walk,
)
from c1219_tables.schema.dialect import BitField, Rest, Sized, Struct, bits, flag
from c1219_tables.schema.layout import Layout


def octets(text):
    return bytes.fromhex(text)


# 7F, 80, FF, 100, FFFF and 10000 are the vectors of protocol.md 4.1.
LENGTHS = [
    (0x00, "00"),
    (0x01, "01"),
    (0x7F, "7F"),
    (0x80, "81 80"),
    (0xFF, "81 FF"),
    (0x100, "82 01 00"),
    (0xFFFF, "82 FF FF"),
    (0x10000, "83 01 00 00"),
    (0xFFFFFF, "83 FF FF FF"),
    (0x1000000, "84 01 00 00 00"),
    (0xFFFFFFFF, "84 FF FF FF FF"),
]


@pytest.mark.parametrize(("length", "hexed"), LENGTHS)
def test_lengths_in_the_fewest_octets(length, hexed):
    form = octets(hexed)
    assert encode_length(length) == form
    assert read_length(b"\xaa" + form + b"\xbb", 1, len(form) + 2) == (length, 1 + len(form))


@pytest.mark.parametrize(
    ("hexed", "length"),
    [
        ("81 05", 5),
        ("81 00", 0),
        ("82 00 05", 5),
        ("83 00 00 7F", 0x7F),
        ("84 00 00 00 80", 0x80),
        ("84 00 00 01 00", 0x100),
    ],
)
def test_a_longer_form_is_read_and_written_again(hexed, length):
    form = octets(hexed)
    assert read_length(form, 0, len(form)) == (length, len(form))
    assert encode_length(length, len(form)) == form


@pytest.mark.parametrize(("wanted", "form"), [(1, "82 01 00"), (2, "82 01 00"), (3, "82 01 00"), (4, "83 00 01 00")])
def test_a_wanted_form_never_cuts_the_length(wanted, form):
    assert encode_length(0x100, wanted) == octets(form)


@pytest.mark.parametrize(
    ("hexed", "message"),
    [
        pytest.param("", "1 octet wanted, 0 left", id="nothing"),
        pytest.param("80", "indefinite", id="indefinite"),
        pytest.param("80 01 02", "indefinite", id="indefinite-with-octets-behind"),
        pytest.param("85 00 00 00 00 01", "5 octets is too long", id="five-octets"),
        pytest.param("FF " + "00" * 127, "127 octets is too long", id="reserved-form"),
        pytest.param("81", "a length of 1 octets, 0 left", id="cut-one"),
        pytest.param("82 01", "a length of 2 octets, 1 left", id="cut-two"),
        pytest.param("84 01 02 03", "a length of 4 octets, 3 left", id="cut-four"),
    ],
)
def test_lengths_that_are_refused(hexed, message):
    form = octets(hexed)
    with pytest.raises(ValueError, match=message):
        read_length(form, 0, len(form))
    with pytest.raises(LayoutError, match=message) as info:
        SIZED.decode(form)
    assert (info.value.field, info.value.offset) == ("thing", 0)


SIZED = Layout("thing", Struct("thing" / Sized(BER_LENGTH, Rest())))


def test_a_length_is_read_inside_its_region_only():
    # The region ends behind 82 01: the octet after it belongs to somebody else.
    with pytest.raises(ValueError, match="a length of 2 octets, 1 left"):
        read_length(octets("82 01 00"), 0, 2)


@pytest.mark.parametrize("claim", ["02 AA", "81 80 AA", "83 FF FF FF AA", "84 FF FF FF FF AA"])
def test_a_claim_beyond_the_region_is_refused(claim):
    with pytest.raises(LayoutError, match="where 1 are left") as info:
        SIZED.decode(octets(claim))
    assert (info.value.field, info.value.offset) == ("thing", 0)


@pytest.mark.parametrize(
    ("hexed", "remarked"),
    [("03 AABBCC", False), ("81 03 AABBCC", True), ("82 00 03 AABBCC", True), ("84 00000003 AABBCC", True)],
)
def test_a_longer_form_is_remarked_and_comes_out_as_it_was(hexed, remarked):
    decoded = SIZED.decode(octets(hexed))
    assert decoded.thing == b"\xaa\xbb\xcc"
    assert [(remark.code, remark.field, remark.offset) for remark in decoded.remarks] == (
        [("length-not-minimal", "thing", 0)] if remarked else []
    )
    assert SIZED.encode(decoded) == octets(hexed)
    assert SIZED.encode(dict(decoded)) == octets("03 AABBCC")


def test_a_changed_value_keeps_a_length_that_holds_it():
    decoded = SIZED.decode(octets("82 00 01 AA"))
    decoded["thing"] = bytes(0x123)
    assert SIZED.encode(decoded) == octets("82 01 23") + bytes(0x123)


# -- walk ---------------------------------------------------------------------------------------------------------


def test_walk_gives_the_places_of_elements_side_by_side():
    # offset                  0        3            8
    assert list(walk(octets("A1 01 05 82 81 02 01 02 04 00"), 0, 10)) == [
        Slice(0xA1, 0, 2, 3),
        Slice(0x82, 3, 6, 8),
        Slice(0x04, 8, 10, 10),
    ]
    assert list(walk(b"", 0, 0)) == []


@pytest.mark.parametrize("hexed", ["A1", "A1 05 01", "A1 80 00", "A1 01 05 82", "A1 01 05 82 02 01"])
def test_walk_refuses_what_does_not_fit(hexed):
    given = octets(hexed)
    with pytest.raises(ValueError, match=r"wanted|claims|indefinite"):
        list(walk(given, 0, len(given)))


# -- BerUnsigned --------------------------------------------------------------------------------------------------

NUMBER = Layout("number", Struct("n" / Tlv(0x02, BER_UNSIGNED)))


@pytest.mark.parametrize(
    ("hexed", "value"),
    [
        ("02 01 00", 0),
        ("02 01 7F", 127),
        ("02 01 80", 128),  # one octet: deployed software reads it as unsigned
        ("02 01 FF", 255),
        ("02 02 01 00", 256),
        ("02 04 13 E8 14 21", 333976609),  # walk-through 8.5
        ("02 08 FF FF FF FF FF FF FF FF", 2**64 - 1),
    ],
)
def test_integers_in_the_fewest_octets(hexed, value):
    decoded = NUMBER.decode(octets(hexed))
    assert decoded.n == value
    assert decoded.remarks == []
    assert NUMBER.encode({"n": value}) == octets(hexed)


@pytest.mark.parametrize(
    ("hexed", "value"), [("02 02 00 80", 128), ("02 03 00 10 01", 4097), ("02 02 00 00", 0), ("02 04 00000001", 1)]
)
def test_a_leading_00_is_read_remarked_and_written_again(hexed, value):
    decoded = NUMBER.decode(octets(hexed))
    assert decoded.n == value
    assert [remark.code for remark in decoded.remarks] == ["integer-not-minimal"]
    assert NUMBER.encode(decoded) == octets(hexed)


@pytest.mark.parametrize(
    ("hexed", "message"),
    [
        ("02 00", "an integer of 0 octets"),
        ("02 09 01 02 03 04 05 06 07 08 09", "an integer of 9 octets"),
        ("03 01 05", "element 02 wanted, 03 found"),
        ("", "1 octet wanted, 0 left"),
        ("02", "1 octet wanted, 0 left"),
        ("02 02 05", "a length of 2 octets where 1 are left"),
    ],
)
def test_integers_that_are_refused(hexed, message):
    with pytest.raises(LayoutError, match=message) as info:
        NUMBER.decode(octets(hexed))
    assert info.value.field == "n"


@pytest.mark.parametrize("value", [-1, 2**64, 1.0, None, "5", b"\x05"])
def test_values_that_are_no_unsigned_integer(value):
    with pytest.raises(LayoutError) as info:
        NUMBER.encode({"n": value})
    assert info.value.field == "n"


def test_bits_in_an_integer_of_any_width():
    thing = Layout("q", Struct("q" / Tlv(2, BitField(BER_UNSIGNED, flag("a", 0), bits("b", 1, 2), width=64))))
    # 0D = 1101: bit 0 set, bits 2-1 = 10 = 2, and bit 3, which nobody named: 1 of the spare bits 3 to 63.
    decoded = thing.decode(octets("02 01 0D"))
    assert decoded.q == {"a": True, "b": 2, "spare_3_63": 1}
    assert thing.encode(decoded) == octets("02 01 0D")
    assert thing.encode(thing.decode(octets("02 02 00 0D"))) == octets("02 02 00 0D")


# -- Tagged -------------------------------------------------------------------------------------------------------

TAGGED = Layout(
    "letter",
    Tagged("to" / Tlv(0xA1, Rest()), "number" / Tlv(0xA2, Tlv(0x02, BER_UNSIGNED)), "body" / Tlv(0xBE, Rest())),
)


def test_elements_in_the_declared_order():
    given = octets("A1 01 41 A2 03 02 01 05 BE 02 0102")
    decoded = TAGGED.decode(given)
    assert decoded == {"to": b"A", "number": 5, "body": b"\x01\x02", "unknown_elements": []}
    assert decoded.remarks == []
    assert TAGGED.encode(decoded) == given
    assert TAGGED.encode({"body": b"\x01\x02", "number": 5, "to": b"A"}) == given
    assert decoded.raw("number") == octets("A2 03 02 01 05")


def test_absent_elements_are_none():
    assert TAGGED.decode(b"") == {"to": None, "number": None, "body": None, "unknown_elements": []}
    assert TAGGED.encode({}) == b""
    assert TAGGED.encode({"to": None, "body": b""}) == octets("BE 00")


@pytest.mark.parametrize(
    "hexed",
    [
        "BE 02 0102 A2 03 02 01 05 A1 01 41",
        "A2 03 02 01 05 A1 01 41 BE 02 0102",
        "A1 01 41 BE 02 0102 A2 03 02 01 05",
    ],
)
def test_any_order_is_read_remarked_and_written_again(hexed):
    decoded = TAGGED.decode(octets(hexed))
    assert decoded == {"to": b"A", "number": 5, "body": b"\x01\x02", "unknown_elements": []}
    assert [remark.code for remark in decoded.remarks] == ["element-order"]
    assert TAGGED.encode(decoded) == octets(hexed)
    assert TAGGED.encode(dict(decoded)) == octets("A1 01 41 A2 03 02 01 05 BE 02 0102")


@pytest.mark.parametrize(
    "hexed",
    ["A1 01 41 A1 01 41", "A1 01 41 BE 00 A1 01 42", "85 00 85 00", "A1 00 85 01 02 85 01 03"],
    ids=["side-by-side", "apart", "unknown", "unknown-apart"],
)
def test_a_repeated_tag_is_refused(hexed):
    with pytest.raises(LayoutError, match="is there twice"):
        TAGGED.decode(octets(hexed))


@pytest.mark.parametrize(
    "hexed", ["A1 01 41 85 02 0708 BE 00", "85 02 0708 A1 01 41", "BE 00 85 00", "85 8101 07 86 00 BE 00"]
)
def test_unknown_elements_are_kept_and_written_again(hexed):
    decoded = TAGGED.decode(octets(hexed))
    assert decoded.unknown_elements[0].tag == 0x85
    assert "unknown-element" in [remark.code for remark in decoded.remarks]
    assert TAGGED.encode(decoded) == octets(hexed)


def test_new_unknown_elements_stand_before_the_last_declared_one():
    value = {"to": b"A", "body": b"", "unknown_elements": [{"tag": 0x85, "content": b"\x07"}]}
    assert TAGGED.encode(value) == octets("A1 01 41 85 01 07 BE 00")


@pytest.mark.parametrize(
    ("value", "field"),
    [
        pytest.param({"form": b""}, "form", id="unknown-name"),
        pytest.param({"number": "five"}, "number", id="value-does-not-fit"),
        pytest.param({"to": 5}, "to", id="octets-wanted"),
        pytest.param(
            {"unknown_elements": [{"tag": 0xA1, "content": b""}]}, "unknown_elements[0]", id="known-as-unknown"
        ),
        pytest.param({"unknown_elements": [{"tag": 1, "content": b""}] * 2}, "unknown_elements[1]", id="twice"),
        pytest.param({"unknown_elements": [{"tag": 256, "content": b""}]}, "unknown_elements[0]", id="tag-too-large"),
        pytest.param({"unknown_elements": [{"tag": 1}]}, "unknown_elements[0]", id="content-missing"),
        pytest.param(
            {"unknown_elements": [{"tag": 1, "content": "x"}]}, "unknown_elements[0]", id="content-not-octets"
        ),
        pytest.param({"unknown_elements": [5]}, "unknown_elements[0]", id="not-an-element"),
        pytest.param({"unknown_elements": 5}, "unknown_elements", id="not-a-list"),
        pytest.param([("to", b"")], "", id="not-named"),
    ],
)
def test_values_that_do_not_fit_tagged_elements(value, field):
    with pytest.raises(LayoutError) as info:
        TAGGED.encode(value)
    assert info.value.field == field


def test_library_errors_inside_elements_are_ours_and_have_their_place():
    thing = Layout("t", Tagged("key" / Tlv(0x80, Int8ub), "pair" / Tlv(0x81, Int16ub)))
    for value in ({"key": 300}, {"key": None, "pair": "x"}):
        with pytest.raises(LayoutError):
            thing.encode(value)
    with pytest.raises(LayoutError, match="1 octet wanted, 0 left") as info:
        thing.decode(octets("80 00"))
    assert (info.value.field, info.value.offset) == ("key", 2)
    with pytest.raises(LayoutError, match="2 octets wanted, 1 left") as info:
        thing.decode(octets("80 01 05 81 01 07"))
    assert (info.value.field, info.value.offset) == ("pair", 5)
    with pytest.raises(LayoutError, match="1 octet left over inside") as info:
        thing.decode(octets("80 02 05 06"))
    assert (info.value.field, info.value.offset) == ("key", 3)


def test_cut_at_every_octet():
    whole = octets("A1 01 41 A2 03 02 01 05 BE 02 0102")
    boundaries = {0, 3, 8}
    for cut in range(len(whole)):
        if cut in boundaries:
            # Cut between elements, the rest is a message with fewer of them.
            assert list(TAGGED.decode(whole[:cut]).values()).count(None) == {0: 3, 3: 2, 8: 1}[cut]
        else:
            with pytest.raises(LayoutError) as info:
                TAGGED.decode(whole[:cut])
            assert info.value.field in ("to", "number", "body")


def test_inner_and_outer_lengths_keep_their_own_forms():
    thing = Layout("t", Tagged("a" / Tlv(0xA1, Tlv(0x02, BER_UNSIGNED))))
    for hexed in ("A1 8103 02 01 05", "A1 04 02 8101 05", "A1 820005 02 82 0001 05"):
        given = octets(hexed)
        assert thing.encode(thing.decode(given)) == given
