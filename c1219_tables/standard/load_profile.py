"""Decade 6: the load profile, up to four sets of channels, each with its own interval length and its own blocks.

Table 61 sets the sizes, table 62 says what each channel records and how, table 63 how far each set is filled, tables 64
to 67 are the data. A set that the meter does not use (tables 64 to 67 in std_tbls_used of table 0) takes no octets in
tables 60 to 63. What an interval means in time and in engineering units is not here: readings/ works it out.
Short source names: docs/sources.md.
"""

from construct import Construct, IfThenElse, Switch, this

from c1219_tables.formats import INT8, INT16, INT32, NI_FMAT1, NI_FMAT2, UINT8, UINT16, UINT32
from c1219_tables.schema.dialect import Array, BitField, If, Refused, Set, Struct, bits, flag, note
from c1219_tables.table import Table, used
from c1219_tables.times import STIME_DATE

st61 = this._params.st61
st62 = this._params.st62
dialect = this._params.dialect

SETS = (1, 2, 3, 4)

_LIMITS = "C J N Y"


def data_table(number: int) -> int:
    """Number of the table that holds the data of a set."""
    return 63 + number


def _limits(number: int) -> tuple[Construct, ...]:
    """What table 60 and 61 say of one set."""
    present = used(data_table(number))
    return (
        f"nbr_blks_set{number}" / If(present, UINT16) * note("blocks in the data table of this set", _LIMITS),
        f"nbr_blk_ints_set{number}" / If(present, UINT16) * note("intervals in each block", _LIMITS),
        f"nbr_chns_set{number}" / If(present, UINT8) * note("channels in each interval", _LIMITS),
        f"max_int_time_set{number}"
        / If(present, UINT8)
        * note("minutes of an interval: the longest possible in table 60, the one in use in table 61", _LIMITS),
    )


LP_RCD = Struct(
    "lp_memory_len" / UINT32 * note("octets for the data of all sets together", _LIMITS),
    "lp_flags"
    / BitField(
        UINT16,
        *(
            flag(f"lp_set{number}_inhibit_ovf_flag", number - 1)
            * note("this set rather stops than writes over blocks that were not read", _LIMITS)
            for number in SETS
        ),
        flag("blk_end_read_flag", 4) * note("each block ends with a register reading of each channel", _LIMITS),
        flag("blk_end_pulse_flag", 5) * note("each block ends with a pulse count of each channel", _LIMITS),
        *(
            flag(f"scalar_divisor_flag_set{number}", number + 5)
            * note("table 62 has scalars and divisors for this set", _LIMITS)
            for number in SETS
        ),
        flag("extended_int_status_flag", 10) * note("each interval has a status of each channel", _LIMITS),
        flag("simple_int_status_flag", 11) * note("each block has one bit for each interval: valid or not", _LIMITS),
        flag("blk_end_rd_indicator_flag", 12)
        * note(
            "since 2008: end readings count over the block only; other makers: blocks have a closure status (dialect"
            " closure_status)",
            "C N",
        ),
    )
    * note("what blocks and intervals hold", _LIMITS),
    "lp_fmats"
    / BitField(
        UINT8,
        *(
            flag(f"inv_{kind}_flag", bit) * note(f"intervals may be stored as {kind.upper()}", _LIMITS)
            for bit, kind in enumerate(("uint8", "uint16", "uint32", "int8", "int16", "int32", "ni_fmat1", "ni_fmat2"))
        ),
    )
    * note("formats that intervals may have; table 62 says which one they have", _LIMITS),
    *_limits(1),
    *_limits(2),
    *_limits(3),
    *_limits(4),
)

DIM_LP_TBL = Table(
    60,
    "DIM_LP_TBL",
    LP_RCD,
    purpose="the most load profile that the meter could be told to keep",
    sources="C J N X",
)

ACT_LP_TBL = Table(
    61,
    "ACT_LP_TBL",
    LP_RCD,
    purpose="the load profile that it keeps now: dimensions of tables 62 to 67",
    sources=_LIMITS,
)

_CONTROL = "J N Y X"

LP_SOURCE_SEL_RCD = Struct(
    "chnl_flag"
    / BitField(
        UINT8,
        flag("end_rdg_flag", 0) * note("this channel has an end reading", _CONTROL),
        flag("no_multiplier_flag", 1) * note("spare for most; one driver reads it as: no multiplier applies", "Y"),
        bits("lp_algorithm", 2, 4) * note("spare for most; one driver reads it as a number of an algorithm", "Y"),
    )
    * note("flags of the channel", _CONTROL),
    "lp_source_select" / UINT8 * note("what the channel records: entry of table 16", _CONTROL),
    "end_blk_rdg_source_select"
    / UINT8
    * note("what its end reading shows: entry of table 16; 255 was seen for none", _CONTROL),
)


def _control(number: int) -> tuple[Construct, ...]:
    """What table 62 says of one set."""
    present = used(data_table(number))
    channels = st61[f"nbr_chns_set{number}"]
    scaled = present & st61.lp_flags[f"scalar_divisor_flag_set{number}"]
    return (
        f"lp_sel_set{number}"
        / If(present, Array(channels, LP_SOURCE_SEL_RCD))
        * note("what each channel records", _CONTROL),
        f"int_fmt_cde{number}"
        / If(present, UINT8)
        * note(
            "how intervals are stored: 1 UINT8, 2 UINT16, 4 UINT32, 8 INT8, 16 INT16, 32 INT32, 64 NI_FMAT1,"
            " 128 NI_FMAT2",
            _CONTROL,
        ),
        f"scalars_set{number}"
        / If(scaled, Array(channels, UINT16))
        * note("scalar of each channel; most meters stored pulses x scalar / divisor, one does the reverse", "J N Y"),
        f"divisor_set{number}"
        / If(scaled, Array(channels, UINT16))
        * note("divisor of each channel; see the scalars", "J N Y"),
    )


LP_CTRL_TBL = Table(
    62,
    "LP_CTRL_TBL",
    Struct(*_control(1), *_control(2), *_control(3), *_control(4)),
    purpose="what the channels of each set record, in which format and scale",
    sources=_CONTROL,
)

_STATUS = "J N Y X E"

LP_STATUS_RCD = Struct(
    "lp_set_status_flags"
    / BitField(
        UINT8,
        flag("block_order", 0) * note("0: block N is older than N + 1; 1: newer", _STATUS),
        flag("overflow_flag", 1) * note("the set was full of blocks that were not read", _STATUS),
        flag("list_type", 2) * note("0 first in first out, 1 circular", _STATUS),
        flag("block_inhibit_overflow_flag", 3) * note("as lp_set_inhibit_ovf_flag of table 61", _STATUS),
        flag("interval_order", 4) * note("inside a block, 0: interval N is older than N + 1; 1: newer", _STATUS),
        flag("active_mode_flag", 5) * note("the set is recording", _STATUS),
        flag("test_mode", 6) * note("the data were recorded in test mode", _STATUS),
    )
    * note("order and state of the set", _STATUS),
    "nbr_valid_blocks" / UINT16 * note("blocks that hold at least one interval", _STATUS),
    "last_block_element" / UINT16 * note("index of the newest block, where there is a valid one", _STATUS),
    "last_block_seq_nbr" / UINT32 * note("sequence number of the newest block", _STATUS),
    "nbr_unread_blocks" / UINT16 * note("blocks not acknowledged; procedures 4 and 5 change it", _STATUS),
    "nbr_valid_int" / UINT16 * note("valid intervals in the newest block", _STATUS),
)

LP_STATUS_TBL = Table(
    63,
    "LP_STATUS_TBL",
    Struct(
        *(
            f"lp_status_set{number}"
            / If(used(data_table(number)), LP_STATUS_RCD)
            * note("how far this set is filled", _STATUS)
            for number in SETS
        )
    ),
    purpose="how far each set is filled, and which block is the newest",
    sources=_STATUS,
)

_DATA = "J N Y"

END_READINGS_RCD = Struct(
    "block_end_read"
    / If(st61.lp_flags.blk_end_read_flag, NI_FMAT1)
    * note("register reading at the end of the block; scalars and divisors do not apply", _DATA),
    "block_end_pulse"
    / If(st61.lp_flags.blk_end_pulse_flag, UINT32)
    * note("pulse count at the end of the block", _DATA),
)

CLOSURE_STATUS_BFLD = BitField(
    UINT16,
    bits("status", 0, 3) * note("why the block was closed: codes not public", "Y"),
    bits("nbr_valid_interval", 4, 15) * note("valid intervals in this block; that of channel 1 counts", "Y"),
)

_NIBBLE = (
    "0 nothing to say, 1 overflow, 2 partial, 3 long, 4 skipped, 5 test mode; since 2008: 6 configuration changed,"
    " 7 recording stopped"
)


def _extended_status(number: int) -> Struct:
    """Four bits for each channel, and four for all of them; as many octets as half the channels and one more."""
    return Struct(
        "common"
        / BitField(
            UINT8,
            bits("channel_1_status", 0, 3) * note(f"status of channel 1: {_NIBBLE}", "J N"),
            flag("dst_flag", 4) * note("DST was in effect during the interval", "J N Y E"),
            flag("power_fail_flag", 5) * note("power failed within the interval", "J N Y E"),
            flag("clock_forward_flag", 6) * note("the clock was set forward within the interval", "J N Y E"),
            flag("clock_backward_flag", 7) * note("the clock was set backward within the interval", "J N Y E"),
        )
        * note("what holds for all channels, and the status of channel 1", "J N"),
        "channels"
        / Array(
            st61[f"nbr_chns_set{number}"] // 2,
            BitField(
                UINT8,
                bits("odd_channel_status", 0, 3)
                * note(f"status of channels 3, 5, 7 ..., spare where there is none: {_NIBBLE}", "J N"),
                bits("even_channel_status", 4, 7) * note(f"status of channels 2, 4, 6 ...: {_NIBBLE}", "J N"),
            ),
        )
        * note("status of channels 2 and 3 in the first octet, 4 and 5 in the next, and so on", "J N"),
    )


def _interval_value(number: int) -> Construct:
    stored = Switch(
        st62[f"int_fmt_cde{number}"],
        {1: UINT8, 2: UINT16, 4: UINT32, 8: INT8, 16: INT16, 32: INT32, 64: NI_FMAT1, 128: NI_FMAT2},
        default=Refused(f"int_fmt_cde{number} of table 62 is none of 1, 2, 4, 8, 16, 32, 64, 128"),
    )
    return IfThenElse(dialect.lp_set1_int16, INT16, stored) if number == 1 else stored


def _block(number: int) -> Struct:
    flags = st61.lp_flags
    channels, intervals = st61[f"nbr_chns_set{number}"], st61[f"nbr_blk_ints_set{number}"]
    return Struct(
        "blk_end_time" / STIME_DATE * note("end of the newest interval in the block, on the meter's clock", _DATA),
        "end_readings"
        / If(flags.blk_end_read_flag | flags.blk_end_pulse_flag, Array(channels, END_READINGS_RCD))
        * note("for each channel, whatever its end_rdg_flag in table 62 says", _DATA),
        "closure_status"
        / If(dialect.closure_status & flags.blk_end_rd_indicator_flag, Array(channels, CLOSURE_STATUS_BFLD))
        * note("how the block was closed, for each channel (dialect closure_status)", "Y"),
        "simple_int_status"
        / If(flags.simple_int_status_flag, Set((intervals + 7) // 8))
        * note("indices of the valid intervals", _DATA),
        "lp_int"
        / Array(
            intervals,
            Struct(
                "extended_int_status"
                / If(flags.extended_int_status_flag, _extended_status(number))
                * note("what happened during the interval", "J N"),
                "int_data"
                / Array(channels, _interval_value(number))
                * note("for each channel, in the format of table 62, before scalar and divisor are undone", _DATA),
            ),
        )
        * note("intervals; how many are valid is in table 63, their order too", _DATA),
    )


def _data(number: int, sources: str) -> Table:
    return Table(
        data_table(number),
        f"LP_DATA_SET{number}_TBL",
        Struct(
            "blocks"
            / Array(st61[f"nbr_blks_set{number}"], _block(number))
            * note("blocks, all of full size; table 63 says how many are valid, and which one is the newest", sources)
        ),
        purpose=f"load profile: the data of set {number}",
        sources=sources,
    )


TABLES = (
    DIM_LP_TBL,
    ACT_LP_TBL,
    LP_CTRL_TBL,
    LP_STATUS_TBL,
    _data(1, "J N Y"),
    _data(2, "J N"),
    _data(3, "J N"),
    _data(4, "J N"),
)
