"""The face for asyncio: the same names, the same octets, the same results as the other; many meters on one loop."""

import asyncio
import inspect

import pytest
from meters_by_rule import Reads, RuledMeter
from scripted import FAST, ScriptedMeter, table_data
from scripted_network import NetworkMeter, options
from tables_by_hand import LOGOFF, OK, TERMINATE, opening, reads, table_0
from wire import Watched

from c1222.errors import LinkTimeout, LocalProtocolError, ServiceError, TransportError
from c1222.psem.requests import request
from c1222.session.channels.line import LineChannel
from c1222.session.channels.network import NetworkChannel
from c1222.session.client import Client
from c1222.session.faces.async_meter import AsyncMeter
from c1222.session.faces.meter import Meter
from c1222.session.settings import Credentials, LineOptions
from c1222.transport.aio_from_sync import AsyncMemory
from c1222.transport.memory import MemoryTransport

LONG = bytes(range(256)) * 3
OTHER = bytes(reversed(LONG))


def client():
    return Client(LineChannel(LineOptions().link), LineOptions(), Credentials(user="me"), patience=FAST)


def async_meter(side, **more):
    return AsyncMeter(AsyncMemory(MemoryTransport(side, baud=9600, label="line")), client(), **more)


# -- The same names ----------------------------------------------------------------------------------------------------


def names(face):
    return {name for name in vars(face) if not name.startswith("_")}


def test_both_faces_have_the_same_names():
    assert names(Meter) == names(AsyncMeter)
    assert set(vars(Meter(MemoryTransport(None), client()))) == set(vars(AsyncMeter(None, client())))


@pytest.mark.parametrize("name", sorted(names(Meter) | {"__init__"}))
def test_both_faces_take_the_same(name):
    ours, theirs = inspect.getattr_static(Meter, name), inspect.getattr_static(AsyncMeter, name)
    assert type(ours) is type(theirs)
    if isinstance(ours, property):
        ours, theirs = ours.fget, theirs.fget
    elif name != "__init__":
        assert not inspect.iscoroutinefunction(ours)
        # A context manager is a generator underneath.
        is_block = inspect.isgeneratorfunction(inspect.unwrap(ours))
        assert (inspect.isasyncgenfunction if is_block else inspect.iscoroutinefunction)(inspect.unwrap(theirs))

    def without_the_transport(call):
        parameters = inspect.signature(call).parameters.values()
        return [str(one.replace(annotation="") if one.name == "transport" else one) for one in parameters]

    assert without_the_transport(ours) == without_the_transport(theirs)
    returns = str(inspect.signature(ours).return_annotation), str(inspect.signature(theirs).return_annotation)
    assert returns[0] == returns[1].replace("Async", "")


# -- The same octets ---------------------------------------------------------------------------------------------------


TABLES = {0: table_0(0, 1, 5), 1: b"GE  I210+c  " + bytes([1, 9, 2, 0]) + b"00000001        ", 5: b"x" * 20, 63: LONG}
SCRIPT = (
    opening()
    | {bytes.fromhex("50 0000") + b"me        ": OK, b"\x70\x05": OK}
    | {bytes.fromhex("31 003F 0001 0002"): OK + table_data(b"ab")}
    | reads(TABLES)
)
CALLS = [
    ("identify", ()),
    ("read", (1,)),
    ("read", ("ST-5",)),
    ("read_octets", (63,)),
    ("read_index", (63, 1)),
    ("read_many", ([0, 1, "ST-30", 63],)),
    ("listed_tables", ()),
    ("wait", (5,)),
    ("wait", (6,)),
    ("ask", (request("full_read", table=1),)),
    ("read", ("no table",)),
]


def test_the_same_octets_and_the_same_results():
    transport = Watched(ScriptedMeter(SCRIPT), baud=9600)
    results = []
    with Meter(transport, client()).open() as meter:
        for name, arguments in CALLS:
            extra = {"count": 2} if name == "read_index" else {}
            try:
                results.append(repr(getattr(meter, name)(*arguments, **extra)))
            except (ServiceError, ValueError) as exc:
                results.append(repr(exc))
        label, tables = meter.label, dict(meter.tables)

    async def same():
        other, found = Watched(ScriptedMeter(SCRIPT), baud=9600), []
        async with await AsyncMeter(AsyncMemory(other), client()).open() as meter:
            for name, arguments in CALLS:
                extra = {"count": 2} if name == "read_index" else {}
                try:
                    found.append(repr(await getattr(meter, name)(*arguments, **extra)))
                except (ServiceError, ValueError) as exc:
                    found.append(repr(exc))
            assert (meter.label, dict(meter.tables)) == (label, tables)
        return other, found

    other, found = asyncio.run(same())
    assert found == results
    assert [done if isinstance(done, int) else done.hex() for done in other.done] == [
        done if isinstance(done, int) else done.hex() for done in transport.done
    ]
    assert sum("Error" in one for one in results) >= 2


def test_how_much_of_an_answer_has_come():
    async def hear():
        heard = []
        async with await async_meter(ScriptedMeter(SCRIPT)).open() as meter:
            meter.progress = heard.append
            await meter.read_octets(63)
        return heard

    sync = []
    with Meter(MemoryTransport(ScriptedMeter(SCRIPT), baud=9600), client()).open() as meter:
        meter.progress = sync.append
        meter.read_octets(63)
    assert asyncio.run(hear()) == sync
    assert max(sync) > 700  # of 772 octets, the last packet's when they are whole


def test_the_end_is_told_once_the_transport_is_closed():
    async def close():
        closed = []
        meter = async_meter(ScriptedMeter(SCRIPT), at_close=lambda: closed.append(meter._transport._memory._is_open))
        async with await meter.open():
            pass
        return closed

    assert asyncio.run(close()) == [False]


def test_errors():
    async def fail():
        meter = async_meter(ScriptedMeter({}, otherwise=b"\x03"))
        with pytest.raises(ServiceError, match="identify was refused with isc"):
            await meter.open()
        await meter.close()
        with pytest.raises(TransportError, match="line is closed"):
            await meter.open()

    asyncio.run(fail())


# -- Given up ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["line", "network"])
def test_cancelled_anywhere(kind):
    """After a read was cancelled the next one gets its own answer, and closing logs off."""

    def meter_and_side():
        if kind == "line":
            side = ScriptedMeter(
                opening() | {bytes.fromhex("50 0000") + b"me        ": OK} | reads({63: LONG, 64: OTHER})
            )
            return async_meter(side), side
        rule = Reads({63: LONG, 64: OTHER})
        side = NetworkMeter(lambda asked: b"\x00" if asked[0] in (0x50, 0x52) else rule(asked))
        asked = options(session=True)
        channel = NetworkChannel(asked, is_datagram=False, wall=lambda: 0.0)
        memory = MemoryTransport(side, baud=9600, label="network")
        return AsyncMeter(AsyncMemory(memory), Client(channel, asked, Credentials(), patience=FAST)), side

    async def cancelled_after(steps):
        meter, side = meter_and_side()
        async with await meter.open():
            task = asyncio.create_task(meter.ask(request("full_read", table=63)))
            for _ in range(steps):
                await asyncio.sleep(0)
            if task.done():
                return False
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            answer = await meter.ask(request("full_read", table=64))
            assert answer.data.blocks[0].data == OTHER
        assert side.heard[-1] in (TERMINATE, [LOGOFF])
        return True

    async def every():
        steps = 0
        while await cancelled_after(steps):
            steps += 1
        return steps

    assert asyncio.run(every()) > 5


def test_a_time_limit_of_the_program():
    """asyncio.timeout works as anywhere; what it ends is the operation, not the session."""

    async def limited():
        meter = async_meter(ScriptedMeter(SCRIPT))
        async with await meter.open():
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0):
                    await meter.read_octets(63)
            assert await meter.read_octets(63) == LONG

    asyncio.run(limited())


# -- Many --------------------------------------------------------------------------------------------------------------


def test_tasks_take_turns_on_one_meter():
    async def together():
        async with await async_meter(ScriptedMeter(SCRIPT)).open() as meter:
            return await asyncio.gather(*(meter.read_octets(number) for number in (63, 1, 63, 5, 0)))

    assert asyncio.run(together()) == [TABLES[number] for number in (63, 1, 63, 5, 0)]


def test_an_operation_within_another_is_refused():
    async def within():
        async with await async_meter(ScriptedMeter(SCRIPT)).open() as meter:
            with pytest.raises(LocalProtocolError, match="asked something else"):
                await meter.read_many([0], watch=lambda _: meter._conversation.start(meter.client.wait(1), 0.0))
            return await meter.read_octets(5)

    assert asyncio.run(within()) == TABLES[5]


def test_a_hundred_meters_on_one_loop():
    """Each has a table of its own; some do not answer, and hold up nobody."""

    async def one(number):
        table = number.to_bytes(2, "big") * (100 + number)
        script = {bytes.fromhex("50 0000") + b"me        ": OK}
        side = RuledMeter(Reads({64: table}, room=56 * 255))
        side.script.update({key: [value] for key, value in script.items()})
        meter = async_meter(side)
        if number % 10 == 9:
            meter._transport._memory.tamper = lambda way, octets: []
        async with meter:
            await meter.open()
            return await meter.read_octets(64, 0, len(table)) == table

    async def all_of_them():
        return await asyncio.gather(*(one(number) for number in range(100)), return_exceptions=True)

    for number, result in enumerate(asyncio.run(all_of_them())):
        if number % 10 == 9:
            assert isinstance(result, LinkTimeout)
        else:
            assert result is True, (number, result)
