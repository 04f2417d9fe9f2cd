"""Exchanges of a GE I-210+c, octet by octet, from both sides: protocol.md 8.1 to 8.4, and 1.6 for several packets."""

from dataclasses import replace

import pytest

from c1222.link import C1218, Link, MessageReceived, MessageSent, State

ACK = "06"
# What the client sends, what the meter answers; serial number replaced, CRCs recomputed (protocol.md 8).
IDENTIFY = ("ee 00 00 00 0001 20 1310", "ee 00 20 00 0005 00 00 01 00 00 ff42")
NEGOTIATE = ("ee 00 20 00 0005 61 0100 01 06 81d2", "ee 00 00 00 0005 00 0100 01 06 4f8f")
LOGON = ("ee 00 00 00 000d 50 0000 30303030202020202020 7635", "ee 00 20 00 0001 00 8051")
# Printed there with control octet 00, but its CRC is that of 20, as it must be behind Logon.
SECURITY = ("ee 00 20 00 0015 51 " + "00" * 10 + "20" * 10 + "7047", "ee 00 00 00 0001 01 9820")
READ_ST1 = (
    "ee 00 20 00 0003 30 0001 d66e",
    "ee 00 20 00 0024 00 0020 47452020 493231302b632020 0109 0200 3030303030303031 2020202020202020 fd 844b",
)
REFUSED = ("ee 00 20 00 0003 30 0001 d66e", "ee 00 20 00 0001 05 2d06")
SESSIONS = {
    "8.1 8.2 8.3 identify, negotiate, logon, security refused": [IDENTIFY, NEGOTIATE, LOGON, SECURITY],
    "8.4 read": [IDENTIFY, READ_ST1],
    "8.4 iar": [IDENTIFY, REFUSED],
}
EACH_SESSION = pytest.mark.parametrize("session", SESSIONS.values(), ids=SESSIONS)


def octets(text):
    return bytes.fromhex(text)


def data(text):
    """What is between header and CRC (protocol.md 1.1)."""
    return octets(text)[6:-2]


def drained(link):
    return list(iter(link.next_event, None))


@EACH_SESSION
def test_the_client(session):
    link = Link()
    for request, response in session:
        link.send(data(request), now=0)
        assert link.data_to_send() == octets(request)
        for octet in octets(ACK + response):
            assert drained(link) in ([], [MessageSent()])
            link.receive_data(bytes([octet]), now=0)
        assert drained(link) == [MessageReceived(data(response))]
        assert link.data_to_send() == octets(ACK)
        assert link.deadline is None
        if request == NEGOTIATE[0]:
            link.settings = link.settings.negotiated(256, 1, 6)


def test_the_meter():
    link = Link(answers=True)
    for request, response in [IDENTIFY, NEGOTIATE, LOGON, SECURITY]:
        for octet in octets(request):
            assert drained(link) == []
            link.receive_data(bytes([octet]), now=0)
        assert drained(link) == [MessageReceived(data(request))]
        link.send(data(response), now=0)
        assert link.data_to_send() == octets(ACK + response)
        link.receive_data(octets(ACK), now=0)
        assert drained(link) == [MessageSent()]
        if request == NEGOTIATE[0]:
            link.settings = link.settings.negotiated(256, 1, 6)


def test_a_toggle_that_did_not_change_is_accepted_and_counted():
    """8.4 comes from another session than 8.1: both answers have toggle 1."""
    link = Link()
    for request, response in (IDENTIFY, READ_ST1):
        link.send(data(request), now=0)
        link.receive_data(octets(ACK + response), now=0)
        drained(link)
    assert link.counts.unflipped == 1


# A write of ST-7 with 103 octets, measured on C12Adapter at a packet size of 64; its toggle was at 0 (protocol.md 1.6).
WRITE = "40 0007 0067" + "030000" + bytes(range(100)).hex() + "a7"
WRITE_PACKETS = [
    "ee 00 c0 01 0038 40 0007 0067 030000" + bytes(range(0x30)).hex() + "6e2b",
    "ee 00 a0 00 0035" + bytes(range(0x30, 0x64)).hex() + "a7 f436",
]


def test_a_write_in_two_packets():
    assert len(octets(WRITE)) == 109
    link = Link(replace(C1218, nbr_packets=2))
    link.send(octets(WRITE), now=0)
    assert link.data_to_send() == octets(WRITE_PACKETS[0])
    link.receive_data(octets(ACK), now=0)
    assert drained(link) == []
    assert link.data_to_send() == octets(WRITE_PACKETS[1])
    link.receive_data(octets(ACK), now=0)
    assert drained(link) == [MessageSent()]
    assert link.state is State.WAITING


def test_a_meter_takes_the_write_in_two_packets():
    link = Link(answers=True)
    for packet in WRITE_PACKETS:
        assert drained(link) == []
        link.receive_data(octets(packet), now=0)
        assert link.data_to_send() == octets(ACK)
    assert drained(link) == [MessageReceived(octets(WRITE))]


# Control octets, sequence numbers and lengths of an answer that C12Adapter accepted: 302 octets of data, so 306 with
# response code, count and checksum (protocol.md 1.6).
CONTROLS = octets("e0 80 a0 80 a0 80")
LENGTHS = [56, 56, 56, 56, 56, 26]
ANSWER = octets("00 012e") + bytes(number * 7 % 256 for number in range(302)) + b"\x00"


def test_an_answer_in_six_packets():
    meter, client = Link(replace(C1218, nbr_packets=255), answers=True), Link()
    client.send(b"\x30\x00\x17", now=0)
    meter.receive_data(client.data_to_send(), now=0)
    assert drained(meter) == [MessageReceived(b"\x30\x00\x17")]
    meter.send(ANSWER, now=0)
    client.receive_data(b"\x06", now=0)
    assert meter.data_to_send()[:1] == b"\x06"
    meter = Link(replace(C1218, nbr_packets=255), answers=True)
    meter.receive_data(octets("ee 00 00 00 0003 30 0001 550d"), now=0)
    drained(meter)
    meter.send(ANSWER, now=0)
    out = meter.data_to_send()[1:]
    for number in range(6):
        assert (out[0], out[2], out[3]) == (0xEE, CONTROLS[number], 5 - number)
        assert int.from_bytes(out[4:6], "big") == LENGTHS[number] == len(out) - 8
        client.receive_data(out, now=0)
        acknowledgment = client.data_to_send()
        assert acknowledgment == octets(ACK)
        meter.receive_data(acknowledgment, now=0)
        out = meter.data_to_send()
    assert out == b""
    assert drained(meter) == [MessageSent()]
    assert drained(client) == [MessageSent(), MessageReceived(ANSWER)]
