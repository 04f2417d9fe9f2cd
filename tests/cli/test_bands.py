"""Long curves in buckets: what they are between, how long the buckets are, what a picture shows of them."""

import io
from datetime import timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import dst_meters
import pytest
from dst_meters import flagged, profile
from saved_meters import utc

from c1219_tables.readings.intervals.quality import Quality
from c1222_cli.readings.bands import Band, Buckets, buckets
from c1222_cli.readings.curve import Run


def run_of(*intervals):
    """`run_of("05:30 06:00 10")`, in UTC on 2 November."""
    parts = [one.split() for one in intervals]
    return Run([(at(start), at(end), float(value)) for start, end, value in parts], repeated=False)


def at(text):
    return utc(f"2025-11-02T{text}")


def test_low_high_and_mean():
    """Buckets of 2 hours from 04:00: the first of the run begins late, its last ends early."""
    run = run_of("05:00 06:00 3", "06:00 07:00 10", "07:00 08:00 50", "08:00 09:00 -7")
    from_four = Buckets(int(at("04:00").timestamp()), 2)
    # The mean of 10 and 50 is 30.
    assert from_four.bands(run) == [
        Band(at("05:00"), at("06:00"), 3, 3, 3),
        Band(at("06:00"), at("08:00"), 10, 50, 30),
        Band(at("08:00"), at("09:00"), -7, -7, -7),
    ]


def counted(count, minutes, zone="America/New_York"):
    """A profile of so many intervals from 2025-01-01 00:00 in New York, 05:00 UTC, of which nothing else is known."""
    start = int(utc("2025-01-01T05:00").timestamp())
    ends = [start + 60 * minutes * (number + 1) for number in range(count)]
    place = SimpleNamespace(local=lambda shown: shown.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone)))
    data = SimpleNamespace(ends=ends, moment=lambda at: utc("1970-01-01T00:00") + at * timedelta(seconds=1))
    return SimpleNamespace(data=data, minutes=minutes, zone=SimpleNamespace(place=place))


LENGTHS = [
    #            intervals of so many minutes, hours of a bucket: not more than 500 of them
    pytest.param(2000, 15, None, id="each-is-drawn"),
    pytest.param(2001, 15, 2, id="21-days"),  # 500 h 15 min: a little more than 500 of one hour
    pytest.param(5760, 15, 3, id="60-days"),  # 1440 h / 500 = 2.88
    pytest.param(35040, 15, 24, id="a-year"),  # 8760 h / 500 = 17.5; 12 hours are too few
    pytest.param(35040, 60, 72, id="four-years"),  # 35040 h / 500 = 70.1: 3 days are 72
]


@pytest.mark.parametrize(("count", "minutes", "hours"), LENGTHS)
def test_no_more_buckets_than_can_be_seen(count, minutes, hours):
    found = buckets(counted(count, minutes))
    assert (found and found.hours) == hours


def test_they_begin_at_local_midnight():
    found = buckets(counted(35040, 15))
    # In Berlin, 05:00 UTC is 06:00: midnight was six hours before.
    east = buckets(counted(35040, 15, "Europe/Berlin"))
    assert found.origin == utc("2025-01-01T05:00").timestamp()
    assert east.origin == utc("2024-12-31T23:00").timestamp()


def test_a_picture_in_bands(tmp_path, monkeypatch):
    """Ramadan: 48 days of quarters are 4600. 48 x 24 h / 500 = 2.3, so 3 hours. Row 1000 to 1999 have no value."""
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    from c1222_cli.readings.picture import picture

    found = profile(dst_meters.ramadan(tmp_path / "meter.json"), "2025-02-20T05:00", "2025-04-09T05:00")
    flagged(found, dict.fromkeys(range(1000, 2000), int(Quality.SKIPPED)))
    figures = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: figures.append(figure))
    picture(io.BytesIO(), "png", "a meter", found, [found[0]])
    (ax,) = figures[0].axes
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts[:3] == ["1 active energy delivered", "low to high of 3 h", "mean of 3 h"]
    curves = [line.get_data() for line in ax.lines if line.get_drawstyle() == "steps-post"]
    # Left open where there is nothing, to the quarter: row 1000 begins after 1000 quarters, 2000 after 2000.
    start = utc("2025-02-20T05:00").timestamp() / 86400
    ends = [(float(at[0]) - start, float(at[-1]) - start) for at, _ in curves]
    assert ends == [(0.0, pytest.approx(1000 / 96)), (pytest.approx(2000 / 96), pytest.approx(48.0))]
    # The highest value is on the axis, as it is without bands.
    low, high = ax.get_ylim()
    values = [float(value) for value in found[0].values() if value is not None]
    assert low <= min(values) <= max(values) <= high
