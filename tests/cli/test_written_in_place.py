"""What is no regular file by its own name is written in place: /dev/stdout, /dev/fd/3, a pipe, a link to a device."""

import os
import threading
from pathlib import Path

import click
import pytest

from c1222_cli.in_place import open_file, takes_place
from c1222_cli.output import check_output, opened_output

pytestmark = pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="no /proc")  # noqa: PTH110


def write(output, octets=b"data\n", inputs=()):
    check_output(str(output), inputs)
    with opened_output(str(output), inputs) as stream:
        stream.write(octets)


@pytest.fixture
def log(tmp_path):
    """A file with a line in it, open, as `>> log` or `> log` of a shell has it."""
    path = tmp_path / "log"
    path.write_bytes(b"before\n")
    return path


@pytest.mark.parametrize("folder", ["/dev/fd", "/proc/self/fd", "/proc/{}/fd"])
@pytest.mark.parametrize("flag", [os.O_APPEND, 0], ids=["appended", "at-its-place"])
def test_an_open_file_goes_on(log, folder, flag):
    handle = os.open(log, os.O_WRONLY | flag)
    try:
        os.lseek(handle, 0, os.SEEK_END)
        number = log.stat().st_ino
        write(f"{folder.format(os.getpid())}/{handle}")
        os.write(handle, b"after\n")
    finally:
        os.close(handle)
    assert log.read_bytes() == b"before\ndata\nafter\n"
    # The same file, and not another of its name.
    assert log.stat().st_ino == number
    assert os.listdir(log.parent) == ["log"]  # noqa: PTH208


def test_a_link_to_an_open_file(log, tmp_path):
    """/dev/stdout is such a link."""
    handle = os.open(log, os.O_WRONLY | os.O_APPEND)
    try:
        (tmp_path / "link").symlink_to(f"/dev/fd/{handle}")
        write(tmp_path / "link")
    finally:
        os.close(handle)
    assert log.read_bytes() == b"before\ndata\n"
    assert (tmp_path / "link").is_symlink()
    assert open_file(Path("/dev/stdout")) == (os.getpid(), 1)


def test_an_open_pipe_without_a_name():
    read, handle = os.pipe()
    write(f"/dev/fd/{handle}")
    os.close(handle)
    with os.fdopen(read, "rb") as stream:
        assert stream.read() == b"data\n"


def test_a_named_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    came = []
    reader = threading.Thread(target=lambda: came.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    write(tmp_path / "pipe")
    reader.join()
    assert came == [b"data\n"]
    assert (tmp_path / "pipe").is_fifo()


def test_a_link_to_a_regular_file_stays_one(tmp_path):
    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "link").symlink_to("file")
    number = (tmp_path / "file").stat().st_ino
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"data\n"
    # It appeared whole: another file took the name.
    assert (tmp_path / "file").stat().st_ino != number


def test_what_is_not_open_cannot_be_written(tmp_path):
    handle = os.open(tmp_path, os.O_RDONLY)
    os.close(handle)
    with pytest.raises(click.UsageError, match="may not be written"):
        write(f"/dev/fd/{handle}")


def test_an_open_file_that_is_read_is_not_written(log):
    handle = os.open(log, os.O_WRONLY | os.O_APPEND)
    try:
        with pytest.raises(click.UsageError, match="the command reads this file"):
            write(f"/dev/fd/{handle}", inputs=(log,))
    finally:
        os.close(handle)


def test_links_without_end(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert open_file(tmp_path / "a") is None


def test_which_take_a_place(tmp_path):
    assert takes_place(str(tmp_path / "new"))
    for each in (None, "-", "/dev/null", "/dev/fd/2", "/dev/stderr"):
        assert not takes_place(each)
