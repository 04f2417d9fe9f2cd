"""fixtures/captures/optical_walk_through.pcapng: the script makes it again, and every octet is one of the reference."""

import runpy
import shutil
import subprocess

import pytest
from capture_building import FIXTURES
from serial_building import ACK, WALK, crc, talk

from c1222.pcap.reader import open_capture

PATH = FIXTURES / "optical_walk_through.pcapng"


def test_script_makes_the_same_file(tmp_path):
    made = tmp_path / "made.pcapng"
    runpy.run_path(str(FIXTURES / "make_optical_walk_through.py"))["write"](made)
    assert made.read_bytes() == PATH.read_bytes()


def test_it_holds_the_walk_through():
    packets = list(open_capture(PATH, on_remark=pytest.fail))
    assert [(packet.direction, packet.data) for packet in packets] == talk(WALK)
    assert {packet.linktype for packet in packets} == {147}
    for packet in packets:
        assert packet.data in (ACK, packet.data[:-2] + crc(packet.data[:-2]))


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_reads_it():
    command = ["tshark", "-r", PATH, "-T", "fields", "-e", "frame.packet_flags_direction", "-e", "frame.cap_len"]
    lines = subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines()
    expected = [f"0x{2 if way == 'out' else 1:08x}\t{len(octets)}" for way, octets in talk(WALK)]
    assert lines == expected
