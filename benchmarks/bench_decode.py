"""The fast forms against the plain decode of the same declarations: messages, and tables 23 and 64.

Messages: example 8, published, both ways, and a clear identify and its answer. Tables: those of the simulated meter
after a winter, 60 blocks of 96 intervals in table 64. The results are compared before timing.
"""

import sys
from datetime import UTC, datetime

from measure import alternate, goal, ratio

from c1219_tables.context import MeterTables
from c1219_tables.schema.compiler import compiled
from c1219_tables.schema.cursor import Cursor
from c1219_tables.schema.packed import PackedForms
from c1219_tables.table import DecodedTable
from c1222.message.acse import APDU
from c1222.message.epsem import EPSEM
from c1222.meter.image.simulated_image import SimulatedImage
from c1222.meter.world.past import world_with_a_past

MESSAGES = [
    bytes.fromhex(text)
    for text in (
        "604fa20580037bc175a60480027b04a803020103ac0fa20da00ba109800102810448f3d061be2a2828812688"
        "41d10cda76206811b36f781489a11997773e117cb07aa3aa40374a7107c50da7f799c5d4e8",
        "6048a20480027b04a403020103a60580037bc175a803020103ac0fa20da00ba109800102810448f3d060be1e281c811a88"
        "4baee4349631ab5e56a0e6e0e90dfad558591ee4ea334cb268",
        "6030a211060f2b060104018285638e7f85f1c24e00a60a06082b06010401828563a806020413e81421be0728058103800120",
    )
]
ROUNDS = 2000

NOW = datetime(2026, 1, 15, 12, 34, tzinfo=UTC)
NEEDED = (0, 11, 12, 16, 21, 61, 62)
GOALS = {23: 15.0, 64: 20.0}
"""Table -> goal. Values and rows are those of the plain decode; columns are bench_profile's."""


def plain(layout, octets):
    return layout.construct._parse(Cursor(octets), {"_params": {}}, "")


def main() -> int:
    messages()
    met = [table(number, wanted) for number, wanted in GOALS.items()]
    return 0 if all(met) else 1


def table(number: int, wanted: float) -> bool:
    """A table of the simulated meter. Gives whether the goal is met."""
    image = SimulatedImage(world_with_a_past(64, NOW))
    tables = MeterTables()
    tables.add_all({need: image.read(need, NOW) for need in NEEDED})
    decoded = tables.add(number, image.read(number, NOW))
    packed = PackedForms(decoded.table.layout, worth=0)
    assert packed(decoded.octets, decoded.params) == plain_table(decoded)
    often = max(1, 100_000 // len(decoded.octets))
    times = alternate(
        {
            "packed": lambda: [packed(decoded.octets, decoded.params) for _ in range(often)],
            "plain": lambda: [plain_table(decoded) for _ in range(often)],
        },
        rounds=11,
    )
    for name, timing in times.items():
        print(f"{name}: {1e3 * timing.median / often:.3f} ms for {decoded.table.label} (spread {timing.spread:.0%})")
    return goal(f"{decoded.table.label}, packed against plain", ratio(times["plain"], times["packed"]), wanted)


def plain_table(decoded: DecodedTable):
    return decoded.table.layout._parse(Cursor(decoded.octets), {"_params": decoded.params}, "")


def messages() -> None:
    generated = {layout.name: compiled(layout.construct) for layout in (APDU, EPSEM)}
    work = [(APDU, octets) for octets in MESSAGES]
    work += [(EPSEM, plain(APDU, octets)["user_information"]["octets"]) for octets in MESSAGES]
    for layout, octets in work:
        assert generated[layout.name](octets, {}) == plain(layout, octets)
    times = alternate(
        {
            "generated": lambda: [generated[layout.name](octets, {}) for _ in range(ROUNDS) for layout, octets in work],
            "plain": lambda: [plain(layout, octets) for _ in range(ROUNDS) for layout, octets in work],
        },
        rounds=11,
    )
    for name, timing in times.items():
        each = 1e6 * timing.median / ROUNDS / len(MESSAGES)
        print(f"{name}: {each:.2f} us for APDU and envelope of a message (spread {timing.spread:.0%})")
    print(f"generated against plain: {ratio(times['plain'], times['generated']):.1f}")


if __name__ == "__main__":
    sys.exit(main())
