"""Messages decoded by the generated decoder against the plain decode of the same declarations.

Octets: example 8, published, both ways, and a clear identify and its answer. The results are compared before timing.
"""

import sys

from measure import alternate, ratio

from c1219_tables.schema.compiler import compiled
from c1219_tables.schema.cursor import Cursor
from c1222.message.acse import APDU
from c1222.message.epsem import EPSEM

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


def plain(layout, octets):
    return layout.construct._parse(Cursor(octets), {"_params": {}}, "")


def main() -> int:
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
    return 0


if __name__ == "__main__":
    sys.exit(main())
