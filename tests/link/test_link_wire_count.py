"""Octets on the wire against the least that C12.18 allows, counted by hand."""

from dataclasses import replace

import pytest
from virtual_line import LATENCY, converse

from c1222.link import C1218, Link

SIZE, PACKETS, BAUD = 512, 255, 9600
SETTINGS = replace(C1218, packet_size=SIZE, nbr_packets=PACKETS)


def full_read(octets):
    """Request 30 table(2); answer ok, count(2), the octets, checksum (protocol.md 2.2, 2.3)."""
    return bytes.fromhex("300040"), b"\x00" + len(octets).to_bytes(2, "big") + octets + bytes([-sum(octets) & 0xFF])


def offset_read(octets, offset):
    """Request 3F table(2) offset(3) count(2); the answer as above."""
    request = bytes.fromhex("3f0040") + offset.to_bytes(3, "big") + len(octets).to_bytes(2, "big")
    return request, full_read(octets)[1]


def table(size):
    return bytes(number * number % 251 for number in range(size))


# R requests of q octets, T octets of table, P packets of answers: R*(q+9) + T + 4*R + 9*P. A packet takes 504 octets of
# a message; the numbers are worked out by hand.
READS = {
    # q = 3, R = 1, P = 64004 / 504 -> 127: 12 + 64000 + 4 + 1143
    "64,000 octets in one full read": ([full_read(table(64_000))], 65_159),
    # q = 8, R = 2, P = 32004 / 504 -> 64 each: 34 + 64000 + 8 + 1152
    "64,000 octets in two halves": (
        [offset_read(table(64_000)[:32_000], 0), offset_read(table(64_000)[32_000:], 32_000)],
        65_194,
    ),
    # A count of FFFF says that more follows, so 65,534 at most. q = 8, R = 2, P = 65538 / 504 -> 131, and 1:
    # 34 + 65536 + 8 + 1188
    "64 KiB": ([offset_read(table(65_536)[:65_534], 0), offset_read(table(65_536)[65_534:], 65_534)], 66_766),
}


@pytest.mark.parametrize(("reads", "least"), READS.values(), ids=READS)
def test_no_octet_more_than_needed(reads, least):
    outcome = converse(reads, client=Link(SETTINGS), meter=Link(SETTINGS, answers=True))
    assert outcome.client_failed is outcome.meter_failed is None
    assert outcome.answers == [answer for _, answer in reads]
    assert least <= outcome.octets <= least * 1.02
    assert outcome.octets == least
    # Nothing waits: what is not octets is the line's latency, once for each packet and each ACK.
    turns = len(outcome.up.sent) + len(outcome.down.sent)
    assert outcome.seconds == pytest.approx(least * 10 / BAUD + turns * LATENCY, rel=0.02)
