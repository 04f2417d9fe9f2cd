"""The command `c1222 status`: how a meter is, and what about it needs attention."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from c1222_cli.readings.forms import Sheet, write_sheet
from c1222_cli.readings.source import Asked, Source, opened_source, reading_options
from c1222_cli.talk import clean, verbosity_options

if TYPE_CHECKING:
    from c1222_cli.report import Paper

STATUS, CLOCK, STATE, REMAINING, LOAD_PROFILE = 3, 52, 55, 56, 63
TABLES = (0, STATUS, 21, 22, 23, 25, 51, CLOCK, 53, 54, STATE, REMAINING, 61, LOAD_PROFILE)
FORMS = ("table", "csv", "json", "jsonl")
LABEL = 24

EPILOG = """
The clock is held against this computer's, which is taken to be right; not so that of the simulated meter, of a dump or
of a capture. What the meter does not have, or refuses, is left out; mode and conditions (table 3) must be there.

\b
Examples:
  c1222 status optical:/dev/ttyUSB0
  c1222 status tcp://192.0.2.7 --format json
"""


class Told(NamedTuple):
    """name: for programs. label, text: for people; a label that begins with blanks belongs to the one before. table:
    that says it.
    """

    name: str
    label: str
    text: str
    table: int


@click.command(epilog=EPILOG)
@reading_options(*FORMS)
@verbosity_options
def status(asked: Asked) -> None:
    """Show how a meter is: mode, conditions such as a low battery, clock, demand resets, what nobody has read."""
    with opened_source(asked) as source:
        source.meter.read(STATUS)
        source.read_if_listed(TABLES)
        found = list(_told(source))
    columns: Any = (("name", "text"), ("label", "text"), ("text", "text"), ("table", "whole"))
    rows = [one._replace(label=one.label.strip()) for one in found]
    sheet = Sheet("status", "fact", columns, rows, {**source.record, "clock": source.zone.describe()})
    write_sheet(sheet, asked.form, asked.output, asked.inputs, lambda paper: _draw(paper, source, found))


def _told(source: Source) -> Iterator[Told]:
    from c1222_cli.info.facts import facts

    yield from (
        Told(fact.name, fact.label, fact.words, STATUS) for fact in facts(None, {STATUS: source.meter.tables[STATUS]})
    )
    yield from _clock(source)
    yield from _in_force(source)
    yield from _resets(source)
    yield from _unread(source)


def _clock(source: Source) -> Iterator[Told]:
    from c1219_tables.readings.asked_times import shown_now

    tables = source.meter.tables
    if CLOCK not in tables and STATE not in tables:
        return
    number = CLOCK if CLOCK in tables else STATE
    moment = shown_now(tables, source.tz)
    if moment is None:
        yield Told("clock", "clock", "shows no time", number)
        return
    yield Told("clock", "clock", str(moment), number)
    if moment.utc is not None:
        yield Told("clock_utc", "  in UTC", moment.utc.isoformat().replace("+00:00", "Z"), number)
    if source.is_live:
        yield Told("clock_off", "  against this computer", _against(source, moment.utc), number)
    if qualifier := tables[number]["time_date_qual"]:
        yield Told("dst", "  daylight saving time", "on" if qualifier["dst_flag"] else "off", number)
    yield Told("times", "  its times", source.zone.describe(), number)


def _against(source: Source, utc: Any) -> str:
    from c1222_cli.set_clock import duration

    if utc is None:
        return "cannot be told without the meter's zone: --tz names it"
    ahead = round((utc - source.head.read_at).total_seconds())
    return f"{duration(abs(ahead))} {'ahead' if ahead > 0 else 'behind'}" if ahead else "the same"


def _in_force(source: Source) -> Iterator[Told]:
    from c1222_cli.readings.calendar import tier_words

    tables = source.meter.tables
    if STATE in tables:
        for name, value in tables[STATE]["status"].items():
            if name == "season" or name.endswith("_tier"):
                yield Told(name, tier_words(name), str(value), STATE)
    if REMAINING in tables:
        minutes = tables[REMAINING]["tier_time_remain"]
        if minutes is not None:
            yield Told("tier_time_remain", "  tier changes in", f"{minutes} min", REMAINING)


def _resets(source: Source) -> Iterator[Told]:
    tables = source.meter.tables
    if 23 in tables and (resets := tables[23]["nbr_demand_resets"]) is not None:
        yield Told("demand_resets", "demand resets", str(resets), 23)
    if 25 in tables:
        at = source.zone.of(tables[25]["register_info"]["end_date_time"])
        if at is not None:
            yield Told("last_demand_reset", "  the last", str(at), 25)


def _unread(source: Source) -> Iterator[Told]:
    tables = source.meter.tables
    if LOAD_PROFILE not in tables:
        return
    for number in range(1, 5):
        state = tables[LOAD_PROFILE].get(f"lp_status_set{number}")
        if state is not None:
            full = ", some were overwritten unread" if state["lp_set_status_flags"]["overflow_flag"] else ""
            text = f"{state['nbr_valid_blocks']} blocks, {state['nbr_unread_blocks']} unread{full}"
            yield Told(f"load_profile_{number}", f"load profile, set {number}", text, LOAD_PROFILE)


def _draw(paper: "Paper", source: Source, found: list[Told]) -> None:
    paper.line(paper.bold(clean(source.title)))
    for one in found:
        paper.line(clean(f"  {one.label:<{LABEL}}{one.text}"))
