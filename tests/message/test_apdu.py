"""The ACSE APDU: walk-throughs of protocol.md section 8 whole, and every element of its section 4 alone."""

import itertools

import pytest
from walk_throughs import ANSWERED, CLEAR, EVERY

from c1219_tables.schema.dialect import SecretOctets
from c1222.errors import MessageError
from c1222.message.acse import APDU, authentication, c1222_authentication
from c1222.titles import ApTitle

METER = ApTitle(0x06, bytes.fromhex("2B060104018285638E7F85F1C24E00"))
CLIENT = ApTitle(0x06, bytes.fromhex("2B06010401828563"))
ABSENT = {
    "aso_context": None,
    "called_ap_title": None,
    "called_ae_qualifier": None,
    "called_ap_invocation_id": None,
    "calling_ap_title": None,
    "calling_ae_qualifier": None,
    "calling_ap_invocation_id": None,
    "mechanism_name": None,
    "mechanism_name_2006": None,
    "calling_authentication_value": None,
    "user_information": None,
    "unknown_elements": [],
}
NO_STRAYS = {"unknown_elements": []}


def octets(text):
    return bytes.fromhex(text)


def apdu(elements):
    """60, the length, the elements: short ones."""
    content = octets(elements)
    assert len(content) < 128
    return bytes([0x60, len(content)]) + content


@pytest.mark.parametrize("name", EVERY)
def test_walk_throughs_come_out_as_they_went_in(name):
    message = EVERY[name].octets
    decoded = APDU.decode(message)
    assert decoded.remarks == []
    assert APDU.encode(decoded) == message
    # Not with the help of what the decoder kept: these are all in the usual form.
    assert APDU.encode(dict(decoded)) == message
    assert decoded.user_information.octets[0] == EVERY[name].control


def test_walk_through_8_5_word_by_word():
    assert APDU.decode(CLEAR["8.5-identify"].octets) == {
        **ABSENT,
        "called_ap_title": METER,
        "calling_ap_title": CLIENT,
        "calling_ap_invocation_id": 333976609,
        "user_information": {"indirect_reference": None, "octets": octets("80 01 20"), **NO_STRAYS},
    }


def test_walk_through_8_10_word_by_word():
    decoded = APDU.decode(EVERY["8.10-example-8"].octets)
    assert decoded == {
        **ABSENT,
        "called_ap_title": ApTitle(0x80, octets("7B04")),
        "called_ap_invocation_id": 3,
        "calling_ap_title": ApTitle(0x80, octets("7BC175")),
        "calling_ap_invocation_id": 3,
        "calling_authentication_value": {
            "indirect_reference": None,
            "single_asn1_type": {
                "c1222": {"key_id": 2, "iv": octets("48F3D060"), **NO_STRAYS},
                "c1221": None,
                **NO_STRAYS,
            },
            "octet_aligned": None,
            **NO_STRAYS,
        },
        "user_information": {
            "indirect_reference": None,
            "octets": octets("88 4BAEE4349631AB5E56A0E6E0E90DFAD558591EE4EA 334CB268"),
            **NO_STRAYS,
        },
    }
    assert decoded.raw("calling_authentication_value") == octets("AC0FA20DA00BA109800102810448F3D060")
    assert decoded.raw("called_ap_title") == octets("A20480027B04")
    assert c1222_authentication(decoded) == {"key_id": 2, "iv": octets("48F3D060"), **NO_STRAYS}


ELEMENTS = [
    #            octets                        name, value                                                       why
    pytest.param("A1 09 06 07 607C86F7540116", "aso_context", ApTitle(0x06, octets("607C86F7540116")), id="A1-context"),
    pytest.param("A2 05 80 03 7BC175", "called_ap_title", ApTitle(0x80, octets("7BC175")), id="A2-relative"),
    pytest.param("A2 02 80 00", "called_ap_title", ApTitle(0x80, b""), id="A2-empty"),
    pytest.param("A3 04 02 02 0200", "called_ae_qualifier", 512, id="A3-segment"),
    pytest.param("A4 03 02 01 2C", "called_ap_invocation_id", 44, id="A4"),
    pytest.param("A4 03 02 01 80", "called_ap_invocation_id", 128, id="A4-unsigned"),
    pytest.param("A6 0A 06 08 2B06010401828563", "calling_ap_title", CLIENT, id="A6-absolute"),
    # 04H = bit 2, notification: EAX' vectors 1 and 2 carry it.
    pytest.param(
        "A7 03 02 01 04",
        "calling_ae_qualifier",
        {"test": False, "urgent": False, "notification": True, "spare_3_63": 0},
        id="A7-notification",
    ),
    # 0BH = 1011: test, urgent, and bit 3, which has no name: 1 in the spare bits.
    pytest.param(
        "A7 03 02 01 0B",
        "calling_ae_qualifier",
        {"test": True, "urgent": True, "notification": False, "spare_3_63": 1},
        id="A7-spare-bits",
    ),
    pytest.param("A8 06 02 04 A24369A5", "calling_ap_invocation_id", 0xA24369A5, id="A8-8.14"),
    pytest.param("A8 03 02 01 00", "calling_ap_invocation_id", 0, id="A8-zero"),
    pytest.param(
        "8B 09 607C86F75401160201", "mechanism_name", ApTitle(0x06, octets("607C86F75401160201")), id="8B-bare-oid"
    ),
    pytest.param(
        "AB 0B 06 09 607C86F75401160201", "mechanism_name_2006", octets("0609607C86F75401160201"), id="AB-2006"
    ),
    pytest.param(
        "BE 0A 28 08 02 02 0123 81 02 AABB",
        "user_information",
        {"indirect_reference": 0x123, "octets": b"\xaa\xbb", **NO_STRAYS},
        id="BE-with-reference",
    ),
    pytest.param(
        "BE 09 28 07 02 01 00 81 02 8001",
        "user_information",
        {"indirect_reference": 0, "octets": b"\x80\x01", **NO_STRAYS},
        id="BE-with-reference-0",
    ),
    pytest.param(
        "BE 02 28 00", "user_information", {"indirect_reference": None, "octets": None, **NO_STRAYS}, id="BE-empty"
    ),
]


@pytest.mark.parametrize(("hexed", "name", "value"), ELEMENTS)
def test_element(hexed, name, value):
    message = apdu(hexed)
    decoded = APDU.decode(message)
    assert decoded == {**ABSENT, name: value}
    assert decoded.remarks == []
    assert APDU.encode(decoded) == message
    assert APDU.encode({name: value}) == message
    assert decoded.raw(name) == octets(hexed)


def c1222(**parts):
    return {
        "single_asn1_type": {"c1222": {"key_id": None, "iv": None, **NO_STRAYS, **parts}, "c1221": None, **NO_STRAYS}
    }


def c1221(**parts):
    inner = {"identification": None, "request": None, "response": None, **NO_STRAYS, **parts}
    return {"single_asn1_type": {"c1222": None, "c1221": inner, **NO_STRAYS}}


AUTHENTICATIONS = [
    #            octets                                                value                                       why
    pytest.param("AC 0F A2 0D A0 0B A1 09 80 01 02 81 04 48F3D061", c1222(key_id=2, iv=octets("48F3D061")), id="usual"),
    pytest.param("AC 0C A2 0A A0 08 A1 06 81 04 48F3D061", c1222(iv=octets("48F3D061")), id="key-id-absent"),
    pytest.param("AC 09 A2 07 A0 05 A1 03 80 01 02", c1222(key_id=2), id="iv-absent"),
    pytest.param("AC 06 A2 04 A0 02 A1 00", c1222(), id="both-absent"),
    pytest.param(
        "AC 11 A2 0F A0 0D A1 0B 80 01 02 81 06 48F3D0610000", c1222(key_id=2, iv=octets("48F3D0610000")), id="odd-iv"
    ),
    pytest.param(
        "AC 12 A2 10 02 01 00 A0 0B A1 09 80 01 02 81 04 48F3D061",
        {"indirect_reference": 0, **c1222(key_id=2, iv=octets("48F3D061"))},
        id="with-reference",
    ),
    pytest.param("AC 0A A2 08 A0 06 A0 04 80 02 AABB", c1221(identification=b"\xaa\xbb"), id="c1221-identification"),
    pytest.param("AC 0A A2 08 A0 06 A0 04 81 02 AABB", c1221(request=b"\xaa\xbb"), id="c1221-request"),
    pytest.param("AC 0A A2 08 A0 06 A0 04 82 02 AABB", c1221(response=b"\xaa\xbb"), id="c1221-response"),
    pytest.param("AC 06 A2 04 81 02 AABB", {"octet_aligned": b"\xaa\xbb"}, id="private-mechanism"),
    pytest.param("AC 02 A2 00", {}, id="empty"),
]


@pytest.mark.parametrize(("hexed", "value"), AUTHENTICATIONS)
def test_authentication_value(hexed, value):
    message = apdu(hexed)
    decoded = APDU.decode(message)
    none = {"indirect_reference": None, "single_asn1_type": None, "octet_aligned": None, **NO_STRAYS}
    assert decoded == {**ABSENT, "calling_authentication_value": {**none, **value}}
    assert APDU.encode(decoded) == APDU.encode({"calling_authentication_value": value}) == message
    mechanism = value.get("single_asn1_type")
    assert c1222_authentication(decoded) == (mechanism["c1222"] if mechanism else None)


def test_the_written_form_is_the_one_that_all_deployed_software_takes():
    assert APDU.encode({"calling_authentication_value": authentication(2, octets("48F3D061"))}) == apdu(
        "AC 0F A2 0D A0 0B A1 09 80 01 02 81 04 48F3D061"
    )


def test_no_authentication_value():
    assert c1222_authentication(APDU.decode(octets("60 00"))) is None


def test_answers_made_with_a_key_are_masked():
    decoded = APDU.decode(apdu("AC 0C A2 0A A0 08 A0 06 81 04 4D41524B"))
    assert isinstance(decoded.calling_authentication_value.single_asn1_type.c1221.request, SecretOctets)
    assert "MARK" not in repr(decoded)


@pytest.mark.parametrize("key_id", [256, -1, "2", 1.5])
def test_a_key_id_that_does_not_fit_is_ours_to_refuse(key_id):
    with pytest.raises(MessageError) as info:
        APDU.encode({"calling_authentication_value": authentication(key_id, bytes(4))})
    assert info.value.field == "calling_authentication_value.single_asn1_type.c1222.key_id"


def test_elements_in_any_order():
    elements = [
        octets("A2 05 80 03 7BC175"),
        octets("A4 03 02 01 05"),
        octets("A6 04 80 02 7B04"),
        octets("A8 03 02 01 03"),
        octets("BE 07 28 05 81 03 80 01 20"),
    ]
    usual = None
    for order in itertools.permutations(elements):
        content = b"".join(order)
        message = bytes([0x60, len(content)]) + content
        decoded = APDU.decode(message)
        usual = usual or dict(decoded)
        assert dict(decoded) == usual
        assert APDU.encode(decoded) == message
        assert APDU.encode(dict(decoded)) == bytes([0x60, len(content)]) + b"".join(elements)
        assert [remark.code for remark in decoded.remarks] == ([] if list(order) == elements else ["element-order"])


def test_the_reverse_order_inside_an_authentication_value():
    message = apdu("AC 0F A2 0D A0 0B A1 09 81 04 48F3D061 80 01 02")
    decoded = APDU.decode(message)
    assert c1222_authentication(decoded) == {"key_id": 2, "iv": octets("48F3D061"), **NO_STRAYS}
    assert APDU.encode(decoded) == message


@pytest.mark.parametrize(
    ("hexed", "strays"),
    [
        pytest.param("A9 03 02 01 05 BE 02 28 00", [{"tag": 0xA9, "content": octets("020105")}], id="A9"),
        pytest.param("BE 02 28 00 A5 00", [{"tag": 0xA5, "content": b""}], id="behind-BE"),
        pytest.param("00 00 BE 02 28 00", [{"tag": 0, "content": b""}], id="tag-00"),
        pytest.param(
            "99 01 07 98 01 06", [{"tag": 0x99, "content": b"\x07"}, {"tag": 0x98, "content": b"\x06"}], id="two"
        ),
    ],
)
def test_unknown_elements_are_kept(hexed, strays):
    message = apdu(hexed)
    decoded = APDU.decode(message)
    assert decoded.unknown_elements == strays
    assert [remark.code for remark in decoded.remarks].count("unknown-element") == len(strays)
    assert APDU.encode(decoded) == message


REFUSED = [
    #            octets         field                        offset  message                                why
    pytest.param("", "", 0, "1 octet wanted, 0 left", id="nothing"),
    pytest.param("61 00", "", 0, "element 60 wanted, 61 found", id="not-an-apdu"),
    pytest.param("60 80 00 00", "", 1, "indefinite", id="indefinite-length"),
    pytest.param("60 05 A8 03 02 01", "", 1, "a length of 5 octets where 4 are left", id="cut"),
    pytest.param("60 84 FFFFFFFF A8", "", 1, "where 1 are left", id="claims-4-GiB"),
    pytest.param("60 05 A8 03 02 01 03 00", "", 7, "left over", id="octets-behind-it"),
    pytest.param("60 0A A8 03 02 01 03 A8 03 02 01 03", "", 7, "A8 is there twice", id="repeated"),
    pytest.param("60 07 A8 05 02 01 03 00 00", "calling_ap_invocation_id", 7, "left over inside", id="A8-not-filled"),
    pytest.param("60 02 A8 00", "calling_ap_invocation_id", 4, "1 octet wanted", id="A8-empty"),
    pytest.param(
        "60 04 A8 02 02 00", "calling_ap_invocation_id", 6, "an integer of 0 octets", id="A8-without-a-number"
    ),
    pytest.param("60 05 A8 03 04 01 03", "calling_ap_invocation_id", 4, "02 wanted, 04 found", id="A8-not-an-integer"),
    pytest.param("60 05 A2 03 80 05 7B", "called_ap_title", 5, "a length of 5 octets where 1", id="A2-claims-too-much"),
    pytest.param("60 05 BE 03 29 01 00", "user_information", 4, "28 wanted, 29 found", id="BE-not-external"),
    pytest.param(
        "60 0A AC 08 A2 06 A0 04 A1 02 80 00",
        "calling_authentication_value.single_asn1_type.c1222.key_id",
        12,
        "1 octet wanted, 0 left",
        id="key-id-empty",
    ),
    pytest.param(
        "60 0C AC 0A A2 08 A0 06 A1 04 80 02 0002",
        "calling_authentication_value.single_asn1_type.c1222.key_id",
        13,
        "1 octet left over",
        id="key-id-of-two-octets",
    ),
]


@pytest.mark.parametrize(("hexed", "field", "offset", "message"), REFUSED)
def test_what_is_refused(hexed, field, offset, message):
    with pytest.raises(MessageError, match=message) as info:
        APDU.decode(octets(hexed))
    assert (info.value.layout, info.value.field, info.value.offset) == ("APDU", field, offset)


@pytest.mark.parametrize("name", EVERY)
def test_cut_at_every_octet(name):
    message = EVERY[name].octets
    for cut in range(len(message)):
        with pytest.raises(MessageError) as info:
            APDU.decode(message[:cut])
        assert 0 <= info.value.offset <= cut
    with pytest.raises(MessageError, match="left over"):
        APDU.decode(message + b"\0")


@pytest.mark.parametrize(
    "hexed",
    [
        pytest.param("60 81 0B A2 05 80 03 7BC175 BE 02 28 00", id="whole"),
        pytest.param("60 0C A2 81 05 80 03 7BC175 BE 02 28 00", id="outer-of-a-title"),
        pytest.param("60 0C A2 06 80 81 03 7BC175 BE 02 28 00", id="inner-of-a-title"),
        pytest.param("60 0F A2 82 00 07 80 82 00 03 7BC175 BE 02 28 00", id="both-of-a-title"),
        pytest.param("60 0B A8 81 04 02 02 00 03 BE 02 28 00", id="number-with-leading-00"),
        pytest.param("60 84 00000007 8B 83 000002 607C", id="bare-name"),
    ],
)
def test_longer_forms_are_remarked_and_come_out_again(hexed):
    decoded = APDU.decode(octets(hexed))
    assert {remark.code for remark in decoded.remarks} <= {"length-not-minimal", "integer-not-minimal"}
    assert decoded.remarks
    assert APDU.encode(decoded) == octets(hexed)


def test_a_long_message_has_a_long_length():
    # 200 octets in 81: 81 81 C8; in 28: 81 CB; in BE: 81 CE; in 60: 81 D1.
    message = octets("60 81 D1 BE 81 CE 28 81 CB 81 81 C8") + bytes(200)
    decoded = APDU.decode(message)
    assert decoded.remarks == []
    assert APDU.encode({"user_information": {"octets": bytes(200)}}) == message


def test_a_reply_copies_titles_octet_by_octet():
    request = APDU.decode(EVERY["8.9-example-8"].octets)
    reply = APDU.encode({"called_ap_title": request.calling_ap_title, "calling_ap_title": request.called_ap_title})
    assert reply == octets("60 0D A2 04 80 02 7B 04 A6 05 80 03 7B C1 75")
    assert octets(ANSWERED) in CLEAR["8.12-isss"].octets
