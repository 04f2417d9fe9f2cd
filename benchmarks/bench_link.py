"""The C12.18 link: CRC, packets, and the share of the wire's time that they cost: `python benchmarks/bench_link.py`.

The table loop is what a CRC in Python usually is. The share compares the time that a client needs for an exchange,
measured, with the time that its octets take at 115200 baud, computed: below it the line is always the slower one.
Microseconds are information; what is asserted are the ratio and the share, with a quarter of slack.
"""

import os
import random
import sys
from collections.abc import Callable

from measure import alternate, goal, ratio

from c1222.link import C1218, Link, LinkSettings, MessageReceived
from c1222.link.crc import crc16
from c1222.link.packet import Packet
from c1222.link.reader import PacketReader

ROUNDS = 15
BAUD = 115_200
REQUEST = bytes.fromhex("300017")
SIZES = (64, 512, 8192)
GOAL_OVER_TABLE = 8.0  # at 64 octets
GOAL_SHARE = 0.02


def crc_table() -> list[int]:
    table = []
    for octet in range(256):
        for _ in range(8):
            octet = octet >> 1 ^ (0x8408 if octet & 1 else 0)
        table.append(octet)
    return table


TABLE = crc_table()


def crc_by_table(octets: bytes) -> int:
    """The usual loop: one table look-up an octet."""
    crc = 0xFFFF
    for octet in octets:
        crc = crc >> 8 ^ TABLE[(crc ^ octet) & 0xFF]
    return crc ^ 0xFFFF


def times(count: int, call: Callable[[], object]) -> Callable[[], None]:
    def run() -> None:
        for _ in range(count):
            call()

    return run


def crc() -> bool:
    met = True
    chance = random.Random(1218)
    for size in SIZES:
        octets = chance.randbytes(size)
        assert crc16(octets) == crc_by_table(octets)
        count = 64_000 // size
        found = alternate(
            {
                "table": times(count, lambda octets=octets: crc_by_table(octets)),
                "ours": times(count, lambda octets=octets: crc16(octets)),
            },
            ROUNDS,
        )
        print(f"CRC of {size} octets: {found['ours'].median / count * 1e6:.2f} us", end="; ")
        faster = ratio(found["table"], found["ours"])
        if size == 64:
            met = goal("times faster than a table loop", faster, GOAL_OVER_TABLE)
        else:
            print(f"times faster than a table loop: {faster:.2f}")
    return met


def packets() -> None:
    for size in (4, 56, 504, 8184):
        packet = Packet(bytes(size), toggle=True)
        octets, reader = packet.encode(), PacketReader(8192)
        assert reader.feed(octets) == [packet]
        found = alternate(
            {
                "build": times(1000, packet.encode),
                "parse": times(1000, lambda octets=octets, reader=reader: reader.feed(octets)),
            },
            ROUNDS,
        )
        wire = len(octets) * 10 / BAUD
        build, parse = (found[name].median / 1000 for name in ("build", "parse"))
        print(
            f"packet of {len(octets)} octets: build {build * 1e6:.1f} us, parse {parse * 1e6:.1f} us, on the wire "
            f"{wire * 1e6:,.0f} us at {BAUD} baud"
        )


def recorded(settings: LinkSettings, answer: bytes) -> tuple[list[bytes], int]:
    """What a meter puts on the wire in two exchanges (toggles repeat after two), and the octets both ways of one."""
    client, meter = Link(settings), Link(settings, answers=True)
    down, octets = [], 0
    for _ in range(2):
        client.send(REQUEST, now=0.0)
        while up := client.data_to_send():
            meter.receive_data(up, now=0.0)
            while (event := meter.next_event()) is not None:
                if isinstance(event, MessageReceived):
                    meter.send(answer, now=0.0)
            down.append(meter.data_to_send())
            octets += len(up) + len(down[-1])
            client.receive_data(down[-1], now=0.0)
            while client.next_event() is not None:
                pass
    return down, octets // 2


def replayed(link: Link, down: list[bytes]) -> None:
    """Two exchanges of a client with the recording; b"" in it ends an exchange."""
    link.send(REQUEST, now=0.0)
    received = 0
    for octets in down:
        if not octets:
            if received == 1:
                link.send(REQUEST, now=0.0)
            continue
        link.data_to_send()
        link.receive_data(octets, now=0.0)
        while (event := link.next_event()) is not None:
            received += isinstance(event, MessageReceived)
    link.data_to_send()
    assert received == 2


def share() -> bool:
    """What the client's side costs of an exchange."""
    met = True
    big = LinkSettings(packet_size=512, nbr_packets=255, baud=BAUD)
    cases = {
        "shortest exchange": (C1218, b"\x00", 200),
        "300 octets at 64 octets a packet": (LinkSettings(nbr_packets=255), bytes(304), 50),
        "64,000 octets at 512 octets a packet": (big, bytes(64_004), 2),
    }
    for name, (settings, answer, count) in cases.items():
        down, octets = recorded(settings, answer)
        wire = octets * 10 / BAUD
        link = Link(settings)
        run = times(count, lambda link=link, down=down: replayed(link, down))
        found = alternate({"client": run}, ROUNDS)["client"].median / count / 2
        print(f"{name}: {found * 1e6:,.0f} us of {wire * 1e6:,.0f} us on the wire ({octets} octets)", end="; ")
        met &= goal("share", found / wire, GOAL_SHARE, at_least=False)
    return met


def main() -> int:
    load = f", load {os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else ""
    print(f"Python {sys.version.split()[0]}{load}")
    met = crc()
    packets()
    return 0 if share() and met else 1


if __name__ == "__main__":
    sys.exit(main())
