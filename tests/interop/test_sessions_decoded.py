"""`c1222 decode` reads what our client and the simulated meter say to each other: every message, every table.

tshark's opinion of the same conversations is in test_tshark_sessions.py. The octets of tables are those of the meter's
image, without any protocol around them.
"""

import pytest
from conversations import ASKED, LARGE, LOGOFF, LOGON, OK, SECURITY, TABLES, WAYS, converse

from c1222.capture.decode import decode_files
from c1222.connection.connect import connect
from c1222.errors import ServiceError
from c1222.meter.device.access import simulation_keys
from c1222.meter.simulated import SimulatedMeter
from c1222.security.keys import KeyRing
from c1222.settings.config import Config

STATES = ("clear", "authenticated", "opened")
FULL_READ, OFFSET_READ = 0x30, 0x3F


def codes(message):
    return [service.octets[0] for service in message.services]


def tables_read(exchanges):
    """(table, its octets, whether they decoded) of each full read that was answered with ok."""
    for exchange in exchanges:
        for asked, answered in zip(exchange.request.services, exchange.response.services, strict=True):
            if asked.octets[0] == FULL_READ and answered.octets[0] == OK:
                view = answered.table
                yield view.table.number, view.octets, view.decoded is not None and not view.problem


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_everything_is_opened_and_decoded(way, tmp_path):
    trace = tmp_path / "trace.pcapng"
    truth = converse(way, trace)
    exchanges = list(decode_files([str(trace)], simulation_keys()))
    messages = [message for exchange in exchanges for message in (exchange.request, exchange.response)]
    assert {message.state for message in messages} == {STATES[way.mode]}
    assert not [remark for message in messages for remark in message.remarks]
    assert all(service.value is not None for message in messages for service in message.services)

    first, last = list(way.exchanges(ASKED)), list(way.exchanges(LARGE))
    if way.session:
        first = [([LOGON], None, [OK]), ([SECURITY], None, [OK]), *first]
        last = [*last, ([LOGOFF], None, [OK])]
    found = [(codes(exchange.request), codes(exchange.response)) for exchange in exchanges]
    assert found[: len(first)] == [(asked, answered) for asked, _, answered in first]
    assert found[-len(last) :] == [(asked, answered) for asked, _, answered in last]

    read = list(tables_read(exchanges))
    assert {number for number, _, _ in read} == {*TABLES, 26}
    assert all(octets == truth[number] and decoded for number, octets, decoded in read)
    assert sum(message.segments for message in messages) - len(messages) == (3 if way.wire == "udp" else 0)


@pytest.mark.parametrize("way", [way for way in WAYS if way.mode], ids=str)
def test_without_keys_nothing_is_believed(way, tmp_path):
    """Every message is there, none is taken for authentic."""
    trace = tmp_path / "trace.pcapng"
    converse(way, trace)
    exchanges = list(decode_files([str(trace)], KeyRing()))
    assert {message.state for exchange in exchanges for message in (exchange.request, exchange.response)} == {"no-key"}


def test_a_serial_line_is_opened_and_decoded(tmp_path):
    """C12.18: the trace of an optical port. Table 26 comes in several packets, table 64 in several answers."""
    trace = tmp_path / "line.pcapng"
    with connect("sim:", user_id=1, user="READER", password=b"READER", trace=trace, config=Config()) as meter:
        meter.read_many((*TABLES, 26, 61, 62))
        meter.read_octets(64, 60000, 6000)
        with pytest.raises(ServiceError):
            meter.read_octets(42)
    exchanges = list(decode_files([str(trace)], KeyRing()))
    messages = [message for exchange in exchanges for message in (exchange.request, exchange.response)]
    assert not [remark for message in messages for remark in message.remarks]
    assert all(service.value is not None for message in messages for service in message.services)
    asked = [code for exchange in exchanges for code in codes(exchange.request)]
    assert asked[:4] == [0x20, 0x61, LOGON, SECURITY]
    assert asked[-2:] == [LOGOFF, 0x21]
    assert [codes(exchange.response) for exchange in exchanges].count([OK]) == len(exchanges) - 1  # table 42

    image, start = SimulatedMeter().device.tables.image, SimulatedMeter().true_time.start
    read = list(tables_read(exchanges))
    assert {number for number, _, _ in read} >= {*TABLES, 26, 61, 62}
    assert all(octets == image.read(number, start) and decoded for number, octets, decoded in read)
    pieces = [exchange for exchange in exchanges if codes(exchange.request) == [OFFSET_READ]]
    octets = b"".join(piece.response.services[0].table.octets for piece in pieces)
    assert octets == image.read(64, start)[60000:66000]
    assert max(exchange.response.link.packets for exchange in exchanges) > 2
