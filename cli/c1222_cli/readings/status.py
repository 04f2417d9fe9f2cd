"""The command `c1222 status`: how a meter is, and what about it needs attention."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from c1222_cli.counted import counted
from c1222_cli.readings.forms import Sheet, write_sheet
from c1222_cli.readings.source import EXIT_CODES, Asked, Source, opened_source, reading_options
from c1222_cli.talk import clean, verbosity_options

if TYPE_CHECKING:
    from datetime import datetime

    from c1219_tables.table import DecodedTable
    from c1222_cli.report import Paper

STATUS, CLOCK, STATE, REMAINING, LOAD_PROFILE = 3, 52, 55, 56, 63
TABLES = (0, STATUS, 21, 22, 23, 25, 51, 53, 54, REMAINING, 61, LOAD_PROFILE, STATE, CLOCK)
"""The clock last, so that little time passes until it is held against another."""
FORMS = ("table", "csv", "json", "jsonl")
LABEL = 24
_CHANGES = {
    "tier_time_remain": "  tier changes in",
    "summ_tier_time_remain": "  summations change in",
    "demand_tier_time_remain": "  demands change in",
}
"""Elements of table 56, presumably in minutes; a meter has the first, or the others where these tiers switch apart."""

EPILOG = f"""
The clock of a live meter is compared with this computer's clock, which is taken to be right. What the meter does not
have, or refuses, is left out; only mode and conditions (table 3) must be there. In CSV and JSON, each fact is a
number, a time in UTC, yes or no, or words, with its unit (docs/readings-json.md).
{EXIT_CODES}
\b
Examples:
  c1222 status optical:/dev/ttyUSB0
  c1222 status tcp://192.0.2.7 --format json
"""


class Told(NamedTuple):
    """One fact.

    name: for programs. label: for people; one that begins with blanks belongs to the one before, and facts with one
    label share a line. text: for people, "" for nothing to say. value: for programs: a whole number, a time in UTC, a
    flag, words or numbers that hold; None: not known. unit: of a number, "" for a count. table: that says it.
    """

    name: str
    label: str
    text: str
    value: "int | bool | datetime | str | list[str] | list[int] | None"
    unit: str
    table: int


@click.command(epilog=EPILOG)
@reading_options(*FORMS)
@verbosity_options
def status(asked: Asked) -> None:
    """Show the state of a meter: mode, conditions such as a low battery, clock, demand resets, unread blocks."""
    from c1222_cli.procedure.resolve import host_now

    with opened_source(asked) as source:
        source.meter.read(STATUS)
        source.read_if_listed(TABLES)
        found = list(_told(source, host_now()))
    columns: Any = (
        ("name", "text"), ("label", "text"), ("text", "text"), ("value", "text"), ("unit", "text"), ("table", "whole"),
    )  # fmt: skip
    rows = [one._replace(label=one.label.strip()) for one in found]
    if asked.form == "csv":  # a cell has no list
        rows = [one._replace(value=_cell(one.value)) for one in rows]
    sheet = Sheet("status", "fact", columns, rows, {**source.record, "clock": source.zone.describe()})
    write_sheet(sheet, asked.form, asked.output, asked.inputs, lambda paper: _draw(paper, source, found))


def _cell(value: Any) -> Any:
    return " ".join(map(str, value)) if isinstance(value, list) else value


def _told(source: Source, host: "datetime") -> Iterator[Told]:
    """host: what this computer's clock showed when that of the meter was read."""
    yield from _conditions(source.meter.tables[STATUS])
    yield from _clock(source, host)
    yield from _in_force(source)
    yield from _resets(source)
    yield from _unread(source)


def _conditions(table: "DecodedTable") -> Iterator[Told]:
    """In the words of `c1222 info`; for programs the names of the flags that are set, and the maker's by number."""
    from c1222_cli.info.facts import facts

    flags = {
        "mode": _set(table["ed_mode"]),
        "conditions": _set(table["ed_std_status1"]) + _set(table["ed_std_status2"]),
        "maker_conditions": sorted(table["ed_mfg_status"]),
    }
    for fact in facts(None, {STATUS: table}):
        yield Told(fact.name, fact.label, fact.words, flags[fact.name], "", STATUS)


def _set(flags: Mapping[str, Any]) -> list[str]:
    return [name for name, is_set in flags.items() if is_set]


def _clock(source: Source, host: "datetime") -> Iterator[Told]:
    from c1219_tables.readings.clocks.asked_times import showing
    from c1222_cli.readings.forms import time_text

    tables = source.meter.tables
    if CLOCK not in tables and STATE not in tables:
        return
    shown = showing(tables, source.tz)
    if shown is None:
        yield Told("clock", "clock", "shows no time", None, "", CLOCK if CLOCK in tables else STATE)
        return
    number, moment = shown
    if CLOCK in tables and number != CLOCK:
        yield Told("clock_table", "clock of table 52", "shows no time", None, "", CLOCK)
    yield Told("clock", "clock", str(moment), time_text(moment.shown), "", number)
    if moment.utc is not None:
        yield Told("clock_utc", "  in UTC", time_text(moment.utc), moment.utc, "", number)
    if source.head.is_live:
        yield _against(host, moment.utc, number)
    if qualifier := tables[number]["time_date_qual"]:
        is_dst = bool(qualifier["dst_flag"])
        yield Told("dst", "  daylight saving time", "on" if is_dst else "off", is_dst, "", number)
    words = source.zone.describe()
    yield Told("times", "  its times", words, words, "", number)


def _against(host: "datetime", utc: "datetime | None", number: int) -> Told:
    """How far the clock is ahead of this computer's, in seconds."""
    from c1222_cli.set_clock import duration

    if utc is None:
        text, ahead = "cannot be told without the meter's zone: --tz names it", None
    else:
        ahead = round((utc - host).total_seconds())
        text = f"{duration(abs(ahead))} {'ahead' if ahead > 0 else 'behind'}" if ahead else "the same"
    return Told("clock_off", "  against this computer", text, ahead, "s", number)


def _in_force(source: Source) -> Iterator[Told]:
    from c1222_cli.readings.calendar import tier_words

    tables = source.meter.tables
    if STATE in tables:
        for name, value in tables[STATE]["status"].items():
            if name == "season" or name.endswith("_tier"):
                yield Told(name, tier_words(name), str(value), value, "", STATE)
    if REMAINING in tables:
        for name, label in _CHANGES.items():
            if (minutes := tables[REMAINING][name]) is not None:
                yield Told(name, label, f"{minutes} min", minutes, "min", REMAINING)


def _resets(source: Source) -> Iterator[Told]:
    tables = source.meter.tables
    if 23 in tables and (resets := tables[23]["nbr_demand_resets"]) is not None:
        yield Told("demand_resets", "demand resets", str(resets), resets, "", 23)
    if 25 in tables:
        at = source.zone.of(tables[25]["register_info"]["end_date_time"])
        if at is not None:
            yield Told("last_demand_reset", "  the last", str(at), at.utc, "", 25)


def _unread(source: Source) -> Iterator[Told]:
    tables = source.meter.tables
    if LOAD_PROFILE not in tables:
        return
    for number in range(1, 5):
        state = tables[LOAD_PROFILE].get(f"lp_status_set{number}")
        if state is None:
            continue
        valid, unread = state["nbr_valid_blocks"], state["nbr_unread_blocks"]
        is_lost = bool(state["lp_set_status_flags"]["overflow_flag"])
        for name, text, value in (
            ("valid_blocks", counted(valid, "block"), valid),
            ("unread_blocks", f"{unread} unread", unread),
            ("overflow", "some were overwritten unread" if is_lost else "", is_lost),
        ):
            yield Told(f"load_profile_{number}_{name}", f"load profile, set {number}", text, value, "", LOAD_PROFILE)


def _draw(paper: "Paper", source: Source, found: list[Told]) -> None:
    paper.line(paper.bold(clean(source.title)))
    for label, facts in groupby(found, key=lambda one: one.label):
        text = ", ".join(one.text for one in facts if one.text)
        paper.line(clean(f"  {label:<{LABEL}}{text}"))
