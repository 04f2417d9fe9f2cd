"""The command `c1222 listen`: a head-end's ear. What devices send of their own accord, shown as it comes."""

from pathlib import Path
from typing import Any

import click

from c1222_cli.keys import files_read, key_options, read_ring
from c1222_cli.known import known_options, read_known, registries_of
from c1222_cli.output import SUFFIXES, choose_format
from c1222_cli.places import Place, logs_told, place_of
from c1222_cli.talk import is_quiet, is_verbose, say, verbosity_options

DEFAULT = (Place("tcp", "0.0.0.0", 1153), Place("udp", "0.0.0.0", 1153))  # noqa: S104 - devices call from anywhere
FORMS = ("table", "plain", "jsonl", "hex")

EPILOG = """
Listens on all addresses unless --listen says otherwise: anybody who can reach this computer may send. What they send
is shown and never believed, never changes the exit code, and takes a bounded amount of memory. It ends well with
Ctrl-C or SIGTERM, after --count messages and after --seconds.

\b
Without --answer nothing is sent. With it
  a registration    gets ok: its own title, and the period that it asks for
  a write, a logon  gets ok, and nothing comes of it
  a read            is refused: sns
and only what wants an answer, and can be opened with the keys given, gets one.

\b
Exit codes: 0 stopped; 2 an option or a file that cannot work; 6 a port that
cannot be had.

\b
Examples:
  c1222 listen
  c1222 listen --listen udp://0.0.0.0:1153 --answer --keys keys.toml
  c1222 listen --key 2=env:K2 --tree
  c1222 listen --format jsonl -o night.jsonl --seconds 28800
"""


@click.command(epilog=EPILOG)
@click.option(
    "--listen",
    "places",
    metavar="PLACE",
    multiple=True,
    type=place_of("tcp", "udp"),
    help="Where to listen. Repeatable.  [default: tcp://0.0.0.0:1153 and udp://0.0.0.0:1153]",
)
@click.option("--answer", is_flag=True, help="Answer what wants an answer, see below.")
@key_options
@known_options
@click.option("--format", "form", type=click.Choice(FORMS), help="Form of the output.  [default: by -o, else table]")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(allow_dash=True),
    help="Write to FILE, which appears when the command ends. Its suffix gives the form.",
)
@click.option("--tree", is_flag=True, help="Every element of every message, with offset, octets, name and value.")
@click.option("--count", metavar="N", type=click.IntRange(1), help="Stop after N messages.")
@click.option("--seconds", metavar="S", type=click.FloatRange(0, min_open=True), help="Stop after so many seconds.")
@click.option("--show-secrets", is_flag=True, help="Show passwords, and octets that may hold one.")
@verbosity_options
@click.pass_context
def listen(
    ctx: click.Context, /, places: tuple[Place, ...], form: str | None, output: str | None, tree: bool, **options: Any
) -> None:
    """Show what meters send of their own accord.

    Registrations, notifications and one-way messages of C12.22 are taken from whoever connects, joined from their
    segments, opened where a key is given, and shown as `c1222 decode` shows them, a line each, as they come.
    """
    if tree and form not in (None, "table"):
        raise click.UsageError(f"--tree is a form of its own; leave out --format {form}")
    form = "tree" if tree else _form(form, output)
    places = places or DEFAULT

    from c1222_cli.hearing import Plan, hear

    registry, unidentified = registries_of(options["schema"])
    keys, key_files = options["keys"], options["key_files"]
    inputs = (*files_read(keys, key_files), *map(str, (*options["dims"], *options["schema"])))
    plan = Plan(
        places,
        read_ring(keys, key_files),
        answers=options["answer"],
        count=options["count"],
        seconds=options["seconds"],
        known=read_known(options["dims"]),
        registry=registry,
        unidentified=unidentified,
    )
    with logs_told(verbose=is_verbose(ctx)):
        summary = hear(plan, form, output, inputs, show_secrets=options["show_secrets"], quiet=is_quiet(ctx))
    if not is_quiet(ctx):
        from c1222_cli.decode.totals import totals

        for line in totals(summary, frozenset()) if summary.messages else ("nothing came",):
            say(line)


def _form(form: str | None, output: str | None) -> str:
    """Raises UsageError for the one suffix whose form is whole only at its end."""
    chosen = choose_format(form, output)
    if chosen not in FORMS:
        suffixes = ", ".join(suffix for suffix, of in SUFFIXES.items() if of in FORMS)
        raise click.UsageError(f"-o {output}: {Path(str(output)).suffix} is no form of a list without end ({suffixes})")
    return chosen
