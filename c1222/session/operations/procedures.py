"""Procedures: table 7 is written once, table 8 is read until it says what came of it.

All that can be wrong is looked for before table 7 is written, and it is never written a second time: a procedure must
not run twice. Where its answer is lost, table 8 tells whether it ran; where that is lost too, the error says so.
Over C12.22 the write and the read are two messages. Sources: docs/sources.md, CNX TER C12A.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from c1219_tables.codes.results import COMPLETED, RESULT_WORDS, TRY_AGAIN, result
from c1219_tables.errors import TableError
from c1219_tables.procedures import Procedure, decode_response, encode_request, procedure
from c1219_tables.schema.dialect import NOTHING, Record, Struct
from c1219_tables.standard.general import PROC_INITIATE_TBL, PROC_RESPONSE_TBL
from c1219_tables.table import MANUFACTURER, DecodedTable
from c1222.errors import (
    C12Error,
    LinkTimeout,
    LocalProtocolError,
    RemoteProtocolError,
    SecurityError,
    ServiceError,
    TransportError,
)
from c1222.psem.blocks import blocks, joined
from c1222.psem.requests import request
from c1222.session.channels.channel import Pause
from c1222.session.conversation import Operation
from c1222.session.operations.asking import demand
from c1222.session.operations.reading import is_sound
from c1222.session.settings import Patience

INITIATE, RESPONSE = PROC_INITIATE_TBL.number, PROC_RESPONSE_TBL.number
REMOTE_RESET = 9
_ACTIONS = (("demand_reset_flag", "reset its demands"), ("self_read_flag", "keep a self read"))
SEQUENCE_NUMBERS = 255
"""How many are used, 1 to 255: a table 8 that was never written holds zeros."""

Parameters = Mapping[str, Any] | bytes | None
"""By the names of the declaration, or octets as they are; None where there are none."""

_HINTS: Mapping[int, str] = {
    3: "its set-up does not go with it",
    4: "it may take it at another time",
    5: "another user or a password may be needed (--user, --password)",
    6: "its table 0 lists it all the same",
}


@dataclass(frozen=True, slots=True)
class PreparedProcedure:
    """A procedure that can be started. octets: of table 7, in which there may be a password."""

    procedure: Procedure
    seq_nbr: int
    octets: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """`SP-10 Set Date and/or Time`."""
        return f"{self.procedure.label} {self.procedure.name}"

    @property
    def request(self) -> Record:
        """The service that starts it."""
        return request("full_write", table=INITIATE, blocks=blocks(self.octets))

    def is_answered_by(self, table_8: DecodedTable) -> bool:
        """Whether table 8 speaks of this request. The selector need not be the same (C12A)."""
        proc = table_8.proc
        number = proc.tbl_proc_nbr + MANUFACTURER * proc.std_vs_mfg_flag
        return bool(number == self.procedure.number and table_8.seq_nbr == self.seq_nbr)


@dataclass(frozen=True, slots=True)
class ProcedureDone:
    """A procedure that was completed.

    answer: table 8. misfit: why its resp_data are octets, where the declaration has more for them; None where they are
    as declared, or left out.
    """

    procedure: Procedure
    answer: DecodedTable
    misfit: TableError | None = None

    @property
    def resp_data(self) -> Any:
        """What the procedure answered, as its declaration has it; None where it answered nothing."""
        return self.answer.resp_data


def sequence_numbers(first: int) -> Iterator[int]:
    """1 to 255, again and again, from `first` on."""
    while True:
        yield first
        first = first % SEQUENCE_NUMBERS + 1


def prepare(known: Procedure, parameters: Parameters, tables: Mapping[str, Any], seq_nbr: int) -> PreparedProcedure:
    """Table 7 for a procedure, if the meter has it. tables: the meter's, at least `st0`.

    Raises LocalProtocolError where its table 0 does not list the procedure, TableError for parameters that do not fit
    the declaration or MAX_PROC_PARM_LENGTH.
    """
    if problem := unlisted(known, tables["st0"]):
        raise LocalProtocolError(f"{problem}; nothing was sent")
    if isinstance(parameters, bytes | bytearray):
        number = known.number
        proc = {"tbl_proc_nbr": number % MANUFACTURER, "std_vs_mfg_flag": number // MANUFACTURER, "selector": 0}
        value = {"proc": proc, "seq_nbr": seq_nbr, "parm": bytes(parameters)}
        return PreparedProcedure(known, seq_nbr, PROC_INITIATE_TBL.encode(value, tables))
    if parameters and not isinstance(known.parm, Struct):
        why = "takes no parameters" if known.parm is NOTHING else "takes octets: its parameters are not public"
        raise TableError(why, table=INITIATE, layout=known.label, field=next(iter(parameters)))
    parm = parameters if isinstance(known.parm, Struct) else None
    return PreparedProcedure(known, seq_nbr, encode_request(known.number, parm, tables, seq_nbr=seq_nbr))


def given_parameters(octets: bytes | None, named: Mapping[str, Any]) -> Parameters:
    """The parameters of a call. Raises LocalProtocolError where there are octets and names."""
    if octets is not None and named:
        raise LocalProtocolError(f"parameters are octets, or have names ({', '.join(named)}), not both")
    return (named or None) if octets is None else octets


def unlisted(known: Procedure, table_0: Mapping[str, Any]) -> str:
    """Why the meter cannot have a procedure, by its table 0; "" where it lists it."""
    makers = known.number >= MANUFACTURER
    listed = table_0["mfg_proc_used" if makers else "std_proc_used"]
    if known.number % MANUFACTURER in listed:
        return ""
    prefix = "MP" if makers else "SP"
    has = ", ".join(f"{prefix}-{run}" for run in _runs(listed)) or "none of this kind"
    return f"table 0 of this meter does not list {known.label} {known.name} (it has {has})"


def _runs(numbers: Iterable[int]) -> list[str]:
    """Neighbours drawn together: `0 to 11`, `16`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [f"{run[0]} to {run[-1]}" if run[1:] else str(run[0]) for run in runs]


def carry_out(prepared: PreparedProcedure, tables: Mapping[str, Any], patience: Patience) -> Operation[ProcedureDone]:
    """Write table 7, and read table 8 until the procedure is completed.

    Raises ServiceError where the write is refused, or the procedure by its result (`code` is then a word of
    RESULT_WORDS); LinkTimeout where the meter falls silent, or does not complete it in time; RemoteProtocolError where
    table 8 never answers this request. Wherever nobody knows whether it was carried out, the message says so.
    """
    lost: C12Error | None = None
    try:
        yield from demand(prepared.request, patience)
    except (ServiceError, LocalProtocolError):
        raise  # it was not started
    except C12Error as exc:
        if isinstance(exc, SecurityError) and exc.reason == "no-key":
            raise
        lost = exc  # it, or the answer to it: table 8 tells which
    try:
        octets, table_8 = yield from _answer(prepared, tables, patience)
    except C12Error as exc:
        if lost is not None:
            raise in_doubt(prepared, lost) from exc
        raise _with_words(exc, f"{prepared.name} was started, and what came of it is not known") from exc
    if table_8.result_code == TRY_AGAIN:
        seconds = patience.procedure_tries * patience.procedure_pause
        raise LinkTimeout(
            f"{prepared.name} was accepted, and is not completed after {seconds:g} s: it may still be done, "
            "so look at what it changes before starting it again"
        )
    if table_8.result_code != COMPLETED:
        raise _refused(prepared, table_8.result_code)
    try:
        return ProcedureDone(prepared.procedure, decode_response(octets, tables, tolerant=True))
    except TableError as exc:
        return ProcedureDone(prepared.procedure, table_8, exc)


def done_otherwise(prepared: PreparedProcedure, done: ProcedureDone, tables: Mapping[str, Any]) -> str:
    """What the meter answers that it did, where that is something else than it was asked for; "" where it is not.

    Only a remote reset answers that, and not on every meter. tables: as for `prepare`.
    """
    if prepared.procedure.number != REMOTE_RESET or not isinstance(done.resp_data, Mapping):
        return ""
    try:
        asked = prepared.procedure.initiate.decode(prepared.octets, tables)["parm"]["action_flag"]
    except TableError:  # octets that are not as declared
        return ""
    did = done.resp_data["action_flag"]
    words = [f"it did {'' if did[flag] else 'not '}{what}" for flag, what in _ACTIONS if did[flag] != asked[flag]]
    return f"the meter answers that {' and that '.join(words)}" if words else ""


def in_doubt(prepared: PreparedProcedure, error: C12Error) -> C12Error:
    """An error after which nobody knows whether the meter started the procedure, with these words before its own."""
    return _with_words(error, f"whether {prepared.name} was carried out is not known")


def _answer(
    prepared: PreparedProcedure, tables: Mapping[str, Any], patience: Patience
) -> Operation[tuple[bytes, DecodedTable]]:
    """Table 8 when it answers this request and is not at work any more, or for the last time.

    Raises RemoteProtocolError where it answers another one to the last; what reading raises.
    """
    tried = 0
    while True:
        octets = yield from _table_8(patience)
        table_8 = PROC_RESPONSE_TBL.decode(octets, tables, tolerant=True)
        is_ours = prepared.is_answered_by(table_8)
        if is_ours and (table_8.result_code != TRY_AGAIN or tried == patience.procedure_tries):
            return octets, table_8
        if tried == patience.procedure_tries:
            other = procedure(table_8.proc.tbl_proc_nbr + MANUFACTURER * table_8.proc.std_vs_mfg_flag)
            raise RemoteProtocolError(
                f"table 8 answers another request: {other.label} with sequence number {table_8.seq_nbr}, "
                f"not {prepared.procedure.label} with {prepared.seq_nbr}"
            )
        tried += 1
        yield Pause(patience.procedure_pause)


def _table_8(patience: Patience) -> Operation[bytes]:
    """Its octets, always whole: it is never read in parts (C12A). Raises ServiceError, RemoteProtocolError."""
    for _ in range(patience.checksum_tries + 1):
        answer = yield from demand(request("full_read", table=RESPONSE), patience)
        if is_sound(answer):
            return joined(answer.data.blocks)
    raise RemoteProtocolError("table 8 came with a wrong checksum every time it was read")


def _refused(prepared: PreparedProcedure, code: int) -> ServiceError:
    """What a result other than 0 and 1 means."""
    known = code in RESULT_WORDS
    hint = _HINTS.get(code, "") if known else "whether it was carried out is not known"
    return ServiceError(
        f"{prepared.name} was refused with result {code} ({result(code).meaning})"
        if known
        else f"{prepared.name} was answered with result {code}, which nobody named",
        code=RESULT_WORDS.get(code, f"result {code}"),
        service=prepared.name,
        hint=hint,
    )


def _with_words(error: C12Error, said: str) -> C12Error:
    """An error of the same kind that says more before its own words."""
    if isinstance(error, ServiceError):
        problem = f"{said}: {error.problem}"
        return ServiceError(problem, code=error.code, service=error.service, table=error.table, hint=error.hint)
    if isinstance(error, SecurityError):
        return SecurityError(f"{said}: {error}", reason=error.reason)
    if isinstance(error, TableError):
        problem = f"{said}: {error.problem}"
        return TableError(problem, table=error.table, layout=error.layout, field=error.field, offset=error.offset)
    kinds = (LinkTimeout, TransportError)
    kind = next((kind for kind in kinds if isinstance(error, kind)), RemoteProtocolError)
    return kind(f"{said}: {error}")
