"""Procedures of the simulated meter over both protocols, in every form of its clock and either order of its octets."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from scripted_network import security

from c1219_tables.readings.clocks.clock_setting import clock_setting
from c1222.errors import ServiceError
from c1222.link import C1218
from c1222.meter.image.memory import Build
from c1222.meter.image.simulated_image import SimulatedImage
from c1222.meter.simulated import SimulatedMeter
from c1222.meter.world.events import ClockSet, DemandReset, ProcedureStarted
from c1222.meter.world.past import world_with_a_past
from c1222.session.channels.line import LineChannel
from c1222.session.channels.network import NetworkChannel
from c1222.session.client import Client
from c1222.session.faces.meter import Meter
from c1222.session.settings import Credentials, LineOptions, NetworkOptions
from c1222.titles import ApTitle
from c1222.transport.memory import MemoryTransport

START = datetime(2026, 1, 1, tzinfo=UTC)
ENGINEER = Credentials("ENGINEER", 2, b"ENGINEER")
READER = Credentials("READER", 1, b"READER")
TITLES = {"called": ApTitle.parse(".123.8437"), "calling": ApTitle.parse(".123.4")}
WAYS = ("c1218", "c1222", "c1222-session", "c1222-datagrams")


def meter_of(way, *, tm_format=2, data_order=0, who=ENGINEER):
    """A meter, and its world."""
    image = SimulatedImage(world_with_a_past(1, START), Build(tm_format=tm_format, data_order=data_order, days=5))
    simulated = SimulatedMeter(image=image)
    if way == "c1218":
        client = Client(LineChannel(C1218), LineOptions(), who)
        return Meter(MemoryTransport(simulated.optical(), baud=9600), client).open(), image.world
    is_datagram = way == "c1222-datagrams"
    options = NetworkOptions(**TITLES, session=way == "c1222-session")
    transport = MemoryTransport(simulated.network(is_datagram), is_datagram=is_datagram)
    lead = None if options.session else security(who)

    def wall():
        return simulated.true_time(transport.clock()).timestamp()

    channel = NetworkChannel(options, is_datagram=is_datagram, wall=wall, lead=lead)
    return Meter(transport, Client(channel, options, who)).open(), image.world


def happened(world, *kinds):
    return [
        event
        for event in world.events(START - timedelta(seconds=1), START + timedelta(hours=1))
        if isinstance(event, kinds)
    ]


@pytest.mark.parametrize(("tm_format", "data_order"), list(product((1, 2, 3, 4), (0, 1))))
def test_the_clock_in_every_form(tm_format, data_order):
    meter, world = meter_of("c1218", tm_format=tm_format, data_order=data_order)
    with meter:
        meter.read_many((0, 51, 52, 53, 54))
        wanted = datetime(2026, 7, 4, 12, 0, 30, tzinfo=UTC)
        setting = clock_setting(meter.tables, wanted)
        both = {"set_time_flag": True, "set_date_flag": True}
        done = meter.procedure(10, set_mask=both, date_time=setting.date_time, time_date_qual=setting.time_date_qual)
        shown = meter.read(52).clock_calendar.value
    # 8:00:30 on a summer's day of a meter 5 hours west, as its tables show local time.
    assert done.resp_data["date_time_after"].value == datetime(2026, 7, 4, 8, 0, 30)
    assert timedelta(0) <= shown - datetime(2026, 7, 4, 8, 0, 30) < timedelta(seconds=5)
    (set_,) = happened(world, ClockSet)
    assert abs(START + timedelta(seconds=set_.by) - wanted) < timedelta(seconds=60)


@pytest.mark.parametrize("way", WAYS)
def test_a_demand_reset_over_every_protocol(way):
    meter, world = meter_of(way)
    with meter:
        before = meter.read(23)
        assert meter.procedure("remote-reset", action_flag={"demand_reset_flag": True}).resp_data["action_flag"][
            "demand_reset_flag"
        ]
        after = meter.read(23)
    assert len(happened(world, DemandReset)) == 1
    assert after.nbr_demand_resets == before.nbr_demand_resets + 1
    assert [one.demand for one in after.tot_data_block.demands] == [[0]] * len(before.tot_data_block.demands)


@pytest.mark.parametrize("way", WAYS)
def test_a_reader_may_not(way):
    """Result 5: what a user may start is looked at when table 7 was written."""
    meter, world = meter_of(way, who=READER)
    with meter, pytest.raises(ServiceError, match="SP-3 Clear Data was refused with result 5") as caught:
        meter.procedure("clear-data")
    assert caught.value.code == "no-authorization"
    assert happened(world, ProcedureStarted) == []


class LosesAnswers:
    """Loses every other thing that the meter says."""

    def __init__(self):
        self.heard = 0

    def __call__(self, way, octets):
        if way == "in":
            self.heard += 1
        return [] if way == "in" and self.heard % 2 else [(0.0, octets)]


@pytest.mark.parametrize("way", ["c1218", "c1222-datagrams"])
def test_never_twice_where_every_other_answer_is_lost(way):
    meter, world = meter_of(way)
    meter.read(0)
    meter._transport.tamper = LosesAnswers()
    meter.procedure("start-load-profile")
    meter.procedure("start-load-profile")
    assert [event.procedure for event in happened(world, ProcedureStarted)] == [16, 16]
