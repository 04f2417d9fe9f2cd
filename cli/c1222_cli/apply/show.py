"""An order on paper: before it is carried out, and what came of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from c1222_cli.counted import counted
from c1222_cli.report import Paper
from c1222_cli.talk import clean

if TYPE_CHECKING:
    from c1222.scripts.order import Order
    from c1222.scripts.report import MeterReport, Report

MOST_NAMES = 8
_COLOURS = {"done": "green", "failed": "red", "in doubt": "yellow", "not done": "yellow"}


def draw_summary(paper: Paper, order: "Order") -> None:
    """How many meters, which steps, which of them are dangerous."""
    reference = f" ({order.reference})" if order.reference else ""
    paper.line(paper.bold(clean(f"{order.title}{reference}")))
    names = [meter.name for meter in order.meters]
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    paper.line(clean(f"  {counted(len(names), 'meter')}: {', '.join(names[:MOST_NAMES])}{more}"))
    for number, words in _steps(order):
        paper.line(clean(f"  {number:>3}  {words}"))
    for words, danger in order.dangers.items():
        paper.line(paper.paint(clean(f"  DANGER: {words}: {danger}"), "red"))


def _steps(order: "Order") -> Sequence[tuple[int, str]]:
    """The steps as the first meter has them: they differ in values alone."""
    steps = order.meters[0].steps
    return [(step.number, f"{step.words}{f'  ({step.note})' if step.note else ''}") for step in steps]


def draw_dry_run(paper: Paper, order: "Order") -> None:
    """All that would be done, meter by meter."""
    from c1222.scripts.preview import services

    draw_summary(paper, order)
    for meter in order.meters:
        paper.line()
        paper.line(paper.bold(clean(meter.name)) + clean(f"  {meter.target}"))
        for step in meter.steps:
            note = f"  ({step.note})" if step.note else ""
            paper.line(clean(f"  {step.number:>3}  {step.words}{note}"))
            for line in services(step):
                paper.line(paper.faint(clean(f"       {line}")))


def draw_report(paper: Paper, report: "Report") -> None:
    """A line a meter, with what went wrong first; then the sum."""
    width = max(len(clean(each.meter.name)) for each in report.meters)
    for each in report.meters:
        verdict = paper.paint(f"{each.verdict:<8}", _COLOURS[each.verdict])
        paper.line(f"{clean(each.meter.name):<{width}}  {verdict}  {clean(_line(each))}".rstrip())
    paper.line()
    paper.line(paper.bold(report.summary))


def _line(each: "MeterReport") -> str:
    """`4 steps`, or `step 3 of 4: the clock is 90 s behind the time here ...`."""
    trouble, problem = each.first_trouble, each.first_problem
    if trouble is not None and trouble.outcome is not None:
        return f"step {trouble.step.number} of {len(each.steps)}, {trouble.step.words}: {trouble.outcome.said}"
    if problem is not None:
        return problem.said
    taken = sum(step.outcome is not None for step in each.steps)
    already = sum(step.result == "already" for step in each.steps)
    words = counted(taken, "step") if taken == len(each.steps) else f"{taken} of {counted(len(each.steps), 'step')}"
    return f"{words}{f', {already} found as wanted' if already else ''}"
