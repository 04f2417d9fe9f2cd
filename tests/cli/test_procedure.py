"""`c1222 procedure` and `c1222 demand-reset`: parameters in words, what is asked before, what the meter then did."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from live_meters import ST1, TABLES, served, table_data
from live_meters import script as answers_of
from one_meter import SERIAL, OneMeter

from c1222.meter.world.events import DemandReset
from c1222.session.settings import Credentials
from c1222_cli.main import main

READER = Credentials("READER", 1, b"READER")


def run(*words, code=0, name="procedure", typed=None, **env):
    result = CliRunner().invoke(main, [name, *map(str, words)], input=typed, env=env)
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def meter(monkeypatch):
    return OneMeter(monkeypatch)


@pytest.fixture
def terminal(monkeypatch):
    """Somebody who can be asked."""
    monkeypatch.setattr("c1222_cli.consent.is_terminal", lambda stream: True)


def sent(octets):
    """The full write of table 7 with these octets, whose third is a number of the session's choice."""

    def fits(request):
        data = bytes.fromhex(octets.replace("..", "00"))
        table = request[5:-1]
        return (
            request[:5] == b"\x40\x00\x07" + len(data).to_bytes(2, "big")
            and table[:2] + b"\0" + table[3:] == data
            and sum(request[5:]) & 0xFF == 0
        )

    return fits


# -- Parameters --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "octets"),
    [
        # Tables of the simulated meter are little endian, clocks in binary fields.
        (["update-last-read-entry", "1", "258"], "0500 .. 01 0201"),
        (["SP-5", "entries-read=0x0102", "list=1"], "0500 .. 01 0201"),
        (["5", "entries_read=258", "LIST=1"], "0500 .. 01 0201"),
        (["start-load-profile"], "1000 .."),
        (["16", "--hex", ""], "1000 .."),
        (["5", "--hex", "01 02:01"], "0500 .. 010201"),
        (["set-date-time", "2026-02-03T04:05:06", "time_date_qual=0"], "0A00 .. 03 1A0203040506 00"),
        (["set-date-time", "2026-02-03T04:05:06", "time_date_qual=dst,gmt-flag"], "0A00 .. 03 1A0203040506 18"),
        (["10", "2026-02-03T04:05:06", "set-time=yes", "time_date_qual=0"], "0A00 .. 01 1A0203040506 00"),
        (["10", "2026-02-03T04:05:06", "set_mask.set_date=on", "time_date_qual=0"], "0A00 .. 02 1A0203040506 00"),
        # A Tuesday (2); zone, DST and that it knows DST (E0) are the meter's own. 17:05 in UTC is 12:05 at its place.
        (["10", "2026-02-03T17:05:06Z"], "0A00 .. 03 1A02030C0506 E2"),
        (["10", "2026-07-07T17:05:06+01:00"], "0A00 .. 03 1A07070C0506 EA"),
        (["10", "2026-02-03T12:05:06", "day_of_week=7"], "0A00 .. 03 1A02030C0506 E7"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_parameters_as_octets(meter, words, octets):
    run("optical:/dev/x", *words, "--yes")
    (request,) = meter.writes
    assert sent(octets)(request), request.hex(" ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["set-date"], "did you mean set-date-time"),
        (["4711"], "no procedure has the number 4711"),
        (["MP-2048"], "a number from 0 to 2047"),
        ([], "which procedure"),
        (["5", "1"], "wants entries_read"),
        (["5"], "wants list, entries_read"),
        (["5", "1", "2", "3"], "more words than parameters"),
        (["5", "list=1", "list=2"], "list is given twice"),
        (["5", "lust=1"], "no parameter 'lust' (it has: list, entries_read)"),
        (["5", "x", "2"], "list: wants a number"),
        (["5", "256", "2"], "list"),
        (["5", "1", "65536"], "entries_read"),
        (["5", "1", "2", "--hex", "01"], "not both"),
        (["5", "--hex", "0"], "octets in hex"),
        (["16", "1"], "takes no parameters"),
        (["8", "1"], "takes octets: --hex 0102"),
        (["9", "256"], "does not fit into its 8 bits"),
        (["9", "reset"], "no flag 'reset' (there are: demand_reset_flag, self_read_flag"),
        (["9", "demand_reset=perhaps"], "wants yes or no"),
        (["10", "soon"], "wants now, or a time as"),
        (["10", "now", "day_of_week=8"], "0 to 7 fits"),
        (["10", "now", "--tz", "Berlin"], "no such zone"),
        (["10", "2090-01-01T00:00:00"], "years 1990 to 2089 fit"),
        (["12"], "does not list SP-12 Activate All Pending Tables (it has SP-0 to 11, SP-16 to 19); nothing was sent"),
        (["MP-5", "--hex", "01"], "does not list MP-5 Manufacturer Procedure 5 (it has none of this kind)"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_work_is_never_sent(meter, words, said):
    result = CliRunner().invoke(main, ["procedure", "optical:/dev/x", *words, "--yes", "--confirm", SERIAL])
    assert result.exit_code in (2, 7)
    assert said in result.stderr.replace("\n", " ")
    assert meter.writes == []


def test_a_target_is_named():
    assert "which meter?" in run("set-date-time", "now", code=2).stderr


def test_a_password_lies_somewhere(meter):
    """Filled up to 20 octets; READER is user 1."""
    result = run("optical:/dev/x", "log-in", "1", "env:PW", "--yes", "--format", "json", PW="READER")
    assert sent("1200 .. 0100" + b"READER".hex() + "20" * 14)(meter.writes[0])
    assert json.loads(result.stdout)["sent"]["octets"] == "masked"
    for word in (["1", "MARKER"], ["MARKER", "1"], ["user_id=1", "password=MARKER"], ["1", "env:PW", "MARKER"]):
        refused = CliRunner().invoke(main, ["procedure", "optical:/dev/x", "log-in", *word], env={"PW": "READER"})
        assert refused.exit_code == 2
        assert "MARKER" not in refused.output
    long = run("optical:/dev/x", "log-in", "1", "env:PW", code=2, PW="MARKER" * 4)
    assert "24 octets where 20 fit" in long.stderr
    assert "MARKER" not in long.output
    for shown in (result.output, run("optical:/dev/x", "log-in", "1", "env:PW", "--dry-run", PW="READER").output):
        assert "52454144" not in shown.replace(" ", "")


# -- What is asked before ----------------------------------------------------------------------------------------------


def test_nobody_can_be_asked(meter):
    result = run("optical:/dev/x", "start-load-profile", code=2)
    assert "nobody can be asked here, so --yes is needed; nothing was sent" in result.stderr
    assert meter.writes == []


@pytest.mark.parametrize(("typed", "code", "writes"), [("y\n", 0, 1), ("n\n", 130, 0), ("\n", 130, 0)])
def test_yes_or_no(meter, terminal, typed, code, writes):
    result = run("optical:/dev/x", "start-load-profile", typed=typed, code=code)
    assert "written to table 7  10 00" in result.stderr
    assert len(meter.writes) == writes
    assert ("nothing was sent" in result.stderr) == (not writes)
    # However it ended, the meter was taken leave of.
    assert meter.heard[-1] == b"\x21"


@pytest.mark.parametrize("serial", [SERIAL, "SIMULATED 0000000001", f" {SERIAL} "])
def test_the_serial_number_is_typed(meter, terminal, serial):
    run("optical:/dev/x", "clear-data", typed=serial + "\n")
    assert len(meter.writes) == 1


@pytest.mark.parametrize("name", [0, 1, 3, 4, 6, 7, 8, 9, 17])
def test_yes_is_not_enough_for_what_does_not_come_back(meter, name):
    words = {4: ["1"], 6: ["metering"], 9: ["demand-reset"]}.get(name, [])
    result = run("optical:/dev/x", name, *words, "--yes", code=2)
    assert "--confirm with the meter's serial number is needed; nothing was sent" in result.stderr
    assert meter.writes == []
    run("optical:/dev/x", name, *words, "--confirm", SERIAL)
    assert len(meter.writes) == 1


@pytest.mark.parametrize("serial", ["0000000000000002", "", "1", "SIMULATED"])
def test_another_serial_number(meter, terminal, serial):
    for how in ({"typed": serial + "\n"}, {}):
        words = [] if how else ["--confirm", serial]
        result = run("optical:/dev/x", "clear-data", *words, code=2, **how)
        assert "the meter that is connected has another serial number" in result.stderr
    # Given, it is looked at for what would need no more than a yes, too.
    run("optical:/dev/x", "start-load-profile", "--yes", "--confirm", serial, code=2)
    assert meter.writes == []


def test_a_meter_that_does_not_tell_its_serial_number(monkeypatch):
    side = served(monkeypatch, answers_of({0: TABLES[0]}))
    result = run("optical:/dev/x", "cold-start", "--confirm", "", code=2)
    assert "the meter tells none (tables 1 and 5); nothing was sent" in result.stderr
    assert not [one for one in side.heard if one[0] == 0x40]


# -- What came of it ---------------------------------------------------------------------------------------------------


def test_dry_run_shows_what_would_be_sent(meter):
    result = run("optical:/dev/x", "reset-list-pointers", "1", "--dry-run")
    assert "list  1" in result.stdout
    table = bytes.fromhex(result.stdout.split("table 7")[1].split("\n")[0])
    service = bytes.fromhex(result.stdout.split("full_write")[1])
    assert (table[:2], table[3:]) == (b"\4\0", b"\1")
    assert service == b"\x40\x00\x07\x00\x04" + table + bytes([-sum(table) & 0xFF])
    assert meter.writes == []


def test_demands_are_reset(meter):
    """The greatest demand of each source becomes part of the cumulative one, and begins anew (C12.19, table 23)."""
    before = meter.table(23)
    result = run("optical:/dev/x", "--confirm", SERIAL, name="demand-reset")
    after = meter.table(23)
    assert "SP-9 Remote Reset: completed" in result.stdout
    assert "action_flag  demand_reset_flag" in result.stdout
    assert after.nbr_demand_resets == before.nbr_demand_resets + 1
    for was, is_now in zip(before.tot_data_block.demands, after.tot_data_block.demands, strict=True):
        assert was.demand[0] > 0
        assert is_now.demand == [0]
        assert is_now.cum_demand == was.cum_demand + was.demand[0]
    resets = meter.simulated.device.tables.image.world.events(datetime(2025, 12, 31, 23, 59, tzinfo=UTC), meter.now)
    assert [type(event) for event in resets].count(DemandReset) == 1


def test_demand_reset_asks_for_the_serial_number(meter, terminal):
    run("optical:/dev/x", "--yes", name="demand-reset", typed="0815\n", code=2)
    assert meter.writes == []
    run("optical:/dev/x", "--dry-run", name="demand-reset")
    assert meter.writes == []
    run("optical:/dev/x", "--self-read", name="demand-reset", typed=SERIAL + "\n")
    assert sent("0900 .. 03")(meter.writes[0])
    assert "takes a target and nothing more" in run("optical:/dev/x", "now", name="demand-reset", code=2).stderr


def test_no_permission(monkeypatch):
    meter = OneMeter(monkeypatch, READER)
    result = run("optical:/dev/x", "save-configuration", "--yes", code=3)
    assert "SP-2 Save Configuration was refused with result 5 (ignored: no authorization for it)" in result.stderr
    assert "--password" in result.stderr
    assert len(meter.writes) == 1


# Table 0 of live_meters.py that lists standard procedures 0, 3 and 9, and table 7 and 8 beside the others.
LISTS_9 = (
    "02 0a 8a 54455354 02 00 08 0c 02 00 08 00 02 00 01 00 2b 00 a0 00 00 04 00 00  09 02  20 00 00 00 00 00 00 00"
)


def scripted(monkeypatch, table_8):
    """A meter with procedures 0, 3 and 9 that takes what is written to table 7, and answers table 8 with its number."""
    side = served(monkeypatch, answers_of({0: bytes.fromhex(LISTS_9), 1: bytes.fromhex(ST1)}))
    script = side.script

    class Script(dict):
        def get(self, request, default=None):
            if request[:3] == b"\x40\x00\x07":
                self[b"\x30\x00\x08"] = [b"\0" + table_data(request[5:7] + request[7:8] + bytes.fromhex(table_8))]
                return [b"\0"]
            return super().get(request, default)

    side.script = Script(script)
    return side


@pytest.mark.parametrize(
    ("table_8", "code", "said"),
    [
        ("00 01", 0, ""),
        ("00", 0, "the meter does not say what it did, only that it is completed"),
        ("00 02", 8, "Error: the meter answers that it did not reset its demands and that it did keep a self read"),
        ("00 03", 8, "Error: the meter answers that it did keep a self read"),
        ("06", 3, "was refused with result 6 (ignored: the meter does not know the procedure)"),
        ("09", 3, "result 9, which nobody named: whether it was carried out is not known"),
    ],
)
def test_what_a_meter_says_that_it_did(monkeypatch, table_8, code, said):
    side = scripted(monkeypatch, table_8)
    result = run("optical:/dev/x", "--confirm", "00000001", name="demand-reset", code=code)
    assert said in result.stderr
    assert len([one for one in side.heard if one[0] == 0x40]) == 1


@pytest.mark.parametrize("words", [["demand-reset"], ["--hex", "01"]], ids=" ".join)
@pytest.mark.parametrize(("table_8", "code"), [("00 01", 0), ("00", 0), ("00 00", 8), ("00 03", 8)])
def test_what_a_meter_says_of_a_procedure(monkeypatch, words, table_8, code):
    scripted(monkeypatch, table_8)
    result = run("optical:/dev/x", "remote-reset", *words, "--confirm", "00000001", code=code)
    assert ("Error: the meter answers that it did" in result.stderr) == bool(code)
    assert "completed" in result.stdout


def test_a_self_read_that_was_not_kept(monkeypatch):
    scripted(monkeypatch, "00 01")
    result = run("optical:/dev/x", "--self-read", "--confirm", "00000001", name="demand-reset", code=8)
    assert "Error: the meter answers that it did not keep a self read" in result.stderr


def test_a_procedure_that_is_never_completed(monkeypatch):
    side = scripted(monkeypatch, "01")
    result = run("optical:/dev/x", "cold-start", "--confirm", "00000001", code=5)
    assert "was accepted, and is not completed after" in result.stderr
    assert len([one for one in side.heard if one[0] == 0x40]) == 1


def test_as_json(meter):
    found = json.loads(
        run("optical:/dev/x", "clear-standard-status-flags", "--confirm", SERIAL, "--format=json").stdout
    )
    assert found["procedure"] == {"number": 7, "label": "SP-7", "name": "Clear Standard Status Flags"}
    assert (found["schema_version"], found["target"], found["simulated"]) == (1, "line", False)
    number = found["sequence_number"]
    assert found["sent"]["octets"] == f"0700{number:02x}"
    assert found["result"]["octets"].startswith(f"0700{number:02x}00")
    assert (found["result"]["code"], found["result"]["word"], found["result"]["misfit"]) == (0, "completed", None)
    assert set(found["result"]["answer"]) == {"ed_std_status1", "ed_std_status2"}
    dry = json.loads(run("optical:/dev/x", "start-load-profile", "--dry-run", "--format", "json").stdout)
    assert (dry["result"], dry["sent"]["parameters"]) == (None, None)


def test_interrupted_while_the_meter_is_at_work(meter, monkeypatch):
    def interrupted(self, prepared):
        raise KeyboardInterrupt

    monkeypatch.setattr("c1222.session.faces.meter.Meter.run_prepared", interrupted)
    result = run("optical:/dev/x", "start-load-profile", "--yes", code=130)
    assert "whether SP-16 Start Load Profile was carried out is not known" in result.stderr
    assert meter.heard[-1] == b"\x21"


# -- Help and lists ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["set-date-time"], ["tcp://192.0.2.7", "10"], ["@main-street", "SP-10", "now"]])
def test_help_of_a_procedure(words):
    shown = run(*words, "--help").stdout
    assert "Usage: c1222 procedure TARGET set-date-time DATE_TIME [set_mask=...] [time_date_qual=...]" in shown
    assert "It asks before it starts, or takes --yes." in shown
    assert "5 independent sources: CNX TER ECH JC HX" in shown
    assert "LTIME_DATE" in shown
    assert "  5  ignored: no authorization for it" in shown


@pytest.mark.parametrize("number", range(33))
def test_every_procedure_has_help(number):
    assert f"SP-{number} " in run(str(number), "-h").stdout


def test_help_of_what_takes_something_away():
    assert "--confirm SERIAL: registers, logs and load profile are gone" in run("clear-data", "-h").stdout
    maker = run("MP-5", "-h").stdout
    assert "known to its maker alone" in maker
    assert "--hex 0102" in maker
    assert "did you mean" in run("clear-dat", "-h", code=2).stderr


def test_lists(meter):
    every = run("--list").stdout.splitlines()
    assert len(every) == 29
    assert every[10].split()[:3] == ["SP-10", "set-date-time", "yes"]
    assert every[9].split()[:3] == ["SP-9", "remote-reset", "serial"]
    # PROCEDURES of the simulated meter: 0 to 11 and 16 to 19.
    assert [line.split()[0] for line in run("optical:/dev/x", "--list").stdout.splitlines()] == [
        f"SP-{number}" for number in [*range(12), *range(16, 20)]
    ]


def test_lists_as_json():
    found = json.loads(run("--list", "--format", "json").stdout)["procedures"]
    assert found[10] == {
        "number": 10,
        "label": "SP-10",
        "name": "Set Date and/or Time",
        "command": "set-date-time",
        "purpose": "sets the clock",
        "risk": "",
    }
    assert "gone" in found[3]["risk"]
    assert "takes a target at most" in run("sim:", "10", "--list", code=2).stderr
