"""The command `c1222 pending`: which tables wait to be activated, by table 4."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from c1222_cli.live import Way, connected, is_simulated, live_options, split_target
from c1222_cli.output import check_output
from c1222_cli.report import Paper, choose_form, output_options, write
from c1222_cli.talk import clean, verbosity_options

if TYPE_CHECKING:
    from c1219_tables.table import DecodedTable

FORMS = ("table", "json")
STATUS = 4
NOT_STAGED = (
    "whether a write to a pending table begins with the record of what activates it is not public, and neither is that "
    "record: c1222 does not write pending tables"
)

EPILOG = f"""
Nothing is written. What waits is activated or discarded with c1222 procedure: activate-all-pending-tables (12),
clear-all-pending-tables (14), or for one trigger 13 and 15 with the octets of the record that this command shows.
New content cannot be put into a pending table: {NOT_STAGED.partition(":")[0]}.

\b
Examples:
  c1222 procedure tcp://192.0.2.7 clear-all-pending-tables
  c1222 pending optical:/dev/ttyUSB0
  c1222 pending tcp://192.0.2.7 --format json
"""


@click.command(epilog=EPILOG)
@click.argument("words", metavar="TARGET", nargs=-1)
@live_options
@output_options(FORMS)
@verbosity_options
def pending(words: tuple[str, ...], way: Way, form: str | None, output: str | None) -> None:
    """Show which tables have a pending form, and what waits in them."""
    form = choose_form(form, output, FORMS)
    target, rest = split_target(words)
    if rest:
        raise click.UsageError(f"pending takes a target and nothing more ({rest[0]!r}); {NOT_STAGED}")
    way = way.to(target)
    check_output(output, way.files)
    with connected(target, way) as meter:
        table = meter.read(STATUS)
    if form == "json":
        import json

        from c1222 import __version__
        from c1222.capture.export import serializer
        from c1222_cli.report import document

        head = {"schema_version": 1, "c1222_version": __version__, "simulated": is_simulated(meter.label)}
        record = {**head, "target": meter.label, "table": 4, "value": table, "octets": table.octets}
        write(output, lambda paper: paper.line(document(json.loads(serializer()(record)))), way.files)
    else:
        write(output, lambda paper: _draw(paper, table), way.files)


def _draw(paper: Paper, table: "DecodedTable") -> None:
    for line in in_words(table):
        paper.line(clean(line))


def in_words(table: "DecodedTable") -> Iterator[str]:
    """Table 4 in sentences."""
    from c1219_tables.table import MANUFACTURER, PENDING, table_label

    waiting = table["nr_of_pending_activations"]
    yield f"activations that wait: {waiting or 'none'}"
    yield f"last activation: {table['last_activation_time_date'] or 'never'}"
    numbers = [*table["standard_pending"], *(MANUFACTURER + number for number in table["manufacturer_pending"])]
    yield f"tables with a pending form: {', '.join(map(table_label, numbers)) or 'none'}"
    for index, entry in enumerate(table["entry_activation"]):
        meant = entry["table_id"]
        number = meant["tbl_proc_nbr"] + MANUFACTURER * meant["std_vs_mfg_flag"] + PENDING * meant["pending_flag"]
        event = entry["event"]
        octets = f"{_whole(event['status']):02x} {event['event_storage'].hex(' ')}"
        yield f"entry {index}: {table_label(number)}, trigger {octets} (its layout is not public)"


def _whole(status: "dict[str, int]") -> int:
    """The octet of STATUS, none of whose bits has a name."""
    return next(iter(status.values()))
