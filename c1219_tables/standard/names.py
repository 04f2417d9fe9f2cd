"""Names of the standard tables, those without a public layout included. Short source names: docs/sources.md.

A number that is not here is named by no public source: 9, 18, 19, 29, 35-39, 47-49, 58, 59, 68, 69, 99, 120, 121 and
123-139 among them.
"""

from typing import NamedTuple


class Name(NamedTuple):
    """name: the standard's identifier. purpose: what the table is for.

    ours: no source shows the identifier, only what the table is called in words; `name` is those words in its manner.
    """

    name: str
    purpose: str
    sources: str
    ours: bool = False


def _ours(name: str, purpose: str, sources: str) -> Name:
    return Name(name, purpose, sources, ours=True)


NAMES: dict[int, Name] = {
    # Decade 0: general
    0: Name(
        "GEN_CONFIG_TBL",
        "formats, dimensions and capabilities: every other table is read with it",
        "CT CX NI TM YK JC HX",
    ),
    1: Name("GENERAL_MFG_ID_TBL", "manufacturer, model, versions, serial number", "CT CX NI TM YK EL ES JC HX"),
    2: Name("DEVICE_NAMEPLATE_TBL", "what is printed on the rating plate", "CT JC"),
    3: Name("ED_MODE_STATUS_TBL", "operating mode, and conditions that need attention", "CT CX NI TM JC HX"),
    4: Name("PENDING_STATUS_TBL", "tables whose new content waits to be activated", "CX NI"),
    5: Name("DEVICE_IDENT_TBL", "the utility's identification of the meter", "CT CX TM JC"),
    6: Name("UTIL_INFO_TBL", "what the utility keeps in the meter for itself", "CT CX JC"),
    7: Name("PROC_INITIATE_TBL", "written to start a procedure", "CX TM EL YK"),
    8: Name("PROC_RESPONSE_TBL", "read for the result of the procedure that table 7 started", "CX TM EL YK"),
    # Decade 1: data sources
    10: Name("DIM_SOURCES_LIM_TBL", "most sources that the meter can hold", "CT CX NI YK FD HX"),
    11: Name("ACT_SOURCES_LIM_TBL", "dimensions of the source tables 12 to 16", "CT CX NI YK FD HX"),
    12: Name("UOM_ENTRY_TBL", "units of measure", "CT CX NI YK FD HX"),
    13: Name("DEMAND_CONTROL_TBL", "demand intervals", "CX YK FD"),
    14: Name("DATA_CONTROL_TBL", "the maker's source selectors", "CX YK"),
    15: Name("CONSTANTS_TBL", "constants that turn counts into quantities", "CX YK"),
    16: Name("SOURCES_TBL", "what belongs to each source", "CX NI YK HX"),
    17: _ours("TRANSFORMER_LOSS_COMPENSATION_TBL", "loss constants of the transformers", "TM"),
    # Decade 2: registers
    20: Name("DIM_REGS_TBL", "most registers that the meter can hold", "CT CX NI YK HX"),
    21: Name("ACT_REGS_TBL", "dimensions of the register tables 22 to 28", "CT CX NI YK HX"),
    22: Name("DATA_SELECTION_TBL", "which sources feed the registers", "CX NI YK HX"),
    23: Name("CURRENT_REG_DATA_TBL", "current billing registers", "CX NI YK HX"),
    24: Name("PREVIOUS_SEASON_DATA_TBL", "registers at the last change of season", "CX"),
    25: Name("PREVIOUS_DEMAND_RESET_DATA_TBL", "registers at the last demand reset", "CX YK"),
    26: Name("SELF_READ_DATA_TBL", "registers that the meter kept by itself", "CX HX"),
    27: Name("PRESENT_REGISTER_SELECT_TBL", "which sources table 28 shows", "CX NI JC HX"),
    28: Name("PRESENT_REGISTER_DATA_TBL", "demands and values at this moment", "CX NI YK HX"),
    # Decade 3: local display
    30: Name("DIM_DISP_TBL", "most that the display can show", "T X"),
    31: Name("ACT_DISP_TBL", "dimensions of the display tables 32 to 34", "T X"),
    32: Name("DISP_SOURCE_TBL", "what the display can show, as the maker codes it", "T X"),
    33: Name("PRI_DISP_LIST_TBL", "what the display shows in normal use", "T"),
    34: Name("SEC_DISP_LIST_TBL", "what the display shows in its second mode", "T"),
    # Decade 4: security
    40: Name("DIM_SECURITY_LIMITING_TBL", "most passwords, keys and permissions that the meter can hold", "C"),
    41: Name("ACT_SECURITY_LIMITING_TBL", "dimensions of the security tables 42 to 45", "C T"),
    42: Name("SECURITY_TBL", "passwords and the permissions that each gives", "T"),
    43: Name("DEFAULT_ACCESS_CONTROL_TBL", "permissions of tables and procedures without an entry in table 44", "T"),
    44: Name("ACCESS_CONTROL_TBL", "permissions that each table and procedure asks for", "T"),
    45: Name("KEY_TBL", "keys", "T A"),
    46: Name("EXTENDED_KEY_TBL", "keys of C12.22", "A I"),
    # Decade 5: time and time of use
    50: Name("DIM_TIME_TOU_TBL", "most that the calendar can hold", "C J"),
    51: Name("ACT_TIME_TOU_TBL", "dimensions of the time tables 52 to 56", "C J Y X"),
    52: Name("CLOCK_TBL", "the clock", "C J N X"),
    53: _ours("TIME_OFFSET_TBL", "daylight saving time and time zone", "J X"),
    54: Name("CALENDAR_TBL", "seasons, holidays and switches between tiers", "J X"),
    55: Name("CLOCK_STATE_TBL", "the clock, with tier and season in force", "C J Y X"),
    56: Name("TIME_REMAIN_TBL", "time until the tier changes", "C J"),
    57: _ours("PRECISION_CLOCK_STATE_TBL", "the clock in finer steps", "T"),
    # Decade 6: load profile
    60: Name("DIM_LP_TBL", "most load profile that the meter can hold", "C J N X"),
    61: Name("ACT_LP_TBL", "dimensions of the load-profile tables 62 to 67", "C J N Y"),
    62: Name("LP_CTRL_TBL", "sources, formats and scaling of the load profile", "J N Y X"),
    63: _ours("LP_STATUS_TBL", "how far the load profile is filled", "J N Y X E"),
    64: Name("LP_DATA_SET1_TBL", "load profile, first data set", "J N Y"),
    65: Name("LP_DATA_SET2_TBL", "load profile, second data set", "J N"),
    66: Name("LP_DATA_SET3_TBL", "load profile, third data set", "J N"),
    67: Name("LP_DATA_SET4_TBL", "load profile, fourth data set", "J N"),
    # Decade 7: history and event logs
    70: Name("DIM_LOG_TBL", "most log entries that the meter can hold", "C J"),
    71: Name("ACT_LOG_TBL", "dimensions of the log tables 72 to 76", "C J T X"),
    72: Name("EVENTS_ID_TBL", "events that the meter knows", "C J"),
    73: _ours("HISTORY_LOG_CTRL_TBL", "what goes into the history log", "C J"),
    74: Name("HISTORY_LOG_DATA_TBL", "history log", "J T"),
    75: _ours("EVENT_LOG_CTRL_TBL", "what goes into the event log", "J"),
    76: Name("EVENT_LOG_DATA_TBL", "event log", "J"),
    77: _ours("EVENT_LOG_AND_SIGNATURES_ENABLE_TBL", "what goes into the event log with a signature", "T"),
    78: _ours("END_DEVICE_PROGRAM_STATE_TBL", "state of the meter's program", "T"),
    79: _ours("EVENT_COUNTERS_TBL", "how often events happened", "T"),
    # Decade 8: user-defined tables
    80: _ours("DIM_USER_DEFINED_TABLES_FUNCTION_LIMITING_TBL", "most that user-defined tables can hold", "TER"),
    81: _ours("ACT_USER_DEFINED_TABLES_FUNCTION_LIMITING_TBL", "dimensions of user-defined tables", "TER"),
    82: _ours("USER_DEFINED_TABLES_LIST_TBL", "what may be placed in user-defined tables", "TER"),
    83: _ours("USER_DEFINED_TABLES_SELECTION_TBL", "what was placed in user-defined tables", "TER"),
    **{84 + n: _ours(f"USER_DEFINED_TABLE_{n}_TBL", f"user-defined table {n}", "TER CNX-A3") for n in range(6)},
    # Decade 9: telephone control
    90: _ours(
        "DIM_TELEPHONE_TBL",
        "most that the meter can hold for telephone control; table 91 says what it holds",
        "CNX CAN TER",
    ),
    91: Name("ACT_TELEPHONE_TBL", "dimensions of the telephone tables 92 to 97", "CNX CAN TER"),
    92: Name("GLOBAL_PARAMETERS_TBL", "telephone settings for calls in both directions", "CNX TER CAN CNX-A3"),
    93: Name("ORIGINATE_PARAMETERS_TBL", "numbers to call, and when", "CNX TER CNX-A3"),
    94: Name("ORIGINATE_SCHEDULE_TBL", "on which dates and conditions the meter calls", "CNX CNX-A3"),
    95: Name("ANSWER_PARAMETERS_TBL", "how the meter answers calls", "CNX CNX-A3 TER"),
    96: Name("CALL_PURPOSE_TBL", "why the meter calls", "CNX CNX-A3"),
    97: Name("CALL_STATUS_TBL", "state of the last call to each number", "CNX CNX-A3 TER"),
    98: Name("ORIGINATE_STATUS_TBL", "state of calls out", "TER"),
    # Decade 10: extended sources
    100: _ours("DIM_EXTENDED_SOURCE_LIMITING_TBL", "most extended sources that the meter can hold", "TER"),
    101: _ours("ACT_EXTENDED_SOURCE_LIMITING_TBL", "dimensions of extended sources", "TER"),
    102: _ours("SOURCE_INFORMATION_TBL", "what the sources are", "TER"),
    103: _ours("EXTERNAL_SCALING_TBL", "multipliers outside the meter", "TER"),
    104: _ours("DEMAND_CONTROL_EXTENDED_TBL", "demand intervals of extended sources", "TER"),
    105: _ours("TRANSFORMER_LOSS_COMPENSATION_EXTENDED_TBL", "loss constants of the transformers", "TER"),
    106: _ours("GAS_CONSTANT_AGA3_TBL", "gas constants by AGA3", "TER"),
    107: _ours("GAS_CONSTANT_AGA7_TBL", "gas constants by AGA7", "TER"),
    # Decade 11: load control and prepayment
    110: _ours("DIM_LOAD_CONTROL_TBL", "most that the meter can hold for load control", "TER"),
    111: _ours("ACT_LOAD_CONTROL_LIMITING_TBL", "dimensions of load control", "TER JC"),
    112: _ours("LOAD_CONTROL_STATUS_TBL", "state of the control points", "TER JC"),
    113: _ours("LOAD_CONTROL_CONFIGURATION_TBL", "set-up of the control points", "TER JC"),
    114: _ours("LOAD_CONTROL_SCHEDULE_TBL", "timed actions of the control points", "TER"),
    115: _ours("LOAD_CONTROL_CONDITIONS_TBL", "conditional actions of the control points", "TER JC"),
    116: _ours("PREPAYMENT_STATUS_TBL", "state of prepayment", "TER"),
    117: _ours("PREPAYMENT_CONTROL_TBL", "set-up of prepayment", "TER"),
    118: _ours("BILLING_CONTROL_TBL", "set-up of billing", "TER"),
    # Decade 12: node network
    122: _ours("INTERFACE_CONTROL_TBL", "interfaces by number, and multicast titles", "ITR"),
    # Decade 14: extended user-defined tables
    140: _ours("DIM_EXTENDED_USER_DEFINED_TABLES_TBL", "most that extended user-defined tables can hold", "TER"),
    141: _ours("ACT_EXTENDED_USER_DEFINED_TABLES_TBL", "dimensions of extended user-defined tables", "TER"),
    142: _ours("EXTENDED_USER_DEFINED_SELECTIONS_TBL", "what was placed in extended user-defined tables", "TER"),
    143: _ours("EXTENDED_USER_DEFINED_CONSTANTS_TBL", "constants of extended user-defined tables", "TER"),
    # Decade 15: quality of service
    150: _ours("DIM_QUALITY_OF_SERVICE_TBL", "most that the meter can hold for quality of service", "TER"),
    151: _ours("ACT_QUALITY_OF_SERVICE_TBL", "dimensions of quality of service", "TER"),
    152: _ours("QUALITY_OF_SERVICE_CONTROL_TBL", "set-up of quality of service", "TER"),
    153: _ours("QUALITY_OF_SERVICE_INCIDENTS_TBL", "incidents", "TER"),
    154: _ours("QUALITY_OF_SERVICE_LOG_TBL", "log of incidents", "TER"),
    155: _ours("ASYNCHRONOUS_TIME_DOMAIN_WAVEFORMS_TBL", "waveforms captured on an event", "TER"),
    156: _ours("ASYNCHRONOUS_FREQUENCY_DOMAIN_SPECTRUM_TBL", "spectra captured on an event", "TER"),
    157: _ours("PERIODIC_TIME_DOMAIN_WAVEFORMS_TBL", "waveforms captured on schedule", "TER"),
    158: _ours("PERIODIC_FREQUENCY_DOMAIN_SPECTRUM_TBL", "spectra captured on schedule", "TER"),
    # Decade 16: one-way devices
    160: _ours("DIM_ONE_WAY_TBL", "most that the meter can hold for one-way devices", "TER"),
    161: _ours("ACT_ONE_WAY_TBL", "dimensions of one-way devices", "TER"),
    162: _ours("ONE_WAY_CONTROL_TBL", "set-up of one-way devices", "TER"),
    163: _ours("ONE_WAY_DATA_TBL", "data of one-way devices", "TER"),
    164: _ours(
        "ONE_WAY_COMMANDS_RESPONSES_AND_EXTENDED_USER_DEFINED_TABLES_TBL",
        "commands, responses and extended user-defined tables of one-way devices",
        "TER",
    ),
}
