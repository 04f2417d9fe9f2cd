"""The pipe in memory: its clock, its speed, its faults, and that nothing in it goes on for ever."""

import math

import pytest
from sides import Echo, Ticker

from c1222.errors import TransportError
from c1222.link import Link, MessageReceived
from c1222.transport import memory
from c1222.transport.memory import MemoryTransport, VirtualClock


def everything(pipe, timeout=10.0):
    """What comes until `timeout` seconds of silence, and when each piece came."""
    pieces = []
    while octets := pipe.read(timeout):
        pieces.append((octets, pipe.clock()))
    return pieces


def joined(pieces):
    return b"".join(octets for octets, _ in pieces)


def test_what_is_written_comes_back_at_once_where_octets_take_no_time():
    side = Echo()
    pipe = MemoryTransport(side)
    pipe.write(b"one")
    pipe.write(b"two")
    assert joined(everything(pipe)) == b"onetwo"
    assert side.heard == [(b"one", 0.0), (b"two", 0.0)]
    assert (pipe.sent, pipe.received) == (6, 6)


def test_silence_lets_the_clock_jump_by_the_timeout():
    pipe = MemoryTransport(Echo())
    assert pipe.read(3600.0) == b""
    assert pipe.clock() == 3600.0


def test_a_read_without_patience_takes_no_time():
    pipe = MemoryTransport(Echo())
    assert pipe.read(0.0) == b""
    assert pipe.read(-1.0) == b""
    assert pipe.clock() == 0.0


# Whole gulps: 15 octets in 16 ms at 9600 baud, 184 at 115200; at 300 baud one, which takes longer.
@pytest.mark.parametrize(("baud", "count"), [(300, 960), (9600, 960), (115200, 920)])
def test_octets_take_ten_bits_each_there_and_back(baud, count):
    side = Echo()
    pipe = MemoryTransport(side, baud=baud)
    pipe.write(bytes(count))
    # The echo of a gulp is on its way while the next comes in, so the way back ends one gulp after the way there.
    pieces = everything(pipe)
    there = side.heard[-1][1]
    assert there == pytest.approx(count * 10 / baud)
    assert pieces[-1][1] == pytest.approx(there + len(side.heard[-1][0]) * 10 / baud)
    assert len(joined(pieces)) == count


def test_slow_octets_come_one_by_one():
    side = Echo()
    pipe = MemoryTransport(side, baud=300)
    pipe.write(b"abc")
    everything(pipe)
    assert [octets for octets, _ in side.heard] == [b"a", b"b", b"c"]
    assert [now for _, now in side.heard] == pytest.approx([1 / 30, 2 / 30, 3 / 30])


def test_the_speed_changes_when_all_that_was_written_is_out():
    side = Echo()
    pipe = MemoryTransport(side, baud=9600)
    pipe.write(bytes(96))
    pipe.set_baud(19200)
    assert pipe.clock() == pytest.approx(0.1)
    assert sum(len(octets) for octets, _ in side.heard) == 96
    everything(pipe)
    before = pipe.clock()
    pipe.write(bytes(192))
    pipe.set_baud(9600)
    assert pipe.clock() - before == pytest.approx(0.1)


def test_where_there_is_no_speed_it_does_not_change():
    pipe = MemoryTransport(Echo())
    pipe.set_baud(300)
    pipe.write(bytes(1000))
    assert len(joined(everything(pipe))) == 1000
    assert pipe.clock() == 10.0


def test_what_came_and_was_not_read_is_thrown_away_but_not_what_is_on_the_way():
    pipe = MemoryTransport(Echo(), baud=9600)
    pipe.write(bytes(9))
    pipe.discard()
    assert pipe.read(1.0) == bytes(9)
    pipe.write(b"old")
    pipe.set_baud(9600)
    pipe.write(b"12345")
    pipe.set_baud(9600)
    pipe.discard()
    assert joined(everything(pipe)) == b"12345"


def test_the_side_is_called_when_its_deadline_passes():
    side = Ticker(2.0, 3.0)
    pipe = MemoryTransport(side)
    assert [pipe.read(10.0) for _ in range(3)] == [b"tick"] * 3
    assert side.timeouts == [2.0, 5.0, 8.0]
    assert pipe.clock() == 8.0
    assert pipe.read(2.0) == b""
    assert pipe.clock() == 10.0


def test_octets_that_arrive_at_the_deadline_are_in_time():
    side = Echo()
    side.deadline = 1.0
    pipe = MemoryTransport(side, tamper=lambda way, octets: [(1.0 if way == "out" else 0.0, octets)])
    pipe.write(b"now")
    assert pipe.read(5.0) == b"now"
    assert side.timeouts == []


def test_a_deadline_that_stays_is_served_once_until_octets_come():
    side = Echo()
    side.deadline = 1.0
    pipe = MemoryTransport(side)
    assert pipe.read(100.0) == b""
    assert side.timeouts == [1.0]
    pipe.write(b"again")
    assert pipe.read(1.0) == b"again"
    assert pipe.read(1.0) == b""
    assert side.timeouts == [1.0, 100.0]


def test_deadlines_without_end_are_an_error_and_not_a_loop(monkeypatch):
    monkeypatch.setattr(memory, "PATIENCE", 1000)
    pipe = MemoryTransport(Ticker(1e-9, 1e-9, word=b""))
    with pytest.raises(TransportError, match="deadlines"):
        pipe.read(6.0)


def test_waiting_for_ever_for_nothing_is_an_error():
    with pytest.raises(TransportError, match="nothing will ever come"):
        MemoryTransport(Echo()).read(math.inf)


def test_waiting_for_ever_for_a_deadline_is_none():
    assert MemoryTransport(Ticker(50.0, 1.0)).read(math.inf) == b"tick"


def test_the_clock_moves_where_what_is_left_of_a_deadline_is_too_small_for_it():
    pipe = MemoryTransport(Echo())
    pipe.read(1e9)
    before = pipe.clock()
    assert before + 1e-12 == before
    pipe.read(1e-12)
    assert pipe.clock() > before


def test_a_side_that_hung_up_is_read_to_its_end():
    pipe = MemoryTransport(Echo(words=1), label="sim:", baud=300)
    pipe.write(b"bye")
    assert pipe.read(9.0) == b"b"
    with pytest.raises(TransportError, match=r"^sim: closed the connection$"):
        pipe.read(9.0)
    pipe.write(b"anybody there?")
    with pytest.raises(TransportError, match="closed"):
        pipe.read(9.0)


def test_a_closed_pipe_refuses():
    pipe = MemoryTransport(Echo(), label="sim:")
    pipe.close()
    pipe.close()
    for call in (lambda: pipe.write(b"x"), lambda: pipe.read(1.0)):
        with pytest.raises(TransportError, match="sim: is closed"):
            call()


def test_a_datagram_stays_whole_and_alone():
    side = Echo()
    pipe = MemoryTransport(side, is_datagram=True)
    pipe.write(b"one")
    pipe.write(b"")
    pipe.write(bytes(65535))
    assert pipe.read(1.0) == b"one"
    assert pipe.read(1.0) == bytes(65535)
    assert pipe.read(1.0) == b""
    assert [octets for octets, _ in side.heard] == [b"one", bytes(65535)]


def first_only(fault):
    """A fault that meets the first piece on the way out."""
    left = [fault]

    def tamper(way, octets):
        return left.pop()(octets) if way == "out" and left else [(0.0, octets)]

    return tamper


FAULTS = [
    pytest.param(lambda octets: [], [b"two"], [b"two"], id="lost"),
    pytest.param(lambda octets: [(0, octets)] * 2, [b"one", b"one", b"two"], [b"one", b"one", b"two"], id="doubled"),
    pytest.param(lambda octets: [(0, octets[:1])], [b"o", b"two"], [b"o", b"two"], id="cut"),
    pytest.param(lambda octets: [(0, b"0ne")], [b"0ne", b"two"], [b"0ne", b"two"], id="corrupted"),
    pytest.param(lambda octets: [(2.0, octets)], [b"one", b"two"], [b"two", b"one"], id="delayed"),
]


@pytest.mark.parametrize(("fault", "stream", "datagrams"), FAULTS)
def test_faults_on_the_way(fault, stream, datagrams):
    for is_datagram, wanted in ((False, stream), (True, datagrams)):
        side = Echo()
        pipe = MemoryTransport(side, is_datagram=is_datagram, tamper=first_only(fault))
        pipe.write(b"one")
        pipe.write(b"two")
        assert [octets for octets, _ in everything(pipe)] == wanted
        assert [octets for octets, _ in side.heard] == wanted
        assert pipe.sent == 6


def test_faults_on_the_way_back():
    ways = []

    def tamper(way, octets):
        ways.append((way, octets))
        return [] if way == "in" else [(0.0, octets)]

    pipe = MemoryTransport(Echo(), tamper=tamper)
    pipe.write(b"lost")
    assert pipe.read(1.0) == b""
    assert ways == [("out", b"lost"), ("in", b"lost")]
    assert pipe.received == 0


def test_pipes_on_one_clock_tell_their_sides_when_it_happened():
    clock = VirtualClock()
    slow = MemoryTransport(Echo(), clock=clock)
    side = Ticker(5.0, 100.0)
    pipe = MemoryTransport(side, clock=clock)
    slow.read(60.0)
    assert pipe.read(0.0) == b"tick"
    assert side.timeouts == [5.0]
    assert pipe.clock() == 60.0


def test_a_clock_does_not_go_back():
    clock = VirtualClock()
    clock.advance(2.5)
    clock.advance_to(1.0)
    assert clock.now() == 2.5
    for step in (-1.0, math.inf, math.nan):
        with pytest.raises(ValueError, match="forward"):
            clock.advance(step)


class AnsweringLink:
    """A meter's link as a side: it answers every message with the same octets."""

    def __init__(self, answer):
        self.link = Link(answers=True)
        self.answer = answer
        self.closed = False

    @property
    def deadline(self):
        return self.link.deadline

    def receive_data(self, octets, now):
        self.link.receive_data(octets, now)
        while event := self.link.next_event():
            if isinstance(event, MessageReceived):
                self.link.send(self.answer, now)

    def handle_timeout(self, now):
        self.link.handle_timeout(now)

    def data_to_send(self):
        return [octets] if (octets := self.link.data_to_send()) else []


def test_a_link_gets_its_answer_through_a_line_that_loses_the_first_packet():
    link, answer = Link(), bytes.fromhex("0000010000")
    pipe = MemoryTransport(AnsweringLink(answer), baud=9600, tamper=first_only(lambda octets: []))
    link.send(b"\x20", pipe.clock())
    while not isinstance(event := link.next_event(), MessageReceived):
        if out := link.data_to_send():
            pipe.write(out)
        if event is None and (octets := pipe.read(link.deadline - pipe.clock())):
            link.receive_data(octets, pipe.clock())
        elif event is None:
            link.handle_timeout(pipe.clock())
    assert event.payload == answer
    # Identify is 9 octets, sent twice, 2 s apart (the response time-out), and the answer is acknowledged; back come
    # an ACK and the answer, 1 + 13.
    assert pipe.sent == 18 + 1
    assert pipe.received == 14
    assert pipe.clock() == pytest.approx(2.0 + (9 + 9 + 14) * 10 / 9600)
