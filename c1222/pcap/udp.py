"""UDP (RFC 768): the octets of one datagram.

The checksum is not verified: network cards compute it after the capture, so it is often wrong in what a machine
captured of itself.
"""

from struct import Struct

from c1222.pcap.ip import IpPayload
from c1222.pcap.remark import OnRemark, Remark

__all__ = ["udp_data"]

_HEADER = Struct("!4xH2x")


def udp_data(payload: IpPayload, number: int, on_remark: OnRemark) -> tuple[bytes, int] | None:
    """Octets of the datagram in `payload`, and how many that were on the wire are not in the capture.

    The UDP length says where the datagram ends: what IP carried beyond it is left out. 0 stands for a jumbogram
    (RFC 2675) or a length left to the network card: all that IP carried. None, with a remark, if there is no header.
    number: of the packet, for remarks.
    """
    carried = payload.stop - payload.start
    if carried < _HEADER.size:
        if not payload.missing:  # else the packet is cut, which was said
            on_remark(Remark("udp-length", f"a UDP header of {carried} octets; the packet was skipped", number))
        return None
    length = _HEADER.unpack_from(payload.data, payload.start)[0] or carried + payload.missing
    if length < _HEADER.size:
        on_remark(Remark("udp-length", f"a UDP length of {length}, at least 8 wanted; the packet was skipped", number))
        return None
    missing = max(0, length - carried)
    if missing > payload.missing:
        text = f"a UDP length of {length}, but IP carried {carried + payload.missing}; what is there was used"
        on_remark(Remark("udp-length", text, number))
    start = payload.start + _HEADER.size
    return payload.data[start : payload.start + min(length, carried)], missing
