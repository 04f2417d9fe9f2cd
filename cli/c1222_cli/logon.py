"""The command `c1222 logon`: does this user get in, with this password and key, and what may it do."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from c1222_cli.live import Way, connected, live_options, split_target
from c1222_cli.talk import clean, say, verbosity_options

if TYPE_CHECKING:
    from c1219_tables.table import DecodedTable
    from c1222.session.client import TableRead
    from c1222.session.faces.meter import Meter

HARMLESS = (0, 1)
"""Tables that meters let anybody read who may come in at all."""
ACCESS_CONTROL = 44

EPILOG = """
Nothing is written. Exit codes: 0 this user gets in; 3 the meter refuses it; 4 security (a key that does not fit); 5 no
answer, of which a wrong key is one cause; 6 no way to the meter.

\b
Examples:
  c1222 logon sim: --user-id 1 --user READER --password env:METER_PASSWORD
  c1222 logon tcp://192.0.2.7 --key 0=env:METER_KEY
  c1222 logon optical:/dev/ttyUSB0 --user-id 2 --password prompt --try
"""


@click.command(epilog=EPILOG)
@click.argument("words", metavar="TARGET", nargs=-1)
@click.option("--try", "try_all", is_flag=True, help="Ask for one octet of every table that table 0 lists.")
@live_options
@verbosity_options
@click.pass_context
def logon(ctx: click.Context, words: tuple[str, ...], try_all: bool, way: Way) -> None:
    """Try whether a user gets in, and what it may do.

    Logs on, reads tables 0 and 1, and the meter's own rules (table 44) where it shows them.
    """
    target, rest = split_target(words)
    if rest:
        raise click.UsageError(f"logon takes a target and no tables ({rest[0]!r}); to read tables: c1222 read")
    with connected(target, way) as meter:
        reads = meter.read_many(HARMLESS)
        errors = [read.error for read in reads if read.error is not None and read.octets is None]
        if len(errors) == len(reads):
            raise errors[0]
        click.echo(clean(f"{_who(meter)} gets in at {meter.label}"))
        for line in _allowed(meter, reads, try_all=try_all):
            click.echo(clean(line))
    if way.password is None and meter.client.who.password is None:
        say("no password was given: this is what a user without one may do")


def _who(meter: "Meter") -> str:
    """`user 1 "READER", with a password`."""
    who = meter.client.who
    name = f' "{who.user}"' if who.user else ""
    return f"user {who.user_id}{name}, {'without a' if who.password is None else 'with a'} password,"


def _allowed(meter: "Meter", reads: "Sequence[TableRead]", *, try_all: bool) -> Iterator[str]:
    from c1219_tables.table import table_label
    from c1222.errors import LayoutError, ServiceError
    from c1222_cli.failure import sentence

    read = [each.number for each in reads if each.octets is not None]
    refused = [each for each in reads if each.octets is None and each.error is not None]
    if try_all:
        read, denied = _tried(meter, read)
        yield f"may read: {_labels(read)}"
        yield f"may not read: {_labels([number for number, _ in denied])}"
        for number, code in denied:
            yield f"  {table_label(number)}: {code}"
    else:
        yield f"read: {_labels(read)}"
    for each in refused:
        yield f"refused: {sentence(each.error) if each.error is not None else each.label}"
    try:
        yield from _rules(meter.read(ACCESS_CONTROL))
    except (ServiceError, LayoutError) as exc:
        yield f"rules: not shown to this user ({sentence(exc)})"


def _tried(meter: "Meter", sure: list[int]) -> tuple[list[int], list[tuple[int, str]]]:
    """Tables of which an octet came, and those that were refused, with the code of the refusal."""
    from c1222.errors import LayoutError, ServiceError

    came: list[int] = list(sure)
    denied: list[tuple[int, str]] = []
    try:
        listed = meter.listed_tables()
    except (ServiceError, LayoutError):
        return came, denied
    for number in listed:
        if number in sure:
            continue
        try:
            meter.read_octets(number, 0, 1)
            came.append(number)
        except ServiceError as exc:
            denied.append((number, exc.code))
    return sorted(came), denied


def _labels(numbers: Sequence[int]) -> str:
    """`0-3, 21, MT-17`; `none`."""
    from c1219_tables.table import MANUFACTURER, table_label
    from c1222_cli.fields import members_text

    standard = [number for number in numbers if number < MANUFACTURER]
    others = [table_label(number) for number in numbers if number >= MANUFACTURER]
    return ", ".join([*([members_text(standard)] if standard else []), *others]) or "none"


def _rules(rules: "DecodedTable") -> Iterator[str]:
    """Table 44: who may read and write what has a rule of its own."""
    from c1222_cli.read.declared import declared
    from c1222_cli.read.words import words

    known = declared(rules.table)
    yield "rules of table 44:"
    for rule in rules["access_control"]:
        meant = dict(rule["access_table_def"])
        anybody_reads, anybody_writes = meant.pop("flag1", False), meant.pop("flag2", False)
        label = words("access_table_def", meant, known)
        if meant.get("proc_flag"):
            yield f"  {label}: started by {_groups(rule['write'], anybody_writes)}"
        else:
            reads, writes = _groups(rule["read"], anybody_reads), _groups(rule["write"], anybody_writes)
            yield f"  {label}: read by {reads}, written by {writes}"


def _groups(groups: Sequence[int], anybody: bool) -> str:
    from c1222_cli.fields import members_text

    if anybody:
        return "anybody"
    if not groups:
        return "nobody"
    return f"group{'s' if len(groups) > 1 else ''} {members_text(list(groups))}"
