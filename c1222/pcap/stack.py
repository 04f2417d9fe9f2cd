"""From packets to what UDP and TCP carried: the one function that readers of messages call.

The commonest packets, Ethernet with a plain IPv4 header and a UDP datagram or a TCP segment whose turn it is, are
handled here in one piece and cost about twice what reading them from the file costs. Everything else goes to the
files beside this one.
"""

from collections.abc import Iterable, Iterator
from struct import Struct
from typing import Final

from c1222.pcap.delivery import Chunk, Datagram
from c1222.pcap.flow import flow_of
from c1222.pcap.frames import CUT, ETHERNET, LINK_LAYERS
from c1222.pcap.ip import TCP, UDP, Internet, IpPayload
from c1222.pcap.limits import DEFAULT_LIMITS, Limits
from c1222.pcap.packet import Packet
from c1222.pcap.remark import OnRemark, Remark, Remarks
from c1222.pcap.stream import SEQUENCE_MASK, TAIL_OCTETS
from c1222.pcap.tcp import FIN, RST, SYN, Connections
from c1222.pcap.udp import udp_data

__all__ = ["payloads"]

# Ethernet 0..13, IPv4 14..33 (addresses from 26), ports from 34, UDP 34..41 or TCP from 34.
_ETHERNET_IPV4_TCP = Struct("!12xH BxHxxHxBxx8x HHI4xBB6x")
_IPV4: Final = 0x0800
_PLAIN_IPV4: Final = 0x45  # version 4, 5 words of header: no options
_PLAIN_TOTAL: Final = 28  # IPv4 20 and the 8 of UDP: the ports are in the packet, not in padding behind it
_FRAGMENT_BITS: Final = 0x3FFF  # more fragments follow, or octets before this one
_FIN_SYN_RST: Final = FIN | SYN | RST
_TCP_HEADER = Struct("!4xIIBB6x")
_UDP_HEADER_OCTETS: Final = 8
_SECOND: Final = 1_000_000_000


def payloads(
    packets: Iterable[Packet],
    *,
    ports: frozenset[int] | None,
    on_remark: OnRemark,
    limits: Limits = DEFAULT_LIMITS,
    pass_on: frozenset[int] = frozenset(),
) -> Iterator[Datagram | Chunk | Packet]:
    """UDP datagrams and TCP octets in order, each as soon as the packets allow.

    packets: as `open_capture` gives them. ports: only what has one of these on either side; None for all.
    on_remark: hears what was wrong with packets, bounded by limits.remarks_per_code unless it is a `Remarks`.
    pass_on: LINKTYPE_ values whose packets the caller understands itself; they come out unchanged, in their place.

    Packets of other link types that do not carry IP give one remark for each link type, and are left out, as is
    everything that is neither UDP nor TCP. Nothing in a packet raises. VLAN tags do not tell flows apart; a packet
    captured twice gives its UDP datagram twice and its TCP octets once.
    """
    return _Stack(ports, Remarks.around(on_remark, limits.remarks_per_code), limits, pass_on).run(packets)


class _Stack:
    def __init__(
        self, ports: frozenset[int] | None, on_remark: OnRemark, limits: Limits, pass_on: frozenset[int]
    ) -> None:
        self._ports = ports
        self._on_remark = on_remark
        self._pass_on = pass_on
        self._internet = Internet(ports, on_remark, limits)
        self._connections = Connections(on_remark, limits)
        self._unknown_linktypes: set[int] = set()

    def run(self, packets: Iterable[Packet]) -> Iterator[Datagram | Chunk | Packet]:
        ports, new, unpack = self._ports, tuple.__new__, _ETHERNET_IPV4_TCP.unpack_from
        least = _ETHERNET_IPV4_TCP.size
        plain_ethernet = ETHERNET not in self._pass_on
        streams, waiting = self._connections.streams, self._connections.waiting
        look_again_ns = 0
        for packet in packets:
            number, time_ns, data, _, linktype, offset, _, direction = packet
            if waiting and time_ns is not None and time_ns >= look_again_ns:
                look_again_ns = time_ns + _SECOND
                yield from self._connections.expire(time_ns)
            if linktype == ETHERNET and plain_ethernet and len(data) >= least:
                ethertype, first, total, fragment, protocol, source, destination, sequence, words, flags = unpack(data)
                plain_ipv4 = ethertype == _IPV4 and first == _PLAIN_IPV4 and not fragment & _FRAGMENT_BITS
                if plain_ipv4 and total >= _PLAIN_TOTAL:
                    if ports is not None and source not in ports and destination not in ports:
                        continue
                    start, stop = 34 + (words >> 2 & 0x3C), 14 + total
                    if protocol == UDP:
                        length = sequence >> 16  # the same octets as UDP has them
                        if _UDP_HEADER_OCTETS <= length <= total - 20 and stop <= len(data):
                            flow, octets = flow_of(data[26:38], "udp"), data[42 : 34 + length]
                            yield new(Datagram, (flow, octets, number, time_ns, offset, direction, 0))
                            continue
                    stream = streams.get(data[26:38]) if protocol == TCP else None
                    if stream is not None and not flags & _FIN_SYN_RST and least <= start <= stop <= len(data):
                        if sequence == stream.ready:
                            if start < stop:
                                octets = data[start:stop]
                                stream.ready = (sequence + stop - start) & SEQUENCE_MASK
                                stream.tail = octets if stop - start <= TAIL_OCTETS else octets[-TAIL_OCTETS:]
                                stream.seen = number
                                yield new(Chunk, (stream.flow, octets, number, time_ns, 0, False, False, stream.ident))
                            continue
                        if sequence == stream.idle and start == stop:
                            continue
            yield from self._any_packet(packet)
        self._internet.finish()
        yield from self._connections.finish()

    def _any_packet(self, packet: Packet) -> Iterable[Datagram | Chunk | Packet]:
        number, time_ns, data, original, linktype, offset, _, direction = packet
        if linktype in self._pass_on:
            return (packet,)
        link_layer = LINK_LAYERS.get(linktype)
        if link_layer is None:
            self._say_unknown(packet)
            return ()
        at = link_layer(data)
        if at < 0:
            if at == CUT:
                self._on_remark(Remark("packet-cut", "the capture ends inside the link layer's header", number, offset))
            return ()
        payload = self._internet.read(data, at, number, time_ns, original)
        if payload is None:
            return ()
        if payload.protocol == TCP:
            return self._segment(payload, number, time_ns)
        datagram = udp_data(payload, number, self._on_remark)
        if datagram is None:
            return ()
        key = payload.addresses + payload.data[payload.start : payload.start + 4]
        octets, missing = datagram
        return (Datagram(flow_of(key, "udp"), octets, number, time_ns, offset, direction, missing),)

    def _segment(self, payload: IpPayload, number: int, time_ns: int | None) -> list[Chunk]:
        data, start, stop = payload.data, payload.start, payload.stop
        if stop - start < _TCP_HEADER.size:
            return self._bad_header(number, f"a TCP header of {stop - start} octets", payload.missing)
        sequence, acknowledged, words, flags = _TCP_HEADER.unpack_from(data, start)
        begin = start + (words >> 2 & 0x3C)
        if begin < start + _TCP_HEADER.size or begin > stop:
            return self._bad_header(
                number, f"a TCP header of {begin - start} octets in {stop - start}", payload.missing
            )
        key = payload.addresses + data[start : start + 4]
        return self._connections.segment(
            key, sequence, acknowledged, flags, data[begin:stop], payload.missing, number, time_ns
        )

    def _bad_header(self, number: int, text: str, missing: int) -> list[Chunk]:
        if not missing:  # else the packet is cut, which was said
            self._on_remark(Remark("tcp-header", text, number))
        return []

    def _say_unknown(self, packet: Packet) -> None:
        if packet.linktype not in self._unknown_linktypes:
            self._unknown_linktypes.add(packet.linktype)
            text = f"packets of link type {packet.linktype} are not understood and were left out"
            self._on_remark(Remark("linktype-unknown", text, packet.number, packet.offset))
