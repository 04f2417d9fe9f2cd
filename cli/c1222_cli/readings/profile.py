"""The command `c1222 profile`: interval data of a meter, in its units and in UTC."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from c1222_cli.readings.forms import ROWS, need, say_notes, write_sheet
from c1222_cli.readings.source import EXIT_CODES, Asked, Source, opened_source, reading_options
from c1222_cli.talk import verbosity_options

if TYPE_CHECKING:
    from c1219_tables.readings.profile import Profile, Series
    from c1222_cli.readings.forms import Sheet

PICTURES = (".png", ".svg", ".pdf")

EPILOG = (
    """
--since and --until are times such as 2026-01-31 or 2026-01-31T12:00+01:00; without a zone, they are read as times of
the meter's clock. --since can also be a span, counted back from that clock: 90min, 24h, 7d, 2w. With --since, only the
blocks that are needed are read. An interval that --since or --until falls into is included. Values are in base units
(Wh, never kWh).

CSV, JSON and Parquet have one row for each interval of each channel; with --wide, one row for each interval, and
columns for the channels. --tz names the zone of the meter where its tables name none, or a wrong one.

--mark-read tells the meter, once all is written, that its blocks were read (procedure 5). It is never done unasked.
"""
    + EXIT_CODES
    + """
\b
Examples:
  c1222 profile optical:/dev/ttyUSB0 --since 24h
  c1222 profile tcp://192.0.2.7 --since 2026-01-01 -o january.parquet
  c1222 profile sim: --channel 1 --channel 2 --wide -o load.csv
  c1222 profile optical:/dev/ttyUSB0 --since 3h --channel 1 --why
  c1222 profile dump:meter.json --since 7d --plot
  c1222 profile sim: --since 2025-11-02 --until 2025-11-03 -o day.png
"""
)

_SPAN = re.compile(r"([0-9]{1,9})(s|min|h|d|w)")
_UNITS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def _time_or_span(text: str) -> datetime | timedelta:
    """A time, or so long ago. Raises BadParameter."""
    if span := _SPAN.fullmatch(text.lower()):
        return timedelta(**{_UNITS[span[2]]: int(span[1])})
    return _time(text, ", or 24h or 7d")


def _time(text: str, more: str = "") -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time; write 2026-01-31 or 2026-01-31T12:00{more}") from None


@click.command(epilog=EPILOG)
@click.option("--set", "number", type=click.IntRange(1, 4), default=1, show_default=True, help="Which set.")
@click.option("--since", metavar="TIME", type=_time_or_span, help="Only intervals that end after TIME.")
@click.option("--until", metavar="TIME", type=_time, help="Only intervals that begin before TIME.")
@click.option(
    "--channel", "channels", metavar="N", type=click.IntRange(1), multiple=True, help="Only this channel. Repeatable."
)
@click.option("--wide", is_flag=True, help="One row for each interval, with columns for the channels.")
@click.option("--raw", is_flag=True, help="Show stored values instead of those in units (other formats have both).")
@click.option("--why", is_flag=True, help="Show which tables and octets each value comes from.")
@click.option("--plot", is_flag=True, help="Draw the load curves on the terminal; -o day.png makes a picture.")
@click.option("--mark-read", is_flag=True, help="Afterwards, mark the blocks as read in the meter.")
@reading_options(*ROWS, more=PICTURES)
@verbosity_options
@click.pass_context
def profile(
    ctx: click.Context,
    number: int,
    since: datetime | timedelta | None,
    until: datetime | None,
    channels: tuple[int, ...],
    wide: bool,
    raw: bool,
    why: bool,
    plot: bool,
    mark_read: bool,
    asked: Asked,
) -> None:
    """Show the interval data (load profile) of a meter, or draw them."""
    is_picture = Path(asked.output or "").suffix.lower() in PICTURES
    if plot and not is_picture and (asked.form != "table" or asked.output not in (None, "-")):
        what = f"-o {asked.output}" if asked.output not in (None, "-") else f"--format {asked.form}"
        raise click.UsageError(f"--plot draws, {what} does not: a picture is -o FILE{', '.join(PICTURES)}")
    if plot or is_picture:
        _check_alone({"--wide": wide, "--raw": raw, "--why": why})
    _check_order(since, until)
    if is_picture:
        need("matplotlib", "plot", "pictures")
    elif plot:
        from c1222_cli.readings.terminal_plot import check_plotext

        need("plotext", "plot", "pictures on the terminal")
        check_plotext()
    if mark_read and asked.captures:
        raise click.UsageError("--mark-read tells a meter something: a capture has none to tell")
    from c1219_tables.readings.intervals.block_layout import LIMITS
    from c1219_tables.readings.profile import check_channels

    with opened_source(asked) as source:
        try:
            if channels:
                source.read_if_listed((LIMITS,))
                check_channels(source.meter.tables, number, channels)
            found = source.meter.profile(number, since=since, until=until, tz=asked.tz)
            chosen = [found.channel(one) for one in dict.fromkeys(channels)] if channels else list(found)
        except ValueError as exc:
            if type(exc) is not ValueError:
                raise
            raise click.UsageError(str(exc)) from exc
        except IndexError as exc:
            raise click.UsageError(str(exc)) from exc
        if (is_picture or plot) and not (chosen and found.data.ends):
            raise click.UsageError("no intervals: there is nothing to draw")
        source.end_progress()
        if is_picture:
            _picture(source, found, chosen, asked)
        elif plot:
            _terminal(source, found, chosen)
        else:
            _write(source, found, chosen, asked, wide=wide, raw=raw, why=why)
        if is_picture or plot:
            from c1222_cli.readings.profile_notes import profile_notes

            say_notes(profile_notes(found, chosen))
        if mark_read:
            from c1222_cli.readings.mark_read import mark_profile

            mark_profile(source, found)


_OF_TABLES = {
    "--wide": "has columns for channels: a picture has none",
    "--raw": "shows stored values: a picture shows those in units",
    "--why": "shows octets beside values: a picture has no room for them",
}


def _check_alone(given: Mapping[str, bool]) -> None:
    """Raise UsageError for options that say nothing of a picture."""
    for option, is_given in given.items():
        if is_given:
            raise click.UsageError(f"{option} {_OF_TABLES[option]}")


def _check_order(since: datetime | timedelta | None, until: datetime | None) -> None:
    from c1219_tables.readings.clocks.asked_times import check_order

    try:
        check_order(since, until)
    except ValueError as exc:
        raise click.UsageError(str(exc)) from exc


def _write(
    source: Source, found: "Profile", chosen: "Sequence[Series]", asked: Asked, *, wide: bool, raw: bool, why: bool
) -> None:
    from c1222_cli.readings.profile_page import draw
    from c1222_cli.readings.profile_rows import long_sheet, wide_sheet

    sheet: Sheet = (wide_sheet if wide else long_sheet)(source.record, found, chosen, why=why)
    write_sheet(
        sheet,
        asked.form,
        asked.output,
        asked.inputs,
        lambda paper: draw(paper, source.title, found, chosen, raw=raw, why=why),
    )


def _picture(source: Source, found: "Profile", chosen: "Sequence[Series]", asked: Asked) -> None:
    from c1222_cli.output import opened_output
    from c1222_cli.readings.picture import picture

    assert asked.output is not None
    with opened_output(asked.output, tuple(map(str, asked.inputs))) as stream:
        picture(stream, Path(asked.output).suffix.lower().removeprefix("."), source.title, found, chosen)


def _terminal(source: Source, found: "Profile", chosen: "Sequence[Series]") -> None:
    import sys

    from c1222_cli.readings.terminal_plot import terminal_plot
    from c1222_cli.talk import has_colour

    for series in chosen:
        click.echo(terminal_plot(source.title, found, series, colour=has_colour(sys.stdout)))
