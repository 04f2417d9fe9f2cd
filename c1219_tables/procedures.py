"""Procedures: what a meter can be asked to do by writing table 7, and what table 8 answers.

Each standard procedure is declared once, with the layout of its parameters and of its answer; what is disputed or not
public, and every procedure of a maker, is octets. The functions of this module read and write tables 7 and 8 with the
layouts of the procedure that they name; a decode of these tables by themselves leaves PARM and RESP_DATA octets. Short
source names: docs/sources.md.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from construct import Construct, IfThenElse, this

from c1219_tables.codes.results import COMPLETED
from c1219_tables.errors import TableError
from c1219_tables.formats import UINT8, UINT16, Octets
from c1219_tables.schema.dialect import NOTHING, BitField, Note, Secret, Struct, Tail, UpTo, flag, note
from c1219_tables.standard.general import (
    ED_MODE_BFLD,
    ED_STD_STATUS1_BFLD,
    ED_STD_STATUS2_BFLD,
    EVENT_RCD,
    PROC_INITIATE_TBL,
    PROC_RESPONSE_TBL,
    initiate_layout,
    response_layout,
)
from c1219_tables.standard.time_of_use import TIME_DATE_QUAL_BFLD
from c1219_tables.table import MANUFACTURER, DecodedTable, Table
from c1219_tables.times import LTIME_DATE

__all__ = [
    "STANDARD_PROCEDURES",
    "Procedure",
    "decode_request",
    "decode_response",
    "encode_request",
    "encode_response",
    "procedure",
]

st0 = this._params.st0

RAW_PARM = UpTo(st0.max_proc_parm_length)
RAW_RESP_DATA = UpTo(st0.max_resp_data_len)


class Procedure:
    """The declaration of one procedure.

    number: 0 to 2047 for the standard's, 2048 + n for manufacturer procedure n. name, purpose: in words.
    parm, resp_data: layouts of parameters and answer; NOTHING where there are none, octets where they are not public.
    note: the purpose, with who says so and how sure the parameters are.
    initiate, response: tables 7 and 8 as this procedure fills them.
    """

    def __init__(
        self,
        number: int,
        name: str,
        purpose: str,
        sources: str,
        *,
        parm: Construct = RAW_PARM,
        resp_data: Construct = RAW_RESP_DATA,
        sure: str | None = None,
    ) -> None:
        self.number = number
        self.name = name
        self.purpose = purpose
        self.note: Note = note(purpose, sources, sure=sure)
        self.parm = parm
        self.resp_data = resp_data
        self.initiate = Table(
            PROC_INITIATE_TBL.number,
            PROC_INITIATE_TBL.name,
            initiate_layout(parm),
            purpose=f"starts {self.label} {name}",
            sources=sources,
            sure=sure,
        )
        # Meters leave answers out where they should not; and what a refused procedure answers is not public.
        answer = Tail(resp_data) if isinstance(resp_data, Struct) else resp_data
        self.response = Table(
            PROC_RESPONSE_TBL.number,
            PROC_RESPONSE_TBL.name,
            response_layout(IfThenElse(this.result_code == COMPLETED, answer, RAW_RESP_DATA)),
            purpose=f"result of {self.label} {name}",
            sources=sources,
            sure=sure,
        )

    @property
    def label(self) -> str:
        """`SP-10`, `MP-70`."""
        return f"MP-{self.number - MANUFACTURER}" if self.number >= MANUFACTURER else f"SP-{self.number}"

    def __repr__(self) -> str:
        return f"<{self.label} {self.name}>"


ACTION_BFLD = BitField(
    UINT8,
    flag("demand_reset_flag", 0) * note("demands are reset", "CNX TER"),
    flag("self_read_flag", 1) * note("a self read is kept", "TER"),
)

_LIST = note(
    "1 event log, 2 self reads, 3 to 6 load profile sets 1 to 4, 7 all load profile sets, 8 history log, "
    "255 all but the event log",
    "CNX",
)

LIST_RCD = Struct("list" / UINT8 * _LIST)

ENTRIES_READ_RCD = Struct(
    "list" / UINT8 * _LIST,
    # One driver writes it most significant octet first whatever the meter's order, and nothing else so.
    "entries_read" / UINT16 * note("so many entries were read: they count as unread no longer", "CNX"),
)

MODE_RCD = Struct("ed_mode" / ED_MODE_BFLD * note("mode to go to, flags as in table 3", "CNX TER"))

STATUS_RCD = Struct(
    "ed_std_status1" / ED_STD_STATUS1_BFLD * note("conditions as in table 3", "CNX CAN"),
    "ed_std_status2" / ED_STD_STATUS2_BFLD * note("more of them, none defined", "CNX CAN"),
)

ACTION_RCD = Struct("action_flag" / ACTION_BFLD * note("what to do", "CNX TER"))

DONE_RCD = Struct("action_flag" / ACTION_BFLD * note("what was done", "CNX CAN"))

SET_CLOCK_RCD = Struct(
    "set_mask"
    / BitField(
        UINT8,
        # That the lower bit is the time's rests on the order of words in one comment; everybody seen sets both.
        flag("set_time_flag", 0) * note("set the time of day", "CNX", sure="inferred"),
        flag("set_date_flag", 1) * note("set the date", "CNX", sure="inferred"),
    )
    * note("what to set; 3 sets time and date", "CNX HX"),
    "date_time" / LTIME_DATE * note("new date and time", "CNX JC HX"),
    "time_date_qual" / TIME_DATE_QUAL_BFLD * note("day of the week, zone and DST of the new time", "CNX JC HX"),
)

CLOCK_SET_RCD = Struct(
    "date_time_before" / LTIME_DATE * note("the clock before", "CNX JC"),
    "date_time_after" / LTIME_DATE * note("the clock after", "CNX JC"),
)

LOG_IN_RCD = Struct(
    "user_id" / UINT16 * note("number of the user", "CNX"),
    "password" / Secret(Octets(20)) * note("password, 20 octets", "CNX"),
)

CALL_RCD = Struct("phone_number" / UINT8 * note("index of the number to call in table 93", "TER"))


_NAME_ONLY = {
    21: ("Direct Load Control", "switches loads"),
    22: ("Modify Credit", "changes the credit of a prepayment meter"),
    27: ("Clear Pending Call Status", "clears the state of pending calls"),
    28: ("Start Quality of Service Monitors", "starts to watch the quality of service"),
    29: ("Stop Quality of Service Monitors", "stops to watch the quality of service"),
    30: ("Start Secured Registers", "starts secured registers"),
    31: ("Stop Secured Registers", "stops secured registers"),
    32: ("Set Precision Date and/or Time", "sets the clock in finer steps"),
}


def _standard() -> Iterator[Procedure]:
    none, two, three = NOTHING, "CNX TER", "CNX TER ECH"
    yield Procedure(0, "Cold Start", "starts the meter anew", two, parm=none, resp_data=none)
    yield Procedure(1, "Warm Start", "starts the meter's program anew", two, parm=none, resp_data=none)
    yield Procedure(2, "Save Configuration", "keeps the configuration for good", two, parm=none, resp_data=none)
    yield Procedure(3, "Clear Data", "clears the collected data", two, parm=none, resp_data=none)
    yield Procedure(4, "Reset List Pointers", "resets the pointers of a list", three, parm=LIST_RCD)
    yield Procedure(
        5, "Update Last Read Entry", "acknowledges entries of a list that were read", three, parm=ENTRIES_READ_RCD
    )
    yield Procedure(6, "Change End Device Mode", "changes the operating mode", two, parm=MODE_RCD)
    yield Procedure(
        7,
        "Clear Standard Status Flags",
        "clears the standard conditions of table 3, and answers them",
        "CNX TER CAN",
        parm=none,
        resp_data=STATUS_RCD,
    )
    yield Procedure(
        8, "Clear Manufacturer Status Flags", "clears the maker's conditions of table 3", two, sure="single"
    )
    yield Procedure(
        9,
        "Remote Reset",
        "resets demands or keeps a self read",
        "CNX TER CAN",
        parm=ACTION_RCD,
        resp_data=DONE_RCD,
    )
    yield Procedure(
        10,
        "Set Date and/or Time",
        "sets the clock",
        "CNX TER ECH JC HX",
        parm=SET_CLOCK_RCD,
        resp_data=CLOCK_SET_RCD,
    )
    yield Procedure(11, "Execute Diagnostics", "lets the meter test itself", two, parm=none, sure="single")
    yield Procedure(
        12, "Activate All Pending Tables", "activates what waits in pending tables", three, parm=none, resp_data=none
    )
    yield Procedure(
        13,
        "Activate Specific Pending Tables",
        "activates pending tables that wait for one event",
        three,
        parm=EVENT_RCD,
        resp_data=none,
        sure="single",
    )
    yield Procedure(
        14, "Clear All Pending Tables", "discards what waits in pending tables", three, parm=none, resp_data=none
    )
    yield Procedure(
        15,
        "Clear Specific Pending Tables",
        "discards pending tables that wait for one event",
        three,
        parm=EVENT_RCD,
        resp_data=none,
        sure="single",
    )
    yield Procedure(16, "Start Load Profile", "starts to record the load profile", two, parm=none, resp_data=none)
    yield Procedure(17, "Stop Load Profile", "stops to record the load profile", two, parm=none, resp_data=none)
    yield Procedure(
        18, "Log In", "names the user and gives a password", two, parm=LOG_IN_RCD, resp_data=none, sure="single"
    )
    yield Procedure(19, "Log Out", "ends what Log In began", two, parm=none, resp_data=none, sure="single")
    yield Procedure(20, "Initiate an Immediate Call", "makes the meter call a number", "TER", parm=CALL_RCD)
    for number in range(21, 33):
        yield Procedure(number, *_NAME_ONLY[number], "TER") if number in _NAME_ONLY else _unnamed(number)


def _unnamed(number: int) -> Procedure:
    if number >= MANUFACTURER:
        own = number - MANUFACTURER
        return Procedure(number, f"Manufacturer Procedure {own}", "defined by the manufacturer", "")
    return Procedure(number, f"Standard Procedure {number}", "no public source names this procedure", "")


STANDARD_PROCEDURES: dict[int, Procedure] = {known.number: known for known in _standard()}
"""Procedures 0 to 32 by number."""


def procedure(number: int) -> Procedure:
    """Declaration of a procedure, 0 to 4095 (2048 + n: manufacturer procedure n); a strange one takes octets.

    Raises ValueError for a number that does not fit its 12 bits.
    """
    if not 0 <= number < 2 * MANUFACTURER:
        raise ValueError(f"no procedure has the number {number} (0 to {2 * MANUFACTURER - 1})")
    return STANDARD_PROCEDURES.get(number) or _unnamed(number)


def encode_request(
    number: int,
    parm: Any = None,
    tables: Mapping[str, Any] | None = None,
    *,
    seq_nbr: int,
    selector: int = 0,
) -> bytes:
    """Octets of table 7 that start a procedure.

    parm: its parameters as procedure(number).parm has them, octets where that is not public; None where it has none.
    tables: at least `st0` of the meter. seq_nbr: 0 to 255, comes back in table 8.
    selector: 0 answer when done, 1 only on trouble, 2 never, 3 at once and when done.

    Raises MissingTableError, and TableError for parameters that do not fit the procedure or MAX_PROC_PARM_LENGTH.
    """
    value = {"proc": _proc(number, selector), "seq_nbr": seq_nbr, "parm": parm}
    return _within(procedure(number).initiate, value, tables, "parm", "max_proc_parm_length", before=3)


def encode_response(
    number: int,
    result_code: int,
    resp_data: Any = None,
    tables: Mapping[str, Any] | None = None,
    *,
    seq_nbr: int,
    selector: int = 0,
) -> bytes:
    """Octets of table 8 that answer a procedure, as a meter writes them.

    resp_data: as procedure(number).resp_data has it if result_code is 0, octets otherwise; None for no answer.

    Raises MissingTableError, and TableError for an answer that does not fit the procedure or MAX_RESP_DATA_LEN.
    """
    value = {
        "proc": _proc(number, selector),
        "seq_nbr": seq_nbr,
        "result_code": result_code,
        "resp_data": resp_data,
    }
    return _within(procedure(number).response, value, tables, "resp_data", "max_resp_data_len", before=4)


def decode_request(octets: bytes, tables: Mapping[str, Any] | None = None, *, tolerant: bool = False) -> DecodedTable:
    """Table 7 with the parameters of the procedure it names; `tables` and errors as in Table.decode."""
    return _named(PROC_INITIATE_TBL, octets, tables).initiate.decode(octets, tables, tolerant=tolerant)


def decode_response(octets: bytes, tables: Mapping[str, Any] | None = None, *, tolerant: bool = False) -> DecodedTable:
    """Table 8 with the answer of the procedure it names; `tables` and errors as in Table.decode.

    The answer is None where the meter left it out, and octets where result_code is not 0.
    """
    return _named(PROC_RESPONSE_TBL, octets, tables).response.decode(octets, tables, tolerant=tolerant)


def _proc(number: int, selector: int) -> dict[str, int]:
    return {"tbl_proc_nbr": number % MANUFACTURER, "std_vs_mfg_flag": number // MANUFACTURER, "selector": selector}


def _named(table: Table, octets: bytes, tables: Mapping[str, Any] | None) -> Procedure:
    """The procedure that octets of table 7 or 8 name."""
    proc = table.decode(octets, tables, tolerant=True).proc
    return procedure(proc.tbl_proc_nbr + MANUFACTURER * proc.std_vs_mfg_flag)


def _within(
    table: Table, value: Mapping[str, Any], tables: Mapping[str, Any] | None, field: str, limit: str, *, before: int
) -> bytes:
    """Octets of table 7 or 8 whose `field`, behind so many octets, is not longer than table 0 allows."""
    octets = table.encode(value, tables)
    given, most = len(octets) - before, (tables or {})["st0"][limit]
    if given > most:
        problem = f"{given} octets given where this meter takes at most {most} ({limit} of table 0)"
        raise TableError(problem, table=table.number, layout=table.label, field=field)
    return octets
