"""gzip, unpacked piece by piece, with an end to bombs."""

import zlib
from collections.abc import Callable
from typing import Final

from c1222.pcap.limits import Limits
from c1222.pcap.remark import OnRemark, Remark

__all__ = ["GZIP_MAGIC", "Gunzip", "first_unpacked"]

GZIP_MAGIC: Final = b"\x1f\x8b"
"""ID1 and ID2 of a gzip member (RFC 1952, section 2.3.1)."""

_GZIP: Final = 31  # zlib: the largest window, and a gzip header and trailer around it
_PACKED_CHUNK: Final = 1 << 15  # small, because zlib copies the unused rest of it for every gzip member
_RATIO_FREE_OCTETS: Final = 64 << 20


def first_unpacked(packed: bytes, count: int) -> bytes | None:
    """At most `count` octets of what the beginning of a gzip stream unpacks to; None if it is not gzip."""
    try:
        return zlib.decompressobj(wbits=_GZIP).decompress(packed, count)
    except zlib.error:
        return None


class Gunzip:
    """A stream of gzip members (RFC 1952), unpacked.

    packed: the first octets of it, already read; more: gives further ones, b"" at the end.
    fail: is called beside the remark when unpacking ends before its time.
    """

    def __init__(
        self, packed: bytes, more: Callable[[], bytes], on_remark: OnRemark, limits: Limits, fail: Callable[[], None]
    ) -> None:
        self._source = packed
        self._source_at = 0
        self._more = more
        self._on_remark = on_remark
        self._limits = limits
        self._fail = fail
        self._packed = b""
        self._octets_in = 0
        self._octets_out = 0
        self._member = zlib.decompressobj(wbits=_GZIP)
        self._done = False

    def read(self, count: int) -> bytes:
        """At most `count` unpacked octets, at least one; b"" at the end, after a remark if it came too early."""
        while not self._done:
            if not self._packed and not self._refill():
                self._stop("gzip-cut", "the gzip stream ends early")
                return b""
            try:
                piece = self._member.decompress(self._packed, count)
            except zlib.error as error:
                self._stop("gzip-corrupt", f"the gzip stream is damaged ({error})")
                return b""
            self._packed = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            self._octets_out += len(piece)
            if self._octets_out > max(_RATIO_FREE_OCTETS, self._octets_in * self._limits.gzip_ratio):
                self._stop("gzip-ratio", f"{self._octets_in} octets unpack to more than {self._octets_out}: stopped")
                return b""
            if self._member.eof and not self._next_member():
                self._done = True
            if piece:
                return piece
        return b""

    def _next_member(self) -> bool:
        """Whether another member follows; padding with zero octets is usual and passed over."""
        while True:
            self._packed = self._packed.lstrip(b"\0")
            if len(self._packed) >= len(GZIP_MAGIC):
                break
            kept = self._packed
            if not self._refill():
                break
            self._packed = kept + self._packed
        if self._packed.startswith(GZIP_MAGIC):
            self._member = zlib.decompressobj(wbits=_GZIP)
            return True
        if self._packed:
            text = "octets that are not gzip follow the gzip stream"
            self._on_remark(Remark("gzip-trailing", text, offset=self._octets_out))
        return False

    def _refill(self) -> bool:
        if self._source_at >= len(self._source):
            self._source, self._source_at = self._more(), 0
        self._packed = self._source[self._source_at : self._source_at + _PACKED_CHUNK]
        self._source_at += len(self._packed)
        self._octets_in += len(self._packed)
        return bool(self._packed)

    def _stop(self, code: str, text: str) -> None:
        self._fail()
        self._on_remark(Remark(code, text, offset=self._octets_out))
