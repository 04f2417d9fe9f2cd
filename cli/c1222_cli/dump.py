"""The command `c1222 dump`: a meter saved in a file, as octets."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from c1222_cli.in_place import takes_place
from c1222_cli.live import Way, connected, live_options, split_target
from c1222_cli.output import check_output, opened_output
from c1222_cli.signals import held
from c1222_cli.talk import is_quiet, say, verbosity_options

if TYPE_CHECKING:
    from c1219_tables.registry import Registry
    from c1222.connection.dumping import Dumping
    from c1222.session.faces.meter import Meter
    from c1222.settings.dump_files import Dump
    from c1222.settings.scrubbing import Scrub

PARTIAL = ".partial"
"""What stands behind the name of a file whose reading broke off."""

EPILOG = """
Without TABLE, every table that the meter lists is read; with it, those named and the ones that they need. Tables of
passwords and keys are left out unless --with-secrets asks for them, or --scrub secrets for their places alone.

The file is JSON, see docs/dump-format.md. Other commands take it:
`--dims FILE` of decode and explain, the target dump:FILE, and `--image FILE` of simulate.

A table that the meter refuses is no failure: the refusal stands in the file. Where the session breaks off, or Ctrl-C,
SIGTERM or SIGHUP ends it, what was read until then is kept in FILE.partial, a dump like any other.

\b
Exit codes: 0 done, also where some tables were refused; 2 an option or a target
that cannot work; 3 everything was refused; 4 security; 5 time-out; 6 link;
130, 143 or 129 ended by Ctrl-C, SIGTERM or SIGHUP.

\b
Examples:
  c1222 dump sim: -o meter.json
  c1222 dump optical:/dev/ttyUSB0 --user-id 2 --password prompt -o meter.json
  c1222 dump tcp://192.0.2.7 -o meter.json --scrub serial
  c1222 dump @house 0..8 23 -o registers.json --force
"""


@click.command(epilog=EPILOG)
@click.argument("words", metavar="TARGET [TABLE]...", nargs=-1)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    type=click.Path(allow_dash=True),
    help="Write to FILE; - is a pipe.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option(
    "--scrub",
    "scrubs",
    multiple=True,
    type=click.Choice(("serial", "secrets")),
    help="Make unrecognisable: serial and customer numbers, names and places of tables 1, 5 and 6; passwords and keys.",
)
@click.option("--with-secrets", is_flag=True, help="Also the tables of passwords and keys, as far as they can be read.")
@live_options
@verbosity_options
@click.pass_context
def dump(
    ctx: click.Context,
    words: tuple[str, ...],
    output: str,
    force: bool,
    scrubs: tuple[str, ...],
    with_secrets: bool,
    way: Way,
) -> None:
    """Save the tables of a meter in a file, with the time of each and what was refused."""
    target, named = split_target(words)
    if with_secrets and "secrets" in scrubs:
        raise click.UsageError("--with-secrets keeps secrets, --scrub secrets takes them away: give one of them")
    way = way.to(target)
    check_output(output, way.files)
    if not force and takes_place(output) and Path(output).is_file():
        raise click.UsageError(f"-o {output}: is there already; --force writes over it")

    from c1222_cli.known import registry_of

    registry = registry_of(way.schema)
    _refuse_secrets(named, registry, allowed=with_secrets or "secrets" in scrubs)
    what: frozenset[Scrub] = frozenset(each for each in ("serial", "secrets") if each in scrubs)
    with connected(target, way, registry) as meter:
        from c1222.connection.dumping import Dumping

        dumping = Dumping(meter)
        try:
            _read(dumping, meter, named, registry, secrets=with_secrets or "secrets" in what, quiet=is_quiet(ctx))
        except BaseException:
            if dumping.dump.tables and takes_place(output):
                _keep_partial(_scrubbed(dumping.dump, meter, what), output + PARTIAL, way, private=with_secrets)
            raise
        taken = _scrubbed(dumping.dump, meter, what)
        if taken.tables:  # kept before the farewell, which can take its time
            _write(taken, output, way, private=with_secrets)
    if not taken.tables:
        ctx.exit(_nothing(taken))
    if not is_quiet(ctx):
        _tell(taken, output)


def _refuse_secrets(named: Sequence[str], registry: "Registry", *, allowed: bool) -> None:
    """Raises UsageError for a table of secrets that is named, and for a field: a dump has whole tables."""
    from c1219_tables.table import is_secret, table_label
    from c1222_cli.read.wanted import Wanted, wanted

    for each in wanted(named, registry):
        if not isinstance(each, Wanted):
            continue
        if each.fields:
            raise click.UsageError(f"{table_label(each.number)}.{each.fields[0]}: a dump has whole tables, no fields")
        if not allowed and is_secret(registry.table(each.number)):
            raise click.UsageError(
                f"{table_label(each.number)} holds passwords or keys: --with-secrets saves them, "
                "--scrub secrets saves their places"
            )


def _read(
    dumping: "Dumping", meter: "Meter", named: Sequence[str], registry: "Registry", *, secrets: bool, quiet: bool
) -> None:
    from c1222_cli.read.fetch import expand
    from c1222_cli.read.progress import shown_progress
    from c1222_cli.read.wanted import wanted

    if named:
        numbers = dumping.with_needed([each.number for each in expand(meter, wanted(named, registry), say)])
    else:
        numbers = dumping.listed(secrets=secrets)
    with shown_progress(len(numbers), quiet=quiet) as progress:
        meter.progress = progress.octets
        try:
            dumping.read(numbers, lambda read: progress.table(read.label, len(read.octets or b"")))
        finally:
            meter.progress = None


def _scrubbed(dump: "Dump", meter: "Meter", what: "frozenset[Scrub]") -> "Dump":
    from c1222.settings.scrubbing import scrubbed

    return scrubbed(dump, meter.tables, what) if what else dump


def _write(dump: "Dump", output: str, way: Way, *, private: bool) -> None:
    from c1222.settings.dump_files import dump_octets

    octets = dump_octets(dump)
    with (
        held() if takes_place(output) else nullcontext(),
        opened_output(output, way.files, private=private) as stream,
    ):
        stream.write(octets)


def _keep_partial(dump: "Dump", output: str, way: Way, *, private: bool) -> None:
    """Keep what was read. Where that fails, too, it is said, and what broke off the reading remains the error."""
    try:
        _write(dump, output, way, private=private)
    except OSError as exc:
        say(f"{output}: {exc.strerror}; what was read is not kept")
    except click.UsageError as exc:
        say(f"{exc.message}; what was read is not kept")
    else:
        say(f"the reading broke off; {_are(dump)} in {output}")


def _nothing(dump: "Dump") -> int:
    """Say why there is no file. Returns the exit code."""
    from c1222_cli.failure import REFUSED

    _tell_refused(dump)
    say("Error: not one table could be read, so nothing was written")
    return REFUSED


def _tell(dump: "Dump", output: str) -> None:
    from c1222_cli.decode.words import octets_text

    where = "" if output == "-" else f"{output}: "
    size = octets_text(sum(map(len, dump.tables.values())))
    refused = f"; {len(dump.refused)} refused" if dump.refused else ""
    scrub = f"; without {' and '.join(dump.scrubbed)}" if dump.scrubbed else ""
    say(f"{where}{_count(dump)}, {size}{refused}{scrub}")
    _tell_refused(dump)


def _tell_refused(dump: "Dump") -> None:
    from c1219_tables.table import table_label

    for number, one in sorted(dump.refused.items()):
        hint = f": {one.hint}" if one.hint else ""
        label = table_label(number)
        say(f"  {one.reason}{hint}" if label in one.reason else f"  {label}: {one.reason}{hint}")


def _are(dump: "Dump") -> str:
    return f"{_count(dump)} {'is' if len(dump.tables) == 1 else 'are'}"


def _count(dump: "Dump") -> str:
    return "1 table" if len(dump.tables) == 1 else f"{len(dump.tables)} tables"
