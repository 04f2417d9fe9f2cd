"""The command `c1222 decode`: options in, exchanges out."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from c1222_cli.failure import INTERRUPTED, MISFIT, SECURITY, USAGE
from c1222_cli.filters import wanted
from c1222_cli.keys import key_options, read_ring
from c1222_cli.output import FORMATS, choose_format
from c1222_cli.talk import is_quiet, is_verbose, say, verbosity_options

if TYPE_CHECKING:
    from c1222.capture.source import Limits
    from c1222.capture.summary import Summary

MIB = 1 << 20

EPILOG = """
Memory stays below about 500 MiB with these bounds, whatever a file claims; wider bounds, more memory.

\b
Exit codes: 0 done, also where keys are missing; 2 an option or a file that
cannot work; 4 a MAC does not hold; 7 something could not be decoded; 7 beats 4.

\b
Examples:
  c1222 decode capture.pcap
  c1222 decode capture.pcap --key 2=env:K2 --tree
  c1222 decode capture.pcap --keys keys.toml --service write --title .123.8437
  c1222 decode night/*.pcapng.gz --keys keys.toml -o night.jsonl
  tcpdump -U -w - port 1153 | c1222 decode - --format jsonl
  echo 600ca803020101be052803810180 | c1222 decode -
"""


@click.command(epilog=EPILOG)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@key_options
@click.option("--format", "form", type=click.Choice(FORMATS), help="Form of the output.  [default: by -o, else table]")
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(allow_dash=True), help="Write to FILE, once all is there."
)
@click.option("--tree", is_flag=True, help="Every element of every message, with offset, octets, name and value.")
@click.option(
    "--service",
    "services",
    metavar="NAME",
    multiple=True,
    help="Only exchanges with this service (read, write, logon ...). Repeatable.",
)
@click.option(
    "--title",
    "titles",
    metavar="TITLE",
    multiple=True,
    help="Only exchanges of this ApTitle, either party (.123.8437 or 2.16.124...). Repeatable.",
)
@click.option(
    "--port",
    "ports",
    metavar="N",
    multiple=True,
    type=click.IntRange(1, 65535),
    help="TCP and UDP port of C12.22. Repeatable.  [default: 1153]",
)
@click.option("--show-secrets", is_flag=True, help="Show passwords, and octets that may hold one.")
@click.option("--strict", is_flag=True, help="Exit with 7 also where a key is missing or a table checksum is wrong.")
@click.option(
    "--max-message",
    metavar="OCTETS",
    type=click.IntRange(64, 16 * MIB),
    default=65536,
    show_default=True,
    help="Longest message.",
)
@click.option(
    "--max-waiting",
    metavar="N",
    type=click.IntRange(1, 1_000_000),
    default=4096,
    show_default=True,
    help="Requests that wait for an answer at a time.",
)
@click.option(
    "--answer-time",
    metavar="SECONDS",
    type=click.IntRange(1, 1_000_000),
    default=300,
    show_default=True,
    help="How long each waits.",
)
@click.option(
    "--max-streams",
    metavar="N",
    type=click.IntRange(1, 10_000_000),
    default=65536,
    show_default=True,
    help="TCP streams followed at a time.",
)
@click.option(
    "--max-buffered",
    metavar="MIB",
    type=click.IntRange(1, 65536),
    default=64,
    show_default=True,
    help="TCP octets that wait for missing ones, and messages that are not complete, each.",
)
@verbosity_options
@click.pass_context
def decode(
    ctx: click.Context, /, files: tuple[str, ...], form: str | None, output: str | None, tree: bool, **options: Any
) -> None:
    """Show what captured C12.22 traffic says.

    FILE is a capture (pcap, pcapng) or hex text (a message a line, or a hex dump), packed with gzip or not; - is
    standard input. Messages are joined from their segments, deciphered where a key is given, and shown with their
    answers. What is wrong is said, and is never a reason to stop. Times are UTC. Passwords, and octets that could not
    be decoded and may hold one, are masked.
    """
    if tree and form not in (None, "table"):
        raise click.UsageError(f"--tree is a form of its own; leave out --format {form}")
    form = "tree" if tree else choose_format(form, output)

    from c1222_cli.run import Plan, run
    from c1222_cli.totals import totals

    plan = Plan(
        files,
        read_ring(options["keys"], options["key_files"]),
        frozenset(options["ports"] or (1153,)),
        _limits(options),
        wanted(options["services"], options["titles"]),
    )
    if is_verbose(ctx):
        say(f"keys for key ids {', '.join(map(str, plan.ring.ids())) or 'none'}")
    summary, failures = run(plan, form, output, show_secrets=options["show_secrets"], quiet=is_quiet(ctx))
    if not is_quiet(ctx):
        for line in totals(summary, plan.ports):
            say(line)
    ctx.exit(exit_code(summary, failures, strict=options["strict"]))


def exit_code(summary: "Summary", failures: Iterable[int], *, strict: bool) -> int:
    """130 after an interruption, 2 where a file could not be opened, else 7, else 4, else 0."""
    kinds = summary.kinds
    codes = set(failures)
    if kinds["undecodable"] or (strict and (kinds["no-key"] or summary.count("checksum-wrong"))):
        codes.add(MISFIT)
    if kinds["bad-mac"]:
        codes.add(SECURITY)
    return next((code for code in (INTERRUPTED, USAGE, MISFIT, SECURITY) if code in codes), 0)


def _limits(options: dict[str, Any]) -> "Limits":
    from dataclasses import replace

    from c1222.capture.source import DEFAULT

    octets = options["max_buffered"] * MIB
    streams = options["max_streams"]
    return replace(
        DEFAULT,
        max_message=options["max_message"],
        max_buffered=octets,
        max_pending=options["max_waiting"],
        answer_seconds=options["answer_time"],
        pcap=replace(DEFAULT.pcap, streams=streams, buffered_octets=octets),
    )
