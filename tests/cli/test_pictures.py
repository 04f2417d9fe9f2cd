"""Pictures of a day with a failure of power and a change of DST: what is drawn where. How it looks, a person says."""

import io
import re
from datetime import timedelta

import pytest
from saved_meters import output, run, saved, utc

from c1222.meter.world.events import ClockSet, Outage
from c1222.meter.world.world import World

pytest.importorskip("matplotlib")
pytest.importorskip("plotext")

import c1222
from c1222_cli.readings.curve import MARKS, clock_changes, marked, runs, where
from c1222_cli.readings.picture import picture
from c1222_cli.readings.terminal_plot import terminal_plot

NOW = utc("2025-11-04T12:00")
DAY = ("--since", "2025-11-02", "--until", "2025-11-03")


@pytest.fixture(scope="module")
def meter(tmp_path_factory):
    events = [
        Outage(utc("2025-11-02T14:07"), utc("2025-11-02T16:40")),
        ClockSet(utc("2025-11-02T20:00"), 3600),
        ClockSet(utc("2025-11-02T23:00"), -3600),
    ]
    world = World(3, installed=utc("2025-10-25T04:00"), events=events)
    return saved(tmp_path_factory.mktemp("meter") / "meter.json", world, NOW, days=20)


@pytest.fixture(scope="module")
def day(meter):
    with c1222.connect(meter) as open_meter:
        return open_meter.profile(since=utc("2025-11-02T04:00"), until=utc("2025-11-03T05:00"))


def test_what_is_marked(day):
    series = day.channel(1)
    assert marked(day, series, MARKS["power failed"]) == [(utc("2025-11-02T14:00"), utc("2025-11-02T16:45"))]
    (change,) = clock_changes(day)
    assert change.at == utc("2025-11-02T06:00")
    assert str(change) == "DST ends: 02:00 becomes 01:00"
    assert where(day) == "local time of the meter, UTC-04:00 and UTC-05:00"


def test_gaps_break_the_curve(day):
    """The failure of power; the hour that the clock left out at 20:00; the hour that came again before 23:00."""
    found = [(run[0][0], run[-1][1]) for run in runs(day, day.channel(1))]
    assert found[:3] == [
        (utc("2025-11-02T04:00"), utc("2025-11-02T14:15")),
        (utc("2025-11-02T16:30"), utc("2025-11-02T20:00")),
        (utc("2025-11-02T21:00"), utc("2025-11-03T00:00")),
    ]
    assert all(end - start == timedelta(minutes=15) for run in runs(day, day.channel(1)) for start, end, _ in run)
    assert sum(len(run) for run in runs(day, day.channel(1))) == sum(value is not None for value in day[0].values())


def test_a_picture_that_can_be_opened(meter, tmp_path):
    from matplotlib import image

    output("profile", meter, *DAY, "-o", tmp_path / "day.png")
    height, width, _ = image.imread(tmp_path / "day.png").shape
    assert (width, height) == (1440, 960)


def test_words_of_a_picture(day):
    stream = io.BytesIO()
    picture(stream, "svg", "a meter", day, list(day))
    # matplotlib writes the text of each glyph run as a comment.
    words = [text.strip() for text in re.findall(r"<!--(.*?)-->", stream.getvalue().decode(), re.DOTALL)]
    assert {"Wh in 15 min", "varh in 15 min", "power failed", "clock set", "no values"} <= set(words)
    assert {"1 active energy delivered", "4 reactive energy Q4", "DST ends: 02:00 becomes 01:00"} <= set(words)
    assert "local time of the meter, UTC-04:00 and UTC-05:00" in words
    assert "02:00" in words


def test_the_same_data_make_the_same_picture(day):
    first, second = io.BytesIO(), io.BytesIO()
    picture(first, "png", "a meter", day, [day.channel(1)])
    picture(second, "png", "a meter", day, [day.channel(1)])
    assert first.getvalue() == second.getvalue()


def test_on_the_terminal(meter, day):
    text = output("profile", meter, *DAY, "--channel", "1", "--plot")
    assert "channel 1: active energy delivered" in text
    assert "Wh in 15 min" in text
    assert "  2025-11-02 01:00  DST ends: 02:00 becomes 01:00" in text
    assert "  2025-11-02 09:00 to 2025-11-02 11:45  power failed" in text
    assert "\x1b" not in text
    assert "\x1b" in terminal_plot("a meter", day, day.channel(1), colour=True)


@pytest.mark.parametrize("more", [["-o", "none.png"], ["--plot"]])
def test_a_profile_without_intervals(meter, tmp_path, monkeypatch, more):
    monkeypatch.chdir(tmp_path)
    result = run("profile", meter, "--since", "2025-12-01", *more)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no intervals" in result.stderr
    assert not (tmp_path / "none.png").exists()


def test_the_date_is_on_the_axis(meter, tmp_path):
    hours = ("--since", "2025-11-02T05:00", "--until", "2025-11-02T08:00", "--channel", "1")
    output("profile", meter, *hours, "-o", tmp_path / "hours.svg")
    assert "2025-11-02" in (tmp_path / "hours.svg").read_text()
    assert "2025-11-02, local time of the meter" in output("profile", meter, *hours, "--plot")
