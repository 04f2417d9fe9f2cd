"""Listeners: many peers on one loop, deadlines, and what a broken side or peer may not do to the others."""

import asyncio
import logging
import socket
import sys
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from sides import Echo, Ticker

from c1222.errors import TransportError
from c1222.transport import listen_pty as at_pty
from c1222.transport import listen_tcp as over_tcp
from c1222.transport import listen_udp as over_udp
from c1222.transport.aio import InThread, open_tcp_async, open_udp_async
from c1222.transport.listen import listen_pty, listen_tcp, listen_udp
from c1222.transport.serial import open_serial

SOON = 10.0
NETWORKS = pytest.mark.parametrize(
    ("listen", "connect"), [(listen_tcp, open_tcp_async), (listen_udp, open_udp_async)], ids=["tcp", "udp"]
)
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
SECRET = b"a password"


class Welcome:
    """Makes sides, and remembers them by the label of their peer."""

    def __init__(self, make=Echo):
        self.make = make
        self.sides = {}

    def __call__(self, label):
        self.sides[label] = self.make()
        return self.sides[label]


class Breaks(Echo):
    """Raises with what it heard in the message."""

    def receive_data(self, octets, now):
        raise ValueError(f"not understood: {octets!r}")


class BreaksLater(Echo):
    def receive_data(self, octets, now):
        self.deadline = now

    def handle_timeout(self, now):
        raise KeyError(SECRET)


class Patient(Echo):
    """Answers when its deadline has passed, and not before."""

    def receive_data(self, octets, now):
        self.heard.append((octets, now))
        self.deadline = now + 0.001

    def handle_timeout(self, now):
        if self.deadline is not None and now >= self.deadline:
            self.deadline = None
            self.say(b"sorry")


def port_in(label):
    return int(label.rpartition(":")[2])


@asynccontextmanager
async def talking(connect, port):
    pipe = await connect("127.0.0.1", port)
    try:
        yield pipe
    finally:
        await pipe.close()


async def asked(pipe, question, length=None):
    await pipe.write(question)
    heard = b""
    while len(heard) < (length or len(question)):
        heard += await pipe.read(SOON)
    return heard


@NETWORKS
def test_each_peer_has_a_side_of_its_own(listen, connect):
    async def run():
        welcome = Welcome()
        async with await listen("127.0.0.1", 0, welcome) as listener:
            assert listener.label.startswith(("tcp://127.0.0.1:", "udp://127.0.0.1:"))
            port = port_in(listener.label)

            async def converse(number):
                async with talking(connect, port) as pipe:
                    for turn in range(3):
                        question = b"%d of %d" % (turn, number)
                        assert await asked(pipe, question) == question

            await asyncio.gather(*map(converse, range(50)))
        assert len(welcome.sides) == 50
        assert all(label.startswith("127.0.0.1:") for label in welcome.sides)
        assert all(len(side.heard) >= 1 for side in welcome.sides.values())

    asyncio.run(run())


@NETWORKS
def test_a_side_is_called_at_its_deadline(listen, connect):
    async def run():
        async with (
            await listen("127.0.0.1", 0, Welcome(Patient)) as listener,
            talking(connect, port_in(listener.label)) as pipe,
        ):
            assert await asked(pipe, b"now!", 5) == b"sorry"
            assert await asked(pipe, b"now!", 5) == b"sorry"

    asyncio.run(run())


@NETWORKS
def test_a_deadline_that_stays_in_the_past_does_not_keep_the_loop_busy(listen, connect):
    stuck = Ticker(0.0, 0.0, word=b"")

    async def run():
        async with (
            await listen("127.0.0.1", 0, lambda _: stuck) as listener,
            talking(connect, port_in(listener.label)) as pipe,
        ):
            assert await asked(pipe, b"one") == b"one"
            before = len(stuck.timeouts)
            for _ in range(100):
                await asyncio.sleep(0)
            assert len(stuck.timeouts) <= before + 1
            assert await asked(pipe, b"two") == b"two"

    asyncio.run(run())


@NETWORKS
@pytest.mark.parametrize("broken", [Breaks, BreaksLater])
def test_a_side_that_breaks_is_logged_without_octets_and_the_others_live_on(listen, connect, broken, caplog):
    makes = [Echo, broken]

    async def run():
        async with await listen("127.0.0.1", 0, lambda _: makes.pop(0)() if makes else Echo()) as listener:
            port = port_in(listener.label)
            async with talking(connect, port) as good, talking(connect, port) as bad:
                assert await asked(good, b"hello") == b"hello"
                await bad.write(SECRET)
                if not bad.is_datagram:
                    with pytest.raises(TransportError, match="closed the connection"):
                        await bad.read(SOON)
                assert await asked(good, b"still there?") == b"still there?"
                if bad.is_datagram:
                    # The peer gets a new side.
                    while not caplog.records:
                        await asyncio.sleep(0)
                    assert await asked(bad, b"and now?") == b"and now?"

    with caplog.at_level(logging.INFO):
        asyncio.run(run())
    [record] = [record for record in caplog.records if record.name.startswith("c1222")]
    assert record.levelno == logging.ERROR
    assert ("ValueError" if broken is Breaks else "KeyError") in record.getMessage()
    assert "test_listen.py:" in record.getMessage()
    assert "password" not in caplog.text
    assert record.exc_info is None


@NETWORKS
def test_a_peer_that_is_not_accepted(listen, connect, caplog):
    def refuse(label):
        raise RuntimeError("the house is full")

    async def run():
        async with (
            await listen("127.0.0.1", 0, refuse) as listener,
            talking(connect, port_in(listener.label)) as pipe,
        ):
            await pipe.write(b"hello")
            while not caplog.records:
                await asyncio.sleep(0)

    asyncio.run(run())
    assert "RuntimeError" in caplog.text


@NETWORKS
def test_a_side_that_hangs_up_says_its_last_words_first(listen, connect):
    async def run():
        async with (
            await listen("127.0.0.1", 0, Welcome(lambda: Echo(words=1))) as listener,
            talking(connect, port_in(listener.label)) as pipe,
        ):
            assert await asked(pipe, b"bye") == b"bye"
            if pipe.is_datagram:
                assert await asked(pipe, b"hello again") == b"hello again"
            else:
                with pytest.raises(TransportError, match="closed the connection"):
                    await pipe.read(SOON)

    asyncio.run(run())


@NETWORKS
def test_a_place_that_is_taken(listen, connect):
    async def run():
        async with await listen("127.0.0.1", 0, Welcome()) as listener:
            place = listener.label.partition("//")[2]
            with pytest.raises(TransportError, match=f"^{place} is in use: another program listens there"):
                await listen("127.0.0.1", port_in(listener.label), Welcome())
        with pytest.raises(TransportError, match=r"192\.0\.2\.1:0 is not an address of this computer"):
            await listen("192.0.2.1", 0, Welcome())

    asyncio.run(run())


@NETWORKS
def test_closing_hangs_up_on_everybody(listen, connect):
    async def run():
        listener = await listen("127.0.0.1", 0, Welcome())
        serving = asyncio.ensure_future(listener.serve_forever())
        async with talking(connect, port_in(listener.label)) as pipe:
            assert await asked(pipe, b"hello") == b"hello"
            await listener.close()
            await listener.close()
            await serving
            with pytest.raises(TransportError, match=r"closed the connection|refused"):
                await asked(pipe, b"anybody?")

    asyncio.run(run())


def test_serving_ends_when_it_is_cancelled():
    async def run():
        listener = await listen_tcp("127.0.0.1", 0, Welcome())
        serving = asyncio.ensure_future(listener.serve_forever())
        await asyncio.sleep(0)
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        with pytest.raises(TransportError, match="connection refused"):
            await open_tcp_async("127.0.0.1", port_in(listener.label))

    asyncio.run(run())


# -- Bounds ------------------------------------------------------------------------------------------------------------


def test_connections_are_bounded(monkeypatch, caplog):
    monkeypatch.setattr(over_tcp, "CONNECTIONS", 1)

    async def run():
        async with await listen_tcp("127.0.0.1", 0, Welcome()) as listener:
            port = port_in(listener.label)
            async with talking(open_tcp_async, port) as first:
                assert await asked(first, b"hello") == b"hello"
                async with talking(open_tcp_async, port) as second:
                    assert await asked(second, b"hello") == b"hello"
                    with pytest.raises(TransportError, match="closed the connection"):
                        await first.read(SOON)

    asyncio.run(run())
    assert caplog.text.count("the most silent ones are hung up on") == 1


def test_who_says_nothing_keeps_nobody_out(monkeypatch):
    """Of three connections the one that was heard last stays, however many silent ones come."""
    monkeypatch.setattr(over_tcp, "CONNECTIONS", 3)

    async def run():
        async with await listen_tcp("127.0.0.1", 0, Welcome()) as listener:
            port = port_in(listener.label)
            async with talking(open_tcp_async, port) as talker, AsyncExitStack() as silent:
                for _ in range(10):
                    await silent.enter_async_context(talking(open_tcp_async, port))
                    assert await asked(talker, b"still there?") == b"still there?"

    asyncio.run(run())


def test_a_peer_that_takes_nothing_is_hung_up_on(monkeypatch):
    monkeypatch.setattr(over_tcp, "STUCK", 0.01)
    side = Ticker(0.0, 1e9, word=bytes(1 << 25))

    async def run():
        async with await listen_tcp("127.0.0.1", 0, lambda _: side) as listener:
            with socket.create_connection(("127.0.0.1", port_in(listener.label)), SOON) as deaf:
                while not side.timeouts:
                    await asyncio.sleep(0)
                while not (tasks := asyncio.all_tasks() - {asyncio.current_task()}) or len(tasks) > 1:
                    await asyncio.sleep(0)
                await asyncio.wait(tasks)
                # The connection was cut: what had gone out can be read, then it ends.
                assert await asyncio.to_thread(length_until_the_end, deaf) < 1 << 25

    asyncio.run(run())


def length_until_the_end(peer):
    length = 0
    try:
        while octets := peer.recv(1 << 16):
            length += len(octets)
    except ConnectionResetError:
        pass
    return length


def test_a_peer_of_datagrams_is_forgotten_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(over_udp, "PEERS", 2)
    welcomed = []

    def accept(label):
        welcomed.append(label)
        return Echo()

    async def run():
        async with await listen_udp("127.0.0.1", 0, accept) as listener:
            port = port_in(listener.label)
            async with (
                talking(open_udp_async, port) as first,
                talking(open_udp_async, port) as second,
                talking(open_udp_async, port) as third,
            ):
                # The third takes the place of the second, who was silent longest.
                for pipe in (first, second, first, third, first, second):
                    assert await asked(pipe, b"hello") == b"hello"

    asyncio.run(run())
    assert len(welcomed) == 4
    assert welcomed[1] == welcomed[3]


def test_a_peer_of_datagrams_is_forgotten_when_it_is_idle(monkeypatch):
    monkeypatch.setattr(over_udp, "IDLE", 0.001)
    welcome = Welcome()

    async def run():
        async with (
            await listen_udp("127.0.0.1", 0, welcome) as listener,
            talking(open_udp_async, port_in(listener.label)) as pipe,
        ):
            assert await asked(pipe, b"hello") == b"hello"
            [(label, side)] = welcome.sides.items()
            while welcome.sides[label] is side:
                assert await asked(pipe, b"who am I?") == b"who am I?"
                await pipe.read(0.002)

    asyncio.run(run())


def test_an_empty_datagram_is_nothing():
    welcome = Welcome()

    async def run():
        async with await listen_udp("127.0.0.1", 0, welcome) as listener:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
                plain.sendto(b"", ("127.0.0.1", port_in(listener.label)))
            async with talking(open_udp_async, port_in(listener.label)) as pipe:
                assert await asked(pipe, b"hello") == b"hello"

    asyncio.run(run())
    assert len(welcome.sides) == 1


# -- Pseudo-terminals --------------------------------------------------------------------------------------------------


@POSIX
def test_a_side_at_a_serial_port_that_programs_open_one_after_the_other():
    welcome = Welcome()
    octets = bytes(range(256)) * 20

    async def run():
        async with await listen_pty(welcome) as listener:
            for _ in range(2):
                pipe = InThread(await asyncio.to_thread(open_serial, listener.label))
                assert await asked(pipe, octets) == octets
                await pipe.close()
            assert list(welcome.sides) == [listener.label]

    asyncio.run(run())


@POSIX
def test_deadlines_and_breaking_and_hanging_up_at_a_serial_port(caplog):
    makes = [Patient, Breaks, lambda: Echo(words=1), Echo]

    async def run():
        async with await listen_pty(lambda _: makes.pop(0)()) as listener:
            pipe = InThread(await asyncio.to_thread(open_serial, listener.label))
            assert await asked(pipe, b"now!", 5) == b"sorry"
            assert len(makes) == 3
            await listener.close()
            await pipe.close()
        async with await listen_pty(lambda _: makes.pop(0)()) as listener:
            pipe = InThread(await asyncio.to_thread(open_serial, listener.label))
            await pipe.write(SECRET)
            while not caplog.records:
                await asyncio.sleep(0)
            assert await asked(pipe, b"new side") == b"new side"
            assert await asked(pipe, b"newer side") == b"newer side"
            await pipe.close()

    asyncio.run(run())
    assert makes == []
    assert "ValueError" in caplog.text
    assert "password" not in caplog.text


@POSIX
def test_what_nobody_takes_from_a_serial_port_is_lost_and_not_kept():
    side = Echo()

    async def run():
        async with await listen_pty(lambda _: side) as listener:
            pipe = InThread(await asyncio.to_thread(open_serial, listener.label))
            await pipe.write(b"talk")
            assert await pipe.read(SOON) == b"talk"
            side.say(bytes(1 << 20))
            await pipe.write(b"more")
            heard = 0
            while heard < at_pty.UNSENT:
                heard += len(await pipe.read(SOON))
            assert heard == at_pty.UNSENT
            assert await asked(pipe, b"again") == b"again"
            await pipe.close()

    asyncio.run(run())
