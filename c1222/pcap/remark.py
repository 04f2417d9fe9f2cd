"""What was wrong with a capture, while reading went on.

A reader of captures is tolerant: it says what it met and continues where the format allows. Whoever calls it passes
`on_remark`. Wrap it in `Remarks` to bound a flood and to ask for the counts afterwards; the readers of this floor do
so themselves when they are given anything else.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["REMARK_CODES", "OnRemark", "Remark", "Remarks"]

REMARK_CODES: Final = {
    # the file
    "read-failed": "the operating system failed to read on; what came before was used",
    "gzip-cut": "the gzip stream ends early; what could be unpacked was used",
    "gzip-corrupt": "the gzip stream is damaged; what could be unpacked before was used",
    "gzip-ratio": "the gzip stream unpacks to more than a capture plausibly would; reading stopped",
    "gzip-trailing": "octets that are not gzip follow the gzip stream; they were ignored",
    "file-cut": "the file ends inside a record; the part was dropped",
    "record-length": "a pcap record claims more octets than a packet may have; nothing after it can be found",
    "block-length": "a pcapng block has an impossible length; the next good block was searched",
    "block-length-differs": "a pcapng block's two lengths differ; the first one fits and was used",
    "block-content": "a pcapng block's content contradicts itself; the block was skipped",
    "option-length": "an option reaches beyond its pcapng block; the options from there on were ignored",
    "no-interface": "a packet names an interface that its section has not described; it was skipped",
    "too-many-interfaces": "a section describes more interfaces than allowed; further ones were ignored",
    "packet-too-long": "a packet is longer than allowed; it was skipped",
    # link layer and IP
    "linktype-unknown": "packets of a link type that this reader does not know; said once for each link type",
    "packet-cut": "the capture kept only the first octets of a packet; what is there was used",
    "ip-header": "an IP header contradicts itself; the packet was skipped",
    "ip-length": "an IP packet claims more octets than its frame carried; what is there was used",
    "fragment-length": "a fragment has an impossible length or place; it was skipped",
    "fragment-overlap": "fragments of one datagram overlap with different octets; the datagram was dropped",
    "fragment-missing": "fragments of a datagram never came, or came too late; the datagram was dropped",
    "udp-length": "a UDP length contradicts the IP length; see the text for what was done",
    # TCP
    "tcp-header": "a TCP header contradicts itself; the segment was skipped",
    "tcp-overlap-differs": "a segment repeats octets with other values; the octets seen first were kept",
    "tcp-before-start": "octets from before the first octet delivered of a stream came late; they were dropped",
    "tcp-after-end": "octets beyond the end (FIN) of a stream; they were dropped",
    "tcp-streams": "more TCP streams than allowed; those that were silent longest were given up",
    "tcp-buffered": "more octets waited for missing ones than allowed; the missing ones were given up",
}
"""Every code that this floor uses, and what happened to the octets."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that was wrong.

    code: a short stable word for programs, one of REMARK_CODES.
    text: the sentence for people.
    packet: number of the packet, counted from 1 as Wireshark counts; None where no packet is concerned.
    offset: octets from the start of the (unpacked) file; None where it is not known.
    """

    code: str
    text: str
    packet: int | None = None
    offset: int | None = None


OnRemark = Callable[[Remark], None]
"""Who wants to hear. It must not raise; if it does, reading ends with its exception."""


class Remarks:
    """Hands remarks on, at most `each` of one code; then one that says that further ones are only counted.

    counts: how many remarks of each code there were, those not handed on included.
    """

    def __init__(self, on_remark: OnRemark, each: int) -> None:
        self.counts: Counter[str] = Counter()
        self._on_remark = on_remark
        self._each = each

    @classmethod
    def around(cls, on_remark: OnRemark, each: int) -> "Remarks":
        """`on_remark` itself if it is bounded already (so that two floors share one count), else wrapped."""
        return on_remark if isinstance(on_remark, Remarks) else cls(on_remark, each)

    def __call__(self, remark: Remark) -> None:
        self.counts[remark.code] += 1
        seen = self.counts[remark.code]
        if seen <= self._each:
            self._on_remark(remark)
        elif seen == self._each + 1:
            text = f"more than {self._each} remarks of the kind {remark.code}: further ones are only counted"
            self._on_remark(Remark(remark.code, text, remark.packet, remark.offset))
