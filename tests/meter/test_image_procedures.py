"""Procedures of the simulated meter: parameters and answers as octets, typed from their layouts, and what they do."""

from datetime import timedelta

import pytest
from reading_image import INSTALLED, decoded, table, utc

from c1222.meter.device.access import ENGINEER
from c1222.meter.image.memory import Build
from c1222.meter.image.simulated_image import SimulatedImage
from c1222.meter.world.events import ClockSet, DemandReset, Outage, ProcedureStarted, SelfRead
from c1222.meter.world.load import Quantity
from c1222.meter.world.world import World

AT = utc("2025-02-10T15:40:20")
LATER = AT + timedelta(days=1)
WH = Quantity.WH_DELIVERED
SET_CLOCK = 10


@pytest.fixture
def world():
    return World(6, events=[Outage(utc("2025-02-01T10:00"), utc("2025-02-01T10:30"))])


@pytest.fixture
def image(world):
    return SimulatedImage(world, Build(days=5))


def test_table_0_lists_the_procedures_that_are_known(image):
    known = set(table(image, 0, AT).std_proc_used)
    assert known == {*range(12), 16, 17, 18, 19}
    assert {number for number in range(40) if image.run(number, b"", AT)[0] != 6} == known
    assert image.run(2048, b"", AT) == (6, b"")


@pytest.mark.parametrize("number", [0, 1, 2, 8, 11, 19])
def test_procedures_that_change_nothing_are_done(image, number):
    before = image.read(23, AT), image.read(64, AT)
    assert image.run(number, b"", AT) == (0, b"")
    assert (image.read(23, AT), image.read(64, AT)) == before
    assert image.world.events(INSTALLED, AT)[-1] == ProcedureStarted(AT, number)


@pytest.mark.parametrize(
    ("number", "parameters"),
    [
        (0, "00"),
        (4, ""),
        (4, "06"),
        (4, "0900"),
        (5, "0300"),
        (5, "070100"),
        (6, ""),
        (6, "03"),
        (6, "00"),
        (9, ""),
        (10, "03"),
    ],
)
def test_wrong_parameters_do_nothing(image, number, parameters):
    """Result code 2: not a valid parameter. Lists 6, set 4, and 7 with a count, are none of this meter."""
    before = image.read(63, AT)
    assert image.run(number, bytes.fromhex(parameters), AT) == (2, b"")
    assert image.read(63, AT) == before


# -- Clearing data ----------------------------------------------------------------------------------------------------


def test_clear_data(image, world):
    assert image.run(3, b"", AT) == (0, b"")
    cleared = table(image, 23, AT)
    assert cleared.nbr_demand_resets == 0
    assert cleared.tot_data_block.summations == [0] * 6
    assert table(image, 63, AT).lp_status_set1.nbr_valid_blocks == 0
    assert table(image, 74, AT).nbr_valid_entries == 0
    # The event log is kept: it is there for audit.
    assert table(image, 76, AT).nbr_valid_entries == 3
    assert table(image, 23, LATER).tot_data_block.summations[0] == world.energy(WH, AT, LATER)
    # The first interval is the first whole one, 15:45 to 16:00: 95 end until 15:30 of the next day.
    status = table(image, 63, LATER).lp_status_set1
    assert (status.nbr_valid_blocks, status.nbr_valid_int) == (1, 95)


# -- Lists ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "number"), [("01", 76), ("02", 26), ("03", 63), ("07", 63), ("08", 74), ("ff", 63)]
)
def test_reset_list_pointers(image, world, parameter, number):
    world.add(SelfRead(AT - timedelta(days=1)))
    before = image.read(number, AT)
    assert image.run(4, bytes.fromhex(parameter), AT) == (0, b"")
    found = table(image, number, AT)
    counters = found.lp_status_set1 if number == 63 else found
    assert before != image.read(number, AT)
    assert counters["nbr_valid_blocks" if number == 63 else "nbr_valid_entries"] == 0
    # Registers go on.
    assert table(image, 23, AT).tot_data_block.summations[0] == world.energy(WH, INSTALLED, AT)


def test_all_lists_but_the_event_log(image):
    assert image.run(4, b"\xff", AT) == (0, b"")
    assert table(image, 76, AT).nbr_valid_entries > 0
    assert table(image, 74, AT).nbr_valid_entries == 0


def test_update_last_read_entry(image):
    """Five blocks are kept; two are acknowledged, then more than there are, then a day brings one more."""
    assert table(image, 63, AT).lp_status_set1.nbr_unread_blocks == 5
    assert image.run(5, bytes.fromhex("03 0200"), AT) == (0, b"")
    assert table(image, 63, AT).lp_status_set1.nbr_unread_blocks == 3
    image.run(5, bytes.fromhex("03 ffff"), AT)
    found = table(image, 63, AT).lp_status_set1
    assert found.nbr_unread_blocks == 0
    assert found.nbr_valid_blocks == 5
    assert not found.lp_set_status_flags.overflow_flag
    assert table(image, 63, LATER).lp_status_set1.nbr_unread_blocks == 1


@pytest.mark.parametrize(("number", "log"), [(1, 76), (8, 74)])
def test_entries_of_logs_are_acknowledged(image, number, log):
    assert table(image, log, AT).nbr_unread_entries == 2
    image.run(5, bytes([number, 1, 0]), AT)
    # One is read, and the procedure itself made one more.
    assert table(image, log, AT).nbr_unread_entries == 2


# -- Mode and status --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("parameter", "octet"), [("01", 1), ("02", 2), ("04", 4)])
def test_change_mode(image, parameter, octet):
    assert image.run(6, bytes.fromhex(parameter), AT) == (0, b"")
    assert image.read(3, AT)[0] == octet


def test_factory_mode_is_not_for_the_field(image):
    """Result code 3: conflicts with the set-up."""
    assert image.run(6, b"\x08", AT) == (3, b"")


def test_clear_status(image):
    """The answer is the condition that there was, bit 11 of 16, and eight bits without a meaning."""
    assert image.run(7, b"", AT) == (0, bytes.fromhex("0008 00"))
    assert image.read(3, AT).hex() == "0100000000"
    assert image.run(7, b"", AT) == (0, bytes.fromhex("0000 00"))


# -- Resets -----------------------------------------------------------------------------------------------------------


def test_demand_reset(image, world):
    before = table(image, 23, AT).tot_data_block.demands[0]
    assert image.run(9, b"\x01", AT) == (0, b"\x01")
    after = table(image, 23, AT)
    assert after.nbr_demand_resets == 1
    assert after.tot_data_block.demands[0].cum_demand == before.demand[0]
    assert after.tot_data_block.demands[0].demand == [0]
    assert table(image, 25, AT).previous_demand_reset_data.tot_data_block.demands[0].demand == before.demand
    assert DemandReset(AT) in world.events(INSTALLED, AT)


def test_self_read(image):
    assert image.run(9, b"\x02", AT) == (0, b"\x02")
    found = table(image, 26, AT)
    assert found.nbr_valid_entries == 1
    assert found.self_read_entries[0].self_read_register_data == table(image, 23, AT)


def test_both_at_once_keep_what_was_before_the_reset(image):
    before = table(image, 23, AT).tot_data_block.demands[0].demand
    assert image.run(9, b"\x03", AT) == (0, b"\x03")
    kept = table(image, 26, AT).self_read_entries[0].self_read_register_data
    assert kept.tot_data_block.demands[0].demand == before
    assert kept.nbr_demand_resets == 0


# -- The clock --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "after"),
    [
        pytest.param("03 19020a 0a2a00 00", "19020a 0a2a00", id="date and time, 10:42:00"),
        pytest.param("03 19020a 0f2a00 10", "19020a 0a2a00", id="the same in Greenwich time"),
        pytest.param("01 190101 0a2a00 00", "19020a 0a2a00", id="time alone"),
        pytest.param("02 19020b 000000 00", "19020b 0a2814", id="date alone"),
    ],
)
def test_set_the_clock(image, world, parameters, after):
    """15:40:20 UTC is 10:40:20 on the clock: 0a 28 14."""
    result, answer = image.run(SET_CLOCK, bytes.fromhex(parameters), AT)
    assert (result, answer.hex()) == (0, bytes.fromhex("19020a 0a2814" + after).hex())
    assert image.read(52, AT)[:6] == bytes.fromhex(after)
    # What is measured does not care; the logs tell of it.
    assert table(image, 23, AT).tot_data_block.summations[0] == world.energy(WH, INSTALLED, AT)
    assert any(isinstance(one, ClockSet) for one in world.events(INSTALLED, AT))
    assert table(image, 74, AT).nbr_valid_entries == 2 + 2 + 1


def test_setting_the_clock_to_what_it_shows_is_no_set(image, world):
    assert image.run(SET_CLOCK, bytes.fromhex("03 19020a 0a2814 00"), AT)[0] == 0
    assert not any(isinstance(one, ClockSet) for one in world.events(INSTALLED, AT))


@pytest.mark.parametrize("parameters", ["00 19020a 0a2a00 00", "03 000000 000000 00", "03 191e1e 000000 00"])
def test_times_that_are_none(image, parameters):
    assert image.run(SET_CLOCK, bytes.fromhex(parameters), AT) == (2, b"")


@pytest.mark.parametrize("year", ["4f", "00"])
def test_a_clock_that_is_set_by_decades(image, world, year):
    """To 2079, or back to 2000: every table that tells a time can be read, and what was measured stays."""
    assert image.run(SET_CLOCK, bytes.fromhex(f"03 {year}0601 0c0000 00"), AT)[0] == 0
    found = decoded(image, LATER)
    assert found[52].clock_calendar.raw.hex() == f"{year}06020c0000"
    assert found[23].tot_data_block.summations[0] == world.energy(WH, INSTALLED, LATER)
    assert found[23].tot_data_block.demands[0].demand[0] == world.max_demand(WH, INSTALLED, LATER).value
    assert found[63].lp_status_set1.nbr_valid_blocks == 5


@pytest.mark.parametrize("year", ["50", "5a"])
def test_years_that_the_clock_does_not_take(image, year):
    assert image.run(SET_CLOCK, bytes.fromhex(f"03 {year}0601 0c0000 00"), AT) == (2, b"")


def test_the_hour_that_comes_twice(image):
    """2 November 2025, 01:30: dst_flag (08) means the first, 05:30 UTC; without it the second, an hour later."""
    at = utc("2025-11-02T05:00")
    image.run(SET_CLOCK, bytes.fromhex("03 190b02 011e00 08"), at)
    assert image.world.meter_time_at(int(at.timestamp())) - int(at.timestamp()) == 1800
    image.run(SET_CLOCK, bytes.fromhex("03 190b02 011e00 00"), at)
    assert image.world.meter_time_at(int(at.timestamp())) - int(at.timestamp()) == 5400


# -- The load profile -------------------------------------------------------------------------------------------------


def test_stop_and_start_the_load_profile(image):
    """Stopped from 15:40:20 to 16:10 UTC: intervals that end at 15:45, 16:00 and 16:15 have status 7 and no data."""
    assert image.run(17, b"", AT) == (0, b"")
    assert not table(image, 63, AT).lp_status_set1.lp_set_status_flags.active_mode_flag
    again = utc("2025-02-10T16:10")
    assert image.run(16, b"", again) == (0, b"")
    end = utc("2025-02-10T16:30")
    status = table(image, 63, end).lp_status_set1
    assert status.lp_set_status_flags.active_mode_flag
    block = table(image, 64, end).blocks[status.last_block_element]
    newest = block.lp_int[status.nbr_valid_int - 5 : status.nbr_valid_int]
    assert [one.extended_int_status.common.channel_1_status for one in newest] == [0, 7, 7, 7, 0]
    assert [sum(one.int_data) == 0 for one in newest] == [False, True, True, True, False]
    # Registers went on.
    assert block.end_readings[0].block_end_read == image.world.energy(WH, INSTALLED, end)


def test_stopping_twice_is_stopping_once(image):
    for number in (17, 17, 16, 16):
        assert image.run(number, b"", AT) == (0, b"")
    assert table(image, 63, AT).lp_status_set1.lp_set_status_flags.active_mode_flag


# -- Users ------------------------------------------------------------------------------------------------------------


def test_log_in(image):
    """User 2 and a password of 20 octets; a wrong one: result code 5, no authorization."""
    assert image.run(18, b"\x02\x00" + ENGINEER.password.ljust(20), AT) == (0, b"")
    assert image.run(18, b"\x02\x00" + b"WRONG".ljust(20), AT) == (5, b"")


# -- Tables 7 and 8 ---------------------------------------------------------------------------------------------------


def test_table_7_starts_and_table_8_answers(image):
    """Procedure 9, selector 0, sequence number 5, a demand reset; completed."""
    assert image.read(8, AT) == bytes(4)
    image.write(7, bytes.fromhex("0900 05 01"), AT)
    assert image.read(8, AT).hex(" ") == "09 00 05 00 01"
    image.write(7, bytes.fromhex("6308 06"), AT)
    assert image.read(8, AT).hex(" ") == "63 08 06 06"


def test_the_other_order_of_octets():
    image = SimulatedImage(World(), Build(data_order=1))
    image.write(7, bytes.fromhex("0005 05 03 0001"), AT)
    assert image.read(8, AT).hex(" ") == "00 05 05 00"
    assert table(image, 63, AT).lp_status_set1.nbr_unread_blocks == 40
