"""Registers of the simulated image, held against the world and against each other."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from reading_image import INSTALLED, decoded, table, utc

from c1222.meter.image.memory import Build
from c1222.meter.image.simulated_image import SimulatedImage
from c1222.meter.world.events import ClockSet, DemandReset, Outage, SelfRead, moment
from c1222.meter.world.load import Quantity
from c1222.meter.world.world import World

AT = utc("2025-04-20T13:37:11")
RESETS = [utc("2025-02-01T05:00"), utc("2025-03-01T05:07:30"), utc("2025-04-01T04:00")]
EVENTS = [
    *map(DemandReset, RESETS),
    *(SelfRead(at - timedelta(days=2)) for at in RESETS),
    Outage(utc("2025-03-14T22:20"), utc("2025-03-15T01:03")),
    ClockSet(utc("2025-03-20T12:00:30"), 37),
]
QUANTITIES = list(Quantity)
WH, RECEIVED, VAR = Quantity.WH_DELIVERED, Quantity.WH_RECEIVED, Quantity.VARH_Q1


@pytest.fixture(scope="module")
def world():
    return World(11, events=EVENTS)


@pytest.fixture(scope="module")
def image(world):
    return SimulatedImage(world)


@pytest.fixture(scope="module")
def registers(image):
    return table(image, 23, AT)


def blocks(registers):
    """Tier, None for all, and its block."""
    return [(None, registers.tot_data_block), *enumerate(registers.tier_data_block)]


def test_summations_are_the_world_s_energies(world, registers):
    for tier, block in blocks(registers):
        assert block.summations == [world.energy(quantity, INSTALLED, AT, tier) for quantity in QUANTITIES]


def test_demands_are_the_greatest_since_the_last_reset(world, registers):
    for tier, block in blocks(registers):
        for quantity, demand in zip((WH, RECEIVED), block.demands, strict=True):
            best = world.max_demand(quantity, RESETS[-1], AT, tier)
            assert demand.demand == [best.value]
            assert demand.event_time[0].value == world.stamp(best.interval)


def test_cumulative_demands_are_the_sum_of_what_was_reset(world, registers):
    periods = [(INSTALLED, RESETS[0]), (RESETS[0], RESETS[1]), (RESETS[1], RESETS[2])]
    for tier, block in blocks(registers):
        for quantity, demand in zip((WH, RECEIVED), block.demands, strict=True):
            ended = [world.max_demand(quantity, *period, tier).value for period in periods]
            assert demand.cum_demand == sum(ended)
            assert demand.cont_cum_demand == sum(ended) + demand.demand[0]


def test_the_coincident_value_is_of_the_interval_of_the_demand(world, registers):
    for tier, block in blocks(registers):
        interval = world.max_demand(WH, RESETS[-1], AT, tier).interval
        start, end = moment(interval.start), moment(interval.end)
        assert block.coincidents[0].coincident_values == [4 * world.energy(VAR, start, end)]


def test_tiers_add_up(registers):
    tiers = [block.summations for block in registers.tier_data_block]
    assert [sum(pair) for pair in zip(*tiers, strict=True)] == registers.tot_data_block.summations
    greatest = max(block.demands[0].demand[0] for block in registers.tier_data_block)
    assert greatest == registers.tot_data_block.demands[0].demand[0]


def test_resets_are_counted(registers):
    assert registers.nbr_demand_resets == 3


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_a_reset_counts_from_its_own_second_on(image, seconds):
    found = table(image, 23, RESETS[1] + timedelta(seconds=seconds))
    assert found.nbr_demand_resets == (1 if seconds < 0 else 2)
    assert (found.tot_data_block.demands[0].demand == [0]) == (seconds >= 0)
    assert (found.tot_data_block.demands[0].event_time[0].value is None) == (seconds >= 0)


def test_the_previous_demand_reset_is_the_moment_before_it(image):
    snapshot = table(image, 25, AT)
    before = table(image, 23, RESETS[-1] - timedelta(seconds=1))
    data = snapshot.previous_demand_reset_data
    assert str(snapshot.register_info.end_date_time) == "2025-04-01 00:00:00"
    assert data.nbr_demand_resets == before.nbr_demand_resets == 2
    # The interval that ended at that very second still belongs to it.
    assert data.tot_data_block.demands[0].demand[0] >= before.tot_data_block.demands[0].demand[0]
    assert data.tot_data_block.demands[0].cum_demand == before.tot_data_block.demands[0].cum_demand


def test_what_was_reset_is_in_the_cumulative_demand_now(image, registers):
    data = table(image, 25, AT).previous_demand_reset_data.tot_data_block.demands[0]
    assert registers.tot_data_block.demands[0].cum_demand == data.cum_demand + data.demand[0] == data.cont_cum_demand


def test_before_the_first_reset_there_is_no_snapshot(image):
    snapshot = table(image, 25, RESETS[0] - timedelta(seconds=1))
    assert snapshot.register_info.end_date_time.value is None
    assert snapshot.previous_demand_reset_data.tot_data_block.summations == [0] * 6


def test_the_previous_season(world):
    """Season 1 begins on 1 May at local midnight, 04:00 UTC; this clock is there 37 s earlier."""
    image = SimulatedImage(world)
    assert table(image, 24, AT).register_info.end_date_time.value is None
    snapshot = table(image, 24, utc("2025-06-01T00:00"))
    assert str(snapshot.register_info.end_date_time) == "2025-05-01 00:00:00"
    assert snapshot.register_info.season == 0
    energies = [world.energy(quantity, INSTALLED, utc("2025-05-01T03:59:23")) for quantity in QUANTITIES]
    assert snapshot.previous_season_register_data.tot_data_block.summations == energies


# -- Self reads -------------------------------------------------------------------------------------------------------


def test_self_reads(world, image):
    found = table(image, 26, AT)
    assert (found.nbr_valid_entries, found.last_entry_element, found.last_entry_seq_nbr) == (3, 2, 2)
    assert found.nbr_unread_entries == 3
    for number, reset in enumerate(RESETS):
        entry = found.self_read_entries[number]
        at = reset - timedelta(days=2)
        assert entry.self_read_seq_nbr == number
        assert entry.register_info.end_date_time.value == world.local_time(at).replace(second=0)
        assert entry.self_read_register_data.tot_data_block.summations[0] == world.energy(WH, INSTALLED, at)
        assert entry.self_read_register_data.nbr_demand_resets == number
    assert found.self_read_entries[3].register_info.end_date_time.value is None


def test_a_full_list_of_self_reads_goes_round():
    """14 self reads in 12 places: numbers 12 and 13 took the places of 0 and 1."""
    times = [INSTALLED + timedelta(days=n) for n in range(1, 15)]
    found = table(SimulatedImage(World(events=map(SelfRead, times))), 26, INSTALLED + timedelta(days=20))
    assert [entry.self_read_seq_nbr for entry in found.self_read_entries] == [12, 13, *range(2, 12)]
    assert (found.nbr_valid_entries, found.last_entry_element, found.last_entry_seq_nbr) == (12, 1, 13)
    assert found.list_status.overflow_flag


# -- The moment -------------------------------------------------------------------------------------------------------


def test_present_demand_is_what_flowed_since_the_interval_began(world, image):
    """13:37:11 true time is 13:37:48 on the clock, which is 37 s fast: the interval began at 13:29:23."""
    found = table(image, 28, AT)
    start = utc("2025-04-20T13:29:23")
    assert str(found.present_demand[0].time_remaining) == "00:07:12"
    assert [one.demand_value for one in found.present_demand] == [
        4 * world.energy(quantity, start, AT) for quantity in (WH, RECEIVED)
    ]


def test_present_values_are_the_supply(world, image):
    now = world.supply(AT)
    assert table(image, 28, AT).present_value == [now.watts, now.volts, now.amps, now.hertz, now.power_factor]


@hypothesis_settings(max_examples=8)
@given(st.integers(0, 120 * 86400), st.lists(st.integers(0, 120 * 86400), max_size=4), st.integers(0, 99))
def test_registers_never_run_back(second, resets, seed):
    """An hour later each summation and cumulative demand is as much or more, whatever was reset."""
    world = World(seed, events=[DemandReset(INSTALLED + timedelta(seconds=reset)) for reset in resets])
    image, at = SimulatedImage(world), INSTALLED + timedelta(seconds=second)
    before, after = (table(image, 23, t) for t in (at, at + timedelta(hours=1)))
    for (_, early), (_, late) in zip(blocks(before), blocks(after), strict=True):
        assert all(a <= b for a, b in zip(early.summations, late.summations, strict=True))
        assert all(a.cum_demand <= b.cum_demand for a, b in zip(early.demands, late.demands, strict=True))
        assert all(a.cont_cum_demand <= b.cont_cum_demand for a, b in zip(early.demands, late.demands, strict=True))


@pytest.mark.parametrize(
    ("tm_format", "octets"), [(1, "00 07 12"), (2, "00 07 0c"), (3, "b0 01 00 00"), (4, "b0 01 00 00")]
)
def test_time_remaining_in_each_format(world, tm_format, octets):
    """Seven minutes and 12 seconds: BCD, binary fields, and 432 = 0x1B0 seconds."""
    image = SimulatedImage(world, Build(tm_format=tm_format))
    assert decoded(image, AT, {0, 21, 28})[28].present_demand[0].time_remaining.raw == bytes.fromhex(octets)
