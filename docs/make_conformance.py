"""Writes docs/conformance.md from the declarations: what is known of each element, from whom, and what is not.

python docs/make_conformance.py            writes the file
python docs/make_conformance.py --check    exits with 1 where the file is not what it would write
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from c1219_tables.explain import Explanation, Row, explain_procedure, explain_table, rows
from c1219_tables.procedures import STANDARD_PROCEDURES
from c1219_tables.provenance import independent
from c1219_tables.registry import STANDARD
from c1219_tables.schema.dialect import Nothing
from c1219_tables.table import DIALECT
from c1222.psem.services import SERVICES

TARGET = Path(__file__).with_name("conformance.md")

_EDITIONS = re.compile(r"\b(editions?|1997|2008|2012|STD_VERSION_NO)\b", re.IGNORECASE)

HEAD = """# What is known, and from whom

Written by `docs/make_conformance.py` from the declarations that decode and encode; do not edit it by hand.

The texts of the standards are not public. A fact is as sure as the number of sources that agree without knowing one
another; [sources.md](sources.md) says what stands behind each short name, and which names count as one. In the tables
below:

- **sources**: who says so, and in brackets how many of them are independent.
- **agreed**: two or more independent sources. **single**: one. **inferred**: none says it outright, it follows from
  what they say. **none**: nobody says anything of the element; it is there because octets or bits are.
- **gap**: something that nobody outside the standard knows; the octets are kept, shown and written back.
"""


def conformance() -> str:
    """The whole document."""
    tables = [explain_table(table) for table in STANDARD]
    declared = [known for known in tables if known.layout_known]
    procedures = [explain_procedure(one) for one in STANDARD_PROCEDURES.values()]
    lines = [HEAD, *_summary(tables, declared)]
    lines += ["## Weak spots", "", *_weak(declared)]
    lines += ["## Editions", "", *_editions([*declared, *procedures])]
    lines += ["## Makers", "", *_dialects(declared)]
    lines += ["## Tables with a name only", "", *_names(tables)]
    lines += ["## Tables", ""]
    for known in declared:
        lines += _table(known)
    lines += ["## Procedures", "", *_procedures(procedures)]
    lines += ["## Services", "", *_services()]
    return "\n".join(lines).rstrip() + "\n"


def _summary(tables: list[Explanation], declared: list[Explanation]) -> list[str]:
    elements = [row for known in declared for row in _elements(known)]
    counts = {sure: sum(row.sure == sure for row in elements) for sure in ("agreed", "single", "inferred")}
    return [
        f"Of {len(tables)} standard tables with a name, {len(declared)} have a declared layout. Their {len(elements)}"
        f" elements and groups of bits: {counts['agreed']} agreed, {counts['single']} single, {counts['inferred']}"
        f" inferred; {sum(row.gap for row in elements)} have a gap.",
        "",
    ]


def _elements(known: Explanation) -> list[Row]:
    """Elements and bits; alternatives belong to their element, and spare bits to nobody."""
    found = [row for section in known.sections for row in section.rows]
    return [row for row in found if row.kind != "case" and not (row.kind == "bits" and row.text == "not defined")]


def _weak(declared: Iterable[Explanation]) -> Iterator[str]:
    yield "Where to look first when a meter disagrees: elements of one source, inferred ones, gaps."
    yield ""
    yield from _header("table", "single", "inferred", "gaps")
    for known in declared:
        elements = _elements(known)
        cells = [[row for row in elements if row.sure == sure] for sure in ("single", "inferred")]
        cells.append([row for row in elements if row.gap])
        if any(cells):
            yield _line(f"[{known.label}](#{known.label.lower()})", *(_listed(found, len(elements)) for found in cells))
    yield ""


def _listed(found: list[Row], of: int) -> str:
    """Names of elements, `all` where it is every one; what is inside an element that is named goes without saying."""
    paths = {row.path for row in found}
    named = dict.fromkeys(row.path for row in found if row.path.rpartition(".")[0] not in paths)
    return "all" if len(found) == of else ", ".join(f"`{path}`" for path in named)


def _editions(known: Iterable[Explanation]) -> Iterator[str]:
    yield "What sources of different editions say differently, in the words of the elements concerned."
    yield ""
    yield from _header("element", "what", "where")
    places: dict[tuple[str, str], list[str]] = {}
    for one in known:
        for row in _elements(one):
            if _EDITIONS.search(row.text):
                places.setdefault((row.name, row.text), []).append(one.label)
    for (name, text), labels in places.items():
        yield _line(f"`{name}`", text, ", ".join(dict.fromkeys(labels)))
    yield ""


def _dialects(declared: Iterable[Explanation]) -> Iterator[str]:
    yield "Switches for meters that differ from the standard's way; a meter profile sets them."
    yield ""
    yield from _header("dialect", "as the standard has it", "elements")
    places: dict[str, list[str]] = {name: [] for name in DIALECT}
    for known in declared:
        for row in known.sections[0].rows:
            for name in DIALECT:
                if f"dialect {name}" in f"{row.condition} {row.count} {row.type}":
                    places[name].append(f"{known.label} `{row.path}`")
    for name, found in places.items():
        yield _line(f"`{name}`", "on" if DIALECT[name] else "off", ", ".join(dict.fromkeys(found)) or "none")
    yield ""


def _names(tables: Iterable[Explanation]) -> Iterator[str]:
    yield "Their octets are shown as they are."
    yield ""
    yield from _header("table", "name", "what for", "sources of the name")
    for known in tables:
        if not known.layout_known:
            yield _line(known.label, known.name, known.purpose, _sources(known.sources))
    yield ""


def _table(known: Explanation) -> Iterator[str]:
    yield f"### {known.label}"
    yield ""
    needs = f" Needs {', '.join(f'ST-{number}' for number in known.needs)}." if known.needs else ""
    size = f" {' or '.join(map(str, known.sizes))} octets." if known.sizes else ""
    yield f"{known.name}: {known.purpose}. {known.sure.capitalize()}: {_sources(known.sources)}.{needs}{size}"
    yield ""
    yield from _rows(known.sections[0].rows)


def _rows(found: Iterable[Row]) -> Iterator[str]:
    yield from _header("element", "type", "when, how often", "sources", "sure")
    for row in found:
        name = "&nbsp;&nbsp;" * row.depth + (f"`{row.name}`" if row.kind != "case" else "or")
        when = ", ".join(part for part in (row.count, row.condition) if part)
        sure = row.sure if row.kind != "case" else ""
        gap = "gap" if row.gap else ""
        sources = "" if row.kind == "case" else _sources(row.sources)
        yield _line(name, row.type, when, sources, ", ".join(part for part in (sure, gap) if part))
    yield ""


def _procedures(known: Iterable[Explanation]) -> Iterator[str]:
    """The parameters and answers alone: the rest of tables 7 and 8 is the same for all."""
    yield "Parameters stand in table 7, answers in table 8, behind what is the same for all procedures."
    yield ""
    for one in known:
        yield f"### {one.label}"
        yield ""
        yield f"{one.name}: {one.purpose}. {one.sure.capitalize()}: {_sources(one.sources)}."
        yield ""
        for section, name in zip(one.sections, ("parm", "resp_data"), strict=True):
            inside = [row for row in section.rows if row.path == name or row.path.startswith(f"{name}.")]
            if not (len(inside) == 1 and inside[0].type == "no octets"):
                yield from _rows(inside)


def _services() -> Iterator[str]:
    yield "Requests, and answers behind the code ok. Numbers of services are most significant octet first."
    yield ""
    for service in SERVICES:
        if re.fullmatch(r".*_(0|[2-9]|1\d)", service.name):
            continue  # differs from the first of its kind in the number of indices or speeds alone
        for title, layout in (("request", service.request), ("answer", service.answer)):
            found = [] if isinstance(layout, Nothing) else rows(layout)
            if found:
                yield f"### {service.name}, {title}"
                yield ""
                yield from _rows(found)


def _sources(short: tuple[str, ...]) -> str:
    return f"{' '.join(short)} ({len(independent(short))})" if short else "none"


def _header(*names: str) -> list[str]:
    return [_line(*names), "|" + "---|" * len(names)]


def _line(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main() -> int:
    text = conformance()
    if "--check" in sys.argv[1:]:
        return 0 if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == text else 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
