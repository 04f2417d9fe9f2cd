"""Object identifiers and ApTitles: vectors of protocol.md 4.3, and base-128 arithmetic written out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from c1219_tables.schema.dialect import Struct
from c1219_tables.schema.layout import Layout
from c1222.errors import MessageError
from c1222.titles import (
    ABSOLUTE,
    ACSE_UID,
    C1222_CONTEXT,
    DATA_UID,
    MAX_OCTETS,
    RELATIVE_ACSE,
    RELATIVE_DATA,
    ROOT,
    ApTitle,
    ImplicitUid,
    decode_arcs,
    encode_arcs,
)

ACSE = Layout("acse", Struct("title" / ACSE_UID), error=MessageError)
DATA = Layout("data", Struct("title" / DATA_UID), error=MessageError)
NAME = Layout("name", Struct("title" / ImplicitUid()), error=MessageError)
PROPERTY = settings(database=None, deadline=None, max_examples=200)


def octets(text):
    return bytes.fromhex(text)


TITLES = [
    #            text                                         tag            content                       why
    pytest.param(".123.8437", RELATIVE_ACSE, "7B C1 75", id="4.3-relative"),  # 8437 = 65 * 128 + 117
    pytest.param(".123.4", RELATIVE_ACSE, "7B 04", id="4.3-relative-short"),
    pytest.param("1.3.6.1.4.1.33507", ABSOLUTE, "2B 06 01 04 01 82 85 63", id="4.3-elster"),  # 2B = 40 * 1 + 3
    pytest.param(
        "1.3.6.1.4.1.33507.1919.12345678.0", ABSOLUTE, "2B 06 01 04 01 82 85 63 8E 7F 85 F1 C2 4E 00", id="4.3-meter"
    ),
    pytest.param("2.16.124.113620.1.22", ABSOLUTE, "60 7C 86 F7 54 01 16", id="4.2-context"),  # 60H = 40 * 2 + 16
    pytest.param("2.16.124.113620.1.22.0", ABSOLUTE, "60 7C 86 F7 54 01 16 00", id="4.3-root"),
    pytest.param("2.16.840.1.114223", ABSOLUTE, "60 86 48 01 86 FC 2F", id="4.3-root-of-2006"),
    pytest.param("2.16.124.113620.1.22.2.1", ABSOLUTE, "60 7C 86 F7 54 01 16 02 01", id="4.2-mechanism"),
    pytest.param(".73.84.82.78", RELATIVE_ACSE, "49 54 52 4E", id="2.4-device-class"),
    pytest.param("", RELATIVE_ACSE, "", id="empty"),
    pytest.param(".0", RELATIVE_ACSE, "00", id="relative-zero"),
    # The first sub-identifier is 40 * a + b. With a = 2 it passes 7FH from b = 48 on: 80 + 48 = 128 = 1 * 128 + 0.
    pytest.param("2.47", ABSOLUTE, "7F", id="first-arcs-in-one-octet"),
    pytest.param("2.48", ABSOLUTE, "81 00", id="first-arcs-in-two-octets"),
    pytest.param("2.999.3", ABSOLUTE, "88 37 03", id="X.690-example"),  # 80 + 999 = 1079 = 8 * 128 + 55
    pytest.param("0.0", ABSOLUTE, "00", id="lowest"),
    pytest.param("0.39", ABSOLUTE, "27", id="last-of-0"),
    pytest.param("1.0", ABSOLUTE, "28", id="first-of-1"),
    pytest.param("1.39", ABSOLUTE, "4F", id="last-of-1"),
    pytest.param("2.0", ABSOLUTE, "50", id="first-of-2"),
    # 2**64 - 1: ten groups of seven bits; 64 = 9 * 7 + 1, so the first group is 1.
    pytest.param(".18446744073709551615", RELATIVE_ACSE, "81 FF FF FF FF FF FF FF FF 7F", id="arc-of-64-bits"),
    # 2**63: 9 * 7 bits below it, so the first group is 1 and all others 0.
    pytest.param(".9223372036854775808", RELATIVE_ACSE, "81 80 80 80 80 80 80 80 80 00", id="arc-of-2-to-the-63"),
    pytest.param(".268435456", RELATIVE_ACSE, "81 80 80 80 00", id="arc-of-more-than-28-bits"),
]


@pytest.mark.parametrize(("text", "tag", "content"), TITLES)
def test_text_and_octets(text, tag, content):
    title = ApTitle.parse(text)
    assert title == ApTitle(tag, octets(content))
    assert title.text == str(title) == text
    assert ApTitle.parse(f"  {text} ") == title


def test_constants():
    assert octets("607C86F7540116") == C1222_CONTEXT
    assert octets("607C86F754011600") == ROOT


@pytest.mark.parametrize("text", [".", "", " "])
def test_the_empty_title(text):
    assert ApTitle.parse(text) == ApTitle(0x80, b"")
    assert ApTitle.parse(text, relative_tag=0x0D) == ApTitle(0x0D, b"")
    assert ApTitle(0x80, b"").text == ""


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "1.",
        "..1",
        ".1.",
        "1..3",
        "3.1",
        "0.40",
        "1.40",
        "-1.3",
        "1.-1",
        "2.-5",
        ".-1",
        "1.+3",
        "1.1_0",
        "1. 3",
        "1.3a",
        "abc",
        "1,3",
        "0x1.3",
        "1.\u0663",
        ".\u00b2",
    ],
)
def test_text_that_is_no_title(text):
    with pytest.raises(ValueError, match="is not an ApTitle"):
        ApTitle.parse(text)


def test_a_title_is_at_most_127_octets():
    longest = ".1" * 127
    assert ApTitle.parse(longest).content == b"\x01" * 127
    assert ApTitle.parse(longest).text == longest
    with pytest.raises(ValueError, match="at most 127"):
        ApTitle.parse(longest + ".1")
    assert MAX_OCTETS == 127


@pytest.mark.parametrize(
    ("layout", "hexed", "title"),
    [
        pytest.param(ACSE, "80 03 7BC175", ApTitle(0x80, octets("7BC175")), id="relative-in-acse"),
        pytest.param(ACSE, "06 03 2B0601", ApTitle(0x06, octets("2B0601")), id="absolute-in-acse"),
        pytest.param(ACSE, "80 00", ApTitle(0x80, b""), id="empty-in-acse"),
        pytest.param(DATA, "0D 03 7BC175", ApTitle(0x0D, octets("7BC175")), id="relative-in-data"),
        pytest.param(DATA, "80 03 7BC175", ApTitle(0x80, octets("7BC175")), id="relative-in-data-with-80"),
        pytest.param(DATA, "0D 00", ApTitle(0x0D, b""), id="empty-in-data"),
        pytest.param(NAME, "607C86F75401160201", ApTitle(0x06, octets("607C86F75401160201")), id="implicit"),
    ],
)
def test_titles_on_the_wire(layout, hexed, title):
    decoded = layout.decode(octets(hexed))
    assert decoded.title == title
    assert decoded.remarks == []
    assert layout.encode({"title": title}) == layout.encode(decoded) == octets(hexed)


@pytest.mark.parametrize(
    ("layout", "hexed", "code"),
    [
        pytest.param(ACSE, "0D 02 7B04", "title-tag", id="0D-in-acse"),
        pytest.param(ACSE, "0C 02 4142", "title-tag", id="another-type"),
        pytest.param(DATA, "81 02 7B04", "title-tag", id="another-type-in-data"),
        pytest.param(ACSE, "80 02 7B84", "title-cut", id="last-arc-cut"),
        pytest.param(ACSE, "80 81 02 7B04", "length-not-minimal", id="longer-length"),
    ],
)
def test_odd_titles_are_kept_remarked_and_written_again(layout, hexed, code):
    decoded = layout.decode(octets(hexed))
    assert [remark.code for remark in decoded.remarks] == [code]
    assert all(remark.field == "title" for remark in decoded.remarks)
    assert layout.encode(decoded) == octets(hexed)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (ApTitle(0x80, b"\x7b\x84"), "80:7b84"),
        (ApTitle(0x06, b""), "06:"),
        (ApTitle(0x06, b"\x80"), "06:80"),
        (ApTitle(0x0C, b"A"), "0c:41"),
    ],
)
def test_what_has_no_text_is_shown_as_octets(title, text):
    assert title.text == text


@pytest.mark.parametrize(
    ("hexed", "message"),
    [
        ("", "1 octet wanted, 0 left"),
        ("80", "1 octet wanted, 0 left"),
        ("80 03 7BC1", "a length of 3 octets where 2 are left"),
        ("80 80", "indefinite"),
        ("80 8180 " + "01" * 128, "a title of 128 octets"),
        ("80 02 7B04 00", "left over"),
    ],
)
def test_titles_that_are_refused(hexed, message):
    with pytest.raises(MessageError, match=message) as info:
        ACSE.decode(octets(hexed))
    assert info.value.offset is not None


@pytest.mark.parametrize(
    "value", [".123.4", b"\x7b\x04", None, ApTitle(300, b""), ApTitle(0x80, bytes(128)), ApTitle(0x80, "x")]
)
def test_values_that_are_no_title(value):
    with pytest.raises(MessageError) as info:
        ACSE.encode({"title": value})
    assert info.value.field == "title"


def test_an_implicit_identifier_is_absolute():
    with pytest.raises(MessageError, match="absolute identifier is wanted"):
        NAME.encode({"title": ApTitle(0x80, b"\x7b")})


def test_relative_and_absolute_name_the_same_node():
    relative = ApTitle.parse(".123.8437")
    absolute = ApTitle.parse("2.16.124.113620.1.22.0.123.8437")
    # Example 8's canonical header carries it so (protocol.md 8.9).
    assert relative.absolute() == absolute.absolute() == octets("607C86F7540116007BC175")
    assert relative.with_tag(RELATIVE_DATA).absolute() == absolute.absolute()
    assert relative.absolute(octets("607C86F7540116")) == octets("607C86F75401167BC175")
    assert absolute.absolute(b"\x01") == absolute.content
    assert (relative.is_relative, absolute.is_relative) == (True, False)


def test_tags_change_for_relative_titles_only():
    assert ApTitle.parse(".123.4").with_tag(0x0D) == ApTitle(0x0D, octets("7B04"))
    assert ApTitle.parse(".123.4", relative_tag=0x0D) == ApTitle(0x0D, octets("7B04"))
    assert ApTitle.parse("1.3").with_tag(0x0D) == ApTitle(0x06, b"\x2b")


def base128(arc):
    """A second implementation: the binary digits of an arc in groups of seven, the top bit set on all but the last."""
    digits = f"{arc:b}"
    digits = digits.zfill(-(-len(digits) // 7) * 7)
    groups = [int(digits[at : at + 7], 2) for at in range(0, len(digits), 7)]
    return bytes([*(group + 128 for group in groups[:-1]), groups[-1]])


ARCS = st.lists(st.integers(0, 2**64), max_size=12)


@PROPERTY
@given(ARCS)
def test_arcs_both_ways(arcs):
    content = b"".join(map(base128, arcs))
    assert encode_arcs(tuple(arcs)) == content
    assert decode_arcs(content) == tuple(arcs)


@PROPERTY
@given(ARCS.filter(bool))
def test_relative_text_both_ways(arcs):
    text = "".join(f".{arc}" for arc in arcs)
    title = ApTitle(0x80, b"".join(map(base128, arcs)))
    if len(title.content) <= 127:
        assert ApTitle.parse(text) == title
        assert title.text == text


@PROPERTY
@given(st.sampled_from([0, 1, 2]), st.integers(0, 2**64), ARCS.map(lambda arcs: arcs[:8]))
def test_absolute_text_both_ways(top, second, arcs):
    second = second if top == 2 else second % 40
    text = ".".join(map(str, (top, second, *arcs)))
    title = ApTitle(0x06, base128(40 * top + second) + b"".join(map(base128, arcs)))
    assert ApTitle.parse(text) == title
    assert title.text == text


@PROPERTY
@given(st.integers(0, 255), st.binary(max_size=127))
def test_any_title_survives_and_has_a_text(tag, content):
    wire = bytes([tag, len(content)]) + content
    decoded = DATA.decode(wire)
    assert decoded.title == ApTitle(tag, content)
    assert DATA.encode(decoded) == wire
    assert isinstance(decoded.title.text, str)


@pytest.mark.parametrize("content", ["80", "7B 84", "FF FF"])
def test_a_cut_arc_is_an_error(content):
    with pytest.raises(ValueError, match="cut"):
        decode_arcs(octets(content))


def test_a_negative_arc_is_an_error():
    with pytest.raises(ValueError, match="negative"):
        encode_arcs((1, -1))
