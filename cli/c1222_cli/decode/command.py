"""The command `c1222 decode`: options in, exchanges out."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from c1222_cli.decode.filters import wanted
from c1222_cli.failure import INTERRUPTED, MISFIT, SECURITY, USAGE
from c1222_cli.keys import files_read, key_options, read_ring
from c1222_cli.known import known_options, meter_of, read_known, registries_of
from c1222_cli.output import FORMATS, SUFFIXES, choose_format
from c1222_cli.talk import is_quiet, is_verbose, say, verbosity_options

if TYPE_CHECKING:
    from c1222.capture.source import Limits
    from c1222.capture.summary import Summary

MIB = 1 << 20

_STRICT = ("checksum-wrong", "table-misfit", "table-size")
"""Codes of remarks that only --strict minds."""

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
  c1222 decode capture.pcap --dims meter.json --tree
  echo 600ca803020101be052803810180 | c1222 decode -
  c1222 decode --sent to-meter.bin --received from-meter.bin
  c1222 decode --table 52 --dims meter.json 0c0b0817010f44
"""


@click.command(epilog=EPILOG)
@click.argument("files", metavar="FILE...", nargs=-1, type=click.Path(allow_dash=True))
@key_options
@known_options
@click.option(
    "--sent", metavar="FILE", type=click.Path(), help="Raw log of what was sent over a serial line: octets or hex."
)
@click.option("--received", metavar="FILE", type=click.Path(), help="Raw log of what was received on the same line.")
@click.option("--table", metavar="TABLE", help="FILE is octets of this table (23, ST-23, MT-17): hex, a file or -.")
@click.option(
    "--offset", metavar="N", type=click.IntRange(0, 0xFFFFFF), help="With --table: the octets begin here in the table."
)
@click.option("--format", "form", type=click.Choice(FORMATS), help="Form of the output.  [default: by -o, else table]")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(allow_dash=True),
    help=f"Write to FILE, once all is there. Its suffix gives the form: {', '.join(SUFFIXES)}.",
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
    help="TCP and UDP port of C12.22, in place of 1153. Repeatable, also with 1153.",
)
@click.option("--show-secrets", is_flag=True, help="Show passwords, and octets that may hold one.")
@click.option(
    "--strict",
    is_flag=True,
    help="Exit with 7 also where a key is missing, a table checksum is wrong or a table does not fit.",
)
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
    """Show what captured C12.22, C12.18 and C12.21 traffic says.

    FILE is a capture (pcap, pcapng), hex text (a message a line, or a hex dump) or the log of a serial line (hex behind
    > or <, TX: or RX:, a time before it or not), packed with gzip or not; - is standard input. Serial lines are also
    read from captures of link type USER0, and from raw logs (--sent, --received). Messages are joined from their
    segments and packets, deciphered where a key is given, and shown with their answers. What is wrong is said, and is
    never a reason to stop. Times are UTC. Passwords, and octets that could not be decoded and may hold one, are masked.

    Tables are decoded with the formats and dimensions that their meter showed before, and those of --dims. With
    --table, FILE is not a capture but the octets of one table.
    """
    if tree and form not in (None, "table"):
        raise click.UsageError(f"--tree is a form of its own; leave out --format {form}")
    if options["table"] is None and options["offset"] is not None:
        raise click.UsageError("--offset goes with --table")
    if options["table"] is not None:
        _refuse_for_table(ctx)
        if not files:
            raise click.UsageError("Missing argument 'FILE...'.")
        ctx.exit(_decode_table(files, "table" if tree else choose_format(form, output), output, options))
    if not (files or options["sent"] or options["received"]):
        raise click.UsageError("Missing argument 'FILE...', or --sent FILE and --received FILE.")
    form = "tree" if tree else choose_format(form, output)
    if "-" in files and sys.stdin is None:
        raise click.UsageError("-: standard input is closed")

    from c1222_cli.decode.run import Plan, run
    from c1222_cli.decode.totals import totals

    registry, unidentified = registries_of(options["schema"])
    plan = Plan(
        files,
        read_ring(options["keys"], options["key_files"]),
        frozenset(options["ports"] or (1153,)),
        _limits(options),
        wanted(options["services"], options["titles"]),
        read_known(options["dims"]),
        registry,
        unidentified,
        (*files_read(options["keys"], options["key_files"]), *_given(options)),
        options["sent"],
        options["received"],
    )
    if is_verbose(ctx):
        say(f"keys for key ids {', '.join(map(str, plan.ring.ids())) or 'none'}")
    summary, failures = run(plan, form, output, show_secrets=options["show_secrets"], quiet=is_quiet(ctx))
    sources = len(plan.files) + (plan.sent is not None or plan.received is not None)
    if not is_quiet(ctx) and failures.count(USAGE) < sources:
        for line in totals(summary, plan.ports):
            say(line)
    ctx.exit(exit_code(summary, failures, strict=options["strict"]))


def exit_code(summary: "Summary", failures: Iterable[int], *, strict: bool) -> int:
    """130 after an interruption, 2 where a file could not be opened, else 7, else 4, else 0."""
    kinds = summary.kinds
    codes = set(failures)
    if kinds["undecodable"] or (strict and (kinds["no-key"] or any(map(summary.count, _STRICT)))):
        codes.add(MISFIT)
    if kinds["bad-mac"]:
        codes.add(SECURITY)
    return next((code for code in (INTERRUPTED, USAGE, MISFIT, SECURITY) if code in codes), 0)


def _given(options: dict[str, Any]) -> tuple[str, ...]:
    """Files that say what is known of the meters."""
    return tuple(map(str, (*options["dims"], *options["schema"])))


_OF_CAPTURES = ("keys", "key_files", "services", "titles", "ports", "sent", "received")


def _refuse_for_table(ctx: click.Context) -> None:
    """Raises UsageError for an option that says something of messages, where there is none."""
    for parameter in ctx.command.params:
        if parameter.name in _OF_CAPTURES and ctx.params[parameter.name]:
            raise click.UsageError(f"{parameter.opts[0]} is for captures; --table reads the octets of one table")


def _decode_table(files: tuple[str, ...], form: str, output: str | None, options: dict[str, Any]) -> int:
    """Decode octets at hand. Returns the exit code."""
    from c1222_cli.decode.at_hand import look, read_octets, write
    from c1222_cli.which import table_number

    registry, unidentified = registries_of(options["schema"])
    number = table_number(options["table"], registry)
    octets, origin = read_octets(files)
    meter = meter_of(read_known(options["dims"]), registry, unidentified, [number])
    view = look(octets, options["offset"], number, meter)
    inputs = ((origin,) if origin else ()) + _given(options)
    write(view, form, output, inputs, show_secrets=options["show_secrets"])
    is_odd = view.decoded is not None and bool(view.decoded.trailing)
    return MISFIT if options["strict"] and is_odd else 0


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
