"""Pictures of a day with a failure of power and a change of DST: what is drawn where. How it looks, a person says."""

import io
import re
from collections import Counter
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import dst_meters
import pytest
from dst_meters import flagged, profile, without
from saved_meters import output, run, utc

from c1219_tables.readings.intervals.block_times import seconds
from c1219_tables.readings.intervals.quality import Quality
from c1219_tables.readings.values.quantity import Quantity

pytest.importorskip("matplotlib")

import matplotlib as mpl
from matplotlib.figure import Figure

from c1222_cli.readings.picture import picture
from c1222_cli.readings.picture_marks import HATCHES, SIGNS, TINTS
from c1222_cli.readings.quality_marks import MARKS, NO_INTERVALS, NOT_VALID, SKIPPED, STOPPED

CASABLANCA = ZoneInfo("Africa/Casablanca")
DAY = ("--since", "2025-11-02", "--until", "2025-11-03")


@pytest.fixture(scope="module")
def autumn(tmp_path_factory):
    return dst_meters.autumn(tmp_path_factory.mktemp("meter") / "autumn.json")


@pytest.fixture(scope="module")
def spring(tmp_path_factory):
    return dst_meters.spring(tmp_path_factory.mktemp("meter") / "spring.json")


@pytest.fixture
def day(autumn):
    return profile(autumn, "2025-11-02T04:00", "2025-11-03T05:00")


def drawn(found, chosen=None, title="a meter"):
    """The texts of a picture, in order: matplotlib writes that of each run of letters as a comment of the SVG."""
    stream = io.BytesIO()
    picture(stream, "svg", title, found, list(found) if chosen is None else chosen)
    return [text.strip() for text in re.findall(r"<!--(.*?)-->", stream.getvalue().decode(), re.DOTALL)]


def test_a_picture_that_can_be_opened(autumn, tmp_path):
    from matplotlib import image

    output("profile", autumn, *DAY, "-o", tmp_path / "day.png")
    height, width, _ = image.imread(tmp_path / "day.png").shape
    # 12 inches; 1.2 for what is around, 3.4 for each of two units: 8.0. 120 dots an inch.
    assert (width, height) == (1440, 960)


@pytest.mark.parametrize(("form", "begins"), [("svg", b"<?xml"), ("pdf", b"%PDF-")])
def test_other_forms(autumn, tmp_path, form, begins):
    output("profile", autumn, *DAY, "--channel", "1", "-o", tmp_path / f"day.{form}")
    assert (tmp_path / f"day.{form}").read_bytes().startswith(begins)


def test_a_day_as_dst_ends(day):
    words = drawn(day)
    assert {"Wh in 15 min", "varh in 15 min", "1 active energy delivered", "4 reactive energy Q4"} <= set(words)
    assert {"DST ends: 02:00 UTC-04:00 becomes 01:00 UTC-05:00", "DST change"} <= set(words)
    assert "local time of the meter, UTC-04:00 and UTC-05:00" in words
    # The hour that comes twice: both its beginnings are named, 02:00 once.
    assert Counter(words)["01:00"] == 2
    assert Counter(words)["02:00"] == 1
    # A legend for each unit; "clock set back" and "time repeated" of the same interval are two marks.
    there = {"power failed", "partial interval", "clock set forward", "clock set back", "time repeated"}
    assert {name: words.count(name) for name in there | {"no value: skipped"}} == dict.fromkeys(
        there | {"no value: skipped"}, 2
    )
    # What is not there is not in the legend.
    assert not {"time not sure", "test mode", "overflow", "long interval", "no intervals"} & set(words)


def test_a_day_as_dst_begins(spring):
    words = drawn(profile(spring, "2025-03-09T05:00", "2025-03-10T04:00"))
    assert "DST begins: 02:00 UTC-05:00 becomes 03:00 UTC-04:00" in words
    # The hour that never comes is not named, that to which clocks leap is.
    assert (words.count("02:00"), words.count("03:00")) == (0, 1)
    assert {"power failed", "no value: skipped", "partial interval"} <= set(words)


def axes_of(found, chosen, monkeypatch):
    """The parts of a picture, as matplotlib has them."""
    figures = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: figures.append(figure))
    picture(io.BytesIO(), "png", "a meter", found, chosen)
    return figures[0].axes


def test_a_change_at_the_edge_lies_beside_the_frame(spring, monkeypatch):
    """15 minutes before the end of three days: 0.35 of 100. There are 12 inches, so some 9 of curve: 1 dot in 1080."""
    found = profile(spring, "2025-03-06T07:15", "2025-03-09T07:15")
    (ax,) = axes_of(found, [found[0]], monkeypatch)
    first, last = ax.get_xlim()
    change = seconds(utc("2025-03-09T07:00")) / 86400
    assert change in [line.get_xdata()[0] for line in ax.lines]
    # 10 dots of 1080, and more: the line is 2 wide.
    assert min(change - first, last - change) > 10 / 1080 * (last - first)


def test_a_curve_goes_on_behind_times_that_are_repeated(day, monkeypatch):
    """Midnight UTC on 3 November is day 20395 since 1970: 55 years x 365 + 14 leap days + 304 + 2."""
    (ax,) = axes_of(day, [day[0]], monkeypatch)
    curves = [line for line in ax.lines if line.get_drawstyle() == "steps-post"]
    repeated, last = (list(zip(*line.get_data(), strict=True)) for line in curves[-2:])
    assert last[0] == repeated[-1]
    assert last[0][0] == last[1][0] == 20395


def test_notes_are_told(autumn, tmp_path):
    words = ("profile", autumn, *DAY, "--channel", "3", "-o", tmp_path / "day.svg")
    assert "note: channel 3: interval data is taken times" in run(*words).stderr
    assert "note: " not in run(*words, "-q").stderr


def test_two_changes(tmp_path):
    found = profile(dst_meters.ramadan(tmp_path / "meter.json"), "2025-02-20T12:00", "2025-04-10T00:00", tz=CASABLANCA)
    words = drawn(found, [found[0]])
    assert {"DST ends: 03:00 UTC+01:00 becomes 02:00 UTC", "DST begins: 02:00 UTC becomes 03:00 UTC+01:00"} < set(words)
    assert words.count("DST change") == 1
    assert "local time of the meter, UTC and UTC+01:00" in words


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: mark.words)
def test_each_mark_says_what_it_is(autumn, mark):
    """On a morning of which nothing else is to be known."""
    found = flagged(profile(autumn, "2025-11-01T04:00", "2025-11-01T08:00"), {3: int(mark.flags)})
    words = drawn(found, [found[0]])
    assert [one.words for one in MARKS if one.words in words] == [mark.words]


@pytest.mark.parametrize(
    ("flags", "mark"),
    [(Quality.STOPPED | Quality.NOT_VALID, STOPPED), (Quality.SKIPPED, SKIPPED), (Quality.NOT_VALID, NOT_VALID)],
)
def test_each_gap_says_why(autumn, flags, mark):
    found = flagged(profile(autumn, "2025-11-01T04:00", "2025-11-01T08:00"), {3: int(flags)})
    words = drawn(found, [found[0]])
    assert [one.words for one in (STOPPED, SKIPPED, NOT_VALID, NO_INTERVALS) if one.words in words] == [mark.words]


def test_where_the_meter_has_nothing(autumn):
    found = without(profile(autumn, "2025-11-01T04:00", "2025-11-01T08:00"), {5, 6})
    assert "no intervals" in drawn(found, [found[0]])


def test_no_two_marks_look_alike():
    """Without colour, too: tints by their letters, values by signs, gaps by hatches. Nothing is drawn in two ways."""
    assert {*TINTS, *SIGNS} == set(MARKS)
    assert not {*TINTS} & {*SIGNS}
    assert set(HATCHES) == {STOPPED, SKIPPED, NOT_VALID, NO_INTERVALS}
    letters = [mark.letter for mark in (*MARKS, *HATCHES)]
    for looks in (letters, TINTS.values(), SIGNS.values(), HATCHES.values()):
        assert len(set(looks)) == len(list(looks))


def test_units_have_parts_of_their_own(day):
    """A channel of volts beside those of energy: its unit alone, and a curve of its own."""
    volts = SimpleNamespace(
        channel=5,
        quantity=Quantity("RMS voltage phase A", 8, "RMS voltage", "V", time_base=1),
        unit="V",
        values=lambda: [238.0 + row % 3 for row in range(len(day.data.ends))],
        flags=[0] * len(day.data.ends),
        gaps=lambda: iter(()),
    )
    words = drawn(day, [volts, day[0], day[2]])
    assert [text for text in words if text in ("V", "Wh in 15 min", "varh in 15 min")] == [
        "V",
        "Wh in 15 min",
        "varh in 15 min",
    ]
    assert "5 RMS voltage phase A" in words
    assert "239.0" in words  # its axis is not drawn from 0: it would only have names like 200


def test_nothing_but_gaps(day):
    words = drawn(flagged(day, dict.fromkeys(range(len(day.data.ends)), int(Quality.SKIPPED))), [day[0]])
    assert {"no values", "1 active energy delivered: no values", "no value: skipped", "power failed"} <= set(words)


def test_one_interval(autumn):
    found = profile(autumn, "2025-11-01T12:00", "2025-11-01T12:15")
    assert len(found.data.ends) == 1
    words = drawn(found)
    assert next(text for text in words if re.fullmatch(r"[\d:]{5}", text)) == "08:00"
    assert "2025-11-01" in words


def test_a_title_is_taken_as_it_is(day):
    """Neither formulas nor control characters; broken into lines where it is long."""
    words = drawn(day, [day[0]], "dump:$x$/" + "long " * 40 + "\x1b[31m")
    title = " ".join(words)
    assert "dump:$x$/long long" in title
    assert r"\x1b[31m: load profile, set 1, intervals of 15 minutes" in title
    assert all(len(text) <= 130 for text in words)


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_the_same_data_make_the_same_picture(day, form):
    """Whatever a person has set for pictures of other programs."""
    first, second = io.BytesIO(), io.BytesIO()
    picture(first, form, "a meter", day, [day.channel(1)])
    with mpl.rc_context({"axes.facecolor": "black", "font.size": 20}):
        picture(second, form, "a meter", day, [day.channel(1)])
    assert first.getvalue() == second.getvalue()


@pytest.mark.parametrize("more", [["-o", "none.png"], ["--plot"]])
def test_a_profile_without_intervals(autumn, tmp_path, monkeypatch, more):
    monkeypatch.chdir(tmp_path)
    result = run("profile", autumn, "--since", "2025-12-01", *more)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no intervals" in result.stderr
    assert not (tmp_path / "none.png").exists()


def test_the_date_is_on_the_axis(autumn, tmp_path):
    hours = ("--since", "2025-11-02T05:00", "--until", "2025-11-02T08:00", "--channel", "1")
    output("profile", autumn, *hours, "-o", tmp_path / "hours.svg")
    assert "2025-11-02" in (tmp_path / "hours.svg").read_text()
