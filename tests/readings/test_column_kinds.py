"""Columns for libraries that want one type a column: nothing is lost there without a word."""

from decimal import Decimal

import pytest

from c1219_tables.errors import LayoutError
from c1219_tables.readings.values.column_kinds import arrow_table, fitted, polars_frame

DECIMAL = {"value": "decimal"}
MOST = "9" * 38


def numbers(*texts):
    return [None if text is None else Decimal(text) for text in texts]


@pytest.mark.parametrize(
    ("texts", "asked", "scale"),
    [
        pytest.param(["1.5", "-2.25", None, "0"], 3, 3, id="all fit"),
        pytest.param([None], 3, 3, id="nothing there"),
        pytest.param([], 3, 3, id="no rows"),
        # 20 digits before the point leave 18.
        pytest.param(["1" * 20, "0.5"], 18, 18, id="just room"),
        # 21 leave 17, of which one is needed.
        pytest.param(["1" * 21, "0.5"], 18, 17, id="fewer decimals make room"),
        pytest.param(["1E+30", "0.5"], 18, 7, id="a power of ten: 31 digits"),
        pytest.param([MOST], 18, 0, id="as large as can be"),
        pytest.param(["-" + MOST], 18, 0, id="as small as can be"),
        # 2^-20 has 20 decimals.
        pytest.param(["0.00000095367431640625", "1.5"], 18, 20, id="more decimals keep it"),
        pytest.param(["0." + "0" * 37 + "1"], 3, 38, id="as many as can be"),
        pytest.param(["1.5000"], 2, 2, id="zeros at the end say nothing"),
    ],
)
def test_a_number_of_decimals_that_keeps_all(texts, asked, scale):
    found = fitted(DECIMAL, {"value": numbers(*texts)}, (), asked)
    assert (found.scales, found.notes) == ({"value": scale}, [])
    assert found.values["value"] == numbers(*texts)


@pytest.mark.parametrize(
    ("texts", "asked", "kept", "decimals"),
    [
        # 40 decimals and more never fit; the first one behind the 18th is 5 and more, so the last is one up.
        pytest.param(["0." + "3" * 17 + "26" + "1" * 21], 18, ["0." + "3" * 17 + "3"], 18, id="rounded up"),
        pytest.param(["0." + "3" * 40, "1.5"], 18, ["0." + "3" * 18, "1.5"], 18, id="others stay"),
        # 31 digits before the point, and one that rounding may add, leave 6.
        pytest.param(["1E+30", "0.12345678"], 18, ["1E+30", "0.123457"], 6, id="no room for both"),
        # 37 digits leave 1: the other value, of 36 and two decimals, becomes one of 37.
        pytest.param(["9" * 36 + ".99", "1E+36"], 18, ["1E+36", "1E+36"], 0, id="a digit more by rounding"),
    ],
)
def test_what_is_rounded_is_noted(texts, asked, kept, decimals):
    found = fitted(DECIMAL, {"value": numbers(*texts)}, (), asked)
    assert found.values["value"] == numbers(*kept)
    assert found.scales == {"value": decimals}
    [note] = found.notes
    assert note.code == "rounded-decimals"
    assert note.text.startswith(f"value is rounded to {decimals} decimals in 1 of {len(texts)} rows")


@pytest.mark.parametrize("text", ["1E+38", "-1E+38", "1" + "0" * 400 + ".5", MOST + ".5"])
def test_what_is_too_large_is_refused(text):
    columns = {"channel": [1, 2], "value": numbers("1", text)}
    kinds = {"channel": "whole", "value": "decimal"}
    with pytest.raises(
        LayoutError, match=r"^channel 2: value -?1(\.0+)?e\+(38|400) is too large for a column of 38 digits"
    ):
        fitted(kinds, columns, ("channel",))
    with pytest.raises(LayoutError, match=r"^row 2: value"):
        fitted(kinds, columns, ())


KINDS = {"a": "text", "b": "whole", "c": "decimal", "d": "flag", "e": "stored"}
VALUES = {
    "a": ["x", None], "b": [1, None], "c": numbers("1E+2", "0.125"), "d": [True, None], "e": [2**63, Decimal("1.50")],
}  # fmt: skip
KEPT = [
    {"a": "x", "b": 1, "c": Decimal(100), "d": True, "e": "9223372036854775808"},
    {"a": None, "b": None, "c": Decimal("0.125"), "d": None, "e": "1.50"},
]


def test_in_arrow():
    pyarrow = pytest.importorskip("pyarrow")
    table, notes = arrow_table(KINDS, VALUES, pyarrow, scale=3)
    assert (table.to_pylist(), notes) == (KEPT, [])
    assert [str(kind) for kind in table.schema.types] == ["string", "int64", "decimal128(38, 3)", "bool", "string"]


def test_in_polars():
    polars = pytest.importorskip("polars")
    frame, notes = polars_frame(KINDS, VALUES, polars, scale=3)
    assert (frame.to_dicts(), notes) == (KEPT, [])
    assert frame.schema["c"] == polars.Decimal(38, 3)


@pytest.mark.parametrize("count", [0, 1])
def test_types_without_values_are_the_same(count):
    pyarrow = pytest.importorskip("pyarrow")
    table, _ = arrow_table(KINDS, {name: column[:count] for name, column in VALUES.items()}, pyarrow, scale=3)
    assert str(table.schema.field("c").type) == "decimal128(38, 3)"
    assert str(table.schema.field("e").type) == "string"
