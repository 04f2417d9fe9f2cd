"""The optical port: a client's link against it, on a clock that jumps. Packets: protocol.md 8.1 to 8.4 and 1.2."""

import pytest
from dict_image import ST_1, ST_64, device

from c1222.link import C1221, Link, LinkFailed, LinkSettings, MessageReceived, State
from c1222.meter.device.device_settings import DeviceSettings, Faults
from c1222.meter.device.visitor import Standard
from c1222.meter.ports.optical_port import OpticalPort

ACK = b"\x06"
IDENTIFY = bytes.fromhex("EE 00 00 00 0001 20 1310")
IDENTIFIED = bytes.fromhex("EE 00 20 00 0005 0000010000 FF42")
NEGOTIATE = bytes.fromhex("EE 00 20 00 0005 61 0100 01 06 81D2")
NEGOTIATED = bytes.fromhex("EE 00 00 00 0005 00 0100 01 06 4F8F")
LOGON = bytes.fromhex("EE 00 00 00 000D 50 0000 30303030202020202020 7635")
DONE_TOGGLE_1 = bytes.fromhex("EE 00 20 00 0001 00 8051")
SECURITY = bytes.fromhex("EE 00 20 00 0015 51 00000000000000000000 20202020202020202020 7047")
WRONG = bytes.fromhex("EE 00 00 00 0001 01 9820")
TERMINATE = bytes.fromhex("EE 00 00 00 0001 21 9A01")
READ_1_AT_ONCE = bytes.fromhex("EE 00 00 00 0003 30 0001 550D")


def sent(port):
    return b"".join(port.data_to_send())


def ask(port, *requests):
    """One after the other, each answer but the last acknowledged; what the last brought is not yet collected."""
    for request in requests:
        port.receive_data(request, 1.0)
        if request is not requests[-1]:
            assert sent(port)[:1] == ACK
            port.receive_data(ACK, 1.0)


class Line:
    """A client's link and a port; `ask` gives the answer, or None when the client has given up."""

    def __init__(self, port, settings=None):
        self.port = port
        self.link = Link(settings or LinkSettings())
        self.now = 0.0

    def ask(self, request):
        self.link.send(bytes.fromhex(request), self.now)
        for _ in range(20_000):
            event = self.link.next_event()
            if isinstance(event, MessageReceived):
                self.exchange()
                return event.payload
            if isinstance(event, LinkFailed):
                return None
            if event is None and not self.exchange():
                self.wait_for_what_is_next()
        raise AssertionError("still talking")

    def exchange(self):
        out, back = self.link.data_to_send(), sent(self.port)
        if out:
            self.port.receive_data(out, self.now)
        if back:
            self.link.receive_data(back, self.now)
        return bool(out or back)

    def wait_for_what_is_next(self):
        times = [side.deadline for side in (self.link, self.port) if side.deadline is not None]
        self.pass_time(min(times) - self.now)

    def pass_time(self, seconds):
        self.now += seconds
        self.port.handle_timeout(self.now)
        self.link.handle_timeout(self.now)

    def open(self, *requests):
        for request in ("20", *requests):
            assert self.ask(request)[:1] == b"\x00"
            if request.startswith("6"):
                answered = bytes.fromhex(request)
                size = int.from_bytes(answered[1:3], "big")
                self.link.settings = self.link.settings.negotiated(size, answered[3])
        return self


LOG_ON = "50 0001 20202020202020202020"
READER = "51" + b"READER".ljust(20).hex()


# -- The walk-through -------------------------------------------------------------------------------------------------


def test_octet_for_octet():
    """protocol.md 8.1 to 8.4, but for the table, which comes in a session that failed to give a password."""
    port = OpticalPort(device())
    for request, answer in [(IDENTIFY, IDENTIFIED), (NEGOTIATE, NEGOTIATED), (LOGON, DONE_TOGGLE_1), (SECURITY, WRONG)]:
        port.receive_data(request, 1.0)
        assert sent(port) == ACK + answer
        port.receive_data(ACK, 1.0)
        assert sent(port) == b""
    port.receive_data(READ_1_AT_ONCE, 1.0)
    answer = sent(port)
    # protocol.md 8.4: toggle 1 again, 36 octets, and the CRC 844B.
    assert answer == ACK + bytes.fromhex("EE 00 20 00 0024 00 0020") + ST_1 + bytes.fromhex("FD 844B")


def test_octet_by_octet():
    port, out = OpticalPort(device()), b""
    for octet in IDENTIFY + ACK + NEGOTIATE + ACK + LOGON:
        port.receive_data(bytes([octet]), 1.0)
        out += sent(port)
    assert out == ACK + IDENTIFIED + ACK + NEGOTIATED + ACK + DONE_TOGGLE_1


def test_an_ack_and_what_follows_it_in_one_piece():
    """What was negotiated holds from the ACK on: 60 octets of data behind it would not fit a packet of 64."""
    port = OpticalPort(device())
    large = Link(LinkSettings(packet_size=256))
    large.send(bytes(60), 1.0)
    pieces = [IDENTIFY, ACK + NEGOTIATE, ACK + large.data_to_send()]
    for piece, answer in zip(pieces, [IDENTIFIED, NEGOTIATED, None], strict=True):
        port.receive_data(piece, 1.0)
        out = sent(port)
        assert out == ACK + answer if answer else out[:1] == ACK
    assert (port.settings.packet_size, port.settings.nbr_packets) == (256, 1)


def test_the_identity_of_a_shared_line():
    port = OpticalPort(device(), LinkSettings(identity=5))
    port.receive_data(IDENTIFY, 1.0)
    assert sent(port) == b""
    line = Line(OpticalPort(device(), LinkSettings(identity=5)), LinkSettings(identity=5))
    assert line.ask("20") == bytes.fromhex("0000010000")


# -- What is negotiated -----------------------------------------------------------------------------------------------


def test_settings_change_when_the_answer_was_acknowledged():
    port = OpticalPort(device())
    ask(port, IDENTIFY, NEGOTIATE)
    assert port.settings.packet_size == 64
    port.receive_data(ACK, 1.0)
    assert port.settings.packet_size == 256


def test_speed():
    line = Line(OpticalPort(device())).open()
    assert line.port.settings.baud == 9600
    assert line.ask("63 0100 01 06 08 0A") == bytes.fromhex("00 0100 01 0A")
    assert line.port.settings.baud == 57600


def test_a_lost_answer_to_negotiate_changes_nothing():
    """The client never saw the answer and begins anew: it may identify, with the first settings."""
    port = OpticalPort(device())
    ask(port, IDENTIFY, NEGOTIATE)
    port.receive_data(IDENTIFY, 2.0)
    assert sent(port).endswith(ACK + IDENTIFIED)
    port.receive_data(ACK, 2.0)
    assert port.settings == LinkSettings()


@pytest.mark.parametrize("request_", [NEGOTIATE, TERMINATE])
def test_a_lost_ack_and_a_message_of_several_packets_behind_it(request_):
    """What the answer brought holds as soon as the message is there, which is answered."""
    port = OpticalPort(device(), LinkSettings(nbr_packets=2))
    ask(port, IDENTIFY, request_)
    client = Link(LinkSettings(nbr_packets=2))
    client.send(b"\x50" + bytes(99), 1.0)
    port.receive_data(client.data_to_send(), 1.0)
    client.receive_data(sent(port)[-1:], 1.0)
    port.receive_data(client.data_to_send(), 1.0)
    ended = request_ is TERMINATE
    assert port.settings == (LinkSettings(nbr_packets=2) if ended else LinkSettings(packet_size=256))
    # isss before Identify, otherwise onp for a Logon of 100 octets: one octet behind the header of the packet.
    assert sent(port)[:1] == ACK
    client.receive_data(b"\x06", 1.0)
    port.receive_data(b"\x15", 1.0)
    assert sent(port)[6] == (0x0A if ended else 0x04)


def test_a_lost_answer_to_terminate_still_ends_the_session():
    port = OpticalPort(device())
    ask(port, IDENTIFY, NEGOTIATE, TERMINATE)
    port.receive_data(IDENTIFY, 2.0)
    assert sent(port).endswith(ACK + IDENTIFIED)
    assert port.settings == LinkSettings()


def test_tables_in_several_packets():
    line = Line(OpticalPort(device())).open("60 0080 20", LOG_ON)
    assert line.ask("30 0040") == b"\x00\x03\xe8" + ST_64 + b"\xac"


def test_a_table_that_does_not_fit_is_read_in_parts():
    line = Line(OpticalPort(device())).open(LOG_ON)
    # 56 octets go into the only packet of 64: code, count, checksum and 52 of the table.
    assert line.ask("30 0040") == b"\x04"
    assert line.ask("3F 0040 000000 0035") == b"\x04"
    # 0 + 1 + ... + 51 = 1326 = 5 * 256 + 46.
    assert line.ask("3F 0040 000000 0034") == b"\x00\x00\x34" + ST_64[:52] + bytes([256 - 46])


def test_timing_setup_on_a_modem():
    line = Line(OpticalPort(device(), standard=Standard.C1221), C1221)
    assert line.ask("20") == bytes.fromhex("0002010000")
    assert line.ask("71 0A 02 05 04") == bytes.fromhex("00 0A 02 05 04")
    settings = line.port.settings
    assert (settings.traffic, settings.inter_character, settings.response, settings.retries) == (10, 2, 5, 4)


# -- Sessions and time ------------------------------------------------------------------------------------------------


def test_what_a_password_opens():
    line = Line(OpticalPort(device())).open(LOG_ON)
    assert line.ask("30 0029") == b"\x03"
    assert line.ask(READER) == b"\x00"
    assert line.ask("30 0029")[:1] == b"\x00"


def test_silence_ends_the_session():
    line = Line(OpticalPort(device())).open("60 0080 20", LOG_ON)
    assert line.port.deadline == pytest.approx(6.0)
    line.pass_time(5.9)
    assert line.ask("30 0003")[:1] == b"\x00"
    line.pass_time(6.1)
    assert line.port.settings == LinkSettings()
    assert line.port.deadline is None
    line.link.restart()
    assert line.ask("30 0003") == b"\x0a"
    assert line.ask("20")[:1] == b"\x00"


def test_wait_keeps_it_once():
    line = Line(OpticalPort(device())).open(LOG_ON, "70 1E")
    line.pass_time(29.0)
    assert line.port.deadline == pytest.approx(30.0)
    assert line.ask("30 0003")[:1] == b"\x00"
    assert line.port.deadline == pytest.approx(29.0 + 6.0)


@pytest.mark.parametrize("leave", [(), ("52",)])
def test_terminate_ends_with_or_without_logoff(leave):
    line = Line(OpticalPort(device())).open("60 0080 20", LOG_ON, READER, *leave, "21")
    assert line.port.settings == LinkSettings()
    assert not line.port.closed
    line.now += 10.0
    line.link.restart()
    assert line.open(LOG_ON).ask("30 0029") == b"\x03"


def test_another_line_to_the_same_meter_is_another_visitor():
    meter = device()
    first, second = Line(OpticalPort(meter)).open(LOG_ON, READER), Line(OpticalPort(meter)).open(LOG_ON)
    assert first.ask("30 0029")[:1] == b"\x00"
    assert second.ask("30 0029") == b"\x03"


def test_a_client_that_vanishes():
    """Nobody acknowledges the answer: it is sent four times, then everything is as before."""
    port = OpticalPort(device())
    port.receive_data(IDENTIFY, 0.0)
    assert sent(port) == ACK + IDENTIFIED
    repeats = 0
    while port.deadline is not None:
        port.handle_timeout(port.deadline)
        repeats += sent(port) == IDENTIFIED
    assert repeats == 3
    port.receive_data(IDENTIFY, 60.0)
    assert sent(port) == ACK + IDENTIFIED


def test_noise_does_no_harm():
    line = Line(OpticalPort(device())).open(LOG_ON)
    line.port.receive_data(b"\x00\x55\xff\x06", line.now)
    assert line.ask("30 0003")[:1] == b"\x00"


# -- Faults -----------------------------------------------------------------------------------------------------------


def test_a_delay_before_each_answer():
    port = OpticalPort(device(faults=Faults(delay=1.5)))
    port.receive_data(IDENTIFY, 10.0)
    assert sent(port) == ACK
    assert port.deadline == 11.5
    port.handle_timeout(11.4)
    assert sent(port) == b""
    port.handle_timeout(11.5)
    assert sent(port) == IDENTIFIED


def test_what_is_asked_meanwhile_is_answered_instead():
    port = OpticalPort(device(faults=Faults(delay=1.5)))
    port.receive_data(IDENTIFY, 10.0)
    port.receive_data(TERMINATE, 11.0)
    assert port.deadline == 12.5
    port.handle_timeout(12.5)
    assert sent(port) == ACK + ACK + DONE_TOGGLE_1


def test_a_message_that_begins_meanwhile_is_waited_for():
    port = OpticalPort(device(faults=Faults(delay=1.5)))
    port.receive_data(IDENTIFY, 10.0)
    first_of_two = Link(LinkSettings(nbr_packets=2))
    first_of_two.send(bytes(60), 10.0)
    port.receive_data(first_of_two.data_to_send(), 11.0)
    port.handle_timeout(11.5)
    assert sent(port) == ACK + ACK


def test_delay_in_a_session():
    line = Line(OpticalPort(device(faults=Faults(delay=0.5)))).open("60 0080 20", LOG_ON)
    assert line.ask("30 0003")[:1] == b"\x00"
    assert line.now == pytest.approx(2.0)


def test_small_packets_only():
    meter = device(settings=DeviceSettings(packet_size=64, nbr_packets=2))
    line = Line(OpticalPort(meter)).open()
    assert line.ask("61 2000 FF 06") == bytes.fromhex("00 0040 02 06")
    assert line.link.state is State.TURN
