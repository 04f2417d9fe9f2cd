"""The EPSEM envelope: protocol.md section 3 and the walk-throughs of section 8."""

import pytest
from walk_throughs import CLEAR, EVERY

from c1219_tables.schema.dialect import Record
from c1222.errors import MessageError
from c1222.message.acse import APDU
from c1222.message.epsem import BODY, EPSEM, ResponseControl, SecurityMode, control, decode_body, encode_body
from c1222.psem.requests import decode_request, encode_request
from c1222.psem.responses import decode_response, encode_response


def octets(text):
    return bytes.fromhex(text)


def bits(**given):
    return {
        "response_control": 0,
        "security_mode": 0,
        "ed_class_included": False,
        "proxy_service_used": False,
        "recovery_session": False,
        "reserved": True,
        **given,
    }


CONTROLS = [
    (0x80, bits(), "always, in the clear"),
    (0x81, bits(response_control=1), "on exception"),
    (0x82, bits(response_control=2), "one-way"),
    (0x84, bits(security_mode=1), "authenticated"),
    (0x88, bits(security_mode=2), "enciphered"),
    (0x8C, bits(security_mode=3), "reserved mode"),
    (0x90, bits(ed_class_included=True), "ED class"),
    (0x9A, bits(ed_class_included=True, security_mode=2, response_control=2), "EAX' vectors 1 and 2"),
    (0xA0, bits(proxy_service_used=True), "proxy"),
    (0xC0, bits(recovery_session=True), "recovery"),
    (0x00, bits(reserved=False), "reserved bit missing"),
]


@pytest.mark.parametrize(("octet", "named", "why"), CONTROLS)
def test_control(octet, named, why):
    mac = b"\1\2\3\4" if named["security_mode"] in (1, 2) else b""
    message = bytes([octet]) + b"\xaa\xbb" + mac
    decoded = EPSEM.decode(message)
    assert decoded == {"control": named, "text": b"\xaa\xbb", "mac": mac or None}, why
    assert EPSEM.encode(decoded) == message
    given = [name for name, value in named.items() if not value]
    assert EPSEM.encode({**decoded, "control": {n: v for n, v in named.items() if n not in given}}) == message


def test_every_control_octet_reads_and_comes_out_again():
    for octet in range(256):
        message = bytes([octet, 1, 2, 3, 4, 5, 6])
        decoded = EPSEM.decode(message)
        assert EPSEM.encode(decoded) == message
        # protocol.md 3: bits 3-2 the security mode; modes 1 and 2 end with a MAC of four octets.
        assert (decoded.mac is not None) == ((octet >> 2) & 3 in (1, 2))


@pytest.mark.parametrize(
    ("made", "octet"),
    [
        (control(), 0x80),
        (control(SecurityMode.AUTHENTICATED), 0x84),
        (control(SecurityMode.ENCRYPTED), 0x88),
        (control(ed_class_included=True), 0x90),
        (control(response_control=ResponseControl.NEVER), 0x82),
        (control(SecurityMode.ENCRYPTED, response_control=ResponseControl.NEVER, ed_class_included=True), 0x9A),
        (control(response_control=ResponseControl.ON_EXCEPTION), 0x81),
    ],
)
def test_common_values(made, octet):
    mac = bytes(4) if made.security_mode else None
    assert EPSEM.encode({"control": made, "text": b"", "mac": mac})[0] == octet


@pytest.mark.parametrize("octet", [0x84, 0x88])
def test_too_few_octets_for_a_mac(octet):
    for count in range(4):
        with pytest.raises(MessageError, match="4 octets wanted") as info:
            EPSEM.decode(bytes([octet]) + bytes(count))
        assert (info.value.layout, info.value.field, info.value.offset) == ("EPSEM", "text", 1)
    assert EPSEM.decode(bytes([octet]) + bytes(4)).text == b""


def test_an_empty_envelope():
    with pytest.raises(MessageError, match="1 octet wanted") as info:
        EPSEM.decode(b"")
    assert (info.value.field, info.value.offset) == ("control", 0)


@pytest.mark.parametrize(
    ("mode", "mac"), [(0, bytes(4)), (1, None), (2, None), (1, bytes(3)), (2, bytes(5)), (3, bytes(4))]
)
def test_a_mac_where_none_belongs_or_none_where_one_does(mode, mac):
    with pytest.raises(MessageError) as info:
        EPSEM.encode({"control": {"security_mode": mode, "reserved": True}, "text": b"", "mac": mac})
    assert info.value.field == "mac"


@pytest.mark.parametrize("name", CLEAR)
def test_walk_throughs(name):
    case = CLEAR[name]
    envelope = EPSEM.decode(APDU.decode(case.octets).user_information.octets)
    assert EPSEM.encode(envelope)[0] == case.control
    body = decode_body(envelope.text, envelope.control)
    assert body == {"ed_class": None, "services": case.services, "trailing": b""}
    assert encode_body(case.services) == envelope.text
    for service in case.services:
        if case.request is None:
            decoded = decode_request(service)
            assert encode_request(decoded) == service
        else:
            decoded = decode_response(service, service=case.request)
            assert encode_response(decoded, service=case.request) == service
        assert decoded.trailing == b""


def test_the_wrong_checksum_of_8_7_is_reported():
    (service,) = CLEAR["8.7-data"].services
    (remark,) = decode_response(service, service=0x31).remarks
    assert (remark.code, remark.field, remark.offset) == ("checksum-wrong", "data.blocks[0]", 11)


def test_the_control_octet_of_secured_walk_throughs():
    for name, case in EVERY.items():
        envelope = EPSEM.decode(APDU.decode(case.octets).user_information.octets)
        assert (envelope.mac is None) == (case.control == 0x80), name
    example = EPSEM.decode(APDU.decode(EVERY["8.9-example-8"].octets).user_information.octets)
    assert example.mac == octets("99C5D4E8")
    assert len(example.text) == 33


PLAIN = bits()
WITH_CLASS = bits(ed_class_included=True)

BODIES = [
    #            octets                 control     ED class  services                 trailing               why
    pytest.param("", PLAIN, None, [], "", id="nothing"),
    pytest.param("01 20", PLAIN, None, ["20"], "", id="one-service"),
    # Walk-through 8.13.
    pytest.param("03 30 0000 03 30 0005 01 52", PLAIN, None, ["300000", "300005", "52"], "", id="three-services"),
    # EAX' vectors 1 and 2: "TEMP", then 0B and 11 octets.
    pytest.param(
        "54454D50 0B 40000700051A00000200E4", WITH_CLASS, b"TEMP", ["40000700051A00000200E4"], "", id="ed-class"
    ),
    pytest.param("54454D50", WITH_CLASS, b"TEMP", [], "", id="ed-class-alone"),
    pytest.param("01 20 00", PLAIN, None, ["20"], "00", id="one-trailing-00"),
    pytest.param("01 20 00 01 21", PLAIN, None, ["20"], "00 01 21", id="length-0-ends-the-list-and-keeps-the-rest"),
    pytest.param("00", PLAIN, None, [], "00", id="length-0-at-once"),
    pytest.param("81 01 20", PLAIN, None, ["20"], "", id="longer-length"),
    pytest.param("82 00 01 20 01 21", PLAIN, None, ["20", "21"], "", id="longer-length-before-another"),
]


@pytest.mark.parametrize(("hexed", "flags", "ed_class", "services", "trailing"), BODIES)
def test_body(hexed, flags, ed_class, services, trailing):
    decoded = decode_body(octets(hexed), Record(flags))
    assert decoded.ed_class == ed_class
    assert decoded.services == [octets(service) for service in services]
    assert decoded.trailing == octets(trailing)
    assert bool(decoded.remarks) == bool(trailing or "8" in hexed[:1])
    assert BODY.encode(decoded, ed_class_included=flags["ed_class_included"]) == octets(hexed)


@pytest.mark.parametrize(
    ("services", "ed_class", "hexed"),
    [
        ([], None, ""),
        (["20"], None, "01 20"),
        (["20", "300001"], b"TEMP", "54454D50 01 20 03 300001"),
        (["AA" * 127], None, "7F" + "AA" * 127),
        (["AA" * 128], None, "81 80" + "AA" * 128),
        (["AA" * 256], None, "82 0100" + "AA" * 256),
    ],
)
def test_bodies_are_written_in_the_usual_form(services, ed_class, hexed):
    assert encode_body([octets(service) for service in services], ed_class) == octets(hexed)


def test_a_service_of_no_octets_is_never_sent():
    with pytest.raises(MessageError, match="would end the list") as info:
        encode_body([b"\x20", b""])
    assert info.value.field == "services[1]"


@pytest.mark.parametrize("ed_class", [b"", b"TEM", b"TEMPO"])
def test_an_ed_class_has_four_octets(ed_class):
    with pytest.raises(MessageError) as info:
        encode_body([b"\x20"], ed_class)
    assert info.value.field == "ed_class"


@pytest.mark.parametrize(
    ("hexed", "flags", "field", "offset", "message"),
    [
        ("54454D", WITH_CLASS, "ed_class", 0, "4 octets wanted, 3 left"),
        ("02 20", PLAIN, "services[0]", 0, "a length of 2 octets where 1 are left"),
        ("01 20 05 30", PLAIN, "services[1]", 2, "a length of 5 octets where 1 are left"),
        ("01 20 80 30", PLAIN, "services[1]", 2, "indefinite"),
        ("01 20 85 0000000001 20", PLAIN, "services[1]", 2, "5 octets is too long"),
    ],
)
def test_bodies_that_are_refused(hexed, flags, field, offset, message):
    with pytest.raises(MessageError, match=message) as info:
        decode_body(octets(hexed), Record(flags))
    assert (info.value.layout, info.value.field, info.value.offset) == ("EPSEM body", field, offset)
