"""Whatever a visitor sends, no port and no device raises, and nothing is written without a password."""

from dict_image import DictImage, device
from hypothesis import given, settings
from hypothesis import strategies as st
from network_talk import EXAMPLE_8, READ_3, SESSION_FIRST, TABLE_3, message, node, talk

from c1222.link.packet import Packet, packets_of
from c1222.message.segmentation import segments
from c1222.meter.device.access import ENGINEER
from c1222.meter.device.device_settings import Faults
from c1222.meter.device.visitor import Standard, State, Visitor
from c1222.meter.ports.network_port import NetworkPort
from c1222.meter.ports.optical_port import OpticalPort
from c1222.psem.services import SERVICES

CODES = st.sampled_from([service.code for service in SERVICES] + [0x00, 0x23, 0x7F])
REQUESTS = st.builds(lambda code, rest: bytes([code]) + rest, CODES, st.binary(max_size=40))
RESPONSE_CODES = range(0x13)


@given(st.lists(REQUESTS, max_size=12), st.sampled_from(Standard), st.sampled_from(State))
def test_requests(requests, standard, state):
    image = DictImage()
    meter, who = device(image), Visitor(standard, state, room=600, maximum=512)
    for request in requests:
        answer = meter.answer(who, request, 0.0).octets
        assert answer[0] in RESPONSE_CODES
        assert len(answer) <= 600
    assert image.written == image.ran == []


@given(st.lists(REQUESTS, max_size=12))
def test_requests_of_an_engineer(requests):
    meter, who = device(), Visitor(Standard.C1218, State.SESSION, groups=ENGINEER.groups, room=600)
    for request in requests:
        assert meter.answer(who, request, 0.0).octets[0] in RESPONSE_CODES


@given(st.lists(st.one_of(REQUESTS, st.binary(min_size=1, max_size=60)), max_size=8), st.booleans())
def test_packets(messages, identified):
    port, now, toggle = OpticalPort(device()), 0.0, False
    for data in [b"\x20"] * identified + messages:
        port.receive_data(Packet(data, toggle).encode(), now)
        port.receive_data(b"\x06", now)
        toggle = not toggle
        list(port.data_to_send())
        now += 0.1
    assert not port.closed


def packets(text, room=56):
    """The packets of one message, with either toggle: what a client with a bad line may send at any time."""
    octets = bytes.fromhex(text)
    return [packet.encode() for toggle in (False, True) for packet in packets_of(octets, room, toggle=toggle)]


SIGNALS = [b"\x06", b"\x15", b"\xee", b"\x00", b""]
MESSAGES_OF_A_LINE = ["20", "61 0100 01 06", "60 0020 FF", f"50 0001 {'20' * 10}", "70 01", "21", "30 0040", "52", "7F"]
PIECES = [
    *SIGNALS * 4,
    *(packet for text in MESSAGES_OF_A_LINE for packet in packets(text)),
    *packets("40 0006 0030" + "41" * 48 + "D0", room=24),
]


@given(
    st.lists(st.tuples(st.lists(st.sampled_from(PIECES), max_size=3), st.booleans()), max_size=40),
    st.sampled_from([0.0, 0.5, 3.0]),
    st.sampled_from(Standard),
)
@settings(max_examples=200)
def test_anything_in_any_order_on_a_line(course, delay, standard):
    """Packets, signals and silences, as they come."""
    port, now = OpticalPort(device(faults=Faults(delay=delay)), standard=standard), 0.0
    for pieces, waits in course:
        port.receive_data(b"".join(pieces), now)
        list(port.data_to_send())
        if waits and port.deadline is not None:
            now = max(now, port.deadline)
            port.handle_timeout(now)
    assert not port.closed


MESSAGES = [message(READ_3), EXAMPLE_8, SESSION_FIRST, *segments(message(READ_3, READ_3, READ_3, READ_3), 50)]


@st.composite
def broken(draw):
    """A message with some octets changed, cut or put in."""
    octets = bytearray(draw(st.sampled_from(MESSAGES)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(octets) - 1))
        octets[at : at + draw(st.integers(0, 2))] = draw(st.binary(max_size=2))
        octets = octets or bytearray(b"\x60")
    return bytes(octets)


@given(st.lists(broken(), max_size=5), st.booleans())
@settings(max_examples=300)
def test_messages(pieces, datagram):
    image = DictImage()
    port = NetworkPort(node(image=image), datagram=datagram)
    for piece in pieces:
        port.receive_data(piece, 0.0)
        list(port.data_to_send())
    assert image.written == image.ran == []
    if datagram:
        assert talk(READ_3, port=port, a8=99) == [TABLE_3]


@given(st.lists(REQUESTS, min_size=1, max_size=10), st.integers(64, 2000))
def test_services_of_a_message(requests, largest):
    port = NetworkPort(node(), datagram=True, largest_datagram=largest)
    port.receive_data(message(*(request.hex() for request in requests)), 0.0)
    assert all(len(piece) <= largest for piece in port.data_to_send())
