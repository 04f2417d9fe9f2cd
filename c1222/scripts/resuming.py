"""What is still to be done of an order, by its journal: nothing that was done, nothing of which nobody knows."""

from collections.abc import Iterable
from dataclasses import dataclass

from c1222.scripts.journal import Journal
from c1222.scripts.meters import PlannedMeter
from c1222.scripts.outcome import INTERRUPTED, Outcome
from c1222.scripts.steps import RunProcedure, Step

CONNECTION = 0
"""Number under which a journal keeps what came of reaching a meter."""


@dataclass(frozen=True, slots=True)
class Again:
    """What is tried again. failed: what failed, and of what is in doubt the writes, which are looked at before.

    doubtful: procedures that may have been carried out already.
    """

    failed: bool = False
    doubtful: bool = False


def prepare(meters: Iterable[PlannedMeter], journal: Journal, again: Again) -> None:
    """Bring a resumed journal into a state from which it goes on.

    A procedure that was begun and not told as done is told as in doubt, unless it may be carried out twice.
    """
    for meter in meters:
        retried = False
        for step in meter.steps:
            place = (meter.name, step.number)
            if place in journal.begun and _may_not_run_twice(step) and not again.doubtful:
                said = "it was begun, and whether it was carried out is not known: the program was interrupted"
                journal.tell_done(*place, Outcome("in doubt", said, INTERRUPTED))
            outcome = journal.done.get(place)
            if outcome is not None and not outcome.is_fine and _is_tried_again(step, outcome, again):
                del journal.done[place]
                retried = True
        if retried or again.failed:
            connection = journal.done.get((meter.name, CONNECTION))
            if connection is not None and not connection.is_fine:
                journal.tell_done(meter.name, CONNECTION, Outcome("ok", "it is tried again"))


def _may_not_run_twice(step: Step) -> bool:
    return isinstance(step, RunProcedure) and not step.is_repeatable


def _is_tried_again(step: Step, outcome: Outcome, again: Again) -> bool:
    if outcome.result == "in doubt" and _may_not_run_twice(step):
        return again.doubtful
    return again.failed


def is_stopped(meter: PlannedMeter, journal: Journal) -> bool:
    """Whether a meter is left as it is: it could not be reached, or failed where its policy is to stop."""
    outcomes = [(step.on_failure, journal.done.get((meter.name, step.number))) for step in meter.steps]
    connection = journal.done.get((meter.name, CONNECTION))
    if connection is not None and not connection.is_fine:
        return True
    return any(outcome is not None and not outcome.is_fine and policy == "stop" for policy, outcome in outcomes)


def to_do(meter: PlannedMeter, journal: Journal) -> list[Step]:
    """The steps that are still to be taken, in their order; none where the meter is stopped."""
    if is_stopped(meter, journal):
        return []
    return [step for step in meter.steps if (meter.name, step.number) not in journal.done]
