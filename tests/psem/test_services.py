"""Every service both ways. Octets are put together by hand from protocol.md 2.2 to 2.8, or are those of its section 8.

A case is the octets, the form (C12.22 or not) and what they mean. CAP: a capture file; GE: a recorded frame.
"""

import pytest

from c1222.errors import LocalProtocolError, MessageError
from c1222.psem.blocks import blocks, joined
from c1222.psem.requests import decode_request, encode_request, request
from c1222.psem.responses import RESPONSE_CODES, decode_response, encode_response, response, response_name
from c1222.psem.services import BAUD_RATES, BY_CODE, BY_NAME, SERVICES, service_name
from c1222.titles import ApTitle


def octets(text):
    return bytes.fromhex(text)


ELSTER = ApTitle(0x06, octets("2B 06 01 04 01 82 85 63"))  # 1.3.6.1.4.1.33507
RELATIVE = ApTitle(0x0D, octets("7B C1 75"))  # .123.8437, with the tag of service data
C1222, C1218 = True, False
BOTH = (C1222, C1218)

# count u16, data, checksum: 01 02 03 adds up to 06, and FA + 06 = 100H.
BLOCK_123 = [{"data": b"\x01\x02\x03", "checksum": 0xFA}]
TD_123 = "0003 010203 FA"

REQUESTS = [
    #            octets                     forms  name, parameters                                              why
    pytest.param("20", BOTH, "identify", None, id="identify-8.1"),
    pytest.param("21", BOTH, "terminate", None, id="terminate-GE"),
    pytest.param("22", BOTH, "disconnect", None, id="disconnect"),
    pytest.param("24 0D 03 7BC175", BOTH, "deregister", {"ap_title": RELATIVE}, id="deregister"),
    pytest.param("24 0D 00", BOTH, "deregister", {"ap_title": ApTitle(0x0D, b"")}, id="deregister-empty-title"),
    pytest.param("25 06 08 2B06010401828563", BOTH, "resolve", {"ap_title": ELSTER}, id="resolve-8.12"),
    pytest.param("26 06 08 2B06010401828563", BOTH, "trace", {"ap_titles": [ELSTER]}, id="trace-8.12"),
    pytest.param(
        "26 06 08 2B06010401828563 0D 03 7BC175",
        BOTH,
        "trace",
        {"ap_titles": [ELSTER, RELATIVE]},
        id="trace-two-relays",
    ),
    pytest.param("26", BOTH, "trace", {"ap_titles": []}, id="trace-no-relay"),
    pytest.param("30 0001", BOTH, "full_read", {"table": 1}, id="full-read-8.4"),
    pytest.param("30 0000", BOTH, "full_read", {"table": 0}, id="full-read-table-0"),
    # 0811H: bit 11 (manufacturer) and 11H = 17.
    pytest.param("30 0811", BOTH, "full_read", {"table": 2065}, id="full-read-manufacturer-table-17"),
    pytest.param("3E", BOTH, "default_read", None, id="default-read"),
    # Walk-through 8.9.
    pytest.param(
        "3F 0001 000010 0010", BOTH, "offset_read", {"table": 1, "offset": 16, "octet_count": 16}, id="offset-read-8.9"
    ),
    pytest.param(
        "3F FFFF FFFFFF FFFF",
        BOTH,
        "offset_read",
        {"table": 0xFFFF, "offset": 0xFFFFFF, "octet_count": 0xFFFF},
        id="offset-read-largest",
    ),
    pytest.param("40 0007 " + TD_123, BOTH, "full_write", {"table": 7, "blocks": BLOCK_123}, id="full-write"),
    pytest.param(
        "40 0007 0000 00",
        BOTH,
        "full_write",
        {"table": 7, "blocks": [{"data": b"", "checksum": 0}]},
        id="full-write-empty",
    ),
    pytest.param("4E", BOTH, "default_write", {"octets": b""}, id="default-write-layout-unknown"),
    pytest.param("4E 0102", BOTH, "default_write", {"octets": b"\x01\x02"}, id="default-write-octets-survive"),
    pytest.param(
        "4F 0007 000105 " + TD_123,
        BOTH,
        "offset_write",
        {"table": 7, "offset": 0x105, "blocks": BLOCK_123},
        id="offset-write",
    ),
    # Walk-through 8.6: user id 4660 = 1234H, "helloworld", idle time-out 0.
    pytest.param(
        "50 1234 68656C6C6F776F726C64 0000",
        (C1222,),
        "logon",
        {"user_id": 4660, "user": "helloworld", "idle_timeout": 0},
        id="logon-8.6",
    ),
    # Walk-through 8.13: idle time-out 003CH = 60 s.
    pytest.param(
        "50 0002 00000000000000000000 003C",
        (C1222,),
        "logon",
        {"user_id": 2, "user": "\0" * 10, "idle_timeout": 60},
        id="logon-8.13",
    ),
    # Walk-through 8.3: the C12.18 form has no idle time-out.
    pytest.param(
        "50 0000 30303030202020202020",
        (C1218,),
        "logon",
        {"user_id": 0, "user": "0000      ", "idle_timeout": None},
        id="logon-8.3-c1218",
    ),
    pytest.param(
        "50 0000 30303030202020202020",
        (C1222,),
        "logon",
        {"user_id": 0, "user": "0000      ", "idle_timeout": None},
        id="logon-without-idle-timeout",
    ),
    # Walk-through 8.9: outside a session the user id follows the password.
    pytest.param(
        "51 50415353574F5244202020202020202020202020 0002",
        (C1222,),
        "security",
        {"password": b"PASSWORD            ", "user_id": 2},
        id="security-8.9",
    ),
    # Walk-through 8.12: 20 octets, no user id; it is 8 times 00, then "password1234".
    pytest.param(
        "51 0000000000000000 70617373776F726431323334",
        BOTH,
        "security",
        {"password": bytes(8) + b"password1234", "user_id": None},
        id="security-8.12",
    ),
    # Walk-through 8.3: 10 octets 00, 10 octets 20.
    pytest.param(
        "51 00000000000000000000 20202020202020202020",
        (C1218,),
        "security",
        {"password": bytes(10) + b" " * 10, "user_id": None},
        id="security-8.3-c1218",
    ),
    pytest.param("52", BOTH, "logoff", None, id="logoff"),
    # 09 octets: key id and a token of 8 octets, the self-made vector of protocol.md 1.7.
    pytest.param(
        "53 09 01 3FA40E8A984D4815",
        BOTH,
        "authenticate",
        {"authentication": {"key_id": 1, "token": octets("3FA40E8A984D4815")}},
        id="authenticate-des",
    ),
    # 11H = 17 octets: key id and 16 octets, the vendor's AES.
    pytest.param(
        "53 11 00 000102030405060708090A0B0C0D0E0F",
        BOTH,
        "authenticate",
        {"authentication": {"key_id": 0, "token": bytes(range(16))}},
        id="authenticate-aes",
    ),
    # GE: one speed offered, 256 octets, one packet, 9600.
    pytest.param(
        "61 0100 01 06",
        BOTH,
        "negotiate_1",
        {"packet_size": 256, "nbr_packets": 1, "baud_codes": [6]},
        id="negotiate-GE",
    ),
    pytest.param("70 3C", BOTH, "wait", {"seconds": 60}, id="wait"),
    pytest.param(
        "71 1E 01 04 03",
        BOTH,
        "timing_setup",
        {"traffic": 30, "inter_character": 1, "response": 4, "nbr_retries": 3},
        id="timing-setup",
    ),
    # Walk-through 8.8, node type FD (all bits but 1), connection type EF (all but 4).
    pytest.param(
        "27 FD EF 01828563 06 08 2B06010401828563 06 08 2B06010401828563 08 66697A7A62757A7A 010203 04 62656566",
        BOTH,
        "register",
        {
            "node_type": {
                "relay": True,
                "master_relay": False,
                "host": True,
                "notification_host": True,
                "authentication_host": True,
                "end_device": True,
                "spare_6": 1,
                "has_domain_pattern": True,
            },
            "connection_type": {
                "broadcast_and_multicast": True,
                "message_acceptance_window": True,
                "playback_rejection": True,
                "spare_3": 1,
                "connectionless": False,
                "accept_connectionless": True,
                "connection_mode": True,
                "accept_connections": True,
            },
            "device_class": octets("01828563"),
            "ap_title": ELSTER,
            "serial_number": ELSTER,
            "native_address": b"fizzbuzz",
            "registration_period": 66051,
            "domain_pattern": b"beef",
        },
        id="register-8.8",
    ),
    # Node type 20: end device; connection type C0: TCP, both ways; no title yet (0D 00); period FFFFFF.
    pytest.param(
        "27 20 C0 4954524E 0D 00 0D 03 7BC175 00 FFFFFF",
        BOTH,
        "register",
        {
            "node_type": {
                "relay": False,
                "master_relay": False,
                "host": False,
                "notification_host": False,
                "authentication_host": False,
                "end_device": True,
                "spare_6": 0,
                "has_domain_pattern": False,
            },
            "connection_type": {
                "broadcast_and_multicast": False,
                "message_acceptance_window": False,
                "playback_rejection": False,
                "spare_3": 0,
                "connectionless": False,
                "accept_connectionless": False,
                "connection_mode": True,
                "accept_connections": True,
            },
            "device_class": b"ITRN",
            "ap_title": ApTitle(0x0D, b""),
            "serial_number": RELATIVE,
            "native_address": b"",
            "registration_period": 0xFFFFFF,
            "domain_pattern": None,
        },
        id="register-without-pattern",
    ),
]
for n in range(1, 10):
    # Walk-through 8.7 is 31 0000 0000 0001; with n indices there are n numbers between table and count.
    indices = list(range(n))
    hexed = "".join(f"{index:04X}" for index in indices)
    REQUESTS += [
        pytest.param(
            f"{0x30 + n:02X} 0000 {hexed} 0001",
            BOTH,
            f"index_read_{n}",
            {"table": 0, "indices": indices, "element_count": 1},
            id=f"index-read-{n}" + ("-8.7" if n == 1 else ""),
        ),
        pytest.param(
            f"{0x40 + n:02X} 0005 {hexed} {TD_123}",
            BOTH,
            f"index_write_{n}",
            {"table": 5, "indices": indices, "blocks": BLOCK_123},
            id=f"index-write-{n}",
        ),
    ]
for n in range(12):
    codes = list(range(1, n + 1))
    REQUESTS.append(
        pytest.param(
            f"{0x60 + n:02X} 0400 FF {bytes(codes).hex()}",
            BOTH,
            f"negotiate_{n}",
            {"packet_size": 1024, "nbr_packets": 255, "baud_codes": codes},
            id=f"negotiate-{n}-speeds",
        )
    )


@pytest.mark.parametrize(("hexed", "forms", "name", "parameters"), REQUESTS)
def test_request(hexed, forms, name, parameters):
    for c1222 in forms:
        decoded = decode_request(octets(hexed), c1222=c1222)
        assert decoded == {"code": octets(hexed)[0], "parameters": parameters, "trailing": b""}
        assert decoded.remarks == []
        assert service_name(decoded.code) == name
        assert encode_request(decoded, c1222=c1222) == octets(hexed)
        assert encode_request(request(name, **(parameters or {})), c1222=c1222) == octets(hexed)


def test_every_service_has_a_request_vector():
    seen = {octets(case.values[0])[0] for case in REQUESTS}
    assert seen == set(BY_CODE)


# protocol.md 2.2, typed from its table; the ranges 31-39, 41-49 and 60-6B spread out.
CODES = {
    0x20,
    0x21,
    0x22,
    0x24,
    0x25,
    0x26,
    0x27,
    0x30,
    0x3E,
    0x3F,
    0x40,
    0x4E,
    0x4F,
    0x50,
    0x51,
    0x52,
    0x53,
    0x70,
    0x71,
}
CODES |= {*range(0x31, 0x3A), *range(0x41, 0x4A), *range(0x60, 0x6C)}


def test_the_services_are_those_of_the_reference():
    assert set(BY_CODE) == CODES
    assert len(BY_NAME) == len(SERVICES) == len(CODES)


ALL_OF_8_5 = "00 03 01 00 04 06 08 2B06010401828563 05 08 06 06 08 2B06010401828563 07 0B 01 000102030A040D050607 00"
# protocol.md 2.4, an ITR device, measured: 49 octets of service.
ITR_IDENTIFY = (
    "00 03 01 00 04 06 09 607C86F75401160201 05 80 06 0D 04 4954524E 07 15 01 "
    "5465737435363738393031323334353637383930 00"
)

ANSWERS = [
    #            service  octets                 forms  data                                                     why
    pytest.param(
        0x20,
        "00 00 01 00 00",
        BOTH,
        {"standard": 0, "version": 1, "revision": 0, "features": [], "end_of_features": b"\0"},
        id="identify-8.1",
    ),
    pytest.param(
        0x20,
        ALL_OF_8_5,
        BOTH,
        {
            "standard": 3,
            "version": 1,
            "revision": 0,
            "features": [
                {"code": 4, "value": {"security_mechanism": ELSTER}},
                {"code": 5, "value": {"session_control": {"nbr_sessions": 8, "sessionless": False}}},
                {"code": 6, "value": {"device_class": ELSTER}},
                {"code": 7, "value": {"identity": {"char_format": 1, "octets": octets("000102030A040D050607")}}},
            ],
            "end_of_features": b"\0",
        },
        id="identify-8.5",
    ),
    pytest.param(
        0x20,
        ITR_IDENTIFY,
        BOTH,
        {
            "standard": 3,
            "version": 1,
            "revision": 0,
            "features": [
                {"code": 4, "value": {"security_mechanism": ApTitle(0x06, octets("607C86F75401160201"))}},
                {"code": 5, "value": {"session_control": {"nbr_sessions": 0, "sessionless": True}}},
                {"code": 6, "value": {"device_class": ApTitle(0x0D, b"ITRN")}},
                {"code": 7, "value": {"identity": {"char_format": 1, "octets": b"Test5678901234567890"}}},
            ],
            "end_of_features": b"\0",
        },
        id="identify-2.4-itr",
    ),
    # C12.21 with a ticket of 8 octets, the one of protocol.md 1.7.
    pytest.param(
        0x20,
        "00 02 01 00 02 01 00 08 4E6F772069732074 00",
        BOTH,
        {
            "standard": 2,
            "version": 1,
            "revision": 0,
            "features": [{"code": 2, "value": {"auth_type": 1, "auth_algorithm": 0, "ticket": b"Now is t"}}],
            "end_of_features": b"\0",
        },
        id="identify-ticket",
    ),
    pytest.param(
        0x20,
        "00 02 01 00 01 01 FF 00",
        BOTH,
        {
            "standard": 2,
            "version": 1,
            "revision": 0,
            "features": [{"code": 1, "value": {"auth_type": 1, "auth_algorithm": 255}}],
            "end_of_features": b"\0",
        },
        id="identify-authentication",
    ),
    # Feature 09 is not known: what follows cannot be told apart and stays octets, the closing 00 too.
    pytest.param(
        0x20,
        "00 03 01 00 05 80 09 AABB 00",
        BOTH,
        {
            "standard": 3,
            "version": 1,
            "revision": 0,
            "features": [
                {"code": 5, "value": {"session_control": {"nbr_sessions": 0, "sessionless": True}}},
                {"code": 9, "value": b"\xaa\xbb\0"},
            ],
            "end_of_features": b"",
        },
        id="identify-unknown-feature",
    ),
    pytest.param(0x21, "00", BOTH, None, id="terminate"),
    pytest.param(0x22, "00", BOTH, None, id="disconnect"),
    pytest.param(0x24, "00", BOTH, {"ap_title": None}, id="deregister-nothing"),
    pytest.param(0x24, "00 0D 03 7BC175", BOTH, {"ap_title": RELATIVE}, id="deregister-title"),
    # Walk-through 8.12: 0C, 12 octets.
    pytest.param(0x25, "00 0C 6C6F63616C61646472657373", BOTH, {"local_address": b"localaddress"}, id="resolve-8.12"),
    pytest.param(
        0x26,
        "00 06 08 2B06010401828563 06 0F 2B060104018285638E7F85F1C24E00",
        BOTH,
        {"ap_titles": [ELSTER, ApTitle(0x06, octets("2B060104018285638E7F85F1C24E00"))]},
        id="trace-8.12",
    ),
    # Walk-through 8.8: delay 0E10H = 3600 s, period 0, info EF (all but bit 4).
    pytest.param(
        0x27,
        "00 06 08 2B06010401828563 0E10 000000 EF",
        BOTH,
        {
            "ap_title": ELSTER,
            "registration_delay": 3600,
            "registration_period": 0,
            "registration_info": {
                "direct_messaging": True,
                "message_acceptance_window": True,
                "playback_rejection": True,
                "spare_3": 1,
                "connectionless": False,
                "accept_connectionless": True,
                "connection_mode": True,
                "accept_connections": True,
            },
        },
        id="register-8.8",
    ),
    # Walk-through 8.4, serial number replaced as in the capture file; the checksum FD is of those octets.
    pytest.param(
        0x30,
        "00 0020 47452020 49323130 2B632020 0109 0200 3030303030303031 2020202020202020 FD",
        BOTH,
        {"blocks": [{"data": b"GE  I210+c  \x01\x09\x02\x0000000001        ", "checksum": 0xFD}]},
        id="full-read-8.4",
    ),
    # GE ST-3 and its checksum: 2.3.
    pytest.param(
        0x30,
        "00 0005 0140000000 BF",
        BOTH,
        {"blocks": [{"data": b"\x01\x40\0\0\0", "checksum": 0xBF}]},
        id="full-read-ST-3",
    ),
    pytest.param(0x3E, "00 " + TD_123, BOTH, {"blocks": BLOCK_123}, id="default-read"),
    # Walk-through 8.10.
    pytest.param(
        0x3F,
        "00 0010 4D414E554641435455524552 20534E20 92",
        BOTH,
        {"blocks": [{"data": b"MANUFACTURER SN ", "checksum": 0x92}]},
        id="offset-read-8.10",
    ),
    pytest.param(0x40, "00", BOTH, None, id="full-write"),
    pytest.param(0x4E, "00", BOTH, None, id="default-write"),
    pytest.param(0x4F, "00", BOTH, None, id="offset-write"),
    pytest.param(0x50, "00 0000", (C1222,), {"idle_timeout": 0}, id="logon-8.6"),
    pytest.param(0x50, "00", BOTH, {"idle_timeout": None}, id="logon-8.3"),
    pytest.param(0x51, "00", BOTH, None, id="security-8.12"),
    pytest.param(0x52, "00", BOTH, None, id="logoff"),
    pytest.param(
        0x53,
        "00 09 01 86D38A03D51C1033",
        BOTH,
        {"authentication": {"key_id": 1, "token": octets("86D38A03D51C1033")}},
        id="authenticate",
    ),
    pytest.param(0x70, "00", BOTH, None, id="wait"),
    pytest.param(
        0x71,
        "00 1E 01 04 03",
        BOTH,
        {"traffic": 30, "inter_character": 1, "response": 4, "nbr_retries": 3},
        id="timing-setup",
    ),
]
for n in range(1, 10):
    ANSWERS.append(
        # Walk-through 8.7 with the right checksum, A6.
        pytest.param(
            0x30 + n,
            "00 0008 7465737464617461 A6",
            BOTH,
            {"blocks": [{"data": b"testdata", "checksum": 0xA6}]},
            id=f"index-read-{n}",
        )
    )
    ANSWERS.append(pytest.param(0x40 + n, "00", BOTH, None, id=f"index-write-{n}"))
for n in range(12):
    # GE (8.2): 256 octets, 1 packet, 9600; and without the speed, which ADP tolerates.
    given = {"packet_size": 256, "nbr_packets": 1}
    ANSWERS += [
        pytest.param(0x60 + n, "00 0100 01 06", BOTH, {**given, "baud_code": 6}, id=f"negotiate-{n}"),
        pytest.param(0x60 + n, "00 0100 01", BOTH, {**given, "baud_code": None}, id=f"negotiate-{n}-same-speed"),
    ]


@pytest.mark.parametrize(("service", "hexed", "forms", "data"), ANSWERS)
def test_answer(service, hexed, forms, data):
    for c1222 in forms:
        decoded = decode_response(octets(hexed), service=service, c1222=c1222)
        assert decoded == {"code": 0, "data": data, "trailing": b""}
        assert decoded.remarks == []
        assert encode_response(decoded, service=service, c1222=c1222) == octets(hexed)
        assert encode_response(response(**(data or {})), service=service, c1222=c1222) == octets(hexed)


def test_every_service_has_an_answer_vector():
    assert {case.values[0] for case in ANSWERS} == set(BY_CODE)


@pytest.mark.parametrize("service", sorted(BY_CODE))
def test_a_bare_ok_can_be_said_where_nothing_must_follow(service):
    needs_data = {0x20, 0x25, 0x26, 0x27, *range(0x30, 0x3A), 0x3E, 0x3F, 0x53, *range(0x60, 0x6C), 0x71}
    for c1222 in BOTH:
        if service in needs_data:
            with pytest.raises(MessageError, match="a value is missing"):
                encode_response(response(), service=service, c1222=c1222)
        else:
            assert encode_response(response(), service=service, c1222=c1222) == b"\0"


# -- Response codes ---------------------------------------------------------------------------------------------------

# protocol.md 2.1.
NAMES = dict(
    enumerate(
        [
            "ok",
            "err",
            "sns",
            "isc",
            "onp",
            "iar",
            "bsy",
            "dnr",
            "dlk",
            "rno",
            "isss",
            "sme",
            "uat",
            "nett",
            "netr",
            "rqtl",
            "rstl",
            "sgnp",
            "sgerr",
        ]
    )
)
NAMES[0x1E] = "nry"


def test_the_response_codes_are_those_of_the_reference():
    assert {code: entry.name for code, entry in RESPONSE_CODES.items()} == NAMES
    assert all(entry.code == code and entry.meaning for code, entry in RESPONSE_CODES.items())


@pytest.mark.parametrize("code", range(1, 0x20))
@pytest.mark.parametrize("service", [0x20, 0x30, 0x50, 0x6F, None])
def test_a_refusal_needs_no_data(code, service):
    assert decode_response(bytes([code]), service=service).code == code
    assert encode_response(response(code), service=service) == bytes([code])
    assert response_name(code) == NAMES.get(code, f"response {code:02X}")


WITH_FIELDS = (0x0F, 0x10, 0x12)


@pytest.mark.parametrize("code", [code for code in range(1, 256) if code not in WITH_FIELDS])
def test_octets_behind_a_refusal_or_an_unknown_code_survive(code):
    given = bytes([code]) + b"\x01\x02\x03"
    decoded = decode_response(given, service=0x30)
    assert decoded == {"code": code, "data": b"\x01\x02\x03", "trailing": b""}
    assert encode_response(decoded, service=0x30) == given


@pytest.mark.parametrize("code", [0x0F, 0x10], ids=["rqtl", "rstl"])
@pytest.mark.parametrize(
    ("hexed", "maximum"),
    [("", None), ("64", 100), ("0200", 512), ("000200", 512), ("00000200", 512), ("FFFFFFFF", 2**32 - 1)],
)
def test_too_large_carries_a_maximum_of_any_width(code, hexed, maximum):
    given = bytes([code]) + octets(hexed)
    decoded = decode_response(given, service=0x30)
    assert decoded.data == {"maximum": maximum}
    assert encode_response(decoded, service=0x30) == given


def test_a_new_maximum_is_written_in_four_octets():
    assert encode_response(response(0x0F, maximum=512), service=0x30) == octets("0F 00000200")
    assert encode_response(response(0x10, maximum=2048), service=0x30) == octets("10 00000800")


@pytest.mark.parametrize(
    ("hexed", "data"),
    [
        ("12", {"offset": None, "size": None}),
        ("12 05 64", {"offset": 5, "size": 100}),
        ("12 0100 0400", {"offset": 256, "size": 1024}),
        ("12 000100 000400", {"offset": 256, "size": 1024}),
    ],
)
def test_a_segmentation_error_carries_two_integers_of_equal_size(hexed, data):
    decoded = decode_response(octets(hexed), service=0x30)
    assert decoded.data == data
    assert encode_response(decoded, service=0x30) == octets(hexed)


@pytest.mark.parametrize("hexed", ["12 05", "12 010203", "12 0102030405"])
def test_a_segmentation_error_of_unequal_integers_is_refused(hexed):
    with pytest.raises(MessageError, match="2 integers of equal size") as info:
        decode_response(octets(hexed), service=0x30)
    assert (info.value.field, info.value.offset) == ("data.offset", 1)


def test_a_new_segmentation_error_is_written_with_three_octets_each():
    assert encode_response(response(0x12, offset=256, size=1024), service=0x30) == octets("12 000100 000400")


# -- What is not known, left over or wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize("code", [code for code in range(256) if code not in CODES])
@pytest.mark.parametrize("c1222", BOTH)
def test_an_unknown_service_survives(code, c1222):
    for tail in (b"", b"\x00\x01\x02"):
        decoded = decode_request(bytes([code]) + tail, c1222=c1222)
        assert decoded == {"code": code, "parameters": tail, "trailing": b""}
        assert encode_request(decoded, c1222=c1222) == bytes([code]) + tail
    answer = decode_response(b"\x00\x01\x02", service=code, c1222=c1222)
    assert answer.data == b"\x01\x02"
    assert encode_response(answer, service=code, c1222=c1222) == b"\x00\x01\x02"
    assert service_name(code) == f"service {code:02X}"


def test_an_answer_to_nobody_knows_what_survives():
    answer = decode_response(b"\x00\x01\x02", service=None)
    assert answer == {"code": 0, "data": b"\x01\x02", "trailing": b""}
    assert encode_response(answer, service=None) == b"\x00\x01\x02"


@pytest.mark.parametrize(
    ("hexed", "c1222", "trailing", "offset"),
    [
        ("20 FF", C1222, b"\xff", 1),
        ("30 0001 AA", C1222, b"\xaa", 3),
        ("50 0000 30303030202020202020 003C", C1218, b"\x00\x3c", 13),  # a time-out where C12.18 has none
        ("51 " + "20" * 20 + " 0002", C1218, b"\x00\x02", 21),
        ("52 00 00", C1218, b"\0\0", 1),
    ],
)
def test_octets_behind_a_request_are_kept_and_remarked(hexed, c1222, trailing, offset):
    decoded = decode_request(octets(hexed), c1222=c1222)
    assert decoded.trailing == trailing
    (remark,) = decoded.remarks
    assert (remark.code, remark.field, remark.offset) == ("trailing-octets", "trailing", offset)
    assert encode_request(decoded, c1222=c1222) == octets(hexed)


def test_octets_behind_an_answer_are_kept_and_remarked():
    decoded = decode_response(octets("00 0003 010203 FA 99"), service=0x30)
    assert decoded.trailing == b"\x99"
    assert [remark.code for remark in decoded.remarks] == ["trailing-octets"]
    assert encode_response(decoded, service=0x30) == octets("00 0003 010203 FA 99")


def attempt(decode, *given, **form):
    """What came of it: (value, None) or (None, error)."""
    try:
        return decode(*given, **form), None
    except MessageError as error:
        return None, error


@pytest.mark.parametrize(("hexed", "forms", "name", "parameters"), REQUESTS)
def test_a_request_cut_anywhere_is_refused_or_reads_as_less(hexed, forms, name, parameters):
    whole = octets(hexed)
    may_lack = {0x26, 0x4E, 0x50, 0x51}
    for c1222 in forms:
        for cut in range(len(whole)):
            decoded, error = attempt(decode_request, whole[:cut], c1222=c1222)
            if error:
                assert error.layout == "request"
                assert error.field
                assert 0 <= error.offset <= cut
            else:
                # What may be absent, is: nothing of the value is invented, and the octets come out again.
                assert encode_request(decoded, c1222=c1222) == whole[:cut]
                assert whole[0] in may_lack
                assert decoded.trailing == b""


@pytest.mark.parametrize(("service", "hexed", "forms", "data"), ANSWERS)
def test_an_answer_cut_anywhere_is_refused_or_reads_as_less(service, hexed, forms, data):
    whole = octets(hexed)
    # Identify may lack its closing 00, trace some titles; deregister, logon and negotiate have a last part of grace.
    may_lack = {0x20, 0x24, 0x26, 0x50, *range(0x60, 0x6C)}
    for c1222 in forms:
        for cut in range(len(whole)):
            decoded, error = attempt(decode_response, whole[:cut], service=service, c1222=c1222)
            if error:
                assert error.layout == "response"
                assert error.field
                assert 0 <= error.offset <= cut
            else:
                assert service in may_lack
                assert encode_response(decoded, service=service, c1222=c1222) == whole[:cut]


@pytest.mark.parametrize(
    ("name", "parameters", "field", "message"),
    [
        ("full_read", {}, "parameters.table", "a value is missing"),
        ("full_read", {"table": 0x10000}, "parameters.table", "does not fit"),
        ("full_read", {"table": -1}, "parameters.table", "does not fit"),
        ("full_read", {"tabel": 1}, "parameters.tabel", "no such element"),
        ("offset_read", {"table": 1, "offset": 1 << 24, "octet_count": 1}, "parameters.offset", "does not fit"),
        ("index_read_2", {"table": 1, "indices": [1], "element_count": 1}, "parameters.indices", "2 elements wanted"),
        ("logon", {"user_id": 1, "user": "elevenchars"}, "parameters.user", "at most 10"),
        ("security", {"password": b"short"}, "parameters.password", "5 octets given"),
        ("security", {"password": "PASSWORD"}, "parameters.password", "secret octets"),
        ("terminate", {"table": 1}, "parameters", "nothing is wanted"),
        ("resolve", {"ap_title": ".123"}, "parameters.ap_title", "an ApTitle is wanted"),
        ("full_write", {"table": 1, "blocks": []}, "parameters.blocks", "one block at least"),
        ("full_write", {"table": 1, "blocks": [{"data": b"", "checksum": 256}]}, "parameters.blocks", "does not fit"),
        ("full_write", {"table": 1, "blocks": b"\x01"}, "parameters.blocks[0]", "data are wanted"),
        ("wait", {"seconds": 256}, "parameters.seconds", "does not fit"),
    ],
)
def test_wrong_parameters_are_refused_with_their_name(name, parameters, field, message):
    with pytest.raises(MessageError, match=message) as info:
        encode_request(request(name, **parameters))
    assert (info.value.layout, info.value.field) == ("request", field)


@pytest.mark.parametrize(
    ("name", "given"), [("logon", {"user_id": 1, "user": "x"}), ("security", {"password": bytes(20)})]
)
def test_what_only_c1222_has_is_not_dropped_in_silence(name, given):
    only = {"logon": "idle_timeout", "security": "user_id"}[name]
    with pytest.raises(MessageError, match="nothing is wanted") as info:
        encode_request(request(name, **given, **{only: 5}), c1222=False)
    assert info.value.field == f"parameters.{only}"


def test_a_service_that_does_not_exist():
    with pytest.raises(LocalProtocolError, match=r"'fullread'.*full_read"):
        request("fullread")


def test_a_password_is_shown_nowhere():
    decoded = decode_request(b"\x51" + b"MARKER-password-1234" + b"\0\2")
    assert "MARKER" not in repr(decoded) + str(decoded)
    assert decoded.parameters.password == b"MARKER-password-1234"
    with pytest.raises(MessageError) as info:
        encode_request(request("authenticate", authentication={"key_id": 1, "token": b"MARKER" * 60}))
    assert "MARKER" not in str(info.value) + repr(info.value) + repr(info.value.__cause__)


def test_a_request_shows_no_password_before_it_is_encoded():
    password = b"MARKER-password-1234"
    made = [
        request("security", password=password),
        request("security", password=bytearray(password), user_id=2),
        request("authenticate", authentication={"key_id": 1, "token": password}),
    ]
    for one in made:
        assert "MARKER" not in repr(one) + str(one)
    assert encode_request(made[0]) == b"\x51" + password
    assert encode_request(made[1]) == b"\x51" + password + b"\0\2"
    assert encode_request(made[2]) == b"\x53\x15\x01" + password


def test_baud_codes_of_the_reference():
    # protocol.md 2.5; 0A and 0B are not in order of size.
    speeds = [300, 600, 1200, 2400, 4800, 9600, 14400, 19200, 28800, 57600, 38400, 115200, 128000, 256000]
    assert dict(enumerate(speeds, start=1)) == BAUD_RATES


def test_blocks_carry_and_join():
    assert joined(blocks(b"testdata")) == b"testdata"
    assert encode_request(request("full_write", table=7, blocks=blocks(b"\1\2\3"))) == octets("40 0007 0003 010203 FA")
