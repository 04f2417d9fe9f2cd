"""Reads of C12.18 that were given up, links and ports that broke: what can still be asked, and how it ends."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from scripted import ScriptedMeter, meter_on
from tables_by_hand import (
    IDENTIFY,
    LOGOFF,
    TERMINATE,
    opening,
    reads,
    table_0,
)
from wire import Recited, packet, watched

from c1222.errors import (
    LinkTimeout,
    LocalProtocolError,
    TransportError,
)
from c1222.link import State
from c1222.psem.requests import request

# -- Interrupted -------------------------------------------------------------------------------------------------------

LONG = bytes(range(256)) * 3
OTHER = bytes(reversed(LONG))


def interrupted_at(number, side, error=KeyboardInterrupt):
    """A meter, interrupted at its n-th read of octets while it read a long table; None: there are not so many."""
    meter, transport = watched(side)
    meter.open()
    transport.interrupt_at, transport.error = transport.reads + number, error
    try:
        assert meter.ask(request("full_read", table=64)).data.blocks[0].data == LONG
    except error:
        return meter
    return None


class SlowMeter(ScriptedMeter):
    """Thinks about each answer for a second, and answers every request."""

    def __init__(self, script):
        super().__init__(script)
        self.waiting = []
        send, self.link.send = self.link.send, lambda answer, now: self.waiting.append((now + 1.0, answer))
        self._say = send

    @property
    def deadline(self):
        if self.waiting and self.link.state is State.TURN:
            return self.waiting[0][0]
        return self.link.deadline

    def handle_timeout(self, now):
        super().handle_timeout(now)
        if self.waiting and self.waiting[0][0] <= now and self.link.state is State.TURN:
            self._say(self.waiting.pop(0)[1], now)


@pytest.mark.parametrize("kind", [ScriptedMeter, SlowMeter])
def test_an_interrupted_read_ends_the_session_as_it_should_be(kind):
    number = 0
    while (meter := interrupted_at(number, kind(opening() | reads({64: LONG})))) is not None:
        side = meter._transport._side._side
        transport = meter._transport
        before = transport.clock()
        meter.close()
        assert side.heard[-2:] == [LOGOFF, TERMINATE]
        assert transport.clock() - before < 4.0, "the rest of the table was waited for"
        number += 1
    assert number > 20  # 14 packets, and in between


@pytest.mark.parametrize("kind", [ScriptedMeter, SlowMeter])
def test_what_is_read_after_an_interrupted_read_is_not_its_answer(kind):
    number = 0
    script = opening() | reads({64: LONG, 63: OTHER})
    while (meter := interrupted_at(number, kind(script))) is not None:
        assert meter.ask(request("full_read", table=63)).data.blocks[0].data == OTHER, number
        number += 1
    assert number > 20


def test_interrupted_twice():
    meter = interrupted_at(3, ScriptedMeter(opening() | reads({64: LONG, 63: OTHER})))
    meter._transport.interrupt_at = meter._transport.reads + 3
    with pytest.raises(KeyboardInterrupt):
        meter.ask(request("full_read", table=63))
    assert meter.ask(request("full_read", table=64)).data.blocks[0].data == LONG
    meter.close()


def test_an_operation_cannot_begin_within_another():
    meter = meter_on(ScriptedMeter(opening() | reads({0: table_0(0), 5: b"x" * 20}))).open()
    with pytest.raises(LocalProtocolError, match="asked something else"):
        meter.read_many([0], watch=lambda _: meter.read(5))
    assert meter.read(5).octets == b"x" * 20


def test_after_the_link_broke_only_identify_is_possible():
    meter, transport = watched(ScriptedMeter(opening()))
    meter.open()
    transport.tamper = lambda way, octets: []
    with pytest.raises(LinkTimeout, match="fell silent"):
        meter.wait(5)
    transport.done.clear()
    with pytest.raises(LinkTimeout, match="opened anew"):
        meter.wait(5)
    meter.close()
    assert transport.done == []  # nobody is there to take leave of


def test_nobody_answers():
    meter, transport = watched(Recited())
    with pytest.raises(LinkTimeout, match=r"nothing answers: .*port.* 9600 baud"):
        meter.open()
    assert transport.done == [packet(IDENTIFY)] * 4  # three retries (protocol.md 1.4)
    assert 8.0 < transport.clock() < 8.1  # four times 2 s


def test_the_port_fails():
    side = ScriptedMeter(opening())
    meter, transport = watched(side)
    meter.open()
    side.closed = True
    with pytest.raises(TransportError, match="line closed the connection"):
        meter.wait(5)
    meter.close()
    with pytest.raises(TransportError, match="line is closed"):
        transport.read(1.0)


def test_threads_take_turns():
    tables = {number: bytes([number]) * 300 for number in range(8)}
    meter = meter_on(ScriptedMeter(opening() | reads(tables))).open()

    def read(number):
        return [meter.ask(request("full_read", table=number)).data.blocks[0].data for _ in range(5)]

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(read, tables)) == [[octets] * 5 for octets in tables.values()]
