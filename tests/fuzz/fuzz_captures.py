"""Broken captures, without end: `python tests/fuzz/fuzz_captures.py [--count N] [--seed S ...] [--only NUMBER]`.

Good captures (the published vectors, the public captures where they are, and some made here: messages in UDP, in
fragments, in one TCP stream, in segments, as hex) are broken at random: whole files, single packets in files that are
right, single messages in packets that are right. Whatever comes out is walked through as `c1222 decode` does.

What must hold in every case:
- nothing but CaptureError is raised, and that only for a file as a whole, with its name;
- every remark that belongs to no message names its file, every place in a message lies in it;
- where one message or one packet was broken, all others come out as from the whole capture (in one TCP stream: all but
  those whose octets it claims, at least one).

A case is a function of seed and number alone: `--seed 3 --only 1234` does one again. See docs/fuzzing.md.
"""

import argparse
import gzip
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from random import Random
from struct import pack
from time import perf_counter
from typing import NamedTuple

from c1222.capture.decode import decode_files
from c1222.capture.export import exchange_record, remark_record, serializer
from c1222.capture.mask import secret_places
from c1222.capture.message import Message, elements
from c1222.capture.pairing import Exchange, services_answered
from c1222.errors import CaptureError
from c1222.security.keys import Key, KeyRing

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "fixtures" / "captures" / "published_vectors.pcapng"
KEYS = (
    (2, "01020304050607080102030405060708"),
    (2, "6624C7E23034E4036FE5CB3A8B5DAB44"),
    (0, "6624C7E23034E4036FE5CB3A8B5DAB44"),
    (0, "00" * 16),
)

# Protocol reference, section 8: example 8 both ways, identify both ways, a write with a wrong checksum, a trace, mode 1
# without titles, a session of two messages.
INDEPENDENT = [
    bytes.fromhex(text)
    for text in (
        "604FA20580037BC175A60480027B04A803020103AC0FA20DA00BA109800102810448F3D061BE2A2828812688"
        "41D10CDA76206811B36F781489A11997773E117CB07AA3AA40374A7107C50DA7F799C5D4E8",
        "6048A20480027B04A403020103A60580037BC175A803020103AC0FA20DA00BA109800102810448F3D060BE1E281C811A88"
        "4BAEE4349631AB5E56A0E6E0E90DFAD558591EE4EA334CB268",
        "6030A211060F2B060104018285638E7F85F1C24E00A60A06082B06010401828563A806020413E81421BE0728058103800120",
        "6059A20A06082B06010401828563A611060F2B060104018285638E7F85F1C24E00A806020413E81421BE30282E812C802A00030100"
        "0406082B0601040182856305080606082B06010401828563070B01000102030A040D05060700",
        "6023A20580037BC175A60480027B05A803020104BE0F280D810B80094000010003010203FF",
        "6023A20580037BC175A60480027B06A803020105BE0F280D810B8009260D027B010D027B02",
        "6044A8060204A24369A5AC0FA20DA00BA10980010081046B02F814BE292827812584"
        "17513030303030303030303030303030303030303030000003300001033000055D970AF7",
    )
]
SESSION = [
    bytes.fromhex(text)
    for text in (
        "6058A20580037BC175A60480027B04A803020100AC0FA20DA00BA10980010281046B02F948BE332831812F88"
        "A8FEF6B23FE8AFFDE4DB87B364B931027BCDD67A415D8A049C990E2F8C37D8BBA5E1A33BD60D8D63B301BA1A3D3B",
        "6027A20580037BC175A60480027B04A803020101BE132811810F88B0BB33AA66AC57DF2BA12557668C",
    )
]


def segment(part: bytes, offset: int, size: int) -> bytes:
    """Protocol reference, section 6; every length below 128."""
    be = bytes([0x02, 1, offset, 0x81, len(part)]) + part
    be = bytes([0xBE, len(be) + 2, 0x28, len(be)]) + be
    head = bytes.fromhex("A20580037BC175A3030201") + bytes([size]) + bytes.fromhex("A60480027B09A803020107")
    return bytes([0x60, len(head) + len(be)]) + head + be


SEGMENTS = [segment(INDEPENDENT[0][at : at + 30], at, 81) for at in (0, 30, 60)]
MESSAGES = [*INDEPENDENT, *SESSION, *SEGMENTS]

# --- captures that are right ----------------------------------------------------------------------------------------


def ipv4(protocol: int, payload: bytes, number: int, fragment: int = 0) -> bytes:
    head = pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), number & 0xFFFF, fragment, 64, protocol, 0)
    return head + bytes([192, 0, 2, 1]) + bytes([192, 0, 2, 2]) + payload


def udp(message: bytes, number: int) -> bytes:
    return pack("!HHHH", 40_000 + number, 1153, (8 + len(message)) & 0xFFFF, 0) + message


def in_udp(messages: list[bytes], random: Random) -> list[bytes]:
    return [ipv4(17, udp(message, n), n) for n, message in enumerate(messages)]


def in_fragments(messages: list[bytes], random: Random) -> list[bytes]:
    frames = []
    for n, message in enumerate(messages):
        datagram = udp(message, n)
        size = random.choice((16, 32, 64))
        for at in range(0, len(datagram), size):
            more = 0x2000 if at + size < len(datagram) else 0
            frames.append(ipv4(17, datagram[at : at + size], n, at // 8 | more))
    return frames


def in_one_stream(messages: list[bytes], random: Random) -> list[bytes]:
    stream, size = b"".join(messages), random.choice((20, 100, 1460))
    frames = [ipv4(6, pack("!HHIIBBHHH", 40_000, 1153, 999, 0, 0x50, 2, 8192, 0, 0), 0)]
    for at in range(0, len(stream), size):
        head = pack("!HHIIBBHHH", 40_000, 1153, 1000 + at, 1, 0x50, 0x18, 8192, 0, 0)
        frames.append(ipv4(6, head + stream[at : at + size], at))
    return frames


def pcap(frames: list[bytes]) -> bytes:
    out = [pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 101)]
    for n, frame in enumerate(frames):
        out += [pack("<IIII", 1_700_000_000, n, len(frame), len(frame)), frame]
    return b"".join(out)


def pcapng(frames: list[bytes]) -> bytes:
    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        return pack("<II", kind, 12 + len(body)) + body + pack("<I", 12 + len(body))

    out = [block(0x0A0D0D0A, pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)), block(1, pack("<HHI", 101, 0, 0))]
    for n, frame in enumerate(frames):
        head = pack("<IIIII", 0, 0x60000, n, len(frame), len(frame))
        out.append(block(6, head + frame + bytes(-len(frame) % 4) + pack("<HHIHH", 2, 4, 1, 0, 0)))
    return b"".join(out)


def hex_text(messages: list[bytes]) -> bytes:
    return b"".join(b"# message\n" + message.hex(" ").encode() + b"\n" for message in messages)


# --- ways to break octets -------------------------------------------------------------------------------------------

_SHORT = [bytes([octet]) for octet in (0x00, 0x01, 0x7F, 0x80, 0x81, 0x82, 0x84, 0xFF, 0x60)]
_INTEGERS = [pack(form, value) for form in ("<H", ">H", "<I", ">I") for value in (0, 1, 0x7FFF, 0x8000, 0xFFFF)]
_LARGE = [bytes.fromhex(text) for text in ("7fffffff", "80000000", "ffffffff", "ffffff7f", "feffffffffffffff")]
_LENGTHS = [
    bytes.fromhex(text)
    for text in ("81ff", "82ffff", "83ffffff", "84ffffffff", "8400000001", "850101010101", "6082fff0", "a282ffff")
]
EXTREMES = [*_SHORT, *_INTEGERS, *_LARGE, *_LENGTHS]


def flip(data: bytearray, random: Random) -> None:
    for _ in range(random.choice((1, 1, 1, 2, 8, 32))):
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def extreme(data: bytearray, random: Random) -> None:
    octets = random.choice(EXTREMES)
    at = random.randrange(len(data))
    data[at : at + len(octets)] = octets


def insert(data: bytearray, random: Random) -> None:
    at = random.randrange(len(data) + 1)
    octets = random.choice(EXTREMES) if random.random() < 0.5 else random.randbytes(random.choice((1, 2, 4, 100)))
    data[at:at] = octets * random.choice((1, 1, 1, 2, 50))


def cut_end(data: bytearray, random: Random) -> None:
    del data[random.randrange(len(data)) :]


def cut_out(data: bytearray, random: Random) -> None:
    at = random.randrange(len(data))
    del data[at : at + random.choice((1, 2, 4, 16, 100))]


def repeat(data: bytearray, random: Random) -> None:
    at = random.randrange(len(data))
    part = data[at : at + random.choice((1, 2, 8, 40, 200))]
    data[at:at] = part * random.choice((1, 1, 2, 20))


def swap(data: bytearray, random: Random) -> None:
    first, second, third, fourth = sorted(random.randrange(len(data) + 1) for _ in range(4))
    data[first:fourth] = data[third:fourth] + data[second:third] + data[first:second]


def nest(data: bytearray, random: Random) -> None:
    """Elements in elements, each around all that follows."""
    at = random.randrange(len(data) + 1)
    tag = random.choice((0x60, 0xA2, 0xAC, 0xBE, 0x28, 0xA0, 0xA1))
    inner = bytes(data[at:])
    for _ in range(random.choice((1, 2, 10, 200))):
        inner = bytes([tag, 0x82]) + (len(inner) & 0xFFFF).to_bytes(2, "big") + inner
    data[at:] = inner


WAYS: list[Callable[[bytearray, Random], None]] = [
    flip,
    flip,
    extreme,
    extreme,
    insert,
    cut_end,
    cut_out,
    repeat,
    swap,
    nest,
]


def broken(octets: bytes, random: Random) -> bytes:
    data = bytearray(octets)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        if data:
            random.choice(WAYS)(data, random)
    return bytes(data)


# --- cases ----------------------------------------------------------------------------------------------------------


class Case(NamedTuple):
    """A broken file. whole: messages that must come out of it all the same; lose: how many of them may be lost."""

    level: str
    octets: bytes
    whole: list[bytes] = []
    lose: int = 0


def case(seed: int, number: int, files: list[bytes]) -> Case:
    random = Random(f"{seed} {number}")
    level = random.choice(("file", "packet", "message", "message"))
    if level == "file" and random.random() < 0.6:
        octets = broken(random.choice(files), random)
        return Case(level, gzip.compress(octets, 1, mtime=0) if random.random() < 0.1 else octets)
    write = random.choice((pcap, pcapng))
    clothe = random.choice((in_udp, in_fragments, in_one_stream))
    if level == "file":
        text = hex_text(MESSAGES) if random.random() < 0.2 else write(clothe(MESSAGES, random))
        return Case(level, broken(gzip.compress(text, 1, mtime=0) if random.random() < 0.1 else text, random))
    picked = random.sample(range(len(MESSAGES)), random.randrange(4, len(MESSAGES) + 1))
    if level == "packet":
        frames = clothe([MESSAGES[n] for n in picked], random)
        which = random.randrange(len(frames))
        # In UDP one packet is one message. Addresses and ports may break as well: nobody else has them.
        whole = [MESSAGES[n] for at, n in enumerate(picked) if at != which] if clothe is in_udp else []
        frames[which] = broken(frames[which], random)[:200_000]
        return Case(level, write(frames), surely(whole))
    which = random.randrange(len(picked))
    messages = [MESSAGES[n] for n in picked]
    messages[which] = broken(messages[which], random)[:60_000]
    whole = surely([message for at, message in enumerate(messages) if at != which])
    if clothe is in_one_stream:
        return Case(
            level, write(clothe(messages, random)), whole, lose=behind(messages, which, MESSAGES[picked[which]])
        )
    return Case(level, write(clothe(messages, random)), whole)


def behind(messages: list[bytes], which: int, was: bytes) -> int:
    """How many messages a broken one may cost that still claims as many octets as it had: those that begin in these."""
    starts = list(accumulate((len(message) for message in messages[which + 1 :]), initial=0))
    return max(1, sum(start < len(was) for start in starts[:-1]))


def surely(messages: list[bytes]) -> list[bytes]:
    """Those that come out on their own: a segment is part of a message."""
    return [message for message in messages if message in INDEPENDENT]


SHOWN = 20


class Broken(AssertionError):
    """What must hold does not."""


DUMPS = serializer(fast=False)
STATES: dict[bytes, str] = dict.fromkeys(INDEPENDENT, "clear")
STATES |= {INDEPENDENT[0]: "opened", INDEPENDENT[1]: "opened", INDEPENDENT[6]: "authenticated"}


def check(one: Case, path: Path, ring: KeyRing) -> str:
    """Decode a case and look at everything in it; returns a word for the statistics. Raises Broken, or what escaped."""
    path.write_bytes(one.octets)
    found: list[Message] = []
    try:
        for each in decode_files([str(path)], ring):
            if isinstance(each, Exchange):
                found += look_at(each)
            else:
                DUMPS(remark_record(each))
                require(each.file == str(path), f"a remark without its file: {each}")
                str(each)
    except CaptureError as exc:
        require(exc.file == str(path), f"an error without its file: {exc}")
        require(one.level == "file", f"the whole file was given up: {exc}")
        return "refused"
    states = [(message.octets, message.state) for message in found]
    lost = [message for message in one.whole if (message, STATES[message]) not in states]
    require(len(lost) <= one.lose, f"{len(lost)} messages that are whole were lost, the first is {lost[:1]}")
    return "remarked" if any(message.remarks for message in found) else "silent"


def look_at(exchange: Exchange) -> list[Message]:
    """All that a report asks of an exchange."""
    DUMPS(exchange_record(exchange))
    DUMPS(exchange_record(exchange, show_secrets=True))
    messages = [message for message in (exchange.request, exchange.response) if message is not None]
    for message in messages:
        asked = services_answered(exchange.request, message) if message is exchange.response else []
        size = len(message.octets)
        for start, end in secret_places(message, asked):
            require(0 <= start <= end <= size, f"a secret at {start}..{end} in {size} octets")
        for span in elements(message):
            require(0 <= span.start < span.end <= size, f"{span} in {size} octets")
        for remark in message.remarks:
            str(remark)
            at = remark.message_offset
            require(at is None or 0 <= at <= size, f"{remark.code} at {at} in {size} octets")
        require(
            message.state in ("clear", "authenticated", "opened") or bool(message.remarks), "unreadable without remark"
        )
        require(bool(message.place.file) and message.place.packet > 0, "a message without place")
    return messages


def require(holds: bool, text: str) -> None:
    if not holds:
        raise Broken(text)


def ring_of_keys() -> KeyRing:
    ring = KeyRing()
    for key_id, key in KEYS:
        ring.add(key_id, Key(bytes.fromhex(key)))
    return ring


def good_files() -> list[bytes]:
    folder = Path(os.environ.get("C1222_PUBLIC_CAPTURES") or ROOT.parent / "shared" / "captures")
    public = sorted(path for path in folder.glob("*cap") if path.is_file()) if folder.is_dir() else []
    return [PUBLISHED.read_bytes()] * max(1, len(public) // 2) + [path.read_bytes() for path in public]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=100_000, help="cases for each seed (default 100,000)")
    parser.add_argument("--seed", type=int, action="append", help="repeatable (default 1)")
    parser.add_argument("--only", type=int, help="one case; its file is kept")
    options = parser.parse_args()
    files, ring = good_files(), ring_of_keys()
    failures = 0
    for seed in options.seed or [1]:
        kinds: Counter[str] = Counter()
        slowest, start = (0.0, 0), perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "broken"
            if options.only is not None:
                path = Path(f"broken-{seed}-{options.only}")
            for number in range(options.count) if options.only is None else [options.only]:
                one = case(seed, number, files)
                began = perf_counter()
                try:
                    kinds[f"{one.level}: {check(one, path, ring)}"] += 1
                except Exception as exc:
                    # Whatever escapes is what is looked for.
                    failures += 1
                    if failures <= SHOWN:
                        print(f"seed {seed}, case {number} ({one.level}): {type(exc).__name__}: {exc}", flush=True)
                    if options.only is not None:
                        raise
                slowest = max(slowest, (perf_counter() - began, number))
        took = perf_counter() - start
        print(f"seed {seed}: {kinds.total()} cases in {took:.0f} s, slowest {slowest[0]:.2f} s (case {slowest[1]})")
        print("  " + ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())), flush=True)
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
