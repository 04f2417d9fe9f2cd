"""Where the octets of a capture come from: a path, a pipe, packed with gzip or not.

Reading is incremental: a pipe is never asked for more than it has, so that packets of a running capture come out as
they go in.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import FileIO
from typing import IO

from c1222.errors import CaptureError
from c1222.pcap.gunzip import Gunzip
from c1222.pcap.limits import Limits
from c1222.pcap.remark import OnRemark, Remark

__all__ = ["Octets", "open_source"]

_CHUNK = 1 << 20

Read = Callable[[int], bytes]
"""Gives at most so many octets, at least one, or b"" at the end."""


class Octets:
    """A stream seen through a sliding buffer, from which the readers take blocks.

    buffer: the octets at hand; at: index in it of the next octet not taken; start: offset in the stream of buffer[0].
    A reader may work on `buffer` itself and set `at` before it asks for more.
    failed: reading ended with a remark, so that a record cut by it needs no remark of its own.
    """

    def __init__(self, read: Read, on_remark: OnRemark) -> None:
        self.buffer = b""
        self.at = 0
        self.start = 0
        self.failed = False
        self._read = read
        self._on_remark = on_remark
        self._ended = False

    @property
    def offset(self) -> int:
        """Octets from the start of the (unpacked) stream to `at`."""
        return self.start + self.at

    @property
    def left(self) -> int:
        """Octets at hand; after need() gave False: the octets left in the stream."""
        return len(self.buffer) - self.at

    def need(self, count: int) -> bool:
        """Whether `count` octets are at hand from `at` on, after reading for them. Nothing is allocated in advance."""
        held = len(self.buffer) - self.at
        if held >= count:
            return True
        pieces = [self.buffer[self.at :]]
        while held < count and (piece := self._more()):
            pieces.append(piece)
            held += len(piece)
        self.start += self.at
        self.at = 0
        self.buffer = b"".join(pieces)
        return held >= count

    def skip(self, count: int) -> bool:
        """Leave out `count` octets without keeping them. False if the stream ended before."""
        while count > self.left:
            count -= self.left
            self.at = len(self.buffer)
            if not self.need(1):
                return False
        self.at += count
        return True

    def unpack_gzip(self, limits: Limits) -> None:
        """From here on the stream is what the gzip stream in it unpacks to. Call it before anything was taken."""
        packed, read = self.buffer, self._read
        self._read = Gunzip(packed, lambda: self._tried(read), self._on_remark, limits, self._fail).read
        self.buffer, self._ended = b"", False

    def _more(self) -> bytes:
        piece = b"" if self._ended else self._tried(self._read)
        self._ended = not piece
        return piece

    def _tried(self, read: Read) -> bytes:
        """What `read` gives; the end of the stream, with a remark, where the operating system fails."""
        try:
            return read(_CHUNK)
        except OSError as error:
            self._on_remark(Remark("read-failed", f"cannot read on: {error.strerror or error}", offset=self.offset))
            self._fail()
            return b""

    def _fail(self) -> None:
        self.failed = True


@contextmanager
def open_source(source: str | os.PathLike[str] | IO[bytes]) -> Iterator[tuple[Read, str]]:
    """How to read `source`, and its name. A file opened here is closed at the end; a stream given is left open.

    source: a path; "-" for standard input; or a binary stream, which need not be seekable.
    Raises CaptureError if a path cannot be opened.
    """
    if isinstance(source, str | os.PathLike) and os.fspath(source) != "-":
        name = os.fspath(source)
        with _opened(name) as file:
            yield file.read, name
        return
    stream = sys.stdin.buffer if isinstance(source, str | os.PathLike) else source
    read: Read = getattr(stream, "read1", stream.read)  # read1 gives what is there and does not wait for more
    name = getattr(stream, "name", "-")
    yield read, name if isinstance(name, str) and stream is not sys.stdin.buffer else "-"


def _opened(name: str) -> FileIO:
    try:
        return FileIO(name)
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise CaptureError(f"cannot be opened: {getattr(error, 'strerror', None) or error}", file=name) from error
