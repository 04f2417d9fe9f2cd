"""What columns of readings hold, and how Arrow, Parquet and polars keep it; nothing is lost there without a word.

A decimal has DIGITS digits there, and all values of a column have the same number of decimals. The caller says how
many, so that types do not depend on values; only where values would be rounded, or be too large, and another number
keeps all of them, it is that one.
"""

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from typing import Any, Literal, NamedTuple

from c1219_tables.errors import LayoutError
from c1219_tables.readings.notes import Note

Kind = Literal["text", "whole", "decimal", "time", "flag", "stored"]
"""time: to the second. stored: numbers of any kind, as a meter has them; text where a column must have one type."""

DIGITS = 38
"""Of a decimal in Arrow and polars."""
SCALE = 18
"""Decimals of a column where nothing tells how many its values may have."""

_MOST = Decimal(10**DIGITS - 1)
_WIDE = Context(prec=2 * DIGITS)


class Fitted(NamedTuple):
    """Columns whose values fit into one type each. scales: decimals of the decimal columns. notes: what was rounded."""

    values: dict[str, Sequence[Any]]
    scales: dict[str, int]
    notes: list[Note]


def fitted(
    kinds: Mapping[str, Kind], values: Mapping[str, Sequence[Any]], told_by: Sequence[str], scale: int = SCALE
) -> Fitted:
    """Columns for a library that wants one type a column.

    told_by: the columns that tell people which row it is; without any, rows are counted from 1. scale: decimals that
    the values may have. Raises LayoutError for a value of more than DIGITS digits before the point.
    """
    found = Fitted({}, {}, [])
    for name, kind in kinds.items():
        column = values[name]
        if kind == "stored":
            column = [None if one is None else str(one) for one in column]
        elif kind == "decimal":
            for row, value in enumerate(column):
                if value is not None and value.copy_abs() > _MOST:
                    which = ", ".join(f"{teller} {values[teller][row]}" for teller in told_by) or f"row {row + 1}"
                    raise LayoutError(
                        f"{which}: {name} {value:.6g} is too large for a column of {DIGITS} digits; CSV and JSON keep"
                        " it, in Python columns()"
                    )
            found.scales[name] = _scale(column, scale)
            column, rounded = _with_decimals(column, found.scales[name])
            if rounded:
                text = (
                    f"{name} is rounded to {found.scales[name]} decimals in {rounded} of {len(column)} rows: a column"
                    f" has {DIGITS} digits; CSV and JSON keep all"
                )
                found.notes.append(Note("rounded-decimals", text))
        found.values[name] = column
    return found


def _scale(column: Sequence[Decimal | None], scale: int) -> int:
    """Decimals for a column: `scale`, or what keeps all values; where nothing does, as many as there is room for."""
    there = [value for value in column if value]
    room = DIGITS - max((value.adjusted() + 1 for value in there), default=0)
    if all(-int(value.as_tuple().exponent) <= scale <= room for value in there):
        return scale
    room = min(room, DIGITS)
    behind = max(map(_decimals, there))
    # Rounding may add a digit before the point.
    return max(behind, min(scale, room)) if behind <= room else max(0, min(scale, room - 1))


def _decimals(value: Decimal) -> int:
    """Digits behind the point, without the zeros at the end."""
    _, digits, exponent = value.as_tuple()
    zeros = next((n for n, digit in enumerate(reversed(digits)) if digit), 0)
    return max(0, -int(exponent) - zeros)


def _with_decimals(column: Sequence[Decimal | None], scale: int) -> tuple[list[Decimal | None], int]:
    """The values with no more than so many decimals, and how many were rounded."""
    least, found, rounded = Decimal((0, (1,), -scale)), [], 0
    for value in column:
        if value is None or 0 <= -int(value.as_tuple().exponent) <= scale:
            found.append(value)
        else:
            found.append(value.quantize(least, context=_WIDE))
            rounded += found[-1] != value
    return found, rounded


def arrow_table(
    kinds: Mapping[str, Kind],
    values: Mapping[str, Sequence[Any]],
    pyarrow: Any,
    *,
    told_by: Sequence[str] = (),
    scale: int = SCALE,
    zone: str | None = "UTC",
) -> tuple[Any, list[Note]]:
    """A pyarrow.Table of columns, and what was rounded. zone: of times. Others, and what is raised, as in `fitted`."""
    found = fitted(kinds, values, told_by, scale)
    types = {
        "text": pyarrow.string(),
        "stored": pyarrow.string(),
        "whole": pyarrow.int64(),
        "flag": pyarrow.bool_(),
        "time": pyarrow.timestamp("s", zone),
    }
    arrays = [
        pyarrow.array(
            found.values[name], pyarrow.decimal128(DIGITS, found.scales[name]) if kind == "decimal" else types[kind]
        )
        for name, kind in kinds.items()
    ]
    return pyarrow.table(arrays, names=list(kinds)), found.notes


def polars_frame(
    kinds: Mapping[str, Kind],
    values: Mapping[str, Sequence[Any]],
    polars: Any,
    *,
    told_by: Sequence[str] = (),
    scale: int = SCALE,
    zone: str | None = "UTC",
) -> tuple[Any, list[Note]]:
    """The same as a polars.DataFrame."""
    found = fitted(kinds, values, told_by, scale)
    types = {
        "text": polars.String(),
        "stored": polars.String(),
        "whole": polars.Int64(),
        "flag": polars.Boolean(),
        "time": polars.Datetime("ms", zone),
    }
    schema = {
        name: polars.Decimal(DIGITS, found.scales[name]) if kind == "decimal" else types[kind]
        for name, kind in kinds.items()
    }
    return polars.DataFrame(found.values, schema=schema), found.notes
