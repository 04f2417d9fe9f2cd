"""Codes of the logs; the list of the standard's codes is typed here a second time, from the reference."""

import pytest

from c1219_tables.codes.events import EVENTS, event
from c1219_tables.errors import LayoutError

ST0 = {
    "format_control_1": {"data_order": False, "char_format": 1},
    "format_control_2": {"tm_format": 2, "id_form": False, "int_format": 0},
    "format_control_3": {"ni_format1": 8, "ni_format2": 8},
}
BIG = {**ST0, "format_control_1": {"data_order": True, "char_format": 1}}

# A word that each meaning must hold, for every code of the reference.
WORDS = {
    0: "none", 1: "power down", 2: "power up", 3: "entry has the old", 4: "entry has the new",
    5: "argument has the old", 6: "argument has the new", 7: "read", 8: "writ", 9: "procedure", 10: "table written",
    11: "programmed", 12: "ended normally", 13: "abnormally", 14: "pointers reset", 15: "pointers updated",
    16: "history log cleared", 17: "history log pointers", 18: "event log cleared", 19: "event log pointers",
    20: "demand reset", 21: "self read", 22: "DST on", 23: "DST off", 24: "season", 25: "rate",
    26: "special schedule", 27: "tier", 28: "activated", 29: "pending table cleared", 30: "metering mode started",
    31: "metering mode stopped", 32: "test mode started", 33: "test mode stopped", 34: "shop mode started",
    35: "shop mode stopped", 36: "programmed again", 37: "configuration", 38: "self-check", 39: "RAM", 40: "ROM",
    41: "non-volatile", 42: "clock", 43: "measurement", 44: "battery", 45: "loss potential", 46: "overload",
    47: "tamper", 48: "reverse", 49: "command", 50: "by schedule", 51: "by condition", 52: "by prepayment",
    53: "credit added", 54: "credit subtracted", 55: "credit adjusted", 56: "sealed", 57: "unsealed",
    58: "procedure started, with values", 59: "written, with values", 60: "programmed, with values",
    61: "sealed, with values", 62: "unsealed, with values", 63: "procedure started, with signature",
    64: "written, with signature", 65: "programmed, with signature", 66: "sealed, with signature",
    67: "unsealed, with signature", 68: "procedure started, with signature and values",
    69: "written, with signature and values", 70: "programmed, with signature and values",
    71: "sealed, with signature and values", 72: "unsealed, with signature and values", 73: "table read",
    74: "register read", 75: "table read, with values", 76: "register read, with values",
}  # fmt: skip


def test_every_code_of_the_reference_is_there():
    assert sorted(EVENTS) == list(range(77)) == sorted(WORDS)
    assert all(WORDS[code] in EVENTS[code].meaning for code in WORDS)
    assert all(entry.code == code and entry.known and not entry.manufacturer for code, entry in EVENTS.items())
    assert len({entry.meaning for entry in EVENTS.values()}) == 77


def test_two_sources_up_to_48_one_above():
    assert {entry.sources for code, entry in EVENTS.items() if code <= 48} == {("T", "J")}
    assert {entry.sources for code, entry in EVENTS.items() if code > 48} == {("T",)}


@pytest.mark.parametrize("code", [77, 100, 2047])
def test_unknown_codes_survive(code):
    unknown = event(code)
    assert (unknown.code, unknown.known, unknown.sources) == (code, False, ())
    assert str(code) in unknown.meaning
    assert unknown.read(b"\x01\x02", ST0) is None


def test_manufacturer_codes_have_their_own_numbers():
    own = event(1, manufacturer=True)
    assert (own.code, own.manufacturer, own.known) == (1, True, False)
    assert own.meaning == "manufacturer event 1"
    assert event(1).meaning == "primary power down"


PENDING_54 = {
    "tbl_proc_nbr": 54,
    "std_vs_mfg_flag": False,
    "pending_flag": True,
    "flag1": False,
    "flag2": False,
    "flag3": False,
}

ARGUMENTS = [
    #            code  octets         what it says                                    why
    pytest.param(14, "08", {"list": 8}, id="list-reset"),
    pytest.param(15, "01", {"list": 1}, id="list-updated"),
    pytest.param(17, "0201", {"entries": 0x0102}, id="history-entries"),
    pytest.param(19, "0201", {"entries": 0x0102}, id="event-entries"),
    pytest.param(24, "03", {"season": 3}, id="season"),
    pytest.param(25, "02", {"rate": 2}, id="rate"),
    pytest.param(26, "00", {"schedule": 0}, id="schedule"),
    pytest.param(27, "01 02", {"tier": 1, "demand_tier": 2}, id="tiers"),
    # 1036H: number 54, bit 12 pending. The references differ (6.2 and 7.2 of tables 80 and above: TABLE_IDA; tables
    # 30 to 79: UINT16 table id); a table id inside a table is cut as TABLE_IDA, so that loses nothing of the other.
    pytest.param(28, "3610", {"table": PENDING_54}, id="pending-activated"),
    pytest.param(29, "3610", {"table": PENDING_54}, id="pending-cleared"),
    # 1803H: number 3, bit 11 manufacturer, bit 12 procedure.
    pytest.param(
        9,
        "0318",
        {
            "procedure": {
                "tbl_proc_nbr": 3,
                "std_vs_mfg_flag": True,
                "proc_flag": True,
                "flag1": False,
                "flag2": False,
                "flag3": False,
            }
        },
        id="procedure",
    ),
    # 0834H: number 52, bit 11 manufacturer.
    pytest.param(
        10,
        "3408",
        {
            "table": {
                "tbl_proc_nbr": 52,
                "std_vs_mfg_flag": True,
                "pending_flag": False,
                "flag1": False,
                "flag2": False,
                "flag3": False,
            }
        },
        id="table",
    ),
]


@pytest.mark.parametrize(("code", "text", "expected"), ARGUMENTS)
def test_arguments(code, text, expected):
    argument = bytes.fromhex(text)
    assert event(code).read(argument, ST0) == {**expected, "padding": b""}
    # Arguments have a fixed width; what is behind the known part is padding.
    assert event(code).read(argument + b"\xff\x00", ST0) == {**expected, "padding": b"\xff\x00"}
    with pytest.raises(LayoutError, match=f"argument of event {code} .*wanted"):
        event(code).read(argument[:-1], ST0)


@pytest.mark.parametrize(("code", "name"), [(5, "old_time"), (6, "new_time")])
def test_arguments_with_a_time(code, name):
    said = event(code).read(bytes([24, 1, 15, 2, 20, 0]), ST0)
    assert str(said[name]) == "2024-01-15 02:20:00"
    assert said.padding == b"\x00"


def test_arguments_follow_the_octet_order_of_the_meter():
    assert event(28).read(b"\x10\x36", BIG).table == PENDING_54


def test_events_without_a_known_argument():
    known = {code for code, entry in EVENTS.items() if entry.argument}
    assert known == {5, 6, 9, 10, 14, 15, 17, 19, 24, 25, 26, 27, 28, 29}
    assert event(1).read(b"\x00\x00", ST0) is None
