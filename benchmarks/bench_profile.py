"""Load profile by columns against the plain decode of table 64, and rows of it: `python benchmarks/bench_profile.py`.

The meter is the simulated one after a winter: 60 blocks of 96 intervals of 4 channels with their status, octets and
tables as it gives them. What is timed is `profile` as a whole: order of the blocks, times in UTC, columns of raw values
and of quality with the nibbles of the status decoded. Values are compared before timing. Milliseconds are information;
what is asserted is the ratio, with a quarter of slack.
"""

import sys
from datetime import UTC, datetime
from typing import cast

from measure import alternate, goal, ratio

from c1219_tables.context import MeterTables
from c1219_tables.readings.profile import profile
from c1219_tables.schema.layout import Layout
from c1219_tables.table import DecodedTable
from c1222.meter.image.simulated_image import SimulatedImage
from c1222.meter.world.past import world_with_a_past

NOW = datetime(2026, 1, 15, 12, 34, tzinfo=UTC)
TABLES = (0, 11, 12, 13, 14, 15, 16, 51, 52, 53, 54, 61, 62, 63)
DATA = 64
ROUNDS = 11
GOAL_OVER_PLAIN = 100.0
CODES = {1: "overflow", 2: "partial", 3: "long", 4: "skipped", 5: "test-mode"}


def meter() -> tuple[MeterTables, bytes]:
    """The tables but for the data, and the data's octets."""
    image = SimulatedImage(world_with_a_past(64, NOW))
    tables = MeterTables()
    tables.add_all({number: image.read(number, NOW) for number in TABLES})
    return tables, image.read(DATA, NOW)


def check(tables: MeterTables, decoded: DecodedTable) -> int:
    """Values and status of the columns against those of the plain decode; how many intervals there are."""
    found = profile(tables, data=decoded.octets)
    status = tables[63].lp_status_set1
    count, newest = status.nbr_valid_blocks, status.last_block_element
    blocks = [decoded.blocks[(newest - back) % len(decoded.blocks)] for back in reversed(range(count))]
    rows = [row for block in blocks for row in block.lp_int]
    rows = rows[: len(rows) - len(blocks[-1].lp_int) + status.nbr_valid_int]
    for number, series in enumerate(found):
        assert list(series.raw) == [row.int_data[number] for row in rows]
        for row, interval in zip(rows, series, strict=True):
            common, (second, third) = row.extended_int_status.common, row.extended_int_status.channels
            own = (
                common.channel_1_status,
                second.even_channel_status,
                second.odd_channel_status,
                third.even_channel_status,
            )[number]
            words = {word for word in interval.quality.words if word in CODES.values()}
            assert words == ({CODES[own]} if own else set())
            assert ("power-fail" in interval.quality.words) == common.power_fail_flag
    return len(rows)


def plain(decoded: DecodedTable) -> DecodedTable:
    """The whole table again by its declaration, element by element."""
    layout = Layout(decoded.table.label, decoded.table.layout, result=DecodedTable)
    return cast("DecodedTable", layout.decode(decoded.octets, **decoded.params))


def main() -> int:
    tables, octets = meter()
    decoded = tables.registry.table(DATA).decode(octets, tables.params())
    intervals = check(tables, plain(decoded))
    times = alternate(
        {
            "plain decode": lambda: plain(decoded),
            "profile": lambda: profile(tables, data=octets),
            "profile, all values": lambda: [series.values() for series in profile(tables, data=octets)],
        },
        rounds=ROUNDS,
    )
    for name, timing in times.items():
        print(f"{name}: {1e3 * timing.median:.2f} ms for {intervals} intervals (spread {timing.spread:.0%})")
    found = ratio(times["plain decode"], times["profile, all values"])
    print(f"all values in engineering units against plain decode: {found:.1f}")
    met = goal("profile against plain decode", ratio(times["plain decode"], times["profile"]), GOAL_OVER_PLAIN)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
