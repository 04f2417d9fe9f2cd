"""The command `c1222 procedure`: ask a meter to do something, through tables 7 and 8."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from c1222_cli.failure import DIFFERS
from c1222_cli.live import Way, connected, is_simulated, live_options, split_target
from c1222_cli.output import after_the_work, check_output
from c1222_cli.report import Paper, choose_form, suffixes, write
from c1222_cli.talk import clean, is_quiet, say, verbosity_options

if TYPE_CHECKING:
    from c1219_tables.procedures import Procedure
    from c1222.session.faces.meter import Meter

Function = TypeVar("Function", bound=Callable[..., Any])

FORMS = ("table", "json")

EPILOG = """
NAME is one of --list, a number (10, SP-10) or a maker's (MP-5). Parameters follow as NAME=VALUE or, in their order,
as values alone; c1222 procedure NAME --help tells which there are.

What takes something away that does not come back asks for the meter's serial number (table 1, or the utility's in
table 5): type it, or give --confirm. A procedure is started once, whatever happens; where its answer is lost,
the message says that nobody knows whether it was carried out.

Exit codes: 0 completed; 2 not started, as something given cannot work; 3 the meter refuses it; 5 not completed in time,
or no answer; 6 link; 7 a parameter that does not fit; 8 the meter answers that it did something else;
130 not started, as the answer was no.

\b
Examples:
  c1222 procedure --list
  c1222 procedure set-date-time --help
  c1222 procedure optical:/dev/ttyUSB0 set-date-time now --user-id 2 --password prompt
  c1222 procedure tcp://192.0.2.7 remote-reset demand-reset --confirm 12345678
  c1222 procedure @main-street MP-5 --hex 0102 --dry-run
"""


def permission_options(function: Function) -> Function:
    """`--yes`, `--confirm` and `--dry-run`."""
    options = (
        click.option("--yes", is_flag=True, help="Ask nothing, where a yes is all that is asked for."),
        click.option("--confirm", metavar="SERIAL", help="The serial number of the meter that is meant."),
        click.option("--dry-run", is_flag=True, help="Show the octets and start nothing; the meter is only read."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@click.command(epilog=EPILOG, add_help_option=False)
@click.argument("words", metavar="TARGET NAME [PARAMETER]...", nargs=-1)
@click.option("--hex", "hexed", metavar="OCTETS", help="Parameters as octets, as they are.")
@click.option("--tz", metavar="NAME", help="The zone of the meter, as Europe/Berlin.  [default: by its table 53]")
@click.option("--list", "listing", is_flag=True, help="List procedures: all, or with a TARGET those that it has.")
@permission_options
@live_options
@click.option("--format", "form", type=click.Choice(FORMS), help="Form of the output.  [default: by -o, else table]")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(allow_dash=True),
    help=f"Write to FILE. Its suffix gives the form: {suffixes(FORMS)}.",
)
@verbosity_options
@click.option("-h", "--help", "helping", is_flag=True, help="Show this message; behind NAME, that of the procedure.")
@click.pass_context
def procedure(
    ctx: click.Context,
    words: tuple[str, ...],
    hexed: str | None,
    tz: str | None,
    listing: bool,
    yes: bool,
    confirm: str | None,
    dry_run: bool,
    way: Way,
    form: str | None,
    output: str | None,
    helping: bool,
) -> None:
    """Start a procedure of a meter, and show what it answers."""
    form = choose_form(form, output, FORMS)
    check_output(output, way.files)
    if helping:
        _help(ctx, words)
        return
    if listing:
        _list(words, way, output, form)
        return
    target, named = split_target(words)
    if not named:
        raise click.UsageError("which procedure? Name it, as set-date-time or 10; c1222 procedure --list shows them")
    known = named_procedure(named[0])
    way = way.to(target)
    check_output(output, way.files)

    from c1222_cli.procedure.carry import Carrying, Permission
    from c1222_cli.procedure.given import parse
    from c1222_cli.procedure.resolve import secrets_of, zone_of
    from c1222_cli.procedure.show import draw_done, draw_prepared, record_of, record_prepared

    given, zone = parse(known, named[1:], hexed), zone_of(tz)
    secrets = secrets_of(given, way)
    with connected(target, way) as meter:
        carrying = Carrying(meter, given, secrets, zone)
        prepared, done, problem = carrying.prepare(), None, ""
        if not dry_run:
            prepared = carrying.allowed(prepared, Permission(yes, confirm, is_quiet(ctx)))
            done = carrying.start(prepared)
            problem = carrying.otherwise(prepared, done)
    sent, simulated = record_prepared(prepared, meter, carrying.notes), is_simulated(meter.label)
    if problem:
        say(f"Error: {problem}")

    def draw(paper: Paper) -> None:
        if form == "json":
            paper.line(record_of(meter, prepared, sent, done, simulated))
        elif done is None:
            draw_prepared(paper, prepared, meter, carrying.notes)
        else:
            draw_done(paper, done)

    if done is None:
        write(output, draw, way.files)
        return
    with after_the_work(prepared.name):
        write(output, draw, way.files)
    if problem:
        ctx.exit(DIFFERS)


def named_procedure(word: str) -> "Procedure":
    """The procedure that a word names. Raises UsageError with what may have been meant."""
    from c1219_tables.procedure_names import find_procedure

    try:
        return find_procedure(word)
    except ValueError as exc:
        raise click.UsageError(clean(f"{exc} (c1222 procedure --list shows them)")) from None


def _is_target(word: str) -> bool:
    return ":" in word or word.startswith("@")


def _help(ctx: click.Context, words: Sequence[str]) -> None:
    """The help of the procedure that is named, or that of the command."""
    from c1222_cli.procedure.page import draw_help

    named = words[1:] if words and _is_target(words[0]) else words
    if named:
        known = named_procedure(named[0])
        write(None, lambda paper: draw_help(paper, known))
    else:
        click.echo(ctx.get_help(), color=ctx.color)


def _list(words: Sequence[str], way: Way, output: str | None, form: str) -> None:
    """All procedures that have a name, or those that the meter lists."""
    from c1219_tables.procedure_names import NAMES
    from c1222_cli.procedure.page import draw_list, list_record
    from c1222_cli.report import document

    procedures = list(NAMES.values())
    if words:
        target, rest = split_target(words)
        if rest:
            raise click.UsageError(f"--list takes a target at most ({rest[0]!r} is too much)")
        way = way.to(target)
        check_output(output, way.files)
        with connected(target, way) as meter:
            procedures = listed_procedures(meter)
    if form == "json":
        found = {"schema_version": 1, "procedures": [list_record(known) for known in procedures]}
        write(output, lambda paper: paper.line(document(found)), way.files)
    else:
        write(output, lambda paper: draw_list(paper, procedures), way.files)


def listed_procedures(meter: "Meter") -> "list[Procedure]":
    """Those that table 0 of the meter lists."""
    from c1219_tables.procedures import procedure as declared
    from c1219_tables.table import MANUFACTURER

    table_0 = meter.read(0)
    numbers = [*table_0["std_proc_used"], *(MANUFACTURER + number for number in table_0["mfg_proc_used"])]
    return [declared(number) for number in numbers]
