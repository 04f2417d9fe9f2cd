"""pcap, the classic format: one header, then records (draft-ietf-opsawg-pcap).

Four magic numbers times two byte orders: seconds and microseconds, seconds and nanoseconds, and the record header
with eight octets more that a patched libpcap once wrote (0xa1b2cd34; Wireshark reads it too).
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final

from c1222.errors import CaptureError
from c1222.pcap.limits import Limits
from c1222.pcap.packet import Packet
from c1222.pcap.remark import OnRemark, Remark
from c1222.pcap.source import Octets

__all__ = ["CLASSIC_MAGICS", "read_classic"]

_FORMS: Final = {
    #  magic      ns in a fraction, octets of a record header
    0xA1B2C3D4: (1000, 16),
    0xA1B23C4D: (1, 16),
    0xA1B2CD34: (1000, 24),
}
_BY_MAGIC: Final = {Struct(order + "I").pack(magic): (order, *form) for magic, form in _FORMS.items() for order in "<>"}

CLASSIC_MAGICS: Final = frozenset(_BY_MAGIC)
"""The first four octets of a pcap file, in any of its forms."""

_FILE_HEADER: Final = 24
_LINKTYPE_MASK: Final = 0x03FF_FFFF  # above it: the length of the frame check sequence


def read_classic(octets: Octets, *, on_remark: OnRemark, limits: Limits, file: str) -> Iterator[Packet]:
    """The packets of a pcap file whose first four octets, in CLASSIC_MAGICS, are at hand.

    The snapshot length of the header is not believed (0 and 0xffffffff are seen); limits.packet_octets bounds a
    record. A record that claims more ends the reading, because nothing marks where the next one begins.
    Raises CaptureError if the file header is cut.
    """
    if not octets.need(_FILE_HEADER):
        raise CaptureError("ends inside the pcap file header", file=file, offset=octets.left)
    order, scale, header = _BY_MAGIC[octets.buffer[octets.at : octets.at + 4]]
    linktype = Struct(order + "20xI").unpack_from(octets.buffer, octets.at)[0] & _LINKTYPE_MASK
    octets.at += _FILE_HEADER

    record = Struct(order + "IIII").unpack_from
    new, longest, number = tuple.__new__, limits.packet_octets, 0
    while octets.need(header):
        # Everything that lies whole in the buffer, without a call.
        buffer, start, at = octets.buffer, octets.start, octets.at
        end = len(buffer)
        last = end - header
        while at <= last:
            seconds, fraction, captured, original = record(buffer, at)
            data = at + header
            stop = data + captured
            if stop > end or captured > longest:
                break
            number += 1
            time_ns = seconds * 1_000_000_000 + fraction * scale
            yield new(Packet, (number, time_ns, buffer[data:stop], original, linktype, start + at, 0, None))
            at = stop
        octets.at = at
        if at > last:
            continue
        offset = octets.offset
        if captured > longest:
            text = f"the record claims {captured} octets, at most {longest} are allowed"
            on_remark(Remark("record-length", text, number + 1, offset))
            return
        if not octets.need(header + captured):
            break
    if octets.left and not octets.failed:
        text = f"the file ends inside a record: {octets.left} octets are left of it"
        on_remark(Remark("file-cut", text, number + 1, octets.offset))
