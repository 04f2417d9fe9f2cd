"""The command `c1222 demand-reset`: procedure 9 with its demand reset flag."""

import click

from c1222_cli.failure import DIFFERS
from c1222_cli.live import Way, connected, live_options, split_target
from c1222_cli.procedure.command import permission_options
from c1222_cli.talk import is_quiet, say, verbosity_options

REMOTE_RESET = 9

EPILOG = """
A demand reset ends the billing period: it asks for the meter's serial number (table 1, or the utility's in table 5),
to be typed or given with --confirm.

Exit codes: as c1222 procedure; 8 the meter answers that it did something else.

\b
Examples:
  c1222 demand-reset optical:/dev/ttyUSB0 --user-id 2 --password prompt
  c1222 demand-reset tcp://192.0.2.7 --self-read --confirm 12345678
"""


@click.command("demand-reset", epilog=EPILOG)
@click.argument("words", metavar="TARGET", nargs=-1)
@click.option("--self-read", is_flag=True, help="Also keep a self read of the registers.")
@permission_options
@live_options
@verbosity_options
@click.pass_context
def demand_reset(
    ctx: click.Context, words: tuple[str, ...], self_read: bool, yes: bool, confirm: str | None, dry_run: bool, way: Way
) -> None:
    """Reset the demands of a meter.

    The maxima of the registers begin anew; what they were is kept in table 25, where the meter has it.
    """
    from c1219_tables.procedures import procedure
    from c1222_cli.procedure.carry import Carrying, Permission
    from c1222_cli.procedure.given import parse
    from c1222_cli.procedure.show import draw_done, draw_prepared
    from c1222_cli.report import write

    target, rest = split_target(words)
    if rest:
        raise click.UsageError(f"demand-reset takes a target and nothing more ({rest[0]!r})")
    flags = "demand-reset,self-read" if self_read else "demand-reset"
    given = parse(procedure(REMOTE_RESET), [flags], None)
    with connected(target, way) as meter:
        carrying = Carrying(meter, given, {})
        prepared = carrying.prepare()
        if dry_run:
            write(None, lambda paper: draw_prepared(paper, prepared, meter, carrying.notes), way.files)
            return
        prepared = carrying.allowed(prepared, Permission(yes, confirm, is_quiet(ctx)))
        done = carrying.start(prepared)
        problem = carrying.otherwise(prepared, done)
    write(None, lambda paper: draw_done(paper, done), way.files)
    if not isinstance(done.resp_data, dict):
        say("the meter does not say what it did, only that it is completed")
    elif problem:
        say(f"Error: {problem}")
        ctx.exit(DIFFERS)
