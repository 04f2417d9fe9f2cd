"""Messages are read some at a time: what is found, and its order, is that of one at a time."""

import os

import pytest
from capture_building import READ, all_keys, answer, clear, codes, piece

from c1222.capture import decode
from c1222.capture.pairing import Exchange
from c1222.capture.remark import CaptureRemark, of_message
from c1222.errors import CaptureError

PIECES = 50  # three batches of 16, and some


def found_in(path):
    """Packets of exchanges, texts of remarks, in their order."""
    for one in decode.decode_files([path], all_keys()):
        yield one.response.place.packet if isinstance(one, Exchange) else one.text


def reader(at, log=None):
    """A read_pieces that finds answers in packets 1, 2, 3 ..., and gives a remark behind each that is in `at`."""

    def read_pieces(path, *, ports, limits, on_remark, on_read):
        for number in range(1, PIECES + 1):
            if log is not None:
                log.append(number)
            yield piece(answer("00"), number)
            if number in at:
                on_remark(CaptureRemark("file-cut", "note", f"behind {number}"))

    return read_pieces


@pytest.fixture(autouse=True)
def a_file(tmp_path, monkeypatch):
    """A file by this name; a pipe is none, and neither is what is not there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "traffic.pcap").touch()


@pytest.mark.parametrize("path", ["-", "traffic.pcap"])
def test_a_remark_comes_with_the_message_behind_it(monkeypatch, path):
    monkeypatch.setattr(decode, "read_pieces", reader({1, 15, 16, 50}))
    wanted = [1, 2, "behind 1", *range(3, 17), "behind 15", 17, "behind 16", *range(18, 51), "behind 50"]
    assert list(found_in(path)) == wanted


def test_from_a_pipe_each_message_comes_at_once(monkeypatch):
    read = []
    monkeypatch.setattr(decode, "read_pieces", reader((), read))
    os.mkfifo("pipe")
    for path in ("-", "pipe"):
        found = found_in(path)
        assert [(next(found), read[-1]) for _ in range(3)] == [(1, 1), (2, 2), (3, 3)]
    found = found_in("traffic.pcap")
    assert (next(found), read[-1]) == (1, 16)


def test_what_was_read_before_a_failure_comes_out(monkeypatch):
    def read_pieces(path, **_):
        yield piece(answer("00"), 1)
        raise CaptureError("a disk that fails", file=path)

    monkeypatch.setattr(decode, "read_pieces", read_pieces)
    found = found_in("traffic.pcap")
    assert next(found) == 1
    with pytest.raises(CaptureError, match="a disk that fails"):
        next(found)


def test_the_same_request_again_is_told_in_full_again(tmp_path):
    """Requests to read are decoded once for all that are alike: what was odd in them belongs to each."""
    odd = READ + " FF"  # an octet behind the table number
    path = tmp_path / "odd.hex"
    path.write_text("\n".join(clear(odd, ident=ident).hex() for ident in (1, 2)))
    first, second = (each.request for each in decode.decode_files([str(path)], all_keys()))
    assert first.services[0].value == second.services[0].value
    assert codes(first) == codes(second) == ["trailing-octets"]
    assert first.services[0] is not second.services[0]
    first.remarks.append(of_message("replayed", "said of one"))
    assert codes(second) == ["trailing-octets"]
