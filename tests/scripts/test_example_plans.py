"""The plans of examples/: they are what docs/plans.md shows, they are sound, and they do what they say."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from simulated_orders import on

from c1222.meter.simulated import SimulatedMeter
from c1222.scripts.aio_run import carry_out
from c1222.scripts.journal import Journal
from c1222.scripts.order import read_order
from c1222.scripts.report import Report
from c1222.settings.config import Config

ROOT = Path(__file__).parents[2]
PLANS = ROOT / "examples" / "plans"
FILES = sorted(PLANS.iterdir())


@pytest.fixture(autouse=True)
def passwords(monkeypatch):
    monkeypatch.setenv("DEPOT_PASSWORD", "ENGINEER")
    monkeypatch.setenv("METER_PASSWORD", "ENGINEER")


def carried_out(name, folder, connect=None):
    order = read_order(PLANS / name, config=Config())
    noon = datetime(2026, 2, 1, 12, tzinfo=UTC)
    with Journal.begin(folder / "journal.jsonl", order=order.title, plan=order.digest) as journal:
        carry_out(order, journal, connect=connect, now=lambda: noon)
        return Report.of(order, journal)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_guide_shows_them(file):
    assert file.read_text() in (ROOT / "docs" / "plans.md").read_text()


def test_the_end_of_the_month(tmp_path):
    report = carried_out("end-of-month.toml", tmp_path)
    assert [[taken.result for taken in each.steps] for each in report.meters] == [["ok"] * 7] * 2


def test_the_new_owner(tmp_path):
    meters = {f"mill-lane-{number}": SimulatedMeter(number) for number in (1, 2, 3)}
    report = carried_out("new-owner.toml", tmp_path, on(meters))
    assert report.summary == "3 meters: 3 done"
    read = [each.steps[-1].outcome.data for each in report.meters]
    assert [each["ST-6.utility_div"].strip() for each in read] == ["NORTH", "NORTH", "SOUTH"]
    assert {each["ST-6.owner_name"].strip() for each in read} == {"MILL LANE ENERGY"}
