"""Decade 9: when and whom a meter calls by telephone, when it answers, and how the last calls ended.

Table 98 (originate status) has a name only. Times of day in windows are STIME, whose size is public for TM_FORMAT 2
alone; where two sources read something else, the choice and its reason stand beside the element.
"""

from construct import this

from c1219_tables.codes.calls import CALL_STATES
from c1219_tables.formats import STRING, UINT8, UINT16, UINT32
from c1219_tables.schema.dialect import Array, BitField, If, Rest, Shared, Struct, Trailing, bits, flag, note
from c1219_tables.standard.general import ED_MFG_STATUS, ED_STD_STATUS1_BFLD, ED_STD_STATUS2_BFLD
from c1219_tables.table import Table
from c1219_tables.times import DATE, RDATE, STIME, TIME

st91 = this._params.st91
flags = st91.telephone_flags

LIMITS = "CNX CAN TER"

TELEPHONE_RCD = Struct(
    "telephone_flags"
    / BitField(
        UINT8,
        flag("answer_flag", 0) * note("the meter answers calls", "CNX CAN"),
        flag("s_anchor_date_flag", 1) * note("table 94 begins with an anchor date", "CNX CAN"),
        flag("offhook_detect_flag", 2) * note("the meter notices another telephone on the line", "CNX CAN"),
        # One source finds these bits in the second octet, where its other offsets leave no room for them.
        bits("bit_rate", 3, 4) * note("0 no rate stored, 1 one rate (table 92), 2 two rates (93 and 95)", "CNX CAN"),
        flag("id_in_purpose", 5) * note("table 96 holds the identification too", "CNX CAN"),
        flag("no_lockout_parm", 6) * note("table 95 has no lockout elements", "CNX CAN"),
        flag("use_extended_status", 7) * note("later edition: longer records in table 97; earlier: spare", "TER"),
    )
    * note("what the meter can do, and which optional elements tables 92 to 97 have", LIMITS),
    "nbr_originate_windows" / UINT8 * note("windows for calls out, table 93", LIMITS),
    "nbr_setup_strings" / UINT8 * note("modem set-up strings, table 92", LIMITS),
    "setup_string_length" / UINT8 * note("octets of a set-up string", LIMITS),
    "prefix_length" / UINT8 * note("octets of the dialling prefix, table 93", LIMITS),
    "nbr_originate_numbers" / UINT8 * note("telephone numbers, tables 93 and 97", LIMITS),
    "phone_number_length" / UINT8 * note("octets of a telephone number", LIMITS),
    "nbr_recurring_dates" / UINT8 * note("recurring dates to call on, table 94", LIMITS),
    "nbr_non_recurring_dates" / UINT8 * note("single dates to call on, table 94", LIMITS),
    "nbr_events" / UINT8 * note("conditions to call on, table 94", LIMITS),
    "nbr_weekly_schedules" / UINT8 * note("weekly schedules to call on, table 94", LIMITS),
    "nbr_answer_windows" / UINT8 * note("windows for answering, table 95", LIMITS),
    "nbr_caller_ids" / UINT8 * note("callers to answer, table 95", LIMITS),
    "caller_id_length" / UINT8 * note("octets of a caller's identification", LIMITS),
)

DIM_TELEPHONE_TBL = Table(
    90,
    "DIM_TELEPHONE_TBL",
    TELEPHONE_RCD,
    purpose="most that the meter can hold for telephone control; table 91 says what it holds",
    sources=LIMITS,
)

ACT_TELEPHONE_TBL = Table(
    91,
    "ACT_TELEPHONE_TBL",
    TELEPHONE_RCD,
    purpose="dimensions of the telephone tables 92 to 97",
    sources=LIMITS,
)

GLOBAL_PARAMETERS_TBL = Table(
    92,
    "GLOBAL_PARAMETERS_TBL",
    Struct(
        "psem_identity"
        / UINT8
        * note(
            "number of this meter among several on the line; of the A3, by CNX-A3 alone: 1 to 254 its number there, "
            "255 who called me, every meter answers 0; number 1 sets the modem up",
            "CNX CAN TER CNX-A3",
        ),
        "bit_rate" / If(flags.bit_rate == 1, UINT32) * note("bits per second, both ways", LIMITS),
        "modem_setup_strings"
        / Array(st91.nbr_setup_strings, STRING(st91.setup_string_length))
        * note("commands for the modem", LIMITS),
    ),
    purpose="telephone settings for calls in both directions",
    sources="CNX TER CAN CNX-A3",
)

DAYS_BFLD = BitField(
    UINT8,
    *(
        flag(day, bit) * note(f"it holds on {day.capitalize()}s", "CNX")
        for bit, day in enumerate(["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"])
    ),
)

# Two STIME_DATE, as one source has it, would make 11 octets; a maker's stated table sizes (203 and 12) need 5.
WINDOW_RCD = Struct(
    "begin_window_time" / STIME * note("time of day at which the window opens", "CNX-A3"),
    "window_duration" / STIME * note("how long it stays open, hours and minutes", "CNX-A3"),
    "window_days" / DAYS_BFLD * note("days of the week on which it opens", "CNX CNX-A3"),
)

ORIGINATE_PARAMETERS_TBL = Table(
    93,
    "ORIGINATE_PARAMETERS_TBL",
    Struct(
        "originate_bit_rate" / If(flags.bit_rate == 2, UINT32) * note("bits per second of calls out", "CNX TER"),
        "dial_delay" / UINT8 * note("wait before dialling, unit not public", "CNX TER CNX-A3"),
        "prefix" / STRING(st91.prefix_length) * note("dialled before every number", "CNX TER CNX-A3"),
        "phone_numbers"
        / Array(st91.nbr_originate_numbers, STRING(st91.phone_number_length))
        * note("numbers to call; other tables refer to them by index", "CNX TER CNX-A3"),
        "windows" / Array(st91.nbr_originate_windows, WINDOW_RCD) * note("when calls may be made", "CNX CNX-A3"),
    ),
    purpose="numbers to call, and when",
    sources="CNX TER CNX-A3",
)

ORIGINATE = "CNX CNX-A3 TER"

ORIGINATE_CONTROL_BFLD = BitField(
    UINT8,
    bits("primary_phone_number", 0, 2) * note("index of the number to call in table 93; 7 none", ORIGINATE),
    bits("secondary_phone_number", 4, 6) * note("index of the number to call next; 7 none", ORIGINATE),
    flag("use_windows", 7) * note("call only inside the windows of table 93", ORIGINATE),
)

RECURRING_RCD = Struct(
    "originate_date" / RDATE * note("recurring date", "CNX CNX-A3"),
    "start_time" / TIME * note("time of day to call", "CNX CNX-A3"),
    "originate_control" / ORIGINATE_CONTROL_BFLD * note("whom to call", ORIGINATE),
)

NON_RECURRING_RCD = Struct(
    "originate_date" / DATE * note("date", "CNX CNX-A3"),
    "start_time" / TIME * note("time of day to call", "CNX CNX-A3"),
    "originate_control" / ORIGINATE_CONTROL_BFLD * note("whom to call", ORIGINATE),
)

# The other reading of the same driver lacks ed_mfg_status; this one comes from a maker's own table.
EVENTS_RCD = Struct(
    "ed_std_status1" / ED_STD_STATUS1_BFLD * note("conditions to call on, as in table 3", "CNX CNX-A3"),
    "ed_std_status2" / ED_STD_STATUS2_BFLD * note("more of them, none defined", "CNX CNX-A3"),
    "ed_mfg_status" / ED_MFG_STATUS * note("the maker's conditions to call on, as in table 3", "CNX-A3"),
    "originate_control" / ORIGINATE_CONTROL_BFLD * note("whom to call", ORIGINATE),
)

WEEKLY_RCD = Struct(
    "days" / DAYS_BFLD * note("days of the week to call on", "CNX"),
    "start_time" / TIME * note("time of day to call", "CNX"),
    "originate_control" / ORIGINATE_CONTROL_BFLD * note("whom to call", ORIGINATE),
)

ORIGINATE_SCHEDULE_TBL = Table(
    94,
    "ORIGINATE_SCHEDULE_TBL",
    Struct(
        "s_anchor_date"
        / If(flags.s_anchor_date_flag, DATE)
        * note("from which periodic recurring dates are counted", "CNX CNX-A3"),
        "recurring_dates"
        / Array(st91.nbr_recurring_dates, RECURRING_RCD)
        * note("calls on recurring dates", "CNX CNX-A3"),
        "non_recurring_dates"
        / Array(st91.nbr_non_recurring_dates, NON_RECURRING_RCD)
        * note("calls on single dates", "CNX CNX-A3"),
        "events" / Array(st91.nbr_events, EVENTS_RCD) * note("calls when a condition appears", "CNX-A3"),
        "weekly_schedules" / Array(st91.nbr_weekly_schedules, WEEKLY_RCD) * note("calls every week", "CNX"),
    ),
    purpose="on which dates and conditions the meter calls",
    sources="CNX CNX-A3",
)

ANSWER_PARAMETERS_TBL = Table(
    95,
    "ANSWER_PARAMETERS_TBL",
    Struct(
        "answer_bit_rate" / If(flags.bit_rate == 2, UINT32) * note("bits per second of calls in", "CNX TER"),
        "lockout_delay" / If(~flags.no_lockout_parm, UINT8) * note("wait before lockout, unit not public", "CNX"),
        "retry_attempts" / If(~flags.no_lockout_parm, UINT8) * note("attempts before lockout", "CNX"),
        "retry_lockout_time"
        / If(~flags.no_lockout_parm, UINT8)
        * note("how long lockout lasts, unit not public", "CNX"),
        "nbr_rings" / UINT8 * note("rings before the meter answers inside a window", "CNX CNX-A3"),
        "nbr_rings_outside"
        / If(st91.nbr_answer_windows > 0, UINT8)
        * note("rings before it answers outside all windows", "CNX CNX-A3"),
        "caller_ids"
        / Array(st91.nbr_caller_ids, STRING(st91.caller_id_length))
        * note("callers that are answered", "CNX"),
        "windows" / Array(st91.nbr_answer_windows, WINDOW_RCD) * note("when the meter answers", "CNX CNX-A3"),
    ),
    purpose="how the meter answers calls",
    sources="CNX CNX-A3 TER",
)

CALL_PURPOSE_TBL = Table(
    96,
    "CALL_PURPOSE_TBL",
    Struct(
        "call_purpose"
        / BitField(
            UINT16,
            flag("power_outage", 0) * note("power failed", "CNX-A3"),
            flag("power_restoral", 1) * note("power is back", "CNX-A3"),
            flag("scheduled_call", 2) * note("it was time for a call (table 94)", "CNX-A3"),
            flag("status_call", 3) * note("a condition of table 94 appeared", "CNX-A3"),
            flag("immediate_call", 4) * note("procedure 20 asked for the call", "CNX-A3"),
            bits("manufacturer", 12, 15) * note("the maker's own purposes", "CNX-A3"),
        )
        * note("why the meter called", "CNX CNX-A3"),
        "octets"
        / Rest()
        * note(
            "disputed, kept as octets: the maker's conditions and the identification, or a copy of table 3",
            "CNX CNX-A3",
            sure="single",
        ),
    ),
    purpose="why the meter calls",
    sources="CNX CNX-A3",
    sure="single",
)

CALL_STATUS_RCD = Struct(
    "status" / UINT8 * note(", ".join(f"{state.code} {state.meaning}" for state in CALL_STATES.values()), "CNX-A3 TER"),
    "extension" / Trailing() * note("rest of the longer record of later editions, layout not public", "TER"),
)

CALL_STATUS_TBL = Table(
    97,
    "CALL_STATUS_TBL",
    Struct(
        "call_status"
        / Shared(st91.nbr_originate_numbers, CALL_STATUS_RCD)
        * note("how the last call to each number of table 93 went", "CNX CNX-A3 TER"),
    ),
    purpose="state of the last call to each number",
    sources="CNX CNX-A3 TER",
)

TABLES = (
    DIM_TELEPHONE_TBL,
    ACT_TELEPHONE_TBL,
    GLOBAL_PARAMETERS_TBL,
    ORIGINATE_PARAMETERS_TBL,
    ORIGINATE_SCHEDULE_TBL,
    ANSWER_PARAMETERS_TBL,
    CALL_PURPOSE_TBL,
    CALL_STATUS_TBL,
)
