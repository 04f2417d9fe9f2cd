"""The transport of a plan: a port, a socket, a modem, or a meter in this process. Each is imported when wanted."""

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from c1222.connection.plan import Plan
from c1222.errors import TargetError
from c1222.session.client import Retold
from c1222.settings.targets import Target
from c1222.transport.transport import AsyncTransport, Transport

if TYPE_CHECKING:
    from c1222.meter.simulated import SimulatedMeter
    from c1222.settings.dump_files import Dump
    from c1222.transport.memory import MemoryTransport

LINE_SPEED = 9600
Wall = Callable[[], float]
"""UTC seconds since 1970."""


class Opened(NamedTuple):
    """A transport, and the time of day at the meter's end of it: the simulated meter has its own.

    retold: what is to be said in place of refusals, None for those that the meter says.
    """

    transport: Transport
    wall: Wall = time.time
    retold: Retold | None = None


class AsyncOpened(NamedTuple):
    """The same for asyncio."""

    transport: AsyncTransport
    wall: Wall = time.time
    retold: Retold | None = None


def open_transport(plan: Plan, timeout: float) -> Opened:
    """Open it. timeout: seconds for a TCP connection to come about. Raises TransportError, TargetError."""
    target = plan.target
    if target.scheme in ("sim", "dump"):
        return Opened(*_in_process(plan))
    if target.scheme == "udp":
        from c1222.transport.udp import open_udp

        return Opened(open_udp(target.place, _port(plan)))
    if target.scheme in ("tcp", "c1218+tcp", "c1221+tcp"):
        from c1222.transport.tcp import open_tcp

        return Opened(open_tcp(target.place, _port(plan), timeout=timeout))
    return Opened(_on_port(plan))


async def open_transport_async(plan: Plan, timeout: float) -> AsyncOpened:
    """The same for asyncio; ports are served by a thread."""
    from c1222.transport.aio import AsyncMemory, open_in_thread, open_tcp_async, open_udp_async

    target = plan.target
    if target.scheme in ("sim", "dump"):
        memory, wall, retold = _in_process(plan)
        return AsyncOpened(AsyncMemory(memory), wall, retold)
    if target.scheme == "udp":
        return AsyncOpened(await open_udp_async(target.place, _port(plan)))
    if target.scheme in ("tcp", "c1218+tcp", "c1221+tcp"):
        return AsyncOpened(await open_tcp_async(target.place, _port(plan), timeout=timeout))
    return AsyncOpened(await open_in_thread(partial(_on_port, plan)))


def _port(plan: Plan) -> int:
    assert plan.target.port is not None
    return plan.target.port


def _on_port(plan: Plan) -> Transport:
    target, profile = plan.target, plan.profile
    if target.scheme == "modem":
        from c1222.transport.modem import open_modem

        return open_modem(target.place, target.option("number", str) or "", baud=profile.baud)
    from c1222.transport.serial import open_serial

    host = f"[{target.place}]" if ":" in target.place else target.place
    port = f"{target.scheme}://{host}:{target.port}" if target.kind.form == "host" else target.place
    return open_serial(
        port,
        baud=profile.baud,
        dtr=target.option("dtr", bool),
        rts=target.option("rts", bool),
        echo=bool(target.option("echo", bool)),
        turn_around=profile.turn_around,
        wakeup=profile.wakeup,
    )


def _in_process(plan: Plan) -> "tuple[MemoryTransport, Wall, Retold | None]":
    """What Opened has, of a meter in this process."""
    from c1222.transport.memory import MemoryTransport

    target = plan.target
    saved = _saved(target)
    meter = _simulated(target, saved)
    if target.protocol == "c1222":
        memory = MemoryTransport(meter.network(), label=target.label)
    else:
        memory = MemoryTransport(meter.optical(), baud=LINE_SPEED, label=target.label)
    return memory, _wall(meter, memory), None if saved is None or target.scheme == "sim" else saved.retold


def _saved(target: Target) -> "Dump | None":
    """The file whose tables the meter has, where it has any."""
    from c1222.settings.dump_files import read_dump

    path = Path(target.place) if target.scheme == "dump" else target.option("image", Path)
    return None if path is None else read_dump(path)


def _simulated(target: Target, saved: "Dump | None") -> "SimulatedMeter":
    from c1222.meter.image.image import StaticImage
    from c1222.meter.simulated import START, SimulatedMeter

    image = None if saved is None else StaticImage(saved.tables)
    clock, seed = target.option("clock", datetime), target.option("seed", int)
    start = START if clock is None else clock.isoformat()
    try:
        return SimulatedMeter(1 if seed is None else seed, start, image)
    except ValueError as exc:
        raise TargetError(f"{target.label}: {exc}") from exc


def _wall(meter: "SimulatedMeter", memory: "MemoryTransport") -> Wall:
    return lambda: meter.true_time(memory.clock()).timestamp()
