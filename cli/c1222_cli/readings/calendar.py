"""The command `c1222 calendar`: when which tier is in force, seasons, holidays, DST."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from c1222_cli.readings.forms import write_document
from c1222_cli.readings.source import EXIT_CODES, Asked, Source, opened_source, reading_options
from c1222_cli.talk import clean, verbosity_options

if TYPE_CHECKING:
    from c1219_tables.readings.calendar import Calendar, CalendarDate, Switch
    from c1222_cli.report import Paper

CALENDAR, STATE = 54, 55
ABOUT = (0, 51, 52, 53, STATE)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip

EPILOG = f"""
Times of day are those of the meter's clock.
{EXIT_CODES}
\b
Examples:
  c1222 calendar optical:/dev/ttyUSB0
  c1222 calendar dump:meter.json --format json
"""


@click.command(epilog=EPILOG)
@reading_options("table", "json")
@verbosity_options
def calendar(asked: Asked) -> None:
    """Show the tariff calendar of a meter (table 54) as a person reads it."""
    from c1219_tables.readings.calendar import calendar as calendar_of

    with opened_source(asked) as source:
        source.read_if_listed(ABOUT)
        found = calendar_of(source.meter.read(CALENDAR))
    record = _record(source, found)
    write_document(record, asked.form, asked.output, asked.inputs, lambda paper: _draw(paper, source, found))


def _record(source: Source, found: "Calendar") -> dict[str, Any]:
    from c1222_cli.readings.said import note_records

    return {
        **source.record,
        "clock": source.zone.describe(),
        "in_force": _in_force(source),
        "seasons": [{"season": season.number, "schedules": dict(season.schedules)} for season in found.seasons],
        "schedules": {
            str(number): [{"at": f"{switch.at:%H:%M}", "tier": switch.tier, "of": switch.of} for switch in switches]
            for number, switches in found.schedules.items()
        },
        "dates": [
            {
                "once": one.once and one.once.isoformat(),
                "month": one.month,
                "day": one.day,
                "what": one.what,
                "demand_reset": one.demand_reset,
                "self_read": one.self_read,
            }
            for one in found.dates
        ],
        "notes": note_records([*source.zone.notes, *found.notes]),
    }


def _in_force(source: Source) -> dict[str, int] | None:
    """Season and tiers by table 55; None where it was not read."""
    if STATE not in source.meter.tables:
        return None
    status: Mapping[str, int] = source.meter.tables[STATE]["status"]
    return {name: value for name, value in status.items() if name == "season" or name.endswith("_tier")}


# -- For people --------------------------------------------------------------------------------------------------------


def _draw(paper: "Paper", source: Source, found: "Calendar") -> None:
    from c1222_cli.readings.said import draw_note

    paper.line(paper.bold(clean(source.title)))
    paper.line(clean(source.zone.describe()))
    if (state := _in_force(source)) is not None:
        paper.line("in force now: " + ", ".join(f"{tier_words(name)} {value}" for name, value in state.items()))
    for season in found.seasons:
        paper.line()
        paper.line(paper.bold(f"season {season.number}"))
        width = max(map(len, season.schedules))
        for kind, number in season.schedules.items():
            paper.line(f"  {kind:<{width}}  {_switches(found, number)}")
    _dates(paper, "every year", [one for one in found.dates if one.once is None])
    _dates(paper, "once", [one for one in found.dates if one.once is not None])
    if found.notes:
        paper.line()
    for note in found.notes:
        draw_note(paper, "note: ", note)


def tier_words(name: str) -> str:
    """`curr_summ_tier` as `tier of summations`."""
    return {"curr_tier": "tier", "curr_summ_tier": "tier of summations", "curr_demand_tier": "tier of demands"}.get(
        name, name
    )


def _switches(found: "Calendar", number: int) -> str:
    switches = found.schedules.get(number)
    if not switches:
        return f"schedule {number}, which has no switches"
    return ", ".join(map(_switch, switches)) + f"  (schedule {number})"


def _switch(switch: "Switch") -> str:
    from c1219_tables.readings.calendar import BOTH

    return f"{switch.at:%H:%M} tier {switch.tier}" + ("" if switch.of == BOTH else f" for {switch.of}")


def _dates(paper: "Paper", title: str, dates: "list[CalendarDate]") -> None:
    if not dates:
        return
    paper.line()
    paper.line(paper.bold(title))
    for one in dates:
        what = [one.what, "demand reset" if one.demand_reset else "", "self read" if one.self_read else ""]
        paper.line(f"  {_day(one):<14}  {', '.join(filter(None, what)) or 'nothing'}")


def _day(one: "CalendarDate") -> str:
    if one.once is not None:
        return one.once.isoformat()
    return "by a rule" if one.month is None else f"{one.day:>2} {_MONTHS[one.month - 1]}"
