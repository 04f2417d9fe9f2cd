"""Steps on simulated meters: what they do, what stops a meter, and what nobody knows afterwards."""

import json
import stat
from datetime import timedelta

import pytest
from meter_fleet import CountingImage, tables_of_a_meter
from orders import meter
from simulated_orders import NOON, on, results, run, said

from c1222.errors import LinkTimeout, TargetError, TransportError
from c1222.meter.simulated import SimulatedMeter
from c1222.meter.world.events import DemandReset
from c1222.scripts.journal import Journal
from c1222.scripts.resuming import Again
from c1222.settings.backups import read_backup

AT_NOON = "2026-02-01T12:00:00Z"


def steps(*texts):
    return "".join(f"[[step]]\n{text}\n" for text in texts)


def one_meter(image=None):
    return SimulatedMeter(image=image, clock=AT_NOON)


@pytest.fixture(scope="module")
def tables():
    return tables_of_a_meter()


# -- What steps do -----------------------------------------------------------------------------------------------------


def test_a_whole_order(tmp_path):
    simulated = one_meter()
    report = run(
        tmp_path,
        meter(more='confirm = "0000000000000001"')
        + steps(
            'expect = "1.ed_model"\nis = "SIMULATE"',
            'write = 6\nset = { owner_name = "ACME", misc_id = "X7" }',
            'procedure = "set-date-time"\nwith = { date_time = "now" }',
            'expect = "clock"\nwithin = 2',
            'procedure = 9\nwith = { action_flag = ["demand_reset_flag"] }',
            "wait = 600",
            'read = ["6.owner_name", "0.std_tbls_used[6]"]',
            'expect = "clock"\nwithin = 60',
        ),
        on({"one": simulated}),
    )
    # The clock of the meter went on for the ten minutes of the wait; that of the test stands.
    assert results(report) == ["ok"] * 7 + ["failed"]
    assert "the clock is 60" in said(report, 8)
    taken = report.meters[0].steps
    assert taken[6].outcome.data == {"ST-6.owner_name": "ACME".ljust(20), "ST-0.std_tbls_used[6]": True}
    events = simulated.device.tables.image.world.events(NOON - timedelta(minutes=1), NOON + timedelta(days=1))
    assert [type(event) for event in events].count(DemandReset) == 1
    assert report.summary == "1 meter: 1 failed"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ('expect = "6.owner_name"\nis = "EXAMPLE UTILITY"', "ok"),
        ('expect = "6.owner_name"\nis = "EXAMPLE"', "failed"),
        ('expect = "6.owner_name"\none_of = ["A", "EXAMPLE UTILITY"]', "ok"),
        ('expect = "6.owner_name"\none_of = ["A", "B"]', "failed"),
        ('expect = "1.fw_version_number"\nbetween = [1, 3]', "ok"),
        ('expect = "1.fw_version_number"\nbetween = ["2", "3"]', "failed"),
        ('expect = "1.fw_version_number"\nis = "1"', "ok"),
        ('expect = "3.ed_mode.metering_flag"\nis = "yes"', "ok"),
        ('expect = "0.std_tbls_used[9]"\nis = false', "ok"),
        ('expect = "3.ed_mode"\nis = { metering_flag = true, test_mode_flag = false }', "ok"),
        ('expect = "52.clock_calendar"\nbetween = ["2026-02-01T00:00:00", "2026-02-02T00:00:00"]', "ok"),
        ('expect = "52.clock_calendar"\nbetween = [2026-02-02T00:00:00, 2026-02-03T00:00:00]', "failed"),
    ],
)
def test_expectations(tmp_path, text, result):
    assert results(run(tmp_path, meter() + steps(text), on({"one": one_meter()}))) == [result]


def test_what_is_so_already_is_not_written(tmp_path, tables):
    image = CountingImage(tables)
    text = meter() + steps('write = "6.owner_name"\nto = "EXAMPLE UTILITY"')
    assert results(run(tmp_path, text, on({"one": one_meter(image)}))) == ["already"]
    assert image.writes == []


def test_what_was_there_is_kept_for_its_owner(tmp_path, tables):
    text = meter("Gate 4/b") + steps('write = "6.owner_name"\nto = "ACME"')
    run(tmp_path, text, on({"Gate 4/b": one_meter(CountingImage(tables))}))
    (file,) = (tmp_path / "journal.backups").iterdir()
    assert file.name == "0001-Gate_4_b-step-1.json"
    assert read_backup(file).tables == {6: tables[6]}
    assert read_backup(file).meter.serial_number == "0000000000000001"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "journal.jsonl").stat().st_mode) == 0o600


def test_each_write_has_its_own_backup(tmp_path, tables):
    """Also where a journal was taken away and the order begun anew."""
    image = CountingImage(tables)
    for owner in ("ACME", "BETA"):
        run(tmp_path, meter() + steps(f'write = "6.owner_name"\nto = "{owner}"'), on({"one": one_meter(image)}))
        (tmp_path / "journal.jsonl").unlink()
    kept = {file.name: read_backup(file).tables[6][:4] for file in (tmp_path / "journal.backups").iterdir()}
    assert kept == {"0001-one-step-1.json": b"EXAM", "0001-one-step-1-2.json": b"ACME"}


def test_a_line_that_cannot_be_closed_ends_nothing(tmp_path):
    async def connect(planned):
        found = await on({"one": one_meter()})(planned)

        async def close():
            raise TransportError("the port is gone")

        found.close = close
        return found

    assert results(run(tmp_path, meter() + steps("read = 1"), connect)) == ["ok"]


# -- What is not done --------------------------------------------------------------------------------------------------


def test_nothing_is_changed_where_a_later_step_cannot_be_done(tmp_path, tables):
    image = CountingImage({number: octets for number, octets in tables.items() if number != 54})
    text = meter() + steps('write = "6.owner_name"\nto = "ACME"', 'write = 54\nhex = "00"\noffset = 0')
    report = run(tmp_path, text, on({"one": one_meter(image)}))
    assert results(report) == ["failed", "not done"]
    assert "nothing was changed, because step 2 cannot be done" in said(report, 1)
    assert image.writes == []


def test_another_meter_than_the_order_means(tmp_path, tables):
    image = CountingImage(tables)
    text = meter(more='confirm = "0000000000000002"\non_failure = "go on"')
    report = run(
        tmp_path,
        text + steps("read = 1", 'write = "6.owner_name"\nto = "ACME"', "read = 6"),
        on({"one": one_meter(image)}),
    )
    assert results(report) == ["ok", "failed", "not done"]
    assert "another serial number than 0000000000000002 (0000000000000001" in said(report, 2)
    assert image.writes == []


@pytest.mark.parametrize(("policy", "after"), [("stop", "not done"), ("go on", "ok")])
def test_after_a_failure(tmp_path, policy, after):
    text = meter(more=f'on_failure = "{policy}"') + steps('expect = "1.ed_model"\nis = "OTHER"', "read = 1")
    assert results(run(tmp_path, text, on({"one": one_meter()}))) == ["failed", after]


def test_no_further_meter_is_begun_after_so_many_failures(tmp_path):
    text = "[order]\nstop_after = 1\n" + meter("a") + meter("b", target="sim:?seed=2")
    meters = {"a": one_meter(), "b": one_meter()}
    report = run(tmp_path, text + steps('expect = "1.ed_model"\nis = "OTHER"'), on(meters), jobs=1)
    assert [each.verdict for each in report.meters] == ["failed", "not done"]


def test_meters_of_one_port_come_one_after_the_other(tmp_path):
    there, most = [], []

    async def connect(planned):
        there.append(planned.name)
        most.append(len(there))
        found = await on({"a": one_meter(), "b": one_meter()})(planned)
        close = found.close

        async def closing():
            there.remove(planned.name)
            await close()

        found.close = closing
        return found

    text = meter("a", target="optical:/dev/ttyX?identity=1") + meter("b", target="optical:/dev/ttyX?identity=2")
    report = run(tmp_path, text + steps("read = 1"), connect)
    assert most == [1, 1]
    assert [each.verdict for each in report.meters] == ["done", "done"]


# -- What nobody knows -------------------------------------------------------------------------------------------------


def dying(tables, *, error):
    """A meter whose line breaks when something was done; and a way to reach it."""
    image = CountingImage(tables)
    simulated = one_meter(image)
    broken = []

    def was_done():
        broken.append(True)

    image.on_write = was_done
    ran = image.run

    def run_and_break(*arguments):
        was_done()
        return ran(*arguments)

    image.run = run_and_break

    async def connect(planned):
        found = await on({planned.name: simulated})(planned)
        read = found._transport.read

        async def reading(timeout):
            octets = await read(timeout)
            if broken:
                broken.clear()
                raise error
            return octets

        found._transport.read = reading
        return found

    return image, connect


RESET = 'procedure = 9\nwith = { action_flag = ["demand_reset_flag"] }'
WRITE = 'write = "6.owner_name"\nto = "ACME"'


@pytest.mark.parametrize(("text", "done"), [(WRITE, "already"), (RESET, "in doubt")])
def test_a_line_that_breaks_leaves_a_doubt(tmp_path, tables, text, done):
    image, connect = dying(tables, error=TransportError("the cable is out"))
    order = meter() + steps(text, "read = 1")
    report = run(tmp_path, order, connect)
    assert results(report) == ["in doubt", "not done"]
    assert "the cable is out" in said(report, 1)
    assert "not known" in said(report, 1)
    assert report.meters[0].verdict == "in doubt"

    # It is resumed: what is in doubt stays so; what failed is tried again where that is asked for, a write looked at.
    assert results(run(tmp_path, order, connect, resume=True)) == ["in doubt", "not done"]
    report = run(tmp_path, order, connect, resume=True, again=Again(failed=True))
    assert results(report)[0] == done
    assert len(image.writes) + len(image.ran) == 1


@pytest.mark.parametrize(("answer", "result"), [(b"\x01", "ok"), (b"", "ok"), (b"\x00", "failed"), (b"\x03", "failed")])
def test_a_meter_that_did_something_else(tmp_path, monkeypatch, answer, result):
    simulated = one_meter()
    monkeypatch.setattr(simulated.device.tables.image, "run", lambda number, parameters, at: (0, answer))
    report = run(tmp_path, meter(more='confirm = "0000000000000001"') + steps(RESET), on({"one": simulated}))
    assert results(report) == [result]
    if result == "failed":
        assert "the meter answers that it did" in said(report, 1)
        assert report.kinds() == {"differs"}


def test_a_doubtful_procedure_is_repeated_where_that_is_asked_for(tmp_path, tables):
    image, connect = dying(tables, error=LinkTimeout("silence"))
    run(tmp_path, meter() + steps(RESET), connect)
    image.on_write, image.run = None, CountingImage.run.__get__(image)
    report = run(tmp_path, meter() + steps(RESET), connect, resume=True, again=Again(doubtful=True))
    assert results(report) == ["ok"]
    assert image.ran == [9, 9]


@pytest.mark.parametrize(
    ("text", "result", "started"),
    [
        (RESET, "in doubt", 0),
        ("procedure = 16", "ok", 1),
        ('procedure = 10\nwith = { date_time = "now" }', "ok", 1),
        ('procedure = 10\nwith = { date_time = "2026-02-01T12:00:00Z" }', "in doubt", 0),
        (WRITE, "ok", 0),
    ],
)
def test_what_was_begun_when_the_program_ended(tmp_path, tables, text, result, started):
    from orders import order

    image = CountingImage(tables)
    found = order(tmp_path, meter() + steps(text))
    with Journal.begin(tmp_path / "journal.jsonl", order="", plan=found.digest, now=lambda: NOON) as journal:
        journal.tell_begun("one", 1)
    report = run(tmp_path, meter() + steps(text), on({"one": one_meter(image)}), resume=True)
    assert results(report) == [result]
    assert len(image.ran) == started


def test_what_failed_is_tried_again_only_where_that_is_asked_for(tmp_path):
    text = meter() + steps('expect = "1.ed_model"\nis = "OTHER"', "read = 1")
    assert results(run(tmp_path, text, on({"one": one_meter()}))) == ["failed", "not done"]
    reached = []

    async def connect(planned):
        reached.append(planned.name)
        return await on({"one": one_meter()})(planned)

    assert results(run(tmp_path, text, connect, resume=True)) == ["failed", "not done"]
    assert reached == []
    run(tmp_path, text, connect, resume=True, again=Again(failed=True))
    assert reached == ["one"]


def test_nothing_is_sent_without_a_journal(tmp_path, tables, monkeypatch):
    """A full disk stops all of it before the next write goes out."""
    image = CountingImage(tables)
    add = Journal._add

    def full(self, record):
        if record.get("event") == "begun":
            self.error = TargetError("no space left")
            raise self.error
        add(self, record)

    monkeypatch.setattr(Journal, "_add", full)
    with pytest.raises(TargetError, match="no space left"):
        run(tmp_path, meter() + steps(WRITE), on({"one": one_meter(image)}))
    assert image.writes == []


def test_secrets_stay_out_of_journal_and_reports(tmp_path, tables, marker, monkeypatch):
    from c1222.scripts.report import records

    monkeypatch.setenv("PW", marker.password)
    report = run(tmp_path, meter() + steps("read = 1"))
    assert report.meters[0].first_problem.kind == "refused"
    assert marker.password not in json.dumps(list(records(report)), default=str)


def test_a_meter_that_was_reached_at_last_is_done(tmp_path):
    async def nobody(planned):
        raise TransportError("connection refused")

    text = meter() + steps("read = 1")
    report = run(tmp_path, text, nobody)
    assert report.meters[0].verdict == "failed"
    assert run(tmp_path, text, on({"one": one_meter()}), resume=True).meters[0].verdict == "failed"
    again = run(tmp_path, text, on({"one": one_meter()}), resume=True, again=Again(failed=True))
    assert again.meters[0].verdict == "done"
    assert run(tmp_path, text, nobody, resume=True).meters[0].verdict == "done"


@pytest.mark.parametrize(("text", "result"), [("read = 1", "failed"), (RESET, "in doubt")])
def test_a_fault_of_this_program_ends_one_meter(tmp_path, text, result):
    async def connect(planned):
        found = await on({"a": one_meter(), "b": one_meter()})(planned)
        if planned.name == "a":
            found.read = found.run_prepared = None
        return found

    meters = meter("a") + meter("b", target="sim:?seed=2")
    report = run(tmp_path, meters + steps(text), connect)
    assert [results(report, 0), results(report, 1)] == [[result], ["ok"]]
    assert said(report, 1) == "this should not have happened (TypeError)"


def test_a_wait_without_a_session_is_only_a_pause(tmp_path):
    text = meter(target="sim:?protocol=c1222&called=.123.8437") + steps("wait = 3600")
    assert results(run(tmp_path, text)) == ["ok"]
