"""Fifty simulated meters on loopback; each counts in a memory of its own what is done to it, and five of them fail."""

import asyncio
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Thread

from c1219_tables.changes import changed
from c1219_tables.table import MANUFACTURER
from c1222.meter.simulated import SimulatedMeter
from c1222.transport.listen import listen_tcp

SOON = 20.0
NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
SERIAL = slice(16, 32)
"""Where table 1 of the simulated meter has its serial number: 4 + 8 + 4 octets stand before it."""
FAILING = {7: "password", 17: "no table", 27: "refuses", 37: "dead", 47: "dies"}
"""Which of the fifty fail, and how."""


def tables_of_a_meter():
    """Octets of what a simulated meter has, as of noon."""
    image = SimulatedMeter(clock="2026-02-01T12:00:00Z").device.tables.image
    return {number: image.read(number, NOON) for number in image.numbers() - {7, 42, 64}}


class CountingImage:
    """Tables as octets. writes, ran: what was done to them, in order. how: what is wrong with it, "" for nothing.

    on_write: called when a write was taken and is not answered yet.
    """

    def __init__(self, tables, how="", on_write=None):
        self.tables = dict(tables)
        self.how = how
        self.writes = []
        self.ran = []
        self.is_dead = False
        self.on_write = on_write
        if how == "no table":
            del self.tables[6]
            self.tables[0] = without_table_6(tables[0])

    def numbers(self):
        return frozenset(self.tables) | {7}

    def read(self, number, at):
        return self.tables[number]

    def write(self, number, octets, at):
        if self.how == "refuses":
            raise PermissionError(number)
        self.tables[number] = octets
        self.writes.append(number)
        if self.on_write is not None:
            self.on_write()
        if self.how == "dies":
            self.is_dead = True
            raise RuntimeError("the meter is struck by lightning")

    def run(self, procedure, parameters, at):
        self.ran.append(procedure)
        return 0, parameters if procedure % MANUFACTURER == 9 else b""


def without_table_6(octets):
    from c1219_tables.registry import STANDARD

    return STANDARD.table(0).encode(changed(STANDARD.table(0).decode(octets), {"std_tbls_used[6]": False}))


class Fleet:
    """images: by number, 1 to 50. labels: `tcp://127.0.0.1:40001`."""

    def __init__(self):
        self.images = {}
        self.labels = {}

    def writes(self, number):
        return len(self.images[number].writes)


@contextmanager
def fleet(count=50, failing=FAILING, on_write=None):
    """Meters that serve until the end of the block."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    made, listeners, tables = Fleet(), [], tables_of_a_meter()

    def accept_for(image):
        meter = SimulatedMeter(image=image, clock="2026-02-01T12:00:00Z")

        def accept(peer):
            if image.is_dead:
                raise RuntimeError("the meter is dead")
            return meter.network()

        return accept

    async def listen(number):
        own = {**tables, 1: tables[1][: SERIAL.start] + b"%016d" % number + tables[1][SERIAL.stop :]}
        made.images[number] = CountingImage(own, failing.get(number, ""), on_write)
        listener = await listen_tcp("127.0.0.1", 0, accept_for(made.images[number]))
        made.labels[number] = listener.label
        if failing.get(number) == "dead":
            await listener.close()
        else:
            listeners.append(listener)

    async def listen_to_all():
        for number in range(1, count + 1):
            await listen(number)

    async def close():
        for listener in listeners:
            await listener.close()

    try:
        asyncio.run_coroutine_threadsafe(listen_to_all(), loop).result(SOON)
        try:
            yield made
        finally:
            asyncio.run_coroutine_threadsafe(close(), loop).result(SOON)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(SOON)
        loop.close()


def write_list(path, made):
    """A list of the meters, one a line, with what differs between them."""
    lines = ["name,address,owner,password,serial"]
    for number, label in made.labels.items():
        password = "WRONG" if made.images[number].how == "password" else "RIGHT"
        address = label.removeprefix("tcp://")
        lines.append(f"depot-{number:02},{address},OWNER {number:02},{password},{number:016}")
    path.write_text("\n".join(lines) + "\n")


ORDER = """
[order]
title = "New owner at the depot"
reference = "WO-2026-114"

[meters]
list = "depot.csv"
name = "{name}"
target = "tcp://{address}?called=.123.8437&session=yes"
user = "ENGINEER"
user_id = 2
password = "env:DEPOT_{password}"
confirm = "{serial}"
"""
EXPECT = """
[[step]]
expect = "1.manufacturer"
is = "SIM"
"""
TWO_WRITES = """
[[step]]
write = "6.owner_name"
to = "{owner}"

[[step]]
write = "6.misc_id"
to = "DEPOT"

[[step]]
read = "6.owner_name"
"""
RESET = """
[[step]]
procedure = "remote-reset"
with = { action_flag = ["demand_reset_flag"] }
"""
PASSWORDS = {"DEPOT_RIGHT": "ENGINEER", "DEPOT_WRONG": "NOBODY"}
