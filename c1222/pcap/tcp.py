"""TCP: segments of all connections -> chunks of octets in order (RFC 9293).

Checksums are not verified: network cards compute them after the capture, so they are often wrong in what a machine
captured of itself.

Octets that are missing are given up when an acknowledgement shows that the receiver has them (the capture lost them),
when the stream ends, or when too much or for too long waits for them. A stream that was under way when the capture
began starts where the other side's acknowledgements say; without any, at the lowest octet of the first three
segments. So a segment that arrives late just before the first one is not lost.
"""

from typing import Final

from c1222.pcap.delivery import Chunk
from c1222.pcap.flow import flow_of
from c1222.pcap.limits import Limits
from c1222.pcap.remark import OnRemark, Remark
from c1222.pcap.stream import NOT_READY, SEQUENCE_MASK, TAIL_OCTETS, Stream

__all__ = ["FIN", "RST", "SYN", "Connections"]

FIN: Final = 0x01
SYN: Final = 0x02
RST: Final = 0x04
_PSH: Final = 0x08
_ACK: Final = 0x10

_SEGMENTS_UNTIL_START: Final = 3
_FARTHEST: Final = 1 << 26
"""A sequence number farther than this from the expected one belongs to another connection on the same ports."""

_SECOND: Final = 1_000_000_000


class Connections:
    """All TCP streams of a capture, bounded in number and in octets that wait.

    streams: by source address, destination address, source port and destination port as they lie on the wire. A
    caller that finds a stream there whose `ready` is the sequence number of a segment without FIN, SYN and RST may
    deliver it itself, adding its length to `ready` and keeping `tail` and `seen`; everything else goes to `segment`.
    """

    def __init__(self, on_remark: OnRemark, limits: Limits) -> None:
        self.streams: dict[bytes, Stream] = {}
        self.waiting: dict[Stream, None] = {}  # those with octets that wait, the one that waits longest first
        self._on_remark = on_remark
        self._limits = limits
        self._idents = 0
        self._octets = 0  # memory of all octets that wait

    def segment(
        self,
        key: bytes,
        sequence: int,
        acknowledged: int,
        flags: int,
        data: bytes,
        missing: int,
        number: int,
        time_ns: int | None,
    ) -> list[Chunk]:
        """Take one segment; gives what can be delivered now, of both directions.

        missing: octets behind `data` that were on the wire and are not in the capture.
        """
        stream = self.streams.get(key)
        if stream is not None and not flags & (FIN | SYN | RST):
            if sequence == stream.ready:
                return _at_once(stream, data, number, time_ns) if data else []
            if sequence == stream.idle and not data:
                return []
        chunks: list[Chunk] = []
        if stream is None:
            stream = self._new_connection(key, number, time_ns, chunks)
        stream.seen = number
        _catch_up(stream)
        _catch_up(stream.peer)
        if flags & SYN:
            stream = self._on_syn(stream, sequence, acknowledged, flags, number, time_ns, chunks)
            sequence = (sequence + 1) & SEQUENCE_MASK
        if flags & _ACK:
            self._on_acknowledgement(stream.peer, acknowledged, number, time_ns, chunks)
        if flags & RST:
            self._on_reset(stream, number, time_ns, chunks)
        elif data or missing or flags & FIN:
            stream = self._on_octets(stream, sequence, flags, data, missing, number, time_ns, chunks)
        self._settle(stream)
        self._settle(stream.peer)
        if self.waiting:
            self._bound(stream, number, chunks)
        return chunks

    def expire(self, now_ns: int) -> list[Chunk]:
        """Give up what is missing where octets wait longer than allowed, and deliver these."""
        chunks: list[Chunk] = []
        oldest_allowed = now_ns - self._limits.stream_seconds * _SECOND
        while self.waiting:
            stream = next(iter(self.waiting))
            time_ns = stream.waiting[0][3]
            if time_ns is None or time_ns >= oldest_allowed:
                break
            self._give_up_gap(stream, chunks)
        return chunks

    def finish(self) -> list[Chunk]:
        """The capture is over: deliver all that waits."""
        chunks: list[Chunk] = []
        for stream in list(self.waiting):
            while stream.waiting:
                self._give_up_gap(stream, chunks)
        for stream in self.streams.values():
            if stream.finish is not None and not stream.ended:
                stream.end(stream.seen, None, chunks)  # octets before the FIN never came
        return chunks

    def _on_syn(
        self,
        stream: Stream,
        sequence: int,
        acknowledged: int,
        flags: int,
        number: int,
        time_ns: int | None,
        chunks: list[Chunk],
    ) -> Stream:
        """A SYN says where its stream begins, and with ACK where the other one does; a different one begins anew."""
        begun = self._begin(stream, (sequence + 1) & SEQUENCE_MASK, number, time_ns, chunks)
        peer = begun.peer
        if flags & _ACK:
            self._begin(peer, acknowledged, number, time_ns, chunks)
        elif begun is not stream and (peer.ended or peer.first is not None or peer.begin is None):
            self._renew(peer, number, time_ns, chunks)  # the other direction is that of the old connection
        return begun

    def _begin(self, stream: Stream, begin: int, number: int, time_ns: int | None, chunks: list[Chunk]) -> Stream:
        """The first octet of a stream has the sequence number `begin`; gives the stream, a new one if that is news."""
        if stream.begin == begin and not stream.ended:
            return stream
        if stream.first is not None:
            same = stream.begin is None and stream.first == begin
        else:
            same = stream.begin is None and (stream.head is None or stream.head & SEQUENCE_MASK == begin)
            same = same and (not stream.waiting or 0 <= stream.waiting[0][0] - stream.position(begin) <= _FARTHEST)
        if stream.ended or not same:
            stream = self._renew(stream, number, time_ns, chunks)
        stream.begin = begin
        if stream.first is None:
            stream.begin_at(begin)
            stream.deliver(chunks)
        return stream

    def _on_acknowledgement(
        self, peer: Stream, acknowledged: int, number: int, time_ns: int | None, chunks: list[Chunk]
    ) -> None:
        """The sender of an acknowledgement has received all of `peer` before it."""
        if peer.ended:
            return
        if peer.head is None and not peer.waiting:
            peer.head = acknowledged
            return
        position = peer.position(acknowledged)
        if peer.head is not None and position - peer.head > _FARTHEST:
            return
        if peer.head is None and position > peer.waiting[0][0]:
            peer.skip_gap(chunks)
        while peer.head is not None and peer.waiting and position >= peer.waiting[0][0]:
            peer.skip_gap(chunks)
        if peer.finish is not None and not peer.waiting and position >= peer.finish:
            peer.end(number, time_ns, chunks)

    def _on_reset(self, stream: Stream, number: int, time_ns: int | None, chunks: list[Chunk]) -> None:
        """Nothing will be sent again. The other side's octets may still be under way, so its stream stays open."""
        while stream.peer.waiting:
            stream.peer.skip_gap(chunks)
        _end_if_over(stream.peer, number, time_ns, chunks)
        if not stream.ended:
            stream.end(number, time_ns, chunks)
            stream.reset = True

    def _on_octets(
        self,
        stream: Stream,
        sequence: int,
        flags: int,
        data: bytes,
        missing: int,
        number: int,
        time_ns: int | None,
        chunks: list[Chunk],
    ) -> Stream:
        position = stream.position(sequence)
        if stream.head is not None and abs(position - stream.head) > _FARTHEST:
            stream = self._renew(stream, number, time_ns, chunks)
            position = sequence
        if stream.ended:
            if stream.head is not None and position + len(data) <= stream.head:
                return stream  # a repetition
            if not stream.reset:
                self._say_beyond(len(data), number)
                return stream
            stream = self._renew(stream, number, time_ns, chunks)
            position = sequence
        stop = position + len(data) + missing
        if flags & FIN and stream.finish is None and (stream.head is None or stop >= stream.head):
            stream.finish = stop
        if stream.head is None and not stream.waiting and data == b"\0" and not flags & (_PSH | FIN):
            stream.head = position + 1  # a keep-alive (RFC 9293, section 3.8.4) of a stream that is under way
        elif data:
            self._place(stream, position, data, number, time_ns, chunks)
        if stream.head is None:
            if len(stream.waiting) >= _SEGMENTS_UNTIL_START or (stream.waiting and flags & FIN):
                stream.skip_gap(chunks)
            elif flags & FIN:
                stream.head = stop
        _end_if_over(stream, number, time_ns, chunks)
        return stream

    def _place(
        self, stream: Stream, position: int, data: bytes, number: int, time_ns: int | None, chunks: list[Chunk]
    ) -> None:
        """Deliver octets whose turn it is, let others wait, leave out those known."""
        head = stream.head
        stop = position + len(data)
        if stream.finish is not None and stop > stream.finish:
            self._say_beyond(stop - stream.finish, number)
            data = data[: max(0, stream.finish - position)]
            stop = position + len(data)
        if head is not None and position < head:
            if len(data) == 1 and position == head - 1:
                return  # a keep-alive, whose octet means nothing (RFC 9293, section 3.8.4)
            self._judge_repetition(stream, position, data, number)
            data, position = data[head - position :], head
        if not data:
            return
        if position == head and not stream.waiting:
            stream.hand_on(data, number, time_ns, 0, chunks)
            return
        if not stream.keep(position, data, number, time_ns):
            self._say_differs(number)
        stream.deliver(chunks)

    def _judge_repetition(self, stream: Stream, position: int, data: bytes, number: int) -> None:
        """Say what was wrong with octets from before the head."""
        if stream.first is not None and stream.begin is None:
            first = stream.position(stream.first)
            if position < first:
                text = f"{min(first - position, len(data))} octets from before the start came late and were dropped"
                self._on_remark(Remark("tcp-before-start", text, number))
        if not stream.repeats(position, data):
            self._say_differs(number)

    def _say_beyond(self, count: int, number: int) -> None:
        text = f"{count} octets beyond the end of the stream were dropped"
        self._on_remark(Remark("tcp-after-end", text, number))

    def _say_differs(self, number: int) -> None:
        text = "octets are repeated with other values; those seen first were kept"
        self._on_remark(Remark("tcp-overlap-differs", text, number))

    def _new_connection(self, key: bytes, number: int, time_ns: int | None, chunks: list[Chunk]) -> Stream:
        if len(self.streams) + 2 > self._limits.streams:
            self._give_up_streams(number, time_ns, chunks)
        size = (len(key) - 4) // 2
        stream = self._new_stream(key, number)
        reverse = key[size:-4] + key[:size] + key[-2:] + key[-4:-2]
        if reverse != key:
            stream.peer = self._new_stream(reverse, number)
            stream.peer.peer = stream
        return stream

    def _new_stream(self, key: bytes, number: int) -> Stream:
        self._idents += 1
        stream = self.streams[key] = Stream(flow_of(key, "tcp"), self._idents, key, number)
        return stream

    def _renew(self, stream: Stream, number: int, time_ns: int | None, chunks: list[Chunk]) -> Stream:
        """The ports are used again: end the stream and put a new one in its place."""
        if not stream.ended:
            stream.end(number, time_ns, chunks)
        self._settle(stream)
        new = self._new_stream(stream.key, number)
        if stream.peer is not stream:
            new.peer = stream.peer
            new.peer.peer = new
        return new

    def _give_up_streams(self, number: int, time_ns: int | None, chunks: list[Chunk]) -> None:
        """Forget the eighth of the connections that were silent longest."""
        silent = sorted(self.streams.values(), key=lambda stream: max(stream.seen, stream.peer.seen))
        given_up = silent[: max(2, len(silent) // 8)]
        open_ones = 0
        for stream in {each: None for one in given_up for each in (one, one.peer)}:
            if not stream.ended:
                _catch_up(stream)
                open_ones += stream.first is not None or bool(stream.waiting)
                stream.end(number, time_ns, chunks)
                self._settle(stream)
            del self.streams[stream.key]
        if open_ones:
            text = f"more than {self._limits.streams} streams: {open_ones} open ones, silent longest, were given up"
            self._on_remark(Remark("tcp-streams", text, number))

    def _settle(self, stream: Stream) -> None:
        """Bring the books up to date after anything happened to a stream or its peer."""
        stream.settle()
        self._octets += stream.cost - stream.counted
        stream.counted = stream.cost
        since = stream.waiting[0][2] if stream.waiting else None
        if since != stream.since:
            stream.since = since
            self.waiting.pop(stream, None)
            if since is not None:
                self.waiting[stream] = None

    def _bound(self, stream: Stream, number: int, chunks: list[Chunk]) -> None:
        """Give up gaps of the stream at hand, then of the one that waits longest, until what waits is within bounds."""
        while stream.cost > self._limits.stream_octets:
            self._say_buffered(f"{stream.cost} octets of a stream", number)
            self._give_up_gap(stream, chunks)
        while self._octets > self._limits.buffered_octets:
            self._say_buffered(f"{self._octets} octets of all streams", number)
            self._give_up_gap(next(iter(self.waiting)), chunks)

    def _say_buffered(self, what: str, number: int) -> None:
        text = f"{what} wait for missing ones: some missing ones were given up"
        self._on_remark(Remark("tcp-buffered", text, number))

    def _give_up_gap(self, stream: Stream, chunks: list[Chunk]) -> None:
        stream.skip_gap(chunks)
        _end_if_over(stream, chunks[-1].packet_number, chunks[-1].time_ns, chunks)
        self._settle(stream)
        self._settle(stream.peer)


def _at_once(stream: Stream, data: bytes, number: int, time_ns: int | None) -> list[Chunk]:
    """Deliver octets whose turn it is in a stream where nothing else happens."""
    stream.ready = (stream.ready + len(data)) & SEQUENCE_MASK
    stream.tail = data[-TAIL_OCTETS:]
    stream.seen = number
    return [Chunk(stream.flow, data, number, time_ns, 0, False, False, stream.ident)]


def _end_if_over(stream: Stream, number: int, time_ns: int | None, chunks: list[Chunk]) -> None:
    if not stream.ended and stream.finish is not None and stream.head is not None and stream.head >= stream.finish:
        stream.end(number, time_ns, chunks)


def _catch_up(stream: Stream) -> None:
    """Make the head true again where segments were delivered past it."""
    if stream.ready != NOT_READY:
        stream.head = stream.ready
