"""The generated decoder against the plain one: equal where it answers, silent where there is anything to remark."""

import random

import pytest
from construct import Bytes, Int8ub, Int16ub, this

from c1219_tables.schema.ber import BER_UNSIGNED, Tagged, Tlv
from c1219_tables.schema.compiler import UNUSUAL, WORTH_COMPILING, Unusual, compiled
from c1219_tables.schema.cursor import Cursor
from c1219_tables.schema.dialect import (
    Array,
    BitField,
    Misfit,
    Record,
    RepeatToEnd,
    Rest,
    Sized,
    Struct,
    Tail,
    bits,
    flag,
)
from c1219_tables.schema.layout import Decoded, Layout
from c1222.message.acse import APDU
from c1222.message.epsem import BODY, EPSEM
from c1222.psem.requests import REQUEST
from c1222.psem.responses import RESPONSE

# Octets of the reference's walk-throughs: example 8 both ways, a clear identify both ways, messages without titles.
APDUS = [
    "604fa20580037bc175a60480027b04a803020103ac0fa20da00ba109800102810448f3d061be2a282881268841d10cda76206811b36f781489"
    "a11997773e117cb07aa3aa40374a7107c50da7f799c5d4e8",
    "6048a20480027b04a403020103a60580037bc175a803020103ac0fa20da00ba109800102810448f3d060be1e281c811a884baee4349631ab5e"
    "56a0e6e0e90dfad558591ee4ea334cb268",
    "6030a211060f2b060104018285638e7f85f1c24e00a60a06082b06010401828563a806020413e81421be07280581038001 20",
    "6044a8060204a24369a5ac0fa20da00ba10980010081046b02f814be292827812584175130303030303030303030303030303030303030300000"
    "03300001033000055d970af7",
]
ENVELOPES = ["80 01 20", "88 41d10cda 99c5d4e8", "84 03300001 5d970af7", "90 54454d50 03300001", "8c 0102"]
BODIES = [
    ("17 51 50415353574f524420202020202020202020202020 0002 08 3f 0001 000010 0010", False),
    ("54454d50 0b 40 0007 0005 1a00000200 e4", True),
    ("01 20 00 ffff", False),
]
REQUESTS = [
    "20",
    "30 0001",
    "3f 0001 000010 0010",
    "31 0000 0000 0001",
    "40 0007 0003 010203 fa",
    "50 0002 30303030303030303030 003c",
    "51" + "20" * 20 + "0002",
    "51" + "20" * 20,
    "61 0100 01 06",
    "53 09 01 3fa40e8a984d4815",
    "27 fd ef 01828563 06082b06010401828563 06082b06010401828563 08 66697a7a62757a7a 010203 04 62656566",
    "26 06082b06010401828563 0d02 7b04",
    "6f 01 02",
    "71 06 01 02 03",
]
RESPONSES = [
    ("00 0008 7465737464617461 a6", 0x30),
    ("00 0008 7465737464617461 00", 0x30),
    ("05", 0x30),
    ("0f 00000200", 0x30),
    ("12 000010 000200", 0x30),
    ("00 03 01 00 04 06082b06010401828563 05 08 06 06082b06010401828563 07 0b 01 000102030a040d050607 00", 0x20),
    ("00 0100 01 06", 0x61),
    ("00 003c", 0x50),
    ("00", 0x52),
    ("1f", 0x30),
    ("00 0c 6c6f63616c61646472657373", 0x25),
    ("00 010203", None),
]

CASES = (
    [(APDU, bytes.fromhex(text), {}) for text in APDUS]
    + [(EPSEM, bytes.fromhex(text), {}) for text in ENVELOPES]
    + [(BODY, bytes.fromhex(text), {"ed_class_included": ed_class}) for text, ed_class in BODIES]
    + [(REQUEST, bytes.fromhex(text), {"c1222": c1222}) for text in REQUESTS for c1222 in (True, False)]
    + [(RESPONSE, bytes.fromhex(text), {"c1222": True, "service": service}) for text, service in RESPONSES]
)
LAYOUTS = {layout.name: layout for layout, _, _ in CASES}
FAST = {name: compiled(layout.construct) for name, layout in LAYOUTS.items()}


def plain(layout, octets, params):
    """Value, or the class of error; and whether there was anything to say of it."""
    cursor = Cursor(octets)
    try:
        value = layout.construct._parse(cursor, {"_params": params}, "")
    except Misfit:
        return Misfit, True
    if cursor.pos != cursor.end:
        return Misfit, True
    return value, bool(cursor.remarks or cursor.forms)


def check(layout, octets, params):
    value, odd = plain(layout, octets, params)
    try:
        found = FAST[layout.name](octets, params)
    except UNUSUAL:
        return False
    assert not odd, octets.hex()
    assert found == value
    return True


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_message_layout_has_a_fast_form(name):
    assert FAST[name] is not None


@pytest.mark.parametrize(("layout", "octets", "params"), CASES, ids=lambda value: getattr(value, "name", None))
def test_the_usual_case_is_decoded_fast_and_the_odd_one_left(layout, octets, params):
    _, odd = plain(layout, octets, params)
    assert check(layout, octets, params) is not odd


@pytest.mark.parametrize(("layout", "octets", "params"), CASES, ids=lambda value: getattr(value, "name", None))
def test_cut_at_every_octet(layout, octets, params):
    for cut in range(len(octets)):
        check(layout, octets[:cut], params)
        check(layout, octets + octets[:cut], params)


def test_mutated_octets():
    chance = random.Random(1222)
    answered = 0
    for _ in range(20000):
        layout, octets, params = chance.choice(CASES)
        changed = bytearray(octets)
        for _ in range(chance.choice((1, 1, 2, 4))):
            at = chance.randrange(len(changed))
            change = chance.randrange(3)
            if change == 0:
                changed[at] = chance.choice((0, 1, 0x7F, 0x80, 0x81, 0x84, 0xFF, chance.randrange(256)))
            elif change == 1:
                changed.insert(at, chance.randrange(256))
            elif len(changed) > 1:
                del changed[at]
        answered += check(layout, bytes(changed), params)
    assert 2000 < answered < 18000


RECORD = Struct(
    "head" / BitField(Int8ub, bits("count", 0, 3), flag("more", 7)),
    "list" / Array(this.head.count, Struct("a" / Int8ub, "b" / Bytes(this._.head.count))),
    "sized" / Sized(Int8ub, Struct("n" / Int16ub, "rest" / Rest(leave=1), "last" / Int8ub)),
    "tagged" / Sized(Int8ub, Tagged("x" / Tlv(0x80, BER_UNSIGNED), "y" / Tlv(0x81, Rest()))),
    "tail" / Tail(Int8ub),
)


def test_words_together_against_hand_written_values():
    octets = bytes.fromhex("82 01aabb 02ccdd 05 0102 eeff 03 07 8001 05 8102 0a0b 09".replace(" ", ""))
    assert compiled(RECORD)(octets, {}) == {
        "head": {"count": 2, "spare_4_6": 0, "more": True},
        "list": [{"a": 1, "b": b"\xaa\xbb"}, {"a": 2, "b": b"\xcc\xdd"}],
        "sized": {"n": 0x0102, "rest": b"\xee\xff", "last": 3},
        "tagged": {"x": 5, "y": b"\x0a\x0b", "unknown_elements": []},
        "tail": 9,
    }


@pytest.mark.parametrize("octets", ["81 01aa 03 0102 ee 00 09ff", "80 04 0102 03 00"])
def test_reading_beyond_a_region_is_left_to_the_plain_decode(octets):
    with pytest.raises(UNUSUAL):
        compiled(RECORD)(bytes.fromhex(octets.replace(" ", "")), {})


def test_a_word_without_code_is_left_to_the_plain_decode():
    class Odd(type(Int8ub)):
        """A word that nobody wrote code for."""

    layout = Struct("a" / Odd(">", "B"))
    with pytest.raises(Unusual):
        compiled(layout)(b"\x01", {})


def test_a_layout_takes_its_fast_form_by_itself_and_stays_right():
    layout = Layout("numbers", Struct("values" / RepeatToEnd(Int16ub)))
    for number in range(2 * WORTH_COMPILING):
        assert layout.decode(number.to_bytes(2, "big") * 2) == {"values": [number, number]}
    with pytest.raises(ValueError, match=r"numbers values\[1\]: 2 octets wanted, 1 left"):
        layout.decode(b"\x00\x01\x02")


def test_the_result_is_of_the_same_class_in_both_forms():
    """The root is what the layout asks for, what is inside it a plain Record."""

    class Mine(Decoded):
        __slots__ = ()

    layout = Layout("mine", Struct("a" / Struct("b" / Int8ub), "bits" / BitField(Int8ub, flag("low", 0))), result=Mine)
    plain, *_, fast = (layout.decode(b"\x07\x01") for _ in range(WORTH_COMPILING + 3))
    assert plain == fast == {"a": {"b": 7}, "bits": {"low": True, "spare_1_7": 0}}
    for decoded in (plain, fast):
        assert type(decoded) is Mine
        assert type(decoded.a) is type(decoded.bits) is Record
        assert (decoded.octets, decoded.remarks, decoded.forms) == (b"\x07\x01", [], {})
        assert decoded.raw("a.b") == b"\x07"
