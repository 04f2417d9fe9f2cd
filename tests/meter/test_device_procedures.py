"""Tables 7 and 8 through a device: protocol.md 2.2. The meter of dict_image is little endian and takes 8 octets."""

import pytest
from dict_image import DictImage, device, true_time

from c1222.meter.device.access import ENGINEER, READER
from c1222.meter.device.visitor import Standard, State, Visitor

OK, ISC, ONP, IAR = b"\x00", b"\x03", b"\x04", b"\x05"
NOTHING_YET = bytes.fromhex("00 0000 00")


def visitor(groups=ENGINEER.groups):
    return Visitor(Standard.C1218, State.SESSION, groups=groups, room=1000)


def table(octets):
    """Count, octets, checksum."""
    data = bytes.fromhex(octets)
    return len(data).to_bytes(2, "big") + data + bytes([-sum(data) & 0xFF])


def initiate(meter, who, octets, now=0.0):
    return meter.answer(who, b"\x40\x00\x07" + table(octets), now).octets


def result(meter, who):
    return meter.answer(who, b"\x30\x00\x08", 0.0).octets


@pytest.mark.parametrize(
    ("request_", "ran", "answer"),
    [
        #             proc seq parameters    number, parameters     proc seq result data
        pytest.param("0A00 2A 030405", (10, "030405"), "0A00 2A 00 010203", id="done-with-an-answer"),
        pytest.param("0300 FF", (3, ""), "0300 FF 04", id="refused-by-the-meter"),
        pytest.param("0B00 00", (11, ""), "0B00 00 06", id="unknown"),
        pytest.param("0508 07 01", (2053, "01"), "0508 07 06", id="of-the-manufacturer"),
        pytest.param("0A10 2A", (10, ""), None, id="answer-on-trouble-and-there-is-none"),
        pytest.param("0310 2A", (3, ""), "0310 2A 04", id="answer-on-trouble"),
        pytest.param("0A20 2A", (10, ""), None, id="no-answer"),
        pytest.param("0320 2A", (3, ""), None, id="no-answer-to-trouble-either"),
        pytest.param("0A30 2A", (10, ""), "0A30 2A 00 010203", id="answer-at-once"),
    ],
)
def test_procedures(request_, ran, answer):
    image = DictImage()
    meter, who = device(image), visitor()
    assert initiate(meter, who, request_, now=60.0) == OK
    assert image.ran == [(ran[0], bytes.fromhex(ran[1]), true_time(60.0))]
    assert result(meter, who) == (b"\x00" + table(answer) if answer else NOTHING_YET)


@pytest.mark.parametrize(
    "request_",
    [pytest.param("0A00", id="cut"), pytest.param("0A00 01 010203040506070809", id="nine-octets-of-parameters")],
)
def test_what_is_no_request(request_):
    image = DictImage()
    assert initiate(device(image), visitor(), request_) == ONP
    assert not image.ran


def test_an_answer_that_table_8_cannot_hold():
    image = DictImage()
    image.results[10] = 0, bytes(13)
    assert initiate(device(image), visitor(), "0A00 01") == ONP


def test_without_table_0_nothing_can_be_read():
    image = DictImage()
    del image.tables[0]
    assert initiate(device(image), visitor(), "0A00 01") == ONP


def test_the_last_answer_stays():
    meter, who = device(), visitor()
    initiate(meter, who, "0300 01")
    initiate(meter, who, "0A20 02")
    assert result(meter, who) == b"\x00" + table("0300 01 04")


def test_every_visitor_has_an_answer_of_its_own():
    meter, one, other = device(), visitor(), visitor()
    initiate(meter, one, "0300 01")
    assert result(meter, other) == NOTHING_YET
    initiate(meter, other, "0300 02")
    assert result(meter, one) == b"\x00" + table("0300 01 04")


def test_who_may_start_what():
    image = DictImage()
    meter = device(image)
    assert initiate(meter, visitor(frozenset()), "0500 01 0101") == ISC
    reader = visitor(READER.groups)
    # A reader may update what it has read; what else it asks for is answered in table 8: no authorization.
    assert initiate(meter, reader, "0500 01 0101") == OK
    assert initiate(meter, reader, "0A00 02") == OK
    assert result(meter, reader) == b"\x00" + table("0A00 02 05")
    assert [number for number, _, _ in image.ran] == [5]


def test_table_7_by_offset():
    """From its beginning it is a whole request; there is no middle of it to change."""
    image = DictImage()
    meter, who = device(image), visitor()
    assert meter.answer(who, b"\x4f\x00\x07\x00\x00\x00" + table("0A00 01"), 0.0).octets == OK
    assert meter.answer(who, b"\x4f\x00\x07\x00\x00\x01" + table("0A00 01"), 0.0).octets == ONP
    assert len(image.ran) == 1


def test_table_7_is_never_read():
    assert device().answer(visitor(), b"\x30\x00\x07", 0.0).octets == IAR


def test_a_big_endian_meter():
    """Bit 0 of table 0 says that the most significant octet comes first."""
    image = DictImage()
    image.tables[0] = b"\x03" + image.tables[0][1:]
    meter, who = device(image), visitor()
    assert initiate(meter, who, "000A 01") == OK
    assert image.ran[0][0] == 10
    assert result(meter, who) == b"\x00" + table("000A 01 00 010203")
