"""One meter of an order: reached, looked over, its steps taken one after the other."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from c1219_tables.errors import C12Error
from c1222.errors import LocalProtocolError
from c1222.scripts.journal import Journal, Now
from c1222.scripts.meters import PlannedMeter
from c1222.scripts.outcome import Outcome, ends_session, failure
from c1222.scripts.resuming import CONNECTION, to_do
from c1222.scripts.steps import Field, Step
from c1222.scripts.taking import InDoubt, Taking
from c1222.session.faces.async_meter import AsyncMeter

Connect = Callable[[PlannedMeter], Awaitable[AsyncMeter]]
Watch = Callable[[PlannedMeter, Step | None, Outcome], None]
"""Hears what came of each step as it comes; None for the connection."""

SERIAL_NUMBERS = (Field(1, "mfg_serial_number"), Field(5, "identification"))
"""The two names of a meter: its maker's, and the utility's."""


class NotForThisMeter(LocalProtocolError):
    """The order cannot be carried out on the meter that is connected: nothing of it is changed."""


@dataclass
class MeterRun:
    """planned: the meter and its steps. now: the time here, aware."""

    planned: PlannedMeter
    journal: Journal
    now: Now
    watch: Watch | None = None

    async def carry_out(self, connect: Connect) -> None:
        """All that is still to be done with this meter. Raises only what is wrong with the journal."""
        steps = to_do(self.planned, self.journal)
        if not steps:
            return
        try:
            meter = await connect(self.planned)
        except Exception as exc:  # noqa: BLE001 - what is wrong with one meter must not end the others
            self._tell(None, failure(exc))
            return
        try:
            await self._take(meter, steps)
        finally:
            with suppress(C12Error):  # what is done is done, however the line ends
                await meter.close()

    async def _take(self, meter: AsyncMeter, steps: list[Step]) -> None:
        taking = Taking(self.planned, meter, self.journal, self.now)
        is_looked_over = False
        for number, step in enumerate(steps):
            try:
                if step.changes and not is_looked_over:
                    await self._look_over(taking, steps[number:])
                    is_looked_over = True
                outcome, ends = await taking.taken(step), False
            except InDoubt as doubt:
                outcome, ends = failure(doubt.cause, in_doubt=True), ends_session(doubt.cause)
            except (C12Error, ValueError) as exc:
                self._raise_for_the_journal(exc)
                outcome, ends = failure(exc), ends_session(exc) or isinstance(exc, NotForThisMeter)
            except Exception as exc:  # noqa: BLE001 - a fault of this program: the other meters go on
                is_begun = (self.planned.name, step.number) in self.journal.begun
                outcome, ends = failure(exc, in_doubt=is_begun), True
            self._tell(step, outcome)
            if not outcome.is_fine and step.on_failure == "stop":
                return
            if ends:
                if number + 1 < len(steps):
                    self._tell(None, Outcome("failed", f"it ended with step {step.number}", outcome.kind))
                return

    def _raise_for_the_journal(self, error: BaseException) -> None:
        """A journal that cannot be kept is no failure of the meter: everything stops."""
        if self.journal.error is not None:
            raise self.journal.error from error

    def _tell(self, step: Step | None, outcome: Outcome) -> None:
        self.journal.tell_done(self.planned.name, CONNECTION if step is None else step.number, outcome)
        if self.watch is not None:
            self.watch(self.planned, step, outcome)

    async def _look_over(self, taking: Taking, steps: list[Step]) -> None:
        """Before the first change: is it the meter that is meant, and can all the changes be made? Reads only."""
        await self._identify(taking.meter)
        for step in steps[1:]:  # the first is looked at when it is taken, which is now
            if step.changes and step.on_failure == "stop":
                try:
                    await taking.could_be_taken(step)
                except (C12Error, ValueError) as exc:
                    if ends_session(exc):
                        raise
                    raise NotForThisMeter(
                        f"nothing was changed, because step {step.number} cannot be done: {exc}"
                    ) from exc

    async def _identify(self, meter: AsyncMeter) -> None:
        """Have the tables that say who the meter is. Raises NotForThisMeter where the order means another one."""
        found = []
        for place, read in zip(
            SERIAL_NUMBERS, await meter.read_many(each.table for each in SERIAL_NUMBERS), strict=True
        ):
            if read.table is not None:
                value = read.table[place.path]
                found.append((value.hex() if isinstance(value, bytes) else str(value)).strip(" \x00"))
        if self.planned.confirm and self.planned.confirm not in found:
            has = ", ".join(filter(None, found)) or "none that it tells"
            wanted = self.planned.confirm
            raise NotForThisMeter(f"the meter has another serial number than {wanted} ({has}); nothing was changed")
