"""A device in a network: sessions, several services in a message, sizes, who is meant, what comes unasked."""

import pytest
from dict_image import ST_64
from network_talk import (
    CLIENT,
    IDENTIFY,
    ISC,
    KEYS,
    LOGON,
    LONG_TITLE,
    METER,
    OK,
    READ_3,
    READER,
    SHORT_TITLE,
    TABLE_3,
    asked,
    heard,
    message,
    node,
    talk,
)

from c1222.errors import LocalProtocolError
from c1222.message.epsem import ResponseControl, SecurityMode
from c1222.meter.device.device_settings import DeviceSettings, Faults
from c1222.meter.ports.network_port import NetworkPort
from c1222.meter.ports.node import NodeSettings
from c1222.titles import ApTitle

UAT = b"\x0c"


def port(**options):
    return NetworkPort(node(**options))


# -- One message ------------------------------------------------------------------------------------------------------


def test_identify_octet_for_octet():
    """protocol.md 8.5, answered with the shape of ITR's answer (2.4); titles as they were written, exchanged."""
    aliases = (ApTitle.parse("1.3.6.1.4.1.33507.1919.12345678.0"),)
    answering = port(settings=NodeSettings(aliases=aliases))
    answering.receive_data(IDENTIFY, 0.0)
    features = "0406 09607C86F75401160201 0590 060D0453494D55 071501" + b"  0000000001        ".hex()
    # 49 octets of answer; with length and control octet 51, so 81 33, 28 35, BE 37; 101 in all.
    assert b"".join(answering.data_to_send()) == bytes.fromhex(
        f"60 65 A2 0A {SHORT_TITLE} A4 06 02 04 13E81421 A6 11 {LONG_TITLE} A8 03 02 01 01"
        f"BE 37 28 35 81 33 80 31 00030100 {features} 00"
    )


def test_every_service_is_answered_though_one_fails():
    """protocol.md 3: ITR answers 01 01 for a table that is not there and goes on; here it is iar."""
    assert talk("30 0004", READ_3, "3E", "20")[:3] == [b"\x05", TABLE_3, b"\x02"]


def test_own_ids_count_up_and_ids_are_answered():
    answering = port()
    ids = [asked(answering, message(READ_3, a8=a8)).ids for a8 in (7, 0, 0x13E81421)]
    assert ids == [(7, 1), (0, 2), (0x13E81421, 3)]


@pytest.mark.parametrize(
    ("called", "calling"),
    [
        (METER, CLIENT),
        (ApTitle.parse("2.16.124.113620.1.22.0.123.8437"), ApTitle.parse("2.16.124.113620.1.22.0.123.4")),
        (METER, ApTitle.parse("1.3.6.1.4.1.33507")),
        (None, None),
        (METER, None),
        (None, CLIENT),
        (ApTitle.parse(""), CLIENT),
    ],
)
def test_titles_are_given_back_as_they_were_written(called, calling):
    answer = asked(port(), message(READ_3, called=called, calling=calling))
    assert (answer.apdu.called_ap_title, answer.apdu.calling_ap_title) == (calling, called)
    assert answer.services == [TABLE_3]


@pytest.mark.parametrize("mode", [SecurityMode.CLEAR, SecurityMode.AUTHENTICATED, SecurityMode.ENCRYPTED])
def test_another_title_is_unknown(mode):
    called = ApTitle.parse(".123.8438")
    assert talk(READ_3, READ_3, called=called, mode=mode) == [UAT]


@pytest.mark.parametrize(
    ("respond", "service", "answers"),
    [
        (ResponseControl.ALWAYS, READ_3, [TABLE_3]),
        (ResponseControl.ON_EXCEPTION, READ_3, None),
        (ResponseControl.ON_EXCEPTION, "30 0029", [ISC]),
        (ResponseControl.NEVER, READ_3, None),
        (ResponseControl.NEVER, "30 0029", None),
        (ResponseControl.RESERVED, READ_3, None),
    ],
)
def test_response_control(respond, service, answers):
    assert talk(service, respond=respond) == answers


def test_what_is_never_answered_is_done_all_the_same():
    answering = port()
    assert talk(LOGON, READER, port=answering, respond=ResponseControl.NEVER) is None
    assert talk("30 0029", port=answering)[0][:1] == OK


def test_answers_are_not_answered():
    answering = node()
    request = message(READ_3, called_ap_invocation_id=5)
    assert asked(NetworkPort(answering), request) is None
    assert answering.counts.unasked == 1


def test_a_message_without_an_id_is_not_answered():
    answering = node()
    assert asked(NetworkPort(answering), message(READ_3, a8=None)) is None
    assert answering.counts.malformed == 1


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param("60 00", id="empty"),
        pytest.param("60 05 A8 03 02 01 01", id="no-user-information"),
        pytest.param("60 0C A8 03 02 01 01 BE 05 28 03 81 01 8C", id="mode-3"),
        pytest.param("60 0C A8 03 02 01 01 BE 05 28 03 81 01 84", id="no-mac"),
        pytest.param("60 0B A8 03 02 01 01 BE 04 28 02 81 00", id="no-control"),
        pytest.param("60 0D A8 03 02 01 01 BE 06 28 04 81 02 80 05", id="service-cut"),
        pytest.param("60 03 A8 03 02", id="element-cut"),
        pytest.param("60 0A A8 03 02 01 01 A8 03 02 01 01", id="id-twice"),
    ],
)
def test_what_is_no_message_is_met_with_silence(octets):
    answering = node()
    connection = NetworkPort(answering)
    assert asked(connection, bytes.fromhex(octets)) is None
    assert answering.counts.malformed == 1
    assert not connection.closed
    assert talk(READ_3, port=connection) == [TABLE_3]


def test_a_message_without_services_is_not_answered():
    assert talk() is None


# -- Sessions ---------------------------------------------------------------------------------------------------------


def test_without_a_session_a_password_holds_for_its_message():
    answering = port()
    assert talk(READER + "0001", "30 0029", port=answering)[1][:1] == OK
    assert talk("30 0029", port=answering) == [ISC]


def test_a_session_outlives_its_connection():
    answering = node()
    assert talk(LOGON, READER, port=NetworkPort(answering)) == [bytes.fromhex("00 003C"), OK]
    assert talk("30 0029", port=NetworkPort(answering))[0][:1] == OK


def test_a_session_belongs_to_a_title():
    answering = port()
    talk(LOGON, READER, port=answering)
    assert talk("30 0029", port=answering, calling=ApTitle.parse(".123.5")) == [ISC]
    assert talk("30 0029", port=answering, calling=None) == [ISC]
    absolute = ApTitle.parse("2.16.124.113620.1.22.0.123.4")
    assert talk("30 0029", port=answering, calling=absolute)[0][:1] == OK


def test_without_a_title_it_belongs_to_the_connection():
    answering = node()
    connection = NetworkPort(answering)
    talk(LOGON, READER, port=connection, calling=None)
    assert talk("30 0029", port=connection, calling=None)[0][:1] == OK
    assert talk("30 0029", port=NetworkPort(answering), calling=None) == [ISC]


@pytest.mark.parametrize("end", ["52", "21", "22"])
def test_what_ends_it(end):
    answering = node()
    assert talk(LOGON, READER, "30 0029", end, "30 0029", port=NetworkPort(answering))[3:] == [OK, ISC]
    assert talk("30 0029", port=NetworkPort(answering)) == [ISC]


def test_silence_ends_it():
    answering = port()
    talk(LOGON, READER, port=answering, now=100.0)
    assert talk("30 0029", port=answering, now=160.0)[0][:1] == OK
    assert talk("30 0029", port=answering, now=220.5) == [ISC]


def test_wait_keeps_it_once():
    answering = port()
    talk(LOGON, READER, "70 FF", port=answering, now=0.0)
    assert talk("30 0029", port=answering, now=255.0)[0][:1] == OK
    assert talk("30 0029", port=answering, now=316.0) == [ISC]


def test_who_lost_a_session_may_log_on_again():
    answering = port()
    talk(LOGON, READER, port=answering)
    assert talk(LOGON, "30 0029", port=answering) == [bytes.fromhex("00 003C"), ISC]


def test_sessions_are_bounded():
    answering = port(device_settings=DeviceSettings(nbr_sessions=2))
    titles = [ApTitle.parse(f".123.{number}") for number in (4, 5, 6)]
    assert [talk(LOGON, port=answering, calling=title)[0][:1] for title in titles] == [OK, OK, b"\x06"]
    # After 60 s of silence of both there is room.
    assert talk(LOGON, port=answering, calling=titles[2], now=61.0)[0][:1] == OK


def test_visitors_are_bounded():
    answering = port()
    talk(LOGON, READER, port=answering)
    for number in range(1100):
        assert talk("20", port=answering, calling=ApTitle.parse(f".124.{number}"))
    assert talk("30 0029", port=answering)[0][:1] == OK


# -- Sizes ------------------------------------------------------------------------------------------------------------


def small(size=200):
    return node(device_settings=DeviceSettings(max_message=size))


def test_a_response_that_is_too_large():
    assert talk("30 0040", READ_3, port=NetworkPort(small())) == [bytes.fromhex("10 000000C8"), TABLE_3]


@pytest.mark.parametrize("mode", [SecurityMode.CLEAR, SecurityMode.ENCRYPTED])
def test_answers_never_pass_the_limit(mode):
    answering = NetworkPort(small(400))
    for count in range(1, 400):
        reads = [f"3F 0040 000000 {count:04X}", "3F 0040 000000 0040"]
        answering.receive_data(message(*reads, mode=mode, a8=count), 0.0)
        out = b"".join(answering.data_to_send())
        assert len(out) <= 400
        assert heard(out).services[0][:1] in (OK, b"\x10")


def test_what_fits_is_sent():
    """Of 400 octets titles and ids take 23, tags and lengths 19, control octet and MAC 5, the answer's 4."""
    (answer,) = talk("3F 0040 000000 015C", port=NetworkPort(small(400)))
    assert answer[:-1] == b"\x00\x01\x5c" + ST_64[:348]


def test_when_nothing_more_fits_the_rest_is_not_answered():
    answers = talk(*["30 0003"] * 40, port=NetworkPort(small(400)))
    assert answers[:20] == [TABLE_3] * 20
    assert len(answers) < 40


def test_a_request_that_is_too_large():
    request = [f"4F 0040 000000 00C8 {'00' * 201}"]
    assert talk(*request, port=NetworkPort(small())) == [bytes.fromhex("0F 000000C8")]


# -- Unasked ----------------------------------------------------------------------------------------------------------


def test_a_notification_octet_for_octet():
    """One-way: ED class included, in the clear, never answered: 92. A7 says notification, as in EAXP 1 and 2."""
    sent = node().unsolicited([bytes.fromhex("40 0003 0001 01 FF")], CLIENT, 0.0)
    assert sent == bytes.fromhex(
        "60 2A A2 04 80 02 7B04 A6 05 80 03 7BC175 A7 03 02 01 04 A8 03 02 01 01"
        "BE 11 28 0F 81 0D 92 53494D55 07 40 0003 0001 01 FF"
    )


@pytest.mark.parametrize(("mode", "octet"), [(SecurityMode.AUTHENTICATED, 0x96), (SecurityMode.ENCRYPTED, 0x9A)])
def test_a_secured_notification(mode, octet):
    sent = node().unsolicited([bytes.fromhex("40 0003 0001 01 FF")], CLIENT, 0.0, mode=mode, key_id=2)
    apdu = heard(sent).apdu
    assert apdu.user_information.octets[0] == octet
    assert heard(sent).services == [bytes.fromhex("40 0003 0001 01 FF")]
    with pytest.raises(LocalProtocolError, match="no key for key id 7"):
        node().unsolicited([b"\x20"], CLIENT, 0.0, mode=mode, key_id=7)


def test_a_node_does_not_answer_a_notification():
    sent = node().unsolicited([bytes.fromhex("40 0003 0001 01 FF")], METER, 0.0)
    assert asked(port(), sent) is None


# -- Registration -----------------------------------------------------------------------------------------------------

# protocol.md 8.8: node type, connection type, class, title, serial number, address "fizzbuzz", period, pattern.
REGISTER = f"27 FD EF 01828563 {SHORT_TITLE} {SHORT_TITLE} 08 66697A7A62757A7A 010203 04 62656566"


def test_registration():
    answering = port(device_native_address=bytes.fromhex("7F000001 0481"))
    assert talk(REGISTER, f"25 {SHORT_TITLE}", port=answering) == [
        # 8.8 answers the same but for a delay of 3600 s and no period.
        bytes.fromhex(f"00 {SHORT_TITLE} 0000 010203 EF"),
        bytes.fromhex("00 08 66697A7A62757A7A"),
    ]
    assert talk("25 0D037BC175", port=answering) == [bytes.fromhex("00 06 7F000001 0481")]
    assert talk(f"24 {SHORT_TITLE}", f"24 {SHORT_TITLE}", f"25 {SHORT_TITLE}", port=answering) == [
        bytes.fromhex(f"00 {SHORT_TITLE}"),
        UAT,
        UAT,
    ]


@pytest.mark.parametrize("title", ["0D 00", "0D 03 7BC175"])
def test_who_cannot_register(title):
    assert talk(f"27 20 30 01828563 {title} {SHORT_TITLE} 00 000000") == [b"\x04"]
    assert talk("24 0D037BC175") == [UAT]


def test_trace():
    """protocol.md 8.12: each node on the way adds its title."""
    assert talk(f"26 {SHORT_TITLE}") == [bytes.fromhex(f"00 {SHORT_TITLE} 0D 03 7BC175")]


def test_registrations_are_bounded():
    answering = port()
    for number in range(1030):
        assert talk(
            f"27 20 30 01828563 0D 03 7B{0x80 | number >> 7:02X}{number & 0x7F:02X} 0D00 01 7F 000000", port=answering
        )
    # The first six are forgotten: .123.0 is, .123.6 is not.
    assert talk("25 0D 03 7B8000", "25 0D 03 7B8005", "25 0D 03 7B8006", port=answering) == [UAT, UAT, b"\x00\x01\x7f"]


# -- Keys in doubt ----------------------------------------------------------------------------------------------------


def test_the_key_that_opened_closes():
    """Old and new key in one place: the answer is secured with the one that the request was."""
    keys = type(KEYS)()
    for key in (KEYS.candidates(0)[0], KEYS.candidates(2)[0]):
        keys.add(5, key)
    for key in keys.candidates(5):
        only = type(KEYS)()
        only.add(5, key)
        request = message(READ_3, mode=SecurityMode.ENCRYPTED, key_id=5, key=key)
        assert asked(port(keys=keys), request, keys=only).services == [TABLE_3]


def test_faults_reach_the_network():
    answering = node(device_faults=Faults(busy=1))
    assert talk(READ_3, READ_3, port=NetworkPort(answering)) == [b"\x06", TABLE_3]


def test_a_procedure_in_messages_that_stand_alone():
    """Table 8 knows its visitor again, though there is no session: same title, another message."""
    answering = port()
    engineer = "51" + b"ENGINEER".ljust(20).hex() + "0002"
    # Procedure 3 of the meter of dict_image comes to result 4: 03 + 00 + 2A + 04 = 31, so CF.
    assert talk(engineer, "40 0007 0003 0300 2A D3", port=answering) == [OK, OK]
    assert talk("30 0008", port=answering) == [bytes.fromhex("00 0004 0300 2A 04 CF")]
    assert talk("30 0008", port=answering, calling=ApTitle.parse(".123.5")) == [bytes.fromhex("00 0000 00")]
