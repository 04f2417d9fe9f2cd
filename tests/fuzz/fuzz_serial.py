"""Broken recordings of serial lines: `python tests/fuzz/fuzz_serial.py [--count N] [--seed S] [--only NUMBER]`.

Conversations of C12.18 (the recorded packets of the protocol reference, 8.1 to 8.4, and longer ones in several packets)
are written as traces, as logs of text and as raw logs, and broken at random: the whole file, or one write or read of
it. What must hold is what fuzz_captures.py asks; and where one write or read was broken, every other message comes out.

A case is a function of seed and number alone.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from struct import pack
from time import perf_counter
from typing import NamedTuple

from fuzz_captures import DUMPS, Broken, broken, look_at, require

from c1222.capture.decode import decode_files
from c1222.capture.export import remark_record
from c1222.capture.pairing import Exchange
from c1222.capture.remark import CaptureRemark
from c1222.capture.serial_logs import decode_logs
from c1222.errors import CaptureError
from c1222.security.keys import KeyRing

ACK = b"\x06"


def packet(data: bytes, toggle: int, control: int = 0, left: int = 0) -> bytes:
    """Protocol reference, 1.1 and 1.2."""
    octets = bytes([0xEE, 0, control | toggle << 5, left]) + len(data).to_bytes(2, "big") + data
    value = 0xFFFF
    for octet in octets:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
    return octets + (value ^ 0xFFFF).to_bytes(2, "little")


def read(number: int, size: int) -> tuple[bytes, bytes]:
    data = bytes(number + at & 0xFF for at in range(size))
    return bytes([0x30, 0, number]), bytes([0]) + size.to_bytes(2, "big") + data + bytes([-sum(data) & 0xFF])


TURNS = [
    (b"\x20", bytes.fromhex("0000010000")),
    (bytes.fromhex("6101000106"), bytes.fromhex("0001000106")),
    (bytes.fromhex("50000030303030202020202020"), b"\x00"),
    (b"\x51" + bytes(10) + b" " * 10, b"\x01"),
    *(read(number, size) for number, size in ((1, 32), (5, 20), (23, 150), (0xEE, 238), (6, 0))),
    (b"\x21", b"\x00"),
]

Said = tuple[str, bytes, bytes | None]
"""Which way, octets, and the message that they end."""


def talk(turns: list[tuple[bytes, bytes]], room: int) -> Iterator[Said]:
    toggles = {"out": 0, "in": 1}
    for turn in turns:
        for (way, back), message in zip((("out", "in"), ("in", "out")), turn, strict=True):
            parts = [message[at : at + room] for at in range(0, len(message), room)]
            for number, part in enumerate(parts):
                left = len(parts) - 1 - number
                control = (0x80 | (0x40 if number == 0 else 0)) if len(parts) > 1 else 0
                yield way, packet(part, toggles[way], control, left), message
                yield back, ACK, None
                toggles[way] ^= 1


def as_trace(said: list[Said]) -> bytes:
    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        return pack("<II", kind, 12 + len(body)) + body + pack("<I", 12 + len(body))

    out = [block(0x0A0D0D0A, pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)), block(1, pack("<HHI", 147, 0, 0))]
    for number, (way, octets, _) in enumerate(said):
        head = pack("<IIIII", 0, 0x60000, number, len(octets), len(octets))
        flags = pack("<HHIHH", 2, 4, 1 if way == "in" else 2, 0, 0)
        out.append(block(6, head + octets + bytes(-len(octets) % 4) + flags))
    return b"".join(out)


def as_text(said: list[Said]) -> bytes:
    return b"".join(f"{'>' if way == 'out' else '<'} {octets.hex(' ')}\n".encode() for way, octets, _ in said)


class Case(NamedTuple):
    """files: a recording, or the two logs of one. whole: messages that must come out all the same."""

    level: str
    files: tuple[bytes, ...]
    whole: frozenset[bytes]


def case(seed: int, number: int) -> Case:
    random = Random(f"serial {seed} {number}")
    turns = random.sample(TURNS, random.randrange(1, len(TURNS) + 1))
    said = list(talk(turns, random.choice((8, 56, 248))))
    form = random.choice(("trace", "text", "logs"))
    level = random.choice(("file", "piece", "piece"))
    whole: frozenset[bytes] = frozenset()
    if level == "piece":
        which = random.randrange(len(said))
        way, octets, _ = said[which]
        lost = {said[which][2]}
        said[which] = way, broken(octets, random)[:60_000], None
        whole = frozenset(message for _, _, message in said if message) - lost
    if form == "logs":
        files = tuple(b"".join(octets for way, octets, _ in said if way == which) for which in ("out", "in"))
    else:
        files = ((as_trace if form == "trace" else as_text)(said),)
    if level == "file":
        which = random.randrange(len(files))
        files = tuple(broken(octets, random) if at == which else octets for at, octets in enumerate(files))
    return Case(f"{form}, {level}", files, whole)


def check(one: Case, folder: Path) -> str:
    """Decode a case and look at everything in it; returns a word for the statistics. Raises Broken, or what escaped."""
    paths = []
    for number, octets in enumerate(one.files):
        paths.append(str(folder / f"recording-{number}"))
        Path(paths[-1]).write_bytes(octets)
    found: list[Exchange | CaptureRemark] = []
    try:
        found += decode_files(paths, KeyRing()) if len(paths) == 1 else decode_logs(*paths)
    except CaptureError as exc:
        require(exc.file in paths, f"an error without its file: {exc}")
        require(not one.whole, f"the whole file was given up: {exc}")
        return "refused"
    heard = set()
    for each in found:
        if isinstance(each, Exchange):
            heard.update(message.octets for message in look_at(each))
        else:
            DUMPS(remark_record(each))
            require(each.file in paths, f"a remark without its file: {each}")
    lost = one.whole - heard
    require(not lost, f"{len(lost)} messages that are whole were lost, one is {min(lost, default=b'').hex()}")
    return "decoded"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=100_000, help="cases (default 100,000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="one case; its files are kept here")
    options = parser.parse_args()
    if options.only is not None:
        print(check(case(options.seed, options.only), Path()))
        return 0
    kinds: Counter[str] = Counter()
    failures, start, slowest = 0, perf_counter(), (0.0, 0)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.count):
            one, began = case(options.seed, number), perf_counter()
            try:
                kinds[f"{one.level}: {check(one, Path(folder))}"] += 1
            except Exception as exc:  # noqa: BLE001 - whatever escapes is what is looked for
                failures += 1
                print(f"case {number} ({one.level}): {type(exc).__name__}: {exc}", flush=True)
            slowest = max(slowest, (perf_counter() - began, number))
    print(f"{kinds.total()} cases in {perf_counter() - start:.0f} s, slowest {slowest[0]:.2f} s (case {slowest[1]})")
    print("  " + ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())))
    print(f"{failures} failures")
    return 1 if failures else 0


__all__ = ["Broken", "Case", "case", "check"]

if __name__ == "__main__":
    sys.exit(main())
