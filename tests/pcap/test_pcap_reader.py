"""pcap files in all their forms, from paths, pipes and gzip; dpkt and tshark agree on what is in them."""

import gzip
import io
import os
import sys

import pytest
from pcap_building import enhanced, interface, pcap, read, section

from c1222.errors import CaptureError
from c1222.pcap.limits import Limits
from c1222.pcap.reader import looks_like_capture, open_capture

FRAMES = [bytes([n]) * (n * 7) for n in range(1, 6)]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("magic", "fraction_ns", "extra"),
    [
        pytest.param(0xA1B2C3D4, 1000, b"", id="microseconds"),
        pytest.param(0xA1B23C4D, 1, b"", id="nanoseconds"),
        pytest.param(0xA1B2CD34, 1000, bytes(8), id="record-header-of-24-octets"),
    ],
)
def test_every_form_of_pcap(order, magic, fraction_ns, extra):
    octets = pcap(FRAMES, order=order, magic=magic, extra=extra, linktype=113)
    packets, remarks = read(octets)
    assert not remarks
    assert [packet.data for packet in packets] == FRAMES
    assert [packet.time_ns for packet in packets] == [
        (1_700_000_000 + n) * 10**9 + n * fraction_ns for n in range(len(FRAMES))
    ]
    assert [packet.number for packet in packets] == [1, 2, 3, 4, 5]
    assert {(packet.linktype, packet.interface, packet.direction) for packet in packets} == {(113, 0, None)}
    header = 16 + len(extra)
    assert [packet.offset for packet in packets] == [24 + sum(map(len, FRAMES[:n])) + n * header for n in range(5)]


def test_a_file_typed_by_hand():
    octets = bytes.fromhex(
        "a1b2c3d4 0002 0004 00000000 00000000 00040000 00000065"  # big-endian, LINKTYPE_RAW
        "00000001 000f423f 00000002 00000005 abcd"  # 1.999999 s, 2 octets of 5
    )
    [packet], remarks = read(octets)
    assert not remarks
    assert packet == (1, 1_999_999_000, b"\xab\xcd", 5, 101, 24, 0, None)


@pytest.mark.parametrize("nano", [False, True])
def test_what_dpkt_writes(tmp_path, nano):
    dpkt = pytest.importorskip("dpkt")
    path = tmp_path / "dpkt.pcap"
    with path.open("wb") as file:
        writer = dpkt.pcap.Writer(file, linktype=101, nano=nano)
        for n, frame in enumerate(FRAMES):
            writer.writepkt(frame, ts=1_600_000_000 + n)
    for source in (path, str(path)):
        packets = list(open_capture(source, on_remark=pytest.fail))
        assert [packet.data for packet in packets] == FRAMES
        assert [packet.time_ns for packet in packets] == [(1_600_000_000 + n) * 10**9 for n in range(5)]


def test_frame_check_sequence_bits_are_not_part_of_the_linktype():
    packets, _ = read(pcap(FRAMES[:1], linktype=0x4400_0001))
    assert packets[0].linktype == 1


@pytest.mark.parametrize("snaplen", [0, 1, 0xFFFF_FFFF])
def test_the_snapshot_length_is_not_believed(snaplen):
    packets, remarks = read(pcap(FRAMES, snaplen=snaplen))
    assert [packet.data for packet in packets] == FRAMES
    assert not remarks


def test_more_than_one_buffer_full():
    frames = [bytes([n % 256]) * (n % 1500) for n in range(5000)]  # 3.7 MB: several reads, cut anywhere
    for octets in (pcap(frames), section() + interface() + b"".join(map(enhanced, frames))):
        packets, remarks = read(octets)
        assert [packet.data for packet in packets] == frames
        assert not remarks
        assert all(octets.find(p.data, p.offset) <= p.offset + 28 for p in packets)


class Trickle(io.RawIOBase):
    """A stream that cannot seek and gives a few octets at a time."""

    def __init__(self, octets, step):
        self.octets, self.step, self.at = octets, step, 0

    def readable(self):
        return True

    def readinto(self, buffer):
        piece = self.octets[self.at : self.at + min(self.step, len(buffer))]
        buffer[: len(piece)] = piece
        self.at += len(piece)
        return len(piece)


FORMS = {
    "pcap": pcap(FRAMES),
    "pcapng": section() + interface() + b"".join(map(enhanced, FRAMES)),
}
FORMS |= {name + ".gz": gzip.compress(octets, mtime=0) for name, octets in FORMS.items()}
half = len(FORMS["pcap"]) // 2
FORMS["members.gz"] = b"".join(
    gzip.compress(part, mtime=0) for part in (FORMS["pcap"][:half], b"", FORMS["pcap"][half:])
)
FORMS["padded.gz"] = FORMS["pcap.gz"] + bytes(700)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("step", [1, 2, 3, 17, 10_000])
def test_streams_that_trickle(form, step):
    for stream in (Trickle(FORMS[form], step), io.BufferedReader(Trickle(FORMS[form], step))):
        packets = list(open_capture(stream, on_remark=pytest.fail))
        assert [packet.data for packet in packets] == FRAMES


@pytest.mark.parametrize("form", FORMS)
def test_a_pipe_and_standard_input(form, monkeypatch):
    for from_stdin in (False, True):
        ends = os.pipe()
        with os.fdopen(ends[0], "rb") as out, os.fdopen(ends[1], "wb") as into:
            into.write(FORMS[form])
            into.close()
            if from_stdin:
                monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(out))
            packets = list(open_capture("-" if from_stdin else out, on_remark=pytest.fail))
        assert [packet.data for packet in packets] == FRAMES


@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_a_running_capture_gives_its_packets_at_once(form):
    octets, ends = FORMS[form], os.pipe()
    with os.fdopen(ends[0], "rb") as out, os.fdopen(ends[1], "wb", buffering=0) as into:
        into.write(octets)
        packets = open_capture(out, on_remark=pytest.fail)
        assert [next(packets).data for _ in FRAMES] == FRAMES  # the pipe is still open
        into.close()
        assert next(packets, None) is None


def test_a_file_opened_here_is_closed_and_a_stream_given_is_not(tmp_path):
    path = tmp_path / "a.pcap"
    path.write_bytes(FORMS["pcap"])
    packets = open_capture(path, on_remark=pytest.fail)
    next(packets)
    packets.close()  # an open file would raise a ResourceWarning, which is an error here
    stream = io.BytesIO(FORMS["pcap"])
    list(open_capture(stream, on_remark=pytest.fail))
    assert not stream.closed


NOT_CAPTURES = [
    pytest.param(b"", "is empty", id="empty"),
    pytest.param(b"\xd4\xc3\xb2", "before the magic", id="three-octets"),
    pytest.param(b"60 1e a2 05", "begins with 36302031", id="hex-text"),
    pytest.param(pcap([])[:23], "inside the pcap file header", id="cut-pcap-header"),
    pytest.param(section()[:11], "inside the first section header", id="cut-section-header"),
    pytest.param(section()[:27], "first section header cannot be used", id="cut-section-header-later"),
    pytest.param(section()[:8] + bytes(20), "no byte-order magic", id="no-byte-order-magic"),
    pytest.param(section(major=2), "version 2", id="version"),
    pytest.param(section(length=16), "length of 16", id="short-section-header"),
    pytest.param(gzip.compress(b"", mtime=0), "is empty", id="nothing-in-gzip"),
    pytest.param(gzip.compress(FORMS["pcap.gz"], mtime=0), "gzip twice", id="gzip-in-gzip"),
    pytest.param(b"\x1f\x8b", "is empty", id="gzip-magic-only"),
    pytest.param(b"\x28\xb5\x2f\xfd" + bytes(9), "zstd", id="zstd"),
    pytest.param(b"\xfd7zXZ\0", "xz", id="xz"),
    pytest.param(b"snoop\0\0\0", "snoop", id="snoop"),
]


@pytest.mark.parametrize(("octets", "problem"), NOT_CAPTURES)
def test_what_cannot_be_read_at_all(octets, problem):
    with pytest.raises(CaptureError, match=problem) as info:
        read(octets)
    assert info.value.file == "-"


def test_a_path_that_cannot_be_opened(tmp_path):
    for path in (tmp_path / "none.pcap", tmp_path, "nul\0l"):
        with pytest.raises(CaptureError, match="cannot be opened") as info:
            next(open_capture(path, on_remark=pytest.fail))
        assert info.value.file == str(path)


class Failing(io.RawIOBase):
    """A disk that fails after the first octets."""

    def __init__(self, octets):
        self.octets = octets

    def read(self, size=-1):
        if not self.octets:
            raise OSError(5, "Input/output error")
        piece, self.octets = self.octets, b""
        return piece


@pytest.mark.parametrize("form", ["pcap", "pcapng", "pcap.gz"])
def test_a_disk_that_fails(form):
    octets = FORMS[form]
    cut = octets[: len(octets) - 4]  # inside the last record, or at the end of the gzip stream
    remarks = []
    packets = list(open_capture(Failing(cut), on_remark=remarks.append))
    assert [packet.data for packet in packets] == FRAMES[: len(packets)]
    assert len(packets) >= 4
    assert "read-failed" in [remark.code for remark in remarks]
    assert "file-cut" not in [remark.code for remark in remarks]


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (pcap([])[:4], True),
        (pcap([], order=">", magic=0xA1B23C4D)[:4], True),
        (section(">")[:4], True),
        (FORMS["pcap.gz"][:64], True),
        (FORMS["pcapng.gz"], True),
        (FORMS["pcap.gz"][:12], True),  # too short to be sure
        (gzip.compress(b"60 1e a2 05 80 03 7b c1 75", mtime=0), False),
        (b"\x1f\x8b not gzip at all", False),
        (b"60 1e a2 05", False),
        (b"\x60\x1e\xa2\x05", False),
        (b"\xd4\xc3", False),
        (b"", False),
    ],
)
def test_looks_like_capture(first, expected):
    assert looks_like_capture(first) is expected


def test_one_remark_for_what_follows_gzip():
    packets, remarks = read(FORMS["pcap.gz"] + b"rubbish")
    assert len(packets) == len(FRAMES)
    assert [remark.code for remark in remarks] == ["gzip-trailing"]


def test_a_gzip_bomb_ends():
    frame = bytes(60_000)
    bomb = gzip.compress(pcap([frame]) + (pcap([frame])[24:]) * 1500)  # 90 MB in 90 KB
    remarks = []
    packets = sum(1 for _ in open_capture(io.BytesIO(bomb), on_remark=remarks.append))
    assert (64 << 20) // 60_016 - 40 < packets < (66 << 20) // 60_016
    assert [remark.code for remark in remarks] == ["gzip-ratio"]
    assert sum(1 for _ in open_capture(io.BytesIO(bomb), on_remark=pytest.fail, limits=Limits(gzip_ratio=2000))) == 1501
