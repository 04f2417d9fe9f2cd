"""What the channels of a set record, and what their stored values are worth (tables 12 to 16, 61 and 62)."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from c1219_tables.context import MeterTables
from c1219_tables.readings.intervals.block_layout import CONTROL, LIMITS
from c1219_tables.readings.intervals.end_readings import Factors, end_checks
from c1219_tables.readings.intervals.interval_data import IntervalData
from c1219_tables.readings.notes import Note
from c1219_tables.readings.origin import Origin, Step
from c1219_tables.readings.values.quantity import Quantity
from c1219_tables.readings.values.scaling import Scaling, interval_scaling
from c1219_tables.readings.values.sources import UNUSED, Source, Sources
from c1219_tables.rules import Rules


class Channels:
    """The channels of one set, counted from 1.

    tables: of the meter. whole: all intervals that were read. rules: how this make is read.
    """

    def __init__(self, tables: MeterTables, whole: IntervalData, rules: Rules) -> None:
        self._tables = tables
        self._whole = whole
        self._rules = rules
        self._set = whole.layout.set
        self._sources = Sources(tables, rules)

    def _select(self, channel: int) -> Mapping[str, Any]:
        """What table 62 says of a channel."""
        selection: Mapping[str, Any] = self._tables[CONTROL][f"lp_sel_set{self._set}"][channel - 1]
        return selection

    def source(self, channel: int) -> Source:
        """The source of a channel."""
        return self._sources[self._select(channel)["lp_source_select"]]

    def factors(self, channel: int) -> tuple[int, int] | None:
        """Scalar and divisor of a channel; None where the set has none."""
        control = self._tables[CONTROL]
        scalars, divisors = control[f"scalars_set{self._set}"], control[f"divisor_set{self._set}"]
        return None if scalars is None else (scalars[channel - 1], divisors[channel - 1])

    def scaling(self, channel: int) -> Scaling:
        """From the stored values of a channel to those in its unit."""
        chosen, factors = self.source(channel), self.factors(channel)
        at = Origin.of(self._tables[CONTROL], f"lp_sel_set{self._set}[{channel - 1}].lp_source_select")
        known = chosen.quantity != Quantity.unknown(chosen.number)
        which = f"source {chosen.number}, {chosen.quantity if known else 'which no table names'}"
        source = replace(chosen.scaling, steps=(Step(which, at), *chosen.scaling.steps))
        if factors is None:
            return source
        paths = (f"{name}_set{self._set}[{channel - 1}]" for name in ("scalars", "divisor"))
        scalar_at, divisor_at = (Origin.of(self._tables[CONTROL], path) for path in paths)
        exchanged = self._rules.scalar_over_divisor
        return interval_scaling(source, *factors, (scalar_at, divisor_at), exchanged=exchanged)

    def end_checks(self, channel: int) -> list[Note]:
        """How the intervals of a channel agree with the readings and pulses at the ends of blocks."""
        select = self._select(channel)
        if not select["chnl_flag"]["end_rdg_flag"]:
            return []
        number, own = select["end_blk_rdg_source_select"], self.scaling(channel)
        end = self._sources[number].scaling if number != UNUSED else None
        scalar, divisor = self.factors(channel) or (1, 1)
        factors = Factors(
            reading=_worth(end) if end is not None and end.unit == own.unit else None,
            value=_worth(own),
            scalar=scalar,
            divisor=divisor,
            exchanged=self._rules.scalar_over_divisor,
        )
        # The flag has another meaning where blocks have a closure status.
        alone = bool(self._tables[LIMITS]["lp_flags"]["blk_end_rd_indicator_flag"])
        alone = alone and not self._tables.dialect.get("closure_status", False)
        return end_checks(self._whole, channel - 1, factors, own.unit, alone)


def _worth(scaling: Scaling) -> Fraction | None:
    """Of a stored count, in the unit."""
    return None if scaling.factor is None else Fraction(scaling.factor) / scaling.divided_by
