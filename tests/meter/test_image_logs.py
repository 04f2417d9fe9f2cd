"""The logs of the simulated image tell what happened in the world, by the meter's clock."""

from datetime import timedelta

import pytest
from reading_image import INSTALLED, decoded, table, utc

from c1219_tables.codes.events import event
from c1222.meter.image.memory import Build
from c1222.meter.image.simulated_image import SimulatedImage
from c1222.meter.world.events import ClockSet, DemandReset, Outage, ProcedureStarted, SelfRead, TableWritten
from c1222.meter.world.world import World

AT = utc("2025-06-01T00:00")
EVENTS = [
    Outage(utc("2025-02-01T10:00:05"), utc("2025-02-01T10:07:50")),
    ClockSet(utc("2025-02-02T10:00"), -3600),
    SelfRead(utc("2025-03-01T05:00")),
    DemandReset(utc("2025-03-01T05:00")),
    TableWritten(utc("2025-04-01T12:00:01"), 6),
    ProcedureStarted(utc("2025-04-01T12:00:02"), 9),
    TableWritten(utc("2025-04-01T12:00:03"), 2048 + 7),
]
# Local time is UTC - 5, from the set on one hour more; DST begins an hour late by true time, at 08:00 UTC of 9 March.
HISTORY = [
    ("2025-02-01 05:00:05", "primary power down"),
    ("2025-02-01 05:07:50", "primary power up"),
    ("2025-02-02 05:00:00", "time changed, entry has the old time"),
    ("2025-02-02 04:00:00", "time changed, entry has the new time"),
    ("2025-02-28 23:00:00", "self read"),
    ("2025-02-28 23:00:00", "demand reset"),
    ("2025-03-09 03:00:00", "DST on"),
    ("2025-04-01 07:00:01", "table written"),
    ("2025-04-01 07:00:02", "procedure started"),
    ("2025-04-01 07:00:03", "table written"),
    ("2025-05-01 00:00:00", "season changed"),
]


@pytest.fixture(scope="module")
def image():
    return SimulatedImage(World(events=EVENTS))


@pytest.fixture(scope="module")
def tables(image):
    return decoded(image, AT, {0, 71, 72, 73, 74, 75, 76})


def told(log, prefix, count):
    return [
        (str(entry[f"{prefix}_time"]), event(entry[f"{prefix}_code"].tbl_proc_nbr).meaning)
        for entry in log.entries[:count]
    ]


def test_the_history_log_tells_everything(tables):
    log = tables[74]
    assert log.nbr_valid_entries == len(HISTORY)
    assert told(log, "history", len(HISTORY)) == HISTORY
    assert log.last_entry_element == log.last_entry_seq_nbr == len(HISTORY) - 1
    assert log.entries[len(HISTORY)].history_time.value is None


def test_the_event_log_tells_what_is_for_audit(tables):
    log = tables[76]
    left_out = ("self read", "DST on", "season changed")
    assert told(log, "event", log.nbr_valid_entries) == [entry for entry in HISTORY if entry[1] not in left_out]


def test_event_numbers_are_common_to_both_logs(tables):
    history = {entry.event_number: entry.history_code for entry in tables[74].entries[: len(HISTORY)]}
    for entry in tables[76].entries[: tables[76].nbr_valid_entries]:
        assert history[entry.event_number] == entry.event_code


def test_arguments_name_tables_and_procedures(tables):
    """Table 6; procedure 9 with bit 12, which says that it is none of the tables; MT-7 with bit 11; season 1."""
    arguments = [entry.history_argument.hex() for entry in tables[74].entries[7 : len(HISTORY)]]
    assert arguments == ["0600", "0910", "0708", "0100"]
    procedure = event(9).read(tables[74].entries[8].history_argument, tables[0]).procedure
    assert (procedure.tbl_proc_nbr, procedure.proc_flag) == (9, True)


def test_arguments_follow_the_order_of_octets():
    image = SimulatedImage(World(events=EVENTS), Build(data_order=1))
    entries = table(image, 74, AT).entries[7 : len(HISTORY)]
    assert [entry.history_argument.hex() for entry in entries] == ["0006", "1009", "0807", "0100"]


def test_what_is_logged_is_what_the_control_tables_say(tables):
    supported = set(tables[72].std_events_supported)
    for control, log, prefix in ((73, 74, "history"), (75, 76, "event")):
        monitored = set(tables[control].std_events_monitored_flags)
        codes = {entry[f"{prefix}_code"].tbl_proc_nbr for entry in tables[log].entries[: tables[log].nbr_valid_entries]}
        assert codes <= monitored <= supported
        assert set(tables[control].std_tbls_monitored_flags) == set(tables[0].std_tbls_write)
        assert set(tables[control].std_proc_monitored_flags) == set(tables[0].std_proc_used)


def test_a_log_tells_nothing_of_the_future(image):
    assert table(image, 74, INSTALLED).nbr_valid_entries == 0
    assert table(image, 74, utc("2025-02-01T10:00:04")).nbr_valid_entries == 0
    assert table(image, 74, utc("2025-02-01T10:00:05")).nbr_valid_entries == 1


def test_a_full_log_goes_round():
    """53 writes in 50 places: numbers 50, 51 and 52 took the places of 0, 1 and 2."""
    writes = [TableWritten(INSTALLED + timedelta(seconds=n), 5) for n in range(1, 54)]
    log = table(SimulatedImage(World(events=writes)), 76, INSTALLED + timedelta(hours=1))
    assert [entry.event_seq_nbr for entry in log.entries] == [50, 51, 52, *range(3, 50)]
    assert (log.nbr_valid_entries, log.last_entry_element, log.last_entry_seq_nbr) == (50, 2, 52)
    assert log.event_flags.overflow_flag
    assert log.event_flags.list_type
