"""Procedures: what is written to table 7, what is taken for its answer in table 8, and what is never done twice.

All octets are typed by hand, after protocol.md 2.2: procedure number, sequence number, parameters; procedure number,
sequence number, result, answer.
"""

import asyncio
from datetime import datetime
from itertools import count

import pytest
from scripted import FAST, ScriptedMeter, meter_on, table_data
from scripted_network import NetworkMeter, network_meter
from tables_by_hand import OK, full_read, opening, reads, table_41

from c1219_tables.errors import TableError
from c1222.errors import (
    LinkTimeout,
    LocalProtocolError,
    RemoteProtocolError,
    ServiceError,
    TransportError,
)
from c1222.link import LinkSettings
from c1222.session.channels.line import LineChannel
from c1222.session.client import Client
from c1222.session.faces.async_meter import AsyncMeter
from c1222.session.operations.procedures import sequence_numbers
from c1222.session.settings import Credentials, LineOptions
from c1222.transport.aio import AsyncMemory
from c1222.transport.memory import MemoryTransport

ISC, IAR, BSY = b"\x03", b"\x05", b"\x06"
SEQ = 0x2A
WRONG_PROCEDURE = "0B00 2A 00"

# Least significant octet first, binary clock fields (TM_FORMAT 2); table 7 takes 8 octets of parameters, table 8 has 12
# of answer; standard tables 0 1 3 4 7 8, procedures 3 4 9 10 16, the maker's procedure 5.
LITTLE = bytes.fromhex("02 0a 8a 54455354 02 00 08 0c 02 00 02 01 03 01 00 00  9b 01  00  18 06 01  20  00 00 00  00")
BIG = bytes([LITTLE[0] | 1]) + LITTLE[1:]


def write(octets):
    return b"\x40\x00\x07" + table_data(bytes.fromhex(octets))


def answer(octets):
    return OK + table_data(bytes.fromhex(octets))


def meter_of(writes, table_8, table_0=LITTLE, **more):
    """A meter that takes these writes of table 7, and answers these to reads of table 8 in turn."""
    script = opening() | reads({0: table_0}) | dict.fromkeys(map(write, writes), OK)
    script[full_read(8)] = [answer(octets) if isinstance(octets, str) else octets for octets in table_8]
    return ScriptedMeter(script, otherwise=IAR, **more)


def opened(side, **more):
    meter = meter_on(side, **more)
    meter.client.sequence_numbers = count(SEQ)
    return meter.open()


def sent(side):
    """Requests that write."""
    return [one for one in side.heard if 0x40 <= one[0] <= 0x4F]


# -- What goes out, and what comes back --------------------------------------------------------------------------------

CLOCK = {
    "set_mask": {"set_time_flag": True, "set_date_flag": True},
    "date_time": datetime(2026, 3, 4, 5, 6, 7),
    "time_date_qual": {"day_of_week": 3},
}
# 2026-03-04 05:06:07 in binary fields, a Wednesday; before, it was 05:06:00.
CLOCK_PARAMETERS = "03 1A0304050607 03"
CLOCK_ANSWER = "1A0304050600 1A0304050607"


@pytest.mark.parametrize(
    ("table_0", "octets", "table_8"),
    [
        pytest.param(LITTLE, "0A00 2A", "0A00 2A 00", id="least-significant-first"),
        pytest.param(BIG, "000A 2A", "000A 2A 00", id="most-significant-first"),
    ],
)
@pytest.mark.parametrize("name", [10, "10", "SP-10", "p-10", "set-date-time", "Set_Date_Time"])
def test_the_clock(table_0, octets, table_8, name):
    side = meter_of([octets + CLOCK_PARAMETERS], [table_8 + CLOCK_ANSWER], table_0)
    with opened(side) as meter:
        done = meter.procedure(name, **CLOCK)
    assert sent(side) == [write(octets + CLOCK_PARAMETERS)]
    assert done.resp_data["date_time_before"].value == datetime(2026, 3, 4, 5, 6, 0)
    assert done.resp_data["date_time_after"].value == datetime(2026, 3, 4, 5, 6, 7)
    assert (done.procedure.number, done.misfit) == (10, None)


@pytest.mark.parametrize(
    ("table_0", "octets", "table_8"),
    [(LITTLE, "0508 2A 0102", "0508 2A 00 FF"), (BIG, "0805 2A 0102", "0805 2A 00 FF")],
)
def test_a_makers_procedure_takes_and_gives_octets(table_0, octets, table_8):
    """MP-5 is 0805: bit 11 is the maker's (protocol.md 2.3)."""
    side = meter_of([octets], [table_8], table_0)
    with opened(side) as meter:
        assert meter.procedure("MP-5", b"\x01\x02").resp_data == b"\xff"
    assert sent(side) == [write(octets)]


@pytest.mark.parametrize("table_8", ["1000 2A 00", "1030 2A 00"], ids=["same", "another-selector"])
def test_no_parameters_and_no_answer(table_8):
    side = meter_of(["1000 2A"], [table_8])
    with opened(side) as meter:
        assert meter.procedure("start-load-profile").resp_data is None


def test_sequence_numbers_differ_within_a_session():
    side = meter_of(["1000 2A", "1000 2B"], ["1000 2A 00", "1000 2B 00"])
    with opened(side) as meter:
        meter.procedure(16)
        meter.procedure(16)
    assert sent(side) == [write("1000 2A"), write("1000 2B")]


def test_sequence_numbers_are_never_that_of_an_empty_table():
    numbers = sequence_numbers(254)
    assert [next(numbers) for _ in range(4)] == [254, 255, 1, 2]


def test_an_answer_that_does_not_fit_its_declaration():
    """Completed is completed: what it answered is shown as octets."""
    side = meter_of(["0A00 2A" + CLOCK_PARAMETERS], ["0A00 2A 00 1A03"])
    with opened(side) as meter:
        done = meter.procedure(10, **CLOCK)
    assert done.resp_data == b"\x1a\x03"
    assert done.misfit.table == 8


def test_asyncio_does_the_same():
    side = meter_of(["1000 2A"], ["1000 2A 01", "1000 2A 00"])

    async def talk():
        client = Client(LineChannel(LinkSettings()), LineOptions(), Credentials(), patience=FAST)
        client.sequence_numbers = count(SEQ)
        async with await AsyncMeter(AsyncMemory(MemoryTransport(side)), client).open() as meter:
            prepared = await meter.prepare_procedure("start-load-profile")
            assert prepared.octets == bytes.fromhex("1000 2A")
            return await meter.run_prepared(prepared)

    assert asyncio.run(talk()).procedure.number == 16
    assert sent(side) == [write("1000 2A")]


# -- Nothing is sent that cannot be right ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "words", "name", "octets", "parameters"),
    [
        (LocalProtocolError, r"table 0 .* does not list SP-11 .*it has SP-3 to 4, SP-9 to 10, SP-16", 11, None, {}),
        (LocalProtocolError, r"does not list MP-4 .*it has MP-5\); nothing was sent", "MP-4", b"", {}),
        (LocalProtocolError, "octets, or have names", 4, b"\1", {"list": 1}),
        (ValueError, "did you mean set-date-time", "set-date", None, {}),
        (ValueError, "no procedure has the number 5000", 5000, None, {}),
        (TableError, "list", 4, None, {}),
        (TableError, "list", 4, None, {"list": 256}),
        (TableError, "lost", 4, None, {"list": 1, "lost": 2}),
        (TableError, "no such bits", 9, None, {"action_flag": {"reset": 1}}),
        (TableError, "takes no parameters", 16, None, {"list": 1}),
        (TableError, "takes octets", "MP-5", None, {"list": 1}),
        (TableError, "at most 8", "MP-5", bytes(9), {}),
        (TableError, "zone", 10, None, CLOCK | {"date_time": "now"}),
    ],
)
def test_refused_before_anything_is_sent(error, words, name, octets, parameters):
    side = meter_of([], ["0000 00 00"])
    with opened(side) as meter, pytest.raises(error, match=words):
        meter.procedure(name, octets, **parameters)
    assert sent(side) == []


def test_without_table_0_nothing_is_sent():
    side = ScriptedMeter(opening(), otherwise=ISC)
    with opened(side) as meter, pytest.raises(ServiceError, match="full_read ST-0 was refused with isc"):
        meter.procedure(16)
    assert sent(side) == []


def test_a_password_is_in_no_repr():
    # It lists procedure 18 (bit 2 of the third octet), and takes 32 octets of parameters.
    side = meter_of([], ["0000 00 00"], LITTLE[:9] + b"\x20" + LITTLE[10:24] + b"\x05" + LITTLE[25:])
    with opened(side) as meter:
        prepared = meter.prepare_procedure("log-in", {"user_id": 1, "password": b"MARKER".ljust(20)})
        assert b"MARKER" in prepared.octets
        assert "MARKER" not in repr(prepared)
        with pytest.raises(TableError) as caught:
            meter.procedure("log-in", user_id=1, password=b"MARKER")
    assert "MARKER" not in str(caught.value)


# -- What the meter makes of it ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "code", "words"),
    [
        (2, "invalid-parameter", "a parameter is not valid"),
        (3, "conflict", "conflicts with the meter's set-up"),
        (4, "timing", "timing constraint"),
        (5, "no-authorization", "another user or a password"),
        (6, "unknown-procedure", "its table 0 lists it all the same"),
        (7, "result 7", "whether it was carried out is not known"),
    ],
)
def test_a_refusal_by_its_result(result, code, words):
    side = meter_of(["1000 2A"], [f"1000 2A {result:02X}"])
    with opened(side) as meter, pytest.raises(ServiceError, match=words) as caught:
        meter.procedure(16)
    assert (caught.value.code, caught.value.service) == (code, "SP-16 Start Load Profile")
    assert len(sent(side)) == 1


def test_a_write_that_is_refused_starts_nothing():
    side = meter_of([], ["1000 2A 00"])
    side.script[write("1000 2A")] = [ISC]
    with opened(side) as meter, pytest.raises(ServiceError, match="full_write ST-7 was refused with isc"):
        meter.procedure(16)
    assert full_read(8) not in side.heard


# Tables 0, 1, 7, 8, 41 and 44, of the procedures 16; table 44: table 7 is written by group 1, read by nobody.
RULED = bytes.fromhex(
    "02 0a 8a 54455354 02 00 08 0c 02 00 08 00 03 00 00 00  83 01 00 00 00 12 00 00  00 00 01"
) + bytes(8)
RULES = {0: RULED, 41: table_41(1), 44: bytes.fromhex("0700 00 02")}


def test_why_a_write_is_refused():
    side = ScriptedMeter(opening() | reads(RULES) | {write("1000 2A"): ISC}, otherwise=IAR)
    with opened(side) as meter, pytest.raises(ServiceError, match="table 44 lets group 1 write ST-7") as caught:
        meter.procedure(16)
    assert caught.value.code == "isc"


def test_a_busy_meter_is_asked_again():
    """bsy says that nothing was done."""
    side = meter_of(["1000 2A"], ["1000 2A 00"])
    side.script[write("1000 2A")] = [BSY, BSY, OK]
    with opened(side) as meter:
        meter.procedure(16)
    assert len(sent(side)) == 3


@pytest.mark.parametrize("times", [1, 5, 20])
@pytest.mark.parametrize("before", ["1000 2A 01", "1000 29 00", WRONG_PROCEDURE], ids=["at-work", "older", "another"])
def test_table_8_is_read_until_it_answers(before, times):
    """Twenty times more, half a second apart (C12A)."""
    side = meter_of(["1000 2A"], [*[before] * times, "1000 2A 00"])
    with opened(side) as meter:
        clock = meter._transport.clock
        start = clock()
        meter.procedure(16)
        waited = clock() - start
    assert side.heard.count(full_read(8)) == times + 1
    assert len(sent(side)) == 1
    assert times * 0.5 <= waited < times * 0.5 + 5


def test_a_procedure_that_is_never_completed():
    side = meter_of(["1000 2A"], ["1000 2A 01"])
    with opened(side) as meter, pytest.raises(LinkTimeout, match="accepted, and is not completed after 10 s"):
        meter.procedure(16)
    assert side.heard.count(full_read(8)) == 21
    assert len(sent(side)) == 1


@pytest.mark.parametrize(
    ("table_8", "said"),
    [
        ("1000 29 00", "SP-16 with sequence number 41, not SP-16 with 42"),
        ("0B08 2A 00", "MP-11 with sequence number 42"),
    ],
)
def test_table_8_that_answers_somebody_else_for_ever(table_8, said):
    side = meter_of(["1000 2A"], [table_8])
    with opened(side) as meter, pytest.raises(RemoteProtocolError, match=said) as caught:
        meter.procedure(16)
    assert "was started, and what came of it is not known" in str(caught.value)
    assert len(sent(side)) == 1


def test_table_8_with_a_wrong_checksum_is_read_again():
    broken = OK + b"\x00\x04" + bytes.fromhex("1000 2A 00") + b"\x00"
    side = meter_of(["1000 2A"], [broken, "1000 2A 00"])
    with opened(side) as meter:
        meter.procedure(16)
    side = meter_of(["1000 2A"], [broken])
    with opened(side) as meter, pytest.raises(RemoteProtocolError, match=r"what came of it is not known.*checksum"):
        meter.procedure(16)


@pytest.mark.parametrize("table_8", ["1000 2A", ""])
def test_table_8_that_is_cut(table_8):
    side = meter_of(["1000 2A"], [table_8])
    with opened(side) as meter, pytest.raises(TableError, match="what came of it is not known"):
        meter.procedure(16)


def test_table_8_that_is_refused():
    side = meter_of(["1000 2A"], [ISC])
    with (
        opened(side) as meter,
        pytest.raises(ServiceError, match="was started, and what came of it is not known") as caught,
    ):
        meter.procedure(16)
    assert caught.value.code == "isc"
    # Never in parts: a GE meter, and others, give table 8 whole or not at all.
    assert not [one for one in side.heard if one[0] == 0x3F]


# -- Never twice -------------------------------------------------------------------------------------------------------


class Lost:
    """Loses what the meter sends from the moment on that it has heard a write: so many octet runs, None for all."""

    def __init__(self, runs):
        self.runs = runs
        self.side = None

    def __call__(self, way, octets):
        if way != "in" or not sent(self.side) or self.runs == 0:
            return [(0.0, octets)]
        if self.runs is not None:
            self.runs -= 1
        return []


@pytest.mark.parametrize("runs", [1, 2])
def test_a_lost_answer_on_a_line(runs):
    """The link sends the packet again with the same toggle bit: the meter knows it and does not obey twice."""
    lost = Lost(runs)
    lost.side = side = meter_of(["1000 2A"], ["1000 2A 00"], link=LinkSettings())
    with opened(side, tamper=lost) as meter:
        meter.procedure(16)
    assert sent(side) == [write("1000 2A")]


def test_a_meter_that_falls_silent_on_a_line():
    lost = Lost(None)
    lost.side = side = meter_of(["1000 2A"], ["1000 2A 00"])
    meter = opened(side, tamper=lost)
    with pytest.raises(LinkTimeout, match="whether SP-16 Start Load Profile was carried out is not known"):
        meter.procedure(16)
    assert sent(side) == [write("1000 2A")]


def network(rule, **more):
    side = NetworkMeter(rule, **more)
    meter = network_meter(side)
    meter.client.sequence_numbers = count(SEQ)
    return side, meter


class Rule:
    """Services of a C12.22 meter that runs procedure 16. table_8: what it holds once it ran."""

    def __init__(self, table_8="1000 2A 00"):
        self.ran = 0
        self.table_8 = table_8

    def __call__(self, service):
        if service == full_read(0):
            return OK + table_data(LITTLE)
        if service == write("1000 2A"):
            self.ran += 1
            return OK
        if service == full_read(8):
            return answer(self.table_8 if self.ran else "0000 00 00")
        return IAR


def test_two_messages_on_a_network():
    rule = Rule()
    side, meter = network(rule)
    meter.procedure(16)
    assert rule.ran == 1
    assert side.heard[-2:] == [[write("1000 2A")], [full_read(8)]]


class NoAnswerToWrites:
    """Loses answers to messages that wrote."""

    def __init__(self):
        self.side = None

    def __call__(self, way, octets):
        wrote = self.side is not None and self.side.heard and self.side.heard[-1][0][0] == 0x40
        return [] if way == "in" and wrote else [(0.0, octets)]


@pytest.mark.parametrize("datagram", [False, True], ids=["tcp", "udp"])
@pytest.mark.parametrize("table_8", ["1000 2A 00", "1000 07 00"], ids=["it-ran", "nobody-knows"])
def test_table_8_tells_whether_it_ran(datagram, table_8):
    rule, lost = Rule(table_8), NoAnswerToWrites()
    lost.side = side = NetworkMeter(rule, datagram=datagram)
    meter = network_meter(side, tamper=lost)
    meter.client.sequence_numbers = count(SEQ)
    if table_8 == "1000 2A 00":
        meter.procedure(16)
    else:
        with pytest.raises(LinkTimeout, match=r"whether SP-16 .* is not known: full_write ST-7: no answer"):
            meter.procedure(16)
    assert rule.ran == 1


class Breaks(MemoryTransport):
    """A port that goes away as soon as the meter has heard a write."""

    def read(self, timeout):
        if sent(self.watched):
            raise TransportError("the port is gone")
        return super().read(timeout)


def test_a_port_that_goes_away():
    side = meter_of(["1000 2A"], ["1000 2A 00"])
    meter = meter_on(side)
    meter._transport.__class__ = Breaks
    meter._transport.watched = side
    meter.client.sequence_numbers = count(SEQ)
    meter.open()
    with pytest.raises(TransportError, match=r"whether SP-16 .* is not known: the port is gone"):
        meter.procedure(16)
