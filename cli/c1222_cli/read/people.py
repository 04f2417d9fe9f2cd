"""Tables that were read, for people: a heading, what is to be remarked, then the values."""

from collections.abc import Iterator, Sequence

from c1219_tables.table import is_raw
from c1222.capture.mask import MASKED
from c1222.capture.table_view import TableView
from c1222_cli.decode.table_rows import dump, lines_of, row_of
from c1222_cli.decode.words import octets_text
from c1222_cli.fields import last_name
from c1222_cli.read.declared import declared
from c1222_cli.read.fetch import Fetched
from c1222_cli.read.head import Head
from c1222_cli.read.rows import fields_fetched
from c1222_cli.read.tree import STEP, Tree
from c1222_cli.read.wanted import picked
from c1222_cli.report import Paper
from c1222_cli.talk import clean


def draw(paper: Paper, tables: Sequence[Fetched], head: Head, *, verbose: bool) -> None:
    """All tables that came of a meter. verbose: with place and octets of each element."""
    first = True
    for fetched in tables:
        if fetched.view is None:
            continue
        if not first:
            paper.line()
        first = False
        _table(paper, fetched, fetched.view, head, verbose=verbose)


def _table(paper: Paper, fetched: Fetched, view: TableView, head: Head, *, verbose: bool) -> None:
    table = fetched.table
    purpose = table.purpose if len(table.purpose) < 60 else ""
    paper.line(paper.bold(clean(f"{table.label} {table.name}")) + (f"  {clean(purpose)}" if purpose else ""))
    paper.line(clean(", ".join(_state(fetched, view, head))))
    if fetched.is_hidden:
        paper.line(" " * STEP + MASKED)
    elif fetched.is_raw or is_raw(table) or not (view.decoded is not None or view.touched):
        _octets(paper, view)
    elif verbose or view.decoded is None:
        rows = [row_of(field, hidden=False) for field in fields_fetched(fetched)]
        for line in lines_of(rows, None, colour=paper.colour):
            paper.line(line)
    else:
        _values(paper, fetched, view)


def _values(paper: Paper, fetched: Fetched, view: TableView) -> None:
    assert view.decoded is not None
    tree = Tree(paper, declared(fetched.table))
    if not fetched.fields:
        tree.record(view.decoded)
        if view.decoded.trailing:
            paper.line(f"{' ' * STEP}(beyond its layout)  {view.decoded.trailing.hex(' ')}")
        return
    for path in fetched.fields:
        value = picked(view.decoded, path)
        if value is None:
            paper.line(f"{' ' * STEP}{path}  (this meter does not have it)")
        else:
            tree.element(path, last_name(path), value, STEP)


def _octets(paper: Paper, view: TableView) -> None:
    for at, octets, _, text, _ in dump(view, hidden=False):
        paper.line(f"{at:>8}  {octets:<47}  {text}".rstrip())


def _state(fetched: Fetched, view: TableView, head: Head) -> Iterator[str]:
    """How many octets, when they came, and what is to be said of them."""
    place = "" if view.is_whole or fetched.index is not None else f" from octet {view.offset}"
    yield octets_text(len(view.octets)) + place
    if fetched.index is not None:
        yield f"from element {', '.join(map(str, fetched.index))} on"
    if head.simulated:
        yield "of the simulated meter"
    if (read_at := head.read_table_at(fetched.table.number, fetched.read_at)) is not None:
        yield f"read {read_at:%Y-%m-%d %H:%M:%S} UTC"
    if fetched.is_raw:
        return
    if view.assumed:
        yield f"assumed: {view.assumed}"
    if view.decoded is not None:
        yield from (remark.text for remark in view.decoded.remarks if remark.code != "assumed")
    if is_raw(fetched.table):
        yield "octets only: its layout is not public"
    elif view.decoded is None and not view.touched:
        yield "octets only"
