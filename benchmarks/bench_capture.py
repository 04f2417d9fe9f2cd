"""A capture to JSON Lines, the whole command, against tshark on the same file.

The capture: requests and answers of 100 meters over TCP, clear text, tables of 8 to 250 octets, from a fixed seed; each
message differs. `tshark -T fields` writes eleven fields that a person would ask for, `tshark -T ek -J c1222` all of
C12.22 as JSON Lines, which is nearer to what `c1222 decode` writes. tshark dissects the other layers too; it does not
pair requests with answers.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import alternate, goal, ratio

from c1222.message.epsem import control, encode_body
from c1222.pcap.writer import PcapngWriter
from c1222.psem.blocks import blocks
from c1222.psem.requests import encode_request, request
from c1222.psem.responses import encode_response, response
from c1222.security.envelope import seal_message
from c1222.titles import ApTitle

EXCHANGES = 20_000
FIELDS = [
    "frame.number", "frame.time_epoch", "ip.src", "ip.dst", "c1222.called_ap_title_abs", "c1222.calling_ap_title_abs",
    "c1222.calling_AP_invocation_id", "c1222.cmd", "c1222.read.table", "c1222.err", "c1222.data",
]  # fmt: skip
COMMAND = Path(sys.executable).with_name("c1222")
# As it is installed: its modules are compiled once, in the round that is not counted.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def messages(chance: random.Random):
    """(meter, from the meter?, octets) of every message."""
    head_end = ApTitle.parse("2.16.124.113620.1.22.0.4")
    for number in range(EXCHANGES):
        meter = chance.randrange(100)
        title = ApTitle.parse(f"2.16.124.113620.1.22.0.123.{8000 + meter}")
        table = chance.choice((1, 3, 5, 21, 22, 23, 52, 63, 64))
        asked = {"called_ap_title": title, "calling_ap_title": head_end, "calling_ap_invocation_id": 256 + number}
        yield (
            meter,
            False,
            seal_message(asked, control(), encode_body([encode_request(request("full_read", table=table))])),
        )
        data = chance.randbytes(chance.randrange(8, 250))
        answer = encode_response(response(blocks=blocks(data)), service=0x30)
        told = {
            "called_ap_title": head_end,
            "called_ap_invocation_id": 256 + number,
            "calling_ap_title": title,
            "calling_ap_invocation_id": 1 + number,
        }
        yield meter, True, seal_message(told, control(), encode_body([answer]))


def write(path: Path) -> None:
    sequence: dict[tuple[int, bool], int] = {}
    with path.open("wb") as file:
        writer = PcapngWriter(file)
        writer.add_interface(1)
        for number, (meter, answers, octets) in enumerate(messages(random.Random(1222))):
            here = sequence.get((meter, answers), 1000)
            there = sequence.get((meter, not answers), 1000)
            sequence[meter, answers] = here + len(octets)
            writer.write(frame(meter, answers, here, there, octets), time_ns=1_700_000_000_000_000_000 + number * 10**6)


def frame(meter: int, answers: bool, sequence: int, acknowledged: int, octets: bytes) -> bytes:
    head_end, address = bytes((192, 0, 2, 1)), bytes((198, 51, 100, meter))
    ports = (1153).to_bytes(2, "big") + (50_000 + meter).to_bytes(2, "big")
    tcp = (ports if answers else ports[2:] + ports[:2]) + sequence.to_bytes(4, "big") + acknowledged.to_bytes(4, "big")
    tcp += bytes.fromhex("5018ffff00000000") + octets
    ip = bytes.fromhex("4500") + (20 + len(tcp)).to_bytes(2, "big") + bytes.fromhex("0000400040060000")
    ip += (address + head_end) if answers else (head_end + address)
    return bytes(12) + bytes.fromhex("0800") + ip + tcp


def main() -> int:
    tshark = shutil.which("tshark")
    with tempfile.TemporaryDirectory() as folder:
        capture, out = Path(folder) / "traffic.pcapng", Path(folder) / "traffic.jsonl"
        write(capture)

        def ours() -> None:
            command = [COMMAND, "-q", "decode", capture, "-o", out]
            subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT)

        def theirs(*form: str) -> None:
            with out.open("wb") as file:
                command = [str(tshark), "-r", str(capture), *form]
                subprocess.run(command, check=True, stdout=file, stderr=subprocess.DEVNULL)

        fields = [word for field in FIELDS for word in ("-e", field)]
        candidates = {"c1222 decode": ours}
        if tshark:
            candidates["tshark -T fields"] = lambda: theirs("-T", "fields", *fields)
            candidates["tshark -T ek"] = lambda: theirs("-T", "ek", "-J", "c1222")
        times = alternate(candidates, rounds=5)
        ours()
        lines = sum(1 for line in out.read_text().splitlines() if '"type":"exchange"' in line)
    assert lines == EXCHANGES, f"{lines} exchanges came out of {EXCHANGES}"
    for name, timing in times.items():
        rate = 2 * EXCHANGES / timing.median
        print(f"{name}: {timing.median:.2f} s, {rate:,.0f} messages/s (spread {timing.spread:.0%})")
    if not tshark:
        print("tshark is not installed: nothing to compare with")
        return 0
    ours_took = times["c1222 decode"]
    met = [
        goal("times faster than tshark -T ek", ratio(times["tshark -T ek"], ours_took), 5),
        goal("times faster than tshark -T fields", ratio(times["tshark -T fields"], ours_took), 5),
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
