"""The command `c1222 set-clock`: procedure 10, with table 52 before and after."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

import click

from c1222_cli.failure import DIFFERS
from c1222_cli.live import Way, connected, live_options, split_target
from c1222_cli.procedure.command import permission_options
from c1222_cli.talk import clean, is_quiet, say, verbosity_options

if TYPE_CHECKING:
    from c1219_tables.readings.clocks.clock import Moment
    from c1222.session.conversation import Operation
    from c1222.session.faces.meter import Meter
    from c1222_cli.procedure.carry import Carrying

SET_CLOCK = 10
CLOCK = 52
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
AT_MOST = timedelta(seconds=5)
"""A clock with seconds that shows more than this beside what it was set to was not set, however slow the line is."""

A_WHILE = 1.5
"""Seconds after which a clock that has seconds shows some, if it showed none."""

EPILOG = """
TIME is now (the default), or a time as 2026-01-31T12:00:00Z. A time without a zone is what the meter's clock is to
show. Now is this computer's clock, which is taken to be right. Zone and DST of the meter are those of its tables 52 to
54; --tz names the zone where they do not.

Exit codes: as c1222 procedure; 8 the clock does not show afterwards what it was set to.

\b
Examples:
  c1222 set-clock optical:/dev/ttyUSB0 --user-id 2 --password prompt
  c1222 set-clock tcp://192.0.2.7 now --limit 60 --yes
  c1222 set-clock @main-street 2026-01-31T12:00:00+01:00 --dry-run
"""


def _finite(_ctx: click.Context, _parameter: click.Parameter, value: float) -> float:
    if not math.isfinite(value):
        raise click.BadParameter("a number of minutes is wanted")
    return value


@click.command("set-clock", epilog=EPILOG)
@click.argument("words", metavar="TARGET [TIME]", nargs=-1)
@click.option(
    "--limit", metavar="MINUTES", type=click.FloatRange(0), default=5.0, show_default=True, callback=_finite,
    help="Ask before the clock is moved by more than this.",
)  # fmt: skip
@click.option("--tz", metavar="NAME", help="The zone of the meter, as Europe/Berlin.  [default: by its table 53]")
@permission_options
@live_options
@verbosity_options
@click.pass_context
def set_clock(
    ctx: click.Context,
    words: tuple[str, ...],
    limit: float,
    tz: str | None,
    yes: bool,
    confirm: str | None,
    dry_run: bool,
    way: Way,
) -> None:
    """Set the clock of a meter, and show by how much it was wrong.

    A clock that is moved lengthens or shortens an interval of the load profile.
    """
    from c1219_tables.procedures import procedure
    from c1222_cli.procedure.carry import Carrying, Permission
    from c1222_cli.procedure.given import parse
    from c1222_cli.procedure.resolve import host_now, zone_of
    from c1222_cli.procedure.show import draw_prepared
    from c1222_cli.report import write

    if words and _is_time(words[0]):
        words = (split_target(())[0], *words)
    target, rest = split_target(words)
    if len(rest) > 1:
        raise click.UsageError(f"set-clock takes a target and a time ({rest[1]!r} is too much)")
    given, zone = parse(procedure(SET_CLOCK), rest or ("now",), None), zone_of(tz)
    with connected(target, way) as meter:
        carrying = Carrying(meter, given, {}, zone)
        prepared = carrying.prepare()
        if dry_run:
            write(None, lambda paper: draw_prepared(paper, prepared, meter, carrying.notes), way.files)
            return
        before = _shown(meter, zone)
        click.echo(clean(f"before  {_words(before, host_now())}"))
        moved = _wanted(carrying) - before.shown
        if not is_quiet(ctx):
            say(f"to be moved by {in_words(moved)}")
        is_small = abs(moved).total_seconds() <= 60 * limit
        prepared = carrying.allowed(prepared, Permission(yes or is_small, confirm, is_quiet(ctx)))
        started = host_now()
        carrying.start(prepared)
        after = _shown(meter, zone)
        passed = host_now() - started
        seen = [before.shown, after.shown]
        if not any(shown.second for shown in seen):
            meter.run(_pause(A_WHILE))
            seen.append(_shown(meter, zone).shown)
        click.echo(clean(f"after   {_words(after, host_now())}"))
    off = after.shown - _wanted(carrying) - passed
    if abs(off) > tolerance(seen, passed):
        say(f"Error: the meter says that its clock is set, and it shows {in_words(off)} from what it was set to")
        ctx.exit(DIFFERS)


def _pause(seconds: float) -> "Operation[None]":
    from c1222.session.channels.channel import Pause

    yield Pause(seconds)


def tolerance(seen: Sequence[datetime], passed: timedelta) -> timedelta:
    """How far a clock may be from what it was set to: its resolution, and the time that passed until it was read.

    seen: what it showed. One that never shows seconds has none.
    """
    if not any(shown.second for shown in seen):
        return MINUTE
    return min(SECOND + abs(passed), AT_MOST)


def _is_time(word: str) -> bool:
    """Whether a first word is the time, so that the target is left to C1222_TARGET."""
    try:
        datetime.fromisoformat(word)
    except ValueError:
        return word.lower() == "now"
    return True


def _shown(meter: "Meter", zone: "tzinfo | None") -> "Moment":
    """What the clock shows now. Raises TableError where table 52 holds no time, and as Meter.read."""
    from c1219_tables.errors import TableError
    from c1219_tables.readings.clocks.clock import meter_zone
    from c1219_tables.rules import Rules

    table = meter.read(CLOCK)
    rules = Rules.of(meter.tables.dialect)
    shown = meter_zone(meter.tables, tz=zone, rules=rules).of(
        table["clock_calendar"], table["time_date_qual"]["dst_flag"]
    )
    if shown is None:
        raise TableError("the clock shows no time", table=CLOCK, layout="ST-52", field="clock_calendar")
    return shown


def _wanted(carrying: "Carrying") -> datetime:
    """What the clock is to show, by the parameters."""
    parameters = carrying.parameters
    assert isinstance(parameters, dict)
    wanted: datetime = parameters["date_time"]
    return wanted


def _words(moment: "Moment", host: datetime) -> str:
    """`2026-01-01 00:00:03-05:00, 4 s behind this computer's clock`."""
    if moment.utc is None:
        return f"{moment}; how far that is from this computer's clock cannot be said without the meter's zone (--tz)"
    ahead = round((moment.utc - host).total_seconds())
    if not ahead:
        return f"{moment}, as this computer's clock"
    return f"{moment}, {duration(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} this computer's clock"


def in_words(by: timedelta) -> str:
    """`4 s forward`, `1 h 0 min 3 s back`, `0 s`."""
    seconds = round(by.total_seconds())
    return duration(abs(seconds)) + ("" if not seconds else " forward" if seconds > 0 else " back")


def duration(seconds: int) -> str:
    """`2 d 0 h 5 min 3 s`; units that are not reached are left out."""
    parts: list[str] = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        if parts or seconds >= size or size == 1:
            parts.append(f"{seconds // size} {unit}")
            seconds %= size
    return " ".join(parts)
