"""The simulated meter, whole: one device behind an optical port and a network, on one clock."""

from datetime import UTC, datetime, timedelta

import pytest
from dict_image import ST_3, DictImage
from network_talk import CLIENT, KEYS, LOGON, METER, READ_3, READER, TABLE_3, asked, heard, message, ring, talk

from c1222.link import Link, MessageReceived
from c1222.message.epsem import SecurityMode
from c1222.meter.device.access import Access
from c1222.meter.device.device_settings import DeviceSettings, Faults
from c1222.meter.device.visitor import Standard
from c1222.meter.ports.node import NodeSettings
from c1222.meter.simulated import SimulatedMeter, TrueTime, parse_clock
from c1222.titles import ApTitle

START = datetime(2026, 1, 1, tzinfo=UTC)


def over_the_line(port, *requests, now=0.0):
    """The answers that a client's link gets on an optical port."""
    link, answers = Link(), []
    for request in requests:
        link.send(bytes.fromhex(request), now)
        for _ in range(100):
            if out := link.data_to_send():
                port.receive_data(out, now)
            for back in port.data_to_send():
                link.receive_data(back, now)
            event = link.next_event()
            if isinstance(event, MessageReceived):
                answers.append(event.payload)
                port.receive_data(link.data_to_send(), now)
                break
    return answers


# -- Time ------------------------------------------------------------------------------------------------------------


def test_true_time_begins_when_somebody_asks_and_goes_as_their_clock():
    time = TrueTime(START)
    assert time(5_000.0) == START
    assert time(5_060.5) == START + timedelta(seconds=60.5)
    assert time(4_000.0) == START


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-01T00:00:00Z", START),
        ("2026-01-01", START),
        ("2026-01-01T00:00:00", START),
        ("2025-12-31T19:00:00-05:00", START),
    ],
)
def test_clocks(text, time):
    assert parse_clock(text) == time
    assert parse_clock(text).utcoffset() == timedelta(0)


def test_a_clock_that_is_none():
    with pytest.raises(ValueError, match="'noon' is not a time; write 2026-01-01T00:00:00Z"):
        SimulatedMeter(clock="noon", image=DictImage())


def test_one_clock_for_all_ports():
    image = DictImage()
    meter = SimulatedMeter(image=image, clock="2026-03-01T12:00:00Z")
    write = "51" + b"ENGINEER".ljust(20).hex() + "0002", "40 0006 0003 414243 3A"
    talk(*write, port=meter.network(), now=1000.0)
    talk(*write, port=meter.network(), now=1060.0)
    assert [at for _, _, at in image.written] == [
        datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
        datetime(2026, 3, 1, 12, 1, tzinfo=UTC),
    ]


# -- One meter, many doors -------------------------------------------------------------------------------------------


def test_what_is_written_through_one_door_is_read_through_the_other():
    meter = SimulatedMeter(image=DictImage())
    write = "51" + b"ENGINEER".ljust(20).hex() + "0002", "40 0006 0003 414243 3A"
    assert talk(*write, port=meter.network()) == [b"\x00", b"\x00"]
    answers = over_the_line(meter.optical(), "20", "50 0000 20202020202020202020", "30 0006")
    assert answers[-1] == bytes.fromhex("00 0003 414243 3A")


def test_a_session_of_one_connection_goes_on_with_another():
    meter = SimulatedMeter(image=DictImage())
    talk(LOGON, READER, port=meter.network(), mode=SecurityMode.ENCRYPTED)
    (answer,) = talk("30 0029", port=meter.network(datagram=True), mode=SecurityMode.ENCRYPTED, a8=2)
    assert answer[:1] == b"\x00"


def test_a_modem_line():
    assert over_the_line(SimulatedMeter(image=DictImage()).optical(standard=Standard.C1221), "20") == [
        bytes.fromhex("00 02 01 00 00")
    ]


def test_settings_reach_what_they_are_for():
    faults = Faults()
    meter = SimulatedMeter(
        image=DictImage(),
        access=Access({}),
        keys=ring(key_7=bytes(16)),
        settings=DeviceSettings(packet_size=128),
        faults=faults,
        network=NodeSettings(minimum_mode=SecurityMode.AUTHENTICATED),
        title=ApTitle.parse(".9.9"),
        native_address=b"\x7f\x00\x00\x01",
    )
    faults.busy = 1
    key = ring(key_7=bytes(16))
    request = message(
        READ_3, "30 0029", "25 0D020909", mode=SecurityMode.ENCRYPTED, key_id=7, key=key.candidates(7)[0],
        called=ApTitle.parse(".9.9"),
    )  # fmt: skip
    answer = asked(meter.network(), request, keys=key)
    assert [one[:1] for one in answer.services] == [b"\x06", b"\x00", b"\x00"]
    assert answer.services[2] == bytes.fromhex("00 04 7F000001")
    assert talk(READ_3, port=meter.network(), called=ApTitle.parse(".9.9")) is None
    assert over_the_line(meter.optical(), "20", "60 0400 04")[1] == bytes.fromhex("00 0080 04")


# -- Of its own accord -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [SecurityMode.CLEAR, SecurityMode.AUTHENTICATED, SecurityMode.ENCRYPTED])
def test_a_notification_tells_its_status(mode):
    sent = SimulatedMeter(image=DictImage()).notification(0.0, mode=mode, key_id=2)
    told = heard(sent, KEYS)
    assert told.services == [bytes.fromhex("40 0003 0005") + ST_3 + b"\xbf"]
    assert (told.apdu.calling_ap_title, told.apdu.called_ap_title) == (METER, CLIENT)
    assert (told.control.response_control, told.control.ed_class_included) == (2, True)


def test_a_notification_of_a_table_that_is_not_there():
    with pytest.raises(KeyError):
        SimulatedMeter(image=DictImage()).notification(0.0, table=4)


def test_a_registration_octet_for_octet():
    """Register with the ED class and an answer wanted: 90. An end device (20), both transports both ways (F0).

    27 20 F0, class, title twice (5 octets each), address of 4 and its length, period: 25 octets (19H).
    """
    sent = SimulatedMeter(image=DictImage()).registration(0.0, native_address=b"\x7f\x00\x00\x01")
    assert sent == bytes.fromhex(
        "60 37 A2 04 80 02 7B04 A6 05 80 03 7BC175 A8 03 02 01 01 BE 23 28 21 81 1F 90 53494D55"
        "19 27 20 F0 53494D55 0D03 7BC175 0D03 7BC175 04 7F000001 FFFFFF"
    )


# -- The world's own tables ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world_meter():
    return SimulatedMeter()


def test_everybody_reads_what_is_not_protected(world_meter):
    """Every table that its table 0 lists, at one moment, through both doors; some are never read, some not by all."""
    numbers = sorted(world_meter.device.tables.image.numbers())
    requests = [f"30 {number:04X}" for number in numbers]
    (services, line) = [], world_meter.optical()
    for at in range(0, len(requests), 10):
        services += talk(*requests[at : at + 10], port=world_meter.network(), a8=at)
    opening = ["20", "60 2000 FF", "50 0000 20202020202020202020"]
    assert len(services) == len(numbers) >= 40
    refused = {number: answer for number, answer in zip(numbers, services, strict=True) if answer[:1] != b"\x00"}
    assert {7: b"\x05", 41: b"\x03", 42: b"\x03", 44: b"\x03"}.items() <= refused.items()
    assert set(refused) - {7, 41, 42, 44, 64} == set()
    assert over_the_line(line, *opening)[1] == bytes.fromhex("00 0400 FF")


def test_the_same_seed_and_clock_give_the_same_octets(world_meter):
    again = SimulatedMeter(1, "2026-01-01T00:00:00Z")
    for number in (1, 5, 23, 52):
        request = message(f"30 {number:04X}")
        assert asked(again.network(), request).services == asked(world_meter.network(), request).services


def test_a_procedure_of_the_world():
    """Remote Reset with a demand reset (9, flag 1), by an engineer, answered in table 8 with its number."""
    meter = SimulatedMeter()
    engineer = "51" + b"ENGINEER".ljust(20).hex()
    services = talk(LOGON, engineer + "0002", "40 0007 0004 0900 2A 01 CC", "30 0008", port=meter.network())
    assert services[2] == b"\x00"
    assert services[3][3:7] == bytes.fromhex("0900 2A 00")


def test_a_clock_before_the_world():
    assert talk(READ_3, port=SimulatedMeter(clock="2024-06-01").network())[0][:1] == b"\x00"


def test_the_meter_of_a_dict_is_the_one_of_the_other_tests():
    assert talk(READ_3, port=SimulatedMeter(image=DictImage()).network()) == [TABLE_3]
