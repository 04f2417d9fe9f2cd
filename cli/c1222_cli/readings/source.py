"""Where readings come from: a meter, a dump of one, or what was captured of one; the options that say so."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from c1222_cli.live import NOTICE, Way, connected, is_simulated, live_options, split_target
from c1222_cli.output import check_output
from c1222_cli.readings.forms import choose_form, form_options
from c1222_cli.talk import clean, is_quiet, say

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from c1219_tables.readings.clock import MeterZone
    from c1219_tables.readings.register_value import RegisterValue, Taken
    from c1222.capture.meters import CapturedMeter
    from c1222.session.faces.meter import Meter
    from c1222.settings.dump_files import Dump
    from c1222_cli.read.machine import Head

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Asked:
    """What the options of a command of readings say.

    words: behind the target. captures, meter: files to take the meter from, and which of their meters. tz: where it
    is, None for what its tables say. form: of the output.
    """

    target: str
    words: tuple[str, ...]
    way: Way
    captures: tuple[Path, ...]
    meter: str | None
    tz: "tzinfo | None"
    form: str
    output: str | None

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Files that an output must not overwrite."""
        return (*self.way.files, *self.captures)


@dataclass(frozen=True)
class Source:
    """A meter to take readings from. meter: a live one (a dump too), or a captured one. head: who it is. dump: its
    file, where it is one.
    """

    meter: "Meter | CapturedMeter"
    head: "Head"
    tz: "tzinfo | None"
    dump: "Dump | None" = None

    @property
    def zone(self) -> "MeterZone":
        """How its times become UTC, by the tables that were read."""
        from c1219_tables.readings.clock import meter_zone
        from c1219_tables.rules import Rules

        tables = self.meter.tables
        return meter_zone(tables, tz=self.tz, rules=Rules.of(tables.dialect))

    @property
    def is_live(self) -> bool:
        """Whether its clock goes as this computer's does."""
        return isinstance(self.meter, _live()) and not self.head.simulated and self.dump is None

    def read_if_listed(self, numbers: tuple[int, ...]) -> None:
        """Read tables that the meter lists and that are not known; what does not come is left out."""
        if isinstance(self.meter, _live()):
            from c1222.session.operations.readings import gather

            self.meter.run(gather(self.meter.client, numbers))

    @property
    def record(self) -> dict[str, Any]:
        """Which meter it is, for programs. A dump says itself when it was read; of what was captured nobody does."""
        if isinstance(self.meter, _live()) and self.dump is None:
            return self.head.record()
        at = None if self.dump is None else began(self.dump)
        return {**self.head.record(), "read_at": at and at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}

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
        return f"{self.head.target}, the simulated meter" if self.head.simulated else self.head.target


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
            check_output(output)
            target, rest = _target(words, captures, function.__name__, takes_words=takes_words)
            if meter is not None and not captures:
                raise click.UsageError("--meter names one of the meters of a capture: it goes with --from")
            asked = Asked(target, rest, way, captures, meter, zone_of(tz), chosen, output)
            return function(*args, asked=asked, **others)

        options = (
            click.argument("words", metavar=f"TARGET {metavar}".strip(), nargs=-1),
            click.option(
                "--from", "captures", metavar="FILE", multiple=True, type=click.Path(path_type=Path),
                help="Take what a capture shows of a meter, in place of a TARGET. Repeatable.",
            ),
            click.option("--meter", metavar="NAME", help="Which meter of the capture, where there are several."),
            click.option("--tz", metavar="ZONE", help="Zone of the meter, as Europe/Berlin.  [default: by its tables]"),
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


def _target(
    words: tuple[str, ...], captures: tuple[Path, ...], command: str, *, takes_words: bool
) -> tuple[str, tuple[str, ...]]:
    if captures:
        if words and (":" in words[0] or words[0].startswith("@")):
            raise click.UsageError(f"the meter is that of --from: {words[0]} is another")
        target, rest = "", words
    else:
        target, rest = split_target(words)
    if rest and not takes_words:
        raise click.UsageError(f"{command} takes a target and no more ({rest[0]!r} is too much)")
    return target, rest


@contextmanager
def opened_source(asked: Asked) -> Iterator[Source]:
    """The meter, open. Raises what `connect` raises, CaptureError, UsageError."""
    from datetime import UTC, datetime

    from c1222_cli.read.machine import Head
    from c1222_cli.read.progress import shown_progress

    if asked.captures:
        meter = _captured(asked)
        name = ", ".join(map(str, asked.captures))
        yield Source(meter, Head(f"{name} {meter.label}", simulated=False, read_at=datetime.now(UTC)), asked.tz)
        return
    quiet = is_quiet(click.get_current_context())
    with connected(asked.target, asked.way) as live, shown_progress(0, quiet=quiet) as progress:
        live.progress = progress.octets
        dump = _dump(live.label)
        if dump is not None and dump.simulated:
            say(NOTICE)
        simulated = is_simulated(live.label) if dump is None else dump.simulated
        yield Source(live, Head(live.label, simulated, datetime.now(UTC)), asked.tz, dump)


def began(dump: "Dump") -> "datetime | None":
    """When a dump was read: as it says, else when its first table was there; None where it tells neither."""
    return dump.began or min(dump.times.values(), default=None)


def _dump(label: str) -> "Dump | None":
    """The file of a meter that is a dump; None of another."""
    from c1222.settings.dump_files import read_dump

    kind, _, path = label.partition(":")
    return read_dump(Path(path)) if kind.lower() == "dump" else None


def _live() -> "type[Meter]":
    from c1222.session.faces.meter import Meter

    return Meter


def _captured(asked: Asked) -> "CapturedMeter":
    from c1222.capture.decode import decode_files
    from c1222.capture.meters import CapturedMeters
    from c1222_cli.keys import read_ring
    from c1222_cli.known import registries_of

    registry, unidentified = registries_of(asked.way.schema)
    ring = read_ring(asked.way.keys, asked.way.key_files)
    found = CapturedMeters(registry, unidentified=unidentified).look_at(
        decode_files(map(str, asked.captures), ring, registry=registry, unidentified=unidentified)
    )
    meters = {meter.label: meter for meter in found}
    if not meters:
        raise click.UsageError("--from: no table of any meter can be read in it (are the messages enciphered? --key)")
    if asked.meter is None and len(meters) == 1:
        return next(iter(meters.values()))
    if asked.meter in meters:
        return meters[asked.meter]
    names = ", ".join(f"{name} ({len(meter.octets)} tables)" for name, meter in meters.items())
    raise click.UsageError(clean(f"--meter NAME chooses one of the meters of the capture: {names}"))


def tell_unread(source: Source, numbers: tuple[int, ...]) -> None:
    """Say which of the tables that the meter lists did not come."""
    from c1219_tables.table import table_label

    tables = source.meter.tables
    listed = tables[0]["std_tbls_used"] if 0 in tables else ()
    if missing := [table_label(number) for number in numbers if number in listed and number not in tables]:
        say(f"not to be had, so left out: {', '.join(missing)}")
