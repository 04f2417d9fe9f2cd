"""Files in: captures and hex text, plain and packed, from a path and a pipe; files that cannot be read at all."""

import gzip
import io
import subprocess
import sys

import pytest
from capture_building import IDENTIFY, PUBLISHED, REQUEST8, all_keys, codes, decoded_file, messages

from c1222.capture import source
from c1222.capture.decode import decode_files
from c1222.capture.pairing import Exchange
from c1222.capture.remark import CaptureRemark, in_file, of_error, of_message
from c1222.errors import CaptureError, MessageError

OCTETS = PUBLISHED.read_bytes()


def test_gzip(tmp_path):
    path = tmp_path / "packed"
    path.write_bytes(gzip.compress(OCTETS, mtime=0))
    exchanges, remarks = decoded_file(path)
    assert len(messages(exchanges)) == 18
    assert remarks == []


class Pipe(io.RawIOBase):
    """Gives a few octets at a time."""

    def __init__(self, data: bytes, most: int) -> None:
        self.data = data
        self.most = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        part = self.data[: min(self.most, len(buffer))]
        self.data = self.data[len(part) :]
        buffer[: len(part)] = part
        return len(part)


@pytest.mark.parametrize("most", [1, 7, 1000])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("data", [OCTETS, IDENTIFY.hex().encode()], ids=["capture", "hex"])
def test_pipe(monkeypatch, most, packed, data):
    class Input:
        buffer = Pipe(gzip.compress(data, mtime=0) if packed else data, most)

    monkeypatch.setattr(source.sys, "stdin", Input)
    found = messages(each for each in decode_files(["-"], all_keys()) if isinstance(each, Exchange))
    assert len(found) == (18 if data is OCTETS else 1)
    assert {message.place.file for message in found} == {"-"}


def test_pipe_of_the_operating_system():
    code = (
        "from c1222.capture.decode import decode_files\nfrom c1222.security.keys import KeyRing\n"
        "print(sum(1 for _ in decode_files(['-'], KeyRing())))"
    )
    run = subprocess.run([sys.executable, "-c", code], input=OCTETS, capture_output=True, check=True)
    assert run.stdout.split() == [b"12"]


def test_several_files_are_captures_of_their_own(tmp_path):
    """A request in one is not answered in another, and packets are counted anew."""
    path = tmp_path / "example8.hex"
    path.write_text(REQUEST8.hex())
    found = list(decode_files([str(PUBLISHED), str(path), str(PUBLISHED)], all_keys()))
    assert [each.request.place.file for each in found] == [str(PUBLISHED)] * 12 + [str(path)] + [str(PUBLISHED)] * 12
    assert not any("replayed" in codes(message) for message in messages(found))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"\x00\x01\x02\x03" * 100, "neither", id="binary"),
        pytest.param(b"\x7fELF\x02\x01\x01\x00", "neither", id="a-program"),
        pytest.param(OCTETS[:4], "bad", id="only-a-magic-number"),
        pytest.param(b"\xd4\xc3\xb2\xa1" + bytes(10), "bad", id="header-cut"),
        pytest.param(gzip.compress(gzip.compress(OCTETS, mtime=0), mtime=0), "neither", id="packed-twice"),
    ],
)
def test_cannot_be_read(tmp_path, data, text):
    path = tmp_path / "bad"
    path.write_bytes(data)
    with pytest.raises(CaptureError, match=text) as info:
        decoded_file(path)
    assert info.value.file == str(path)
    assert str(path) in str(info.value)


def test_no_such_file(tmp_path):
    with pytest.raises(CaptureError, match="No such file") as info:
        decoded_file(tmp_path / "none")
    assert info.value.file == str(tmp_path / "none")
    with pytest.raises(CaptureError, match="directory"):
        decoded_file(tmp_path)


def test_progress(tmp_path):
    heard: list[int] = []
    decoded_file(PUBLISHED, on_read=heard.append)
    assert heard[-1] == len(OCTETS)
    assert heard == sorted(heard)


def test_other_ports():
    assert decoded_file(PUBLISHED, ports=frozenset({1154})) == ([], [])
    exchanges, _ = decoded_file(PUBLISHED, ports=frozenset({40002, 40003}))
    assert [message.place.packet for message in messages(exchanges)] == [2, 3, 4]


LAST = len(OCTETS) - int.from_bytes(OCTETS[-4:], "little")  # a block ends with its length


@pytest.mark.parametrize("end", range(LAST, len(OCTETS)))
def test_file_that_ends_early_loses_its_end_only(tmp_path, end):
    path = tmp_path / "cut.pcapng"
    path.write_bytes(OCTETS[:end])
    exchanges, remarks = decoded_file(path)
    assert len(messages(exchanges)) == 17
    found = [(remark.code, remark.kind, remark.file, remark.file_offset) for remark in remarks]
    assert found == ([("file-cut", "undecodable", str(path), LAST)] if end > LAST else [])


# --- remarks --------------------------------------------------------------------------------------------------------


def test_remark_says_its_place():
    remark = CaptureRemark("file-cut", "undecodable", "the file ends", "a.pcap", 7, 1234)
    assert str(remark) == "a.pcap, packet 7, file offset 1234: the file ends"
    remark = of_message("checksum-wrong", "00, not A6", field="services[0]", message_offset=60)
    assert str(remark) == "services[0], octet 60: 00, not A6"
    assert str(of_message("lower-mode", "mode 0")) == "mode 0"


def test_remark_of_an_error():
    error = MessageError("2 octets wanted, 1 left", layout="request", field="parameters.table", offset=1)
    remark = of_error("service-undecodable", error, 45, "services[0]")
    assert (remark.kind, remark.field, remark.message_offset) == ("undecodable", "services[0].parameters.table", 46)
    assert remark.text == "request: 2 octets wanted, 1 left"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("no-key", "no-key"),
        ("bad-mac", "bad-mac"),
        ("replayed", "refused"),
        ("reused-iv", "refused"),
        ("lower-mode", "refused"),
        ("missing-a4", "refused"),
        ("short-header", "refused"),
        ("segment-missing", "undecodable"),
        ("not-c1222", "undecodable"),
        ("checksum-wrong", "note"),
        ("something new", "note"),
    ],
)
def test_kind_of_a_code(code, kind):
    assert of_message(code, "").kind == kind
    assert in_file(code, "", "a.pcap").kind == kind
