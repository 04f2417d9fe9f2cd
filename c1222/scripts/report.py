"""What came of an order: each meter with each of its steps, the same after one run as after many."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from c1222.scripts.journal import Journal
from c1222.scripts.meters import PlannedMeter
from c1222.scripts.order import Order
from c1222.scripts.outcome import Outcome
from c1222.scripts.resuming import CONNECTION
from c1222.scripts.steps import Step

SCHEMA_VERSION = 1
Verdict = Literal["done", "failed", "in doubt", "not done"]
VERDICTS: tuple[Verdict, ...] = ("done", "failed", "in doubt", "not done")


@dataclass(frozen=True, slots=True)
class StepReport:
    """outcome: None for a step that was not taken."""

    step: Step
    outcome: Outcome | None

    @property
    def result(self) -> str:
        return "not done" if self.outcome is None else self.outcome.result


@dataclass(frozen=True, slots=True)
class MeterReport:
    """connection: what came of reaching it; None where nothing is to be said of that."""

    meter: PlannedMeter
    connection: Outcome | None
    steps: tuple[StepReport, ...]

    @property
    def verdict(self) -> Verdict:
        if any(each.result == "in doubt" for each in self.steps):
            return "in doubt"
        if self.first_problem is not None:
            return "failed"
        return "not done" if any(each.outcome is None for each in self.steps) else "done"

    @property
    def first_problem(self) -> Outcome | None:
        """What went wrong first; None where nothing did."""
        outcomes = [*(each.outcome for each in self.steps), self.connection]
        return next((outcome for outcome in outcomes if outcome is not None and not outcome.is_fine), None)

    @property
    def first_trouble(self) -> StepReport | None:
        """The first step that failed, or is in doubt; None where none is, as where the meter was not reached."""
        return next((each for each in self.steps if each.outcome is not None and not each.outcome.is_fine), None)


@dataclass(frozen=True, slots=True)
class Report:
    order: Order
    meters: tuple[MeterReport, ...]

    @classmethod
    def of(cls, order: Order, journal: Journal) -> "Report":
        return cls(
            order,
            tuple(
                MeterReport(
                    meter,
                    journal.done.get((meter.name, CONNECTION)),
                    tuple(StepReport(step, journal.done.get((meter.name, step.number))) for step in meter.steps),
                )
                for meter in order.meters
            ),
        )

    def counted(self) -> dict[Verdict, int]:
        """Meters by their verdict."""
        return {verdict: sum(meter.verdict == verdict for meter in self.meters) for verdict in VERDICTS}

    @property
    def summary(self) -> str:
        """`50 meters: 45 done, 5 failed`."""
        counted = ", ".join(f"{count} {verdict}" for verdict, count in self.counted().items() if count)
        return f"{len(self.meters)} meter{'' if len(self.meters) == 1 else 's'}: {counted}"

    def kinds(self) -> set[str]:
        """Kind of failure of each meter that is not done, see outcome.KINDS; "" for one that was not begun."""
        problems = (meter.first_problem for meter in self.meters if meter.verdict != "done")
        return {"" if problem is None else problem.kind for problem in problems}


def records(report: Report) -> Iterator[dict[str, Any]]:
    """The report for programs: the order, then each step of each meter, as docs/plans.md has them."""
    order = report.order
    yield {
        "type": "order",
        "schema_version": SCHEMA_VERSION,
        "title": order.title,
        "reference": order.reference,
        "plan": order.digest,
        "meters": len(report.meters),
        **{verdict.replace(" ", "_"): count for verdict, count in report.counted().items()},
    }
    for each in report.meters:
        problem = each.connection if each.connection is not None and not each.connection.is_fine else None
        yield {
            "type": "meter",
            "meter": each.meter.name,
            "target": each.meter.target,
            "verdict": each.verdict,
            "kind": None if each.first_problem is None else each.first_problem.kind,
            "connection": None if problem is None else problem.said,
        }
        for taken in each.steps:
            outcome = taken.outcome
            yield {
                "type": "step",
                "meter": each.meter.name,
                "step": taken.step.number,
                "note": taken.step.note,
                "words": taken.step.words,
                "result": taken.result,
                "said": None if outcome is None else outcome.said,
                "kind": None if outcome is None or not outcome.kind else outcome.kind,
                "data": None if outcome is None else outcome.data,
            }
