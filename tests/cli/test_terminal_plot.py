"""Interval data drawn on a terminal: what a person sees in plain text."""

import re
from zoneinfo import ZoneInfo

import dst_meters
import pytest
from dst_meters import flagged, profile
from saved_meters import output, run, utc

from c1219_tables.readings.intervals.block_times import seconds
from c1219_tables.readings.intervals.quality import Quality

pytest.importorskip("plotext")

import plotext

from c1222_cli.readings.terminal_plot import terminal_plot

DAY = ("--since", "2025-11-02", "--until", "2025-11-03", "--channel", "1", "--plot")


@pytest.fixture(scope="module")
def autumn(tmp_path_factory):
    return dst_meters.autumn(tmp_path_factory.mktemp("meter") / "autumn.json")


@pytest.fixture
def day(autumn):
    return profile(autumn, "2025-11-02T04:00", "2025-11-03T05:00")


@pytest.fixture(autouse=True)
def a_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")


def test_in_words(autumn):
    lines = output("profile", autumn, *DAY).splitlines()
    assert lines[0].endswith("channel 1: active energy delivered")
    assert lines[1] == "  Wh in 15 min"
    # Local times; on this day with their offsets, for 01:15 comes twice.
    start = lines.index("  2025-11-02, local time of the meter, UTC-04:00 and UTC-05:00")
    assert lines[start + 1 :] == [
        "  D  2025-11-02 01:00-05:00  DST ends: 02:00 UTC-04:00 becomes 01:00 UTC-05:00",
        "  F  2025-11-02 09:00-05:00 to 11:45-05:00  power failed",
        "  P  2025-11-02 09:00-05:00 to 09:15-05:00  partial interval",
        "  -  2025-11-02 09:15-05:00 to 11:30-05:00  no value: skipped",
        "  P  2025-11-02 11:30-05:00 to 11:45-05:00  partial interval",
        "  -  2025-11-02 15:00-05:00 to 16:00-05:00  no value: skipped",
        "  >  2025-11-02 15:00-05:00 to 16:00-05:00  clock set forward",
        "  <  2025-11-02 18:00-05:00 to 18:15-05:00  clock set back",
        "  R  2025-11-02 18:00-05:00 to 19:00-05:00  time repeated",
    ]


@pytest.mark.parametrize("more", [("-q",), ()], ids=["quiet", "told"])
def test_notes_beside_it(autumn, more):
    """As beside CSV: those of the channels that are drawn, and of no other."""
    result = run("profile", autumn, *DAY[:4], "--channel", "3", "--plot", *more)
    told = [line for line in result.stderr.splitlines() if line.startswith("note: ")]
    assert any(line.startswith("note: channel 3: interval data is taken times") for line in told) == (not more)
    assert all(line.startswith("note: channel 3: ") for line in told)
    assert "note: " not in result.stdout


def test_a_curve_goes_on_behind_times_that_are_repeated(day, monkeypatch):
    """At midnight UTC, the step from the last value of what was repeated to the next is drawn."""
    midnight = seconds(utc("2025-11-03T00:00"))
    curves = []
    monkeypatch.setattr(plotext, "plot", lambda at, values, **more: curves.append(list(zip(at, values, strict=True))))
    terminal_plot("a meter", day, day[0], colour=False)
    assert [len({at for at, _ in curve}) == len(curve) // 2 + 1 for curve in curves] == [True] * 5
    repeated, last = curves[-2:]
    assert last[0] == repeated[-1]
    assert last[0][0] == last[1][0] == midnight


def test_letters_stand_below_the_curve(day):
    """80 columns less 4 for `1000`, 2 for the frame: 74, so 73 steps for 25 hours."""
    text = terminal_plot("a meter", day, day[0], colour=False)
    rows = {line.strip()[0]: line for line in text.splitlines() if re.fullmatch(r" {5,}[DF<>RP -]+", line)}
    assert set(rows) == set("DF><RP-")
    # DST ends 2 hours after the beginning: 2 * 73 / 25 = 5.84, column 6. The line in the drawing is above it.
    assert rows["D"].index("D") == 5 + 6
    assert {line[5 + 6] for line in text.splitlines() if line[4] in "┌└"} == {"┬", "┴"}
    # Power failed from hour 10 to hour 12.75: 29.2 and 37.23.
    assert rows["F"] == " " * (5 + 29) + "F" * 8


def test_what_has_one_letter_has_one_row(tmp_path):
    """Two changes of DST."""
    tz = ZoneInfo("Africa/Casablanca")
    found = profile(dst_meters.ramadan(tmp_path / "meter.json"), "2025-02-20T12:00", "2025-04-10T00:00", tz=tz)
    lines = terminal_plot("a meter", found, found[0], colour=False).splitlines()
    assert [line.split() for line in lines if set(line) == {" ", "D"}] == [["D", "D"]]
    assert sum(line.startswith("  D  2025-") for line in lines) == 2


def test_round_names_on_both_axes(day):
    lines = terminal_plot("a meter", day, day[0], colour=False).splitlines()
    assert [line[:4].strip() for line in lines if line[4:5] == "┤"] == ["1000", "800", "600", "400", "200", "0"]
    assert ["00:00", "06:00", "12:00", "18:00", "00:00"] in [line.split() for line in lines]


def test_a_week_has_days(autumn):
    found = profile(autumn, "2025-10-28T04:00", "2025-11-03T05:00")
    lines = terminal_plot("a meter", found, found[0], colour=False).splitlines()
    assert ["10-28", "10-29", "10-30", "10-31", "11-01", "11-02", "11-03"] in [line.split() for line in lines]
    assert "  2025-10-28 to 2025-11-02, local time of the meter, UTC-04:00 and UTC-05:00" in lines


@pytest.mark.parametrize(("columns", "width"), [(60, 60), (100, 100), (300, 140), (10, 40)])
def test_as_wide_as_the_terminal(day, monkeypatch, columns, width):
    """Not wider than can be read, nor narrower than can be drawn."""
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = terminal_plot("a meter", day, day[0], colour=False).splitlines()
    frame = next(line for line in lines if "┌" in line)
    assert len(frame) == width
    assert all(len(line) <= width for line in lines[2:20])


def test_colour_only_where_it_is_asked_for(autumn, day):
    assert "\x1b" not in output("profile", autumn, *DAY)
    assert "\x1b" not in terminal_plot("a meter", day, day[0], colour=False)
    assert "\x1b" in terminal_plot("a meter", day, day[0], colour=True)


def test_where_much_is_to_be_told_each_letter_has_a_line(autumn):
    """Every second interval of 4 hours is partial: 8 times, and 5 between them overflow: 13 spans."""
    flags = {row: int(Quality.PARTIAL) for row in range(0, 16, 2)}
    for row in range(1, 11, 2):
        flags[row] = int(Quality.OVERFLOW)
    found = flagged(profile(autumn, "2025-11-01T04:00", "2025-11-01T08:00"), flags)
    assert terminal_plot("a meter", found, found[0], colour=False).splitlines()[-2:] == [
        "  P  partial interval, 8 times between 2025-11-01 00:00-04:00 and 03:45-04:00",
        "  O  overflow, 5 times between 2025-11-01 00:15-04:00 and 02:30-04:00",
    ]


def test_nothing_but_gaps(autumn):
    found = profile(autumn, "2025-11-01T04:00", "2025-11-01T08:00")
    found = flagged(found, dict.fromkeys(range(16), int(Quality.SKIPPED)))
    assert terminal_plot("a meter", found, found[0], colour=False).splitlines() == [
        "a meter, channel 1: active energy delivered",
        "  no values, 2025-11-01, local time of the meter, UTC-04:00",
        "  -  2025-11-01 00:00-04:00 to 04:00-04:00  no value: skipped",
    ]


def test_one_interval(autumn):
    found = profile(autumn, "2025-11-01T12:00", "2025-11-01T12:15")
    text = terminal_plot("a meter", found, found[0], colour=False)
    # 73 columns have room for 8 names of 9; 15 minutes have 8 times of 2 minutes.
    names = [f"08:{minute:02}" for minute in range(0, 15, 2)]
    assert names in [line.split() for line in text.splitlines()]


def test_another_plotext(autumn, monkeypatch):
    """Version 6 has none of the calls of 5: drawing is asked of `plotext.figure`."""
    monkeypatch.delattr(plotext, "plotsize")
    monkeypatch.setattr(plotext, "__version__", "6.1.0")
    result = run("profile", autumn, *DAY)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--plot needs plotext 5, version 6.1.0 is installed: pip install 'plotext>=5.2.8,<6'" in result.stderr
