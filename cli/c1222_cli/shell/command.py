"""The command `c1222 shell`: one session with a meter kept open, and lines typed into it."""

import sys
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from c1222_cli.live import Way, connected, live_options, split_target
from c1222_cli.signals import heard
from c1222_cli.talk import is_quiet, is_terminal, say, verbosity_options

if TYPE_CHECKING:
    from c1222.session.faces.meter import Meter
    from c1222_cli.shell.loop import NextLine, Shell

EPILOG = """
\b
  read 1 23 21..28 1.ed_model   read tables
  raw 64                        their octets
  registers, now, profile,      readings, with the options of the commands
  events, history, status,      of these names: profile --since 24h; what
  calendar                      there is: profile --help
  info                          who the meter is
  tables [WORD]                 tables that it lists; w: may be written
  help, quit                    Ctrl-D quits, too

Ctrl-C gives up what is being read and stays in the shell; SIGTERM and SIGHUP leave it. While nothing is asked the
session is kept (service Wait); where the meter ends it all the same, it is opened anew. Tab completes commands,
options, tables and fields. Lines are kept in the user's state folder for the next time.

From a pipe, lines are carried out without a prompt, and the exit code is that of the last one that failed: 2 usage;
3 refused; 4 security; 5 time-out; 6 link; 7 octets that do not fit.

\b
Examples:
  c1222 shell optical:/dev/ttyUSB0 --user-id 1 --password prompt
  printf 'read 1\\ntables\\n' | c1222 shell sim:
  printf 'now\\nprofile --since 24h -o day.csv\\n' | c1222 shell sim:
  c1222 shell sim:
"""


@click.command(epilog=EPILOG)
@click.argument("words", metavar="TARGET", nargs=-1)
@live_options
@verbosity_options
@click.pass_context
def shell(ctx: click.Context, words: tuple[str, ...], way: Way) -> None:
    """Keep one session with a meter open, and read in it line by line."""
    target, others = split_target(words)
    if others:
        raise click.UsageError(f"a target alone is wanted; tables are read in the shell: read {' '.join(others)}")
    if sys.stdin is None:
        raise click.UsageError("standard input is closed")

    from c1222_cli.known import registry_of
    from c1222_cli.read.head import met
    from c1222_cli.shell.kept import Kept
    from c1222_cli.shell.loop import Shell

    registry = registry_of(way.schema)
    way = way.to(target)

    def enter(number: int) -> "AbstractContextManager[Meter]":
        return connected(target, _numbered(way, number), registry)

    kept = Kept(enter)
    with heard():
        try:
            kept.run(met)
            kept.keep()
            ctx.exit(_converse(Shell(kept, registry, way, quiet=is_quiet(ctx)), target, quiet=is_quiet(ctx)))
        finally:
            kept.close()


def _numbered(way: Way, number: int) -> Way:
    """The same way; a trace goes to a new file in each session: `t.pcapng`, `t-2.pcapng`."""
    if way.trace is None or number == 1:
        return way
    return replace(way, trace=way.trace.with_name(f"{way.trace.stem}-{number}{way.trace.suffix}"))


def _converse(shell: "Shell", target: str, *, quiet: bool) -> int:
    """Carry out the lines that come. Returns the exit code."""
    if not is_terminal(sys.stdin):
        return shell.run(_from_pipe)

    from c1222_cli.shell.completion import completer
    from c1222_cli.shell.history import history_file, line_editing

    if not quiet:
        say("help lists the commands, Ctrl-D leaves")

    def candidates(word: str) -> list[str]:
        return shell.candidates(before(), word)

    with line_editing(completer(candidates), history_file()) as before:
        shell.run(_at_prompt(f"{target.partition('?')[0]}> "), stays=True)
    return 0


def _from_pipe() -> str | None:
    line = sys.stdin.readline()
    return line.rstrip("\n") if line else None


def _at_prompt(prompt: str) -> "NextLine":
    """Lines of a person. The prompt is never mixed into data that go somewhere else."""

    def next_line() -> str | None:
        try:
            if is_terminal(sys.stdout):
                return input(prompt)
            click.echo(prompt, nl=False, err=True)
            line = sys.stdin.readline()
        except EOFError:
            line = ""
        if line == "":
            click.echo(err=True)
            return None
        return line.rstrip("\n")

    return next_line
