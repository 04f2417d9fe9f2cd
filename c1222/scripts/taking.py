"""The steps themselves: one is taken, and what came of it is told."""

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from c1219_tables.changes import octets_of
from c1219_tables.errors import C12Error, TableError
from c1219_tables.readings.clocks.clock import meter_zone
from c1219_tables.readings.clocks.clock_setting import clock_setting
from c1219_tables.rules import Rules
from c1219_tables.table import DecodedTable
from c1222.errors import LocalProtocolError, SecurityError, ServiceError, VerifyError
from c1222.scripts.expectations import is_met, wanted_in_words
from c1222.scripts.journal import Journal, Now
from c1222.scripts.meters import PlannedMeter
from c1222.scripts.outcome import DIFFERS, Outcome
from c1222.scripts.parameters import DATE_TIME
from c1222.scripts.steps import Expect, ExpectClock, Read, RunProcedure, Step, Wait, Write
from c1222.scripts.values import value_at
from c1222.session.channels.channel import Pause
from c1222.session.conversation import Operation
from c1222.session.faces.async_meter import AsyncMeter
from c1222.session.operations.procedures import RESPONSE, done_otherwise
from c1222.session.operations.write_plan import WritePlan
from c1222.session.operations.writing import WriteProgress
from c1222.settings.backups import Backup, Identity, keep_backup
from c1222.settings.private_files import make_private_folder

CLOCK_TABLES = (0, 51, 52, 53, 54)
WAIT_AT_MOST = 250
"""Seconds that one Wait service keeps a session."""


class InDoubt(Exception):
    """An error after which nobody knows whether the meter was changed. cause: it."""

    def __init__(self, cause: C12Error) -> None:
        super().__init__()
        self.cause = cause


@dataclass
class Taking:
    """planned: whose steps. meter: its session. now: the time here, aware."""

    planned: PlannedMeter
    meter: AsyncMeter
    journal: Journal
    now: Now

    async def could_be_taken(self, step: Step) -> None:
        """Whether a change could be made; only reads. Raises C12Error, ValueError where it could not."""
        if isinstance(step, Write):
            await self.meter.plan_write(step.table, step.values, offset=step.offset, ignore=step.ignore)
        elif isinstance(step, RunProcedure):
            await self.meter.prepare_procedure(step.known.number, await self._parameters(step))

    async def taken(self, step: Step) -> Outcome:
        """Take a step. Raises C12Error, ValueError where it fails; InDoubt."""
        if isinstance(step, Read):
            return await self._read(step)
        if isinstance(step, Write):
            return await self._write(step)
        if isinstance(step, RunProcedure):
            return await self._run(step)
        if isinstance(step, Expect):
            return await self._expect(step)
        if isinstance(step, ExpectClock):
            return await self._expect_clock(step)
        assert isinstance(step, Wait)
        return await self._wait(step)

    async def _read(self, step: Read) -> Outcome:
        tables: dict[int, DecodedTable] = {}
        data: dict[str, Any] = {}
        for place in step.fields:
            if place.table not in tables:
                tables[place.table] = await self.meter.read(place.table)
            data[str(place)] = value_at(tables[place.table], place.path)
        return Outcome("ok", f"read {', '.join(data)}", data=data)

    async def _write(self, step: Write) -> Outcome:
        progress = WriteProgress()
        plan = await self.meter.plan_write(step.table, step.values, offset=step.offset, ignore=step.ignore)
        if not plan.writes:
            return Outcome("already", f"{plan.label} is so already; nothing was sent")
        try:
            written = await self.meter.carry_out(
                plan, progress=progress, before_sending=lambda now: self._begin_write(step, now)
            )
        except C12Error as exc:
            if progress.is_in_doubt and not isinstance(exc, VerifyError):
                raise InDoubt(exc) from exc
            raise
        changes = [{"field": change.path, "old": change.old, "new": change.new} for change in written.differences]
        said = ", ".join(change.path or "octets" for change in written.differences)
        return Outcome("ok", f"{plan.label}: {said} written and read back", data=changes)

    def _begin_write(self, step: Write, plan: WritePlan) -> None:
        """Keep what is there, then tell the journal."""
        who = Identity.of(self.meter.tables)
        backup = Backup({plan.table: octets_of(plan.before)}, self.now(), who, self.planned.target)
        path = keep_backup(backup, self._backup_path(step))
        self.journal.tell_begun(self.planned.name, step.number, table=plan.table, backup=str(path))

    def _backup_path(self, step: Step) -> Path:
        """A new file: what an earlier try kept stays."""
        folder = self.journal.path.with_suffix(".backups")
        make_private_folder(folder)
        name = re.sub(r"[^A-Za-z0-9.-]+", "_", self.planned.name)[:60]
        stem = f"{self.planned.number:04}-{name}-step-{step.number}"
        number, path = 1, folder / f"{stem}.json"
        while path.exists():
            number += 1
            path = folder / f"{stem}-{number}.json"
        return path

    async def _run(self, step: RunProcedure) -> Outcome:
        parameters = await self._parameters(step)
        prepared = await self.meter.prepare_procedure(step.known.number, parameters)
        self.journal.tell_begun(self.planned.name, step.number, procedure=step.known.number)
        try:
            done = await self.meter.run_prepared(prepared)
        except C12Error as exc:
            if _may_have_run(exc):
                raise InDoubt(exc) from exc
            raise
        if problem := done_otherwise(prepared, done, self.meter.tables.params()):
            return Outcome("failed", problem, DIFFERS, done.resp_data)
        return Outcome("ok", f"{prepared.name} completed", data=done.resp_data)

    async def _parameters(self, step: RunProcedure) -> Any:
        """Parameters as they go out now. Raises ValueError where the meter's clock is not understood."""
        if not step.sets_clock:
            return step.parameters
        await self.meter.read_many(CLOCK_TABLES)
        time = self.now() if step.set_to is None else step.set_to
        tables = self.meter.tables
        found = clock_setting(tables, time, tz=step.zone, rules=Rules.of(tables.dialect))
        assert isinstance(step.parameters, dict)
        said = step.parameters.get("time_date_qual") or {}
        return {**step.parameters, DATE_TIME: found.date_time, "time_date_qual": {**found.time_date_qual, **said}}

    async def _expect(self, step: Expect) -> Outcome:
        found = value_at(await self.meter.read(step.field.table), step.field.path)
        if is_met(step, found):
            return Outcome("ok", f"{step.field} is as expected", data={"found": found})
        said = f"{step.field} is {_shown(found)}, expected was {wanted_in_words(step)}"
        return Outcome("failed", said, DIFFERS, {"found": found})

    async def _expect_clock(self, step: ExpectClock) -> Outcome:
        read = {each.number: each for each in await self.meter.read_many(CLOCK_TABLES)}
        here = self.now()
        table = read[52].table
        if table is None:
            assert read[52].error is not None
            raise read[52].error
        zone = meter_zone(self.meter.tables, tz=step.zone, rules=Rules.of(self.meter.tables.dialect))
        shown = zone.of(table["clock_calendar"], table["time_date_qual"]["dst_flag"])
        if shown is None:
            raise TableError("the clock shows no time", table=52, layout="ST-52", field="clock_calendar")
        if shown.utc is None:
            raise ValueError(f'the clock shows {shown.shown}, and no table says in which zone (timezone = "..." does)')
        ahead = (shown.utc - here).total_seconds()
        data = {"found": shown.utc.isoformat(), "here": here.isoformat(), "ahead": round(ahead, 1)}
        way = "ahead of" if ahead > 0 else "behind"
        said = f"the clock is {abs(ahead):.0f} s {way} the time here"
        if abs(ahead) <= step.within:
            return Outcome("ok", said, data=data)
        return Outcome("failed", f"{said}, expected was at most {step.within:g} s", DIFFERS, data)

    async def _wait(self, step: Wait) -> Outcome:
        left = step.seconds
        while left:
            now = min(left, WAIT_AT_MOST)
            # A meter without this service, or without a session, need not be told.
            with suppress(ServiceError, LocalProtocolError):
                await self.meter.wait(min(now + 5, 255))
            await self.meter.run(_pause(now))
            left -= now
        return Outcome("ok", f"waited {step.seconds} s")


def _pause(seconds: int) -> Operation[None]:
    yield Pause(seconds)


def _may_have_run(error: C12Error) -> bool:
    """Whether a procedure may have been carried out, though it ended with an error."""
    if isinstance(error, ServiceError):
        # Refused when it was to be started, or by a result that says that it was not; not so where table 8 could not be
        # read, or answered with a result that nobody named.
        return error.table == RESPONSE or error.code.startswith("result ")
    if isinstance(error, LocalProtocolError):
        return False
    return not (isinstance(error, SecurityError) and error.reason == "no-key")


def _shown(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return repr(value.strip(" \x00")) if isinstance(value, str) else str(value)
