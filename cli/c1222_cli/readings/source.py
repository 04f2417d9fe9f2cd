"""Where readings come from: a meter, a dump of one, or what was captured of one; the options that say so."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from c1222_cli.live import Way, connected, live_options, split_target
from c1222_cli.output import check_output
from c1222_cli.readings.forms import choose_form, form_options
from c1222_cli.talk import is_quiet, say

if TYPE_CHECKING:
    from datetime import tzinfo

    from c1219_tables.readings.clocks.clock import MeterZone
    from c1219_tables.readings.register_value import RegisterValue, Taken
    from c1222.capture.meters import CapturedMeter
    from c1222.session.faces.meter import Meter
    from c1222_cli.read.head import Head
    from c1222_cli.read.progress import Progress

Function = TypeVar("Function", bound=Callable[..., Any])

EXIT_CODES = """
Exit codes: 0 done; 1 unexpected, such as a full disk; 2 an option or a target that cannot work; 3 refused; 4 security;
5 time-out; 6 link; 7 octets that do not fit, or a capture without the table; 130, 143 or 129 ended by Ctrl-C, SIGTERM
or SIGHUP.
"""


@dataclass(frozen=True)
class Opened:
    """A meter that is open already, and the way it was reached. As the object of a command's context it is where the
    command takes readings from, without a target.
    """

    meter: "Meter"
    way: Way


@dataclass(frozen=True)
class Asked:
    """What the options of a command of readings say.

    words: behind the target. captures, meter: files to take the meter from, and which of their meters. tz: where it
    is, None for what its tables say. form: of the output. opened: the meter, where it is open already.
    """

    target: str
    words: tuple[str, ...]
    way: Way
    captures: tuple[Path, ...]
    meter: str | None
    tz: "tzinfo | None"
    form: str
    output: str | None
    opened: Opened | None = None

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Files that an output must not overwrite."""
        return (*self.way.files, *self.captures)


@dataclass(frozen=True)
class Source:
    """A meter to take readings from. meter: a live one (a dump too), or a captured one. head: who it is.

    progress: of its reads, None for a capture.
    """

    meter: "Meter | CapturedMeter"
    head: "Head"
    tz: "tzinfo | None"
    progress: "Progress | None" = None

    def end_progress(self) -> None:
        """To be called before anything is written while the meter is still open."""
        if self.progress is not None:
            self.progress.end()

    @property
    def zone(self) -> "MeterZone":
        """How its times become UTC, by the tables that were read."""
        from c1219_tables.readings.clocks.clock import meter_zone
        from c1219_tables.rules import Rules

        tables = self.meter.tables
        return meter_zone(tables, tz=self.tz, rules=Rules.of(tables.dialect))

    def read_if_listed(self, numbers: tuple[int, ...]) -> None:
        """Read tables that the meter lists, known ones only where they change; what does not come is left out."""
        if isinstance(self.meter, _live()):
            from c1222.session.operations.readings import gather

            self.meter.run(gather(self.meter.client, numbers))

    @property
    def record(self) -> dict[str, Any]:
        """Which meter it is, for programs."""
        return self.head.record()

    def put_aside(self, snapshots: "tuple[Taken, ...]") -> "list[RegisterValue]":
        """The current registers, and these snapshots as far as they are there."""
        if not isinstance(self.meter, _live()):
            from c1219_tables.readings.register_value import SNAPSHOT_TABLES, Taken

            there = (one for one in snapshots if SNAPSHOT_TABLES[one] in self.meter.tables)
            return self.meter.registers(Taken.CURRENT, *there, tz=self.tz)
        from c1222.session.operations.readings import read_registers

        return self.meter.run(read_registers(self.meter.client, (), self.tz, more=snapshots))

    @property
    def title(self) -> str:
        """One line that says which meter it is."""
        return self.head.title


def reading_options(*forms: str, words: str = "", more: tuple[str, ...] = ()) -> Callable[[Function], Function]:
    """The options of a command of readings; it takes them together, as `asked`.

    words: what may follow the target. more: suffixes of files that the command writes by itself.
    """

    def decorate(function: Function) -> Function:
        @wraps(function)
        def with_asked(
            *args: Any, words: tuple[str, ...], captures: tuple[Path, ...], meter: str | None, tz: str | None, way: Way,
            form: str | None, output: str | None, **others: Any,
        ) -> Any:  # fmt: skip
            from c1222_cli.procedure.resolve import zone_of

            chosen = choose_form(form, output, forms, more)
            opened = click.get_current_context().find_object(Opened)
            target, rest = _target(words, captures) if opened is None else (opened.meter.label, words)
            if rest and not takes_words:
                taken = "a target and no more" if opened is None else "options alone"
                raise click.UsageError(f"{function.__name__} takes {taken} ({rest[0]!r} is too much)")
            if meter is not None and not captures:
                raise click.UsageError("--meter names one of the meters of a capture: it goes with --from")
            used = opened.way if opened is not None else way.to(target) if target else way
            asked = Asked(target, rest, used, captures, meter, zone_of(tz), chosen, output, opened)
            check_output(output, asked.inputs)
            return function(*args, asked=asked, **others)

        options = (
            click.argument("words", metavar=f"TARGET {metavar}".strip(), nargs=-1),
            click.option(
                "--from", "captures", metavar="FILE", multiple=True, type=click.Path(path_type=Path),
                help="Take what a capture shows of a meter, in place of a TARGET. Repeatable.",
            ),
            click.option("--meter", metavar="NAME", help="Which meter of the capture, where there are several."),
            click.option(
                "--tz", metavar="ZONE",
                help="Zone of the meter, such as Europe/Berlin, whatever its tables say.  [default: by its tables]",
            ),
            live_options,
            form_options(forms, more),
        )  # fmt: skip
        decorated: Any = with_asked
        for option in reversed(options):
            decorated = option(decorated)
        function_with_options: Function = decorated
        return function_with_options

    metavar, takes_words = words, bool(words)
    return decorate


def _target(words: tuple[str, ...], captures: tuple[Path, ...]) -> tuple[str, tuple[str, ...]]:
    """The target, "" where captures are looked at, and the words behind it. Raises UsageError."""
    if not captures:
        return split_target(words)
    if words and (":" in words[0] or words[0].startswith("@")):
        raise click.UsageError(f"the meter is that of --from: {words[0]} is another")
    return "", words


@contextmanager
def opened_source(asked: Asked) -> Iterator[Source]:
    """The meter, open. Raises what `connect` raises, CaptureError, UsageError."""
    from c1222_cli.read.head import Head, met

    if asked.captures:
        from c1222_cli.readings.captured import captured

        meter = captured(asked.captures, asked.meter, asked.way)
        name = ", ".join(map(str, asked.captures))
        yield Source(meter, Head(f"{name} {meter.label}", simulated=False, read_at=None), asked.tz)
    elif asked.opened is not None:
        live = asked.opened.meter
        with _watched(live) as progress:
            yield Source(live, Head.of(live), asked.tz, progress)
    else:
        with connected(asked.target, asked.way) as live, _watched(live) as progress:
            yield Source(live, met(live), asked.tz, progress)


@contextmanager
def _watched(meter: "Meter") -> "Iterator[Progress]":
    """How many octets of the meter have come is shown meanwhile."""
    from c1222_cli.read.progress import shown_progress

    with shown_progress(0, quiet=is_quiet(click.get_current_context())) as progress:
        meter.progress = progress.octets
        try:
            yield progress
        finally:
            meter.progress = None


def _live() -> "type[Meter]":
    from c1222.session.faces.meter import Meter

    return Meter


def tell_unread(source: Source, numbers: tuple[int, ...]) -> None:
    """Say which of the tables that the meter lists did not come."""
    from c1219_tables.table import table_label

    tables = source.meter.tables
    listed = tables[0]["std_tbls_used"] if 0 in tables else ()
    if missing := [table_label(number) for number in numbers if number in listed and number not in tables]:
        say(f"not to be had, so left out: {', '.join(missing)}")
