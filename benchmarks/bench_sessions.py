"""Many meters on one asyncio loop, each in a session of its own: `python benchmarks/bench_sessions.py`.

1,000 meters in memory over C12.18, 1,000 over C12.22 (enciphered), 200 over TCP. Each has other tables, and each
table that was read is compared with what that meter holds. Sessions a second are information; what is asserted is that
every table was right, and what a session among many costs against one alone, with a quarter of slack.
"""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from measure import alternate, goal, ratio

from c1222.message.epsem import SecurityMode
from c1222.meter.device.access import simulation_keys
from c1222.meter.image.image import StaticImage
from c1222.meter.simulated import SimulatedMeter
from c1222.psem.requests import request
from c1222.session.channels.line import LineChannel
from c1222.session.channels.network import NetworkChannel
from c1222.session.client import Client
from c1222.session.faces.async_meter import AsyncMeter
from c1222.session.settings import Credentials, LineOptions, NetworkOptions
from c1222.titles import ApTitle
from c1222.transport.aio import AsyncMemory, open_tcp_async
from c1222.transport.listen import listen_tcp
from c1222.transport.memory import MemoryTransport
from c1222.transport.transport import AsyncTransport, Side

IN_MEMORY = 1000
OVER_TCP = 200
ALONE = 50
ROUNDS = 3
GOAL_AMONG_MANY = 1.5
WHO = Credentials("READER", 1, b"READER")
# Formats, device class, tables 0, 1, 5 and 23: octets 0 to 2 of a set of 8, no procedures.
TABLE_0 = bytes.fromhex("02 18 00 54455354 02 00 20 20 02 00 08 00 00 00 00 00 2300800000000000") + bytes(8)
READ = (1, 5, 23)


def tables(number: int) -> dict[int, bytes]:
    """What meter `number` holds: its identification and some kilobytes that no other meter has."""
    name = f"METER {number:05}".encode()
    return {
        0: TABLE_0,
        1: b"TESTmodel   \x01\x00\x01\x00" + name.ljust(16),
        5: name.ljust(20),
        23: b"".join(f"{number:05}/{at:04};".encode() for at in range(200)),
    }


def simulated(number: int) -> SimulatedMeter:
    return SimulatedMeter(image=StaticImage(tables(number)))


async def over_line(transport: AsyncTransport) -> AsyncMeter:
    options = LineOptions()
    return await AsyncMeter(transport, Client(LineChannel(options.link), options, WHO)).open()


async def over_network(transport: AsyncTransport) -> AsyncMeter:
    options = NetworkOptions(
        called=ApTitle.parse(".123.8437"), mode=SecurityMode.ENCRYPTED, ring=simulation_keys(), timeout=60.0
    )
    lead = request("security", password=WHO.padded_password, user_id=WHO.user_id)
    channel = NetworkChannel(options, is_datagram=False, wall=time.time, lead=lead)
    return await AsyncMeter(transport, Client(channel, options, WHO)).open()


Open = Callable[[AsyncTransport], Coroutine[Any, Any, AsyncMeter]]


async def session(transport: AsyncTransport, open_meter: Open) -> int:
    """Open, read, compare, close. Returns the number of the meter, which its own table 5 tells."""
    async with await open_meter(transport) as meter:
        found = {number: await meter.read_octets(number) for number in READ}
    number = int(found[5].split()[1])
    assert found == {each: octets for each, octets in tables(number).items() if each in READ}
    return number


async def in_memory(count: int, side: Callable[[SimulatedMeter], Side], open_meter: Open) -> None:
    """`count` sessions at once."""

    async def one(number: int) -> None:
        transport = AsyncMemory(MemoryTransport(side(simulated(number)), baud=9600))
        assert await session(transport, open_meter) == number

    await asyncio.gather(*(one(number) for number in range(count)))


async def one_after_the_other(count: int, side: Callable[[SimulatedMeter], Side], open_meter: Open) -> None:
    for _ in range(count):
        await in_memory(1, side, open_meter)


async def over_tcp(count: int) -> None:
    """As many connections to one listener, which gives each a meter of its own."""
    numbers = iter(range(count))
    async with await listen_tcp("127.0.0.1", 0, lambda peer: simulated(next(numbers)).network()) as listener:
        port = int(listener.label.rpartition(":")[2])

        async def one() -> int:
            return await session(await open_tcp_async("127.0.0.1", port, timeout=60.0), over_network)

        found = await asyncio.gather(*(one() for _ in range(count)))
    assert sorted(found) == list(range(count))


def seconds(work: Awaitable[None]) -> float:
    async def run() -> None:
        await work

    start = time.perf_counter()
    asyncio.run(run())
    return time.perf_counter() - start


def among_many(name: str, side: Callable[[SimulatedMeter], Side], open_meter: Open) -> bool:
    found = alternate(
        {
            "alone": lambda: asyncio.run(one_after_the_other(ALONE, side, open_meter)),
            "together": lambda: asyncio.run(in_memory(IN_MEMORY, side, open_meter)),
        },
        ROUNDS,
    )
    print(f"{name}: {IN_MEMORY / found['together'].median:,.0f} sessions a second", end="; ")
    share = ratio(found["together"], found["alone"]) * ALONE / IN_MEMORY
    return goal(f"a session among {IN_MEMORY:,} against one alone", share, GOAL_AMONG_MANY, at_least=False)


def main() -> int:
    load = f", load {os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else ""
    print(
        f"Python {sys.version.split()[0]}{load}; a session reads tables {', '.join(map(str, READ))} and what they need"
    )
    met = among_many("C12.18 in memory", lambda meter: meter.optical(), over_line)
    met &= among_many("C12.22 in memory, enciphered", lambda meter: meter.network(), over_network)
    took = seconds(over_tcp(OVER_TCP))
    print(f"C12.22 over TCP, {OVER_TCP} connections at once: {OVER_TCP / took:,.0f} sessions a second")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
