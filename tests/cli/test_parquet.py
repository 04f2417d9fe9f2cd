"""60 days of four channels to Parquet, and back in pandas, duckdb and polars: values, times in UTC, units."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from saved_meters import output, saved, utc

from c1222.meter.world.events import Outage
from c1222.meter.world.load import Quantity
from c1222.meter.world.past import world_with_a_past

pandas = pytest.importorskip("pandas")
duckdb = pytest.importorskip("duckdb")
pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
polars = pytest.importorskip("polars")

NOW = utc("2025-12-20T05:00")
DAYS = 60
CHANNELS = [Quantity.WH_DELIVERED, Quantity.WH_RECEIVED, Quantity.VARH_Q1, Quantity.VARH_Q4]
UNITS = ["Wh", "Wh", "varh", "varh"]
QUARTER = timedelta(minutes=15)


@pytest.fixture(scope="module")
def world():
    """A meter whose clock was never wrong: that of one that was says another time than the world."""
    world = world_with_a_past(3, NOW, days=35)
    world.add(Outage(utc("2025-12-01T10:07"), utc("2025-12-01T12:40")))
    return world


@pytest.fixture(scope="module")
def long_world():
    from c1222.meter.world.world import World

    events = [
        Outage(utc("2025-11-02T05:07"), utc("2025-11-02T07:40")),
        Outage(utc("2025-12-05T10:00"), utc("2025-12-06")),
    ]
    return World(7, installed=NOW - timedelta(days=DAYS), events=events)


@pytest.fixture(scope="module")
def file(tmp_path_factory, long_world):
    folder = tmp_path_factory.mktemp("parquet")
    meter = saved(folder / "meter.json", long_world, NOW, days=DAYS)
    output("profile", meter, "-o", folder / "profile.parquet")
    return folder / "profile.parquet"


@pytest.fixture(scope="module")
def truth(long_world):
    """Channel, start -> Wh or varh; None where nothing was recorded."""
    found = {}
    for channel, quantity in enumerate(CHANNELS, 1):
        for number in range(DAYS * 96):
            interval = long_world.interval(number)
            start = NOW - timedelta(days=DAYS) + number * QUARTER
            powered = long_world.powered(interval)
            energy = Decimal(long_world.interval_energy(quantity, interval)) / 1000
            found[channel, start] = energy if powered else None
    return found


def test_in_pandas(file, truth):
    frame = pandas.read_parquet(file)
    assert len(frame) == 4 * DAYS * 96
    assert str(frame["start"].dt.tz) == str(frame["end"].dt.tz) == "UTC"
    assert (frame["end"] - frame["start"] == QUARTER).all()
    found = {
        (channel, start.to_pydatetime()): value
        for channel, start, value in zip(frame["channel"], frame["start"], frame["value"], strict=True)
    }
    assert found == truth
    assert frame.groupby("channel")["unit"].unique().map(list).tolist() == [[unit] for unit in UNITS]
    missing = frame[frame["value"].isna()]
    assert len(missing) > 0
    assert missing["quality"].str.contains("skipped").all()


def test_in_duckdb(file, truth):
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        kinds = dict(
            database.execute(f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM '{file}')").fetchall()
        )
        assert kinds["start"] == kinds["end"] == "TIMESTAMP WITH TIME ZONE"
        assert kinds["value"].startswith("DECIMAL")
        sums = database.execute(
            f'SELECT channel, unit, count(*), count(value), sum(value), min(epoch(start)), max(epoch("end")) '
            f"FROM '{file}' GROUP BY channel, unit ORDER BY channel"
        ).fetchall()
        noon = utc("2025-11-20T17:00")
        (one,) = database.execute(
            f"SELECT value FROM '{file}' WHERE channel = 2 AND epoch(start) = {int(noon.timestamp())}"
        ).fetchall()
    for (channel, unit, count, there, total, first, last), wanted in zip(sums, UNITS, strict=True):
        values = [value for (number, _), value in truth.items() if number == channel]
        assert (unit, count, there) == (wanted, DAYS * 96, sum(value is not None for value in values))
        assert total == sum(value for value in values if value is not None)
        assert (first, last) == ((NOW - timedelta(days=DAYS)).timestamp(), NOW.timestamp())
    assert one == (truth[2, noon],)


def test_in_polars(file, truth):
    frame = polars.read_parquet(file)
    assert frame.schema["start"].time_zone == "UTC"
    assert frame.schema["value"].is_decimal()
    found = {(channel, start): value for channel, start, value in frame.select("channel", "start", "value").iter_rows()}
    assert found == truth


def test_what_holds_for_all_rows_is_in_the_file(file):
    head = json.loads(parquet.read_schema(file).metadata[b"c1222"])
    assert [one["unit"] for one in head["channels"]] == UNITS
    assert head["clock"].startswith("times are local, DST in them, UTC-05:00")


def test_one_channel_and_the_wide_form(tmp_path, world):
    meter = saved(tmp_path / "meter.json", world, NOW, days=DAYS)
    output("profile", meter, "--channel", "3", "--since", "7d", "-o", tmp_path / "one.parquet")
    output("profile", meter, "--since", "7d", "--wide", "-o", tmp_path / "wide.parquet")
    one, wide = (pandas.read_parquet(tmp_path / name) for name in ("one.parquet", "wide.parquet"))
    assert len(one) == len(wide) == 7 * 96
    assert set(one["channel"]) == {3}
    assert (one["value"] == wide["ch3_reactive_energy_q1_varh"]).all()
    assert str(wide["start"].dt.tz) == "UTC"


def test_registers_and_logs(tmp_path, world):
    meter = saved(tmp_path / "meter.json", world, NOW, days=DAYS)
    for words in (["registers", meter, "--snapshot", "all"], ["now", meter], ["events", meter], ["history", meter]):
        path = tmp_path / f"{words[0]}.parquet"
        output(*words, "-o", path)
        table = parquet.read_table(path)
        assert table.num_rows > 3
        times = {str(field.type) for field in table.schema if field.name in ("at", "taken_at")}
        assert times <= {"timestamp[ms, tz=UTC]", "timestamp[ms]"}
    frame = pandas.read_parquet(tmp_path / "registers.parquet")
    total = frame[(frame["snapshot"] == "current") & frame["tier"].isna()].iloc[0]
    wanted = Decimal(world.energy(Quantity.WH_DELIVERED, NOW - timedelta(days=36), NOW)) / 1000
    assert (total["name"], total["unit"]) == ("active energy delivered", "Wh")
    assert total["value"] == wanted


def test_types_do_not_depend_on_values(tmp_path, world):
    meter = saved(tmp_path / "meter.json", world, NOW, days=DAYS)
    types = set()
    for number, since in enumerate(("7d", "2026-01-01")):
        for more in ([], ["--wide"]):
            path = tmp_path / f"{number}{len(more)}.parquet"
            output("profile", meter, "--channel", "1", "--since", since, *more, "-o", path)
            schema = parquet.read_schema(path)
            value, raw = ("ch1_active_energy_delivered_wh", "ch1_raw") if more else ("value", "raw")
            types.add(tuple(str(schema.field(name).type) for name in ("start", "end", "end_local", value, raw)))
    (found,) = types
    assert found[0] == found[1] == "timestamp[ms, tz=UTC]"
    assert found[3].startswith("decimal128(38, ")
    assert found[2] == found[4] == "string"


def test_the_command_and_the_library_have_the_same_columns(tmp_path, world):
    """The command has local times, too."""
    import c1222

    meter = saved(tmp_path / "meter.json", world, NOW, days=DAYS)
    output("profile", meter, "-o", tmp_path / "a.parquet")
    by_command = parquet.read_table(tmp_path / "a.parquet").drop_columns(["start_local", "end_local"])
    with c1222.connect(meter) as connected:
        by_library = connected.profile().to_arrow(pyarrow)
    assert [(one.name, one.nullable) for one in by_command.schema] == [
        (one.name, one.nullable) for one in by_library.schema
    ]
    assert by_command.to_pylist() == by_library.to_pylist()
