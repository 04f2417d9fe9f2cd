"""A procedure on paper: before it is started, and what it answered."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from c1219_tables.errors import LayoutError
from c1219_tables.procedures import Procedure
from c1219_tables.schema.dialect import Secret
from c1219_tables.schema.inspect import walk
from c1219_tables.standard.general import PROC_INITIATE_TBL
from c1219_tables.table import DecodedTable
from c1222 import __version__
from c1222.capture.export import serializer
from c1222.capture.mask import MASKED
from c1222.psem.requests import encode_request
from c1222_cli.read.declared import declared
from c1222_cli.read.tree import Tree
from c1222_cli.report import Paper, document
from c1222_cli.talk import clean

if TYPE_CHECKING:
    from c1222.session.faces.meter import Meter
    from c1222.session.operations.procedures import PreparedProcedure, ProcedureDone

SCHEMA_VERSION = 1


def holds_secret(known: Procedure) -> bool:
    """Whether its parameters hold a password."""
    return any(isinstance(part, Secret) for part in walk(known.initiate.layout))


def draw_prepared(paper: Paper, prepared: "PreparedProcedure", meter: "Meter", notes: Sequence[str]) -> None:
    """What is about to be written to table 7: its values, its octets, the service that carries them."""
    request = _decoded(prepared, meter)
    paper.line(paper.bold(clean(prepared.name)) + f"  {clean(prepared.procedure.purpose)}")
    if isinstance(request["parm"], dict):
        Tree(paper, declared(request.table)).record(request["parm"])
    hidden = holds_secret(prepared.procedure)
    shown = MASKED if hidden else prepared.octets.hex(" ")
    paper.line(f"  written to table 7  {shown}")
    service = MASKED if hidden else encode_request(prepared.request).hex(" ")
    paper.line(f"  as full_write       {service}")
    for note in notes:
        paper.line(paper.faint(clean(f"  assumed: {note}")))


def draw_done(paper: Paper, done: "ProcedureDone") -> None:
    """That it was completed, and what it answered."""
    paper.line(paper.bold(clean(f"{done.procedure.label} {done.procedure.name}: completed")))
    data = done.resp_data
    if isinstance(data, dict):
        Tree(paper, declared(done.answer.table)).record(data)
    elif isinstance(data, bytes) and data:
        paper.line(f"  answer  {data.hex(' ')}")
    if done.misfit is not None:
        paper.line(paper.faint(clean(f"  its answer is not as declared: {done.misfit}")))


def record_prepared(prepared: "PreparedProcedure", meter: "Meter", notes: Sequence[str]) -> dict[str, Any]:
    """What is about to be written, for programs."""
    hidden = holds_secret(prepared.procedure)
    return {
        "parameters": _decoded(prepared, meter)["parm"],
        "octets": MASKED if hidden else prepared.octets,
        "service": MASKED if hidden else encode_request(prepared.request),
        "assumed": list(notes),
    }


def record_of(
    meter: "Meter", prepared: "PreparedProcedure", sent: dict[str, Any], done: "ProcedureDone | None", simulated: bool
) -> str:
    """The JSON of one procedure; `result` is null where it was not started (--dry-run)."""
    known = prepared.procedure
    result = None
    if done is not None:
        result = {
            "code": done.answer["result_code"],
            "word": "completed",
            "answer": done.resp_data,
            "octets": done.answer.octets,
            "misfit": None if done.misfit is None else str(done.misfit),
        }
    record = {
        "schema_version": SCHEMA_VERSION,
        "c1222_version": __version__,
        "simulated": simulated,
        "target": meter.label,
        "procedure": {"number": known.number, "label": known.label, "name": known.name},
        "sequence_number": prepared.seq_nbr,
        "sent": sent,
        "result": result,
    }
    return document(json.loads(serializer()(record)))


def _decoded(prepared: "PreparedProcedure", meter: "Meter") -> DecodedTable:
    """Table 7 with its parameters as the procedure declares them, or octets where those given do not fit that."""
    tables = meter.tables.params()
    try:
        return prepared.procedure.initiate.decode(prepared.octets, tables)
    except LayoutError:
        return PROC_INITIATE_TBL.decode(prepared.octets, tables)
