"""An explanation on paper: head, a table of rows with their words wrapped, how to read the types."""

import textwrap

from c1219_tables.explain import Explanation, Row, codes_of, rules_for
from c1219_tables.provenance import independent
from c1219_tables.table import MANUFACTURER, table_label
from c1222_cli.report import Paper
from c1222_cli.talk import clean

GAP = "  "
ABOUT = 10
"""Columns for the name of a rule."""

WIDEST_TYPE = 34
"""Columns for types; the words of a row with a longer one go below it."""

LEAST_WORDS = 44
"""Columns that words need beside the others; with fewer they go below."""

_SURE = {
    "agreed": "{count} independent sources: {names}",
    "single": "one source: {names}",
    "inferred": "inferred from {names}",
    "none": "no source",
}

_PARAMETERS = {"single": "one source", "inferred": "inferred"}
"""What `sure` says of a procedure whose name has more sources than its parameters."""

SOURCES = "short names of sources; docs/sources.md of this project says what each one is"

_HOLDS = {True: ": yes", False: ": no", None: ""}


def draw(paper: Paper, known: Explanation, rows: list[list[Row]]) -> None:
    """All of an explanation, or of it the rows that were asked for."""
    _head(paper, known)
    for section, chosen in zip(known.sections, rows, strict=True):
        if chosen:
            paper.line()
            if section.title:
                size = "" if section.size is None else f", {_octets_text(section.size)}"
                paper.line(paper.bold(f"{section.title}{size}"))
            _rows(paper, chosen)
    shown = [row for chosen in rows for row in chosen]
    rules = rules_for(known.rules, shown)
    paper.line()
    paper.line(paper.bold("how to read it"))
    for rule in rules:
        about, text = (rule.about, rule.text) if len(rule.about) <= ABOUT else ("", f"{rule.about}: {rule.text}")
        _wrapped(paper, about.ljust(ABOUT), text)
    if any(row.sources for row in shown):
        _wrapped(paper, "[]".ljust(ABOUT), SOURCES)
    _codes(paper, known, shown, in_full=len(shown) < sum(len(section.rows) for section in known.sections))


def _codes(paper: Paper, known: Explanation, shown: list[Row], *, in_full: bool) -> None:
    """Lists of codes: in full where a field was asked for, else where to find them."""
    lists = codes_of(shown) if known.number < MANUFACTURER else ()
    if lists and not in_full:
        names = ", ".join(f"{known.label}.{one.element}" for one in lists)
        _wrapped(paper, "codes".ljust(ABOUT), f"what they mean: c1222 explain {names}")
    for one in lists if in_full else ():
        paper.line()
        paper.line(paper.bold(f"codes of {one.element}; others are reserved, or no source has them"))
        for code, meaning in one.codes.items():
            _wrapped(paper, f"{code:>5}", meaning)


def _head(paper: Paper, known: Explanation) -> None:
    paper.line(paper.bold(clean(f"{known.label} {known.name}")))
    _fill(paper, known.purpose)
    _fill(paper, f"known from {sureness(known)}; in [] below who says it of an element")
    if not known.layout_known:
        _fill(paper, "its layout is not public: nobody outside the standard knows what its octets mean")
    if known.needs:
        given = [number for number in known.needs if number not in known.unknown]
        text = f"needs {_tables(known.needs)} of the same meter"
        if given:
            text += f"; given: {_tables(given)}"
            text += f"; not given: {_tables(known.unknown)}" if known.unknown else ""
        else:
            text += " (--dims FILE works them in)"
        _fill(paper, text)
    if known.kind == "table":
        _fill(paper, f"size: {_size(known)}")


def _octets_text(count: int) -> str:
    return "1 octet" if count == 1 else f"{count} octets"


def _tables(numbers: "tuple[int, ...] | list[int]") -> str:
    return ", ".join(map(table_label, numbers))


def _size(known: Explanation) -> str:
    if known.sizes:
        return f"{' or '.join(map(str, known.sizes))} {'octet' if known.sizes == (1,) else 'octets'}"
    if not known.layout_known:
        return "any"
    return "varies" + (f", by {_tables(known.unknown)}" if known.unknown else " with its own content")


def sureness(known: Explanation) -> str:
    """`3 independent sources: CX NI YK`; of a procedure, also what is less sure: `...; its parameters: one source`."""
    count, names = len(independent(known.sources)), " ".join(known.sources)
    if known.kind == "procedure" and count > 1 and known.sure in _PARAMETERS:
        return f"{_SURE['agreed'].format(count=count, names=names)}; its parameters: {_PARAMETERS[known.sure]}"
    return _SURE[known.sure].format(count=count, names=names or "the rest")


def _fill(paper: Paper, text: str) -> None:
    paper.lines += textwrap.wrap(_shown(text), paper.width, break_long_words=False) or [""]


def _shown(text: str) -> str:
    """Words of a declaration, which may be a maker's file: on one line, and harmless to a terminal."""
    return clean(" ".join(text.split()))


def _rows(paper: Paper, rows: list[Row]) -> None:
    cells = [[_place(row), _octets(row), "  " * row.depth + clean(_name(row)), clean(row.type)] for row in rows]
    header = ["offset", "octets", "element", "type"]
    widths = [max(len(cell[index]) for cell in [header, *cells]) for index in range(len(header))]
    widths[-1] = min(widths[-1], WIDEST_TYPE)
    left = sum(widths) + len(GAP) * (len(widths) - 1)
    beside = left + len(GAP) + LEAST_WORDS <= paper.width
    paper.line(paper.bold(_joined([*header, "what it is"] if beside else header, widths)))
    for row, cell in zip(rows, cells, strict=True):
        start = _joined(cell, widths)
        if beside and len(start) <= left:
            _wrapped(paper, start.ljust(left), *_words(row))
        else:
            paper.line(start)
            below = left if beside else widths[0] + widths[1] + 2 * row.depth + 2 * len(GAP)
            _wrapped(paper, " " * below, *_words(row))


def _joined(cells: list[str], widths: list[int]) -> str:
    return GAP.join(cell.ljust(width) for cell, width in zip(cells, [*widths, 0], strict=False)).rstrip()


def _place(row: Row) -> str:
    if row.kind == "bits":
        return ""
    if row.present is False:
        return "absent"
    return "varies" if row.place is None else str(row.place)


def _octets(row: Row) -> str:
    return "" if row.kind == "bits" or row.size is None or row.present is False else str(row.size)


def _name(row: Row) -> str:
    return "case" if row.kind == "case" else row.name


def _words(row: Row) -> list[str]:
    """What stands beside a row: what it is for and who says so, how often it is there and when."""
    if row.kind == "case":
        return [": ".join(part for part in (row.condition, row.text) if part)]
    said = f"[{_brief(row)}]" if row.sources or row.sure != "none" else ""
    found = [" ".join(part for part in (row.text, said) if part)]
    when = row.condition
    if when.startswith("if "):
        when = f"only {when}{_HOLDS[row.present]}"
    if row.count or when:
        found.append(", ".join(part for part in (row.count, when) if part))
    return found


def _brief(row: Row) -> str:
    """Names of the sources, with a warning where few agree."""
    names = " ".join(row.sources)
    return (
        names
        if row.sure == "agreed"
        else {"single": f"one source: {names}", "inferred": f"inferred: {names}"}.get(row.sure, "no source").rstrip(
            ": "
        )
    )


def _wrapped(paper: Paper, left: str, *texts: str) -> None:
    """Words beside or below the cells of a row, wrapped to the paper, later lines under the first."""
    start = left
    for text in texts:
        room = max(paper.width - len(start) - len(GAP), 24)
        for line in textwrap.wrap(_shown(text), room, break_long_words=False) or [""]:
            paper.line(f"{start}{GAP}{line}".rstrip())
            start = " " * len(start)
