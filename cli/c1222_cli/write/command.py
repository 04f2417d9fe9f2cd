"""The command `c1222 write`: new values for fields of a meter's tables, shown before, read back behind."""

from pathlib import Path

import click

from c1222_cli.live import Way, connected, live_options
from c1222_cli.talk import verbosity_options
from c1222_cli.write.asked import Asked, asked_octets, asked_values, split_words, typed_values
from c1222_cli.write.options import writing_options

EPILOG = """
The value is written as the field has it: text, 12, 0x0C, true, 1.50, 2026-01-31T12:00:00, numbers of a SET as 0-3,5,
octets in hex. One bit is 3.ed_mode.test_mode_flag=true, one member of a SET 0.std_tbls_used[23]=true. `c1222 explain 6`
shows the names. Whatever is not named keeps its octets.

Everything is checked before the first octet goes: the names, the values, and whether the meter's table 0 lets the table
be written. The smallest part of the table is written, then the whole table is read back and compared.

\b
Exit codes: 0 written and read back (or nothing to change); 2 usage, or a table that may not be written; 3 refused;
4 security; 5 time-out; 6 link (5 and 6 say whether it is known that the meter took it); 7 a value does not fit;
8 what is in the meter is not what was written; 130 not agreed to.

\b
Examples:
  c1222 write optical:/dev/ttyUSB0 --user-id 2 --password prompt 6.owner_name="ACME"
  c1222 write tcp://192.0.2.7 --key 0=env:METER_KEY --file values.toml --dry-run
  c1222 write @house 6.owner_name="ACME" 5.identification="METER 17" --yes
  c1222 write sim: --user-id 2 --password env:PW --hex --offset 0 6=41434d45
"""


@click.command(epilog=EPILOG)
@click.argument("words", metavar="TARGET [TABLE.FIELD=VALUE]...", nargs=-1)
@click.option(
    "--file",
    "files",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Values: .json, .toml, .csv.",
)
@click.option("--hex", "as_hex", is_flag=True, help="TABLE=OCTETS: octets of tables, in hex.")
@click.option("--offset", metavar="N", type=click.IntRange(0, 0xFFFFFF), help="With --hex: begin at this octet.")
@writing_options
@live_options
@verbosity_options
def write(
    words: tuple[str, ...],
    files: tuple[Path, ...],
    as_hex: bool,
    offset: int | None,
    dry_run: bool,
    yes: bool,
    backup: Path | None,
    ignore: tuple[str, ...],
    way: Way,
) -> None:
    """Write fields of a meter's tables, safely.

    Shows what changes, asks, keeps the old octets in a file, writes, reads back and compares.
    """
    target, given = split_words(words)
    if target.lower().startswith("dump:"):
        raise click.UsageError(f"{target} is a file, not a meter: what is written there would be kept nowhere")
    if offset is not None and not as_hex:
        raise click.UsageError("--offset goes with --hex")
    if as_hex and files:
        raise click.UsageError("--file holds values, --hex takes octets: give one of them")
    if not given and not files:
        raise click.UsageError('what is to be written? Name a field and its value, as in: 6.owner_name="ACME"')

    from c1222_cli.known import registry_of
    from c1222_cli.write.run import How, run

    registry = registry_of(way.schema)
    asked: list[Asked]
    if as_hex:
        asked = asked_octets(given, offset, registry)
    else:
        from c1222.settings.value_files import read_values

        read = [value for file in files for value in read_values(file)]
        asked = asked_values([*read, *typed_values(given)], registry)
    with connected(target, way, registry) as meter:
        run(meter, asked, How(target, yes, dry_run, backup, ignore))
