"""What a read or write says of a table, in words: its state and its fields."""

from collections.abc import Iterator

from c1219_tables.table import is_raw, table_label
from c1222.capture.table_view import TableView
from c1222_cli.fields import Field, fields_of, fields_touched, quoted


def table_state(view: TableView) -> Iterator[str]:
    """What was guessed, what is missing and what is wrong, a line each."""
    if view.assumed:
        yield f"assumed: {view.assumed}"
    if view.needs:
        yield f"octets only: needs {needs_text(view.needs)} of this meter; give what the capture lacks with --dims"
    if view.problem:
        yield f"octets only: {view.problem}"
    if view.decoded is not None:
        yield from (remark.text for remark in view.decoded.remarks if remark.code != "assumed")
        if is_raw(view.table):
            yield "octets only: its layout is not public"
    elif not (view.needs or view.problem or view.touched):
        yield f"octets {view.offset} to {view.offset + len(view.octets) - 1}: nothing says which elements these are"


def needs_text(needs: tuple[int, ...]) -> str:
    """`ST-0, ST-11 and ST-21`."""
    names = [table_label(number) for number in needs]
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def fields_of_view(view: TableView) -> Iterator[Field]:
    """The fields of a table or its part; one of octets where nothing else is known."""
    if view.decoded is not None:
        yield from fields_of(view.decoded)
        if trailing := view.decoded.trailing:
            start = len(view.decoded.octets)
            words = "beyond its layout"
            yield Field("(trailing)", start, start + len(trailing), trailing, quoted(trailing), words, secret=False)
    yield from fields_touched(view.table, view.touched)
