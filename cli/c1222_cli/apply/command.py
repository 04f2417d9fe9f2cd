"""The command `c1222 apply`: a plan for one or many meters, carried out."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from c1222_cli.consent import NOTHING_SENT, NotStarted
from c1222_cli.failure import DIFFERS, INTERRUPTED, LINK, MISFIT, PART, REFUSED, SECURITY, TIMEOUT, UNEXPECTED, USAGE
from c1222_cli.keys import ask_unseen
from c1222_cli.known import registry_of, schema_option
from c1222_cli.talk import can_ask, is_quiet, is_terminal, is_verbose, say, terminal_width, verbosity_options
from c1222_cli.target_files import files_of

if TYPE_CHECKING:
    from c1222.scripts.journal import Journal
    from c1222.scripts.meters import PlannedMeter
    from c1222.scripts.order import Order
    from c1222.scripts.outcome import Outcome
    from c1222.scripts.report import Report
    from c1222.scripts.steps import Step

CODES = {
    "usage": USAGE,
    "refused": REFUSED,
    "security": SECURITY,
    "timeout": TIMEOUT,
    "link": LINK,
    "interrupted": LINK,
    "misfit": MISFIT,
    "differs": DIFFERS,
    "unexpected": UNEXPECTED,
}
"""The exit code of each kind of failure."""

EPILOG = """
All steps for all meters are checked before the first octet is sent. What was done is kept in a journal beside the plan
(PLAN.journal.jsonl) as it is done, and what tables held before they were written beside that, for c1222 restore. After
an interruption, however hard, --resume takes up the rest: nothing is done twice. The plan's language: docs/plans.md.

\b
Exit codes: 0 all is done; 9 part of several meters is not; otherwise what the
meters have in common: 2 it cannot work, 3 refused, 4 security, 5 timeout,
6 link, 7 data do not fit, 8 not as expected or read back otherwise.

\b
Examples:
  c1222 apply owner.toml --dry-run
  c1222 apply owner.toml --jobs 16 --report owner.xml
  c1222 apply owner.toml --resume --yes
"""

_FILE = click.Path(path_type=Path)


@click.command(epilog=EPILOG)
@click.argument("plan", type=_FILE)
@click.option("--dry-run", is_flag=True, help="Show what would be done; no meter is connected.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--confirm-dangerous", is_flag=True, help="Take dangerous steps also where no serial number is named.")
@click.option(
    "--jobs", metavar="N", type=click.IntRange(1, 1000), default=8, show_default=True, help="Meters at a time."
)
@click.option("--journal", metavar="FILE", type=_FILE, help="Where it is kept what was done.")
@click.option("--resume", is_flag=True, help="Go on where the journal ends.")
@click.option("--retry-failed", is_flag=True, help="With --resume: try again what failed.")
@click.option(
    "--repeat-doubtful",
    is_flag=True,
    help="With --resume: start procedures again of which nobody knows whether they were carried out.",
)
@click.option(
    "--report",
    "reports",
    metavar="FILE",
    type=_FILE,
    multiple=True,
    help="Also keep the report: .jsonl, or .xml for build servers (JUnit). Repeatable.",
)
@schema_option
@verbosity_options
@click.pass_context
def apply(
    ctx: click.Context,
    plan: Path,
    dry_run: bool,
    yes: bool,
    confirm_dangerous: bool,
    jobs: int,
    journal: Path | None,
    resume: bool,
    retry_failed: bool,
    repeat_doubtful: bool,
    reports: tuple[Path, ...],
    schema: tuple[Path, ...],
) -> None:
    """Carry out PLAN: reads, writes, procedures and expectations for one or many meters."""
    from c1222.scripts.aio_run import carry_out
    from c1222.scripts.journal import must_be_new
    from c1222.scripts.report import Report
    from c1222_cli.apply.show import draw_dry_run, draw_report
    from c1222_cli.report import write

    if (retry_failed or repeat_doubtful) and not resume:
        raise click.UsageError("--retry-failed and --repeat-doubtful go with --resume")
    path = journal or plan.with_suffix(".journal.jsonl")
    inputs = (plan, path, *schema)
    _check_reports(reports, inputs)
    order = _order(ctx, plan, schema)
    inputs += tuple(file for meter in order.meters for file in files_of(meter.way.target))
    _check_reports(reports, inputs)
    if dry_run:
        write(None, lambda paper: draw_dry_run(paper, order), (plan,))
        say(NOTHING_SENT)
        return
    if not resume:
        must_be_new(path)
    _tell_simulated(order)
    _agree(ctx, order, yes=yes, confirm_dangerous=confirm_dangerous)
    with _journal(path, order, resume=resume) as kept:
        if resume:
            from c1222.scripts.resuming import Again, prepare

            prepare(order.meters, kept, Again(retry_failed, repeat_doubtful))
        try:
            carry_out(order, kept, jobs=jobs, watch=None if is_quiet(ctx) else _watch(ctx, order))
        except KeyboardInterrupt:
            say(f"interrupted; --resume goes on where {path} ends")
            raise
        finally:
            report = Report.of(order, kept)
            unkept = _keep_all(report, reports, inputs)
    write(None, lambda paper: draw_report(paper, report), (plan, path))
    ctx.exit(_code(report) or (UNEXPECTED if unkept else 0))


def _order(ctx: click.Context, plan: Path, schema: tuple[Path, ...]) -> "Order":
    """The order of a plan; all that is wrong with it is told, a line each."""
    from c1222.scripts.order import read_order
    from c1222.scripts.problems import PlanError

    try:
        return read_order(plan, ask=ask_unseen if can_ask() else None, registry=registry_of(schema))
    except PlanError as exc:
        for problem in exc.problems:
            say(f"Error: {problem}")
        say(NOTHING_SENT)
        ctx.exit(USAGE)


def _tell_simulated(order: "Order") -> None:
    simulated = sum(meter.way.is_simulated for meter in order.meters)
    if simulated:
        say("simulated meter" if len(order.meters) == 1 else f"{simulated} of {len(order.meters)} meters are simulated")


def _agree(ctx: click.Context, order: "Order", *, yes: bool, confirm_dangerous: bool) -> None:
    """Go on only where what is going to be done was agreed to. Raises NotStarted; leaves with 130 after a no."""
    from c1222_cli.apply.show import draw_summary
    from c1222_cli.counted import counted
    from c1222_cli.report import Paper

    if not is_quiet(ctx):
        paper = Paper(width=terminal_width(), colour=False)
        draw_summary(paper, order)
        for line in paper.lines:
            say(line)
    if order.unconfirmed and not confirm_dangerous:
        names = ", ".join(order.unconfirmed[:4]) + (" ..." if len(order.unconfirmed) > 4 else "")
        raise NotStarted(
            f'dangerous steps want the serial number of each meter in the plan (confirm = "..."), or '
            f"--confirm-dangerous; {names} name none; {NOTHING_SENT}"
        )
    if yes or not any(step.changes for meter in order.meters for step in meter.steps):
        return
    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise NotStarted(f"nobody can be asked here, so --yes is needed; {NOTHING_SENT}")
    if not click.confirm(f"Carry this out on {counted(len(order.meters), 'meter')}?", err=True):
        say(NOTHING_SENT)
        ctx.exit(INTERRUPTED)


def _journal(path: Path, order: "Order", *, resume: bool) -> "Journal":
    from c1222.scripts.journal import Journal

    if resume:
        return Journal.resume(path, plan=order.digest)
    return Journal.begin(path, order=order.title, plan=order.digest)


def _watch(ctx: click.Context, order: "Order") -> Any:
    """Tells on standard error what goes wrong as it does, and with -v each step."""

    def tell(meter: "PlannedMeter", step: "Step | None", outcome: "Outcome") -> None:
        if outcome.is_fine and not is_verbose(ctx):
            return
        place = "" if step is None else f" step {step.number}"
        verdict = "" if outcome.is_fine else f"{outcome.result}: "
        say(f"{meter.name}{place}: {verdict}{outcome.said}")

    return tell


def _check_reports(reports: tuple[Path, ...], inputs: tuple[Path, ...]) -> None:
    """Raise UsageError for a report that cannot be written, before anything is done."""
    from c1222_cli.output import check_output

    for file in reports:
        if file.suffix.lower() not in (".xml", ".jsonl"):
            raise click.UsageError(f"--report {file}: a report is .jsonl or .xml (JUnit)")
        if any(file.resolve() == each.resolve() for each in inputs):
            raise click.UsageError(f"--report {file}: the command reads this file; it is not overwritten")
        check_output(str(file))


def _keep_all(report: "Report", files: tuple[Path, ...], inputs: tuple[Path, ...]) -> bool:
    """Keep the report in all files that can be written; whether there is one that cannot, which is said."""
    from c1222_cli.output import OutputLost, after_the_work

    unkept = False
    for file in files:
        try:
            with after_the_work("what was done is in the journal; the order"):
                _keep(report, file, inputs)
        except OutputLost as exc:
            say(f"Error: {exc.message}")
            unkept = True
    return unkept


def _keep(report: "Report", file: Path, inputs: tuple[Path, ...]) -> None:
    from c1222.capture.export import serializer
    from c1222.scripts.junit import junit
    from c1222.scripts.report import records
    from c1222_cli.output import opened_output

    if file.suffix.lower() == ".xml":
        octets = junit(report)
    else:
        dumps = serializer()
        octets = b"".join(dumps(record) + b"\n" for record in records(report))
    with opened_output(str(file), tuple(map(str, inputs))) as stream:
        stream.write(octets)


def _code(report: "Report") -> int:
    """0 where all is done; 9 where part of several meters is not; else what they have in common."""
    undone = [each for each in report.meters if each.verdict != "done"]
    if not undone:
        return 0
    codes = {CODES.get(kind, PART) for kind in report.kinds()}
    return codes.pop() if len(undone) == len(report.meters) and len(codes) == 1 else PART
