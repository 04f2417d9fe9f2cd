"""Values that are too much for a column of Parquet: nothing is lost without a word."""

import csv
import io
import json
import struct
from decimal import Decimal

import pytest
from saved_meters import output, run
from saved_profiles import Set, saved_profile

import c1222
from c1222.errors import LayoutError

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")
polars = pytest.importorskip("polars")

# Table 11: one unit, one source. Table 12: active energy delivered, 10^0. Table 52: a clock in GMT.
ENERGY = {11: bytes([0, 1, 0, 0, 0, 0, 2, 1]), 12: bytes.fromhex("00 40 02 00"), 16: b"\x11"}
GMT = {52: bytes([24, 1, 15, 0, 0, 0, 0x10])}


def csv_rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def floats(path, *values):
    """A meter whose source 0 counts Wh as FLOAT64 (NI format 0, format 64), in quarters that end at 01:00."""
    octets = bytes([24, 1, 15, 1, 0]) + struct.pack(f"<{len(values)}d", *values)
    one = Set([octets], code=64, intervals=len(values), selects=[(0, 0, 255)])
    return saved_profile(path, one, {"ni1": 0}, {**ENERGY, **GMT})


@pytest.mark.parametrize("wide", [[], ["--wide"]])
def test_a_value_that_no_column_can_hold(tmp_path, wide):
    """1e40 has 41 digits. The file that was there before stays, and CSV and JSON have the value."""
    meter = floats(tmp_path / "meter.json", 1.5, 1e40)
    file = tmp_path / "a.parquet"
    file.write_bytes(b"before")
    result = run("profile", meter, *wide, "-o", file)
    name = "ch1_active_energy_delivered_wh" if wide else "value"
    which = "start_local 2024-01-15T00:45:00+00:00"
    assert result.exit_code == 7
    assert result.stderr.splitlines()[-1] == (
        f"Error: {which if wide else 'channel 1, ' + which}: {name} 1.00000e+40 is too large for a column of 38 digits;"
        " CSV and JSON keep it, in Python columns()"
    )
    assert file.read_bytes() == b"before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.parquet", "meter.json"]
    [_, row] = csv_rows(output("profile", meter, *wide, "--format", "csv"))
    assert Decimal(row[name]) == Decimal(int(1e40))


def test_a_large_value_beside_a_small_one(tmp_path):
    """As many decimals as leave room: 1e30 as a double has 31 digits before the point."""
    meter = floats(tmp_path / "meter.json", 0.5, 1e30)
    output("profile", meter, "-o", tmp_path / "a.parquet")
    assert parquet.read_table(tmp_path / "a.parquet")["value"].to_pylist() == [Decimal("0.5"), int(1e30)]


def test_what_is_rounded_is_said(tmp_path):
    """0.1 as a double is 0.1000000000000000055511...: the 18th decimal is rounded up to 6."""
    meter = floats(tmp_path / "meter.json", 0.5, 0.1)
    result = run("profile", meter, "-o", tmp_path / "a.parquet")
    said = "value is rounded to 18 decimals in 1 of 2 rows: a column has 38 digits; CSV and JSON keep all"
    assert result.exit_code == 0
    assert result.stderr.splitlines()[-1] == f"note: {said}"
    table = parquet.read_table(tmp_path / "a.parquet")
    assert table["value"].to_pylist() == [Decimal("0.5"), Decimal("0.100000000000000006")]
    notes = json.loads(table.schema.metadata[b"c1222"])["notes"]
    assert notes[-1] == {"code": "rounded-decimals", "text": said}


@pytest.mark.parametrize(("library", "method"), [(pyarrow, "to_arrow"), (polars, "to_polars")])
def test_the_library_says_so_too(tmp_path, library, method):
    with c1222.connect(floats(tmp_path / "a.json", 0.1)) as meter, pytest.warns(UserWarning, match="rounded to 18"):
        getattr(meter.profile(), method)(library)
    with (
        c1222.connect(floats(tmp_path / "b.json", -1e40)) as meter,
        pytest.raises(LayoutError, match=r"^channel 1, start 2024-01-15 00:45:00\+00:00: value -1.00000e\+40 is too"),
    ):
        getattr(meter.profile(), method)(library)
