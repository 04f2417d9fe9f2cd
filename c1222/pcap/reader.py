"""Opening a capture file of any kind."""

import os
from collections.abc import Iterator
from typing import IO, Final

from c1222.errors import CaptureError
from c1222.pcap.classic import CLASSIC_MAGICS, read_classic
from c1222.pcap.gunzip import GZIP_MAGIC, first_unpacked
from c1222.pcap.limits import DEFAULT_LIMITS, Limits
from c1222.pcap.nextgen import NEXTGEN_MAGIC, read_nextgen
from c1222.pcap.packet import Packet
from c1222.pcap.remark import OnRemark, Remarks
from c1222.pcap.source import Octets, open_source

__all__ = ["looks_like_capture", "open_capture"]

_MAGIC_OCTETS: Final = 4

_NOT_READ: Final = {
    b"\x28\xb5\x2f\xfd": "packed with zstd: unpack it first",
    b"\x04\x22\x4d\x18": "packed with lz4: unpack it first",
    b"\xfd7zX": "packed with xz: unpack it first",
    b"BZh": "packed with bzip2: unpack it first",
    b"PK\x03\x04": "a zip archive: unpack it first",
    b"snoop": "a snoop capture: convert it to pcapng first",
    GZIP_MAGIC: "packed with gzip twice: unpack it first",
}
"""First octets -> what people can do about it."""


def looks_like_capture(first_octets: bytes) -> bool:
    """Whether octets that begin so are a pcap or pcapng file, packed with gzip or not.

    first_octets: at least 4 of the first octets of a file; of a gzip file the first 64 or more are wanted to be sure
    of what is inside (with fewer the answer is yes).
    """
    if first_octets.startswith(GZIP_MAGIC) and len(first_octets) >= _MAGIC_OCTETS:
        inside = first_unpacked(first_octets, _MAGIC_OCTETS)
        return inside is not None and (len(inside) < _MAGIC_OCTETS or _is_magic(inside))
    return _is_magic(first_octets[:_MAGIC_OCTETS])


def open_capture(
    source: str | os.PathLike[str] | IO[bytes], *, on_remark: OnRemark, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Packet]:
    """The packets of a pcap or pcapng file, in the order of the file.

    source: a path; "-" for standard input; or a binary stream, which need not be seekable. A file opened here is
    closed when the iterator ends or is closed; a stream given is left open.
    on_remark: hears what was wrong with the file, bounded by limits.remarks_per_code unless it is a `Remarks`.

    Nothing is read before the first packet is asked for. Raises CaptureError, then, if nothing can be read at all:
    no such file, an empty file, an unknown format, a cut file header. A file that is cut or damaged later gives a
    remark and the packets that can be had.
    """
    remarks = Remarks.around(on_remark, limits.remarks_per_code)
    with open_source(source) as (read, name):
        octets = Octets(read, remarks)
        if octets.need(len(GZIP_MAGIC)) and octets.buffer.startswith(GZIP_MAGIC):
            octets.unpack_gzip(limits)
        if not octets.need(_MAGIC_OCTETS):
            problem = "ends before the magic number of a capture" if octets.left else "is empty"
            raise CaptureError(problem, file=name, offset=octets.left)
        magic = octets.buffer[:_MAGIC_OCTETS]
        if magic in CLASSIC_MAGICS:
            yield from read_classic(octets, on_remark=remarks, limits=limits, file=name)
        elif magic == NEXTGEN_MAGIC:
            yield from read_nextgen(octets, on_remark=remarks, limits=limits, file=name)
        else:
            raise CaptureError(_what_else(octets.buffer), file=name, offset=0)


def _is_magic(octets: bytes) -> bool:
    return octets in CLASSIC_MAGICS or octets == NEXTGEN_MAGIC


def _what_else(octets: bytes) -> str:
    known = next((text for magic, text in _NOT_READ.items() if octets.startswith(magic)), None)
    return known or f"not a pcap or pcapng file: it begins with {octets[:_MAGIC_OCTETS].hex()}"
