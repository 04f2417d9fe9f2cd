"""The pipes for asyncio do what the others do, and say the same when they fail."""

import asyncio
import socket
import threading
from contextlib import asynccontextmanager
from unittest import mock

import pytest
from sides import Echo, Ticker

from c1222.errors import TransportError
from c1222.transport import aio_sockets
from c1222.transport.aio import AsyncMemory, InThread, open_tcp_async, open_udp_async
from c1222.transport.memory import MemoryTransport

SOON = 10.0
NOBODY_LISTENS = r"^connection refused at 127\.0\.0\.1:{}: is the meter \(or `c1222 simulate`\) listening there\?$"


def bound(kind):
    mine = socket.socket(socket.AF_INET, kind)
    mine.bind(("127.0.0.1", 0))
    mine.settimeout(SOON)
    return mine


def port_of(mine):
    return mine.getsockname()[1]


@asynccontextmanager
async def tcp():
    """(our pipe, the other end as a socket)."""
    with bound(socket.SOCK_STREAM) as server:
        server.listen()
        pipe = await open_tcp_async("127.0.0.1", port_of(server))
        with server.accept()[0] as peer:
            peer.settimeout(SOON)
            try:
                yield pipe, peer
            finally:
                await pipe.close()


@asynccontextmanager
async def udp():
    with bound(socket.SOCK_DGRAM) as peer:
        pipe = await open_udp_async("127.0.0.1", port_of(peer))
        try:
            await pipe.write(b"hello")
            octets, address = peer.recvfrom(100)
            assert octets == b"hello"
            peer.connect(address)
            yield pipe, peer
        finally:
            await pipe.close()


def test_a_stream():
    async def run():
        async with tcp() as (pipe, peer):
            assert not pipe.is_datagram
            await pipe.write(b"")
            await pipe.write(b"question")
            assert peer.recv(100) == b"question"
            peer.sendall(b"answer")
            assert await pipe.read(SOON) == b"answer"
            assert await pipe.read(0.0) == b""
            assert await pipe.read(0.001) == b""
            await pipe.set_baud(9600)
            peer.sendall(b"last words")
            peer.close()
            assert await pipe.read(SOON) == b"last words"
            with pytest.raises(TransportError, match=r"^127\.0\.0\.1:\d+ closed the connection$"):
                await pipe.read(SOON)
            with pytest.raises(TransportError, match="closed the connection"):
                await pipe.write(b"too late")

    asyncio.run(run())


def test_datagrams():
    async def run():
        async with udp() as (pipe, peer):
            assert pipe.is_datagram
            await pipe.write(b"")
            await pipe.write(b"one")
            assert peer.recv(100) == b"one"
            for datagram in (b"", b"two", bytes(60000)):
                peer.send(datagram)
            assert [await pipe.read(SOON) for _ in range(2)] == [b"two", bytes(60000)]
            assert await pipe.read(0.0) == b""

    asyncio.run(run())


@pytest.mark.parametrize("kind", [tcp, udp])
def test_what_is_discarded_is_not_read(kind):
    async def run():
        async with kind() as (pipe, peer):
            peer.sendall(b"older")
            await pipe._arrivals.news.wait()
            await pipe.discard()
            peer.sendall(b"new")
            assert await pipe.read(SOON) == b"new"

    asyncio.run(run())


@pytest.mark.parametrize("kind", [tcp, udp])
def test_a_closed_pipe_says_so(kind):
    async def run():
        async with kind() as (pipe, _):
            await pipe.close()
            for call in (pipe.write(b"x"), pipe.read(1.0)):
                with pytest.raises(TransportError, match="is closed"):
                    await call

    asyncio.run(run())


def test_nobody_listens():
    async def run():
        with bound(socket.SOCK_STREAM) as deaf:
            with pytest.raises(TransportError, match=NOBODY_LISTENS.format(port_of(deaf))) as info:
                await open_tcp_async("127.0.0.1", port_of(deaf))
            assert isinstance(info.value.__cause__, ConnectionRefusedError)
        with bound(socket.SOCK_DGRAM) as gone:
            port = port_of(gone)
        pipe = await open_udp_async("127.0.0.1", port)
        await pipe.write(b"anybody?")
        with pytest.raises(TransportError, match=NOBODY_LISTENS.format(port)):
            await pipe.read(SOON)
        # The next may be welcome.
        assert await pipe.read(0.0) == b""
        await pipe.close()

    asyncio.run(run())


def test_a_meter_that_never_answers_and_a_host_that_is_unknown():
    async def run():
        async def never(*_):
            await asyncio.Event().wait()

        loop = asyncio.get_running_loop()
        with (
            mock.patch.object(loop, "sock_connect", never),
            pytest.raises(TransportError, match=r"no answer from 127\.0\.0\.1:1153 within 0\.01 s"),
        ):
            await open_tcp_async("127.0.0.1", 1153, timeout=0.01)
        with mock.patch.object(loop, "getaddrinfo", side_effect=socket.gaierror(socket.EAI_NONAME, "unknown")):
            for opening in (open_tcp_async("meter", 1153), open_udp_async("meter", 1153)):
                with pytest.raises(TransportError, match="the host of meter:1153 is unknown"):
                    await opening

    asyncio.run(run())


def test_a_peer_that_takes_nothing_does_not_hold_us_for_ever(monkeypatch):
    monkeypatch.setattr(aio_sockets, "STUCK", 0.01)

    async def run():
        async with tcp() as (pipe, _):
            with pytest.raises(TransportError, match=r"took no octets for 0\.01 s"):
                await pipe.write(bytes(1 << 26))

    asyncio.run(run())


def test_a_peer_that_sends_much_is_made_to_wait_and_nothing_is_lost():
    async def run():
        async with tcp() as (pipe, peer):
            sent = bytes(range(256)) * 8192
            sending = asyncio.get_running_loop().run_in_executor(None, peer.sendall, sent)
            came = b""
            while len(came) < len(sent):
                octets = await pipe.read(SOON)
                # What is held, and what the loop had taken already: never all that was sent.
                assert 0 < len(octets) <= aio_sockets.HELD + (1 << 18)
                came += octets
            await sending
            assert came == sent

    asyncio.run(run())


def test_more_datagrams_than_are_held_are_lost():
    arrivals = aio_sockets._Arrivals()
    for number in range(aio_sockets.DATAGRAMS_HELD + 5):
        arrivals.datagram_received(b"%d" % number, None)
    assert len(arrivals.pieces) == aio_sockets.DATAGRAMS_HELD
    assert arrivals.pieces[-1] == b"%d" % (aio_sockets.DATAGRAMS_HELD - 1)


# -- The pipe in memory ------------------------------------------------------------------------------------------------


def test_a_thousand_conversations_in_memory_go_on_at_once():
    sides = [Echo() for _ in range(1000)]
    turns = []

    async def converse(number):
        pipe = AsyncMemory(MemoryTransport(sides[number], baud=9600, label=f"meter {number}"))
        assert pipe.label == f"meter {number}"
        heard = b""
        await pipe.write(b"%04d" % number)
        while len(heard) < 4:
            heard += await pipe.read(1.0)
            turns.append(number)
        await pipe.set_baud(19200)
        await pipe.discard()
        await pipe.write(b"again")
        assert await pipe.read(1.0) == b"again"
        await pipe.close()
        with pytest.raises(TransportError, match="is closed"):
            await pipe.read(1.0)
        return heard, pipe.clock()

    async def run():
        return await asyncio.gather(*map(converse, range(1000)))

    results = asyncio.run(run())
    assert [heard for heard, _ in results] == [b"%04d" % number for number in range(1000)]
    assert {round(clock, 6) for _, clock in results} == {round(2 * 4 * 10 / 9600 + 2 * 5 * 10 / 19200, 6)}
    # Nobody had a second turn before everybody had the first.
    assert sorted(turns[:1000]) == list(range(1000))


# -- Any other in a thread ---------------------------------------------------------------------------------------------


class Held(MemoryTransport):
    """A pipe whose reads wait until they are let go."""

    def __init__(self, side):
        super().__init__(side)
        self.reading = threading.Event()
        self.let_go = threading.Event()

    def read(self, timeout):
        self.reading.set()
        assert self.let_go.wait(SOON)
        return super().read(timeout)


def test_any_pipe_in_a_thread():
    async def run():
        pipe = InThread(MemoryTransport(Ticker(3.0, 100.0), label="/dev/ttyUSB0"))
        assert (pipe.label, pipe.is_datagram) == ("/dev/ttyUSB0", False)
        await pipe.write(b"question")
        assert await pipe.read(1.0) == b"question"
        # Longer than a slice.
        assert await pipe.read(2.5) == b""
        assert await pipe.read(1.0) == b"tick"
        await pipe.write(b"old")
        await pipe.discard()
        assert await pipe.read(0.0) == b""
        await pipe.set_baud(9600)
        await pipe.close()
        await pipe.close()

    asyncio.run(run())


def test_a_failure_in_the_thread_comes_to_the_caller_and_only_once():
    async def run():
        pipe = InThread(MemoryTransport(side := Echo(words=1), label="sim:"))
        await pipe.write(b"bye")
        assert await pipe.read(1.0) == b"bye"
        with pytest.raises(TransportError, match="sim: closed the connection"):
            await pipe.read(1.0)
        side.words = None
        assert await pipe.read(1.0) == b""
        await pipe.close()

    asyncio.run(run())


def test_what_a_read_brings_that_was_given_up_is_kept_for_the_next():
    async def run():
        held = Held(Echo())
        pipe = InThread(held)
        await pipe.write(b"answer")
        reading = asyncio.ensure_future(pipe.read(5.0))
        await asyncio.get_running_loop().run_in_executor(None, held.reading.wait, SOON)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        held.let_go.set()
        assert await pipe.read(5.0) == b"answer"
        await pipe.close()

    asyncio.run(run())


def test_what_a_read_brings_that_is_discarded_is_not_kept():
    async def run():
        held = Held(Echo())
        pipe = InThread(held)
        await pipe.write(b"answer")
        reading = asyncio.ensure_future(pipe.read(5.0))
        await asyncio.get_running_loop().run_in_executor(None, held.reading.wait, SOON)
        reading.cancel()
        await asyncio.wait([reading])
        held.let_go.set()
        await pipe.discard()
        assert await pipe.read(0.0) == b""
        await pipe.close()

    asyncio.run(run())
