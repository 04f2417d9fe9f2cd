"""TCP reassembly, case by case. Sequence numbers are small and real: the client's SYN has 99, the meter's 499."""

import pytest
from pcap_building import ACK, FIN, RST, SYN, answer, deliver, ethernet, ipv4, packets_of, segments, tcp

from c1222.pcap.delivery import Chunk
from c1222.pcap.limits import Limits

SYN_OUT = tcp(sequence=99, flags=SYN, ack=None)
SYN_BACK = answer(sequence=499, flags=SYN, ack=100)
FIN_OUT = tcp(sequence=112, flags=FIN, ack=500)


def brief(chunks):
    """(stream, gap, data, begins, ends) of each; streams are named by the port that sends: out is the client."""
    names = {40000: "out", 1153: "back"}
    return [(names[c.flow.source_port], c.gap, c.data, c.begins, c.ends) for c in chunks]


CASES = [
    #            segments                                      what comes out: direction, gap, octets, begins, ends
    pytest.param(
        [SYN_OUT, SYN_BACK, tcp(sequence=100, ack=500), tcp(b"hello ", sequence=100), tcp(b"meter", sequence=106)],
        [("out", 0, b"hello ", True, False), ("out", 0, b"meter", False, False)],
        id="in-order",
    ),
    pytest.param(
        [SYN_OUT, SYN_BACK, tcp(b"ask", sequence=100, ack=500), answer(b"tell", sequence=500, ack=103),
         tcp(b"more", sequence=103, ack=504)],
        [("out", 0, b"ask", True, False), ("back", 0, b"tell", True, False), ("out", 0, b"more", False, False)],
        id="both-directions",
    ),
    pytest.param(
        [SYN_OUT, tcp(b"c", sequence=102), tcp(b"b", sequence=101), tcp(b"a", sequence=100)],
        [("out", 0, b"a", True, False), ("out", 0, b"b", False, False), ("out", 0, b"c", False, False)],
        id="backwards",
    ),
    pytest.param(
        [tcp(b"late syn", sequence=100), SYN_OUT, tcp(b"!", sequence=108)],
        [("out", 0, b"late syn", True, False), ("out", 0, b"!", False, False)],
        id="syn-behind-its-first-octets",
    ),
    pytest.param(
        [tcp(b"abc", sequence=100, ack=500), answer(ack=103, sequence=500), SYN_OUT, tcp(b"d", sequence=103)],
        [("out", 0, b"abc", False, False), ("out", 0, b"d", False, False)],
        id="syn-so-late-that-octets-were-delivered",
    ),
    pytest.param(
        [tcp(b"quick", sequence=99, flags=SYN, ack=None), tcp(b"er", sequence=105)],
        [("out", 0, b"quick", True, False), ("out", 0, b"er", False, False)],
        id="octets-with-the-syn",
    ),
    pytest.param(
        [SYN_OUT, SYN_OUT, SYN_BACK, SYN_BACK, tcp(b"a", sequence=100), SYN_OUT, SYN_BACK, tcp(b"b", sequence=101)],
        [("out", 0, b"a", True, False), ("out", 0, b"b", False, False)],
        id="syn-repeated",
    ),
    pytest.param(
        [SYN_BACK, tcp(b"known", sequence=100, ack=500)],
        [("out", 0, b"known", True, False)],
        id="syn-missed-but-acknowledged",
    ),
    pytest.param(
        [SYN_OUT, tcp(b"hello", sequence=100), tcp(b"hello", sequence=100), tcp(b"lo me", sequence=103),
         tcp(b"hello meter", sequence=100)],
        [("out", 0, b"hello", True, False), ("out", 0, b" me", False, False), ("out", 0, b"ter", False, False)],
        id="retransmitted-in-other-pieces",
    ),
    pytest.param(
        [SYN_OUT, tcp(b"hello", sequence=100), tcp(b"o", sequence=104, flags=0), tcp(b"\0", sequence=104, flags=0),
         tcp(sequence=104, flags=0), tcp(b" you", sequence=105)],
        [("out", 0, b"hello", True, False), ("out", 0, b" you", False, False)],
        id="keep-alive",
    ),
    pytest.param(
        [tcp(b"\0", sequence=99, flags=0), answer(sequence=500, ack=100), tcp(b"ask", sequence=100, ack=500)],
        [("out", 0, b"ask", False, False)],
        id="keep-alive-first",
    ),
    pytest.param(
        [SYN_OUT, tcp(b"hello meter!", sequence=100), FIN_OUT],
        [("out", 0, b"hello meter!", True, False), ("out", 0, b"", False, True)],
        id="fin-alone",
    ),
    pytest.param(
        [SYN_OUT, tcp(b"hello meter!", sequence=100, flags=FIN), FIN_OUT],
        [("out", 0, b"hello meter!", True, True)],
        id="fin-with-octets-and-again",
    ),
    pytest.param(
        [SYN_OUT, FIN_OUT, tcp(b" meter!", sequence=105), tcp(b"hello", sequence=100)],
        [("out", 0, b"hello", True, False), ("out", 0, b" meter!", False, True)],
        id="fin-before-octets",
    ),
    pytest.param(
        [SYN_OUT, SYN_BACK, tcp(sequence=100, ack=500), tcp(sequence=100, flags=FIN, ack=500)],
        [],
        id="nothing-at-all",
    ),
    pytest.param(
        [SYN_OUT, tcp(b"cut", sequence=100), answer(sequence=500, flags=RST, ack=103), tcp(sequence=103, flags=RST)],
        [("out", 0, b"cut", True, False), ("out", 0, b"", False, True)],
        id="rst",
    ),
    pytest.param(
        [SYN_OUT, tcp(b"cut", sequence=110), answer(sequence=500, flags=RST, ack=100)],
        [("out", 10, b"cut", True, False)],
        id="rst-of-the-other-side-gives-up-gaps",
    ),
    pytest.param(
        [SYN_OUT, tcp(b"a", sequence=100), tcp(b"cut", sequence=110), tcp(sequence=113, flags=RST)],
        [("out", 0, b"a", True, False), ("out", 9, b"cut", False, True)],
        id="rst-gives-up-gaps",
    ),
    pytest.param(
        [SYN_OUT, answer(sequence=0, flags=RST, ack=100), SYN_OUT, answer(sequence=0, flags=RST, ack=100)],
        [],
        id="connection-refused-twice",
    ),
    pytest.param(
        [SYN_OUT, tcp(b"abc", sequence=100), tcp(b"xyz", sequence=110)],
        [("out", 0, b"abc", True, False), ("out", 7, b"xyz", False, False)],
        id="gap-at-the-end-of-the-file",
    ),
    pytest.param(
        [SYN_OUT, SYN_BACK, tcp(b"abc", sequence=100, ack=500), tcp(b"xyz", sequence=110, ack=500),
         answer(sequence=500, ack=103), answer(b"yes", sequence=500, ack=113), tcp(b"!", sequence=113, ack=503)],
        [("out", 0, b"abc", True, False), ("out", 7, b"xyz", False, False), ("back", 0, b"yes", True, False),
         ("out", 0, b"!", False, False)],
        id="gap-that-the-receiver-acknowledges",
    ),
    pytest.param(
        [SYN_OUT, SYN_BACK, tcp(b"abc", sequence=100, ack=500), tcp(b"xyz", sequence=106, ack=500),
         answer(sequence=500, ack=103), answer(sequence=500, ack=103), tcp(b"def", sequence=103, ack=500)],
        [("out", 0, b"abc", True, False), ("out", 0, b"def", False, False), ("out", 0, b"xyz", False, False)],
        id="gap-that-the-receiver-complains-of",
    ),
    pytest.param(
        [SYN_OUT, tcp(b"xyz", sequence=110)],
        [("out", 10, b"xyz", True, False)],
        id="gap-behind-the-syn",
    ),
    pytest.param(
        [SYN_OUT, tcp(b"abc", sequence=100), tcp(sequence=120, flags=FIN), tcp(b"new", sequence=9_000, flags=SYN)],
        [("out", 0, b"abc", True, False), ("out", 17, b"", False, True), ("out", 0, b"new", True, False)],
        id="gap-before-the-fin",
    ),
    pytest.param(
        [SYN_OUT, SYN_BACK, tcp(b"x", sequence=105, ack=500), tcp(sequence=106, flags=FIN, ack=500),
         answer(sequence=500, ack=107)],
        [("out", 5, b"x", True, True)],
        id="gap-and-fin-that-the-receiver-acknowledges",
    ),
    pytest.param(
        [SYN_OUT, SYN_BACK, tcp(b"x", sequence=100, ack=500), answer(b"y", sequence=500, ack=101),
         tcp(sequence=106, flags=FIN, ack=501), answer(b"z", sequence=501, ack=107)],
        [("out", 0, b"x", True, False), ("back", 0, b"y", True, False), ("out", 5, b"", False, True),
         ("back", 0, b"z", False, False)],
        id="gap-before-a-fin-that-the-receiver-acknowledges",
    ),
    pytest.param(
        [SYN_OUT, SYN_BACK, FIN_OUT],
        [("out", 12, b"", True, True)],
        id="nothing-but-syn-and-fin-seen",
    ),
    pytest.param(
        [tcp(b"second", sequence=105, ack=500), tcp(b"first", sequence=100, ack=500), answer(sequence=500, ack=111)],
        [("out", 0, b"first", False, False), ("out", 0, b"second", False, False)],
        id="under-way-the-first-octets-late",
    ),
    pytest.param(
        [tcp(b"b", sequence=101), tcp(b"c", sequence=102), tcp(b"a", sequence=100), tcp(b"d", sequence=103)],
        [("out", 0, bytes([octet]), False, False) for octet in b"abcd"],
        id="under-way-without-acknowledgements",
    ),
    pytest.param(
        [answer(sequence=500, ack=100), tcp(b"second", sequence=105, ack=500), tcp(b"first", sequence=100, ack=500)],
        [("out", 0, b"first", False, False), ("out", 0, b"second", False, False)],
        id="under-way-the-start-known-by-an-acknowledgement",
    ),
    pytest.param(
        [tcp(b"only", sequence=100)],
        [("out", 0, b"only", False, False)],
        id="under-way-one-segment",
    ),
    pytest.param(
        [tcp(b"last", sequence=100, flags=FIN)],
        [("out", 0, b"last", False, True)],
        id="under-way-one-segment-with-fin",
    ),
    pytest.param(
        [tcp(b"ask", sequence=100, ack=500), answer(b"tell", sequence=500, ack=103),
         tcp(b"ask", sequence=103, ack=504)],
        [("out", 0, b"ask", False, False), ("back", 0, b"tell", False, False), ("out", 0, b"ask", False, False)],
        id="under-way-both-directions-in-their-order",
    ),
    pytest.param(
        [SYN_OUT, tcp(b"old", sequence=100), tcp(sequence=70_000, flags=SYN, ack=None), tcp(b"new", sequence=70_001)],
        [("out", 0, b"old", True, False), ("out", 0, b"", False, True), ("out", 0, b"new", True, False)],
        id="ports-used-again",
    ),
    pytest.param(
        [SYN_OUT, SYN_BACK, tcp(b"q", sequence=100, ack=500), answer(b"old", sequence=500, ack=101),
         tcp(sequence=70_000, flags=SYN, ack=None), answer(sequence=80_000, flags=SYN, ack=70_001),
         answer(b"new", sequence=80_001, ack=70_001)],
        [("out", 0, b"q", True, False), ("back", 0, b"old", True, False), ("out", 0, b"", False, True),
         ("back", 0, b"", False, True), ("back", 0, b"new", True, False)],
        id="ports-used-again-by-both",
    ),
    pytest.param(
        [SYN_OUT, tcp(b"old!", sequence=100, flags=FIN), SYN_OUT, tcp(b"new", sequence=100)],
        [("out", 0, b"old!", True, True), ("out", 0, b"new", True, False)],
        id="ports-used-again-with-the-same-number-after-fin",
    ),
    pytest.param(
        [SYN_OUT, tcp(b"old", sequence=100), tcp(b"new", sequence=2**31), tcp(b"er", sequence=2**31 + 3),
         tcp(b"!", sequence=2**31 + 5)],
        [("out", 0, b"old", True, False), ("out", 0, b"", False, True), ("out", 0, b"new", False, False),
         ("out", 0, b"er", False, False), ("out", 0, b"!", False, False)],
        id="ports-used-again-the-syn-missed",
    ),
    pytest.param(
        [tcp(sequence=2**32 - 4, flags=SYN, ack=None), tcp(b"56", sequence=2), tcp(b"abcd1", sequence=2**32 - 3),
         tcp(b"7", sequence=4), tcp(b"1", sequence=1), tcp(b"89", sequence=5)],
        [("out", 0, b"abcd1", True, False), ("out", 0, b"56", False, False), ("out", 0, b"7", False, False),
         ("out", 0, b"89", False, False)],
        id="numbers-wrap",
    ),
    pytest.param(
        [tcp(b"cd", sequence=0), tcp(b"ab", sequence=2**32 - 2), answer(sequence=500, ack=2)],
        [("out", 0, b"ab", False, False), ("out", 0, b"cd", False, False)],
        id="numbers-wrap-under-way",
    ),
    pytest.param(
        [SYN_OUT, tcp(b"abc", sequence=100), tcp(b"cut", sequence=103, flags=RST), tcp(b"def", sequence=103),
         answer(sequence=500, ack=106)],
        [("out", 0, b"abc", True, False), ("out", 0, b"", False, True), ("out", 0, b"def", False, False)],
        id="octets-after-a-rst-begin-anew",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "expected"), CASES)
def test_case(parts, expected):
    chunks, codes = segments(*parts)
    assert brief(chunks) == expected
    assert not codes
    streams = {}
    for chunk in chunks:
        assert streams.setdefault(chunk.stream, chunk.flow) == chunk.flow
        if chunk.ends:
            streams[chunk.stream] = "nothing comes any more"


REMARKS = [
    pytest.param(
        [SYN_OUT, tcp(b"hello", sequence=100), tcp(b"hullo", sequence=100)],
        b"hello",
        ["tcp-overlap-differs"],
        id="delivered-octets-differ",
    ),
    pytest.param(
        [SYN_OUT, tcp(b"hello", sequence=100), tcp(b"LO you", sequence=103)],
        b"hello you",
        ["tcp-overlap-differs"],
        id="delivered-octets-differ-new-ones-are-used",
    ),
    pytest.param(
        [SYN_OUT, tcp(b"cdef", sequence=102), tcp(b"aBCDEFGh", sequence=100), tcp(b"h", sequence=107)],
        b"aBcdefGh",
        ["tcp-overlap-differs"],
        id="waiting-octets-differ",
    ),
    pytest.param(
        [
            SYN_OUT,
            tcp(b"e", sequence=104),
            tcp(b"c", sequence=102),
            tcp(b"bXdYf", sequence=101),
            tcp(b"a", sequence=100),
        ],
        b"abcdef",
        ["tcp-overlap-differs"],
        id="waiting-octets-differ-around-two",
    ),
    pytest.param(
        [answer(sequence=500, ack=100), tcp(b"start", sequence=100), tcp(b"before", sequence=94)],
        b"start",
        ["tcp-before-start"],
        id="from-before-the-start",
    ),
    pytest.param(
        [SYN_OUT, tcp(b"all", sequence=100, flags=FIN), tcp(b"more", sequence=103)],
        b"all",
        ["tcp-after-end"],
        id="behind-the-fin",
    ),
    pytest.param(
        [SYN_OUT, tcp(sequence=103, flags=FIN), tcp(b"all and more", sequence=100)],
        b"all",
        ["tcp-after-end"],
        id="across-the-fin",
    ),
]


@pytest.mark.parametrize(("parts", "octets", "codes"), REMARKS)
def test_what_is_wrong_is_said(parts, octets, codes):
    chunks, found = segments(*parts)
    assert b"".join(chunk.data for chunk in chunks) == octets
    assert found == codes


def test_each_chunk_names_the_packet_that_brought_it():
    chunks, _ = segments(SYN_OUT, tcp(b"c", sequence=102), tcp(b"ab", sequence=100), tcp(sequence=103, flags=FIN))
    assert [(chunk.packet_number, chunk.data) for chunk in chunks] == [(3, b"ab"), (2, b"c"), (4, b"")]


def test_a_cut_segment_leaves_a_gap():
    frames = [ethernet(ipv4(part, 6)) for part in (SYN_OUT, tcp(b"0123456789", sequence=100), tcp(b"x", sequence=110))]
    packets = packets_of(frames)
    packets[1] = packets[1]._replace(data=frames[1][:-4])
    found, codes = deliver(packets)
    assert [(one.gap, one.data) for one in found] == [(0, b"012345"), (4, b"x")]
    assert codes == ["packet-cut"]


def test_octets_wait_for_missing_ones_only_so_long():
    parts = [SYN_OUT, tcp(b"after", sequence=105), tcp(b"hello", sequence=100), tcp(b"!", sequence=110)]
    frames = [ethernet(ipv4(part, 6)) for part in parts]
    other = ethernet(ipv4(tcp(ports=(7, 1153)), 6))
    for seconds, expected in [(1, b"helloafter!"), (31, b"after!")]:
        found, _ = deliver(packets_of([frames[0], frames[1], other, other, *frames[2:]], seconds=seconds))
        assert b"".join(chunk.data for chunk in found) == expected
        assert [chunk.gap for chunk in found if chunk.gap] == ([] if seconds == 1 else [5])


def test_bounds_of_what_waits():
    many = [tcp(bytes([n]) * 100, sequence=200 + 101 * n) for n in range(20)]
    chunks, codes = segments(SYN_OUT, *many, stream_octets=2000)
    assert set(codes) == {"tcp-buffered"}
    assert [chunk.gap for chunk in chunks] == [100] + [1] * 19
    assert [chunk.data[0] for chunk in chunks] == list(range(20))


def test_the_stream_that_waits_longest_gives_way():
    begins = [tcp(sequence=99, flags=SYN, ack=None, ports=(port, 1153)) for port in (1, 2)]
    waiting = [tcp(b"x" * 500, sequence=200, ports=(1, 1153)), tcp(b"y" * 500, sequence=200, ports=(2, 1153))]
    frames = [ethernet(ipv4(part, 6)) for part in [*begins, *waiting, tcp(b"z", sequence=100, ports=(2, 1153))]]
    found, codes = deliver(packets_of(frames), limits=Limits(buffered_octets=1400))
    assert codes == ["tcp-buffered"]
    assert [(chunk.data[:1], chunk.gap) for chunk in found] == [(b"x", 100), (b"z", 0), (b"y", 99)]


def test_streams_silent_longest_are_given_up():
    frames = []
    for port in range(1, 41):
        frames.append(ethernet(ipv4(tcp(sequence=99, flags=SYN, ack=None, ports=(port, 1153)), 6)))
        frames.append(ethernet(ipv4(tcp(b"first", sequence=100, ports=(port, 1153)), 6)))
        frames.append(ethernet(ipv4(tcp(b"again", sequence=100 + 5 * port, ports=(1, 1153)), 6)))
    found, codes = deliver(packets_of(frames), limits=Limits(streams=32))
    assert set(codes) == {"tcp-streams"}
    of_first = [one for one in found if one.flow.source_port == 1]
    assert {one.stream for one in of_first} == {of_first[0].stream}  # it was never silent
    assert b"".join(one.data for one in of_first) == b"first" + b"again" * 40
    ended = [one.flow.source_port for one in found if one.ends]
    assert ended == sorted(ended)
    assert 40 - 16 <= len(ended) < 40


def test_a_connection_with_itself():
    part = tcp(b"echo", sequence=100, ports=(1153, 1153))
    packet = ipv4(part, 6, destination=bytes([192, 0, 2, 1]))
    found, codes = deliver(packets_of([ethernet(packet)] * 3))
    assert [one.data for one in found] == [b"echo"]
    assert not codes


def test_segments_without_octets_give_nothing():
    acks = [tcp(sequence=100, ack=500 + n, flags=0) for n in range(50)]
    assert segments(SYN_OUT, SYN_BACK, *acks, *[answer(sequence=500, ack=100, flags=ACK)] * 50) == ([], [])
    assert all(isinstance(chunk, Chunk) for chunk in segments(SYN_OUT, tcp(b"x", sequence=100))[0])
