"""What the writer writes, other readers read: tshark, dpkt, and the format draft, octet by octet."""

import io
import json
import shutil
import subprocess
import warnings

import pytest
from pcap_building import CLIENT, METER, ethernet, ipv4, udp

from c1222.pcap.reader import open_capture
from c1222.pcap.writer import PcapngWriter

TIME = 1_700_000_000_123_456_789  # 0x17979cfe_3d85cd15


def test_octet_by_octet():
    stream = io.BytesIO()
    writer = PcapngWriter(stream, application="ab")
    assert writer.add_interface(147, name="opt", snaplen=0) == 0
    writer.write(b"\xee\x00\x20", time_ns=TIME, direction="out", comment="hi")
    assert stream.getvalue() == bytes.fromhex(
        "0a0d0d0a 28000000 4d3c2b1a 0100 0000 ffffffffffffffff 0400 0200 61620000 0000 0000 28000000"
        "01000000 28000000 9300 0000 00000000 0200 0300 6f707400 0900 0100 09000000 0000 0000 28000000"
        "06000000 38000000 00000000 fe9c9717 15cd853d 03000000 03000000 ee002000"
        "0100 0200 68690000 0200 0400 02000000 0000 0000 38000000"
    )


def test_a_comment_on_the_file_octet_by_octet():
    """opt_comment (1) of the section header: draft, section 3.5."""
    stream = io.BytesIO()
    PcapngWriter(stream, application="ab", comment="cde")
    assert stream.getvalue() == bytes.fromhex(
        "0a0d0d0a 30000000 4d3c2b1a 0100 0000 ffffffffffffffff0100 0300 63646500 0400 0200 61620000 0000 0000 30000000"
    )


def written(**fields):
    stream = io.BytesIO()
    writer = PcapngWriter(stream)
    ethernet_index, user_index = writer.add_interface(1), writer.add_interface(147)
    frame = ethernet(ipv4(udp(b"\x60\x00"), 17, source=CLIENT, destination=METER))
    writer.write(frame, time_ns=TIME, interface=ethernet_index)
    writer.write(b"\xee\x00\x20\x00\x00", time_ns=TIME + 1, interface=user_index, **fields)
    return stream.getvalue(), frame


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_reads_it(tmp_path):
    octets, frame = written(direction="in", comment="logon \N{EN DASH} first try", original_length=9)
    path = tmp_path / "written.pcapng"
    path.write_bytes(octets)
    fields = ["frame.time_epoch", "frame.cap_len", "frame.len", "frame.comment", "frame.packet_flags_direction"]
    command = ["tshark", "-r", path, "-T", "json", *[word for field in fields for word in ("-e", field)]]
    run = subprocess.run(command, capture_output=True, check=True)
    first, second = (packet["_source"]["layers"] for packet in json.loads(run.stdout))
    assert first["frame.time_epoch"] == ["1700000000.123456789"]
    assert first["frame.cap_len"] == [str(len(frame))]
    assert second["frame.time_epoch"] == ["1700000000.123456790"]
    assert (second["frame.cap_len"], second["frame.len"]) == (["5"], ["9"])
    assert second["frame.comment"] == ["logon \N{EN DASH} first try"]
    assert second["frame.packet_flags_direction"] == ["0x00000001"]


def test_dpkt_reads_it():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        dpkt = pytest.importorskip("dpkt")
    octets, frame = written(direction="out")
    packets = list(dpkt.pcapng.Reader(io.BytesIO(octets)))
    assert [octets for _, octets in packets] == [frame, b"\xee\x00\x20\x00\x00"]
    assert float(packets[0][0]) == pytest.approx(TIME / 1e9)


def test_our_reader_reads_it():
    octets, frame = written(direction="in")
    packets = list(open_capture(io.BytesIO(octets), on_remark=pytest.fail))
    assert [(p.time_ns, p.data, p.linktype, p.interface, p.direction) for p in packets] == [
        (TIME, frame, 1, 0, None),
        (TIME + 1, b"\xee\x00\x20\x00\x00", 147, 1, "in"),
    ]


@pytest.mark.parametrize("size", range(9))
def test_padding(size):
    stream = io.BytesIO()
    writer = PcapngWriter(stream)
    writer.add_interface(1)
    writer.write(bytes(size), time_ns=0, comment="c" * size)
    assert len(stream.getvalue()) % 4 == 0
    [packet] = open_capture(io.BytesIO(stream.getvalue()), on_remark=pytest.fail)
    assert packet.data == bytes(size)


@pytest.mark.parametrize(
    "fields",
    [
        {"interface": 1},
        {"interface": -1},
        {"time_ns": -1},
        {"time_ns": 1 << 64},
        {"original_length": 2},
        {"comment": "\N{EURO SIGN}" * 21846},
    ],
)
def test_what_it_refuses_is_not_written(fields):
    stream = io.BytesIO()
    writer = PcapngWriter(stream)
    writer.add_interface(1)
    before = stream.getvalue()
    with pytest.raises(ValueError, match=r"interface|time_ns|original_length|option"):
        writer.write(b"abc", **{"time_ns": 0, **fields})
    assert stream.getvalue() == before
