"""Decade 7: the history log (what happened) and the event log (what happened, for audit), and what goes into them.

Table 71 sets the sizes. Codes of events are in codes/events.py. Tables 77 to 79 (signatures, program state, counters)
have no public layout. Short source names: docs/sources.md.
"""

from construct import Construct, this

from c1219_tables.formats import UINT8, UINT16, UINT32, Octets
from c1219_tables.identifiers import TABLE_IDB_BFLD
from c1219_tables.schema.dialect import Array, BitField, If, Set, Struct, Tail, flag, note
from c1219_tables.table import Table
from c1219_tables.times import LTIME_DATE

st0 = this._params.st0
st71 = this._params.st71
dialect = this._params.dialect

_LIMITS = "C J T X"

LOG_RCD = Struct(
    "log_flags"
    / BitField(
        UINT8,
        flag("event_number_flag", 0) * note("log entries have an event number", _LIMITS),
        flag("hist_date_time_flag", 1) * note("history entries have a date and time", _LIMITS),
        flag("hist_seq_nbr_flag", 2) * note("history entries have a sequence number", _LIMITS),
        flag("hist_inhibit_ovf_flag", 3)
        * note("the history log rather stops than writes over what was not read", _LIMITS),
        flag("event_inhibit_ovf_flag", 4)
        * note("the event log rather stops than writes over what was not read", _LIMITS),
    )
    * note("what log entries hold", _LIMITS),
    "nbr_std_events" / UINT8 * note("octets of the sets of standard events; not a number of events", _LIMITS),
    "nbr_mfg_events" / UINT8 * note("octets of the sets of manufacturer events", _LIMITS),
    "hist_data_length" / UINT8 * note("octets of the argument of a history entry", _LIMITS),
    "event_data_length" / UINT8 * note("octets of the argument of an event entry", _LIMITS),
    "nbr_history_entries" / UINT16 * note("entries of table 74", _LIMITS),
    "nbr_event_entries" / UINT16 * note("entries of table 76", _LIMITS),
    # A meter that reports edition 2 was seen without these three octets: what is left decides, not the edition.
    "ext_log_flags" / Tail(UINT8) * note("since 2008, where the meter sends it; bits not public", "T X"),
    "nbr_program_tables"
    / If(this.ext_log_flags != None, UINT16)  # noqa: E711 - an expression, not a comparison
    * note("programs that the meter knows of, presumably; there with ext_log_flags", "T X"),
)

DIM_LOG_TBL = Table(
    70,
    "DIM_LOG_TBL",
    LOG_RCD,
    purpose="the most that the logs could be told to hold",
    sources="C J",
)

ACT_LOG_TBL = Table(
    71,
    "ACT_LOG_TBL",
    LOG_RCD,
    purpose="what the logs hold now: dimensions of tables 72 to 76",
    sources=_LIMITS,
)

EVENTS_ID_TBL = Table(
    72,
    "EVENTS_ID_TBL",
    Struct(
        "std_events_supported" / Set(st71.nbr_std_events) * note("codes of the standard's events", "C J"),
        "mfg_events_supported" / Set(st71.nbr_mfg_events) * note("codes of the manufacturer's events", "C J"),
    ),
    purpose="events that the meter knows",
    sources="C J",
)


def _control_table(number: int, name: str, log: str, sources: str) -> Table:
    """What makes an entry in a log: events, and uses of tables and procedures."""
    return Table(
        number,
        name,
        Struct(
            "std_events_monitored_flags" / Set(st71.nbr_std_events) * note("codes of the standard's events", sources),
            "mfg_events_monitored_flags"
            / Set(st71.nbr_mfg_events)
            * note("codes of the manufacturer's events", sources),
            "std_tbls_monitored_flags"
            / Set(st0.dim_std_tbls_used)
            * note("standard tables whose use makes an entry", sources),
            "mfg_tbls_monitored_flags"
            / Set(st0.dim_mfg_tbls_used)
            * note("manufacturer tables whose use makes an entry", sources),
            "std_proc_monitored_flags"
            / Set(st0.dim_std_proc_used)
            * note("standard procedures whose use makes an entry", sources),
            "mfg_proc_monitored_flags"
            / Set(st0.dim_mfg_proc_used)
            * note("manufacturer procedures whose use makes an entry", sources),
        ),
        purpose=f"what makes an entry in the {log} log",
        sources=sources,
    )


def _head(kind: str, sources: str) -> tuple[Construct, ...]:
    """How a log is filled: what stands before its entries."""
    return (
        f"{kind}_flags"
        / BitField(
            UINT8,
            flag("order", 0) * note("0: entry N is older than N + 1; 1: newer", sources),
            flag("overflow_flag", 1) * note("the log was full of entries that were not read", sources),
            flag("list_type", 2) * note("0 first in first out, 1 circular", sources),
            flag("inhibit_overflow_flag", 3) * note("as in table 71", sources),
        )
        * note("order and state of the log", sources),
        "nbr_valid_entries" / UINT16 * note("entries that hold something", sources),
        "last_entry_element" / UINT16 * note("index of the newest entry", sources),
        "last_entry_seq_nbr"
        / UINT32
        * note("sequence number of the newest entry, whose low 16 bits the entry shows", sources),
        "nbr_unread_entries" / UINT16 * note("entries not acknowledged; procedures 4 and 5 change it", sources),
    )


_NUMBERED = st71.log_flags.event_number_flag

HISTORY_LOG_DATA_TBL = Table(
    74,
    "HISTORY_LOG_DATA_TBL",
    Struct(
        *_head("hist", "J T"),
        "entries"
        / Array(
            st71.nbr_history_entries,
            Struct(
                "history_time"
                / If(st71.log_flags.hist_date_time_flag, LTIME_DATE)
                * note("when it happened, on the meter's clock", "J T"),
                "event_number" / If(_NUMBERED, UINT16) * note("number of the event, common to both logs", "J T"),
                "history_seq_nbr"
                / If(st71.log_flags.hist_seq_nbr_flag, UINT16)
                * note("sequence number in this log, modulo 65536", "J T"),
                "user_id" / UINT16 * note("who did it", "J T"),
                "history_code" / TABLE_IDB_BFLD * note("what happened: an event code, see codes/events.py", "J T"),
                "history_argument"
                / Octets(st71.hist_data_length)
                * note("more about it, by the code; octets behind that are padding", "J T"),
            ),
        )
        * note("entries, all of them; as many as nbr_valid_entries hold something", "J T"),
    ),
    purpose="history log: what happened to the meter",
    sources="J T",
)

EVENT_LOG_DATA_TBL = Table(
    76,
    "EVENT_LOG_DATA_TBL",
    Struct(
        *_head("event", "J"),
        "entries"
        / Array(
            st71.nbr_event_entries,
            Struct(
                "event_time" / LTIME_DATE * note("when it happened, on the meter's clock", "J"),
                "event_number" / If(_NUMBERED, UINT16) * note("number of the event, common to both logs", "J"),
                "event_seq_nbr"
                / If(dialect.event_seq_nbr, UINT16)
                * note("sequence number in this log, modulo 65536 (dialect event_seq_nbr)", "J"),
                "user_id" / UINT16 * note("who did it", "J"),
                "event_code" / TABLE_IDB_BFLD * note("what happened: an event code, see codes/events.py", "J T"),
                "event_argument"
                / Octets(st71.event_data_length)
                * note("more about it, by the code; octets behind that are padding", "J T"),
            ),
        )
        * note("entries, all of them; as many as nbr_valid_entries hold something", "J"),
    ),
    purpose="event log: what happened to the meter, for audit",
    sources="J",
)

TABLES = (
    DIM_LOG_TBL,
    ACT_LOG_TBL,
    EVENTS_ID_TBL,
    _control_table(73, "HISTORY_LOG_CTRL_TBL", "history", "C J"),
    HISTORY_LOG_DATA_TBL,
    _control_table(75, "EVENT_LOG_CTRL_TBL", "event", "J"),
    EVENT_LOG_DATA_TBL,
)
