"""The help of one procedure, read off its declaration, and the list of all of them."""

import textwrap
from collections.abc import Iterable

from c1219_tables.codes.results import RESULTS
from c1219_tables.explain import explain_procedure
from c1219_tables.formats import Octets
from c1219_tables.procedure_names import command_name
from c1219_tables.procedure_risks import risk
from c1219_tables.procedures import Procedure
from c1219_tables.schema.dialect import NOTHING, BitField, Secret, Struct
from c1219_tables.times import MeterTimeType
from c1222_cli.explain_page import draw as draw_explanation
from c1222_cli.procedure.given import defaults_of, fields_of, usage_of
from c1222_cli.report import Paper
from c1222_cli.talk import clean


def draw_help(paper: Paper, known: Procedure) -> None:
    """How a procedure is started, what it asks for, and its declaration."""
    paper.line(f"Usage: c1222 procedure TARGET {usage_of(known)}")
    paper.line()
    reason = risk(known.number)
    if reason:
        text = f"It asks for the meter's serial number, or --confirm SERIAL: {reason}."
        paper.lines += textwrap.wrap(clean(text), paper.width)
    else:
        paper.line("It asks before it starts, or takes --yes.")
    for name, layout in fields_of(known):
        paper.lines += textwrap.wrap(
            clean(f"{name}: {_form(known, name, layout)}"), paper.width, initial_indent="  ", subsequent_indent="      "
        )
    if known.parm is not NOTHING and not isinstance(known.parm, Struct):
        paper.line("  Its parameters are not public, or disputed: they are given as octets, --hex 0102.")
    paper.line()
    explanation = explain_procedure(known)
    draw_explanation(paper, explanation, [list(section.rows) for section in explanation.sections])
    paper.line()
    paper.line(paper.bold("results"))
    for code in RESULTS.values():
        paper.line(f"  {code.code}  {code.meaning}")


def _form(known: Procedure, name: str, layout: object) -> str:
    """How a parameter is written."""
    if isinstance(layout, Secret):
        form = "where it lies: env:NAME, file:PATH or prompt"
    elif isinstance(layout, MeterTimeType):
        form = "now, by this computer's clock, or a time as 2026-01-31T12:00:00Z; without a zone, as the meter shows it"
    elif isinstance(layout, BitField):
        flags = ", ".join(bit.name.removesuffix("_flag") for bit in layout.members if bit.is_flag)
        numbers = [f"{bit.name}=0..{bit.mask}" for bit in layout.members if not bit.is_flag and bit.note]
        form = ", ".join([f"flags ({flags})" if flags else "no bit has a name", *numbers, "or a number for all of it"])
    elif isinstance(layout, Octets):
        form = "octets in hex"
    else:
        form = "a number"
    if name in defaults_of(known):
        default = defaults_of(known)[name]
        form += "; left out: all of them" if default else "; left out: as table 52 of the meter has it"
    return form


def list_record(known: Procedure) -> dict[str, object]:
    """A procedure of the list, for programs. risk: what it takes away, "" where nothing."""
    return {
        "number": known.number,
        "label": known.label,
        "name": known.name,
        "command": usage_of(known).partition(" ")[0],
        "purpose": known.purpose,
        "risk": risk(known.number),
    }


def draw_list(paper: Paper, procedures: Iterable[Procedure]) -> None:
    """A line a procedure: label, name, purpose, and whether it asks for the serial number."""
    rows = [
        (known.label, command_name(known) if known.note.sources else "-", known.purpose, risk(known.number))
        for known in procedures
    ]
    width = max((len(name) for _, name, _, _ in rows), default=0)
    for label, name, purpose, reason in rows:
        paper.line(clean(f"{label:<8}{name:<{width}}  {'serial' if reason else 'yes   '}  {purpose}"))
