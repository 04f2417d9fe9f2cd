"""Orders carried out on simulated meters in this process, on clocks that jump: nothing waits."""

from datetime import UTC, datetime

from orders import order

from c1222.scripts.aio_run import carry_out
from c1222.scripts.journal import Journal
from c1222.scripts.meters import PlannedMeter
from c1222.scripts.report import Report
from c1222.session.channels.line import LineChannel
from c1222.session.client import Client
from c1222.session.faces.async_meter import AsyncMeter
from c1222.session.settings import Credentials, LineOptions, Patience
from c1222.transport.aio import AsyncMemory
from c1222.transport.memory import MemoryTransport

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
PATIENCE = Patience(busy_tries=1, procedure_tries=1)


def noon():
    return NOON


def on(meters):
    """A way to reach simulated meters that the test holds: name -> meter."""

    async def connect(planned: PlannedMeter) -> AsyncMeter:
        transport = AsyncMemory(MemoryTransport(meters[planned.name].optical(), label="line"))
        who = Credentials("ENGINEER", 2, planned.way.who.password)
        client = Client(LineChannel(LineOptions().link), LineOptions(), who, patience=PATIENCE)
        return await AsyncMeter(transport, client).open()

    return connect


def run(folder, text, connect=None, *, resume=False, again=None, **more):
    """The report of an order that is carried out, or gone on with."""
    from c1222.scripts.resuming import Again, prepare

    found = order(folder, text)
    path = folder / "journal.jsonl"
    opened = (
        Journal.resume(path, plan=found.digest, now=noon)
        if resume
        else Journal.begin(path, order=found.title, plan=found.digest, now=noon)
    )
    with opened as journal:
        if resume:
            prepare(found.meters, journal, again or Again())
        carry_out(found, journal, connect=connect, now=more.pop("now", noon), **more)
        return Report.of(found, journal)


def results(report, number=0):
    return [taken.result for taken in report.meters[number].steps]


def said(report, step, number=0):
    return report.meters[number].steps[step - 1].outcome.said
