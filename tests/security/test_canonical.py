"""The canonical header: octets and lengths stated in protocol.md 5.3, 5.4 and 8.9, and headers composed by hand."""

import pytest
from messages import (
    EXAMPLE_8_REQUEST,
    EXAMPLE_8_RESPONSE,
    IPV4_REQUEST,
    MESSAGES,
    MODE_1,
    SESSION_SECOND,
    VECTORS,
    authentication,
    tlv,
    user_information,
)

from c1222.errors import MessageError
from c1222.security.canonical import canonical_header, header_forms, secured_parts

CONTEXT = bytes.fromhex("A1 09 06 07 607C86F7540116")
MECHANISM = bytes.fromhex("8B 09 607C86F75401160201")
IV = bytes.fromhex("48F3D061")


def octets(text):
    return bytes.fromhex(text)


HEADERS = [
    #            message             key id  iv          header                                                    why
    pytest.param(
        EXAMPLE_8_REQUEST,
        "02",
        "48F3D061",
        "A20D060B607C86F7540116007BC175 A803020103 AC0FA20DA00BA109800102810448F3D061 BE2A2828812688"
        "A60C060A607C86F7540116007B04 02 48F3D061",
        63,
        id="8.9",
    ),
    # Put together from 8.10 by the rules of 5.3; 5.4 states its 68 octets.
    pytest.param(
        EXAMPLE_8_RESPONSE,
        "02",
        "48F3D060",
        "A20C060A607C86F7540116007B04 A403020103 A803020103 AC0FA20DA00BA109800102810448F3D060 BE1E281C811A88"
        "A60D060B607C86F7540116007BC175 02 48F3D060",
        68,
        id="8.10-with-A4",
    ),
    pytest.param(
        IPV4_REQUEST,
        "00",
        "4C97F489",
        "A211060F2B060104018285638E7F85F1C24E00 A806020413E81421 AC0FA20DA00BA10980010081044C97F489 BE0D280B810988"
        "A60A06082B06010401828563 00 4C97F489",
        68,
        id="8.11-absolute",
    ),
    pytest.param(
        SESSION_SECOND,
        "02",
        "6B02F948",
        "A20D060B607C86F7540116007BC175 A803020101 BE132811810F88 A60C060A607C86F7540116007B04 02 6B02F948",
        46,
        id="5.3-session-without-AC",
    ),
    pytest.param(
        MODE_1,
        "00",
        "6B02F814",
        "A8060204A24369A5 AC0FA20DA00BA10980010081046B02F814 BE2928278125 84 00 6B02F814",
        37,
        id="8.14-without-titles",
    ),
]


@pytest.mark.parametrize(("message", "key_id", "iv", "header", "length"), HEADERS)
def test_header(message, key_id, iv, header, length):
    made = canonical_header(secured_parts(message), octets(key_id), octets(iv))
    assert made == octets(header)
    assert len(made) == length


@pytest.mark.parametrize("name", VECTORS)
def test_published_headers(name):
    _, key_id, header, sent, mac, _ = VECTORS[name]
    parts = secured_parts(MESSAGES[name][2])
    assert canonical_header(parts, bytes([key_id]), header[-4:]) == header
    assert (parts.text, parts.mac) == (sent, mac)


def test_parts():
    parts = secured_parts(EXAMPLE_8_REQUEST)
    assert parts.elements == {
        0xA2: octets("A205 80037BC175"),
        0xA6: octets("A604 80027B04"),
        0xA8: octets("A803020103"),
        0xAC: octets("AC0FA20DA00BA109800102810448F3D061"),
    }
    assert parts.be_header == octets("BE2A2828812688")
    assert parts.mac == octets("99C5D4E8")
    assert len(parts.text) == 33


def test_the_lengths_of_the_message_are_kept_even_when_they_are_not_minimal():
    # 60, BE, 28 and 81 in longer forms: the header holds BE, 28 and 81 as they stand, and nothing of 60.
    message = octets("60 81 18 A8 81 03 02 01 03 BE 81 0F 28 82 00 0B 81 83 000006 88 01 AABBCCDD")
    parts = secured_parts(message)
    assert parts.be_header == octets("BE 81 0F 28 82 00 0B 81 83 000006 88")
    assert canonical_header(parts, b"\0", IV) == octets("A8 81 03 02 01 03") + parts.be_header + b"\0" + IV
    assert (parts.text, parts.mac) == (b"\1", octets("AABBCCDD"))


def test_a_reference_in_the_external_is_covered():
    message = octets("60 15 A8 03 02 01 03 BE 0E 28 0C 02 01 00 81 07 88 0102 AABBCCDD")
    assert secured_parts(message).be_header == octets("BE 0E 28 0C 02 01 00 81 07 88")


@pytest.mark.parametrize("tag", ["80", "0D"])
def test_relative_titles_are_made_absolute_and_lengths_made_anew(tag):
    # A title of 121 octets: 8 of root and 121 make 129 = 81 81; with tag and that length 132 = 81 84 for A2.
    relative = octets(tag) + bytes([121]) + b"\1" * 121
    message = tlv(0x60, tlv(0xA2, relative) + octets("A803020103") + user_information(octets("88 AABBCCDD")))
    header = canonical_header(secured_parts(message), b"\0", IV)
    assert header.startswith(octets("A2 8184 06 8181 607C86F754011600") + b"\1" * 121 + octets("A8"))


@pytest.mark.parametrize("title", ["06 03 2B0601", "06 81 03 2B0601", "0C 03 2B0601", "06 00", ""])
def test_other_titles_stand_as_they_are(title):
    element = tlv(0xA6, octets(title))
    parts = secured_parts(tlv(0x60, element + octets("A803020103") + user_information(octets("88 AABBCCDD"))))
    assert canonical_header(parts, b"\0", IV).endswith(b"\x88" + element + b"\0" + IV)


def test_the_order_is_that_of_the_canonical_text_whatever_the_wire_says():
    a2, a4, a6, a7 = (
        tlv(0xA2, octets("06012B")),
        octets("A403020101"),
        tlv(0xA6, octets("06012A")),
        octets("A703020104"),
    )
    a8, ac, be = octets("A803020103"), authentication(IV, 2), user_information(octets("88 01 AABBCCDD"))
    a3 = octets("A303020101")
    for order in (
        [be, ac, MECHANISM, a8, a7, a6, a4, a3, a2, CONTEXT],
        [CONTEXT, a2, a3, a4, a6, a7, a8, MECHANISM, ac, be],
    ):
        parts = secured_parts(tlv(0x60, b"".join(order)))
        # A3 does not appear, A6 stands behind BE.
        assert canonical_header(parts, b"\2", IV) == (
            CONTEXT + a2 + a4 + a7 + a8 + MECHANISM + ac + be[:-5] + a6 + b"\2" + IV
        )


def forms(*elements):
    message = tlv(0x60, b"".join(elements) + octets("A803020103") + user_information(octets("88 AABBCCDD")))
    return list(header_forms(secured_parts(message), b"\0", IV))


RELATIVE = tlv(0xA2, octets("80 02 7B04"))
ABSOLUTE = tlv(0xA2, octets("06 02 2B06"))
END = octets("A803020103") + octets("BE 09 28 07 81 05 88") + b"\0" + IV
STANDARD = octets("A2 0C 06 0A 607C86F754011600 7B04")
FROM_A1 = octets("A2 0B 06 09 607C86F7540116 7B04")


def test_one_form_without_a1_and_8b():
    assert forms(RELATIVE) == [STANDARD + END]


def test_a1_as_a_second_root_for_relative_titles_alone():
    assert forms(CONTEXT, RELATIVE) == [CONTEXT + STANDARD + END, CONTEXT + FROM_A1 + END]
    assert forms(CONTEXT, ABSOLUTE) == [CONTEXT + ABSOLUTE + END]


def test_8b_in_then_out():
    assert forms(ABSOLUTE, MECHANISM) == [
        ABSOLUTE + END[:5] + MECHANISM + END[5:],
        ABSOLUTE + END,
    ]


def test_a1_and_8b_together():
    with_8b = END[:5] + MECHANISM + END[5:]
    assert forms(CONTEXT, RELATIVE, MECHANISM) == [
        CONTEXT + STANDARD + with_8b,
        CONTEXT + STANDARD + END,
        CONTEXT + FROM_A1 + with_8b,
        CONTEXT + FROM_A1 + END,
    ]


@pytest.mark.parametrize(
    "hexed",
    [
        pytest.param("", id="nothing"),
        pytest.param("60", id="no-length"),
        pytest.param("60 00", id="no-elements"),
        pytest.param("60 05 A8 03 02 01 03", id="no-BE"),
        pytest.param("60 02 BE 00", id="BE-empty"),
        pytest.param("60 04 BE 02 28 00", id="28-empty"),
        pytest.param("60 08 BE 06 28 00 28 02 81 00", id="two-externals"),
        pytest.param("60 07 BE 05 28 03 02 01 00", id="no-81"),
        pytest.param("60 0A BE 08 28 06 81 08 88 01020304", id="81-claims-too-much"),
    ],
)
def test_no_envelope(hexed):
    with pytest.raises(MessageError, match="no EPSEM envelope"):
        secured_parts(octets(hexed))


@pytest.mark.parametrize("count", range(5))
def test_an_envelope_too_short_for_control_octet_and_mac(count):
    with pytest.raises(MessageError, match=f"{count} octets are too few") as info:
        secured_parts(tlv(0x60, user_information(b"\x88\1\2\3\4"[:count])))
    assert info.value.field == "user_information.octets"
