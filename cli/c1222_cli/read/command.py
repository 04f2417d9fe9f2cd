"""The command `c1222 read`: tables of a meter, decoded."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from c1222_cli.live import Way, connected, live_options, split_target
from c1222_cli.output import SUFFIXES, check_output, opened_output
from c1222_cli.talk import is_quiet, is_verbose, say, verbosity_options

if TYPE_CHECKING:
    from c1222.session.faces.meter import Meter
    from c1222_cli.read.fetch import Fetched
    from c1222_cli.read.head import Head
    from c1222_cli.read.wanted import Span, Wanted

FORMS = ("table", "plain", "json", "jsonl", "csv", "hex")
MOST_INDICES = 9
EXAMPLE = "as in: c1222 read optical:/dev/ttyUSB0 1 23"

EPILOG = """
TARGET is a way to a meter: it contains ":" or begins with "@". Without one, C1222_TARGET names it; without that, the
simulated meter is read. A TABLE is 23, ST-23, MT-17 (a maker's), a name such as CLOCK_TBL, a range such as 21..28 (what
the meter lists of it), or a field such as 23.tot_data_block.summations. What a table needs is read by itself.

What the meter refuses of a range or of --all is told and left out, and is no failure; what is named has to come.
Ctrl-C, SIGTERM and SIGHUP leave the session properly; what came until then is shown (and no FILE is written).

Exit codes: 0 all came; 3 refused; 4 security; 5 time-out; 6 link; 7 octets that do not fit; 9 some came, some did not;
130, 143 or 129 ended by Ctrl-C, SIGTERM or SIGHUP.

\b
Examples:
  c1222 read 1 23
  c1222 read optical:/dev/ttyUSB0 --user-id 1 --password prompt 21..28
  c1222 read tcp://192.0.2.7 --key 0=env:METER_KEY --all -o meter.json
  c1222 read 64 --offset 0 --count 100 --raw
  c1222 read 1.ed_model 23.summations --format plain
"""


@click.command(epilog=EPILOG)
@click.argument("words", metavar="[TARGET] TABLE...", nargs=-1)
@click.option("--all", "all_tables", is_flag=True, help="Every table that table 0 lists and that may be read.")
@click.option("--raw", is_flag=True, help="Octets only: nothing is decoded.")
@click.option("--offset", metavar="N", type=click.IntRange(0, 0xFFFFFF), help="Begin at this octet of the table.")
@click.option("--index", metavar="I,J...", help="Begin at this element: up to nine numbers.")
@click.option("--count", metavar="N", type=click.IntRange(1), help="Octets behind --offset, elements behind --index.")
@live_options
@click.option("--format", "form", type=click.Choice(FORMS), help="Form of the output.  [default: by -o, else table]")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(allow_dash=True),
    help="Write to FILE. Its suffix gives the form: .json, .jsonl, .csv, .tsv, .txt, .hex.",
)
@verbosity_options
@click.pass_context
def read(
    ctx: click.Context,
    words: tuple[str, ...],
    all_tables: bool,
    raw: bool,
    offset: int | None,
    index: str | None,
    count: int | None,
    way: Way,
    form: str | None,
    output: str | None,
) -> None:
    """Read tables from a meter, and show what they say.

    With -v, place and octets of every element are shown, too.
    """
    form = _form(form, output)
    target, named = split_target(words, simulated=True)
    if not named and not all_tables:
        raise click.UsageError(f"which tables? Name them, {EXAMPLE}; --all reads every one that the meter lists")
    if named and all_tables:
        raise click.UsageError(f"--all reads every table; then none is named ({', '.join(named)} is)")

    way = way.to(target)
    check_output(output, way.files)

    from c1222_cli.known import registry_of
    from c1222_cli.read.head import met
    from c1222_cli.read.missing import complaints, outcome
    from c1222_cli.read.wanted import Wanted, wanted

    registry = registry_of(way.schema)
    asked = wanted(named, registry)
    if raw and any(isinstance(each, Wanted) and each.fields for each in asked):
        raise click.UsageError("--raw shows octets of tables; a field is known only where they are decoded")
    part = _part(asked, offset, index, count)
    fetched: list[Fetched] = []
    interrupt: KeyboardInterrupt | None = None
    is_whole = False
    try:
        with connected(target, way, registry) as meter:
            head = met(meter)
            _fetch(meter, asked, part, fetched, raw=raw, quiet=is_quiet(ctx))
            is_whole = True
    except KeyboardInterrupt as exc:
        # A file appears whole or not at all; on standard output, what came is worth something.
        if not fetched or not (is_whole or output in (None, "-")):
            raise
        interrupt = exc
    by_name = {each.number for each in asked if isinstance(each, Wanted)}
    for line in complaints(fetched, by_name):
        say(line)
    if any(each.view is not None for each in fetched) or form in ("json", "jsonl"):
        _write(form, output, way, fetched, head, verbose=is_verbose(ctx))
    if interrupt is not None:
        raise interrupt
    ctx.exit(outcome(fetched, by_name))


def _form(given: str | None, output: str | None) -> str:
    """The form of the output. Raises UsageError."""
    from pathlib import Path

    suffixes = {**SUFFIXES, ".csv": "csv"}
    if given is not None:
        return given
    if output in (None, "-"):
        return "table"
    suffix = Path(str(output)).suffix.lower()
    if suffix not in suffixes:
        known = ", ".join(suffixes)
        raise click.UsageError(f"-o {output}: no format goes with {suffix or 'no suffix'!r} ({known}); give --format")
    return suffixes[suffix]


class Part(NamedTuple):
    """A part of one table: octets from `offset` on, or elements from `indices` on; at most `most`, None: all."""

    number: int
    offset: int | None
    indices: tuple[int, ...]
    most: int | None


def _part(asked: "Sequence[Wanted | Span]", offset: int | None, index: str | None, count: int | None) -> Part | None:
    """The part that the options mean; None for whole tables. Raises UsageError for what does not go together."""
    from c1222_cli.read.wanted import Wanted

    if offset is None and index is None:
        if count is not None:
            raise click.UsageError("--count goes with --offset or --index")
        return None
    if offset is not None and index is not None:
        raise click.UsageError("a part begins at an octet (--offset) or at an element (--index), not at both")
    only = asked[0] if len(asked) == 1 else None
    if not isinstance(only, Wanted) or only.fields:
        name = "--offset" if index is None else "--index"
        raise click.UsageError(f"{name} reads a part of one table: name that table alone")
    return Part(only.number, offset, () if index is None else _indices(index), count)


def _indices(text: str) -> tuple[int, ...]:
    numbers = [each.strip() for each in text.split(",")]
    if len(numbers) > MOST_INDICES or not all(each.isdecimal() and int(each) <= 0xFFFF for each in numbers):
        raise click.UsageError(f"--index {text}: wants one to nine numbers from 0 to 65535, as 0 or 1,2")
    return tuple(map(int, numbers))


def _fetch(
    meter: "Meter",
    asked: "Sequence[Wanted | Span]",
    part: Part | None,
    found: "list[Fetched]",
    *,
    raw: bool,
    quiet: bool,
) -> None:
    """Put what comes into `found`, also as far as it came when it is interrupted."""
    from c1222_cli.read.fetch import expand, fetch, fetch_elements, fetch_octets, fetch_part
    from c1222_cli.read.progress import shown_progress
    from c1222_cli.read.wanted import Wanted

    with shown_progress(1, quiet=quiet) as progress:
        if part is not None and part.offset is not None:
            found.append(fetch_part(meter, part.number, part.offset, part.most, is_raw=raw, progress=progress))
        elif part is not None:
            found.append(fetch_elements(meter, part.number, part.indices, part.most or 1))
        else:
            tables = expand(meter, asked, say) if asked else list(map(Wanted, meter.listed_tables()))
            progress.count = len(tables)
            (fetch_octets if raw else fetch)(meter, tables, progress, found)


def _write(
    form: str, output: str | None, way: Way, tables: "Sequence[Fetched]", head: "Head", *, verbose: bool
) -> None:
    from c1222_cli.read import machine, people, rows
    from c1222_cli.report import write

    if form in ("json", "jsonl"):
        lines = (machine.json_lines if form == "json" else machine.jsonl_lines)(head, tables)
        with opened_output(output, way.files) as stream:
            stream.write(b"".join(line + b"\n" for line in lines))
        return
    draw = {"plain": rows.draw_plain, "csv": rows.draw_csv, "hex": rows.draw_hex}.get(form)
    if draw is not None:
        write(output, lambda paper: draw(paper, tables), way.files)
    else:
        write(
            output,
            lambda paper: people.draw(paper, tables, head, verbose=verbose),
            way.files,
        )
