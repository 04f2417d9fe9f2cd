"""Writing pcapng (draft-ietf-opsawg-pcapng): one section, little-endian, times in nanoseconds."""

from struct import Struct
from typing import IO, Final

from c1222.pcap.blocks import ENHANCED_PACKET, INTERFACE_DESCRIPTION, SECTION_HEADER
from c1222.pcap.packet import Direction

__all__ = ["PcapngWriter"]

_BYTE_ORDER_MAGIC: Final = 0x1A2B3C4D
_UNKNOWN_SECTION_LENGTH: Final = -1
_COMMENT: Final = 1
_SHB_USERAPPL: Final = 4
_IF_NAME: Final = 2
_IF_TSRESOL: Final = 9
_EPB_FLAGS: Final = 2
_DIRECTIONS: Final = {"in": 1, "out": 2}

_BLOCK = Struct("<II")
_TRAILER = Struct("<I")
_OPTION = Struct("<HH")
_SECTION = Struct("<IHHq")
_INTERFACE = Struct("<HHI")
_PACKET = Struct("<IIIII")


class PcapngWriter:
    """Writes a pcapng file, block by block, to a binary stream that the caller opens, flushes and closes.

        writer = PcapngWriter(stream)
        ethernet = writer.add_interface(1)
        writer.write(frame, time_ns=time.time_ns(), interface=ethernet, direction="out")

    Every call writes whole blocks, so what is on the disk can be read at any time.
    """

    def __init__(self, stream: IO[bytes], *, application: str = "c1222", comment: str | None = None) -> None:
        """Write the section header. application: the program's name; comment: on the file; both for its readers."""
        self._stream = stream
        self._interfaces = 0
        body = _SECTION.pack(_BYTE_ORDER_MAGIC, 1, 0, _UNKNOWN_SECTION_LENGTH)
        options = [] if comment is None else [(_COMMENT, comment.encode())]
        self._block(SECTION_HEADER, body, [*options, (_SHB_USERAPPL, application.encode())])

    def add_interface(self, linktype: int, *, name: str | None = None, snaplen: int = 0) -> int:
        """Describe one more interface; returns its index, which `write` takes.

        linktype: LINKTYPE_ value, 0..65535. snaplen: octets kept of a packet, 0 for no limit.
        """
        options = [] if name is None else [(_IF_NAME, name.encode())]
        options.append((_IF_TSRESOL, b"\x09"))
        self._block(INTERFACE_DESCRIPTION, _INTERFACE.pack(linktype, 0, snaplen), options)
        self._interfaces += 1
        return self._interfaces - 1

    def write(
        self,
        data: bytes,
        *,
        time_ns: int,
        interface: int = 0,
        direction: Direction | None = None,
        comment: str | None = None,
        original_length: int | None = None,
    ) -> None:
        """Write one packet.

        data: the octets captured, link layer first. time_ns: nanoseconds since 1970-01-01 UTC, 0 <= time_ns < 2**64.
        comment: shown by Wireshark beside the packet; at most 65535 octets of UTF-8.
        original_length: octets on the wire, if more than len(data).
        Raises ValueError for an interface that was not added and for values out of range; nothing is written then.
        """
        if not 0 <= interface < self._interfaces:
            raise ValueError(f"interface {interface}: {self._interfaces} were added")
        if not 0 <= time_ns < 1 << 64:
            raise ValueError(f"time_ns {time_ns} is not in 0 .. 2**64 - 1")
        original = len(data) if original_length is None else original_length
        if original < len(data):
            raise ValueError(f"original_length {original} is less than the {len(data)} octets captured")
        options = []
        if comment is not None:
            options.append((_COMMENT, comment.encode()))
        if direction is not None:
            options.append((_EPB_FLAGS, _TRAILER.pack(_DIRECTIONS[direction])))
        head = _PACKET.pack(interface, time_ns >> 32, time_ns & 0xFFFF_FFFF, len(data), original)
        self._block(ENHANCED_PACKET, head + _padded(data), options)

    def _block(self, kind: int, body: bytes, options: list[tuple[int, bytes]]) -> None:
        for code, value in options:
            if len(value) > 0xFFFF:
                raise ValueError(f"option {code} has {len(value)} octets, at most 65535 fit")
            body += _OPTION.pack(code, len(value)) + _padded(value)
        if options:
            body += _OPTION.pack(0, 0)
        length = _BLOCK.size + len(body) + _TRAILER.size
        self._stream.write(_BLOCK.pack(kind, length) + body + _TRAILER.pack(length))


def _padded(octets: bytes) -> bytes:
    return octets + bytes(-len(octets) % 4)
