"""The command `c1222 info`: who a meter is, what it has and how it is, on one screen."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from c1222_cli.live import Way, connected, live_options, split_target
from c1222_cli.output import check_output
from c1222_cli.report import Paper, choose_form, output_options, write
from c1222_cli.talk import clean, verbosity_options

if TYPE_CHECKING:
    from c1219_tables.schema.layout import Decoded
    from c1222.errors import C12Error
    from c1222.session.faces.meter import Meter
    from c1222_cli.info.facts import Fact
    from c1222_cli.read.fetch import Fetched
    from c1222_cli.read.head import Head

FORMS = ("table", "json")
LABEL = 24
WIDEST = 100

EPILOG = """
What the meter refuses is said in its place; tables 0 to 6 are refused by few meters.

\b
Examples:
  c1222 info
  c1222 info optical:/dev/ttyUSB0
  c1222 info tcp://192.0.2.7 --key 0=env:METER_KEY --format json
"""


@click.command(epilog=EPILOG)
@click.argument("words", metavar="[TARGET]", nargs=-1)
@live_options
@output_options(FORMS)
@verbosity_options
@click.pass_context
def info(ctx: click.Context, words: tuple[str, ...], way: Way, form: str | None, output: str | None) -> None:
    """Show who a meter is, what it has and how it is.

    Its answer to Identify, and tables 0, 1, 3, 5 and 6 in words. Without a TARGET, C1222_TARGET names the meter;
    without that, it is the simulated one.
    """
    form = choose_form(form, output, FORMS)
    target, rest = split_target(words, simulated=True)
    if rest:
        raise click.UsageError(f"info takes a target and no tables ({rest[0]!r}); to read tables: c1222 read")
    way = way.to(target)
    check_output(output, way.files)
    from c1222_cli.info.facts import TABLES, facts
    from c1222_cli.read.fetch import fetch
    from c1222_cli.read.head import met
    from c1222_cli.read.progress import Progress
    from c1222_cli.read.wanted import Wanted

    with connected(target, way) as meter:
        head = met(meter)
        identity, refused = _identify(meter)
        fetched = fetch(meter, [Wanted(number) for number in TABLES], Progress(len(TABLES), shown=False))
    if all(each.view is None for each in fetched) and fetched[0].error is not None:
        raise fetched[0].error
    tables = {each.table.number: each.view.decoded for each in fetched if each.view and each.view.decoded is not None}
    found = facts(identity, tables)
    if form == "json":
        record = _record(head, found, refused, fetched)
        write(output, lambda paper: paper.line(record), way.files)
    else:
        missing: dict[int | None, C12Error | None] = {each.table.number: each.error for each in fetched}
        missing[None] = refused
        write(output, lambda paper: _draw(paper, head, found, missing), way.files)


def _identify(meter: "Meter") -> "tuple[Decoded | None, C12Error | None]":
    from c1222.errors import ServiceError

    try:
        return meter.identify(), None
    except ServiceError as exc:
        return None, exc


def _draw(paper: Paper, head: "Head", found: "Sequence[Fact]", missing: "Mapping[int | None, C12Error | None]") -> None:
    from c1222_cli.failure import sentence
    from c1222_cli.info.facts import TITLES

    paper.line(paper.bold(clean(head.title)))
    for number, title in TITLES.items():
        paper.line(paper.faint(title))
        for fact in found:
            if fact.number == number:
                _line(paper, fact.label, fact.words)
        if (error := missing.get(number)) is not None:
            _line(paper, "not known", sentence(error))


def _line(paper: Paper, label: str, text: str) -> None:
    start = f"  {label:<{LABEL}}"
    room = max(min(paper.width, WIDEST) - len(start), LABEL)
    lines = textwrap.wrap(clean(text), room, break_on_hyphens=False) or [""]
    for index, line in enumerate(lines):
        paper.line(((" " * len(start) if index else start) + line).rstrip())


def _record(head: "Head", found: "Sequence[Fact]", refused: "C12Error | None", fetched: "Sequence[Fetched]") -> str:
    import json

    from c1222.capture.export import serializer
    from c1222_cli.read.machine import error_record, table_fetched
    from c1222_cli.report import document

    record: dict[str, Any] = {
        **head.record(),
        "facts": [
            {"name": fact.name, "words": fact.words, "table": fact.number} for fact in found
        ],
        "identify_error": None if refused is None else error_record(refused),
        "tables": [table_fetched(each, head) for each in fetched],
    }  # fmt: skip
    return document(json.loads(serializer()(record)))
