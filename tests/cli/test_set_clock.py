"""`c1222 set-clock` and `c1222 pending`: table 52 before and after, and table 4 in sentences."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from live_meters import TABLES, script, served
from one_meter import OneMeter

from c1222.errors import ServiceError
from c1222.meter.world.events import ClockSet
from c1222_cli.main import main
from c1222_cli.set_clock import duration, in_words, tolerance

NO_WAIT = ServiceError("wait was refused with sns", code="sns", service="wait")
START = datetime(2026, 1, 1, tzinfo=UTC)
"""When the clock of the simulated meter, which is right, is first asked; in its zone it is 19:00 the day before."""


def run(*words, code=0, name="set-clock", typed=None, **env):
    result = CliRunner().invoke(main, [name, *map(str, words)], input=typed, env=env)
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def meter(monkeypatch):
    return OneMeter(monkeypatch)


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr("c1222_cli.consent.is_terminal", lambda stream: True)


@pytest.fixture
def host(monkeypatch, meter):
    """The host's clock goes as the meter's does, so many seconds beside it."""

    def set_beside(seconds):
        monkeypatch.setattr("c1222_cli.procedure.resolve.host_now", lambda: meter.now + timedelta(seconds=seconds))

    set_beside(0)
    return set_beside


def shown(meter):
    return meter.table(52).clock_calendar.value


def clock_sets(meter):
    world = meter.simulated.device.tables.image.world
    happened = world.events(START - timedelta(seconds=1), meter.now)
    return [event.by for event in happened if isinstance(event, ClockSet)]


@pytest.mark.parametrize(
    ("seconds", "difference", "moved"),
    [
        (200, "3 min 20 s behind this computer's clock", "3 min 20 s forward"),
        (-200, "3 min 20 s ahead of this computer's clock", "3 min 20 s back"),
    ],
)
def test_now(meter, host, seconds, difference, moved):
    host(seconds)
    result = run("optical:/dev/x")
    before, after = result.stdout.splitlines()
    assert before == f"before  2025-12-31 19:00:00-05:00, {difference}"
    assert f"to be moved by {moved}" in result.stderr
    assert after.endswith("as this computer's clock")
    # What was assumed is said.
    assert "this computer's clock is right: now is" in result.stderr
    assert "the meter's times are local, DST in them, UTC-05:00" in result.stderr
    (by,) = clock_sets(meter)
    assert abs(by - seconds) <= 1
    wanted = meter.now.replace(tzinfo=None) + timedelta(seconds=seconds, hours=-5)
    assert abs(shown(meter) - wanted) <= timedelta(seconds=2)


def test_a_little_is_not_asked_for(meter, host):
    """Five minutes, unless somebody says otherwise."""
    host(299)
    run("optical:/dev/x")
    host(2 * 299)
    run("optical:/dev/x", "--limit", "1", code=2)
    assert len(meter.writes) == 1


@pytest.mark.parametrize(("typed", "code", "sets"), [("y\n", 0, 1), ("n\n", 130, 0)])
def test_more_is_asked_for(meter, host, terminal, typed, code, sets):
    host(301)
    result = run("optical:/dev/x", "now", typed=typed, code=code)
    assert "to be moved by 5 min 1 s forward" in result.stderr
    assert "Start SP-10 Set Date and/or Time?" in result.stderr
    assert len(clock_sets(meter)) == sets


def test_the_time_is_that_after_the_question(meter, host, terminal, monkeypatch):
    """Somebody thinks for a minute: the clock is set to the time at which it is set."""

    def thinks(*_, **__):
        meter.clock.advance(60.0)
        return True

    monkeypatch.setattr("click.confirm", thinks)
    host(400)
    result = run("optical:/dev/x")
    assert result.stdout.splitlines()[1].endswith("as this computer's clock")


def test_a_session_that_ended_meanwhile(meter, host, terminal, monkeypatch):
    """A meter that knows no Wait ends a session that is silent: it says so, and nothing was set."""
    monkeypatch.setattr("c1222.session.faces.meter.Meter.wait", lambda self, seconds: (_ for _ in ()).throw(NO_WAIT))
    monkeypatch.setattr("click.confirm", lambda *_, **__: meter.clock.advance(60.0) or True)
    host(400)
    assert "full_write ST-7 was refused with isss" in run("optical:/dev/x", code=3).stderr
    assert clock_sets(meter) == []


def test_a_time_as_the_meter_shows_it(meter, host):
    result = run("optical:/dev/x", "2026-02-03T04:05:06", "--yes")
    assert "assumed: the time was given without a zone" in result.stderr
    assert "after   2026-02-03 04:05:0" in result.stdout
    assert abs(shown(meter) - datetime(2026, 2, 3, 4, 5, 6)) < timedelta(seconds=5)


def test_a_time_with_its_zone(meter, host):
    assert "after   2026-07-03 00:05:0" in run("optical:/dev/x", "2026-07-03T04:05:06Z", "--yes").stdout


def test_the_target_may_come_from_the_environment(meter, host):
    run("2026-01-01T00:01:00Z", C1222_TARGET="optical:/dev/x")
    run("now", C1222_TARGET="optical:/dev/x")
    assert "which meter?" in run("now", code=2).stderr
    assert "takes a target and a time" in run("optical:/dev/x", "now", "then", code=2).stderr


def test_dry_run(meter, host):
    assert "written to table 7  0a 00" in run("optical:/dev/x", "--dry-run").stdout
    assert meter.writes == []


def test_a_meter_that_only_says_so(meter, host, monkeypatch):
    """It answers that its clock is set, and does nothing."""
    image = meter.simulated.device.tables.image
    monkeypatch.setattr(image, "run", lambda number, parameters, at: (0, b""))
    host(120)
    result = run("optical:/dev/x", code=8)
    assert "it shows 2 min 0 s back from what it was set to" in result.stderr


@pytest.mark.parametrize("seconds", [10, 30, -20])
def test_a_clock_that_did_not_move_by_seconds(meter, host, monkeypatch, seconds):
    monkeypatch.setattr(meter.simulated.device.tables.image, "run", lambda number, parameters, at: (0, b""))
    host(seconds)
    assert "from what it was set to" in run("optical:/dev/x", code=8).stderr


@pytest.mark.parametrize(
    ("before", "after", "passed", "expected"),
    [(0, 0, 1, 60), (7, 0, 1, 2), (0, 9, 2, 3), (7, 9, 30, 5)],
)
def test_tolerance(before, after, passed, expected):
    """One that never shows seconds is taken to have none."""
    seen = [START.replace(second=before), START.replace(second=after)]
    assert tolerance(seen, timedelta(seconds=passed)) == timedelta(seconds=expected)


@pytest.mark.parametrize("limit", ["nan", "inf"])
def test_a_limit_is_a_number(meter, limit):
    assert "a number of minutes is wanted" in run("optical:/dev/x", "--limit", limit, code=2).stderr
    assert meter.heard == []


# -- Meters whose zone nobody knows ------------------------------------------------------------------------------------

# Table 0 of live_meters.py with standard procedure 10 in two octets, and tables 52 (bit 4 of octet 6) beside others.
ST0 = (
    "02 0a 8a 54455354 02 00 08 0c 02 00 08 00 02 00 01 00  2b 00 a0 00 00 04 10 00  01 04  20 00 00 00 00 00 00 00 00"
)
# 2026-02-03 04:05:06, zone and DST in it (60).
ST52 = "1a0203040506 60"


def clock_only(monkeypatch):
    return served(monkeypatch, script({0: bytes.fromhex(ST0), 52: bytes.fromhex(ST52)}))


def test_a_zone_is_not_guessed(monkeypatch):
    side = clock_only(monkeypatch)
    result = run("optical:/dev/x", "--yes", code=2)
    assert "--tz NAME says in which zone the meter is" in result.stderr
    assert not [one for one in side.heard if one[0] == 0x40]


def test_a_zone_that_is_named(monkeypatch):
    clock_only(monkeypatch)
    monkeypatch.setattr("c1222_cli.procedure.resolve.host_now", lambda: datetime(2026, 7, 1, 12, tzinfo=UTC))
    shown_ = run("optical:/dev/x", "--tz", "Europe/Berlin", "--dry-run").stdout
    # 14:00:00 in Berlin, a Wednesday (3) in DST (8), zone and DST in it (60).
    assert "03 1a 07 01 0e 00 00 6b" in shown_


# -- Words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min 0 s"), (3600, "1 h 0 min 0 s"), (90061, "1 d 1 h 1 min 1 s")],
)
def test_durations(seconds, words):
    assert duration(seconds) == words
    assert in_words(timedelta(seconds=-seconds)) == words + (" back" if seconds else "")


# -- Table 4 -----------------------------------------------------------------------------------------------------------

# Table 0 with table 4 (bit 4 of octet 0) and NBR_PENDING 2; sets of tables have 8 octets and 1.
PENDING_0 = bytes.fromhex(
    "02 0a 8a 54455354 02 00 08 0c 02 00 08 01 01 00 01 02  3b 00 a0 00 00 04 00 00 01  09  20 00 00 00 00 00 00 00 00"
)
# ST-54 (bit 6 of octet 6) and MT-3 have pending forms; activated last on 2026-02-03 04:05; 1 waits: pending ST-54
# (1036), trigger 81 0102030405; then an entry that is not used.
ST4 = bytes.fromhex("00 00 00 00 00 00 40 00  08  1a02030405  01  81 0102030405 3610  00 0000000000 0000")


def test_pending_tables(monkeypatch):
    side = served(monkeypatch, script({0: PENDING_0, 4: ST4}))
    assert run("optical:/dev/x", name="pending").stdout.splitlines() == [
        "activations that wait: 1",
        "last activation: 2026-02-03 04:05:00",
        "tables with a pending form: ST-54, MT-3",
        "entry 0: PT-54, trigger 81 01 02 03 04 05 (its layout is not public)",
        "entry 1: ST-0, trigger 00 00 00 00 00 00 (its layout is not public)",
    ]
    found = json.loads(run("optical:/dev/x", "--format", "json", name="pending").stdout)
    assert found["value"]["nr_of_pending_activations"] == 1
    assert found["octets"] == ST4.hex()
    assert not [one for one in side.heard if 0x40 <= one[0] <= 0x4F]


def test_a_meter_without_pending_tables(monkeypatch):
    """A real meter reported NBR_PENDING 4 and had no table 4: its table 0 says so."""
    served(monkeypatch, script(TABLES))
    assert "table 0 of this meter does not list ST-4" in run("optical:/dev/x", name="pending", code=3).stderr


def test_nothing_is_put_into_a_pending_table():
    refused = run("optical:/dev/x", "54", name="pending", code=2)
    assert "is not public" in refused.stderr
    assert "c1222 does not write pending tables" in refused.stderr.replace("\n", " ")
