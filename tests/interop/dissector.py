"""tshark, told the keys of the simulated meter and the root of relative titles; and captures put right for it.

tshark 4.0.17 does not know segments: it calls each one malformed. `whole` puts their octets together, by the draft's
rule and without our code, so that it can judge the messages.
"""

import os
import shutil
import subprocess
from pathlib import Path

import dpkt
import pytest

NEEDED = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
ROOT = "2.16.124.113620.1.22.0"
KEYS = {0: "000102030405060708090a0b0c0d0e0f", 2: "01020304050607080102030405060708"}
FIELDS = (
    "frame.number",
    "c1222.MESSAGE_element",
    "c1222.called_ap_title_rel",
    "c1222.calling_ap_title_rel",
    "c1222.key_id_element",
    "c1222.iv_element",
    "c1222.epsem.flags.security",
    "c1222.crypto_good",
    "c1222.crypto_bad",
    "c1222.cmd",
    "c1222.err",
    "c1222.data",
    "c1222.read.table",
    "c1222.write.table",
    "c1222.bad_checksum",
    "_ws.malformed",
    "_ws.expert.severity",
)
DISSECTORS_WARNING = 0x600000
"""Severity of Wireshark's expert items from which on something is wrong."""


def dissect(
    path: Path, folder: Path, show: str = "c1222", keys: dict[int, str] | None = None
) -> list[dict[str, list[str]]]:
    """What tshark finds in each packet that `show` names: the values of each field. keys: by default the meter's."""
    rows = [f'"{key_id:x}",{key}\n' for key_id, key in (keys or KEYS).items()]
    (folder / "c1222_decryption_table").write_text("".join(rows))
    fields = [part for field in FIELDS for part in ("-e", field)]
    settings = ("-o", f"c1222.baseoid:{ROOT}", "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE")
    run = subprocess.run(
        ["tshark", "-n", "-r", path, "-Y", show, *settings, "-T", "fields", "-E", "aggregator=;", *fields],
        env={"PATH": os.environ["PATH"], "HOME": folder, "WIRESHARK_CONFIG_DIR": folder, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found = [line.split("\t") for line in run.stdout.splitlines()]
    return [{f: v.split(";") if v else [] for f, v in zip(FIELDS, values, strict=True)} for values in found]


def datagrams(path: Path) -> list[bytes]:
    """Payloads of the UDP datagrams of a trace, read by dpkt."""
    with path.open("rb") as file:
        return [bytes(dpkt.ip.IP(packet).data.data) for _, packet in dpkt.pcapng.Reader(file)]


def whole(messages: list[bytes], path: Path) -> tuple[int, int]:
    """Write the messages, those in segments as one, to a capture. Returns how many segments and messages there were.

    A segment: A3 is the size of its message, 02 in its user information the offset of its octets.
    """
    segments, joined, found = 0, bytearray(), []
    for octets in messages:
        elements = dict(_elements(_inside(octets)))
        if 0xA3 not in elements:
            found.append(octets)
            continue
        segments += 1
        size = int.from_bytes(_inside(elements[0xA3]), "big")
        parts = dict(_elements(_inside(elements[0xBE])))
        assert int.from_bytes(parts[0x02], "big") == len(joined), "segments out of order"
        joined += parts[0x81]
        if len(joined) == size:
            found.append(bytes(joined))
            joined.clear()
    assert not joined
    write(found, path)
    return segments, len(found)


def _inside(octets: bytes) -> bytes:
    """The content of the one element there is."""
    ((_, content),) = _elements(octets)
    return content


def _elements(octets: bytes) -> list[tuple[int, bytes]]:
    """Tags and contents, by X.690."""
    found, at = [], 0
    while at < len(octets):
        tag, size, at = octets[at], octets[at + 1], at + 2
        if size > 0x80:
            size, at = int.from_bytes(octets[at : at + size - 0x80], "big"), at + size - 0x80
        found.append((tag, octets[at : at + size]))
        at += size
    return found


def write(messages: list[bytes], path: Path) -> None:
    """A capture of messages, each in a datagram."""
    with path.open("wb") as stream:
        writer = dpkt.pcap.Writer(stream, linktype=dpkt.pcap.DLT_RAW)
        for number, data in enumerate(messages):
            datagram = dpkt.udp.UDP(sport=49152, dport=1153, data=data, ulen=8 + len(data))
            packet = dpkt.ip.IP(src=bytes([192, 0, 2, 1]), dst=bytes([192, 0, 2, 2]), p=17, data=datagram)
            packet.len = len(packet)
            writer.writepkt(bytes(packet), float(number))
