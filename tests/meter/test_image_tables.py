"""The simulated image: its tables decode, nothing is left over, and they agree with each other."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from reading_image import INSTALLED, decoded, table, utc

from c1219_tables.codes.units import describe_uom
from c1219_tables.errors import TableError
from c1219_tables.registry import STANDARD
from c1222.meter.device.access import SIMULATION
from c1222.meter.device.access_tables import with_rules_of
from c1222.meter.image.memory import Build
from c1222.meter.image.simulated_image import LIMITS, SimulatedImage
from c1222.meter.world.events import ClockSet, Outage, TableWritten
from c1222.meter.world.past import world_with_a_past
from c1222.meter.world.tariff import Tariff
from c1222.meter.world.world import World

AT = utc("2026-01-01T00:00")
ASKED_FOR = {
    *range(7),
    8,
    *range(11, 17),
    *range(21, 29),
    31,
    33,
    41,
    42,
    *range(51, 57),
    *range(61, 65),
    *range(71, 77),
}


@pytest.fixture(scope="module")
def image():
    return SimulatedImage(world_with_a_past(1, AT))


@pytest.fixture(scope="module")
def tables(image):
    return decoded(image, AT)


# -- All of them ------------------------------------------------------------------------------------------------------


def test_the_tables_that_there_are(image, tables):
    assert image.numbers() >= ASKED_FOR
    assert set(tables[0].std_tbls_used) == image.numbers()
    assert set(tables[0].std_tbls_write) < image.numbers()


def test_sizes_are_those_that_the_dimensions_ask_for(tables):
    """Decoding refused what is left over; where dimensions alone give the size, it is that."""
    for number, one in tables.items():
        assert one.expected_size in (None, one.octets if isinstance(one.octets, int) else len(one.octets)), number
        assert not one.remarks, number


few = hypothesis_settings(max_examples=6)


@few
@given(
    st.integers(0, 10**6),
    st.integers(0, 200 * 86400),
    st.sampled_from([1, 2, 3, 4]),
    st.sampled_from([0, 1]),
    st.sampled_from([-300, 0, 60, 345]),
)
def test_they_decode_at_any_time_in_any_format(seed, second, tm_format, data_order, zone):
    at = INSTALLED + timedelta(seconds=second)
    image = SimulatedImage(World(seed, zone=zone), Build(tm_format, data_order, days=2))
    found = decoded(image, at)
    assert found[52].clock_calendar.value == image.world.local_time(at)
    assert set(found) == image.numbers() - {7, 42}


def test_tables_that_others_need_are_those_that_layouts_name(image):
    needed = {needed for number in image.numbers() for needed in STANDARD.table(number).needs}
    assert needed == set(LIMITS)


def test_the_same_seed_and_time_are_the_same_octets():
    def octets(seed):
        image = SimulatedImage(world_with_a_past(seed, AT, days=45), Build(days=3))
        return {number: image.read(number, AT) for number in image.numbers() - {7, 42}}

    assert octets(5) == octets(5)
    assert octets(5) != octets(6)


@pytest.mark.parametrize("number", [7, 42, 9, 43, 2048, 4096])
def test_tables_that_cannot_be_read(image, number):
    with pytest.raises(KeyError):
        image.read(number, AT)


# -- What it is -------------------------------------------------------------------------------------------------------


def test_formats(tables):
    """As the recorded GE I-210+c: NI_FORMATs 10 and 8, TM_FORMAT 2, least significant octet first."""
    assert tables[0].format_control_1.data_order is False
    assert tables[0].format_control_2.tm_format == 2
    assert tables[0].format_control_3 == {"ni_format1": 10, "ni_format2": 8}


def test_first_octets_of_table_0_by_hand(image):
    """Octets 0-18: order 0 and ISO 646; format 2 and partial reads both ways; 10 and 8; SIM; electric; sizes."""
    assert image.read(0, AT)[:19].hex(" ") == ("02 1a 8a 53 49 4d 20 02 00 18 10 02 00 0a 00 03 00 01 00")


def test_it_says_that_it_is_simulated(tables):
    assert tables[1].manufacturer.strip() == "SIM"
    assert tables[1].mfg_serial_number == "0000000000000001"
    assert tables[5].identification.startswith("SIMULATED")
    assert "NO REAL METER" in tables[6].misc_id


def test_units_of_the_sources(tables):
    words = [describe_uom(entry) for entry in tables[12].uom_entry]
    assert words[0] == "active energy, Wh, delivered (Q1+Q4), x 10^-3"
    assert words[1] == "active energy, Wh, received (Q2+Q3), x 10^-3"
    assert words[5] == "reactive energy, varh, in Q4, x 10^-3"
    assert words[6] == "active power, W, block average demand, delivered (Q1+Q4), x 10^-3"
    assert words[10] == "RMS voltage, V, instantaneous, phase A to B, x 10^-3"


def test_sources_have_the_entries_that_their_flags_promise(tables):
    links = tables[16].sources_link
    assert sum(link.uom_entry_flag for link in links) == tables[11].nbr_uom_entries == len(tables[12].uom_entry)
    assert sum(link.demand_ctrl_flag for link in links) == tables[11].nbr_demand_ctrl_entries
    assert sum(link.data_ctrl_flag for link in links) == tables[11].nbr_data_ctrl_entries
    assert sum(link.constants_flag for link in links) == tables[11].nbr_constants_entries
    # Those with a demand interval are those whose unit is a demand: TIME_BASE 4.
    assert [link.demand_ctrl_flag for link in links] == [one.time_base == 4 for one in tables[12].uom_entry]


def test_every_number_of_a_source_is_one(tables):
    sources = range(tables[11].nbr_sources)
    named = [
        *tables[22].summation_select,
        *tables[22].demand_select,
        *tables[22].coincident_select,
        *tables[27].present_demand_select,
        *tables[27].present_value_select,
        *(channel.lp_source_select for channel in tables[62].lp_sel_set1),
        *(channel.end_blk_rdg_source_select for channel in tables[62].lp_sel_set1),
    ]
    assert all(number in sources for number in named)


def test_the_display_list_points_at_what_can_be_shown(tables):
    assert all(number < tables[31].nbr_disp_sources for number in tables[33].pri_disp_sources)
    assert tables[33].pri_disp_list[0].nbr_list_items == tables[31].nbr_pri_disp_list_items


def test_the_rules_of_table_44_are_those_of_the_device(image):
    assert with_rules_of(SIMULATION, image, AT) == SIMULATION


# -- Clock and calendar -----------------------------------------------------------------------------------------------


def test_the_clock(tables):
    """2026-01-01 00:00 UTC is 19:00 of Wednesday, 31 December, five hours west."""
    assert tables[52].clock_calendar.raw.hex(" ") == "19 0c 1f 13 00 00"
    qualifier = tables[52].time_date_qual
    assert qualifier.day_of_week == 3
    assert (qualifier.dst_flag, qualifier.gmt_flag) == (False, False)
    assert (qualifier.tm_zn_applied_flag, qualifier.dst_applied_flag) == (True, True)
    assert tables[55].clock_calendar == tables[52].clock_calendar


def test_the_clock_in_summer():
    found = table(SimulatedImage(World()), 52, utc("2025-07-04T15:30:05"))
    assert str(found.clock_calendar) == "2025-07-04 11:30:05"
    assert found.time_date_qual.dst_flag
    assert found.time_date_qual.day_of_week == 5


def test_the_clock_shows_what_it_was_set_to():
    image = SimulatedImage(World(events=[ClockSet(utc("2025-02-01T00:00"), 3661)]))
    assert str(table(image, 52, utc("2025-02-02T00:00")).clock_calendar) == "2025-02-01 20:01:01"


def test_the_zone(tables):
    assert tables[53].time_zone_offset == -300
    assert tables[53].dst_time_amt == 60
    assert str(tables[53].dst_time_eff) == str(tables[53].std_time_eff) == "02:00:00"


def test_the_calendar_has_its_size_and_the_dates_of_dst(image, tables):
    assert tables[51].calendar_tbl_size == len(image.read(54, AT))
    dates = {(str(one.non_recurr_date), one.calendar_action.calendar_ctrl) for one in tables[54].non_recurr_dates}
    # 1 is DST on, 2 is off; the dates are those of almanacs.
    assert {("2025-03-09", 1), ("2025-11-02", 2), ("2026-03-08", 1), ("2026-11-01", 2)} <= dates


def tier_of_calendar(calendar, at, season, kind):
    """Tier by table 54 alone: the last switch of the day's schedule that is not later than `at`."""
    row = calendar.daily_schedule_id_matrix[season]
    schedule = row.special_schedules[0] if kind == "special" else row[f"{kind}_schedule"]
    switches = [
        (one.tier_switch.switch_hour * 60 + one.tier_switch.switch_min, one.tier_switch.new_tier)
        for one in calendar.tier_switches
        if one.day_sch_num == schedule
    ]
    return max(switch for switch in switches if switch[0] <= at.hour * 60 + at.minute)[1]


@pytest.mark.parametrize(
    ("at", "season", "kind"),
    [
        ("2025-01-08T15:00", 0, "weekday"),
        ("2025-01-09T02:00", 0, "weekday"),
        ("2025-07-08T17:30", 1, "weekday"),
        ("2025-07-08T14:00", 1, "weekday"),
        ("2025-07-05T17:30", 1, "saturday"),
        ("2025-07-06T17:30", 1, "sunday"),
        ("2025-07-04T17:30", 1, "special"),
        ("2025-12-25T17:30", 0, "special"),
    ],
)
def test_what_is_in_force_follows_from_the_calendar(at, season, kind):
    tables = decoded(SimulatedImage(World()), utc(at), {0, 51, 54, 55})
    status = tables[55].status
    assert status.season == season
    assert (status.special_schd_active == 0) == (kind == "special")
    assert status.curr_tier == tier_of_calendar(tables[54], tables[55].clock_calendar.value, season, kind)


@pytest.mark.parametrize(
    ("at", "minutes"),
    [
        pytest.param("2025-01-08T12:00", 14 * 60, id="07:00, dear until 21:00"),
        pytest.param("2025-01-08T11:59:01", 1, id="a started minute counts"),
        pytest.param("2025-01-10T02:00", 10 * 60, id="Thursday 21:00, cheap until 07:00"),
        pytest.param("2025-01-11T02:00", 58 * 60, id="Friday 21:00, cheap until Monday 07:00"),
    ],
)
def test_time_until_the_tier_changes(at, minutes):
    assert table(SimulatedImage(World()), 56, utc(at)).tier_time_remain == minutes


def test_a_tariff_of_one_tier_does_not_change():
    tariff = Tariff(seasons=((1, 1, 0),), holidays=(), schedules={0: ((0, 0),)}, days=((0, 0, 0, 0),), tiers=1)
    image = SimulatedImage(World(tariff=tariff))
    assert len(table(image, 23, AT).tier_data_block) == 1
    assert table(image, 56, AT).tier_time_remain == 14 * 24 * 60


# -- State ------------------------------------------------------------------------------------------------------------


def test_a_power_failure_is_a_condition():
    image = SimulatedImage(World(events=[Outage(utc("2025-02-01T00:00"), utc("2025-02-01T00:05"))]))
    assert not table(image, 3, utc("2025-01-31T23:59")).ed_std_status1.power_failure_flag
    assert table(image, 3, utc("2025-02-01T00:05")).ed_std_status1.power_failure_flag
    assert image.read(3, AT).hex() == "0100080000"


# -- Writing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [5, 6, 33, 44, 54])
def test_what_is_written_is_read_back(number):
    image = SimulatedImage(World())
    octets = bytearray(image.read(number, AT))
    octets[-1] ^= 1
    image.write(number, bytes(octets), AT)
    assert image.read(number, AT + timedelta(days=1)) == bytes(octets)
    assert image.world.events(INSTALLED, AT)[-1] == TableWritten(AT, number)


def test_passwords_are_taken_and_never_shown():
    image = SimulatedImage(World())
    image.write(42, (b"A".ljust(20) + b"\x01") * 2, AT)
    with pytest.raises(KeyError):
        image.read(42, AT)


@pytest.mark.parametrize("number", [5, 6, 33, 42, 44, 54])
def test_octets_that_do_not_decode_are_refused_and_change_nothing(number):
    image = SimulatedImage(World())
    with pytest.raises(TableError):
        image.write(number, b"\x00\x00", AT)
    assert not [one for one in image.world.events(INSTALLED, AT) if isinstance(one, TableWritten)]


def test_what_cannot_be_written():
    image = SimulatedImage(World())
    with pytest.raises(PermissionError):
        image.write(23, image.read(23, AT), AT)
    with pytest.raises(KeyError):
        image.write(99, b"", AT)


@pytest.mark.parametrize("build", [{"tm_format": 0}, {"tm_format": 5}, {"data_order": 2}, {"days": 0}])
def test_builds_that_cannot_be(build):
    with pytest.raises(ValueError, match="tm_format"):
        Build(**build)
