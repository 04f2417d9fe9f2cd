"""Writes that are believed only when they were read back, and meters that do not do what they say."""

import asyncio
import contextlib

import pytest
from wayward_meter import (
    ENGINEER,
    FAST,
    ST0,
    ST6,
    TABLES,
    Wayward,
    alters_a_neighbour,
    ignores,
    in_network,
    on_line,
    overhear_writes,
    stores_something_else,
)

from c1219_tables.changes import FieldChange
from c1219_tables.errors import TableError
from c1222.errors import LinkTimeout, LocalProtocolError, ServiceError, TransportError, VerifyError
from c1222.meter.device.device_settings import DeviceSettings
from c1222.meter.simulated import SimulatedMeter
from c1222.session.channels.line import LineChannel
from c1222.session.client import Client
from c1222.session.faces.async_meter import AsyncMeter
from c1222.session.faces.meter import Meter
from c1222.session.settings import Credentials, LineOptions
from c1222.transport.aio import AsyncMemory
from c1222.transport.memory import MemoryTransport

EACH = pytest.mark.parametrize("way", [on_line, in_network], ids=["c1218", "c1222"])
ACME = b"ACME" + b" " * 16
# Offset write of table 6 at 0, 20 octets; A C M E and 16 blanks add up to 790 = 316h, so the checksum is EA.
WRITE = bytes.fromhex("4f 0006 000000 0014") + ACME + b"\xea"


@EACH
def test_the_changed_field_is_written_and_nothing_else(way):
    image, heard = Wayward(), []
    with way(image, heard=heard).open() as meter:
        written = meter.write(6, {"owner_name": "ACME"})
        assert written.differences == (FieldChange("owner_name", "ELECTRIC COMPANY    ", "ACME".ljust(20), 0, ACME),)
        assert (written.before.owner_name, written.after.owner_name) == ("ELECTRIC COMPANY".ljust(20), "ACME".ljust(20))
        assert meter.tables[6] is written.after
    assert heard == [WRITE]
    assert image.read(6, None) == ACME + ST6[20:]


def test_the_plan_says_what_is_sent():
    image = Wayward()
    with on_line(image).open() as meter:
        plan = meter.plan_write("ST-6", {"owner_name": "ACME"})
        (write,) = plan.writes
        assert (write.service, write.offset, len(write.octets), write.checksum) == ("offset_write", 0, 20, 0xEA)
        assert write.encoded(c1222=False) == write.encoded(c1222=True) == WRITE
        assert str(write) == "offset_write ST-6, offset 0, length 20, checksum EA"
        assert image.written == []
        kept = []
        meter.carry_out(plan, before_sending=kept.append)
        assert kept == [plan]
    assert image.written == [6]


def test_what_is_there_already_is_not_written():
    image = Wayward()
    with on_line(image).open() as meter:
        written = meter.write(6, {"owner_name": "ELECTRIC COMPANY"}, before_sending=lambda plan: pytest.fail(str(plan)))
    assert (written.differences, image.written) == ((), [])


WRONG = [
    pytest.param(
        ignores, "nothing-changed", "said ok and changed nothing: owner_name is still 'ELECTRIC", id="ignores"
    ),
    pytest.param(
        alters_a_neighbour, "neighbour-changed", "not written: utility_div is 'XORTH', not 'NORTH'", id="neighbour"
    ),
    pytest.param(
        stores_something_else, "other-value", "something else: owner_name is 'A[?]ME', not 'ACME'", id="something-else"
    ),
]


@EACH
@pytest.mark.parametrize(("take", "verdict", "message"), WRONG)
def test_a_meter_that_does_something_else(way, take, verdict, message):
    with way(Wayward(take=take)).open() as meter, pytest.raises(VerifyError, match=message) as info:
        meter.write(6, {"owner_name": "ACME"})
    assert (info.value.table, info.value.verdict) == (6, verdict)
    assert [change.path for change in info.value.differences] == [
        "utility_div" if verdict == "neighbour-changed" else "owner_name"
    ]


def test_a_field_that_changes_by_itself_can_be_left_out():
    image = Wayward(take=alters_a_neighbour)
    with on_line(image).open() as meter:
        written = meter.write(6, {"owner_name": "ACME"}, ignore=["utility_div"])
        assert [change.path for change in written.differences] == ["owner_name", "utility_div"]
        with pytest.raises(LocalProtocolError, match="no field 'utility'"):
            meter.write(6, {"owner_name": "X"}, ignore=["utility"])


@EACH
@pytest.mark.parametrize(
    ("lost", "message"),
    [("in", "sent and not answered: it is not known"), ("out", "said ok to a write of ST-6, but it is not known")],
)
def test_a_meter_that_dies(way, lost, message):
    image = Wayward()
    written_before = []

    def tamper(direction, octets):
        # "in": even the answer to the write does not come; "out": that came, and then nothing is heard.
        dead = bool(image.written) if lost == "in" else bool(written_before)
        if direction == "in" and image.written:
            written_before.append(1)
        return [] if dead and direction == lost else [(0.0, octets)]

    with way(image, tamper=tamper).open() as meter, pytest.raises(LinkTimeout, match=message):
        meter.write(6, {"owner_name": "ACME"})


def test_a_port_that_fails_before_it_was_read_back():
    image = Wayward()
    meter = on_line(image).open()
    read = meter._transport.read

    def failing(timeout):
        if image.written:
            raise TransportError("the port is gone")
        return read(timeout)

    meter._transport.read = failing
    with pytest.raises(TransportError, match="it is not known whether it kept it: not read back; the port is gone"):
        meter.write(6, {"owner_name": "ACME"})


REFUSED = [
    pytest.param(
        1, {"ed_model": "X"}, "ST-1 among the tables that may be written .it lists 5, 6, 11.", id="not-writable"
    ),
    pytest.param(7, b"\x00", "starts a procedure", id="procedures"),
    pytest.param(8, b"\x00", "answer to a procedure", id="answers"),
    pytest.param(52, {"x": 1}, "among the tables that may be written", id="read-only"),
    pytest.param(23, {"x": 1}, "does not list ST-23", id="not-there"),
    pytest.param(4096 + 6, b"\x00", "what a pending table begins with is not public", id="pending"),
    pytest.param(8192 + 6, b"\x00", "bits whose meaning is not public", id="user-defined"),
]


@pytest.mark.parametrize(("number", "values", "message"), REFUSED)
def test_what_is_refused_before_anything_is_sent(number, values, message):
    heard = []
    with on_line(Wayward(), heard=heard).open() as meter, pytest.raises(LocalProtocolError, match=message):
        meter.write(number, values)
    assert heard == []


@pytest.mark.parametrize(
    ("values", "offset"),
    [({"owner_nam": "X"}, None), ({"owner_name": "X" * 21}, None), (b"X", len(ST6)), (b"X", None)],
)
def test_what_does_not_fit_is_not_sent(values, offset):
    heard = []
    with on_line(Wayward(), heard=heard).open() as meter, pytest.raises(TableError, match="ST-6"):
        meter.write(6, values, offset=offset)
    assert heard == []


def test_octets_at_an_offset():
    image = Wayward()
    with on_line(image).open() as meter:
        meter.write(6, b"SOUTH", offset=20)
    assert image.read(6, None) == ST6[:20] + b"SOUTH" + ST6[25:]


def test_large_writes_are_split_by_what_was_negotiated():
    image, heard = Wayward(), []
    settings = DeviceSettings(packet_size=64, nbr_packets=2)
    with on_line(image, heard=heard, settings=settings).open() as meter:
        meter.write("MT-0", bytes(1000))
    assert image.read(2048, None) == bytes(1000)
    assert len(heard) > 1
    assert max(map(len, heard)) <= 2 * 64


def test_a_meter_that_dies_between_two_writes():
    image = Wayward()

    def tamper(direction, octets):
        return [] if direction == "in" and len(image.written) == 2 else [(0.0, octets)]

    with on_line(image, tamper=tamper).open() as meter, pytest.raises(LinkTimeout, match="; 1 before it were accepted"):
        meter.write(6, {"owner_name": "ACME", "customer_id": "X"}, ignore=["utility_div"])


def test_writes_get_smaller_when_the_meter_says_that_they_are_too_large():
    image, heard = Wayward(), []
    with in_network(image, heard=heard, settings=DeviceSettings(max_message=500)).open() as meter:
        meter.write("MT-0", bytes(1000))
    assert image.read(2048, None) == bytes(1000)
    # Every octet but the one that is 0 already went once: those that were refused are not written again.
    sizes = [len(request) - 9 for request in heard]
    assert sizes[0] == 999
    assert max(sizes[-2:]) < 500


def refuses_offset_writes(simulated, code, first=0):
    """The device answers offset writes with a code, all but the first so many."""
    device = simulated.device
    answer, count = device.answer, []

    def answering(visitor, request, now):
        if request[0] == 0x4F:
            count.append(1)
            if len(count) > first:
                return type(answer(visitor, b"\x7f", now))(bytes([code]), None)
        return answer(visitor, request, now)

    device.answer = answering


def meter_of(simulated, heard=None, who=ENGINEER):
    options = LineOptions()
    client = Client(LineChannel(options.link), options, who, patience=FAST)
    return Meter(MemoryTransport(simulated.optical()), client, overhear=overhear_writes(heard))


@pytest.mark.parametrize("code", [2, 4], ids=["sns", "onp"])
def test_a_meter_without_offset_writes_gets_the_whole_table(code):
    image, heard = Wayward(), []
    simulated = SimulatedMeter(image=image)
    refuses_offset_writes(simulated, code)
    with meter_of(simulated, heard).open() as meter:
        meter.write(6, {"owner_name": "ACME"})
    assert [request[0] for request in heard] == [0x4F, 0x40]
    assert image.read(6, None) == ACME + ST6[20:]


def test_the_whole_table_is_not_written_over_what_changes_by_itself():
    image, heard = Wayward(), []
    simulated = SimulatedMeter(image=image)
    refuses_offset_writes(simulated, 2)
    refused = pytest.raises(ServiceError, match="offset_write ST-6 was refused with sns")
    with meter_of(simulated, heard).open() as meter, refused:
        meter.write(6, {"owner_name": "ACME"}, ignore=["utility_div"])
    assert image.written == []


def test_a_later_part_that_is_refused():
    image, heard = Wayward(), []
    simulated = SimulatedMeter(image=image)
    refuses_offset_writes(simulated, 4, first=1)
    partly = pytest.raises(VerifyError, match="1 of several writes were accepted")
    with meter_of(simulated, heard).open() as meter, partly as info:
        meter.write(6, {"owner_name": "ACME", "customer_id": "X"}, ignore=["utility_div"])
    assert (info.value.verdict, [change.path for change in info.value.differences]) == (
        "partly-written",
        ["customer_id"],
    )


def changes_and_refuses(simulated, image, code=3):
    """The device takes the first octets of a write, then says no."""
    device = simulated.device
    answer = device.answer

    def answering(visitor, request, now):
        if request[0] == 0x4F:
            image._tables[6] = b"AC" + ST6[2:]
            return type(answer(visitor, b"\x7f", now))(bytes([code]), None)
        return answer(visitor, request, now)

    device.answer = answering


def test_what_is_refused_and_changed_all_the_same():
    image = Wayward()
    simulated = SimulatedMeter(image=image)
    changes_and_refuses(simulated, image)
    changed = pytest.raises(VerifyError, match=r"refused with isc.*changed all the same: owner_name is 'ACECTRIC")
    with meter_of(simulated).open() as meter, changed as info:
        meter.write(6, {"owner_name": "ACME"})
    assert (info.value.verdict, [change.path for change in info.value.differences]) == (
        "partly-written",
        ["owner_name"],
    )


def test_what_is_refused_and_cannot_be_read_back():
    simulated = SimulatedMeter(image=Wayward())
    refuses_offset_writes(simulated, 5)
    device, refused = simulated.device, []
    answer = device.answer

    def answering(visitor, request, now):
        if request[0] == 0x4F:
            refused.append(1)
        elif refused and 0x30 <= request[0] <= 0x3F:
            return type(answer(visitor, b"\x7f", now))(b"\x01", None)
        return answer(visitor, request, now)

    device.answer = answering
    unknown = pytest.raises(ServiceError, match=r"refused with iar.*whether ST-6 changed is not known: not read back")
    with meter_of(simulated).open() as meter, unknown as info:
        meter.write(6, {"owner_name": "ACME"})
    assert (info.value.code, info.value.service) == ("iar", "offset_write ST-6")


def test_a_port_that_fails_behind_a_refusal():
    simulated = SimulatedMeter(image=Wayward())
    refuses_offset_writes(simulated, 5)
    heard = []
    meter = meter_of(simulated, heard).open()
    read = meter._transport.read

    def failing(timeout):
        if heard:
            raise TransportError("the port is gone")
        return read(timeout)

    meter._transport.read = failing
    with pytest.raises(TransportError, match=r"refused with iar.*ST-6 changed is not known.*the port is gone"):
        meter.write(6, {"owner_name": "ACME"})


def test_who_may_not_write_is_told():
    refused = pytest.raises(ServiceError, match=r"another user or a password.*and the table is as it was")
    with meter_of(SimulatedMeter(image=Wayward()), who=Credentials()).open() as meter, refused as info:
        meter.write(6, {"owner_name": "ACME"})
    assert info.value.code == "isc"


def test_editing_in_place():
    image = Wayward()
    with on_line(image).open() as meter:
        with meter.edit(6) as table:
            table.owner_name = "ACME"
        assert image.read(6, None) == ACME + ST6[20:]
        with contextlib.suppress(ZeroDivisionError), meter.edit(6) as table:
            table.owner_name = "X"
            table.misc_id = 1 // 0
        with meter.edit(6) as table:
            pass
    assert image.written == [6]


def test_what_changed_meanwhile_is_not_overwritten():
    image = Wayward()
    with on_line(image).open() as meter:
        plan = meter.plan_write(6, {"owner_name": "ACME"})
        image._tables[6] = ST6[:20] + b"SOUTH" + ST6[25:]
        meter.carry_out(plan, look_again=True)
        assert image.read(6, None) == ACME + b"SOUTH" + ST6[25:]
        plan = meter.plan_write(6, {"owner_name": "OTHER"})
        image._tables[6] = b"Z" + ST6[1:]
        with pytest.raises(VerifyError, match="nothing was written: owner_name is 'ZLECTRIC") as info:
            meter.carry_out(plan, look_again=True)
    assert info.value.verdict == "changed-meanwhile"
    assert image.written == [6]


def test_the_same_with_asyncio():
    image = Wayward()

    async def talk():
        options = LineOptions()
        pipe = AsyncMemory(MemoryTransport(SimulatedMeter(image=image).optical()))
        client = Client(LineChannel(options.link), options, ENGINEER, patience=FAST)
        async with await AsyncMeter(pipe, client).open() as meter:
            written = await meter.write(6, {"owner_name": "ACME"})
            async with meter.edit(6) as table:
                table.utility_div = "SOUTH"
            return written

    written = asyncio.run(talk())
    assert [change.path for change in written.differences] == ["owner_name"]
    assert image.read(6, None) == ACME + b"SOUTH".ljust(20) + ST6[40:]


def test_table_0_by_hand_is_what_the_tests_think():
    with on_line(Wayward()).open() as meter:
        table = meter.read(0)
    assert (table.std_tbls_used, table.std_tbls_write) == ([0, 1, 5, 6, 11, 52], [5, 6, 11])
    assert len(ST0) == 37
    assert set(TABLES) <= {0, 1, 5, 6, 2048}
